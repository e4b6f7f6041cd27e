/* SPDX-License-Identifier: ISC */
/* Non-blocking socket to the asking process, with a buffer for each direction. */
#ifndef SEALPOST_NETD_PIPE_H
#define SEALPOST_NETD_PIPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "wire/frame.h"

#define PIPE_IN_MAX (FRAME_MAX + 64u) /* pending questions, some ten thousands */
#define PIPE_OUT_MAX                                                                               \
	(256u << 20)              /* replies not read by the peer: beyond it the helper gives up   \
				   */
#define PIPE_OUT_FULL (32u << 20) /* beyond it no new question is started */

struct pipe {
	int sock;
	struct buf in, out;
	size_t sent; /* bytes of out already sent */
};

#define PIPE_INIT(fd)                                                                              \
	{                                                                                          \
		.sock = (fd), .in = BUF_INIT(PIPE_IN_MAX), .out = BUF_INIT(PIPE_OUT_MAX)           \
	}

/* Reads available data. 1; 0 at end of file; ERR_OS, ERR_INTERNAL (too much). */
int pipe_read(struct pipe *p, struct err *err);
/* Sends as much as possible without blocking. 0 or ERR_OS. */
int pipe_write(struct pipe *p, struct err *err);
bool pipe_unsent(const struct pipe *p);
bool pipe_full(const struct pipe *p);

/* Queues one frame. ERR_INTERNAL: it is too large, or too much is queued. */
int pipe_put(struct pipe *p, enum frame_kind kind, const void *body, size_t len, struct err *err);
void pipe_free(struct pipe *p);

#endif
