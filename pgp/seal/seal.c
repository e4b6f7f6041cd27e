/* SPDX-License-Identifier: ISC */
#include "pgp/seal/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pgp/seal/gpg_run.h"
#include "mime/source.h"
#include "mime/mime.h"
#include "pgp/seal/outgoing.h"
#include "pgp/seal/payload.h"

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
	if (rc == 0) {
		out->smtputf8 = !text_is_ascii(buf_str(&b));
		spool_add(out, b.p, b.len);
	}
	buf_free(&b);
	return rc;
}

/* What is being signed, written down with LF line ends as it passes. */
struct tee {
	struct spool *out;
	bool cr; /* one is held back until it is clear whether it belongs to a line end */
};

static void write_signed_octets(void *arg, const void *data, size_t n)
{
	struct tee *t = arg;
	const char *p = data, *cr;
	size_t len;

	while (n > 0) {
		if (t->cr && *p != '\n')
			spool_add(t->out, "\r", 1);
		cr = memchr(p, '\r', n);
		len = cr ? (size_t)(cr - p) : n;
		spool_add(t->out, p, len);
		t->cr = cr != NULL;
		n -= len + t->cr;
		p += len + t->cr;
	}
}

/* RFC 3156 section 5. */
static int write_signed(
	const struct seal *s, const struct outgoing *h, struct spool *out, struct err *err)
{
	char boundary[MIME_BOUNDARY_MAX];
	struct buf b = BUF_INIT_SECRET(OUTGOING_MAX), sig = BUF_INIT(GPG_RUN_SIG_MAX);
	struct tee tee = {.out = out};
	struct payload p;
	int rc;

	rc = mime_boundary(boundary, err);
	if (rc == 0)
		rc = payload_open(&p, s->msg, h, err);
	if (rc < 0)
		return rc;
	if (!p.seven_bit)
		rc = err_set(err, ERR_DATA, "a part that must not be changed is not 7-bit");
	if (rc == 0)
		rc = outgoing_outside(h, &b, err);
	if (rc == 0 && buf_addf(&b,
			       "MIME-Version: 1.0\n"
			       "Content-Type: multipart/signed; micalg=\"pgp-sha512\";\n"
			       " protocol=\"application/pgp-signature\";\n"
			       " boundary=\"%s\"\n\n--%s\n",
			       boundary, boundary) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0) {
		out->smtputf8 = !text_is_ascii(buf_str(&b));
		spool_add(out, b.p, b.len);
		rc = gpg_run_sign(s, &p, write_signed_octets, &tee, &sig, err);
	}
	buf_reset(&b);
	if (rc == 0 && buf_addf(&b,
			       "%s\n--%s\n"
			       "Content-Type: application/pgp-signature; name=\"signature.asc\"\n\n"
			       "%s\n--%s--\n",
			       tee.cr ? "\r" : "", boundary, buf_str(&sig), boundary) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0) {
		spool_add(out, b.p, b.len);
		rc = source_unchanged(s->msg->src, err);
	}
	payload_close(&p);
	buf_free(&b);
	buf_free(&sig);
	return rc;
}

static int make_outgoing(
	struct outgoing *h, const struct seal *s, enum hp_mark mark, struct err *err)
{
	*h = (struct outgoing){.hcp = s->hcp, .mark = mark, .legacy = s->legacy, .kept = s->kept};
	if (mark == HP_CIPHER) {
		h->gossip = s->gossip;
		h->n_gossip = s->n_gossip;
	}
	return outgoing_make(h, s->msg, err);
}

struct sealing {
	struct seal s; /* a copy */
	struct outgoing h;
	struct payload p;
	struct spool *out;
	struct gpg_run *run; /* NULL: it has ended */
	char boundary[MIME_BOUNDARY_MAX];
};

/* out is open, and stays so. */
static int begin_sealed(struct sealing *x, struct err *err)
{
	int rc = mime_boundary(x->boundary, err);

	if (rc == 0)
		rc = payload_open(&x->p, x->s.msg, &x->h, err);
	if (rc < 0)
		return rc;
	rc = write_before(&x->h, x->boundary, x->out, err);
	if (rc == 0)
		rc = gpg_run_begin(&x->run, &x->s, &x->p, x->out, err);
	if (rc < 0)
		payload_close(&x->p);
	return rc;
}

int seal_begin(struct sealing **made, const struct seal *s, struct spool *out, struct err *err)
{
	struct sealing *x = malloc(sizeof(*x));
	int rc;

	if (!x)
		return err_set(err, ERR_OS, "out of memory");
	*x = (struct sealing){.s = *s, .out = out};
	rc = make_outgoing(&x->h, s, HP_CIPHER, err);
	if (rc < 0) {
		free(x);
		return rc;
	}
	/* Base64 makes four of three; quoted-printable of little text stays small all the same. */
	rc = spool_open(out, s->msg->src->size / 2 * 3, false, err);
	if (rc == 0 && (rc = begin_sealed(x, err)) < 0)
		spool_close(out);
	if (rc == 0) {
		*made = x;
		return 0;
	}
	outgoing_free(&x->h);
	free(x);
	return rc;
}

int seal_end(struct sealing *x, struct err *err)
{
	int rc = gpg_run_end(x->run, err);

	x->run = NULL;
	if (rc == 0) {
		spool_adds(x->out, "\n--");
		spool_adds(x->out, x->boundary);
		spool_adds(x->out, "--\n");
		rc = source_unchanged(x->s.msg->src, err);
	}
	if (rc == 0)
		rc = spool_finish(x->out, err);
	if (rc < 0) {
		seal_drop(x);
		return rc;
	}
	payload_close(&x->p);
	outgoing_free(&x->h);
	free(x);
	return 0;
}

void seal_drop(struct sealing *x)
{
	if (!x)
		return;
	if (x->run)
		gpg_run_drop(x->run);
	spool_close(x->out);
	payload_close(&x->p);
	outgoing_free(&x->h);
	free(x);
}

int seal_message(const struct seal *s, struct spool *out, struct err *err)
{
	struct sealing *x;
	int rc = seal_begin(&x, s, out, err);

	return rc == 0 ? seal_end(x, err) : rc;
}

int sign_message(const struct seal *s, struct spool *out, struct err *err)
{
	struct outgoing h;
	int rc = make_outgoing(&h, s, HP_CLEAR, err);

	if (rc < 0)
		return rc;
	rc = spool_open(out, s->msg->src->size, true, err);
	if (rc == 0) {
		rc = write_signed(s, &h, out, err);
		if (rc == 0)
			rc = spool_finish(out, err);
		if (rc < 0)
			spool_close(out);
	}
	outgoing_free(&h);
	return rc;
}

bool message_can_be_signed(const struct message *msg)
{
	struct structure s;
	bool can;

	if (structure_scan(&s, msg, NULL) < 0)
		return true;
	can = structure_is_7bit(&s);
	structure_free(&s);
	return can;
}

/* Copies [from, to) with LF line ends. */
static int copy_lines(const struct source *src, struct lines *r, off_t from, off_t to,
	struct spool *out, struct err *err)
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
static void add_made_header(const struct message *m, struct spool *out)
{
	static const char *const names[] = {MESSAGE_MADE_NAMES};
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
	add_made_header(m, out);
	for (i = 0; i < m->n_field && rc == 0; i++) {
		if (!outgoing_never(m->field[i].name) &&
			!message_made_value(&m->made, m->field[i].name))
			continue;
		rc = copy_lines(m->src, &r, at, m->field[i].start, out, err);
		at = m->field[i].end;
	}
	if (rc == 0)
		rc = copy_lines(m->src, &r, at, m->src->size, out, err);
	if (rc == 0)
		rc = source_unchanged(m->src, err);
	if (rc == 0)
		rc = spool_finish(out, err);
	if (rc < 0)
		spool_close(out);
	return rc;
}
