/* SPDX-License-Identifier: ISC */
/* wkd/methods, with net/host and net/fetch: what an address's lookup asks, and what it concludes.
 */
#include "methods_util.h"

#define ADV_HOST "openpgpkey.example.org"
#define OWNER "bf724b60e040515d3d9e8f45bb344402dd3b76bc8eed999f8b7de446._openpgpkey.example.org"
#define TLSA "#0301010000000000000000000000000000000000000000000000000000000000000000"

struct row {
	const char *name;
	struct fake_dns dns[12];
	struct fake_url url[8];
	enum dns_state denials; /* 0: secure */
	struct expect wkd;
	enum lookup_method method;
	struct expect dane;
	const char *asked[4], *not_asked[4]; /* lines of fake_asked */
	uint32_t least_ms, most_ms;
};

#define DANE_NONE                                                                                  \
	{                                                                                          \
		METHOD_ABSENT, true, DNS_SECURE, 0, OWNER, "no OPENPGPKEY record"                  \
	}
#define DANE_UNSIGNED                                                                              \
	{                                                                                          \
		METHOD_ABSENT, false, DNS_INSECURE, 0, OWNER,                                      \
			"example.org: the zone is not signed"                                      \
	}
#define A_SECURE                                                                                   \
	{                                                                                          \
		ADV_HOST, DNS_A, DNS_SECURE, "192.0.2.10"                                          \
	}
#define AAAA_SECURE                                                                                \
	{                                                                                          \
		ADV_HOST, DNS_AAAA, DNS_SECURE, "2001:db8::10"                                     \
	}

static const struct row rows[] = {
	{"advanced, found", {A_SECURE, AAAA_SECURE},
		{{ADV, 200, KEY, NULL, "192.0.2.10 2001:db8::10"}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE, {"GET " ADV "?l=Joe.Doe"}, {"A example.org", "AAAA example.org"}, 0, 0},
	{"advanced, TLSA matches", {A_SECURE, {"_443._tcp." ADV_HOST, DNS_TLSA, DNS_SECURE, TLSA}},
		{{ADV, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI_DANE, ADV, NULL},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"TLSA, none usable: the web PKI",
		{A_SECURE, {"_443._tcp." ADV_HOST, DNS_TLSA, DNS_SECURE, "#09010100"}},
		{{ADV, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"TLSA bogus", {A_SECURE, {"_443._tcp." ADV_HOST, DNS_TLSA, DNS_BOGUS}}, {{ADV, 200, KEY}},
		0, {METHOD_FAILED, false, DNS_BOGUS, 0, NULL, "TLSA record is unknown: forged"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"GET " ADV "?l=Joe.Doe"}},
	{"TLSA without an answer", {A_SECURE, {"_443._tcp." ADV_HOST, DNS_TLSA, DNS_ERROR}},
		{{ADV, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_ERROR, 0, NULL, "TLSA record is unknown: broken"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"GET " ADV "?l=Joe.Doe"}},
	{"TLSA insecure is ignored",
		{A_SECURE, {"_443._tcp." ADV_HOST, DNS_TLSA, DNS_INSECURE, TLSA}},
		{{ADV, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"TLSA of a CNAME's target",
		{{ADV_HOST, DNS_A, DNS_SECURE, "192.0.2.10", "wkd.example.net"},
			{"_443._tcp.wkd.example.net", DNS_TLSA, DNS_SECURE, TLSA}},
		{{ADV, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI_DANE, ADV, NULL},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"TLSA of a CNAME's target bogus",
		{{ADV_HOST, DNS_A, DNS_SECURE, "192.0.2.10", "wkd.example.net"},
			{"_443._tcp.wkd.example.net", DNS_TLSA, DNS_BOGUS}},
		{{ADV, 200, KEY}}, 0, {METHOD_FAILED, false, DNS_BOGUS, 0, NULL, "TLSA"},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"insecure address: TLSA does not matter",
		{{ADV_HOST, DNS_A, DNS_INSECURE, "192.0.2.10"},
			{"_443._tcp." ADV_HOST, DNS_TLSA, DNS_BOGUS}},
		{{ADV, 200, KEY}}, DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
#define ALIAS                                                                                      \
	{                                                                                          \
		ADV_HOST, DNS_A, DNS_INSECURE, "192.0.2.10", "wkd.example.net"                     \
	}
#define OWN_TLSA "_443._tcp." ADV_HOST, DNS_TLSA
	{"alias into an unsigned zone 1: secure TLSA of its own name",
		{ALIAS, {OWN_TLSA, DNS_SECURE, TLSA}}, {{ADV, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI_DANE, ADV, NULL},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"alias into an unsigned zone 2: and a 404: that proves",
		{ALIAS, {OWN_TLSA, DNS_SECURE, TLSA}}, {{ADV, 404, .wildcard = true}}, 0,
		{METHOD_ABSENT, true, DNS_INSECURE, TLS_WEBPKI_DANE, ADV, "has none"},
		METHOD_WKD_ADVANCED, DANE_NONE},
	{"alias into an unsigned zone 3: insecure TLSA", {ALIAS, {OWN_TLSA, DNS_INSECURE, TLSA}},
		{{ADV, 200, KEY}}, DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"alias into an unsigned zone 4: TLSA securely denied", {ALIAS}, {{ADV, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"alias into an unsigned zone 5: TLSA bogus", {ALIAS, {OWN_TLSA, DNS_BOGUS}},
		{{ADV, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_BOGUS, 0, NULL, "TLSA record is unknown: forged"},
		METHOD_WKD_ADVANCED, DANE_NONE, {"CNAME " ADV_HOST}},
	{"alias into an unsigned zone 6: TLSA fails, unsigned itself",
		{ALIAS, {OWN_TLSA, DNS_ERROR}}, {{ADV, 200, KEY}}, DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {"CNAME " ADV_HOST}},
	{"alias into an unsigned zone 7: TLSA never answers, unsigned itself",
		{ALIAS, {OWN_TLSA, 0}}, {{ADV, 200, KEY}}, DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {"CNAME " ADV_HOST}},
	{"alias into an unsigned zone 8: TLSA fails, and whether it is signed does, too",
		{ALIAS, {OWN_TLSA, DNS_ERROR}, {ADV_HOST, DNS_CNAME, DNS_ERROR}}, {{ADV, 200, KEY}},
		DNS_INSECURE, {METHOD_FAILED, false, DNS_ERROR, 0, NULL, "TLSA record is unknown"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"alias into an unsigned zone 9: TLSA never answers, signed itself", {ALIAS, {OWN_TLSA, 0}},
		{{ADV, 200, KEY}}, 0, {METHOD_FAILED, false, 0, 0, NULL, "no answer"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {NULL}, 10000, 10000},
	{"insecure address: TLSA is not waited for",
		{{ADV_HOST, DNS_A, DNS_INSECURE, "192.0.2.10"},
			{"_443._tcp." ADV_HOST, DNS_TLSA, 0}},
		{{ADV, 200, KEY}}, DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"advanced 404", {A_SECURE}, {{ADV, 404}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, ADV,
			ADV_HOST ": has none (HTTP status 404)"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}},
	{"advanced 410", {A_SECURE}, {{ADV, 410}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, ADV, "410"}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"advanced 401", {A_SECURE}, {{ADV, 401}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, TLS_WEBPKI, ADV, ADV_HOST ": HTTP status 401"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}},
	{"advanced 500", {A_SECURE}, {{ADV, 500}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, TLS_WEBPKI, ADV, "500"}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"advanced refused: no fallback", {A_SECURE}, {{ADV, -1}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, TLS_NONE, ADV, ADV_HOST ": connection refused"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}},
	{"advanced never answers: no fallback", {A_SECURE}, {{ADV, 0}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, TLS_NONE, ADV,
			ADV_HOST ": no answer within 10.0 s"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}, 10000, 10000},
	{"A found, AAAA fails", {A_SECURE, {ADV_HOST, DNS_AAAA, DNS_ERROR}}, {{ADV, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"A found, AAAA never answers", {A_SECURE, {ADV_HOST, DNS_AAAA, 0}}, {{ADV, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE, {NULL}, {NULL}, 300, 300},
	{"A found, AAAA bogus: a validated address is one",
		{A_SECURE, {ADV_HOST, DNS_AAAA, DNS_BOGUS}}, {{ADV, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"A fails, AAAA absent", {{ADV_HOST, DNS_A, DNS_ERROR}}, {{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_ERROR, 0, NULL, "is unknown: broken"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}},
	{"A absent, AAAA fails", {{ADV_HOST, DNS_AAAA, DNS_ERROR}}, {{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_ERROR, 0, NULL, "is unknown: broken"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}},
	{"A bogus, AAAA absent", {{ADV_HOST, DNS_A, DNS_BOGUS}}, {{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_BOGUS, 0, NULL, "forged"}, METHOD_WKD_ADVANCED,
		DANE_NONE, {NULL}, {"A example.org"}},
	{"A absent, AAAA never answers", {{ADV_HOST, DNS_AAAA, 0}}, {{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, 0, 0, NULL,
			ADV_HOST ": no answer from its name servers within 10.0 s"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, {"A example.org"}, 10000, 10000},
	{"direct, found", {{"example.org", DNS_A, DNS_SECURE, "192.0.2.20"}}, {{DIR, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL}, METHOD_WKD_DIRECT,
		DANE_NONE, {"A example.org", "AAAA example.org", "GET " DIR "?l=Joe.Doe"}},
	{"direct 404", {{"example.org", DNS_A, DNS_SECURE, "192.0.2.20"}}, {{DIR, 404}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, DIR, "example.org: has none"},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"direct 404 after a forgeable denial",
		{{"example.org", DNS_A, DNS_INSECURE, "192.0.2.20"}}, {{DIR, 404}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, TLS_WEBPKI, DIR, "has none"},
		METHOD_WKD_DIRECT, DANE_UNSIGNED},
	{"direct bogus", {{"example.org", DNS_A, DNS_BOGUS}}, {{NULL}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, 0, NULL, "example.org: its address is unknown"},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"no host at all, proved", {{NULL}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, "no key host"}, METHOD_WKD_DIRECT,
		DANE_NONE},
	{"no host at all, unsigned", {{NULL}}, {{NULL}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, "no key host"}, METHOD_WKD_DIRECT,
		DANE_UNSIGNED},
};

#define SYNTH(host, type, ip)                                                                      \
	{                                                                                          \
		host, type, DNS_SECURE, ip, NULL, 0, true                                          \
	}
#define HOST_SECURE                                                                                \
	{                                                                                          \
		"example.org", DNS_A, DNS_SECURE, "192.0.2.20"                                     \
	}
#define A_PLAIN                                                                                    \
	{                                                                                          \
		ADV_HOST, DNS_A, DNS_INSECURE, "192.0.2.10 192.0.2.11"                             \
	}
#define AAAA_PLAIN                                                                                 \
	{                                                                                          \
		ADV_HOST, DNS_AAAA, DNS_INSECURE, "2001:db8::10"                                   \
	}
#define A_ALIKE                                                                                    \
	{                                                                                          \
		"*.example.org", DNS_A, DNS_INSECURE, "192.0.2.11 192.0.2.10"                      \
	}
#define AAAA_ALIKE                                                                                 \
	{                                                                                          \
		"*.example.org", DNS_AAAA, DNS_INSECURE, "2001:db8::10"                            \
	}
#define HOST_PLAIN                                                                                 \
	{                                                                                          \
		"example.org", DNS_A, DNS_INSECURE, "192.0.2.20"                                   \
	}
#define WILD_PLAIN A_PLAIN, AAAA_PLAIN, A_ALIKE, AAAA_ALIKE
#define NAME_ONLY ADV_HOST ": TLS: wrong name"
#define WILD_TOO NAME_ONLY "; the domain answers for every name (wildcard)"
#define POLICY "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/policy"
#define NO_SIBLING                                                                                 \
	{                                                                                          \
		"A *.example.org", "AAAA *.example.org", "A example.org", "AAAA example.org"       \
	}
#define NO_DIRECT                                                                                  \
	{                                                                                          \
		"A example.org", "AAAA example.org"                                                \
	}
#define ASKS_SIBLING                                                                               \
	{                                                                                          \
		"A *.example.org", "AAAA *.example.org"                                            \
	}

/* Domains that answer for every name: where that is proved, and where it can only be guessed. */
static const struct row wildcard_rows[] = {
	{"proved, key",
		{SYNTH(ADV_HOST, DNS_A, "192.0.2.10"), SYNTH(ADV_HOST, DNS_AAAA, "2001:db8::10"),
			HOST_SECURE},
		{{ADV, 404}, {DIR, 200, KEY}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL}, METHOD_WKD_DIRECT,
		DANE_NONE, {NULL}, {"GET " ADV "?l=Joe.Doe", "A *.example.org"}},
	{"proved, no key",
		{SYNTH(ADV_HOST, DNS_A, "192.0.2.10"), SYNTH(ADV_HOST, DNS_AAAA, "2001:db8::10"),
			HOST_SECURE},
		{{DIR, 404}}, 0, {METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, DIR, "has none"},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"proved, one family", {SYNTH(ADV_HOST, DNS_AAAA, "2001:db8::10"), HOST_SECURE},
		{{DIR, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"proved, other family without proof",
		{SYNTH(ADV_HOST, DNS_A, "192.0.2.10"), {ADV_HOST, DNS_AAAA, DNS_INSECURE},
			HOST_SECURE},
		{{DIR, 404}}, 0, {METHOD_ABSENT, false, DNS_INSECURE, TLS_WEBPKI, DIR, "has none"},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"proved, other family fails",
		{SYNTH(ADV_HOST, DNS_A, "192.0.2.10"), {ADV_HOST, DNS_AAAA, DNS_ERROR},
			HOST_SECURE},
		{{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_ERROR, 0, NULL, "is unknown: broken"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, NO_DIRECT},
	{"proved, other family bogus",
		{SYNTH(ADV_HOST, DNS_AAAA, "2001:db8::10"), {ADV_HOST, DNS_A, DNS_BOGUS},
			HOST_SECURE},
		{{DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_BOGUS, 0, NULL, "is unknown: forged"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, NO_DIRECT},
	{"proved, by a CNAME",
		{{ADV_HOST, DNS_A, DNS_SECURE, "192.0.2.10", "www.example.net", 0, true},
			HOST_SECURE},
		{{DIR, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL},
		METHOD_WKD_DIRECT, DANE_NONE, {NULL}, {"TLSA _443._tcp.www.example.net"}},
	{"proved, other family real", {SYNTH(ADV_HOST, DNS_A, "192.0.2.9"), AAAA_SECURE},
		{{ADV, 200, KEY, NULL, "2001:db8::10"}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL}, METHOD_WKD_ADVANCED,
		DANE_NONE},
	{"proved, the direct host may be one", {SYNTH("example.org", DNS_A, "192.0.2.20")},
		{{DIR, 200, KEY}}, 0, {METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"guessed, key", {WILD_PLAIN, HOST_PLAIN}, {{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}},
		DNS_INSECURE, {METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, DIR, WILD_TOO},
		METHOD_WKD_DIRECT, DANE_UNSIGNED, ASKS_SIBLING},
	{"guessed, no key", {WILD_PLAIN, HOST_PLAIN}, {{ADV, FAKE_WRONG_NAME}, {DIR, 404}},
		DNS_INSECURE, {METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {"GET " DIR "?l=Joe.Doe"}},
	{"guessed, direct refused", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, FAKE_REFUSED}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"guessed, direct for another name, too", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"guessed, direct has no host", {WILD_PLAIN}, {{ADV, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"guessed, direct bogus", {WILD_PLAIN, {"example.org", DNS_A, DNS_BOGUS}},
		{{ADV, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED},
	{"guessed, direct never answers", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 0}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, WILD_TOO}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, {NULL}, 10000, 10000},
	{"sibling elsewhere",
		{A_PLAIN, {"*.example.org", DNS_A, DNS_INSECURE, "192.0.2.10 192.0.2.12"},
			HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, ASKS_SIBLING, NO_DIRECT},
	{"sibling in one family only", {A_PLAIN, AAAA_PLAIN, A_ALIKE, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_DIRECT},
	{"sibling in one family more", {A_PLAIN, A_ALIKE, AAAA_ALIKE, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_DIRECT},
	{"no sibling", {A_PLAIN, HOST_PLAIN}, {{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}},
		DNS_INSECURE, {METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, ASKS_SIBLING, NO_DIRECT},
	{"sibling fails", {A_PLAIN, {"*.example.org", DNS_A, DNS_ERROR}, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_DIRECT},
	{"sibling secure",
		{A_PLAIN, {"*.example.org", DNS_A, DNS_SECURE, "192.0.2.10 192.0.2.11"},
			HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_DIRECT},
	{"sibling never answers", {A_PLAIN, {"*.example.org", DNS_A, 0}, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_DIRECT, 10000, 10000},
	{"self-signed", {WILD_PLAIN, HOST_PLAIN}, {{ADV, FAKE_SELF_SIGNED}, {DIR, 200, KEY}},
		DNS_INSECURE, {METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, "self-signed"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, NO_SIBLING},
	{"refused", {WILD_PLAIN, HOST_PLAIN}, {{ADV, FAKE_REFUSED}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, "refused"}, METHOD_WKD_ADVANCED,
		DANE_UNSIGNED, {NULL}, NO_SIBLING},
	{"no answer", {WILD_PLAIN, HOST_PLAIN}, {{ADV, 0}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_NONE, ADV, "no answer"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, NO_SIBLING, 10000, 10000},
	{"404", {WILD_PLAIN, HOST_PLAIN}, {{ADV, 404}, {DIR, 200, KEY}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, TLS_WEBPKI, ADV, "has none"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {"GET " POLICY}, NO_SIBLING},
	{"another name in a signed zone", {A_SECURE, HOST_SECURE},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}}, 0,
		{METHOD_FAILED, false, DNS_SECURE, TLS_NONE, ADV, NAME_ONLY}, METHOD_WKD_ADVANCED,
		DANE_NONE, {NULL}, NO_SIBLING},
	{"another name after a redirect",
		{WILD_PLAIN, HOST_PLAIN, {"www.example.org", DNS_A, DNS_INSECURE, "192.0.2.10"}},
		{{ADV, 302, NULL, "https://www.example.org/"},
			{"https://www.example.org/", FAKE_WRONG_NAME}},
		DNS_INSECURE,
		{METHOD_FAILED, false, DNS_INSECURE, TLS_WEBPKI, NULL,
			"www.example.org: TLS: wrong name"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, NO_SIBLING},
};

#define ADV_ANY "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/*"
#define DIR_ANY "https://example.org/.well-known/openpgpkey/hu/*"
#define SOFT(control, body)                                                                        \
	{                                                                                          \
		METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, DIR, NULL, control, body              \
	}
#define SOFT_ADV(control, body)                                                                    \
	{                                                                                          \
		METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, ADV, NULL, control, body            \
	}

/* Answers that are no key: is it what is published there, or what the server says to every name? */
static const struct row control_rows[] = {
	{"1: pages alike", {HOST_SECURE}, {{DIR, 200, "<html>1"}, {DIR_ANY, 200, "<html>2"}}, 0,
		SOFT(CONTROL_ALIKE, "<html>1"), METHOD_WKD_DIRECT, DANE_NONE},
	{"2: both empty", {HOST_SECURE}, {{DIR, 200, ""}, {DIR_ANY, 200, ""}}, 0,
		SOFT(CONTROL_ALIKE, ""), METHOD_WKD_DIRECT, DANE_NONE},
	{"3: text alike", {HOST_SECURE}, {{DIR, 200, "none"}, {DIR_ANY, 200, "none"}}, 0,
		SOFT(CONTROL_ALIKE, "none"), METHOD_WKD_DIRECT, DANE_NONE},
	{"4: empty, and 404 to others", {HOST_SECURE}, {{DIR, 200, ""}, {DIR_ANY, 404}}, 0,
		SOFT(CONTROL_OTHER, ""), METHOD_WKD_DIRECT, DANE_NONE},
	{"5: empty, and 410 to others", {HOST_SECURE}, {{DIR, 200, ""}, {DIR_ANY, 410}}, 0,
		SOFT(CONTROL_OTHER, ""), METHOD_WKD_DIRECT, DANE_NONE},
	{"6: text, and a page to others", {HOST_SECURE},
		{{DIR, 200, "a pointer"}, {DIR_ANY, 200, "<html>"}}, 0,
		SOFT(CONTROL_OTHER, "a pointer"), METHOD_WKD_DIRECT, DANE_NONE},
	{"7: control 500", {HOST_SECURE}, {{DIR, 200, "<html>"}, {DIR_ANY, 500}}, 0,
		SOFT(CONTROL_FAILED, "<html>"), METHOD_WKD_DIRECT, DANE_NONE},
	{"8: control refused", {HOST_SECURE}, {{DIR, 200, "<html>"}, {DIR_ANY, -1}}, 0,
		SOFT(CONTROL_FAILED, "<html>"), METHOD_WKD_DIRECT, DANE_NONE},
	{"9: control without an answer", {HOST_SECURE}, {{DIR, 200, "<html>"}, {DIR_ANY, 0}}, 0,
		SOFT(CONTROL_FAILED, "<html>"), METHOD_WKD_DIRECT, DANE_NONE, {NULL}, {NULL}, 10000,
		10000},
	{"10: both redirected to one page", {HOST_SECURE},
		{{DIR, 302, NULL, "https://example.org/"},
			{DIR_ANY, 302, NULL, "https://example.org/"},
			{"https://example.org/", 200, "<html>"}},
		0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, "https://example.org/", NULL,
			CONTROL_ALIKE, "<html>"},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"11: BEGIN PGP needs none", {HOST_SECURE},
		{{DIR, 200, "-----BEGIN PGP"}, {DIR_ANY, 200, "-----BEGIN PGP"}}, 0,
		SOFT(CONTROL_NONE, "-----BEGIN PGP"), METHOD_WKD_DIRECT, DANE_NONE},
	{"12: advanced, signed: no excuse", {A_SECURE},
		{{ADV, 200, "<html>"}, {ADV_ANY, 200, "<html>"}}, 0,
		{METHOD_FOUND, false, DNS_SECURE, TLS_WEBPKI, ADV, NULL, CONTROL_NONE, "<html>"},
		METHOD_WKD_ADVANCED, DANE_NONE, {NULL}, NO_SIBLING},
	{"13: advanced, unsigned, nobody beside it: no excuse", {A_PLAIN, HOST_PLAIN},
		{{ADV, 200, "<html>"}, {ADV_ANY, 200, "<html>"}}, DNS_INSECURE,
		SOFT_ADV(CONTROL_NONE, "<html>"), METHOD_WKD_ADVANCED, DANE_UNSIGNED, ASKS_SIBLING,
		NO_DIRECT},
	{"14: advanced, every name is there, alike", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, 200, "<html>"}, {ADV_ANY, 200, "<html>"}}, DNS_INSECURE,
		SOFT_ADV(CONTROL_ALIKE, "<html>"), METHOD_WKD_ADVANCED, DANE_UNSIGNED, ASKS_SIBLING,
		NO_DIRECT},
	{"15: advanced, every name is there, 404 to others", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, 200, "<html>"}, {ADV_ANY, 404}}, DNS_INSECURE,
		SOFT_ADV(CONTROL_OTHER, "<html>"), METHOD_WKD_ADVANCED, DANE_UNSIGNED, ASKS_SIBLING,
		NO_DIRECT},
	{"16: advanced, whether every name is there cannot be told",
		{A_PLAIN, {"*.example.org", DNS_A, DNS_ERROR}, HOST_PLAIN},
		{{ADV, 200, "<html>"}, {ADV_ANY, 200, "<html>"}}, DNS_INSECURE,
		SOFT_ADV(CONTROL_NONE, "<html>"), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"17: direct because of a wildcard: none is asked", {WILD_PLAIN, HOST_PLAIN},
		{{ADV, FAKE_WRONG_NAME}, {DIR, 200, "<html>"}, {DIR_ANY, 200, "<html>"}},
		DNS_INSECURE,
		{METHOD_FOUND, false, DNS_INSECURE, TLS_WEBPKI, DIR, WILD_TOO, CONTROL_NONE,
			"<html>"},
		METHOD_WKD_DIRECT, DANE_UNSIGNED},
};

#define GONE(proved)                                                                               \
	{                                                                                          \
		METHOD_ABSENT, proved, DNS_INSECURE, TLS_WEBPKI, ADV, "has none"                   \
	}

/* 404 from a host of an unsigned zone: proved only by who it is. */
static const struct row proof_rows[] = {
	{"1: named, with a policy", {A_PLAIN}, {{ADV, 404}, {POLICY, 200, "mailbox-only\n"}},
		DNS_INSECURE, GONE(true), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"2: named, with an empty policy", {A_PLAIN}, {{ADV, 404}, {POLICY, 200, ""}}, DNS_INSECURE,
		GONE(true), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"3: named, without a policy", {A_PLAIN}, {{ADV, 404}, {POLICY, 404}}, DNS_INSECURE,
		GONE(false), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"4: named, a web page for a policy", {A_PLAIN}, {{ADV, 404}, {POLICY, 200, "<html>"}},
		DNS_INSECURE, GONE(false), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"5: named, the policy fails", {A_PLAIN}, {{ADV, 404}, {POLICY, 500}}, DNS_INSECURE,
		GONE(false), METHOD_WKD_ADVANCED, DANE_UNSIGNED},
	{"6: named, the policy never comes", {A_PLAIN}, {{ADV, 404}, {POLICY, 0}}, DNS_INSECURE,
		GONE(false), METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, {NULL}, 10000, 10000},
	{"7: by a wildcard certificate, with a policy", {A_PLAIN},
		{{ADV, 404, .wildcard = true}, {POLICY, 200, "", .wildcard = true}}, DNS_INSECURE,
		GONE(false), METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, {"GET " POLICY}},
	{"8: signed, by a wildcard certificate", {A_SECURE}, {{ADV, 404, .wildcard = true}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, ADV, "has none"}, METHOD_WKD_ADVANCED,
		DANE_NONE, {NULL}, {"GET " POLICY}},
	{"9: named, redirected to a wildcard certificate",
		{A_PLAIN, {"w.example.org", DNS_A, DNS_INSECURE, "192.0.2.10"}},
		{{ADV, 302, NULL, "https://w.example.org/k"},
			{"https://w.example.org/k", 404, .wildcard = true}, {POLICY, 200, ""}},
		DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, TLS_WEBPKI, "https://w.example.org/k",
			"has none"},
		METHOD_WKD_ADVANCED, DANE_UNSIGNED, {NULL}, {"GET " POLICY}},
	{"10: direct, denied, an alias into an unsigned zone", {HOST_PLAIN},
		{{DIR, 404}, {"https://example.org/.well-known/openpgpkey/policy", 200, ""}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, TLS_WEBPKI, DIR, "has none"}, METHOD_WKD_DIRECT,
		DANE_NONE},
};

#define DS "example.org", DNS_DS, DNS_SECURE, "#0102"
static const struct row dane_rows[] = {
	{"a zone with a DS: nothing else is asked of it",
		{{DS}, {OWNER, DNS_OPENPGPKEY, DNS_SECURE, "#996579"}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FOUND, false, DNS_SECURE, 0, OWNER, NULL}, {"DS example.org"},
		{"SOA example.org"}},
	{"a DS, and no record", {{DS}}, {{NULL}}, 0, {METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""},
		METHOD_WKD_DIRECT, DANE_NONE},
	{"nothing above is signed: nothing else is asked", {{NULL}}, {{NULL}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""}, METHOD_WKD_DIRECT, DANE_UNSIGNED,
		{"DS example.org"}, {"SOA example.org", "OPENPGPKEY " OWNER}},
	{"the DS fails: its SOA tells", {{"example.org", DNS_DS, DNS_ERROR}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT, DANE_NONE,
		{"SOA example.org"}},
	{"the DS is bogus, and the zone is not signed", {{"example.org", DNS_DS, DNS_BOGUS}},
		{{NULL}}, DNS_INSECURE, {METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""},
		METHOD_WKD_DIRECT, DANE_UNSIGNED, {"SOA example.org"}, {"OPENPGPKEY " OWNER}},
	{"one record", {{OWNER, DNS_OPENPGPKEY, DNS_SECURE, "#996579"}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FOUND, false, DNS_SECURE, 0, OWNER, NULL}, {"SOA example.org"}},
	{"in an unsigned zone the record is not asked for",
		{{OWNER, DNS_OPENPGPKEY, DNS_INSECURE, "#996579"}}, {{NULL}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""}, METHOD_WKD_DIRECT, DANE_UNSIGNED,
		{"DS example.org"}, {"OPENPGPKEY " OWNER}},
	{"too many records",
		{{OWNER, DNS_OPENPGPKEY, DNS_SECURE, "#01 #01 #01 #01 #01 #01 #01 #01 #01"}},
		{{NULL}}, 0, {METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, DNS_SECURE, 0, OWNER, "more OPENPGPKEY records"}},
	{"bogus in a signed zone", {{OWNER, DNS_OPENPGPKEY, DNS_BOGUS}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, DNS_BOGUS, 0, OWNER,
			"example.org: OPENPGPKEY record: forged"},
		{"SOA example.org"}},
	{"error in a signed zone", {{OWNER, DNS_OPENPGPKEY, DNS_ERROR}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, DNS_ERROR, 0, OWNER, "broken"}, {"SOA example.org"}},
	{"error where the zone cannot be told",
		{{OWNER, DNS_OPENPGPKEY, DNS_ERROR}, {"example.org", DNS_DS, DNS_ERROR},
			{"example.org", DNS_SOA, DNS_ERROR}},
		{{NULL}}, DNS_INSECURE, {METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""},
		METHOD_WKD_DIRECT, {METHOD_FAILED, false, DNS_ERROR, 0, OWNER, "broken"}},
	{"a CNAME from a signed zone into an unsigned one",
		{{OWNER, DNS_OPENPGPKEY, DNS_INSECURE, "#996579", "x.example.net"}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_ABSENT, false, DNS_INSECURE, 0, OWNER,
			"a zone that is not signed, at x.example.net"}},
	{"error in an unsigned zone", {{OWNER, DNS_OPENPGPKEY, DNS_ERROR}}, {{NULL}}, DNS_INSECURE,
		{METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""}, METHOD_WKD_DIRECT, DANE_UNSIGNED,
		{"DS example.org"}, {"OPENPGPKEY " OWNER}},
	{"an unsigned zone that a CNAME led to",
		{{OWNER, DNS_OPENPGPKEY, DNS_ERROR},
			{"example.org", DNS_SOA, DNS_INSECURE, NULL, "elsewhere.example"}},
		{{NULL}}, 0, {METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, DNS_ERROR, 0, OWNER, "broken"}},
	{"no answer, unsigned zone: does not wait for the deadline", {{OWNER, DNS_OPENPGPKEY, 0}},
		{{NULL}}, DNS_INSECURE, {METHOD_ABSENT, false, DNS_INSECURE, 0, NULL, ""},
		METHOD_WKD_DIRECT, DANE_UNSIGNED, {"DS example.org"}, {"OPENPGPKEY " OWNER}},
	{"no answer, signed zone", {{OWNER, DNS_OPENPGPKEY, 0}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, 0, 0, OWNER,
			"example.org: OPENPGPKEY record: no answer within 10.0 s"},
		{"SOA example.org"}, {NULL}, 10000, 10000},
	{"late, signed zone", {{OWNER, DNS_OPENPGPKEY, DNS_SECURE, "#996579", NULL, 3000}},
		{{NULL}}, 0, {METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FOUND, false, DNS_SECURE, 0, OWNER, NULL}, {"SOA example.org"}, {NULL},
		3000, 3000},
	{"late failure, signed zone known meanwhile",
		{{OWNER, DNS_OPENPGPKEY, DNS_ERROR, NULL, NULL, 3000}}, {{NULL}}, 0,
		{METHOD_ABSENT, true, DNS_SECURE, 0, NULL, ""}, METHOD_WKD_DIRECT,
		{METHOD_FAILED, false, DNS_ERROR, 0, OWNER, "broken"}, {NULL}, {NULL}, 3000, 3000},
};

static const struct row *row;
static unsigned replies;

static void on_reply(void *arg, const struct lookup_reply *r)
{
	size_t i;

	(void)arg;
	print_message("# %s\n", row->name);
	replies++;
	check_method(&r->wkd, &row->wkd);
	assert_int_equal(r->wkd.method, row->method);
	check_method(&r->dane, &row->dane);
	assert_int_equal(r->dane.method, METHOD_OPENPGPKEY);
	for (i = 0; i < 4 && row->asked[i]; i++)
		assert_true(fake_was_asked(row->asked[i]));
	for (i = 0; i < 4 && row->not_asked[i]; i++)
		assert_false(fake_was_asked(row->not_asked[i]));
	assert_true(r->ms >= row->least_ms && r->ms <= row->most_ms);
	/* Every question and every request is in the evidence, whether answered or not. */
	assert_int_equal(r->n_dns + r->n_url, fake_n_asked);
}

static void run_rows(const struct row *r, size_t n)
{
	struct lookup_request q = {.id = 1, .methods = METHOD_WKD | METHOD_DANE};
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHODS_ALL, .reply = on_reply};
	struct net net = {0};

	assert_int_equal(addr_parse("Joe.Doe@Example.ORG", &q.addr, NULL), 0);
	for (row = r; row < r + n; row++) {
		struct methods *m = methods_new(&net, &s);

		fake_reset(row->dns, row->url);
		if (row->denials)
			fake_default = row->denials;
		replies = 0;
		assert_int_equal(methods_start(m, &q, NULL), 0);
		assert_int_equal(methods_running(m), 1);
		while (fake_step(&net.timers))
			;
		assert_int_equal(replies, 1);
		assert_int_equal(methods_running(m), 0);
		assert_int_equal(fake_open, 0);
		assert_null(net.timers.first);
		methods_free(m);
	}
}

static void wkd(void **state)
{
	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void wildcard(void **state)
{
	(void)state;
	run_rows(wildcard_rows, sizeof(wildcard_rows) / sizeof(wildcard_rows[0]));
}

static void controls(void **state)
{
	(void)state;
	run_rows(control_rows, sizeof(control_rows) / sizeof(control_rows[0]));
}

static void no_reply(void *arg, const struct lookup_reply *r)
{
	(void)r;
	++*(unsigned *)arg;
}

/* A host is asked once, for all the addresses of its domain. */
static void control_once(void **state)
{
	static const struct fake_dns dns[] = {HOST_SECURE, {NULL}};
	static const struct fake_url url[] = {{DIR_ANY, 200, "<html>"}, {NULL}};
	unsigned told = 0;
	struct lookup_request q = {.id = 1, .methods = METHOD_WKD};
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHODS_ALL, .reply = no_reply, .arg = &told};
	struct net net = {0};
	struct methods *m = methods_new(&net, &s);
	size_t asked;

	(void)state;
	fake_reset(dns, url);
	assert_int_equal(addr_parse("joe@example.org", &q.addr, NULL), 0);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	while (fake_step(&net.timers))
		;
	asked = fake_n_asked;
	assert_int_equal(addr_parse("ann@example.org", &q.addr, NULL), 0);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	while (fake_step(&net.timers))
		;
	assert_int_equal(told, 2);
	assert_int_equal(fake_n_asked, 2 * asked - 1);
	methods_free(m);
}

static void proofs(void **state)
{
	(void)state;
	run_rows(proof_rows, sizeof(proof_rows) / sizeof(proof_rows[0]));
}

static void dane(void **state)
{
	(void)state;
	run_rows(dane_rows, sizeof(dane_rows) / sizeof(dane_rows[0]));
}

/* Whoever asked is gone after that many steps. False when the lookup had ended by then. */
static bool abandon(const struct row *r, unsigned steps)
{
	struct lookup_request q = {.id = 1, .methods = METHOD_WKD | METHOD_DANE};
	unsigned told = 0;
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHODS_ALL, .reply = no_reply, .arg = &told};
	struct net net = {0};
	struct methods *m = methods_new(&net, &s);
	bool running;

	assert_int_equal(addr_parse("Joe.Doe@Example.ORG", &q.addr, NULL), 0);
	fake_reset(r->dns, r->url);
	if (r->denials)
		fake_default = r->denials;
	assert_int_equal(methods_start(m, &q, NULL), 0);
	while (steps-- > 0 && fake_step(&net.timers))
		;
	running = methods_running(m) > 0;
	methods_free(m);
	assert_int_equal(told, !running);
	assert_int_equal(fake_open, 0);
	assert_null(net.timers.first);
	return running;
}

static void abandoned(void **state)
{
	size_t i;
	unsigned steps;

	(void)state;
	for (i = 0; i < sizeof(wildcard_rows) / sizeof(wildcard_rows[0]); i++) {
		for (steps = 0; abandon(&wildcard_rows[i], steps); steps++)
			;
		assert_true(steps > 0);
	}
	for (i = 0; i < sizeof(control_rows) / sizeof(control_rows[0]); i++) {
		for (steps = 0; abandon(&control_rows[i], steps); steps++)
			;
	}
	for (i = 0; i < sizeof(dane_rows) / sizeof(dane_rows[0]); i++) {
		for (steps = 0; abandon(&dane_rows[i], steps); steps++)
			;
	}
}

static void count_reply(void *arg, const struct lookup_reply *r)
{
	const char *want = arg;

	replies++;
	assert_int_equal(r->dane.status, METHOD_NOT_ASKED);
	assert_int_equal(r->wkd.status, want ? METHOD_FAILED : METHOD_ABSENT);
	if (want)
		assert_string_equal(r->wkd.reason, want);
}

/* Only what is wanted is asked; a helper that cannot ask says so at once; one that is closed leaves
 * nothing behind. */
static void edges(void **state)
{
	struct lookup_request q = {.id = 1, .methods = METHOD_WKD};
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHODS_ALL, .reply = count_reply};
	struct net net = {0};
	struct methods *m = methods_new(&net, &s);

	(void)state;
	fake_reset(NULL, NULL);
	replies = 0;
	assert_int_equal(addr_parse("joe@example.org", &q.addr, NULL), 0);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	/* One answer, and it goes on. */
	assert_true(fake_step(&net.timers));
	assert_int_equal(methods_running(m), 1);
	while (fake_step(&net.timers))
		;
	assert_int_equal(replies, 1);
	assert_int_equal(fake_n_asked, 6);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	methods_free(m);
	assert_int_equal(replies, 1);
	assert_int_equal(fake_open, 0);
	assert_null(net.timers.first);

	s.broken = s.arg = (void *)(uintptr_t) "no resolver";
	m = methods_new(NULL, &s);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	assert_int_equal(replies, 2);
	methods_free(m);
}

#define VKS "https://keys.example.net/vks/v1/by-email/joe.doe%40example.org"
#define VKS_A                                                                                      \
	{                                                                                          \
		"keys.example.net", DNS_A, DNS_SECURE, "192.0.2.10"                                \
	}

static const struct {
	const char *name;
	struct fake_dns dns[3];
	struct fake_url url[2];
	uint8_t server;
	enum method_status status;
	bool proved;
	enum tls_auth tls;
	const char *reason; /* part of it; NULL: none */
	uint32_t ms;
} vks_rows[] = {
	{"has one", {VKS_A}, {{VKS, 200, KEY}}, 1, METHOD_FOUND, false, TLS_WEBPKI, NULL, 0},
	{"TLSA matches", {VKS_A, {"_443._tcp.keys.example.net", DNS_TLSA, DNS_SECURE, TLSA}},
		{{VKS, 200, KEY}}, 1, METHOD_FOUND, false, TLS_WEBPKI_DANE, NULL, 0},
	{"has none", {VKS_A}, {{VKS, 404}}, 1, METHOD_ABSENT, true, TLS_WEBPKI, "404", 0},
	{"has none any more", {VKS_A}, {{VKS, 410}}, 1, METHOD_ABSENT, true, TLS_WEBPKI, "410", 0},
	{"has none, says whoever has a wildcard certificate",
		{{"keys.example.net", DNS_A, DNS_INSECURE, "192.0.2.10"}},
		{{VKS, 404, .wildcard = true}}, 1, METHOD_ABSENT, false, TLS_WEBPKI, "404", 0},
	{"500", {VKS_A}, {{VKS, 500}}, 1, METHOD_FAILED, false, TLS_WEBPKI,
		"keys.example.net: HTTP status 500", 0},
	{"429", {VKS_A}, {{VKS, 429}}, 1, METHOD_FAILED, false, TLS_WEBPKI, "429", 0},
	{"a redirect is not followed", {VKS_A},
		{{VKS, 302, NULL, "https://keys.example.net/elsewhere"}}, 1, METHOD_FAILED, false,
		TLS_WEBPKI, "redirected", 0},
	{"refused", {VKS_A}, {{VKS, FAKE_REFUSED}}, 1, METHOD_FAILED, false, TLS_NONE, "refused",
		0},
	{"another's certificate", {VKS_A}, {{VKS, FAKE_WRONG_NAME}}, 1, METHOD_FAILED, false,
		TLS_NONE, "wrong name", 0},
	{"it stalls: half of the time", {VKS_A}, {{VKS, 0}}, 1, METHOD_FAILED, false, TLS_NONE,
		"keys.example.net: no answer within 5.0 s", 5000},
	{"its name does not exist", {{NULL}}, {{NULL}}, 1, METHOD_FAILED, false, TLS_NONE,
		"keys.example.net", 0},
	{"its name is bogus", {{"keys.example.net", DNS_A, DNS_BOGUS}}, {{NULL}}, 1, METHOD_FAILED,
		false, TLS_NONE, "keys.example.net", 0},
	{"its name is not answered", {{"keys.example.net", DNS_A, 0}}, {{NULL}}, 1, METHOD_FAILED,
		false, TLS_NONE, "keys.example.net: no answer", 5000},
	{"there is no such one", {VKS_A}, {{VKS, 200, KEY}}, 2, METHOD_FAILED, false, TLS_NONE,
		"no such key server", 0},
};

static size_t vks_row;

static void on_server_reply(void *arg, const struct lookup_reply *r)
{
	size_t i;

	(void)arg;
	replies++;
	print_message("# %s\n", vks_rows[vks_row].name);
	assert_int_equal(r->wkd.status, vks_rows[vks_row].status);
	assert_int_equal(r->wkd.method, METHOD_KEYSERVER);
	assert_int_equal(r->wkd.proved, vks_rows[vks_row].proved);
	assert_int_equal(r->wkd.tls, vks_rows[vks_row].tls);
	assert_int_equal(r->wkd.n_body, r->wkd.status == METHOD_FOUND);
	assert_int_equal(r->dane.status, METHOD_NOT_ASKED);
	assert_int_equal(r->ms, vks_rows[vks_row].ms);
	if (vks_rows[vks_row].reason)
		assert_non_null(strstr(r->wkd.reason, vks_rows[vks_row].reason));
	/* Nobody else hears of it, and the evidence of what was asked does not name the mailbox. */
	for (i = 0; i < fake_n_asked; i++)
		assert_non_null(strstr(fake_asked[i], "keys.example.net"));
	for (i = 0; i < r->n_url; i++)
		assert_string_equal(r->url[i].url, "https://keys.example.net/vks/v1/by-email/...");
}

static void key_servers(void **state)
{
	struct lookup_request q = {.id = 1, .methods = METHOD_VKS};
	struct methods_settings s = {.timeout_ms = 10000,
		.allowed = METHODS_ALL,
		.keyservers = "first.example.net keys.example.net",
		.reply = on_server_reply};
	struct net net = {0};

	(void)state;
	assert_int_equal(addr_parse("Joe.Doe@Example.ORG", &q.addr, NULL), 0);
	for (vks_row = 0; vks_row < sizeof(vks_rows) / sizeof(vks_rows[0]); vks_row++) {
		struct methods *m = methods_new(&net, &s);

		fake_reset(vks_rows[vks_row].dns, vks_rows[vks_row].url);
		q.server = vks_rows[vks_row].server;
		replies = 0;
		assert_int_equal(methods_start(m, &q, NULL), 0);
		while (fake_step(&net.timers))
			;
		assert_int_equal(replies, 1);
		assert_int_equal(fake_open, 0);
		assert_null(net.timers.first);
		methods_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(wkd), cmocka_unit_test(wildcard),
		cmocka_unit_test(controls), cmocka_unit_test(control_once),
		cmocka_unit_test(proofs), cmocka_unit_test(dane), cmocka_unit_test(abandoned),
		cmocka_unit_test(edges), cmocka_unit_test(key_servers)};

	return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
