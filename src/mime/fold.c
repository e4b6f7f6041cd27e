/* SPDX-License-Identifier: ISC */
#include "mime/fold.h"

#include <string.h>

#include "mime/mime.h"

#define LINE_WANTED 78 /* RFC 5322 section 2.1.1 */
#define KEY_LINE 72

/* Where a line may be split without a blank. */
enum fold_kind { FOLD_BLANKS, FOLD_ADDRESSES, FOLD_IDS, FOLD_KEY };

static enum fold_kind kind_of(const char *name)
{
	static const char *const addresses[] = {"From", "Sender", "Reply-To", "To", "Cc",
		"Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Mail-Followup-To",
		"Mail-Reply-To", "Disposition-Notification-To", NULL};
	static const char *const ids[] = {"References", "In-Reply-To", NULL};
	static const char *const keys[] = {"Autocrypt", "Autocrypt-Gossip", NULL};

	if (mime_in_list(addresses, name))
		return FOLD_ADDRESSES;
	if (mime_in_list(ids, name))
		return FOLD_IDS;
	return mime_in_list(keys, name) ? FOLD_KEY : FOLD_BLANKS;
}

/* Position within a line. */
struct fold_state {
	bool quoted;
	int comments;
	bool key; /* behind keydata= */
};

static void step_over(struct fold_state *s, const char *p)
{
	if (*p == '"' && s->comments == 0)
		s->quoted = !s->quoted;
	else if (*p == '(' && !s->quoted)
		s->comments++;
	else if (*p == ')' && s->comments > 0)
		s->comments--;
	else if (strncmp(p, "keydata=", 8) == 0)
		s->key = true;
}

/* Whether the line may be split before p, which is neither its start nor its end. */
static bool may_part(enum fold_kind kind, const struct fold_state *s, const char *p, size_t column)
{
	if (mime_blank((uint8_t)*p))
		return !mime_blank((uint8_t)p[-1]) && !(kind == FOLD_ADDRESSES && s->quoted);
	switch (kind) {
	case FOLD_BLANKS:
		return false;
	case FOLD_ADDRESSES:
		return p[-1] == ',' && !s->quoted && s->comments == 0;
	case FOLD_IDS:
		return p[-1] == '>' && *p == '<';
	case FOLD_KEY:
		return p[-1] == ';' || (s->key && column >= KEY_LINE);
	}
	return false;
}

/* Splits one line of len bytes into as many as necessary. */
static int fold_line(enum fold_kind kind, const char *line, size_t len, struct buf *out)
{
	struct fold_state s = {.quoted = false}, at_best = s;
	const char *from = line, *best = NULL, *p = line, *end = line + len;
	int rc = 0;

	while (p < end && rc == 0) {
		if (p > from && may_part(kind, &s, p, (size_t)(p - from)) &&
			(!best || p - from <= LINE_WANTED)) {
			best = p;
			at_best = s;
		}
		if (best && p - from > LINE_WANTED) {
			rc = buf_add(out, from, (size_t)(best - from));
			if (rc == 0)
				rc = buf_adds(out, mime_blank((uint8_t)*best) ? "\n" : "\n ");
			from = p = best;
			s = at_best;
			best = NULL;
		}
		step_over(&s, p++);
	}
	return rc < 0 ? rc : buf_add(out, from, (size_t)(end - from));
}

int fold_long(const char *name, const char *value, struct buf *out)
{
	const enum fold_kind kind = kind_of(name);
	size_t len;
	int rc = 0;

	while (rc == 0) {
		len = strcspn(value, "\n");
		rc = len < FOLD_LINE_MAX ? buf_add(out, value, len)
					 : fold_line(kind, value, len, out);
		value += len;
		if (rc < 0 || *value == '\0')
			break;
		value++;
		rc = buf_addc(out, '\n');
	}
	return rc;
}
