/* SPDX-License-Identifier: ISC */
/*
 * A received mail, as learn reads it, up to a NUL; behind it the header that was within, if it is
 * sealed. Each key is for the sender, or, out of the sealed header, for somebody the mail went to;
 * of a mail without a sender to be trusted there is none. gpg itself is not run.
 */
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "verbs/learn/read.h"

#define NOW 1700000000 /* 2023-11-14 */

struct within {
	struct learn_mail *m;
	const uint8_t *header;
	size_t len;
	bool opened;
	size_t n;
};

static int take_find(void *arg, struct learn_find *f, struct err *err)
{
	struct within *w = arg;

	(void)err;
	w->n++;
	must(w->m->from[0] != '\0' && f->addr.domain[0] != '\0' && f->evidence[0] == '{');
	must(f->key.len > 0 && f->key.len <= f->key.max && f->date <= NOW);
	must(f->how == LEARNT_GOSSIP ? w->opened : strcmp(f->addr.name, w->m->from) == 0);
	must(!f->mutual || f->how == LEARNT_AUTOCRYPT);
	learn_find_free(f);
	memset(f, 0, sizeof(*f));
	return 0;
}

static int no_signature(
	void *arg, const char *address, const char *signer, struct buf *certs, struct err *err)
{
	struct within *w = arg;

	(void)certs;
	(void)err;
	must(strcmp(address, w->m->from) == 0);
	must(strspn(signer, "0123456789ABCDEF") == strlen(signer) && strlen(signer) >= 16);
	return 0;
}

static int open_sealed(
	void *arg, const struct source *src, struct buf *header, const char **why, struct err *err)
{
	struct within *w = arg;

	(void)src;
	(void)err;
	w->opened = buf_add(header, w->header, w->len) == 0;
	*why = "it is too long";
	return w->opened;
}

static void leave_out(void *arg, const char *path, const char *address, const char *why)
{
	(void)arg;
	must(path[0] == 'F' && why[0] != '\0' && !strpbrk(address, "\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t n = nul ? (size_t)(nul - data) : size;
	struct source src = {.fd = -1, .size = (off_t)n, .mem = BUF_INIT(LEARN_BODY_MAX)};
	struct within w = {.header = nul ? nul + 1 : data, .len = nul ? size - n - 1 : 0};
	struct learn_mail m = {.path = "F",
		.trusted = "mx.example.org",
		.now = NOW,
		.found = take_find,
		.wants_signature = no_signature,
		.open = open_sealed,
		.left_out = leave_out,
		.arg = &w};
	struct err err = ERR_INIT;
	int rc;

	w.m = &m;
	must(buf_add(&src.mem, data, n) == 0);
	rc = learn_read(&m, &src, &err);
	must(rc == 0 || rc == ERR_DATA);
	must(!w.opened || m.sealed);
	must(!m.id || (m.id[0] == '<' && !strpbrk(m.id, "\r\n")));
	free(m.id);
	buf_free(&src.mem);
	return 0;
}
