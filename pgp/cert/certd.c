/* SPDX-License-Identifier: ISC */
#include "pgp/cert/certd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define LOCK_FILE "writelock"
#define LOCK_PAUSE_MS 20
#define NAME_LEN (CERT_FPR_MAX + 1) /* "aa/" and the rest */
#define NAMES_MAX 65536             /* of one of the 256 folders */

/* "AABB.." -> "aa/bb..". */
static int file_name(const char *fpr, char *name)
{
	if (!text_is_fingerprint(fpr))
		return -1;
	snprintf(name, NAME_LEN + 1, "%.2s/%s", fpr, fpr + 2);
	ascii_lower(name);
	return 0;
}

static int take_lock(struct certd *d, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	int i;

	d->lock = openat(d->fd, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (d->lock < 0)
		return err_set(err, err_of_errno(errno, ERR_CREATE), "%s/%s: %s", d->path,
			LOCK_FILE, strerror(errno));
	for (i = 0; i < CERTD_LOCK_MS / LOCK_PAUSE_MS; i++) {
		if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_IO, "%s: %s", d->path, strerror(errno));
		(void)nanosleep(&pause, NULL);
	}
	return err_set(err, ERR_TEMP, "%s: another program writes to it", d->path);
}

int certd_open(struct certd *d, const char *path, bool write, struct err *err)
{
	int rc;

	*d = (struct certd){.fd = -1, .lock = -1, .path = path};
	if (write && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_path(err, ERR_CREATE, path);
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0)
		return err_set(err, err_of_errno(errno, write ? ERR_CREATE : ERR_IO), "%s: %s",
			path, strerror(errno));
	rc = write ? take_lock(d, err) : 0;
	if (rc < 0)
		certd_close(d);
	return rc;
}

void certd_close(struct certd *d)
{
	if (d->lock >= 0)
		close(d->lock);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = d->lock = -1;
}

/* The folder of name, "aa/...", which is no symlink. -1 with errno. */
static int open_part(const struct certd *d, const char *name, bool make)
{
	char part[3] = {name[0], name[1], '\0'};

	if (make && mkdirat(d->fd, part, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(d->fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Appends a regular file of the folder. 1, 0 when there is none, -1 with the reason in *why. */
static int read_at(int dir, const char *name, struct buf *out, const char **why)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int rc;

	if (fd < 0) {
		*why = errno == ELOOP ? "is a symbolic link" : strerror(errno);
		return errno == ENOENT ? 0 : -1;
	}
	*why = "is not a regular file";
	rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 1 : -1;
	if (rc > 0 && fd_read_all(fd, out, NULL) < 0) {
		*why = "cannot be read, or is too large";
		rc = -1;
	}
	close(fd);
	return rc;
}

/* Exactly one certificate, and that of this fingerprint. */
static bool is_cert(const uint8_t *p, size_t len, const char *fpr)
{
	char found[CERT_FPR_MAX];
	const uint8_t *cert;
	size_t cert_len;

	return split_next(&p, &len, &cert, &cert_len) == 1 && len == 0 &&
	       split_fpr(cert, cert_len, found) == 0 && strcmp(found, fpr) == 0;
}

int certd_get(const struct certd *d, const char *fpr, struct buf *out, struct err *err)
{
	char name[NAME_LEN + 1];
	const char *why = "";
	size_t had = out->len;
	int dir, rc;

	if (file_name(fpr, name) < 0)
		return err_set(err, ERR_INTERNAL, "not a fingerprint: %.80s", fpr);
	dir = open_part(d, name, false);
	if (dir < 0)
		return errno == ENOENT ? 0
				       : err_set(err, ERR_IO, "%s/%.2s: %s", d->path, name,
						 strerror(errno));
	rc = read_at(dir, name + 3, out, &why);
	close(dir);
	if (rc < 0)
		return err_set(err, ERR_IO, "%s/%s: %s", d->path, name, why);
	if (rc > 0 && !is_cert(out->p + had, out->len - had, fpr))
		rc = err_set(
			err, ERR_DATA, "%s/%s: is not the certificate of its name", d->path, name);
	return rc;
}

/* The file whole or not at all. */
static int replace(
	const struct certd *d, int dir, const char *name, const struct buf *b, struct err *err)
{
	static const char temp[] = "_sealpost_new";
	struct file_new f;

	/* In the base, under the lock: there is one at a time, and one that is there was left. */
	(void)unlinkat(d->fd, temp, 0);
	if (file_new_begin(&f, d->fd, temp) < 0)
		return err_set(err, err_of_errno(errno, ERR_CREATE), "%s/%s: %s", d->path, temp,
			strerror(errno));
	if (file_new_end(&f, fd_write_all(f.fd, b->p, b->len), dir, name + 3) < 0)
		return err_set(err, ERR_IO, "%s/%s: %s", d->path, name, strerror(errno));
	return 0;
}

int certd_put(struct certd *d, const char *fpr, const uint8_t *cert, size_t len, struct err *err)
{
	struct buf old = BUF_INIT(SPLIT_CERT_MAX), merged = BUF_INIT(2 * SPLIT_CERT_MAX);
	char name[NAME_LEN + 1];
	struct err why = ERR_INIT;
	int dir = -1, rc;

	if (file_name(fpr, name) < 0 || d->lock < 0 || !is_cert(cert, len, fpr))
		return err_set(
			err, ERR_DATA, "%.80s: is not a certificate of that fingerprint", fpr);
	rc = certd_get(d, fpr, &old, err);
	if (rc == 0)
		rc = split_merge(cert, len, cert, len, &merged, &why);
	else if (rc > 0)
		rc = split_merge(old.p, old.len, cert, len, &merged, &why);
	if (why.code)
		rc = err_set(err, why.code, "%s/%s: %s", d->path, name, why.msg);
	if (rc == 0 && merged.len == old.len && memcmp(merged.p, old.p, old.len) == 0)
		goto out; /* nothing was new */
	if (rc == 0 && merged.len > SPLIT_CERT_MAX)
		rc = err_set(err, ERR_DATA, "%s/%s: would grow too large", d->path, name);
	if (rc < 0)
		goto out;
	dir = open_part(d, name, true);
	if (dir < 0)
		rc = err_set(err, err_of_errno(errno, ERR_CREATE), "%s/%.2s: %s", d->path, name,
			strerror(errno));
	else
		rc = replace(d, dir, name, &merged, err);
	rc = rc < 0 ? rc : 1;
out:
	if (dir >= 0)
		close(dir);
	buf_free(&old);
	buf_free(&merged);
	return rc;
}

static bool is_name(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789abcdef") == n;
}

struct each {
	int (*cb)(const char *fpr, const uint8_t *cert, size_t len, void *arg);
	void (*bad)(const char *name, const char *why, void *arg);
	void *arg;
};

static int one_file(const struct each *e, int dir, const char *part, const char *name)
{
	struct buf b = BUF_INIT(SPLIT_CERT_MAX);
	char fpr[CERT_FPR_MAX], path[NAME_LEN + 1];
	const char *why = "";
	size_t i;
	int rc;

	snprintf(path, sizeof(path), "%.2s/%s", part, name);
	snprintf(fpr, sizeof(fpr), "%.2s%s", part, name);
	for (i = 0; fpr[i]; i++)
		fpr[i] = fpr[i] >= 'a' ? (char)(fpr[i] - 'a' + 'A') : fpr[i];
	rc = read_at(dir, name, &b, &why);
	if (rc > 0 && !is_cert(b.p, b.len, fpr)) {
		why = "is not the certificate of its name";
		rc = -1;
	}
	if (rc < 0 && e->bad)
		e->bad(path, why, e->arg);
	rc = rc > 0 ? e->cb(fpr, b.p, b.len, e->arg) : 0;
	buf_free(&b);
	return rc;
}

/* fd is closed. */
static int one_part(const struct each *e, int fd, const char *part)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	size_t count = 0;
	int rc = 0;

	if (!dir) {
		if (e->bad)
			e->bad(part, strerror(errno), e->arg);
		close(fd);
		return 0;
	}
	while (errno = 0, rc == 0 && count++ < NAMES_MAX && (entry = readdir(dir)) != NULL) {
		if (is_name(entry->d_name, 38) || is_name(entry->d_name, 62))
			rc = one_file(e, fd, part, entry->d_name);
	}
	if (rc == 0 && errno != 0 && e->bad)
		e->bad(part, strerror(errno), e->arg);
	closedir(dir);
	return rc;
}

int certd_each(const struct certd *d,
	int (*cb)(const char *fpr, const uint8_t *cert, size_t len, void *arg),
	void (*bad)(const char *name, const char *why, void *arg), void *arg, struct err *err)
{
	struct each e = {cb, bad, arg};
	char part[3];
	int i, fd, rc = 0;

	for (i = 0; i < 256 && rc == 0; i++) {
		snprintf(part, sizeof(part), "%02x", (unsigned)i);
		fd = open_part(d, part, false);
		if (fd >= 0)
			rc = one_part(&e, fd, part);
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			rc = err_set(err, ERR_IO, "%s/%s: %s", d->path, part, strerror(errno));
	}
	return rc;
}
