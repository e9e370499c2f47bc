/*
 * A source's rules: the patterns of its configuration, the table of editors' temporary files, the
 * outputs. Immutable once made; shared by all threads.
 */
#include "document/ignore_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/paths.h"

/*
 * What editors and copying programs write for a moment beside a document. Names that a document
 * could have are kept out of it: rsync's is taken with two dots before the six characters alone.
 */
static const char *const temporary_names[] = {
    /* vim: probes for a writable directory (4913, then 123 more each time), backups, swap, undo */
    "4913",
    "5036",
    "5159",
    "5282",
    "*~",
    ".*.sw?",
    ".sw?",
    "*.un~",
    /* emacs: locks, autosaves */
    ".#*",
    "#*#",
    /* JetBrains */
    "*___jb_tmp___",
    "*___jb_old___",
    "*___jb_bak___",
    /* gedit and whatever writes through GIO; helix; kate; LibreOffice */
    ".goutputstream-*",
    "*.bck",
    ".*.kate-swp",
    ".~lock.*#",
    /* rsync, sed -i */
    ".*.*.[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]",
    "sed[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]",
    /* removed but still open: NFS, FUSE */
    ".nfs[0-9a-f]*",
    ".fuse_hidden*",
};

static const char *const default_include[] = { "**/*.md", "**/*.mdx" };

static bool match(const struct ctx_ignore_rule *rule, const char *name, size_t name_len,
                  const char *path, size_t path_len, bool is_dir)
{
    return (is_dir || !rule->glob.dir_only) &&
           ctx_glob_match(&rule->glob, name, name_len, path, path_len);
}

const struct ctx_ignore_rule *ctx_ignore_rule_find(const struct ctx_ignore_rule_list *list,
                                                   const char *name, size_t name_len,
                                                   const char *path, size_t path_len, bool is_dir)
{
    for (size_t i = 0; i < list->n; i++)
        if (match(&list->items[i], name, name_len, path, path_len, is_dir))
            return &list->items[i];
    return NULL;
}

static int grow(struct ctx_ignore_rule_list *list)
{
    size_t capacity = list->capacity ? 2 * list->capacity : 8;
    void *grown = reallocarray(list->items, capacity, sizeof(*list->items));
    if (!grown)
        return -ENOMEM;
    list->items = grown;
    list->capacity = capacity;
    return 0;
}

/* Adds one compiled pattern; `text` is what reasons show. 0, -EINVAL: cannot match, -ENOMEM. */
static int add(struct ctx_ignore_rule_list *list, const char *pattern, const char *text,
               bool filtered)
{
    struct ctx_ignore_rule rule = { .filtered = filtered };
    if (list->n == list->capacity && grow(list) < 0)
        return -ENOMEM;
    int r = ctx_glob_init(&rule.glob, pattern, strlen(pattern));
    if (r < 0) {
        if (r != -ENOMEM)
            ctx_glob_deinit(&rule.glob);
        return r;
    }
    rule.text = strdup(text);
    if (!rule.text) {
        ctx_glob_deinit(&rule.glob);
        return -ENOMEM;
    }
    list->needs_path = list->needs_path || rule.glob.needs_path;
    list->items[list->n++] = rule;
    return 0;
}

/* The pattern of what lies below directories that `pattern` names. */
static int add_below(struct ctx_ignore_rule_list *list, const char *pattern, const char *what,
                     const char *text, bool filtered)
{
    char *below;
    size_t len = strlen(pattern);
    while (len > 0 && pattern[len - 1] == '/')
        len--;
    const char *anywhere = memchr(pattern, '/', len) ? "" : "**/";
    if (asprintf(&below, "%s%.*s/%s", anywhere, (int)len, pattern, what) < 0)
        return -ENOMEM;
    int r = add(list, below, text, filtered);
    free(below);
    return r;
}

static bool has_wildcard(const char *component)
{
    return strpbrk(component, "*?[") != NULL;
}

/* Whether a pattern may stand for a directory: it ends in a slash, or in a name without wildcards. */
static bool names_directory(const char *pattern)
{
    const char *slash = strrchr(pattern, '/');
    return (slash && slash[1] == '\0') || !has_wildcard(slash ? slash + 1 : pattern);
}

static int add_include(struct ctx_ignore_rules *rules, const char *pattern, const char *text)
{
    int r = pattern[strlen(pattern) - 1] == '/' ? 0 : add(&rules->include, pattern, text, false);
    if (!names_directory(pattern))
        return r;
    for (size_t i = 0; r == 0 && i < CTX_ARRAY_LEN(default_include); i++)
        r = add_below(&rules->include, pattern, default_include[i], text, false);
    return r;
}

static int add_exclude(struct ctx_ignore_rules *rules, const char *pattern, const char *text)
{
    return add(&rules->exclude, pattern, text, false);
}

static int add_force(struct ctx_ignore_rules *rules, const char *pattern, const char *text)
{
    const char *slash = strrchr(pattern, '/');
    const char *last = slash ? slash + 1 : pattern;
    bool all = strspn(last, "*") == strlen(last); /* "*", "**", and "" behind a slash */
    int r = *last == '\0' ? 0 : add(&rules->force, pattern, text, all);
    if (r == 0 && names_directory(pattern))
        r = add_below(&rules->force, pattern, "**", text, true);
    return r;
}

static int add_temporary(struct ctx_ignore_rules *rules, const char *pattern, const char *text)
{
    return add(&rules->temporary, pattern, text, false);
}

struct adder {
    const char *key; /* of the configuration, for messages */
    int (*add)(struct ctx_ignore_rules *rules, const char *pattern, const char *text);
};

static const struct adder includes = { "include", add_include };
static const struct adder excludes = { "exclude", add_exclude };
static const struct adder forces = { "force_include", add_force };
static const struct adder temporaries = { "ignore_temporary", add_temporary };

/* What is wrong with a pattern of the configuration before it is compiled; NULL: nothing. */
static const char *complaint(const char *pattern)
{
    if (!*pattern || strcmp(pattern, "/") == 0)
        return "is empty; remove it";
    if (*pattern == '!')
        return "begins with '!'; list it under exclude or force_include instead (write \\! for a "
               "name that begins so)";
    if (strncmp(pattern, "../", 3) == 0 || strstr(pattern, "/../") || strcmp(pattern, "..") == 0)
        return "leads out of the root; patterns are relative to it";
    return NULL;
}

static int add_pattern(struct ctx_ignore_rules *rules, const struct adder *adder,
                       const char *pattern, struct ctx_error *error)
{
    const char *wrong = complaint(pattern);
    const char *text = pattern;
    if (wrong)
        return ctx_error_set(error, -EINVAL, "%s: \"%s\" %s", adder->key, pattern, wrong);
    /* "./docs" is how shells write what patterns write as "/docs". */
    if (strncmp(pattern, "./", 2) == 0)
        pattern++;
    int r = adder->add(rules, pattern, text);
    if (r == -EINVAL)
        return ctx_error_set(error, r,
                             "%s: \"%s\" can match nothing; close its '[', and write no '\\' at "
                             "its end",
                             adder->key, text);
    return r < 0 ? ctx_error_set(error, r, "%s: out of memory", adder->key) : 0;
}

static int add_all(struct ctx_ignore_rules *rules, const struct adder *adder,
                   const char *const *patterns, size_t n, struct ctx_error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = add_pattern(rules, adder, patterns[i], error);
    return r;
}

static int add_list(struct ctx_ignore_rules *rules, const struct adder *adder,
                    const struct ctx_string_list *list, struct ctx_error *error)
{
    return add_all(rules, adder, (const char *const *)list->items, list->n, error);
}

/* Remembers an output that lies below the root. */
static int add_output(struct ctx_ignore_rules *rules, const char *output)
{
    const char *root = rules->root;
    CTX_AUTO_FREE char *resolved = ctx_path_resolve(output);
    if (!resolved)
        return -ENOMEM;
    if (!ctx_path_is_below(resolved, root) || !*ctx_path_inside(resolved, root))
        return 0;
    char *inside = strdup(ctx_path_inside(resolved, root));
    if (!inside)
        return -ENOMEM;
    rules->outputs[rules->n_outputs++] = inside;
    return 0;
}

static int add_outputs(struct ctx_ignore_rules *rules, const struct ctx_source *source,
                       const char *const *outputs, size_t n)
{
    rules->root = ctx_path_resolve(source->root);
    rules->outputs = calloc(n + 1, sizeof(*rules->outputs));
    if (!rules->outputs || !rules->root)
        return -ENOMEM;
    int r = source->output ? add_output(rules, source->output) : 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = add_output(rules, outputs[i]);
    return r;
}

static int fill(struct ctx_ignore_rules *rules, const struct ctx_source *source,
                const struct ctx_string_list *temporary, struct ctx_error *error)
{
    int r = source->include.n > 0
                ? add_list(rules, &includes, &source->include, error)
                : add_all(rules, &includes, default_include, CTX_ARRAY_LEN(default_include), error);
    if (r == 0)
        r = add_list(rules, &excludes, &source->exclude, error);
    if (r == 0)
        r = add_list(rules, &forces, &source->force_include, error);
    if (r == 0)
        r = add_all(rules, &temporaries, temporary_names, CTX_ARRAY_LEN(temporary_names), error);
    if (r == 0 && temporary)
        r = add_list(rules, &temporaries, temporary, error);
    return r;
}

int ctx_ignore_rules_new(const struct ctx_source *source, const struct ctx_string_list *temporary,
                         const char *const *outputs, size_t n_outputs,
                         struct ctx_ignore_rules **ret_rules, struct ctx_error *error)
{
    struct ctx_ignore_rules *rules = calloc(1, sizeof(*rules));
    if (!rules)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", source->name);
    int r = fill(rules, source, temporary, error);
    if (r == 0) {
        r = add_outputs(rules, source, outputs, n_outputs);
        if (r == 0)
            r = ctx_ignore_rules_read_git(rules, source->home, source->config_home);
        if (r < 0)
            ctx_error_set(error, r, "%s: out of memory", source->name);
    }
    if (r < 0) {
        ctx_ignore_rules_free(rules);
        return r;
    }
    *ret_rules = rules;
    return 0;
}

int ctx_ignore_rules_configured(const struct ctx_config *config, const struct ctx_source *source,
                                struct ctx_ignore_rules **ret_rules, struct ctx_error *error)
{
    size_t n = 0;
    CTX_AUTO_FREE const char **outputs = calloc(2 * config->n_sources + 1, sizeof(*outputs));
    if (!outputs)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", source->name);
    for (size_t i = 0; i < config->n_sources; i++) {
        const struct ctx_source *other = &config->sources[i];
        if (other->output)
            outputs[n++] = other->output;
        if (other->output_in_file)
            outputs[n++] = other->output_in_file;
    }
    return ctx_ignore_rules_new(source, &config->watching.ignore_temporary, outputs, n, ret_rules,
                                error);
}

static void free_list(struct ctx_ignore_rule_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        ctx_glob_deinit(&list->items[i].glob);
        free(list->items[i].text);
    }
    free(list->items);
}

void ctx_ignore_rules_free(struct ctx_ignore_rules *rules)
{
    if (!rules)
        return;
    free_list(&rules->include);
    free_list(&rules->exclude);
    free_list(&rules->force);
    free_list(&rules->temporary);
    for (size_t i = 0; i < rules->n_outputs; i++)
        free(rules->outputs[i]);
    free(rules->outputs);
    for (size_t i = 0; i < CTX_IGNORE_GIT_FILES; i++)
        ctx_ignore_file_free(rules->git_files[i]);
    for (size_t i = 0; i < CTX_IGNORE_ORIGINS; i++)
        free(rules->origins[i].path);
    free(rules->git_prefix);
    free(rules->root);
    free(rules);
}
