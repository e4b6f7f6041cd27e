#include "net/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unbound.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/dns_why.h"
#include "net/packet.h"

#define CLASS_IN 1
#define RCODE_NOERROR 0
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RECORDS_MAX 1024 /* of one answer; 64 kB cannot hold many more */
#define ANCHOR_MAX 65536
#define RESOLV_CONF "/etc/resolv.conf"
#define ROOT_HINTS "/usr/share/dns/root.hints"

enum trust { TRUST_UNTRIED, TRUST_ASKED, TRUST_GOOD, TRUST_BROKEN };

struct dns_query {
	struct dns *d;
	char name[DNS_NAME_MAX + 1];
	uint16_t type;
	dns_done *done;
	void *arg;
	int id;
	struct ub_result *res; /* owned; while held back, see dns_ask */
	bool held;
	struct dns_query *prev, *next;
};

struct dns {
	struct ub_ctx *ctx;
	struct dns_query *first;
	enum trust trust;
	int check_id;
	char broken[DNS_NOTE_MAX]; /* why the resolver cannot be used */
};

enum dns_state dns_classify(const struct dns_flags *f)
{
	if (f->rc != 0)
		return DNS_ERROR;
	if (f->bogus)
		return DNS_BOGUS;
	if (f->rcode != RCODE_NOERROR && f->rcode != RCODE_NXDOMAIN)
		return DNS_ERROR;
	/* Answers that contradict themselves prove nothing. */
	if (f->nxdomain && (f->havedata || f->rcode != RCODE_NXDOMAIN))
		return DNS_ERROR;
	if (f->havedata && f->rcode != RCODE_NOERROR)
		return DNS_ERROR;
	return f->secure ? DNS_SECURE : DNS_INSECURE;
}

bool dns_absent(const struct dns_answer *a)
{
	return (a->state == DNS_SECURE || a->state == DNS_INSECURE) && a->n == 0;
}

const char *dns_type_name(uint16_t type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_SOA:
		return "SOA";
	case DNS_AAAA:
		return "AAAA";
	case DNS_DNSKEY:
		return "DNSKEY";
	case DNS_TLSA:
		return "TLSA";
	case DNS_OPENPGPKEY:
		return "OPENPGPKEY";
	default:
		return "?";
	}
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const name[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
		"REFUSED"};

	return rcode < sizeof(name) / sizeof(name[0]) ? name[rcode] : "?";
}

static void unlink_query(struct dns_query *q)
{
	if (q->prev)
		q->prev->next = q->next;
	else
		q->d->first = q->next;
	if (q->next)
		q->next->prev = q->prev;
}

static void query_free(struct dns_query *q)
{
	unlink_query(q);
	ub_resolve_free(q->res);
	free(q);
}

/* A CNAME led elsewhere when the canonical name is not the one that was asked for. */
static const char *canon_of(const struct dns_query *q, const struct ub_result *res, char *out)
{
	size_t len;

	out[0] = '\0';
	if (!res->canonname || strlen(res->canonname) > DNS_NAME_MAX)
		return out;
	snprintf(out, DNS_NAME_MAX + 1, "%s", res->canonname);
	len = strlen(out);
	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = '\0';
	if (strcasecmp(out, q->name) == 0)
		out[0] = '\0';
	return out;
}

static void error_note(const struct dns_query *q, const struct dns_answer *a,
	const struct ub_result *res, char *note)
{
	if (q->d->trust == TRUST_BROKEN || q->d->broken[0])
		snprintf(note, DNS_NOTE_MAX, "%s", q->d->broken);
	else if (a->state == DNS_BOGUS)
		dns_why_bogus(res->why_bogus, note);
	else if (!res || res->rcode == RCODE_SERVFAIL)
		snprintf(note, DNS_NOTE_MAX, "no usable answer from its name servers");
	else
		snprintf(note, DNS_NOTE_MAX, "its name servers answered %s", dns_rcode_name(a->rcode));
}

/* Of a secure answer; libunbound has made sure that all signatures have the same number of labels. */
static bool is_wildcard(const struct ub_result *res)
{
	return res->answer_packet && res->answer_len > 0 &&
		dns_packet_wildcard(res->answer_packet, (size_t)res->answer_len);
}

/* Hands the answer over and frees the question. fail: an error, whatever res says. */
static void deliver(struct dns_query *q, struct ub_result *res, bool fail)
{
	struct dns_flags f = {.rc = fail || !res};
	struct dns_answer a = {.name = q->name, .type = q->type, .note = "", .canon = ""};
	char canon[DNS_NAME_MAX + 1], note[DNS_NOTE_MAX] = "";
	const uint8_t *data[RECORDS_MAX];
	size_t len[RECORDS_MAX];

	if (res) {
		f = (struct dns_flags){.rc = fail, .rcode = res->rcode, .havedata = res->havedata,
			.nxdomain = res->nxdomain, .secure = res->secure, .bogus = res->bogus};
		a.rcode = (uint8_t)res->rcode;
		a.canon = canon_of(q, res, canon);
		a.ttl = res->ttl > 0 ? (uint32_t)res->ttl : 0;
	}
	a.state = dns_classify(&f);
	a.nxdomain = a.state <= DNS_INSECURE && f.nxdomain;
	if (a.state <= DNS_INSECURE && f.havedata) {
		for (; res->data[a.n] && a.n < RECORDS_MAX; a.n++) {
			data[a.n] = (const uint8_t *)res->data[a.n];
			len[a.n] = (size_t)res->len[a.n];
		}
		/* Data that was promised and is not there is no denial; nor are the first of too many the answer. */
		if (a.n == 0 || res->data[a.n]) {
			a.state = DNS_ERROR;
			a.n = 0;
		}
	}
	if (a.state > DNS_INSECURE)
		error_note(q, &a, res, note);
	a.wildcard = a.state == DNS_SECURE && a.n > 0 && is_wildcard(res);
	a.data = data;
	a.len = len;
	a.note = note;
	q->res = res;
	q->done(q->arg, &a);
	query_free(q);
}

/* The check is over: what waited for it goes out. Callbacks may forget other questions, so begin anew each time. */
static void release_held(struct dns *d)
{
	struct dns_query *q = d->first;

	while (q) {
		if (!q->held) {
			q = q->next;
			continue;
		}
		q->held = false;
		deliver(q, q->res, d->trust != TRUST_GOOD);
		q = d->first;
	}
	if (d->trust != TRUST_BROKEN)
		d->broken[0] = '\0';
}

static void check_done(void *arg, int rc, struct ub_result *res)
{
	struct dns *d = arg;
	struct dns_flags f = {.rc = rc || !res};

	if (res)
		f = (struct dns_flags){.rc = rc, .rcode = res->rcode, .havedata = res->havedata,
			.nxdomain = res->nxdomain, .secure = res->secure, .bogus = res->bogus};
	switch (dns_classify(&f)) {
	case DNS_SECURE:
		d->trust = TRUST_GOOD;
		break;
	case DNS_INSECURE:
		d->trust = TRUST_BROKEN;
		snprintf(d->broken, sizeof(d->broken), "no DNSSEC trust anchor is in force");
		break;
	case DNS_BOGUS:
		d->trust = TRUST_BROKEN;
		dns_why_broken(res->why_bogus, d->broken);
		break;
	case DNS_ERROR:
		/* It may be better next time. */
		d->trust = TRUST_UNTRIED;
		snprintf(d->broken, sizeof(d->broken), "the resolver does not answer");
		break;
	}
	ub_resolve_free(res);
	release_held(d);
}

static void answered(void *arg, int rc, struct ub_result *res)
{
	struct dns_query *q = arg;

	if (rc != 0) {
		ub_resolve_free(res);
		res = NULL;
	}
	if (q->d->trust == TRUST_ASKED && (!res || !res->secure)) {
		q->res = res;
		q->held = true;
		return;
	}
	/* What is secure leads back to the trust anchor, whatever became of the check. */
	deliver(q, res, q->d->trust != TRUST_GOOD && (!res || !res->secure));
}

static int start_check(struct dns *d, struct err *err)
{
	int rc;

	if (d->trust != TRUST_UNTRIED)
		return 0;
	rc = ub_resolve_async(d->ctx, ".", DNS_DNSKEY, CLASS_IN, d, check_done, &d->check_id);
	if (rc == UB_INITFAIL)
		return err_set(err, ERR_CONFIG, "the DNSSEC trust anchor cannot be read");
	if (rc != 0)
		return err_set(err, ERR_TEMP, "the resolver cannot be started: %s", ub_strerror(rc));
	d->trust = TRUST_ASKED;
	return 0;
}

int dns_ask(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err)
{
	struct dns_query *q;
	int rc;

	if (strlen(name) > DNS_NAME_MAX)
		return err_set(err, ERR_TEMP, "%.64s...: longer than a DNS name can be", name);
	rc = start_check(d, err);
	if (rc < 0)
		return rc;
	q = calloc(1, sizeof(*q));
	if (!q)
		return err_set(err, ERR_TEMP, "out of memory");
	q->d = d;
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->type = type;
	q->done = done;
	q->arg = arg;
	rc = ub_resolve_async(d->ctx, q->name, type, CLASS_IN, q, answered, &q->id);
	if (rc != 0) {
		free(q);
		return err_set(err, ERR_TEMP, "%s: cannot be asked: %s", name, ub_strerror(rc));
	}
	q->next = d->first;
	if (q->next)
		q->next->prev = q;
	d->first = q;
	*out = q;
	return 0;
}

void dns_cancel(struct dns_query *q)
{
	if (!q)
		return;
	if (!q->held)
		(void)ub_cancel(q->d->ctx, q->id);
	query_free(q);
}

const char *dns_doubt(const struct dns *d)
{
	return d->trust == TRUST_GOOD ? NULL : d->broken[0] ? d->broken : "the resolver does not answer";
}

int dns_fd(const struct dns *d)
{
	return ub_fd(d->ctx);
}

void dns_process(struct dns *d)
{
	(void)ub_process(d->ctx);
}

const char *dns_anchor_file(const struct dns_settings *s)
{
	static const char *const usual[] = {"/usr/share/dns/root.key", "/var/lib/unbound/root.key"};

	if (s->trust_anchor && s->trust_anchor[0])
		return s->trust_anchor;
	return access(usual[0], R_OK) == 0 || access(usual[1], R_OK) != 0 ? usual[0] : usual[1];
}

/* libunbound reads the file only when the first question comes; what is wrong with it should be known before. */
static int check_anchor(const char *path, struct err *err)
{
	struct buf b = BUF_INIT(ANCHOR_MAX);
	struct err why = ERR_INIT;
	int rc = 0;

	if (file_read(path, &b, NULL, &why) < 0)
		rc = err_set(err, ERR_CONFIG, "no DNSSEC trust anchor: %.512s", why.msg);
	else if (!strstr(buf_str(&b), "DNSKEY") && !strstr(buf_str(&b), "DS"))
		rc = err_set(err, ERR_CONFIG, "no DNSSEC trust anchor: %s holds no key", path);
	if (rc < 0)
		err_hint(err, "install dns-root-data, or set trust-anchor");
	buf_free(&b);
	return rc;
}

static int set_resolver(struct dns *d, const struct dns_settings *s, struct err *err)
{
	const char *hints = s->root_hints && s->root_hints[0] ? s->root_hints : ROOT_HINTS;
	const char *r = s->resolver && s->resolver[0] ? s->resolver : "system";
	int rc;

	if (strcmp(r, "recursive") == 0) {
		/* libunbound has the root's addresses built in, too. */
		if (access(hints, R_OK) == 0 || (s->root_hints && s->root_hints[0]))
			rc = ub_ctx_set_option(d->ctx, "root-hints:", hints);
		else
			rc = 0;
	} else {
		/* Nothing but the forwarder is asked then, and it may well be on this machine. */
		rc = ub_ctx_set_option(d->ctx, "do-not-query-localhost:", "no");
		if (rc == 0)
			rc = strcmp(r, "system") == 0 ? ub_ctx_resolvconf(d->ctx, RESOLV_CONF)
						      : ub_ctx_set_fwd(d->ctx, r);
	}
	if (rc != 0)
		return err_set(err, ERR_CONFIG, "resolver = %s: %s", r, ub_strerror(rc));
	return 0;
}

static int set_options(struct dns *d, struct err *err)
{
	static const struct {
		const char *name, *value;
	} option[] = {
		{"module-config:", "validator iterator"},
		{"val-permissive-mode:", "no"},
		{"trust-anchor-signaling:", "no"}, /* a question nobody asked for */
		{"outgoing-range:", "256"},        /* many lookups at once */
		{"num-queries-per-thread:", "1024"},
		{"outgoing-num-tcp:", "32"},
	};
	size_t i;
	int rc = 0;

	/* The library would write to stderr. */
	ub_ctx_debugout(d->ctx, NULL);
	for (i = 0; rc == 0 && i < sizeof(option) / sizeof(option[0]); i++)
		rc = ub_ctx_set_option(d->ctx, option[i].name, option[i].value);
	/* A thread rather than a process: nothing to reap, quicker to start, and within the same sandbox. */
	if (rc == 0)
		rc = ub_ctx_async(d->ctx, 1);
	if (rc != 0)
		return err_set(err, ERR_CONFIG, "libunbound: %s", ub_strerror(rc));
	return 0;
}

int dns_open(const struct dns_settings *s, struct dns **out, struct err *err)
{
	const char *anchor = dns_anchor_file(s);
	struct dns *d = NULL;
	int rc;

	rc = check_anchor(anchor, err);
	if (rc < 0)
		return rc;
	d = calloc(1, sizeof(*d));
	if (d)
		d->ctx = ub_ctx_create();
	if (!d || !d->ctx) {
		rc = err_set(err, ERR_OS, "libunbound: out of memory");
		goto out;
	}
	rc = set_options(d, err);
	if (rc == 0)
		rc = set_resolver(d, s, err);
	if (rc == 0 && ub_ctx_add_ta_file(d->ctx, anchor) != 0)
		rc = err_set(err, ERR_CONFIG, "%s: not taken as a trust anchor", anchor);
	if (rc == 0) {
		*out = d;
		d = NULL;
	}
out:
	dns_close(d);
	return rc;
}

void dns_close(struct dns *d)
{
	if (!d)
		return;
	while (d->first)
		dns_cancel(d->first);
	if (d->ctx)
		ub_ctx_delete(d->ctx);
	free(d);
}
