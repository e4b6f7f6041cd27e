/* SPDX-License-Identifier: ISC */
#include "verbs/check/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "print/output.h"
#include "print/term.h"
#include "store/watched.h"

#define WORDS_MAX (4 * WATCH_VALUE_MAX) /* of one line */

/* The comparison of a name's stored facts with the present ones; said has room for two lines a
 * fact. */
struct compared {
	struct watch_facts last;
	int64_t asked;
	bool known;
	struct watch_said said[2 * WATCH_ITEMS_MAX];
	size_t n;
};

static void note_said(void *arg, const struct watch_said *s)
{
	struct compared *c = arg;

	if (c->n < sizeof(c->said) / sizeof(c->said[0]))
		c->said[c->n++] = *s;
}

static int compare_kept(struct store *s, const char *name, const struct watch_facts *now,
	int64_t at, struct compared *c, struct err *err)
{
	struct buf text = BUF_INIT(WATCH_TEXT_MAX);
	int rc = store_watched_get(s, name, &c->asked, &text, err);

	c->known = rc > 0;
	watch_read(&c->last, buf_str(&text));
	buf_free(&text);
	if (rc >= 0 && (c->last.failed || now->failed))
		rc = err_set(err, ERR_OS, "out of memory, or too many facts");
	if (rc >= 0)
		watch_compare(&c->last, c->asked, now, at, note_said, c);
	return rc < 0 ? rc : 0;
}

/* A value as it is shown: seconds as a time; of what does not expire, never. */
static void shown_value(
	const char *fact, const char *fact_value, const char *never, char *out, size_t cap)
{
	const bool time = strcmp(fact, watch_fact_name(WATCH_CERT_UNTIL)) == 0 ||
			  strcmp(fact, watch_fact_name(WATCH_KEY_UNTIL)) == 0;
	char when[TEXT_TIME_MAX];

	if (time && strcmp(fact_value, "0") == 0) {
		snprintf(out, cap, "%s", never);
	} else if (time && fact_value[0] != '\0') {
		text_time(when, strtoll(fact_value, NULL, 10));
		snprintf(out, cap, "%s", when);
	} else {
		snprintf(out, cap, "%s", fact_value);
	}
}

/* "NAME: ALARM protection-lost: protection: dane -> none", and what it means. */
static void print_words(
	FILE *f, int at, const char *name, const struct watched_line *l, const char *means)
{
	char before[WATCH_VALUE_MAX + 1], after[WATCH_VALUE_MAX + 1];
	const struct style t = style_of(f);
	struct buf b = BUF_INIT(WORDS_MAX);

	shown_value(l->fact, l->before, "never", before, sizeof(before));
	shown_value(l->fact, l->after, "never", after, sizeof(after));
	(void)buf_addf(&b, "%s: %s%s: %s%s%s: ", name, l->alarm[0] ? "ALARM " : "changed", l->alarm,
		l->fact, l->subject[0] ? " of " : "", l->subject);
	if (before[0] != '\0' && strcmp(before, after) != 0)
		(void)buf_addf(&b, "%s -> ", before);
	(void)buf_adds(&b, after);
	term_text(f, &t, buf_str(&b), at, 2);
	fputc('\n', f);
	if (means[0] != '\0') {
		fputs("  ", f);
		term_text(f, &t, means, 2, 2);
		fputc('\n', f);
	}
	buf_free(&b);
}

static int print_object(FILE *f, const char *name, const struct watched_line *l, const char *means)
{
	char before[WATCH_VALUE_MAX + 1], after[WATCH_VALUE_MAX + 1];
	struct out *o = out_new();

	shown_value(l->fact, l->before, "", before, sizeof(before));
	shown_value(l->fact, l->after, "", after, sizeof(after));
	out_str(o, "name", name);
	out_time(o, "time", l->time);
	out_str(o, "alarm", l->alarm);
	out_str(o, "fact", l->fact);
	out_str(o, "subject", l->subject);
	out_str(o, "before", before);
	out_str(o, "after", after);
	out_str(o, "what", means);
	return out_print(o, f);
}

static struct watched_line line_of(const struct watch_said *s, int64_t at)
{
	const char *alarm = watch_alarm_name(s->alarm);

	return (struct watched_line){at, alarm ? alarm : "", watch_fact_name(s->fact), s->subject,
		s->before ? s->before : "", s->after};
}

/* The words for a key that cannot be verified against a log. */
static const char *means_of(const struct watch_said *s, const struct watch_facts *now)
{
	const struct watch_item *logged = watch_find(now, WATCH_LOGGED, s->subject);

	if (s->alarm == ALARM_NONE && (s->fact == WATCH_TLS_KEY || s->fact == WATCH_ISSUER) &&
		logged && logged->value && strcmp(logged->value, "counted") == 0)
		return "its timestamps of certificate transparency are counted, not verified "
		       "(ct-log-list): whether a log knows it is not known";
	return watch_alarm_means(s->alarm);
}

/* Prints and counts all changes. */
static int print_said(const struct compared *x, const char *name, const struct watch_facts *now,
	int64_t at, bool json, struct changes *c, struct err *err)
{
	size_t i;
	int rc = 0;

	*c = (struct changes){.first = !x->known};
	for (i = 0; rc == 0 && i < x->n; i++) {
		const struct watched_line l = line_of(&x->said[i], at);
		const char *means = means_of(&x->said[i], now);

		c->n_alarm += x->said[i].alarm != ALARM_NONE;
		c->n_changed += x->said[i].alarm == ALARM_NONE;
		if (!json)
			print_words(stdout, 0, name, &l, means);
		else if (print_object(stdout, name, &l, means) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
	}
	if (rc == 0 && out_finish() < 0)
		rc = out_failed(err, ERR_IO);
	return rc;
}

static int keep_facts(struct store *s, const char *name, const struct watch_facts *now, int64_t at,
	const struct compared *x, struct err *err)
{
	struct watched_line *line = calloc(x->n + 1, sizeof(*line));
	struct buf text = BUF_INIT(WATCH_TEXT_MAX);
	struct watch_facts merged = {.n = 0};
	size_t i;
	int rc = 0;

	if (!line || watch_merge(&merged, &x->last, x->asked, now) < 0 ||
		watch_write(&text, &merged) < 0)
		rc = err_set(err, ERR_OS, "out of memory, or too many facts");
	for (i = 0; rc == 0 && i < x->n; i++)
		line[i] = line_of(&x->said[i], at);
	if (rc == 0)
		rc = store_watched_put(s, name, at, buf_str(&text), line, x->n, err);
	watch_free(&merged);
	buf_free(&text);
	free(line);
	return rc;
}

int changes_tell(struct store *s, const char *name, const struct watch_facts *now, int64_t at,
	bool json, struct changes *c, struct err *err)
{
	struct compared *x = calloc(1, sizeof(*x));
	int rc = x ? compare_kept(s, name, now, at, x, err) : err_set(err, ERR_OS, "out of memory");

	if (rc == 0)
		rc = print_said(x, name, now, at, json, c, err);
	if (rc == 0)
		rc = keep_facts(s, name, now, at, x, err);
	if (x)
		watch_free(&x->last);
	free(x);
	return rc;
}

struct history_print {
	const char *name;
	bool json;
};

static int print_past(void *arg, const struct watched_line *l)
{
	const struct history_print *h = arg;
	char when[TEXT_TIME_MAX];

	if (h->json)
		return print_object(stdout, h->name, l, "");
	text_time(when, l->time);
	print_words(stdout, printf("%s  ", when), h->name, l, "");
	return 0;
}

int changes_history(struct store *s, const char *name, bool json, struct err *err)
{
	struct history_print h = {name, json};

	return store_watched_history(s, name, print_past, &h, err);
}
