/*
 * The component table, sorted by name (strcmp), so that it is searched by bisection. Components of
 * Docusaurus, Nextra, Mintlify, Starlight, Fumadocs, VitePress, react.dev, shadcn/ui and mdBook,
 * and HTML's elements. Constant; any thread.
 */
#include "transform/components.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const ctx_component_text_props[] = { "title",       "titleText", "label",    "heading",
                                                 "header",      "summary",   "subtitle", "caption",
                                                 "description", "tagline",   "alt",      "text",
                                                 "tip",         "tooltip",   "question", "message",
                                                 "children",    NULL };

static const struct ctx_component table[] = {
    { "$CodeSample", CTX_FORM_INCLUDE, NULL, "path" },
    { "$Partial", CTX_FORM_INCLUDE, NULL, "path" },
    { "$Show", CTX_FORM_CONDITION, "If" },
    { "APIRequest", CTX_FORM_CODE, "HTTP" },
    { "APISection", CTX_FORM_LABEL, "API", "packageName apiName" },
    { "Accordion", CTX_FORM_LABEL },
    { "AccordionContent", CTX_FORM_UNWRAP },
    { "AccordionGroup", CTX_FORM_UNWRAP },
    { "AccordionItem", CTX_FORM_LABEL },
    { "AccordionPanel", CTX_FORM_TAB },
    { "AccordionTrigger", CTX_FORM_SUMMARY },
    { "Admonition", CTX_FORM_QUOTE },
    { "Alert", CTX_FORM_QUOTE },
    { "AlertTitle", CTX_FORM_SUMMARY },
    { "AnchorHeading", CTX_FORM_HEADING },
    { "ApiParam", CTX_FORM_PARAMETER },
    { "AppOnly", CTX_FORM_LABEL, "App Router" },
    { "Aside", CTX_FORM_QUOTE },
    { "AutoTypeTable", CTX_FORM_INCLUDE, NULL, "path name" },
    { "Badge", CTX_FORM_BADGE },
    { "BlockMath", CTX_FORM_CODE },
    { "BlogCard", CTX_FORM_CARD, NULL, "title date" },
    { "Box", CTX_FORM_UNWRAP },
    { "BrowserWindow", CTX_FORM_LABEL, NULL, "url" },
    { "Button", CTX_FORM_LINK },
    { "CURL", CTX_FORM_CODE, "HTTP" },
    { "Callout", CTX_FORM_QUOTE },
    { "Canary", CTX_FORM_QUOTE, "Canary" },
    { "Card", CTX_FORM_CARD },
    { "CardGroup", CTX_FORM_UNWRAP },
    { "Cards", CTX_FORM_UNWRAP },
    { "Cards.Card", CTX_FORM_CARD },
    { "Caution", CTX_FORM_QUOTE, "Caution" },
    { "Challenges", CTX_FORM_LABEL, "Challenges" },
    { "Check", CTX_FORM_QUOTE, "Check" },
    { "Checklist", CTX_FORM_UNWRAP },
    { "Code", CTX_FORM_CODE },
    { "CodeBlock", CTX_FORM_CODE },
    { "CodeGroup", CTX_FORM_UNWRAP },
    { "CodeSandbox", CTX_FORM_IMAGE, "Example" },
    { "CodeSnippet", CTX_FORM_CODE },
    { "CodeSnippets", CTX_FORM_INCLUDE, NULL, "path" },
    { "CodeStep", CTX_FORM_UNWRAP },
    { "CodeTabs", CTX_FORM_TABS },
    { "Collapse", CTX_FORM_LABEL },
    { "Collapsible", CTX_FORM_LABEL },
    { "Color.Item", CTX_FORM_FILE, NULL, "title subtitle name value colors" },
    { "ColorItem", CTX_FORM_FILE, NULL, "title subtitle name value colors" },
    { "Column", CTX_FORM_UNWRAP },
    { "Columns", CTX_FORM_UNWRAP },
    { "CommandTabs", CTX_FORM_CODE },
    { "ComponentPreview", CTX_FORM_LABEL, "Preview", "name" },
    { "ComponentSource", CTX_FORM_LABEL, "Source", "name src" },
    { "ConsoleBlock", CTX_FORM_QUOTE },
    { "Danger", CTX_FORM_QUOTE, "Danger" },
    { "DeepDive", CTX_FORM_LABEL, "Deep dive" },
    { "Deprecated", CTX_FORM_QUOTE, "Deprecated" },
    { "Description", CTX_FORM_UNWRAP },
    { "Details", CTX_FORM_LABEL },
    { "Diagram", CTX_FORM_FIGURE },
    { "DiagramGroup", CTX_FORM_UNWRAP },
    { "DontEditWarning", CTX_FORM_DROP },
    { "EnterpriseAlert", CTX_FORM_QUOTE, "Enterprise", "product" },
    { "Error", CTX_FORM_QUOTE, "Error" },
    { "Expandable", CTX_FORM_LABEL },
    { "Experimental", CTX_FORM_QUOTE, "Experimental" },
    { "FeatureBadge", CTX_FORM_BADGE, NULL, "feature" },
    { "Field", CTX_FORM_PARAMETER },
    { "File", CTX_FORM_FILE, NULL, "name comment" },
    { "FileTree", CTX_FORM_UNWRAP },
    { "FileTree.File", CTX_FORM_FILE, NULL, "name comment" },
    { "FileTree.Folder", CTX_FORM_FOLDER, NULL, "name comment" },
    { "Files", CTX_FORM_UNWRAP },
    { "Folder", CTX_FORM_FOLDER, NULL, "name comment" },
    { "Fragment", CTX_FORM_TAB, NULL, "slot" },
    { "Frame", CTX_FORM_FIGURE, NULL, "hint" },
    { "FullWidth", CTX_FORM_UNWRAP },
    { "Gist", CTX_FORM_IMAGE, "Example" },
    { "Heading", CTX_FORM_HEADING },
    { "Hint", CTX_FORM_LABEL, "Hint" },
    { "Icon", CTX_FORM_ICON },
    { "If", CTX_FORM_CONDITION, "If" },
    { "IfRenderer", CTX_FORM_CONDITION, "If" },
    { "Illustration", CTX_FORM_FIGURE },
    { "Image", CTX_FORM_IMAGE },
    { "Img", CTX_FORM_IMAGE },
    { "Important", CTX_FORM_QUOTE, "Important" },
    { "Include", CTX_FORM_INCLUDE, NULL, "src path file" },
    { "Info", CTX_FORM_QUOTE, "Info" },
    { "InlineBadge", CTX_FORM_BADGE, NULL, "preset" },
    { "InlineMath", CTX_FORM_CODE },
    { "InlineToc", CTX_FORM_DROP },
    { "InstallPackages", CTX_FORM_CODE, "npm" },
    { "Intro", CTX_FORM_UNWRAP },
    { "LearnMore", CTX_FORM_UNWRAP },
    { "Link", CTX_FORM_LINK },
    { "LinkButton", CTX_FORM_LINK },
    { "LinkCard", CTX_FORM_CARD },
    { "LinkedCard", CTX_FORM_CARD },
    { "Listing", CTX_FORM_LABEL, "Listing", "number file-name" },
    { "LiteYouTubeEmbed", CTX_FORM_IMAGE, "Video" },
    { "McpClient", CTX_FORM_LABEL, NULL, "name homepage supports" },
    { "Mermaid", CTX_FORM_CODE },
    { "NextImage", CTX_FORM_IMAGE },
    { "Note", CTX_FORM_QUOTE, "Note" },
    { "Option", CTX_FORM_ITEM },
    { "PackageManagerTabs", CTX_FORM_CODE },
    { "PackageManagers", CTX_FORM_CODE, "npm" },
    { "PagesOnly", CTX_FORM_LABEL, "Pages Router" },
    { "Panel", CTX_FORM_UNWRAP },
    { "Param", CTX_FORM_PARAMETER },
    { "ParamField", CTX_FORM_PARAMETER },
    { "Parameter", CTX_FORM_PARAMETER },
    { "Pitfall", CTX_FORM_QUOTE, "Pitfall" },
    { "Plan", CTX_FORM_BADGE, NULL, "type id" },
    { "Prop", CTX_FORM_PARAMETER },
    { "Property", CTX_FORM_PARAMETER },
    { "RSC", CTX_FORM_QUOTE, "React Server Components" },
    { "Recap", CTX_FORM_LABEL, "Recap" },
    { "Recipes", CTX_FORM_LABEL },
    { "Render", CTX_FORM_INCLUDE, "product", "file" },
    { "RequestExample", CTX_FORM_LABEL, "Request example" },
    { "ResendParamField", CTX_FORM_PARAMETER },
    { "ResponseExample", CTX_FORM_LABEL, "Response example" },
    { "ResponseField", CTX_FORM_PARAMETER },
    { "Sandpack", CTX_FORM_UNWRAP },
    { "SandpackRSC", CTX_FORM_UNWRAP },
    { "SandpackWithHTMLOutput", CTX_FORM_UNWRAP },
    { "SchemaItem", CTX_FORM_PARAMETER },
    { "Since", CTX_FORM_SINCE },
    { "Snippet", CTX_FORM_INCLUDE, NULL, "file" },
    { "Solution", CTX_FORM_LABEL, "Solution" },
    { "StackBlitz", CTX_FORM_IMAGE, "Example" },
    { "Step", CTX_FORM_STEP },
    { "StepHikeCompact.Step", CTX_FORM_STEP },
    { "Steps", CTX_FORM_STEPS },
    { "Steps.Step", CTX_FORM_STEP },
    { "Success", CTX_FORM_QUOTE, "Success" },
    { "SwitchTech", CTX_FORM_CONDITION, "If" },
    { "Tab", CTX_FORM_TAB },
    { "TabItem", CTX_FORM_TAB },
    { "TabPanel", CTX_FORM_TAB },
    { "TableOfContents", CTX_FORM_DROP },
    { "Tabs", CTX_FORM_TABS },
    { "Tabs.Tab", CTX_FORM_TAB },
    { "TabsContent", CTX_FORM_TAB },
    { "TabsList", CTX_FORM_UNWRAP },
    { "TabsTrigger", CTX_FORM_TRIGGER },
    { "TeX", CTX_FORM_CODE },
    { "TeamMember", CTX_FORM_LABEL, NULL, "name title" },
    { "Terminal", CTX_FORM_CODE },
    { "TerminalBlock", CTX_FORM_CODE },
    { "Testimonial", CTX_FORM_LABEL, NULL, "name author handle role" },
    { "ThemedImage", CTX_FORM_IMAGE },
    { "Tip", CTX_FORM_QUOTE, "Tip" },
    { "Tooltip", CTX_FORM_TOOLTIP, NULL, "content" },
    { "Tree", CTX_FORM_UNWRAP },
    { "Tree.File", CTX_FORM_FILE, NULL, "name comment" },
    { "Tree.Folder", CTX_FORM_FOLDER, NULL, "name comment" },
    { "TroubleshootingItem", CTX_FORM_LABEL, NULL, "issue" },
    { "Tweet", CTX_FORM_IMAGE, "Post" },
    { "Update", CTX_FORM_LABEL, NULL, "label description tags" },
    { "VTCodeGroup", CTX_FORM_UNWRAP },
    { "VTCodeGroupTab", CTX_FORM_TAB },
    { "Var", CTX_FORM_UNWRAP, NULL, "name" },
    { "Video", CTX_FORM_IMAGE, "Video" },
    { "VideoBoxLink", CTX_FORM_IMAGE, "Video" },
    { "Vimeo", CTX_FORM_IMAGE, "Video" },
    { "Visibility", CTX_FORM_AUDIENCE },
    { "Warning", CTX_FORM_QUOTE, "Warning" },
    { "Wip", CTX_FORM_QUOTE, "Under construction" },
    { "YouTube", CTX_FORM_IMAGE, "Video" },
    { "YouTubeIframe", CTX_FORM_IMAGE, "Video" },
    { "YouTubeVideo", CTX_FORM_IMAGE, "Video" },
    { "YouWillLearn", CTX_FORM_LABEL, "You will learn" },
    { "Youtube", CTX_FORM_IMAGE, "Video" },
    { "YoutubeEmbed", CTX_FORM_IMAGE, "Video" },
    { "YoutubeVideo", CTX_FORM_IMAGE, "Video" },
    { "a", CTX_FORM_LINK },
    { "abbr", CTX_FORM_TOOLTIP, NULL, "title" },
    { "audio", CTX_FORM_IMAGE, "Audio" },
    { "auto-type-table", CTX_FORM_INCLUDE, NULL, "path name" },
    { "b", CTX_FORM_STRONG },
    { "blockquote", CTX_FORM_QUOTE, "" },
    { "br", CTX_FORM_BREAK },
    { "canvas", CTX_FORM_DROP },
    { "code", CTX_FORM_CODE },
    { "dd", CTX_FORM_UNWRAP },
    { "del", CTX_FORM_STRIKE },
    { "details", CTX_FORM_UNWRAP },
    { "dt", CTX_FORM_SUMMARY },
    { "em", CTX_FORM_EMPHASIS },
    { "embed", CTX_FORM_IMAGE, "Embed" },
    { "figcaption", CTX_FORM_EMPHASIS },
    { "h1", CTX_FORM_HEADING, "#" },
    { "h2", CTX_FORM_HEADING, "##" },
    { "h3", CTX_FORM_HEADING, "###" },
    { "h4", CTX_FORM_HEADING, "####" },
    { "h5", CTX_FORM_HEADING, "#####" },
    { "h6", CTX_FORM_HEADING, "######" },
    { "hr", CTX_FORM_RULE },
    { "i", CTX_FORM_EMPHASIS },
    { "iframe", CTX_FORM_IMAGE, "Frame" },
    { "img", CTX_FORM_IMAGE },
    { "include", CTX_FORM_INCLUDE },
    { "li", CTX_FORM_ITEM },
    { "math", CTX_FORM_DROP },
    { "s", CTX_FORM_STRIKE },
    { "script", CTX_FORM_DROP },
    { "source", CTX_FORM_IMAGE, "Source" },
    { "strong", CTX_FORM_STRONG },
    { "style", CTX_FORM_DROP },
    { "summary", CTX_FORM_SUMMARY },
    { "svg", CTX_FORM_DROP },
    { "table", CTX_FORM_TABLE },
    { "template", CTX_FORM_DROP },
    { "video", CTX_FORM_IMAGE, "Video" },
};

/* Sorted as enum ctx_form is numbered. */
static const char *const forms[CTX_FORM_COUNT] = {
    [CTX_FORM_UNWRAP] = "unwrap",
    [CTX_FORM_AUDIENCE] = "audience",
    [CTX_FORM_BADGE] = "badge",
    [CTX_FORM_BREAK] = "break",
    [CTX_FORM_CARD] = "card",
    [CTX_FORM_CODE] = "code",
    [CTX_FORM_CONDITION] = "condition",
    [CTX_FORM_DROP] = "drop",
    [CTX_FORM_EMPHASIS] = "emphasis",
    [CTX_FORM_FIGURE] = "figure",
    [CTX_FORM_FILE] = "file",
    [CTX_FORM_FOLDER] = "folder",
    [CTX_FORM_HEADING] = "heading",
    [CTX_FORM_ICON] = "icon",
    [CTX_FORM_IMAGE] = "image",
    [CTX_FORM_INCLUDE] = "include",
    [CTX_FORM_ITEM] = "item",
    [CTX_FORM_LABEL] = "label",
    [CTX_FORM_LINK] = "link",
    [CTX_FORM_PARAMETER] = "parameter",
    [CTX_FORM_QUOTE] = "quote",
    [CTX_FORM_RULE] = "rule",
    [CTX_FORM_SINCE] = "since",
    [CTX_FORM_STEP] = "step",
    [CTX_FORM_STEPS] = "steps",
    [CTX_FORM_STRIKE] = "strike",
    [CTX_FORM_STRONG] = "strong",
    [CTX_FORM_SUMMARY] = "summary",
    [CTX_FORM_TAB] = "tab",
    [CTX_FORM_TABLE] = "table",
    [CTX_FORM_TABS] = "tabs",
    [CTX_FORM_TOOLTIP] = "tooltip",
    [CTX_FORM_TRIGGER] = "trigger",
};

/* What a form that configuration names does for a component without a row of its own. */
static const struct ctx_component generic[CTX_FORM_COUNT] = {
    [CTX_FORM_UNWRAP] = { "", CTX_FORM_UNWRAP },
    [CTX_FORM_AUDIENCE] = { "", CTX_FORM_AUDIENCE },
    [CTX_FORM_BADGE] = { "", CTX_FORM_BADGE },
    [CTX_FORM_BREAK] = { "", CTX_FORM_BREAK },
    [CTX_FORM_CARD] = { "", CTX_FORM_CARD },
    [CTX_FORM_CODE] = { "", CTX_FORM_CODE },
    [CTX_FORM_CONDITION] = { "", CTX_FORM_CONDITION, "If" },
    [CTX_FORM_DROP] = { "", CTX_FORM_DROP },
    [CTX_FORM_EMPHASIS] = { "", CTX_FORM_EMPHASIS },
    [CTX_FORM_FIGURE] = { "", CTX_FORM_FIGURE },
    [CTX_FORM_FILE] = { "", CTX_FORM_FILE, NULL, "name" },
    [CTX_FORM_FOLDER] = { "", CTX_FORM_FOLDER, NULL, "name" },
    [CTX_FORM_HEADING] = { "", CTX_FORM_HEADING, "##" },
    [CTX_FORM_ICON] = { "", CTX_FORM_ICON },
    [CTX_FORM_IMAGE] = { "", CTX_FORM_IMAGE },
    [CTX_FORM_INCLUDE] = { "", CTX_FORM_INCLUDE },
    [CTX_FORM_ITEM] = { "", CTX_FORM_ITEM },
    [CTX_FORM_LABEL] = { "", CTX_FORM_LABEL },
    [CTX_FORM_LINK] = { "", CTX_FORM_LINK },
    [CTX_FORM_PARAMETER] = { "", CTX_FORM_PARAMETER },
    [CTX_FORM_QUOTE] = { "", CTX_FORM_QUOTE },
    [CTX_FORM_RULE] = { "", CTX_FORM_RULE },
    [CTX_FORM_SINCE] = { "", CTX_FORM_SINCE },
    [CTX_FORM_STEP] = { "", CTX_FORM_STEP },
    [CTX_FORM_STEPS] = { "", CTX_FORM_STEPS },
    [CTX_FORM_STRIKE] = { "", CTX_FORM_STRIKE },
    [CTX_FORM_STRONG] = { "", CTX_FORM_STRONG },
    [CTX_FORM_SUMMARY] = { "", CTX_FORM_SUMMARY },
    [CTX_FORM_TAB] = { "", CTX_FORM_TAB },
    [CTX_FORM_TABLE] = { "", CTX_FORM_TABLE },
    [CTX_FORM_TABS] = { "", CTX_FORM_TABS },
    [CTX_FORM_TOOLTIP] = { "", CTX_FORM_TOOLTIP },
    [CTX_FORM_TRIGGER] = { "", CTX_FORM_TRIGGER },
};

const struct ctx_component *ctx_component_generic(enum ctx_form form)
{
    return &generic[form];
}

static int form_from_name(const char *name)
{
    for (int i = 0; i < CTX_FORM_COUNT; i++)
        if (strcmp(forms[i], name) == 0)
            return i;
    return -1;
}

bool ctx_component_form_exists(const char *name)
{
    return form_from_name(name) >= 0;
}

const char *const *ctx_component_form_names(size_t *ret_count)
{
    *ret_count = CTX_FORM_COUNT;
    return forms;
}

/* strcmp of a span and a string: the first bytes tell most of them apart. No name holds a NUL. */
static int compare(struct ctx_span a, const char *b)
{
    for (size_t i = 0; i < a.len; i++)
        if (a.data[i] != b[i])
            return (unsigned char)a.data[i] - (unsigned char)b[i];
    return b[a.len] ? -1 : 0;
}

static int compare_row(const void *key, const void *row)
{
    return compare(*(const struct ctx_span *)key, ((const struct ctx_component *)row)->name);
}

static int compare_rule(const void *key, const void *rule)
{
    return compare(*(const struct ctx_span *)key, ((const struct ctx_component_rule *)rule)->name);
}

const struct ctx_component *ctx_component_find(const struct ctx_transform_options *options,
                                               struct ctx_span name)
{
    const struct ctx_component *row =
        bsearch(&name, table, CTX_ARRAY_LEN(table), sizeof(*table), compare_row);
    const struct ctx_component_rule *rule = NULL;
    if (options && options->n_components)
        rule =
            bsearch(&name, options->components, options->n_components, sizeof(*rule), compare_rule);
    int form = rule ? form_from_name(rule->form) : -1;
    if (form >= 0 && !(row && row->form == (enum ctx_form)form))
        return &generic[form];
    return row;
}

bool ctx_component_lists(const char *props, struct ctx_span name)
{
    for (const char *p = props; p && *p;) {
        size_t n = strcspn(p, " ");
        if (n == name.len && memcmp(p, name.data, n) == 0)
            return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

const struct ctx_component *ctx_component_table(size_t *ret_count)
{
    *ret_count = CTX_ARRAY_LEN(table);
    return table;
}
