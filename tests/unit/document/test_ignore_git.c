/*
 * Our reading of gitignore(5) against git's: random trees and random patterns in .gitignore files,
 * .git/info/exclude and the user's ignore file; verdict, deciding file and line must be those of
 * `git check-ignore`. CTX_TEST_SEED=N repeats one tree.
 *
 * Left out of the patterns: `**` right behind a literal in a pattern with a slash, which git before
 * 2.52 takes for a whole component, against its documentation.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "document/ignore.h"

enum { FIXED_TREES = 150, RANDOM_TREES = 50, PATHS = 400 };

static uint64_t random_state;

static unsigned random_below(unsigned n)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(random_state >> 33) % n;
}

#define PICK(array) (array)[random_below((unsigned)CTX_ARRAY_LEN(array))]

static const char *const names[] = { "a", "b",  "ab", "abc", "a b",      "x.md", "[a]", "a*",
                                     "-", "!x", "#y", "\\",  "\xc3\xa9", "a ",   "A",   "b.md" };

static const char *const pieces[] = {
    "a",    "b",          "ab",    "abc",         "x",
    ".md",  "*",          "*",     "?",           "[ab]",
    "[!a]", "[^a-b]",     "[]a]",  "[[:alpha:]]", "[[:upper:]-]",
    "[a",   "[[:nope:]]", "[a-]",  "[\\]a]",      "[b-a]",
    "[[]",  "[[:]",       "[a/b]", "\\a",         "\\*",
    "\\\\", "\\",         " ",     "-",           "\xc3\xa9",
    "!",    "#",          "[!!]",  "[--/]",
};

static void random_component(struct ctx_buffer *pattern)
{
    unsigned kind = random_below(10);
    if (kind < 3) {
        ctx_buffer_puts(pattern, PICK(names));
    } else if (kind < 5) {
        ctx_buffer_puts(pattern, random_below(8) ? "**" : "***");
    } else {
        for (unsigned n = 1 + random_below(3); n > 0; n--)
            ctx_buffer_puts(pattern, PICK(pieces));
    }
}

/* Whether `**` stands behind something that is no slash (see above). */
static bool has_inner_stars(const char *pattern)
{
    for (const char *at = pattern; (at = strstr(at, "**")); at++)
        if (at > pattern && at[-1] != '/' && at[-1] != '*')
            return true;
    return false;
}

static void random_line(struct ctx_buffer *text)
{
    CTX_AUTO_BUFFER struct ctx_buffer pattern;
    ctx_buffer_init(&pattern, 1000);
    if (random_below(12) == 0)
        ctx_buffer_puts(text, random_below(2) ? "# a" : "");
    do {
        ctx_buffer_clear(&pattern);
        ctx_buffer_puts(&pattern, random_below(4) == 0 ? "/" : "");
        random_component(&pattern);
        for (unsigned n = random_below(3); n > 0; n--) {
            ctx_buffer_putc(&pattern, '/');
            random_component(&pattern);
        }
        ctx_buffer_puts(&pattern, random_below(4) == 0 ? "/" : "");
    } while (has_inner_stars(ctx_buffer_str(&pattern)));
    ctx_buffer_puts(text, random_below(4) == 0 ? "!" : "");
    ctx_buffer_puts(text, ctx_buffer_str(&pattern));
    static const char *const ends[] = { "\n",   "\n",    "\n",   "\n",  " \n",
                                        "  \n", "\\ \n", "\r\n", "\t\n" };
    ctx_buffer_puts(text, PICK(ends));
}

static void write_patterns(const char *path)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 10000);
    ctx_buffer_puts(&text, random_below(10) == 0 ? "\xEF\xBB\xBF" : "");
    for (unsigned n = 1 + random_below(8); n > 0; n--)
        random_line(&text);
    if (random_below(4) == 0)
        ctx_buffer_truncate(&text, text.len - 1);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(ctx_buffer_str(&text), 1, text.len, file), text.len);
    fclose(file);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Fills a directory with entries, and directories in it, three levels deep. */
static void grow_tree(const char *path, unsigned depth)
{
    char entry[512];
    if (random_below(depth == 0 ? 1 : 3) == 0) {
        snprintf(entry, sizeof(entry), "%s/.gitignore", path);
        write_patterns(entry);
    }
    for (unsigned n = 2 + random_below(5); n > 0; n--) {
        snprintf(entry, sizeof(entry), "%s/%s", path, PICK(names));
        unsigned kind = random_below(10);
        if (kind < 5 && depth < 3) {
            if (mkdir(entry, 0777) == 0)
                grow_tree(entry, depth + 1);
        } else if (kind == 5) {
            symlinkat(".", AT_FDCWD, entry);
        } else if (access(entry, F_OK) < 0) {
            write_file(entry, "");
        }
    }
}

/* One entry of the tree, as we judge it. */
struct judged {
    char path[256]; /* from the work tree's top */
    bool ignored;
    char file[256];
    unsigned line;
};

struct judgement {
    const struct ctx_ignore_rules *rules;
    const char *prefix; /* of the root in the work tree, with a slash */
    size_t n;
    struct judged entries[PATHS];
};

/* The same verdict for all that is below a directory that was ignored. */
static void judge(struct judgement *judgement, const struct ctx_ignore_dir *parent,
                  const char *path, int fd, const struct judged *above)
{
    struct ctx_ignore_dir *layer = NULL;
    if (!above)
        assert_int_equal(ctx_ignore_dir_new(judgement->rules, parent, path, fd, &layer, NULL), 0);
    DIR *dir = fdopendir(fd);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strcmp(entry->d_name, ".git") == 0)
            continue;
        assert_true(judgement->n < PATHS);
        struct judged *judged = &judgement->entries[judgement->n++];
        struct ctx_ignore_reason reason = { "", "", "", 0 };
        char below[256];
        bool is_dir = entry->d_type == DT_DIR;
        snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "", entry->d_name);
        if (above) {
            *judged = *above;
        } else {
            judged->ignored =
                ctx_ignore_check(layer, entry->d_name, is_dir, &reason) == CTX_VERDICT_IGNORE;
            snprintf(judged->file, sizeof(judged->file), "%s", reason.file);
            judged->line = reason.line;
        }
        snprintf(judged->path, sizeof(judged->path), "%s%s", judgement->prefix, below);
        if (is_dir)
            judge(judgement, layer, below,
                  openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                  judged->ignored ? judged : NULL);
    }
    closedir(dir);
    ctx_ignore_dir_free(layer);
}

struct place {
    char home[64];
    char top[96];
    char list[96], answer[96];
};

static void run_in(const char *directory, const char *command)
{
    char line[512];
    snprintf(line, sizeof(line), "cd '%s' && %s", directory, command);
    int status = system(line);
    /* check-ignore: 1 when nothing is ignored. */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
}

static char *ask_git(const struct place *place, const struct judgement *judgement, size_t *ret_len)
{
    FILE *file = fopen(place->list, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < judgement->n; i++)
        fwrite(judgement->entries[i].path, 1, strlen(judgement->entries[i].path) + 1, file);
    fclose(file);
    run_in(place->top, "git check-ignore -z -v -n --no-index --stdin < ../list > ../answer");
    struct ctx_buffer answer;
    ctx_buffer_init(&answer, 1 << 20);
    assert_int_equal(ctx_file_read_path(place->answer, &answer), 0);
    return ctx_buffer_detach(&answer, ret_len);
}

/* The next of git's fields, each ended by NUL. */
static const char *field(const char **at, const char *end)
{
    const char *begin = *at;
    assert_true(begin < end);
    *at += strlen(begin) + 1;
    return begin;
}

/* Whether git's name of a file is ours: ours is relative to the root, or the user's own. */
static bool same_file(const struct judgement *judgement, const char *git, const char *ours)
{
    char expected[512];
    snprintf(expected, sizeof(expected), "%s%s",
             ours[0] == '/' || strncmp(ours, ".git/", 5) == 0 ? "" : judgement->prefix, ours);
    return strcmp(git, expected) == 0;
}

static void compare(const struct place *place, const struct judgement *judgement, uint64_t seed)
{
    size_t len;
    CTX_AUTO_FREE char *answer = ask_git(place, judgement, &len);
    const char *at = answer, *end = answer + len;
    for (size_t i = 0; i < judgement->n; i++) {
        const struct judged *ours = &judgement->entries[i];
        const char *file = field(&at, end), *line = field(&at, end), *pattern = field(&at, end);
        assert_string_equal(field(&at, end), ours->path);
        bool ignored = *pattern && *pattern != '!';
        if (ignored == ours->ignored && (!ignored || (same_file(judgement, file, ours->file) &&
                                                      (unsigned)atoi(line) == ours->line)))
            continue;
        fail_msg("CTX_TEST_SEED=%llu: \"%s\": git says %s by %s:%s \"%s\", we say %s by %s:%u",
                 (unsigned long long)seed, ours->path, ignored ? "ignored" : "not ignored", file,
                 line, pattern, ours->ignored ? "ignored" : "not ignored", ours->file, ours->line);
    }
}

/* Whether git ignores the root itself, which no rule of ours looks at. */
static bool root_is_ignored(const struct place *place, const char *prefix)
{
    char command[256];
    if (!*prefix)
        return false;
    snprintf(command, sizeof(command), "cd '%s' && git check-ignore -q --no-index '%s'", place->top,
             prefix);
    return WEXITSTATUS(system(command)) == 0;
}

static void try_tree(const struct place *place, uint64_t seed)
{
    static struct judgement judgement;
    static char *all[] = { (char *)"*" };
    char root[160], path[512];
    random_state = seed;
    random_below(2);
    const char *prefix = random_below(3) == 0 ? "r/s/" : "";
    snprintf(path, sizeof(path),
             "rm -rf '%s' '%s/.config' && git init -q '%s' && mkdir -p '%s/r/s'", place->top,
             place->home, place->top, place->top);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof(path), "%s/.git/info/exclude", place->top);
    if (random_below(2))
        write_patterns(path);
    snprintf(path, sizeof(path), "mkdir -p '%s/.config/git'", place->home);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof(path), "%s/.config/git/ignore", place->home);
    if (random_below(2))
        write_patterns(path);
    snprintf(root, sizeof(root), "%s/%s", place->top, prefix);
    grow_tree(root, 0);
    if (root_is_ignored(place, prefix))
        return;
    struct ctx_source source = {
        .name = (char *)"s", .root = root, .home = place->home, .include = { all, 1 }
    };
    struct ctx_ignore_rules *rules;
    assert_int_equal(ctx_ignore_rules_new(&source, NULL, NULL, 0, &rules, NULL), 0);
    judgement.rules = rules;
    judgement.prefix = prefix;
    judgement.n = 0;
    judge(&judgement, NULL, "", open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), NULL);
    ctx_ignore_rules_free(rules);
    compare(place, &judgement, seed);
}

static void make_place(struct place *place)
{
    strcpy(place->home, "/tmp/ctx-ignore-XXXXXX");
    assert_non_null(mkdtemp(place->home));
    snprintf(place->top, sizeof(place->top), "%s/tree", place->home);
    snprintf(place->list, sizeof(place->list), "%s/list", place->home);
    snprintf(place->answer, sizeof(place->answer), "%s/answer", place->home);
    setenv("HOME", place->home, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CEILING_DIRECTORIES", place->home, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_CONFIG_GLOBAL");
    unsetenv("GIT_DIR");
    unsetenv("GIT_WORK_TREE");
}

static void ignore_agrees_with_git(void **state)
{
    struct place place;
    (void)state;
    if (system("git --version > /dev/null 2>&1") != 0) {
        print_message("skipped: there is no git\n");
        skip();
    }
    make_place(&place);
    const char *wanted = getenv("CTX_TEST_SEED");
    uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : 0;
    if (wanted) {
        try_tree(&place, seed);
    } else {
        assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
        for (uint64_t i = 0; i < FIXED_TREES; i++)
            try_tree(&place, i);
        for (uint64_t i = 0; i < RANDOM_TREES; i++)
            try_tree(&place, seed + i);
    }
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", place.home);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(ignore_agrees_with_git) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
