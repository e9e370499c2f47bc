/* Parameters against a method's table: what a command gets needs no further checks of its form. */
#include "daemon/parameter.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "contextor/buffer.h"

static bool is_one_of(const char *text, const char *const *values)
{
    if (!values)
        return *text != '\0';
    for (size_t i = 0; values[i]; i++)
        if (strcmp(values[i], text) == 0)
            return true;
    return false;
}

static int wrong_value(const struct ctx_parameter *parameter, struct ctx_error *error)
{
    char list[256] = "";
    for (size_t i = 0, len = 0; parameter->values && parameter->values[i]; i++) {
        int n = snprintf(list + len, sizeof(list) - len, "%s\"%s\"", i ? ", " : "",
                         parameter->values[i]);
        if (n < 0 || (len += (size_t)n) >= sizeof(list))
            break;
    }
    const char *each = parameter->type == CTX_PARAMETER_STRINGS ? "each " : "";
    if (*list)
        return ctx_error_set(error, -EINVAL, "%s: %smust be one of %s", parameter->name, each,
                             list);
    return ctx_error_set(error, -EINVAL, "%s: %smust be a string that is not empty",
                         parameter->name, each);
}

static int check_number(const struct ctx_parameter *parameter, const json_t *value,
                        struct ctx_error *error)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < parameter->min || number > parameter->max)
        return ctx_error_set(error, -EINVAL,
                             "%s: must be an integer from %" JSON_INTEGER_FORMAT
                             " to %" JSON_INTEGER_FORMAT,
                             parameter->name, parameter->min, parameter->max);
    return 0;
}

static int check_strings(const struct ctx_parameter *parameter, const json_t *value,
                         struct ctx_error *error)
{
    if (!json_is_array(value) || json_array_size(value) > CTX_LIMIT_FILTERS)
        return ctx_error_set(error, -EINVAL, "%s: must be an array of at most %d strings",
                             parameter->name, CTX_LIMIT_FILTERS);
    size_t i;
    json_t *item;
    json_array_foreach(
        value, i, item) if (!json_is_string(item) ||
                            !is_one_of(json_string_value(item),
                                       parameter->values)) return wrong_value(parameter, error);
    return 0;
}

static int check_value(const struct ctx_parameter *parameter, const json_t *value,
                       struct ctx_error *error)
{
    switch (parameter->type) {
    case CTX_PARAMETER_BOOLEAN:
        if (json_is_boolean(value))
            return 0;
        return ctx_error_set(error, -EINVAL, "%s: must be true or false", parameter->name);
    case CTX_PARAMETER_NUMBER:
        return check_number(parameter, value, error);
    case CTX_PARAMETER_STRINGS:
        return check_strings(parameter, value, error);
    case CTX_PARAMETER_OBJECT:
        if (json_is_object(value))
            return 0;
        return ctx_error_set(error, -EINVAL, "%s: must be an object", parameter->name);
    case CTX_PARAMETER_STRING:
    case CTX_PARAMETER_PATH:
        if (json_is_string(value) && is_one_of(json_string_value(value), parameter->values))
            return 0;
        return wrong_value(parameter, error);
    }
    return -EINVAL;
}

/* A path's name stands for "<name>_b64", too. */
static bool is_name(const struct ctx_parameter *parameter, const char *name)
{
    size_t len = strlen(parameter->name);
    if (strncmp(parameter->name, name, len) != 0)
        return false;
    return name[len] == '\0' ||
           (parameter->type == CTX_PARAMETER_PATH && strcmp(name + len, "_b64") == 0);
}

static const struct ctx_parameter *find(const struct ctx_parameter *table, size_t n,
                                        const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (is_name(&table[i], name))
            return &table[i];
    return NULL;
}

static int unknown(const struct ctx_parameter *table, size_t n, const char *name,
                   struct ctx_error *error)
{
    const char *near = ctx_suggest(name, table, n, sizeof(*table));
    if (near)
        return ctx_error_set(error, -EINVAL, "%.100s: no such parameter; did you mean %s?", name,
                             near);
    return ctx_error_set(error, -EINVAL, "%.100s: no such parameter", name);
}

static int from_object(const struct ctx_parameter *table, size_t n, const json_t *params,
                       json_t *named, struct ctx_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)params, name, value)
    {
        const struct ctx_parameter *parameter = find(table, n, name);
        int status =
            parameter ? check_value(parameter, value, error) : unknown(table, n, name, error);
        if (status)
            return status;
        if (json_object_set(named, name, value))
            return -ENOMEM;
    }
    return 0;
}

static int from_array(const struct ctx_parameter *table, size_t n, const json_t *params,
                      json_t *named, struct ctx_error *error)
{
    if (json_array_size(params) > n)
        return ctx_error_set(error, -EINVAL, "at most %zu parameters", n);
    size_t i;
    json_t *value;
    json_array_foreach(params, i, value)
    {
        int status = check_value(&table[i], value, error);
        if (status)
            return status;
        if (json_object_set(named, table[i].name, value))
            return -ENOMEM;
    }
    return 0;
}

static int check_required(const struct ctx_parameter *table, size_t n, const json_t *named,
                          struct ctx_error *error)
{
    for (size_t i = 0; i < n; i++) {
        char encoded[64];
        snprintf(encoded, sizeof(encoded), "%s_b64", table[i].name);
        if (table[i].required && !json_object_get(named, table[i].name) &&
            !json_object_get(named, encoded))
            return ctx_error_set(error, -EINVAL, "%s: is missing", table[i].name);
    }
    return 0;
}

int ctx_parameters_check(const struct ctx_parameter *table, size_t n, const json_t *params,
                         json_t **ret_named, struct ctx_error *error)
{
    json_t *named = json_object();
    if (!named)
        return -ENOMEM;
    int status = 0;
    if (json_is_object(params))
        status = from_object(table, n, params, named, error);
    else if (json_is_array(params))
        status = from_array(table, n, params, named, error);
    if (status == 0)
        status = check_required(table, n, named, error);
    if (status) {
        json_decref(named);
        return status;
    }
    *ret_named = named;
    return 0;
}
