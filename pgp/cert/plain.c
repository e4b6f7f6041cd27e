/* SPDX-License-Identifier: ISC */
#include "pgp/cert/plain.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/judge.h"
#include "pgp/cert/listing.h"
#include "pgp/cert/packet.h"

#define RUN_MS PLAIN_MS
#define APART_MIN 8 /* for fewer, starting gpg twice costs more than it gains */
#define OUT_MAX (4u << 20)
#define KEYS_MAX 1024 /* of all certificates of one run */

_Static_assert(
	CERT_SUBKEYS_MAX == FILTER_SUBKEYS_MAX + 1 && LISTING_SUBKEYS_MAX == FILTER_SUBKEYS_MAX + 1,
	"whatever the filter lets through has its place, and the primary key");

int plain_framed(struct buf *out, const uint8_t *p, size_t len)
{
	struct packet k;
	int got;

	while ((got = packet_next(&p, &len, &k)) == 1) {
		const uint8_t head[6] = {(uint8_t)(0xc0 | k.tag), 0xff, (uint8_t)(k.body_len >> 24),
			(uint8_t)(k.body_len >> 16), (uint8_t)(k.body_len >> 8),
			(uint8_t)k.body_len};

		if (k.partial || k.tag > 0x3f || buf_add(out, head, sizeof(head)) < 0 ||
			buf_add(out, k.body, k.body_len) < 0)
			return -1;
	}
	return got;
}

/* Adds the key IDs of all its keys; -1 if one is there already, or cannot be told. */
static int add_keys(const struct filter_cert *c, uint64_t *id, size_t *n)
{
	const uint8_t *p = c->data;
	size_t len = c->len, i;
	struct packet k;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_PUBLIC_KEY && k.tag != PACKET_PUBLIC_SUBKEY)
			continue;
		if (*n == KEYS_MAX)
			return -1;
		id[*n] = key_id(&k);
		for (i = 0; i < *n && id[i] != id[*n]; i++)
			;
		if (id[*n] == 0 || i < *n)
			return -1;
		(*n)++;
	}
	return 0;
}

/* A run of gpg over some certificates. */
struct run {
	struct plain *const *p;
	size_t n;
	struct plain_gpg gpg;
	int rc; /* of starting it, and of all of it in the end */
	bool late;
};

/* in: NULL: it comes later. */
static int start_gpg(struct plain_gpg *g, const void *in, size_t len)
{
	const char *argv[] = {gpg_program(), "--homedir", g->home.path, "--with-colons",
		"--with-sig-check", "--armor", "--output", "-", "--import-options",
		"no-repair-keys,import-show,import-export,import-minimal,self-sigs-only",
		"--import", NULL};
	int rc = gpg_home_make(&g->home, NULL, NULL);

	return rc == 0 ? spawn_filter_start(&g->filter, argv, in, len, NULL) : rc;
}

void plain_gpg_start(struct plain_gpg *g)
{
	if (g->waits || gpg_check(NULL) < 0)
		return;
	g->waits = start_gpg(g, NULL, 0) == 0;
	if (!g->waits)
		gpg_home_remove(&g->home);
}

void plain_gpg_end(struct plain_gpg *g)
{
	if (!g->waits)
		return;
	g->waits = false;
	spawn_filter_drop(&g->filter);
	gpg_home_remove(&g->home);
}

/* To the one that waits, if any does, or to a new one. */
static int show_to_gpg(struct run *r, struct plain_gpg *ready)
{
	struct buf in = BUF_INIT(2 * PLAIN_TOGETHER_MAX);
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < r->n; i++)
		rc = plain_framed(&in, r->p[i]->from->data, r->p[i]->from->len);
	if (rc == 0 && ready && ready->waits) {
		if (spawn_filter_give(&ready->filter, in.p, in.len, NULL) == 0) {
			r->gpg = *ready;
			ready->waits = false;
			goto out;
		}
		plain_gpg_end(ready);
	}
	if (rc == 0)
		rc = start_gpg(&r->gpg, in.p, in.len);
out:
	buf_free(&in);
	return rc;
}

static void start_run(struct run *r, struct plain *const *p, size_t n, struct plain_gpg *ready)
{
	memset(r, 0, sizeof(*r));
	r->p = p;
	r->n = n;
	r->rc = show_to_gpg(r, ready);
}

/* One certificate's listing and armour -> cert. -1: not plainly what was shown, or not usable. */
static int take_from_listing(struct plain *p, struct listing *l)
{
	struct filter f = {.addr = p->addr,
		.wildcard_uid = p->wildcard_uid,
		.in_order = true,
		.now = (int64_t)time(NULL)};
	struct filter_set set;
	struct cert c = {0};
	int rc = -1;

	if (strcmp(l->key.fpr, p->from->fpr) != 0)
		return -1;
	memcpy(c.fpr, p->from->fpr, sizeof(c.fpr));
	judge_key(&l->key, p->addr, p->wildcard_uid, true, &c);
	if (c.use != CERT_USABLE ||
		filter_certs(&f, (const uint8_t *)l->armour, l->armour_len, &set, NULL) < 0)
		return -1;
	if (set.n == 1 && set.armoured && !set.v[0].no_uid && !set.v[0].damaged &&
		!set.v[0].uid_sig_expires && strcmp(set.v[0].fpr, c.fpr) == 0) {
		c.data = set.v[0].data;
		c.len = set.v[0].len;
		set.v[0].data = NULL;
		p->cert = c;
		rc = 0;
	}
	filter_set_free(&set);
	return rc;
}

/* Exactly one for each, in their order, and nothing else. */
static int take_all(struct plain *const *p, size_t n, struct buf *out)
{
	struct listing *l = calloc(1, sizeof(*l));
	char *text = (char *)out->p, *end = text + out->len;
	size_t i;
	int rc = l && text && strlen(text) == out->len ? 0 : -1;

	for (i = 0; rc == 0 && i < n; i++) {
		rc = listing_next(&text, l);
		if (rc == 0)
			rc = take_from_listing(p[i], l);
	}
	if (rc == 0 && text != end)
		rc = -1;
	free(l);
	return rc;
}

/* Takes what gpg prints. When something is odd, nothing of the run counts. */
static void end_run(struct run *r, int64_t until)
{
	struct buf out = BUF_INIT(OUT_MAX);
	int64_t left = until - clock_ms();
	int status = -1;
	size_t i;

	if (r->rc == 0)
		r->rc = spawn_filter_end(
			&r->gpg.filter, left > 0 ? (int)left : 0, &out, &status, NULL);
	r->late = r->rc == ERR_TEMP;
	if (r->rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || out.len == out.max))
		r->rc = ERR_DATA;
	if (r->rc == 0)
		r->rc = take_all(r->p, r->n, &out);
	buf_free(&out);
	gpg_home_remove(&r->gpg.home);
	for (i = 0; i < r->n; i++) {
		r->p[i]->good = r->rc == 0;
		if (r->rc < 0)
			cert_free(&r->p[i]->cert);
	}
}

static bool has_two_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

/*
 * In two runs side by side, if they are many. Where something is odd, halves tell whose it is; but
 * not when it took too long, or each half would take as long again.
 */
static void run_plain(struct plain *const *p, size_t n, struct plain_gpg *ready)
{
	size_t apart = n >= APART_MIN && has_two_processors() ? n / 2 : 0, i;
	int64_t until = clock_ms() + RUN_MS;
	struct run r[2];

	start_run(&r[0], p, n - apart, ready);
	if (apart > 0)
		start_run(&r[1], p + n - apart, apart, NULL);
	for (i = 0; i < (apart > 0 ? 2 : 1); i++)
		end_run(&r[i], until);
	for (i = 0; i < (apart > 0 ? 2 : 1); i++) {
		if (r[i].rc == 0 || r[i].n == 1 || r[i].late)
			continue;
		run_plain(r[i].p, r[i].n / 2, NULL);
		run_plain(r[i].p + r[i].n / 2, r[i].n - r[i].n / 2, NULL);
	}
}

void plain_read(struct plain *p, size_t n, struct plain_gpg *ready)
{
	struct plain *v[PLAIN_CERTS_MAX];
	uint64_t id[KEYS_MAX];
	size_t i, n_v = 0, n_id = 0, octets = 0;

	for (i = 0; i < n; i++) {
		size_t before = n_id;

		p[i].good = false;
		memset(&p[i].cert, 0, sizeof(p[i].cert));
		if (n_v == PLAIN_CERTS_MAX || p[i].from->len > PLAIN_OCTETS_MAX ||
			octets + p[i].from->len > PLAIN_TOGETHER_MAX)
			continue;
		if (add_keys(p[i].from, id, &n_id) < 0) {
			n_id = before;
			continue;
		}
		octets += p[i].from->len;
		v[n_v++] = &p[i];
	}
	if (n_v > 0 && gpg_check(NULL) == 0)
		run_plain(v, n_v, ready);
}
