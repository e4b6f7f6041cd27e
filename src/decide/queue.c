/* SPDX-License-Identifier: ISC */
#include "decide/queue.h"

bool queue_keeps_refused(enum conf_queue rule, const struct policy_out *out,
	const struct policy_rcpt *rcpt, const struct gate_rcpt *gate, size_t n)
{
	bool refused = out->action == ACTION_REFUSE;
	size_t i, keys = 0, ways = 0;

	if (rule == QUEUE_NO || rule == QUEUE_UNSET || (refused && out->code != ERR_TEMP))
		return false;
	for (i = 0; i < n; i++) {
		if (rcpt[i].in_the_way && rcpt[i].key != KEY_UNKNOWN)
			return false;
		if (gate && gate[i].code != ERR_NONE && gate[i].code != ERR_TEMP)
			return false;
		keys += rcpt[i].in_the_way;
		ways += gate && gate[i].code == ERR_TEMP;
	}
	return refused ? keys > 0 : ways > 0;
}

bool queue_keeps_unsent(enum conf_queue rule, const struct queue_unsent *u)
{
	static const int later[] = {68, 71, 74, 75};
	size_t i;

	if (rule != QUEUE_ALL || u->in_doubt || u->clear || u->status == 0)
		return false;
	if (!u->started) /* what is wrong with the mail or the command line stays wrong */
		return u->status != err_exit(ERR_USAGE) && u->status != err_exit(ERR_DATA) &&
		       u->status != err_exit(ERR_POLICY) && u->status != err_exit(ERR_INTERNAL);
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (u->status == later[i])
			return true;
	}
	return false;
}

bool queue_demands_seal(const struct policy_rcpt *r, const struct policy_rules *rules)
{
	if (r->clear)
		return false;
	return r->pinned || !r->domain_unserved || r->by_reply || r->key == KEY_CONFLICT ||
	       rules->v[POLICY_ENCRYPT] == ENCRYPT_REQUIRE;
}

bool queue_forbids(const struct policy_out *out, const struct policy_rcpt *r, bool demanded)
{
	return demanded && out->action != ACTION_REFUSE && !policy_seals(out, r) && !r->allow_clear;
}

enum queue_step queue_next(bool refused, int64_t since, int64_t now)
{
	if (!refused)
		return QUEUE_SEND;
	return now >= since && now - since >= (int64_t)QUEUE_DAYS * 86400 ? QUEUE_RETURN
									  : QUEUE_WAIT;
}
