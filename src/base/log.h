/* SPDX-License-Identifier: ISC */
/* Talk on stderr. Called from src/ only; libraries return a code and a sentence. */
#ifndef SEALPOST_LOG_H
#define SEALPOST_LOG_H

enum log_level { LOG_QUIET, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* From -q and -v; LOG_WARN at start. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* One line each, "sealpost: ..."; made terminal-safe. Never bodies or subjects. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
