/* SPDX-License-Identifier: ISC */
/* Messages on stderr. Called from src/ only; libraries fill a struct err instead. */
#ifndef SEALPOST_LOG_H
#define SEALPOST_LOG_H

enum log_level { LOG_QUIET, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* From -q and -v; LOG_WARN at start. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* Each writes one line, "sealpost: ...", made safe for a terminal. Must never be given message
 * bodies or subjects. log_error: whatever -q says; what was asked for, and is not done. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
