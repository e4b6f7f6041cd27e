/* SPDX-License-Identifier: ISC */
/* The verb queue: lists, sends, shows or drops mail that waits. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "decide/queue.h"
#include "mail/journal.h"
#include "mail/mail.h"
#include "mime/words.h"
#include "print/app.h"
#include "print/output.h"
#include "print/term.h"
#include "store/handed.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#define FIELD_MAX 65536 /* bytes of a field that is shown */

static const char usage[] =
	"usage: sealpost queue [list] [--json]\n"
	"       sealpost queue run [--if-online]\n"
	"       sealpost queue show [--json] N\n"
	"       sealpost queue drop N\n"
	"\n"
	"Mail that is kept to be sent later, sealed to you (the setting queue): because\n"
	"keys could not be looked up, or because the program that sends mail did not\n"
	"accept it.\n"
	"\n"
	"  list         each mail: its number, since when, for whom, and why it waits\n"
	"  run          try to send each; after five days a mail is returned to you\n"
	"    --if-online  do nothing if this machine has only loopback addresses\n"
	"  show         open number N: sender, recipients, Subject and Date\n"
	"  drop         delete number N without sending it\n"
	"\n"
	"  --json       one JSON object a line\n"
	"\n"
	"Exit status: 0, or 1 if something stays, or there is no such number.\n";

struct queue_verb {
	struct app *app;
	bool json, if_online;
	struct queue queue;
	struct queue_entry *v; /* owned */
	size_t n;
	struct store *store; /* for list */
};

/* Whether this machine has an address other than loopback and link-local ones. */
static bool is_online(void)
{
	struct ifaddrs *list = NULL, *a;
	bool online = false;

	if (getifaddrs(&list) < 0)
		return true;
	for (a = list; a && !online; a = a->ifa_next) {
		if (!a->ifa_addr || !(a->ifa_flags & IFF_UP))
			continue;
		if (a->ifa_addr->sa_family == AF_INET) {
			const struct sockaddr_in *in = (const void *)a->ifa_addr;
			uint32_t ip = ntohl(in->sin_addr.s_addr);

			online = ip >> 24 != 127 && ip >> 16 != 0xa9fe;
		} else if (a->ifa_addr->sa_family == AF_INET6) {
			const struct sockaddr_in6 *in = (const void *)a->ifa_addr;

			online = !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) &&
				 !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr);
		}
	}
	freeifaddrs(list);
	return online;
}

/* 1: it is open and listed; 0: there is nothing. */
static int look_into_queue(struct queue_verb *q, struct err *err)
{
	int rc = queue_open(&q->queue, q->app->conf.data_dir, false, err);

	if (rc == 1)
		rc = queue_list(&q->queue, &q->v, &q->n, err);
	return rc < 0 ? rc : q->n > 0;
}

static int print_entry_json(const struct queue_entry *e, const struct handed *h)
{
	struct out *o = out_new(), *item;
	size_t i;

	out_int(o, "number", e->n);
	out_time(o, "since", e->since);
	out_time(o, "until", e->since + (int64_t)QUEUE_DAYS * 86400);
	out_int(o, "size", e->size);
	out_str(o, "sender", h->sender);
	out_array(o, "recipients");
	for (i = 0; i < h->n_rcpt; i++) {
		item = out_item(o, "recipients");
		out_str(item, "address", h->rcpt[i].address);
		out_str(item, "reason", h->rcpt[i].what);
	}
	return out_print(o, stdout);
}

static void print_entry_text(
	const struct style *t, const struct queue_entry *e, const struct handed *h)
{
	char when[TEXT_TIME_MAX] = "";
	size_t i;

	text_time(when, e->since);
	printf("%u since %s, %lld kB\n", e->n, when, (long long)(e->size + 1023) / 1024);
	for (i = 0; i < h->n_rcpt; i++) {
		fputs("  ", stdout);
		out_safe(stdout, h->rcpt[i].address, 0);
		if (h->rcpt[i].what[0] != '\0') {
			fputs(": ", stdout);
			term_text(stdout, t, h->rcpt[i].what,
				2 + term_columns(h->rcpt[i].address) + 2, 4);
		}
		fputc('\n', stdout);
	}
}

static int list_queue(struct queue_verb *q, struct err *err)
{
	const struct style style = style_of(stdout);
	int rc = look_into_queue(q, err), one = 0;
	size_t i;

	if (rc == 1)
		rc = store_open(&q->store, q->app->conf.data_dir, true, err);
	for (i = 0; rc >= 0 && one == 0 && i < q->n; i++) {
		struct handed h = {.rcpt = NULL};

		/* For whom it is stands there, if anywhere in clear. */
		rc = store_handed_queued(q->store, q->v[i].n, &h, err);
		if (rc >= 0 && q->json)
			one = print_entry_json(&q->v[i], &h);
		else if (rc >= 0)
			print_entry_text(&style, &q->v[i], &h);
		if (rc > 0)
			free(h.rcpt);
	}
	store_close(q->store);
	if (rc >= 0 && (one < 0 || out_finish() < 0))
		return out_failed(err, ERR_IO);
	if (rc >= 0 && q->n == 0)
		log_info("nothing waits");
	return rc < 0 ? rc : 0;
}

/* In a separate process, so that a failure with one mail does not affect the next. 0: it has left
 * the queue. */
static int run_entry(struct app *app, const struct queue_entry *e)
{
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid < 0) {
		log_error("queue %u: stays: no process: %s", e->n, strerror(errno));
		return 1;
	}
	if (pid == 0) {
		struct app own = {.conf_file = app->conf_file,
			.sender = app->sender,
			.verb = app->verb,
			.verbose = app->verbose};
		int rc = mail_queue_run(&own, e);

		conf_free(&own.conf);
		_exit(rc);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		log_error("queue %u: stays: its process was killed by signal %d", e->n,
			WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Nothing is there: nothing needs to be held for it. */
static int release_journal(struct queue_verb *q, struct err *err)
{
	int rc;

	if (q->queue.dir < 0)
		return 0;
	rc = queue_lock_empty(&q->queue, err);
	if (rc != 1)
		return rc;
	rc = store_open(&q->store, q->app->conf.data_dir, false, err);
	if (rc == 0)
		rc = store_journal_release_all(q->store, err);
	store_close(q->store);
	return rc;
}

static int run_queue(struct queue_verb *q, struct err *err)
{
	int rc, stays = 0;
	size_t i;

	if (runner_is_inside()) {
		err_set(err, ERR_CONFIG, "started by the program that sealpost hands mail to");
		err_hint(err, "call it from a timer");
		return ERR_CONFIG;
	}
	if (q->if_online && !is_online()) {
		log_info("this machine is not connected");
		return 0;
	}
	rc = look_into_queue(q, err);
	if (rc == 0)
		rc = release_journal(q, err);
	for (i = 0; rc >= 0 && i < q->n; i++) {
		queue_date(&q->queue, &q->v[i], (int64_t)time(NULL));
		stays |= run_entry(q->app, &q->v[i]) != 0;
	}
	return rc < 0 ? rc : stays;
}

/* The entry of that number, which is digits; NULL: none, which was said. */
static const struct queue_entry *find_number(struct queue_verb *q, const char *s, struct err *err)
{
	unsigned long n = strtoul(s, NULL, 10);
	size_t i;

	if (look_into_queue(q, err) < 0)
		return NULL;
	for (i = 0; i < q->n; i++) {
		if (q->v[i].n == n)
			return &q->v[i];
	}
	log_error("%.60s: no such mail is in the queue", s);
	return NULL;
}

/* As people read it, on one line, in b; "" if there is none. What cannot be decoded stays as it is.
 */
static const char *field_text(const struct mail *m, const char *name, struct buf *b)
{
	const char *value = message_field(&m->msg, name);

	if (!value)
		return "";
	return words_decode(value, b) == 0 ? buf_str(b) : value + strspn(value, " \t\n");
}

static int show_json(const struct mail *m)
{
	struct buf subject = BUF_INIT(FIELD_MAX), id = BUF_INIT(FIELD_MAX);
	struct out *o = out_new(), *item;
	size_t i;

	out_int(o, "number", m->queue.entry.n);
	out_time(o, "since", m->queue.entry.since);
	out_time(o, "until", m->queue.entry.since + (int64_t)QUEUE_DAYS * 86400);
	out_int(o, "size", m->queue.entry.size);
	out_str(o, "sender", m->msg.from.text);
	out_str(o, "subject", field_text(m, "Subject", &subject));
	out_str(o, "message_id", field_text(m, "Message-ID", &id));
	buf_free(&subject);
	buf_free(&id);
	out_array(o, "recipients");
	for (i = 0; i < m->env.n; i++) {
		item = out_item(o, "recipients");
		out_str(item, "address", m->env.rcpt[i].addr.name);
		out_bool(item, "sealed_only", m->queue.seal[i]);
	}
	return out_print(o, stdout);
}

static void show_field(const struct mail *m, const char *name)
{
	struct buf b = BUF_INIT(FIELD_MAX);
	const char *value = field_text(m, name, &b);

	if (*value != '\0') {
		printf("  %-12s ", name);
		out_safe(stdout, value, 0);
		fputc('\n', stdout);
	}
	buf_free(&b);
}

static void show_text(const struct mail *m)
{
	static const char *const fields[] = {"From", "To", "Cc", "Subject", "Date", "Message-ID"};
	char when[TEXT_TIME_MAX] = "";
	size_t i;

	text_time(when, m->queue.entry.since);
	printf("%u since %s\n", m->queue.entry.n, when);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		show_field(m, fields[i]);
	for (i = 0; i < m->env.n; i++) {
		fputs("  for          ", stdout);
		out_safe(stdout, m->env.rcpt[i].addr.name, 0);
		fputs(m->queue.seal[i] ? " (never automatically in clear)\n" : "\n", stdout);
	}
}

static int show_entry(struct queue_verb *q, const char *number, struct err *err)
{
	struct session_opts opts = {.runner = true, .opens = true};
	const struct queue_entry *e = find_number(q, number, err);
	struct app own = {.conf_file = q->app->conf_file,
		.sender = q->app->sender,
		.verbose = q->app->verbose};
	struct mail m = MAIL_INIT(&own);
	bool locked = false;
	int rc;

	if (!e)
		return err->code != ERR_NONE ? (int)err->code : 1;
	m.queue = (struct mail_queue){.entry = *e, .running = true};
	rc = session_open(&m.session, &own, &opts, err);
	if (rc == 0)
		rc = mail_queue_load(&m, &locked, err);
	if (rc < 0 && locked)
		err_hint(err, "gpg --decrypt %.400s/queue/%s >/dev/null", own.conf.data_dir,
			e->name);
	if (rc == 1 && q->json)
		rc = show_json(&m) < 0 ? out_failed(err, ERR_IO) : 1;
	else if (rc == 1)
		show_text(&m);
	if (rc == 1 && out_finish() < 0)
		rc = out_failed(err, ERR_IO);
	mail_free(&m);
	conf_free(&own.conf);
	return rc < 0 ? rc : rc == 0;
}

/* With its lock: another process may have sent it since it was listed. */
static int drop_locked(struct queue_verb *q, const struct queue_entry *e, struct err *err)
{
	int fd = -1, rc = queue_entry_open(&q->queue, e, &fd, NULL);

	if (fd >= 0)
		close(fd);
	if (rc == 0) { /* whatever else it is can be dropped */
		log_error("%u: has left the queue just now", e->n);
		return 1;
	}
	rc = store_open(&q->store, q->app->conf.data_dir, false, err);
	if (rc == 0)
		rc = queue_remove(&q->queue, e, err);
	if (rc == 0)
		rc = store_journal_release(q->store, e->mail, err);
	store_close(q->store);
	if (rc == 0)
		printf("%u is gone\n", e->n);
	return rc;
}

static int drop_entry(struct queue_verb *q, const char *number, struct err *err)
{
	const struct queue_entry *e = find_number(q, number, err);
	int lock = -1, rc;

	if (!e)
		return err->code != ERR_NONE ? (int)err->code : 1;
	rc = journal_lock(q->app->conf.data_dir, e->mail, &lock, err);
	if (rc == 0)
		rc = drop_locked(q, e, err);
	if (lock >= 0)
		close(lock);
	return rc;
}

/* Which one, by the first argument that is no option; list without any. The exit status, or an
 * error. */
static int dispatch(struct queue_verb *q, int argc, char **argv, struct err *err)
{
	static const char *const names[] = {"list", "run", "show", "drop", NULL};
	const char *sub = argc > 0 ? argv[0] : "list";
	size_t i;

	for (i = 0; names[i] && strcmp(names[i], sub) != 0; i++)
		;
	if (!names[i])
		return app_unknown("queue", "command", sub, names);
	if (q->if_online && strcmp(sub, "run") != 0)
		return app_usage("queue", "queue %s: does not take --if-online", sub);
	if (q->json && (sub[0] == 'r' || sub[0] == 'd'))
		return app_usage("queue", "queue %s: does not take --json", sub);
	if (sub[0] == 'l' || sub[0] == 'r') {
		if (argc > 1)
			return app_usage("queue", "queue %s: takes no arguments", sub);
		return sub[0] == 'l' ? list_queue(q, err) : run_queue(q, err);
	}
	if (argc != 2 || argv[1][0] == '\0' || argv[1][strspn(argv[1], "0123456789")] != '\0')
		return app_usage(
			"queue", "queue %s: needs one number, as \"sealpost queue\" shows", sub);
	return sub[0] == 's' ? show_entry(q, argv[1], err) : drop_entry(q, argv[1], err);
}

int cmd_queue(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"if-online", no_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct queue_verb q = {.app = app, .queue = {.dir = -1, .lock = -1}};
	struct err err = ERR_INIT;
	int c, rc;

	while ((c = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		q.json |= c == 'j';
		q.if_online |= c == 'o';
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	rc = dispatch(&q, argc - optind, argv + optind, &err);
	queue_close(&q.queue);
	free(q.v);
	return rc < 0 ? app_fail(&err) : rc;
}
