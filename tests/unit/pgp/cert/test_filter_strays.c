/* SPDX-License-Identifier: ISC */
#include "packets_util.h"

/* What a signature is for it says by the beginning of its hash: it goes with that, or is a stray.
 */
static void test_strays(void **state)
{
	static const struct {
		const char *head;
		unsigned tag, version; /* of a subkey */
		uint8_t type;
		bool fits;
		const char *parts, *strays;
	} rows[] = {
		{"me@example.org", PACKET_USER_ID, 0, 0x13, true, "#6 #13 13", ""},
		{"me@example.org", PACKET_USER_ID, 0, 0x13, false, "#6 #13", "13"},
		{"me@example.org", PACKET_USER_ID, 0, 0x30, false, "#6 #13", "30"},
		{"me@example.org", PACKET_USER_ID, 0, 0x28, true, "#6 #13", "28"},
		{"else@example.org", PACKET_USER_ID, 0, 0x13, true, "#6", ""},
		{"else@example.org", PACKET_USER_ID, 0, 0x10, false, "#6", "10"},
		{"else@example.org", PACKET_USER_ID, 0, 0x13, false, "#6", "13"},
		{"else@example.org", PACKET_USER_ID, 0, 0x30, true, "#6", ""},
		{"else@example.org", PACKET_USER_ID, 0, 0x30, false, "#6", "30"},
		{"else@example.org", PACKET_USER_ID, 0, 0x18, true, "#6", "18"},
		{"\2\1x", PACKET_USER_ATTRIBUTE, 0, 0x13, true, "#6", ""},
		{"\2\1x", PACKET_USER_ATTRIBUTE, 0, 0x30, false, "#6", "30"},
		{"sub", PACKET_PUBLIC_SUBKEY, 4, 0x18, true, "#6 #14 18", ""},
		{"sub", PACKET_PUBLIC_SUBKEY, 4, 0x18, false, "#6 #14", "18"},
		{"sub", PACKET_PUBLIC_SUBKEY, 4, 0x28, false, "#6 #14", "28"},
		{"sub", PACKET_PUBLIC_SUBKEY, 4, 0x30, true, "#6 #14", "30"},
		{"sub", PACKET_PUBLIC_SUBKEY, 5, 0x18, true, "#6", ""},
		{"sub", PACKET_PUBLIC_SUBKEY, 5, 0x28, false, "#6", "28"},
		{"sub", PACKET_PUBLIC_SUBKEY, 6, 0x18, true, "#6", ""},
	};
	struct buf b = BUF_INIT(65536);
	const struct filter_cert *c;
	struct filter_set set;
	uint8_t me[20];
	size_t i;

	(void)state;
	own_fpr(me);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %02x behind %s, %d\n", rows[i].type, rows[i].head, rows[i].fits);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		if (rows[i].tag == PACKET_PUBLIC_SUBKEY)
			add_key(&b, rows[i].tag, rows[i].version, rows[i].head);
		else
			add(&b, rows[i].tag, rows[i].head, strlen(rows[i].head));
		if (rows[i].fits)
			add_sig(&b, rows[i].type, me, false);
		else
			add_misplaced(&b, rows[i].type, me);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		c = &set.v[0];
		assert_string_equal(shape(c->data, c->stray_at), rows[i].parts);
		assert_string_equal(
			shape(c->data + c->stray_at, c->len - c->stray_at), rows[i].strays);
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* What a signature is for is not looked for without end. */
static void test_much_to_hash(void **state)
{
	static const uint8_t large[FILTER_HASHED_MAX / 32];
	struct buf b = BUF_INIT(FILTER_OCTETS_MAX);
	struct filter_set set;
	uint8_t me[20];
	size_t i;

	(void)state;
	own_fpr(me);
	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	add(&b, PACKET_USER_ATTRIBUTE, large, sizeof(large));
	for (i = 0; i < 40; i++)
		add_sig(&b, 0x13, me, false);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_int_equal(keys_of(&set, PACKET_SIGNATURE), 40 - 31);
	assert_true(set.v[0].stray_at < set.v[0].len);
	filter_set_free(&set);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strays),
		cmocka_unit_test(test_much_to_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
