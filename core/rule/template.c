/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of texts with placeholders.
 *
 *   template    := { literal | "%" placeholder "%" | "%" }     "%" in labels only
 *   placeholder := word { "|" filter }                          blanks around each part are dropped
 *   word        := a name of the table below | digit | "env:" NAME
 *   filter      := name [ ":" argument [ ":" argument ] ]       no "|" or "%" inside an argument
 */
#include "rule/template_pieces.h"

#define SEMVER_PART (SLIP_USES_SEMVER | SLIP_USES_MINOR_OR_MORE)

/* clang-format off */
const struct template_word_info template_words[WORDS] = {
    [WORD_IMAGE] = { "image", SLIP_USES_IMAGE },
    [WORD_IMAGE_SLUG] = { "image_slug", SLIP_USES_IMAGE },
    [WORD_IMAGE_SAFE_SLUG] = { "image_safe_slug", SLIP_USES_IMAGE },
    [WORD_IMAGE_CONTENT_BASED_TAG] = { "image_content_based_tag", SLIP_USES_IMAGE | SLIP_USES_CONTENT_TAG },
    [WORD_REF] = { "ref", 0 },
    [WORD_REF_NAME] = { "ref_name", 0 },
    [WORD_REF_TYPE] = { "ref_type", 0 },
    [WORD_TAG] = { "tag", SLIP_USES_TAG },
    [WORD_TAG_SLUG] = { "tag_slug", SLIP_USES_TAG },
    [WORD_TAG_SAFE_SLUG] = { "tag_safe_slug", SLIP_USES_TAG },
    [WORD_BRANCH] = { "branch", 0 },
    [WORD_BRANCH_SLUG] = { "branch_slug", 0 },
    [WORD_BRANCH_SAFE_SLUG] = { "branch_safe_slug", 0 },
    [WORD_SHA] = { "sha", SLIP_USES_SHA | SLIP_USES_HERE },
    [WORD_SHA_SHORT] = { "sha_short", SLIP_USES_SHA | SLIP_USES_HERE },
    [WORD_COMMIT_DATE] = { "commit_date", SLIP_USES_HERE },
    [WORD_COMMIT_DATETIME] = { "commit_datetime", SLIP_USES_HERE },
    [WORD_COMMIT_TIMESTAMP] = { "commit_timestamp", SLIP_USES_HERE },
    [WORD_VERSION] = { "version", SEMVER_PART | SLIP_USES_FULL_VERSION },
    [WORD_VERSION_CORE] = { "version_core", SEMVER_PART },
    [WORD_MAJOR] = { "major", SLIP_USES_SEMVER | SLIP_USES_MAJOR },
    [WORD_MINOR] = { "minor", SEMVER_PART },
    [WORD_PATCH] = { "patch", SEMVER_PART },
    [WORD_PRERELEASE] = { "prerelease", SEMVER_PART },
    [WORD_BUILD] = { "build", SEMVER_PART },
    [WORD_PROJECT] = { "project", SLIP_USES_HERE },
    [WORD_REPO_PATH] = { "repo_path", SLIP_USES_HERE },
    [WORD_REPO_NAME] = { "repo_name", SLIP_USES_HERE },
    [WORD_REPO_OWNER] = { "repo_owner", SLIP_USES_HERE },
    [WORD_CI_RUN_ID] = { "ci_run_id", SLIP_USES_CI_RUN | SLIP_USES_HERE },
    [WORD_CI_RUN_NUMBER] = { "ci_run_number", SLIP_USES_CI_RUN | SLIP_USES_HERE },
};
/* clang-format on */

static bool find_word(struct slip_str name, enum template_word *out)
{
    for (unsigned i = 0; i < WORDS; i++) {
        if (slip_str_is(name, template_words[i].name)) {
            *out = (enum template_word)i;
            return true;
        }
    }
    return false;
}

static int no_such_word(struct slip_str name, struct slip_error *err)
{
    const char *names[WORDS];
    for (size_t i = 0; i < WORDS; i++)
        names[i] = template_words[i].name;
    const char *closest = slip_str_closest(name, names, WORDS);
    slip_fail(err, SLIP_E_CONFIG, "unknown placeholder '%%%.*s%%' [E-PLACEHOLDER]", SLIP_ARG(name));
    return closest ? slip_hint(err, "did you mean '%%%s%%'?", closest) : -1;
}

static bool is_number(const struct slip_str args[2])
{
    uint64_t n;
    return slip_str_to_u64(args[0], &n);
}

static bool are_characters(const struct slip_str args[2])
{
    return args[0].len == 1 && args[1].len == 1;
}

/* clang-format off */
static const struct filter_info {
    const char *name;
    unsigned args;
    bool (*accepts)(const struct slip_str args[2]);
    const char *form;
} filters[FILTERS] = {
    [FILTER_LOWER] = { "lower", 0, NULL, "lower" },
    [FILTER_UPPER] = { "upper", 0, NULL, "upper" },
    [FILTER_SLUG] = { "slug", 0, NULL, "slug" },
    [FILTER_SAFE_SLUG] = { "safe_slug", 0, NULL, "safe_slug" },
    [FILTER_TRUNC] = { "trunc", 1, is_number, "trunc:NUMBER" },
    [FILTER_REPLACE] = { "replace", 2, are_characters, "replace:A:B with single characters" },
    [FILTER_DEFAULT] = { "default", 1, NULL, "default:TEXT" },
};
/* clang-format on */

/* Split "name:arg:arg" and find the filter. The last argument takes all that is left. */
static int parse_filter(struct slip_str text, enum template_filter *out, struct slip_str args[2],
                        struct slip_error *err)
{
    const char *names[SLIP_COUNT(filters)];
    struct slip_str name, rest;
    bool has_args = slip_str_cut(text, ':', &name, &rest);
    name = slip_str_trim(name);
    for (size_t i = 0; i < SLIP_COUNT(filters); i++) {
        const struct filter_info *f = &filters[i];
        names[i] = f->name;
        if (!slip_str_is(name, f->name))
            continue;
        args[0] = rest;
        args[1] = SLIP_STR("");
        bool good = has_args == (f->args > 0);
        if (f->args == 2)
            good = slip_str_cut(rest, ':', &args[0], &args[1]);
        if (!good || (f->accepts && !f->accepts(args)))
            return slip_fail(err, SLIP_E_CONFIG, "filter '%.*s' is not '%s' [E-PLACEHOLDER]",
                             SLIP_ARG(text), f->form);
        *out = (enum template_filter)i;
        return 0;
    }
    const char *closest = slip_str_closest(name, names, SLIP_COUNT(names));
    slip_fail(err, SLIP_E_CONFIG, "unknown filter '%.*s' [E-PLACEHOLDER]", SLIP_ARG(name));
    return closest ? slip_hint(err, "did you mean '%s'?", closest) : -1;
}

static int parse_placeholder(struct slip_str inside, struct piece *out, struct slip_error *err)
{
    struct slip_str name;
    slip_str_cut(inside, '|', &name, &out->filters);
    name = slip_str_trim(name);
    out->name = name;
    if (slip_str_starts(name, SLIP_STR("env:"))) {
        out->kind = PIECE_ENV;
        out->text = slip_str_skip(name, 4);
        return 0;
    }
    if (name.len == 1 && name.ptr[0] >= '0' && name.ptr[0] <= '9') {
        out->kind = PIECE_CAPTURE;
        out->capture = (unsigned)(name.ptr[0] - '0');
        return 0;
    }
    out->kind = PIECE_WORD;
    return find_word(name, &out->word) ? 0 : no_such_word(name, err);
}

int template_next_piece(struct slip_str *rest, enum slip_template_kind kind, struct piece *out,
                        bool *more, struct slip_error *err)
{
    *out = (struct piece){ .kind = PIECE_LITERAL };
    *more = rest->len > 0;
    if (!*more)
        return 0;
    size_t at = slip_str_find(*rest, '%');
    if (at != 0) {
        out->text = slip_str_first(*rest, at == SLIP_NPOS ? rest->len : at);
        *rest = slip_str_skip(*rest, out->text.len);
        return 0;
    }
    struct slip_str inside;
    if (!slip_str_cut(slip_str_skip(*rest, 1), '%', &inside, rest))
        return slip_fail(err, SLIP_E_CONFIG, "'%%%.*s' has no closing '%%' [E-PERCENT]",
                         SLIP_ARG(inside));
    if (inside.len == 0) {
        if (kind != SLIP_TEMPLATE_TEXT)
            return slip_fail(err, SLIP_E_CONFIG, "nothing between two '%%' [E-PERCENT]");
        out->text = SLIP_STR("%");
        return 0;
    }
    return parse_placeholder(inside, out, err);
}

int template_next_filter(struct slip_str *rest, enum template_filter *out, struct slip_str args[2],
                         bool *more, struct slip_error *err)
{
    *more = rest->len > 0;
    if (!*more)
        return 0;
    struct slip_str one;
    slip_str_cut(*rest, '|', &one, rest);
    return parse_filter(slip_str_trim(one), out, args, err);
}

unsigned template_uses(const struct piece *p)
{
    if (p->kind != PIECE_WORD)
        return p->kind == PIECE_ENV ? SLIP_USES_HERE : 0;
    unsigned uses = template_words[p->word].uses;
    return uses | (uses & SLIP_USES_IMAGE && p->filters.len ? SLIP_USES_IMAGE_FILTER : 0u);
}

static int check_image_word(const struct piece *p, enum slip_template_kind kind,
                            struct slip_error *err)
{
    unsigned uses = template_uses(p);
    if (kind == SLIP_TEMPLATE_PATTERN && uses & SLIP_USES_IMAGE) {
        slip_fail(err, SLIP_E_CONFIG, "'%%%.*s%%' cannot choose images [E-PLACEHOLDER]",
                  SLIP_ARG(p->name));
        return slip_hint(err, "write a pattern for their names: \"web-*\"");
    }
    if (!(uses & SLIP_USES_CONTENT_TAG)
        || (kind == SLIP_TEMPLATE_REFERENCE && !(uses & SLIP_USES_IMAGE_FILTER)))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "'%%%.*s%%' is known after the build only: %s [E-PLACEHOLDER]",
              SLIP_ARG(p->name),
              kind == SLIP_TEMPLATE_REFERENCE ? "it takes no filter"
                                              : "it can stand in names only");
    return -1;
}

static int check_filters(const struct piece *p, struct slip_error *err)
{
    struct slip_str left = p->filters, args[2];
    enum template_filter filter;
    bool more = true;
    while (more)
        if (template_next_filter(&left, &filter, args, &more, err) < 0)
            return -1;
    return 0;
}

static int check_env(const struct piece *p, slip_template_env_allowed *env_allowed,
                     const void *payload, struct slip_error *err)
{
    if (p->kind != PIECE_ENV || (env_allowed && env_allowed(payload, p->text)))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "variable '%.*s' is not in 'env-allow' [E-ENV]",
              SLIP_ARG(p->text));
    return slip_hint(err, "add 'env-allow: [%.*s]' at the top of the rules file",
                     SLIP_ARG(p->text));
}

static void note_uses(const struct piece *p, struct slip_template_scan *scan)
{
    scan->uses |= template_uses(p);
    if (p->kind == PIECE_CAPTURE)
        scan->captures |= 1u << p->capture;
}

size_t slip_template_tag_at(struct slip_str reference)
{
    bool inside = false;
    size_t at = SLIP_NPOS;
    for (size_t i = 0; i < reference.len; i++) {
        char c = reference.ptr[i];
        if (c == '%')
            inside = !inside;
        else if (!inside && c == ':')
            at = i + 1;
        else if (!inside && c == '/')
            at = SLIP_NPOS;
    }
    return at;
}

struct slip_template_scan slip_template_scan(struct slip_str text)
{
    struct slip_template_scan scan = { 0 };
    struct slip_error none = { 0 };
    struct piece p;
    bool more;
    while (template_next_piece(&text, SLIP_TEMPLATE_TEXT, &p, &more, &none) == 0 && more)
        note_uses(&p, &scan);
    return scan;
}

int slip_template_check(struct slip_str text, enum slip_template_kind kind,
                        slip_template_env_allowed *env_allowed, const void *payload,
                        struct slip_template_scan *out, struct slip_error *err)
{
    struct slip_template_scan scan = { 0 };
    if (text.len > SLIP_TEMPLATE_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "longer than %d bytes [E-TYPE]", SLIP_TEMPLATE_MAX);
    for (;;) {
        struct piece p;
        bool more;
        if (template_next_piece(&text, kind, &p, &more, err) < 0)
            return -1;
        if (!more)
            break;
        if (check_filters(&p, err) < 0 || check_env(&p, env_allowed, payload, err) < 0
            || check_image_word(&p, kind, err) < 0)
            return -1;
        note_uses(&p, &scan);
    }
    *out = scan;
    return 0;
}
