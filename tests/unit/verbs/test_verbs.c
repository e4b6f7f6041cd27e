/* SPDX-License-Identifier: ISC */
/* The verbs about keys, from their arguments to what they print. */
#include "verbs_util.h"

static void looked_up(void **state)
{
	static const struct step steps[] = {
		{"help", "", "lookup --help", NULL, 0, "usage: sealpost lookup", ""},
		{"no address", "", "lookup", NULL, 64, "", "hint: "},
		{"no such option", "", "lookup --nonsense a@b.example", NULL, 64, "", "hint: "},
		{"usable", "", "lookup alice@x.example", NULL, 0, "{A}", NULL},
		{"as JSON", "", "lookup --json alice@x.example", NULL, 0, "\"status\":\"usable\"",
			""},
		{"the certificate", "", "lookup --export alice@x.example", NULL, 0,
			"BEGIN PGP PUBLIC KEY BLOCK", NULL},
		{"absent", "", "lookup --json nobody@absent.example", NULL, 1,
			"\"absence\":\"unproved\"", NULL},
		{"absent, proved", "", "lookup --json nobody@proved.example", NULL, 1,
			"\"absence\":\"proved\"", NULL},
		{"unknown", "", "lookup a@late.example", NULL, 75, NULL, NULL},
		{"not a certificate", "", "lookup odd@x.example", NULL, 69,
			"not an OpenPGP certificate", NULL},
		{"two directories that differ", "", "lookup both@x.example", NULL, 69, NULL, NULL},
		{"several, from standard input", "", "lookup -",
			"alice@x.example\nnobody@absent.example\n", 1, "{A}", NULL},
		{"pins only", "", "lookup --offline alice@x.example", NULL, 75,
			"network was not asked", NULL},
		{"an answer of before", "dies", "lookup alice@x.example", NULL, 0, "{A}", NULL},
		{"asked again, and the helper dies", "dies", "lookup --fresh alice@x.example", NULL,
			75, NULL, NULL},
		{"there is no helper", "no-helper", "lookup --fresh alice@x.example", NULL, 78, "",
			"sealpost-net is not there"},
		{"pinned", "", "lookup --fresh --pin alice@x.example", NULL, 0, "{A}", NULL},
		{"the pin", "", "lookup --offline --json alice@x.example", NULL, 0,
			"\"pin\":\"match\"", NULL},
		{"another key than the pinned one", "next", "lookup --fresh --json alice@x.example",
			NULL, 77, "\"pin\":\"conflict\"", NULL},
		{"an address that cannot be looked up", "", "lookup root", NULL, 1, NULL, NULL},
		{"not an address", "", "lookup @@", NULL, 64, "", "hint: "},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

static void pins(void **state)
{
	static const struct step steps[] = {
		{"help", "", "pins --help", NULL, 0, "usage: sealpost pins list", ""},
		{"no subcommand", "", "pins", NULL, 64, "", "hint: "},
		{"none", "", "pins list", NULL, 1, "", "there are no pins"},
		{"none to show", "", "pins show alice@x.example", NULL, 1, "", "there is no pin"},
		{"the first", "", "lookup --pin alice@x.example", NULL, 0, "{A}", NULL},
		{"listed", "", "pins list", NULL, 0, "alice@x.example", ""},
		{"listed as JSON", "", "pins list --json", NULL, 0, "\"fingerprint\":\"{A}\"", ""},
		{"shown", "", "pins show alice@x.example", NULL, 0, "{A}", NULL},
		{"shown as JSON", "", "pins show --json alice@x.example", NULL, 0,
			"\"state\":\"tofu\"", NULL},
		{"nothing is held", "", "pins accept alice@x.example", NULL, 1, NULL, NULL},
		{"and so listed", "", "pins list --held", NULL, 1, "", "nothing is held"},
		{"only list takes it", "", "pins log --held", NULL, 64, "", "--held"},
		{"another key is held", "next", "refresh alice@x.example", NULL, 77, "held", NULL},
		{"which the list shows", "", "pins list", NULL, 0, "HELD", ""},
		{"and alone", "", "pins list --held", NULL, 0, "HELD", ""},
		{"and show", "", "pins show alice@x.example", NULL, 0, "{B}", NULL},
		{"rejected", "", "pins reject alice@x.example", NULL, 0, "{B}", NULL},
		{"and seen again", "next", "refresh --json alice@x.example", NULL, 0,
			"\"outcome\":\"rejected\"", NULL},
		{"accepted all the same", "", "pins accept alice@x.example {B}", NULL, 0, "{B}",
			NULL},
		{"verified", "", "pins verify alice@x.example {B}", NULL, 0, "{B}", NULL},
		{"not that one", "", "pins verify alice@x.example {A}", NULL, 1, NULL, NULL},
		{"the log", "", "pins log", NULL, 0, "verified", NULL},
		{"the log as JSON", "", "pins log --json alice@x.example", NULL, 0,
			"\"event\":\"verified\"", NULL},
		{"clear text to a domain", "", "pins allow-clear absent.example", NULL, 0, NULL,
			NULL},
		{"clear text to an address", "", "pins allow-clear --json nobody@late.example",
			NULL, 0, "allow", NULL},
		{"not to a served domain", "", "pins allow-clear x.example", NULL, 1, NULL, NULL},
		{"exported", "", "pins export", NULL, 0, "alice@x.example", NULL},
		{"to a certificate directory", "", "pins export --cert-d {HOME}/certd", NULL, 0,
			NULL, NULL},
		{"forgotten", "", "pins forget alice@x.example", NULL, 0, NULL, NULL},
		{"forgotten before", "", "pins forget alice@x.example", NULL, 1, NULL, NULL},
		{"a directory is only compared with", "", "pins import {HOME}/certd", NULL, 0, NULL,
			"without a pin, ignored: 1"},
		{"imported from nothing", "", "pins import -", "", 65, "", "holds nothing"},
		{"nonsense is not imported", "", "pins import -", "nonsense\n", 65, NULL, NULL},
		{"from gnupg", "", "pins import --from-gnupg", NULL, 0,
			"me@sender.example: pinned {ME}", ""},
		{"a word that is no subcommand", "", "pins acept", NULL, 64, "", "accept"},
		{"the last refusal, of which there is none", "", "pins accept --last", NULL, 1,
			NULL, NULL},
		{"likewise", "", "pins allow-clear --last", NULL, 1, NULL, NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

static void exported_and_imported(void **state)
{
	static const struct step first[] = {
		{"pinned", "", "lookup --pin alice@x.example", NULL, 0, "{A}", NULL},
		{"allowed", "", "pins allow-clear nobody@absent.example", NULL, 0, NULL, NULL},
		{"exported", "", "pins export", NULL, 0, "BEGIN PGP", NULL},
	};
	static const struct step then[] = {
		{"imported", "", "pins import {HOME}/../moved", NULL, 0, "alice@x.example", NULL},
		{"again", "", "pins import {HOME}/../moved", NULL, 0, "unchanged", NULL},
		{"it is the pin", "", "lookup --offline alice@x.example", NULL, 0, "{A}", NULL},
		{"another came meanwhile", "next", "pins accept alice@x.example", NULL, 1, NULL,
			NULL},
	};
	static struct buf moved = BUF_INIT(OUTPUT_MAX);
	char path[FILE_PATH_MAX];

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(first);
	take_output("out", &moved);
	new_home("[sealpost]\nmta = /bin/true\n");
	assert_int_equal(path_join(path, home_dir_of_test, "../moved"), 0);
	write_file(path, moved.p, moved.len);
	RUN_STEPS(then);
	unlink(path);
	buf_free(&moved);
}

static void refreshed(void **state)
{
	static const struct step steps[] = {
		{"help", "", "refresh --help", NULL, 0, "usage: sealpost refresh", ""},
		{"nothing is due", "", "refresh", NULL, 0, NULL, NULL},
		{"no such pin", "", "refresh alice@x.example", NULL, 1, NULL, "no pin"},
		{"pinned", "", "lookup --pin alice@x.example", NULL, 0, "{A}", NULL},
		{"not due", "", "refresh --json", NULL, 0, "", NULL},
		{"unchanged", "", "refresh --json --all", NULL, 0, "\"outcome\":\"unchanged\"",
			NULL},
		{"no answer", "late", "refresh --json alice@x.example", NULL, 75,
			"\"outcome\":\"unknown\"", NULL},
		{"gone", "gone", "refresh --json alice@x.example", NULL, 0, "\"outcome\":\"kept\"",
			NULL},
		{"revoked", "revoked", "refresh --json alice@x.example", NULL, 0,
			"\"outcome\":\"revoked\"", NULL},
		{"and then another", "next", "refresh alice@x.example", NULL, 77, "held", NULL},
		{"which is accepted", "", "pins accept alice@x.example", NULL, 0, "{B}", NULL},
		{"and is the same", "next", "refresh --all", NULL, 0, "unchanged", NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

static void checked(void **state)
{
	static const struct step steps[] = {
		{"help", "", "check --help", NULL, 0, "usage: sealpost check", ""},
		{"no domain", "", "check", NULL, 64, "", "hint: "},
		{"not a domain", "", "check nodots", NULL, 64, "", "hint: "},
		{"not a port", "", "check --live=x bound.example", NULL, 64, "", "hint: "},
		{"bound", "", "check bound.example", NULL, 0, "protected in transit, by DANE", ""},
		{"as JSON", "", "check --json bound.example", NULL, 0, "\"protection\":\"dane\"",
			""},
		{"live", "", "check --live bound.example", NULL, 0, "TLSv1.3", ""},
		{"not bound", "", "check absent.example", NULL, 1, "not protected in transit", ""},
		{"accepts no mail", "", "check nomail.example", NULL, 1, "it accepts no mail", ""},
		{"cannot be told", "", "check --json late.example", NULL, 75,
			"\"protection\":\"unknown\"", ""},
		{"nothing can be asked", "", "check silent.example", NULL, 75, "no trust anchor",
			""},
		{"an address", "", "check alice@bound.example", NULL, 0, "alice@bound.example", ""},
		{"an address, as JSON", "", "check --json nobody@bound.example", NULL, 0,
			"\"status\":\"absent\"", ""},
		{"the helper dies", "dies", "check bound.example", NULL, 75, "", "hint: "},
		{"there is none", "no-helper", "check bound.example", NULL, 78, "",
			"sealpost-net is not there"},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

static void key_servers(void **state)
{
	static const struct step steps[] = {
		{"nobody has one", "gone", "lookup --json alice@x.example", NULL, 1,
			"k.example has none either; the key server l.example has none either", ""},
		{"the cache has both answers", "gone ks-has", "lookup --json alice@x.example", NULL,
			1, "\"cached\":true", NULL},
		{"a key server has it", "gone ks-has", "lookup --json --fresh alice@x.example",
			NULL, 0, "\"method\":\"keyserver\"", ""},
		{"in words", "gone", "lookup alice@x.example", NULL, 0, "keyserver", NULL},
		{"several, twice the same", "gone", "lookup alice@x.example alice@x.example", NULL,
			0, "{A}", NULL},
		{"the domain first", "ks-other", "lookup --fresh alice@x.example", NULL, 0, "{A}",
			NULL},
		{"unknown is unknown", "ks-lies", "lookup --json a@late.example", NULL, 75,
			"\"keyserver\":null", NULL},
		{"it lies", "ks-lies", "lookup --fresh --json nobody@proved.example", NULL, 1,
			"\"absence\":\"proved\"", NULL},
		{"it fails", "ks-fails", "lookup --fresh --json nobody@absent.example", NULL, 1,
			"failed: ", NULL},
		{"what it has is revoked", "gone ks-dead", "lookup --fresh alice@x.example", NULL,
			69, "the key of the key server k.example", NULL},
	};
	static const struct step pinned[] = {
		{"pinned", "gone ks-has", "lookup --fresh --pin alice@x.example", NULL, 0, "{A}",
			NULL},
		{"as what it is", "", "pins list --json", NULL, 0, "\"method\":\"keyserver\"", ""},
		{"shown", "", "pins show alice@x.example", NULL, 0, "keyserver", NULL},
		{"asked again", "gone ks-has", "refresh alice@x.example", NULL, 0, "unchanged",
			NULL},
		{"it is gone: the pin stays", "gone", "refresh --json alice@x.example", NULL, 0,
			"\"fingerprint\":\"{A}\"", NULL},
		{"it fails: nothing is known", "gone ks-fails", "refresh alice@x.example", NULL, 75,
			NULL, NULL},
		{"the pin is in use", "gone ks-fails", "lookup --offline alice@x.example", NULL, 0,
			"{A}", NULL},
		{"another is held", "gone ks-other", "refresh alice@x.example", NULL, 77, "held",
			NULL},
		{"its revocation counts", "gone ks-dead", "refresh alice@x.example", NULL, 77,
			"revoked", NULL},
		{"the domain's takes its place", "next", "refresh alice@x.example", NULL, 0,
			"replaced", NULL, "held"},
		{"which is the domain's", "", "pins list --json", NULL, 0,
			"\"method\":\"wkd-advanced\"", ""},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\nkeyservers = vks://k.example vks://l.example\n");
	RUN_STEPS(steps);
	new_home("[sealpost]\nmta = /bin/true\nkeyservers = vks://k.example\n");
	RUN_STEPS(pinned);
}

/* Each sender's own state. */
static void senders(void **state)
{
	static const struct step steps[] = {
		{"nobody is named", "", "refresh", NULL, 64, "", "sealpost -f ADDRESS"},
		{"nor to look up", "", "lookup alice@x.example", NULL, 64, "", "-f ADDRESS"},
		{"settings need nobody", "", "config data-dir", NULL, 0, "/senders/%s", ""},
		{"nor does doctor", "", "doctor", NULL, 1, "one for each sender", NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\ndata-dir = ~/senders/%s\n");
	RUN_STEPS(steps);
}

static void told(void **state)
{
	static const struct step steps[] = {
		{"nothing was refused", "", "why", NULL, 1, "", NULL},
		{"nothing was sent", "", "why --sent", NULL, 1, "", NULL},
		{"not a number", "", "why -n x", NULL, 64, "", "hint: "},
		{"settings", "", "config", NULL, 0, "/bin/true", NULL},
		{"settings as JSON", "", "config --json", NULL, 0, "\"mta\"", NULL},
		{"doctor's help", "", "doctor --help", NULL, 0, "usage: sealpost doctor", ""},
		{"doctor", "", "doctor", NULL, 1, "signing", NULL},
		{"doctor asks", "", "doctor --online", NULL, 1, NULL, NULL},
		{"reports of nothing", "", "reports -", "", 65, NULL, NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(looked_up), cmocka_unit_test(pins),
		cmocka_unit_test(exported_and_imported), cmocka_unit_test(refreshed),
		cmocka_unit_test(checked), cmocka_unit_test(told), cmocka_unit_test(key_servers),
		cmocka_unit_test(senders)};

	return cmocka_run_group_tests_name("verbs", tests, make_keys, drop_keys);
}
