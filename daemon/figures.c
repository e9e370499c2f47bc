/*
 * The figures of the daemon's runs: what is worked on between two rests is reported in the log and
 * kept for `metrics`. The loop's thread.
 */
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "daemon/log.h"
#include "daemon/state.h"

enum { LINE_MAX_LEN = 1024 };

static void log_run(enum ctx_log_level level, const struct ctx_run_report *run)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, LINE_MAX_LEN);
    ctx_run_report_counts(run, &text);
    ctx_buffer_append(&text, "; ", 2);
    ctx_run_report_effort(run, &text);
    ctx_buffer_append(&text, "; ", 2);
    ctx_run_report_tokens(run, &text);
    ctx_log(level, "run: %s", ctx_buffer_str(&text));
}

void ctx_daemon_warn_degraded(struct ctx_daemon *daemon)
{
    const char *sentences[CTX_ENGINE_DEGRADED_MAX];
    unsigned n = ctx_engine_degraded(daemon->engine, sentences);
    if (n > daemon->n_degraded)
        for (unsigned i = 0; i < n; i++)
            ctx_log(CTX_LOG_WARNING, "%s", sentences[i]);
    daemon->n_degraded = n;
}

/* Failures that were too many to be logged one by one. */
static void warn_of_the_rest(struct ctx_daemon *daemon)
{
    if (daemon->failures > CTX_LIMIT_LOGGED_FAILURES)
        ctx_log(CTX_LOG_WARNING, "%" PRIu64 " more documents failed: see contextor failures",
                daemon->failures - CTX_LIMIT_LOGGED_FAILURES);
    daemon->failures = 0;
}

/* A scan goes on in slices, between which nothing may be left to do: that is no rest. */
void ctx_daemon_end_run(struct ctx_daemon *daemon)
{
    struct ctx_run_report run;
    if (ctx_watch_next_us(daemon->watch) <= ctx_clock_monotonic_us() ||
        !ctx_engine_run_end(daemon->engine, &run))
        return;
    ctx_daemon_warn_degraded(daemon);
    warn_of_the_rest(daemon);
    uint64_t documents = run.processed + run.removed + run.errors;
    if (documents == 0 && daemon->has_run)
        return; /* a reconciling scan that found all as it was */
    log_run(documents > 1 || !daemon->has_run ? CTX_LOG_INFO : CTX_LOG_DEBUG, &run);
    daemon->last_run = run;
    daemon->has_run = true;
}

const struct ctx_run_report *ctx_daemon_last_run(const struct ctx_daemon *daemon)
{
    return daemon->has_run ? &daemon->last_run : NULL;
}
