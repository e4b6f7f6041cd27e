/*
 * plain_list.c: what it takes for a plain list gives what GMime gives with strict options. Lists
 * are made by the grammar, broken at random, strung together from tokens, and, the short ones, all
 * of them.
 */
#include "mime_util.h"

#include <gmime/gmime.h>

#include "mime/plain_list.h"
#include "mime/recipients.h"

#define TEXT_MAX 8192
#define ONE_OF(a) ((a)[draw(N_OF(a))])

static unsigned seed = 20261125;

static size_t draw(size_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void warn(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
	(void)offset;
	(void)code;
	(void)item;
	*(bool *)data = true;
}

/* GMime's addresses of an unfolded list, as recipients.c is to give them. No groups, no warnings, n
 * mailboxes. */
static int oracle(const char *text, size_t n, struct addr_list *l, struct err *err)
{
	GMimeParserOptions *o = g_mime_parser_options_new();
	InternetAddressList *list;
	InternetAddress *ia;
	bool warned = false;
	struct addr a;
	size_t i, k;
	int rc = 0;

	g_mime_parser_options_set_address_compliance_mode(o, GMIME_RFC_COMPLIANCE_STRICT);
	g_mime_parser_options_set_allow_addresses_without_domain(o, TRUE);
	g_mime_parser_options_set_warning_callback(o, warn, &warned);
	list = internet_address_list_parse(o, text);
	assert_non_null(list);
	assert_false(warned);
	assert_int_equal(internet_address_list_length(list), n);
	l->v = calloc(n, sizeof(*l->v));
	assert_non_null(l->v);
	for (i = 0; i < n && rc == 0; i++) {
		ia = internet_address_list_get_address(list, (int)i);
		assert_true(INTERNET_ADDRESS_IS_MAILBOX(ia));
		if (addr_parse(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia)), &a,
			    err) < 0)
			rc = ERR_DATA;
		for (k = 0; k < l->n && strcmp(l->v[k].text, a.text) != 0; k++)
			;
		if (rc == 0 && k == l->n)
			l->v[l->n++] = a;
	}
	if (rc < 0)
		l->n = 0;
	g_object_unref(list);
	g_mime_parser_options_free(o);
	return rc;
}

/* Whether the list is taken for a plain one; then it must be as with GMime. */
static bool same(const char *value)
{
	struct addr_list want = {NULL, 0}, got = {NULL, 0};
	struct err want_err = ERR_INIT, got_err = ERR_INIT;
	char text[TEXT_MAX], *p;
	size_t n, i;
	int rc;

	assert_true(strlen(value) < sizeof(text));
	snprintf(text, sizeof(text), "%s", value);
	for (p = text; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	if (!plain_list(text, &n))
		return false;
	rc = oracle(text, n, &want, &want_err);
	if (addresses_read(value, &got, NULL, &got_err) != rc || got.n != want.n)
		fail_msg("another result: %s", value);
	assert_string_equal(got_err.msg, want_err.msg);
	for (i = 0; i < want.n; i++) {
		assert_string_equal(got.v[i].text, want.v[i].text);
		assert_string_equal(got.v[i].name, want.v[i].name);
	}
	addr_list_free(&want);
	addr_list_free(&got);
	return true;
}

/* Parts of the grammar. Some domains and local parts are refused, but by addr_parse. */
static const char *const blank[] = {"", "", "", " ", " ", "\t", "  ", "\n ", "\n\t", " \n "};
static const char *const word[] = {"Alice", "B", "O'Brien", "von", "=", "?", "Who?", "-", "--",
	"x=y", "a*b", "#1", "{x}", "|prog", "`id`", "~", "^", "!", "$HOME", "%s", "+",
	"/etc/passwd", "_", "mailto", "0", "utf-8", "&amp", "From"};
static const char *const local[] = {"alice", "Alice", "bob", "a.b.c", "x+y", "x-y", "-x", "--",
	"a=b", "o'hara", "#", "!a", "a!b!c", "a/b", "%", "a%b", "|x", "/tmp/f", "=", "?", "~", "1",
	"0.0", "root", "a_b", "{", "}", "$", "&", "^", "`",
	"0123456789012345678901234567890123456789012345678901234567890123",
	"01234567890123456789012345678901234567890123456789012345678901234"};
static const char *const domain[] = {"x.example", "X.Example", "b.c.d.example", "example",
	"1.2.3.4", "0", "a-b.example", "-a.example", "a-.example", "-", "xn-exmple", "x--n.example",
	"xn", "n--a.example", "a.b.c.d.e.f.g.h",
	"012345678901234567890123456789012345678901234567890123456789012.example",
	"0123456789012345678901234567890123456789012345678901234567890123.example",
	"0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789."
	"0123456789.0123456789."
	"0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789."
	"0123456789.0123456789."
	"0123456789.0123456789.0123456789"};
/* What is no plain mailbox, or would break one. */
static const char *const wild[] = {"\"Joe Q. Public\" <a@x.example>", "Joe Q. Public <a@x.example>",
	"a@x.example (Alice)", "g: a@x.example, b@x.example;", "", "root", "<root>",
	"\"a b\"@x.example", "a@[192.0.2.1]", "a . b@x.example", "a@x . example", "a @x.example",
	"< a@x.example>", "<a@x.example >", "<@r.example:a@x.example>",
	"=?utf-8?q?x?= <a@x.example>", "J\xc3\xb6rg <a@x.example>", "j\xc3\xb6rg@x.example",
	"a@\xc3\xa4.example", "<>", "a@x.example b@x.example", "<a@x.example> <b@x.example>",
	"a@x.example <b@x.example>", "a@b@x.example", "a@", "@x.example", "a..b@x.example",
	".a@x.example", "a.@x.example", "a@x..example", "a@.example", "a@example.",
	"a@xn--exmple-cua.example", "a@x.xn--a.example", "a@XN--", "x <a@x.example> y",
	"<a@x.example>y", "a\\b@x.example", "Al\x01ice <a@x.example>", "a@x_y.example"};

static void put_blank(struct buf *b)
{
	assert_int_equal(buf_adds(b, ONE_OF(blank)), 0);
}

static void put_mailbox(struct buf *b)
{
	size_t words = draw(4);
	bool angle = words > 0 || draw(3) == 0;

	put_blank(b);
	while (words-- > 0) {
		buf_adds(b, ONE_OF(word));
		if (words > 0)
			buf_addc(b, ' ');
		put_blank(b);
	}
	assert_int_equal(buf_addf(b, "%s%s@%s%s", angle ? "<" : "", ONE_OF(local), ONE_OF(domain),
				 angle ? ">" : ""),
		0);
	put_blank(b);
}

static void make_list(struct buf *b, size_t one_wild_in)
{
	size_t n = 1 + draw(6), i;

	buf_reset(b);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		if (one_wild_in && draw(one_wild_in) == 0)
			buf_adds(b, ONE_OF(wild));
		else
			put_mailbox(b);
	}
	if (strstr(buf_str(b), "=?")) /* words that happen to meet */
		make_list(b, one_wild_in);
}

static void by_grammar(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		make_list(&b, 0);
		if (!same(buf_str(&b)))
			fail_msg("not taken: %s", buf_str(&b));
	}
	buf_free(&b);
}

static void with_others(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	int i, taken = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		make_list(&b, 8);
		taken += same(buf_str(&b));
	}
	print_message("%d of 20000 taken\n", taken);
	assert_true(taken > 5000 && taken < 19000);
	buf_free(&b);
}

/* Replaces, removes, puts in or doubles an octet, or moves a piece. */
static void mutate(char *s)
{
	static const char set[] = "<>@,.;:()[]\"\\ \t\n=?-_a1'\x01\x7f\x80\xc3\xa4\r%!";
	size_t n = strlen(s), at = draw(n + 1), from = draw(n + 1), len;

	switch (draw(4)) {
	case 0:
		if (at < n)
			s[at] = set[draw(sizeof(set) - 1)];
		break;
	case 1:
		if (at < n)
			memmove(s + at, s + at + 1, n - at);
		break;
	case 2:
		memmove(s + at + 1, s + at, n - at + 1);
		s[at] = set[draw(sizeof(set) - 1)];
		break;
	default:
		len = draw(12);
		if (from + len <= n && at + len <= n)
			memmove(s + at, s + from, len);
	}
}

static void broken(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	char s[TEXT_MAX];
	int i, taken = 0;
	size_t k;

	(void)state;
	for (i = 0; i < 60000; i++) {
		make_list(&b, draw(2) ? 0 : 10);
		snprintf(s, sizeof(s), "%s", buf_str(&b));
		for (k = 1 + draw(3); k > 0; k--)
			mutate(s);
		taken += same(s);
	}
	print_message("%d of 60000 taken\n", taken);
	assert_true(taken > 10000 && taken < 55000);
	buf_free(&b);
}

static void tokens(void **state)
{
	static const char *const token[] = {"a", "b1", "@", "@", ".", ",", "<", ">", " ", "\t", "-",
		"=", "?", "x.example", "a@x.example", "<a@b>", "'", "_", "*", "\n "};
	struct buf b = BUF_INIT(TEXT_MAX);
	int i, taken = 0;
	size_t k;

	(void)state;
	for (i = 0; i < 200000; i++) {
		buf_reset(&b);
		for (k = 1 + draw(9); k > 0; k--)
			buf_adds(&b, ONE_OF(token));
		taken += same(buf_str(&b));
	}
	print_message("%d of 200000 taken\n", taken);
	assert_true(taken > 2000);
	buf_free(&b);
}

/* All strings of up to 7 of these. */
static void all_short(void **state)
{
	static const char set[] = "a-@.,<> ";
	char s[8] = "";
	size_t at[7] = {0}, n, i;
	int taken = 0;

	(void)state;
	for (n = 1; n <= 7; n++) {
		memset(at, 0, sizeof(at));
		do {
			for (i = 0; i < n; i++)
				s[i] = set[at[i]];
			s[n] = '\0';
			taken += same(s);
			for (i = 0; i < n && ++at[i] == sizeof(set) - 1; i++)
				at[i] = 0;
		} while (i < n);
	}
	print_message("%d taken\n", taken);
	assert_true(taken > 1000);
}

/* Every octet in every place of a list. */
static void octets(void **state)
{
	static const char *const list[] = {
		"Al B <a@x.example>,b@y.example", "a@x.example , <b@y.example>"};
	char s[64];
	size_t i, at;
	int c, taken = 0;

	(void)state;
	for (i = 0; i < N_OF(list); i++) {
		for (at = 0; at < strlen(list[i]); at++) {
			for (c = 1; c < 256; c++) {
				bool never = c >= 127 || (c < 32 && c != '\t' && c != '\n') ||
					     strchr("\"\\()[];:", c);

				snprintf(s, sizeof(s), "%s", list[i]);
				s[at] = (char)c;
				if (never)
					assert_false(same(s));
				else
					taken += same(s);
			}
		}
	}
	assert_true(taken > 3000);
}

static void not_plain(void **state)
{
	static const char *const list[] = {"", " ", "\t", ",", "a@x.example,", ",a@x.example",
		"a@x.example,,b@x.example", "a@x.example, ,b@x.example", "root", "<root>",
		"a@x.example, root", "Alice", "Alice <>", "<>", "<@>", "Alice <a@x.example",
		"a@x.example>", "Alice a@x.example", "Alice <a@x.example> B",
		"<a@x.example> <b@x.example>", "<<a@x.example>>", "a@x.example <b@x.example>",
		"a@x.example b@x.example", "a@b@x.example", "a@", "@x.example", "<@x.example>",
		"<@r.example:a@x.example>", "a.@x.example", ".a@x.example", "a..b@x.example",
		"a@x..example", "a@.example", "a@example.", "a@x.example.", "a @x.example",
		"a@ x.example", "a@x .example", "< a@x.example>", "<a@x.example >",
		"Joe Q. Public <a@x.example>", "A.B <a@x.example>", "\"a\"@x.example",
		"\"Alice\" <a@x.example>", "\"x@evil.example\" <a@x.example>",
		"Alice (x) <a@x.example>", "a@x.example (Alice)", "(Alice) a@x.example",
		"a(x)@x.example", "g: a@x.example;", "g:;", "a@x.example;",
		"a@x.example; b@x.example", "a:b@x.example", "mailto:a@x.example", "a@[192.0.2.1]",
		"a@[IPv6:2001:db8::1]", "a@x_y.example", "a@x+y.example",
		"=?utf-8?q?x?= <a@x.example>", "=?utf-8?q?x=40evil.example=2C?= a@x.example",
		"Alice <=?utf-8?q?x?=@x.example>", "=?@x.example", "a@xn--exmple-cua.example",
		"a@x.Xn--a", "xn--a@x.example", "a@b.xn--", "a@x.example, =? <b@x.example>",
		"J\xc3\xb6rg <a@x.example>", "j\xc3\xb6@x.example", "a@\xc3\xa4.example",
		"a\xff@x.example",
		"\xef\xbc\x9c"
		"a@x.example>",
		"a@x.example\xef\xbc\x8c b@x.example",
		"\xe2\x80\xae"
		"a@x.example",
		"\xc2\xa0"
		"a@x.example",
		"Al\x01ice <a@x.example>", "a\x7f@x.example", "a\x1b[1m@x.example", "a@x.example\r",
		"a@x.example\n", "a@x.example,\nb@x.example", "a@x.example\v", "\fa@x.example",
		"a\\@x.example", "Al\\ice <a@x.example>", "a@x.example\\"};
	size_t i, n;

	(void)state;
	for (i = 0; i < N_OF(list); i++) {
		print_message("%s\n", list[i]);
		n = 1234;
		assert_false(plain_list(list[i], &n));
		assert_int_equal(n, 1234);
	}
}

static void plain(void **state)
{
	static const struct {
		const char *in, *out; /* addresses, each with a "/" behind */
	} row[] = {
		{"a@x.example", "a@x.example/"},
		{" Alice <a@x.example>, bob@y.example ", "a@x.example/bob@y.example/"},
		{"Alice<a@x.example>,<b@y.example>,\tC D\tE\t<c@z.example>\t",
			"a@x.example/b@y.example/c@z.example/"},
		{"a@b,c@d", "a@b/c@d/"}, {"o'hara+x=y!z@A-1.example", "o'hara+x=y!z@A-1.example/"},
		{"-x@-a.example", "-x@-a.example/"}, /* addr_parse's to refuse */
	};
	char text[256], got[256], *p, *a;
	size_t i, n, k;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].in);
		snprintf(text, sizeof(text), "%s", row[i].in);
		assert_true(plain_list(text, &n));
		got[0] = '\0';
		for (p = text, k = 0; (a = plain_list_next(&p)) != NULL; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s/", a);
		assert_string_equal(got, row[i].out);
		assert_int_equal(k, n);
		assert_null(plain_list_next(&p));
		assert_true(same(row[i].in));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(plain), cmocka_unit_test(not_plain),
		cmocka_unit_test(octets), cmocka_unit_test(all_short), cmocka_unit_test(by_grammar),
		cmocka_unit_test(with_others), cmocka_unit_test(broken), cmocka_unit_test(tokens)};

	g_mime_init();
	return cmocka_run_group_tests_name("plain_list", tests, NULL, NULL);
}
