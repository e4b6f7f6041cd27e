/* SPDX-License-Identifier: ISC */
/* Finds the certificates in the files, and their addresses. */
#include "verbs/publish/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/candidate.h"
#include "pgp/cert/keyring.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/split.h"

/* A certificate in a source's octets. */
struct found_cert {
	const uint8_t *p;
	size_t at, len;
	char fpr[CERT_FPR_MAX];
};

/* A claim to an address (NULL: none). why, if not NULL: it does not go out. */
static int claim_cert(struct keys *k, uint32_t source, const struct found_cert *f, uint32_t domain,
	const char *address, const char *why, struct err *err)
{
	struct key_claim c = {.source = source,
		.domain = domain,
		.at = f->at,
		.len = f->len,
		.use = why ? CERT_UNSUPPORTED : CERT_USABLE};
	int rc;

	memcpy(c.fpr, f->fpr, sizeof(c.fpr));
	c.address = address ? strdup(address) : NULL;
	c.why = why ? strdup(why) : NULL;
	if ((address && !c.address) || (why && !c.why))
		rc = err_set(err, ERR_OS, "out of memory");
	else
		rc = keys_add_claim(k, &c, err);
	if (rc < 0) {
		free(c.address);
		free(c.why);
	}
	return rc;
}

/* The domain whose key this may be, by what its source is for. */
static uint32_t claimed_domain(
	const struct publish *p, const struct key_source *s, const char *name)
{
	const struct publish_domain *d = publish_find(&p->conf, name);
	uint32_t at = d ? (uint32_t)publish_index(p, d) : KEY_ANY_DOMAIN;

	if (!d || !p->chosen[at] || d->section != s->section ||
		(s->domain != KEY_ANY_DOMAIN && s->domain != at))
		return KEY_ANY_DOMAIN;
	return at;
}

/* All addresses of a certificate that count here. */
static int claim_addresses(struct publish *p, struct keys *k, uint32_t source,
	const struct found_cert *f, struct addr *addr, struct err *err)
{
	const struct key_source *s = &k->source[source];
	size_t i, n = split_addresses(f->p, f->len, addr), claimed = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		uint32_t d = claimed_domain(p, s, addr[i].domain);

		if (d == KEY_ANY_DOMAIN)
			continue;
		claimed++;
		rc = claim_cert(k, source, f, d, addr[i].text, NULL, err);
	}
	if (rc == 0 && n == SPLIT_ADDRESSES_MAX)
		rc = claim_cert(k, source, f, s->domain, NULL,
			"it has many addresses, and only the first 64 were looked at", err);
	else if (rc == 0 && claimed == 0)
		rc = claim_cert(k, source, f, s->domain, NULL, "no User ID of the domain", err);
	return rc;
}
_Static_assert(SPLIT_ADDRESSES_MAX == 64, "claim_addresses says so");

/* Whether the packets go on; *damaged: what follows cannot be read. */
static int next_cert(const uint8_t *base, const uint8_t **p, size_t *len, struct found_cert *f,
	bool *damaged, bool *secret)
{
	struct packet k;
	bool inside = false;
	int got = 0;

	while (*len > 0) {
		const uint8_t *before = *p;

		got = packet_next(p, len, &k);
		if (got <= 0)
			break;
		*secret |= k.tag == PACKET_SECRET_KEY || k.tag == PACKET_SECRET_SUBKEY;
		if (k.tag == PACKET_PUBLIC_KEY && inside) {
			*len += (size_t)(*p - before);
			*p = before;
			break;
		}
		if (k.tag == PACKET_PUBLIC_KEY) {
			f->p = before;
			f->at = (size_t)(before - base);
			(void)key_fingerprint(&k, f->fpr);
			inside = true;
		}
	}
	*damaged = got < 0;
	if (!inside)
		return 0;
	f->len = (size_t)(*p - f->p);
	return 1;
}

/* The size of a packet's header; *body: of what follows, at most left. 0: it is none of a key
 * (RFC 9580 section 4.2). */
static size_t read_key_header(const uint8_t *p, size_t left, size_t *body)
{
	static const size_t old_size[] = {2, 3, 5, 1};
	bool old = (p[0] & 0xc0) == 0x80;
	unsigned tag = old ? p[0] >> 2 & 15 : p[0] & 63;
	size_t head = old ? old_size[p[0] & 3] : p[1] < 192 ? 2 : p[1] < 224 ? 3 : 2;

	if (!(p[0] & 0x80) || (tag != PACKET_SECRET_KEY && tag != PACKET_SECRET_SUBKEY))
		return 0;
	if (!old && p[1] == 255)
		head = 6;
	*body = left - head;
	if (head == 2 && (old || p[1] < 192))
		*body = p[1];
	else if (head == 3)
		*body = old ? (size_t)p[1] << 8 | p[2] : ((size_t)(p[1] - 192) << 8) + p[2] + 192;
	else if (head == 5 || head == 6)
		*body = (size_t)p[head - 4] << 24 | (size_t)p[head - 3] << 16 |
			(size_t)p[head - 2] << 8 | p[head - 1];
	return head;
}

/* Whether a packet of a secret key seems to begin here: a length that fits, a version, a time after
 * 1991, an algorithm, and what its numbers begin with (RFC 9580 section 5.5.2). */
static bool may_be_secret(const uint8_t *p, size_t len)
{
	size_t head, body, bits, at = 6;

	if (len < 24)
		return false;
	head = read_key_header(p, len, &body);
	if (head == 0 || body < 12 || body > len - head)
		return false;
	p += head;
	if ((p[0] != 4 && p[0] != 6) || p[1] < 0x28)
		return false;
	if (p[0] == 6)
		at += 4;
	bits = (size_t)p[at] << 8 | p[at + 1];
	if ((p[5] >= 1 && p[5] <= 3) || p[5] == 16 || p[5] == 17)
		return bits >= 512 && bits <= 16384 && bits / 8 < body;
	if (p[5] == 18 || p[5] == 19 || p[5] == 22)
		return p[at] >= 3 && p[at] <= 16 && (p[at + 1] == 0x2a || p[at + 1] == 0x2b);
	return p[5] >= 25 && p[5] <= 28 && body >= 60 && body <= 400;
}

/* Whether what cannot be read as certificates may have a secret key in it. */
static bool hides_secret(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (may_be_secret(p + i, len - i))
			return true;
	}
	return false;
}

/* What a file holds. cut: its armour is damaged behind b. */
static int claim_file(struct publish *p, struct keys *k, uint32_t source, const struct buf *b,
	bool cut, bool *secret, struct err *err)
{
	struct addr *addr = calloc(SPLIT_ADDRESSES_MAX, sizeof(*addr));
	struct found_cert f = {.at = 0};
	const uint8_t *at = b->p;
	size_t len = b->len, found = 0;
	bool damaged = false;
	int rc = addr ? 0 : err_set(err, ERR_OS, "out of memory");

	while (rc == 0 && next_cert(b->p, &at, &len, &f, &damaged, secret) == 1 && !*secret) {
		found++;
		rc = f.len > SPLIT_CERT_MAX ? claim_cert(k, source, &f, k->source[source].domain,
						      NULL, "it is larger than 8 MB", err)
					    : claim_addresses(p, k, source, &f, addr, err);
		if (damaged)
			break;
	}
	if (rc == 0 && !*secret && (found == 0 || damaged))
		*secret = found == 0 ? hides_secret(b->p, b->len) : hides_secret(at, len);
	memset(&f, 0, sizeof(f));
	if (rc == 0 && !*secret && (found == 0 || damaged || cut))
		rc = claim_cert(k, source, &f, k->source[source].domain, NULL,
			found == 0 ? "the file holds no OpenPGP certificate"
				   : "the file is damaged: what stands at its end cannot be read",
			err);
	free(addr);
	return rc;
}

static int refuse_secret(const char *path, struct err *err)
{
	err_set(err, ERR_CONFIG, "%s: holds a secret key; nothing was written", path);
	err_hint(err, "only what gpg --export writes may lie where keys are published from");
	return ERR_CONFIG;
}

/* The keys that the user's gpg considers fully valid. */
static int claim_keyring(struct publish *p, struct keys *k, uint32_t source, struct err *err)
{
	const char *name = p->conf.domain[k->source[source].domain].name;
	struct keyring ring = {.n = 0};
	struct found_cert f = {.at = 0};
	size_t i;
	int rc = keyring_read(&ring, candidate_rank, &p->session.daemons, err);

	if (rc <= 0)
		return rc;
	for (i = 0, rc = 0; rc == 0 && i < ring.n; i++) {
		if (!ring.v[i].valid || strcmp(ring.v[i].addr.domain, name) != 0)
			continue;
		memcpy(f.fpr, ring.v[i].fpr, sizeof(f.fpr));
		rc = claim_cert(
			k, source, &f, k->source[source].domain, ring.v[i].addr.text, NULL, err);
	}
	keyring_free(&ring);
	return rc;
}

static int compare_claims(const void *a, const void *b)
{
	const struct key_claim *x = a, *y = b;
	int c;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (!x->address || !y->address)
		return x->address ? -1 : y->address ? 1 : x->source < y->source ? -1 : 1;
	c = strcasecmp(x->address, y->address);
	if (c == 0)
		c = strcmp(x->fpr, y->fpr);
	if (c == 0)
		c = x->source < y->source ? -1 : x->source > y->source;
	return c;
}

int keys_find(struct publish *p, struct keys *k, struct err *err)
{
	struct buf b = BUF_INIT(KEYS_SOURCE_MAX);
	struct err why = ERR_INIT;
	bool secret = false, damaged;
	uint32_t i;
	int rc;

	memset(k, 0, sizeof(*k));
	rc = key_sources_find(p, k, err);
	if (rc == 0)
		key_cache_load(p, k);
	for (i = 0; rc == 0 && i < k->n_source; i++) {
		if (k->source[i].cached)
			continue;
		if (!k->source[i].path) {
			rc = claim_keyring(p, k, i, err);
			continue;
		}
		rc = key_source_read(&k->source[i], &b, &secret, &damaged, &why);
		if (rc < 0)
			rc = publish_fault(&p->conf, k->source[i].line, "keys", &why, err);
		else if (!secret)
			rc = claim_file(p, k, i, &b, damaged, &secret, err);
		if (rc == 0 && secret)
			rc = refuse_secret(k->source[i].path, err);
	}
	buf_free(&b);
	if (rc == 0 && k->n_claim > 1)
		qsort(k->claim, k->n_claim, sizeof(*k->claim), compare_claims);
	return rc;
}
