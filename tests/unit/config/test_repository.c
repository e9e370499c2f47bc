/* What is read out of .git. */
#include "config/repository.h"

#include "config/git_config.h"
#include "config_fixture.h"
#include "contextor/error.h"

static void assert_name(const char *url, const char *expected)
{
    char *name = ctx_repository_name_of_url(url);
    if (expected)
        assert_string_equal(name ? name : "(none)", expected);
    else
        assert_null(name);
    free(name);
}

static void repository_names_come_from_urls(void **state)
{
    (void)state;
    assert_name("https://github.com/vercel/next.js.git", "vercel/next.js");
    assert_name("https://github.com/vercel/next.js", "vercel/next.js");
    assert_name("https://github.com/vercel/next.js/", "vercel/next.js");
    assert_name("https://user:secret@github.com/a/b.git", "a/b");
    assert_name("git@github.com:vercel/next.js.git", "vercel/next.js");
    assert_name("git@github.com:/vercel/next.js.git", "vercel/next.js");
    assert_name("ssh://git@example.org:2222/a/b.git", "a/b");
    assert_name("git://example.org/a/b", "a/b");
    assert_name("https://gitlab.com/group/sub/name.git", "sub/name");
    assert_name("host:name.git", "name");
    assert_name("/srv/git/name.git", NULL);
    assert_name("../name.git", NULL);
    assert_name("file:///srv/git/name.git", NULL);
    assert_name("https://github.com", NULL);
    assert_name("https://github.com/", NULL);
    assert_name("vercel/next.js", NULL);
    assert_name("", NULL);
}

static void assert_web(const char *url, const char *expected)
{
    char *web = ctx_repository_web_of_url(url, ctx_repository_forge_of_url(url));
    if (expected)
        assert_string_equal(web ? web : "(none)", expected);
    else
        assert_null(web);
    free(web);
}

static void repository_pages_are_at_the_url_s_host(void **state)
{
    (void)state;
    assert_web("https://github.com/vercel/next.js.git", "https://github.com/vercel/next.js");
    assert_web("git@github.com:vercel/next.js.git", "https://github.com/vercel/next.js");
    assert_web("git@ssh.github.com:/vercel/next.js", "https://github.com/vercel/next.js");
    assert_web("ssh://git@altssh.gitlab.com:443/a/b.git", "https://gitlab.com/a/b");
    assert_web("https://user:s@cret@gitlab.com/g/s/name.git/", "https://gitlab.com/g/s/name");
    assert_web("http://git.example.org:3000/a/b", "http://git.example.org:3000/a/b");
    assert_web("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org/a/b");
    assert_web("git@git.sr.ht:~a/b", "https://git.sr.ht/~a/b");
    assert_web("https://bitbucket.org/a/b.git", "https://bitbucket.org/a/b");
    assert_web("https://bitbucket.example.org/scm/key/b.git",
               "https://bitbucket.example.org/projects/key/repos/b");
    assert_web("https://bitbucket.example.org/git/scm/~me/b.git",
               "https://bitbucket.example.org/git/users/me/repos/b");
    assert_web("ssh://git@bitbucket.example.org:7999/key/b.git",
               "https://bitbucket.example.org/projects/key/repos/b");
    assert_web("work:a/b.git", NULL); /* an alias in ssh's configuration */
    assert_web("https://git.example.org/b.git", NULL);
    assert_web("/srv/git/a/b.git", NULL);
    assert_web("file:///srv/git/a/b.git", NULL);
    assert_web("ssh://[::1]:22/a/b", NULL);
    assert_web("://", NULL);
    assert_web(":", NULL);
    assert_web("", NULL);
}

static void repository_is_named_by_the_path_s_end(void **state)
{
    (void)state;
    assert_true(ctx_repository_is_named("git@gitlab.com:g/s/n.git", "s/n"));
    assert_true(ctx_repository_is_named("git@gitlab.com:g/s/n.git", "g/s/n"));
    assert_false(ctx_repository_is_named("git@gitlab.com:g/s/n.git", "x/n"));
    assert_false(ctx_repository_is_named("git@gitlab.com:g/ss/n.git", "s/n"));
    assert_false(ctx_repository_is_named("git@gitlab.com:g/s/n.git", "a/g/s/n"));
    assert_false(ctx_repository_is_named("../s/n", "s/n"));
}

static void assert_value(const char *text, const char *expected)
{
    char *value = ctx_git_config_get(text, strlen(text), "remote", "origin", "url");
    if (expected)
        assert_string_equal(value ? value : "(none)", expected);
    else
        assert_null(value);
    free(value);
}

static void git_config_is_read_as_git_reads_it(void **state)
{
    (void)state;
    assert_value("[remote \"origin\"]\n\turl = https://x/a/b.git\n", "https://x/a/b.git");
    assert_value("[Remote \"origin\"]\nURL=x\n", "x");
    assert_value("[remote.origin]\nurl=x", "x");
    assert_value("[remote \"Origin\"]\nurl = x\n", NULL);
    assert_value("[remote \"origin\"] url = x ; why\n", "x");
    assert_value("[remote \"origin\"]\nurl = \"a # b\" # c\n", "a # b");
    assert_value("[remote \"origin\"]\nurl = a\\\n  b\n", "a  b");
    assert_value("[remote \"origin\"]\nurl = a\\tb\\\\c\\\"d\n", "a\tb\\c\"d");
    assert_value("[remote \"origin\"]\n# url = x\n; url = y\nfetch = z\nurl = w", "w");
    assert_value("[remote \"origin\"]\nurl = first\nurl = second\n", "first");
    assert_value("[remote \"other\"]\nurl = x\n[remote \"origin\"]\nurl = y\n", "y");
    assert_value("[remote \"origin\"]\nfetch\nurl = y\n[core]\nurl = z\n", "y");
    assert_value("[core]\nurl = z\n", NULL);
    assert_value("[remote \"origin\"\nurl = x\n", NULL);
    assert_value("[remote \"or\\\"igin\"]\nurl = x\n", NULL);
    assert_value("", NULL);
    assert_value("[", NULL);
    assert_value("[remote \"origin", NULL);
}

static void write_repository(struct fixture *f, const char *git, const char *head)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/HEAD", git);
    fixture_write(f, path, "ref: refs/heads/work\n");
    snprintf(path, sizeof(path), "%s/config", git);
    fixture_write(f, path,
                  "[core]\n\tbare = false\n[remote \"origin\"]\n"
                  "\turl = git@github.com:vercel/next.js.git\n");
    snprintf(path, sizeof(path), "%s/refs/remotes/origin/HEAD", git);
    if (head)
        fixture_write(f, path, head);
}

static void assert_found(struct fixture *f, const char *folder, const char *top, const char *name,
                         const char *ref)
{
    struct ctx_repository repository;
    assert_int_equal(ctx_repository_find(fixture_path(f, folder), &repository), 0);
    assert_string_equal(repository.top, fixture_path(f, top));
    assert_string_equal(repository.name ? repository.name : "(none)", name);
    assert_string_equal(repository.ref ? repository.ref : "(none)", ref);
    ctx_repository_deinit(&repository);
}

static void repository_is_found_around_a_folder(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "next/docs/app");
    write_repository(f, "next/.git", "ref: refs/remotes/origin/release/15.x\n");
    assert_found(f, "next/docs/app", "next", "vercel/next.js", "release/15.x");
    assert_found(f, "next", "next", "vercel/next.js", "release/15.x");
}

static void repository_without_origin_or_head(void **state)
{
    struct fixture *f = *state;
    fixture_write(f, "plain/.git/HEAD", "ref: refs/heads/main\n");
    assert_found(f, "plain", "plain", "(none)", "(none)");
    write_repository(f, "next/.git", NULL);
    assert_found(f, "next", "next", "vercel/next.js", "(none)");
    struct ctx_repository repository;
    fixture_folder(f, "bare/.git");
    assert_int_equal(ctx_repository_find(fixture_path(f, "bare"), &repository), CTX_GONE);
}

static void repository_of_a_linked_work_tree(void **state)
{
    struct fixture *f = *state;
    write_repository(f, "next/.git", "ref: refs/remotes/origin/canary\n");
    fixture_write(f, "next/.git/worktrees/fix/HEAD", "ref: refs/heads/fix\n");
    fixture_write(f, "next/.git/worktrees/fix/commondir", "../..\n");
    char text[PATH_MAX + 64];
    snprintf(text, sizeof(text), "gitdir: %s/next/.git/worktrees/fix\n", f->folder);
    fixture_write(f, "fix/.git", text);
    fixture_folder(f, "fix/docs");
    assert_found(f, "fix/docs", "fix", "vercel/next.js", "canary");
}

static void repository_of_a_submodule(void **state)
{
    struct fixture *f = *state;
    write_repository(f, "outer/.git/modules/inner", "ref: refs/remotes/origin/main\n");
    fixture_write(f, "outer/.git/HEAD", "ref: refs/heads/main\n");
    fixture_write(f, "outer/inner/.git", "gitdir: ../.git/modules/inner\n");
    assert_found(f, "outer/inner", "outer/inner", "vercel/next.js", "main");
    assert_found(f, "outer", "outer", "(none)", "(none)");
}

/* A .git that leads nowhere counts as none. */
static void repository_survives_nonsense(void **state)
{
    struct fixture *f = *state;
    struct ctx_repository repository;
    fixture_write(f, "a/.git", "nonsense");
    assert_int_equal(ctx_repository_find(fixture_path(f, "a"), &repository), CTX_GONE);
    fixture_write(f, "b/.git", "gitdir: /no/such/folder\n");
    assert_int_equal(ctx_repository_find(fixture_path(f, "b"), &repository), CTX_GONE);
    fixture_write(f, "c/.git/HEAD", "");
    fixture_write(f, "c/.git/refs/remotes/origin/HEAD", "0123456789\n");
    assert_found(f, "c", "c", "(none)", "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repository_names_come_from_urls),
        cmocka_unit_test(repository_pages_are_at_the_url_s_host),
        cmocka_unit_test(repository_is_named_by_the_path_s_end),
        cmocka_unit_test(git_config_is_read_as_git_reads_it),
        FIXTURE_TEST(repository_is_found_around_a_folder),
        FIXTURE_TEST(repository_without_origin_or_head),
        FIXTURE_TEST(repository_of_a_linked_work_tree),
        FIXTURE_TEST(repository_of_a_submodule),
        FIXTURE_TEST(repository_survives_nonsense),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
