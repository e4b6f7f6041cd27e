/* SPDX-License-Identifier: ISC */
/* Lines of an enforced policy for mail servers that were in DNS: which of them stay, and how long,
 * also where only a "*." was for them. */
#include "publish_util.h"

#include "verbs/publish/mx.h"

#define HOUR 3600
#define MAX_MX 3

/* One run: what DNS, the live policy and FILE name, and which lines stay beside FILE's. */
static const struct {
	int number;
	const char *what;
	int64_t at; /* after NOW; first of a story: 0 */
	const char *live[MAX_MX], *policy[MAX_MX], *file[MAX_MX], *kept[MAX_MX];
} runs[] = {
	{1, "a host by the *. of the policy", 0, {"a.example", "b.example"}, {"*.example"},
		{"*.example"}, {NULL}},
	{2, "it leaves DNS, and the *. goes: a line of its own", 10, {"a.example"}, {"*.example"},
		{"a.example"}, {"b.example"}},
	{3, "that one is live, the MX's TTL runs since it was first seen gone", HOUR + 8,
		{"a.example"}, {"a.example", "b.example"}, {"a.example"}, {"b.example"}},
	{4, "the TTL is over", HOUR + 9, {"a.example"}, {"a.example", "b.example"}, {"a.example"},
		{NULL}},
	{5, "and it is known no more", HOUR + 10, {"a.example"}, {"*.example"}, {"a.example"},
		{NULL}},
	{6, "two by a *., of which one goes", 0, {"a.example", "b.example"}, {"*.example"},
		{"*.example"}, {NULL}},
	{7, "it is back", 10, {"a.example", "b.example"}, {"*.example"}, {"a.example"},
		{"b.example"}},
	{8, "FILE names it", 20, {"a.example"}, {"*.example"}, {"a.example", "b.example"}, {NULL}},
	{9, "FILE names it by a *.", 30, {"a.example"}, {"*.example"}, {"*.example"}, {NULL}},
	{10, "FILE names none: those in DNS are meant", 40, {"a.example"}, {"*.example"}, {NULL},
		{"b.example"}},
	{11, "a *. that is for others only", 0, {"a.example", "x.y.example"},
		{"*.example", "x.y.example"}, {"*.example", "x.y.example"}, {NULL}},
	{12, "the host of another line leaves", 10, {"a.example"}, {"*.example", "x.y.example"},
		{"*.example"}, {"x.y.example"}},
	{13, "whose line was not served", 20, {"a.example"}, {"*.example"}, {"*.example"}, {NULL}},
};

static size_t count_names(const char *const *v)
{
	size_t n;

	for (n = 0; n < MAX_MX && v[n]; n++)
		;
	return n;
}

static void each_run(void **state)
{
	struct check_mx mx[MAX_MX];
	struct look look = {.domain = &domain, .mx_ttl = HOUR, .sts_ttl = HOUR};
	struct step_list steps = {.n = 0};
	struct mx_kept kept;
	size_t i, k;

	domain.sts = PUBLISH_STS_ENFORCE;
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		print_message("%d %s\n", runs[i].number, runs[i].what);
		if (runs[i].at == 0 && i > 0) {
			teardown_publish(state);
			setup_publish(state);
			domain.sts = PUBLISH_STS_ENFORCE;
		}
		publish.now = NOW + runs[i].at;
		memset(mx, 0, sizeof(mx));
		look.t.answered = true;
		look.t.reply = (struct check_reply){.mx_outcome = CHECK_FOUND, .mx = mx};
		for (k = 0; k < count_names(runs[i].live); k++)
			mx[k].host = (char *)(uintptr_t)runs[i].live[k];
		look.t.reply.n_mx = k;
		look.t.reply.sts = (struct check_sts){.policy = CHECK_FOUND,
			.mode = STS_MODE_ENFORCE,
			.max_age = 604800,
			.mx = (char **)(uintptr_t)runs[i].policy,
			.n_mx = count_names(runs[i].policy)};
		section.mx = (struct publish_values){
			.v = (char **)(uintptr_t)runs[i].file, .n = count_names(runs[i].file)};
		assert_int_equal(mx_note(&publish, &look, &err), 0);
		assert_int_equal(mx_judge(&publish, &steps, &domain, &look, &kept, &err), 0);
		assert_int_equal(kept.n, count_names(runs[i].kept));
		for (k = 0; k < kept.n; k++)
			assert_string_equal(kept.line[k], runs[i].kept[k]);
		assert_false(kept.refused);
		mx_kept_free(&kept);
		steps_free(&steps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_run, setup_publish, teardown_publish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
