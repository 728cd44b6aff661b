/* SPDX-License-Identifier: Apache-2.0 */
/* Rules against images. */
#include "flow/check.h"

#include "base/limits.h"
#include "registry/reference.h"

static void add_issue(struct slip_rule_issues *issues, const char *id, struct slip_place place,
                      char *text, char *hint)
{
    struct slip_rule_issue *issue = slip_vec_add(issues);
    snprintf(issue->id, sizeof(issue->id), "%s", id);
    issue->place = place;
    issue->text = text;
    issue->hint = hint;
}

static char *list_of_images(const struct slip_image_set *set)
{
    SLIP_AUTO(slip_buf) list = SLIP_BUF(SLIP_LIMIT_TEXT);
    for (size_t i = 0; i < set->len; i++)
        if (set->at[i].final)
            slip_buf_add_fmt(&list, "%s%.*s",
                             list.len ? ", " : "there are: ", SLIP_ARG(set->at[i].name));
    return slip_buf_detach(&list);
}

static bool matches_any(const struct slip_pattern *p, const struct slip_image_set *set)
{
    for (size_t i = 0; i < set->len; i++)
        if (set->at[i].final && slip_pattern_match(p, set->at[i].name, NULL))
            return true;
    return false;
}

/* Whether the pattern can give an image at all; what rests on the ref may. */
static bool check_pattern(const struct slip_rule_text *t, const struct slip_image_set *set,
                          struct slip_rule_issues *issues)
{
    SLIP_AUTO(slip_pattern) p = { 0 };
    struct slip_error err = { 0 };
    bool negated = t->text.len && t->text.ptr[0] == '!';
    if (slip_str_find(t->text, '%') != SLIP_NPOS)
        return true;
    if (slip_pattern_compile(slip_str_skip(t->text, negated), &p, &err) < 0)
        return true; /* told of when the rules were read */
    bool any = matches_any(&p, set);
    if (!any && !slip_pattern_literal(&p))
        add_issue(issues, "W-GLOB-EMPTY", t->place,
                  slip_printf("'%.*s' matches no image", SLIP_ARG(t->text)), list_of_images(set));
    if (!any && !negated && slip_pattern_literal(&p))
        add_issue(issues, "E-IMAGE-UNKNOWN", t->place,
                  slip_printf("there is no final image '%.*s'", SLIP_ARG(t->text)),
                  list_of_images(set));
    return negated || any;
}

/* ---- destinations ---- */

/* The template with a word in the place of every placeholder: what stands beside them can be judged
 * before there is a tag. */
static void add_sample(struct slip_str template, struct slip_buf *out)
{
    bool inside = false;
    for (size_t i = 0; i < template.len; i++) {
        char c = template.ptr[i];
        if (c == '%' && !inside)
            slip_buf_add_c(out, out->len == 0 ? "registry.example" : "xx");
        else if (c != '%' && !inside)
            slip_buf_add_char(out, c);
        inside = inside != (c == '%');
    }
}

/* The id stands at the end of the text: "... [E-REPO-CHARS]". The sample, which stands at the
 * beginning, is told as it was written. */
static void add_failure(struct slip_rule_issues *issues, struct slip_place place,
                        struct slip_str template, struct slip_str sample,
                        const struct slip_error *err)
{
    struct slip_str text = slip_str_of(err->text), id = SLIP_STR("E-TYPE]"), rest;
    if (slip_str_ends(text, SLIP_STR("]")) && slip_str_rcut(text, '[', &rest, &id))
        text = slip_str_trim(rest);
    SLIP_AUTO_FREE char *name = slip_memdup(id.ptr, id.len - 1);
    SLIP_AUTO_FREE char *start = slip_printf("'%.*s'", SLIP_ARG(sample));
    bool quoted = slip_str_starts(text, slip_str_of(start));
    bool sampled = slip_str_find_str(slip_str_of(err->hint), SLIP_STR("xx")) != SLIP_NPOS;
    add_issue(issues, name, place,
              quoted ? slip_printf("'%.*s'%.*s", SLIP_ARG(template),
                                   SLIP_ARG(slip_str_skip(text, sample.len + 2)))
                     : slip_printf("%.*s", SLIP_ARG(text)),
              sampled        ? slip_strdup("write it without the scheme")
              : err->hint[0] ? slip_strdup(err->hint)
                             : NULL);
}

static void check_reference(struct slip_str template, struct slip_place place,
                            struct slip_rule_issues *issues)
{
    SLIP_AUTO(slip_buf) sample = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_reference) reference = { 0 };
    struct slip_error err = { 0 };
    add_sample(template, &sample);
    if (slip_reference_parse(slip_buf_str(&sample), &reference, &err) < 0)
        add_failure(issues, place, template, slip_buf_str(&sample), &err);
}

/* Images that the rule surely wants; 0 when that rests on the ref. */
static size_t count_wanted(const struct slip_rule *rule, const struct slip_image_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->len; i++)
        n += set->at[i].final;
    return rule->images.len ? 0 : n;
}

static void check_destination(const struct slip_rule_to *to, size_t wanted,
                              struct slip_rule_issues *issues)
{
    SLIP_AUTO(slip_buf) whole = SLIP_BUF(SLIP_LIMIT_TEXT);
    const struct slip_rule_text *first = to->ref.text.ptr ? &to->ref : &to->repo;
    slip_buf_add_str(&whole, first->text);
    if (to->ref.text.ptr)
        check_reference(to->ref.text, to->ref.place, issues);
    for (size_t i = 0; i < to->tags.len && !to->ref.text.ptr; i++) {
        size_t before = issues->len;
        slip_buf_cut(&whole, first->text.len);
        slip_buf_add_fmt(&whole, ":%.*s", SLIP_ARG(to->tags.at[i].text));
        check_reference(slip_buf_str(&whole), first->place, issues);
        if (issues->len > before)
            return; /* the repository; it is the same for all tags */
    }
    if (wanted > 1 && whole.len && !strstr(whole.ptr, "%image"))
        add_issue(issues, "E-COLLISION", first->place,
                  slip_printf("%zu images would all get the name '%s'", wanted, whole.ptr),
                  slip_strdup("put %image_slug% into it, or choose one with 'images'"));
}

static struct slip_str name_of(const struct slip_rule_to *to)
{
    return to->ref.text.ptr ? to->ref.text : to->repo.text;
}

static void check_twice(const struct slip_rule *rule, size_t i, struct slip_rule_issues *issues)
{
    const struct slip_rule_to *to = &rule->to[i];
    for (size_t k = 0; k < i; k++) {
        if (!slip_str_eq(name_of(&rule->to[k]), name_of(to))
            || !to->ref.text.ptr != !rule->to[k].ref.text.ptr
            || (!to->ref.text.ptr && to->tags.at != rule->to[k].tags.at))
            continue;
        add_issue(issues, "W-DUP-REF", to->place,
                  slip_printf("'%.*s' stands here twice", SLIP_ARG(name_of(to))), NULL);
        return;
    }
}

static void check_destinations(const struct slip_rule *rule, const struct slip_image_set *set,
                               struct slip_rule_issues *issues)
{
    for (size_t i = 0; i < rule->n_to; i++) {
        check_destination(&rule->to[i], count_wanted(rule, set), issues);
        check_twice(rule, i, issues);
    }
}

static bool has_errors(const struct slip_rule_issues *issues, size_t from)
{
    for (size_t i = from; i < issues->len; i++)
        if (issues->at[i].id[0] == 'E')
            return true;
    return false;
}

void slip_check_images(const struct slip_rules *rules, const struct slip_image_set *set,
                       struct slip_rule_issues *issues)
{
    for (size_t r = 0; r < rules->len; r++) {
        const struct slip_rule *rule = &rules->at[r];
        size_t before = issues->len;
        bool any = rule->images.len == 0;
        for (size_t i = 0; i < rule->images.len; i++)
            any = check_pattern(&rule->images.at[i], set, issues) || any;
        if (!any && !has_errors(issues, before))
            add_issue(issues, "E-IMAGE-NONE", rule->place,
                      slip_printf("rule '%.*s' matches no image", SLIP_ARG(rule->name)),
                      list_of_images(set));
        check_destinations(rule, set, issues);
    }
}
