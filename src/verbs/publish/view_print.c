/* SPDX-License-Identifier: ISC */
/* What plan and verify print of a domain: within 80 columns, or as JSON. */
#include <string.h>

#include "base/text.h"
#include "print/output.h"
#include "print/term.h"
#include "verbs/publish/view.h"

#define VALUE_COLUMNS 40
#define COLUMNS 80
#define INDENT 11

static const char *const view_states[] = {[VIEW_RIGHT] = "right",
	[VIEW_MISSING] = "missing",
	[VIEW_DIFFERS] = "differs",
	[VIEW_EXTRA] = "extra",
	[VIEW_UNKNOWN] = "unknown"};

/* Files were asked for only if one has an answer or a reason. */
static bool file_asked(const struct view_file *f)
{
	return f->now.reason != NULL;
}

/* Of a policy in testing that is live: from when on enforcing it is advised; 0: none is. */
static int64_t view_enforce_from(const struct view *v)
{
	struct step_facts f = {.wanted = true};

	look_enforce(v->look, &f);
	return f.since ? f.since + f.wait : 0;
}

/* The number of things to do; *unknown: of those whose present state is unknown, not among them. */
static size_t view_to_do(const struct view *v, size_t *unknown)
{
	size_t i, n = 0;

	*unknown = 0;
	for (i = 0; i < v->n_set; i++) {
		n += v->set[i].state != VIEW_RIGHT && v->set[i].state != VIEW_UNKNOWN;
		*unknown += v->set[i].state == VIEW_UNKNOWN;
	}
	for (i = 0; i < v->n_file; i++) {
		if (!file_asked(&v->file[i]))
			continue;
		n += v->file[i].state != VIEW_RIGHT && v->file[i].state != VIEW_UNKNOWN;
		*unknown += v->file[i].state == VIEW_UNKNOWN;
	}
	for (i = 0; i < v->steps.n; i++) {
		n += v->steps.v[i].verdict.state != STATE_DONE &&
		     v->steps.v[i].verdict.state != STATE_UNKNOWN;
		*unknown += v->steps.v[i].verdict.state == STATE_UNKNOWN;
	}
	for (i = 0; i < v->n_finding; i++)
		n += v->finding[i].counts;
	return n;
}

int view_exit(const struct view *v)
{
	size_t unknown, todo = view_to_do(v, &unknown);
	int status = publish_worse_exit(todo ? 1 : 0, unknown ? 75 : 0);

	status = publish_worse_exit(status, steps_exit(&v->steps));
	return v->look->t.answered ? status : publish_worse_exit(status, 75);
}

/* A sentence below what it is about, in lines that fit. */
static void print_below(FILE *f, const char *text)
{
	const struct style t = {.width = COLUMNS};

	fprintf(f, "%*s", INDENT, "");
	term_text(f, &t, text, INDENT, INDENT);
	fputc('\n', f);
}

/* One that is neither published nor reported: a copy of another. */
static bool is_key_told(const struct key_claim *c)
{
	return c->publish || (c->why && c->why[0]);
}

static size_t count_left_out(const struct publish *p, const struct keys *k, const struct view *v)
{
	uint32_t index = (uint32_t)publish_index(p, v->domain);
	size_t i, left = 0;

	for (i = keys_first(k, index); i < k->n_claim && k->claim[i].domain == index; i++)
		left += !k->claim[i].publish && is_key_told(&k->claim[i]);
	return left;
}

static void print_key(
	FILE *f, const struct keys *k, const struct view *v, const struct key_claim *c)
{
	const char *path = k->source[c->source].path;
	char until[TEXT_TIME_MAX], why[FILE_PATH_MAX + 256];

	fprintf(f, "  %-8s ", c->publish ? "key" : "left");
	out_safe(f, c->address ? c->address : c->fpr, 28);
	if (!c->publish) {
		fputc('\n', f);
		snprintf(why, sizeof(why), "%s (%s)", c->why, path ? path : "gnupg");
		print_below(f, why);
		return;
	}
	text_time(until, c->expires);
	fprintf(f, " %s%.10s, %s%s\n           %s\n", c->expires ? "until " : "",
		c->expires ? until : "no end", publish_method_name(v->domain->section->method),
		c->use == CERT_REVOKED   ? ", revoked"
		: c->use == CERT_EXPIRED ? ", expired"
					 : "",
		c->fpr);
}

static void print_keys(FILE *f, const struct publish *p, const struct keys *k, const struct view *v)
{
	uint32_t index = (uint32_t)publish_index(p, v->domain);
	size_t i;

	for (i = keys_first(k, index); i < k->n_claim && k->claim[i].domain == index; i++) {
		if (is_key_told(&k->claim[i]))
			print_key(f, k, v, &k->claim[i]);
	}
}

static void panel_value(const struct dns_record *r, struct buf *b)
{
	buf_reset(b);
	(void)record_value(r, true, b);
}

static void print_set(FILE *f, const struct view *v, const struct view_set *s)
{
	struct buf b = BUF_INIT(1u << 20);
	size_t i, zone = strlen(v->domain->name), len = strlen(s->name);
	int shown = len > zone ? (int)(len - zone - 1) : 1;

	for (i = 0; i < (s->n ? s->n : 1); i++) {
		if (s->n)
			panel_value(&v->want.v[s->first + i], &b);
		fprintf(f, "  %-8s %-20.*s %-6s ", view_states[s->state], shown > 20 ? 20 : shown,
			len > zone ? s->name : "@", record_type_name(s->type));
		if (b.len > VALUE_COLUMNS)
			fprintf(f, "%.*s...\n", VALUE_COLUMNS - 3, buf_str(&b));
		else
			fprintf(f, "%s\n", buf_str(&b));
	}
	for (i = 0; s->state != VIEW_MISSING && s->state != VIEW_UNKNOWN && i < s->now.n_record;
		i++) {
		struct dns_record now = {.type = s->type,
			.rdata = s->now.record[i].data,
			.len = s->now.record[i].len};

		panel_value(&now, &b);
		fputs("           now: ", f);
		if (b.len > VALUE_COLUMNS + 20 && buf_str(&b)[0])
			b.p[VALUE_COLUMNS + 20] = '\0';
		out_safe(f, buf_str(&b), 0);
		fputc('\n', f);
	}
	if (s->state == VIEW_UNKNOWN) {
		fputs("           ", f);
		out_safe(f, s->now.note ? s->now.note : "", 0);
		fputc('\n', f);
	}
	buf_free(&b);
}

static void print_file(FILE *f, const struct view_file *v)
{
	char status[WORLD_TEXT_MAX + 32] = "";

	fprintf(f, "  %-8s https://%s\n           %s\n", view_states[v->state], v->host, v->path);
	if (v->now.status)
		snprintf(status, sizeof(status), "HTTP %u%s%s", v->now.status,
			v->why[0] ? ": " : "", v->why);
	print_below(f, status[0] ? status : v->why);
}

static void print_step(FILE *f, const struct view *v, const struct step_note *note)
{
	const struct step_verdict *s = &note->verdict;
	char when[TEXT_TIME_MAX], fix[256];

	fprintf(f, "  %-8s %s", publish_state_name(s->state), publish_step_name(note->step));
	if (v && strcmp(note->name, v->domain->name) != 0) {
		fputc(' ', f);
		out_safe(f, note->name, 0);
	}
	text_time(when, s->not_before);
	if (s->not_before)
		fprintf(f, ", not before %.10s", when);
	fputc('\n', f);
	if (s->reason[0])
		print_below(f, s->reason);
	if (s->mend[0]) {
		snprintf(fix, sizeof(fix), "fix: %s", s->mend);
		print_below(f, fix);
	}
}

void view_print_gone(FILE *f, const struct step_note *s)
{
	fprintf(f, "%s: not in the file any more\n", s->name);
	print_step(f, NULL, s);
}

static void print_findings(FILE *f, const struct view *v)
{
	size_t i;

	if (!v->look->t.answered) {
		fputs("  unknown  ", f);
		out_safe(f, v->look->t.why, 0);
		fputc('\n', f);
	}
	for (i = 0; i < v->n_finding; i++) {
		fputs(v->finding[i].counts ? "  differs  " : "  note     ", f);
		out_safe(f, v->finding[i].what, 0);
		fputc('\n', f);
		print_below(f, v->finding[i].reason);
	}
}

/* Files of which each shows the certificate of another host; at most HOSTS_MAX. */
#define HOSTS_MAX 3 /* openpgpkey., mta-sts., the domain itself */
static size_t list_certificates(const struct view *v, const struct view_file *out[HOSTS_MAX])
{
	size_t i, k, n = 0;

	for (i = 0; i < v->n_file && n < HOSTS_MAX; i++) {
		if (!v->file[i].now.issuer || !v->file[i].now.issuer[0])
			continue;
		for (k = 0; k < n && strcmp(out[k]->host, v->file[i].host) != 0; k++)
			;
		if (k == n)
			out[n++] = &v->file[i];
	}
	return n;
}

static void print_certificates(FILE *f, const struct publish *p, const struct view *v)
{
	const struct view_file *at[HOSTS_MAX];
	size_t i, n = list_certificates(v, at);

	for (i = 0; i < n; i++) {
		fprintf(f, "  cert     %s, %lld days\n           ", at[i]->host,
			(long long)(at[i]->now.not_after - p->now) / PUBLISH_DAY);
		out_safe(f, at[i]->now.issuer, 0);
		fputc('\n', f);
	}
}

/* What comes next: the first step that may be taken, or the one that may soonest; or NULL. */
static const struct step_note *next_step(const struct view *v)
{
	const struct step_note *best = NULL, *s;
	size_t i;

	for (i = 0; i < v->steps.n; i++) {
		s = &v->steps.v[i];
		if (s->verdict.state == STATE_NEXT)
			return s;
		if (s->verdict.state == STATE_WAIT &&
			(!best || s->verdict.not_before < best->verdict.not_before))
			best = s;
	}
	return best;
}

static void print_next(FILE *f, const struct publish *p, const struct view *v)
{
	const struct step_note *s = next_step(v);
	int64_t when = s ? s->verdict.not_before : view_enforce_from(v);
	char text[TEXT_TIME_MAX];

	if (!s && (when == 0 || v->domain->sts != PUBLISH_STS_TESTING))
		return;
	fprintf(f, "; next: %s", publish_step_name(s ? s->step : STEP_ENFORCE));
	text_time(text, when);
	if (when > p->now)
		fprintf(f, ", not before %.10s", text);
}

void view_print(FILE *f, const struct publish *p, const struct keys *k, const struct view *v)
{
	size_t i, unknown, left = count_left_out(p, k, v), todo = view_to_do(v, &unknown);

	fprintf(f, "%s: ", v->domain->name);
	if (todo)
		fprintf(f, "%zu to do", todo);
	else if (!unknown)
		fputs("nothing to do", f);
	if (unknown)
		fprintf(f, "%s%zu unknown", todo ? ", " : "", unknown);
	if (left)
		fprintf(f, ", %zu key%s left out", left, left == 1 ? "" : "s");
	print_next(f, p, v);
	fputc('\n', f);
	print_keys(f, p, k, v);
	for (i = 0; i < v->n_set; i++) {
		if (v->set[i].state != VIEW_RIGHT)
			print_set(f, v, &v->set[i]);
	}
	for (i = 0; i < v->n_file; i++) {
		if (file_asked(&v->file[i]) && v->file[i].state != VIEW_RIGHT)
			print_file(f, &v->file[i]);
	}
	for (i = 0; i < v->steps.n; i++)
		print_step(f, v, &v->steps.v[i]);
	print_certificates(f, p, v);
	print_findings(f, v);
}

static void json_keys(
	struct out *o, const struct publish *p, const struct keys *k, const struct view *v)
{
	uint32_t index = (uint32_t)publish_index(p, v->domain);
	size_t i;

	out_array(o, "keys");
	for (i = keys_first(k, index); i < k->n_claim && k->claim[i].domain == index; i++) {
		const struct key_claim *c = &k->claim[i];
		struct out *key;

		if (!is_key_told(c))
			continue;
		key = out_item(o, "keys");
		out_str(key, "address", c->address);
		out_str(key, "fingerprint", c->fpr);
		out_time(key, "expires", c->expires);
		out_str(key, "state", c->publish ? "publish" : "left-out");
		out_str(key, "reason", c->publish ? "" : c->why);
		out_str(key, "file", k->source[c->source].path);
	}
}

static void json_set(struct out *o, const struct view *v, const struct view_set *s)
{
	struct buf b = BUF_INIT(1u << 20);
	size_t i;

	out_str(o, "name", s->name);
	out_str(o, "type", record_type_name(s->type));
	out_int_if(o, "ttl", s->n > 0, s->ttl);
	out_array(o, "want");
	for (i = 0; i < s->n; i++) {
		panel_value(&v->want.v[s->first + i], &b);
		out_item_str(o, "want", buf_str(&b));
	}
	out_array(o, "now");
	for (i = 0; i < s->now.n_record; i++) {
		struct dns_record now = {.type = s->type,
			.rdata = s->now.record[i].data,
			.len = s->now.record[i].len};

		panel_value(&now, &b);
		out_item_str(o, "now", buf_str(&b));
	}
	out_str(o, "state", view_states[s->state]);
	buf_free(&b);
}

static void json_files(struct out *o, const struct view *v)
{
	char url[WORLD_NAME_MAX + WORLD_PATH_MAX + 16];
	size_t i;

	out_array(o, "files");
	for (i = 0; i < v->n_file; i++) {
		const struct view_file *f = &v->file[i];
		struct out *x;

		if (!file_asked(f))
			continue;
		snprintf(url, sizeof(url), "https://%s%s", f->host, f->path);
		x = out_item(o, "files");
		out_str(x, "url", url);
		out_str(x, "state", view_states[f->state]);
		out_int_if(x, "status", f->now.status != 0, f->now.status);
		out_str(x, "reason", f->why);
	}
}

static void json_policy(struct out *o, const struct view *v)
{
	const char *mode = strstr(buf_str(&v->policy), "\nmode: ");
	int64_t age = policy_max_age(&v->policy);
	struct out *x = out_object(o, "policy");
	char id[POLICY_ID_MAX] = "", word[16] = "off";

	if (v->policy.len > 0)
		(void)policy_id(&v->policy, id);
	if (mode)
		snprintf(word, sizeof(word), "%.*s",
			(int)strcspn(mode + strlen("\nmode: "), "\r\n"), mode + strlen("\nmode: "));
	out_str(x, "mode", word);
	out_str(x, "id", id);
	out_int_if(x, "max_age", age >= 0, age);
	out_time(x, "live_since", v->look->mode_since);
}

static void json_step(struct out *o, const struct step_note *s)
{
	out_str(o, "step", publish_step_name(s->step));
	out_str(o, "name", s->name);
	out_str(o, "state", publish_state_name(s->verdict.state));
	out_time(o, "not_before", s->verdict.not_before);
	out_str(o, "reason", s->verdict.reason);
	out_str(o, "mend", s->verdict.mend);
}

static void json_finding(struct out *o, const struct view_finding *x)
{
	out_str(o, "what", x->what);
	out_str(o, "reason", x->reason);
}

static void json_certificates(struct out *o, const struct view *v)
{
	const struct view_file *at[HOSTS_MAX];
	size_t i, n = list_certificates(v, at);

	out_array(o, "certificates");
	for (i = 0; i < n; i++) {
		struct out *x = out_item(o, "certificates");

		out_str(x, "host", at[i]->host);
		out_str(x, "names", at[i]->now.subject);
		out_str(x, "issuer", at[i]->now.issuer);
		out_time(x, "not_after", at[i]->now.not_after);
	}
}

int view_json_gone(FILE *f, const struct step_note *s)
{
	struct out *o = out_new();

	out_str(o, "domain", s->name);
	OUT_LIST(o, "steps", s, 1, json_step);
	return out_print(o, f);
}

int view_json(FILE *f, const struct publish *p, const struct keys *k, const struct view *v)
{
	struct out *o = out_new();
	size_t i;

	out_str(o, "domain", v->domain->name);
	json_keys(o, p, k, v);
	out_array(o, "records");
	for (i = 0; i < v->n_set; i++)
		json_set(out_item(o, "records"), v, &v->set[i]);
	json_files(o, v);
	json_policy(o, v);
	OUT_LIST(o, "steps", v->steps.v, v->steps.n, json_step);
	json_certificates(o, v);
	OUT_LIST(o, "findings", v->finding, v->n_finding, json_finding);
	return out_print(o, f);
}
