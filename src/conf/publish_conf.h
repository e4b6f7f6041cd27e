/* SPDX-License-Identifier: ISC */
/*
 * What to publish: FILE of sealpost publish, and a provider's list of customers. Every name is
 * checked here, before it can reach a path, a zone file or a web server's configuration.
 */
#ifndef SEALPOST_PUBLISH_CONF_H
#define SEALPOST_PUBLISH_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#define PUBLISH_FILE_MAX (1u << 20) /* bytes */
#define PUBLISH_LIST_MAX (32u << 20)
#define PUBLISH_SECTIONS_MAX 1000
#define PUBLISH_DOMAINS_MAX 100000
#define PUBLISH_VALUES_MAX 256 /* of one setting */
#define PUBLISH_SETTINGS_MAX 32
#define PUBLISH_TOKEN_MAX 63 /* a label */

#define PUBLISH_DAY (24 * 60 * 60)

enum publish_method { PUBLISH_ADVANCED, PUBLISH_DIRECT, PUBLISH_BOTH };
enum publish_sts { PUBLISH_STS_OFF, PUBLISH_STS_TESTING, PUBLISH_STS_ENFORCE };

/* Bits. */
#define PUBLISH_CADDY 1u
#define PUBLISH_NGINX 2u
#define PUBLISH_APACHE 4u
#define PUBLISH_PAGES 8u

/* Values of one setting, in their order. */
struct publish_values {
	char **v;  /* owned */
	int *line; /* owned: where each of them stands */
	size_t n;
};

struct publish_section {
	bool provider;
	int line;
	char name[ADDR_DOMAIN_MAX + 1]; /* the domain; a provider's host */
	struct publish_values keys, web, listen, mx, rua, caa, tlsa;
	bool web_is_host; /* web is one host name, else addresses */
	enum publish_method method;
	unsigned servers;
	char *chain, *key;                 /* owned; NULL: certbot's. %h stands for the host */
	char *acme, *acme_ca, *acme_email; /* owned; NULL: not set */
	bool openpgpkey;
	enum publish_sts sts;
	int64_t max_age, ttl;             /* seconds */
	char *domains;                    /* owned; a provider's list */
	char *ns;                         /* owned; nsupdate's server, or NULL */
	int set_at[PUBLISH_SETTINGS_MAX]; /* the line of each setting; 0: not set */
	int at;                           /* the line that is being read */
};

struct publish_domain {
	char *name;  /* owned; lower-case A-labels */
	char *token; /* owned; or NULL */
	const struct publish_section *section;
	enum publish_sts sts;
	bool customer;
	int line; /* of the section, or of a customer in the list */
};

struct publish_conf {
	char path[FILE_PATH_MAX];        /* as named */
	char dir[FILE_PATH_MAX];         /* absolute: what paths in it are relative to */
	struct publish_section *section; /* owned */
	size_t n_section;
	struct publish_domain *domain; /* owned; by name */
	size_t n_domain;
};

/*
 * Reads FILE and the lists it names. ERR_CONFIG with "FILE:LINE: ..." for anything invalid,
 * including files that others may write to; ERR_OS. On failure there is nothing to free.
 */
int publish_conf_load(const char *path, struct publish_conf *c, struct err *err);
void publish_conf_free(struct publish_conf *c);

/* The same from memory, without opening files: the file, and a list of the section.
 */
int publish_conf_read(
	const char *path, const struct buf *text, struct publish_conf *c, struct err *err);
int publish_list_read(const char *path, const struct buf *text, struct publish_conf *c,
	const struct publish_section *s, struct err *err);

/* One setting; value is not NULL. ERR_CONFIG without FILE:LINE. For the files of conf/. */
int publish_set(
	struct publish_section *s, const char *key, const char *value, int line, struct err *err);
/* Checks that the section has all required settings; the line that an error is about. */
int publish_section_check(const struct publish_section *s, int *line, struct err *err);
/* The line of a setting; the section's if it is not set. */
int publish_line_of(const struct publish_section *s, const char *key);
/* Puts "FILE:LINE: KEY: " before an error that the setting led to; returns its code. */
int publish_fault(const struct publish_conf *c, int line, const char *key, const struct err *why,
	struct err *err);
void publish_section_free(struct publish_section *s);
/* The word of mta-sts: 0, or -1. */
int publish_sts_word(const char *word, enum publish_sts *out);
const char *publish_sts_name(enum publish_sts s);
const char *publish_method_name(enum publish_method m);

/* The domain with this name, NULL if there is none. */
const struct publish_domain *publish_find(const struct publish_conf *c, const char *name);

/* Whether an address, of 4 or 16 bytes, is one of web; false where web is a host's name. */
bool publish_is_web(const struct publish_section *s, const void *address, size_t len);

/* Whether a path can be written to a web server's configuration unquoted: absolute, and consisting
 * of letters, digits and ._-+@/ only. */
bool publish_path_plain(const char *path);

/* Whether an issuer of CAA, perhaps with parameters, is the authority that the section's web server
 * asks: 1, 0; -1: that cannot be told. */
int publish_acme_is(const struct publish_section *s, const char *issuer);
/* Whether caa, if it is set, does not keep that authority from issuing. */
bool publish_acme_agrees(const struct publish_section *s);
/* Whether it is Let's Encrypt, whose rates are known. */
bool publish_acme_has_rates(const struct publish_section *s);

/* The file of a value of tlsa-from, [MX=]FILE: its end. */
const char *publish_tlsa_file(const char *value);
/* The MX that a value of tlsa-from names, into ADDR_DOMAIN_MAX + 1 bytes; false: it names none. */
bool publish_tlsa_mx(const char *value, char *host);
/* Whether tlsa-from may concern the domain: of a customer, whether one of its mail servers lies in
 * its own zone, or that is not known yet. */
bool publish_tlsa_concerns(const struct publish_domain *d);
/* Whether a value of tlsa-from may have any use: not one of a provider whose MX lies in the zone of
 * none of its customers. */
bool publish_tlsa_used(
	const struct publish_conf *c, const struct publish_section *s, const char *value);

#endif
