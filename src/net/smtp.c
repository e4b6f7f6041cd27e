/* SPDX-License-Identifier: ISC */
#include "net/smtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/smtp_reply.h"
#include "net/smtp_tls.h"

#define CHUNK 4096
#define STEP_MS_MIN 1000
/* For how long what a mail server presented also answers other requests for it: a thousand
 * domains may share one server, which would not accept a thousand connections. */
#define VISIT_COUNTS_MS 60000
#define VISITS_KEPT_MAX 1024
#define USAGE_DANE_TA 2

enum step { STEP_CONNECT, STEP_BANNER, STEP_EHLO, STEP_STARTTLS, STEP_TLS, STEP_TLS_EHLO };

struct smtp {
	int epoll;
	char *ca_file;
	struct trust *trust; /* once it is needed */
	uint32_t connect_ms, answer_ms;
	struct smtp_visit *first; /* active and finished ones, the newest first */
	size_t n_visit;
};

/* One request for what a mail server presents. */
struct smtp_session {
	struct smtp_visit *visit;
	smtp_done *done;
	void *arg;
	struct timer soon; /* the answer is known already */
	struct smtp_session *prev, *next;
};

/* One connection, shared by all sessions that ask for the same. */
struct smtp_visit {
	struct net *net;
	struct smtp_session *session; /* sessions without their answer yet */
	struct smtp_visit *prev, *next;
	bool over, telling;
	int64_t ended; /* of clock_ms */
	int fd;
	enum step step;
	struct smtp_request q;
	char host[DNS_NAME_MAX + 1], name[SMTP_NAMES_MAX][DNS_NAME_MAX + 1];
	struct tlsa_set tlsa;
	struct smtp_verify verify;
	SSL *ssl;
	struct buf in;
	struct timer timer;
	struct smtp_result res;
};

static void visit_free(struct smtp_visit *s);

struct smtp *smtp_open(const char *ca_file, uint32_t connect_ms, uint32_t answer_ms)
{
	struct smtp *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->connect_ms = connect_ms > STEP_MS_MIN ? connect_ms : STEP_MS_MIN;
	s->answer_ms = answer_ms > STEP_MS_MIN ? answer_ms : STEP_MS_MIN;
	s->ca_file = strdup(ca_file ? ca_file : "");
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll >= 0 && s->ca_file)
		return s;
	smtp_close(s);
	return NULL;
}

void smtp_close(struct smtp *s)
{
	if (!s)
		return;
	while (s->first)
		visit_free(s->first);
	if (s->epoll >= 0)
		close(s->epoll);
	trust_free(s->trust);
	free(s->ca_file);
	free(s);
}

int smtp_fd(const struct smtp *s)
{
	return s->epoll;
}

/* Closes the connection and frees its TLS state. */
static void hang_up(struct smtp_visit *s)
{
	timer_stop(&s->net->timers, &s->timer);
	SSL_free(s->ssl);
	s->ssl = NULL;
	sk_X509_pop_free(s->verify.chain, X509_free);
	s->verify.chain = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buf_free(&s->in);
}

static void visit_free(struct smtp_visit *s)
{
	struct smtp *all = s->net->smtp;

	hang_up(s);
	if (s->prev)
		s->prev->next = s->next;
	else
		all->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	all->n_visit--;
	free(s);
}

static void leave_visit(struct smtp_session *w)
{
	timer_stop(&w->visit->net->timers, &w->soon);
	if (w->prev)
		w->prev->next = w->next;
	else
		w->visit->session = w->next;
	if (w->next)
		w->next->prev = w->prev;
	free(w);
}

void smtp_cancel(struct smtp_session *w)
{
	struct smtp_visit *s = w ? w->visit : NULL;

	if (!w)
		return;
	leave_visit(w);
	if (!s->session && !s->over)
		visit_free(s);
}

/* Delivers the answer to one session and frees it. */
static void tell_session(struct smtp_session *w)
{
	const struct smtp_result *r = &w->visit->res;
	smtp_done *done = w->done;
	void *arg = w->arg;

	leave_visit(w);
	done(arg, r);
}

static void on_soon(void *arg)
{
	struct smtp_session *w = arg;
	struct smtp_visit *s = w->visit;
	bool telling = s->telling;

	s->telling = true;
	tell_session(w);
	s->telling = telling;
}

/* Delivers the answer to all waiting sessions; their callbacks may start or cancel others. */
static void end_session(struct smtp_visit *s)
{
	hang_up(s);
	s->over = true;
	s->ended = clock_ms();
	s->telling = true;
	while (s->session)
		tell_session(s->session);
	s->telling = false;
}

static void fail_session(struct smtp_visit *s, const char *why)
{
	static const enum smtp_stage stage[] = {[STEP_CONNECT] = SMTP_NO_CONNECTION,
		[STEP_BANNER] = SMTP_NO_SERVER,
		[STEP_EHLO] = SMTP_NO_SERVER,
		[STEP_STARTTLS] = SMTP_NO_TLS,
		[STEP_TLS] = SMTP_NO_TLS,
		[STEP_TLS_EHLO] = SMTP_TLS};

	s->res.stage = stage[s->step];
	/* The certificate is known, which is all that is needed. */
	if (s->step != STEP_TLS_EHLO)
		snprintf(s->res.why, sizeof(s->res.why), "%s", why);
	end_session(s);
}

static void on_timeout(void *arg)
{
	struct smtp_visit *s = arg;

	fail_session(s, s->step == STEP_CONNECT ? "no connection in time" : "no answer in time");
}

static void watch_socket(struct smtp_visit *s, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = s};

	(void)epoll_ctl(s->net->smtp->epoll, EPOLL_CTL_MOD, s->fd, &ev);
}

static void next_step(struct smtp_visit *s, enum step step)
{
	s->step = step;
	timer_set(&s->net->timers, &s->timer, clock_ms() + s->net->smtp->answer_ms, on_timeout, s);
	watch_socket(s, EPOLLIN);
}

/* An address literal (RFC 5321 section 4.1.3), so that the host name is not revealed. */
static void own_name(const struct smtp_visit *s, char *out, size_t size)
{
	struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(a);
	char ip[INET6_ADDRSTRLEN] = "127.0.0.1";

	(void)getsockname(s->fd, (struct sockaddr *)&a, &len);
	if (a.ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&a)->sin6_addr, ip, sizeof(ip));
	else if (a.ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &((struct sockaddr_in *)&a)->sin_addr, ip, sizeof(ip));
	snprintf(out, size, "[%s%s]", a.ss_family == AF_INET6 ? "IPv6:" : "", ip);
}

/* A command is far shorter than any socket buffer: a short write is treated as a failure. */
static bool command(struct smtp_visit *s, const char *line)
{
	size_t len = strlen(line);

	if (s->ssl)
		return SSL_write(s->ssl, line, (int)len) == (int)len;
	return send(s->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void say_ehlo(struct smtp_visit *s, enum step step)
{
	char name[80], line[100];

	own_name(s, name, sizeof(name));
	snprintf(line, sizeof(line), "EHLO %s\r\n", name);
	if (!command(s, line))
		fail_session(s, "the connection broke off");
	else
		next_step(s, step);
}

static void start_tls(struct smtp_visit *s)
{
	/* RFC 3207 section 4.2; CVE-2011-0411: plaintext after the reply must not be taken for a
	 * reply within TLS. */
	if (s->in.len > 0) {
		s->res.injected = true;
		s->step = STEP_TLS;
		fail_session(s, "there is text in clear after its reply to STARTTLS");
		return;
	}
	s->ssl = smtp_tls_new(s->fd, &s->q, &s->verify);
	if (!s->ssl) {
		s->step = STEP_BANNER;
		fail_session(s, "TLS cannot be started here");
		return;
	}
	SSL_set_connect_state(s->ssl);
	next_step(s, STEP_TLS);
	watch_socket(s, EPOLLIN | EPOLLOUT);
}

static void quit_session(struct smtp_visit *s)
{
	(void)command(s, "QUIT\r\n");
	end_session(s);
}

/* Handles a complete reply. May free s. */
static void on_smtp_reply(struct smtp_visit *s, int code, bool starttls, bool requiretls)
{
	switch (s->step) {
	case STEP_BANNER:
		if (code == 220)
			say_ehlo(s, STEP_EHLO);
		else
			fail_session(s, "it does not serve us");
		break;
	case STEP_EHLO:
		if (code != 250) {
			fail_session(s, "it does not take EHLO");
		} else if (!starttls) {
			s->res.stage = SMTP_NO_STARTTLS;
			snprintf(s->res.why, sizeof(s->res.why), "it does not offer STARTTLS");
			quit_session(s);
		} else if (command(s, "STARTTLS\r\n")) {
			next_step(s, STEP_STARTTLS);
		} else {
			fail_session(s, "the connection broke off");
		}
		break;
	case STEP_STARTTLS:
		if (code == 220)
			start_tls(s);
		else
			fail_session(s, "it offers STARTTLS and refuses it");
		break;
	default:
		s->res.requiretls = code == 250 && requiretls;
		quit_session(s);
	}
}

/* Takes one reply out of the bytes received so far. True if there was one; s may be freed then. */
static bool take_reply(struct smtp_visit *s)
{
	bool starttls, requiretls;
	int code = 0, n = smtp_reply(&s->in, &code);

	if (n < 0) {
		fail_session(s, "it does not speak SMTP");
		return true;
	}
	if (n == 0)
		return false;
	starttls = smtp_offers(buf_str(&s->in), (size_t)n, "STARTTLS");
	requiretls = smtp_offers(buf_str(&s->in), (size_t)n, "REQUIRETLS");
	s->in.len -= (size_t)n;
	memmove(s->in.p, s->in.p + n, s->in.len + 1);
	on_smtp_reply(s, code, starttls, requiretls);
	return true;
}

/* 1: bytes were read; 0: none available now; -1: end of the connection. */
static int receive(struct smtp_visit *s)
{
	ssize_t n;

	if (buf_reserve(&s->in, CHUNK) < 0)
		return -1;
	if (s->ssl) {
		/* SSL_get_error takes any error that is left for one of this call. */
		ERR_clear_error();
		n = SSL_read(s->ssl, s->in.p + s->in.len, CHUNK);
		if (n <= 0)
			return SSL_get_error(s->ssl, (int)n) == SSL_ERROR_WANT_READ ? 0 : -1;
	} else {
		n = recv(s->fd, s->in.p + s->in.len, CHUNK, MSG_DONTWAIT);
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	}
	s->in.len += (size_t)n;
	s->in.p[s->in.len] = '\0';
	return 1;
}

static void handshake(struct smtp_visit *s)
{
	int rc = SSL_connect(s->ssl), e;
	char why[SMTP_WHY_MAX];
	const char *reason = trust_broken(s->verify.trust);

	/* A local failure says nothing about the server. */
	if (rc == 1 && reason) {
		s->step = STEP_BANNER;
		fail_session(s, reason);
		return;
	}
	if (rc == 1) {
		smtp_tls_take(s->ssl, &s->verify, s->net->ct, &s->res);
		say_ehlo(s, STEP_TLS_EHLO);
		return;
	}
	e = SSL_get_error(s->ssl, rc);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
		watch_socket(s, e == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
		return;
	}
	reason = ERR_reason_error_string(ERR_get_error());
	snprintf(why, sizeof(why), "TLS: no agreement with the server (%.160s)",
		reason ? reason : "the connection broke off");
	ERR_clear_error();
	fail_session(s, why);
}

static void connected(struct smtp_visit *s)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0)
		fail_session(s, strerror(error ? error : ECONNREFUSED));
	else
		next_step(s, STEP_BANNER);
}

static void continue_session(struct smtp_visit *s)
{
	int got;

	if (s->step == STEP_CONNECT) {
		connected(s);
		return;
	}
	if (s->step == STEP_TLS) {
		handshake(s);
		return;
	}
	/* One reply at a time: each may end the visit. */
	do {
		got = receive(s);
	} while (got > 0 && s->ssl && SSL_pending(s->ssl) > 0);
	if (got < 0)
		fail_session(s, "the connection broke off");
	else if (got > 0)
		(void)take_reply(s);
}

void smtp_process(struct smtp *all)
{
	struct epoll_event ev[1];

	/* One event at a time: handling it may end any other visit. */
	while (epoll_wait(all->epoll, ev, 1, 0) == 1)
		continue_session(ev[0].data.ptr);
}

static int connect_to(struct smtp_visit *s)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(s->q.port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->q.port)};
	struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = s};
	bool v6 = s->q.ip.v6;
	int rc;

	s->fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || epoll_ctl(s->net->smtp->epoll, EPOLL_CTL_ADD, s->fd, &ev) < 0)
		return -1;
	memcpy(&in.sin_addr, s->q.ip.b, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, s->q.ip.b, sizeof(in6.sin6_addr));
	rc = v6 ? connect(s->fd, (struct sockaddr *)&in6, sizeof(in6))
		: connect(s->fd, (struct sockaddr *)&in, sizeof(in));
	return rc < 0 && errno != EINPROGRESS ? -1 : 0;
}

/* Copies what the request only borrows. */
static void copy_request(struct smtp_visit *s, const struct smtp_request *q)
{
	size_t i;

	s->q = *q;
	snprintf(s->host, sizeof(s->host), "%s", q->host);
	s->q.host = s->host;
	if (q->tlsa)
		s->tlsa = *q->tlsa;
	s->q.tlsa = &s->tlsa;
	for (i = 0; i < SMTP_NAMES_MAX && q->name[i]; i++) {
		snprintf(s->name[i], sizeof(s->name[i]), "%s", q->name[i]);
		s->q.name[i] = s->name[i];
	}
}

static bool same_tlsa(const struct tlsa_set *a, const struct tlsa_set *b, bool *names)
{
	size_t i, n = b ? b->n : 0;

	*names = false;
	for (i = 0; a->n == n && i < n; i++) {
		const struct tlsa *x = &a->v[i], *y = &b->v[i];

		if (x->usage != y->usage || x->selector != y->selector ||
			x->matching != y->matching ||
			memcmp(x->digest, y->digest, sizeof(x->digest)) != 0)
			return false;
		*names = *names || x->usage == USAGE_DANE_TA;
	}
	return a->n == n;
}

/* Whether the visit also answers q. The reference names matter only with TLSA records; names
 * after the first, which is the one sent as SNI, only for usage 2. */
static bool answers_it(const struct smtp_visit *s, const struct smtp_request *q)
{
	size_t i, n;
	bool names;

	if (strcmp(s->host, q->host) != 0 || s->q.port != q->port || s->q.ip.v6 != q->ip.v6 ||
		memcmp(s->q.ip.b, q->ip.b, q->ip.v6 ? 16 : 4) != 0 ||
		!same_tlsa(&s->tlsa, q->tlsa, &names))
		return false;
	n = names ? SMTP_NAMES_MAX : s->tlsa.n > 0 ? 1 : 0;
	for (i = 0; i < n; i++) {
		if (strcmp(s->name[i], q->name[i] ? q->name[i] : "") != 0)
			return false;
		if (!q->name[i])
			break;
	}
	return true;
}

/* Whether a finished visit may answer new requests. A failure may be temporary, so it answers
 * only the sessions that waited for it. */
static bool still_counts(const struct smtp_visit *s)
{
	return !s->over ||
	       (s->res.stage >= SMTP_NO_STARTTLS && s->ended + VISIT_COUNTS_MS > clock_ms());
}

/* Frees finished visits that are too old or too many. */
static void prune_visits(struct smtp *all)
{
	struct smtp_visit *s, *next;

	for (s = all->first; s; s = next) {
		next = s->next;
		if (s->over && !s->session && !s->telling &&
			(!still_counts(s) || all->n_visit > VISITS_KEPT_MAX))
			visit_free(s);
	}
}

static struct smtp_visit *find_visit(struct smtp *all, const struct smtp_request *q)
{
	struct smtp_visit *s;

	for (s = all->first; s && !(still_counts(s) && answers_it(s, q)); s = s->next)
		;
	return s;
}

static struct smtp_visit *start_smtp_visit(
	struct net *net, const struct smtp_request *q, struct err *err)
{
	struct smtp *all = net->smtp;
	struct smtp_visit *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(err, ERR_TEMP, "out of memory");
		return NULL;
	}
	s->net = net;
	s->fd = -1;
	s->in.max = SMTP_REPLY_MAX + 2 * CHUNK;
	s->next = all->first;
	if (s->next)
		s->next->prev = s;
	all->first = s;
	all->n_visit++;
	copy_request(s, q);
	s->verify.trust = all->trust;
	ip_text(&q->ip, s->res.ip);
	if (connect_to(s) < 0) {
		err_set(err, ERR_TEMP, "%s", strerror(errno));
		visit_free(s);
		return NULL;
	}
	timer_set(&net->timers, &s->timer, clock_ms() + all->connect_ms, on_timeout, s);
	return s;
}

int smtp_start(struct net *net, const struct smtp_request *q, smtp_done *done, void *arg,
	struct smtp_session **out, struct err *err)
{
	struct smtp *all = net->smtp;
	int rc = all->trust ? 0 : trust_open(all->ca_file, &all->trust, err);
	struct smtp_session *w;
	struct smtp_visit *s;

	if (rc < 0)
		return rc;
	prune_visits(all);
	w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(err, ERR_TEMP, "out of memory");
	s = find_visit(all, q);
	if (!s)
		s = start_smtp_visit(net, q, err);
	if (!s) {
		free(w);
		return ERR_TEMP;
	}
	*w = (struct smtp_session){.visit = s, .done = done, .arg = arg, .next = s->session};
	if (w->next)
		w->next->prev = w;
	s->session = w;
	/* The callback is always called from the event loop. */
	if (s->over)
		timer_set(&net->timers, &w->soon, clock_ms(), on_soon, w);
	*out = w;
	return 0;
}
