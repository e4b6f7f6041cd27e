/* Address lists: what is taken for a plain one holds the very addresses that GMime finds there, and
 * no other. */
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mime/plain_list.h"

static void warn(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
	(void)offset;
	(void)code;
	(void)item;
	*(gboolean *)data = TRUE;
}

static void compare(char *text, size_t n)
{
	GMimeParserOptions *o = g_mime_parser_options_new();
	InternetAddressList *list;
	InternetAddress *ia;
	gboolean warned = FALSE;
	const char *addr;
	size_t i;

	g_mime_parser_options_set_address_compliance_mode(o, GMIME_RFC_COMPLIANCE_STRICT);
	g_mime_parser_options_set_warning_callback(o, warn, &warned);
	list = internet_address_list_parse(o, text);
	must(list && !warned && internet_address_list_length(list) == (int)n);
	for (i = 0; i < n; i++) {
		ia = internet_address_list_get_address(list, (int)i);
		addr = plain_list_next(&text);
		must(addr && INTERNET_ADDRESS_IS_MAILBOX(ia));
		must(strcmp(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia)),
			     addr) == 0);
	}
	must(!plain_list_next(&text));
	g_object_unref(list);
	g_mime_parser_options_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t n;

	if (!text)
		return 0;
	g_mime_init();
	memcpy(text, data, size);
	text[size] = '\0';
	if (plain_list(text, &n))
		compare(text, n);
	free(text);
	return 0;
}
