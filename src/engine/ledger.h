#ifndef CTX_ENGINE_LEDGER_H
#define CTX_ENGINE_LEDGER_H

#include "engine/recorder.h"

/*
 * A ledger: one source's catalogue and index, and the index changes that are still to be written.
 * Owned by the recorder; after it is opened, its thread alone touches it.
 */

struct ctx_ledger;

/*
 * Opens a source's catalogue and loads what it knows into `mirror`, documents made by another
 * configuration than `fingerprint` as not current; failures, when they did not come to pass under
 * `verdict` (NULL: all). When the catalogue is new, an index that is there tells which pages are
 * ours. Blocks.
 */
int ctx_ledger_open(uint32_t source, struct ctx_output *output,
                    const unsigned char fingerprint[CTX_DIGEST_SIZE], const unsigned char *verdict,
                    struct ctx_mirror *mirror, struct ctx_ledger **ret_ledger,
                    struct ctx_error *error);
void ctx_ledger_close(struct ctx_ledger *ledger);
/* Brings the index up to date, and closes it. */
void ctx_ledger_finish(struct ctx_ledger *ledger);

uint32_t ctx_ledger_source(const struct ctx_ledger *ledger);
/* The id its catalogue had when it was opened; any thread. */
const char *ctx_ledger_catalogue_id(const struct ctx_ledger *ledger);
struct ctx_catalogue *ctx_ledger_catalogue(struct ctx_ledger *ledger);

/*
 * Takes a list of outcomes of this source, in order: notes their index changes and puts them into
 * the catalogue. What the catalogue does not take now is kept, the last outcome of each path, and
 * tried again by the next call (an empty list is fine); the errno of that is returned with error.
 */
int ctx_ledger_record(struct ctx_ledger *ledger, struct ctx_outcome *list, uint64_t now_us,
                      struct ctx_error *error);

/*
 * When index changes are to be written (monotonic; UINT64_MAX: not by themselves); and whether the
 * index is all that it should be. A catalogue that is new says nothing of an index that is there:
 * that waits for the first outcome; one that is not there is made for who asks.
 */
uint64_t ctx_ledger_index_due_us(const struct ctx_ledger *ledger);
bool ctx_ledger_is_indexed(const struct ctx_ledger *ledger);

/* All is recorded and indexed, for now: what was just made is kept safe from here on. */
void ctx_ledger_settle(struct ctx_ledger *ledger);

/* Brings the index up to date. CTX_UNCHANGED when nothing was written; else 0 or errno. */
int ctx_ledger_write_index(struct ctx_ledger *ledger, uint64_t now_us, struct ctx_error *error);

#endif
