/* SPDX-License-Identifier: ISC */
#include "netd/world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/asks.h"
#include "net/cert.h"
#include "net/host.h"
#include "net/spki.h"

/* Files that are fetched at once: they may all lie on one small server. */
#define FILES_OPEN_MAX 64

struct worlds {
	struct net *net;
	struct worlds_settings set;
	struct world *first;
	size_t running;
	size_t files_open; /* fetched now */
};

/* One file, on its way. */
struct fetching {
	struct world *world;
	size_t index;
	struct host *host;
	struct https_get *get;
	bool begun; /* else it waits for room */
	bool over;
};

/* One set, on its way. */
struct asking {
	struct world *world;
	size_t index;
};

struct world {
	struct worlds *all;
	struct world_request request;
	struct world_reply reply;
	struct asks asks;
	struct asking *asking;      /* owned */
	struct fetching *fetching;  /* owned */
	size_t open;                /* parts that have not ended */
	size_t next_set, next_file; /* the first that have not begun */
	bool held;
	struct timer deadline;
	struct world *prev, *next;
};

struct worlds *worlds_new(struct net *net, const struct worlds_settings *s)
{
	struct worlds *w = calloc(1, sizeof(*w));

	if (w) {
		w->net = net;
		w->set = *s;
	}
	return w;
}

size_t worlds_running(const struct worlds *w)
{
	return w->running;
}

static void world_free(struct world *w)
{
	size_t i;

	asks_cancel(&w->asks);
	for (i = 0; w->fetching && i < w->request.n_file; i++) {
		w->all->files_open -= w->fetching[i].begun && !w->fetching[i].over;
		host_cancel(w->fetching[i].host);
		https_cancel(w->fetching[i].get);
	}
	if (w->all->net)
		timer_stop(&w->all->net->timers, &w->deadline);
	if (w->prev)
		w->prev->next = w->next;
	else
		w->all->first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	w->all->running--;
	free(w->asking);
	free(w->fetching);
	world_request_free(&w->request);
	world_reply_free(&w->reply);
	free(w);
}

void worlds_free(struct worlds *w)
{
	if (!w)
		return;
	while (w->first)
		world_free(w->first);
	free(w);
}

static void world_end_if_done(struct world *w)
{
	if (w->open > 0 || w->held)
		return;
	w->all->set.reply(w->all->set.arg, &w->reply);
	world_free(w);
}

static void note_text(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
}

/* A CNAME's RDATA as text: uncompressed labels. */
static char *name_text(const uint8_t *p, size_t len)
{
	char *out = malloc(len + 1);
	size_t at = 0, n = 0;

	while (out && at < len && p[at] != 0) {
		size_t label = p[at];

		if (label > 63 || label >= len - at)
			break;
		if (n > 0)
			out[n++] = '.';
		memcpy(out + n, p + at + 1, label);
		n += label;
		at += 1 + label;
	}
	if (out) {
		out[n] = '\0';
		for (at = 0; at < n; at++)
			out[at] = (char)(out[at] >= 'A' && out[at] <= 'Z' ? out[at] + 32 : out[at]);
	}
	return out;
}

static bool keep_record(struct world_rdata *to, uint16_t type, const uint8_t *p, size_t len)
{
	if (type == DNS_CNAME) {
		to->data = (uint8_t *)name_text(p, len);
		to->len = to->data ? strlen((char *)to->data) : 0;
	} else {
		to->data = malloc(len ? len : 1);
		if (to->data)
			memcpy(to->data, p, len);
		to->len = len;
	}
	return to->data != NULL;
}

static void on_world_set(void *arg, const struct dns_answer *a)
{
	struct asking *q = arg;
	struct world *w = q->world;
	struct world_answer *to = &w->reply.answer[q->index];
	size_t i, n = a->n < WORLD_RECORDS_MAX ? a->n : WORLD_RECORDS_MAX;

	to->state = a->state;
	to->nxdomain = a->nxdomain;
	to->ttl = a->ttl;
	note_text(&to->canon, a->canon ? a->canon : "");
	note_text(&to->note, a->state > DNS_INSECURE ? (a->note[0] ? a->note : "no answer") : "");
	to->record = n ? calloc(n, sizeof(*to->record)) : NULL;
	for (i = 0; to->record && i < n; i++) {
		if (a->len[i] > WORLD_RDATA_MAX ||
			!keep_record(&to->record[i], a->type, a->data[i], a->len[i]))
			break;
	}
	to->n_record = to->record ? i : 0;
	/* Part of a set is no set. */
	if (to->n_record < a->n) {
		to->state = DNS_ERROR;
		note_text(&to->note, "the set is too large");
	}
	w->open--;
	world_end_if_done(w);
}

static void file_over(struct fetching *f, const char *reason)
{
	if (f->over)
		return;
	f->over = true;
	f->world->all->files_open -= f->begun;
	host_cancel(f->host);
	f->host = NULL;
	https_cancel(f->get);
	f->get = NULL;
	if (reason)
		note_text(&f->world->reply.got[f->index].reason, reason);
	f->world->open--;
	world_end_if_done(f->world);
}

static void on_world_file(void *arg, struct https_result *r)
{
	struct fetching *f = arg;
	struct world_got *to = &f->world->reply.got[f->index];

	f->get = NULL;
	to->status = (uint16_t)r->status;
	to->complete = r->complete;
	to->cors = r->cors;
	to->refused = r->refused;
	note_text(&to->content_type, r->content_type);
	note_text(&to->location, r->location);
	note_text(&to->reason, r->reason);
	if (r->cert) {
		note_text(&to->issuer, r->cert->issuer);
		note_text(&to->subject, r->cert->subject);
		to->not_after = r->cert->not_after;
	}
	if (r->status == 200 && r->complete && r->body && !f->world->request.file[f->index].head) {
		const struct digest_part part = {buf_str(r->body), r->body->len};

		to->len = (uint32_t)r->body->len;
		to->digest = malloc(DIGEST_LEN);
		if (to->digest && digest_sha256(&part, 1, to->digest) == 0)
			to->digest_len = DIGEST_LEN;
	}
	file_over(f, NULL);
}

static void get_file(
	struct fetching *f, const struct net_ip *ip, size_t n_ip, const struct tlsa_set *tlsa)
{
	const struct world_file *q = &f->world->request.file[f->index];
	struct net *net = f->world->all->net;
	char url[WORLD_NAME_MAX + WORLD_PATH_MAX + 16];
	struct https_request r = {.url = url,
		.host = q->host,
		.ip = ip,
		.n_ip = n_ip,
		.tlsa = tlsa,
		.max_body = WORLD_BODY_MAX,
		.head = q->head,
		.look = true,
		.ct = net->ct};
	struct err err = ERR_INIT;

	snprintf(url, sizeof(url), "https://%s%s", q->host, q->path);
	if (https_get(net->https, &r, on_world_file, f, &f->get, &err) < 0)
		file_over(f, err.msg);
}

static void on_world_host(void *arg, const struct host_answer *a)
{
	struct fetching *f = arg;
	bool itself = f->world->request.file[f->index].at[0] == '\0';

	f->host = NULL;
	f->world->reply.got[f->index].no_host = a->status == HOST_ABSENT;
	if (a->status != HOST_FOUND)
		file_over(f, a->reason);
	else
		get_file(f, a->ip, a->n_ip, itself ? &a->tlsa : NULL);
}

static void start_file(struct fetching *f)
{
	const struct world_file *q = &f->world->request.file[f->index];
	struct net *net = f->world->all->net;
	struct err err = ERR_INIT;
	struct net_ip ip;
	uint8_t b[16];

	if (inet_pton(AF_INET, q->at, b) == 1 && ip_parse(b, 4, false, &ip))
		get_file(f, &ip, 1, NULL);
	else if (inet_pton(AF_INET6, q->at, b) == 1 && ip_parse(b, 16, true, &ip))
		get_file(f, &ip, 1, NULL);
	else if (host_resolve(net, q->at[0] ? q->at : q->host, NULL, on_world_host, f, &f->host,
			 &err) < 0)
		file_over(f, err.msg);
}

/* What still waits for room begins later, with a time of its own. */
static void on_world_deadline(void *arg)
{
	struct world *w = arg;
	size_t i;

	w->held = true;
	asks_expire(&w->asks, "no answer in time");
	asks_resume(&w->asks);
	for (i = 0; i < w->next_file; i++)
		file_over(&w->fetching[i], "no answer in time");
	w->held = false;
	world_end_if_done(w);
}

/* Room for every answer: each says nothing yet. */
static int make_reply(struct world *w, const char *note)
{
	struct world_reply *r = &w->reply;
	size_t i;

	r->id = w->request.id;
	r->n_answer = w->request.n_set;
	r->n_got = w->request.n_file;
	r->n_key = w->request.n_pem;
	r->answer = calloc(r->n_answer + 1, sizeof(*r->answer));
	r->got = calloc(r->n_got + 1, sizeof(*r->got));
	r->key = calloc(r->n_key + 1, sizeof(*r->key));
	w->asking = calloc(r->n_answer + 1, sizeof(*w->asking));
	w->fetching = calloc(r->n_got + 1, sizeof(*w->fetching));
	if (!r->answer || !r->got || !r->key || !w->asking || !w->fetching) {
		r->n_answer = r->n_got = r->n_key = 0;
		return -1;
	}
	for (i = 0; i < r->n_answer; i++) {
		w->asking[i] = (struct asking){w, i};
		r->answer[i].state = DNS_ERROR;
		note_text(&r->answer[i].note, note);
	}
	for (i = 0; i < r->n_got; i++) {
		w->fetching[i] = (struct fetching){.world = w, .index = i};
		note_text(&r->got[i].reason, note);
	}
	return 0;
}

static void read_keys(struct world *w)
{
	size_t i;

	for (i = 0; i < w->request.n_pem; i++) {
		const struct world_pem *p = &w->request.pem[i];
		char hex[2 * DIGEST_LEN + 1];
		const char *why = spki_of_pem(p->data, p->len, hex);

		note_text(&w->reply.key[i].spki, hex);
		note_text(&w->reply.key[i].reason, why ? why : "");
	}
}

static bool parts_wait(const struct world *w)
{
	return w->next_set < w->request.n_set || w->next_file < w->request.n_file;
}

/* As many parts as may begin now; the time for all of them counts from the last. */
static void start_parts_of(struct world *w)
{
	struct net *net = w->all->net;
	bool begun = false;

	w->held = true;
	while (w->next_set < w->request.n_set && dns_young(net->dns) < DNS_YOUNG_MAX) {
		const struct world_set *q = &w->request.set[w->next_set];

		asks_put(&w->asks, q->name, q->type, on_world_set, &w->asking[w->next_set++]);
		begun = true;
	}
	while (w->next_file < w->request.n_file && w->all->files_open < FILES_OPEN_MAX &&
		dns_young(net->dns) < DNS_YOUNG_MAX) {
		struct fetching *f = &w->fetching[w->next_file++];

		f->begun = true;
		w->all->files_open++;
		start_file(f);
		begun = true;
	}
	if (begun)
		timer_set(&net->timers, &w->deadline, clock_ms() + w->all->set.timeout_ms,
			on_world_deadline, w);
	w->held = false;
	world_end_if_done(w);
}

bool worlds_turn(struct worlds *all)
{
	struct world *w, *next;
	bool wait = false;

	for (w = all->first; w; w = next) {
		next = w->next;
		if (!parts_wait(w))
			continue;
		wait = true;
		start_parts_of(w);
	}
	return wait;
}

int worlds_start(struct worlds *all, struct world_request *q, struct err *err)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *broken = all->set.broken;

	if (!w) {
		world_request_free(q);
		return err_set(err, ERR_OS, "out of memory");
	}
	if (!broken && all->net->proxied)
		broken = "a proxy is set, and through it DNS cannot be asked";
	w->all = all;
	w->request = *q;
	*q = (struct world_request){.id = 0};
	w->asks = (struct asks){.net = all->net};
	w->next = all->first;
	if (w->next)
		w->next->prev = w;
	all->first = w;
	all->running++;
	if (make_reply(w, broken ? broken : "") < 0) {
		world_free(w);
		return err_set(err, ERR_OS, "out of memory");
	}
	read_keys(w);
	if (broken) {
		world_end_if_done(w);
		return 0;
	}
	w->open = w->request.n_set + w->request.n_file;
	start_parts_of(w);
	return 0;
}
