/* SPDX-License-Identifier: ISC */
#include "store/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define FOLDER "queue"
#define LOCK_NAME "lock" /* contains the last number */
#define TEMP_NAME ".new"
#define TEMP_KEY ".new-key"
#define KEY_SUFFIX ".key"
#define LOCK_MS 30000 /* long enough for another process to write a mail */
#define LOCK_TRY_MS 20
#define NUMBER_TEXT 16

static int queue_fail(const struct queue *q, const char *name, enum err_code code, struct err *err)
{
	return err_set(err, code, "%.500s%s%.100s: %s", q->path, name[0] ? "/" : "", name,
		strerror(errno));
}

/* Another process may have made the queue's folder in it, and not come to this yet. */
static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

int queue_open(struct queue *q, const char *data_dir, bool make, struct err *err)
{
	int rc;

	*q = (struct queue){.dir = -1, .lock = -1};
	if (path_join(q->path, data_dir, FOLDER) < 0)
		return err_set(err, ERR_CREATE, "%s: the path is too long", data_dir);
	rc = dir_check_private(data_dir, err);
	if (rc == 1 && !make)
		rc = dir_check_private(q->path, err);
	else if (rc >= 0 && make)
		rc = dir_make_private(q->path, err);
	if (rc < 0 || (rc == 0 && !make))
		return rc;
	if (make && sync_folder(data_dir) < 0)
		return queue_fail(q, "", ERR_IO, err);
	q->dir = open(q->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (q->dir >= 0)
		return 1;
	return errno == ENOENT ? 0 : queue_fail(q, "", ERR_IO, err);
}

void queue_close(struct queue *q)
{
	if (q->dir >= 0)
		close(q->dir);
	if (q->lock >= 0)
		close(q->lock);
	q->dir = q->lock = -1;
}

/* Locks the queue folder against other processes, waiting for a while. */
static int lock_queue(struct queue *q, struct err *err)
{
	const struct timespec pause = {0, LOCK_TRY_MS * 1000000};
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int64_t until = clock_ms() + LOCK_MS;

	q->lock = openat(
		q->dir, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (q->lock < 0)
		return queue_fail(q, LOCK_NAME, ERR_CREATE, err);
	while (fcntl(q->lock, F_OFD_SETLK, &whole) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return queue_fail(q, LOCK_NAME, ERR_IO, err);
		if (clock_ms() >= until)
			return err_set(err, ERR_TEMP,
				"%.500s: another process has held it for %d s", q->path,
				LOCK_MS / 1000);
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static void unlock_queue(struct queue *q)
{
	if (q->lock >= 0)
		close(q->lock);
	q->lock = -1;
}

/* Parses a file's name: false if it is not a queued mail. */
static bool read_entry_name(const char *name, struct queue_entry *e)
{
	unsigned long n;
	const char *hex;
	char *end;

	memset(e, 0, sizeof(*e));
	if (name[0] < '1' || name[0] > '9' || strlen(name) >= sizeof(e->name))
		return false;
	n = strtoul(name, &end, 10);
	hex = end + 1;
	if (*end != '.' || n > UINT32_MAX || strlen(hex) != 2 * JOURNAL_HASH ||
		!text_unhex(hex, e->mail, JOURNAL_HASH))
		return false;
	memcpy(e->name, name, strlen(name) + 1);
	e->n = (uint32_t)n;
	return true;
}

static void write_entry_name(struct queue_entry *e, uint32_t n, const uint8_t mail[JOURNAL_HASH])
{
	size_t i, len;

	memset(e, 0, sizeof(*e));
	e->n = n;
	memcpy(e->mail, mail, JOURNAL_HASH);
	len = (size_t)snprintf(e->name, sizeof(e->name), "%u.", n);
	for (i = 0; i < JOURNAL_HASH; i++)
		snprintf(e->name + len + 2 * i, 3, "%02x", mail[i]);
}

static int compare_entries(const void *a, const void *b)
{
	const struct queue_entry *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

/* Calls fn for each file of the folder, until it returns non-zero. */
static int each_file(struct queue *q, int (*fn)(struct queue *q, const char *name, void *arg),
	void *arg, struct err *err)
{
	int fd = openat(q->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *f;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return queue_fail(q, "", ERR_IO, err);
	}
	errno = 0;
	while (rc == 0 && (f = readdir(d)) != NULL) {
		rc = fn(q, f->d_name, arg);
		errno = 0;
	}
	if (rc == 0 && errno != 0)
		rc = queue_fail(q, "", ERR_IO, err);
	closedir(d);
	return rc;
}

struct entries {
	struct queue_entry *v;
	size_t n;
	struct err *err;
};

static int add_entry(struct queue *q, const char *name, void *arg)
{
	struct entries *l = arg;
	struct queue_entry e, *grown;
	struct stat st;

	if (!read_entry_name(name, &e))
		return 0;
	if (fstatat(q->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : queue_fail(q, name, ERR_IO, l->err); /* gone? */
	if (!S_ISREG(st.st_mode))
		return 0;
	e.since = st.st_mtime;
	e.size = st.st_size;
	grown = reallocarray(l->v, l->n + 1, sizeof(*grown));
	if (!grown)
		return err_set(l->err, ERR_OS, "out of memory");
	l->v = grown;
	l->v[l->n++] = e;
	return 0;
}

int queue_list(struct queue *q, struct queue_entry **v, size_t *n, struct err *err)
{
	struct entries l = {.err = err};
	int rc = each_file(q, add_entry, &l, err);

	if (rc < 0) {
		free(l.v);
		return rc;
	}
	if (l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), compare_entries);
	*v = l.v;
	*n = l.n;
	return 0;
}

int queue_find(
	struct queue *q, const uint8_t mail[JOURNAL_HASH], struct queue_entry *e, struct err *err)
{
	struct queue_entry *v = NULL;
	size_t n = 0, i;
	int rc = queue_list(q, &v, &n, err);

	for (i = 0; rc == 0 && i < n; i++) {
		if (memcmp(v[i].mail, mail, JOURNAL_HASH) == 0) {
			*e = v[i];
			rc = 1;
		}
	}
	free(v);
	return rc;
}

/* The next number: greater than any number in use or used before. */
static int next_number(struct queue *q, uint32_t *number, struct err *err)
{
	char text[NUMBER_TEXT] = "";
	struct queue_entry *v = NULL;
	ssize_t got = pread(q->lock, text, sizeof(text) - 1, 0);
	unsigned long last;
	size_t n = 0;
	int rc = queue_list(q, &v, &n, err);

	if (rc < 0)
		return rc;
	last = got > 0 ? strtoul(text, NULL, 10) : 0;
	if (n > 0 && v[n - 1].n > last)
		last = v[n - 1].n;
	free(v);
	if (last >= UINT32_MAX)
		return err_set(err, ERR_IO, "%.500s: there are no more numbers", q->path);
	*number = (uint32_t)last + 1;
	/* If this fails, a number may be reused, nothing worse. */
	snprintf(text, sizeof(text), "%-10u\n", *number);
	(void)!pwrite(q->lock, text, strlen(text), 0);
	return 0;
}

/* With the lock held. First removes what a killed process left half-written. */
static int put_locked(struct queue *q, const uint8_t mail[JOURNAL_HASH], int fd, int64_t size,
	struct queue_entry *e, struct err *err)
{
	struct file_new f;
	uint32_t n = 0;
	int rc = queue_find(q, mail, e, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = next_number(q, &n, err);
	if (rc < 0)
		return rc;
	write_entry_name(e, n, mail);
	e->size = size;
	e->since = (int64_t)time(NULL);
	(void)unlinkat(q->dir, TEMP_NAME, 0);
	if (file_new_begin(&f, q->dir, TEMP_NAME) < 0)
		return queue_fail(q, TEMP_NAME, ERR_CREATE, err);
	if (file_new_end(&f, fd_copy(fd, size, f.fd), q->dir, e->name) < 0)
		return queue_fail(q, "", ERR_IO, err);
	return 1;
}

int queue_put(struct queue *q, const uint8_t mail[JOURNAL_HASH], int fd, int64_t size,
	struct queue_entry *e, struct err *err)
{
	int rc = lock_queue(q, err);

	if (rc == 0)
		rc = put_locked(q, mail, fd, size, e, err);
	unlock_queue(q);
	return rc;
}

int queue_lock_empty(struct queue *q, struct err *err)
{
	struct queue_entry *v = NULL;
	size_t n = 0;
	int rc = lock_queue(q, err);

	if (rc == 0)
		rc = queue_list(q, &v, &n, err);
	free(v);
	if (rc == 0 && n == 0 && fsync(q->dir) < 0)
		return queue_fail(q, "", ERR_IO, err);
	return rc < 0 ? rc : n == 0;
}

int queue_entry_open(struct queue *q, const struct queue_entry *e, int *fd, struct err *err)
{
	struct stat st = {.st_mode = 0};
	bool regular;

	*fd = openat(q->dir, e->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0)
		return errno == ENOENT ? 0 : queue_fail(q, e->name, ERR_IO, err);
	regular = fstat(*fd, &st) == 0 && S_ISREG(st.st_mode);
	if (regular && st.st_size > 0 && st.st_size <= (off_t)QUEUE_MAIL_MAX)
		return 1;
	close(*fd);
	*fd = -1;
	if (regular && st.st_size == 0) {
		err_set(err, ERR_IO, "%.500s/%s: is empty; the mail that was in it is lost",
			q->path, e->name);
		err_hint(err, "sealpost queue drop %u", e->n);
		return ERR_IO;
	}
	return err_set(err, ERR_IO, "%.500s/%s: is not a mail", q->path, e->name);
}

int queue_remove(struct queue *q, const struct queue_entry *e, struct err *err)
{
	if (unlinkat(q->dir, e->name, 0) < 0 && errno != ENOENT)
		return queue_fail(q, e->name, ERR_IO, err);
	return fsync(q->dir) < 0 ? queue_fail(q, "", ERR_IO, err) : 0;
}

void queue_date(struct queue *q, struct queue_entry *e, int64_t now)
{
	const struct timespec t[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)now}};

	if (e->since > now && utimensat(q->dir, e->name, t, AT_SYMLINK_NOFOLLOW) == 0)
		e->since = now;
}

int queue_key_put(
	struct queue *q, const char *fpr, const uint8_t *cert, size_t len, struct err *err)
{
	char name[CERT_FPR_MAX + sizeof(KEY_SUFFIX)];
	struct file_new f;
	int rc = lock_queue(q, err);

	snprintf(name, sizeof(name), "%s" KEY_SUFFIX, fpr);
	if (rc == 0) {
		(void)unlinkat(q->dir, TEMP_KEY, 0);
		if (file_new_begin(&f, q->dir, TEMP_KEY) < 0)
			rc = queue_fail(q, TEMP_KEY, ERR_CREATE, err);
		else if (file_new_end(&f, fd_write_all(f.fd, cert, len), q->dir, name) < 0)
			rc = queue_fail(q, name, ERR_IO, err);
	}
	unlock_queue(q);
	return rc;
}

struct key_files {
	struct buf *out;
	struct err *err;
};

static int add_key_file(struct queue *q, const char *name, void *arg)
{
	struct key_files *k = arg;
	size_t len = strlen(name), tail = strlen(KEY_SUFFIX);
	int fd, rc;

	if (name[0] == '.' || len <= tail || strcmp(name + len - tail, KEY_SUFFIX) != 0)
		return 0;
	fd = openat(q->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return queue_fail(q, name, ERR_IO, k->err);
	rc = fd_read_all(fd, k->out, k->err);
	close(fd);
	return rc;
}

int queue_keys(struct queue *q, struct buf *out, struct err *err)
{
	struct key_files k = {out, err};

	return each_file(q, add_key_file, &k, err);
}
