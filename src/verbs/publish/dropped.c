/* SPDX-License-Identifier: ISC */
/*
 * Record sets that earlier nsupdate scripts added, and that are no longer wanted: every later
 * script deletes them, as it is unknown which of them was run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verbs/publish/write.h"

#define DELETE_WORD "update delete "
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_-."
#define SEND_AFTER (32u << 10)

struct dropping {
	const struct dns_record **want; /* owned; by name */
	size_t n_want;
	char **line; /* owned, with what it holds: "NAME. TYPE" */
	size_t n_line, cap_line;
};

static int compare_wanted(const void *a, const void *b)
{
	return strcmp((*(const struct dns_record *const *)a)->name,
		(*(const struct dns_record *const *)b)->name);
}

static int compare_dropped(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether the script for the wanted sets deletes the type at the name anyway. */
static bool replaces_set(const struct dropping *d, const char *name, enum record_type type)
{
	size_t low = 0, high = d->n_want;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(d->want[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < d->n_want && strcmp(d->want[low]->name, name) == 0; low++) {
		if (record_replaces(d->want[low], type))
			return true;
	}
	return false;
}

/* Whether a line deletes a set of a type that we publish; then name is cut out of it. CAA is never
 * deleted. */
static bool cut_delete(char *line, char **name, enum record_type *type)
{
	static const enum record_type types[] = {
		RECORD_A, RECORD_CNAME, RECORD_TXT, RECORD_AAAA, RECORD_TLSA, RECORD_OPENPGPKEY};
	size_t i, len;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, DELETE_WORD, strlen(DELETE_WORD)) != 0)
		return false;
	*name = line + strlen(DELETE_WORD);
	len = strspn(*name, NAME_CHARS);
	if (len < 2 || (*name)[len] != ' ' || (*name)[len - 1] != '.')
		return false;
	(*name)[len - 1] = '\0';
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(*name + len + 1, record_type_name(types[i])) == 0) {
			*type = types[i];
			return true;
		}
	}
	return false;
}

static int keep_dropped(struct dropping *d, const char *name, enum record_type type)
{
	if (d->n_line == d->cap_line) {
		size_t cap = d->cap_line ? 2 * d->cap_line : 16;
		char **grown = reallocarray(d->line, cap, sizeof(*grown));

		if (!grown)
			return -1;
		d->line = grown;
		d->cap_line = cap;
	}
	if (asprintf(&d->line[d->n_line], "%s. %s", name, record_type_name(type)) < 0)
		return -1;
	d->n_line++;
	return 0;
}

static int read_dropped(struct dropping *d, const struct tree *t, const char *path, struct err *err)
{
	int fd = openat(t->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	enum record_type type = RECORD_A;
	char *line = NULL, *name;
	size_t cap = 0;

	if (!f) {
		if (fd >= 0) {
			close(fd);
			return err_set(err, ERR_OS, "out of memory");
		}
		/* Where it is missing, its content is unknown. */
		return errno == ENOENT ? 0 : err_path(err, ERR_IO, path);
	}
	while (rc == 0 && getline(&line, &cap, f) > 0) {
		if (cut_delete(line, &name, &type) && !replaces_set(d, name, type) &&
			keep_dropped(d, name, type) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
	}
	if (rc == 0 && !feof(f))
		rc = err_set(err, ERR_IO, "%s: cannot be read", path);
	free(line);
	fclose(f);
	return rc;
}

static void print_lines(FILE *f, const struct dropping *d, const char *server)
{
	size_t i, octets = 0;

	if (d->n_line > 0 && server)
		fprintf(f, "server %s\n", server);
	for (i = 0; i < d->n_line; i++) {
		if (i > 0 && strcmp(d->line[i], d->line[i - 1]) == 0)
			continue;
		if (octets >= SEND_AFTER) {
			fputs("send\n", f);
			octets = 0;
		}
		octets += (size_t)fprintf(f, DELETE_WORD "%s\n", d->line[i]);
	}
	if (octets > 0)
		fputs("send\n", f);
}

int print_dropped(FILE *f, const struct tree *t, const char *path, const struct record_list *l,
	const char *server, struct err *err)
{
	struct dropping d = {.n_want = l->n};
	size_t i;
	int rc = 0;

	if (!tree_old(t, path))
		return 0;
	d.want = calloc(l->n + 1, sizeof(*d.want));
	if (!d.want)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < l->n; i++)
		d.want[i] = &l->v[i];
	qsort(d.want, d.n_want, sizeof(*d.want), compare_wanted);
	rc = read_dropped(&d, t, path, err);
	if (rc == 0 && d.n_line > 0)
		qsort(d.line, d.n_line, sizeof(*d.line), compare_dropped);
	if (rc == 0)
		print_lines(f, &d, server);
	for (i = 0; i < d.n_line; i++)
		free(d.line[i]);
	free(d.line);
	free(d.want);
	return rc;
}
