/* SPDX-License-Identifier: ISC */
#include "gpg_keys.h"

#include <sys/stat.h>

#include "base/temp_dir.h"
#include "pgp/cert/armour.h"
#include "pgp/gpg/home.h"

/* Bodies that are not what they should be, and a gpg that is not. */

static char alice[CERT_FPR_MAX], bare[CERT_FPR_MAX], rev[CERT_FPR_MAX], new[CERT_FPR_MAX],
	noenc[CERT_FPR_MAX], pin[CERT_FPR_MAX], suc[CERT_FPR_MAX], subs[CERT_FPR_MAX],
	uids[CERT_FPR_MAX], bob[CERT_FPR_MAX];

#define T2020 "20200101T000000"

/* The second of its subkeys is revoked. */
static void make_with_revoked_subkey(char *fpr)
{
	struct buf in = BUF_INIT(64);

	keys_make("Two <two@example.org>", T2020, "never", true, fpr);
	keys_gpg(NULL, "--quick-add-key", fpr, "cv25519", "encr", "never");
	assert_int_equal(buf_adds(&in, "key 2\nrevkey\ny\n0\n\ny\nsave\n"), 0);
	keys_gpg_in(&in, NULL, NULL, "--command-fd", "0", "--edit-key", fpr, NULL);
	buf_free(&in);
}

static int setup(void **state)
{
	(void)state;
	keys_start();
	keys_make("Alice <alice@example.org>", NULL, "never", true, alice);
	keys_make("bare@example.org", NULL, "never", true, bare);
	keys_make("Old <rev@example.org>", T2020, "never", true, rev);
	keys_make("New <rev@example.org>", NULL, "never", true, new);
	keys_revoke(rev);
	keys_make("N <noenc@example.org>", NULL, "never", false, noenc);
	keys_make("Pin <pin@example.org>", T2020, "never", true, pin);
	keys_make("Suc <pin@example.org>", NULL, "never", true, suc);
	make_with_revoked_subkey(subs);
	keys_make("Two <two@example.org>", T2020, "never", true, uids);
	keys_gpg(NULL, "--quick-add-uid", uids, "2 <two@example.org>");
	keys_gpg(NULL, "--quick-revoke-uid", uids, "Two <two@example.org>");
	keys_make("Two <two@example.org>", T2020, "never", true, bob);
	keys_gpg(NULL, "--quick-add-uid", bob, "Bob <bob@example.org>");
	keys_gpg(NULL, "--quick-revoke-uid", bob, "Two <two@example.org>");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keys_stop();
	return 0;
}

/*
 * A gpg that does not do its work: that is an error, never an answer. First of all tests, because
 * gpg is looked for once in a process.
 */
static void test_gpg_fails(void **state)
{
	static const struct {
		const char *name, *script;
		enum err_code code;
	} rows[] = {
		{"does nothing", "exit 0", ERR_TEMP},
		{"fails", "exit 2", ERR_TEMP},
		{"is killed", "kill -9 $$", ERR_TEMP},
		{"imports, then fails",
			"case \"$*\" in *import-show*) exit 2;; *--import*) exec /usr/bin/gpg "
			"\"$@\";; esac; exit 2",
			ERR_TEMP},
		{"imports and lists, then fails",
			"case \"$*\" in *import-show*|*--export*) exit 2;; esac; exec /usr/bin/gpg "
			"\"$@\"",
			ERR_TEMP},
		{"is too old", "echo gpg \\(GnuPG\\) 2.2.4", ERR_CONFIG},
	};
	struct buf body = keys_export(alice, NULL), text = BUF_INIT(4096);
	struct addr a = keys_address("alice@example.org");
	struct intake in = {.addr = &a};
	struct cert_set set = {0};
	struct err err = ERR_INIT;
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	struct gpg_home home = {0};
	int status;
	size_t i;

	(void)state;
	assert_int_equal(dir_make_temp(dir, &err), 0);
	memcpy(home.path, dir, sizeof(dir));
	assert_int_equal(path_join(path, dir, "gpg"), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		buf_reset(&text);
		assert_int_equal(
			buf_addf(&text, "#!/bin/sh\n%s%s\n",
				rows[i].code == ERR_CONFIG ? ""
							   : "case \"$*\" in *--version*) exec "
							     "/usr/bin/gpg --version;; esac\n",
				rows[i].script),
			0);
		assert_int_equal(gpg_home_put(&home, "gpg", text.p, text.len, &err), 0);
		assert_int_equal(chmod(path, 0700), 0);
		if (fork() == 0) {
			setenv("PATH", dir, 1);
			if (intake_read(&in, body.p, body.len, &set, &err) == 0)
				_exit(1);
			_exit(err.code == rows[i].code && err.msg[0] ? 0 : 2);
		}
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	dir_remove(dir);
	buf_free(&text);
	buf_free(&body);
}

static void test_secret_key(void **state)
{
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--pinentry-mode",
		"loopback", "--passphrase", "", "--export-secret-keys", alice, NULL};
	const char *armoured[] = {"gpg", "--homedir", keys_home, "--batch", "--armor",
		"--pinentry-mode", "loopback", "--passphrase", "", "--export-secret-keys", alice,
		NULL};
	struct buf body = BUF_INIT(65536), both = keys_export(bare, NULL), asc = BUF_INIT(65536);
	const struct buf *bodies[] = {&body, &both, &asc};
	struct cert_set set;
	size_t i;

	(void)state;
	assert_int_equal(keys_run(argv, NULL, &body), 0);
	assert_int_equal(keys_run(armoured, NULL, &asc), 0);
	assert_int_equal(buf_add(&both, body.p, body.len), 0);
	for (i = 0; i < 3; i++) {
		set = keys_read(i == 1 ? "bare@example.org" : "alice@example.org", false, bodies[i],
			NULL, NULL);
		assert_true(set.secret);
		assert_false(set.not_openpgp);
		assert_int_equal(set.n, 0);
		cert_set_free(&set);
		buf_free((struct buf *)(uintptr_t)bodies[i]);
	}
}

static void test_not_openpgp(void **state)
{
	static const char *const rows[] = {"", "<!DOCTYPE html><html><body>404</body></html>",
		"\x89PNG\r\n\x1a\n\0\0", "\xff\xff\xff\xff\xff\xff\xff", "not a key", "\n\n",
		"-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n",
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n"};
	struct buf body = BUF_INIT(65536);
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&body);
		assert_int_equal(buf_adds(&body, rows[i]), 0);
		set = keys_read("alice@example.org", false, &body, NULL, NULL);
		assert_true(set.not_openpgp);
		assert_int_equal(set.n, 0);
		cert_set_free(&set);
	}
	buf_free(&body);
}

static void test_armoured(void **state)
{
	const char *argv[] = {
		"gpg", "--homedir", keys_home, "--batch", "--armor", "--export", rev, NULL};
	struct buf two = keys_export(new, NULL), body = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	const struct cert *best;

	(void)state;
	/* One block as gpg writes it (with a checksum), one as we do. */
	assert_int_equal(keys_run(argv, NULL, &body), 0);
	assert_int_equal(buf_addc(&body, '\n'), 0);
	assert_int_equal(cert_armour(two.p, two.len, &body), 0);
	set = keys_read("rev@example.org", false, &body, NULL, NULL);
	assert_true(set.armoured);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.v[0].use, CERT_REVOKED);
	best = cert_set_choose(&set, NULL);
	assert_string_equal(best ? best->fpr : "none", new);
	cert_set_free(&set);
	/* Cut short: what is missing may be a revocation. */
	body.len -= 60;
	set = keys_read("rev@example.org", false, &body, NULL, NULL);
	assert_null(cert_set_choose(&set, NULL));
	cert_set_free(&set);
	buf_free(&body);
	buf_free(&two);
}

/* The packets of key in that order ("01243"), into out. */
static void reorder(const struct buf *key, const char *order, struct buf *out)
{
	const uint8_t *p;
	struct packet k;
	size_t len;
	int i;

	buf_reset(out);
	for (; *order; order++) {
		p = key->p;
		len = key->len;
		for (i = 0; i <= *order - '0'; i++)
			assert_int_equal(packet_next(&p, &len, &k), 1);
		assert_int_equal(buf_add(out, k.raw, k.raw_len), 0);
	}
}

/* A revocation, and any signature, is one wherever it stands. What a server puts elsewhere it could
 * leave out: but others find it. */
static void test_misplaced(void **state)
{
	/* Of subs: primary key, User ID, its signature, subkey, binding, subkey, revocation,
	 * binding; of uids and bob: primary key, User ID, revocation, signature, User ID (of bob
	 * another's), signature, subkey, binding. */
	static const struct {
		const char *name, *key, *order;
		enum cert_use use;
		size_t n_enc;
	} rows[] = {
		{"subkeys as they are", subs, "01234567", CERT_USABLE, 1},
		{"behind the other subkey", subs, "01234657", CERT_USABLE, 1},
		{"the other way about", subs, "01257346", CERT_USABLE, 1},
		{"behind the User ID", subs, "01623457", CERT_USABLE, 1},
		{"behind the primary key", subs, "06123457", CERT_USABLE, 1},
		{"bindings exchanged", subs, "01237546", CERT_USABLE, 1},
		{"instead of the other's binding", subs, "0123657", CERT_NO_ENCRYPTION, 0},
		{"a binding behind the other subkey", subs, "0123574", CERT_USABLE, 2},
		{"a subkey twice", subs, "012334567", CERT_USABLE, 1},
		{"revoked the second time", subs, "01234575612", CERT_USABLE, 1},
		{"the only one, the first time", subs, "0125657", CERT_NO_ENCRYPTION, 0},
		{"the only one, the second time", subs, "0125756", CERT_NO_ENCRYPTION, 0},
		{"the only one, behind the User ID", subs, "016257", CERT_NO_ENCRYPTION, 0},
		{"the only one, last", subs, "012576", CERT_NO_ENCRYPTION, 0},
		{"User IDs as they are", uids, "01234567", CERT_USABLE, 1},
		{"the only one, the second time", uids, "0136712", CERT_UID_REVOKED, 1},
		{"the only one, behind the subkey", uids, "013672", CERT_UID_REVOKED, 1},
		{"the only one, behind the primary key", uids, "021367", CERT_UID_REVOKED, 1},
		{"beside another's as they are", bob, "01234567", CERT_UID_REVOKED, 1},
		{"without the revocation", bob, "0134567", CERT_USABLE, 1},
		{"behind another's User ID", bob, "01342567", CERT_UID_REVOKED, 1},
		{"behind its signature", bob, "01345267", CERT_UID_REVOKED, 1},
		{"behind another's before ours", bob, "04251367", CERT_UID_REVOKED, 1},
		{"all behind another's", bob, "01423567", CERT_UID_REVOKED, 1},
		{"signatures exchanged with another's", bob, "0154367", CERT_USABLE, 1},
		{"only another's signature", bob, "01567", CERT_UNSUPPORTED, 0},
	};
	struct buf key, body = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s: %s\n", rows[i].order, rows[i].name);
		key = keys_export(rows[i].key, NULL);
		reorder(&key, rows[i].order, &body);
		set = keys_read("two@example.org", false, &body, NULL, NULL);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].use, rows[i].use);
		assert_int_equal(set.v[0].n_enc, rows[i].n_enc);
		cert_set_free(&set);
		buf_free(&key);
	}
	buf_free(&body);
}

/* A revocation that is not valid is nothing, wherever it stands, and is not kept. */
static void test_false_revocations(void **state)
{
	/* As above; 2 of bob and 6 of subs are changed. */
	static const struct {
		const char *name, *key, *order;
		size_t n_enc;
	} rows[] = {
		{"behind the User ID", bob, "01234567", 1},
		{"behind another's", bob, "01342567", 1},
		{"behind the subkey", bob, "01345672", 1},
		{"in another copy", bob, "0134567042", 1},
		{"of a subkey", subs, "01234567", 2},
		{"behind the other subkey", subs, "01234657", 2},
		{"behind the User ID", subs, "01623457", 2},
		{"in another copy", subs, "0123457012346", 2},
	};
	struct buf key, body = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const bool of_uid = rows[i].key == bob;

		print_message("  %s: %s\n", rows[i].order, rows[i].name);
		key = keys_export(rows[i].key, NULL);
		reorder(&key, of_uid ? "012" : "0123456", &body);
		key.p[body.len - 1] ^= 1;
		reorder(&key, rows[i].order, &body);
		set = keys_read("two@example.org", false, &body, NULL, NULL);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].use, CERT_USABLE);
		assert_int_equal(set.v[0].n_enc, rows[i].n_enc);
		assert_int_equal(keys_count(set.v[0].data, set.v[0].len, PACKET_SIGNATURE,
					 of_uid ? 0x30 : 0x28),
			0);
		cert_set_free(&set);
		buf_free(&key);
	}
	buf_free(&body);
}

/* Copies of a certificate are one, though gpg would take nothing of one without a valid User ID. */
static void test_copies(void **state)
{
	/* Of rev: primary key, revocation, User ID, its signature, subkey, binding. */
	static const struct {
		const char *name, *key, *copy[2];
		enum cert_use use;
		size_t n_enc;
	} rows[] = {
		{"the revocation alone", rev, {"02345", "01"}, CERT_REVOKED, 0},
		{"the revocation alone, first", rev, {"01", "02345"}, CERT_REVOKED, 0},
		{"no revocation", rev, {"02345", "0"}, CERT_USABLE, 1},
		{"the revocation of a subkey", subs, {"0123457", "056"}, CERT_USABLE, 1},
		{"that behind a User ID without signature", subs, {"0156", "0123457"}, CERT_USABLE,
			1},
		{"that of the only subkey", subs, {"056", "01257"}, CERT_NO_ENCRYPTION, 0},
		{"the subkey in the other", subs, {"012", "034"}, CERT_USABLE, 1},
		{"that behind another subkey", subs, {"01257", "012346"}, CERT_USABLE, 1},
		{"that behind one without a binding", subs, {"01236", "01257"}, CERT_NO_ENCRYPTION,
			0},
		{"that without a User ID", subs, {"0126", "01257"}, CERT_NO_ENCRYPTION, 0},
		{"that of the User ID behind another's", bob, {"01367", "04526"}, CERT_UID_REVOKED,
			1},
		{"that behind another's, first", bob, {"042", "01367"}, CERT_UID_REVOKED, 1},
		{"the signature behind another's", bob, {"0167", "043"}, CERT_USABLE, 1},
		{"that behind a User ID without signature", uids, {"04267", "013"},
			CERT_UID_REVOKED, 1},
		{"the signature in one, a revocation in the other", subs, {"0136", "0257"},
			CERT_NO_ENCRYPTION, 0},
	};
	struct buf key, body = BUF_INIT(KEYS_OUT_MAX), copy = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		key = keys_export(rows[i].key, NULL);
		reorder(&key, rows[i].copy[0], &body);
		reorder(&key, rows[i].copy[1], &copy);
		assert_int_equal(buf_add(&body, copy.p, copy.len), 0);
		set = keys_read(rows[i].key == rev ? "rev@example.org" : "two@example.org", false,
			&body, NULL, NULL);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].use, rows[i].use);
		assert_int_equal(set.v[0].n_enc, rows[i].n_enc);
		cert_set_free(&set);
		buf_free(&key);
	}
	buf_free(&body);
	buf_free(&copy);
}

/* gpg takes nothing of a copy in which is a packet that it cannot read: that its key is revoked
 * counts all the same. */
static void test_unreadable_copy(void **state)
{
	static const uint8_t subkey[] = {0xce, 7, 4, 0, 0, 0, 1, 18, 9};
	/* Of rev; the subkey stands behind the first. */
	static const struct {
		const char *name, *copy[2];
		enum cert_use use;
		bool pinned; /* the other is */
	} rows[] = {
		{"alone", {"012345", ""}, CERT_REVOKED, false},
		{"not revoked", {"02345", ""}, CERT_UNSUPPORTED, false},
		{"beside an older one", {"012345", "02345"}, CERT_REVOKED, false},
		{"without a User ID", {"01", "02345"}, CERT_REVOKED, false},
		{"the other is revoked", {"02345", "012345"}, CERT_REVOKED, false},
		{"neither is", {"02345", "02345"}, CERT_UNSUPPORTED, false},
		{"an older one is pinned", {"012345", "02345"}, CERT_REVOKED, true},
	};
	struct buf key = keys_export(rev, NULL), body = BUF_INIT(KEYS_OUT_MAX),
		   other = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		reorder(&key, rows[i].copy[0], &body);
		reorder(&key, rows[i].copy[1], &other);
		assert_int_equal(buf_add(&body, subkey, sizeof(subkey)), 0);
		if (!rows[i].pinned)
			assert_int_equal(buf_add(&body, buf_str(&other), other.len), 0);
		set = keys_read("rev@example.org", false, &body, rows[i].pinned ? &other : NULL,
			rows[i].pinned ? rev : NULL);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].use, rows[i].use);
		cert_set_free(&set);
	}
	buf_free(&key);
	buf_free(&body);
	buf_free(&other);
}

/* The first revocation in b. */
static struct packet revocation_in(const struct buf *b)
{
	const uint8_t *p = b->p;
	size_t len = b->len;
	struct packet k;

	do
		assert_int_equal(packet_next(&p, &len, &k), 1);
	while (k.tag != PACKET_SIGNATURE ||
		(k.body[1] != 0x20 && k.body[1] != 0x28 && k.body[1] != 0x30));
	return k;
}

/* Changes it where it is signed. */
static void change_revocation(struct buf *b)
{
	const struct packet k = revocation_in(b);
	const uint8_t *p = memmem(k.body, k.body_len, "\x05\x02", 2);

	assert_non_null(p);
	b->p[p + 5 - b->p] ^= 1;
}

/* A changed revocation, with the numbers of the valid one, does not displace it. */
static void test_revocation_in_two_versions(void **state)
{
	/* Of both versions, one behind the other. rev has six packets: 1 and 7 are the revocations;
	 * bob and subs, as above, have eight: 2 and 10, and 6 and 14. */
	static const struct {
		const char *key, *order;
	} rows[] = {
		{rev, "0172345"},
		{rev, "0712345"},
		{rev, "0723451"},
		{bob, "012:34567"},
		{bob, "01:4526378;<=>?"},
		{bob, "89:;>?01234567"},
		{bob, "89:;>?01345267"},
		{bob, "8;<:=01345267"},
		{bob, "89;>?8<:042"},
		{subs, "012>567"},
		{subs, "89:=>?012567"},
		{subs, "89:=?8;>036"},
	};
	struct buf key = keys_export(rev, NULL), changed = keys_export(rev, NULL);
	struct buf body = BUF_INIT(KEYS_OUT_MAX);
	struct cert_set set;
	size_t i;

	(void)state;
	change_revocation(&changed);
	set = keys_read("rev@example.org", false, &changed, NULL, NULL);
	assert_int_equal(set.v[0].use, CERT_USABLE);
	cert_set_free(&set);
	set = keys_read("rev@example.org", false, &changed, &key, rev);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.v[0].use, CERT_REVOKED);
	cert_set_free(&set);
	assert_int_equal(buf_add(&key, changed.p, changed.len), 0);
	set = keys_read("rev@example.org", false, &key, NULL, NULL);
	assert_int_equal(set.v[0].use, CERT_REVOKED);
	cert_set_free(&set);
	buf_free(&key);
	buf_free(&changed);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].order);
		key = keys_export(rows[i].key, NULL);
		changed = keys_export(rows[i].key, NULL);
		change_revocation(&changed);
		assert_int_equal(buf_add(&key, changed.p, changed.len), 0);
		reorder(&key, rows[i].order, &body);
		set = keys_read(rows[i].key == rev ? "rev@example.org" : "two@example.org", false,
			&body, NULL, NULL);
		assert_int_equal(set.n, 1);
		assert_int_not_equal(set.v[0].use, CERT_USABLE);
		cert_set_free(&set);
		buf_free(&key);
		buf_free(&changed);
	}
	buf_free(&body);
}

/* A revocation is one whatever is said in the part of it that is not signed. */
static void test_unsigned_part(void **state)
{
	static const struct {
		const char *name, *insert;
		size_t len;
		int change; /* to the last byte of the key ID */
		int type;   /* and to the type of its subpacket */
	} rows[] = {
		{"another key ID", "", 0, 1, 0},
		{"something else in place of it", "", 0, 0, 8},
		{"an unknown critical subpacket",
			"\x05\xe9"
			"abcd",
			6, 0, 0},
		{"a critical one of a strange length",
			"\x03\x84"
			"ab",
			4, 0, 0},
		{"one that is longer than all", "\x7f\x14", 2, 0, 0},
	};
	struct buf key = keys_export(rev, NULL), body = BUF_INIT(KEYS_OUT_MAX);
	const struct packet k = revocation_in(&key);
	const uint8_t *rest = k.raw + k.raw_len;
	const size_t at = 6 + (size_t)k.body[5];
	struct cert_set set;
	size_t i;

	(void)state;
	assert_int_equal(packet_be64(k.body + at + 4), fpr_keyid(rev));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t n = k.body_len + rows[i].len;

		print_message("  %s\n", rows[i].name);
		buf_reset(&body);
		assert_int_equal(buf_add(&body, key.p, (size_t)(k.raw - key.p)), 0);
		assert_int_equal(buf_addf(&body, "\xc2\xff%c%c%c%c", 0, 0, 0, (int)n), 0);
		assert_int_equal(buf_add(&body, k.body, at), 0);
		assert_int_equal(buf_addf(&body, "%c%c", 0, 10 + (int)rows[i].len), 0);
		assert_int_equal(buf_add(&body, k.body + at + 2, 10), 0);
		body.p[body.len - 1] ^= (uint8_t)rows[i].change;
		body.p[body.len - 9] ^= (uint8_t)rows[i].type;
		assert_int_equal(buf_add(&body, rows[i].insert, rows[i].len), 0);
		assert_int_equal(buf_add(&body, k.body + at + 12, k.body_len - at - 12), 0);
		assert_int_equal(buf_add(&body, rest, (size_t)(key.p + key.len - rest)), 0);
		set = keys_read("rev@example.org", false, &body, NULL, NULL);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].use, CERT_REVOKED);
		cert_set_free(&set);
	}
	buf_free(&key);
	buf_free(&body);
}

/* Wherever a certificate is cut, it is never usable, and never an error. */
static void test_truncated(void **state)
{
	struct buf whole = keys_export(alice, NULL), cut = BUF_INIT(65536);
	struct cert_set set;
	size_t n;

	(void)state;
	for (n = 1; n < whole.len; n += 37) {
		buf_reset(&cut);
		assert_int_equal(buf_add(&cut, whole.p, n), 0);
		set = keys_read("alice@example.org", false, &cut, NULL, NULL);
		assert_null(cert_set_choose(&set, NULL));
		cert_set_free(&set);
	}
	buf_free(&cut);
	buf_free(&whole);
}

/* A certificate that gpg cannot read hides no other. */
static void test_bad_beside_good(void **state)
{
	const struct {
		const char *name;
		size_t at;
		uint8_t value;
	} rows[] = {
		{"version 3", 2, 3},
		{"version 5", 2, 5},
		{"version 6", 2, 6},
		{"version 99", 2, 99},
		{"unknown algorithm", 7, 99},
		{"broken curve", 8, 200},
		{"another key", 30, 0x55},
	};
	struct buf good = keys_export(new, NULL), body = BUF_INIT(65536);
	const struct cert *best;
	struct cert_set set;
	struct buf bad;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		bad = keys_export(pin, NULL);
		/* A key's octet may be that already. */
		bad.p[rows[i].at] =
			bad.p[rows[i].at] == rows[i].value ? rows[i].value ^ 1 : rows[i].value;
		buf_reset(&body);
		assert_int_equal(buf_add(&body, bad.p, bad.len), 0);
		assert_int_equal(buf_add(&body, good.p, good.len), 0);
		/* Both could be for the address: only the bad one's damage keeps it out. */
		set = keys_read("rev@example.org", false, &body, NULL, NULL);
		best = cert_set_choose(&set, NULL);
		assert_string_equal(best ? best->fpr : "none", new);
		cert_set_free(&set);
		set = keys_read("pin@example.org", false, &body, NULL, NULL);
		assert_int_equal(set.n, 2);
		assert_int_equal(set.v[0].use, CERT_UNSUPPORTED);
		assert_int_equal(set.v[1].use, CERT_WRONG_UID);
		assert_null(set.v[0].data);
		cert_set_free(&set);
		buf_free(&bad);
	}
	buf_free(&good);
	buf_free(&body);
}

/* A broken certificate for the address before a good one for it. */
static void test_bad_before_good(void **state)
{
	struct buf body = keys_export(pin, NULL), good = keys_export(suc, NULL);
	struct cert_set set;

	(void)state;
	body.p[8] = 200;
	assert_int_equal(buf_add(&body, good.p, good.len), 0);
	set = keys_read("pin@example.org", false, &body, NULL, NULL);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.v[0].use, CERT_UNSUPPORTED);
	assert_int_equal(set.v[1].use, CERT_USABLE);
	keys_check_shape(&set.v[1]);
	cert_set_free(&set);
	buf_free(&good);
	buf_free(&body);
}

/* Somebody else's subkey and User ID spliced in: no valid binding, so that they do not count. */
static void test_spliced(void **state)
{
	struct buf a = keys_export(noenc, NULL), b = keys_export(bare, NULL),
		   body = BUF_INIT(65536);
	const uint8_t *p = b.p;
	size_t len = b.len;
	struct cert_set set;
	struct packet k;

	(void)state;
	assert_int_equal(buf_add(&body, a.p, a.len), 0);
	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY)
			assert_int_equal(buf_add(&body, k.raw, k.raw_len), 0);
	}
	set = keys_read("noenc@example.org", false, &body, NULL, NULL);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.v[0].use, CERT_NO_ENCRYPTION);
	cert_set_free(&set);
	set = keys_read("bare@example.org", false, &body, NULL, NULL);
	assert_int_equal(set.n, 1);
	assert_int_not_equal(set.v[0].use, CERT_USABLE);
	cert_set_free(&set);
	buf_free(&a);
	buf_free(&b);
	buf_free(&body);
}

static void test_attribute(void **state)
{
	static const uint8_t attribute[] = {0xd1, 5, 4, 1, 'j', 'p', 'g'};
	struct buf a = keys_export(alice, NULL), body = BUF_INIT(65536);
	const uint8_t *p = a.p;
	size_t len = a.len;
	struct cert_set set;
	struct packet k;
	bool done = false;

	(void)state;
	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_PUBLIC_SUBKEY && !done) {
			assert_int_equal(buf_add(&body, attribute, sizeof(attribute)), 0);
			done = true;
		}
		assert_int_equal(buf_add(&body, k.raw, k.raw_len), 0);
	}
	set = keys_read("alice@example.org", false, &body, NULL, NULL);
	assert_int_equal(set.v[0].use, CERT_USABLE);
	keys_check_shape(&set.v[0]);
	cert_set_free(&set);
	buf_free(&a);
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gpg_fails),
		cmocka_unit_test(test_secret_key),
		cmocka_unit_test(test_not_openpgp),
		cmocka_unit_test(test_armoured),
		cmocka_unit_test(test_misplaced),
		cmocka_unit_test(test_false_revocations),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_unreadable_copy),
		cmocka_unit_test(test_revocation_in_two_versions),
		cmocka_unit_test(test_unsigned_part),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_bad_beside_good),
		cmocka_unit_test(test_bad_before_good),
		cmocka_unit_test(test_spliced),
		cmocka_unit_test(test_attribute),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
