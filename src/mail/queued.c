/* SPDX-License-Identifier: ISC */
#include "mail/queued.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

/* In no base64, and in no line of ours: those begin with a blank. */
#define BOUNDARY "=_sealpost-queue"
#define HOW_TYPE "application/x-sealpost-queue"
#define FIRST_LINE "sealpost queue 1\n"

/* The rules that a command line can go over, and where each stands. */
static const struct {
	const char *name;
	size_t offset;
} kept_rules[] = {
#define RULE(name, field)                                                                          \
	{                                                                                          \
		name, offsetof(struct conf_policy, field)                                          \
	}
	RULE("encrypt", encrypt),
	RULE("mixed", mixed),
	RULE("absence", absence),
	RULE("on-unknown", on_unknown),
	RULE("on-change", on_change),
	RULE("sign", sign),
	RULE("tls", tls),
	RULE("header-protection", header_protection),
	RULE("autocrypt", autocrypt),
	RULE("replies", replies),
#undef RULE
};

/* "KEY VALUE", one a line. */
static int write_how(struct buf *out, const struct queued *q)
{
	const struct send_args *a = &q->args;
	const char *word;
	size_t i;
	int value, rc = buf_adds(out, FIRST_LINE);

	if (rc == 0 && a->have_sender)
		rc = buf_addf(out, "sender %s\n", a->sender[0] != '\0' ? a->sender : "<>");
	if (rc == 0 && a->fullname[0] != '\0')
		rc = buf_addf(out, "fullname %s\n", a->fullname);
	if (rc == 0 && a->dsn.notify != 0)
		rc = buf_addf(out, "notify %u\n", a->dsn.notify);
	if (rc == 0 && a->dsn.ret != 0)
		rc = buf_addf(out, "ret %u\n", a->dsn.ret);
	if (rc == 0 && a->dsn.envid[0] != '\0')
		rc = buf_addf(out, "envid %s\n", a->dsn.envid);
	for (i = 0; rc == 0 && i < sizeof(kept_rules) / sizeof(kept_rules[0]); i++) {
		memcpy(&value, (const char *)&a->once + kept_rules[i].offset, sizeof(value));
		word = value != 0 ? conf_rule_word(kept_rules[i].name, value) : NULL;
		if (word)
			rc = buf_addf(out, "rule %s=%s\n", kept_rules[i].name, word);
	}
	for (i = 0; rc == 0 && i < q->n_rcpt; i++)
		rc = buf_addf(
			out, "%s %s\n", q->rcpt[i].seal ? "sealed" : "to", q->rcpt[i].addr.text);
	return rc;
}

static int write_how_base64(struct buf *out, const uint8_t *p, size_t n)
{
	char line[QUEUED_LINE / 3 * 4];
	size_t take;
	int rc = 0;

	for (; n > 0 && rc == 0; n -= take, p += take) {
		take = n < QUEUED_LINE ? n : QUEUED_LINE;
		rc = buf_add(out, line, base64_line(line, p, take));
		if (rc == 0)
			rc = buf_addc(out, '\n');
	}
	explicit_bzero(line, sizeof(line));
	return rc;
}

int queued_write_end(struct buf *out)
{
	return buf_adds(out, "--" BOUNDARY "--\n");
}

/* A recipient and why it waits, as a line for people: in ASCII, and no line of ours. */
static int write_line_for_people(struct buf *out, const struct queued_rcpt *r)
{
	struct buf safe = BUF_INIT(4 * (ADDR_TEXT_MAX + ERR_MSG_MAX));
	int rc = text_safe(&safe, r->addr.text, strlen(r->addr.text));
	size_t i;

	if (rc == 0 && r->why[0] != '\0')
		rc = buf_adds(&safe, ": ");
	if (rc == 0)
		rc = text_safe(&safe, r->why, strlen(r->why));
	for (i = 0; i < safe.len; i++) {
		if (safe.p[i] >= 0x80)
			safe.p[i] = '?';
	}
	if (rc == 0)
		rc = buf_addf(out, "  %.900s\n", buf_str(&safe));
	buf_free(&safe);
	return rc;
}

int queued_write(struct buf *out, const struct queued_frame *f, const struct queued *q)
{
	struct buf how = BUF_INIT_SECRET(QUEUED_HOW_MAX);
	size_t i;
	int rc = write_how(&how, q);

	if (rc == 0)
		rc = buf_addf(out,
			"From: %s\nTo: %s\nSubject: sealpost: a mail of yours was not sent\n"
			"Date: %s\nMessage-ID: %s\nMIME-Version: 1.0\n"
			"Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\n\n"
			"--" BOUNDARY "\nContent-Type: text/plain; charset=us-ascii\n\n%s",
			f->to, f->to, f->date, f->message_id, f->intro);
	for (i = 0; rc == 0 && i < q->n_rcpt; i++)
		rc = write_line_for_people(out, &q->rcpt[i]);
	if (rc == 0)
		rc = buf_adds(out,
			"\n--" BOUNDARY "\nContent-Type: " HOW_TYPE "; name=\"envelope\"\n"
			"Content-Transfer-Encoding: base64\n\n");
	if (rc == 0)
		rc = write_how_base64(out, how.p, how.len);
	if (rc == 0)
		rc = buf_adds(out, "\n--" BOUNDARY "\n"
				   "Content-Type: application/octet-stream; name=\"mail.eml\"\n"
				   "Content-Disposition: attachment; filename=\"mail.eml\"\n"
				   "Content-Transfer-Encoding: base64\n\n");
	buf_free(&how);
	return rc;
}

static int not_queued(const char *what, struct err *err)
{
	return err_set(err, ERR_DATA, "the queued file was not written by sealpost: %s", what);
}

static int take_rcpt(struct queued *q, const char *text, bool seal, struct err *err)
{
	struct queued_rcpt *grown = reallocarray(q->rcpt, q->n_rcpt + 1, sizeof(*grown));

	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	q->rcpt = grown;
	q->rcpt[q->n_rcpt] = (struct queued_rcpt){.seal = seal};
	if (addr_parse(text, &q->rcpt[q->n_rcpt].addr, NULL) < 0 ||
		!handoff_rcpt_ok(&q->rcpt[q->n_rcpt].addr))
		return not_queued("a recipient", err);
	q->n_rcpt++;
	return 0;
}

static int take_kept_sender(struct send_args *a, const char *text, struct err *err)
{
	struct addr addr;

	a->have_sender = true;
	if (strcmp(text, "<>") == 0)
		return 0;
	if (addr_parse(text, &addr, NULL) < 0)
		return not_queued("the sender", err);
	memcpy(a->sender, addr.text, strlen(addr.text) + 1);
	return 0;
}

static int take_kept_rule(struct send_args *a, char *text, struct err *err)
{
	char *word = strchr(text, '=');

	if (!word)
		return not_queued("a rule", err);
	*word++ = '\0';
	return conf_rule_set(&a->once, text, word, NULL) < 0 ? not_queued("a rule", err) : 0;
}

static int take_number(uint8_t *to, const char *text, unsigned max, struct err *err)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (text[0] < '1' || text[0] > '9' || *end != '\0' || v > max)
		return not_queued("a number", err);
	*to = (uint8_t)v;
	return 0;
}

static int take_text(char *to, size_t cap, const char *text, bool ok, struct err *err)
{
	const char *p;

	for (p = text; *p && (unsigned char)*p >= 0x20 && *p != 0x7f; p++)
		;
	if (!ok || *p || *text == '-' || strlen(text) >= cap)
		return not_queued("a text", err);
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int take_how_line(struct queued *q, char *line, struct err *err)
{
	struct send_args *a = &q->args;
	char *value = strchr(line, ' ');

	if (!value)
		return not_queued("a line", err);
	*value++ = '\0';
	if (strcmp(line, "to") == 0 || strcmp(line, "sealed") == 0)
		return take_rcpt(q, value, line[0] == 's', err);
	if (strcmp(line, "sender") == 0)
		return take_kept_sender(a, value, err);
	if (strcmp(line, "fullname") == 0)
		return take_text(a->fullname, sizeof(a->fullname), value, true, err);
	if (strcmp(line, "notify") == 0)
		return take_number(&a->dsn.notify, value, 15, err);
	if (strcmp(line, "ret") == 0)
		return take_number(&a->dsn.ret, value, 2, err);
	if (strcmp(line, "envid") == 0)
		return take_text(
			a->dsn.envid, sizeof(a->dsn.envid), value, handoff_envid_ok(value), err);
	if (strcmp(line, "rule") == 0)
		return take_kept_rule(a, value, err);
	return not_queued("an unknown line", err);
}

/* All lines: one that is not known may say something that matters. */
static int read_how(struct queued *q, struct buf *how, struct err *err)
{
	char *line, *next;
	int rc = 0;

	if (how->len < strlen(FIRST_LINE) || memchr(how->p, '\0', how->len) ||
		memcmp(how->p, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return not_queued("its version", err);
	for (line = (char *)how->p + strlen(FIRST_LINE); rc == 0 && *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			return not_queued("a line does not end", err);
		*next++ = '\0';
		rc = take_how_line(q, line, err);
	}
	if (rc == 0 && q->n_rcpt == 0)
		rc = not_queued("there is no recipient", err);
	return rc;
}

/* A delimiter ends a part: the first is text for people, then come how it is to be sent, and the
 * original. */
static int end_kept_part(struct queued_reader *r, struct err *err)
{
	unsigned part = r->delimiters++;
	int rc = 0;

	if ((part == 2 || part == 3) && !r->body)
		rc = not_queued("a part has no header", err);
	else if ((part == 2 || part == 3) && !base64_whole(&r->base64))
		rc = not_queued("a part is damaged", err);
	else if (part == 2)
		rc = read_how(r->q, &r->how, err);
	else if (part == 3 && r->original->len == 0)
		rc = not_queued("the mail is empty", err);
	r->body = false;
	r->base64 = (struct base64_reader){0};
	return rc;
}

/* A line without its end. */
static int take_kept_line(struct queued_reader *r, const uint8_t *p, size_t n, struct err *err)
{
	static const char mark[] = "--" BOUNDARY;
	struct buf *out = r->delimiters == 2 ? &r->how : r->original;

	if (n >= sizeof(mark) - 1 && memcmp(p, mark, sizeof(mark) - 1) == 0)
		return end_kept_part(r, err);
	if (r->delimiters != 2 && r->delimiters != 3)
		return 0;
	if (!r->body) {
		r->body = n == 0;
		return 0;
	}
	if (buf_reserve(out, n) < 0)
		return err_set(err, ERR_OS, "out of memory");
	out->len += base64_read(&r->base64, p, n, out->p + out->len);
	out->p[out->len] = '\0';
	return 0;
}

/* The line that r->line holds, its CR or none at the end. */
static int end_kept_line(struct queued_reader *r, struct err *err)
{
	size_t n = r->line.len;
	int rc;

	if (n > 0 && r->line.p[n - 1] == '\r')
		n--;
	rc = take_kept_line(r, r->line.p, n, err);
	buf_reset(&r->line);
	return rc;
}

int queued_reader_add(struct queued_reader *r, const void *data, size_t n, struct err *err)
{
	const uint8_t *p = data, *lf;
	size_t len;
	int rc = 0;

	for (; n > 0 && rc == 0; n -= len, p += len) {
		lf = memchr(p, '\n', n);
		len = lf ? (size_t)(lf - p) + 1 : n;
		if (buf_add(&r->line, p, len - (lf != NULL)) < 0)
			rc = err_too_large(err, ERR_DATA,
				"the queued file was not written by sealpost: a line is too long");
		if (rc == 0 && lf)
			rc = end_kept_line(r, err);
	}
	return rc;
}

int queued_reader_end(const struct queued_reader *r, struct err *err)
{
	if (r->delimiters < 2)
		return not_queued("it has no parts", err);
	return r->delimiters < 4 ? not_queued("a part does not end", err) : 0;
}

void queued_reader_free(struct queued_reader *r)
{
	buf_free(&r->how);
	buf_free(&r->line);
}

void queued_free(struct queued *q)
{
	free(q->rcpt);
	q->rcpt = NULL;
	q->n_rcpt = 0;
}
