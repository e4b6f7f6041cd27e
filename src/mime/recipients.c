/* SPDX-License-Identifier: ISC */
#include "mime/recipients.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "mime/address_list.h"

#define ENTRY_SHOWN_MAX 60 /* bytes of an unreadable entry */

/* The sentence about an entry that cannot be read; the entry cut and safe for a terminal. */
static int say_unreadable(const struct address_reader *r, struct err *err)
{
	struct buf shown = BUF_INIT(4 * ENTRY_SHOWN_MAX + 1);
	size_t len = r->len < ENTRY_SHOWN_MAX ? r->len : ENTRY_SHOWN_MAX;
	int rc;

	if (text_safe(&shown, r->entry, len) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	else
		rc = err_set(err, ERR_DATA, "%s%s: %.300s", buf_str(&shown),
			len < r->len ? "..." : "", r->err.msg);
	buf_free(&shown);
	return rc;
}

int addresses_read(
	const char *value, struct addr_list *l, const struct addr_list *but, struct err *err)
{
	struct address_reader r;
	enum address_event event;
	int rc = 0, wrong = 0;

	address_reader_init(&r, value);
	while (rc == 0 && (event = address_next(&r)) != ADDRESS_END) {
		if (event == ADDRESS_MAILBOX)
			rc = addr_list_holds(l, &r.addr) || addr_list_holds(but, &r.addr)
				     ? 0
				     : addr_list_add(l, &r.addr, err);
		else if (wrong == 0)
			wrong = say_unreadable(&r, err);
		if (wrong == ERR_OS)
			rc = wrong;
	}
	return rc < 0 ? rc : wrong;
}

int address_read_one(const char *text, struct addr *out, struct err *err)
{
	struct addr_list l = {NULL, 0};
	int rc = addresses_read(text, &l, NULL, err);

	if (rc == 0 && l.n != 1)
		rc = err_set(err, ERR_DATA,
			l.n == 0 ? "there is no address" : "there is more than one address");
	if (rc == 0)
		*out = l.v[0];
	addr_list_free(&l);
	return rc;
}

int address_argument(const char *s, struct addr *a, struct err *err)
{
	struct err why = ERR_INIT;

	if (addr_parse(s, a, &why) == 0)
		return 0;
	/* This is not a header field: no folds, so line ends must not be dropped from an address.
	 */
	if (!strpbrk(s, "\r\n") && address_read_one(s, a, NULL) == 0)
		return 0;
	*err = why;
	return ERR_USAGE;
}

int recipients_argument(const char *s, struct addr_list *l, struct err *err)
{
	struct addr a;
	int rc;

	if (address_argument(s, &a, err) == 0)
		return addr_list_add(l, &a, err);
	if (strpbrk(s, "\r\n") || !strpbrk(s, ",;"))
		return ERR_USAGE;
	rc = addresses_read(s, l, NULL, err);
	if (rc == 0 && l->n == 0)
		rc = err_set(err, ERR_DATA, "there is no address");
	if (rc == ERR_DATA) {
		rc = ERR_USAGE;
		if (err)
			err->code = rc;
	}
	return rc;
}

/* Passes on an error other than a malformed field. */
static int pass_on(const struct err *why, struct err *err)
{
	if (err)
		*err = *why;
	return why->code;
}

/* Adds one recipient field of m to its list. Invalid entries are recorded and are not an error. */
static int read_field(struct message *m, const struct field *f, bool hidden, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = hidden ? addresses_read(f->value, &m->hidden, &m->named, &why)
			: addresses_read(f->value, &m->named, NULL, &why);

	if (rc < 0 && rc != ERR_DATA)
		return pass_on(&why, err);
	if (rc < 0 && !m->bad_recipients) {
		m->bad_recipients = true;
		snprintf(m->bad_field, sizeof(m->bad_field), "%.63s", f->name);
		snprintf(m->bad_entry, sizeof(m->bad_entry), "%s", why.msg);
	}
	return 0;
}

static bool is_resent(const struct field *f)
{
	return strncasecmp(f->name, "Resent-", 7) == 0;
}

static bool is_recipient(const char *name, bool hidden)
{
	return hidden ? strcasecmp(name, "Bcc") == 0
		      : strcasecmp(name, "To") == 0 || strcasecmp(name, "Cc") == 0;
}

/*
 * The first resent block [*from, *to): Resent- fields on end, until one of them comes a second time
 * (RFC 5322 section 3.6.6: the newest block stands first).
 */
static void first_block(const struct message *m, size_t *from, size_t *to)
{
	size_t i, j;

	for (i = 0; i < m->n_field && !is_resent(&m->field[i]); i++)
		;
	*from = i;
	for (; i < m->n_field && is_resent(&m->field[i]); i++) {
		for (j = *from; j < i; j++) {
			if (strcasecmp(m->field[j].name, m->field[i].name) == 0)
				break;
		}
		if (j < i)
			break;
	}
	*to = i;
}

static bool any_resent_recipient(const struct message *m)
{
	size_t i;

	for (i = 0; i < m->n_field; i++) {
		if (is_resent(&m->field[i]) && (is_recipient(m->field[i].name + 7, false) ||
						       is_recipient(m->field[i].name + 7, true)))
			return true;
	}
	return false;
}

/* The one mailbox of the field's first occurrence among fields [from, to); text[0] == 0: not
 * exactly one. ERR_OS. */
static int read_sender(const struct message *m, const char *name, size_t from, size_t to,
	struct addr *out, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	while (from < to && strcasecmp(m->field[from].name, name) != 0)
		from++;
	if (from >= to)
		return 0;
	rc = address_read_one(m->field[from].value, out, &why);
	return rc < 0 && rc != ERR_DATA ? pass_on(&why, err) : 0;
}

static int read_senders(struct message *m, size_t from, size_t to, struct err *err)
{
	int rc = read_sender(m, "From", 0, m->n_field, &m->from, err);

	if (rc == 0 && m->resent) {
		rc = read_sender(m, "Resent-From", from, to, &m->sender, err);
		if (rc == 0 && m->sender.text[0] == '\0')
			rc = read_sender(m, "Resent-Sender", from, to, &m->sender, err);
	} else if (rc == 0) {
		m->sender = m->from;
		if (m->sender.text[0] == '\0')
			rc = read_sender(m, "Sender", 0, m->n_field, &m->sender, err);
	}
	return rc;
}

int recipients_read(struct message *m, struct err *err)
{
	size_t from = 0, to = m->n_field, i;
	int hidden, rc = 0;
	const char *name;

	m->resent = any_resent_recipient(m);
	if (m->resent)
		first_block(m, &from, &to);
	/* Visible ones first: an address in a visible field is not hidden. */
	for (hidden = 0; hidden < 2; hidden++) {
		for (i = from; i < to && rc == 0; i++) {
			name = m->field[i].name + (m->resent ? 7 : 0);
			if (is_recipient(name, hidden))
				rc = read_field(m, &m->field[i], hidden, err);
		}
	}
	return rc < 0 ? rc : read_senders(m, from, to, err);
}
