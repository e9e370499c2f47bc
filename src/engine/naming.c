/*
 * Naming. A hash table of the documents that hold a plain slug, each at the head of a list of those
 * that would like to; keyed by 64 bits of the slug's digest, so that slugs need not be kept. Who has
 * which form follows from the lists alone: what one document changes is settled among those of its
 * list, and those whose short form is its plain slug.
 * Invariant: in each list the paths ascend, and the head's form is the plain one.
 */
#include "engine/naming.h"

#include <stdlib.h>
#include <string.h>

void ctx_naming_deinit(struct ctx_naming *naming)
{
    HASH_CLEAR(by_slug, naming->holders);
    free(naming->moved);
}

static uint64_t key_of(const char *slug, size_t len)
{
    unsigned char digest[CTX_DIGEST_SIZE];
    uint64_t key;
    ctx_digest(slug, len, digest);
    memcpy(&key, digest, sizeof(key));
    return key;
}

static struct ctx_known *find_holder(const struct ctx_naming *naming, uint64_t key)
{
    struct ctx_known *holder;
    HASH_FIND(by_slug, naming->holders, &key, sizeof(key), holder);
    return holder;
}

/* Who holds the plain slug that is another's short form; NULL: nobody. */
static struct ctx_known *find_namesake(const struct ctx_naming *naming,
                                       const struct ctx_known *known)
{
    char slug[CTX_SLUG_SIZE];
    ctx_slug_in_form(naming->repo, known->path, CTX_SLUG_SHORT, slug);
    return find_holder(naming, key_of(slug, strlen(slug)));
}

/* Most documents are alone with their slug, and need no digits. */
static uint32_t digits_of(struct ctx_known *known)
{
    if (!known->has_digits)
        known->digits = ctx_slug_digits(known->path);
    known->has_digits = true;
    return known->digits;
}

/* Whose short form a plain slug is: from `first` on in a list; NULL at its end. */
static struct ctx_known *next_with_digits(struct ctx_known *first, uint32_t digits)
{
    while (first && digits_of(first) != digits)
        first = first->next_same;
    return first;
}

/* The first document whose short form is this slug; others follow in its list. */
static struct ctx_known *find_short(const struct ctx_naming *naming, const char *slug,
                                    uint32_t *ret_digits)
{
    size_t len;
    if (!ctx_slug_split(slug, &len, ret_digits))
        return NULL;
    return next_with_digits(find_holder(naming, key_of(slug, len)), *ret_digits);
}

static bool has_twin(const struct ctx_naming *naming, struct ctx_known *known)
{
    struct ctx_known *first =
        next_with_digits(find_holder(naming, known->slug_key), digits_of(known));
    return first != known || next_with_digits(known->next_same, digits_of(known));
}

static enum ctx_slug_form form_of(const struct ctx_naming *naming, struct ctx_known *known)
{
    if (find_holder(naming, known->slug_key) == known)
        return CTX_SLUG_PLAIN;
    return has_twin(naming, known) || find_namesake(naming, known) ? CTX_SLUG_LONG : CTX_SLUG_SHORT;
}

/* One that is not noted, for want of memory, is found by the next scan: its page is elsewhere. */
static void note_moved(struct ctx_naming *naming, struct ctx_known *known)
{
    if (naming->n_moved == naming->capacity) {
        size_t capacity = naming->capacity ? 2 * naming->capacity : 4;
        void *grown = reallocarray(naming->moved, capacity, sizeof(struct ctx_known *));
        if (!grown)
            return;
        naming->moved = grown;
        naming->capacity = capacity;
    }
    naming->moved[naming->n_moved++] = known;
}

static void settle(struct ctx_naming *naming, struct ctx_known *known)
{
    enum ctx_slug_form form = form_of(naming, known);
    if (form == (enum ctx_slug_form)known->form)
        return;
    known->form = (uint8_t)form;
    note_moved(naming, known);
}

/* All from `first` on in a list that have these digits. */
static void settle_with_digits(struct ctx_naming *naming, struct ctx_known *first, uint32_t digits)
{
    for (struct ctx_known *known = next_with_digits(first, digits); known;
         known = next_with_digits(known->next_same, digits))
        settle(naming, known);
}

/* Those whose short form is a plain slug that came or went. */
static void settle_short(struct ctx_naming *naming, const char *slug)
{
    uint32_t digits;
    struct ctx_known *first = find_short(naming, slug, &digits);
    if (first)
        settle_with_digits(naming, first, digits);
}

static void hold(struct ctx_naming *naming, struct ctx_known *known)
{
    HASH_ADD(by_slug, naming->holders, slug_key, sizeof(known->slug_key), known);
}

static void enter_list(struct ctx_naming *naming, struct ctx_known *known, struct ctx_known *holder)
{
    if (strcmp(known->path, holder->path) < 0) {
        HASH_DELETE(by_slug, naming->holders, holder);
        known->next_same = holder;
        hold(naming, known);
        return;
    }
    struct ctx_known *before = holder;
    while (before->next_same && strcmp(before->next_same->path, known->path) < 0)
        before = before->next_same;
    known->next_same = before->next_same;
    before->next_same = known;
}

void ctx_naming_join(struct ctx_naming *naming, struct ctx_known *known)
{
    char slug[CTX_SLUG_SIZE];
    ctx_slug(naming->repo, known->path, slug);
    known->slug_key = key_of(slug, strlen(slug));
    struct ctx_known *holder = find_holder(naming, known->slug_key);
    naming->n_moved = 0;
    if (!holder) {
        hold(naming, known);
        settle_short(naming, slug);
        return;
    }
    enter_list(naming, known, holder);
    known->form = (uint8_t)form_of(naming, known);
    settle(naming, holder);
    settle_with_digits(naming, find_holder(naming, known->slug_key), digits_of(known));
}

void ctx_naming_leave(struct ctx_naming *naming, struct ctx_known *known)
{
    struct ctx_known *holder = find_holder(naming, known->slug_key);
    naming->n_moved = 0;
    if (holder == known) {
        HASH_DELETE(by_slug, naming->holders, known);
        holder = known->next_same;
        if (holder)
            hold(naming, holder);
    } else {
        struct ctx_known *before = holder;
        while (before->next_same != known)
            before = before->next_same;
        before->next_same = known->next_same;
    }
    if (!holder) {
        char slug[CTX_SLUG_SIZE];
        ctx_slug(naming->repo, known->path, slug);
        settle_short(naming, slug);
        return;
    }
    settle(naming, holder);
    settle_with_digits(naming, holder, digits_of(known));
}

struct ctx_known *ctx_naming_owner(const struct ctx_naming *naming, const struct ctx_known *known,
                                   enum ctx_slug_form form)
{
    if (form == CTX_SLUG_PLAIN)
        return find_holder(naming, known->slug_key);
    struct ctx_known *namesake = form == CTX_SLUG_SHORT ? find_namesake(naming, known) : NULL;
    if (namesake)
        return namesake;
    return known->form == form ? (struct ctx_known *)known : NULL;
}

bool ctx_naming_is_contested(const struct ctx_naming *naming, const struct ctx_known *known)
{
    char slug[CTX_SLUG_SIZE];
    uint32_t digits;
    if (known->form != CTX_SLUG_PLAIN)
        return false;
    ctx_slug(naming->repo, known->path, slug);
    return known->next_same || find_short(naming, slug, &digits);
}

/* Those of a list, from `first` on, whose page was written under this form. */
static void each_in_list(struct ctx_known *first, const struct ctx_known *but,
                         enum ctx_slug_form form, void (*each)(void *data, struct ctx_known *other),
                         void *data)
{
    for (struct ctx_known *other = first; other; other = other->next_same)
        if (other != but && other->has_page && other->paged_form == form)
            each(data, other);
}

void ctx_naming_each_paged(const struct ctx_naming *naming, const struct ctx_known *known,
                           enum ctx_slug_form form,
                           void (*each)(void *data, struct ctx_known *other), void *data)
{
    char slug[CTX_SLUG_SIZE];
    uint32_t digits;
    if (form == CTX_SLUG_SHORT) {
        each_in_list(find_namesake(naming, known), known, CTX_SLUG_PLAIN, each, data);
    } else if (form == CTX_SLUG_PLAIN) {
        each_in_list(find_holder(naming, known->slug_key), known, CTX_SLUG_PLAIN, each, data);
        ctx_slug(naming->repo, known->path, slug);
        struct ctx_known *other = find_short(naming, slug, &digits);
        for (; other; other = next_with_digits(other->next_same, digits))
            if (other->has_page && other->paged_form == CTX_SLUG_SHORT)
                each(data, other);
    }
}
