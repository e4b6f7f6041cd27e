/* SPDX-License-Identifier: ISC */
/*
 * address_list.c: what it reads, row by row; and over made, broken and random lists: where it reads
 * all of a list, and GMime (strict) has nothing to object to either, both find the same addresses.
 */
#include "mime_util.h"

#include "gmime_addresses.h"
#include "mime/address_list.h"
#include "mime/recipients.h"

#define TEXT_MAX 8192
#define ONE_OF(a) ((a)[draw(N_OF(a))])

/* The addresses of a value, a blank between; "!" for an unreadable entry. */
static void read_list(const char *value, struct buf *got)
{
	struct address_reader r;
	enum address_event event;

	buf_reset(got);
	address_reader_init(&r, value);
	while ((event = address_next(&r)) != ADDRESS_END) {
		buf_addf(got, "%s%s", got->len ? " " : "",
			event == ADDRESS_MAILBOX ? r.addr.text : "!");
		assert_true(r.len > 0 && r.entry >= value);
		assert_true(r.entry + r.len <= value + strlen(value));
		assert_true(event == ADDRESS_MAILBOX || r.err.msg[0] != '\0');
	}
	assert_int_equal(address_next(&r), ADDRESS_END);
}

struct row {
	int n;
	const char *in, *out;
};

static void check_rows(const struct row *row, size_t n)
{
	struct buf got = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < n; i++) {
		assert_int_equal(row[i].n, i + 1);
		read_list(row[i].in, &got);
		print_message("%d: %s -> %s\n", row[i].n, row[i].in, buf_str(&got));
		assert_string_equal(buf_str(&got), row[i].out);
	}
	buf_free(&got);
}

/* RFC 5322 appendix A, RFC 5321 section 4.1.2, RFC 6532. */
static void standard(void **state)
{
	static const struct row row[] = {
		{1, "\"Joe Q. Public\" <john.q.public@example.com>", "john.q.public@example.com"},
		{2, "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
			"mary@x.test jdoe@example.org one@y.test"},
		{3, "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
			"boss@nil.test sysservices@example.net"},
		{4, "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
			"c@a.test joe@where.test jdoe@one.test"},
		{5, "Undisclosed recipients:;", ""},
		{6, "\"Mary Smith: Personal Account\" <smith@home.example>", "smith@home.example"},
		{7, "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
			"pete@silly.test"},
		{8,
			"A Group(Some people)\r\n     :Chris Jones <c@(Chris's "
			"host.)public.example>,\r\n         joe@example.org,\r\n  John "
			"<jdoe@one.test> (my dear friend); (the end of the group)",
			"c@public.example joe@example.org jdoe@one.test"},
		{9, "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", ""},
		{10, "Joe Q. Public <john.q.public@example.com>", "john.q.public@example.com"},
		{11, "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
			"mary@example.net jdoe@test.example"},
		{12, "John Doe <jdoe@machine(comment).  example>", "jdoe@machine.example"},
		{13, "Mary Smith\r\n  \r\n          <mary@example.net>", "mary@example.net"},
		{14, "\"Joe\\,Smith\"@example.com", "\"Joe,Smith\"@example.com"},
		{15, "\"hugh\"@example.com", "hugh@example.com"},
		{16, "\"foo@bar\"@example.com", "\"foo@bar\"@example.com"},
		{17, "user@[192.0.2.1]", "user@[192.0.2.1]"},
		{18, "user@[IPv6:2001:db8::1], a@b.example", "user@[IPv6:2001:db8::1] a@b.example"},
		{19, "j\xc3\xb6rg@ex\xc3\xa4mple.example", "j\xc3\xb6rg@xn--exmple-cua.example"},
		{20, "", ""},
		{21, " \n ", ""},
		{22, ", ,", ""},
		{23, "root, <root>", "root root"},
		{24, "a@b.example, <a@B.EXAMPLE>, A@b.example",
			"a@b.example a@b.example A@b.example"},
		{25, "<@a.test,@b.test:c@d.example>", "c@d.example"},
		{26, "\"x\".\"y z\".w@d.example", "\"x.y z.w\"@d.example"},
		{27, "\"a\r\n b\"@d.example", "\"a b\"@d.example"},
		{28, "one: a@x.example; , two: b@x.example;", "a@x.example b@x.example"},
	};

	(void)state;
	check_rows(row, N_OF(row));
}

/* An encoded word is never an address (RFC 2047 section 5), and what looks like '@', or like
 * nothing, is not taken for it. */
static void look_alikes(void **state)
{
	static const struct row row[] = {
		{1, "=?utf-8?q?a=40b=2Eexample?= <c@d.example>", "c@d.example"},
		{2, "=?utf-8?q?Ada_=3Cada=40adv=2Eexample=3E?=", "!"},
		{3, "=?utf-8?B?YWRhQGQuZXhhbXBsZQ==?=", "!"},
		{4, "=?utf-8?B?QWRhIDxhZGFA?= =?utf-8?B?ZC5leGFtcGxlPg==?=", "!"},
		{5, "<=?utf-8?Q?ada?=@d.example>", "!"},
		{6, "=?utf-8?Q?ada?=@d.example", "!"},
		{7, "ada=?utf-8?Q?x?=@d.example", "!"},
		{8, "\"=?utf-8?Q?ada?=\"@d.example", "!"},
		{9, "<=?utf-8?q?x=40evil=2Eexample?=>", "!"},
		{10, "ada@=?utf-8?q?d=2Eexample?=", "!"},
		{11, "=?utf-8?q?x=40evil=2Eexample=2C?= y@d.example", "!"},
		{12, "=?utf-8?Q?Smith,_Ada?= <a@d.example>", "! a@d.example"},
		{13, "=?utf-8?q?a@d.example", "!"},
		{14, "a=b?c@d.example, =@d.example, ?@d.example",
			"a=b?c@d.example =@d.example ?@d.example"},
		{15,
			"ada\xef\xbc\xa0"
			"d.example",
			"!"},
		{16,
			"<ada\xef\xb9\xab"
			"d.example>",
			"!"},
		{17,
			"ada\xef\xbc\xa0"
			"evil.example@d.example",
			"!"},
		{18,
			"\"ada\xef\xbc\xa0"
			"evil.example\"@d.example",
			"!"},
		{19,
			"ad\xe2\x80\x8b"
			"a@d.example",
			"!"},
		{20,
			"\xe2\x80\xae"
			"ada@d.example",
			"!"},
		{21,
			"<\xe2\x81\xa6"
			"ada\xe2\x81\xa9@d.example>",
			"!"},
		{22,
			"\xef\xbb\xbf"
			"ada@d.example",
			"!"},
		{23,
			"a\xc2\xad"
			"da@d.example",
			"!"},
		{24, "ada\xc2\xa0@d.example", "!"},
		{25, "ada\xe3\x80\x80@d.example", "!"},
		{26, "ada\xef\xb8\x8f@d.example", "!"},
		{27,
			"\xf3\xa0\x81\xa1"
			"da@d.example",
			"!"},
		{28,
			"\xef\xbd\x81"
			"da@d.example",
			"!"},
		{29,
			"\xf0\x9d\x90\x9a"
			"da@d.example",
			"!"},
		{30,
			"ada\xe2\x80\xa4"
			"b@d.example",
			"!"},
		{31, "\xe3\x85\xa4@d.example", "!"},
		{32, "Ada\xe2\x80\x8b\xe2\x80\xae \xef\xbc\xa0 <a@d.example>", "a@d.example"},
		{33,
			"\xd0\xb0"
			"da@d.example",
			"\xd0\xb0"
			"da@d.example"},
		{34, "\xe6\x97\xa5\xe6\x9c\xac@d.example, \xd8\xb9@d.example",
			"\xe6\x97\xa5\xe6\x9c\xac@d.example \xd8\xb9@d.example"},
		{35, "Al\x01ice <a@d.example>", "a@d.example"},
		{36, "al\x01ice@d.example", "!"},
		{37, "a@d.example", "!"},
	};

	(void)state;
	check_rows(row, N_OF(row));
}

/* What mail programs write, though no standard has it. */
static void lenient(void **state)
{
	static const struct row row[] = {
		{1, "a@d.example <a@d.example>", "a@d.example"},
		{2, "a@d.example <b@d.example>", "b@d.example"},
		{3, "\"a@d.example\" <b@d.example>", "b@d.example"},
		{4, "[ML] Ada <a@d.example>", "a@d.example"},
		{5, "Ada [ML] <a@d.example>, b@d.example", "a@d.example b@d.example"},
		{6, ", a@d.example", "a@d.example"},
		{7, "a@d.example,", "a@d.example"},
		{8, "a@d.example; b@d.example", "a@d.example b@d.example"},
		{9, "a@d.example;", "a@d.example"},
		{10, "Ada <a@d.example>; Bob <b@d.example>; ", "a@d.example b@d.example"},
		{11, "<mailto:a@d.example>", "a@d.example"},
		{12, "Ada <MAILTO:a@d.example>, mailto:b@d.example", "a@d.example b@d.example"},
		{13, "mailto:a@d.example; b@d.example", "a@d.example b@d.example"},
		{14, "Undisclosed recipients", ""},
		{15, "undisclosed-recipients", ""},
		{16, "undisclosed-recipients:", ""},
		{17, "Undisclosed-Recipient:;, a@d.example", "a@d.example"},
		{18, "<Undisclosed-Recipient:;>", ""},
		{19, "a@d.example, undisclosed recipients; b@d.example", "a@d.example b@d.example"},
		{20, "undisclosed-recipients@d.example", "undisclosed-recipients@d.example"},
		{21, "a..b@d.example", "\"a..b\"@d.example"},
		{22, "<.a@d.example>, a.@d.example", "\".a\"@d.example \"a.\"@d.example"},
		{23, "O'Brien, Ada (x) <a@d.example>", "O'Brien a@d.example"},
		{24, "Ada.<a@d.example>", "a@d.example"},
		{25, "J\xc3\xb6rg M\xc3\xbcller <a@d.example>", "a@d.example"},
		{26, "g: a@d.example; b@d.example", "a@d.example b@d.example"},
		{27, "g1: a@d.example; g2: b@d.example;", "a@d.example b@d.example"},
		{28, "< a@d.example >", "a@d.example"},
		{29, "\"a@b.example\" (c@d.example): e@d.example;", "e@d.example"},
		{30, "a @ d.example", "a@d.example"},
	};

	(void)state;
	check_rows(row, N_OF(row));
}

/* What is not exactly one address, and that nothing behind it is lost. */
static void unreadable(void **state)
{
	static const struct row row[] = {
		{1, "A <a@b\"c.example>, B <x@y.example>", "! x@y.example"},
		{2, "A <a@b\"c.example>, B <x@y.example>, C \"c\" <z@y.example>",
			"! x@y.example z@y.example"},
		{3, "a@b.example c@d.example", "!"},
		{4, "x <a@b.example> <c@d.example>, e@f.example", "! e@f.example"},
		{5, "a@b.example, garbage here, c@d.example", "a@b.example ! c@d.example"},
		{6, "<a@b.example", "!"},
		{7, "x@y.example, <a@b.example", "x@y.example !"},
		{8, "<a@b.example, x@y.example", "! x@y.example"},
		{9, "a@b.example>, c@d.example", "! c@d.example"},
		{10, "a@b@c.example", "!"},
		{11, "group: a@b.example, c@d.example", "a@b.example c@d.example !"},
		{12, "g1: g2: a@b.example; ;", "!"},
		{13, "a@b.example, \"unterminated <c@d.example>, e@f.example",
			"a@b.example ! e@f.example"},
		{14, "(unterminated a@b.example", "!"},
		{15, "a@b.example, (unterminated c@d.example, e@f.example",
			"a@b.example ! e@f.example"},
		{16, "a@b.example, <>", "a@b.example !"},
		{17, "<(x)>", "!"},
		{18, "a b@c.example", "!"},
		{19, "a . b@c.example", "!"},
		{20, "Mr. b@c.example", "!"},
		{21, "a@[1.2.3.4", "!"},
		{22, "[ML Ada <a@d.example>, b@d.example", "! b@d.example"},
		{23, "[a@b.example, c@d.example] <e@f.example>", "! !"},
		{24, "a@b_c.example", "!"},
		{25, "-oQ/tmp@b.example, a@b.example", "! a@b.example"},
		{26, ": a@b.example;", "!"},
		{27, "<a@b.example>, trailing (comment", "a@b.example !"},
		{28, "<a@b.example> x", "!"},
		{29, "<<a@b.example>>", "!"},
		{30, "<a@b.example, c@d.example>", "! !"},
		{31, "a@", "!"},
		{32, "@b.example", "!"},
		{33, "<@b.example>", "!"},
		{34, "a@b.example., c@d.example..", "a@b.example !"},
		{35, "a@b..example", "!"},
		{36, "..@b.example, .", "! !"},
		{37, "a\\b@c.example, d@c.example", "! d@c.example"},
		{38, "a\"b\"@c.example", "!"},
		{39, "\"a\" b@c.example", "!"},
		{40, "Re: Ada <a@b.example>", "a@b.example !"},
		{41, "\"\"@b.example", "!"},
		{42, "mailto:", "!"},
		{43, "a@b.example mailto:c@d.example", "!"},
		{44, "undisclosed recipients a@b.example", "!"},
		{45, "g: ;, (x", "!"},
		{46, "a@b.example: c@d.example;", "!"},
		{47, "a@b.example, [x] g: c@d.example;, e@d.example", "a@b.example ! e@d.example"},
	};

	(void)state;
	check_rows(row, N_OF(row));
}

static void deep_comments(void **state)
{
	struct buf got = BUF_INIT(4096);
	char in[3000];

	(void)state;
	memset(in, '(', 1000);
	memset(in + 1000, ')', 1000);
	snprintf(in + 2000, 1000, " <a@b.example>");
	read_list(in, &got);
	assert_string_equal(buf_str(&got), "!");
	memset(in, '(', 64);
	memset(in + 64, ')', 64);
	snprintf(in + 128, 1000, " <a@b.example>");
	read_list(in, &got);
	assert_string_equal(buf_str(&got), "a@b.example");
	buf_free(&got);
}

/* What is said of an unreadable entry: which, cut and safe, and why. */
static void sentences(void **state)
{
	static const struct {
		const char *in, *says;
	} row[] = {
		{"a@b.example, Ada  Lovelace , c@d.example",
			"Ada  Lovelace: it is not a single address"},
		{"<ada\xef\xbc\xa0"
		 "d.example>",
			"<ada\xef\xbc\xa0"
			"d.example>: the local part holds an invisible character, "
			"or one that looks like another"},
		{"x\033[1m@d.example", "x\\x1b[1m@d.example: a square bracket does not end"},
		{"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789",
			"0123456789 0123456789 0123456789 0123456789 0123456789 01234...: it is "
			"not a "
			"single address"},
	};
	struct addr_list l = {NULL, 0};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		err = (struct err)ERR_INIT;
		assert_int_equal(addresses_read(row[i].in, &l, NULL, &err), ERR_DATA);
		assert_string_equal(err.msg, row[i].says);
	}
	assert_int_equal(l.n, 2);
	addr_list_free(&l);
}

static void one_address(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: not exactly one */
	} row[] = {{"a@b.example", "a@b.example"}, {"Ada <a@b.example>", "a@b.example"},
		{"Ada (x) <a@b.example>;", "a@b.example"}, {"", NULL}, {"g:;", NULL},
		{"a@b.example, c@d.example", NULL}, {"a@b.example, x y", NULL},
		{"a@b.example, a@b.example", "a@b.example"}};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].in);
		assert_int_equal(address_read_one(row[i].in, &a, NULL), row[i].out ? 0 : ERR_DATA);
		if (row[i].out)
			assert_string_equal(a.text, row[i].out);
	}
}

/* What people type is no header field: there is nothing folded in it. */
static void an_argument(void **state)
{
	static const struct {
		const char *name, *in, *out; /* NULL: refused */
	} row[] = {{"1 plain", "a@b.example", "a@b.example"},
		{"2 with a name", "Ada <a@b.example>", "a@b.example"},
		{"3 quoted blank", "\"a b\"@b.example", "\"a b\"@b.example"},
		{"4 line feed in quotes", "\"a\nb\"@b.example", NULL},
		{"5 folded in quotes", "\"a\n b\"@b.example", NULL},
		{"6 CR in quotes", "\"a\rb\"@b.example", NULL},
		{"7 CR behind a backslash", "\"a\\\rb\"@b.example", NULL},
		{"8 folded before the address", "Ada\n <a@b.example>", NULL},
		{"9 two", "a@b.example, c@d.example", NULL}};
	struct err err = ERR_INIT;
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		assert_int_equal(address_argument(row[i].in, &a, &err), row[i].out ? 0 : ERR_USAGE);
		if (row[i].out)
			assert_string_equal(a.text, row[i].out);
	}
}

static unsigned seed = 20261125;

static size_t draw(size_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

/* A field's value has no line end without a blank behind it. */
static bool unfold_text(const char *value, char *text)
{
	for (; *value; value++) {
		if (*value != '\n')
			*text++ = *value;
		else if (value[1] != ' ' && value[1] != '\t')
			return false;
	}
	*text = '\0';
	return true;
}

/* Whether both read all of it, and to the same. GMime may have less: some entries it drops in
 * silence. */
static bool same(const char *value)
{
	struct buf want = BUF_INIT(1 << 20), got = BUF_INIT(1 << 20);
	char text[TEXT_MAX];
	bool both;

	assert_true(strlen(value) < sizeof(text));
	if (!unfold_text(value, text))
		return false;
	read_list(value, &got);
	both = !has_unreadable(buf_str(&got)) && gmime_addresses(text, &want);
	if (both && !words_in_order(buf_str(&want), buf_str(&got)))
		fail_msg("%s:\n%s, but by GMime\n%s", value, buf_str(&got), buf_str(&want));
	both = both && want.len == got.len;
	buf_free(&want);
	buf_free(&got);
	return both;
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
}

/* Replaces, removes, puts in or doubles an octet, or moves a piece. */
static void mutate_text(char *s)
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

static void by_grammar(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	int i, both = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		make_list(&b, 0);
		both += same(buf_str(&b));
	}
	print_message("%d of 20000 read by both\n", both);
	assert_true(both > 5000);
	buf_free(&b);
}

static void with_others(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	int i, both = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		make_list(&b, 8);
		both += same(buf_str(&b));
	}
	print_message("%d of 20000 read by both\n", both);
	assert_true(both > 5000);
	buf_free(&b);
}

static void broken(void **state)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	char s[TEXT_MAX];
	int i, both = 0;
	size_t k;

	(void)state;
	for (i = 0; i < 60000; i++) {
		make_list(&b, draw(2) ? 0 : 10);
		snprintf(s, sizeof(s), "%s", buf_str(&b));
		for (k = 1 + draw(3); k > 0; k--)
			mutate_text(s);
		both += same(s);
	}
	print_message("%d of 60000 read by both\n", both);
	assert_true(both > 5000);
	buf_free(&b);
}

static void tokens(void **state)
{
	static const char *const token[] = {"a", "b1", "@", "@", ".", ",", "<", ">", " ", "\t", "-",
		"=", "?", "x.example", "a@x.example", "<a@b>", "'", "_", "*", "\n ", "\"", ":", ";",
		"(", ")", "\"q\"", "(c)", "[", "]", "\\"};
	struct buf b = BUF_INIT(TEXT_MAX);
	int i, both = 0;
	size_t k;

	(void)state;
	for (i = 0; i < 200000; i++) {
		buf_reset(&b);
		for (k = 1 + draw(9); k > 0; k--)
			buf_adds(&b, ONE_OF(token));
		both += same(buf_str(&b));
	}
	print_message("%d of 200000 read by both\n", both);
	assert_true(both > 2000);
	buf_free(&b);
}

/* All strings of up to 7 of these. */
static void all_short(void **state)
{
	static const char set[] = "a@.,<>\"(";
	char s[8] = "";
	size_t at[7] = {0}, n, i;
	int both = 0;

	(void)state;
	for (n = 1; n <= 7; n++) {
		memset(at, 0, sizeof(at));
		do {
			for (i = 0; i < n; i++)
				s[i] = set[at[i]];
			s[n] = '\0';
			both += same(s);
			for (i = 0; i < n && ++at[i] == sizeof(set) - 1; i++)
				at[i] = 0;
		} while (i < n);
	}
	print_message("%d read by both\n", both);
	assert_true(both > 1000);
}

/* Every byte in every place of a list. */
static void every_byte(void **state)
{
	static const char *const list[] = {"Al B <a@x.example>,b@y.example",
		"a@x.example , <b@y.example>", "g:\"C \\D\" <\"a b\"@x.example>;(e)f@[::1]"};
	char s[64];
	size_t i, at;
	int c, both = 0;

	(void)state;
	for (i = 0; i < N_OF(list); i++) {
		for (at = 0; at < strlen(list[i]); at++) {
			for (c = 1; c < 256; c++) {
				snprintf(s, sizeof(s), "%s", list[i]);
				s[at] = (char)c;
				both += same(s);
			}
		}
	}
	print_message("%d read by both\n", both);
	assert_true(both > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(standard),
		cmocka_unit_test(look_alikes), cmocka_unit_test(lenient),
		cmocka_unit_test(unreadable), cmocka_unit_test(deep_comments),
		cmocka_unit_test(sentences), cmocka_unit_test(one_address),
		cmocka_unit_test(an_argument), cmocka_unit_test(every_byte),
		cmocka_unit_test(all_short), cmocka_unit_test(by_grammar),
		cmocka_unit_test(with_others), cmocka_unit_test(broken), cmocka_unit_test(tokens)};

	g_mime_init();
	return cmocka_run_group_tests_name("address_list", tests, NULL, NULL);
}
