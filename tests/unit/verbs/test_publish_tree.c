/* SPDX-License-Identifier: ISC */
/* DIR: what each path below it is, and who may write to what leads there. */
#include "publish_util.h"

static const struct {
	int number;
	const char *path;
	enum tree_kind kind;
} kinds[] = {
	{1, "www/openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/abc", TREE_KEY},
	{2, "www/example.org/.well-known/openpgpkey/hu/abc", TREE_KEY},
	{3, "www/example.org/.well-known/openpgpkey/policy", TREE_WEB},
	{4, "www/openpgpkey.example.org/.well-known/openpgpkey/example.org/policy", TREE_WEB},
	{5, "www/mta-sts.example.org/.well-known/mta-sts.txt", TREE_POLICY},
	{6, "www/mta-sts.example.org/CNAME", TREE_WEB},
	{7, "www/example.org/.well-known/openpgpkey/.htaccess", TREE_WEB},
	{8, "www/hu/.nojekyll", TREE_WEB},
	{9, "www/example.org/hu/abc", TREE_WEB},
	{10, "www/a/.well-known/openpgpkey/b/c/hu/abc", TREE_WEB},
	{11, "www/a/.well-known/openpgpkey/b/hu/c/d/e/f/g/hu/abc", TREE_WEB},
	{12, "hosts/mta-sts.example.org", TREE_POINTS},
	{13, "hosts/www/.well-known/mta-sts.txt", TREE_OTHER},
	{14, "dns/mta-sts.txt", TREE_OTHER},
	{15, "dns/www.zone", TREE_OTHER},
	{16, "Caddyfile", TREE_OTHER},
	{17, "www", TREE_OTHER},
	{18, "", TREE_OTHER},
};

static void each_kind(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		print_message("%d %s\n", kinds[i].number, kinds[i].path);
		assert_int_equal(tree_kind_of(kinds[i].path), kinds[i].kind);
		if (kinds[i].kind == TREE_KEY)
			assert_string_equal(tree_key_name(kinds[i].path), "hu/abc");
	}
}

/* A folder above DIR that others may write to is as bad as DIR itself. */
static void ways(void **state)
{
	static const struct {
		int number;
		const char *what, *wide;
		mode_t mode;
		int expected;
	} rows[] = {
		{1, "all is ours", "a", 0755, 0},
		{2, "DIR is everybody's", "a/b/out", 0777, ERR_CREATE},
		{3, "the folder that it lies in is", "a/b", 0777, ERR_CREATE},
		{4, "one above it", "a", 0757, ERR_CREATE},
		{5, "as /tmp is", "a", 01777, 0},
	};
	char wide[FILE_PATH_MAX], real[FILE_PATH_MAX], name[FILE_PATH_MAX];
	size_t i;

	(void)state;
	assert_int_equal(path_join(name, root, "a"), 0);
	assert_int_equal(mkdir(name, 0755), 0);
	assert_int_equal(path_join(name, root, "a/b"), 0);
	assert_int_equal(mkdir(name, 0755), 0);
	assert_int_equal(path_join(name, root, "a/b/out"), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%d %s\n", rows[i].number, rows[i].what);
		err = (struct err)ERR_INIT;
		assert_int_equal(path_join(wide, root, rows[i].wide), 0);
		assert_int_equal(chmod(wide, rows[i].mode), 0);
		assert_int_equal(tree_prepare(name, real, &err), rows[i].expected);
		if (rows[i].expected) {
			assert_int_equal(err.code, rows[i].expected);
			assert_non_null(strstr(err.msg, "others may write to it"));
			assert_non_null(strstr(err.msg, "change what is published"));
			assert_non_null(strstr(err.hint, "chmod go-w "));
		}
		assert_int_equal(chmod(wide, 0755), 0);
	}
	/* Nothing is made there either. */
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(path_join(wide, root, "a/b"), 0);
	assert_int_equal(chmod(wide, 0777), 0);
	assert_int_equal(tree_prepare(name, real, &err), ERR_CREATE);
	assert_int_equal(access(name, F_OK), -1);
	err = (struct err)ERR_INIT;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test_setup_teardown(ways, setup_publish, teardown_publish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
