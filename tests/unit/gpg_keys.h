/* SPDX-License-Identifier: ISC */
/* Keys for tests, made by the real gpg in a folder of its own. Only for the tests of pgp/. */
#ifndef TESTS_GPG_KEYS_H
#define TESTS_GPG_KEYS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/temp_dir.h"
#include "files.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/packet.h"

#define KEYS_ARGS_MAX 32
#define KEYS_OUT_MAX (4u << 20)

static char keys_home[FILE_PATH_MAX];

/* Runs argv with in as its input; returns its exit status, out gets its output. */
static int keys_run(const char *const *argv, const struct buf *in, struct buf *out)
{
	int to[2], from[2], status;
	struct err err = ERR_INIT;
	pid_t pid;

	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		if (!getenv("SHOW"))
			(void)!freopen("/dev/null", "w", stderr);
		close(to[1]);
		close(from[0]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	if (in)
		assert_int_equal(fd_write_all(to[1], in->p, in->len), 0);
	close(to[1]);
	assert_int_equal(fd_read_all(from[0], out, &err), 0);
	close(from[0]);
	assert_true(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * gpg with these arguments, NULL-ended; must succeed. when: a faked time, or NULL. It stands still:
 * else a key is of the future for the next gpg, if making it took longer than a second.
 */
static void keys_gpg_in(const struct buf *in, struct buf *out, const char *when, ...)
{
	const char *argv[KEYS_ARGS_MAX] = {"gpg", "--homedir", keys_home, "--batch", "--yes",
		"--no-tty", "--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "1",
		"--trust-model", "always"};
	size_t n = 14;
	struct buf sink = BUF_INIT(KEYS_OUT_MAX);
	char frozen[32];
	va_list ap;

	if (when) {
		assert_true(snprintf(frozen, sizeof(frozen), "%s!", when) < (int)sizeof(frozen));
		argv[n++] = "--faked-system-time";
		argv[n++] = frozen;
	}
	va_start(ap, when);
	while ((argv[n] = va_arg(ap, const char *)) != NULL)
		assert_true(++n < KEYS_ARGS_MAX);
	va_end(ap);
	if (keys_run(argv, in, out ? out : &sink) != 0)
		fail_msg("gpg %s failed", argv[n > 15 ? n - 3 : n - 1]);
	buf_free(&sink);
}

#define keys_gpg(when, ...) keys_gpg_in(NULL, NULL, when, __VA_ARGS__, NULL)

/* What `gpg --export` gives. The caller frees it. */
__attribute__((unused)) static struct buf keys_export(const char *a, const char *b)
{
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--export", a, b, NULL};
	struct buf out = BUF_INIT(KEYS_OUT_MAX);

	assert_int_equal(keys_run(argv, NULL, &out), 0);
	assert_true(out.len > 0);
	return out;
}

/* A new ed25519 key; with a cv25519 subkey if enc. fpr has CERT_FPR_MAX bytes. */
__attribute__((unused)) static void keys_make(
	const char *uid, const char *when, const char *expire, bool enc, char *fpr)
{
	struct buf out = BUF_INIT(KEYS_OUT_MAX);
	const char *p;

	keys_gpg_in(NULL, &out, when, "--quick-gen-key", uid, "ed25519", "cert,sign", expire, NULL);
	p = strstr(buf_str(&out), "KEY_CREATED P ");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "KEY_CREATED P %64[0-9A-F]", fpr), 1);
	buf_free(&out);
	if (enc)
		keys_gpg(when, "--quick-add-key", fpr, "cv25519", "encr", expire);
}

/* The same, with the passphrase "geheim", which the agent has forgotten. */
__attribute__((unused)) static void keys_make_locked(char *fpr)
{
	static const char passphrase[] = "--passphrase";
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty",
		"--pinentry-mode", "loopback", passphrase, "geheim", "--status-fd", "1",
		"--quick-gen-key", "locked@x.example", "ed25519", "cert,sign", "0", NULL};
	const char *sub[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty",
		"--pinentry-mode", "loopback", passphrase, "geheim", "--quick-add-key", fpr,
		"cv25519", "encr", "0", NULL};
	const char *clear[] = {
		"gpg-connect-agent", "--homedir", keys_home, "reloadagent", "/bye", NULL};
	struct buf out = BUF_INIT(KEYS_OUT_MAX);
	const char *p;

	assert_int_equal(keys_run(argv, NULL, &out), 0);
	p = strstr(buf_str(&out), "KEY_CREATED P ");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "KEY_CREATED P %64[0-9A-F]", fpr), 1);
	assert_int_equal(keys_run(sub, NULL, &out), 0);
	assert_int_equal(keys_run(clear, NULL, &out), 0); /* forgets the passphrase */
	buf_free(&out);
}

/* Imports the revocation that gpg keeps for each key it makes. */
__attribute__((unused)) static void keys_revoke(const char *fpr)
{
	struct buf rev = BUF_INIT(65536);
	char name[128], path[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	uint8_t *colon;

	snprintf(name, sizeof(name), "openpgp-revocs.d/%s.rev", fpr);
	assert_int_equal(path_join(path, keys_home, name), 0);
	assert_int_equal(file_read(path, &rev, ERR_IO, &err), 0);
	colon = memmem(rev.p, rev.len, ":-----BEGIN", 11);
	assert_non_null(colon);
	*colon = '\n';
	keys_gpg_in(&rev, NULL, NULL, "--import", NULL);
	buf_free(&rev);
}

/* The one certificate for the address of a key that keys_make made with a subkey; usable. */
__attribute__((unused)) static void keys_cert(
	const char *fpr, const char *address, struct cert_set *set)
{
	struct buf b = keys_export(fpr, NULL);
	struct err err = ERR_INIT;
	struct addr a;
	struct intake in = {.addr = &a};

	assert_int_equal(addr_parse(address, &a, &err), 0);
	assert_int_equal(intake_read(&in, b.p, b.len, set, &err), 0);
	assert_int_equal(set->n, 1);
	assert_int_equal(set->v[0].use, CERT_USABLE);
	assert_int_equal(set->v[0].n_enc, 1);
	buf_free(&b);
}

/* The same of a new one, that has not expired. */
__attribute__((unused)) static void keys_new_cert(const char *address, struct cert_set *set)
{
	char fpr[CERT_FPR_MAX];

	keys_make(address, NULL, "0", true, fpr);
	keys_cert(fpr, address, set);
}

/* Where the agent of these keys listens; path has FILE_PATH_MAX bytes. */
__attribute__((unused)) static void keys_agent(char *path)
{
	const char *argv[] = {
		"gpgconf", "--homedir", keys_home, "--list-dirs", "agent-socket", NULL};
	struct buf out = BUF_INIT(FILE_PATH_MAX - 1);

	assert_int_equal(keys_run(argv, NULL, &out), 0);
	snprintf(path, FILE_PATH_MAX, "%.*s", (int)strcspn(buf_str(&out), "\n"), buf_str(&out));
	buf_free(&out);
}

__attribute__((unused)) static void keys_kill_agent(void)
{
	const char *argv[] = {"gpg-connect-agent", "--homedir", keys_home, "--no-autostart",
		"killagent", "/bye", NULL};
	struct buf out = BUF_INIT(65536);

	keys_run(argv, NULL, &out);
	buf_free(&out);
}

/* The agent hashes each passphrase as little as it may: else it takes a tenth of a second a time,
 * on purpose. */
__attribute__((unused)) static void keys_start(void)
{
	static const char quick[] = "s2k-count 1024\n";
	char path[FILE_PATH_MAX];
	struct err err = ERR_INIT;

	assert_int_equal(dir_make_temp(keys_home, &err), 0);
	assert_int_equal(path_join(path, keys_home, "gpg-agent.conf"), 0);
	write_file(path, quick, sizeof(quick) - 1);
}

__attribute__((unused)) static void keys_stop(void)
{
	keys_kill_agent();
	dir_remove(keys_home);
}

/* Packets of a kind; a signature class from 0, or -1 for any. */
__attribute__((unused)) static size_t keys_count(
	const uint8_t *p, size_t len, unsigned tag, int class)
{
	struct packet k;
	size_t n = 0;

	while (packet_next(&p, &len, &k) == 1)
		n += k.tag == tag && (class < 0 || (k.body_len > 2 && k.body[1] == class));
	assert_int_equal(len, 0);
	return n;
}

__attribute__((unused)) static struct addr keys_address(const char *s)
{
	struct addr a;
	struct err err = ERR_INIT;

	assert_int_equal(addr_parse(s, &a, &err), 0);
	return a;
}

__attribute__((unused)) static struct cert_set keys_read(const char *addr, bool wildcard,
	const struct buf *body, const struct buf *pinned, const char *pinned_fpr)
{
	struct addr a = keys_address(addr);
	struct intake in = {.addr = &a, .wildcard_uid = wildcard, .pinned_fpr = pinned_fpr};
	struct cert_set set = {0};
	struct err err = ERR_INIT;

	if (pinned) {
		in.pinned = pinned->p;
		in.pinned_len = pinned->len;
	}
	if (intake_read(&in, body->p, body->len, &set, &err) != 0)
		fail_msg("intake_read: %s", err.msg);
	return set;
}

/* What every certificate that comes out must be like. */
__attribute__((unused)) static void keys_check_shape(const struct cert *c)
{
	if (!c->data) {
		assert_int_not_equal(c->use, CERT_USABLE);
		return;
	}
	assert_int_equal(keys_count(c->data, c->len, PACKET_PUBLIC_KEY, -1), 1);
	assert_int_equal(keys_count(c->data, c->len, PACKET_USER_ID, -1), 1);
	assert_int_equal(keys_count(c->data, c->len, PACKET_USER_ATTRIBUTE, -1), 0);
	assert_int_equal(keys_count(c->data, c->len, PACKET_TRUST, -1), 0);
	assert_true(keys_count(c->data, c->len, PACKET_SIGNATURE, 0x10) +
			    keys_count(c->data, c->len, PACKET_SIGNATURE, 0x13) <=
		    1);
	assert_true(c->use == CERT_USABLE || c->why[0]);
	if (c->use == CERT_USABLE)
		assert_true(c->n_enc > 0 && c->uid[0]);
}

#endif
