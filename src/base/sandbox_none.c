/* SPDX-License-Identifier: ISC */
/* The sandbox where the system has none. */
#ifndef __linux__

#include "base/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Where there is neither seccomp nor Landlock: no core dumps, and the state says what is lacking.
 */
static int no_core_dumps(struct sandbox_state *state, struct err *err)
{
	const struct rlimit none = {0, 0};

	memset(state, 0, sizeof(*state));
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_set(err, ERR_OS, "core dumps cannot be turned off");
	return 0;
}

int sandbox_mail(const struct sandbox_paths *paths, struct sandbox_state *state, struct err *err)
{
	(void)paths;
	return no_core_dumps(state, err);
}

int sandbox_net(const char *const *readable, const uint16_t *ports, bool datagrams,
	struct sandbox_state *state, struct err *err)
{
	(void)readable;
	(void)ports;
	(void)datagrams;
	return no_core_dumps(state, err);
}

int sandbox_one_socket(void)
{
	return ENOSYS;
}

bool sandbox_has_one_socket(void)
{
	return false;
}

struct sandbox_wall {
	char nothing;
};

struct sandbox_wall *sandbox_wall_make(
	const char *folder, const char *const *readable, struct err *err)
{
	struct sandbox_wall *w = calloc(1, sizeof(*w));

	(void)folder;
	(void)readable;
	if (!w)
		err_set(err, ERR_OS, "out of memory");
	return w;
}

void sandbox_wall_free(struct sandbox_wall *w)
{
	free(w);
}

int sandbox_wall_enter(const struct sandbox_wall *w, bool one_socket)
{
	const struct rlimit none = {0, 0};

	(void)w;
	if (one_socket)
		return ENOSYS;
	return setrlimit(RLIMIT_CORE, &none) < 0 ? errno : 0;
}

void sandbox_probe(struct sandbox_state *state)
{
	memset(state, 0, sizeof(*state));
}

#else

/* An empty translation unit is not C. */
typedef int sandbox_none_is_empty;

#endif
