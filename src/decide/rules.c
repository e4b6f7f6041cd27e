/* SPDX-License-Identifier: ISC */
#include "decide/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/pattern.h"

#define NOWHERE ((size_t)-1) /* there is no such setting in [sealpost] */
#define FIELD_MAX 1000       /* octets of an X-Sealpost field */

const char policy_of_command_line[] = "--";
const char policy_of_message[] = "X-Sealpost";
const char policy_of_reply[] = "replies";

/* A setting: where it is kept, what it is when nobody says, and its words from the loosest to the
 * strictest. */
static const struct setting {
	const char *name;
	size_t policy, global;
	int otherwise;
	int order[4];
} settings[POLICY_SETTINGS] = {
	[POLICY_ENCRYPT] = {"encrypt", offsetof(struct conf_policy, encrypt),
		offsetof(struct conf, encrypt), ENCRYPT_PREFER,
		{ENCRYPT_NEVER, ENCRYPT_PREFER, ENCRYPT_REQUIRE}},
	[POLICY_MIXED] = {"mixed", offsetof(struct conf_policy, mixed),
		offsetof(struct conf, mixed), MIXED_REFUSE,
		{MIXED_CLEAR, MIXED_SPLIT, MIXED_REFUSE}},
	[POLICY_ABSENCE] = {"absence", offsetof(struct conf_policy, absence),
		offsetof(struct conf, absence), ABSENCE_ANY, {ABSENCE_ANY, ABSENCE_PROVED}},
	[POLICY_ON_UNKNOWN] = {"on-unknown", offsetof(struct conf_policy, on_unknown),
		offsetof(struct conf, on_unknown), UNKNOWN_REFUSE, {UNKNOWN_CLEAR, UNKNOWN_REFUSE}},
	[POLICY_ON_CHANGE] = {"on-change", offsetof(struct conf_policy, on_change),
		offsetof(struct conf, on_change), CHANGE_REFUSE, {CHANGE_USE_PIN, CHANGE_REFUSE}},
	[POLICY_PUBLIC] = {"public", offsetof(struct conf_policy, public), NOWHERE, PUBLIC_NO,
		{PUBLIC_YES, PUBLIC_NO}},
	[POLICY_SIGN] = {"sign", offsetof(struct conf_policy, sign), offsetof(struct conf, sign),
		SIGN_ENCRYPTED, {SIGN_NEVER, SIGN_ENCRYPTED, SIGN_ALWAYS}},
	[POLICY_TLS] = {"tls", offsetof(struct conf_policy, tls), offsetof(struct conf, tls),
		TRANSPORT_ANY, {TRANSPORT_ANY, TRANSPORT_REQUIRE}},
	[POLICY_HEADER_PROTECTION] = {"header-protection",
		offsetof(struct conf_policy, header_protection),
		offsetof(struct conf, header_protection), HEADER_BASELINE,
		{HEADER_OFF, HEADER_BASELINE, HEADER_SHY}},
	[POLICY_AUTOCRYPT] = {"autocrypt", offsetof(struct conf_policy, autocrypt),
		offsetof(struct conf, autocrypt), AUTOCRYPT_YES,
		{AUTOCRYPT_MUTUAL, AUTOCRYPT_YES, AUTOCRYPT_NO}},
	[POLICY_WEAK_KEYS] = {"weak-keys", offsetof(struct conf_policy, weak_keys),
		offsetof(struct conf, weak_keys), WEAK_REFUSE, {WEAK_ACCEPT, WEAK_REFUSE}},
	[POLICY_GNUPG] = {"gnupg", offsetof(struct conf_policy, gnupg),
		offsetof(struct conf, gnupg), GNUPG_ASK, {GNUPG_IGNORE, GNUPG_USE, GNUPG_ASK}},
	[POLICY_REPLIES] = {"replies", offsetof(struct conf_policy, replies),
		offsetof(struct conf, replies), REPLIES_REQUIRE, {REPLIES_PREFER, REPLIES_REQUIRE}},
};

static int value_at(const void *base, size_t offset)
{
	int v;

	memcpy(&v, (const char *)base + offset, sizeof(v));
	return v;
}

/*
 * How closely a policy's "to" names the address: 0 not at all, more is closer. Local part and
 * domain are matched each by its own side of the last @, so that no quoted local part can reach
 * into the other.
 */
static size_t closeness(const char *to, const struct addr *a)
{
	static const size_t address = 2000, domain = 1000; /* above any number of letters */
	const char *at = strrchr(to, '@');
	const char *side = at ? at + 1 : to;
	const char *name_at = a->domain[0] ? strrchr(a->name, '@') : NULL;
	size_t local_len = name_at ? (size_t)(name_at - a->name) : strlen(a->name);
	size_t letters = 0;
	const char *p;

	if (!strchr(to, '*')) {
		if (at)
			return strcmp(to, a->name) == 0 ? address : 0;
		return strcmp(to, a->domain[0] ? a->domain : a->name) == 0 ? domain : 0;
	}
	if (a->domain[0] == '\0' ||
		!pattern_match(side, strlen(side), a->domain, strlen(a->domain)))
		return 0;
	if (at && !pattern_match(to, (size_t)(at - to), a->name, local_len))
		return 0;
	for (p = to; *p; p++)
		letters += *p != '*';
	return letters + 1;
}

static size_t strictness_of(enum policy_setting s, int value)
{
	size_t i, n = sizeof(settings[s].order) / sizeof(settings[s].order[0]);

	for (i = n - 1; i > 0 && settings[s].order[i] != value; i--)
		;
	return i;
}

int policy_stricter(enum policy_setting s, int a, int b)
{
	if (a == 0 || b == 0)
		return a == 0 ? b : a;
	return strictness_of(s, b) > strictness_of(s, a) ? b : a;
}

/* What [sealpost] and the identity say. */
static void start_rules(
	const struct conf *c, const struct conf_identity *id, struct policy_rules *out)
{
	size_t s;

	memset(out, 0, sizeof(*out));
	for (s = 0; s < POLICY_SETTINGS; s++) {
		if (settings[s].global != NOWHERE)
			out->v[s] = value_at(c, settings[s].global);
		if (out->v[s] == 0)
			out->v[s] = settings[s].otherwise;
	}
	if (id && id->tls != TRANSPORT_UNSET)
		out->v[POLICY_TLS] = id->tls;
}

/* What is said for this one mail. */
static void finish_rules(const struct mail_rules *one, size_t *close, struct policy_rules *out)
{
	size_t s;
	int once, demand, strict;

	for (s = 0; s < POLICY_SETTINGS; s++) {
		once = value_at(&one->once, settings[s].policy);
		if (once != 0) {
			out->v[s] = once;
			out->by[s] = policy_of_command_line;
			close[s] = SIZE_MAX;
		}
		demand = value_at(&one->demand, settings[s].policy);
		strict = policy_stricter(s, out->v[s], demand);
		if (strict != out->v[s])
			out->by[s] = policy_of_message;
		if (strict == demand)
			close[s] = SIZE_MAX;
		out->v[s] = strict;
	}
}

void policy_rules(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, struct policy_rules *out)
{
	size_t best[POLICY_SETTINGS] = {0}, best_keys = 0, i, s, close;
	int v;

	start_rules(c, id, out);
	for (i = 0; i < c->n_policy; i++) {
		close = closeness(c->policy[i].to, a);
		if (close == 0)
			continue;
		for (s = 0; s < POLICY_SETTINGS; s++) {
			v = value_at(&c->policy[i], settings[s].policy);
			if (v == 0 || close < best[s])
				continue;
			best[s] = close;
			out->v[s] = v;
			out->by[s] = c->policy[i].name;
		}
		if (c->policy[i].n_key > 0 && close >= best_keys) {
			best_keys = close;
			out->keys = &c->policy[i];
		}
	}
	if (one)
		finish_rules(one, best, out);
	out->public = out->v[POLICY_PUBLIC] == PUBLIC_YES &&
		      (out->v[POLICY_ENCRYPT] != ENCRYPT_REQUIRE ||
			      best[POLICY_ENCRYPT] < best[POLICY_PUBLIC]);
}

void policy_place(const char *by, char *out)
{
	if (!by)
		snprintf(out, POLICY_PLACE_MAX, "[sealpost]");
	else if (by == policy_of_command_line)
		snprintf(out, POLICY_PLACE_MAX, "the command line");
	else if (by == policy_of_message)
		snprintf(out, POLICY_PLACE_MAX, "the message's X-Sealpost");
	else if (by == policy_of_reply)
		snprintf(out, POLICY_PLACE_MAX, "the sealed mail that it answers");
	else
		snprintf(out, POLICY_PLACE_MAX, "[policy %s]", by);
}

const char *policy_at(const char *by)
{
	return by == policy_of_command_line ? "on" : by == policy_of_reply ? "by" : "in";
}

void policy_say(const struct policy_rules *r, enum policy_setting s, char *out)
{
	const char *word = conf_rule_word(settings[s].name, r->v[s]);
	char place[POLICY_PLACE_MAX];

	policy_place(r->by[s], place);
	snprintf(out, POLICY_SAY_MAX, "%s = %s %s %s", settings[s].name, word ? word : "?",
		policy_at(r->by[s]), place);
}

enum conf_change policy_on_change(
	const struct conf *c, const struct mail_rules *one, const struct addr *a)
{
	struct policy_rules r;

	policy_rules(c, one, NULL, a, &r);
	return (enum conf_change)r.v[POLICY_ON_CHANGE];
}

const char *policy_keyservers(const struct conf *c, const struct addr *a)
{
	const char *list = c->keyservers;
	size_t best = 0, close, i;

	for (i = 0; i < c->n_policy; i++) {
		close = c->policy[i].keyservers[0] != '\0' ? closeness(c->policy[i].to, a) : 0;
		if (close == 0 || close < best)
			continue;
		best = close;
		list = c->policy[i].keyservers;
	}
	return list;
}

bool policy_accepts_weak(const struct conf *c, const struct mail_rules *one, const struct addr *a)
{
	struct policy_rules rules;

	policy_rules(c, one, NULL, a, &rules);
	return rules.v[POLICY_WEAK_KEYS] == WEAK_ACCEPT;
}

enum conf_transport policy_tls(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, const char **name)
{
	struct policy_rules r;

	policy_rules(c, one, id, a, &r);
	if (name)
		*name = r.by[POLICY_TLS];
	return (enum conf_transport)r.v[POLICY_TLS];
}

bool policy_needs_key(const struct conf *c, const struct mail_rules *one, const struct addr *a)
{
	struct policy_rules r;

	policy_rules(c, one, NULL, a, &r);
	return r.v[POLICY_ENCRYPT] != ENCRYPT_NEVER && !r.keys;
}

/* One demand, "encrypt=require", already without blanks around it. */
static int read_demand(char *text, struct conf_policy *out, struct err *err)
{
	struct conf_policy one = {.n_key = 0};
	struct err why = ERR_INIT;
	char *value = strchr(text, '='), *end;
	size_t s;
	int was, now;

	if (!value)
		return err_set(err, ERR_DATA, "X-Sealpost: '%.60s' is not RULE=WORD", text);
	*value++ = '\0';
	for (end = text + strlen(text); end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	value += strspn(value, " \t");
	ascii_lower(text);
	ascii_lower(value);
	if (conf_rule_set(&one, text, value, &why) < 0)
		return err_set(err, ERR_DATA, "X-Sealpost: %.500s", why.msg);
	for (s = 0; s < POLICY_SETTINGS; s++) {
		was = value_at(out, settings[s].policy);
		now = policy_stricter(s, was, value_at(&one, settings[s].policy));
		memcpy((char *)out + settings[s].policy, &now, sizeof(now));
	}
	return 0;
}

int policy_read_field(const char *value, struct conf_policy *out, struct err *err)
{
	char text[FIELD_MAX + 1], *p, *next, *end;
	int rc = 0;

	if (strlen(value) > FIELD_MAX)
		return err_set(err, ERR_DATA, "X-Sealpost: is longer than %d bytes", FIELD_MAX);
	snprintf(text, sizeof(text), "%s", value);
	for (p = text; *p; p++) {
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	}
	for (p = text; p && rc == 0; p = next) {
		next = strchr(p, ';');
		if (next)
			*next++ = '\0';
		p += strspn(p, " \t");
		for (end = p + strlen(p); end > p && (end[-1] == ' ' || end[-1] == '\t'); end--)
			end[-1] = '\0';
		if (*p != '\0')
			rc = read_demand(p, out, err);
	}
	return rc;
}
