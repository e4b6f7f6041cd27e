/* SPDX-License-Identifier: ISC */
/* net/dns: what an answer means. The answers themselves are tested in the lab. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/clock_hint.h"
#include "net/dns.h"
#include "net/dns_answer.h"
#include "net/dns_why.h"
#include "net/packet.h"

/* Spelled anew, one reason after the other, for every combination there is. */
static enum dns_state expected(const struct dns_flags *f)
{
	if (f->rc)
		return DNS_ERROR;
	if (f->bogus)
		return DNS_BOGUS;
	if (f->rcode == 0 && f->havedata && !f->nxdomain)
		return f->secure ? DNS_SECURE : DNS_INSECURE;
	if (f->rcode == 0 && !f->havedata && !f->nxdomain)
		return f->secure ? DNS_SECURE : DNS_INSECURE;
	if (f->rcode == 3 && !f->havedata)
		return f->secure ? DNS_SECURE : DNS_INSECURE;
	return DNS_ERROR;
}

static void every_combination(void **state)
{
	unsigned bits;
	int rcode, seen[DNS_ERROR + 1] = {0};

	(void)state;
	for (rcode = 0; rcode < 16; rcode++) {
		for (bits = 0; bits < 32; bits++) {
			struct dns_flags f = {.rc = bits & 1 ? -1 : 0,
				.rcode = rcode,
				.havedata = bits & 2,
				.nxdomain = bits & 4,
				.secure = bits & 8,
				.bogus = bits & 16};

			assert_int_equal(dns_classify(&f), expected(&f));
			seen[dns_classify(&f)]++;
		}
	}
	assert_true(seen[DNS_SECURE] && seen[DNS_INSECURE] && seen[DNS_BOGUS] && seen[DNS_ERROR]);
}

static const struct {
	const char *name;
	struct dns_flags f;
	enum dns_state want;
} known[] = {
	{"secure data", {0, 0, true, false, true, false}, DNS_SECURE},
	{"secure NXDOMAIN", {0, 3, false, true, true, false}, DNS_SECURE},
	{"secure NODATA", {0, 0, false, false, true, false}, DNS_SECURE},
	{"insecure data", {0, 0, true, false, false, false}, DNS_INSECURE},
	{"bogus data comes with rcode 0", {0, 0, true, false, false, true}, DNS_BOGUS},
	{"a forged NXDOMAIN comes as one", {0, 3, false, true, false, true}, DNS_BOGUS},
	{"a time-out looks insecure", {0, 2, false, false, false, false}, DNS_ERROR},
	{"REFUSED", {0, 5, false, false, false, false}, DNS_ERROR},
	{"library error over all else", {-1, 0, true, false, true, false}, DNS_ERROR},
};

static void as_libunbound_gives_them(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		print_message("# %s\n", known[i].name);
		assert_int_equal(dns_classify(&known[i].f), known[i].want);
	}
}

#define Q "\1a\1B\4test\0" /* at offset 12 */
#define RR(name, type, len)                                                                        \
	name "\0" type "\0\1"                                                                      \
	     "\0\0\1\54"                                                                           \
	     "\0" len
#define SIG(covered, labels)                                                                       \
	"\0" covered "\15" labels "\0\0\1\54"                                                      \
	"\0\0\0\0"                                                                                 \
	"\0\0\0\0"                                                                                 \
	"\0\0"                                                                                     \
	"\0"                                                                                       \
	"s"
#define SIG_LEN "\24"
#define A(name) RR(name, "\1", "\4") "\300\0\2\1"
#define RRSIG(name, covered, labels) RR(name, "\56", SIG_LEN) SIG(covered, labels)
#define ANSWER(n, type, rest)                                                                      \
	"\0\0\201\240"                                                                             \
	"\0\1"                                                                                     \
	"\0" n "\0\0"                                                                              \
	"\0\0" Q "\0" type "\0\1" rest
#define HERE "\300\14"
#define PACKET(p) p, sizeof(p) - 1

static const struct {
	const char *name, *packet;
	size_t len;
	bool wildcard, is_signed;
} packets[] = {
	{"of the name itself", PACKET(ANSWER("\2", "\1", A(HERE) RRSIG(HERE, "\1", "\3"))), false,
		true},
	{"of a wildcard", PACKET(ANSWER("\2", "\1", A(HERE) RRSIG(HERE, "\1", "\2"))), true, true},
	{"the name written out, in other case",
		PACKET(ANSWER("\2", "\1", A(HERE) RRSIG("\1A\1b\4tEst\0", "\1", "\2"))), true,
		true},
	{"of the root's wildcard", PACKET(ANSWER("\2", "\1", A(HERE) RRSIG(HERE, "\1", "\0"))),
		true, true},
	{"two signatures",
		PACKET(ANSWER("\3", "\1", A(HERE) RRSIG(HERE, "\1", "\2") RRSIG(HERE, "\1", "\2"))),
		true, true},
	{"two that differ",
		PACKET(ANSWER("\3", "\1", A(HERE) RRSIG(HERE, "\1", "\2") RRSIG(HERE, "\1", "\3"))),
		false, true},
	{"a CNAME of a wildcard", PACKET(ANSWER("\1", "\1", RRSIG(HERE, "\5", "\2"))), true, true},
	{"where a CNAME led",
		PACKET(ANSWER("\2", "\1", RRSIG(HERE, "\5", "\3") RRSIG("\1x\300\20", "\1", "\1"))),
		false, true},
	{"over another type", PACKET(ANSWER("\1", "\1", RRSIG(HERE, "\34", "\2"))), false, false},
	{"not signed", PACKET(ANSWER("\1", "\1", A(HERE))), false, false},
	{"cut short", PACKET(ANSWER("\3", "\1", A(HERE) RRSIG(HERE, "\1", "\2"))), false, false},
	{"nothing", PACKET(""), false, false},
};

static void wildcards(void **state)
{
	size_t i, n;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		print_message("# %s\n", packets[i].name);
		assert_int_equal(
			dns_packet_wildcard((const uint8_t *)packets[i].packet, packets[i].len),
			packets[i].wildcard);
		assert_int_equal(
			dns_packet_signed((const uint8_t *)packets[i].packet, packets[i].len),
			packets[i].is_signed);
		/* Half a packet shows nothing; no octet beyond it is read. */
		for (n = 0; n < packets[i].len; n++) {
			copy = malloc(n + 1);
			assert_non_null(copy);
			memcpy(copy + 1, packets[i].packet, n);
			assert_false(dns_packet_wildcard((const uint8_t *)copy + 1, n));
			assert_false(dns_packet_signed((const uint8_t *)copy + 1, n));
			free(copy);
		}
	}
}

/* What is taken of libunbound's own structure. */
static void of_an_answer(void **state)
{
	static const struct {
		const char *name, *asked, *canonical, *want;
	} row[] = {
		{"1 no alias", "a.example", NULL, ""},
		{"2 the name itself", "a.example", "a.example.", ""},
		{"3 in other case", "a.example", "A.Example.", ""},
		{"4 an alias", "a.example", "b.example.", "b.example"},
		{"5 without its dot", "a.example", "b.example", "b.example"},
		{"6 the root", "a.example", ".", "."},
		{"7 the beginning of the name", "a.example", "a.", "a"},
	};
	char out[DNS_NAME_MAX + 1], longest[DNS_NAME_MAX + 2];
	struct ub_result res = {.rcode = 3, .nxdomain = 1, .secure = 1};
	struct dns_flags f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		res.canonname = (char *)(uintptr_t)row[i].canonical;
		if (strcmp(dns_canon_of(row[i].asked, &res, out), row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, out);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	res.canonname = longest;
	assert_string_equal(dns_canon_of("a.example", &res, out), "");
	f = dns_flags_of(0, &res);
	assert_true(f.rc == 0 && f.rcode == 3 && f.nxdomain && f.secure && !f.havedata && !f.bogus);
	assert_int_equal(dns_flags_of(-1, &res).rc, -1);
	assert_int_equal(dns_flags_of(0, NULL).rc, -1);
	assert_false(dns_is_wildcard(&res) || dns_is_signed(&res));
	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		res.answer_packet = (char *)(uintptr_t)packets[i].packet;
		res.answer_len = (int)packets[i].len;
		assert_int_equal(dns_is_wildcard(&res), packets[i].wildcard);
		assert_int_equal(dns_is_signed(&res), packets[i].is_signed);
	}
	res.answer_len = -1;
	assert_false(dns_is_wildcard(&res) || dns_is_signed(&res));
}

/* As RFC 1035 and its successors number them. */
static void names_of_numbers(void **state)
{
	static const struct {
		uint16_t type;
		const char *name;
	} row[] = {{1, "A"}, {5, "CNAME"}, {6, "SOA"}, {15, "MX"}, {16, "TXT"}, {28, "AAAA"},
		{43, "DS"}, {48, "DNSKEY"}, {52, "TLSA"}, {61, "OPENPGPKEY"}, {257, "CAA"},
		{0, "?"}, {255, "?"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_string_equal(dns_type_name(row[i].type), row[i].name);
	assert_string_equal(dns_rcode_name(0), "NOERROR");
	assert_string_equal(dns_rcode_name(2), "SERVFAIL");
	assert_string_equal(dns_rcode_name(3), "NXDOMAIN");
	assert_string_equal(dns_rcode_name(5), "REFUSED");
	assert_string_equal(dns_rcode_name(6), "?");
	assert_string_equal(dns_rcode_name(4095), "?");
}

#define SIGNED " from 192.0.2.53 for trust anchor . while building chain of trust"

static const struct {
	const char *why;
	bool stripped;
	const char *broken;
	bool clock;
} root_whys[] = {
	{"validation failure <. DNSKEY IN>: signature expired" SIGNED, false,
		"the DNSSEC signatures of the root have expired", true},
	{"validation failure <. DNSKEY IN>: signature before inception date" SIGNED, false,
		"the DNSSEC signatures of the root are not valid yet", true},
	{"validation failure <. DNSKEY IN>: signature missing" SIGNED, false,
		"none of the trust anchors matches the root's key", false},
	{"validation failure <. DNSKEY IN>: no keys have a DS with algorithm RSASHA256" SIGNED,
		false, "none of the trust anchors matches the root's key", false},
	{"validation failure <. DNSKEY IN>: DS hash mismatches key" SIGNED, false,
		"none of the trust anchors matches the root's key", false},
	{"validation failure <. DNSKEY IN>: no DNSKEY rrset" SIGNED, true,
		"the resolver does not pass on DNSSEC", false},
	{"validation failure <. DNSKEY IN>: no signatures" SIGNED, true,
		"the resolver does not pass on DNSSEC", false},
	{NULL, true, "the resolver does not pass on DNSSEC", false},
	{"validation failure <. DNSKEY IN>: signature expired" SIGNED, true,
		"the resolver does not pass on DNSSEC", false},
	{"validation failure <. DNSKEY IN>: signature crypto failed" SIGNED, false,
		"the resolver does not pass on DNSSEC, or the trust anchor is out of date", false},
	{NULL, false, "the resolver does not pass on DNSSEC, or the trust anchor is out of date",
		false},
};

static const struct {
	const char *why, *note;
	bool clock;
} whys[] = {
	{NULL, "DNSSEC validation failed", false},
	{"validation failure <a.example. A IN>: signature expired from 192.0.2.53 for key example. "
	 "while building chain"
	 " of trust",
		"DNSSEC validation failed (signature expired for key example.)", false},
	{"validation failure <a.example. A IN>: signature before inception date from 192.0.2.53",
		"DNSSEC validation failed (signature before inception date)", true},
	{"validation failure <a.example. SOA IN>: key for validation example. is marked as invalid "
	 "because of a previous"
	 " validation failure <b.example. A IN>: signature expired from 192.0.2.53 for key "
	 "example. while building chain"
	 " of trust",
		"DNSSEC validation failed (signature expired for key example.)", false},
	{"something else", "DNSSEC validation failed (something else)", false},
};

static void check_note(const char *note, const char *want, bool clock)
{
	char full[DNS_NOTE_MAX], hint[CLOCK_HINT_MAX] = "";

	if (clock)
		clock_hint(hint);
	snprintf(full, sizeof(full), "%s%s", want, hint);
	assert_string_equal(note, full);
}

/* The words are libunbound 1.17's. */
static void reasons(void **state)
{
	char note[DNS_NOTE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(root_whys) / sizeof(root_whys[0]); i++) {
		dns_why_broken(root_whys[i].why, root_whys[i].stripped, false, note);
		check_note(note, root_whys[i].broken, root_whys[i].clock);
	}
	for (i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		dns_why_bogus(whys[i].why, note);
		check_note(note, whys[i].note, whys[i].clock);
	}
}

/* Without a trust anchor there is no resolver. */
static void no_anchor(void **state)
{
	struct dns_settings s = {.trust_anchor = "/nonexistent/root.key"};
	static const char *const text[] = {
		"", "; DS\n", "ADS DNSKEYS\n", ". IN A 192.0.2.1 ; no DNSKEY\n"};
	char empty[] = "/tmp/test_dns.XXXXXX";
	size_t i;
	struct err err = ERR_INIT;
	struct dns *d = NULL;
	int fd;

	(void)state;
	assert_int_equal(dns_open(&s, &d, &err), ERR_CONFIG);
	assert_null(d);
	assert_non_null(strstr(err.msg, "trust anchor"));
	fd = mkstemp(empty);
	assert_true(fd >= 0);
	s.trust_anchor = empty;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, text[i], strlen(text[i]), 0), strlen(text[i]));
		assert_int_equal(dns_open(&s, &d, &err), ERR_CONFIG);
		assert_null(d);
		assert_non_null(strstr(err.msg, "holds no key"));
	}
	close(fd);
	unlink(empty);
}

static void bad_resolver(void **state)
{
	struct dns_settings s = {.resolver = "not an address"};
	char file[] = "/tmp/test_dns.XXXXXX";
	static const char anchor[] =
		". 172800 IN DS 20326 8 2 "
		"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
	struct err err = ERR_INIT;
	struct dns *d = NULL;
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, anchor, sizeof(anchor) - 1), sizeof(anchor) - 1);
	close(fd);
	s.trust_anchor = file;
	assert_int_equal(dns_open(&s, &d, &err), ERR_CONFIG);
	assert_null(d);
	assert_non_null(strstr(err.msg, "resolver"));
	s.resolver = "192.0.2.53@5353";
	assert_int_equal(dns_open(&s, &d, &err), 0);
	assert_string_equal(dns_doubt(d), "the resolver does not answer");
	dns_close(d);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_combination),
		cmocka_unit_test(as_libunbound_gives_them), cmocka_unit_test(wildcards),
		cmocka_unit_test(of_an_answer), cmocka_unit_test(names_of_numbers),
		cmocka_unit_test(reasons), cmocka_unit_test(no_anchor),
		cmocka_unit_test(bad_resolver)};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
