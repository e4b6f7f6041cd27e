/* SPDX-License-Identifier: ISC */
#include "net/ct_logs.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

#define KEY_MAX 2000
#define DAY 86400

struct ct_logs {
	CTLOG_STORE *store;
};

void ct_logs_free(struct ct_logs *l)
{
	if (!l)
		return;
	CTLOG_STORE_free(l->store);
	free(l);
}

CTLOG_STORE *ct_logs_store(const struct ct_logs *l)
{
	return l ? l->store : NULL;
}

/* A log's name in the store is when it was retired, in milliseconds since 1970, 0 if it was not. */
bool ct_logs_counted(const struct ct_logs *l, const SCT *s)
{
	unsigned char *id = NULL;
	size_t len = SCT_get0_log_id(s, &id);
	const CTLOG *log = l ? CTLOG_STORE_get0_log_by_id(l->store, id, len) : NULL;
	uint64_t retired = log ? strtoull(CTLOG_get0_name(log), NULL, 10) : 1;

	return retired == 0 || SCT_get_timestamp(s) < retired;
}

/* "2026-11-25T10:00:00Z" to seconds since 1970, 0 if it is no such time. */
static int64_t time_of(const json_t *value)
{
	const char *s = json_string_value(value);
	struct tm tm = {.tm_isdst = 0};

	if (!s || !strptime(s, "%Y-%m-%dT%H:%M:%S", &tm))
		return 0;
	return (int64_t)timegm(&tm);
}

static bool base64(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= KEY_MAX &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == n;
}

/* Logs that never were, or are not yet, in any browser's list do not count. */
static bool state_counts(const json_t *log, int64_t *retired)
{
	const json_t *state = json_object_get(log, "state");

	*retired = time_of(json_object_get(json_object_get(state, "retired"), "timestamp"));
	return *retired > 0 || json_object_get(state, "usable") ||
	       json_object_get(state, "qualified") || json_object_get(state, "readonly");
}

/* In the form that OpenSSL reads: a section for each, named in the first line. */
static void add_log(const json_t *log, struct buf *names, struct buf *sections, size_t *n)
{
	const char *key = json_string_value(json_object_get(log, "key"));
	int64_t retired;

	if (*n == CT_LOGS_MAX || !base64(key) || !state_counts(log, &retired))
		return;
	if (buf_addf(names, "%slog%zu", *n ? "," : "", *n) == 0 &&
		buf_addf(sections, "[log%zu]\ndescription = %lld\nkey = %s\n", *n,
			(long long)retired * 1000, key) == 0)
		++*n;
}

static size_t add_all(const json_t *list, struct buf *names, struct buf *sections)
{
	static const char *const kinds[] = {"logs", "tiled_logs"};
	const json_t *operators = json_object_get(list, "operators"), *logs;
	size_t i, j, k, n = 0;

	for (i = 0; i < json_array_size(operators); i++) {
		for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			logs = json_object_get(json_array_get(operators, i), kinds[k]);
			for (j = 0; j < json_array_size(logs); j++)
				add_log(json_array_get(logs, j), names, sections, &n);
		}
	}
	return n;
}

/* OpenSSL takes logs from a file only. */
static bool load_log_list(CTLOG_STORE *store, const struct buf *names, const struct buf *sections)
{
	int fd = memfd_create("ct-logs", MFD_CLOEXEC);
	char path[64];
	bool ok;

	if (fd < 0)
		return false;
	ok = dprintf(fd, "enabled_logs = %s\n", buf_str(names)) > 0 &&
	     write(fd, buf_str(sections), sections->len) == (ssize_t)sections->len;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok = ok && CTLOG_STORE_load_file(store, path) == 1;
	close(fd);
	return ok;
}

static int read_list(
	const json_t *list, const char *path, int64_t now, CTLOG_STORE *store, struct err *err)
{
	struct buf names = BUF_INIT(CT_LIST_MAX), sections = BUF_INIT(CT_LIST_MAX);
	int64_t made = time_of(json_object_get(list, "log_list_timestamp"));
	int rc = 0;

	if (made == 0)
		rc = err_set(err, ERR_CONFIG, "%s: it is not a list of logs (log_list v3)", path);
	else if (now - made > (int64_t)CT_LIST_DAYS * DAY)
		rc = err_set(err, ERR_CONFIG,
			"%s: the list of logs is %lld days old, %d are the limit", path,
			(long long)((now - made) / DAY), CT_LIST_DAYS);
	else if (add_all(list, &names, &sections) == 0)
		rc = err_set(err, ERR_CONFIG, "%s: it names no log that counts", path);
	else if (!load_log_list(store, &names, &sections))
		rc = err_set(err, ERR_CONFIG, "%s: a log's key cannot be read", path);
	buf_free(&names);
	buf_free(&sections);
	return rc;
}

int ct_logs_open(const char *path, int64_t now, struct ct_logs **out, struct err *err)
{
	struct buf text = BUF_INIT(CT_LIST_MAX);
	struct ct_logs *l = calloc(1, sizeof(*l));
	json_t *list = NULL;
	int rc;

	if (l)
		l->store = CTLOG_STORE_new();
	if (!l || !l->store) {
		rc = err_set(err, ERR_OS, "out of memory");
		goto out;
	}
	rc = file_read(path, &text, ERR_CONFIG, err);
	if (rc < 0)
		goto out;
	list = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	rc = list ? read_list(list, path, now, l->store, err)
		  : err_set(err, ERR_CONFIG, "%s: it is not JSON", path);
	if (rc == 0) {
		*out = l;
		l = NULL;
	}
out:
	json_decref(list);
	buf_free(&text);
	ct_logs_free(l);
	return rc;
}
