/*
 * Address lists as most mails have them, read without GMime: bare addresses, or names of plain
 * words before addresses in angle brackets, and commas. Whatever is not exactly that is left to
 * GMime. Pure.
 */
#ifndef SEALPOST_PLAIN_LIST_H
#define SEALPOST_PLAIN_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether an unfolded field value is, in RFC 5322's terms (section 3.4):
 *
 *	list    = mailbox *("," mailbox)
 *	mailbox = *WSP (addr / *(word *WSP) "<" addr ">") *WSP
 *	word    = 1*atext
 *	addr    = dot-atom-text "@" label *("." label)
 *	label   = 1*(letter / digit / "-")
 *
 * with no "=?" anywhere, which could begin an encoded word (RFC 2047), and no "xn--", which GMime
 *decodes. *n counts the mailboxes, if it is.
 */
bool plain_list(const char *text, size_t *n);

/*
 * The next address of such a list, as addr above; NULL: there is no other. Writes into the list; *p
 * is where to go on, its beginning at first.
 */
char *plain_list_next(char **p);

#endif
