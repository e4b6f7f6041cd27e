/* SPDX-License-Identifier: ISC */
/*
 * The keys that are to go out: where the settings say they lie, judged by gpg, and of each address
 * those that are published. 100,000 of them have to fit: what is known of each is small, and its
 * octets are read when they are needed.
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
	uint32_t domain; /* of whose keys it holds; KEY_ANY_DOMAIN: of any of the section */
	int64_t size, mtime_ns;
	uint64_t inode;
	bool cached; /* its claims were taken from the cache */
};
#define KEY_ANY_DOMAIN UINT32_MAX

/* A certificate's User ID of a domain that is published; or that it has none. */
struct key_claim {
	char *address; /* owned; as the User ID has it; NULL: none of the domain */
	char fpr[CERT_FPR_MAX];
	uint32_t source;
	uint32_t domain;  /* KEY_ANY_DOMAIN: none */
	uint64_t at, len; /* in the source's octets, without armour */
	enum cert_use use;
	char *why; /* owned; of one that does not go out */
	int64_t created, expires;
	bool publish;
	bool known;                 /* judged, by an earlier run */
	uint32_t of_group;          /* then: how many of its address there were */
	uint8_t digest[DIGEST_LEN]; /* of what is served for the address, if it is published */
	uint64_t served_len;
};

struct keys {
	struct key_claim *claim; /* owned; by domain, address */
	size_t n_claim, cap_claim;
	struct key_source *source; /* owned */
	size_t n_source, cap_source;
	size_t n_published, n_left_out; /* claims */
};

/* What is served for an address, once it is settled. */
struct key_served {
	const struct publish_domain *domain;
	const struct addr *addr;
	const struct key_claim *claim; /* of the address, n of them */
	size_t n;
	const uint8_t *data; /* NULL: as known, and not read again */
	size_t len;
	const size_t *cert_len; /* of each certificate in data, n_cert of them */
	size_t n_cert;
	const uint8_t *digest; /* of all of it */
};

struct key_sink {
	/* Whether the octets are wanted although nothing has changed since an earlier run. */
	bool (*wants)(void *arg, const struct key_served *s);
	/* Whether a certificate of the address was published before. */
	bool (*was_served)(void *arg, const struct publish_domain *d, const struct addr *addr,
		const char *fpr);
	/* Called for each address that has something to serve, by domain and address. */
	int (*served)(void *arg, const struct key_served *s, struct err *err);
	void *arg;
};

/*
 * Finds the files and reads what is in them. A secret key in any of them is ERR_CONFIG, and names
 * the file. keys_free in any case.
 */
int keys_find(struct publish *p, struct keys *k, struct err *err);
/* Judges them, and hands on what is served. */
int keys_judge(struct publish *p, struct keys *k, const struct key_sink *sink, struct err *err);
void keys_free(struct keys *k);

/* The octets of a source, without armour, into b. *secret: it holds a secret key (b is then empty).
 * ERR_CONFIG, ERR_OS. */
int key_source_read(const struct key_source *s, struct buf *b, bool *secret, struct err *err);

/* The place of the first claim of a domain, by its index. */
size_t keys_first(const struct keys *k, uint32_t domain);
int keys_add_source(struct keys *k, const struct key_source *s, struct err *err);
int keys_add_claim(struct keys *k, const struct key_claim *c, struct err *err);

/* What was judged in an earlier run. Loading marks sources as cached and adds their claims; failure
 * to load or save is no error. */
void key_cache_load(struct publish *p, struct keys *k);
void key_cache_save(struct publish *p, const struct keys *k);

/* The folders and files that keys are read from: into out, NULL-ended, at most max of them with the
 * NULL; texts into buf. ERR_CONFIG: there are more. */
int key_roots(const struct publish_conf *c, struct buf *texts, const char **out, size_t max,
	struct err *err);

/* Fills in the files of a domain's keys. */
int key_sources_find(struct publish *p, struct keys *k, struct err *err);

#endif
