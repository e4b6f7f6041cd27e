/* SPDX-License-Identifier: ISC */
/* mail/marks.c: each certificate that a copy is sealed with gets its marks, however many there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/mail.h"
#include "pgp/cert/sig_marks.h"
#include "store/marks.h"

#define MANY (2 * SIG_MARKS_CERTS_MAX + 50)

static struct finding finding[MANY];
static size_t known;              /* of the recipients: their marks are in the cache */
static size_t runs, largest, put; /* of gpg, certificates of one, and what was put into the cache */
static size_t fails;              /* which run of gpg does; 0: none */

static struct cert *cert_of(size_t i)
{
	return &finding[i].cert;
}

size_t mail_certs(const struct mail *m, size_t i)
{
	(void)m;
	(void)i;
	return 1;
}

const struct cert *mail_cert(const struct mail *m, size_t i, size_t k)
{
	(void)m;
	assert_int_equal(k, 0);
	return cert_of(i);
}

struct cache *session_cache(struct session *s, const struct conf *c)
{
	(void)s;
	(void)c;
	return NULL;
}

int sig_marks_key(const uint8_t *data, size_t len, uint8_t key[DIGEST_LEN])
{
	memset(key, 0, DIGEST_LEN);
	memcpy(key, data, len);
	return 0;
}

int sig_marks_make(struct sig_marks *m, size_t n, struct err *err)
{
	char text[32];
	size_t i;

	if (++runs == fails)
		return err_set(err, ERR_TEMP, "no");
	largest = n > largest ? n : largest;
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "made of %s", (const char *)m[i].data);
		m[i].text = strdup(text);
	}
	return 0;
}

void marks_get(struct cache *c, struct kept_marks *m, size_t n)
{
	size_t i;

	(void)c;
	for (i = 0; i < n; i++) {
		if (strtoul((const char *)m[i].key, NULL, 10) < known)
			m[i].text = strdup("kept");
	}
}

void marks_put(const char *dir, const struct kept_marks *m, size_t n)
{
	size_t i;

	(void)dir;
	for (put = i = 0; i < n; i++)
		put += m[i].text != NULL;
}

static int set_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		cert_of(i)->data = calloc(1, 16);
		if (!cert_of(i)->data)
			return -1;
		cert_of(i)->len = (size_t)snprintf((char *)cert_of(i)->data, 16, "%zu", i) + 1;
	}
	return 0;
}

static int clear_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		free(cert_of(i)->data);
	return 0;
}

/* To n visible recipients, of whom the first is hidden in a copy of their own too. */
static void mark(struct mail *m, size_t n)
{
	static struct app app;
	static size_t key[MANY], again[2];
	static struct mail_copy copies[] = {{.key = key}, {.key = again, .n_key = 2}};
	size_t i;

	for (i = 0; i < n; i++)
		key[i] = i;
	again[1] = 1;
	copies[0].n_key = n;
	*m = (struct mail)MAIL_INIT(&app);
	m->env.n = MANY;
	m->finding = finding;
	m->copies.v = copies;
	m->copies.n = 2;
	runs = largest = put = 0;
	assert_int_equal(mail_marks(m, NULL), 0);
}

enum marks { NONE, KEPT, MADE };

static void check_marks(const struct mail *m, size_t from, size_t to, enum marks which)
{
	char want[32];
	size_t i;

	for (i = from; i < to; i++) {
		const char *got = mail_marks_of(m, cert_of(i));

		snprintf(want, sizeof(want), "made of %zu", i);
		if (which == NONE)
			assert_null(got);
		else
			assert_string_equal(got, which == KEPT ? "kept" : want);
	}
}

static void every_certificate(void **state)
{
	static const size_t numbers[] = {2, SIG_MARKS_CERTS_MAX, SIG_MARKS_CERTS_MAX + 1, MANY - 1};
	struct mail m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const size_t n = numbers[i];

		known = fails = 0;
		mark(&m, n);
		check_marks(&m, 0, n, MADE);
		check_marks(&m, n, MANY, NONE);
		assert_int_equal(put, n);
		assert_int_equal(runs, (n + SIG_MARKS_CERTS_MAX - 1) / SIG_MARKS_CERTS_MAX);
		assert_true(largest <= SIG_MARKS_CERTS_MAX);
		mail_marks_free(&m);
		known = n;
		mark(&m, n);
		check_marks(&m, 0, n, KEPT);
		assert_int_equal(runs, 0);
		assert_int_equal(put, 0);
		mail_marks_free(&m);
	}
}

/* What was learnt before is kept, and used. */
static void second_run_fails(void **state)
{
	struct mail m;
	size_t i, have = 0;

	(void)state;
	known = 10;
	fails = 2;
	mark(&m, MANY);
	for (i = 0; i < MANY; i++)
		have += mail_marks_of(&m, cert_of(i)) != NULL;
	assert_int_equal(have, known + SIG_MARKS_CERTS_MAX);
	assert_int_equal(put, have);
	assert_int_equal(runs, 2);
	mail_marks_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_certificate),
		cmocka_unit_test(second_run_fails),
	};

	return cmocka_run_group_tests(tests, set_up, clear_up);
}
