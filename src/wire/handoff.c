/* SPDX-License-Identifier: ISC */
#include "wire/handoff.h"

#include <stdlib.h>
#include <string.h>

void handoff_write(struct wr *w, const struct handoff *h)
{
	size_t i;

	wr_str(w, h->identity);
	wr_str(w, h->sender);
	wr_str(w, h->fullname);
	wr_u8(w, h->dsn.notify);
	wr_u8(w, h->dsn.ret);
	wr_str(w, h->dsn.envid);
	wr_u32(w, (uint32_t)h->n_rcpt);
	for (i = 0; i < h->n_rcpt; i++)
		wr_str(w, h->rcpt[i].text);
	wr_u8(w, h->requiretls);
	wr_u8(w, h->smtputf8);
}

/* Whether s is safe as a single program argument: it cannot start a log line or a header field.
 */
static bool is_argument_text(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

bool handoff_envid_ok(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f)
			return false;
	}
	return true;
}

bool handoff_rcpt_ok(const struct addr *a)
{
	if (addr_discoverable(a))
		return true;
	/* user%host and host!user: Postfix and others send that on, by default, to the host. */
	return !strpbrk(a->text, "%!") && (a->domain[0] != '\0' || !strchr("|/:\\\"", a->text[0]));
}

static void dsn_read(struct rd *r, struct handoff_dsn *d)
{
	d->notify = rd_u8(r);
	d->ret = rd_u8(r);
	rd_str(r, d->envid, sizeof(d->envid));
	if (d->notify > 15 || ((d->notify & HANDOFF_NOTIFY_NEVER) != 0 && d->notify != 1) ||
		d->ret > HANDOFF_RET_FULL || !handoff_envid_ok(d->envid))
		r->bad = true;
}

static int sender_check(struct handoff *h, struct err *err)
{
	struct addr a;

	if (h->sender[0] == '\0' || strcmp(h->sender, "<>") == 0)
		return 0;
	if (addr_parse(h->sender, &a, err) < 0)
		return ERR_USAGE;
	memcpy(h->sender, a.text, sizeof(h->sender));
	return 0;
}

static int rcpt_read(struct rd *r, struct handoff *h, struct err *err)
{
	char text[ADDR_TEXT_MAX + 1];
	size_t n = rd_u32(r);
	int rc = 0;

	/* Each takes at least five bytes, and two bytes follow: allocates nothing for recipients
	 * that cannot be there. */
	if (n == 0 || n > HANDOFF_RECIPIENTS_MAX || 5 * n + 2 > r->left) {
		r->bad = true;
		return 0;
	}
	h->rcpt = calloc(n, sizeof(*h->rcpt));
	if (!h->rcpt)
		return err_set(err, ERR_OS, "out of memory");
	while (rc == 0 && !r->bad && h->n_rcpt < n) {
		rd_str(r, text, sizeof(text));
		if (r->bad)
			break;
		rc = addr_parse(text, &h->rcpt[h->n_rcpt], err);
		if (rc == 0 && !handoff_rcpt_ok(&h->rcpt[h->n_rcpt]))
			rc = err_set(err, ERR_USAGE,
				"a recipient names a program, a file or another host");
		h->n_rcpt++;
	}
	return rc;
}

int handoff_read(struct rd *r, struct handoff *h, struct err *err)
{
	uint8_t requiretls, smtputf8;
	int rc;

	memset(h, 0, sizeof(*h));
	rd_str(r, h->identity, sizeof(h->identity));
	rd_str(r, h->sender, sizeof(h->sender));
	rd_str(r, h->fullname, sizeof(h->fullname));
	dsn_read(r, &h->dsn);
	rc = rcpt_read(r, h, err);
	requiretls = rd_u8(r);
	smtputf8 = rd_u8(r);
	h->requiretls = requiretls == 1;
	h->smtputf8 = smtputf8 == 1;
	if (rc == 0 && (requiretls > 1 || smtputf8 > 1))
		rc = err_set(err, ERR_INTERNAL, "hand-off: a flag is neither yes nor no");
	if (rc == 0)
		rc = rd_end(r, "hand-off", err);
	if (rc == 0 && (!is_argument_text(h->fullname) || h->fullname[0] == '-'))
		rc = err_set(err, ERR_USAGE, "the full name is not one that can be passed on");
	if (rc == 0)
		rc = sender_check(h, err);
	if (rc < 0)
		handoff_free(h);
	return rc;
}

void handoff_free(struct handoff *h)
{
	free(h->rcpt);
	h->rcpt = NULL;
	h->n_rcpt = 0;
}

void handoff_result_write(struct wr *w, const struct handoff_result *x)
{
	wr_u32(w, (uint32_t)x->exit);
	wr_u32(w, (uint32_t)x->signal);
	wr_u8(w, x->timed_out);
	wr_u8(w, x->dsn_dropped);
	wr_str(w, x->errout);
	wr_str(w, x->mta);
}

int handoff_result_read(struct rd *r, struct handoff_result *x, struct err *err)
{
	const uint8_t *words;
	uint8_t timed_out, dropped;
	size_t len = 0;

	memset(x, 0, sizeof(*x));
	x->exit = (int32_t)rd_u32(r);
	x->signal = (int32_t)rd_u32(r);
	timed_out = rd_u8(r);
	x->timed_out = timed_out != 0;
	dropped = rd_u8(r);
	x->dsn_dropped = dropped != 0;
	words = rd_bytes(r, HANDOFF_STDERR_MAX, &len);
	if (words && memchr(words, '\0', len))
		r->bad = true;
	/* Without memory for its words it is known all the same how the MTA ended. */
	x->errout = words ? strndup((const char *)words, len) : NULL;
	rd_str(r, x->mta, sizeof(x->mta));
	/* Exit status 0 means that the mail was accepted, which cannot be true together with a
	 * signal. */
	if (timed_out > 1 || dropped > 1 || x->exit < -1 || x->exit > 255 || x->signal < 0 ||
		(x->exit >= 0) != (x->signal == 0))
		r->bad = true;
	if (rd_end(r, "result of the hand-off", err) < 0) {
		handoff_result_free(x);
		return ERR_INTERNAL;
	}
	return 0;
}

void handoff_result_free(struct handoff_result *x)
{
	free(x->errout);
	x->errout = NULL;
}
