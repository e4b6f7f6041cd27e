/* SPDX-License-Identifier: ISC */
/* What the tests of src/store share: a fresh folder for each test, and a store in it. */
#ifndef SEALPOST_TEST_STORE_UTIL_H
#define SEALPOST_TEST_STORE_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "store/store.h"

#define FPR_A "AAAA0123456789ABCDEF0123456789ABCDEF0123"
#define FPR_B "BBBB0123456789ABCDEF0123456789ABCDEF0123"
#define FPR_C "CCCC0123456789ABCDEF0123456789ABCDEF0123"

static char root[FILE_PATH_MAX], dir[FILE_PATH_MAX]; /* dir, below root, is not there yet */
static struct err err;

static int setup_folder(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	assert_int_equal(dir_make_temp(root, &err), 0);
	assert_int_equal(path_join(dir, root, "data"), 0);
	return 0;
}

static int teardown_folder(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

__attribute__((unused)) static struct store *opened(bool readonly)
{
	struct store *s = NULL;
	int rc = store_open(&s, dir, readonly, &err);

	if (rc != 0)
		fail_msg("store_open: %d: %s", rc, err.msg);
	return s;
}

#endif
