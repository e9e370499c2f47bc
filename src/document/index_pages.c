/* The pages that an index lists. Keeps nothing but the line it is at. */
#include "document/index_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "document/index_line.h"

/* The bytes of the path in an entry; NULL when it has none. */
static const char *path_of(const json_t *entry, struct ctx_buffer *bytes)
{
    const char *encoded = json_string_value(json_object_get(entry, "path_b64"));
    if (!encoded)
        return json_string_value(json_object_get(entry, "path"));
    if (ctx_base64_decode(bytes, encoded, json_string_length(json_object_get(entry, "path_b64"))) <
        0)
        return NULL;
    return ctx_buffer_str(bytes);
}

static int one_line(const char *line, size_t len,
                    int (*page)(void *data, const char *slug, const char *path), void *data)
{
    json_t *entry = json_loadb(line, len, 0, NULL);
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_LIMIT_PATH);
    const char *slug = json_string_value(json_object_get(entry, "slug"));
    const char *path = path_of(entry, &bytes);
    int r = slug && path && path[0] ? page(data, slug, path) : 0;
    json_decref(entry);
    return r;
}

int ctx_index_each(const struct ctx_output *output,
                   int (*page)(void *data, const char *slug, const char *path), void *data)
{
    struct ctx_index_reader *reader;
    const char *line;
    size_t len;
    int fd = openat(ctx_output_dirfd(output), "index.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? CTX_GONE : -errno;
    int r = ctx_index_reader_new(fd, &reader);
    if (r < 0)
        return r;
    while ((r = ctx_index_reader_next(reader, &line, &len)) == 0)
        if ((r = one_line(line, len, page, data)) != 0)
            break;
    ctx_index_reader_free(reader);
    return r == CTX_GONE || r == -EBADMSG ? 0 : r;
}
