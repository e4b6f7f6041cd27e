/* SPDX-License-Identifier: ISC */
#include "pgp/seal/key_args.h"

#include <stdio.h>
#include <string.h>

#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/sig_marks.h"
#include "pgp/cert/split.h"

#define RING_OCTETS_MAX (16u << 20)

void key_args_init(struct key_args *a, const struct gpg_home *home, struct gpg_job *job)
{
	memset(a, 0, sizeof(*a));
	a->home = home;
	a->job = job;
	a->ring.max = RING_OCTETS_MAX;
}

/* One of the keyring. */
static int select_by_fpr(struct key_args *a, const char *fpr, struct err *err)
{
	if (a->job->n_to == GPG_JOB_RING_MAX)
		return err_set(err, ERR_INTERNAL, "there are too many keys in the keyring");
	snprintf(a->job->to[a->job->n_to++], GPG_JOB_FPR_MAX, "%s", fpr);
	return 0;
}

/* Notes its keys. -1, and nothing noted: one is there already, or cannot be told, or they are too
 * many. */
static int note_keys(struct key_args *a, const uint8_t *p, size_t len)
{
	size_t before = a->n_id;
	struct packet k;
	uint64_t id;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY && k.tag != PACKET_PUBLIC_SUBKEY)
			continue;
		id = key_id(&k);
		if (id == 0 || a->n_id == KEY_ARGS_KEYS_MAX || key_id_in(id, a->id, a->n_id)) {
			a->n_id = before;
			return -1;
		}
		a->id[a->n_id++] = id;
	}
	return 0;
}

int key_args_sign(struct key_args *a, const struct cert *signer, const char *marks, struct err *err)
{
	a->signer = signer;
	/* Keys that cannot be told apart: nobody else comes into the keyring. */
	a->n_ring = note_keys(a, signer->data, signer->len) < 0 ? KEY_ARGS_RING_MAX : 1;
	if (sig_marks_weave(signer->data, signer->len, marks, &a->ring) < 0)
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
		note_keys(a, to->data, to->len) < 0)
		return add_file(a, to, err);
	a->n_ring++;
	if (sig_marks_weave(to->data, to->len, to->marks, &a->ring) < 0)
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
}
