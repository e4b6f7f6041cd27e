/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: spoils the talk between the processes, which send their messages, head and body,
 * by sendmsg, but sealpost-net by send, all that it has. Of the process TALK_IN (main: sealpost as
 * it was started; child: what it forked, the runner among them; net: sealpost-net) what it sends
 * with the number TALK_AT is treated as TALK_HOW says: cut, delay, double, noise, drop, die, hang
 * or flood. TALK_TOLD, a file that is mapped, tells how often such a process has sent.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD 5       /* length and kind */
#define NET_SOCKET 3 /* of sealpost-net, to sealpost */
#define DELAY_S 4    /* longer than the commands' deadline */
#define MESSAGE_MAX (1 << 20)

typedef ssize_t sendmsg_fn(int fd, const struct msghdr *msg, int flags);

static struct {
	long at, sent;
	char in[8], how[8];
	pid_t first;
	volatile long *told;
	uint8_t head[HEAD];
} talk;

static void copy_setting(char out[8], const char *name)
{
	const char *s = getenv(name);

	if (s && strlen(s) < 8)
		memcpy(out, s, strlen(s) + 1);
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("TALK_AT"), *file = getenv("TALK_TOLD");
	int fd = file ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *p = MAP_FAILED;

	copy_setting(talk.in, "TALK_IN");
	copy_setting(talk.how, "TALK_HOW");
	talk.at = at ? strtol(at, NULL, 10) : 0;
	talk.first = getpid();
	if (fd >= 0 && ftruncate(fd, sizeof(long)) == 0)
		p = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	talk.told = p == MAP_FAILED ? NULL : p;
	if (fd >= 0)
		close(fd);
}

static bool is_meant(void)
{
	const char *self = program_invocation_short_name;

	if (strcmp(talk.in, "net") == 0)
		return strcmp(self, "real-net") == 0;
	return strcmp(self, "sealpost") == 0 &&
	       (getpid() == talk.first) == (strcmp(talk.in, "main") == 0);
}

static sendmsg_fn *real_sendmsg(void)
{
	void *found = dlsym(RTLD_NEXT, "sendmsg");
	sendmsg_fn *fn;

	memcpy(&fn, &found, sizeof(fn));
	return fn;
}

static void make_noise(uint8_t *p, size_t len)
{
	uint32_t x = 2463534242u + (uint32_t)talk.at;
	size_t i;

	for (i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p[i] = (uint8_t)x;
	}
}

/* The whole message once more, if this is a body, whose head went before. */
static void send_again(int fd, const struct msghdr *msg, int flags)
{
	struct iovec head = {talk.head, HEAD};
	struct msghdr with_head = {.msg_iov = &head, .msg_iovlen = 1};

	if (msg->msg_iov[0].iov_len != HEAD && strcmp(talk.in, "net") != 0)
		(void)real_sendmsg()(fd, &with_head, flags);
	(void)real_sendmsg()(fd, msg, flags);
}

/* Whether it is sent all the same. */
static bool spoil(int fd, const struct msghdr *msg, int flags)
{
	const struct timespec delay = {.tv_sec = DELAY_S};

	switch (talk.how[0] == 'd' ? talk.how[1] : talk.how[0]) {
	case 'c': /* cut */
		msg->msg_iov[0].iov_len /= 2;
		(void)real_sendmsg()(fd, msg, flags);
		(void)shutdown(fd, SHUT_RDWR);
		return false;
	case 'e': /* delay */
		(void)nanosleep(&delay, NULL);
		return true;
	case 'o': /* double */
		send_again(fd, msg, flags);
		return true;
	case 'n': /* noise */
		make_noise(msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len);
		return true;
	case 'r': /* drop */
		return false;
	case 'i': /* die */
		_exit(1);
	case 'h': /* hang */
		for (;;)
			pause();
	case 'f': /* flood: what follows is read as it can */
		while (real_sendmsg()(fd, msg, flags & ~MSG_DONTWAIT) >= 0 || errno == EAGAIN)
			;
		return false;
	}
	abort();
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	static uint8_t copy[MESSAGE_MAX];
	struct iovec iov = {copy, msg->msg_iov[0].iov_len};
	struct msghdr own = *msg;
	size_t len = iov.iov_len;

	if (!is_meant() || msg->msg_iovlen != 1 || len > sizeof(copy))
		return real_sendmsg()(fd, msg, flags);
	talk.sent++;
	if (talk.told && *talk.told < talk.sent)
		*talk.told = talk.sent;
	memcpy(copy, msg->msg_iov[0].iov_base, len);
	own.msg_iov = &iov;
	if (talk.sent == talk.at && !spoil(fd, &own, flags))
		return (ssize_t)len;
	if (len == HEAD)
		memcpy(talk.head, copy, HEAD);
	iov.iov_len = len;
	return real_sendmsg()(fd, &own, flags);
}

ssize_t send(int fd, const void *p, size_t len, int flags)
{
	struct iovec iov = {(void *)(uintptr_t)p, len};
	const struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return fd == NET_SOCKET && strcmp(talk.in, "net") == 0 && is_meant()
		       ? sendmsg(fd, &msg, flags)
		       : real_sendmsg()(fd, &msg, flags);
}
