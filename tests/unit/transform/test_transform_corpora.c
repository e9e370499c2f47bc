/*
 * The whole transform on real pages (corpora.h): a body that is transformed again stays as it is,
 * with every target of links.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "base/utf8.h"
#include "contextor/transform.h"
#include "corpora.h"

static unsigned n_wrong;

static int transform(const char *path, enum ctx_link_target target, const struct ctx_buffer *text,
                     struct ctx_document *ret_document)
{
    const struct ctx_transform_options options = {
        .profile = CTX_PROFILE_LOSSLESS,
        .links = { .target = target, .base_url = "https://docs.example.org/guide" },
    };
    const struct ctx_transform_context context = {
        .options = &options,
        .path = corpora_ends_with(path, ".mdx") ? "one/two/page.mdx" : "one/two/page.md",
        .repo = "owner/name",
        .ref = "main",
        .repo_path = "docs",
    };
    struct ctx_error error;
    int r = ctx_transform(ctx_buffer_str(text), text->len, &context, ret_document, &error);
    if (r < 0)
        print_error("%s: %s\n", path, error.text);
    return r;
}

static const char *judge_target(const char *path, enum ctx_link_target target,
                                const struct ctx_buffer *text)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document once;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document twice;
    ctx_document_init(&once);
    ctx_document_init(&twice);
    if (!ctx_utf8_valid(ctx_buffer_str(text), text->len, NULL))
        return NULL; /* a document that is refused */
    if (transform(path, target, text, &once) < 0 || transform(path, target, &once.body, &twice) < 0)
        return "failed";
    bool same = once.body.len == twice.body.len &&
                memcmp(ctx_buffer_str(&once.body), ctx_buffer_str(&twice.body), once.body.len) == 0;
    return same ? NULL : "not idempotent";
}

static void check_page(const char *path, const struct ctx_buffer *text)
{
    const char *verdict = NULL;
    for (int target = CTX_LINKS_REPOSITORY; !verdict && target <= CTX_LINKS_MIRROR; target++)
        verdict = judge_target(path, (enum ctx_link_target)target, text);
    if (!verdict)
        return;
    n_wrong++;
    print_error("%s: %s\n", path, verdict);
}

static void transform_corpora_twice(void **state)
{
    (void)state;
    unsigned n = corpora_each(check_page);
    if (n == 0) {
        print_message("skipped: no pages in %s/../shared/corpora\n", CTX_TEST_ROOT);
        skip();
    }
    print_message("%u pages, %u wrong\n", n, n_wrong);
    assert_int_equal(n_wrong, 0);
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(transform_corpora_twice) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
