/* SPDX-License-Identifier: ISC */
#include "net/dns_ctx.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/packages.h"
#include "base/places.h"
#include "net/resolver.h"

#define ANCHOR_MAX 65536
#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536

const char *dns_anchor_file(const struct dns_settings *s)
{
	return s->trust_anchor && s->trust_anchor[0] ? s->trust_anchor
						     : place_find(PLACE_TRUST_ANCHOR);
}

/* Whether a file in the format of zones has a record of one of these types. */
static bool holds_record(const char *text, const char *type, const char *other)
{
	size_t blank, word;

	for (; *text; text += word) {
		blank = strspn(text, " \t\r\n()");
		text += blank;
		if (*text == ';') {
			word = strcspn(text, "\n");
			continue;
		}
		word = strcspn(text, " \t\r\n();");
		if ((word == strlen(type) && strncasecmp(text, type, word) == 0) ||
			(word == strlen(other) && strncasecmp(text, other, word) == 0))
			return true;
	}
	return false;
}

/* libunbound reads the file only when the first question comes; what is wrong with it should be
 * known before. */
int dns_check_anchor(const struct dns_settings *s, struct err *err)
{
	const char *path = dns_anchor_file(s);
	struct buf b = BUF_INIT(ANCHOR_MAX);
	struct err why = ERR_INIT;
	int rc = file_read(path, &b, ERR_CONFIG, &why);

	if (rc < 0)
		err_set(err, why.code, "no DNSSEC trust anchor: %.512s", why.msg);
	else if (!holds_record(buf_str(&b), "DS", "DNSKEY"))
		rc = err_set(err, ERR_CONFIG, "no DNSSEC trust anchor: %s holds no key", path);
	if (rc == ERR_CONFIG)
		err_hint(err, "%s", package_hint(PACKAGE_DNS_ROOT_DATA));
	buf_free(&b);
	return rc;
}

bool dns_is_system(const struct dns_settings *s)
{
	return !s->resolver || !s->resolver[0] || strcmp(s->resolver, "system") == 0;
}

/* Where resolv.conf cannot be read, libunbound complains. */
bool dns_system_is_local(void)
{
	struct buf b = BUF_INIT(RESOLV_CONF_MAX);
	struct err ignored = ERR_INIT;
	bool local;

	local = file_read(RESOLV_CONF, &b, ERR_IO, &ignored) < 0 || resolver_is_local(buf_str(&b));
	buf_free(&b);
	return local;
}

bool dns_is_recursive(const struct dns_settings *s)
{
	return s->resolver && strcmp(s->resolver, "recursive") == 0;
}

/* As for the anchor; of a file without name servers libunbound says that memory is short. */
static int check_hints(const char *path, struct err *err)
{
	struct buf b = BUF_INIT(ANCHOR_MAX);
	struct err why = ERR_INIT;
	int rc = file_read(path, &b, ERR_CONFIG, &why);

	if (rc < 0)
		err_set(err, why.code, "root-hints: %.512s", why.msg);
	else if (!holds_record(buf_str(&b), "NS", "NS"))
		rc = err_set(err, ERR_CONFIG, "root-hints: %s: holds no name server", path);
	buf_free(&b);
	return rc;
}

/* libunbound has the root's addresses built in, too. */
static int set_root(struct ub_ctx *ctx, const struct dns_settings *s, struct err *err)
{
	bool chosen = s->root_hints && s->root_hints[0];
	const char *hints = chosen ? s->root_hints : place_find(PLACE_ROOT_HINTS);
	int rc = chosen ? check_hints(hints, err) : 0;

	if (rc == 0 && (chosen || access(hints, R_OK) == 0) &&
		ub_ctx_set_option(ctx, "root-hints:", hints) != 0)
		rc = err_set(err, ERR_CONFIG, "root-hints: %s: not taken", hints);
	return rc;
}

/* libunbound's own reader of the file loses the scope of a link-local address. Returns its code. */
static int set_system(struct ub_ctx *ctx)
{
	char server[RESOLVER_SERVER_MAX];
	struct buf b = BUF_INIT(RESOLV_CONF_MAX);
	struct err ignored = ERR_INIT;
	const char *at;
	int rc = file_read(RESOLV_CONF, &b, ERR_IO, &ignored) < 0 ? UB_READFILE : 0;
	bool any = false;

	for (at = buf_str(&b); rc == 0 && resolver_server(&at, server); any = true)
		rc = ub_ctx_set_fwd(ctx, server);
	if (rc == 0 && !any)
		rc = ub_ctx_set_fwd(ctx, "127.0.0.1"); /* resolv.conf(5) */
	buf_free(&b);
	return rc;
}

static int set_resolver(
	struct ub_ctx *ctx, const struct dns_settings *s, bool recursive, struct err *err)
{
	const char *name = dns_is_system(s) ? "system" : s->resolver;
	int rc;

	if (recursive)
		return set_root(ctx, s, err);
	/* Nothing but the forwarder is asked then, and it may well be on this machine. */
	rc = ub_ctx_set_option(ctx, "do-not-query-localhost:", "no");
	if (rc == 0)
		rc = dns_is_system(s) ? set_system(ctx) : ub_ctx_set_fwd(ctx, s->resolver);
	if (rc != 0)
		return err_set(err, ERR_CONFIG, "resolver = %s: %s", name, ub_strerror(rc));
	return 0;
}

static int set_ub_options(struct ub_ctx *ctx, const struct dns_ctx_way *way, struct err *err)
{
	static const struct {
		const char *name, *value;
	} option[] = {
		{"val-permissive-mode:", "no"},
		{"trust-anchor-signaling:", "no"}, /* a question nobody asked for */
		/* Many lookups at once, of which many may wait for name servers that are dead. */
		{"outgoing-range:", "2048"},
		{"num-queries-per-thread:", "4096"},
		{"outgoing-num-tcp:", "32"},
	};
	size_t i;
	int rc = 0;

	/* The library would write to stderr. */
	ub_ctx_debugout(ctx, NULL);
	for (i = 0; rc == 0 && i < sizeof(option) / sizeof(option[0]); i++)
		rc = ub_ctx_set_option(ctx, option[i].name, option[i].value);
	/* By default it gives up on an answer after 50 ms, and with many at once soon on the
	 * resolver. And resolvers count how often they are asked about a dead domain: as long as
	 * others are answered, a question is repeated each time that this has passed. Questions
	 * that are not validated are repeated by who asks them, or not at all. */
	if (rc == 0)
		rc = ub_ctx_set_option(
			ctx, "infra-cache-min-rtt:", way->unvalidated ? "30000" : "1000");
	if (rc == 0)
		rc = ub_ctx_set_option(ctx,
			"module-config:", way->unvalidated ? "iterator" : "validator iterator");
	if (rc == 0 && way->tcp)
		rc = ub_ctx_set_option(ctx, "tcp-upstream:", "yes");
	/* A thread rather than a process: nothing to reap, quicker to start, and within the same
	 * sandbox. */
	if (rc == 0)
		rc = ub_ctx_async(ctx, 1);
	if (rc != 0)
		return err_set(err, ERR_CONFIG, "libunbound: %s", ub_strerror(rc));
	return 0;
}

int dns_ctx_open(const struct dns_settings *s, const struct dns_ctx_way *way, struct ub_ctx **out,
	struct err *err)
{
	const char *anchor = dns_anchor_file(s);
	struct ub_ctx *ctx = ub_ctx_create();
	int rc;

	if (!ctx)
		return err_set(err, ERR_OS, "libunbound: out of memory");
	rc = set_ub_options(ctx, way, err);
	if (rc == 0)
		rc = set_resolver(ctx, s, way->recursive, err);
	if (rc == 0 && ub_ctx_add_ta_file(ctx, anchor) != 0)
		rc = err_set(err, ERR_CONFIG, "%s: not taken as a trust anchor", anchor);
	if (rc < 0)
		ub_ctx_delete(ctx);
	else
		*out = ctx;
	return rc;
}
