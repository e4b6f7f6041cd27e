/* SPDX-License-Identifier: ISC */
/* The fields that a mail must have (RFC 5322 section 3.6), written where they are missing. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "mime/ascii_field.h"
#include "mime/message.h"
#include "mime/mime.h"

#define HOST_MAX 256

static const char *domain_of(const struct message *m, char *host)
{
	if (m->from.domain[0] != '\0' && !m->from.literal)
		return m->from.domain;
	if (gethostname(host, HOST_MAX) < 0 || host[0] == '\0')
		snprintf(host, HOST_MAX, "localhost");
	host[HOST_MAX - 1] = '\0';
	if (addr_domain(host, host, NULL) < 0)
		snprintf(host, HOST_MAX, "localhost");
	return host;
}

/* A daemon that knows the user, as of LDAP, cannot be asked from inside the sandbox. NULL: none. */
static const char *user_name(void)
{
	static const char *const names[] = {"LOGNAME", "USER"};
	const struct passwd *pw = getpwuid(getuid());
	const char *name = pw ? pw->pw_name : NULL;
	size_t i;

	for (i = 0; i < 2 && (!name || name[0] == '\0'); i++)
		name = getenv(names[i]);
	return name && name[0] != '\0' ? name : NULL;
}

void message_set_author(struct message *m, const struct addr *from, const char *name)
{
	if (message_has(m, "From"))
		return;
	m->author_name = name;
	if (!from)
		return;
	m->from = *from;
	if (!m->resent)
		m->sender = *from;
}

/* The author's address: who was set, of this host if it has no domain, else the user. */
static int find_author(const struct message *m, struct addr *a, struct err *err)
{
	const char *user = m->from.text[0] != '\0' ? m->from.text : user_name();
	char host[HOST_MAX], text[HOST_MAX + 2 * ADDR_LOCAL_MAX + 4];

	if (m->from.domain[0] != '\0') {
		*a = m->from;
		return 0;
	}
	if (!user)
		return err_set(err, ERR_DATA, "the message has no From, and the user has no name");
	snprintf(text, sizeof(text), "%.*s@%s", 2 * ADDR_LOCAL_MAX + 2, user, domain_of(m, host));
	if (addr_parse(text, a, NULL) < 0)
		return err_set(
			err, ERR_DATA, "the message has no From, and %s is not an address", text);
	return 0;
}

/* "NAME" <ADDRESS>, the name quoted, or as encoded words. -1: it is too long. */
static int write_author(const char *name, const char *address, struct buf *out)
{
	struct buf quoted = BUF_INIT(MESSAGE_NAME_WORDS);
	int rc = mime_add_quoted(&quoted, name);

	if (rc == 0)
		rc = buf_addf(&quoted, " <%s>", address);
	if (rc == 0)
		rc = ascii_field("From", buf_str(&quoted), out);
	buf_free(&quoted);
	return rc;
}

static int make_from(const struct message *m, struct message_made *made, struct err *err)
{
	struct buf text = BUF_INIT(sizeof(made->from));
	int rc = find_author(m, &made->author, err);

	if (rc < 0)
		return rc;
	if (m->author_name && m->author_name[0] != '\0')
		rc = write_author(m->author_name, made->author.text, &text);
	else
		rc = buf_adds(&text, made->author.text);
	if (rc == 0)
		snprintf(made->from, sizeof(made->from), "%s", buf_str(&text));
	else
		rc = err_set(err, ERR_OS, "out of memory");
	buf_free(&text);
	return rc;
}

static int make_date(struct message_made *made, struct err *err)
{
	time_t now = time(NULL);
	struct tm t;

	if (!localtime_r(&now, &t))
		return err_set(err, ERR_OS, "the clock cannot be read");
	mime_date(&t, made->date, sizeof(made->date));
	return 0;
}

static int make_message_id(const struct message *m, struct message_made *made, struct err *err)
{
	char host[HOST_MAX], id[MIME_RANDOM_MAX];

	if (mime_random(id, err) < 0)
		return ERR_OS;
	snprintf(made->message_id, sizeof(made->message_id), "<%s@%s>", id, domain_of(m, host));
	return 0;
}

int message_make(const struct message *m, struct message_made *made, struct err *err)
{
	int rc = 0;

	if (m->made.done) {
		*made = m->made;
		return 0;
	}
	*made = (struct message_made){.done = true};
	if (!message_has(m, "From"))
		rc = make_from(m, made, err);
	if (rc == 0 && !message_has(m, "Date"))
		rc = make_date(made, err);
	if (rc == 0 && !message_has(m, "Message-ID"))
		rc = make_message_id(m, made, err);
	return rc;
}

int message_complete(struct message *m, struct err *err)
{
	struct message_made made;
	int rc = message_make(m, &made, err);

	if (rc == 0)
		m->made = made;
	return rc;
}

void message_add_autocrypt(struct message *m, const char *value)
{
	if (!message_field(m, "Autocrypt"))
		m->made.autocrypt = value;
}

const char *message_made_value(const struct message_made *made, const char *name)
{
	const char *value = NULL;

	if (!made->done)
		return NULL;
	if (strcasecmp(name, "From") == 0)
		value = made->from;
	else if (strcasecmp(name, "Date") == 0)
		value = made->date;
	else if (strcasecmp(name, "Message-ID") == 0)
		value = made->message_id;
	else if (strcasecmp(name, "Autocrypt") == 0)
		value = made->autocrypt;
	return value && value[0] != '\0' ? value : NULL;
}
