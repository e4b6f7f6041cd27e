/* SPDX-License-Identifier: ISC */
/*
 * Configuration (sealpost.conf(5)): $XDG_CONFIG_HOME/sealpost/config overrides /etc/sealpost.conf;
 * -C replaces both. Every setting has a default, so no file is needed.
 */
#ifndef SEALPOST_CONF_H
#define SEALPOST_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/file.h"
#include "wire/lookup.h"

enum conf_encrypt { ENCRYPT_UNSET, ENCRYPT_REQUIRE, ENCRYPT_PREFER, ENCRYPT_NEVER };
enum conf_mixed { MIXED_UNSET, MIXED_REFUSE, MIXED_SPLIT, MIXED_CLEAR };
enum conf_sign { SIGN_UNSET, SIGN_ENCRYPTED, SIGN_ALWAYS, SIGN_NEVER };
enum conf_compress { COMPRESS_UNSET, COMPRESS_AUTO, COMPRESS_YES, COMPRESS_NO };
enum conf_unknown { UNKNOWN_UNSET, UNKNOWN_REFUSE, UNKNOWN_CLEAR };
enum conf_change { CHANGE_UNSET, CHANGE_REFUSE, CHANGE_USE_PIN };
enum conf_replies { REPLIES_UNSET, REPLIES_REQUIRE, REPLIES_PREFER };
enum conf_gnupg { GNUPG_UNSET, GNUPG_ASK, GNUPG_USE, GNUPG_IGNORE };
enum conf_weak { WEAK_UNSET, WEAK_REFUSE, WEAK_ACCEPT };
enum conf_absence { ABSENCE_UNSET, ABSENCE_ANY, ABSENCE_PROVED };
enum conf_public { PUBLIC_UNSET, PUBLIC_NO, PUBLIC_YES };
enum conf_header { HEADER_UNSET, HEADER_BASELINE, HEADER_SHY, HEADER_OFF };
enum conf_autocrypt { AUTOCRYPT_UNSET, AUTOCRYPT_YES, AUTOCRYPT_MUTUAL, AUTOCRYPT_NO };
enum conf_legacy {
	LEGACY_DISPLAY_UNSET,
	LEGACY_DISPLAY_AUTO,
	LEGACY_DISPLAY_YES,
	LEGACY_DISPLAY_NO
};
enum conf_transport { TRANSPORT_UNSET, TRANSPORT_ANY, TRANSPORT_REQUIRE };

enum conf_dsn { DSN_AUTO, DSN_YES, DSN_NO };

/* Which mail is queued: none; mail whose keys cannot be looked up now; also mail that the MTA does
 * not accept now. */
enum conf_queue { QUEUE_UNSET, QUEUE_NO, QUEUE_UNKNOWN, QUEUE_ALL };

/* Whether the agent may ask for a passphrase; if it may not and has none cached, the mail is sent
 * unsigned (skip) or not at all (never). */
enum conf_pinentry { PINENTRY_UNSET, PINENTRY_ASK, PINENTRY_SKIP, PINENTRY_NEVER };

enum conf_section { SECTION_NONE, SECTION_SEALPOST, SECTION_POLICY, SECTION_IDENTITY };

#define CONF_NEVER_ASK_MAX 4096
#define CONF_KEYSERVERS_MAX 512
#define CONF_KEYS_MAX 32 /* certificates configured for one recipient */
#define CONF_FPR_MAX 65

/* The settings of a policy; 0 or empty: not set. */
struct conf_policy {
	char name[64];
	char to[256]; /* address, domain (or local recipient), or pattern with *; lower case,
			 A-labels */
	enum conf_encrypt encrypt;
	enum conf_unknown on_unknown;
	enum conf_change on_change;
	enum conf_mixed mixed;
	enum conf_absence absence;
	enum conf_weak weak_keys;
	enum conf_gnupg gnupg;
	enum conf_replies replies;
	enum conf_public public;
	enum conf_sign sign;
	enum conf_transport tls;
	enum conf_header header_protection;
	enum conf_autocrypt autocrypt;
	char key[CONF_KEYS_MAX][CONF_FPR_MAX]; /* fingerprints */
	size_t n_key;
	bool keys_of_other_file;
	char keyservers[CONF_KEYSERVERS_MAX]; /* see conf/keyservers.h; "": not set */
};

struct conf_identity {
	char name[64];
	char from[256];           /* struct addr's name */
	char mta[1024];           /* "" = the global one */
	char sign_key[256];       /* "" = the global one */
	char sent[FILE_PATH_MAX]; /* Maildir; "" = the global one */
	enum conf_transport tls;
	char smart_host[ADDR_DOMAIN_MAX + 3]; /* "" = the global one */
};

/* Where a setting was last set. */
struct conf_origin {
	enum conf_section section;
	size_t index; /* index of the policy or identity */
	unsigned key; /* index in the section's table */
	int file;     /* index in conf's source */
	int line;
};

struct conf {
	char mta[1024];        /* command line as configured; split with conf_argv */
	bool mta_default;      /* not configured: found on this machine */
	int mta_timeout;       /* seconds */
	bool mta_requiretls;   /* the MTA is asked for REQUIRETLS where tls = require */
	enum conf_dsn mta_dsn; /* whether the MTA is passed -N, -R and -V */
	char qualify_domain[ADDR_DOMAIN_MAX + 1]; /* for addresses without one; "" = local */
	enum conf_encrypt encrypt;
	enum conf_mixed mixed;
	enum conf_sign sign;
	enum conf_header header_protection;
	enum conf_legacy legacy_display;
	enum conf_autocrypt autocrypt;
	enum conf_unknown on_unknown;
	enum conf_change on_change;
	enum conf_absence absence;
	enum conf_weak weak_keys;
	enum conf_gnupg gnupg;
	enum conf_replies replies;
	enum conf_transport tls;
	char smart_host[ADDR_DOMAIN_MAX +
			3]; /* the relay for all mail: A-labels, [in brackets] a host; or "" */
	char sign_key[256];
	char sent[FILE_PATH_MAX]; /* Maildir for sealed copies of sent mail; "" = none are kept
				   */
	enum conf_compress compress;
	enum conf_queue queue;
	char notify[1024]; /* command run on a refusal; "" = none */
	enum conf_pinentry pinentry;
	int pinentry_timeout;         /* seconds */
	size_t max_message;           /* bytes read from a pipe */
	char data_dir[FILE_PATH_MAX]; /* with %s where per_sender, until conf_use_sender */
	bool per_sender;              /* each sender has state of their own */
	char cache_dir[FILE_PATH_MAX];
	struct net_settings net;
	char keyservers[CONF_KEYSERVERS_MAX];        /* see conf/keyservers.h; "": none */
	char trusted_authserv[512];                  /* trusted authserv-ids, as written; "" none */
	int cache_found, cache_absent, cache_failed; /* seconds */
	char never_ask[CONF_NEVER_ASK_MAX]; /* patterns of domains, with blanks between them */
	struct conf_policy *policy;         /* owned */
	size_t n_policy;
	struct conf_identity *identity; /* owned */
	size_t n_identity;
	char source[2][FILE_PATH_MAX]; /* the files that were read, "" if none */
	struct conf_origin *origin;    /* owned; one for every setting made by a file */
	size_t n_origin;
};

/* One effective setting, for display; all borrowed, valid during the callback only. */
struct conf_setting {
	const char *section;      /* "sealpost", "policy", "identity" */
	const char *of;           /* the policy's or identity's name, or "" */
	const char *name, *value; /* as a file has them; value "": none */
	const char *standard;     /* the default; "": none */
	const char *file;         /* that sets it; "": none, it is the default */
	int line;
};

/* Calls cb for each setting of [sealpost] and each one set by policies and identities. cb returns
 * non-zero to stop. ERR_OS. */
int conf_each_setting(const struct conf *c, int (*cb)(const struct conf_setting *s, void *arg),
	void *arg, struct err *err);

/*
 * Loads the configuration. file: from -C, must exist (/dev/null: the defaults); NULL: the two usual
 * files, both optional, the user's settings overriding the machine's one by one; source[0] is the
 * machine's or -C's. ERR_CONFIG with FILE:LINE in err for an unknown section or key, a bad value, a
 * line or section name that inih would truncate; also for an unreadable file or one that others may
 * write. *c is unchanged on failure.
 */
int conf_load(const char *file, struct conf *c, struct err *err);
void conf_free(struct conf *c);
/* The default of data-dir; "": there is no home folder. */
void conf_default_data_dir(char path[FILE_PATH_MAX]);

/*
 * Sets one rule of a policy that comes from no file (not to, key or keys). ERR_CONFIG: no such
 * rule, or it has no such value.
 */
int conf_rule_set(struct conf_policy *p, const char *key, const char *value, struct err *err);

/* The name of a rule's value; NULL if it has none. */
const char *conf_rule_word(const char *key, int value);

/*
 * Splits a command into argv at blanks; '...' and "..." protect blanks, nothing else is special.
 * NULL-terminated, freed with one free(). ERR_CONFIG for an open quote or an empty command.
 */
int conf_argv(const char *command, char ***argv, struct err *err);

/*
 * The MTA for an identity ("" = none): argv, with argv[0] made an absolute path of an executable.
 * Without configuration: the first of /usr/sbin/sendmail, /usr/lib/sendmail and msmtp in PATH. A
 * leading ~/ of a word is expanded. Freed with one free(). ERR_CONFIG if the program does not exist
 * or is sealpost itself (same file as /proc/self/exe, or a link or script beside it).
 */
int conf_mta(const struct conf *c, const char *identity, char ***argv, struct err *err);

/* The relay for all mail, a domain or [HOST], as A-labels: the identity's (which may be NULL), else
 * the global one; "" if none. */
const char *conf_smart_host(const struct conf *c, const struct conf_identity *id);

/* The identity with this from address, NULL if none. */
const struct conf_identity *conf_identity_for(const struct conf *c, const struct addr *from);

#endif
