/* SPDX-License-Identifier: ISC */
#include "pgp/seal/packet_walk.h"

#include <string.h>

#include "pgp/cert/packet.h"

#define PKESK_MIN 11
#define PKESK_MAX 8192 /* ML-KEM-1024 takes 1,700 bytes, RSA of 16 kbit 2,100 */
#define SKESK_MIN 4
#define SKESK_MAX 256
#define DATA_MIN 41 /* version 1 around an empty literal packet; version 2 takes more */

static bool is_key(const struct packet_walk *w)
{
	return w->tag == PACKET_PKESK || w->tag == PACKET_SKESK;
}

/* RFC 9580 section 9.1 and LibrePGP: those that encrypt. */
static bool known_algorithm(uint8_t a)
{
	static const uint8_t known[] = {1, 2, 8, 16, 18, 25, 26, 29, 30, 35, 36};

	return memchr(known, a, sizeof(known)) != NULL;
}

/* Whether the packet that ends here is what its tag says, as far as that can be told: its size, its
 * version, and that it is no text. */
static bool is_plausible(const struct packet_walk *w)
{
	const uint8_t version = w->head[0];

	switch (w->tag) {
	case PACKET_PKESK:
		if (w->body < PKESK_MIN || w->body > PKESK_MAX || !w->high)
			return false;
		return version == 6 || (version == 3 && known_algorithm(w->head[9]));
	case PACKET_SKESK:
		return w->body >= SKESK_MIN && w->body <= SKESK_MAX && version >= 4 && version <= 6;
	case PACKET_SEIPD:
		return w->body >= DATA_MIN && w->high && (version == 1 || version == 2);
	default:
		return w->body >= DATA_MIN && w->high && version == 1;
	}
}

/* The present chunk has ended, and with it the packet unless it is partial. */
static void end_chunk(struct packet_walk *w)
{
	w->bad |= w->partial && is_key(w);
	if (!w->partial)
		w->bad |= !is_plausible(w);
	w->state = w->partial ? WALK_LENGTH : WALK_HEADER;
	w->n_len = 0;
	w->partial = false;
}

static void enter_chunk(struct packet_walk *w)
{
	w->state = WALK_BODY;
	if (w->left == 0)
		end_chunk(w);
}

/* Sets what one, two, five bytes of length say, or a partial one (RFC 9580 4.2.1). */
static void new_length(struct packet_walk *w)
{
	uint8_t first = w->len[0];

	w->need = first < 192 ? 1 : first < 224 ? 2 : first == 255 ? 5 : 1;
	if (w->n_len < w->need)
		return;
	w->partial = first >= 224 && first < 255;
	if (w->partial)
		w->left = (uint64_t)1 << (first & 31);
	else if (w->need == 1)
		w->left = first;
	else if (w->need == 2)
		w->left = ((uint64_t)(first - 192) << 8) + w->len[1] + 192;
	else
		w->left = packet_be32(w->len + 1);
	enter_chunk(w);
}

static void old_length(struct packet_walk *w)
{
	unsigned i;

	if (w->n_len < w->need)
		return;
	for (w->left = i = 0; i < w->need; i++)
		w->left = w->left << 8 | w->len[i];
	enter_chunk(w);
}

/* Counts the packet, if it may stand here. */
static void begin_packet(struct packet_walk *w, uint8_t c)
{
	w->old = !(c & 0x40);
	w->tag = w->old ? c >> 2 & 15 : c & 63;
	w->n_len = 0;
	w->need = 1u << (c & 3); /* of the old format */
	w->body = 0;
	w->high = w->partial = false;
	w->state = WALK_LENGTH;
	if (is_key(w))
		w->n_keys++;
	else if (w->tag == PACKET_SEIPD || w->tag == PACKET_AEAD)
		w->n_data++;
	else
		w->bad = true;
	if (!(c & 0x80) || w->n_data > 1 || (w->n_data > 0 && w->n_keys == 0) ||
		(is_key(w) && w->n_data > 0))
		w->bad = true;
	if (w->old && w->need == 8) { /* indeterminate: to the end */
		w->bad |= w->n_data == 0;
		w->state = WALK_REST;
	}
}

/* Steps over what of the body is there. */
static size_t take_body(struct packet_walk *w, const uint8_t *p, size_t n)
{
	size_t step = w->state == WALK_REST || w->left > n ? n : (size_t)w->left, i;

	for (i = 0; i < step && w->body + i < PACKET_WALK_HEAD; i++)
		w->head[w->body + i] = p[i];
	for (i = w->body == 0; i < step && !w->high; i++)
		w->high = p[i] >= 0x80;
	w->body += step;
	if (w->state == WALK_REST)
		return step;
	w->left -= step;
	if (w->left == 0)
		end_chunk(w);
	return step;
}

void packet_walk_add(struct packet_walk *w, const uint8_t *p, size_t n)
{
	size_t step;

	while (n > 0 && !w->bad) {
		step = 1;
		if (w->state == WALK_HEADER) {
			begin_packet(w, *p);
		} else if (w->state == WALK_LENGTH) {
			w->len[w->n_len++] = *p;
			if (w->old)
				old_length(w);
			else
				new_length(w);
		} else {
			step = take_body(w, p, n);
		}
		p += step;
		n -= step;
	}
}

bool packet_walk_ok(const struct packet_walk *w)
{
	if (w->bad || w->n_data != 1)
		return false;
	return w->state == WALK_HEADER || (w->state == WALK_REST && is_plausible(w));
}
