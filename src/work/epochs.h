#ifndef CTX_WORK_EPOCHS_H
#define CTX_WORK_EPOCHS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A multiset of barrier epochs that knows its smallest. Epochs grow as time goes by and few are
 * alive at once, so it is a sorted array of (epoch, count). Pure; one thread owns it.
 */
struct ctx_epochs {
    struct ctx_epoch_count {
        uint64_t epoch;
        size_t count; /* never 0 */
    } * counts;       /* ascending by epoch, from `first` on */
    size_t first, end, capacity;
};

void ctx_epochs_deinit(struct ctx_epochs *epochs);
/* O(1) for an epoch that is not below the largest. 0 or -ENOMEM. */
int ctx_epochs_add(struct ctx_epochs *epochs, uint64_t epoch);
/* Takes away one that was added. */
void ctx_epochs_remove(struct ctx_epochs *epochs, uint64_t epoch);
/* UINT64_MAX when empty. */
uint64_t ctx_epochs_oldest(const struct ctx_epochs *epochs);

#endif
