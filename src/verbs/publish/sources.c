/* SPDX-License-Identifier: ISC */
/* Finds the files with keys. */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "pgp/cert/armour.h"
#include "verbs/publish/keys.h"
#include "verbs/publish/layout.h"

#define GLOB_LETTERS "*?["

/* One value of keys, for one domain or for all of a section. */
struct key_value {
	const struct publish_section *s;
	const char *text;
	int line;
	uint32_t domain;
};

static int add_source_file(
	struct keys *k, const char *path, const struct key_value *v, struct err *err)
{
	struct key_source source = {.section = v->s, .line = v->line, .domain = v->domain};
	int rc;

	source.path = strdup(path);
	if (!source.path)
		return err_set(err, ERR_OS, "out of memory");
	rc = keys_add_source(k, &source, err);
	if (rc < 0)
		free(source.path);
	return rc;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_folder(struct keys *k, const char *path, const struct key_value *v, struct err *err)
{
	char file[FILE_PATH_MAX];
	DIR *d = opendir(path);
	struct dirent *e;
	char **name = NULL, **grown;
	size_t n = 0, i;
	int rc = 0;

	if (!d)
		return errno == ENOENT && v->domain != KEY_ANY_DOMAIN && v->s->provider
			       ? 0
			       : err_path(err, ERR_CONFIG, path);
	while (errno = 0, rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		grown = (n & (n - 1)) == 0 ? reallocarray(name, n ? 2 * n : 1, sizeof(*grown))
					   : name;
		if (grown)
			name = grown;
		if (!grown || !(name[n] = strdup(e->d_name)))
			rc = err_set(err, ERR_OS, "out of memory");
		else
			n++;
	}
	if (rc == 0 && errno != 0) /* what it holds besides would go unpublished */
		rc = err_path(err, ERR_IO, path);
	closedir(d);
	if (n > 1)
		qsort(name, n, sizeof(*name), compare_names);
	for (i = 0; i < n; i++) {
		struct stat st;

		if (rc == 0 &&
			snprintf(file, sizeof(file), "%s%s", path, name[i]) >= (int)sizeof(file))
			rc = err_set(err, ERR_CONFIG, "%s: the path is too long", path);
		if (rc == 0 && (stat(file, &st) < 0 || !S_ISDIR(st.st_mode)))
			rc = add_source_file(k, file, v, err);
		free(name[i]);
	}
	free(name);
	return rc;
}

static int add_globbed(
	struct keys *k, const char *pattern, const struct key_value *v, struct err *err)
{
	glob_t g = {0};
	size_t i;
	int rc = 0, found = glob(pattern, GLOB_ERR, NULL, &g);

	if (found == GLOB_NOSPACE)
		rc = err_set(err, ERR_OS, "out of memory");
	else if (found != 0 && found != GLOB_NOMATCH)
		rc = err_path(err, ERR_CONFIG, pattern);
	for (i = 0; rc == 0 && found == 0 && i < g.gl_pathc; i++) {
		struct stat st;

		if (stat(g.gl_pathv[i], &st) < 0 || !S_ISDIR(st.st_mode))
			rc = add_source_file(k, g.gl_pathv[i], v, err);
	}
	globfree(&g);
	return rc;
}

/* The value of keys as an absolute path: %d is the domain. */
static int expand_path(const struct publish_conf *c, const char *value, const char *domain,
	char path[FILE_PATH_MAX], struct err *err)
{
	struct buf b = BUF_INIT(FILE_PATH_MAX - 1);
	const char *p;
	bool full;
	int rc = 0;

	if (value[0] != '/') {
		/* What is special in a pattern may be in the folder's name. */
		for (p = c->dir; *p && rc == 0; p++)
			rc = strpbrk(value, GLOB_LETTERS) && strchr(GLOB_LETTERS "\\", *p)
				     ? buf_addf(&b, "\\%c", *p)
				     : buf_addc(&b, *p);
		rc |= buf_addc(&b, '/');
	}
	for (p = value; *p && rc == 0; p++) {
		if (p[0] == '%' && p[1] == 'd') {
			rc = buf_adds(&b, domain);
			p++;
		} else {
			rc = buf_addc(&b, *p);
		}
	}
	memcpy(path, buf_str(&b), b.len + 1);
	full = b.len + strlen(domain) + 2 > b.max;
	buf_free(&b);
	if (rc == 0)
		return 0;
	return full ? err_set(err, ERR_CONFIG, "%s: the path is too long", value)
		    : err_set(err, ERR_OS, "out of memory");
}

static int add_value(struct publish *p, struct keys *k, const struct key_value *v, struct err *err)
{
	const char *name = v->domain == KEY_ANY_DOMAIN ? "" : p->conf.domain[v->domain].name;
	struct key_source ring = {.section = v->s, .line = v->line, .domain = v->domain};
	char path[FILE_PATH_MAX];
	size_t len;
	int rc;

	if (strncmp(v->text, "gnupg:*@", 8) == 0)
		return strcmp(v->text + 8, "%d") == 0 || strcmp(v->text + 8, name) == 0
			       ? keys_add_source(k, &ring, err)
			       : err_set(err, ERR_CONFIG, "%s: is not the section's domain",
					 v->text);
	rc = expand_path(&p->conf, v->text, name, path, err);
	if (rc < 0)
		return rc;
	len = strlen(path);
	if (len > 0 && path[len - 1] == '/')
		return add_folder(k, path, v, err);
	return strpbrk(v->text, GLOB_LETTERS) ? add_globbed(k, path, v, err)
					      : add_source_file(k, path, v, err);
}

/* One value, for each domain that it is for. *tried: there is one. */
static int add_for_domains(
	struct publish *p, struct keys *k, struct key_value *v, bool *tried, struct err *err)
{
	size_t d;
	int rc = 0;

	*tried = v->s->provider && !strstr(v->text, "%d");
	if (*tried)
		return add_value(p, k, v, err);
	for (d = 0; rc == 0 && d < p->conf.n_domain; d++) {
		if (!p->chosen[d] || p->conf.domain[d].section != v->s)
			continue;
		*tried = true;
		v->domain = (uint32_t)d;
		rc = add_value(p, k, v, err);
	}
	return rc;
}

static int add_section(
	struct publish *p, struct keys *k, const struct publish_section *s, struct err *err)
{
	struct err why = ERR_INIT;
	size_t i, had;
	bool tried;

	for (i = 0; i < s->keys.n; i++) {
		struct key_value v = {s, s->keys.v[i], s->keys.line[i], KEY_ANY_DOMAIN};

		had = k->n_source;
		if (add_for_domains(p, k, &v, &tried, &why) < 0)
			return publish_fault(&p->conf, v.line, "keys", &why, err);
		/* A customer without keys is nothing special, nor is a folder that is empty yet. */
		if (tried && k->n_source == had && strpbrk(v.text, GLOB_LETTERS) &&
			!(s->provider && strstr(v.text, "%d")))
			log_warn("%s:%d: keys: %s: no file is there", p->conf.path, v.line, v.text);
	}
	return 0;
}

int key_sources_find(struct publish *p, struct keys *k, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->conf.n_section; i++)
		rc = add_section(p, k, &p->conf.section[i], err);
	return rc;
}

/* Words found in files with secret keys of any kind. */
static bool looks_secret(const struct buf *b)
{
	static const char *const words[] = {"PRIVATE KEY", "(private-key", "-private-key"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (b->len > 0 && memmem(b->p, b->len, words[i], strlen(words[i])))
			return true;
	}
	return false;
}

static int read_key_file(const char *path, struct buf *b, struct err *err)
{
	int fd = file_open_regular(path, err), rc = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && st.st_size > (off_t)KEYS_SOURCE_MAX)
		rc = err_set(err, ERR_CONFIG, "%s: is larger than 64 MB", path);
	else if (fd_read_all(fd, b, NULL) < 0)
		rc = err_set(err, ERR_CONFIG, "%s: cannot be read", path);
	close(fd);
	return rc;
}
_Static_assert(KEYS_SOURCE_MAX == 64u << 20, "read_key_file says so");

int key_source_read(
	const struct key_source *s, struct buf *b, bool *secret, bool *damaged, struct err *err)
{
	struct buf binary = BUF_INIT(KEYS_SOURCE_MAX);
	struct armour a = {0};
	int rc;

	buf_reset(b);
	rc = read_key_file(s->path, b, err);
	*secret = rc == 0 && looks_secret(b);
	if (rc == 0 && !*secret && b->len > 0) {
		if (armour_read(b->p, b->len, &binary, &a) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
		*secret = a.secret;
	}
	if (rc == 0 && a.found) {
		struct buf text = *b;

		*b = binary;
		binary = text;
	}
	buf_free(&binary);
	*damaged = a.damaged;
	if (*secret)
		buf_reset(b);
	return rc;
}

/* Up to the last slash before the first %d or pattern. */
static int add_root(
	const struct publish_conf *c, const char *value, struct buf *texts, struct err *err)
{
	char path[FILE_PATH_MAX];
	const char *special = strstr(value, "%d");
	size_t len = special ? (size_t)(special - value) : strlen(value);
	size_t pattern = strcspn(value, GLOB_LETTERS);
	int n;

	if (pattern < len)
		len = pattern;
	while (len > 0 && value[len - 1] != '/')
		len--;
	n = snprintf(path, sizeof(path), "%s%s%.*s", value[0] == '/' ? "" : c->dir,
		value[0] == '/' ? "" : "/", (int)len, value);
	if (n < 0 || n >= (int)sizeof(path))
		return err_set(err, ERR_CONFIG, "%s: the path is too long", value);
	return buf_add(texts, path, strlen(path) + 1) < 0 ? err_set(err, ERR_OS, "out of memory")
							  : 0;
}

/* The file of [MX=]FILE. */
static int add_tlsa_root(
	const struct publish_conf *c, const char *value, struct buf *texts, struct err *err)
{
	char path[FILE_PATH_MAX];

	if (tlsa_path(c, value, path) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", value);
	return buf_add(texts, path, strlen(path) + 1) < 0 ? err_set(err, ERR_OS, "out of memory")
							  : 0;
}

int key_roots(const struct publish_conf *c, struct buf *texts, const char **out, size_t max,
	struct err *err)
{
	size_t i, j, n = 0;
	const char *p, *end;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->n_section; i++) {
		for (j = 0; rc == 0 && j < c->section[i].keys.n; j++) {
			if (strncmp(c->section[i].keys.v[j], "gnupg:", 6) != 0)
				rc = add_root(c, c->section[i].keys.v[j], texts, err);
		}
	}
	for (i = 0; rc == 0 && i < c->n_section; i++) {
		for (j = 0; rc == 0 && j < c->section[i].tlsa.n; j++)
			rc = add_tlsa_root(c, c->section[i].tlsa.v[j], texts, err);
	}
	p = buf_str(texts);
	end = p + texts->len;
	for (; rc == 0 && p < end; p += strlen(p) + 1) {
		for (i = 0; i < n && strcmp(out[i], p) != 0; i++)
			;
		if (i < n)
			continue;
		if (n + 1 == max)
			return err_set(
				err, ERR_CONFIG, "keys lie in more than %zu folders", max - 1);
		out[n++] = p;
	}
	out[n] = NULL;
	return rc;
}
