/* SPDX-License-Identifier: ISC */
#include "decide/policy.h"

#include <stdio.h>
#include <string.h>

#include "print/quote.h"

/* An option for one mail, where it belongs: pasted as a command it would wait for a mail. */
#define ADD(option) "add " option " to sealpost send (in mutt: set sendmail)"

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

static struct verdict hold_back(
	struct policy_rcpt *r, enum err_code code, const char *what, const char *detail)
{
	r->in_the_way = true;
	r->code = code;
	snprintf(r->why, sizeof(r->why), "%s%s%s", what, detail && *detail ? ": " : "",
		detail ? detail : "");
	return (struct verdict){.lane = LANE_STUCK, .code = code};
}

static struct verdict send_clear(struct policy_rcpt *r)
{
	r->clear = true;
	return (struct verdict){.lane = LANE_CLEAR, .may_clear = true};
}

/* "encrypt = require in [policy bank]", for a reason. */
static const char *where_it_is_set(const struct policy_rules *rules, enum policy_setting s,
	const char *what, char *out, size_t cap)
{
	char place[POLICY_PLACE_MAX];

	policy_place(rules->by[s], place);
	if (rules->by[s])
		snprintf(out, cap, "%s %s %s", what, policy_at(rules->by[s]), place);
	else
		snprintf(out, cap, "%s", what);
	return out;
}

/* Somebody may well have a key, although nothing of it is published: no rule and no permission for
 * a whole domain is about that. */
static bool gnupg_asks(const struct policy_rcpt *r, const struct policy_rules *rules)
{
	return r->in_gnupg && !r->pinned && rules->v[POLICY_GNUPG] != GNUPG_IGNORE;
}

static struct verdict judge_absent(struct policy_rcpt *r, const struct policy_rules *rules)
{
	const char *proof = r->key == KEY_ABSENT_PROVED ? "proved" : "unproved";
	char what[256], rule[128];

	bool require = rules->v[POLICY_ENCRYPT] == ENCRYPT_REQUIRE;

	bool ask = gnupg_asks(r, rules);

	if (!r->pinned && r->domain_clear && r->domain_unserved && !require && !r->untagged && !ask)
		return send_clear(r);
	r->allowable = !require;
	if (r->untagged && !r->pinned) {
		snprintf(what, sizeof(what),
			"no key is published (%s), and the same address without its tag has a pin",
			proof);
		return hold_back(r, ERR_POLICY, what, r->untagged);
	}
	if (r->pinned) {
		snprintf(what, sizeof(what),
			"no key is published (%s), and clear text never goes to an "
			"address that has a pin",
			proof);
		return hold_back(r, ERR_POLICY, what, NULL);
	}
	if (ask) {
		snprintf(what, sizeof(what),
			"no key is published (%s), but your gpg keyring has one", proof);
		r->decided = POLICY_GNUPG;
		return hold_back(r, ERR_POLICY, what, r->in_gnupg);
	}
	if (require) {
		snprintf(what, sizeof(what), "no key is published (%s) and %s", proof,
			where_it_is_set(
				rules, POLICY_ENCRYPT, "encrypt = require", rule, sizeof(rule)));
		return hold_back(r, ERR_POLICY, what, r->lapsed);
	}
	r->decided = POLICY_ABSENCE;
	if (rules->v[POLICY_ABSENCE] == ABSENCE_PROVED && r->key != KEY_ABSENT_PROVED) {
		snprintf(what, sizeof(what), "no key is published, but this is not proved, and %s",
			where_it_is_set(
				rules, POLICY_ABSENCE, "absence = proved", rule, sizeof(rule)));
		return hold_back(r, ERR_POLICY, what, NULL);
	}
	r->decided = POLICY_ENCRYPT;
	r->allowable = false;
	return send_clear(r);
}

static struct verdict judge_unknown(struct policy_rcpt *r, const struct policy_rules *rules)
{
	bool prefer = rules->v[POLICY_ENCRYPT] == ENCRYPT_PREFER;
	bool by_rule = rules->v[POLICY_ON_UNKNOWN] == UNKNOWN_CLEAR;
	bool ask = gnupg_asks(r, rules);
	char what[256];

	if (!r->pinned && prefer && r->domain_unserved && (r->domain_clear || by_rule) && !ask &&
		!r->untagged && !r->unread) {
		if (!r->domain_clear)
			r->decided = POLICY_ON_UNKNOWN;
		return send_clear(r);
	}
	r->decided = ask ? POLICY_GNUPG : POLICY_ON_UNKNOWN;
	r->allowable = prefer;
	if (!ask)
		return hold_back(r, ERR_TEMP, "cannot tell whether a key exists", r->reason);
	snprintf(what, sizeof(what),
		"cannot tell whether a key is published, and your gpg keyring has %s", r->in_gnupg);
	return hold_back(r, ERR_TEMP, what, r->reason);
}

static struct verdict judge_unusable(struct policy_rcpt *r, const struct policy_rules *rules)
{
	r->allowable = !r->weak && rules->v[POLICY_ENCRYPT] != ENCRYPT_REQUIRE;
	return hold_back(r, ERR_POLICY,
		r->pinned ? "the key that is pinned cannot be used"
			  : "the key that is published cannot be used",
		r->reason);
}

/* One recipient alone. Unlisted values of key fail closed. */
static struct verdict judge_recipient(struct policy_rcpt *r, const struct policy_rules *rules)
{
	bool never = rules->v[POLICY_ENCRYPT] == ENCRYPT_NEVER;
	bool allowed = r->allow_clear && rules->v[POLICY_ENCRYPT] != ENCRYPT_REQUIRE;

	r->by_never = never && r->pinned && !r->allow_clear;
	if (r->by_never)
		return hold_back(r, ERR_POLICY,
			"encrypt = never, but clear text never goes to an "
			"address that has a pin",
			NULL);
	if (never)
		return send_clear(r);
	if (r->key == KEY_USABLE) {
		r->seal = true;
		return (struct verdict){.lane = LANE_SEAL,
			.may_clear = allowed ||
				     (!r->pinned && rules->v[POLICY_ENCRYPT] == ENCRYPT_PREFER)};
	}
	if (allowed)
		return send_clear(r);
	switch (r->key) {
	case KEY_ABSENT_PROVED:
	case KEY_ABSENT_UNPROVED:
		return judge_absent(r, rules);
	case KEY_UNUSABLE:
		return judge_unusable(r, rules);
	case KEY_CONFLICT:
		r->decided = POLICY_ON_CHANGE;
		return hold_back(r, ERR_CONFLICT,
			r->pinned ? "a different key is published than the one pinned"
				  : "what is published cannot be trusted",
			r->reason);
	case KEY_USABLE:
	case KEY_UNKNOWN:
		break;
	}
	return judge_unknown(r, rules);
}

static void refuse(struct policy_out *out, enum err_code code, const char *command,
	const char *tail, const struct addr *a)
{
	char word[ERR_HINT_MAX];

	out->action = ACTION_REFUSE;
	out->code = code;
	/* Half a hint would be worse than none: the quotes would not match. */
	if (quote_shell(word, sizeof(word), a->name) < 0 ||
		strlen(command) + strlen(word) + strlen(tail) >= sizeof(out->hint))
		snprintf(out->hint, sizeof(out->hint), "sealpost why");
	else
		snprintf(out->hint, sizeof(out->hint), "%s%s%s", command, word, tail);
}

/* Ranks the codes of refusals: a conflict before what may pass by itself, before what will not. */
static int gravity(enum err_code code)
{
	return code == ERR_CONFLICT ? 3 : code == ERR_TEMP ? 2 : 1;
}

/* "15 minutes", "3 hours 20 minutes". */
static void write_duration(char *out, size_t cap, int64_t seconds)
{
	int64_t minutes = (seconds + 59) / 60, hours = minutes / 60;

	minutes %= 60;
	if (hours == 0)
		snprintf(out, cap, "%lld minute%s", (long long)minutes, minutes == 1 ? "" : "s");
	else if (minutes == 0)
		snprintf(out, cap, "%lld hour%s", (long long)hours, hours == 1 ? "" : "s");
	else
		snprintf(out, cap, "%lld hour%s %lld minute%s", (long long)hours,
			hours == 1 ? "" : "s", (long long)minutes, minutes == 1 ? "" : "s");
}

/* The domain has given keys another way: what to do depends on how long it has not. A domain needs
 * no quotes. */
static void hint_otherwise(const struct policy_rcpt *r, struct policy_out *out)
{
	out->action = ACTION_REFUSE;
	out->code = ERR_TEMP;
	if (r->waited >= UNKNOWN_OTHERWISE_WAIT)
		snprintf(out->hint, sizeof(out->hint), "sealpost pins forget %s", r->addr->domain);
	else
		snprintf(out->hint, sizeof(out->hint),
			"send it again later; once this has lasted for three days, its domain can "
			"be forgotten");
}

/* The key is at hand, and only a person can say whether it is the recipient's. */
static void hint_in_gnupg(
	const struct policy_rcpt *r, enum err_code code, bool offer, struct policy_out *out)
{
	char command[CONF_FPR_MAX + 80];

	snprintf(command, sizeof(command), "gpg --export %s | sealpost pins import -%s",
		r->in_gnupg, offer ? "; or, for clear text: sealpost pins allow-clear " : "");
	if (offer) {
		refuse(out, code, command, "", r->addr);
		return;
	}
	out->action = ACTION_REFUSE;
	out->code = code;
	snprintf(out->hint, sizeof(out->hint), "%s", command);
}

/* What the directory does not say, a rule can: the same key for the tagged address. */
static void hint_tagged(const struct policy_rcpt *r, enum err_code code, struct policy_out *out)
{
	out->action = ACTION_REFUSE;
	out->code = code;
	snprintf(out->hint, sizeof(out->hint),
		"if it is the same mailbox, in the configuration: [policy tag] to = %.300s with "
		"the "
		"line keys = %.64s",
		r->addr->name, r->untagged_fpr);
}

/* Nobody knows whether there is a key: what to do about the cause. */
static void hint_unknown(const struct policy_rcpt *r, struct policy_out *out)
{
	bool offer = r->allowable && r->domain_unserved && !r->pinned;
	int64_t wait = unknown_wait(r->cause, r->other_answered);
	bool now = offer && wait >= 0 && r->waited >= wait;
	char left[64];

	out->action = ACTION_REFUSE;
	out->code = ERR_TEMP;
	if (r->cause == CAUSE_KEYRING) {
		snprintf(out->hint, sizeof(out->hint), "%s",
			r->mend && r->mend[0] != '\0' ? r->mend : "sealpost doctor");
	} else if (r->cause == CAUSE_OURS || (r->cause == CAUSE_UNPROVEN && !r->other_answered)) {
		snprintf(out->hint, sizeof(out->hint),
			"send it again when this machine is connected; to see what is wrong: "
			"sealpost doctor --online");
	} else if (r->untagged && r->domain_unserved && !r->pinned) {
		hint_tagged(r, ERR_TEMP, out);
	} else if (r->decided == POLICY_GNUPG && r->domain_unserved) {
		hint_in_gnupg(r, ERR_TEMP, now, out);
	} else if (now) {
		refuse(out, ERR_TEMP, "sealpost pins allow-clear ", "", r->addr);
	} else if (offer) {
		write_duration(left, sizeof(left), wait - r->waited);
		snprintf(out->hint, sizeof(out->hint),
			"send it again later; if its domain still gives no answer in %s, clear "
			"text can be allowed",
			left);
	} else {
		snprintf(out->hint, sizeof(out->hint), "send it again later");
	}
}

/* A key is demanded, and none is published: no stored permission changes that. */
static void hint_required(const struct policy_rcpt *r, struct policy_out *out)
{
	char accept[CONF_FPR_MAX + 80];

	if (r->learnt) {
		snprintf(accept, sizeof(accept),
			" %s, once its owner has confirmed that fingerprint, not by mail",
			r->learnt);
		refuse(out, ERR_POLICY, "sealpost pins accept ", accept, r->addr);
		return;
	}
	if (r->by_reply) {
		out->action = ACTION_REFUSE;
		out->code = ERR_POLICY;
		snprintf(out->hint, sizeof(out->hint),
			"it answers %.200s, which was sealed; a mail without References and "
			"In-Reply-To begins a new thread%s",
			r->answers,
			r->by_message ? "" : "; this one alone in clear: " ADD("--replies=prefer"));
		return;
	}
	if (!addr_discoverable(r->addr) && !r->by_message) {
		out->action = ACTION_REFUSE;
		out->code = ERR_POLICY;
		snprintf(out->hint, sizeof(out->hint),
			"in the configuration%s in clear: [policy local] to = %.300s with the line "
			"encrypt = prefer",
			r->addr->domain[0] == '\0' ? ": qualify-domain; or," : ",", r->addr->name);
		return;
	}
	refuse(out, ERR_POLICY, "ask for a key, then: sealpost lookup ",
		r->by_message ? "; without one, only if the message has no X-Sealpost field"
			      : "; without one, for this mail alone: " ADD("--encrypt=prefer"),
		r->addr);
}

/* The user's own key, which would be sealed to, can be made to last. */
static void hint_lapsed(const struct policy_rcpt *r, struct policy_out *out)
{
	out->action = ACTION_REFUSE;
	out->code = ERR_POLICY;
	snprintf(out->hint, sizeof(out->hint), "%s", r->lapsed_mend);
}

/* Nothing is published: clear text is offered where a domain that never had keys says so. */
static void hint_absent(const struct policy_rcpt *r, struct policy_out *out)
{
	if (r->pinned)
		refuse(out, ERR_POLICY, "sealpost refresh ", "", r->addr);
	else if (r->untagged)
		hint_tagged(r, ERR_POLICY, out);
	else if (r->lapsed)
		hint_lapsed(r, out);
	else if (r->decided == POLICY_GNUPG)
		hint_in_gnupg(r, ERR_POLICY, r->allowable, out);
	else if (r->decided == POLICY_ENCRYPT)
		hint_required(r, out);
	else
		refuse(out, ERR_POLICY, "sealpost pins allow-clear ", "", r->addr);
}

static void hint_unusable(const struct policy_rcpt *r, struct policy_out *out)
{
	refuse(out, ERR_POLICY,
		r->pinned ? "sealpost refresh " : "ask for a new key, then: sealpost lookup ", "",
		r->addr);
	if (r->mend)
		snprintf(out->hint, sizeof(out->hint), "%s", r->mend);
}

/* The next command: look at what conflicts, ask again for a key that has run out, and what the
 * cause is where there is no answer. */
static void refuse_stuck(const struct policy_rcpt *r, enum err_code code, struct policy_out *out)
{
	if (code == ERR_CONFLICT)
		refuse(out, code, r->pinned ? "sealpost pins show " : "sealpost lookup ", "",
			r->addr);
	else if (code == ERR_TEMP && r->cause == CAUSE_OTHERWISE)
		hint_otherwise(r, out);
	else if (code == ERR_TEMP)
		hint_unknown(r, out);
	else if (r->by_never)
		refuse(out, code, "sealpost pins allow-clear ", "", r->addr);
	else if (r->key == KEY_UNUSABLE)
		hint_unusable(r, out);
	else
		hint_absent(r, out);
}

/* What holds for the mail as a whole. */
struct whole {
	const struct policy_rcpt *gravest; /* NULL: nobody is stuck */
	enum err_code code;
	bool all_may_clear;
	size_t sealed;
	size_t along; /* of those: own addresses, which may get clear text where all others do */
	enum conf_mixed mixed;
	const char *mixed_by;
};

/* Who would get clear text although others are sealed to: an own address whose key has expired
 * first, for that is the cause. */
static void hint_mixture(
	const struct policy_rcpt *rcpt, size_t n, const struct whole *w, struct policy_out *out)
{
	size_t i, first = n;

	for (i = 0; i < n; i++) {
		if (rcpt[i].in_the_way && (first == n || (rcpt[i].lapsed && !rcpt[first].lapsed)))
			first = i;
	}
	if (rcpt[first].lapsed) {
		hint_lapsed(&rcpt[first], out);
		return;
	}
	refuse(out, ERR_POLICY, "send to ",
		w->mixed == MIXED_REFUSE && w->mixed_by != policy_of_message
			? " in a mail of its own, or to each as they can: " ADD("--mixed=split")
			: " in a mail of its own",
		rcpt[first].addr);
}

/* Some can be sealed to and the others not. */
static void refuse_mixture(
	struct policy_rcpt *rcpt, size_t n, const struct whole *w, struct policy_out *out)
{
	char place[POLICY_PLACE_MAX];
	size_t i;

	policy_place(w->mixed_by, place);
	for (i = 0; i < n; i++) {
		if (rcpt[i].seal)
			continue;
		rcpt[i].in_the_way = true;
		rcpt[i].decided = POLICY_MIXED;
		if (rcpt[i].lapsed)
			snprintf(rcpt[i].why, sizeof(rcpt[i].why),
				"is to get clear text, as %s, and others of this mail have a key",
				rcpt[i].lapsed);
		else if (w->mixed == MIXED_CLEAR)
			snprintf(rcpt[i].why, sizeof(rcpt[i].why),
				"is to get clear text, and others of this mail must not (a pin, or "
				"encrypt = require)");
		else
			snprintf(rcpt[i].why, sizeof(rcpt[i].why),
				"is to get clear text, and others of this mail have a key (mixed = "
				"refuse %s %s)",
				policy_at(w->mixed_by), place);
	}
	hint_mixture(rcpt, n, w, out);
}

/* Nobody is stuck: all sealed, all clear, or a mixture. */
static void settle_mixture(
	struct policy_rcpt *rcpt, size_t n, const struct whole *w, struct policy_out *out)
{
	if (w->sealed == n)
		out->action = ACTION_SEAL;
	else if (w->sealed > 0 && w->mixed == MIXED_SPLIT)
		out->action = ACTION_SPLIT;
	else if (w->sealed == w->along || (w->mixed == MIXED_CLEAR && w->all_may_clear))
		out->action = ACTION_CLEAR;
	else
		refuse_mixture(rcpt, n, w, out);
}

/* What goes to a public place is no secret from the others. */
static void settle_public(
	struct policy_rcpt *rcpt, size_t n, const struct whole *w, struct policy_out *out)
{
	size_t i;

	out->action = w->sealed == n ? ACTION_SEAL : ACTION_CLEAR;
	for (i = 0; i < n; i++) {
		rcpt[i].in_the_way = rcpt[i].allowable = false;
		rcpt[i].code = ERR_NONE;
		rcpt[i].why[0] = '\0';
	}
}

bool policy_seals(const struct policy_out *out, const struct policy_rcpt *r)
{
	return out->action == ACTION_SEAL || (out->action == ACTION_SPLIT && r->seal);
}

/* Adds one recipient to what holds for all. */
static void take_in(const struct conf *c, const struct mail_rules *one, struct policy_rcpt *r,
	struct whole *w, struct policy_out *out)
{
	struct policy_rules rules;
	struct verdict v;
	int mixed;

	policy_rules(c, one, NULL, r->addr, &rules);
	if (r->answers && rules.v[POLICY_REPLIES] == REPLIES_REQUIRE &&
		rules.v[POLICY_ENCRYPT] != ENCRYPT_REQUIRE) {
		rules.v[POLICY_ENCRYPT] = ENCRYPT_REQUIRE;
		rules.by[POLICY_ENCRYPT] = policy_of_reply;
		r->by_reply = true;
	}
	if (one)
		r->by_message = r->by_reply ? one->demand.replies == REPLIES_REQUIRE
					    : one->demand.encrypt == ENCRYPT_REQUIRE;
	v = judge_recipient(r, &rules);
	w->sealed += v.lane == LANE_SEAL;
	w->along += v.lane == LANE_SEAL && r->own && v.may_clear;
	w->all_may_clear = w->all_may_clear && v.may_clear;
	if (v.lane == LANE_STUCK && (!w->gravest || gravity(v.code) > gravity(w->code))) {
		w->gravest = r;
		w->code = v.code;
	}
	if (rules.public && !out->public)
		out->public = r;
	mixed = policy_stricter(POLICY_MIXED, (int)w->mixed, rules.v[POLICY_MIXED]);
	if (mixed != (int)w->mixed) {
		w->mixed = (enum conf_mixed)mixed;
		w->mixed_by = rules.by[POLICY_MIXED];
	}
	out->header = (enum conf_header)policy_stricter(
		POLICY_HEADER_PROTECTION, (int)out->header, rules.v[POLICY_HEADER_PROTECTION]);
	out->autocrypt = (enum conf_autocrypt)policy_stricter(
		POLICY_AUTOCRYPT, (int)out->autocrypt, rules.v[POLICY_AUTOCRYPT]);
	out->sign =
		(enum conf_sign)policy_stricter(POLICY_SIGN, (int)out->sign, rules.v[POLICY_SIGN]);
}

void policy_decide(const struct conf *c, const struct mail_rules *one, struct policy_rcpt *rcpt,
	size_t n, bool already, struct policy_out *out)
{
	struct whole w = {.all_may_clear = true};
	size_t i;

	memset(out, 0, sizeof(*out));
	out->action = ACTION_REFUSE;
	out->code = ERR_POLICY;
	for (i = 0; i < n; i++) {
		rcpt[i].by_reply = rcpt[i].by_message = false;
		rcpt[i].in_the_way = rcpt[i].allowable = rcpt[i].seal = rcpt[i].clear = false;
		rcpt[i].decided = POLICY_ENCRYPT;
		rcpt[i].code = ERR_NONE;
		rcpt[i].why[0] = '\0';
		if (!already)
			take_in(c, one, &rcpt[i], &w, out);
	}
	if (n == 0)
		return;
	out->code = ERR_NONE;
	out->mixed = w.mixed;
	out->mixed_by = w.mixed_by;
	if (already)
		out->action = ACTION_CLEAR;
	else if (out->public)
		settle_public(rcpt, n, &w, out);
	else if (w.gravest)
		refuse_stuck(w.gravest, w.code, out);
	else
		settle_mixture(rcpt, n, &w, out);
}
