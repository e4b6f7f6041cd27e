/* SPDX-License-Identifier: ISC */
#include "verbs/publish/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/conf_trust.h"

#define TEMP_DIR ".sealpost-publish.tmp"
#define MANIFEST_HEAD "sealpost-publish 1\n"
#define MANIFEST_MAX (256u << 20)
#define FILE_MODE 0644
#define DIR_MODE 0755
#define UNSORTED_MAX 64
#define PARTS_MAX 8  /* of a path of ours, and one more */
#define TREE_DEPTH 6 /* of folders below www */

/* 73 for what may not be written, 74 for what cannot. */
static int tree_fail(const struct tree *t, const char *path, struct err *err)
{
	const enum err_code code = errno == ENOENT ? ERR_IO : err_of_errno(errno, ERR_CREATE);

	return err_set(err, code, "%s/%s: %s", t->path, path, strerror(errno));
}

static int check_ours(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISDIR(st->st_mode))
		return err_set(err, ERR_CREATE, "%s: is not a folder", path);
	if (st->st_uid != geteuid())
		return err_set(err, ERR_CREATE, "%s: belongs to another user", path);
	if (st->st_mode & 022) {
		err_set(err, ERR_CREATE, "%s: others may write to it (mode %04o)", path,
			(unsigned)(st->st_mode & 07777));
		err_hint(err, "chmod go-w '%s'", path);
		return ERR_CREATE;
	}
	return 0;
}

/* Whether it is empty, or has only leftovers of a run that was killed before writing its manifest.
 */
static bool holds_nothing(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool empty = d != NULL;

	while (errno = 0, d && (e = readdir(d)) != NULL)
		empty &= strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			 strcmp(e->d_name, TEMP_DIR) == 0;
	empty &= errno == 0;
	if (d)
		closedir(d);
	return empty;
}

/* Folders of ours that others cannot read, or may write to, whoever made them so: that of dir, and
 * those below it. Closes dir. */
static void mend_folders(int dir, unsigned depth)
{
	struct stat st;
	struct dirent *e;
	DIR *d;

	if (fstat(dir, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) != DIR_MODE)
		(void)fchmod(dir, DIR_MODE);
	d = fdopendir(dir);
	if (!d) {
		close(dir);
		return;
	}
	while (depth > 0 && (e = readdir(d)) != NULL) {
		int next = e->d_type != DT_DIR && e->d_type != DT_UNKNOWN ? -1
			   : strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0
				   ? -1
				   : openat(dir, e->d_name,
					     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (next >= 0)
			mend_folders(next, depth - 1);
	}
	closedir(d);
}

/* All but DIR itself. */
static void mend_tree(const char *real)
{
	static const char *const ours[] = {"www", "dns", "hosts"};
	char path[FILE_PATH_MAX];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		fd = path_join(path, real, ours[i]) == 0
			     ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			     : -1;
		if (fd >= 0)
			mend_folders(fd, TREE_DEPTH);
	}
}

int tree_prepare(const char *dir, char real[FILE_PATH_MAX], struct err *err)
{
	char full[PATH_MAX], manifest[FILE_PATH_MAX];
	struct stat st;
	bool has_manifest;
	int rc = trust_way_of(dir, "what is published", err);

	if (rc == ERR_CONFIG)
		rc = err->code = ERR_CREATE;
	if (rc < 0)
		return rc;
	if (mkdir(dir, DIR_MODE) < 0 && errno != EEXIST)
		return err_path(err, ERR_CREATE, dir);
	if (!realpath(dir, full) || stat(full, &st) < 0 || strlen(full) >= FILE_PATH_MAX ||
		path_join(manifest, full, TREE_MANIFEST) < 0)
		return err_path(err, ERR_CREATE, dir);
	rc = check_ours(dir, &st, err);
	if (rc < 0)
		return rc;
	if (access(full, R_OK | W_OK | X_OK) < 0)
		return err_path(err, ERR_CREATE, dir);
	has_manifest = access(manifest, F_OK) == 0;
	if (!has_manifest && !errno_is_of_path(errno))
		return err_path(err, ERR_CREATE, manifest);
	if (!has_manifest && !holds_nothing(full)) {
		err_set(err, ERR_CREATE,
			"%s: is not empty, and was not written by sealpost publish", dir);
		err_hint(err, "name a folder of its own");
		return ERR_CREATE;
	}
	if ((st.st_mode & 05) != 05)
		log_warn("%s: a web server cannot read it there (mode %04o)", dir,
			(unsigned)(st.st_mode & 07777));
	if (has_manifest)
		mend_tree(full);
	memcpy(real, full, strlen(full) + 1);
	return 0;
}

static int lock_tree(struct tree *t, struct err *err)
{
	const struct timespec pause = {0, 50 * 1000 * 1000};
	int64_t until = clock_ms() + TREE_LOCK_MS;

	while (flock(t->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return tree_fail(t, "", err);
		if (clock_ms() >= until)
			return err_set(err, ERR_TEMP,
				"%s: another sealpost publish write is running", t->path);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int compare_tree_entries(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* What a manifest may name: below the folder, and nowhere else. */
static bool path_is_below(const char *path)
{
	const char *p;

	if (path[0] == '/' || path[0] == '\0')
		return false;
	for (p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (*p == '\0' || *p == '/' || (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2])))
			return false;
	}
	return true;
}

/* A path cut at its slashes: at most PARTS_MAX parts, within text. */
static size_t cut_path(char *text, const char *part[PARTS_MAX])
{
	size_t n = 0;
	char *slash;

	while (n < PARTS_MAX) {
		part[n++] = text;
		slash = strchr(text, '/');
		if (!slash)
			break;
		*slash = '\0';
		text = slash + 1;
	}
	return n;
}

enum tree_kind tree_kind_of(const char *path)
{
	char text[FILE_PATH_MAX];
	const char *part[PARTS_MAX];
	size_t n;

	snprintf(text, sizeof(text), "%s", path);
	n = cut_path(text, part);
	if (n == 2 && strcmp(part[0], "hosts") == 0)
		return TREE_POINTS;
	if (n < 2 || strcmp(part[0], "www") != 0)
		return TREE_OTHER;
	if (n < 4 || strcmp(part[2], ".well-known") != 0)
		return TREE_WEB;
	if (n == 4 && strcmp(part[3], "mta-sts.txt") == 0)
		return TREE_POLICY;
	/* By the direct method, and by the advanced one with the domain between. */
	if ((n == 6 || n == 7) && strcmp(part[3], "openpgpkey") == 0 &&
		strcmp(part[n - 2], "hu") == 0)
		return TREE_KEY;
	return TREE_WEB;
}

const char *tree_key_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash > path && slash[-1] != '/')
		slash--;
	return slash;
}

/* f SHA-256 LENGTH SINCE DOMAIN PATH */
static bool parse_entry(char *line, struct tree_entry *e)
{
	char *field[6], *end;
	size_t i;

	memset(e, 0, sizeof(*e));
	for (i = 0; i < 6; i++) {
		field[i] = line;
		line = i < 5 ? strchr(line, ' ') : NULL;
		if (i < 5 && !line)
			return false;
		if (line)
			*line++ = '\0';
	}
	if (strcmp(field[0], "f") != 0 || strlen(field[1]) != 2 * DIGEST_LEN ||
		!text_unhex(field[1], e->digest, DIGEST_LEN) || !path_is_below(field[5]))
		return false;
	e->len = strtoull(field[2], &end, 10);
	if (*end)
		return false;
	e->since = strtoll(field[3], &end, 10);
	if (*end)
		return false;
	e->domain = strdup(field[4]);
	e->path = strdup(field[5]);
	e->kind = tree_kind_of(field[5]);
	e->old = true;
	return e->domain && e->path;
}

static int parse_manifest(struct tree *t, char *text, struct err *err)
{
	size_t lines = 0;
	char *p, *next;

	for (p = text; *p; p++)
		lines += *p == '\n';
	t->old = calloc(lines + 1, sizeof(*t->old));
	if (!t->old)
		return err_set(err, ERR_OS, "out of memory");
	for (p = text; *p; p = next) {
		next = p + strcspn(p, "\n");
		if (*next)
			*next++ = '\0';
		if (!parse_entry(p, &t->old[t->n_old])) {
			free(t->old[t->n_old].domain);
			free(t->old[t->n_old].path);
			err_set(err, ERR_CREATE, "%s/" TREE_MANIFEST ": is damaged", t->path);
			err_hint(err, "move the folder away, and write it anew");
			return ERR_CREATE;
		}
		t->n_old++;
	}
	qsort(t->old, t->n_old, sizeof(*t->old), compare_tree_entries);
	return 0;
}

static int read_manifest(struct tree *t, struct err *err)
{
	struct buf text = BUF_INIT(MANIFEST_MAX);
	int fd = openat(t->fd, TREE_MANIFEST, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 && errno == ENOENT) {
		t->fresh = true;
		return 0;
	}
	if (fd < 0 || fd_read_all(fd, &text, NULL) < 0)
		rc = tree_fail(t, TREE_MANIFEST, err);
	else if (strncmp(buf_str(&text), MANIFEST_HEAD, strlen(MANIFEST_HEAD)) != 0 ||
		 strlen(buf_str(&text)) != text.len)
		rc = err_set(
			err, ERR_CREATE, "%s/" TREE_MANIFEST ": is not of this version", t->path);
	if (rc == 0)
		rc = parse_manifest(t, (char *)text.p + strlen(MANIFEST_HEAD), err);
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return rc;
}

static int open_tree(struct tree *t, const char *real, int64_t now, struct err *err)
{
	*t = (struct tree){.fd = -1, .temp_fd = -1, .now = now};
	snprintf(t->path, sizeof(t->path), "%s", real);
	t->fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->fd < 0 ? err_path(err, ERR_CREATE, real) : 0;
}

int tree_look(struct tree *t, const char *real, int64_t now, struct err *err)
{
	int rc = open_tree(t, real, now, err);

	t->dry = true;
	if (rc == 0)
		rc = read_manifest(t, err);
	if (rc < 0)
		tree_close(t);
	return rc;
}

int tree_open(struct tree *t, const char *real, int64_t now, struct err *err)
{
	int rc = open_tree(t, real, now, err), stale;

	if (rc == 0)
		rc = lock_tree(t, err);
	if (rc == 0) {
		/* Of a run that was killed. */
		stale = openat(t->fd, TEMP_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (stale >= 0) {
			dir_empty(stale);
			(void)unlinkat(t->fd, TEMP_DIR, AT_REMOVEDIR);
		}
		rc = read_manifest(t, err);
	}
	if (rc < 0)
		tree_close(t);
	return rc;
}

static void free_entries(struct tree_entry *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(e[i].path);
		free(e[i].domain);
	}
	free(e);
}

static void drop_temp(struct tree *t)
{
	if (t->temp_fd < 0)
		return;
	dir_empty(t->temp_fd);
	(void)unlinkat(t->fd, TEMP_DIR, AT_REMOVEDIR);
	t->temp_fd = -1;
}

void tree_close(struct tree *t)
{
	drop_temp(t);
	if (t->fd >= 0)
		close(t->fd);
	free_entries(t->old, t->n_old);
	free_entries(t->added, t->n_added);
	*t = (struct tree){.fd = -1, .temp_fd = -1};
}

const struct tree_entry *tree_old(const struct tree *t, const char *path)
{
	struct tree_entry key = {.path = (char *)(uintptr_t)path};

	return t->n_old ? bsearch(&key, t->old, t->n_old, sizeof(*t->old), compare_tree_entries)
			: NULL;
}

static struct tree_entry *find_added(struct tree *t, const char *path)
{
	struct tree_entry key = {.path = (char *)(uintptr_t)path}, *e = NULL;
	size_t i;

	if (t->n_added - t->n_sorted > UNSORTED_MAX) {
		qsort(t->added, t->n_added, sizeof(*t->added), compare_tree_entries);
		t->n_sorted = t->n_added;
	}
	if (t->n_sorted > 0)
		e = bsearch(&key, t->added, t->n_sorted, sizeof(*t->added), compare_tree_entries);
	for (i = t->n_sorted; !e && i < t->n_added; i++) {
		if (strcmp(t->added[i].path, path) == 0)
			e = &t->added[i];
	}
	return e;
}

static struct tree_entry *find_entry(struct tree *t, const char *path)
{
	struct tree_entry *e = (struct tree_entry *)(uintptr_t)tree_old(t, path);

	return e ? e : find_added(t, path);
}

/* Whether the file is there, and as large as it was. */
static bool is_intact(const struct tree *t, const struct tree_entry *e)
{
	struct stat st;

	return fstatat(t->fd, e->path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == e->len && (st.st_mode & 07777) == FILE_MODE;
}

bool tree_has(struct tree *t, const char *path, const uint8_t digest[DIGEST_LEN], uint64_t len)
{
	struct tree_entry *e = (struct tree_entry *)(uintptr_t)tree_old(t, path);

	if (!e || e->len != len || memcmp(e->digest, digest, DIGEST_LEN) != 0 || !is_intact(t, e))
		return false;
	e->wanted = true;
	return true;
}

bool tree_keep(struct tree *t, const char *path)
{
	struct tree_entry *e = (struct tree_entry *)(uintptr_t)tree_old(t, path);

	if (e)
		e->wanted = true;
	return e != NULL;
}

void tree_keep_below(struct tree *t, const char *folder)
{
	size_t low = 0, high = t->n_old, len = strlen(folder);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->old[middle].path, folder) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->n_old && strncmp(t->old[low].path, folder, len) == 0; low++)
		t->old[low].wanted = true;
}

const struct tree_entry *tree_now(struct tree *t, const char *path)
{
	const struct tree_entry *e = find_entry(t, path);

	return e && e->wanted ? e : NULL;
}

bool tree_will_have(struct tree *t, const char *path)
{
	return tree_now(t, path) != NULL;
}

/* The entry of a path, made if need be; it gets what was prepared under the number. */
static int note_entry(struct tree *t, const char *path, const char *domain, uint32_t temp,
	const uint8_t digest[DIGEST_LEN], uint64_t len, struct err *err)
{
	struct tree_entry *e = find_entry(t, path), *grown;
	size_t cap = t->cap_added ? 2 * t->cap_added : 64;

	if (!e && t->n_added == t->cap_added) {
		grown = reallocarray(t->added, cap, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		t->added = grown;
		t->cap_added = cap;
	}
	if (!e) {
		e = &t->added[t->n_added];
		*e = (struct tree_entry){
			.path = strdup(path), .domain = strdup(domain), .kind = tree_kind_of(path)};
		if (!e->path || !e->domain) {
			free(e->path);
			free(e->domain);
			return err_set(err, ERR_OS, "out of memory");
		}
		t->n_added++;
	}
	memcpy(e->digest, digest, DIGEST_LEN);
	e->len = len;
	e->since = t->now;
	e->wanted = true;
	e->temp = temp;
	return 0;
}

/* A new file in the folder of what is prepared; its descriptor. */
static int new_temp(struct tree *t, char name[16], struct err *err)
{
	struct stat st;
	int fd;

	if (t->temp_fd < 0) {
		if (mkdirat(t->fd, TEMP_DIR, 0700) < 0)
			return tree_fail(t, TEMP_DIR, err);
		t->temp_fd =
			openat(t->fd, TEMP_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (t->temp_fd < 0)
			return tree_fail(t, TEMP_DIR, err);
	}
	snprintf(name, 16, "%u", ++t->n_temp);
	fd = openat(
		t->temp_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return tree_fail(t, TEMP_DIR, err);
	if (fstat(fd, &st) < 0 || (st.st_mode & 07777) != FILE_MODE) {
		close(fd);
		err_set(err, ERR_CREATE,
			"%s: an access control list there keeps files from being read", t->path);
		err_hint(err, "setfacl -b -k '%s'", t->path);
		return ERR_CREATE;
	}
	return fd;
}

int tree_put(struct tree *t, const char *path, const char *domain, const void *p, size_t len,
	struct err *err)
{
	const struct digest_part part = {p, len};
	uint8_t digest[DIGEST_LEN];
	char name[16];
	int fd;

	if (digest_sha256(&part, 1, digest) < 0)
		return err_set(err, ERR_OS, "out of memory");
	if (tree_has(t, path, digest, len))
		return 0;
	if (t->dry)
		return note_entry(t, path, domain, 0, digest, len, err);
	fd = new_temp(t, name, err);
	if (fd < 0)
		return fd;
	if (fd_write_all(fd, p, len) < 0) {
		tree_fail(t, path, err);
		close(fd);
		return err->code;
	}
	if (close(fd) < 0)
		return tree_fail(t, path, err);
	return note_entry(t, path, domain, t->n_temp, digest, len, err);
}

FILE *tree_put_begin(struct tree *t, struct err *err)
{
	char name[16];
	int fd = new_temp(t, name, err);
	FILE *f = fd >= 0 ? fdopen(fd, "w+") : NULL;

	if (fd >= 0 && !f) {
		close(fd);
		err_set(err, ERR_OS, "out of memory");
	}
	return f;
}

int tree_put_end(struct tree *t, FILE *f, const char *path, const char *domain, struct err *err)
{
	struct digest *d = digest_begin();
	uint8_t digest[DIGEST_LEN];
	char chunk[16384], name[16];
	uint64_t len = 0;
	size_t n;
	int bad = fflush(f) != 0 || ferror(f) ? errno : 0;

	rewind(f);
	while (d && !bad && (n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		digest_add(d, chunk, n);
		len += n;
	}
	if (d && !bad && ferror(f))
		bad = errno;
	if (d)
		digest_end(d, digest);
	if (fclose(f) != 0 && !bad)
		bad = errno;
	if (!d)
		return err_set(err, ERR_OS, "out of memory");
	if (bad) {
		errno = bad;
		return tree_fail(t, path, err);
	}
	if (tree_has(t, path, digest, len)) {
		snprintf(name, sizeof(name), "%u", t->n_temp);
		(void)unlinkat(t->temp_fd, name, 0);
		return 0;
	}
	return note_entry(t, path, domain, t->n_temp, digest, len, err);
}

static int read_in_tree(const struct tree *t, int dir, const char *name, const char *path,
	struct buf *out, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return errno == ENOENT ? 1 : tree_fail(t, path, err);
	if (fd_read_all(fd, out, err) < 0)
		rc = ERR_IO;
	close(fd);
	return rc;
}

int tree_read_old(const struct tree *t, const char *path, struct buf *out, struct err *err)
{
	return tree_old(t, path) ? read_in_tree(t, t->fd, path, path, out, err) : 1;
}

int tree_read(struct tree *t, const char *path, struct buf *out, struct err *err)
{
	const struct tree_entry *e = find_entry(t, path);
	char name[16];

	if (!e || !e->wanted)
		return 1;
	snprintf(name, sizeof(name), "%u", e->temp);
	return e->temp ? read_in_tree(t, t->temp_fd, name, path, out, err)
		       : read_in_tree(t, t->fd, path, path, out, err);
}

/* Opens the folder that a path lies in, made if need be. *name: the last part. */
static int open_parent(struct tree *t, const char *path, const char **name, struct err *err)
{
	char part[NAME_MAX + 1];
	int fd = dup(t->fd), next;
	const char *at = path, *slash;

	while (fd >= 0 && (slash = strchr(at, '/')) != NULL) {
		if ((size_t)(slash - at) >= sizeof(part)) {
			errno = ENAMETOOLONG;
			close(fd);
			return tree_fail(t, path, err);
		}
		memcpy(part, at, (size_t)(slash - at));
		part[slash - at] = '\0';
		(void)mkdirat(fd, part, DIR_MODE);
		next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
		at = slash + 1;
	}
	*name = at;
	return fd < 0 ? tree_fail(t, path, err) : fd;
}

/* Moves the prepared files of this kind to their places. */
static int move_kind(struct tree *t, struct tree_entry *e, size_t n, unsigned kind, struct err *err)
{
	char name[16];
	const char *last;
	size_t i;
	int dir, rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		if (!e[i].temp || e[i].kind != kind)
			continue;
		snprintf(name, sizeof(name), "%u", e[i].temp);
		dir = open_parent(t, e[i].path, &last, err);
		if (dir < 0)
			return dir;
		if (renameat(t->temp_fd, name, dir, last) < 0)
			rc = tree_fail(t, e[i].path, err);
		close(dir);
		t->n_written++;
	}
	return rc;
}

/* Also removes folders that have become empty. */
static void remove_parents(struct tree *t, const char *path)
{
	char part[FILE_PATH_MAX];
	char *slash;

	snprintf(part, sizeof(part), "%s", path);
	while ((slash = strrchr(part, '/')) != NULL) {
		*slash = '\0';
		if (unlinkat(t->fd, part, AT_REMOVEDIR) < 0)
			break;
	}
}

static int remove_unwanted(struct tree *t, struct err *err)
{
	size_t i;

	for (i = 0; i < t->n_old; i++) {
		const char *last;
		int dir;

		if (t->old[i].wanted)
			continue;
		dir = open_parent(t, t->old[i].path, &last, err);
		if (dir < 0)
			return dir;
		if (unlinkat(dir, last, 0) < 0 && errno != ENOENT) {
			close(dir);
			return tree_fail(t, t->old[i].path, err);
		}
		close(dir);
		remove_parents(t, t->old[i].path);
		t->n_removed++;
	}
	return 0;
}

static void print_entry(FILE *f, const struct tree_entry *e)
{
	size_t i;

	fputs("f ", f);
	for (i = 0; i < DIGEST_LEN; i++)
		fprintf(f, "%02x", e->digest[i]);
	fprintf(f, " %" PRIu64 " %" PRId64 " %s %s\n", e->len, e->since, e->domain, e->path);
}

/* all: with what is about to go, so that a later run finds it if this one is killed. */
static int write_manifest(struct tree *t, bool all, struct err *err)
{
	char name[16];
	FILE *f = tree_put_begin(t, err);
	size_t i;
	int bad;

	if (!f)
		return err->code;
	fputs(MANIFEST_HEAD, f);
	for (i = 0; i < t->n_old; i++) {
		if (all || t->old[i].wanted)
			print_entry(f, &t->old[i]);
	}
	for (i = 0; i < t->n_added; i++)
		print_entry(f, &t->added[i]);
	bad = fflush(f) != 0 || ferror(f) || fsync(fileno(f)) < 0 ? errno : 0;
	if (fclose(f) != 0 && !bad)
		bad = errno;
	snprintf(name, sizeof(name), "%u", t->n_temp);
	if (!bad && renameat(t->temp_fd, name, t->fd, TREE_MANIFEST) < 0)
		bad = errno;
	if (!bad)
		return 0;
	errno = bad;
	return tree_fail(t, TREE_MANIFEST, err);
}

static bool has_work(const struct tree *t)
{
	size_t i;

	if (t->fresh || t->n_added > 0)
		return true;
	for (i = 0; i < t->n_old; i++) {
		if (t->old[i].temp || !t->old[i].wanted)
			return true;
	}
	return false;
}

int tree_commit(struct tree *t, struct err *err)
{
	unsigned kind;
	int rc = 0;

	if (!has_work(t)) {
		drop_temp(t);
		return 0;
	}
	/* Prepared files are synced to disk before any is renamed. */
	if (t->temp_fd >= 0 && syncfs(t->temp_fd) < 0)
		return tree_fail(t, "", err);
	rc = write_manifest(t, true, err);
	for (kind = 0; rc == 0 && kind < TREE_KINDS; kind++) {
		rc = move_kind(t, t->old, t->n_old, kind, err);
		if (rc == 0)
			rc = move_kind(t, t->added, t->n_added, kind, err);
	}
	if (rc == 0)
		rc = remove_unwanted(t, err);
	if (rc == 0)
		rc = write_manifest(t, false, err);
	if (rc == 0 && syncfs(t->fd) < 0)
		rc = tree_fail(t, "", err);
	drop_temp(t);
	return rc;
}
