/* SPDX-License-Identifier: ISC */
#include "netd/pipe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK 65536

int pipe_read(struct pipe *p, struct err *err)
{
	ssize_t n;

	do {
		if (buf_reserve(&p->in, CHUNK) < 0)
			return err_too_large(err, ERR_INTERNAL, "too many questions at once");
		n = recv(p->sock, p->in.p + p->in.len, CHUNK, MSG_DONTWAIT);
		if (n > 0)
			p->in.len += (size_t)n;
	} while (n == CHUNK || (n < 0 && errno == EINTR));
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)))
		return 1;
	if (n == 0)
		return 0;
	return err_set(err, ERR_OS, "talking to sealpost failed: %s", strerror(errno));
}

int pipe_write(struct pipe *p, struct err *err)
{
	ssize_t n;

	while (p->sent < p->out.len) {
		n = send(p->sock, p->out.p + p->sent, p->out.len - p->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0)
			return err_set(
				err, ERR_OS, "talking to sealpost failed: %s", strerror(errno));
		p->sent += (size_t)n;
	}
	buf_reset(&p->out);
	p->sent = 0;
	return 0;
}

bool pipe_unsent(const struct pipe *p)
{
	return p->sent < p->out.len;
}

bool pipe_full(const struct pipe *p)
{
	return p->out.len - p->sent > PIPE_OUT_FULL;
}

int pipe_put(struct pipe *p, enum frame_kind kind, const void *body, size_t len, struct err *err)
{
	uint32_t follows = (uint32_t)len + 1;
	uint8_t head[5] = {(uint8_t)(follows >> 24), (uint8_t)(follows >> 16),
		(uint8_t)(follows >> 8), (uint8_t)follows, (uint8_t)kind};

	if (len > FRAME_MAX)
		return err_set(err, ERR_INTERNAL, "message between processes is too large");
	if (p->sent > 0) {
		p->out.len -= p->sent;
		memmove(p->out.p, p->out.p + p->sent, p->out.len);
		p->sent = 0;
	}
	if (buf_reserve(&p->out, sizeof(head) + len) < 0)
		return err_set(err, ERR_INTERNAL, "replies are not fetched");
	(void)buf_add(&p->out, head, sizeof(head));
	(void)buf_add(&p->out, body, len);
	return 0;
}

void pipe_free(struct pipe *p)
{
	buf_free(&p->in);
	buf_free(&p->out);
}
