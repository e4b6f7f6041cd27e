/* SPDX-License-Identifier: ISC */
/*
 * The keys to publish: found where the settings say, checked by gpg, and selected for each address.
 * Must handle 100,000 of them: little is kept of each, and its bytes are read only when needed.
 */
#ifndef SEALPOST_PUBLISH_KEYS_H_
#define SEALPOST_PUBLISH_KEYS_H_

#include "base/digest.h"
#include "pgp/cert/intake.h"
#include "verbs/publish/publish.h"

#define KEYS_SOURCE_MAX (64u << 20) /* bytes of one file */
#define KEYS_SOURCES_MAX 1000000

/* A file with keys, or the user's keyring. */
struct key_source {
	char *path; /* owned; NULL: the keyring */
	const struct publish_section *section;
	int line;        /* of the setting that names it */
	uint32_t domain; /* the domain of its keys; KEY_ANY_DOMAIN: any of the section */
	int64_t size, mtime_ns;
	uint64_t inode;
	bool cached; /* its claims come from the cache */
};
#define KEY_ANY_DOMAIN UINT32_MAX

/* A certificate's User ID in a published domain, or the note that it has none. */
struct key_claim {
	char *address; /* owned; as in the User ID; NULL: none in the domain */
	char fpr[CERT_FPR_MAX];
	uint32_t source;
	uint32_t domain;  /* KEY_ANY_DOMAIN: none */
	uint64_t at, len; /* in the source's bytes, without armour */
	enum cert_use use;
	char *why; /* owned; the reason why it is not published */
	int64_t created, expires;
	bool publish;
	bool known;                 /* checked by an earlier run */
	uint32_t of_group;          /* then: the number of claims for its address */
	uint8_t digest[DIGEST_LEN]; /* of the data served for the address, if it is published */
	uint64_t served_len;
};

struct keys {
	struct key_claim *claim; /* owned; by domain, address */
	size_t n_claim, cap_claim;
	struct key_source *source; /* owned */
	size_t n_source, cap_source;
	size_t n_published, n_left_out; /* claims */
};

/* What is served for an address. */
struct key_served {
	const struct publish_domain *domain;
	const struct addr *addr;
	const struct key_claim *claim; /* for the address, n of them */
	size_t n;
	const uint8_t *data; /* NULL: unchanged, and not read again */
	size_t len;
	const uint8_t *digest; /* of all of it */
};

struct key_sink {
	/* Whether the bytes are needed although nothing has changed since an earlier run. */
	bool (*wants)(void *arg, const struct key_served *s);
	/* Whether a certificate of the address was published before. */
	bool (*was_served)(void *arg, const struct publish_domain *d, const struct addr *addr,
		const char *fpr);
	/* Called for each address that has something to serve, by domain and address. */
	int (*served)(void *arg, const struct key_served *s, struct err *err);
	void *arg;
};

/*
 * Finds and reads the files. ERR_CONFIG, with the name of the file, if any of them has a secret
 * key. Call keys_free in any case.
 */
int keys_find(struct publish *p, struct keys *k, struct err *err);
/* Checks them, and passes on what is to be served. */
int keys_judge(struct publish *p, struct keys *k, const struct key_sink *sink, struct err *err);
void keys_free(struct keys *k);

/* Reads the bytes of a source, without armour, into b. *secret: it has a secret key (b is then
 * empty). *damaged: its armour is; what stands before that is in b. ERR_CONFIG, ERR_OS. */
int key_source_read(
	const struct key_source *s, struct buf *b, bool *secret, bool *damaged, struct err *err);

/* The index of the first claim of a domain. */
size_t keys_first(const struct keys *k, uint32_t domain);
int keys_add_source(struct keys *k, const struct key_source *s, struct err *err);
int keys_add_claim(struct keys *k, const struct key_claim *c, struct err *err);

/* Results of earlier runs. Loading marks sources as cached and adds their claims; failure to load
 * or save is ignored. */
void key_cache_load(struct publish *p, struct keys *k);
void key_cache_save(struct publish *p, const struct keys *k);

/* Lists the folders and files that keys are read from: into out, NULL-ended, at most max with the
 * NULL; their text into buf. ERR_CONFIG: there are more. */
int key_roots(const struct publish_conf *c, struct buf *texts, const char **out, size_t max,
	struct err *err);

/* Fills in the files of a domain's keys. */
int key_sources_find(struct publish *p, struct keys *k, struct err *err);

#endif
