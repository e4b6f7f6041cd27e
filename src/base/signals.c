/* SPDX-License-Identifier: ISC */
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"

#define EXIT_INTERNAL 70
#define EXIT_OSERR 71
#define FIRST_OF_OTHERS 3 /* above the standard streams */

/*
 * Otherwise the next file opened would become a standard stream, and be written to as such. Writing
 * to a stdout that was closed still fails: filter must not exit 0 when its message went nowhere.
 */
static void fill_standard_streams(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free number is fd: those below it are open. */
		if (open("/dev/null", (fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) | O_NOCTTY) != fd)
			_exit(EXIT_OSERR);
	}
}

void descriptors_close(void)
{
	fd_close_range(FIRST_OF_OTHERS, ~0u);
}

static void tell_abort(int sig)
{
	static const char why[] = "sealpost: a library gave up; is there enough memory?\n";

	(void)sig;
	_exit(write(STDERR_FILENO, why, sizeof(why) - 1) < 0 ? EXIT_INTERNAL : EXIT_OSERR);
}

void process_reset(void)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t none;
	int sig;

	fill_standard_streams();
	sigemptyset(&act.sa_mask);
	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &act, NULL); /* fails for those that cannot be changed */
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
	/* What is too large for ulimit -f then fails to be written, and that can be told. */
	(void)sigaction(SIGXFSZ, &act, NULL);
	act.sa_handler = tell_abort;
	(void)sigaction(SIGABRT, &act, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static const int ending[] = {SIGTERM, SIGINT, SIGHUP};
#define N_ENDING (sizeof(ending) / sizeof(ending[0]))

static void ending_set(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	for (i = 0; i < N_ENDING; i++)
		sigaddset(set, ending[i]);
}

static void handle_ending(void (*handler)(int))
{
	struct sigaction act = {.sa_handler = handler};
	size_t i;

	sigemptyset(&act.sa_mask);
	for (i = 0; i < N_ENDING; i++)
		(void)sigaction(ending[i], &act, NULL);
}

int signals_hold(void)
{
	sigset_t set;

	ending_set(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	return fd >= 0 && read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)
		       ? (int)info.ssi_signo
		       : 0;
}

static void ignored_long_enough(int sig)
{
	(void)sig;
	handle_ending(SIG_DFL);
}

void signals_ignore(unsigned seconds)
{
	struct sigaction act = {.sa_handler = ignored_long_enough, .sa_flags = SA_RESTART};
	sigset_t set;

	handle_ending(SIG_IGN);
	ending_set(&set);
	act.sa_mask = set;
	(void)sigaction(SIGALRM, &act, NULL);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)alarm(seconds);
}

void signals_release(int fd)
{
	sigset_t set;

	(void)alarm(0);
	handle_ending(SIG_IGN); /* drops what waits */
	handle_ending(SIG_DFL);
	ending_set(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (fd >= 0)
		close(fd);
}
