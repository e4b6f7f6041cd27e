/* SPDX-License-Identifier: ISC */
/*
 * seal.c and gpg_run.c with the real gpg: what was sealed opens, is signed, holds the same parts,
 * and shows nothing outside that must not be seen.
 */
#include "files.h"
#include "gpg_keys.h"
#include "direct_agent.h"
#include "mime_compare.h"
#include "mime_util.h"
#include "open_files.h"

#include <fcntl.h>
#include <gmime/gmime.h>

#include "pgp/gpg/gpg_child.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/sig_marks.h"
#include "mime/mime.h"
#include "pgp/seal/seal.h"

#define TEXT_MAX (32u << 20)

static struct cert_set alice, bob, locked; /* one certificate each; alice and locked sign */
static char agent[FILE_PATH_MAX];

static int start(void **state)
{
	char fpr[CERT_FPR_MAX];
	struct err err = ERR_INIT;

	(void)state;
	keys_start();
	assert_int_equal(gpg_init(&err), 0);
	keys_make("Alice <alice@x.example>", NULL, "0", true, fpr);
	keys_cert(fpr, "alice@x.example", &alice);
	keys_make("bob@x.example", NULL, "0", true, fpr);
	keys_cert(fpr, "bob@x.example", &bob);
	keys_make_locked(fpr);
	keys_cert(fpr, "locked@x.example", &locked);
	keys_agent(agent);
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	cert_set_free(&alice);
	cert_set_free(&bob);
	cert_set_free(&locked);
	keys_stop();
	return 0;
}

static struct seal_cert view(const struct cert *c)
{
	return (struct seal_cert){c->data, c->len, c->enc_keyid, c->n_enc};
}

/* Seals to bob and alice; the text that came out, malloc'ed, or NULL and err. */
static char *seal_text(
	const char *in, size_t len, bool file, const struct cert *signer, struct err *err)
{
	const struct seal_cert to[] = {view(&bob.v[0]), view(&alice.v[0]), view(&bob.v[0])};
	struct seal s = {.to = to, .n_to = N_OF(to), .signer = signer, .daemons = agent_at(agent)};
	struct source src;
	struct message m;
	struct spool out;
	char *text = NULL;
	int fd = (file ? file_of : pipe_of)(in, len);

	assert_int_equal(source_open(&src, fd, &from_pipe, err), 0);
	assert_int_equal(message_parse(&m, &src, err), 0);
	s.msg = &m;
	if (seal_message(&s, &out, err) == 0) {
		text = text_of(out.fd, NULL);
		spool_close(&out);
	}
	message_free(&m);
	source_close(&src);
	close(fd);
	return text;
}

/* Decrypts the armour in the text; status and payload into the buffers. */
static void open_sealed(const char *text, struct buf *payload, struct buf *status)
{
	const char *begin = strstr(text, "-----BEGIN PGP MESSAGE-----");
	const char *end = strstr(text, "-----END PGP MESSAGE-----");
	char path[FILE_PATH_MAX];
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--yes", "--no-tty",
		"--trust-model", "always", "--status-fd", "1", "--output", path, "--decrypt", NULL};
	struct buf in = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;

	assert_non_null(begin);
	assert_non_null(end);
	assert_int_equal(buf_add(&in, begin, (size_t)(end - begin) + 26), 0);
	assert_int_equal(path_join(path, keys_home, "opened"), 0);
	assert_int_equal(keys_run(argv, &in, status), 0);
	assert_int_equal(file_read(path, payload, ERR_IO, &err), 0);
	buf_free(&in);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void check_outside(const char *text)
{
	const char *p, *e;
	size_t i;

	assert_null(strchr(text, '\r'));
	for (i = 0; text[i]; i++)
		assert_true((unsigned char)text[i] < 128);
	for (p = text; *p; p = e + 1) {
		e = strchr(p, '\n');
		assert_non_null(e);
		assert_true(e - p <= 998);
	}
	assert_int_equal(count(text, "\nMIME-Version: 1.0\n"), 1);
	assert_int_equal(count(text, "\nContent-Type: multipart/encrypted; "
				     "protocol=\"application/pgp-encrypted\";"),
		1);
	assert_int_equal(count(text, "Content-Type: "), 3);
	assert_int_equal(count(text, "\nVersion: 1\n"), 1);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "hidden@"));
}

#define FROM "From: alice@x.example\nTo: bob@x.example\nBcc: hidden@x.example\nSubject: secret\n"

static const struct {
	const char *name, *text;
} row[] = {
	{"ASCII", FROM "\nhello secret\n"},
	{"8-bit", FROM "Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f"
		       "e \nFrom x\n-- \nsecret\n"},
	{"untyped UTF-8", FROM "\nGr\xc3\xbc\xc3\x9f"
			       "e\n"},
	{"flowed", FROM "Content-Type: text/plain; format=flowed\n\na \nb \n\nc\n"},
	{"empty body", FROM "\n"},
	{"no body", FROM},
	{"attachment", FROM "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
			    "boundary=b\n\n--b\n\nsecret\n--b\n"
			    "Content-Type: application/pdf; "
			    "name=secret.pdf\nContent-Transfer-Encoding: base64\n\n"
			    "AAECAwQFBgcICQoLDA0ODw==\n--b--\n"},
	{"nested", FROM "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
			"Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: "
			"text/plain; charset=utf-8\n\n"
			"\xc3\xa4 \n--c\nContent-Type: text/html; "
			"charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
			"<p>\xc3\xa4</p>\n--c--\n\n--b\nContent-Type: message/rfc822\n\nSubject: "
			"inner\n\nsecret \n--b--\n"},
	{"missing fields", "To: bob@x.example\nBcc: hidden@x.example\n\nsecret\n"},
};

static void seals(void **state)
{
	struct err err = ERR_INIT;
	size_t i;
	int way;

	(void)state;
	g_mime_init();
	for (i = 0; i < N_OF(row); i++) {
		for (way = 0; way < 4; way++) {
			char *in = way & 1 ? crlf_of(row[i].text) : strdup(row[i].text);
			struct buf payload = BUF_INIT(TEXT_MAX), status = BUF_INIT(TEXT_MAX);
			GMimeObject *a, *b;
			char *text;

			print_message("%s (%s, %s)\n", row[i].name, way & 1 ? "CRLF" : "LF",
				way & 2 ? "file" : "pipe");
			text = seal_text(in, strlen(in), way & 2, &alice.v[0], &err);
			assert_non_null(text);
			check_outside(text);
			open_sealed(text, &payload, &status);
			assert_int_equal(count(buf_str(&status), "[GNUPG:] ENC_TO "), 2);
			assert_int_equal(count(buf_str(&status), "[GNUPG:] GOODSIG "), 1);
			assert_non_null(strstr(buf_str(&status), alice.v[0].fpr));
			assert_non_null(strstr(buf_str(&payload), " hp=\"cipher\""));
			assert_null(strstr(buf_str(&payload), "hidden@"));
			a = parse(in, strlen(in));
			b = parse(buf_str(&payload), payload.len);
			compare(a, b);
			g_object_unref(a);
			g_object_unref(b);
			buf_free(&payload);
			buf_free(&status);
			free(text);
			free(in);
		}
	}
}

/* A signed mail within: its signature is good after it went through. */
static void signed_inside(void **state)
{
	static const char part[] =
		"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f"
		"e \r\nFrom x";
	const char *verify[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty", "--status-fd",
		"1", "--verify", NULL, "-", NULL};
	struct buf in = BUF_INIT(TEXT_MAX), sig = BUF_INIT(TEXT_MAX), msg = BUF_INIT(TEXT_MAX);
	struct buf payload = BUF_INIT(TEXT_MAX), status = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	char path[FILE_PATH_MAX], *text;
	const char *from, *to;

	(void)state;
	buf_add(&in, part, strlen(part));
	keys_gpg_in(&in, &sig, NULL, "--quiet", "--armor", "--status-fd", "2", "-u", alice.v[0].fpr,
		"--detach-sign", NULL);
	buf_addf(&msg,
		FROM
		"Content-Type: multipart/signed; micalg=pgp-sha512;\n "
		"protocol=\"application/pgp-signature\";"
		" boundary=s\n\n--s\nContent-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f"
		"e \nFrom x\n"
		"--s\nContent-Type: application/pgp-signature\n\n%s\n--s--\n",
		buf_str(&sig));
	text = seal_text(buf_str(&msg), msg.len, true, &alice.v[0], &err);
	assert_non_null(text);
	open_sealed(text, &payload, &status);
	from = strstr(buf_str(&payload), "\r\n--s\r\n") + 7;
	to = strstr(from, "\r\n--s\r\n");
	assert_non_null(to);
	buf_reset(&in);
	buf_add(&in, from, (size_t)(to - from));
	assert_int_equal(path_join(path, keys_home, "inner.sig"), 0);
	from = strstr(to, "-----BEGIN PGP SIGNATURE");
	assert_non_null(from);
	write_file(path, from, strlen(from) - 8);
	verify[8] = path;
	buf_reset(&status);
	assert_int_equal(keys_run(verify, &in, &status), 0);
	assert_int_equal(count(buf_str(&status), "[GNUPG:] GOODSIG "), 1);
	free(text);
	buf_free(&in);
	buf_free(&sig);
	buf_free(&msg);
	buf_free(&payload);
	buf_free(&status);
}

static void unsigned_too(void **state)
{
	struct buf payload = BUF_INIT(TEXT_MAX), status = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	char *text = seal_text(FROM "\nsecret\n", sizeof(FROM) + 7, false, NULL, &err);

	(void)state;
	assert_non_null(text);
	check_outside(text);
	open_sealed(text, &payload, &status);
	assert_int_equal(count(buf_str(&status), "[GNUPG:] ENC_TO "), 2);
	assert_int_equal(count(buf_str(&status), "SIG"), 0);
	assert_non_null(strstr(buf_str(&payload), "\r\n\r\nsecret\r\n"));
	free(text);
	buf_free(&payload);
	buf_free(&status);
}

static void no_passphrase(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	unsetenv("GPG_TTY");
	assert_null(seal_text(FROM "\nx\n", sizeof(FROM) + 2, false, &locked.v[0], &err));
	assert_int_equal(err.code, ERR_TEMP);
	assert_non_null(strstr(err.msg, "passphrase"));
	assert_non_null(strstr(err.msg, "export GPG_TTY before the mail program starts"));
	assert_true(strncmp(err.hint, "gpg -u ", 7) == 0);
}

static void no_agent(void **state)
{
	struct err err = ERR_INIT;
	char kept[FILE_PATH_MAX];

	(void)state;
	memcpy(kept, agent, sizeof(kept));
	snprintf(agent, sizeof(agent), "%s", "/nonexistent/S.gpg-agent");
	assert_null(seal_text(FROM "\nx\n", sizeof(FROM) + 2, false, &alice.v[0], &err));
	assert_int_equal(err.code, ERR_TEMP);
	memcpy(agent, kept, sizeof(kept));
}

/* The gpg that is ready has a home that is gone: nothing of it stays open. */
static void home_is_gone(void **state)
{
	const struct seal_cert to = view(&bob.v[0]);
	struct seal s = {.to = &to, .n_to = 1, .signer = &alice.v[0], .daemons = agent_at(agent)};
	struct err err = ERR_INIT;
	struct gpg_ready ready;
	struct source src;
	struct message m;
	struct spool out;
	size_t before;

	(void)state;
	source_of(&src, FROM "\nx\n", sizeof(FROM) + 2);
	assert_int_equal(message_parse(&m, &src, &err), 0);
	s.msg = &m;
	before = open_files();
	assert_int_equal(gpg_ready_make(&ready, true, &err), 0);
	dir_remove(ready.home.path);
	gpg_ready_give(s.daemons, &ready);
	assert_int_equal(seal_message(&s, &out, &err), ERR_CREATE);
	assert_true(no_file_stays_open(before));
	message_free(&m);
	source_close(&src);
}

/* A certificate without preferences must not draw everybody's copy down to 3DES and SHA-1. */
static void weak_preferences(void **state)
{
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty",
		"--pinentry-mode", "loopback", "--passphrase", "", "--default-preference-list",
		"CAST5 SHA1", "--status-fd", "1", "--quick-gen-key", "weak@x.example",
		"future-default", "default", "0", NULL};
	struct buf out = BUF_INIT(KEYS_OUT_MAX), payload = BUF_INIT(TEXT_MAX);
	struct cert_set weak;
	struct seal_cert to[2];
	struct seal s = {.to = to, .n_to = 2, .signer = &alice.v[0], .daemons = agent_at(agent)};
	struct err err = ERR_INIT;
	struct source src;
	struct message m;
	struct spool spool;
	char fpr[CERT_FPR_MAX], *text;

	(void)state;
	assert_int_equal(keys_run(argv, NULL, &out), 0);
	assert_int_equal(
		sscanf(strstr(buf_str(&out), "KEY_CREATED"), "KEY_CREATED %*s %64[0-9A-F]", fpr),
		1);
	keys_cert(fpr, "weak@x.example", &weak);
	to[0] = view(&weak.v[0]);
	to[1] = view(&bob.v[0]);
	source_of(&src, FROM "\nx\n", sizeof(FROM) + 2);
	assert_int_equal(message_parse(&m, &src, NULL), 0);
	s.msg = &m;
	assert_int_equal(seal_message(&s, &spool, &err), 0);
	text = text_of(spool.fd, NULL);
	buf_reset(&out);
	open_sealed(text, &payload, &out);
	/* AES256; or AES128, which RFC 9580 section 9.3 has all support. In SEIPD version 1. */
	assert_true(strstr(buf_str(&out), "[GNUPG:] DECRYPTION_INFO 2 9") ||
		    strstr(buf_str(&out), "[GNUPG:] DECRYPTION_INFO 2 7"));
	assert_non_null(strstr(buf_str(&out), " 4 0 22 10 00 ")); /* VALIDSIG: SHA-512 */
	free(text);
	spool_close(&spool);
	message_free(&m);
	source_close(&src);
	cert_set_free(&weak);
	buf_free(&out);
	buf_free(&payload);
}

/* Whatever is wrong with the certificates, nothing comes out. */
static void wrong_recipients(void **state)
{
	static const uint64_t other[] = {0x1234567812345678u};
	const struct cert *a = &alice.v[0], *b = &bob.v[0];
	const uint64_t both[] = {a->enc_keyid[0], b->enc_keyid[0]};
	const struct {
		const char *name;
		struct seal_cert to[2];
		size_t n;
	} bad[] = {
		{"nobody", {{NULL, 0, NULL, 0}}, 0},
		{"another key ID than gpg takes", {{b->data, b->len, other, 1}}, 1},
		{"one of two is another", {view(b), {a->data, a->len, other, 1}}, 2},
		{"key that belongs to both", {view(b), {a->data, a->len, both, 2}}, 2},
		{"one certificate for two", {view(b), {b->data, b->len, other, 1}}, 2},
		{"no encryption key", {{b->data, b->len, other, 0}}, 1},
		{"no certificate", {{(const uint8_t *)"junk", 4, other, 1}}, 1},
	};
	struct err err;
	struct source src;
	struct message m;
	struct spool out;
	size_t i;

	(void)state;
	source_of(&src, FROM "\nx\n", sizeof(FROM) + 2);
	assert_int_equal(message_parse(&m, &src, NULL), 0);
	for (i = 0; i < N_OF(bad); i++) {
		const struct seal s = {
			.msg = &m, .to = bad[i].to, .n_to = bad[i].n, .daemons = agent_at(agent)};

		print_message("%s\n", bad[i].name);
		err = (struct err)ERR_INIT;
		assert_int_equal(seal_message(&s, &out, &err), ERR_INTERNAL);
		assert_int_equal(out.fd, -1);
		assert_int_not_equal(err.msg[0], '\0');
	}
	message_free(&m);
	source_close(&src);
}

/* Alice's certificate as it is with another subkey in the first one's place. */
static void another_subkey(struct cert_set *set)
{
	struct addr a = keys_address("alice@x.example");
	const struct intake in = {.addr = &a};
	struct buf all, b = BUF_INIT(KEYS_OUT_MAX);
	const uint8_t *p;
	size_t len, subkeys = 0;
	struct packet k;

	keys_gpg(NULL, "--quick-add-key", alice.v[0].fpr, "cv25519", "encr", "0");
	all = keys_export(alice.v[0].fpr, NULL);
	for (p = all.p, len = all.len; packet_next(&p, &len, &k) == 1;) {
		subkeys += k.tag == PACKET_PUBLIC_SUBKEY;
		if (subkeys != 1)
			assert_int_equal(buf_add(&b, k.raw, k.raw_len), 0);
	}
	assert_int_equal(intake_read(&in, b.p, b.len, set, NULL), 0);
	assert_true(set->n == 1 && set->v[0].enc_keyid[0] != alice.v[0].enc_keyid[0]);
	buf_free(&all);
	buf_free(&b);
}

static char *marks_of(const struct cert *c)
{
	struct sig_marks m = {.data = c->data, .len = c->len};

	assert_int_equal(sig_marks_make(&m, 1, NULL), 0);
	assert_string_equal(m.text, "++");
	return m.text;
}

/* Whatever is known of the signatures, the mail is the same; and two certificates of one key are
 * two recipients. */
static void marked(void **state)
{
	const struct cert *a = &alice.v[0], *b = &bob.v[0];
	char *of_a = marks_of(a), *of_b = marks_of(b);
	const struct {
		const char *name, *signer, *alice, *bob;
		bool two;
	} c[] = {
		{"nothing known", NULL, NULL, NULL, false},
		{"all known", of_a, of_a, of_b, false},
		{"the signer's", of_a, NULL, NULL, false},
		{"the recipient's", NULL, NULL, of_b, false},
		{"of other certificates", "+++", "+", "+-+", false},
		{"two of one key", of_a, of_a, of_b, true},
		{"two of one key, nothing known", NULL, NULL, NULL, true},
	};
	struct cert_set other;
	size_t i;

	(void)state;
	another_subkey(&other);
	for (i = 0; i < N_OF(c); i++) {
		const struct seal_cert to[] = {
			{a->data, a->len, a->enc_keyid, a->n_enc, c[i].alice},
			{b->data, b->len, b->enc_keyid, b->n_enc, c[i].bob},
			{other.v[0].data, other.v[0].len, other.v[0].enc_keyid, other.v[0].n_enc,
				c[i].alice}};
		struct seal s = {.to = to,
			.n_to = c[i].two ? 3 : 2,
			.signer = a,
			.signer_marks = c[i].signer,
			.daemons = agent_at(agent)};
		struct buf payload = BUF_INIT(TEXT_MAX), status = BUF_INIT(KEYS_OUT_MAX);
		struct source src;
		struct message m;
		struct spool out;
		char *text;

		print_message("%s\n", c[i].name);
		source_of(&src, FROM "\nx\n", sizeof(FROM) + 2);
		assert_int_equal(message_parse(&m, &src, NULL), 0);
		s.msg = &m;
		assert_int_equal(seal_message(&s, &out, NULL), 0);
		text = text_of(out.fd, NULL);
		open_sealed(text, &payload, &status);
		assert_int_equal(count(buf_str(&status), "] ENC_TO "), s.n_to);
		assert_int_equal(count(buf_str(&status), "] GOODSIG "), 1);
		free(text);
		spool_close(&out);
		message_free(&m);
		source_close(&src);
		buf_free(&payload);
		buf_free(&status);
	}
	cert_set_free(&other);
	free(of_a);
	free(of_b);
}

/* That it is sealed to that certificate only, and signed. */
static void check_opens(const struct spool *out, const struct cert *whose)
{
	struct buf payload = BUF_INIT(TEXT_MAX), status = BUF_INIT(KEYS_OUT_MAX);
	char *text = text_of(out->fd, NULL), id[32];

	open_sealed(text, &payload, &status);
	snprintf(id, sizeof(id), "] ENC_TO %016llX", (unsigned long long)whose->enc_keyid[0]);
	assert_int_equal(count(buf_str(&status), "] ENC_TO "), 1);
	assert_int_equal(count(buf_str(&status), id), 1);
	assert_int_equal(count(buf_str(&status), "] GOODSIG "), 1);
	free(text);
	buf_free(&payload);
	buf_free(&status);
}

/* One beside the other: each is what it would be alone, whatever becomes of the other one, in
 * whatever order they end. */
static void two_at_once(void **state)
{
	static const struct {
		const char *name;
		bool wrong[2]; /* gpg makes of it what must not go out */
		bool drop[2], second_first;
	} rows[] = {
		{"1 both", {false}, {false}, false},
		{"2 the second first", {false}, {false}, true},
		{"3 the first fails", {true, false}, {false}, false},
		{"4 the second fails", {false, true}, {false}, false},
		{"5 the first is dropped", {false}, {true, false}, false},
		{"6 the second is dropped", {false}, {false, true}, false},
	};
	static const uint64_t other[] = {0x1234567812345678u};
	const struct cert *who[2] = {&alice.v[0], &bob.v[0]};
	size_t i, k, n;

	(void)state;
	for (i = 0; i < N_OF(rows); i++) {
		struct seal_cert to[2] = {view(who[0]), view(who[1])};
		struct sealing *x[2];
		struct spool out[2];
		struct source src;
		struct message m;

		print_message("%s\n", rows[i].name);
		source_of(&src, FROM "\nx\n", sizeof(FROM) + 2);
		assert_int_equal(message_parse(&m, &src, NULL), 0);
		for (k = 0; k < 2; k++) {
			const struct seal s = {.msg = &m,
				.to = &to[k],
				.n_to = 1,
				.signer = who[0],
				.daemons = agent_at(agent)};

			if (rows[i].wrong[k])
				to[k].enc_keyid = other;
			assert_int_equal(seal_begin(&x[k], &s, &out[k], NULL), 0);
		}
		for (n = 0; n < 2; n++) {
			k = rows[i].second_first ? 1 - n : n;
			if (rows[i].drop[k]) {
				seal_drop(x[k]);
				assert_int_equal(out[k].fd, -1);
				continue;
			}
			assert_int_equal(seal_end(x[k], NULL), rows[i].wrong[k] ? ERR_INTERNAL : 0);
			if (rows[i].wrong[k]) {
				assert_int_equal(out[k].fd, -1);
				continue;
			}
			check_opens(&out[k], who[k]);
			spool_close(&out[k]);
		}
		message_free(&m);
		source_close(&src);
	}
}

/* The file grew while it was read: what was sealed may be half of one message and half of another.
 */
static void changed_source(void **state)
{
	const struct seal_cert to[] = {view(&bob.v[0])};
	struct seal s = {.to = to, .n_to = 1, .daemons = agent_at(agent)};
	struct err err = ERR_INIT;
	struct source src;
	struct message m;
	struct spool out;
	int fd = file_of(FROM "\nx\n", sizeof(FROM) + 2);

	(void)state;
	assert_int_equal(source_open(&src, fd, &from_pipe, NULL), 0);
	assert_int_equal(message_parse(&m, &src, NULL), 0);
	s.msg = &m;
	assert_int_equal(pwrite(fd, "more", 4, sizeof(FROM) + 2), 4);
	assert_int_equal(seal_message(&s, &out, &err), ERR_IO);
	assert_int_equal(out.fd, -1);
	assert_int_equal(clear_message(&m, &out, &err), ERR_IO);
	message_free(&m);
	source_close(&src);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(seals), cmocka_unit_test(signed_inside),
		cmocka_unit_test(unsigned_too), cmocka_unit_test(no_passphrase),
		cmocka_unit_test(no_agent), cmocka_unit_test(home_is_gone),
		cmocka_unit_test(weak_preferences), cmocka_unit_test(wrong_recipients),
		cmocka_unit_test(marked), cmocka_unit_test(changed_source),
		cmocka_unit_test(two_at_once)};

	return cmocka_run_group_tests_name("seal", tests, start, end_group);
}
