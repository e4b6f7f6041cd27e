/* SPDX-License-Identifier: ISC */
/*
 * sealpost-net: looks up certificates in DNS and on the web, for sealpost, in a process that sees
 * neither mail nor private files. Settings, questions and replies are frames on descriptor 3; it
 * ends when that is closed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/places.h"
#include "base/sandbox.h"
#include "base/signals.h"
#include "net/ct_logs.h"
#include "net/smtp.h"
#include "netd/ports.h"
#include "netd/serve.h"

#define SOCK 3
#define SETTINGS_WAIT_MS 10000
#define TIMEOUT_MS 10000
#define TIMEOUT_MAX_MS 600000
#define CONNECT_MS 4000
#define FILES_WANTED 8192
#define SAID_MAX 160
#define READABLE_MAX 20

static int by_hand(void)
{
	fprintf(stderr, "sealpost-net is started by sealpost, to look up certificates; "
			"it does nothing by itself\n");
	return -ERR_USAGE;
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static uint32_t within(uint32_t v, uint32_t usual, uint32_t max)
{
	return v == 0 ? usual : v > max ? max : v;
}

static int read_settings(struct net_settings *s, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	struct rd r;
	int rc;

	rc = frame_recv(SOCK, clock_ms() + SETTINGS_WAIT_MS, &kind, &body, NULL, NULL, err);
	if (rc == 0 && kind != FRAME_NET_SETTINGS)
		rc = err_set(err, ERR_INTERNAL, "settings were expected first");
	if (rc == 0) {
		rd_init(&r, body.p, body.len);
		rc = net_settings_read(&r, s, err);
	}
	buf_free(&body);
	s->timeout_ms = within(s->timeout_ms, TIMEOUT_MS, TIMEOUT_MAX_MS);
	/* What is behind a proxy takes as long as it takes. */
	s->connect_ms =
		within(s->connect_ms, s->proxy[0] ? s->timeout_ms : CONNECT_MS, s->timeout_ms);
	return rc;
}

/* Sockets for many lookups at once, as far as this machine allows. */
static void raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= FILES_WANTED)
		return;
	r.rlim_cur = r.rlim_max < FILES_WANTED ? r.rlim_max : FILES_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* net->https is opened last: where it is there, all is. */
static int open_net(const struct net_settings *s, struct net *net, struct err *err)
{
	struct dns_settings d = {.resolver = s->resolver,
		.trust_anchor = s->trust_anchor,
		.root_hints = s->root_hints,
		.proxy = s->proxy[0] != '\0'};
	struct err why = ERR_INIT;
	int rc;

	net->proxied = d.proxy;
	rc = dns_open(&d, &net->dns, err);
	/* The rest is for the questions before, so that it is known which step was not answered. */
	net->smtp = smtp_open(s->ca_file, s->connect_ms, s->timeout_ms / 5 * 4);
	if (rc == 0 && !net->smtp)
		rc = err_set(err, ERR_OS, "no connections to mail servers: %s", strerror(errno));
	if (rc == 0)
		rc = https_open(s->ca_file, s->connect_ms, s->proxy, &net->https, err);
	/* Without it SCTs are only counted; what is wrong with it does not stop anything else. */
	if (rc == 0 && s->ct_log_list[0] &&
		ct_logs_open(s->ct_log_list, (int64_t)time(NULL), &net->ct, &why) < 0)
		log_warn("sealpost-net: ct-log-list: %s", why.msg);
	return rc;
}

/* The files that are opened after the sandbox has closed, NULL-ended. */
static void list_readable(const struct net_settings *s, const char *out[READABLE_MAX])
{
	const struct dns_settings d = {.trust_anchor = s->trust_anchor};
	const char *const some[] = {"/etc/resolv.conf", "/usr/lib/ssl", "/usr/share/dns",
		dns_anchor_file(&d), place_find(PLACE_ROOT_HINTS), s->ca_file, s->root_hints};
	size_t n = sizeof(some) / sizeof(some[0]), i;

	memcpy(out, some, sizeof(some));
	for (i = 0; place_ca_folders[i] && n + 1 < READABLE_MAX; i++)
		out[n++] = place_ca_folders[i];
	out[n] = NULL;
}

/* said: what it is like, in SAID_MAX octets. */
static int close_sandbox(const struct net_settings *s, char *said, struct err *err)
{
	const char *readable[READABLE_MAX];
	uint16_t ports[PORTS_MAX];
	char text[PORTS_TEXT_MAX];
	struct sandbox_state state;
	int rc;

	list_readable(s, readable);
	ports_wanted(s, ports);
	rc = sandbox_net(readable, ports, s->proxy[0] == '\0', &state, err);
	ports_text(ports, text);
	if (rc == 0)
		snprintf(said, SAID_MAX,
			"sandbox of sealpost-net: seccomp %s, Landlock ABI %d, TCP to %s %s",
			state.seccomp ? "on" : "off", state.landlock_abi,
			state.landlock_abi < SANDBOX_PORTS_ABI ? "any port, not only to"
							       : "no port but",
			text);
	return rc;
}

/* One socket of each kind that lookups need; by IPv6 where there is no IPv4. */
static int try_sockets(bool datagrams, struct err *err)
{
	static const int type[] = {SOCK_STREAM, SOCK_DGRAM};
	size_t i;
	int fd;

	for (i = 0; i < (datagrams ? 2 : 1); i++) {
		fd = socket(AF_INET, type[i] | SOCK_CLOEXEC, 0);
		if (fd < 0)
			fd = socket(AF_INET6, type[i] | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return err_set(err, ERR_OS, "no socket can be opened: %s", strerror(errno));
		close(fd);
	}
	return 0;
}

/* For doctor: whether what run shuts itself in leaves it what it needs. */
static int try_sandbox(struct err *err)
{
	static const struct net_settings usual;
	struct https *https = NULL;
	char said[SAID_MAX];
	int rc = https_open("", CONNECT_MS, "", &https, err);

	if (rc == 0)
		rc = close_sandbox(&usual, said, err);
	if (rc == 0)
		rc = try_sockets(true, err);
	if (rc == 0)
		rc = https_prepare(https, err);
	https_close(https);
	return rc;
}

static int run_helper(struct err *err)
{
	struct net_settings set;
	struct net net = {0};
	struct err broken = ERR_INIT;
	struct serve_settings s = {.net = &net};
	char said[SAID_MAX];
	int rc;

	rc = read_settings(&set, err);
	if (rc < 0)
		return rc;
	raise_limits();
	/* What is wrong with it is told in answer to every question, where it is wanted. */
	if (open_net(&set, &net, &broken) < 0)
		s.broken = broken.msg;
	rc = close_sandbox(&set, said, err);
	if (rc < 0)
		return rc;
	if (!s.broken && try_sockets(set.proxy[0] == '\0', &broken) < 0)
		s.broken = broken.msg;
	s.sandbox = said;
	s.smtp_port = set.smtp_port;
	s.timeout_ms = set.timeout_ms;
	s.methods = set.methods ? set.methods : METHODS_ALL;
	s.keyservers = set.keyservers;
	s.verbose = set.verbose;
	return serve(SOCK, &s, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	int rc;

	process_reset();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("sealpost-net %s\n", SEALPOST_VERSION);
		return fflush(stdout) == 0 ? 0 : -ERR_IO;
	}
	if (argc == 2 && strcmp(argv[1], "--try-sandbox") == 0) {
		if (try_sandbox(&err) < 0)
			printf("%s\n%s\n", err.msg, err.hint);
		return err_exit(err.code);
	}
	if (argc != 1 || !is_socket(SOCK))
		return by_hand();
	/* Proxies, other configurations, key logs: the libraries heed many variables, and none is
	 * wanted here. */
	(void)clearenv();
	rc = run_helper(&err);
	if (rc < 0)
		log_warn("sealpost-net: %s", err.msg);
	/* At once: nothing is worth waiting for a resolver's thread. */
	_exit(err_exit(rc < 0 ? err.code : ERR_NONE));
}
