/* Addresses of source files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/url.h"

static void check(const char *repo, const char *ref, const char *repo_path, const char *path,
                  const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 4096);
    struct ctx_url_place place = { .repo = repo, .ref = ref };
    assert_int_equal(ctx_url_append_source(&out, &place, repo_path, path), 0);
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
    static const struct {
        struct ctx_url_place place;
        bool has_address;
    } examples[] = {
        { { .repo = "folder" }, false },
        { { .repo = "/folder" }, false },
        { { .repo = "owner/" }, false },
        { { .repo = "owner/name" }, true },
        { { .repo = "folder", .web = "https://git.example.org/a/folder" }, true },
        { { .repo = "KEY/name", .forge = CTX_FORGE_BITBUCKET_SERVER }, false },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(examples); i++)
        assert_int_equal(ctx_url_has_address(&examples[i].place), examples[i].has_address);
}

static void check_view(const struct ctx_url_place *place, enum ctx_url_view view,
                       const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 4096);
    assert_int_equal(ctx_url_append_before(&out, view, place), 0);
    ctx_buffer_puts(&out, "d/p");
    assert_int_equal(ctx_url_append_behind(&out, view, place), 0);
    assert_string_equal(ctx_buffer_str(&out), expected);
}

static void url_is_written_as_the_forge_does(void **state)
{
    (void)state;
    static const struct {
        struct ctx_url_place place;
        const char *blob, *tree, *raw;
    } examples[] = {
        { { CTX_FORGE_GITHUB, "https://github.com/o/n", "o/n", "r" },
          "https://github.com/o/n/blob/r/d/p",
          "https://github.com/o/n/tree/r/d/p",
          "https://raw.githubusercontent.com/o/n/r/d/p" },
        { { CTX_FORGE_GITHUB, NULL, "o/n", "r" },
          "https://github.com/o/n/blob/r/d/p",
          "https://github.com/o/n/tree/r/d/p",
          "https://raw.githubusercontent.com/o/n/r/d/p" },
        { { CTX_FORGE_GITHUB, "https://github.example.org/o/n", "o/n", "r" },
          "https://github.example.org/o/n/blob/r/d/p",
          "https://github.example.org/o/n/tree/r/d/p",
          "https://github.example.org/o/n/raw/r/d/p" },
        { { CTX_FORGE_GITLAB, "https://gitlab.com/g/s/n", "s/n", "r" },
          "https://gitlab.com/g/s/n/-/blob/r/d/p",
          "https://gitlab.com/g/s/n/-/tree/r/d/p",
          "https://gitlab.com/g/s/n/-/raw/r/d/p" },
        { { CTX_FORGE_GITEA, NULL, "o/n", "a b" },
          "https://codeberg.org/o/n/src/a%20b/d/p",
          "https://codeberg.org/o/n/src/a%20b/d/p",
          "https://codeberg.org/o/n/raw/a%20b/d/p" },
        { { CTX_FORGE_BITBUCKET, NULL, "o/n", "r" },
          "https://bitbucket.org/o/n/src/r/d/p",
          "https://bitbucket.org/o/n/src/r/d/p",
          "https://bitbucket.org/o/n/raw/r/d/p" },
        { { CTX_FORGE_BITBUCKET_SERVER, "https://b.example.org/projects/K/repos/n", "K/n", "r" },
          "https://b.example.org/projects/K/repos/n/browse/d/p?at=r",
          "https://b.example.org/projects/K/repos/n/browse/d/p?at=r",
          "https://b.example.org/projects/K/repos/n/raw/d/p?at=r" },
        { { CTX_FORGE_SOURCEHUT, NULL, "~o/n", "r" },
          "https://git.sr.ht/~o/n/tree/r/item/d/p",
          "https://git.sr.ht/~o/n/tree/r/item/d/p",
          "https://git.sr.ht/~o/n/blob/r/d/p" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(examples); i++) {
        check_view(&examples[i].place, CTX_URL_BLOB, examples[i].blob);
        check_view(&examples[i].place, CTX_URL_TREE, examples[i].tree);
        check_view(&examples[i].place, CTX_URL_RAW, examples[i].raw);
    }
}

static void check_host(const char *host, enum ctx_forge expected)
{
    assert_int_equal(ctx_forge_of_host(host, strlen(host)), expected);
}

static void url_forge_is_told_by_the_host(void **state)
{
    (void)state;
    check_host("github.com", CTX_FORGE_GITHUB);
    check_host("GitHub.example.org", CTX_FORGE_GITHUB);
    check_host("gitlab.gnome.org", CTX_FORGE_GITLAB);
    check_host("salsa.debian.org", CTX_FORGE_GITLAB);
    check_host("codeberg.org", CTX_FORGE_GITEA);
    check_host("forgejo.example.org", CTX_FORGE_GITEA);
    check_host("bitbucket.org", CTX_FORGE_BITBUCKET);
    check_host("bitbucket.example.org:7990", CTX_FORGE_BITBUCKET_SERVER);
    check_host("git.sr.ht", CTX_FORGE_SOURCEHUT);
    check_host("git.example.org", CTX_FORGE_GITHUB);
    check_host("", CTX_FORGE_GITHUB);
    for (int i = 0; i <= CTX_FORGE_SOURCEHUT; i++)
        assert_int_equal(ctx_forge_from_name(ctx_forge_name((enum ctx_forge)i)), i);
    assert_int_equal(ctx_forge_from_name("svn"), -1);
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
        cmocka_unit_test(url_is_written_as_the_forge_does),
        cmocka_unit_test(url_forge_is_told_by_the_host),
        cmocka_unit_test(url_keeps_encoded_bytes_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
