/* SPDX-License-Identifier: ISC */
#include "net/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

struct fetch {
	struct net *net;
	const struct net_watch *watch;
	fetch_done *done;
	void *arg;
	char host_name[ADDR_DOMAIN_MAX + 1];
	char url[FETCH_HOPS_MAX + 1][HTTPS_URL_MAX]; /* all that were asked, the present one last */
	unsigned hop, hops;
	bool global; /* a hop was in the open internet: no way from there to a private one */
	enum tls_auth tls;
	bool secure; /* the address of the present hop */
	enum fetch_proof first, weakest;
	size_t max_body;
	bool head, look;
	const struct https_result *http; /* the answer that ends it, while it is there */
	struct host *host;
	struct https_get *get;
	bool wrong_name; /* the answer that ends it */
	char waiting[HOST_REASON_MAX];
};

void fetch_cancel(struct fetch *f)
{
	if (!f)
		return;
	host_cancel(f->host);
	https_cancel(f->get);
	free(f);
}

void fetch_tell_open(struct fetch *f, const char *note)
{
	if (f->host)
		host_tell_open(f->host, note);
	if (f->get && f->watch && f->watch->url)
		f->watch->url(f->watch->arg, https_so_far(f->get, note));
}

const char *fetch_url(const struct fetch *f)
{
	return f->url[f->hop];
}

const char *fetch_waiting(const struct fetch *f)
{
	return f->host ? host_waiting(f->host) : f->waiting;
}

/* Ends it; why may be NULL. The struct is gone afterwards. */
static void end_fetch(struct fetch *f, enum fetch_status status, struct buf *body, const char *why)
{
	struct fetch_result r = {.status = status,
		.tls = f->tls,
		.url = fetch_url(f),
		.asked = f->url[0],
		.first = f->first,
		.weakest = f->weakest,
		.body = body,
		.wrong_name = f->wrong_name,
		.http = f->http};

	if (why)
		snprintf(r.reason, sizeof(r.reason), "%s: %s", f->host_name, why);
	f->done(f->arg, &r);
	fetch_cancel(f);
}

/* Where it may connect to: hosts only, and from the open internet to the open internet only. */
static size_t choose_ips(
	struct fetch *f, const struct host_answer *at, struct net_ip *out, bool *private)
{
	bool global = f->global;
	size_t i, n = 0;

	*private = false;
	for (i = 0; i < at->n_ip; i++) {
		enum ip_class c = ip_class(&at->ip[i]);

		if (c == IP_NOHOST)
			continue;
		if (c == IP_PRIVATE && f->global) {
			*private = true;
			continue;
		}
		global |= c == IP_GLOBAL;
		out[n++] = at->ip[i];
	}
	f->global = global;
	return n;
}

static void on_result(void *arg, struct https_result *r);

static int start_request(struct fetch *f, const struct host_answer *at, struct err *err)
{
	struct net_ip ip[HOST_IPS_MAX];
	struct https_request q = {.url = fetch_url(f),
		.host = f->host_name,
		.ip = ip,
		.tlsa = &at->tlsa,
		.max_body = f->max_body,
		.head = f->head,
		.look = f->look,
		.ct = f->net->ct};
	struct err why = ERR_INIT;
	bool private;
	int rc;

	f->secure = at->dnssec == DNS_SECURE;
	q.n_ip = choose_ips(f, at, ip, &private);
	if (q.n_ip == 0 && !f->net->proxied)
		return err_set(err, ERR_TEMP, "%s: %s", f->host_name,
			private ? "a redirect to a private address is not followed"
				: "its address is not that of a host");
	snprintf(f->waiting, sizeof(f->waiting), "%s: no answer", f->host_name);
	rc = https_get(f->net->https, &q, on_result, f, &f->get, &why);
	if (rc < 0)
		return err_set(err, rc, "%s: %.700s", f->host_name, why.msg);
	return 0;
}

static void on_fetch_host(void *arg, const struct host_answer *at)
{
	struct fetch *f = arg;
	struct err err = ERR_INIT;
	const char *p;

	f->host = NULL;
	if (at->status != HOST_FOUND) {
		/* The reason names the host already. */
		p = strchr(at->reason, ' ');
		end_fetch(f, FETCH_FAILED, NULL, p ? p + 1 : at->reason);
	} else if (start_request(f, at, &err) < 0) {
		p = strchr(err.msg, ' ');
		end_fetch(f, FETCH_FAILED, NULL, p ? p + 1 : err.msg);
	}
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* On to the next hop. False, and the reason in err, if that must not be. */
static bool follow(struct fetch *f, const struct https_result *r, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1], *next = NULL;
	unsigned i;

	if (r->locations || r->location[0] == '\0') {
		err_set(err, ERR_TEMP,
			r->locations ? "redirected to several URLs, or to one that is too long"
				     : "redirected without a target");
		return false;
	}
	if (f->hop == f->hops) {
		err_set(err, ERR_TEMP, f->hops ? "redirected too often" : "redirected");
		return false;
	}
	next = f->url[f->hop + 1];
	if (https_redirect(r->url, r->location, next, host, err) < 0)
		return false;
	/* Whether that is a private address only the proxy knows. */
	if (f->net->proxied && strcmp(host, f->host_name) != 0) {
		err_set(err, ERR_TEMP,
			"redirected to another host, where a proxy must not be sent");
		return false;
	}
	for (i = 0; i <= f->hop; i++) {
		if (strcmp(f->url[i], next) == 0) {
			err_set(err, ERR_TEMP, "redirected in a loop");
			return false;
		}
	}
	if (host_resolve(f->net, host, f->watch, on_fetch_host, f, &f->host, err) < 0)
		return false;
	f->hop++;
	memcpy(f->host_name, host, sizeof(f->host_name));
	return true;
}

static void note_proof(struct fetch *f, const struct https_result *r)
{
	enum fetch_proof p = f->secure || r->tls == TLS_WEBPKI_DANE ? PROOF_DNSSEC
			     : r->named                             ? PROOF_NAME
								    : PROOF_NONE;

	if (f->hop == 0)
		f->first = f->weakest = p;
	else if (p < f->weakest)
		f->weakest = p;
}

static void on_result(void *arg, struct https_result *r)
{
	struct fetch *f = arg;
	struct err err = ERR_INIT;
	char why[64];

	f->get = NULL;
	f->http = r;
	if (f->watch && f->watch->url)
		f->watch->url(f->watch->arg, r);
	if (r->status > 0 && (f->tls == TLS_NONE || r->tls < f->tls))
		f->tls = r->tls;
	note_proof(f, r);
	if (is_redirect(r->status)) {
		if (follow(f, r, &err))
			f->http = NULL;
		else
			end_fetch(f, FETCH_FAILED, NULL, err.msg);
	} else if (r->status == 404 || r->status == 410) {
		snprintf(why, sizeof(why), "has none (HTTP status %d)", r->status);
		end_fetch(f, FETCH_GONE, NULL, why);
	} else if (r->status == 200 && r->complete) {
		end_fetch(f, FETCH_OK, r->body, NULL);
	} else if (r->reason[0]) {
		f->wrong_name = r->wrong_name && f->hop == 0;
		end_fetch(f, FETCH_FAILED, NULL, r->reason);
	} else {
		snprintf(why, sizeof(why), "HTTP status %d", r->status);
		end_fetch(f, FETCH_FAILED, NULL, why);
	}
}

int fetch_start(struct net *net, const struct fetch_request *q, const struct net_watch *watch,
	fetch_done *done, void *arg, struct fetch **out, struct err *err)
{
	struct fetch *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return err_set(err, ERR_TEMP, "%s: out of memory", q->host);
	f->net = net;
	f->watch = watch;
	f->done = done;
	f->arg = arg;
	f->hops = q->hops <= FETCH_HOPS_MAX ? q->hops : FETCH_HOPS_MAX;
	f->max_body = q->max_body;
	f->head = q->head;
	f->look = q->look;
	snprintf(f->host_name, sizeof(f->host_name), "%s", q->host);
	snprintf(f->url[0], sizeof(f->url[0]), "%s", q->url);
	rc = start_request(f, q->at, err);
	if (rc < 0) {
		fetch_cancel(f);
		return rc;
	}
	*out = f;
	return 0;
}
