/*
 * Compiling patterns. The common shapes (`name`, `*.md`, `docs*`, `docs/a.md`) are kept as the bytes
 * to compare; everything else becomes a small program of steps. Pure; any thread.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/glob.h"
#include "document/glob_program.h"

static const struct {
    const char *name;
    int (*contains)(int byte);
} named_classes[] = {
    { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
    { "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
    { "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

struct compiler {
    const char *at, *end;
    struct ctx_buffer program;
    size_t literal; /* offset of the count of a literal that may grow; 0: none */
    enum ctx_glob_step last;
    bool broken; /* can never match */
};

static void put_step(struct compiler *compiler, enum ctx_glob_step step)
{
    ctx_buffer_putc(&compiler->program, (char)step);
    compiler->last = step;
    compiler->literal = 0;
}

static void put_literal(struct compiler *compiler, char byte)
{
    struct ctx_buffer *program = &compiler->program;
    if (compiler->literal &&
        (unsigned char)program->data[compiler->literal] < CTX_GLOB_LITERAL_MAX) {
        program->data[compiler->literal]++;
    } else {
        put_step(compiler, CTX_GLOB_LITERAL);
        compiler->literal = program->len;
        ctx_buffer_putc(program, 1);
    }
    ctx_buffer_putc(program, byte);
    if (program->status < 0)
        compiler->literal = 0;
}

static void put_byte(struct compiler *compiler, char byte)
{
    if (byte == '/')
        put_step(compiler, CTX_GLOB_SLASH);
    else
        put_literal(compiler, byte);
}

static void set(unsigned char *bitmap, unsigned from, unsigned to)
{
    for (unsigned byte = from; byte <= to; byte++)
        bitmap[byte / 8] |= (unsigned char)(1 << byte % 8);
}

/* The bytes of "[:name:]" in ASCII. False when there is no such name. */
static bool set_named(unsigned char *bitmap, const char *name, size_t len)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(named_classes); i++) {
        if (strlen(named_classes[i].name) != len || memcmp(named_classes[i].name, name, len) != 0)
            continue;
        for (unsigned byte = 0; byte < 128; byte++)
            if (named_classes[i].contains((int)byte))
                set(bitmap, byte, byte);
        return true;
    }
    return false;
}

/*
 * "[:name:]" at `at`: sets its bytes and returns where it ends, or NULL with `broken` for a name that
 * there is not. Where no ":]" ends it, `[` stands for itself: returns `at` + 1.
 */
static const char *parse_named(struct compiler *compiler, const char *at, unsigned char *bitmap)
{
    const char *close = memchr(at + 2, ']', (size_t)(compiler->end - at - 2));
    if (!close)
        return NULL;
    if (close < at + 3 || close[-1] != ':') {
        set(bitmap, '[', '[');
        return at + 1;
    }
    return set_named(bitmap, at + 2, (size_t)(close - 1 - (at + 2))) ? close + 1 : NULL;
}

/* One byte of a class, a `\` before it taken away. -1 at the pattern's end. */
static int class_byte(const char **at, const char *end)
{
    if (*at < end && **at == '\\')
        ++*at;
    return *at < end ? (unsigned char)*(*at)++ : -1;
}

/* One member of a class at `at`. `before` is the byte that a range may begin with, or -1. */
static const char *parse_member(struct compiler *compiler, const char *at, int *before,
                                unsigned char *bitmap)
{
    const char *end = compiler->end;
    if (*at == '-' && *before >= 0 && end - at > 1 && at[1] != ']') {
        at++;
        int to = class_byte(&at, end);
        if (to >= *before)
            set(bitmap, (unsigned)*before, (unsigned)to);
        *before = -1;
        return to < 0 ? NULL : at;
    }
    if (*at == '[' && end - at > 1 && at[1] == ':') {
        const char *next = parse_named(compiler, at, bitmap);
        *before = next == at + 1 ? '[' : -1;
        return next;
    }
    *before = class_byte(&at, end);
    if (*before < 0)
        return NULL;
    set(bitmap, (unsigned)*before, (unsigned)*before);
    return at;
}

/* A class, from behind its `[`. A `]` that comes first is a member. */
static void parse_class(struct compiler *compiler)
{
    unsigned char bitmap[CTX_GLOB_BITMAP] = { 0 };
    const char *at = compiler->at, *end = compiler->end;
    bool negated = at < end && (*at == '!' || *at == '^');
    int before = -1;
    at += negated;
    const char *first = at;
    while (at && at < end && (*at != ']' || at == first))
        at = parse_member(compiler, at, &before, bitmap);
    if (!at || at >= end) {
        compiler->broken = true;
        compiler->at = end;
        return;
    }
    for (size_t i = 0; negated && i < CTX_GLOB_BITMAP; i++)
        bitmap[i] = (unsigned char)~bitmap[i];
    put_step(compiler, CTX_GLOB_CLASS);
    ctx_buffer_append(&compiler->program, bitmap, CTX_GLOB_BITMAP);
    compiler->at = at + 1;
}

/* Stars, from the first one; `begins` where a component does. */
static void parse_stars(struct compiler *compiler, bool begins)
{
    const char *at = compiler->at, *end = compiler->end;
    size_t stars = 0;
    while (at + stars < end && at[stars] == '*')
        stars++;
    at += stars;
    compiler->at = at;
    if (stars == 1 || !begins) {
        put_step(compiler, CTX_GLOB_STAR);
    } else if (at == end) {
        put_step(compiler, CTX_GLOB_REST);
    } else if (*at == '/') {
        put_step(compiler, CTX_GLOB_DEEP);
        compiler->at++;
    } else if (end - at > 1 && at[0] == '\\' && at[1] == '/') {
        /* git: a slash that is escaped takes one component at least. */
        put_step(compiler, CTX_GLOB_STAR);
        put_step(compiler, CTX_GLOB_SLASH);
        put_step(compiler, CTX_GLOB_DEEP);
        compiler->at += 2;
    } else {
        put_step(compiler, CTX_GLOB_STAR);
    }
}

static void compile(struct compiler *compiler, bool path)
{
    const char *begin = compiler->at;
    while (compiler->at < compiler->end && !compiler->broken) {
        const char *at = compiler->at;
        bool begins = path && (at == begin || at[-1] == '/');
        switch (*at) {
        case '*':
            parse_stars(compiler, begins);
            break;
        case '?':
            put_step(compiler, CTX_GLOB_ANY);
            compiler->at++;
            break;
        case '[':
            compiler->at++;
            parse_class(compiler);
            break;
        case '\\':
            compiler->at += 2;
            compiler->broken = compiler->at > compiler->end;
            if (!compiler->broken)
                put_byte(compiler, at[1]);
            break;
        default:
            compiler->at++;
            put_byte(compiler, *at);
        }
    }
}

static bool is_literal(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr("*?[\\", bytes[i]))
            return false;
    return true;
}

/* Cuts what says the same twice: a leading slash, and a leading `**` with one component behind it. */
static void trim(const char **pattern, size_t *len, bool *ret_path)
{
    size_t n = *len;
    const char *at = *pattern;
    if (n >= 3 && memcmp(at, "**/", 3) == 0 && !memchr(at + 3, '/', n - 3)) {
        *ret_path = false;
        at += 3;
        n -= 3;
    } else {
        *ret_path = memchr(at, '/', n) != NULL;
        if (n > 0 && *at == '/') {
            at++;
            n--;
        }
    }
    *pattern = at;
    *len = n;
}

static int store(struct ctx_glob *glob, enum ctx_glob_shape shape, const char *bytes, size_t len)
{
    glob->program = malloc(len + 1);
    if (!glob->program)
        return -ENOMEM;
    memcpy(glob->program, bytes, len);
    glob->program[len] = '\0';
    glob->len = (unsigned)len;
    glob->shape = (unsigned char)shape;
    return 0;
}

static int compile_steps(struct ctx_glob *glob, const char *pattern, size_t len)
{
    struct compiler compiler = { .at = pattern, .end = pattern + len };
    ctx_buffer_init(&compiler.program, CTX_LIMIT_CONFIG_FILE * (CTX_GLOB_BITMAP + 1));
    compile(&compiler, glob->needs_path);
    glob->all_below = compiler.last == CTX_GLOB_REST;
    glob->tail = (unsigned)compiler.literal;
    put_step(&compiler, CTX_GLOB_END);
    int r = ctx_buffer_status(&compiler.program);
    if (r == 0)
        r = store(glob,
                  compiler.broken    ? CTX_GLOB_NEVER
                  : glob->needs_path ? CTX_GLOB_PATH
                                     : CTX_GLOB_NAME,
                  compiler.program.data, compiler.program.len);
    ctx_buffer_deinit(&compiler.program);
    return r < 0 ? -ENOMEM : compiler.broken ? -EINVAL : 0;
}

int ctx_glob_init(struct ctx_glob *ret_glob, const char *pattern, size_t len)
{
    struct ctx_glob glob = { .dir_only = len > 0 && pattern[len - 1] == '/' };
    bool path;
    len -= glob.dir_only;
    trim(&pattern, &len, &path);
    glob.needs_path = path;
    int r;
    if (len == 0)
        r = store(&glob, CTX_GLOB_NEVER, pattern, 0) < 0 ? -ENOMEM : -EINVAL;
    else if (is_literal(pattern, len))
        r = store(&glob, path ? CTX_GLOB_PATH_IS : CTX_GLOB_NAME_IS, pattern, len);
    else if (!path && *pattern == '*' && is_literal(pattern + 1, len - 1))
        r = store(&glob, CTX_GLOB_NAME_ENDS, pattern + 1, len - 1);
    else if (!path && pattern[len - 1] == '*' && is_literal(pattern, len - 1))
        r = store(&glob, CTX_GLOB_NAME_BEGINS, pattern, len - 1);
    else
        r = compile_steps(&glob, pattern, len);
    if (r != -ENOMEM)
        *ret_glob = glob;
    return r;
}

void ctx_glob_deinit(struct ctx_glob *glob)
{
    free(glob->program);
    glob->program = NULL;
}
