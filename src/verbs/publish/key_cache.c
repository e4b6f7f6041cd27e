/* SPDX-License-Identifier: ISC */
/*
 * Results of an earlier run, in a text file in the cache folder: for each file its size, time and
 * inode, and when something in it expires; for each key in it the result. Without it everything is
 * read again.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "pgp/cert/packet.h"
#include "verbs/publish/keys.h"
#include "verbs/publish/layout.h"

#define CACHE_HEAD "sealpost-publish-keys 1\n"
#define CACHE_MAX (256u << 20)
#define CACHE_WHY_MAX 255

/* One file for each FILE. */
static int cache_path(const struct publish *p, char path[FILE_PATH_MAX])
{
	char name[40];

	return publish_file_name(&p->conf, name) == 0
		       ? path_join(path, p->app->conf.cache_dir, name)
		       : -1;
}

/* What else the claims of a source depend on: the domains whose keys it may hold. */
static int source_context(const struct publish *p, const struct key_source *s, char hex[17])
{
	struct buf b = BUF_INIT(PUBLISH_DOMAINS_MAX * (ADDR_DOMAIN_MAX + 1u));
	struct digest_part part;
	uint8_t digest[DIGEST_LEN];
	size_t i;
	int rc = 0;

	if (s->domain != KEY_ANY_DOMAIN)
		rc = buf_adds(&b, p->conf.domain[s->domain].name);
	for (i = 0; s->domain == KEY_ANY_DOMAIN && rc == 0 && i < p->conf.n_domain; i++) {
		if (p->conf.domain[i].section == s->section && p->chosen[i])
			rc = buf_addf(&b, "%s\n", p->conf.domain[i].name);
	}
	part = (struct digest_part){buf_str(&b), b.len};
	if (rc == 0)
		rc = digest_sha256(&part, 1, digest);
	if (rc == 0)
		packet_hex(hex, digest, 8);
	buf_free(&b);
	return rc;
}

/* The fields of a line, at most max, ended at tabs. Their number. */
static size_t split_cache_line(char *line, char **field, size_t max)
{
	size_t n = 0;

	while (n < max) {
		field[n++] = line;
		line = strchr(line, '\t');
		if (!line)
			break;
		*line++ = '\0';
	}
	return n;
}

static bool read_u64(const char *s, uint64_t *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	*out = strtoull(s, &end, 10);
	return *end == '\0';
}

static bool read_digest(const char *s, uint8_t out[DIGEST_LEN])
{
	unsigned v;
	size_t i;

	if (strlen(s) != 2 * DIGEST_LEN)
		return false;
	for (i = 0; i < DIGEST_LEN; i++) {
		if (sscanf(s + 2 * i, "%2x", &v) != 1)
			return false;
		out[i] = (uint8_t)v;
	}
	return true;
}

enum {
	C_TYPE,
	C_USE,
	C_PUBLISH,
	C_GROUP,
	C_CREATED,
	C_EXPIRES,
	C_FPR,
	C_AT,
	C_LEN,
	C_DIGEST,
	C_SERVED,
	C_DOMAIN,
	C_ADDRESS,
	C_WHY,
	C_FIELDS
};

/* A claim of source. false: it is none. */
static bool parse_claim(const struct publish *p, char **f, uint32_t source, struct key_claim *c)
{
	const struct publish_domain *d;
	uint64_t use, publish, group, created, expires;

	memset(c, 0, sizeof(*c));
	if (!read_u64(f[C_USE], &use) || use > CERT_WEAK || !read_u64(f[C_PUBLISH], &publish) ||
		!read_u64(f[C_GROUP], &group) || !read_u64(f[C_CREATED], &created) ||
		!read_u64(f[C_EXPIRES], &expires) || strlen(f[C_FPR]) >= sizeof(c->fpr) ||
		!read_u64(f[C_AT], &c->at) || !read_u64(f[C_LEN], &c->len) ||
		!read_digest(f[C_DIGEST], c->digest) || !read_u64(f[C_SERVED], &c->served_len))
		return false;
	d = publish_find(&p->conf, f[C_DOMAIN]);
	c->source = source;
	c->domain = d ? (uint32_t)publish_index(p, d) : KEY_ANY_DOMAIN;
	if ((f[C_DOMAIN][0] != '\0' && !d) || (f[C_ADDRESS][0] != '\0' && !d))
		return false;
	c->use = (enum cert_use)use;
	c->publish = publish != 0;
	c->of_group = (uint32_t)group;
	c->created = (int64_t)created;
	c->expires = (int64_t)expires;
	c->known = true;
	memcpy(c->fpr, f[C_FPR], strlen(f[C_FPR]) + 1);
	c->address = f[C_ADDRESS][0] ? strdup(f[C_ADDRESS]) : NULL;
	c->why = f[C_WHY][0] ? strdup(f[C_WHY]) : NULL;
	return true;
}

static int compare_paths(const void *a, const void *b)
{
	const struct key_source *const *x = a, *const *y = b;
	int c = strcmp((*x)->path, (*y)->path);

	return c != 0 ? c : (*x)->domain < (*y)->domain ? -1 : (*x)->domain > (*y)->domain;
}

/* Sources that are files, by path. */
static struct key_source **sort_sources(const struct keys *k, size_t *n)
{
	struct key_source **v = calloc(k->n_source + 1, sizeof(*v));
	size_t i;

	*n = 0;
	for (i = 0; v && i < k->n_source; i++) {
		if (k->source[i].path)
			v[(*n)++] = &k->source[i];
	}
	if (v)
		qsort(v, *n, sizeof(*v), compare_paths);
	return v;
}

static int compare_path_only(const void *key, const void *b)
{
	const struct key_source *const *y = b;

	return strcmp(key, (*y)->path);
}

/* The source of a line "s", if it is as it was, and nothing in it has expired since. One file may
 * be several domains' source. */
static struct key_source *match_source(
	const struct publish *p, struct key_source **v, size_t n, char **f)
{
	uint64_t size, mtime, inode, next;
	struct key_source **at, *s;
	char context[17];

	if (!read_u64(f[1], &size) || !read_u64(f[2], &mtime) || !read_u64(f[3], &inode) ||
		!read_u64(f[4], &next) || (next != 0 && (int64_t)next <= p->now))
		return NULL;
	at = bsearch(f[6], v, n, sizeof(*v), compare_path_only);
	if (!at)
		return NULL;
	while (at > v && strcmp(at[-1]->path, f[6]) == 0)
		at--;
	for (; at < v + n && strcmp((*at)->path, f[6]) == 0; at++) {
		s = *at;
		if (!s->cached && (uint64_t)s->size == size && (uint64_t)s->mtime_ns == mtime &&
			s->inode == inode && source_context(p, s, context) == 0 &&
			strcmp(context, f[5]) == 0)
			return s;
	}
	return NULL;
}

static void load_lines(
	struct publish *p, struct keys *k, char *text, struct key_source **v, size_t n)
{
	struct key_source *source = NULL;
	char *f[C_FIELDS], *next;
	struct key_claim c;
	size_t fields;

	for (; *text; text = next) {
		next = text + strcspn(text, "\n");
		if (*next)
			*next++ = '\0';
		fields = split_cache_line(text, f, C_FIELDS);
		if (fields == 7 && strcmp(f[0], "s") == 0) {
			source = match_source(p, v, n, f);
			if (source)
				source->cached = true;
		} else if (fields == C_FIELDS && strcmp(f[0], "k") == 0 && source &&
			   parse_claim(p, f, (uint32_t)(source - k->source), &c)) {
			if (keys_add_claim(k, &c, NULL) < 0)
				return;
		} else if (source) {
			source->cached = false;
			source = NULL;
		}
	}
}

void key_cache_load(struct publish *p, struct keys *k)
{
	struct buf text = BUF_INIT(CACHE_MAX);
	struct key_source **v;
	char path[FILE_PATH_MAX];
	size_t n, i;

	for (i = 0; i < k->n_source; i++) {
		struct key_source *s = &k->source[i];
		struct stat st;

		if (!s->path || stat(s->path, &st) < 0)
			continue;
		s->size = st.st_size;
		s->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		s->inode = st.st_ino;
	}
	v = sort_sources(k, &n);
	if (v && cache_path(p, path) == 0 && file_read(path, &text, ERR_IO, NULL) == 0 &&
		strncmp(buf_str(&text), CACHE_HEAD, strlen(CACHE_HEAD)) == 0)
		load_lines(p, k, (char *)text.p + strlen(CACHE_HEAD), v, n);
	free(v);
	buf_free(&text);
}

static void save_claim(FILE *f, const struct publish *p, const struct key_claim *c)
{
	char hex[2 * DIGEST_LEN + 1];

	packet_hex(hex, c->digest, DIGEST_LEN);
	fprintf(f,
		"k\t%d\t%d\t%u\t%" PRId64 "\t%" PRId64 "\t%s\t%" PRIu64 "\t%" PRIu64
		"\t%s\t%" PRIu64 "\t%s\t%s\t%s\n",
		(int)c->use, c->publish, c->of_group, c->created, c->expires, c->fpr, c->at, c->len,
		hex, c->served_len,
		c->domain == KEY_ANY_DOMAIN ? "" : p->conf.domain[c->domain].name,
		c->address ? c->address : "", c->why ? c->why : "");
}

/* When a result changes by the passage of time; 1: now. */
static int64_t next_change(const struct publish *p, const struct key_claim *const *c, size_t n)
{
	int64_t next = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (c[i]->created > p->now)
			return 1;
		if (c[i]->use == CERT_USABLE && c[i]->expires != 0 &&
			(next == 0 || c[i]->expires < next))
			next = c[i]->expires;
	}
	return next;
}

static int compare_by_source(const void *a, const void *b)
{
	const struct key_claim *const *x = a, *const *y = b;

	if ((*x)->source != (*y)->source)
		return (*x)->source < (*y)->source ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static void save_all(
	FILE *f, const struct publish *p, const struct keys *k, const struct key_claim **c)
{
	size_t i, at = 0, end;
	char context[17];

	fputs(CACHE_HEAD, f);
	for (i = 0; i < k->n_source; i++) {
		const struct key_source *s = &k->source[i];

		for (end = at; end < k->n_claim && c[end]->source == i; end++)
			;
		if (s->path && !strpbrk(s->path, "\t\n") && source_context(p, s, context) == 0) {
			fprintf(f,
				"s\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\t%" PRId64 "\t%s\t%s\n",
				s->size, s->mtime_ns, s->inode, next_change(p, c + at, end - at),
				context, s->path);
			for (; at < end; at++)
				save_claim(f, p, c[at]);
		}
		at = end;
	}
}

void key_cache_save(struct publish *p, const struct keys *k)
{
	const struct key_claim **c = calloc(k->n_claim + 1, sizeof(*c));
	char path[FILE_PATH_MAX], temp[FILE_PATH_MAX];
	FILE *f = NULL;
	size_t i;
	int fd;

	if (p->n_chosen < p->conf.n_domain) {
		free(c);
		return;
	}
	if (c && cache_path(p, path) == 0 &&
		snprintf(temp, sizeof(temp), "%s.new", path) < (int)sizeof(temp)) {
		(void)unlink(temp);
		fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		f = fd >= 0 ? fdopen(fd, "w") : NULL;
	}
	if (f) {
		for (i = 0; i < k->n_claim; i++)
			c[i] = &k->claim[i];
		qsort(c, k->n_claim, sizeof(*c), compare_by_source);
		save_all(f, p, k, c);
		if (fclose(f) == 0)
			(void)rename(temp, path);
		else
			(void)unlink(temp);
	}
	free(c);
}
