/* SPDX-License-Identifier: ISC */
/* Configuration: what is understood, what is refused and with which words, whose files are read. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/temp_dir.h"
#include "conf/conf.h"
#include "files.h"

static char root[FILE_PATH_MAX], path[FILE_PATH_MAX];
static struct err err;
static struct conf conf;

static int setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	memset(&conf, 0, sizeof(conf));
	assert_int_equal(dir_make_temp(root, &err), 0);
	assert_int_equal(path_join(path, root, "conf"), 0);
	setenv("HOME", root, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	conf_free(&conf);
	dir_remove(root);
	return 0;
}

static void write_to(const char *file, const char *text, size_t len, mode_t mode)
{
	write_file(file, text, len);
	assert_int_equal(chmod(file, mode), 0);
}

static int load(const char *text)
{
	conf_free(&conf);
	memset(&err, 0, sizeof(err));
	write_to(path, text, strlen(text), 0600);
	return conf_load(path, &conf, &err);
}

static void everything_has_a_default(void **state)
{
	char want[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(conf_load("/dev/null", &conf, &err), 0);
	assert_true(conf.mta_default);
	assert_int_equal(conf.encrypt, ENCRYPT_PREFER);
	assert_int_equal(conf.mixed, MIXED_REFUSE);
	assert_int_equal(conf.sign, SIGN_ENCRYPTED);
	assert_int_equal(conf.on_unknown, UNKNOWN_REFUSE);
	assert_int_equal(conf.on_change, CHANGE_REFUSE);
	assert_int_equal(conf.absence, ABSENCE_ANY);
	assert_int_equal(conf.tls, TRANSPORT_ANY);
	assert_string_equal(conf_smart_host(&conf, NULL), "");
	assert_int_equal(conf.pinentry, PINENTRY_ASK);
	assert_int_equal(conf.pinentry_timeout, 60);
	assert_int_equal(conf.max_message, 256 << 20);
	assert_int_equal(conf.net.timeout_ms, 10000);
	assert_string_equal(conf.net.resolver, "");
	assert_int_equal(path_join(want, root, ".local/share/sealpost"), 0);
	assert_string_equal(conf.data_dir, want);
	assert_int_equal(path_join(want, root, ".cache/sealpost"), 0);
	assert_string_equal(conf.cache_dir, want);
}

static void everything_can_be_set(void **state)
{
	char want[FILE_PATH_MAX];

	(void)state;
	if (load("\xef\xbb\xbf# comment\n; comment\n[sealpost]\n"
		 "mta = msmtp -a 'my work' ; behind a value\r\n"
		 "  encrypt = require\n\tmixed=clear\nsign = never\non-unknown: clear\nsign-key = "
		 "ABCD\n"
		 "pinentry = never\npinentry-timeout = 2m\nmax-message = 3M\nmta-timeout = 1h\n"
		 "mta-dsn = no\nqualify-domain = B\xc3\xbc"
		 "cher.Example\n"
		 "data-dir = ~/data\ncache-dir = /c\nresolver = 192.0.2.1@5353\n"
		 "trust-anchor = /t;x\nroot-hints = /r\nca-file = /ca\ntimeout = 7s\n"
		 "methods = wkd\nproxy = socks5h://[::1]:9050\n"
		 "ct-log-list = /logs.json\ntls = require\nsmart-host = Relay.Example\n"
		 "[policy bank] # fine\nto = *@Bank.Example\nencrypt = require\n"
		 "[policy two]\nto = M\xc3\xbcller@B\xc3\xbc"
		 "cher.example\non-unknown = clear\non-change = use-pin\ntls = any\n"
		 "[policy three]\nto = EXAMPLE.org\nencrypt = never\n"
		 "[policy four]\nto = ?X*@[IPv6:*]\nencrypt = never\n"
		 "[identity work]\nfrom = Me@Work.example\nmta = /bin/x\nsign-key = 0xABC\n"
		 "tls = any\nsmart-host = [Out.Example]\n") != 0)
		fail_msg("%s", err.msg);
	assert_false(conf.mta_default);
	assert_string_equal(conf.mta, "msmtp -a 'my work'");
	assert_int_equal(conf.encrypt, ENCRYPT_REQUIRE);
	assert_int_equal(conf.mixed, MIXED_CLEAR);
	assert_int_equal(conf.sign, SIGN_NEVER);
	assert_int_equal(conf.on_unknown, UNKNOWN_CLEAR);
	assert_string_equal(conf.sign_key, "ABCD");
	assert_int_equal(conf.pinentry, PINENTRY_NEVER);
	assert_int_equal(conf.pinentry_timeout, 120);
	assert_int_equal(conf.max_message, 3 << 20);
	assert_int_equal(conf.mta_timeout, 3600);
	assert_int_equal(conf.mta_dsn, DSN_NO);
	assert_string_equal(conf.qualify_domain, "xn--bcher-kva.example");
	assert_int_equal(path_join(want, root, "data"), 0);
	assert_string_equal(conf.data_dir, want);
	assert_string_equal(conf.cache_dir, "/c");
	assert_string_equal(conf.net.resolver, "192.0.2.1@5353");
	assert_string_equal(conf.net.trust_anchor, "/t;x");
	assert_string_equal(conf.net.root_hints, "/r");
	assert_string_equal(conf.net.ca_file, "/ca");
	assert_int_equal(conf.net.timeout_ms, 7000);
	assert_int_equal(conf.net.methods, METHOD_WKD);
	assert_string_equal(conf.net.proxy, "socks5h://[::1]:9050");
	assert_string_equal(conf.net.ct_log_list, "/logs.json");
	assert_int_equal(conf.tls, TRANSPORT_REQUIRE);
	assert_string_equal(conf_smart_host(&conf, NULL), "relay.example");
	assert_int_equal(conf.n_policy, 4);
	assert_string_equal(conf.policy[0].name, "bank");
	assert_string_equal(conf.policy[0].to, "*@bank.example");
	assert_int_equal(conf.policy[0].encrypt, ENCRYPT_REQUIRE);
	assert_int_equal(conf.policy[0].on_unknown, UNKNOWN_UNSET);
	assert_int_equal(conf.policy[0].on_change, CHANGE_UNSET);
	assert_int_equal(conf.policy[1].on_change, CHANGE_USE_PIN);
	assert_int_equal(conf.policy[0].tls, TRANSPORT_UNSET);
	assert_int_equal(conf.policy[1].tls, TRANSPORT_ANY);
	assert_string_equal(conf.policy[1].to, "m\xc3\xbcller@xn--bcher-kva.example");
	assert_string_equal(conf.policy[2].to, "example.org");
	assert_string_equal(conf.policy[3].to, "?x*@[ipv6:*]");
	assert_int_equal(conf.n_identity, 1);
	assert_string_equal(conf.identity[0].from, "me@work.example");
	assert_string_equal(conf.identity[0].mta, "/bin/x");
	assert_string_equal(conf.identity[0].sign_key, "0xABC");
	assert_int_equal(conf.identity[0].tls, TRANSPORT_ANY);
	assert_string_equal(conf_smart_host(&conf, &conf.identity[0]), "[out.example]");
	assert_string_equal(conf.source[0], path);
	assert_string_equal(conf.source[1], "");
}

#define F1 "0123456789ABCDEF0123456789ABCDEF01234567"
#define F2 "89abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567"
#define L49 "policy 123456789012345678901234567890123456789012"

struct bad {
	const char *name, *text;
	int line;
	const char *says, *hint;
};

static const struct bad bads[] = {
	{"unknown key", "[sealpost]\nfoo = 1\n", 2, "'foo' is not a setting", ""},
	{"mistyped key", "[sealpost]\n\n\nencypt = never\n", 4, "'encypt'",
		"perhaps it is encrypt"},
	{"swapped letters", "[policy x]\nto = *\nencyrpt = never\n", 3, "'encyrpt'",
		"perhaps it is encrypt"},
	{"upper case key", "[sealpost]\nMTA = x\n", 2, "'MTA'", ""},
	{"key of another section", "[policy x]\nto = *\nmta = x\n", 3, "'mta'", ""},
	{"unknown section", "[sealpots]\n", 1, "'[sealpots]' is not a section", "[policy NAME]"},
	{"policy without a name", "[policy]\nto = *\n", 1, "needs a name", ""},
	{"policy with a bad name", "[policy a b]\nto = *\n", 1, "needs a name", ""},
	{"sealpost with a name", "[sealpost x]\n", 1, "is not a section", "[policy NAME]"},
	{"no section", "mta = x\n", 1, "outside of any section", "put [sealpost] above"},
	{"long section name", "\n[" L49 "3]\n", 2, "longer than 49 bytes", ""},
	{"open section", "[sealpost\n", 1, "has no ]", ""},
	{"text behind a section", "[sealpost] encrypt = never\n", 1, "after the section's ]", ""},
	{"no equals sign", "[sealpost]\nencrypt\n", 2, "neither a [section] nor a setting", ""},
	{"bad word", "[sealpost]\nencrypt = always\n", 2, "not one of: require, prefer, never", ""},
	{"no such way", "[sealpost]\nmixed = some\n", 2, "not one of: refuse, split, clear", ""},
	{"a mail's own rule", "[sealpost]\npublic = yes\n", 2, "'public' is not a setting here",
		""},
	{"short key", "[policy a]\nto = *\nkey = 0123\n", 3, "key: '0123' is not a fingerprint",
		""},
	{"key that is none", "[policy a]\nto = *\nkeys = " F1 " " F2 "x\n", 3,
		"is not a fingerprint", ""},
	{"two keys for one", "[policy a]\nto = *\nkey = " F1 " " F2 "\n", 3,
		"takes one fingerprint", ""},
	{"key twice", "[policy a]\nto = *\nkey = " F1 "\nkeys = " F2 "," F1 "\n", 4,
		"is named twice", ""},
	{"no key", "[policy a]\nto = *\nkeys = ,\n", 3, "keys: has no value", ""},
	{"no such way to sign", "[sealpost]\nsign = often\n", 2,
		"not one of: always, encrypted, never", ""},
	{"empty value", "[sealpost]\nmta =\n", 2, "mta: has no value", ""},
	{"empty value and comment", "[sealpost]\nmta = ; x\n", 2, "mta: has no value", ""},
	{"hash behind a value", "[sealpost]\nsign-key = A # b\n", 2, "begins with ;", ""},
	{"twice", "[sealpost]\nmixed = clear\n[sealpost]\nmixed = refuse\n", 4, "a second time",
		""},
	{"twice in a policy", "[policy a]\nto = *\nto = x.example\n", 3, "a second time", ""},
	{"one pattern twice", "[policy a]\nto = x.example\n[policy b]\nto = X.example\n", 4,
		"[policy a] is for x.example too", ""},
	{"one sender twice", "[identity a]\nfrom = a@x.example\n[identity b]\nfrom = A@x.example\n",
		4, "[identity a] is for a@x.example too", ""},
	{"policy for nobody", "[policy a]\nencrypt = never\n", 1, "to whom it applies", ""},
	{"policy for nobody, then more", "[policy a]\nencrypt = never\n[sealpost]\nfoo = 1\n", 1,
		"to whom it applies", ""},
	{"identity of nobody", "[sealpost]\n[identity a]\n", 2, "whose it is", ""},
	{"bad address", "[identity a]\nfrom = a b@x\n", 2, "from: 'a b@x'", ""},
	{"two patterns", "[policy a]\nto = *.a.example, *.b.example\n", 2, "not one pattern", ""},
	{"pattern with ?", "[policy a]\nto = *@b?g.example\n", 2, "not one pattern", ""},
	{"pattern with a backslash", "[policy a]\nto = *@b\\*.example\n", 2, "not one pattern", ""},
	{"pattern of no domain", "[policy a]\nto = \"*@x\"@a_*.example\n", 2, "not one pattern",
		""},
	{"bad domain", "[policy a]\nto = a_b.example\n", 2, "to: 'a_b.example'", ""},
	{"number", "[sealpost]\ntimeout = soon\n", 2, "is not a number", ""},
	{"negative number", "[sealpost]\ntimeout = -1\n", 2, "is not a number", ""},
	{"zero", "[sealpost]\ntimeout = 0\n", 2, "is not between 1 and 300", ""},
	{"too much", "[sealpost]\ntimeout = 301\n", 2, "is not between 1 and 300", ""},
	{"far too much", "[sealpost]\nmta-timeout = 18446744073709551615m\n", 2, "is not between",
		""},
	{"overflow", "[sealpost]\nmax-message = 99999999999999999999\n", 2, "is not a number", ""},
	{"unit", "[sealpost]\ntimeout = 5x\n", 2, "one of the units smh", ""},
	{"two units", "[sealpost]\ntimeout = 5mm\n", 2, "one of the units", ""},
	{"no domain", "[sealpost]\nqualify-domain = a@b\n", 2, "qualify-domain: 'a@b'", ""},
	{"size unit", "[sealpost]\nmax-message = 5s\n", 2, "one of the units KMG", ""},
	{"relative path", "[sealpost]\ndata-dir = data\n", 2, "not an absolute path", ""},
	{"open quote", "[sealpost]\nmta = msmtp 'x\n", 2, "mta: the command has a quote", ""},
	{"option for a key", "[sealpost]\nsign-key = --export\n", 2, "begins like an option", ""},
	{"resolver name", "[sealpost]\nresolver = ns.example\n", 2, "is not one of: system", ""},
	{"resolver port", "[sealpost]\nresolver = ::1@65536\n", 2, "is not one of: system", ""},
	{"resolver junk", "[sealpost]\nresolver = ::1@53x\n", 2, "is not one of: system", ""},
	{"resolver of old", "[sealpost]\n\nresolver = tls://192.0.2.1@853#dns.example\n", 3,
		"contrib/resolver/unbound.conf", ""},
	{"resolver of old, loud", "[sealpost]\nresolver = TLS://192.0.2.1\n", 2,
		"then say: resolver = 127.0.0.1", ""},
	{"resolver over HTTPS", "[sealpost]\nresolver = https://192.0.2.1\n", 2,
		"is not one of: system", ""},
	{"methods unknown", "[sealpost]\nmethods = wkd hkp\n", 2,
		"methods: 'hkp' is not one of: wkd, openpgpkey", ""},
	{"methods none", "[sealpost]\nmethods = ,\n", 2, "methods: names nothing", ""},
	{"keyserver without VKS", "[sealpost]\nkeyservers = hkps://keys.example.org\n", 2,
		"is not vks://HOST", ""},
	{"keyserver by address", "[sealpost]\nkeyservers = vks://192.0.2.1\n", 2,
		"keyservers:", ""},
	{"keyserver with a port", "[sealpost]\nkeyservers = vks://k.example:443\n", 2,
		"keyservers:", ""},
	{"keyserver twice", "[sealpost]\nkeyservers = vks://k.example vks://K.example\n", 2,
		"named twice", ""},
	{"no keyserver", "[sealpost]\nkeyservers = ,\n", 2, "names no key server", ""},
	{"keyserver of an identity", "[identity a]\nkeyservers = none\n", 2, "not a setting here",
		""},
	{"proxy http", "[sealpost]\nproxy = http://127.0.0.1:8118\n", 2, "is not socks5h://HOST",
		""},
	{"proxy by name", "[sealpost]\nproxy = socks5h://tor.example:9050\n", 2,
		"is not socks5h://HOST", ""},
	{"relay", "[sealpost]\nsmart-host = [mx.example\n", 2, "is neither DOMAIN nor [HOST]", ""},
	{"relay's host", "[sealpost]\nsmart-host = [a b]\n", 2, "smart-host: '[a b]'", ""},
	{"control character", "[sealpost]\nmta = x\033y\n", 2, "control character", ""},
};

static void mistakes_are_named_with_file_and_line(void **state)
{
	const struct bad *b;
	char where[FILE_PATH_MAX + 16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		b = &bads[i];
		snprintf(where, sizeof(where), "%s:%d: ", path, b->line);
		if (load(b->text) != ERR_CONFIG || err.code != ERR_CONFIG ||
			strncmp(err.msg, where, strlen(where)) != 0 || !strstr(err.msg, b->says) ||
			(b->hint[0] ? !strstr(err.hint, b->hint) : err.hint[0] != '\0'))
			fail_msg("%s: '%s' hint '%s'", b->name, err.msg, err.hint);
	}
}

static void what_inih_would_cut_is_refused(void **state)
{
	char text[512];
	int len;

	(void)state;
	assert_int_equal(load("[" L49 "]\nto = *\n"), 0);
	assert_string_equal(conf.policy[0].name, L49 + strlen("policy "));
	for (len = 150; len < 260; len++) {
		snprintf(text, sizeof(text), "[sealpost]\nca-file = /%0*d\nencrypt = never\n",
			len - (int)strlen("ca-file = /"), 7);
		if (load(text) == 0) {
			/* Not cut, and what follows is not swallowed. */
			assert_int_equal(strlen(conf.net.ca_file), len - strlen("ca-file = "));
			assert_int_equal(conf.encrypt, ENCRYPT_NEVER);
		} else {
			assert_non_null(strstr(err.msg, ":2: the line is longer than 198 bytes"));
			assert_true(len > 198);
		}
	}
	assert_int_equal(load("[sealpost]\nca-file = /last-line-without-end"), 0);
	assert_string_equal(conf.net.ca_file, "/last-line-without-end");
}

static void indented_lines_are_settings_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(load("[sealpost]\nsign-key = x\n    encrypt = never\n"), 0);
	assert_string_equal(conf.sign_key, "x");
	assert_int_equal(conf.encrypt, ENCRYPT_NEVER);
}

static void nul_is_refused(void **state)
{
	static const char text[] = "[sealpost]\nencrypt = require\0= never\n";

	(void)state;
	write_to(path, text, sizeof(text) - 1, 0600);
	assert_int_equal(conf_load(path, &conf, &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, ":2: the line holds a control character"));
}

static void strange_files_are_refused(void **state)
{
	static const char text[] = "[sealpost]\nencrypt = require\n";
	char *big = malloc(70000);

	(void)state;
	assert_int_equal(conf_load("/nonexistent/x", &conf, &err), ERR_CONFIG);
	assert_int_equal(conf_load(root, &conf, &err), ERR_CONFIG);
	write_to(path, text, sizeof(text) - 1, 0602);
	assert_int_equal(conf_load(path, &conf, &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "others may write to it"));
	write_to(path, text, sizeof(text) - 1, 0644);
	assert_int_equal(conf_load(path, &conf, &err), 0);
	conf_free(&conf);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_int_equal(conf_load(path, &conf, &err), ERR_CONFIG);
		assert_non_null(strstr(err.msg, "another user"));
		assert_int_equal(unlink(path), 0);
	}
	memset(big, '\n', 70000);
	write_to(path, big, 70000, 0600);
	free(big);
	assert_int_equal(conf_load(path, &conf, &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "larger than"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(conf_load(path, &conf, &err), ERR_CONFIG); /* and does not hang */
	assert_int_equal(conf.n_policy, 0);
}

/* SEALPOST_SYSCONFDIR may hold a file of this machine's own: only what the user's file says is
 * looked at. */
static void the_users_file_is_found(void **state)
{
	char dir[FILE_PATH_MAX], file[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(path_join(dir, root, ".config/sealpost"), 0);
	assert_int_equal(dir_make_private(dir, &err), 0);
	assert_int_equal(path_join(file, dir, "config"), 0);
	write_to(file, "[sealpost]\nsign-key = home\n", 27, 0600);
	assert_int_equal(conf_load(NULL, &conf, &err), 0);
	assert_string_equal(conf.sign_key, "home");
	assert_string_equal(conf.source[1], file);
	conf_free(&conf);
	assert_int_equal(path_join(dir, root, "xdg"), 0);
	setenv("XDG_CONFIG_HOME", dir, 1);
	assert_int_equal(conf_load(NULL, &conf, &err), 0);
	assert_string_equal(conf.source[1], "");
	conf_free(&conf);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_int_equal(conf_load(NULL, &conf, &err), 0);
	assert_string_equal(conf.sign_key, "home");
}

static void commands_are_split_without_a_shell(void **state)
{
	static const struct {
		const char *command;
		const char *word[5];
	} row[] = {{"a", {"a"}}, {"  a\tb  c ", {"a", "b", "c"}},
		{"a 'b c' \"d e\"", {"a", "b c", "d e"}}, {"a ''", {"a", ""}},
		{"a b'c d'e", {"a", "bc de"}}, {"a $HOME;x|y", {"a", "$HOME;x|y"}},
		{"a \"it's\" '\"'", {"a", "it's", "\""}}, {"a b\\ c", {"a", "b\\", "c"}}};
	static const char *const wrong[] = {"", "  ", "a 'b", "a \"b", "'' x", "'"};
	char **argv;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(conf_argv(row[i].command, &argv, &err), 0);
		for (j = 0; row[i].word[j]; j++)
			assert_string_equal(argv[j], row[i].word[j]);
		assert_null(argv[j]);
		free(argv);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(conf_argv(wrong[i], &argv, &err), ERR_CONFIG);
}

/* Loads with mta = COMMAND and asks for identity's MTA. */
static int mta(const char *command, const char *identity, char ***argv)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"[sealpost]\nmta = %s\n[identity w]\nfrom = w@x.example\n"
		"mta = /bin/cat -a w\n[identity v]\nfrom = v@x.example\n",
		command);
	assert_int_equal(load(text), 0);
	return conf_mta(&conf, identity, argv, &err);
}

static void mta_is_a_program_that_is_there(void **state)
{
	char **argv, file[FILE_PATH_MAX];

	(void)state;
	setenv("PATH", "relative:/usr/bin:/bin", 1);
	assert_int_equal(mta("/bin/cat -x '~/y' ~/z", "", &argv), 0);
	assert_string_equal(argv[0], "/bin/cat");
	assert_string_equal(argv[1], "-x");
	assert_int_equal(path_join(file, root, "z"), 0);
	assert_string_equal(argv[3], file);
	assert_null(argv[4]);
	free(argv);
	assert_int_equal(mta("cat", "v", &argv), 0);
	assert_string_equal(argv[0], "/usr/bin/cat");
	free(argv);
	assert_int_equal(mta("cat", "w", &argv), 0);
	assert_string_equal(argv[2], "w");
	free(argv);
	assert_int_equal(mta("cat", "none", &argv), ERR_CONFIG);
	assert_int_equal(mta("no-such-program", "", &argv), ERR_CONFIG);
	assert_int_equal(mta("bin/cat", "", &argv), ERR_CONFIG);
	assert_int_equal(mta("/usr/bin", "", &argv), ERR_CONFIG);
	assert_int_equal(mta("/etc/passwd", "", &argv), ERR_CONFIG);
	assert_int_equal(mta("~/mta -a", "", &argv), ERR_CONFIG);
	assert_int_equal(path_join(file, root, "mta"), 0);
	write_to(file, "#!/bin/sh\n", 10, 0700);
	assert_int_equal(mta("~/mta -a", "", &argv), 0);
	assert_string_equal(argv[0], file);
	free(argv);
	/* Ourselves, by a link. */
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/proc/self/exe", file), 0);
	assert_int_equal(mta("~/mta", "", &argv), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "sealpost itself"));
}

/* With -t the MTA would add everybody of the header to each copy. */
static void mta_never_reads_the_header(void **state)
{
	static const struct {
		const char *command;
		int want;
	} row[] = {
		{"cat -t", ERR_CONFIG},
		{"cat -oi -t", ERR_CONFIG},
		{"cat -ti", ERR_CONFIG},
		{"cat -it", ERR_CONFIG},
		{"cat -a work --read-recipients", ERR_CONFIG},
		{"cat --read-recipients=on", ERR_CONFIG},
		{"cat --read-rec", ERR_CONFIG},
		{"cat --read-envelope-from", 0},
		{"cat --tls=on -i -oi -n", 0},
		{"cat -a t", 0},
		{"cat -fstaff", 0},
		{"cat - -- t", 0},
	};
	char **argv;
	size_t i;

	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].command);
		assert_int_equal(mta(row[i].command, "", &argv), row[i].want);
		if (row[i].want == 0)
			free(argv);
	}
}

static void a_script_beside_us_is_ourselves(void **state)
{
	char self[FILE_PATH_MAX] = "", script[FILE_PATH_MAX + 64];
	char **argv;

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	*strrchr(self, '/') = '\0';
	snprintf(script, sizeof(script), "%s/test-conf-sendmail", self);
	write_to(script, "#!/bin/sh\nexec sealpost send \"$@\"\n", 34, 0700);
	assert_int_equal(mta(script, "", &argv), ERR_CONFIG);
	write_to(script, "#!/bin/sh\nexec msmtp \"$@\"\n", 26, 0700);
	assert_int_equal(mta(script, "", &argv), 0);
	free(argv);
	assert_int_equal(unlink(script), 0);
}

static void identity_is_found_by_its_address(void **state)
{
	struct addr a;

	(void)state;
	assert_int_equal(load("[identity w]\nfrom = W@x.example\n"), 0);
	assert_int_equal(addr_parse("w@X.Example", &a, &err), 0);
	assert_non_null(conf_identity_for(&conf, &a));
	assert_int_equal(addr_parse("v@x.example", &a, &err), 0);
	assert_null(conf_identity_for(&conf, &a));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void a_policy_says_it_all(void **state)
{
	const struct conf_policy *p;

	(void)state;
	if (load("[sealpost]\nabsence = proved\nmixed = split\n[policy a]\nto = team@x.example\n"
		 "mixed = clear\nabsence = any\npublic = yes\nsign = never\nkey = " F1
		 "\nkeys = " F2 " , aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n") < 0)
		fail_msg("%s", err.msg);
	p = &conf.policy[0];
	assert_int_equal(conf.absence, ABSENCE_PROVED);
	assert_int_equal(conf.mixed, MIXED_SPLIT);
	assert_int_equal(p->mixed, MIXED_CLEAR);
	assert_int_equal(p->absence, ABSENCE_ANY);
	assert_int_equal(p->public, PUBLIC_YES);
	assert_int_equal(p->sign, SIGN_NEVER);
	assert_int_equal(p->n_key, 3);
	assert_string_equal(p->key[0], F1);
	assert_string_equal(
		p->key[1], "89ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234567");
	assert_string_equal(p->key[2], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

struct wanted_setting {
	const char *section, *of, *name;
	char shown[512]; /* "VALUE|DEFAULT|LINE" */
};

static int find_setting(const struct conf_setting *s, void *arg)
{
	struct wanted_setting *w = arg;

	if (strcmp(s->section, w->section) != 0 || strcmp(s->of, w->of) != 0 ||
		strcmp(s->name, w->name) != 0)
		return 0;
	snprintf(w->shown, sizeof(w->shown), "%s|%s|%d", s->value, s->standard, s->line);
	assert_int_equal(s->line > 0, s->file[0] != '\0');
	return 1;
}

static void settings_are_shown_as_a_file_has_them(void **state)
{
	static const struct {
		const char *name, *text, *section, *of, *setting, *expected;
	} table[] = {
		{"a default word", "", "sealpost", "", "encrypt", "prefer|prefer|0"},
		{"a word", "[sealpost]\nencrypt = require\n", "sealpost", "", "encrypt",
			"require|prefer|2"},
		{"hours", "", "sealpost", "", "cache-found", "24h|24h|0"},
		{"minutes", "[sealpost]\npinentry-timeout = 120\n", "sealpost", "",
			"pinentry-timeout", "2m|1m|2"},
		{"seconds", "[sealpost]\npinentry-timeout = 61s\n", "sealpost", "",
			"pinentry-timeout", "61s|1m|2"},
		{"none of them", "[sealpost]\ncache-failed = 0\n", "sealpost", "", "cache-failed",
			"0|1m|2"},
		{"milliseconds within", "", "sealpost", "", "timeout", "10s|10s|0"},
		{"a size", "[sealpost]\nmax-message = 1G\n", "sealpost", "", "max-message",
			"1G|256M|2"},
		{"a bool", "[sealpost]\nmta-requiretls = yes\n", "sealpost", "", "mta-requiretls",
			"yes|no|2"},
		{"flags", "", "sealpost", "", "methods", "wkd openpgpkey|wkd openpgpkey|0"},
		{"one flag", "[sealpost]\n\nmethods = openpgpkey\n", "sealpost", "", "methods",
			"openpgpkey|wkd openpgpkey|3"},
		{"the resolver", "", "sealpost", "", "resolver", "system|system|0"},
		{"a command", "[sealpost]\nmta = msmtp -a work\n", "sealpost", "", "mta",
			"msmtp -a work||2"},
		{"of a policy", "[policy b]\nto = *@B.example\nencrypt = require\n", "policy", "b",
			"encrypt", "require||3"},
		{"the pattern", "[policy b]\nto = *@B.example\n", "policy", "b", "to",
			"*@b.example||2"},
		{"a final dot of a domain", "[policy b]\nto = B.example.\n", "policy", "b", "to",
			"b.example||2"},
		{"of an address", "[policy b]\nto = a@B.example.\n", "policy", "b", "to",
			"a@b.example||2"},
		{"of a pattern", "[policy b]\nto = *@*.B.example.\n", "policy", "b", "to",
			"*@*.b.example||2"},
		{"of one that is not asked", "[sealpost]\nnever-ask = A.example. *.b.example.\n",
			"sealpost", "", "never-ask", "a.example *.b.example||2"},
		{"not said by a policy", "[policy b]\nto = *@b.example\n", "policy", "b", "sign",
			""},
		{"keys",
			"[policy b]\nto = b@b.example\nkey = "
			"0123456789abcdef0123456789abcdef01234567\n",
			"policy", "b", "key", "0123456789ABCDEF0123456789ABCDEF01234567||3"},
		{"of an identity", "[identity w]\nfrom = me@w.example\nmta = msmtp\n", "identity",
			"w", "mta", "msmtp||3"},
	};
	struct wanted_setting w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (load(table[i].text) != 0)
			fail_msg("%s: %s", table[i].name, err.msg);
		w = (struct wanted_setting){table[i].section, table[i].of, table[i].setting, ""};
		assert_int_equal(conf_each_setting(&conf, find_setting, &w, &err), 0);
		if (strcmp(w.shown, table[i].expected) != 0)
			fail_msg("%s: %s", table[i].name, w.shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(everything_has_a_default),
		TEST(everything_can_be_set), TEST(a_policy_says_it_all),
		TEST(mistakes_are_named_with_file_and_line), TEST(what_inih_would_cut_is_refused),
		TEST(indented_lines_are_settings_of_their_own), TEST(nul_is_refused),
		TEST(strange_files_are_refused), TEST(the_users_file_is_found),
		TEST(commands_are_split_without_a_shell), TEST(mta_is_a_program_that_is_there),
		TEST(mta_never_reads_the_header), TEST(a_script_beside_us_is_ourselves),
		TEST(identity_is_found_by_its_address),
		TEST(settings_are_shown_as_a_file_has_them)};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
