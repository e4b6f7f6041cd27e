/* SPDX-License-Identifier: ISC */
#include "pgp/seal/hcp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "mime/date.h"
#include "mime/mime.h"
#include "mime/words.h"
#include "mime/recipients.h"

#define LINE_MAX_WANTED 78 /* RFC 5322 section 2.1.1 */

#define SUBJECT_TELLS_MIN 8 /* characters; shorter ones stand elsewhere by chance */

bool hcp_user_facing(const char *name)
{
	static const char *const list[] = {"Subject", "From", "To", "Cc", "Date", "Reply-To",
		"Followup-To", "Sender", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Date",
		"Resent-Sender", NULL};

	return mime_in_list(list, name);
}

/* The bare addresses of a list. Names of groups are gone with all other names. */
static int bare_addresses(const char *value, bool single, char **own, struct err *err)
{
	struct addr_list l = {NULL, 0};
	struct buf b = BUF_INIT(ADDR_LIST_MAX * (ADDR_TEXT_MAX + 4));
	size_t i, column = 10;
	int rc = addresses_read(value, &l, NULL, NULL);

	*own = NULL;
	if (rc < 0 || l.n == 0 || (single && l.n > 1))
		goto out;
	for (i = 0; i < l.n; i++) {
		column += strlen(l.v[i].text) + 2;
		if (buf_adds(&b, i == 0                     ? ""
				 : column > LINE_MAX_WANTED ? ",\n "
							    : ", ") < 0 ||
			buf_adds(&b, l.v[i].text) < 0) {
			rc = ERR_OS;
			goto out;
		}
		if (column > LINE_MAX_WANTED)
			column = strlen(l.v[i].text) + 2;
	}
	if (text_is_ascii(buf_str(&b))) {
		*own = strdup(buf_str(&b));
		rc = *own ? 0 : ERR_OS;
	}
out:
	buf_free(&b);
	addr_list_free(&l);
	return rc == ERR_OS ? err_set(err, ERR_OS, "out of memory") : 0;
}

/* The same moment, in UTC. What is no date stays. */
static int date_in_utc(const char *value, char **own, struct err *err)
{
	char text[64];
	int64_t at;
	time_t when;
	struct tm t;

	if (date_read(value, &at) < 0)
		return 0;
	when = (time_t)at;
	if (!gmtime_r(&when, &t) || t.tm_year < 1 - 1900 || t.tm_year > 9999 - 1900)
		return 0;
	mime_date(&t, text, sizeof(text));
	*own = strdup(text);
	return *own ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* The standard speaks of From, To, Cc and Date only; those of a resent mail tell as much. */
static int shy_value(const char *name, const char *value, char **own, struct err *err)
{
	static const char *const recipients[] = {"To", "Cc", "Resent-To", "Resent-Cc", NULL};
	static const char *const senders[] = {"From", "Resent-From", NULL};
	static const char *const dates[] = {"Date", "Resent-Date", NULL};

	if (mime_in_list(recipients, name) || mime_in_list(senders, name))
		return bare_addresses(value, mime_in_list(senders, name), own, err);
	return mime_in_list(dates, name) ? date_in_utc(value, own, err) : 0;
}

int hcp_apply(enum hcp hcp, const char *name, const char *value, char **own, const char **out,
	struct err *err)
{
	static const char *const removed[] = {"Comments", "Keywords", NULL};
	int rc = 0;

	*own = NULL;
	*out = value;
	if (hcp == HCP_OFF)
		return 0;
	if (strcasecmp(name, "Subject") == 0)
		*out = "[...]";
	else if (mime_in_list(removed, name))
		*out = NULL;
	else if (hcp == HCP_SHY)
		rc = shy_value(name, value, own, err);
	if (*own)
		*out = *own;
	return rc;
}

static bool is_needed_outside(const char *name)
{
	static const char *const list[] = {"Subject", "From", "To", "Cc", "Sender", "Reply-To",
		"Date", "Message-ID", "In-Reply-To", "References", "Autocrypt", NULL};

	return mime_in_list(list, name) || strncasecmp(name, "Resent-", 7) == 0;
}

static bool is_named_subject(const char *name)
{
	static const char *const list[] = {"Thread-Topic", "Old-Subject", NULL};
	size_t n = strlen(name);

	return mime_in_list(list, name) || (n >= 9 && strncasecmp(name, "X-", 2) == 0 &&
						   strcasecmp(name + n - 7, "Subject") == 0);
}

/* Behind "Re:", "Fwd: Aw:" and their like: short words of ASCII letters with a colon. */
static const char *without_prefixes(const char *p)
{
	size_t n;

	for (;;) {
		p += strspn(p, " ");
		n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (n < 1 || n > 3 || p[n] != ':')
			return p;
		p += n + 1;
	}
}

static size_t characters(const char *utf8)
{
	size_t n = 0;

	for (; *utf8; utf8++)
		n += ((unsigned char)*utf8 & 0xc0) != 0x80;
	return n;
}

/* Each run of blanks and folds as one blank. */
static void squeeze_blanks(struct buf *b)
{
	const char *from = buf_str(b);
	size_t n = 0;

	if (b->len == 0)
		return;
	while (*from) {
		size_t blanks = strspn(from, " \t\n");

		b->p[n++] = blanks > 0 ? ' ' : (uint8_t)*from;
		from += blanks > 0 ? blanks : 1;
	}
	b->p[n] = '\0';
	b->len = n;
}

/* A field's text, however it is folded: its bytes if it cannot be decoded. 0; ERR_OS. */
static int add_comparable(const char *raw, struct buf *out)
{
	int rc = words_decode(raw, out);

	if (rc == ERR_DATA)
		rc = buf_adds(out, raw);
	if (rc == 0)
		squeeze_blanks(out);
	return rc < 0 ? ERR_OS : 0;
}

int hcp_subject_text(const char *subject, struct buf *out, struct err *err)
{
	struct buf s = BUF_INIT_SECRET(SUBJECT_TEXT_MAX);
	int rc = add_comparable(subject, &s);

	if (rc == 0)
		rc = buf_adds(out, without_prefixes(buf_str(&s)));
	buf_free(&s);
	return rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}

/* The value with a blank before each "=?": mail programs decode words also where none may stand. */
static int add_apart(const char *value, struct buf *out)
{
	const char *at;
	int rc = 0;

	for (; rc == 0 && (at = strstr(value, "=?")) != NULL; value = at + 2) {
		rc = buf_add(out, value, (size_t)(at - value));
		rc |= buf_adds(out, " =?");
	}
	return rc == 0 ? buf_adds(out, value) : rc;
}

static bool has_text(const char *value, const char *text)
{
	struct buf v = BUF_INIT_SECRET(SUBJECT_TEXT_MAX);
	bool has = add_comparable(value, &v) < 0 || strcasestr(buf_str(&v), text) != NULL;

	buf_free(&v);
	return has;
}

bool hcp_tells_subject(const char *name, const char *value, const char *text)
{
	struct buf apart = BUF_INIT_SECRET(SUBJECT_TEXT_MAX);
	bool tells;

	if (!text || is_needed_outside(name))
		return false;
	if (is_named_subject(name))
		return true;
	if (characters(text) < SUBJECT_TELLS_MIN)
		return false;
	tells = has_text(value, text) ||
		(strstr(value, "=?") &&
			(add_apart(value, &apart) < 0 || has_text(buf_str(&apart), text)));
	buf_free(&apart);
	return tells;
}
