/* SPDX-License-Identifier: ISC */
#include "gpg_keys.h"
#include "direct_agent.h"
#include "unix_listener.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/temp_dir.h"
#include "pgp/cert/filter.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/keyboxd.h"
#include "pgp/cert/signer.h"

static char me[CERT_FPR_MAX], older[CERT_FPR_MAX], dead[CERT_FPR_MAX], gone[CERT_FPR_MAX],
	sealed[CERT_FPR_MAX], dropped[CERT_FPR_MAX], other[CERT_FPR_MAX];
static char agent[FILE_PATH_MAX];
static char nowhere[] = "/nonexistent/S.gpg-agent";
static struct signer_found found;

#define T2020 "20200101T000000"

/* A key of which only the public part is in the keyring. */
static void make_public_only(void)
{
	char ours[FILE_PATH_MAX];
	struct buf pub;

	memcpy(ours, keys_home, sizeof(ours));
	keys_start();
	keys_make("Other <other@example.org>", NULL, "never", true, other);
	pub = keys_export(other, NULL);
	keys_stop();
	memcpy(keys_home, ours, sizeof(ours));
	keys_gpg_in(&pub, NULL, NULL, "--import", NULL);
	buf_free(&pub);
}

static int setup(void **state)
{
	const char *argv[] = {
		"gpgconf", "--homedir", keys_home, "--list-dirs", "agent-socket", NULL};
	struct buf out = BUF_INIT(FILE_PATH_MAX);

	(void)state;
	keys_start();
	keys_make("Old me <me@example.org>", T2020, "never", true, older);
	keys_make("Me <me@example.org>", NULL, "never", true, me);
	keys_gpg(NULL, "--quick-add-uid", me, "Me at work <me@work.example>");
	keys_make("Dead <dead@example.org>", T2020, "1y", true, dead);
	keys_make("Gone <gone@example.org>", NULL, "never", true, gone);
	keys_revoke(gone);
	keys_make("Seal <sealed@example.org>", NULL, "never", false, sealed);
	keys_make("Dropped <dropped@example.org>", T2020, "never", false, dropped);
	keys_gpg(T2020, "--quick-add-uid", dropped, "Kept <kept@example.org>");
	keys_gpg(NULL, "--quick-revoke-uid", dropped, "Dropped <dropped@example.org>");
	make_public_only();
	assert_int_equal(keys_run(argv, NULL, &out), 0);
	snprintf(agent, sizeof(agent), "%s", buf_str(&out));
	agent[strcspn(agent, "\n")] = '\0';
	buf_free(&out);
	setenv("GNUPGHOME", keys_home, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keys_stop();
	return 0;
}

/* Names, sizes and times of everything in the keyring's folder. */
static struct buf snapshot(const char *dir)
{
	struct buf b = BUF_INIT(1u << 20);
	struct dirent **list;
	char path[FILE_PATH_MAX];
	struct stat st;
	int i, n = scandir(dir, &list, NULL, alphasort);

	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(path_join(path, dir, list[i]->d_name), 0);
		assert_int_equal(lstat(path, &st), 0);
		if (strcmp(list[i]->d_name, "..") != 0)
			assert_int_equal(buf_addf(&b, "%s %lld %ld.%ld\n", list[i]->d_name,
						 (long long)st.st_size, st.st_mtim.tv_sec,
						 st.st_mtim.tv_nsec),
				0);
		free(list[i]);
	}
	free(list);
	return b;
}

static const char from_unknown[] = "from, unknown";
static char subkey[17], spaced[80], lower[80], keyid[80], shortid[80];
static const struct {
	const char *name, *key, *from;
	int rc;
	const char *fpr, *uid;
	size_t n_enc;
	enum own_key own; /* with rc 0 */
} finds[] = {
	{"from, the newest", NULL, "me@example.org", 1, me, "Me <me@example.org>", 1},
	{"from, another User ID", NULL, "ME@work.example", 1, me, "Me at work <me@work.example>",
		1},
	{"from, a substring", NULL, "e@example.org", 0, NULL, NULL, 0},
	{"from, a longer one", NULL, "me@example.org.example", 0, NULL, NULL, 0},
	{from_unknown, NULL, "nobody@example.org", 0, NULL, NULL, 0},
	{"from, without domain", NULL, "root", 0, NULL, NULL, 0},
	{"from, only a public key", NULL, "other@example.org", 0, NULL, NULL, 0},
	{"from, expired", NULL, "dead@example.org", 0, NULL, NULL, 0, OWN_EXPIRED},
	{"from, revoked", NULL, "gone@example.org", 0, NULL, NULL, 0, OWN_REVOKED},
	{"from, revoked User ID", NULL, "dropped@example.org", 0, NULL, NULL, 0},
	{"from, no encryption key", NULL, "sealed@example.org", 1, sealed,
		"Seal <sealed@example.org>", 0},
	{"no from, nothing named", NULL, NULL, 0, NULL, NULL, 0},
	{"named by fingerprint", older, "me@example.org", 1, older, "Old me <me@example.org>", 1},
	{"named, from is not in it", sealed, "me@example.org", 1, sealed,
		"Seal <sealed@example.org>", 0},
	{"named, without from", sealed, NULL, 1, sealed, "Seal <sealed@example.org>", 0},
	{"named with blanks", spaced, NULL, 1, older, "Old me <me@example.org>", 1},
	{"named in lower case with 0x", lower, NULL, 1, older, "Old me <me@example.org>", 1},
	{"named by key ID", keyid, NULL, 1, older, "Old me <me@example.org>", 1},
	{"named by subkey", subkey, NULL, 1, me, NULL, 1},
	{"named by address", "sealed@example.org", "me@example.org", 1, sealed,
		"Seal <sealed@example.org>", 0},
	{"named by short key ID", shortid, NULL, ERR_CONFIG, NULL, NULL, 0},
	{"named by name", "Me", NULL, ERR_CONFIG, NULL, NULL, 0},
	{"named, missing", "0123456789012345678901234567890123456789", "me@example.org", ERR_CONFIG,
		NULL, NULL, 0},
	{"named, only public", other, NULL, ERR_CONFIG, NULL, NULL, 0},
	{"named, expired", dead, NULL, ERR_CONFIG, NULL, NULL, 0},
	{"named, revoked", gone, NULL, ERR_CONFIG, NULL, NULL, 0},
	{"named by address, missing", "nobody@example.org", NULL, ERR_CONFIG, NULL, NULL, 0},
};

static void test_find(void **state)
{
	struct buf before = snapshot(keys_home), after;
	struct err err = ERR_INIT;
	struct cert c;
	struct addr from;
	size_t i;
	int rc;

	(void)state;
	snprintf(spaced, sizeof(spaced), "%.20s  %s", older, older + 20);
	snprintf(lower, sizeof(lower), "0x%s", older);
	ascii_lower(lower);
	snprintf(keyid, sizeof(keyid), "%s", older + 24);
	snprintf(shortid, sizeof(shortid), "%s", older + 32);
	assert_int_equal(addr_parse("me@example.org", &from, &err), 0);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), 1);
	snprintf(subkey, sizeof(subkey), "%016llX", (unsigned long long)c.enc_keyid[0]);
	cert_free(&c);
	for (i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		print_message("  %s\n", finds[i].name);
		memset(&c, 0, sizeof(c));
		memset(&err, 0, sizeof(err));
		if (finds[i].from)
			assert_int_equal(addr_parse(finds[i].from, &from, &err), 0);
		rc = signer_find(finds[i].key, finds[i].from ? &from : NULL, agent_at(agent), &c,
			&found, &err);
		assert_int_equal(rc, finds[i].rc);
		if (rc >= 0)
			assert_int_equal(found.key, rc == 1 ? OWN_USABLE : finds[i].own);
		if (found.key == OWN_EXPIRED && finds[i].key)
			assert_non_null(strstr(err.hint, "gpg --quick-set-expire "));
		if (finds[i].name == from_unknown)
			assert_true(found.certain);
		if (rc < 0)
			assert_true(err.code == rc && err.msg[0] && err.hint[0]);
		if (rc != 1) {
			assert_null(c.data);
			continue;
		}
		assert_string_equal(c.fpr, finds[i].fpr);
		if (finds[i].uid)
			assert_string_equal(c.uid, finds[i].uid);
		assert_int_equal(c.n_enc, finds[i].n_enc);
		assert_int_equal(keys_count(c.data, c.len, PACKET_PUBLIC_KEY, -1), 1);
		assert_int_equal(keys_count(c.data, c.len, PACKET_SECRET_KEY, -1), 0);
		if (finds[i].uid)
			assert_int_equal(keys_count(c.data, c.len, PACKET_USER_ID, -1), 1);
		cert_free(&c);
	}
	after = snapshot(keys_home);
	assert_string_equal(buf_str(&before), buf_str(&after));
	buf_free(&before);
	buf_free(&after);
}

static void test_agent(void **state)
{
	struct err err = ERR_INIT;
	struct addr from;
	struct cert c;

	(void)state;
	assert_int_equal(addr_parse("me@example.org", &from, &err), 0);
	assert_int_equal(signer_find(NULL, &from, NULL, &c, &found, &err), 0);
	assert_int_equal(signer_find(me, &from, NULL, &c, &found, &err), ERR_CONFIG);
	/* A dead agent is not the absence of a key. */
	assert_int_equal(signer_find(NULL, &from, agent_at(nowhere), &c, &found, &err), ERR_TEMP);
	assert_true(err.hint[0]);
}

/*
 * An agent that works for whoever asks how many keys it has, and answers all else with an error:
 * gpg then lists no secret key and says nothing.
 */
static pid_t broken_agent(const char *path, const char *keys)
{
	int s = listen_at(path, 5), c;
	char line[1024];
	FILE *f;
	const pid_t parent = getpid();
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(s);
		return pid;
	}
	/* Where an assertion fails nobody kills it, and it would keep our output open. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	while ((c = accept(s, NULL, NULL)) >= 0) {
		f = fdopen(c, "r+");
		setvbuf(f, NULL, _IONBF, 0);
		fputs("OK Pleased to meet you\n", f);
		while (fgets(line, sizeof(line), f))
			fputs(strncmp(line, "KEYINFO --list", 14) == 0 ? keys
				: strncmp(line, "OPTION", 6) == 0      ? "OK\n"
								  : "ERR 67108881 No secret key\n",
				f);
		fclose(f);
	}
	_exit(0);
}

static void test_broken_agent(void **state)
{
	static const struct {
		const char *name, *keys;
		int rc;
		bool certain;
	} rows[] = {
		{"1 it has none", "OK\n", 0, true},
		{"2 it has some, and gpg heard of none", "S KEYINFO A D - - - P - - -\nOK\n", 0,
			false},
		{"3 it does not tell", "ERR 67109115 Forbidden\n", 0, false},
		{"4 it says nothing", "", ERR_TEMP, false},
	};
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	struct addr from;
	struct cert c;
	size_t i;
	pid_t pid;

	(void)state;
	assert_int_equal(addr_parse("me@example.org", &from, &err), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(dir_make_temp(dir, &err), 0);
		assert_int_equal(path_join(path, dir, "S.gpg-agent"), 0);
		pid = broken_agent(path, rows[i].keys);
		assert_int_equal(
			signer_find(NULL, &from, agent_at(path), &c, &found, &err), rows[i].rc);
		if (rows[i].rc == 0) {
			assert_int_equal(found.key, OWN_MISSING);
			assert_int_equal(found.certain, rows[i].certain);
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		dir_remove(dir);
	}
}

/* The old keyring format; no keyring at all. */
static void test_keyrings(void **state)
{
	char dir[FILE_PATH_MAX], stamp[256], again[256], path[FILE_PATH_MAX];
	struct buf pub = keys_export(sealed, NULL);
	struct gpg_home home = {0};
	struct err err = ERR_INIT;
	struct addr from;
	struct cert c;

	(void)state;
	assert_int_equal(addr_parse("sealed@example.org", &from, &err), 0);
	assert_int_equal(dir_make_temp(dir, &err), 0);
	memcpy(home.path, dir, sizeof(dir));
	setenv("GNUPGHOME", dir, 1);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), 0);
	assert_int_equal(signer_find(sealed, &from, agent_at(agent), &c, &found, &err), ERR_CONFIG);
	assert_int_equal(signer_stamp(stamp, NULL), 0);
	assert_string_equal(stamp, "");
	assert_int_equal(gpg_home_put(&home, "pubring.gpg", pub.p, pub.len, &err), 0);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), 1);
	assert_string_equal(c.fpr, sealed);
	cert_free(&c);
	assert_int_equal(signer_stamp(stamp, NULL), 0);
	assert_non_null(strstr(stamp, dir));
	assert_int_equal(signer_stamp(again, NULL), 0);
	assert_string_equal(stamp, again);
	assert_int_equal(gpg_home_put(&home, "pubring.gpg", pub.p, pub.len - 1, &err), 0);
	assert_int_equal(signer_stamp(again, NULL), 0);
	assert_string_not_equal(stamp, again);
	/* A new secret key changes it too. */
	assert_int_equal(path_join(path, dir, "private-keys-v1.d"), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(signer_stamp(stamp, NULL), 0);
	assert_string_not_equal(stamp, again);
	/* Where it cannot be told what is in a keyring there may be keys. */
	assert_int_equal(path_join(path, dir, "pubring.kbx"), 0);
	assert_int_equal(symlink("pubring.kbx", path), 0);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), ERR_CONFIG);
	assert_int_equal(signer_stamp(stamp, NULL), ERR_CONFIG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(signer_stamp(stamp, NULL), ERR_CONFIG);
	setenv("GNUPGHOME", keys_home, 1);
	gpg_home_remove(&home);
	buf_free(&pub);
}

/* The user's gpg.conf plays no part. */
static void test_user_conf(void **state)
{
	struct gpg_home home = {0};
	struct err err = ERR_INIT;
	struct addr from;
	char path[FILE_PATH_MAX];
	struct cert c;

	(void)state;
	memcpy(home.path, keys_home, sizeof(keys_home));
	assert_int_equal(gpg_home_put(&home, "gpg.conf", "no-such-option\n", 15, &err), 0);
	assert_int_equal(addr_parse("me@example.org", &from, &err), 0);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), 1);
	cert_free(&c);
	assert_int_equal(path_join(path, keys_home, "gpg.conf"), 0);
	assert_int_equal(unlink(path), 0);
}

/* Is that of GnuPG 2.3 and later, which alone reads common.conf. */
static bool has_keyboxd(void)
{
	return access("/usr/lib/gnupg/keyboxd", X_OK) == 0 ||
	       access("/usr/libexec/keyboxd", X_OK) == 0;
}

/* Whose the keys are, by common.conf: told by the stamp, for there is no database here, but a
 * pubring.kbx. */
static void test_common_conf(void **state)
{
	static const struct {
		const char *conf;
		bool keyboxd;
	} rows[] = {
		{"use-keyboxd\n", true},
		{"# a comment\n\n  use-keyboxd # yes\n", true},
		{"#use-keyboxd\n", false},
		{"use-keyboxd-not\n", false},
		{"", false},
	};
	struct gpg_home home = {0};
	struct err err = ERR_INIT;
	char stamp[256];
	size_t i;

	(void)state;
	assert_int_equal(dir_make_temp(home.path, &err), 0);
	assert_int_equal(gpg_home_put(&home, "pubring.kbx", "x", 1, &err), 0);
	setenv("GNUPGHOME", home.path, 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(gpg_home_put(&home, "common.conf", rows[i].conf,
					 strlen(rows[i].conf), &err),
			0);
		assert_int_equal(signer_stamp(stamp, NULL), 0);
		assert_int_equal(stamp[0] == '\0', rows[i].keyboxd && has_keyboxd());
	}
	/* The same for all homes: ours could have no keyring. */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(gpg_home_put(&home, "common.conf", rows[i].conf,
					 strlen(rows[i].conf), &err),
			0);
		assert_int_equal(keyboxd_check_system(home.path, &err),
			rows[i].keyboxd && has_keyboxd() ? ERR_CONFIG : 0);
	}
	setenv("GNUPGHOME", keys_home, 1);
	gpg_home_remove(&home);
}

/* Keys in keyboxd: only gpg in the user's home can reach them. (gpg 2.2 reads its keyring there.)
 */
static void test_keyboxd(void **state)
{
	struct gpg_home home = {0};
	struct err err = ERR_INIT;
	struct buf pub = keys_export(me, NULL);
	char path[FILE_PATH_MAX];
	const char *kill_it[] = {"gpgconf", "--homedir", keys_home, "--kill", "all", NULL};
	struct buf out = BUF_INIT(65536);
	struct addr from;
	struct cert c;

	(void)state;
	memcpy(home.path, keys_home, sizeof(keys_home));
	assert_int_equal(path_join(path, keys_home, "common.conf"), 0);
	assert_int_equal(addr_parse("me@example.org", &from, &err), 0);
	assert_int_equal(gpg_home_put(&home, "common.conf", "use-keyboxd\n", 12, &err), 0);
	keys_gpg_in(&pub, NULL, NULL, "--import", NULL);
	assert_int_equal(signer_find(NULL, &from, agent_at(agent), &c, &found, &err), 1);
	assert_string_equal(c.fpr, me);
	cert_free(&c);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
	(void)keys_run(kill_it, NULL, &out);
	keys_gpg(NULL, "--list-secret-keys"); /* the agent once more */
	buf_free(&pub);
	buf_free(&out);
}

/* With /run/user/UID gpg looks for its agent there and not in its home; nothing may be left there.
 */
static int in_runtime_dir(void)
{
	char dir[64];
	struct err err = ERR_INIT;
	struct addr from;
	struct cert c;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", "/run", "tmpfs", 0, NULL) < 0)
		return 77;
	snprintf(dir, sizeof(dir), "/run/user/%u", (unsigned)getuid());
	if (mkdir("/run/user", 0755) < 0 || mkdir(dir, 0700) < 0 || access(agent, F_OK) < 0)
		return 77;
	if (addr_parse("me@example.org", &from, &err) < 0 ||
		signer_find(NULL, &from, agent_at(agent), &c, &found, &err) != 1)
		return 1;
	cert_free(&c);
	snprintf(dir, sizeof(dir), "/run/user/%u/gnupg", (unsigned)getuid());
	return rmdir(dir) == 0 ? 0 : 2; /* made by gpg or us; empty again */
}

static void test_runtime_dir(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(in_runtime_dir());
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_agent),
		cmocka_unit_test(test_broken_agent),
		cmocka_unit_test(test_keyrings),
		cmocka_unit_test(test_user_conf),
		cmocka_unit_test(test_common_conf),
		cmocka_unit_test(test_runtime_dir),
		cmocka_unit_test(test_keyboxd),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
