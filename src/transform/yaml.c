/*
 * libyaml, in this file alone. Its hazards: it resolves no aliases (a few bytes of them unfold to
 * gigabytes: the JSON that they are copied into has a ceiling); it checks no duplicate keys; its
 * scanner slows with the depth of flow collections (bounded here, as events arrive one by one); its
 * parser must be deleted also when it failed, and each event too. Pure; any thread.
 *
 * Invariant: `json` holds the value being read as far as it is read; an anchor is a span of it.
 */
#include "transform/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/quote.h"
#include "base/utf8.h"

struct span {
    size_t begin;
    size_t len;
};

struct anchor {
    char *name;
    struct span json;
    enum ctx_yaml_kind kind;
};

struct reader {
    yaml_parser_t parser;
    struct ctx_buffer json;
    struct ctx_buffer scalars; /* of the entry being read */
    size_t n_scalars;
    bool only_scalars;
    struct span *keys; /* of the mappings being read, the innermost one's last */
    size_t n_keys, keys_capacity;
    struct anchor *anchors;
    size_t n_anchors, anchors_capacity;
    unsigned depth;
    ctx_yaml_entry_fn entry;
    void *context;
    struct ctx_yaml_problem problem;
};

static int read_node(struct reader *reader, const yaml_event_t *event,
                     enum ctx_yaml_kind *ret_kind);

static int malformed(struct reader *reader, const char *text, const yaml_mark_t *mark)
{
    reader->problem.text = text;
    reader->problem.line = (uint32_t)mark->line + 1;
    return -EINVAL;
}

/* libyaml's texts are string literals; its context ("while parsing…") adds nothing. */
static int next(struct reader *reader, yaml_event_t *ret_event)
{
    if (yaml_parser_parse(&reader->parser, ret_event))
        return 0;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    const char *text = reader->parser.problem ? reader->parser.problem : "not YAML";
    return malformed(reader, text, &reader->parser.problem_mark);
}

static int grow(void **array, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return 0;
    size_t more = *capacity ? 2 * *capacity : 16;
    void *grown = reallocarray(*array, more, size);
    if (!grown)
        return -ENOMEM;
    *array = grown;
    *capacity = more;
    return 0;
}

static int add_anchor(struct reader *reader, const yaml_char_t *name, enum ctx_yaml_kind kind,
                      size_t begin)
{
    if (!name)
        return 0;
    if (reader->n_anchors == CTX_LIMIT_YAML_ANCHORS)
        return malformed(reader, "too many anchors", &reader->parser.mark);
    int r = grow((void **)&reader->anchors, reader->n_anchors, &reader->anchors_capacity,
                 sizeof(*reader->anchors));
    if (r < 0)
        return r;
    char *copy = strdup((const char *)name);
    if (!copy)
        return -ENOMEM;
    reader->anchors[reader->n_anchors++] = (struct anchor){
        .name = copy,
        .json = { begin, reader->json.len - begin },
        .kind = kind,
    };
    return 0;
}

/* The latest anchor of a name counts; one that is still being read is not there yet. */
static int read_alias(struct reader *reader, const yaml_event_t *event,
                      enum ctx_yaml_kind *ret_kind)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reader->n_anchors; i-- > 0;) {
        const struct anchor *anchor = &reader->anchors[i];
        if (strcmp(anchor->name, name) != 0)
            continue;
        int r = ctx_buffer_reserve(&reader->json, anchor->json.len);
        if (r < 0)
            return r;
        *ret_kind = anchor->kind;
        return ctx_buffer_append(&reader->json, reader->json.data + anchor->json.begin,
                                 anchor->json.len);
    }
    return malformed(reader, "an alias without its anchor", &event->start_mark);
}

/* JSON's numbers without an exponent, short enough for any reader of them. */
static bool is_number(const char *text, size_t len)
{
    size_t i = len > 0 && text[0] == '-';
    size_t digits = strspn(text + i, "0123456789");
    if (len > 15 || digits == 0 || (digits > 1 && text[i] == '0'))
        return false;
    i += digits;
    if (text[i] != '.')
        return i == len;
    digits = strspn(text + i + 1, "0123456789");
    return digits > 0 && i + 1 + digits == len;
}

/* The JSON literal that a plain scalar is in YAML 1.2's core schema; NULL: a string or a number. */
static const char *literal_of(const char *text)
{
    static const struct {
        const char *yaml, *json;
    } literals[] = {
        { "", "null" },       { "~", "null" },      { "null", "null" },   { "Null", "null" },
        { "NULL", "null" },   { "true", "true" },   { "True", "true" },   { "TRUE", "true" },
        { "false", "false" }, { "False", "false" }, { "FALSE", "false" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(literals); i++)
        if (strcmp(text, literals[i].yaml) == 0)
            return literals[i].json;
    return NULL;
}

static int read_scalar(struct reader *reader, const yaml_event_t *event,
                       enum ctx_yaml_kind *ret_kind)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    bool plain = event->data.scalar.plain_implicit;
    const char *literal = plain ? literal_of(text) : NULL;
    *ret_kind = CTX_YAML_SCALAR;
    if (literal && *literal == 'n')
        *ret_kind = CTX_YAML_NULL;
    if (literal)
        ctx_buffer_puts(&reader->json, literal);
    else if (plain && is_number(text, len))
        ctx_buffer_append(&reader->json, text, len);
    else
        ctx_quote(&reader->json, text, len);
    return ctx_buffer_status(&reader->json);
}

/* Notes what an entry's own scalar, or a member of its sequence, says. */
static int note_scalar(struct reader *reader, const yaml_event_t *event, enum ctx_yaml_kind kind)
{
    if (kind == CTX_YAML_NULL)
        return 0;
    if (event->type != YAML_SCALAR_EVENT) {
        reader->only_scalars = false;
        return 0;
    }
    const char *text = (const char *)event->data.scalar.value;
    reader->n_scalars++;
    return ctx_buffer_append(&reader->scalars, text, strlen(text) + 1);
}

static int read_sequence(struct reader *reader)
{
    ctx_buffer_putc(&reader->json, '[');
    for (bool first = true;; first = false) {
        CTX_CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
        int r = next(reader, &event);
        if (r < 0)
            return r;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return ctx_buffer_putc(&reader->json, ']');
        if (!first)
            ctx_buffer_puts(&reader->json, ", ");
        enum ctx_yaml_kind kind;
        r = read_node(reader, &event, &kind);
        if (r == 0 && reader->depth == 2)
            r = note_scalar(reader, &event, kind);
        if (r < 0)
            return r;
    }
}

static int read_key(struct reader *reader, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT)
        return malformed(reader, "a key that is no string", &event->start_mark);
    size_t begin = reader->json.len;
    int r =
        ctx_quote(&reader->json, (const char *)event->data.scalar.value, event->data.scalar.length);
    if (r == 0)
        r = grow((void **)&reader->keys, reader->n_keys, &reader->keys_capacity,
                 sizeof(*reader->keys));
    if (r < 0)
        return r;
    struct span span = { begin, reader->json.len - begin };
    if (span.len > CTX_LIMIT_YAML_KEY)
        return malformed(reader, "a key that is too long", &event->start_mark);
    reader->keys[reader->n_keys++] = span;
    return ctx_buffer_puts(&reader->json, ": ");
}

static int compare_keys(const void *a, const void *b, void *json)
{
    const struct span *x = a;
    const struct span *y = b;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return memcmp((const char *)json + x->begin, (const char *)json + y->begin, x->len);
}

/* Takes the innermost mapping's keys off the stack; a key that stands twice is an error. */
static int end_keys(struct reader *reader, size_t first, const yaml_mark_t *mark)
{
    size_t n = reader->n_keys - first;
    struct span *keys = reader->keys + first;
    reader->n_keys = first;
    if (n < 2)
        return 0;
    qsort_r(keys, n, sizeof(*keys), compare_keys, reader->json.data);
    for (size_t i = 1; i < n; i++)
        if (compare_keys(&keys[i - 1], &keys[i], reader->json.data) == 0)
            return malformed(reader, "a key that stands twice", mark);
    return 0;
}

static int give_entry(struct reader *reader, size_t key_begin, size_t value_begin,
                      enum ctx_yaml_kind kind)
{
    struct ctx_yaml_entry entry = {
        .kind = kind,
        .key = reader->json.data + key_begin,
        .key_len = value_begin - key_begin - strlen(": "),
        .json = reader->json.data + value_begin,
        .json_len = reader->json.len - value_begin,
        .scalars = ctx_buffer_str(&reader->scalars),
        .n_scalars = reader->n_scalars,
        .only_scalars = reader->only_scalars,
    };
    return reader->entry(reader->context, &entry);
}

static int read_value(struct reader *reader, size_t key_begin)
{
    CTX_CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
    int r = next(reader, &event);
    if (r < 0)
        return r;
    if (reader->depth == 1) {
        ctx_buffer_clear(&reader->scalars);
        reader->n_scalars = 0;
        reader->only_scalars = true;
    }
    size_t begin = reader->json.len;
    enum ctx_yaml_kind kind;
    r = read_node(reader, &event, &kind);
    if (r < 0 || reader->depth > 1)
        return r;
    if (kind == CTX_YAML_SCALAR || event.type == YAML_ALIAS_EVENT)
        r = note_scalar(reader, &event, kind);
    if (r == 0)
        r = give_entry(reader, key_begin, begin, kind);
    return r;
}

static int read_mapping(struct reader *reader)
{
    size_t first_key = reader->n_keys;
    ctx_buffer_putc(&reader->json, '{');
    for (bool first = true;; first = false) {
        CTX_CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
        int r = next(reader, &event);
        if (r < 0)
            return r;
        if (event.type == YAML_MAPPING_END_EVENT) {
            ctx_buffer_putc(&reader->json, '}');
            return end_keys(reader, first_key, &event.start_mark);
        }
        if (!first)
            ctx_buffer_puts(&reader->json, ", ");
        size_t begin = reader->json.len;
        r = read_key(reader, &event);
        if (r == 0)
            r = read_value(reader, begin);
        if (r < 0)
            return r;
    }
}

static int read_collection(struct reader *reader, const yaml_event_t *event,
                           enum ctx_yaml_kind kind)
{
    if (reader->depth == CTX_LIMIT_YAML_DEPTH)
        return malformed(reader, "nested too deeply", &event->start_mark);
    reader->depth++;
    int r = kind == CTX_YAML_SEQUENCE ? read_sequence(reader) : read_mapping(reader);
    reader->depth--;
    return r;
}

static int read_node(struct reader *reader, const yaml_event_t *event, enum ctx_yaml_kind *ret_kind)
{
    size_t begin = reader->json.len;
    const yaml_char_t *anchor = NULL;
    int r;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return read_alias(reader, event, ret_kind);
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        r = read_scalar(reader, event, ret_kind);
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        *ret_kind = CTX_YAML_SEQUENCE;
        r = read_collection(reader, event, *ret_kind);
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        *ret_kind = CTX_YAML_MAPPING;
        r = read_collection(reader, event, *ret_kind);
        break;
    default:
        return malformed(reader, "not a value", &event->start_mark);
    }
    return r < 0 ? r : add_anchor(reader, anchor, *ret_kind, begin);
}

/* Skips to the event that the document's root begins with; the stream's end when there is none. */
static int read_start(struct reader *reader, yaml_event_t *ret_event)
{
    for (;;) {
        int r = next(reader, ret_event);
        if (r < 0)
            return r;
        if (ret_event->type != YAML_STREAM_START_EVENT &&
            ret_event->type != YAML_DOCUMENT_START_EVENT)
            return 0;
        yaml_event_delete(ret_event);
    }
}

static int read_document(struct reader *reader)
{
    CTX_CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
    int r = read_start(reader, &event);
    if (r < 0 || event.type == YAML_STREAM_END_EVENT)
        return r;
    if (event.type != YAML_MAPPING_START_EVENT)
        return malformed(reader, "not a mapping", &event.start_mark);
    reader->depth = 1;
    r = read_mapping(reader);
    for (yaml_event_type_t type = YAML_NO_EVENT; r == 0 && type != YAML_STREAM_END_EVENT;) {
        CTX_CLEANUP(yaml_event_delete) yaml_event_t rest = { 0 };
        r = next(reader, &rest);
        type = rest.type;
        if (r == 0 && type == YAML_DOCUMENT_START_EVENT)
            r = malformed(reader, "more than one document", &rest.start_mark);
    }
    return r;
}

/*
 * YAML 1.1 takes U+0085, U+2028 and U+2029 for line breaks, in YAML 1.2 they are text: here they
 * become blanks. Returns the text itself when it has none.
 */
static const char *without_wide_breaks(const char *text, size_t *len, struct ctx_buffer *buffer)
{
    if (!memmem(text, *len, "\xC2\x85", 2) && !memmem(text, *len, "\xE2\x80\xA8", 3) &&
        !memmem(text, *len, "\xE2\x80\xA9", 3))
        return text;
    for (size_t i = 0; i < *len;) {
        uint32_t point = 0;
        size_t n = ctx_utf8_decode(text + i, *len - i, &point);
        n = n ? n : 1;
        if (point == 0x85 || point == 0x2028 || point == 0x2029)
            ctx_buffer_putc(buffer, ' ');
        else
            ctx_buffer_append(buffer, text + i, n);
        i += n;
    }
    *len = buffer->len;
    return ctx_buffer_str(buffer);
}

static void deinit_reader(struct reader *reader)
{
    yaml_parser_delete(&reader->parser);
    ctx_buffer_deinit(&reader->json);
    ctx_buffer_deinit(&reader->scalars);
    for (size_t i = 0; i < reader->n_anchors; i++)
        free(reader->anchors[i].name);
    free(reader->anchors);
    free(reader->keys);
}

int ctx_yaml_read(const char *text, size_t len, ctx_yaml_entry_fn entry, void *context,
                  struct ctx_yaml_problem *ret_problem)
{
    CTX_CLEANUP(deinit_reader)
    struct reader reader = { .entry = entry, .context = context };
    ctx_buffer_init(&reader.json, CTX_LIMIT_YAML_JSON(len));
    ctx_buffer_init(&reader.scalars, CTX_LIMIT_YAML_JSON(len));
    CTX_AUTO_BUFFER struct ctx_buffer flat;
    ctx_buffer_init(&flat, len);
    text = without_wide_breaks(text, &len, &flat);
    if (ctx_buffer_status(&flat) < 0)
        return ctx_buffer_status(&flat);
    if (!yaml_parser_initialize(&reader.parser))
        return -ENOMEM;
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    int r = read_document(&reader);
    if (r == -EFBIG)
        r = malformed(&reader, "too large", &reader.parser.mark);
    if (r == -EINVAL)
        *ret_problem = reader.problem;
    return r;
}
