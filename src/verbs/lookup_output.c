/* SPDX-License-Identifier: ISC */
#include "verbs/lookup_output.h"

#include <string.h>

#include "base/text.h"
#include "pgp/cert/describe.h"
#include "print/output.h"

#define FPR_COLUMNS 50   /* of version 4, in groups */
#define ADDRESS_LEAST 16 /* columns */
#define ADDRESS_MOST 60
#define CUT_MAX 1024

static const char *method_of_finding(const struct finding *f)
{
	if (f->own)
		return "own";
	if (f->candidate == SOURCE_GNUPG)
		return "gnupg";
	if (f->candidate == SOURCE_LEARNT)
		return "learnt";
	if (f->status == KEY_USABLE && f->method == METHOD_NONE)
		return "pin";
	return lookup_method_name(f->method);
}

/* Whether the key is from the user's machine, so that what the network said does not vouch for it.
 */
static bool is_of_this_machine(const struct finding *f)
{
	return f->own || f->candidate == SOURCE_GNUPG || f->candidate == SOURCE_LEARNT;
}

/* NULL: nothing that chose the key. */
static const char *dnssec_of(const struct finding *f)
{
	return f->dnssec && !is_of_this_machine(f) ? dns_state_name(f->dnssec) : NULL;
}

static const char *tls_of(const struct finding *f)
{
	return is_of_this_machine(f) ? NULL : tls_auth_name(f->tls);
}

static const char *absence_of(const struct finding *f)
{
	if (!key_absent(f->status))
		return NULL;
	return f->status == KEY_ABSENT_PROVED ? "proved" : "unproved";
}

/* Whether received mail's key at i would be used by send. */
static bool is_used_by_send(const struct finding *f, const struct learnt_known *k, size_t i)
{
	return (key_absent(f->status) || f->candidate == SOURCE_LEARNT) &&
	       learnt_is_used(k, f->pin.state, i);
}

static void learnt_members(struct out *o, const struct finding *f, const struct learnt_known *k)
{
	size_t i;

	out_array(o, "candidates");
	for (i = 0; i < k->n; i++)
		learnt_json(out_item(o, "candidates"), &k->v[i], is_used_by_send(f, k, i));
}

int lookup_print_json(FILE *out, const struct finding *f, const struct learnt_known *learnt)
{
	char algorithm[CERT_ALGORITHM_MAX];
	struct out *o = out_new();
	int64_t created;

	out_str(o, "address", f->addr->name);
	out_str(o, "status", key_status_name(f->status));
	out_str(o, "fingerprint", f->cert.fpr);
	out_str(o, "method", method_of_finding(f));
	out_str(o, "dnssec", dnssec_of(f));
	out_str(o, "tls", tls_of(f));
	out_str(o, "absence", absence_of(f));
	out_str(o, "pin", finding_pin_word(f));
	out_str(o, "pinned_fingerprint", f->pin.fpr);
	cert_describe(f->cert.data, f->cert.len, algorithm, &created);
	out_str(o, "algorithm", algorithm);
	out_time(o, "created", created);
	out_time(o, "expires", f->cert.expires);
	out_str(o, "reason", f->reason);
	out_bool(o, "cached", f->cached);
	out_time(o, "asked", f->asked);
	out_object_text(o, "evidence", f->evidence);
	out_object_text(o, "keyserver", f->server_evidence);
	learnt_members(o, f, learnt);
	return out_print(o, out);
}

static void print_field(FILE *out, const char *label, const char *value)
{
	if (!value || value[0] == '\0')
		return;
	fprintf(out, "  %-12s ", label);
	out_safe(out, value, 0);
	fputc('\n', out);
}

static enum style_tone tone_of(enum key_status status)
{
	if (status == KEY_USABLE)
		return TONE_GOOD;
	if (status == KEY_CONFLICT || status == KEY_UNUSABLE)
		return TONE_BAD;
	return status == KEY_UNKNOWN ? TONE_DOUBT : TONE_PLAIN;
}

/* "ed25519, made 2026-11-23"; "" when there is no key. */
static void key_words(const struct finding *f, char *out, size_t cap)
{
	char algorithm[CERT_ALGORITHM_MAX], when[TEXT_TIME_MAX];
	int64_t created;

	out[0] = '\0';
	cert_describe(f->cert.data, f->cert.len, algorithm, &created);
	if (algorithm[0] == '\0')
		return;
	text_time(when, created);
	snprintf(out, cap, "%s, made %.10s", algorithm, when);
}

static void learnt_lines(FILE *out, const struct finding *f, const struct learnt_known *k)
{
	char text[CERT_FPR_MAX + 40];
	size_t i;

	for (i = 0; i < k->n; i++) {
		snprintf(text, sizeof(text), "%s%s", k->v[i].fpr,
			is_used_by_send(f, k, i) ? ", which send uses" : "");
		print_field(out, "in your mail", text);
	}
}

void lookup_print_text(FILE *out, const struct finding *f, const struct learnt_known *learnt,
	const struct style *style)
{
	char how[256], until[TEXT_TIME_MAX], fpr[STYLE_FPR_MAX];
	const char *method = method_of_finding(f);

	out_safe(out, f->addr->name, 0);
	fputs(": ", out);
	style_print(out, style, tone_of(f->status), key_status_name(f->status), 0);
	if (absence_of(f))
		fprintf(out, " (%s)", absence_of(f));
	fputc('\n', out);
	style_fpr(style, f->cert.fpr, fpr);
	print_field(out, "fingerprint", fpr);
	key_words(f, how, sizeof(how));
	if (style->terminal)
		print_field(out, "key", how);
	print_field(out, "user id", f->cert.uid);
	if (f->cert.expires != 0) {
		text_time(until, f->cert.expires);
		print_field(out, "expires", until);
	}
	if (method && f->status != KEY_UNKNOWN && !key_absent(f->status)) {
		/* Of a pin that is used because the network does not answer. */
		const char *dnssec = f->dnssec != DNS_ERROR ? dnssec_of(f) : NULL;

		snprintf(how, sizeof(how), "%s%s%s%s%s", method, dnssec ? ", DNSSEC " : "",
			dnssec ? dnssec : "", tls_of(f) ? ", TLS " : "",
			tls_of(f) ? tls_of(f) : "");
		print_field(out, "found by", how);
	}
	print_field(out, "pin", finding_pin_word(f));
	if (f->pin.fpr[0] != '\0' && strcmp(f->pin.fpr, f->cert.fpr) != 0) {
		style_fpr(style, f->pin.fpr, fpr);
		print_field(out, "pinned", fpr);
	}
	print_field(out, "reason", f->reason);
	learnt_lines(out, f, learnt);
	if (f->cached) {
		text_time(until, f->asked);
		snprintf(how, sizeof(how), "%s, from the cache (--fresh asks again)", until);
		print_field(out, "asked", how);
	}
}

/* Room for the address where a fingerprint in groups follows. */
static int address_width(const struct style *style)
{
	const int width = style->width - FPR_COLUMNS - 1;

	return width < ADDRESS_LEAST ? ADDRESS_LEAST : width > ADDRESS_MOST ? ADDRESS_MOST : width;
}

/* Foreign text in no more than that many columns. */
static void print_cut(FILE *out, const char *s, int width, bool pad)
{
	char text[CUT_MAX];
	size_t len = strlen(s), room = (size_t)width;

	while (len > room) { /* never within a character */
		len = room - 1;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
		snprintf(text, sizeof(text), "%.*s>", (int)len, s);
		s = text;
		len = room;
	}
	out_safe(out, s, pad ? width : 0);
}

void lookup_print_head(FILE *out, const struct style *style)
{
	style_print(out, style, TONE_DIM, "ADDRESS", address_width(style) + 1);
	style_print(out, style, TONE_DIM, "KEY", 0);
	fputc('\n', out);
}

void lookup_print_row(FILE *out, const struct finding *f, const struct style *style)
{
	const int width = address_width(style);
	char text[CUT_MAX], fpr[STYLE_FPR_MAX];
	int left = style->width - width - 1;

	print_cut(out, f->addr->name, width, true);
	fputc(' ', out);
	style_fpr(style, f->cert.fpr, fpr);
	if (f->status == KEY_USABLE && (int)strlen(fpr) <= left) {
		style_print(out, style, TONE_GOOD, fpr, 0);
	} else if (f->status == KEY_USABLE) {
		style_print(out, style, TONE_GOOD, f->cert.fpr, 0);
	} else {
		snprintf(text, sizeof(text), "%s%s%s%s", key_status_name(f->status),
			absence_of(f) ? " (" : "", absence_of(f) ? absence_of(f) : "",
			absence_of(f) ? ")" : "");
		style_print(out, style, tone_of(f->status), text, 0);
		left -= (int)strlen(text) + 2;
		if (f->reason[0] != '\0' && left > 2) {
			fputs(": ", out);
			print_cut(out, f->reason, left, false);
		}
	}
	fputc('\n', out);
}
