/* SPDX-License-Identifier: ISC */
#include "decide/sources.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *pin_method; /* of candidates */
	const char *place;
	bool failure_counts; /* it may have a key that says otherwise */
	bool in_doubt;       /* a candidate that is looked at although the domain is unknown */
	bool server;
} rows[SOURCES] = {
	[SOURCE_VERIFIED] = {.failure_counts = true},
	[SOURCE_OWN] = {.failure_counts = true},
	[SOURCE_PIN] = {.failure_counts = true},
	[SOURCE_DOMAIN] = {.failure_counts = true},
	[SOURCE_GNUPG] = {"gnupg-use", "your gpg keyring", .failure_counts = true,
		.in_doubt = true},
	[SOURCE_KEYSERVER] = {"keyserver", "a key server", .server = true},
	[SOURCE_LEARNT] = {"learnt-use", "received mail", .failure_counts = true},
};

static bool is_candidate(enum cert_source s)
{
	return s > SOURCE_DOMAIN;
}

void sources_begin(struct source_said *said, enum key_status status, bool own, bool by_pin)
{
	/* by_key: of whoever the key is from; else the domain itself said so. */
	static const struct {
		enum source_answer answer;
		bool by_key;
	} of[] = {
		[KEY_USABLE] = {SOURCE_HAS, true},
		[KEY_ABSENT_PROVED] = {SOURCE_HAS_NONE, false},
		[KEY_ABSENT_UNPROVED] = {SOURCE_HAS_NONE, false},
		[KEY_UNUSABLE] = {SOURCE_UNFIT, true},
		[KEY_UNKNOWN] = {SOURCE_FAILED, false},
		[KEY_CONFLICT] = {SOURCE_UNFIT, true},
	};
	enum cert_source by = own ? SOURCE_OWN : by_pin ? SOURCE_PIN : SOURCE_DOMAIN;

	_Static_assert(sizeof(of) / sizeof(of[0]) == KEY_CONFLICT + 1, "one for each");
	memset(said, 0, SOURCES * sizeof(*said));
	said[of[status].by_key ? by : SOURCE_DOMAIN].answer = of[status].answer;
}

bool sources_look(enum cert_source source, const struct source_said *said)
{
	bool doubt = is_candidate(source) && said[SOURCE_DOMAIN].answer != SOURCE_HAS_NONE;
	enum cert_source s;

	for (s = SOURCE_VERIFIED; s < source; s++) {
		if (said[s].answer == SOURCE_HAS || said[s].answer == SOURCE_UNFIT)
			return false;
		if (said[s].answer == SOURCE_ASKS && rows[source].server)
			return false;
		doubt |= said[s].answer == SOURCE_FAILED && rows[s].failure_counts &&
			 is_candidate(source);
	}
	return !doubt || (rows[source].in_doubt && said[SOURCE_DOMAIN].answer != SOURCE_UNASKED);
}

static bool same_key(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static struct sources_out came_to(enum sources_outcome outcome, enum cert_source by)
{
	return (struct sources_out){.outcome = outcome, .by = by};
}

/* s has a key to use; who stands before it, if anybody. */
static struct sources_out use_of(enum cert_source s, enum cert_source ask, enum cert_source doubt,
	const struct source_said *said)
{
	bool counts = doubt != SOURCE_NONE && is_candidate(s) && !rows[s].in_doubt;

	if (ask != SOURCE_NONE && !same_key(said[ask].fpr, said[s].fpr))
		return came_to(OUTCOME_ASK, ask);
	if (counts)
		return came_to(OUTCOME_UNKNOWN, doubt);
	return came_to(OUTCOME_USE, s);
}

static struct sources_out first_that_settles(const struct source_said *said)
{
	enum cert_source s, ask = SOURCE_NONE, doubt = SOURCE_NONE, name = SOURCE_NONE;

	for (s = SOURCE_VERIFIED; s < SOURCES; s++) {
		/* Nobody knows what a domain that was not asked has. */
		if (s == SOURCE_DOMAIN && said[s].answer == SOURCE_UNASKED && doubt == SOURCE_NONE)
			doubt = s;
		switch (said[s].answer) {
		case SOURCE_FAILED:
			if (rows[s].failure_counts && doubt == SOURCE_NONE)
				doubt = s;
			break;
		case SOURCE_NAMES:
			name = name == SOURCE_NONE ? s : name;
			break;
		case SOURCE_ASKS:
			ask = ask == SOURCE_NONE ? s : ask;
			break;
		case SOURCE_UNFIT:
			return came_to(OUTCOME_REFUSE, s);
		case SOURCE_HAS:
			return use_of(s, ask, doubt, said);
		default: /* SOURCE_UNASKED, SOURCE_HAS_NONE */
			break;
		}
	}
	if (ask != SOURCE_NONE && (doubt == SOURCE_NONE || ask < doubt))
		return came_to(OUTCOME_ASK, ask);
	if (doubt != SOURCE_NONE)
		return came_to(OUTCOME_UNKNOWN, doubt);
	return name == SOURCE_NONE ? came_to(OUTCOME_ABSENT, SOURCE_NONE)
				   : came_to(OUTCOME_NAME, name);
}

struct sources_out sources_decide(const struct source_said *said)
{
	struct sources_out out = first_that_settles(said);
	enum cert_source s;

	for (s = SOURCES - 1; is_candidate(s); s--) {
		if (said[s].answer == SOURCE_ASKS)
			out.asks = s;
		if (said[s].answer == SOURCE_FAILED && rows[s].failure_counts)
			out.unread = s;
	}
	return out;
}

const char *source_pin_method(enum cert_source source)
{
	return rows[source].pin_method;
}

enum cert_source source_of_pin(const char *method)
{
	enum cert_source s;

	for (s = SOURCE_VERIFIED; s < SOURCES; s++) {
		if (rows[s].pin_method && strcmp(rows[s].pin_method, method) == 0)
			return s;
	}
	return SOURCE_NONE;
}

const char *source_place(enum cert_source source)
{
	return rows[source].place;
}
