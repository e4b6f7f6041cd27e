/* SPDX-License-Identifier: ISC */
/* The certificates in the files, and whose they are. */
#include "verbs/publish/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/candidate.h"
#include "pgp/cert/keyring.h"
#include "pgp/cert/minimal.h"
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
			key_fingerprint(&k, f->fpr);
			inside = true;
		}
	}
	*damaged = got < 0;
	if (!inside)
		return 0;
	f->len = (size_t)(*p - f->p);
	return 1;
}

/* What a file holds. */
static int claim_file(struct publish *p, struct keys *k, uint32_t source, const struct buf *b,
	bool *secret, struct err *err)
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
	memset(&f, 0, sizeof(f));
	if (rc == 0 && !*secret && (found == 0 || damaged))
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

/* What the user's gpg holds fully valid. */
static int claim_keyring(struct publish *p, struct keys *k, uint32_t source, struct err *err)
{
	const char *name = p->conf.domain[k->source[source].domain].name;
	struct keyring ring = {.n = 0};
	struct found_cert f = {.at = 0};
	size_t i;
	int rc = keyring_read(&ring, candidate_rank, err);

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
	bool secret = false;
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
		rc = key_source_read(&k->source[i], &b, &secret, err);
		if (rc == 0 && !secret)
			rc = claim_file(p, k, i, &b, &secret, err);
		if (rc == 0 && secret)
			rc = refuse_secret(k->source[i].path, err);
	}
	buf_free(&b);
	if (rc == 0 && k->n_claim > 1)
		qsort(k->claim, k->n_claim, sizeof(*k->claim), compare_claims);
	return rc;
}
