/* SPDX-License-Identifier: ISC */
#include "verbs/lookup_output.h"

#include <string.h>

#include "base/text.h"
#include "print/output.h"

static const char *method_of(const struct finding *f)
{
	if (f->status == KEY_USABLE && f->method == METHOD_NONE)
		return "pin";
	return lookup_method_name(f->method);
}

static const char *absence_of(const struct finding *f)
{
	if (!key_absent(f->status))
		return NULL;
	return f->status == KEY_ABSENT_PROVED ? "proved" : "unproved";
}

int lookup_print_json(FILE *out, const struct finding *f)
{
	struct out *o = out_new();

	out_str(o, "address", f->addr->name);
	out_str(o, "status", key_status_name(f->status));
	out_str(o, "fingerprint", f->cert.fpr);
	out_str(o, "method", method_of(f));
	out_str(o, "dnssec", f->dnssec ? dns_state_name(f->dnssec) : NULL);
	out_str(o, "tls", tls_auth_name(f->tls));
	out_str(o, "absence", absence_of(f));
	out_str(o, "pin", finding_pin_word(f));
	out_str(o, "pinned_fingerprint", f->pin.fpr);
	out_time(o, "expires", f->cert.expires);
	out_str(o, "reason", f->reason);
	out_bool(o, "cached", f->cached);
	out_time(o, "asked", f->asked);
	out_object_text(o, "evidence", f->evidence);
	return out_print(o, out);
}

static void field(FILE *out, const char *label, const char *value)
{
	if (!value || value[0] == '\0')
		return;
	fprintf(out, "  %-12s ", label);
	out_safe(out, value, 0);
	fputc('\n', out);
}

void lookup_print_text(FILE *out, const struct finding *f)
{
	char how[256], until[TEXT_TIME_MAX];
	const char *method = method_of(f);

	out_safe(out, f->addr->name, 0);
	fprintf(out, ": %s", key_status_name(f->status));
	if (absence_of(f))
		fprintf(out, " (%s)", absence_of(f));
	fputc('\n', out);
	field(out, "fingerprint", f->cert.fpr);
	field(out, "user id", f->cert.uid);
	if (f->cert.expires != 0) {
		text_time(until, f->cert.expires);
		field(out, "expires", until);
	}
	if (method && f->status != KEY_UNKNOWN && !key_absent(f->status)) {
		snprintf(how, sizeof(how), "%s%s%s%s%s", method, f->dnssec ? ", DNSSEC " : "",
			f->dnssec ? dns_state_name(f->dnssec) : "",
			tls_auth_name(f->tls) ? ", TLS " : "",
			tls_auth_name(f->tls) ? tls_auth_name(f->tls) : "");
		field(out, "found by", how);
	}
	field(out, "pin", finding_pin_word(f));
	if (f->pin.fpr[0] != '\0' && strcmp(f->pin.fpr, f->cert.fpr) != 0)
		field(out, "pinned", f->pin.fpr);
	field(out, "reason", f->reason);
	if (f->cached) {
		text_time(until, f->asked);
		snprintf(how, sizeof(how), "%s, from the cache (--fresh asks again)", until);
		field(out, "asked", how);
	}
}
