/* SPDX-License-Identifier: ISC */
/* learn, from received mail to what send does with its keys: real keys and signatures, sealed mail,
 * a real store. What counts in a mail is for test_learn_read.c. */
#include "verbs_util.h"

#include "base/base64.h"

#define TEXT_MAX (1u << 20)
#define LOCKED "locked@x.example"
#define TO_ALICE "From: me@sender.example\nTo: alice@x.example\nSubject: s\n\nthe text\n"
#define SEALED "BEGIN PGP MESSAGE"

static char fpr_locked[CERT_FPR_MAX];
static struct buf junk, secret_me, cert_me, cert_both;

/* A step whose input is a mail with a field Autocrypt; from NULL: it is step.in. */
struct learn_row {
	struct step step;
	const char *from;
	const struct buf *key; /* NULL: no field */
	const char *prefer;    /* "" or "mutual" */
	int days;              /* since the mail was written */
};

static void add_key(struct buf *out, const struct buf *key)
{
	char line[80];
	size_t i, n;

	for (i = 0; i < key->len; i += n) {
		n = key->len - i < 54 ? key->len - i : 54;
		line[base64_line(line, key->p + i, n)] = '\0';
		assert_int_equal(buf_addf(out, " %s\n", line), 0);
	}
}

static void add_mail(struct buf *out, const struct learn_row *r)
{
	time_t at = time(NULL) - 86400 * r->days;
	char date[64];
	struct tm tm;

	assert_true(strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000",
			    gmtime_r(&at, &tm)) > 0);
	assert_int_equal(buf_addf(out, "From: Somebody <%s>\nTo: me@sender.example\nDate: %s\n",
				 r->from, date),
		0);
	if (r->key) {
		assert_int_equal(buf_addf(out, "Autocrypt: addr=%s;%s%s%s keydata=\n", r->from,
					 r->prefer[0] ? " prefer-encrypt=" : "", r->prefer,
					 r->prefer[0] ? ";" : ""),
			0);
		add_key(out, r->key);
	}
	assert_int_equal(buf_adds(out, "\nhello\n"), 0);
}

static void run_row(const struct learn_row *r)
{
	struct buf mail = BUF_INIT(TEXT_MAX);
	struct step s = r->step;

	if (r->from) {
		add_mail(&mail, r);
		s.in = buf_str(&mail);
	}
	run_step(&s);
	buf_free(&mail);
}

#define RUN_ROWS(rows)                                                                             \
	do {                                                                                       \
		size_t row_;                                                                       \
		new_home("[sealpost]\nmta = /bin/true\n");                                         \
		for (row_ = 0; row_ < sizeof(rows) / sizeof((rows)[0]); row_++)                    \
			run_row(&(rows)[row_]);                                                    \
	} while (0)

static void used_where_nothing_is_published(void **state)
{
	static const struct learn_row rows[] = {
		{{"help", "", "learn --help", NULL, 0, "usage: sealpost learn", ""}},
		{{"no such option", "", "learn --wrong", NULL, 64, "", "hint: "}},
		{{"no mail", "", "learn", "", 1, "", "is empty"}},
		{{"no mail either", "", "learn -", "\001\002\n", 1, "", "has no header"}},
		{{"no such file", "", "learn {HOME}/nothing", NULL, 1, "", "nothing"}},
		{{"no key", "", "learn", NULL, 0, "", ""}, "alice@x.example", NULL, "", 1},
		{{"its owner asks for it", "", "learn", NULL, 0,
			 "alice@x.example: {A} (autocrypt) is used where nothing is published\n",
			 ""},
			"alice@x.example", &cert_a, "mutual", 1},
		{{"the same again: nothing new", "", "learn", NULL, 0, "", ""}, "alice@x.example",
			&cert_a, "mutual", 1},
		{{"as JSON", "", "learn --json", NULL, 0, "\"used\":true", ""}, "alice@x.example",
			&cert_a, "mutual", 1},
		{{"pins only", "", "lookup --offline --json alice@x.example", NULL, 75,
			"\"method\":null", NULL}},
		{{"found where it is looked for", "gone", "lookup --json alice@x.example", NULL, 0,
			"\"fingerprint\":\"{A}\",\"method\":\"learnt\",\"dnssec\":null", NULL}},
		{{"and shown", "gone", "lookup --json alice@x.example", NULL, 0,
			"\"candidates\":[{\"fingerprint\":\"{A}\"", NULL}},
		{{"sealed to it", "gone", "filter alice@x.example", TO_ALICE, 0, SEALED, "",
			"the text"}},
		{{"it is the pin", "", "pins list --json", NULL, 0, "\"method\":\"learnt-use\"",
			""}},
		{{"which is what the next mail has", "", "learn --json", NULL, 0,
			 "\"pin\":\"match\"", ""},
			"alice@x.example", &cert_a, "mutual", 0},
	};

	(void)state;
	RUN_ROWS(rows);
}

static void not_used_by_itself(void **state)
{
	static const struct learn_row rows[] = {
		{{"no preference", "", "learn", NULL, 0,
			 "alice@x.example: {A} (autocrypt) is not used automatically; to use it: "
			 "sealpost pins accept alice@x.example {A}\n",
			 ""},
			"alice@x.example", &cert_a, "", 40},
		{{"not found", "gone", "lookup --json alice@x.example", NULL, 1,
			"\"status\":\"absent\"", NULL}},
		{{"in clear", "gone", "filter alice@x.example", TO_ALICE, 0, "the text", "",
			SEALED}},
		{{"explained", "gone", "send --explain --online alice@x.example", TO_ALICE, 0,
			"received mail has {A}, which is not used automatically (its owner does "
			"not "
			"ask for encryption)",
			NULL}},
		{{"it asks now", "", "learn --json", NULL, 0, "\"used\":true", ""},
			"alice@x.example", &cert_a, "mutual", 39},
		{{"and then writes without it", "", "learn", NULL, 0, "", ""}, "alice@x.example",
			NULL, "", 1},
		{{"in clear", "gone", "filter alice@x.example", TO_ALICE, 0, "the text", "",
			SEALED}},
		{{"which is said", "gone", "send --explain --online alice@x.example", TO_ALICE, 0,
			"written without it since", NULL}},
		{{"a key is demanded", "gone", "filter --encrypt=require alice@x.example", TO_ALICE,
			69, "", "hint: sealpost pins accept alice@x.example {A}"}},
		{{"accepted", "gone", "pins accept alice@x.example {A}", NULL, 0, "{A}", NULL}},
		{{"sealed", "gone", "filter alice@x.example", TO_ALICE, 0, SEALED, "", "the text"}},
	};

	(void)state;
	RUN_ROWS(rows);
}

static void beside_a_pin(void **state)
{
	static const struct learn_row rows[] = {
		{{"pinned", "", "lookup --pin alice@x.example", NULL, 0, "{A}", NULL}},
		{{"another", "", "learn", NULL, 0,
			 "alice@x.example: {B} (autocrypt) is held; the pin {A} stays; to use it: "
			 "sealpost pins accept alice@x.example {B}\n",
			 ""},
			"alice@x.example", &cert_b, "mutual", 1},
		{{"as JSON", "", "learn --json", NULL, 0, "\"pin\":\"conflict\"", ""},
			"alice@x.example", &cert_b, "mutual", 1},
		{{"the pin", "", "learn", NULL, 0, "alice@x.example: {A} (autocrypt) is the pin\n",
			 ""},
			"alice@x.example", &cert_a, "mutual", 0},
		{{"sealed to the pin", "no-helper", "filter alice@x.example", TO_ALICE, 0, SEALED,
			"", "the text"}},
		{{"rejected", "", "pins reject alice@x.example {B}", NULL, 0, NULL, NULL}},
		{{"and left out", "", "learn --json", NULL, 0, "\"keys\":0", ""}, "alice@x.example",
			&cert_b, "mutual", 0},
		{{"the pin's revocation counts", "", "learn --json", NULL, 0,
			 "\"left_out\":\"the key is revoked\"", ""},
			"alice@x.example", &cert_revoked, "", 0},
		{{"nothing is sealed to it", "gone", "filter alice@x.example", TO_ALICE, 69, "",
			"revoked"}},
	};

	(void)state;
	RUN_ROWS(rows);
}

static void keys_left_out(void **state)
{
	static const struct learn_row rows[] = {
		{{"somebody else's", "", "learn --json", NULL, 0, "User ID", ""}, "bob@x.example",
			&cert_a, "mutual", 1},
		{{"no key", "", "learn --json", NULL, 0, "holds no key", ""}, "alice@x.example",
			&junk, "mutual", 1},
		{{"a secret one", "", "learn --json", NULL, 0, "\"it holds a secret key\"", ""},
			"me@sender.example", &secret_me, "", 1},
		{{"two of them", "", "learn --json", NULL, 0, "\"it holds more than one key\"", ""},
			"alice@x.example", &cert_both, "", 1},
		{{"a revoked one", "", "learn --json", NULL, 0, "\"the key is revoked\"", ""},
			"alice@x.example", &cert_revoked, "mutual", 1},
		{{"and its version of before", "", "learn --json", NULL, 0,
			 "\"left_out\":\"the key is revoked\"", ""},
			"alice@x.example", &cert_a, "mutual", 1},
		{{"known as revoked", "gone", "lookup --json alice@x.example", NULL, 1,
			"\"revoked\":true,\"used\":false", NULL}},
		{{"it is no key to seal to", "gone", "filter alice@x.example", TO_ALICE, 0,
			"the text", "", SEALED}},
	};

	(void)state;
	RUN_ROWS(rows);
}

static void put_mail(const char *name, const struct learn_row *r, size_t i)
{
	struct buf mail = BUF_INIT(TEXT_MAX);
	char path[64];

	add_mail(&mail, r);
	snprintf(path, sizeof(path), "%s/%zu", name, i);
	put_text(path, buf_str(&mail));
	buf_free(&mail);
}

/* Mails with the same key are judged as one; more than wait together, and another version. */
static void many_mails(void **state)
{
	static const struct learn_row alice = {{0}, "alice@x.example", &cert_a, "mutual", 5},
				      other = {{0}, "alice@x.example", &cert_b, "mutual", 9},
				      bad = {{0}, "alice@x.example", &junk, "mutual", 2},
				      dead = {{0}, "alice@x.example", &cert_revoked, "", 1};
	static const struct step steps[] = {
		{"a Maildir", "", "learn {HOME}/box", NULL, 0,
			"alice@x.example: {A} (autocrypt) is used where nothing is published\n",
			""},
		{"the older one is beside it", "gone", "lookup --json alice@x.example", NULL, 0,
			"{B}", NULL},
		{"again", "", "learn {HOME}/box", NULL, 0,
			"44 mails, 0 of them sealed; 2 keys, 0 of them new; 2 left out\n", ""},
		{"as JSON", "", "learn --json {HOME}/box", NULL, 0, "\"mails\":44,\"sealed\":0",
			""},
		{"a file of it", "", "learn {HOME}/box/cur/1", NULL, 0, "", ""},
	};
	static const struct step then[] = {
		{"two versions", "", "learn --json {HOME}/box", NULL, 0,
			"\"left_out\":\"the key is revoked\"", ""},
		{"it is revoked, whichever came first", "gone", "filter alice@x.example", TO_ALICE,
			0, "the text", "", SEALED},
	};
	size_t i;

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	assert_int_equal(mkdir(in_home("box"), 0700), 0);
	assert_int_equal(mkdir(in_home("box/cur"), 0700), 0);
	assert_int_equal(mkdir(in_home("box/new"), 0700), 0);
	assert_int_equal(mkdir(in_home("box/tmp"), 0700), 0);
	for (i = 0; i < 40; i++)
		put_mail("box/cur", &alice, i);
	put_mail("box/new", &other, 40);
	put_mail("box/new", &other, 41);
	put_mail("box/new", &bad, 42);
	put_mail("box/new", &bad, 43);
	RUN_STEPS(steps);
	for (i = 1; i < 40; i++) {
		char path[64];

		snprintf(path, sizeof(path), "box/cur/%zu", i);
		assert_int_equal(unlink(in_home(path)), 0);
	}
	put_mail("box/cur", &dead, 1);
	RUN_STEPS(then);
}

/* gpg's output for this input; its arguments end with NULL. */
#define GPG(in, out, ...)                                                                          \
	keys_gpg_in(in, out, NULL, "--quiet", "--armor", "--status-fd", "2", __VA_ARGS__, NULL)

#define SIGNED_PART "Content-Type: text/plain\r\n\r\nhello  \r\n\r\nbye"

/* A mail that me@sender.example signed; text: what it says instead of hello. */
static void add_signed(struct buf *out, const char *text, const struct buf *key)
{
	struct buf part = BUF_INIT(TEXT_MAX), sig = BUF_INIT(TEXT_MAX);

	assert_int_equal(buf_adds(&part, SIGNED_PART), 0);
	GPG(&part, &sig, "-u", fpr_me, "--detach-sign");
	assert_int_equal(buf_adds(out, "From: me@sender.example\nMIME-Version: 1.0\n"), 0);
	if (key) {
		assert_int_equal(buf_adds(out, "Autocrypt: addr=me@sender.example; keydata=\n"), 0);
		add_key(out, key);
	}
	assert_int_equal(
		buf_addf(out,
			"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
			"boundary=b\n\n--b\nContent-Type: text/plain\n\n%s  \n\nbye\n--b\n"
			"Content-Type: application/pgp-signature\n\n%s--b--\n",
			text, buf_str(&sig)),
		0);
	buf_free(&part);
	buf_free(&sig);
}

static void by_signature(void **state)
{
	static const struct {
		const char *name, *text;
		const struct buf *key;
		const char *argv, *out, *lacks;
	} row[] = {
		{"no certificate", "hello", NULL, "learn", "", NULL},
		{"another text than the signed one", "HELLO", &cert_me, "learn --json",
			"\"autocrypt\"", "\"signature\""},
		{"its certificate is in the store", "hello", NULL, "learn --json", "\"signature\"",
			NULL},
		{"it is on record", "hello", NULL, "learn --json", "\"keys\":0", NULL},
	};
	size_t i;

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf mail = BUF_INIT(TEXT_MAX);

		add_signed(&mail, row[i].text, row[i].key);
		run_step(&(struct step){row[i].name, "", row[i].argv, buf_str(&mail), 0, row[i].out,
			"", row[i].lacks});
		buf_free(&mail);
	}
}

/* A mail that is sealed to one key, by gpg's option, and says what Alice's is. */
static void add_sealed(struct buf *out, const char *by, const char *to)
{
	struct buf inner = BUF_INIT(TEXT_MAX), armour = BUF_INIT(TEXT_MAX);

	assert_int_equal(buf_adds(&inner, "Autocrypt-Gossip: addr=alice@x.example; keydata=\n"), 0);
	add_key(&inner, &cert_a);
	assert_int_equal(buf_adds(&inner, "Content-Type: text/plain\n\nthe text\n"), 0);
	GPG(&inner, &armour, by, to, "--encrypt");
	assert_int_equal(buf_addf(out,
				 "From: carl@y.example\nTo: me@sender.example, alice@x.example\n"
				 "Message-ID: <1@y.example>\nMIME-Version: 1.0\n"
				 "Content-Type: multipart/encrypted; boundary=b; "
				 "protocol=\"application/pgp-encrypted\"\n\n--b\n"
				 "Content-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\n"
				 "Content-Type: application/octet-stream\n\n%s\n--b--\n",
				 buf_str(&armour)),
		0);
	buf_free(&inner);
	buf_free(&armour);
}

/* The agent has the passphrase from now on. */
static void unlock(void)
{
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty", "--yes",
		"--pinentry-mode", "loopback", "--passphrase", "geheim", "--decrypt", NULL};
	struct buf in = BUF_INIT(TEXT_MAX), sealed = BUF_INIT(TEXT_MAX), out = BUF_INIT(TEXT_MAX);

	assert_int_equal(buf_adds(&in, "x"), 0);
	GPG(&in, &sealed, "-r", fpr_locked, "--encrypt");
	assert_int_equal(keys_run(argv, &sealed, &out), 0);
	assert_string_equal(buf_str(&out), "x");
	buf_free(&in);
	buf_free(&sealed);
	buf_free(&out);
}

/* Nobody is asked for a passphrase; where one is missing, no other mail is tried. */
static void within_sealed_mail(void **state)
{
	static const struct step closed[] = {
		{"not opened unless it is said", "", "learn --json {HOME}/locked", NULL, 0,
			"\"mails\":1,\"sealed\":1,\"keys\":0,\"new\":0,\"left_out\":0", ""},
		{"the passphrase is not cached", "", "learn --json --decrypt {HOME}/locked", NULL,
			0, "\"left_out\":\"the passphrase of your key is not cached\"", ""},
		{"which holds for the run", "", "learn --json --decrypt {HOME}/locked {HOME}/mine",
			NULL, 0, "\"sealed\":2,\"keys\":0,\"new\":0,\"left_out\":2", ""},
		{"one key opens without", "", "learn --json --decrypt {HOME}/mine {HOME}/locked",
			NULL, 0, "\"sealed\":2,\"keys\":1,\"new\":1,\"left_out\":1", ""},
		{"what it says is not used by itself", "gone", "filter alice@x.example", TO_ALICE,
			0, "the text", "", SEALED},
		{"but named", "gone", "send --explain --online alice@x.example", TO_ALICE, 0,
			"received mail has {A}, which is not used automatically (no mail asks for "
			"encryption)",
			NULL},
	};
	static const struct step open[] = {
		{"the passphrase is cached", "", "learn --json --decrypt {HOME}/locked", NULL, 0,
			"\"sealed\":1,\"keys\":1,\"new\":1,\"left_out\":0", ""},
		{"whose word it is", "", "learn --json --decrypt {HOME}/locked", NULL, 0,
			"\"from\":\"carl@y.example\"", ""},
		{"sealed to somebody else", "", "learn --json --decrypt {HOME}/others", NULL, 0,
			"\"left_out\":\"your secret key is not available\"", ""},
		{"does not stop the next", "", "learn --json --decrypt {HOME}/others {HOME}/locked",
			NULL, 0, "\"sealed\":2,\"keys\":1,\"new\":0,\"left_out\":1", ""},
	};
	struct buf locked = BUF_INIT(TEXT_MAX), mine = BUF_INIT(TEXT_MAX),
		   others = BUF_INIT(TEXT_MAX);
	char path[FILE_PATH_MAX];

	(void)state;
	add_sealed(&locked, "-r", fpr_locked);
	add_sealed(&mine, "-r", fpr_me);
	assert_int_equal(path_join(path, keys_home, "alice"), 0);
	write_file(path, cert_a.p, cert_a.len);
	add_sealed(&others, "-f", path);
	new_home("[sealpost]\nmta = /bin/true\n");
	put_text("locked", buf_str(&locked));
	put_text("mine", buf_str(&mine));
	RUN_STEPS(closed);
	new_home("[sealpost]\nmta = /bin/true\n");
	put_text("locked", buf_str(&locked));
	put_text("others", buf_str(&others));
	unlock();
	RUN_STEPS(open);
	buf_free(&locked);
	buf_free(&mine);
	buf_free(&others);
}

static int make_more_keys(void **state)
{
	static uint8_t no_key[600];
	size_t i;

	assert_int_equal(make_keys(state), 0);
	keys_make_locked(fpr_locked);
	cert_me = keys_export(fpr_me, NULL);
	secret_me = (struct buf)BUF_INIT(TEXT_MAX);
	keys_gpg_in(
		NULL, &secret_me, NULL, "--status-fd", "2", "--export-secret-keys", fpr_me, NULL);
	for (i = 0; i < sizeof(no_key); i++)
		no_key[i] = (uint8_t)(i * 7 % 101);
	junk = (struct buf)BUF_INIT(TEXT_MAX);
	cert_both = (struct buf)BUF_INIT(TEXT_MAX);
	assert_int_equal(buf_add(&junk, no_key, sizeof(no_key)), 0);
	assert_int_equal(buf_add(&cert_both, cert_a.p, cert_a.len), 0);
	assert_int_equal(buf_add(&cert_both, cert_b.p, cert_b.len), 0);
	return 0;
}

static int drop_more_keys(void **state)
{
	buf_free(&junk);
	buf_free(&secret_me);
	buf_free(&cert_me);
	buf_free(&cert_both);
	return drop_keys(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(used_where_nothing_is_published),
		cmocka_unit_test(not_used_by_itself),
		cmocka_unit_test(beside_a_pin),
		cmocka_unit_test(keys_left_out),
		cmocka_unit_test(many_mails),
		cmocka_unit_test(by_signature),
		cmocka_unit_test(within_sealed_mail),
	};

	return cmocka_run_group_tests_name("learn", tests, make_more_keys, drop_more_keys);
}
