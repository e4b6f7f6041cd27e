#include "discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "keep.h"
#include "output_lookup.h"
#include "pgp/cert/home.h"
#include "policy.h"
#include "refresh.h"

#define REPLY_SLACK_MS                                                                             \
	5000 /* the helper keeps the deadline itself; this is for a helper that hangs */

static int copy_cert(struct cert *out, const struct cert *in)
{
	uint8_t *data = malloc(in->len + 1);

	if (!data)
		return -1;
	if (in->len > 0)
		memcpy(data, in->data, in->len);
	cert_free(out);
	*out = *in;
	out->data = data;
	return 0;
}

static int cert_from_pin(struct cert *out, const struct pin *p)
{
	struct cert c = {
		.data = p->cert, .len = p->cert_len, .expires = p->expires, .n_enc = p->n_enc};

	memcpy(c.fpr, p->fpr, sizeof(c.fpr));
	memcpy(c.enc_keyid, p->enc_keyid, sizeof(c.enc_keyid));
	return copy_cert(out, &c);
}

static bool has_key(const struct pin *p)
{
	return p->state == PIN_TOFU || p->state == PIN_VERIFIED;
}

static bool pin_expired(const struct pin *p)
{
	return p->expires != 0 && p->expires <= (int64_t)time(NULL);
}

static bool pin_good(const struct pin *p)
{
	return has_key(p) && !p->revoked && !pin_expired(p) && p->n_enc > 0;
}

void finding_set(struct finding *f, enum verdict_status status, const char *reason)
{
	f->status = status;
	if (reason != f->reason)
		snprintf(f->reason, sizeof(f->reason), "%s", reason);
}

static void use_pin(struct finding *f, const char *reason)
{
	f->method = METHOD_NONE;
	if (cert_from_pin(&f->cert, &f->pin) < 0)
		finding_set(f, VERDICT_UNKNOWN, "out of memory");
	else
		finding_set(f, VERDICT_USABLE, reason);
}

/* What can be told without the network. Whether the address is still to be asked about. */
static bool from_pins(const struct discover *d, struct finding *f)
{
	/* Until a person decides; --offline is only asked what the pin is. */
	if (pin_good(&f->pin) && f->pin.held && d->pins_first &&
		policy_on_change(&d->app->conf, f->addr) == CHANGE_REFUSE) {
		finding_set(f, VERDICT_CONFLICT, "a different key was published and is held");
		f->tofu = TOFU_HOLD;
		return false;
	}
	if (pin_good(&f->pin) && (d->offline || (d->pins_first && !f->due))) {
		use_pin(f, "pinned");
		f->tofu = TOFU_USE_PIN;
		return false;
	}
	if (!addr_discoverable(f->addr)) {
		finding_set(f, VERDICT_ABSENT,
			f->addr->literal ? "an address literal has no directory"
					 : "a local address has no directory");
		f->proved = true;
		return false;
	}
	if (d->offline) {
		finding_set(f, has_key(&f->pin) ? VERDICT_UNUSABLE : VERDICT_UNKNOWN,
			has_key(&f->pin) ? "the pinned certificate is revoked or expired"
					 : "there is no pin, and the network was not asked");
		return false;
	}
	return true;
}

static enum tofu_seen seen_of(enum verdict_status s)
{
	switch (s) {
	case VERDICT_USABLE:
		return SEEN_USABLE;
	case VERDICT_UNUSABLE:
		return SEEN_UNUSABLE;
	case VERDICT_ABSENT:
		return SEEN_ABSENT;
	case VERDICT_CONFLICT:
	case VERDICT_UNKNOWN:
		break;
	}
	return SEEN_UNKNOWN;
}

/* The directory may have shown that the pinned certificate was revoked. */
static bool pin_seen_revoked(const struct finding *f, const struct cert_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].use == CERT_REVOKED && strcmp(set->v[i].fpr, f->pin.fpr) == 0)
			return true;
	}
	return false;
}

/* What is held, or was the pin once, may be among them. */
static int note_revoked(
	struct discover *d, const struct finding *f, const struct cert_set *set, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; d->keep && d->store && rc == 0 && i < set->n; i++) {
		if (set->v[i].use == CERT_REVOKED && set->v[i].fpr[0] != '\0')
			rc = store_seen_revoked(d->store, f->addr->name, set->v[i].fpr, err);
	}
	return rc;
}

static int apply_tofu(struct discover *d, struct finding *f, const struct verdict *v, bool revoked,
	struct err *err)
{
	struct tofu_in in = {.state = f->pin.state,
		.pin_revoked = f->pin.revoked || revoked,
		.pin_expired = pin_expired(&f->pin),
		.seen = seen_of(v->status)};
	struct tofu_out out;
	int rc;

	if (v->status == VERDICT_CONFLICT) { /* between the methods, and neither has the pin */
		f->tofu = has_key(&f->pin) ? TOFU_HOLD : TOFU_NOTHING;
		return 0;
	}
	memcpy(in.pin_fpr, f->pin.fpr, sizeof(in.pin_fpr));
	if (v->cert) {
		memcpy(in.seen_fpr, v->cert->fpr, sizeof(in.seen_fpr));
		in.certified_by_pin = v->cert->certified_by_pin;
		rc = d->store ? store_rejected(d->store, f->addr->name, v->cert->fpr, err) : 0;
		if (rc < 0)
			return rc;
		in.seen_rejected = rc > 0;
	}
	out = tofu_decide(&in);
	f->tofu = out.verdict;
	switch (out.verdict) {
	case TOFU_USE_PIN:
		use_pin(f, out.why);
		break;
	case TOFU_REJECTED:
		if (out.pin_good)
			use_pin(f, out.why);
		else
			finding_set(f, VERDICT_CONFLICT, out.why);
		break;
	case TOFU_HOLD:
		finding_set(f, VERDICT_CONFLICT, out.why);
		break;
	case TOFU_PIN_DEAD:
		finding_set(f, VERDICT_UNUSABLE, out.why);
		break;
	case TOFU_NOTHING:
	case TOFU_FIRST:
	case TOFU_SAME:
	case TOFU_SUCCESSOR:
		break;
	}
	return 0;
}

static int read_bodies(const struct finding *f, const struct method_result *m, struct cert_set *out,
	struct err *err)
{
	struct intake in = {.addr = f->addr,
		.wildcard_uid = m->method == METHOD_OPENPGPKEY,
		.pinned = f->pin.cert,
		.pinned_len = f->pin.cert_len,
		.pinned_fpr = f->pin.fpr};
	struct intake_body body[LOOKUP_BODIES_MAX];
	size_t i;

	memset(out, 0, sizeof(*out));
	if (m->status != METHOD_FOUND)
		return 0;
	for (i = 0; i < m->n_body; i++)
		body[i] = (struct intake_body){m->body[i].data, m->body[i].len};
	return intake_bodies(&in, body, m->n_body, out, err);
}

static void trace_certs(
	const struct method_result *m, const struct cert_set *set, const struct cert *chosen)
{
	size_t i;

	for (i = 0; m->status == METHOD_FOUND && i < set->n; i++)
		log_info("certificate %s by %s: %s",
			set->v[i].fpr[0] != '\0' ? set->v[i].fpr : "(unreadable)",
			lookup_method_name(m->method), cert_reason(set, &set->v[i], chosen));
}

static int absorb(
	struct discover *d, struct finding *f, const struct lookup_reply *reply, struct err *err)
{
	struct cert_set wkd = {0}, dane = {0};
	struct verdict_in in = {.wkd = &reply->wkd,
		.dane = &reply->dane,
		.wkd_set = &wkd,
		.dane_set = &dane,
		.pinned_fpr = f->pin.fpr};
	struct err cannot = ERR_INIT;
	struct verdict v;
	bool revoked;
	int rc = 0;

	f->asked = true;
	if (read_bodies(f, &reply->wkd, &wkd, &cannot) < 0 ||
		read_bodies(f, &reply->dane, &dane, &cannot) < 0) {
		finding_set(f, VERDICT_UNKNOWN, cannot.msg);
		if (cannot.code == ERR_CONFIG)
			rc = err_set(err, cannot.code, "%s", cannot.msg);
		goto out;
	}
	verdict_combine(&in, &v);
	f->proved = v.proved;
	if (v.method) {
		f->method = v.method->method;
		f->dnssec = v.method->dnssec;
		f->tls = v.method->tls;
	}
	f->evidence = evidence_json(reply, &in, &v);
	trace_certs(&reply->wkd, &wkd, v.cert);
	trace_certs(&reply->dane, &dane, v.cert);
	log_info("verdict at %s: %s: %s", f->addr->domain, verdict_name(v.status), v.reason);
	finding_set(f, v.status, v.reason);
	if (v.cert && copy_cert(&f->cert, v.cert) < 0) {
		rc = err_set(err, ERR_OS, "out of memory");
		goto out;
	}
	revoked = pin_seen_revoked(f, &wkd) || pin_seen_revoked(f, &dane);
	rc = apply_tofu(d, f, &v, revoked, err);
	if (rc == 0)
		rc = note_revoked(d, f, &wkd, err);
	if (rc == 0)
		rc = note_revoked(d, f, &dane, err);
	if (rc == 0)
		rc = keep_finding(d, f, revoked, err);
	/* After it was held: the user may rather go on with a pin in good order. */
	if (rc == 0 && f->tofu == TOFU_HOLD && pin_good(&f->pin) && d->pins_first &&
		policy_on_change(&d->app->conf, f->addr) == CHANGE_USE_PIN)
		use_pin(f, "a different key is published and held; the pinned one is used");
out:
	cert_set_free(&wkd);
	cert_set_free(&dane);
	return rc;
}

static int ask(int sock, const struct finding *f, uint32_t id, struct err *err)
{
	struct lookup_request q = {.id = id, .methods = METHODS_ALL, .addr = *f->addr};
	struct wr w = WR_INIT;
	int rc;

	lookup_request_write(&w, &q);
	rc = frame_send(sock, FRAME_LOOKUP, &w, -1, err);
	wr_free(&w);
	return rc;
}

/* Takes one frame; *left counts down with each reply. 1 when the helper is gone or hangs. */
static int take(
	struct discover *d, int sock, struct finding *f, size_t n, size_t *left, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct lookup_reply reply;
	enum frame_kind kind;
	struct rd r;
	int rc;

	rc = frame_recv(sock, (int)d->app->conf.net.timeout_ms + REPLY_SLACK_MS, &kind, &body, NULL,
		NULL, err);
	if (rc < 0) {
		rc = rc == ERR_INTERNAL ? rc : 1;
		goto out;
	}
	rd_init(&r, body.p, body.len);
	if (kind == FRAME_TRACE) {
		log_info("%s", buf_str(&body));
	} else if (kind == FRAME_REPLY) {
		rc = lookup_reply_read(&r, &reply, err);
		if (rc < 0)
			goto out;
		if (reply.id >= n || !f[reply.id].wanted || f[reply.id].asked)
			rc = err_set(err, ERR_INTERNAL, "sealpost-net answered what was not asked");
		else
			rc = absorb(d, &f[reply.id], &reply, err);
		lookup_reply_free(&reply);
		(*left)--;
	} else {
		rc = err_set(err, ERR_INTERNAL, "sealpost-net said something strange");
	}
out:
	buf_free(&body);
	return rc;
}

static int ask_network(
	struct discover *d, struct finding *f, size_t n, size_t wanted, struct err *err)
{
	size_t i;
	int sock = -1, rc;

	rc = gpg_init(err);
	if (rc == 0)
		rc = runner_net(d->runner, &sock, err);
	for (i = 0; rc == 0 && i < n; i++) {
		if (f[i].wanted)
			rc = ask(sock, &f[i], (uint32_t)i, err);
	}
	if (rc == 0)
		gpg_warm_up(); /* while the answers are under way */
	while (rc == 0 && wanted > 0)
		rc = take(d, sock, f, n, &wanted, err);
	for (i = 0; rc == 1 && i < n; i++) {
		if (f[i].wanted && !f[i].asked)
			finding_set(&f[i], VERDICT_UNKNOWN, err->msg);
	}
	if (sock >= 0)
		close(sock);
	return rc < 0 ? rc : 0;
}

/* A pin that would do, but is to be kept current. Failure is the store's. */
static int find_due(const struct discover *d, struct finding *f, struct err *err)
{
	int rc = 0;

	if (d->store && d->pins_first && d->keep && !d->offline && pin_good(&f->pin) &&
		addr_discoverable(f->addr))
		rc = refresh_pin_due(d->store, &f->pin, (int64_t)time(NULL), err);
	f->due = rc > 0;
	return rc < 0 ? rc : 0;
}

/* Where a due pin brought no answer, whatever the reason, it stays in use, and the log says so. */
static int settle_due(struct discover *d, struct finding *f, struct err *err)
{
	char why[VERDICT_REASON_MAX];

	if (f->status != VERDICT_UNKNOWN || f->tofu != TOFU_NOTHING)
		return refresh_note(d->store, f, refresh_outcome(f, false), err);
	snprintf(why, sizeof(why), "%.900s; the pinned key stays in use", f->reason);
	f->tofu = TOFU_USE_PIN;
	use_pin(f, why);
	return store_log(d->store, f->addr->name, "kept", why, err);
}

/* Asks, and lets no recipient whose pin is only due stand in the way of a mail. */
static int ask_all(
	struct discover *d, struct finding *f, size_t n, size_t wanted, size_t due, struct err *err)
{
	int rc = ask_network(d, f, n, wanted, err);
	size_t i;

	for (i = 0; rc < 0 && rc != ERR_INTERNAL && due == wanted && i < n; i++) {
		if (f[i].due && !f[i].asked)
			finding_set(&f[i], VERDICT_UNKNOWN, err->msg);
	}
	if (rc < 0 && (rc == ERR_INTERNAL || due < wanted))
		return rc;
	for (rc = 0, i = 0; rc == 0 && i < n; i++)
		rc = f[i].due ? settle_due(d, &f[i], err) : 0;
	return rc;
}

int discover_all(struct discover *d, struct finding *f, size_t n, struct err *err)
{
	size_t i, wanted = 0, due = 0;
	int rc;

	for (i = 0; i < n; i++) {
		if (!f[i].wanted)
			continue;
		rc = d->store ? store_pin_get(d->store, f[i].addr->name, &f[i].pin, err) : 0;
		if (rc >= 0)
			rc = find_due(d, &f[i], err);
		if (rc < 0)
			return rc;
		due += f[i].due;
		f[i].wanted = from_pins(d, &f[i]);
		if (f[i].wanted) {
			finding_set(&f[i], VERDICT_UNKNOWN, "no answer came");
			wanted++;
		}
	}
	return wanted > 0 ? ask_all(d, f, n, wanted, due, err) : 0;
}

void findings_free(struct finding *f, size_t n)
{
	size_t i;

	for (i = 0; f && i < n; i++) {
		pin_free(&f[i].pin);
		cert_free(&f[i].cert);
		free(f[i].evidence);
	}
	free(f);
}

const char *finding_pin_word(const struct finding *f)
{
	if (!has_key(&f->pin) && f->pin.state != PIN_REJECTED)
		return "none";
	if (f->tofu == TOFU_HOLD || f->tofu == TOFU_REJECTED || f->status == VERDICT_CONFLICT)
		return "conflict";
	return "match";
}
