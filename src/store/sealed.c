/* SPDX-License-Identifier: ISC */
#include "store/sealed.h"

#include "store/store_priv.h"

int store_sealed_add(struct store *s, const uint8_t id[JOURNAL_HASH], int64_t now, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO sealed (id, time) VALUES (?2, ?1) ON CONFLICT (id) DO UPDATE SET time "
		"= ?1",
		"ib", now, id, (size_t)JOURNAL_HASH);

	if (rc >= 0)
		rc = db_run(
			&s->db, err, "DELETE FROM sealed WHERE time < ?1", "i", now - SEALED_KEPT);
	return rc < 0 ? rc : 0;
}

int store_sealed_learnt(
	struct store *s, const struct sealed_mail *v, size_t n, int64_t now, struct err *err)
{
	size_t i;
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	for (i = 0; i < n && rc >= 0; i++) {
		if (v[i].date < now - SEALED_KEPT)
			continue;
		rc = db_run(&s->db, err,
			"INSERT INTO sealed (id, time) VALUES (?2, ?1) ON CONFLICT (id) DO UPDATE"
			" SET time = ?1 WHERE time < ?1",
			"ib", v[i].date, (const void *)v[i].id, (size_t)JOURNAL_HASH);
	}
	if (rc >= 0)
		rc = db_run(
			&s->db, err, "DELETE FROM sealed WHERE time < ?1", "i", now - SEALED_KEPT);
	return db_end(&s->db, rc < 0 ? rc : 0, err);
}

int store_sealed_has(struct store *s, const uint8_t id[JOURNAL_HASH], int64_t now, struct err *err)
{
	if (!s->db.h)
		return 0;
	return db_number(&s->db, NULL, err, "SELECT 1 FROM sealed WHERE id = ?2 AND time >= ?1",
		"ib", now - SEALED_KEPT, id, (size_t)JOURNAL_HASH);
}
