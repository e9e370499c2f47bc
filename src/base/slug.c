/*
 * Slugs. Case and word characters are those of glibc's C.UTF-8 locale, whatever the process's own
 * locale is, so that a slug does not depend on the environment. Pure; any thread.
 */
#include "base/slug.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { CUT_DIGITS = 12, SHORT_DIGITS = 8, LONG_DIGITS = 48, PLAIN_MAX = CTX_LIMIT_PATH + 256 };

static locale_t unicode;

static void open_locale(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static locale_t unicode_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_locale);
    return unicode;
}

struct slug_writer {
    char *data;
    size_t len;
    size_t part; /* where the current part begins */
};

static void put(struct slug_writer *writer, uint32_t point)
{
    if (point == '-' && (writer->len == writer->part || writer->data[writer->len - 1] == '-'))
        return;
    if (writer->len + 4 < PLAIN_MAX)
        writer->len += ctx_utf8_encode(point, writer->data + writer->len);
}

static void end_part(struct slug_writer *writer)
{
    while (writer->len > writer->part && writer->data[writer->len - 1] == '-')
        writer->len--;
}

static void put_separator(struct slug_writer *writer)
{
    if (writer->len + 2 < PLAIN_MAX) {
        memcpy(writer->data + writer->len, "__", 2);
        writer->len += 2;
    }
    writer->part = writer->len;
}

static void put_beyond_ascii(struct slug_writer *writer, uint32_t point)
{
    locale_t locale = unicode_locale();
    if (iswalnum_l((wint_t)point, locale))
        put(writer, (uint32_t)towlower_l((wint_t)point, locale));
    else if (iswspace_l((wint_t)point, locale))
        put(writer, '-');
}

/* As the locale has it, without its tables: those take a tenth of a restart's time. */
static void put_ascii(struct slug_writer *writer, char byte)
{
    bool upper = byte >= 'A' && byte <= 'Z';
    bool lower = byte >= 'a' && byte <= 'z';
    bool digit = byte >= '0' && byte <= '9';
    if (upper || lower || digit || byte == '_' || byte == '-')
        put(writer, (uint32_t)(upper ? byte - 'A' + 'a' : byte));
    else if (byte == ' ' || (byte >= '\t' && byte <= '\r'))
        put(writer, '-');
}

static void put_part(struct slug_writer *writer, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        if ((unsigned char)bytes[i] < 0x80) {
            put_ascii(writer, bytes[i++]);
            continue;
        }
        uint32_t point;
        size_t n = ctx_utf8_decode(bytes + i, len - i, &point);
        i += n ? n : 1;
        if (n > 0)
            put_beyond_ascii(writer, point);
    }
    end_part(writer);
}

static size_t stem_length(const char *name, size_t len)
{
    const char *dot = memrchr(name, '.', len);
    return dot && dot != name ? (size_t)(dot - name) : len;
}

static size_t write_plain(const char *repo, const char *path, char *data)
{
    struct slug_writer writer = { .data = data };
    const char *slash = strrchr(repo, '/');
    const char *last = slash ? slash + 1 : repo;
    put_part(&writer, last, strlen(last));
    for (;;) {
        const char *end = strchrnul(path, '/');
        size_t len = (size_t)(end - path);
        put_separator(&writer);
        put_part(&writer, path, *end ? len : stem_length(path, len));
        if (!*end)
            break;
        path = end + 1;
    }
    data[writer.len] = '\0';
    return writer.len;
}

/* Cuts at a character's boundary, so that the slug stays UTF-8. */
static size_t cut(char *data, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((unsigned char)data[most] & 0xC0) == 0x80)
        most--;
    data[most] = '\0';
    return most;
}

static size_t append_digits(char *data, size_t len, const char *dashes, const char *path,
                            int digits)
{
    unsigned char digest[CTX_DIGEST_SIZE];
    char hex[CTX_DIGEST_HEX_SIZE];
    ctx_digest(path, strlen(path), digest);
    ctx_digest_hex(digest, hex);
    return len + (size_t)sprintf(data + len, "%s%.*s", dashes, digits, hex);
}

static size_t write_slug(const char *repo, const char *path, char *data)
{
    size_t len = write_plain(repo, path, data);
    if (len <= CTX_LIMIT_SLUG)
        return len;
    len = cut(data, len, CTX_LIMIT_SLUG - CUT_DIGITS - 1);
    return append_digits(data, len, "-", path, CUT_DIGITS);
}

void ctx_slug_in_form(const char *repo, const char *path, enum ctx_slug_form form,
                      char ret_slug[CTX_SLUG_SIZE])
{
    char data[PLAIN_MAX + 16];
    size_t len = write_slug(repo, path, data);
    if (form == CTX_SLUG_SHORT)
        len = append_digits(data, len, "-", path, SHORT_DIGITS);
    else if (form == CTX_SLUG_LONG)
        len = append_digits(data, len, "--", path, LONG_DIGITS);
    memcpy(ret_slug, data, len + 1);
}

void ctx_slug(const char *repo, const char *path, char ret_slug[CTX_SLUG_SIZE])
{
    ctx_slug_in_form(repo, path, CTX_SLUG_PLAIN, ret_slug);
}

bool ctx_slug_split(const char *slug, size_t *ret_plain_len, uint32_t *ret_digits)
{
    size_t len = strlen(slug);
    const char *digits = slug + len - SHORT_DIGITS;
    if (len <= SHORT_DIGITS || digits[-1] != '-' ||
        strspn(digits, "0123456789abcdef") != SHORT_DIGITS)
        return false;
    *ret_plain_len = len - SHORT_DIGITS - 1;
    *ret_digits = (uint32_t)strtoul(digits, NULL, 16);
    return true;
}

uint32_t ctx_slug_digits(const char *path)
{
    unsigned char digest[CTX_DIGEST_SIZE];
    ctx_digest(path, strlen(path), digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}
