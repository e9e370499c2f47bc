/*
 * The recorder's thread and its mailbox. Outcomes and queries come in through one mutex-guarded
 * box, progress and answers go out through it, and an eventfd tells the owner. The thread gathers
 * outcomes for a moment before it writes them, so that a build's catalogue costs few transactions.
 */
#include "engine/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/ledger.h"
#include "engine/query.h"

enum { NICE = 5 };
enum { GATHER_US = 25 * 1000, LEDGERS_MAX = 1024, RETRY_US = 1000 * 1000 };
/*
 * So many outcomes are written without waiting for more: what a build leaves for its end is short, and a
 * transaction of that size costs a row hardly more than a larger one (bench_build.py).
 */
enum { ENOUGH = 64 };

struct ctx_recorder {
    pthread_t thread;
    int event_fd;
    pthread_cond_t wake; /* the thread waits for work; CLOCK_MONOTONIC */

    pthread_mutex_t mutex; /* guards all that follows */
    struct ctx_outcome *inbox, **inbox_end;
    size_t n_inbox;
    struct ctx_query *queries, **queries_end;
    struct ctx_query *answers, **answers_end;
    struct ctx_errand *errands, **errands_end;
    struct ctx_errand *ended, **ended_end;
    struct ctx_recorder_progress progress;
    struct ctx_error trouble;
    uint64_t flush_asked; /* the number of the last flush asked for */
    bool stop;
    struct ctx_ledger *ledgers[LEDGERS_MAX]; /* by source; the thread sets them */
    size_t n_ledgers;                        /* beyond so many there never was one */

    char trouble_text[CTX_ERROR_TEXT_MAX]; /* the owner's copy */
};

/* What the thread took out of the box. */
struct intake {
    struct ctx_outcome *outcomes;
    struct ctx_query *queries;
    struct ctx_errand *errand; /* one at a time */
    uint64_t put, flush;
    bool stop;
};

/* When the next index is due; UINT64_MAX: none. Called with the mutex held, ledgers not busy. */
static uint64_t next_due_us(const struct ctx_recorder *recorder)
{
    uint64_t due = UINT64_MAX;
    for (size_t i = 0; i < recorder->n_ledgers; i++) {
        if (!recorder->ledgers[i])
            continue;
        uint64_t one = ctx_ledger_index_due_us(recorder->ledgers[i]);
        due = one < due ? one : due;
    }
    if (recorder->trouble.text[0] && due == UINT64_MAX)
        due = ctx_clock_monotonic_us() + RETRY_US;
    return due;
}

static bool flush_waits(const struct ctx_recorder *recorder)
{
    return recorder->progress.flushed < recorder->flush_asked;
}

static bool urgent(const struct ctx_recorder *recorder)
{
    return flush_waits(recorder) || recorder->stop || recorder->queries || recorder->errands;
}

/* Sleeps until `until_us`, until something urgent comes in, or so many outcomes are there. */
static void sleep_until(struct ctx_recorder *recorder, uint64_t until_us, size_t outcomes)
{
    struct timespec until = { .tv_sec = (time_t)(until_us / 1000000),
                              .tv_nsec = (long)(until_us % 1000000) * 1000 };
    while (!urgent(recorder) && recorder->n_inbox < outcomes) {
        int r = until_us == UINT64_MAX
                    ? pthread_cond_wait(&recorder->wake, &recorder->mutex)
                    : pthread_cond_timedwait(&recorder->wake, &recorder->mutex, &until);
        if (r == ETIMEDOUT)
            return;
    }
}

static struct intake take_in(struct ctx_recorder *recorder)
{
    pthread_mutex_lock(&recorder->mutex);
    sleep_until(recorder, next_due_us(recorder), 1);
    if (recorder->inbox && !urgent(recorder))
        sleep_until(recorder, ctx_clock_monotonic_us() + GATHER_US, ENOUGH);
    struct intake intake = {
        .outcomes = recorder->inbox,
        .queries = recorder->queries,
        .errand = recorder->errands,
        .put = recorder->progress.put,
        .flush = flush_waits(recorder) ? recorder->flush_asked : 0,
        .stop = recorder->stop && (!recorder->errands || !recorder->errands->next),
    };
    if (intake.errand && !(recorder->errands = intake.errand->next))
        recorder->errands_end = &recorder->errands;
    recorder->inbox = NULL;
    recorder->inbox_end = &recorder->inbox;
    recorder->n_inbox = 0;
    recorder->queries = NULL;
    recorder->queries_end = &recorder->queries;
    pthread_mutex_unlock(&recorder->mutex);
    return intake;
}

/* Takes the outcomes of one source out of a list, in order. */
static struct ctx_outcome *take_source(struct ctx_outcome **list, uint32_t source)
{
    struct ctx_outcome *taken = NULL;
    struct ctx_outcome **end = &taken;
    while (*list) {
        if ((*list)->source != source) {
            list = &(*list)->next;
            continue;
        }
        struct ctx_outcome *outcome = *list;
        *list = outcome->next;
        outcome->next = NULL;
        *end = outcome;
        end = &outcome->next;
    }
    return taken;
}

static struct ctx_ledger *ledger_at(struct ctx_recorder *recorder, size_t i)
{
    pthread_mutex_lock(&recorder->mutex);
    struct ctx_ledger *ledger = recorder->ledgers[i];
    pthread_mutex_unlock(&recorder->mutex);
    return ledger;
}

static void discard(struct ctx_outcome *list)
{
    while (list) {
        struct ctx_outcome *next = list->next;
        ctx_outcome_free(list);
        list = next;
    }
}

/* Records and indexes; what went wrong last is in `trouble`. Counts replaced indexes. */
static uint64_t work(struct ctx_recorder *recorder, struct intake *intake,
                     struct ctx_error *trouble, int *ret_index_code)
{
    uint64_t writes = 0;
    for (size_t i = 0; i < recorder->n_ledgers; i++) { /* only this thread adds to them */
        struct ctx_ledger *ledger = ledger_at(recorder, i);
        if (!ledger)
            continue;
        uint64_t now_us = ctx_clock_monotonic_us();
        ctx_ledger_record(ledger, take_source(&intake->outcomes, (uint32_t)i), now_us, trouble);
        bool all = intake->flush || intake->stop;
        if (!all && ctx_ledger_index_due_us(ledger) > now_us)
            continue;
        int r = ctx_ledger_write_index(ledger, now_us, trouble);
        writes += r == 0;
        if (r < 0)
            *ret_index_code = r;
        if (all)
            ctx_ledger_settle(ledger);
    }
    discard(intake->outcomes);
    return writes;
}

static void answer_queries(struct ctx_recorder *recorder, struct ctx_query *queries)
{
    for (struct ctx_query *query = queries; query; query = query->next)
        ctx_query_run(query,
                      query->source < LEDGERS_MAX ? ledger_at(recorder, query->source) : NULL);
}

/* Whether every ledger's changes are in its index. Called with the mutex held. */
static bool all_indexed(const struct ctx_recorder *recorder)
{
    for (size_t i = 0; i < recorder->n_ledgers; i++)
        if (recorder->ledgers[i] && !ctx_ledger_is_indexed(recorder->ledgers[i]))
            return false;
    return true;
}

static void give_out(struct ctx_recorder *recorder, const struct intake *intake, uint64_t writes,
                     const struct ctx_error *trouble, int index_code)
{
    pthread_mutex_lock(&recorder->mutex);
    struct ctx_recorder_progress *progress = &recorder->progress;
    progress->recorded = intake->put;
    progress->index_writes += writes;
    progress->unindexed = !all_indexed(recorder);
    if (!progress->unindexed)
        progress->indexed = intake->put;
    if (intake->flush) {
        progress->flushed = intake->flush;
        progress->index_code = index_code;
    }
    recorder->trouble = *trouble;
    *recorder->answers_end = intake->queries;
    while (*recorder->answers_end)
        recorder->answers_end = &(*recorder->answers_end)->next;
    if (intake->errand) {
        intake->errand->next = NULL;
        *recorder->ended_end = intake->errand;
        recorder->ended_end = &intake->errand->next;
    }
    pthread_mutex_unlock(&recorder->mutex);
    eventfd_write(recorder->event_fd, 1);
}

static void *run(void *data)
{
    struct ctx_recorder *recorder = data;
    /* A save is not to wait for a processor that merges an index (setpriority(2): per thread). */
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    for (;;) {
        struct intake intake = take_in(recorder);
        struct ctx_error trouble = { "" };
        int index_code = 0;
        uint64_t writes = work(recorder, &intake, &trouble, &index_code);
        answer_queries(recorder, intake.queries);
        if (intake.errand)
            intake.errand->run(intake.errand, recorder);
        give_out(recorder, &intake, writes, &trouble, index_code);
        if (intake.stop)
            return NULL;
    }
}

static int start_thread(struct ctx_recorder *recorder)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = -pthread_create(&recorder->thread, NULL, run, recorder);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r == 0)
        pthread_setname_np(recorder->thread, "recorder");
    return r;
}

int ctx_recorder_new(struct ctx_recorder **ret_recorder)
{
    struct ctx_recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return -ENOMEM;
    recorder->inbox_end = &recorder->inbox;
    recorder->queries_end = &recorder->queries;
    recorder->answers_end = &recorder->answers;
    recorder->errands_end = &recorder->errands;
    recorder->ended_end = &recorder->ended;
    recorder->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = recorder->event_fd < 0 ? -errno : 0;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&recorder->mutex, NULL);
    if (r == 0)
        r = start_thread(recorder);
    if (r < 0) {
        ctx_closep(&recorder->event_fd);
        free(recorder);
        return r;
    }
    *ret_recorder = recorder;
    return 0;
}

void ctx_recorder_free(struct ctx_recorder *recorder)
{
    if (!recorder)
        return;
    pthread_mutex_lock(&recorder->mutex);
    recorder->stop = true;
    pthread_cond_signal(&recorder->wake);
    pthread_mutex_unlock(&recorder->mutex);
    pthread_join(recorder->thread, NULL);
    ctx_recorder_dispatch(recorder); /* whoever asked hears of it */
    for (size_t i = 0; i < recorder->n_ledgers; i++)
        ctx_ledger_close(recorder->ledgers[i]);
    pthread_cond_destroy(&recorder->wake);
    pthread_mutex_destroy(&recorder->mutex);
    close(recorder->event_fd);
    free(recorder);
}

void ctx_recorder_run(struct ctx_recorder *recorder, struct ctx_errand *errand)
{
    errand->next = NULL;
    pthread_mutex_lock(&recorder->mutex);
    *recorder->errands_end = errand;
    recorder->errands_end = &errand->next;
    pthread_cond_signal(&recorder->wake);
    pthread_mutex_unlock(&recorder->mutex);
}

static void set_ledger(struct ctx_recorder *recorder, uint32_t source, struct ctx_ledger *ledger)
{
    pthread_mutex_lock(&recorder->mutex);
    recorder->ledgers[source] = ledger;
    if (source >= recorder->n_ledgers)
        recorder->n_ledgers = source + 1;
    if (ledger && !ctx_ledger_is_indexed(ledger))
        recorder->progress.unindexed = true;
    pthread_mutex_unlock(&recorder->mutex);
}

int ctx_recorder_admit(struct ctx_recorder *recorder, struct ctx_ledger *ledger)
{
    uint32_t source = ctx_ledger_source(ledger);
    if (source >= LEDGERS_MAX)
        return -E2BIG;
    set_ledger(recorder, source, ledger);
    return 0;
}

void ctx_recorder_dismiss(struct ctx_recorder *recorder, struct ctx_ledger *ledger)
{
    set_ledger(recorder, ctx_ledger_source(ledger), NULL);
    ctx_ledger_finish(ledger);
}

void ctx_recorder_put(struct ctx_recorder *recorder, struct ctx_outcome *outcome)
{
    outcome->next = NULL;
    pthread_mutex_lock(&recorder->mutex);
    *recorder->inbox_end = outcome;
    recorder->inbox_end = &outcome->next;
    recorder->n_inbox++;
    recorder->progress.put++;
    if (recorder->n_inbox == 1 || recorder->n_inbox == ENOUGH)
        pthread_cond_signal(&recorder->wake);
    pthread_mutex_unlock(&recorder->mutex);
}

void ctx_recorder_progress(struct ctx_recorder *recorder, struct ctx_recorder_progress *ret)
{
    pthread_mutex_lock(&recorder->mutex);
    *ret = recorder->progress;
    pthread_mutex_unlock(&recorder->mutex);
}

uint64_t ctx_recorder_flush(struct ctx_recorder *recorder)
{
    pthread_mutex_lock(&recorder->mutex);
    uint64_t number = ++recorder->flush_asked;
    pthread_cond_signal(&recorder->wake);
    pthread_mutex_unlock(&recorder->mutex);
    return number;
}

int ctx_recorder_get_fd(const struct ctx_recorder *recorder)
{
    return recorder->event_fd;
}

void ctx_recorder_dispatch(struct ctx_recorder *recorder)
{
    eventfd_t ignored;
    eventfd_read(recorder->event_fd, &ignored);
    pthread_mutex_lock(&recorder->mutex);
    struct ctx_query *answers = recorder->answers;
    recorder->answers = NULL;
    recorder->answers_end = &recorder->answers;
    struct ctx_errand *ended = recorder->ended;
    recorder->ended = NULL;
    recorder->ended_end = &recorder->ended;
    memcpy(recorder->trouble_text, recorder->trouble.text, sizeof(recorder->trouble_text));
    pthread_mutex_unlock(&recorder->mutex);
    while (answers) {
        struct ctx_query *next = answers->next;
        answers->next = NULL;
        answers->answer(answers->data, answers->result);
        answers->result = NULL;
        ctx_query_free_all(answers);
        answers = next;
    }
    while (ended) {
        struct ctx_errand *next = ended->next;
        ended->done(ended);
        ended = next;
    }
}

const char *ctx_recorder_trouble(struct ctx_recorder *recorder)
{
    return recorder->trouble_text[0] ? recorder->trouble_text : NULL;
}

void ctx_recorder_ask(struct ctx_recorder *recorder, struct ctx_query *query)
{
    query->next = NULL;
    pthread_mutex_lock(&recorder->mutex);
    *recorder->queries_end = query;
    recorder->queries_end = &query->next;
    pthread_cond_signal(&recorder->wake);
    pthread_mutex_unlock(&recorder->mutex);
}
