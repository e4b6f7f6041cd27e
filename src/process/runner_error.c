/* SPDX-License-Identifier: ISC */
/* Encoding and decoding of errors between sealpost and its runner. */
#include "process/runner_priv.h"

void runner_err_write(struct wr *w, const struct err *e)
{
	wr_u32(w, (uint32_t)e->code);
	wr_str(w, e->msg);
	wr_str(w, e->hint);
}

static bool known_code(int32_t code)
{
	return code == ERR_USAGE || code == ERR_DATA || code == ERR_NOHOST || code == ERR_POLICY ||
	       (code <= ERR_INTERNAL && code >= ERR_CONFIG);
}

int runner_err_read(struct rd *r, struct err *e)
{
	int32_t code = (int32_t)rd_u32(r);

	rd_str(r, e->msg, sizeof(e->msg));
	rd_str(r, e->hint, sizeof(e->hint));
	if (rd_end(r, "error", e) < 0)
		return ERR_INTERNAL;
	e->code = known_code(code) ? (enum err_code)code : ERR_INTERNAL;
	return e->code;
}
