/* SPDX-License-Identifier: ISC */
/* Configurations for web servers. Pure. */
#ifndef SEALPOST_PUBLISH_SERVER_H
#define SEALPOST_PUBLISH_SERVER_H

#include "base/buf.h"
#include "verbs/publish/publish.h"

/* A host to serve, and how. */
struct served_host {
	char *name; /* owned */
	const struct publish_section *section;
	bool policy; /* of MTA-STS, else of keys */
	bool direct; /* the domain itself, whose other files are not ours */
	bool points; /* its name points here: it may get a certificate */
	bool customer;
};

struct host_list {
	struct served_host *v; /* owned */
	size_t n, cap;
};

int host_add(struct host_list *l, const struct served_host *h, const char *label,
	const char *domain, struct err *err);
void hosts_free(struct host_list *l);

/* dir: that of the tree, plain (publish_path_plain). -1: no memory. */
int caddy_text(
	const struct publish_conf *c, const struct host_list *l, const char *dir, struct buf *out);
int nginx_text(const struct host_list *l, const char *dir, struct buf *out);
int apache_text(const struct served_host *h, struct buf *out);

#endif
