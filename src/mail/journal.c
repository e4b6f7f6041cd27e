/* SPDX-License-Identifier: ISC */
#include "mail/journal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "mime/ctype.h"

#define LOCK_FILE "journal.lock" /* empty; each mail locks one byte of it, chosen by its hash */
#define CHUNK 65536
#define BOUNDARY_MIN 8 /* bytes; a shorter boundary may occur by chance, and is not left out */

static int mac_open(gcry_mac_hd_t *mac, const uint8_t key[JOURNAL_HASH], struct err *err)
{
	digest_start();
	if (gcry_mac_open(mac, GCRY_MAC_HMAC_SHA256, 0, NULL) != 0)
		return err_set(err, ERR_OS, "libgcrypt has no HMAC");
	if (gcry_mac_setkey(*mac, key, JOURNAL_HASH) != 0) {
		gcry_mac_close(*mac);
		return err_set(err, ERR_OS, "libgcrypt takes no HMAC key");
	}
	return 0;
}

static int mac_close(gcry_mac_hd_t mac, uint8_t out[JOURNAL_HASH], struct err *err)
{
	size_t len = JOURNAL_HASH;
	int failed = gcry_mac_read(mac, out, &len) != 0 || len != JOURNAL_HASH;

	gcry_mac_close(mac);
	return failed ? err_set(err, ERR_OS, "libgcrypt makes no HMAC") : 0;
}

/* Adds length and bytes, so that the border between two items is unambiguous. */
static void mac_item(gcry_mac_hd_t mac, const void *p, size_t len)
{
	uint8_t head[8];
	int i;

	for (i = 0; i < 8; i++)
		head[i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
	gcry_mac_write(mac, head, sizeof(head));
	gcry_mac_write(mac, p, len);
}

static void put_text(gcry_mac_hd_t mac, const char *s)
{
	mac_item(mac, s, strlen(s));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Independent of the order of the recipients. */
static int put_envelope(
	gcry_mac_hd_t mac, const struct envelope *env, const char *sender, struct err *err)
{
	const char **name = calloc(env->n + 1, sizeof(*name));
	size_t i;

	if (!name)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < env->n; i++)
		name[i] = env->rcpt[i].addr.name;
	qsort(name, env->n, sizeof(*name), by_name);
	put_text(mac, sender);
	for (i = 0; i < env->n; i++)
		put_text(mac, name[i]);
	put_text(mac, "");
	free(name);
	return 0;
}

static void put_name(gcry_mac_hd_t mac, const char *name)
{
	char low[MESSAGE_NAME_MAX + 1] = "";
	size_t i;

	for (i = 0; i < MESSAGE_NAME_MAX && name[i]; i++)
		low[i] = (char)tolower((unsigned char)name[i]);
	mac_item(mac, low, i);
}

/* Adds the value with the boundary left out wherever it occurs. */
static void put_without(gcry_mac_hd_t mac, const char *value, const char *boundary)
{
	const char *at;

	while (boundary[0] != '\0' && (at = strstr(value, boundary)) != NULL) {
		mac_item(mac, value, (size_t)(at - value));
		value = at + strlen(boundary);
	}
	put_text(mac, value);
}

static void put_fields(gcry_mac_hd_t mac, const struct message *msg, const char *boundary)
{
	size_t i;

	for (i = 0; i < msg->n_field; i++) {
		const struct field *f = &msg->field[i];

		if (strcasecmp(f->name, "Date") == 0)
			continue;
		put_name(mac, f->name);
		if (strcasecmp(f->name, "Content-Type") == 0)
			put_without(mac, f->value, boundary);
		else
			put_text(mac, f->value);
	}
	put_text(mac, "");
}

/* State while the body is read line by line. */
struct journal_lines {
	gcry_mac_hd_t mac;
	const char *delimiter; /* "--BOUNDARY", or "" */
	size_t len;
	bool inside; /* within a line whose beginning was taken */
};

/* Takes what is complete and returns the number of bytes taken. end: no more data follows. */
static size_t take_lines(struct journal_lines *l, const char *p, size_t n, bool end)
{
	size_t at = 0, len;
	const char *nl;
	uint8_t is;

	while (at < n) {
		if (!l->inside && n - at < l->len && !end)
			break;
		if (!l->inside) {
			is = l->len > 0 && n - at >= l->len &&
			     memcmp(p + at, l->delimiter, l->len) == 0;
			gcry_mac_write(l->mac, &is, 1);
			at += is ? l->len : 0;
			l->inside = true;
			if (at == n)
				break;
		}
		nl = memchr(p + at, '\n', n - at);
		len = nl ? (size_t)(nl - (p + at)) + 1 : n - at;
		gcry_mac_write(l->mac, p + at, len);
		at += len;
		l->inside = !nl;
	}
	return at;
}

static int put_body(
	gcry_mac_hd_t mac, const struct message *msg, const char *boundary, struct err *err)
{
	char delimiter[CTYPE_BOUNDARY_MAX + 3] = "";
	struct journal_lines l = {.mac = mac, .delimiter = delimiter};
	char *buf = malloc(CHUNK);
	off_t off = msg->body;
	size_t have = 0, used;
	ssize_t n = 1;

	if (!buf)
		return err_set(err, ERR_OS, "out of memory");
	if (boundary[0] != '\0') {
		memcpy(delimiter, "--", 2);
		memcpy(delimiter + 2, boundary, strlen(boundary) + 1);
		l.len = strlen(delimiter);
	}
	while (n > 0) {
		n = source_read(msg->src, off, buf + have, CHUNK - have, err);
		if (n < 0)
			break;
		off += n;
		have += (size_t)n;
		used = take_lines(&l, buf, have, n == 0);
		have -= used;
		memmove(buf, buf + used, have);
	}
	explicit_bzero(buf, CHUNK);
	free(buf);
	return n < 0 ? ERR_IO : source_unchanged(msg->src, err);
}

int journal_mail(const uint8_t key[JOURNAL_HASH], const struct message *msg,
	const struct envelope *env, const char *sender, uint8_t mail[JOURNAL_HASH], struct err *err)
{
	const char *type = message_field(msg, "Content-Type");
	struct buf fixed = BUF_INIT(2 * MESSAGE_HEADER_MAX);
	uint8_t got[JOURNAL_HASH];
	struct ctype ct;
	gcry_mac_hd_t mac;
	int rc, end;

	if (!message_has(msg, "Message-ID"))
		return 0;
	rc = type ? ctype_read(type, &ct, &fixed) : -1;
	buf_free(&fixed);
	if (rc == ERR_OS)
		return err_set(err, ERR_OS, "out of memory");
	if (rc < 0 || strlen(ct.boundary) < BOUNDARY_MIN)
		ct.boundary[0] = '\0';
	rc = mac_open(&mac, key, err);
	if (rc < 0)
		return rc;
	put_text(mac, "sealpost mail 1");
	rc = put_envelope(mac, env, sender, err);
	if (rc == 0) {
		put_fields(mac, msg, ct.boundary);
		rc = put_body(mac, msg, ct.boundary, err);
	}
	end = mac_close(mac, got, rc < 0 ? NULL : err);
	if (rc < 0 || end < 0)
		return rc < 0 ? rc : end;
	memcpy(mail, got, sizeof(got));
	return 1;
}

int journal_id(const uint8_t key[JOURNAL_HASH], const char *id, size_t len,
	uint8_t hash[JOURNAL_HASH], struct err *err)
{
	gcry_mac_hd_t mac;
	int rc = mac_open(&mac, key, err);

	if (rc < 0)
		return rc;
	put_text(mac, "sealpost id 1");
	mac_item(mac, id, len);
	return mac_close(mac, hash, err);
}

int journal_rcpt(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH],
	const struct addr *a, uint8_t rcpt[JOURNAL_HASH], struct err *err)
{
	gcry_mac_hd_t mac;
	int rc = mac_open(&mac, key, err);

	if (rc < 0)
		return rc;
	put_text(mac, "sealpost recipient 1");
	mac_item(mac, mail, JOURNAL_HASH);
	put_text(mac, a->name);
	return mac_close(mac, rcpt, err);
}

int journal_keys(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH], char **line,
	size_t n, uint8_t keys[JOURNAL_HASH], struct err *err)
{
	gcry_mac_hd_t mac;
	size_t i;
	int rc = mac_open(&mac, key, err);

	if (rc < 0)
		return rc;
	qsort(line, n, sizeof(*line), by_name);
	put_text(mac, "sealpost keys 1");
	mac_item(mac, mail, JOURNAL_HASH);
	for (i = 0; i < n; i++)
		put_text(mac, line[i]);
	return mac_close(mac, keys, err);
}

int journal_lock(const char *dir, const uint8_t mail[JOURNAL_HASH], int *fd, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	int f, i;

	for (i = 0; i < 7; i++) /* fits into off_t of any size */
		lock.l_start = (off_t)((uint64_t)lock.l_start << 8 | mail[i]);
	if (path_join(path, dir, LOCK_FILE) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", dir);
	f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (f < 0)
		return err_path(err, ERR_CREATE, path);
	if (fcntl(f, F_OFD_SETLK, &lock) == 0) {
		*fd = f;
		return 0;
	}
	i = errno;
	close(f);
	if (i != EAGAIN && i != EACCES)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(i));
	err_set(err, ERR_TEMP, "this very mail is being handed over by another process");
	err_hint(err, "wait for that one to end");
	return ERR_TEMP;
}
