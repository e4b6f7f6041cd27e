/* SPDX-License-Identifier: ISC */
/* The files of a domain that are not keys, and those of all domains. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/text_file.h"
#include "base/wkd_name.h"
#include "pgp/cert/split.h"
#include "verbs/publish/tlsa.h"
#include "verbs/publish/told.h"
#include "verbs/publish/write.h"

#define TEXT_MAX (64u << 20)
#define IN_MEMORY_MAX (8u << 20) /* of records; more of them are written to the disk at once */

static int put_tree_text(struct writing *w, const char *path, const struct publish_domain *d,
	const struct buf *text, struct err *err)
{
	return tree_put(
		&w->tree, path, d ? d->name : TREE_NO_DOMAIN, buf_str(text), text->len, err);
}

/* Files that a host's folder needs for servers that read the folder themselves. */
static int put_host_files(struct writing *w, const struct publish_domain *d,
	const struct served_host *h, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	char path[FILE_PATH_MAX];
	int rc = 0;

	if (h->section->servers & PUBLISH_APACHE) {
		snprintf(path, sizeof(path), "www/%s/.htaccess", h->name);
		/* On a domain's own site only the part with the keys is ours. */
		if (h->direct)
			snprintf(path, sizeof(path), "www/%s/.well-known/openpgpkey/.htaccess",
				h->name);
		rc = apache_text(h, &text) < 0 ? err_set(err, ERR_OS, "out of memory")
					       : put_tree_text(w, path, d, &text, err);
	}
	if (rc == 0 && h->section->servers & PUBLISH_PAGES) {
		buf_reset(&text);
		snprintf(path, sizeof(path), "www/%s/.nojekyll", h->name);
		rc = put_tree_text(w, path, d, &text, err);
		(void)buf_addf(&text, "%s\n", h->name);
		snprintf(path, sizeof(path), "www/%s/CNAME", h->name);
		if (rc == 0)
			rc = put_tree_text(w, path, d, &text, err);
		snprintf(path, sizeof(path), "www/%s/.domains", h->name);
		if (rc == 0)
			rc = put_tree_text(w, path, d, &text, err);
	}
	buf_free(&text);
	return rc;
}

/* A host that is served, with the files of its folder. */
static int serve_host(struct writing *w, const struct publish_domain *d, const char *label,
	bool policy, struct err *err)
{
	int rc = add_served_host(w, d, label, policy, err);

	return rc == 0 ? put_host_files(w, d, &w->hosts.v[w->hosts.n - 1], err) : rc;
}

/* The policy file of the directory, which is empty, and the host. */
static int put_directory(
	struct writing *w, const struct publish_domain *d, bool advanced, struct err *err)
{
	char path[FILE_PATH_MAX];
	int rc;

	tree_key_path(path, d, advanced, "policy");
	rc = tree_put(&w->tree, path, d->name, "", 0, err);
	return rc == 0 ? serve_host(w, d, advanced ? "openpgpkey." : "", false, err) : rc;
}

/* OPENPGPKEY of what is served for an address. */
static int add_key_records(struct writing *w, const struct publish_domain *d,
	const struct key_claim *c, struct record_list *l, struct err *err)
{
	struct buf served = BUF_INIT(TEXT_MAX);
	char path[FILE_PATH_MAX], name[3 + WKD_HASH_LEN + 1] = "hu/";
	const uint8_t *at, *cert;
	size_t left, len;
	struct addr addr;
	int rc;

	if (addr_parse(c->address, &addr, err) < 0)
		return ERR_INTERNAL;
	wkd_hash(&addr, name + 3);
	tree_key_path(path, d, d->section->method != PUBLISH_DIRECT, name);
	rc = tree_read(&w->tree, path, &served, err);
	at = served.p;
	left = served.len;
	while (rc == 0 && split_next(&at, &left, &cert, &len) == 1)
		rc = openpgpkey_records(d, &addr, cert, len, l, err);
	buf_free(&served);
	return rc < 0 ? rc : 0;
}

static uint32_t domain_index(const struct writing *w, const struct publish_domain *d)
{
	return (uint32_t)publish_index(w->p, d);
}

static int add_all_key_records(
	struct writing *w, const struct publish_domain *d, struct record_list *l, struct err *err)
{
	const struct keys *k = &w->keys;
	uint32_t index = domain_index(w, d);
	const char *last = NULL;
	size_t i;
	int rc = 0;

	for (i = keys_first(k, index); rc == 0 && i < k->n_claim && k->claim[i].domain == index;
		i++) {
		const struct key_claim *c = &k->claim[i];

		if (!c->publish || !c->address || (last && strcasecmp(last, c->address) == 0))
			continue;
		last = c->address;
		rc = add_key_records(w, d, c, l, err);
	}
	return rc;
}

enum record_form { FORM_ZONE, FORM_NSUPDATE, FORM_PANEL };

static int print_records(FILE *f, const char *name, const struct record_list *l,
	enum record_form form, const char *server)
{
	if (form == FORM_NSUPDATE)
		return records_print_nsupdate(f, l, name, server);
	if (form == FORM_ZONE)
		records_print_zone(f, l);
	else
		records_print_panel(f, l, name);
	return 0;
}

static bool is_large(const struct record_list *l)
{
	size_t i, octets = 0;

	for (i = 0; i < l->n; i++)
		octets += l->v[i].len;
	return octets > IN_MEMORY_MAX;
}

static int put_records(struct writing *w, const struct publish_domain *d, const char *name,
	const struct record_list *l, enum record_form form, const char *server, struct err *err)
{
	static const char *const ending[] = {
		[FORM_ZONE] = "zone", [FORM_NSUPDATE] = "nsupdate", [FORM_PANEL] = "txt"};
	const char *domain = d ? d->name : TREE_NO_DOMAIN;
	bool large = is_large(l);
	char path[FILE_PATH_MAX], *text;
	size_t len;
	struct text_file t;
	FILE *f = large ? tree_put_begin(&w->tree, err) : text_file_open(&t);
	int rc = 0;

	if (!f)
		return large ? (int)err->code : err_set(err, ERR_OS, "out of memory");
	snprintf(path, sizeof(path), "dns/%s.%s", name, ending[form]);
	if (form == FORM_NSUPDATE)
		rc = print_dropped(f, &w->tree, path, l, server, err);
	if (rc == 0 && print_records(f, name, l, form, server) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (large && rc == 0)
		return tree_put_end(&w->tree, f, path, domain, err);
	if (large) {
		fclose(f);
		return rc;
	}
	text = text_file_close(&t, f, &len);
	if (rc == 0)
		rc = text ? tree_put(&w->tree, path, domain, text, len, err)
			  : err_set(err, ERR_OS, "out of memory");
	free(text);
	return rc;
}

/* A customer has no zone file, but a letter with the table for its control panel. */
static int put_all_records(struct writing *w, const struct publish_domain *d,
	const struct record_list *l, struct err *err)
{
	int rc = put_records(w, d, d->name, l, FORM_ZONE, NULL, err);

	if (rc == 0 && !d->customer)
		rc = put_records(w, d, d->name, l, FORM_NSUPDATE, d->section->ns, err);
	return rc == 0 ? put_records(w, d, d->name, l, FORM_PANEL, NULL, err) : rc;
}

static int put_policy_file(struct writing *w, const struct publish_domain *d,
	const struct buf *policy, struct err *err)
{
	char path[FILE_PATH_MAX];
	int rc;

	if (policy->len == 0)
		return 0;
	tree_policy_path(path, d);
	rc = put_tree_text(w, path, d, policy, err);
	return rc == 0 ? serve_host(w, d, "mta-sts.", true, err) : rc;
}

/* Names that lead here may get a certificate. */
static int put_points(
	struct writing *w, const struct publish_domain *d, const struct look *l, struct err *err)
{
	char path[FILE_PATH_MAX];
	int rc = 0;

	snprintf(path, sizeof(path), "hosts/openpgpkey.%s", d->name);
	if (l && l->key_host && domain_method(w, d) != PUBLISH_DIRECT)
		rc = tree_put(&w->tree, path, d->name, "", 0, err);
	snprintf(path, sizeof(path), "hosts/mta-sts.%s", d->name);
	if (rc == 0 && l && l->policy_host)
		rc = tree_put(&w->tree, path, d->name, "", 0, err);
	return rc;
}

/* From direct to advanced: whether the host's address may be told. */
static bool may_have_host(struct writing *w, const struct publish_domain *d, const struct look *l)
{
	struct step_facts f = {.wanted = false};
	char direct[FILE_PATH_MAX], advanced[FILE_PATH_MAX];

	if (d->section->method == PUBLISH_DIRECT)
		return false;
	tree_key_path(direct, d, false, "policy");
	tree_key_path(advanced, d, true, "policy");
	if (l)
		look_host(l, &f);
	else
		f.wanted = tree_old(&w->tree, direct) && !tree_old(&w->tree, advanced);
	return step_allowed(w->p, &w->steps, d, STEP_HOST, d->name, &f);
}

/* The live state of the direct method, and of openpgpkey. without its address. */
static void look_direct(struct writing *w, const struct publish_domain *d, const struct look *l,
	struct step_facts *f)
{
	const struct check_wkd *k = l->t.reply.wkd;
	const struct hiding_facts hiding = {.wildcard = k[0].wildcard,
		.proved = k[0].dnssec == DNS_SECURE,
		.alias = l->key_alias || d->customer || d->section->web_is_host,
		.guarded = l->key_guarded};

	f->ready = k[1].policy.outcome == CHECK_FOUND  ? FACT_YES
		   : k[1].policy.outcome == CHECK_NONE ? FACT_NO
						       : FACT_UNKNOWN;
	f->allowed = publish_may_hide(&hiding);
	if (f->ready == FACT_YES)
		f->ready = direct_serves_all(w, d);
}

enum host_drop may_drop_host(
	struct writing *w, const struct publish_domain *d, const struct look *l)
{
	struct step_facts f = {.ready = FACT_UNKNOWN, .allowed = FACT_UNKNOWN};
	char path[FILE_PATH_MAX];

	tree_key_path(path, d, true, "policy");
	if (d->section->method != PUBLISH_DIRECT || !tree_old(&w->tree, path))
		return HOST_GOES;
	f.wanted = true;
	if (l && l->t.answered)
		look_direct(w, d, l, &f);
	if (step_allowed(w->p, &w->steps, d, STEP_DIRECT, d->name, &f))
		return HOST_GOES;
	return f.ready == FACT_YES && f.allowed == FACT_NO ? HOST_GUARDED : HOST_STAYS;
}

/* A line of the zone file that was written before, of one of the types that a step may keep as they
 * are: its RDATA into out. */
static int parse_old_line(const char *value, enum record_type type, uint8_t *out, size_t *len)
{
	const char *quote = strchr(value, '"'), *hex = value + strlen("3 1 1 ");

	if (type == RECORD_CAA) {
		*len = quote ? strcspn(quote + 1, "\"") : 0;
		if (*len == 0 || *len > 255)
			return -1;
		memcpy(out, "\0\5issue", 7);
		memcpy(out + 7, quote + 1, *len);
		*len += 7;
		return 0;
	}
	if (strlen(value) != strlen("3 1 1 ") + 2 * DIGEST_LEN ||
		!text_unhex(hex, out + 3, DIGEST_LEN))
		return -1;
	memcpy(out, "\3\1\1", 3);
	*len = 3 + DIGEST_LEN;
	return 0;
}

/* Keeps the records of a type as they were written before: a refused step leaves them unchanged. */
static int keep_old_records(struct writing *w, const struct publish_domain *d,
	enum record_type type, struct record_list *l, struct err *err)
{
	struct buf old = BUF_INIT(TEXT_MAX);
	char path[FILE_PATH_MAX], word[16], *line, *next, *at;
	uint8_t rdata[512];
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "dns/%s.zone", d->name);
	snprintf(word, sizeof(word), " IN %s ", record_type_name(type));
	rc = tree_read_old(&w->tree, path, &old, err);
	for (line = (char *)old.p; rc == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		at = strstr(line, word);
		if (!at || parse_old_line(at + strlen(word), type, rdata, &len) < 0)
			continue;
		line[strcspn(line, " ")] = '\0';
		len = strlen(line) > 0 && line[strlen(line) - 1] == '.' ? len : 0;
		line[strlen(line) - 1] = '\0';
		if (len > 0)
			rc = record_add(l, line, type, (uint32_t)d->section->ttl, rdata, len, err);
	}
	buf_free(&old);
	return rc < 0 ? rc : 0;
}

/* Records that depend on steps: CAA and TLSA. */
static int add_guarded(struct writing *w, const struct publish_domain *d, bool caa,
	struct record_list *l, struct err *err)
{
	struct record_list tlsa = {.n = 0};
	bool allowed;
	size_t i;
	int rc = tlsa_records(w->p, d, look_of(w, d), &w->steps, &tlsa, &allowed, err);

	for (i = 0; rc == 0 && allowed && i < tlsa.n; i++)
		rc = record_add(l, tlsa.v[i].name, RECORD_TLSA, tlsa.v[i].ttl, tlsa.v[i].rdata,
			tlsa.v[i].len, err);
	records_free(&tlsa);
	if (rc == 0 && !allowed)
		rc = keep_old_records(w, d, RECORD_TLSA, l, err);
	if (rc == 0 && !caa && !d->customer && d->section->caa.n > 0)
		rc = keep_old_records(w, d, RECORD_CAA, l, err);
	return rc;
}

/* What stands at openpgpkey. */
static void choose_host(struct writing *w, const struct publish_domain *d, const struct look *l,
	struct record_wants *wants)
{
	enum host_drop drop;

	wants->key_host = may_have_host(w, d, l);
	if (d->section->method != PUBLISH_DIRECT)
		return;
	drop = may_drop_host(w, d, l);
	wants->hide = drop != HOST_STAYS;
	wants->key_host = drop != HOST_GOES;
}

int write_domain(struct writing *w, const struct publish_domain *d, struct err *err)
{
	struct buf old = BUF_INIT(65536), policy = BUF_INIT(65536);
	struct record_list l = {.n = 0};
	const struct look *look = look_of(w, d);
	enum publish_method method = domain_method(w, d);
	struct record_wants wants = {.key_host = false};
	struct step_facts caa = {.wanted = d->section->caa.n > 0};
	char path[FILE_PATH_MAX];
	int rc = 0;

	look_caa(look, &caa);
	choose_host(w, d, look, &wants);
	if (!w->p->args->offline)
		rc = put_points(w, d, look, err);
	if (rc == 0 && method != PUBLISH_DIRECT)
		rc = put_directory(w, d, true, err);
	if (rc == 0 && method != PUBLISH_ADVANCED)
		rc = put_directory(w, d, false, err);
	tree_policy_path(path, d);
	if (rc == 0)
		rc = tree_read_old(&w->tree, path, &old, err);
	if (rc >= 0)
		rc = policy_choose(w->p, &w->steps, d, look, &old, &policy, &wants.untold, err);
	w->untold[domain_index(w, d)] = wants.untold;
	if (rc == 0)
		rc = put_policy_file(w, d, &policy, err);
	wants.policy = policy.len ? &policy : NULL;
	wants.caa = !d->customer && (step_allowed(w->p, &w->steps, d, STEP_CAA, d->name, &caa) ||
					    (look && look->caa_live));
	if (rc == 0)
		rc = domain_records(d, &wants, &l, err);
	if (rc == 0)
		rc = add_guarded(w, d, wants.caa, &l, err);
	if (rc == 0 && look_wants_openpgpkey(look, d))
		rc = add_all_key_records(w, d, &l, err);
	if (rc == 0)
		rc = put_all_records(w, d, &l, err);
	records_free(&l);
	buf_free(&old);
	buf_free(&policy);
	return rc;
}

static int put_configurations(struct writing *w, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	unsigned servers = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < w->p->conf.n_section; i++)
		servers |= w->p->conf.section[i].servers;
	if (servers & (PUBLISH_CADDY | PUBLISH_NGINX) && !publish_path_plain(w->tree.path))
		return err_set(err, ERR_CREATE,
			"%s: a web server's configuration can only name paths of letters, digits "
			"and "
			"._-+@/",
			w->tree.path);
	if (servers & PUBLISH_CADDY) {
		rc = caddy_text(&w->p->conf, &w->hosts, w->tree.path, &text);
		rc = rc < 0 ? err_set(err, ERR_OS, "out of memory")
			    : put_tree_text(w, "Caddyfile", NULL, &text, err);
	}
	buf_reset(&text);
	if (rc == 0 && servers & PUBLISH_NGINX) {
		rc = nginx_text(&w->hosts, w->tree.path, &text);
		rc = rc < 0 ? err_set(err, ERR_OS, "out of memory")
			    : put_tree_text(w, "nginx.conf", NULL, &text, err);
	}
	buf_free(&text);
	return rc;
}

/* Whether the policy of a customer is told: as was decided now, or, if it was not named with -d, as
 * it was. */
static bool tells_of_policy(
	const struct writing *w, const struct told *t, const struct publish_domain *d)
{
	if (w->p->chosen[domain_index(w, d)])
		return !w->untold[domain_index(w, d)];
	return d->sts != PUBLISH_STS_OFF || !t->known || told_has(t, d->name);
}

/* Adds the targets of each customer's aliases, as in the tree. */
static int add_customers(
	struct writing *w, const struct publish_section *s, struct record_list *l, struct err *err)
{
	const struct publish_conf *c = &w->p->conf;
	struct buf policy = BUF_INIT(65536);
	char path[FILE_PATH_MAX];
	struct told told;
	size_t i;
	int rc = told_read(&w->tree, s, &told, err);

	for (i = 0; rc >= 0 && i < c->n_domain; i++) {
		const struct publish_domain *d = &c->domain[i];

		if (d->section != s)
			continue;
		buf_reset(&policy);
		tree_policy_path(path, d);
		rc = tree_read(&w->tree, path, &policy, err);
		if (rc >= 0)
			rc = customer_records(d,
				policy.len && tells_of_policy(w, &told, d) ? &policy : NULL, l,
				err);
	}
	for (i = 0; rc >= 0 && i < w->n_gone; i++) {
		if (w->gone[i].section != s)
			continue;
		buf_reset(&policy);
		tree_policy_path(path, &w->gone[i]);
		rc = tree_read(&w->tree, path, &policy, err);
		if (rc == 0)
			rc = customer_records(&w->gone[i], &policy, l, err);
	}
	told_free(&told);
	buf_free(&policy);
	return rc < 0 ? rc : 0;
}

/* The provider's own zone. */
static int put_provider(struct writing *w, const struct publish_section *s, struct err *err)
{
	struct record_list l = {.n = 0};
	int rc = provider_records(s, &l, err);

	if (rc == 0)
		rc = add_customers(w, s, &l, err);
	if (rc == 0)
		rc = put_records(w, NULL, s->name, &l, FORM_ZONE, NULL, err);
	if (rc == 0)
		rc = put_records(w, NULL, s->name, &l, FORM_NSUPDATE, s->ns, err);
	if (rc == 0)
		rc = put_records(w, NULL, s->name, &l, FORM_PANEL, NULL, err);
	records_free(&l);
	return rc;
}

/* Hosts of domains that were not named with -d, as they are in the tree. */
static int add_other_hosts(struct writing *w, struct err *err)
{
	const struct publish *p = w->p;
	char path[FILE_PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->conf.n_domain; i++) {
		const struct publish_domain *d = &p->conf.domain[i];

		if (p->chosen[i])
			continue;
		tree_key_path(path, d, true, "policy");
		if (tree_will_have(&w->tree, path))
			rc = add_served_host(w, d, "openpgpkey.", false, err);
		tree_policy_path(path, d);
		if (rc == 0 && tree_will_have(&w->tree, path))
			rc = add_served_host(w, d, "mta-sts.", true, err);
		tree_key_path(path, d, false, "policy");
		if (rc == 0 && tree_will_have(&w->tree, path))
			rc = add_served_host(w, d, "", false, err);
	}
	return rc;
}

int write_common(struct writing *w, struct err *err)
{
	size_t i;
	int rc = add_other_hosts(w, err);

	if (rc == 0)
		rc = put_configurations(w, err);
	for (i = 0; rc == 0 && i < w->p->conf.n_section; i++) {
		if (w->p->conf.section[i].provider)
			rc = put_provider(w, &w->p->conf.section[i], err);
	}
	return rc;
}
