/* SPDX-License-Identifier: ISC */
/*
 * Whether somebody else could change a configuration: the file itself, or by putting another one in
 * its place in any folder on its way.
 */
#ifndef SEALPOST_CONF_TRUST_H
#define SEALPOST_CONF_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"

enum trust {
	TRUST_OK,
	TRUST_OWNER,  /* belongs to another user, who is not root */
	TRUST_OTHERS, /* everybody may write to it */
	TRUST_GROUP,  /* a group may that is not the owner's private one */
	TRUST_LIST,   /* its access control list may let others */
};

struct trust_facts {
	mode_t mode;        /* kind and permissions */
	bool owner_is_us;   /* or root, or a user that this user namespace does not know */
	bool private_group; /* its group has the owner's name, and nobody else in it */
	bool has_list;      /* an access control list; the group's bits are then its mask */
};

/*
 * The rule, pure. A folder that is sticky, as /tmp, may be everybody's: what lies in it can be
 * replaced by its owner only, who is judged by itself. So with symbolic links, that have no mode of
 * their own.
 */
enum trust trust_judge(const struct trust_facts *f);

/* An open file, named for messages. ERR_CONFIG, with a hint that can be pasted. */
int trust_file(int fd, const char *path, struct err *err);

/* Every folder and symbolic link from / to the file, as named and as the links lead. As above; a
 * part that is not there ends the walk. */
int trust_way(const char *path, struct err *err);

#endif
