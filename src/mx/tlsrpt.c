/* SPDX-License-Identifier: ISC */
#include "mx/tlsrpt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mx/fields.h"
#include "mx/text.h"

/* mailto: or https:, no blanks, and "!" and "," encoded. */
static bool uri_ok(const char *p, size_t len)
{
	size_t i;

	if (!(len > 7 && strncasecmp(p, "mailto:", 7) == 0) &&
		!(len > 8 && strncasecmp(p, "https://", 8) == 0))
		return false;
	for (i = 0; i < len; i++) {
		if (p[i] <= ' ' || p[i] > '~' || strchr("!<>\"\\^`{|}", p[i]))
			return false;
	}
	return true;
}

static const char *take_uri(const char *p, size_t len, unsigned *skipped, struct check_tlsrpt *out)
{
	char **grown;

	while (len > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		len--;
	}
	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	/* Of another scheme, or malformed: passed over, for the others count. */
	if (!uri_ok(p, len) || len > CHECK_TEXT_MAX) {
		*skipped += 1;
		return NULL;
	}
	if (out->n_rua == CHECK_RUA_MAX)
		return NULL;
	grown = reallocarray(out->rua, out->n_rua + 1, sizeof(*out->rua));
	if (!grown)
		return "out of memory";
	out->rua = grown;
	out->rua[out->n_rua] = strndup(p, len);
	if (!out->rua[out->n_rua])
		return "out of memory";
	out->n_rua++;
	return NULL;
}

static const char *take_rua(const struct field *f, unsigned *skipped, struct check_tlsrpt *out)
{
	const char *p = f->value, *end = f->value + f->value_len, *comma, *why = NULL;

	do {
		comma = memchr(p, ',', (size_t)(end - p));
		why = take_uri(p, (size_t)((comma ? comma : end) - p), skipped, out);
		p = comma ? comma + 1 : end;
	} while (!why && comma);
	return why;
}

static const char *take_record(const char *record, size_t len, struct check_tlsrpt *out)
{
	const char *at = record + sizeof(TLSRPT_VERSION) - 1, *end = record + len, *why = NULL;
	struct field f;
	unsigned skipped = 0;
	bool have = false;
	int rc = 1;

	while (!why && (rc = fields_next(&at, end, &f)) == 1) {
		if (!field_is(&f, "rua"))
			continue;
		have = true;
		why = take_rua(&f, &skipped, out);
	}
	if (!why && rc < 0)
		why = "it is malformed";
	else if (!why && !have)
		why = "it has no rua";
	else if (!why && out->n_rua == 0)
		why = "its rua has no mailto: or https: address";
	if (!why && skipped > 0)
		mx_say(&out->reason,
			"_smtp._tls: %u of the addresses in rua %s passed over, being "
			"neither mailto: nor https:, or malformed",
			skipped, skipped == 1 ? "is" : "are");
	return why;
}

static void end_tlsrpt(struct check_tlsrpt *out, enum check_outcome outcome, const char *why)
{
	out->outcome = outcome;
	mx_say(&out->reason, "_smtp._tls: %s", why);
	while (out->n_rua > 0)
		free(out->rua[--out->n_rua]);
}

void tlsrpt_take(const struct dns_answer *a, struct check_tlsrpt *out)
{
	struct buf record = BUF_INIT(FIELDS_TXT_MAX);
	const char *why;
	int n;

	out->dnssec = a->state;
	if (a->state > DNS_INSECURE) {
		end_tlsrpt(out, CHECK_UNKNOWN, a->note[0] ? a->note : "no answer");
		return;
	}
	n = fields_only(a, TLSRPT_VERSION, &record);
	why = n == 1  ? take_record(buf_str(&record), record.len, out)
	      : n > 1 ? "there are several records"
	      : n < 0 ? "it is malformed"
	      : fields_nearly(a, TLSRPT_VERSION)
		      ? "a record that was meant to be one does not begin \"v=TLSRPTv1;\", so it "
			"does not count"
		      : NULL;
	if (n == 0 && !why)
		end_tlsrpt(out, CHECK_NONE, "there is no record");
	else if (why)
		end_tlsrpt(out, CHECK_INVALID, why);
	else
		out->outcome = CHECK_FOUND;
	buf_free(&record);
}
