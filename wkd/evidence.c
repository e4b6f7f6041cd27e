/* SPDX-License-Identifier: ISC */
#include "wkd/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wkd_name.h"

#define NOTE_MAX 512
#define LINE_MAX 2048
#define GROW 4

char *evidence_text(const char *s, size_t max)
{
	struct buf b = BUF_INIT(4 * LOOKUP_URL_MAX + 4);
	char *copy;

	(void)text_safe(&b, s, strnlen(s, max));
	copy = strndup(buf_str(&b), max);
	buf_free(&b);
	return copy;
}

char *evidence_url_text(const char *url, bool keep)
{
	char cut[HTTPS_URL_MAX + 4];
	char *address;

	snprintf(cut, HTTPS_URL_MAX, "%s", url);
	if (!keep)
		cut[strcspn(cut, "?")] = '\0';
	address = keep ? NULL : strstr(cut, VKS_BY_EMAIL);
	if (address)
		memcpy(address + strlen(VKS_BY_EMAIL), "...", 4);
	return evidence_text(cut, LOOKUP_URL_MAX - 1);
}

void evidence_trace(struct evidence *e, const char *fmt, ...)
{
	char line[LINE_MAX], stamped[LINE_MAX + 32], *safe;
	va_list ap;

	if (!e->trace)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	snprintf(
		stamped, sizeof(stamped), "%5lld ms  %s", (long long)(clock_ms() - e->start), line);
	safe = evidence_text(stamped, LINE_MAX);
	if (safe)
		e->trace(e->arg, safe);
	free(safe);
}

/* Room for one more in an array that grows in steps; NULL when there is none. */
static void *grown_array(const struct evidence *e, void *array, size_t n, size_t size)
{
	if (n >= (e->max ? e->max : LOOKUP_EVIDENCE_MAX))
		return NULL;
	return n % GROW == 0 ? reallocarray(array, n + GROW, size) : array;
}

/* "192.0.2.10, 2001:db8::10", "2 records", "no such name". */
static void answer_text(const struct dns_answer *a, struct buf *out)
{
	char text[IP_TEXT_MAX];
	struct net_ip ip;
	size_t i;

	if (a->state > DNS_INSECURE) {
		(void)buf_adds(out, a->note[0] ? a->note : dns_rcode_name(a->rcode));
	} else if (a->n == 0) {
		(void)buf_adds(out, a->nxdomain ? "no such name" : "no such record");
	} else if (a->type != DNS_A && a->type != DNS_AAAA) {
		(void)buf_addf(out, "%zu record%s", a->n, a->n == 1 ? "" : "s");
	} else {
		for (i = 0; i < a->n; i++) {
			if (!ip_parse(a->data[i], a->len[i], a->type == DNS_AAAA, &ip))
				continue;
			ip_text(&ip, text);
			(void)buf_addf(out, "%s%s", out->len ? ", " : "", text);
		}
	}
	if (a->canon[0])
		(void)buf_addf(out, ", of %s", a->canon);
	if (a->wildcard)
		(void)buf_adds(out, ", from a wildcard");
}

/* Why bogus, where an alias led, that it came from a wildcard. */
static char *answer_note(const struct dns_answer *a)
{
	char note[NOTE_MAX];

	snprintf(note, sizeof(note), "%s%s%s", a->note[0] ? a->note : a->canon,
		a->wildcard && a->canon[0] ? ", " : "", a->wildcard ? "from a wildcard" : "");
	return evidence_text(note, NOTE_MAX);
}

void evidence_dns(struct evidence *e, const struct dns_answer *a)
{
	struct lookup_reply *r = e->reply;
	struct evidence_dns *d = grown_array(e, r->dns, r->n_dns, sizeof(*r->dns));
	struct buf text = BUF_INIT(LINE_MAX);

	if (d) {
		r->dns = d;
		r->dns[r->n_dns++] = (struct evidence_dns){.name = evidence_text(a->name, NOTE_MAX),
			.type = a->type,
			.state = (uint8_t)a->state,
			.rcode = a->rcode,
			.answers = (uint16_t)a->n,
			.nxdomain = a->nxdomain,
			.ms = (uint32_t)(clock_ms() - e->start),
			.note = answer_note(a)};
	}
	if (e->trace) {
		answer_text(a, &text);
		evidence_trace(e, "DNS %s %s: %s (%s)", dns_type_name(a->type), a->name,
			buf_str(&text), dns_state_name(a->state));
	}
	buf_free(&text);
}

void evidence_url(struct evidence *e, const struct https_result *q)
{
	struct lookup_reply *r = e->reply;
	struct evidence_url *u = grown_array(e, r->url, r->n_url, sizeof(*r->url));
	const char *note = q->reason[0] ? q->reason : q->location;
	char *url, *to;

	if (u) {
		r->url = u;
		u = &r->url[r->n_url++];
		*u = (struct evidence_url){.url = evidence_url_text(q->url, e->queries),
			.status = (uint16_t)q->status,
			.tls = (uint8_t)q->tls,
			.ms = q->ms,
			.note = q->reason[0] ? evidence_text(note, NOTE_MAX)
					     : evidence_url_text(note, e->queries)};
		if (u->note && strlen(u->note) > NOTE_MAX)
			u->note[NOTE_MAX] = '\0';
		memcpy(u->ip, q->ip, sizeof(u->ip));
		memcpy(u->spki, q->spki, sizeof(u->spki));
	}
	if (!e->trace)
		return;
	/* Never with the query: it names the mailbox. */
	url = evidence_url_text(q->url, false);
	to = evidence_url_text(note, q->reason[0] != '\0');
	if (q->status > 0)
		evidence_trace(e, "GET %s: %d from %s (%s)%s%s", url ? url : "", q->status, q->ip,
			tls_auth_name(q->tls), note[0] ? ": " : "", to ? to : "");
	else
		evidence_trace(e, "GET %s: %s", url ? url : "", to ? to : "");
	free(url);
	free(to);
}

static const char *status_name(enum method_status s)
{
	static const char *const name[] = {[METHOD_NOT_ASKED] = "not asked",
		[METHOD_FOUND] = "found",
		[METHOD_ABSENT] = "absent",
		[METHOD_FAILED] = "failed"};

	return name[s];
}

void evidence_result(
	struct evidence *e, struct method_result *r, enum method_status status, const char *reason)
{
	free(r->reason);
	r->status = status;
	r->reason = evidence_text(reason, LOOKUP_REASON_MAX - 1);
	if (status != METHOD_FOUND || !r->reason) {
		while (r->n_body > 0)
			free(r->body[--r->n_body].data);
	}
	if (!r->reason)
		r->status = METHOD_FAILED;
	if (r->status != METHOD_ABSENT)
		r->proved = false;
	if (r->status != METHOD_FAILED)
		r->proxy_down = false;
	evidence_trace(e, "%s: %s%s%s",
		r->method == METHOD_KEYSERVER ? "key server"
		: r == &e->reply->wkd         ? "WKD"
					      : "OPENPGPKEY",
		status_name(r->status), reason[0] ? ": " : "", reason);
}
