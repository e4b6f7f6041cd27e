/* SPDX-License-Identifier: ISC */
/*
 * Frames between the processes over a stream socket: length (4 bytes, big endian, of what follows),
 * kind (1 byte), body. Input is hostile: lengths are limited before allocating; a reader that runs
 * past the end stays failed (sticky), so that a decoder checks once.
 */
#ifndef SEALPOST_FRAME_H
#define SEALPOST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define FRAME_MAX (16u << 20) /* bytes of one frame's body */

enum frame_kind {
	FRAME_NET_SETTINGS = 1, /* runner -> helper, first of all: struct net_settings */
	FRAME_LOOKUP = 2,       /* sealpost -> helper: struct lookup_request */
	FRAME_REPLY = 3,        /* helper -> sealpost: struct lookup_reply */
	FRAME_TRACE = 4,        /* helper -> sealpost: one line of -v */
	FRAME_CHECK = 5,        /* sealpost -> helper: struct check_request */
	FRAME_CHECKED = 6,      /* helper -> sealpost: struct check_reply */
	FRAME_WORLD = 7,        /* sealpost -> helper: struct world_request */
	FRAME_WORLD_TOLD = 8,   /* helper -> sealpost: struct world_reply */
	FRAME_START_NET = 10,   /* sealpost -> runner, the port of SMTP; answer FRAME_OK with the
				   socket attached */
	FRAME_START_AGENT = 11, /* sealpost -> runner, enum agent_wish; answer FRAME_OK with its
				   socket's path, and a connection attached to AGENT_LISTS */
	FRAME_HANDOFF = 12,     /* sealpost -> runner, descriptor attached; answer FRAME_DONE */
	FRAME_SIGNAL = 13,    /* sealpost -> runner, while the MTA runs; signal number; no answer */
	FRAME_NOTIFY = 14,    /* sealpost -> runner, the text of a refusal; answer FRAME_OK */
	FRAME_READ_KEYS = 15, /* sealpost -> runner; answer FRAME_OK, file attached */
	FRAME_RUN_GPG = 16,   /* sealpost -> runner, struct gpg_job, GPG_JOB_FDS descriptors
				 attached, or none for the one that is ready; answer FRAME_OK,
				 attached what tells of its end */
	FRAME_OK = 20,
	FRAME_ERR = 21,  /* struct err */
	FRAME_DONE = 22, /* struct handoff_result */
};

/* Reads the body of a frame, which it borrows. */
struct rd {
	const uint8_t *p;
	size_t left;
	bool bad; /* something was invalid; all later reads return 0 and "" */
};

void rd_init(struct rd *r, const void *p, size_t len);
uint8_t rd_u8(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
/* A port, or 0, written as 32 bits; bad if too large. */
uint16_t rd_port(struct rd *r);
/* Length-prefixed bytes; borrowed; *len at most max, else bad. */
const uint8_t *rd_bytes(struct rd *r, size_t max, size_t *len);
/* Reads a string into out (cap bytes including its NUL); bad if longer or if it contains a NUL. */
void rd_str(struct rd *r, char *out, size_t cap);
/* A string of at most max bytes, malloc'ed, owned by the caller; "" and bad if invalid; NULL only
 * if memory is short. */
char *rd_strdup(struct rd *r, size_t max);
/* 0 if everything was read and valid, else ERR_INTERNAL with a message that names what. */
int rd_end(const struct rd *r, const char *what, struct err *err);

/* Writers; a failure is kept in *bad and tested once by frame_send. */
struct wr {
	struct buf b;
	bool bad;
};

#define WR_INIT                                                                                    \
	{                                                                                          \
		.b = BUF_INIT(FRAME_MAX)                                                           \
	}

void wr_u8(struct wr *w, uint8_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_bytes(struct wr *w, const void *p, size_t len);
void wr_str(struct wr *w, const char *s); /* NULL counts as "" */
void wr_free(struct wr *w);

/*
 * Sends one frame, with descriptor fd attached to its first byte unless -1. until: as for
 * frame_recv, for a peer that does not read. After a failure a part of it may have been sent.
 * ERR_OS, ERR_TEMP.
 */
int frame_send(
	int sock, int64_t until, enum frame_kind kind, const struct wr *w, int fd, struct err *err);
/* The same with n descriptors, at most FRAME_FDS_MAX. */
#define FRAME_FDS_MAX 3
int frame_send_fds(int sock, int64_t until, enum frame_kind kind, const struct wr *w, const int *fd,
	size_t n, struct err *err);

/*
 * Receives one whole frame. until is an absolute time of clock_ms (-1: no limit; ERR_TEMP once it
 * has passed, even if data is available), so that trace lines cannot extend the deadline of a
 * conversation. *fd receives an attached descriptor (close-on-exec) or -1; more than one, or any if
 * fd is NULL, is closed and refused. Appends the body to body. End of file before the first byte:
 * ERR_IO, *eof (may be NULL) set.
 */
int frame_recv(int sock, int64_t until, enum frame_kind *kind, struct buf *body, int *fd, bool *eof,
	struct err *err);

/* The same with all descriptors that are attached, up to FRAME_FDS_MAX: on success *n of them in
 * fd, the caller's. */
int frame_recv_fds(int sock, int64_t until, enum frame_kind *kind, struct buf *body,
	int fd[FRAME_FDS_MAX], size_t *n, bool *eof, struct err *err);

/*
 * For an event loop: removes one whole frame from the front of in (bytes already received) and
 * appends its body to body. 1: done; 0: incomplete; ERR_INTERNAL: not a frame.
 */
int frame_take(struct buf *in, enum frame_kind *kind, struct buf *body, struct err *err);

#endif
