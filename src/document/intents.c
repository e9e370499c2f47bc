/*
 * Intents: a line each, "PATH SLUG" in Base64, appended by one write(2), so that threads do not mix.
 * Each begins with a newline of its own: one that a full disk has cut spoils no other. It is for a
 * process that is killed, not for a power cut, so nothing is synced.
 */
#include "document/intents.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"

static int add_word(struct ctx_buffer *line, const char *word, char end)
{
    int r = ctx_base64_encode(line, word, strlen(word));
    return r < 0 ? r : ctx_buffer_putc(line, end);
}

int ctx_intents_note(struct ctx_output *output, const char *path, const char *slug)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    int fd = ctx_output_intentsfd(output);
    if (fd < 0)
        return 0;
    ctx_buffer_init(&line, 4 * CTX_LIMIT_PATH);
    ctx_buffer_putc(&line, '\n');
    int r = add_word(&line, path, ' ');
    if (r == 0)
        r = add_word(&line, slug, '\n');
    if (r < 0)
        return r;
    ssize_t n = write(fd, line.data, line.len);
    if (n < 0)
        return -errno;
    return (size_t)n == line.len ? 0 : -ENOSPC;
}

static int decode(const char *text, size_t len, struct ctx_buffer *word)
{
    ctx_buffer_init(word, CTX_LIMIT_PATH);
    int r = ctx_base64_decode(word, text, len);
    return r == 0 && word->len > 0 && !memchr(word->data, '\0', word->len) ? 0 : -EINVAL;
}

static int read_line(const char *line, size_t len,
                     int (*each)(void *data, const char *slug, const char *path), void *data)
{
    const char *blank = memchr(line, ' ', len);
    if (!blank)
        return 0;
    CTX_AUTO_BUFFER struct ctx_buffer path;
    CTX_AUTO_BUFFER struct ctx_buffer slug;
    size_t path_len = (size_t)(blank - line);
    int r = decode(line, path_len, &path);
    int s = decode(blank + 1, len - path_len - 1, &slug);
    return r < 0 || s < 0 ? 0 : each(data, ctx_buffer_str(&slug), ctx_buffer_str(&path));
}

int ctx_intents_each(struct ctx_output *output,
                     int (*each)(void *data, const char *slug, const char *path), void *data)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    int statefd = ctx_output_statefd(output);
    if (statefd < 0)
        return 0;
    ctx_buffer_init(&text, CTX_LIMIT_INTENTS);
    struct ctx_file_stamp stamp;
    int r = ctx_file_read(statefd, "intents", 0, &text, &stamp);
    if (r < 0)
        return r;
    const char *end = text.data + text.len;
    for (const char *line = text.data; r == 0 && line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (!newline)
            break;
        r = read_line(line, (size_t)(newline - line), each, data);
        line = newline + 1;
    }
    return r;
}

void ctx_intents_clear(struct ctx_output *output)
{
    int fd = ctx_output_intentsfd(output);
    if (fd >= 0)
        (void)!ftruncate(fd, 0); /* else it is read once more, which does no harm */
}
