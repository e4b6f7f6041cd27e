/* SPDX-License-Identifier: ISC */
#include "pgp/seal/gpg_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgp/gpg/home.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/signature.h"
#include "pgp/cert/armour.h"
#include "pgp/gpg/gpg_child.h"
#include "pgp/seal/key_args.h"
#include "pgp/seal/packet_walk.h"

#define RUN_MS_MAX 3600000
#define RUN_START_MS 30000     /* for gpg itself, and a smart card, perhaps with a touch */
#define RUN_ASK_START_MS 10000 /* the same beside the time for the passphrase */
#define RUN_OCTETS_A_MS 2000   /* for encryption on a slow machine */
#define RUN_CERTS_MAX 10000
#define HEAD_BASE 65536         /* bytes kept from the beginning of gpg's output */
#define HEAD_PER_CERT 4096      /* a PKESK of RSA with 16384 bits has 2 kB */
#define COMPRESS_TEXT_MIN 32768 /* octets of text */
#define HASH_SHA512 10          /* RFC 9580 section 9.5 */

struct gpg_run {
	const struct seal *s;
	struct payload *in;
	struct armour_writer armour;
	struct buf head;         /* the first bytes of gpg's output */
	struct packet_walk walk; /* over all of it */
	struct buf *sig;         /* not NULL: make a detached signature and write it there */
	void (*also)(void *arg, const void *p, size_t n);
	void *also_arg;
	const struct seal_cert **to; /* each certificate once */
	size_t n_to;
	struct gpg_home home; /* of the one that is ready, if there is one */
	struct key_args keys;
	struct gpg_job job;
	struct gpg_ready ready; /* home.path "": none */
	struct gpg_child child;
};

static ssize_t give_payload(void *arg, void *p, size_t n, struct err *err)
{
	struct gpg_run *r = arg;
	ssize_t got = payload_read(r->in, p, n, err);

	if (got > 0 && r->also)
		r->also(r->also_arg, p, (size_t)got);
	return got;
}

static int take_sealed(void *arg, const void *p, size_t n, struct err *err)
{
	struct gpg_run *r = arg;
	size_t room = r->head.max - r->head.len;
	int rc = r->sig ? buf_add(r->sig, p, n) : buf_add(&r->head, p, n < room ? n : room);

	if (rc < 0)
		return err_set(err, ERR_OS, "out of memory");
	if (!r->sig) {
		packet_walk_add(&r->walk, p, n);
		armour_add(&r->armour, p, n);
	}
	return 0;
}

static bool has_keyid(const struct seal_cert *c, uint64_t id)
{
	return key_id_in(id, c->enc_keyid, c->n_enc);
}

/* Whether two certificates have the same encryption keys: they count as one, perhaps with other
 * User IDs. */
static bool same_keys(const struct seal_cert *a, const struct seal_cert *b)
{
	size_t i;

	if (a->n_enc != b->n_enc)
		return false;
	for (i = 0; i < a->n_enc; i++) {
		if (!has_keyid(b, a->enc_keyid[i]))
			return false;
	}
	return true;
}

static int distinct(struct gpg_run *r, struct err *err)
{
	const struct seal *s = r->s;
	size_t i, j;

	if (s->n_to == 0 || s->n_to > RUN_CERTS_MAX)
		return err_set(
			err, ERR_INTERNAL, "there are %zu certificates to encrypt to", s->n_to);
	r->to = calloc(s->n_to, sizeof(*r->to));
	if (!r->to)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < s->n_to; i++) {
		if (s->to[i].n_enc == 0 || s->to[i].len == 0)
			return err_set(err, ERR_INTERNAL, "a certificate has no encryption key");
		for (j = 0; j < r->n_to && !same_keys(r->to[j], &s->to[i]); j++)
			;
		if (j == r->n_to)
			r->to[r->n_to++] = &s->to[i];
	}
	return 0;
}

/* Compression takes gpg several times as long as everything else, so it is used only where it
 * pays: not for base64 or small mails. */
static bool compresses(const struct gpg_run *r)
{
	const enum seal_compress c = r->s->compress;

	return c == SEAL_COMPRESS_YES ||
	       (c == SEAL_COMPRESS_AUTO && r->in->text >= COMPRESS_TEXT_MIN &&
		       r->in->text >= r->in->msg->src->size / 2);
}

static int put_keys(struct gpg_run *r, struct err *err)
{
	size_t i;
	int rc = 0;

	if (r->s->signer)
		rc = key_args_sign(&r->keys, r->s->signer, r->s->signer_marks, err);
	for (i = 0; i < r->n_to && rc == 0; i++)
		rc = key_args_encrypt(&r->keys, r->to[i], err);
	return rc == 0 ? key_args_write(&r->keys, err) : rc;
}

static int make_home(struct gpg_run *r, struct err *err)
{
	int rc = gpg_init(err);

	if (rc == 0 && !r->sig && r->s->signer && gpg_ready_take(r->s->daemons, &r->ready))
		r->home = r->ready.home;
	else if (rc == 0)
		rc = gpg_home_make_bare(&r->home, err);
	if (rc == 0)
		rc = put_keys(r, err);
	if (rc == 0 && r->s->signer)
		rc = daemons_tell_home(r->s->daemons, &r->home, err);
	return rc;
}

/* Time for the work itself, plus that for a passphrase prompt. */
static int deadline(const struct gpg_run *r)
{
	const bool asks = r->s->signer && r->s->ask_passphrase && r->s->passphrase_ms > 0;
	off_t ms = r->in->msg->src->size / RUN_OCTETS_A_MS;

	ms += asks ? RUN_ASK_START_MS + r->s->passphrase_ms : RUN_START_MS;
	return ms < RUN_MS_MAX ? (int)ms : RUN_MS_MAX;
}

/* GPG_TTY cannot be set from within a mail program: the hint is for another terminal. */
static int no_passphrase(const struct gpg_run *r, struct err *err)
{
	const char *name = getenv("GPG_TTY");
	const bool named = name && name[0] != '\0';
	const char *tty = named ? ""
				: "; for it to be asked for there, export GPG_TTY before the mail "
				  "program starts";
	char why[256];

	if (r->s->ask_passphrase && gpg_child_unable_to_ask(&r->child)) {
		gpgme_strerror_r(r->child.failure, why, sizeof(why));
		err_set(err, ERR_TEMP,
			"the passphrase of the signing key was not given, as pinentry could not "
			"ask for it (%s); GPG_TTY %s",
			why,
			named ? "may name a terminal that is gone"
			      : "is to be exported before the mail program starts");
	} else if (r->s->ask_passphrase) {
		err_set(err, ERR_TEMP, "the passphrase of the signing key was not given%s", tty);
	} else {
		err_set(err, ERR_TEMP,
			"the passphrase of the signing key is not cached and nobody can be "
			"asked%s",
			tty);
		if (r->s->locked)
			*r->s->locked = true;
	}
	err_hint(err, "gpg -u %s -o /dev/null --sign /dev/null", r->s->signer->fpr);
	return ERR_TEMP;
}

/* The hint has gpg say it again, and ask for the card if the key is on one. */
static int unusable_signer(const struct gpg_run *r, gpgme_error_t e, struct err *err)
{
	gpg_err(err, ERR_TEMP, "the signing key cannot be used", e);
	err_hint(err, "gpg -u %s -o /dev/null --sign /dev/null", r->s->signer->fpr);
	return ERR_TEMP;
}

/* Derives the error from gpg's status lines. */
static int explain(const struct gpg_run *r, struct err *err)
{
	const struct gpg_child *c = &r->child;
	gpgme_error_t e = c->failure ? c->failure : gpgme_error(GPG_ERR_GENERAL);

	if (c->bad_recipient)
		return gpg_err(err, ERR_INTERNAL,
			"cannot encrypt to a certificate that was found usable", e);
	if (r->s->signer && gpg_child_locked(c))
		return no_passphrase(r, err);
	switch (r->s->signer ? gpgme_err_code(e) : GPG_ERR_NO_ERROR) {
	case GPG_ERR_NO_SECKEY:
	case GPG_ERR_UNUSABLE_SECKEY:
		return unusable_signer(r, e, err);
	default:
		if (c->bad_signer)
			return unusable_signer(r, e, err);
		return gpg_err(err, ERR_TEMP, r->sig ? "signing" : "signing and encrypting", e);
	}
}

/* The AES key sizes that every User ID of the certificate prefers; as in struct signature. */
static unsigned preferred_aes(const struct seal_cert *c)
{
	const uint8_t *p = c->data;
	size_t len = c->len;
	struct signature s;
	struct packet k;
	unsigned aes = 7;
	bool any = false;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_SIGNATURE || signature_read(&k, &s) < 0 ||
			!signature_certifies(&s))
			continue;
		any = true;
		aes &= s.aes;
	}
	return any ? aes : 0;
}

/*
 * If no AES is preferred by all, gpg would fall back to 3DES, which is excluded: gpg 2.2 then
 * aborts unless it also signs. AES-128 is mandatory to implement (RFC 9580 section 9.3).
 */
static bool needs_aes(const struct gpg_run *r)
{
	unsigned aes = 7;
	size_t i;

	for (i = 0; i < r->n_to; i++)
		aes &= preferred_aes(r->to[i]);
	return aes == 0;
}

/* All but the keys. */
static void make_job(struct gpg_run *r)
{
	struct gpg_job *j = &r->job;

	j->work = r->sig ? GPG_SIGNS : GPG_SEALS;
	gpg_home_name(&r->home, j->home);
	j->asks = r->s->signer && r->s->ask_passphrase;
	j->compresses = compresses(r);
	j->only_aes = !r->sig && needs_aes(r);
}

static int begin_gpg(struct gpg_run *r, struct err *err)
{
	make_job(r);
	r->child = (struct gpg_child){.job = &r->job,
		.daemons = r->s->daemons,
		.ready = r->ready.home.path[0] != '\0' ? &r->ready : NULL,
		.small = r->sig || r->in->msg->src->size <= SEAL_SMALL_MAX,
		.timeout_ms = deadline(r),
		.give = give_payload,
		.take = take_sealed,
		.arg = r};
	return gpg_child_begin(&r->child, err);
}

static int end_gpg(struct gpg_run *r, struct err *err)
{
	const struct gpg_child *c = &r->child;
	int rc = gpg_child_end(&r->child, err);

	if (rc == 0 && (!c->succeeded || (!r->sig && !c->encrypted) || c->failure ||
			       c->bad_recipient || c->bad_signer))
		rc = explain(r, err);
	return rc;
}

/* Whether the fingerprint is that of a key of the certificate. */
static bool is_key_of(const struct cert *c, const char *fpr)
{
	const uint8_t *p = c->data;
	size_t len = c->len;
	struct packet k;
	char have[CERT_FPR_MAX];

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY && k.tag != PACKET_PUBLIC_SUBKEY)
			continue;
		if (key_fingerprint(&k, have) == 0 && have[0] && strcmp(have, fpr) == 0)
			return true;
	}
	return false;
}

static int check_signature(const struct gpg_run *r, struct err *err)
{
	const struct gpg_child *c = &r->child;

	if (!r->s->signer)
		return c->n_sigs == 0
			       ? 0
			       : err_set(err, ERR_INTERNAL, "gpg signed what was to stay unsigned");
	if (c->n_sigs != 1)
		return err_set(err, ERR_INTERNAL, "gpg did not make exactly one signature");
	if (!is_key_of(r->s->signer, c->fpr))
		return err_set(err, ERR_INTERNAL, "gpg signed with another key than %s",
			r->s->signer->fpr);
	if (r->sig && c->hash != HASH_SHA512)
		return err_set(err, ERR_INTERNAL, "gpg signed with another hash than SHA-512");
	return 0;
}

/* Index of the certificate that a PKESK is for; -1 if none or several match. */
static long owner_of_keyid(const struct gpg_run *r, uint64_t id)
{
	long found = -1;
	size_t i;

	for (i = 0; i < r->n_to; i++) {
		if (!has_keyid(r->to[i], id))
			continue;
		if (found >= 0)
			return -1;
		found = (long)i;
	}
	return found;
}

/*
 * Reads the recipients back from what gpg wrote: one PKESK for each certificate, none besides, then
 * encrypted data, to its end.
 */
static int check_recipients(const struct gpg_run *r, struct err *err)
{
	const uint8_t *p = r->head.p;
	size_t left = r->head.len, n = 0;
	bool *seen = calloc(r->n_to, sizeof(*seen));
	struct packet k;
	uint64_t id;
	long who = 0;
	int rc;

	if (!seen)
		return err_set(err, ERR_OS, "out of memory");
	while ((rc = packet_next(&p, &left, &k)) == 1 && k.tag == PACKET_PKESK) {
		who = packet_pkesk_keyid(&k, &id) == 0 ? owner_of_keyid(r, id) : -1;
		if (who < 0 || seen[who])
			break;
		seen[who] = true;
		n++;
	}
	/* A packet of definite length may exceed the bytes kept: its tag is sufficient. */
	if (rc == -1 && left > 0)
		k.tag = p[0] & 0x40 ? p[0] & 63u : p[0] >> 2 & 15u;
	free(seen);
	if (rc == 0 || who < 0 || n != r->n_to)
		return err_set(err, ERR_INTERNAL,
			"the sealed message's recipients are not those it was meant for");
	if (k.tag == PACKET_SEIPD && !packet_walk_ok(&r->walk))
		return err_set(err, ERR_INTERNAL, "the sealed message that gpg wrote is cut short");
	if (k.tag != PACKET_SEIPD)
		return err_set(err, ERR_INTERNAL,
			"gpg did not encrypt to the standard's packet (RFC 9580 section 5.13), but "
			"to %d",
			k.tag);
	return 0;
}

static void free_parts(struct gpg_run *r)
{
	gpg_child_drop(&r->child);
	if (r->ready.home.path[0] != '\0')
		gpg_ready_free(&r->ready);
	else
		gpg_home_remove(&r->home);
	key_args_free(&r->keys);
	gpg_job_free(&r->job);
	buf_free(&r->head);
	free(r->to);
}

/* Its home, and all of its input. */
static int begin_gpg_run(struct gpg_run *r, struct err *err)
{
	int rc;

	key_args_init(&r->keys, &r->home, &r->job);
	rc = make_home(r, err);
	return rc == 0 ? begin_gpg(r, err) : rc;
}

static int end_gpg_run(struct gpg_run *r, struct err *err)
{
	int rc = end_gpg(r, err);

	return rc == 0 ? check_signature(r, err) : rc;
}

int gpg_run_begin(struct gpg_run **run, const struct seal *s, struct payload *in, struct spool *out,
	struct err *err)
{
	struct gpg_run *r = malloc(sizeof(*r));
	int rc;

	if (!r)
		return err_set(err, ERR_OS, "out of memory");
	*r = (struct gpg_run){
		.s = s, .in = in, .head = BUF_INIT(HEAD_BASE + s->n_to * HEAD_PER_CERT)};
	armour_begin(&r->armour, out);
	rc = distinct(r, err);
	if (rc == 0)
		rc = begin_gpg_run(r, err);
	if (rc < 0)
		gpg_run_drop(r);
	else
		*run = r;
	return rc;
}

int gpg_run_end(struct gpg_run *r, struct err *err)
{
	int rc = end_gpg_run(r, err);

	if (rc == 0)
		rc = check_recipients(r, err);
	if (rc == 0)
		armour_end(&r->armour);
	gpg_run_drop(r);
	return rc;
}

void gpg_run_drop(struct gpg_run *r)
{
	free_parts(r);
	free(r);
}

int gpg_run_sign(const struct seal *s, struct payload *in,
	void (*also)(void *arg, const void *p, size_t n), void *arg, struct buf *sig,
	struct err *err)
{
	struct gpg_run r = {.s = s, .in = in, .sig = sig, .also = also, .also_arg = arg};
	int rc = begin_gpg_run(&r, err);

	if (rc == 0)
		rc = end_gpg_run(&r, err);
	free_parts(&r);
	return rc;
}
