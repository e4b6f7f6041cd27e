/* SPDX-License-Identifier: ISC */
/* What is live of a domain now, and what that means for each step. */
#ifndef SEALPOST_PUBLISH_LOOK_H
#define SEALPOST_PUBLISH_LOOK_H

#include "decide/publish_steps.h"
#include "transport/transport.h"
#include "verbs/publish/publish.h"
#include "wire/world.h"

#define LOOK_SITES 4 /* the domain, www, openpgpkey, mta-sts */

/* For one domain. */
struct look {
	const struct publish_domain *domain;
	bool unopened; /* a host of it leads here, was never seen answering, and is not asked now */
	struct transport t;         /* t.answered: t.reply is there */
	bool key_host, policy_host; /* these names point to web or host */
	int64_t none_since; /* when a policy of mode none was first seen live; 0: it is not live */
	int64_t kept_until; /* senders may keep an older policy until then */
	int64_t mode_since; /* since when the present mode is live */
	/* Whether the web server serves the tree for openpgpkey., even if that name has no address
	 * yet. */
	enum check_fact served;
	bool key_alias, key_guarded; /* openpgpkey. is an alias; has an empty TXT record */
	/* The certificates of hosts, if CAA is to be narrower; of who does not answer none is seen.
	 */
	struct {
		char *issuer; /* owned; NULL or "": none was seen */
		bool nobody;
	} site[LOOK_SITES];
	bool asks_sites;
	bool caa_live;          /* the records of CAA that FILE names are there */
	int64_t caa_since;      /* since when, while authorities may know of none; else 0 */
	int64_t key_host_since; /* when openpgpkey. was first seen pointing here; 0: it does not */
	int64_t key_away_since; /* when it was first seen without an address; 0: it has one */
	int64_t sts_away_since; /* when the MTA-STS record was first seen gone; 0: it exists */
	uint32_t mx_ttl, sts_ttl; /* of the MX, and of _mta-sts; 0: unknown */
};

/* Queries n domains at once, records what is live, and fills in the rest. */
int look_ask(struct publish *p, struct look *l, size_t n, struct err *err);
void look_free(struct look *l, size_t n);

/* Sends requests (n of them, id is set here) to a helper and receives the replies; the helper, with
 * its cache, is kept for later requests until look_end. ERR_TEMP if it has exited. */
int look_world(struct publish *p, struct world_request *q, struct world_reply *a, size_t n,
	struct err *err);
void look_end(struct publish *p);
int look_add_set(struct world_request *q, const char *name, uint16_t type, struct err *err);
/* Adds queries for where a host of the domain ("openpgpkey", "mta-sts") points: one for each type
 * of record that can lead here. */
int look_add_host(struct world_request *q, const struct publish_domain *d, const char *label,
	struct err *err);
/* Whether it points here, by the answers to these queries: all of its addresses are among those of
 * web, or it is an alias of the configured host, wherever that points. */
bool look_leads_here(const struct publish_domain *d, const struct world_answer *a);
int look_add_file(struct world_request *q, const char *host, const char *at, const char *path,
	bool head, struct err *err);

/* Facts for the steps. l NULL: nothing was queried. */
void look_enforce(const struct look *l, struct step_facts *f);
void look_leave(const struct look *l, struct step_facts *f);
void look_caa(const struct look *l, struct step_facts *f);
void look_host(const struct look *l, struct step_facts *f);

/* Whether OPENPGPKEY records are to be published: FILE wants them, and the zone is not known to be
 * unsigned, where they would be ignored. */
bool look_wants_openpgpkey(const struct look *l, const struct publish_domain *d);

/* Whether CAA permits the certificate authority of FILE's web server to issue for a host of the
 * domain. Also FACT_YES if the authority is unknown. */
enum check_fact look_may_issue(const struct look *l, const char *host);

/* Whether the mail servers in DNS are known, which the policy names if FILE names none. */
bool look_knows_mx(const struct look *l);

/* Asks hosts of customers that never answered, one a second. */
int open_new_hosts(struct publish *p, struct look *l, size_t n, struct err *err);
/* Where many never did: asks a few of them at once, and marks the domains of the others, which are
 * to be left alone for now. */
int open_few_hosts(struct publish *p, struct look *l, size_t n, struct err *err);

#endif
