/* SPDX-License-Identifier: ISC */
/* Checks whether each key is served by the direct method as it is published. */
#include <string.h>

#include "verbs/publish/write.h"

/* Asks for files, n of them, and compares. *same goes down: from yes to unknown to no. */
static int compare_served(struct writing *w, const struct publish_domain *d,
	struct tree_entry *const *e, size_t n, enum check_fact *same, struct err *err)
{
	struct world_request q = {.id = 0};
	struct world_reply a = {.id = 0};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = look_add_file(
			&q, d->name, "", strchr(e[i]->path + strlen("www/"), '/'), false, err);
	if (rc == 0)
		rc = look_world(w->p, &q, &a, 1, err);
	for (i = 0; rc == 0 && i < a.n_got; i++) {
		const struct world_got *g = &a.got[i];

		if (g->status == 0 || (g->status == 200 && !g->complete)) {
			if (*same == FACT_YES)
				*same = FACT_UNKNOWN;
		} else if (g->status != 200 || g->len != e[i]->len || g->digest_len != DIGEST_LEN ||
			   memcmp(g->digest, e[i]->digest, DIGEST_LEN) != 0) {
			*same = FACT_NO;
		}
	}
	world_request_free(&q);
	world_reply_free(&a);
	return rc;
}

/* Those of the keys in a list of the tree's files. */
static int compare_list(struct writing *w, const struct publish_domain *d, struct tree_entry *all,
	size_t n, enum check_fact *same, struct err *err)
{
	struct tree_entry *some[WORLD_FILES_MAX];
	char path[FILE_PATH_MAX];
	size_t i, k = 0;
	int rc = 0;

	tree_key_path(path, d, false, "hu/");
	for (i = 0; rc == 0 && *same != FACT_NO && i < n; i++) {
		if (!all[i].wanted || strncmp(all[i].path, path, strlen(path)) != 0)
			continue;
		some[k++] = &all[i];
		if (k == WORLD_FILES_MAX) {
			rc = compare_served(w, d, some, k, same, err);
			k = 0;
		}
	}
	if (rc == 0 && k > 0 && *same != FACT_NO)
		rc = compare_served(w, d, some, k, same, err);
	return rc;
}

enum check_fact direct_serves_all(struct writing *w, const struct publish_domain *d)
{
	enum check_fact same = FACT_YES;
	struct err err = ERR_INIT;

	if (compare_list(w, d, w->tree.old, w->tree.n_old, &same, &err) < 0 ||
		compare_list(w, d, w->tree.added, w->tree.n_added, &same, &err) < 0)
		return FACT_UNKNOWN;
	return same;
}
