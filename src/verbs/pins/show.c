/* SPDX-License-Identifier: ISC */
#include "verbs/pins/show.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "pgp/cert/describe.h"
#include "print/output.h"
#include "discovery/evidence.h"
#include "print/quote.h"

#define DATE_LEN 10   /* of RFC 3339's full-date */
#define COLUMN 42     /* a fingerprint and a gap */
#define SPKI_SHOWN 16 /* digits of a server key; all of it is in the evidence */
#define SEEN_SHOWN 5  /* observations, unless everything is wanted */

static const char *method_of_pin(const char *method)
{
	return method[0] ? method : "-";
}

/* The members of the JSON that list and show have in common. */
static struct out *pin_json(const struct pin *p)
{
	char algorithm[CERT_ALGORITHM_MAX];
	struct out *o = out_new();
	int64_t created;

	out_str(o, "address", p->address);
	out_str(o, "state", pin_state_name(p->state));
	out_str(o, "fingerprint", p->fpr);
	out_str(o, "method", p->method);
	cert_describe(p->cert, p->cert_len, algorithm, &created);
	out_str(o, "algorithm", algorithm);
	out_time(o, "created", created);
	out_time(o, "first_seen", p->first_seen);
	out_time(o, "last_seen", p->last_seen);
	out_time(o, "expires", p->expires);
	out_bool(o, "revoked", p->revoked);
	return o;
}

int pins_list_json(FILE *f, const struct pin *p)
{
	struct out *o = pin_json(p);

	if (p->held)
		out_str(out_object(o, "held"), "fingerprint", p->held_fpr);
	else
		out_null(o, "held");
	return out_print(o, f);
}

static void print_date(FILE *f, int64_t t)
{
	char when[TEXT_TIME_MAX] = "-";

	if (t != 0)
		text_time(when, t);
	fprintf(f, " %-*.*s", DATE_LEN, DATE_LEN, when);
}

static bool has_expired(int64_t expires)
{
	return expires != 0 && expires <= (int64_t)time(NULL);
}

void pins_list_row(FILE *f, const struct pin *p)
{
	out_safe(f, p->address, 32);
	fprintf(f, " %-8s %-40s ", pin_state_name(p->state), p->fpr[0] ? p->fpr : "-");
	out_safe(f, method_of_pin(p->method), 12);
	print_date(f, p->first_seen);
	print_date(f, p->last_seen);
	print_date(f, p->expires);
	fprintf(f, "%s%s%s\n", p->revoked ? " REVOKED" : "",
		has_expired(p->expires) ? " EXPIRED" : "", p->held ? " HELD" : "");
}

void pins_table_head(FILE *f, const struct style *s)
{
	char text[128];

	snprintf(text, sizeof(text), "%-30s %-8s %-12s %-10s %s", "ADDRESS", "STATE", "SOURCE",
		"LAST SEEN", "EXPIRES");
	style_print(f, s, TONE_DIM, text, 0);
	fputc('\n', f);
}

static enum style_tone tone_of_pin(const struct pin *p)
{
	if (p->state == PIN_REJECTED || p->revoked || has_expired(p->expires))
		return TONE_BAD;
	if (p->state == PIN_CLEAR || p->held)
		return TONE_DOUBT;
	return p->state == PIN_VERIFIED ? TONE_GOOD : TONE_PLAIN;
}

/* The fingerprint with the key's kind and age. */
static void table_key(FILE *f, const struct style *s, const struct pin *p)
{
	char fpr[STYLE_FPR_MAX], algorithm[CERT_ALGORITHM_MAX];
	int64_t created;

	style_fpr(s, p->fpr, fpr);
	if (strlen(fpr) > 60) /* of version 6 */
		snprintf(fpr, sizeof(fpr), "%s", p->fpr);
	cert_describe(p->cert, p->cert_len, algorithm, &created);
	fprintf(f, "  %s", fpr);
	if (algorithm[0] != '\0' && strlen(fpr) + strlen(algorithm) < 65) {
		fprintf(f, "  %s", algorithm);
		print_date(f, created);
	}
	fputc('\n', f);
}

void pins_table_row(FILE *f, const struct style *s, const struct pin *p)
{
	char text[64];

	out_safe(f, p->address, 30);
	if (strlen(p->address) > 30)
		fprintf(f, "\n%30s", "");
	fputc(' ', f);
	style_print(f, s, tone_of_pin(p), pin_state_name(p->state), 8);
	fputc(' ', f);
	out_safe(f, method_of_pin(p->method), 12);
	print_date(f, p->last_seen);
	print_date(f, p->expires);
	fputc('\n', f);
	if (p->fpr[0])
		table_key(f, s, p);
	if (!p->revoked && !has_expired(p->expires) && !p->held)
		return;
	snprintf(text, sizeof(text), "%s%s%s", p->revoked ? " REVOKED" : "",
		has_expired(p->expires) ? " EXPIRED" : "",
		p->held ? " HELD: another key waits" : "");
	fputs(" ", f);
	style_print(f, s, TONE_BAD, text, 0);
	fputc('\n', f);
}

static int observation_json(const struct observation *o, void *arg)
{
	struct out *item = out_item(arg, "observations");

	out_time(item, "time", o->time);
	out_str(item, "fingerprint", o->fpr);
	out_bool(item, "held", o->held);
	out_str(item, "method", o->method);
	out_object_text(item, "evidence", o->evidence);
	return 0;
}

static int aside_json(const struct aside *a, void *arg)
{
	struct out *item = out_item(arg, "set_aside");

	out_str(item, "fingerprint", a->fpr);
	out_bool(item, "rejected", a->rejected);
	out_time(item, "since", a->since);
	out_time(item, "expires", a->expires);
	out_bool(item, "revoked", a->revoked);
	return 0;
}

static void held_json(struct out *o, const struct pins_shown *x)
{
	const struct held *h = x->held;
	struct evidence_facts a, b;
	enum evidence_same same;

	evidence_read(x->evidence, x->pin->fpr, &a);
	evidence_read(h->evidence, h->fpr, &b);
	same = evidence_server(&a, &b);
	out_str(o, "fingerprint", h->fpr);
	out_str(o, "user_id", h->uid);
	out_str(o, "method", h->method);
	out_time(o, "first_seen", h->first_seen);
	out_time(o, "last_seen", h->last_seen);
	out_time(o, "expires", h->expires);
	out_bool(o, "revoked", h->revoked);
	out_bool_if(o, "certified_by_pin", h->certified >= 0, h->certified > 0);
	out_bool_if(o, "server_key_changed", same != EVIDENCE_UNKNOWN, same == EVIDENCE_DIFFERENT);
	out_object_text(o, "evidence", h->evidence);
}

/* Whether received mail's key at i would be used where nothing is published. */
static bool is_in_use(const struct pins_shown *x, size_t i)
{
	return learnt_is_used(x->learnt, x->pin->state, i);
}

static void candidates_json(struct out *o, const struct pins_shown *x)
{
	size_t i;

	out_array(o, "candidates");
	for (i = 0; i < x->learnt->n; i++)
		learnt_json(out_item(o, "candidates"), &x->learnt->v[i], is_in_use(x, i));
}

int pins_show_json(FILE *f, const struct pins_shown *x, struct err *err)
{
	struct out *o = pin_json(x->pin);
	int rc;

	out_object_text(o, "evidence", x->evidence);
	if (x->held)
		held_json(out_object(o, "held"), x);
	else
		out_null(o, "held");
	candidates_json(o, x);
	out_array(o, "set_aside");
	rc = store_aside_each(x->store, x->pin->address, aside_json, o, err);
	out_array(o, "observations");
	if (rc == 0)
		rc = store_observation_each(x->store, x->pin->address, observation_json, o, err);
	if (rc < 0) {
		out_free(o);
		return rc;
	}
	rc = out_print(o, f);
	return rc < 0 ? out_failed(err, rc) : 0;
}

/* A line of the table: the pin's value, and what is held beside it (NULL: nothing). "" is not
 * known. */
static void print_pin_row(FILE *f, const char *name, const char *pinned, const char *held)
{
	fprintf(f, "  %-13s ", name);
	out_safe(f, pinned[0] ? pinned : "-", held ? COLUMN : 0);
	if (held)
		out_safe(f, held[0] ? held : "-", 0);
	fputc('\n', f);
}

static void time_line(FILE *f, const char *name, int64_t pinned, const int64_t *held)
{
	char a[TEXT_TIME_MAX] = "", b[TEXT_TIME_MAX] = "";

	if (pinned)
		text_time(a, pinned);
	if (held && *held)
		text_time(b, *held);
	print_pin_row(f, name, a, held ? b : NULL);
}

/* When it expires, or why it is unusable now. */
static void expiry(char *out, size_t cap, int64_t expires, bool revoked)
{
	char when[TEXT_TIME_MAX] = "never";

	if (expires)
		text_time(when, expires);
	snprintf(out, cap, "%s%s%s", revoked ? "REVOKED, " : "",
		has_expired(expires) ? "EXPIRED " : "", when);
}

static void expiry_line(FILE *f, const struct pin *p, const struct held *h)
{
	char a[64] = "", b[64] = "";

	if (p->fpr[0])
		expiry(a, sizeof(a), p->expires, p->revoked);
	if (h)
		expiry(b, sizeof(b), h->expires, h->revoked);
	print_pin_row(f, "expires", a, h ? b : NULL);
}

static void server_key(char *out, size_t cap, const struct evidence_facts *x, const char *note)
{
	out[0] = '\0';
	if (x->spki[0])
		snprintf(out, cap, "%.*s...%s", SPKI_SHOWN, x->spki, note);
}

/* How each was obtained. An address of certificates only: an allow-clear has no evidence. */
static void evidence_lines(FILE *f, const struct pins_shown *x)
{
	const struct pin *p = x->pin;
	const struct held *h = x->held;
	static const char *const note[] = {[EVIDENCE_UNKNOWN] = "",
		[EVIDENCE_SAME] = " (the same)",
		[EVIDENCE_DIFFERENT] = " (CHANGED)"};
	struct evidence_facts a, b;
	char key_a[64], key_b[64];

	evidence_read(x->evidence, p->fpr, &a);
	evidence_read(h ? h->evidence : "", h ? h->fpr : "", &b);
	server_key(key_a, sizeof(key_a), &a, "");
	server_key(key_b, sizeof(key_b), &b, note[evidence_server(&a, &b)]);
	print_pin_row(f, "source", p->method, h ? h->method : NULL);
	print_pin_row(f, "DNSSEC", a.dnssec, h ? b.dnssec : NULL);
	print_pin_row(f, "TLS", a.tls, h ? b.tls : NULL);
	print_pin_row(f, "server", a.server, h ? b.server : NULL);
	print_pin_row(f, "server key", key_a, h ? key_b : NULL);
	print_pin_row(f, "created", a.created, h ? b.created : NULL);
}

static const char *certified_words(const struct pin *p, const struct held *h)
{
	if (h->certified > 0)
		return p->state == PIN_REJECTED ? "by the pinned key, which was rejected"
						: "by the pinned key";
	if (p->revoked || has_expired(p->expires))
		return "not by the pinned key in good order";
	return h->certified == 0 ? "not by the pinned key" : "";
}

/* What is to be decided, with commands to paste: shown only where something is held. */
static void advice(FILE *f, const struct pin *p, const struct held *h)
{
	char word[ERR_HINT_MAX];
	bool dead = p->revoked || has_expired(p->expires);

	fprintf(f, "%s\n",
		p->state == PIN_REJECTED ? "The pin was rejected, and the other one waits:"
		: p->revoked ? "The pinned key is revoked and is never used; the other one waits:"
		: dead       ? "The pinned key has expired and is not used; the other one waits:"
		       : "A different key waits. Ask its owner for the fingerprint, not by mail:");
	if (quote_shell(word, sizeof(word), p->address) < 0)
		return;
	if (!h->revoked && !has_expired(h->expires))
		fprintf(f, "  to use it:    sealpost pins accept %s %s\n", word, h->fpr);
	fprintf(f, "  to refuse it: sealpost pins reject %s %s\n", word, h->fpr);
}

static int aside_text(const struct aside *a, void *arg)
{
	FILE *f = arg;
	char when[TEXT_TIME_MAX] = "";

	text_time(when, a->since);
	fprintf(f, "  %-13s %s since %s%s%s\n", a->rejected ? "REJECTED" : "former pin", a->fpr,
		when, a->revoked ? ", revoked" : "", has_expired(a->expires) ? ", expired" : "");
	return 0;
}

struct seen {
	FILE *f;
	size_t n, max;
};

static int observation_text(const struct observation *o, void *arg)
{
	struct seen *seen = arg;
	char when[TEXT_TIME_MAX] = "";

	if (seen->n++ == 0)
		fputs("seen:\n", seen->f);
	text_time(when, o->time);
	fprintf(seen->f, "  %s %s ", when, o->fpr);
	out_safe(seen->f, method_of_pin(o->method), 0);
	fputs(o->held ? " (held)\n" : "\n", seen->f);
	return seen->n == seen->max;
}

static void flat_evidence(FILE *f, const struct pins_shown *x)
{
	const struct held *h = x->held;

	if (x->evidence[0]) {
		fputs("evidence of the pin:\n", f);
		out_json_lines(f, "  ", x->evidence);
	}
	if (h && h->evidence[0]) {
		fputs("evidence of the held certificate:\n", f);
		out_json_lines(f, "  ", h->evidence);
	}
}

/* A key from received mail, and how it is used. */
static void learnt_text(FILE *f, const struct pins_shown *x, size_t i)
{
	const struct candidate *c = &x->learnt->v[i];
	bool same = strcmp(c->fpr, x->pin->fpr) == 0;
	size_t k;

	fprintf(f, "  %-13s %s", "learnt", c->fpr);
	for (k = 0; k < c->n_seen; k++) {
		fprintf(f, "%s%s", k == 0 ? " (" : ", ", c->seen[k].source);
		print_date(f, c->seen[k].last);
		fputs(c->seen[k].mutual ? " mutual" : "", f);
	}
	fprintf(f, "%s%s%s%s\n", c->n_seen > 0 ? ")" : "", c->revoked ? " REVOKED" : "",
		has_expired(c->expires) ? " EXPIRED" : "",
		same              ? ", the pin"
		: is_in_use(x, i) ? ", used where nothing is published"
				  : ", not used by itself");
}

int pins_show_text(FILE *f, const struct pins_shown *x, struct err *err)
{
	const struct pin *p = x->pin;
	const struct held *h = x->held;
	size_t i;
	struct seen seen = {.f = f, .max = x->everything ? 0 : SEEN_SHOWN};
	int rc;

	out_safe(f, p->address, 0);
	fputc('\n', f);
	if (h)
		print_pin_row(f, "", "pinned", "HELD, not used");
	print_pin_row(f, "state", pin_state_name(p->state), h ? "waits for a decision" : NULL);
	if (p->state != PIN_CLEAR && p->state != PIN_NONE) {
		print_pin_row(f, "fingerprint", p->fpr, h ? h->fpr : NULL);
		expiry_line(f, p, h);
		evidence_lines(f, x);
	}
	if (p->state != PIN_NONE) {
		time_line(f, "first seen", p->first_seen, h ? &h->first_seen : NULL);
		time_line(f, "last seen", p->last_seen, h ? &h->last_seen : NULL);
	}
	if (h) {
		print_pin_row(f, "certified", "", certified_words(p, h));
		print_pin_row(f, "user id", "", h->uid);
	}
	for (i = 0; i < x->learnt->n; i++)
		learnt_text(f, x, i);
	rc = store_aside_each(x->store, p->address, aside_text, f, err);
	if (rc == 0 && h)
		advice(f, p, h);
	if (rc == 0 && x->everything)
		flat_evidence(f, x);
	return rc < 0 ? rc
		      : store_observation_each(x->store, p->address, observation_text, &seen, err);
}
