/* SPDX-License-Identifier: ISC */
#include "net/https.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/cert.h"
#include "net/coding.h"
#include "net/https_why.h"
#include "net/libcurl.h"
#include "net/timer.h"
#include "net/tlsa.h"
#include "net/trust.h"

#define RESOLVE_MAX 2048  /* "host:443:address,address..." */
#define DISCARD_MAX 16384 /* bytes of an error page that are read to keep the connection */
#define HOST_CONNECTIONS_MAX 8
#define CONNECTIONS_KEPT 64
/* Only so many bodies beyond this size are received at once; the others are paused, to bound
 * memory. */
#define BODY_SMALL 65536
#define BODIES_LARGE_MAX 16
#define LOOK_AGAIN_MS 100 /* libcurl sets no timer to go on from a dead address to the next */
#define NO_MEMORY "there is no memory for its answer"

struct https {
	CURLM *multi;
	char *ca_file;
	char *proxy;         /* NULL: none */
	struct trust *trust; /* once it is needed */
	bool untrusting;
	uint32_t connect_ms;
	unsigned n_large;
	bool resume; /* a paused transfer can continue */
	struct https_get *first;
};

struct https_get {
	struct https *h;
	CURL *easy;
	struct curl_slist *resolve;
	char *url, *host;
	struct tlsa_set tlsa;
	struct buf body, location, content_type, coding;
	size_t head, discarded;
	unsigned n_location;
	bool framed;         /* the answer says itself where it ends */
	bool head_only;      /* nothing is to follow its header */
	bool large, paused;  /* see BODY_SMALL */
	bool enough;         /* stopped by us: an error page's rest */
	const char *stopped; /* stopped by us: why; NULL if not */
	bool verified; /* the verify callback ran, and the certificate is valid by the web PKI */
	int verify_error;
	bool dane_failed;
	int64_t start;
	struct https_result res;
	struct cert_seen *cert; /* owned; where the certificate is inspected */
	const struct ct_logs *ct;
	char errbuf[CURL_ERROR_SIZE];
	https_done *done;
	void *arg;
	struct https_get *prev, *next;
};

int https_open(const char *ca_file, uint32_t connect_ms, const char *proxy, struct https **out,
	struct err *err)
{
	struct https *h = calloc(1, sizeof(*h));

	if (h) {
		h->connect_ms = connect_ms;
		h->ca_file = strdup(ca_file ? ca_file : "");
		h->proxy = proxy && proxy[0] ? strdup(proxy) : NULL;
	}
	if (!h || !h->ca_file || (proxy && proxy[0] && !h->proxy)) {
		https_close(h);
		return err_set(err, ERR_OS, "HTTPS: out of memory");
	}
	/* Its configuration, and what that includes. */
	(void)OPENSSL_init_ssl(0, NULL);
	*out = h;
	return 0;
}

static int open_multi(struct https *h, struct err *err)
{
	int rc = h->multi ? 0 : libcurl_load(err);

	if (rc < 0 || h->multi)
		return rc;
	h->multi = curl.multi_init();
	if (!h->multi)
		return err_set(err, ERR_OS, "libcurl: out of memory");
	curl.multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	curl.multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HOST_CONNECTIONS_MAX);
	return 0;
}

void https_close(struct https *h)
{
	if (!h)
		return;
	while (h->first)
		https_cancel(h->first);
	if (h->multi)
		curl.multi_cleanup(h->multi);
	trust_free(h->trust);
	free(h->ca_file);
	free(h->proxy);
	free(h);
}

int https_prepare(struct https *h, struct err *err)
{
	int rc = open_multi(h, err);

	if (!h->trust)
		(void)trust_open(h->ca_file, &h->trust, NULL);
	/* The first one has OpenSSL look up its algorithms, which it keeps: that takes 0.8 ms. */
	SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
	return rc;
}

bool https_untrusting(const struct https *h)
{
	return h->untrusting;
}

static void get_free(struct https_get *g)
{
	if (!g)
		return;
	if (g->easy) {
		curl.multi_remove_handle(g->h->multi, g->easy);
		curl.easy_cleanup(g->easy);
	}
	if (g->large) {
		g->h->n_large--;
		g->h->resume = true;
	}
	curl.slist_free_all(g->resolve);
	buf_free(&g->body);
	buf_free(&g->location);
	buf_free(&g->content_type);
	buf_free(&g->coding);
	free(g->url);
	free(g->host);
	free(g->cert);
	free(g);
}

static void unlink_get(struct https_get *g)
{
	if (g->prev)
		g->prev->next = g->next;
	else
		g->h->first = g->next;
	if (g->next)
		g->next->prev = g->prev;
}

void https_cancel(struct https_get *g)
{
	if (!g)
		return;
	unlink_get(g);
	get_free(g);
}

/* During the handshake: first the web PKI, then the TLSA records as well. */
static int verify_https(X509_STORE_CTX *ctx, void *arg)
{
	struct https_get *g = arg;
	int ok = trust_verify(g->h->trust, ctx);

	g->verify_error = X509_STORE_CTX_get_error(ctx);
	g->verified = ok > 0;
	if (!g->verified) {
		g->stopped = trust_broken(g->h->trust);
		return 0;
	}
	if (g->tlsa.n > 0 && !tlsa_match(&g->tlsa, X509_STORE_CTX_get0_chain(ctx))) {
		g->dane_failed = true;
		X509_STORE_CTX_set_error(ctx, X509_V_ERR_DANE_NO_MATCH);
		return 0;
	}
	return 1;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	struct https_get *g = arg;
	SSL_CTX *ctx = ssl_ctx;

	(void)easy;
	SSL_CTX_set1_cert_store(ctx, trust_store(g->h->trust));
	/* The connection may outlive the request: no second handshake may call back into it. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	/* libcurl takes a truncated connection for the end of a response without a length. */
	SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_cert_verify_callback(ctx, verify_https, g);
	if (g->cert)
		cert_ask_scts(ctx);
	return CURLE_OK;
}

/* Prevents libcurl from resolving names itself. With a proxy, only the proxy's address is
 * resolved. */
static int on_resolve(void *state, void *reserved, void *arg)
{
	(void)state, (void)reserved;
	return ((const struct https_get *)arg)->h->proxy ? 0 : 1;
}

/*
 * Before the request is sent, on a new or a reused connection: records the peer, and checks its
 * certificate against this request's TLSA records.
 */
static int before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct https_get *g = arg;
	struct curl_tlssessioninfo *tls = NULL;

	(void)to, (void)from, (void)to_port, (void)from_port;
	if (curl.easy_getinfo(g->easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || !tls ||
		tls->backend != CURLSSLBACKEND_OPENSSL || !tls->internals)
		return CURL_PREREQFUNC_ABORT;
	if (g->tlsa.n > 0 && !tlsa_match(&g->tlsa, SSL_get0_verified_chain(tls->internals))) {
		g->dane_failed = true;
		return CURL_PREREQFUNC_ABORT;
	}
	tlsa_key_digest(SSL_get0_peer_certificate(tls->internals), g->res.spki);
	g->res.named = cert_names(SSL_get0_peer_certificate(tls->internals), g->host);
	if (g->cert)
		cert_see(tls->internals, SSL_get0_verified_chain(tls->internals), g->ct, g->cert);
	return CURL_PREREQFUNC_OK;
}

static bool is_http_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether a header line is of that field (written with its colon); its value is a view into the
 * line. */
static bool is_header_field(
	const char *p, size_t len, const char *field, const char **value, size_t *value_len)
{
	size_t at = strlen(field);

	if (len < at || strncasecmp(p, field, at) != 0)
		return false;
	while (at < len && is_http_blank(p[at]))
		at++;
	while (len > at && is_http_blank(p[len - 1]))
		len--;
	*value = p + at;
	*value_len = len - at;
	return true;
}

/* False: it is too long, or there is no memory for it, which stops it all. */
static bool keep_value(struct https_get *g, struct buf *to, const char *value, size_t len)
{
	if (buf_add(to, value, len) == 0)
		return true;
	if (errno == ENOMEM)
		g->stopped = NO_MEMORY;
	return false;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct https_get *g = arg;
	size_t len = size * n, value_len;
	const char *value;

	g->head += len;
	if (g->head > HTTPS_HEAD_MAX) {
		g->stopped = "its header does not end";
		return 0;
	}
	if (len > 5 && memcmp(p, "HTTP/", 5) == 0) {
		/* The final response begins after an interim one. */
		g->n_location = 0;
		buf_reset(&g->location);
		buf_reset(&g->content_type);
		buf_reset(&g->coding);
		g->res.cors = false;
		g->framed = p[5] != '1';
	} else if (is_header_field(p, len, "location:", &value, &value_len)) {
		if (g->n_location++ == 0 && !memchr(value, '\0', value_len) &&
			!keep_value(g, &g->location, value, value_len))
			g->n_location++;
	} else if (is_header_field(p, len, "content-type:", &value, &value_len)) {
		if (g->content_type.len == 0 && !memchr(value, '\0', value_len))
			(void)keep_value(g, &g->content_type, value, value_len);
	} else if (is_header_field(p, len, "content-encoding:", &value, &value_len)) {
		if (g->coding.len == 0 && !memchr(value, '\0', value_len))
			(void)keep_value(g, &g->coding, value, value_len);
	} else if (is_header_field(p, len, "access-control-allow-origin:", &value, &value_len)) {
		g->res.cors = value_len == 1 && value[0] == '*';
	} else if (is_header_field(p, len, "content-length:", &value, &value_len)) {
		g->framed = true;
	} else if (is_header_field(p, len, "transfer-encoding:", &value, &value_len)) {
		g->framed |=
			value_len >= 7 && strncasecmp(value + value_len - 7, "chunked", 7) == 0;
	}
	return g->stopped ? 0 : len;
}

static int status_of(struct https_get *g)
{
	long status = 0;

	curl.easy_getinfo(g->easy, CURLINFO_RESPONSE_CODE, &status);
	return status > 0 && status < 1000 ? (int)status : 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct https_get *g = arg;
	size_t len = size * n;

	if (status_of(g) != 200) {
		g->discarded += len;
		g->enough = g->discarded > DISCARD_MAX;
		return g->enough ? 0 : len;
	}
	if (!g->large && g->body.len + len > BODY_SMALL) {
		g->paused = g->h->n_large == BODIES_LARGE_MAX;
		if (g->paused)
			return CURL_WRITEFUNC_PAUSE;
		g->large = true;
		g->h->n_large++;
	}
	if (buf_add(&g->body, p, len) < 0) {
		g->stopped = errno == ENOMEM ? NO_MEMORY : "its answer is too large";
		return 0;
	}
	return len;
}

/* Sets "host:443:address,..." in libcurl's name cache, the only source of addresses that it may
 * use. */
static int set_addresses(struct https_get *g, const struct https_request *q)
{
	struct buf b = BUF_INIT(RESOLVE_MAX);
	char ip[IP_TEXT_MAX];
	size_t i;
	int rc;

	if (g->h->proxy)
		return 0;
	rc = buf_addf(&b, "%s:443:", q->host);
	for (i = 0; i < q->n_ip; i++) {
		ip_text(&q->ip[i], ip);
		rc |= buf_addf(&b, q->ip[i].v6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", ip);
	}
	if (rc == 0)
		g->resolve = curl.slist_append(NULL, buf_str(&b));
	buf_free(&b);
	return g->resolve ? 0 : -1;
}

static void set_curl_options(struct https_get *g)
{
	CURL *e = g->easy;

	curl.easy_setopt(e, CURLOPT_URL, g->url);
	curl.easy_setopt(e, CURLOPT_RESOLVE, g->resolve);
	curl.easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);
	curl.easy_setopt(e, CURLOPT_RESOLVER_START_DATA, g);
	curl.easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl.easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl.easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl.easy_setopt(e, CURLOPT_NOBODY, g->head_only ? 1L : 0L);
	/* Identity is requested; a response that is encoded nevertheless is decoded here, within
	 * the limit. */
	curl.easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "identity");
	curl.easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl.easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl.easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl.easy_setopt(e, CURLOPT_PROXY, g->h->proxy ? g->h->proxy : "");
	curl.easy_setopt(e, CURLOPT_NOPROXY, g->h->proxy ? "" : "*");
	curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)g->h->connect_ms);
	curl.easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl.easy_setopt(e, CURLOPT_PREREQFUNCTION, before_request);
	curl.easy_setopt(e, CURLOPT_PREREQDATA, g);
	curl.easy_setopt(e, CURLOPT_ERRORBUFFER, g->errbuf);
	curl.easy_setopt(e, CURLOPT_PRIVATE, g);
	curl.easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl.easy_setopt(e, CURLOPT_HEADERDATA, g);
	curl.easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(e, CURLOPT_WRITEDATA, g);
}

/* -1 if libcurl lacks a required option. */
static int set_tls(struct https_get *g)
{
	CURL *e = g->easy;
	int rc = 0;

	rc |= curl.easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	rc |= curl.easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	rc |= curl.easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	/* The store comes with the context. */
	rc |= curl.easy_setopt(e, CURLOPT_CAINFO, NULL);
	rc |= curl.easy_setopt(e, CURLOPT_CAPATH, NULL);
	/* A resumed session shows no certificate. */
	rc |= curl.easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	rc |= curl.easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	rc |= curl.easy_setopt(e, CURLOPT_SSL_CTX_DATA, g);
	return rc == 0 ? 0 : -1;
}

int https_get(struct https *h, const struct https_request *q, https_done *done, void *arg,
	struct https_get **out, struct err *err)
{
	struct https_get *g;
	int rc = h->trust ? 0 : trust_open(h->ca_file, &h->trust, err);

	h->untrusting = rc < 0;
	if (rc == 0)
		rc = open_multi(h, err);
	if (rc < 0)
		return rc;
	g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(err, ERR_TEMP, "out of memory");
	g->h = h;
	g->done = done;
	g->arg = arg;
	g->start = clock_ms();
	g->body.max = q->max_body;
	g->location.max = HTTPS_URL_MAX;
	g->content_type.max = HTTPS_CONTENT_TYPE_MAX;
	g->coding.max = CODING_NAME_MAX;
	g->head_only = q->head;
	g->cert = q->look ? calloc(1, sizeof(*g->cert)) : NULL;
	g->ct = q->ct;
	if (q->tlsa)
		g->tlsa = *q->tlsa;
	g->url = strdup(q->url);
	g->host = strdup(q->host);
	g->easy = curl.easy_init();
	if (!g->url || !g->host || !g->easy || set_addresses(g, q) < 0 || set_tls(g) < 0)
		goto fail;
	set_curl_options(g);
	if (curl.multi_add_handle(h->multi, g->easy) != CURLM_OK)
		goto fail;
	g->next = h->first;
	if (g->next)
		g->next->prev = g;
	h->first = g;
	*out = g;
	return 0;
fail:
	get_free(g);
	return err_set(err, ERR_TEMP, "libcurl: the request cannot be made");
}

static void explain(struct https_get *g, CURLcode code)
{
	struct https_failure f = {.code = code,
		.stopped = g->stopped,
		.detail = g->errbuf[0] ? g->errbuf : curl.easy_strerror(code),
		.verified = g->verified,
		.dane_failed = g->dane_failed,
		.verify_error = g->verify_error,
		.header = g->head > 0,
		.connect_ms = g->h->connect_ms};
	long os = 0, proxy = 0;

	curl.easy_getinfo(g->easy, CURLINFO_OS_ERRNO, &os);
	curl.easy_getinfo(g->easy, CURLINFO_PROXY_ERROR, &proxy);
	f.os_errno = (int)os;
	f.proxied = g->h->proxy != NULL;
	f.proxy_error = (int)proxy;
	g->res.wrong_name = https_wrong_name(&f);
	g->res.tls_failed = https_tls_failed(&f);
	g->res.refused = https_refused(&f);
	g->res.proxy_down = https_proxy_down(&f);
	g->res.tlsa_mismatch = g->dane_failed;
	https_why(&f, g->res.reason);
}

static void fill_result(struct https_get *g)
{
	struct https_result *r = &g->res;
	char *ip = NULL;

	r->url = g->url;
	r->ms = (uint32_t)(clock_ms() - g->start);
	r->status = status_of(g);
	if (!g->h->proxy && curl.easy_getinfo(g->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip)
		snprintf(r->ip, sizeof(r->ip), "%s", ip);
	if (r->status > 0)
		r->tls = g->tlsa.n > 0 ? TLS_WEBPKI_DANE : TLS_WEBPKI;
	r->location = buf_str(&g->location);
	r->content_type = buf_str(&g->content_type);
	r->cert = g->cert && g->cert->seen ? g->cert : NULL;
	r->locations = g->n_location > 1;
	r->body = &g->body;
}

const struct https_result *https_so_far(struct https_get *g, const char *reason)
{
	fill_result(g);
	snprintf(g->res.reason, sizeof(g->res.reason), "%s", reason);
	return &g->res;
}

static void finish(struct https_get *g, CURLcode code)
{
	struct https_result *r = &g->res;

	if (g->enough)
		code = CURLE_OK;
	fill_result(g);
	r->complete = code == CURLE_OK;
	if (code != CURLE_OK) {
		explain(g, code);
	} else if (r->status == 200 && !g->framed && !g->head_only) {
		/* Somebody on the path could have truncated it unnoticed. */
		r->complete = false;
		snprintf(r->reason, sizeof(r->reason), "its answer does not say how long it is");
	} else if (r->status == 200 && coding_undo(buf_str(&g->coding), &g->body) < 0) {
		r->complete = false;
		snprintf(r->reason, sizeof(r->reason), "its answer is too large");
	}
	/* Unlinked first: the callback may close everything. */
	unlink_get(g);
	g->done(g->arg, r);
	get_free(g);
}

/* Resumes paused transfers as far as there is room. */
static void resume(struct https *h)
{
	struct https_get *g;

	h->resume = false;
	for (g = h->first; g && h->n_large < BODIES_LARGE_MAX; g = g->next) {
		if (g->paused)
			(void)curl.easy_pause(g->easy, CURLPAUSE_CONT);
	}
}

void https_process(struct https *h)
{
	struct https_get *g;
	CURLMsg *m;
	CURLcode code;
	int n;

	if (!h->multi)
		return;
	if (h->resume)
		resume(h);
	curl.multi_perform(h->multi, &n);
	while ((m = curl.multi_info_read(h->multi, &n))) {
		if (m->msg != CURLMSG_DONE)
			continue;
		code = m->data.result;
		g = NULL;
		curl.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &g);
		if (g)
			finish(g, code);
	}
}

void https_wait(struct https *h, struct pollfd *fd, size_t n, int timeout_ms)
{
	struct curl_waitfd w[HTTPS_FDS_MAX];
	size_t i;

	if (!h->multi) {
		(void)poll(fd, n, timeout_ms);
		return;
	}
	if (h->first && timeout_ms > LOOK_AGAIN_MS)
		timeout_ms = LOOK_AGAIN_MS;
	for (i = 0; i < n && i < HTTPS_FDS_MAX; i++) {
		w[i] = (struct curl_waitfd){.fd = fd[i].fd};
		w[i].events = (short)((fd[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
				      (fd[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
	}
	(void)curl.multi_poll(h->multi, w, (unsigned)i, timeout_ms, NULL);
	/* libcurl does not report hang-ups: polled again without waiting. */
	for (i = 0; i < n; i++)
		fd[i].revents = 0;
	(void)poll(fd, n, 0);
}
