/* SPDX-License-Identifier: ISC */
/* What waits for a person: mail in the queue, keys that differ from the pinned ones. */
#include "verbs/doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "decide/queue.h"
#include "print/quote.h"
#include "store/queue.h"

void doctor_queue(struct doctor *d)
{
	char when[TEXT_TIME_MAX] = "";
	struct queue_entry *v = NULL;
	struct err err = ERR_INIT;
	int64_t oldest = INT64_MAX;
	struct queue q;
	size_t n = 0, i;
	int rc = d->stateless ? 0 : queue_open(&q, d->conf->data_dir, false, &err);

	if (rc == 1)
		rc = queue_list(&q, &v, &n, &err);
	if (!d->stateless)
		queue_close(&q);
	for (i = 0; i < n; i++)
		oldest = v[i].since < oldest ? v[i].since : oldest;
	free(v);
	if (n > 0)
		text_time(when, oldest);
	if (rc < 0)
		doctor_err(d, DOCTOR_BAD, "queue", &err);
	else if (n > 0 && queue_next(true, oldest, (int64_t)time(NULL)) == QUEUE_RETURN)
		doctor_say(d, DOCTOR_WARN, "queue",
			"sealpost queue run; if nothing runs it by itself, see "
			"contrib/systemd/sealpost-queue.timer",
			"%zu mail(s) wait, since %s: what is older than %d days was to go back to "
			"its sender",
			n, when, QUEUE_DAYS);
	else if (n > 0)
		doctor_say(d, DOCTOR_OK, "queue", NULL, "%zu mail(s) wait, since %s", n, when);
	else if (d->conf->queue != QUEUE_NO)
		doctor_say(d, DOCTOR_OK, "queue", NULL, "nothing waits");
}

struct held_pins {
	size_t n;
	char first[ADDR_TEXT_MAX + 1];
};

static int count_held(const struct pin *p, void *arg)
{
	struct held_pins *h = arg;

	if (p->held && h->n++ == 0)
		memcpy(h->first, p->address, sizeof(h->first));
	return 0;
}

void doctor_held(struct doctor *d)
{
	char word[ERR_HINT_MAX - 64], mend[ERR_HINT_MAX];
	struct held_pins h = {.n = 0};
	struct err err = ERR_INIT;
	struct store *s = NULL;
	int rc = d->stateless ? 1 : store_open(&s, d->conf->data_dir, true, &err);

	if (rc == 0)
		rc = store_pin_each(s, count_held, &h, &err);
	store_close(s);
	if (rc != 0 || h.n == 0) /* problems of the folder are reported elsewhere */
		return;
	if (quote_shell(word, sizeof(word), h.first) < 0)
		snprintf(word, sizeof(word), "ADDRESS");
	snprintf(mend, sizeof(mend), "sealpost pins show %s", word);
	doctor_say(d, DOCTOR_WARN, "held keys", mend,
		"%zu pinned address(es) have a different key now, which waits for your decision",
		h.n);
}
