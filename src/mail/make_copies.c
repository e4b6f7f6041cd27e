/* SPDX-License-Identifier: ISC */
/* The copies of one mail, made ready: who signs, and to whom each is sealed. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"

#define TOLD_FILE "own-key-told" /* in the cache: its time is what counts */
#define FILES_SPARE 100          /* open files beside the copies */

static bool can_ask_passphrase(const struct conf *c)
{
	return c->pinentry == PINENTRY_ASK &&
	       (getenv("GPG_TTY") || getenv("DISPLAY") || getenv("WAYLAND_DISPLAY") ||
		       isatty(STDOUT_FILENO));
}

/* Tells it where a person sees it, once a day; with -v always. */
static void tell_own_key(struct mail *m)
{
	char text[256], said[ERR_MSG_MAX + ERR_HINT_MAX + 32];
	struct err err = ERR_INIT;

	mail_own_key_text(m, text, sizeof(text));
	if (text[0] == '\0')
		return;
	if (log_level() < LOG_INFO && ((!isatty(STDERR_FILENO) && m->app->conf.notify[0] == '\0') ||
					      mail_told_today(&m->app->conf, TOLD_FILE)))
		return;
	err_set(&err, ERR_CONFIG, "%s: the mail %s", text,
		m->signer.fpr[0] == '\0' ? "goes unsigned, and not to yourself"
					 : "is not sealed to yourself");
	own_key_hint(&err, &m->own);
	if (log_level() >= LOG_INFO || isatty(STDERR_FILENO)) {
		log_warn("%s", err.msg);
		mail_line(stderr, "hint: ", "", err.hint);
	}
	snprintf(said, sizeof(said), "sealpost: %s\nhint: %s\n", err.msg, err.hint);
	mail_notify(m, said);
}

/* What was to be signed and is not. */
static void note_unsigned(struct mail *m, const char *what)
{
	char said[512], own[256];

	mail_own_key_text(m, own, sizeof(own));
	snprintf(said, sizeof(said), "%s%s%s%s", what, own[0] ? ": " : "", own,
		m->unsigned_now ? ": its key's passphrase is not cached (pinentry = skip)" : "");
	log_info("%s", said);
	memcpy(m->note, said, sizeof(m->note));
	(void)store_log(m->session.store, "", "unsigned", said, NULL);
	tell_own_key(m);
}

/* It is signed, but the sender cannot open it. */
static void note_not_to_self(struct mail *m)
{
	char own[256];

	mail_own_key_text(m, own, sizeof(own));
	if (own[0] == '\0')
		return;
	snprintf(m->note, sizeof(m->note), "not sealed to yourself: %s", own);
	log_info("%s", m->note);
	tell_own_key(m);
}

static struct seal_cert view_of_cert(const struct mail *m, const struct cert *c)
{
	return (struct seal_cert){c->data, c->len, c->enc_keyid, c->n_enc, mail_marks_of(m, c)};
}

/* Everybody's certificates, and the sender's own. Freed by the caller; NULL: no memory. */
static struct seal_cert *certs_of(const struct mail *m, const struct mail_copy *copy, size_t *n)
{
	struct seal_cert *to;
	const struct cert *c;
	size_t i, k, room = 1;

	for (i = 0; i < copy->n_key; i++)
		room += mail_certs(m, copy->key[i]);
	to = calloc(room, sizeof(*to));
	*n = 0;
	for (i = 0; to && i < copy->n_key; i++) {
		for (k = 0; k < mail_certs(m, copy->key[i]); k++) {
			c = mail_cert(m, copy->key[i], k);
			to[(*n)++] = view_of_cert(m, c);
		}
	}
	c = &m->signer;
	if (to && c->fpr[0] != '\0' && c->n_enc > 0)
		to[(*n)++] = view_of_cert(m, c);
	return to;
}

static enum legacy_display legacy_of(enum conf_legacy l)
{
	return l == LEGACY_DISPLAY_NO    ? LEGACY_NO
	       : l == LEGACY_DISPLAY_YES ? LEGACY_YES
					 : LEGACY_AUTO;
}

static enum hcp hcp_of(enum conf_header h)
{
	return h == HEADER_OFF ? HCP_OFF : h == HEADER_SHY ? HCP_SHY : HCP_BASELINE;
}

static enum seal_compress compress_of(enum conf_compress c)
{
	return c == COMPRESS_YES  ? SEAL_COMPRESS_YES
	       : c == COMPRESS_NO ? SEAL_COMPRESS_NO
				  : SEAL_COMPRESS_AUTO;
}

struct seal mail_seal_common(struct mail *m)
{
	return (struct seal){.msg = &m->msg,
		.signer_marks = mail_marks_of(m, &m->signer),
		.daemons = &m->session.daemons,
		.ask_passphrase = can_ask_passphrase(&m->app->conf),
		.passphrase_ms = m->app->conf.pinentry_timeout * 1000,
		.compress = compress_of(m->app->conf.compress),
		.hcp = hcp_of(m->decision.header),
		.legacy = legacy_of(m->app->conf.legacy_display)};
}

/* A copy that is being sealed. */
struct copy_work {
	struct mail_copy *copy;
	struct seal s;
	struct seal_cert *to; /* owned, as gossip */
	struct gossip gossip;
	bool locked;             /* it failed as the signing key's passphrase is not cached */
	struct sealing *sealing; /* NULL: it is not */
};

static void free_work(struct copy_work *w)
{
	seal_drop(w->sealing);
	gossip_free(&w->gossip);
	free(w->to);
	*w = (struct copy_work){.copy = NULL};
}

static int begin_copy(struct mail *m, struct mail_copy *copy, struct copy_work *w, struct err *err)
{
	int rc;

	*w = (struct copy_work){.copy = copy, .s = mail_seal_common(m)};
	w->to = certs_of(m, copy, &w->s.n_to);
	if (!w->to)
		return err_set(err, ERR_OS, "out of memory");
	w->s.to = w->to;
	w->s.locked = &w->locked;
	if (m->signer.fpr[0] != '\0' && m->decision.sign != SIGN_NEVER && !m->unsigned_now)
		w->s.signer = &m->signer;
	rc = mail_gossip(m, copy, &w->gossip, err);
	w->s.gossip = (const char *const *)w->gossip.v;
	w->s.n_gossip = w->gossip.n;
	return rc == 0 ? seal_begin(&w->sealing, &w->s, &copy->out, err) : rc;
}

/*
 * With pinentry = skip a mail that cannot be signed at once goes out unsigned, all its copies
 * alike; not where the rule is to sign always.
 */
static bool goes_unsigned(struct mail *m, const struct copy_work *w)
{
	if (w->locked && !m->unsigned_now && m->app->conf.pinentry == PINENTRY_SKIP &&
		m->decision.sign != SIGN_ALWAYS) {
		m->unsigned_now = true;
		note_unsigned(m, "sealed without a signature");
	}
	return m->unsigned_now && w->s.signer;
}

/* rc: of begin_copy. */
static int end_copy(struct mail *m, struct copy_work *w, int rc, struct err *err)
{
	struct sealing *sealing = w->sealing;

	w->sealing = NULL;
	if (rc == 0 && m->unsigned_now && w->s.signer)
		seal_drop(sealing);
	else if (rc == 0)
		rc = seal_end(sealing, err);
	if (goes_unsigned(m, w)) {
		w->s.signer = NULL;
		rc = seal_message(&w->s, &w->copy->out, err);
	}
	free_work(w);
	return rc;
}

bool mail_signs_clear(const struct mail *m)
{
	return m->decision.sign == SIGN_ALWAYS && !m->msg.is_signed &&
	       message_can_be_signed(&m->msg);
}

static int clear_copy(struct mail *m, struct mail_copy *copy, struct err *err)
{
	struct seal s = mail_seal_common(m);

	if (copy->how != COPY_CLEAR || m->signer.fpr[0] == '\0' || !mail_signs_clear(m))
		return clear_message(&m->msg, &copy->out, err);
	s.signer = &m->signer;
	return sign_message(&s, &copy->out, err);
}

/* Every finished copy is an open file. */
static void want_files(size_t n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= n + FILES_SPARE)
		return;
	r.rlim_cur = r.rlim_max < n + FILES_SPARE ? r.rlim_max : n + FILES_SPARE;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static int prepare(struct mail *m, bool seal, bool sign, struct err *err)
{
	const bool keeps = mail_keeps_sealed(m);
	int rc = 0;

	want_files(m->copies.n);
	if (seal || sign)
		rc = gpg_init(err);
	if (rc == 0 && (seal || sign || keeps))
		rc = mail_find_signer(m, err);
	if (rc == 0 && (seal || sign || keeps))
		rc = mail_check_own_key(m, keeps, err);
	/* One mail, whoever reads which copy of it. */
	if (rc == 0 && (seal || sign || m->copies.n > 1))
		rc = message_complete(&m->msg, err);
	if (rc == 0)
		rc = mail_autocrypt(m, seal || sign, err);
	if (rc == 0 && seal)
		rc = mail_still_pinned(m, err);
	if (rc == 0 && (seal || sign))
		rc = mail_marks(m, err);
	return rc;
}

static void note_signature(struct mail *m, bool seal, bool clear, bool sign)
{
	const bool no_key = m->signer.fpr[0] == '\0';

	if (seal && (no_key || m->decision.sign == SIGN_NEVER))
		note_unsigned(m, "sealed without a signature");
	else if (seal)
		note_not_to_self(m);
	else if (sign && no_key)
		note_unsigned(m, "in clear without a signature");
	else if (clear && !sign && m->decision.sign == SIGN_ALWAYS && !m->msg.is_signed)
		note_unsigned(m, "in clear without a signature: what is attached is not 7-bit");
}

/* Copies on their way while the next one begins: gpg waits for its agent again and again. */
#define COPIES_AT_ONCE 3

struct copy_line {
	struct copy_work work[COPIES_AT_ONCE];
	size_t first, n; /* from the first, round and round */
	bool beside;     /* others may begin: one is sealed, so a passphrase is asked for once */
};

static struct copy_work *take_first(struct copy_line *l)
{
	struct copy_work *w = &l->work[l->first];

	l->first = (l->first + 1) % COPIES_AT_ONCE;
	l->n--;
	return w;
}

/* Ends the first of them until no more than most are left. */
static int finish_copies(struct mail *m, struct copy_line *l, size_t most, struct err *err)
{
	int rc = 0;

	while (rc == 0 && l->n > most)
		rc = end_copy(m, take_first(l), 0, err);
	return rc;
}

static void drop_copies(struct copy_line *l)
{
	while (l->n > 0)
		free_work(take_first(l));
}

/* Those before it are finished: their failure is the first. */
static int seal_next(struct mail *m, struct mail_copy *copy, struct copy_line *l, struct err *err)
{
	struct copy_work *w = &l->work[(l->first + l->n) % COPIES_AT_ONCE];
	struct err why = ERR_INIT;
	int began = begin_copy(m, copy, w, &why),
	    rc = finish_copies(m, l, began == 0 && l->beside ? COPIES_AT_ONCE - 2 : 0, err);

	if (rc < 0) {
		free_work(w);
		return rc;
	}
	if (began == 0 && l->beside) {
		l->n++;
		return 0;
	}
	l->beside = m->msg.src->size <= SEAL_SMALL_MAX;
	if (began < 0)
		*err = why;
	return end_copy(m, w, began, err);
}

static int make_each_copy(struct mail *m, struct err *err)
{
	struct copy_line line = {.beside = false};
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < m->copies.n; i++) {
		struct mail_copy *copy = &m->copies.v[i];

		if (copy->state != COPY_WAITS)
			continue;
		if (copy->how == COPY_SEALED)
			rc = seal_next(m, copy, &line, err);
		else if ((rc = finish_copies(m, &line, 0, err)) == 0)
			rc = clear_copy(m, copy, err);
	}
	if (rc == 0)
		rc = finish_copies(m, &line, 0, err);
	drop_copies(&line);
	return rc;
}

int mail_make_copies(struct mail *m, struct err *err)
{
	bool seal = false, clear = false, sign;
	size_t i;
	int rc;

	for (i = 0; i < m->copies.n; i++) {
		const struct mail_copy *copy = &m->copies.v[i];

		if (copy->state != COPY_WAITS)
			continue;
		seal = seal || copy->how == COPY_SEALED;
		clear = clear || copy->how == COPY_CLEAR;
	}
	sign = clear && mail_signs_clear(m);
	rc = prepare(m, seal, sign, err);
	if (rc == 0)
		note_signature(m, seal, clear, sign);
	if (rc == 0)
		rc = make_each_copy(m, err);
	return rc == 0 && seal ? mail_still_pinned(m, err) : rc;
}
