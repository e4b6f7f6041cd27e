/* SPDX-License-Identifier: ISC */
/* What one publishes: what FILE and a list may say, and with which words the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "conf/publish_conf.h"

#define HEAD "[domain]\nname = example.org\n"
#define OURS "[provider]\nhost = wkd.example.net\ndomains = list\n"

static struct err err;

static int read_text(const char *s, struct publish_conf *c)
{
	struct buf b = BUF_INIT(PUBLISH_FILE_MAX);
	int rc;

	memset(&err, 0, sizeof(err));
	assert_int_equal(buf_adds(&b, s), 0);
	rc = publish_conf_read("F", &b, c, &err);
	buf_free(&b);
	return rc;
}

static void refused(void **state)
{
	static const struct {
		int number;
		const char *text, *words;
	} row[] = {
		{1, "", "F:1: has neither"},
		{2, "name = example.org\n", "F:1: 'name' is outside of any section"},
		{3, "[x]\n", "F:1: '[x]' is not a section"},
		{4, "[domain]\n", "F:1: the section has no name"},
		{5, "\n[provider]\nhost = a.example\n", "F:2: the section has no domains"},
		{6, HEAD "nmae = x.example\n", "F:3: 'nmae' is not a setting"},
		{7, HEAD "name = b.example\n", "F:3: name: is set a second time"},
		{8, HEAD "domains = x\n", "F:3: domains: does not belong into [domain]"},
		{9, OURS "name = x.example\n", "F:4: name: does not belong into [provider]"},
		{10, HEAD "method = both ways\n", "F:3: method: 'both ways' is not"},
		{11, HEAD "web = 192.0.2.1 web.example.org\n",
			"F:3: web: one host name, or addresses"},
		{12, HEAD "web = web.example.org\nweb = 192.0.2.1\n", "F:4: web: one host name"},
		{13, HEAD "web = 192.0.2.256\n", "F:3: web: '192.0.2.256' is not the name"},
		{14, HEAD "web-server = iis\n", "F:3: web-server: 'iis' is not"},
		{15, HEAD "listen = eth0\n", "F:3: listen: 'eth0' is not an IP"},
		{16, HEAD "certificate = /a\n", "F:3: certificate: two files"},
		{17, HEAD "certificate = /a$x /b\n", "F:3: certificate: absolute paths"},
		{18, HEAD "certificate = a /b\n", "F:3: certificate: absolute paths"},
		{19, HEAD "certificate = /%d /b\n", "F:3: certificate: absolute paths"},
		{20, HEAD "acme = http://ca.example/\n", "F:3: acme: 'http://ca.example/' is not"},
		{21, HEAD "acme = https://ca.example/{x}\n", "F:3: acme: "},
		{22, HEAD "acme-ca = /x y\n", "F:3: acme-ca: "},
		{23, HEAD "acme-email = nobody\n", "F:3: acme-email: 'nobody' is not"},
		{24, HEAD "openpgpkey-records = 1\n", "F:3: openpgpkey-records: '1' is not"},
		{25, HEAD "mta-sts = none\n", "F:3: mta-sts: 'none' is not off"},
		{26, HEAD "max-age = 23h\n", "F:3: max-age: '23h' is not a time"},
		{27, HEAD "max-age = 366d\n", "F:3: max-age: '366d' is not a time"},
		{28, HEAD "max-age = 99999999999999999999d\n", "F:3: max-age: "},
		{29, HEAD "max-age = -1d\n", "F:3: max-age: "},
		{30, HEAD "ttl = 0\n", "F:3: ttl: "},
		{31, HEAD "mx = *\n", "F:3: mx: "},
		{32, HEAD "mx = *.*.example.org\n", "F:3: mx: "},
		{33, HEAD "tls-reports = tls@example.org\n", "F:3: tls-reports: "},
		{34, HEAD "tls-reports = mailto:a;b@example.org\n", "F:3: tls-reports: "},
		{35, HEAD "caa = lets encrypt\n", "F:3: caa: "},
		{36, HEAD "caa = letsencrypt.org\"; x\n", "F:3: caa: "},
		{37, HEAD "keys = gnupg:ann@example.org\n", "F:3: keys: "},
		{38, HEAD "keys =\n", "F:3: keys: has no value"},
		{39, HEAD HEAD, "F:3: example.org is published twice"},
		{40, HEAD "[domain]\nname = b.example\nacme-email = a@b.example\n",
			"F:3: acme, acme-ca and acme-email have to be those of line 1"},
		{41, HEAD "keys = a # b\n", "F:3: keys: a comment after"},
		{42, "[domain\n", "F:1: the section's name has no ]"},
		{43, HEAD "keys\n", "F:3: "},
		{44, HEAD "caa = sectigo.com\n",
			"F:3: caa: does not name the authority that acme asks"},
		{45, HEAD "caa = letsencrypt.org\nacme = https://acme.zerossl.com/v2/DV90\n",
			"F:3: caa: does not name the authority that acme asks"},
		{46, HEAD "tls-reports = mailto:\n", "F:3: tls-reports: 'mailto:' is not"},
		{47, HEAD "tls-reports = mailto:tls\n", "F:3: tls-reports: "},
		{48, HEAD "tls-reports = mailto:?to=a@b.example\n", "F:3: tls-reports: "},
		{49, HEAD "tls-reports = https://\n", "F:3: tls-reports: "},
		{50, HEAD "tls-reports = https:///x\n", "F:3: tls-reports: "},
		{51, HEAD "tls-reports = https://a_b.example/x\n", "F:3: tls-reports: "},
		{52, HEAD "web = openpgpkey.example.org\n",
			"F:3: web: openpgpkey.example.org would be an alias of itself"},
		{53, HEAD "web = MTA-STS.example.org.\n",
			"F:3: web: mta-sts.example.org would be an alias of itself"},
	};
	struct publish_conf c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].words);
		assert_int_equal(read_text(row[i].text, &c), ERR_CONFIG);
		if (strncmp(err.msg, row[i].words, strlen(row[i].words)) != 0)
			fail_msg("%s", err.msg);
	}
}

/* Names that would be something else in a path, a zone line or a configuration. */
static const char *const hostile[] = {"", ".", "..", "../x.example", "/etc.example", "a/b.example",
	"a.example/", "a..example", ".a.example", "a.example..", "a b.example", "a\tb.example",
	"-a.example", "a-.example", "a_b.example", "*.example", "a.example;", "a.example{",
	"$x.example", "${x}.example", "a.example\"", "a'.example", "a\\.example", "a%2f.example",
	"a@b.example", "a.example:443", "[::1]", "192.0.2.1", "a.1", "localhost",
	"b\xc3\xbc"
	"cher.example",
	"a\x7f.example", "a\xe2\x80\xae.example", "(a.example", "a.example)", "a,b.example",
	"openpgpkey.a.example", "mta-sts.a.example", "a#b.example", "a|b.example", "a`b`.example",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"};

static void hostile_names(void **state)
{
	struct publish_conf c;
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		print_message("%zu %s\n", i + 1, hostile[i]);
		snprintf(text, sizeof(text), "[domain]\nname = %s\n", hostile[i]);
		assert_int_equal(read_text(text, &c), ERR_CONFIG);
		assert_true(strncmp(err.msg, "F:", 2) == 0);
	}
}

static int read_list_text(const char *list, struct publish_conf *c)
{
	struct buf b = BUF_INIT(PUBLISH_LIST_MAX);
	int rc;

	assert_int_equal(read_text(OURS, c), 0);
	assert_int_equal(buf_adds(&b, list), 0);
	rc = publish_list_read("L", &b, c, &c->section[0], &err);
	buf_free(&b);
	return rc;
}

static void lists(void **state)
{
	static const struct {
		int number;
		const char *text, *words;
	} row[] = {
		{1, "a.example\n\nb b\n", "L:3: 'b' is not the name"},
		{2, "a.example t u\n", "L:1: DOMAIN [TOKEN]"},
		{3, "a.example T\n", "L:1: DOMAIN [TOKEN]"},
		{4, "a.example t.u\n", "L:1: DOMAIN [TOKEN]"},
		{5, "a.example ../t\n", "L:1: DOMAIN [TOKEN]"},
		{6, "a.example mta-sts=none\n", "L:1: 'none' is not"},
		{7, "a.example\na.example\n", "L:2: a.example is published twice"},
		{8, "a.example t\nb.example t\n", "L:2: two domains have the token t"},
		{9, "x.wkd.example.net\n", "L:1: x.wkd.example.net: lies in the provider's own"},
		{10, "wkd.example.net\n", "L:1: wkd.example.net: lies in"},
		{11, "b.example t\n\na.example t\n", "L:3: two domains have the token t"},
		{12, "c.example\nb.example\nA.example\nb.example. t\n",
			"L:4: b.example is published twice"},
	};
	struct publish_conf c;
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].words);
		assert_int_equal(read_list_text(row[i].text, &c), ERR_CONFIG);
		if (strncmp(err.msg, row[i].words, strlen(row[i].words)) != 0)
			fail_msg("%s", err.msg);
		publish_conf_free(&c);
	}
	for (i = 1; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		/* A comment, and what is a token or a domain with a token. */
		if (strpbrk(hostile[i], "# \t"))
			continue;
		print_message("hostile %zu %s\n", i + 1, hostile[i]);
		snprintf(text, sizeof(text), "%s\n", hostile[i]);
		assert_int_equal(read_list_text(text, &c), ERR_CONFIG);
		assert_true(strncmp(err.msg, "L:1: ", 5) == 0);
		publish_conf_free(&c);
	}
}

static void taken(void **state)
{
	struct publish_conf c;
	const struct publish_domain *d;

	(void)state;
	assert_int_equal(
		read_text("# x\n[domain]\nname = Example.ORG. ; y\nkeys = a.asc, b/\nkeys = c\n"
			  "web = 192.0.2.1 2001:db8::1\nweb = 2001:DB8:0::1\nweb-server = nginx "
			  "apache\n"
			  "max-age = 1d\nmx = *.example.org. mx.example.net\n"
			  "caa = letsencrypt.org.; validationmethods=dns-01\nttl = 300\n",
			&c),
		0);
	assert_int_equal(c.n_domain, 1);
	d = publish_find(&c, "example.org");
	assert_non_null(d);
	assert_int_equal(d->section->keys.n, 3);
	assert_string_equal(d->section->keys.v[1], "b/");
	assert_int_equal(d->section->keys.line[1], 4);
	assert_int_equal(d->section->keys.line[2], 5);
	assert_int_equal(publish_line_of(d->section, "max-age"), 9);
	assert_int_equal(publish_line_of(d->section, "ns"), 2);
	assert_int_equal(d->section->web.n, 2);
	assert_string_equal(d->section->web.v[1], "2001:db8::1");
	assert_int_equal(d->section->servers, PUBLISH_NGINX | PUBLISH_APACHE);
	assert_int_equal(d->section->max_age, PUBLISH_DAY);
	assert_int_equal(d->section->ttl, 300);
	assert_string_equal(d->section->mx.v[0], "*.example.org");
	assert_string_equal(d->section->caa.v[0], "letsencrypt.org; validationmethods=dns-01");
	publish_conf_free(&c);
	assert_int_equal(
		read_list_text(
			"\xef\xbb\xbf# customers\nb.example tok mta-sts=testing\r\na.example # x\n",
			&c),
		0);
	assert_int_equal(c.n_domain, 2);
	assert_string_equal(c.domain[0].name, "a.example");
	assert_null(c.domain[0].token);
	assert_string_equal(c.domain[1].token, "tok");
	assert_int_equal(c.domain[1].sts, PUBLISH_STS_TESTING);
	publish_conf_free(&c);
}

/* Which authority the web server asks, as CAA names it. */
static void authorities(void **state)
{
	static const struct {
		int number;
		const char *acme, *acme_ca;
		unsigned servers;
		const char *issuer;
		int want;
	} row[] = {
		{1, NULL, NULL, PUBLISH_CADDY, "letsencrypt.org", 1},
		{2, NULL, NULL, PUBLISH_CADDY, "LetsEncrypt.org; accounturi=https://x/1", 1},
		{3, NULL, NULL, PUBLISH_NGINX, "sectigo.com", 0},
		{4, NULL, NULL, PUBLISH_APACHE, "sectigo.com", -1},
		{5, NULL, NULL, PUBLISH_PAGES, "letsencrypt.org", -1},
		{6, "https://dv.acme-v02.api.pki.goog/directory", NULL, PUBLISH_CADDY, "pki.goog",
			1},
		{7, "https://acme.zerossl.com/v2/DV90", NULL, PUBLISH_CADDY, "sectigo.com", 1},
		{8, "https://acme.zerossl.com/v2/DV90", NULL, PUBLISH_CADDY, "zerossl.com", 0},
		{9, "https://localhost:14000/dir", "/ca.pem", PUBLISH_CADDY, "x.example", -1},
		{10, "https://letsencrypt.org.example:443/d", NULL, PUBLISH_CADDY,
			"letsencrypt.org", 0},
		{11, "https://xletsencrypt.org/d", NULL, PUBLISH_CADDY, "letsencrypt.org", 0},
		{12, NULL, NULL, PUBLISH_CADDY, "", 0},
	};
	struct publish_section s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].issuer);
		s = (struct publish_section){.servers = row[i].servers,
			.acme = (char *)(uintptr_t)row[i].acme,
			.acme_ca = (char *)(uintptr_t)row[i].acme_ca};
		assert_int_equal(publish_acme_is(&s, row[i].issuer), row[i].want);
	}
}

/* Of which domains tlsa-from is: all of FILE's own, and customers with mail servers of their own.
 */
static void tlsa_of_whom(void **state)
{
	static const struct {
		int number;
		const char *what, *tlsa, *mx;
		bool customer, concerns, used;
	} row[] = {
		{1, "none", NULL, "mx.a.example", false, false, true},
		{2, "a domain's own", "f.pem", "mx.elsewhere.example", false, true, true},
		{3, "a customer's server in its zone", "f.pem", "mx.a.example", true, true, true},
		{4, "one that is the domain itself", "f.pem", "a.example", true, true, true},
		{5, "the provider's server", "f.pem", "mx.provider.example", true, false, true},
		{6, "one that only ends so", "f.pem", "mxa.example", true, false, true},
		{7, "any of its zone", "f.pem", "*.a.example", true, false, true},
		{8, "those in DNS, which are not known yet", "f.pem", NULL, true, true, true},
		{9, "named, in its zone", "MX.a.example=f.pem", "mx.provider.example", true, true,
			true},
		{10, "named, in another's", "mx.b.example=f.pem", "mx.a.example", true, false,
			true},
		{11, "named, in nobody's", "mx.provider.example=f.pem", NULL, true, false, false},
		{12, "a path with =", "./mx.provider.example=f.pem", "mx.a.example", true, true,
			true},
	};
	struct publish_section s;
	struct publish_domain d[2];
	struct publish_conf c;
	char *tlsa, *mx;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].what);
		tlsa = (char *)(uintptr_t)row[i].tlsa;
		mx = (char *)(uintptr_t)row[i].mx;
		s = (struct publish_section){.provider = row[i].customer,
			.tlsa = {.v = &tlsa, .n = tlsa != NULL},
			.mx = {.v = &mx, .n = mx != NULL}};
		d[0] = (struct publish_domain){.name = (char *)(uintptr_t) "a.example",
			.section = &s,
			.customer = row[i].customer};
		d[1] = d[0];
		d[1].name = (char *)(uintptr_t) "b.example";
		c = (struct publish_conf){
			.section = &s, .n_section = 1, .domain = d, .n_domain = 2};
		assert_int_equal(publish_tlsa_concerns(&d[0]), row[i].concerns);
		if (tlsa)
			assert_int_equal(publish_tlsa_used(&c, &s, tlsa), row[i].used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(authorities),
		cmocka_unit_test(tlsa_of_whom), cmocka_unit_test(refused),
		cmocka_unit_test(hostile_names), cmocka_unit_test(lists), cmocka_unit_test(taken)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
