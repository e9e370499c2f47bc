/*
 * Restoring. Records, index lines and journal entries come one by one; each is found its document
 * and the form of the name that its page has. Paths are collected where the catalogue, which may
 * not be used meanwhile, has to hear of it afterwards.
 */
#include "engine/restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "document/index_pages.h"

/* Strings of our own. */
struct strings {
    char **items;
    size_t n, capacity;
};

static void free_strings(struct strings *strings)
{
    for (size_t i = 0; i < strings->n; i++)
        free(strings->items[i]);
    free(strings->items);
}

static int add_string(struct strings *strings, const char *string)
{
    if (strings->n == strings->capacity) {
        size_t capacity = strings->capacity ? 2 * strings->capacity : 64;
        void *grown = reallocarray(strings->items, capacity, sizeof(char *));
        if (!grown)
            return -ENOMEM;
        strings->items = grown;
        strings->capacity = capacity;
    }
    char *copy = strdup(string);
    if (!copy)
        return -ENOMEM;
    strings->items[strings->n++] = copy;
    return 0;
}

/* What the callbacks work on. */
struct loading {
    struct ctx_restore *restore;
    struct strings orphans;      /* documents whose page was removed */
    struct strings paths, slugs; /* of pages that get a row */
};

static void deinit_loading(struct loading *loading)
{
    free_strings(&loading->orphans);
    free_strings(&loading->paths);
    free_strings(&loading->slugs);
}

/* A page under a slug that is not of this path any more: it is ours, and it goes. */
static int remove_orphan(struct loading *loading, const char *path, const char *slug)
{
    if (ctx_output_remove(loading->restore->output, slug, NULL) >= 0)
        loading->restore->index_behind = true;
    return add_string(&loading->orphans, path);
}

/* In which form a document has a slug; CTX_SLUG_FORMS: in none. */
static enum ctx_slug_form form_of(const struct ctx_mirror *mirror, const struct ctx_known *known,
                                  const char *slug)
{
    char name[CTX_SLUG_SIZE];
    for (unsigned form = 0; form < CTX_SLUG_FORMS; form++) {
        ctx_mirror_form_slug(mirror, known, (enum ctx_slug_form)form, name);
        if (strcmp(name, slug) == 0)
            return (enum ctx_slug_form)form;
    }
    return CTX_SLUG_FORMS;
}

/* A page of this path is in the output under `slug`. 0; CTX_GONE when slugs are others now. */
static int note_page(struct loading *loading, struct ctx_known *known, const char *slug)
{
    enum ctx_slug_form form = form_of(loading->restore->mirror, known, slug);
    known->has_page = form != CTX_SLUG_FORMS;
    known->paged_form = known->has_page ? form : CTX_SLUG_PLAIN;
    if (known->has_page)
        return 0;
    int r = remove_orphan(loading, known->path, slug);
    return r < 0 ? r : CTX_GONE;
}

static int load_record(void *data, const struct ctx_record *record)
{
    struct loading *loading = data;
    struct ctx_known *known;
    int r = ctx_mirror_add(loading->restore->mirror, record->path, &known);
    if (r < 0)
        return r == -EEXIST ? 0 : r;
    memcpy(known->digest, record->digest, CTX_DIGEST_SIZE);
    known->current =
        memcmp(record->fingerprint, loading->restore->fingerprint, CTX_DIGEST_SIZE) == 0;
    known->source = record->source;
    r = record->output.ino == 0 ? CTX_GONE : note_page(loading, known, record->slug);
    if (r < 0)
        return r;
    if (r == 0) {
        known->output.ino = record->output.ino;
        known->output.size = record->output.size;
        known->output.mtime_ns = record->output.mtime_ns;
    }
    if (record->result != CTX_RESULT_FAILED)
        return 0;
    /* It may have failed for want of what there is now: then it was not read, or by another verdict. */
    known->current = loading->restore->verdict && record->source.ino != 0 &&
                     memcmp(record->fingerprint, loading->restore->verdict, CTX_DIGEST_SIZE) == 0;
    return ctx_mirror_set_error(loading->restore->mirror, known, record->error, false);
}

/* A page that the index lists while the catalogue is lost: ours, to be made again. */
static int load_entry(void *data, const char *slug, const char *path)
{
    struct loading *loading = data;
    struct ctx_known *known;
    loading->restore->index_found = true;
    int r = ctx_mirror_add(loading->restore->mirror, path, &known);
    if (r < 0)
        return r == -EEXIST ? 0 : r;
    r = note_page(loading, known, slug);
    return r < 0 ? r : 0;
}

int ctx_restore_catalogue(struct ctx_restore *restore)
{
    CTX_CLEANUP(deinit_loading) struct loading loading = { .restore = restore };
    int r = ctx_catalogue_load(restore->catalogue, load_record, &loading);
    if (r != 0)
        return r;
    return ctx_catalogue_forget_pages(restore->catalogue, loading.orphans.items, loading.orphans.n);
}

int ctx_restore_index(struct ctx_restore *restore)
{
    CTX_CLEANUP(deinit_loading) struct loading loading = { .restore = restore };
    int r = ctx_index_each(restore->output, load_entry, &loading);
    return r == CTX_GONE ? 0 : r;
}

static void note_other(void *data, struct ctx_known *other)
{
    (void)other;
    *(bool *)data = true;
}

/* Whether another document's page is known to be under the slug that `known` has in that form. */
static bool is_anothers(const struct ctx_mirror *mirror, const struct ctx_known *known,
                        unsigned form)
{
    bool found = false;
    ctx_mirror_each_paged(mirror, known, (enum ctx_slug_form)form, note_other, &found);
    return found;
}

/*
 * A document about to get another name for its page was known by the one it had, under which the
 * page is looked for: one that is there under the other name is nobody's, unless another's.
 */
static int load_second_page(struct loading *loading, const struct ctx_known *known,
                            const char *slug)
{
    const struct ctx_mirror *mirror = loading->restore->mirror;
    enum ctx_slug_form form = form_of(mirror, known, slug);
    if (form != CTX_SLUG_FORMS && (form == known->paged_form || is_anothers(mirror, known, form)))
        return 0;
    int r = ctx_output_remove(loading->restore->output, slug, NULL);
    return r == -ENOMEM ? r : 0;
}

/* A page that was about to be written. */
static int load_journaled(void *data, const char *slug, const char *path)
{
    struct loading *loading = data;
    struct ctx_mirror *mirror = loading->restore->mirror;
    struct ctx_known *known = ctx_mirror_find(mirror, path);
    if (known && known->has_page)
        return load_second_page(loading, known, slug);
    int r = known ? 0 : ctx_mirror_add(mirror, path, &known);
    if (r == 0)
        r = note_page(loading, known, slug);
    if (r != 0)
        return r < 0 ? r : 0;
    known->has_page = !is_anothers(mirror, known, known->paged_form);
    known->current = false;
    known->source = (struct ctx_file_stamp){ 0 };
    if (!known->has_page)
        return 0;
    r = add_string(&loading->paths, path);
    return r == 0 ? add_string(&loading->slugs, slug) : r;
}

/* What is not known of them is zero, but for the page: some page is there, of no known state. */
static int put_rows(const struct loading *loading, struct ctx_error *error)
{
    struct ctx_catalogue *catalogue = loading->restore->catalogue;
    size_t n = loading->slugs.n;
    CTX_AUTO_FREE struct ctx_record *records = calloc(n ? n : 1, sizeof(*records));
    if (!records)
        return ctx_error_set(error, -ENOMEM, "catalogue: out of memory");
    for (size_t i = 0; i < n; i++)
        records[i] = (struct ctx_record){
            .path = loading->paths.items[i],
            .slug = loading->slugs.items[i],
            .result = CTX_RESULT_WRITTEN,
            .output = { .ino = 1 },
            .when_us = (int64_t)ctx_clock_us(CLOCK_REALTIME),
            .sequence = ctx_catalogue_sequence(catalogue) + 1 + i,
            .error = "",
            .entry = "",
            .report = "",
        };
    return n == 0 ? 0 : ctx_catalogue_put(catalogue, records, n, error);
}

int ctx_restore_journal(struct ctx_restore *restore, struct ctx_error *error)
{
    CTX_CLEANUP(deinit_loading) struct loading loading = { .restore = restore };
    struct ctx_journal *journal = ctx_output_journal(restore->output);
    int r = ctx_journal_each(journal, load_journaled, &loading);
    if (r < 0 || restore->index_found)
        return r;
    r = put_rows(&loading, error);
    restore->index_behind |= loading.slugs.n > 0;
    return r == 0 ? ctx_journal_clear(journal) : r;
}
