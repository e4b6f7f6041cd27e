#include "send/args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "send/addr_set.h"

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
	OTHER,
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
	['d'] = {IGNORED, .attached_only = true},
	['e'] = {IGNORED, .arg = true},
	['F'] = {FULLNAME, .arg = true},
	['f'] = {SENDER, .arg = true, .filter = true},
	['G'] = {IGNORED},
	['h'] = {IGNORED, .arg = true},
	['I'] = {REFUSED, .why = "rebuilds the alias database: call newaliases itself"},
	['i'] = {IGNORE_DOTS, .filter = true},
	['L'] = {IGNORED, .arg = true},
	['M'] = {REFUSED, .arg = true, .why = queue_why},
	['m'] = {IGNORED},
	['N'] = {IGNORED, .arg = true},
	['n'] = {IGNORED},
	['O'] = {IGNORED, .arg = true},
	['o'] = {OTHER, .arg = true},
	['q'] = {REFUSED, .attached_only = true, .why = queue_why},
	['R'] = {IGNORED, .arg = true},
	['r'] = {SENDER, .arg = true},
	['t'] = {FROM_HEADERS, .filter = true},
	['U'] = {IGNORED},
	['V'] = {IGNORED, .arg = true},
	['v'] = {VERBOSE},
	['X'] = {IGNORED, .arg = true},
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
	case 'i':
	case 'I':
		return "rebuilds the alias database: call newaliases itself";
	case 'p':
		return queue_why;
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
	} else if (addr_parse(s, &addr, err) < 0) {
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
		return err_set(err, ERR_USAGE, "option -F: the name is longer than %zu octets",
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

static int apply(struct send_args *a, char letter, const char *arg, struct err *err)
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
		if (strcmp(arg, "m") == 0)
			return 0;
		return err_set(err, ERR_USAGE, "option -b%.20s %s", arg, mode_why(arg[0]));
	case OTHER:
		/* Of -o only -oi concerns the input; Exim also writes it -oitrue. */
		if (strcmp(arg, "i") == 0 || strcasecmp(arg, "itrue") == 0)
			a->ignore_dots = true;
		return 0;
	case REFUSED:
		return err_set(err, ERR_USAGE, "option -%c %s", letter, o->why);
	case IGNORED:
	case UNKNOWN:
		break;
	}
	return 0;
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
			return err_set(err, ERR_USAGE, "%.60s: no such option", word);
		if (filter && !o->filter)
			return err_set(err, ERR_USAGE, "option -%c: filter does not take it", *p);
		if (!o->arg && !o->attached_only) {
			rc = apply(a, *p, NULL, err);
			continue;
		}
		arg = p + 1;
		if (*arg == '\0' && o->arg) {
			if (!next)
				return err_set(err, ERR_USAGE, "option -%c needs an argument", *p);
			arg = next;
			*used = 1;
		}
		return apply(a, *p, arg, err);
	}
	return rc;
}

static int take_long(struct send_args *a, const char *word, bool filter, struct err *err)
{
	if (strcmp(word, "--help") == 0)
		a->help = true;
	else if (!filter && strcmp(word, "--explain") == 0)
		a->explain = true;
	else if (!filter && strcmp(word, "--online") == 0)
		a->online = true;
	else
		return err_set(err, ERR_USAGE, "%.60s: no such option", word);
	return 0;
}

static int take_recipient(struct addr_set *set, const char *s, struct err *err)
{
	char why[ERR_MSG_MAX];
	struct addr addr;
	int rc;

	if (addr_parse(s, &addr, err) < 0) {
		memcpy(why, err->msg, sizeof(why));
		err_set(err, ERR_USAGE, "recipient %.300s: %.600s", s, why);
		if (s[0] == '-')
			err_hint(err, "options stand before the first recipient");
		return ERR_USAGE;
	}
	rc = addr_set_add(set, &addr, err);
	return rc < 0 ? rc : 0;
}

int send_args_parse(int argc, char **argv, bool filter, struct send_args *a, struct err *err)
{
	struct addr_set set = {0};
	struct err own = ERR_INIT;
	int i, used, rc = 0;

	if (!err)
		err = &own;
	memset(a, 0, sizeof(*a));
	for (i = 1; rc == 0 && i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
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
	if (rc == 0 && a->online && !a->explain)
		rc = err_set(err, ERR_USAGE, "--online is for --explain only");
	for (; rc == 0 && i < argc && !a->help; i++)
		rc = take_recipient(&set, argv[i], err);
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
