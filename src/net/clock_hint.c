/* SPDX-License-Identifier: ISC */
#include "net/clock_hint.h"

#include <stdio.h>
#include <time.h>

void clock_hint(char *out)
{
	char day[16] = "?";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	snprintf(out, CLOCK_HINT_MAX, "; is this machine's clock right (it says %s)?", day);
}
