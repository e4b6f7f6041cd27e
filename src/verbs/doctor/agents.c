/* SPDX-License-Identifier: ISC */
/* Checks that need other processes: the network, the agent, and keys through it. */
#include "verbs/doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/signer.h"
#include "wire/lookup.h"

static int need_runner(struct doctor *d, struct err *err)
{
	return d->runner->sock >= 0 ? 0 : runner_start(d->runner, d->conf_file, false, false, err);
}

/*
 * One lookup of a name that the root itself denies, so that nobody's mail domain is queried: ISO
 * 3166 reserves ZZ for private use. Names like .invalid would not do, since resolvers answer them
 * locally.
 */
static int ask_root(struct doctor *d, struct lookup_reply *reply, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct lookup_request q = {.id = 1, .methods = METHODS_ALL};
	struct wr w = WR_INIT;
	enum frame_kind kind;
	int64_t until;
	struct rd rd;
	int sock = -1, rc;

	rc = addr_parse("doctor@sealpost.zz", &q.addr, err);
	if (rc == 0)
		rc = need_runner(d, err);
	if (rc == 0)
		rc = runner_net(d->runner, 0, &sock, err);
	if (rc < 0)
		return rc;
	lookup_request_write(&w, &q);
	until = clock_ms() + talk_ms(d->conf->net.timeout_ms, 1);
	rc = frame_send(sock, until, FRAME_LOOKUP, &w, -1, err);
	do {
		buf_reset(&body);
		if (rc == 0)
			rc = frame_recv(sock, until, &kind, &body, NULL, NULL, err);
	} while (rc == 0 && kind == FRAME_TRACE);
	if (rc == 0 && kind != FRAME_REPLY)
		rc = err_set(err, ERR_INTERNAL,
			"unexpected answer from the network helper (kind %d)", (int)kind);
	if (rc == 0) {
		rd_init(&rd, body.p, body.len);
		rc = lookup_reply_read(&rd, reply, err);
	}
	close(sock);
	wr_free(&w);
	buf_free(&body);
	return rc;
}

/* The name does not exist: any answer of the proxy will do. */
static void doctor_proxy(struct doctor *d)
{
	static const char what[] =
		"names are resolved there, so there is no DNSSEC, no TLSA and no OPENPGPKEY";
	const char *proxy = d->conf->net.proxy, *why;
	struct lookup_reply reply;
	struct err err = ERR_INIT;

	if (!d->online) {
		doctor_say(d, DOCTOR_OK, "proxy", NULL, "%s: %s", proxy, what);
		return;
	}
	if (ask_root(d, &reply, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "proxy", &err);
		return;
	}
	why = reply.wkd.reason ? reply.wkd.reason : "";
	if (reply.wkd.proxy_down)
		doctor_say(d, DOCTOR_BAD, "proxy", "start it, or fix proxy in the configuration",
			"%s: %s", proxy, why);
	else if (reply.wkd.status == METHOD_NOT_ASKED)
		doctor_say(d, DOCTOR_BAD, "proxy", "set methods = wkd",
			"%s: %s: nothing can be found this way", proxy, what);
	else
		doctor_say(d, DOCTOR_OK, "proxy", NULL, "%s answers (%u ms); %s", proxy, reply.ms,
			what);
	lookup_reply_free(&reply);
}

void doctor_resolver(struct doctor *d)
{
	const char *name = d->conf->net.resolver[0] != '\0' ? d->conf->net.resolver : "system";
	const struct method_result *m;
	struct lookup_reply reply;
	struct err err = ERR_INIT;

	if (d->conf->net.proxy[0] != '\0') {
		doctor_proxy(d);
		return;
	}
	if (!d->online || d->no_lookup)
		return;
	if (ask_root(d, &reply, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "resolver", &err);
		return;
	}
	m = reply.wkd.status == METHOD_NOT_ASKED ? &reply.dane : &reply.wkd;
	if (m->status != METHOD_ABSENT)
		doctor_say(d, DOCTOR_BAD, "resolver",
			"use a resolver that passes DNSSEC, or resolver = recursive", "%s: %s",
			name, m->reason ? m->reason : "found what cannot be");
	else if (!m->proved)
		doctor_say(d, DOCTOR_BAD, "resolver",
			"use a resolver that passes DNSSEC, or resolver = recursive",
			"%s: answers, but the root's own answer could not be validated", name);
	else
		doctor_say(d, DOCTOR_OK, "resolver", NULL,
			"%s answers, and DNSSEC validates (%u ms)", name, reply.ms);
	lookup_reply_free(&reply);
}

static void ways_to_ask(struct doctor *d)
{
	const char *tty = getenv("GPG_TTY");
	const char *display =
		getenv("WAYLAND_DISPLAY") ? getenv("WAYLAND_DISPLAY") : getenv("DISPLAY");

	if (d->conf->pinentry == PINENTRY_NEVER)
		doctor_say(d, DOCTOR_OK, "pinentry", NULL,
			"never: a passphrase must be cached already");
	else if (d->conf->pinentry == PINENTRY_SKIP)
		doctor_say(d, DOCTOR_OK, "pinentry", NULL,
			"skip: mail goes unsigned where a passphrase is not cached");
	else if (tty && tty[0] == '/')
		doctor_say(d, DOCTOR_OK, "pinentry", NULL, "can ask at %s", tty);
	else if (display && display[0] != '\0')
		doctor_say(d, DOCTOR_OK, "pinentry", NULL, "can ask at the display %s", display);
	else
		doctor_say(d, DOCTOR_WARN, "pinentry",
			"in ~/.profile or the like, before the mail program starts: export "
			"GPG_TTY=$(tty)",
			"neither GPG_TTY nor a display is set: from a mail program nobody can be "
			"asked for a passphrase");
}

static void unusable_key(struct doctor *d, const char *what, const struct signer_found *found)
{
	struct err err = ERR_INIT;

	err_set(&err, ERR_CONFIG, "%s %s: mail is sealed unsigned, and not to yourself", found->fpr,
		own_key_state(found->key));
	own_key_hint(&err, found);
	doctor_err(d, DOCTOR_BAD, what, &err);
}

/* Whether something is said of a key that signs: part of it has expired, or it will soon. */
static bool say_expiry(
	struct doctor *d, const char *what, const struct cert *c, const struct signer_found *found)
{
	const bool late = found->late.seal[0] != '\0';
	struct err err = ERR_INIT;

	if (!late && (c->expires == 0 || c->expires >= (int64_t)time(NULL) + OWN_SOON_DAYS * 86400))
		return false;
	if (late)
		err_set(&err, ERR_CONFIG, "%s " OWN_LATE_SEAL ": mail is not sealed to yourself",
			c->fpr);
	else
		err_set(&err, ERR_CONFIG, "%s, %s: expires within %d days", c->fpr, c->uid,
			OWN_SOON_DAYS);
	own_key_hint(&err, found);
	doctor_err(d, late ? DOCTOR_BAD : DOCTOR_WARN, what, &err);
	return true;
}

/* from: NULL with a key that is not bound to an address. */
static void one_key(struct doctor *d, const char *what, const char *key, const struct addr *from,
	struct gpg_daemons *daemons)
{
	struct cert cert = {0};
	struct signer_found found;
	struct err err = ERR_INIT;
	int rc = signer_find(key, from, daemons, &cert, &found, &err);

	if (rc < 0)
		doctor_err(d, DOCTOR_BAD, what, &err);
	else if (rc == 0 && found.key != OWN_MISSING)
		unusable_key(d, what, &found);
	else if (rc == 0)
		doctor_say(d, DOCTOR_WARN, what,
			"set sign-key, or make a key: gpg --quick-generate-key",
			"there is no secret key for %s: mail is sealed unsigned",
			from ? from->text : "it");
	else if (!say_expiry(d, what, &cert, &found))
		doctor_say(d, DOCTOR_OK, what, NULL, "%s, %s", cert.fpr, cert.uid);
	if (rc == 1)
		cert_free(&cert);
}

/* Where no key is named: those that sign now, and soon do no more. Each key once. */
static void keys_that_expire_soon(struct doctor *d, struct gpg_daemons *daemons)
{
	struct own_addresses *own = calloc(1, sizeof(*own));
	char said[OWN_ADDRESSES_MAX][CERT_FPR_MAX];
	struct err err = ERR_INIT;
	size_t i, k, n = 0;

	if (!own || signer_own_addresses(daemons, own, &err) < 0) {
		free(own);
		return;
	}
	for (i = 0; i < own->n; i++) {
		struct cert cert = {0};
		struct signer_found found;

		if (signer_find(NULL, &own->v[i], daemons, &cert, &found, &err) != 1)
			continue;
		for (k = 0; k < n && strcmp(said[k], cert.fpr) != 0; k++)
			;
		if (k == n && say_expiry(d, "signing key", &cert, &found))
			memcpy(said[n++], cert.fpr, sizeof(cert.fpr));
		cert_free(&cert);
	}
	free(own);
}

static void all_keys(struct doctor *d, struct gpg_daemons *daemons)
{
	const struct conf *c = d->conf;
	char what[128];
	struct addr from;
	size_t i;

	if (c->sign_key[0] != '\0')
		one_key(d, "signing key", c->sign_key, NULL, daemons);
	for (i = 0; i < c->n_identity; i++) {
		const struct conf_identity *id = &c->identity[i];
		const char *key = id->sign_key[0] != '\0'  ? id->sign_key
				  : c->sign_key[0] != '\0' ? c->sign_key
							   : NULL;
		bool named = addr_parse(id->from, &from, NULL) == 0;

		snprintf(what, sizeof(what), "signing key of %s", id->name);
		if (named || key)
			one_key(d, what, key, named ? &from : NULL, daemons);
	}
	if (c->sign_key[0] == '\0' && c->n_identity == 0) {
		doctor_say(d, DOCTOR_OK, "signing key", NULL,
			"none is configured: the secret key for each mail's From");
		keys_that_expire_soon(d, daemons);
	}
}

void doctor_keys(struct doctor *d)
{
	char stamp[SIGNER_STAMP_MAX];
	struct gpg_daemons daemons;
	struct err err = ERR_INIT;
	bool named = d->conf->sign_key[0] != '\0';
	size_t i;

	for (i = 0; i < d->conf->n_identity; i++)
		named = named || d->conf->identity[i].sign_key[0] != '\0';
	if (signer_stamp(stamp, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "signing key", &err);
		return;
	}
	/* Starting an agent would create a keyring where there is none. */
	if (stamp[0] == '\0') {
		doctor_say(d, named ? DOCTOR_BAD : DOCTOR_WARN, "signing key",
			"make a key: gpg --quick-generate-key ADDRESS, or set GNUPGHOME",
			"there is no keyring: %s",
			named ? "the configured key is missing" : "mail is sealed unsigned");
		return;
	}
	runner_daemons(d->runner, &daemons);
	if (need_runner(d, &err) < 0 || daemons_find_agent(&daemons, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "gpg-agent", &err);
		return;
	}
	doctor_say(d, DOCTOR_OK, "gpg-agent", NULL, "%s", daemons.path);
	ways_to_ask(d);
	if (gpg_init(&err) < 0)
		doctor_err(d, DOCTOR_BAD, "signing key", &err);
	else
		all_keys(d, &daemons);
}
