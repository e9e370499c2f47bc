#include "transform/stage.h"

int ctx_stage_size(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)draft;
    (void)error;
    return 0;
}
