/* SPDX-License-Identifier: ISC */
/*
 * Whether another user could change a configuration: the file itself, or by replacing it through
 * any folder on its path.
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
	TRUST_OTHERS, /* world-writable */
	TRUST_GROUP,  /* writable by a group that is not the owner's private one */
	TRUST_LIST,   /* writable by others through its access control list */
};

struct trust_facts {
	mode_t mode;        /* file type and permissions */
	bool owner_is_us;   /* or root, or a user that this user namespace does not know */
	bool private_group; /* its group has the owner's name and no other members */
	bool has_list;      /* an access control list; the group's bits are then its mask */
};

/*
 * The rule, pure. A sticky folder such as /tmp may be world-writable: its entries can be replaced
 * by their owners only, who are judged separately. The same holds for symbolic links, which have no
 * mode of their own.
 */
enum trust trust_judge(const struct trust_facts *f);

/* Judges an open file; path is for messages. ERR_CONFIG, with a hint that can be pasted. */
int trust_file(int fd, const char *path, struct err *err);

/* Judges every folder and symbolic link from / to the file, following links. ERR_CONFIG as above;
 * ends at the first missing component. */
int trust_way(const char *path, struct err *err);
/* The same for a folder that is written to; what: that which others could change, for the message.
 */
int trust_way_of(const char *path, const char *what, struct err *err);

#endif
