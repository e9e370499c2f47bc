#include "transform/stage.h"

int ctx_stage_normalise(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)draft;
    (void)error;
    return 0;
}

int ctx_transform_setup(void)
{
    return 0;
}
