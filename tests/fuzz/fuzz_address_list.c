/* SPDX-License-Identifier: ISC */
/* Address lists: what is read to the end holds the very addresses that GMime finds there, and GMime
 * finds no other. Every event is about a piece of the text, in order. */
#include "fuzz.h"

#include "gmime_addresses.h"
#include "mime/address_list.h"

#define TEXT_MAX (1u << 20)

/* The addresses, a blank between. False: some entry cannot be read. */
static bool read_all(const char *text, struct buf *out)
{
	struct address_reader r;
	enum address_event event;
	const char *end = text + strlen(text);
	bool read = true;

	address_reader_init(&r, text);
	while ((event = address_next(&r)) != ADDRESS_END) {
		must(r.len > 0 && r.entry >= text && r.entry + r.len <= end && r.p <= end);
		must(event == ADDRESS_MAILBOX || r.err.msg[0] != '\0');
		if (event == ADDRESS_UNREADABLE)
			read = false;
		else
			must(buf_addf(out, "%s%s", out->len ? " " : "", r.addr.text) == 0);
	}
	must(*r.p == '\0');
	return read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf got = BUF_INIT(64 * TEXT_MAX), want = BUF_INIT(64 * TEXT_MAX);
	char *text;
	size_t i;

	if (size > TEXT_MAX)
		return 0;
	g_mime_init();
	text = fuzz_text(data, size);
	for (i = 0; i < size; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
	}
	/* GMime decodes A-labels, and then the name need not be the same one; and to it
	 * "undisclosed recipients" without their colon are an address. */
	if (read_all(text, &got) && !strcasestr(text, "xn--") && !strcasestr(text, "undisclosed") &&
		gmime_addresses(text, &want))
		must(words_in_order(buf_str(&want), buf_str(&got)));
	buf_free(&got);
	buf_free(&want);
	free(text);
	return 0;
}
