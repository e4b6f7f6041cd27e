/* SPDX-License-Identifier: ISC */
/* A reply, with real certificates and a real store: what becomes of the finding, and of the pin. */
#include "verbs_util.h"

#include "discovery/discover_priv.h"
#include "discovery/pin_update.h"
#include "pgp/gpg/home.h"

enum pinned { NO_PIN, PIN_A, PIN_A_VERIFIED, PIN_A_REJECTED, PIN_A_REVOKED, PIN_A_LAPSED, ALLOWED };
enum shown { ABSENT, ABSENT_PROVED, LATE, KEY_A, KEY_B, REVOKED_A, TEXT_ALIKE, TEXT_OTHER, MANY };

static struct store *store_of_test;
static struct app app_of_test;

static void put_pin(enum pinned how, const struct cert *c)
{
	struct pin p = {.state = how == PIN_A_VERIFIED   ? PIN_VERIFIED
				 : how == PIN_A_REJECTED ? PIN_REJECTED
				 : how == ALLOWED        ? PIN_CLEAR
							 : PIN_TOFU,
		.revoked = how == PIN_A_REVOKED};

	if (how == NO_PIN)
		return;
	snprintf(p.address, sizeof(p.address), "alice@x.example");
	if (how != ALLOWED) {
		memcpy(p.fpr, c->fpr, sizeof(p.fpr));
		p.cert = c->data;
		p.cert_len = c->len;
		p.n_enc = how == PIN_A_LAPSED ? 0 : c->n_enc;
		memcpy(p.enc_keyid, c->enc_keyid, sizeof(p.enc_keyid));
	}
	assert_int_equal(store_pin_put(store_of_test, &p, "pinned", NULL), 0);
}

static void show(struct method_result *m, enum shown what)
{
	struct buf many = BUF_INIT(1 << 20);
	int i;

	m->dnssec = DNS_INSECURE;
	m->url = copy_text("");
	m->reason = copy_text("because");
	m->status = METHOD_ABSENT;
	switch (what) {
	case ABSENT:
		break;
	case ABSENT_PROVED:
		m->proved = true;
		break;
	case LATE:
		m->status = METHOD_FAILED;
		break;
	case KEY_A:
		serve_cert(m, &cert_a);
		break;
	case KEY_B:
		serve_cert(m, &cert_b);
		break;
	case REVOKED_A:
		serve_cert(m, &cert_revoked);
		break;
	case MANY:
		for (i = 0; i < 17; i++)
			assert_int_equal(buf_add(&many, cert_a.p, cert_a.len), 0);
		serve_body(m, (const char *)many.p, many.len);
		break;
	case TEXT_ALIKE:
	case TEXT_OTHER:
		serve_body(m, "hello", 5);
		m->control = what == TEXT_ALIKE ? CONTROL_ALIKE : CONTROL_OTHER;
		break;
	}
	buf_free(&many);
}

static const struct row {
	const char *name;
	enum pinned pin;
	enum shown wkd, dane;
	enum key_status status;
	enum tofu_verdict tofu;
	const char *fpr; /* "A", "B" or "" */
	const char *reason;
	enum pin_state then; /* the pin, once first uses were kept */
	bool revoked, held;
} rows[] = {
	{"first use", NO_PIN, KEY_A, ABSENT, KEY_USABLE, TOFU_FIRST, "A", "publishes it", PIN_TOFU,
		false, false},
	{"nothing", NO_PIN, ABSENT, ABSENT, KEY_ABSENT_UNPROVED, TOFU_NOTHING, "", "because",
		PIN_NONE, false, false},
	{"no answer", NO_PIN, LATE, ABSENT, KEY_UNKNOWN, TOFU_NOTHING, "", "because", PIN_NONE,
		false, false},
	{"both agree", NO_PIN, KEY_A, KEY_A, KEY_USABLE, TOFU_FIRST, "A", "agree", PIN_TOFU, false,
		false},
	{"both differ", NO_PIN, KEY_A, KEY_B, KEY_CONFLICT, TOFU_NOTHING, "",
		"a different certificate", PIN_NONE, false, false},
	{"both differ, one is pinned", PIN_A, KEY_A, KEY_B, KEY_USABLE, TOFU_SAME, "A",
		"the pinned one of them", PIN_TOFU, false, false},
	{"revoked by one, usable by the other", NO_PIN, KEY_A, REVOKED_A, KEY_UNUSABLE,
		TOFU_NOTHING, "", "revoked", PIN_NONE, false, false},
	{"a page that answers alike", NO_PIN, TEXT_ALIKE, ABSENT, KEY_ABSENT_UNPROVED, TOFU_NOTHING,
		"", "answers every name alike", PIN_NONE, false, false},
	{"a page that does not", NO_PIN, TEXT_OTHER, ABSENT, KEY_UNUSABLE, TOFU_NOTHING, "",
		"not an OpenPGP certificate", PIN_NONE, false, false},
	{"the pinned one", PIN_A, KEY_A, ABSENT, KEY_USABLE, TOFU_SAME, "A", "publishes it",
		PIN_TOFU, false, false},
	{"another than the pinned one", PIN_A, KEY_B, ABSENT, KEY_CONFLICT, TOFU_HOLD, "B",
		"a different key than the pinned one", PIN_TOFU, false, true},
	{"another than the verified one", PIN_A_VERIFIED, KEY_B, ABSENT, KEY_CONFLICT, TOFU_HOLD,
		"B", "a different key", PIN_VERIFIED, false, true},
	{"the pinned one is gone", PIN_A, ABSENT_PROVED, ABSENT, KEY_USABLE, TOFU_USE_PIN, "A",
		"no longer published", PIN_TOFU, false, false},
	{"no answer, and a pin", PIN_A, LATE, ABSENT, KEY_USABLE, TOFU_USE_PIN, "A",
		"the lookup failed", PIN_TOFU, false, false},
	{"the pinned one is revoked", PIN_A, REVOKED_A, ABSENT, KEY_UNUSABLE, TOFU_PIN_DEAD, "",
		"the pinned key is revoked", PIN_TOFU, true, false},
	{"it was, and another comes", PIN_A_REVOKED, KEY_B, ABSENT, KEY_CONFLICT, TOFU_HOLD, "B",
		"the pinned key is revoked, and a different one", PIN_TOFU, true, true},
	{"its owner took it back, and it is gone", PIN_A_LAPSED, ABSENT_PROVED, ABSENT,
		KEY_UNUSABLE, TOFU_PIN_DEAD, "", "the pinned key can no longer be used", PIN_TOFU,
		false, false},
	{"its owner took it back, and nobody answers", PIN_A_LAPSED, LATE, ABSENT, KEY_UNUSABLE,
		TOFU_PIN_DEAD, "", "can no longer be used", PIN_TOFU, false, false},
	{"its owner took it back, and it has a new encryption key", PIN_A_LAPSED, KEY_A, ABSENT,
		KEY_USABLE, TOFU_SAME, "A", "publishes it", PIN_TOFU, false, false},
	{"its owner took it back, and another comes", PIN_A_LAPSED, KEY_B, ABSENT, KEY_CONFLICT,
		TOFU_HOLD, "B", "a different key", PIN_TOFU, false, true},
	{"a rejected one", PIN_A_REJECTED, KEY_A, ABSENT, KEY_CONFLICT, TOFU_REJECTED, "A",
		"was rejected", PIN_REJECTED, false, false},
	{"another than the rejected one", PIN_A_REJECTED, KEY_B, ABSENT, KEY_CONFLICT, TOFU_HOLD,
		"B", "than the rejected one", PIN_REJECTED, false, true},
	{"a key where clear text was allowed", ALLOWED, KEY_A, ABSENT, KEY_USABLE, TOFU_FIRST, "A",
		"publishes it", PIN_TOFU, false, false},
	{"more than can be read", NO_PIN, MANY, ABSENT, KEY_UNUSABLE, TOFU_NOTHING, "",
		"more than 16 certificates", PIN_NONE, false, false},
	{"more than can be read, and one that can", NO_PIN, MANY, KEY_A, KEY_USABLE, TOFU_FIRST,
		"A", "publishes it", PIN_TOFU, false, false},
	{"more than can be read, and a pin", PIN_A, MANY, ABSENT, KEY_USABLE, TOFU_USE_PIN, "A",
		"more than 16 certificates", PIN_TOFU, false, false},
	{"clear text is allowed, and no key", ALLOWED, ABSENT, ABSENT, KEY_ABSENT_UNPROVED,
		TOFU_NOTHING, "", "because", PIN_CLEAR, false, false},
};

static void check_row(const struct row *row, const struct cert *pinned)
{
	struct addr a = keys_address("alice@x.example");
	struct discover d = {.app = &app_of_test, .store = store_of_test, .keep = true};
	struct finding f = {.addr = &a, .wanted = true};
	struct answered g = {.f = &f, .times = {.asked = 1000000}};
	struct err err = ERR_INIT;
	struct pin then = {0};
	const char *fpr = row->fpr[0] == 'A' ? fpr_a : row->fpr[0] == 'B' ? fpr_b : "";
	int rc;

	put_pin(row->pin, pinned);
	assert_true(store_pin_get(store_of_test, a.name, &f.pin, NULL) >= 0);
	g.reply.wkd.method = METHOD_WKD_ADVANCED;
	g.reply.dane.method = METHOD_OPENPGPKEY;
	show(&g.reply.wkd, row->wkd);
	show(&g.reply.dane, row->dane);
	rc = absorb(&d, &g, 1, NULL, &err);
	if (rc == 0)
		rc = keep_first(&d, &f, &err);
	if (rc != 0 || f.status != row->status || f.tofu != row->tofu ||
		strcmp(f.cert.fpr, fpr) != 0 || !strstr(f.reason, row->reason))
		fail_msg("%s: %d %s: %s (%d): %s %s", row->name, rc, err.msg,
			key_status_name(f.status), (int)f.tofu, f.cert.fpr, f.reason);
	assert_true(store_pin_get(store_of_test, a.name, &then, NULL) >= 0);
	if (then.state != row->then || then.revoked != row->revoked || then.held != row->held)
		fail_msg("%s: then %s, %d %d", row->name, pin_state_name(then.state), then.revoked,
			then.held);
	pin_free(&then);
	finding_free(&f);
	lookup_reply_free(&g.reply);
}

static void each_reply(void **state)
{
	struct cert_set set = {0};
	struct err err = ERR_INIT;
	struct addr a = keys_address("alice@x.example");
	struct intake in = {.addr = &a};
	char dir[FILE_PATH_MAX];
	size_t i;

	(void)state;
	assert_int_equal(gpg_init(&err), 0);
	assert_int_equal(intake_read(&in, cert_a.p, cert_a.len, &set, &err), 0);
	app_of_test.conf.net.timeout_ms = 10000;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(dir_make_temp(dir, NULL), 0);
		assert_int_equal(path_join(app_of_test.conf.data_dir, dir, "data"), 0);
		assert_int_equal(
			store_open(&store_of_test, app_of_test.conf.data_dir, false, &err), 0);
		check_row(&rows[i], &set.v[0]);
		store_close(store_of_test);
		dir_remove(dir);
	}
	cert_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_reply)};

	return cmocka_run_group_tests_name("judge_reply", tests, make_keys, drop_keys);
}
