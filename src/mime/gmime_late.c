#include "mime/gmime_late.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Its name alone, looked for where the dynamic linker would have looked at the start. */
#define GMIME_LIBRARY "libgmime-3.0.so.0"

#define GMIME_SYMBOL(member, function) {#function, offsetof(struct gmime, member)},
static const struct {
	const char *name;
	size_t at; /* of struct gmime */
} symbols[] = {GMIME_FUNCTIONS(GMIME_SYMBOL)};

_Static_assert(sizeof(struct gmime) == sizeof(symbols) / sizeof(symbols[0]) * sizeof(void *),
	"every member is looked up");

/* From lib and the libraries that it needs: GLib and GObject. */
static int look_up(void *lib, struct gmime *g)
{
	void *p;
	size_t i;

	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		p = dlsym(lib, symbols[i].name);
		if (!p)
			return -1;
		memcpy((char *)g + symbols[i].at, &p, sizeof(p));
	}
	return 0;
}

const struct gmime *gmime_load(struct err *err)
{
	static struct gmime g;
	static bool loaded;
	const char *why;
	void *lib;

	if (loaded)
		return &g;
	lib = dlopen(GMIME_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!lib || look_up(lib, &g) < 0) {
		why = dlerror();
		err_set(err, ERR_CONFIG, "GMime cannot be loaded: %s", why ? why : GMIME_LIBRARY);
		err_hint(err, "apt-get install libgmime-3.0-0");
		return NULL;
	}
	g.init();
	loaded = true;
	return &g;
}
