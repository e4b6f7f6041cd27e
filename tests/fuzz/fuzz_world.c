/* SPDX-License-Identifier: ISC */
/*
 * What arrives between sealpost and sealpost-net about what is live: a question holds only names,
 * hosts and paths that may be asked for, and what is taken comes out the same when it is written
 * again. A PEM file has a hash or a reason for having none.
 */
#include <string.h>

#include "fuzz.h"
#include "net/spki.h"
#include "wire/world.h"

static void same(const struct wr *w, const uint8_t *data, size_t size)
{
	must(!w->bad && w->b.len == size && memcmp(w->b.p, data, size) == 0);
}

/* What goes into a request line or a DNS question as it is. */
static void must_be_asked_safely(const struct world_request *q)
{
	const char *p;
	size_t i;

	for (i = 0; i < q->n_set; i++)
		must(q->set[i].name[0] != '\0' && !strpbrk(q->set[i].name, " \r\n\t/:@"));
	for (i = 0; i < q->n_file; i++) {
		must(strchr(q->file[i].host, '.') && !strpbrk(q->file[i].host, " \r\n\t/:@_"));
		must(!strpbrk(q->file[i].at, " \r\n\t/@"));
		must(q->file[i].path[0] == '/');
		for (p = q->file[i].path; *p; p++)
			must(*p > ' ' && *p < 0x7f);
	}
}

static void question(const uint8_t *data, size_t size)
{
	struct world_request q;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (world_request_read(&r, &q, NULL) == 0) {
		must_be_asked_safely(&q);
		world_request_write(&w, &q);
		same(&w, data, size);
		world_request_free(&q);
	}
	wr_free(&w);
}

static void answer(const uint8_t *data, size_t size)
{
	struct world_reply a;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (world_reply_read(&r, &a, NULL) == 0) {
		world_reply_write(&w, &a);
		same(&w, data, size);
		world_reply_free(&a);
	}
	wr_free(&w);
}

static void pem(const uint8_t *data, size_t size)
{
	char hash[65] = "";
	const char *why = spki_of_pem(data, size, hash);

	must(why ? why[0] != '\0' : strspn(hash, "0123456789abcdef") == 64 && hash[64] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const read[])(const uint8_t *data, size_t size) = {question, answer, pem};

	if (size > 0)
		read[data[0] % 3](data + 1, size - 1);
	return 0;
}
