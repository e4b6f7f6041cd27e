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
#define HOW_MAX (8u << 20) /* bytes of how it is to be sent */

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

int queued_write_original(struct buf *out, const uint8_t *p, size_t n)
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
	struct buf how = BUF_INIT_SECRET(HOW_MAX);
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
		rc = queued_write_original(out, how.p, how.len);
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
	return err_set(err, ERR_DATA, "what is in the queue is not a mail of sealpost's: %s", what);
}

/* Where the next delimiter line ends, from *at on; -1: there is none. start: where it begins. */
static int next_delimiter(const struct buf *b, size_t *at, size_t *start)
{
	static const char mark[] = "--" BOUNDARY;
	const uint8_t *p, *lf;

	for (; *at < b->len; (*at)++) {
		p = memmem(b->p + *at, b->len - *at, mark, sizeof(mark) - 1);
		if (!p)
			return -1;
		*at = (size_t)(p - b->p);
		if (*at > 0 && p[-1] != '\n')
			continue;
		lf = memchr(p, '\n', b->len - *at);
		*start = *at;
		*at = lf ? (size_t)(lf - b->p) + 1 : b->len;
		return 0;
	}
	return -1;
}

/* The body of the part from *at to the next delimiter, decoded into out; *at is then behind that.
 */
static int read_kept_part(const struct buf *b, size_t *at, struct buf *out, struct err *err)
{
	struct base64_reader r = {0};
	size_t head = *at, end;
	const uint8_t *blank;

	if (next_delimiter(b, at, &end) < 0)
		return not_queued("a part does not end", err);
	blank = memmem(b->p + head, end - head, "\r\n\r\n", 4);
	if (!blank)
		return not_queued("a part has no header", err);
	head = (size_t)(blank - b->p) + 4;
	if (buf_reserve(out, end - head) < 0)
		return err_set(err, ERR_OS, "out of memory");
	out->len += base64_read(&r, b->p + head, end - head, out->p + out->len);
	out->p[out->len] = '\0';
	return base64_whole(&r) ? 0 : not_queued("a part is damaged", err);
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

int queued_read(const struct buf *plain, struct queued *q, struct buf *original, struct err *err)
{
	struct buf how = BUF_INIT_SECRET(HOW_MAX);
	size_t at = 0, start;
	int rc = 0;

	memset(q, 0, sizeof(*q));
	if (next_delimiter(plain, &at, &start) < 0 || next_delimiter(plain, &at, &start) < 0)
		rc = not_queued("it has no parts", err);
	if (rc == 0)
		rc = read_kept_part(plain, &at, &how, err);
	if (rc == 0)
		rc = read_how(q, &how, err);
	if (rc == 0)
		rc = read_kept_part(plain, &at, original, err);
	if (rc == 0 && original->len == 0)
		rc = not_queued("the mail is empty", err);
	buf_free(&how);
	if (rc < 0) {
		queued_free(q);
		buf_free(original);
	}
	return rc;
}

void queued_free(struct queued *q)
{
	free(q->rcpt);
	q->rcpt = NULL;
	q->n_rcpt = 0;
}
