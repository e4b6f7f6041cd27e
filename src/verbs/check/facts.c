/* SPDX-License-Identifier: ISC */
#include "verbs/check/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTPS_PORT 443

static int by_word(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The words in order, with blanks between; "none" where there are none. */
static void add_words(struct watch_facts *f, enum watch_fact fact, const char **word, size_t n)
{
	struct buf b = BUF_INIT(WATCH_VALUE_MAX);
	size_t i;

	qsort(word, n, sizeof(*word), by_word);
	for (i = 0; i < n; i++)
		(void)buf_addf(&b, "%s%s", i ? " " : "", word[i]);
	watch_add(f, fact, "", n > 0 ? buf_str(&b) : "none");
	buf_free(&b);
}

static void add_servers(struct watch_facts *f, const struct check_reply *r)
{
	const char *host[CHECK_MX_MAX];
	size_t i;

	if (r->mx_outcome == CHECK_UNKNOWN || r->mx_outcome == CHECK_NOT_ASKED) {
		watch_add(f, WATCH_MX, "", NULL);
		return;
	}
	for (i = 0; i < r->n_mx && i < CHECK_MX_MAX; i++) {
		const struct check_mx *m = &r->mx[i];

		host[i] = m->host;
		watch_add(f, WATCH_DANE, m->host,
			m->dane == DANE_UNKNOWN || m->address == CHECK_UNKNOWN
				? NULL
				: check_dane_name(m->dane));
	}
	add_words(f, WATCH_MX, host, i);
}

static void add_policies(struct watch_facts *f, const struct check_reply *r)
{
	const char *rua[CHECK_RUA_MAX];
	size_t i;

	watch_add(f, WATCH_STS, "",
		r->sts.policy == CHECK_FOUND ? check_sts_mode_name(r->sts.mode)
		: r->sts.policy == CHECK_NONE || r->sts.policy == CHECK_INVALID ? "absent"
										: NULL);
	if (r->tlsrpt.outcome == CHECK_UNKNOWN || r->tlsrpt.outcome == CHECK_NOT_ASKED) {
		watch_add(f, WATCH_REPORTS, "", NULL);
		return;
	}
	for (i = 0; i < r->tlsrpt.n_rua && i < CHECK_RUA_MAX; i++)
		rua[i] = r->tlsrpt.rua[i];
	add_words(f, WATCH_REPORTS, rua, i);
}

static void add_seconds(struct watch_facts *f, enum watch_fact fact, const char *subject, int64_t t)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, t);
	watch_add(f, fact, subject, text);
}

/* Of hosts of keys and policies: those of mail servers are bound by DANE or the policy. */
static void add_certificate(struct watch_facts *f, const struct check_cert *c)
{
	unsigned n = (unsigned)c->sct_x509 + c->sct_tls + c->sct_ocsp;

	if (c->port != HTTPS_PORT)
		return;
	watch_add(f, WATCH_TLS_KEY, c->name, c->spki);
	watch_add(f, WATCH_ISSUER, c->name, c->issuer);
	watch_add(f, WATCH_LOGGED, c->name,
		n == 0              ? "none"
		: c->ct == FACT_YES ? "verified"
		: c->ct == FACT_NO  ? "false"
				    : "counted");
	watch_add(f, WATCH_CAA, c->name,
		c->caa == FACT_NO    ? "forbids"
		: c->caa == FACT_YES ? "allows"
				     : NULL);
	add_seconds(f, WATCH_CERT_FROM, c->name, c->not_before);
	add_seconds(f, WATCH_CERT_UNTIL, c->name, c->not_after);
}

/* The key that the network has for the address, regardless of the pin. */
static void add_key(struct watch_facts *f, const struct finding *key, const char *own)
{
	const char *name = key->addr->name;

	if (own[0] != '\0')
		watch_add(f, WATCH_OWN_KEY, name, own);
	if (!key->evidence || key->seen == KEY_UNKNOWN ||
		(key->server_failed && key_absent(key->seen))) {
		watch_add(f, WATCH_SERVED_KEY, name, NULL);
	} else if (key_absent(key->seen)) {
		watch_add(f, WATCH_SERVED_KEY, name, "none");
	} else if (key->cert.fpr[0] != '\0' && key->method != METHOD_NONE) {
		watch_add(f, WATCH_SERVED_KEY, name, key->cert.fpr);
		add_seconds(f, WATCH_KEY_UNTIL, name, key->cert.expires);
	} else if (key->seen == KEY_UNUSABLE) {
		watch_add(f, WATCH_SERVED_KEY, name, "unusable");
	}
}

void check_facts(struct watch_facts *f, const struct check_reply *r, const struct protection *bound,
	const struct finding *key, const char *own)
{
	size_t i;

	*f = (struct watch_facts){.n = 0};
	watch_add(f, WATCH_PROTECTION, "",
		bound->kind == PROTECTION_UNKNOWN ? NULL : protection_name(bound->kind));
	watch_add(f, WATCH_DNSSEC, "",
		r->dnssec == DNS_SECURE || r->dnssec == DNS_INSECURE || r->dnssec == DNS_BOGUS
			? dns_state_name(r->dnssec)
			: NULL);
	add_servers(f, r);
	add_policies(f, r);
	for (i = 0; i < r->n_cert; i++)
		add_certificate(f, &r->cert[i]);
	if (key)
		add_key(f, key, own);
}
