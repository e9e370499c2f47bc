#ifndef CTX_ENGINE_SOURCE_STATE_H
#define CTX_ENGINE_SOURCE_STATE_H

#include "config/config.h"
#include "document/output.h"
#include "engine/mirror.h"

struct ctx_departure;
struct ctx_ledger;

/* One source in an engine. The engine's thread owns it; tasks borrow `config` and `output`. */
struct ctx_source_state {
    uint32_t number;
    const struct ctx_source *config;
    struct ctx_output *output;
    struct ctx_mirror *mirror;
    struct ctx_ledger *ledger; /* the recorder's; NULL in a dry run */
    uint64_t sequence;
    size_t waiting, in_flight; /* of its changes */
    size_t retried;            /* stuck documents, by turns */
    bool leaving;              /* nothing new of it is begun or told */
    void (*left)(void *data);  /* when it is closed; NULL */
    void *left_data;
    struct ctx_departure *departure; /* memory for its closing, which must not fail */
};

#endif
