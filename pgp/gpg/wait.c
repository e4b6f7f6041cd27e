/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/wait.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pgp/gpg/home.h"

#define FDS_MAX 32
#define KEYS_MAX 100000

struct slot {
	bool used;
	int fd;
	bool reads;
	gpgme_io_cb_t fn;
	void *arg;
};

/*
 * GPGME gives a context no place for a pointer that would be freed with it, so the loop is the
 * process's: one operation at a time.
 */
static struct {
	struct slot slot[FDS_MAX];
	bool done;
	gpgme_error_t result;
	struct gpg_keys *keys; /* borrowed; where listed keys go */
} loop;

static gpgme_error_t on_add(void *priv, int fd, int dir, gpgme_io_cb_t fn, void *arg, void **tag)
{
	size_t i;

	(void)priv;
	for (i = 0; i < FDS_MAX; i++) {
		if (loop.slot[i].used)
			continue;
		loop.slot[i] = (struct slot){
			.used = true, .fd = fd, .reads = dir != 0, .fn = fn, .arg = arg};
		*tag = &loop.slot[i];
		return 0;
	}
	return gpgme_error(GPG_ERR_RESOURCE_LIMIT);
}

static void on_remove(void *tag)
{
	struct slot *s = tag;

	if (s)
		s->used = false;
}

static void take_key(gpgme_key_t key)
{
	struct gpg_keys *k = loop.keys;
	gpgme_key_t *v;
	size_t cap;

	if (!k || k->failed) {
		gpgme_key_unref(key);
		return;
	}
	if (k->n == k->cap) {
		cap = k->cap ? k->cap * 2 : 16;
		v = cap <= KEYS_MAX ? realloc(k->v, cap * sizeof(gpgme_key_t)) : NULL;
		if (!v) {
			k->failed = true;
			gpgme_key_unref(key);
			return;
		}
		k->v = v;
		k->cap = cap;
	}
	k->v[k->n++] = key;
}

static void on_event(void *priv, gpgme_event_io_t type, void *data)
{
	gpgme_io_event_done_data_t d = data;

	(void)priv;
	if (type == GPGME_EVENT_DONE) {
		loop.done = true;
		loop.result = d->err ? d->err : d->op_err;
	} else if (type == GPGME_EVENT_START) {
		loop.done = false;
		loop.result = 0;
	} else if (type == GPGME_EVENT_NEXT_KEY) {
		take_key(data);
	}
}

void wait_attach(gpgme_ctx_t ctx)
{
	struct gpgme_io_cbs cbs = {.add = on_add, .remove = on_remove, .event = on_event};

	gpgme_set_io_cbs(ctx, &cbs);
}

/* One turn: waits until something is ready, and has GPGME deal with it. 0, or -1 with errno. GPGME
 * leaves out, without an error, a line for which it has no memory: only errno shows it. */
static int run_gpgme_once(int wait_ms)
{
	struct pollfd fds[FDS_MAX];
	struct slot *of[FDS_MAX], was[FDS_MAX];
	nfds_t n = 0, i;

	for (i = 0; i < FDS_MAX; i++) {
		if (!loop.slot[i].used)
			continue;
		of[n] = &loop.slot[i];
		was[n] = loop.slot[i];
		fds[n].fd = was[n].fd;
		fds[n].events = was[n].reads ? POLLIN : POLLOUT;
		fds[n++].revents = 0;
	}
	if (poll(fds, n, wait_ms) < 0)
		return errno == EINTR ? 0 : -1;
	for (i = 0; i < n; i++) {
		/* An earlier callback may have ended this one. */
		if (!fds[i].revents || !of[i]->used || of[i]->fd != was[i].fd ||
			of[i]->arg != was[i].arg)
			continue;
		errno = 0;
		(void)was[i].fn(was[i].arg, was[i].fd);
		if (errno == ENOMEM)
			return -1;
	}
	return 0;
}

int gpg_wait(gpgme_ctx_t ctx, int timeout_ms, gpgme_error_t *result, struct err *err)
{
	int64_t end = clock_ms() + timeout_ms, left = -1;

	while (!loop.done) {
		if (timeout_ms >= 0) {
			left = end - clock_ms();
			if (left <= 0) {
				gpgme_cancel(ctx);
				return err_set(err, ERR_TEMP, "gpg did not finish within %d s",
					(timeout_ms + 999) / 1000);
			}
		}
		if (run_gpgme_once((int)left) < 0) {
			gpgme_cancel(ctx);
			return err_set(err, ERR_OS, "waiting for gpg: %s", strerror(errno));
		}
	}
	*result = loop.result;
	return 0;
}

int gpg_list(gpgme_ctx_t ctx, gpgme_keylist_mode_t mode, const char **fprs, int timeout_ms,
	struct gpg_keys *keys, struct err *err)
{
	struct gpg_keys k = {0};
	gpgme_error_t e, result = 0;
	int rc;

	e = gpgme_set_keylist_mode(ctx, mode);
	if (!e)
		e = gpgme_op_keylist_ext_start(ctx, fprs, 0, 0);
	if (e)
		return gpg_err(err, ERR_TEMP, "listing keys", e);
	loop.keys = &k;
	rc = gpg_wait(ctx, timeout_ms, &result, err);
	loop.keys = NULL;
	if (rc == 0 && result)
		rc = gpg_err(err, ERR_TEMP, "listing keys", result);
	if (rc == 0 && k.failed)
		rc = err_set(err, ERR_OS, "no memory for the list of keys");
	/* Cut short: what is missing would look absent. */
	if (rc == 0 && gpgme_op_keylist_result(ctx)->truncated)
		rc = err_set(err, ERR_TEMP, "gpg cut the list of keys short");
	if (rc < 0)
		gpg_keys_free(&k);
	else
		*keys = k;
	return rc;
}

void gpg_keys_free(struct gpg_keys *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		gpgme_key_unref(keys->v[i]);
	free(keys->v);
	memset(keys, 0, sizeof(*keys));
}

int gpg_export(gpgme_ctx_t ctx, gpgme_key_t *keys, int timeout_ms, struct buf *out, struct err *err)
{
	gpgme_error_t e, ended = 0;
	gpgme_data_t data = NULL;
	size_t len = 0;
	char *p = NULL;
	int rc;

	e = gpgme_data_new(&data);
	if (!e)
		e = gpgme_op_export_keys_start(ctx, keys, GPGME_EXPORT_MODE_MINIMAL, data);
	rc = e ? gpg_err(err, ERR_TEMP, "exporting", e) : gpg_wait(ctx, timeout_ms, &ended, err);
	if (rc == 0 && ended)
		rc = gpg_err(err, ERR_TEMP, "exporting", ended);
	if (data)
		p = gpgme_data_release_and_get_mem(data, &len);
	if (rc == 0 && p && buf_add(out, p, len) < 0)
		rc = err_set(err, ERR_OS, "no memory for the certificates");
	gpgme_free(p);
	return rc;
}

int gpg_err(struct err *err, enum err_code code, const char *what, gpgme_error_t e)
{
	const bool ours = gpgme_err_source(e) == GPG_ERR_SOURCE_GPGME;
	const int system = ours ? gpgme_err_code_to_errno(gpgme_err_code(e)) : 0;
	char text[256];

	gpgme_strerror_r(e, text, sizeof(text));
	if (system != 0)
		code = err_of_errno(system, code);
	else if (ours && gpgme_err_code(e) == GPG_ERR_GENERAL)
		code = ERR_OS; /* it could not start gpg, for want of memory for instance */
	return err_set(err, code, "gpg: %s: %s", what, text);
}
