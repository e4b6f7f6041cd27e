/* SPDX-License-Identifier: ISC */
#include "mx/sts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mx/fields.h"
#include "mx/mta_sts.h"
#include "mx/text.h"

void sts_cancel(struct sts *s)
{
	if (s->net)
		timer_stop(&s->net->timers, &s->limit);
	host_cancel(s->host);
	https_cancel(s->get);
	free(s->at);
	s->host = NULL;
	s->get = NULL;
	s->at = NULL;
}

static void set_policy(struct check_sts *out, struct sts_parsed *p, const char *id, int64_t fetched)
{
	out->policy = CHECK_FOUND;
	out->mode = p->mode;
	out->max_age = p->max_age;
	out->mx = p->mx;
	out->n_mx = p->n_mx;
	out->fetched = fetched;
	out->expires = fetched + p->max_age;
	snprintf(out->policy_id, sizeof(out->policy_id), "%s", id);
}

/* The policy that was handed in, if it is in force still. One from the future is of a clock that
 * was wrong. */
static bool take_kept(struct sts *s)
{
	const struct check_request *q = s->request;
	struct sts_parsed p = {.n_mx = 0};

	if (!q->sts_text || !q->sts_text[0] ||
		sts_policy_parse(q->sts_text, strlen(q->sts_text), &p))
		return false;
	if (q->sts_fetched > s->now || s->now - q->sts_fetched >= p.max_age) {
		sts_parsed_free(&p);
		return false;
	}
	set_policy(s->out, &p, q->sts_id, q->sts_fetched);
	s->out->kept = true;
	return true;
}

/* No policy came just now; otherwise: what holds if none is kept. */
static void end_without_policy(struct sts *s, enum check_outcome otherwise)
{
	if (s->over)
		return;
	s->over = true;
	if (s->host)
		host_tell_open(s->host, NET_NOT_WAITED);
	sts_cancel(s);
	if (s->out->policy == CHECK_NOT_ASKED && !take_kept(s))
		s->out->policy = otherwise;
	s->done(s->arg);
}

static void fetch_failed(
	struct sts *s, enum check_outcome outcome, enum check_result result, const char *why)
{
	s->out->fetch = outcome;
	s->out->result = result;
	mx_say(&s->out->fetch_reason, "%s", why);
	end_without_policy(s, outcome == CHECK_UNKNOWN ? CHECK_UNKNOWN : CHECK_NONE);
}

static void take_policy(struct sts *s, const struct https_result *r)
{
	struct sts_parsed p = {.n_mx = 0};
	const char *text = buf_str(r->body), *why;
	char all[CHECK_TEXT_MAX];

	why = sts_policy_parse(text, r->body->len, &p);
	if (why) {
		snprintf(all, sizeof(all), "the policy is not valid: %s", why);
		fetch_failed(s, CHECK_INVALID, RESULT_STS_POLICY_INVALID, all);
		return;
	}
	s->out->text = strndup(text, r->body->len);
	s->out->fetch = CHECK_FOUND;
	set_policy(s->out, &p, s->out->id, s->now);
	end_without_policy(s, CHECK_FOUND);
}

/* 3xx is not followed, and only 200 is a policy (RFC 8461 section 3.3). */
static void on_fetched(void *arg, struct https_result *r)
{
	struct sts *s = arg;
	char why[CHECK_TEXT_MAX];

	s->get = NULL;
	if (s->watch && s->watch->url)
		s->watch->url(s->watch->arg, r);
	s->out->status = (uint16_t)r->status;
	s->out->tls = r->tls;
	mx_say(&s->out->content_type, "%s", r->content_type);
	snprintf(why, sizeof(why), "%s: HTTP status %d", s->host_name, r->status);
	if (r->status == 200 && r->complete && sts_media_type(r->content_type)) {
		take_policy(s, r);
	} else if (r->status == 200 && r->complete) {
		snprintf(why, sizeof(why), "%s: its media type is %.100s, not text/plain",
			s->host_name, r->content_type[0] ? r->content_type : "not given");
		fetch_failed(s, CHECK_INVALID, RESULT_STS_POLICY_FETCH_ERROR, why);
	} else if (r->status > 0 && r->status != 200) {
		/* Its server's word that there is none; or its trouble. */
		fetch_failed(s, r->status >= 500 || r->status == 429 ? CHECK_UNKNOWN : CHECK_NONE,
			RESULT_STS_POLICY_FETCH_ERROR, why);
	} else {
		snprintf(why, sizeof(why), "%s: %s", s->host_name, r->reason);
		fetch_failed(s, CHECK_UNKNOWN,
			r->tls_failed ? RESULT_STS_WEBPKI_INVALID : RESULT_STS_POLICY_FETCH_ERROR,
			why);
	}
}

static void fetch_policy(struct sts *s)
{
	char url[DNS_NAME_MAX + 64];
	struct net_ip ip[HOST_IPS_MAX];
	struct https_request q = {.url = url,
		.host = s->host_name,
		.ip = ip,
		.tlsa = &s->at->tlsa,
		.max_body = CHECK_POLICY_MAX,
		.look = s->always,
		.ct = s->net->ct};
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < s->at->n_ip; i++) {
		if (ip_class(&s->at->ip[i]) != IP_NOHOST)
			ip[q.n_ip++] = s->at->ip[i];
	}
	if (q.n_ip == 0) {
		fetch_failed(s, CHECK_UNKNOWN, RESULT_STS_POLICY_FETCH_ERROR,
			"its address is not that of a host");
		return;
	}
	snprintf(url, sizeof(url), "https://%s/.well-known/mta-sts.txt", s->host_name);
	if (https_get(s->net->https, &q, on_fetched, s, &s->get, &err) < 0)
		fetch_failed(s, CHECK_UNKNOWN, RESULT_STS_POLICY_FETCH_ERROR, err.msg);
}

/* Both the record and the host's addresses are there. */
static void step_sts(struct sts *s)
{
	if (!s->txt_done || !s->at || s->over)
		return;
	if (s->at->status == HOST_FOUND)
		fetch_policy(s);
	else
		fetch_failed(s, s->at->status == HOST_ABSENT ? CHECK_NONE : CHECK_UNKNOWN,
			RESULT_STS_POLICY_FETCH_ERROR, s->at->reason);
}

static void on_host(void *arg, const struct host_answer *a)
{
	struct sts *s = arg;

	s->host = NULL;
	s->at = malloc(sizeof(*s->at));
	if (!s->at) {
		fetch_failed(s, CHECK_UNKNOWN, RESULT_STS_POLICY_FETCH_ERROR, "out of memory");
		return;
	}
	*s->at = *a;
	step_sts(s);
}

/* The host cannot be asked for. That matters only if there is a record. */
static void host_unasked(struct sts *s, const char *why)
{
	struct host_answer a = {.status = HOST_FAILED, .dnssec = DNS_ERROR};

	snprintf(a.reason, sizeof(a.reason), "%s: %s", s->host_name, why);
	on_host(s, &a);
}

/* Whether the policy at hand is the one that the record speaks of, and fresh. */
static bool kept_will_do(const struct sts *s)
{
	const struct check_request *q = s->request;

	return !s->always && strcmp(q->sts_id, s->out->id) == 0 && q->sts_fetched <= s->now &&
	       s->now - q->sts_fetched < STS_REFRESH_S;
}

static void txt_end(struct sts *s, enum check_outcome outcome, const char *why)
{
	s->out->txt = outcome;
	mx_say(&s->out->txt_reason, "_mta-sts: %s", why);
	end_without_policy(s, outcome == CHECK_UNKNOWN ? CHECK_UNKNOWN : CHECK_NONE);
}

static void on_txt(void *arg, const struct dns_answer *a)
{
	struct sts *s = arg;
	struct buf record = BUF_INIT(FIELDS_TXT_MAX);
	const char *why = NULL;
	int n;

	s->txt_done = true;
	s->out->txt_dnssec = a->state;
	if (a->state > DNS_INSECURE) {
		txt_end(s, CHECK_UNKNOWN, a->note[0] ? a->note : "no answer");
		return;
	}
	n = fields_only(a, STS_VERSION, &record);
	if (n == 1)
		why = sts_record(buf_str(&record), record.len, s->out->id);
	else if (n != 0)
		why = n > 1 ? "there are several records" : "it is malformed";
	else if (fields_nearly(a, STS_VERSION))
		why = "a record that was meant to be one does not begin \"v=STSv1;\", so it does "
		      "not count";
	buf_free(&record);
	if (n == 0 && !why) {
		txt_end(s, CHECK_NONE, "there is no record");
	} else if (why) {
		s->out->id[0] = '\0';
		txt_end(s, CHECK_INVALID, why);
	} else {
		s->out->txt = CHECK_FOUND;
		if (kept_will_do(s) && take_kept(s))
			end_without_policy(s, CHECK_FOUND);
		else
			step_sts(s);
	}
}

void sts_expire(struct sts *s, const char *why)
{
	char all[CHECK_TEXT_MAX];

	if (s->over)
		return;
	snprintf(all, sizeof(all), "%s: %s", s->host_name, why);
	if (s->host)
		host_tell_open(s->host, NET_NO_ANSWER);
	host_cancel(s->host);
	s->host = NULL;
	if (s->get && s->watch && s->watch->url)
		s->watch->url(s->watch->arg, https_so_far(s->get, NET_NO_ANSWER));
	if (s->out->txt == CHECK_FOUND)
		fetch_failed(s, CHECK_UNKNOWN, RESULT_STS_POLICY_FETCH_ERROR, all);
	else
		txt_end(s, CHECK_UNKNOWN, why);
}

static void on_limit(void *arg)
{
	sts_expire(arg, "no answer within a minute");
}

void sts_start(struct sts *s, struct asks *asks, struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_sts *out, void (*done)(void *arg),
	void *arg)
{
	char name[DNS_NAME_MAX + 16];
	struct err err = ERR_INIT;

	*s = (struct sts){.net = net,
		.watch = watch,
		.request = request,
		.out = out,
		.now = (int64_t)time(NULL),
		.always = request->want & (CHECK_KEYS | CHECK_REST),
		.done = done,
		.arg = arg};
	snprintf(s->host_name, sizeof(s->host_name), "mta-sts.%s", request->domain);
	snprintf(name, sizeof(name), "_mta-sts.%s", request->domain);
	if (strlen(name) >= DNS_NAME_MAX) {
		txt_end(s, CHECK_NONE, "the domain's name is too long to have a record");
		return;
	}
	timer_set(&net->timers, &s->limit, clock_ms() + STS_FETCH_MS, on_limit, s);
	/* At once with the record: most of those who have the host have the record, too. */
	if (host_resolve(net, s->host_name, watch, on_host, s, &s->host, &err) < 0)
		host_unasked(s, err.msg);
	if (!s->over)
		asks_put(asks, name, DNS_TXT, on_txt, s);
}
