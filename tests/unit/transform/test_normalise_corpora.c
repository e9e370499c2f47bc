/*
 * The normalise stage on real pages: those of ../shared/corpora, when it is there. Each page's HTML
 * is the same before and after, and a second pass changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "corpora.h"
#include "html_oracle.h"

static unsigned n_wrong;

static void check_page(const char *path, const struct ctx_buffer *text)
{
    CTX_AUTO_BUFFER struct ctx_buffer out = { 0 };
    const char *verdict = oracle_verdict(ctx_buffer_str(text), text->len, &out);
    if (!verdict)
        return;
    n_wrong++;
    print_error("%s: %s\n", path, verdict);
}

static void normalise_corpora(void **state)
{
    (void)state;
    unsigned n = corpora_each(check_page);
    if (n == 0) {
        print_message("skipped: no corpora in %s/../shared/corpora\n", CTX_TEST_ROOT);
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(normalise_corpora) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
