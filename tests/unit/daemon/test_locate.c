#include "daemon/locate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "daemon/hold.h"

static struct ctx_source sources[] = {
    { .name = (char *)"a", .root = (char *)"/docs" },
    { .name = (char *)"b", .root = (char *)"/docs/guides" },
    { .name = (char *)"a-compact", .root = (char *)"/docs" },
    { .name = (char *)"all", .root = (char *)"/" },
};
static const struct ctx_config config = { .sources = sources, .n_sources = CTX_ARRAY_LEN(sources) };

/* "name:path " of every source that is found. */
static const struct {
    const char *source, *path, *found;
} cases[] = {
    { NULL, "/docs/x.md", "a:x.md a-compact:x.md all:docs/x.md " },
    { NULL, "/docs/guides/x.md",
      "a:guides/x.md b:x.md a-compact:guides/x.md all:docs/guides/x.md " },
    { NULL, "/docsx/x.md", "all:docsx/x.md " },
    { NULL, "/docs", "a: a-compact: all:docs " },
    { NULL, "/docs//x.md", "a:x.md a-compact:x.md all:docs//x.md " },
    { NULL, "x.md", "" },
    { "a", "x.md", "a:x.md " },
    { "a", "/docs/x.md", "a:x.md " },
    { "b", "/docs/x.md", "" },
    { "none", "x.md", "" },
};

static void locate_finds_every_source_above_a_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        char found[256] = "";
        size_t iterator = 0;
        const char *rest;
        const struct ctx_source *source;
        while ((source = ctx_locate(&config, cases[i].source, cases[i].path, &iterator, &rest))) {
            strcat(strcat(found, source->name), ":");
            strcat(strcat(found, rest), " ");
        }
        assert_string_equal(found, cases[i].found);
    }
}

static void hold_is_counted_once_a_client(void **state)
{
    (void)state;
    struct ctx_holds holds;
    ctx_holds_init(&holds);
    for (uint64_t client = 1; client <= 9; client++)
        assert_int_equal(ctx_holds_add(&holds, client, false), 0);
    assert_int_equal(ctx_holds_add(&holds, 5, false), CTX_UNCHANGED);
    assert_int_equal(ctx_holds_add(&holds, 5, true), 0);
    assert_int_equal(ctx_holds_add(&holds, 6, true), CTX_UNCHANGED);
    assert_int_equal(ctx_holds_count(&holds), 10);
    ctx_holds_end_client(&holds, 5);
    ctx_holds_end_client(&holds, 5);
    assert_int_equal(ctx_holds_count(&holds), 9);
    ctx_holds_end_kept(&holds, false);
    assert_int_equal(ctx_holds_count(&holds), 8);
    ctx_holds_end_kept(&holds, true);
    assert_int_equal(ctx_holds_count(&holds), 0);
    ctx_holds_deinit(&holds);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(locate_finds_every_source_above_a_path),
        cmocka_unit_test(hold_is_counted_once_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
