/* SPDX-License-Identifier: ISC */
/* Asks about all names at once, and prints each in its turn. */
#ifndef SEALPOST_CHECK_RUN_H
#define SEALPOST_CHECK_RUN_H

#include "base/file.h"
#include "process/app.h"

enum check_form { CHECK_FORM_TEXT, CHECK_FORM_JSON, CHECK_FORM_CSV };

struct check_name {
	bool is_address;
	struct addr addr; /* of an address */
	char domain[ADDR_DOMAIN_MAX + 1];
};

/* What the command line says. */
struct check {
	enum check_form form;
	bool live;
	uint16_t port;
	struct check_name *name; /* owned */
	size_t n, room;
};

/* The exit status, or an error. */
int check_run(struct app *app, const struct check *c, struct err *err);

#endif
