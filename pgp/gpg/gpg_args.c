/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/gpg_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgp/gpg/gpg_env.h"
#include "pgp/gpg/home.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define INPUT "-&4"          /* SPAWN_IN_BESIDE_SOCKET, as a name for gpg */
#define SETTINGS "/dev/fd/5" /* SPAWN_SETTINGS */

/*
 * What a distribution may have built in otherwise is said (Debian 13 builds in "compliance openpgp"
 * and with it "allow-non-selfsigned-uid"). Compliance comes first, for it sets options that follow:
 * with "openpgp" gpg encrypts as RFC 9580 section 5.13 says, never in LibrePGP's packet 20, which
 * only gpg reads.
 */
static const char *const common[] = {"--compliance=openpgp", "--no-allow-non-selfsigned-uid",
	"--no-allow-freeform-uid", "--no-autostart", "--batch", "--no-tty", "--no-greeting",
	"--trust-model=always", "--no-auto-check-trustdb", "--lock-never", "--no-random-seed-file",
	"--no-auto-key-retrieve", "--no-auto-key-locate", "--disable-dirmngr",
	"--no-permission-warning", "--keyid-format=long"};

static const char *const always[] = {"--no-default-keyring", "--keyring=" GPG_RING, "--status-fd=3",
	"--exit-on-status-write-error", "--output=-"};

/*
 * A certificate without preferences, or with old ones, would make gpg use 3DES and SHA-1 for all
 * recipients: these are excluded.
 */
static const char *const sealing[] = {"--personal-compress-preferences=ZLIB ZIP Uncompressed",
	"--personal-cipher-preferences=AES256 AES192 AES", "--disable-cipher-algo=IDEA",
	"--disable-cipher-algo=3DES", "--disable-cipher-algo=CAST5",
	"--disable-cipher-algo=BLOWFISH", "--digest-algo=SHA512", "--no-emit-version",
	"--no-comments", "--no-throw-keyids", "--no-encrypt-to"};

/* Only these differ from run to run, beside the keys. */
#define VARYING (16 + GPG_PINENTRY_ARGS)

struct arg_list {
	const char **argv;
	size_t n;
};

static void add_arg(struct arg_list *l, const char *arg)
{
	l->argv[l->n++] = arg;
}

static void add_args(struct arg_list *l, const char *const *arg, size_t n)
{
	while (n-- > 0)
		add_arg(l, *arg++);
}

int gpg_common_conf(struct buf *to)
{
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < COUNT_OF(common); i++) {
		name = common[i] + 2;
		value = strchr(name, '=');
		rc = value ? buf_addf(to, "%.*s %s\n", (int)(value - name), name, value + 1)
			   : buf_addf(to, "%s\n", name);
	}
	return rc;
}

/* The key of each recipient, by fingerprint or by file, never by address. next: room for the files'
 * names. */
static void add_recipient_args(
	struct arg_list *l, const struct gpg_job *j, const char *home, char *next, size_t room)
{
	size_t i;

	for (i = 0; i < j->n_to; i++) {
		add_arg(l, "-r");
		add_arg(l, j->to[i].fpr);
	}
	for (i = 0; i < j->n_file; i++, next += room) {
		snprintf(next, room, "%s/" GPG_JOB_FILE, home, i);
		add_arg(l, "-f");
		add_arg(l, next);
	}
}

static void add_work(struct arg_list *l, const struct gpg_job *j)
{
	if (j->work == GPG_OPENS) {
		add_arg(l, "--decrypt");
	} else if (j->work == GPG_SIGNS) {
		add_arg(l, "--armor");
		add_arg(l, "--detach-sign");
	} else {
		add_arg(l, "--encrypt");
		if (j->signer[0] != '\0')
			add_arg(l, "--sign");
	}
}

/* The input's name does not get into the message. */
static void add_input(struct arg_list *l, const struct gpg_place *p)
{
	static const char *const beside[] = {
		"--enable-special-filenames", "--set-filename", "", "--", INPUT};

	if (p->socket)
		add_args(l, beside, COUNT_OF(beside));
}

static void add_choices(struct arg_list *l, const struct gpg_job *j, const struct gpg_place *p)
{
	if (j->asks)
		l->n += gpg_pinentry_args(p->tty, l->argv + l->n);
	else
		add_arg(l, "--pinentry-mode=cancel");
	if (j->work != GPG_OPENS)
		add_args(l, sealing, COUNT_OF(sealing));
	if (j->work != GPG_OPENS && !j->compresses)
		add_arg(l, "--compress-algo=none");
	if (j->only_aes)
		add_arg(l, "--cipher-algo=AES");
	if (j->signer[0] != '\0') {
		add_arg(l, "--local-user");
		add_arg(l, j->signer);
	}
}

int gpg_args_make(
	struct gpg_args *a, const struct gpg_job *j, const struct gpg_place *p, struct err *err)
{
	const size_t room = strlen(p->root) + sizeof(j->home) + 32;
	struct arg_list l = {
		.argv = calloc(COUNT_OF(common) + COUNT_OF(always) + COUNT_OF(sealing) + VARYING +
				       2 * (j->n_to + j->n_file) + 1,
			sizeof(*l.argv))};

	a->argv = l.argv;
	a->text = calloc(j->n_file + 1, room);
	if (!a->argv || !a->text) {
		gpg_args_free(a);
		return err_set(err, ERR_OS, "out of memory");
	}
	snprintf(a->text, room, "%s/%s", p->root, j->home);
	add_arg(&l, p->program);
	add_arg(&l, "--homedir");
	add_arg(&l, a->text);
	add_arg(&l, "--no-options"); /* of that home */
	add_args(&l, common, COUNT_OF(common));
	add_args(&l, always, COUNT_OF(always));
	add_choices(&l, j, p);
	add_recipient_args(&l, j, a->text, a->text + room, room);
	add_work(&l, j);
	add_input(&l, p);
	return 0;
}

int gpg_args_make_ready(
	struct gpg_args *a, const char *home, const struct gpg_place *p, struct err *err)
{
	static const struct gpg_job seals = {.work = GPG_SEALS, .signer = "any"};
	const size_t room = strlen(p->root) + strlen(home) + 2;
	struct arg_list l = {.argv = calloc(VARYING, sizeof(*l.argv))};

	a->argv = l.argv;
	a->text = malloc(room);
	if (!a->argv || !a->text) {
		gpg_args_free(a);
		return err_set(err, ERR_OS, "out of memory");
	}
	snprintf(a->text, room, "%s/%s", p->root, home);
	add_arg(&l, p->program);
	add_arg(&l, "--homedir");
	add_arg(&l, a->text);
	add_arg(&l, "--options");
	add_arg(&l, SETTINGS);
	add_work(&l, &seals);
	add_input(&l, p);
	return 0;
}

/* "--name=value", or "--name" with or without a value behind it, which begins with no "-", as one
 * line. The number of arguments that it took; 0: it cannot be one. */
static size_t add_setting(struct buf *to, const char *const *arg)
{
	const char *name = strcmp(arg[0], "-r") == 0   ? "recipient"
			   : strcmp(arg[0], "-f") == 0 ? "recipient-file"
						       : arg[0] + 2;
	const char *value = strchr(name, '=');
	const bool two = !value && arg[1] && arg[1][0] != '-';
	const size_t len = value ? (size_t)(value - name) : strlen(name);

	value = two ? arg[1] : value ? value + 1 : "";
	if (strchr(value, '\n') || buf_addf(to, "%.*s %s\n", (int)len, name, value) < 0)
		return 0;
	return two ? 2 : 1;
}

int gpg_args_lines(
	struct buf *to, const struct gpg_job *j, const struct gpg_place *p, struct err *err)
{
	struct gpg_args a;
	size_t i, n = 1;
	int rc = gpg_args_make(&a, j, p, err);

	if (rc < 0)
		return rc;
	/* Before and behind them stands what gpg was started with. */
	for (i = 0; a.argv[i] && strcmp(a.argv[i], common[0]) != 0; i++)
		;
	while (n > 0 && a.argv[i] && strcmp(a.argv[i], "--encrypt") != 0) {
		n = add_setting(to, a.argv + i);
		i += n;
	}
	gpg_args_free(&a);
	return n > 0 ? 0 : err_set(err, ERR_INTERNAL, "gpg's settings are no lines");
}

void gpg_args_free(struct gpg_args *a)
{
	free(a->argv);
	free(a->text);
	*a = (struct gpg_args){.argv = NULL};
}
