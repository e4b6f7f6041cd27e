/* SPDX-License-Identifier: ISC */
#include "mime/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

#define SPOOL_MEMFD_MAX (8 << 20) /* sealed text beyond it goes to a file */

static int open_memfd(void)
{
	return memfd_create("sealpost", MFD_ALLOW_SEALING | MFD_CLOEXEC);
}

/* A file without a name: nothing is left behind, however the program ends. */
static int open_tmpfile(void)
{
	const char *dirs[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
	size_t i;
	int fd = -1;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && fd < 0; i++) {
		if (dirs[i] && dirs[i][0] == '/')
			fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	}
	return fd;
}

int spool_open(struct spool *s, off_t expected, bool clear, struct err *err)
{
	s->size = 0;
	s->n_out = 0;
	s->failed = s->smtputf8 = false;
	s->error = 0;
	s->memfd = clear || expected <= SPOOL_MEMFD_MAX;
	s->fd = s->memfd ? open_memfd() : open_tmpfile();
	if (s->fd < 0 && !s->memfd) { /* no folder takes such files: then memory */
		s->memfd = true;
		s->fd = open_memfd();
	}
	if (s->fd < 0)
		return err_set(
			err, ERR_OS, "no room for the finished message: %s", strerror(errno));
	return 0;
}

static void put_spooled(struct spool *s, const void *p, size_t n)
{
	if (!s->failed && n > 0 && fd_write_all(s->fd, p, n) < 0) {
		s->failed = true;
		s->error = errno;
	}
}

static void flush_spool(struct spool *s)
{
	put_spooled(s, s->out, s->n_out);
	explicit_bzero(s->out, s->n_out);
	s->n_out = 0;
}

void spool_add(struct spool *s, const void *p, size_t n)
{
	s->size += (off_t)n;
	if (n > sizeof(s->out) - s->n_out)
		flush_spool(s);
	if (n > sizeof(s->out)) {
		put_spooled(s, p, n);
		return;
	}
	memcpy(s->out + s->n_out, p, n);
	s->n_out += n;
}

void spool_adds(struct spool *s, const char *str)
{
	spool_add(s, str, strlen(str));
}

int spool_finish(struct spool *s, struct err *err)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	flush_spool(s);
	if (s->failed || lseek(s->fd, 0, SEEK_END) != s->size)
		return err_set(err, ERR_IO, "the finished message cannot be written: %s",
			s->error ? strerror(s->error) : "it came out short");
	if (s->memfd && fcntl(s->fd, F_ADD_SEALS, seals) < 0)
		return err_set(err, ERR_OS,
			"the finished message cannot be sealed against writing: %s",
			strerror(errno));
	if (lseek(s->fd, 0, SEEK_SET) != 0)
		return err_set(
			err, ERR_IO, "the finished message cannot be rewound: %s", strerror(errno));
	return 0;
}

void spool_close(struct spool *s)
{
	explicit_bzero(s->out, s->n_out);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->n_out = 0;
}
