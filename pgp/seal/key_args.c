/* SPDX-License-Identifier: ISC */
#include "pgp/seal/key_args.h"

#include <stdio.h>
#include <string.h>

#include "pgp/cert/filter.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/sig_marks.h"
#include "pgp/cert/split.h"

#define ARGS_A_CERT (FILE_PATH_MAX + 32) /* octets */
#define RING_OCTETS_MAX (16u << 20)

void key_args_init(struct key_args *a, const struct gpg_home *home, size_t n_certs)
{
	memset(a, 0, sizeof(*a));
	a->home = home;
	a->ring.max = RING_OCTETS_MAX;
	a->text.max = (n_certs + 2) * ARGS_A_CERT;
}

static int add_arg(struct key_args *a, const char *option, const char *value, struct err *err)
{
	if (buf_add(&a->text, option, strlen(option) + 1) < 0 ||
		buf_add(&a->text, value, strlen(value) + 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	a->n += 2;
	return 0;
}

static bool in_ring(const struct key_args *a, uint64_t id)
{
	size_t i;

	for (i = 0; i < a->n_id && a->id[i] != id; i++)
		;
	return i < a->n_id;
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
		id = filter_packet_keyid(&k);
		if (id == 0 || a->n_id == KEY_ARGS_KEYS_MAX || in_ring(a, id)) {
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
	return add_arg(a, "--local-user", signer->fpr, err);
}

static int add_file(struct key_args *a, const struct seal_cert *c, struct err *err)
{
	char name[32], path[FILE_PATH_MAX];
	int rc;

	snprintf(name, sizeof(name), "to%zu", a->n_file++);
	if (path_join(path, a->home->path, name) < 0)
		return err_set(err, ERR_INTERNAL, "%s: the path is too long", name);
	rc = gpg_home_put(a->home, name, c->data, c->len, err);
	return rc < 0 ? rc : add_arg(a, "-f", path, err);
}

int key_args_encrypt(struct key_args *a, const struct seal_cert *to, struct err *err)
{
	char fpr[CERT_FPR_MAX];

	if (split_fpr(to->data, to->len, fpr) < 0)
		return add_file(a, to, err);
	if (a->signer && a->n_ring < KEY_ARGS_RING_MAX && a->signer->len == to->len &&
		memcmp(a->signer->data, to->data, to->len) == 0)
		return add_arg(a, "-r", fpr, err);
	if (!to->marks || !strchr(to->marks, '+') || a->n_ring >= KEY_ARGS_RING_MAX ||
		note_keys(a, to->data, to->len) < 0)
		return add_file(a, to, err);
	a->n_ring++;
	if (sig_marks_weave(to->data, to->len, to->marks, &a->ring) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return add_arg(a, "-r", fpr, err);
}

int key_args_write(const struct key_args *a, struct err *err)
{
	return gpg_home_put(a->home, GPG_RING, a->ring.p, a->ring.len, err);
}

void key_args_list(const struct key_args *a, const char **argv)
{
	const char *p = buf_str(&a->text);
	size_t i;

	for (i = 0; i < a->n; i++, p += strlen(p) + 1)
		argv[i] = p;
}

void key_args_free(struct key_args *a)
{
	buf_free(&a->ring);
	buf_free(&a->text);
}
