/* SPDX-License-Identifier: ISC */
/*
 * One TLS report (RFC 8460 section 4): what a sender reports about its sessions with a domain's
 * mail servers. All limits on input are named here. Pure.
 */
#ifndef SEALPOST_REPORTS_REPORT_H
#define SEALPOST_REPORTS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "wire/check.h"

#define REPORT_INPUT_MAX (4u << 20)       /* bytes of one mail or file */
#define REPORT_JSON_MAX (4u << 20)        /* bytes of one report, unpacked */
#define REPORT_RATIO_MAX 200              /* unpacked bytes for each compressed one */
#define REPORT_RATIO_FREE 65536           /* bytes from which on the ratio is checked */
#define REPORT_NESTING_MAX 16             /* arrays and objects, one in another */
#define REPORT_VALUES_MAX 40000           /* values of one report */
#define REPORT_POLICIES_MAX 1000          /* policies of one report */
#define REPORT_TEXT_MAX 1024              /* bytes of one text that is kept */
#define REPORT_SESSIONS_MAX 1000000000000 /* sessions in one figure */

enum report_policy_type { POLICY_TYPE_STS, POLICY_TYPE_TLSA, POLICY_TYPE_NONE, POLICY_TYPE_OTHER };

/* Whether the mail with the report is authentic. */
enum report_auth {
	REPORT_AUTH_YES,
	REPORT_AUTH_NO,
	REPORT_AUTH_UNKNOWN, /* no authserv-id is trusted, or it is not a mail */
};

struct report_failure {
	enum check_result result; /* RESULT_NONE: an unknown one */
	char *type;               /* owned; as the report calls it */
	char *host;    /* owned; the receiving mail server, lower-case; "" if it is not named */
	char *network; /* owned; of the sending one: "192.0.2.0/24", "2001:db8:1::/48"; "" */
	char *code;    /* owned; the failure's reason code; "" */
	int64_t sessions;
};

/* The report about one policy. */
struct report_part {
	char *domain; /* owned; A-labels; "": not named, as Postfix does without a policy */
	enum report_policy_type type;
	int64_t good, failed;           /* sessions */
	struct report_failure *failure; /* owned */
	size_t n_failure;
};

struct report {
	char *organization, *id;  /* owned */
	int64_t begin, end;       /* seconds since 1970 */
	struct report_part *part; /* owned */
	size_t n_part;
	uint8_t digest[DIGEST_LEN]; /* of its text */
	enum report_auth auth;      /* set by the caller, who has the mail */
};

/*
 * Reads the JSON text of a report. ERR_DATA and a sentence that says what is wrong: beyond a limit,
 * not JSON, a member twice, missing or of a wrong type, a time that is none, a figure out of range,
 * a control character in a name. What RFC 8460 does not define is ignored; mx-host and
 * policy-string may be anything. ERR_OS. Nothing is left to free then.
 */
int report_read(struct report *r, const char *text, size_t len, struct err *err);
void report_free(struct report *r);

const char *report_policy_name(enum report_policy_type t); /* as in RFC 8460; "other" */
const char *report_auth_name(enum report_auth a);          /* "yes", "no", "unknown" */

/* What a failure means, and what the owner of the domain should do; for RESULT_NONE too. */
struct report_explained {
	const char *means, *mend;
};
struct report_explained report_explain(enum check_result r);

#endif
