/* SPDX-License-Identifier: Apache-2.0 */
/* From a decision to the names it asks for. */
#include "rule/expand.h"

#include "base/limits.h"
#include "base/path.h"
#include "ref/slug.h"

#include <stdarg.h>

struct expansion {
    const struct slip_rules *rules;
    const struct slip_decision *d;
    const struct slip_series *series;
    struct slip_wishes *out;
    bool warned_of_series;
};

void slip_wishes_clear(struct slip_wishes *w)
{
    for (size_t i = 0; i < w->images.len; i++)
        slip_pattern_clear(&w->images.at[i].pattern);
    slip_vec_clear(&w->images);
    slip_vec_clear(&w->names);
    slip_vec_clear(&w->notices);
    slip_arena_clear(&w->arena);
    *w = (struct slip_wishes){ 0 };
}

static void notice(struct slip_wishes *w, const char *fmt, ...) SLIP_PRINTF(2, 3);

static void notice(struct slip_wishes *w, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    slip_vec_push(&w->notices, slip_arena_strdup(&w->arena, slip_buf_str(&text)));
}

static int at_place(const struct expansion *x, struct slip_place place, struct slip_error *err)
{
    slip_while(err, "rule '%.*s'", SLIP_ARG(x->d->rule->name));
    return slip_while(err, "%.*s:%u:%u", SLIP_ARG(x->rules->file), place.line, place.col);
}

/* ---- versions ---- */

void slip_rule_version(const struct slip_decision *d, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_TEMPLATE_MAX);
    struct slip_error none = { 0 };
    struct slip_semver v;
    struct slip_facts facts = { .update = &d->update, .captures = &d->captures };
    if (!d->rule->uses_semver && d->update.kind == SLIP_REF_TAG)
        slip_buf_add_str(out, d->update.name);
    else if (d->rule->uses_semver && slip_rule_read_version(d->rule, &facts, &text, &v, &none) == 0)
        slip_buf_add_str(out, v.text);
}

static int not_a_version(struct expansion *x, const char *text, const struct slip_error *why,
                         struct slip_error *err)
{
    const struct slip_rule *rule = x->d->rule;
    struct slip_str name = x->d->update.name;
    if (rule->semver.invalid == SLIP_INVALID_SKIP) {
        notice(x->out, "rule '%.*s': '%.*s' is not a semantic version, skipped",
               SLIP_ARG(rule->name), SLIP_ARG(name));
        return 0;
    }
    slip_fail(err, SLIP_E_CONFIG, "%s '%.*s' is not a semantic version (%s) [E-SEMVER]",
              slip_ref_kind_name(x->d->update.kind), SLIP_ARG(name), why->text);
    at_place(x, rule->place, err);
    struct slip_semver loose;
    struct slip_error unused = { 0 };
    if (slip_semver_parse(slip_str_of(text), rule->semver.prefix, true, &loose, &unused) == 0)
        return slip_hint(err, "write all three numbers, or set 'semver: {loose: true}' in %.*s",
                         SLIP_ARG(x->rules->file));
    return slip_hint(err, "set 'semver: {invalid: skip}' to pass over such tags");
}

static bool prerelease_is_wanted(const struct slip_rule *rule, const struct slip_semver *v)
{
    bool stable = slip_semver_is_stable(v);
    return rule->semver.prerelease == SLIP_PRERELEASE_INCLUDE
           || (rule->semver.prerelease == SLIP_PRERELEASE_EXCLUDE) == stable;
}

/* Sets `out->applies` and, when there is one, the version. */
static int find_version(struct expansion *x, struct slip_error *err)
{
    struct slip_wishes *w = x->out;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_TEMPLATE_MAX);
    struct slip_error why = { 0 };
    struct slip_semver v;
    w->applies = true;
    if (slip_rule_read_version(x->d->rule, &w->facts, &text, &v, &why) < 0) {
        if (!x->d->rule->uses_semver)
            return 0; /* a name like any other */
        w->applies = false;
        return not_a_version(x, text.ptr, &why, err);
    }
    struct slip_str kept = slip_arena_str(&w->arena, slip_buf_str(&text));
    if (slip_semver_parse(kept, x->d->rule->semver.prefix, x->d->rule->semver.loose, &w->version,
                          err)
        < 0)
        return -1;
    w->facts.version = &w->version;
    w->applies = prerelease_is_wanted(x->d->rule, &w->version);
    if (!w->applies)
        notice(w, "rule '%.*s' is not for version %.*s", SLIP_ARG(x->d->rule->name),
               SLIP_ARG(w->version.text));
    return 0;
}

/* ---- names that move ---- */

static bool may_move_by_version(struct expansion *x, struct slip_str template,
                                struct slip_str reference)
{
    if (!slip_semver_is_stable(&x->out->version))
        return false;
    if (!x->series->known) {
        if (!x->warned_of_series)
            notice(x->out, "warning: the tags of the remote are not known: names that move stay "
                           "where they are");
        x->warned_of_series = true;
        return false;
    }
    const struct slip_holder_question q = {
        .rule = x->d->rule, .facts = &x->out->facts, .template = template, .name = reference
    };
    struct slip_str holder = slip_newer_holder(x->series, &q);
    if (holder.ptr)
        notice(x->out, "%.*s stays with the newer %.*s", SLIP_ARG(reference), SLIP_ARG(holder));
    return !holder.ptr;
}

static bool may_move_latest_of_branch(struct expansion *x, struct slip_str reference)
{
    if (slip_str_eq(x->d->update.name, x->series->default_branch))
        return true;
    if (x->series->default_branch.len)
        notice(x->out, "%.*s is only written from the default branch '%.*s' [W-LATEST-BRANCH]",
               SLIP_ARG(reference), SLIP_ARG(x->series->default_branch));
    else
        notice(x->out, "%.*s is not written: the default branch is not known [W-LATEST-BRANCH]",
               SLIP_ARG(reference));
    return false;
}

/* ---- one name ---- */

/* "latest" when the template has none. */
static struct slip_str tag_part(struct slip_str template)
{
    size_t at = slip_template_tag_at(template);
    return at == SLIP_NPOS ? SLIP_STR("latest") : slip_str_skip(template, at);
}

/* What kind of name a template gives for this update. */
struct nature {
    bool full;       /* never to change */
    bool by_parts;   /* of a version, and so of the newest version only */
    bool major_only; /* no more of the version than its first number */
};

/* Is any group that the tag uses all of what the pattern matched? */
static bool holds_whole_match(const struct slip_captures *captures, unsigned used)
{
    for (size_t i = 0; i < captures->len; i++)
        if (used & 1u << i && slip_str_eq(captures->at[i], captures->at[0]))
            return true;
    return false;
}

static struct nature nature_of(const struct expansion *x, struct slip_str template)
{
    struct slip_template_scan all = slip_template_scan(template);
    struct slip_template_scan tag = slip_template_scan(tag_part(template));
    bool is_tag = x->d->update.kind == SLIP_REF_TAG;
    struct nature n = {
        .full = tag.uses & SLIP_FULL_NAME
                || (is_tag && holds_whole_match(&x->out->captures, tag.captures)),
    };
    n.by_parts = (tag.uses & SLIP_USES_SEMVER || (all.uses & SLIP_USES_SEMVER && !n.full))
                 && !((tag.uses | all.uses) & SLIP_USES_FULL_VERSION);
    n.major_only = tag.uses & SLIP_USES_MAJOR && !(tag.uses & SLIP_USES_MINOR_OR_MORE);
    return n;
}

static bool may_be_written(struct expansion *x, const struct slip_wish *wish,
                           struct slip_str template, const struct nature *nature)
{
    const struct slip_rule_naming *naming = &wish->to->naming;
    if (wish->latest && naming->latest == SLIP_GATE_NEVER)
        return false;
    if (wish->latest && x->d->update.kind == SLIP_REF_BRANCH)
        return may_move_latest_of_branch(x, wish->reference);
    if (wish->latest)
        return !x->out->facts.version || may_move_by_version(x, template, wish->reference);
    if (!nature->by_parts)
        return true;
    if (naming->floating == SLIP_GATE_NEVER || (nature->major_only && x->out->version.major == 0))
        return false;
    return may_move_by_version(x, template, wish->reference);
}

static enum slip_if_exists policy_of(const struct slip_wish *wish)
{
    enum slip_if_exists policy = wish->to->naming.if_exists;
    if (policy != SLIP_IF_EXISTS_AUTO)
        return policy;
    return wish->floating ? SLIP_IF_EXISTS_SKIP_IF_SAME : SLIP_IF_EXISTS_FAIL_IF_DIFFERENT;
}

/* With the longest words that an image can have in place of the four. */
static int check_tag(const struct expansion *x, struct slip_str template, struct slip_error *err)
{
    static const struct slip_image_words stub = {
        { "i", 1 },
        { "i", 1 },
        { "i", 1 },
        { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 70 }
    };
    struct slip_facts facts = x->out->facts;
    SLIP_AUTO(slip_buf) tag = SLIP_BUF(SLIP_TEMPLATE_MAX);
    const char *missing;
    facts.image = &stub;
    if (slip_template_expand(template, SLIP_TEMPLATE_REFERENCE, &facts, &tag, &missing, err) < 0)
        return -1;
    if (slip_ref_is_tag(slip_buf_str(&tag)))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "'%s' is no tag of an image [E-TAG-CHARS]", tag.ptr);
    return slip_hint(err, "use a form that fits, such as %%tag_slug%% or %%branch_slug%%");
}

static int check_layout(struct slip_str reference, struct slip_error *err)
{
    if (slip_str_starts(reference, SLIP_STR("oci-archive:"))) {
        slip_fail(err, SLIP_E_CONFIG, "'%.*s': a rule writes no archives [E-POLICY]",
                  SLIP_ARG(reference));
        return slip_hint(err, "write an image layout: oci:DIRECTORY:TAG");
    }
    if (!slip_str_starts(reference, SLIP_STR("oci:")))
        return 0;
    struct slip_str path = slip_str_skip(reference, 4), rest = path, component;
    bool up = false;
    while (slip_path_next(&rest, &component))
        up = up || slip_str_is(component, "..") || slip_str_starts(component, SLIP_STR("..:"));
    if (!up)
        return 0;
    return slip_fail(err, SLIP_E_CONFIG,
                     "'%.*s' leaves the repository: no '..' in 'oci:' paths "
                     "[E-POLICY]",
                     SLIP_ARG(reference));
}

/* `listed`: one tag of several, which may be left out; otherwise it is asked for as it stands. */
static int add_name(struct expansion *x, const struct slip_rule_to *to, struct slip_str template,
                    struct slip_place place, bool listed, struct slip_error *err)
{
    struct slip_wishes *w = x->out;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_TEMPLATE_MAX);
    const char *missing;
    if (slip_template_expand(template, SLIP_TEMPLATE_REFERENCE, &w->facts, &text, &missing, err)
        < 0)
        return -1;
    if (missing && !listed)
        return slip_fail(err, SLIP_E_CONFIG, "there is no %%%s%% for %s '%.*s' [E-PLACEHOLDER]",
                         missing, slip_ref_kind_name(x->d->update.kind),
                         SLIP_ARG(x->d->update.name));
    if (missing) {
        notice(w, "rule '%.*s': '%.*s' is left out, there is no %%%s%% here",
               SLIP_ARG(x->d->rule->name), SLIP_ARG(template), missing);
        return 0;
    }
    if (check_layout(slip_buf_str(&text), err) < 0 || check_tag(x, tag_part(template), err) < 0)
        return -1;

    struct nature nature = nature_of(x, template);
    struct slip_wish wish = {
        .to = to,
        .place = place,
        .reference = slip_arena_str(&w->arena, slip_buf_str(&text)),
        .floating = !nature.full,
        .latest = slip_str_is(tag_part(template), "latest"),
        .filters_image = slip_template_scan(template).uses & SLIP_USES_IMAGE_FILTER,
    };
    wish.if_exists = policy_of(&wish);
    if (w->names.len >= SLIP_LIMIT_DESTINATIONS)
        return slip_fail(err, SLIP_E_CONFIG, "more than %d names", SLIP_LIMIT_DESTINATIONS);
    if (w->facts.version && (nature.by_parts || wish.latest) && x->d->update.kind == SLIP_REF_TAG)
        wish.version = w->version.text;
    if (may_be_written(x, &wish, template, &nature))
        slip_vec_push(&w->names, wish);
    return 0;
}

static int add_destination(struct expansion *x, const struct slip_rule_to *to,
                           struct slip_error *err)
{
    if (to->ref.text.ptr)
        return add_name(x, to, to->ref.text, to->ref.place, false, err) < 0
                   ? at_place(x, to->ref.place, err)
                   : 0;
    for (size_t i = 0; i < to->tags.len; i++) {
        const char *template = slip_arena_printf(
            &x->out->arena, "%.*s:%.*s", SLIP_ARG(to->repo.text), SLIP_ARG(to->tags.at[i].text));
        if (add_name(x, to, slip_str_of(template), to->tags.at[i].place, true, err) < 0)
            return at_place(x, to->tags.at[i].place, err);
    }
    return 0;
}

/* ---- images ---- */

static int add_image_pattern(struct expansion *x, const struct slip_rule_text *t,
                             struct slip_error *err)
{
    struct slip_wishes *w = x->out;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(2 * SLIP_TEMPLATE_MAX);
    const char *missing;
    bool negated = t->text.len && t->text.ptr[0] == '!';
    if (slip_template_expand(slip_str_skip(t->text, negated), SLIP_TEMPLATE_PATTERN, &w->facts,
                             &text, &missing, err)
        < 0)
        return -1;
    if (missing)
        return slip_fail(err, SLIP_E_CONFIG, "there is no %%%s%% here [E-PLACEHOLDER]", missing);
    struct slip_wish_image image = { .place = t->place,
                                     .negated = negated,
                                     .plain = slip_str_find(t->text, '%') == SLIP_NPOS };
    struct slip_str kept = slip_arena_str(&w->arena, slip_buf_str(&text));
    if (slip_pattern_compile(kept, &image.pattern, err) < 0)
        return -1;
    slip_vec_push(&w->images, image);
    return 0;
}

static bool apply_pattern(const struct slip_wish_image *image, const struct slip_str *names,
                          size_t n, bool *wanted)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (slip_pattern_match(&image->pattern, names[i], NULL)) {
            wanted[i] = !image->negated;
            any = true;
        }
    }
    return any;
}

static int no_such_image(const struct expansion *x, const struct slip_wish_image *image,
                         const struct slip_str *names, size_t n, struct slip_error *err)
{
    const char *literal = slip_pattern_literal(&image->pattern);
    slip_fail(err, SLIP_E_CONFIG, "there is no image '%s' in this commit [E-IMAGE-UNKNOWN]",
              literal);
    SLIP_AUTO(slip_buf) list = SLIP_BUF(400);
    for (size_t i = 0; i < n && !list.full; i++)
        slip_buf_add_fmt(&list, "%s%.*s", i ? ", " : "", SLIP_ARG(names[i]));
    slip_hint(err, "there are: %s%s", list.ptr, list.full ? ", ..." : "");
    return at_place(x, image->place, err);
}

int slip_wishes_select(const struct slip_rules *rules, const struct slip_decision *d,
                       struct slip_wishes *w, const struct slip_str *names, size_t n, bool *wanted,
                       struct slip_error *err)
{
    struct expansion x = { .rules = rules, .d = d, .out = w };
    bool begins_with_all = w->images.len == 0 || w->images.at[0].negated;
    bool any = false;
    for (size_t i = 0; i < n; i++)
        wanted[i] = begins_with_all;
    for (size_t i = 0; i < w->images.len; i++) {
        const struct slip_wish_image *image = &w->images.at[i];
        if (apply_pattern(image, names, n, wanted))
            continue;
        if (slip_pattern_literal(&image->pattern) && image->plain && !image->negated)
            return no_such_image(&x, image, names, n, err);
        notice(w, "rule '%.*s': '%.*s' matches no image [W-GLOB-EMPTY]", SLIP_ARG(d->rule->name),
               SLIP_ARG(image->pattern.text));
    }
    for (size_t i = 0; i < n; i++)
        any = any || wanted[i];
    if (any)
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "no image is left to release [E-IMAGE-NONE]");
    return at_place(&x, d->rule->place, err);
}

int slip_rule_expand(const struct slip_rules *rules, const struct slip_decision *d,
                     const struct slip_facts *facts, const struct slip_series *series,
                     struct slip_wishes *out, struct slip_error *err)
{
    struct expansion x = { .rules = rules, .d = d, .series = series, .out = out };
    slip_wishes_clear(out);
    out->facts = *facts;
    out->captures = d->captures;
    out->facts.update = &d->update;
    out->facts.captures = &out->captures;
    if (find_version(&x, err) < 0)
        return -1;
    if (!out->applies)
        return 0;
    for (size_t i = 0; i < d->rule->images.len; i++)
        if (add_image_pattern(&x, &d->rule->images.at[i], err) < 0)
            return at_place(&x, d->rule->images.at[i].place, err);
    for (size_t i = 0; i < d->rule->n_to; i++)
        if (add_destination(&x, &d->rule->to[i], err) < 0)
            return -1;
    return 0;
}
