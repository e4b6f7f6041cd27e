/* SPDX-License-Identifier: ISC */
#include "verbs/publish/tlsa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "verbs/publish/layout.h"

/* The file's bytes; they are sent to sealpost-net, so nothing secret may be in it. */
static int read_pem(const char *path, struct world_pem *out, struct err *err)
{
	struct buf b = BUF_INIT(WORLD_PEM_MAX);
	int rc = file_read(path, &b, ERR_CONFIG, err);

	if (rc == 0 && b.len > 0 && memmem(b.p, b.len, "PRIVATE KEY", 11)) {
		err_set(err, ERR_CONFIG, "%s: holds a secret key; nothing was written", path);
		err_hint(err, "name the certificate, or what openssl pkey -pubout writes");
		rc = ERR_CONFIG;
	}
	if (rc == 0) {
		out->data = b.p;
		out->len = b.len;
		return 0;
	}
	buf_free(&b);
	return rc;
}

/* The hash of each file's key. */
static int ask_hashes(
	struct publish *p, const struct publish_section *s, struct world_reply *a, struct err *err)
{
	struct world_request q = {.pem = calloc(s->tlsa.n, sizeof(*q.pem))};
	struct err why = ERR_INIT;
	char path[FILE_PATH_MAX];
	size_t i;
	int rc = q.pem ? 0 : err_set(err, ERR_OS, "out of memory");

	memset(a, 0, sizeof(*a));
	if (rc == 0 && s->tlsa.n > WORLD_PEMS_MAX)
		rc = err_set(err, ERR_CONFIG, "%s:%d: tlsa-from: more than %d files", p->conf.path,
			s->tlsa.line[WORLD_PEMS_MAX], WORLD_PEMS_MAX);
	for (i = 0; rc == 0 && i < s->tlsa.n; i++) {
		if (tlsa_path(&p->conf, s->tlsa.v[i], path) < 0)
			rc = err_set(&why, ERR_CONFIG, "the path is too long");
		else
			rc = read_pem(path, &q.pem[i], &why);
		if (rc < 0)
			rc = publish_fault(&p->conf, s->tlsa.line[i], "tlsa-from", &why, err);
		q.n_pem = i + 1;
	}
	if (rc == 0)
		rc = look_world(p, &q, a, 1, err);
	for (i = 0; rc == 0 && i < s->tlsa.n; i++) {
		if (a->key[i].spki[0] == '\0')
			rc = err_set(err, ERR_CONFIG, "%s:%d: tlsa-from: %s: %s", p->conf.path,
				s->tlsa.line[i], s->tlsa.v[i], a->key[i].reason);
	}
	world_request_free(&q);
	return rc;
}

static int add_tlsa(const struct publish_domain *d, const char *host, const char *hex,
	struct record_list *want, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 32];
	uint8_t rdata[3 + DIGEST_LEN] = {3, 1, 1};
	size_t i;

	if (!addr_in_zone(host, d->name))
		return 0;
	(void)text_unhex(hex, rdata + 3, DIGEST_LEN);
	snprintf(name, sizeof(name), "_25._tcp.%s", host);
	for (i = 0; i < want->n; i++) {
		if (strcmp(want->v[i].name, name) == 0 &&
			memcmp(want->v[i].rdata, rdata, sizeof(rdata)) == 0)
			return 0;
	}
	return record_add(
		want, name, RECORD_TLSA, (uint32_t)d->section->ttl, rdata, sizeof(rdata), err);
}

/* One file: of the MX that it names, else of all that the policy or DNS names. */
static int add_for_hosts(const struct publish_domain *d, const struct look *l, const char *value,
	const char *hex, struct record_list *want, struct err *err)
{
	const struct publish_section *s = d->section;
	char host[ADDR_DOMAIN_MAX + 1];
	size_t i;
	int rc = 0;

	if (publish_tlsa_mx(value, host)) {
		if (addr_in_zone(host, d->name))
			return add_tlsa(d, host, hex, want, err);
		/* It may be another customer's. */
		return d->customer ? 0
				   : err_set(err, ERR_CONFIG, "%s does not lie in the zone", host);
	}
	for (i = 0; rc == 0 && i < s->mx.n; i++) {
		if (s->mx.v[i][0] != '*')
			rc = add_tlsa(d, s->mx.v[i], hex, want, err);
	}
	for (i = 0; rc == 0 && s->mx.n == 0 && look_knows_mx(l) && i < l->t.reply.n_mx; i++)
		rc = add_tlsa(d, l->t.reply.mx[i].host, hex, want, err);
	return rc;
}

/* Whether the host's set has the hash of a key. */
static bool has_hash(const struct record_list *want, const char *host, const char *hex)
{
	struct buf b = BUF_INIT(256);
	size_t i;
	bool found = false;

	for (i = 0; !found && i < want->n; i++) {
		buf_reset(&b);
		found = strcmp(want->v[i].name + strlen("_25._tcp."), host) == 0 &&
			record_value(&want->v[i], true, &b) == 0 &&
			strcmp(buf_str(&b) + strlen("3 1 1 "), hex) == 0;
	}
	buf_free(&b);
	return found;
}

static bool has_host(const struct record_list *want, const char *host)
{
	size_t i;

	for (i = 0; i < want->n; i++) {
		if (strcmp(want->v[i].name + strlen("_25._tcp."), host) == 0)
			return true;
	}
	return false;
}

/* Every key that a server of the set shows must have a record. */
static void look_tlsa(const struct look *l, const struct record_list *want, struct step_facts *f)
{
	const struct check_reply *r = l && l->t.answered ? &l->t.reply : NULL;
	size_t i, k, shown;

	f->ready = f->allowed = FACT_UNKNOWN;
	if (!r)
		return;
	f->allowed = r->dnssec == DNS_SECURE     ? FACT_YES
		     : r->dnssec == DNS_INSECURE ? FACT_NO
						 : FACT_UNKNOWN;
	f->ready = FACT_YES;
	for (i = 0; i < want->n; i++) {
		const char *host = want->v[i].name + strlen("_25._tcp.");

		for (k = shown = 0; k < r->n_cert; k++) {
			if (r->cert[k].port != 25 || strcmp(r->cert[k].name, host) != 0)
				continue;
			shown++;
			if (!has_hash(want, host, r->cert[k].spki)) {
				f->ready = FACT_NO;
				return;
			}
		}
		if (shown == 0)
			f->ready = FACT_UNKNOWN;
	}
}

/* Whether DNS has these records of each host, and no others. */
static bool is_told_already(const struct look *l, const struct record_list *want)
{
	const struct check_reply *r = l && l->t.answered ? &l->t.reply : NULL;
	size_t i, k, found = 0, live = 0;

	for (i = 0; r && i < r->n_mx; i++) {
		const struct check_mx *m = &r->mx[i];

		for (k = 0; k < m->n_tlsa; k++) {
			const struct check_tlsa *t = &m->tlsa[k];

			live += has_host(want, m->host);
			found += t->usage == 3 && t->selector == 1 && t->matching == 1 &&
				 has_hash(want, m->host, t->data);
		}
	}
	return found == want->n && live == found;
}

int tlsa_records(struct publish *p, const struct publish_domain *d, const struct look *l,
	struct step_list *steps, struct record_list *want, bool *allowed, struct err *err)
{
	const struct publish_section *s = d->section;
	struct step_facts f = {.wanted = false};
	struct err why = ERR_INIT;
	struct world_reply a;
	size_t i;
	int rc;

	*allowed = true;
	if (!publish_tlsa_concerns(d))
		return 0;
	rc = ask_hashes(p, s, &a, err);
	for (i = 0; rc == 0 && i < s->tlsa.n; i++) {
		rc = add_for_hosts(d, l, s->tlsa.v[i], a.key[i].spki, want, &why);
		if (rc < 0)
			rc = publish_fault(&p->conf, s->tlsa.line[i], "tlsa-from", &why, err);
	}
	world_reply_free(&a);
	if (rc < 0)
		return rc;
	look_tlsa(l, want, &f);
	f.wanted = f.ready == FACT_NO || !is_told_already(l, want);
	*allowed = step_allowed(p, steps, d, STEP_TLSA, d->name, &f);
	return 0;
}
