/* SPDX-License-Identifier: ISC */
#include "net/asks.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/dns_why.h"

struct ask {
	struct asks *all;
	struct dns_query *query;
	char name[DNS_NAME_MAX + 1];
	uint16_t type;
	dns_done *done;
	void *arg;
	struct ask *prev, *next;
};

static void forget(struct ask *q)
{
	if (q->prev)
		q->prev->next = q->next;
	else
		q->all->first = q->next;
	if (q->next)
		q->next->prev = q->prev;
	free(q);
}

static void on_asked(void *arg, const struct dns_answer *a)
{
	struct ask *q = arg;
	const struct net_watch *watch = q->all->watch;
	dns_done *done = q->done;
	void *done_arg = q->arg;

	forget(q);
	if (watch && watch->dns)
		watch->dns(watch->arg, a);
	done(done_arg, a);
}

void asks_put(struct asks *all, const char *name, uint16_t type, dns_done *done, void *arg)
{
	struct ask *q = all->over[0] ? NULL : calloc(1, sizeof(*q));
	struct err err = ERR_INIT;
	struct dns_answer a;

	if (q) {
		*q = (struct ask){
			.all = all, .type = type, .done = done, .arg = arg, .next = all->first};
		snprintf(q->name, sizeof(q->name), "%s", name);
		if (dns_ask(all->net->dns, name, type, on_asked, q, &q->query, &err) == 0) {
			if (q->next)
				q->next->prev = q;
			all->first = q;
			return;
		}
		free(q);
	}
	a = dns_unanswered(name, type,
		all->over[0] ? all->over
		: err.msg[0] ? err.msg
			     : "out of memory");
	done(arg, &a);
}

bool asks_open(const struct asks *a)
{
	return a->first != NULL;
}

void asks_expire(struct asks *all, const char *why)
{
	struct dns_answer a;
	struct ask *q;

	snprintf(all->over, sizeof(all->over), "%s", why);
	while ((q = all->first)) {
		char name[DNS_NAME_MAX + 1];

		snprintf(name, sizeof(name), "%s", q->name);
		dns_cancel(q->query);
		a = dns_unanswered(name, q->type, all->over);
		on_asked(q, &a);
	}
}

void asks_resume(struct asks *a)
{
	a->over[0] = '\0';
}

void asks_cancel(struct asks *a)
{
	while (a->first) {
		dns_cancel(a->first->query);
		forget(a->first);
	}
}
