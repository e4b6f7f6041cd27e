/* SPDX-License-Identifier: ISC */
/* What a script for nsupdate takes away that earlier ones brought. */
#include "publish_util.h"

#define SCRIPT "dns/example.org.nsupdate"
#define D "update delete "

static const struct {
	int number;
	const char *what, *before;
	enum record_type type; /* of the record at a.example.org that is wanted; 0: none */
	const char *want;
} rows[] = {
	{1, "a set that is wanted no more", D "a.example.org. TXT\nsend\n", 0,
		D "a.example.org. TXT\nsend\n"},
	{2, "one that is replaced", D "a.example.org. TXT\nsend\n", RECORD_TXT, ""},
	{3, "another type at a name that is wanted", D "a.example.org. TLSA\n", RECORD_TXT,
		D "a.example.org. TLSA\nsend\n"},
	{4, "an address where an alias is wanted", D "a.example.org. A\n" D "a.example.org. AAAA\n",
		RECORD_CNAME, ""},
	{5, "an alias where an address is wanted", D "a.example.org. CNAME\n", RECORD_A, ""},
	{6, "an AAAA where an A is wanted", D "a.example.org. AAAA\n", RECORD_A,
		D "a.example.org. AAAA\nsend\n"},
	{7, "twice the same", D "b.example.org. TXT\n" D "b.example.org. TXT\n", 0,
		D "b.example.org. TXT\nsend\n"},
	{8, "CAA never goes", D "example.org. CAA\n", 0, ""},
	{9, "types that are none of ours", D "example.org. MX\n" D "example.org. ANY\n", 0, ""},
	{10, "all of a name", D "example.org.\n" D "example.org. \n", 0, ""},
	{11, "lines of something else",
		"server 192.0.2.1\nupdate add a.example.org. 60 IN TXT \"x\"\nsend\n\n", 0, ""},
	{12, "names that are none", D "a b. TXT\n" D "a\"b. TXT\n" D ". TXT\n" D "noend TXT\n", 0,
		""},
	{13, "without a line end", D "a.example.org. TYPE61", 0, D "a.example.org. TYPE61\nsend\n"},
	{14, "an empty script", "", 0, ""},
	{16, "an alias where a text is wanted", D "a.example.org. CNAME\n", RECORD_TXT, ""},
	{15, "in order of names", D "b.example.org. TXT\n" D "a.example.org. TXT\n", 0,
		D "a.example.org. TXT\n" D "b.example.org. TXT\nsend\n"},
};

/* What a script does for records that are wanted: "NAME TYPE RDATA" each, in this order. */
static const struct {
	int number;
	const char *what;
	struct {
		const char *name;
		enum record_type type;
		const char *rdata;
	} want[4];
	const char *script;
} scripts[] = {
	{1, "an address: an alias goes", {{"a.example.org", RECORD_A, "\300\0\2\1"}},
		D "a.example.org. CNAME\n" D "a.example.org. A\n"
		  "update add a.example.org. 60 A 192.0.2.1\nsend\n"},
	{2, "a text: an alias goes", {{"_mta-sts.example.org", RECORD_TXT, "\1x"}},
		D "_mta-sts.example.org. CNAME\n" D "_mta-sts.example.org. TXT\n"
		  "update add _mta-sts.example.org. 60 TXT \"x\"\nsend\n"},
	{3, "an alias: addresses go", {{"mta-sts.example.org", RECORD_CNAME, "w.example"}},
		D "mta-sts.example.org. A\n" D "mta-sts.example.org. AAAA\nsend\n" D
		  "mta-sts.example.org. CNAME\n"
		  "update add mta-sts.example.org. 60 CNAME w.example.\nsend\n"},
	{4, "and the text that hides from wildcards",
		{{"openpgpkey.example.org", RECORD_CNAME, "w.example"}},
		D "openpgpkey.example.org. A\n" D "openpgpkey.example.org. AAAA\n" D
		  "openpgpkey.example.org. TXT\nsend\n" D "openpgpkey.example.org. CNAME\n"
		  "update add openpgpkey.example.org. 60 CNAME w.example.\nsend\n"},
	{5, "CAA is only added", {{"example.org", RECORD_CAA, "\0\5issuex.example"}},
		"update add example.org. 60 CAA 0 issue \"x.example\"\nsend\n"},
	{6, "a set whose records stand apart is deleted once",
		{{"a.example.org", RECORD_TXT, "\1x"}, {"b.example.org", RECORD_TXT, "\1y"},
			{"a.example.org", RECORD_TXT, "\1z"}, {"b.example.org", RECORD_TXT, "\1w"}},
		D "a.example.org. CNAME\n" D "a.example.org. TXT\n"
		  "update add a.example.org. 60 TXT \"x\"\n"
		  "update add a.example.org. 60 TXT \"z\"\n" D "b.example.org. CNAME\n" D
		  "b.example.org. TXT\n"
		  "update add b.example.org. 60 TXT \"y\"\n"
		  "update add b.example.org. 60 TXT \"w\"\nsend\n"},
	{7, "other zones' records are left out",
		{{"a.example.net", RECORD_TXT, "\1x"}, {"a.example.org", RECORD_TXT, "\1y"}},
		D "a.example.org. CNAME\n" D "a.example.org. TXT\n"
		  "update add a.example.org. 60 TXT \"y\"\nsend\n"},
};

static size_t rdata_len(enum record_type type, const char *rdata)
{
	switch (type) {
	case RECORD_A:
		return 4;
	case RECORD_CAA:
		return 2 + strlen(rdata + 2);
	default:
		return strlen(rdata);
	}
}

static void what_comes(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct record_list l = {.n = 0};
		char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		print_message("%d %s\n", scripts[i].number, scripts[i].what);
		assert_non_null(f);
		for (k = 0; k < 4 && scripts[i].want[k].name; k++) {
			const char *rdata = scripts[i].want[k].rdata;
			enum record_type type = scripts[i].want[k].type;

			assert_int_equal(record_add(&l, scripts[i].want[k].name, type, 60, rdata,
						 rdata_len(type, rdata), &err),
				0);
		}
		assert_int_equal(records_print_nsupdate(f, &l, "example.org", NULL), 0);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(text, scripts[i].script);
		free(text);
		records_free(&l);
	}
}

static void add_wanted(struct record_list *l, enum record_type type)
{
	const char rdata[] = "192.0.2.1";

	assert_int_equal(
		record_add(l, "a.example.org", type, 60, rdata, type == RECORD_A ? 4 : 9, &err), 0);
}

static char *dropped(const struct record_list *l, const char *server)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(print_dropped(f, &writing.tree, SCRIPT, l, server, &err), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void what_goes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record_list l = {.n = 0};
		char *text;

		print_message("%d %s\n", rows[i].number, rows[i].what);
		begin_run(NOW);
		put_in_tree(SCRIPT, "example.org", rows[i].before);
		end_run();
		begin_run(NOW + 1);
		if (rows[i].type)
			add_wanted(&l, rows[i].type);
		text = dropped(&l, NULL);
		assert_string_equal(text, rows[i].want);
		free(text);
		records_free(&l);
		assert_true(tree_keep(&writing.tree, SCRIPT));
		end_run();
	}
}

/* A server is named; many lines are sent in parts; without an earlier script nothing goes. */
static void how_it_goes(void **state)
{
	struct record_list none = {.n = 0};
	struct buf script = BUF_INIT(1u << 20);
	const char *at;
	size_t sends = 0;
	char *text;
	int i;

	(void)state;
	begin_run(NOW);
	text = dropped(&none, "192.0.2.53");
	assert_string_equal(text, "");
	free(text);
	for (i = 0; i < 3000; i++)
		assert_int_equal(buf_addf(&script, D "n%04d.example.org. TXT\n", i), 0);
	put_in_tree(SCRIPT, "example.org", buf_str(&script));
	end_run();
	begin_run(NOW + 1);
	text = dropped(&none, "192.0.2.53");
	assert_int_equal(strncmp(text, "server 192.0.2.53\n" D "n0000", 37), 0);
	for (at = text; (at = strstr(at, "\nsend\n")) != NULL; at++)
		sends++;
	assert_int_equal(sends, 4);
	free(text);
	assert_true(tree_keep(&writing.tree, SCRIPT));
	end_run();
	buf_free(&script);
}

/* What an earlier script brought is not known then. */
static void what_cannot_be_read(void **state)
{
	static const struct {
		const char *what;
		enum { GONE, FOLDER, LINK } instead;
		int rc;
	} cases[] = {
		{"no script", GONE, 0}, {"a folder", FOLDER, ERR_IO}, {"a link", LINK, ERR_IO}};
	struct record_list none = {.n = 0};
	char path[FILE_PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].what);
		begin_run(NOW);
		put_in_tree(SCRIPT, "example.org", D "a.example.org. TXT\n");
		end_run();
		assert_int_equal(path_join(path, tree_path, SCRIPT), 0);
		assert_int_equal(unlink(path), 0);
		if (cases[i].instead == FOLDER)
			assert_int_equal(mkdir(path, 0700), 0);
		if (cases[i].instead == LINK)
			assert_int_equal(symlink("/dev/null", path), 0);
		begin_run(NOW + 1);
		assert_int_equal(print_dropped(stdout, &writing.tree, SCRIPT, &none, NULL, &err),
			cases[i].rc);
		tree_close(&writing.tree);
		(void)unlink(path);
		(void)rmdir(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_comes),
		cmocka_unit_test_setup_teardown(what_goes, setup_publish, teardown_publish),
		cmocka_unit_test_setup_teardown(how_it_goes, setup_publish, teardown_publish),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_read, setup_publish, teardown_publish)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
