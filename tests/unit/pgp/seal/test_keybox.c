/* SPDX-License-Identifier: ISC */
/* pgp/seal/keybox.h with the real gpg: it finds each key by its fingerprint, and takes the marks
 * for its own. */
#include "gpg_keys.h"

#include <gcrypt.h>

#include "pgp/cert/packet.h"
#include "pgp/cert/sig_marks.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/keybox.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))
#define BOX_MAX 65536
#define HEADER_LEN 32
#define SUM_LEN 20

static struct cert_set alice, bob;

static int start(void **state)
{
	(void)state;
	keys_start();
	assert_int_equal(gpg_init(NULL), 0);
	keys_new_cert("alice@x.example", &alice);
	keys_new_cert("bob@x.example", &bob);
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	cert_set_free(&alice);
	cert_set_free(&bob);
	keys_stop();
	return 0;
}

/* What gpg lists of the box for the fingerprint (NULL: for all). The exit status. */
static int list_box(const struct buf *box, const char *fpr, struct buf *out)
{
	char path[FILE_PATH_MAX];
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty",
		"--no-allow-non-selfsigned-uid", "--no-default-keyring", "--keyring", path,
		"--lock-never", "--trust-model", "always", "--with-colons", "--list-keys", fpr,
		NULL};
	FILE *f;

	assert_int_equal(path_join(path, keys_home, "box.gpg"), 0);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(box->p, 1, box->len, f), box->len);
	assert_int_equal(fclose(f), 0);
	return keys_run(argv, NULL, out);
}

static size_t times_in(const struct buf *out, const char *what)
{
	const char *p = buf_str(out);
	size_t n = 0;

	while ((p = strstr(p, what)) != NULL) {
		p++;
		n++;
	}
	return n;
}

static void add(struct buf *box, const struct cert *c, const char *marks)
{
	struct buf woven = BUF_INIT(BOX_MAX);

	assert_true(keybox_takes(c->data, c->len));
	assert_int_equal(sig_marks_weave(c->data, c->len, marks, &woven), 0);
	assert_int_equal(keybox_add(box, woven.p, woven.len), 0);
	buf_free(&woven);
}

static void found_by_fingerprint(void **state)
{
	const struct cert *const cert[] = {&alice.v[0], &bob.v[0]};
	struct buf box = BUF_INIT(BOX_MAX), out = BUF_INIT(KEYS_OUT_MAX);
	char wrong[CERT_FPR_MAX], *last;
	size_t i;

	(void)state;
	add(&box, cert[0], "++");
	add(&box, cert[1], NULL);
	assert_int_equal(list_box(&box, NULL, &out), 0);
	assert_int_equal(times_in(&out, "\npub:"), 2);
	for (i = 0; i < N_OF(cert); i++) {
		buf_reset(&out);
		assert_int_equal(list_box(&box, cert[i]->fpr, &out), 0);
		assert_int_equal(times_in(&out, "\npub:"), 1);
		assert_int_equal(times_in(&out, "\nsub:"), 1);
		assert_int_equal(times_in(&out, cert[i]->fpr), 1);
	}
	memcpy(wrong, cert[0]->fpr, sizeof(wrong));
	last = wrong + strlen(wrong) - 1;
	*last = *last == '0' ? '1' : '0';
	buf_reset(&out);
	assert_int_not_equal(list_box(&box, wrong, &out), 0);
	buf_free(&box);
	buf_free(&out);
}

/* Alice with the last octet of her User ID's signature changed. */
static void build_broken(struct buf *out)
{
	const uint8_t *p = alice.v[0].data;
	size_t len = alice.v[0].len;
	struct packet k;
	bool done = false;

	while (packet_next(&p, &len, &k) == 1) {
		assert_int_equal(buf_add(out, k.raw, k.raw_len), 0);
		if (k.tag == PACKET_SIGNATURE && !done) {
			out->p[out->len - 1] ^= 1;
			done = true;
		}
	}
	assert_true(done);
}

static void gpg_heeds_marks(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} row[] = {{"++", true}, {"-+", false}, {NULL, false}, {"+", false}};
	struct buf broken = BUF_INIT(BOX_MAX);
	size_t i;

	(void)state;
	build_broken(&broken);
	for (i = 0; i < N_OF(row); i++) {
		struct buf box = BUF_INIT(BOX_MAX), out = BUF_INIT(KEYS_OUT_MAX);

		add(&box, &(struct cert){.data = broken.p, .len = broken.len}, row[i].text);
		assert_int_equal(list_box(&box, NULL, &out), 0);
		assert_int_equal(times_in(&out, "\npub:"), 1);
		assert_int_equal(times_in(&out, "\npub:i:"), !row[i].valid);
		buf_free(&box);
		buf_free(&out);
	}
	buf_free(&broken);
}

/* Each blob is as long as it says, and the last thing in it is the sum of what is before. */
static void blobs_are_whole(void **state)
{
	struct buf box = BUF_INIT(BOX_MAX);
	uint8_t sum[SUM_LEN];
	size_t at, len, n = 0;

	(void)state;
	add(&box, &alice.v[0], "++");
	add(&box, &bob.v[0], "++");
	assert_int_equal(packet_be32(box.p), HEADER_LEN);
	assert_memory_equal(box.p + 8, "KBXf", 4);
	for (at = HEADER_LEN; at < box.len; at += len, n++) {
		len = packet_be32(box.p + at);
		assert_true(len > SUM_LEN && len <= box.len - at);
		gcry_md_hash_buffer(GCRY_MD_SHA1, sum, box.p + at, len - SUM_LEN);
		assert_memory_equal(sum, box.p + at + len - SUM_LEN, SUM_LEN);
	}
	assert_int_equal(at, box.len);
	assert_int_equal(n, 2);
	buf_free(&box);
}

static void takes_version_4(void **state)
{
	static const uint8_t v6[] = {0xc0 | PACKET_PUBLIC_KEY, 12, 6, 0, 0, 0, 1, 27, 0, 0, 0, 2, 0,
		0},
			     uid[] = {0xc0 | PACKET_USER_ID, 1, 'u'};
	const struct cert *c = &alice.v[0];
	struct buf b = BUF_INIT(BOX_MAX);

	(void)state;
	assert_true(keybox_takes(c->data, c->len));
	assert_false(keybox_takes(c->data, c->len - 1));
	assert_false(keybox_takes(c->data, 0));
	assert_false(keybox_takes(uid, sizeof(uid)));
	assert_false(keybox_takes(v6, sizeof(v6)));
	assert_int_equal(buf_add(&b, c->data, c->len), 0);
	assert_int_equal(buf_add(&b, v6, sizeof(v6)), 0);
	assert_false(keybox_takes(b.p, b.len));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_fingerprint),
		cmocka_unit_test(gpg_heeds_marks),
		cmocka_unit_test(blobs_are_whole),
		cmocka_unit_test(takes_version_4),
	};

	return cmocka_run_group_tests(tests, start, end_group);
}
