/*
 * Verdicts. A path is put together only when a pattern asks for one. Pure; any thread.
 */
#include "document/ignore.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/ignore_dir.h"
#include "document/ignore_rules.h"

enum { PREFIX_MAX = CTX_LIMIT_PATH };

static const char *const git_rules[] = { "info/exclude", "core.excludesFile" };

static const char *const never_entered[] = { ".contextor", ".git", "node_modules" };

/* An entry that is being judged. */
struct subject {
    const struct ctx_ignore_dir *dir;
    const char *name;
    size_t name_len;
    bool is_dir;
    bool too_long;
    char *path; /* from the root, at the end of `bytes`; NULL until asked for */
    size_t path_len;
    char bytes[PREFIX_MAX + CTX_LIMIT_PATH + 1];
};

/* Puts the path together, from the end of the buffer forwards. */
static void need_path(struct subject *subject)
{
    if (subject->path)
        return;
    char *end = subject->bytes + sizeof(subject->bytes), *at = end;
    char *limit = subject->bytes + PREFIX_MAX;
    const char *name = subject->name;
    size_t len = subject->name_len;
    const struct ctx_ignore_dir *dir = subject->dir;
    for (;;) {
        if ((size_t)(at - limit) < len + 1) {
            subject->too_long = true;
            break;
        }
        at -= len;
        memcpy(at, name, len);
        if (!dir->parent)
            break;
        *--at = '/';
        name = dir->name;
        len = dir->name_len;
        dir = dir->parent;
    }
    subject->path = at;
    subject->path_len = (size_t)(end - at);
}

static const struct ctx_ignore_rule *find(struct subject *subject,
                                          const struct ctx_ignore_rule_list *list)
{
    if (list->needs_path)
        need_path(subject);
    return ctx_ignore_rule_find(list, subject->name, subject->name_len, subject->path,
                                subject->path_len, subject->is_dir);
}

static void give(struct ctx_ignore_reason *reason, const char *rule, const char *pattern,
                 const char *file, unsigned line)
{
    if (reason)
        *reason = (struct ctx_ignore_reason){ rule, pattern, file, line };
}

/* The pattern of an ignore file that decides; the path is cut to the file's own directory. */
static const struct ctx_ignore_pattern *
match_file(struct subject *subject, const struct ctx_ignore_file *file, size_t path_len)
{
    need_path(subject);
    const char *end = subject->path + subject->path_len;
    return ctx_ignore_file_match(file, subject->name, subject->name_len, end - path_len, path_len,
                                 subject->is_dir);
}

/* Whether a deciding pattern takes away. */
static bool decide(const struct ctx_ignore_pattern *pattern, const struct ctx_ignore_file *file,
                   const char *rule, struct ctx_ignore_reason *reason)
{
    if (!pattern->negated)
        give(reason, rule, pattern->text, ctx_ignore_file_label(file), pattern->line);
    return !pattern->negated;
}

/* The same for the files of the repository, which stand at the top of the work tree. */
static bool ignored_by_git(struct subject *subject, struct ctx_ignore_reason *reason)
{
    const struct ctx_ignore_rules *rules = subject->dir->rules;
    size_t prefix = rules->git_prefix ? strlen(rules->git_prefix) : 0;
    for (size_t i = 0; i < CTX_ARRAY_LEN(git_rules); i++) {
        const struct ctx_ignore_file *file = rules->git_files[i];
        if (!file)
            continue;
        need_path(subject);
        memcpy(subject->path - prefix, rules->git_prefix, prefix);
        const struct ctx_ignore_pattern *pattern =
            match_file(subject, file, subject->path_len + prefix);
        if (pattern)
            return decide(pattern, file, git_rules[i], reason);
    }
    return false;
}

static bool ignored_by_files(struct subject *subject, struct ctx_ignore_reason *reason)
{
    size_t path_len = subject->name_len;
    for (const struct ctx_ignore_dir *dir = subject->dir; dir; dir = dir->parent) {
        for (int kind = 0; dir->files && kind < CTX_IGNORE_KINDS; kind++) {
            const struct ctx_ignore_file *file = dir->files[kind];
            const struct ctx_ignore_pattern *pattern =
                file ? match_file(subject, file, path_len) : NULL;
            if (pattern)
                return decide(pattern, file, ctx_ignore_kinds[kind].rule, reason);
        }
        path_len += dir->name_len + 1U;
    }
    return ignored_by_git(subject, reason);
}

/* Why the directory that a subject is in is taken away: the outermost that is. */
static void explain_directory(const struct subject *subject, struct ctx_ignore_reason *reason);

/* Whether exclude or an ignore file takes an entry away, or its directory was. */
static bool taken_away(struct subject *subject, struct ctx_ignore_reason *reason)
{
    if (subject->dir->excluded) {
        explain_directory(subject, reason);
        return true;
    }
    const struct ctx_ignore_rule *rule = find(subject, &subject->dir->rules->exclude);
    if (rule) {
        give(reason, "exclude", rule->text, "", 0);
        return true;
    }
    return ignored_by_files(subject, reason);
}

static void begin(struct subject *subject, const struct ctx_ignore_dir *dir, const char *name,
                  bool is_dir)
{
    subject->dir = dir;
    subject->name = name;
    subject->name_len = strlen(name);
    subject->is_dir = is_dir;
    subject->too_long = false;
    subject->path = NULL;
    subject->path_len = 0;
}

static void explain_directory(const struct subject *subject, struct ctx_ignore_reason *reason)
{
    const struct ctx_ignore_dir *dir = subject->dir;
    if (!reason)
        return;
    while (dir->parent && dir->parent->excluded)
        dir = dir->parent;
    struct subject outer;
    begin(&outer, dir->parent, dir->name, true);
    taken_away(&outer, reason);
}

static enum ctx_verdict check_file(struct subject *subject, struct ctx_ignore_reason *reason)
{
    const struct ctx_ignore_rules *rules = subject->dir->rules;
    const struct ctx_ignore_rule *include = find(subject, &rules->include);
    const struct ctx_ignore_rule *force = find(subject, &rules->force);
    if (subject->too_long) {
        give(reason, "path too long", "", "", 0);
        return CTX_VERDICT_IGNORE;
    }
    const struct ctx_ignore_rule *temporary =
        include || force || reason ? find(subject, &rules->temporary) : NULL;
    if (temporary) {
        give(reason, "temporary", temporary->text, "", 0);
        return CTX_VERDICT_IGNORE;
    }
    if (!include && (!force || force->filtered)) {
        give(reason, "not included", "", "", 0);
        return CTX_VERDICT_IGNORE;
    }
    if (force) {
        give(reason, "force_include", force->text, "", 0);
        return CTX_VERDICT_DOCUMENT;
    }
    if (taken_away(subject, reason))
        return CTX_VERDICT_IGNORE;
    give(reason, "include", include->text, "", 0);
    return CTX_VERDICT_DOCUMENT;
}

/* The table's own string, which outlives the question; NULL: it may be entered. */
static const char *find_never_entered(const char *name)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(never_entered); i++)
        if (strcmp(never_entered[i], name) == 0)
            return never_entered[i];
    return NULL;
}

static bool is_output(struct subject *subject)
{
    const struct ctx_ignore_rules *rules = subject->dir->rules;
    for (size_t i = 0; i < rules->n_outputs; i++) {
        const char *slash = strrchr(rules->outputs[i], '/');
        if (strcmp(slash ? slash + 1 : rules->outputs[i], subject->name) != 0)
            continue;
        need_path(subject);
        if (strlen(rules->outputs[i]) == subject->path_len &&
            memcmp(rules->outputs[i], subject->path, subject->path_len) == 0)
            return true;
    }
    return false;
}

/* The first rule that could match something below a directory; NULL: none could. */
static const struct ctx_ignore_rule *find_below(struct subject *subject,
                                                const struct ctx_ignore_rule_list *list)
{
    char directory[CTX_LIMIT_PATH + 2];
    size_t len = 0;
    if (list->needs_path) {
        need_path(subject);
        if (subject->too_long)
            return NULL;
        memcpy(directory, subject->path, subject->path_len);
        directory[subject->path_len] = '/';
        len = subject->path_len + 1;
    }
    for (size_t i = 0; i < list->n; i++)
        if (ctx_glob_could_match_below(&list->items[i].glob, directory, len))
            return &list->items[i];
    return NULL;
}

/* The exclude pattern that ends in `**` and takes away all below a directory, so it need not be read. */
static const struct ctx_ignore_rule *find_emptied(struct subject *subject)
{
    const struct ctx_ignore_rule_list *list = &subject->dir->rules->exclude;
    for (size_t i = 0; i < list->n; i++) {
        char below[CTX_LIMIT_PATH + 2];
        if (!list->items[i].glob.all_below)
            continue;
        need_path(subject);
        memcpy(below, subject->path, subject->path_len);
        memcpy(below + subject->path_len, "/x", 2);
        if (ctx_glob_match(&list->items[i].glob, "x", 1, below, subject->path_len + 2))
            return &list->items[i];
    }
    return NULL;
}

static bool directory_taken_away(struct subject *subject, struct ctx_ignore_reason *reason)
{
    if (taken_away(subject, reason))
        return true;
    const struct ctx_ignore_rule *emptied = find_emptied(subject);
    if (emptied)
        give(reason, "exclude", emptied->text, "", 0);
    return emptied != NULL;
}

static enum ctx_verdict check_directory(struct subject *subject, struct ctx_ignore_reason *reason)
{
    const struct ctx_ignore_rules *rules = subject->dir->rules;
    const char *never = find_never_entered(subject->name);
    if (never) {
        give(reason, "never entered", never, "", 0);
        return CTX_VERDICT_IGNORE;
    }
    if (is_output(subject)) {
        give(reason, "output", "", "", 0);
        return CTX_VERDICT_IGNORE;
    }
    const struct ctx_ignore_rule *force = find_below(subject, &rules->force);
    if (directory_taken_away(subject, reason)) {
        if (!force)
            return CTX_VERDICT_IGNORE;
        give(reason, "force_include", force->text, "", 0);
        return CTX_VERDICT_ENTER;
    }
    const struct ctx_ignore_rule *include = find_below(subject, &rules->include);
    if (subject->too_long)
        give(reason, "path too long", "", "", 0);
    else if (include)
        give(reason, "include", include->text, "", 0);
    else if (force)
        give(reason, "force_include", force->text, "", 0);
    else
        give(reason, "not included", "", "", 0);
    return !subject->too_long && (include || force) ? CTX_VERDICT_ENTER : CTX_VERDICT_IGNORE;
}

enum ctx_verdict ctx_ignore_check(const struct ctx_ignore_dir *dir, const char *name, bool is_dir,
                                  struct ctx_ignore_reason *reason)
{
    struct subject subject;
    begin(&subject, dir, name, is_dir);
    return is_dir ? check_directory(&subject, reason) : check_file(&subject, reason);
}

bool ctx_ignore_takes_away(const struct ctx_ignore_dir *parent, const char *name)
{
    struct subject subject;
    if (!parent || parent->excluded)
        return parent != NULL;
    begin(&subject, parent, name, true);
    return directory_taken_away(&subject, NULL);
}
