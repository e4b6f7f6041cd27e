/* SPDX-License-Identifier: ISC */
#include "net/libcurl.h"

#include <stdbool.h>

#include "base/library.h"
#include "base/packages.h"

#define LIBRARY "libcurl.so.4" /* the only one so far, since 2006 */

struct libcurl curl;

int libcurl_load(struct err *err)
{
	static bool started;
#define FUNCTION(name) {"curl_" #name, &curl.name},
	const struct library_function f[] = {LIBCURL_FUNCTIONS(FUNCTION)};
#undef FUNCTION
	int rc = started ? 0 : library_load(LIBRARY, "HTTPS", f, sizeof(f) / sizeof(f[0]), err);

	if (rc < 0)
		err_hint(err, "%s", package_hint(PACKAGE_LIBCURL));
	if (rc == 0 && !started && curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		rc = err_set(err, ERR_OS, "libcurl cannot be started");
	started = rc == 0;
	return rc;
}
