/* SPDX-License-Identifier: ISC */
/* The command line of check: names and mode. */
#ifndef SEALPOST_CHECK_NAMES_H
#define SEALPOST_CHECK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

enum check_mode {
	CHECK_MODE_PAGE,    /* what is */
	CHECK_MODE_CHANGES, /* differences from last time */
	CHECK_MODE_HISTORY, /* the stored history, without the network */
	CHECK_MODE_POSTFIX, /* TLS policy lines */
};
enum check_form { CHECK_FORM_TEXT, CHECK_FORM_JSON, CHECK_FORM_CSV, CHECK_FORM_HTML };

struct check_name {
	bool is_address;
	struct addr addr; /* of an address */
	char domain[ADDR_DOMAIN_MAX + 1];
};

/* What the command line says. */
struct check {
	enum check_mode mode;
	enum check_form form;
	bool mine; /* also the own names */
	bool live;
	uint16_t port;
	struct check_name *name; /* owned */
	size_t n, room;
	size_t bad; /* lines of standard input that are no names */
};

#define CHECK_NAMES_MAX 100000

/* Adds a copy. ERR_DATA: too many; ERR_OS. */
int check_add(struct check *c, const struct check_name *n, struct err *err);
/* The address or domain. Borrowed. */
const char *check_name_text(const struct check_name *n);
/* Drops names that are there already; of CHECK_MODE_POSTFIX, whose domain an earlier one has.
 * ERR_OS. */
int check_names_once(struct check *c, struct err *err);

#endif
