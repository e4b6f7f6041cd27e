/* SPDX-License-Identifier: ISC */
/*
 * mutated_intake ADDRESS SEED FIRST COUNT FOLDER CERTIFICATE...: certificates, each mutated a
 * little, through intake and key policy. Case N depends on SEED, N and the certificates only, so
 * that it can be made again; with SEED 0 they are as they are. Prints
 *
 *	usable N FINGERPRINT KEYID,... HOW	FOLDER/N.in is what it was, N.out what is left of it
 *	failed N CODE MESSAGE HOW		FOLDER/N.in is what it was
 *	differs N WHAT HOW			likewise
 *	tried COUNT usable COUNT weak COUNT refused COUNT none COUNT failed COUNT slowest MS
 *
 * HOW: what was done to which of them. KEYID: all that gpg would encrypt to. Weak: usable to gpg,
 * and refused by the key policy. None: no certificate in it. Slowest: of a batch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "decide/key_policy.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/strength.h"
#include "pgp/gpg/home.h"

#define SEEDS_MAX 128
#define BATCH_MAX 64
#define BODY_MAX (1u << 20)
#define PACKETS_MAX 512
#define HOW_MAX 512
#define AGAIN_EACH 4 /* what is looked at in other ways too */

static struct buf seed[SEEDS_MAX];
static size_t n_seed;
static struct cert revoked[SEEDS_MAX]; /* of a seed, as intake leaves it; data NULL: it is not */

/* A case while it is made. */
struct mutant {
	uint64_t random;
	struct buf body, next; /* next: the body that an operation makes of it */
	struct packet packet[PACKETS_MAX];
	size_t n; /* of them; 0: the body does not begin with a packet any more */
	char how[HOW_MAX];
};

/* splitmix64 */
static uint64_t draw(struct mutant *m)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 to n - 1. */
static size_t below(struct mutant *m, size_t n)
{
	return n > 0 ? (size_t)(draw(m) % n) : 0;
}

static void note(struct mutant *m, const char *what, size_t at)
{
	size_t n = strlen(m->how);

	snprintf(m->how + n, sizeof(m->how) - n, ",%s:%zu", what, at);
}

static size_t read_packets(const struct buf *b, struct packet *out)
{
	const uint8_t *p = b->p;
	size_t len = b->len, n = 0;

	while (n < PACKETS_MAX && packet_next(&p, &len, &out[n]) == 1)
		n++;
	return n;
}

static void put(struct mutant *m, const void *p, size_t n)
{
	if (buf_add(&m->next, p, n) < 0)
		exit(2);
}

/* The packets first to last - 1, as they are. */
static void put_packets(struct mutant *m, size_t first, size_t last)
{
	for (; first < last; first++)
		put(m, m->packet[first].raw, m->packet[first].raw_len);
}

/* A packet with one of the headers of RFC 9580 section 4.2, at random or, style 0, a plain one. */
static void put_framed(struct mutant *m, unsigned tag, const uint8_t *p, size_t n, size_t style)
{
	const uint8_t len[4] = {
		(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	uint8_t head[8] = {(uint8_t)(0xc0 | (tag & 0x3f)), 0xff, len[0], len[1], len[2], len[3]};
	size_t head_len = 6;

	if (style == 1 && tag < 16) { /* old, four bytes of length */
		head[0] = (uint8_t)(0x80 | tag << 2 | 2);
		memcpy(head + 1, len, 4);
		head_len = 5;
	} else if (style == 2 && tag < 16 && n < 65536) { /* old, two */
		head[0] = (uint8_t)(0x80 | tag << 2 | 1);
		memcpy(head + 1, len + 2, 2);
		head_len = 3;
	} else if (style == 3 && tag < 16) { /* old, indeterminate */
		head[0] = (uint8_t)(0x80 | tag << 2 | 3);
		head_len = 1;
	} else if (style == 4 && n >= 192 && n < 8384) { /* new, two */
		head[1] = (uint8_t)(((n - 192) >> 8) + 192);
		head[2] = (uint8_t)(n - 192);
		head_len = 3;
	} else if (style == 5 && n > 0) { /* new, partial */
		size_t power = 0;

		while (((size_t)2 << power) <= n)
			power++;
		head[1] = (uint8_t)(224 + power);
		put(m, head, 2);
		put(m, p, (size_t)1 << power);
		p += (size_t)1 << power;
		n -= (size_t)1 << power;
		head[0] = 0xff;
		memcpy(head + 1, (const uint8_t[4]){0, 0, (uint8_t)(n >> 8), (uint8_t)n}, 4);
		head_len = 5;
	}
	put(m, head, head_len);
	put(m, p, n);
}

/* The packet at of another certificate, or of this one; false if that has none. */
static bool borrow_packet(struct mutant *m, int tag, struct packet *out)
{
	static struct packet other[PACKETS_MAX];
	size_t i, n = read_packets(&seed[below(m, n_seed)], other), from;

	if (n == 0)
		return false;
	from = below(m, n);
	for (i = 0; i < n; i++) {
		*out = other[(from + i) % n];
		if (tag < 0 || (unsigned)tag == out->tag)
			return true;
	}
	return false;
}

static size_t any_packet(struct mutant *m)
{
	return below(m, m->n);
}

static size_t packet_of(struct mutant *m, unsigned tag)
{
	size_t i, from = any_packet(m);

	for (i = 0; i < m->n && m->packet[(from + i) % m->n].tag != tag; i++)
		;
	return (from + i) % m->n;
}

static void flip_bits(struct mutant *m)
{
	size_t i, n = 1 + below(m, 3);

	put(m, m->body.p, m->body.len);
	for (i = 0; i < n && m->next.len > 0; i++)
		m->next.p[below(m, m->next.len)] ^= (uint8_t)(1u << below(m, 8));
}

/* In the first bytes of a packet, where the versions, algorithms, types and lengths are. */
static void change_head(struct mutant *m)
{
	const struct packet *k = &m->packet[any_packet(m)];
	size_t at = (size_t)(k->raw - m->body.p) + below(m, k->raw_len < 24 ? k->raw_len : 24);

	put(m, m->body.p, m->body.len);
	m->next.p[at] = (uint8_t)(below(m, 2) ? draw(m) : m->next.p[at] + 1 - 2 * below(m, 2));
}

static void drop_packet(struct mutant *m)
{
	size_t at = any_packet(m);

	put_packets(m, 0, at);
	put_packets(m, at + 1, m->n);
}

static void double_packet(struct mutant *m)
{
	size_t at = any_packet(m), to = below(m, m->n + 1);

	put_packets(m, 0, to);
	put_packets(m, at, at + 1);
	put_packets(m, to, m->n);
}

static void move_packet(struct mutant *m)
{
	size_t at = any_packet(m), to = below(m, m->n), i;

	for (i = 0; i < m->n; i++) {
		if (i == to)
			put_packets(m, at, at + 1);
		if (i != at)
			put_packets(m, i, i + 1);
	}
}

static void splice_packet(struct mutant *m)
{
	size_t to = below(m, m->n + 1);
	struct packet k;

	put_packets(m, 0, to);
	if (borrow_packet(m, -1, &k))
		put(m, k.raw, k.raw_len);
	put_packets(m, to, m->n);
}

/* A subkey with its signatures, or a User ID with its. */
static void splice_part(struct mutant *m)
{
	static struct packet other[PACKETS_MAX];
	size_t n = read_packets(&seed[below(m, n_seed)], other), to = below(m, m->n + 1),
	       i = below(m, n);

	put_packets(m, 0, to);
	for (; i < n && other[i].tag == PACKET_SIGNATURE; i++)
		;
	do {
		if (i < n)
			put(m, other[i].raw, other[i].raw_len);
		i++;
	} while (i < n && other[i].tag == PACKET_SIGNATURE);
	put_packets(m, to, m->n);
}

static void exchange_packet(struct mutant *m)
{
	size_t at = any_packet(m);
	struct packet k;

	put_packets(m, 0, at);
	if (borrow_packet(m, (int)m->packet[at].tag, &k))
		put(m, k.raw, k.raw_len);
	put_packets(m, at + 1, m->n);
}

static void append_certificate(struct mutant *m)
{
	const struct buf *b = &seed[below(m, n_seed)];
	bool before = below(m, 2);

	if (before)
		put(m, b->p, b->len);
	put(m, m->body.p, m->body.len);
	if (!before)
		put(m, b->p, b->len);
}

static void truncate_body(struct mutant *m)
{
	put(m, m->body.p, below(m, m->body.len));
}

/* Shorter or longer, with a length that says so. */
static void resize_packet(struct mutant *m)
{
	size_t at = any_packet(m), n = below(m, m->packet[at].body_len + 1), more = below(m, 40);
	struct buf b = BUF_INIT(BODY_MAX);

	if (buf_add(&b, m->packet[at].body, below(m, 2) ? n : m->packet[at].body_len) < 0)
		exit(2);
	while (more-- > 0 && buf_addc(&b, (char)draw(m)) == 0)
		;
	put_packets(m, 0, at);
	put_framed(m, m->packet[at].tag, b.p ? b.p : (const uint8_t *)"", b.len, 0);
	put_packets(m, at + 1, m->n);
	buf_free(&b);
}

static void frame_anew(struct mutant *m)
{
	size_t at = any_packet(m);

	put_packets(m, 0, at);
	put_framed(m, m->packet[at].tag, m->packet[at].body, m->packet[at].body_len, below(m, 6));
	put_packets(m, at + 1, m->n);
}

static void insert_odd(struct mutant *m)
{
	static const uint8_t tag[] = {
		0, 1, 8, 9, 10, 11, 12, 17, 18, 20, 21, 22, 39, 40, 59, 60, 63};
	uint8_t bytes[64] = {(uint8_t)(1 + below(m, 6)), 'P', 'G', 'P'};
	size_t to = below(m, m->n + 1), i;

	for (i = 4; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)draw(m);
	put_packets(m, 0, to);
	put_framed(m, tag[below(m, sizeof(tag))], bytes, below(m, sizeof(bytes)), below(m, 6));
	put_packets(m, to, m->n);
}

/* A subpacket as RFC 9580 section 5.2.3.7 has them, often one that says something. Its length. */
static size_t make_subpacket(struct mutant *m, uint8_t *out)
{
	static const struct {
		uint8_t type, len;
	} some[] = {{2, 4}, {3, 4}, {4, 1}, {5, 2}, {7, 1}, {9, 4}, {11, 3}, {12, 22}, {16, 8},
		{20, 16}, {23, 1}, {24, 9}, {25, 1}, {26, 9}, {27, 1}, {28, 9}, {29, 4}, {30, 1},
		{31, 22}, {32, 30}, {33, 21}, {34, 4}, {35, 22}, {37, 32}, {38, 10}, {39, 4},
		{100, 4}, {105, 4}};
	size_t which = below(m, sizeof(some) / sizeof(some[0])), i, n = some[which].len;

	out[0] = (uint8_t)(n + 1);
	out[1] = (uint8_t)(some[which].type | (below(m, 4) ? 0 : 0x80));
	for (i = 0; i < n; i++)
		out[2 + i] = (uint8_t)(below(m, 3) ? below(m, 3) : draw(m));
	return n + 2;
}

/* Adds a subpacket to a signature of version 4: to what is not hashed, or (then it does not verify)
 * to what is. */
static void add_subpacket(struct mutant *m)
{
	size_t at = packet_of(m, PACKET_SIGNATURE), hashed, unhashed, cut, n;
	const uint8_t *p = m->packet[at].body;
	bool into_hashed = below(m, 4) == 0;
	struct buf b = BUF_INIT(BODY_MAX);
	uint8_t sub[64];

	hashed = m->packet[at].body_len > 6 ? (size_t)p[4] << 8 | p[5] : 0;
	if (m->packet[at].body_len < 8 + hashed || p[0] != 4)
		return;
	unhashed = (size_t)p[6 + hashed] << 8 | p[7 + hashed];
	if (m->packet[at].body_len < 8 + hashed + unhashed)
		return;
	cut = into_hashed ? 6 : 8 + hashed + (below(m, 2) ? unhashed : 0);
	n = make_subpacket(m, sub);
	if (buf_add(&b, p, cut) < 0 || buf_add(&b, sub, n) < 0 ||
		buf_add(&b, p + cut, m->packet[at].body_len - cut) < 0)
		exit(2);
	if (into_hashed) {
		b.p[4] = (uint8_t)((hashed + n) >> 8);
		b.p[5] = (uint8_t)(hashed + n);
	} else {
		b.p[6 + hashed] = (uint8_t)((unhashed + n) >> 8);
		b.p[7 + hashed] = (uint8_t)(unhashed + n);
	}
	put_packets(m, 0, at);
	put_framed(m, PACKET_SIGNATURE, b.p, b.len, 0);
	put_packets(m, at + 1, m->n);
	buf_free(&b);
}

/* Within the subpackets of a signature. */
static void change_subpacket(struct mutant *m)
{
	const struct packet *k = &m->packet[packet_of(m, PACKET_SIGNATURE)];
	size_t n = k->body_len < 96 ? k->body_len : 96;
	size_t at = (size_t)(k->body - m->body.p) + below(m, n);

	put(m, m->body.p, m->body.len);
	if (at < m->next.len)
		m->next.p[at] ^= (uint8_t)(1u << below(m, 8));
}

/* The name of a User ID as such: another spelling, or what surrounds the address. */
static void change_user_id(struct mutant *m)
{
	static const char *const lead[] = {
		"", "A ", "\"x\" <y@z> ", "\xff", "B <b@example.org>, ", "\n"};
	size_t at = packet_of(m, PACKET_USER_ID);
	const char *text = lead[below(m, sizeof(lead) / sizeof(lead[0]))];
	struct buf b = BUF_INIT(BODY_MAX);

	if (buf_adds(&b, text) < 0 || buf_add(&b, m->packet[at].body, m->packet[at].body_len) < 0)
		exit(2);
	put_packets(m, 0, at);
	put_framed(m, m->packet[at].tag, b.p ? b.p : (const uint8_t *)"", b.len, 0);
	put_packets(m, at + 1, m->n);
	buf_free(&b);
}

static const struct operation {
	const char *name;
	void (*apply)(struct mutant *m);
	unsigned weight;
} operations[] = {
	{"flip", flip_bits, 3},
	{"head", change_head, 3},
	{"drop", drop_packet, 3},
	{"double", double_packet, 2},
	{"move", move_packet, 3},
	{"splice", splice_packet, 4},
	{"part", splice_part, 4},
	{"exchange", exchange_packet, 4},
	{"append", append_certificate, 1},
	{"cut", truncate_body, 1},
	{"resize", resize_packet, 2},
	{"frame", frame_anew, 2},
	{"odd", insert_odd, 2},
	{"subpacket", add_subpacket, 5},
	{"inside", change_subpacket, 3},
	{"uid", change_user_id, 1},
};

static const struct operation *any_operation(struct mutant *m)
{
	const struct operation *o = operations;
	size_t i, sum = 0, at;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		sum += operations[i].weight;
	for (at = below(m, sum); at >= o->weight; o++)
		at -= o->weight;
	return o;
}

/* Case number of this run; every certificate has its turn. */
static void make_mutant(struct mutant *m, uint64_t random, uint64_t number)
{
	size_t from = (size_t)(number % n_seed), steps;

	memset(m, 0, sizeof(*m));
	m->body.max = m->next.max = BODY_MAX;
	m->random = random ^ (number * 0xd1342543de82ef95u);
	snprintf(m->how, sizeof(m->how), "%zu", from);
	if (buf_add(&m->body, seed[from].p, seed[from].len) < 0)
		exit(2);
	for (steps = random == 0 ? 0 : below(m, 2) ? 1 : 1 + below(m, 5); steps > 0; steps--) {
		const struct operation *o = any_operation(m);
		struct buf was = m->body;

		m->n = read_packets(&m->body, m->packet);
		if (m->n == 0)
			break;
		note(m, o->name, (size_t)(o - operations));
		o->apply(m);
		if (m->next.len == 0)
			continue;
		m->body = m->next;
		m->next = was;
		buf_reset(&m->next);
	}
	buf_free(&m->next);
}

struct sums {
	unsigned long tried, usable, weak, refused, none, failed;
	long slowest;
};

static void keep(
	const char *folder, uint64_t number, const char *suffix, const uint8_t *p, size_t n)
{
	char path[FILE_PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%llu.%s", folder, (unsigned long long)number, suffix);
	f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

static bool strong(const struct cert *c)
{
	char why[KEY_POLICY_WHY_MAX];
	struct cert_strength s;

	(void)cert_strength(c->data, c->len, c->enc_keyid, c->n_enc, &s);
	return key_policy_strong(&s, why);
}

static void tell(const struct intake_job *j, const struct mutant *m, uint64_t number,
	const char *folder, struct sums *s)
{
	const struct cert *c = j->rc == 0 ? cert_set_choose(&j->set, NULL) : NULL;
	size_t i;

	s->tried++;
	if (j->rc < 0) {
		s->failed++;
		printf("failed %llu %d %s\t%s\n", (unsigned long long)number, (int)j->err.code,
			j->err.msg, m->how);
		keep(folder, number, "in", m->body.p, m->body.len);
	} else if (j->set.n == 0) {
		s->none++;
	} else if (!c) {
		s->refused++;
	} else if (!strong(c)) {
		s->weak++;
	} else {
		s->usable++;
		printf("usable %llu %s ", (unsigned long long)number, c->fpr);
		for (i = 0; i < c->n_enc; i++)
			printf("%s%016llX", i ? "," : "", (unsigned long long)c->enc_keyid[i]);
		printf("\t%s\n", m->how);
		keep(folder, number, "in", m->body.p, m->body.len);
		keep(folder, number, "out", c->data, c->len);
	}
}

static bool same_cert(const struct cert *a, const struct cert *b)
{
	return strcmp(a->fpr, b->fpr) == 0 && a->expires == b->expires && a->n_enc == b->n_enc &&
	       memcmp(a->enc_keyid, b->enc_keyid, a->n_enc * sizeof(*a->enc_keyid)) == 0;
}

/* What is usable in the batch is so alone: two copies are never judged in the batch. */
static bool usable_alone(const struct addr *addr, const struct mutant *m, const struct cert *c)
{
	const struct intake in = {.addr = addr};
	const struct intake_body twice[] = {{m->body.p, m->body.len}, {m->body.p, m->body.len}};
	const struct cert *again = NULL;
	struct cert_set set = {0};
	bool same;

	if (intake_bodies(&in, twice, 2, &set, NULL) == 0)
		again = cert_set_choose(&set, NULL);
	same = again && same_cert(again, c);
	cert_set_free(&set);
	return same;
}

/* Whether a revoked pin remains so, whatever is published. */
static bool pin_stays_revoked(
	const struct addr *addr, const struct mutant *m, const struct cert *pin)
{
	const struct intake in = {
		.addr = addr, .pinned = pin->data, .pinned_len = pin->len, .pinned_fpr = pin->fpr};
	struct cert_set set = {0};
	bool stays = true;
	size_t i;

	(void)intake_read(&in, m->body.p, m->body.len, &set, NULL);
	for (i = 0; i < set.n; i++)
		stays &= set.v[i].use != CERT_USABLE || strcmp(set.v[i].fpr, pin->fpr) != 0;
	cert_set_free(&set);
	return stays;
}

static void look_again(const struct addr *addr, const struct intake_job *j, const struct mutant *m,
	uint64_t number, const char *folder)
{
	const struct cert *c = j->rc == 0 ? cert_set_choose(&j->set, NULL) : NULL;
	const struct cert *pin = &revoked[number % n_seed];
	const char *what = NULL;

	if (number / n_seed % AGAIN_EACH != 0)
		return;
	if (c && !usable_alone(addr, m, c))
		what = "alone";
	else if (pin->data && !pin_stays_revoked(addr, m, pin))
		what = "revoked-pin";
	if (!what)
		return;
	printf("differs %llu %s\t%s\n", (unsigned long long)number, what, m->how);
	keep(folder, number, "in", m->body.p, m->body.len);
}

static void note_revoked(const struct addr *addr)
{
	const struct intake in = {.addr = addr};
	struct cert_set set;
	size_t i;

	for (i = 0; i < n_seed; i++) {
		if (intake_read(&in, seed[i].p, seed[i].len, &set, NULL) < 0)
			continue;
		if (set.n == 1 && set.v[0].use == CERT_REVOKED) {
			revoked[i] = set.v[0];
			set.n = 0;
		}
		cert_set_free(&set);
	}
}

static void run_batch(const struct addr *addr, uint64_t random, uint64_t first, size_t n,
	const char *folder, struct sums *s)
{
	static struct mutant m[BATCH_MAX];
	static struct intake_body body[BATCH_MAX];
	struct intake_job job[BATCH_MAX];
	int64_t began = clock_ms();
	size_t i;

	memset(job, 0, sizeof(job));
	for (i = 0; i < n; i++) {
		make_mutant(&m[i], random, first + i);
		body[i] = (struct intake_body){m[i].body.p, m[i].body.len};
		job[i].in.addr = addr;
		job[i].body = &body[i];
		job[i].n_body = 1;
	}
	intake_many(job, n, NULL);
	if (clock_ms() - began > s->slowest)
		s->slowest = (long)(clock_ms() - began);
	for (i = 0; i < n; i++) {
		tell(&job[i], &m[i], first + i, folder, s);
		look_again(addr, &job[i], &m[i], first + i, folder);
		cert_set_free(&job[i].set);
		buf_free(&m[i].body);
	}
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct sums s = {0};
	struct addr addr;
	uint64_t random, at, end;
	int i;

	if (argc < 7 || argc - 6 > SEEDS_MAX || addr_parse(argv[1], &addr, &err) < 0 ||
		gpg_init(&err) < 0) {
		fprintf(stderr,
			"usage: mutated_intake ADDRESS SEED FIRST COUNT FOLDER CERTIFICATE... %s\n",
			err.msg);
		return 2;
	}
	random = strtoull(argv[2], NULL, 10);
	at = strtoull(argv[3], NULL, 10);
	end = at + strtoull(argv[4], NULL, 10);
	for (i = 6; i < argc; i++) {
		seed[n_seed] = (struct buf)BUF_INIT(BODY_MAX);
		if (file_read(argv[i], &seed[n_seed++], ERR_IO, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			return 2;
		}
	}
	if (random != 0)
		note_revoked(&addr);
	while (at < end) {
		size_t n = n_seed < BATCH_MAX ? n_seed : BATCH_MAX;

		n = end - at < n ? (size_t)(end - at) : n;
		run_batch(&addr, random, at, n, argv[5], &s);
		at += n;
	}
	printf("tried %lu usable %lu weak %lu refused %lu none %lu failed %lu slowest %ld\n",
		s.tried, s.usable, s.weak, s.refused, s.none, s.failed, s.slowest);
	return 0;
}
