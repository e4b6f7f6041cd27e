/* SPDX-License-Identifier: ISC */
/* (Last, now) -> what is said, over every fact, row by row; what could not be told says nothing and
 * takes nothing away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/watch.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DAY 86400
#define NOW (20000 * (int64_t)DAY)

static const char *const facts[] = {"protection", "dnssec", "mail-servers", "dane", "mta-sts",
	"tls-reports", "tls-key", "issuer", "logged", "caa", "certificate-from",
	"certificate-until", "served-key", "key-until", "own-key", "asked"};

/* One fact, and beside it others of now, "FACT=VALUE". */
static const struct {
	const char *name;
	enum watch_fact fact;
	const char *last, *now; /* NULL: not there, could not be told */
	enum watch_fact beside;
	const char *beside_value; /* NULL: none */
	const char *want;         /* "": nothing; "changed"; an alarm */
} row[] = {
	{"1 protection stays", WATCH_PROTECTION, "dane", "dane", 0, NULL, ""},
	{"2 protection lost", WATCH_PROTECTION, "dane", "none", 0, NULL, "protection-lost"},
	{"3 protection lost, MTA-STS", WATCH_PROTECTION, "mta-sts", "none", 0, NULL,
		"protection-lost"},
	{"4 protection by another way", WATCH_PROTECTION, "dane", "mta-sts", 0, NULL, "changed"},
	{"5 protection gained", WATCH_PROTECTION, "none", "dane", 0, NULL, "changed"},
	{"6 protection cannot be told", WATCH_PROTECTION, "dane", NULL, 0, NULL, ""},
	{"7 first look", WATCH_PROTECTION, NULL, "none", 0, NULL, ""},
	{"8 zone not signed any more", WATCH_DNSSEC, "secure", "insecure", 0, NULL, "dnssec-lost"},
	{"9 zone bogus", WATCH_DNSSEC, "secure", "bogus", 0, NULL, "dnssec-lost"},
	{"10 zone signed", WATCH_DNSSEC, "insecure", "secure", 0, NULL, "changed"},
	{"11 zone cannot be asked", WATCH_DNSSEC, "secure", NULL, 0, NULL, ""},
	{"12 server taken away", WATCH_MX, "a b", "a", 0, NULL, "mail-servers-changed"},
	{"13 server added", WATCH_MX, "a", "a b", 0, NULL, "mail-servers-changed"},
	{"14 servers stay", WATCH_MX, "a b", "a b", 0, NULL, ""},
	{"15 servers cannot be told", WATCH_MX, "a b", NULL, 0, NULL, ""},
	{"16 DANE of a server lost", WATCH_DANE, "usable", "none", 0, NULL, "dane-lost"},
	{"17 DANE of a server gained", WATCH_DANE, "none", "usable", 0, NULL, "changed"},
	{"18 DANE cannot be told", WATCH_DANE, "usable", NULL, 0, NULL, ""},
	{"19 MTA-STS gone", WATCH_STS, "enforce", "absent", 0, NULL, "mta-sts-lost"},
	{"20 MTA-STS only tested", WATCH_STS, "enforce", "testing", 0, NULL, "mta-sts-lost"},
	{"21 MTA-STS enforced", WATCH_STS, "testing", "enforce", 0, NULL, "changed"},
	{"22 MTA-STS cannot be told", WATCH_STS, "enforce", NULL, 0, NULL, ""},
	{"23 report address gone", WATCH_REPORTS, "mailto:a mailto:b", "mailto:b", 0, NULL,
		"report-address-gone"},
	{"24 report address added", WATCH_REPORTS, "mailto:a", "mailto:a mailto:b", 0, NULL,
		"changed"},
	{"25 no report address any more", WATCH_REPORTS, "mailto:a", "none", 0, NULL,
		"report-address-gone"},
	{"26 first report address", WATCH_REPORTS, "none", "mailto:a", 0, NULL, "changed"},
	{"27 part of a name is not the name", WATCH_REPORTS, "mailto:a", "mailto:ab", 0, NULL,
		"report-address-gone"},
	{"28 reports cannot be told", WATCH_REPORTS, "mailto:a", NULL, 0, NULL, ""},
	{"29 another key, logged", WATCH_TLS_KEY, "11", "22", WATCH_LOGGED, "verified", "changed"},
	{"30 another key, timestamps not verified", WATCH_TLS_KEY, "11", "22", WATCH_LOGGED,
		"counted", "changed"},
	{"31 another key, no timestamp", WATCH_TLS_KEY, "11", "22", WATCH_LOGGED, "none",
		"key-not-logged"},
	{"32 another key, false timestamps", WATCH_TLS_KEY, "11", "22", WATCH_LOGGED, "false",
		"key-not-logged"},
	{"33 another key, nothing known of logs", WATCH_TLS_KEY, "11", "22", 0, NULL,
		"key-not-logged"},
	{"34 the same key", WATCH_TLS_KEY, "11", "11", WATCH_LOGGED, "none", ""},
	{"35 key not seen", WATCH_TLS_KEY, "11", NULL, WATCH_LOGGED, "none", ""},
	{"36 another issuer, not logged", WATCH_ISSUER, "CN=A", "CN=B", WATCH_LOGGED, "none",
		"key-not-logged"},
	{"37 another issuer, logged", WATCH_ISSUER, "CN=A", "CN=B", WATCH_LOGGED, "verified",
		"changed"},
	{"38 log state alone", WATCH_LOGGED, "verified", "none", 0, NULL, ""},
	{"39 CAA begins to forbid", WATCH_CAA, "allows", "forbids", 0, NULL, "caa-contradicts"},
	{"40 CAA forbids at the first look", WATCH_CAA, NULL, "forbids", 0, NULL,
		"caa-contradicts"},
	{"41 CAA still forbids", WATCH_CAA, "forbids", "forbids", 0, NULL, ""},
	{"42 CAA allows again", WATCH_CAA, "forbids", "allows", 0, NULL, ""},
	{"43 CAA cannot be told", WATCH_CAA, "allows", NULL, 0, NULL, ""},
	{"44 another key served, not an own address", WATCH_SERVED_KEY, "AA", "BB", 0, NULL,
		"changed"},
	{"45 the own key served", WATCH_SERVED_KEY, NULL, "AA", WATCH_OWN_KEY, "AA", ""},
	{"46 another key than the own one, at once", WATCH_SERVED_KEY, NULL, "BB", WATCH_OWN_KEY,
		"AA", "wrong-key-served"},
	{"47 another key than the own one, now", WATCH_SERVED_KEY, "AA", "BB", WATCH_OWN_KEY, "AA",
		"wrong-key-served"},
	{"48 what is served cannot be read", WATCH_SERVED_KEY, "AA", "unusable", WATCH_OWN_KEY,
		"AA", "changed"},
	{"49 own key not served any more", WATCH_SERVED_KEY, "AA", "none", WATCH_OWN_KEY, "AA",
		"changed"},
	{"50 served key cannot be told", WATCH_SERVED_KEY, "AA", NULL, WATCH_OWN_KEY, "AA", ""},
	{"51 own key alone", WATCH_OWN_KEY, "AA", "BB", 0, NULL, ""},
	{"52 certificate's beginning alone", WATCH_CERT_FROM, "1", "2", 0, NULL, ""},
	{"53 a key without an end", WATCH_KEY_UNTIL, NULL, "0", 0, NULL, ""},
	{"54 a certificate whose beginning is not known", WATCH_CERT_UNTIL, NULL, "1728864000", 0,
		NULL, "certificate-expires"},
	{"55 one that ends before it begins", WATCH_CERT_UNTIL, NULL, "1728864000", WATCH_CERT_FROM,
		"1728864001", "certificate-expires"},
	{"56 a certificate renewed", WATCH_CERT_UNTIL, "1728864000", "1800000000", 0, NULL, ""},
	{"57 a key extended", WATCH_KEY_UNTIL, "1728864000", "1800000000", 0, NULL, ""},
	{"58 when dates were asked for", WATCH_ASKED, "1", "2", 0, NULL, ""},
};

struct told {
	char text[2000];
	size_t n;
};

static void note(void *arg, const struct watch_said *s)
{
	struct told *t = arg;
	const char *alarm = watch_alarm_name(s->alarm);

	snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text), "%s%s",
		t->n ? " " : "", alarm ? alarm : "changed");
	t->n++;
}

static void every_fact(void **state)
{
	bool seen[WATCH_FACTS] = {false};
	size_t i;

	(void)state;
	for (i = 0; i < N(row); i++) {
		struct watch_facts last = {.n = 0}, now = {.n = 0};
		struct told t = {.n = 0};

		seen[row[i].fact] = true;
		watch_add(&last, WATCH_CERT_UNTIL, "other", "99999999999");
		if (row[i].last)
			watch_add(&last, row[i].fact, "s", row[i].last);
		watch_add(&now, row[i].fact, "s", row[i].now);
		if (row[i].beside_value)
			watch_add(&now, row[i].beside, "s", row[i].beside_value);
		watch_compare(&last, NOW - DAY, &now, NOW, note, &t);
		if (strcmp(t.text, row[i].want) != 0)
			fail_msg("%s: said \"%s\"", row[i].name, t.text);
		watch_free(&last);
		watch_free(&now);
	}
	for (i = 0; i < WATCH_FACTS; i++) {
		assert_string_equal(watch_fact_name((enum watch_fact)i), facts[i]);
		if (i != WATCH_CERT_UNTIL && i != WATCH_KEY_UNTIL)
			assert_true(seen[i]);
	}
}

/* Days from now: beginning and end of a certificate, and when it was last looked at. */
static const struct {
	const char *name;
	enum watch_fact fact;
	int from, until, asked;
	bool known, want;
} times[] = {
	{"1 far", WATCH_CERT_UNTIL, -30, 60, -1, true, false},
	{"2 thirty days", WATCH_CERT_UNTIL, -335, 30, -1, true, true},
	{"3 told already", WATCH_CERT_UNTIL, -336, 29, -1, true, false},
	{"4 expired since", WATCH_CERT_UNTIL, -365, 0, -1, true, true},
	{"5 expired, told already", WATCH_CERT_UNTIL, -400, -2, -1, true, false},
	{"6 short-lived: told when its third began", WATCH_CERT_UNTIL, -4, 2, 0, true, false},
	{"7 short-lived: a third has begun", WATCH_CERT_UNTIL, -4, 2, -1, false, true},
	{"8 short-lived, fresh", WATCH_CERT_UNTIL, 0, 6, -1, false, false},
	{"9 ninety days, a third", WATCH_CERT_UNTIL, -60, 30, -1, true, true},
	{"10 first look at an old one", WATCH_CERT_UNTIL, -350, 10, 0, false, true},
	{"11 key far", WATCH_KEY_UNTIL, 0, 31, -1, true, false},
	{"12 key near", WATCH_KEY_UNTIL, 0, 30, -1, true, true},
	{"13 key near, after a pause", WATCH_KEY_UNTIL, 0, 10, -100, true, true},
	{"14 told when the clock was years ahead", WATCH_CERT_UNTIL, -345, 20, 4000, true, true},
	{"15 far, looked at when the clock was years ahead", WATCH_CERT_UNTIL, -5, 360, 4000, true,
		false},
	{"16 told when the clock was hours ahead", WATCH_KEY_UNTIL, 0, 10, 0, true, false},
};

static void add_time(struct watch_facts *f, enum watch_fact fact, int64_t t)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)t);
	watch_add(f, fact, "s", text);
}

static void what_expires_is_told_once(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(times); i++) {
		struct watch_facts last = {.n = 0}, now = {.n = 0};
		struct told t = {.n = 0};

		if (times[i].fact == WATCH_CERT_UNTIL)
			add_time(&now, WATCH_CERT_FROM, NOW + times[i].from * (int64_t)DAY);
		add_time(&now, times[i].fact, NOW + times[i].until * (int64_t)DAY);
		if (times[i].known)
			add_time(&last, times[i].fact, NOW + times[i].until * (int64_t)DAY);
		watch_compare(&last, NOW + times[i].asked * (int64_t)DAY + 1, &now, NOW, note, &t);
		if ((t.n == 1) != times[i].want)
			fail_msg("%s: %s", times[i].name, t.text);
		watch_free(&last);
		watch_free(&now);
	}
}

/* dane, then nothing could be told, then none: lost. */
static void a_failure_takes_nothing_away(void **state)
{
	struct watch_facts first = {.n = 0}, failed = {.n = 0}, gone = {.n = 0}, kept, again;
	struct buf text = BUF_INIT(WATCH_TEXT_MAX);
	struct told t = {.n = 0};

	(void)state;
	watch_add(&first, WATCH_PROTECTION, "", "dane");
	watch_add(&first, WATCH_MX, "", "a b");
	watch_add(&first, WATCH_DANE, "a", "usable");
	watch_add(&first, WATCH_DANE, "b", "usable");
	watch_add(&failed, WATCH_PROTECTION, "", NULL);
	watch_add(&failed, WATCH_MX, "", NULL);
	watch_compare(&first, NOW, &failed, NOW, note, &t);
	assert_int_equal(t.n, 0);
	assert_int_equal(watch_merge(&kept, &first, NOW, &failed), 0);
	assert_int_equal(watch_write(&text, &kept), 0);
	watch_read(&again, buf_str(&text));
	assert_int_equal(again.n, 4);
	watch_add(&gone, WATCH_PROTECTION, "", "none");
	watch_add(&gone, WATCH_MX, "", "a");
	watch_add(&gone, WATCH_DANE, "a", "none");
	watch_compare(&again, NOW, &gone, NOW, note, &t);
	assert_string_equal(t.text, "protection-lost mail-servers-changed dane-lost");
	watch_free(&kept);
	assert_int_equal(watch_merge(&kept, &again, NOW, &gone), 0);
	assert_null(watch_find(&kept, WATCH_DANE, "b"));
	watch_free(&kept);
	watch_free(&first);
	watch_free(&failed);
	watch_free(&gone);
	watch_free(&again);
	buf_free(&text);
}

/* What is asked for and not told of a host that still is a mail server stays as it was. */
static void a_server_without_an_answer_keeps_its_facts(void **state)
{
	struct watch_facts last = {.n = 0}, now = {.n = 0}, kept;

	(void)state;
	watch_add(&last, WATCH_DANE, "a", "usable");
	watch_add(&now, WATCH_MX, "", "a");
	assert_int_equal(watch_merge(&kept, &last, NOW, &now), 0);
	assert_non_null(watch_find(&kept, WATCH_DANE, "a"));
	watch_free(&kept);
	watch_free(&last);
	watch_free(&now);
}

/* What is served for an own address and the own key, three times; NULL: not known. */
static const struct {
	const char *name;
	const char *served[3], *own[3];
	const char *want; /* what the last two say */
} pairs[] = {
	{"1 the own key, always", {"AA", "AA", "AA"}, {"AA", "AA", "AA"}, ""},
	{"2 another key, told once", {"AA", "BB", "BB"}, {"AA", "AA", "AA"}, "wrong-key-served"},
	{"3 still the old key, the own one is new", {"AA", "AA", "AA"}, {"AA", "BB", "BB"},
		"wrong-key-served"},
	{"4 both are new", {"AA", "BB", "BB"}, {"AA", "BB", "BB"}, "changed"},
	{"5 a new own key while nothing can be told", {"AA", NULL, "AA"}, {"AA", "BB", "BB"},
		"wrong-key-served"},
	{"6 another key, after a time when nothing could be told", {"AA", NULL, "BB"},
		{"AA", "AA", "AA"}, "wrong-key-served"},
	{"7 the same wrong key, likewise", {"BB", NULL, "BB"}, {"AA", "AA", "AA"}, ""},
	{"8 becomes an own address", {"AA", "AA", "AA"}, {NULL, "BB", "BB"}, "wrong-key-served"},
	{"9 is no own address any more", {"BB", "BB", "BB"}, {"AA", NULL, NULL}, ""},
};

static void own_keys(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < N(pairs); i++) {
		struct watch_facts last = {.n = 0}, kept;
		struct told t = {.n = 0};

		for (k = 0; k < 3; k++) {
			struct watch_facts now = {.n = 0};

			watch_add(&now, WATCH_SERVED_KEY, "s", pairs[i].served[k]);
			if (pairs[i].own[k])
				watch_add(&now, WATCH_OWN_KEY, "s", pairs[i].own[k]);
			if (k > 0)
				watch_compare(&last, NOW, &now, NOW, note, &t);
			assert_int_equal(watch_merge(&kept, &last, NOW, &now), 0);
			watch_free(&last);
			watch_free(&now);
			last = kept;
		}
		watch_free(&last);
		if (strcmp(t.text, pairs[i].want) != 0)
			fail_msg("%s: said \"%s\"", pairs[i].name, t.text);
	}
}

/* The host was there 31 days before the end, not 29 and 28 days before it, and again 27 days
 * before. */
static void expires_unseen(enum watch_fact until, const char *alarm)
{
	static const struct {
		int days;
		bool there;
		bool told;
	} look[] = {{31, true, false}, {29, false, false}, {28, false, false}, {27, true, true},
		{26, true, false}, {25, false, false}, {24, true, false}};
	struct watch_facts last = {.n = 0}, kept;
	size_t i;

	for (i = 0; i < N(look); i++) {
		struct watch_facts now = {.n = 0};
		struct told t = {.n = 0};
		const int64_t at = NOW - look[i].days * (int64_t)DAY;
		const int64_t asked = i ? NOW - look[i - 1].days * (int64_t)DAY : 0;

		watch_add(&now, WATCH_PROTECTION, "", "dane");
		if (look[i].there) {
			if (until == WATCH_CERT_UNTIL)
				add_time(&now, WATCH_CERT_FROM, NOW - 365 * (int64_t)DAY);
			add_time(&now, until, NOW);
		}
		watch_compare(&last, asked, &now, at, note, &t);
		if (strcmp(t.text, look[i].told ? alarm : "") != 0)
			fail_msg("%s, %d days before: said \"%s\"", alarm, look[i].days, t.text);
		assert_int_equal(watch_merge(&kept, &last, asked, &now), 0);
		assert_int_equal(watch_find(&kept, WATCH_ASKED, "s") != NULL, !look[i].there);
		watch_free(&last);
		watch_free(&now);
		last = kept;
	}
	watch_free(&last);
}

static void what_expires_while_nobody_answers_is_told(void **state)
{
	(void)state;
	expires_unseen(WATCH_CERT_UNTIL, "certificate-expires");
	expires_unseen(WATCH_KEY_UNTIL, "key-expires");
}

/* A domain that shows another host each time does not end the watch over it. */
static void past_hosts_do_not_fill_it_up(void **state)
{
	struct watch_facts last = {.n = 0}, kept;
	char host[32];
	int i;

	(void)state;
	for (i = 0; i < WATCH_ITEMS_MAX; i++) {
		struct watch_facts now = {.n = 0};

		snprintf(host, sizeof(host), "%d.example", i);
		watch_add(&now, WATCH_PROTECTION, "", "dane");
		watch_add(&now, WATCH_TLS_KEY, host, "11");
		watch_add(&now, WATCH_CERT_UNTIL, host, "1728864000");
		assert_int_equal(watch_merge(&kept, &last, NOW, &now), 0);
		assert_non_null(watch_find(&kept, WATCH_PROTECTION, ""));
		assert_non_null(watch_find(&kept, WATCH_TLS_KEY, host));
		watch_free(&last);
		watch_free(&now);
		last = kept;
	}
	watch_free(&last);
}

static void a_fact_that_is_not_known_makes_it_incomplete(void **state)
{
	struct watch_facts f = {.n = 0};

	(void)state;
	watch_add(&f, WATCH_PROTECTION, "", "dane");
	watch_add(&f, WATCH_CAA, "s", NULL);
	assert_false(watch_incomplete(&f));
	watch_add(&f, WATCH_REPORTS, "", NULL);
	assert_true(watch_incomplete(&f));
	watch_free(&f);
}

static void each_fact_stands_once(void **state)
{
	struct watch_facts f = {.n = 0};
	struct buf text = BUF_INIT(WATCH_TEXT_MAX), small = BUF_INIT(4);

	(void)state;
	watch_add(&f, WATCH_PROTECTION, "", "dane");
	watch_add(&f, WATCH_PROTECTION, "", "no\177ne");
	watch_add(&f, WATCH_MX, "", NULL);
	assert_int_equal(f.n, 2);
	assert_int_equal(watch_write(&small, &f), -1);
	assert_int_equal(watch_write(&text, &f), 0);
	assert_string_equal(buf_str(&text), "protection\t\tno?ne\n");
	watch_free(&f);
	buf_free(&text);
	buf_free(&small);
}

static int copies_left = -1; /* before strndup finds no memory; -1: it always does */

char *strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = copies_left == 0 ? NULL : malloc(len + 1);

	if (copies_left > 0)
		copies_left--;
	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

static void without_memory_nothing_is_kept(void **state)
{
	static const struct {
		const char *name, *value;
		int copies;
		bool failed;
	} none[] = {
		{"no subject", "dane", 0, true},
		{"no value", "dane", 1, true},
		{"enough", "dane", 2, false},
		{"no value is asked for", NULL, 1, false},
	};
	struct watch_facts last = {.n = 0}, now = {.n = 0}, kept;
	size_t i;

	(void)state;
	for (i = 0; i < N(none); i++) {
		struct watch_facts f = {.n = 0};

		copies_left = none[i].copies;
		watch_add(&f, WATCH_PROTECTION, "", none[i].value);
		copies_left = -1;
		if (f.failed != none[i].failed || f.n != !none[i].failed)
			fail_msg("%s", none[i].name);
		watch_free(&f);
	}
	watch_add(&last, WATCH_PROTECTION, "", "dane");
	copies_left = 0;
	assert_int_equal(watch_merge(&kept, &last, NOW, &now), -1);
	copies_left = -1;
	watch_free(&kept);
	watch_free(&last);
}

static void hostile_text_stays_in_its_line(void **state)
{
	struct watch_facts f = {.n = 0}, g;
	struct buf text = BUF_INIT(WATCH_TEXT_MAX);
	char subject[16];
	int i;

	(void)state;
	watch_add(&f, WATCH_ISSUER, "h\tx", "CN=a\nprotection\t\tnone");
	assert_int_equal(watch_write(&text, &f), 0);
	watch_read(&g, buf_str(&text));
	assert_int_equal(g.n, 1);
	assert_string_equal(g.v[0].subject, "h?x");
	watch_free(&g);
	for (i = 0; i < WATCH_ITEMS_MAX + 1; i++) {
		snprintf(subject, sizeof(subject), "%d", i);
		watch_add(&f, WATCH_DANE, subject, "usable");
	}
	assert_true(f.failed);
	watch_free(&f);
	watch_read(&f, "nonsense\nprotection\nprotection\t\tdane\nx\ty\tz\n\n");
	assert_int_equal(f.n, 1);
	watch_free(&f);
	buf_free(&text);
}

static void every_alarm_has_words(void **state)
{
	int a;

	(void)state;
	for (a = ALARM_NONE + 1; a <= ALARM_WRONG_KEY; a++) {
		assert_non_null(watch_alarm_name((enum watch_alarm)a));
		assert_true(watch_alarm_means((enum watch_alarm)a)[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_fact),
		cmocka_unit_test(what_expires_is_told_once),
		cmocka_unit_test(a_failure_takes_nothing_away),
		cmocka_unit_test(a_server_without_an_answer_keeps_its_facts),
		cmocka_unit_test(own_keys),
		cmocka_unit_test(what_expires_while_nobody_answers_is_told),
		cmocka_unit_test(past_hosts_do_not_fill_it_up),
		cmocka_unit_test(a_fact_that_is_not_known_makes_it_incomplete),
		cmocka_unit_test(each_fact_stands_once),
		cmocka_unit_test(without_memory_nothing_is_kept),
		cmocka_unit_test(hostile_text_stays_in_its_line),
		cmocka_unit_test(every_alarm_has_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
