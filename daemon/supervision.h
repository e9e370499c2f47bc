#ifndef CTX_DAEMON_SUPERVISION_H
#define CTX_DAEMON_SUPERVISION_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What the service manager hears from the loop: the watchdog's ping, and a STATUS line that is at
 * most a second old while there is something going on. At rest only the watchdog wakes the process.
 * Without a manager it does nothing. The loop's thread.
 */

struct ctx_supervision {
    struct ev_loop *loop;
    ev_timer watchdog;
    ev_timer status;
    /* Writes the line into `text`; returns true while start-up, or stopping, still takes time. */
    bool (*describe)(void *data, char *text, size_t size);
    void *data;
    char last[256]; /* what the manager knows */
};

void ctx_supervision_start(struct ctx_supervision *supervision, struct ev_loop *loop,
                           bool (*describe)(void *data, char *text, size_t size), void *data);
void ctx_supervision_stop(struct ctx_supervision *supervision);

/* Something happened: the line is told anew within a second. Costs next to nothing. */
void ctx_supervision_touch(struct ctx_supervision *supervision);
/* Tells it now, before READY for instance. */
void ctx_supervision_tell(struct ctx_supervision *supervision);

#endif
