#include "mime/recipients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/gmime_late.h"
#include "mime/plain_list.h"

#define COMMENT_DEPTH_MAX 64
#define GROUP_DEPTH_MAX 4

/*
 * What GMime drops in silence is found by counting: the items between commas, groups and comments
 * apart, must be as many as the mailboxes that it returned. Quotes, comments, angle brackets and
 * groups must be closed.
 */
struct items {
	const char *p;
	const char *wrong; /* why the list is not one; NULL: nothing found */
	size_t n;          /* items that hold something */
	bool some;         /* the present item holds something */
	bool group;
};

/* Steps over what began at *p, with quoted pairs and, for comments, nesting. */
static void skip_enclosed(struct items *it, char open, char close)
{
	int depth = 1;

	for (it->p++; *it->p && depth <= COMMENT_DEPTH_MAX; it->p++) {
		if (*it->p == '\\' && it->p[1])
			it->p++;
		else if (*it->p == close && --depth == 0)
			return;
		else if (*it->p == open && open != close && open != '[')
			depth++;
	}
	it->wrong = "a comment, quotation or literal does not end";
	if (*it->p == '\0')
		it->p--; /* the caller steps on */
}

/* An angle-addr: not empty, not nested, closed. */
static void skip_angle(struct items *it)
{
	bool some = false;

	for (it->p++; *it->p && *it->p != '>' && *it->p != '<' && !it->wrong; it->p++) {
		if (*it->p == '"')
			skip_enclosed(it, '"', '"');
		else if (*it->p == '(')
			skip_enclosed(it, '(', ')');
		else if (*it->p == '[')
			skip_enclosed(it, '[', ']');
		some |= !strchr(" \t()", *it->p);
	}
	if (!it->wrong && *it->p != '>')
		it->wrong = "an angle bracket does not end";
	if (!it->wrong && !some)
		it->wrong = "an address is empty";
	if (*it->p == '\0')
		it->p--;
	it->some = true;
}

static void end_item(struct items *it)
{
	it->n += it->some;
	it->some = false;
}

static void step(struct items *it)
{
	switch (*it->p) {
	case '(':
		skip_enclosed(it, '(', ')');
		break;
	case '"':
	case '[':
		skip_enclosed(it, *it->p, *it->p == '"' ? '"' : ']');
		it->some = true;
		break;
	case '<':
		skip_angle(it);
		break;
	case ',':
		end_item(it);
		break;
	case ':':
		if (it->group || !it->some)
			it->wrong = "a colon is out of place";
		it->group = true;
		it->some = false; /* it was the group's name */
		break;
	case ';':
		if (!it->group)
			it->wrong = "a semicolon is out of place";
		end_item(it);
		it->group = false;
		break;
	case '>':
	case ')':
	case ']':
		it->wrong = "a bracket is out of place";
		break;
	case ' ':
	case '\t':
		break;
	default:
		it->some = true;
	}
}

/* The number of mailboxes that must come out, or -1 with *wrong. */
static long count_items(const char *text, const char **wrong)
{
	struct items it = {.p = text};

	for (; *it.p && !it.wrong; it.p++)
		step(&it);
	end_item(&it);
	if (!it.wrong && it.group)
		it.wrong = "a group does not end";
	*wrong = it.wrong;
	return it.wrong ? -1 : (long)it.n;
}

static void note_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
	(void)offset;
	(void)item;
	if (code != GMIME_WARN_INVALID_RFC2047_HEADER_VALUE)
		*(bool *)data = true;
}

/* The value on one line, without what a field may not hold anyway. */
static char *unfold(const char *value)
{
	char *copy = strdup(value), *p;

	for (p = copy; p && *p; p++) {
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	}
	return copy;
}

static bool holds(const struct addr_list *l, const struct addr *a)
{
	size_t i;

	for (i = 0; l && i < l->n; i++) {
		if (strcmp(l->v[i].text, a->text) == 0)
			return true;
	}
	return false;
}

static int add(struct addr_list *l, const struct addr *a, struct err *err)
{
	struct addr *v;

	if (l->n == ADDR_LIST_MAX)
		return err_set(err, ERR_DATA, "there are more than %d addresses", ADDR_LIST_MAX);
	if ((l->n & (l->n - 1)) == 0) { /* room doubles at every power of two */
		v = reallocarray(l->v, l->n ? 2 * l->n : 1, sizeof(*v));
		if (!v)
			return err_set(err, ERR_OS, "out of memory");
		l->v = v;
	}
	l->v[l->n++] = *a;
	return 0;
}

/* One mailbox, unless it is there already; *n counts it. */
static int take(const char *text, struct addr_list *l, size_t *n, const struct addr_list *but,
	struct err *err)
{
	struct addr a;

	++*n;
	if (addr_parse(text, &a, err) < 0)
		return ERR_DATA; /* the sentence is addr_parse's */
	return holds(l, &a) || holds(but, &a) ? 0 : add(l, &a, err);
}

/* All mailboxes of a parsed list, groups flattened, as they come. */
static int take_all(const struct gmime *g, InternetAddressList *list, int depth,
	struct addr_list *l, size_t *n, const struct addr_list *but, struct err *err)
{
	int i, len = g->list_length(list), rc = 0;
	InternetAddress *ia;

	for (i = 0; i < len && rc == 0; i++) {
		ia = g->list_get(list, i);
		if (!g->is_a((GTypeInstance *)ia, g->group_type())) {
			rc = take(g->mailbox_addr((InternetAddressMailbox *)ia), l, n, but, err);
			continue;
		}
		if (depth == GROUP_DEPTH_MAX)
			return err_set(err, ERR_DATA, "groups are nested");
		rc = take_all(
			g, g->group_members((InternetAddressGroup *)ia), depth + 1, l, n, but, err);
	}
	return rc;
}

static GMimeParserOptions *strict_options(const struct gmime *g, bool *warned)
{
	GMimeParserOptions *o = g->options_new();

	g->options_compliance(o, GMIME_RFC_COMPLIANCE_STRICT);
	g->options_local(o, TRUE);
	g->options_warning(o, note_warning, warned);
	return o;
}

/* By GMime. Whether it had something to object to, *warned. */
static int read_any(const char *text, struct addr_list *l, size_t *n, bool *warned,
	const struct addr_list *but, struct err *err)
{
	const struct gmime *g = gmime_load(err);
	GMimeParserOptions *options;
	InternetAddressList *list;
	int rc = 0;

	if (!g)
		return ERR_CONFIG;
	options = strict_options(g, warned);
	list = g->list_parse(options, text);
	if (list) {
		rc = take_all(g, list, 0, l, n, but, err);
		g->object_unref(list);
	}
	g->options_free(options);
	return rc;
}

/* A plain list: to the same addresses, and the same errors, without GMime. */
static int read_plain(
	char *text, struct addr_list *l, size_t *n, const struct addr_list *but, struct err *err)
{
	const char *addr;
	int rc = 0;

	while (rc == 0 && (addr = plain_list_next(&text)) != NULL)
		rc = take(addr, l, n, but, err);
	return rc;
}

int addresses_read(
	const char *value, struct addr_list *l, const struct addr_list *but, struct err *err)
{
	bool warned = false;
	const char *wrong = NULL;
	size_t before = l->n, n = 0, plain;
	char *text = unfold(value);
	long items;
	int rc = 0;

	if (!text)
		return err_set(err, ERR_OS, "out of memory");
	items = count_items(text, &wrong);
	if (items < 0) {
		rc = err_set(err, ERR_DATA, "%s", wrong);
		goto out;
	}
	if (items == 0) /* blanks, comments, commas, empty groups */
		goto out;
	if (plain_list(text, &plain) && plain == (size_t)items)
		rc = read_plain(text, l, &n, but, err);
	else
		rc = read_any(text, l, &n, &warned, but, err);
	if (rc == 0 && (warned || n != (size_t)items))
		rc = err_set(err, ERR_DATA, "it is no list of addresses");
	if (rc < 0)
		l->n = before;
out:
	free(text);
	return rc;
}

/* An error that is not the field's: it could not be read at all. */
static int pass(const struct err *why, struct err *err)
{
	if (err)
		*err = *why;
	return why->code;
}

/* One recipient field of m, into its list. What does not parse is noted, not an error. */
static int read_field(struct message *m, const struct field *f, bool hidden, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = hidden ? addresses_read(f->value, &m->hidden, &m->named, &why)
			: addresses_read(f->value, &m->named, NULL, &why);

	if (rc < 0 && rc != ERR_DATA)
		return pass(&why, err);
	if (rc < 0 && !m->bad_recipients) {
		m->bad_recipients = true;
		snprintf(m->bad_field, sizeof(m->bad_field), "%.63s", f->name);
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
 * exactly one. ERR_OS, ERR_CONFIG. */
static int read_one(const struct message *m, const char *name, size_t from, size_t to,
	struct addr *out, struct err *err)
{
	struct addr_list l = {NULL, 0};
	struct err why = ERR_INIT;
	int rc;

	while (from < to && strcasecmp(m->field[from].name, name) != 0)
		from++;
	if (from >= to)
		return 0;
	rc = addresses_read(m->field[from].value, &l, NULL, &why);
	if (rc == 0 && l.n == 1)
		*out = l.v[0];
	addr_list_free(&l);
	return rc < 0 && rc != ERR_DATA ? pass(&why, err) : 0;
}

static int read_senders(struct message *m, size_t from, size_t to, struct err *err)
{
	int rc = read_one(m, "From", 0, m->n_field, &m->from, err);

	if (rc == 0 && m->resent) {
		rc = read_one(m, "Resent-From", from, to, &m->sender, err);
		if (rc == 0 && m->sender.text[0] == '\0')
			rc = read_one(m, "Resent-Sender", from, to, &m->sender, err);
	} else if (rc == 0) {
		m->sender = m->from;
		if (m->sender.text[0] == '\0')
			rc = read_one(m, "Sender", 0, m->n_field, &m->sender, err);
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
	/* Named ones first: an address that is named is not hidden. */
	for (hidden = 0; hidden < 2; hidden++) {
		for (i = from; i < to && rc == 0; i++) {
			name = m->field[i].name + (m->resent ? 7 : 0);
			if (is_recipient(name, hidden))
				rc = read_field(m, &m->field[i], hidden, err);
		}
	}
	return rc < 0 ? rc : read_senders(m, from, to, err);
}
