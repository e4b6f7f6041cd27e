/* SPDX-License-Identifier: ISC */
/*
 * What a process may still do. sandbox_linux.c: Landlock, and seccomp (sandbox_calls.c);
 * sandbox_none.c elsewhere. Each call is for good and is inherited by children.
 */
#ifndef SEALPOST_SANDBOX_H
#define SEALPOST_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What the kernel granted; what it lacks is shown by doctor and -v, and is not an error. */
struct sandbox_state {
	bool seccomp;
	int landlock_abi; /* 0: no Landlock; -1: it cannot be told */
};

/* Each NULL-ended; what does not exist is passed over. */
struct sandbox_paths {
	const char *const *writable; /* folders */
	const char *const *readable; /* files and folders; NULL: reading is not limited */
	const char *const
		*listable; /* folders whose names can be seen, but no file read; or NULL */
};

/*
 * For the process that reads the mail, and gpg below it: no socket is made or connected, no
 * io_uring, ptrace, process_vm_*; writing and creating only below writable, and /dev/null;
 * reading only there, below readable, and what every program needs: libraries, locales, time zone,
 * user names, gpg's settings for the machine. No changing of modes, extended attributes or
 * priorities. Also no core dumps, not dumpable, no new privileges. ERR_OS when a feature that the
 * kernel has could not be applied: the caller must not go on.
 */
int sandbox_mail(const struct sandbox_paths *paths, struct sandbox_state *state, struct err *err);

/* The least ABI that limits the ports. */
#define SANDBOX_PORTS_ABI 4

/*
 * For the process that talks to the network: no exec, and nothing of what sandbox_mail refuses but
 * sockets: those of the internet, for TCP and UDP, TCP only to ports (0-ended), if the kernel can
 * tell them apart. Without datagrams: TCP only, so that nothing can be asked over UDP. Reading only
 * the files and folders of readable (NULL-ended), writing nothing.
 */
int sandbox_net(const char *const *readable, const uint16_t *ports, bool datagrams,
	struct sandbox_state *state, struct err *err);

/*
 * For a program that may talk to one server only, and has the connected socket to it as descriptor
 * 0: whatever Unix socket it makes is that one, and connecting it to whatever address is nothing
 * that remains to be done. No other socket can be made, connected or listened on. Called between
 * vfork and exec: uses no memory, and changes nothing of the caller's. Has precedence over a
 * sandbox_mail before it. 0, or an errno: ENOSYS where there is no seccomp.
 */
int sandbox_one_socket(void);

/* Whether it can be had, for sandbox_wall_enter too. */
bool sandbox_has_one_socket(void);

/*
 * A wall made ready for a program that somebody outside of any starts: as sandbox_mail, but it can
 * write nowhere, and read only what every program needs, below folder, which is not found by a
 * symbolic link, and below readable (NULL-ended). NULL: ERR_OS, as sandbox_mail.
 */
struct sandbox_wall;
struct sandbox_wall *sandbox_wall_make(
	const char *folder, const char *const *readable, struct err *err);
void sandbox_wall_free(struct sandbox_wall *w); /* NULL: nothing */
/* Enters it, between vfork and exec, as sandbox_one_socket, which is part of it if one_socket; else
 * no socket can be made. 0, or an errno. */
int sandbox_wall_enter(const struct sandbox_wall *w, bool one_socket);

/* What the running kernel offers, without applying anything. */
void sandbox_probe(struct sandbox_state *state);

#endif
