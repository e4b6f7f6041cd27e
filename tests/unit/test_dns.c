/* net/dns: what an answer means. The answers themselves are tested in the lab. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/dns.h"

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
			struct dns_flags f = {.rc = bits & 1 ? -1 : 0, .rcode = rcode,
				.havedata = bits & 2, .nxdomain = bits & 4, .secure = bits & 8,
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

static void absence(void **state)
{
	struct dns_answer a = {.name = "x.example", .type = DNS_A, .state = DNS_SECURE};

	(void)state;
	assert_true(dns_absent(&a));
	a.state = DNS_INSECURE;
	assert_true(dns_absent(&a));
	a.state = DNS_BOGUS;
	assert_false(dns_absent(&a));
	a.state = DNS_ERROR;
	assert_false(dns_absent(&a));
	a.state = DNS_SECURE;
	a.n = 1;
	assert_false(dns_absent(&a));
}

/* Without a trust anchor there is no resolver. */
static void no_anchor(void **state)
{
	struct dns_settings s = {.trust_anchor = "/nonexistent/root.key"};
	char empty[] = "/tmp/test_dns.XXXXXX";
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
	assert_int_equal(dns_open(&s, &d, &err), ERR_CONFIG);
	assert_null(d);
	close(fd);
	unlink(empty);
}

static void bad_resolver(void **state)
{
	struct dns_settings s = {.resolver = "not an address"};
	char file[] = "/tmp/test_dns.XXXXXX";
	static const char anchor[] = ". 172800 IN DS 20326 8 2 "
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
		cmocka_unit_test(as_libunbound_gives_them), cmocka_unit_test(absence),
		cmocka_unit_test(no_anchor), cmocka_unit_test(bad_resolver)};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
