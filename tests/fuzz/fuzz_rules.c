/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a rules file: it is refused with a place, or every rule gives names and a policy for
 * each. */
#include "fuzz/fuzz.h"

#include "rule/expand.h"
#include "rule/rules.h"

#define ID "0123456789abcdef0123456789abcdef01234567"

static void check_wishes(const struct slip_wishes *w)
{
    for (size_t i = 0; i < w->names.len; i++)
        if (w->names.at[i].if_exists == SLIP_IF_EXISTS_AUTO || w->names.at[i].reference.len == 0
            || (w->names.at[i].latest && !w->names.at[i].floating))
            __builtin_trap();
}

static void expand(const struct slip_rules *rules, const struct slip_decision *d)
{
    static const struct slip_str tags[] = { { "v1.2.2", 6 }, { "v1.3.0", 6 }, { "x/2.0.0", 7 } };
    static const struct slip_str images[] = { { "api", 3 }, { "web/front", 9 } };
    const struct slip_series series = { .known = true, .tags = tags, .len = SLIP_COUNT(tags) };
    const struct slip_facts facts = { .commit = SLIP_STR(ID),
                                      .commit_time = 1700000000,
                                      .project = SLIP_STR("shop"),
                                      .repo_path = SLIP_STR("acme/shop") };
    SLIP_AUTO(slip_wishes) wishes = { 0 };
    SLIP_AUTO(slip_buf) version = SLIP_BUF(SLIP_TEMPLATE_MAX);
    struct slip_error err = { 0 };
    bool wanted[SLIP_COUNT(images)];
    slip_rule_version(d, &version);
    if (slip_rule_expand(rules, d, &facts, &series, &wishes, &err) < 0) {
        if (err.kind == SLIP_OK)
            __builtin_trap();
        return;
    }
    check_wishes(&wishes);
    (void)!slip_wishes_select(rules, d, &wishes, images, SLIP_COUNT(images), wanted, &err);
}

static void run(const struct slip_rules *rules)
{
    static const char *const refs[] = { "refs/tags/v1.2.3", "refs/tags/api/v2.0.0-rc.1+b",
                                        "refs/heads/main", "refs/heads/hotfix/a", "refs/notes/x" };
    for (size_t i = 0; i < SLIP_COUNT(refs); i++) {
        SLIP_AUTO(slip_ref_updates) one = { 0 };
        SLIP_AUTO(slip_decisions) decisions = { 0 };
        slip_vec_push(&one, slip_ref_update_make(slip_str_of(refs[i]), SLIP_STR(ID), SLIP_STR("")));
        slip_rules_decide(rules, &one, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR("skipped"), &decisions);
        for (size_t k = 0; k < decisions.len; k++)
            expand(rules, &decisions.at[k]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO(slip_rule_issues) issues = { 0 };
    struct slip_error err = { 0 };
    if (size > 16384)
        return 0;
    if (slip_rules_read(slip_str_make((const char *)data, size), "rules", &rules, &issues, &err)
        < 0) {
        if (err.kind == SLIP_OK || rules.len)
            __builtin_trap();
        return 0;
    }
    if (issues.len || rules.len == 0)
        __builtin_trap();
    run(&rules);
    return 0;
}
