/* SPDX-License-Identifier: ISC */
/* For tests of src/store that have one store all along: it is open when a test begins, and closed
 * behind it. */
#ifndef SEALPOST_TEST_STORE_ONE_H
#define SEALPOST_TEST_STORE_ONE_H

#include "store_util.h"

static struct store *s;

__attribute__((unused)) static void reopen(bool readonly)
{
	store_close(s);
	s = NULL;
	s = opened(readonly);
}

static int setup(void **state)
{
	setup_folder(state);
	s = opened(false);
	return 0;
}

static int teardown(void **state)
{
	store_close(s);
	s = NULL;
	return teardown_folder(state);
}

#endif
