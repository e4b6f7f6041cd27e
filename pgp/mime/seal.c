#include "pgp/mime/seal.h"

#include <string.h>

#include "pgp/mime/gpg_run.h"
#include "pgp/mime/lines.h"
#include "pgp/mime/mime.h"
#include "pgp/mime/outgoing.h"
#include "pgp/mime/payload.h"

/* RFC 3156 section 4: the outer header, and all up to the armour. */
static int write_before(
	const struct outgoing *h, const char *boundary, struct spool *out, struct err *err)
{
	struct buf b = BUF_INIT(OUTGOING_MAX);
	int rc = outgoing_outside(h, &b, err);

	if (rc == 0 && buf_addf(&b,
			       "MIME-Version: 1.0\n"
			       "Content-Type: multipart/encrypted; "
			       "protocol=\"application/pgp-encrypted\";\n"
			       " boundary=\"%s\"\n"
			       "\n"
			       "--%s\n"
			       "Content-Type: application/pgp-encrypted\n"
			       "\n"
			       "Version: 1\n"
			       "\n"
			       "--%s\n"
			       "Content-Type: application/octet-stream; name=\"encrypted.asc\"\n"
			       "Content-Disposition: inline; filename=\"encrypted.asc\"\n"
			       "\n",
			       boundary, boundary, boundary) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		spool_add(out, b.p, b.len);
	buf_free(&b);
	return rc;
}

static int write_sealed(
	const struct seal *s, const struct outgoing *h, struct spool *out, struct err *err)
{
	char random[MIME_RANDOM_MAX], boundary[MIME_RANDOM_MAX + 4];
	struct payload p;
	int rc;

	rc = mime_random(random, err);
	if (rc < 0)
		return rc;
	/* "=_" stands in no armour, base64 or quoted-printable. */
	memcpy(boundary, "=_", 2);
	memcpy(boundary + 2, random, sizeof(random));
	rc = payload_open(&p, s->msg, h, err);
	if (rc < 0)
		return rc;
	rc = write_before(h, boundary, out, err);
	if (rc == 0)
		rc = gpg_run_seal(s, &p, out, err);
	if (rc == 0) {
		spool_adds(out, "\n--");
		spool_adds(out, boundary);
		spool_adds(out, "--\n");
		rc = source_unchanged(s->msg->src, err);
	}
	payload_close(&p);
	return rc;
}

int seal_message(const struct seal *s, struct spool *out, struct err *err)
{
	struct outgoing h = {.hcp = s->hcp};
	int rc;

	rc = outgoing_make(&h, s->msg, err);
	if (rc < 0)
		return rc;
	/* Base64 makes four of three; quoted-printable of little text stays small all the same. */
	rc = spool_open(out, s->msg->src->size / 2 * 3, false, err);
	if (rc == 0) {
		rc = write_sealed(s, &h, out, err);
		if (rc == 0)
			rc = spool_finish(out, err);
		if (rc < 0)
			spool_close(out);
	}
	outgoing_free(&h);
	return rc;
}

/* Copies [from, to) with LF line ends. */
static int copy(const struct source *src, struct lines *r, off_t from, off_t to, struct spool *out,
	struct err *err)
{
	struct line l;
	int rc;

	lines_init(r, src, from, to);
	while ((rc = lines_next(r, &l, err)) == 1) {
		spool_add(out, l.p, l.len);
		if (l.eol)
			spool_add(out, "\n", 1);
	}
	lines_end(r);
	return rc;
}

/* What message_complete wrote, in front. */
static void add_made(const struct message *m, struct spool *out)
{
	static const char *const names[] = {"From", "Date", "Message-ID"};
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = message_made_value(&m->made, names[i]);
		if (!value)
			continue;
		spool_adds(out, names[i]);
		spool_adds(out, ": ");
		spool_adds(out, value);
		spool_add(out, "\n", 1);
	}
}

int clear_message(const struct message *m, struct spool *out, struct err *err)
{
	struct lines r;
	off_t at = 0;
	size_t i;
	int rc;

	rc = spool_open(out, m->src->size, true, err);
	if (rc < 0)
		return rc;
	add_made(m, out);
	for (i = 0; i < m->n_field && rc == 0; i++) {
		if (!outgoing_never(m->field[i].name) &&
			!message_made_value(&m->made, m->field[i].name))
			continue;
		rc = copy(m->src, &r, at, m->field[i].start, out, err);
		at = m->field[i].end;
	}
	if (rc == 0)
		rc = copy(m->src, &r, at, m->src->size, out, err);
	if (rc == 0)
		rc = source_unchanged(m->src, err);
	if (rc == 0)
		rc = spool_finish(out, err);
	if (rc < 0)
		spool_close(out);
	return rc;
}
