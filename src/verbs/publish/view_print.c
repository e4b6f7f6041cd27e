/* SPDX-License-Identifier: ISC */
/* What plan and verify print of a domain: within 80 columns, or as JSON. */
#include <string.h>

#include "base/text.h"
#include "print/output.h"
#include "verbs/publish/view.h"

#define VALUE_COLUMNS 40
#define DAYS_LEFT 14 /* of a certificate, from which on it is told */

static const char *const view_states[] = {[VIEW_RIGHT] = "right",
	[VIEW_MISSING] = "missing",
	[VIEW_DIFFERS] = "differs",
	[VIEW_EXTRA] = "extra",
	[VIEW_UNKNOWN] = "unknown"};

const char *view_state_name(enum view_state s)
{
	return view_states[s];
}

/* Files were asked for only if one has an answer or a reason. */
static bool file_asked(const struct view_file *f)
{
	return f->now.reason != NULL;
}

/* A live MX whose session is not as the policy wants it. */
static bool mx_fails(const struct check_mx *m)
{
	return m->live.status == LIVE_FAILED;
}

size_t view_to_do(const struct view *v)
{
	size_t i, n = 0;

	for (i = 0; i < v->n_set; i++)
		n += v->set[i].state != VIEW_RIGHT;
	for (i = 0; i < v->n_file; i++)
		n += file_asked(&v->file[i]) && v->file[i].state != VIEW_RIGHT;
	for (i = 0; i < v->steps.n; i++)
		n += v->steps.v[i].verdict.state != STATE_DONE;
	for (i = 0; v->look->t.answered && i < v->look->t.reply.n_mx; i++)
		n += mx_fails(&v->look->t.reply.mx[i]);
	return n;
}

int view_exit(const struct view *v)
{
	int status = view_to_do(v) ? 1 : 0;
	size_t i;

	for (i = 0; i < v->n_set; i++)
		status = publish_worse_exit(status, v->set[i].state == VIEW_UNKNOWN ? 75 : 0);
	for (i = 0; i < v->n_file; i++)
		status = publish_worse_exit(status,
			file_asked(&v->file[i]) && v->file[i].state == VIEW_UNKNOWN ? 75 : 0);
	for (i = 0; i < v->steps.n; i++)
		status =
			publish_worse_exit(status, publish_state_exit(v->steps.v[i].verdict.state));
	return v->look->t.answered ? status : publish_worse_exit(status, 75);
}

/* The keys of the domain: those that go out, then those that do not. */
static size_t print_keys(
	FILE *f, const struct publish *p, const struct keys *k, const struct view *v, bool print)
{
	uint32_t index = (uint32_t)publish_index(p, v->domain);
	char until[TEXT_TIME_MAX];
	size_t i, left = 0;

	for (i = 0; i < k->n_claim; i++) {
		const struct key_claim *c = &k->claim[i];
		const char *path = k->source[c->source].path;

		if (c->domain != index)
			continue;
		left += !c->publish && c->why && c->why[0];
		if (!print || (!c->publish && (!c->why || !c->why[0])))
			continue;
		fprintf(f, "  %-8s ", c->publish ? "key" : "left");
		out_safe(f, c->address ? c->address : c->fpr, 28);
		text_time(until, c->expires);
		if (c->publish)
			fprintf(f, " %s%.10s%s\n           %s\n", c->expires ? "until " : "",
				c->expires ? until : "does not expire",
				c->use == CERT_USABLE ? "" : ", revoked or expired", c->fpr);
		else
			fprintf(f, "\n           %s (", c->why);
		if (!c->publish) {
			out_safe(f, path ? path : "gnupg", 0);
			fputs(")\n", f);
		}
	}
	return left;
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
	fprintf(f, "  %-8s https://%s\n           %s\n           ", view_states[v->state], v->host,
		v->path);
	if (v->now.status)
		fprintf(f, "HTTP %u%s", v->now.status, v->why[0] ? ": " : "");
	out_safe(f, v->why, 0);
	fputc('\n', f);
}

static void print_step(FILE *f, const struct view *v, const struct step_note *note)
{
	const struct step_verdict *s = &note->verdict;
	char when[TEXT_TIME_MAX];

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
		fprintf(f, "           %s\n", s->reason);
	if (s->mend[0])
		fprintf(f, "           fix: %s\n", s->mend);
}

void view_print_gone(FILE *f, const struct step_note *s)
{
	fprintf(f, "%s: not in the file any more\n", s->name);
	print_step(f, NULL, s);
}

static void print_findings(FILE *f, const struct publish *p, const struct view *v)
{
	const struct check_reply *r = &v->look->t.reply;
	size_t i;

	if (!v->look->t.answered) {
		fputs("  unknown  ", f);
		out_safe(f, v->look->t.why, 0);
		fputc('\n', f);
		return;
	}
	for (i = 0; i < r->n_mx; i++) {
		if (!mx_fails(&r->mx[i]))
			continue;
		fputs("  differs  ", f);
		out_safe(f, r->mx[i].host, 0);
		fputs(": ", f);
		out_safe(f, r->mx[i].live.reason, 0);
		fputc('\n', f);
	}
	for (i = 0; i < r->n_cert; i++) {
		if (r->cert[i].not_after - p->now > DAYS_LEFT * PUBLISH_DAY)
			continue;
		fprintf(f, "  note     the certificate of %s ends in %lld days\n", r->cert[i].name,
			(long long)(r->cert[i].not_after - p->now) / PUBLISH_DAY);
	}
}

void view_print(FILE *f, const struct publish *p, const struct keys *k, const struct view *v)
{
	size_t i, left = print_keys(f, p, k, v, false), todo = view_to_do(v);

	fprintf(f, "%s: ", v->domain->name);
	if (todo)
		fprintf(f, "%zu to do", todo);
	else
		fputs("nothing to do", f);
	if (left)
		fprintf(f, ", %zu key%s left out", left, left == 1 ? "" : "s");
	fputc('\n', f);
	(void)print_keys(f, p, k, v, true);
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
	print_findings(f, p, v);
}

static void json_keys(
	struct out *o, const struct publish *p, const struct keys *k, const struct view *v)
{
	uint32_t index = (uint32_t)publish_index(p, v->domain);
	size_t i;

	out_array(o, "keys");
	for (i = 0; i < k->n_claim; i++) {
		const struct key_claim *c = &k->claim[i];
		struct out *key;

		if (c->domain != index || (!c->publish && (!c->why || !c->why[0])))
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
	struct out *x = out_object(o, "policy");
	char id[POLICY_ID_MAX] = "";

	if (v->policy.len > 0)
		(void)policy_id(&v->policy, id);
	out_str(x, "mode", v->policy.len == 0 ? "off" : publish_sts_name(v->domain->sts));
	out_str(x, "id", id);
	out_int_if(x, "max_age", v->policy.len > 0, v->domain->section->max_age);
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

static void json_findings(struct out *o, const struct view *v)
{
	const struct check_reply *r = &v->look->t.reply;
	size_t i;

	out_array(o, "findings");
	for (i = 0; v->look->t.answered && i < r->n_mx; i++) {
		struct out *x;

		if (!mx_fails(&r->mx[i]))
			continue;
		x = out_item(o, "findings");
		out_str(x, "what", r->mx[i].host);
		out_str(x, "reason", r->mx[i].live.reason);
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
	json_findings(o, v);
	return out_print(o, f);
}
