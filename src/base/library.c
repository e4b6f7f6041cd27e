/* SPDX-License-Identifier: ISC */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

int library_load(const char *library, const char *what, const struct library_function *f, size_t n,
	struct err *err)
{
	void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL), *found = loaded;
	const char *why;
	size_t i;

	for (i = 0; found && i < n; i++) {
		found = dlsym(loaded, f[i].name);
		if (found)
			memcpy(f[i].pointer, &found, sizeof(found));
	}
	if (found)
		return 0;
	why = dlerror();
	err_set(err, ERR_OS, "%s needs %s: %.300s", what, library,
		why ? why : "it is of another kind");
	if (loaded)
		dlclose(loaded);
	return ERR_OS;
}
