/*
 * Save to renamed page: how long after an editor's save the new page is in place, in trees of any
 * size, beside the least that any such program must do (inotify, read, write, rename) in the same
 * run. Saves are renames of a finished file onto the document, as editors do; the clock stops when
 * inotify says that the page was renamed into place.
 *
 * usage: bench_save CONTEXTORD CONTEXTOR [--saves N] [--check] PAGES...
 * Prints p50, p90 and p99 of both, and the daemon's own share of each step. --check exits 1 when a
 * target of the design is missed: p50 <= 1 ms, p99 <= 5 ms; at the largest tree at most 1.3 times
 * the smallest.
 */
#include <errno.h>
#include <fcntl.h>
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

enum { DOCUMENT_BYTES = 10 * 1024, PER_FOLDER = 100, DEFAULT_SAVES = 1000 };

static char place[] = "/tmp/contextor-bench-XXXXXX";
static char document[DOCUMENT_BYTES + 1];

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_save: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
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

static void put(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, document, DOCUMENT_BYTES) != DOCUMENT_BYTES)
        die(path);
    close(fd);
}

static void make_tree(const char *root, unsigned pages)
{
    char path[256];
    mkdir(root, 0755);
    for (unsigned i = 0; i < pages; i++) {
        if (i % PER_FOLDER == 0) {
            snprintf(path, sizeof(path), "%s/f%u", root, i / PER_FOLDER);
            mkdir(path, 0755);
        }
        fill(i);
        snprintf(path, sizeof(path), "%s/f%u/p%u.md", root, i / PER_FOLDER, i);
        put(path);
    }
}

static int run_and_wait(char *const argv[])
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static pid_t start_daemon(char *program, char *client, unsigned pages)
{
    char config[256], socket[256];
    snprintf(config, sizeof(config), "%s/%u.json", place, pages);
    snprintf(socket, sizeof(socket), "%s/%u.sock", place, pages);
    FILE *file = fopen(config, "we");
    fprintf(file,
            "{\"sources\":[{\"name\":\"bench\",\"root\":\"%s/%u\",\"output\":\"%s/%u-out\","
            "\"repo\":\"o/r\",\"ref\":\"main\"}]}",
            place, pages, place, pages);
    fclose(file);
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, program, "--config", config, "--socket", socket, "--log-level", "warning",
              NULL);
        _exit(127);
    }
    while (access(socket, F_OK) < 0) {
        if (waitpid(pid, NULL, WNOHANG) == pid)
            die(program);
        poll(NULL, 0, 10);
    }
    char sync_word[] = "sync", socket_flag[] = "--socket", time_flag[] = "--timeout",
         most[] = "600";
    char *sync[] = { client, sync_word, socket_flag, socket, time_flag, most, NULL };
    if (run_and_wait(sync) != 0)
        die("contextor sync");
    return pid;
}

/* Waits until inotify tells of `name` being renamed into the watched directory. */
static double await_rename(int fd, const char *name)
{
    char events[64 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    for (;;) {
        if (poll(&wait, 1, 10 * 1000) <= 0)
            die("no page came");
        double then = now();
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
    return (struct quantiles){ times[n / 2] * 1e3, times[n * 9 / 10] * 1e3,
                               times[n * 99 / 100] * 1e3 };
}

/* What a document's output is called. */
static void page_name(unsigned document_number, char *name, size_t size)
{
    snprintf(name, size, "r__f%u__p%u.mdc", document_number / PER_FOLDER, document_number);
}

static void copy_name(unsigned document_number, char *name, size_t size)
{
    snprintf(name, size, "p%u.md", document_number);
}

static struct quantiles measure(const char *root, const char *out,
                                void (*name)(unsigned document_number, char *name, size_t size),
                                unsigned pages, unsigned saves)
{
    double *times = calloc(saves, sizeof(*times));
    char temporary[256], path[256], page[256];
    int fd = inotify_init1(IN_CLOEXEC);
    if (inotify_add_watch(fd, out, IN_MOVED_TO) < 0)
        die(out);
    snprintf(temporary, sizeof(temporary), "%s/f0/.save~", root);
    for (unsigned i = 0; i < saves; i++) {
        unsigned chosen = (i * 7919u) % pages;
        fill(pages + i);
        put(temporary);
        snprintf(path, sizeof(path), "%s/f%u/p%u.md", root, chosen / PER_FOLDER, chosen);
        name(chosen, page, sizeof(page));
        double then = now();
        if (rename(temporary, path) < 0)
            die(path);
        times[i] = await_rename(fd, page) - then;
    }
    close(fd);
    struct quantiles result = quantiles(times, saves);
    free(times);
    return result;
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

static struct quantiles measure_floor(unsigned saves)
{
    char root[128], out[128], stop[160];
    pthread_t thread;
    snprintf(root, sizeof(root), "%s/floor", place);
    snprintf(out, sizeof(out), "%s/floor-out", place);
    make_tree(root, PER_FOLDER);
    mkdir(out, 0755);
    struct floor floor = { root, out, inotify_init1(IN_CLOEXEC) };
    snprintf(stop, sizeof(stop), "%s/f0", root);
    inotify_add_watch(floor.fd, stop, IN_MOVED_TO | IN_CREATE);
    pthread_create(&thread, NULL, run_floor, &floor);
    struct quantiles result = measure(root, out, copy_name, PER_FOLDER, saves);
    snprintf(stop, sizeof(stop), "%s/f0/stop", root);
    close(open(stop, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    pthread_join(thread, NULL);
    close(floor.fd);
    return result;
}

static void print_steps(char *client, const char *socket)
{
    static const char *const steps[] = { "queue_wait_seconds", "load_seconds", "transform_seconds",
                                         "emit_seconds" };
    char command[512];
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        snprintf(command, sizeof(command), "%s metrics --socket %s | grep '^%s'", client, socket,
                 steps[i]);
        if (system(command) != 0)
            printf("%s: not known\n", steps[i]);
    }
}

static struct quantiles bench(char *program, char *client, unsigned pages, unsigned saves)
{
    char root[128], out[128], socket[128];
    snprintf(root, sizeof(root), "%s/%u", place, pages);
    snprintf(out, sizeof(out), "%s/%u-out", place, pages);
    snprintf(socket, sizeof(socket), "%s/%u.sock", place, pages);
    make_tree(root, pages);
    pid_t daemon = start_daemon(program, client, pages);
    struct quantiles result = measure(root, out, page_name, pages, saves);
    printf("%7u pages: p50 %.3f ms, p90 %.3f ms, p99 %.3f ms\n", pages, result.p50, result.p90,
           result.p99);
    print_steps(client, socket);
    kill(daemon, SIGTERM);
    waitpid(daemon, NULL, 0);
    return result;
}

int main(int argc, char **argv)
{
    unsigned saves = DEFAULT_SAVES;
    bool check = false, missed = false;
    double first = 0, last = 0;
    if (argc < 4 || !mkdtemp(place)) {
        fprintf(stderr, "usage: bench_save CONTEXTORD CONTEXTOR [--saves N] [--check] PAGES...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0) {
            check = true;
        } else if (strcmp(argv[i], "--saves") == 0 && i + 1 < argc) {
            saves = (unsigned)atoi(argv[++i]);
        } else {
            struct quantiles result = bench(argv[1], argv[2], (unsigned)atoi(argv[i]), saves);
            first = first > 0 ? first : result.p50;
            last = result.p50;
            missed |= result.p50 > 1 || result.p99 > 5;
        }
    }
    struct quantiles floor = measure_floor(saves);
    printf("  floor (inotify, read, write, rename): p50 %.3f ms, p90 %.3f ms, p99 %.3f ms\n",
           floor.p50, floor.p90, floor.p99);
    printf("  largest tree against smallest: %.2f times\n", last / first);
    missed |= last > 1.3 * first;
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", place);
    if (system(command) != 0)
        die(command);
    return check && missed;
}
