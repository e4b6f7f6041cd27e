/* SPDX-License-Identifier: ISC */
#include "verbs/check/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/home.h"

/* 1: the agent answers; 0: there is no secret key to ask about. */
static int own_agent(struct session *s, struct err *err)
{
	int rc;

	if (!signer_has_secret())
		return 0;
	rc = daemons_find_agent(&s->daemons, err);
	if (rc == 0)
		rc = gpg_init(err);
	return rc < 0 ? rc : 1;
}

static int add_own_name(void *arg, const struct addr *a)
{
	struct check_name n = {.is_address = true, .addr = *a};

	if (!addr_discoverable(a) || !strchr(a->domain, '.'))
		return 0;
	memcpy(n.domain, a->domain, sizeof(n.domain));
	return check_add(arg, &n, NULL);
}

/* Of a policy with tls = require: its domain, where it names one. */
static int add_required(struct check *c, const struct conf_policy *p)
{
	const char *at = strrchr(p->to, '@');
	struct check_name n = {.is_address = false};

	if (p->tls != TRANSPORT_REQUIRE || addr_domain(at ? at + 1 : p->to, n.domain, NULL) < 0 ||
		!strchr(n.domain, '.'))
		return 0;
	return check_add(c, &n, NULL);
}

int own_names(struct check *c, struct session *s, const struct conf *conf, struct err *err)
{
	size_t i;
	int rc = own_agent(s, err);

	if (rc > 0)
		rc = signer_addresses(&s->daemons, add_own_name, c, err);
	for (i = 0; rc == 0 && i < conf->n_policy; i++)
		rc = add_required(c, &conf->policy[i]);
	if (rc == ERR_OS || rc == ERR_USAGE)
		return err_set(err, rc, "the own names do not fit into memory");
	if (rc == 0 && c->n == 0)
		rc = err_set(err, ERR_CONFIG,
			"--mine: there is no secret key with an address, and no policy with "
			"tls = require that names a domain");
	return rc;
}

int own_fingerprints(
	const struct check *c, struct session *s, char (**fpr)[CONF_FPR_MAX], struct err *err)
{
	struct signer_found found;
	struct cert cert = {.data = NULL};
	bool any = false;
	size_t i;
	int rc;

	*fpr = calloc(c->n + 1, sizeof(**fpr));
	if (!*fpr)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < c->n; i++)
		any |= c->name[i].is_address;
	rc = any ? own_agent(s, err) : 0;
	if (rc <= 0)
		return rc;
	for (i = 0, rc = 0; i < c->n && rc >= 0; i++) {
		if (!c->name[i].is_address)
			continue;
		rc = signer_find(NULL, &c->name[i].addr, &s->daemons, &cert, &found, err);
		if (rc == 1)
			snprintf((*fpr)[i], CONF_FPR_MAX, "%s", cert.fpr);
		cert_free(&cert);
	}
	return rc < 0 ? rc : 0;
}
