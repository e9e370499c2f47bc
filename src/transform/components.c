#include "contextor/transform.h"

#include <string.h>

static const char *const forms[] = { "unwrap" };

bool ctx_component_form_exists(const char *name)
{
    return strcmp(name, forms[0]) == 0;
}

const char *const *ctx_component_form_names(size_t *ret_count)
{
    *ret_count = 1;
    return forms;
}
