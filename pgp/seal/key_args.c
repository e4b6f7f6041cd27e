/* SPDX-License-Identifier: ISC */
#include "pgp/seal/key_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/sig_marks.h"
#include "pgp/cert/split.h"
#include "pgp/seal/keybox.h"

#define RING_OCTETS_MAX (16u << 20)
#define KEYBOX_SHARE 4 /* a certificate with what stands around it, at most: in its own size */

void key_args_init(struct key_args *a, const struct gpg_home *home, struct gpg_job *job)
{
	memset(a, 0, sizeof(*a));
	a->home = home;
	a->job = job;
	a->ring.max = RING_OCTETS_MAX;
	a->ids.max = KEY_ARGS_KEYS_MAX * sizeof(uint64_t);
}

/* One of the keyring. */
static int select_by_fpr(struct key_args *a, const char *fpr, struct err *err)
{
	struct gpg_job *j = a->job;
	struct gpg_job_key *to;

	if (j->n_to == GPG_JOB_RING_MAX)
		return err_set(err, ERR_INTERNAL, "there are too many keys in the keyring");
	/* Room for twice as many as there are, each time that they are a power of two. */
	if ((j->n_to & (j->n_to - 1)) == 0) {
		to = reallocarray(j->to, j->n_to > 0 ? 2 * j->n_to : 1, sizeof(*to));
		if (!to)
			return err_set(err, ERR_OS, "out of memory");
		j->to = to;
	}
	snprintf(j->to[j->n_to++].fpr, GPG_JOB_FPR_MAX, "%s", fpr);
	return 0;
}

/* Notes its keys. -1, and nothing noted: one is there already, or cannot be told, or they are too
 * many. */
static int note_keys(struct key_args *a, const uint8_t *p, size_t len)
{
	size_t before = a->ids.len;
	struct packet k;
	uint64_t id;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY && k.tag != PACKET_PUBLIC_SUBKEY)
			continue;
		id = key_id(&k);
		if (id == 0 || key_id_in(id, (const void *)a->ids.p, a->ids.len / sizeof(id)) ||
			buf_add(&a->ids, &id, sizeof(id)) < 0) {
			a->ids.len = before;
			return -1;
		}
	}
	return 0;
}

static int add_to_keybox(struct key_args *a, const uint8_t *p, size_t len, const char *marks)
{
	struct buf woven = BUF_INIT(RING_OCTETS_MAX);
	int rc = sig_marks_weave(p, len, marks, &woven);

	if (rc == 0)
		rc = keybox_add(&a->ring, woven.p, woven.len);
	buf_free(&woven);
	return rc;
}

int key_args_sign(struct key_args *a, const struct cert *signer, const char *marks, struct err *err)
{
	const bool alone = !keybox_takes(signer->data, signer->len) ||
			   note_keys(a, signer->data, signer->len) < 0;
	int rc;

	a->signer = signer;
	/* Keys that cannot be told apart, or no keybox: nobody else comes into the keyring. */
	a->n_ring = alone ? KEY_ARGS_RING_MAX : 1;
	rc = alone ? sig_marks_weave(signer->data, signer->len, marks, &a->ring)
		   : add_to_keybox(a, signer->data, signer->len, marks);
	if (rc < 0)
		return err_set(err, ERR_OS, "out of memory");
	snprintf(a->job->signer, sizeof(a->job->signer), "%s", signer->fpr);
	return 0;
}

static int add_file(struct key_args *a, const struct seal_cert *c, struct err *err)
{
	char name[32];

	snprintf(name, sizeof(name), GPG_JOB_FILE, a->job->n_file++);
	return gpg_home_put(a->home, name, c->data, c->len, err);
}

int key_args_encrypt(struct key_args *a, const struct seal_cert *to, struct err *err)
{
	char fpr[CERT_FPR_MAX];

	if (split_fpr(to->data, to->len, fpr) < 0)
		return add_file(a, to, err);
	if (a->signer && a->n_ring < KEY_ARGS_RING_MAX && a->signer->len == to->len &&
		memcmp(a->signer->data, to->data, to->len) == 0)
		return select_by_fpr(a, fpr, err);
	if (!to->marks || !strchr(to->marks, '+') || a->n_ring >= KEY_ARGS_RING_MAX ||
		a->ring.len + KEYBOX_SHARE * to->len > RING_OCTETS_MAX ||
		!keybox_takes(to->data, to->len) || note_keys(a, to->data, to->len) < 0)
		return add_file(a, to, err);
	a->n_ring++;
	if (add_to_keybox(a, to->data, to->len, to->marks) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return select_by_fpr(a, fpr, err);
}

int key_args_write(const struct key_args *a, struct err *err)
{
	return gpg_home_put(a->home, GPG_RING, a->ring.p, a->ring.len, err);
}

void key_args_free(struct key_args *a)
{
	buf_free(&a->ring);
	buf_free(&a->ids);
}
