/* SPDX-License-Identifier: ISC */
#include "pgp/seal/open.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgp/gpg/gpg_child.h"
#include "pgp/gpg/home.h"

#define OPEN_MS 30000        /* for gpg to start and end, and for a card */
#define OPEN_BYTES_A_MS 2000 /* and for a slow machine to decrypt */

static ssize_t give_file(void *arg, void *p, size_t n, struct err *err)
{
	const struct open_with *w = arg;
	ssize_t got;

	do
		got = read(w->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, ERR_IO, "the sealed mail cannot be read: %s", strerror(errno));
	return got;
}

static int take_opened(void *arg, const void *p, size_t n, struct err *err)
{
	const struct open_with *w = arg;

	return w->take(w->arg, p, n, err);
}

/* Why gpg did not open it. */
static int explain_closed(const struct gpg_child *c, bool *locked, struct err *err)
{
	if (gpg_child_locked(c)) {
		if (locked)
			*locked = true;
		return err_set(err, ERR_TEMP, "the passphrase of your key is not cached");
	}
	/* gpg 2.2 tells it by NO_SECKEY alone, with a general failure */
	switch (c->no_secret_key ? GPG_ERR_NO_SECKEY : gpgme_err_code(c->failure)) {
	case GPG_ERR_NO_SECKEY:
	case GPG_ERR_NO_AGENT:
	case GPG_ERR_CARD_NOT_PRESENT:
		return err_set(err, ERR_TEMP, "your secret key is not available");
	default:
		return err_set(err, ERR_DATA, "gpg cannot open it");
	}
}

static int run_open(
	const struct gpg_home *home, const struct open_with *w, bool *locked, struct err *err)
{
	struct gpg_job job = {.work = GPG_OPENS};
	struct gpg_child c = {.job = &job,
		.daemons = w->daemons,
		.timeout_ms = OPEN_MS,
		.give = give_file,
		.take = take_opened,
		.arg = (void *)(uintptr_t)w};
	struct stat st;
	int rc;

	gpg_home_name(home, job.home);
	if (fstat(w->fd, &st) == 0)
		c.timeout_ms += (int)(st.st_size / OPEN_BYTES_A_MS);
	rc = gpg_child_run(&c, err);
	if (rc == 0 && !c.succeeded)
		rc = explain_closed(&c, locked, err);
	return rc;
}

int open_sealed(const struct open_with *w, bool *locked, struct err *err)
{
	struct gpg_home home = {.path = ""};
	int rc;

	if (lseek(w->fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_IO, "the sealed mail cannot be read: %s", strerror(errno));
	rc = gpg_home_make_bare(&home, err);
	if (rc == 0)
		rc = gpg_home_put(&home, GPG_RING, w->keys, w->keys_len, err);
	if (rc == 0)
		rc = daemons_tell_home(w->daemons, &home, err);
	if (rc == 0)
		rc = run_open(&home, w, locked, err);
	gpg_home_remove(&home);
	return rc;
}
