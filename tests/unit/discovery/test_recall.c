/* SPDX-License-Identifier: ISC */
/* How long an answer counts, and what makes it another one's. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/temp_dir.h"
#include "conf/never_ask.h"
#include "discovery/cache.h"

static char root[FILE_PATH_MAX];
static struct conf conf;

static int setup(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(path_join(conf.cache_dir, root, "cache"), 0);
	conf.cache_found = 1000;
	conf.cache_absent = 500;
	conf.cache_failed = 20;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

static struct lookup_request request(const char *address, uint8_t methods)
{
	struct lookup_request q = {.id = 5, .methods = methods};

	assert_int_equal(addr_parse(address, &q.addr, NULL), 0);
	return q;
}

static void key_of(
	const struct conf *c, const char *address, uint8_t methods, uint8_t key[DIGEST_LEN])
{
	struct lookup_request q = request(address, methods);
	struct recall r;

	recall_open(&r, c);
	recall_key(&r, &q, key);
	recall_close(&r);
}

static void touch(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

/* Every setting that has a say makes another question of it. */
static void keys(void **state)
{
	uint8_t was[DIGEST_LEN], key[DIGEST_LEN];
	char file[FILE_PATH_MAX];
	struct conf c = conf;

	(void)state;
	key_of(&conf, "a@x.example", 3, was);
#define OTHER(change)                                                                              \
	do {                                                                                       \
		c = conf;                                                                          \
		change;                                                                            \
		key_of(&c, "a@x.example", 3, key);                                                 \
		if (memcmp(was, key, DIGEST_LEN) == 0)                                             \
			fail_msg("%s", #change);                                                   \
	} while (0)
	OTHER(snprintf(c.net.resolver, sizeof(c.net.resolver), "recursive"));
	OTHER(snprintf(c.net.trust_anchor, sizeof(c.net.trust_anchor), "/x"));
	OTHER(snprintf(c.net.root_hints, sizeof(c.net.root_hints), "/x"));
	OTHER(snprintf(c.net.ca_file, sizeof(c.net.ca_file), "/x"));
	OTHER(snprintf(c.net.proxy, sizeof(c.net.proxy), "socks5h://127.0.0.1:9050"));
	OTHER(c.net.methods = METHOD_WKD);
#undef OTHER
	key_of(&conf, "a@x.example", 1, key);
	assert_memory_not_equal(was, key, DIGEST_LEN);
	key_of(&conf, "A@x.example", 3, key); /* another OPENPGPKEY record */
	assert_memory_not_equal(was, key, DIGEST_LEN);
	key_of(&conf, "b@x.example", 3, key);
	assert_memory_not_equal(was, key, DIGEST_LEN);
	/* The domain's case, and how long to wait, make no difference. */
	c = conf;
	c.net.timeout_ms = 77;
	c.net.verbose = 1;
	key_of(&c, "a@X.Example", 3, key);
	assert_memory_equal(was, key, DIGEST_LEN);
	/* Another file of the same name. */
	assert_int_equal(path_join(file, root, "ca"), 0);
	touch(file, "x");
	memcpy(c.net.ca_file, file, strlen(file) + 1);
	key_of(&c, "a@x.example", 3, was);
	key_of(&c, "a@x.example", 3, key);
	assert_memory_equal(was, key, DIGEST_LEN);
	touch(file, "y");
	key_of(&c, "a@x.example", 3, key);
	assert_memory_not_equal(was, key, DIGEST_LEN);
}

static void round_trip(void **state)
{
	struct lookup_reply in = {.id = 3,
				    .ms = 9,
				    .wkd = {.status = METHOD_FOUND,
					    .method = METHOD_WKD_DIRECT,
					    .dnssec = DNS_SECURE,
					    .tls = TLS_WEBPKI,
					    .n_body = 1}},
			    out;
	struct lookup_request q = request("a@x.example", 3);
	int64_t now = (int64_t)time(NULL);
	struct answer times;
	uint8_t key[DIGEST_LEN], octets[] = {0x98, 0, 7};
	struct answer junk = {now, 60, octets, sizeof(octets)};
	struct recall r;

	(void)state;
	in.wkd.body[0].data = octets;
	in.wkd.body[0].len = sizeof(octets);
	recall_open(&r, &conf);
	recall_key(&r, &q, key);
	assert_int_equal(recall_get(&r, key, 0, &out, &times), 0);
	recall_put(&r, key, &in, now - 5, 60);
	assert_int_equal(recall_get(&r, key, now - 4, &out, &times), 0);
	assert_int_equal(recall_get(&r, key, now - 5, &out, &times), 1);
	assert_int_equal(times.asked, now - 5);
	assert_int_equal(times.keep, 60);
	assert_int_equal(out.wkd.status, METHOD_FOUND);
	assert_int_equal(out.wkd.tls, TLS_WEBPKI);
	assert_int_equal(out.wkd.body[0].len, sizeof(octets));
	assert_memory_equal(out.wkd.body[0].data, octets, sizeof(octets));
	lookup_reply_free(&out);
	recall_put(&r, key, &in, now, 0);
	assert_int_equal(recall_get(&r, key, 0, &out, &times), 0);
	/* Well kept, but no reply. */
	answers_put(r.db, key, &junk);
	assert_int_equal(recall_get(&r, key, 0, &out, &times), 0);
	recall_close(&r);
}

static void never_asked(void **state)
{
	static const struct {
		const char *list, *address;
		bool never;
	} row[] = {
		{"big.example", "a@big.example", true},
		{"big.example", "a@BIG.example", true},
		{"BIG.example", "a@big.example", true},
		{"big.example", "a@mail.big.example", false},
		{"big.example", "a@notbig.example", false},
		{"*.big.example", "a@mail.big.example", true},
		{"*.big.example", "a@x.y.big.example", true},
		{"*.big.example", "a@big.example", false},
		{"one.example, big.example", "a@big.example", true},
		{"one.example big.example\t*.two.example", "a@x.two.example", true},
		{"one.example,,big.example,", "a@two.example", false},
		{"*", "a@any.example", true},
		{"*", "root", false},
		{"b\xc3\xbc"
		 "cher.example",
			"a@xn--bcher-kva.example", true},
		{"big.example", "\"x@big.example\"@other.example", false},
	};
	static const char *const bad[] = {"", " , ", "a@big.example", "big..example",
		"*.b?g.example", "*.[a-z].example", "*.b\\g.example", "big.example;x"};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(never_ask_set(conf.never_ask, row[i].list, NULL), 0);
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		if (never_ask(&conf, &a) != row[i].never)
			fail_msg("%s: %s", row[i].list, row[i].address);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		if (never_ask_set(conf.never_ask, bad[i], &err) != ERR_CONFIG || err.msg[0] == '\0')
			fail_msg("taken: '%s'", bad[i]);
	}
	assert_string_equal(conf.never_ask, "big.example"); /* untouched */
	conf.never_ask[0] = '\0';
	assert_false(never_ask(&conf, &a));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(keys), TEST(round_trip), TEST(never_asked)};

	return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
