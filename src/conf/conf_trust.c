/* SPDX-License-Identifier: ISC */
#include "conf/conf_trust.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "print/quote.h"

#define LINKS_MAX 40
#define OVERFLOW_UID 65534
#define ACL_NAME "system.posix_acl_access"
#define CONFIGURATION "the configuration"

enum trust trust_judge(const struct trust_facts *f)
{
	if (!f->owner_is_us)
		return TRUST_OWNER;
	if (S_ISLNK(f->mode) || (S_ISDIR(f->mode) && (f->mode & S_ISVTX) != 0))
		return TRUST_OK;
	if ((f->mode & S_IWOTH) != 0)
		return TRUST_OTHERS;
	if ((f->mode & S_IWGRP) == 0)
		return TRUST_OK;
	if (f->has_list)
		return TRUST_LIST;
	return f->private_group ? TRUST_OK : TRUST_GROUP;
}

/* In a user namespace the machine's root may not be mapped. */
static bool is_unmapped(uid_t uid)
{
	unsigned long inside = 1, outside = 1, n = 0;
	bool whole;
	FILE *f;

	if (uid != OVERFLOW_UID)
		return false;
	f = fopen("/proc/self/uid_map", "re");
	whole = !f || (fscanf(f, "%10lu %10lu %10lu", &inside, &outside, &n) == 3 && inside == 0 &&
			      outside == 0 && n >= UINT32_MAX);
	if (f)
		fclose(f);
	return !whole;
}

/* Many systems give every user a private group, so that umask 002 admits nobody else. */
static bool is_private_group(uid_t uid, gid_t gid)
{
	char name[LOGIN_NAME_MAX];
	const struct passwd *pw = getpwuid(uid);
	const struct group *gr;
	size_t i;

	if (!pw || strlen(pw->pw_name) >= sizeof(name))
		return false;
	memcpy(name, pw->pw_name, strlen(pw->pw_name) + 1);
	if (pw->pw_gid != gid)
		return false;
	gr = getgrgid(gid);
	if (!gr || strcmp(gr->gr_name, name) != 0)
		return false;
	for (i = 0; gr->gr_mem[i]; i++) {
		if (strcmp(gr->gr_mem[i], name) != 0)
			return false;
	}
	return true;
}

static void look_at(const struct stat *st, bool has_list, struct trust_facts *f)
{
	const bool group = !S_ISLNK(st->st_mode) && (st->st_mode & S_IWGRP) != 0;

	*f = (struct trust_facts){.mode = st->st_mode,
		.owner_is_us =
			st->st_uid == geteuid() || st->st_uid == 0 || is_unmapped(st->st_uid),
		.private_group = group && is_private_group(st->st_uid, st->st_gid),
		.has_list = group && has_list};
}

static int tell_trust(
	enum trust t, const char *path, const struct stat *st, const char *of, struct err *err)
{
	static const char *const what[] = {[TRUST_OWNER] = "belongs to another user",
		[TRUST_OTHERS] = "others may write to it",
		[TRUST_GROUP] = "its group may write to it",
		[TRUST_LIST] = "its access control list lets others write to it"};
	const char *sudo = st->st_uid == geteuid() ? "" : "sudo ";
	char word[ERR_HINT_MAX / 2];

	if (t == TRUST_OK)
		return 0;
	err_set(err, ERR_CONFIG, "%s: %s (mode %04o), so that they could change %s", path, what[t],
		(unsigned)(st->st_mode & 07777), of);
	if (quote_shell(word, sizeof(word), path) < 0)
		return ERR_CONFIG;
	if (t == TRUST_OWNER && S_ISREG(st->st_mode))
		err_hint(err, "sudo chown \"$USER\" %s", word);
	else if (t == TRUST_OWNER)
		err_hint(err, "keep %s where nobody else has a say, as in %s", of,
			strcmp(of, CONFIGURATION) == 0 ? "~/.config/sealpost" : "your home folder");
	else if (t == TRUST_LIST)
		err_hint(err, "%ssetfacl -b %s && %schmod go-w %s", sudo, word, sudo, word);
	else
		err_hint(err, "%schmod go-w %s", sudo, word);
	return ERR_CONFIG;
}

/* What is not known of a path: there is nothing there, or the machine failed. */
static int fail_unless_of_path(const char *path, struct err *err)
{
	return errno_is_of_path(errno) ? 0 : err_path(err, ERR_CONFIG, path);
}

int trust_file(int fd, const char *path, struct err *err)
{
	const ssize_t list = fgetxattr(fd, ACL_NAME, NULL, 0);
	struct trust_facts f;
	struct stat st;
	int rc = list < 0 && errno != ENODATA ? fail_unless_of_path(path, err) : 0;

	if (rc < 0)
		return rc;
	if (fstat(fd, &st) < 0)
		return err_path(err, ERR_CONFIG, path);
	look_at(&st, list > 0, &f);
	return tell_trust(trust_judge(&f), path, &st, CONFIGURATION, err);
}

/* The remaining path, and the resolved part so far: absolute, without links. */
struct way {
	char done[FILE_PATH_MAX];
	char left[FILE_PATH_MAX];
	const char *of; /* what others could change on it */
	unsigned links;
};

/* Replaces the link by its target. */
static int follow(struct way *w, const char *link, struct err *err)
{
	char target[FILE_PATH_MAX], rest[FILE_PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n >= 0 && ++w->links > LINKS_MAX) {
		n = -1;
		errno = ELOOP;
	}
	if (n < 0)
		return err_path(err, ERR_CONFIG, link);
	target[n] = '\0';
	memcpy(rest, w->left, sizeof(rest));
	if (path_join(w->left, target, rest) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", link);
	if (target[0] == '/')
		w->done[0] = '\0';
	return 0;
}

/* Takes the next component of the remaining path; "" at its end. */
static void next_part(struct way *w, char *part)
{
	size_t skip = strspn(w->left, "/"), n = strcspn(w->left + skip, "/");

	memcpy(part, w->left + skip, n);
	part[n] = '\0';
	memmove(w->left, w->left + skip + n, strlen(w->left + skip + n) + 1);
}

/* 1: goes on; 0: nothing more is there. */
static int walk_one(struct way *w, const char *part, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct trust_facts f;
	ssize_t list = -1;
	struct stat st;
	char *slash;
	int rc = 0;

	if (strcmp(part, ".") == 0)
		return 1;
	if (strcmp(part, "..") == 0) {
		slash = strrchr(w->done, '/');
		if (slash)
			*slash = '\0';
		return 1;
	}
	if (path_join(path, w->done, part) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	if (lstat(path, &st) < 0)
		return fail_unless_of_path(path, err);
	if (!S_ISLNK(st.st_mode) && (list = getxattr(path, ACL_NAME, NULL, 0)) < 0 &&
		errno != ENODATA)
		rc = fail_unless_of_path(path, err);
	if (rc < 0)
		return rc;
	look_at(&st, list > 0, &f);
	rc = S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)
		     ? tell_trust(trust_judge(&f), path, &st, w->of, err)
		     : 0;
	if (rc < 0)
		return rc;
	if (S_ISLNK(st.st_mode)) {
		rc = follow(w, path, err);
		return rc < 0 ? rc : 1;
	}
	memcpy(w->done, path, sizeof(path));
	return 1;
}

int trust_way(const char *path, struct err *err)
{
	return trust_way_of(path, CONFIGURATION, err);
}

int trust_way_of(const char *path, const char *what, struct err *err)
{
	char part[FILE_PATH_MAX], cwd[FILE_PATH_MAX];
	struct way w = {.done = "", .of = what};
	int rc = 1;

	if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return err_path(err, ERR_CONFIG, path);
	if (path[0] == '/' ? strlen(path) >= sizeof(w.left) : path_join(w.left, cwd, path) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	if (path[0] == '/')
		memcpy(w.left, path, strlen(path) + 1);
	while (rc == 1) {
		next_part(&w, part);
		if (part[0] == '\0')
			return 0;
		rc = walk_one(&w, part, err);
	}
	return rc;
}
