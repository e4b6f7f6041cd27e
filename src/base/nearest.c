/* SPDX-License-Identifier: ISC */
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 32 /* octets that are compared for a typing mistake */

/* Optimal string alignment distance: an insertion, removal, change or swap of neighbours counts
 * one. */
static size_t distance(const char *a, const char *b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b), i, j, best;

	if (la > WORD_MAX || lb > WORD_MAX)
		return SIZE_MAX;
	for (i = 0; i <= la; i++)
		d[i][0] = i;
	for (j = 0; j <= lb; j++)
		d[0][j] = j;
	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}

const char *nearest_word(const char *word, const char *const *list)
{
	size_t least =
		strlen(word) < 5 ? 2 : 3; /* one mistake in a short word, two in a longer one */
	const char *found = NULL;
	size_t n;

	for (; *list; list++) {
		n = distance(word, *list);
		if (n < least) {
			least = n;
			found = *list;
		}
	}
	return found;
}
