/*
 * Built and run once, while contextor is: fills the marks of contextord.json.5.scd (stdin to
 * stdout) from the table of keys, so that the page cannot differ from what the program does.
 *   manual EXAMPLE PROJECTS_DIR < contextord.json.5.scd
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "config/keys.h"
#include "contextor/transform.h"

/* Text for scdoc, which takes these for markup. */
static void put(const char *text)
{
    for (; *text; text++) {
        if (strchr("_*\\", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void put_facts(const struct ctx_key *key)
{
    char expected[512];
    ctx_key_expects(key, expected, sizeof(expected));
    putchar('(');
    put(expected);
    if (key->fallback || key->otherwise) {
        fputs("; default ", stdout);
        put(key->fallback ? key->fallback : key->otherwise);
    }
    if (key->flag) {
        fputs("; flag ", stdout);
        put(key->flag);
    }
    putchar(')');
}

/* Keys in the order of the table; an object's own line comes before its members'. */
static void put_keys(const struct ctx_key *tree, const char *prefix)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        CTX_AUTO_FREE char *path = NULL;
        if (key->type == CTX_KEY_IGNORED)
            continue;
        if (asprintf(&path, "%s%s%s%s", prefix, prefix[0] ? "." : "", key->name,
                     key->type == CTX_KEY_OBJECTS ? "[]" : "") < 0)
            exit(EXIT_FAILURE);
        putchar('*');
        put(path);
        fputs("* ", stdout);
        put_facts(key);
        fputs("\n\t", stdout);
        put(key->help);
        fputs("\n\n", stdout);
        /* A source's transforms are those at the top, which follow. */
        if (strcmp(path, "sources[].transforms") != 0)
            put_keys(key, path);
    }
}

static void put_forms(void)
{
    size_t n;
    const char *const *names = ctx_component_form_names(&n);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", *" : "*", stdout);
        put(names[i]);
        putchar('*');
    }
}

static void put_rules(void)
{
    size_t n;
    const struct ctx_size_rule *rules = ctx_size_rules(&n);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? "\n*" : "*", stdout);
        put(rules[i].name);
        fputs("*\n\t", stdout);
        put(rules[i].help);
        putchar('\n');
    }
}

static void put_file(const char *path)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    if (ctx_file_read_path(path, &text) < 0) {
        fprintf(stderr, "manual: %s cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        ctx_buffer_truncate(&text, text.len - 1);
    fputs(ctx_buffer_str(&text), stdout);
}

static void put_mark(const char *mark, size_t len, char **argv)
{
    static const struct ctx_key *const trees[] = { &ctx_config_key, &ctx_preset_key };
    if (strncmp(mark, "KEYS", len) == 0)
        put_keys(trees[0], "");
    else if (strncmp(mark, "PRESET_KEYS", len) == 0)
        put_keys(trees[1], "");
    else if (strncmp(mark, "FORMS", len) == 0)
        put_forms();
    else if (strncmp(mark, "RULES", len) == 0)
        put_rules();
    else if (strncmp(mark, "EXAMPLE", len) == 0)
        put_file(argv[1]);
    else if (strncmp(mark, "PROJECTS_DIR", len) == 0)
        put(argv[2]);
}

int main(int argc, char **argv)
{
    char line[1024];
    if (argc != 3)
        return EXIT_FAILURE;
    while (fgets(line, sizeof(line), stdin)) {
        char *mark = strchr(line, '@'), *end = mark ? strchr(mark + 1, '@') : NULL;
        if (!end) {
            fputs(line, stdout);
            continue;
        }
        fwrite(line, 1, (size_t)(mark - line), stdout);
        put_mark(mark + 1, (size_t)(end - mark - 1), argv);
        fputs(end + 1, stdout);
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
