/* SPDX-License-Identifier: ISC */
#include "process/agent_commands.h"

#include <string.h>

#define KEYGRIP_DIGITS 40

/* The rest of a line, behind the words of its row. */
struct rest {
	const char *p;
	size_t len;
	char *(*env)(const char *name);
	const char *name; /* of the row's variable; NULL: none */
};

static bool is_text(const struct rest *r, const char *text)
{
	return r->len == strlen(text) && memcmp(r->p, text, r->len) == 0;
}

static bool is_nothing(const struct rest *r)
{
	return r->len == 0;
}

static bool all_of(const char *p, size_t len, const char *chars)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] == '\0' || !strchr(chars, p[i]))
			return false;
	}
	return len > 0;
}

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "ABCDEFabcdef"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_version(const struct rest *r)
{
	return all_of(r->p, r->len, DIGITS ".");
}

static bool is_locale(const struct rest *r)
{
	return all_of(r->p, r->len, DIGITS LETTERS "_.@-");
}

static bool is_mode(const struct rest *r)
{
	return is_text(r, "ask") || is_text(r, "cancel");
}

/* As in the runner's environment: any other value is forged. */
static bool is_own_value(const struct rest *r)
{
	const char *own = r->env(r->name);

	return own && r->len > 0 && is_text(r, own);
}

/* Without GPG_TTY gpg was told of the terminal that is its standard output. */
static bool is_terminal(const struct rest *r)
{
	static const char dev[] = "/dev/";

	if (r->env(r->name))
		return is_own_value(r);
	return r->len > sizeof(dev) - 1 && memcmp(r->p, dev, sizeof(dev) - 1) == 0 &&
	       all_of(r->p, r->len, DIGITS LETTERS "/_-");
}

static bool is_keygrip(const char *p, size_t len)
{
	return len == KEYGRIP_DIGITS && all_of(p, len, HEX_DIGITS);
}

static bool is_one_keygrip(const struct rest *r)
{
	return is_keygrip(r->p, r->len);
}

/* --list, --list=1000, or keygrips. */
static bool is_list(const struct rest *r)
{
	static const char list[] = "--list";
	const char *p = r->p, *end = r->p + r->len, *blank;

	if (r->len >= sizeof(list) - 1 && memcmp(p, list, sizeof(list) - 1) == 0) {
		p += sizeof(list) - 1;
		return p == end || (*p == '=' && all_of(p + 1, (size_t)(end - p) - 1, DIGITS));
	}
	for (; p < end; p = blank + 1) {
		blank = memchr(p, ' ', (size_t)(end - p));
		if (!blank)
			return is_keygrip(p, (size_t)(end - p));
		if (!is_keygrip(p, (size_t)(blank - p)))
			return false;
	}
	return false;
}

/* What pinentry shows: percent-escaped, but for UTF-8. */
static bool is_description(const struct rest *r)
{
	size_t i;

	for (i = 0; i < r->len; i++) {
		if ((unsigned char)r->p[i] < ' ' || r->p[i] == 0x7f)
			return false;
	}
	return r->len > 0;
}

/* The number of an algorithm, and the digits. */
static bool is_hash(const struct rest *r)
{
	const char *blank = memchr(r->p, ' ', r->len);
	size_t n = blank ? (size_t)(blank - r->p) : 0;

	return n > 0 && n <= 3 && all_of(r->p, n, DIGITS) &&
	       all_of(blank + 1, r->len - n - 1, HEX_DIGITS);
}

/* Of what the agent asked for. Any bytes. */
static bool is_data(const struct rest *r)
{
	return !memchr(r->p, '\n', r->len) && !memchr(r->p, '\r', r->len);
}

struct row {
	const char *words;
	bool (*rest)(const struct rest *r);
	const char *name;
	unsigned uses; /* enum agent_use; 0: all */
};

#define KEY_USES (AGENT_TO_SIGN | AGENT_TO_OPEN)

static const struct row rows[] = {
	{"RESET", is_nothing},
	{"BYE", is_nothing},
	{"END", is_nothing}, /* pinentry was started: the agent tells that by a question */
	{"CAN", is_nothing},
	{"GETINFO version", is_nothing},
	{"OPTION allow-pinentry-notify", is_nothing},
	{"OPTION agent-awareness=", is_version},
	{"OPTION pinentry-mode=", is_mode},
	{"OPTION lc-ctype=", is_locale},
	{"OPTION lc-messages=", is_locale},
	{"OPTION ttyname=", is_terminal, "GPG_TTY"},
	{"OPTION ttytype=", is_own_value, "TERM"},
	{"OPTION display=", is_own_value, "DISPLAY"},
	{"OPTION xauthority=", is_own_value, "XAUTHORITY"},
	{"OPTION pinentry-user-data=", is_own_value, "PINENTRY_USER_DATA"},
	{"OPTION putenv=XMODIFIERS=", is_own_value, "XMODIFIERS"},
	{"OPTION putenv=WAYLAND_DISPLAY=", is_own_value, "WAYLAND_DISPLAY"},
	{"OPTION putenv=XDG_SESSION_TYPE=", is_own_value, "XDG_SESSION_TYPE"},
	{"OPTION putenv=QT_QPA_PLATFORM=", is_own_value, "QT_QPA_PLATFORM"},
	{"OPTION putenv=GTK_IM_MODULE=", is_own_value, "GTK_IM_MODULE"},
	{"OPTION putenv=QT_IM_MODULE=", is_own_value, "QT_IM_MODULE"},
	{"OPTION putenv=DBUS_SESSION_BUS_ADDRESS=", is_own_value, "DBUS_SESSION_BUS_ADDRESS"},
	{"OPTION putenv=INSIDE_EMACS=", is_own_value, "INSIDE_EMACS"},
	{"HAVEKEY ", is_list},
	{"KEYINFO ", is_list},
	{"SETKEYDESC ", is_description, NULL, KEY_USES},
	{"SIGKEY ", is_one_keygrip, NULL, AGENT_TO_SIGN},
	{"SETHASH ", is_hash, NULL, AGENT_TO_SIGN},
	{"PKSIGN", is_nothing, NULL, AGENT_TO_SIGN},
	{"SETKEY ", is_one_keygrip, NULL, AGENT_TO_OPEN},
	{"PKDECRYPT", is_nothing, NULL, AGENT_TO_OPEN},
	{"D ", is_data, NULL, AGENT_TO_OPEN},
};

bool agent_command_passes(
	const char *line, size_t len, enum agent_use use, char *(*env)(const char *name))
{
	size_t i, n;

	if (len > AGENT_COMMAND_MAX)
		return false;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		n = strlen(row->words);
		if ((row->uses != 0 && (row->uses & use) == 0) || len < n ||
			memcmp(line, row->words, n) != 0)
			continue;
		if (row->rest(&(struct rest){line + n, len - n, env, row->name}))
			return true;
	}
	return false;
}

/* The numbers are gpg-error's, with gpg-agent for their source. */
const char *agent_command_refusal(const char *line, size_t len)
{
	static const char option[] = "OPTION ";

	return len >= sizeof(option) - 1 && memcmp(line, option, sizeof(option) - 1) == 0
		       ? "ERR 67109038 Unknown option <sealpost>\n"
		       : "ERR 67109139 Unknown IPC command <sealpost>\n";
}

size_t agent_lines_room(struct agent_lines *l, char **to)
{
	l->have -= l->taken;
	memmove(l->in, l->in + l->taken, l->have);
	l->taken = 0;
	*to = l->in + l->have;
	return sizeof(l->in) - l->have;
}

size_t agent_lines_next(struct agent_lines *l, const char **line)
{
	const char *begin = l->in + l->taken, *end = memchr(begin, '\n', l->have - l->taken);

	if (!end)
		return 0;
	*line = begin;
	l->taken = (size_t)(end + 1 - l->in);
	return (size_t)(end + 1 - begin);
}
