/* SPDX-License-Identifier: ISC */
/* interleavings [--whole] [SCENARIO... | --at SCENARIO PATH]: which two processes, what must hold,
 * and how much was tried. */
#include "explore.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define ALICE "alice@x.example"
#define CAROL "carol@x.example"
#define ME "me@sender.example"
#define FPR_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FPR_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define PINNED "A lookup --pin " ALICE
#define BOTH_PINNED "A lookup --pin " ALICE " " CAROL
#define KEPT "late send " ALICE
#define SEND "send " ALICE
#define AFTER_THE_MARK (2 * 3600) /* seconds: a mail that was sent is forgotten by then */

#define ONE                                                                                        \
	{                                                                                          \
		ALICE                                                                              \
	}
#define TWO                                                                                        \
	{                                                                                          \
		ALICE, CAROL                                                                       \
	}

static const struct scenario mails[] = {
	{"send twice, no more", {PINNED}, {{SEND, 'A', "A"}, {SEND, 'A', "A"}}, ONE},
	{"send twice, kept in Sent", {PINNED}, {{SEND, 'A', "A"}, {SEND, 'A', "A"}}, ONE,
		"sent = ~/Sent\n"},
	{"send twice, two copies", {BOTH_PINNED},
		{{SEND " " CAROL, 'A', "A"}, {SEND " " CAROL, 'A', "A"}}, TWO},
	{"send twice, the MTA refuses", {PINNED}, {{SEND, 'A', "A"}, {SEND, 'A', "A"}}, ONE,
		.refuses = 1, .refuses_with = 75},
	{"send twice, the MTA refuses for good", {PINNED}, {{SEND, 'A', "A"}, {SEND, 'A', "A"}},
		ONE, .refuses = 1, .refuses_with = 69},
	{"send twice, two copies, one refused", {BOTH_PINNED},
		{{SEND " " CAROL, 'A', "A"}, {SEND " " CAROL, 'A', "A"}}, TWO, .refuses = 1,
		.refuses_with = 75},
	{"send twice, both kept", {NULL}, {{SEND, 'A', "late"}, {SEND, 'A', "late"}}, ONE},
	{"send twice, one kept", {NULL}, {{SEND, 'A', "late"}, {SEND, 'A', "A"}}, ONE},
	{"send, send another, kept", {NULL}, {{SEND, 'A', "late"}, {"send " CAROL, 'B', "late"}},
		ONE},
	{"send, queue run, one to be kept", {NULL}, {{SEND, 'A', "late"}, {"queue run", 0, "A"}},
		ONE},
	{"send, queue run, one to be kept again", {KEPT, "late queue drop 1"},
		{{SEND, 'A', "late"}, {"queue run", 0, "A"}}, ONE},
	{"send, queue run, no more", {KEPT, PINNED}, {{SEND, 'A', "A"}, {"queue run", 0, "A"}}, ONE,
		.queued = true},
	{"send late, queue run", {KEPT}, {{SEND, 'A', "late"}, {"queue run", 0, "A"}}, ONE,
		.queued = true},
	{"queue run, queue run", {KEPT, PINNED}, {{"queue run", 0, "A"}, {"queue run", 0, "A"}},
		ONE, .queued = true},
	{"queue run, queue run, the MTA refuses", {KEPT, PINNED},
		{{"queue run", 0, "A"}, {"queue run", 0, "A"}}, ONE, .refuses = 1,
		.refuses_with = 75, .queued = true},
	{"queue run, queue drop", {KEPT, PINNED}, {{"queue run", 0, "A"}, {"queue drop 1", 0, "A"}},
		ONE, .queued = true},
	{"send, queue drop", {KEPT, PINNED}, {{SEND, 'A', "A"}, {"queue drop 1", 0, "A"}}, ONE,
		.queued = true},
	{"queue run, queue run, time is over", {KEPT},
		{{"queue run", 0, "late"}, {"queue run", 0, "late"}}, ONE, .days = 6,
		.queued = true},
	{"send, queue run, time is over", {KEPT}, {{SEND, 'A', "A"}, {"queue run", 0, "late"}}, ONE,
		.days = 6, .queued = true},
	{"send twice, no store yet", {NULL}, {{SEND, 'A', "A"}, {SEND, 'A', "A"}}, ONE,
		.fresh = true},
	{"send, pins, no store yet", {NULL},
		{{SEND, 'A', "A"}, {"pins allow-clear " CAROL, 0, "A"}}, ONE, .fresh = true},
	{"send, pins, kept, no store yet", {NULL},
		{{SEND, 'A', "late"}, {"pins allow-clear " CAROL, 0, "A"}}, ONE, .fresh = true},
	{"pins, pins, no store yet", {NULL},
		{{"pins allow-clear " ALICE, 0, "A"}, {"pins allow-clear " CAROL, 0, "A"}}, ONE,
		.decides = true, .fresh = true},
};

/* Each with each: from a pin, and from a pin with another certificate held. */
static const struct side decisions[] = {
	{"pins verify " ALICE " " FPR_A, 0, "A"},
	{"pins accept " ALICE, 0, "A"},
	{"pins accept " ALICE " " FPR_B, 0, "A"},
	{"pins reject " ALICE, 0, "A"},
	{"pins reject " ALICE " " FPR_B, 0, "A"},
	{"pins allow-clear " ALICE, 0, "A"},
	{"pins forget " ALICE, 0, "A"},
	{"pins import -", 'T', "A"},
	{"pins import -", 'V', "A"},
	{"pins import -", 'H', "A"},
	{"pins import -", 'N', "A"},
	{"pins import -", 'C', "A"},
	{"lookup --pin " ALICE, 0, "A"},
	{"lookup --pin " ALICE, 0, "B"},
	{"refresh " ALICE, 0, "A"},
	{"refresh " ALICE, 0, "B"},
	{"refresh " ALICE, 0, "B+"},
	{"refresh " ALICE, 0, "R"},
	{"learn -", 'L', "A"},
	{SEND, 'A', "A"},
};
#define DECISIONS (sizeof(decisions) / sizeof(decisions[0]))

static const struct {
	const char *name, *setup[4];
} keyrings[] = {
	{"no pin", {NULL}},
	{"a pin", {PINNED}},
	{"another held", {PINNED, "B refresh " ALICE}},
	{"one rejected", {PINNED, "B refresh " ALICE, "B pins reject " ALICE}},
	{"one learnt", {"absent learn -"}},
};
#define KEYRINGS (sizeof(keyrings) / sizeof(keyrings[0]))

static unsigned times_taken(const char *rcpt)
{
	unsigned i, n = 0;

	for (i = 0; i < world->n_taken; i++)
		n += strcmp(world->taken[i].rcpt, rcpt) == 0 &&
		     (world->taken[i].mail == 'A' || strcmp(rcpt, ME) == 0);
	return n;
}

/* Whether who was killed may have handed it over without anybody knowing. */
static bool is_in_doubt(const struct ending *e, const char *rcpt)
{
	unsigned i;
	int role;

	for (role = 0; role < ROLES; role++) {
		if (!world->in_doubt[role] || !(e->killed[role] || e->power))
			continue;
		for (i = world->from[role]; i < world->n_taken; i++) {
			if (strcmp(world->taken[i].rcpt, rcpt) == 0)
				return true;
		}
	}
	return false;
}

static bool has_words(const struct side *side, const char *words)
{
	return strncmp(side->words, words, strlen(words)) == 0;
}

static bool was_disturbed(const struct ending *e)
{
	return e->power || e->killed[0] || e->killed[1];
}

/* likely: who was killed may have done it. */
static bool was_dropped(const struct scenario *s, const struct ending *e, bool likely)
{
	int role;

	for (role = 0; role < ROLES; role++) {
		if (has_words(&s->side[role], "queue drop") &&
			(e->killed[role] ? likely : e->status[role] == 0))
			return true;
	}
	return false;
}

/* Somebody was told that it is taken care of. */
static bool was_accepted(const struct scenario *s, const struct ending *e)
{
	int role;

	for (role = 0; role < ROLES; role++) {
		if (s->side[role].mail == 'A' && !e->killed[role] && e->status[role] == 0)
			return true;
	}
	return s->queued;
}

static bool is_sent_anew(const struct scenario *s)
{
	return s->side[0].mail == 'A' || s->side[1].mail == 'A';
}

struct told {
	char *why;
	size_t cap;
	bool holds;
};

static void says_not(struct told *t, const char *when, const char *what, const char *rcpt)
{
	if (t->holds)
		snprintf(t->why, t->cap, "%s: %s %s", when, rcpt, what);
	t->holds = false;
}

/* must: somebody was told that it would be. */
static void check_counts(const struct scenario *s, const struct ending *e, const char *when,
	bool must, const bool *doubt, struct told *t)
{
	const unsigned returned = times_taken(ME);
	size_t i;

	for (i = 0; i < sizeof(s->rcpt) / sizeof(s->rcpt[0]) && s->rcpt[i]; i++) {
		const unsigned n = times_taken(s->rcpt[i]), most = 1 + doubt[i];

		if (n > most)
			says_not(t, when, "has it twice", s->rcpt[i]);
		if (n == 0 && must && returned == 0 && !was_dropped(s, e, true))
			says_not(t, when, "has not got it, and nobody was told", s->rcpt[i]);
		if (!must && n > 0 && !was_disturbed(e) && was_dropped(s, e, false) &&
			!is_sent_anew(s))
			says_not(t, when, "has what was dropped", s->rcpt[i]);
		/* Who sends one that was returned wants that. */
		if (n > doubt[i] && returned > 0 && !doubt[2] && !is_sent_anew(s))
			says_not(t, when, "has it, and it was returned", s->rcpt[i]);
	}
	if (returned > 1u + doubt[2])
		says_not(t, when, "has it back twice", ME);
}

static void then_run(
	const struct scenario *s, const char *words, char mail, int64_t later, struct told *t)
{
	const int status = run_alone(s, words, mail, "A", later);

	if (status != 0) {
		snprintf(t->why, t->cap, "afterwards %s: exit %d", words, status);
		t->holds = false;
	}
}

/* Calls each, which may be NULL, for each file of the folder; their number. */
static int each_file(const char *name, void (*each)(const char *path, int arg), int arg)
{
	char folder[PATH_ROOM], path[PATH_ROOM];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(folder, sizeof(folder), "%.200s/%.100s", getenv("HOME"), name);
	d = opendir(folder);
	while (d && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%.300s/%.200s", folder, e->d_name);
		n += e->d_name[0] != '.';
		if (each)
			each(path, arg);
	}
	if (d)
		closedir(d);
	return n;
}

static void check_store(struct told *t)
{
	char path[PATH_ROOM];
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	const char *word = "";

	snprintf(path, sizeof(path), "%.400s/.local/share/sealpost/pins.db", getenv("HOME"));
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		word = (const char *)sqlite3_column_text(st, 0);
	if (strcmp(word, "ok") != 0)
		says_not(t, "at the end", "is damaged", path);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void check_mail(const struct scenario *s, const struct ending *e, struct told *t)
{
	const bool must = was_accepted(s, e);
	const unsigned taken = world->n_taken;
	char send[256];
	bool doubt[3];
	size_t i;

	for (i = 0; i < 3; i++)
		doubt[i] = is_in_doubt(e, i < 2 && s->rcpt[i] ? s->rcpt[i] : ME);
	check_counts(s, e, "at the end", false, doubt, t);
	disk_keep(".end");
	then_run(s, "queue run", 0, 0, t);
	check_counts(s, e, "after queue run", must, doubt, t);
	disk_restore(".end");
	world->n_taken = taken;
	then_run(s, "queue run", 0, AFTER_THE_MARK, t);
	check_counts(s, e, "after queue run, later", must, doubt, t);
	disk_restore(".end");
	world->n_taken = taken;
	snprintf(send, sizeof(send), "send %s%s%s", s->rcpt[0], s->rcpt[1] ? " " : "",
		s->rcpt[1] ? s->rcpt[1] : "");
	if (times_taken(ME) == 0) { /* else it is one that its sender sends anew */
		then_run(s, send, 'A', 0, t);
		then_run(s, "queue run", 0, 0, t);
		then_run(s, send, 'A', 0, t);
		check_counts(s, e, "after send, queue run and send", true, doubt, t);
	}
	if (s->config && each_file("Sent/cur", NULL, 0) > 1 + was_disturbed(e))
		says_not(t, "at the end", "has more than one copy", "Sent");
	check_store(t);
}

static void add_rows(sqlite3 *db, const char *sql, char *out)
{
	sqlite3_stmt *st = NULL;
	size_t len;
	int i;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (i = 0; i < sqlite3_column_count(st); i++) {
			len = strlen(out);
			snprintf(out + len, OUTCOME_ROOM - len, " %.8s",
				(const char *)sqlite3_column_text(st, i));
		}
		len = strlen(out);
		snprintf(out + len, OUTCOME_ROOM - len, ";");
	}
	sqlite3_finalize(st);
}

/* After a loss of power: what was said to be done is there, and the store opens. */
static void check_kept(const struct scenario *s, const struct ending *e, struct told *t)
{
	char path[PATH_ROOM], pins[OUTCOME_ROOM] = "";
	sqlite3 *db = NULL;
	int role;

	then_run(s, "pins allow-clear bob@x.example", 0, 0, t);
	snprintf(path, sizeof(path), "%.400s/.local/share/sealpost/pins.db", getenv("HOME"));
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		add_rows(db, "SELECT address FROM pin", pins);
	sqlite3_close(db);
	for (role = 0; role < ROLES; role++) {
		if (!e->killed[role] && e->status[role] == 0 &&
			!strstr(pins, role == 0 ? "alice@x." : "carol@x."))
			says_not(t, "after the power came back", "was lost", s->side[role].words);
	}
}

bool holds(const struct scenario *s, const struct ending *e, char *why, size_t cap)
{
	struct told t = {why, cap, true};

	if (s->decides && e->power)
		check_kept(s, e, &t);
	if (s->decides)
		check_store(&t);
	else
		check_mail(s, e, &t);
	return t.holds;
}

void outcome_of(const struct scenario *s, const struct ending *e, char *out)
{
	char path[PATH_ROOM];
	sqlite3 *db = NULL;
	size_t len;
	int role;

	out[0] = '\0';
	for (role = 0; role < ROLES; role++) {
		len = strlen(out);
		if (e->killed[role])
			snprintf(out + len, OUTCOME_ROOM - len, "%s: %s; ", s->side[role].words,
				e->never[role] ? "never" : "killed");
		else
			snprintf(out + len, OUTCOME_ROOM - len, "%s: %d; ", s->side[role].words,
				e->status[role]);
	}
	snprintf(path, sizeof(path), "%.400s/.local/share/sealpost/pins.db", getenv("HOME"));
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		add_rows(db, "SELECT 'pin', address, state, fpr, revoked FROM pin ORDER BY address",
			out);
		add_rows(
			db, "SELECT 'held', address, fpr, revoked FROM held ORDER BY address", out);
		add_rows(db,
			"SELECT 'aside', address, fpr, rejected, revoked FROM aside ORDER BY "
			"address, fpr",
			out);
		add_rows(db,
			"SELECT 'candidate', address, fpr, revoked FROM candidate ORDER BY "
			"address, fpr",
			out);
	}
	sqlite3_close(db);
	len = strlen(out);
	snprintf(out + len, OUTCOME_ROOM - len, " %u handed over", world->n_taken);
}

static void write_text(const char *name, const char *text)
{
	char path[PATH_ROOM];
	int fd;

	snprintf(path, sizeof(path), "%.400s/%.100s", getenv("HOME"), name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0) {
		perror(path);
		exit(2);
	}
	close(fd);
}

static void make_folder(const char *name)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%.400s/%.100s", getenv("HOME"), name);
	(void)mkdir(path, 0700);
}

#define MAIL(letter, to)                                                                           \
	"From: " ME "\nTo: " to "\nSubject: s\nMessage-ID: <" letter                               \
	"@sender.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nthe text\n"

/* From Alice, with her key B. */
#define LEARNT                                                                                     \
	"From: " ALICE "\nTo: " ME "\nSubject: s\nMessage-ID: <L@x.example>\nDate: Mon, 23 Nov "   \
	"2026 10:00:00 +0000\nAutocrypt: addr=" ALICE                                              \
	"; prefer-encrypt=mutual; keydata=QkJCQkJCQkJCQkJC\n\nthe text\n"

/* As of pins export: of Alice, with her key B but for one that allows clear text. */
#define PINS(state) "sealpost-pins: 2\n\npin: " ALICE "\nstate: " state "\n"
#define KEY_B                                                                                      \
	"fingerprint: " FPR_B "\nmethod: wkd-advanced\n-----BEGIN PGP PUBLIC KEY "                 \
	"BLOCK-----\n\nQkJCQkJCQkJCQkJC\n-----END PGP PUBLIC KEY BLOCK-----\n"

static void make_home(void)
{
	static char home[64] = "/dev/shm/interleave.XXXXXX", at_tmp[64] = "/tmp/interleave.XXXXXX";
	char *made = mkdtemp(home);

	if (!made)
		made = mkdtemp(at_tmp);
	if (!made || setenv("HOME", made, 1) < 0 || setenv("TMPDIR", made, 1) < 0) {
		perror("a home");
		exit(2);
	}
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	make_folder(".config");
	make_folder(".config/sealpost");
	write_text("mail.A", MAIL("A", ALICE));
	write_text("mail.B", MAIL("B", CAROL));
	write_text("mail.L", LEARNT);
	write_text("mail.T", PINS("tofu") KEY_B);
	write_text("mail.V", PINS("verified") KEY_B);
	write_text("mail.H", PINS("held") KEY_B);
	write_text("mail.N", PINS("rejected") KEY_B);
	write_text("mail.C", PINS("clear"));
}

static void make_older(const char *path, int days)
{
	const struct timespec then = {.tv_sec = time(NULL) - (time_t)days * 86400};
	const struct timespec t[2] = {then, then};

	(void)utimensat(AT_FDCWD, path, t, 0);
}

/* The disk as it is when both begin. */
static void prepare(const struct scenario *s)
{
	char config[512], word[16], path[PATH_ROOM];
	const char *words;
	size_t i;

	snprintf(config, sizeof(config),
		"[sealpost]\nmta = /bin/true\nqueue = all\ngnupg = ignore\n%s",
		s->config ? s->config : "");
	write_text(".config/sealpost/config", config);
	snprintf(path, sizeof(path), "%.400s/.local", getenv("HOME"));
	dir_remove(path);
	snprintf(path, sizeof(path), "%.400s/Sent", getenv("HOME"));
	dir_remove(path);
	memset(world, 0, sizeof(*world));
	make_folder(".local");
	make_folder(".local/share");
	if (!s->fresh) {
		(void)run_alone(s, "pins forget nobody@x.example", 0, "A", 0);
		(void)run_alone(s, "queue run", 0, "A", 0);
	}
	for (i = 0; i < sizeof(s->setup) / sizeof(s->setup[0]) && s->setup[i]; i++) {
		words = strchr(s->setup[i], ' ') + 1;
		snprintf(word, sizeof(word), "%.*s", (int)(words - s->setup[i] - 1), s->setup[i]);
		(void)run_alone(s, words, strncmp(words, "learn", 5) == 0 ? 'L' : 'A', word, 0);
	}
	(void)each_file(".local/share/sealpost/queue", make_older, s->days);
	disk_keep(".begin");
}

static struct counts all;

static void add_counts(struct counts *to, const struct counts *c)
{
	to->states += c->states;
	to->orders += c->orders;
	to->kills += c->kills;
	to->losses += c->losses;
	to->endings += c->endings;
	to->executions += c->executions;
	to->faults += c->faults;
}

static void say_counts(const char *name, const struct counts *c)
{
	printf("%-40s %7lu states, %8.3g orders, %7lu kills, %6lu losses of power, %5lu endings, "
	       "%7lu "
	       "runs, %lu faults\n",
		name, c->states, c->orders, c->kills, c->losses, c->endings, c->executions,
		c->faults);
	fflush(stdout);
}

static struct counts explore_one(const struct scenario *s, const char *at)
{
	struct counts c = {0};

	prepare(s);
	explore(s, at, &c);
	add_counts(&all, &c);
	return c;
}

/* Those that have one of the words. */
static bool is_wanted(const char *name, char **only, int n)
{
	int i;

	for (i = 0; i < n && !strstr(name, only[i]); i++)
		;
	return n == 0 || i < n;
}

/* What is not as if one had come after the other, and may be. */
static const struct {
	const char *first, *second;
} harmless[] = {
	{"pins forget", "refresh"},   /* the answer that was under way is a first use */
	{"pins allow-clear", "send"}, /* in clear, as was said while it asked */
};

static bool is_harmless(const struct side *a, const struct side *b)
{
	size_t i;

	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (has_words(a, harmless[i].first) && has_words(b, harmless[i].second))
			return true;
	}
	return false;
}

/* Its words, its input, and what it is served. */
static void name_side(char *out, size_t cap, const struct side *side)
{
	const char input[] = {' ', '<', side->mail, '\0'};

	snprintf(out, cap, "%s%s (%s)", side->words, side->mail ? input : "", side->served);
}

static void explore_decisions(size_t keyring, char **only, int n_only, const char *at)
{
	const struct side *a = decisions, *b;
	struct counts sum = {0}, c;
	char name[300], first[128], second[128];

	for (; a < decisions + DECISIONS; a++) {
		name_side(first, sizeof(first), a);
		for (b = a; b < decisions + DECISIONS; b++) {
			struct scenario s = {.name = name, .side = {*a, *b}, .decides = true};

			memcpy(s.setup, keyrings[keyring].setup, sizeof(s.setup));
			name_side(second, sizeof(second), b);
			snprintf(name, sizeof(name), "%s: %s, %s", keyrings[keyring].name, first,
				second);
			if (!is_wanted(name, only, n_only))
				continue;
			s.free = is_harmless(a, b);
			c = explore_one(&s, at);
			add_counts(&sum, &c);
		}
	}
	if (sum.executions > 0)
		say_counts(keyrings[keyring].name, &sum);
}

int main(int argc, char **argv)
{
	const char *at = NULL;
	char home[PATH_ROOM];
	struct counts c;
	size_t i;

	if (argc > 1 && strcmp(argv[1], "--whole") == 0) {
		explore_whole = true;
		argv++;
		argc--;
	}
	if (argc == 4 && strcmp(argv[1], "--at") == 0) {
		at = argv[3];
		argv++;
		argc = 2;
	}
	world = mmap(
		NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (world == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		perror("interleavings");
		return 2;
	}
	make_home();
	for (i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		if (is_wanted(mails[i].name, argv + 1, argc - 1)) {
			c = explore_one(&mails[i], at);
			say_counts(mails[i].name, &c);
		}
	}
	for (i = 0; i < KEYRINGS; i++)
		explore_decisions(i, argv + 1, argc - 1, at);
	snprintf(home, sizeof(home), "%s", getenv("HOME"));
	dir_remove(home);
	say_counts("all", &all);
	return all.faults > 0;
}
