/* SPDX-License-Identifier: ISC */
/*
 * Many certificates in one run of gpg: what comes of one is what came of it alone, to the octet,
 * whoever stands beside it.
 */
#include "gpg_keys.h"

#include "pgp/gpg/home.h"
#include "pgp/cert/intake_priv.h"
#include "pgp/cert/listing.h"
#include "pgp/cert/plain.h"

#define N 8
#define T2020 "20200101T000000"

static char fpr[N][CERT_FPR_MAX], address[N][64];
static char rev[CERT_FPR_MAX], expired[CERT_FPR_MAX], rotated[CERT_FPR_MAX];
static struct buf body[N];

static int setup(void **state)
{
	size_t i;

	(void)state;
	keys_start();
	for (i = 0; i < N; i++) {
		char uid[96];

		snprintf(address[i], sizeof(address[i]), "user%zu@x%zu.example", i, i);
		snprintf(uid, sizeof(uid), "U\\ser: %zu <%s>", i, address[i]);
		keys_make(uid, NULL, i % 2 ? "never" : "2y", true, fpr[i]);
	}
	keys_gpg(NULL, "--quick-add-uid", fpr[1], "Other <other@elsewhere.example>");
	keys_gpg(NULL, "--quick-add-key", fpr[2], "rsa1024", "encr", "1y");
	keys_make("rev@example.org", T2020, "never", true, rev);
	keys_revoke(rev);
	keys_make("exp@example.org", T2020, "1y", true, expired);
	keys_make("rot@example.org", T2020, "never", false, rotated);
	keys_gpg(T2020, "--quick-add-key", rotated, "cv25519", "encr", "1y");
	keys_gpg(NULL, "--quick-add-key", rotated, "cv25519", "encr", "never");
	for (i = 0; i < N; i++)
		body[i] = keys_export(fpr[i], NULL);
	return 0;
}

static int teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		buf_free(&body[i]);
	keys_stop();
	return 0;
}

/* As before there was a common run: in a home of its own. */
static struct cert_set read_alone(const struct addr *a, const struct buf *b)
{
	struct intake in = {.addr = a};
	struct filter f = {.addr = a};
	struct work w = {.in = &in};
	struct cert_set set = {0};
	struct err err = ERR_INIT;
	size_t i;

	assert_int_equal(filter_certs(&f, b->p, b->len, &w.body, &err), 0);
	set.v = calloc(w.body.n + 1, sizeof(*set.v));
	assert_non_null(set.v);
	for (i = 0; i < w.body.n; i++) {
		(void)intake_entry(&set, &w.body.v[i]);
		w.ask[i] = w.body.v[i].data && !w.body.v[i].no_uid;
		w.sigs |= w.body.v[i].uid_sig_expires;
	}
	assert_int_equal(intake_alone(&w, &set, &err), 0);
	gpg_keys_free(&w.keys);
	gpgme_release(w.ctx);
	gpg_home_remove(&w.home);
	filter_set_free(&w.body);
	return set;
}

static void same(const struct cert_set *a, const struct cert_set *b)
{
	size_t i, k;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		const struct cert *x = &a->v[i], *y = &b->v[i];

		assert_string_equal(x->fpr, y->fpr);
		assert_int_equal(x->use, y->use);
		assert_string_equal(x->why, y->why);
		assert_string_equal(x->uid, y->uid);
		assert_true(x->created == y->created && x->expires == y->expires);
		assert_int_equal(x->n_enc, y->n_enc);
		for (k = 0; k < x->n_enc; k++)
			assert_true(x->enc_keyid[k] == y->enc_keyid[k]);
		assert_int_equal(x->len, y->len);
		if (x->len > 0)
			assert_memory_equal(x->data, y->data, x->len);
		assert_false(x->certified_by_pin);
		assert_false(y->certified_by_pin);
	}
}

/* Reads n bodies together, by a gpg that has been waiting for them, and compares each with what it
 * is alone. */
static void together(const char *const *addr, const struct buf *const *b, size_t n)
{
	struct intake_job *job = calloc(n, sizeof(*job));
	struct intake_body *part = calloc(n, sizeof(*part));
	struct addr *a = calloc(n, sizeof(*a));
	struct plain_gpg ready = {.waits = false};
	struct cert_set alone;
	size_t i;

	assert_true(job && part && a);
	plain_gpg_start(&ready);
	assert_true(ready.waits);
	for (i = 0; i < n; i++) {
		a[i] = keys_address(addr[i]);
		part[i] = (struct intake_body){b[i]->p, b[i]->len};
		job[i] = (struct intake_job){.in = {.addr = &a[i]}, .body = &part[i], .n_body = 1};
	}
	intake_many(job, n, &ready);
	plain_gpg_end(&ready);
	for (i = 0; i < n; i++) {
		assert_int_equal(job[i].rc, 0);
		alone = read_alone(&a[i], b[i]);
		same(&job[i].set, &alone);
		cert_set_free(&alone);
		cert_set_free(&job[i].set);
	}
	free(job);
	free(part);
	free(a);
}

static void all_good(void **state)
{
	const char *addr[N];
	const struct buf *b[N];
	struct plain p[N];
	struct filter_set set[N];
	struct addr a[N];
	struct err err = ERR_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; i < N; i++) {
		struct filter f = {.addr = &a[i]};

		addr[i] = address[i];
		b[i] = &body[i];
		a[i] = keys_address(address[i]);
		assert_int_equal(filter_certs(&f, body[i].p, body[i].len, &set[i], &err), 0);
		assert_int_equal(set[i].n, 1);
		p[i] = (struct plain){.from = &set[i].v[0], .addr = &a[i]};
	}
	/* The quick way is taken indeed, whatever became of a gpg that waited. */
	for (k = 0; k < 3; k++) {
		struct plain_gpg ready = {.waits = false};

		if (k > 0)
			plain_gpg_start(&ready);
		if (k > 1)
			kill(ready.filter.pid, SIGKILL);
		plain_read(p, N, &ready);
		assert_false(ready.waits);
		for (i = 0; i < N; i++) {
			assert_true(p[i].good);
			assert_string_equal(p[i].cert.fpr, fpr[i]);
			assert_int_equal(p[i].cert.n_enc, i == 2 ? 2 : 1);
			cert_free(&p[i].cert);
		}
	}
	for (i = 0; i < N; i++)
		filter_set_free(&set[i]);
	together(addr, b, N);
}

/* A packet as it is, of another tag, or with other octets at its end. */
static void add_packet(struct buf *out, unsigned tag, const uint8_t *p, size_t len)
{
	uint8_t head[6] = {(uint8_t)(0xc0 | tag), 0xff, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len};

	assert_int_equal(buf_add(out, head, 6), 0);
	assert_int_equal(buf_add(out, p, len), 0);
}

static struct packet nth(const struct buf *b, unsigned tag, size_t n)
{
	const uint8_t *p = b->p;
	size_t len = b->len;
	struct packet k;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag == tag && n-- == 0)
			return k;
	}
	fail_msg("no such packet");
	return k;
}

/* What a neighbour may try. Each stands between two good ones, which must not notice. */
static void hostile_neighbours(void **state)
{
	struct buf bad[9] = {BUF_INIT(1 << 16), BUF_INIT(1 << 16), BUF_INIT(1 << 16),
		BUF_INIT(1 << 16), BUF_INIT(1 << 16), BUF_INIT(1 << 16), BUF_INIT(1 << 16),
		BUF_INIT(1 << 16), BUF_INIT(1 << 16)};
	const char *addr[3] = {address[0], NULL, address[3]};
	const struct buf *b[3] = {&body[0], NULL, &body[3]};
	struct packet k, uid = nth(&body[1], PACKET_USER_ID, 0),
			 sig = nth(&body[1], PACKET_SIGNATURE, 0);
	const uint8_t cut[] = {0xc2, 0xff, 0, 0, 0x40, 0}, old[] = {0x8b, 4, 0x13};
	size_t i, n = 0;

	(void)state;
	/* A signature that says that it is longer than there is: it would take the next certificate
	 * in. */
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	assert_int_equal(buf_add(&bad[n++], cut, sizeof(cut)), 0);
	/* One of indeterminate length, of the old format. */
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	assert_int_equal(buf_add(&bad[n++], old, sizeof(old)), 0);
	/* The good one's key with a User ID of the bad one's. */
	k = nth(&body[0], PACKET_PUBLIC_KEY, 0);
	add_packet(&bad[n], PACKET_PUBLIC_KEY, k.body, k.body_len);
	add_packet(&bad[n], PACKET_USER_ID, uid.body, uid.body_len);
	add_packet(&bad[n++], PACKET_SIGNATURE, sig.body, sig.body_len);
	/* The good one's key as a subkey; then its subkey. */
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	add_packet(&bad[n], PACKET_PUBLIC_SUBKEY, k.body, k.body_len);
	sig = nth(&body[1], PACKET_SIGNATURE, 1);
	add_packet(&bad[n++], PACKET_SIGNATURE, sig.body, sig.body_len);
	k = nth(&body[3], PACKET_PUBLIC_SUBKEY, 0);
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	add_packet(&bad[n], PACKET_PUBLIC_SUBKEY, k.body, k.body_len);
	add_packet(&bad[n++], PACKET_SIGNATURE, sig.body, sig.body_len);
	/* A signature of nobody's, one that is all noise, and a key of noise. */
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	bad[n].p[bad[n].len - 20] ^= 0x55;
	n++;
	k = nth(&body[1], PACKET_PUBLIC_KEY, 0);
	add_packet(&bad[n], PACKET_PUBLIC_KEY, k.body, k.body_len - 3);
	add_packet(&bad[n++], PACKET_USER_ID, uid.body, uid.body_len);
	/* The good one, complete, behind the bad one; and behind it once more, revoked by nobody.
	 */
	assert_int_equal(buf_add(&bad[n], body[1].p, body[1].len), 0);
	assert_int_equal(buf_add(&bad[n++], body[0].p, body[0].len), 0);
	assert_int_equal(buf_add(&bad[n], body[3].p, body[3].len), 0);
	assert_int_equal(buf_add(&bad[n++], body[0].p, body[0].len), 0);
	assert_int_equal(n, sizeof(bad) / sizeof(bad[0]));
	for (i = 0; i < n; i++) {
		print_message("  %zu\n", i);
		addr[1] = address[1];
		b[1] = &bad[i];
		together(addr, b, 3);
		/* Whose address is the good one's. */
		addr[1] = address[0];
		together(addr, b, 3);
		buf_free(&bad[i]);
	}
}

/* Revoked, expired, with an old subkey, of another address, the same one twice: told as ever, among
 * good ones. */
static void not_plain(void **state)
{
	struct buf r = keys_export(rev, NULL), e = keys_export(expired, NULL),
		   o = keys_export(rotated, NULL);
	const char *addr[] = {address[0], "rev@example.org", "exp@example.org", "rot@example.org",
		address[4], address[1], address[0], address[3]};
	const struct buf *b[] = {&body[0], &r, &e, &o, &body[5], &body[1], &body[0], &body[3]};

	(void)state;
	together(addr, b, sizeof(b) / sizeof(b[0]));
	buf_free(&r);
	buf_free(&e);
	buf_free(&o);
}

/* More than fits into one run. */
static void many(void **state)
{
	const char *addr[PLAIN_CERTS_MAX + 2];
	const struct buf *b[PLAIN_CERTS_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < PLAIN_CERTS_MAX + 2; i++) {
		addr[i] = address[i % N];
		b[i] = &body[i % N];
	}
	together(addr, b, PLAIN_CERTS_MAX + 2);
}

static void listings(void **state)
{
#define KEY "pub:-:255:22:0123456789ABCDEF:1795578288:::-:::scESC:::::ed25519:::0:\n"
#define FPR "fpr:::::::::0123456789ABCDEF0123456789ABCDEF01234567:\n"
#define UID "uid:-::::1795578288::X::a <a@x.example>::::::::::0:\n"
#define SUB SUBKEY FPR SIG("!", "18x")
#define SUBKEY "sub:-:255:18:6D797360509A0B0A:1795578288::::::e:::::cv25519::\n"
#define SIG(verdict, class)                                                                        \
	"sig:" verdict "::22:0123456789ABCDEF:1795578288::::a:" class "::X:::10:\n"
#define ARM "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDM=\n-----END PGP PUBLIC KEY BLOCK-----\n"
	static const struct {
		const char *text;
		int rc;
	} row[] = {
		{KEY FPR UID SUB ARM, 0},
		{KEY FPR UID SIG("!", "13x") SUB SUB ARM, 0},
		{KEY FPR SIG("!", "1Fx") UID SIG("-", "13x") SIG("?", "10l") SUB ARM, 0},
		{KEY FPR UID ARM, 0},
		{KEY FPR SIG("-", "1Fx") UID ARM, -1},
		{SIG("!", "13x") KEY FPR UID ARM, -1},
		{KEY FPR UID SIG("!", "13") ARM, -1},
		{KEY FPR UID SIG("!", "") ARM, -1},
		{KEY FPR UID SIG("!", "1gx") ARM, -1},
		{KEY FPR UID "sig:!::22:0123456789ABCDEF:soon::::a:13x::X:::10:\n" ARM, -1},
		{KEY FPR UID "rev:!::22:0123456789ABCDEF:1795578288::::a:30x::X:::10:\n" ARM, -1},
		{KEY FPR UID SUBKEY FPR ARM, -1},
		{KEY FPR UID SUBKEY FPR SUB ARM, -1},
		{KEY FPR UID SUBKEY FPR SIG("-", "18x") ARM, -1},
		{KEY FPR UID SUBKEY FPR SIG("!", "13x") ARM, -1},
		{KEY FPR UID SUBKEY FPR SIG("!", "18x") SIG("-", "18x") ARM, -1},
		{KEY FPR UID SUB UID ARM, -1},
		{KEY FPR UID SUB, -1},
		{KEY FPR UID SUB "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDM=\n", -1},
		{FPR KEY UID ARM, -1},
		{KEY UID ARM, -1},
		{KEY FPR ARM, -1},
		{UID KEY FPR ARM, -1},
		{SUB FPR UID ARM, -1},
		{KEY FPR UID KEY FPR UID ARM, -1},
		{KEY FPR FPR UID ARM, -1},
		{KEY FPR UID "rvk:::17::::::ABC:80:\n" ARM, -1},
		{KEY FPR UID "uat:-::::1795578288::X::1 2::::::::::0:\n" ARM, -1},
		{KEY FPR UID "\n" ARM, -1},
		{"gpg: hello\n" KEY FPR UID ARM, -1},
		{"pub:r:255:22:0123456789ABCDEF:1795578288:::-:::scESC:::::ed25519:::0:\n" FPR UID
				ARM,
			-1},
		{"pub:e:255:22:0123456789ABCDEF:1795578288:::-:::scESC:::::ed25519:::0:\n" FPR UID
				ARM,
			-1},
		{"pub:-:255:22:0123456789ABCDEF:1795578288:::-:::scESCD:::::ed25519:::0:\n" FPR UID
				ARM,
			-1},
		{"pub:-:255:22:0123456789ABCDEF:soon:::-:::scESC:::::ed25519:::0:\n" FPR UID ARM,
			-1},
		{"pub:-:255:99:0123456789ABCDEF:1795578288:::-:::scESC:::::ed25519:::0:\n" FPR UID
				ARM,
			-1},
		{KEY FPR "uid:r::::1795578288::X::a <a@x.example>::::::::::0:\n" ARM, -1},
		{KEY FPR "uid:-::::1795578288::X::a\\x00b::::::::::0:\n" ARM, -1},
		{KEY FPR "uid:-::::1795578288::X::a\\nb::::::::::0:\n" ARM, -1},
		{KEY FPR UID
			"sub:i:255:18:6D797360509A0B0A:1795578288::::::e:::::cv25519::\n" FPR ARM,
			-1},
		{"", -1},
		{":\n", -1},
	};
	struct listing *l = calloc(1, sizeof(*l));
	char text[2048], *p;
	size_t i;

	(void)state;
	assert_non_null(l);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(text, sizeof(text), "%s", row[i].text);
		p = text;
		if (listing_next(&p, l) != row[i].rc)
			fail_msg("row %zu: %s", i, row[i].text);
	}
	snprintf(text, sizeof(text), "%s",
		KEY FPR "uid:-::::1::X::a\\x3ab\\x5c\\x0a <a@x.example>::::::::::0:\n" SIG(
			"!", "13x") SIG("%", "13x") SUB ARM KEY FPR UID ARM);
	p = text;
	assert_int_equal(listing_next(&p, l), 0);
	assert_string_equal(l->key.uids->uid, "a:b\\\n <a@x.example>");
	assert_string_equal(l->key.fpr, "0123456789ABCDEF0123456789ABCDEF01234567");
	assert_int_equal(l->n_sub, 2);
	assert_false(l->key.subkeys->can_encrypt);
	assert_true(l->key.subkeys->next->can_encrypt);
	assert_int_equal(l->n_sig, 2);
	assert_int_equal(l->sig[0].sig_class, 0x13);
	assert_int_equal(gpgme_err_code(l->sig[0].status), GPG_ERR_NO_ERROR);
	assert_int_equal(gpgme_err_code(l->sig[1].status), GPG_ERR_BAD_SIGNATURE);
	assert_int_equal(listing_next(&p, l), 0);
	assert_int_equal(*p, '\0');
	free(l);
}

/* A copy of the pinned certificate is told as it is without the pin; with an old or a new signature
 * it is merged. */
static void copies_of_the_pin(void **state)
{
	struct buf r = keys_export(rev, NULL);
	struct addr a = keys_address("rev@example.org");
	struct intake_body part[2];
	struct intake_job job[2];
	struct addr to[2] = {keys_address(address[0]), keys_address(address[3])};
	struct cert_set set[2], alone;
	struct buf framed = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const struct buf *b = &body[i == 0 ? 0 : 3];
		const struct intake in = {.addr = &to[i]};

		assert_int_equal(intake_read(&in, b->p, b->len, &set[i], &err), 0);
		assert_int_equal(set[i].n, 1);
		/* One as gpg writes it, and one with the same packets in another frame. */
		part[i] = (struct intake_body){set[i].v[0].data, set[i].v[0].len};
		if (i == 1) {
			assert_int_equal(
				plain_framed(&framed, set[i].v[0].data, set[i].v[0].len), 0);
			part[i] = (struct intake_body){framed.p, framed.len};
		}
		job[i] = (struct intake_job){.in = {.addr = &to[i],
						     .pinned = set[i].v[0].data,
						     .pinned_len = set[i].v[0].len,
						     .pinned_fpr = set[i].v[0].fpr},
			.body = &part[i],
			.n_body = 1};
	}
	intake_many(job, 2, NULL);
	for (i = 0; i < 2; i++) {
		struct buf b = {.p = set[i].v[0].data, .len = set[i].v[0].len};

		assert_int_equal(job[i].rc, 0);
		alone = read_alone(&to[i], &b);
		same(&job[i].set, &alone);
		same(&job[i].set, &set[i]);
		cert_set_free(&alone);
		cert_set_free(&job[i].set);
		cert_set_free(&set[i]);
	}
	buf_free(&framed);
	/* Revoked, both ways round. */
	for (i = 0; i < 2; i++) {
		struct buf plain = keys_export(rev, "export-clean");
		const struct intake in = {
			.addr = &a, .pinned = r.p, .pinned_len = r.len, .pinned_fpr = rev};

		assert_int_equal(
			intake_read(&in, i ? r.p : plain.p, i ? r.len : plain.len, &set[0], &err),
			0);
		assert_int_equal(set[0].n, 1);
		assert_int_equal(set[0].v[0].use, CERT_REVOKED);
		cert_set_free(&set[0]);
		buf_free(&plain);
	}
	buf_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_good),
		cmocka_unit_test(hostile_neighbours), cmocka_unit_test(not_plain),
		cmocka_unit_test(many), cmocka_unit_test(copies_of_the_pin),
		cmocka_unit_test(listings)};

	return cmocka_run_group_tests_name("plain", tests, setup, teardown);
}
