/* SPDX-License-Identifier: ISC */
/*
 * Output of the verbs: JSON objects, one a line, each with "version": 1, and foreign text. An
 * out-of-memory error is kept in the object and reported by out_print.
 */
#ifndef SEALPOST_OUTPUT_H
#define SEALPOST_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;
struct out;

/* A new object with "version": 1. NULL if memory is short; all functions accept NULL. */
struct out *out_new(void);
/* Add members. NULL and "" are written as null; bytes that are not UTF-8 as \xNN. */
void out_str(struct out *o, const char *key, const char *s);
void out_int(struct out *o, const char *key, int64_t v);
void out_bool(struct out *o, const char *key, bool v);
void out_null(struct out *o, const char *key);
/* The value if it is known, else null. */
void out_int_if(struct out *o, const char *key, bool known, int64_t v);
void out_bool_if(struct out *o, const char *key, bool known, bool v);
/* RFC 3339 in UTC; null for 0. */
void out_time(struct out *o, const char *key, int64_t t);
/* Adds an object given as JSON text (stored evidence); null if it is not one. */
void out_object_text(struct out *o, const char *key, const char *json);

/* A nested object; borrowed, valid as long as o. */
struct out *out_object(struct out *o, const char *key);
/* Makes key an array, empty at first. */
void out_array(struct out *o, const char *key);
/* Appends an object (borrowed) or a text to the array at key, creating it if missing. */
struct out *out_item(struct out *o, const char *key);
void out_item_str(struct out *o, const char *key, const char *s);

/* Makes key an array of n objects: one(struct out *, const T *) fills that of each element of T
 * v[]. */
#define OUT_LIST(o, key, v, n, one)                                                                \
	do {                                                                                       \
		size_t out_i, out_n = (n);                                                         \
		out_array(o, key);                                                                 \
		for (out_i = 0; out_i < out_n; out_i++)                                            \
			one(out_item(o, key), &(v)[out_i]);                                        \
	} while (0)

/* The same of texts: char *v[], or char v[][SIZE]. */
#define OUT_TEXTS(o, key, v, n)                                                                    \
	do {                                                                                       \
		size_t out_i, out_n = (n);                                                         \
		out_array(o, key);                                                                 \
		for (out_i = 0; out_i < out_n; out_i++)                                            \
			out_item_str(o, key, (v)[out_i]);                                          \
	} while (0)

/* Prints it as one line of ASCII and frees it. ERR_OS or ERR_IO's code when that fails, else 0. */
int out_print(struct out *o, FILE *f);
/*
 * The object as compact text without "version" (for storing: see out_object_text), malloc'ed; frees
 * o. NULL if memory is short.
 */
char *out_text(struct out *o);
void out_free(struct out *o);

/* Prints foreign text made safe for a terminal, padded with blanks to width columns. */
void out_safe(FILE *f, const char *s, int width);

/* Prints stored JSON readably: one line for each leaf, "PREFIX a.b: value", made safe. */
void out_json_lines(FILE *f, const char *prefix, const char *json);

/* Flushes stdout; ERR_IO if any output was lost, else 0. */
int out_finish(void);

/* Sets err for output that failed with rc (ERR_OS: out of memory; else ERR_IO); returns the code.
 */
int out_failed(struct err *err, int rc);

#endif
