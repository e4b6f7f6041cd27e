/* SPDX-License-Identifier: ISC */
/* A Location field from anywhere: what is accepted stays https, on port 443, at a domain name, and
 * is stable. */
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "fuzz.h"
#include "net/https.h"

#define BASE "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/abc?l=joe"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char url[HTTPS_URL_MAX], again[HTTPS_URL_MAX], host[ADDR_DOMAIN_MAX + 1];
	char host_again[ADDR_DOMAIN_MAX + 1];
	char *location = fuzz_text(data, size);
	size_t n;

	if (https_redirect(BASE, location, url, host, NULL) == 0) {
		n = strlen(host);
		must(strncmp(url, "https://", 8) == 0 && strncmp(url + 8, host, n) == 0);
		must(url[8 + n] == '/' && !strpbrk(url, "#\r\n"));
		/* What was accepted once is accepted again, as the same. */
		must(https_redirect(BASE, url, again, host_again, NULL) == 0);
		must(strcmp(url, again) == 0 && strcmp(host, host_again) == 0);
	}
	free(location);
	return 0;
}
