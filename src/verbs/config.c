/* SPDX-License-Identifier: ISC */
/* The verb config: each setting with its value and its origin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "print/app.h"
#include "print/output.h"
#include "print/style.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#define SETTINGS_MAX 128

static const char usage[] =
	"usage: sealpost config [--json] [SETTING...]\n"
	"\n"
	"Shows every setting, or those named, in the form of a configuration file: its\n"
	"value, and the file and line that it comes from. A setting that no file has is\n"
	"shown as a comment, with its default.\n"
	"\n"
	"  --json   one JSON object a line\n"
	"\n"
	"Exit status: 0, 64 there is no such setting, 78 the configuration cannot be\n"
	"used.\n";

struct listing {
	const struct conf *conf;
	bool json;
	char **wanted; /* borrowed; those named */
	int n_wanted;
	struct style style;
	const char *names[SETTINGS_MAX + 1]; /* borrowed; of all settings */
	size_t n_names;
	char section[128]; /* that was printed last */
	int rc;
};

/* The words of the command that sends mail where none is configured; "" where there is none. */
static const char *found_mta(const struct conf *c, struct buf *out)
{
	char **argv = NULL;
	size_t i;

	buf_reset(out);
	if (conf_mta(c, "", &argv, NULL) == 0) {
		for (i = 0; argv[i]; i++)
			(void)buf_addf(out, "%s%s", i > 0 ? " " : "", argv[i]);
	}
	free(argv);
	return buf_str(out);
}

static bool is_named(const struct listing *l, const char *name)
{
	int i;

	for (i = 0; i < l->n_wanted && strcmp(l->wanted[i], name) != 0; i++)
		;
	return l->n_wanted == 0 || i < l->n_wanted;
}

static int setting_json(const struct conf_setting *s, const char *value)
{
	struct out *o = out_new();

	out_str(o, "section", s->section);
	out_str(o, "name", s->of);
	out_str(o, "setting", s->name);
	out_str(o, "value", value);
	out_str(o, "default", s->standard);
	out_str(o, "file", s->file);
	if (s->line > 0)
		out_int(o, "line", s->line);
	else
		out_null(o, "line");
	return out_print(o, stdout);
}

static void print_section(struct listing *l, const struct conf_setting *s)
{
	char section[sizeof(l->section)];

	snprintf(section, sizeof(section), "[%s%s%s]", s->section, *s->of ? " " : "", s->of);
	if (strcmp(section, l->section) == 0)
		return;
	printf("%s%s\n", l->section[0] ? "\n" : "", section);
	memcpy(l->section, section, sizeof(section));
}

/* Its source and its default: "" if there is nothing to add. */
static void write_remark(struct buf *out, const struct conf_setting *s, bool found)
{
	if (found)
		(void)buf_adds(out, "; found on this machine");
	if (s->line > 0)
		(void)buf_addf(out, "; %s:%d", s->file, s->line);
	if (s->line > 0 && *s->standard && strcmp(s->standard, s->value) != 0)
		(void)buf_addf(out, ", default: %s", s->standard);
}

static void setting_text(struct listing *l, const struct conf_setting *s, const char *value)
{
	struct buf line = BUF_INIT(1u << 17), remark = BUF_INIT(1u << 17);
	size_t width;

	print_section(l, s);
	(void)buf_addf(
		&line, "%s%s =%s%s", s->line > 0 ? "" : "; ", s->name, *value ? " " : "", value);
	write_remark(&remark, s, value != s->value);
	width = line.len < 32 ? 32 : line.len;
	/* On a terminal the remark stands above what it does not fit behind. */
	if (l->style.terminal && remark.len > 0 &&
		width + 1 + remark.len > (size_t)l->style.width) {
		style_print(stdout, &l->style, TONE_DIM, buf_str(&remark), 0);
		printf("\n");
		buf_reset(&remark);
	}
	if (s->line > 0)
		out_safe(stdout, buf_str(&line), remark.len > 0 ? (int)width + 1 : 0);
	else
		style_print(stdout, &l->style, TONE_DIM, buf_str(&line),
			remark.len > 0 ? (int)width + 1 : 0);
	style_print(stdout, &l->style, TONE_DIM, buf_str(&remark), 0);
	printf("\n");
	buf_free(&line);
	buf_free(&remark);
}

static int list_setting(const struct conf_setting *s, void *arg)
{
	struct listing *l = arg;
	struct buf mta = BUF_INIT(1u << 16);
	const char *value = s->value;

	if (!is_named(l, s->name))
		return 0;
	if (!*value && s->line == 0 && strcmp(s->name, "mta") == 0)
		value = *found_mta(l->conf, &mta) ? buf_str(&mta) : value;
	if (l->json)
		l->rc = setting_json(s, value);
	else
		setting_text(l, s, value);
	buf_free(&mta);
	return l->rc < 0 || ferror(stdout);
}

static int gather_name(const struct conf_setting *s, void *arg)
{
	struct listing *l = arg;

	if (l->n_names < SETTINGS_MAX)
		l->names[l->n_names++] = s->name;
	return 0;
}

/* Whether each given name exists; if not, the exit status. */
static int check_names(struct listing *l, const char *verb, struct err *err)
{
	static const char *const others[] = {"to", "public", "key", "keys", "from"};
	size_t i;
	int k, rc;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		l->names[l->n_names++] = others[i];
	rc = conf_each_setting(l->conf, gather_name, l, err);
	for (k = 0; rc == 0 && k < l->n_wanted; k++) {
		for (i = 0; i < l->n_names && strcmp(l->names[i], l->wanted[k]) != 0; i++)
			;
		if (i == l->n_names)
			return app_unknown(verb, "setting", l->wanted[k], l->names);
	}
	return rc;
}

int cmd_config(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct listing l = {.conf = &app->conf};
	struct err err = ERR_INIT;
	int c, rc;

	while ((c = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		l.json = true;
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	l.wanted = argv + optind;
	l.n_wanted = argc - optind;
	l.style = style_of(stdout);
	rc = check_names(&l, app->verb, &err);
	if (rc > 0)
		return rc;
	if (rc == 0)
		rc = conf_each_setting(&app->conf, list_setting, &l, &err);
	if (rc == 0 && (l.rc < 0 || out_finish() < 0))
		rc = out_failed(&err, ERR_IO);
	return rc < 0 ? app_fail(&err) : rc;
}
