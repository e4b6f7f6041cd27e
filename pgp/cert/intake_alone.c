/* SPDX-License-Identifier: ISC */
/*
 * Intake of certificates that cannot be processed in a batch (see plain.c): each set is imported
 * into a gpg home of its own and judged there.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pgp/cert/ahead.h"
#include "pgp/cert/intake_priv.h"
#include "pgp/cert/judge.h"
#include "pgp/cert/plain.h"
#include "pgp/cert/split.h"

/* Remaining milliseconds for gpg; at least one, so that gpg is run and reported as too late. */
static int time_left(const struct work *w)
{
	int64_t left = w->until - clock_ms();

	return left > 0 ? (int)left : 1;
}

/* Copy i of all, the last of which is the pinned one; NULL: it is of another key, or nothing is
 * asked about it. */
static const struct filter_cert *nth_copy(
	const struct work *w, const struct filter_cert *f, size_t i)
{
	const struct filter_cert *c = i < w->body.n ? &w->body.v[i] : intake_pinned(w);

	if (i < w->body.n && !w->ask[i])
		return NULL;
	return c && c->data && strcmp(c->fpr, f->fpr) == 0 ? c : NULL;
}

/* Adds f with the User IDs of each copy in turn, with or without its subkeys. Returns the number of
 * blocks, or -1. */
static int add_blocks(
	const struct work *w, const struct filter_cert *f, bool subkeys, struct buf *out)
{
	int n = 0, bad = 0;
	size_t i;

	for (i = 0; i <= w->body.n; i++) {
		const struct filter_cert *c = nth_copy(w, f, i);

		if (!c || c->sub_at == c->uid_at)
			continue;
		n++;
		bad |= buf_add(out, f->data, f->uid_at) |
		       buf_add(out, c->data + c->uid_at, c->sub_at - c->uid_at);
		if (subkeys)
			bad |= buf_add(out, f->data + f->sub_at, f->stray_at - f->sub_at);
	}
	return bad ? -1 : n;
}

/* Adds the parts of all copies, and behind them what stood elsewhere in any of them: a stray that
 * gpg imports without what it is for keeps it from taking it later. Returns the number of blocks,
 * none if there are no strays, or -1. */
static int add_strays(const struct work *w, const struct filter_cert *f, struct buf *out)
{
	struct buf all = BUF_INIT(4 * FILTER_OCTETS_MAX), more = BUF_INIT(4 * FILTER_OCTETS_MAX),
		   strays = BUF_INIT(4 * FILTER_OCTETS_MAX), was;
	int n = 0, bad = buf_add(&all, f->data, f->stray_at);
	size_t i;

	for (i = 0; !bad && i <= w->body.n; i++) {
		const struct filter_cert *c = nth_copy(w, f, i);

		if (!c)
			continue;
		buf_reset(&more);
		bad = split_merge(all.p, all.len, c->data, c->stray_at, &more, NULL) |
		      buf_add(&strays, c->data + c->stray_at, c->len - c->stray_at);
		was = all;
		all = more;
		more = was;
	}
	if (!bad && strays.len > 0 && ++n)
		bad = buf_add(out, all.p, all.len) | buf_add(out, strays.p, strays.len);
	buf_free(&all);
	buf_free(&more);
	buf_free(&strays);
	return bad ? -1 : n;
}

/*
 * gpg ignores a copy without a valid User ID, so a revocation in it would be lost: each copy is
 * passed with its own User IDs, and with those of every other copy, the pinned one included. They
 * are merged for the strays only, behind the first: what gpg cannot read takes all of a block with
 * it, and of two revocations with the same numbers gpg drops one, perhaps the valid one, unless it
 * has imported that before. apart: first without subkeys, which may be what gpg cannot read.
 * Returns the number of blocks, or -1.
 */
static int add_cert(const struct work *w, const struct filter_cert *f, bool apart, struct buf *out)
{
	int head = apart ? add_blocks(w, f, false, out) : 0;
	int all = add_blocks(w, f, true, out), strays;
	size_t i = 0;

	while (!nth_copy(w, f, i))
		i++;
	strays = nth_copy(w, f, i) == f ? add_strays(w, f, out) : 0;
	return head < 0 || all < 0 || strays < 0 ? -1 : head + all + strays;
}

/* IMPORT_RES is gpg's last status line: without it the import is incomplete. */
static gpgme_error_t on_status(void *hook, const char *keyword, const char *args)
{
	struct work *w = hook;

	(void)args;
	if (keyword && strcmp(keyword, "IMPORT_RES") == 0)
		w->import_told = true;
	return 0;
}

/* A key that gpg imported must be listed afterwards, or gpg failed. */
static void note_imported(struct work *w, gpgme_import_status_t s)
{
	size_t i;

	for (; s; s = s->next) {
		for (i = 0; i < w->body.n && s->fpr && !s->result; i++)
			w->took[i] |= strcmp(w->body.v[i].fpr, s->fpr) == 0;
	}
}

/* Imports the contents of b; *considered: the number of keys that gpg considered. */
static int import_octets(struct work *w, const struct buf *b, size_t *considered, struct err *err)
{
	gpgme_data_t data = NULL;
	gpgme_import_result_t result;
	gpgme_error_t e, ended = 0;
	int rc;

	e = gpgme_data_new_from_mem(&data, (const char *)b->p, b->len, 0);
	if (e)
		return gpg_err(err, ERR_OS, "no memory", e);
	w->import_told = false;
	e = gpgme_op_import_start(w->ctx, data);
	rc = e ? gpg_err(err, ERR_TEMP, "importing", e)
	       : gpg_wait(w->ctx, time_left(w), &ended, err);
	gpgme_data_release(data);
	if (rc < 0)
		return rc;
	/* The error itself is ignored: gpg also reports one for keys that it rejects. */
	if (!w->import_told)
		return ended ? gpg_err(err, ERR_TEMP, "importing", ended)
			     : err_set(err, ERR_TEMP,
				       "gpg ended before it had read the certificates");
	result = gpgme_op_import_result(w->ctx);
	*considered = result && result->considered > 0 ? (size_t)result->considered : 0;
	if (result)
		note_imported(w, result->imports);
	return 0;
}

/*
 * Imports all in one run. gpg stops at a packet that it cannot parse, which would hide the
 * certificates after it: if it considered fewer than there are, each is imported alone, and a copy
 * of which it does not read all is a damaged one.
 */
static int import_all(struct work *w, struct err *err)
{
	struct buf b = BUF_INIT(4 * FILTER_OCTETS_MAX);
	const struct filter_cert *pin = intake_pinned(w);
	size_t i, n = 0, considered = 0;
	int rc, blocks, bad = 0;

	if (pin && ++n)
		bad |= buf_add(&b, pin->data, pin->len);
	for (i = 0; !bad && i < w->body.n; i++) {
		blocks = w->ask[i] ? add_cert(w, &w->body.v[i], false, &b) : 0;
		bad |= blocks < 0;
		n += blocks > 0 ? (size_t)blocks : 0;
	}
	rc = bad ? err_set(err, ERR_OS, "no memory for certificates")
		 : import_octets(w, &b, &considered, err);
	for (i = 0; rc == 0 && considered < n && i < w->body.n; i++) {
		size_t read = 0;

		buf_reset(&b);
		blocks = w->ask[i] ? add_cert(w, &w->body.v[i], true, &b) : 0;
		if (blocks < 0)
			rc = err_set(err, ERR_OS, "no memory for certificates");
		else if (blocks > 0)
			rc = import_octets(w, &b, &read, err);
		w->body.v[i].damaged |= blocks > 0 && read < (size_t)blocks;
	}
	buf_free(&b);
	return rc;
}

/* A damaged or too large copy, or one without a User ID, invalidates gpg's result for all
 * copies. */
static void judge_copies(const struct work *w, struct cert *c)
{
	bool damaged = false, no_uid = true;
	const char *excess = NULL;
	size_t i;

	for (i = 0; i < w->body.n; i++) {
		if (strcmp(w->body.v[i].fpr, c->fpr) != 0)
			continue;
		damaged |= w->body.v[i].damaged;
		no_uid &= w->body.v[i].no_uid;
		if (w->body.v[i].excess)
			excess = w->body.v[i].excess;
	}
	if (c->use == CERT_REVOKED)
		return;
	if (excess) {
		c->use = CERT_UNSUPPORTED;
		snprintf(c->why, sizeof(c->why), "%s", excess);
	} else if (damaged) {
		c->use = CERT_UNSUPPORTED;
		snprintf(c->why, sizeof(c->why), "it is damaged or cut short");
	} else if (no_uid) {
		c->use = CERT_WRONG_UID;
		snprintf(c->why, sizeof(c->why),
			"it is published without a User ID for the address");
	}
}

static int judge_all(struct work *w, struct cert_set *set, struct err *err)
{
	const struct intake *in = w->in;
	gpgme_key_t key;
	struct cert *c;
	size_t i;

	for (i = 0; i < w->body.n; i++) {
		if (!w->ask[i])
			continue;
		c = intake_entry(set, &w->body.v[i]);
		key = judge_find(&w->keys, c->fpr);
		if (key && key->subkeys) {
			judge_key(key, in->addr, in->wildcard_uid, true, c);
			c->certified_by_pin =
				intake_pinned(w) && judge_certified(&w->keys, key, in->pinned_fpr,
							    in->addr, in->wildcard_uid);
		} else if (w->took[i]) {
			return err_set(err, ERR_TEMP, "gpg does not list the certificate it took");
		} else {
			c->use = CERT_UNSUPPORTED;
			snprintf(c->why, sizeof(c->why), "%s",
				c->created > (int64_t)time(NULL)
					? "it says that it was made in the future"
					: "gpg rejects it: algorithm or signatures not valid");
		}
		judge_copies(w, c);
	}
	return 0;
}

/* Assigns each certificate its bytes from gpg's export. */
static int take_data(
	struct work *w, struct cert_set *set, const char *p, size_t len, struct err *err)
{
	struct filter f = {.addr = w->in->addr,
		.wildcard_uid = w->in->wildcard_uid,
		.in_order = true,
		.now = (int64_t)time(NULL)};
	struct filter_set out;
	size_t i, k;
	int rc = filter_certs(&f, (const uint8_t *)p, len, &out, err);

	if (rc < 0)
		return rc;
	for (i = 0; i < set->n; i++) {
		for (k = 0; k < out.n && !set->v[i].data; k++) {
			if (out.v[k].no_uid || out.v[k].damaged ||
				strcmp(out.v[k].fpr, set->v[i].fpr) != 0)
				continue;
			set->v[i].data = out.v[k].data;
			set->v[i].len = out.v[k].len;
			out.v[k].data = NULL;
		}
		if (set->v[i].use == CERT_USABLE && !set->v[i].data)
			rc = err_set(err, ERR_TEMP, "gpg did not return %s", set->v[i].fpr);
	}
	filter_set_free(&out);
	return rc;
}

/* Exports the keys of the set in minimal form: gpg drops superseded signatures. */
static int export_all(struct work *w, struct cert_set *set, struct err *err)
{
	gpgme_key_t pick[FILTER_CERTS_MAX + 1] = {NULL};
	gpgme_error_t e, ended = 0;
	gpgme_data_t data = NULL;
	size_t i, n = 0, len = 0;
	char *p = NULL;
	int rc;

	for (i = 0; i < set->n; i++) {
		pick[n] = judge_find(&w->keys, set->v[i].fpr);
		n += pick[n] != NULL;
	}
	if (n == 0)
		return 0;
	e = gpgme_data_new(&data);
	if (!e)
		e = gpgme_op_export_keys_start(w->ctx, pick, GPGME_EXPORT_MODE_MINIMAL, data);
	rc = e ? gpg_err(err, ERR_TEMP, "exporting", e)
	       : gpg_wait(w->ctx, time_left(w), &ended, err);
	if (rc == 0 && ended)
		rc = gpg_err(err, ERR_TEMP, "exporting", ended);
	if (data)
		p = gpgme_data_release_and_get_mem(data, &len);
	if (rc == 0)
		rc = take_data(w, set, p, p ? len : 0, err);
	gpgme_free(p);
	return rc;
}

/* Keeps signatures dated in the future with the certificate, also those of the pinned copy. */
static int keep_all_ahead(const struct work *w, struct cert_set *set, struct err *err)
{
	const struct filter_cert *pin = intake_pinned(w), *f;
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < set->n; i++) {
		if (!set->v[i].data)
			continue;
		for (k = 0; rc == 0 && k <= w->body.n; k++) {
			f = k < w->body.n ? &w->body.v[k] : pin;
			if (f && f->ahead && strcmp(f->fpr, set->v[i].fpr) == 0)
				rc = ahead_keep(&set->v[i], f, time_left(w), err);
		}
	}
	return rc;
}

int intake_alone(struct work *w, struct cert_set *set, struct err *err)
{
	const gpgme_keylist_mode_t mode = GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_SIGS;
	int budget = w->in->budget_ms > 0 ? w->in->budget_ms : INTAKE_BUDGET_MS;
	int rc;

	/* Time spent in a batch counts as if it had been spent on this one. */
	w->until = clock_ms() + budget - (w->plain && budget > 2 * PLAIN_MS ? PLAIN_MS : 0);
	rc = gpg_home_make(
		&w->home, intake_pinned(w) ? NULL : "import-options self-sigs-only\n", err);
	if (rc == 0)
		rc = gpg_home_context(&w->home, &w->ctx, err);
	if (rc < 0)
		return rc;
	gpgme_set_status_cb(w->ctx, on_status, w);
	gpgme_set_ctx_flag(w->ctx, "full-status", "1");
	rc = import_all(w, err);
	if (rc == 0)
		rc = gpg_list(w->ctx, mode, NULL, time_left(w), &w->keys, err);
	if (rc < 0)
		return rc;
	rc = judge_all(w, set, err);
	if (rc == 0)
		rc = export_all(w, set, err);
	return rc < 0 ? rc : keep_all_ahead(w, set, err);
}
