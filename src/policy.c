#include "policy.h"

#include <stdio.h>
#include <string.h>

#include "quote.h"

/* What a recipient allows. */
enum lane {
	LANE_SEAL,
	LANE_CLEAR,
	LANE_STUCK, /* neither: in_the_way, why and code are set */
};

struct verdict {
	enum lane lane;
	enum err_code code; /* of LANE_STUCK */
	bool may_clear;     /* mixed = clear may take it along in clear */
};

/* Whether text matches a pattern in which * stands for any run of octets. Both end at len. */
static bool glob(const char *pat, size_t pat_len, const char *s, size_t len)
{
	size_t p = 0, i = 0, star = pat_len, back = 0;

	while (i < len) {
		if (p < pat_len && pat[p] == '*') {
			star = p++;
			back = i;
		} else if (p < pat_len && pat[p] == s[i]) {
			p++;
			i++;
		} else if (star < pat_len) {
			p = star + 1;
			i = ++back;
		} else {
			return false;
		}
	}
	while (p < pat_len && pat[p] == '*')
		p++;
	return p == pat_len;
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
	if (a->domain[0] == '\0' || !glob(side, strlen(side), a->domain, strlen(a->domain)))
		return 0;
	if (at && !glob(to, (size_t)(at - to), a->name, local_len))
		return 0;
	for (p = to; *p; p++)
		letters += *p != '*';
	return letters + 1;
}

void policy_rule(const struct conf *c, const struct addr *a, enum conf_encrypt *encrypt,
	enum conf_unknown *on_unknown, const char **name)
{
	enum conf_encrypt e = c->encrypt == ENCRYPT_UNSET ? ENCRYPT_PREFER : c->encrypt;
	enum conf_unknown u = c->on_unknown == UNKNOWN_UNSET ? UNKNOWN_REFUSE : c->on_unknown;
	size_t i, close, best_e = 0, best_u = 0;
	const char *from = NULL;

	for (i = 0; i < c->n_policy; i++) {
		close = closeness(c->policy[i].to, a);
		if (close == 0)
			continue;
		if (c->policy[i].encrypt != ENCRYPT_UNSET && close >= best_e) {
			best_e = close;
			e = c->policy[i].encrypt;
			from = c->policy[i].name;
		}
		if (c->policy[i].on_unknown != UNKNOWN_UNSET && close >= best_u) {
			best_u = close;
			u = c->policy[i].on_unknown;
		}
	}
	if (encrypt)
		*encrypt = e;
	if (on_unknown)
		*on_unknown = u;
	if (name)
		*name = from;
}

enum conf_change policy_on_change(const struct conf *c, const struct addr *a)
{
	enum conf_change change = c->on_change;
	size_t i, close, best = 0;

	for (i = 0; i < c->n_policy; i++) {
		close = closeness(c->policy[i].to, a);
		if (close > 0 && close >= best && c->policy[i].on_change != CHANGE_UNSET) {
			best = close;
			change = c->policy[i].on_change;
		}
	}
	return change;
}

enum conf_transport policy_tls(
	const struct conf *c, const struct conf_identity *id, const struct addr *a, const char **name)
{
	enum conf_transport tls = id && id->tls != TRANSPORT_UNSET ? id->tls : c->tls;
	const char *from = NULL;
	size_t i, close, best = 0;

	for (i = 0; i < c->n_policy; i++) {
		close = closeness(c->policy[i].to, a);
		if (close > 0 && close >= best && c->policy[i].tls != TRANSPORT_UNSET) {
			best = close;
			tls = c->policy[i].tls;
			from = c->policy[i].name;
		}
	}
	if (name)
		*name = from;
	return tls;
}

bool policy_needs_key(const struct conf *c, const struct addr *a)
{
	enum conf_encrypt e;

	policy_rule(c, a, &e, NULL, NULL);
	return e != ENCRYPT_NEVER;
}

static struct verdict stuck(
	struct policy_rcpt *r, enum err_code code, const char *what, const char *detail)
{
	r->in_the_way = true;
	snprintf(r->why, sizeof(r->why), "%s%s%s", what, detail && *detail ? ": " : "",
		detail ? detail : "");
	return (struct verdict){.lane = LANE_STUCK, .code = code};
}

static struct verdict judge_absent(struct policy_rcpt *r, enum conf_encrypt e, const char *policy)
{
	const char *proof = r->key == KEY_ABSENT_PROVED ? "proved" : "unproved";
	char what[256];

	if (r->pinned) {
		r->allowable = true;
		snprintf(what, sizeof(what),
			"no key is published (%s), and clear text never goes to an "
			"address that has a pin",
			proof);
		return stuck(r, ERR_POLICY, what, NULL);
	}
	if (r->domain_clear || e != ENCRYPT_REQUIRE)
		return (struct verdict){.lane = LANE_CLEAR, .may_clear = true};
	r->allowable = true;
	snprintf(what, sizeof(what), "no key is published (%s) and encrypt = require%s%s%s", proof,
		policy ? " in [policy " : "", policy ? policy : "", policy ? "]" : "");
	return stuck(r, ERR_POLICY, what, NULL);
}

static struct verdict judge_unknown(struct policy_rcpt *r, enum conf_encrypt e, enum conf_unknown u)
{
	bool by_rule = u == UNKNOWN_CLEAR && e == ENCRYPT_PREFER && r->domain_unserved;

	if (!r->pinned && (r->domain_clear || by_rule))
		return (struct verdict){.lane = LANE_CLEAR, .may_clear = true};
	r->allowable = true;
	return stuck(r, ERR_TEMP, "cannot tell whether a key exists", r->reason);
}

/* One recipient by itself. Unlisted values of key fail closed. */
static struct verdict judge(const struct conf *c, struct policy_rcpt *r)
{
	enum conf_encrypt e;
	enum conf_unknown u;
	const char *policy;

	policy_rule(c, r->addr, &e, &u, &policy);
	if (e == ENCRYPT_NEVER) {
		if (r->pinned && !r->allow_clear)
			return stuck(r, ERR_POLICY,
				"encrypt = never, but clear text never goes to an "
				"address that has a pin",
				NULL);
		return (struct verdict){.lane = LANE_CLEAR, .may_clear = true};
	}
	if (r->key == KEY_USABLE)
		return (struct verdict){.lane = LANE_SEAL,
			.may_clear = r->allow_clear || (!r->pinned && e == ENCRYPT_PREFER)};
	if (r->allow_clear)
		return (struct verdict){.lane = LANE_CLEAR, .may_clear = true};
	switch (r->key) {
	case KEY_ABSENT_PROVED:
	case KEY_ABSENT_UNPROVED:
		return judge_absent(r, e, policy);
	case KEY_UNUSABLE:
		r->allowable = true;
		return stuck(r, ERR_POLICY, "the key that is published cannot be used", r->reason);
	case KEY_CONFLICT:
		return stuck(r, ERR_CONFLICT,
			r->pinned ? "a different key is published than the one pinned"
				  : "what is published cannot be trusted",
			r->reason);
	case KEY_USABLE:
	case KEY_UNKNOWN:
		break;
	}
	return judge_unknown(r, e, u);
}

static void refuse(struct policy_out *out, enum err_code code, const char *command,
	const char *tail, const struct addr *a)
{
	char word[ERR_HINT_MAX];
	int n;

	out->action = ACTION_REFUSE;
	out->code = code;
	/* Half a hint would be worse than none: the quotes would not match. */
	n = quote_shell(word, sizeof(word), a->name);
	if (n == 0)
		n = snprintf(out->hint, sizeof(out->hint), "%s%s%s", command, word, tail);
	if (n < 0 || (size_t)n >= sizeof(out->hint))
		snprintf(out->hint, sizeof(out->hint), "sealpost why");
}

/* Ranks the codes of refusals: a conflict before what may pass by itself, before what will not. */
static int gravity(enum err_code code)
{
	return code == ERR_CONFLICT ? 3 : code == ERR_TEMP ? 2 : 1;
}

static void refuse_stuck(const struct policy_rcpt *r, enum err_code code, struct policy_out *out)
{
	refuse(out, code,
		code == ERR_CONFLICT ? "sealpost pins show " : "sealpost pins allow-clear ", "",
		r->addr);
}

/* Some can be sealed to and the others not. whole: mixed = clear, but somebody may not get clear
 * text. */
static void refuse_mixture(struct policy_rcpt *rcpt, size_t n, bool whole, struct policy_out *out)
{
	size_t i, first = n;

	for (i = 0; i < n; i++) {
		if (rcpt[i].seal)
			continue;
		rcpt[i].in_the_way = true;
		snprintf(rcpt[i].why, sizeof(rcpt[i].why), "%s",
			whole ? "is to get clear text, and others of this mail must not (a pin, or "
				"encrypt = require)"
			      : "is to get clear text, and others of this mail have a key (mixed = "
				"refuse)");
		if (first == n)
			first = i;
	}
	refuse(out, ERR_POLICY, "send to ", " in a mail of its own", rcpt[first].addr);
}

/* Nobody is stuck: all sealed, all clear, or a mixture. */
static void settle(const struct conf *c, struct policy_rcpt *rcpt, size_t n, bool all_may_clear,
	struct policy_out *out)
{
	size_t i, sealed = 0;

	for (i = 0; i < n; i++)
		sealed += rcpt[i].seal;
	if (sealed == n)
		out->action = ACTION_SEAL;
	else if (sealed > 0 && c->mixed == MIXED_SPLIT)
		out->action = ACTION_SPLIT;
	else if (sealed == 0 || (c->mixed == MIXED_CLEAR && all_may_clear))
		out->action = ACTION_CLEAR;
	else
		refuse_mixture(rcpt, n, c->mixed == MIXED_CLEAR, out);
}

bool policy_seals(const struct policy_out *out, const struct policy_rcpt *r)
{
	return out->action == ACTION_SEAL || (out->action == ACTION_SPLIT && r->seal);
}

void policy_decide(const struct conf *c, struct policy_rcpt *rcpt, size_t n, bool already,
	struct policy_out *out)
{
	const struct policy_rcpt *gravest = NULL;
	enum err_code code = ERR_NONE;
	bool all_may_clear = true;
	struct verdict v;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->action = ACTION_REFUSE;
	out->code = ERR_POLICY;
	for (i = 0; i < n; i++) {
		rcpt[i].in_the_way = rcpt[i].allowable = false;
		rcpt[i].why[0] = '\0';
		if (already)
			continue;
		v = judge(c, &rcpt[i]);
		rcpt[i].seal = v.lane == LANE_SEAL;
		all_may_clear = all_may_clear && v.may_clear;
		if (v.lane == LANE_STUCK && (!gravest || gravity(v.code) > gravity(code))) {
			gravest = &rcpt[i];
			code = v.code;
		}
	}
	if (n == 0)
		return;
	out->code = ERR_NONE;
	if (already)
		out->action = ACTION_CLEAR;
	else if (gravest)
		refuse_stuck(gravest, code, out);
	else
		settle(c, rcpt, n, all_may_clear, out);
}
