/* SPDX-License-Identifier: ISC */
/* Domains that FILE names no more: what of them stays, and for how long. */
#include "publish_util.h"

#define POLICY "www/mta-sts.gone.example/.well-known/mta-sts.txt"
#define HTACCESS "www/mta-sts.gone.example/.htaccess"
#define ENFORCED "version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmax_age: 604800\r\n"
#define DAY 86400

/* Where its names lead. */
static const struct {
	int number;
	const char *what;
	struct fake_set set[2];
	enum step_state state;
} rows[] = {
	{1, "nowhere: the old policy is waited for", {{NULL}}, STATE_WAIT},
	{2, "to the web server",
		{{"mta-sts.gone.example", RECORD_A, DNS_SECURE, "192.0.2.1", NULL}}, STATE_UNSAFE},
	{3, "to its other address",
		{{"openpgpkey.gone.example", RECORD_AAAA, DNS_INSECURE, "2001:db8::1", NULL}},
		STATE_UNSAFE},
	{4, "to another server",
		{{"mta-sts.gone.example", RECORD_A, DNS_SECURE, "192.0.2.2", NULL}}, STATE_WAIT},
	{5, "by an alias to the provider's host",
		{{"mta-sts.gone.example", RECORD_A, DNS_SECURE, NULL, "wkd.example.net"}},
		STATE_UNSAFE},
	{6, "by an alias to a customer's name below it",
		{{"openpgpkey.gone.example", RECORD_A, DNS_SECURE, "192.0.2.9",
			"tok.wkd.example.net"}},
		STATE_UNSAFE},
	{7, "by an alias to a name that only ends so",
		{{"openpgpkey.gone.example", RECORD_A, DNS_SECURE, "192.0.2.9",
			"xwkd.example.net"}},
		STATE_WAIT},
	{8, "its record is an alias to ours",
		{{"_mta-sts.gone.example", RECORD_TXT, DNS_SECURE, NULL,
			"gone.example._mta-sts.wkd.example.net"}},
		STATE_UNSAFE},
	{11, "by an alias to a customer's name, which leads on",
		{{"openpgpkey.gone.example", RECORD_CNAME, DNS_SECURE, "tok.wkd.example.net",
			NULL}},
		STATE_UNSAFE},
	{12, "by an alias to somewhere else",
		{{"mta-sts.gone.example", RECORD_CNAME, DNS_SECURE, "xwkd.example.net", NULL}},
		STATE_WAIT},
	{9, "no answer", {{"mta-sts.gone.example", RECORD_A, DNS_ERROR, NULL, NULL}},
		STATE_UNKNOWN},
	{10, "forged", {{"_mta-sts.gone.example", RECORD_TXT, DNS_BOGUS, NULL, NULL}},
		STATE_UNKNOWN},
};

static void provide(void)
{
	static char *web[] = {(char *)(uintptr_t) "192.0.2.1", (char *)(uintptr_t) "2001:db8::1"};

	section.provider = true;
	snprintf(section.name, sizeof(section.name), "wkd.example.net");
	section.web = (struct publish_values){.v = web, .n = 2};
	begin_run(NOW);
	put_in_tree(POLICY, "gone.example", ENFORCED);
	put_in_tree("www/openpgpkey.gone.example/.well-known/openpgpkey/gone.example/policy",
		"gone.example", "");
	put_in_tree("hosts/mta-sts.gone.example", "gone.example", "");
	put_in_tree(HTACCESS, "gone.example", "");
	end_run();
}

static bool is_there(const char *path)
{
	char full[FILE_PATH_MAX];

	assert_int_equal(path_join(full, tree_path, path), 0);
	return access(full, F_OK) == 0;
}

static void where_names_lead(void **state)
{
	size_t i;

	(void)state;
	provide();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fake_set set[] = {rows[i].set[0], {NULL}};

		print_message("%d %s\n", rows[i].number, rows[i].what);
		fake_sets = set;
		begin_run(NOW + (int64_t)i);
		assert_int_equal(look_at_gone(&writing, &err), 0);
		assert_int_equal(writing.steps.n, 1);
		assert_int_equal(writing.steps.v[0].verdict.state, rows[i].state);
		assert_string_equal(writing.steps.v[0].name, "gone.example");
		assert_int_equal(writing.n_gone, 1);
		assert_int_equal(writing.hosts.n, 1);
		end_run();
		/* Its keys went with the first run; mode none stays, and its certificate. */
		assert_false(is_there("www/openpgpkey.gone.example"));
		assert_true(is_there(POLICY));
		assert_true(is_there("hosts/mta-sts.gone.example"));
		assert_true(is_there(HTACCESS));
	}
}

/* After the old policy's max_age all goes, but not while its names lead here. */
static void for_how_long(void **state)
{
	static const struct {
		int64_t now;
		bool here, stays;
	} runs[] = {{NOW, false, true}, {NOW + 6 * DAY, false, true},
		{NOW + 7 * DAY - 1, false, true}, {NOW + 8 * DAY, true, true},
		{NOW + 9 * DAY, false, false}};
	static const struct fake_set here[] = {
		{"mta-sts.gone.example", RECORD_A, DNS_SECURE, "192.0.2.1", NULL}, {NULL}};
	struct buf policy = BUF_INIT(4096);
	size_t i;

	(void)state;
	provide();
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		fake_sets = runs[i].here ? here : NULL;
		begin_run(runs[i].now);
		assert_int_equal(look_at_gone(&writing, &err), 0);
		end_run();
		print_message("day %d\n", (int)((runs[i].now - NOW) / DAY));
		assert_int_equal(is_there(POLICY), runs[i].stays);
		assert_int_equal(is_there(HTACCESS), runs[i].stays);
		if (i == 0) {
			begin_run(runs[i].now);
			assert_int_equal(tree_read_old(&writing.tree, POLICY, &policy, &err), 0);
			assert_non_null(strstr(buf_str(&policy), "mode: none"));
			tree_close(&writing.tree);
		}
	}
	buf_free(&policy);
}

/* However many leave, they are asked about at once; offline nobody is asked, and all stays. */
static void many_at_once(void **state)
{
	char path[FILE_PATH_MAX], name[32];
	int i;

	(void)state;
	provide();
	begin_run(NOW);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "g%d.example", i);
		snprintf(path, sizeof(path), "www/mta-sts.%s/.well-known/mta-sts.txt", name);
		put_in_tree(path, name, ENFORCED);
	}
	(void)tree_keep(&writing.tree, POLICY);
	end_run();
	begin_run(NOW + 1);
	assert_int_equal(look_at_gone(&writing, &err), 0);
	assert_int_equal(writing.steps.n, 51);
	assert_int_equal(fake_talks, 1);
	assert_int_equal(fake_questions, 51 * 7);
	end_run();
	args.offline = true;
	begin_run(NOW + 2);
	assert_int_equal(look_at_gone(&writing, &err), 0);
	assert_int_equal(fake_talks, 0);
	assert_int_equal(writing.steps.n, 51);
	assert_int_equal(writing.steps.v[0].verdict.state, STATE_UNKNOWN);
	end_run();
	assert_true(is_there(POLICY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(where_names_lead, setup_publish, teardown_publish),
		cmocka_unit_test_setup_teardown(for_how_long, setup_publish, teardown_publish),
		cmocka_unit_test_setup_teardown(many_at_once, setup_publish, teardown_publish)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
