/* Whose key signs, and the agent that has it. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/agent.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/keyboxd.h"
#include "store/cache.h"

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

bool mail_agent_listens(void)
{
	char path[FILE_PATH_MAX];

	return usual_agent(path) == 0 && agent_look(path) == AGENT_ANSWERS;
}

/* To ask for keys keyboxd may have to be started as well, which is the runner's part. */
static bool needs_keyboxd(void)
{
	char home[FILE_PATH_MAX];

	return gpg_user_home(home) == 0 && keyboxd_used(home);
}

int mail_start_keyboxd(struct mail *m, struct err *err)
{
	char path[FILE_PATH_MAX];

	return needs_keyboxd() ? runner_agent(&m->session.runner, path, err) : 0;
}

int mail_find_agent(struct mail *m, bool keys, struct err *err)
{
	enum agent_state state;

	if (m->agent[0] != '\0')
		return 0;
	state = usual_agent(m->agent) == 0 ? agent_look(m->agent) : AGENT_GONE;
	if (state == AGENT_SILENT)
		return agent_silent(m->agent, err);
	if (state == AGENT_ANSWERS && !(keys && needs_keyboxd()))
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

struct cache *mail_cache(struct mail *m)
{
	if (!m->cache)
		m->cache = cache_open(m->app->conf.cache_dir);
	return m->cache;
}

int mail_find_signer(struct mail *m, struct err *err)
{
	const char *key = sign_key(m), *cached;
	char stamp[SIGNER_STAMP_MAX];
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
		return m->signer.fpr[0] != '\0' ? mail_find_agent(m, false, err) : 0;
	rc = mail_find_agent(m, true, err);
	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = signer_find(key, &m->msg.sender, m->agent, &m->signer, err);
	if (rc < 0)
		return rc;
	cache_signer_put(m->app->conf.cache_dir, cached, stamp, &m->signer);
	return 0;
}
