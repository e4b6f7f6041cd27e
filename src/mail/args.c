/* SPDX-License-Identifier: ISC */
#include "mail/args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/addr_set.h"
#include "mime/recipients.h"

/* What an option does here. The MTA never sees them: it gets a command line of our own. */
enum what {
	UNKNOWN,
	IGNORED,
	FROM_HEADERS,
	IGNORE_DOTS,
	VERBOSE,
	SENDER,
	FULLNAME,
	BODY,
	MODE,
	NOTIFY,
	RET,
	ENVID,
	SET,
	OTHER,
	REBUILD,
	REFUSED
};

struct option {
	enum what what;
	bool arg;           /* attached, or the next word */
	bool attached_only; /* perhaps an argument, never the next word */
	bool filter;        /* filter takes it too */
	const char *why;    /* it is refused */
};

static const char queue_why[] =
	"works on the mail transfer agent's queue: call that program itself";

/* By sendmail(8) of Sendmail, Postfix and Exim; what none of them has is unknown, and refused. */
static const struct option table[128] = {
	['A'] = {IGNORED, .arg = true},
	['B'] = {BODY, .arg = true},
	['b'] = {MODE, .arg = true},
	['C'] = {IGNORED, .arg = true},
	['c'] = {IGNORED},
	['d'] = {IGNORED, .attached_only = true},
	['e'] = {IGNORED, .arg = true},
	['F'] = {FULLNAME, .arg = true},
	['f'] = {SENDER, .arg = true, .filter = true},
	['G'] = {IGNORED},
	['h'] = {IGNORED, .arg = true},
	['I'] = {REBUILD},
	['i'] = {IGNORE_DOTS, .filter = true},
	['L'] = {IGNORED, .arg = true},
	['M'] = {REFUSED, .arg = true, .why = queue_why},
	['m'] = {IGNORED},
	['N'] = {NOTIFY, .arg = true},
	['n'] = {IGNORED},
	['O'] = {SET, .arg = true},
	['o'] = {OTHER, .arg = true},
	['p'] = {IGNORED, .arg = true},
	['q'] = {REFUSED, .attached_only = true, .why = queue_why},
	['R'] = {RET, .arg = true},
	['r'] = {SENDER, .arg = true},
	['t'] = {FROM_HEADERS, .filter = true},
	['U'] = {IGNORED},
	['V'] = {ENVID, .arg = true},
	['v'] = {VERBOSE},
	['X'] = {IGNORED, .arg = true},
	['x'] = {IGNORED},
};

/* Modes of -b other than m, by their letter. */
static const char *mode_why(char mode)
{
	switch (mode) {
	case 's':
		return "speaks SMTP, which would carry mail past sealpost";
	case 'd':
	case 'D':
	case 'l':
		return "runs a mail server";
	case 'v':
	case 't':
		return "tests addresses: call the mail transfer agent itself";
	default:
		return "is a mode that sealpost does not know";
	}
}

static int take_sender(struct send_args *a, const char *s, struct err *err)
{
	char why[ERR_MSG_MAX];
	struct addr addr;

	if (*s == '\0' || strcmp(s, "<>") == 0) {
		a->sender[0] = '\0';
	} else if (address_argument(s, &addr, err) < 0) {
		memcpy(why, err->msg, sizeof(why));
		return err_set(err, ERR_USAGE, "sender %.300s: %.600s", s, why);
	} else {
		memcpy(a->sender, addr.text, strlen(addr.text) + 1);
	}
	a->have_sender = true;
	return 0;
}

static int take_fullname(struct send_args *a, const char *s, struct err *err)
{
	const char *p;

	if (strlen(s) >= sizeof(a->fullname))
		return err_set(err, ERR_USAGE, "option -F: the name is longer than %zu bytes",
			sizeof(a->fullname) - 1);
	for (p = s; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(
				err, ERR_USAGE, "option -F: the name holds control characters");
	}
	if (*s == '-')
		return err_set(err, ERR_USAGE, "option -F: the name begins like an option");
	memcpy(a->fullname, s, strlen(s) + 1);
	return 0;
}

/* "never", or some of the others, separated by commas. */
static int take_notify(struct send_args *a, const char *s, struct err *err)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} word[] = {{"never", HANDOFF_NOTIFY_NEVER}, {"success", HANDOFF_NOTIFY_SUCCESS},
		{"failure", HANDOFF_NOTIFY_FAILURE}, {"delay", HANDOFF_NOTIFY_DELAY}};
	const size_t words = sizeof(word) / sizeof(word[0]);
	const char *p = s;
	uint8_t bits = 0;
	size_t i, len;

	do {
		len = strcspn(p, ",");
		for (i = 0; i < words; i++) {
			if (strlen(word[i].name) == len && strncasecmp(p, word[i].name, len) == 0)
				break;
		}
		if (i == words)
			return err_set(err, ERR_USAGE,
				"option -N: %.60s is neither never nor some of success, failure "
				"and delay",
				s);
		bits |= word[i].bit;
		p += len;
	} while (*p++ == ',');
	if ((bits & HANDOFF_NOTIFY_NEVER) && bits != HANDOFF_NOTIFY_NEVER)
		return err_set(err, ERR_USAGE, "option -N: never cannot be combined");
	a->dsn.notify = bits;
	return 0;
}

static int take_ret(struct send_args *a, const char *s, struct err *err)
{
	if (strcasecmp(s, "hdrs") == 0)
		a->dsn.ret = HANDOFF_RET_HDRS;
	else if (strcasecmp(s, "full") == 0)
		a->dsn.ret = HANDOFF_RET_FULL;
	else
		return err_set(err, ERR_USAGE, "option -R: %.60s is neither hdrs nor full", s);
	return 0;
}

static int take_envid(struct send_args *a, const char *s, struct err *err)
{
	if (*s == '\0' || strlen(s) >= sizeof(a->dsn.envid) || !handoff_envid_ok(s))
		return err_set(err, ERR_USAGE,
			"option -V: an envelope identifier has 1 to %zu bytes, printable, no "
			"blank",
			sizeof(a->dsn.envid) - 1);
	memcpy(a->dsn.envid, s, strlen(s) + 1);
	return 0;
}

static int take_mode(struct send_args *a, const char *s, struct err *err)
{
	if (strcmp(s, "p") == 0)
		a->mode = SEND_MAILQ;
	else if (strcmp(s, "i") == 0 || strcmp(s, "I") == 0)
		a->mode = SEND_NEWALIASES;
	else if (strcmp(s, "m") == 0)
		a->mode = SEND_MAIL;
	else
		return err_set(err, ERR_USAGE, "option -b%.20s %s", s, mode_why(s[0]));
	return 0;
}

/*
 * Of -o only -oi concerns the input; Exim also writes it -oitrue. Exim reads the word after some of
 * its own, and Sendmail does not: then nobody can tell what is a recipient.
 */
static int take_other(struct send_args *a, const char *s, struct err *err)
{
	static const char *const unclear[] = {"A", "B", "P", "r", "s", "X", "M", "Ma", "Maa", "Mai",
		"Mas", "Mc", "Mi", "Mm", "Ms", "Mt", "Mr", NULL};
	size_t i;

	if (strcmp(s, "i") == 0 || strcasecmp(s, "itrue") == 0)
		a->ignore_dots = true;
	for (i = 0; unclear[i]; i++) {
		if (strcmp(s, unclear[i]) == 0)
			return err_set(err, ERR_USAGE,
				"option -o%s: whether the next word belongs to it depends on the "
				"mail transfer agent",
				s);
	}
	return 0;
}

static int apply_option(struct send_args *a, char letter, const char *arg, struct err *err)
{
	const struct option *o = &table[(unsigned char)letter];

	switch (o->what) {
	case FROM_HEADERS:
		a->from_headers = true;
		return 0;
	case IGNORE_DOTS:
		a->ignore_dots = true;
		return 0;
	case VERBOSE:
		a->verbose++;
		return 0;
	case SENDER:
		return take_sender(a, arg, err);
	case FULLNAME:
		return take_fullname(a, arg, err);
	case BODY:
		if (strcasecmp(arg, "7BIT") == 0 || strcasecmp(arg, "8BITMIME") == 0)
			return 0;
		return err_set(
			err, ERR_USAGE, "option -B: %.60s is neither 7BIT nor 8BITMIME", arg);
	case MODE:
		return take_mode(a, arg, err);
	case NOTIFY:
		return take_notify(a, arg, err);
	case RET:
		return take_ret(a, arg, err);
	case ENVID:
		return take_envid(a, arg, err);
	case SET:
		a->have_setting = true;
		return 0;
	case OTHER:
		return take_other(a, arg, err);
	case REBUILD:
		a->mode = SEND_NEWALIASES;
		return 0;
	case REFUSED:
		return err_set(err, ERR_USAGE, "option -%c %s", letter, o->why);
	case IGNORED:
	case UNKNOWN:
		break;
	}
	return 0;
}

static int unknown(const char *word, bool filter, struct err *err)
{
	err_set(err, ERR_USAGE, "%.60s: no such option", word);
	if (!filter)
		err_hint(err,
			"sealpost send --help; options of your mail transfer agent's own belong "
			"into the setting mta");
	return ERR_USAGE;
}

/* One word of options, "-ti", "-fADDRESS", "-f" "ADDRESS". *used: 1 when the next word belongs to
 * it. */
static int take_word(struct send_args *a, const char *word, const char *next, bool filter,
	int *used, struct err *err)
{
	const struct option *o;
	const char *p, *arg;
	int rc = 0;

	*used = 0;
	for (p = word + 1; *p && rc == 0; p++) {
		o = &table[(unsigned char)*p & 0x7f];
		if ((unsigned char)*p >= 0x80 || o->what == UNKNOWN)
			return unknown(word, filter, err);
		if (filter && !o->filter)
			return err_set(err, ERR_USAGE, "option -%c: filter does not take it", *p);
		if (!o->arg && !o->attached_only) {
			rc = apply_option(a, *p, NULL, err);
			continue;
		}
		arg = p + 1;
		if (*arg == '\0' && o->arg) {
			if (!next)
				return err_set(err, ERR_USAGE, "option -%c needs an argument", *p);
			arg = next;
			*used = 1;
		}
		return apply_option(a, *p, arg, err);
	}
	return rc;
}

/* --encrypt=WORD, --mixed=WORD...: a policy's rules, but for what only a destination can be. */
static int take_rule(struct send_args *a, const char *word, bool filter, struct err *err)
{
	static const char *const rules[] = {"encrypt", "mixed", "absence", "on-unknown",
		"on-change", "sign", "tls", "header-protection", "autocrypt", "replies", NULL};
	const char *const *rule;
	struct err why = ERR_INIT;
	const char *name = word + 2;
	size_t len = strcspn(name, "=");

	for (rule = rules; *rule; rule++) {
		if (strlen(*rule) == len && memcmp(*rule, name, len) == 0)
			break;
	}
	if (!*rule)
		return unknown(word, filter, err);
	if (name[len] != '=')
		return err_set(err, ERR_USAGE, "option --%s needs =WORD", *rule);
	if (conf_rule_set(&a->once, *rule, name + len + 1, &why) < 0)
		return err_set(err, ERR_USAGE, "option --%s", why.msg);
	return 0;
}

static int take_long(struct send_args *a, const char *word, bool filter, struct err *err)
{
	if (strcmp(word, "--help") == 0)
		a->help = true;
	else if (!filter && strcmp(word, "--explain") == 0)
		a->explain = true;
	else if (!filter && strcmp(word, "--online") == 0)
		a->online = true;
	else if (!filter && strcmp(word, "--again") == 0)
		a->again = true;
	else
		return take_rule(a, word, filter, err);
	return 0;
}

static int add_recipients(
	struct addr_set *set, const struct addr_list *l, const char *s, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < l->n; i++) {
		if (!handoff_rcpt_ok(&l->v[i]))
			return err_set(err, ERR_USAGE,
				"recipient %.300s: names a program, a file or another host, to "
				"some mail transfer agents",
				l->n == 1 ? s : l->v[i].text);
		rc = addr_set_add(set, &l->v[i], err);
	}
	return rc < 0 ? rc : 0;
}

/* listed: after "--", where nothing was meant as an option. */
static int take_recipient(struct addr_set *set, const char *s, bool listed, struct err *err)
{
	struct addr_list l = {NULL, 0};
	char why[ERR_MSG_MAX];
	int rc;

	if (s[0] == '\0')
		return err_set(err, ERR_USAGE, "a recipient is empty");
	rc = recipients_argument(s, &l, err);
	if (rc == ERR_USAGE) {
		memcpy(why, err->msg, sizeof(why));
		err_set(err, ERR_USAGE, "recipient %.300s: %.600s", s, why);
		if (s[0] == '-' && !listed)
			err_hint(err, "options come before the first recipient");
	}
	if (rc == 0)
		rc = add_recipients(set, &l, s, err);
	addr_list_free(&l);
	return rc;
}

int send_args_parse(int argc, char **argv, bool filter, struct send_args *a, struct err *err)
{
	struct addr_set set = {0};
	struct err own = ERR_INIT;
	bool listed = false;
	int i, used, rc = 0;

	if (!err)
		err = &own;
	memset(a, 0, sizeof(*a));
	/* sendmail's -h takes a number: alone it is none of its options. */
	if (argc == 2 && strcmp(argv[1], "-h") == 0) {
		a->help = true;
		return 0;
	}
	for (i = 1; rc == 0 && i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			listed = true;
			i++;
			break;
		}
		if (argv[i][1] == '-') {
			rc = take_long(a, argv[i], filter, err);
			continue;
		}
		rc = take_word(a, argv[i], i + 1 < argc ? argv[i + 1] : NULL, filter, &used, err);
		i += used;
	}
	if (rc == 0 && a->mode != SEND_MAIL && i < argc)
		rc = err_set(err, ERR_USAGE, "%s takes no recipients",
			a->mode == SEND_MAILQ ? "option -bp" : "option -bi");
	if (rc == 0 && a->online && !a->explain)
		rc = err_set(err, ERR_USAGE, "--online is for --explain only");
	for (; rc == 0 && i < argc && !a->help; i++)
		rc = take_recipient(&set, argv[i], listed, err);
	a->rcpt = set.v;
	a->n_rcpt = set.n;
	set.v = NULL;
	addr_set_free(&set);
	if (rc < 0)
		send_args_free(a);
	return rc;
}

void send_args_free(struct send_args *a)
{
	free(a->rcpt);
	a->rcpt = NULL;
	a->n_rcpt = 0;
}
