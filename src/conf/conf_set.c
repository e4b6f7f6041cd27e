/* SPDX-License-Identifier: ISC */
/* The settings: the name, type and storage of each. */
#include "conf/conf_ini.h"
#include "conf/keyservers.h"
#include "conf/never_ask.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/endpoint.h"
#include "base/nearest.h"
#include "base/pattern.h"
#include "base/text.h"

#define KEYS_MAX 64
#define LIST_BREAK " \t,"

enum kind {
	KIND_TEXT,
	KIND_PATH,    /* absolute; ~/ is expanded */
	KIND_STATE,   /* likewise; one of its folders may be %s */
	KIND_SECONDS, /* int */
	KIND_MS,      /* uint32_t; written in seconds */
	KIND_SIZE,    /* size_t, octets */
	KIND_WORD,    /* an enum or a bool, by name */
	KIND_COMMAND, /* text that conf_argv can split */
	KIND_FLAGS,   /* uint8_t; some of two words */
	KIND_RESOLVER,
	KIND_PROXY,
	KIND_PATTERN, /* a policy's to */
	KIND_DOMAINS, /* domains and patterns of them, with commas or blanks between */
	KIND_ADDRESS,
	KIND_KEY,  /* a fingerprint, added to the policy's */
	KIND_KEYS, /* likewise several */
	KIND_DOMAIN,
	KIND_KEYSERVERS,
	KIND_RELAY, /* a domain, or a host in brackets */
};

struct word {
	const char *name;
	int value;
};

struct key {
	const char *name;
	enum kind kind;
	size_t offset, size;
	const struct word *words;
	uint64_t min, max;
};

static const struct word encrypt_words[] = {{"require", ENCRYPT_REQUIRE},
	{"prefer", ENCRYPT_PREFER}, {"never", ENCRYPT_NEVER}, {NULL, 0}};
static const struct word mixed_words[] = {
	{"refuse", MIXED_REFUSE}, {"split", MIXED_SPLIT}, {"clear", MIXED_CLEAR}, {NULL, 0}};
static const struct word absence_words[] = {
	{"any", ABSENCE_ANY}, {"proved", ABSENCE_PROVED}, {NULL, 0}};
static const struct word weak_words[] = {
	{"refuse", WEAK_REFUSE}, {"accept", WEAK_ACCEPT}, {NULL, 0}};
static const struct word gnupg_words[] = {
	{"ask", GNUPG_ASK}, {"use", GNUPG_USE}, {"ignore", GNUPG_IGNORE}, {NULL, 0}};
static const struct word replies_words[] = {
	{"require", REPLIES_REQUIRE}, {"prefer", REPLIES_PREFER}, {NULL, 0}};
static const struct word public_words[] = {{"yes", PUBLIC_YES}, {"no", PUBLIC_NO}, {NULL, 0}};
static const struct word sign_words[] = {
	{"always", SIGN_ALWAYS}, {"encrypted", SIGN_ENCRYPTED}, {"never", SIGN_NEVER}, {NULL, 0}};
static const struct word header_words[] = {
	{"baseline", HEADER_BASELINE}, {"shy", HEADER_SHY}, {"off", HEADER_OFF}, {NULL, 0}};
static const struct word autocrypt_words[] = {
	{"yes", AUTOCRYPT_YES}, {"mutual", AUTOCRYPT_MUTUAL}, {"no", AUTOCRYPT_NO}, {NULL, 0}};
static const struct word legacy_words[] = {{"auto", LEGACY_DISPLAY_AUTO},
	{"yes", LEGACY_DISPLAY_YES}, {"no", LEGACY_DISPLAY_NO}, {NULL, 0}};
static const struct word compress_words[] = {
	{"auto", COMPRESS_AUTO}, {"yes", COMPRESS_YES}, {"no", COMPRESS_NO}, {NULL, 0}};
static const struct word unknown_words[] = {
	{"refuse", UNKNOWN_REFUSE}, {"clear", UNKNOWN_CLEAR}, {NULL, 0}};
static const struct word change_words[] = {
	{"refuse", CHANGE_REFUSE}, {"use-pin", CHANGE_USE_PIN}, {NULL, 0}};
static const struct word tls_words[] = {
	{"any", TRANSPORT_ANY}, {"require", TRANSPORT_REQUIRE}, {NULL, 0}};
static const struct word dsn_words[] = {
	{"auto", DSN_AUTO}, {"yes", DSN_YES}, {"no", DSN_NO}, {NULL, 0}};
static const struct word method_words[] = {
	{"wkd", METHOD_WKD}, {"openpgpkey", METHOD_DANE}, {NULL, 0}};
static const struct word yes_words[] = {{"yes", true}, {"no", false}, {NULL, 0}};
static const struct word pinentry_words[] = {
	{"ask", PINENTRY_ASK}, {"skip", PINENTRY_SKIP}, {"never", PINENTRY_NEVER}, {NULL, 0}};

static const struct word queue_words[] = {
	{"no", QUEUE_NO}, {"unknown", QUEUE_UNKNOWN}, {"all", QUEUE_ALL}, {NULL, 0}};

/* Enum settings are stored as int. */
_Static_assert(
	sizeof(enum conf_encrypt) == sizeof(int) && sizeof(enum conf_mixed) == sizeof(int) &&
		sizeof(enum conf_sign) == sizeof(int) && sizeof(enum conf_absence) == sizeof(int) &&
		sizeof(enum conf_weak) == sizeof(int) && sizeof(enum conf_gnupg) == sizeof(int) &&
		sizeof(enum conf_replies) == sizeof(int) &&
		sizeof(enum conf_public) == sizeof(int) &&
		sizeof(enum conf_change) == sizeof(int) &&
		sizeof(enum conf_header) == sizeof(int) &&
		sizeof(enum conf_legacy) == sizeof(int) &&
		sizeof(enum conf_autocrypt) == sizeof(int) &&
		sizeof(enum conf_unknown) == sizeof(int) &&
		sizeof(enum conf_transport) == sizeof(int) &&
		sizeof(enum conf_dsn) == sizeof(int) && sizeof(enum conf_queue) == sizeof(int),
	"enums are stored through int");

#define AT(type, field)                                                                            \
	.offset = offsetof(struct type, field), .size = sizeof(((struct type *)0)->field)

static const struct key global_keys[] = {
	{"mta", KIND_COMMAND, AT(conf, mta)},
	{"mta-timeout", KIND_SECONDS, AT(conf, mta_timeout), .min = 1, .max = 86400},
	{"mta-requiretls", KIND_WORD, AT(conf, mta_requiretls), .words = yes_words},
	{"mta-dsn", KIND_WORD, AT(conf, mta_dsn), .words = dsn_words},
	{"qualify-domain", KIND_DOMAIN, AT(conf, qualify_domain)},
	{"encrypt", KIND_WORD, AT(conf, encrypt), .words = encrypt_words},
	{"mixed", KIND_WORD, AT(conf, mixed), .words = mixed_words},
	{"sign", KIND_WORD, AT(conf, sign), .words = sign_words},
	{"autocrypt", KIND_WORD, AT(conf, autocrypt), .words = autocrypt_words},
	{"legacy-display", KIND_WORD, AT(conf, legacy_display), .words = legacy_words},
	{"header-protection", KIND_WORD, AT(conf, header_protection), .words = header_words},
	{"on-unknown", KIND_WORD, AT(conf, on_unknown), .words = unknown_words},
	{"on-change", KIND_WORD, AT(conf, on_change), .words = change_words},
	{"absence", KIND_WORD, AT(conf, absence), .words = absence_words},
	{"weak-keys", KIND_WORD, AT(conf, weak_keys), .words = weak_words},
	{"gnupg", KIND_WORD, AT(conf, gnupg), .words = gnupg_words},
	{"replies", KIND_WORD, AT(conf, replies), .words = replies_words},
	{"sign-key", KIND_TEXT, AT(conf, sign_key)},
	{"sent", KIND_PATH, AT(conf, sent)},
	{"notify", KIND_COMMAND, AT(conf, notify)},
	{"queue", KIND_WORD, AT(conf, queue), .words = queue_words},
	{"compress", KIND_WORD, AT(conf, compress), .words = compress_words},
	{"pinentry", KIND_WORD, AT(conf, pinentry), .words = pinentry_words},
	{"pinentry-timeout", KIND_SECONDS, AT(conf, pinentry_timeout), .min = 1, .max = 3600},
	{"max-message", KIND_SIZE, AT(conf, max_message), .min = 1024, .max = SIZE_MAX / 4},
	{"data-dir", KIND_STATE, AT(conf, data_dir)},
	{"cache-dir", KIND_PATH, AT(conf, cache_dir)},
	{"cache-found", KIND_SECONDS, AT(conf, cache_found), .max = 7 * 86400},
	{"cache-absent", KIND_SECONDS, AT(conf, cache_absent), .max = 86400},
	{"cache-failed", KIND_SECONDS, AT(conf, cache_failed), .max = 3600},
	{"trusted-authserv", KIND_TEXT, AT(conf, trusted_authserv)},
	{"keyservers", KIND_KEYSERVERS, AT(conf, keyservers)},
	{"never-ask", KIND_DOMAINS, AT(conf, never_ask)},
	{"resolver", KIND_RESOLVER, AT(conf, net.resolver)},
	{"trust-anchor", KIND_PATH, AT(conf, net.trust_anchor)},
	{"root-hints", KIND_PATH, AT(conf, net.root_hints)},
	{"ca-file", KIND_PATH, AT(conf, net.ca_file)},
	{"methods", KIND_FLAGS, AT(conf, net.methods), .words = method_words},
	{"proxy", KIND_PROXY, AT(conf, net.proxy)},
	{"ct-log-list", KIND_PATH, AT(conf, net.ct_log_list)},
	{"tls", KIND_WORD, AT(conf, tls), .words = tls_words},
	{"smart-host", KIND_RELAY, AT(conf, smart_host)},
	{"timeout", KIND_MS, AT(conf, net.timeout_ms), .min = 1, .max = 300},
	{NULL},
};

static const struct key policy_keys[] = {
	{"to", KIND_PATTERN, AT(conf_policy, to)},
	{"encrypt", KIND_WORD, AT(conf_policy, encrypt), .words = encrypt_words},
	{"on-unknown", KIND_WORD, AT(conf_policy, on_unknown), .words = unknown_words},
	{"on-change", KIND_WORD, AT(conf_policy, on_change), .words = change_words},
	{"mixed", KIND_WORD, AT(conf_policy, mixed), .words = mixed_words},
	{"absence", KIND_WORD, AT(conf_policy, absence), .words = absence_words},
	{"weak-keys", KIND_WORD, AT(conf_policy, weak_keys), .words = weak_words},
	{"gnupg", KIND_WORD, AT(conf_policy, gnupg), .words = gnupg_words},
	{"keyservers", KIND_KEYSERVERS, AT(conf_policy, keyservers)},
	{"replies", KIND_WORD, AT(conf_policy, replies), .words = replies_words},
	{"public", KIND_WORD, AT(conf_policy, public), .words = public_words},
	{"sign", KIND_WORD, AT(conf_policy, sign), .words = sign_words},
	{"header-protection", KIND_WORD, AT(conf_policy, header_protection), .words = header_words},
	{"autocrypt", KIND_WORD, AT(conf_policy, autocrypt), .words = autocrypt_words},
	{"key", KIND_KEY, AT(conf_policy, key)},
	{"keys", KIND_KEYS, AT(conf_policy, key)},
	{"tls", KIND_WORD, AT(conf_policy, tls), .words = tls_words},
	{NULL},
};

static const struct key identity_keys[] = {
	{"from", KIND_ADDRESS, AT(conf_identity, from)},
	{"mta", KIND_COMMAND, AT(conf_identity, mta)},
	{"sign-key", KIND_TEXT, AT(conf_identity, sign_key)},
	{"sent", KIND_PATH, AT(conf_identity, sent)},
	{"tls", KIND_WORD, AT(conf_identity, tls), .words = tls_words},
	{"smart-host", KIND_RELAY, AT(conf_identity, smart_host)},
	{NULL},
};

_Static_assert(
	sizeof(global_keys) / sizeof(global_keys[0]) <= KEYS_MAX, "unknown_key names them all");

/* Parses a number with an optional unit (one of units, with its factor in times), within the key's
 * bounds. */
static int parse_number(const struct key *k, const char *value, const char *units,
	const uint64_t *times, uint64_t *out, struct err *err)
{
	unsigned long long v;
	const char *unit;
	char *end;

	errno = 0;
	v = value[0] >= '0' && value[0] <= '9' ? strtoull(value, &end, 10) : (errno = EINVAL, 0);
	if (errno != 0)
		return err_set(err, ERR_CONFIG, "%s: '%s' is not a number", k->name, value);
	if (*end != '\0') {
		unit = strchr(units, *end);
		if (!unit || end[1] != '\0')
			return err_set(err, ERR_CONFIG,
				"%s: '%s' does not end in one of the units %s", k->name, value,
				units);
		if (v > UINT64_MAX / times[unit - units])
			v = UINT64_MAX;
		else
			v *= times[unit - units];
	}
	if (v < k->min || v > k->max)
		return err_set(err, ERR_CONFIG, "%s: '%s' is not between %llu and %llu", k->name,
			value, (unsigned long long)k->min, (unsigned long long)k->max);
	*out = v;
	return 0;
}

static int set_number(const struct key *k, void *at, const char *value, struct err *err)
{
	static const uint64_t times[] = {1, 60, 3600}, octets[] = {1u << 10, 1u << 20, 1u << 30};
	uint64_t v;
	int rc;

	if (k->kind == KIND_SIZE)
		rc = parse_number(k, value, "KMG", octets, &v, err);
	else
		rc = parse_number(k, value, "smh", times, &v, err);
	if (rc < 0)
		return rc;
	if (k->kind == KIND_SIZE)
		*(size_t *)at = (size_t)v;
	else if (k->kind == KIND_MS)
		*(uint32_t *)at = (uint32_t)v * 1000;
	else
		*(int *)at = (int)v;
	return 0;
}

static int set_word(const struct key *k, void *at, const char *value, struct err *err)
{
	struct buf list = BUF_INIT(256);
	const struct word *w;

	for (w = k->words; w->name; w++) {
		if (strcmp(w->name, value) == 0) {
			if (k->size == sizeof(bool))
				*(bool *)at = w->value != 0;
			else
				memcpy(at, &w->value, sizeof(int));
			return 0;
		}
	}
	for (w = k->words; w->name; w++)
		(void)buf_addf(&list, "%s%s", list.len ? ", " : "", w->name);
	err_set(err, ERR_CONFIG, "%s: '%s' is not one of: %s", k->name, value, buf_str(&list));
	buf_free(&list);
	return ERR_CONFIG;
}

static int set_text(const struct key *k, void *at, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len >= k->size)
		return err_set(err, ERR_CONFIG, "%s: the value is longer than %zu bytes", k->name,
			k->size - 1);
	if (value[0] == '-')
		return err_set(err, ERR_CONFIG, "%s: the value begins like an option", k->name);
	memcpy(at, value, len + 1);
	return 0;
}

static int set_path(const struct key *k, void *at, const char *value, struct err *err)
{
	char path[FILE_PATH_MAX];

	if (conf_expand(value, path, sizeof(path)) < 0)
		return err_set(
			err, ERR_CONFIG, "%s: '%s': there is no home folder", k->name, value);
	if (path[0] != '/')
		return err_set(err, ERR_CONFIG,
			"%s: '%s' is not an absolute path (~/ is understood)", k->name, value);
	return set_text(k, at, path, err);
}

/* Where state lies; %s, the sender, is a folder's whole name. */
static int set_state(const struct key *k, struct conf *c, const char *value, struct err *err)
{
	const char *at = strstr(value, "%s");

	if (at && (at == value || at[-1] != '/' || (at[2] != '/' && at[2] != '\0') ||
			  strstr(at + 1, "%s")))
		return err_set(err, ERR_CONFIG,
			"%s: '%s': %%s, the sender, has to be the whole name of one folder",
			k->name, value);
	c->per_sender = at != NULL;
	return set_path(k, c->data_dir, value, err);
}

static int set_command(const struct key *k, void *at, const char *value, struct err *err)
{
	struct err why = ERR_INIT;
	char **argv;

	if (conf_argv(value, &argv, &why) < 0)
		return err_set(
			err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s: %s", k->name, why.msg);
	free(argv);
	return set_text(k, at, value, err);
}

static int set_resolver(const struct key *k, void *at, const char *value, struct err *err)
{
	struct endpoint e;

	if (strncasecmp(value, "tls://", strlen("tls://")) == 0)
		return err_set(err, ERR_CONFIG,
			"%s: '%s': DNS over TLS is left to a resolver on this machine: set one up "
			"as "
			"in contrib/resolver/unbound.conf, then say: %s = 127.0.0.1",
			k->name, value, k->name);
	if (strcmp(value, "system") != 0 && strcmp(value, "recursive") != 0 &&
		!endpoint_resolver(value, &e))
		return err_set(err, ERR_CONFIG,
			"%s: '%s' is not one of: system, recursive, ADDRESS, ADDRESS@PORT", k->name,
			value);
	return set_text(k, at, value, err);
}

static int set_proxy(const struct key *k, void *at, const char *value, struct err *err)
{
	struct endpoint e;

	if (!endpoint_proxy(value, &e))
		return err_set(err, ERR_CONFIG,
			"%s: '%s' is not socks5h://HOST or socks5h://HOST:PORT (HOST: an IPv4 "
			"address, an IPv6 address "
			"in brackets, or localhost)",
			k->name, value);
	return set_text(k, at, value, err);
}

/* Words with blanks or commas between them; at least one. */
static int set_flags(const struct key *k, void *at, const char *value, struct err *err)
{
	const struct word *w;
	uint8_t flags = 0;
	size_t len;

	for (; *value; value += len) {
		value += strspn(value, LIST_BREAK);
		len = strcspn(value, LIST_BREAK);
		for (w = k->words; len > 0 && w->name; w++) {
			if (strlen(w->name) == len && strncmp(w->name, value, len) == 0)
				break;
		}
		if (len > 0 && !w->name)
			return err_set(err, ERR_CONFIG, "%s: '%.*s' is not one of: %s, %s", k->name,
				(int)len, value, k->words[0].name, k->words[1].name);
		if (len > 0)
			flags |= (uint8_t)w->value;
	}
	if (flags == 0)
		return err_set(err, ERR_CONFIG, "%s: names nothing", k->name);
	*(uint8_t *)at = flags;
	return 0;
}

static int set_address(const struct key *k, void *at, const char *value, struct err *err)
{
	struct err why = ERR_INIT;
	struct addr a;

	if (addr_parse(value, &a, &why) < 0)
		return err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s: '%s': %s",
			k->name, value, why.msg);
	return set_text(k, at, a.name, err);
}

static int set_domain(const struct key *k, void *at, const char *value, struct err *err)
{
	char domain[ADDR_DOMAIN_MAX + 1];
	struct err why = ERR_INIT;

	if (addr_domain(value, domain, &why) < 0)
		return err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s: '%s': %s",
			k->name, value, why.msg);
	return set_text(k, at, domain, err);
}

static int set_relay(const struct key *k, void *at, const char *value, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1], text[ADDR_DOMAIN_MAX + 3], domain[ADDR_DOMAIN_MAX + 1];
	size_t len = strlen(value);
	struct err why = ERR_INIT;

	if (value[0] != '[')
		return set_domain(k, at, value, err);
	if (len < 3 || value[len - 1] != ']' || len - 2 >= sizeof(host))
		return err_set(
			err, ERR_CONFIG, "%s: '%s' is neither DOMAIN nor [HOST]", k->name, value);
	memcpy(host, value + 1, len - 2);
	host[len - 2] = '\0';
	if (addr_domain(host, domain, &why) < 0)
		return err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s: '%s': %s",
			k->name, value, why.msg);
	snprintf(text, sizeof(text), "[%s]", domain);
	return set_text(k, at, text, err);
}

/* Normalises an address or domain as struct addr does; patterns are lower-cased, since they are
 * compared with such. */
static int set_pattern(const struct key *k, void *at, const char *value, struct err *err)
{
	char pattern[256];
	const char *domain;

	if (!strchr(value, '*')) {
		if (strchr(value, '@'))
			return set_address(k, at, value, err);
		return set_domain(k, at, value, err);
	}
	if (strlen(value) >= sizeof(pattern))
		return err_set(err, ERR_CONFIG, "%s: the value is too long", k->name);
	memcpy(pattern, value, strlen(value) + 1);
	pattern_normalise(pattern);
	domain = strrchr(pattern, '@');
	domain = domain ? domain + 1 : pattern;
	/* A rule that no address can match would silently never apply. */
	if (!pattern_of_domains(domain, true))
		return err_set(err, ERR_CONFIG,
			"%s: '%s' is not one pattern (its domain: letters, digits, '-', '.' and "
			"'*'; "
			"international names as xn--...)",
			k->name, value);
	return set_text(k, at, pattern, err);
}

static int unknown_key(const struct key *keys, const char *name, struct err *err)
{
	const char *names[KEYS_MAX];
	const char *near;
	size_t n;

	for (n = 0; keys[n].name; n++)
		names[n] = keys[n].name;
	names[n] = NULL;
	near = nearest_word(name, names);
	err_set(err, ERR_CONFIG, "'%s' is not a setting here", name);
	if (near)
		err_hint(err, "perhaps it is %s", near);
	return ERR_CONFIG;
}

bool conf_repeats(enum conf_section section, unsigned index)
{
	return section == SECTION_POLICY &&
	       (policy_keys[index].kind == KIND_KEY || policy_keys[index].kind == KIND_KEYS);
}

int conf_rule_set(struct conf_policy *p, const char *key, const char *value, struct err *err)
{
	const struct key *k;

	for (k = policy_keys; k->name; k++) {
		if (k->kind == KIND_WORD && strcmp(k->name, key) == 0)
			return set_word(k, (char *)p + k->offset, value, err);
	}
	return unknown_key(policy_keys, key, err);
}

const char *conf_rule_word(const char *key, int value)
{
	const struct word *w = NULL;
	const struct key *k;

	for (k = policy_keys; k->name; k++) {
		if (k->kind == KIND_WORD && strcmp(k->name, key) == 0)
			w = k->words;
	}
	while (w && w->name && w->value != value)
		w++;
	return w ? w->name : NULL;
}

static int add_policy_key(
	struct conf_policy *p, const char *key, const char *word, size_t len, struct err *err)
{
	char fpr[CONF_FPR_MAX] = "";
	size_t i;

	for (i = 0; i < len && len < sizeof(fpr); i++)
		fpr[i] = word[i] >= 'a' && word[i] <= 'f' ? (char)(word[i] - 'a' + 'A') : word[i];
	if (!text_is_fingerprint(fpr))
		return err_set(err, ERR_CONFIG,
			"%s: '%.*s' is not a fingerprint (40 or 64 hexadecimal digits)", key,
			(int)(len < 80 ? len : 80), word);
	for (i = 0; i < p->n_key; i++) {
		if (strcmp(p->key[i], fpr) == 0)
			return err_set(err, ERR_CONFIG, "%s: %s is named twice", key, fpr);
	}
	if (p->n_key == CONF_KEYS_MAX)
		return err_set(err, ERR_CONFIG, "%s: there are more than %d", key, CONF_KEYS_MAX);
	memcpy(p->key[p->n_key++], fpr, sizeof(fpr));
	return 0;
}

/*
 * Adds one or more fingerprints, separated by blanks or commas, to a policy; the first one of a
 * file replaces those of another file. ERR_CONFIG.
 */
static int set_keys(
	struct conf_policy *p, const char *key, const char *value, bool several, struct err *err)
{
	static const char apart[] = " \t,";
	size_t len, n = 0;
	int rc = 0;

	if (p->keys_of_other_file) {
		p->keys_of_other_file = false;
		p->n_key = 0;
	}
	for (value += strspn(value, apart); *value && rc == 0; value += strspn(value, apart)) {
		len = strcspn(value, apart);
		if (++n > 1 && !several)
			return err_set(err, ERR_CONFIG,
				"%s: takes one fingerprint; keys takes several", key);
		rc = add_policy_key(p, key, value, len, err);
		value += len;
	}
	if (rc == 0 && n == 0)
		rc = err_set(err, ERR_CONFIG, "%s: has no value", key);
	return rc;
}

static int set_value(const struct key *k, void *at, const char *value, struct err *err)
{
	switch (k->kind) {
	case KIND_TEXT:
		return set_text(k, at, value, err);
	case KIND_PATH:
		return set_path(k, at, value, err);
	case KIND_STATE:
		return set_state(k, (struct conf *)(void *)((char *)at - k->offset), value, err);
	case KIND_SECONDS:
	case KIND_MS:
	case KIND_SIZE:
		return set_number(k, at, value, err);
	case KIND_WORD:
		return set_word(k, at, value, err);
	case KIND_COMMAND:
		return set_command(k, at, value, err);
	case KIND_FLAGS:
		return set_flags(k, at, value, err);
	case KIND_PROXY:
		return set_proxy(k, at, value, err);
	case KIND_RESOLVER:
		return set_resolver(k, at, value, err);
	case KIND_PATTERN:
		return set_pattern(k, at, value, err);
	case KIND_ADDRESS:
		return set_address(k, at, value, err);
	case KIND_KEY:
	case KIND_KEYS:
		return set_keys((struct conf_policy *)(void *)((char *)at - k->offset), k->name,
			value, k->kind == KIND_KEYS, err);
	case KIND_DOMAIN:
		return set_domain(k, at, value, err);
	case KIND_DOMAINS:
		return never_ask_set(at, value, err);
	case KIND_KEYSERVERS:
		return keyservers_set(at, value, err);
	case KIND_RELAY:
		return set_relay(k, at, value, err);
	}
	return err_set(err, ERR_INTERNAL, "%s: has no kind", k->name);
}

int conf_set(struct conf *c, enum conf_section section, size_t i, const char *key,
	const char *value, unsigned *index, struct err *err)
{
	const struct key *keys = global_keys, *k;
	void *base = c;

	if (section == SECTION_POLICY) {
		keys = policy_keys;
		base = &c->policy[i];
	} else if (section == SECTION_IDENTITY) {
		keys = identity_keys;
		base = &c->identity[i];
	}
	for (k = keys; k->name && strcmp(k->name, key) != 0; k++)
		;
	if (!k->name)
		return unknown_key(keys, key, err);
	if (index)
		*index = (unsigned)(k - keys);
	if (*value == '\0')
		return err_set(err, ERR_CONFIG, "%s: has no value", key);
	return set_value(k, (char *)base + k->offset, value, err);
}

/* A number with the largest unit that divides it. */
static int show_number(uint64_t v, const char *units, const uint64_t *times, struct buf *out)
{
	size_t i = strlen(units);

	while (i > 0 && (v == 0 || v % times[i - 1] != 0))
		i--;
	return i > 0 ? buf_addf(out, "%llu%c", (unsigned long long)(v / times[i - 1]), units[i - 1])
		     : buf_addf(out, "%llu", (unsigned long long)v);
}

static int show_word(const struct key *k, const void *at, struct buf *out)
{
	const struct word *w;
	int v;

	if (k->size == sizeof(bool))
		v = *(const bool *)at;
	else
		memcpy(&v, at, sizeof(v));
	for (w = k->words; w->name && w->value != v; w++)
		;
	return w->name ? buf_adds(out, w->name) : 0;
}

/* No bit stands for all of them. */
static int show_flags(const struct key *k, const void *at, struct buf *out)
{
	uint8_t flags = *(const uint8_t *)at;
	const struct word *w;
	int rc = 0;

	for (w = k->words; w->name && rc == 0; w++) {
		if (flags == 0 || (flags & w->value) != 0)
			rc = buf_addf(out, "%s%s", out->len > 0 ? " " : "", w->name);
	}
	return rc;
}

static int show_keys(const struct conf_policy *p, struct buf *out)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < p->n_key && rc == 0; i++)
		rc = buf_addf(out, "%s%s", i > 0 ? " " : "", p->key[i]);
	return rc;
}

/* Writes the value as in a file. base: the section's struct. */
static int show_value(const struct key *k, const void *base, struct buf *out)
{
	static const uint64_t times[] = {1, 60, 3600}, bytes[] = {1u << 10, 1u << 20, 1u << 30};
	const void *at = (const char *)base + k->offset;

	buf_reset(out);
	switch (k->kind) {
	case KIND_SECONDS:
		return show_number((uint64_t) * (const int *)at, "smh", times, out);
	case KIND_MS:
		return show_number(*(const uint32_t *)at / 1000, "smh", times, out);
	case KIND_SIZE:
		return show_number(*(const size_t *)at, "KMG", bytes, out);
	case KIND_WORD:
		return show_word(k, at, out);
	case KIND_FLAGS:
		return show_flags(k, at, out);
	case KIND_KEY:
	case KIND_KEYS:
		return show_keys(base, out);
	case KIND_KEYSERVERS:
		return keyservers_show(at, out);
	case KIND_RESOLVER:
		return buf_adds(out, *(const char *)at ? at : "system");
	case KIND_TEXT:
	case KIND_PATH:
	case KIND_STATE:
	case KIND_COMMAND:
	case KIND_PROXY:
	case KIND_PATTERN:
	case KIND_DOMAINS:
	case KIND_ADDRESS:
	case KIND_DOMAIN:
	case KIND_RELAY:
		break;
	}
	return buf_adds(out, at);
}

static const struct conf_origin *find_origin(
	const struct conf *c, enum conf_section section, size_t index, unsigned key)
{
	size_t i;

	for (i = 0; i < c->n_origin; i++) {
		const struct conf_origin *o = &c->origin[i];

		if (o->section == section && o->index == index && o->key == key)
			return o;
	}
	return NULL;
}

struct showing {
	const struct conf *c;
	const struct conf *standard;
	int (*cb)(const struct conf_setting *s, void *arg);
	void *arg;
	struct buf value, was;
};

/* Shows the settings of one section, base; of a policy or an identity only those that are set. 1:
 * stopped; -1: no memory. */
static int show_section(struct showing *w, enum conf_section section, size_t index,
	const struct key *keys, const void *base, struct conf_setting *s)
{
	const struct key *k;
	int rc = 0;

	for (k = keys; k->name && rc == 0; k++) {
		const struct conf_origin *o =
			find_origin(w->c, section, index, (unsigned)(k - keys));

		if (!o && section != SECTION_SEALPOST)
			continue;
		s->name = k->name;
		s->file = o ? w->c->source[o->file] : "";
		s->line = o ? o->line : 0;
		buf_reset(&w->was);
		rc = show_value(k, base, &w->value);
		if (rc == 0 && section == SECTION_SEALPOST)
			rc = show_value(k, w->standard, &w->was);
		if (rc < 0)
			return rc;
		s->value = buf_str(&w->value);
		s->standard = buf_str(&w->was);
		rc = w->cb(s, w->arg) != 0;
	}
	return rc;
}

int conf_show(const struct conf *c, const struct conf *standard,
	int (*cb)(const struct conf_setting *s, void *arg), void *arg, struct err *err)
{
	struct showing w = {.c = c,
		.standard = standard,
		.cb = cb,
		.arg = arg,
		.value = BUF_INIT(CONF_FILE_MAX),
		.was = BUF_INIT(CONF_FILE_MAX)};
	struct conf_setting s = {.section = "sealpost", .of = ""};
	size_t i;
	int rc;

	rc = show_section(&w, SECTION_SEALPOST, 0, global_keys, c, &s);
	s.section = "policy";
	for (i = 0; rc == 0 && i < c->n_policy; i++) {
		s.of = c->policy[i].name;
		rc = show_section(&w, SECTION_POLICY, i, policy_keys, &c->policy[i], &s);
	}
	s.section = "identity";
	for (i = 0; rc == 0 && i < c->n_identity; i++) {
		s.of = c->identity[i].name;
		rc = show_section(&w, SECTION_IDENTITY, i, identity_keys, &c->identity[i], &s);
	}
	buf_free(&w.value);
	buf_free(&w.was);
	return rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}
