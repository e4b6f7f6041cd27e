/* SPDX-License-Identifier: ISC */
#include "verbs/publish/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "pgp/cert/packet.h"

void tree_key_path(char *path, const struct publish_domain *d, bool advanced, const char *name)
{
	snprintf(path, FILE_PATH_MAX, "www/%s%s/.well-known/openpgpkey/%s%s%s",
		advanced ? "openpgpkey." : "", d->name, advanced ? d->name : "",
		advanced ? "/" : "", name);
}

void tree_policy_path(char *path, const struct publish_domain *d)
{
	snprintf(path, FILE_PATH_MAX, "www/mta-sts.%s/.well-known/mta-sts.txt", d->name);
}

void key_thing(const uint8_t *digest, char *out)
{
	size_t i;

	snprintf(out, 32, "key-");
	for (i = 0; i < 8; i++)
		snprintf(out + 4 + 2 * i, 3, "%02x", digest[i]);
}

int tlsa_path(const struct publish_conf *c, const char *value, char *path)
{
	const char *file = publish_tlsa_file(value);

	if (file[0] != '/')
		return path_join(path, c->dir, file);
	return snprintf(path, FILE_PATH_MAX, "%s", file) < FILE_PATH_MAX ? 0 : -1;
}

int publish_file_name(const struct publish_conf *c, char *out)
{
	const struct digest_part part[] = {
		{c->dir, strlen(c->dir) + 1}, {c->path, strlen(c->path)}};
	uint8_t digest[DIGEST_LEN];
	char hex[2 * DIGEST_LEN + 1];

	if (digest_sha256(part, 2, digest) < 0)
		return -1;
	packet_hex(hex, digest, 12);
	snprintf(out, 40, "publish-%s", hex);
	return 0;
}

bool publish_recall_dir(const struct publish *p, char real[FILE_PATH_MAX])
{
	char name[40];

	return publish_file_name(&p->conf, name) == 0 &&
	       session_named_path(&p->app->conf, name, real);
}

int publish_remember_dir(const struct publish *p, const char *real, struct err *err)
{
	const char *folder = p->app->conf.data_dir;
	char name[40], temp[48], known[FILE_PATH_MAX], line[FILE_PATH_MAX + 1];
	struct file_new f;
	int dir, rc = -1;

	if (publish_recall_dir(p, known) && strcmp(known, real) == 0)
		return 0;
	if (publish_file_name(&p->conf, name) < 0)
		return err_set(err, ERR_OS, "out of memory");
	snprintf(line, sizeof(line), "%s\n", real);
	snprintf(temp, sizeof(temp), "%s.new", name);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		(void)unlinkat(dir, temp, 0);
		rc = file_new_begin(&f, dir, temp);
	}
	if (rc == 0)
		rc = file_new_end(&f, fd_write_all(f.fd, line, strlen(line)), dir, name);
	if (rc < 0)
		err_set(err, ERR_IO, "%s/%s: %s", folder, name, strerror(errno));
	if (dir >= 0)
		close(dir);
	return rc < 0 ? ERR_IO : 0;
}
