/* SPDX-License-Identifier: ISC */
#include "verbs/check/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *check_level_name(enum check_level l)
{
	static const char *const name[] = {[LEVEL_OK] = "ok",
		[LEVEL_NOTE] = "note",
		[LEVEL_WARN] = "warn",
		[LEVEL_BAD] = "bad",
		[LEVEL_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == LEVEL_UNKNOWN + 1, "a name for each");
	return name[l];
}

const char *check_group_name(enum check_group g)
{
	static const char *const name[] = {[GROUP_KEYS] = "keys",
		[GROUP_TRANSPORT] = "transport",
		[GROUP_CERTIFICATES] = "certificates"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == GROUP_CERTIFICATES + 1, "a name for each");
	return name[g];
}

/* A line below its subject does not repeat it. */
static void drop_subject(struct check_line *l)
{
	size_t n = strlen(l->subject);

	if (n > 0 && strncmp(l->what, l->subject, n) == 0 && strncmp(l->what + n, ": ", 2) == 0)
		memmove(l->what, l->what + n + 2, strlen(l->what + n + 2) + 1);
}

void page_add(struct check_page *p, const struct check_line *kind, const char *subject,
	const char *mend, const char *fmt, ...)
{
	struct check_line *grown = reallocarray(p->v, p->n + 1, sizeof(*p->v)), *l;
	va_list ap;

	if (!grown) {
		p->failed = true;
		return;
	}
	p->v = grown;
	l = &p->v[p->n++];
	*l = *kind;
	l->subject = strdup(subject);
	l->mend = strdup(mend ? mend : "");
	va_start(ap, fmt);
	if (vasprintf(&l->what, fmt, ap) < 0)
		l->what = NULL;
	va_end(ap);
	p->failed = p->failed || !l->subject || !l->mend || !l->what;
	if (l->subject && l->what)
		drop_subject(l);
}

void page_free(struct check_page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].subject);
		free(p->v[i].what);
		free(p->v[i].mend);
	}
	free(p->v);
	memset(p, 0, sizeof(*p));
}

int check_exit(const struct check_reply *r, const struct protection *bound)
{
	size_t i;

	for (i = 0; i < r->n_mx; i++) {
		if (r->mx[i].live.status == LIVE_FAILED)
			return 1;
	}
	switch (bound->kind) {
	case PROTECTION_DANE:
	case PROTECTION_MTA_STS:
		return 0;
	case PROTECTION_NONE:
		return 1;
	case PROTECTION_UNKNOWN:
		break;
	}
	return 75;
}
