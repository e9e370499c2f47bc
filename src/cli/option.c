/*
 * Options of the command line, by tables. Nothing here knows any command. The main thread.
 */
#include "cli/option.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

enum { HELP_COLUMN = 28 };

static const struct ctx_option help = {
    .name = "help", .letter = 'h', .type = CTX_OPTION_FLAG, .help = "show this help"
};

struct parser {
    const struct ctx_usage *usage;
    int argc;
    char **argv;
    int at;
    void *values;
    int n_arguments;
};

/* Every refusal is one line, and says where the whole truth is. */
static int __attribute__((format(printf, 2, 3)))
wrong(const struct parser *parser, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "contextor %s: ", parser->usage->command);
    vfprintf(stderr, format, args);
    fprintf(stderr, "; see contextor %s --help\n", parser->usage->command);
    va_end(args);
    return -EINVAL;
}

static const struct ctx_option *find_name(const struct ctx_usage *usage, const char *name,
                                          size_t len)
{
    for (size_t i = 0; i < usage->n_options; i++) {
        const struct ctx_option *option = &usage->options[i];
        if (strlen(option->name) == len && memcmp(option->name, name, len) == 0)
            return option;
    }
    return NULL;
}

static const struct ctx_option *find_letter(const struct ctx_usage *usage, char letter)
{
    for (size_t i = 0; i < usage->n_options; i++)
        if (usage->options[i].letter == letter)
            return &usage->options[i];
    return NULL;
}

static int unknown(const struct parser *parser, const char *flag)
{
    const char *near = ctx_suggest(flag + strspn(flag, "-"), parser->usage->options,
                                   parser->usage->n_options, sizeof(struct ctx_option));
    if (near)
        return wrong(parser, "no such option: %s (did you mean --%s?)", flag, near);
    return wrong(parser, "no such option: %s", flag);
}

static int store_number(const struct parser *parser, const struct ctx_option *option,
                        const char *text)
{
    int max = option->max ? option->max : INT_MAX;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < option->min || number > max)
        return wrong(parser, "--%s takes a number from %d to %d, not \"%s\"", option->name,
                     option->min, max, text);
    *(int *)((char *)parser->values + option->offset) = (int)number;
    return 0;
}

/* `text` is what stands behind '=' or in the next word; NULL when the option takes none. */
static int store(const struct parser *parser, const struct ctx_option *option, const char *text,
                 bool negated)
{
    char *slot = (char *)parser->values + option->offset;
    switch (option->type) {
    case CTX_OPTION_FLAG:
        *(bool *)slot = true;
        return 0;
    case CTX_OPTION_SWITCH:
        *(int *)slot = !negated;
        return 0;
    case CTX_OPTION_STRING:
        if (!*text)
            return wrong(parser, "--%s takes a %s, not an empty word", option->name, option->value);
        *(const char **)slot = text;
        return 0;
    case CTX_OPTION_UNSIGNED:
        return store_number(parser, option, text);
    }
    return -EINVAL;
}

static bool takes_value(const struct ctx_option *option)
{
    return option->type == CTX_OPTION_STRING || option->type == CTX_OPTION_UNSIGNED;
}

/* Finds the value of an option that takes one: behind '=', else the next word. */
static int parse_value(struct parser *parser, const struct ctx_option *option, const char *inlined,
                       bool negated)
{
    if (!takes_value(option)) {
        if (inlined)
            return wrong(parser, "--%s takes no value", option->name);
        return store(parser, option, NULL, negated);
    }
    if (!inlined && parser->at + 1 >= parser->argc)
        return wrong(parser, "--%s needs a %s", option->name, option->value);
    return store(parser, option, inlined ? inlined : parser->argv[++parser->at], false);
}

static int parse_long(struct parser *parser, const char *word)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const struct ctx_option *option = find_name(parser->usage, name, len);
    bool negated = false;
    if (!option && strncmp(name, "no-", 3) == 0) {
        option = find_name(parser->usage, name + 3, len - 3);
        negated = true;
        if (option && option->type != CTX_OPTION_SWITCH)
            option = NULL;
    }
    if (!option)
        return unknown(parser, word);
    return parse_value(parser, option, equals ? equals + 1 : NULL, negated);
}

/* -q, -qj, -s VALUE, -sVALUE. */
static int parse_letters(struct parser *parser, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct ctx_option *option = find_letter(parser->usage, *letter);
        if (!option)
            return unknown(parser, word);
        if (takes_value(option))
            return parse_value(parser, option, letter[1] ? letter + 1 : NULL, false);
        store(parser, option, NULL, false);
    }
    return 0;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int check_arguments(const struct parser *parser)
{
    const struct ctx_usage *usage = parser->usage;
    if (parser->n_arguments > usage->max_arguments)
        return wrong(parser, "too many arguments: \"%s\"", parser->argv[1 + usage->max_arguments]);
    if (parser->n_arguments < usage->min_arguments)
        return wrong(parser, "%s is missing", usage->arguments);
    return 0;
}

int ctx_options_parse(const struct ctx_usage *usage, int argc, char **argv, void *values,
                      int *ret_arguments)
{
    struct parser parser = { .usage = usage, .argc = argc, .argv = argv, .values = values };
    bool only_arguments = false;
    for (parser.at = 1; parser.at < argc; parser.at++) {
        char *word = argv[parser.at];
        int status = 0;
        if (only_arguments || word[0] != '-' || !word[1])
            argv[1 + parser.n_arguments++] = word;
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (is_help(word)) {
            ctx_options_help(usage, stdout);
            return CTX_OPTION_HELP;
        } else
            status = word[1] == '-' ? parse_long(&parser, word) : parse_letters(&parser, word);
        if (status)
            return status;
    }
    int status = check_arguments(&parser);
    if (status)
        return status;
    *ret_arguments = parser.n_arguments;
    return 0;
}

/* One line, or two when the flag is long. */
static void print_option(const struct ctx_option *option, FILE *out)
{
    char left[80];
    char letter[] = { '-', option->letter, ',', ' ', '\0' };
    snprintf(left, sizeof(left), "  %s--%s%s%s%s", option->letter ? letter : "    ",
             option->type == CTX_OPTION_SWITCH ? "[no-]" : "", option->name,
             option->value ? " " : "", option->value ? option->value : "");
    fprintf(out, "%-*s%s", HELP_COLUMN, left, strlen(left) < HELP_COLUMN ? "" : "\n");
    fprintf(out, "%*s%s\n", strlen(left) < HELP_COLUMN ? 0 : HELP_COLUMN, "", option->help);
}

void ctx_options_help(const struct ctx_usage *usage, FILE *out)
{
    fprintf(out, "Usage: contextor %s%s%s%s\n\n%c%s.\n", usage->command,
            usage->n_options ? " [OPTION]..." : "", usage->arguments ? " " : "",
            usage->arguments ? usage->arguments : "", toupper((unsigned char)usage->summary[0]),
            usage->summary + 1);
    if (usage->detail)
        fprintf(out, "%s\n", usage->detail);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < usage->n_options; i++)
        print_option(&usage->options[i], out);
    print_option(&help, out);
}
