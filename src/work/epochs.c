/* The multiset of epochs; see the header. Invariant: sorted, no count is 0. Owned by the queue. */
#include "work/epochs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ctx_epochs_deinit(struct ctx_epochs *epochs)
{
    free(epochs->counts);
    *epochs = (struct ctx_epochs){ 0 };
}

/* Index of the first count whose epoch is not below `epoch`. */
static size_t lower_bound(const struct ctx_epochs *epochs, uint64_t epoch)
{
    size_t low = epochs->first, high = epochs->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (epochs->counts[middle].epoch < epoch)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room for one more at the end: by moving down what lies past free places, else by growing. */
static int make_room(struct ctx_epochs *epochs)
{
    if (epochs->end < epochs->capacity)
        return 0;
    size_t n = epochs->end - epochs->first;
    if (epochs->first > n) {
        memmove(epochs->counts, epochs->counts + epochs->first, n * sizeof(*epochs->counts));
        epochs->first = 0;
        epochs->end = n;
        return 0;
    }
    size_t capacity = epochs->capacity ? epochs->capacity * 2 : 8;
    struct ctx_epoch_count *counts = reallocarray(epochs->counts, capacity, sizeof(*counts));
    if (!counts)
        return -ENOMEM;
    epochs->counts = counts;
    epochs->capacity = capacity;
    return 0;
}

int ctx_epochs_add(struct ctx_epochs *epochs, uint64_t epoch)
{
    if (epochs->end > epochs->first && epochs->counts[epochs->end - 1].epoch == epoch) {
        epochs->counts[epochs->end - 1].count++;
        return 0;
    }
    int r = make_room(epochs);
    if (r < 0)
        return r;
    size_t at = lower_bound(epochs, epoch);
    if (at < epochs->end && epochs->counts[at].epoch == epoch) {
        epochs->counts[at].count++;
        return 0;
    }
    memmove(epochs->counts + at + 1, epochs->counts + at,
            (epochs->end - at) * sizeof(*epochs->counts));
    epochs->counts[at] = (struct ctx_epoch_count){ .epoch = epoch, .count = 1 };
    epochs->end++;
    return 0;
}

void ctx_epochs_remove(struct ctx_epochs *epochs, uint64_t epoch)
{
    size_t at = lower_bound(epochs, epoch);
    if (at == epochs->end || epochs->counts[at].epoch != epoch || --epochs->counts[at].count > 0)
        return;
    if (at == epochs->first) {
        epochs->first++;
    } else {
        memmove(epochs->counts + at, epochs->counts + at + 1,
                (epochs->end - at - 1) * sizeof(*epochs->counts));
        epochs->end--;
    }
    if (epochs->first == epochs->end)
        epochs->first = epochs->end = 0;
}

uint64_t ctx_epochs_oldest(const struct ctx_epochs *epochs)
{
    return epochs->first < epochs->end ? epochs->counts[epochs->first].epoch : UINT64_MAX;
}
