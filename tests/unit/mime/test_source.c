/* source.c and lines.c: the message from a file and from a pipe, where it begins and ends, and its
 * lines. */
#include "mime_util.h"

#include <fcntl.h>

#include "mime/lines.h"

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
	{"dot kept", "a\n.\nb\n", 0, "a\n.\nb\n"},
	{"dot ends", "a\n.\nb\n", 1, "a\n"},
	{"dot ends, CRLF", "a\r\n.\r\nb\r\n", 1, "a\r\n"},
	{"dot first", ".\nb\n", 1, ""},
	{"dot last without line end", "a\n.", 1, "a\n"},
	{"two dots are text", "a\n..\nb\n", 1, "a\n..\nb\n"},
	{"dot and more is text", "a\n.b\n", 1, "a\n.b\n"},
	{"dot CR and more is text", "a\n.\rb\n.\nc", 1, "a\n.\rb\n"},
	{"dot in mid line is text", "a.\nb\n", 1, "a.\nb\n"},
	{"dot after empty line", "a\n\n.\nb", 1, "a\n\n"},
	{"mbox line and dot", "From x\na\n.\nb", 1, "a\n"},
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
			opts.dot_ends = begin_row[i].dot;
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

/* A terminal user ends with a dot: what follows must not be waited for. */
static void stops_at_dot(void **state)
{
	struct source_opts opts = {.max = 100, .dot_ends = 1};
	struct source s;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "a\n.\n", 4), 4);
	assert_int_equal(source_open(&s, fd[0], &opts, NULL), 0); /* the writer is still there */
	check_text(&s, "a\n");
	source_close(&s);
	close(fd[0]);
	close(fd[1]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(begin_and_end),
		cmocka_unit_test(file_offset), cmocka_unit_test(too_large),
		cmocka_unit_test(stops_at_dot), cmocka_unit_test(changes_are_seen),
		cmocka_unit_test(lines), cmocka_unit_test(long_lines)};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
