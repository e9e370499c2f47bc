/*
 * The transform's throughput: MB/s of each stage and of the whole, over the documents of folders,
 * in one thread. All are read first; each round runs every stage over all documents, and the best
 * round counts.
 *
 * usage: bench_transform [--rounds N] [--only STAGE] FOLDER...
 * --only prints nothing but runs, for callgrind: instructions a byte of one stage and those before.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/limits.h"
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
    clock_gettime(CLOCK_MONOTONIC, &at);
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

static void run_round(const struct ctx_transform_options *options, const char *last)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(stages); i++) {
        stages[i].seconds = 0;
        stages[i].bytes = 0;
    }
    for (size_t i = 0; i < n_sources; i++) {
        struct ctx_transform_context context = { .options = options,
                                                 .path = sources[i].path,
                                                 .repo = "o/r",
                                                 .ref = "main",
                                                 .repo_path = "" };
        run_stages(&sources[i], &context, last);
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(stages); i++)
        if (stages[i].seconds < stages[i].best)
            stages[i].best = stages[i].seconds;
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
    struct ctx_transform_options options = { 0 };
    double whole = 1e9;
    for (int i = 0; i < rounds; i++) {
        run_round(&options, only);
        double seconds = only ? 0 : run_whole(&options);
        whole = seconds < whole ? seconds : whole;
    }
    printf("%zu documents, %.2f MB, %zu failed\n", n_sources, (double)n_bytes / 1e6,
           n_failed / (size_t)rounds);
    for (size_t i = 0; i < CTX_ARRAY_LEN(stages) && !only; i++)
        printf("%-14s %8.1f MB/s  %7.2f ms\n", stages[i].name,
               (double)stages[i].bytes / stages[i].best / 1e6, stages[i].best * 1e3);
    if (!only)
        printf("%-14s %8.1f MB/s  %7.2f ms\n", "whole", (double)n_bytes / whole / 1e6, whole * 1e3);
    return 0;
}
