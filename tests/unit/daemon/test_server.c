/* The control socket's server, with a client in the same thread. */
#include "daemon/server.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"

/* Answers that fit a socket of twice net.core.wmem_default, but not what may wait for a client. */
enum { ANSWER = 90 * 1024, LINES = 8, SEND_BUFFER = 1024 * 1024 };

static void run_large(void *data, struct ctx_request *request, const json_t *params)
{
    (void)data;
    (void)params;
    static char text[ANSWER];
    memset(text, 'a', sizeof(text) - 1);
    ctx_request_reply(request, json_string(text));
}

static int listen_at(struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "contextor-server-%d", getpid());
    assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static int connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
    return fd;
}

/* Reads what there is; how many lines ended in it. */
static unsigned read_lines(int fd)
{
    static char chunk[65536];
    unsigned n = 0;
    ssize_t len;
    while ((len = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
        for (ssize_t i = 0; i < len; i++)
            n += chunk[i] == '\n';
    return n;
}

static void run_loop(struct ev_loop *loop, unsigned times)
{
    while (times-- > 0)
        ev_run(loop, EVRUN_NOWAIT);
}

/*
 * What waits for a client is over its limit, so that lines at hand are left; then the socket takes all
 * of it at once, and nothing more comes from the client.
 */
static void server_goes_on_with_lines_once_all_is_sent(void **state)
{
    (void)state;
    static const struct ctx_command commands[] = { { .method = "large", .run = run_large } };
    struct sockaddr_un address;
    struct ctx_server *server;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    const struct ctx_server_options options = {
        .listen_fd = listen_at(&address),
        .policy.uid = getuid(),
        .commands = commands,
        .n_commands = CTX_ARRAY_LEN(commands),
    };
    assert_int_equal(ctx_server_new(loop, &options, &server), 0);
    int client = connect_to(&address);
    int next = dup(client); /* the number that the server's end will have */
    close(next);
    run_loop(loop, 3);
    int size = SEND_BUFFER;
    assert_int_equal(setsockopt(next, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
    static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"large\"}\n";
    for (int i = 0; i < LINES; i++)
        assert_int_equal(send(client, line, sizeof(line) - 1, 0), sizeof(line) - 1);
    unsigned answers = 0;
    for (int i = 0; i < 2 * LINES; i++) {
        run_loop(loop, 5);
        answers += read_lines(client);
    }
    assert_int_equal(answers, LINES);
    close(client);
    ctx_server_free(server);
    close(options.listen_fd);
    ev_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_goes_on_with_lines_once_all_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
