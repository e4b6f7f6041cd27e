#include "mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "keep.h"
#include "pgp/cert/home.h"
#include "pgp/cert/signer.h"
#include "pgp/mime/seal.h"
#include "store/cache.h"

int mail_read(struct mail *m, int fd, struct err *err)
{
	struct source_opts opts = {
		.max = m->app->conf.max_message, .dot_ends = !m->args.ignore_dots};
	int rc;

	rc = source_open(&m->source, fd, &opts, err);
	if (rc == 0)
		rc = message_parse(&m->msg, &m->source, err);
	if (rc == 0 && m->msg.from.text[0] != '\0')
		m->identity = conf_identity_for(&m->app->conf, &m->msg.from);
	if (rc == 0)
		rc = envelope_make(&m->args, &m->msg, &m->env, err);
	return rc;
}

static enum key_status key_of(const struct finding *f)
{
	switch (f->status) {
	case VERDICT_USABLE:
		return KEY_USABLE;
	case VERDICT_ABSENT:
		return f->proved ? KEY_ABSENT_PROVED : KEY_ABSENT_UNPROVED;
	case VERDICT_UNUSABLE:
		return KEY_UNUSABLE;
	case VERDICT_CONFLICT:
		return KEY_CONFLICT;
	case VERDICT_UNKNOWN:
		break;
	}
	return KEY_UNKNOWN;
}

static int ask_about(struct mail *m, struct discover *d, struct err *err)
{
	size_t i;

	m->finding = calloc(m->env.n, sizeof(*m->finding));
	m->rcpt = calloc(m->env.n, sizeof(*m->rcpt));
	if (!m->finding || !m->rcpt)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		m->finding[i].addr = &m->env.rcpt[i].addr;
		m->finding[i].status = VERDICT_UNKNOWN;
		m->finding[i].wanted =
			!m->msg.encrypted && policy_needs_key(&m->app->conf, &m->env.rcpt[i].addr);
	}
	return discover_all(d, m->finding, m->env.n, err);
}

/* What the store and the findings say of one recipient, for the decision. */
static int describe(struct mail *m, size_t i, struct err *err)
{
	const struct finding *f = &m->finding[i];
	struct policy_rcpt *r = &m->rcpt[i];
	struct pin pin = {0};
	int rc;

	*r = (struct policy_rcpt){.addr = f->addr,
		.key = key_of(f),
		.reason = f->reason,
		.hidden = m->env.rcpt[i].hidden};
	rc = store_pin_get(m->session.store, f->addr->name, &pin, err);
	if (rc < 0)
		return rc;
	r->pinned = pin.fpr[0] != '\0';
	r->allow_clear = pin.state == PIN_CLEAR;
	pin_free(&pin);
	if (!addr_discoverable(f->addr))
		return 0;
	rc = store_domain_clear(m->session.store, f->addr->domain, err);
	r->domain_clear = rc == 1;
	if (rc >= 0)
		rc = store_domain_served(m->session.store, f->addr->domain, err);
	r->domain_unserved = rc == 0;
	return rc < 0 ? rc : 0;
}

static int decide(struct mail *m, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->env.n; i++)
		rc = describe(m, i, err);
	if (rc == 0)
		policy_decide(&m->app->conf, m->rcpt, m->env.n, m->msg.encrypted, &m->decision);
	return rc;
}

int mail_decide(struct mail *m, bool ask, bool keep, struct err *err)
{
	struct discover d = {.app = m->app,
		.runner = &m->session.runner,
		.store = m->session.store,
		.offline = !ask,
		.pins_first = true,
		.keep = keep};
	size_t i;
	int rc;

	rc = ask_about(m, &d, err);
	if (rc == 0)
		rc = decide(m, err);
	/* A mail that goes out in clear by rule uses no key, and so pins none. */
	if (rc < 0 || !keep || m->decision.action == ACTION_CLEAR)
		return rc;
	for (i = 0; rc == 0 && i < m->env.n; i++)
		rc = keep_first(&d, &m->finding[i], err);
	return rc < 0 ? rc : decide(m, err);
}

static bool answers(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int s, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return false;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return false;
	rc = connect(s, (const struct sockaddr *)&sun, sizeof(sun));
	close(s);
	return rc == 0;
}

/* Where gpg-agent listens unless it was told otherwise. 0, or -1 when there is no such place. */
static int usual_agent(char *path)
{
	const char *home = home_dir();
	char run[64];

	snprintf(run, sizeof(run), "/run/user/%u", (unsigned)getuid());
	if (getenv("GNUPGHOME"))
		return -1; /* its place is a secret of gpg's */
	if (access(run, F_OK) == 0)
		return path_join(path, run, "gnupg/S.gpg-agent");
	return home ? path_join(path, home, ".gnupg/S.gpg-agent") : -1;
}

/* The user's agent: where it usually is, if it answers there, which saves starting a program; else
 * the runner makes sure that there is one. */
static int find_agent(struct mail *m, struct err *err)
{
	if (m->agent[0] != '\0')
		return 0;
	if (usual_agent(m->agent) == 0 && answers(m->agent))
		return 0;
	m->agent[0] = '\0';
	return runner_agent(&m->session.runner, m->agent, err);
}

static const char *sign_key(const struct mail *m)
{
	const struct conf *c = &m->app->conf;

	if (m->identity && m->identity->sign_key[0] != '\0')
		return m->identity->sign_key;
	return c->sign_key[0] != '\0' ? c->sign_key : NULL;
}

int mail_find_signer(struct mail *m, struct err *err)
{
	const char *key = sign_key(m), *cached;
	char stamp[256];
	int rc;

	if (m->signer.fpr[0] != '\0' || (!key && m->msg.from.text[0] == '\0'))
		return 0;
	signer_stamp(stamp);
	if (stamp[0] == '\0' && !key)
		return 0; /* nobody has a keyring here; do not make one by starting an agent */
	cached = key ? key : m->msg.from.name;
	if (cache_signer_get(m->app->conf.cache_dir, cached, stamp, &m->signer) == 1)
		return m->signer.fpr[0] != '\0' ? find_agent(m, err) : 0;
	rc = find_agent(m, err);
	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = signer_find(key, &m->msg.from, m->agent, &m->signer, err);
	if (rc < 0)
		return rc;
	cache_signer_put(m->app->conf.cache_dir, cached, stamp, &m->signer);
	return 0;
}

static bool can_ask_passphrase(const struct mail *m)
{
	return m->app->conf.pinentry && (getenv("GPG_TTY") || getenv("DISPLAY") ||
						getenv("WAYLAND_DISPLAY") || isatty(STDOUT_FILENO));
}

/* A person may have rejected or replaced a pin since it was read: looked at right before gpg gets it, and again
 * before the mail goes out. */
static int still_pinned(struct mail *m, struct err *err)
{
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < m->env.n; i++)
		rc = store_pin_still(m->session.store, m->finding[i].addr->name,
			m->finding[i].cert.fpr, err);
	if (rc == 0)
		rc = err_set(err, ERR_TEMP, "%s: its pin was changed while the mail was being sealed",
			m->finding[i - 1].addr->name);
	return rc < 0 ? rc : 0;
}

static int seal(struct mail *m, struct err *err)
{
	struct seal_cert *to;
	struct seal s = {.msg = &m->msg,
		.agent_socket = m->agent,
		.ask_passphrase = can_ask_passphrase(m),
		.passphrase_ms = m->app->conf.pinentry_timeout * 1000};
	size_t i;
	int rc;

	rc = gpg_init(err);
	if (rc == 0)
		rc = mail_find_signer(m, err);
	if (rc < 0)
		return rc;
	to = calloc(m->env.n + 1, sizeof(*to));
	if (!to)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		const struct cert *c = &m->finding[i].cert;

		to[i] = (struct seal_cert){c->data, c->len, c->enc_keyid, c->n_enc};
	}
	s.to = to;
	s.n_to = m->env.n;
	if (m->signer.fpr[0] != '\0') {
		if (m->signer.n_enc > 0)
			to[s.n_to++] = (struct seal_cert){m->signer.data, m->signer.len,
				m->signer.enc_keyid, m->signer.n_enc};
		if (m->app->conf.sign != SIGN_NEVER)
			s.signer = &m->signer;
	}
	if (!s.signer) {
		log_info("sealed without a signature");
		(void)store_log(
			m->session.store, "", "unsigned", "sealed without a signature", NULL);
	}
	rc = still_pinned(m, err);
	if (rc == 0)
		rc = seal_message(&s, &m->out, err);
	if (rc == 0)
		rc = still_pinned(m, err);
	free(to);
	return rc;
}

int mail_finish(struct mail *m, struct err *err)
{
	if (m->decision.action == ACTION_SEAL && !m->msg.encrypted)
		return seal(m, err);
	return clear_message(&m->msg, &m->out, err);
}

/* Only the MTA knows whether it has the mail; its words are shown as they came, made safe. */
static int report(const struct handoff_result *x, struct err *err)
{
	const char *line = x->errout, *end;

	for (; line && *line && (x->exit != 0 || log_level() >= LOG_INFO); line = end) {
		end = line + strcspn(line, "\n");
		log_warn("%s: %.*s", x->mta, (int)(end - line), line);
		end += *end == '\n';
	}
	if (x->timed_out)
		err_set(err, ERR_TEMP,
			"%s did not end in time and was stopped; whether it took the mail is not "
			"known",
			x->mta);
	else if (x->signal != 0)
		err_set(err, ERR_TEMP,
			"%s was killed by signal %d; whether it took the mail is not known", x->mta,
			(int)x->signal);
	else if (x->exit != 0)
		err_set(err, ERR_NONE, "%s refused the mail (exit status %d)", x->mta,
			(int)x->exit);
	else
		return 0;
	err_hint(err, "see what %s logged before sending again", x->mta);
	return x->exit > 0 && x->signal == 0 && !x->timed_out ? x->exit : err_exit(ERR_TEMP);
}

int mail_hand_over(struct mail *m, struct err *err)
{
	struct handoff h = {0};
	struct handoff_result x = {0};
	size_t i;
	int rc;

	if (m->identity)
		memcpy(h.identity, m->identity->name, sizeof(h.identity));
	if (m->args.have_sender)
		snprintf(h.sender, sizeof(h.sender), "%.*s", ADDR_TEXT_MAX,
			m->args.sender[0] != '\0' ? m->args.sender : "<>");
	memcpy(h.fullname, m->args.fullname, sizeof(h.fullname));
	h.rcpt = calloc(m->env.n, sizeof(*h.rcpt));
	if (!h.rcpt)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++)
		h.rcpt[h.n_rcpt++] = m->env.rcpt[i].addr;
	rc = runner_handoff(&m->session.runner, &h, m->out.fd, &x, err);
	if (rc == 0) {
		rc = report(&x, err);
		if (rc == 0)
			log_info("%s for %zu recipient(s), handed over to %s",
				m->msg.encrypted                    ? "passed on as it was"
				: m->decision.action == ACTION_SEAL ? "sealed"
								    : "in clear",
				m->env.n, x.mta);
		handoff_result_free(&x);
	}
	handoff_free(&h);
	return rc;
}

void mail_free(struct mail *m)
{
	spool_close(&m->out);
	cert_free(&m->signer);
	findings_free(m->finding, m->env.n);
	free(m->rcpt);
	envelope_free(&m->env);
	message_free(&m->msg);
	source_close(&m->source);
	send_args_free(&m->args);
	session_close(&m->session);
}
