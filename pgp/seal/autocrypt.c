/* SPDX-License-Identifier: ISC */
#include "pgp/seal/autocrypt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/minimal.h"
#include "base/base64.h"

#define NAME_ROOM 20   /* "Autocrypt-Gossip: " and the last line end */
#define LINE_OCTETS 57 /* of a line of 76 characters */

/* Attributes are divided by ';' and are not quoted. */
static bool fits_attribute(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text >= 0x80 || strchr(" \t;\"=", *text))
			return false;
	}
	return true;
}

static int add_keydata(struct buf *b, const uint8_t *p, size_t len)
{
	char four[4];
	size_t i;
	int rc = 0;

	for (i = 0; i < len && rc == 0; i += 3) {
		if (i % LINE_OCTETS == 0)
			rc = buf_adds(b, "\n ");
		base64_quantum(four, p + i, len - i < 3 ? (unsigned)(len - i) : 3);
		if (rc == 0)
			rc = buf_add(b, four, 4);
	}
	return rc;
}

int autocrypt_value(const struct addr *addr, const struct cert *c, bool mutual, char **value,
	const char **why, struct err *err)
{
	struct buf key = BUF_INIT(FILTER_OCTETS_MAX), b = BUF_INIT(AUTOCRYPT_FIELD_MAX - NAME_ROOM);
	int rc;

	*value = NULL;
	if (!fits_attribute(addr->text)) {
		*why = "the address does not fit into it";
		return 0;
	}
	rc = cert_minimal(c, addr, &key, err);
	if (rc == 0)
		*why = "the key has no User ID with the address, or no encryption subkey with a "
		       "signature of its own";
	if (rc == 1 && (buf_addf(&b, "addr=%s; %skeydata=", addr->text,
				mutual ? "prefer-encrypt=mutual; " : "") < 0 ||
			       add_keydata(&b, key.p, key.len) < 0)) {
		*why = "the key is too large for it";
		rc = errno == ENOMEM ? err_set(err, ERR_OS, "out of memory") : 0;
	}
	if (rc == 1) {
		*value = strdup(buf_str(&b));
		rc = *value ? 1 : err_set(err, ERR_OS, "out of memory");
	}
	buf_free(&key);
	buf_free(&b);
	return rc;
}
