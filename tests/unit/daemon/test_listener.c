#include "daemon/listener.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "daemon/peer.h"

static char directory[64];
static char path[128];

static int setup(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/contextor-listener-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/run/contextord.sock", directory);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char run[100];
    unlink(path);
    snprintf(run, sizeof(run), "%s/run", directory);
    rmdir(run);
    return rmdir(directory); /* fails when anything else was left */
}

static int open_listener(struct ctx_listener **ret, struct ctx_error *error)
{
    const struct ctx_listener_options options = { .path = path, .mode = 0660, .gid = (gid_t)-1 };
    return ctx_listener_open(&options, ret, error);
}

static void listener_makes_its_directory_and_mode_whatever_the_umask(void **state)
{
    (void)state;
    struct ctx_listener *listener;
    struct ctx_error error;
    struct stat st;
    mode_t before = umask(0177);
    assert_int_equal(open_listener(&listener, &error), 0);
    umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    ctx_listener_free(listener);
    assert_int_equal(stat(path, &st), -1);
}

static void listener_refuses_a_living_one_by_its_pid(void **state)
{
    (void)state;
    struct ctx_listener *first;
    struct ctx_listener *second = NULL;
    struct ctx_error error = { "" };
    char pid[32];
    snprintf(pid, sizeof(pid), "(process %d)", (int)getpid());
    assert_int_equal(open_listener(&first, &error), 0);
    assert_int_equal(open_listener(&second, &error), -EADDRINUSE);
    assert_null(second);
    assert_non_null(strstr(error.text, pid));
    assert_non_null(strstr(error.text, path));
    assert_int_equal(access(path, F_OK), 0);
    ctx_listener_free(first);
}

static void listener_replaces_what_a_dead_one_left(void **state)
{
    (void)state;
    struct ctx_listener *listener;
    struct ctx_error error = { "" };
    assert_int_equal(open_listener(&listener, &error), 0);
    ctx_listener_free(listener);
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    strcpy(un.sun_path, path);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(dead, (struct sockaddr *)&un, sizeof(un)), 0);
    assert_int_equal(listen(dead, 1), 0);
    close(dead); /* as kill -9 does: the file stays */
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(open_listener(&listener, &error), 0);
    ctx_listener_free(listener);
}

static void listener_leaves_a_file_that_is_no_socket(void **state)
{
    (void)state;
    struct ctx_listener *listener;
    struct ctx_error error = { "" };
    assert_int_equal(open_listener(&listener, &error), 0);
    ctx_listener_free(listener);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(open_listener(&listener, &error), -EEXIST);
    assert_int_equal(access(path, F_OK), 0);
}

static void listener_removes_only_its_own_socket(void **state)
{
    (void)state;
    struct ctx_listener *old;
    struct ctx_listener *young;
    struct ctx_error error = { "" };
    assert_int_equal(open_listener(&old, &error), 0);
    unlink(path);
    assert_int_equal(open_listener(&young, &error), 0);
    ctx_listener_free(old);
    assert_int_equal(access(path, F_OK), 0);
    ctx_listener_free(young);
    assert_int_equal(access(path, F_OK), -1);
}

static void listener_refuses_a_path_too_long(void **state)
{
    (void)state;
    char longer[200];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    const struct ctx_listener_options options = { .path = longer, .mode = 0600, .gid = (gid_t)-1 };
    struct ctx_listener *listener = NULL;
    struct ctx_error error = { "" };
    assert_int_equal(ctx_listener_open(&options, &listener, &error), -ENAMETOOLONG);
    assert_non_null(strstr(error.text, "107"));
}

static void peer_is_checked_by_user_and_group(void **state)
{
    (void)state;
    CTX_AUTO_CLOSE int left = -1;
    CTX_AUTO_CLOSE int right = -1;
    int pair[2];
    struct ctx_error error = { "" };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    left = pair[0];
    right = pair[1];
    assert_int_equal(ctx_peer_pid(left), getpid());
    struct ctx_peer_policy policy = { .uid = geteuid() };
    assert_int_equal(ctx_peer_check(left, &policy, &error), 0);
    policy.uid = geteuid() + 1;
    if (geteuid() == 0) {
        assert_int_equal(ctx_peer_check(left, &policy, &error), 0); /* root always may */
        return;
    }
    assert_int_equal(ctx_peer_check(left, &policy, &error), -EACCES);
    policy.has_group = true;
    policy.gid = getegid();
    assert_int_equal(ctx_peer_check(left, &policy, &error), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(listener_makes_its_directory_and_mode_whatever_the_umask),
        CASE(listener_refuses_a_living_one_by_its_pid),
        CASE(listener_replaces_what_a_dead_one_left),
        CASE(listener_leaves_a_file_that_is_no_socket),
        CASE(listener_removes_only_its_own_socket),
        CASE(listener_refuses_a_path_too_long),
        CASE(peer_is_checked_by_user_and_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
