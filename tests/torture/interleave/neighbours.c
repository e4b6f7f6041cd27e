/* SPDX-License-Identifier: ISC */
/*
 * What a verb talks to, and what takes its time: network, gpg, runner and MTA. The verbs
 * themselves, the mail, the decisions and the stores are sealpost's own. A "sealed" mail is its
 * text here, and a certificate is a letter.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "no_neighbours.h"

#include "base/temp_dir.h"
#include "discovery/discover_priv.h"
#include "mail/mail.h"
#include "pgp/cert/ahead.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/strength.h"
#include "pgp/seal/open.h"

struct neighbours neighbours;

/* In place of the functions of that name. */
extern __typeof__(dir_temp_root) __wrap_dir_temp_root;
extern __typeof__(daemons_find_agent) __wrap_daemons_find_agent;
extern __typeof__(gpg_init) __wrap_gpg_init;
extern __typeof__(seal_message) __wrap_seal_message;
extern __typeof__(seal_begin) __wrap_seal_begin;
extern __typeof__(seal_end) __wrap_seal_end;
extern __typeof__(seal_drop) __wrap_seal_drop;
extern __typeof__(open_sealed) __wrap_open_sealed;
extern __typeof__(mail_find_signer) __wrap_mail_find_signer;
extern __typeof__(mail_autocrypt) __wrap_mail_autocrypt;
extern __typeof__(mail_gossip) __wrap_mail_gossip;
extern __typeof__(mail_marks) __wrap_mail_marks;
extern __typeof__(cert_strength) __wrap_cert_strength;
extern __typeof__(ahead_cut) __wrap_ahead_cut;
extern __typeof__(intake_many) __wrap_intake_many;
extern __typeof__(ask_all) __wrap_ask_all;

/* The runner. */

int __wrap_dir_temp_root(char *path, struct err *err)
{
	(void)err;
	snprintf(path, FILE_PATH_MAX, "%s", getenv("HOME"));
	return 0;
}

void runner_daemons(struct runner *r, struct gpg_daemons *d)
{
	(void)r;
	*d = (struct gpg_daemons){.arg = NULL};
}

/* It is ask_all that would ask it. */
int runner_net(struct runner *r, uint16_t smtp_port, int *sock, struct err *err)
{
	(void)r;
	(void)smtp_port;
	(void)sock;
	return err_set(err, ERR_INTERNAL, "no sealpost-net");
}

bool runner_is_inside(void)
{
	return false;
}

int __wrap_daemons_find_agent(struct gpg_daemons *d, struct err *err)
{
	(void)d;
	(void)err;
	return 0;
}

static char letter_of_mail(int fd)
{
	static const char field[] = "Message-ID: <";
	char text[8192];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	const char *at;

	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, field);
	return at ? at[sizeof(field) - 1] : '?';
}

/* The MTA takes it, whatever becomes of who handed it over. */
int runner_handoff(struct runner *r, const struct handoff *h, int fd, int signals,
	struct handoff_result *x, struct err *err)
{
	size_t i;

	(void)r;
	(void)signals;
	(void)err;
	step_before("hand over to the MTA");
	*x = (struct handoff_result){.errout = strdup("")};
	snprintf(x->mta, sizeof(x->mta), "mta");
	if (world->handed++ < neighbours.refuses) {
		x->exit = neighbours.refuses_with;
	} else {
		step_taken();
		for (i = 0; i < h->n_rcpt && world->n_taken < TAKEN_MAX; i++) {
			world->taken[world->n_taken].mail = letter_of_mail(fd);
			snprintf(world->taken[world->n_taken++].rcpt, sizeof(world->taken->rcpt),
				"%.60s", h->rcpt[i].name);
		}
	}
	step_seen(&x->exit, sizeof(x->exit));
	return 0;
}

/* gpg. */

int __wrap_gpg_init(struct err *err)
{
	(void)err;
	return 0;
}

int __wrap_seal_message(const struct seal *s, struct spool *out, struct err *err)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;
	int rc = spool_open(out, s->msg->src->size, true, err);

	while (rc == 0 && (n = source_read(s->msg->src, at, text, sizeof(text), err)) > 0) {
		spool_add(out, text, (size_t)n);
		at += n;
	}
	return rc == 0 ? spool_finish(out, err) : rc;
}

/* Done at once. */
int __wrap_seal_begin(struct sealing **x, const struct seal *s, struct spool *out, struct err *err)
{
	static int one;
	int rc = __wrap_seal_message(s, out, err);

	*x = rc == 0 ? (struct sealing *)(void *)&one : NULL;
	return rc;
}

int __wrap_seal_end(struct sealing *x, struct err *err)
{
	(void)x;
	(void)err;
	return 0;
}

void __wrap_seal_drop(struct sealing *x)
{
	(void)x;
}

int __wrap_open_sealed(const struct open_with *w, bool *locked, struct err *err)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;
	int rc = 0;

	*locked = false;
	while (rc == 0 && (n = pread(w->fd, text, sizeof(text), at)) > 0) {
		step_seen(text, (size_t)n);
		rc = w->take(w->arg, text, (size_t)n, err);
		at += n;
	}
	return rc;
}

static void write_cert(struct cert *c, char letter)
{
	*c = (struct cert){.use = letter == 'R' ? CERT_REVOKED : CERT_USABLE,
		.data = calloc(1, 64),
		.len = 64,
		.n_enc = 1,
		.enc_keyid = {(uint64_t)letter},
		.certified_by_pin = letter == 'B' && neighbours.served[1] == '+'};
	memset(c->data, letter, c->len);
	memset(c->fpr, letter == 'R' ? 'A' : letter, 40);
}

int __wrap_mail_find_signer(struct mail *m, struct err *err)
{
	(void)err;
	if (m->signer.fpr[0] == '\0')
		write_cert(&m->signer, 'E');
	m->own.key = OWN_USABLE;
	return 0;
}

int __wrap_mail_autocrypt(struct mail *m, bool have_signer, struct err *err)
{
	(void)m;
	(void)have_signer;
	(void)err;
	return 0;
}

int __wrap_mail_gossip(
	const struct mail *m, const struct mail_copy *copy, struct gossip *g, struct err *err)
{
	(void)m;
	(void)copy;
	(void)err;
	*g = (struct gossip){NULL, 0};
	return 0;
}

int __wrap_mail_marks(struct mail *m, struct err *err)
{
	(void)m;
	(void)err;
	return 0;
}

/* What is pinned is strong. */
int __wrap_cert_strength(const uint8_t *data, size_t len, const uint64_t *enc_keyid, size_t n_enc,
	struct cert_strength *out)
{
	const struct key_strength ed25519 = {.algo = 22};
	const struct sig_strength good = {.hash = 8, .made = time(NULL)};

	(void)data;
	(void)len;
	(void)enc_keyid;
	(void)n_enc;
	*out = (struct cert_strength){
		.primary = ed25519, .encryption = {.algo = 18}, .user_id = good, .binding = good};
	return 0;
}

void __wrap_ahead_cut(struct cert *c, int64_t now)
{
	(void)c;
	(void)now;
}

/* Bare, or in armour. */
static char letter_of_cert(const struct intake_body *body)
{
	struct buf bare = BUF_INIT(64);
	struct armour a;
	char letter = '?';

	if (body->data[0] != '-')
		return (char)body->data[0];
	if (armour_read(body->data, body->len, &bare, &a) == 0 && bare.len > 0)
		letter = (char)bare.p[0];
	buf_free(&bare);
	return letter;
}

void __wrap_intake_many(struct intake_job *job, size_t n, struct plain_gpg *ready)
{
	size_t i;

	(void)ready;
	for (i = 0; i < n; i++) {
		job[i].rc = 0;
		job[i].set = (struct cert_set){.v = calloc(1, sizeof(struct cert)), .n = 1};
		write_cert(job[i].set.v, letter_of_cert(&job[i].body[0]));
	}
}

/* The network. */

static void serve(struct lookup_reply *a)
{
	const char *s = neighbours.served;

	reply_absent(a);
	a->wkd.tls = TLS_WEBPKI;
	if (strcmp(s, "absent") == 0)
		return;
	if (strcmp(s, "late") == 0) {
		a->wkd.status = METHOD_FAILED;
		return;
	}
	a->wkd.status = METHOD_FOUND;
	a->wkd.n_body = 1;
	a->wkd.body[0].data = calloc(1, 64);
	a->wkd.body[0].len = 64;
	memset(a->wkd.body[0].data, s[0], 64);
}

/* All at once, and nothing is remembered. */
int __wrap_ask_all(struct discover *d, struct finding *f, size_t n, size_t turn, struct err *err)
{
	size_t i;
	int rc = 0;

	(void)turn;
	for (i = 0; rc == 0 && i < n; i++) {
		struct answered a = {.f = &f[i], .times = {.asked = (int64_t)time(NULL)}};

		if (!f[i].wanted || f[i].complete)
			continue;
		if (d->offline) {
			finding_unasked(&f[i]);
		} else {
			serve(&a.reply);
			rc = absorb(d, &a, 1, NULL, err);
			lookup_reply_free(&a.reply);
		}
		if (rc == 0)
			rc = finish(d, &f[i], err);
	}
	return rc;
}
