/* Verdicts: the configuration's patterns, temporary files, outputs, ignore files and their order. */
#include "scratch.h"

#include <malloc.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/ignore.h"

enum { LIST_MAX = 8 };

struct fixture {
    struct scratch scratch;
    struct ctx_source source;
    char *include[LIST_MAX], *exclude[LIST_MAX], *force[LIST_MAX];
    struct ctx_ignore_rules *rules;
    struct ctx_ignore_dir *layers[64];
    size_t n_layers;
    char decided[256]; /* "rule pattern file:line" of the last verdict */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scratch_make(&fixture->scratch);
    fixture->source = (struct ctx_source){
        .name = (char *)"s",
        .root = fixture->scratch.dir,
        .include.items = fixture->include,
        .exclude.items = fixture->exclude,
        .force_include.items = fixture->force,
    };
    *state = fixture;
    return 0;
}

static void forget(struct fixture *fixture)
{
    while (fixture->n_layers > 0)
        ctx_ignore_dir_free(fixture->layers[--fixture->n_layers]);
    ctx_ignore_rules_free(fixture->rules);
    fixture->rules = NULL;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    forget(fixture);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static void add(struct ctx_string_list *list, const char *pattern)
{
    assert_true(list->n < LIST_MAX);
    list->items[list->n++] = (char *)pattern;
}

static void compile(struct fixture *fixture)
{
    struct ctx_error error = { "" };
    forget(fixture);
    if (ctx_ignore_rules_new(&fixture->source, NULL, NULL, 0, &fixture->rules, &error) < 0)
        fail_msg("%s", error.text);
}

static const struct ctx_ignore_dir *layer(struct fixture *fixture,
                                          const struct ctx_ignore_dir *parent, const char *path)
{
    char absolute[1024];
    struct ctx_error error = { "" };
    snprintf(absolute, sizeof(absolute), "%s/%s", fixture->scratch.dir, path);
    int fd = open(absolute, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct ctx_ignore_dir *dir;
    assert_true(fixture->n_layers < 64);
    if (fd >= 0)
        assert_int_equal(ctx_ignore_dir_new(fixture->rules, parent, path, fd, &dir, &error), 0);
    else
        assert_int_equal(ctx_ignore_dir_make(fixture->rules, parent, path, -1, 0, &dir, &error), 0);
    if (fd >= 0)
        close(fd);
    fixture->layers[fixture->n_layers++] = dir;
    return dir;
}

/* The verdict on a path, as a walk comes to it; a directory ends in a slash. */
static enum ctx_verdict verdict(struct fixture *fixture, const char *path)
{
    struct ctx_ignore_reason reason = { "", "", "", 0 };
    const struct ctx_ignore_dir *dir = layer(fixture, NULL, "");
    char copy[512];
    snprintf(copy, sizeof(copy), "%s", path);
    for (char *begin = copy;;) {
        char *slash = strchr(begin, '/');
        bool last = !slash || !slash[1];
        if (slash)
            *slash = '\0';
        enum ctx_verdict quiet = ctx_ignore_check(dir, begin, slash != NULL, NULL);
        enum ctx_verdict result = ctx_ignore_check(dir, begin, slash != NULL, &reason);
        assert_int_equal(quiet, result);
        snprintf(fixture->decided, sizeof(fixture->decided), "%s %s %s:%u", reason.rule,
                 reason.pattern, reason.file, reason.line);
        if (last || result == CTX_VERDICT_IGNORE)
            return result;
        dir = layer(fixture, dir, copy);
        *slash = '/';
        begin = slash + 1;
    }
}

static void expect(struct fixture *fixture, const char *path, enum ctx_verdict expected,
                   const char *decided)
{
    enum ctx_verdict result = verdict(fixture, path);
    if (result != expected || strncmp(fixture->decided, decided, strlen(decided)) != 0)
        fail_msg("%s: verdict %d by %s", path, result, fixture->decided);
}

#define DOCUMENT CTX_VERDICT_DOCUMENT
#define ENTER CTX_VERDICT_ENTER
#define IGNORE CTX_VERDICT_IGNORE

static void ignore_default_is_markdown_at_any_depth(void **state)
{
    struct fixture *fixture = *state;
    compile(fixture);
    expect(fixture, "a.md", DOCUMENT, "include **/*.md");
    expect(fixture, "a/b/c.mdx", DOCUMENT, "include **/*.mdx");
    expect(fixture, "a/b/c.txt", IGNORE, "not included");
    expect(fixture, "foo.md/", ENTER, "include");
    expect(fixture, "foo.md/x.md", DOCUMENT, "include");
    expect(fixture, "\xff\n.md", DOCUMENT, "include");
}

static void ignore_include_keeps_out_of_what_it_cannot_name(void **state)
{
    struct fixture *fixture = *state;
    add(&fixture->source.include, "docs/**/*.md");
    add(&fixture->source.include, "./README.md");
    add(&fixture->source.include, "guide/");
    add(&fixture->source.include, "notes");
    compile(fixture);
    expect(fixture, "docs/a.md", DOCUMENT, "include docs/**/*.md");
    expect(fixture, "docs/a/b/c.md", DOCUMENT, "include");
    expect(fixture, "docs/a/b/c.mdx", IGNORE, "not included");
    expect(fixture, "README.md", DOCUMENT, "include ./README.md");
    expect(fixture, "x/README.md", IGNORE, "not included");
    expect(fixture, "guide/a/b.mdx", DOCUMENT, "include guide/");
    expect(fixture, "x/guide/b.md", DOCUMENT, "include guide/");
    expect(fixture, "guide/b.png", IGNORE, "not included");
    expect(fixture, "notes/b.md", DOCUMENT, "include notes");
    expect(fixture, "notes", DOCUMENT, "include notes");
}

static void ignore_include_prunes_directories(void **state)
{
    struct fixture *fixture = *state;
    add(&fixture->source.include, "docs/*/x.md");
    compile(fixture);
    expect(fixture, "docs/", ENTER, "include");
    expect(fixture, "docs/a/", ENTER, "include");
    expect(fixture, "docs/a/b/", IGNORE, "not included");
    expect(fixture, "src/", IGNORE, "not included");
}

static void ignore_exclude_takes_away_all_below(void **state)
{
    struct fixture *fixture = *state;
    add(&fixture->source.exclude, "archive/**");
    add(&fixture->source.exclude, "drafts");
    add(&fixture->source.exclude, "/top.md");
    add(&fixture->source.exclude, "old/");
    compile(fixture);
    expect(fixture, "archive/x/y.md", IGNORE, "exclude archive/**");
    expect(fixture, "archive/", IGNORE, "exclude archive/**");
    expect(fixture, "a/drafts/x.md", IGNORE, "exclude drafts");
    expect(fixture, "top.md", IGNORE, "exclude /top.md");
    expect(fixture, "a/top.md", DOCUMENT, "include");
    expect(fixture, "a/old/x.md", IGNORE, "exclude old/");
}

static void ignore_force_include_brings_back(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, ".gitignore", "dist/\nbuild\n*.gen.md\n");
    write_text(&fixture->scratch, "dist/.gitignore", "*\n");
    add(&fixture->source.exclude, "vendor");
    add(&fixture->source.force_include, "dist/docs/**");
    add(&fixture->source.force_include, "vendor/*/guide.txt");
    add(&fixture->source.force_include, "a/x.gen.md");
    add(&fixture->source.force_include, "/build");
    compile(fixture);
    expect(fixture, "dist/", ENTER, "force_include dist/docs/**");
    expect(fixture, "dist/docs/a/b.md", DOCUMENT, "force_include dist/docs/**");
    expect(fixture, "dist/docs/a/b.png", IGNORE, "not included");
    expect(fixture, "dist/a.md", IGNORE, "gitignore dist/ .gitignore:1");
    expect(fixture, "dist/js/", IGNORE, "gitignore dist/ .gitignore:1");
    expect(fixture, "vendor/a/guide.txt", DOCUMENT, "force_include vendor/*/guide.txt");
    expect(fixture, "vendor/a/guide.md", IGNORE, "exclude vendor");
    expect(fixture, "vendor/a/b/", IGNORE, "exclude vendor");
    expect(fixture, "a/x.gen.md", DOCUMENT, "force_include a/x.gen.md");
    expect(fixture, "a/y.gen.md", IGNORE, "gitignore *.gen.md .gitignore:3");
    expect(fixture, "build/a/b.md", DOCUMENT, "force_include /build");
    expect(fixture, "build/a/b.js", IGNORE, "not included");
}

/* A name may be anywhere: every directory that is taken away is read for it. */
static void ignore_forced_name_is_looked_for_everywhere(void **state)
{
    struct fixture *fixture = *state;
    add(&fixture->source.exclude, "dist");
    add(&fixture->source.force_include, "KEEP.md");
    compile(fixture);
    expect(fixture, "dist/a/", ENTER, "force_include KEEP.md");
    expect(fixture, "dist/a/KEEP.md", DOCUMENT, "force_include KEEP.md");
    expect(fixture, "dist/a/b.md", IGNORE, "exclude dist");
}

static void ignore_some_directories_are_never_entered(void **state)
{
    struct fixture *fixture = *state;
    add(&fixture->source.force_include, "**");
    add(&fixture->source.force_include, "node_modules/x/README.md");
    compile(fixture);
    expect(fixture, "a/node_modules/", IGNORE, "never entered node_modules");
    expect(fixture, ".git/", IGNORE, "never entered .git");
    expect(fixture, "out/.contextor/", IGNORE, "never entered .contextor");
    expect(fixture, ".github/x.md", DOCUMENT, "force_include");
    expect(fixture, "node_modules.md", DOCUMENT, "force_include");
}

static void ignore_outputs_are_never_entered(void **state)
{
    struct fixture *fixture = *state;
    char own[128], other[128], link[160], elsewhere[] = "/elsewhere/out";
    snprintf(own, sizeof(own), "%s/out", fixture->scratch.dir);
    snprintf(other, sizeof(other), "%s/link/mirror", fixture->scratch.dir);
    snprintf(link, sizeof(link), "%s/link", fixture->scratch.dir);
    write_text(&fixture->scratch, "deep/er/x.md", "");
    assert_int_equal(symlink("deep/er", link), 0);
    fixture->source.output = own;
    add(&fixture->source.force_include, "**");
    const char *const outputs[] = { own, other, elsewhere };
    assert_int_equal(
        ctx_ignore_rules_new(&fixture->source, NULL, outputs, 3, &fixture->rules, NULL), 0);
    expect(fixture, "out/", IGNORE, "output");
    expect(fixture, "deep/er/mirror/", IGNORE, "output");
    expect(fixture, "a/out/x.md", DOCUMENT, "force_include");
    expect(fixture, "deep/mirror/x.md", DOCUMENT, "force_include");
}

static void ignore_temporary_files_are_known(void **state)
{
    static const char *const temporary[] = {
        "4913",
        "5036",
        "page.md~",
        ".page.md.swp",
        ".page.md.swx",
        ".page.md.un~",
        ".#page.md",
        "#page.md#",
        ".sw?",
        "page.md___jb_tmp___",
        "page.md___jb_old___",
        ".goutputstream-A1B2C3",
        "page.md.bck",
        ".page.md.kate-swp",
        ".page.md.Xa9_zz",
        ".page.md.Xa9zzQ",
        "sedAb12Cd",
        ".~lock.page.md#",
        ".nfs0000000000a1b2",
    };
    struct fixture *fixture = *state;
    add(&fixture->source.include, "*");
    compile(fixture);
    for (size_t i = 0; i < CTX_ARRAY_LEN(temporary); i++) {
        bool is = strcmp(temporary[i], ".page.md.Xa9_zz") != 0; /* mkstemp makes no '_' */
        if (strcmp(temporary[i], ".sw?") == 0)
            continue;
        expect(fixture, temporary[i], is ? IGNORE : DOCUMENT, is ? "temporary" : "include");
    }
    static const char *const documents[] = { "page.md",     "1984.md", "README",   ".hidden.md",
                                             "sedation.md", "C#.md",   "a.b.c.md", ".eslint.config",
                                             "sediment",    "4914",    "x.swp.md" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(documents); i++)
        expect(fixture, documents[i], DOCUMENT, "include");
}

static void ignore_temporary_patterns_can_be_added(void **state)
{
    struct fixture *fixture = *state;
    char *items[] = { (char *)"*.part.md" };
    struct ctx_string_list list = { items, 1 };
    add(&fixture->source.force_include, "*.md");
    assert_int_equal(ctx_ignore_rules_new(&fixture->source, &list, NULL, 0, &fixture->rules, NULL),
                     0);
    expect(fixture, "a.part.md", IGNORE, "temporary *.part.md");
    expect(fixture, "a.md", DOCUMENT, "force_include");
}

static void ignore_files_in_order(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, ".gitignore", "a.md\nb.md\nc.md\nd.md\n");
    write_text(&fixture->scratch, ".ignore", "!b.md\n!c.md\n");
    write_text(&fixture->scratch, ".contextorignore", "\n# comment\nc.md\n");
    write_text(&fixture->scratch, "deep/.gitignore", "!c.md\n");
    compile(fixture);
    expect(fixture, "a.md", IGNORE, "gitignore a.md .gitignore:1");
    expect(fixture, "b.md", DOCUMENT, "include");
    expect(fixture, "c.md", IGNORE, "contextorignore c.md .contextorignore:3");
    expect(fixture, "deep/c.md", DOCUMENT, "include");
    expect(fixture, "deep/d.md", IGNORE, "gitignore d.md .gitignore:4");
    assert_true(ctx_ignore_is_file(".gitignore"));
    assert_true(ctx_ignore_is_file(".contextorignore"));
    assert_false(ctx_ignore_is_file(".gitignore2"));
    assert_false(ctx_ignore_is_file("ignore"));
}

static void ignore_nothing_comes_back_below_what_went(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, ".gitignore", "a/\n!a/b/\n!a/x.md\n");
    write_text(&fixture->scratch, "a/.contextorignore", "!*\n");
    compile(fixture);
    expect(fixture, "a/x.md", IGNORE, "gitignore a/ .gitignore:1");
}

static void ignore_exclude_is_not_undone_by_files(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, ".contextorignore", "!a.md\n");
    add(&fixture->source.exclude, "a.md");
    compile(fixture);
    expect(fixture, "a.md", IGNORE, "exclude a.md");
}

static void ignore_parents_above_the_root_do_not_count(void **state)
{
    struct fixture *fixture = *state;
    char root[128];
    write_text(&fixture->scratch, ".gitignore", "*.md\n");
    write_text(&fixture->scratch, "docs/a.md", "");
    snprintf(root, sizeof(root), "%s/docs", fixture->scratch.dir);
    fixture->source.root = root;
    compile(fixture);
    struct ctx_ignore_dir *dir;
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(ctx_ignore_dir_new(fixture->rules, NULL, "", fd, &dir, NULL), 0);
    assert_int_equal(ctx_ignore_check(dir, "a.md", false, NULL), DOCUMENT);
    ctx_ignore_dir_free(dir);
    close(fd);
}

static void user_is(struct fixture *fixture, const char *home, const char *config_home)
{
    fixture->source.home = home;
    fixture->source.config_home = config_home;
    compile(fixture);
}

/* core.excludesFile: the repository's word before the user's, that before the default place. */
static void ignore_user_file_is_found(void **state)
{
    struct fixture *fixture = *state;
    char home[128], xdg[160];
    snprintf(home, sizeof(home), "%s/home", fixture->scratch.dir);
    snprintf(xdg, sizeof(xdg), "%s/xdg", home);
    write_text(&fixture->scratch, ".git/HEAD", "ref: refs/heads/main\n");
    write_text(&fixture->scratch, ".git/info/exclude", "# none\n");
    write_text(&fixture->scratch, "home/.config/git/ignore", "default.md\n");
    write_text(&fixture->scratch, "home/xdg/git/ignore", "xdg.md\n");
    compile(fixture);
    expect(fixture, "default.md", DOCUMENT, "include");
    user_is(fixture, home, NULL);
    expect(fixture, "default.md", IGNORE, "core.excludesFile default.md /tmp/");
    user_is(fixture, home, xdg);
    expect(fixture, "default.md", DOCUMENT, "include");
    expect(fixture, "xdg.md", IGNORE, "core.excludesFile xdg.md");
    write_text(&fixture->scratch, "home/.gitconfig",
               "[core \"x\"]\nexcludesfile = no\n[Core]\n\tExcludesFile = \"~/mine\" ; c\n");
    write_text(&fixture->scratch, "home/mine", "mine.md\n");
    user_is(fixture, home, xdg);
    expect(fixture, "mine.md", IGNORE, "core.excludesFile mine.md");
    expect(fixture, "xdg.md", DOCUMENT, "include");
    write_text(&fixture->scratch, ".git/config", "[core]\n\texcludesFile = .repo-ignore\n");
    write_text(&fixture->scratch, ".repo-ignore", "repo.md\n");
    write_text(&fixture->scratch, ".git/info/exclude", "info.md\n!mine.md\n");
    user_is(fixture, NULL, NULL);
    expect(fixture, "repo.md", IGNORE, "core.excludesFile repo.md");
    expect(fixture, "info.md", IGNORE, "info/exclude info.md .git/info/exclude:1");
    expect(fixture, "mine.md", DOCUMENT, "include");
}

static void ignore_outside_a_work_tree_git_has_no_say(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, ".git/info/exclude", "a.md\n"); /* no HEAD: no repository */
    compile(fixture);
    expect(fixture, "a.md", DOCUMENT, "include");
}

static void ignore_gitignore_links_are_not_followed(void **state)
{
    struct fixture *fixture = *state;
    char link[128];
    struct ctx_ignore_dir *dir;
    struct ctx_error error = { "" };
    write_text(&fixture->scratch, "rules", "a.md\n");
    snprintf(link, sizeof(link), "%s/.gitignore", fixture->scratch.dir);
    assert_int_equal(symlink("rules", link), 0);
    compile(fixture);
    int fd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(ctx_ignore_dir_new(fixture->rules, NULL, "", fd, &dir, &error), CTX_UNCHANGED);
    assert_non_null(strstr(error.text, ".gitignore"));
    assert_int_equal(ctx_ignore_check(dir, "a.md", false, NULL), DOCUMENT);
    ctx_ignore_dir_free(dir);
    /* Ours may be a link. */
    snprintf(link, sizeof(link), "%s/.contextorignore", fixture->scratch.dir);
    assert_int_equal(symlink("rules", link), 0);
    assert_int_equal(ctx_ignore_dir_new(fixture->rules, NULL, "", fd, &dir, &error), CTX_UNCHANGED);
    assert_int_equal(ctx_ignore_check(dir, "a.md", false, NULL), IGNORE);
    ctx_ignore_dir_free(dir);
    close(fd);
}

static int without_rights(void *data)
{
    struct fixture *fixture = data;
    struct ctx_error error = { "" };
    struct ctx_ignore_dir *dir;
    int r = become_nobody(&fixture->scratch);
    if (r != 0)
        return r;
    int fd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r = ctx_ignore_dir_new(fixture->rules, NULL, "", fd, &dir, &error);
    bool told = r == CTX_UNCHANGED && strstr(error.text, ".ignore: Permission denied");
    bool rest = told && ctx_ignore_check(dir, "a.md", false, NULL) == IGNORE;
    return told && rest ? 0 : 1;
}

static void ignore_unreadable_file_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    write_text(&fixture->scratch, ".gitignore", "a.md\n");
    write_text(&fixture->scratch, ".ignore", "b.md\n");
    snprintf(path, sizeof(path), "%s/.ignore", fixture->scratch.dir);
    assert_int_equal(chmod(path, 0), 0);
    compile(fixture);
    in_child(without_rights, fixture);
}

static void ignore_too_many_patterns_are_cut_with_a_warning(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    struct ctx_ignore_dir *dir;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 20);
    for (int i = 0; i < CTX_LIMIT_IGNORE_PATTERNS + 5; i++)
        ctx_buffer_printf(&text, "%d.md\n", i);
    write_text(&fixture->scratch, ".gitignore", ctx_buffer_str(&text));
    compile(fixture);
    int fd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(ctx_ignore_dir_new(fixture->rules, NULL, "", fd, &dir, &error), CTX_UNCHANGED);
    close(fd);
    assert_non_null(strstr(error.text, "10000 patterns"));
    assert_int_equal(ctx_ignore_check(dir, "9999.md", false, NULL), IGNORE);
    assert_int_equal(ctx_ignore_check(dir, "10000.md", false, NULL), DOCUMENT);
    ctx_ignore_dir_free(dir);
}

static void ignore_bad_patterns_are_named(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[][2] = {
        { "", "empty" },         { "/", "empty" },          { "!a", "begins with '!'" },
        { "../a", "leads out" }, { "a/../b", "leads out" }, { "[a", "close its '['" },
        { "a\\", "'\\'" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(bad); i++) {
        struct ctx_error error = { "" };
        fixture->source.exclude.n = 0;
        add(&fixture->source.exclude, bad[i][0]);
        assert_int_equal(
            ctx_ignore_rules_new(&fixture->source, NULL, NULL, 0, &fixture->rules, &error),
            -EINVAL);
        assert_non_null(strstr(error.text, "exclude: \""));
        assert_non_null(strstr(error.text, bad[i][1]));
    }
}

static void ignore_depth_has_a_limit(void **state)
{
    struct fixture *fixture = *state;
    char name[256], path[8192] = "";
    const struct ctx_ignore_dir *dir;
    struct ctx_ignore_dir *over;
    memset(name, 'd', 255);
    name[255] = '\0';
    add(&fixture->source.include, "ddd*/**/*.md");
    compile(fixture);
    dir = layer(fixture, NULL, "");
    for (int i = 0; i < 15; i++) {
        snprintf(path + strlen(path), 300, "%s%s", i > 0 ? "/" : "", name);
        assert_int_equal(ctx_ignore_check(dir, name, true, NULL), ENTER);
        dir = layer(fixture, dir, path);
    }
    strcpy(name + 250, ".md");
    assert_int_equal(ctx_ignore_check(dir, name, false, NULL), DOCUMENT);
    memset(name, 'd', 255);
    snprintf(path + strlen(path), 300, "/%s", name);
    assert_int_equal(ctx_ignore_dir_make(fixture->rules, dir, path, -1, 0, &over, NULL), 0);
    struct ctx_ignore_reason reason;
    assert_int_equal(ctx_ignore_check(over, "longer.md", false, &reason), IGNORE);
    assert_string_equal(reason.rule, "path too long");
    assert_int_equal(ctx_ignore_check(over, "longer", true, &reason), IGNORE);
    ctx_ignore_dir_free(over);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void ignore_plain_directory_is_small(void **state)
{
    struct fixture *fixture = *state;
    compile(fixture);
    const struct ctx_ignore_dir *dir = layer(fixture, NULL, "");
    dir = layer(fixture, dir, "components");
    assert_true(malloc_usable_size((void *)dir) <= 64);
}
#else
static void ignore_plain_directory_is_small(void **state)
{
    (void)state;
    print_message("skipped: a sanitizer's allocator says nothing of sizes\n");
    skip();
}
#endif

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ignore_default_is_markdown_at_any_depth),
        CASE(ignore_include_keeps_out_of_what_it_cannot_name),
        CASE(ignore_include_prunes_directories),
        CASE(ignore_exclude_takes_away_all_below),
        CASE(ignore_force_include_brings_back),
        CASE(ignore_forced_name_is_looked_for_everywhere),
        CASE(ignore_some_directories_are_never_entered),
        CASE(ignore_outputs_are_never_entered),
        CASE(ignore_temporary_files_are_known),
        CASE(ignore_temporary_patterns_can_be_added),
        CASE(ignore_files_in_order),
        CASE(ignore_nothing_comes_back_below_what_went),
        CASE(ignore_exclude_is_not_undone_by_files),
        CASE(ignore_parents_above_the_root_do_not_count),
        CASE(ignore_user_file_is_found),
        CASE(ignore_outside_a_work_tree_git_has_no_say),
        CASE(ignore_gitignore_links_are_not_followed),
        CASE(ignore_unreadable_file_is_a_warning),
        CASE(ignore_too_many_patterns_are_cut_with_a_warning),
        CASE(ignore_bad_patterns_are_named),
        CASE(ignore_depth_has_a_limit),
        CASE(ignore_plain_directory_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
