/* SPDX-License-Identifier: Apache-2.0 */
/* Rules against images. */
#include "flow/check.h"

#include "base/limits.h"

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
    if (!any && !negated && slip_pattern_literal(&p))
        add_issue(issues, "E-IMAGE-UNKNOWN", t->place,
                  slip_printf("there is no final image '%.*s'", SLIP_ARG(t->text)),
                  list_of_images(set));
    return negated || any;
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
        if (!any && issues->len == before)
            add_issue(issues, "E-IMAGE-NONE", rule->place,
                      slip_printf("rule '%.*s' matches no image", SLIP_ARG(rule->name)),
                      list_of_images(set));
    }
}
