/* SPDX-License-Identifier: ISC */
/* What the command line of check says: names, and what is wanted of them. */
#ifndef SEALPOST_CHECK_NAMES_H
#define SEALPOST_CHECK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

enum check_mode {
	CHECK_MODE_PAGE,    /* what is */
	CHECK_MODE_CHANGES, /* what is different from last time */
	CHECK_MODE_HISTORY, /* what was, asking nobody */
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
	bool mine; /* own names besides */
	bool live;
	uint16_t port;
	struct check_name *name; /* owned */
	size_t n, room;
};

#define CHECK_NAMES_MAX 100000

/* Adds a copy. ERR_USAGE: too many; ERR_OS. */
int check_add(struct check *c, const struct check_name *n, struct err *err);

#endif
