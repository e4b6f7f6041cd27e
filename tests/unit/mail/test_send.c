/* SPDX-License-Identifier: ISC */
/* One outgoing mail, from the arguments to what the MTA gets: sealed, clear or refused. */
#include "verbs_util.h"

#define MAIL(to, more)                                                                             \
	"From: me@sender.example\nTo: " to "\nSubject: the subject\nMessage-ID: <" more            \
	"@sender.example>\n"
#define TEXT "\nthe text\n"
#define TO_ALICE MAIL("alice@x.example", "1") TEXT
#define TO_NOBODY MAIL("nobody@absent.example", "2") TEXT
#define TO_LATE MAIL("a@late.example", "3") TEXT
#define TO_BOTH MAIL("alice@x.example, nobody@absent.example", "4") TEXT

static const char conf_default[] = "[sealpost]\nmta = /bin/true\n";

/* What the MTA got since the last time. */
static const char *taken(void)
{
	static struct buf b = BUF_INIT(OUTPUT_MAX);

	buf_reset(&b);
	(void)file_read(in_home("taken"), &b, ERR_IO, NULL);
	(void)unlink(in_home("taken"));
	return buf_str(&b);
}

static void is_taken(const char *name, const char *has, const char *lacks)
{
	const char *text = taken();

	if ((has && !strstr(text, has)) || (!has && text[0]) || (lacks && strstr(text, lacks)))
		fail_msg("%s: the MTA got: %s", name, text);
}

struct sent_row {
	struct step step;
	const char *taken; /* NULL: nothing is handed over */
	const char *not_taken;
};

static void send_each(const struct sent_row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		run_step(&rows[i].step);
		is_taken(rows[i].step.name, rows[i].taken, rows[i].not_taken);
	}
}

#define SEALED "BEGIN PGP MESSAGE"
#define CLEAR "the text"

static void each_mail(void **state)
{
	static const struct sent_row rows[] = {
		{{"help", "", "send --help", NULL, 0, "usage: sealpost send", ""}, NULL, NULL},
		{{"nobody to send to", "", "send", "From: a@b.example\n\nx\n", 64, "", "hint: "},
			NULL, NULL},
		{{"oneself, looked up", "", "lookup --json me@sender.example", NULL, 0,
			 "\"method\":\"own\",\"dnssec\":null,\"tls\":null,\"absence\":null,"
			 "\"pin\":\"none\"",
			 NULL},
			NULL, NULL},
		{{"oneself is not pinned", "", "lookup --pin me@sender.example", NULL, 0,
			 "found by     own", NULL, "match"},
			NULL, NULL},
		{{"oneself as others see it", "", "lookup --fresh me@sender.example", NULL, 1,
			 "absent", NULL},
			NULL, NULL},
		{{"oneself by the pins only", "", "lookup --offline me@sender.example", NULL, 75,
			 "was not asked", NULL},
			NULL, NULL},
		{{"sealed", "", "send alice@x.example", TO_ALICE, 0, "", ""}, SEALED, CLEAR},
		{{"the same again: it is not handed over", "", "send alice@x.example", TO_ALICE, 0,
			 "", ""},
			NULL, NULL},
		{{"but when it is said", "", "send --again alice@x.example", TO_ALICE, 0, "", ""},
			SEALED, CLEAR},
		{{"clear", "", "send nobody@absent.example", TO_NOBODY, 0, "", ""}, CLEAR, SEALED},
		{{"required", "", "send --encrypt=require nobody@absent.example", TO_NOBODY, 69, "",
			 "not sent: nobody@absent.example: "},
			NULL, NULL},
		{{"unknown", "", "send a@late.example", TO_LATE, 75, "",
			 "not sent: a@late.example: cannot tell whether a key exists"},
			NULL, NULL},
		{{"a mixture", "", "send -t", TO_BOTH, 69, "", "mixed = refuse"}, NULL, NULL},
		{{"to each as they can", "", "send --mixed=split -t", TO_BOTH, 0, "", ""}, CLEAR,
			NULL},
		{{"another key than the pinned one", "next",
			 "send --explain --online alice@x.example", TO_ALICE, 0,
			 "there is a usable key", NULL},
			NULL, NULL},
		{{"a hidden recipient", "", "send -t",
			 MAIL("nobody@absent.example", "5") "Bcc: nobody@proved.example\n" TEXT, 0,
			 "", ""},
			CLEAR, "Bcc"},
		{{"the message demands", "", "send -t",
			 MAIL("nobody@absent.example", "6") "X-Sealpost: encrypt=require\n" TEXT,
			 69, "", "X-Sealpost"},
			NULL, NULL},
		{{"an answer to a sealed mail", "", "send -t",
			 MAIL("nobody@absent.example",
				 "7") "In-Reply-To: <1@sender.example>\n" TEXT,
			 69, "", "begins a new thread"},
			NULL, NULL},
		{{"which this one mail may be", "", "send --replies=prefer -t",
			 MAIL("nobody@absent.example",
				 "8") "In-Reply-To: <1@sender.example>\n" TEXT,
			 0, "", ""},
			CLEAR, NULL},
		{{"no key is asked for", "no-helper", "send --encrypt=never nobody@absent.example",
			 MAIL("nobody@absent.example", "9") TEXT, 0, "", ""},
			CLEAR, NULL},
		{{"no helper", "no-helper", "send x@absent.example",
			 MAIL("x@absent.example", "10") TEXT, 78, "", "sealpost-net is not there"},
			NULL, NULL},
		{{"a tag of an address with a pin", "", "send alice+tag@x.example",
			 MAIL("alice+tag@x.example", "11") TEXT, 75, "",
			 "none is found, but keys of its domain came by wkd-advanced"},
			NULL, NULL},
		{{"a way that is bound", "", "send --tls=require nobody@bound.example",
			 MAIL("nobody@bound.example", "12") TEXT, 0, "", ""},
			CLEAR, NULL},
		{{"one that is not", "", "send --tls=require nobody@absent.example",
			 MAIL("nobody@absent.example", "13") TEXT, 69, "", "is not bound to TLS"},
			NULL, NULL},
		{{"one that accepts no mail", "", "send --tls=require nobody@nomail.example",
			 MAIL("nobody@nomail.example", "14") TEXT, 68, "", "accepts no mail"},
			NULL, NULL},
		{{"one that cannot be told", "", "send --tls=require nobody@late.example",
			 MAIL("nobody@late.example", "15") TEXT, 75, "",
			 "cannot tell whether the route"},
			NULL, NULL},
		{{"and that the message waives", "", "send --tls=require nobody@bound.example",
			 MAIL("nobody@bound.example", "16") "TLS-Required: No\n" TEXT, 69, "",
			 "TLS-Required: No"},
			NULL, NULL},
		{{"explained, the way too", "",
			 "send --explain --online --tls=require nobody@bound.example",
			 MAIL("nobody@bound.example", "17") TEXT, 0, "bound to TLS by DANE", NULL},
			NULL, NULL},
		{{"explained, without asking", "", "send --explain zoe@late.example",
			 MAIL("zoe@late.example", "18") TEXT, 75, "not known whether", NULL},
			NULL, NULL},
		{{"explained, a mixture", "", "send --explain --online -t", TO_BOTH, 69,
			 "is in the way", NULL},
			NULL, NULL},
		{{"explained, split", "", "send --explain --online --mixed=split -t", TO_BOTH, 0,
			 "would be sealed", NULL},
			NULL, NULL},
		{{"to oneself", "", "send me@sender.example", MAIL("me@sender.example", "19") TEXT,
			 0, "", ""},
			SEALED, CLEAR},
		{{"encrypted already", "", "send alice@x.example",
			 MAIL("alice@x.example", "20") "MIME-Version: 1.0\nContent-Type: "
						       "multipart/signed; boundary=b; "
						       "protocol=\"application/"
						       "pgp-signature\"\n\n--b\n\nx\n--b--\n",
			 0, "", ""},
			SEALED, NULL},
		{{"signed, in clear", "", "send --sign=always nobody@absent.example",
			 MAIL("nobody@absent.example", "21") TEXT, 0, "", ""},
			"BEGIN PGP SIGNATURE", SEALED},
		{{"not signed", "", "send --sign=never alice@x.example",
			 MAIL("alice@x.example", "22") TEXT, 0, "", ""},
			SEALED, CLEAR},
		{{"the MTA fails", "mta-fails", "send alice@x.example",
			 MAIL("alice@x.example", "23") TEXT, 75, "", NULL},
			SEALED, NULL},
		{{"and then does not", "", "send alice@x.example",
			 MAIL("alice@x.example", "23") TEXT, 0, "", ""},
			SEALED, NULL},
		{{"started by the MTA of its own", "inside", "send alice@x.example", TO_ALICE, 78,
			 "", "loop for ever"},
			NULL, NULL},
		{{"filtered", "", "filter alice@x.example", TO_ALICE, 0, SEALED, "", CLEAR}, NULL,
			NULL},
		{{"filtered, two copies", "", "filter --mixed=split -t", TO_BOTH, 69, "",
			 "filter gives one copy only"},
			NULL, NULL},
		{{"a mail with attachments", "", "send -t",
			 MAIL("alice@x.example",
				 "24") "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
				       "boundary=b\n\n--b\n\nthe text\n--b\nContent-Type: "
				       "application/octet-stream\nContent-Transfer-Encoding: "
				       "base64\n\nAAEC\n--b--\n",
			 0, "", ""},
			SEALED, CLEAR},
		{{"not a message", "", "send alice@x.example", "\001\002\n", 65, "", "hint: "},
			NULL, NULL},
		{{"what was refused", "", "why", NULL, 0, "nobody@late.example", NULL}, NULL, NULL},
		{{"as JSON", "", "why --json -n 1", NULL, 0, "\"reason\"", NULL}, NULL, NULL},
		{{"what was sent", "", "why --sent -n 100", NULL, 0, "alice@x.example", NULL}, NULL,
			NULL},
		{{"as JSON", "", "why --sent --json", NULL, 0, "\"version\":1", NULL}, NULL, NULL},
	};

	(void)state;
	new_home(conf_default);
	send_each(rows, sizeof(rows) / sizeof(rows[0]));
}

static void by_rules(void **state)
{
	static const struct sent_row rows[] = {
		{{"pinned", "", "lookup --pin alice@x.example", NULL, 0, "{A}", NULL}, NULL, NULL},
		{{"a rule's key", "", "send nobody@keys.example",
			 MAIL("nobody@keys.example", "1") TEXT, 0, "", ""},
			SEALED, CLEAR},
		{{"a rule's key that is not there", "", "send nobody@missing.example",
			 MAIL("nobody@missing.example", "2") TEXT, 69, "", "is not in the keyring"},
			NULL, NULL},
		{{"clear where it is unknown", "", "send nobody@late.example",
			 MAIL("nobody@late.example", "3") TEXT, 0, "", ""},
			CLEAR, NULL},
		{{"a public list", "", "send -t",
			 MAIL("list@lists.example, alice@x.example", "4") TEXT, 0, "", ""},
			CLEAR, NULL},
		{{"absence has to be proved", "", "send nobody@strict.example",
			 MAIL("nobody@strict.example", "5") TEXT, 69, "", "absence = proved"},
			NULL, NULL},
		{{"the pin goes on", "next", "refresh alice@x.example", NULL, 77, "held", NULL},
			NULL, NULL},
		{{"its rule says so", "next", "send alice@x.example",
			 MAIL("alice@x.example", "6") TEXT, 0, "", NULL},
			SEALED, NULL},
		{{"explained: every rule", "", "send --explain -t",
			 MAIL("nobody@keys.example, list@lists.example", "7") TEXT, 0,
			 "the ones that its policy names", NULL},
			NULL, NULL},
		{{"rejected", "", "pins reject alice@x.example {A}", NULL, 0, NULL, NULL}, NULL,
			NULL},
		{{"a rule's key that was rejected", "", "send nobody@keys.example",
			 MAIL("nobody@keys.example", "8") TEXT, 69, "", "was rejected"},
			NULL, NULL},
		{{"the settings", "", "config", NULL, 0, "keys.example", NULL}, NULL, NULL},
	};
	char config[2048];

	(void)state;
	snprintf(config, sizeof(config),
		"[sealpost]\nmta = /bin/true\n"
		"[policy keys]\nto = keys.example\nkey = %s\n"
		"[policy missing]\nto = missing.example\nkey = %s\n"
		"[policy late]\nto = late.example\non-unknown = clear\n"
		"[policy list]\nto = lists.example\npublic = yes\n"
		"[policy strict]\nto = strict.example\nabsence = proved\n"
		"[policy x]\nto = x.example\non-change = use-pin\n",
		fpr_a, fpr_b);
	new_home(config);
	send_each(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Where the domain has none, the key servers are asked. */
static void by_key_servers(void **state)
{
	static const struct sent_row rows[] = {
		{{"explained, without asking", "gone ks-has", "send --explain alice@x.example",
			 TO_ALICE, 75, "not known whether", NULL},
			NULL, NULL},
		{{"it fails: the domain's word counts", "gone ks-fails", "send alice@x.example",
			 TO_ALICE, 0, "", ""},
			CLEAR, SEALED},
		{{"a domain that cannot be asked", "ks-lies", "send a@late.example", TO_LATE, 75,
			 "", "cannot tell"},
			NULL, NULL},
		{{"what it has cannot be used", "gone ks-dead", "send bob@x.example",
			 MAIL("bob@x.example", "31") TEXT, 0, "", ""},
			CLEAR, NULL},
	};
	static const struct sent_row then[] = {
		{{"revoked: not taken for none", "gone ks-dead", "send alice@x.example",
			 MAIL("alice@x.example", "32") TEXT, 69, "",
			 "the key of the key server k.example"},
			NULL, NULL},
	};
	static const struct sent_row last[] = {
		{{"it has one", "gone ks-has", "send alice@x.example",
			 MAIL("alice@x.example", "33") TEXT, 0, "", ""},
			SEALED, CLEAR},
		{{"which is the pin now", "no-helper", "send alice@x.example",
			 MAIL("alice@x.example", "34") TEXT, 0, "", ""},
			SEALED, CLEAR},
		{{"of a mixture, too", "gone", "send --mixed=split -t",
			 MAIL("alice@x.example, nobody@absent.example", "35") TEXT, 0, "", ""},
			SEALED, NULL},
	};
	static const struct {
		const struct sent_row *rows;
		size_t n;
	} homes[] = {{rows, sizeof(rows) / sizeof(rows[0])}, {then, 1},
		{last, sizeof(last) / sizeof(last[0])}};
	size_t h;

	(void)state;
	for (h = 0; h < sizeof(homes) / sizeof(homes[0]); h++) {
		new_home("[sealpost]\nmta = /bin/true\nkeyservers = vks://k.example\n");
		send_each(homes[h].rows, homes[h].n);
	}
}

static void kept_copies(void **state)
{
	static const struct sent_row rows[] = {
		{{"sealed and kept", "", "send alice@x.example", TO_ALICE, 0, "", ""}, SEALED,
			CLEAR},
		{{"clear and kept", "", "send nobody@absent.example", TO_NOBODY, 0, "", ""}, CLEAR,
			SEALED},
		{{"sealed, with a named key", "", "send -i -f me@work.example alice@x.example",
			 "From: me@work.example\nTo: alice@x.example\n" TEXT, 78, "", NULL},
			NULL, NULL},
		{{"an unknown one is not kept", "", "send a@late.example", TO_LATE, 75, "",
			 "not sent"},
			NULL, NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\nsent = ~/Sent\nheader-protection = shy\n"
		 "[identity work]\nfrom = me@work.example\nsign-key = "
		 "0123456789012345678901234567890123456789\n");
	send_each(rows, sizeof(rows) / sizeof(rows[0]));
	assert_int_equal(access(in_home("Sent/cur"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_mail), cmocka_unit_test(by_rules),
		cmocka_unit_test(by_key_servers), cmocka_unit_test(kept_copies)};

	return cmocka_run_group_tests_name("send", tests, make_keys, drop_keys);
}
