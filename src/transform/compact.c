/*
 * The dropping rules of the profile compact: a table, each row with its name, by which it is
 * switched off and counted. A rule takes lines and blocks that hold nothing but what it drops. A
 * part of the size stage; pure.
 */
#include "transform/compact.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/html_tag.h"
#include "transform/lone_lines.h"

struct subject {
    struct ctx_draft *draft;
    const char *text;
    struct ctx_labels *labels;
    bool in_quote;
};

/* Addresses that serve badges: a part of the host and path. */
static const char *const badge_addresses[] = {
    "//img.shields.io/",
    "//shields.io/",
    "//badge.fury.io/",
    "//badgen.net/",
    "//flat.badgen.net/",
    "//badges.gitter.im/",
    "//badges.greenkeeper.io/",
    "//codecov.io/",
    "//coveralls.io/",
    "//travis-ci.org/",
    "//travis-ci.com/",
    "//api.travis-ci.com/",
    "//api.travis-ci.org/",
    "//circleci.com/",
    "//ci.appveyor.com/",
    "//snyk.io/test/",
    "//david-dm.org/",
    "//goreportcard.com/badge",
    "//pkg.go.dev/badge",
    "//godoc.org/",
    "//readthedocs.org/projects/",
    "//docs.rs/",
    "//isitmaintained.com/badge",
    "//bestpractices.coreinfrastructure.org/",
    "//www.bestpractices.dev/",
    "//api.codacy.com/",
    "//app.codacy.com/",
    "//api.codeclimate.com/",
    "//deepscan.io/",
    "//packagephobia.com/badge",
    "//packagephobia.now.sh/badge",
    "//nodei.co/npm/",
    "//api.netlify.com/api/v1/badges/",
    "//gitpod.io/button/",
    "//poser.pugx.org/",
    "//opencollective.com/",
    "//badge.",
    "/badge.svg",
    "/badge.png",
    "/badges/",
};

static bool contains(const char *text, struct ctx_span span, const char *part)
{
    return memmem(text + span.begin, span.end - span.begin, part, strlen(part)) != NULL;
}

static bool is_badge_address(const char *text, struct ctx_span address)
{
    if (!contains(text, address, "//"))
        return false;
    for (size_t i = 0; i < CTX_ARRAY_LEN(badge_addresses); i++)
        if (contains(text, address, badge_addresses[i]))
            return true;
    return false;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n';
}

static bool is_blank(const char *text, struct ctx_span span)
{
    for (size_t at = span.begin; at < span.end; at++)
        if (!is_space(text[at]))
            return false;
    return true;
}

/* An attribute's value; `*ret_value` is empty when the tag has none such. */
static void find_attribute(const struct subject *subject, struct ctx_span tag, const char *name,
                           struct ctx_span *ret_value)
{
    struct ctx_html_attribute attribute;
    size_t at = tag.begin;
    *ret_value = (struct ctx_span){ 0, 0 };
    while (ctx_html_next_attribute(subject->text, &at, tag.end, subject->in_quote, &attribute))
        if (attribute.name_len == strlen(name) &&
            strncasecmp(subject->text + attribute.name, name, attribute.name_len) == 0)
            *ret_value = (struct ctx_span){ attribute.value, attribute.value_end };
}

/* A predicate on images: an address and an alternative text. */
typedef bool (*image_fn)(const char *text, struct ctx_span address, struct ctx_span alternative);

static bool is_badge(const char *text, struct ctx_span address, struct ctx_span alternative)
{
    (void)alternative;
    return is_badge_address(text, address);
}

static bool is_decoration(const char *text, struct ctx_span address, struct ctx_span alternative)
{
    (void)address;
    return is_blank(text, alternative);
}

static bool image_goes(const struct subject *subject, const struct ctx_inline *item, image_fn goes)
{
    struct ctx_span address = item->destination;
    if (item->kind != CTX_INLINE_IMAGE)
        return false;
    if (item->label.end > item->label.begin)
        address = ctx_labels_destination(subject->labels, subject->text, item->label);
    return goes(subject->text, address, item->text);
}

/* Tags that may stand around images; those that have no end. */
static const struct {
    const char *name;
    bool is_void;
} wrappers[] = {
    { "a", false }, { "br", true },       { "center", false }, { "div", false },
    { "p", false }, { "picture", false }, { "source", true },  { "span", false },
};

/* `*ret_depth` is what the tag adds to the depth of open tags. */
static enum ctx_lone_fate judge_tag(const struct subject *subject, struct ctx_span tag,
                                    image_fn goes, int *ret_depth)
{
    const char *text = subject->text;
    *ret_depth = 0;
    if (ctx_html_is_tag(text, tag.begin, tag.end, "img")) {
        struct ctx_span address;
        struct ctx_span alternative;
        find_attribute(subject, tag, "src", &address);
        find_attribute(subject, tag, "alt", &alternative);
        return goes(text, address, alternative) ? CTX_LONE_GOES : CTX_LONE_STAYS;
    }
    bool closing = text[tag.begin + 1] == '/';
    for (size_t i = 0; i < CTX_ARRAY_LEN(wrappers); i++) {
        if (!ctx_html_is_tag(text, tag.begin + closing, tag.end, wrappers[i].name))
            continue;
        *ret_depth = wrappers[i].is_void ? 0 : closing ? -1 : 1;
        return CTX_LONE_NEUTRAL;
    }
    return CTX_LONE_STAYS;
}

/* A link around nothing but images that go; what it holds stands before it among the items. */
static bool link_goes(const struct subject *subject, const struct ctx_inlines *inlines,
                      size_t index, image_fn goes)
{
    const struct ctx_inline *link = &inlines->items[index];
    size_t past = link->text.end;
    bool found = false;
    for (size_t i = index; i-- > 0 && inlines->items[i].whole.begin >= link->text.begin;) {
        const struct ctx_inline *item = &inlines->items[i];
        struct ctx_span between = { item->whole.end, past };
        if (!image_goes(subject, item, goes) || !is_blank(subject->text, between))
            return false;
        past = item->whole.begin;
        found = true;
    }
    return found && is_blank(subject->text, (struct ctx_span){ link->text.begin, past });
}

static enum ctx_lone_fate judge_item(const struct subject *subject,
                                     const struct ctx_inlines *inlines, size_t index, image_fn goes)
{
    const struct ctx_inline *item = &inlines->items[index];
    int depth;
    if (item->kind == CTX_INLINE_HTML)
        return judge_tag(subject, item->whole, goes, &depth);
    if (item->kind == CTX_INLINE_LINK)
        return link_goes(subject, inlines, index, goes) ? CTX_LONE_GOES : CTX_LONE_STAYS;
    return image_goes(subject, item, goes) ? CTX_LONE_GOES : CTX_LONE_STAYS;
}

static enum ctx_lone_fate judge_badge(void *context, const struct ctx_inlines *inlines,
                                      size_t index)
{
    return judge_item(context, inlines, index, is_badge);
}

static enum ctx_lone_fate judge_decoration(void *context, const struct ctx_inlines *inlines,
                                           size_t index)
{
    return judge_item(context, inlines, index, is_decoration);
}

enum rule { BADGES, DECORATIVE_IMAGES, ORNAMENT_LINES };

static const struct ctx_size_rule rules[] = {
    [BADGES] = { "badges", "images from addresses that serve badges, on lines of their own" },
    [DECORATIVE_IMAGES] = { "decorative_images",
                            "images without alternative text, on lines of their own" },
    [ORNAMENT_LINES] = { "ornament_lines",
                         "paragraphs of nothing but three or more dashes, stars and the like" },
};

static int drop_whole(struct subject *subject, size_t index, const char *rule,
                      struct ctx_patch *patch)
{
    const struct ctx_draft *draft = subject->draft;
    const struct ctx_block *block = &draft->outline.blocks[index];
    struct ctx_report *report = &draft->document->report;
    if (!ctx_lone_is_free(draft, index))
        return 0;
    ctx_patch_add(patch, block->begin, block->end - block->begin, "", 0);
    int r = ctx_report_add(report, CTX_LOSS_DROPPED, rule, "", 0, 0, 0);
    if (r == 0)
        r = ctx_report_save(report, CTX_LOSS_DROPPED, rule, "", 0,
                            ctx_patch_saving(patch, &draft->text));
    return r < 0 ? r : 1;
}

/* A block of raw HTML goes when it is closed in itself and holds nothing but such images. */
static bool html_goes(const struct subject *subject, const struct ctx_block *block, image_fn goes)
{
    struct ctx_html_ends ends = { 0 };
    int depth = 0;
    bool found = false;
    for (size_t at = block->content; at < block->end;) {
        if (is_space(subject->text[at])) {
            at++;
            continue;
        }
        size_t end = ctx_html_end(subject->text, at, block->end, block->in_quote, &ends);
        int step = 0;
        enum ctx_lone_fate fate =
            end ? judge_tag(subject, (struct ctx_span){ at, end }, goes, &step) : CTX_LONE_STAYS;
        depth += step;
        if (fate == CTX_LONE_STAYS || depth < 0)
            return false;
        found |= fate == CTX_LONE_GOES;
        at = end;
    }
    return found && depth == 0;
}

static int drop_images(struct subject *subject, size_t index, struct ctx_inlines *inlines,
                       const struct ctx_lone_rule *rule, image_fn goes, struct ctx_patch *patch)
{
    const struct ctx_block *block = &subject->draft->outline.blocks[index];
    if (block->kind != CTX_BLOCK_HTML)
        return ctx_lone_drop(subject->draft, index, inlines, rule, patch);
    return html_goes(subject, block, goes) ? drop_whole(subject, index, rule->name, patch) : 0;
}

static const char *const blanks[] = { " ", "\t", "\\", NULL };

static int drop_badges(struct subject *subject, size_t index, struct ctx_inlines *inlines,
                       struct ctx_patch *patch)
{
    const struct ctx_lone_rule rule = {
        .name = rules[BADGES].name,
        .separators = blanks,
        .judge = judge_badge,
        .context = subject,
    };
    return drop_images(subject, index, inlines, &rule, is_badge, patch);
}

static int drop_decorations(struct subject *subject, size_t index, struct ctx_inlines *inlines,
                            struct ctx_patch *patch)
{
    const struct ctx_lone_rule rule = {
        .name = rules[DECORATIVE_IMAGES].name,
        .separators = blanks,
        .judge = judge_decoration,
        .context = subject,
    };
    return drop_images(subject, index, inlines, &rule, is_decoration, patch);
}

/* A paragraph of dashes, stars and the like: at least three, and nothing else. */
static int drop_ornaments(struct subject *subject, size_t index, struct ctx_inlines *inlines,
                          struct ctx_patch *patch)
{
    static const char *const ornaments[] = { "-", "_", "*", "=", "~", "—", "–",
                                             "─", "━", "═", "·", "•", "⸻" };
    const struct ctx_block *block = &subject->draft->outline.blocks[index];
    if (block->kind != CTX_BLOCK_PARAGRAPH || inlines->n_items > 0)
        return 0;
    size_t n = 0;
    for (size_t at = block->content; at < block->end;) {
        size_t len = is_space(subject->text[at]);
        for (size_t i = 0; i < CTX_ARRAY_LEN(ornaments) && len == 0; i++) {
            size_t ornament = strlen(ornaments[i]);
            if (block->end - at >= ornament &&
                memcmp(subject->text + at, ornaments[i], ornament) == 0)
                len = ornament;
        }
        if (len == 0)
            return 0;
        n += !is_space(subject->text[at]);
        at += len;
    }
    return n >= 3 ? drop_whole(subject, index, rules[ORNAMENT_LINES].name, patch) : 0;
}

typedef int (*drop_fn)(struct subject *subject, size_t index, struct ctx_inlines *inlines,
                       struct ctx_patch *patch);

static const drop_fn drops[] = {
    [BADGES] = drop_badges,
    [DECORATIVE_IMAGES] = drop_decorations,
    [ORNAMENT_LINES] = drop_ornaments,
};

const struct ctx_size_rule *ctx_size_rules(size_t *ret_count)
{
    *ret_count = CTX_ARRAY_LEN(rules);
    return rules;
}

static bool is_off(const struct ctx_transform_options *options, const char *name)
{
    for (size_t i = 0; i < options->n_rules_off; i++)
        if (strcmp(options->rules_off[i], name) == 0)
            return true;
    return false;
}

/* The first rule that finds something has the block. */
int ctx_compact_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                     struct ctx_labels *labels, struct ctx_patch *patch)
{
    struct subject subject = {
        .draft = draft,
        .text = draft->text.data,
        .labels = labels,
        .in_quote = draft->outline.blocks[index].in_quote,
    };
    int r = 0;
    for (size_t i = 0; i < CTX_ARRAY_LEN(rules) && r == 0; i++)
        if (!is_off(draft->context->options, rules[i].name))
            r = drops[i](&subject, index, inlines, patch);
    return r;
}
