/* SPDX-License-Identifier: ISC */
/* A list of certificate transparency logs: it is taken with all that it promises, or there is a
 * reason; never one that is too old. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"
#include "net/ct_logs.h"

#define NOW 1700000000 /* 2023-11-14 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = fd_memory("ct", data, size);
	struct ct_logs *logs = NULL, *later = NULL;
	struct err err = ERR_INIT;
	char path[64];

	must(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ct_logs_open(path, NOW, &logs, &err) == 0) {
		must(logs && ct_logs_store(logs));
		must(ct_logs_open(path, INT64_MAX, &later, &err) == ERR_CONFIG && !later);
		ct_logs_free(logs);
	} else {
		must(err.code == ERR_CONFIG && err.msg[0] != '\0' && !logs);
	}
	close(fd);
	return 0;
}
