/*
 * GMime, and GLib below it, loaded when a mail needs them: the dynamic linker takes longer over
 * their libraries than a plain mail takes to be read. The only way to call them: the program is not
 * linked with them.
 */
#ifndef SEALPOST_GMIME_LATE_H
#define SEALPOST_GMIME_LATE_H

#include <gmime/gmime.h>

#include "base/err.h"

/* A member of struct gmime, and the function that it points to. Macros of theirs that call or read
 * others are no use. */
#define GMIME_FUNCTIONS(X)                                                                         \
	X(init, g_mime_init)                                                                       \
	X(options_new, g_mime_parser_options_new)                                                  \
	X(options_free, g_mime_parser_options_free)                                                \
	X(options_compliance, g_mime_parser_options_set_address_compliance_mode)                   \
	X(options_local, g_mime_parser_options_set_allow_addresses_without_domain)                 \
	X(options_warning, g_mime_parser_options_set_warning_callback)                             \
	X(list_parse, internet_address_list_parse)                                                 \
	X(list_length, internet_address_list_length)                                               \
	X(list_get, internet_address_list_get_address)                                             \
	X(list_to_string, internet_address_list_to_string)                                         \
	X(group_type, internet_address_group_get_type)                                             \
	X(group_members, internet_address_group_get_members)                                       \
	X(mailbox_addr, internet_address_mailbox_get_addr)                                         \
	X(header_unfold, g_mime_utils_header_unfold)                                               \
	X(header_decode_text, g_mime_utils_header_decode_text)                                     \
	X(header_decode_date, g_mime_utils_header_decode_date)                                     \
	X(decode_begin, g_mime_encoding_init_decode)                                               \
	X(decode_step, g_mime_encoding_step)                                                       \
	X(decode_flush, g_mime_encoding_flush)                                                     \
	X(date_to_unix, g_date_time_to_unix)                                                       \
	X(date_unref, g_date_time_unref)                                                           \
	X(utf8_validate, g_utf8_validate)                                                          \
	X(utf8_char, g_utf8_get_char)                                                              \
	X(utf8_next, g_utf8_find_next_char)                                                        \
	X(is_a, g_type_check_instance_is_a)                                                        \
	X(object_unref, g_object_unref)                                                            \
	X(string_free, g_free)

#define GMIME_MEMBER(member, function) __typeof__(function) *member;
struct gmime {
	GMIME_FUNCTIONS(GMIME_MEMBER)
};
#undef GMIME_MEMBER

/*
 * GMime, loaded and started at the first call; it stays for as long as the process does. NULL: it
 * cannot be had (ERR_CONFIG). That is an error of whoever asked, never the same as there being
 * nothing to read. Not for several threads.
 */
const struct gmime *gmime_load(struct err *err);

#endif
