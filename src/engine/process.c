/*
 * One change, from source file to page. Runs on a pool thread; everything it needs is in its task.
 * A failure of the document itself is kept until the document changes; a failure of something
 * beyond it (a full disk, a lack of permission) is `transient` and tried again at the next scan.
 */
#include "engine/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "document/page_isolated.h"
#include "document/remedy.h"
#include "engine/cost.h"
#include "report/report_json.h"

/* How often a document that changes while it is read is read again at once. */
enum { READ_ATTEMPTS = 3 };
/* Bytes that a document may take beyond what was reserved, since it grew meanwhile. */
enum { OUTGROWN = 4 * 1024 * 1024 };

static int fail_load(struct ctx_task *task, int code)
{
    const char *path = task->change->path;
    uint64_t limit = task->settings->document_limit;
    task->transient = code != -EFBIG;
    switch (code) {
    case -ENOENT:
    case -ENOTDIR:
    case -ELOOP:
    case -EISDIR: /* a directory has its name by now */
        return CTX_GONE;
    case -EFBIG:
        if (limit < CTX_LIMIT_DOCUMENT)
            return ctx_error_set(&task->error, code,
                                 "%s: larger than %llu bytes, which is what memory_limit_mb has "
                                 "room for: raise it, or exclude the file",
                                 path, (unsigned long long)limit);
        return ctx_error_set(&task->error, code,
                             "%s: larger than the limit of %llu bytes for one document: split it, "
                             "or exclude it",
                             path, (unsigned long long)limit);
    case -EACCES:
    case -EPERM:
        return ctx_error_set(&task->error, code, "%s: cannot be read: give this user permission",
                             path);
    default:
        return ctx_error_set(&task->error, code, "%s: cannot be read: %s", path,
                             ctx_error_name(code));
    }
}

/* The root of the document's source cannot be opened. */
static int fail_root(struct ctx_task *task, int code)
{
    bool absent = code == -ENOENT || code == -ENOTDIR || code == -ELOOP;
    if (!absent || !task->settings->root_required)
        return fail_load(task, code);
    task->transient = true;
    return ctx_error_set(&task->error, code,
                         "%s: cannot be read, and its page is kept: %s is gone: bring it back and "
                         "run again",
                         task->change->path, task->source->root);
}

/* Whether it holds so much more than when its cost was reckoned that it has to wait its turn anew. */
static bool has_outgrown(const struct ctx_task *task, size_t len)
{
    return ctx_cost(len, 0) > task->change->cost + OUTGROWN;
}

static int load(struct ctx_task *task, struct ctx_buffer *bytes)
{
    uint64_t began = ctx_clock_monotonic_us();
    int r = CTX_CHANGED;
    CTX_AUTO_CLOSE int root = open(task->source->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return fail_root(task, -errno);
    for (int i = 0; r == CTX_CHANGED && i < READ_ATTEMPTS; i++)
        r = ctx_file_read(root, task->change->path, 0, bytes, &task->stamp);
    task->bytes_in = bytes->len;
    task->load_us = ctx_clock_monotonic_us() - began;
    if (r < 0)
        return fail_load(task, r);
    return r == 0 && has_outgrown(task, bytes->len) ? CTX_CHANGED : r;
}

static bool wants_isolation(const struct ctx_task *task, size_t len)
{
    const struct ctx_process_settings *settings = task->settings;
    return settings->isolation && (settings->isolate_all || len > settings->isolate_threshold);
}

static int make_page(struct ctx_task *task, const struct ctx_buffer *bytes)
{
    const struct ctx_source *source = task->source;
    int64_t epoch = task->settings->source_date_epoch;
    struct ctx_page_context context = {
        .transform = {
            .options = &source->transform,
            .path = task->change->path,
            .repo = source->repo,
            .ref = source->ref,
            .repo_path = source->repo_path,
            .memory_limit = ctx_cost_of_parse(task->change->cost, bytes->len),
            .deadline_ms = CTX_LIMIT_TRANSFORM_MS(bytes->len),
        },
        .slug = task->slug,
        .topics = (const char *const *)source->topics.items,
        .n_topics = source->topics.n,
        .fetched_at = epoch >= 0 ? epoch : task->stamp.mtime_ns / 1000000000,
    };
    const char *text = bytes->data ? bytes->data : "";
    struct ctx_isolate *isolate =
        wants_isolation(task, bytes->len) ? ctx_isolation_get(task->settings->isolation) : NULL;
    if (isolate) {
        int r =
            ctx_page_make_isolated(isolate, text, bytes->len, &context, &task->page, &task->error);
        if (r != -EPIPE) /* else no worker can be had any more, and none has tried */
            return r;
    }
    return ctx_page_make(text, bytes->len, &context, &task->page, &task->error);
}

/* One that wants more memory than was reserved for it is taken again, while there may be more. */
static int fail_transform(struct ctx_task *task, int code)
{
    const char *path = task->change->path;
    bool all = task->change->cost >= task->settings->memory_limit;
    if (code == -ENOMEM && all)
        return ctx_error_set(&task->error, code,
                             "%s: needs more memory than memory_limit_mb has room for: raise it, "
                             "split the file, or exclude it",
                             path);
    task->crowded = code == -ENOMEM && task->density + 1 < CTX_DENSITY_COUNT;
    if (task->crowded)
        return CTX_CHANGED;
    struct ctx_error reason = task->error;
    return ctx_error_set(&task->error, code, "%s: %.900s", path, reason.text);
}

static int transform(struct ctx_task *task, const struct ctx_buffer *bytes)
{
    pthread_mutex_t *turn = task->settings->one_at_a_time;
    if (turn)
        pthread_mutex_lock(turn);
    uint64_t began = ctx_clock_monotonic_us();
    int r = make_page(task, bytes);
    task->transform_us = ctx_clock_monotonic_us() - began;
    if (turn)
        pthread_mutex_unlock(turn);
    return r < 0 ? fail_transform(task, r) : r;
}

static char *describe_report(const struct ctx_report *report)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    if (report->n_entries == 0 || ctx_report_write_json(report, &text) < 0)
        return NULL;
    return ctx_buffer_detach(&text, NULL);
}

/* A page that the catalogue does not know under this name is in the journal before it is there. */
static int announce(struct ctx_task *task)
{
    struct ctx_journal *journal = ctx_output_journal(task->output);
    if (task->has_page || !journal)
        return 0;
    int r = ctx_journal_add(journal, task->slug, task->change->path);
    task->journaled = r == 0;
    if (r < 0)
        ctx_remedy_set(&task->error, r, ctx_output_path(task->output), ".contextor/journal");
    return r;
}

static int emit(struct ctx_task *task)
{
    uint64_t began = ctx_clock_monotonic_us();
    task->page_bytes = task->page.mdc.len;
    int r = announce(task);
    if (r == 0)
        r = ctx_output_write(task->output, task->slug, &task->page, task->fresh, &task->written,
                             &task->error);
    ctx_buffer_deinit(&task->page.mdc);
    task->report_json = describe_report(&task->page.report);
    task->done_us = ctx_clock_monotonic_us();
    task->emit_us = task->done_us - began;
    task->transient = r < 0;
    if (r >= 0 && task->leaves[0])
        (void)ctx_output_remove(task->output, task->leaves, NULL);
    return r;
}

/* Whether the page in the output is still the one that was written. */
static bool output_intact(const struct ctx_task *task)
{
    struct ctx_file_stamp now;
    return task->known_output.ino != 0 && ctx_output_stat(task->output, task->slug, &now) == 0 &&
           now.ino == task->known_output.ino && now.size == task->known_output.size &&
           now.mtime_ns == task->known_output.mtime_ns;
}

static int process(struct ctx_task *task)
{
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, task->settings->document_limit);
    int r = load(task, &bytes);
    if (r != 0)
        return r;
    ctx_digest(bytes.data ? bytes.data : "", bytes.len, task->digest);
    bool same = memcmp(task->digest, task->known_digest, CTX_DIGEST_SIZE) == 0;
    task->skipped = same && (task->failed || (task->gate && output_intact(task)));
    if (task->skipped) {
        task->written = task->known_output;
        return CTX_UNCHANGED;
    }
    r = transform(task, &bytes);
    return r == 0 ? emit(task) : r;
}

static int take_away(struct ctx_task *task)
{
    if (!task->has_page)
        return 0;
    int r = ctx_output_remove(task->output, task->slug, &task->error);
    return r == CTX_GONE ? 0 : r;
}

void ctx_process_run(struct ctx_job *job)
{
    struct ctx_task *task = (struct ctx_task *)job;
    ctx_page_init(&task->page);
    if (task->change->kind == CTX_CHANGE_REMOVE)
        task->code = take_away(task);
    else
        task->code = process(task);
    if (task->code < 0 && task->takes_over)
        task->cleared = ctx_output_remove(task->output, task->slug, NULL) == 0;
    task->done_us = ctx_clock_monotonic_us();
}

void ctx_task_deinit(struct ctx_task *task)
{
    ctx_page_deinit(&task->page);
    free(task->report_json);
}
