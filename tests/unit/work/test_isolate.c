/*
 * Worker processes, with the worker that misbehaves on demand. What sanitizers cannot live with
 * (the list of system calls, the limit on memory) is proved in builds without them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/resident.h"
#include "contextor/version.h"
#include "document/page_codec.h"
#include "document/page_isolated.h"
#include "work/isolate.h"
#include "work/pool.h"
#include "work/worker_load.h"
#include "work/worker_protocol.h"

enum { LONG_MS = 60000, SHORT_MS = 200 };

enum { SKIPPED = 77 }; /* exit status, as CMakeLists.txt knows it */

static struct ctx_isolate *new_isolate(const char *program, unsigned processes)
{
    struct ctx_isolate *isolate;
    struct ctx_error error = { "" };
    const struct ctx_isolate_options options = { .program = program,
                                                 .processes = processes,
                                                 .memory_limit = 256 * CTX_MIB };
    if (ctx_isolate_new(&options, &isolate, &error) < 0)
        fail_msg("%s", error.text);
    return isolate;
}

static int ask(struct ctx_isolate *isolate, const char *what, uint64_t timeout_ms,
               struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer reply;
    ctx_buffer_init(&reply, CTX_MIB);
    const struct iovec part = { .iov_base = (void *)what, .iov_len = strlen(what) };
    error->text[0] = '\0';
    return ctx_isolate_call(isolate, &part, 1, timeout_ms, &reply, error);
}

static const char DOCUMENT[] = "---\ntitle: It\n---\n\n# One\n\n- a\n- b\n\n```js\nx\n```\n";

static const struct ctx_transform_options OPTIONS = { 0 };

static int make(struct ctx_isolate *isolate, struct ctx_page *ret_page, struct ctx_error *error)
{
    const char *const topics[] = { "x", "y" };
    const struct ctx_page_context context = {
        .transform = { .options = &OPTIONS,
                       .path = "guide/it.md",
                       .repo = "a/b",
                       .ref = "main",
                       .repo_path = "docs" },
        .slug = "b__guide__it",
        .topics = topics,
        .n_topics = 2,
        .fetched_at = 1700000000,
    };
    size_t len = sizeof(DOCUMENT) - 1;
    return isolate ? ctx_page_make_isolated(isolate, DOCUMENT, len, &context, ret_page, error)
                   : ctx_page_make(DOCUMENT, len, &context, ret_page, error);
}

/* A page made there is the page made here. */
static void assert_works(struct ctx_isolate *isolate)
{
    struct ctx_page here, there;
    struct ctx_error error = { "" };
    ctx_page_init(&here);
    ctx_page_init(&there);
    assert_int_equal(make(NULL, &here, &error), 0);
    if (make(isolate, &there, &error) < 0)
        fail_msg("%s", error.text);
    assert_string_equal(ctx_buffer_str(&there.mdc), ctx_buffer_str(&here.mdc));
    assert_string_equal(ctx_buffer_str(&there.entry), ctx_buffer_str(&here.entry));
    assert_memory_equal(&there.stats, &here.stats, sizeof(here.stats));
    assert_int_equal(there.body_offset, here.body_offset);
    assert_int_equal(there.report.n_entries, here.report.n_entries);
    ctx_page_deinit(&here);
    ctx_page_deinit(&there);
}

static void isolate_makes_the_same_page(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    struct ctx_isolate_stats stats;
    assert_works(isolate);
    assert_works(isolate);
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.started, 1);
    assert_int_equal(stats.running, 1);
    assert_int_equal(stats.calls, 2);
    assert_int_equal(stats.crashed, 0);
    assert_true(stats.cpu_us > 0 && stats.resident_peak > CTX_MIB);
    ctx_isolate_free(isolate);
}

/*
 * A large document of every construct: what the C library does for large arrays alone (qsort(3)
 * asks how much memory there is) must be allowed too.
 */
static void isolate_makes_a_large_page(void **state)
{
    (void)state;
    static const char part[] =
        "## A *heading*\n\nSome `code`, [a link](../b.md#c \"t\"), ![i](i.png), <br/> and\n"
        "**more**: https://e.org/x?y=z\n\n| a | b |\n|:--|--:|\n| 1 | `2` |\n\n* x\n    1. y\n\n"
        "<Tabs>\n  <Tab title=\"T\">\n    {1 + 1}\n\n    ~~~JS\n    let x\n    ~~~\n  "
        "</Tab>\n</Tabs>\n\n"
        "> [!NOTE]\n> quoted\n\n[ref]: /r\n\nSetext\n------\n\n    indented\n\n<Foo bar={1} />\n\n";
    enum { PARTS = 1000 };
    const struct ctx_page_context context = {
        .transform = { .options = &OPTIONS,
                       .path = "large.mdx",
                       .repo = "a/b",
                       .ref = "main",
                       .repo_path = "",
                       .deadline_ms = LONG_MS },
        .slug = "b____large",
    };
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_DOCUMENT);
    for (int i = 0; i < PARTS; i++)
        ctx_buffer_puts(&text, part);
    struct ctx_page here, there;
    struct ctx_error error = { "" };
    ctx_page_init(&here);
    ctx_page_init(&there);
    assert_int_equal(ctx_page_make(text.data, text.len, &context, &here, &error), 0);
    if (ctx_page_make_isolated(isolate, text.data, text.len, &context, &there, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(there.mdc.len, here.mdc.len);
    assert_memory_equal(there.mdc.data, here.mdc.data, here.mdc.len);
    assert_int_equal(there.report.n_entries, here.report.n_entries);
    ctx_page_deinit(&here);
    ctx_page_deinit(&there);
    ctx_isolate_free(isolate);
}

static void isolate_passes_errors_of_the_document_on(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    const struct ctx_page_context context = {
        .transform = { .options = &OPTIONS,
                       .path = "a.md",
                       .repo = "a/b",
                       .ref = "main",
                       .repo_path = "" },
        .slug = "b____a",
    };
    struct ctx_page page;
    struct ctx_error here, there;
    ctx_page_init(&page);
    assert_int_equal(ctx_page_make("a\xFF", 2, &context, &page, &here), -EILSEQ);
    assert_int_equal(ctx_page_make_isolated(isolate, "a\xFF", 2, &context, &page, &there), -EILSEQ);
    assert_string_equal(there.text, here.text);
    assert_works(isolate);
    struct ctx_isolate_stats stats;
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.started, 1); /* the worker is as good as before */
    ctx_page_deinit(&page);
    ctx_isolate_free(isolate);
}

static void isolate_refuses_a_request_that_is_none(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    CTX_AUTO_BUFFER struct ctx_buffer reply;
    struct ctx_page page;
    struct ctx_error error;
    ctx_buffer_init(&reply, CTX_MIB);
    ctx_page_init(&page);
    const struct iovec part = { .iov_base = (char *)"nonsense", .iov_len = 8 };
    assert_int_equal(ctx_isolate_call(isolate, &part, 1, LONG_MS, &reply, &error), 0);
    assert_int_equal(ctx_page_reply_decode(reply.data, reply.len, &page, &error), -EPROTO);
    ctx_page_deinit(&page);
    ctx_isolate_free(isolate);
}

/* Each costs the one call an error, and the worker its place: the next call finds a new one. */
static void misbehaves(const char *what, uint64_t timeout_ms, int code, const char *reason)
{
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    struct ctx_error error;
    struct ctx_isolate_stats stats;
    assert_works(isolate);
    int r = ask(isolate, what, timeout_ms, &error);
    if (r != code || !strstr(error.text, reason))
        fail_msg("%s: got %d, %s", what, r, error.text);
    assert_works(isolate);
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.started, 2);
    assert_int_equal(stats.running, 1);
    assert_int_equal(stats.crashed, code != -ETIME);
    assert_int_equal(stats.timed_out, code == -ETIME);
    assert_true(ctx_isolate_available(isolate));
    ctx_isolate_free(isolate);
}

static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

static void isolate_survives_a_crash(void **state)
{
    (void)state;
    /* A sanitizer ends the process in its own way, after its report. */
    misbehaves("!crash", LONG_MS, -ECHILD, is_sanitized() ? "" : "crashed (SIGSEGV)");
    misbehaves("!abort", LONG_MS, -ECHILD, is_sanitized() ? "" : "gave up");
}

static void isolate_ends_what_takes_too_long(void **state)
{
    (void)state;
    misbehaves("!hang", SHORT_MS, -ETIME, "took longer than 200 ms");
    misbehaves("!spin", SHORT_MS, -ETIME, "took longer than 200 ms");
}

static void isolate_bounds_memory(void **state)
{
    (void)state;
    if (is_sanitized())
        skip();
    misbehaves("!bloat", LONG_MS, -ENOMEM, "ran out of its memory");
}

static void isolate_sandbox_kills(void **state)
{
    (void)state;
    if (is_sanitized())
        skip();
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    unsigned sandbox = ctx_isolate_sandbox(isolate);
    ctx_isolate_free(isolate);
    print_message("sandbox:%s%s%s\n", sandbox & CTX_SANDBOX_SECCOMP ? " seccomp" : "",
                  sandbox & CTX_SANDBOX_LANDLOCK ? " landlock" : "",
                  sandbox & CTX_SANDBOX_MEMORY ? " memory" : "");
    assert_true(sandbox & CTX_SANDBOX_MEMORY);
    if (!(sandbox & CTX_SANDBOX_SECCOMP)) {
        print_message("this kernel has no seccomp filters\n");
        skip();
    }
    static const char *const acts[] = { "!open", "!socket", "!fork", "!exec-memory" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(acts); i++)
        misbehaves(acts[i], LONG_MS, -ECHILD, "system call that it may not make");
}

static void isolate_bounds_replies(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    CTX_AUTO_BUFFER struct ctx_buffer reply;
    struct ctx_error error;
    ctx_buffer_init(&reply, 16);
    const struct iovec part = { .iov_base = (char *)"nonsense", .iov_len = 8 };
    assert_int_equal(ctx_isolate_call(isolate, &part, 1, LONG_MS, &reply, &error), -EFBIG);
    assert_works(isolate);
    ctx_isolate_free(isolate);
}

/* The only child of this thread. */
static pid_t child(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    CTX_AUTO_FCLOSE FILE *children = fopen(path, "re");
    int pid = 0;
    assert_non_null(children);
    assert_int_equal(fscanf(children, "%d", &pid), 1);
    return pid;
}

static void isolate_replaces_a_worker_that_died_idle(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    struct ctx_isolate_stats stats;
    siginfo_t info;
    pid_t pid = child();
    kill(pid, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_works(isolate);
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.started, 2);
    assert_int_equal(stats.crashed, 0);
    ctx_isolate_free(isolate);
}

static int count_fds(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    CTX_AUTO_CLOSEDIR DIR *dir = opendir(path);
    assert_non_null(dir);
    int n = 0;
    for (const struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] != '.';
    return n;
}

static bool status_says(pid_t pid, const char *line)
{
    char path[64], got[256];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    CTX_AUTO_FCLOSE FILE *status = fopen(path, "re");
    assert_non_null(status);
    while (fgets(got, sizeof(got), status)) {
        if (strcmp(got, line) == 0)
            return true;
    }
    return false;
}

static void isolate_worker_holds_nothing_of_ours(void **state)
{
    (void)state;
    int leaked = open("/dev/null", O_RDONLY); /* on purpose without O_CLOEXEC */
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pid_t pid = child();
    assert_int_equal(count_fds(pid), 4);
    assert_true(status_says(pid, "NoNewPrivs:\t1\n"));
    assert_true(status_says(pid, "SigBlk:\t0000000000000000\n"));
    if (ctx_isolate_sandbox(isolate) & CTX_SANDBOX_SECCOMP)
        assert_true(status_says(pid, "Seccomp:\t2\n"));
    char path[64], byte;
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    CTX_AUTO_CLOSE int environ_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (environ_fd >= 0)
        assert_int_equal(read(environ_fd, &byte, 1), 0);
    close(leaked);
    ctx_isolate_free(isolate);
}

static void isolate_says_why_none_can_be_had(void **state)
{
    (void)state;
    static const struct {
        const char *program;
        int code;
        const char *text;
    } cases[] = {
        { "/nonexistent/contextor-worker", -ENOENT,
          "/nonexistent/contextor-worker: cannot be run" },
        { "/dev/null", -EACCES, "/dev/null: cannot be run" },
        { "/bin/true", -ECHILD, "/bin/true: at its start, its worker process ended with status 0" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        struct ctx_isolate *isolate;
        struct ctx_error error = { "" };
        const struct ctx_isolate_options options = { .program = cases[i].program };
        assert_int_equal(ctx_isolate_new(&options, &isolate, &error), cases[i].code);
        if (!strstr(error.text, cases[i].text))
            fail_msg("got: %s", error.text);
    }
}

static char scratch[] = "/tmp/contextor-isolate-XXXXXX";

static void write_file(const char *path, const void *bytes, size_t len, mode_t mode)
{
    CTX_AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
}

/* Starts a program that says a HELLO; returns what came of it. */
static int start_with_hello(const struct ctx_worker_hello *hello, struct ctx_error *error)
{
    const struct {
        struct ctx_worker_head head;
        struct ctx_worker_hello hello;
    } frame = {
        { CTX_WORKER_MAGIC, CTX_WORKER_HELLO, sizeof(struct ctx_worker_hello) },
        *hello,
    };
    char bytes[64], program[64], script[256];
    snprintf(bytes, sizeof(bytes), "%s/hello", scratch);
    snprintf(program, sizeof(program), "%s/old", scratch);
    int len = snprintf(script, sizeof(script), "#!/bin/sh\nexec /bin/cat %s - <&3 >&3\n", bytes);
    write_file(bytes, &frame, sizeof(frame), 0600);
    write_file(program, script, (size_t)len, 0700);
    struct ctx_isolate *isolate;
    const struct ctx_isolate_options options = { .program = program };
    int r = ctx_isolate_new(&options, &isolate, error);
    if (r == 0)
        ctx_isolate_free(isolate);
    unlink(bytes);
    unlink(program);
    return r;
}

static void isolate_refuses_another_version_or_build(void **state)
{
    (void)state;
    struct ctx_error error = { "" };
    struct ctx_worker_hello hello = { .version = "0.0.0" };
    assert_int_equal(start_with_hello(&hello, &error), -EPROTO);
    assert_non_null(strstr(error.text, "is of version 0.0.0, this is "));
    snprintf(hello.version, sizeof(hello.version), "%s", ctx_version());
    snprintf(hello.build, sizeof(hello.build), "0123456789abcdef");
    assert_int_equal(start_with_hello(&hello, &error), -EPROTO);
    assert_non_null(strstr(error.text, "is of another build (0123456789abcdef) than this"));
    snprintf(hello.build, sizeof(hello.build), "%s", ctx_build());
    assert_int_equal(start_with_hello(&hello, &error), 0);
}

/* A worker's peak is its own: it has nothing of what the process that starts it holds. */
static void isolate_tells_the_memory_of_workers_alone(void **state)
{
    (void)state;
    enum { HELD = 128 * 1024 * 1024 };
    CTX_AUTO_FREE char *held = malloc(HELD);
    assert_non_null(held);
    memset(held, 1, HELD);
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    struct ctx_isolate_stats stats;
    struct ctx_error error;
    assert_true(ctx_resident_peak(0) > HELD);
    assert_works(isolate);
    ctx_isolate_stats(isolate, &stats);
    assert_in_range(stats.resident_peak, CTX_MIB, HELD / 2);
    assert_int_equal(ask(isolate, "!abort", LONG_MS, &error), -ECHILD);
    ctx_isolate_stats(isolate, &stats);
    assert_in_range(stats.resident_peak, CTX_MIB, HELD / 2);
    ctx_isolate_free(isolate);
}

static void isolate_breaker_trips(void **state)
{
    (void)state;
    char program[64];
    snprintf(program, sizeof(program), "%s/worker", scratch);
    assert_int_equal(symlink(CTX_TEST_WORKER, program), 0);
    struct ctx_isolate *isolate = new_isolate(program, 2);
    struct ctx_error error;
    assert_int_equal(unlink(program), 0);
    assert_works(isolate); /* the first worker is still there */
    assert_int_equal(ask(isolate, "!abort", LONG_MS, &error), -ECHILD);
    assert_true(ctx_isolate_available(isolate));
    assert_int_equal(ask(isolate, "x", LONG_MS, &error), -EPIPE);
    assert_non_null(strstr(error.text, "cannot be run"));
    assert_false(ctx_isolate_available(isolate));
    assert_int_equal(ask(isolate, "x", LONG_MS, &error), -EPIPE);
    struct ctx_isolate_stats stats;
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.running, 0);
    assert_int_equal(stats.calls, 2);
    ctx_isolate_free(isolate);
}

static void *call_often(void *data)
{
    struct ctx_error error;
    uintptr_t failed = 0;
    for (int i = 0; i < 20; i++) {
        if (i == 10)
            failed += ask(data, "!abort", LONG_MS, &error) != -ECHILD;
        else
            failed += ask(data, "x", LONG_MS, &error) != 0;
    }
    return (void *)failed;
}

static void isolate_callers_share_its_places(void **state)
{
    (void)state;
    enum { CALLERS = 6 };
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 2);
    pthread_t threads[CALLERS];
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, isolate), 0);
    for (int i = 0; i < CALLERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    struct ctx_isolate_stats stats;
    ctx_isolate_stats(isolate, &stats);
    assert_int_equal(stats.calls, 20 * CALLERS);
    assert_int_equal(stats.crashed, CALLERS);
    assert_in_range(stats.running, 0, 2);
    assert_in_range(stats.started, CALLERS + stats.running, CALLERS + 2);
    ctx_isolate_free(isolate);
}

static void isolate_accounts_cpu_time(void **state)
{
    (void)state;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, 1);
    struct ctx_isolate_stats before, after;
    struct ctx_error error;
    ctx_isolate_stats(isolate, &before);
    assert_int_equal(ask(isolate, "!spin", 2 * SHORT_MS, &error), -ETIME);
    ctx_isolate_stats(isolate, &after);
    uint64_t used_us = after.cpu_us - before.cpu_us;
    assert_true(used_us > 10000 && used_us < 4 * SHORT_MS * 1000);
    ctx_isolate_free(isolate);
}

static void isolate_tells_what_a_worker_does(void **state)
{
    (void)state;
    uint64_t before_ms, cpu_ms;
    bool runnable;
    assert_true(ctx_worker_load(getpid(), &before_ms, &runnable));
    assert_true(runnable);
    for (cpu_ms = before_ms; cpu_ms < before_ms + 50;)
        assert_true(ctx_worker_load(getpid(), &cpu_ms, &runnable));
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    do
        assert_true(ctx_worker_load(pid, &cpu_ms, &runnable));
    while (runnable);
    assert_in_range(cpu_ms, 0, 1000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_false(ctx_worker_load(pid, &cpu_ms, &runnable));
}

static void *spin_once(void *data)
{
    struct ctx_error error;
    ask(data, "!spin", SHORT_MS, &error);
    return NULL;
}

/*
 * More spinners than processors, each ended for its time: it has used that much of a processor, though
 * it had to share them.
 */
static void isolate_waits_for_one_that_gets_no_processor(void **state)
{
    (void)state;
    enum { MOST = 16 };
    unsigned n = 3 * ctx_pool_cores() < MOST ? 3 * ctx_pool_cores() : MOST;
    struct ctx_isolate *isolate = new_isolate(CTX_TEST_WORKER, n);
    pthread_t threads[MOST];
    struct ctx_isolate_stats before, after;
    ctx_isolate_stats(isolate, &before);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spin_once, isolate), 0);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    ctx_isolate_stats(isolate, &after);
    assert_int_equal(after.timed_out, n);
    assert_true(after.cpu_us - before.cpu_us >= n * SHORT_MS * UINT64_C(900));
    ctx_isolate_free(isolate);
}

static int set_up(void **state)
{
    (void)state;
    return ctx_digest_setup() < 0 || ctx_transform_setup() < 0 || !mkdtemp(scratch);
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(scratch);
}

/*
 * As systemd's SystemCallFilter=@system-service with SystemCallErrorNumber=EPERM would: what locks a
 * worker up is itself kept from it, but prctl(2).
 */
static int enter_hardened_unit(void)
{
    static const int refused[] = {
        SCMP_SYS(landlock_create_ruleset),
        SCMP_SYS(landlock_restrict_self),
        SCMP_SYS(seccomp),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r = filter ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < CTX_ARRAY_LEN(refused); i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--hardened") == 0 && enter_hardened_unit() < 0) {
        fprintf(stderr, "no seccomp filter can be had here\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isolate_makes_the_same_page),
        cmocka_unit_test(isolate_makes_a_large_page),
        cmocka_unit_test(isolate_passes_errors_of_the_document_on),
        cmocka_unit_test(isolate_refuses_a_request_that_is_none),
        cmocka_unit_test(isolate_survives_a_crash),
        cmocka_unit_test(isolate_ends_what_takes_too_long),
        cmocka_unit_test(isolate_bounds_memory),
        cmocka_unit_test(isolate_sandbox_kills),
        cmocka_unit_test(isolate_bounds_replies),
        cmocka_unit_test(isolate_replaces_a_worker_that_died_idle),
        cmocka_unit_test(isolate_worker_holds_nothing_of_ours),
        cmocka_unit_test(isolate_says_why_none_can_be_had),
        cmocka_unit_test(isolate_refuses_another_version_or_build),
        cmocka_unit_test(isolate_tells_the_memory_of_workers_alone),
        cmocka_unit_test(isolate_breaker_trips),
        cmocka_unit_test(isolate_callers_share_its_places),
        cmocka_unit_test(isolate_accounts_cpu_time),
        cmocka_unit_test(isolate_tells_what_a_worker_does),
        cmocka_unit_test(isolate_waits_for_one_that_gets_no_processor),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
