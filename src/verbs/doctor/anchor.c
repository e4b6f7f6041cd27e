/* SPDX-License-Identifier: ISC */
/* Reads a DNSSEC trust anchor file, as far as doctor needs it: the tags of the root's keys. */
#include "verbs/doctor/doctor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"

#define KEY_MAX 2048 /* characters of one key, more than its bytes */
#define WORDS_MAX 1024
#define LINE_MAX_OCTETS 8192

static unsigned key_tag(const uint8_t *rdata, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? rdata[i] : (uint32_t)rdata[i] << 8;
	return (sum + (sum >> 16)) & 0xffff;
}

static int number(const char *s, unsigned long max, unsigned *out)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || v > max)
		return -1;
	*out = (unsigned)v;
	return 0;
}

/* FLAGS PROTOCOL ALGORITHM KEY... */
static int tag_of_dnskey(char **word, size_t n, unsigned *tag)
{
	uint8_t rdata[4 + KEY_MAX];
	struct base64_reader key = {0};
	unsigned flags, protocol, algorithm;
	size_t len = 4, n_word, i;

	if (n < 4 || number(word[0], 0xffff, &flags) < 0 || number(word[1], 255, &protocol) < 0 ||
		number(word[2], 255, &algorithm) < 0)
		return -1;
	rdata[0] = (uint8_t)(flags >> 8);
	rdata[1] = (uint8_t)flags;
	rdata[2] = (uint8_t)protocol;
	rdata[3] = (uint8_t)algorithm;
	for (i = 3; i < n; i++) {
		n_word = strlen(word[i]);
		if (n_word > sizeof(rdata) - len)
			return -1;
		len += base64_read(&key, (const uint8_t *)word[i], n_word, rdata + len);
	}
	if (!base64_whole(&key))
		return -1;
	*tag = key_tag(rdata, len);
	return 0;
}

/* One record: ". [TTL] [IN] DNSKEY|DS ..." */
static int tag_of(char **word, size_t n, unsigned *tag)
{
	size_t i;

	if (n < 3 || strcmp(word[0], ".") != 0)
		return -1;
	for (i = 1; i < n && i < 4; i++) {
		if (strcasecmp(word[i], "DNSKEY") == 0)
			return tag_of_dnskey(word + i + 1, n - i - 1, tag);
		if (strcasecmp(word[i], "DS") == 0)
			return n - i < 5 ? -1 : number(word[i + 1], 0xffff, tag);
	}
	return -1;
}

size_t anchor_tags(const char *text, unsigned *tag, size_t max)
{
	char line[LINE_MAX_OCTETS], *word[WORDS_MAX], *p, *rest;
	size_t found = 0, n, len;

	for (; *text && found < max; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len >= sizeof(line))
			continue;
		memcpy(line, text, len);
		line[len] = '\0';
		line[strcspn(line, ";")] = '\0';
		n = 0;
		rest = line;
		while ((p = strsep(&rest, " \t\r()")) != NULL && n < WORDS_MAX) {
			if (*p != '\0')
				word[n++] = p;
		}
		if (tag_of(word, n, &tag[found]) == 0)
			found++;
	}
	return found;
}
