/* SPDX-License-Identifier: ISC */
/* The argument of the subcommands of "pins", and the output about what was done. */
#include "verbs/pins/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mime/recipients.h"
#include "print/output.h"
#include "print/quote.h"

int pins_target(const char *s, struct pins_target *t, struct err *err)
{
	struct err why = ERR_INIT;
	struct addr a;
	int rc;

	memset(t, 0, sizeof(*t));
	t->whole = s[0] == '@' || (!strchr(s, '@') && strchr(s, '.'));
	if (t->whole) {
		rc = addr_domain(s + (s[0] == '@'), t->domain, &why);
		if (rc == 0 && !strchr(t->domain, '.'))
			rc = err_set(&why, ERR_USAGE, "the domain has no dot");
		memcpy(t->name, t->domain, sizeof(t->domain));
	} else {
		rc = address_argument(s, &a, &why);
		if (rc == 0) {
			memcpy(t->name, a.name, sizeof(t->name));
			memcpy(t->domain, a.domain, sizeof(t->domain));
		}
	}
	return rc < 0 ? err_set(err, ERR_USAGE, "%.300s: %.600s", s, why.msg) : 0;
}

/* "sealpost pins VERB NAME FPR" into out; "" where the name cannot be pasted. */
static void command(char *out, size_t cap, const char *verb, const char *name, const char *fpr)
{
	char word[ERR_HINT_MAX];
	int n = -1;

	if (quote_shell(word, sizeof(word), name) == 0)
		n = snprintf(out, cap, "sealpost pins %s %s%s%s", verb, word,
			fpr && fpr[0] ? " " : "", fpr ? fpr : "");
	if (n < 0 || (size_t)n >= cap)
		out[0] = '\0';
}

void pins_hint(const char *verb, const char *name, const char *fpr)
{
	char text[ERR_HINT_MAX];

	command(text, sizeof(text), verb, name, fpr);
	if (text[0] == '\0')
		return;
	fputs("hint: ", stderr);
	out_safe(stderr, text, 0);
	fputc('\n', stderr);
}

#define UNDO_MAX (sizeof(((struct pins_done *)NULL)->undo) / sizeof(struct pins_undo))

void pins_undo_by(struct pins_done *done, const char *verb, const char *fpr)
{
	size_t i;

	for (i = 0; i + 1 < UNDO_MAX && done->undo[i].verb; i++)
		;
	if (i + 1 < UNDO_MAX)
		done->undo[i] = (struct pins_undo){verb, fpr};
}

/* All of them, as one line for a shell; "" if there is none, or the name cannot be pasted. */
static void undo_line(char *out, size_t cap, const struct pins_done *done)
{
	char one[ERR_HINT_MAX];
	size_t i, len = 0;

	out[0] = '\0';
	for (i = 0; i < UNDO_MAX && done->undo[i].verb; i++) {
		command(one, sizeof(one), done->undo[i].verb, done->address, done->undo[i].fpr);
		if (one[0] == '\0' || len + strlen(one) + 5 > cap) {
			out[0] = '\0';
			return;
		}
		len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? " && " : "", one);
	}
}

int pins_say(const struct pins *p, const struct pins_done *done, struct err *err)
{
	char undo[UNDO_MAX * (ERR_HINT_MAX + 4)];
	struct out *o;

	undo_line(undo, sizeof(undo), done);
	if (p->json) {
		o = out_new();
		out_str(o, "address", done->address);
		out_str(o, "event", done->event);
		out_str(o, "fingerprint", done->fpr);
		out_str(o, "previous_fingerprint", done->before);
		out_str(o, "undo", undo);
		return out_print(o, stdout) < 0 ? out_failed(err, ERR_IO) : 0;
	}
	out_safe(stdout, done->address, 0);
	fputs(": ", stdout);
	out_safe(stdout, done->words, 0);
	fputc('\n', stdout);
	if (undo[0] != '\0') {
		fputs("undo: ", stdout);
		out_safe(stdout, undo, 0);
		fputc('\n', stdout);
	}
	return 0;
}

static int copy_last(const struct refusal *r, void *arg)
{
	struct pins_last *l = arg;
	size_t i;

	l->found = true;
	l->address = calloc(r->n_rcpt + 1, sizeof(*l->address));
	l->failed = !l->address;
	for (i = 0; i < r->n_rcpt && !l->failed; i++) {
		if ((l->all || r->rcpt[i].allowable) && r->rcpt[i].address[0])
			memcpy(l->address[l->n++], r->rcpt[i].address, sizeof(*l->address));
	}
	return 1;
}

int pins_last(struct pins *p, struct pins_last *l, struct err *err)
{
	int rc = store_refusal_each(p->store, 1, copy_last, l, err);

	return rc == 0 && l->failed ? err_set(err, ERR_OS, "out of memory") : rc;
}
