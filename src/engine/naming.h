#ifndef CTX_ENGINE_NAMING_H
#define CTX_ENGINE_NAMING_H

#include "base/slug.h"
#include "engine/mirror.h"

/*
 * Who has which slug: the rule of base/slug.h over the documents of a mirror, kept up to date one
 * document at a time. A part of the mirror.
 */

struct ctx_naming {
    const char *repo; /* the mirror's */
    struct ctx_known *holders;
    struct ctx_known **moved; /* by the latest join or leave */
    size_t n_moved, capacity;
};

void ctx_naming_deinit(struct ctx_naming *naming);

/* A new document takes part; one goes. The others whose slugs are others now are `moved`. */
void ctx_naming_join(struct ctx_naming *naming, struct ctx_known *known);
void ctx_naming_leave(struct ctx_naming *naming, struct ctx_known *known);

/* The mirror's functions of these names. */
struct ctx_known *ctx_naming_owner(const struct ctx_naming *naming, const struct ctx_known *known,
                                   enum ctx_slug_form form);
bool ctx_naming_is_contested(const struct ctx_naming *naming, const struct ctx_known *known);
void ctx_naming_each_paged(const struct ctx_naming *naming, const struct ctx_known *known,
                           enum ctx_slug_form form,
                           void (*each)(void *data, struct ctx_known *other), void *data);

#endif
