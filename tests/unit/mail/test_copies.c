/* SPDX-License-Identifier: ISC */
/* mail/copies.c: who gets which copy, and that nobody hidden is anywhere but in a copy of their
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mail/copies.h"

#define SETS 1000
#define RCPT_MAX 24

/* Recipients: N named or H hidden with a key, n or h without. Copies: how:recipients/keys, by
 * index. */
static const struct {
	const char *name, *rcpt;
	bool as_it_was;
	const char *copies;
} rows[] = {
	{"one", "N", false, "s:0/0"},
	{"one in clear", "n", false, "c:0/"},
	{"named", "NNN", false, "s:012/012"},
	{"hidden alone", "H", false, "s:0/0"},
	{"two hidden, nobody named", "HH", false, "s:0/0 s:1/1"},
	{"hidden beside named", "NHN", false, "s:02/02 s:1/102"},
	{"hidden first", "HN", false, "s:1/1 s:0/01"},
	{"split", "NnN", false, "s:02/02 c:1/"},
	{"split, hidden ones of both kinds", "NnHh", false, "s:0/0 c:13/ s:2/20"},
	{"all in clear, one hidden", "nnh", false, "c:012/"},
	{"hidden sealed, named in clear", "nH", false, "c:0/ s:1/1"},
	{"came encrypted", "NHn", true, "a:012/"},
};

static size_t recipients(const char *s, struct copy_rcpt *r)
{
	size_t n;

	for (n = 0; s[n]; n++)
		r[n] = (struct copy_rcpt){strchr("Hh", s[n]) != NULL, strchr("NH", s[n]) != NULL};
	return n;
}

static void print_index(struct buf *out, const size_t *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)buf_addf(out, "%zu", v[i]);
}

/* The same sets every time: a failure can be looked at. */
static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void plans(void **state)
{
	struct copy_rcpt r[RCPT_MAX];
	struct copies c;
	struct buf got = BUF_INIT(256);
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = recipients(rows[i].rcpt, r);

		assert_int_equal(copies_plan(r, n, rows[i].as_it_was, &c, NULL), 0);
		buf_reset(&got);
		for (j = 0; j < c.n; j++) {
			(void)buf_addf(&got, "%s%c:", j ? " " : "", "sca"[c.v[j].how]);
			print_index(&got, c.v[j].rcpt, c.v[j].n_rcpt);
			(void)buf_addc(&got, '/');
			print_index(&got, c.v[j].key, c.v[j].n_key);
			assert_int_equal(c.v[j].state, COPY_WAITS);
			assert_int_equal(c.v[j].out.fd, -1);
		}
		if (strcmp(buf_str(&got), rows[i].copies) != 0)
			fail_msg("%s: %s instead of %s", rows[i].name, buf_str(&got),
				rows[i].copies);
		copies_free(&c);
	}
	buf_free(&got);
}

static bool holds(const size_t *v, size_t n, size_t x)
{
	while (n > 0) {
		if (v[--n] == x)
			return true;
	}
	return false;
}

/* What each copy may know of recipient i, told from the copy's own recipients alone. */
static void check_one(const struct copy_rcpt *r, size_t n, const struct mail_copy *c, unsigned seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool gets = holds(c->rcpt, c->n_rcpt, i), key = holds(c->key, c->n_key, i);

		if (r[i].hidden && r[i].seal && gets != key)
			fail_msg("set %u: the key of hidden %zu", seed, i);
		if (r[i].hidden && r[i].seal && gets && c->n_rcpt != 1)
			fail_msg("set %u: hidden %zu shares a copy", seed, i);
		if (gets && (c->how == COPY_SEALED) != r[i].seal)
			fail_msg("set %u: %zu gets the wrong kind", seed, i);
		if (key && !r[i].seal)
			fail_msg("set %u: %zu has no key", seed, i);
		if (c->how == COPY_SEALED && r[i].seal && !r[i].hidden && !key)
			fail_msg("set %u: named %zu cannot read", seed, i);
	}
}

static void hidden_ones_are_nowhere_else(void **state)
{
	struct copy_rcpt r[RCPT_MAX];
	struct copies c;
	unsigned seed, drawn;
	size_t i, j, n;

	(void)state;
	for (seed = 1; seed <= SETS; seed++) {
		drawn = seed * 2654435761u;
		n = 1 + draw(&drawn, RCPT_MAX);
		for (i = 0; i < n; i++)
			r[i] = (struct copy_rcpt){draw(&drawn, 3) == 0, draw(&drawn, 4) > 0};
		assert_int_equal(copies_plan(r, n, false, &c, NULL), 0);
		for (j = 0; j < c.n; j++)
			check_one(r, n, &c.v[j], seed);
		for (i = 0; i < n; i++) {
			size_t got = 0;

			for (j = 0; j < c.n; j++)
				got += holds(c.v[j].rcpt, c.v[j].n_rcpt, i);
			if (got != 1)
				fail_msg("set %u: %zu gets %zu copies", seed, i, got);
		}
		copies_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans), cmocka_unit_test(hidden_ones_are_nowhere_else)};

	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
