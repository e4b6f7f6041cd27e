/* SPDX-License-Identifier: ISC */
#include "mime/charset.h"

#include <string.h>
#include <strings.h>

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	bool seven_bit;
} charset[] = {
	{"us-ascii", true},
	{"ascii", true},
	{"utf-8", false},
	{"utf8", false},
	{"iso-8859-1", false},
	{"iso-8859-2", false},
	{"iso-8859-3", false},
	{"iso-8859-4", false},
	{"iso-8859-5", false},
	{"iso-8859-6", false},
	{"iso-8859-7", false},
	{"iso-8859-8", false},
	{"iso-8859-8-i", false},
	{"iso-8859-9", false},
	{"iso-8859-10", false},
	{"iso-8859-11", false},
	{"iso-8859-13", false},
	{"iso-8859-14", false},
	{"iso-8859-15", false},
	{"iso-8859-16", false},
	{"latin1", false},
	{"windows-874", false},
	{"windows-1250", false},
	{"windows-1251", false},
	{"windows-1252", false},
	{"windows-1253", false},
	{"windows-1254", false},
	{"windows-1255", false},
	{"windows-1256", false},
	{"windows-1257", false},
	{"windows-1258", false},
	{"cp1250", false},
	{"cp1251", false},
	{"cp1252", false},
	{"cp850", false},
	{"ibm850", false},
	{"ibm852", false},
	{"cp866", false},
	{"macintosh", false},
	{"koi8-r", false},
	{"koi8-u", false},
	{"tis-620", false},
	{"gb2312", false},
	{"gbk", false},
	{"gb18030", false},
	{"big5", false},
	{"big5-hkscs", false},
	{"euc-jp", false},
	{"euc-kr", false},
	{"ks_c_5601-1987", false},
	{"shift_jis", false},
	{"iso-2022-jp", true},
	{"iso-2022-kr", true},
};

const char *charset_known(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < N_OF(charset); i++) {
		if (strlen(charset[i].name) == len && strncasecmp(charset[i].name, name, len) == 0)
			return charset[i].name;
	}
	return NULL;
}

bool charset_is_7bit(const char *known)
{
	size_t i;

	for (i = 0; i < N_OF(charset) && strcmp(charset[i].name, known) != 0; i++)
		;
	return i < N_OF(charset) && charset[i].seven_bit;
}
