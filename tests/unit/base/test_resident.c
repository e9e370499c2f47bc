#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/resident.h"

enum { HELD = 64 * 1024 * 1024 };

static void hold_and_release(void)
{
    void *held = mmap(NULL, HELD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(held != MAP_FAILED);
    memset(held, 1, HELD);
    munmap(held, HELD);
}

static void resident_peak_outlives_what_was_held(void **state)
{
    (void)state;
    ctx_resident_restart_peak();
    uint64_t before = ctx_resident_peak(0);
    hold_and_release();
    assert_true(ctx_resident_peak(0) >= before + HELD - HELD / 8);
    assert_true(ctx_resident_now() < before + HELD / 2);
    assert_int_equal(ctx_resident_peak(getpid()), ctx_resident_peak(0));
}

static void resident_peak_begins_anew(void **state)
{
    (void)state;
    hold_and_release();
    uint64_t peak = ctx_resident_peak(0);
    ctx_resident_restart_peak();
    assert_true(ctx_resident_peak(0) < peak);
    assert_true(ctx_resident_peak(0) >= ctx_resident_now() / 2);
}

static void resident_peak_of_one_that_ended_is_unknown(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(ctx_resident_peak(pid), 0);
    waitpid(pid, NULL, 0);
    assert_int_equal(ctx_resident_peak(pid), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resident_peak_outlives_what_was_held),
        cmocka_unit_test(resident_peak_begins_anew),
        cmocka_unit_test(resident_peak_of_one_that_ended_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
