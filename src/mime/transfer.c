/* SPDX-License-Identifier: ISC */
#include "mime/transfer.h"

#include <string.h>

#include "base/text.h"
#include "mime/mime.h"

void transfer_begin(struct transfer *t, enum part_cte cte)
{
	*t = (struct transfer){.cte = cte, .malformed = cte == CTE_OTHER};
}

/* Text as it stands, or the beginning of an escape. 1: out has a byte. */
static size_t read_qp_text(struct transfer *t, uint8_t c, uint8_t *out)
{
	if (c == '=') {
		t->qp = QP_EQUALS;
		return 0;
	}
	t->malformed |= (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c >= 127;
	*out = c;
	return 1;
}

/* One character of quoted-printable. 1: out has a byte. */
static size_t read_qp(struct transfer *t, uint8_t c, uint8_t *out)
{
	switch (t->qp) {
	case QP_TEXT:
		return read_qp_text(t, c, out);
	case QP_EQUALS:
		if (text_hex_digit((char)c) >= 0) {
			t->high = c;
			t->qp = QP_HEX;
			return 0;
		}
		t->qp = QP_SOFT;
		/* fall through */
	case QP_SOFT: /* blanks may have been added on the way */
		if (c == '\n')
			t->qp = QP_TEXT;
		else
			t->malformed |= !mime_blank(c) && c != '\r';
		return 0;
	case QP_HEX:
		t->malformed |= text_hex_digit((char)c) < 0;
		*out = (uint8_t)(text_hex_digit((char)t->high) << 4 |
				 (text_hex_digit((char)c) & 15));
		t->qp = QP_TEXT;
		return 1;
	}
	return 0;
}

size_t transfer_add(struct transfer *t, const uint8_t *in, size_t n, uint8_t *out)
{
	size_t made = 0;

	if (t->malformed)
		return 0;
	if (t->cte == CTE_BASE64) {
		made = base64_read(&t->base64, in, n, out);
		t->malformed = t->base64.malformed;
	} else if (t->cte == CTE_QP) {
		for (; n > 0 && !t->malformed; n--)
			made += read_qp(t, *in++, out + made);
	} else {
		memcpy(out, in, n);
		made = n;
	}
	return made;
}

bool transfer_end(const struct transfer *t)
{
	return !t->malformed && (t->cte != CTE_BASE64 || base64_whole(&t->base64)) &&
	       t->qp == QP_TEXT;
}
