#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define EXIT_OSERR 71

/* Else the next file opened would take the place of a standard stream, and be written to as such.
 */
static void fill_standard_streams(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free number is fd: those below it are open. */
		if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
			_exit(EXIT_OSERR);
	}
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
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
