/* SPDX-License-Identifier: ISC */
#include "discovery/cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Hashes the identity of a configured file, since a different file may lead to different answers.
 */
static void write_file(struct wr *w, const char *path)
{
	struct stat st;

	if (path[0] == '\0' || stat(path, &st) < 0)
		return;
	wr_u64(w, (uint64_t)st.st_ino);
	wr_u64(w, (uint64_t)st.st_size);
	wr_u64(w, (uint64_t)st.st_mtim.tv_sec);
	wr_u64(w, (uint64_t)st.st_mtim.tv_nsec);
}

/* Hashes all network settings except time-outs and verbosity. */
static int digest_settings(const struct conf *c, uint8_t out[DIGEST_LEN])
{
	struct net_settings set = c->net;
	struct wr w = WR_INIT;
	struct digest_part part;
	int rc;

	set.timeout_ms = set.connect_ms = 0;
	set.verbose = 0;
	wr_str(&w, SEALPOST_VERSION);
	wr_u32(&w, LOOKUP_REPLY_LAYOUT);
	net_settings_write(&w, &set);
	write_file(&w, set.trust_anchor);
	write_file(&w, set.root_hints);
	write_file(&w, set.ca_file);
	part = (struct digest_part){w.b.p, w.b.len};
	rc = w.bad ? -1 : digest_sha256(&part, 1, out);
	wr_free(&w);
	return rc;
}

void recall_open(struct recall *r, const struct conf *c)
{
	memset(r, 0, sizeof(*r));
	r->conf = c;
	if (digest_settings(c, r->settings) == 0)
		r->db = answers_open(c->cache_dir);
}

void recall_close(struct recall *r)
{
	answers_close(r->db);
	memset(r, 0, sizeof(*r));
}

void recall_key(const struct recall *r, const struct lookup_request *q, uint8_t key[DIGEST_LEN])
{
	const struct digest_part part[] = {{r->settings, DIGEST_LEN},
		{&q->methods, sizeof(q->methods)}, {&q->server, sizeof(q->server)},
		{q->addr.text, strlen(q->addr.text)}};

	if (digest_sha256(part, 4, key) < 0)
		abort(); /* cannot fail for four short parts, except without memory */
}

int recall_get(struct recall *r, const uint8_t key[DIGEST_LEN], int64_t not_before,
	struct lookup_reply *reply, struct answer *times)
{
	struct answer x;
	struct rd rd;
	int rc = answers_get(r->db, key, &x);

	if (rc != 1)
		return 0;
	rd_init(&rd, x.data, x.len);
	rc = x.asked >= not_before && lookup_reply_read(&rd, reply, NULL) == 0;
	free(x.data);
	if (rc == 1)
		*times = (struct answer){.asked = x.asked, .keep = x.keep};
	return rc;
}

void recall_put(struct recall *r, const uint8_t key[DIGEST_LEN], const struct lookup_reply *reply,
	int64_t asked, int64_t seconds)
{
	struct answer x = {.asked = asked, .keep = seconds};
	struct wr w = WR_INIT;

	lookup_reply_write(&w, reply);
	x.data = w.b.p;
	x.len = w.b.len;
	if (w.bad)
		x.keep = 0;
	answers_put(r->db, key, &x);
	wr_free(&w);
}
