/* SPDX-License-Identifier: ISC */
/* Pins and certificates with something in every field. */
#ifndef SEALPOST_TEST_STORE_PINS_H
#define SEALPOST_TEST_STORE_PINS_H

#include <stdio.h>

#include "store_util.h"

__attribute__((unused)) static struct pin make_pin(
	const char *address, enum pin_state state, const char *fpr)
{
	static uint8_t data[] = {0x98, 0x00, 0xff};
	struct pin p = {.state = state,
		.first_seen = 1000,
		.last_seen = 2000,
		.expires = 3000,
		.n_enc = 2,
		.enc_keyid = {0x0123456789abcdefULL, UINT64_MAX}};

	snprintf(p.address, sizeof(p.address), "%s", address);
	snprintf(p.fpr, sizeof(p.fpr), "%s", fpr);
	snprintf(p.method, sizeof(p.method), "wkd-direct");
	p.evidence = "{\"url\":\"https://x\"}";
	p.cert = data;
	p.cert_len = sizeof(data);
	if (state == PIN_CLEAR) {
		p.cert_len = p.n_enc = 0;
		p.method[0] = '\0';
		p.evidence = "";
	}
	return p;
}

__attribute__((unused)) static void put(
	struct store *s, const char *address, enum pin_state state, const char *fpr)
{
	struct pin p = make_pin(address, state, fpr);

	if (store_pin_put(s, &p, "pinned", &err) != 0)
		fail_msg("%s", err.msg);
}

__attribute__((unused)) static struct cert make_cert(const char *fpr)
{
	static uint8_t data[] = {1, 2, 3, 4};
	struct cert c = {
		.data = data, .len = sizeof(data), .expires = 77, .n_enc = 1, .enc_keyid = {42}};

	snprintf(c.fpr, sizeof(c.fpr), "%s", fpr);
	snprintf(c.uid, sizeof(c.uid), "Mallory <a@example.org>");
	return c;
}

#endif
