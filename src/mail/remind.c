/* SPDX-License-Identifier: ISC */
/* What waits for a person, said once a day where one sees it. */
#include "mail/mail.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "print/quote.h"

#define TOLD_SECONDS (24 * 60 * 60)
#define REMIND_FILE "reminded" /* in the cache: its time is what counts */

bool mail_told_today(const struct conf *c, const char *file)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	int fd;

	if (path_join(path, c->cache_dir, file) < 0)
		return false;
	if (lstat(path, &st) == 0 && st.st_mtime <= time(NULL) &&
		st.st_mtime > time(NULL) - TOLD_SECONDS)
		return true;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)futimens(fd, NULL);
		close(fd);
	}
	return false;
}

struct held_keys {
	size_t n;
	char first[ADDR_TEXT_MAX + 1];
};

static int note_held(const struct pin *p, void *arg)
{
	struct held_keys *h = arg;

	if (p->held && h->n++ == 0)
		memcpy(h->first, p->address, sizeof(h->first));
	return 0;
}

static void remind_held(struct store *s)
{
	char word[ERR_HINT_MAX - 64], hint[ERR_HINT_MAX];
	struct held_keys h = {.n = 0};

	if (store_pin_each(s, note_held, &h, NULL) < 0 || h.n == 0)
		return;
	log_warn("%zu pinned address(es) have a different key now, which waits for your decision",
		h.n);
	if (quote_shell(word, sizeof(word), h.first) < 0)
		return;
	snprintf(hint, sizeof(hint), "sealpost pins show %s", word);
	mail_line(stderr, "hint: ", "", hint);
}

static void remind_expiry(const struct cert *own)
{
	int64_t left = own->expires - (int64_t)time(NULL);

	if (own->fpr[0] == '\0' || own->expires == 0 || left > OWN_SOON_DAYS * 86400)
		return;
	log_warn("your key %s expires in %lld day(s)", own->fpr,
		(long long)(left > 0 ? left / 86400 : 0));
	mail_line(stderr, "hint: ", "", "sealpost doctor");
}

void mail_remind(struct mail *m)
{
	if (!isatty(STDERR_FILENO) || !m->session.store || m->args.explain || m->filter ||
		log_level() == LOG_QUIET || mail_told_today(&m->app->conf, REMIND_FILE))
		return;
	remind_held(m->session.store);
	remind_expiry(&m->signer);
}
