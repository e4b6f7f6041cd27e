/* SPDX-License-Identifier: ISC */
#include "store_util.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/handed.h"
#include "store/sealed.h"

struct shown {
	int n;
	char text[4096];
};

static int see_handed(const struct handed *h, void *arg)
{
	struct shown *s = arg;
	size_t i, len;

	if (s->n++ > 0)
		return 0;
	snprintf(s->text, sizeof(s->text), "%lld %s [%s]", (long long)h->time, h->sender, h->note);
	for (i = 0; i < h->n_rcpt; i++) {
		len = strlen(s->text);
		snprintf(s->text + len, sizeof(s->text) - len, " %s=%d:%s", h->rcpt[i].address,
			h->rcpt[i].how, h->rcpt[i].what);
	}
	return 0;
}

static void each_way_is_kept_as_it_was(void **state)
{
	static const struct {
		const char *name;
		struct handed_rcpt rcpt[2];
		size_t n;
		const char *note, *expected;
	} table[] = {
		{"sealed to one key", {{"a@x.example", HANDED_SEALED, FPR_A}}, 1, "",
			"7 me@x.example [] a@x.example=0:" FPR_A},
		{"sealed to two keys", {{"a@x.example", HANDED_SEALED, FPR_A " " FPR_B}}, 1,
			"unsigned", "7 me@x.example [unsigned] a@x.example=0:" FPR_A " " FPR_B},
		{"split",
			{{"a@x.example", HANDED_SEALED, FPR_A},
				{"b@x.example", HANDED_CLEAR, "none"}},
			2, "", "7 me@x.example [] a@x.example=0:" FPR_A " b@x.example=1:none"},
		{"encrypted already", {{"a@x.example", HANDED_AS_IT_WAS, ""}}, 1, "",
			"7 me@x.example [] a@x.example=2:"},
		{"kept", {{"a@x.example", HANDED_QUEUED, "no answer"}}, 1, "",
			"7 me@x.example [] a@x.example=3:no answer"},
		{"not again", {{"a@x.example", HANDED_BEFORE, ""}}, 1, "",
			"7 me@x.example [] a@x.example=4:"},
	};
	struct store *s = opened(false);
	struct shown seen;
	struct handed h = {.time = 7, .sender = "me@x.example"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		h.rcpt = (struct handed_rcpt *)(uintptr_t)table[i].rcpt;
		h.n_rcpt = table[i].n;
		snprintf(h.note, sizeof(h.note), "%s", table[i].note);
		assert_int_equal(store_handed_add(s, &h, NULL, &err), 0);
		memset(&seen, 0, sizeof(seen));
		assert_int_equal(store_handed_each(s, 5, see_handed, &seen, &err), 0);
		if (strcmp(seen.text, table[i].expected) != 0)
			fail_msg("%s: %s", table[i].name, seen.text);
	}
	store_close(s);
}

static void only_the_last_are_kept(void **state)
{
	struct handed_rcpt r = {"a@x.example", HANDED_SEALED, FPR_A};
	struct handed h = {.rcpt = &r, .n_rcpt = 1};
	struct store *s = opened(false);
	struct shown seen = {0};

	(void)state;
	for (h.time = 1; h.time <= HANDED_KEPT + 20; h.time++)
		assert_int_equal(store_handed_add(s, &h, NULL, &err), 0);
	assert_int_equal(store_handed_each(s, 10000, see_handed, &seen, &err), 0);
	assert_int_equal(seen.n, HANDED_KEPT);
	assert_string_equal(seen.text, "520  [] a@x.example=0:" FPR_A);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_handed_each(s, 3, see_handed, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	store_close(s);
}

static void sealed_is_noted_with_it(void **state)
{
	const uint8_t id[JOURNAL_HASH] = {1}, other[JOURNAL_HASH] = {2};
	struct handed h = {.time = 1000};
	struct store *s = opened(false);

	(void)state;
	assert_int_equal(store_handed_add(s, &h, id, &err), 0);
	assert_int_equal(store_sealed_has(s, id, 1000, &err), 1);
	assert_int_equal(store_sealed_has(s, other, 1000, &err), 0);
	store_close(s);
}

static void nothing_there_shows_nothing(void **state)
{
	struct store *s = opened(true);
	struct shown seen = {0};

	(void)state;
	assert_int_equal(store_handed_each(s, 10, see_handed, &seen, &err), 0);
	assert_int_equal(seen.n, 0);
	store_close(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_folder, teardown_folder)
	const struct CMUnitTest tests[] = {TEST(each_way_is_kept_as_it_was),
		TEST(only_the_last_are_kept), TEST(sealed_is_noted_with_it),
		TEST(nothing_there_shows_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
