/* SPDX-License-Identifier: ISC */
/* publish, from its arguments to the tree that it writes and what it says of the world. */
#include "verbs_util.h"

#include "base/wkd_name.h"

#define SITE "[domain]\nname = x.example\nkeys = keys/\nweb = 192.0.2.81\n"
#define WRITE "publish write --offline {HOME}/tree {HOME}/site"
#define PLAN "publish plan {HOME}/site"
#define CERTIFICATE                                                                                \
	"-----BEGIN PUBLIC KEY-----\n"                                                             \
	"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"                           \
	"-----END PUBLIC KEY-----\n"

#define NEXT_CERTIFICATE                                                                           \
	"-----BEGIN PUBLIC KEY-----\n"                                                             \
	"MCowBQYDK2VwAyEAlWVnKbAp+o5BkCjpZpyszHjaVZmjeqjaJYR8hmn++JY=\n"                           \
	"-----END PUBLIC KEY-----\n"

static void put_site(const char *more)
{
	char text[4096];

	snprintf(text, sizeof(text), SITE "%s", more);
	put_text("site", text);
}

static void put_cert(const char *name, const struct buf *cert)
{
	write_file(in_home(name), cert->p, cert->len);
}

static void new_site(const char *more)
{
	new_home("[sealpost]\nmta = /bin/true\n");
	assert_int_equal(mkdir(in_home("keys"), 0700), 0);
	put_site(more);
}

/* Whether a file of the tree holds a text; "" at least is there. NULL: there is no such file. */
static void holds(const char *name, const char *text)
{
	struct buf b = BUF_INIT(OUTPUT_MAX);

	if (!text) {
		assert_int_not_equal(access(in_home(name), F_OK), 0);
		return;
	}
	if (file_read(in_home(name), &b, ERR_IO, NULL) < 0 || !strstr(buf_str(&b), text))
		fail_msg("%s: no \"%s\" in\n%s", name, text, buf_str(&b));
	buf_free(&b);
}

static void arguments(void **state)
{
	static const struct step steps[] = {
		{"help", "", "publish --help", NULL, 0, "usage: sealpost publish plan", ""},
		{"no word", "", "publish", NULL, 64, "", "plan, write or verify is missing"},
		{"another word", "", "publish now {HOME}/site", NULL, 64, "", "now: is not plan"},
		{"no file", "", "publish plan", NULL, 64, "", "FILE is expected"},
		{"one too many", "", "publish verify {HOME}/tree {HOME}/site", NULL, 64, "",
			"hint: "},
		{"no folder", "", "publish write {HOME}/site", NULL, 64, "", "DIR and FILE"},
		{"no such option", "", "publish --nonsense", NULL, 64, "", "no such option"},
		{"an option of another word", "", "publish plan --offline {HOME}/site", NULL, 64,
			"", "takes no such option"},
		{"and of the other", "", "publish write --json {HOME}/tree {HOME}/site", NULL, 64,
			"", "takes no such option"},
		{"no step", "", "publish write --force=nothing {HOME}/tree {HOME}/site", NULL, 64,
			"", "is not a step"},
		{"no name behind it", "", "publish write --force=enforce: {HOME}/tree {HOME}/site",
			NULL, 64, "", "is not a step"},
		{"another domain", "", "publish write -d y.example {HOME}/tree {HOME}/site", NULL,
			64, "", "is not a domain of"},
		{"no such file", "", "publish plan {HOME}/none", NULL, 78, "", "none"},
		{"no folder to write to", "", "publish write --offline /proc/none {HOME}/site",
			NULL, 73, "", NULL},
		{"a folder of somebody else", "", "publish write --offline {HOME}/keys {HOME}/site",
			NULL, 73, "", NULL},
	};

	(void)state;
	new_site("");
	put_text("keys/x", "x");
	RUN_STEPS(steps);
}

/* What goes out and what does not. */
static void written(void **state)
{
	static const struct step first[] = {
		{"one key", "", WRITE, NULL, 0, "1 key published, 0 left out; ", ""},
		{"again: nothing changes", "", WRITE, NULL, 0, "0 files written, 0 removed", ""},
	};
	static const struct step odd[] = {{"not a key", "", WRITE, NULL, 1,
		"1 key published, 1 left out", "holds no OpenPGP certificate"}};
	static const struct step both[] = {{"two keys that do not know each other", "", WRITE, NULL,
		75, "0 keys published, 3 left out", "another usable key of the address"}};
	static const struct step withdrawn[] = {
		{"not by itself", "", WRITE, NULL, 75, NULL, "not done: withdraw: alice@x.example"},
		{"forced for another", "",
			"publish write --offline --force=withdraw:bob@x.example {HOME}/tree "
			"{HOME}/site",
			NULL, 75, NULL, "not done: withdraw"},
		{"forced", "", "publish write --offline --force=withdraw {HOME}/tree {HOME}/site",
			NULL, 0, "0 keys published", NULL},
	};

	(void)state;
	new_site("openpgpkey-records = yes\nmta-sts = testing\nmx = mx1.example\n"
		 "tls-reports = mailto:tls@x.example\nweb-server = nginx caddy apache pages\n");
	put_cert("keys/a", &cert_a);
	RUN_STEPS(first);
	holds("tree/www/mta-sts.x.example/.well-known/mta-sts.txt",
		"version: STSv1\r\nmode: testing\r\nmx: mx1.example\r\nmax_age: 604800\r\n");
	holds("tree/www/openpgpkey.x.example/.well-known/openpgpkey/x.example/policy", "");
	holds("tree/dns/x.example.zone", "openpgpkey.x.example. 3600 IN A 192.0.2.81");
	holds("tree/dns/x.example.zone", "._openpgpkey.x.example. 3600 IN TYPE61 \\# ");
	holds("tree/dns/x.example.zone", "v=TLSRPTv1; rua=mailto:tls@x.example");
	holds("tree/dns/x.example.nsupdate", "update add ");
	holds("tree/dns/x.example.txt", "value: v=TLSRPTv1; rua=mailto:tls@x.example");
	holds("tree/nginx.conf", "openpgpkey.x.example");
	holds("tree/Caddyfile", "");
	put_text("keys/readme", "read me");
	RUN_STEPS(odd);
	put_cert("keys/b", &cert_b);
	RUN_STEPS(both);
	assert_int_equal(unlink(in_home("keys/a")), 0);
	assert_int_equal(unlink(in_home("keys/b")), 0);
	assert_int_equal(unlink(in_home("keys/readme")), 0);
	RUN_STEPS(withdrawn);
}

static void refused_keys(void **state)
{
	static const struct step secret[] = {{"a secret key", "", WRITE, NULL, 78, "",
		"holds a secret key; nothing was written"}};
	static const struct step revoked[] = {
		{"a revoked key", "", WRITE, NULL, 1, NULL, "its owner revoked it"}};
	static const struct step rotated[] = {{"the first", "", WRITE, NULL, 0, NULL, ""}};
	static const struct step another[] = {
		{"another in its place", "", WRITE, NULL, 75, NULL,
			"not done: rotate: alice@x.example"},
		{"forced", "", "publish write --offline --force=rotate {HOME}/tree {HOME}/site",
			NULL, 0, "1 key published", NULL},
	};

	(void)state;
	new_site("");
	put_text("keys/z", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
	RUN_STEPS(secret);
	holds("tree/dns/x.example.zone", NULL);
	assert_int_equal(unlink(in_home("keys/z")), 0);
	put_cert("keys/r", &cert_revoked);
	RUN_STEPS(revoked);
	assert_int_equal(unlink(in_home("keys/r")), 0);
	put_cert("keys/a", &cert_a);
	RUN_STEPS(rotated);
	put_cert("keys/a", &cert_b);
	RUN_STEPS(another);
}

/* A published key that is revoked stays, with its revocation, and plan tells what write refuses. */
static void revoked_later(void **state)
{
	static const struct step first[] = {{"published", "", WRITE, NULL, 0, NULL, ""}};
	static const struct step revoked[] = {
		{"revoked: served all the same", "", WRITE, NULL, 0, "1 key published", ""},
		{"again: nothing changes", "", WRITE, NULL, 0, "0 files written, 0 removed", ""},
		{"plan says so", "", PLAN, NULL, 1, ", revoked", NULL},
	};
	static const struct step gone[] = {
		{"its file goes: the tree's stays", "", WRITE, NULL, 75, NULL,
			"not done: withdraw: alice@x.example"},
		{"plan: it waits", "", PLAN, NULL, 1, "wait     withdraw alice@x.example", ""},
		{"as JSON", "", "publish plan --json {HOME}/site", NULL, 1,
			"\"step\":\"withdraw\",\"name\":\"alice@x.example\",\"state\":\"wait\"",
			""},
		{"forced", "", "publish write --offline --force=withdraw {HOME}/tree {HOME}/site",
			NULL, 0, "0 keys published", NULL},
		{"plan: nothing is left of it", "", PLAN, NULL, 1, NULL, "", "withdraw"},
	};
	struct buf served = BUF_INIT(OUTPUT_MAX);
	char path[FILE_PATH_MAX], name[WKD_HASH_LEN + 1];
	struct addr addr;

	(void)state;
	new_site("");
	put_cert("keys/a", &cert_a);
	RUN_STEPS(first);
	put_cert("keys/a", &cert_revoked);
	RUN_STEPS(revoked);
	assert_int_equal(addr_parse("alice@x.example", &addr, NULL), 0);
	wkd_hash(&addr, name);
	snprintf(path, sizeof(path),
		"tree/www/openpgpkey.x.example/.well-known/openpgpkey/x.example/hu/%s", name);
	assert_int_equal(file_read(in_home(path), &served, ERR_IO, NULL), 0);
	assert_true(served.len > cert_a.len);
	buf_free(&served);
	assert_int_equal(unlink(in_home("keys/a")), 0);
	RUN_STEPS(gone);
}

/* Steps that depend on the present, where nobody is asked. */
static void offline_steps(void **state)
{
	static const struct step start[] = {{"testing", "", WRITE, NULL, 0, NULL, ""}};
	static const struct step enforce[] = {
		{"enforce", "", WRITE, NULL, 75, NULL, "not done: enforce: x.example"},
		{"enforce, forced", "",
			"publish write --offline --force=enforce:x.example {HOME}/tree {HOME}/site",
			NULL, 0, NULL, NULL}};
	static const struct step servers[] = {
		{"other servers under enforce", "", WRITE, NULL, 75, NULL, "not done: mx: "}};
	static const struct step leave[] = {
		{"leave", "", WRITE, NULL, 75, NULL, "not done: leave: "},
		{"leave, forced: mode none", "",
			"publish write --offline --force=leave {HOME}/tree {HOME}/site", NULL, 0,
			NULL, NULL}};
	static const struct step caa[] = {{"caa", "", WRITE, NULL, 75, NULL, "not done: caa: "},
		{"caa, forced", "", "publish write --offline --force=caa {HOME}/tree {HOME}/site",
			NULL, 0, NULL, NULL}};
	static const struct step tlsa[] = {{"tlsa", "", WRITE, NULL, 75, NULL, "not done: tlsa: "},
		{"tlsa, forced", "", "publish write --offline --force=tlsa {HOME}/tree {HOME}/site",
			NULL, 0, NULL, NULL}};
	static const char sts[] = "tree/www/mta-sts.x.example/.well-known/mta-sts.txt";

	(void)state;
	new_site("mta-sts = testing\nmx = mx1.example\n");
	RUN_STEPS(start);
	put_site("mta-sts = enforce\nmx = mx1.example\n");
	RUN_STEPS(enforce);
	holds(sts, "mode: enforce");
	put_site("mta-sts = enforce\nmx = mx9.example\n");
	RUN_STEPS(servers);
	holds(sts, "mx: mx1.example");
	put_site("");
	RUN_STEPS(leave);
	holds(sts, "mode: none");
	put_site("caa = letsencrypt.org\nmta-sts = testing\nmx = mx1.example\n");
	RUN_STEPS(caa);
	holds("tree/dns/x.example.zone", "x.example. 3600 IN CAA 0 issue \"letsencrypt.org\"");
	new_site("");
	put_text("mx.pem", CERTIFICATE);
	put_site("tlsa-from = mx.pem\nmx = mx.x.example\n");
	RUN_STEPS(tlsa);
	holds("tree/dns/x.example.zone", "_25._tcp.mx.x.example. 3600 IN TLSA 3 1 1 ");
}

/* Another key for a mail server: its record first, and a date. */
static void next_key(void **state)
{
	static const struct step steps[] = {
		{"both records", "live keyed", "publish write {HOME}/tree {HOME}/site", NULL, 0,
			NULL, ""},
		{"the next key has to wait", "live keyed", PLAN, NULL, 1,
			"its next key, of TLSA 3 1 1 ", NULL},
		{"until a date", "live keyed", PLAN, NULL, 1, ", may be used from\n           20",
			NULL},
	};
	static const struct step alone[] = {
		{"the old record goes too early", "live keyed",
			"publish write {HOME}/tree {HOME}/site", NULL, 69, NULL, "not done: tlsa"},
	};

	(void)state;
	new_site("");
	put_text("mx.pem", CERTIFICATE);
	put_text("next.pem", NEXT_CERTIFICATE);
	put_site("tlsa-from = mx.pem next.pem\nmx = mx.x.example\n");
	RUN_STEPS(steps);
	holds("tree/dns/x.example.zone", "IN TLSA 3 1 1 a1e9156054e04fac");
	put_site("tlsa-from = next.pem\nmx = mx.x.example\n");
	RUN_STEPS(alone);
	holds("tree/dns/x.example.zone", "IN TLSA 3 1 1 a1e9156054e04fac");
}

/* Beside the world. */
static void compared(void **state)
{
	static const struct step fresh[] = {
		{"a new domain", "", PLAN, NULL, 1, "missing  openpgpkey", NULL},
		{"as JSON", "", "publish plan --json {HOME}/site", NULL, 1, "\"state\":\"missing\"",
			NULL},
		{"written", "", "publish write {HOME}/tree {HOME}/site", NULL, 0, "1 key published",
			NULL},
		{"verify: nothing is served", "", "publish verify --no-smtp {HOME}/site", NULL, 1,
			"missing", NULL},
		{"served", "live", "publish verify --no-smtp {HOME}/site", NULL, 0, NULL, NULL},
		{"served, as JSON", "live", "publish verify --json {HOME}/site", NULL, 0,
			"\"state\":\"right\"", NULL, "\"state\":\"missing\""},
		{"planned", "live", PLAN, NULL, 0, "x.example: nothing to do", NULL},
		{"planned, all", "live", "publish plan --all {HOME}/site", NULL, 0,
			"alice@x.example", NULL},
		{"names that lead here", "live", "publish write {HOME}/tree {HOME}/site", NULL, 0,
			NULL, NULL},
		{"certificates are told of", "live", "publish verify --no-smtp {HOME}/site", NULL,
			0, "cert     openpgpkey.x.example, ", NULL},
		{"HEAD is not answered", "live headless", "publish verify --no-smtp {HOME}/site",
			NULL, 1, "HEAD and GET are answered differently", NULL},
		{"keys of another media type", "live typeless",
			"publish verify --no-smtp {HOME}/site", NULL, 1,
			"its media type is not application/octet-stream", NULL},
		{"other bytes", "live cut", "publish verify --no-smtp {HOME}/site", NULL, 1,
			"differs", NULL},
		{"nobody answers", "mute", "publish verify --no-smtp {HOME}/site", NULL, 75, NULL,
			NULL},
		{"there is no helper", "no-helper", PLAN, NULL, 78, NULL,
			"sealpost-net is not there"},
	};
	static const struct step enforce[] = {
		{"enforce: the servers are not told of", "live", PLAN, NULL, 75,
			"verify where port 25 is open", ""},
	};

	static const struct step caa[] = {
		{"CAA names another authority", "live", PLAN, NULL, 1,
			"CAA does not allow the authority that is asked for its certificate", ""},
	};

	(void)state;
	new_site("openpgpkey-records = yes\nmta-sts = testing\nacme = https://acme.ca.example/d\n"
		 "tls-reports = mailto:tls@x.example\n");
	put_cert("keys/a", &cert_a);
	RUN_STEPS(fresh);
	holds("tree/hosts/openpgpkey.x.example", "");
	put_site("openpgpkey-records = yes\nmta-sts = enforce\nacme = https://acme.ca.example/d\n"
		 "tls-reports = mailto:tls@x.example\n");
	RUN_STEPS(enforce);
	put_site("openpgpkey-records = yes\nmta-sts = testing\n"
		 "tls-reports = mailto:tls@x.example\n");
	RUN_STEPS(caa);
}

/* A provider's customers. */
static void customers(void **state)
{
	static const struct step steps[] = {
		{"written", "", "publish write --offline {HOME}/tree {HOME}/provider", NULL, 0,
			"1 key published", NULL},
		{"one alone", "",
			"publish write --offline -d x.example {HOME}/tree {HOME}/provider", NULL, 0,
			"0 files written", NULL},
		{"planned", "", "publish plan {HOME}/provider", NULL, 1, "x.example: ", NULL},
		{"planned as JSON", "", "publish plan --json {HOME}/provider", NULL, 1,
			"\"domain\":\"x.example\"", NULL},
		{"what certificates cost", "", "publish plan {HOME}/provider", NULL, 1,
			"wkd.example.net: 4 names have no certificate yet", NULL},
		{"in days", "", "publish plan {HOME}/provider", NULL, 1,
			"1 day, as Let's Encrypt takes 300 orders in 3 hours", NULL},
		{"as JSON", "", "publish plan --json {HOME}/provider", NULL, 1,
			"\"certificates_missing\":4,\"days\":1", NULL},
	};
	static const struct step gone[] = {{"off the list", "",
		"publish write --offline {HOME}/tree {HOME}/provider", NULL, 75, NULL, "customer"}};

	(void)state;
	new_site("");
	assert_int_equal(mkdir(in_home("keys/x.example"), 0700), 0);
	put_cert("keys/x.example/a", &cert_a);
	put_text("customers", "x.example c7f2 mta-sts=testing\ny.example\n");
	put_text("provider", "[provider]\nhost = wkd.example.net\ndomains = customers\n"
			     "keys = keys/%d/\nweb = 192.0.2.80\nmx = mx.example.net\n"
			     "mta-sts = testing\ntls-reports = mailto:tls@example.net\n");
	RUN_STEPS(steps);
	holds("tree/dns/x.example.txt", "value: c7f2.wkd.example.net");
	holds("tree/dns/wkd.example.net.zone", "x.example._mta-sts.wkd.example.net. 3600 IN TXT ");
	holds("tree/dns/wkd.example.net.zone", "c7f2.wkd.example.net. 3600 IN A 192.0.2.80");
	holds("tree/Caddyfile", "ask http://127.0.0.1:9180/");
	put_text("customers", "y.example\n");
	RUN_STEPS(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(arguments), cmocka_unit_test(written),
		cmocka_unit_test(refused_keys), cmocka_unit_test(revoked_later),
		cmocka_unit_test(offline_steps), cmocka_unit_test(next_key),
		cmocka_unit_test(compared), cmocka_unit_test(customers)};

	return cmocka_run_group_tests_name("publish", tests, make_keys, drop_keys);
}
