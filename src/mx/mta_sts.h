/* SPDX-License-Identifier: ISC */
/* MTA-STS (RFC 8461): the record and the policy. Pure. */
#ifndef SEALPOST_MX_MTA_STS_H
#define SEALPOST_MX_MTA_STS_H

#include "wire/check.h"

#define STS_VERSION "v=STSv1"
#define STS_MAX_AGE 31557600u /* seconds; larger values of a policy are reduced to this */

struct sts_parsed {
	enum check_sts_mode mode;
	uint32_t max_age; /* seconds */
	char **mx;        /* owned; patterns, lower-case */
	size_t n_mx;
};

/*
 * Parses the id of a record that begins with STS_VERSION; id has CHECK_STS_ID_MAX + 1 bytes. NULL,
 * or why it is invalid (section 3.1).
 */
const char *sts_record(const char *record, size_t len, char *id);

/*
 * Parses a policy (section 3.2). NULL, and the caller frees p; or why it is invalid, and there is
 * nothing to free. Blank lines are ignored.
 */
const char *sts_policy_parse(const char *text, size_t len, struct sts_parsed *p);
void sts_parsed_free(struct sts_parsed *p);

/* Whether the media type, ignoring parameters, is text/plain (section 3.3). */
bool sts_media_type(const char *content_type);

#endif
