/*
 * The coalescer, with injected time: scenes of sightings and what must come out when, then random
 * runs against what must hold of any. CTX_TEST_SEED repeats a printed seed. Times are milliseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "work/coalescer.h"

enum { SETTLE = 100, MAX_WAIT = 1000, GRACE = 250, QUIET = 200, MOST = 30000, BURST = 4 };

static const struct ctx_coalescer_options OPTIONS = {
    .settle_us = SETTLE * 1000,
    .max_wait_us = MAX_WAIT * 1000,
    .delete_grace_us = GRACE * 1000,
    .lock_quiet_us = QUIET * 1000,
    .lock_most_us = MOST * 1000,
    .burst = BURST,
};

enum step {
    END,
    WRITTEN,
    EMPTIED, /* written, and empty now */
    MODIFIED,
    REPLACED, /* gone, but another is there */
    GONE,
    FOUND,
    FRESH,   /* found, written to just before */
    PRESENT, /* seen by a scan, as it is known */
    LOCK,
    UNLOCK,
    SYNC, /* run with `all` */
    PASS, /* only lets time pass */
};

struct scene {
    const char *name;
    struct {
        unsigned at;
        enum step step;
        const char *path; /* each character is the name of one path */
    } steps[12];
    const char *expected; /* "at:path" with '-' for gone and '+' for bulk behind it, by blanks */
};

static const struct scene SCENES[] = {
    { "a close passes at once", { { 5, WRITTEN, "a" } }, "5:a" },
    { "rename, rename-in: one change", { { 5, GONE, "a" }, { 5, WRITTEN, "a" } }, "5:a" },
    { "writing waits for the close",
      { { 0, MODIFIED, "a" }, { 40, MODIFIED, "a" }, { 90, WRITTEN, "a" } },
      "90:a" },
    { "a writer that never closes is read each max_wait",
      { { 0, MODIFIED, "a" }, { 900, MODIFIED, "a" }, { 1100, MODIFIED, "a" } },
      "1000:a 2100:a" },
    { "written, then open again at once: waits, from the first sighting",
      { { 0, MODIFIED, "a" }, { 10, GONE, "b" }, { 10, WRITTEN, "b" }, { 10, MODIFIED, "b" } },
      "1000:a 1010:b" },
    { "an emptied file settles, then is empty", { { 0, EMPTIED, "a" } }, "100:a" },
    { "an emptied file is filled in time", { { 0, EMPTIED, "a" }, { 60, WRITTEN, "a" } }, "60:a" },
    { "emptied, then written to: waits for the close",
      { { 0, EMPTIED, "a" }, { 50, MODIFIED, "a" }, { 300, WRITTEN, "a" } },
      "300:a" },
    { "a second emptying does not put it off",
      { { 0, EMPTIED, "a" }, { 80, EMPTIED, "a" } },
      "100:a" },
    { "a deletion waits its grace", { { 0, GONE, "a" } }, "250:a-" },
    { "a second deletion does not put it off", { { 0, GONE, "a" }, { 200, GONE, "a" } }, "250:a-" },
    { "re-appearance cancels a deletion", { { 0, GONE, "a" }, { 249, WRITTEN, "a" } }, "249:a" },
    { "re-appearance after the grace is a change of its own",
      { { 0, GONE, "a" }, { 251, WRITTEN, "a" } },
      "250:a- 251:a" },
    { "flickering between states is bounded",
      { { 0, GONE, "a" },
        { 200, EMPTIED, "a" },
        { 290, GONE, "a" },
        { 500, EMPTIED, "a" },
        { 590, GONE, "a" },
        { 800, EMPTIED, "a" },
        { 890, GONE, "a" },
        { 1100, EMPTIED, "a" },
        { 1190, GONE, "a" } },
      "1100:a 1440:a-" },
    { "deleted while open", { { 0, MODIFIED, "a" }, { 10, GONE, "a" } }, "260:a-" },
    { "found by a scan: bulk, at once", { { 7, FOUND, "ab" } }, "7:a+ 7:b+" },
    { "found after a deletion cancels it, and is no bulk",
      { { 0, GONE, "a" }, { 10, FOUND, "a" } },
      "10:a" },
    { "seen as it is known, a deletion is void, and nothing comes of it",
      { { 0, GONE, "ab" }, { 10, PRESENT, "ac" } },
      "250:b-" },
    { "seen as it is known, whatever else is held stays",
      { { 0, MODIFIED, "a" }, { 0, EMPTIED, "b" }, { 10, PRESENT, "ab" } },
      "100:b 1000:a" },
    { "seen as it is known behind the gate of a burst",
      { { 0, LOCK, "" }, { 10, GONE, "abcd" }, { 20, PRESENT, "abc" }, { 30, UNLOCK, "" } },
      "260:d-+" },
    { "found fresh: settles", { { 0, FRESH, "a" } }, "100:a+" },
    { "found fresh, then closed: once", { { 0, FRESH, "a" }, { 30, WRITTEN, "a" } }, "30:a" },
    { "found fresh again and again: from the first",
      { { 0, FRESH, "a" }, { 90, FRESH, "a" } },
      "100:a+" },
    { "replaced after it arrived: two files exchanged",
      { { 5, WRITTEN, "a" }, { 5, REPLACED, "a" } },
      "5:a" },
    { "replaced by what is being written: waits for the close",
      { { 0, REPLACED, "a" }, { 0, GONE, "b" }, { 50, REPLACED, "b" }, { 90, WRITTEN, "ab" } },
      "90:a 90:b" },
    { "replaced, and nothing more is heard", { { 0, REPLACED, "a" } }, "1000:a" },
    { "found while open waits on", { { 0, MODIFIED, "a" }, { 10, FOUND, "a" } }, "1000:a" },
    { "sync takes files as they stand",
      { { 0, MODIFIED, "a" }, { 0, EMPTIED, "b" }, { 0, GONE, "c" }, { 10, SYNC, "" } },
      "10:b 10:c- 10:a" },
    { "single saves never wait for git",
      { { 0, LOCK, "" }, { 5, WRITTEN, "a" }, { 6, WRITTEN, "b" }, { 300, WRITTEN, "cd" } },
      "5:a 6:b 300:c 300:d" },
    { "one path many times is no burst",
      { { 0, LOCK, "" }, { 5, WRITTEN, "aaaaaa" }, { 6, WRITTEN, "a" }, { 7, WRITTEN, "ab" } },
      "5:a 6:a 7:a 7:b" },
    { "a burst waits for the lock's release and quiet",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abcd" }, { 50, WRITTEN, "e" }, { 500, UNLOCK, "" } },
      "700:a+ 700:b+ 700:c+ 700:d+ 700:e+" },
    { "what comes before the quiet is over prolongs it",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abcd" }, { 500, UNLOCK, "" }, { 600, WRITTEN, "ae" } },
      "800:b+ 800:c+ 800:d+ 800:a+ 800:e+" },
    { "what comes after it passes at once",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abcd" }, { 500, UNLOCK, "" }, { 701, WRITTEN, "e" } },
      "700:a+ 700:b+ 700:c+ 700:d+ 701:e" },
    { "the first of a burst that are out stay out",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abc" }, { 11, WRITTEN, "d" }, { 20, UNLOCK, "" } },
      "10:a 10:b 10:c 220:d+" },
    { "deletions of a burst: final states when the gate opens",
      { { 0, LOCK, "" }, { 10, GONE, "abcd" }, { 20, WRITTEN, "abc" }, { 30, UNLOCK, "" } },
      "230:a+ 230:b+ 230:c+ 260:d-+" },
    { "a lock that comes after the burst's first events",
      { { 10, MODIFIED, "abcd" }, { 20, LOCK, "" }, { 30, WRITTEN, "abcd" }, { 40, UNLOCK, "" } },
      "240:a+ 240:b+ 240:c+ 240:d+" },
    { "a lock taken again holds on",
      { { 0, LOCK, "" },
        { 10, WRITTEN, "abcd" },
        { 20, UNLOCK, "" },
        { 30, LOCK, "" },
        { 400, WRITTEN, "e" },
        { 500, UNLOCK, "" } },
      "700:a+ 700:b+ 700:c+ 700:d+ 700:e+" },
    { "a burst without the lock passes at once",
      { { 10, WRITTEN, "abcde" } },
      "10:a 10:b 10:c 10:d 10:e" },
    { "a lock is believed no longer than lock_most",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abcd" }, { 30500, WRITTEN, "abcd" } },
      "30000:a+ 30000:b+ 30000:c+ 30000:d+ 30500:a 30500:b 30500:c 30500:d" },
    { "sync ends a burst's hold",
      { { 0, LOCK, "" }, { 10, WRITTEN, "abcd" }, { 20, SYNC, "" } },
      "20:a+ 20:b+ 20:c+ 20:d+" },
    { "found files are no burst, and pass",
      { { 0, LOCK, "" }, { 10, FOUND, "abcdef" }, { 11, WRITTEN, "g" } },
      "10:a+ 10:b+ 10:c+ 10:d+ 10:e+ 10:f+ 11:g" },
};

struct recorder {
    unsigned now;
    char text[512];
};

static void record(void *data, const struct ctx_ready *ready)
{
    struct recorder *recorder = data;
    size_t len = strlen(recorder->text);
    snprintf(recorder->text + len, sizeof(recorder->text) - len, "%s%u:%s%s%s", len ? " " : "",
             recorder->now, ready->path, ready->gone ? "-" : "", ready->bulk ? "+" : "");
}

/* Runs whenever the coalescer says that it is due, up to `until`. */
static void pass_time(struct ctx_coalescer *coalescer, struct recorder *recorder, unsigned until)
{
    uint64_t next_us;
    while ((next_us = ctx_coalescer_next_us(coalescer)) <= until * UINT64_C(1000)) {
        recorder->now = (unsigned)(next_us / 1000);
        ctx_coalescer_run(coalescer, next_us, false, record, recorder);
        assert_true(ctx_coalescer_next_us(coalescer) > next_us);
    }
}

static void play(struct ctx_coalescer *coalescer, enum step step, const char *path, uint64_t now_us)
{
    static const enum ctx_sighting sightings[] = {
        [WRITTEN] = CTX_SIGHTING_WRITTEN,   [EMPTIED] = CTX_SIGHTING_WRITTEN,
        [MODIFIED] = CTX_SIGHTING_MODIFIED, [REPLACED] = CTX_SIGHTING_REPLACED,
        [GONE] = CTX_SIGHTING_GONE,         [FOUND] = CTX_SIGHTING_FOUND,
        [FRESH] = CTX_SIGHTING_FOUND,
    };
    if (step == LOCK || step == UNLOCK) {
        ctx_coalescer_git_lock(coalescer, 1, step == LOCK, now_us, now_us);
        return;
    }
    for (; *path; path++) {
        const char name[] = { *path, '\0' };
        if (step == PRESENT)
            assert_int_equal(ctx_coalescer_present(coalescer, 1, name), 0);
        else
            assert_int_equal(ctx_coalescer_note(coalescer, 1, name, sightings[step],
                                                step == EMPTIED || step == FRESH, now_us),
                             0);
    }
}

static void run_scene(const struct scene *scene)
{
    struct ctx_coalescer *coalescer;
    struct recorder recorder = { 0 };
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    for (size_t i = 0; i < CTX_ARRAY_LEN(scene->steps) && scene->steps[i].step != END; i++) {
        unsigned at = scene->steps[i].at;
        if (at > 0)
            pass_time(coalescer, &recorder, at - 1);
        recorder.now = at;
        if (scene->steps[i].step == SYNC)
            ctx_coalescer_run(coalescer, at * UINT64_C(1000), true, record, &recorder);
        else
            play(coalescer, scene->steps[i].step, scene->steps[i].path, at * UINT64_C(1000));
        if (i + 1 == CTX_ARRAY_LEN(scene->steps) || scene->steps[i + 1].at != at)
            pass_time(coalescer, &recorder, at);
    }
    pass_time(coalescer, &recorder, 1000000);
    assert_int_equal(ctx_coalescer_held(coalescer), 0);
    if (strcmp(recorder.text, scene->expected) != 0)
        fail_msg("%s: got \"%s\", not \"%s\"", scene->name, recorder.text, scene->expected);
    ctx_coalescer_free(coalescer);
}

static void coalescer_plays_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(SCENES); i++)
        run_scene(&SCENES[i]);
}

static void coalescer_tells_a_stale_lock(void **state)
{
    (void)state;
    struct ctx_coalescer *coalescer;
    struct recorder recorder = { 0 };
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    assert_false(ctx_coalescer_lock_is_stale(coalescer, 1, 0));
    play(coalescer, LOCK, "", 1000);
    assert_false(ctx_coalescer_lock_is_stale(coalescer, 1, MOST * 1000 + 1000)); /* nobody waits */
    play(coalescer, LOCK, "", 2000);
    play(coalescer, WRITTEN, "abcd", 3000);
    assert_false(ctx_coalescer_lock_is_stale(coalescer, 1, MOST * 1000 + 1999));
    assert_true(ctx_coalescer_lock_is_stale(coalescer, 1, MOST * 1000 + 2000));
    ctx_coalescer_run(coalescer, MOST * 1000 + 2000, false, record, &recorder);
    assert_string_equal(recorder.text, "0:a+ 0:b+ 0:c+ 0:d+");
    assert_false(ctx_coalescer_lock_is_stale(coalescer, 1, MOST * 1000 + 2000));
    ctx_coalescer_free(coalescer);
}

/* One that a git left behind which died long ago is stale from the start; a new one is not. */
static void coalescer_goes_by_the_age_of_a_lock(void **state)
{
    (void)state;
    struct ctx_coalescer *coalescer;
    struct recorder recorder = { .now = 40000 };
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    ctx_coalescer_git_lock(coalescer, 1, true, 1000, 40000000);
    play(coalescer, WRITTEN, "abcd", 40000000);
    ctx_coalescer_run(coalescer, 40000000, false, record, &recorder);
    assert_string_equal(recorder.text, "40000:a 40000:b 40000:c 40000:d");
    play(coalescer, LOCK, "", 40100000); /* its release was not seen */
    play(coalescer, WRITTEN, "efgh", 40100000);
    ctx_coalescer_run(coalescer, 40100000, false, record, &recorder);
    assert_int_equal(ctx_coalescer_held(coalescer), 4);
    ctx_coalescer_free(coalescer);
}

/* A loop that was busy past the gate's time: what comes then belongs to the burst no more. */
static void coalescer_gate_opens_for_a_late_loop(void **state)
{
    (void)state;
    struct ctx_coalescer *coalescer;
    struct recorder recorder = { .now = 800 };
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    play(coalescer, LOCK, "", 0);
    play(coalescer, WRITTEN, "abcd", 10000);
    play(coalescer, UNLOCK, "", 500000);
    play(coalescer, WRITTEN, "e", 750000);
    ctx_coalescer_run(coalescer, 800000, false, record, &recorder);
    assert_string_equal(recorder.text, "800:a+ 800:b+ 800:c+ 800:d+ 800:e");
    ctx_coalescer_free(coalescer);
}

static void count(void *data, const struct ctx_ready *ready)
{
    (void)ready;
    ++*(int *)data;
}

static void coalescer_keeps_sources_apart(void **state)
{
    (void)state;
    struct ctx_coalescer *coalescer;
    int n = 0;
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    ctx_coalescer_git_lock(coalescer, 1, true, 0, 0);
    for (uint32_t i = 0; i < 8; i++) {
        const char name[] = { (char)('a' + i), '\0' };
        ctx_coalescer_note(coalescer, 1, name, CTX_SIGHTING_WRITTEN, false, 0);
        ctx_coalescer_note(coalescer, 2, name, CTX_SIGHTING_WRITTEN, false, 0);
    }
    ctx_coalescer_run(coalescer, 0, false, count, &n);
    assert_int_equal(n, 8); /* those of the source that git does not hold */
    ctx_coalescer_drop_source(coalescer, 1);
    assert_int_equal(ctx_coalescer_held(coalescer), 0);
    assert_true(ctx_coalescer_next_us(coalescer) == UINT64_MAX);
    ctx_coalescer_note(coalescer, 3, "x", CTX_SIGHTING_GONE, false, 0);
    ctx_coalescer_free(coalescer); /* with one held */
}

/* Random runs. */

enum { PATHS = 12 };

struct fate {
    bool pending, gone;
    uint64_t since_us; /* of the first sighting since it came out */
    enum step last;
};

struct world {
    struct fate fates[PATHS];
    bool quiet; /* no lock, and none for long: nothing may be held by a burst */
    uint64_t now_us;
};

static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % sides;
}

static void come_out(void *data, const struct ctx_ready *ready)
{
    struct world *world = data;
    struct fate *fate = &world->fates[ready->path[0] - 'a'];
    assert_true(fate->pending);
    assert_int_equal(ready->gone, fate->last == GONE);
    fate->pending = false;
    /* Nothing is held for longer than its longest rule and a burst's. */
    uint64_t most_us = (MOST + MAX_WAIT + SETTLE + GRACE + QUIET) * UINT64_C(1000);
    assert_true(world->now_us - fate->since_us <= most_us);
}

/* After a run, what is due is out: a close outside of bursts above all. */
static void check_after_run(const struct ctx_coalescer *coalescer, const struct world *world)
{
    size_t held = 0;
    for (int i = 0; i < PATHS; i++) {
        const struct fate *fate = &world->fates[i];
        held += fate->pending;
        if (fate->pending && world->quiet)
            assert_true(fate->last != WRITTEN && fate->last != FOUND);
    }
    assert_int_equal(ctx_coalescer_held(coalescer), held);
    assert_true(ctx_coalescer_next_us(coalescer) > world->now_us);
    assert_true(held > 0 || ctx_coalescer_next_us(coalescer) == UINT64_MAX);
}

static void random_sighting(struct ctx_coalescer *coalescer, struct world *world)
{
    static const enum step kinds[] = { WRITTEN,  WRITTEN, EMPTIED, MODIFIED,
                                       REPLACED, GONE,    FOUND,   PRESENT };
    unsigned path = roll(PATHS);
    enum step step = kinds[roll(CTX_ARRAY_LEN(kinds))];
    struct fate *fate = &world->fates[path];
    const char name[] = { (char)('a' + path), '\0' };
    play(coalescer, step, name, world->now_us);
    if (step == PRESENT) {
        fate->pending = fate->pending && fate->last != GONE;
        return;
    }
    if (!fate->pending)
        fate->since_us = world->now_us;
    /* A scan's finding, or that there is another, changes nothing of what waits, but a deletion. */
    bool weak = step == FOUND || step == REPLACED;
    if (!weak || !fate->pending || fate->last == GONE)
        fate->last = step;
    fate->pending = true;
}

/* Lets time pass as the loop's timer would: a run whenever one is due. */
static void leap(struct ctx_coalescer *coalescer, struct world *world, unsigned ms)
{
    uint64_t until_us = world->now_us + ms * UINT64_C(1000);
    while (ctx_coalescer_next_us(coalescer) <= until_us) {
        world->now_us = ctx_coalescer_next_us(coalescer);
        ctx_coalescer_run(coalescer, world->now_us, false, come_out, world);
        check_after_run(coalescer, world);
    }
    world->now_us = until_us;
}

static void run_random(uint64_t seed, bool with_git, unsigned operations)
{
    random_state = seed;
    struct world world = { .quiet = !with_git };
    struct ctx_coalescer *coalescer;
    assert_int_equal(ctx_coalescer_new(&OPTIONS, &coalescer), 0);
    for (unsigned i = 0; i < operations; i++) {
        static const unsigned leaps_ms[] = { 0, 0, 0, 1, 10, 60, 150, 300, 1200, 40000 };
        leap(coalescer, &world, leaps_ms[roll(CTX_ARRAY_LEN(leaps_ms) - (roll(8) > 0))]);
        for (unsigned n = roll(6); n > 0; n--)
            random_sighting(coalescer, &world);
        if (with_git && roll(10) == 0)
            play(coalescer, roll(2) ? LOCK : UNLOCK, "", world.now_us);
        ctx_coalescer_run(coalescer, world.now_us, roll(50) == 0, come_out, &world);
        check_after_run(coalescer, &world);
    }
    while (ctx_coalescer_held(coalescer) > 0) {
        world.now_us = ctx_coalescer_next_us(coalescer);
        ctx_coalescer_run(coalescer, world.now_us, false, come_out, &world);
    }
    for (int i = 0; i < PATHS; i++)
        assert_false(world.fates[i].pending);
    ctx_coalescer_free(coalescer);
}

static void coalescer_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++)
        run_random(seed, seed % 2, 10000);
    const char *given = getenv("CTX_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("CTX_TEST_SEED=%llu\n", (unsigned long long)seed);
    run_random(seed, true, 20000);
    run_random(seed, false, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coalescer_plays_scenes),
        cmocka_unit_test(coalescer_tells_a_stale_lock),
        cmocka_unit_test(coalescer_goes_by_the_age_of_a_lock),
        cmocka_unit_test(coalescer_gate_opens_for_a_late_loop),
        cmocka_unit_test(coalescer_keeps_sources_apart),
        cmocka_unit_test(coalescer_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
