/* SPDX-License-Identifier: ISC */
/* GMime's reading of an address list, the oracle of ours. */
#ifndef SEALPOST_TEST_GMIME_ADDRESSES_H
#define SEALPOST_TEST_GMIME_ADDRESSES_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/addr.h"
#include "base/buf.h"

/* GMime's reader of address lists loses a string where a mailbox is broken. Read by LeakSanitizer,
 * which sees no further than GLib. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libglib-2.0\n";
}

static void note_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
	(void)offset;
	(void)item;
	if (code != GMIME_WARN_INVALID_RFC2047_HEADER_VALUE)
		*(bool *)data = true;
}

static bool add_gmime_addresses(InternetAddressList *list, struct buf *out)
{
	int i, n = internet_address_list_length(list);
	InternetAddress *ia;
	struct addr a;

	for (i = 0; i < n; i++) {
		ia = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_GROUP(ia)) {
			if (!add_gmime_addresses(
				    internet_address_group_get_members(INTERNET_ADDRESS_GROUP(ia)),
				    out))
				return false;
			continue;
		}
		if (addr_parse(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(ia)), &a,
			    NULL) < 0 ||
			buf_addf(out, "%s%s", out->len ? " " : "", a.text) < 0)
			return false;
	}
	return true;
}

/* Appends the addresses of an unfolded list, a blank between. False: GMime has something to object
 * to, or one is no address by addr_parse. g_mime_init was called. */
static inline bool gmime_addresses(const char *text, struct buf *out)
{
	GMimeParserOptions *o = g_mime_parser_options_new();
	InternetAddressList *list;
	bool warned = false, read = true;

	g_mime_parser_options_set_address_compliance_mode(o, GMIME_RFC_COMPLIANCE_STRICT);
	g_mime_parser_options_set_allow_addresses_without_domain(o, TRUE);
#if GMIME_CHECK_VERSION(3, 2, 14)
	g_mime_parser_options_set_warning_callback(o, note_warning, &warned, NULL);
#else
	g_mime_parser_options_set_warning_callback(o, note_warning, &warned);
#endif
	list = internet_address_list_parse(o, text);
	if (list) {
		read = add_gmime_addresses(list, out);
		g_object_unref(list);
	}
	g_mime_parser_options_free(o);
	return read && !warned;
}

/* Whether the words of few stand in many too, in that order. */
static inline bool words_in_order(const char *few, const char *many)
{
	size_t n, k;

	while (*few) {
		n = strcspn(few, " ");
		do {
			if (*many == '\0')
				return false;
			k = strcspn(many, " ");
			if (k == n && memcmp(few, many, n) == 0)
				break;
			many += k + (many[k] == ' ');
		} while (true);
		many += k;
		few += n + (few[n] == ' ');
	}
	return true;
}

/* Whether a list of events, as the tests write them, holds an unreadable entry: "!" alone. */
static inline bool has_unreadable(const char *events)
{
	const char *p = events;

	for (; (p = strchr(p, '!')) != NULL; p++) {
		if ((p == events || p[-1] == ' ') && (p[1] == ' ' || p[1] == '\0'))
			return true;
	}
	return false;
}

#endif
