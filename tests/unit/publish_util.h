/* SPDX-License-Identifier: ISC */
/*
 * A real tree and a real store for tests of what publish write decides; who would ask the network
 * (look.h) answers from a table here.
 */
#ifndef TESTS_PUBLISH_UTIL_H
#define TESTS_PUBLISH_UTIL_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_util.h"

#include "store/live.h"
#include "verbs/publish/write.h"

#define NOW 1800000000

/* The world. */
static const struct fake_set {
	const char *name;
	uint16_t type;
	enum dns_state state;
	const char *ip, *canon; /* of an alias: ip is where it leads */
} * fake_sets;                  /* ended by a NULL name; what is not named does not exist */
static struct world_got (*fake_file)(const struct world_file *q);
static size_t fake_talks, fake_questions;

static struct publish_args args;
static struct publish_section section;
static struct publish_domain domain;
static struct publish publish;
static struct writing writing;
static char tree_path[FILE_PATH_MAX];

int look_add_set(struct world_request *q, const char *name, uint16_t type, struct err *e)
{
	(void)e;
	q->set = reallocarray(q->set, q->n_set + 1, sizeof(*q->set));
	assert_non_null(q->set);
	q->set[q->n_set++] = (struct world_set){strdup(name), type};
	return 0;
}

int look_add_file(struct world_request *q, const char *host, const char *at, const char *path,
	bool head, struct err *e)
{
	(void)e;
	q->file = reallocarray(q->file, q->n_file + 1, sizeof(*q->file));
	assert_non_null(q->file);
	q->file[q->n_file++] = (struct world_file){strdup(host), strdup(at), strdup(path), head};
	return 0;
}

static struct world_answer answer_set(const struct world_set *q)
{
	struct world_answer a = {.state = DNS_SECURE, .nxdomain = true};
	const struct fake_set *s;

	for (s = fake_sets; s && s->name; s++) {
		if (strcmp(s->name, q->name) != 0 || s->type != q->type)
			continue;
		a.state = s->state;
		a.canon = s->canon ? strdup(s->canon) : NULL;
		if (!s->ip)
			continue;
		a.nxdomain = false;
		a.record = calloc(1, sizeof(*a.record));
		assert_non_null(a.record);
		if (s->type == RECORD_CNAME) {
			a.record[0].data = (uint8_t *)strdup(s->ip);
			a.record[0].len = strlen(s->ip);
			a.n_record = 1;
			continue;
		}
		a.record[0].len = strchr(s->ip, ':') ? 16 : 4;
		a.record[0].data = malloc(16);
		assert_int_equal(
			inet_pton(strchr(s->ip, ':') ? AF_INET6 : AF_INET, s->ip, a.record[0].data),
			1);
		a.n_record = 1;
	}
	if (!a.canon)
		a.canon = strdup("");
	a.note = strdup("");
	return a;
}

int look_world(
	struct publish *p, struct world_request *q, struct world_reply *a, size_t n, struct err *e)
{
	size_t i, k;

	(void)p;
	(void)e;
	fake_talks++;
	for (i = 0; i < n; i++) {
		a[i] = (struct world_reply){.n_answer = q[i].n_set, .n_got = q[i].n_file};
		a[i].answer = calloc(q[i].n_set + 1, sizeof(*a[i].answer));
		a[i].got = calloc(q[i].n_file + 1, sizeof(*a[i].got));
		assert_true(a[i].answer && a[i].got);
		for (k = 0; k < q[i].n_set; k++)
			a[i].answer[k] = answer_set(&q[i].set[k]);
		for (k = 0; k < q[i].n_file; k++)
			a[i].got[k] = fake_file(&q[i].file[k]);
		fake_questions += q[i].n_set + q[i].n_file;
	}
	return 0;
}

static __attribute__((unused)) void put_in_tree(const char *path, const char *of, const char *text)
{
	assert_int_equal(tree_put(&writing.tree, path, of, text, strlen(text), &err), 0);
}

/* Begins a run; what is in the tree is of earlier ones. */
static __attribute__((unused)) void begin_run(int64_t now)
{
	publish.now = now;
	writing = (struct writing){.p = &publish};
	assert_int_equal(tree_open(&writing.tree, tree_path, now, &err), 0);
	fake_talks = fake_questions = 0;
}

static __attribute__((unused)) void end_run(void)
{
	assert_int_equal(tree_commit(&writing.tree, &err), 0);
	steps_free(&writing.steps);
	hosts_free(&writing.hosts);
	free(writing.gone);
	tree_close(&writing.tree);
}

/* One section with one domain, example.org. */
static int setup_publish(void **state)
{
	char name[FILE_PATH_MAX];

	setup_folder(state);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(path_join(name, root, "tree"), 0);
	assert_int_equal(tree_prepare(name, tree_path, &err), 0);
	args = (struct publish_args){.what = PUBLISH_WRITE};
	section = (struct publish_section){.name = "example.org", .ttl = 3600, .max_age = 604800};
	domain = (struct publish_domain){
		.name = (char *)(uintptr_t) "example.org", .section = &section};
	publish = (struct publish){.args = &args, .now = NOW};
	publish.conf = (struct publish_conf){
		.section = &section, .n_section = 1, .domain = &domain, .n_domain = 1};
	publish.session.store = opened(false);
	fake_sets = NULL;
	return 0;
}

static int teardown_publish(void **state)
{
	store_close(publish.session.store);
	return teardown_folder(state);
}

#endif
