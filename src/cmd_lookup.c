#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "discover.h"
#include "keep.h"
#include "output.h"
#include "output_lookup.h"
#include "session.h"

#define ADDRESSES_MAX 100000
#define STDIN_MAX (8u << 20)

static const char usage[] =
	"usage: sealpost lookup [--json] [--export] [--pin] [--offline] ADDRESS...\n"
	"\n"
	"Finds the OpenPGP certificate of each address and says how it was found and how it\n"
	"compares with the pin. An ADDRESS of - reads addresses from standard input.\n"
	"\n"
	"  --json      one JSON object a line\n"
	"  --export    write the certificates, ASCII-armoured, to standard output\n"
	"  --pin       pin what was found on first use\n"
	"  --offline   use the pins only, ask nobody\n"
	"\n"
	"Exit status: 0 usable, 1 absent, 69 unusable, 75 unknown, 77 differs from the pin;\n"
	"of several addresses, the highest.\n";

struct lookup {
	bool json, armour, pin, offline;
	struct addr *addr; /* owned */
	size_t n;
};

static int add(struct lookup *l, const char *s, struct err *err)
{
	struct addr *grown;
	char why[ERR_MSG_MAX];

	if (l->n == ADDRESSES_MAX)
		return err_set(err, ERR_USAGE, "more than %d addresses", ADDRESSES_MAX);
	grown = reallocarray(l->addr, l->n + 1, sizeof(*l->addr));
	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	l->addr = grown;
	if (addr_parse(s, &l->addr[l->n], err) < 0) {
		memcpy(why, err->msg, sizeof(why));
		return err_set(err, ERR_USAGE, "%.300s: %.600s", s, why);
	}
	l->n++;
	return 0;
}

/* One address a line; blanks around it do not count. */
static int add_stdin(struct lookup *l, struct err *err)
{
	struct buf in = BUF_INIT(STDIN_MAX);
	char *line, *next;
	int rc = fd_read_all(STDIN_FILENO, &in, err);

	if (rc == 0 && in.len > 0 && memchr(in.p, '\0', in.len))
		rc = err_set(err, ERR_USAGE, "standard input holds a NUL octet");
	for (line = (char *)in.p; rc == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		line += strspn(line, " \t\r");
		line[strcspn(line, " \t\r")] = '\0';
		if (*line != '\0')
			rc = add(l, line, err);
	}
	buf_free(&in);
	return rc;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int options(struct lookup *l, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"export", no_argument, NULL, 'e'}, {"pin", no_argument, NULL, 'p'},
		{"offline", no_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int c, rc = 0;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			l->json = true;
			break;
		case 'e':
			l->armour = true;
			break;
		case 'p':
			l->pin = true;
			break;
		case 'o':
			l->offline = true;
			break;
		case 'h':
			app_help(usage);
			return 1;
		default:
			return err_set(err, ERR_USAGE, "%s: no such option", argv[optind - 1]);
		}
	}
	if (l->json && l->armour)
		return err_set(err, ERR_USAGE, "--json and --export exclude each other");
	if (l->pin && l->offline)
		return err_set(err, ERR_USAGE, "--pin and --offline exclude each other");
	for (; rc == 0 && optind < argc; optind++)
		rc = strcmp(argv[optind], "-") == 0 ? add_stdin(l, err) : add(l, argv[optind], err);
	if (rc == 0 && l->n == 0)
		rc = err_set(err, ERR_USAGE, "no address is given");
	return rc;
}

static void print_armour(const struct finding *f)
{
	struct buf out = BUF_INIT(1u << 22);

	if (f->status == VERDICT_USABLE && cert_armour(f->cert.data, f->cert.len, &out) == 0)
		fwrite(out.p, 1, out.len, stdout);
	else
		lookup_print_text(stderr, f);
	buf_free(&out);
}

static int print_all(const struct lookup *l, const struct finding *f, struct err *err)
{
	int status = 0, one, rc = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->json)
			rc = lookup_print_json(stdout, &f[i]);
		else if (l->armour)
			print_armour(&f[i]);
		else
			lookup_print_text(stdout, &f[i]);
		one = verdict_exit(f[i].status);
		status = one > status ? one : status;
	}
	if (out_finish() < 0 || rc < 0)
		return err_set(err, ERR_IO, "standard output cannot be written");
	return status;
}

static int run(struct app *app, const struct lookup *l, struct err *err)
{
	struct session_opts opts = {.runner = !l->offline, .readonly = !l->pin};
	struct session s;
	struct discover d;
	struct finding *f;
	size_t i;
	int rc;

	rc = session_open(&s, app, &opts, err);
	if (rc < 0)
		return rc;
	d = (struct discover){.app = app,
		.runner = &s.runner,
		.store = s.store,
		.offline = l->offline,
		.keep = l->pin};
	f = calloc(l->n, sizeof(*f));
	for (i = 0; f && i < l->n; i++)
		f[i] = (struct finding){.addr = &l->addr[i], .wanted = true};
	rc = f ? discover_all(&d, f, l->n, err) : err_set(err, ERR_OS, "out of memory");
	for (i = 0; l->pin && rc == 0 && i < l->n; i++)
		rc = keep_first(&d, &f[i], err);
	if (rc == 0)
		rc = print_all(l, f, err);
	findings_free(f, l->n);
	session_close(&s);
	return rc;
}

int cmd_lookup(struct app *app, int argc, char **argv)
{
	struct lookup l = {0};
	struct err err = ERR_INIT;
	int rc;

	rc = options(&l, argc, argv, &err);
	if (rc == ERR_USAGE) {
		rc = app_usage(app, "%s", err.msg);
	} else if (rc == 1) {
		rc = 0;
	} else {
		if (rc == 0)
			rc = run(app, &l, &err);
		if (rc < 0)
			rc = app_fail(&err);
	}
	free(l.addr);
	return rc;
}
