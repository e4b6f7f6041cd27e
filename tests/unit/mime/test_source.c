/* SPDX-License-Identifier: ISC */
/* mime/source.c: the message from a file and from a pipe, where it begins and ends, and its
 * lines. */
#include "mime_util.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>

#include "base/base64.h"
#include "mime/source.h"

static const struct {
	const char *name, *in;
	int dot;
	const char *out;
} begin_row[] = {
	{"plain", "a: b\n\nc\n", 0, "a: b\n\nc\n"},
	{"empty", "", 0, ""},
	{"mbox line", "From x Mon Jan 1\na: b\n", 0, "a: b\n"},
	{"mbox line, CRLF", "From x\r\na: b\r\n", 0, "a: b\r\n"},
	{"mbox line only", "From x", 0, ""},
	{"a field with a blank before its colon is no mbox line", "From : a\nb: c\n", 0,
		"From : a\nb: c\n"},
	{"From: is a field", "From: x\n", 0, "From: x\n"},
	{"second From line stays", "From x\nFrom y\n", 0, "From y\n"},
	/* A lone dot; dot: without -i. */
	{"dot 1: -i, in the middle", "a\n.\nb\n", 0, "a\n.\nb\n"},
	{"dot 2: -i, last line", "a\n.\n", 0, "a\n.\n"},
	{"dot 3: in the middle is text", "a\n.\nb\n", 1, "a\n.\nb\n"},
	{"dot 4: in the middle, CRLF", "a\r\n.\r\nb\r\n", 1, "a\r\n.\r\nb\r\n"},
	{"dot 5: first line", ".\nb\n", 1, ".\nb\n"},
	{"dot 6: last line", "a\n.\n", 1, "a\n"},
	{"dot 7: last line, CRLF", "a\r\n.\r\n", 1, "a\r\n"},
	{"dot 8: last without line end", "a\n.", 1, "a\n"},
	{"dot 9: last with CR only", "a\n.\r", 1, "a\n"},
	{"dot 10: all there is", ".\n", 1, ""},
	{"dot 11: all there is, no line end", ".", 1, ""},
	{"dot 12: before an empty line is text", "a\n.\n\n", 1, "a\n.\n\n"},
	{"dot 13: only the very last of two", "a\n.\n.\n", 1, "a\n.\n"},
	{"dot 14: two dots are text", "a\n..\n", 1, "a\n..\n"},
	{"dot 15: leading dots stay", "..\n.a\n...\nb\n", 1, "..\n.a\n...\nb\n"},
	{"dot 16: a dot and more", "a\n.b\n", 1, "a\n.b\n"},
	{"dot 17: a dot and a blank", "a\n. \n", 1, "a\n. \n"},
	{"dot 18: at the end of a line", "abcd.\n", 1, "abcd.\n"},
	{"dot 19: at the end of a line of one", "a.\n", 1, "a.\n"},
	{"dot 20: behind a lone CR", "a\r.\n", 1, "a\r.\n"},
	{"dot 21: two CRs", "a\n.\r\r\n", 1, "a\n.\r\r\n"},
	{"dot 22: with an mbox line", "From x\na\n.\n", 1, "a\n"},
	{"dot 23: nothing there", "", 1, ""},
};

static void check_text(const struct source *s, const char *want)
{
	char got[256];
	ssize_t n = source_read(s, 0, got, sizeof(got), NULL);

	assert_int_equal(s->size, strlen(want));
	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, strlen(want));
	assert_int_equal(source_read(s, s->size, got, 1, NULL), 0);
	assert_int_equal(source_read(s, -1, got, 1, NULL), 0);
}

static void begin_and_end(void **state)
{
	struct source_opts opts = from_pipe;
	struct source s;
	size_t i;
	int fd, way;

	(void)state;
	for (i = 0; i < N_OF(begin_row); i++) {
		for (way = 0; way < 2; way++) {
			print_message("%s (%s)\n", begin_row[i].name, way ? "pipe" : "file");
			opts.dots = begin_row[i].dot;
			fd = (way ? pipe_of : file_of)(begin_row[i].in, strlen(begin_row[i].in));
			assert_int_equal(source_open(&s, fd, &opts, NULL), 0);
			assert_int_equal(s.fd, way ? -1 : fd);
			check_text(&s, begin_row[i].out);
			assert_int_equal(source_unchanged(&s, NULL), 0);
			source_close(&s);
			assert_int_equal(fcntl(fd, F_GETFD) >= 0, 1);
			close(fd);
		}
	}
}

static void several_mails(void **state)
{
	static const struct {
		const char *name, *in;
		bool several;
	} row[] = {
		{"one", "From x Mon Jan  1 10:00:00 2026\na: b\n\nc\n", false},
		{"two",
			"From x Mon Jan  1 10:00:00 2026\na: b\n\nc\n\nFrom y Mon Jan  1 10:01:00 "
			"2026\na: b\n",
			true},
		{"two, CRLF", "From x\r\na: b\r\n\r\nc\r\n\r\nFrom y Mon Jan  1 10:01 2026\r\n",
			true},
		{"two, the first without text", "From x\na: b\n\nFrom y Mon Jan  1 10:01:00 2026\n",
			true},
		{"no empty line before it", "From x\na: b\n\nc\nFrom y Mon Jan  1 10:01:00 2026\n",
			false},
		{"a sentence", "From x\na: b\n\nc\n\nFrom here on it is text: yes\n", false},
		{"quoted", "From x\na: b\n\nc\n\n>From y Mon Jan  1 10:01:00 2026\n", false},
		{"a time at the front", "From x\na: b\n\nc\n\nFrom 0:00\n", true},
		{"no mbox", "a: b\n\nc\n\nFrom y Mon Jan  1 10:01:00 2026\n", false},
		{"nothing but its line", "From x Mon Jan  1 10:00:00 2026\n", false},
	};
	struct source s;
	size_t i;
	int fd, way;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (way = 0; way < 2; way++) {
			print_message("%s (%s)\n", row[i].name, way ? "pipe" : "file");
			fd = (way ? pipe_of : file_of)(row[i].in, strlen(row[i].in));
			assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
			assert_int_equal(source_one_mail(&s, NULL), row[i].several ? ERR_DATA : 0);
			source_close(&s);
			close(fd);
		}
	}
}

static void file_offset(void **state)
{
	int fd = file_of("skipped\na: b\n", 13);
	struct source s;

	(void)state;
	assert_int_equal(lseek(fd, 8, SEEK_SET), 8);
	assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
	check_text(&s, "a: b\n");
	source_close(&s);
	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
	assert_int_equal(s.size, 0);
	source_close(&s);
	close(fd);
}

/* Whether the process sleeps, by the kernel's word. */
static bool sleeps(pid_t pid)
{
	char path[64], stat[256] = "";
	const char *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(stat, 1, sizeof(stat) - 1, f) > 0);
	fclose(f);
	p = strrchr(stat, ')');
	return p && p[1] == ' ' && p[2] == 'S';
}

/* A pipe that does not block, as from a caller with an event loop that writes only once we wait. */
static void pipe_that_does_not_block(void **state)
{
	pid_t child, us = getpid();
	struct source s;
	int fd[2], i, status;

	(void)state;
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fd[0]);
		alarm(30);
		for (i = 0; i < 2; i++) {
			while (!sleeps(us))
				;
			if (write(fd[1], i == 0 ? "a: " : "b\n", i == 0 ? 3 : 2) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	assert_int_equal(source_open(&s, fd[0], &from_pipe, NULL), 0);
	check_text(&s, "a: b\n");
	source_close(&s);
	close(fd[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void too_large(void **state)
{
	struct source_opts opts = {.max = 10};
	struct err err = ERR_INIT;
	struct source s;
	int fd = pipe_of("12345678901", 11);

	(void)state;
	assert_int_equal(source_open(&s, fd, &opts, &err), ERR_DATA);
	assert_null(s.mem.p);
	close(fd);
	fd = pipe_of("1234567890", 10);
	assert_int_equal(source_open(&s, fd, &opts, &err), 0);
	source_close(&s);
	close(fd);
	fd = file_of("12345678901", 11); /* a file is not held: no maximum */
	assert_int_equal(source_open(&s, fd, &opts, &err), 0);
	source_close(&s);
	close(fd);
	assert_int_equal(source_open(&s, -1, &opts, &err), ERR_IO);
}

/* Both ends of a terminal that does not echo; -1 where there is none. */
static int terminal(int *keyboard)
{
	struct termios t;
	int fd;

	*keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*keyboard < 0 || grantpt(*keyboard) < 0 || unlockpt(*keyboard) < 0)
		return -1;
	fd = open(ptsname(*keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && tcgetattr(fd, &t) == 0) {
		t.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

/* A terminal user ends with a dot: what follows must not be waited for. With -i, by ^D only. */
static void typed_at_a_terminal(void **state)
{
	static const struct {
		const char *keys;
		bool dots;
		const char *want;
	} row[] = {
		/* 1 */ {"a\n.\n", true, "a\n"},
		/* 2 */ {"a\n.\nb\n", true, "a\n"},
		/* 3 */ {".\n", true, ""},
		/* 4 */ {"a\n..\n.b\n.\n", true, "a\n..\n.b\n"},
		/* 5 */ {"a\n.\nb\n\004", false, "a\n.\nb\n"},
		/* 6 */ {"a\n.\n\004", false, "a\n.\n"},
	};
	struct source s;
	int keyboard, fd;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct source_opts opts = {.max = 100, .dots = row[i].dots};

		print_message("terminal, row %zu\n", i + 1);
		fd = terminal(&keyboard);
		if (fd < 0)
			skip();
		assert_int_equal(
			write(keyboard, row[i].keys, strlen(row[i].keys)), strlen(row[i].keys));
		assert_int_equal(source_open(&s, fd, &opts, NULL), 0);
		check_text(&s, row[i].want);
		source_close(&s);
		close(fd);
		close(keyboard);
	}
}

static void changes_are_seen(void **state)
{
	struct err err = ERR_INIT;
	struct source s;
	char c[8];
	int fd = file_of("a: b\n\n1234", 10);

	(void)state;
	assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
	assert_int_equal(ftruncate(fd, 5), 0);
	assert_int_equal(source_read(&s, 6, c, 4, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_int_equal(source_unchanged(&s, &err), ERR_IO);
	source_close(&s);
	close(fd);
}

static void line_row(const char *text, const char *want)
{
	struct buf got = BUF_INIT(4096);
	struct source s;
	struct lines r;
	struct line l;
	off_t at = 0;

	source_of(&s, text, strlen(text));
	lines_init(&r, &s, 0, s.size);
	while (lines_next(&r, &l, NULL) == 1) {
		assert_int_equal(l.off, at);
		at += (off_t)(l.len + l.eol);
		assert_int_equal(r.off, at);
		buf_addf(&got, "%s%.*s%s%s|", l.first ? "" : "+", (int)l.len, (const char *)l.p,
			l.eol == 2   ? "\\r\\n"
			: l.eol == 1 ? "\\n"
				     : "",
			l.last ? "" : "-");
	}
	lines_end(&r);
	assert_string_equal(buf_str(&got), want);
	buf_free(&got);
	source_close(&s);
}

static void lines(void **state)
{
	(void)state;
	line_row("", "");
	line_row("\n", "\\n|");
	line_row("a\nb\r\n\r\nc", "a\\n|b\\r\\n|\\r\\n|c|");
	line_row("a\rb\r\r\n\r", "a\rb\r\\r\\n|\r|");
}

/* Lines longer than the buffer come in pieces; CRLF is never parted, wherever the buffer ends. */
static void long_lines(void **state)
{
	const size_t near[] = {LINES_BUFFER - 2, LINES_BUFFER - 1, LINES_BUFFER, LINES_BUFFER + 1,
		2 * LINES_BUFFER - 2, 3 * LINES_BUFFER};
	struct source s;
	struct lines r;
	struct line l;
	size_t i, total, pieces;
	char *text;
	int fd;

	(void)state;
	for (i = 0; i < N_OF(near); i++) {
		text = malloc(near[i] + 3);
		assert_non_null(text);
		memset(text, 'x', near[i]);
		memcpy(text + near[i], "\r\ny", 3);
		fd = file_of(text, near[i] + 3);
		assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
		lines_init(&r, &s, 0, s.size);
		total = pieces = 0;
		do {
			assert_int_equal(lines_next(&r, &l, NULL), 1);
			assert_int_equal(l.first, pieces == 0);
			assert_null(memchr(l.p, '\r', l.len));
			total += l.len;
			pieces++;
		} while (!l.eol);
		assert_int_equal(total, near[i]);
		assert_int_equal(l.eol, 2);
		assert_int_equal(lines_next(&r, &l, NULL), 1);
		assert_true(l.first && l.last && l.len == 1 && l.p[0] == 'y');
		assert_int_equal(lines_next(&r, &l, NULL), 0);
		lines_end(&r);
		source_close(&s);
		close(fd);
		free(text);
	}
}

#define JOINED_MAX 40000

/* The text that base64_line makes of the same, a line at a time. */
static size_t in_base64(const uint8_t *p, size_t n, char *out)
{
	size_t len = 0, take;

	for (; n > 0; n -= take, p += take) {
		take = n < SOURCE_LINE ? n : SOURCE_LINE;
		len += base64_line(out + len, p, take);
		out[len++] = '\n';
	}
	return len;
}

static void read_joined(const struct source *s, const char *want, size_t len, size_t piece)
{
	char got[JOINED_MAX];
	size_t at = 0;
	ssize_t n;

	assert_int_equal(s->size, len);
	while ((n = source_read(s, (off_t)at, got + at, piece, NULL)) > 0) {
		assert_true((size_t)n <= piece);
		at += (size_t)n;
		assert_true(at <= len);
	}
	assert_int_equal(n, 0);
	assert_int_equal(at, len);
	assert_memory_equal(got, want, len);
}

/* Text in front, a stretch of another source in base64, text behind; read in pieces of all sizes.
 */
static void joined(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 3, 56, 57, 58, 114, 115, 20000};
	static const size_t pieces[] = {1, 5, 76, 77, 78, 8192, JOINED_MAX};
	static uint8_t raw[20010];
	struct source middle = {.fd = -1, .size = sizeof(raw), .mem = {.p = raw}}, front, s;
	char want[JOINED_MAX];
	size_t i, k, len;

	(void)state;
	for (i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(i * 7 + i / 256);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct source_part inner[] = {
			{.src = &middle, .from = 3, .size = (off_t)lengths[i] / 2},
			{.src = &middle,
				.from = 3 + (off_t)lengths[i] / 2,
				.size = (off_t)(lengths[i] - lengths[i] / 2)}};
		struct source_part outer[] = {{.src = &middle, .size = 2},
			{.src = &front, .size = (off_t)lengths[i], .base64 = true},
			{.src = &middle, .from = 5, .size = 4}};

		source_join(&front, inner, 2);
		source_join(&s, outer, 3);
		memcpy(want, raw, 2);
		len = 2 + in_base64(raw + 3, lengths[i], want + 2);
		memcpy(want + len, raw + 5, 4);
		for (k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++)
			read_joined(&s, want, len + 4, pieces[k]);
		assert_int_equal(source_unchanged(&s, NULL), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(begin_and_end),
		cmocka_unit_test(several_mails), cmocka_unit_test(file_offset),
		cmocka_unit_test(pipe_that_does_not_block), cmocka_unit_test(too_large),
		cmocka_unit_test(typed_at_a_terminal), cmocka_unit_test(changes_are_seen),
		cmocka_unit_test(lines), cmocka_unit_test(joined), cmocka_unit_test(long_lines)};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
