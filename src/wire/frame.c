/* SPDX-License-Identifier: ISC */
#include "wire/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define HEAD 5 /* length and kind */

void rd_init(struct rd *r, const void *p, size_t len)
{
	r->p = p;
	r->left = len;
	r->bad = false;
}

static const uint8_t *take_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = take_bytes(r, 1);

	return p ? p[0] : 0;
}

uint32_t rd_u32(struct rd *r)
{
	const uint8_t *p = take_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

uint64_t rd_u64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return high << 32 | rd_u32(r);
}

uint16_t rd_port(struct rd *r)
{
	uint32_t v = rd_u32(r);

	r->bad |= v > UINT16_MAX;
	return r->bad ? 0 : (uint16_t)v;
}

const uint8_t *rd_bytes(struct rd *r, size_t max, size_t *len)
{
	size_t n = rd_u32(r);
	const uint8_t *p;

	if (n > max)
		r->bad = true;
	p = take_bytes(r, n);
	*len = p ? n : 0;
	return p;
}

void rd_str(struct rd *r, char *out, size_t cap)
{
	size_t len;
	const uint8_t *p = rd_bytes(r, cap - 1, &len);

	if (p && memchr(p, '\0', len)) {
		r->bad = true;
		len = 0;
	}
	if (p && len > 0)
		memcpy(out, p, len);
	out[len] = '\0';
}

char *rd_strdup(struct rd *r, size_t max)
{
	size_t len;
	const uint8_t *p = rd_bytes(r, max, &len);
	char *s;

	if (p && memchr(p, '\0', len)) {
		r->bad = true;
		len = 0;
	}
	s = malloc(len + 1);
	if (!s) {
		r->bad = true;
		return NULL;
	}
	if (len > 0)
		memcpy(s, p, len);
	s[len] = '\0';
	return s;
}

int rd_end(const struct rd *r, const char *what, struct err *err)
{
	if (r->bad || r->left > 0)
		return err_set(err, ERR_INTERNAL, "%s: malformed message between processes", what);
	return 0;
}

void wr_u8(struct wr *w, uint8_t v)
{
	w->bad |= buf_add(&w->b, &v, 1) < 0;
}

void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t p[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	w->bad |= buf_add(&w->b, p, 4) < 0;
}

void wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

void wr_bytes(struct wr *w, const void *p, size_t len)
{
	if (len > FRAME_MAX) {
		w->bad = true;
		return;
	}
	wr_u32(w, (uint32_t)len);
	w->bad |= buf_add(&w->b, p, len) < 0;
}

void wr_str(struct wr *w, const char *s)
{
	wr_bytes(w, s ? s : "", s ? strlen(s) : 0);
}

void wr_free(struct wr *w)
{
	buf_free(&w->b);
	w->bad = false;
}

/* Waits until sock is ready for events, or until (-1: without limit) has passed. poll(2)'s result:
 * 0 is too late. */
static int wait_ready(int sock, short events, int64_t until)
{
	struct pollfd p = {.fd = sock, .events = events};
	const int64_t left = until < 0 ? -1 : until - clock_ms();

	if (until >= 0 && left <= 0)
		return 0;
	return poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
}

static int too_late(struct err *err)
{
	return err_set(err, ERR_TEMP, "a helper process did not answer in time");
}

static int talk_failed(struct err *err)
{
	return err_set(err, ERR_OS, "talking to a helper process failed: %s", strerror(errno));
}

/* Sends all bytes, with the descriptors attached to the first one. */
static int send_all(int sock, int64_t until, const uint8_t *p, size_t len, const int *fd,
	size_t n_fd, struct err *err)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))];
	} control;
	ssize_t n;
	int rc;

	while (len > 0) {
		struct iovec iov = {.iov_base = (void *)(uintptr_t)p, .iov_len = len};
		struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

		if (n_fd > 0) {
			memset(&control, 0, sizeof(control));
			msg.msg_control = control.space;
			msg.msg_controllen = CMSG_SPACE(n_fd * sizeof(int));
			control.align.cmsg_level = SOL_SOCKET;
			control.align.cmsg_type = SCM_RIGHTS;
			control.align.cmsg_len = CMSG_LEN(n_fd * sizeof(int));
			memcpy(CMSG_DATA(&control.align), fd, n_fd * sizeof(int));
		}
		n = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		rc = n < 0 && errno == EAGAIN ? wait_ready(sock, POLLOUT, until) : n < 0 ? -1 : 1;
		if (rc == 0)
			return too_late(err);
		if (rc < 0 && errno != EINTR)
			return talk_failed(err);
		if (n < 0)
			continue;
		n_fd = 0;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int frame_send_fds(int sock, int64_t until, enum frame_kind kind, const struct wr *w, const int *fd,
	size_t n, struct err *err)
{
	size_t len = w ? w->b.len : 0;
	uint32_t follows = (uint32_t)len + 1;
	uint8_t head[HEAD] = {(uint8_t)(follows >> 24), (uint8_t)(follows >> 16),
		(uint8_t)(follows >> 8), (uint8_t)follows, (uint8_t)kind};
	int rc;

	if ((w && w->bad) || n > FRAME_FDS_MAX)
		return err_set(err, ERR_INTERNAL, "message between processes is too large");
	rc = send_all(sock, until, head, HEAD, fd, n, err);
	return rc < 0 || len == 0 ? rc : send_all(sock, until, w->b.p, len, NULL, 0, err);
}

int frame_send(
	int sock, int64_t until, enum frame_kind kind, const struct wr *w, int fd, struct err *err)
{
	return frame_send_fds(sock, until, kind, w, &fd, fd >= 0, err);
}

/* Descriptors that may come, and have come. */
struct attached {
	int *fd;
	size_t max, n;
};

/* Keeps the permitted descriptors and closes any other. 0, or -1 if there was one to close. */
static int take_fds(struct msghdr *msg, struct attached *a)
{
	struct cmsghdr *c;
	size_t i, n;
	int got, rc = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (a->n < a->max) {
				a->fd[a->n++] = got;
			} else {
				close(got);
				rc = -1;
			}
		}
	}
	return msg->msg_flags & MSG_CTRUNC ? -1 : rc;
}

/* Reads exactly len bytes. 0; 1 at end of file before the first; ERR_* */
static int recv_all(
	int sock, uint8_t *p, size_t len, int64_t until, struct attached *a, struct err *err)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE((FRAME_FDS_MAX + 1) * sizeof(int))]; /* and one too many */
	} control;
	size_t have = 0;
	ssize_t n;
	int rc;

	while (have < len) {
		struct iovec iov = {.iov_base = p + have, .iov_len = len - have};
		struct msghdr msg = {.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.space,
			.msg_controllen = sizeof(control.space)};

		rc = wait_ready(sock, POLLIN, until);
		if (rc == 0)
			return too_late(err);
		n = rc < 0 ? -1 : recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return talk_failed(err);
		if (take_fds(&msg, a) < 0)
			return err_set(
				err, ERR_INTERNAL, "a helper process sent a stray descriptor");
		if (n == 0)
			return have == 0 ? 1
					 : err_set(err, ERR_IO,
						   "a helper process ended unexpectedly");
		have += (size_t)n;
	}
	return 0;
}

/* One whole frame. */
static int recv_frame(int sock, int64_t until, enum frame_kind *kind, struct buf *body,
	struct attached *a, bool *eof, struct err *err)
{
	struct attached none = {.max = 0};
	uint8_t head[HEAD];
	uint32_t follows = 1;
	int rc;

	if (eof)
		*eof = false;
	rc = recv_all(sock, head, HEAD, until, a, err);
	if (rc == 1) {
		if (eof)
			*eof = true;
		return err_set(err, ERR_IO, "a helper process ended unexpectedly");
	}
	if (rc == 0) {
		follows = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
			  (uint32_t)head[2] << 8 | head[3];
		errno = EMSGSIZE;
		if (follows == 0 || follows - 1 > FRAME_MAX || buf_reserve(body, follows) < 0)
			rc = err_too_large(
				err, ERR_INTERNAL, "message between processes is too large");
		else
			rc = recv_all(sock, body->p + body->len, follows - 1, until, &none, err);
		if (rc == 1)
			rc = err_set(err, ERR_IO, "a helper process ended unexpectedly");
	}
	if (rc < 0) {
		while (a->n > 0)
			close(a->fd[--a->n]);
		return rc;
	}
	body->len += follows - 1;
	body->p[body->len] = '\0';
	*kind = (enum frame_kind)head[4];
	return 0;
}

int frame_recv(int sock, int64_t until, enum frame_kind *kind, struct buf *body, int *fd, bool *eof,
	struct err *err)
{
	struct attached a = {.fd = fd, .max = fd != NULL};
	int rc = recv_frame(sock, until, kind, body, &a, eof, err);

	if (fd && a.n == 0)
		*fd = -1;
	return rc;
}

int frame_recv_fds(int sock, int64_t until, enum frame_kind *kind, struct buf *body,
	int fd[FRAME_FDS_MAX], size_t *n, bool *eof, struct err *err)
{
	struct attached a = {.fd = fd, .max = FRAME_FDS_MAX};
	int rc = recv_frame(sock, until, kind, body, &a, eof, err);

	*n = a.n;
	return rc;
}

int frame_take(struct buf *in, enum frame_kind *kind, struct buf *body, struct err *err)
{
	uint32_t follows;

	if (in->len < HEAD)
		return 0;
	follows = (uint32_t)in->p[0] << 24 | (uint32_t)in->p[1] << 16 | (uint32_t)in->p[2] << 8 |
		  in->p[3];
	if (follows == 0 || follows - 1 > FRAME_MAX)
		return err_set(err, ERR_INTERNAL, "message between processes is too large");
	if (in->len < 4 + (size_t)follows)
		return 0;
	if (buf_add(body, in->p + HEAD, follows - 1) < 0)
		return err_too_large(err, ERR_INTERNAL, "message between processes is too large");
	*kind = (enum frame_kind)in->p[4];
	in->len -= 4 + (size_t)follows;
	memmove(in->p, in->p + 4 + follows, in->len);
	return 1;
}
