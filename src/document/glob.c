/*
 * Compiling and matching patterns. The common shapes (`name`, `*.md`, `docs*`, `docs/a.md`) compare
 * bytes; everything else runs a small program of steps. Pure; any thread.
 */
#include "document/glob.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"

enum shape {
    NEVER,
    NAME_IS,     /* the last component is `program` */
    NAME_ENDS,   /* … ends with it */
    NAME_BEGINS, /* … begins with it */
    NAME,        /* … is matched by the steps */
    PATH_IS,     /* the path is `program` */
    PATH,        /* … is matched by the steps */
};

/* The steps of a program. `LITERAL n bytes…`; `CLASS` and a bitmap of 256 bits; the rest alone. */
enum step {
    END,
    LITERAL,
    ANY,   /* one byte but '/' */
    CLASS, /* one byte of a set but '/' */
    STAR,  /* any bytes but '/' */
    SLASH,
    DEEP, /* any number of components, each with its slash */
    REST, /* at least one byte: all that is left */
};

enum { BITMAP = 32, LITERAL_MAX = 255 };

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
    enum step last;
    bool broken; /* can never match */
};

static void put_step(struct compiler *compiler, enum step step)
{
    ctx_buffer_putc(&compiler->program, (char)step);
    compiler->last = step;
    compiler->literal = 0;
}

static void put_literal(struct compiler *compiler, char byte)
{
    struct ctx_buffer *program = &compiler->program;
    if (compiler->literal && (unsigned char)program->data[compiler->literal] < LITERAL_MAX) {
        program->data[compiler->literal]++;
    } else {
        put_step(compiler, LITERAL);
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
        put_step(compiler, SLASH);
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
    unsigned char bitmap[BITMAP] = { 0 };
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
    for (size_t i = 0; negated && i < BITMAP; i++)
        bitmap[i] = (unsigned char)~bitmap[i];
    put_step(compiler, CLASS);
    ctx_buffer_append(&compiler->program, bitmap, BITMAP);
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
        put_step(compiler, STAR);
    } else if (at == end) {
        put_step(compiler, REST);
    } else if (*at == '/') {
        put_step(compiler, DEEP);
        compiler->at++;
    } else if (end - at > 1 && at[0] == '\\' && at[1] == '/') {
        /* git: a slash that is escaped takes one component at least. */
        put_step(compiler, STAR);
        put_step(compiler, SLASH);
        put_step(compiler, DEEP);
        compiler->at += 2;
    } else {
        put_step(compiler, STAR);
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
            put_step(compiler, ANY);
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

static int store(struct ctx_glob *glob, enum shape shape, const char *bytes, size_t len)
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
    ctx_buffer_init(&compiler.program, CTX_LIMIT_CONFIG_FILE * (BITMAP + 1));
    compile(&compiler, glob->needs_path);
    glob->all_below = compiler.last == REST;
    glob->tail = (unsigned)compiler.literal;
    put_step(&compiler, END);
    int r = ctx_buffer_status(&compiler.program);
    if (r == 0)
        r = store(glob,
                  compiler.broken    ? NEVER
                  : glob->needs_path ? PATH
                                     : NAME,
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
        r = store(&glob, NEVER, pattern, 0) < 0 ? -ENOMEM : -EINVAL;
    else if (is_literal(pattern, len))
        r = store(&glob, path ? PATH_IS : NAME_IS, pattern, len);
    else if (!path && *pattern == '*' && is_literal(pattern + 1, len - 1))
        r = store(&glob, NAME_ENDS, pattern + 1, len - 1);
    else if (!path && pattern[len - 1] == '*' && is_literal(pattern, len - 1))
        r = store(&glob, NAME_BEGINS, pattern, len - 1);
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

/* Where a program is in a text, and where it may take another way. */
struct runner {
    const unsigned char *step;
    const char *text, *end;
    const unsigned char *star, *deep; /* the steps behind the last ones; NULL: none */
    const char *star_text, *deep_text;
};

/*
 * Takes the other way: lets the last star of this component, else the last `**`, have more. Stars of
 * earlier components cannot help: a slash ends a component wherever they end.
 */
static bool back_up(struct runner *runner)
{
    if (runner->star && runner->star_text < runner->end && *runner->star_text != '/') {
        runner->text = ++runner->star_text;
        runner->step = runner->star;
        return true;
    }
    if (!runner->deep)
        return false;
    const char *slash = memchr(runner->deep_text, '/', (size_t)(runner->end - runner->deep_text));
    if (!slash)
        return false;
    runner->text = runner->deep_text = slash + 1;
    runner->step = runner->deep;
    runner->star = NULL;
    return true;
}

/* Takes a step that consumes text. False when it does not fit. */
static bool consume(struct runner *runner)
{
    size_t rest = (size_t)(runner->end - runner->text);
    const unsigned char *step = runner->step;
    unsigned char byte = rest > 0 ? (unsigned char)*runner->text : '/';
    switch ((enum step) * step) {
    case LITERAL:
        if (step[1] > rest || memcmp(step + 2, runner->text, step[1]) != 0)
            return false;
        runner->text += step[1];
        runner->step += 2 + step[1];
        return true;
    case CLASS:
        if (byte == '/' || !(step[1 + byte / 8] & 1 << byte % 8))
            return false;
        runner->text++;
        runner->step += 1 + BITMAP;
        return true;
    case ANY:
        if (byte == '/')
            return false;
        break;
    default: /* SLASH */
        if (byte != '/' || rest == 0)
            return false;
        runner->star = NULL;
    }
    runner->text++;
    runner->step++;
    return true;
}

/*
 * Runs a program over a text. With `prefix`, whether any text that begins so could match: then the
 * text's end is enough, wherever the program is.
 */
static bool run(const struct ctx_glob *glob, const char *text, size_t len, bool prefix)
{
    struct runner runner = { .step = glob->program, .text = text, .end = text + len };
    for (;;) {
        if (prefix && runner.text == runner.end)
            return true;
        switch ((enum step) * runner.step) {
        case END:
            if (runner.text == runner.end)
                return true;
            if (!back_up(&runner))
                return false;
            break;
        case REST:
            return runner.text < runner.end;
        case STAR:
            runner.star = ++runner.step;
            runner.star_text = runner.text;
            break;
        case DEEP:
            if (prefix)
                return true;
            runner.deep = ++runner.step;
            runner.deep_text = runner.text;
            runner.star = NULL;
            break;
        default:
            if (!consume(&runner) && !back_up(&runner))
                return false;
        }
    }
}

/* Runs a program, unless its last literal already shows that it cannot match: most texts end there. */
static bool run_whole(const struct ctx_glob *glob, const char *text, size_t len)
{
    const unsigned char *tail = glob->program + glob->tail;
    if (glob->tail > 0 && (*tail > len || memcmp(tail + 1, text + len - *tail, *tail) != 0))
        return false;
    return run(glob, text, len, false);
}

bool ctx_glob_match(const struct ctx_glob *glob, const char *name, size_t name_len,
                    const char *path, size_t path_len)
{
    size_t len = glob->len;
    switch ((enum shape)glob->shape) {
    case NAME_IS:
        return name_len == len && memcmp(name, glob->program, len) == 0;
    case NAME_ENDS:
        return name_len >= len && memcmp(name + name_len - len, glob->program, len) == 0;
    case NAME_BEGINS:
        return name_len >= len && memcmp(name, glob->program, len) == 0;
    case NAME:
        return run_whole(glob, name, name_len);
    case PATH_IS:
        return path_len == len && memcmp(path, glob->program, len) == 0;
    case PATH:
        return run_whole(glob, path, path_len);
    case NEVER:
        break;
    }
    return false;
}

bool ctx_glob_could_match_below(const struct ctx_glob *glob, const char *directory, size_t len)
{
    switch ((enum shape)glob->shape) {
    case PATH_IS:
        return glob->len > len && memcmp(glob->program, directory, len) == 0;
    case PATH:
        return run(glob, directory, len, true);
    case NEVER:
        return false;
    default:
        return true;
    }
}
