/* SPDX-License-Identifier: ISC */
#include "mx/caa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mx/text.h"

#define CRITICAL 0x80

static bool is_caa_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_caa_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of a domain or a parameter's tag at p: labels of letters and digits, hyphens within.
 * 0: there is none. */
static size_t labels(const char *p, size_t len, bool dots)
{
	size_t i = 0;

	while (i < len &&
		(is_caa_alnum(p[i]) ||
			(i > 0 && (p[i] == '-' || (dots && p[i] == '.' && p[i - 1] != '.')))))
		i++;
	return i > 0 && is_caa_alnum(p[i - 1]) ? i : 0;
}

static size_t skip_blanks(const char *p, size_t at, size_t len)
{
	while (at < len && is_caa_blank(p[at]))
		at++;
	return at;
}

/* Parameters, from at: whether they are well-formed (section 4.2). */
static bool parameters_ok(const char *p, size_t at, size_t len)
{
	size_t n;

	at = skip_blanks(p, at, len);
	while (at < len) {
		n = labels(p + at, len - at, false);
		at = skip_blanks(p, at + n, len);
		if (n == 0 || at == len || p[at] != '=')
			return false;
		at = skip_blanks(p, at + 1, len);
		while (at < len && p[at] > ' ' && p[at] <= '~' && p[at] != ';')
			at++;
		at = skip_blanks(p, at, len);
		if (at < len && p[at++] != ';')
			return false;
		at = skip_blanks(p, at, len);
	}
	return true;
}

/* What is malformed names nobody, and so forbids (section 4.2). */
static void take_issue(struct check_caa_record *x, const char *p, size_t len)
{
	size_t at = skip_blanks(p, 0, len), n = labels(p + at, len - at, true);
	size_t rest = skip_blanks(p, at + n, len);
	char issuer[DNS_NAME_MAX + 1] = "";

	mx_say(&x->issuer, "%s", "");
	mx_say(&x->params, "%s", "");
	if (n > DNS_NAME_MAX || (rest < len && p[rest] != ';') ||
		(rest < len && !parameters_ok(p, rest + 1, len)))
		return;
	memcpy(issuer, p + at, n);
	issuer[n] = '\0';
	ascii_lower(issuer);
	mx_say(&x->issuer, "%s", issuer);
	rest = rest < len ? skip_blanks(p, rest + 1, len) : len;
	mx_text(&x->params, p + rest, len - rest);
}

static bool is_issue(const struct check_caa_record *x)
{
	return strcmp(x->tag, "issue") == 0 || strcmp(x->tag, "issuewild") == 0;
}

void caa_record_free(struct check_caa_record *x)
{
	free(x->tag);
	free(x->value);
	free(x->issuer);
	free(x->params);
	memset(x, 0, sizeof(*x));
}

bool caa_parse(const uint8_t *p, size_t len, struct check_caa_record *x)
{
	char tag[256];
	size_t i, n;

	memset(x, 0, sizeof(*x));
	n = len >= 2 ? p[1] : 0;
	if (n == 0 || n + 2 > len)
		return false;
	for (i = 0; i < n; i++) {
		tag[i] = (char)p[2 + i];
		if (!is_caa_alnum(tag[i]))
			return false;
	}
	tag[n] = '\0';
	ascii_lower(tag);
	x->flags = p[0];
	mx_say(&x->tag, "%s", tag);
	mx_text(&x->value, p + 2 + n, len - 2 - n);
	if (x->tag && x->value && is_issue(x))
		take_issue(x, (const char *)p + 2 + n, len - 2 - n);
	if (x->tag && x->value)
		return true;
	caa_record_free(x);
	return false;
}

static bool has_tag(const struct check_caa *c, const char *tag)
{
	size_t i;

	for (i = 0; i < c->n_record; i++) {
		if (strcmp(c->record[i].tag, tag) == 0)
			return true;
	}
	return false;
}

enum check_fact caa_allows(const struct check_caa *c, bool wildcard)
{
	const char *tag = wildcard && has_tag(c, "issuewild") ? "issuewild" : "issue";
	size_t i;

	if (c->outcome == CHECK_UNKNOWN || c->outcome == CHECK_NOT_ASKED)
		return FACT_UNKNOWN;
	if (c->forbidden)
		return FACT_NO;
	if (!has_tag(c, tag))
		return FACT_YES;
	for (i = 0; i < c->n_record; i++) {
		if (strcmp(c->record[i].tag, tag) == 0 && c->record[i].issuer[0])
			return FACT_UNKNOWN;
	}
	return FACT_NO;
}

void caa_init(struct caa *c, struct asks *asks, void (*answered)(void *arg), void *arg)
{
	*c = (struct caa){.asks = asks, .answered = answered, .arg = arg};
	c->node = calloc(CAA_NODES_MAX, sizeof(*c->node));
}

static void take_caa_records(struct caa_node *n, const struct dns_answer *a)
{
	size_t i;

	n->present = a->n > 0;
	n->record = a->n > 0 ? calloc(CHECK_CAA_MAX, sizeof(*n->record)) : NULL;
	for (i = 0; n->record && i < a->n && n->n < CHECK_CAA_MAX; i++)
		n->n += caa_parse(a->data[i], a->len[i], &n->record[n->n]);
}

static void on_answer(void *arg, const struct dns_answer *a)
{
	struct caa_node *n = arg;

	n->answered = true;
	n->state = a->state;
	snprintf(n->why, sizeof(n->why), "%s", a->note[0] ? a->note : "no answer");
	if (a->state <= DNS_INSECURE)
		take_caa_records(n, a);
	n->caa->answered(n->caa->arg);
}

static struct caa_node *find_node(const struct caa *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_node; i++) {
		if (strcmp(c->node[i].name, name) == 0)
			return &c->node[i];
	}
	return NULL;
}

void caa_add(struct caa *c, const char *name)
{
	const char *p;
	size_t i;

	for (i = 0; i < c->n_name; i++) {
		if (strcmp(c->name[i], name) == 0)
			return;
	}
	if (!c->node || c->n_name == CHECK_CAA_NAMES_MAX || strlen(name) >= DNS_NAME_MAX)
		return;
	snprintf(c->name[c->n_name++], sizeof(c->name[0]), "%s", name);
	/* Up to the top-level domain, and not to the root (section 3). */
	for (p = name; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL) {
		struct caa_node *n;

		if (find_node(c, p) || c->n_node == CAA_NODES_MAX)
			continue;
		n = &c->node[c->n_node++];
		n->caa = c;
		snprintf(n->name, sizeof(n->name), "%s", p);
		asks_put(c->asks, n->name, DNS_CAA, on_answer, n);
	}
}

void caa_drop(struct caa *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_name; i++) {
		if (strcmp(c->name[i], name) != 0)
			continue;
		memmove(c->name[i], c->name[i + 1], (--c->n_name - i) * sizeof(c->name[0]));
		return;
	}
}

static bool known_tag(const char *tag)
{
	static const char *const all[] = {"issue", "issuewild", "iodef", "issuemail", "issuevmc",
		"contactemail", "contactphone"};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(tag, all[i]) == 0)
			return true;
	}
	return false;
}

static void copy_record(const struct check_caa_record *x, struct check_caa *out)
{
	struct check_caa_record *y = &out->record[out->n_record++];

	y->flags = x->flags;
	mx_say(&y->tag, "%s", x->tag);
	mx_say(&y->value, "%s", x->value);
	mx_say(&y->issuer, "%s", x->issuer ? x->issuer : "");
	mx_say(&y->params, "%s", x->params ? x->params : "");
	out->restricts |= is_issue(x);
	out->forbidden |= (x->flags & CRITICAL) && !known_tag(x->tag);
}

static void end_caa(struct check_caa *out, enum check_outcome outcome, const struct caa_node *n,
	const char *why)
{
	out->outcome = outcome;
	if (n) {
		out->dnssec = n->state;
		mx_say(&out->found_at, "%s", n->present ? n->name : "");
	}
	mx_say(&out->reason, "%s", why);
}

static void take_found(const struct caa_node *n, struct check_caa *out)
{
	size_t i;

	out->record = calloc(n->n + 1, sizeof(*out->record));
	for (i = 0; out->record && i < n->n; i++)
		copy_record(&n->record[i], out);
	if (n->n > 0 && out->record)
		end_caa(out, CHECK_FOUND, n, "");
	else
		end_caa(out, CHECK_INVALID, n, "none of the CAA records is well-formed");
}

static void climb_to_parent(const struct caa *c, struct check_caa *out)
{
	const struct caa_node *n = NULL;
	enum dns_state weakest = DNS_SECURE;
	char why[CHECK_TEXT_MAX];
	const char *p;

	for (p = out->name; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL) {
		n = find_node(c, p);
		if (!n || !n->answered || n->state > DNS_INSECURE) {
			snprintf(why, sizeof(why), "%s: CAA cannot be told: %s", p,
				n && n->answered ? n->why : "too many names");
			end_caa(out, CHECK_UNKNOWN, n && n->answered ? n : NULL, why);
			return;
		}
		if (n->present) {
			take_found(n, out);
			return;
		}
		weakest = n->state > weakest ? n->state : weakest;
	}
	end_caa(out, CHECK_NONE, n, "every authority may issue certificates for it");
	out->dnssec = weakest;
}

void caa_take(struct caa *c, struct check_reply *reply)
{
	size_t i;

	reply->caa = calloc(c->n_name + 1, sizeof(*reply->caa));
	for (i = 0; reply->caa && i < c->n_name; i++) {
		mx_say(&reply->caa[i].name, "%s", c->name[i]);
		if (!reply->caa[i].name)
			return;
		climb_to_parent(c, &reply->caa[i]);
		reply->n_caa++;
	}
}

void caa_free(struct caa *c)
{
	size_t i;

	while (c->n_node > 0) {
		struct caa_node *n = &c->node[--c->n_node];

		for (i = 0; i < n->n; i++)
			caa_record_free(&n->record[i]);
		free(n->record);
	}
	free(c->node);
	c->node = NULL;
}
