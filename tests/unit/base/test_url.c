/* Addresses of source files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/url.h"

static void check(const char *repo, const char *ref, const char *repo_path, const char *path,
                  const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 4096);
    assert_int_equal(ctx_url_append_source(&out, repo, ref, repo_path, path), 0);
    assert_string_equal(ctx_buffer_str(&out), expected);
}

/* The ancestor took the path from the source's root: an address that does not exist. */
static void url_counts_from_the_repository_root(void **state)
{
    (void)state;
    check("o/n", "main", "docs", "a/b.md", "https://github.com/o/n/blob/main/docs/a/b.md");
    check("o/n", "v1/x", "", "b.md", "https://github.com/o/n/blob/v1/x/b.md");
}

static void url_encodes_what_a_path_may_not_hold(void **state)
{
    (void)state;
    check("o/n", "main", "", "a b/[s]#?%.md",
          "https://github.com/o/n/blob/main/a%20b/%5Bs%5D%23%3F%25.md");
    check("o/n", "main", "", "\xC3\xA9\xFF.md", "https://github.com/o/n/blob/main/%C3%A9%FF.md");
    check("o/n", "main", "", "a+b,(c)@d.md", "https://github.com/o/n/blob/main/a+b,(c)@d.md");
}

static void url_without_owner_is_the_path_in_the_repository(void **state)
{
    (void)state;
    check("folder", "HEAD", "docs", "a b.md", "docs/a%20b.md");
    assert_false(ctx_url_has_owner("folder"));
    assert_false(ctx_url_has_owner("/folder"));
    assert_false(ctx_url_has_owner("owner/"));
    assert_true(ctx_url_has_owner("owner/name"));
}

static void url_keeps_encoded_bytes_when_asked(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 4096);
    assert_int_equal(ctx_url_append_path(&out, "a%20b%zz%", 9, true), 0);
    assert_string_equal(ctx_buffer_str(&out), "a%20b%25zz%25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_counts_from_the_repository_root),
        cmocka_unit_test(url_encodes_what_a_path_may_not_hold),
        cmocka_unit_test(url_without_owner_is_the_path_in_the_repository),
        cmocka_unit_test(url_keeps_encoded_bytes_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
