/* SPDX-License-Identifier: ISC */
/*
 * The runner's hand-off request and its answer, as they arrive. What is taken must come out the
 * same when it is written again, and hold nothing that a program could take for an option.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/handoff.h"

static void request(const uint8_t *data, size_t size)
{
	struct handoff a, b;
	struct wr w = WR_INIT;
	struct rd r;
	size_t i;

	rd_init(&r, data, size);
	if (handoff_read(&r, &a, NULL) < 0)
		return;
	must(a.n_rcpt > 0 && a.sender[0] != '-' && a.fullname[0] != '-');
	for (i = 0; i < a.n_rcpt; i++)
		must(a.rcpt[i].text[0] != '-' && a.rcpt[i].text[0] != '\0');
	handoff_write(&w, &a);
	rd_init(&r, w.b.p, w.b.len);
	must(handoff_read(&r, &b, NULL) == 0);
	must(a.n_rcpt == b.n_rcpt && strcmp(a.sender, b.sender) == 0);
	for (i = 0; i < a.n_rcpt; i++)
		must(strcmp(a.rcpt[i].text, b.rcpt[i].text) == 0);
	handoff_free(&b);
	handoff_free(&a);
	wr_free(&w);
}

static void result(const uint8_t *data, size_t size)
{
	struct handoff_result x;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (handoff_result_read(&r, &x, NULL) < 0)
		return;
	must((x.exit >= 0) == (x.signal == 0));
	handoff_result_write(&w, &x);
	must(w.b.len == size && memcmp(w.b.p, data, size) == 0);
	handoff_result_free(&x);
	wr_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	request(data, size);
	result(data, size);
	return 0;
}
