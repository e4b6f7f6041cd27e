/* SPDX-License-Identifier: ISC */
#include "pgp/cert/detached.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/spawn.h"
#include "base/text.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/plain.h"
#include "pgp/gpg/home.h"

#define STATUS_MAX 65536
#define SIG_FILE "sig"

int detached_read(const uint8_t *p, size_t len, struct detached *out)
{
	const uint8_t *at;
	struct armour armour;
	struct packet k;
	size_t left;
	int rc;

	memset(out, 0, sizeof(*out));
	out->sig.max = DETACHED_MAX;
	rc = armour_read_signatures(p, len, &out->sig, &armour);
	if (rc == 0 && !armour.found)
		rc = buf_add(&out->sig, p, len);
	if (rc == 0 && armour.damaged)
		rc = -1;
	at = out->sig.p;
	left = out->sig.len;
	if (rc == 0 && (packet_next(&at, &left, &k) != 1 || left != 0 ||
			       k.tag != PACKET_SIGNATURE || signature_read(&k, &out->s) < 0))
		rc = -1;
	if (rc < 0)
		detached_free(out);
	return rc;
}

void detached_free(struct detached *d)
{
	buf_free(&d->sig);
	memset(&d->s, 0, sizeof(d->s));
}

/* Whether a line of gpg's status begins with that keyword. Elsewhere in it stands what others have
 * written, such as a User ID. */
static bool status_is(const char *line, const char *keyword)
{
	static const char lead[] = "[GNUPG:] ";
	size_t n = strlen(keyword);

	return strncmp(line, lead, sizeof(lead) - 1) == 0 &&
	       strncmp(line + sizeof(lead) - 1, keyword, n) == 0 &&
	       line[sizeof(lead) - 1 + n] == ' ';
}

/* Its one good signature's primary key, of what gpg tells: the last word of VALIDSIG. */
static int good_fpr(const char *status, char *fpr)
{
	const char *line, *end, *word, *valid = NULL, *valid_end = NULL;
	size_t n_good = 0, n_valid = 0;

	for (line = status; (end = strchr(line, '\n')); line = end + 1) {
		n_good += status_is(line, "GOODSIG");
		if (!status_is(line, "VALIDSIG"))
			continue;
		n_valid++;
		valid = line;
		valid_end = end;
	}
	if (n_good != 1 || n_valid != 1)
		return 0;
	word = (const char *)memrchr(valid, ' ', (size_t)(valid_end - valid)) + 1;
	if ((size_t)(valid_end - word) >= CERT_FPR_MAX)
		return 0;
	memcpy(fpr, word, (size_t)(valid_end - word));
	fpr[valid_end - word] = '\0';
	return text_is_fingerprint(fpr);
}

int detached_verify(const struct detached *d, const struct buf *data, const struct buf *certs,
	char *fpr, struct err *err)
{
	struct gpg_home home = {.path = ""};
	char file[FILE_PATH_MAX] = "";
	const char *argv[] = {gpg_program(), "--homedir", home.path, "--status-fd", "1", "--verify",
		file, "-", NULL};
	struct buf ring = BUF_INIT(certs->len * 2 + 1024), out = BUF_INIT(STATUS_MAX);
	int status = -1, rc = gpg_home_make(&home, GPG_RING_CONF "no-auto-key-retrieve\n", err);

	if (rc == 0 && plain_framed(&ring, certs->p, certs->len) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = gpg_home_put(&home, GPG_RING, ring.p, ring.len, err);
	if (rc == 0)
		rc = gpg_home_put(&home, SIG_FILE, d->sig.p, d->sig.len, err);
	if (rc == 0 && path_join(file, home.path, SIG_FILE) < 0)
		rc = err_set(err, ERR_CREATE, "the temporary folder's name is too long");
	if (rc == 0)
		rc = spawn_filter(argv, data->p, data->len, DETACHED_MS, &out, &status, err);
	if (rc == 0)
		rc = WIFEXITED(status) && WEXITSTATUS(status) == 0 && good_fpr(buf_str(&out), fpr);
	buf_free(&ring);
	buf_free(&out);
	gpg_home_remove(&home);
	return rc;
}
