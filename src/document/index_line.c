/*
 * Lines of an index. A reader holds a window of the file that grows to the longest line at most; it
 * belongs to one thread.
 */
#include "document/index_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "contextor/error.h"

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
        return (digit | 0x20) - 'a' + 10;
    return -1;
}

/* The code unit of `\uXXXX` at `at`, or -1. */
static int32_t code_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Decodes `\uXXXX`, a pair of surrogates too. Returns how many bytes it read; 0 when malformed. */
static size_t decode_unicode(const char *at, const char *end, uint32_t *ret_point)
{
    int32_t high = code_unit(at, end);
    if (high < 0 || (high >= 0xDC00 && high < 0xE000))
        return 0;
    if (high < 0xD800 || high >= 0xE000) {
        *ret_point = (uint32_t)high;
        return 6;
    }
    int32_t low = code_unit(at + 6, end);
    if (low < 0xDC00 || low >= 0xE000)
        return 0;
    *ret_point = 0x10000 + (((uint32_t)high - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    return 12;
}

/* Decodes one character of a JSON string to at most 4 bytes. 0 when malformed. */
static size_t decode(const char *at, const char *end, char *bytes, size_t *ret_n)
{
    uint32_t point;
    size_t used = 0;
    if (*at == '\\' && end - at >= 2 && (at[1] == '"' || at[1] == '\\' || at[1] == '/')) {
        point = (unsigned char)at[1];
        used = 2;
    } else if (*at == '\\') {
        used = decode_unicode(at, end, &point);
    } else if ((unsigned char)*at >= 0x20) {
        used = ctx_utf8_decode(at, (size_t)(end - at), &point);
    }
    if (used == 0 || point == 0)
        return 0;
    *ret_n = ctx_utf8_encode(point, bytes);
    return used;
}

/* A character of a JSON string that stands for itself, in a byte: nearly all that slugs have. */
static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7F && byte != '\\' && byte != '"';
}

int ctx_index_line_slug(const char *line, size_t len, char ret_slug[CTX_INDEX_SLUG_SIZE])
{
    static const char opening[] = "{\"slug\": \"", closing[] = "\", \"";
    size_t n = 0, head = sizeof(opening) - 1, tail = sizeof(closing) - 1;
    if (len < head + tail || memcmp(line, opening, head) != 0 || line[len - 1] != '}')
        return -EBADMSG;
    const char *at = line + head, *end = line + len;
    while (at < end && *at != '"') {
        size_t bytes = 0, used = 0;
        if (is_plain(*at) && n + 1 < CTX_INDEX_SLUG_SIZE) {
            ret_slug[n++] = *at++;
            continue;
        }
        if (n + 4 < CTX_INDEX_SLUG_SIZE)
            used = decode(at, end, ret_slug + n, &bytes);
        if (used == 0)
            return -EBADMSG;
        at += used;
        n += bytes;
    }
    ret_slug[n] = '\0';
    if (n == 0 || (size_t)(end - at) < tail || memcmp(at, closing, tail) != 0)
        return -EBADMSG;
    return 0;
}

struct ctx_index_reader {
    int fd;
    struct ctx_buffer window;
    size_t at; /* of the next line in the window */
};

int ctx_index_reader_new(int fd, struct ctx_index_reader **ret_reader)
{
    struct ctx_index_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        close(fd);
        return -ENOMEM;
    }
    reader->fd = fd;
    ctx_buffer_init(&reader->window, CTX_LIMIT_INDEX_LINE + 64 * CTX_KIB);
    *ret_reader = reader;
    return 0;
}

void ctx_index_reader_free(struct ctx_index_reader *reader)
{
    if (!reader)
        return;
    close(reader->fd);
    ctx_buffer_deinit(&reader->window);
    free(reader);
}

/* Moves the rest of the window to its front and reads on. 0 at the file's end, else bytes read. */
static ssize_t fill(struct ctx_index_reader *reader)
{
    struct ctx_buffer *window = &reader->window;
    ctx_buffer_splice(window, 0, reader->at, NULL, 0);
    reader->at = 0;
    if (window->len > CTX_LIMIT_INDEX_LINE)
        return -EBADMSG;
    int r = ctx_buffer_reserve(window, 64 * CTX_KIB);
    if (r < 0)
        return r;
    for (;;) {
        ssize_t n = read(reader->fd, window->data + window->len, 64 * CTX_KIB);
        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0)
            window->len += (size_t)n;
        window->data[window->len] = '\0';
        return n < 0 ? -errno : n;
    }
}

int ctx_index_reader_next(struct ctx_index_reader *reader, const char **ret_line, size_t *ret_len)
{
    size_t searched = 0; /* bytes after `at` known to hold no newline */
    for (;;) {
        struct ctx_buffer *window = &reader->window;
        const char *line = ctx_buffer_str(window) + reader->at;
        size_t rest = window->len - reader->at;
        const char *newline = memchr(line + searched, '\n', rest - searched);
        if (newline) {
            *ret_line = line;
            *ret_len = (size_t)(newline - line);
            reader->at += *ret_len + 1;
            return *ret_len > CTX_LIMIT_INDEX_LINE ? -EBADMSG : 0;
        }
        searched = rest;
        ssize_t n = fill(reader);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return rest == 0 ? CTX_GONE : -EBADMSG;
    }
}
