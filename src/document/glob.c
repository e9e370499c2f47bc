/* Matching patterns: comparing bytes, or running a program over a path. Pure; any thread. */
#include "document/glob.h"

#include <string.h>

#include "document/glob_program.h"

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
    switch ((enum ctx_glob_step) * step) {
    case CTX_GLOB_LITERAL:
        if (step[1] > rest || memcmp(step + 2, runner->text, step[1]) != 0)
            return false;
        runner->text += step[1];
        runner->step += 2 + step[1];
        return true;
    case CTX_GLOB_CLASS:
        if (byte == '/' || !(step[1 + byte / 8] & 1 << byte % 8))
            return false;
        runner->text++;
        runner->step += 1 + CTX_GLOB_BITMAP;
        return true;
    case CTX_GLOB_ANY:
        if (byte == '/')
            return false;
        break;
    default: /* CTX_GLOB_SLASH */
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
        switch ((enum ctx_glob_step) * runner.step) {
        case CTX_GLOB_END:
            if (runner.text == runner.end)
                return true;
            if (!back_up(&runner))
                return false;
            break;
        case CTX_GLOB_REST:
            return runner.text < runner.end;
        case CTX_GLOB_STAR:
            runner.star = ++runner.step;
            runner.star_text = runner.text;
            break;
        case CTX_GLOB_DEEP:
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
    switch ((enum ctx_glob_shape)glob->shape) {
    case CTX_GLOB_NAME_IS:
        return name_len == len && memcmp(name, glob->program, len) == 0;
    case CTX_GLOB_NAME_ENDS:
        return name_len >= len && memcmp(name + name_len - len, glob->program, len) == 0;
    case CTX_GLOB_NAME_BEGINS:
        return name_len >= len && memcmp(name, glob->program, len) == 0;
    case CTX_GLOB_NAME:
        return run_whole(glob, name, name_len);
    case CTX_GLOB_PATH_IS:
        return path_len == len && memcmp(path, glob->program, len) == 0;
    case CTX_GLOB_PATH:
        return run_whole(glob, path, path_len);
    case CTX_GLOB_NEVER:
        break;
    }
    return false;
}

bool ctx_glob_could_match_below(const struct ctx_glob *glob, const char *directory, size_t len)
{
    switch ((enum ctx_glob_shape)glob->shape) {
    case CTX_GLOB_PATH_IS:
        return glob->len > len && memcmp(glob->program, directory, len) == 0;
    case CTX_GLOB_PATH:
        return run(glob, directory, len, true);
    case CTX_GLOB_NEVER:
        return false;
    default:
        return true;
    }
}
