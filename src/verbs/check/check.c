/* SPDX-License-Identifier: ISC */
/* The verb check: its help and arguments; asks about a domain and prints the page. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/discover.h"
#include "print/app.h"
#include "print/output.h"
#include "verbs/check/output.h"
#include "process/session.h"
#include "transport/transport.h"
#include "verbs/verbs.h"

static const char usage[] =
	"usage: sealpost check [--json] [--live[=PORT]] DOMAIN | ADDRESS\n"
	"\n"
	"Says everything that a domain does for the security of its mail, with the evidence and\n"
	"what its owner should fix: how mail travels to it (DNSSEC, MX, DANE, MTA-STS, TLS\n"
	"reports), how keys are published, and what is said of certificates.\n"
	"\n"
	"  --json         one JSON object\n"
	"  --live[=PORT]  also speak SMTP with each mail server (port 25), and verify its\n"
	"                 certificate; no mail is sent\n"
	"\n"
	"Exit status: 0 mail to the domain is protected on its way, 1 it is not, 75 cannot be "
	"told.\n";

struct check {
	bool json, live;
	uint16_t port;
	bool is_address;
	struct addr addr;
	char domain[ADDR_DOMAIN_MAX + 1];
};

static int set_port(struct check *c, const char *s, struct err *err)
{
	char *end;
	long v = s[0] >= '0' && s[0] <= '9' ? strtol(s, &end, 10) : 0;

	if (v < 1 || v > 65535 || *end != '\0')
		return err_set(err, ERR_USAGE, "--live=%.100s: is not a port", s);
	c->port = (uint16_t)v;
	return 0;
}

static int set_name(struct check *c, const char *s, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	c->is_address = strchr(s, '@') != NULL;
	rc = c->is_address ? addr_parse(s, &c->addr, &why) : addr_domain(s, c->domain, &why);
	if (rc < 0)
		return err_set(err, ERR_USAGE, "%.300s: %.600s", s, why.msg);
	if (c->is_address)
		memcpy(c->domain, c->addr.domain, sizeof(c->domain));
	if ((c->is_address && !addr_discoverable(&c->addr)) || !strchr(c->domain, '.'))
		return err_set(
			err, ERR_USAGE, "%.300s: is not a domain that can be asked about", s);
	return 0;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int options(struct check *c, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"live", optional_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int o, rc = 0;

	opterr = 0;
	while (rc == 0 && (o = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (o) {
		case 'j':
			c->json = true;
			break;
		case 'l':
			c->live = true;
			rc = optarg ? set_port(c, optarg, err) : 0;
			break;
		case 'h':
			app_help(usage);
			return 1;
		default:
			return err_set(err, ERR_USAGE, "%s: no such option", argv[optind - 1]);
		}
	}
	if (rc < 0)
		return rc;
	if (optind == argc)
		return err_set(err, ERR_USAGE, "no domain is given");
	if (optind + 1 < argc)
		return err_set(err, ERR_USAGE, "%s: one domain at a time", argv[optind + 1]);
	return set_name(c, argv[optind], err);
}

static int find_key(struct app *app, struct session *s, struct finding *key, struct err *err)
{
	struct discover d = {.app = app, .runner = &s->runner, .store = s->store};

	return discover_all(&d, key, 1, err);
}

/* The key's line stands first among those of the keys. */
static void page_key(struct check_page *p, const struct finding *key)
{
	static const enum check_level level[] = {[VERDICT_USABLE] = LEVEL_OK,
		[VERDICT_ABSENT] = LEVEL_NOTE,
		[VERDICT_UNUSABLE] = LEVEL_BAD,
		[VERDICT_UNKNOWN] = LEVEL_UNKNOWN,
		[VERDICT_CONFLICT] = LEVEL_BAD};
	struct check_line l = {.group = GROUP_KEYS, .level = level[key->status]};

	page_add(p, &l, key->addr->name, NULL, "%s%s%s: %s", verdict_name(key->status),
		key->cert.fpr[0] ? " " : "", key->cert.fpr, key->reason);
}

static int print(const struct check *c, const struct transport *t, const struct finding *key,
	struct err *err)
{
	const struct check_reply *r = &t->reply;
	struct check_page p = {.n = 0};
	bool cause = page_cause(&p, r);
	int rc = 0;

	if (!cause)
		page_transport(&p, r, &t->protection);
	if (key)
		page_key(&p, key);
	if (!cause) {
		page_keys(&p, r);
		page_certificates(&p, r);
	}
	if (p.failed)
		rc = err_set(err, ERR_OS, "out of memory");
	else if (c->json)
		rc = check_print_json(stdout, r, &t->protection, &p, key);
	else
		check_print_text(stdout, r, &t->protection, &p);
	if (rc == 0 && out_finish() < 0)
		rc = err_set(err, ERR_IO, "standard output cannot be written");
	page_free(&p);
	return rc;
}

/* Both at the same time: the key is looked up while the domain is looked at. */
static int ask(struct app *app, struct session *s, struct transport *t, struct finding *key,
	struct err *err)
{
	struct transport_round round;
	int rc = transport_begin(&round, app, &s->runner, s->store, t, 1, err);

	if (rc == 0 && key)
		rc = find_key(app, s, key, err);
	if (rc == 0)
		return transport_end(&round, true, err);
	transport_cancel(&round);
	return rc;
}

/* The exit status, or an error. */
static int run(struct app *app, const struct check *c, struct err *err)
{
	struct session_opts opts = {.runner = true};
	struct transport t = {
		.q = {.want = CHECK_TRANSPORT | CHECK_KEYS | CHECK_REST, .port = c->port}};
	struct finding *key = NULL;
	struct session s;
	int rc;

	rc = session_open(&s, app, &opts, err);
	if (rc < 0)
		return rc;
	memcpy(t.q.domain, c->domain, sizeof(t.q.domain));
	if (c->live)
		t.q.want |= CHECK_LIVE;
	if (c->is_address) {
		memcpy(t.q.address, c->addr.name, sizeof(t.q.address));
		key = calloc(1, sizeof(*key));
		if (!key)
			rc = err_set(err, ERR_OS, "out of memory");
		else
			*key = (struct finding){.addr = &c->addr, .wanted = true};
	}
	if (rc == 0)
		rc = ask(app, &s, &t, key, err);
	if (rc == 0 && !t.answered)
		rc = err_set(err, ERR_TEMP, "%s: %s", c->domain, t.why);
	if (rc == 0)
		rc = print(c, &t, key, err);
	if (rc == 0)
		rc = check_exit(&t.reply, &t.protection);
	findings_free(key, key ? 1 : 0);
	transport_free(&t);
	session_close(&s);
	return rc;
}

int cmd_check(struct app *app, int argc, char **argv)
{
	struct check c = {.json = false};
	struct err err = ERR_INIT;
	int rc;

	rc = options(&c, argc, argv, &err);
	if (rc == ERR_USAGE)
		return app_usage(app->verb, "%s", err.msg);
	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = run(app, &c, &err);
	return rc < 0 ? app_fail(&err) : rc;
}
