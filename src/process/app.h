/* SPDX-License-Identifier: ISC */
/* What the verbs share. */
#ifndef SEALPOST_APP_H
#define SEALPOST_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

struct app {
	const char *conf_file; /* from -C, or NULL; borrowed */
	const char *sender; /* whose state is meant, where each sender has their own; NULL: nobody
			       is named; borrowed */
	struct conf conf;   /* loaded, unless the verb's table entry says that it loads it itself */
	bool verbose;       /* -v: talk, and a trace of lookups */
	const char *verb;   /* for messages */
};

#endif
