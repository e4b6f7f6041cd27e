/* SPDX-License-Identifier: ISC */
#include "decide/served.h"

#include <string.h>

enum lookup_method served_way(const char *name)
{
	enum lookup_method m;

	for (m = METHOD_WKD_ADVANCED; m <= METHOD_OPENPGPKEY; m++) {
		if (strcmp(name, lookup_method_name(m)) == 0)
			return m;
	}
	return METHOD_NONE;
}

bool served_otherwise(
	enum lookup_method way, const struct method_result *wkd, const struct method_result *dane)
{
	switch (way) {
	case METHOD_NONE:
	case METHOD_KEYSERVER: /* not the domain's */
		return false;
	case METHOD_OPENPGPKEY:
		return dane->status != METHOD_ABSENT || dane->dnssec != DNS_SECURE;
	case METHOD_WKD_ADVANCED:
	case METHOD_WKD_DIRECT:
		break;
	}
	if (wkd->status == METHOD_NOT_ASKED)
		return true;
	/* dnssec is that of the answer that chose between the two. A key host of the same method
	 * said so itself; where there was none, that has to be proved. */
	if (wkd->method != way)
		return wkd->dnssec != DNS_SECURE;
	return wkd->tls == TLS_NONE && !wkd->proved;
}
