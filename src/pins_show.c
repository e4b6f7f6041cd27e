#include "pins_show.h"

#include <string.h>

#include "base/text.h"
#include "output.h"

#define DATE_LEN 10 /* of RFC 3339's full-date */
#define COLUMN 42   /* a fingerprint and a gap */

static const char *method_of(const char *method)
{
	return method[0] ? method : "-";
}

/* The pin's members that list and show have in common. */
static struct out *pin_json(const struct pin *p)
{
	struct out *o = out_new();

	out_str(o, "address", p->address);
	out_str(o, "state", pin_state_name(p->state));
	out_str(o, "fingerprint", p->fpr);
	out_str(o, "method", p->method);
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

void pins_list_head(FILE *f)
{
	fprintf(f, "%-32s %-8s %-40s %-12s %-10s %-10s %-10s %s\n", "ADDRESS", "STATE",
		"FINGERPRINT", "SOURCE", "FIRST SEEN", "LAST SEEN", "EXPIRES", "");
}

static void print_date(FILE *f, int64_t t)
{
	char when[TEXT_TIME_MAX] = "-";

	if (t != 0)
		text_time(when, t);
	fprintf(f, " %-*.*s", DATE_LEN, DATE_LEN, when);
}

void pins_list_row(FILE *f, const struct pin *p)
{
	out_safe(f, p->address, 32);
	fprintf(f, " %-8s %-40s ", pin_state_name(p->state), p->fpr[0] ? p->fpr : "-");
	out_safe(f, method_of(p->method), 12);
	print_date(f, p->first_seen);
	print_date(f, p->last_seen);
	print_date(f, p->expires);
	fprintf(f, "%s%s\n", p->revoked ? " REVOKED" : "", p->held ? " HELD" : "");
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

int pins_show_json(
	FILE *f, struct store *s, const struct pin *p, const struct held *h, struct err *err)
{
	struct out *o = pin_json(p), *held;
	int rc;

	out_object_text(o, "evidence", p->evidence);
	if (h) {
		held = out_object(o, "held");
		out_str(held, "fingerprint", h->fpr);
		out_str(held, "user_id", h->uid);
		out_str(held, "method", h->method);
		out_time(held, "first_seen", h->first_seen);
		out_time(held, "last_seen", h->last_seen);
		out_time(held, "expires", h->expires);
		out_object_text(held, "evidence", h->evidence);
	} else {
		out_null(o, "held");
	}
	out_array(o, "observations");
	rc = store_observation_each(s, p->address, observation_json, o, err);
	if (rc < 0) {
		out_free(o);
		return rc;
	}
	rc = out_print(o, f);
	return rc < 0 ? err_set(err, rc, "standard output: writing failed") : 0;
}

/* A line of the table: the pin's value, and what is held beside it. */
static void line(FILE *f, const char *name, const char *pinned, const char *held)
{
	fprintf(f, "  %-12s ", name);
	out_safe(f, pinned, held ? COLUMN : 0);
	if (held)
		out_safe(f, held, 0);
	fputc('\n', f);
}

static void time_line(FILE *f, const char *name, int64_t pinned, const int64_t *held)
{
	char a[TEXT_TIME_MAX] = "-", b[TEXT_TIME_MAX] = "-";

	if (pinned)
		text_time(a, pinned);
	if (held && *held)
		text_time(b, *held);
	line(f, name, a, held ? b : NULL);
}

static int observation_text(const struct observation *o, void *arg)
{
	FILE *f = arg;
	char when[TEXT_TIME_MAX] = "";

	text_time(when, o->time);
	fprintf(f, "  %s %s ", when, o->fpr);
	out_safe(f, method_of(o->method), 0);
	fputs(o->held ? " (held)\n" : "\n", f);
	return 0;
}

int pins_show_text(
	FILE *f, struct store *s, const struct pin *p, const struct held *h, struct err *err)
{
	const char *none = h ? "" : NULL;

	out_safe(f, p->address, 0);
	fputc('\n', f);
	if (h)
		line(f, "", "pinned", "HELD, not used");
	line(f, "state", pin_state_name(p->state), none);
	line(f, "fingerprint", p->fpr[0] ? p->fpr : "-", h ? h->fpr : NULL);
	line(f, "source", method_of(p->method), h ? method_of(h->method) : NULL);
	time_line(f, "first seen", p->first_seen, h ? &h->first_seen : NULL);
	time_line(f, "last seen", p->last_seen, h ? &h->last_seen : NULL);
	time_line(f, "expires", p->expires, h ? &h->expires : NULL);
	if (p->revoked)
		line(f, "revoked", "yes", none);
	if (h)
		line(f, "user id", "", h->uid);
	if (p->evidence[0]) {
		fputs("evidence of the pin:\n", f);
		out_json_lines(f, "  ", p->evidence);
	}
	if (h && h->evidence[0]) {
		fputs("evidence of the held certificate:\n", f);
		out_json_lines(f, "  ", h->evidence);
	}
	if (p->state != PIN_CLEAR)
		fputs("seen:\n", f);
	return store_observation_each(s, p->address, observation_text, f, err);
}
