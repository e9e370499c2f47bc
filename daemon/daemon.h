#ifndef CTX_DAEMON_DAEMON_H
#define CTX_DAEMON_DAEMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "report/metrics.h"
#include "report/run_report.h"

/*
 * The daemon as the control plane sees it: what daemon/command.c may ask of it. Everything here
 * runs on the loop's thread and never blocks. The names of what comes back are those of
 * contextor-control(7).
 */

struct ctx_daemon;

/*
 * The end of a call that takes time. `code` is 0, or a negative errno and `result` NULL, `error`
 * NULL or what there is to say; `result` is a new reference, the callee's. Runs on the loop's thread, once at most, and never after
 * ctx_daemon_cancel(); it may run before the function that was given it returns.
 */
typedef void (*ctx_daemon_done_fn)(void *data, int code, json_t *result,
                                   const struct ctx_error *error);

/*
 * Whether no source is being opened or leaves; when that ends, the control plane is told by
 * ctx_control_go_on() (daemon/control.h). Calls that ask about sources are for then.
 */
bool ctx_daemon_is_settled(const struct ctx_daemon *daemon);

/* Forgets a call that was given `data` and is not done yet: its `done` will not run. */
void ctx_daemon_cancel(struct ctx_daemon *daemon, const void *data);

/* The running configuration; borrowed until the next reload. */
const struct ctx_config *ctx_daemon_config(const struct ctx_daemon *daemon);

/* The whole object of the method `status`; new reference, NULL when memory is out. */
json_t *ctx_daemon_status(struct ctx_daemon *daemon);

/* Counters, gauges and histograms as they are now; borrowed until the next call. */
const struct ctx_metrics *ctx_daemon_metrics(struct ctx_daemon *daemon);
/* The figures of the last run that is over, borrowed until the next call; NULL when there was none. */
const struct ctx_run_report *ctx_daemon_last_run(const struct ctx_daemon *daemon);

/*
 * Waits until every change made before this call is emitted and recorded and, with `index`, in the
 * index, sources that are being opened included. `done` gets what ctx_daemon_unsynced() gives.
 * -EBUSY at once or in `done`: paused; -ETIMEDOUT: `timeout_ms` passed; -ECANCELED: stopping; else
 * what made the barrier impossible, with an error.
 */
int ctx_daemon_sync(struct ctx_daemon *daemon, bool index, unsigned timeout_ms,
                    ctx_daemon_done_fn done, void *data, struct ctx_error *error);

/*
 * Makes pages again, unchanged or not: one, or those below a folder (`source` and `path`, relative
 * to its root), a source's (`path` NULL) or all (both NULL). Returns how many documents were
 * enqueued. -ENOENT with an error when there is no such source, or the path is no document or folder
 * of it.
 */
int ctx_daemon_rebuild(struct ctx_daemon *daemon, const char *source, const char *path,
                       struct ctx_error *error);

/*
 * Holds back new work, what is in flight ends; and goes on. Whose holds there are is the control
 * plane's to know (daemon/hold.c), which calls these when the first begins and when the last ends.
 */
void ctx_daemon_pause(struct ctx_daemon *daemon);
void ctx_daemon_resume(struct ctx_daemon *daemon);

/*
 * Reads the configuration again, and begins to do what it changes. 0; CTX_UNCHANGED; or a negative
 * errno with an error, and the running configuration stays.
 */
int ctx_daemon_reload(struct ctx_daemon *daemon, struct ctx_error *error);

/*
 * {"failures": [{"source", "path", "error"}], "total"}: the documents whose last attempt failed, of
 * one source, or of all (NULL); sorted by source and path, at most `most` of them listed. New
 * reference, NULL when memory is out.
 */
json_t *ctx_daemon_failures(struct ctx_daemon *daemon, const char *source, size_t most);
/* The same of all sources; and those whose output cannot be used, each with the path "". */
json_t *ctx_daemon_unsynced(struct ctx_daemon *daemon, size_t most);

/*
 * How a path (relative to the source's root) is seen and why; `done` gets one object of the
 * method `why`'s results. -ENOENT with an error when there is no such source.
 */
int ctx_daemon_why(struct ctx_daemon *daemon, const char *source, const char *path,
                   ctx_daemon_done_fn done, void *data, struct ctx_error *error);

/* A place in a source's history: the catalogue's id, "" none, and a sequence in it. */
struct ctx_clock {
    const char *catalogue;
    uint64_t sequence;
};

/*
 * What changed in a source since a clock, at most `limit` changes, ascending. `done` gets {"fresh",
 * "clock": {"catalogue", "sequence"}, "changes": [...], "more"}; each change as
 * ctx_describe_record() gives it. A clock of another catalogue, or none, is fresh: all pages there
 * are, tombstones left out. The clock is copied.
 */
int ctx_daemon_changes(struct ctx_daemon *daemon, const char *source, const struct ctx_clock *since,
                       size_t limit, ctx_daemon_done_fn done, void *data);

#endif
