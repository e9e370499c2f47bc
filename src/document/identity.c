/*
 * Which source an output belongs to. jansson reads and writes the file and is quarantined here; its
 * strings must be UTF-8, while roots are bytes: what is not UTF-8 is recorded lossily, and compared
 * the same way. Any thread.
 */
#include "document/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "document/remedy.h"

static const char file_name[] = "source.json";

static void json_freep(json_t **json)
{
    json_decref(*json);
}

/* A JSON string of any bytes; NULL when memory is out. */
static json_t *json_bytes(const char *bytes)
{
    CTX_AUTO_BUFFER struct ctx_buffer lossy;
    ctx_buffer_init(&lossy, CTX_MIB);
    if (ctx_utf8_append_lossy(&lossy, bytes, strlen(bytes)) < 0)
        return NULL;
    return json_string(ctx_buffer_str(&lossy));
}

/* The root with symbolic links resolved, when it exists. */
static json_t *json_root(const char *root)
{
    CTX_AUTO_FREE char *real = realpath(root, NULL);
    return json_bytes(real ? real : root);
}

static json_t *to_json(const struct ctx_identity *mine)
{
    return json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "name", json_bytes(mine->name), "root",
                     json_root(mine->root), "repo", json_bytes(mine->repo));
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
    return json_equal(json_object_get(a, key), json_object_get(b, key));
}

static bool same_source(const json_t *a, const json_t *b)
{
    return same(a, b, "root") || (same(a, b, "repo") && same(a, b, "name"));
}

/* Not flushed: what a power cut can leave is the old file, the new one, or an empty one (load()). */
static int store(int statefd, const char *output, const json_t *json, struct ctx_error *error)
{
    CTX_AUTO_FREE char *text = json_dumps(json, JSON_INDENT(2));
    if (!text)
        return -ENOMEM;
    int r = ctx_file_replace(statefd, file_name, statefd, text, strlen(text), 0666, NULL);
    return r < 0 ? ctx_remedy_set(error, r, output, ".contextor/source.json") : 0;
}

static int refuse(const char *output, const json_t *theirs, struct ctx_error *error)
{
    return ctx_error_set(error, -EEXIST,
                         "%s: belongs to the source \"%s\" (root %s); choose another output, or "
                         "take it over with --adopt",
                         output, json_string_value(json_object_get(theirs, "name")),
                         json_string_value(json_object_get(theirs, "root")));
}

/* The identity there: NULL with 0 when there is none, or an empty one (a crash before the data). */
static int load(int statefd, const char *output, json_t **ret_json, struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 64 * CTX_KIB);
    int r = ctx_file_read(statefd, file_name, O_NOFOLLOW, &text, NULL);
    if (r < 0 && r != -ENOENT)
        return ctx_remedy_set(error, r, output, ".contextor/source.json");
    *ret_json = NULL;
    if (r == -ENOENT || text.len == 0)
        return 0;
    json_t *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *name, *root, *repo;
    if (json_unpack(json, "{s:s, s:s, s:s}", "name", &name, "root", &root, "repo", &repo) == 0) {
        *ret_json = json;
        return 0;
    }
    json_decref(json);
    return ctx_error_set(error, -EBADMSG,
                         "%s/.contextor/source.json: cannot be read, so that it is not known which "
                         "source the output belongs to; take it over with --adopt, or choose "
                         "another output",
                         output);
}

int ctx_identity_claim(int statefd, const char *output, const struct ctx_identity *mine, bool adopt,
                       struct ctx_error *error)
{
    CTX_CLEANUP(json_freep) json_t *theirs = NULL;
    CTX_CLEANUP(json_freep) json_t *ours = to_json(mine);
    if (!ours)
        return -ENOMEM;
    int r = load(statefd, output, &theirs, error);
    if (r < 0 && !(r == -EBADMSG && adopt))
        return r;
    if (theirs && json_equal(theirs, ours))
        return 0;
    if (theirs && !adopt && !same_source(theirs, ours))
        return refuse(output, theirs, error);
    return store(statefd, output, ours, error);
}
