/* SPDX-License-Identifier: ISC */
/* Selects the keys to publish: checks by gpg and the key policy, and the rule for several of one
 * address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "decide/key_policy.h"
#include "decide/publish_keys.h"
#include "pgp/cert/filter.h"
#include "decide/candidate.h"
#include "pgp/cert/keyring.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/split.h"
#include "pgp/cert/strength.h"
#include "pgp/cert/survey.h"
#include "verbs/publish/keys.h"

#define BATCH_CERTS 512
#define BATCH_OCTETS (4u << 20)
#define GROUP_MAX 16 /* certificates of one address that are looked at */

/* One certificate of an address, while it is worked on. */
struct judged {
	struct key_claim *claim;
	struct buf raw;  /* as found, all copies merged */
	struct buf data; /* with the User IDs of the address only */
	struct cert cert;
	bool same; /* merged into the one before */
};

/* The claims of one address. */
struct group {
	struct key_claim *claim;
	size_t n;
	struct addr addr;
	struct judged v[GROUP_MAX];
	size_t n_v;
};

struct judging {
	struct publish *p;
	struct keys *k;
	const struct key_sink *sink;
	/* The source that was read last. */
	uint32_t source;
	bool have;
	struct buf octets;
	struct keyring ring;
	bool ring_read;
	struct group *group; /* owned; of the batch */
	size_t n_group, n_cert, n_octets;
};

static int set_why(struct key_claim *c, enum cert_use use, const char *why)
{
	free(c->why);
	c->why = strdup(why);
	c->use = use;
	c->publish = false;
	return c->why ? 0 : -1;
}

/* A certificate in the user's keyring, by fingerprint. */
static int read_from_ring(
	struct judging *j, const struct key_claim *c, struct buf *out, struct err *err)
{
	const uint8_t *at, *cert;
	char fpr[CERT_FPR_MAX];
	size_t left, len;
	int rc = j->ring_read ? 1
			      : keyring_read(&j->ring, candidate_rank, &j->p->session.daemons, err);

	if (rc < 0)
		return rc;
	j->ring_read = true;
	at = j->ring.certs.p;
	left = j->ring.certs.len;
	while (split_next(&at, &left, &cert, &len) == 1) {
		if (split_fpr(cert, len, fpr) == 0 && strcmp(fpr, c->fpr) == 0)
			return buf_add(out, cert, len) < 0 ? err_set(err, ERR_OS, "out of memory")
							   : 0;
	}
	return err_set(err, ERR_TEMP, "%s: the keyring has changed meanwhile", c->fpr);
}

/* The claim's bytes, as found. The file may have changed since it was scanned. */
static int read_claim(
	struct judging *j, const struct key_claim *c, struct buf *out, struct err *err)
{
	const struct key_source *s = &j->k->source[c->source];
	bool secret = false, damaged;
	int rc;

	if (!s->path)
		return read_from_ring(j, c, out, err);
	if (!j->have || j->source != c->source) {
		rc = key_source_read(s, &j->octets, &secret, &damaged, err);
		if (rc < 0)
			return rc;
		j->have = true;
		j->source = c->source;
	}
	if (secret || c->at > j->octets.len || c->len > j->octets.len - c->at)
		return err_set(err, ERR_TEMP, "%s: has changed meanwhile", s->path);
	return buf_add(out, j->octets.p + c->at, c->len) < 0 ? err_set(err, ERR_OS, "out of memory")
							     : 0;
}

/* Filters a certificate for the address. pinned: whose certifications are kept too. 0; 1: it cannot
 * go out, and the claim says why; an error. */
static int filter_one(struct judged *v, const struct addr *addr, struct err *err)
{
	struct filter f = {.addr = addr, .now = INT64_MAX};
	struct filter_set set;
	int rc = filter_certs(&f, v->raw.p, v->raw.len, &set, err);

	if (rc == ERR_DATA) {
		(void)set_why(v->claim, CERT_UNSUPPORTED, "it is larger than 256 kB");
		return 1;
	}
	if (rc < 0)
		return rc;
	if (set.secret)
		rc = err_set(err, ERR_CONFIG, "a file with keys now holds a secret key");
	else if (set.n != 1 || !set.v[0].data || set.v[0].damaged)
		rc = set_why(v->claim, CERT_UNSUPPORTED,
			     set.n == 1 && set.v[0].excess ? set.v[0].excess
							   : "gpg cannot read or verify it") < 0
			     ? ERR_OS
			     : 1;
	else if (set.v[0].excess)
		rc = set_why(v->claim, CERT_UNSUPPORTED, set.v[0].excess) < 0 ? ERR_OS : 1;
	else if (set.v[0].no_uid)
		rc = set_why(v->claim, CERT_WRONG_UID, "no User ID of it names the address") < 0
			     ? ERR_OS
			     : 1;
	else if (buf_add(&v->data, set.v[0].data, set.v[0].len) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	filter_set_free(&set);
	return rc;
}

/* Reads the claims of a group; copies of one certificate become one. */
static int read_group(struct judging *j, struct group *g, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < g->n; i++) {
		struct judged *last = g->n_v > 0 ? &g->v[g->n_v - 1] : NULL, *v;
		struct buf raw = BUF_INIT(SPLIT_CERT_MAX), both = BUF_INIT(2 * SPLIT_CERT_MAX);

		rc = read_claim(j, &g->claim[i], &raw, err);
		if (rc == 0 && last && strcmp(last->claim->fpr, g->claim[i].fpr) == 0 &&
			g->claim[i].fpr[0] != '\0' &&
			split_merge(last->raw.p, last->raw.len, raw.p, raw.len, &both, NULL) == 0) {
			buf_free(&last->raw);
			buf_free(&raw);
			last->raw = both;
			(void)set_why(&g->claim[i], CERT_USABLE, "");
			continue;
		}
		buf_free(&both);
		if (rc == 0 && g->n_v == GROUP_MAX) {
			rc = set_why(&g->claim[i], CERT_UNSUPPORTED,
				     "the address has more than 16 certificates") < 0
				     ? ERR_OS
				     : 0;
			buf_free(&raw);
			continue;
		}
		v = &g->v[g->n_v++];
		*v = (struct judged){
			.claim = &g->claim[i], .raw = raw, .data = BUF_INIT(FILTER_OCTETS_MAX)};
	}
	for (i = 0; rc >= 0 && i < g->n_v; i++) {
		rc = filter_one(&g->v[i], &g->addr, err);
		j->n_octets += g->v[i].data.len;
	}
	j->n_cert += g->n_v;
	return rc < 0 ? rc : 0;
}
_Static_assert(GROUP_MAX == 16, "read_group says so");

/* Leaves one User ID: that which gpg chose. 1: there were others; 0: there were none, or it is not
 * there. */
static int keep_one_uid(struct judged *v, struct err *err)
{
	struct buf out = BUF_INIT(FILTER_OCTETS_MAX);
	const uint8_t *p = v->data.p;
	size_t len = v->data.len, n = 0;
	bool keep = true, kept = false;
	struct packet k;
	int rc = 0;

	while (rc == 0 && packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_USER_ID) {
			n++;
			keep = !kept && k.body_len == strlen(v->cert.uid) &&
			       memcmp(k.body, v->cert.uid, k.body_len) == 0;
			kept |= keep;
		} else if (k.tag == PACKET_PUBLIC_SUBKEY) {
			keep = true;
		}
		if (keep && buf_add(&out, k.raw, k.raw_len) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
	}
	if (rc < 0 || n < 2 || !kept) {
		buf_free(&out);
		return rc;
	}
	buf_free(&v->data);
	v->data = out;
	return 1;
}

/* Has gpg check the batch; again: only those that were reduced. */
static int survey_batch(struct judging *j, bool again, struct err *err)
{
	struct survey *s = calloc(j->n_cert + 1, sizeof(*s));
	struct judged **of = calloc(j->n_cert + 1, sizeof(*of));
	size_t i, k, n = 0;
	int rc = s && of ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc >= 0 && i < j->n_group; i++) {
		for (k = 0; rc >= 0 && k < j->group[i].n_v; k++) {
			struct judged *v = &j->group[i].v[k];

			rc = v->data.len == 0 ? 0 : again ? keep_one_uid(v, err) : 1;
			if (rc <= 0)
				continue;
			of[n] = v;
			s[n++] = (struct survey){.addr = &j->group[i].addr,
				.data = v->data.p,
				.len = v->data.len,
				.fpr = v->claim->fpr};
		}
	}
	if (rc >= 0)
		rc = survey_certs(s, n, err);
	for (i = 0; rc == 0 && i < n; i++)
		of[i]->cert = s[i].cert;
	free(s);
	free(of);
	return rc;
}

/* What gpg and the key policy say, into the claim. */
static int take_verdict(struct judged *v)
{
	struct cert_strength strength;
	char why[KEY_POLICY_WHY_MAX];

	if (v->data.len == 0)
		return 0;
	v->claim->created = v->cert.created;
	v->claim->expires = v->cert.expires;
	if (v->cert.use != CERT_USABLE)
		return set_why(v->claim, v->cert.use, v->cert.why);
	if (cert_strength(v->data.p, v->data.len, v->cert.enc_keyid, v->cert.n_enc, &strength) < 0)
		return set_why(v->claim, CERT_UNSUPPORTED, "gpg cannot read or verify it");
	if (!key_policy_strong(&strength, why))
		return set_why(v->claim, CERT_WEAK, why);
	free(v->claim->why);
	v->claim->why = NULL;
	v->claim->use = CERT_USABLE;
	return 0;
}

/* Whether the older certified the newer one, which is then kept with that certification. */
static int ask_certified(
	struct group *g, struct judged *older, struct judged *newer, bool *out, struct err *err)
{
	const struct intake in = {.addr = &g->addr,
		.pinned = older->data.p,
		.pinned_len = older->data.len,
		.pinned_fpr = older->claim->fpr};
	struct cert_set set = {.n = 0};
	const struct cert *c;
	int rc = intake_read(&in, newer->raw.p, newer->raw.len, &set, err);

	c = rc == 0 ? cert_set_find(&set, newer->claim->fpr) : NULL;
	*out = c && c->certified_by_pin && c->use == CERT_USABLE;
	if (*out) {
		buf_reset(&newer->data);
		if (buf_add(&newer->data, c->data, c->len) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
		else
			rc = keep_one_uid(newer, err) < 0 ? ERR_OS : 0;
	}
	cert_set_free(&set);
	return rc;
}

/* A revoked one that was published is served until it would have expired: otherwise those who
 * pinned it never learn of the revocation. */
static bool stays_served(const struct judging *j, const struct group *g, const struct key_claim *c)
{
	const struct publish_domain *d = &j->p->conf.domain[c->domain];

	return c->use == CERT_REVOKED && (c->expires == 0 || c->expires > j->p->now) &&
	       j->sink->was_served(j->sink->arg, d, &g->addr, c->fpr);
}

/* Selects the keys of the group to publish. */
static int choose_group(struct judging *j, struct group *g, struct err *err)
{
	static const char *const said[] = {[CHOICE_TWO] =
						   "another usable key of the address, and the "
						   "older did not certify the newer",
		[CHOICE_MANY] = "more than two usable keys of the address"};
	struct key_fact fact[GROUP_MAX];
	enum key_choice choice[GROUP_MAX];
	size_t i, older, newer;
	int rc = 0;

	for (i = 0; i < g->n_v; i++) {
		if (take_verdict(&g->v[i]) < 0)
			return err_set(err, ERR_OS, "out of memory");
		fact[i] = (struct key_fact){.use = g->v[i].claim->use,
			.created = g->v[i].claim->created,
			.kept = stays_served(j, g, g->v[i].claim)};
	}
	if (publish_needs_certification(fact, g->n_v, &older, &newer))
		rc = ask_certified(g, &g->v[older], &g->v[newer], &fact[newer].certified, err);
	if (rc < 0)
		return rc;
	(void)publish_choose_keys(fact, g->n_v, choice);
	for (i = 0; i < g->n_v; i++) {
		struct key_claim *c = g->v[i].claim;

		c->publish = choice[i] == CHOICE_PUBLISH;
		if (choice[i] == CHOICE_TWO || choice[i] == CHOICE_MANY) {
			free(c->why);
			c->why = strdup(said[choice[i]]);
			if (!c->why)
				return err_set(err, ERR_OS, "out of memory");
		}
	}
	return 0;
}

/* The usable first, then the newest. */
static int compare_judged(const void *a, const void *b)
{
	const struct judged *const *x = a, *const *y = b;
	bool ux = (*x)->claim->use == CERT_USABLE, uy = (*y)->claim->use == CERT_USABLE;

	if (ux != uy)
		return ux ? -1 : 1;
	if ((*x)->claim->created != (*y)->claim->created)
		return (*x)->claim->created > (*y)->claim->created ? -1 : 1;
	return strcmp((*x)->claim->fpr, (*y)->claim->fpr);
}

static int serve_group(struct judging *j, struct group *g, struct err *err)
{
	struct buf out = BUF_INIT(GROUP_MAX * FILTER_OCTETS_MAX);
	struct key_served s = {.domain = &j->p->conf.domain[g->claim->domain],
		.addr = &g->addr,
		.claim = g->claim,
		.n = g->n};
	struct judged *v[GROUP_MAX] = {NULL};
	size_t i, n = 0;
	uint8_t digest[DIGEST_LEN];
	struct digest_part part;
	int rc = 0;

	for (i = 0; i < g->n_v; i++) {
		if (g->v[i].claim->publish)
			v[n++] = &g->v[i];
	}
	if (n > 1)
		qsort(v, n, sizeof(v[0]), compare_judged);
	for (i = 0; rc == 0 && i < n; i++)
		rc = buf_add(&out, v[i]->data.p, v[i]->data.len);
	part = (struct digest_part){out.p, out.len};
	if (rc < 0 || digest_sha256(&part, 1, digest) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	for (i = 0; rc == 0 && i < g->n; i++) {
		memcpy(g->claim[i].digest, digest, sizeof(digest));
		g->claim[i].served_len = out.len;
		g->claim[i].of_group = (uint32_t)g->n;
	}
	if (rc == 0 && n > 0) {
		s.data = out.p;
		s.len = out.len;
		s.digest = digest;
		rc = j->sink->served(j->sink->arg, &s, err);
	}
	buf_free(&out);
	return rc;
}

static void free_group(struct group *g)
{
	size_t i;

	for (i = 0; i < g->n_v; i++) {
		buf_free(&g->v[i].raw);
		buf_free(&g->v[i].data);
	}
}

static int end_batch(struct judging *j, int rc, struct err *err)
{
	size_t i;

	if (rc == 0 && j->n_cert > 0)
		rc = survey_batch(j, false, err);
	if (rc == 0 && j->n_cert > 0)
		rc = survey_batch(j, true, err);
	for (i = 0; i < j->n_group; i++) {
		if (rc == 0)
			rc = choose_group(j, &j->group[i], err);
		if (rc == 0)
			rc = serve_group(j, &j->group[i], err);
		free_group(&j->group[i]);
	}
	j->n_group = j->n_cert = j->n_octets = 0;
	return rc;
}

/* Whether all of the claims were judged when there were no others of the address. What becomes of a
 * revoked one alone depends on what is served. */
static bool settled(const struct key_claim *c, size_t n)
{
	bool usable = false, revoked = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!c[i].known || c[i].of_group != n)
			return false;
		usable |= c[i].use == CERT_USABLE;
		revoked |= c[i].use == CERT_REVOKED;
	}
	return usable || !revoked;
}

static int judge_group(struct judging *j, struct key_claim *c, size_t n, struct err *err)
{
	struct key_served s = {.domain = &j->p->conf.domain[c->domain],
		.claim = c,
		.n = n,
		.digest = c->digest,
		.len = c->served_len};
	struct group *g = &j->group[j->n_group];
	struct addr addr;
	size_t i;

	if (addr_parse(c->address, &addr, err) < 0)
		return ERR_INTERNAL;
	s.addr = &addr;
	if (settled(c, n)) {
		for (i = 0; i < n && !c[i].publish; i++)
			;
		if (i == n)
			return 0;
		if (!j->sink->wants(j->sink->arg, &s)) {
			int rc = end_batch(j, 0, err); /* in their order */

			return rc == 0 ? j->sink->served(j->sink->arg, &s, err) : rc;
		}
	}
	*g = (struct group){.claim = c, .n = n, .addr = addr};
	j->n_group++;
	return read_group(j, g, err);
}

static void count_claims(struct keys *k)
{
	size_t i;

	k->n_published = k->n_left_out = 0;
	for (i = 0; i < k->n_claim; i++) {
		const struct key_claim *c = &k->claim[i];

		if (c->publish)
			k->n_published++;
		else if (c->use != CERT_USABLE || (c->why && c->why[0]))
			k->n_left_out++;
	}
}

int keys_judge(struct publish *p, struct keys *k, const struct key_sink *sink, struct err *err)
{
	struct judging j = {.p = p, .k = k, .sink = sink, .octets = BUF_INIT(KEYS_SOURCE_MAX)};
	size_t at, end;
	int rc = 0;

	j.group = calloc(BATCH_CERTS, sizeof(*j.group));
	if (!j.group)
		return err_set(err, ERR_OS, "out of memory");
	for (at = 0; rc == 0 && at < k->n_claim; at = end) {
		struct key_claim *c = &k->claim[at];

		end = at + 1;
		if (!c->address || c->domain == KEY_ANY_DOMAIN)
			continue;
		while (end < k->n_claim && k->claim[end].domain == c->domain &&
			k->claim[end].address && strcasecmp(k->claim[end].address, c->address) == 0)
			end++;
		rc = judge_group(&j, c, end - at, err);
		if (rc == 0 && (j.n_group == BATCH_CERTS || j.n_cert >= BATCH_CERTS ||
				       j.n_octets >= BATCH_OCTETS))
			rc = end_batch(&j, 0, err);
	}
	rc = end_batch(&j, rc, err);
	if (rc == 0) {
		count_claims(k);
		key_cache_save(p, k);
	}
	keyring_free(&j.ring);
	buf_free(&j.octets);
	free(j.group);
	return rc;
}
