/* SPDX-License-Identifier: ISC */
#include "verbs/publish/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_PORT 9180 /* where Caddy asks itself, on this machine only */
#define KEYS_PATH "/.well-known/openpgpkey"
#define CERTBOT_CHAIN "/etc/letsencrypt/live/%h/fullchain.pem"
#define CERTBOT_KEY "/etc/letsencrypt/live/%h/privkey.pem"
#define ACME_ROOT "/var/www/html" /* certbot's usual --webroot */
#define HEAD_LINES                                                                                 \
	"# Written by sealpost publish write, which replaces it: changes belong into its file.\n"

int host_add(struct host_list *l, const struct served_host *h, const char *label,
	const char *domain, struct err *err)
{
	size_t cap = l->cap ? 2 * l->cap : 16;
	struct served_host *grown;

	if (l->n == l->cap) {
		grown = reallocarray(l->v, cap, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		l->v = grown;
		l->cap = cap;
	}
	l->v[l->n] = *h;
	if (asprintf(&l->v[l->n].name, "%s%s", label, domain) < 0)
		return err_set(err, ERR_OS, "out of memory");
	l->n++;
	return 0;
}

void hosts_free(struct host_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct host_list){.n = 0};
}

/* "bind A B", with brackets as Caddy has none for IPv6. */
static int add_bind(const struct publish_section *s, struct buf *out)
{
	size_t i;
	int rc = s->listen.n ? buf_adds(out, "\tbind") : 0;

	for (i = 0; rc == 0 && i < s->listen.n; i++)
		rc = buf_addf(out, " %s", s->listen.v[i]);
	return rc == 0 && s->listen.n ? buf_addc(out, '\n') : rc;
}

/* host: a name, or where the request says it. */
static int add_caddy_files(const char *dir, const char *host, struct buf *out)
{
	return buf_addf(out,
		"\troot * %s/www/%s\n"
		"\theader " KEYS_PATH "/* {\n"
		"\t\tContent-Type application/octet-stream\n"
		"\t\tAccess-Control-Allow-Origin *\n"
		"\t}\n"
		"\theader /.well-known/mta-sts.txt Content-Type \"text/plain; charset=utf-8\"\n"
		"\tfile_server {\n"
		"\t\thide .htaccess .nojekyll .domains CNAME\n"
		"\t}\n",
		dir, host);
}

static int add_caddy_site(const struct served_host *h, const char *dir, struct buf *out)
{
	if (h->direct)
		return buf_addf(out,
			"# %s: put into its site block: handle " KEYS_PATH
			"/* with root %s/www/%s\n",
			h->name, dir, h->name);
	if (!h->points)
		return buf_addf(out, "# %s does not point here yet: no certificate is asked for\n",
			h->name);
	if (buf_addf(out, "\n%s {\n", h->name) < 0 || add_bind(h->section, out) < 0 ||
		add_caddy_files(dir, h->name, out) < 0)
		return -1;
	return buf_adds(out, "}\n");
}

static const struct publish_section *find_provider(const struct publish_conf *c)
{
	size_t i;

	for (i = 0; i < c->n_section; i++) {
		if (c->section[i].provider && c->section[i].servers & PUBLISH_CADDY)
			return &c->section[i];
	}
	return NULL;
}

/*
 * Customers' hosts get their certificates on demand: Caddy asks itself whether hosts/NAME is there.
 * Nothing is served for others either: there may be a certificate of a name that means another
 * customer now, and what a request calls its host may be no name at all, but "..".
 */
static int add_on_demand(const struct publish_section *s, const char *dir, struct buf *out)
{
	if (buf_addf(out,
		    "\nhttp://127.0.0.1:%d {\n"
		    "\tbind 127.0.0.1\n"
		    "\troot * %s/hosts\n"
		    "\t@listed file /{query.domain}\n"
		    "\trespond @listed 200\n"
		    "\trespond 404\n"
		    "}\n"
		    "\nhttps:// {\n",
		    ASK_PORT, dir) < 0 ||
		add_bind(s, out) < 0)
		return -1;
	if (buf_addf(out,
		    "\ttls {\n\t\ton_demand\n\t}\n"
		    "\t@listed file {\n\t\troot %s/hosts\n\t\ttry_files /{host}\n\t}\n"
		    "\thandle @listed {\n",
		    dir) < 0 ||
		add_caddy_files(dir, "{host}", out) < 0)
		return -1;
	return buf_adds(out, "\t}\n\trespond 404\n}\n");
}

int caddy_text(
	const struct publish_conf *c, const struct host_list *l, const char *dir, struct buf *out)
{
	const struct publish_section *provider = find_provider(c), *s = provider;
	size_t i;
	int rc = buf_adds(out, HEAD_LINES "{\n\tadmin off\n");

	for (i = 0; !s && i < c->n_section; i++)
		s = c->section[i].servers & PUBLISH_CADDY ? &c->section[i] : NULL;
	if (rc == 0 && s && s->acme_email)
		rc = buf_addf(out, "\temail %s\n", s->acme_email);
	if (rc == 0 && s && s->acme)
		rc = buf_addf(out, "\tacme_ca %s\n", s->acme);
	if (rc == 0 && s && s->acme_ca)
		rc = buf_addf(out, "\tacme_ca_root %s\n", s->acme_ca);
	if (rc == 0 && provider)
		rc = buf_addf(
			out, "\ton_demand_tls {\n\t\task http://127.0.0.1:%d/\n\t}\n", ASK_PORT);
	if (rc == 0)
		rc = buf_adds(out, "}\n");
	for (i = 0; rc == 0 && i < l->n; i++) {
		if (l->v[i].section->servers & PUBLISH_CADDY && !l->v[i].customer)
			rc = add_caddy_site(&l->v[i], dir, out);
	}
	return rc == 0 && provider ? add_on_demand(provider, dir, out) : rc;
}

/* listen lines for a port. */
static int add_listen(const struct publish_section *s, int port, const char *more, struct buf *out)
{
	size_t i;
	int rc = 0;

	if (s->listen.n == 0)
		return buf_addf(
			out, "\tlisten %d%s;\n\tlisten [::]:%d%s;\n", port, more, port, more);
	for (i = 0; rc == 0 && i < s->listen.n; i++) {
		bool v6 = strchr(s->listen.v[i], ':') != NULL;

		rc = buf_addf(out, "\tlisten %s%s%s:%d%s;\n", v6 ? "[" : "", s->listen.v[i],
			v6 ? "]" : "", port, more);
	}
	return rc;
}

/* A path with the host in the place of %h. */
static int add_template(const char *path, const char *host, struct buf *out)
{
	const char *at;
	int rc = 0;

	while (rc == 0 && (at = strstr(path, "%h")) != NULL) {
		rc = buf_add(out, path, (size_t)(at - path)) | buf_adds(out, host);
		path = at + 2;
	}
	return rc == 0 ? buf_adds(out, path) : rc;
}

static int add_nginx_locations(const struct served_host *h, struct buf *out)
{
	if (h->policy)
		return buf_adds(out, "\tlocation = /.well-known/mta-sts.txt {\n"
				     "\t\ttypes { }\n"
				     "\t\tdefault_type \"text/plain; charset=utf-8\";\n"
				     "\t\ttry_files $uri =404;\n"
				     "\t}\n"
				     "\tlocation / {\n"
				     "\t\treturn 404;\n"
				     "\t}\n");
	return buf_adds(out, "\tlocation " KEYS_PATH "/ {\n"
			     "\t\ttypes { }\n"
			     "\t\tdefault_type application/octet-stream;\n"
			     "\t\tadd_header Access-Control-Allow-Origin * always;\n"
			     "\t\ttry_files $uri =404;\n"
			     "\t}\n"
			     "\tlocation / {\n"
			     "\t\treturn 404;\n"
			     "\t}\n");
}

static int add_nginx_server(const struct served_host *h, const char *dir, struct buf *out)
{
	const struct publish_section *s = h->section;
	int rc;

	if (h->direct)
		return buf_addf(out,
			"\n# %s: put into its server block:\n"
			"#\tlocation " KEYS_PATH "/ {\n"
			"#\t\troot %s/www/%s;\n"
			"#\t\ttypes { }\n"
			"#\t\tdefault_type application/octet-stream;\n"
			"#\t\tadd_header Access-Control-Allow-Origin * always;\n"
			"#\t\ttry_files $uri =404;\n"
			"#\t}\n",
			h->name, dir, h->name);
	/* Only the token tells which customer a name belongs to. */
	if (h->customer && !h->points)
		return buf_addf(out, "\n# %s does not point here yet\n", h->name);
	rc = buf_adds(out, "\nserver {\n");
	if (rc == 0)
		rc = add_listen(s, 443, " ssl", out);
	if (rc == 0)
		rc = buf_addf(out, "\tserver_name %s;\n\tssl_certificate ", h->name);
	if (rc == 0)
		rc = add_template(s->chain ? s->chain : CERTBOT_CHAIN, h->name, out);
	if (rc == 0)
		rc = buf_adds(out, ";\n\tssl_certificate_key ");
	if (rc == 0)
		rc = add_template(s->key ? s->key : CERTBOT_KEY, h->name, out);
	if (rc == 0)
		rc = buf_addf(out, ";\n\troot %s/www/%s;\n", dir, h->name);
	if (rc == 0)
		rc = add_nginx_locations(h, out);
	return rc == 0 ? buf_adds(out, "}\n") : rc;
}

static int add_nginx_plain(const struct served_host *h, struct buf *out)
{
	if (h->direct)
		return 0;
	if (buf_adds(out, "\nserver {\n") < 0 || add_listen(h->section, 80, "", out) < 0)
		return -1;
	return buf_addf(out,
		"\tserver_name %s;\n"
		"\tlocation /.well-known/acme-challenge/ {\n"
		"\t\troot " ACME_ROOT ";\n"
		"\t}\n"
		"\tlocation / {\n"
		"\t\treturn 301 https://$host$request_uri;\n"
		"\t}\n"
		"}\n",
		h->name);
}

int nginx_text(const struct host_list *l, const char *dir, struct buf *out)
{
	size_t i;
	int rc = buf_adds(out, HEAD_LINES "# For the http block: include it there, or link it into "
					  "conf.d.\n");

	for (i = 0; rc == 0 && i < l->n; i++) {
		if (!(l->v[i].section->servers & PUBLISH_NGINX))
			continue;
		rc = add_nginx_plain(&l->v[i], out);
		if (rc == 0)
			rc = add_nginx_server(&l->v[i], dir, out);
	}
	return rc;
}

int apache_text(const struct served_host *h, struct buf *out)
{
	int rc = buf_adds(out, HEAD_LINES
		"Options -Indexes\n"
		"<IfModule mod_dir.c>\n\tDirectorySlash Off\n</IfModule>\n"
		"# A folder is nothing, not something that is forbidden.\n"
		"<IfModule mod_alias.c>\n\tRedirectMatch 404 \"/(hu)?$\"\n</IfModule>\n");

	if (rc < 0)
		return rc;
	if (h->policy)
		return buf_adds(out, "<Files \"mta-sts.txt\">\n"
				     "\tForceType \"text/plain; charset=utf-8\"\n"
				     "</Files>\n");
	return buf_adds(out, "<FilesMatch \"^(policy|[a-z0-9]{32})$\">\n"
			     "\tForceType application/octet-stream\n"
			     "\t<IfModule mod_headers.c>\n"
			     "\t\tHeader always set Access-Control-Allow-Origin \"*\"\n"
			     "\t</IfModule>\n"
			     "</FilesMatch>\n");
}
