/* SPDX-License-Identifier: ISC */
#include "decide/learnt.h"

#include <string.h>

static const char *const how_name[LEARNT_HOWS] = {
	[LEARNT_AUTOCRYPT] = "autocrypt",
	[LEARNT_ATTACHED] = "attached",
	[LEARNT_SIGNATURE] = "signature",
	[LEARNT_GOSSIP] = "gossip",
};

const char *learnt_how_name(enum learnt_how how)
{
	return how_name[how];
}

enum learnt_how learnt_how_parse(const char *name)
{
	size_t i;

	for (i = 0; i < LEARNT_HOWS; i++) {
		if (strcmp(how_name[i], name) == 0)
			break;
	}
	return (enum learnt_how)i;
}

const char *learnt_skips(const struct learnt_mail *m)
{
	if (m->report)
		return "a report says nothing of its sender's key";
	if (!m->from)
		return "From is not exactly one address";
	if (m->rewritten)
		return "a mailing list has rewritten From";
	if (m->denied)
		return "your mail server does not confirm that its sender's domain signed it";
	return m->resent ? "it was resent by somebody else" : NULL;
}

int64_t learnt_date(int64_t date, int64_t received, int64_t now)
{
	if (received < 0 || received > now)
		received = now;
	return date < 0 || date > received ? received : date;
}

/* The last time that a key was seen anywhere. */
static int64_t last_seen(const struct learnt_key *k)
{
	int64_t last = 0;
	size_t i;

	for (i = 0; i < LEARNT_HOWS; i++) {
		if (k->last[i] > last)
			last = k->last[i];
	}
	return last;
}

/* The index of the newest usable one by whatever way; n: there is none. */
static size_t newest_usable(const struct learnt_key *v, size_t n)
{
	size_t i, best = n;

	for (i = 0; i < n; i++) {
		if (v[i].usable && last_seen(&v[i]) > 0 &&
			(best == n || last_seen(&v[i]) > last_seen(&v[best])))
			best = i;
	}
	return best;
}

struct learnt_choice learnt_choose(const struct learnt_key *v, size_t n, int64_t last_mail)
{
	size_t i, peer = n, best = newest_usable(v, n);
	bool twice = false;

	if (best == n)
		return (struct learnt_choice){0, SOURCE_HAS_NONE, NULL};
	for (i = 0; i < n; i++) {
		int64_t at = v[i].last[LEARNT_AUTOCRYPT];

		if (at == 0 || (peer < n && at < v[peer].last[LEARNT_AUTOCRYPT]))
			continue;
		twice = peer < n && at == v[peer].last[LEARNT_AUTOCRYPT];
		peer = i;
	}
	if (peer == n)
		return (struct learnt_choice){best, SOURCE_NAMES, "no mail asks for encryption"};
	if (twice)
		return (struct learnt_choice){
			best, SOURCE_NAMES, "mails of the same moment have different keys"};
	if (!v[peer].usable)
		return (struct learnt_choice){
			best, SOURCE_NAMES, "the key of the last Autocrypt field is not usable"};
	if (!v[peer].mutual)
		return (struct learnt_choice){
			peer, SOURCE_NAMES, "its owner does not ask for encryption"};
	if (last_mail - v[peer].last[LEARNT_AUTOCRYPT] > LEARNT_STALE)
		return (struct learnt_choice){
			peer, SOURCE_NAMES, "its owner has written without it since"};
	return (struct learnt_choice){peer, SOURCE_HAS, NULL};
}
