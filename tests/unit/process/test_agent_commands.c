/* SPDX-License-Identifier: ISC */
/* process/agent_commands.c: what may be said to the user's agent, and what may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process/agent_commands.h"

#define GRIP "0123456789ABCDEF0123456789abcdef01234567"

static char tty[] = "/dev/pts/77", display[] = ":0", bus[] = "unix:path=/run/user/0/bus",
	    dumb[] = "dumb";

static char *surroundings(const char *name)
{
	return strcmp(name, "GPG_TTY") == 0                    ? tty
	       : strcmp(name, "DISPLAY") == 0                  ? display
	       : strcmp(name, "TERM") == 0                     ? dumb
	       : strcmp(name, "DBUS_SESSION_BUS_ADDRESS") == 0 ? bus
							       : NULL;
}

static char *nothing(const char *name)
{
	(void)name;
	return NULL;
}

enum who {
	NEITHER,
	SIGNS = AGENT_TO_SIGN,
	OPENS = AGENT_TO_OPEN,
	BOTH = SIGNS | OPENS, /* but not who only lists */
	ALL = BOTH | AGENT_TO_LIST
};

static const struct {
	const char *line;
	enum who passes;
	bool bare; /* nothing is in the environment */
} rows[] = {
	{"RESET", ALL},
	{"BYE", ALL},
	{"END", ALL},
	{"CAN", ALL},
	{"PKSIGN", SIGNS},
	{"GETINFO version", ALL},
	{"GETINFO pid", NEITHER},
	{"GETINFO socket_name", NEITHER},
	{"OPTION allow-pinentry-notify", ALL},
	{"OPTION agent-awareness=2.1.0", ALL},
	{"OPTION agent-awareness=x", NEITHER},
	{"OPTION pinentry-mode=cancel", ALL},
	{"OPTION pinentry-mode=ask", ALL},
	{"OPTION pinentry-mode=loopback", NEITHER},
	{"OPTION pinentry-mode=error", NEITHER},
	{"OPTION lc-ctype=de_DE.UTF-8", ALL},
	{"OPTION lc-messages=C", ALL},
	{"OPTION lc-messages=../../x", NEITHER},
	{"OPTION lc-messages=", NEITHER},
	{"OPTION ttyname=/dev/pts/77", ALL},
	{"OPTION ttyname=/dev/pts/78", NEITHER},
	{"OPTION ttyname=/dev/pts/78", ALL, true},
	{"OPTION ttyname=/dev/../etc/x", NEITHER, true},
	{"OPTION ttyname=/dev/", NEITHER, true},
	{"OPTION ttyname=/tmp/tty", NEITHER, true},
	{"OPTION ttytype=dumb", ALL},
	{"OPTION ttytype=xterm", NEITHER},
	{"OPTION display=:0", ALL},
	{"OPTION display=evil.example:0", NEITHER},
	{"OPTION display=", NEITHER},
	{"OPTION display=:0", NEITHER, true},
	{"OPTION xauthority=/tmp/x", NEITHER},
	{"OPTION pinentry-user-data=x", NEITHER},
	{"OPTION putenv=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus", ALL},
	{"OPTION putenv=DBUS_SESSION_BUS_ADDRESS=unixexec:path=/bin/sh", NEITHER},
	{"OPTION putenv=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus", NEITHER, true},
	{"OPTION putenv=TERM=dumb", NEITHER},
	{"OPTION putenv=LD_PRELOAD=/tmp/x.so", NEITHER},
	{"OPTION putenv=PATH=/tmp", NEITHER},
	{"OPTION use-cache-for-signing=1", NEITHER},
	{"OPTION", NEITHER},
	{"HAVEKEY " GRIP, ALL},
	{"HAVEKEY " GRIP " " GRIP, ALL},
	{"HAVEKEY --list", ALL},
	{"HAVEKEY --list=1000", ALL},
	{"HAVEKEY --list=", NEITHER},
	{"HAVEKEY --info " GRIP, NEITHER},
	{"HAVEKEY " GRIP " ", NEITHER},
	{"HAVEKEY ", NEITHER},
	{"HAVEKEY", NEITHER},
	{"KEYINFO --list", ALL},
	{"KEYINFO " GRIP, ALL},
	{"KEYINFO --ssh-list", NEITHER},
	{"KEYINFO --data " GRIP, NEITHER},
	{"SIGKEY " GRIP, SIGNS},
	{"SIGKEY " GRIP "0", NEITHER},
	{"SIGKEY " GRIP " " GRIP, NEITHER},
	{"SETKEYDESC Please+enter%0A\xc3\xa4", BOTH},
	{"SETKEYDESC a\rb", NEITHER},
	{"SETKEYDESC ", NEITHER},
	{"SETHASH 10 0123456789abcdefABCDEF", SIGNS},
	{"SETHASH 10", NEITHER},
	{"SETHASH 10 ", NEITHER},
	{"SETHASH x 01", NEITHER},
	{"SETHASH 1000 01", NEITHER},
	{"SETHASH 10 01 02", NEITHER},
	{"SETHASH --inquire", NEITHER},
	{"SETHASH --hash=sha512 01", NEITHER},
	{"PKSIGN ", NEITHER},
	{"PKSIGN --hash=sha1", NEITHER},
	{"PKSIGN -- nonce", NEITHER},
	{"SETKEY " GRIP, OPENS},
	{"PKDECRYPT", OPENS},
	{"PKDECRYPT x", NEITHER},
	{"D 123", OPENS},
	{"D 1\r3", NEITHER},
	{"", NEITHER},
	{" PKSIGN", NEITHER},
	{"pksign", NEITHER},
	{"PKSIGN\r", NEITHER},
	{"# a comment", NEITHER},
	{"NOP", NEITHER},
	{"HELP", NEITHER},
	{"CANCEL", NEITHER},
	{"EXPORT_KEY " GRIP, NEITHER},
	{"KEYWRAP_KEY --export", NEITHER},
	{"IMPORT_KEY", NEITHER},
	{"GENKEY", NEITHER},
	{"READKEY " GRIP, NEITHER},
	{"DELETE_KEY --force " GRIP, NEITHER},
	{"PASSWD " GRIP, NEITHER},
	{"PRESET_PASSPHRASE " GRIP " -1 61", NEITHER},
	{"CLEAR_PASSPHRASE " GRIP, NEITHER},
	{"GET_PASSPHRASE --data x X X x", NEITHER},
	{"GET_CONFIRMATION x", NEITHER},
	{"LISTTRUSTED", NEITHER},
	{"MARKTRUSTED x S", NEITHER},
	{"SCD SERIALNO", NEITHER},
	{"SCD APDU 00", NEITHER},
	{"LEARN", NEITHER},
	{"KEYTOCARD " GRIP, NEITHER},
	{"KEYATTR " GRIP " x y", NEITHER},
	{"PUTVAL x y", NEITHER},
	{"GETVAL x", NEITHER},
	{"KILLAGENT", NEITHER},
	{"RELOADAGENT", NEITHER},
	{"UPDATESTARTUPTTY", NEITHER},
	{"GETEVENTCOUNTER", NEITHER},
	{"ISTRUSTED x", NEITHER},
};

static void judged(void **state)
{
	static const enum agent_use uses[] = {AGENT_TO_LIST, AGENT_TO_SIGN, AGENT_TO_OPEN};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *(*env)(const char *) = rows[i].bare ? nothing : surroundings;
		const char *line = rows[i].line;

		print_message("%s\n", line);
		for (k = 0; k < sizeof(uses) / sizeof(uses[0]); k++)
			assert_int_equal(agent_command_passes(line, strlen(line), uses[k], env),
				(rows[i].passes & uses[k]) != 0);
	}
}

/* Bytes that are no text, and lengths. */
static void odd_lines(void **state)
{
	char line[AGENT_COMMAND_MAX + 2];

	(void)state;
	assert_false(agent_command_passes("PKSIGN\0", 7, AGENT_TO_SIGN, nothing));
	assert_false(agent_command_passes("GETINFO version\0x", 17, AGENT_TO_OPEN, nothing));
	assert_false(agent_command_passes("SETKEYDESC a\0b", 14, AGENT_TO_OPEN, nothing));
	assert_false(agent_command_passes("SETKEYDESC a\nKILLAGENT", 22, AGENT_TO_OPEN, nothing));
	assert_false(agent_command_passes("D a\nKILLAGENT", 13, AGENT_TO_OPEN, nothing));
	assert_false(agent_command_passes("OPTION lc-ctype=a\0b", 19, AGENT_TO_OPEN, nothing));
	assert_false(agent_command_passes("SETHASH 10 0\0", 13, AGENT_TO_SIGN, nothing));
	assert_true(agent_command_passes("D \0\xff\x01", 5, AGENT_TO_OPEN, nothing));
	memset(line, 'a', sizeof(line));
	memcpy(line, "SETKEYDESC ", 11);
	assert_true(agent_command_passes(line, AGENT_COMMAND_MAX, AGENT_TO_SIGN, nothing));
	assert_false(agent_command_passes(line, AGENT_COMMAND_MAX + 1, AGENT_TO_SIGN, nothing));
}

/* However it comes in pieces, the lines are the same; one that is too long has no room. */
static void cut_in_lines(void **state)
{
	static const char text[] = "RESET\n\nPKSIGN\nSIGKEY";
	static const char *const want[] = {"RESET\n", "\n", "PKSIGN\n"};
	size_t piece, at, n, k, room;
	const char *line;
	char *to;

	(void)state;
	for (piece = 1; piece < sizeof(text); piece++) {
		struct agent_lines l = {.have = 0};

		k = 0;
		for (at = 0; at < sizeof(text) - 1; at += n) {
			room = agent_lines_room(&l, &to);
			n = sizeof(text) - 1 - at < piece ? sizeof(text) - 1 - at : piece;
			assert_true(n <= room);
			memcpy(to, text + at, n);
			l.have += n;
			for (;;) {
				size_t len = agent_lines_next(&l, &line);

				if (len == 0)
					break;
				assert_true(k < 3);
				assert_int_equal(len, strlen(want[k]));
				assert_memory_equal(line, want[k++], len);
			}
		}
		assert_int_equal(k, 3);
	}
	{
		struct agent_lines l = {.have = 0};

		while ((room = agent_lines_room(&l, &to)) > 0) {
			*to = 'x';
			l.have++;
		}
		assert_int_equal(agent_lines_next(&l, &line), 0);
		assert_int_equal(l.have, AGENT_COMMAND_MAX + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judged), cmocka_unit_test(odd_lines),
		cmocka_unit_test(cut_in_lines)};

	return cmocka_run_group_tests_name("agent commands", tests, NULL, NULL);
}
