/* SPDX-License-Identifier: ISC */
#include "store/marks.h"

#include <stdlib.h>
#include <string.h>

#include "store/cache_priv.h"

#define MARKS_KEPT 16384 /* more than a mail has recipients */
#define TEXT_MAX 1024

/* A checksum: a power failure may mix pages of different times. */
static int sum_marks(const uint8_t *key, const char *text, uint8_t out[DIGEST_LEN])
{
	const struct digest_part part[] = {{key, DIGEST_LEN}, {text, strlen(text)}};

	return digest_sha256(part, 2, out);
}

static void get_marks(struct db *d, struct kept_marks *m)
{
	char text[TEXT_MAX];
	uint8_t want[DIGEST_LEN];
	sqlite3_stmt *st;

	if (db_prepare(d, &st, NULL, "SELECT text, sum FROM marks WHERE key = ?1", "b",
		    (const void *)m->key, sizeof(m->key)) < 0)
		return;
	if (db_step(d, st, NULL) == 1 && db_text(st, 0, text, sizeof(text)) == 0 &&
		strspn(text, "+-") == strlen(text) && sum_marks(m->key, text, want) == 0 &&
		sqlite3_column_bytes(st, 1) == DIGEST_LEN &&
		memcmp(sqlite3_column_blob(st, 1), want, DIGEST_LEN) == 0)
		m->text = strdup(text);
	db_done(d, st);
}

void marks_get(struct cache *c, struct kept_marks *m, size_t n)
{
	size_t i;

	for (i = 0; c && i < n; i++)
		get_marks(&c->db, &m[i]);
}

static int put_marks(struct db *d, const struct kept_marks *m, int64_t used)
{
	uint8_t s[DIGEST_LEN];

	if (sum_marks(m->key, m->text, s) < 0)
		return -1;
	return db_run(d, NULL,
		"INSERT OR REPLACE INTO marks (key, text, sum, used) VALUES (?1, ?2, ?3, ?4)",
		"btbi", (const void *)m->key, sizeof(m->key), m->text, (const void *)s, sizeof(s),
		used);
}

static int put_all_marks(struct db *d, const struct kept_marks *m, size_t n)
{
	int64_t used = 0;
	int rc = db_number(d, &used, NULL, "SELECT coalesce(max(used), 0) FROM marks", "");
	size_t i;

	for (i = 0; i < n && rc >= 0; i++) {
		if (m[i].text)
			rc = put_marks(d, &m[i], ++used);
	}
	return rc < 0 ? rc
		      : db_run(d, NULL, "DELETE FROM marks WHERE used <= ?1", "i",
				used - MARKS_KEPT);
}

void marks_put(const char *dir, const struct kept_marks *m, size_t n)
{
	struct db d;

	if (cache_open_put(&d, dir) < 0)
		return;
	if (db_begin(&d, NULL) == 0)
		(void)db_end(&d, put_all_marks(&d, m, n), NULL);
	db_close(&d);
}
