/* SPDX-License-Identifier: ISC */
/*
 * A verb as it runs, in a process of its own, but without sandbox and runner: who would be
 * sealpost-net answers here, by the address and by what the file "served" says, and who would be
 * the MTA keeps what it gets. Real keys, a real store.
 */
#ifndef TESTS_VERBS_UTIL_H
#define TESTS_VERBS_UTIL_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "direct_agent.h"
#include "gpg_keys.h"
#include "no_neighbours.h"
#include "run_words.h"

#include "net/spki.h"
#include "wire/check.h"
#include "wire/world.h"

#define OUTPUT_MAX (1u << 20)

static char home_dir_of_test[FILE_PATH_MAX], agent_of_test[FILE_PATH_MAX];
static char fpr_a[CERT_FPR_MAX], fpr_b[CERT_FPR_MAX],
	fpr_me[CERT_FPR_MAX]; /* Alice's, her next, the sender's */
static struct buf cert_a, cert_b, cert_revoked;

static const char *in_home(const char *name)
{
	static char path[4][FILE_PATH_MAX];
	static unsigned turn;
	char *p = path[turn++ % 4];

	assert_int_equal(path_join(p, home_dir_of_test, name), 0);
	return p;
}

static void put_text(const char *name, const char *text)
{
	write_file(in_home(name), text, strlen(text));
}

static bool is_served(const char *word)
{
	struct buf b = BUF_INIT(4096);
	bool yes;

	yes = file_read(in_home("served"), &b, ERR_IO, NULL) == 0 && strstr(buf_str(&b), word);
	buf_free(&b);
	return yes;
}

/* The neighbours. */

void runner_daemons(struct runner *r, struct gpg_daemons *d)
{
	(void)r;
	*d = direct_daemons(agent_of_test);
}

bool runner_is_inside(void)
{
	return is_served("inside");
}

/* The recipients and the mail itself, added to "taken". */
int runner_handoff(struct runner *r, const struct handoff *h, int fd, int signals,
	struct handoff_result *x, struct err *err)
{
	FILE *f = fopen(in_home("taken"), "ae");
	char text[4096];
	ssize_t n;
	off_t at = 0;
	size_t i;

	(void)r;
	(void)signals;
	(void)err;
	assert_non_null(f);
	fprintf(f, "-f %s", h->sender);
	for (i = 0; i < h->n_rcpt; i++)
		fprintf(f, " %s", h->rcpt[i].name);
	fputc('\n', f);
	while ((n = pread(fd, text, sizeof(text), at)) > 0) {
		assert_int_equal(fwrite(text, 1, (size_t)n, f), n);
		at += n;
	}
	assert_int_equal(fclose(f), 0);
	*x = (struct handoff_result){.exit = is_served("mta-fails") ? 75 : 0, .errout = strdup("")};
	snprintf(x->mta, sizeof(x->mta), "mta");
	return 0;
}

static char *copy_text(const char *s)
{
	char *p = strdup(s);

	assert_non_null(p);
	return p;
}

static void serve_body(struct method_result *m, const void *p, size_t len)
{
	m->status = METHOD_FOUND;
	m->n_body = 1;
	m->body[0].data = malloc(len + 1);
	assert_non_null(m->body[0].data);
	memcpy(m->body[0].data, p, len);
	m->body[0].len = len;
}

static void serve_cert(struct method_result *m, const struct buf *cert)
{
	serve_body(m, cert->p, cert->len);
	m->tls = TLS_WEBPKI;
}

/* The key server: Alice's key or her next, as it is said; another's, nothing, or a failure. */
static void serve_by_server(const struct lookup_request *q, struct method_result *m)
{
	bool alice = strcmp(q->addr.local, "alice") == 0;

	m->method = METHOD_KEYSERVER;
	if (is_served("ks-fails"))
		m->status = METHOD_FAILED;
	else if (alice && is_served("ks-other"))
		serve_cert(m, &cert_b);
	else if (alice && is_served("ks-dead"))
		serve_cert(m, &cert_revoked);
	else if ((alice && is_served("ks-has")) || is_served("ks-lies"))
		serve_cert(m, &cert_a);
}

/* By local part and domain. Alice's next key, its revocation, or nothing, when it is said. */
static void serve_lookup(const struct lookup_request *q, struct lookup_reply *a)
{
	const char *local = q->addr.local, *domain = q->addr.domain;
	bool gone = is_served("gone"), alice = strcmp(local, "alice") == 0;

	reply_absent(a);
	a->id = q->id;
	a->wkd.proved = strcmp(domain, "proved.example") == 0;
	a->dns = calloc(1, sizeof(*a->dns));
	a->url = calloc(1, sizeof(*a->url));
	assert_true(a->dns && a->url);
	a->n_dns = a->n_url = 1;
	*a->dns = (struct evidence_dns){.name = copy_text("openpgpkey.x.example"),
		.type = 1,
		.state = DNS_INSECURE,
		.answers = 1,
		.note = copy_text("")};
	*a->url = (struct evidence_url){.url = copy_text("https://openpgpkey.x.example/hu/x"),
		.status = 200,
		.tls = TLS_WEBPKI,
		.ip = "192.0.2.1",
		.note = copy_text("")};
	if (q->methods == METHOD_VKS) {
		a->dane.status = METHOD_NOT_ASKED;
		serve_by_server(q, &a->wkd);
		return;
	}
	if (strcmp(domain, "late.example") == 0 || is_served("late"))
		a->wkd.status = METHOD_FAILED;
	else if (alice && !gone)
		serve_cert(&a->wkd, is_served("next")      ? &cert_b
				    : is_served("revoked") ? &cert_revoked
							   : &cert_a);
	else if (strcmp(local, "both") == 0)
		serve_cert(&a->wkd, &cert_a);
	else if (strcmp(local, "odd") == 0)
		serve_body(&a->wkd, "hello", 5);
	if (strcmp(local, "both") == 0)
		serve_cert(&a->dane, &cert_b);
}

/* What there is of a domain: by its name. */
static void serve_check(const struct check_request *q, struct check_reply *a)
{
	static struct check_mx mx[2];
	static struct check_tlsa tlsa;
	static struct check_cert cert;
	static struct check_caa caa;
	static struct check_caa_record record;
	static char *rua[1];
	static struct evidence_dns dns;
	static struct evidence_url url;
#define T(text) ((char *)(uintptr_t)(text))
	bool bound = strcmp(q->domain, "bound.example") == 0;
	size_t i;

	tlsa = (struct check_tlsa){3, 1, 1, true, T("00ff"), T("")};
	for (i = 0; i < 2; i++)
		mx[i] = (struct check_mx){.host = T(i ? "mx2.example" : "mx1.example"),
			.preference = 10,
			.address = CHECK_FOUND,
			.dnssec = DNS_SECURE,
			.ip = {"192.0.2.1"},
			.n_ip = 1,
			.dane = bound ? DANE_USABLE : DANE_NONE,
			.tlsa_dnssec = DNS_SECURE,
			.tlsa = &tlsa,
			.n_tlsa = bound,
			.live = {.status =
					 q->want & CHECK_LIVE ? LIVE_AUTHENTICATED : LIVE_NOT_ASKED,
				.starttls = FACT_YES,
				.tls = "TLSv1.3",
				.cipher = "x"}};
	record = (struct check_caa_record){0, T("issue"), T("ca.example"), T("ca.example"), T("")};
	caa = (struct check_caa){.name = T(q->domain),
		.outcome = CHECK_FOUND,
		.dnssec = DNS_SECURE,
		.found_at = T(q->domain),
		.restricts = true,
		.record = &record,
		.n_record = 1};
	cert = (struct check_cert){.name = T("mx1.example"),
		.port = 25,
		.subject = T("mx1.example"),
		.issuer = T("O=CA"),
		.not_after = 4102444800,
		.sct_x509 = 2,
		.ct = FACT_UNKNOWN};
	rua[0] = T("mailto:tls@bound.example");
	dns = (struct evidence_dns){.name = T(q->domain), .type = 15, .state = DNS_SECURE};
	url = (struct evidence_url){.url = T("https://mta-sts.x/"), .status = 200};
	*a = (struct check_reply){.id = q->id,
		.want = q->want,
		.domain = T(q->domain),
		.exists = CHECK_FOUND,
		.dnssec = DNS_SECURE,
		.mx_outcome = CHECK_FOUND,
		.mx_dnssec = DNS_SECURE,
		.mx = mx,
		.n_mx = 2,
		.sts = {.txt = CHECK_NONE, .policy = CHECK_NONE},
		.tlsrpt = {.outcome = CHECK_FOUND, .rua = rua, .n_rua = 1},
		.caa = &caa,
		.n_caa = 1,
		.cert = &cert,
		.n_cert = 1,
		.wkd_outcome = CHECK_NONE,
		.dns = &dns,
		.n_dns = 1,
		.url = &url,
		.n_url = 1};
	/* A mail server of the domain's own, with the key of a test's CERTIFICATE. */
	if (is_served("keyed")) {
		cert.name = T("mx.x.example");
		snprintf(cert.spki, sizeof(cert.spki),
			"a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
	}
	if (strcmp(q->domain, "silent.example") == 0)
		a->failed = T("no trust anchor");
	if (strcmp(q->domain, "nomail.example") == 0) {
		a->null_mx = true;
		a->n_mx = 0;
	}
	if (strcmp(q->domain, "late.example") == 0) {
		a->mx_outcome = CHECK_UNKNOWN;
		a->n_mx = 0;
		a->mx_reason = T("no answer");
	}
#undef T
}

/* RDATA of what a zone line says behind its type; 0 if it is none of these. */
static size_t zone_rdata(const char *type, const char *value, uint8_t *out, size_t cap)
{
	size_t n = strlen(value), i;

	if (strcmp(type, "A") == 0)
		return inet_pton(AF_INET, value, out) == 1 ? 4 : 0;
	if (strcmp(type, "TXT") == 0 && n > 2 && n < 250) {
		out[0] = (uint8_t)(n - 2);
		memcpy(out + 1, value + 1, n - 2);
		return n - 1;
	}
	if (strcmp(type, "TLSA") == 0 && n == 6 + 64 && cap >= 35) {
		memcpy(out, "\3\1\1", 3);
		for (i = 0; i < 32 && sscanf(value + 6 + 2 * i, "%2hhx", &out[3 + i]) == 1; i++)
			;
		return 3 + i;
	}
	if (strcmp(type, "TYPE61") == 0) {
		value = strrchr(value, ' ') + 1;
		for (i = 0; i < cap && sscanf(value + 2 * i, "%2hhx", &out[i]) == 1; i++)
			;
		return i;
	}
	return 0;
}

/* What the zone that was written says of a name, once it is "live". */
static void serve_set(const struct world_set *q, struct world_answer *a)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {{"A", 1}, {"TXT", 16}, {"TLSA", 52}, {"TYPE61", 61}};
	static uint8_t rdata[WORLD_RECORDS_MAX][8192];
	static struct world_rdata record[WORLD_RECORDS_MAX];
	static char line[20000], name[512], type[16], value[18000];
	FILE *f = is_served("live") ? fopen(in_home("tree/dns/x.example.zone"), "re") : NULL;
	size_t i, n = 0, len;

	*a = (struct world_answer){.state = is_served("mute") ? DNS_ERROR : DNS_SECURE,
		.canon = copy_text(""),
		.note = copy_text(is_served("mute") ? "no answer" : "")};
	while (f && n < WORLD_RECORDS_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%511s %*u IN %15s %17999[^\n]", name, type, value) != 3 ||
			strncmp(name, q->name, strlen(q->name)) != 0 ||
			strcmp(name + strlen(q->name), ".") != 0)
			continue;
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			if (types[i].type != q->type || strcmp(types[i].name, type) != 0)
				continue;
			len = zone_rdata(type, value, rdata[n], sizeof(rdata[n]));
			record[n] = (struct world_rdata){rdata[n], len};
			n += len > 0;
		}
	}
	if (f)
		assert_int_equal(fclose(f), 0);
	a->nxdomain = n == 0;
	a->n_record = n;
	a->record = calloc(n + 1, sizeof(*a->record));
	assert_non_null(a->record);
	for (i = 0; i < n; i++) {
		a->record[i] = (struct world_rdata){malloc(record[i].len), record[i].len};
		assert_non_null(a->record[i].data);
		memcpy(a->record[i].data, record[i].data, record[i].len);
	}
}

/* The tree that was written, as a web server gives it; "cut": half of each file. */
static void serve_file(const struct world_file *q, struct world_got *a)
{
	struct buf b = BUF_INIT(WORLD_BODY_MAX);
	char path[FILE_PATH_MAX];
	bool there;

	snprintf(path, sizeof(path), "%s/tree/www/%s%.*s", home_dir_of_test, q->host,
		(int)strcspn(q->path, "?"), q->path);
	there = is_served("live") && file_read(path, &b, ERR_IO, NULL) == 0;
	*a = (struct world_got){.status = is_served("mute")                  ? 0
					  : q->head && is_served("headless") ? 405
					  : there                            ? 200
									     : 404,
		.complete = there,
		.cors = 1,
		.content_type = copy_text(strstr(path, "/hu/") && !is_served("typeless")
						  ? "application/octet-stream"
						  : "text/plain; charset=utf-8"),
		.location = copy_text(""),
		.issuer = copy_text("O=CA"),
		.subject = copy_text(q->host),
		.not_after = 4102444800,
		.reason = copy_text(is_served("mute") ? "no answer" : "")};
	if (there && !q->head) {
		const struct digest_part part = {buf_str(&b), is_served("cut") ? b.len / 2 : b.len};

		a->len = (uint32_t)part.len;
		a->digest = malloc(DIGEST_LEN);
		a->digest_len = DIGEST_LEN;
		assert_non_null(a->digest);
		assert_int_equal(digest_sha256(&part, 1, a->digest), 0);
	}
	buf_free(&b);
}

static void serve_world(const struct world_request *q, struct world_reply *a)
{
	size_t i;

	*a = (struct world_reply){
		.id = q->id, .n_answer = q->n_set, .n_got = q->n_file, .n_key = q->n_pem};
	a->answer = calloc(q->n_set + 1, sizeof(*a->answer));
	a->got = calloc(q->n_file + 1, sizeof(*a->got));
	a->key = calloc(q->n_pem + 1, sizeof(*a->key));
	assert_true(a->answer && a->got && a->key);
	for (i = 0; i < q->n_set; i++)
		serve_set(&q->set[i], &a->answer[i]);
	for (i = 0; i < q->n_file; i++)
		serve_file(&q->file[i], &a->got[i]);
	for (i = 0; i < q->n_pem; i++) {
		char hex[65];
		const char *why = spki_of_pem(q->pem[i].data, q->pem[i].len, hex);

		a->key[i] =
			(struct world_key){copy_text(why ? "" : hex), copy_text(why ? why : "")};
	}
}

static void answer_world(int sock, struct rd *r)
{
	struct world_request q;
	struct world_reply a;
	struct wr w = WR_INIT;

	if (world_request_read(r, &q, NULL) < 0)
		_exit(1);
	serve_world(&q, &a);
	world_reply_write(&w, &a);
	(void)frame_send(sock, -1, FRAME_WORLD_TOLD, &w, -1, NULL);
	world_request_free(&q);
	world_reply_free(&a);
	wr_free(&w);
}

static _Noreturn void serve_net(int sock)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct lookup_request q;
	struct lookup_reply a;
	struct check_request cq;
	struct check_reply ca;
	enum frame_kind kind;
	struct rd r;

	while (!is_served("dies") &&
		frame_recv(sock, INT64_MAX, &kind, &body, NULL, NULL, NULL) == 0) {
		struct wr w = WR_INIT;

		rd_init(&r, body.p, body.len);
		if (kind == FRAME_LOOKUP && lookup_request_read(&r, &q, NULL) == 0) {
			serve_lookup(&q, &a);
			lookup_reply_write(&w, &a);
			(void)frame_send(sock, -1, FRAME_REPLY, &w, -1, NULL);
			lookup_reply_free(&a);
		} else if (kind == FRAME_CHECK && check_request_read(&r, &cq, NULL) == 0) {
			serve_check(&cq, &ca);
			check_reply_write(&w, &ca);
			(void)frame_send(sock, -1, FRAME_CHECKED, &w, -1, NULL);
			check_request_free(&cq);
		} else if (kind == FRAME_WORLD) {
			answer_world(sock, &r);
		}
		wr_free(&w);
		buf_reset(&body);
	}
	_exit(0);
}

int runner_net(struct runner *r, uint16_t smtp_port, int *sock, struct err *err)
{
	int pair[2];
	pid_t pid;

	(void)r;
	(void)smtp_port;
	if (is_served("no-helper"))
		return err_set(err, ERR_CONFIG, "sealpost-net is not there");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_OS, "no socket");
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		serve_net(pair[1]);
	}
	close(pair[1]);
	*sock = pair[0];
	return 0;
}

/* One run. In argv and what is expected {A}, {B}, {ME} stand for fingerprints, {HOME} for the
 * folder; words end at blanks. */
struct step {
	const char *name, *served, *argv, *in;
	int status;
	const char *out, *err; /* parts; NULL: any; "": nothing */
	const char *lacks;     /* of out; NULL: nothing */
};

static void fill_in(const char *s, char *out, size_t cap)
{
	static const struct {
		const char *word, *text;
	} names[] = {
		{"{A}", fpr_a}, {"{B}", fpr_b}, {"{ME}", fpr_me}, {"{HOME}", home_dir_of_test}};
	size_t i, n = 0, len;

	while (*s && n + FILE_PATH_MAX < cap) {
		for (i = 0; i < 4 && strncmp(s, names[i].word, strlen(names[i].word)) != 0; i++)
			;
		if (i < 4) {
			len = strlen(names[i].text);
			memcpy(out + n, names[i].text, len);
			s += strlen(names[i].word);
		} else {
			len = 1;
			out[n] = *s++;
		}
		n += len;
	}
	out[n] = '\0';
}

static void take_output(const char *name, struct buf *b)
{
	buf_reset(b);
	assert_int_equal(file_read(in_home(name), b, ERR_IO, NULL), 0);
}

static bool holds_part(const struct buf *b, const char *want)
{
	char text[8192];

	if (!want)
		return true;
	fill_in(want, text, sizeof(text));
	return text[0] == '\0' ? b->len == 0
			       : strstr(buf_str((struct buf *)(uintptr_t)b), text) != NULL;
}

__attribute__((unused)) static void run_step(const struct step *s)
{
	static struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	char line[8192];
	int status = 0;
	pid_t pid;

	if (s->served)
		put_text("served", s->served);
	fill_in(s->argv, line, sizeof(line));
	put_text("in", s->in ? s->in : "");
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (!freopen(in_home("in"), "r", stdin) || !freopen(in_home("out"), "w", stdout) ||
			!freopen(in_home("err"), "w", stderr))
			_exit(126);
		setvbuf(stderr, NULL, _IONBF, 0);
		status = run_words(line);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	take_output("out", &out);
	take_output("err", &errors);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != s->status || !holds_part(&out, s->out) ||
		!holds_part(&errors, s->err) || (s->lacks && holds_part(&out, s->lacks)))
		fail_msg("%s: status 0x%x\n--- out\n%s--- err\n%s", s->name, (unsigned)status,
			buf_str(&out), buf_str(&errors));
}

#define RUN_STEPS(steps)                                                                           \
	do {                                                                                       \
		size_t step_;                                                                      \
		for (step_ = 0; step_ < sizeof(steps) / sizeof((steps)[0]); step_++)               \
			run_step(&(steps)[step_]);                                                 \
	} while (0)

/* A new home with this configuration, and no pins. */
__attribute__((unused)) static void new_home(const char *config)
{
	if (home_dir_of_test[0])
		dir_remove(home_dir_of_test);
	assert_int_equal(dir_make_temp(home_dir_of_test, NULL), 0);
	assert_int_equal(mkdir(in_home(".config"), 0700), 0);
	assert_int_equal(mkdir(in_home(".config/sealpost"), 0700), 0);
	put_text(".config/sealpost/config", config);
	put_text("served", "");
	assert_int_equal(setenv("HOME", home_dir_of_test, 1), 0);
}

/* Alice's keys are made in a folder of their own, so that only the sender's are at hand. */
static int make_keys(void **state)
{
	char mine[FILE_PATH_MAX];

	(void)state;
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_STATE_HOME");
	keys_start();
	keys_make("alice@x.example", NULL, "0", true, fpr_a);
	keys_make("Alice <alice@x.example>", NULL, "0", true, fpr_b);
	cert_a = keys_export(fpr_a, NULL);
	cert_b = keys_export(fpr_b, NULL);
	keys_revoke(fpr_a);
	cert_revoked = keys_export(fpr_a, NULL);
	keys_stop();
	keys_start();
	memcpy(mine, keys_home, sizeof(mine));
	assert_int_equal(setenv("GNUPGHOME", mine, 1), 0);
	keys_make("Me <me@sender.example>", NULL, "0", true, fpr_me);
	keys_agent(agent_of_test);
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	keys_stop();
	if (home_dir_of_test[0])
		dir_remove(home_dir_of_test);
	buf_free(&cert_a);
	buf_free(&cert_b);
	buf_free(&cert_revoked);
	return 0;
}

#endif
