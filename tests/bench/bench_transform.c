/*
 * The transform's throughput: MB/s a core of each stage and of the whole, over the documents of
 * folders, in one thread. All are read first; each round runs every stage over all documents, and the
 * best round counts. Time is the processor's, so that a busy machine disturbs little; still, compare
 * figures of one run: with "cmark-gfm", which is nothing but the parser, with all inlines, on what
 * the normalise stage is given and with an allocator like ours, and "parse", which is our use of it.
 *
 * usage: bench_transform [--rounds N] [--only STAGE] FOLDER...
 * --only runs the stages up to that one, for callgrind, whose counts are exact on a busy machine, too:
 * tests/bench/bench_instructions.py prints instructions a byte of each stage so.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "transform/markdown.h"
#include "transform/stage.h"

struct stage {
    const char *name;
    ctx_stage_fn run;
    double seconds, best;
    size_t bytes; /* that it was given in a round */
};

static struct stage stages[] = {
    { "front matter", ctx_stage_front_matter, 0, 1e9, 0 },
    { "dialect", ctx_stage_dialect, 0, 1e9, 0 },
    { "mdx", ctx_stage_mdx, 0, 1e9, 0 },
    { "normalise", ctx_stage_normalise, 0, 1e9, 0 },
    { "links", ctx_stage_links, 0, 1e9, 0 },
    { "size", ctx_stage_size, 0, 1e9, 0 },
    { "measure", ctx_stage_measure, 0, 1e9, 0 },
};

struct source {
    char *path, *text;
    size_t len;
};

static struct source *sources;
static size_t n_sources, n_bytes, n_failed;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static bool is_document(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".md") == 0 || strcmp(dot, ".mdx") == 0);
}

static int take_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)walk;
    if (type != FTW_F || !is_document(path))
        return 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    sources = reallocarray(sources, n_sources + 1, sizeof(*sources));
    struct source *source = &sources[n_sources++];
    source->path = strdup(path);
    source->text = malloc((size_t)status->st_size + 1);
    source->len = fread(source->text, 1, (size_t)status->st_size, file);
    n_bytes += source->len;
    fclose(file);
    return 0;
}

/* Memory for the bare parser: one piece, taken from front to back. */
enum { MEMORY = 1 << 30 };
static char *memory;
static size_t memory_used;

static void *allocate(size_t n, size_t size)
{
    size_t *piece = (size_t *)(memory + memory_used);
    memory_used += sizeof(*piece) + ((n * size + 7) & ~(size_t)7);
    if (memory_used > MEMORY)
        abort();
    *piece = n * size;
    return memset(piece + 1, 0, n * size);
}

static void *reallocate(void *old, size_t size)
{
    void *piece = allocate(1, size);
    if (old)
        memcpy(piece, old, ((size_t *)old)[-1] < size ? ((size_t *)old)[-1] : size);
    return piece;
}

static void release(void *piece)
{
    (void)piece;
}

static double run_bare_parser(const struct ctx_buffer *text)
{
    static cmark_mem mem = { allocate, reallocate, release };
    memory_used = 0;
    double begin = now();
    cmark_parser *parser =
        cmark_parser_new_with_mem(CMARK_OPT_FOOTNOTES | CMARK_OPT_FULL_INFO_STRING, &mem);
    cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("table"));
    cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("tasklist"));
    cmark_parser_feed(parser, ctx_buffer_str(text), text->len);
    cmark_parser_finish(parser);
    return now() - begin;
}

static double run_parse(const struct ctx_buffer *text)
{
    double begin = now();
    struct ctx_arena *arena = ctx_arena_of_thread();
    struct ctx_tree tree;
    ctx_arena_reset(arena, CTX_LIMIT_PARSE_MEMORY(text->len), 0);
    if (text->len > 0)
        ctx_markdown_parse(arena, text->data, text->len, &tree);
    ctx_arena_reset(arena, 0, 0);
    return now() - begin;
}

/* Parts of the normalise stage, on what it is given. */
static struct stage parts[] = {
    { "cmark-gfm", NULL, 0, 1e9, 0 },
    { "parse", NULL, 0, 1e9, 0 },
};

static void run_parts(const struct ctx_buffer *text)
{
    if (text->len == 0 || text->data[text->len - 1] != '\n')
        return;
    parts[0].seconds += run_bare_parser(text);
    parts[1].seconds += run_parse(text);
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++)
        parts[i].bytes += text->len;
}

static void run_stages(const struct source *source, const struct ctx_transform_context *context,
                       const char *last)
{
    struct ctx_document document;
    ctx_document_init(&document);
    struct ctx_draft draft = { .context = context, .document = &document, .first_line = 1 };
    ctx_buffer_init(&draft.text, CTX_LIMIT_PAGE(source->len));
    ctx_buffer_append(&draft.text, source->text, source->len);
    ctx_outline_init(&draft.outline);
    struct ctx_error error;
    double begin = now();
    for (size_t i = 0; i < CTX_ARRAY_LEN(stages); i++) {
        stages[i].bytes += draft.text.len;
        if (!last && stages[i].run == ctx_stage_normalise) {
            run_parts(&draft.text);
            begin = now();
        }
        if (stages[i].run(&draft, &error) < 0) {
            n_failed++;
            break;
        }
        double end = now();
        stages[i].seconds += end - begin;
        begin = end;
        if (last && strcmp(last, stages[i].name) == 0)
            break;
    }
    ctx_outline_deinit(&draft.outline);
    ctx_buffer_deinit(&draft.text);
    ctx_document_deinit(&document);
}

static double run_whole(const struct ctx_transform_options *options)
{
    double begin = now();
    for (size_t i = 0; i < n_sources; i++) {
        struct ctx_transform_context context = { .options = options,
                                                 .path = sources[i].path,
                                                 .repo = "o/r",
                                                 .ref = "main",
                                                 .repo_path = "" };
        struct ctx_document document;
        struct ctx_error error;
        ctx_document_init(&document);
        ctx_transform(sources[i].text, sources[i].len, &context, &document, &error);
        ctx_document_deinit(&document);
    }
    return now() - begin;
}

static void begin_round(struct stage *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        all[i].seconds = 0;
        all[i].bytes = 0;
    }
}

static void end_round(struct stage *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].seconds < all[i].best)
            all[i].best = all[i].seconds;
}

static void print_stages(const struct stage *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%-14s %8.1f MB/s  %7.2f ms\n", all[i].name,
               (double)all[i].bytes / all[i].best / 1e6, all[i].best * 1e3);
}

static void run_round(const struct ctx_transform_options *options, const char *last)
{
    begin_round(stages, CTX_ARRAY_LEN(stages));
    begin_round(parts, CTX_ARRAY_LEN(parts));
    for (size_t i = 0; i < n_sources; i++) {
        struct ctx_transform_context context = { .options = options,
                                                 .path = sources[i].path,
                                                 .repo = "o/r",
                                                 .ref = "main",
                                                 .repo_path = "" };
        run_stages(&sources[i], &context, last);
    }
    end_round(stages, CTX_ARRAY_LEN(stages));
    end_round(parts, CTX_ARRAY_LEN(parts));
}

int main(int argc, char **argv)
{
    int rounds = 5;
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = atoi(argv[++i]);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else
            nftw(argv[i], take_file, 16, FTW_PHYS);
    }
    if (n_sources == 0 || ctx_transform_setup() < 0) {
        fprintf(stderr, "usage: bench_transform [--rounds N] [--only STAGE] FOLDER...\n");
        return 2;
    }
    memory = only ? NULL : malloc(MEMORY);
    if (!only && !memory)
        return 1;
    struct ctx_transform_options options = { 0 };
    double whole = 1e9;
    for (int i = 0; i < rounds; i++) {
        run_round(&options, only);
        double seconds = only ? 0 : run_whole(&options);
        whole = seconds < whole ? seconds : whole;
    }
    printf("%zu documents, %.2f MB, %zu failed\n", n_sources, (double)n_bytes / 1e6,
           n_failed / (size_t)rounds);
    if (only)
        return 0;
    print_stages(stages, CTX_ARRAY_LEN(stages));
    printf("%-14s %8.1f MB/s  %7.2f ms\n", "whole", (double)n_bytes / whole / 1e6, whole * 1e3);
    print_stages(parts, CTX_ARRAY_LEN(parts));
    free(memory);
    return 0;
}
