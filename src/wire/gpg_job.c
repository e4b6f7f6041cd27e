/* SPDX-License-Identifier: ISC */
#include "wire/gpg_job.h"

#include <string.h>

#include "base/text.h"

void gpg_job_write(struct wr *w, const struct gpg_job *j)
{
	size_t i;

	wr_u8(w, (uint8_t)j->work);
	wr_str(w, j->home);
	wr_str(w, j->signer);
	wr_u8(w, j->asks);
	wr_u8(w, j->compresses);
	wr_u8(w, j->only_aes);
	wr_u32(w, (uint32_t)j->n_file);
	wr_u32(w, (uint32_t)j->n_to);
	for (i = 0; i < j->n_to; i++)
		wr_str(w, j->to[i]);
}

static bool read_flag(struct rd *r)
{
	uint8_t v = rd_u8(r);

	r->bad |= v > 1;
	return v == 1;
}

static size_t read_job_count(struct rd *r, size_t max)
{
	size_t n = rd_u32(r);

	r->bad |= n > max;
	return r->bad ? 0 : n;
}

/* As mkdtemp makes it: one component, and no option. */
static bool is_folder_name(const char *s)
{
	return s[0] != '\0' &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
		       strlen(s);
}

/* Whether it is one thing, and all of it. */
static bool is_whole_job(const struct gpg_job *j)
{
	const size_t n = j->n_to + j->n_file;

	switch (j->work) {
	case GPG_SEALS:
		return n > 0 && (j->signer[0] != '\0' || !j->asks);
	case GPG_SIGNS:
		return n == 0 && j->signer[0] != '\0' && !j->only_aes;
	default:
		return n == 0 && j->signer[0] == '\0' && !j->asks && !j->compresses && !j->only_aes;
	}
}

int gpg_job_read(struct rd *r, struct gpg_job *j, struct err *err)
{
	uint8_t work = rd_u8(r);
	size_t i;

	*j = (struct gpg_job){.work = work > GPG_OPENS ? GPG_OPENS : (enum gpg_work)work};
	r->bad |= work > GPG_OPENS;
	rd_str(r, j->home, sizeof(j->home));
	rd_str(r, j->signer, sizeof(j->signer));
	r->bad |= !is_folder_name(j->home) || (j->signer[0] && !text_is_fingerprint(j->signer));
	j->asks = read_flag(r);
	j->compresses = read_flag(r);
	j->only_aes = read_flag(r);
	j->n_file = read_job_count(r, GPG_JOB_FILES_MAX);
	j->n_to = read_job_count(r, GPG_JOB_RING_MAX);
	for (i = 0; i < j->n_to; i++) {
		rd_str(r, j->to[i], sizeof(j->to[i]));
		r->bad |= !text_is_fingerprint(j->to[i]);
	}
	r->bad |= !is_whole_job(j);
	return rd_end(r, "request to run gpg", err);
}
