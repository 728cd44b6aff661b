/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "rule/expand.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define ZERO "0000000000000000000000000000000000000000"

static void read_rules(const char *text, struct slip_rules *rules)
{
    struct slip_error err = { 0 };
    if (slip_rules_read(slip_str_of(text), ".slipway.yaml", rules, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static const char many[] =
    "version: 1\n"
    "rules:\n"
    "- name: tags\n"
    "  match: {tags: \"v*\", exclude: \"v0*\"}\n"
    "  to: [h.example/a/b:%tag%]\n"
    "- name: groups\n"
    "  match: {tags: \"/([a-z]+)/v(.*)/\"}\n"
    "  to: [\"h.example/a/%1%:%2%\"]\n"
    "- name: refs\n"
    "  match: {refs: \"refs/heads/**\", remotes: [\"up*\", \"https://**\"]}\n"
    "  when: {pre-push: defer}\n"
    "  to: [h.example/a/b:%branch_slug%]\n"
    "- name: off\n"
    "  enabled: false\n"
    "  match: {tags: \"**\"}\n"
    "  to: [h.example/a/b:x]\n"
    "- name: ci-only\n"
    "  when: {pre-push: none}\n"
    "  match: {tags: \"v*\"}\n"
    "  to: [h.example/a/b:ci]\n";

static void rules_match_by_ref_remote_and_trigger(void **state)
{
    (void)state;
    static const struct {
        const char *ref, *remote, *url;
        enum slip_trigger trigger;
        const char *want; /* names of rules, with their action */
    } cases[] = {
        { "refs/tags/v1", "origin", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "tags=prepare " },
        { "refs/tags/v0.1", "origin", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "" },
        { "refs/tags/v1", "upstream", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "" },
        { "refs/tags/api/v1", "origin", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "groups=prepare " },
        { "refs/heads/a/b", "origin", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "" },
        { "refs/heads/a/b", "upstream", "git@h:x", SLIP_TRIGGER_PRE_PUSH, "refs=defer " },
        { "refs/heads/a/b", "o", "https://u:p@h/x", SLIP_TRIGGER_PRE_PUSH, "refs=defer " },
        { "refs/heads/a/b", "", "", SLIP_TRIGGER_CI, "refs=export " },
        { "refs/tags/v1", "", "", SLIP_TRIGGER_CI, "tags=export ci-only=export " },
        { "refs/tags/v1", "", "", SLIP_TRIGGER_MANUAL, "tags=export ci-only=export " },
        { "refs/notes/x", "", "", SLIP_TRIGGER_CI, "" },
    };
    SLIP_AUTO(slip_rules) rules = { 0 };
    read_rules(many, &rules);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_ref_update at[] = {
            slip_ref_update_make(slip_str_of(cases[i].ref), SLIP_STR(ID), SLIP_STR(ZERO)),
            slip_ref_update_make(slip_str_of(cases[i].ref), SLIP_STR(ZERO), SLIP_STR(ID))
        };
        struct slip_ref_updates updates = { .at = at, .len = 2 };
        struct slip_remote remote = { slip_str_of(cases[i].remote), slip_str_of(cases[i].url),
                                      SLIP_STR("origin") };
        SLIP_AUTO(slip_decisions) got = { 0 };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(500);
        bool pushed = cases[i].trigger == SLIP_TRIGGER_PRE_PUSH;
        slip_rules_decide(&rules, &updates, cases[i].trigger, pushed ? &remote : NULL, SLIP_STR(""),
                          &got);
        for (size_t k = 0; k < got.len; k++)
            slip_buf_add_fmt(&text, "%.*s=%s ", SLIP_ARG(got.at[k].rule->name),
                             slip_action_name(got.at[k].action));
        assert_string_equal(text.ptr, cases[i].want);
    }
}

static void skipped_rules_are_marked(void **state)
{
    (void)state;
    SLIP_AUTO(slip_rules) rules = { 0 };
    read_rules(many, &rules);
    struct slip_ref_update at[] = { slip_ref_update_make(SLIP_STR("refs/tags/v1"), SLIP_STR(ID),
                                                         SLIP_STR(ZERO)) };
    SLIP_AUTO(slip_decisions) got = { 0 };
    slip_rules_decide(&rules, &(struct slip_ref_updates){ .at = at, .len = 1 }, SLIP_TRIGGER_CI,
                      NULL, SLIP_STR("x, ci-only"), &got);
    assert_int_equal(got.len, 2);
    assert_false(got.at[0].skipped);
    assert_true(got.at[1].skipped);
}

/* What the rule wants for an update: names, then the notices behind "| ". An error gives its text.
 */
static void expand_with(const struct slip_rules *rules, const struct slip_decision *d,
                        const struct slip_series *series, struct slip_buf *out)
{
    SLIP_AUTO(slip_wishes) wishes = { 0 };
    struct slip_error err = { 0 };
    struct slip_facts facts = { .commit = SLIP_STR(ID) };
    if (slip_rule_expand(rules, d, &facts, series, &wishes, &err) < 0) {
        slip_buf_add_c(out, err.text);
        return;
    }
    for (size_t i = 0; i < wishes.names.len; i++) {
        struct slip_str name = wishes.names.at[i].reference, repo;
        if (slip_str_rcut(name, ':', &repo, &name))
            slip_buf_add_fmt(out, "%.*s%s ", SLIP_ARG(name),
                             wishes.names.at[i].floating ? "~" : "");
    }
    for (size_t i = 0; i < wishes.notices.len; i++)
        slip_buf_add_fmt(out, "| %s", wishes.notices.at[i]);
}

/* The same for the only rule of `text` and `ref`, with the tags of the remote; whatever was worked
 * out for other updates before. */
static void expand(const char *text, const char *ref, const char *remote_tags, bool known,
                   struct slip_buf *out)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    SLIP_AUTO(slip_buf) again = SLIP_BUF(5000);
    SLIP_AUTO_PTR(slip_map) memory = slip_holders_memory();
    struct slip_ref_update at[] = {
        slip_ref_update_make(slip_str_of(ref), SLIP_STR(ID), SLIP_STR(ZERO)),
        slip_ref_update_make(SLIP_STR("refs/tags/v0.0.1"), SLIP_STR(ID), SLIP_STR(ZERO)),
    };
    struct slip_str tags[20], rest = slip_str_of(remote_tags);
    struct slip_series series = { .known = known,
                                  .tags = tags,
                                  .default_branch = SLIP_STR("main") };
    while (rest.len)
        slip_str_cut(rest, ' ', &tags[series.len++], &rest);

    read_rules(text, &rules);
    slip_rules_decide(&rules, &(struct slip_ref_updates){ .at = at, .len = SLIP_COUNT(at) },
                      SLIP_TRIGGER_CI, NULL, SLIP_STR(""), &decisions);
    expand_with(&rules, &decisions.at[0], &series, out);
    series.memory = memory;
    for (size_t i = 0; i < 2 * decisions.len; i++) {
        slip_buf_reset(&again);
        expand_with(&rules, &decisions.at[i % decisions.len], &series, &again);
        if (i % decisions.len == 0)
            assert_string_equal(again.ptr, out->ptr);
    }
}

#define HEAD "version: 1\nrules:\n- name: r\n  match: {tags: \"**\", branches: \"**\"}\n"
#define SERIES                                                                                     \
    HEAD "  tags: [\"%version%\", \"%major%.%minor%\", \"%major%\", latest]\n"                     \
         "  to: [{repo: h.example/a/b}]\n"
#define MONO                                                                                       \
    "version: 1\nrules:\n- name: r\n  match: {tags: \"/([a-z]+)/v(.*)/\"}\n"                       \
    "  semver: {from: \"%2%\"}\n  tags: [\"%version%\", \"%major%\"]\n"                            \
    "  to: [{repo: \"h.example/a/%1%\"}]\n"
#define ONE(to) HEAD "  to: [\"h.example/a/b:" to "\"]\n"

static void names_that_move_stay_with_the_newest_version(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *ref, *tags;
        bool unknown;
        const char *want;
    } cases[] = {
        { SERIES, "refs/tags/v1.4.0", "v1.3.9 v1.4.0", false, "1.4.0 1.4~ 1~ latest~ " },
        { SERIES, "refs/tags/v1.3.9", "v1.4.0 v1.3.8", false,
          "1.3.9 1.3~ | h.example/a/b:1 stays with the newer v1.4.0"
          "| h.example/a/b:latest stays with the newer v1.4.0" },
        { SERIES, "refs/tags/v1.3.9", "v2.0.0-rc.1 v1.3.8", false, "1.3.9 1.3~ 1~ latest~ " },
        { SERIES, "refs/tags/v2.0.0-rc.1", "v1.4.0", false, "2.0.0-rc.1 " },
        { SERIES, "refs/tags/v0.3.0", "", false, "0.3.0 0.3~ latest~ " },
        { SERIES, "refs/tags/v1.0.0+b1", "", false, "1.0.0_b1 1.0~ 1~ latest~ " },
        { SERIES, "refs/tags/v1.4.0", "", true,
          "1.4.0 | warning: the tags of the remote are not known: names that move stay where they "
          "are" },
        { SERIES, "refs/tags/v1.4", "", false,
          ".slipway.yaml:3:3: rule 'r': tag 'v1.4' is not a semantic version (missing patch "
          "number) [E-SEMVER]" },
        { MONO, "refs/tags/api/v1.0.0", "web/v2.0.0 web/v1.5.0", false, "1.0.0 1~ " },
        { MONO, "refs/tags/api/v1.0.0", "api/v1.5.0", false,
          "1.0.0 | h.example/a/api:1 stays with the newer api/v1.5.0" },
        { MONO, "refs/tags/api/v1.0.0", "api/v2.5.0", false, "1.0.0 1~ " },
        /* The newest of those that hold the name is told. */
        { SERIES, "refs/tags/v1.3.9", "v1.4.0 v1.5.0 v2.0.0 v1.4.1", false,
          "1.3.9 1.3~ | h.example/a/b:1 stays with the newer v1.5.0"
          "| h.example/a/b:latest stays with the newer v2.0.0" },
        { "version: 1\nrules:\n- name: r\n  match: {tags: \"/v([0-9.]+)(-lts)?/\"}\n"
          "  semver: {from: \"%1%\"}\n  tags: [\"%major%-%sha_short%\"]\n"
          "  to: [{repo: h.example/a/b}]\n",
          "refs/tags/v1.0.0", "v1.1.0-lts", false, "1-0123456789ab " },
        { ONE("latest"), "refs/heads/main", "", false, "latest~ " },
        { ONE("latest"), "refs/heads/x", "", false,
          "| h.example/a/b:latest is only written from the default branch 'main' "
          "[W-LATEST-BRANCH]" },
        { ONE("latest"), "refs/tags/v1.0.0", "v1.1.0", false,
          "| h.example/a/b:latest stays with the newer v1.1.0" },
        { ONE("latest"), "refs/tags/nightly", "v1.1.0", false, "latest~ " },
        { ONE("x-%branch_slug%"), "refs/heads/a/b", "", false, "x-a-b~ " },
        { ONE("%branch%"), "refs/heads/a/b", "", false,
          ".slipway.yaml:5:8: rule 'r': 'a/b' is no tag of an image [E-TAG-CHARS]" },
        { ONE("%branch%"), "refs/tags/x", "", false,
          ".slipway.yaml:5:8: rule 'r': there is no %branch% for tag 'x' [E-PLACEHOLDER]" },
        { ONE("%image_content_based_tag%"), "refs/tags/x", "", false,
          "%image_content_based_tag% " },
        /* A variable takes nothing away from a version. */
        { "env-allow: X\n" ONE("%version%-%env:X|default:y%"), "refs/tags/v1.0.0", "v2.0.0", false,
          "1.0.0-y " },
        { "env-allow: X\n" ONE("%major%-%env:X|default:y%"), "refs/tags/v1.0.0", "v1.1.0", false,
          "| h.example/a/b:1-y stays with the newer v1.1.0" },
        /* Whole matches: of a tag they never change, of a branch they do. */
        { ONE("x-%0%"), "refs/tags/v1", "", false, "x-v1 " },
        { ONE("x-%0%"), "refs/heads/v1", "", false, "x-v1~ " },
        { "version: 1\nrules:\n- name: r\n  match: {tags: \"/(v(.*))/\"}\n"
          "  to: [\"h.example/a/b:%1%\", \"h.example/a/b:%2%\"]\n",
          "refs/tags/v1", "", false, "v1 1~ " },
        /* A repository that holds a part of the version has a series, too. */
        { HEAD "  to: [\"h.example/v%major%/b:stable\"]\n", "refs/tags/v1.0.0", "v1.1.0 v2.0.0",
          false, "| h.example/v1/b:stable stays with the newer v1.1.0" },
        { HEAD "  to: [\"h.example/v%major%/b:stable\"]\n", "refs/tags/v2.0.0-rc.1", "", false,
          "" },
        { HEAD "  to: [\"h.example/v%major%/b:%tag%\"]\n", "refs/tags/v1.0.0", "v1.1.0", false,
          "v1.0.0 " },
        { HEAD "  to: [\"oci:../out:%tag%\"]\n", "refs/tags/x", "", false,
          ".slipway.yaml:5:8: rule 'r': 'oci:../out:x' leaves the repository: no '..' in 'oci:' "
          "paths [E-POLICY]" },
        { HEAD "  semver: {invalid: skip}\n  to: [\"h.example/a/b:%tag%\"]\n", "refs/tags/x", "",
          false, "| rule 'r': 'x' is not a semantic version, skipped" },
        { HEAD "  semver: {prerelease: exclude}\n  to: [\"h.example/a/b:%tag%\"]\n",
          "refs/tags/v1.0.0-rc1", "", false, "| rule 'r' is not for version 1.0.0-rc1" },
        { HEAD "  latest: never\n  floating: never\n  tags: [\"%version%\", \"%major%\", latest]\n"
               "  to: [{repo: h.example/a/b}]\n",
          "refs/tags/v1.0.0", "", false, "1.0.0 " },
        { HEAD "  tags: [\"%tag%\", \"%branch%\"]\n  to: [{repo: h.example/a/b}]\n", "refs/tags/x",
          "", false,
          "x | rule 'r': 'h.example/a/b:%branch%' is left out, there is no %branch% here" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(5000);
        expand(cases[i].rules, cases[i].ref, cases[i].tags, !cases[i].unknown, &out);
        assert_string_equal(out.ptr, cases[i].want);
    }
}

static void images_are_chosen_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *images, *ref, *want;
    } cases[] = {
        { "", "refs/tags/a/v1", "api api/test web web/app" },
        { "  images: [\"web**\", \"!web/app\"]\n", "refs/tags/a/v1", "web" },
        { "  images: \"!web\"\n", "refs/tags/a/v1", "api api/test web/app" },
        { "  images: [\"%1%\", \"%1%/**\", \"!**/test*\"]\n", "refs/tags/api/v1", "api" },
        { "  images: [\"/(api|web)/\"]\n", "refs/tags/a/v1", "api web" },
        { "  images: [apo]\n", "refs/tags/a/v1",
          ".slipway.yaml:5:12: rule 'r': there is no image 'apo' in this commit "
          "[E-IMAGE-UNKNOWN]" },
        { "  images: [\"x*\"]\n", "refs/tags/a/v1",
          ".slipway.yaml:3:3: rule 'r': no image is left to release [E-IMAGE-NONE]" },
    };
    static const struct slip_str names[] = {
        { "api", 3 }, { "api/test", 8 }, { "web", 3 }, { "web/app", 7 }
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(5000);
        SLIP_AUTO(slip_buf) out = SLIP_BUF(5000);
        SLIP_AUTO(slip_rules) rules = { 0 };
        SLIP_AUTO(slip_decisions) decisions = { 0 };
        SLIP_AUTO(slip_wishes) wishes = { 0 };
        struct slip_error err = { 0 };
        bool wanted[SLIP_COUNT(names)];
        slip_buf_add_fmt(&text,
                         "version: 1\nrules:\n- name: r\n  match: {tags: \"/([a-z]+)/v.*/\"}\n%s"
                         "  to: [\"h.example/a/%%image%%:x\"]\n",
                         cases[i].images);
        read_rules(text.ptr, &rules);
        struct slip_ref_update at[] = { slip_ref_update_make(slip_str_of(cases[i].ref),
                                                             SLIP_STR(ID), SLIP_STR(ZERO)) };
        slip_rules_decide(&rules, &(struct slip_ref_updates){ .at = at, .len = 1 }, SLIP_TRIGGER_CI,
                          NULL, SLIP_STR(""), &decisions);
        struct slip_facts facts = { .commit = SLIP_STR(ID) };
        struct slip_series series = { 0 };
        assert_int_equal(slip_rule_expand(&rules, &decisions.at[0], &facts, &series, &wishes, &err),
                         0);
        if (slip_wishes_select(&rules, &decisions.at[0], &wishes, names, SLIP_COUNT(names), wanted,
                               &err)
            < 0) {
            assert_string_equal(err.text, cases[i].want);
            continue;
        }
        for (size_t k = 0; k < SLIP_COUNT(names); k++)
            if (wanted[k])
                slip_buf_add_fmt(&out, "%s%.*s", out.len ? " " : "", SLIP_ARG(names[k]));
        assert_string_equal(out.ptr, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_match_by_ref_remote_and_trigger),
        cmocka_unit_test(skipped_rules_are_marked),
        cmocka_unit_test(names_that_move_stay_with_the_newest_version),
        cmocka_unit_test(images_are_chosen_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
