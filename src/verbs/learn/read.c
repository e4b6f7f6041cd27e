/* SPDX-License-Identifier: ISC */
#include "verbs/learn/read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/auth_results.h"
#include "mime/autocrypt_field.h"
#include "mime/ctype.h"
#include "mime/date.h"
#include "mime/message.h"
#include "mime/mime.h"
#include "mime/part.h"
#include "mime/recipients.h"
#include "mime/structure.h"
#include "mime/signed_mail.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/detached.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/split.h"
#include "pgp/seal/detect.h"
#include "print/output.h"
#include "verbs/learn/gossip.h"

#define ID_MAX 250 /* bytes of a Message-ID in the evidence */

/* A mail while it is read. */
struct learn_reading {
	struct learn_mail *m;
	struct message msg;
	enum auth_said auth;
	struct buf certs; /* that it holds, for its signature: binary, unchecked */
};

static void say_left_out(const struct learn_reading *r, const char *why)
{
	r->m->left_out(r->m->arg, r->m->path, r->msg.from.name, why);
}

/* When it was received: by the last Received field, else when its file was written. */
static int64_t received_at(const struct message *m)
{
	const char *field = message_field(m, "Received"),
		   *date = field ? strrchr(field, ';') : NULL;
	int64_t at;

	if (date && date_read(date + 1, &at) == 0)
		return at;
	return m->src->fd >= 0 ? (int64_t)m->src->mtime.tv_sec : -1;
}

static int64_t effective_date(const struct message *m, int64_t now)
{
	const char *field = message_field(m, "Date");
	int64_t at;

	return learnt_date(field && date_read(field, &at) == 0 ? at : -1, received_at(m), now);
}

/* Whether a field with one address names another than From. */
static bool names_another(const struct message *m, const char *name)
{
	const char *field = message_field(m, name);
	struct addr a;

	return field && address_read_one(field, &a, NULL) == 0 && strcmp(a.name, m->from.name) != 0;
}

/* Whether From has the list's own address: lists do that to mail from domains with DMARC. */
static bool is_rewritten(const struct message *m)
{
	const char *post = message_field(m, "List-Post"), *id = message_field(m, "List-Id");
	const char *from = message_field(m, "From"), *via, *bracket;

	if (!post && !id)
		return false;
	via = from ? strcasestr(from, " via ") : NULL;
	bracket = from ? strrchr(from, '<') : NULL;
	return (post && strcasestr(post, m->from.text)) || (via && bracket && via < bracket) ||
	       names_another(m, "X-Original-From") || names_another(m, "X-Original-Sender");
}

static bool is_type(const struct message *m, const char *type, const char *subtype)
{
	const char *field = message_field(m, "Content-Type");
	struct ctype ct;

	return field && ctype_parse(field, &ct) == 0 && ctype_is(&ct, type, subtype);
}

static const char *why_skipped(const struct learn_reading *r)
{
	const struct message *m = &r->msg;
	const struct learnt_mail mail = {
		.from = m->from.text[0] != '\0' && m->from.domain[0] != '\0' && !m->from.literal,
		.report = is_type(m, "multipart", "report"),
		.rewritten = is_rewritten(m),
		.resent = m->resent,
		.denied = r->auth == AUTH_DENIED};

	return learnt_skips(&mail);
}

/* by: who vouches for another's key; "" for one's own. */
static char *make_learnt_evidence(const struct learn_reading *r, bool mutual, const char *by)
{
	struct out *o = out_new();
	char id[ID_MAX + 1] = "";

	if (r->m->id && strlen(r->m->id) <= ID_MAX)
		memcpy(id, r->m->id, strlen(r->m->id) + 1);
	out_time(o, "date", r->m->date);
	out_str(o, "message_id", id);
	out_str(o, "prefer_encrypt", mutual ? "mutual" : "");
	if (by[0] != '\0')
		out_str(o, "from", by);
	out_bool_if(o, "authenticated", r->auth != AUTH_NOT_SAID, r->auth == AUTH_CONFIRMED);
	return out_text(o);
}

/* For the mail's own signature. */
static int keep_cert(struct learn_reading *r, const struct buf *key, struct err *err)
{
	struct buf binary = BUF_INIT(FILTER_OCTETS_MAX);
	struct armour a;
	int rc;

	errno = 0;
	rc = armour_read(key->p, key->len, &binary, &a);
	if (rc == 0)
		rc = a.found ? buf_add(&r->certs, binary.p, binary.len)
			     : buf_add(&r->certs, key->p, key->len);
	rc = err_left_out(rc, err);
	buf_free(&binary);
	return rc;
}

/* Passes a key on; key is empty then. */
static int give_key(struct learn_reading *r, const struct addr *addr, enum learnt_how how,
	bool mutual, struct buf *key, struct err *err)
{
	struct learn_find f = {.addr = *addr,
		.how = how,
		.date = r->m->date,
		.mutual = mutual,
		.key = *key,
		.evidence = make_learnt_evidence(
			r, mutual, how == LEARNT_GOSSIP ? r->msg.from.name : ""),
		.path = strdup(r->m->path)};
	int rc = f.evidence && f.path ? 0 : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && (how == LEARNT_AUTOCRYPT || how == LEARNT_ATTACHED))
		rc = keep_cert(r, key, err);
	*key = (struct buf)BUF_INIT(key->max);
	if (rc == 0)
		rc = r->m->found(r->m->arg, &f, err);
	learn_find_free(&f);
	return rc;
}

/* Several valid ones count as none (Autocrypt Level 1 section 2.3). */
static int take_autocrypt(struct learn_reading *r, struct err *err)
{
	struct autocrypt_field f, one = {.mutual = false};
	const char *why;
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; i < r->msg.n_field; i++) {
		if (strcasecmp(r->msg.field[i].name, "Autocrypt") != 0)
			continue;
		rc = autocrypt_read("Autocrypt", r->msg.field[i].value, &f, &why, err);
		if (rc < 0)
			break;
		if (!why && strcmp(f.addr.name, r->msg.from.name) != 0) {
			why = "it is for another address than From";
			autocrypt_field_free(&f);
		}
		if (why) {
			char text[128];

			snprintf(text, sizeof(text), "Autocrypt: %s", why);
			say_left_out(r, text);
		} else if (n++ == 0) {
			one = f;
		} else {
			autocrypt_field_free(&f);
		}
	}
	if (rc >= 0 && n > 1)
		say_left_out(r, "Autocrypt: there are several");
	else if (rc >= 0 && n == 1)
		rc = give_key(r, &r->msg.from, LEARNT_AUTOCRYPT, one.mutual, &one.key, err);
	autocrypt_field_free(&one);
	return rc < 0 ? rc : 0;
}

static int give_attached(void *arg, const uint8_t *b, size_t n, struct err *err)
{
	return buf_add(arg, b, n) < 0
		       ? err_too_large(err, ERR_DATA, "the attached key is too large")
		       : 0;
}

static int take_attached(
	struct learn_reading *r, const struct source *src, const struct part *p, struct err *err)
{
	struct buf key = BUF_INIT(FILTER_OCTETS_MAX);
	struct err why = ERR_INIT;
	int rc = part_decode(src, p, give_attached, &key, &why);

	if (rc == 0 && key.len > 0)
		rc = give_key(r, &r->msg.from, LEARNT_ATTACHED, false, &key, err);
	else if (rc == ERR_DATA)
		say_left_out(r, why.msg);
	else if (rc < 0)
		err_set(err, (enum err_code)rc, "%s", why.msg);
	buf_free(&key);
	return rc == ERR_DATA ? 0 : rc;
}

/* 1, 0, or an error. */
static int holds_keys(const struct message *m, const struct structure *s, size_t i, struct err *err)
{
	struct buf type = BUF_INIT(PART_TYPE_MAX), fixed = BUF_INIT(4 * PART_TYPE_MAX);
	struct ctype ct;
	int rc = s->part[i].kind == PART_LEAF ? part_type(m, s, i, &type, err) : ERR_DATA;

	if (rc == 0 && type.len > 0)
		rc = ctype_read(buf_str(&type), &ct, &fixed);
	if (rc == ERR_OS)
		err_set(err, ERR_OS, "out of memory");
	else if (rc >= 0)
		rc = type.len > 0 && ctype_is(&ct, "application", "pgp-keys");
	buf_free(&type);
	buf_free(&fixed);
	return rc == ERR_DATA || rc == -1 ? 0 : rc;
}

/* m: the mail, or a part of it with its own header. */
static int take_parts_with_keys(struct learn_reading *r, const struct message *m, struct err *err)
{
	struct structure s = {.part = NULL};
	struct err why = ERR_INIT;
	size_t i, n = 0;
	int rc;

	if (m->src->size > LEARN_BODY_MAX ||
		!(is_type(m, "multipart", NULL) || is_type(m, "application", "pgp-keys")))
		return 0;
	rc = structure_scan(&s, m, &why);
	if (rc == ERR_DATA)
		say_left_out(r, why.msg);
	else if (rc < 0)
		err_set(err, (enum err_code)rc, "%s", why.msg);
	for (i = 0; rc == 0 && i < s.n; i++) {
		rc = holds_keys(m, &s, i, err);
		if (rc <= 0)
			continue;
		if (n++ == LEARN_PARTS_MAX) {
			say_left_out(r, "it has too many keys attached");
			rc = 0;
			break;
		}
		rc = take_attached(r, m->src, &s.part[i], err);
	}
	structure_free(&s);
	return rc == ERR_DATA ? 0 : rc;
}

/* Of what is signed, which the scan of the mail leaves closed: there many programs attach the key
 * that signed it. */
static int take_signed_parts(struct learn_reading *r, const struct buf *data, struct err *err)
{
	const struct source src = {.fd = -1, .size = (off_t)data->len, .mem = *data};
	struct message in = {.src = NULL};
	int rc = 0;

	if (message_parse(&in, &src, NULL) == 0)
		rc = take_parts_with_keys(r, &in, err);
	message_free(&in);
	return rc;
}

/* Of all certificates those that claim to be the address's, as gpg gets them. */
static int filter_for_signer(
	const struct learn_reading *r, const struct buf *all, struct buf *out, struct err *err)
{
	const struct filter f = {.addr = &r->msg.from, .now = r->m->now};
	struct filter_set set;
	size_t i;
	int rc = all->len > 0 ? filter_certs(&f, all->p, all->len, &set, err) : ERR_DATA;

	if (rc < 0)
		return rc == ERR_OS ? rc : 0;
	for (i = 0; rc == 0 && i < set.n; i++) {
		if (set.v[i].data && !set.v[i].no_uid && !set.v[i].excess && !set.v[i].damaged &&
			buf_add(out, set.v[i].data, set.v[i].len) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
	}
	filter_set_free(&set);
	return rc;
}

/* The certificate with that fingerprint is the signer's. */
static int give_signer(
	struct learn_reading *r, const struct buf *certs, const char *fpr, struct err *err)
{
	const uint8_t *p = certs->p, *cert;
	size_t len = certs->len, cert_len;
	struct buf key = BUF_INIT(FILTER_OCTETS_MAX);
	char claims[CERT_FPR_MAX];

	while (split_next(&p, &len, &cert, &cert_len) == 1) {
		if (split_fpr(cert, cert_len, claims) == 0 && strcmp(claims, fpr) == 0)
			return buf_add(&key, cert, cert_len) < 0
				       ? err_set(err, ERR_OS, "out of memory")
				       : give_key(r, &r->msg.from, LEARNT_SIGNATURE, false, &key,
						 err);
	}
	return 0;
}

static int verify_mail(
	struct learn_reading *r, const struct detached *d, const struct buf *data, struct err *err)
{
	struct buf all = BUF_INIT(4 * FILTER_OCTETS_MAX), certs = BUF_INIT(4 * FILTER_OCTETS_MAX);
	char signer[CERT_FPR_MAX], fpr[CERT_FPR_MAX];
	int rc;

	snprintf(signer, sizeof(signer), "%016llX", (unsigned long long)d->s.keyid);
	if (d->s.fpr[0] != '\0')
		memcpy(signer, d->s.fpr, sizeof(signer));
	rc = r->m->wants_signature(r->m->arg, r->msg.from.name, signer, &all, err);
	if (rc == 1) {
		rc = err_left_out(buf_add(&all, r->certs.p, r->certs.len), err);
		if (rc == 0)
			rc = err_left_out(buf_add(&all, d->s.key_block, d->s.key_block_len), err);
		if (rc == 0)
			rc = filter_for_signer(r, &all, &certs, err);
		if (rc == 0 && certs.len > 0)
			rc = detached_verify(d, data, &certs, fpr, err);
		if (rc == 1)
			rc = give_signer(r, &certs, fpr, err);
	}
	buf_free(&all);
	buf_free(&certs);
	/* gpg was too slow with untrusted input. */
	return rc == ERR_TEMP ? 0 : rc;
}

static int take_mail_signature(struct learn_reading *r, struct err *err)
{
	struct buf data = BUF_INIT_SECRET(LEARN_SIGNED_MAX), sig = BUF_INIT(DETACHED_MAX);
	struct detached d = {.sig = {.p = NULL}};
	struct err why = ERR_INIT;
	int rc = signed_mail(&r->msg, &data, &sig, &why);

	if (rc == ERR_DATA)
		say_left_out(r, why.msg);
	else if (rc < 0)
		err_set(err, (enum err_code)rc, "%s", why.msg);
	if (rc == 1) {
		rc = take_signed_parts(r, &data, err);
		rc = rc < 0 ? rc : 1;
	}
	errno = 0;
	if (rc == 1 && detached_read(sig.p, sig.len, &d) < 0) {
		rc = err_left_out(-1, err);
		if (rc == 0)
			say_left_out(r, "its signature cannot be read");
	}
	if (rc == 1)
		rc = verify_mail(r, &d, &data, err);
	detached_free(&d);
	buf_free(&data);
	buf_free(&sig);
	return rc == ERR_DATA ? 0 : rc;
}

/* Only of those to whom the mail went (Autocrypt Level 1 section 5.1). */
static bool is_addressed(const struct message *m, const struct addr *a)
{
	const char *reply_to = message_field(m, "Reply-To");
	struct addr other;
	size_t i;

	for (i = 0; i < m->named.n; i++) {
		if (strcmp(m->named.v[i].name, a->name) == 0)
			return true;
	}
	return reply_to && address_read_one(reply_to, &other, NULL) == 0 &&
	       strcmp(other.name, a->name) == 0;
}

static int take_gossip_field(struct learn_reading *r, const char *value, struct err *err)
{
	struct autocrypt_field f;
	const char *why;
	char text[128];
	int rc = autocrypt_read("Autocrypt-Gossip", value, &f, &why, err);

	if (rc < 0)
		return rc;
	if (!why && !is_addressed(&r->msg, &f.addr))
		why = "it is of somebody to whom the mail did not go";
	if (why) {
		snprintf(text, sizeof(text), "Autocrypt-Gossip: %s", why);
		say_left_out(r, text);
		rc = 0;
	} else {
		rc = give_key(r, &f.addr, LEARNT_GOSSIP, false, &f.key, err);
	}
	autocrypt_field_free(&f);
	return rc;
}

/* Reads the keys of others from the protected header of a sealed mail. */
static int take_gossip(struct learn_reading *r, struct err *err)
{
	struct source inner = {.fd = -1, .mem = BUF_INIT_SECRET(GOSSIP_HEADER_MAX)};
	struct message in = {.src = NULL};
	struct err damaged = ERR_INIT;
	const char *why = "";
	size_t i, n = 0;
	int rc;

	if (!r->m->sealed || !r->m->open)
		return 0;
	rc = r->m->open(r->m->arg, r->msg.src, &inner.mem, &why, err);
	inner.size = (off_t)inner.mem.len;
	if (rc == 1 && message_parse(&in, &inner, &damaged) < 0) {
		rc = damaged.code == ERR_DATA ? 0 : damaged.code;
		why = "the header within cannot be read";
	}
	if (rc == 0)
		say_left_out(r, why);
	else if (damaged.code != ERR_NONE)
		*err = damaged;
	for (i = 0; rc >= 0 && i < in.n_field && n < LEARN_GOSSIP_MAX; i++) {
		if (strcasecmp(in.field[i].name, "Autocrypt-Gossip") != 0)
			continue;
		n++;
		rc = take_gossip_field(r, in.field[i].value, err);
	}
	message_free(&in);
	source_close(&inner);
	return rc < 0 ? rc : 0;
}

static int copy_message_id(struct learn_reading *r, struct err *err)
{
	const char *field = message_field(&r->msg, "Message-ID");
	size_t len;

	field = field ? mime_next_id(field, &len) : NULL;
	if (field)
		r->m->id = strndup(field, len);
	return field && !r->m->id ? err_set(err, ERR_OS, "out of memory") : 0;
}

static int read_parsed(struct learn_reading *r, struct err *err)
{
	struct learn_mail *m = r->m;
	const char *why;
	int rc = copy_message_id(r, err);

	m->date = effective_date(&r->msg, m->now);
	if (rc == 0)
		rc = detect_encrypted(&r->msg, &m->sealed, err);
	if (rc < 0)
		return rc;
	r->auth = auth_results_of(&r->msg, m->trusted, NULL);
	why = why_skipped(r);
	if (why) {
		say_left_out(r, why);
		return 0;
	}
	memcpy(m->from, r->msg.from.name, sizeof(m->from));
	rc = take_autocrypt(r, err);
	if (rc == 0)
		rc = take_parts_with_keys(r, &r->msg, err);
	if (rc == 0)
		rc = take_mail_signature(r, err);
	return rc == 0 ? take_gossip(r, err) : rc;
}

int learn_read(struct learn_mail *m, const struct source *src, struct err *err)
{
	struct learn_reading r = {.m = m, .certs = BUF_INIT(FILTER_OCTETS_MAX)};
	int rc = message_parse(&r.msg, src, err);

	m->from[0] = '\0';
	m->sealed = false;
	m->id = NULL;
	if (rc == 0)
		rc = read_parsed(&r, err);
	message_free(&r.msg);
	buf_free(&r.certs);
	return rc;
}
