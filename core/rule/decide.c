/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules an update asks for. */
#include "rule/decide.h"

#include "base/limits.h"
#include "ref/url.h"

void slip_decisions_clear(struct slip_decisions *d)
{
    slip_vec_clear(d);
}

static bool any_matches(const struct slip_rule_patterns *list, struct slip_str text,
                        struct slip_captures *captures)
{
    for (size_t i = 0; i < list->len; i++)
        if (slip_pattern_match(&list->at[i], text, captures))
            return true;
    return false;
}

bool slip_rule_matches(const struct slip_rule *rule, enum slip_ref_kind kind, struct slip_str ref,
                       struct slip_str name, struct slip_captures *captures)
{
    const struct slip_rule_patterns *by_name = kind == SLIP_REF_TAG      ? &rule->tags
                                               : kind == SLIP_REF_BRANCH ? &rule->branches
                                                                         : NULL;
    if (by_name && any_matches(by_name, name, captures))
        return !any_matches(&rule->exclude, name, NULL);
    return any_matches(&rule->refs, ref, captures) && !any_matches(&rule->exclude, ref, NULL);
}

static bool is_for_remote(const struct slip_rule *rule, const struct slip_remote *remote)
{
    if (rule->remotes.len == 0)
        return slip_str_eq(remote->name, remote->usual);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(SLIP_PATTERN_NAME_MAX);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_PATTERN_NAME_MAX);
    slip_url_without_secrets(remote->url, &url);
    slip_url_without_secrets(remote->name, &name);
    return any_matches(&rule->remotes, slip_buf_str(&name), NULL)
           || any_matches(&rule->remotes, slip_buf_str(&url), NULL);
}

static bool is_in_list(struct slip_str list, struct slip_str name)
{
    bool more = list.len > 0;
    while (more) {
        struct slip_str one;
        more = slip_str_cut(list, ',', &one, &list);
        if (slip_str_eq(slip_str_trim(one), name))
            return true;
    }
    return false;
}

static enum slip_action action_for(const struct slip_rule *rule, enum slip_trigger trigger)
{
    return trigger == SLIP_TRIGGER_MANUAL ? SLIP_ACTION_EXPORT : rule->when[trigger];
}

void slip_rules_decide(const struct slip_rules *rules, const struct slip_ref_updates *updates,
                       enum slip_trigger trigger, const struct slip_remote *remote,
                       struct slip_str skip, struct slip_decisions *out)
{
    bool wanted[SLIP_LIMIT_RULE_COUNT] = { false };
    for (size_t r = 0; r < rules->len; r++)
        wanted[r] = rules->at[r].enabled && action_for(&rules->at[r], trigger) != SLIP_ACTION_NONE
                    && (!remote || is_for_remote(&rules->at[r], remote));

    for (size_t u = 0; u < updates->len; u++) {
        const struct slip_ref_update *update = &updates->at[u];
        if (update->change == SLIP_REF_DELETE)
            continue;
        for (size_t r = 0; r < rules->len; r++) {
            const struct slip_rule *rule = &rules->at[r];
            struct slip_captures captures;
            if (!wanted[r]
                || !slip_rule_matches(rule, update->kind, update->ref, update->name, &captures))
                continue;
            slip_vec_push(out, (struct slip_decision){
                                   .rule = rule,
                                   .update = *update,
                                   .captures = captures,
                                   .action = action_for(rule, trigger),
                                   .skipped = is_in_list(skip, rule->name),
                               });
        }
    }
}
