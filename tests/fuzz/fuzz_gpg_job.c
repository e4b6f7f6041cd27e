/* SPDX-License-Identifier: ISC */
/*
 * The runner's request to run gpg, as it arrives. What is taken must come out the same when it is
 * written again, and of what it makes of gpg's arguments nothing but constants begins like an
 * option, no name leaves the folder of the homes, and the work is the one that was asked for.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "pgp/gpg/gpg_args.h"

#define ROOT "/run/homes"

static size_t count_arg(char *const *argv, const char *arg)
{
	size_t n = 0;

	for (; *argv; argv++)
		n += strcmp(*argv, arg) == 0;
	return n;
}

/* What follows an option that takes what was asked for. */
static void value(const char *option, const char *v)
{
	if (strcmp(option, "--homedir") == 0 || strcmp(option, "-f") == 0) {
		must(strncmp(v, ROOT "/", sizeof(ROOT)) == 0 && !strstr(v, ".."));
		must(v[sizeof(ROOT)] != '/' && v[sizeof(ROOT)] != '\0');
	} else if (strcmp(option, "-r") == 0 || strcmp(option, "--local-user") == 0) {
		must(text_is_fingerprint(v));
	}
}

static void arguments(const struct gpg_job *j, bool socket)
{
	const struct gpg_place p = {.program = "gpg", .root = ROOT, .tty = "", .socket = socket};
	struct gpg_args a;
	char *const *argv;
	size_t i;

	must(gpg_args_make(&a, j, &p, NULL) == 0);
	argv = (char *const *)(uintptr_t)a.argv;
	for (i = 1; argv[i]; i++)
		value(argv[i - 1], argv[i]);
	must(count_arg(argv, "--no-options") == 1 && count_arg(argv, "--no-autostart") == 1);
	must(count_arg(argv, "--encrypt") == (j->work == GPG_SEALS));
	must(count_arg(argv, "--sign") == (j->work == GPG_SEALS && j->signer[0]));
	must(count_arg(argv, "--detach-sign") == (j->work == GPG_SIGNS));
	must(count_arg(argv, "--decrypt") == (j->work == GPG_OPENS));
	must(count_arg(argv, "--local-user") == (j->signer[0] != '\0'));
	must(count_arg(argv, "-r") == j->n_to && count_arg(argv, "-f") == j->n_file);
	gpg_args_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gpg_job a, b;
	struct wr w = WR_INIT;
	struct rd r;

	if (size < 1)
		return 0;
	rd_init(&r, data + 1, size - 1);
	if (gpg_job_read(&r, &a, NULL) < 0)
		return 0;
	must(a.n_to <= GPG_JOB_RING_MAX && a.n_file <= GPG_JOB_FILES_MAX);
	gpg_job_write(&w, &a);
	must(w.b.len == size - 1 && memcmp(w.b.p, data + 1, size - 1) == 0);
	rd_init(&r, w.b.p, w.b.len);
	must(gpg_job_read(&r, &b, NULL) == 0);
	if (a.n_file < 100 || data[0] > 250)
		arguments(&a, data[0] & 1);
	gpg_job_free(&a);
	gpg_job_free(&b);
	wr_free(&w);
	return 0;
}
