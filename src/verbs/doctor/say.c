/* SPDX-License-Identifier: ISC */
/* Output of the findings of "sealpost doctor". */
#include "verbs/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "print/output.h"
#include "print/term.h"

#define FINDING_MAX 2048
#define FINDING_COLUMN 6

static void print_finding_json(struct doctor *d, enum doctor_level level, const char *what,
	const char *finding, const char *mend)
{
	static const char *const word[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "bad"};
	struct out *o = out_new();
	int rc;

	_Static_assert(sizeof(word) / sizeof(word[0]) == DOCTOR_BAD + 1, "a word for each");
	out_str(o, "level", word[level]);
	out_str(o, "what", what);
	out_str(o, "finding", finding);
	out_str(o, "mend", mend);
	rc = out_print(o, stdout);
	if (rc < 0)
		d->failed = rc;
}

static void print_finding_text(
	enum doctor_level level, const char *what, const char *finding, const char *mend)
{
	static const char *const word[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "WARN", [DOCTOR_BAD] = "BAD"};

	const struct style t = style_of(stdout);

	_Static_assert(sizeof(word) / sizeof(word[0]) == DOCTOR_BAD + 1, "a word for each");
	printf("%-4s  %s: ", word[level], what);
	term_text(stdout, &t, finding, FINDING_COLUMN + (int)strlen(what) + 2, FINDING_COLUMN);
	if (mend && mend[0] != '\0') {
		fputs("\n      fix: ", stdout);
		out_safe(stdout, mend, 0);
	}
	putchar('\n');
}

void doctor_say(struct doctor *d, enum doctor_level level, const char *what, const char *mend,
	const char *fmt, ...)
{
	char finding[FINDING_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding, sizeof(finding), fmt, ap);
	va_end(ap);
	if (level == DOCTOR_BAD)
		d->bad = true;
	if (d->json)
		print_finding_json(d, level, what, finding, mend);
	else
		print_finding_text(level, what, finding, mend);
	(void)fflush(stdout); /* some checks take seconds */
}

void doctor_err(struct doctor *d, enum doctor_level level, const char *what, const struct err *err)
{
	doctor_say(d, level, what, err->hint, "%s", err->msg);
}
