/* SPDX-License-Identifier: ISC */
/* Whether the direct method serves each key as it is published. */
#include "publish_util.h"

#define FOLDER "www/example.org/.well-known/openpgpkey/hu/"
#define KEYS 70 /* more than one request takes */

static const char *odd;         /* the file that is served otherwise; NULL: none */
static struct world_got answer; /* to that one */

/* Each key is its own name. */
static struct world_got serve_key(const struct world_file *q)
{
	const char *name = strrchr(q->path, '/') + 1;
	const struct digest_part part = {name, strlen(name)};
	struct world_got g = {.status = 200, .complete = true, .len = (uint32_t)part.len};

	assert_string_equal(q->host, "example.org");
	assert_int_equal(strncmp(q->path, "/.well-known/openpgpkey/hu/", 27), 0);
	if (odd && strcmp(name, odd) == 0)
		g = answer;
	if (g.digest_len == 0 && g.status == 200 && g.len == part.len) {
		g.digest = malloc(DIGEST_LEN);
		g.digest_len = DIGEST_LEN;
		assert_int_equal(digest_sha256(&part, 1, g.digest), 0);
	} else if (g.digest_len) {
		g.digest = calloc(1, DIGEST_LEN);
	}
	return g;
}

static const struct {
	int number;
	const char *what, *odd;
	struct world_got answer;
	enum check_fact want;
} rows[] = {
	{1, "all are served", NULL, {0}, FACT_YES},
	{2, "one is not there", "k5", {.status = 404, .complete = true}, FACT_NO},
	{3, "the last is not there", "k69", {.status = 404, .complete = true}, FACT_NO},
	{4, "one is shorter", "k5", {.status = 200, .complete = true, .len = 1}, FACT_NO},
	{5, "one has other bytes", "k5",
		{.status = 200, .complete = true, .len = 2, .digest_len = DIGEST_LEN}, FACT_NO},
	{6, "one redirects", "k5", {.status = 301, .complete = true}, FACT_NO},
	{7, "one is not answered", "k5", {.status = 0}, FACT_UNKNOWN},
	{8, "one breaks off", "k5", {.status = 200, .len = 2}, FACT_UNKNOWN},
	{9, "one that was just added is not there", "new", {.status = 404, .complete = true},
		FACT_NO},
	{10, "one that goes is not there", "old", {.status = 404, .complete = true}, FACT_YES},
};

static void each_key(void **state)
{
	char path[FILE_PATH_MAX], name[16];
	size_t i;
	int k;

	(void)state;
	fake_file = serve_key;
	begin_run(NOW);
	put_in_tree(FOLDER "old", "example.org", "old");
	for (k = 0; k < KEYS; k++) {
		snprintf(name, sizeof(name), "k%d", k);
		snprintf(path, sizeof(path), FOLDER "%s", name);
		put_in_tree(path, "example.org", name);
	}
	put_in_tree("www/example.org/.well-known/openpgpkey/policy", "example.org", "");
	put_in_tree("www/openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/k",
		"example.org", "k");
	end_run();
	begin_run(NOW + 1);
	for (k = 0; k < KEYS; k++) {
		snprintf(path, sizeof(path), FOLDER "k%d", k);
		assert_true(tree_keep(&writing.tree, path));
	}
	put_in_tree(FOLDER "new", "example.org", "new");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%d %s\n", rows[i].number, rows[i].what);
		odd = rows[i].odd;
		answer = rows[i].answer;
		assert_int_equal(direct_serves_all(&writing, &domain), rows[i].want);
	}
	end_run();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_key, setup_publish, teardown_publish)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
