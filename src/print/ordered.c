/* SPDX-License-Identifier: ISC */
#include "print/ordered.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "print/output.h"

#define COPY_MAX 65536

int ordered_init(struct ordered *o, size_t n, struct err *err)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->file = -1;
	o->v = calloc(n, sizeof(*o->v));
	if (!o->v)
		return err_set(err, ERR_OS, "out of memory");
	o->n = n;
	for (i = 0; i < n; i++)
		o->v[i].fd = -1;
	return 0;
}

void ordered_free(struct ordered *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		free(o->v[i].text);
	free(o->v);
	if (o->file >= 0)
		close(o->file);
	memset(o, 0, sizeof(*o));
	o->file = -1;
}

static int open_overflow(struct err *err)
{
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	int fd, rc = dir_make_temp(dir, err);

	if (rc < 0)
		return rc;
	if (path_join(path, dir, "waiting") < 0)
		path[0] = '\0';
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	dir_remove(dir);
	return fd;
}

static int to_file(struct ordered *o, struct ordered_text *t, struct err *err)
{
	if (o->file < 0)
		o->file = open_overflow(err);
	if (o->file < 0)
		return o->file;
	if (lseek(o->file, o->end, SEEK_SET) < 0 || fd_write_all(o->file, t->text, t->len) < 0)
		return err_set(err, ERR_IO, "output that waits to be printed cannot be written: %s",
			strerror(errno));
	t->at = o->end;
	o->end += (off_t)t->len;
	free(t->text);
	t->text = NULL;
	return 0;
}

static int print_from_file(const struct ordered *o, const struct ordered_text *t, struct err *err)
{
	char part[COPY_MAX];
	size_t left = t->len;
	ssize_t n;

	while (left > 0) {
		n = pread(o->file, part, left < sizeof(part) ? left : sizeof(part),
			t->at + (off_t)(t->len - left));
		if (n <= 0)
			return err_set(
				err, ERR_IO, "output that waits to be printed cannot be read");
		if (fd_write_all(t->fd, part, (size_t)n) < 0)
			return out_failed(err, ERR_IO);
		left -= (size_t)n;
	}
	return 0;
}

static int print_text_of(struct ordered *o, struct ordered_text *t, struct err *err)
{
	if (!t->text)
		return t->len > 0 ? print_from_file(o, t, err) : 0;
	if (fd_write_all(t->fd, t->text, t->len) < 0)
		return out_failed(err, ERR_IO);
	o->held -= t->len;
	free(t->text);
	t->text = NULL;
	return 0;
}

int ordered_put(struct ordered *o, size_t i, int fd, char *text, size_t len, struct err *err)
{
	struct ordered_text *t = &o->v[i];
	int rc = 0;

	*t = (struct ordered_text){.text = text, .len = len, .fd = fd};
	o->held += len;
	if (i > o->next && o->held > ORDERED_MEMORY_MAX) {
		o->held -= len;
		rc = to_file(o, t, err);
	}
	while (rc == 0 && o->next < o->n && o->v[o->next].fd >= 0)
		rc = print_text_of(o, &o->v[o->next++], err);
	return rc;
}
