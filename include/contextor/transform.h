#ifndef CONTEXTOR_TRANSFORM_H
#define CONTEXTOR_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contextor/buffer.h"
#include "contextor/error.h"
#include "contextor/forge.h"
#include "contextor/report.h"

/*
 * The transform: a document's bytes in, clean Markdown and what is known of it out. Pure: no file
 * access, no clock but the deadline's, no globals; the same in a thread, a worker process and the
 * command line. f(f(x)) = f(x) on bodies.
 */

enum ctx_profile {
    CTX_PROFILE_BALANCED, /* the default */
    CTX_PROFILE_LOSSLESS,
    CTX_PROFILE_COMPACT,
};

/* The template language that a source's documents are written for; text unless named. */
enum ctx_dialect {
    CTX_DIALECT_NONE,
    CTX_DIALECT_MDN,
    CTX_DIALECT_HUGO,
    CTX_DIALECT_LIQUID,
};

enum ctx_link_target {
    CTX_LINKS_REPOSITORY, /* blob URL of the repository; raw URL for images */
    CTX_LINKS_BASE_URL,   /* links.base_url + the path from the source's root */
    CTX_LINKS_MIRROR,     /* the target page's own .mdc */
};

/* One row that configuration adds to, or puts over, the component table. */
struct ctx_component_rule {
    const char *name; /* as written in JSX: "Sandpack", "Tabs.Tab" */
    const char *form; /* a form's name in the component table: "unwrap", "drop", "quote"… */
};

/*
 * Settings of one source. Immutable while in use, so that threads may share it; all pointers are
 * borrowed from the configuration. A zeroed struct is the default.
 */
struct ctx_transform_options {
    enum ctx_profile profile;
    enum ctx_dialect dialect;
    const struct ctx_component_rule *components; /* sorted by name (strcmp) */
    size_t n_components;
    struct {
        enum ctx_link_target target;
        const char *base_url; /* link_rules.base_url: for root-relative links; NULL: none */
        bool drop_anchors;    /* preserve_anchors: false */
        enum ctx_forge forge; /* of the repository */
        const char *web;      /* the repository's address there; NULL: at the forge's public host */
    } links;
    struct {
        const char *const *preserve_languages; /* lower case; code in these is never elided */
        size_t n_preserve_languages;
        unsigned max_lines; /* the threshold for elision; 0: the profile's own */
    } code;
    const char *const *rules_off; /* names of compact's dropping rules that are switched off */
    size_t n_rules_off;
};

/* What the transform may know of one document. Borrowed for the call. */
struct ctx_transform_context {
    const struct ctx_transform_options *options;
    const char *path; /* relative to the source's root, bytes; its extension decides the grammar */
    const char *repo; /* "owner/name" */
    const char *ref;  /* "main" */
    const char *repo_path; /* the source root's path inside its repository: "" or "docs" */
    size_t memory_limit;   /* ceiling for parsing, bytes; 0: CTX_LIMIT_PARSE_MEMORY of the size */
    uint64_t
        deadline_ms; /* CPU time this document may take; 0: CTX_LIMIT_TRANSFORM_MS of the size */
};

/* Counts of the body, as the front matter and the index give them (see design: "A page"). */
struct ctx_stats {
    uint64_t lines;      /* Python's str.splitlines() */
    uint64_t words;      /* Python's str.split() */
    uint64_t characters; /* code points */
    uint64_t code_blocks, inline_code, links, headings;
};

/* Tokens, estimated: words × 4/3, rounded down. The one place that says so. */
uint64_t ctx_tokens_estimate(uint64_t words);

/* A transformed document. */
struct ctx_document {
    struct ctx_buffer body;
    char *title;       /* front matter, else first H1, else the file's name */
    char *description; /* NULL: none */
    char **topics;     /* the document's own: front matter's tags, keywords, topics */
    size_t n_topics;
    struct ctx_buffer metadata; /* rest of the source's front matter, as one JSON object; "" none */
    struct ctx_buffer metadata_raw; /* front matter that is malformed or TOML, as written */
    struct ctx_stats stats;
    uint64_t words_in; /* words of the source, for "tokens in" */
    struct ctx_report report;
};

void ctx_document_init(struct ctx_document *document);
void ctx_document_deinit(struct ctx_document *document);

/*
 * Transforms `len` bytes. Owned by the caller: ctx_document_deinit(). -EILSEQ: not UTF-8 (the error
 * names the offset); -ENOMEM, -ETIME: over its memory or time; -EFBIG: the page would be over its
 * limit. Nothing is written to ret_document on failure (it must be initialised). Any thread, after
 * ctx_transform_setup().
 */
int ctx_transform(const char *bytes, size_t len, const struct ctx_transform_context *context,
                  struct ctx_document *ret_document, struct ctx_error *error);

/* Registers cmark-gfm's extensions; once, before threads are started. 0 or a negative errno. */
int ctx_transform_setup(void);

/* Names as configuration spells them. -1 when there is none such. */
int ctx_profile_from_name(const char *name);
const char *ctx_profile_name(enum ctx_profile profile);
int ctx_dialect_from_name(const char *name);
const char *ctx_dialect_name(enum ctx_dialect dialect);
int ctx_link_target_from_name(const char *name);
const char *ctx_link_target_name(enum ctx_link_target target);

/* Whether the component table has a form of that name; the forms, for messages and man pages. */
bool ctx_component_form_exists(const char *name);
const char *const *ctx_component_form_names(size_t *ret_count);

/* A dropping rule of the profile compact: what `rules_off` and the loss report call it. */
struct ctx_size_rule {
    const char *name;
    const char *help; /* what it drops, for the man page */
};

/* All of them, sorted by name. */
const struct ctx_size_rule *ctx_size_rules(size_t *ret_count);

#endif
