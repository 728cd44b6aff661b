/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "rule/rules.h"

#define RULE "rules:\n- name: r\n  match: {tags: \"v*\"}\n  to: [\"h.example/a/b:%tag%\"]\n"

static void a_small_file_has_all_defaults(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    if (slip_rules_read(SLIP_STR("version: 1\nrepo: h.example/a/stages\n" RULE), ".slipway.yaml",
                        &rules, NULL, &err)
        < 0)
        fail_msg("%s", err.text);
    assert_str(rules.repo.text, "h.example/a/stages");
    assert_int_equal(rules.len, 1);
    const struct slip_rule *r = &rules.at[0];
    assert_str(r->name, "r");
    assert_true(r->enabled);
    assert_int_equal(r->tags.len, 1);
    assert_int_equal(r->n_to, 1);
    assert_str(r->to[0].ref.text, "h.example/a/b:%tag%");
    assert_int_equal(r->to[0].ref.place.line, 6);
    assert_int_equal(r->to[0].ref.place.col, 8);
    assert_true(r->to[0].required);
    assert_int_equal(r->when[SLIP_TRIGGER_PRE_PUSH], SLIP_ACTION_PREPARE);
    assert_int_equal(r->when[SLIP_TRIGGER_CI], SLIP_ACTION_EXPORT);
    assert_int_equal(r->naming.if_exists, SLIP_IF_EXISTS_AUTO);
    assert_false(r->uses_semver);
    assert_int_equal(r->timeout_s, 3600);
}

static void defaults_rules_and_destinations_override_each_other(void **state)
{
    (void)state;
    static const char text[] = "defaults:\n"
                               "  if-exists: overwrite\n"
                               "  labels: {a: \"1\", b: \"2\"}\n"
                               "  when: {ci: none}\n"
                               "  retry: {attempts: 3}\n"
                               "version: 1\n"
                               "rules:\n"
                               "- to:\n"
                               "  - repo: h.example/a/b\n"
                               "    if-exists: skip-if-same\n"
                               "    labels: {c: \"4\"}\n"
                               "  - {repo: h.example/c/d, tags: [x], required: false}\n"
                               "  labels: {b: \"3\"}\n"
                               "  tags: [\"%version%\", latest]\n"
                               "  match: {tags: \"v*\", branches: [main]}\n"
                               "  name: one\n"
                               "  when: {pre-push: defer}\n"
                               "- name: two\n"
                               "  match: {branches: main}\n"
                               "  when: [post-receive]\n"
                               "  to: h.example/e/f:edge\n";
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    if (slip_rules_read(slip_str_of(text), "f", &rules, NULL, &err) < 0)
        fail_msg("%s", err.text);
    const struct slip_rule *one = &rules.at[0], *two = &rules.at[1];
    assert_int_equal(one->naming.if_exists, SLIP_IF_EXISTS_OVERWRITE);
    assert_int_equal(one->naming.labels.len, 2);
    assert_str(one->naming.labels.at[1].value.text, "3");
    assert_int_equal(one->to[0].naming.if_exists, SLIP_IF_EXISTS_SKIP_IF_SAME);
    assert_int_equal(one->to[0].naming.labels.len, 3);
    assert_int_equal(one->to[0].tags.len, 2);
    assert_int_equal(one->to[1].tags.len, 1);
    assert_false(one->to[1].required);
    assert_int_equal(one->when[SLIP_TRIGGER_PRE_PUSH], SLIP_ACTION_DEFER);
    assert_int_equal(one->when[SLIP_TRIGGER_CI], SLIP_ACTION_NONE);
    assert_int_equal(one->retry.attempts, 3);
    assert_int_equal(one->retry.max_s, 300);
    assert_true(one->uses_semver);
    assert_int_equal(two->when[SLIP_TRIGGER_PRE_PUSH], SLIP_ACTION_VERIFY);
    assert_int_equal(two->when[SLIP_TRIGGER_CI], SLIP_ACTION_NONE);
    assert_int_equal(two->when[SLIP_TRIGGER_POST_RECEIVE], SLIP_ACTION_EXPORT);
    assert_false(two->uses_semver);
}

static void mistakes_have_place_id_and_suggestion(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error, *hint;
    } cases[] = {
        { "", "f:1:1: expected a map with 'version' and 'rules' [E-TYPE]", "" },
        { RULE, "f:1:1: no 'version' [E-VERSION]", "the file begins with 'version: 1'" },
        { "version: 2\n" RULE, "f:1:10: version 2 needs a newer slipway [E-VERSION]", "" },
        { "version: 1\n", "f:1:1: no 'rules' [E-TYPE]", "" },
        { "version: 1\nrules: []\n", "f:2:8: 'rules' is not a list with at least one rule [E-TYPE]",
          "" },
        { "version: 1\nrepos: x\n" RULE, "f:2:1: unknown key 'repos' [E-KEY]",
          "did you mean 'repo'?" },
        { "version: 1\nrepo: 5\n" RULE, "f:2:7: expected a text, found number [E-TYPE]",
          "to mean a text, put it in quotes: \"5\"" },
        { "version: 1\ndir: ../x\n" RULE,
          "f:2:6: 'dir' is not a directory of the repository [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {exclude: x}, to: [h.example/a:1]}\n",
          "f:3:20: 'match' needs one of 'tags', 'branches' and 'refs' [E-NO-MATCH-KEY]",
          "for example: match: {tags: \"v*\"}" },
        { "version: 1\nrules:\n- {name: R, match: {tags: x}, to: [h.example/a:1]}\n",
          "f:3:10: a rule's name is 1 to 63 of a-z, 0-9 and '-', and does not begin with '-' "
          "[E-TYPE]",
          "" },
        { "version: 1\nrules:\n- {match: {tags: x}, to: [h.example/a:1]}\n",
          "f:3:3: rule without 'name' [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tag: x, refs: y}, to: [h.example/a:1]}\n",
          "f:3:21: unknown key 'tag' [E-KEY]", "did you mean 'tags'?" },
        { "version: 1\nrules:\n- {name: r, match: {tags: \"/(/\"}, to: [h.example/a:1]}\n",
          "f:3:27: error parsing regexp: missing closing ): `(` [E-REGEX]",
          "between slashes stands a regular expression (RE2); a glob has none around it" },
        { "version: 1\nrules:\n- {name: r, match: {tags: \"[\"}, to: [h.example/a:1]}\n", NULL,
          "\"*\" is any text without a slash, \"**\" any text, \"\\x\" the character x" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [\"h.example/a:%tagg%\"]}\n",
          "f:3:36: unknown placeholder '%tagg%' [E-PLACEHOLDER]", "did you mean '%tag%'?" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [\"h.example/a:%1%\"]}\n",
          "f:3:36: no pattern of rule 'r' has a group 1 [E-CAPTURE]",
          "groups are the parentheses of a regular expression: \"/v(.*)/\"" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [{repo: h.example/a}]}\n",
          "f:3:36: no 'tags', neither here nor in the rule [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [{ref: a:1, repo: b}]}\n",
          "f:3:36: 'ref' is a whole reference: no 'repo' or 'tags' beside [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [{name: b}]}\n",
          "f:3:36: a destination needs 'ref' or 'repo' [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], when: {ci: defer}}\n",
          "f:3:57: 'ci' takes one of: none, verify, build, export [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], when: {push: none}}\n",
          "f:3:53: unknown trigger 'push' [E-KEY]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], if-exists: overwrit}\n",
          "f:3:57: 'if-exists' is not 'auto', 'fail-if-different', 'skip-if-same', "
          "'skip-if-exists' or 'overwrite' [E-TYPE]",
          "did you mean 'overwrite'?" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], labels: {werf: x}}\n",
          "f:3:55: label 'werf' would not survive an export [E-WERF-LABEL]",
          "labels that begin with 'werf' are taken away: choose another name" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], timeout: 5}\n",
          "f:3:55: expected a text, found number [E-TYPE]",
          "to mean a text, put it in quotes: \"5\"" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], timeout: 5d}\n",
          "f:3:55: '5d' is not a duration like 30s, 5m or 1h [E-TYPE]", "" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1]}\n"
          "- {name: r, match: {tags: x}, to: [a.b/d:1]}\n",
          "f:4:3: two rules are called 'r' [E-DUP-RULE]", "give each rule a name of its own" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [a.b/c:1], images: x, "
          "require-built: 1}\n",
          "f:3:72: expected true or false, found number [E-TYPE]",
          "to mean a text, put it in quotes: \"1\"" },
        { "version: 1\nrules:\n- {name: r, match: {tags: x}, to: [\"a.b/c:%tag%-%ci_run_id%\"]}\n",
          "f:3:36: the number of a CI run in a tag that never changes: a second run would differ "
          "[E-PLACEHOLDER]",
          "" },
        { "version: 1\nrules:\n- name: r\n  match: {tags: x}\n  to: [%tag%]\n", NULL,
          "put values that begin with %, *, { or @ in quotes" },
        { "version: 1\nrules:\n- name: r\n  match: {tags: x}\n  to:\n  - %tag%\n", NULL,
          "put values that begin with %, *, { or @ in quotes" },
        { "version: 1\n---\n" RULE, "f: more than one document", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_rules) rules = { 0 };
        assert_int_equal(slip_rules_read(slip_str_of(cases[i].text), "f", &rules, NULL, &err), -1);
        if (cases[i].error)
            assert_string_equal(err.text, cases[i].error);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

static void all_mistakes_are_told_at_once(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO(slip_rule_issues) issues = { 0 };
    assert_int_equal(
        slip_rules_read(SLIP_STR("version: 3\nrepoo: x\nrules:\n- {name: r, to: []}\n"), "f",
                        &rules, &issues, &err),
        -1);
    static const char *const ids[] = { "E-KEY", "E-VERSION", "E-TYPE", "E-NO-MATCH-KEY" };
    assert_int_equal(issues.len, SLIP_COUNT(ids));
    for (size_t i = 0; i < issues.len; i++)
        assert_string_equal(issues.at[i].id, ids[i]);
}

static void the_schema_is_balanced_json(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    slip_rules_print_schema(&out);
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < out.len; i++) {
        if (out.ptr[i] == '"' && out.ptr[i - 1] != '\\')
            quoted = !quoted;
        if (!quoted)
            depth += strchr("{[", out.ptr[i]) ? 1 : strchr("}]", out.ptr[i]) ? -1 : 0;
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
    assert_non_null(strstr(out.ptr, "\"if-exists\""));
    assert_non_null(strstr(out.ptr, "\"additionalProperties\": false"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_file_has_all_defaults),
        cmocka_unit_test(defaults_rules_and_destinations_override_each_other),
        cmocka_unit_test(mistakes_have_place_id_and_suggestion),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(the_schema_is_balanced_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
