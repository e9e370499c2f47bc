#include "transform/stage.h"

int ctx_stage_mdx(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)draft;
    (void)error;
    return 0;
}
