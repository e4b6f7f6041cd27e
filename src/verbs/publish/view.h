/* SPDX-License-Identifier: ISC */
/* sealpost publish plan and verify: compares what is to be published with what is live. */
#ifndef SEALPOST_PUBLISH_VIEW_H
#define SEALPOST_PUBLISH_VIEW_H

#include "verbs/publish/keys.h"
#include "verbs/publish/look.h"
#include "verbs/publish/records.h"
#include "verbs/publish/steps.h"

enum view_state { VIEW_RIGHT, VIEW_MISSING, VIEW_DIFFERS, VIEW_EXTRA, VIEW_UNKNOWN };

/* A set of records: the wanted and the present values at a name. */
struct view_set {
	const char *name; /* borrowed from want, or owned by names */
	enum record_type type;
	uint32_t ttl;
	size_t first, n;         /* of the domain's records; n 0: none is wanted */
	struct world_answer now; /* owned */
	enum view_state state;
};

/* A file to be served. */
struct view_file {
	char *host, *path; /* owned */
	uint8_t digest[DIGEST_LEN];
	uint64_t len;
	bool policy, absent;   /* absent: it must not exist */
	struct world_got now;  /* owned */
	struct world_got head; /* owned; what HEAD gave, if it is to be there */
	enum view_state state;
	const char *why; /* static */
};

/* Another finding. */
struct view_finding {
	char *what, *reason; /* owned */
	bool counts;         /* there is something to do now */
};

struct view {
	const struct publish_domain *domain;
	struct look *look;
	struct buf policy; /* to be served; empty: none */
	struct record_list want;
	struct view_set *set; /* owned */
	size_t n_set;
	struct view_file *file; /* owned */
	size_t n_file;
	struct step_list steps;
	struct view_finding *finding; /* owned */
	size_t n_finding;
	char *names; /* owned */
};

int view_exit(const struct view *v);

/* One domain, as text or JSON. k: all keys. */
void view_print(FILE *f, const struct publish *p, const struct keys *k, const struct view *v);
int view_json(FILE *f, const struct publish *p, const struct keys *k, const struct view *v);

/* Whether the answer has the record. TXT counts by its text, however it is cut into strings. */
bool view_has_record(const struct world_answer *a, const struct dns_record *want);
/* Fills in the findings. */
int view_find(struct publish *p, struct view *v, struct err *err);
void view_findings_free(struct view *v);

/* Prints how long certificates will take, for each provider. */
int view_costs(FILE *f, const struct publish *p, const struct view *v, size_t n, struct err *err);

/* Prints a domain that is no longer in FILE. */
void view_print_gone(FILE *f, const struct step_note *s);
int view_json_gone(FILE *f, const struct step_note *s);

/* The exit status, or an error. */
int publish_view(struct publish *p, struct err *err);

#endif
