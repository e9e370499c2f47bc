/*
 * The normalise stage on real pages: those of ../shared/corpora, when it is there. Each page's HTML
 * is the same before and after, and a second pass changes nothing.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "html_oracle.h"

static unsigned n_pages, n_wrong;

static bool ends_with(const char *path, const char *end)
{
    size_t len = strlen(path);
    return len >= strlen(end) && strcmp(path + len - strlen(end), end) == 0;
}

/* As the pipeline hands it to the stage: no byte order mark, LF. */
static void take_page(const char *path, struct ctx_buffer *text)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    for (int c; (c = getc(file)) != EOF;)
        if (c != '\r')
            ctx_buffer_putc(text, (char)c);
    fclose(file);
    if (text->len >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0)
        ctx_buffer_splice(text, 0, 3, "", 0);
}

static int check_page(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (type != FTW_F || (!ends_with(path, ".md") && !ends_with(path, ".mdx")))
        return 0;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer out = { 0 };
    ctx_buffer_init(&text, SIZE_MAX / 2);
    take_page(path, &text);
    const char *verdict = oracle_verdict(ctx_buffer_str(&text), text.len, &out);
    n_pages++;
    if (verdict) {
        n_wrong++;
        print_error("%s: %s\n", path, verdict);
    }
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void normalise_corpora(void **state)
{
    (void)state;
    static const char *const names[] = { "book", "react.dev", "ui", "vite" };
    char folder[] = "/tmp/contextor-corpora-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++) {
        char command[1024];
        snprintf(command, sizeof(command), "tar -xJf '%s/../shared/corpora/%s.tar.xz' -C %s 2>&1",
                 CTX_TEST_ROOT, names[i], folder);
        if (system(command) != 0)
            print_message("%s: not there\n", names[i]);
    }
    nftw(folder, check_page, 16, FTW_PHYS);
    nftw(folder, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
    if (n_pages == 0) {
        print_message("skipped: no corpora in %s/../shared/corpora\n", CTX_TEST_ROOT);
        skip();
    }
    print_message("%u pages, %u wrong\n", n_pages, n_wrong);
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
