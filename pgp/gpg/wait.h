/* GPGME's descriptors in a poll loop of ours: the only way to a deadline that holds when gpg is
 * silent. */
#ifndef SEALPOST_WAIT_H
#define SEALPOST_WAIT_H

#include <gpgme.h>

/* Makes operations that are started in ctx report their descriptors and their end here. */
void wait_attach(gpgme_ctx_t ctx);

#endif
