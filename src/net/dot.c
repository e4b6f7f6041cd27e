#include "net/dot.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/endpoint.h"
#include "net/ca.h"
#include "net/https.h"
#include "net/timer.h"

#define MESSAGE_MAX 65535
#define HEADER_SIZE 12
#define QUEUE_MAX (1u << 20) /* octets of questions that wait to be sent */
#define SLOTS 65536          /* one for each message ID */
#define AGAIN_MS 1000        /* after a failure, nothing is tried for so long */
#define WHY_MAX 256
#define READS_MAX 64 /* messages, or pieces, before others have their turn */

enum dot_state { DOT_IDLE, DOT_CONNECTING, DOT_HANDSHAKE, DOT_OPEN };

/* A question that has been passed on. */
struct slot {
	struct sockaddr_in from;
	uint16_t id;
	bool used;
};

struct dot {
	struct endpoint to;
	char *ca_file;
	SSL_CTX *ctx; /* with the first connection */
	int udp, tcp, epoll;
	uint16_t port;
	enum dot_state at;
	SSL *ssl;
	bool want_write;
	struct buf out, in;
	struct slot *slot; /* SLOTS of them */
	uint16_t next_id;
	int64_t not_before;
	char why[WHY_MAX];
};

static void watch(struct dot *d, int op)
{
	struct epoll_event ev = {.events = EPOLLIN};

	if (d->at != DOT_OPEN ? d->at == DOT_CONNECTING || d->want_write
			      : d->want_write || d->out.len > 0)
		ev.events |= EPOLLOUT;
	(void)epoll_ctl(d->epoll, op, d->tcp, &ev);
}

/* What was under way is lost; libunbound asks again. */
static void disconnect(struct dot *d)
{
	SSL_free(d->ssl);
	d->ssl = NULL;
	if (d->tcp >= 0)
		close(d->tcp);
	d->tcp = -1;
	d->at = DOT_IDLE;
	d->want_write = false;
	buf_reset(&d->out);
	buf_reset(&d->in);
	memset(d->slot, 0, SLOTS * sizeof(*d->slot));
}

/* SERVFAIL to a question of len octets, which are changed for it. */
static void refuse(const struct dot *d, uint8_t *p, size_t len, const struct sockaddr_in *to)
{
	p[2] |= 0x80;
	p[3] = (uint8_t)((p[3] & 0x70) | 0x82);
	(void)sendto(d->udp, p, len, 0, (const struct sockaddr *)to, sizeof(*to));
}

/* Those that wait are told at once. */
static void fail(struct dot *d, const char *why)
{
	size_t at, len, id;
	uint8_t *p;

	snprintf(d->why, sizeof(d->why), "the resolver %s: %.180s", d->to.name, why);
	d->not_before = clock_ms() + AGAIN_MS;
	for (at = 0; at + 2 + HEADER_SIZE <= d->out.len; at += 2 + len) {
		p = d->out.p + at;
		len = (size_t)p[0] << 8 | p[1];
		id = (size_t)p[2] << 8 | p[3];
		p[2] = (uint8_t)(d->slot[id].id >> 8);
		p[3] = (uint8_t)d->slot[id].id;
		refuse(d, p + 2, len, &d->slot[id].from);
	}
	disconnect(d);
}

static int make_ctx(struct dot *d, struct err *err)
{
	X509_STORE *store = NULL;
	int rc;

	if (d->ctx)
		return 0;
	rc = ca_open(d->ca_file, &store, err);
	if (rc < 0)
		return rc;
	d->ctx = SSL_CTX_new(TLS_client_method());
	if (!d->ctx) {
		X509_STORE_free(store);
		return err_set(err, ERR_OS, "OpenSSL: out of memory");
	}
	SSL_CTX_set_cert_store(d->ctx, store);
	SSL_CTX_set_verify(d->ctx, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_min_proto_version(d->ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(
		d->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return 0;
}

static int open_tcp(struct dot *d)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(d->to.port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(d->to.port)};
	int on = 1;

	d->tcp = socket(
		d->to.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->tcp < 0)
		return -1;
	(void)setsockopt(d->tcp, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)inet_pton(AF_INET, d->to.ip, &four.sin_addr);
	(void)inet_pton(AF_INET6, d->to.ip, &six.sin6_addr);
	if (connect(d->tcp, d->to.v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four,
		    d->to.v6 ? sizeof(six) : sizeof(four)) < 0 &&
		errno != EINPROGRESS)
		return -1;
	return 0;
}

/* The name is checked with the chain, in the handshake: no question goes out before. */
static void start(struct dot *d)
{
	struct err err = ERR_INIT;

	if (make_ctx(d, &err) < 0) {
		fail(d, err.msg);
		return;
	}
	d->ssl = SSL_new(d->ctx);
	if (!d->ssl || !SSL_set1_host(d->ssl, d->to.name) ||
		!SSL_set_tlsext_host_name(d->ssl, d->to.name)) {
		fail(d, "OpenSSL: out of memory");
		return;
	}
	SSL_set_hostflags(d->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (open_tcp(d) < 0 || !SSL_set_fd(d->ssl, d->tcp)) {
		fail(d, strerror(errno));
		return;
	}
	SSL_set_connect_state(d->ssl);
	d->at = DOT_CONNECTING;
	watch(d, EPOLL_CTL_ADD);
}

/* After a call of OpenSSL that did not succeed. False if it is to be waited; else the connection is
 * gone. */
static bool broke(struct dot *d, int rc)
{
	int error = SSL_get_error(d->ssl, rc);
	long verify = SSL_get_verify_result(d->ssl);

	d->want_write = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return false;
	if (d->at == DOT_OPEN)
		disconnect(d);
	else if (verify != X509_V_OK)
		fail(d, X509_verify_cert_error_string(verify));
	else
		fail(d, "no agreement on TLS");
	return true;
}

static void handshake(struct dot *d)
{
	int error = 0, rc;
	socklen_t len = sizeof(error);

	if (d->at == DOT_CONNECTING) {
		struct sockaddr_storage peer;
		socklen_t peer_len = sizeof(peer);

		if (getsockopt(d->tcp, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error) {
			fail(d, strerror(error));
			return;
		}
		if (getpeername(d->tcp, (struct sockaddr *)&peer, &peer_len) < 0)
			return;
		d->at = DOT_HANDSHAKE;
	}
	ERR_clear_error();
	rc = SSL_do_handshake(d->ssl);
	if (rc == 1) {
		d->at = DOT_OPEN;
		d->want_write = false;
		d->why[0] = '\0';
	} else {
		(void)broke(d, rc);
	}
}

static void send_out(struct dot *d)
{
	int rc;

	while (d->at == DOT_OPEN && d->out.len > 0) {
		ERR_clear_error();
		rc = SSL_write(d->ssl, d->out.p, (int)d->out.len);
		if (rc <= 0) {
			(void)broke(d, rc);
			return;
		}
		d->out.len -= (size_t)rc;
		memmove(d->out.p, d->out.p + rc, d->out.len);
	}
}

/* A whole message of the resolver's. */
static void hand_back(struct dot *d, uint8_t *p, size_t len)
{
	struct slot *s;

	if (len < HEADER_SIZE)
		return;
	s = &d->slot[(size_t)p[0] << 8 | p[1]];
	if (!s->used)
		return;
	s->used = false;
	p[0] = (uint8_t)(s->id >> 8);
	p[1] = (uint8_t)s->id;
	if (sendto(d->udp, p, len, 0, (struct sockaddr *)&s->from, sizeof(s->from)) < 0 &&
		len > HEADER_SIZE)
		refuse(d, p, HEADER_SIZE, &s->from);
}

static void take_in(struct dot *d)
{
	size_t at, len;
	int rc, n;

	for (n = 0; n < READS_MAX && d->at == DOT_OPEN; n++) {
		if (buf_reserve(&d->in, MESSAGE_MAX) < 0) {
			disconnect(d);
			return;
		}
		ERR_clear_error();
		rc = SSL_read(d->ssl, d->in.p + d->in.len, MESSAGE_MAX);
		if (rc <= 0) {
			(void)broke(d, rc);
			return;
		}
		d->in.len += (size_t)rc;
		for (at = 0; d->in.len - at >= 2; at += 2 + len) {
			len = (size_t)d->in.p[at] << 8 | d->in.p[at + 1];
			if (d->in.len - at < 2 + len)
				break;
			hand_back(d, d->in.p + at + 2, len);
		}
		d->in.len -= at;
		memmove(d->in.p, d->in.p + at, d->in.len);
	}
}

/* One from libunbound: under an ID of our own, since those of its sockets may be alike. */
static void pass_on(struct dot *d, uint8_t *p, size_t len, const struct sockaddr_in *from)
{
	uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};
	uint16_t id = d->next_id++;

	if (len < HEADER_SIZE || d->out.len + sizeof(head) + len > QUEUE_MAX)
		return;
	if (d->at == DOT_IDLE && clock_ms() < d->not_before) {
		refuse(d, p, len, from);
		return;
	}
	d->slot[id] =
		(struct slot){.from = *from, .id = (uint16_t)(p[0] << 8 | p[1]), .used = true};
	p[0] = (uint8_t)(id >> 8);
	p[1] = (uint8_t)id;
	if (buf_add(&d->out, head, sizeof(head)) == 0)
		(void)buf_add(&d->out, p, len);
}

static void take_questions(struct dot *d)
{
	static uint8_t p[MESSAGE_MAX];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(d->udp, p, sizeof(p), 0, (struct sockaddr *)&from, &len)) >= 0) {
		pass_on(d, p, (size_t)n, &from);
		len = sizeof(from);
	}
}

void dot_process(struct dot *d)
{
	take_questions(d);
	if (d->at == DOT_IDLE && d->out.len > 0)
		start(d);
	if (d->at == DOT_CONNECTING || d->at == DOT_HANDSHAKE)
		handshake(d);
	if (d->at == DOT_OPEN)
		take_in(d);
	if (d->at == DOT_OPEN)
		send_out(d);
	if (d->at != DOT_IDLE)
		watch(d, EPOLL_CTL_MOD);
}

static int open_udp(struct dot *d)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct epoll_event ev = {.events = EPOLLIN};
	socklen_t len = sizeof(here);

	d->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->udp < 0 || bind(d->udp, (struct sockaddr *)&here, sizeof(here)) < 0 ||
		getsockname(d->udp, (struct sockaddr *)&here, &len) < 0)
		return -1;
	d->port = ntohs(here.sin_port);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	return d->epoll < 0 ? -1 : epoll_ctl(d->epoll, EPOLL_CTL_ADD, d->udp, &ev);
}

void dot_close(struct dot *d)
{
	if (!d)
		return;
	if (d->slot)
		disconnect(d);
	SSL_CTX_free(d->ctx);
	if (d->udp >= 0)
		close(d->udp);
	if (d->epoll >= 0)
		close(d->epoll);
	buf_free(&d->out);
	buf_free(&d->in);
	free(d->slot);
	free(d->ca_file);
	free(d);
}

static int dot_open(
	const struct endpoint *to, const char *ca_file, struct dot **out, struct err *err)
{
	struct dot *d = calloc(1, sizeof(*d));

	if (!d)
		return err_set(err, ERR_OS, "out of memory");
	d->to = *to;
	d->udp = d->tcp = d->epoll = -1;
	d->out.max = QUEUE_MAX;
	d->in.max = 4 * MESSAGE_MAX;
	d->ca_file = strdup(ca_file && ca_file[0] ? ca_file : HTTPS_CA_FILE);
	d->slot = calloc(SLOTS, sizeof(*d->slot));
	if (!d->ca_file || !d->slot || open_udp(d) < 0) {
		dot_close(d);
		return err_set(err, ERR_OS, "no socket for DNS over TLS: %s", strerror(errno));
	}
	*out = d;
	return 0;
}

int dot_instead(char **resolver, const char *ca_file, int epoll, struct dot **out, struct err *err)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct endpoint to;
	struct dot *d = NULL;
	char *instead = NULL;
	int rc;

	if (!endpoint_resolver(*resolver, &to) || to.name[0] == '\0')
		return 0;
	rc = dot_open(&to, ca_file, &d, err);
	if (rc < 0)
		return rc;
	if (asprintf(&instead, "127.0.0.1@%u", d->port) < 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, d->epoll, &ev) < 0) {
		dot_close(d);
		return err_set(err, ERR_OS, "out of memory");
	}
	free(*resolver);
	*resolver = instead;
	*out = d;
	return 0;
}

const char *dot_why(const struct dot *d)
{
	return d->why[0] ? d->why : NULL;
}
