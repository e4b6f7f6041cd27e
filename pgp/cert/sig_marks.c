/* SPDX-License-Identifier: ISC */
#include "pgp/cert/sig_marks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/spawn.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/packet.h"

#define RUN_MS 5000
#define RING_MAX (16u << 20)
#define OUT_MAX 4096

/*
 * As gpg writes it (build-packet.c): trust value, what it found of the signature, its own sign, and
 * that this is about a signature.
 */
enum { FOUND_CHECKED = 1, FOUND_VALID = 2 };
static const uint8_t valid[] = {
	0x80 | PACKET_TRUST << 2, 6, 0, FOUND_CHECKED | FOUND_VALID, 'g', 'p', 'g', 0};

/* A signature where it stands: the same octets prove nothing of another key or User ID. */
struct place {
	struct packet of, sig; /* of: the key, User ID or subkey that it follows */
};

struct walk {
	const uint8_t *p;
	size_t len;
	struct place at;
};

/* The next signature, into w->at. 1, or 0 at the end and at what is no packet. */
static int next_signature(struct walk *w)
{
	struct packet k;

	while (packet_next(&w->p, &w->len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE) {
			w->at.sig = k;
			return w->at.of.body != NULL;
		}
		if (k.tag != PACKET_TRUST)
			w->at.of = k;
	}
	return 0;
}

/* Whether what follows in the ring says that the signature before it is valid. */
static bool says_valid(const struct walk *w)
{
	const uint8_t *p = w->p;
	size_t len = w->len;
	struct packet k;

	return packet_next(&p, &len, &k) == 1 && k.tag == PACKET_TRUST &&
	       k.raw_len == sizeof(valid) && memcmp(k.body + 1, valid + 3, sizeof(valid) - 3) == 0;
}

/* The certificate's part of the ring; nothing when it is not there. */
static struct walk part_of(const struct buf *ring, const uint8_t *data, size_t len)
{
	const uint8_t *p = ring->p, *begin = NULL;
	size_t left = ring->len;
	struct packet primary, k;

	if (packet_next(&data, &len, &primary) != 1 || primary.tag != PACKET_PUBLIC_KEY)
		return (struct walk){0};
	while (packet_next(&p, &left, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY)
			continue;
		if (begin)
			return (struct walk){.p = begin, .len = (size_t)(k.raw - begin)};
		if (packet_same(&k, &primary))
			begin = k.raw;
	}
	return (struct walk){.p = begin, .len = begin ? (size_t)(p - begin) : 0};
}

static bool valid_in(struct walk part, const struct place *s)
{
	while (next_signature(&part)) {
		if (says_valid(&part) && packet_same(&part.at.sig, &s->sig) &&
			packet_same(&part.at.of, &s->of))
			return true;
	}
	return false;
}

/* NULL too when there are too many signatures, or no valid one. */
static char *read_marks(const uint8_t *data, size_t len, const struct buf *ring)
{
	const struct walk part = part_of(ring, data, len);
	struct walk w = {.p = data, .len = len};
	char text[SIG_MARKS_MAX + 1];
	size_t n = 0;

	while (next_signature(&w)) {
		if (n == SIG_MARKS_MAX)
			return NULL;
		text[n++] = valid_in(part, &w.at) ? '+' : '-';
	}
	text[n] = '\0';
	return strchr(text, '+') ? strdup(text) : NULL;
}

/* Imports them into the keyring of the home. */
static int import(const struct gpg_home *home, const struct sig_marks *m, size_t n, struct err *err)
{
	const char *argv[] = {gpg_program(), "--homedir", home->path, "--quiet", "--import", NULL};
	struct buf in = BUF_INIT(SIG_MARKS_CERTS_MAX * SIG_MARKS_OCTETS_MAX),
		   out = BUF_INIT(OUT_MAX);
	int status = 0, rc = 0;
	size_t i;

	for (i = 0; i < n && rc == 0; i++) {
		if (m[i].len <= SIG_MARKS_OCTETS_MAX && buf_add(&in, m[i].data, m[i].len) < 0)
			rc = err_set(err, ERR_OS, "no memory for certificates");
	}
	if (rc == 0)
		rc = spawn_filter(argv, in.p, in.len, RUN_MS, &out, &status, err);
	buf_free(&in);
	buf_free(&out);
	/* Its exit status is of no matter: it fails when it did not take one of many. */
	return rc;
}

int sig_marks_make(struct sig_marks *m, size_t n, struct err *err)
{
	struct buf ring = BUF_INIT(RING_MAX);
	struct gpg_home home = {0};
	char path[FILE_PATH_MAX];
	size_t i;
	int rc = gpg_check(err);

	if (rc < 0 || n == 0 || n > SIG_MARKS_CERTS_MAX)
		return rc;
	rc = gpg_home_make(
		&home, GPG_RING_CONF "import-options self-sigs-only,no-repair-keys\n", err);
	if (rc == 0)
		rc = gpg_home_put(&home, GPG_RING, NULL, 0, err);
	if (rc == 0)
		rc = import(&home, m, n, err);
	if (rc == 0 && path_join(path, home.path, GPG_RING) == 0)
		rc = file_read(path, &ring, ERR_IO, err);
	for (i = 0; rc == 0 && i < n; i++)
		m[i].text = read_marks(m[i].data, m[i].len, &ring);
	gpg_home_remove(&home);
	buf_free(&ring);
	return rc;
}

int sig_marks_weave(const uint8_t *data, size_t len, const char *text, struct buf *out)
{
	struct walk w = {.p = data, .len = len};
	struct packet k;
	size_t n = 0;

	while (next_signature(&w))
		n++;
	if (!text || strlen(text) != n)
		text = "";
	while (packet_next(&data, &len, &k) == 1) {
		/* Whoever wrote such a packet, it was not this gpg. */
		if (k.tag != PACKET_TRUST && buf_add(out, k.raw, k.raw_len) < 0)
			return -1;
		if (k.tag == PACKET_SIGNATURE && *text && *text++ == '+' &&
			buf_add(out, valid, sizeof(valid)) < 0)
			return -1;
	}
	return 0;
}

int sig_marks_key(const uint8_t *data, size_t len, uint8_t key[DIGEST_LEN])
{
	struct digest_part part[2];
	struct stat st;
	int64_t gpg[5];

	if (gpg_init(NULL) < 0 || stat(gpg_program(), &st) < 0)
		return -1;
	gpg[0] = (int64_t)st.st_dev;
	gpg[1] = (int64_t)st.st_ino;
	gpg[2] = (int64_t)st.st_size;
	gpg[3] = (int64_t)st.st_mtim.tv_sec;
	gpg[4] = (int64_t)st.st_mtim.tv_nsec;
	part[0] = (struct digest_part){gpg, sizeof(gpg)};
	part[1] = (struct digest_part){data, len};
	return digest_sha256(part, 2, key);
}
