/* SPDX-License-Identifier: ISC */
/*
 * process/runner.c, runner_serve.c, runner_agent.c and runner_gpg.c: requests, their answers, and
 * the other two programs, an agent and a sealpost-net. For the latter the test runs a copy of
 * itself, laid out like an installation.
 */
#include "base/temp_dir.h"
#include "pgp/gpg/gpg_child.h"
#include "runner_util.h"
#include "unix_listener.h"

#include <sys/prctl.h>

static enum err_code answer_of(int sock)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind = 0;
	struct err remote = ERR_INIT;
	struct rd rd;

	assert_int_equal(frame_recv(sock, INT64_MAX, &kind, &body, NULL, NULL, NULL), 0);
	assert_int_equal(kind, FRAME_ERR);
	rd_init(&rd, body.p, body.len);
	runner_err_read(&rd, &remote);
	buf_free(&body);
	return remote.code;
}

/* What a client that was taken over might send. */
static void requests_refused(void **state)
{
	static const struct {
		const char *name;
		int kind;
		const char *rcpt;
		bool fd;
		enum err_code code;
	} rows[] = {
		{"unknown kind", 99, NULL, false, ERR_INTERNAL},
		{"an answer", FRAME_OK, NULL, false, ERR_INTERNAL},
		{"a lookup", FRAME_LOOKUP, NULL, false, ERR_INTERNAL},
		{"settings", FRAME_NET_SETTINGS, "x@b.example", false, ERR_INTERNAL},
		{"start-net without a port", FRAME_START_NET, NULL, false, ERR_INTERNAL},
		{"start-net with more than a port", FRAME_START_NET, "x@b.example", false,
			ERR_INTERNAL},
		{"start-agent with a descriptor", FRAME_START_AGENT, NULL, true, ERR_INTERNAL},
		{"start-agent without a wish", FRAME_START_AGENT, NULL, false, ERR_INTERNAL},
		{"gpg without a job", FRAME_RUN_GPG, NULL, false, ERR_INTERNAL},
		{"gpg with too few descriptors", FRAME_RUN_GPG, NULL, true, ERR_INTERNAL},
		{"notify with a descriptor", FRAME_NOTIFY, NULL, true, ERR_INTERNAL},
		{"notify without a text", FRAME_NOTIFY, NULL, false, ERR_INTERNAL},
		{"notify with more than a text", FRAME_NOTIFY, "x@b.example", false, ERR_INTERNAL},
		{"hand-off without body", FRAME_HANDOFF, NULL, true, ERR_INTERNAL},
		{"recipient with a dash", FRAME_HANDOFF, "-oQ/tmp", true, ERR_USAGE},
		{"recipient with a dash and a domain", FRAME_HANDOFF, "-x@b.example", true,
			ERR_USAGE},
		{"recipient that is a program", FRAME_HANDOFF, "|prog", true, ERR_USAGE},
		{"recipient that is none", FRAME_HANDOFF, "a b", true, ERR_USAGE},
	};
	struct runner r;
	struct wr w;
	size_t i;
	int fd;

	(void)state;
	start(&r);
	(void)unlink(at("argv"));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		fd = rows[i].fd ? mail_fd(ALL_SEALS) : -1;
		w = (struct wr)WR_INIT;
		if (rows[i].rcpt) {
			wr_str(&w, "");
			wr_str(&w, "");
			wr_str(&w, "");
			wr_u8(&w, 0);
			wr_u8(&w, 0);
			wr_str(&w, "");
			wr_u32(&w, 1);
			wr_str(&w, rows[i].rcpt);
		}
		assert_int_equal(
			frame_send(r.sock, -1, (enum frame_kind)rows[i].kind, &w, fd, NULL), 0);
		assert_int_equal(answer_of(r.sock), rows[i].code);
		assert_string_equal(text("argv"), "");
		if (fd >= 0)
			close(fd);
		wr_free(&w);
	}
	runner_stop(&r);
}

/* What is no frame ends it: there is no telling where the next one begins. */
static void not_a_frame(void **state)
{
	struct runner r;
	int status;

	(void)state;
	start(&r);
	assert_int_equal(write(r.sock, "\xff\xff\xff\xff\x0c", 5), 5);
	assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
	assert_int_equal(status, 0);
	close(r.sock);
}

static void broken_configuration(void **state)
{
	struct handoff_result x;
	struct runner r;
	struct err err = ERR_INIT;
	struct gpg_daemons daemons;
	int fd = mail_fd(ALL_SEALS), sock = -1;

	(void)state;
	put("broken", 0600, "[sealpost]\nno-such-setting = 1\n");
	assert_int_equal(runner_start(&r, at("broken"), false, false, NULL), 0);
	assert_int_equal(hand(&r, "", "", "", fd, &x, &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "broken:2"));
	assert_int_equal(runner_net(&r, 0, &sock, &err), ERR_CONFIG);
	assert_int_equal(sock, -1);
	runner_daemons(&r, &daemons);
	assert_int_equal(daemons_find_agent(&daemons, &err), ERR_CONFIG);
	runner_stop(&r);
	close(fd);
}

/* The terminal's signals do not end it before its client; and it clears up behind a client that was
 * killed. */
static void outlives_and_clears_up(void **state)
{
	char temp[FILE_PATH_MAX];
	struct handoff_result x;
	struct runner r;
	int fd = mail_fd(ALL_SEALS), p[2], i;
	pid_t pid;

	(void)state;
	start(&r);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0); /* it runs by now */
	handoff_result_free(&x);
	kill(r.pid, SIGINT);
	kill(r.pid, SIGTERM);
	kill(r.pid, SIGHUP);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0);
	handoff_result_free(&x);
	runner_stop(&r);
	close(fd);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dir_temp_root(temp, NULL) < 0 ||
			runner_start(&r, at("conf"), false, false, NULL) < 0 ||
			write(p[1], temp, sizeof(temp)) != sizeof(temp))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(p[0], temp, sizeof(temp)), sizeof(temp));
	assert_int_equal(access(temp, F_OK), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (i = 0; i < 1000 && access(temp, F_OK) == 0; i++)
		usleep(10000);
	assert_int_equal(access(temp, F_OK), -1);
	close(p[0]);
	close(p[1]);
}

#define MANY_KEYS 8000 /* more than a socket holds the names of */

/*
 * An agent at that path, which greets, and answers each line with "OK " and the line, a line "kill"
 * by ending; it writes down what it is told. Ends with this test.
 */
static pid_t listen_as_agent(const char *name)
{
	char line[2000];
	FILE *f, *told;
	int s, c, i;
	pid_t pid;

	(void)unlink(at(name));
	s = listen_at(at(name), 5);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(s);
		return pid;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((c = accept(s, NULL, NULL)) >= 0) {
		if (unlink(at("ends")) == 0) { /* it still takes connections */
			close(c);
			continue;
		}
		f = fdopen(c, "r+");
		told = fopen(at("told"), "ae");
		setvbuf(f, NULL, _IONBF, 0);
		setvbuf(told, NULL, _IONBF, 0);
		fputs("OK Pleased to meet you\n", f);
		while (fgets(line, sizeof(line), f) && strcmp(line, "CAN\n") != 0) {
			fputs(line, told);
			for (i = 0; strncmp(line, "KEYINFO", 7) == 0 && i < MANY_KEYS; i++)
				fprintf(f, "S KEYINFO %040d D - - - C - - -\n", i);
			fprintf(f, "OK %s", line);
		}
		fputs("(end)\n", told);
		fclose(told);
		fclose(f);
	}
	_exit(0);
}

static void stop_agent(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void agent(void **state)
{
	static const struct {
		const char *name, *script, *socket;
		int rc;
	} rows[] = {
		{"there", "printf 'D %s/S.there\\nOK\\n' \"${0%/*}\"", "S.there", 0},
		{"percent", "printf 'D %s/a%%25b%%20c\\nOK\\n' \"${0%/*}\"", "a%b c", 0},
		{"status lines first", "printf 'S X\\nD %s/x\\nOK\\n' \"${0%/*}\"", "x", 0},
		{"gone", "printf 'D /nonexistent/S.gpg-agent\\nOK\\n'", NULL, ERR_TEMP},
		{"none", "echo 'gpg-connect-agent: no agent running' >&2; exit 2", NULL, ERR_TEMP},
		{"error", "echo 'ERR 1 no'", NULL, ERR_TEMP},
		{"relative", "printf 'D S.gpg-agent\\nOK\\n'", NULL, ERR_TEMP},
		{"hidden NUL", "printf 'D /x%%00y\\nOK\\n'", NULL, ERR_TEMP},
		{"missing", NULL, NULL, ERR_CONFIG},
	};
	char *old = strdup(getenv("PATH")), now[FILE_PATH_MAX];
	struct gpg_daemons daemons;
	struct runner r;
	struct err err = ERR_INIT;
	pid_t pid;
	size_t i;

	(void)state;
	setenv("GNUPGHOME", dir, 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		(void)unlink(at("gpg-connect-agent"));
		if (rows[i].script)
			put("gpg-connect-agent", 0700,
				"#!/bin/sh\n[ \"$*\" = 'getinfo socket_name /bye' ] || exit "
				"9\n%s\n",
				rows[i].script);
		snprintf(now, sizeof(now), rows[i].script ? "%s:/usr/bin:/bin" : "%s", dir);
		pid = rows[i].socket ? listen_as_agent(rows[i].socket) : 0;
		setenv("PATH", now, 1);
		start(&r);
		setenv("PATH", old, 1);
		runner_daemons(&r, &daemons);
		assert_false(daemons_agent_listens(&daemons)); /* it is not started for that */
		assert_int_equal(daemons_find_agent(&daemons, &err), rows[i].rc);
		if (rows[i].rc == 0)
			assert_string_equal(daemons.path, at(rows[i].socket));
		else
			assert_true(err.hint[0] != '\0');
		runner_stop(&r);
		if (pid > 0)
			stop_agent(pid);
	}
	unsetenv("GNUPGHOME");
	free(old);
}

/* What comes back, as far as a line goes; "" at the end. */
static const char *hear(int fd)
{
	static char line[4096];
	size_t n = 0;

	while (n < sizeof(line) - 1 && read(fd, line + n, 1) == 1 && line[n++] != '\n')
		;
	line[n] = '\0';
	return line;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static char *old_path;

/* The programs that are put into the folder are found first. */
static int setup_programs(void **state)
{
	char now[FILE_PATH_MAX + 32];

	old_path = strdup(getenv("PATH"));
	(void)setup(state);
	snprintf(now, sizeof(now), "%s:/usr/bin:/bin", dir);
	return setenv("PATH", now, 1);
}

static int teardown_programs(void **state)
{
	setenv("PATH", old_path, 1);
	free(old_path);
	unsetenv("GNUPGHOME");
	return teardown(state);
}

/* An agent of ours, which a runner will find. */
static pid_t listen_where_asked(void)
{
	put("gpg-connect-agent", 0700, "#!/bin/sh\nprintf 'D %s/S.there\\nOK\\n'\n", dir);
	setenv("GNUPGHOME", dir, 1);
	put("told", 0600, "%s", "");
	return listen_as_agent("S.there");
}

/* A runner whose agent that is. */
static pid_t start_with_agent(struct runner *r, bool opens, struct gpg_daemons *d)
{
	pid_t pid = listen_where_asked();

	put("gpg", 0700, "#!/bin/sh\nexec 5<&0\ncat <&4 >&5 &\nexec cat <&5\n");
	assert_int_equal(runner_start(r, at("conf"), false, opens, NULL), 0);
	runner_daemons(r, d);
	return pid;
}

#define SIGNER "0123456789012345678901234567890123456789"

/* A talk with the agent: to list keys on one socket, else by way of a gpg that the runner starts,
 * which passes on what it reads and hears. */
struct talk {
	int to, from, end; /* end: -1 without gpg */
};

/* Jobs that the real gpg would do as well. */
static struct gpg_job job_to(enum gpg_work work)
{
	struct gpg_job j = {.work = work, .home = "AAAAAA", .n_file = work == GPG_SEALS};

	if (work != GPG_OPENS)
		memcpy(j.signer, SIGNER, sizeof(SIGNER));
	return j;
}

static int start_job(
	struct gpg_daemons *d, const struct gpg_job *j, struct talk *t, struct err *err)
{
	int in[2], out[2], status = memfd_create("status", MFD_CLOEXEC), rc;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	rc = d->gpg(d->arg, j, (const int[]){in[0], out[1], status}, &t->end, err);
	close(in[0]);
	close(out[1]);
	close(status);
	t->to = in[1];
	t->from = out[0];
	return rc;
}

static void begin_talk(struct gpg_daemons *d, enum agent_use use, struct talk *t)
{
	const struct gpg_job j = job_to(use == AGENT_TO_OPEN ? GPG_OPENS : GPG_SIGNS);

	if (use != AGENT_TO_LIST) {
		assert_int_equal(start_job(d, &j, t, NULL), 0);
	} else {
		assert_int_equal(d->agent(d->arg, AGENT_LISTS, d->path, &t->to, NULL), 0);
		t->from = dup(t->to);
		t->end = -1;
	}
	assert_string_equal(hear(t->from), "OK Pleased to meet you\n");
}

static void end_talk(struct talk *t)
{
	close(t->to);
	close(t->from);
	if (t->end >= 0)
		close(t->end);
}

/* What passes, what does not, and that a line is never passed in part. */
static void relay(void **state)
{
	static const struct {
		const char *name;
		enum agent_use use;
		const char *say[3], *hear, *told;
	} rows[] = {
		{"a command of signing", AGENT_TO_SIGN, {"SIGKEY " SIGNER "\n"},
			"OK SIGKEY " SIGNER "\n", "SIGKEY " SIGNER "\n"},
		{"the same to list", AGENT_TO_LIST, {"SIGKEY " SIGNER "\nPKSIGN\nRESET\n"},
			"ERR 67109139 Unknown IPC command <sealpost>\n", "RESET\n"},
		{"cut in pieces", AGENT_TO_LIST, {"HAVE", "KEY --li", "st\n"},
			"OK HAVEKEY --list\n", "HAVEKEY --list\n"},
		{"two at once", AGENT_TO_SIGN, {"RESET\nPKSIGN\n"}, "OK RESET\n",
			"RESET\nPKSIGN\n"},
		{"an export", AGENT_TO_SIGN, {"EXPORT_KEY " SIGNER "\nPKSIGN\n"},
			"ERR 67109139 Unknown IPC command <sealpost>\n", "PKSIGN\n"},
		{"decrypting, while signing", AGENT_TO_SIGN, {"PKDECRYPT\nPKSIGN\n"},
			"ERR 67109139 Unknown IPC command <sealpost>\n", "PKSIGN\n"},
		{"decrypting", AGENT_TO_OPEN, {"PKDECRYPT\n"}, "OK PKDECRYPT\n", "PKDECRYPT\n"},
		{"signing, while decrypting", AGENT_TO_OPEN, {"PKSIGN\nPKDECRYPT\n"},
			"ERR 67109139 Unknown IPC command <sealpost>\n", "PKDECRYPT\n"},
		{"an option that is not ours", AGENT_TO_SIGN,
			{"OPTION putenv=LD_PRELOAD=/x\nPKSIGN\n"},
			"ERR 67109038 Unknown option <sealpost>\n", "PKSIGN\n"},
		{"half a line, and the end", AGENT_TO_SIGN, {"PKSIGN"}, NULL, ""},
	};
	struct gpg_daemons d;
	struct runner r;
	struct talk t;
	size_t i, k;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		pid = start_with_agent(&r, rows[i].use == AGENT_TO_OPEN, &d);
		begin_talk(&d, rows[i].use, &t);
		for (k = 0; k < 3 && rows[i].say[k]; k++) {
			assert_int_equal(write(t.to, rows[i].say[k], strlen(rows[i].say[k])),
				strlen(rows[i].say[k]));
			usleep(2000);
		}
		if (rows[i].hear)
			assert_string_equal(hear(t.from), rows[i].hear);
		while (rows[i].told[0] && strcmp(text("told"), rows[i].told) != 0)
			usleep(1000);
		end_talk(&t);
		while (!strstr(text("told"), "(end)")) /* the agent is let go, too */
			usleep(1000);
		assert_int_equal(strncmp(text("told"), rows[i].told, strlen(rows[i].told)), 0);
		assert_null(strstr(text("told"), "EXPORT"));
		runner_stop(&r);
		stop_agent(pid);
	}
}

/* It ends when it can no longer wait: poll(2) refuses to look at more than files may be open. */
static void cannot_wait(void **state)
{
	struct gpg_daemons d;
	struct runner r;
	struct talk t;
	pid_t pid = start_with_agent(&r, false, &d);

	(void)state;
	begin_talk(&d, AGENT_TO_LIST, &t);
	assert_int_equal(prlimit(r.pid, RLIMIT_NOFILE, &(struct rlimit){1, 1}, NULL), 0);
	say(t.to, "RESET\n");
	assert_int_equal(waitpid(r.pid, NULL, 0), r.pid);
	end_talk(&t);
	close(r.sock);
	stop_agent(pid);
}

static int list_keys(struct gpg_daemons *d, int *fd, struct err *err)
{
	return d->agent(d->arg, AGENT_LISTS, d->path, fd, err);
}

/* Lines without an end, an agent that leaves, answers that nobody reads, and too many relays. */
static void relay_abused(void **state)
{
	struct gpg_daemons d;
	struct runner r;
	struct err err = ERR_INIT;
	char big[3000];
	int fd, n;
	pid_t pid;

	(void)state;
	pid = start_with_agent(&r, false, &d);
	assert_int_equal(daemons_find_agent(&d, NULL), 0);
	assert_int_equal(list_keys(&d, &fd, NULL), 0);
	assert_string_equal(hear(fd), "OK Pleased to meet you\n");
	memset(big, 'A', sizeof(big));
	(void)!send(fd, big, sizeof(big), MSG_NOSIGNAL);
	assert_string_equal(hear(fd), ""); /* closed */
	close(fd);
	assert_int_equal(
		list_keys(&d, &fd, &err), ERR_TEMP); /* and what gpg made of it is not known */
	assert_non_null(strstr(err.msg, "broke off"));

	/* One that was about to end is asked again. */
	put("ends", 0600, "%s", "");
	assert_int_equal(list_keys(&d, &fd, NULL), 0);
	assert_int_equal(access(at("ends"), F_OK), -1);
	assert_string_equal(hear(fd), "OK Pleased to meet you\n");
	close(fd);

	/* Nothing is lost of an answer that is read late. */
	assert_int_equal(list_keys(&d, &fd, NULL), 0);
	assert_string_equal(hear(fd), "OK Pleased to meet you\n");
	say(fd, "KEYINFO --list\n");
	usleep(100000);
	for (n = 0; strncmp(hear(fd), "S KEYINFO", 9) == 0; n++)
		;
	assert_int_equal(n, MANY_KEYS);
	say(fd, "RESET\n");
	assert_string_equal(hear(fd), "OK RESET\n");
	close(fd);

	assert_int_equal(list_keys(&d, &fd, NULL), 0);
	assert_string_equal(hear(fd), "OK Pleased to meet you\n");
	say(fd, "CAN\n"); /* ours leaves at that */
	assert_string_equal(hear(fd), "");
	close(fd);
	stop_agent(pid);
	assert_int_equal(list_keys(&d, &fd, &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "broke off")); /* once */
	assert_int_equal(list_keys(&d, &fd, &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "not running"));
	runner_stop(&r);

	/* An agent that holds one talk after the other would let only one in. */
	pid = start_with_agent(&r, false, &d);
	for (n = 0; n < 3 * RELAYS_MAX; n++) { /* those that have ended make room */
		assert_int_equal(list_keys(&d, &fd, NULL), 0);
		assert_string_equal(hear(fd), "OK Pleased to meet you\n");
		close(fd);
	}
	runner_stop(&r);
	stop_agent(pid);
}

/* Whether gpg has ended, and how: as waitpid's status; -1: not in time. */
static int end_of(const struct talk *t)
{
	struct pollfd p = {.fd = t->end, .events = POLLIN};
	int status = -1;

	if (poll(&p, 1, 20000) == 1)
		assert_int_equal(read(t->end, &status, sizeof(status)), sizeof(status));
	return status;
}

/* How each gpg ends, and what ends it. */
static void gpg_ends(void **state)
{
	struct gpg_job seal = job_to(GPG_SEALS);
	struct talk t, u;
	struct gpg_daemons d;
	struct runner r;
	char byte;

	(void)state;
	put("gpg", 0700, "#!/bin/sh\necho here\ncat >/dev/null\nexit 7\n");
	start(&r);
	runner_daemons(&r, &d);
	seal.signer[0] = '\0';
	assert_int_equal(start_job(&d, &seal, &t, NULL), 0);
	assert_int_equal(start_job(&d, &seal, &u, NULL), 0);
	close(t.to);
	assert_int_equal(end_of(&t), 7 << 8);
	assert_string_equal(hear(t.from), "here\n");
	t.to = dup(t.from);
	end_talk(&t);

	/* The other one runs on, until nobody waits for it. */
	assert_string_equal(hear(u.from), "here\n");
	close(u.end);
	assert_int_equal(read(u.from, &byte, 1), 0);
	u.end = -1;
	end_talk(&u);

	/* Or until whoever wants it is gone. */
	assert_int_equal(start_job(&d, &seal, &t, NULL), 0);
	assert_string_equal(hear(t.from), "here\n");
	runner_stop(&r);
	assert_int_equal(read(t.from, &byte, 1), 0);
	end_talk(&t);
}

/* A runner that has one ready, in its place in the talk. */
static void start_with_ready(struct runner *r, struct gpg_ready *ready, struct talk *t)
{
	assert_int_equal(gpg_ready_make(ready, false, NULL), 0);
	assert_int_equal(runner_start_ready(r, at("conf"), false, false, ready, NULL), 0);
	*t = (struct talk){ready->ours[GPG_JOB_IN], ready->ours[GPG_JOB_OUT], -1};
	assert_int_equal(fcntl(t->from, F_SETFL, 0), 0);
	close(ready->theirs[GPG_JOB_IN]);
	close(ready->theirs[GPG_JOB_OUT]);
}

/* All that gpg says, and how it ends. */
static void hear_all(const struct talk *t, char said[8192], int status)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(t->from, said + len, 8191 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	assert_int_equal(end_of(t), status);
}

/* One that is started before its job is known: what it is told at first, and what then. */
static void gpg_is_ready(void **state)
{
	static const char *const lines[] = {"\nbatch \n", "\nlock-never \n",
		"\ntrust-model always\n", "\nkeyring ring.gpg\n", "\nstatus-fd 3\n",
		"\npinentry-mode cancel\n", "\npersonal-cipher-preferences AES256 AES192 AES\n",
		"\ncompress-algo none\n"};
	struct gpg_job job = job_to(GPG_SEALS), sign = job_to(GPG_SIGNS);
	char said[8192], want[8192];
	struct gpg_ready ready;
	struct gpg_daemons d;
	struct runner r;
	struct talk t;
	size_t i;
	pid_t pid;

	(void)state;
	put("gpg", 0700, "#!/bin/sh\necho \"$*\"\ncat <&5\nread -r line\necho \"$line\"\nexit 3\n");
	pid = listen_where_asked();
	start_with_ready(&r, &ready, &t);
	runner_daemons(&r, &d);
	assert_int_equal(d.gpg(d.arg, &job, NULL, &t.end, NULL), ERR_INTERNAL);
	gpg_home_name(&ready.home, sign.home);
	assert_int_equal(d.gpg(d.arg, &sign, NULL, &t.end, NULL), ERR_INTERNAL);
	gpg_home_name(&ready.home, job.home);
	assert_int_equal(d.gpg(d.arg, &job, NULL, &t.end, NULL), 0);
	hear_all(&t, said, 3 << 8);
	snprintf(want, sizeof(want),
		"--homedir %s --options /dev/fd/5 --encrypt --sign "
		"--enable-special-filenames "
		"--set-filename  -- -&4\ncompliance openpgp\nno-allow-non-selfsigned-uid \n",
		ready.home.path);
	assert_int_equal(strncmp(said, want, strlen(want)), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_non_null(strstr(said, lines[i]));
	snprintf(want, sizeof(want),
		"\nlocal-user " SIGNER "\nrecipient-file %s/to0\nOK Pleased to meet you\n",
		ready.home.path);
	assert_non_null(strstr(said, want));
	end_talk(&t);
	assert_int_equal(d.gpg(d.arg, &job, NULL, &t.end, NULL), ERR_INTERNAL);

	/* One that nobody needs. */
	runner_stop(&r);
	dir_temp_root_remove();
	assert_int_equal(dir_temp_root(said, NULL), 0);
	start_with_ready(&r, &ready, &t);
	assert_true(read(t.from, said, sizeof(said)) > 0);
	runner_stop(&r);
	assert_int_equal(read(t.from, said, sizeof(said)), 0);
	close(t.to);
	close(t.from);
	stop_agent(pid);
}

/* Jobs, and descriptors, that a client that was taken over might send. */
static void jobs_refused(void **state)
{
	static struct gpg_job_key odd[] = {{"a@b.example"}, {"0123456789ABCDEF"}};
	static const struct {
		const char *name;
		struct gpg_job job;
		const char *in; /* NULL: a pipe */
	} rows[] = {
		{"no work", {.work = GPG_OPENS + 1, .home = "AAAAAA", .n_file = 1}, NULL},
		{"a home above", {.home = "..", .n_file = 1}, NULL},
		{"a home elsewhere", {.home = "/etc", .n_file = 1}, NULL},
		{"no home", {.n_file = 1}, NULL},
		{"a home like an option", {.home = "-x", .n_file = 1}, NULL},
		{"nobody to seal to", {.home = "AAAAAA", .signer = SIGNER}, NULL},
		{"too many files", {.home = "AAAAAA", .n_file = GPG_JOB_FILES_MAX + 1}, NULL},
		{"a signer by name", {.home = "AAAAAA", .signer = "me@b.example", .n_file = 1},
			NULL},
		{"a signer like an option", {.home = "AAAAAA", .signer = "--x", .n_file = 1}, NULL},
		{"a recipient by name", {.home = "AAAAAA", .n_to = 1, .to = odd}, NULL},
		{"a short fingerprint", {.home = "AAAAAA", .n_to = 1, .to = odd + 1}, NULL},
		{"to ask for nobody", {.home = "AAAAAA", .n_file = 1, .asks = true}, NULL},
		{"a signature by nobody", {.work = GPG_SIGNS, .home = "AAAAAA"}, NULL},
		{"a signature for somebody",
			{.work = GPG_SIGNS, .home = "AAAAAA", .signer = SIGNER, .n_file = 1}, NULL},
		{"opening, where that is not wanted", {.work = GPG_OPENS, .home = "AAAAAA"}, NULL},
		{"opening with a signer", {.work = GPG_OPENS, .home = "AAAAAA", .signer = SIGNER},
			NULL},
		{"a device for input", {.home = "AAAAAA", .n_file = 1}, "/dev/zero"},
		{"a folder for input", {.home = "AAAAAA", .n_file = 1}, "/"},
	};
	struct gpg_daemons d;
	struct runner r;
	struct talk t;
	size_t i;
	int end, in, out[2];

	(void)state;
	put("gpg", 0700, "#!/bin/sh\nexit 0\n");
	start(&r);
	runner_daemons(&r, &d);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%s\n", rows[i].name);
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
		in = rows[i].in ? open(rows[i].in, O_RDONLY | O_CLOEXEC) : dup(out[0]);
		assert_int_equal(
			d.gpg(d.arg, &rows[i].job, (const int[]){in, out[1], out[1]}, &end, &err),
			ERR_INTERNAL);
		close(in);
		close(out[0]);
		close(out[1]);
	}
	/* It goes on, and takes a good one. */
	assert_int_equal(
		start_job(&d, &(struct gpg_job){.home = "AAAAAA", .n_file = 1}, &t, NULL), 0);
	assert_int_equal(end_of(&t), 0);
	end_talk(&t);
	runner_stop(&r);
}

/* Run as DIR/bin/copy, with DIR/libexec/sealpost/sealpost-net beside it. One helper after the
 * other: those that have ended make room. */
static int in_the_copy(const char *conf)
{
	struct buf body = BUF_INIT(FRAME_MAX);
	enum frame_kind kind;
	struct runner r;
	struct err err = ERR_INIT;
	int sock, status = 0, i;

	if (runner_start(&r, conf, true, false, &err) < 0)
		return 2;
	for (i = 0; i < 40 && status == 0; i++) {
		if (runner_net(&r, 2525, &sock, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			status = err_exit(err.code);
			break;
		}
		if (frame_recv(sock, INT64_MAX, &kind, &body, NULL, NULL, &err) < 0 ||
			kind != FRAME_OK) {
			fprintf(stderr, "%s\n", err.msg);
			status = 1;
		}
		close(sock);
	}
	runner_stop(&r);
	buf_free(&body);
	return status;
}

static int run_copy(struct buf *said)
{
	char copy[FILE_PATH_MAX], conf[FILE_PATH_MAX];
	const char *argv[] = {copy, "--copy", conf, NULL};
	struct buf out = BUF_INIT(1000);
	int status;

	assert_int_equal(path_join(copy, dir, "bin/copy"), 0);
	assert_int_equal(path_join(conf, dir, "conf"), 0);
	buf_reset(said);
	assert_int_equal(spawn_capture(argv, 30000, &out, said, &status, NULL), 0);
	buf_free(&out);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void copy_self(void)
{
	struct buf b = BUF_INIT(256u << 20);
	int fd;

	assert_int_equal(mkdir(at("bin"), 0700), 0);
	assert_int_equal(mkdir(at("libexec"), 0700), 0);
	assert_int_equal(mkdir(at("libexec/sealpost"), 0700), 0);
	assert_int_equal(file_read("/proc/self/exe", &b, ERR_IO, NULL), 0);
	fd = open(at("bin/copy"), O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	assert_int_equal(fd_write_all(fd, b.p, b.len), 0);
	close(fd);
	buf_free(&b);
}

/* Where it is looked for, in this order. The compiled folder is one of ours: on the machine that
 * runs this test sealpost may be installed. */
static void find_network_helper(void **state)
{
	static const struct {
		const char *name, *there[3], *found;
	} rows[] = {
		{"1 beside the program", {"self/", "libexec/sealpost/", "compiled/"}, "self/"},
		{"2 in libexec", {"libexec/sealpost/", "compiled/"}, "self/../libexec/sealpost/"},
		{"3 where it was compiled for", {"compiled/"}, "compiled/"},
		{"4 nowhere", {NULL}, NULL},
	};
	static const char *const folders[] = {
		"self", "libexec", "libexec/sealpost", "compiled", NULL};
	char self[FILE_PATH_MAX], compiled[FILE_PATH_MAX], path[FILE_PATH_MAX], want[64];
	struct err err = ERR_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; folders[i]; i++)
		assert_int_equal(mkdir(at(folders[i]), 0700), 0);
	assert_int_equal(path_join(self, dir, "self"), 0);
	assert_int_equal(path_join(compiled, dir, "compiled"), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		for (k = 0; k < 3 && rows[i].there[k]; k++) {
			snprintf(want, sizeof(want), "%ssealpost-net", rows[i].there[k]);
			put(want, 0700, "#!/bin/sh\n");
		}
		if (rows[i].found) {
			assert_int_equal(runner_look_for_net(self, compiled, path, &err), 0);
			snprintf(want, sizeof(want), "%ssealpost-net", rows[i].found);
			assert_string_equal(path, at(want));
		} else {
			assert_int_equal(
				runner_look_for_net(self, compiled, path, &err), ERR_CONFIG);
			assert_non_null(strstr(err.msg, self));
			assert_non_null(strstr(err.msg, "../libexec/sealpost"));
			assert_non_null(strstr(err.msg, compiled));
		}
		for (k = 0; k < 3 && rows[i].there[k]; k++) {
			snprintf(want, sizeof(want), "%ssealpost-net", rows[i].there[k]);
			assert_int_equal(unlink(at(want)), 0);
		}
	}
}

static void network_helper(void **state)
{
	struct buf said = BUF_INIT(65536), body = BUF_INIT(65536), settings = BUF_INIT(65536);
	struct net_settings s;
	enum frame_kind kind;
	struct rd rd;
	size_t i;

	(void)state;
	copy_self();
	/* takes the settings' frame, writes down what it got, answers FRAME_OK */
	put("libexec/sealpost/sealpost-net", 0700,
		"#!/bin/sh\nexec 4>&2 2>/dev/null\ncd '%s'\n"
		"{ echo \"$#\"; readlink \"$OLDPWD\"; /usr/bin/env; } >seen\n"
		"in=$(readlink /proc/$$/fd/0) out=$(readlink /proc/$$/fd/1) sock=$(readlink "
		"/proc/$$/fd/3)\n"
		"printf '%%s\\n' \"$in\" \"$out\" \"${sock%%%%:*}\" >>seen\n"
		"[ -e /proc/$$/fd/5 ] && echo five >>seen\n"
		"dd bs=65536 count=1 of=settings <&3\nprintf '\\000\\000\\000\\001\\024' >&3\n",
		dir);
	assert_int_equal(run_copy(&said), 0);
	assert_string_equal(buf_str(&said), "");
	for (i = 0; i < 2; i++)
		assert_non_null(
			strstr(text("seen"), i ? "PATH=/usr/bin:/bin\n" : "LANG=C.UTF-8\n"));
	assert_null(strstr(text("seen"), "HOME="));
	assert_null(strstr(text("seen"), "five"));
	assert_non_null(strstr(text("seen"), "OLDPWD=/\n"));
	assert_non_null(strstr(text("seen"), "/dev/null\n/dev/null\nsocket\n"));
	assert_int_equal(strncmp(text("seen"), "0\n", 2), 0);
	assert_int_equal(file_read(at("settings"), &settings, ERR_IO, NULL), 0);
	assert_int_equal(frame_take(&settings, &kind, &body, NULL), 1);
	assert_int_equal(kind, FRAME_NET_SETTINGS);
	rd_init(&rd, body.p, body.len);
	assert_int_equal(net_settings_read(&rd, &s, NULL), 0);
	assert_int_equal(s.verbose, 1);
	assert_int_equal(s.smtp_port, 2525);
	assert_true(s.timeout_ms > 0);
	/* beside the program comes first */
	put("bin/sealpost-net", 0700,
		"#!/bin/sh\ndd bs=65536 count=1 of=/dev/null <&3 2>&1\n"
		"printf '\\000\\000\\000\\001\\025' >&3\n");
	assert_int_equal(run_copy(&said), 1);
	buf_free(&said);
	buf_free(&body);
	buf_free(&settings);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(not_a_frame, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_configuration, setup, teardown),
		cmocka_unit_test_setup_teardown(outlives_and_clears_up, setup, teardown),
		cmocka_unit_test_setup_teardown(agent, setup, teardown),
		cmocka_unit_test_setup_teardown(relay, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(cannot_wait, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(relay_abused, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(gpg_ends, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(gpg_is_ready, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(jobs_refused, setup_programs, teardown_programs),
		cmocka_unit_test_setup_teardown(find_network_helper, setup, teardown),
		cmocka_unit_test_setup_teardown(network_helper, setup, teardown)};

	if (argc == 3 && strcmp(argv[1], "--copy") == 0)
		return in_the_copy(argv[2]);
	alarm(600); /* what never comes is waited for, however slow the machine */
	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
