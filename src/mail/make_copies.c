/* The copies of one mail, made ready: who signs, and to whom each is sealed. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/signer.h"
#include "pgp/seal/seal.h"
#include "store/cache.h"

#define FILES_SPARE 100 /* open files beside the copies */

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

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/*
 * The user's agent: where it usually is, which saves starting a program; else the runner makes sure
 * that there is one. ask: whether it answers there, too; gpg finds that out by itself, and
 * another_agent mends it.
 */
static int find_agent(struct mail *m, bool ask, struct err *err)
{
	if (m->agent[0] != '\0')
		return 0;
	if (usual_agent(m->agent) == 0 && (ask ? answers(m->agent) : is_socket(m->agent)))
		return 0;
	m->agent[0] = '\0';
	return runner_agent(&m->session.runner, m->agent, err);
}

/* gpg could not sign: perhaps the socket was left behind by an agent that is gone. 1: there is one
 * now; 0: it is not that. */
static int another_agent(struct mail *m, struct err *err)
{
	int rc;

	if (m->agent[0] == '\0' || answers(m->agent))
		return 0;
	m->agent[0] = '\0';
	rc = runner_agent(&m->session.runner, m->agent, err);
	return rc < 0 ? rc : 1;
}

/* seal_message or sign_message, once more where that may help. */
static int seal_or_sign(struct mail *m,
	int (*how)(const struct seal *s, struct spool *out, struct err *err), const struct seal *s,
	struct spool *out, struct err *err)
{
	int rc = how(s, out, err), again;

	if (rc != ERR_TEMP || !s->signer)
		return rc;
	again = another_agent(m, err);
	return again == 0 ? rc : again < 0 ? again : how(s, out, err);
}

static const char *sign_key(const struct mail *m)
{
	const struct conf *c = &m->app->conf;

	if (m->identity && m->identity->sign_key[0] != '\0')
		return m->identity->sign_key;
	return c->sign_key[0] != '\0' ? c->sign_key : NULL;
}

struct cache *mail_cache(struct mail *m)
{
	if (!m->cache)
		m->cache = cache_open(m->app->conf.cache_dir);
	return m->cache;
}

int mail_find_signer(struct mail *m, struct err *err)
{
	const char *key = sign_key(m), *cached;
	char stamp[256];
	int rc;

	if (m->signer.fpr[0] != '\0' || (!key && m->msg.sender.text[0] == '\0'))
		return 0;
	signer_stamp(stamp);
	if (stamp[0] == '\0' && !key)
		return 0; /* nobody has a keyring here; do not make one by starting an agent */
	cached = key ? key : m->msg.sender.name;
	/* That From has no key does not say that sign-key of the same address may be missing. */
	if (cache_signer_get(mail_cache(m), cached, stamp, &m->signer) == 1 &&
		(m->signer.fpr[0] != '\0' || !key))
		return m->signer.fpr[0] != '\0' ? find_agent(m, false, err) : 0;
	rc = find_agent(m, true, err);
	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = signer_find(key, &m->msg.sender, m->agent, &m->signer, err);
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

/* What was to be signed and is not. */
static void note_unsigned(struct mail *m, bool seal)
{
	const char *what = seal ? "sealed without a signature" : "in clear without a signature";

	log_info("%s", what);
	(void)store_log(m->session.store, "", "unsigned", what, NULL);
}

static struct seal_cert view(const struct mail *m, const struct cert *c)
{
	return (struct seal_cert){c->data, c->len, c->enc_keyid, c->n_enc, mail_marks_of(m, c)};
}

/* Everybody's certificates, and the sender's own. Freed by the caller; NULL: no memory. */
static struct seal_cert *certs_of(const struct mail *m, const struct mail_copy *copy, size_t *n)
{
	struct seal_cert *to;
	const struct cert *c;
	size_t i, k, room = 1;

	for (i = 0; i < copy->n_key; i++)
		room += mail_certs(m, copy->key[i]);
	to = calloc(room, sizeof(*to));
	*n = 0;
	for (i = 0; to && i < copy->n_key; i++) {
		for (k = 0; k < mail_certs(m, copy->key[i]); k++) {
			c = mail_cert(m, copy->key[i], k);
			to[(*n)++] = view(m, c);
		}
	}
	c = &m->signer;
	if (to && c->fpr[0] != '\0' && c->n_enc > 0)
		to[(*n)++] = view(m, c);
	return to;
}

static enum legacy_display legacy_of(enum conf_legacy l)
{
	return l == LEGACY_DISPLAY_NO    ? LEGACY_NO
	       : l == LEGACY_DISPLAY_YES ? LEGACY_YES
					 : LEGACY_AUTO;
}

static enum hcp hcp_of(enum conf_header h)
{
	return h == HEADER_OFF ? HCP_OFF : h == HEADER_SHY ? HCP_SHY : HCP_BASELINE;
}

static enum seal_compress compress_of(enum conf_compress c)
{
	return c == COMPRESS_YES  ? SEAL_COMPRESS_YES
	       : c == COMPRESS_NO ? SEAL_COMPRESS_NO
				  : SEAL_COMPRESS_AUTO;
}

struct seal mail_seal_common(const struct mail *m)
{
	return (struct seal){.msg = &m->msg,
		.signer_marks = mail_marks_of(m, &m->signer),
		.agent_socket = m->agent,
		.ask_passphrase = can_ask_passphrase(m),
		.passphrase_ms = m->app->conf.pinentry_timeout * 1000,
		.compress = compress_of(m->app->conf.compress),
		.hcp = hcp_of(m->decision.header),
		.legacy = legacy_of(m->app->conf.legacy_display)};
}

static int seal_copy(struct mail *m, struct mail_copy *copy, struct err *err)
{
	struct seal s = mail_seal_common(m);
	struct seal_cert *to = certs_of(m, copy, &s.n_to);
	struct gossip g = {NULL, 0};
	int rc;

	if (!to)
		return err_set(err, ERR_OS, "out of memory");
	s.to = to;
	if (m->signer.fpr[0] != '\0' && m->decision.sign != SIGN_NEVER)
		s.signer = &m->signer;
	rc = mail_gossip(m, copy, &g, err);
	s.gossip = (const char *const *)g.v;
	s.n_gossip = g.n;
	if (rc == 0)
		rc = seal_or_sign(m, seal_message, &s, &copy->out, err);
	gossip_free(&g);
	free(to);
	return rc;
}

bool mail_signs_clear(const struct mail *m)
{
	return m->decision.sign == SIGN_ALWAYS && !message_is_signed(&m->msg);
}

static int clear_copy(struct mail *m, struct mail_copy *copy, struct err *err)
{
	struct seal s = mail_seal_common(m);

	if (copy->how != COPY_CLEAR || !mail_signs_clear(m) || m->signer.fpr[0] == '\0')
		return clear_message(&m->msg, &copy->out, err);
	s.signer = &m->signer;
	return seal_or_sign(m, sign_message, &s, &copy->out, err);
}

/* Every finished copy is an open file. */
static void want_files(size_t n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= n + FILES_SPARE)
		return;
	r.rlim_cur = r.rlim_max < n + FILES_SPARE ? r.rlim_max : n + FILES_SPARE;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static int prepare(struct mail *m, bool seal, bool sign, struct err *err)
{
	int rc = 0;

	want_files(m->copies.n);
	if (seal || sign)
		rc = gpg_init(err);
	if (rc == 0 && (seal || sign))
		rc = mail_find_signer(m, err);
	/* One mail, whoever reads which copy of it. */
	if (rc == 0 && (seal || sign || m->copies.n > 1))
		rc = message_complete(&m->msg, err);
	if (rc == 0)
		rc = mail_autocrypt(m, seal || sign, err);
	if (rc == 0 && seal)
		rc = mail_still_pinned(m, err);
	if (rc == 0 && (seal || sign))
		rc = mail_marks(m, err);
	return rc;
}

int mail_make_copies(struct mail *m, struct err *err)
{
	bool seal = false, sign = false;
	size_t i;
	int rc;

	for (i = 0; i < m->copies.n; i++) {
		const struct mail_copy *copy = &m->copies.v[i];

		if (copy->state != COPY_WAITS)
			continue;
		seal = seal || copy->how == COPY_SEALED;
		sign = sign || (copy->how == COPY_CLEAR && mail_signs_clear(m));
	}
	rc = prepare(m, seal, sign, err);
	if (rc == 0 && ((seal && m->decision.sign == SIGN_NEVER) ||
			       ((seal || sign) && m->signer.fpr[0] == '\0')))
		note_unsigned(m, seal);
	for (i = 0; rc == 0 && i < m->copies.n; i++) {
		struct mail_copy *copy = &m->copies.v[i];

		if (copy->state != COPY_WAITS)
			continue;
		rc = copy->how == COPY_SEALED ? seal_copy(m, copy, err) : clear_copy(m, copy, err);
	}
	return rc == 0 && seal ? mail_still_pinned(m, err) : rc;
}
