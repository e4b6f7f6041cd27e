/* SPDX-License-Identifier: ISC */
/* Recipients whose domain publishes no key: what the key servers have. */
#include "discovery/candidates.h"

#include <stdlib.h>
#include <string.h>

/* Whom the key servers are asked about: f[i] is a finding of its own, as it may come to nothing. */
static bool choose_servers(
	const struct key_search *s, const struct candidate_job *j, size_t n, struct finding *f)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		f[i].addr = j[i].f->addr;
		f[i].wanted = j[i].f->wanted && sources_look(SOURCE_KEYSERVER, j[i].said) &&
			      policy_needs_key(&s->app->conf, s->rules, f[i].addr);
		finding_set(&f[i], j[i].f->status, j[i].f->reason);
		any |= f[i].wanted;
	}
	return any;
}

static void take_server_finding(struct candidate_job *j, struct finding *f)
{
	struct found_key *k = &j->key[SOURCE_KEYSERVER];

	if (f->status == KEY_USABLE) {
		candidate_says(j, SOURCE_KEYSERVER, SOURCE_HAS, f->cert.fpr, f->reason);
		k->cert = f->cert;
		k->evidence = f->candidate_evidence;
		f->cert = (struct cert){.data = NULL};
		f->candidate_evidence = NULL;
	} else if (f->status == KEY_UNUSABLE || f->status == KEY_CONFLICT) {
		candidate_says(j, SOURCE_KEYSERVER, SOURCE_UNFIT, NULL, f->reason);
		k->weak = f->weak;
	} else {
		/* Its failure does not count; but what nobody asked, with --explain, is not known.
		 */
		candidate_says(j, SOURCE_KEYSERVER, SOURCE_HAS_NONE, NULL, f->reason);
		if (f->status == KEY_UNKNOWN)
			j->said[SOURCE_DOMAIN].answer = SOURCE_FAILED;
		finding_set(j->f, f->status, f->reason);
	}
}

int candidates_keyserver(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err)
{
	struct discover d = {.app = s->app,
		.one = s->rules,
		.runner = &s->session->runner,
		.store = s->session->store,
		.offline = !s->may_ask,
		.remembered = true,
		.pins_first = true,
		.keyservers = true};
	struct finding *f;
	size_t i;
	int rc = 0;

	if (!s->servers || s->app->conf.net.keyservers[0] == '\0')
		return 0;
	f = calloc(n + 1, sizeof(*f));
	if (!f)
		return err_set(err, ERR_OS, "out of memory");
	if (choose_servers(s, j, n, f))
		rc = discover_servers(&d, f, n, err);
	for (i = 0; rc == 0 && i < n; i++) {
		if (f[i].wanted && (f[i].server_evidence || f[i].status != j[i].f->status))
			take_server_finding(&j[i], &f[i]);
	}
	findings_free(f, n);
	return rc;
}
