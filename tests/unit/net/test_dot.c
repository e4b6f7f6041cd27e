/* net/dot: questions go to the resolver that was named, over TLS, and to nobody else; whatever that
 * one answers. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "net/dot.h"
#include "net/timer.h"

#define NAME "dot.example"
#define LIMIT_MS 30000 /* never reached, unless something is wrong */
#define QUESTION_LEN 29

enum behaviour {
	HONEST,
	DRIBBLES, /* octet by octet */
	TOGETHER, /* unasked messages before and after the answer, in one record */
	TWICE,
	LARGE, /* more than a datagram takes */
	NO_TLS,
	LEAVES, /* after the handshake */
	CUTS,   /* leaves in the middle of the answer */
	NOTHING_LISTENS,
};

enum certificate { GOOD, OTHER_NAME, OTHER_ROOT, EXPIRED, PART_OF_NAME };

static char root[FILE_PATH_MAX], ca_file[FILE_PATH_MAX];
static EVP_PKEY *ca_key, *other_key, *leaf_key;
static X509 *ca, *other;

/* issuer NULL: a root. name: of the leaf. */
static X509 *make(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer, long until)
{
	X509 *x = X509_new();
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	char san[128];

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -7200);
	X509_gmtime_adj(X509_getm_notAfter(x), until);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
		(const unsigned char *)name, -1, -1, 0);
	X509_set_pubkey(x, key);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
	snprintf(san, sizeof(san), "DNS:%s", name);
	e = issuer ? X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, san)
		   : X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE");
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
	return x;
}

static int setup(void **state)
{
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ca_key = EVP_EC_gen("P-256");
	other_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	ca = make("root", ca_key, NULL, ca_key, 7200);
	other = make("root", other_key, NULL, other_key, 7200);
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(path_join(ca_file, root, "ca.pem"), 0);
	f = fopen(ca_file, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, ca), 1);
	assert_int_equal(fclose(f), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(root);
	X509_free(ca);
	X509_free(other);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	EVP_PKEY_free(leaf_key);
	return 0;
}

static X509 *leaf(enum certificate which)
{
	switch (which) {
	case OTHER_NAME:
		return make("evil.example", leaf_key, ca, ca_key, 3600);
	case OTHER_ROOT:
		return make(NAME, leaf_key, other, other_key, 3600);
	case EXPIRED:
		return make(NAME, leaf_key, ca, ca_key, -3600);
	case PART_OF_NAME:
		return make("d*.example", leaf_key, ca, ca_key, 3600);
	case GOOD:
		break;
	}
	return make(NAME, leaf_key, ca, ca_key, 3600);
}

static void put(SSL *ssl, const void *p, size_t len)
{
	if (len > 0 && SSL_write(ssl, p, (int)len) <= 0)
		_exit(0);
}

/* A message whose head is q's, as an answer, with so many octets in all. */
static size_t message(uint8_t *out, const uint8_t *q, size_t len, uint16_t id)
{
	memset(out, 0, 2 + len);
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	memcpy(out + 2, q, len < QUESTION_LEN ? len : QUESTION_LEN);
	if (len >= 12) {
		out[2] = (uint8_t)(id >> 8);
		out[3] = (uint8_t)id;
		out[4] |= 0x80;
	}
	return 2 + len;
}

static void answer(SSL *ssl, enum behaviour how, const uint8_t *q)
{
	static uint8_t m[4 * 65537];
	uint16_t id = (uint16_t)(q[0] << 8 | q[1]);
	size_t n = message(m, q, QUESTION_LEN, id), i;

	switch (how) {
	case DRIBBLES:
		for (i = 0; i < n; i++)
			put(ssl, m + i, 1);
		return;
	case TOGETHER:
		n = message(m, q, 0, id);
		n += message(m + n, q, 5, id);
		n += message(m + n, q, QUESTION_LEN, (uint16_t)(id + 1));
		n += message(m + n, q, QUESTION_LEN, id);
		n += message(m + n, q, 11, id);
		break;
	case TWICE:
		n += message(m + n, q, QUESTION_LEN, id);
		break;
	case LARGE:
		n = message(m, q, 65535, id);
		break;
	case CUTS:
		put(ssl, m, n - 1);
		_exit(0);
	default:
		break;
	}
	put(ssl, m, n);
}

/* The resolver, for one connection. */
static _Noreturn void serve(int listener, enum behaviour how, X509 *x)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int s = accept(listener, NULL, NULL), n;
	uint8_t q[2 + 512];
	SSL *ssl;

	if (how == NO_TLS) {
		(void)!write(s, "SSH-2.0-OpenSSH_9.2\r\n", 21);
		(void)!read(s, q, sizeof(q));
		_exit(0);
	}
	SSL_CTX_use_certificate(ctx, x);
	SSL_CTX_use_PrivateKey(ctx, leaf_key);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, s);
	if (SSL_accept(ssl) != 1 || how == LEAVES)
		_exit(0);
	for (;;) {
		n = SSL_read(ssl, q, 2 + QUESTION_LEN);
		if (n <= 0)
			_exit(0);
		if (n != 2 + QUESTION_LEN || q[0] != 0 || q[1] != QUESTION_LEN)
			_exit(1);
		answer(ssl, how, q + 2);
	}
}

static pid_t start(enum behaviour how, enum certificate which, uint16_t *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(here);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	X509 *x = leaf(which);
	pid_t pid;

	assert_int_equal(bind(s, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&here, &len), 0);
	*port = ntohs(here.sin_port);
	if (how != NOTHING_LISTENS)
		assert_int_equal(listen(s, 5), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (how != NOTHING_LISTENS)
			serve(s, how, x);
		pause();
		_exit(0);
	}
	close(s);
	X509_free(x);
	return pid;
}

/* libunbound in small: a question of a fixed name with an ID. */
static void question(int udp, uint16_t id)
{
	uint8_t q[QUESTION_LEN] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 7, 'e',
		'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

	q[0] = (uint8_t)(id >> 8);
	q[1] = (uint8_t)id;
	assert_int_equal(send(udp, q, sizeof(q), 0), sizeof(q));
}

/* The next datagram's length; 0: none came, though the other side is through with it. */
static ssize_t await(struct dot *d, int epoll, int udp, uint8_t *out, size_t cap, int wait_ms)
{
	int64_t end = clock_ms() + wait_ms;
	struct pollfd fd[2] = {{.fd = epoll, .events = POLLIN}, {.fd = udp, .events = POLLIN}};

	while (clock_ms() < end) {
		(void)poll(fd, 2, 50);
		if (fd[1].revents & POLLIN)
			return recv(udp, out, cap, 0);
		dot_process(d);
	}
	return 0;
}

struct row {
	const char *name;
	enum behaviour how;
	enum certificate which;
	int rcode;       /* of the answer to the first question; -1: none, libunbound asks again */
	const char *why; /* part of what is said then, or NULL: nothing */
};

static void one(const struct row *row)
{
	uint8_t a[65536];
	char *resolver = NULL;
	struct dot *d = NULL;
	struct epoll_event ev;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	unsigned instead;
	uint16_t port;
	pid_t pid = start(row->how, row->which, &port);
	int epoll = epoll_create1(EPOLL_CLOEXEC),
	    udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	print_message("%s\n", row->name);
	assert_true(asprintf(&resolver, "tls://127.0.0.1@%u#" NAME, port) > 0);
	assert_int_equal(dot_instead(&resolver, ca_file, epoll, &d, NULL), 0);
	assert_int_equal(sscanf(resolver, "127.0.0.1@%u", &instead), 1);
	to.sin_port = htons((uint16_t)instead);
	assert_int_equal(connect(udp, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_null(dot_why(d));
	question(udp, 0xbeef);
	n = await(d, epoll, udp, a, sizeof(a), row->rcode < 0 ? 1000 : LIMIT_MS);
	if (row->rcode < 0) {
		assert_int_equal(n, 0);
	} else {
		assert_true(n >= 12);
		assert_int_equal(a[0] << 8 | a[1], 0xbeef);
		assert_int_equal(a[2] & 0x80, 0x80);
		assert_int_equal(a[3] & 0x0f, row->rcode);
	}
	if (row->why) {
		assert_non_null(dot_why(d));
		assert_non_null(strstr(dot_why(d), NAME));
		assert_non_null(strstr(dot_why(d), row->why));
		/* At once, and nothing is tried again so soon. */
		question(udp, 0xcafe);
		assert_true(await(d, epoll, udp, a, sizeof(a), LIMIT_MS) >= 12);
		assert_int_equal(a[3] & 0x0f, 2);
	} else {
		assert_null(dot_why(d));
	}
	if (row->how <= TWICE) {
		question(udp, 1);
		assert_int_equal(await(d, epoll, udp, a, sizeof(a), LIMIT_MS), QUESTION_LEN);
		assert_int_equal(a[0] << 8 | a[1], 1);
	}
	dot_close(d);
	assert_int_equal(epoll_wait(epoll, &ev, 1, 0), 0); /* and watches nothing any more */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(epoll);
	close(udp);
	free(resolver);
}

static void resolvers(void **state)
{
	static const struct row row[] = {
		{"honest", HONEST, GOOD, 0, NULL},
		{"octet by octet", DRIBBLES, GOOD, 0, NULL},
		{"what was not asked, and what is no message", TOGETHER, GOOD, 0, NULL},
		{"the same answer twice", TWICE, GOOD, 0, NULL},
		{"an answer larger than a datagram", LARGE, GOOD, 2, NULL},
		{"another name", HONEST, OTHER_NAME, 2, "hostname mismatch"},
		{"another root of the same name", HONEST, OTHER_ROOT, 2, ""},
		{"an expired certificate", HONEST, EXPIRED, 2, "expired"},
		{"a wildcard for a part of the name", HONEST, PART_OF_NAME, 2, "hostname mismatch"},
		{"no TLS", NO_TLS, GOOD, 2, "no agreement on TLS"},
		{"nobody there", NOTHING_LISTENS, GOOD, 2, "refused"},
		{"gone after the handshake", LEAVES, GOOD, -1, NULL},
		{"gone in the middle of an answer", CUTS, GOOD, -1, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		one(&row[i]);
}

/* Resolvers that are not over TLS stay as they are. */
static void others(void **state)
{
	static const char *const row[] = {"system", "recursive", "", "127.0.0.1", "2001:db8::1@53",
		"tls://192.0.2.1", "tls://dns.example#dns.example"};
	struct dot *d = NULL;
	char *resolver;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		resolver = strdup(row[i]);
		assert_int_equal(dot_instead(&resolver, ca_file, -1, &d, NULL), 0);
		assert_string_equal(resolver, row[i]);
		assert_null(d);
		free(resolver);
	}
	dot_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(resolvers), cmocka_unit_test(others)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
