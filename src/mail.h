/* One mail on its way through send or filter: read, resolve, decide, seal, hand over. */
#ifndef SEALPOST_MAIL_H
#define SEALPOST_MAIL_H

#include "app.h"
#include "discover.h"
#include "pgp/mime/message.h"
#include "pgp/mime/spool.h"
#include "policy.h"
#include "send/args.h"
#include "send/recipients.h"
#include "session.h"

struct mail {
	struct app *app;
	struct session session;
	struct send_args args;
	struct source source;
	struct message msg;
	struct envelope env;
	const struct conf_identity *identity; /* by From; NULL if none; borrowed from app->conf */
	struct finding *finding;              /* one for each of env; owned */
	struct policy_rcpt *rcpt;             /* likewise */
	struct policy_out decision;
	char agent[FILE_PATH_MAX];            /* the user's agent's socket; "" until it is known */
	struct cert signer;                   /* fpr "" when there is none */
	struct spool out;                     /* the finished message */
};

/* Reads the message from fd and learns sender and recipients. */
int mail_read(struct mail *m, int fd, struct err *err);

/*
 * Finds out about every recipient's key, all at once, and decides. ask: the network may be asked; keep: pins are made and
 * changed. Failure is for what concerns the whole mail; a refusal is m->decision's.
 */
int mail_decide(struct mail *m, bool ask, bool keep, struct err *err);

/* Whose key will sign, into m->signer. */
int mail_find_signer(struct mail *m, struct err *err);

/* Makes m->out: sealed, or as it is when the decision says clear. */
int mail_finish(struct mail *m, struct err *err);

/*
 * Gives m->out to the MTA. The exit status: the MTA's own once it ran, with its words on stderr if it is not 0.
 * Failure: it did not run, and nothing was handed over.
 */
int mail_hand_over(struct mail *m, struct err *err);

/* Says what would happen, recipient by recipient, to stdout. */
int mail_explain(struct mail *m, struct err *err);

/* Prints a refusal, keeps it for "why", and returns its exit status. err: what concerns the whole mail, or NULL
 * when the decision refuses. */
int mail_refuse(struct mail *m, const struct err *err);

void mail_free(struct mail *m);

#endif
