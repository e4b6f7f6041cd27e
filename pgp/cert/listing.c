/* SPDX-License-Identifier: ISC */
#include "pgp/cert/listing.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FIELDS 17 /* doc/DETAILS of GnuPG counts from 1 */
#define ARMOUR_BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define ARMOUR_END "-----END PGP PUBLIC KEY BLOCK-----"
#define SUBKEY_BINDING 0x18 /* RFC 9580 section 5.2.1 */

enum field {
	FIELD_TYPE,
	FIELD_VALIDITY,
	FIELD_ALGO = 3,
	FIELD_KEYID,
	FIELD_CREATED,
	FIELD_EXPIRES,
	FIELD_UID = 9,
	FIELD_CLASS = 10,
	FIELD_CAPS = 11,
	FIELD_CURVE = 16,
};

static char nothing[] = "";

/* The line at the front of *text, ended here; NULL at its end. */
static char *take_listing_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

static void split_fields(char *line, char *field[FIELDS])
{
	size_t i;
	char *colon = line;

	for (i = 0; i < FIELDS; i++) {
		field[i] = colon ? line : nothing;
		colon = colon ? strchr(line, ':') : NULL;
		if (colon) {
			*colon = '\0';
			line = colon + 1;
		}
	}
}

/* GPGME's times are long: with 32 bits a key that expires after 2038 could not be told of. */
_Static_assert(sizeof(long) * CHAR_BIT >= 64, "a 64-bit system is needed");

/* Neither revoked, expired, invalid, disabled nor anything that is not known here. */
static bool is_valid_flag(const char *s)
{
	return s[0] == '\0' || (strchr("-oqnmfu", s[0]) && s[1] == '\0');
}

static int read_number(const char *s, long *out)
{
	char *end;

	if (*s == '\0') {
		*out = 0;
		return 0;
	}
	if (*s < '0' || *s > '9')
		return -1;
	*out = strtol(s, &end, 10);
	return *end == '\0' && *out < LONG_MAX ? 0 : -1;
}

/* From the numbers of RFC 9580 section 9.1, as gpg prints them, to GPGME's. 0: not one of these. */
static gpgme_pubkey_algo_t algorithm(const char *s)
{
	static const struct {
		const char *number;
		gpgme_pubkey_algo_t algo;
	} row[] = {{"1", GPGME_PK_RSA}, {"2", GPGME_PK_RSA_E}, {"3", GPGME_PK_RSA_S},
		{"16", GPGME_PK_ELG_E}, {"17", GPGME_PK_DSA}, {"18", GPGME_PK_ECDH},
		{"19", GPGME_PK_ECDSA}, {"22", GPGME_PK_EDDSA}};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (strcmp(s, row[i].number) == 0)
			return row[i].algo;
	}
	return 0;
}

static int add_subkey(struct listing *l, char *f[FIELDS])
{
	struct _gpgme_subkey *s = &l->sub[l->n_sub];
	long created, expires;

	if (l->n_sub == LISTING_SUBKEYS_MAX || !is_valid_flag(f[FIELD_VALIDITY]) ||
		strchr(f[FIELD_CAPS], 'D') || read_number(f[FIELD_CREATED], &created) < 0 ||
		read_number(f[FIELD_EXPIRES], &expires) < 0 || strlen(f[FIELD_KEYID]) != 16)
		return -1;
	s->pubkey_algo = algorithm(f[FIELD_ALGO]);
	if (s->pubkey_algo == 0)
		return -1;
	s->keyid = f[FIELD_KEYID];
	s->timestamp = created;
	s->expires = expires;
	/* Small letters are what this key can do; capitals, what the certificate can. */
	s->can_encrypt = strchr(f[FIELD_CAPS], 'e') != NULL;
	s->curve = f[FIELD_CURVE];
	if (l->n_sub > 0)
		l->sub[l->n_sub - 1].next = s;
	else
		l->key.subkeys = s;
	l->n_sub++;
	l->bound = false;
	return 0;
}

/* \xHH, the only escapes that gpg writes for what is in a User ID; in place. */
static int unescape(char *s)
{
	char *to = s;
	int v;

	for (; *s; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		if (s[1] != 'x' || text_hex_digit(s[2]) < 0 || text_hex_digit(s[3]) < 0)
			return -1;
		v = text_hex_digit(s[2]) << 4 | text_hex_digit(s[3]);
		if (v == 0)
			return -1;
		*to++ = (char)v;
		s += 3;
	}
	*to = '\0';
	return 0;
}

static int add_uid(struct listing *l, char *f[FIELDS])
{
	struct _gpgme_user_id *u = &l->uid[l->n_uid];

	if (l->n_uid == LISTING_UIDS_MAX || l->n_sub != 1 || !is_valid_flag(f[FIELD_VALIDITY]) ||
		unescape(f[FIELD_UID]) < 0)
		return -1;
	u->uid = f[FIELD_UID];
	if (l->n_uid > 0)
		l->uid[l->n_uid - 1].next = u;
	else
		l->key.uids = u;
	l->n_uid++;
	return 0;
}

static int add_fpr(struct listing *l, char *f[FIELDS])
{
	struct _gpgme_subkey *s = l->n_sub > 0 ? &l->sub[l->n_sub - 1] : NULL;

	if (!s || s->fpr || strlen(f[FIELD_UID]) != 40)
		return -1;
	s->fpr = f[FIELD_UID];
	if (l->n_sub == 1)
		l->key.fpr = s->fpr;
	return 0;
}

/* The two hex digits before the letter that says whether it may be exported. -1: not so. */
static int signature_class(const char *s)
{
	int high = text_hex_digit(s[0]), low = high < 0 ? -1 : text_hex_digit(s[1]);

	return low < 0 || (s[2] != 'x' && s[2] != 'l') ? -1 : high << 4 | low;
}

static int add_uid_signature(struct listing *l, char *f[FIELDS], int class, bool good)
{
	struct _gpgme_key_sig *s = &l->sig[l->n_sig];
	struct _gpgme_user_id *u = &l->uid[l->n_uid - 1];
	long created, expires;

	if (l->n_sig == LISTING_SIGS_MAX || read_number(f[FIELD_CREATED], &created) < 0 ||
		read_number(f[FIELD_EXPIRES], &expires) < 0)
		return -1;
	s->keyid = f[FIELD_KEYID];
	s->timestamp = created;
	s->expires = expires;
	s->sig_class = (unsigned)class;
	s->status = gpgme_error(good ? GPG_ERR_NO_ERROR : GPG_ERR_BAD_SIGNATURE);
	s->next = u->signatures;
	u->signatures = s;
	l->n_sig++;
	return 0;
}

/* A signature belongs to the key or User ID above it. What stands on keys gpg must have verified.
 */
static int add_signature(struct listing *l, char *f[FIELDS])
{
	int class = signature_class(f[FIELD_CLASS]);
	bool good = strcmp(f[FIELD_VALIDITY], "!") == 0;

	if (class < 0 || l->n_sub == 0)
		return -1;
	if (l->n_sub > 1) {
		l->bound |= good && class == SUBKEY_BINDING;
		return good ? 0 : -1;
	}
	if (l->n_uid > 0)
		return add_uid_signature(l, f, class, good);
	return good ? 0 : -1;
}

/* Whether the subkey that was read last, if any, had its binding. */
static bool is_bound(const struct listing *l)
{
	return l->n_sub < 2 || l->bound;
}

static int take_armour(char **text, const char *begin, struct listing *l)
{
	char *end = strstr(*text, "\n" ARMOUR_END "\n");

	if (!end || l->n_sub == 0 || l->n_uid == 0 || !l->key.fpr || !is_bound(l))
		return -1;
	end += strlen("\n" ARMOUR_END "\n");
	l->armour = begin;
	l->armour_len = (size_t)(end - begin);
	*text = end;
	return 0;
}

int listing_next(char **text, struct listing *l)
{
	char *f[FIELDS], *line;
	int rc = 0;

	memset(l, 0, sizeof(*l));
	while (rc == 0) {
		if (strncmp(*text, ARMOUR_BEGIN "\n", strlen(ARMOUR_BEGIN "\n")) == 0)
			return take_armour(text, *text, l);
		line = take_listing_line(text);
		if (!line)
			return -1;
		split_fields(line, f);
		if (strcmp(f[FIELD_TYPE], "pub") == 0)
			rc = l->n_sub == 0 ? add_subkey(l, f) : -1;
		else if (strcmp(f[FIELD_TYPE], "sub") == 0)
			rc = l->n_sub > 0 && is_bound(l) ? add_subkey(l, f) : -1;
		else if (strcmp(f[FIELD_TYPE], "fpr") == 0)
			rc = add_fpr(l, f);
		else if (strcmp(f[FIELD_TYPE], "uid") == 0)
			rc = add_uid(l, f);
		else if (strcmp(f[FIELD_TYPE], "sig") == 0)
			rc = add_signature(l, f);
		else
			rc = -1;
	}
	return -1;
}

static void add_loose_subkey(struct listing *l, char *f[FIELDS])
{
	struct _gpgme_subkey *s = &l->sub[l->n_sub];
	long created = 0, expires = 0;

	if (l->n_sub == LISTING_SUBKEYS_MAX)
		return;
	s->pubkey_algo = algorithm(f[FIELD_ALGO]);
	s->keyid = f[FIELD_KEYID];
	s->can_encrypt = strchr(f[FIELD_CAPS], 'e') != NULL;
	s->curve = f[FIELD_CURVE];
	s->revoked = f[FIELD_VALIDITY][0] == 'r';
	s->expired = f[FIELD_VALIDITY][0] == 'e';
	s->disabled = strchr(f[FIELD_CAPS], 'D') != NULL;
	s->invalid = f[FIELD_VALIDITY][0] == 'i' || read_number(f[FIELD_CREATED], &created) < 0 ||
		     read_number(f[FIELD_EXPIRES], &expires) < 0;
	s->timestamp = created;
	s->expires = expires;
	if (l->n_sub > 0)
		l->sub[l->n_sub - 1].next = s;
	else
		l->key.subkeys = s;
	l->n_sub++;
}

static void add_loose_uid(struct listing *l, char *f[FIELDS])
{
	struct _gpgme_user_id *u = &l->uid[l->n_uid];

	if (l->n_uid == LISTING_UIDS_MAX || unescape(f[FIELD_UID]) < 0)
		return;
	u->uid = f[FIELD_UID];
	u->revoked = f[FIELD_VALIDITY][0] == 'r';
	/* An expired one is of no more use than one that is invalid. */
	u->invalid = strchr("ie", f[FIELD_VALIDITY][0]) != NULL && f[FIELD_VALIDITY][0] != '\0';
	if (l->n_uid > 0)
		l->uid[l->n_uid - 1].next = u;
	else
		l->key.uids = u;
	l->n_uid++;
}

/* Whether the next line begins another certificate. */
static bool begins_key(const char *text)
{
	return strncmp(text, "pub:", 4) == 0 || strncmp(text, "sec:", 4) == 0;
}

int listing_loose(char **text, struct listing *l)
{
	char *f[FIELDS], *line;

	memset(l, 0, sizeof(*l));
	while (l->n_sub == 0 || !begins_key(*text)) {
		line = take_listing_line(text);
		if (!line)
			break;
		split_fields(line, f);
		if (strcmp(f[FIELD_TYPE], "pub") == 0 ||
			(l->n_sub > 0 && strcmp(f[FIELD_TYPE], "sub") == 0))
			add_loose_subkey(l, f);
		else if (l->n_sub > 0 && strcmp(f[FIELD_TYPE], "uid") == 0)
			add_loose_uid(l, f);
		else if (l->n_sub == 1 && strcmp(f[FIELD_TYPE], "fpr") == 0 && !l->key.fpr)
			l->key.fpr = f[FIELD_UID];
	}
	return l->n_sub > 0 ? 0 : -1;
}
