/* SPDX-License-Identifier: ISC */
/* The settings of a section of FILE, one function for each kind of value. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/publish_conf.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define TTL_MAX (7 * PUBLISH_DAY)
#define URI_MAX 180

typedef int publish_setter(struct publish_section *s, const char *value, struct err *err);

/* Adds a value, unless it is there: what is made of it would be refused if it stood twice. */
static int push_value(
	struct publish_section *s, struct publish_values *list, const char *value, struct err *err)
{
	char **grown;
	int *lines;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], value) == 0)
			return 0;
	}
	if (list->n == PUBLISH_VALUES_MAX)
		return err_set(err, ERR_CONFIG, "more than %d values", PUBLISH_VALUES_MAX);
	grown = reallocarray(list->v, list->n + 1, sizeof(*grown));
	if (grown)
		list->v = grown;
	lines = reallocarray(list->line, list->n + 1, sizeof(*lines));
	if (lines)
		list->line = lines;
	if (!grown || !lines || !(grown[list->n] = strdup(value)))
		return err_set(err, ERR_OS, "out of memory");
	lines[list->n++] = s->at;
	return 0;
}

typedef int word_taker(struct publish_section *s, const char *word, struct err *err);

/* Calls a function for each of several words, separated by blanks or commas. */
static int each_word(
	struct publish_section *s, const char *value, word_taker *take_word, struct err *err)
{
	char word[1024];
	size_t len;
	int rc = 0;

	for (; rc == 0; value += len) {
		value += strspn(value, " \t,");
		len = strcspn(value, " \t,");
		if (len == 0)
			break;
		if (len >= sizeof(word))
			return err_set(err, ERR_CONFIG, "a word is too long");
		memcpy(word, value, len);
		word[len] = '\0';
		rc = take_word(s, word, err);
	}
	return rc;
}

static int replace_text(char **to, const char *value, struct err *err)
{
	free(*to);
	*to = strdup(value);
	return *to ? 0 : err_set(err, ERR_OS, "out of memory");
}

static int set_publish_name(struct publish_section *s, const char *value, struct err *err)
{
	return addr_host(value, s->name, err) < 0 ? ERR_CONFIG : 0;
}

static int take_keys(struct publish_section *s, const char *word, struct err *err)
{
	if (strncmp(word, "gnupg:", 6) == 0 && strcmp(word, "gnupg:*@%d") != 0 &&
		(s->provider || strncmp(word, "gnupg:*@", 8) != 0))
		return err_set(err, ERR_CONFIG, "%.200s: only gnupg:*@DOMAIN is known", word);
	return push_value(s, &s->keys, word, err);
}

static int set_key_paths(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_keys, err);
}

static const char *const method_words[] = {
	[PUBLISH_ADVANCED] = "advanced", [PUBLISH_DIRECT] = "direct", [PUBLISH_BOTH] = "both"};

const char *publish_method_name(enum publish_method m)
{
	return method_words[m];
}

static int set_method(struct publish_section *s, const char *value, struct err *err)
{
	unsigned i;

	for (i = 0; i < sizeof(method_words) / sizeof(method_words[0]); i++) {
		if (strcmp(value, method_words[i]) == 0) {
			s->method = i;
			return 0;
		}
	}
	return err_set(err, ERR_CONFIG, "'%.100s' is not advanced, direct or both", value);
}

static bool is_address(const char *word)
{
	struct in6_addr a;

	return inet_pton(AF_INET, word, &a) == 1 || inet_pton(AF_INET6, word, &a) == 1;
}

/* An IP address in its one spelling, so that one that is spelt in two ways is one. */
static int push_address(
	struct publish_section *s, struct publish_values *list, const char *word, struct err *err)
{
	int family = strchr(word, ':') ? AF_INET6 : AF_INET;
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];

	if (inet_pton(family, word, ip) != 1 || !inet_ntop(family, ip, text, sizeof(text)))
		return err_set(err, ERR_CONFIG, "'%.100s' is not an IP address", word);
	return push_value(s, list, text, err);
}

static int take_web(struct publish_section *s, const char *word, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1];

	if (s->web_is_host)
		return err_set(err, ERR_CONFIG, "one host name, or addresses");
	if (is_address(word))
		return push_address(s, &s->web, word, err);
	if (addr_host(word, host, err) < 0)
		return ERR_CONFIG;
	if (s->web.n > 0)
		return err_set(err, ERR_CONFIG, "one host name, or addresses");
	s->web_is_host = true;
	return push_value(s, &s->web, host, err);
}

static int set_web(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_web, err);
}

static int take_server(struct publish_section *s, const char *word, struct err *err)
{
	static const struct {
		const char *word;
		unsigned bit;
	} row[] = {{"caddy", PUBLISH_CADDY}, {"nginx", PUBLISH_NGINX}, {"apache", PUBLISH_APACHE},
		{"pages", PUBLISH_PAGES}};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (strcmp(word, row[i].word) == 0) {
			s->servers |= row[i].bit;
			return 0;
		}
	}
	return err_set(err, ERR_CONFIG, "'%.100s' is not caddy, nginx, apache or pages", word);
}

static int set_servers(struct publish_section *s, const char *value, struct err *err)
{
	s->servers = 0;
	return each_word(s, value, take_server, err);
}

static int take_listen(struct publish_section *s, const char *word, struct err *err)
{
	return push_address(s, &s->listen, word, err);
}

static int set_listen(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_listen, err);
}

bool publish_is_web(const struct publish_section *s, const void *address, size_t len)
{
	uint8_t ip[16];
	size_t i;

	for (i = 0; !s->web_is_host && i < s->web.n; i++) {
		int family = strchr(s->web.v[i], ':') ? AF_INET6 : AF_INET;

		if (len == (family == AF_INET ? 4 : 16) &&
			inet_pton(family, s->web.v[i], ip) == 1 && memcmp(ip, address, len) == 0)
			return true;
	}
	return false;
}

bool publish_path_plain(const char *path)
{
	return path[0] == '/' && strspn(path, LETTERS DIGITS "._-+@/") == strlen(path);
}

/* A path with %h in it. */
static bool is_template(const char *path)
{
	char plain[FILE_PATH_MAX];
	size_t n = 0;

	for (; *path && n + 1 < sizeof(plain); path++) {
		if (path[0] == '%' && path[1] == 'h')
			path++;
		else
			plain[n++] = *path;
	}
	plain[n] = '\0';
	return *path == '\0' && publish_path_plain(plain);
}

static int set_certificate(struct publish_section *s, const char *value, struct err *err)
{
	char chain[FILE_PATH_MAX];
	size_t len = strcspn(value, " \t");
	const char *key = value + len + strspn(value + len, " \t");

	if (len >= sizeof(chain) || *key == '\0' || key[strcspn(key, " \t")] != '\0')
		return err_set(err, ERR_CONFIG, "two files are expected: CHAIN KEY");
	memcpy(chain, value, len);
	chain[len] = '\0';
	if (!is_template(chain) || !is_template(key))
		return err_set(err, ERR_CONFIG,
			"absolute paths of letters, digits and ._-+@/ are expected, with %%h for "
			"the host");
	if (replace_text(&s->chain, chain, err) < 0)
		return ERR_OS;
	return replace_text(&s->key, key, err);
}

/* Whether the URI has only characters that need no quoting in our output. */
static bool is_plain_uri(const char *s)
{
	return strlen(s) <= URI_MAX && strspn(s, LETTERS DIGITS "-._~:/?@&+=%") == strlen(s);
}

static int set_acme(struct publish_section *s, const char *value, struct err *err)
{
	if (strncmp(value, "https://", 8) != 0 || !is_plain_uri(value))
		return err_set(err, ERR_CONFIG, "'%.200s' is not an https URL", value);
	return replace_text(&s->acme, value, err);
}

static int set_acme_ca(struct publish_section *s, const char *value, struct err *err)
{
	if (!publish_path_plain(value))
		return err_set(err, ERR_CONFIG,
			"an absolute path of letters, digits and ._-+@/ is expected");
	return replace_text(&s->acme_ca, value, err);
}

static int set_acme_email(struct publish_section *s, const char *value, struct err *err)
{
	struct addr a;
	struct err why = ERR_INIT;

	if (addr_parse(value, &a, &why) < 0 || !addr_discoverable(&a) || !is_plain_uri(a.text))
		return err_set(err, ERR_CONFIG, "'%.200s' is not a mail address", value);
	return replace_text(&s->acme_email, a.text, err);
}

static int set_openpgpkey(struct publish_section *s, const char *value, struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, ERR_CONFIG, "'%.100s' is not yes or no", value);
	s->openpgpkey = value[0] == 'y';
	return 0;
}

static const char *const sts_words[] = {[PUBLISH_STS_OFF] = "off",
	[PUBLISH_STS_TESTING] = "testing",
	[PUBLISH_STS_ENFORCE] = "enforce"};

int publish_sts_word(const char *word, enum publish_sts *out)
{
	unsigned i;

	for (i = 0; i < sizeof(sts_words) / sizeof(sts_words[0]); i++) {
		if (strcmp(word, sts_words[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	return -1;
}

const char *publish_sts_name(enum publish_sts s)
{
	return sts_words[s];
}

static int set_sts(struct publish_section *s, const char *value, struct err *err)
{
	if (publish_sts_word(value, &s->sts) < 0)
		return err_set(err, ERR_CONFIG, "'%.100s' is not off, testing or enforce", value);
	return 0;
}

/* "7d", "12h", "90m", "3600s" or "3600". */
static int read_period(
	const char *value, int64_t least, int64_t most, int64_t *out, struct err *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} row[] = {{'d', PUBLISH_DAY}, {'h', 3600}, {'m', 60}, {'s', 1}, {'\0', 1}};
	char *end = NULL;
	long v = value[0] >= '0' && value[0] <= '9' ? strtol(value, &end, 10) : -1;
	size_t i;

	for (i = 0; v >= 0 && i < sizeof(row) / sizeof(row[0]); i++) {
		if (*end != row[i].unit || (*end && end[1]))
			continue;
		if (v > most / row[i].seconds || v * row[i].seconds < least)
			break;
		*out = v * row[i].seconds;
		return 0;
	}
	return err_set(err, ERR_CONFIG,
		"'%.100s' is not a time of %lld s to %lld s, as in 7d or 1h", value,
		(long long)least, (long long)most);
}

static int set_max_age(struct publish_section *s, const char *value, struct err *err)
{
	return read_period(value, PUBLISH_DAY, 365 * PUBLISH_DAY, &s->max_age, err);
}

static int set_ttl(struct publish_section *s, const char *value, struct err *err)
{
	return read_period(value, 30, TTL_MAX, &s->ttl, err);
}

static int take_mx(struct publish_section *s, const char *word, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1], text[ADDR_DOMAIN_MAX + 3];
	bool any = strncmp(word, "*.", 2) == 0;

	if (addr_host(any ? word + 2 : word, host, err) < 0)
		return ERR_CONFIG;
	snprintf(text, sizeof(text), "%s%s", any ? "*." : "", host);
	return push_value(s, &s->mx, text, err);
}

static int set_mx(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_mx, err);
}

/* Whether reports can go there: to a mail address, or to a host's server. */
static bool leads_somewhere(const char *uri)
{
	char host[ADDR_DOMAIN_MAX + 1], to[URI_MAX + 1];
	const char *at = strchr(uri, ':') + 1;
	struct addr a;

	at += strspn(at, "/");
	snprintf(to, sizeof(to), "%.*s", (int)strcspn(at, at[-1] == ':' ? "?" : ":/?"), at);
	if (at[-1] == ':')
		return addr_parse(to, &a, NULL) == 0 && addr_discoverable(&a);
	return addr_host(to, host, NULL) == 0;
}

/* RFC 8460 section 3: "," "!" and ";" are to be encoded in it. */
static int take_rua(struct publish_section *s, const char *word, struct err *err)
{
	if ((strncmp(word, "mailto:", 7) != 0 && strncmp(word, "https://", 8) != 0) ||
		!is_plain_uri(word) || !leads_somewhere(word))
		return err_set(err, ERR_CONFIG, "'%.200s' is not a mailto: or https: URI", word);
	return push_value(s, &s->rua, word, err);
}

static int set_rua(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_rua, err);
}

/* One issuer a line, because parameters contain blanks. RFC 8659 section 4.2. */
static int set_caa(struct publish_section *s, const char *value, struct err *err)
{
	char issuer[ADDR_DOMAIN_MAX + 1], text[256];
	size_t len = strcspn(value, " \t;");

	if (len >= sizeof(issuer) || strlen(value) > 255 ||
		strspn(value, LETTERS DIGITS "-._~:/?@&+=%; ") != strlen(value))
		return err_set(err, ERR_CONFIG,
			"an issuer is expected, perhaps with parameters: "
			"letsencrypt.org; accounturi=https://...");
	memcpy(issuer, value, len);
	issuer[len] = '\0';
	if (addr_host(issuer, issuer, err) < 0)
		return ERR_CONFIG;
	if (snprintf(text, sizeof(text), "%s%s", issuer, value + len) >= (int)sizeof(text))
		return err_set(err, ERR_CONFIG, "the value is too long");
	return push_value(s, &s->caa, text, err);
}

static int take_tlsa(struct publish_section *s, const char *word, struct err *err)
{
	const char *file = publish_tlsa_file(word);
	char mx[ADDR_DOMAIN_MAX + 1], text[ADDR_DOMAIN_MAX + FILE_PATH_MAX];

	if (file != word) {
		if ((size_t)(file - word) > sizeof(mx) || file[0] == '\0')
			return err_set(err, ERR_CONFIG, "[MX=]FILE is expected");
		memcpy(mx, word, (size_t)(file - word - 1));
		mx[file - word - 1] = '\0';
		if (addr_host(mx, mx, err) < 0)
			return ERR_CONFIG;
		if (snprintf(text, sizeof(text), "%s=%s", mx, file) >= (int)sizeof(text))
			return err_set(err, ERR_CONFIG, "the path is too long");
		word = text;
	}
	return push_value(s, &s->tlsa, word, err);
}

static int set_tlsa(struct publish_section *s, const char *value, struct err *err)
{
	return each_word(s, value, take_tlsa, err);
}

static int set_domains(struct publish_section *s, const char *value, struct err *err)
{
	return replace_text(&s->domains, value, err);
}

static int set_ns(struct publish_section *s, const char *value, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1];

	if (is_address(value))
		return replace_text(&s->ns, value, err);
	return addr_host(value, host, err) < 0 ? ERR_CONFIG : replace_text(&s->ns, host, err);
}

#define IN_DOMAIN 1u
#define IN_PROVIDER 2u
#define REPEATS 4u

static const struct publish_setting {
	const char *key;
	publish_setter *set;
	unsigned where;
} settings[] = {
	{"name", set_publish_name, IN_DOMAIN},
	{"host", set_publish_name, IN_PROVIDER},
	{"domains", set_domains, IN_PROVIDER},
	{"ns", set_ns, IN_DOMAIN | IN_PROVIDER},
	{"keys", set_key_paths, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"method", set_method, IN_DOMAIN | IN_PROVIDER},
	{"web", set_web, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"web-server", set_servers, IN_DOMAIN | IN_PROVIDER},
	{"listen", set_listen, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"certificate", set_certificate, IN_DOMAIN | IN_PROVIDER},
	{"acme", set_acme, IN_DOMAIN | IN_PROVIDER},
	{"acme-ca", set_acme_ca, IN_DOMAIN | IN_PROVIDER},
	{"acme-email", set_acme_email, IN_DOMAIN | IN_PROVIDER},
	{"openpgpkey-records", set_openpgpkey, IN_DOMAIN | IN_PROVIDER},
	{"mta-sts", set_sts, IN_DOMAIN | IN_PROVIDER},
	{"max-age", set_max_age, IN_DOMAIN | IN_PROVIDER},
	{"mx", set_mx, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"tls-reports", set_rua, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"caa", set_caa, IN_DOMAIN | IN_PROVIDER | REPEATS},
	{"ttl", set_ttl, IN_DOMAIN | IN_PROVIDER},
	{"tlsa-from", set_tlsa, IN_DOMAIN | IN_PROVIDER | REPEATS},
};
#define N_SETTINGS (sizeof(settings) / sizeof(settings[0]))
_Static_assert(N_SETTINGS <= PUBLISH_SETTINGS_MAX, "one line each");

/* N_SETTINGS if there is none. */
static size_t find_setting(const char *key)
{
	size_t i;

	for (i = 0; i < N_SETTINGS && strcmp(key, settings[i].key) != 0; i++)
		;
	return i;
}

int publish_line_of(const struct publish_section *s, const char *key)
{
	size_t i = find_setting(key);

	return i < N_SETTINGS && s->set_at[i] ? s->set_at[i] : s->line;
}

static int unknown_setting(const char *key, struct err *err)
{
	const char *names[N_SETTINGS + 1] = {NULL}, *near;
	size_t i;

	for (i = 0; i < N_SETTINGS; i++)
		names[i] = settings[i].key;
	near = nearest_word(key, names);
	err_set(err, ERR_CONFIG, "'%.100s' is not a setting", key);
	if (near)
		err_hint(err, "did you mean %s?", near);
	return ERR_CONFIG;
}

int publish_set(
	struct publish_section *s, const char *key, const char *value, int line, struct err *err)
{
	struct err why = ERR_INIT;
	size_t i = find_setting(key);
	int rc;

	if (i == N_SETTINGS)
		return unknown_setting(key, err);
	if (!(settings[i].where & (s->provider ? IN_PROVIDER : IN_DOMAIN)))
		return err_set(err, ERR_CONFIG, "%s: does not belong into [%s]", key,
			s->provider ? "provider" : "domain");
	if (s->set_at[i] && !(settings[i].where & REPEATS))
		return err_set(err, ERR_CONFIG, "%s: is set a second time", key);
	s->set_at[i] = s->at = line;
	if (*value == '\0')
		return err_set(err, ERR_CONFIG, "%s: has no value", key);
	rc = settings[i].set(s, value, &why);
	if (rc == 0)
		return 0;
	err_set(err, rc == ERR_OS ? ERR_OS : ERR_CONFIG, "%s: %.900s", key, why.msg);
	if (why.hint[0])
		err_hint(err, "%s", why.hint);
	return rc == ERR_OS ? ERR_OS : ERR_CONFIG;
}

/* Whether the hosts of keys and policies would be aliases of themselves. */
static bool leads_to_itself(const struct publish_section *s)
{
	static const char *const label[] = {"openpgpkey.", "mta-sts."};
	size_t i, len;

	for (i = 0; s->web_is_host && i < sizeof(label) / sizeof(label[0]); i++) {
		len = strlen(label[i]);
		if (strncmp(s->web.v[0], label[i], len) == 0 &&
			strcmp(s->web.v[0] + len, s->name) == 0)
			return true;
	}
	return false;
}

int publish_section_check(const struct publish_section *s, int *line, struct err *err)
{
	*line = s->line;
	if (s->name[0] == '\0')
		return err_set(err, ERR_CONFIG,
			s->provider ? "the section has no host = ..."
				    : "the section has no name = ...");
	if (s->provider && !s->domains)
		return err_set(err, ERR_CONFIG, "the section has no domains = ...");
	if (leads_to_itself(s)) {
		*line = publish_line_of(s, "web");
		err_set(err, ERR_CONFIG, "web: %s would be an alias of itself", s->web.v[0]);
		err_hint(err, "name the server's own name, or its addresses");
		return ERR_CONFIG;
	}
	if (!publish_acme_agrees(s)) {
		*line = publish_line_of(s, "caa");
		err_set(err, ERR_CONFIG,
			"caa: does not name the authority that acme asks, or would ask by itself");
		err_hint(err, "add its issuer to caa: letsencrypt.org, if acme is not set");
		return ERR_CONFIG;
	}
	return 0;
}

int publish_fault(const struct publish_conf *c, int line, const char *key, const struct err *why,
	struct err *err)
{
	err_set(err, why->code, "%s:%d: %s: %.800s", c->path, line, key, why->msg);
	if (why->hint[0])
		err_hint(err, "%s", why->hint);
	return why->code;
}

static void free_values(struct publish_values *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	free(list->line);
}

void publish_section_free(struct publish_section *s)
{
	struct publish_values *all[] = {
		&s->keys, &s->web, &s->listen, &s->mx, &s->rua, &s->caa, &s->tlsa};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free_values(all[i]);
	free(s->chain);
	free(s->key);
	free(s->acme);
	free(s->acme_ca);
	free(s->acme_email);
	free(s->domains);
	free(s->ns);
	memset(s, 0, sizeof(*s));
}
