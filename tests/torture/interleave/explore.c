/* SPDX-License-Identifier: ISC */
#include "explore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run_words.h"

#include "base/file.h"

#define CHOICE_KILL 2  /* + role */
#define CHOICE_POWER 4 /* + which of the unsynced changes survive, a bit each */
#define GO_ON 0xff     /* the node's path is done already */
#define ROOT 1u
#define DEPTH_MAX 1000
#define SLOTS (1u << 20)
#define OUTCOMES_MAX 512
#define FAULTS_SHOWN 5

struct process {
	pid_t pid;
	int sock;
	enum { RUNS, WENT, DIED } is;
	bool stuck; /* waits, and nobody has done anything since */
	unsigned steps;
	struct at at;
};

struct node {
	uint32_t parent, next[CHOICE_POWER]; /* nodes, by choice; 0: none */
	uint64_t wrote[ROLES];               /* what is changed by who goes on */
	uint64_t looks_at;                   /* by the looker, who alone goes on if it looks */
	bool looks;
	uint8_t choice, looker;
	double orders; /* 0: not counted yet */
};

struct job {
	uint32_t node;
	uint8_t choice;
};

/* Of what was seen, by its key, which is never 0. */
struct table {
	struct slot {
		uint64_t key;
		uint32_t node; /* of a state */
	} * slot;
	uint32_t n;
};

static struct explorer {
	const struct scenario *s;
	struct counts *c;
	struct process p[ROLES];
	bool faulted; /* killed, or without power */
	bool power;
	uint64_t files;
	struct node *node;
	uint32_t n_node;
	size_t cap_node;
	struct job *job;
	size_t n_job, cap_job;
	struct table states, endings;
	bool serial; /* one after the other: what comes of that is right */
	char (*outcome)[OUTCOME_ROOM];
	size_t n_outcome;
	bool shows;
	int64_t now;
} x;

bool explore_whole;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "interleavings: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* The disk. */

static void copy_file(const char *from, const char *to, const struct stat *st)
{
	struct timespec t[2] = {st->st_atim, st->st_mtim};
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);

	if (in < 0 || out < 0 || fd_copy(in, st->st_size, out) < 0 || futimens(out, t) < 0)
		give_up(to);
	close(in);
	close(out);
}

static void copy_tree(const char *from, const char *to)
{
	char a[PATH_ROOM], b[PATH_ROOM];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(from);

	if (!d)
		return;
	if (mkdir(to, 0700) < 0)
		give_up(to);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(a, sizeof(a), "%.240s/%.240s", from, e->d_name);
		snprintf(b, sizeof(b), "%.240s/%.240s", to, e->d_name);
		if (lstat(a, &st) < 0)
			give_up(a);
		if (S_ISDIR(st.st_mode))
			copy_tree(a, b);
		else
			copy_file(a, b, &st);
	}
	closedir(d);
}

static const char *const parts[] = {".local", "Sent"};

static void in_home(char out[PATH_ROOM], const char *name, const char *more)
{
	snprintf(out, PATH_ROOM, "%.200s/%.100s%.100s", getenv("HOME"), name, more);
}

static void move_disk(const char *from, const char *to)
{
	char a[PATH_ROOM], b[PATH_ROOM];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		in_home(a, parts[i], from);
		in_home(b, parts[i], to);
		dir_remove(b);
		copy_tree(a, b);
	}
}

void disk_keep(const char *name)
{
	move_disk("", name);
}

void disk_restore(const char *name)
{
	char kept[PATH_ROOM];
	unsigned i;

	move_disk(name, "");
	for (i = 0; i < world->kept; i++) {
		snprintf(kept, sizeof(kept), "%.400s/kept.%u", getenv("HOME"), i);
		(void)unlink(kept);
	}
	world->kept = 0;
}

/* Zeroes; no process that is started has them. */
static void *own_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, size, MADV_DONTFORK) < 0)
		give_up("memory");
	return p;
}

/* Names and bytes, in whatever order the folder has them. */
static uint64_t hash_folder(const char *path)
{
	char name[PATH_ROOM], bytes[65536];
	uint64_t h = 1, one;
	struct dirent *e;
	struct stat st;
	ssize_t n;
	DIR *d = opendir(path);
	int fd;

	while (d && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			strncmp(e->d_name, "pins.db", 7) == 0)
			continue;
		snprintf(name, sizeof(name), "%.240s/%.240s", path, e->d_name);
		one = hash_add(2, e->d_name, strlen(e->d_name));
		if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
			n = 0;
			one ^= hash_folder(name);
		} else {
			fd = open(name, O_RDONLY | O_CLOEXEC);
			n = fd >= 0 ? read(fd, bytes, sizeof(bytes)) : 0;
			close(fd);
		}
		h += hash_add(one, bytes, n > 0 ? (size_t)n : 0);
	}
	if (d)
		closedir(d);
	return h;
}

static uint64_t hash_files(void)
{
	char path[PATH_ROOM];
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		in_home(path, parts[i], "");
		h = h * 31 + hash_folder(path);
	}
	return h;
}

/* Undoes what was not synced and is not among those that survive, the last first. */
static void lose(unsigned survive)
{
	unsigned i = world->n_lost;

	while (i-- > 0) {
		const struct unsynced *u = &world->lost[i];
		const bool stays = survive >> i & 1;

		if (x.shows)
			fprintf(stderr, "power: %s %s\n", u->path, stays ? "stays" : "is undone");

		if (u->what == RENAMED && stays && u->empty)
			(void)!truncate(u->path, 0);
		else if (u->what == REMOVED && !stays)
			(void)!link(u->from, u->path);
		else if (u->what != REMOVED && !stays && unlink(u->path) < 0 && errno == EISDIR)
			dir_remove(u->path);
	}
	world->n_lost = 0;
}

/* Processes. */

static void be_neighbours(const struct scenario *s, const char *served, bool undisturbed)
{
	neighbours = (struct neighbours){.fresh = s->fresh,
		.refuses = undisturbed ? 0 : s->refuses,
		.refuses_with = s->refuses_with};
	snprintf(neighbours.served, sizeof(neighbours.served), "%s", served);
}

static _Noreturn void be_process(const struct side *side, const char *err)
{
	char in[PATH_ROOM] = "/dev/null", line[512], letter[2] = {side->mail, '\0'};
	int status;

	(void)setpgid(0, 0);
	if (side->mail)
		in_home(in, "mail.", letter);
	if (!freopen(in, "r", stdin) || !freopen(err, "a", stdout) || !freopen(err, "a", stderr))
		_exit(126);
	snprintf(line, sizeof(line), "%s", side->words);
	status = run_words(line);
	fflush(NULL);
	step_end(status);
	_exit(status);
}

int run_alone(
	const struct scenario *s, const char *words, char mail, const char *served, int64_t later)
{
	const struct side side = {words, mail, served};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		be_neighbours(s, served, true);
		alarm(60);
		step_begin(ROLES, -1, x.now + later);
		be_process(&side, x.shows ? "/dev/stderr" : "/dev/null");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("a process");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void hear(struct process *p)
{
	int status = 0;

	if (recv(p->sock, &p->at, sizeof(p->at), 0) == (ssize_t)sizeof(p->at)) {
		p->stuck = p->at.kind == WAITS;
		p->is = p->at.kind == ENDED ? WENT : RUNS;
		if (p->is == RUNS)
			return;
	} else {
		snprintf(world->fault, sizeof(world->fault),
			"a process ended without a word after: %.100s", p->at.what);
		p->is = WENT;
	}
	close(p->sock);
	(void)waitpid(p->pid, &status, 0);
}

static void start(int role)
{
	struct process *p = &x.p[role];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		give_up("socketpair");
	*p = (struct process){.sock = pair[0], .is = RUNS, .pid = fork()};
	if (p->pid == 0) {
		close(pair[0]);
		if (role == 1)
			close(x.p[0].sock);
		be_neighbours(x.s, x.s->side[role].served, false);
		step_begin(role, pair[1], x.now);
		be_process(&x.s->side[role], x.shows ? "/dev/stderr" : "/dev/null");
	}
	if (p->pid < 0)
		give_up("fork");
	close(pair[1]);
	hear(p);
}

static void end_process(struct process *p)
{
	int status;

	if (p->is != RUNS)
		return;
	(void)kill(-p->pid, SIGKILL);
	(void)kill(p->pid, SIGKILL);
	while (waitpid(-p->pid, &status, 0) > 0) /* whoever it has started is ours now */
		;
	close(p->sock);
	p->is = DIED;
}

static void begin_execution(void)
{
	int role;

	disk_restore(".begin");
	memset(world, 0, offsetof(struct world, fault));
	x.files = hash_files();
	x.faulted = x.power = false;
	for (role = 0; role < ROLES; role++)
		start(role);
	x.c->executions++;
}

static void end_execution(void)
{
	int role;

	for (role = 0; role < ROLES; role++)
		end_process(&x.p[role]);
}

/* States. */

static uint64_t key_of_disk(void)
{
	uint64_t h = hash_add(x.files, &world->db, sizeof(world->db));
	unsigned i;

	for (i = 0; i < world->n_lost; i++) {
		h = hash_add(h, &world->lost[i].what, sizeof(world->lost[i].what));
		h = hash_add(h, world->lost[i].path, strlen(world->lost[i].path));
		h = hash_add(h, &world->lost[i].empty, sizeof(world->lost[i].empty));
	}
	for (i = 0; i < world->n_taken; i++) {
		h = hash_add(h, world->taken[i].rcpt, strlen(world->taken[i].rcpt));
		h = hash_add(h, &world->taken[i].mail, 1);
	}
	h = hash_add(h, &world->handed, sizeof(world->handed));
	return hash_add(h, world->in_doubt, sizeof(world->in_doubt));
}

/* As it is, or as it would be had one of them been killed (its role; -1: none). */
static uint64_t key_of_state(int killed)
{
	uint64_t h = key_of_disk();
	bool faulted = x.faulted || killed >= 0;
	int role;

	h = hash_add(h, &faulted, sizeof(faulted));
	for (role = 0; role < ROLES; role++) {
		const struct process *p = &x.p[role];
		const int is = role == killed ? DIED : (int)p->is;
		const bool stuck = p->stuck && killed < 0;
		const uint64_t what = is == RUNS   ? p->at.seen * 4 + p->at.kind * 2 + stuck
				      : is == WENT ? (uint64_t)p->at.status
						   : p->steps > 0;

		h = hash_add(h, &is, sizeof(is));
		h = hash_add(h, &what, sizeof(what));
	}
	return h ? h : 1;
}

static void begin_table(struct table *t)
{
	*t = (struct table){own_memory(SLOTS * sizeof(*t->slot)), 0};
}

static void end_table(struct table *t)
{
	(void)munmap(t->slot, SLOTS * sizeof(*t->slot));
}

/* Its place, which has no key yet if it was not seen. */
static struct slot *find(const struct table *t, uint64_t key)
{
	uint32_t i = (uint32_t)key & (SLOTS - 1);

	while (t->slot[i].key != 0 && t->slot[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return &t->slot[i];
}

/* Whether it was not seen before; now it is. */
static bool is_new(struct table *t, uint64_t key, uint32_t node)
{
	struct slot *slot = find(t, key);

	if (slot->key != 0)
		return false;
	if (++t->n > SLOTS / 2)
		give_up("too many states");
	*slot = (struct slot){key, node};
	return true;
}

/* An array that has room for one more than n. */
static void *with_room(void *array, size_t n, size_t *cap, size_t item)
{
	if (n < *cap)
		return array;
	*cap = *cap ? 2 * *cap : 4096;
	array = reallocarray(array, *cap, item);
	if (!array)
		give_up("memory");
	return array;
}

static uint32_t new_node(uint32_t parent, uint8_t choice)
{
	x.node = with_room(x.node, x.n_node, &x.cap_node, sizeof(*x.node));
	x.node[x.n_node] = (struct node){.parent = parent, .choice = choice};
	return x.n_node++;
}

static void add_job(uint32_t node, uint8_t choice)
{
	x.job = with_room(x.job, x.n_job, &x.cap_job, sizeof(*x.job));
	x.job[x.n_job++] = (struct job){node, choice};
}

/* Choices. */

static bool has_begun(const struct process *p)
{
	return p->is != RUNS || p->steps > 0;
}

/* Whether the process may go on here. */
static bool may_step(int role)
{
	const struct process *p = &x.p[role], *other = &x.p[!role];

	if (p->is != RUNS || p->stuck)
		return false;
	return !x.serial || has_begun(p) || !has_begun(other) || other->is != RUNS;
}

/* n points on. */
static void step(int role, unsigned n)
{
	struct process *p = &x.p[role];

	x.p[!role].stuck = false;
	if (send(p->sock, &n, sizeof(n), 0) != (ssize_t)sizeof(n))
		give_up("a process");
	p->steps += n;
	hear(p);
	if (p->at.changed)
		x.files = hash_files();
}

static void choose(uint8_t choice)
{
	const int role = choice & 1;

	if (x.shows && choice < CHOICE_POWER)
		fprintf(stderr, "%s%d: %s\n", choice < CHOICE_KILL ? "" : "kill ", role,
			x.p[role].at.what);
	if (choice < CHOICE_KILL) {
		step(role, 1);
		return;
	}
	if (choice < CHOICE_POWER) {
		x.p[!role].stuck = false;
		end_process(&x.p[role]);
	} else {
		end_execution();
		lose(choice - CHOICE_POWER);
		x.power = true;
	}
	x.faulted = true;
}

/* The same again. */
static void follow(const uint8_t *path, size_t n)
{
	size_t i, end;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && path[end] == path[i]; end++)
			;
		if (path[i] < CHOICE_KILL)
			step(path[i], (unsigned)(end - i));
		else
			choose(path[i]);
	}
}

static void path_to(uint32_t node, uint8_t *path, size_t *n)
{
	size_t i;

	*n = 0;
	for (; node != ROOT; node = x.node[node].parent) {
		if (*n == DEPTH_MAX)
			give_up("too deep");
		path[(*n)++] = x.node[node].choice;
	}
	for (i = 0; i < *n / 2; i++) {
		const uint8_t c = path[i];

		path[i] = path[*n - 1 - i];
		path[*n - 1 - i] = c;
	}
}

static void tell_fault(uint32_t node, int last, const char *why)
{
	uint8_t path[DEPTH_MAX];
	size_t n, i;

	if (x.c->faults++ >= FAULTS_SHOWN)
		return;
	path_to(node, path, &n);
	fprintf(stderr, "%s: %s\n  --at '%s' ", x.s->name, why, x.s->name);
	for (i = 0; i < n; i++)
		fputc('0' + path[i], stderr);
	if (last >= 0)
		fputc('0' + last, stderr);
	fputc('\n', stderr);
}

static void keep_outcome(const char *text)
{
	size_t i;

	for (i = 0; i < x.n_outcome; i++) {
		if (strcmp(x.outcome[i], text) == 0)
			return;
	}
	if (x.n_outcome == OUTCOMES_MAX)
		give_up("too many outcomes");
	snprintf(x.outcome[x.n_outcome++], OUTCOME_ROOM, "%s", text);
}

static bool is_serial_outcome(const char *text)
{
	size_t i;

	for (i = 0; i < x.n_outcome && strcmp(x.outcome[i], text) != 0; i++)
		;
	return i < x.n_outcome;
}

/* Whether one that says so (1), or that refuses (75, 77), has done nothing, or nothing further. */
static bool did_nothing(const struct ending *e)
{
	char text[OUTCOME_ROOM];
	struct ending as;
	int role, never;

	for (role = 0; role < ROLES; role++) {
		const int status = e->killed[role] ? 0 : e->status[role];

		for (never = status != 1 && status != 75 && status != 77 ? 2 : status == 1;
			never < 2; never++) {
			as = *e;
			as.killed[role] = true;
			as.never[role] = never;
			outcome_of(x.s, &as, text);
			if (is_serial_outcome(text))
				return true;
		}
	}
	return false;
}

/* Both have come to an end. */
static void check_ending(uint32_t node, int last)
{
	char text[OUTCOME_ROOM] = "";
	struct ending e = {.power = x.power};
	int role;

	for (role = 0; role < ROLES; role++) {
		e.killed[role] = x.p[role].is == DIED;
		e.never[role] = e.killed[role] && x.p[role].steps == 0;
		e.status[role] = x.p[role].at.status;
	}
	x.c->endings++;
	if (x.s->decides && !x.s->free && !e.power) {
		outcome_of(x.s, &e, text);
		if (x.serial)
			keep_outcome(text);
		else if (!is_serial_outcome(text) && !did_nothing(&e))
			tell_fault(node, last, text);
	}
	if (!x.serial && !holds(x.s, &e, text, sizeof(text)))
		tell_fault(node, last, text);
}

static uint64_t key_of_ending(int survive)
{
	uint64_t h = key_of_state(-1);
	int role;

	if (survive < 0)
		return h;
	h = hash_add(key_of_disk(), &survive, sizeof(survive));
	for (role = 0; role < ROLES; role++) {
		const int ended = x.p[role].is == WENT ? x.p[role].at.status : -1;

		h = hash_add(h, &ended, sizeof(ended));
	}
	return h ? h : 1;
}

/* The node of the state with that key; *first: it was not reached before. */
static uint32_t reach(uint64_t key, uint32_t from, uint8_t choice, bool *first)
{
	uint32_t to;

	*first = is_new(&x.states, key, x.n_node);
	to = *first ? new_node(from, choice) : find(&x.states, key)->node;
	x.node[from].next[choice] = to;
	return to;
}

/* What can happen besides going on: later, from here. */
static void add_faults(uint32_t node)
{
	unsigned mask;
	uint32_t to;
	bool first;
	int role;

	if (x.faulted && !x.serial) /* one killed, and one that has refused: as if both were */
		return;
	for (role = 0; role < ROLES; role++) {
		if (x.p[role].is != RUNS)
			continue;
		x.c->kills += !x.serial;
		to = reach(key_of_state(role), node, (uint8_t)(CHOICE_KILL + role), &first);
		if (first)
			add_job(to, GO_ON);
	}
	for (mask = 0; (!x.s->decides || x.s->fresh) && !x.serial && mask < 1u << world->n_lost;
		mask++) {
		x.c->losses++;
		if (is_new(&x.endings, key_of_ending((int)mask), node))
			add_job(node, (uint8_t)(CHOICE_POWER + mask));
	}
}

/* One point on, to a node. */
static uint32_t go(uint32_t from, int role, bool *first)
{
	choose((uint8_t)role);
	x.node[from].wrote[role] = x.p[role].at.touched.wrote;
	return reach(key_of_state(-1), from, (uint8_t)role, first);
}

/* Who goes on from there; ROLES: nobody can. */
static int choose_role(void)
{
	if (may_step(0) && !(x.p[1].at.looks && !x.p[0].at.looks && may_step(1)))
		return 0;
	return may_step(1) ? 1 : ROLES;
}

/* Whether all that it did was to look. One that has ended cannot be killed any more. */
static bool only_looked(const struct process *p, uint64_t disk)
{
	const struct at *at = &p->at;

	return p->is == RUNS && !at->changed && !at->touched.unclear && at->touched.wrote == 0 &&
	       key_of_disk() == disk;
}

/* On from there by one of them, which is the first; the other does later, if it has to. */
static uint32_t go_first(uint32_t from, int role, bool *first)
{
	const bool both = may_step(!role);
	const uint64_t disk = key_of_disk();
	const uint32_t to = go(from, role, first);

	if (both && !x.serial && !explore_whole && only_looked(&x.p[role], disk)) {
		x.node[from].looker = (uint8_t)role;
		x.node[from].looks = true;
		x.node[from].looks_at = x.p[role].at.touched.looked;
	} else if (both) {
		add_job(from, (uint8_t)!role);
	}
	return to;
}

/* Whether the process, going on alone from there, changes one of the objects. */
static bool would_change(uint32_t node, int role, uint64_t objects)
{
	while (node != 0) {
		const struct node *n = &x.node[node];
		const int goes = n->looks ? n->looker : role;

		if (goes == role && (n->wrote[role] & objects) != 0)
			return true;
		node = n->next[goes];
	}
	return false;
}

/* Where it is not the same in either order, the other goes first too. */
static void reopen(void)
{
	uint32_t i;

	for (i = ROOT; i < x.n_node; i++) {
		struct node *n = &x.node[i];

		if (!n->looks || !would_change(n->next[n->looker], !n->looker, n->looks_at))
			continue;
		n->looks = false;
		add_job(i, !n->looker);
	}
}

/* From a state that is new: on, by the first choice, while there are new ones. */
static void go_on(uint32_t node)
{
	bool first = true;
	int goes;

	while (first) {
		if (world->fault[0]) {
			tell_fault(node, -1, world->fault);
			world->fault[0] = '\0';
		}
		add_faults(node);
		goes = choose_role();
		if (goes == ROLES) {
			if (x.p[0].is == RUNS || x.p[1].is == RUNS)
				tell_fault(node, -1, "each waits for the other");
			else if (is_new(&x.endings, key_of_ending(-1), node))
				check_ending(node, -1);
			return;
		}
		node = go_first(node, goes, &first);
	}
}

static void tell_progress(void)
{
	if (x.c->executions % 1000 == 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %u states, %zu to go\r", x.s->name, x.n_node, x.n_job);
}

static void work_on(const struct job *j)
{
	uint8_t path[DEPTH_MAX];
	uint32_t to;
	bool first;
	size_t n;

	path_to(j->node, path, &n);
	begin_execution();
	follow(path, n);
	if (find(&x.states, key_of_state(-1))->node != j->node) {
		tell_fault(j->node, -1, "the same steps lead to another state");
	} else if (j->choice == GO_ON) {
		go_on(j->node);
	} else if (j->choice >= CHOICE_POWER) {
		choose(j->choice);
		check_ending(j->node, j->choice);
	} else {
		to = go(j->node, j->choice, &first);
		if (first)
			go_on(to);
	}
	end_execution();
}

/* Paths from there to an end. */
static double count_orders(uint32_t node)
{
	struct node *n = &x.node[node];
	double sum = 0;
	uint8_t i;

	if (n->orders > 0)
		return n->orders;
	for (i = 0; i < CHOICE_POWER; i++)
		sum += n->next[i] != 0 ? count_orders(n->next[i]) : 0;
	x.node[node].orders = sum > 0 ? sum : 1;
	return x.node[node].orders;
}

static void explore_all(bool serial)
{
	bool first;

	x.serial = serial;
	x.n_node = 0;
	begin_table(&x.states);
	begin_table(&x.endings);
	(void)new_node(0, 0); /* none */
	begin_execution();
	go_on(reach(key_of_state(-1), 0, 0, &first));
	end_execution();
	do {
		while (x.n_job > 0) {
			const struct job j = x.job[--x.n_job];

			work_on(&j);
			tell_progress();
		}
		reopen();
	} while (x.n_job > 0);
	end_table(&x.states);
	end_table(&x.endings);
	if (serial)
		return;
	x.c->states += x.n_node - 1;
	x.c->orders += count_orders(ROOT);
}

/* One path, with all that is said. */
static void show_path(const char *at)
{
	uint32_t node;

	x.shows = true;
	begin_execution();
	(void)new_node(0, 0);
	for (node = new_node(0, 0); *at; at++)
		choose((uint8_t)(*at - '0'));
	if (x.p[0].is != RUNS && x.p[1].is != RUNS)
		check_ending(node, -1);
	end_execution();
}

void explore(const struct scenario *s, const char *at, struct counts *c)
{
	x = (struct explorer){.s = s, .c = c, .now = (int64_t)time(NULL) + 6 * 3600};
	x.outcome = calloc(OUTCOMES_MAX, sizeof(*x.outcome));
	if (!x.outcome)
		give_up("memory");
	if (s->decides)
		explore_all(true);
	if (at)
		show_path(at);
	else
		explore_all(false);
	free(x.outcome);
	free(x.node);
	free(x.job);
}
