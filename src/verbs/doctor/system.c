/* SPDX-License-Identifier: ISC */
/*
 * The checks other than of keyrings and mail programs: folders, helper, libraries, resolver,
 * certificates, trust anchor.
 */
#include "verbs/doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/packages.h"
#include "base/places.h"
#include "base/sandbox.h"
#include "base/spawn.h"
#include "store/store.h"
#include "wire/lookup.h"

#define PROGRAM_MS 10000
#define VERSION_MAX 4096
#define LOADER_FAILED 127 /* exit status of the dynamic loader: a library is missing */
#define ANCHOR_MAX 65536
#define BUNDLE_MAX (16u << 20)
#define TAGS_MAX 16

/* The nearest folder above path that exists may be written to. */
static bool can_be_made(const char *path)
{
	char part[FILE_PATH_MAX];
	char *slash;

	snprintf(part, sizeof(part), "%s", path);
	while ((slash = strrchr(part, '/')) != NULL) {
		*slash = '\0';
		if (access(part[0] != '\0' ? part : "/", F_OK) == 0)
			return access(part[0] != '\0' ? part : "/", W_OK | X_OK) == 0;
	}
	return false;
}

/* Where each sender has a folder: the one that these are made in. */
static void look_at_parent(struct doctor *d)
{
	char dir[FILE_PATH_MAX];
	struct err err = ERR_INIT;

	snprintf(dir, sizeof(dir), "%s", d->conf->data_dir);
	*(strstr(dir, "/%s") + (strncmp(dir, "/%s", 3) == 0)) = '\0';
	if (access(dir, F_OK) < 0 && errno == ENOENT && !can_be_made(dir))
		doctor_say(d, DOCTOR_BAD, "state folder", "set data-dir in the configuration",
			"%s does not exist and cannot be created", dir);
	else if (access(dir, F_OK) == 0 && dir_make_private(dir, &err) < 0)
		doctor_err(d, DOCTOR_BAD, "state folder", &err);
	else
		doctor_say(d, DOCTOR_OK, "state folder", NULL,
			"%s, one for each sender; sealpost -f ADDRESS doctor looks into one",
			d->conf->data_dir);
}

void doctor_state_folder(struct doctor *d)
{
	const char *dir = d->conf->data_dir;
	struct err err = ERR_INIT;
	struct store *s = NULL;
	struct stat st;

	if (d->stateless) {
		look_at_parent(d);
		return;
	}
	if (lstat(dir, &st) < 0 && errno == ENOENT) {
		if (can_be_made(dir))
			doctor_say(d, DOCTOR_OK, "state folder", NULL,
				"%s will be created when it is needed", dir);
		else
			doctor_say(d, DOCTOR_BAD, "state folder",
				"set data-dir in the configuration, or HOME",
				"%s does not exist and cannot be created", dir);
		return;
	}
	/* It exists, so this creates nothing, and only checks. */
	if (dir_make_private(dir, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "state folder", &err);
	} else if (access(dir, W_OK | X_OK) < 0) {
		doctor_say(d, DOCTOR_BAD, "state folder", "make it writable, or set data-dir",
			"%s cannot be written: %s", dir, strerror(errno));
	} else if (store_open(&s, dir, true, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "state folder", &err);
	} else {
		doctor_say(d, DOCTOR_OK, "state folder", NULL, "%s", dir);
		store_close(s);
	}
}

/* The one that a setting names, else the system's, as in the network process. */
static const char *file_in_use(const char *setting, enum place usual)
{
	return setting[0] != '\0' ? setting : place_find(usual);
}

void doctor_trust_anchor(struct doctor *d)
{
	static const unsigned need[] = {20326, 38696}; /* the root's keys of 2017 and 2024 */
	const char *mend = package_hint(PACKAGE_DNS_ROOT_DATA);
	const char *file = file_in_use(d->conf->net.trust_anchor, PLACE_TRUST_ANCHOR);
	struct buf text = BUF_INIT(ANCHOR_MAX);
	struct err err = ERR_INIT;
	unsigned tag[TAGS_MAX], there = 0;
	size_t n, i, k;

	if (file_read(file, &text, ERR_IO, &err) < 0) {
		d->no_lookup = true;
		doctor_say(d, DOCTOR_BAD, "trust anchor", mend, "%s: lookups will refuse to run",
			err.msg);
		buf_free(&text);
		return;
	}
	n = anchor_tags(buf_str(&text), tag, TAGS_MAX);
	buf_free(&text);
	d->no_lookup = n == 0;
	for (i = 0; i < n; i++) {
		for (k = 0; k < 2; k++)
			there |= tag[i] == need[k] ? 1u << k : 0;
	}
	if (n == 0)
		doctor_say(
			d, DOCTOR_BAD, "trust anchor", mend, "%s holds no key of the root", file);
	else if (there == 3)
		doctor_say(d, DOCTOR_OK, "trust anchor", NULL, "%s, root keys %u and %u", file,
			need[0], need[1]);
	else if (there == 0)
		doctor_say(d, DOCTOR_WARN, "trust anchor", mend,
			"%s holds neither root key %u nor %u", file, need[0], need[1]);
	else
		doctor_say(d, DOCTOR_WARN, "trust anchor", mend,
			"%s lacks root key %u: DNSSEC will fail when the root uses that one alone",
			file, need[there == 1 ? 1 : 0]);
}

/* Needed only for full recursion, which may become necessary any time. */
void doctor_root_hints(struct doctor *d)
{
	const char *file = d->conf->net.root_hints;

	if (file[0] == '\0' || access(file, R_OK) == 0)
		return;
	d->no_lookup |= strcmp(d->conf->net.resolver, "recursive") == 0;
	doctor_say(d, DOCTOR_BAD, "root-hints", "correct it, or leave it out", "%s: %s", file,
		strerror(errno));
}

void doctor_ca_bundle(struct doctor *d)
{
	const char *mend = package_hint(PACKAGE_CA_CERTIFICATES);
	const char *file = file_in_use(d->conf->net.ca_file, PLACE_CA_BUNDLE);
	struct buf text = BUF_INIT(BUNDLE_MAX);
	struct err err = ERR_INIT;
	unsigned n = 0;
	const char *p;

	if (file_read(file, &text, ERR_IO, &err) < 0) {
		doctor_say(d, DOCTOR_BAD, "certificate authorities", mend, "%s", err.msg);
	} else {
		for (p = buf_str(&text); (p = strstr(p, "-----BEGIN CERTIFICATE-----")) != NULL;
			p++)
			n++;
		doctor_say(d, n > 0 ? DOCTOR_OK : DOCTOR_BAD, "certificate authorities",
			n > 0 ? NULL : mend, "%s holds %u", file, n);
	}
	buf_free(&text);
}

/* Only "check" reads it, and goes on without it. */
void doctor_ct_logs(struct doctor *d)
{
	const char *file = d->conf->net.ct_log_list;
	struct buf text = BUF_INIT(BUNDLE_MAX);
	struct err err = ERR_INIT;

	if (file[0] == '\0')
		return;
	if (file_read(file, &text, ERR_IO, &err) == 0 && !strstr(buf_str(&text), "\"operators\""))
		err_set(&err, ERR_CONFIG, "%s is not a list of certificate transparency logs",
			file);
	if (err.msg[0] == '\0')
		doctor_say(d, DOCTOR_OK, "ct-log-list", NULL, "%s", file);
	else
		doctor_say(d, DOCTOR_BAD, "ct-log-list",
			"give it a log_list.json of version 3, or leave it out", "%s", err.msg);
	buf_free(&text);
}

/* Runs "PROGRAM --version"; its first line into out, or why not. */
static int ask_version(const char *program, struct buf *out, struct err *err)
{
	const char *argv[] = {program, "--version", NULL};
	struct buf said = BUF_INIT(VERSION_MAX);
	int status, rc;

	rc = spawn_capture(argv, PROGRAM_MS, out, &said, &status, err);
	if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || out->len == 0)) {
		rc = err_set(err, ERR_CONFIG, "%s --version fails%s%.*s", program,
			said.len > 0 ? ": " : "", (int)strcspn(buf_str(&said), "\n"),
			buf_str(&said));
		if (WIFEXITED(status) && WEXITSTATUS(status) == LOADER_FAILED)
			err_hint(err, "it was built for another system: build it here and install "
				      "it again");
	}
	buf_free(&said);
	if (rc < 0)
		return rc;
	out->len = strcspn(buf_str(out), "\n");
	out->p[out->len] = '\0';
	return 0;
}

/* Whether it can do its work within its sandbox; why not, and what helps, if it is known, into out,
 * a line each. */
static bool sandbox_works(const char *path, struct buf *out)
{
	const char *argv[] = {path, "--try-sandbox", NULL};
	struct err err = ERR_INIT;
	int status = 0;

	if (spawn_capture(argv, PROGRAM_MS, out, NULL, &status, &err) < 0)
		(void)buf_addf(out, "%s", err.msg);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	else if (out->len == 0)
		(void)buf_addf(out, "%s --try-sandbox fails", path);
	return false;
}

/* why: of sandbox_works. */
static void say_unable(struct doctor *d, const char *why)
{
	const size_t line = strcspn(why, "\n");
	const char *helps = why[line] ? why + line + 1 : "";
	char fix[VERSION_MAX];

	snprintf(fix, sizeof(fix), "%.*s", (int)strcspn(helps, "\n"), helps);
	if (fix[0] == '\0')
		snprintf(fix, sizeof(fix),
			"allow sealpost-net sockets of the Internet: a container's or a "
			"service manager's filter may forbid them");
	doctor_say(
		d, DOCTOR_BAD, "network helper", fix, "no lookup can work: %.*s", (int)line, why);
}

void doctor_net_helper(struct doctor *d)
{
	struct buf why = BUF_INIT(VERSION_MAX);
	struct buf out = BUF_INIT(VERSION_MAX);
	char path[FILE_PATH_MAX];
	struct err err = ERR_INIT;

	if (runner_find_net(path, &err) < 0 || ask_version(path, &out, &err) < 0)
		doctor_err(d, DOCTOR_BAD, "network helper", &err);
	else if (strcmp(buf_str(&out), "sealpost-net " SEALPOST_VERSION) != 0)
		doctor_say(d, DOCTOR_WARN, "network helper",
			"install sealpost as a whole: make install", "%s is of another version: %s",
			path, buf_str(&out));
	else if (!sandbox_works(path, &why))
		say_unable(d, buf_str(&why));
	else
		doctor_say(d, DOCTOR_OK, "network helper", NULL, "%s", path);
	buf_free(&out);
	buf_free(&why);
}

void doctor_keyservers(struct doctor *d)
{
	if (d->conf->net.keyservers[0] != '\0')
		doctor_say(d, DOCTOR_OK, "key servers", NULL,
			"where a domain publishes no key these are asked, and learn the address: "
			"%s",
			d->conf->net.keyservers);
}

void doctor_gpg(struct doctor *d)
{
	static const int oldest[3] = {2, 2, 27};
	struct buf out = BUF_INIT(VERSION_MAX);
	char path[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	int v[3] = {0, 0, 0};
	size_t i = 0;
	const char *p;

	if (spawn_find("gpg", path) != 0) {
		doctor_say(d, DOCTOR_BAD, "gpg", package_hint(PACKAGE_GPG), "is not in PATH");
		return;
	}
	if (ask_version(path, &out, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, "gpg", &err);
		buf_free(&out);
		return;
	}
	p = strrchr(buf_str(&out), ' ');
	if (p)
		(void)sscanf(p, "%9d.%9d.%9d", &v[0], &v[1], &v[2]);
	while (i < 3 && v[i] == oldest[i])
		i++;
	if (i < 3 && v[i] < oldest[i])
		doctor_say(d, DOCTOR_BAD, "gpg", package_hint(PACKAGE_GPG),
			"%s: %s is older than %d.%d.%d", path, buf_str(&out), oldest[0], oldest[1],
			oldest[2]);
	else
		doctor_say(d, DOCTOR_OK, "gpg", NULL, "%s, %s", path, buf_str(&out));
	buf_free(&out);
}

static void one_mta(struct doctor *d, const char *identity)
{
	struct err err = ERR_INIT;
	char what[128], **argv;

	snprintf(what, sizeof(what), identity[0] != '\0' ? "mta of %s" : "mta%s", identity);
	if (conf_mta(d->conf, identity, &argv, &err) < 0) {
		doctor_err(d, DOCTOR_BAD, what, &err);
		return;
	}
	doctor_say(d, DOCTOR_OK, what, NULL, "%s", argv[0]);
	free(argv);
}

void doctor_mta(struct doctor *d)
{
	size_t i;

	one_mta(d, "");
	for (i = 0; i < d->conf->n_identity; i++) {
		if (d->conf->identity[i].mta[0] != '\0')
			one_mta(d, d->conf->identity[i].name);
	}
}

void doctor_notify(struct doctor *d)
{
	char path[FILE_PATH_MAX], **argv = NULL;
	struct err err = ERR_INIT;

	if (d->conf->notify[0] == '\0')
		return;
	if (conf_argv(d->conf->notify, &argv, &err) < 0)
		doctor_err(d, DOCTOR_BAD, "notify", &err);
	else if (spawn_find(argv[0], path) != 0)
		doctor_say(d, DOCTOR_BAD, "notify",
			"install it, or correct notify in the configuration",
			"%s: there is no such program: nobody is told of refusals", argv[0]);
	else
		doctor_say(d, DOCTOR_OK, "notify", NULL, "%s", path);
	free(argv);
}

static void one_sent(struct doctor *d, const char *folder, const char *identity)
{
	char what[128], sub[FILE_PATH_MAX];

	if (folder[0] == '\0')
		return;
	snprintf(what, sizeof(what), identity[0] != '\0' ? "sent of %s" : "sent%s", identity);
	if (access(folder, F_OK) != 0 && !can_be_made(folder))
		doctor_say(d, DOCTOR_BAD, what, "name a Maildir that you may make, or write to",
			"%s does not exist and cannot be created", folder);
	else if (access(folder, F_OK) != 0)
		doctor_say(d, DOCTOR_OK, what, NULL, "%s is created with the first mail", folder);
	else if (path_join(sub, folder, "cur") < 0 || access(sub, W_OK | X_OK) != 0)
		doctor_say(d, DOCTOR_WARN, what, "name a Maildir that you may write to",
			"%s is not a Maildir that copies can be kept in", folder);
	else
		doctor_say(d, DOCTOR_OK, what, NULL, "%s", folder);
}

void doctor_sent(struct doctor *d)
{
	const struct conf *c = d->conf;
	size_t i;

	one_sent(d, c->sent, "");
	for (i = 0; i < c->n_identity; i++)
		one_sent(d, c->identity[i].sent, c->identity[i].name);
}

void doctor_sandbox(struct doctor *d)
{
	struct sandbox_state s;

	sandbox_probe(&s);
	if (s.seccomp)
		doctor_say(d, DOCTOR_OK, "seccomp", NULL, "available");
	else
		doctor_say(d, DOCTOR_WARN, "seccomp", "use a kernel with CONFIG_SECCOMP_FILTER",
			"this kernel has none: the process that reads mail could reach the "
			"network");
	if (s.landlock_abi > 0)
		doctor_say(d, DOCTOR_OK, "Landlock", NULL, "ABI %d: %s", s.landlock_abi,
			s.landlock_abi < SANDBOX_PORTS_ABI
				? "files; the network process may connect to any port, as before "
				  "ABI "
				  "4 (Linux 6.7)"
				: "files, and the ports that the network process may connect to");
	else
		doctor_say(d, DOCTOR_WARN, "Landlock",
			"use a kernel that starts Landlock: lsm=landlock,...",
			"this kernel has none: files are protected by their modes alone");
}
