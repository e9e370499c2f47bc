/*
 * Save to renamed page: how long after an editor's save the new page is in place, in trees of any
 * size, beside the least that any such program must do (inotify, read, write, rename) in the same
 * run. Saves are renames of a finished file onto the document, as editors do; the clock stops when
 * inotify says that the page was renamed into place.
 *
 * All trees have a daemon each, and all are there at once; they and the floor take turns, a block of
 * saves each, so that whatever else the machine does falls on all alike. A daemon whose turn it is
 * not is idle: its index was written before the next one began.
 *
 * usage: bench_save CONTEXTORD [--saves N] [--pause MS] [--check] PAGES...
 * Prints quantiles of each, and of each daemon what the steps of a save take on average: event (from
 * the rename to the change, through the kernel and the loop, and back to this program), queue, read,
 * transform, write. --check exits 1 when a target of the design is missed: p50 <= 1 ms,
 * p99 <= 5 ms; at the largest tree at most 1.3 times the smallest.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/client.h"

enum { DOCUMENT_BYTES = 10 * 1024, PER_FOLDER = 100, DEFAULT_SAVES = 1000, ROUNDS = 4 };
enum { SUBJECTS_MAX = 8, TIMEOUT_MS = 600 * 1000 };

static char place[] = "/tmp/contextor-bench-XXXXXX";
static char document[DOCUMENT_BYTES + 1];

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_save: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* What saves are made in: a daemon's tree, or the floor's. */
struct subject {
    unsigned pages; /* 0: the floor */
    char root[128], out[128], socket[128];
    pid_t daemon;
    int fd; /* inotify on the output */
    struct ctx_client *client;
    json_t *before; /* the daemon's metrics */
    double *times;  /* ms, one a save */
    unsigned n;
};

static double now_ms(void)
{
    return (double)ctx_clock_us(CLOCK_MONOTONIC) / 1e3;
}

/* A page of prose, a list, a table and code, of 10 KB; `edit` makes each save differ. */
static void fill(unsigned edit)
{
    static const char paragraph[] =
        "Words of a paragraph with `code`, *emphasis* and a [link](../other/page.md) in it.\n\n"
        "- an item\n- another item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```js\nconst answer = { value: 42 };\n```\n\n";
    size_t len = (size_t)sprintf(document, "# Page, edit %u\n\n", edit);
    while (len < DOCUMENT_BYTES) {
        size_t n = DOCUMENT_BYTES - len;
        n = n < sizeof(paragraph) - 1 ? n : sizeof(paragraph) - 1;
        memcpy(document + len, paragraph, n);
        len += n;
    }
    document[DOCUMENT_BYTES - 1] = '\n';
}

static void put(const char *path, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, document, bytes) != (ssize_t)bytes)
        die(path);
    close(fd);
}

/* Documents are short until they are saved, or the making of a big tree would take the time. */
static void make_tree(const char *root, unsigned pages)
{
    char path[256];
    mkdir(root, 0755);
    for (unsigned i = 0; i < pages; i++) {
        if (i % PER_FOLDER == 0) {
            snprintf(path, sizeof(path), "%s/f%u", root, i / PER_FOLDER);
            mkdir(path, 0755);
        }
        snprintf(path, sizeof(path), "%s/f%u/p%u.md", root, i / PER_FOLDER, i);
        put(path, (size_t)sprintf(document, "# Page %u\n\nNot saved yet.\n", i));
    }
}

static json_t *call(struct subject *subject, const char *method)
{
    struct ctx_error error;
    json_t *result;
    int code;
    json_t *params =
        strcmp(method, "sync") == 0 ? json_pack("{s:i}", "timeout_ms", TIMEOUT_MS) : NULL;
    if (ctx_client_call(subject->client, method, params, TIMEOUT_MS, &result, &code, &error) < 0) {
        fprintf(stderr, "bench_save: %s: %s\n", method, error.text);
        exit(2);
    }
    return result;
}

static void start_daemon(char *program, struct subject *subject)
{
    char config[256];
    struct ctx_error error;
    snprintf(subject->socket, sizeof(subject->socket), "%s/%u.sock", place, subject->pages);
    snprintf(config, sizeof(config), "%s/%u.json", place, subject->pages);
    FILE *file = fopen(config, "we");
    fprintf(file,
            "{\"sources\":[{\"name\":\"bench\",\"root\":\"%s\",\"output\":\"%s\","
            "\"repo\":\"o/r\",\"ref\":\"main\"}]}",
            subject->root, subject->out);
    fclose(file);
    subject->daemon = fork();
    if (subject->daemon == 0) {
        execl(program, program, "--config", config, "--socket", subject->socket, "--log-level",
              "warning", NULL);
        _exit(127);
    }
    while (ctx_client_connect(subject->socket, &subject->client, &error) < 0) {
        if (waitpid(subject->daemon, NULL, WNOHANG) == subject->daemon)
            die(program);
        poll(NULL, 0, 10);
    }
    json_decref(call(subject, "sync"));
    subject->before = call(subject, "metrics");
}

/* Waits until inotify tells of `name` being renamed into the watched directory. */
static double await_rename(int fd, const char *name)
{
    char events[64 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    for (;;) {
        if (poll(&wait, 1, 10 * 1000) <= 0)
            die("no page came");
        double then = now_ms();
        ssize_t len = read(fd, events, sizeof(events));
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + at);
            if (event->len > 0 && strcmp(event->name, name) == 0)
                return then;
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct quantiles {
    double p50, p90, p99;
};

static struct quantiles quantiles(double *times, unsigned n)
{
    qsort(times, n, sizeof(*times), by_value);
    return (struct quantiles){ times[n / 2], times[n * 9 / 10], times[n * 99 / 100] };
}

/* What a document's output is called. */
static void page_name(const struct subject *subject, unsigned document_number, char name[64])
{
    if (subject->pages)
        snprintf(name, 64, "r__f%u__p%u.mdc", document_number / PER_FOLDER, document_number);
    else
        snprintf(name, 64, "p%u.md", document_number);
}

static void save(struct subject *subject)
{
    char temporary[256], path[256], page[64];
    unsigned pages = subject->pages ? subject->pages : PER_FOLDER;
    unsigned chosen = (subject->n * 7919u) % pages;
    fill(subject->n);
    snprintf(temporary, sizeof(temporary), "%s/f0/.save~", subject->root);
    put(temporary, DOCUMENT_BYTES);
    snprintf(path, sizeof(path), "%s/f%u/p%u.md", subject->root, chosen / PER_FOLDER, chosen);
    page_name(subject, chosen, page);
    double then = now_ms();
    if (rename(temporary, path) < 0)
        die(path);
    subject->times[subject->n++] = await_rename(subject->fd, page) - then;
}

static void run_block(struct subject *subject, unsigned saves, int pause_ms)
{
    for (unsigned i = 0; i < saves; i++) {
        save(subject);
        if (pause_ms > 0)
            poll(NULL, 0, pause_ms);
    }
    if (subject->client)
        json_decref(call(subject, "sync"));
}

/* The floor: a thread that waits for the rename, reads, writes a temporary file and renames it. */
struct floor {
    const char *root, *out;
    int fd;
};

static void *run_floor(void *data)
{
    const struct floor *floor = data;
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    static char bytes[DOCUMENT_BYTES];
    char from[256], to[256], temporary[256];
    snprintf(temporary, sizeof(temporary), "%s/.tmp", floor->out);
    for (;;) {
        ssize_t len = read(floor->fd, events, sizeof(events));
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + at);
            at += (ssize_t)(sizeof(*event) + event->len);
            if (strcmp(event->name, "stop") == 0)
                return NULL;
            if (event->name[0] != 'p')
                continue;
            snprintf(from, sizeof(from), "%s/f0/%s", floor->root, event->name);
            snprintf(to, sizeof(to), "%s/%s", floor->out, event->name);
            int in = open(from, O_RDONLY | O_CLOEXEC);
            ssize_t n = read(in, bytes, sizeof(bytes));
            close(in);
            int copy = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
            if (n < 0 || write(copy, bytes, (size_t)n) != n)
                die(to);
            close(copy);
            rename(temporary, to);
        }
    }
}

static struct floor floor_thread;
static pthread_t floor_id;

static void start_floor(struct subject *subject)
{
    char folder[160];
    mkdir(subject->out, 0755);
    floor_thread = (struct floor){ subject->root, subject->out, inotify_init1(IN_CLOEXEC) };
    snprintf(folder, sizeof(folder), "%s/f0", subject->root);
    inotify_add_watch(floor_thread.fd, folder, IN_MOVED_TO | IN_CREATE);
    pthread_create(&floor_id, NULL, run_floor, &floor_thread);
}

static void stop_floor(struct subject *subject)
{
    char stop[160];
    snprintf(stop, sizeof(stop), "%s/f0/stop", subject->root);
    close(open(stop, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    pthread_join(floor_id, NULL);
    close(floor_thread.fd);
}

static void start_subject(struct subject *subject, char *program, unsigned pages, unsigned saves)
{
    *subject = (struct subject){ .pages = pages };
    snprintf(subject->root, sizeof(subject->root), "%s/%u", place, pages);
    snprintf(subject->out, sizeof(subject->out), "%s/%u-out", place, pages);
    make_tree(subject->root, pages ? pages : PER_FOLDER);
    if (pages)
        start_daemon(program, subject);
    else
        start_floor(subject);
    subject->times = calloc(saves + ROUNDS, sizeof(*subject->times));
    subject->fd = inotify_init1(IN_CLOEXEC);
    if (inotify_add_watch(subject->fd, subject->out, IN_MOVED_TO) < 0)
        die(subject->out);
}

/* How much a histogram's sum grew by, in milliseconds a save. */
static double mean_ms(const struct subject *subject, json_t *after, const char *name)
{
    double sum = json_number_value(json_object_get(json_object_get(after, name), "sum")) -
                 json_number_value(json_object_get(json_object_get(subject->before, name), "sum"));
    return sum * 1e3 / subject->n;
}

/* The steps of a save, which add up to what it takes on average. */
static void print_steps(struct subject *subject)
{
    json_t *after = call(subject, "metrics");
    double total = 0;
    for (unsigned i = 0; i < subject->n; i++)
        total += subject->times[i] / subject->n;
    double latency = mean_ms(subject, after, "save_latency_seconds");
    double queue = mean_ms(subject, after, "queue_wait_seconds");
    double read = mean_ms(subject, after, "load_seconds");
    double transform = mean_ms(subject, after, "transform_seconds");
    double write = mean_ms(subject, after, "emit_seconds");
    const struct {
        const char *name;
        double ms;
    } steps[] = {
        { "event", total - latency },
        { "queue", queue },
        { "read", read },
        { "transform", transform },
        { "write", write },
        { "between", latency - queue - read - transform - write },
    };
    printf("    mean %.3f ms:", total);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        printf(" %s %.3f (%.0f %%)", steps[i].name, steps[i].ms, steps[i].ms / total * 100);
    printf("\n    index written %lld times\n",
           json_integer_value(json_object_get(after, "index_writes_total")) -
               json_integer_value(json_object_get(subject->before, "index_writes_total")));
    json_decref(after);
}

static struct quantiles print_subject(struct subject *subject)
{
    if (subject->pages)
        print_steps(subject);
    struct quantiles result = quantiles(subject->times, subject->n);
    if (subject->pages)
        printf("%7u pages:", subject->pages);
    else
        printf("  bare loop (inotify, read, write, rename):");
    printf(" p50 %.3f ms, p90 %.3f ms, p99 %.3f ms\n", result.p50, result.p90, result.p99);
    return result;
}

static void stop_subject(struct subject *subject)
{
    if (subject->pages) {
        ctx_client_free(subject->client);
        json_decref(subject->before);
        kill(subject->daemon, SIGTERM);
        waitpid(subject->daemon, NULL, 0);
    } else {
        stop_floor(subject);
    }
    close(subject->fd);
    free(subject->times);
}

/* Prints all; whether a target was missed. The last subject is the floor. */
static bool report(struct subject *subjects, unsigned n)
{
    bool missed = false;
    struct quantiles first = { 0 }, last = { 0 };
    for (unsigned i = 0; i < n; i++) {
        struct quantiles result = print_subject(&subjects[i]);
        if (!subjects[i].pages)
            continue;
        first = i == 0 ? result : first;
        last = result;
        missed |= result.p50 > 1 || result.p99 > 5;
    }
    printf("  last tree against first: p50 %.2f times, p90 %.2f times, p99 %.2f times\n",
           last.p50 / first.p50, last.p90 / first.p90, last.p99 / first.p99);
    return missed || last.p50 > 1.3 * first.p50;
}

int main(int argc, char **argv)
{
    struct subject subjects[SUBJECTS_MAX + 1];
    unsigned n = 0, saves = DEFAULT_SAVES, sizes[SUBJECTS_MAX];
    int pause_ms = 10;
    bool check = false;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0)
            check = true;
        else if (strcmp(argv[i], "--saves") == 0 && i + 1 < argc)
            saves = (unsigned)atoi(argv[++i]);
        else if (strcmp(argv[i], "--pause") == 0 && i + 1 < argc)
            pause_ms = atoi(argv[++i]);
        else if (n < SUBJECTS_MAX && atoi(argv[i]) > 0)
            sizes[n++] = (unsigned)atoi(argv[i]);
    }
    if (n == 0 || !mkdtemp(place)) {
        fprintf(stderr, "usage: bench_save CONTEXTORD [--saves N] [--pause MS] [--check] "
                        "PAGES...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (unsigned i = 0; i <= n; i++)
        start_subject(&subjects[i], argv[1], i < n ? sizes[i] : 0, saves);
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i <= n; i++)
            run_block(&subjects[i], (saves + ROUNDS - 1) / ROUNDS, pause_ms);
    bool missed = report(subjects, n + 1);
    for (unsigned i = 0; i <= n; i++)
        stop_subject(&subjects[i]);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", place);
    if (system(command) != 0)
        die(command);
    return check && missed;
}
