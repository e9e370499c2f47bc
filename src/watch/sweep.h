#ifndef CTX_WATCH_SWEEP_H
#define CTX_WATCH_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sweeps: a subtree read anew, between scan_begin and scan_end, so that the owner can tell what is
 * gone. The first reading of a root, the reconciling after an overflow, the rare light reconcile
 * and the answer to an edited ignore file are all sweeps. A root has at most one running and one
 * waiting; requests that meet are joined.
 */

struct ctx_watch;
struct ctx_root;
struct ctx_dir;

struct ctx_sweep {
    bool running;
    bool wanted;
    char *path;          /* of the running one, as it was when it began */
    uint64_t ticket;     /* when it was asked for: see ctx_sweeps_done() */
    struct ctx_dir *dir; /* of the wanted one */
    uint64_t wanted_due_us;
    uint64_t wanted_ticket;
};

/* When the rare ones are due, and how overflows hold each other off. */
struct ctx_reconcile {
    uint64_t next_us; /* of the light reconcile */
    uint64_t last_overflow_us;
    uint64_t step_us;
    uint32_t seed; /* of the jitter */
    uint64_t tickets;
};

/* Asks for a sweep of a directory of a root, at `due_us` at the earliest. */
void ctx_sweep_request(struct ctx_root *root, struct ctx_dir *dir, uint64_t due_us);
/* A directory is freed. */
void ctx_sweep_forget(struct ctx_root *root, const struct ctx_dir *dir);
/* The root went away: what runs is never completed. */
void ctx_sweep_abandon(struct ctx_root *root);

/* Begins sweeps that are due and ends those that are complete. */
void ctx_sweeps_run(struct ctx_watch *watch);
uint64_t ctx_sweeps_next_us(const struct ctx_watch *watch);

/* The kernel dropped events: everything is swept. */
void ctx_reconcile_overflow(struct ctx_watch *watch);
/* All roots, at `due_us` at the earliest. */
void ctx_reconcile_request(struct ctx_watch *watch, uint64_t due_us);
/* An event of a watch that nobody knows: something was missed. */
void ctx_reconcile_stray(struct ctx_watch *watch);
/* Sets the time of the next light reconcile. */
void ctx_reconcile_schedule(struct ctx_watch *watch);

/* A ticket for now; and whether every sweep that was asked for before it is over. */
uint64_t ctx_sweeps_ticket(struct ctx_watch *watch);
bool ctx_sweeps_done(const struct ctx_watch *watch, uint64_t ticket);

#endif
