#include "verbs/doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 2048
#define VALUE_MAX 1024

/* What is looked at, with mutt's defaults. */
enum var {
	SENDMAIL,
	SENDMAIL_WAIT,
	SMTP_URL,
	RECORD,
	COPY,
	SAVE_NAME,
	FORCE_NAME,
	AUTOENCRYPT,
	OPPORTUNISTIC,
	VARS
};

static const struct {
	const char *name, *value;
	bool quad; /* yes, no, ask-... */
} vars[] = {
	[SENDMAIL] = {"sendmail", "/usr/sbin/sendmail -oem -oi"},
	[SENDMAIL_WAIT] = {"sendmail_wait", "0"},
	[SMTP_URL] = {"smtp_url", ""},
	[RECORD] = {"record", "~/sent"},
	[COPY] = {"copy", "yes", true},
	[SAVE_NAME] = {"save_name", "no", true},
	[FORCE_NAME] = {"force_name", "no", true},
	[AUTOENCRYPT] = {"crypt_autoencrypt", "no", true},
	[OPPORTUNISTIC] = {"crypt_opportunistic_encrypt", "no", true},
};

_Static_assert(sizeof(vars) / sizeof(vars[0]) == VARS, "a default for each");

struct muttrc {
	char value[VARS][VALUE_MAX];
	bool set[VARS];
};

static int find(const char *name)
{
	size_t i;

	for (i = 0; i < VARS; i++) {
		if (strcmp(vars[i].name, name) == 0)
			return (int)i;
	}
	/* Its older name. */
	return strcmp(name, "pgp_autoencrypt") == 0 ? AUTOENCRYPT : -1;
}

/* Ends of a command: line end, ";" and a comment. */
static bool at_end(char c)
{
	return c == '\0' || c == '\n' || c == ';' || c == '#';
}

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\r' || (*p == '\\' && p[1] == '\n'))
		p += *p == '\\' ? 2 : 1;
	return p;
}

/* One word as mutt reads it, quotes taken off; with stop at "=" outside them. What does not fit is
 * dropped. */
static const char *word(const char *p, bool stop, char *out)
{
	size_t n = 0;
	char quote = '\0', c;

	p = skip_blanks(p);
	/* A quote that is not closed ends with its line. */
	while (*p && *p != '\n' &&
		(quote || (!at_end(*p) && !strchr(" \t\r", *p) && !(stop && *p == '=')))) {
		c = *p++;
		if (quote ? c == quote : c == '\'' || c == '"' || c == '`') {
			quote = quote ? '\0' : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && *p) {
			c = *p++;
			if (c == '\n')
				continue;
		}
		if (n < WORD_MAX - 1)
			out[n++] = c;
	}
	out[n] = '\0';
	return p;
}

static void assign(struct muttrc *m, const char *name, const char *value)
{
	int v = find(name);

	if (v < 0)
		return;
	snprintf(m->value[v], VALUE_MAX, "%s", value);
	m->set[v] = true;
}

/* What follows "set": name, noname, name=value, in any number. */
static const char *set_command(struct muttrc *m, const char *p)
{
	char name[WORD_MAX], value[WORD_MAX];

	for (p = skip_blanks(p); !at_end(*p); p = skip_blanks(p)) {
		p = skip_blanks(word(p, true, name));
		if (*p == '=') {
			p = word(p + 1, false, value);
			assign(m, name, value);
		} else if (strncmp(name, "no", 2) == 0 && find(name + 2) >= 0) {
			assign(m, name + 2, "no");
		} else {
			assign(m, name, "yes");
		}
	}
	return p;
}

static const char *unset_command(struct muttrc *m, const char *p, bool reset)
{
	char name[WORD_MAX];
	int v;

	for (p = skip_blanks(p); !at_end(*p); p = skip_blanks(p)) {
		p = word(p, false, name);
		v = find(name);
		if (v >= 0)
			assign(m, name, reset ? vars[v].value : vars[v].quad ? "no" : "");
	}
	return p;
}

/* The rest of a command that does not matter here; quotes may hold what would end it. */
static const char *other_command(const char *p)
{
	char skipped[WORD_MAX];

	for (p = skip_blanks(p); !at_end(*p); p = skip_blanks(p))
		p = word(p, false, skipped);
	return p;
}

static void parse(struct muttrc *m, const char *p)
{
	char command[WORD_MAX];
	size_t i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < VARS; i++)
		snprintf(m->value[i], VALUE_MAX, "%s", vars[i].value);
	while (*p) {
		p = word(p, false, command);
		if (strcmp(command, "set") == 0)
			p = set_command(m, p);
		else if (strcmp(command, "unset") == 0 || strcmp(command, "reset") == 0)
			p = unset_command(m, p, command[0] == 'r');
		else
			p = other_command(p);
		if (*p == '#')
			p += strcspn(p, "\n");
		if (*p)
			p++;
	}
}

static bool is_yes(const struct muttrc *m, enum var v)
{
	return strcmp(m->value[v], "no") != 0 && m->value[v][0] != '\0';
}

/* "sealpost ... send" or a path that ends in sealpost/sendmail. */
static bool is_sealpost(const char *command)
{
	size_t len = strcspn(command, " ");
	const char *base = memrchr(command, '/', len);

	base = base ? base + 1 : command;
	len -= (size_t)(base - command);
	if (len == 8 && strncmp(base, "sendmail", 8) == 0)
		return base - command >= 9 && strncmp(base - 9, "sealpost/", 9) == 0;
	return len == 8 && strncmp(base, "sealpost", 8) == 0 && strstr(base + len, " send") != NULL;
}

static void look_at_sendmail(struct doctor *d, const char *file, const struct muttrc *m)
{
	static const char mend[] = "set sendmail=\"sealpost send\"";
	long wait = strtol(m->value[SENDMAIL_WAIT], NULL, 10);

	if (is_yes(m, SMTP_URL))
		doctor_say(d, DOCTOR_BAD, "smtp_url", "unset smtp_url",
			"%s: mutt speaks SMTP itself and passes sealpost by", file);
	if (!m->set[SENDMAIL])
		doctor_say(d, DOCTOR_BAD, "sendmail", mend,
			"%s: sendmail is not set: mail does not go through sealpost", file);
	else if (!is_sealpost(m->value[SENDMAIL]))
		doctor_say(d, DOCTOR_BAD, "sendmail", mend,
			"%s: sendmail is \"%s\", which is not \"sealpost send\"", file,
			m->value[SENDMAIL]);
	else
		doctor_say(d, DOCTOR_OK, "sendmail", NULL, "%s", m->value[SENDMAIL]);
	if (wait < 0)
		doctor_say(d, DOCTOR_BAD, "sendmail_wait", "set sendmail_wait=0",
			"%s: is %ld: mutt does not wait, and a refusal is never seen", file, wait);
	else if (wait > 0)
		doctor_say(d, DOCTOR_WARN, "sendmail_wait", "set sendmail_wait=0",
			"%s: mutt stops waiting after %ld s, and then does not see a refusal", file,
			wait);
	else
		doctor_say(d, DOCTOR_OK, "sendmail_wait", NULL, "mutt waits for the end");
}

static void look_at_copies(struct doctor *d, const char *file, const struct muttrc *m)
{
	static const char mend[] = "unset record save_name force_name";

	if (!is_yes(m, COPY))
		doctor_say(d, DOCTOR_OK, "record", NULL, "no copies of sent mail are kept");
	else if (is_yes(m, SAVE_NAME) || is_yes(m, FORCE_NAME))
		doctor_say(d, DOCTOR_WARN, "record", mend,
			"%s: save_name or force_name keeps copies of sent mail in clear", file);
	else if (m->value[RECORD][0] != '\0')
		doctor_say(d, DOCTOR_WARN, "record", mend,
			"%s: copies of sent mail are kept in clear in %s%s", file, m->value[RECORD],
			m->set[RECORD] ? "" : ", mutt's default");
	else
		doctor_say(d, DOCTOR_OK, "record", NULL, "no copies of sent mail are kept");
}

void doctor_muttrc(struct doctor *d, const char *file, const char *text)
{
	static struct muttrc m;

	parse(&m, text);
	look_at_sendmail(d, file, &m);
	look_at_copies(d, file, &m);
	if (is_yes(&m, AUTOENCRYPT) || is_yes(&m, OPPORTUNISTIC))
		doctor_say(d, DOCTOR_WARN, "encryption by mutt",
			"unset crypt_autoencrypt crypt_opportunistic_encrypt",
			"%s: mutt encrypts with its own keys, and sealpost passes that on as it is",
			file);
}
