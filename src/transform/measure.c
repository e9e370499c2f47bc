#include "transform/stage.h"

int ctx_stage_measure(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)draft;
    (void)error;
    return 0;
}

uint64_t ctx_tokens_estimate(uint64_t words)
{
    return words * 4 / 3;
}
