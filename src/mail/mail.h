/* SPDX-License-Identifier: ISC */
/* One mail on its way through send or filter: read, resolve, decide, seal, hand over. */
#ifndef SEALPOST_MAIL_H
#define SEALPOST_MAIL_H

#include <stdio.h>

#include "process/app.h"
#include "discovery/discover.h"
#include "decide/tls_required.h"
#include "mime/message.h"
#include "pgp/cert/signer.h"
#include "pgp/seal/seal.h"
#include "decide/policy.h"
#include "mail/args.h"
#include "mail/copies.h"
#include "store/journal.h"
#include "store/queue.h"
#include "mail/envelope.h"
#include "process/session.h"

/* A certificate that a policy names for a recipient. */
struct stand_in {
	char address[ADDR_TEXT_MAX + 1]; /* whose pin it is */
	struct cert cert;                /* owned */
};

struct stand_ins {
	struct stand_in *v; /* owned; NULL: no policy names any */
	size_t n;
	char mend[ERR_HINT_MAX]; /* what to do when not all could be had */
};

/* What an earlier try has done of this mail, and what is noted of this one (send/journal.h). */
struct mail_journal {
	bool on;     /* the mail is known by its hash, and locked */
	bool begun;  /* it is noted as one that is not complete */
	bool done;   /* everybody has it, within the hour and with the same keys */
	bool kept;   /* the sender's own copy is kept, or its time has passed */
	bool failed; /* what was taken could not be noted */
	uint8_t key[JOURNAL_HASH], mail[JOURNAL_HASH];
	uint8_t keys[JOURNAL_HASH]; /* of whom each copy is sealed to */
	int lock;                   /* -1: none */
	bool *served; /* owned; one for each of the envelope: has it from an earlier try; NULL:
			 nobody */
	size_t n_served;
};

/* The queue, as far as it is about this mail. */
struct mail_queue {
	struct queue_entry entry; /* the file of this very mail; number 0: there is none */
	bool running;             /* the mail comes from there */
	bool keeps;               /* the decision lets a refused mail be kept there */
	bool *seal; /* owned; one for each of the envelope: may not turn clear by itself; NULL: all
		       may */
};

/* The recipient's address without its "+tag", and the fingerprint of its pin. */
struct untagged {
	char address[ADDR_TEXT_MAX + 1];
	char fpr[CERT_FPR_MAX];
};

/* Of the certificates that this mail is sealed with (pgp/cert/sig_marks.h). */
struct mail_marks {
	struct kept_marks *kept;  /* owned */
	const struct cert **cert; /* owned; whose they are, borrowed */
	size_t n;
};

struct mail {
	struct app *app;
	bool filter; /* one copy, for standard output */
	struct session session;
	struct send_args args;
	struct source source;
	struct message msg;
	bool encrypted; /* the message really is end-to-end encrypted already (detect.h) */
	struct envelope env;
	struct mail_rules rules;              /* what is said for this one mail */
	const struct conf_identity *identity; /* by sender; NULL if none; borrowed from app->conf */
	struct finding *finding;              /* one for each of env; owned */
	struct stand_ins *stand_ins;          /* likewise */
	struct policy_rcpt *rcpt;             /* likewise */
	char *answers; /* Message-ID of a sealed mail that this one answers; owned; NULL: none */
	struct untagged *untagged;      /* likewise */
	char (*in_gnupg)[CERT_FPR_MAX]; /* likewise; fingerprints, "" for none */
	struct gate_rcpt *gate;         /* likewise */
	struct policy_out decision;
	char agent[FILE_PATH_MAX]; /* the user's agent's socket; "" until it is known */
	struct cert signer;        /* fpr "" when there is none */
	struct signer_found own;   /* why there is none */
	bool unsigned_now;         /* the passphrase is not at hand, and pinentry = skip */
	char note[512];            /* what is to be kept of it, such as why it is unsigned */
	struct cache *cache;       /* NULL: none, or not opened yet */
	struct mail_marks marks;
	char *autocrypt;      /* owned; the field's value; NULL: none */
	struct copies copies; /* none when the decision refuses */
	struct mail_journal journal;
	struct mail_queue queue;
};

/* A mail of which nothing is known yet. */
#define MAIL_INIT(application)                                                                     \
	{                                                                                          \
		.app = (application), .session = {.runner = {.sock = -1}}, .source = {.fd = -1},   \
		.journal = {                                                                       \
			.lock = -1                                                                 \
		}                                                                                  \
	}

/* Reads the message from fd and learns sender and recipients. */
int mail_read(struct mail *m, int fd, struct err *err);

/* The same, of a message that m->source holds already. */
int mail_read_source(struct mail *m, struct err *err);

/*
 * tls = require: finds out whether the way to every recipient that it holds for is bound, before
 * anything is asked about keys. ask, keep: as below, keep being about MTA-STS policies. 1: it is
 * not, and the decision is to refuse, as it will be after mail_decide too; 0; or a failure.
 */
int mail_gate(struct mail *m, bool ask, bool keep, struct err *err);

/* Refuses what the gate does not let through; overrides the decision. */
void mail_gate_apply(struct mail *m);

/*
 * Finds out about every recipient's key, all at once, decides, and plans the copies. ask: the
 * network may be asked; keep: pins are made and changed. Failure is for what concerns the whole
 * mail; a refusal is m->decision's.
 */
int mail_decide(struct mail *m, bool ask, bool keep, struct err *err);

/*
 * Settles the recipients that are the user's own: by the own key, unless a person has verified
 * another, without asking anybody. Where that cannot be found out, *why says so and is to be freed;
 * whoever then seems to have no key is unknown. Failure is the store's.
 */
int mail_own_keys(struct mail *m, char **why, struct err *err);

/*
 * Whether the user's gpg keyring has a key for those who seem to have none, where the rules want to
 * know. One that cannot be asked makes them unknown.
 */
int mail_gnupg_keys(struct mail *m, struct err *err);

/* Whether the mail answers, or passes on, one of which every copy was sealed here, into m->answers.
 */
int mail_answers(struct mail *m, struct err *err);
/* After it was handed over, whether every copy was sealed: 1, and the hash of its Message-ID for
 * store_sealed_add; 0: not, or it has none; or a failure. */
int mail_sealed_id(const struct mail *m, uint8_t hash[JOURNAL_HASH], struct err *err);

/* Looks up what policies name for recipients (key, keys) and says in the finding whether all of it
 * may be used. */
int mail_stand_ins(struct mail *m, struct err *err);
void mail_stand_ins_free(struct mail *m);

/* How many certificates recipient i is sealed to, and the kth of them. */
size_t mail_certs(const struct mail *m, size_t i);
const struct cert *mail_cert(const struct mail *m, size_t i, size_t k);

/* A person may have rejected or replaced a pin since it was read. ERR_TEMP: somebody did. */
int mail_still_pinned(struct mail *m, struct err *err);

/* cache.db, opened when it is first wanted; NULL when there is none. */
struct cache *mail_cache(struct mail *m);

/*
 * The user's agent, into m->agent: where it usually is, if it answers there, else the runner makes
 * sure that there is one, and keyboxd, if keys are to be asked for. ERR_TEMP: it is silent.
 */
int mail_find_agent(struct mail *m, bool keys, struct err *err);
/* Whether the user's agent answers where it usually is. */
bool mail_agent_listens(void);

/* Has the runner start the user's keyboxd, if it has the keys. ERR_TEMP and what else runner_agent
 * says. */
int mail_start_keyboxd(struct mail *m, struct err *err);
/* Whose key will sign, into m->signer; if none, why in m->own. */
int mail_find_signer(struct mail *m, struct err *err);
/* Whether a copy is to be sealed to the sender and kept. What came encrypted is kept as it is. */
bool mail_keeps_sealed(const struct mail *m);
/* After it: whether the mail may go with what was found. keeps: a copy is to be sealed to the
 * sender. ERR_CONFIG. */
int mail_check_own_key(const struct mail *m, bool keeps, struct err *err);
/* "your key FPR has expired" and the like, where that is why nobody signs: into out (cap bytes),
 * else "". */
void mail_own_key_text(const struct mail *m, char *out, size_t cap);

/*
 * Finds out who has this mail from an earlier try: what is left of the copies is for the others.
 * Nobody else hands the mail over from here on, unless this is for --explain. ERR_TEMP: somebody
 * does.
 */
int mail_resume(struct mail *m, struct err *err);
/* The journal's key and the mail's hash, into m->journal. 1: it has one; 0: without a Message-ID
 * each is a mail of its own. */
int mail_identify(struct mail *m, struct err *err);
/* Whether this recipient has it from an earlier try. */
bool mail_served(const struct mail *m, size_t i);
/* Before the first copy is handed over: whatever stands in the way of taking notes is found now. */
int mail_journal_begin(struct mail *m, struct err *err);
/* The MTA has taken the copy. */
void mail_journal_taken(struct mail *m, const struct mail_copy *c);
/* The sender's own copy is kept. */
void mail_journal_kept(struct mail *m);
/* After the last one, and the sender's own. */
void mail_journal_end(struct mail *m);
void mail_journal_free(struct mail *m);

/*
 * Adds the sender's Autocrypt header to what message_complete writes, so that it is the same in
 * every copy, whoever gets it. have_signer: mail_find_signer was asked; if not, it is asked here,
 * and its failure only means that there is no header.
 */
int mail_autocrypt(struct mail *m, bool have_signer, struct err *err);

/* Values of Autocrypt-Gossip. */
struct gossip {
	char **v; /* owned, each of them too */
	size_t n;
};

/*
 * What a sealed copy tells of the keys of those whom its header names, when there are several: the
 * same in a hidden recipient's copy, and nothing of any hidden one (Autocrypt Level 1 section 5.1).
 */
int mail_gossip(
	const struct mail *m, const struct mail_copy *copy, struct gossip *g, struct err *err);
void gossip_free(struct gossip *g);

/*
 * Learns what gpg has found of the signatures of all certificates of the copies, and the signer's,
 * from the cache or from gpg. What cannot be had is left out: gpg then checks again. ERR_CONFIG:
 * gpg does not run or is too old; ERR_OS.
 */
int mail_marks(struct mail *m, struct err *err);
/* NULL: nothing is known. */
const char *mail_marks_of(const struct mail *m, const struct cert *c);
void mail_marks_free(struct mail *m);

/* After it was handed over: notes to whom, and how. Whatever goes wrong, the mail was sent: only a
 * line says so. */
void mail_note_handed(struct mail *m);

/* Why what went to recipient i went in clear. Borrowed. */
const char *mail_clear_reason(const struct mail *m, size_t i);

/* What every copy is made with. */
struct seal mail_seal_common(const struct mail *m);

/* The Maildir for this sender's copies of what was sent, borrowed; NULL: none are kept. */
const char *mail_sent_folder(const struct mail *m);
/*
 * Keeps a copy that the sender can open, once the MTA has taken something of this mail, unless an
 * earlier try did. Whatever goes wrong, the mail was sent: only a line says so. Whether it is kept
 * now.
 */
bool mail_keep_sent(struct mail *m);

/* Whether what goes out in clear is to be signed. */
bool mail_signs_clear(const struct mail *m);

/* Makes every copy, complete, before the first one is handed over: sealed, in clear, or as it was.
 */
int mail_make_copies(struct mail *m, struct err *err);

/*
 * Gives each copy that waits to the MTA, and says who was served and who was not unless all were.
 * The exit status: 0 when the MTA took every copy, else the MTA's own for the first one it did not
 * take. TERM, INT and HUP are passed to an MTA that runs, and end the handing over; once the last
 * copy is taken they are ignored until all is noted. Failure: it did not run, and nothing was
 * handed over.
 */
int mail_hand_over(struct mail *m, struct err *err);

/*
 * A mail that was refused is kept to be sent later, if the rules and its recipients let it. 1: it
 * is, or was already; 0: it is not to be; or why it cannot be.
 */
int mail_queue_refused(struct mail *m, struct err *err);
/* The same of one that was not handed over, or not to all. failed: why the MTA was not started;
 * NULL: it ran, and status is the exit status. */
int mail_queue_unsent(struct mail *m, int status, const struct err *failed, struct err *err);
/* Whether a mail that was refused would be kept; nothing is changed. */
bool mail_queue_would_keep(struct mail *m);

/* Whether this very mail is in the queue, into m->queue.entry; then its journal is held. Failure is
 * the folder's or the store's. */
int mail_queue_find(struct mail *m, struct err *err);
/* Everybody has it: it leaves the queue. */
void mail_queue_done(struct mail *m);

/* Opens what m->queue.entry names, and reads it as if it had come just now; *locked: for want of
 * the passphrase it cannot. 1: did; 0: it is not there any more. */
int mail_queue_load(struct mail *m, bool *locked, struct err *err);

/* Sends that mail of the queue, leaves it there or, after its time, gives it back to its sender,
 * and says so. The exit status: 0 when it has left the queue. */
int mail_queue_run(struct app *app, const struct queue_entry *e);

/* One line "PREFIXADDRESS: TEXT", made safe; address may be "". */
void mail_line(FILE *out, const char *prefix, const char *address, const char *text);

/* Says what would happen, recipient by recipient, to stdout. */
int mail_explain(struct mail *m, struct err *err);

/* Tells the program of the setting notify, if there is one. Failure is told, and changes nothing.
 */
void mail_notify(struct mail *m, const char *text);

/* Whether that file of the cache was touched within a day; it is from now on. */
bool mail_told_today(const struct mail *m, const char *file);
/* After a mail, where a person sees it: once a day that different keys wait for a decision, and
 * that the own key is about to expire. */
void mail_remind(struct mail *m);

/* Prints a refusal, keeps it for "why", and returns its exit status. err: what concerns the whole
 * mail, or NULL when the decision refuses. */
int mail_refuse(struct mail *m, const struct err *err);

/* Prints and keeps what became of each copy when the MTA did not take them all. status: the exit
 * status. */
void mail_report(struct mail *m, int status);

/* Under -v: one line that says what the MTA has taken now, for whom and how. */
void mail_say_handed(const struct mail *m);

void mail_free(struct mail *m);

#endif
