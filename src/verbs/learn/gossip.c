/* SPDX-License-Identifier: ISC */
#include "verbs/learn/gossip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pgp/cert/signer.h"
#include "pgp/seal/open.h"

/* Adds the certificate of an own address. */
static int add_own_cert(struct gossip_opener *g, const struct addr *a, struct err *err)
{
	struct signer_found found = {.key = OWN_MISSING};
	struct cert c = {.data = NULL};
	int rc = signer_find(NULL, a, g->daemons, &c, &found, err);

	if (rc == 1 && c.n_enc > 0 &&
		(g->keys.len == 0 || !memmem(g->keys.p, g->keys.len, c.data, c.len)))
		rc = err_left_out(buf_add(&g->keys, c.data, c.len), err);
	cert_free(&c);
	return rc < 0 ? rc : 0;
}

static int find_own_certs(struct gossip_opener *g, struct err *err)
{
	struct own_addresses *own = calloc(1, sizeof(*own));
	size_t i;
	int rc = own ? daemons_find_agent(g->daemons, err) : err_set(err, ERR_OS, "out of memory");

	if (rc == 0)
		rc = signer_own_addresses(g->daemons, own, err);
	for (i = 0; rc == 0 && i < own->n; i++)
		rc = add_own_cert(g, &own->v[i], err);
	free(own);
	return rc;
}

/* Whether it says something about the mail, or about the keys and their agent; else this machine
 * failed, and what the mail holds is unknown. */
static bool leaves_out(const struct err *why)
{
	return why->code == ERR_DATA || why->code == ERR_TEMP || why->code == ERR_CONFIG;
}

/* Finds the agent and the own keys, once. */
static int begin_opening(struct gossip_opener *g, struct err *err)
{
	struct err why = ERR_INIT;

	g->begun = true;
	g->keys = (struct buf)BUF_INIT(GOSSIP_KEYS_MAX);
	if (find_own_certs(g, &why) < 0) {
		g->closed = true;
		snprintf(g->why, sizeof(g->why), "%s", why.msg);
		if (!leaves_out(&why)) {
			*err = why;
			return why.code;
		}
	} else if (g->keys.len == 0) {
		g->closed = true;
		snprintf(g->why, sizeof(g->why), "there is no secret key that opens it");
	}
	return 0;
}

/* The payload as it comes: only its header is kept. */
struct payload_header {
	struct buf *out;
	bool whole; /* the empty line was there */
	bool large;
};

static int take_payload(void *arg, const void *p, size_t n, struct err *err)
{
	struct payload_header *h = arg;
	const char *end;
	size_t from = h->out->len > 3 ? h->out->len - 3 : 0;

	if (h->whole || h->large)
		return 0;
	if (buf_add(h->out, p, n) < 0) {
		h->large = true;
		return err_left_out(-1, err);
	}
	end = memmem(h->out->p + from, h->out->len - from, "\n\n", 2);
	if (!end)
		end = memmem(h->out->p + from, h->out->len - from, "\n\r\n", 3);
	if (end) {
		h->whole = true;
		h->out->len = (size_t)((const uint8_t *)end - h->out->p) + (end[1] == '\r' ? 3 : 2);
		h->out->p[h->out->len] = '\0';
	}
	return 0;
}

/* The mail in a file. */
static int file_of_mail(const struct source *src, struct err *err)
{
	int fd = src->fd >= 0 ? dup(src->fd) : fd_memory("mail", src->mem.p, src->mem.len);

	return fd < 0 ? err_set(err, ERR_OS, "no file in memory") : fd;
}

int gossip_open(struct gossip_opener *g, const struct source *src, struct buf *header,
	const char **why, struct err *err)
{
	struct payload_header h = {.out = header};
	struct open_with w = {.daemons = g->daemons, .take = take_payload, .arg = &h};
	struct err failed = ERR_INIT;
	bool locked = false;
	int rc = g->begun ? 0 : begin_opening(g, err);

	*why = g->why;
	if (rc < 0 || g->closed)
		return rc;
	w.fd = file_of_mail(src, err);
	if (w.fd < 0)
		return ERR_OS;
	w.keys = g->keys.p;
	w.keys_len = g->keys.len;
	rc = open_sealed(&w, &locked, &failed);
	close(w.fd);
	if (rc == 0 && h.whole)
		return 1;
	if (rc < 0 && !leaves_out(&failed)) {
		*err = failed;
		return rc;
	}
	g->closed = locked;
	snprintf(g->why, sizeof(g->why), "%s", rc < 0 ? failed.msg : "it has no header within");
	return 0;
}

void gossip_end(struct gossip_opener *g)
{
	buf_free(&g->keys);
}
