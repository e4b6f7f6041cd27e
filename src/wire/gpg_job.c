/* SPDX-License-Identifier: ISC */
#include "wire/gpg_job.h"

#include <string.h>

#include "base/text.h"
#include "wire/codec.h"

static void describe_key(struct codec *c, void *item)
{
	struct gpg_job_key *k = item;

	CODEC_FIXED(c, k->fpr);
}

static void describe_job(struct codec *c, struct gpg_job *j)
{
	CODEC_ENUM(c, j->work, GPG_OPENS);
	CODEC_FIXED(c, j->home);
	CODEC_FIXED(c, j->signer);
	CODEC_FLAG(c, j->asks);
	CODEC_FLAG(c, j->compresses);
	CODEC_FLAG(c, j->only_aes);
	j->n_file = codec_count(c, j->n_file, GPG_JOB_FILES_MAX);
	codec_array(c, &j->to, &j->n_to, GPG_JOB_RING_MAX, sizeof(*j->to), describe_key);
}

void gpg_job_write(struct wr *w, const struct gpg_job *j)
{
	struct codec c = {.w = w};
	struct gpg_job copy = *j;

	describe_job(&c, &copy);
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
	struct codec c = {.r = r};
	size_t i;
	int rc;

	*j = (struct gpg_job){.work = GPG_SEALS};
	describe_job(&c, j);
	r->bad |= !is_folder_name(j->home) || (j->signer[0] && !text_is_fingerprint(j->signer)) ||
		  !is_whole_job(j);
	for (i = 0; i < j->n_to; i++)
		r->bad |= !text_is_fingerprint(j->to[i].fpr);
	rc = rd_end(r, "request to run gpg", err);
	if (rc < 0)
		gpg_job_free(j);
	return rc;
}

void gpg_job_free(struct gpg_job *j)
{
	struct codec c = {.r = NULL};

	describe_job(&c, j);
}
