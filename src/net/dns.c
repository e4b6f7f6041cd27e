/* SPDX-License-Identifier: ISC */
#include "net/dns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unbound.h>
#include <unistd.h>

#include "net/dns_answer.h"
#include "net/dns_chain.h"
#include "net/dns_ctx.h"
#include "net/dns_known.h"
#include "net/dns_why.h"
#include "net/resolver.h"
#include "net/timer.h"

#define CLASS_IN 1
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RECORDS_MAX 1024     /* of one answer; 64 kB cannot hold many more */
#define UDP_PATIENCE_MS 1500 /* then TCP is tried beside it */

enum trust { TRUST_UNTRIED, TRUST_ASKED, TRUST_GOOD, TRUST_BROKEN };

struct dns_query {
	struct dns *d;
	char name[DNS_NAME_MAX + 1];
	uint16_t type;
	dns_done *done;
	void *arg;
	int id;
	int64_t asked;         /* of clock_ms */
	struct ub_result *res; /* owned; while held back, see dns_ask */
	bool held;
	bool apart;         /* see dns_ask_apart */
	bool local;         /* it is not sent, and answered at once: */
	bool too_long;      /* there can be no such name; or: */
	const char *silent; /* borrowed: why nobody is asked; or NULL */
	struct dns_query *prev, *next;
};

/* One way to resolve. Each is tried before it is trusted: see check_done. */
struct path {
	struct dns *d;
	struct ub_ctx *ctx; /* opened on demand, then kept */
	int check_id;
	bool checking;
};

enum { PATH_FIRST, PATH_FIRST_TCP, PATH_ROOT, PATH_ROOT_TCP, PATHS };

struct dns {
	struct path path[PATHS];
	struct ub_ctx *apart; /* beside the trusted path; opened on demand */
	unsigned now;         /* the path in use; changes only while it is not trusted yet */
	bool probed;          /* TCP has been tried beside it */
	int64_t probe_at;     /* of clock_ms; while the path is being tried */
	int epoll;            /* of all paths */
	struct dns_query *first;
	size_t n_local; /* of these, to be answered at once */
	size_t n_apart; /* of these, asked apart */
	size_t n_open;  /* all of these */
	enum trust trust;
	struct dns_chain chain;
	struct dns_known known;
	struct resolver_facts facts;
	bool chosen_root;                           /* full recursion is configured */
	bool off;                                   /* a proxy is set */
	char *resolver, *trust_anchor, *root_hints; /* owned settings */
	char passed_over[DNS_NOTE_MAX];             /* why full recursion is used; or "" */
	char broken[DNS_NOTE_MAX];                  /* unless trusted: why no path works */
	char notice[RESOLVER_NOTE_MAX];
};

static bool is_tcp(unsigned which)
{
	return which == PATH_FIRST_TCP || which == PATH_ROOT_TCP;
}

static struct ub_ctx *ctx_now(const struct dns *d)
{
	return d->path[d->now].ctx;
}

static struct ub_ctx *ctx_of(const struct dns_query *q)
{
	return q->apart ? q->d->apart : ctx_now(q->d);
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
	q->d->n_open--;
	q->d->n_local -= q->local;
	q->d->n_apart -= q->apart;
	ub_resolve_free(q->res);
	free(q);
}

/* Calls back with the answer and frees the query. fail: report an error regardless of res. */
static void deliver(struct dns_query *q, struct ub_result *res, bool fail)
{
	struct dns_flags f = dns_flags_of(fail, res);
	struct dns_answer a = {.name = q->name, .type = q->type, .note = "", .canon = ""};
	char canon[DNS_NAME_MAX + 1], note[DNS_NOTE_MAX] = "";
	const uint8_t *data[RECORDS_MAX];
	size_t len[RECORDS_MAX];

	if (res) {
		a.rcode = (uint8_t)res->rcode;
		a.canon = dns_canon_of(q->name, res, canon);
		a.ttl = res->ttl > 0 ? (uint32_t)res->ttl : 0;
	}
	if (q->too_long)
		a.rcode = RCODE_NXDOMAIN;
	a.state = q->too_long ? DNS_SECURE : dns_classify(&f);
	a.nxdomain = q->too_long || (a.state <= DNS_INSECURE && f.nxdomain);
	if (a.state <= DNS_INSECURE && f.havedata) {
		for (; res->data[a.n] && a.n < RECORDS_MAX; a.n++) {
			data[a.n] = (const uint8_t *)res->data[a.n];
			len[a.n] = (size_t)res->len[a.n];
		}
		/* An answer with missing or too many records is neither a denial nor complete. */
		if (a.n == 0 || res->data[a.n]) {
			a.state = DNS_ERROR;
			a.n = 0;
		}
	}
	if (q->silent)
		snprintf(note, sizeof(note), "%s", q->silent);
	else if (a.state > DNS_INSECURE && q->d->trust != TRUST_GOOD)
		snprintf(note, sizeof(note), "%s", q->d->broken);
	else if (a.state > DNS_INSECURE)
		dns_why_none(a.state, res ? res->rcode : RCODE_SERVFAIL,
			res ? res->why_bogus : NULL, note);
	a.wildcard = a.state == DNS_SECURE && a.n > 0 && dns_is_wildcard(res);
	a.data = data;
	a.len = len;
	a.note = note;
	q->res = res;
	q->done(q->arg, &a);
	query_free(q);
}

/* After the check: delivers the answers that were held back. A callback may cancel other
 * queries, so the list is searched from the start each time. */
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
}

/* Likewise those that are not sent at all. */
static void answer_local(struct dns *d)
{
	struct dns_query *q = d->first;

	while (q && d->n_local > 0) {
		if (!q->local) {
			q = q->next;
			continue;
		}
		deliver(q, NULL, true);
		q = d->first;
	}
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
	/* A secure answer is validated up to the trust anchor, regardless of the check's result. */
	deliver(q, res, q->d->trust != TRUST_GOOD && (!res || !res->secure));
}

static bool recursing(const struct dns *d)
{
	return d->now >= PATH_ROOT || d->chosen_root;
}

/* Sets the reason that is reported while no path is trusted. why: about the current path. */
static void set_broken(struct dns *d, const char *why)
{
	if (!why)
		why = resolver_why_silent(recursing(d));
	if (d->passed_over[0])
		resolver_why_neither(d->passed_over, why, d->broken);
	else
		snprintf(d->broken, sizeof(d->broken), "%s", why);
}

/* Opens a context and adds it to the event loop, unless it is open already. */
static int open_ctx(
	struct dns *d, const struct dns_ctx_way *way, struct ub_ctx **ctx, struct err *err)
{
	const struct dns_settings s = {.resolver = d->resolver,
		.trust_anchor = d->trust_anchor,
		.root_hints = d->root_hints};
	struct epoll_event ev = {.events = EPOLLIN};
	int rc = *ctx ? 0 : dns_ctx_open(&s, way, ctx, err);

	if (rc < 0 || epoll_ctl(d->epoll, EPOLL_CTL_ADD, ub_fd(*ctx), &ev) == 0 || errno == EEXIST)
		return rc;
	ub_ctx_delete(*ctx);
	*ctx = NULL;
	return err_set(err, ERR_OS, "libunbound: its answers cannot be waited for");
}

static int open_path(struct dns *d, unsigned which, struct err *err)
{
	const struct dns_ctx_way way = {
		.recursive = which >= PATH_ROOT || d->chosen_root, .tcp = is_tcp(which)};

	d->path[which].d = d;
	return open_ctx(d, &way, &d->path[which].ctx, err);
}

static void check_done(void *arg, int rc, struct ub_result *res);

/* Starts the check of a path: a query whose answer must be secure. */
static int try_path(struct dns *d, unsigned which, struct err *err)
{
	struct path *p = &d->path[which];
	int rc = open_path(d, which, err);

	if (rc < 0)
		return rc;
	rc = ub_resolve_async(p->ctx, ".", DNS_DNSKEY, CLASS_IN, p, check_done, &p->check_id);
	if (rc == UB_INITFAIL)
		return err_set(err, ERR_CONFIG, "the DNSSEC trust anchor cannot be read");
	if (rc != 0)
		return err_set(
			err, ERR_TEMP, "the resolver cannot be started: %s", ub_strerror(rc));
	p->checking = true;
	return 0;
}

/* Tries the current path, which does not answer, over TCP too. False: that has been done, or is
 * not possible. */
static bool probe_by_tcp(struct dns *d)
{
	struct err ignored = ERR_INIT;

	if (d->probed || is_tcp(d->now))
		return false;
	d->probed = true;
	return try_path(d, d->now + 1, &ignored) == 0;
}

static bool on_trial(const struct dns *d)
{
	return d->path[d->now].checking || (!is_tcp(d->now) && d->path[d->now + 1].checking);
}

static void close_apart(struct dns *d)
{
	if (d->apart)
		ub_ctx_delete(d->apart);
	d->apart = NULL;
}

/* Sends the open queries again by another path, also those that were asked apart. Those that cannot
 * be sent fail once the trial is over. */
static void change_path(struct dns *d, unsigned to)
{
	struct dns_query *q;

	for (q = d->first; q; q = q->next) {
		if (!q->held && !q->local)
			(void)ub_cancel(ctx_of(q), q->id);
		ub_resolve_free(q->res);
		q->res = NULL;
		q->apart = false;
	}
	d->n_apart = 0;
	close_apart(d);
	d->now = to;
	for (q = d->first; q; q = q->next) {
		if (q->local)
			continue;
		q->held = ub_resolve_async(
				  ctx_now(d), q->name, q->type, CLASS_IN, q, answered, &q->id) != 0;
	}
}

static void begin_trial(struct dns *d)
{
	d->trust = TRUST_ASKED;
	d->probed = false;
	d->probe_at = clock_ms() + UDP_PATIENCE_MS;
}

/* After the resolver failed: true if another path is being tried now; else the whole reason is
 * in why (DNS_NOTE_MAX bytes). */
static bool pass_over(struct dns *d, bool stripped, char *why)
{
	struct resolver_facts f = d->facts;
	struct err err = ERR_INIT;
	char all[RESOLVER_NOTE_MAX];
	enum resolver_step step;

	f.stripped = stripped;
	step = recursing(d) ? RESOLVER_STAY : resolver_decide(&f);
	if (step != RESOLVER_RECURSE) {
		resolver_why_not(step, why, all);
	} else if (try_path(d, PATH_ROOT, &err) == 0) {
		snprintf(d->passed_over, sizeof(d->passed_over), "%s", why);
		change_path(d, PATH_ROOT);
		begin_trial(d);
		set_broken(d, NULL);
		return true;
	} else {
		resolver_why_neither(why, err.msg, all);
	}
	snprintf(why, DNS_NOTE_MAX, "%s", all);
	return false;
}

/* Handles the result of the current path's trial. why has DNS_NOTE_MAX bytes. */
static void trial_over(struct dns *d, enum dns_state state, bool stripped, char *why)
{
	if (state == DNS_SECURE) {
		d->trust = TRUST_GOOD;
		resolver_notice(d->passed_over, is_tcp(d->now), d->notice);
	} else if (state == DNS_ERROR) {
		/* It is tried again with the next query. */
		d->trust = TRUST_UNTRIED;
		set_broken(d, NULL);
	} else if (pass_over(d, stripped, why)) {
		return;
	} else {
		d->trust = TRUST_BROKEN;
		set_broken(d, why);
	}
	release_held(d);
}

/* The check of a path over UDP or TCP is done: the first that answers is used. */
static void check_done(void *arg, int rc, struct ub_result *res)
{
	struct path *p = arg;
	struct dns *d = p->d;
	unsigned which = (unsigned)(p - d->path);
	struct dns_flags f = dns_flags_of(rc, res);
	enum dns_state state = dns_classify(&f);
	char why[DNS_NOTE_MAX] = "no DNSSEC trust anchor is in force";
	bool stripped = false;

	if (state == DNS_BOGUS) {
		stripped = !dns_is_signed(res);
		dns_why_broken(res->why_bogus, stripped, recursing(d), why);
	}
	ub_resolve_free(res);
	p->checking = false;
	if (d->trust != TRUST_ASKED || (which != d->now && (is_tcp(d->now) || which != d->now + 1)))
		return;
	if (state == DNS_ERROR && (probe_by_tcp(d) || on_trial(d)))
		return;
	if (state != DNS_ERROR && which != d->now)
		change_path(d, which);
	trial_over(d, state, stripped, why);
}

static int start_resolver_check(struct dns *d, struct err *err)
{
	int rc;

	if (d->trust != TRUST_UNTRIED)
		return 0;
	rc = try_path(d, d->now, err);
	if (rc == 0)
		begin_trial(d);
	return rc;
}

/* Whether queries can be sent; the first one starts the trial of the resolver. */
static int may_ask(struct dns *d, struct err *err)
{
	if (d->off)
		return err_set(
			err, ERR_TEMP, "not asked, since no DNS question can go through the proxy");
	return start_resolver_check(d, err);
}

static bool name_too_long(const char *name)
{
	size_t len = strlen(name);

	return len > DNS_NAME_MAX || (len == DNS_NAME_MAX && name[len - 1] != '.');
}

static int put_question(struct dns *d, bool apart, const char *name, uint16_t type, dns_done *done,
	void *arg, struct dns_query **out, struct err *err)
{
	struct dns_query *q = calloc(1, sizeof(*q));
	int rc;

	if (!q)
		return err_set(err, ERR_TEMP, "out of memory");
	q->d = d;
	q->asked = clock_ms();
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->type = type;
	q->done = done;
	q->arg = arg;
	q->too_long = name_too_long(name);
	q->silent = dns_known_silent(&d->known, name, type);
	q->local = q->too_long || q->silent;
	q->apart = apart && !q->local;
	rc = q->local ? 0
		      : ub_resolve_async(ctx_of(q), q->name, type, CLASS_IN, q, answered, &q->id);
	if (rc != 0) {
		free(q);
		return err_set(err, ERR_TEMP, "%s: cannot be asked: %s", name, ub_strerror(rc));
	}
	q->next = d->first;
	if (q->next)
		q->next->prev = q;
	d->first = q;
	d->n_open++;
	d->n_local += q->local;
	d->n_apart += q->apart;
	*out = q;
	return 0;
}

int dns_ask(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err)
{
	int rc = may_ask(d, err);

	return rc < 0 ? rc : put_question(d, false, name, type, done, arg, out, err);
}

/* A context of its own, as that keeps statistics of the resolver. Its answer is held back until
 * the resolver has proved itself. */
int dns_ask_apart(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err)
{
	const struct dns_ctx_way way = {.tcp = is_tcp(d->now), .unvalidated = true};
	bool apart = !recursing(d);
	int rc = may_ask(d, err);

	if (rc == 0 && apart)
		rc = open_ctx(d, &way, &d->apart, err);
	return rc < 0 ? rc : put_question(d, apart, name, type, done, arg, out, err);
}

bool dns_on_trial(const struct dns *d, int64_t now)
{
	return d->trust == TRUST_ASKED && now < d->probe_at;
}

void dns_end_apart(struct dns *d)
{
	if (d->n_apart == 0)
		close_apart(d);
}

void dns_note_domain(struct dns *d, const char *domain, const char *silent)
{
	dns_known_put(&d->known, domain, silent);
}

bool dns_knows_domain(const struct dns *d, const char *domain)
{
	return dns_known_has(&d->known, domain);
}

/* The newest come first. */
size_t dns_young(const struct dns *d)
{
	int64_t since = clock_ms() - DNS_YOUNG_MS;
	const struct dns_query *q;
	size_t n = 0;

	for (q = d->first; q && q->asked > since; q = q->next)
		n += !q->local;
	return n;
}

size_t dns_open_questions(const struct dns *d)
{
	return d->n_open - d->n_apart - d->n_local;
}

void dns_foresee(struct dns *d, const char *domain)
{
	if (!d->off && !dns_known_silent(&d->known, domain, DNS_DNSKEY) &&
		start_resolver_check(d, NULL) == 0)
		dns_chain_ask(&d->chain, ctx_now(d), domain);
}

void dns_cancel(struct dns_query *q)
{
	if (!q)
		return;
	if (!q->held && !q->local)
		(void)ub_cancel(ctx_of(q), q->id);
	query_free(q);
}

const char *dns_doubt(const struct dns *d)
{
	return d->trust == TRUST_GOOD || d->off ? NULL : d->broken;
}

const char *dns_notice(const struct dns *d)
{
	return (d->trust == TRUST_GOOD || d->off) && d->notice[0] ? d->notice : NULL;
}

int dns_fd(const struct dns *d)
{
	return d->epoll;
}

static bool may_probe(const struct dns *d)
{
	return d->trust == TRUST_ASKED && !d->probed;
}

int dns_wait(const struct dns *d, int64_t now, int most)
{
	int64_t left = d->probe_at - now;

	if (d->n_local > 0)
		return 0;
	if (!may_probe(d) || left > most)
		return most;
	return left > 0 ? (int)left : 0;
}

void dns_process(struct dns *d)
{
	size_t i;

	for (i = 0; i < PATHS; i++) {
		if (d->path[i].ctx)
			(void)ub_process(d->path[i].ctx);
	}
	if (d->apart)
		(void)ub_process(d->apart);
	answer_local(d);
	if (may_probe(d) && clock_ms() >= d->probe_at && !probe_by_tcp(d))
		d->probed = true;
}

static char *copy_string(const char *s)
{
	return strdup(s ? s : "");
}

int dns_open(const struct dns_settings *s, struct dns **out, struct err *err)
{
	struct dns *d;
	int rc;

	rc = s->proxy ? 0 : dns_check_anchor(s, err);
	if (rc < 0)
		return rc;
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_set(err, ERR_OS, "libunbound: out of memory");
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->resolver = copy_string(s->resolver);
	d->trust_anchor = copy_string(s->trust_anchor);
	d->root_hints = copy_string(s->root_hints);
	if (d->epoll < 0 || !d->resolver || !d->trust_anchor || !d->root_hints) {
		rc = err_set(err, ERR_OS, "libunbound: out of memory");
		goto out;
	}
	d->facts = (struct resolver_facts){
		.system = dns_is_system(s), .local = dns_is_system(s) && dns_system_is_local()};
	d->chosen_root = dns_is_recursive(s);
	d->off = s->proxy;
	set_broken(d, NULL);
	snprintf(d->notice, sizeof(d->notice),
		"nothing is asked: the proxy resolves names, so there is no DNSSEC");
	rc = d->off ? 0 : open_path(d, PATH_FIRST, err);
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
	size_t i;

	if (!d)
		return;
	while (d->first)
		dns_cancel(d->first);
	for (i = 0; i < PATHS; i++) {
		if (d->path[i].ctx)
			ub_ctx_delete(d->path[i].ctx);
	}
	close_apart(d);
	if (d->epoll >= 0)
		close(d->epoll);
	dns_chain_free(&d->chain);
	dns_known_free(&d->known);
	free(d->resolver);
	free(d->trust_anchor);
	free(d->root_hints);
	free(d);
}
