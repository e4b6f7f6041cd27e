/* SPDX-License-Identifier: ISC */
#include "mail/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/addr_set.h"

static int add_addresses(struct addr_set *set, const struct addr *v, size_t n, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < n; i++)
		rc = addr_set_add(set, &v[i], err);
	return rc < 0 ? rc : 0;
}

static int collect_recipients(const struct send_args *args, const struct message *msg,
	struct addr_set *all, struct err *err)
{
	int rc = 0;

	if (args->from_headers && msg->bad_recipients) {
		err_set(err, ERR_DATA, "the message's %.60s field cannot be read as addresses: %s",
			msg->bad_field[0] != '\0' ? msg->bad_field : "recipient", msg->bad_entry);
		err_hint(err, "fix the field, or name the recipients as arguments, without -t");
		return ERR_DATA;
	}
	if (args->from_headers)
		rc = add_addresses(all, msg->named.v, msg->named.n, err);
	if (rc == 0 && args->from_headers)
		rc = add_addresses(all, msg->hidden.v, msg->hidden.n, err);
	if (rc == 0)
		rc = add_addresses(all, args->rcpt, args->n_rcpt, err);
	if (rc < 0 || all->n > 0)
		return rc;
	err_set(err, ERR_USAGE,
		args->from_headers ? "the message names no recipient" : "no recipient is given");
	err_hint(err, args->from_headers
			      ? "add a To, Cc or Bcc field, or name recipients after --"
			      : "name recipients after --, or use -t to take the message's");
	return ERR_USAGE;
}

static int qualify(struct addr *a, const char *domain, struct err *err)
{
	char text[ADDR_LOCAL_MAX * 2 + 3 + ADDR_DOMAIN_MAX + 1];

	if (a->text[0] == '\0' || a->domain[0] != '\0')
		return 0;
	snprintf(text, sizeof(text), "%s@%s", a->text, domain);
	return addr_parse(text, a, err);
}

static int qualify_all(struct addr *v, size_t n, const char *domain, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = qualify(&v[i], domain, err);
	return rc;
}

static int qualify_sender(struct send_args *args, const char *domain, struct err *err)
{
	struct addr a;
	int rc;

	if (!args->have_sender || args->sender[0] == '\0')
		return 0;
	rc = addr_parse(args->sender, &a, err);
	if (rc == 0)
		rc = qualify(&a, domain, err);
	if (rc == 0)
		memcpy(args->sender, a.text, strlen(a.text) + 1);
	return rc;
}

int envelope_qualify(
	struct send_args *args, struct message *msg, const char *domain, struct err *err)
{
	int rc;

	if (domain[0] == '\0')
		return 0;
	rc = qualify_sender(args, domain, err);
	if (rc == 0)
		rc = qualify(&msg->from, domain, err);
	if (rc == 0)
		rc = qualify(&msg->sender, domain, err);
	if (rc == 0)
		rc = qualify_all(args->rcpt, args->n_rcpt, domain, err);
	if (rc == 0)
		rc = qualify_all(msg->named.v, msg->named.n, domain, err);
	if (rc == 0)
		rc = qualify_all(msg->hidden.v, msg->hidden.n, domain, err);
	return rc;
}

int envelope_make(const struct send_args *args, const struct message *msg, struct envelope *env,
	struct err *err)
{
	struct addr_set all = {0}, named = {0};
	size_t i;
	int rc;

	env->rcpt = NULL;
	env->n = 0;
	rc = collect_recipients(args, msg, &all, err);
	/* With more names than that, those beyond would count as hidden: refused like too many
	 * recipients. */
	if (rc == 0)
		rc = add_addresses(&named, msg->named.v, msg->named.n, err);
	if (rc < 0)
		goto out;
	env->rcpt = calloc(all.n, sizeof(*env->rcpt));
	if (!env->rcpt) {
		rc = err_set(err, ERR_OS, "out of memory");
		goto out;
	}
	for (i = 0; i < all.n; i++) {
		if (!handoff_rcpt_ok(&all.v[i])) {
			rc = err_set(err, ERR_DATA,
				"recipient %.300s: names a program, a file or another host, "
				"to some mail transfer agents",
				all.v[i].text);
			goto out;
		}
		env->rcpt[i].addr = all.v[i];
		env->rcpt[i].hidden = addr_set_find(&named, &all.v[i]) < 0;
	}
	env->n = all.n;
out:
	addr_set_free(&all);
	addr_set_free(&named);
	if (rc < 0)
		envelope_free(env);
	return rc;
}

void envelope_free(struct envelope *env)
{
	free(env->rcpt);
	env->rcpt = NULL;
	env->n = 0;
}
