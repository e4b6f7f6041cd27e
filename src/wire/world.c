/* SPDX-License-Identifier: ISC */
#include "wire/world.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/addr.h"
#include "wire/codec.h"

static void each_set(struct codec *c, void *item)
{
	struct world_set *s = item;

	codec_text(c, &s->name, WORLD_NAME_MAX);
	codec_u16(c, &s->type);
}

static void each_world_file(struct codec *c, void *item)
{
	struct world_file *f = item;

	codec_text(c, &f->host, WORLD_NAME_MAX);
	codec_text(c, &f->at, WORLD_NAME_MAX);
	codec_text(c, &f->path, WORLD_PATH_MAX);
	codec_u8(c, &f->head);
}

static void each_pem(struct codec *c, void *item)
{
	struct world_pem *p = item;

	codec_bytes(c, &p->data, &p->len, WORLD_PEM_MAX);
}

static void world_question(struct codec *c, struct world_request *q)
{
	codec_u32(c, &q->id);
	codec_array(c, &q->set, &q->n_set, WORLD_SETS_MAX, sizeof(*q->set), each_set);
	codec_array(c, &q->file, &q->n_file, WORLD_FILES_MAX, sizeof(*q->file), each_world_file);
	codec_array(c, &q->pem, &q->n_pem, WORLD_PEMS_MAX, sizeof(*q->pem), each_pem);
}

void world_request_write(struct wr *w, const struct world_request *q)
{
	struct codec c = {.w = w};

	world_question(&c, (struct world_request *)(uintptr_t)q);
}

void world_request_free(struct world_request *q)
{
	struct codec c = {0};

	world_question(&c, q);
	memset(q, 0, sizeof(*q));
}

/* Whether a name may be queried: labels of letters, digits, hyphens and underscores. */
static bool is_dns_name(const char *s)
{
	size_t label = 0;
	const char *p;

	for (p = s; *p; p++) {
		if (*p == '.' ? label == 0
			      : !((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
					*p == '-' || *p == '_'))
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

static bool is_where(const char *s)
{
	char name[ADDR_DOMAIN_MAX + 1];
	struct in6_addr ip;

	return *s == '\0' || inet_pton(AF_INET, s, &ip) == 1 || inet_pton(AF_INET6, s, &ip) == 1 ||
	       (addr_host(s, name, NULL) == 0 && strcmp(name, s) == 0);
}

static bool is_path(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~%/?=";

	return s[0] == '/' && strspn(s, letters) == strlen(s);
}

static bool may_be_asked(const struct world_request *q)
{
	char name[ADDR_DOMAIN_MAX + 1];
	size_t i;

	for (i = 0; i < q->n_set; i++) {
		if (!is_dns_name(q->set[i].name))
			return false;
	}
	for (i = 0; i < q->n_file; i++) {
		if (addr_host(q->file[i].host, name, NULL) < 0 ||
			strcmp(name, q->file[i].host) != 0 || !is_where(q->file[i].at) ||
			!is_path(q->file[i].path) || q->file[i].head > 1)
			return false;
	}
	return true;
}

int world_request_read(struct rd *r, struct world_request *q, struct err *err)
{
	struct codec c = {.r = r};

	memset(q, 0, sizeof(*q));
	world_question(&c, q);
	if (rd_end(r, "world request", err) == 0) {
		if (may_be_asked(q))
			return 0;
		err_set(err, ERR_INTERNAL, "world request: not a name to ask for");
	}
	world_request_free(q);
	return ERR_INTERNAL;
}

static void each_rdata(struct codec *c, void *item)
{
	struct world_rdata *r = item;

	codec_bytes(c, &r->data, &r->len, WORLD_RDATA_MAX);
}

static void each_answer(struct codec *c, void *item)
{
	struct world_answer *a = item;

	CODEC_ENUM(c, a->state, DNS_ERROR);
	codec_u8(c, &a->nxdomain);
	codec_text(c, &a->canon, WORLD_NAME_MAX);
	codec_array(c, &a->record, &a->n_record, WORLD_RECORDS_MAX, sizeof(*a->record), each_rdata);
	codec_u32(c, &a->ttl);
	codec_text(c, &a->note, WORLD_TEXT_MAX);
}

static void each_got(struct codec *c, void *item)
{
	struct world_got *g = item;

	codec_u16(c, &g->status);
	codec_u8(c, &g->complete);
	codec_u8(c, &g->cors);
	codec_u8(c, &g->no_host);
	codec_u8(c, &g->refused);
	codec_text(c, &g->content_type, WORLD_TEXT_MAX);
	codec_text(c, &g->location, WORLD_TEXT_MAX);
	codec_u32(c, &g->len);
	codec_bytes(c, &g->digest, &g->digest_len, DIGEST_LEN);
	codec_text(c, &g->issuer, WORLD_TEXT_MAX);
	codec_text(c, &g->subject, WORLD_TEXT_MAX);
	codec_i64(c, &g->not_after);
	codec_text(c, &g->reason, WORLD_TEXT_MAX);
}

static void each_key(struct codec *c, void *item)
{
	struct world_key *k = item;

	codec_text(c, &k->spki, 2 * DIGEST_LEN);
	codec_text(c, &k->reason, WORLD_TEXT_MAX);
}

static void world_told(struct codec *c, struct world_reply *a)
{
	codec_u32(c, &a->id);
	codec_array(c, &a->answer, &a->n_answer, WORLD_SETS_MAX, sizeof(*a->answer), each_answer);
	codec_array(c, &a->got, &a->n_got, WORLD_FILES_MAX, sizeof(*a->got), each_got);
	codec_array(c, &a->key, &a->n_key, WORLD_PEMS_MAX, sizeof(*a->key), each_key);
}

void world_reply_write(struct wr *w, const struct world_reply *a)
{
	struct codec c = {.w = w};

	world_told(&c, (struct world_reply *)(uintptr_t)a);
}

int world_reply_read(struct rd *r, struct world_reply *a, struct err *err)
{
	struct codec c = {.r = r};

	memset(a, 0, sizeof(*a));
	world_told(&c, a);
	if (rd_end(r, "world reply", err) == 0)
		return 0;
	world_reply_free(a);
	return ERR_INTERNAL;
}

void world_answer_free(struct world_answer *a)
{
	struct codec c = {0};

	each_answer(&c, a);
}

void world_got_free(struct world_got *g)
{
	struct codec c = {0};

	each_got(&c, g);
}

void world_reply_free(struct world_reply *a)
{
	struct codec c = {0};

	world_told(&c, a);
	memset(a, 0, sizeof(*a));
}
