/* SPDX-License-Identifier: ISC */
/*
 * The functions of libcurl, which is loaded when the first of them is wanted: it brings thirty more
 * libraries, and to load these takes longer than all else that a first question waits for.
 */
#ifndef SEALPOST_NET_LIBCURL_H
#define SEALPOST_NET_LIBCURL_H

#include <curl/curl.h>

#include "base/err.h"

/* By their names without "curl_". */
#define LIBCURL_FUNCTIONS(f)                                                                       \
	f(easy_cleanup) f(easy_getinfo) f(easy_init) f(easy_pause) f(easy_setopt) f(easy_strerror) \
		f(free) f(global_init) f(multi_add_handle) f(multi_cleanup) f(multi_info_read)     \
			f(multi_init) f(multi_perform) f(multi_poll) f(multi_remove_handle)        \
				f(multi_setopt) f(slist_append) f(slist_free_all) f(url)           \
					f(url_cleanup) f(url_get) f(url_set)

/* Before they are loaded, none may be called. */
extern struct libcurl {
#define LIBCURL_MEMBER(name) __typeof__(&curl_##name) name;
	LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
} curl;

/* Unless they are loaded; for good. ERR_OS. */
int libcurl_load(struct err *err);

#endif
