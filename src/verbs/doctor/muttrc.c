/* SPDX-License-Identifier: ISC */
#include "verbs/doctor/muttrc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/args.h"

static const struct {
	const char *mutt, *neomutt;
	bool text; /* a string; else a number or a switch */
} vars[] = {
	[MUTTRC_SENDMAIL] = {"sendmail", "sendmail", true},
	[MUTTRC_SENDMAIL_WAIT] = {"sendmail_wait", "sendmail_wait", false},
	[MUTTRC_SMTP_URL] = {"smtp_url", "smtp_url", true},
	[MUTTRC_RECORD] = {"record", "record", true},
	[MUTTRC_FOLDER] = {"folder", "folder", true},
	[MUTTRC_COPY] = {"copy", "copy", false},
	[MUTTRC_SAVE_NAME] = {"save_name", "save_name", false},
	[MUTTRC_FORCE_NAME] = {"force_name", "force_name", false},
	[MUTTRC_AUTOENCRYPT] = {"crypt_autoencrypt", "crypt_auto_encrypt", false},
	[MUTTRC_OPPORTUNISTIC] = {"crypt_opportunistic_encrypt", "crypt_opportunistic_encrypt",
		false},
};

_Static_assert(sizeof(vars) / sizeof(vars[0]) == MUTTRC_VARS, "names for each");

const char *muttrc_name(enum muttrc_var v, bool neomutt)
{
	return neomutt ? vars[v].neomutt : vars[v].mutt;
}

/* The variable that the first len bytes at s name, or -1. */
static int find_var(const char *s, size_t len)
{
	const char *name;
	int v, k;

	for (v = 0; v < MUTTRC_VARS; v++) {
		for (k = 0; k < 2; k++) {
			name = muttrc_name((enum muttrc_var)v, k == 1);
			if (strlen(name) == len && memcmp(name, s, len) == 0)
				return v;
		}
	}
	return -1;
}

static void store_value(struct muttrc *m, int v, const char *s, size_t len)
{
	size_t n = len < MUTTRC_VALUE_MAX - 1 ? len : MUTTRC_VALUE_MAX - 1;

	memcpy(m->var[v].value, s, n);
	m->var[v].value[n] = '\0';
	m->var[v].known = MUTTRC_TOLD;
}

/* A value in quotes, with a backslash before quotes and itself; \n, \r and \t are blanks. */
static void store_quoted(struct muttrc *m, int v, const char *s, size_t len)
{
	char value[MUTTRC_VALUE_MAX];
	size_t n = 0, i;

	for (i = 0; i < len && s[i] != '"' && n < sizeof(value); i++) {
		if (s[i] == '\\' && i + 1 < len)
			value[n++] = strchr("nrt", s[++i]) ? ' ' : s[i];
		else
			value[n++] = s[i];
	}
	store_value(m, v, value, n);
}

/* One line: mutt's `name="value"`, `name=value`, `name is set`, `name is unset`, or neomutt's
 * `set name = value`. */
static void take_answer(struct muttrc *m, const char *s, size_t len)
{
	const char *end = s + len, *p;
	int v;

	if (len > 4 && memcmp(s, "set ", 4) == 0)
		s += 4;
	for (p = s; p < end && *p != ' ' && *p != '='; p++)
		;
	v = find_var(s, (size_t)(p - s));
	if (v < 0)
		return;
	while (p < end && *p == ' ')
		p++;
	len = (size_t)(end - p);
	if (len > 0 && *p == '=') {
		for (p++; p < end && *p == ' '; p++)
			;
		if (p < end && *p == '"')
			store_quoted(m, v, p + 1, (size_t)(end - p) - 1);
		else
			store_value(m, v, p, (size_t)(end - p));
	} else if (len == 6 && memcmp(p, "is set", 6) == 0) {
		store_value(m, v, "yes", 3);
	} else if (len == 8 && memcmp(p, "is unset", 8) == 0) {
		store_value(m, v, "no", vars[v].text ? 0 : 2);
	}
}

/* Calls take for each line that is not empty. */
static void each_said_line(struct muttrc *m, const char *text,
	void (*take)(struct muttrc *m, const char *s, size_t len))
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len > 0)
			take(m, text, len - (text[len - 1] == '\r'));
	}
}

void muttrc_take_answers(struct muttrc *m, const char *output)
{
	each_said_line(m, output, take_answer);
}

/* Whether a line reports an unknown variable, and which: the messages of mutt, of neomutt, and of
 * neomutt since 2023. */
static int lacks_var(const char *s, size_t len)
{
	static const char after[] = ": unknown variable";
	static const char *const before[] = {"No such variable: ", "Unknown option "};
	size_t n = sizeof(after) - 1, i;

	if (len > n && memcmp(s + len - n, after, n) == 0)
		return find_var(s, len - n);
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		n = strlen(before[i]);
		if (len > n && memcmp(s, before[i], n) == 0)
			return find_var(s + n, len - n);
	}
	return -1;
}

/* "Error in FILE, line N: ..."; neomutt since 2025: "FILE:N: ...", where FILE is absolute. */
static bool is_about_file(const char *s, size_t len)
{
	static const char in_file[] = "Error in ";
	size_t n = sizeof(in_file) - 1, i, digits;

	if (len > n && memcmp(s, in_file, n) == 0)
		return true;
	for (i = 1; len > 0 && s[0] == '/' && i < len; i++) {
		if (s[i - 1] != ':')
			continue;
		digits = strspn(s + i, "0123456789");
		if (digits > 0 && i + digits < len && s[i + digits] == ':')
			return true;
	}
	return false;
}

static void take_error(struct muttrc *m, const char *s, size_t len)
{
	int v = lacks_var(s, len);
	char *to = is_about_file(s, len) ? m->error : m->complaint;

	if (v >= 0 && m->var[v].known == MUTTRC_SILENT)
		m->var[v].known = MUTTRC_NO_SUCH;
	else if (v < 0 && to[0] == '\0')
		snprintf(to, MUTTRC_VALUE_MAX, "%.*s",
			(int)(len < MUTTRC_VALUE_MAX ? len : MUTTRC_VALUE_MAX - 1), s);
}

void muttrc_take_errors(struct muttrc *m, const char *output)
{
	each_said_line(m, output, take_error);
}

static void report_add(struct muttrc_report *r, enum doctor_level level, const char *what,
	const char *fix, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void report_add(struct muttrc_report *r, enum doctor_level level, const char *what,
	const char *fix, const char *fmt, ...)
{
	struct muttrc_finding *f;
	va_list ap;

	if (r->n == MUTTRC_FINDINGS_MAX)
		return;
	f = &r->finding[r->n++];
	f->level = level;
	f->what = what;
	snprintf(f->fix, sizeof(f->fix), "%s", fix ? fix : "");
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static bool is_known(const struct muttrc *m, enum muttrc_var v)
{
	return m->var[v].known != MUTTRC_SILENT;
}

/* Something is set there, or a switch is on; "ask-yes" and "ask-no" count as on. */
static bool is_switched_on(const struct muttrc *m, enum muttrc_var v)
{
	const char *value = m->var[v].value;

	return value[0] != '\0' && (vars[v].text || strcmp(value, "no") != 0);
}

/* What follows "sealpost ... send" or a path that ends in sealpost/sendmail; NULL: it is neither.
 */
static const char *behind_send(const char *command)
{
	size_t len = strcspn(command, " ");
	const char *end = command + len, *base = memrchr(command, '/', len);

	base = base ? base + 1 : command;
	len = (size_t)(end - base);
	if (len == 8 && strncmp(base, "sendmail", 8) == 0)
		return base - command >= 9 && strncmp(base - 9, "sealpost/", 9) == 0 ? end : NULL;
	if (len != 8 || strncmp(base, "sealpost", 8) != 0)
		return NULL;
	for (; *end; end += len) {
		end += strspn(end, " ");
		len = strcspn(end, " ");
		if (len == 4 && memcmp(end, "send", 4) == 0)
			return end + len;
	}
	return NULL;
}

/* Reads the options as send does when mutt runs it, which splits at blanks, knows no quotes, and
 * adds "--" unless it is there, and recipients. */
static int parse_send_words(const char *options, struct send_args *a, struct err *err)
{
	char verb[] = "send", end[] = "--", somebody[] = "somebody@example.org";
	char words[MUTTRC_VALUE_MAX], *argv[MUTTRC_VALUE_MAX / 2 + 4] = {verb}, *rest, *word;
	bool ended = false;
	int n = 1;

	snprintf(words, sizeof(words), "%s", options);
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		ended |= strcmp(word, end) == 0;
		argv[n++] = word;
	}
	if (!ended)
		argv[n++] = end;
	argv[n++] = somebody;
	n = send_args_parse(n, argv, false, a, err);
	send_args_free(a);
	return n;
}

int muttrc_sendmail(const struct muttrc *m, const char *home, char *out)
{
	const char *value = m->var[MUTTRC_SENDMAIL].value;
	const bool at_home = value[0] == '~' && value[1] == '/' && home[0] != '\0';
	const size_t len = strcspn(value, " ");
	int n = snprintf(out, FILE_PATH_MAX, "%s%.*s", at_home ? home : "", (int)(len - at_home),
		value + at_home);

	return n <= 0 || n >= FILE_PATH_MAX ? -1 : 0;
}

static void judge_sendmail(const struct muttrc *m, const char *file, struct muttrc_report *r)
{
	static const char fix[] = "set sendmail=\"sealpost send -oi\"";
	const char *value = m->var[MUTTRC_SENDMAIL].value, *options = behind_send(value);
	char longer[MUTTRC_VALUE_MAX + 32];
	struct send_args args;
	struct err err = ERR_INIT;

	if (!is_known(m, MUTTRC_SENDMAIL))
		return;
	if (value[0] == '\0') {
		report_add(r, DOCTOR_BAD, "sendmail", fix,
			"%s: sendmail is not set: mail does not go through sealpost", file);
	} else if (!options) {
		report_add(r, DOCTOR_BAD, "sendmail", fix,
			"%s: sendmail is \"%s\", which is not \"sealpost send\"", file, value);
	} else if (m->sendmail_lacks) {
		report_add(r, DOCTOR_BAD, "sendmail", fix,
			"%s: sendmail is \"%s\", and there is no such program", file, value);
	} else if (parse_send_words(options, &args, &err) < 0) {
		report_add(r, DOCTOR_BAD, "sendmail", fix,
			"%s: sendmail is \"%s\", which refuses every mail: %s", file, value,
			err.msg);
	} else if (args.explain || args.help) {
		report_add(r, DOCTOR_BAD, "sendmail", fix,
			"%s: sendmail is \"%s\", which sends nothing", file, value);
	} else if (!args.ignore_dots) {
		snprintf(longer, sizeof(longer), "set sendmail=\"%s -oi\"", value);
		report_add(r, DOCTOR_WARN, "sendmail", strstr(longer, " -- ") ? fix : longer,
			"%s: sendmail is \"%s\", without -oi: a last line that is only a "
			"dot is dropped",
			file, value);
	} else {
		report_add(r, DOCTOR_OK, "sendmail", NULL, "%s", value);
	}
}

static void judge_waiting(const struct muttrc *m, const char *file, struct muttrc_report *r)
{
	static const char fix[] = "set sendmail_wait=0";
	const char *value = m->var[MUTTRC_SENDMAIL_WAIT].value;
	char *end;
	long seconds = strtol(value, &end, 10);

	if (m->var[MUTTRC_SENDMAIL_WAIT].known != MUTTRC_TOLD)
		return;
	if (end == value || *end != '\0')
		report_add(r, DOCTOR_WARN, "sendmail_wait", fix, "%s: is \"%s\", not a number",
			file, value);
	else if (seconds < 0)
		report_add(r, DOCTOR_BAD, "sendmail_wait", fix,
			"%s: is %ld: mutt does not wait, and a refusal is never seen", file,
			seconds);
	else if (seconds > 0)
		report_add(r, DOCTOR_WARN, "sendmail_wait", fix,
			"%s: mutt stops waiting after %ld s, and then does not see a refusal", file,
			seconds);
	else
		report_add(r, DOCTOR_OK, "sendmail_wait", NULL, "mutt waits for the end");
}

/* A folder as mutt writes it, in full: "~" is home, "=" and "+" are the folder of folders. */
static void expand_folder(const struct muttrc *m, const char *home, char *out, size_t size)
{
	const char *value = m->var[MUTTRC_RECORD].value, *folder = m->var[MUTTRC_FOLDER].value;
	const char *slash = "/";

	if (value[0] != '=' && value[0] != '+') {
		folder = "";
		slash = "";
	} else if (folder[0] != '\0') {
		value++;
	} else {
		slash = "";
	}
	if (home[0] != '\0' && folder[0] == '~' && (folder[1] == '/' || folder[1] == '\0'))
		snprintf(out, size, "%s%s%s%s", home, folder + 1, slash, value);
	else if (home[0] != '\0' && value[0] == '~' && (value[1] == '/' || value[1] == '\0'))
		snprintf(out, size, "%s%s", home, value + 1);
	else
		snprintf(out, size, "%s%s%s", folder, slash, value);
}

/* "null" is how mutt, asked in /dev, shortens it. */
static bool is_dev_null(const char *folder)
{
	return strcmp(folder, "/dev/null") == 0 || strcmp(folder, "null") == 0;
}

static void judge_kept_copies(
	const struct muttrc *m, const char *file, const char *home, struct muttrc_report *r)
{
	static const char fix[] = "unset record save_name force_name";
	char folder[MUTTRC_VALUE_MAX * 2 + 8];
	bool off = m->var[MUTTRC_COPY].known == MUTTRC_TOLD && !is_switched_on(m, MUTTRC_COPY);

	expand_folder(m, home, folder, sizeof(folder));
	if (!off && (is_switched_on(m, MUTTRC_SAVE_NAME) || is_switched_on(m, MUTTRC_FORCE_NAME)))
		report_add(r, DOCTOR_WARN, "record", fix,
			"%s: save_name or force_name keeps copies of sent mail in clear", file);
	else if (!off && is_switched_on(m, MUTTRC_RECORD) && !is_dev_null(folder))
		report_add(r, DOCTOR_WARN, "record", fix,
			"%s: copies of sent mail are kept in clear in %s", file, folder);
	else if (off || (is_known(m, MUTTRC_RECORD) && is_known(m, MUTTRC_SAVE_NAME) &&
				is_known(m, MUTTRC_FORCE_NAME)))
		report_add(r, DOCTOR_OK, "record", NULL, "no copies of sent mail are kept");
}

/* Which program was run, and whether it answered everything. */
static void judge_asking(const struct muttrc *m, const char *file, struct muttrc_report *r)
{
	const char *said = m->error[0] != '\0' ? m->error : m->complaint, *first = NULL;
	char fix[MUTTRC_VALUE_MAX];
	size_t silent = 0;
	int v;

	for (v = 0; v < MUTTRC_VARS; v++) {
		if (is_known(m, (enum muttrc_var)v))
			continue;
		first = first ? first : vars[v].mutt;
		silent++;
	}
	snprintf(fix, sizeof(fix), "see what this says: %s -F %s -Q %s", m->program, file,
		first ? first : "sendmail");
	if (silent > 0)
		report_add(r, DOCTOR_WARN, "muttrc", fix,
			"%s was not %s: %s does not tell %s%s%s%s", file,
			silent == MUTTRC_VARS ? "looked at" : "looked at in full", m->program,
			first, silent > 1 ? " and others" : "", said[0] != '\0' ? ": " : "", said);
	else if (m->error[0] != '\0')
		report_add(r, DOCTOR_WARN, "muttrc", fix, "%s, read by %s: %s", file, m->program,
			m->error);
	else
		report_add(r, DOCTOR_OK, "muttrc", NULL,
			"%s, read by %s, which also ran the commands in backquotes in it", file,
			m->program);
}

void muttrc_judge(
	const struct muttrc *m, const char *file, const char *home, struct muttrc_report *r)
{
	r->n = 0;
	if (m->program[0] == '\0') {
		report_add(r, DOCTOR_WARN, "muttrc", "install mutt or neomutt",
			"%s was not checked: neither mutt nor neomutt is installed", file);
		return;
	}
	judge_asking(m, file, r);
	if (is_switched_on(m, MUTTRC_SMTP_URL))
		report_add(r, DOCTOR_BAD, "smtp_url", "unset smtp_url",
			"%s: mutt speaks SMTP itself and bypasses sealpost", file);
	judge_sendmail(m, file, r);
	judge_waiting(m, file, r);
	judge_kept_copies(m, file, home, r);
	if (is_switched_on(m, MUTTRC_AUTOENCRYPT) || is_switched_on(m, MUTTRC_OPPORTUNISTIC))
		report_add(r, DOCTOR_WARN, "encryption by mutt",
			"unset crypt_autoencrypt crypt_opportunistic_encrypt",
			"%s: mutt encrypts with its own keys, and sealpost passes that on as it is",
			file);
}
