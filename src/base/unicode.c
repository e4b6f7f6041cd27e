/* SPDX-License-Identifier: ISC */
#include "base/unicode.h"

#include <errno.h>
#include <idn2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

#include "base/library.h"
#include "base/text.h"

#define LIBRARY "libidn2.so.0" /* the only one so far; it needs libunistring, and so brings it */

/* Of the libraries; never unloaded. */
struct functions {
	__typeof__(&idn2_to_ascii_8z) to_ascii;
	__typeof__(&idn2_strerror) why;
	__typeof__(&idn2_free) free_text;
	__typeof__(&u8_normalize) normalize;
	uninorm_t nfc;
};

static const struct functions *libraries(struct err *err)
{
	static struct functions loaded;
	const struct library_function f[] = {{"idn2_to_ascii_8z", &loaded.to_ascii},
		{"idn2_strerror", &loaded.why}, {"idn2_free", &loaded.free_text},
		{"u8_normalize", &loaded.normalize}, {"uninorm_nfc", &loaded.nfc}};

	if (!loaded.nfc && library_load(LIBRARY, "a name that is not ASCII", f,
				   sizeof(f) / sizeof(f[0]), err) < 0)
		return NULL;
	return &loaded;
}

int unicode_domain(const char *domain, char *out, size_t max, struct err *err)
{
	const struct functions *f = libraries(err);
	char *ascii = NULL;
	int rc;

	if (!f)
		return ERR_OS;
	rc = f->to_ascii(domain, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc == IDN2_OK && strlen(ascii) < max) {
		memcpy(out, ascii, strlen(ascii) + 1);
	} else {
		err_set(err, ERR_USAGE, "the domain is not a valid international name (%s)",
			rc == IDN2_OK ? "too long" : f->why(rc));
		rc = ERR_USAGE;
	}
	f->free_text(ascii);
	return rc;
}

int unicode_nfc(const char *text, char *out, size_t max, struct err *err)
{
	const struct functions *f = libraries(err);
	size_t len = max - 1;
	uint8_t *got;

	if (!f)
		return ERR_OS;
	got = f->normalize(f->nfc, (const uint8_t *)text, strlen(text), (uint8_t *)out, &len);
	if (!got)
		return err_set(err, ERR_OS, "a name cannot be normalized: %s", strerror(errno));
	/* It is written to out where it fits. */
	if (got != (uint8_t *)out) {
		free(got);
		return 1;
	}
	out[len] = '\0';
	return 0;
}
