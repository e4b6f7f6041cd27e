/* SPDX-License-Identifier: ISC */
#include "decide/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS 86400
#define SOON (30 * DAYS)

static const char *const fact_name[] = {[WATCH_PROTECTION] = "protection",
	[WATCH_DNSSEC] = "dnssec",
	[WATCH_MX] = "mail-servers",
	[WATCH_DANE] = "dane",
	[WATCH_STS] = "mta-sts",
	[WATCH_REPORTS] = "tls-reports",
	[WATCH_TLS_KEY] = "tls-key",
	[WATCH_ISSUER] = "issuer",
	[WATCH_LOGGED] = "logged",
	[WATCH_CAA] = "caa",
	[WATCH_CERT_FROM] = "certificate-from",
	[WATCH_CERT_UNTIL] = "certificate-until",
	[WATCH_SERVED_KEY] = "served-key",
	[WATCH_KEY_UNTIL] = "key-until",
	[WATCH_OWN_KEY] = "own-key",
	[WATCH_ASKED] = "asked"};
_Static_assert(sizeof(fact_name) / sizeof(fact_name[0]) == WATCH_FACTS, "a name for each");

const char *watch_fact_name(enum watch_fact f)
{
	return fact_name[f];
}

static const struct {
	const char *name, *means;
} alarm_words[] = {
	[ALARM_NONE] = {NULL, ""},
	[ALARM_PROTECTION_LOST] = {"protection-lost",
		"nothing binds senders to TLS any more: anybody on the path can read this mail"},
	[ALARM_DNSSEC_LOST] = {"dnssec-lost", "the zone is not validly signed any more: DANE and "
					      "the absence of keys can be forged"},
	[ALARM_DANE_LOST] = {"dane-lost",
		"this mail server's TLSA records do not bind senders any more"},
	[ALARM_STS_LOST] = {"mta-sts-lost",
		"the MTA-STS policy is not enforced any more, for senders that do not have it yet"},
	[ALARM_MX_CHANGED] = {"mail-servers-changed",
		"mail goes to other servers than before; did the owner change that?"},
	[ALARM_REPORTS_GONE] = {"report-address-gone",
		"an address no longer gets reports of TLS failures"},
	[ALARM_KEY_NOT_LOGGED] = {"key-not-logged", "the host shows another key or issuer, and no "
						    "log of certificate transparency vouches "
						    "for the certificate"},
	[ALARM_CAA_FORBIDS] = {"caa-contradicts",
		"CAA forbids every authority to issue the certificate that the host shows"},
	[ALARM_CERT_EXPIRES] = {"certificate-expires", "renew the certificate"},
	[ALARM_KEY_EXPIRES] = {"key-expires", "extend the key and publish it again"},
	[ALARM_WRONG_KEY] = {"wrong-key-served", "a key other than your own is published for "
						 "this address: whoever put it there "
						 "can read mail to you"},
};
_Static_assert(sizeof(alarm_words) / sizeof(alarm_words[0]) == ALARM_WRONG_KEY + 1, "for each");

const char *watch_alarm_name(enum watch_alarm a)
{
	return alarm_words[a].name;
}

const char *watch_alarm_means(enum watch_alarm a)
{
	return alarm_words[a].means;
}

/* -1, 0, 1 as for strcmp. */
static int item_order(const struct watch_item *i, enum watch_fact fact, const char *subject)
{
	return i->fact != fact ? (i->fact < fact ? -1 : 1) : strcmp(i->subject, subject);
}

/* Where it is, or would be. */
static size_t item_place(const struct watch_facts *f, enum watch_fact fact, const char *subject)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (item_order(&f->v[mid], fact, subject) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct watch_item *watch_find(
	const struct watch_facts *f, enum watch_fact fact, const char *subject)
{
	size_t i = item_place(f, fact, subject);

	return i < f->n && item_order(&f->v[i], fact, subject) == 0 ? &f->v[i] : NULL;
}

static char *clean_copy(const char *s)
{
	char *copy = strndup(s, WATCH_VALUE_MAX), *p;

	for (p = copy; p && *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	return copy;
}

void watch_add(struct watch_facts *f, enum watch_fact fact, const char *subject, const char *value)
{
	char *name = clean_copy(subject), *text = value ? clean_copy(value) : NULL;
	struct watch_item *grown;
	size_t i;

	if (!name || (value && !text))
		goto failed;
	i = item_place(f, fact, name);
	if (i < f->n && item_order(&f->v[i], fact, name) == 0) {
		free(name);
		free(f->v[i].value);
		f->v[i].value = text;
		return;
	}
	grown = f->n < WATCH_ITEMS_MAX ? reallocarray(f->v, f->n + 1, sizeof(*f->v)) : NULL;
	if (!grown)
		goto failed;
	f->v = grown;
	memmove(&f->v[i + 1], &f->v[i], (f->n - i) * sizeof(*f->v));
	f->v[i] = (struct watch_item){fact, name, text};
	f->n++;
	return;
failed:
	free(name);
	free(text);
	f->failed = true;
}

void watch_free(struct watch_facts *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].subject);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct watch_facts){.n = 0};
}

int watch_write(struct buf *out, const struct watch_facts *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < f->n && rc == 0; i++) {
		if (f->v[i].value)
			rc = buf_addf(out, "%s\t%s\t%s\n", fact_name[f->v[i].fact], f->v[i].subject,
				f->v[i].value);
	}
	return rc;
}

/* One line, without its end. */
static void read_fact(struct watch_facts *f, char *line)
{
	char *subject = strchr(line, '\t'), *value = subject ? strchr(subject + 1, '\t') : NULL;
	int k;

	if (!value)
		return;
	*subject++ = '\0';
	*value++ = '\0';
	for (k = 0; k < WATCH_FACTS; k++) {
		if (strcmp(fact_name[k], line) == 0)
			watch_add(f, (enum watch_fact)k, subject, value);
	}
}

void watch_read(struct watch_facts *f, const char *text)
{
	char *copy = strdup(text), *p = copy, *line;

	*f = (struct watch_facts){.failed = !copy};
	while ((line = strsep(&p, "\n")))
		read_fact(f, line);
	free(copy);
}

static const char *value_in(const struct watch_facts *f, enum watch_fact fact, const char *subject)
{
	const struct watch_item *i = watch_find(f, fact, subject);

	return i ? i->value : NULL;
}

/* Whether the list, with blanks between, holds the word of len bytes. */
static bool holds_word(const char *list, const char *word, size_t len)
{
	size_t n;

	for (; *list; list += n, list += strspn(list, " ")) {
		n = strcspn(list, " ");
		if (n == len && strncmp(list, word, len) == 0)
			return true;
	}
	return false;
}

/* Whether a word of a is not in b. */
static bool any_gone(const char *a, const char *b)
{
	size_t n;

	for (; *a; a += n, a += strspn(a, " ")) {
		n = strcspn(a, " ");
		if (!holds_word(b, a, n))
			return true;
	}
	return false;
}

static bool is_word(const char *value, const char *word)
{
	return strcmp(value, word) == 0;
}

/* Of a served key: that one is served, and can be read. */
static bool is_fingerprint(const char *value)
{
	return !is_word(value, "none") && !is_word(value, "unusable");
}

/* A key or issuer that is another. What logs vouch for is changed, and what was not verified is not
 * called safe: that is in what is said of it. */
static enum watch_alarm judge_key(const struct watch_facts *now, const char *subject)
{
	const char *logged = value_in(now, WATCH_LOGGED, subject);

	return logged && (is_word(logged, "verified") || is_word(logged, "counted"))
		       ? ALARM_NONE
		       : ALARM_KEY_NOT_LOGGED;
}

/* Of a fact that is another one than before. */
static enum watch_alarm judge_change(
	const struct watch_item *i, const char *before, const struct watch_facts *now)
{
	switch (i->fact) {
	case WATCH_PROTECTION:
		return is_word(i->value, "none") ? ALARM_PROTECTION_LOST : ALARM_NONE;
	case WATCH_DNSSEC:
		return is_word(before, "secure") ? ALARM_DNSSEC_LOST : ALARM_NONE;
	case WATCH_MX:
		return ALARM_MX_CHANGED;
	case WATCH_DANE:
		return is_word(before, "usable") ? ALARM_DANE_LOST : ALARM_NONE;
	case WATCH_STS:
		return is_word(before, "enforce") ? ALARM_STS_LOST : ALARM_NONE;
	case WATCH_REPORTS:
		return !is_word(before, "none") && any_gone(before, i->value) ? ALARM_REPORTS_GONE
									      : ALARM_NONE;
	case WATCH_TLS_KEY:
	case WATCH_ISSUER:
		return judge_key(now, i->subject);
	default:
		return ALARM_NONE;
	}
}

/* Facts whose change alone says nothing. */
static bool is_silent(enum watch_fact f)
{
	return f == WATCH_LOGGED || f == WATCH_CERT_FROM || f == WATCH_CERT_UNTIL ||
	       f == WATCH_KEY_UNTIL || f == WATCH_OWN_KEY || f == WATCH_CAA || f == WATCH_ASKED;
}

/* Whether one of the moments came between the two looks. Another date begins anew: last is then
 * before all. */
static bool time_has_come(int64_t until, int64_t warn, int64_t last, int64_t now)
{
	return (now >= until - warn && last < until - warn) || (now >= until && last < until);
}

static enum watch_alarm judge_time(const struct watch_item *i, const struct watch_facts *last,
	int64_t asked, const struct watch_facts *now, int64_t now_at)
{
	const char *before = value_in(last, i->fact, i->subject);
	const char *from = value_in(now, WATCH_CERT_FROM, i->subject);
	const char *earlier = value_in(last, WATCH_ASKED, i->subject);
	int64_t until = strtoll(i->value, NULL, 10), life, warn = SOON;

	if (until == 0)
		return ALARM_NONE;
	if (i->fact == WATCH_CERT_UNTIL && from) {
		life = until - strtoll(from, NULL, 10);
		warn = life > 0 && life / 3 < SOON ? life / 3 : SOON;
	}
	if (!before || strcmp(before, i->value) != 0)
		asked = INT64_MIN;
	else if (earlier)
		asked = strtoll(earlier, NULL, 10);
	/* The clock was wrong then, and what was told of it: it is told again. */
	if (asked > now_at + DAYS)
		asked = INT64_MIN;
	if (!time_has_come(until, warn, asked, now_at))
		return ALARM_NONE;
	return i->fact == WATCH_CERT_UNTIL ? ALARM_CERT_EXPIRES : ALARM_KEY_EXPIRES;
}

/* Another key than the own one is served, and it was not so before, of these two. */
static enum watch_alarm judge_served(const struct watch_item *i, const struct watch_facts *last,
	const struct watch_facts *now, bool same)
{
	const char *own = value_in(now, WATCH_OWN_KEY, i->subject);
	const char *own_before = value_in(last, WATCH_OWN_KEY, i->subject);

	if (!own || !is_fingerprint(i->value) || is_word(own, i->value))
		return ALARM_NONE;
	return same && own_before && is_word(own_before, own) ? ALARM_NONE : ALARM_WRONG_KEY;
}

/* What holds whatever was before, and is said when it begins. */
static enum watch_alarm judge_alone(const struct watch_item *i, const struct watch_facts *last,
	int64_t asked, const struct watch_facts *now, int64_t now_at)
{
	const char *before = value_in(last, i->fact, i->subject);
	bool same = before && strcmp(before, i->value) == 0;

	switch (i->fact) {
	case WATCH_CERT_UNTIL:
	case WATCH_KEY_UNTIL:
		return judge_time(i, last, asked, now, now_at);
	case WATCH_CAA:
		return !same && is_word(i->value, "forbids") ? ALARM_CAA_FORBIDS : ALARM_NONE;
	case WATCH_SERVED_KEY:
		return judge_served(i, last, now, same);
	default:
		return ALARM_NONE;
	}
}

void watch_compare(const struct watch_facts *last, int64_t asked, const struct watch_facts *now,
	int64_t now_at, void (*say)(void *arg, const struct watch_said *s), void *arg)
{
	size_t k;

	for (k = 0; k < now->n; k++) {
		const struct watch_item *i = &now->v[k];
		struct watch_said s = {.fact = i->fact, .subject = i->subject, .after = i->value};
		bool changed;

		if (!i->value)
			continue;
		s.before = value_in(last, i->fact, i->subject);
		changed = s.before && strcmp(s.before, i->value) != 0 && !is_silent(i->fact);
		s.alarm = judge_alone(i, last, asked, now, now_at);
		if (s.alarm == ALARM_NONE && changed)
			s.alarm = judge_change(i, s.before, now);
		if (changed || s.alarm != ALARM_NONE)
			say(arg, &s);
	}
}

/* A host that is not among the mail servers any more has no facts. */
static bool is_past(const struct watch_item *i, const struct watch_facts *now)
{
	const char *mx = value_in(now, WATCH_MX, "");

	return i->fact == WATCH_DANE && mx && !holds_word(mx, i->subject, strlen(i->subject));
}

/* What an own key means is judged together with the served one: it waits for that. */
static bool has_to_wait(
	const struct watch_item *i, const struct watch_facts *last, const struct watch_facts *now)
{
	return i->fact == WATCH_OWN_KEY && value_in(last, WATCH_SERVED_KEY, i->subject) &&
	       value_in(last, WATCH_OWN_KEY, i->subject) &&
	       !value_in(now, WATCH_SERVED_KEY, i->subject);
}

/* A date that is not known now: what came to pass since it was known has not been told. */
static void keep_asked(struct watch_facts *out, const struct watch_item *i, int64_t asked)
{
	char text[32];

	if ((i->fact != WATCH_CERT_UNTIL && i->fact != WATCH_KEY_UNTIL) ||
		watch_find(out, WATCH_ASKED, i->subject))
		return;
	snprintf(text, sizeof(text), "%" PRId64, asked);
	watch_add(out, WATCH_ASKED, i->subject, text);
}

/* Whether a fact of last that is unknown now stays. */
static bool outlasts(
	const struct watch_item *i, const struct watch_facts *out, const struct watch_facts *now)
{
	if (i->fact == WATCH_ASKED)
		return !value_in(now, WATCH_CERT_UNTIL, i->subject) &&
		       !value_in(now, WATCH_KEY_UNTIL, i->subject);
	return !watch_find(out, i->fact, i->subject) && !is_past(i, now);
}

int watch_merge(struct watch_facts *out, const struct watch_facts *last, int64_t asked,
	const struct watch_facts *now)
{
	size_t k;

	*out = (struct watch_facts){.n = 0};
	for (k = 0; k < now->n; k++) {
		if (now->v[k].value && !has_to_wait(&now->v[k], last, now))
			watch_add(out, now->v[k].fact, now->v[k].subject, now->v[k].value);
	}
	/* The last first: when dates were asked for stands behind them, and is taken over. */
	for (k = last->n; k-- > 0;) {
		/* Whoever shows another host each time makes room for nothing but that. */
		if (!outlasts(&last->v[k], out, now) || out->n >= WATCH_ITEMS_MAX - 1)
			continue;
		watch_add(out, last->v[k].fact, last->v[k].subject, last->v[k].value);
		keep_asked(out, &last->v[k], asked);
	}
	return out->failed ? -1 : 0;
}

bool watch_incomplete(const struct watch_facts *f)
{
	size_t k;

	for (k = 0; k < f->n; k++) {
		if (!f->v[k].value && f->v[k].fact != WATCH_CAA)
			return true;
	}
	return false;
}
