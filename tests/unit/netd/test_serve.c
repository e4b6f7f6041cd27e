/* SPDX-License-Identifier: ISC */
/*
 * netd/serve: questions as frames, on a network on paper; what a domain shows, as one line of text
 * each. So mx and wkd/posture are tested as sealpost sees them.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_net.h"
#include "net/smtp.h"
#include "netd/serve.h"
#include "wire/check.h"
#include "wire/frame.h"
#include "wire/world.h"

#define D "example.org"
#define SUMMARY_MAX 4096
#define YOUNG_MAX                                                                                  \
	220 /* questions that are young at once: 200, and what goes with the last of them */

/* RDATA in hex: of MX records, of a text. */
#define MX10_A "#000a036d7831076578616d706c65036f726700" /* 10 mx1.example.org */
#define MX20_B "#0014036d7832076578616d706c65036f726700" /* 20 mx2.example.org */
#define MX_NULL "#000000"
#define MX_BROKEN "#000a3f61"
#define TXT_STS "#15763d53545376313b2069643d32303236303130313b" /* v=STSv1; id=20260101; */
#define TXT_STS_BAD "#0d763d53545376313b2069643d3b"             /* v=STSv1; id=; */
#define TLSA_311 "#030101" HASH32
#define TLSA_000 "#000000aa"
#define HASH32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CAA_ISSUE                                                                                  \
	"#00056973737565"                                                                          \
	"63612e6578616d706c65" /* 0 issue "ca.example" */
#define CAA_CRITICAL                                                                               \
	"#8003666f6f"                                                                              \
	"78" /* 128 foo "x" */
#define POLICY "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 86400\n"
#define STS_URL "https://mta-sts.example.org/.well-known/mta-sts.txt"

static const struct cert_seen some_cert = {.seen = true,
	.subject = "mta-sts.example.org",
	.issuer = "O=CA",
	.not_after = 4102444800,
	.spki = HASH32,
	.sct_x509 = 2,
	.verified = true,
	.sct_valid = 1};

/* How many questions the server may have open at once. */
static size_t open_max = SIZE_MAX;

struct talk {
	int sock;
	pid_t pid;
};

/* The server in a child: it ends when the socket is closed. */
static struct talk start_server(const struct serve_settings *set)
{
	struct serve_settings s = *set;
	struct net net = {.dns = (struct dns *)&net, .https = (struct https *)&net};
	struct err err = ERR_INIT;
	struct talk t;
	int pair[2], rc;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fflush(NULL);
	t.pid = fork();
	assert_true(t.pid >= 0);
	if (t.pid == 0) {
		close(pair[0]);
		net.smtp = smtp_open("", 1000, 1000);
		fake_timers = &net.timers;
		s.net = &net;
		if (s.broken)
			net.https = NULL;
		rc = serve(pair[1], &s, &err);
		smtp_close(net.smtp);
		_exit(rc < 0                                                 ? -rc
			: fake_open > 0                                      ? 99
			: fake_young_most > YOUNG_MAX || fake_gets_most > 64 ? 98
			: fake_open_most > open_max                          ? 97
									     : 0);
	}
	close(pair[1]);
	t.sock = pair[0];
	return t;
}

static int end_server(struct talk *t)
{
	int status = 0;

	close(t->sock);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Until a frame of that kind comes; lines of the trace are added to trace. */
static void await_frame(const struct talk *t, enum frame_kind want, struct buf *body, char *trace)
{
	enum frame_kind kind;

	for (;;) {
		buf_reset(body);
		assert_int_equal(frame_recv(t->sock, -1, &kind, body, NULL, NULL, NULL), 0);
		if (kind == want)
			return;
		assert_int_equal(kind, FRAME_TRACE);
		snprintf(trace + strlen(trace), SUMMARY_MAX - strlen(trace), "%s\n", buf_str(body));
	}
}

static const char *outcome_text(enum check_outcome o)
{
	const char *name = check_outcome_name(o);

	return name ? name : "-";
}

static const char *dane_text(enum check_dane d)
{
	const char *name = check_dane_name(d);

	return name ? name : "-";
}

__attribute__((format(printf, 2, 3))) static void add_text(char *to, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(to + strlen(to), SUMMARY_MAX - strlen(to), format, ap);
	va_end(ap);
}

/* "exists EXISTS; mx OUTCOME [null|implicit] HOST:ADDRESS,DANE,STS...; sts TXT,FETCH,POLICY ..." */
static void sum_up(const struct check_reply *a, char *out)
{
	static const char fact[] = "-yn?";
	size_t i;

	out[0] = '\0';
	if (a->failed[0])
		add_text(out, "failed %s; ", a->failed);
	add_text(out, "exists %s", outcome_text(a->exists));
	if (a->want & CHECK_TRANSPORT) {
		add_text(out, "; mx %s%s%s", outcome_text(a->mx_outcome), a->null_mx ? " null" : "",
			a->implicit_mx ? " implicit" : "");
		for (i = 0; i < a->n_mx; i++)
			add_text(out, " %s:%s,%s,%c", a->mx[i].host, outcome_text(a->mx[i].address),
				dane_text(a->mx[i].dane), fact[a->mx[i].sts]);
		if (a->mx_left_off)
			add_text(out, " and %u", a->mx_left_off);
		add_text(out, "; sts %s,%s,%s%s", outcome_text(a->sts.txt),
			outcome_text(a->sts.fetch), outcome_text(a->sts.policy),
			a->sts.kept ? " kept" : "");
	}
	if (a->want & CHECK_REST) {
		add_text(
			out, "; rpt %s %zu; caa", outcome_text(a->tlsrpt.outcome), a->tlsrpt.n_rua);
		for (i = 0; i < a->n_caa; i++)
			add_text(out, " %s:%s%s", a->caa[i].name, outcome_text(a->caa[i].outcome),
				a->caa[i].forbidden ? "!" : "");
		for (i = 0; i < a->n_cert; i++)
			add_text(out, "; cert %s:%u caa %c ct %c", a->cert[i].name, a->cert[i].port,
				fact[a->cert[i].caa], fact[a->cert[i].ct]);
	}
	if (a->want & CHECK_KEYS)
		add_text(out, "; wkd %s method %d %s,%s zone %s record %s wild %c covers %c",
			outcome_text(a->wkd_outcome), (int)a->wkd_method,
			outcome_text(a->wkd[0].address), outcome_text(a->wkd[1].address),
			outcome_text(a->openpgpkey.zone), outcome_text(a->openpgpkey.record),
			fact[a->wkd[0].wildcard], fact[a->wkd[0].covers]);
}

static struct check_request question(uint8_t want, const char *domain)
{
	struct check_request q = {.id = 7, .want = want};

	snprintf(q.domain, sizeof(q.domain), "%s", domain);
	return q;
}

static void send_check(const struct talk *t, const struct check_request *q)
{
	struct wr w = WR_INIT;

	check_request_write(&w, q);
	assert_int_equal(frame_send(t->sock, -1, FRAME_CHECK, &w, -1, NULL), 0);
	wr_free(&w);
}

static void receive_check(const struct talk *t, char *out, char *trace)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct check_reply a;
	struct rd r;

	await_frame(t, FRAME_CHECKED, &body, trace);
	rd_init(&r, body.p, body.len);
	assert_int_equal(check_reply_read(&r, &a, NULL), 0);
	assert_int_equal(a.id, 7);
	sum_up(&a, out);
	check_reply_free(&a);
	buf_free(&body);
}

#define HOST1                                                                                      \
	{                                                                                          \
		"mx1." D, DNS_A, DNS_SECURE, "192.0.2.1"                                           \
	}
#define STS_HOST                                                                                   \
	{                                                                                          \
		"mta-sts." D, DNS_A, DNS_SECURE, "192.0.2.9"                                       \
	}
#define NO_STS "; sts none,-,none"

static const struct row {
	const char *name;
	uint8_t want;
	struct fake_dns dns[8];
	struct fake_url url[8];
	const char *kept; /* an MTA-STS policy that is handed in */
	const char *address;
	const char *summary;
} rows[] = {
	{"nothing there", CHECK_TRANSPORT, {{NULL}}, {{NULL}}, NULL, NULL,
		"exists none; mx none" NO_STS},
	{"null MX", CHECK_TRANSPORT, {{D, DNS_MX, DNS_SECURE, MX_NULL}}, {{NULL}}, NULL, NULL,
		"exists found; mx found null" NO_STS},
	{"no MX, an address", CHECK_TRANSPORT, {{D, DNS_A, DNS_SECURE, "192.0.2.1"}}, {{NULL}},
		NULL, NULL, "exists none; mx none implicit " D ":found,none,-" NO_STS},
	{"MX that is none", CHECK_TRANSPORT, {{D, DNS_MX, DNS_SECURE, MX_BROKEN}}, {{NULL}}, NULL,
		NULL, "exists found; mx invalid and 1" NO_STS},
	{"MX bogus", CHECK_TRANSPORT, {{D, DNS_MX, DNS_BOGUS}}, {{NULL}}, NULL, NULL,
		"exists -; mx unknown" NO_STS},
	{"two hosts, by preference; one without address", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX20_B " " MX10_A}, HOST1}, {{NULL}}, NULL, NULL,
		"exists found; mx found mx1." D ":found,none,- mx2." D ":none,none,-" NO_STS},
	{"DANE", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1,
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_SECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,usable,-" NO_STS},
	{"DANE that nobody can use", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1,
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_SECURE, TLSA_000}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,unusable,-" NO_STS},
	{"TLSA not to be told", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1, {"_25._tcp.mx1." D, DNS_TLSA, DNS_ERROR}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,unknown,-" NO_STS},
	{"TLSA in an unsigned zone", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1,
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_INSECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,insecure,-" NO_STS},
	{"address in an unsigned zone: no TLSA is asked for", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, {"mx1." D, DNS_A, DNS_INSECURE, "192.0.2.1"},
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_SECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,insecure,-" NO_STS},
	{"address forged", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, {"mx1." D, DNS_A, DNS_BOGUS}}, {{NULL}}, NULL,
		NULL, "exists found; mx found mx1." D ":unknown,unknown,-" NO_STS},
	{"an alias with TLSA where it leads", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A},
			{"mx1." D, DNS_A, DNS_SECURE, "192.0.2.1", "host.example"},
			{"_25._tcp.host.example", DNS_TLSA, DNS_SECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,usable,-" NO_STS},
	{"an alias with TLSA at its own name", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A},
			{"mx1." D, DNS_A, DNS_SECURE, "192.0.2.1", "host.example"},
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_SECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,usable,-" NO_STS},
	{"a secure alias to an unsigned zone", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A},
			{"mx1." D, DNS_A, DNS_INSECURE, "192.0.2.1", "host.example"},
			{"_25._tcp.mx1." D, DNS_TLSA, DNS_SECURE, TLSA_311}},
		{{NULL}}, NULL, NULL, "exists found; mx found mx1." D ":found,usable,-" NO_STS},
	{"MTA-STS", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A " " MX20_B}, HOST1,
			{"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS}, STS_HOST},
		{{STS_URL, 200, POLICY, .type = "text/plain"}}, NULL, NULL,
		"exists found; mx found mx1." D ":found,none,y mx2." D ":none,none,n"
		"; sts found,found,found"},
	{"MTA-STS of another media type", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, 200, POLICY, .type = "text/html"}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,invalid,none"},
	{"MTA-STS policy that is none", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, 200, "hello", .type = "text/plain"}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,invalid,none"},
	{"MTA-STS redirected, which is not followed", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, 301, NULL, "/x"}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,none,none"},
	{"MTA-STS server in trouble", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, 503}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,unknown,unknown"},
	{"MTA-STS server in trouble, a policy was kept", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, HOST1,
			{"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS}, STS_HOST},
		{{STS_URL, 503}}, POLICY, NULL,
		"exists found; mx found mx1." D ":found,none,y; sts found,unknown,found kept"},
	{"MTA-STS server for another name", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, FAKE_WRONG_NAME}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,unknown,unknown"},
	{"MTA-STS server that never answers", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_INSECURE, MX10_A}, {"_mta-sts." D, DNS_TXT, DNS_INSECURE, TXT_STS},
			STS_HOST},
		{{STS_URL, 0}}, NULL, NULL,
		"exists found; mx found mx1." D ":none,none,-; sts found,unknown,unknown"},
	{"MTA-STS record that is none", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL},
			{"_mta-sts." D, DNS_TXT, DNS_SECURE, TXT_STS_BAD}},
		{{NULL}}, NULL, NULL, "exists found; mx found null; sts invalid,-,none"},
	{"MTA-STS record forged", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, DNS_BOGUS}}, {{NULL}},
		NULL, NULL, "exists found; mx found null; sts unknown,-,unknown"},
	{"MTA-STS record without an answer", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, 0}}, {{NULL}}, NULL,
		NULL, "exists found; mx found null; sts unknown,-,unknown"},
	{"MTA-STS record without an answer, the host is there", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, 0}, STS_HOST},
		{{STS_URL, 200, POLICY, .type = "text/plain"}}, NULL, NULL,
		"exists found; mx found null; sts unknown,-,unknown"},
	{"MTA-STS record not to be told, a policy was kept", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1, {"_mta-sts." D, DNS_TXT, DNS_ERROR}},
		{{NULL}}, POLICY, NULL,
		"exists found; mx found mx1." D ":found,none,y; sts unknown,-,found kept"},
	{"MTA-STS record withdrawn, a policy was kept", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, HOST1}, {{NULL}}, POLICY, NULL,
		"exists found; mx found mx1." D ":found,none,y; sts none,-,found kept"},
	{"MTA-STS record, its host not to be told", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, DNS_SECURE, TXT_STS},
			{"mta-sts." D, DNS_A, DNS_ERROR}},
		{{NULL}}, NULL, NULL, "exists found; mx found null; sts found,unknown,unknown"},
	{"MTA-STS record, no host", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, DNS_SECURE, TXT_STS}},
		{{NULL}}, NULL, NULL, "exists found; mx found null; sts found,none,none"},
	{"no MTA-STS record, a host not to be told", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"mta-sts." D, DNS_A, DNS_ERROR}}, {{NULL}},
		NULL, NULL, "exists found; mx found null" NO_STS},
	{"MTA-STS record not to be told", CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX_NULL}, {"_mta-sts." D, DNS_TXT, DNS_ERROR}}, {{NULL}},
		NULL, NULL, "exists found; mx found null; sts unknown,-,unknown"},
	{"nobody answers", CHECK_ALL & ~CHECK_LIVE,
		{{"*." D, DNS_A, 0}, {D, DNS_MX, 0}, {D, DNS_SOA, 0}, {"_mta-sts." D, DNS_TXT, 0},
			{"mta-sts." D, DNS_A, 0}, {"_smtp._tls." D, DNS_TXT, 0},
			{"openpgpkey." D, DNS_A, 0}},
		{{NULL}}, NULL, NULL,
		"exists unknown; mx unknown; sts unknown,-,unknown; rpt unknown 0; caa " D
		":none openpgpkey." D ":none mta-sts." D
		":none; wkd unknown method 0 unknown,none zone none record - wild - covers -"},
	{"CAA, certificate, reports", CHECK_REST | CHECK_TRANSPORT,
		{{D, DNS_MX, DNS_SECURE, MX10_A}, {D, DNS_CAA, DNS_SECURE, CAA_ISSUE},
			{"_mta-sts." D, DNS_TXT, DNS_SECURE, TXT_STS}, STS_HOST,
			{D, DNS_SOA, DNS_SECURE, "#00"}},
		{{STS_URL, 200, POLICY, .type = "text/plain", .cert = &some_cert}}, NULL, NULL,
		"exists found; mx found mx1." D
		":none,none,y; sts found,found,found; rpt none 0; caa " D ":found openpgpkey." D
		":found mta-sts." D ":found; cert mta-sts." D ":443 caa ? ct y"},
	{"CAA not to be told", CHECK_REST, {{D, DNS_CAA, DNS_ERROR}}, {{NULL}}, NULL, NULL,
		"exists none; rpt none 0; caa " D ":unknown openpgpkey." D ":unknown mta-sts." D
		":unknown"},
	{"CAA of a host not to be told, of its domain it is", CHECK_REST,
		{{D, DNS_CAA, DNS_SECURE, CAA_ISSUE}, {"openpgpkey." D, DNS_CAA, DNS_BOGUS}},
		{{NULL}}, NULL, NULL,
		"exists none; rpt none 0; caa " D ":found openpgpkey." D ":unknown mta-sts." D
		":found"},
	{"TLS reports not to be told", CHECK_REST, {{"_smtp._tls." D, DNS_TXT, DNS_BOGUS}},
		{{NULL}}, NULL, NULL,
		"exists none; rpt unknown 0; caa " D ":none openpgpkey." D ":none mta-sts." D
		":none"},
	{"CAA that forbids", CHECK_REST, {{D, DNS_CAA, DNS_SECURE, CAA_CRITICAL}}, {{NULL}}, NULL,
		NULL,
		"exists none; rpt none 0; caa " D ":found! openpgpkey." D ":found! mta-sts." D
		":found!"},
	{"keys at the advanced place", CHECK_KEYS,
		{{"openpgpkey." D, DNS_A, DNS_SECURE, "192.0.2.5"}},
		{{"https://openpgpkey." D "/.well-known/openpgpkey/" D "/policy", 200,
			 "exists none; wkd found method 1 found,none zone none record - wild n "
			 "covers y"},
			{"https://openpgpkey." D "/*", 404}},
		NULL, NULL,
		"exists none; wkd found method 1 found,none zone none record - wild n covers y"},
	{"keys at the direct place, of an address", CHECK_KEYS,
		{{D, DNS_A, DNS_INSECURE, "192.0.2.5"}},
		{{"https://" D "/.well-known/openpgpkey/policy", 404}, {"https://" D "/*", 200,
									       "\x99"
									       "ey"}},
		NULL, "joe@" D,
		"exists none; wkd found method 2 none,found zone none record none wild - covers -"},
	{"a wildcard in an unsigned zone", CHECK_KEYS,
		{{"*." D, DNS_A, DNS_INSECURE, "192.0.2.5"},
			{"openpgpkey." D, DNS_A, DNS_INSECURE, "192.0.2.5"}},
		{{"https://openpgpkey." D "/*", FAKE_WRONG_NAME}}, NULL, NULL,
		"exists none; wkd unknown method 1 found,none zone none record - wild y covers n"},
};

static void domains(void **state)
{
	const struct serve_settings set = {.timeout_ms = 10000, .smtp_port = 25};
	char sum[SUMMARY_MAX], trace[SUMMARY_MAX];
	bool bad = false;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct check_request q = question(row->want, D);
		struct talk t;

		fake_reset(row->dns, row->url);
		if (row->kept) {
			q.sts_text = (char *)(uintptr_t)row->kept;
			q.sts_fetched = (int64_t)time(NULL) - 60;
			snprintf(q.sts_id, sizeof(q.sts_id), "another");
		}
		snprintf(q.address, sizeof(q.address), "%s", row->address ? row->address : "");
		t = start_server(&set);
		trace[0] = '\0';
		send_check(&t, &q);
		receive_check(&t, sum, trace);
		assert_int_equal(end_server(&t), 0);
		assert_string_equal(trace, "");
		if (strcmp(sum, row->summary) != 0) {
			print_message("# %s:\n  %s\n  %s\n", row->name, sum, row->summary);
			bad = true;
		}
	}
	assert_false(bad);
}

/* More than begin with all their questions at once: each is answered, dead ones too. */
static void many_domains(void **state)
{
	static const struct fake_dns dns[] = {{D, DNS_SOA, DNS_SECURE, "#00"},
		{D, DNS_MX, DNS_SECURE, MX_NULL}, {"dead.example", DNS_SOA, DNS_ERROR},
		{"dead.example", DNS_MX, DNS_ERROR}, {"mute.example", DNS_SOA, 0},
		{"mute.example", DNS_MX, 0}, {NULL}};
	static const struct {
		const char *domain, *summary;
	} asked[] = {{D, "exists found; mx found null" NO_STS "; rpt none 0"},
		{"dead.example",
			"exists unknown; mx unknown; sts unknown,-,unknown; rpt unknown 0"},
		{"mute.example",
			"exists unknown; mx unknown; sts unknown,-,unknown; rpt unknown 0"}};
	const struct serve_settings set = {.timeout_ms = 10000, .smtp_port = 25};
	char sum[SUMMARY_MAX], trace[SUMMARY_MAX] = "";
	size_t i, j, n[3] = {0};
	struct talk t;

	(void)state;
	fake_reset(dns, NULL);
	t = start_server(&set);
	/* All are there before it reads the first. */
	assert_int_equal(kill(t.pid, SIGSTOP), 0);
	assert_int_equal(waitpid(t.pid, NULL, WUNTRACED), t.pid);
	for (i = 0; i < 30; i++) {
		struct check_request q =
			question(CHECK_TRANSPORT | CHECK_REST, asked[i / 10].domain);

		send_check(&t, &q);
	}
	assert_int_equal(kill(t.pid, SIGCONT), 0);
	for (i = 0; i < 30; i++) {
		receive_check(&t, sum, trace);
		for (j = 0; j < 3 && strncmp(sum, asked[j].summary, strlen(asked[j].summary)); j++)
			;
		if (j == 3)
			fail_msg("not expected: %s", sum);
		n[j]++;
	}
	assert_int_equal(n[0], 10);
	assert_int_equal(n[1] + n[2], 20);
	assert_int_equal(end_server(&t), 0);
}

static void refused(void **state)
{
	struct serve_settings set = {.timeout_ms = 10000, .smtp_port = 25};
	struct check_request q = question(CHECK_TRANSPORT | CHECK_LIVE, D);
	char sum[SUMMARY_MAX], trace[SUMMARY_MAX] = "";
	struct wr w = WR_INIT;
	struct talk t;

	(void)state;
	fake_reset(NULL, NULL);
	/* Another port than the one that the sandbox leaves open. */
	q.port = 2525;
	t = start_server(&set);
	send_check(&t, &q);
	assert_int_equal(shutdown(t.sock, SHUT_WR), 0);
	assert_int_equal(end_server(&t), -ERR_INTERNAL);
	/* Nothing that sealpost asks. */
	t = start_server(&set);
	assert_int_equal(frame_send(t.sock, -1, FRAME_REPLY, &w, -1, NULL), 0);
	assert_int_equal(end_server(&t), -ERR_INTERNAL);
	/* Nothing can be asked: said in each answer. */
	set.broken = "no trust anchor";
	q.port = 25;
	t = start_server(&set);
	send_check(&t, &q);
	receive_check(&t, sum, trace);
	assert_string_equal(sum, "failed no trust anchor; exists unknown; mx unknown; sts "
				 "unknown,-,unknown");
	assert_int_equal(end_server(&t), 0);
}

static void send_world(const struct talk *t, const struct world_request *q)
{
	struct wr w = WR_INIT;

	world_request_write(&w, q);
	assert_int_equal(frame_send(t->sock, -1, FRAME_WORLD, &w, -1, NULL), 0);
	wr_free(&w);
}

static void sum_world(const struct talk *t, char *out, char *trace)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct world_reply a;
	struct rd r;
	size_t i;

	await_frame(t, FRAME_WORLD_TOLD, &body, trace);
	rd_init(&r, body.p, body.len);
	assert_int_equal(world_reply_read(&r, &a, NULL), 0);
	out[0] = '\0';
	for (i = 0; i < a.n_answer; i++)
		add_text(out, "%d,%zu,%.*s,%s; ", (int)a.answer[i].state, a.answer[i].n_record,
			a.answer[i].n_record ? (int)a.answer[i].record[0].len : 0,
			a.answer[i].n_record ? (char *)a.answer[i].record[0].data : "",
			a.answer[i].note);
	for (i = 0; i < a.n_got; i++)
		add_text(out, "%u,%u,%zu,%s,%s; ", a.got[i].status, a.got[i].len,
			a.got[i].digest_len, a.got[i].issuer, a.got[i].reason);
	for (i = 0; i < a.n_key; i++)
		add_text(out, "%s; ", a.key[i].reason[0] ? "no key" : "key");
	world_reply_free(&a);
	buf_free(&body);
}

#define T(text) ((char *)(uintptr_t)(text))

/* Sets of records, files, keys; and the trace of it. */
static void world(void **state)
{
	static const struct fake_dns dns[] = {
		{"a." D, DNS_CNAME, DNS_SECURE, "#0158074578414d706c6500"},
		{"b." D, DNS_TXT, DNS_BOGUS}, {"c." D, DNS_TXT, 0},
		{"h." D, DNS_A, DNS_SECURE, "192.0.2.4"}, {NULL}};
	static const struct fake_url url[] = {
		{"https://h." D "/f", 200, "text", NULL, "192.0.2.4", .cert = &some_cert},
		{"https://i." D "/f", 200, "text", NULL, "2001:db8::1"},
		{"https://j." D "/f", 404, NULL, NULL, "192.0.2.7"}, {"https://l." D "/f", 0},
		{NULL}};
	struct world_set set[] = {{T("a." D), DNS_CNAME}, {T("b." D), DNS_TXT},
		{T("c." D), DNS_TXT}, {T("d." D), DNS_TXT}};
	struct world_file file[] = {{T("h." D), T(""), T("/f"), 0},
		{T("i." D), T("2001:db8::1"), T("/f"), 0}, {T("j." D), T("192.0.2.7"), T("/f"), 1},
		{T("k." D), T(""), T("/f"), 0}, {T("l." D), T("192.0.2.8"), T("/f"), 0}};
	struct world_pem pem[] = {{(uint8_t *)T("hello"), 5}};
	struct world_request q = {
		.id = 3, .set = set, .n_set = 4, .file = file, .n_file = 5, .pem = pem, .n_pem = 1};
	struct serve_settings s = {.timeout_ms = 10000, .verbose = true, .sandbox = "a box"};
	char sum[SUMMARY_MAX], trace[SUMMARY_MAX] = "";
	struct talk t;

	(void)state;
	fake_reset(dns, url);
	fake_notice = "by TCP";
	t = start_server(&s);
	send_world(&t, &q);
	sum_world(&t, sum, trace);
	assert_string_equal(sum,
		"1,1,x.example,; 3,0,,forged; 4,0,,no answer in time; 1,0,,; "
		"200,4,32,O=CA,; 200,4,32,,; 404,0,0,,; "
		"0,0,0,,k.example.org: does not exist; 0,0,0,,no answer in time; no key; ");
	assert_int_equal(end_server(&t), 0);
	assert_string_equal(trace, "a box\nDNS: by TCP\n");
	fake_notice = NULL;
	s = (struct serve_settings){.timeout_ms = 10000, .broken = "no trust anchor"};
	t = start_server(&s);
	send_world(&t, &q);
	sum_world(&t, sum, trace);
	assert_string_equal(sum,
		"4,0,,no trust anchor; 4,0,,no trust anchor; 4,0,,no trust anchor; 4,0,,no trust "
		"anchor; "
		"0,0,0,,no trust anchor; 0,0,0,,no trust anchor; 0,0,0,,no trust anchor; 0,0,0,,no "
		"trust anchor; 0,0,0,,no trust anchor; no key; ");
	assert_int_equal(end_server(&t), 0);
}

/* Questions about a thousand domains are asked in their turn, which is what makes each of them last
 * long enough. */
static void large_world(void **state)
{
	static const struct fake_url url[] = {{"https://*", 0}, {NULL}};
	char name[WORLD_SETS_MAX][32];
	struct world_set set[WORLD_SETS_MAX];
	struct world_file file[WORLD_FILES_MAX];
	struct world_request q = {.set = set, .file = file};
	const struct serve_settings s = {.timeout_ms = 10000, .sandbox = "a box"};
	char sum[SUMMARY_MAX], trace[SUMMARY_MAX] = "", *p;
	size_t i, n;
	struct talk t;

	(void)state;
	fake_reset(NULL, url);
	for (i = 0; i < WORLD_SETS_MAX; i++) {
		snprintf(name[i], sizeof(name[i]), "s%zu." D, i);
		set[i] = (struct world_set){name[i], DNS_TXT};
	}
	/* None of which answers. */
	for (i = 0; i < WORLD_FILES_MAX; i++)
		file[i] = (struct world_file){T("h." D), T("192.0.2.4"), T("/f"), 0};
	t = start_server(&s);
	for (i = 0; i < 8; i++) {
		q.id = (uint32_t)i;
		q.n_set = i < 6 ? WORLD_SETS_MAX : 0;
		q.n_file = i < 6 ? 0 : WORLD_FILES_MAX;
		send_world(&t, &q);
	}
	for (i = 0; i < 8; i++) {
		sum_world(&t, sum, trace);
		for (n = 0, p = sum; (p = strstr(p, "1,0,,; ")); p++)
			n++;
		if (n > 0) {
			assert_int_equal(n, WORLD_SETS_MAX);
			continue;
		}
		for (n = 0, p = sum; (p = strstr(p, "no answer in time; ")); p++)
			n++;
		assert_int_equal(n, WORLD_FILES_MAX);
	}
	assert_int_equal(end_server(&t), 0);
}

/* A lookup, and how it is told that answers come by an unusual way. */
static void lookup(void **state)
{
	const struct serve_settings set = {
		.timeout_ms = 10000, .methods = METHODS_ALL, .sandbox = "a box"};
	struct lookup_request q = {.id = 5, .methods = METHODS_ALL};
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	char trace[SUMMARY_MAX] = "";
	struct wr w = WR_INIT;
	struct lookup_reply a;
	struct talk t;
	struct rd r;

	(void)state;
	fake_reset(NULL, NULL);
	fake_notice = "by TCP";
	assert_int_equal(addr_parse("joe@" D, &q.addr, NULL), 0);
	t = start_server(&set);
	lookup_request_write(&w, &q);
	assert_int_equal(frame_send(t.sock, -1, FRAME_LOOKUP, &w, -1, NULL), 0);
	await_frame(&t, FRAME_REPLY, &body, trace);
	rd_init(&r, body.p, body.len);
	assert_int_equal(lookup_reply_read(&r, &a, NULL), 0);
	assert_int_equal(a.id, 5);
	assert_int_equal(a.wkd.status, METHOD_ABSENT);
	assert_true(a.n_dns > 0);
	assert_string_equal(a.dns[0].note, "by TCP");
	assert_string_equal(trace, "");
	assert_int_equal(end_server(&t), 0);
	fake_notice = NULL;
	lookup_reply_free(&a);
	wr_free(&w);
	buf_free(&body);
}

/* What kinds of domains there are in a crowd, and what becomes of an address in each. */
static const struct {
	const char *name, *reason; /* of WKD */
	enum method_status wkd, dane;
	size_t n_dns; /* questions in the evidence */
	enum dns_state delegation;
} kind[] = {
	{"there.example", "there.example: the domain has no key host", METHOD_ABSENT, METHOD_ABSENT,
		0, DNS_SECURE},
	{"shy.example", "shy.example: the domain has no key host", METHOD_ABSENT, METHOD_FAILED, 0,
		DNS_SECURE},
	{"forged.example", "openpgpkey.forged.example: its address is unknown: forged",
		METHOD_FAILED, METHOD_ABSENT, 0, DNS_SECURE},
	{"broken.example", "openpgpkey.broken.example: its address is unknown: broken",
		METHOD_FAILED, METHOD_FAILED, 5, DNS_SECURE},
	{"mute.example", "openpgpkey.mute.example: its address is unknown: no answer within 10.0 s",
		METHOD_FAILED, METHOD_FAILED, 5, DNS_SECURE},
};

#define KINDS (sizeof(kind) / sizeof(kind[0]))
#define CROWD 110 /* as many as the socket holds before anybody reads */

static void judge_crowded(const struct lookup_reply *a, char *bad)
{
	size_t k = a->id % KINDS, i;
	bool delegated = false;

	for (i = 0; i < a->n_dns; i++)
		delegated |= a->dns[i].type == DNS_DS && a->dns[i].state == DNS_SECURE;
	if (a->wkd.status != kind[k].wkd || a->dane.status != kind[k].dane || !delegated ||
		strcmp(a->wkd.reason, kind[k].reason) != 0 ||
		(kind[k].n_dns > 0 && a->n_dns != kind[k].n_dns))
		add_text(bad, "%s: %d, %d, %zu questions: %s\n", kind[k].name, a->wkd.status,
			a->dane.status, a->n_dns, a->wkd.reason);
}

/* To a server that has all of them before it reads the first. */
static void send_lookups(const struct talk *t, size_t n, const char *(*domain_of)(size_t i))
{
	struct lookup_request q = {.methods = METHODS_ALL};
	char address[64];
	size_t i;

	assert_int_equal(kill(t->pid, SIGSTOP), 0);
	assert_int_equal(waitpid(t->pid, NULL, WUNTRACED), t->pid);
	for (i = 0; i < n; i++) {
		struct wr w = WR_INIT;

		snprintf(address, sizeof(address), "u%zu@%s", i, domain_of(i));
		assert_int_equal(addr_parse(address, &q.addr, NULL), 0);
		q.id = (uint32_t)i;
		lookup_request_write(&w, &q);
		assert_int_equal(frame_send(t->sock, -1, FRAME_LOOKUP, &w, -1, NULL), 0);
		wr_free(&w);
	}
	assert_int_equal(kill(t->pid, SIGCONT), 0);
}

static void receive_lookup(const struct talk *t, struct lookup_reply *a)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	char trace[SUMMARY_MAX] = "";
	struct rd r;

	await_frame(t, FRAME_REPLY, &body, trace);
	rd_init(&r, body.p, body.len);
	assert_int_equal(lookup_reply_read(&r, a, NULL), 0);
	buf_free(&body);
}

static const char *any_kind(size_t i)
{
	return kind[i % KINDS].name;
}

/* Each has the verdict that it has alone, whoever is beside it: one may leave the first question
 * unanswered, and what the delegation says is known of dead ones, too. */
static void many_lookups(void **state)
{
	static const struct fake_dns dns[] = {{"shy.example", DNS_SOA, 0},
		{"openpgpkey.forged.example", DNS_A, DNS_BOGUS},
		{"broken.example", DNS_SOA, DNS_ERROR}, {"broken.example", DNS_MX, DNS_ERROR},
		{"mute.example", DNS_SOA, 0}, {"mute.example", DNS_MX, 0}, {NULL}};
	const struct serve_settings set = {.timeout_ms = 10000, .methods = METHODS_ALL};
	char bad[SUMMARY_MAX] = "";
	struct lookup_reply a;
	struct talk t;
	size_t i;

	(void)state;
	fake_reset(dns, NULL);
	t = start_server(&set);
	send_lookups(&t, CROWD, any_kind);
	for (i = 0; i < CROWD; i++) {
		receive_lookup(&t, &a);
		if (strlen(bad) < SUMMARY_MAX / 2)
			judge_crowded(&a, bad);
		lookup_reply_free(&a);
	}
	assert_string_equal(bad, "");
	assert_int_equal(end_server(&t), 0);
}

#define SOME 60         /* no crowd yet */
#define FREE 30         /* of these begin with all their questions */
#define QUESTIONS_MAX 4 /* of each of those */

static const char *mute(size_t i)
{
	(void)i;
	return "mute.example";
}

/* Of some, which are no crowd, only the first begin before it is known that nobody answers: what a
 * resolver has to do about these stays within what it does for one client. */
static void some_lookups(void **state)
{
	static const struct fake_dns dns[] = {{"openpgpkey.mute.example", DNS_A, 0},
		{"openpgpkey.mute.example", DNS_AAAA, 0}, {"mute.example", DNS_SOA, 0},
		{"mute.example", DNS_MX, 0}, {NULL}};
	const struct serve_settings set = {.timeout_ms = 10000, .methods = METHODS_ALL};
	struct lookup_reply a;
	struct talk t;
	size_t i;

	(void)state;
	fake_reset(dns, NULL);
	open_max = FREE * QUESTIONS_MAX + SOME - FREE;
	t = start_server(&set);
	send_lookups(&t, SOME, mute);
	for (i = 0; i < SOME; i++) {
		receive_lookup(&t, &a);
		assert_int_equal(a.wkd.status, METHOD_FAILED);
		lookup_reply_free(&a);
	}
	assert_int_equal(end_server(&t), 0);
	open_max = SIZE_MAX;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(domains),
		cmocka_unit_test(many_domains), cmocka_unit_test(refused), cmocka_unit_test(world),
		cmocka_unit_test(large_world), cmocka_unit_test(lookup),
		cmocka_unit_test(many_lookups), cmocka_unit_test(some_lookups)};

	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
