#ifndef CTX_TEST_CORPORA_H
#define CTX_TEST_CORPORA_H

/*
 * Real documentation trees for tests: those of ../shared/corpora when it is there, or the folders
 * that CONTEXTOR_TREES names, separated by colons. One thread.
 */

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "contextor/buffer.h"

/* One page: its path, and its text as the pipeline takes it (LF, no byte order mark). */
typedef void (*corpora_fn)(const char *path, const struct ctx_buffer *text);

static corpora_fn corpora_each_page;
static unsigned corpora_n_pages;

static inline bool corpora_ends_with(const char *path, const char *end)
{
    size_t len = strlen(path);
    return len >= strlen(end) && strcmp(path + len - strlen(end), end) == 0;
}

static inline void corpora_take_page(const char *path, struct ctx_buffer *text)
{
    CTX_AUTO_FCLOSE FILE *file = fopen(path, "re");
    for (int c; file && (c = getc(file)) != EOF;)
        if (c != '\r')
            ctx_buffer_putc(text, (char)c);
    if (text->len >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0)
        ctx_buffer_splice(text, 0, 3, "", 0);
}

static inline int corpora_visit(const char *path, const struct stat *status, int type,
                                struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (type != FTW_F || (!corpora_ends_with(path, ".md") && !corpora_ends_with(path, ".mdx")))
        return 0;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    corpora_take_page(path, &text);
    corpora_n_pages++;
    corpora_each_page(path, &text);
    return 0;
}

static inline int corpora_remove(const char *path, const struct stat *status, int type,
                                 struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void corpora_visit_unpacked(void)
{
    static const char *const names[] = { "book", "react.dev", "ui", "vite" };
    char folder[] = "/tmp/contextor-corpora-XXXXXX";
    if (!mkdtemp(folder))
        return;
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++) {
        char command[1024];
        snprintf(command, sizeof(command), "tar -xJf '%s/../shared/corpora/%s.tar.xz' -C %s 2>&1",
                 CTX_TEST_ROOT, names[i], folder);
        if (system(command) != 0)
            printf("%s: not there\n", names[i]);
    }
    nftw(folder, corpora_visit, 16, FTW_PHYS);
    nftw(folder, corpora_remove, 16, FTW_PHYS | FTW_DEPTH);
}

/* Calls `each` for every page; how many there were, 0 where the trees are not at hand. */
static inline unsigned corpora_each(corpora_fn each)
{
    const char *trees = getenv("CONTEXTOR_TREES");
    CTX_AUTO_FREE char *list = trees ? strdup(trees) : NULL;
    corpora_each_page = each;
    corpora_n_pages = 0;
    if (!list)
        corpora_visit_unpacked();
    for (char *at = list, *tree; (tree = strsep(&at, ":"));)
        nftw(tree, corpora_visit, 16, FTW_PHYS);
    return corpora_n_pages;
}

#endif
