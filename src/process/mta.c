/* SPDX-License-Identifier: ISC */
#include "process/mta.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/spawn.h"

/*
 * By their sources. Exim reads -N as "do not deliver" and throws the mail away, and -R as "run the
 * queue"; dma and nullmailer read -N, -R and -V over; msmtp fails at -V, and takes quoted local
 * parts for comments, and what stands before a colon for the name of a group. OpenSMTPD would read
 * a message after -bp. Postfix passes UTF-8 addresses on from version 3.0 on (2015); msmtp 1.8, dma
 * and OpenSMTPD do not know SMTPUTF8, Exim and Sendmail only as they were built.
 */
static const struct mta unknown = {.name = "unknown"},
			postfix = {.name = "Postfix",
				.notify = true,
				.envid = true,
				.smtputf8 = true,
				.requiretls = true,
				.mailq = true,
				.newaliases = true},
			sendmail = {.name = "Sendmail",
				.notify = true,
				.envid = true,
				.mailq = true,
				.newaliases = true},
			msmtp = {.name = "msmtp", .notify = true, .rewrites = true},
			opensmtpd = {.name = "OpenSMTPD", .notify = true, .envid = true},
			exim = {.name = "Exim", .never = true, .mailq = true, .newaliases = true},
			dma = {.name = "dma", .mailq = true};

static const struct {
	const char *file;
	const struct mta *mta;
} by_name[] = {
	{"msmtp", &msmtp},
	{"smtpctl", &opensmtpd},
	{"exim", &exim},
	{"exim4", &exim},
	{"dma", &dma},
	{"sendmail.postfix", &postfix},
	{"sendmail.sendmail", &sendmail},
};

static bool beside(const char *dir, int len, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%.*s/%s", len, dir, name);

	return n > 0 && (size_t)n < sizeof(path) && access(path, X_OK) == 0;
}

const struct mta *mta_recognise(const char *path)
{
	char real[PATH_MAX];
	const char *file;
	size_t i;
	int len;

	if (!realpath(path, real))
		return &unknown;
	file = strrchr(real, '/') + 1;
	len = (int)(file - 1 - real);
	for (i = 0; i < sizeof(by_name) / sizeof(by_name[0]); i++) {
		if (strcmp(file, by_name[i].file) == 0)
			return by_name[i].mta;
	}
	if (strcmp(file, "sendmail") != 0)
		return &unknown;
	/* Sendmail's and Postfix's programs have no other name; they are recognised by their
	 * location. */
	if (len >= 7 && strncmp(real + len - 7, "/sm.bin", 7) == 0)
		return &sendmail;
	if (beside(real, len, "postdrop") && beside(real, len, "postconf"))
		return &postfix;
	return &unknown;
}

#define VERSION_MS 5000

/* Of the program, or 0: what "postconf" beside it says, as "3.11.2". */
static unsigned postfix_version(const char *path)
{
	char real[PATH_MAX], postconf[PATH_MAX];
	const char *argv[] = {postconf, "-d", "-h", "mail_version", NULL};
	struct buf out = BUF_INIT(256);
	unsigned major = 0, minor = 0;
	int status = 0, n;

	if (!realpath(path, real))
		return 0;
	n = snprintf(postconf, sizeof(postconf), "%.*s/postconf", (int)(strrchr(real, '/') - real),
		real);
	if (n > 0 && (size_t)n < sizeof(postconf) &&
		spawn_capture(argv, VERSION_MS, &out, NULL, &status, NULL) == 0 && status == 0 &&
		sscanf(buf_str(&out), "%3u.%3u", &major, &minor) != 2)
		major = minor = 0;
	buf_free(&out);
	return major * 1000 + minor;
}

int mta_takes_requiretls(const struct mta *m, const char *path, struct err *err)
{
	if (m->requiretls && postfix_version(path) >= 3011)
		return 0;
	err_set(err, ERR_CONFIG,
		"mta-requiretls = yes, but %.200s is not known to pass REQUIRETLS on", path);
	err_hint(err, "it takes Postfix 3.11 or newer; set mta-requiretls = no");
	return ERR_CONFIG;
}
