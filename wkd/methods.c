#include "wkd/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wkd/under_way.h"

struct methods {
	struct net *net;
	struct methods_settings set;
	struct lookup *first;
	size_t running;
};

struct methods *methods_new(struct net *net, const struct methods_settings *s)
{
	struct methods *m = calloc(1, sizeof(*m));

	if (m) {
		m->net = net;
		m->set = *s;
	}
	return m;
}

size_t methods_running(const struct methods *m)
{
	return m->running;
}

/* The newest come first. */
size_t methods_young(const struct methods *m)
{
	int64_t since = clock_ms() - METHODS_YOUNG_MS;
	const struct lookup *l;
	size_t n = 0;

	for (l = m->first; l && l->evidence.start > since; l = l->next)
		n++;
	return n;
}

static void lookup_free(struct lookup *l)
{
	directory_stop(l);
	record_stop(l);
	if (l->net)
		timer_stop(&l->net->timers, &l->deadline);
	if (l->prev)
		l->prev->next = l->next;
	else
		l->m->first = l->next;
	if (l->next)
		l->next->prev = l->prev;
	l->m->running--;
	lookup_reply_free(&l->reply);
	free(l->failed);
	free(l);
}

void methods_free(struct methods *m)
{
	if (!m)
		return;
	while (m->first)
		lookup_free(m->first);
	free(m);
}

void lookup_finish_if_done(struct lookup *l)
{
	if (l->wkd_busy || l->dane_busy)
		return;
	l->reply.ms = (uint32_t)(clock_ms() - l->evidence.start);
	l->m->set.reply(l->m->set.arg, &l->reply);
	lookup_free(l);
}

static const char *status_name(enum method_status s)
{
	static const char *const name[] = {[METHOD_NOT_ASKED] = "not asked",
		[METHOD_FOUND] = "found",
		[METHOD_ABSENT] = "absent",
		[METHOD_FAILED] = "failed"};

	return name[s];
}

void lookup_set_result(
	struct lookup *l, struct method_result *r, enum method_status status, const char *reason)
{
	free(r->reason);
	r->status = status;
	r->reason = evidence_text(reason, LOOKUP_REASON_MAX - 1);
	if (status != METHOD_FOUND || !r->reason) {
		while (r->n_body > 0)
			free(r->body[--r->n_body].data);
	}
	if (!r->reason)
		r->status = METHOD_FAILED;
	if (r->status != METHOD_ABSENT)
		r->proved = false;
	evidence_trace(&l->evidence, "%s: %s%s%s", r == &l->reply.wkd ? "WKD" : "OPENPGPKEY",
		status_name(r->status), reason[0] ? ": " : "", reason);
}

static void on_deadline(void *arg)
{
	struct lookup *l = arg;
	const char *doubt = dns_doubt(l->net->dns);
	char within[64];

	l->expired = true;
	snprintf(within, sizeof(within), "within %.1f s", l->m->set.timeout_ms / 1000.0);
	if (l->wkd_busy)
		directory_expire(l, doubt, within);
	if (l->dane_busy)
		record_expire(l, doubt, within);
	lookup_finish_if_done(l);
}

static void watch_dns(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	evidence_dns(&l->evidence, a);
}

static void watch_url(void *arg, const struct https_result *r)
{
	struct lookup *l = arg;

	evidence_url(&l->evidence, r);
}

static void start(struct lookup *l, uint8_t methods)
{
	const char *broken = l->m->set.broken;

	if (methods & METHOD_WKD)
		l->reply.wkd.method = METHOD_WKD_ADVANCED;
	if (methods & METHOD_DANE)
		l->reply.dane.method = METHOD_OPENPGPKEY;
	l->wkd_busy = methods & METHOD_WKD;
	l->dane_busy = methods & METHOD_DANE;
	if (!broken && !addr_discoverable(&l->addr))
		broken = "not an address to look up";
	if (broken) {
		if (l->wkd_busy)
			directory_end(l, METHOD_FAILED, broken);
		if (l->dane_busy)
			record_end(l, METHOD_FAILED, broken);
		return;
	}
	timer_set(&l->net->timers, &l->deadline, l->evidence.start + l->m->set.timeout_ms,
		on_deadline, l);
	dns_foresee(l->net->dns, l->addr.domain);
	if (l->wkd_busy)
		directory_start(l);
	if (l->dane_busy)
		record_start(l);
}

int methods_start(struct methods *m, const struct lookup_request *q, struct err *err)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return err_set(err, ERR_OS, "out of memory");
	l->m = m;
	l->net = m->net;
	l->addr = q->addr;
	l->reply.id = q->id;
	l->evidence = (struct evidence){.reply = &l->reply,
		.start = clock_ms(),
		.queries = m->set.verbose,
		.trace = m->set.trace,
		.arg = m->set.arg};
	l->watch = (struct net_watch){.dns = watch_dns, .url = watch_url, .arg = l};
	l->next = m->first;
	if (l->next)
		l->next->prev = l;
	m->first = l;
	m->running++;
	start(l, q->methods & m->set.allowed);
	lookup_finish_if_done(l);
	return 0;
}
