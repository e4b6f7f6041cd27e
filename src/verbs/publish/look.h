/* SPDX-License-Identifier: ISC */
/* What the world sees of a domain now, and what that means for each step. */
#ifndef SEALPOST_PUBLISH_LOOK_H
#define SEALPOST_PUBLISH_LOOK_H

#include "decide/publish_steps.h"
#include "transport/transport.h"
#include "verbs/publish/publish.h"
#include "wire/world.h"

#define LOOK_SITES 4 /* the domain, www, openpgpkey, mta-sts */

/* Of one domain. */
struct look {
	const struct publish_domain *domain;
	struct transport t;         /* t.answered: t.reply is there */
	bool key_host, policy_host; /* these names lead to web or host */
	int64_t none_since; /* a policy of mode none was first seen live then; 0: it is not */
	int64_t kept_until; /* senders may keep an older policy until then */
	int64_t mode_since; /* the present mode is live since */
	/* The tree is served at the web server for openpgpkey., by its name, though that may have
	 * no address yet. */
	enum check_fact served;
	bool key_alias, key_guarded; /* openpgpkey. is an alias; has an empty TXT record */
	/* The certificates of hosts, if CAA is to be narrower; of who does not answer none is seen.
	 */
	struct {
		char *issuer; /* owned; NULL or "": none was seen */
		bool nobody;
	} site[LOOK_SITES];
	bool asks_sites;
	bool caa_live;            /* the records of CAA that FILE names are there */
	int64_t caa_since;        /* since when, while authorities may know of none; else 0 */
	int64_t key_host_since;   /* openpgpkey. was first seen leading here; 0: it does not */
	int64_t key_away_since;   /* it was first seen without an address; 0: it has one */
	int64_t sts_away_since;   /* the record of MTA-STS was first seen gone; 0: it is there */
	uint32_t mx_ttl, sts_ttl; /* of the MX, and of _mta-sts; 0: not told */
};

/* Asks about n domains at once, notes what is seen live, and fills in the rest. */
int look_ask(struct publish *p, struct look *l, size_t n, struct err *err);
void look_free(struct look *l, size_t n);

/* Sends requests (n of them, id is set here) to a helper and takes the replies; the helper stays
 * for the next ones, and knows already what it was asked, until look_end. One that is gone is
 * ERR_TEMP. */
int look_world(struct publish *p, struct world_request *q, struct world_reply *a, size_t n,
	struct err *err);
void look_end(struct publish *p);
int look_add_set(struct world_request *q, const char *name, uint16_t type, struct err *err);
/* Asks where a host of the domain ("openpgpkey", "mta-sts") leads, by look_host_sets(d) sets. */
int look_add_host(struct world_request *q, const struct publish_domain *d, const char *label,
	struct err *err);
size_t look_host_sets(const struct publish_domain *d);
/* Whether it leads here, by the answers to these sets: all of its addresses are among those that
 * web names, or it is an alias of the host that it is to be one of, wherever that leads on to. */
bool look_leads_here(const struct publish_domain *d, const struct world_answer *a);
int look_add_file(struct world_request *q, const char *host, const char *at, const char *path,
	bool head, struct err *err);

/* Facts. l NULL: nothing was asked. */
void look_enforce(const struct look *l, struct step_facts *f);
void look_leave(const struct look *l, struct step_facts *f);
void look_caa(const struct look *l, struct step_facts *f);
void look_host(const struct look *l, struct step_facts *f);

/* Whether OPENPGPKEY records are to be published: FILE wants them, and the zone is not known to be
 * unsigned, where nobody would believe them. */
bool look_wants_openpgpkey(const struct look *l, const struct publish_domain *d);

/* Whether CAA lets the authority that FILE's web server asks issue a certificate for a host of the
 * domain. FACT_YES too where it is not known which authority that is. */
enum check_fact look_may_issue(const struct look *l, const char *host);

/* The mail servers that DNS names now: of those the policy, if FILE names none. */
bool look_knows_mx(const struct look *l);

#endif
