/* SPDX-License-Identifier: ISC */
/* State shared by the verbs. */
#ifndef SEALPOST_APP_H
#define SEALPOST_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

struct app {
	const char *conf_file; /* from -C, or NULL; borrowed */
	const char *sender;    /* -f: whose state to use, where each sender has their own; NULL: not
				  given; borrowed */
	struct conf conf;      /* loaded, unless the verb loads it itself */
	bool verbose;          /* -v: verbose, with a trace of lookups */
	const char *verb;      /* for messages */
};

#endif
