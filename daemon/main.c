/* contextord: parses, sets up, runs, returns. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/heap.h"
#include "contextor/transform.h"
#include "contextor/version.h"
#include "daemon/log.h"
#include "daemon/run.h"
#include "daemon/service.h"
#include "engine/worker_program.h"

static const char help[] =
    "usage: contextord [OPTION…]\n"
    "Keeps LLM-ready mirrors of documentation trees always fresh.\n"
    "\n"
    "  --config FILE      the configuration (default: the user's, or with --system the system's)\n"
    "  --socket PATH      the control socket (default: likewise)\n"
    "  --system           run as the system's daemon\n"
    "  --log-level LEVEL  error, warning, notice, info (default) or debug\n"
    "  --version          print the version\n"
    "  --help             print this\n"
    "\n"
    "See contextord(8) and contextord.json(5).\n";

struct flags {
    char *config, *socket;
    enum ctx_log_level level;
    bool system;
};

enum { FLAG_CONFIG = 256, FLAG_SOCKET, FLAG_SYSTEM, FLAG_LEVEL, FLAG_VERSION, FLAG_HELP };

static const struct option long_options[] = {
    { "config", required_argument, NULL, FLAG_CONFIG },
    { "socket", required_argument, NULL, FLAG_SOCKET },
    { "system", no_argument, NULL, FLAG_SYSTEM },
    { "log-level", required_argument, NULL, FLAG_LEVEL },
    { "version", no_argument, NULL, FLAG_VERSION },
    { "help", no_argument, NULL, FLAG_HELP },
    { 0 },
};

static int wrong_usage(const char *what, const char *remedy)
{
    fprintf(stderr, "contextord: %s: %s\n", what, remedy);
    return -EINVAL;
}

/* 0 to run, CTX_UNCHANGED when all is said, -EINVAL after a line on stderr. */
static int take_flag(int flag, struct flags *flags)
{
    int level;
    switch (flag) {
    case FLAG_CONFIG:
        flags->config = optarg;
        return 0;
    case FLAG_SOCKET:
        flags->socket = optarg;
        return 0;
    case FLAG_SYSTEM:
        flags->system = true;
        return 0;
    case FLAG_LEVEL:
        level = ctx_log_level_from_name(optarg);
        if (level < 0)
            return wrong_usage(optarg, "no log level: use error, warning, notice, info or debug");
        flags->level = (enum ctx_log_level)level;
        return 0;
    case FLAG_VERSION:
        printf("contextord %s\n", ctx_version());
        return CTX_UNCHANGED;
    case FLAG_HELP:
        fputs(help, stdout);
        return CTX_UNCHANGED;
    default: /* getopt_long(3) has named the flag */
        return wrong_usage("wrong usage", "see contextord --help");
    }
}

static int parse(int argc, char **argv, struct flags *flags)
{
    int flag;
    while ((flag = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        int r = take_flag(flag, flags);
        if (r != 0)
            return r;
    }
    if (optind < argc)
        return wrong_usage(argv[optind], "takes no arguments: use --config FILE");
    return 0;
}

/* SOURCE_DATE_EPOCH makes pages' time stamps a function of their sources; -1: it is not set. */
static int64_t source_date_epoch(void)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;
    if (!text || !*text)
        return -1;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!*end && !errno && value >= 0)
        return value;
    ctx_log(CTX_LOG_WARNING, "SOURCE_DATE_EPOCH=%s: no number of seconds: ignored", text);
    return -1;
}

/* The folder for sync's cookies, beside the socket. */
static char *cookie_dir(const char *socket)
{
    char *path = NULL;
    return asprintf(&path, "%s.cookies", socket) < 0 ? NULL : path;
}

static int run(struct ev_loop *loop, const struct flags *flags, int listen_fd)
{
    struct ctx_environment environment;
    struct ctx_error error = { "" };
    ctx_environment_init(&environment, getenv);
    CTX_AUTO_FREE char *config = flags->config
                                     ? strdup(flags->config)
                                     : ctx_config_default_path(&environment, flags->system);
    CTX_AUTO_FREE char *socket = flags->socket
                                     ? strdup(flags->socket)
                                     : ctx_config_default_socket(&environment, flags->system);
    if (!config || !socket)
        return wrong_usage("neither HOME nor XDG_CONFIG_HOME is set", "use --config and --socket");
    CTX_AUTO_FREE char *cookies = cookie_dir(socket);
    CTX_AUTO_FREE char *worker = ctx_worker_program();
    const struct ctx_daemon_options options = {
        .config_path = config,
        .socket_path = socket,
        .listen_fd = listen_fd,
        .system = flags->system,
        .cookie_dir = cookies,
        .worker_program = worker,
        .environment = &environment,
        .source_date_epoch = source_date_epoch(),
    };
    int r = ctx_daemon_run(loop, &options, &error);
    if (r < 0 && error.text[0])
        ctx_log(CTX_LOG_ERROR, "%s", error.text);
    return r;
}

static int start(const struct flags *flags)
{
    int listen_fd = -1;
    struct ctx_error error = { "" };
    ctx_log_open(flags->level);
    signal(SIGPIPE, SIG_IGN);
    int r = ctx_service_take_socket(&listen_fd, &error);
    if (r < 0) {
        ctx_log(CTX_LOG_ERROR, "%s", error.text);
        return r;
    }
    if (ctx_digest_setup() < 0 || ctx_transform_setup() < 0) {
        ctx_log(CTX_LOG_ERROR, "a library that contextord needs could not be set up");
        return -ENOTSUP;
    }
    /* libev's own inotify is not used: one instance is enough (facts of libinotifytools). */
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOINOTIFY | EVFLAG_NOENV);
    if (!loop) {
        ctx_log(CTX_LOG_ERROR, "no event loop could be had");
        return -ENOSYS;
    }
    r = run(loop, flags, listen_fd);
    ev_loop_destroy(loop);
    return r;
}

int main(int argc, char **argv)
{
    struct flags flags = { .level = CTX_LOG_INFO };
    ctx_heap_setup();
    int r = parse(argc, argv, &flags);
    if (r == CTX_UNCHANGED)
        return CTX_DAEMON_EXIT_OK;
    if (r == 0)
        r = start(&flags);
    if (r == 0)
        return CTX_DAEMON_EXIT_OK;
    return r == -EINVAL ? CTX_DAEMON_EXIT_USAGE : CTX_DAEMON_EXIT_FAILED;
}
