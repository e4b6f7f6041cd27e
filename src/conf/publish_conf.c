/* SPDX-License-Identifier: ISC */
#include "conf/publish_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "conf/conf_trust.h"
#include "conf/ini_reader.h"

#define ID_NAMES                                                                                   \
	"._mta-sts." /* the longest text between a customer's name and the host's                  \
		      */

struct publish_reader {
	struct publish_conf *c;
	int fault_line;
};

static int add_domain(struct publish_conf *c, const struct publish_section *s, const char *name,
	const char *token, enum publish_sts sts, int line, struct err *err)
{
	struct publish_domain *grown,
		d = {.section = s, .sts = sts, .customer = s->provider, .line = line};

	if (c->n_domain == PUBLISH_DOMAINS_MAX)
		return err_set(err, ERR_CONFIG, "more than %d domains", PUBLISH_DOMAINS_MAX);
	if (strncmp(name, "openpgpkey.", 11) == 0 || strncmp(name, "mta-sts.", 8) == 0)
		return err_set(err, ERR_CONFIG,
			"%s: is a name at which another domain's keys or policy are published",
			name);
	if (strlen(name) + strlen("_mta-sts.openpgpkey.") > ADDR_DOMAIN_MAX)
		return err_set(err, ERR_CONFIG, "%s: is too long", name);
	/* Doubles the array: customers are added one by one. */
	if ((c->n_domain & (c->n_domain - 1)) == 0) {
		grown = reallocarray(c->domain, c->n_domain ? 2 * c->n_domain : 1, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		c->domain = grown;
	}
	d.name = strdup(name);
	d.token = token ? strdup(token) : NULL;
	if (!d.name || (token && !d.token)) {
		free(d.name);
		free(d.token);
		return err_set(err, ERR_OS, "out of memory");
	}
	c->domain[c->n_domain++] = d;
	return 0;
}

/* Checks the required settings of the section that ends here. */
static int leave_section(struct publish_reader *r, struct err *err)
{
	struct publish_conf *c = r->c;
	struct publish_section *s = c->n_section ? &c->section[c->n_section - 1] : NULL;
	int rc;

	if (!s)
		return 0;
	rc = publish_section_check(s, &r->fault_line, err);
	if (rc == 0)
		r->fault_line = 0;
	return rc;
}

static int begin_section(void *arg, const char *name, int line, struct err *err)
{
	struct publish_reader *r = arg;
	struct publish_conf *c = r->c;
	struct publish_section *grown;
	bool provider = name && strcmp(name, "provider") == 0;
	int rc = leave_section(r, err);

	if (rc < 0 || !name)
		return rc;
	if (!provider && strcmp(name, "domain") != 0) {
		err_set(err, ERR_CONFIG, "'[%s]' is not a section", name);
		err_hint(err, "there are [domain] and [provider]");
		return ERR_CONFIG;
	}
	if (c->n_section == PUBLISH_SECTIONS_MAX)
		return err_set(err, ERR_CONFIG, "there are too many sections");
	grown = reallocarray(c->section, c->n_section + 1, sizeof(*grown));
	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	c->section = grown;
	c->section[c->n_section++] = (struct publish_section){.provider = provider,
		.line = line,
		.servers = PUBLISH_CADDY,
		.max_age = 7 * PUBLISH_DAY,
		.ttl = 3600};
	return 0;
}

static int publish_setting(void *arg, const char *key, const char *value, int line, struct err *err)
{
	struct publish_reader *r = arg;
	struct publish_conf *c = r->c;

	if (c->n_section == 0) {
		err_set(err, ERR_CONFIG, "'%s' is outside of any section", key);
		err_hint(err, "put [domain] or [provider] above it");
		return ERR_CONFIG;
	}
	return publish_set(&c->section[c->n_section - 1], key, value, line, err);
}

/* Checks settings that a web server has only once for all domains. */
static int check_one_acme(const struct publish_conf *c, struct err *err)
{
	const struct publish_section *a = NULL, *b;
	size_t i;

	for (i = 0; i < c->n_section; i++) {
		b = &c->section[i];
		if (!(b->servers & PUBLISH_CADDY))
			continue;
		if (!a)
			a = b;
		if (strcmp(a->acme ? a->acme : "", b->acme ? b->acme : "") != 0 ||
			strcmp(a->acme_ca ? a->acme_ca : "", b->acme_ca ? b->acme_ca : "") != 0 ||
			strcmp(a->acme_email ? a->acme_email : "",
				b->acme_email ? b->acme_email : "") != 0)
			return err_set(err, ERR_CONFIG,
				"%s:%d: acme, acme-ca and acme-email have to be those of line %d: "
				"Caddy has one directory for all",
				c->path, b->line, a->line);
	}
	return 0;
}

static int compare_domains(const void *a, const void *b)
{
	const struct publish_domain *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* By name; of duplicates the one that was read last comes last. */
static int compare_places(const void *a, const void *b)
{
	const struct publish_domain *x = a, *y = b;
	int rc = strcmp(x->name, y->name);

	if (rc == 0)
		rc = (int)x->customer - (int)y->customer;
	if (rc == 0)
		rc = (x->section > y->section) - (x->section < y->section);
	return rc != 0 ? rc : (x->line > y->line) - (x->line < y->line);
}

/* Sorts the domains and refuses duplicates. The list is the one that was read last, or NULL. */
static int sort_domains(struct publish_conf *c, const char *list, struct err *err)
{
	size_t i;

	if (c->n_domain > 1)
		qsort(c->domain, c->n_domain, sizeof(*c->domain), compare_places);
	for (i = 1; i < c->n_domain; i++) {
		const struct publish_domain *d = &c->domain[i];

		if (strcmp(c->domain[i - 1].name, d->name) == 0)
			return err_set(err, ERR_CONFIG, "%s:%d: %s is published twice",
				d->customer ? list : c->path, d->line, d->name);
	}
	for (i = 0; i < c->n_section; i++) {
		if (c->section[i].provider && publish_find(c, c->section[i].name))
			return err_set(err, ERR_CONFIG, "%s:%d: %s is a domain too", c->path,
				c->section[i].line, c->section[i].name);
	}
	return 0;
}

int publish_conf_read(
	const char *path, const struct buf *text, struct publish_conf *c, struct err *err)
{
	struct publish_reader r = {.c = c};
	const struct ini_events events = {begin_section, publish_setting, &r};
	size_t i;
	int rc;

	memset(c, 0, sizeof(*c));
	if (snprintf(c->path, sizeof(c->path), "%s", path) >= (int)sizeof(c->path))
		return err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	rc = ini_read(path, text, &events, &r.fault_line, err);
	if (rc == 0 && c->n_section == 0)
		rc = err_set(
			err, ERR_CONFIG, "%s:1: has neither a [domain] nor a [provider]", path);
	for (i = 0; rc == 0 && i < c->n_section; i++) {
		const struct publish_section *s = &c->section[i];
		struct err why = ERR_INIT;

		if (!s->provider && add_domain(c, s, s->name, NULL, s->sts, s->line, &why) < 0)
			rc = err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s:%d: %.900s",
				path, s->line, why.msg);
	}
	if (rc == 0)
		rc = check_one_acme(c, err);
	if (rc == 0)
		rc = sort_domains(c, NULL, err);
	if (rc < 0)
		publish_conf_free(c);
	return rc;
}

/* The next word of a line, NUL-terminated; NULL if there is none. */
static char *next_list_word(char **p)
{
	char *word = *p + strspn(*p, " \t");
	size_t len = strcspn(word, " \t");

	if (len == 0)
		return NULL;
	*p = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

/* A single label. */
static bool is_customer_token(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= PUBLISH_TOKEN_MAX && s[0] != '-' && s[len - 1] != '-' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* DOMAIN [TOKEN] [mta-sts=MODE] */
static int take_list_line(struct publish_conf *c, const struct publish_section *s, char *line,
	int at, struct err *err)
{
	enum publish_sts sts = s->sts;
	char name[ADDR_DOMAIN_MAX + 1], *token = NULL, *word = next_list_word(&line);
	size_t host = strlen(s->name);

	if (!word)
		return 0;
	if (addr_host(word, name, err) < 0)
		return ERR_CONFIG;
	while ((word = next_list_word(&line)) != NULL) {
		if (strncmp(word, "mta-sts=", 8) == 0) {
			if (publish_sts_word(word + 8, &sts) < 0)
				return err_set(err, ERR_CONFIG,
					"'%.100s' is not off, testing or enforce", word + 8);
		} else if (token || !is_customer_token(word)) {
			return err_set(err, ERR_CONFIG,
				"DOMAIN [TOKEN] [mta-sts=MODE] is expected, a token being a label "
				"of small letters, digits and hyphens");
		} else {
			token = word;
		}
	}
	if (strlen(name) + strlen(ID_NAMES) + host > ADDR_DOMAIN_MAX ||
		(token && strlen(token) + 1 + host > ADDR_DOMAIN_MAX))
		return err_set(err, ERR_CONFIG, "%s: is too long together with %s", name, s->name);
	if (addr_in_zone(name, s->name))
		return err_set(err, ERR_CONFIG, "%s: lies in the provider's own %s", name, s->name);
	return add_domain(c, s, name, token, sts, at, err);
}

/* Customers with a token, by it; of duplicates the later line comes last. */
static int compare_tokens(const void *a, const void *b)
{
	const struct publish_domain *x = *(const struct publish_domain *const *)a,
				    *y = *(const struct publish_domain *const *)b;
	int rc = strcmp(x->token, y->token);

	return rc != 0 ? rc : (x->line > y->line) - (x->line < y->line);
}

/* Refuses a token used by two customers, since it would prove nothing. */
static int check_tokens(const char *path, const struct publish_conf *c,
	const struct publish_section *s, struct err *err)
{
	const struct publish_domain **d = calloc(c->n_domain + 1, sizeof(*d));
	size_t i, n = 0;
	int rc = 0;

	if (!d)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < c->n_domain; i++) {
		if (c->domain[i].section == s && c->domain[i].token)
			d[n++] = &c->domain[i];
	}
	qsort(d, n, sizeof(*d), compare_tokens);
	for (i = 1; i < n && rc == 0; i++) {
		if (strcmp(d[i - 1]->token, d[i]->token) == 0)
			rc = err_set(err, ERR_CONFIG, "%s:%d: two domains have the token %s", path,
				d[i]->line, d[i]->token);
	}
	free(d);
	return rc;
}

int publish_list_read(const char *path, const struct buf *text, struct publish_conf *c,
	const struct publish_section *s, struct err *err)
{
	const char *p = buf_str(text), *end = p + text->len, *eol;
	struct err why = ERR_INIT;
	char line[1024];
	int at = 0, rc = 0;

	p += text_bom(p, text->len);
	for (; rc == 0 && p < end; p = eol + 1) {
		size_t len;

		at++;
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		len = (size_t)(eol - p);
		if (len > 0 && p[len - 1] == '\r')
			len--;
		if (len >= sizeof(line) || memchr(p, '\0', len)) {
			rc = err_set(err, ERR_CONFIG,
				"%s:%d: the line is longer than %zu bytes, or holds a NUL", path,
				at, sizeof(line) - 1);
			break;
		}
		memcpy(line, p, len);
		line[len] = '\0';
		line[strcspn(line, "#")] = '\0';
		if (take_list_line(c, s, line, at, &why) < 0) {
			rc = err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s:%d: %.900s",
				path, at, why.msg);
			if (why.hint[0])
				err_hint(err, "%s", why.hint);
		}
	}
	if (rc == 0)
		rc = check_tokens(path, c, s, err);
	return rc == 0 ? sort_domains(c, path, err) : rc;
}

/* A regular file that nobody else may write to. */
static int read_trusted(const char *path, struct buf *text, struct err *err)
{
	int fd = file_open_regular(path, err), rc;

	if (fd < 0)
		return fd;
	rc = trust_file(fd, path, err);
	if (rc == 0)
		rc = trust_way(path, err);
	if (rc == 0 && (rc = fd_read_all(fd, text, NULL)) < 0)
		rc = err_set(err, rc == ERR_DATA ? ERR_CONFIG : rc,
			"%s: cannot be read, or is larger than %zu bytes", path, text->max);
	close(fd);
	return rc;
}

/* Determines the absolute path of FILE's folder. */
static int find_folder(struct publish_conf *c, struct err *err)
{
	char *real = realpath(c->path, NULL), *slash = real ? strrchr(real, '/') : NULL;
	int rc = 0;

	if (!slash || snprintf(c->dir, sizeof(c->dir), "%.*s", (int)(slash - real), real) >=
			      (int)sizeof(c->dir))
		rc = err_set(err, real ? ERR_CONFIG : err_of_errno(errno, ERR_CONFIG),
			"%s: its folder cannot be determined", c->path);
	free(real);
	return rc;
}

static int read_list(struct publish_conf *c, const struct publish_section *s, struct err *err)
{
	struct buf text = BUF_INIT(PUBLISH_LIST_MAX);
	struct err why = ERR_INIT;
	char path[FILE_PATH_MAX];
	int rc;

	if (s->domains[0] == '/'
			? snprintf(path, sizeof(path), "%s", s->domains) >= (int)sizeof(path)
			: path_join(path, c->dir, s->domains) < 0)
		rc = err_set(&why, ERR_CONFIG, "%s: the path is too long", s->domains);
	else
		rc = read_trusted(path, &text, &why);
	if (rc < 0)
		rc = publish_fault(c, publish_line_of(s, "domains"), "domains", &why, err);
	else
		rc = publish_list_read(path, &text, c, s, err);
	buf_free(&text);
	return rc;
}

int publish_conf_load(const char *path, struct publish_conf *c, struct err *err)
{
	struct buf text = BUF_INIT(PUBLISH_FILE_MAX);
	size_t i;
	int rc = read_trusted(path, &text, err);

	if (rc == 0)
		rc = publish_conf_read(path, &text, c, err);
	buf_free(&text);
	if (rc < 0)
		return rc;
	rc = find_folder(c, err);
	for (i = 0; rc == 0 && i < c->n_section; i++) {
		if (c->section[i].provider)
			rc = read_list(c, &c->section[i], err);
	}
	if (rc < 0)
		publish_conf_free(c);
	return rc;
}

void publish_conf_free(struct publish_conf *c)
{
	size_t i;

	for (i = 0; i < c->n_domain; i++) {
		free(c->domain[i].name);
		free(c->domain[i].token);
	}
	for (i = 0; i < c->n_section; i++)
		publish_section_free(&c->section[i]);
	free(c->domain);
	free(c->section);
	memset(c, 0, sizeof(*c));
}

const struct publish_domain *publish_find(const struct publish_conf *c, const char *name)
{
	struct publish_domain key = {.name = (char *)(uintptr_t)name};

	return c->n_domain
		       ? bsearch(&key, c->domain, c->n_domain, sizeof(*c->domain), compare_domains)
		       : NULL;
}
