/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "decide/publish_steps.h"
#include "pgp/gpg/home.h"
#include "print/app.h"
#include "verbs/options.h"
#include "verbs/publish/keys.h"
#include "verbs/publish/layout.h"
#include "verbs/publish/look.h"
#include "verbs/publish/view.h"
#include "verbs/publish/write.h"
#include "verbs/verbs.h"

#define ROOTS_MAX 64

static const char usage[] =
	"usage: sealpost publish plan [--json] [--all] [-d DOMAIN]... FILE\n"
	"       sealpost publish write [-d DOMAIN]... [--offline]\n"
	"                              [--force=STEP[:NAME]]... DIR FILE\n"
	"       sealpost publish verify [--json] [-d DOMAIN]... [--no-smtp] FILE\n"
	"\n"
	"write generates from FILE what a domain has to publish: keys (Web Key Directory,\n"
	"OPENPGPKEY), the MTA-STS policy, DNS records, and the configuration of the web\n"
	"server; plan shows what differs from what is live now, and which step comes\n"
	"next; verify fetches it all as an outsider would. FILE is described in\n"
	"sealpost-publish(5).\n"
	"\n"
	"  -d DOMAIN            this domain only; others stay as they are\n"
	"  --json               one JSON object for each domain\n"
	"  --all                show domains with nothing to do, too, however many\n"
	"  --offline            no network; steps that depend on what is live are refused\n"
	"  --force=STEP[:NAME]  take a step that would be refused, for all or for this\n"
	"                       name\n"
	"  --no-smtp            do not connect to the mail servers\n"
	"\n"
	"Exit status: 0 done or verified, 1 something differs or was left out, 69 a step\n"
	"is unsafe, 75 what is live is unknown, 73 DIR cannot be used, 74 writing\n"
	"failed, 78 FILE is wrong or a file with keys holds a secret one.\n";

static int push_text(const char ***list, size_t *n, const char *text, struct err *err)
{
	const char **grown = reallocarray(*list, *n + 1, sizeof(*grown));

	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	*list = grown;
	grown[(*n)++] = text;
	return 0;
}

static int add_force(struct publish_args *a, const char *text, struct err *err)
{
	char word[32];
	struct forced_step *grown;
	enum publish_step step;
	size_t len = strcspn(text, ":");

	snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : 0, text);
	if (publish_step_word(word, &step) < 0 || (text[len] == ':' && text[len + 1] == '\0'))
		return err_set(err, ERR_USAGE, "--force=%.100s: is not a step", text);
	grown = reallocarray(a->force, a->n_force + 1, sizeof(*grown));
	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	a->force = grown;
	grown[a->n_force++] = (struct forced_step){.text = text};
	return 0;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int publish_options(struct publish_args *a, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"offline", no_argument, NULL, 'o'},
		{"json", no_argument, NULL, 'j'}, {"all", no_argument, NULL, 'a'},
		{"no-smtp", no_argument, NULL, 's'}, {"force", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c = 0, rc = 0;

	while (rc == 0 && (c = option_next(argc, argv, "d:h", longs, err)) > 0) {
		if (c == 'h') {
			app_help(usage);
			return 1;
		}
		a->json |= c == 'j';
		a->all |= c == 'a';
		a->no_smtp |= c == 's';
		a->offline |= c == 'o';
		if (c == 'd')
			rc = push_text(&a->domain, &a->n_domain, optarg, err);
		else if (c == 'f')
			rc = add_force(a, optarg, err);
	}
	return rc < 0 ? rc : c;
}

/* plan FILE, write DIR FILE, verify FILE; and which options go with it. */
static int publish_operands(struct publish_args *a, int argc, char **argv, struct err *err)
{
	static const char *const word[] = {
		[PUBLISH_PLAN] = "plan", [PUBLISH_WRITE] = "write", [PUBLISH_VERIFY] = "verify"};
	unsigned i;

	if (optind == argc)
		return err_set(err, ERR_USAGE, "plan, write or verify is missing");
	for (i = 0; i < 3 && strcmp(argv[optind], word[i]) != 0; i++)
		;
	if (i == 3)
		return err_set(
			err, ERR_USAGE, "%.100s: is not plan, write or verify", argv[optind]);
	a->what = i;
	if (argc - optind != (a->what == PUBLISH_WRITE ? 3 : 2))
		return err_set(err, ERR_USAGE,
			a->what == PUBLISH_WRITE ? "write: DIR and FILE are expected"
						 : "%s: FILE is expected",
			word[i]);
	if (a->what == PUBLISH_WRITE ? a->json || a->all || a->no_smtp
				     : a->offline || a->n_force > 0)
		return err_set(err, ERR_USAGE, "%s: takes no such option", word[i]);
	if (a->what == PUBLISH_WRITE)
		a->dir = argv[++optind];
	a->file = argv[optind + 1];
	return 0;
}

static int choose_domains(struct publish *p, struct err *err)
{
	const struct publish_args *a = p->args;
	const struct publish_domain *d;
	char name[ADDR_DOMAIN_MAX + 1];
	size_t i;

	p->chosen = calloc(p->conf.n_domain + 1, sizeof(*p->chosen));
	if (!p->chosen)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < p->conf.n_domain && a->n_domain == 0; i++)
		p->chosen[i] = true;
	for (i = 0; i < a->n_domain; i++) {
		d = addr_domain(a->domain[i], name, NULL) == 0 ? publish_find(&p->conf, name)
							       : NULL;
		if (!d)
			return err_set(err, ERR_USAGE, "%.200s: is not a domain of %s",
				a->domain[i], p->conf.path);
		p->chosen[publish_index(p, d)] = true;
	}
	for (i = 0; i < p->conf.n_domain; i++)
		p->n_chosen += p->chosen[i];
	return 0;
}

/* Enters the sandbox: the paths to read and write are known now. */
static int open_session(struct publish *p, const char *dir, struct err *err)
{
	struct buf texts = BUF_INIT(1u << 20);
	const char *roots[ROOTS_MAX];
	char name[40];
	struct session_opts opts = {.runner = true, .reads = roots, .writes = dir};
	int rc = key_roots(&p->conf, &texts, roots, ROOTS_MAX, err);

	/* plan and verify read what was written. */
	if (rc == 0 && !dir[0] && publish_file_name(&p->conf, name) == 0)
		opts.reads_named_in = name;
	if (rc == 0)
		rc = session_open(&p->session, p->app, &opts, err);
	if (rc == 0)
		rc = gpg_init(err);
	buf_free(&texts);
	return rc;
}

/* Mail servers that tlsa-from of a provider names in vain. */
static void tell_unused(const struct publish *p)
{
	const struct publish_conf *c = &p->conf;
	size_t i, k;

	for (i = 0; i < c->n_section; i++) {
		for (k = 0; k < c->section[i].tlsa.n; k++) {
			if (!publish_tlsa_used(c, &c->section[i], c->section[i].tlsa.v[k]))
				log_warn("%s:%d: tlsa-from: %s lies in the zone of no customer",
					c->path, c->section[i].tlsa.line[k],
					c->section[i].tlsa.v[k]);
		}
	}
}

/* Refuses what this version does not support. */
static int check_supported(const struct publish *p, struct err *err)
{
	size_t i;

	for (i = 0; i < p->conf.n_domain; i++) {
		const struct publish_domain *d = &p->conf.domain[i];

		if (p->args->offline && d->sts != PUBLISH_STS_OFF && d->section->mx.n == 0)
			return err_set(err, ERR_CONFIG,
				"%s:%d: mta-sts needs mx = ... with --offline", p->conf.path,
				publish_line_of(d->section, "mta-sts"));
	}
	tell_unused(p);
	return 0;
}

static int run_publish(struct app *app, const struct publish_args *a, struct err *err)
{
	struct publish p = {.app = app,
		.args = a,
		.session = {.runner = {.sock = -1}},
		.net = -1,
		.now = time(NULL)};
	char real[FILE_PATH_MAX] = "";
	int rc;

	umask(022); /* a file that the web server cannot read would stop every sender */
	rc = publish_conf_load(a->file, &p.conf, err);
	if (rc < 0 && err->hint[0] == '\0')
		err_hint(err, "man sealpost-publish");
	if (rc < 0)
		return rc;
	rc = choose_domains(&p, err);
	if (rc == 0)
		rc = check_supported(&p, err);
	if (rc == 0 && a->what == PUBLISH_WRITE)
		rc = tree_prepare(a->dir, real, err);
	if (rc == ERR_CREATE && err->hint[0] == '\0')
		err_hint(err, "name a folder that you may write to, or may make");
	if (rc == 0)
		rc = open_session(&p, real, err);
	if (rc == 0) {
		rc = a->what == PUBLISH_WRITE ? publish_write(&p, real, err)
					      : publish_view(&p, err);
		look_end(&p);
		session_close(&p.session);
	}
	free(p.chosen);
	publish_conf_free(&p.conf);
	return rc;
}

int cmd_publish(struct app *app, int argc, char **argv)
{
	struct publish_args a = {.json = false};
	struct err err = ERR_INIT;
	int rc = publish_options(&a, argc, argv, &err);

	if (rc == 0)
		rc = publish_operands(&a, argc, argv, &err);
	if (rc == 0)
		rc = run_publish(app, &a, &err);
	free(a.domain);
	free(a.force);
	if (rc == ERR_USAGE)
		return app_usage_err(app->verb, &err);
	if (rc == 1 && a.what == PUBLISH_PLAN && !a.file)
		return 0;
	if (rc == ERR_CONFIG && err.hint[0] == '\0')
		err_hint(&err, "man sealpost-publish");
	return rc < 0 ? app_fail(&err) : rc;
}
