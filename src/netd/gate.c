/* SPDX-License-Identifier: ISC */
#include "netd/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * More than CROWD_MIN, by weight, are a crowd. Of fewer, the first FREE_MAX begin with all their
 * questions, since to ask one first costs a round trip: dead domains among so few do no harm yet.
 */
#define CROWD_MIN 100
#define FREE_MAX 30
/*
 * Packets with questions about domains that are open, or were given up within the last GIVEN_UP_MS.
 * Resolvers work on a dead domain long after we have given up on it, count every packet, and drop
 * all questions of a client, about any domain, that has too many open: unbound beyond 1000. Up to
 * ASKED_MAX a domain is asked about for the first time; once more up to AGAIN_MAX, or up to
 * LAST_MAX when nothing else is under way that could come to harm.
 */
#define GIVEN_UP_MS 30000
#define ASKED_MAX 700
#define AGAIN_MAX 500
#define LAST_MAX 900

enum step {
	STEP_NEW,
	STEP_ASKED,        /* by one packet; again by another one, if nobody answers */
	STEP_ASKED_AGAIN,  /* the last time */
	STEP_ASKED_SURELY, /* after an error, as everything else is asked */
	STEP_READY
};

struct request {
	struct gate *all;
	enum frame_kind kind;
	struct buf body;
	char *domain; /* owned; NULL: nothing is asked first */
	unsigned weight;
	enum step step;
	bool silent;             /* nobody answers: then it needs no room */
	struct dns_query *query; /* while asked */
	int64_t asked;           /* when last, as clock_ms */
	struct request *prev, *next;
};

struct gate {
	struct net *net;
	struct gate_settings set;
	struct request *first, *last;
	size_t held, weight;        /* of these */
	size_t open;                /* questions that were asked apart */
	int64_t given_up[LAST_MAX]; /* when others were, the last of them */
	size_t n_given_up;
	bool crowd;      /* see CROWD_MIN */
	bool tried;      /* something has been asked */
	int64_t stirred; /* when something was last begun, or asked about for the first time */
};

struct gate *gate_new(struct net *net, const struct gate_settings *s)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g) {
		g->net = net;
		g->set = *s;
	}
	return g;
}

size_t gate_held(const struct gate *g)
{
	return g->held;
}

static void close_question(struct request *r)
{
	if (r->query && r->step != STEP_ASKED_SURELY)
		r->all->open--;
	dns_cancel(r->query);
	r->query = NULL;
}

static void remove_request(struct request *r)
{
	struct gate *g = r->all;

	*(r->prev ? &r->prev->next : &g->first) = r->next;
	*(r->next ? &r->next->prev : &g->last) = r->prev;
	g->held--;
	g->weight -= r->weight;
}

static void free_request(struct request *r)
{
	close_question(r);
	buf_free(&r->body);
	free(r->domain);
	free(r);
}

void gate_free(struct gate *g)
{
	struct request *r;

	while (g && (r = g->first)) {
		remove_request(r);
		free_request(r);
	}
	free(g);
}

int gate_put(struct gate *g, enum frame_kind kind, struct buf *body, const char *domain,
	unsigned weight, struct err *err)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r || (domain && g->net && !(r->domain = strdup(domain)))) {
		free(r);
		buf_free(body);
		return err_set(err, ERR_OS, "out of memory");
	}
	r->all = g;
	r->kind = kind;
	r->body = *body;
	*body = (struct buf)BUF_INIT(FRAME_MAX + 1);
	r->weight = weight;
	r->prev = g->last;
	*(r->prev ? &r->prev->next : &g->first) = r;
	g->last = r;
	g->held++;
	g->weight += weight;
	return 0;
}

static size_t count_packets(const struct gate *g)
{
	const int64_t since = clock_ms() - GIVEN_UP_MS;
	size_t i, n = g->open;

	for (i = 0; i < LAST_MAX && i < g->n_given_up; i++)
		n += g->given_up[i] > since;
	return n;
}

static void become_ready(struct request *r)
{
	close_question(r);
	r->step = STEP_READY;
}

/* why: nobody answers; NULL: somebody does. */
static void settle(struct request *r, const char *why)
{
	dns_note_domain(r->all->net->dns, r->domain, why);
	r->silent = why != NULL;
	become_ready(r);
}

static void give_up(struct request *r)
{
	const char *doubt = dns_doubt(r->all->net->dns);
	char why[DNS_NOTE_MAX];

	snprintf(why, sizeof(why), "no answer within %.1f s", r->all->set.timeout_ms / 1000.0);
	settle(r, doubt ? doubt : why);
}

static void on_sure_answer(void *arg, const struct dns_answer *a)
{
	struct request *r = arg;

	r->query = NULL;
	settle(r, a->state == DNS_ERROR ? a->note : NULL);
}

/* Any answer will do, forged ones too: what it is worth is found out later. */
static void on_domain_answer(void *arg, const struct dns_answer *a)
{
	struct request *r = arg;

	r->query = NULL;
	r->all->open--;
	if (a->state != DNS_ERROR) {
		settle(r, NULL);
		return;
	}
	r->step = STEP_ASKED_SURELY;
	r->asked = clock_ms();
	if (dns_ask(r->all->net->dns, r->domain, DNS_MX, on_sure_answer, r, &r->query, NULL) < 0)
		become_ready(r);
}

/* By one packet; as its step tells, for the first or the second time. */
static void ask_domain(struct request *r, uint16_t type)
{
	struct gate *g = r->all;

	g->tried = true;
	r->asked = clock_ms();
	if (dns_ask_apart(g->net->dns, r->domain, type, on_domain_answer, r, &r->query, NULL) < 0)
		become_ready(r);
	else
		g->open++;
}

static void forget_question(struct request *r)
{
	struct gate *g = r->all;

	if (r->step != STEP_ASKED_SURELY)
		g->given_up[g->n_given_up++ % LAST_MAX] = clock_ms();
	close_question(r);
}

static bool resolver_is_calm(const struct gate *g)
{
	return dns_young(g->net->dns) < DNS_YOUNG_MAX;
}

/* at_once: it may begin with all its questions. */
static void step_new(struct request *r, bool at_once)
{
	struct gate *g = r->all;

	if (at_once || !r->domain || dns_knows_domain(g->net->dns, r->domain)) {
		r->step = STEP_READY;
	} else if (resolver_is_calm(g) && count_packets(g) < ASKED_MAX) {
		r->step = STEP_ASKED;
		g->stirred = clock_ms();
		ask_domain(r, DNS_SOA);
	}
}

/* What is there of the time for an answer that the second packet is given. */
static int64_t second_ms(const struct gate *g)
{
	return (int64_t)g->set.timeout_ms * 3 / 5;
}

static void step_asked(struct request *r, bool quiet)
{
	struct gate *g = r->all;
	const int64_t age = clock_ms() - r->asked;
	size_t packets;

	if (r->step != STEP_ASKED && age >= second_ms(g)) {
		forget_question(r);
		give_up(r);
	}
	if (r->step != STEP_ASKED || age < g->set.timeout_ms - second_ms(g))
		return;
	packets = count_packets(g);
	if (packets < (quiet ? LAST_MAX : AGAIN_MAX) && resolver_is_calm(g)) {
		forget_question(r);
		r->step = STEP_ASKED_AGAIN;
		ask_domain(r, DNS_MX);
	} else if (quiet && packets >= LAST_MAX && age >= g->set.timeout_ms) {
		forget_question(r);
		give_up(r);
	}
}

static void begin_request(struct request *r)
{
	struct gate *g = r->all;

	remove_request(r);
	if (!r->silent)
		g->stirred = clock_ms();
	g->set.begin(g->set.arg, r->kind, &r->body);
	free_request(r);
}

/* Where the resolver has not proved itself in its time, asking about each domain helps nobody. */
static bool resolver_is_silent(const struct gate *g)
{
	return g->tried && dns_doubt(g->net->dns) && !dns_on_trial(g->net->dns, clock_ms());
}

/* From when there are so many until all of them are answered. */
static bool is_crowd(struct gate *g, size_t running)
{
	g->crowd = g->weight + running > CROWD_MIN || (g->crowd && g->weight + running > 0);
	return g->crowd;
}

void gate_turn(struct gate *g, size_t running)
{
	const bool crowd = is_crowd(g, running),
		   quiet = running == 0 && clock_ms() - g->stirred >= DNS_YOUNG_MS,
		   pass = !g->net || resolver_is_silent(g);
	size_t begun = running;
	struct request *r, *next;
	bool room = true;

	for (r = g->first; r; r = next) {
		next = r->next;
		if (pass)
			become_ready(r);
		else if (r->step == STEP_NEW)
			step_new(r, !crowd && begun + r->weight <= FREE_MAX);
		else if (r->step != STEP_READY)
			step_asked(r, quiet);
		if (r->step == STEP_READY && !r->silent) {
			begun += r->weight;
			room = room && g->set.room(g->set.arg, r->kind, crowd);
		}
		if (r->step == STEP_READY && (room || r->silent))
			begin_request(r);
	}
	if (g->tried && g->open == 0)
		dns_end_apart(g->net->dns);
}
