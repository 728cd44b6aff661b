/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "rule/template.h"

#define SHA "0123456789abcdef0123456789abcdef01234567"

static const char *lookup_env(void *payload, const char *name)
{
    (void)payload;
    return strcmp(name, "CHANNEL") == 0 ? "edge" : NULL;
}

static bool allow_env(const void *payload, struct slip_str name)
{
    (void)payload;
    return slip_str_is(name, "CHANNEL") || slip_str_is(name, "UNSET");
}

static struct slip_facts facts_of(const struct slip_ref_update *u, const struct slip_semver *v,
                                  const struct slip_captures *captures)
{
    return (struct slip_facts){
        .update = u,
        .version = v,
        .captures = captures,
        .commit = SLIP_STR(SHA),
        .commit_time = 1000000000,
        .project = SLIP_STR("shop"),
        .repo_path = SLIP_STR("acme/shop"),
        .env = lookup_env,
    };
}

static void words_and_filters_are_filled_in(void **state)
{
    (void)state;
    static const struct slip_image_words image = {
        { "web/App", 7 }, { "web-app", 7 }, { "web-app-1", 9 }, { "d-1", 3 }
    };
    static const struct {
        const char *text, *want;
        enum slip_template_kind kind;
    } tag[] = {
        { "plain", "plain", SLIP_TEMPLATE_REFERENCE },
        { "%tag%", "v1.2.3-rc.1_b5", SLIP_TEMPLATE_REFERENCE },
        { "%tag%", "v1.2.3-rc.1+b5", SLIP_TEMPLATE_TEXT },
        { "% ref %|%ref_type%", "refs/tags/v1.2.3-rc.1_b5|tag", SLIP_TEMPLATE_REFERENCE },
        { "%version%/%version_core%", "1.2.3-rc.1_b5/1.2.3", SLIP_TEMPLATE_REFERENCE },
        { "%major%.%minor%.%patch%-%prerelease%-%build%", "1.2.3-rc.1-b5",
          SLIP_TEMPLATE_REFERENCE },
        { "%sha% %sha_short%", SHA " 0123456789ab", SLIP_TEMPLATE_REFERENCE },
        { "%commit_date% %commit_datetime% %commit_timestamp%",
          "20010909 20010909T014640Z 1000000000", SLIP_TEMPLATE_TEXT },
        { "%project% %repo_path% %repo_name% %repo_owner%", "shop acme/shop shop acme",
          SLIP_TEMPLATE_TEXT },
        { "%0%-%1%", "api/v1-api", SLIP_TEMPLATE_REFERENCE },
        { "%env:CHANNEL%", "edge", SLIP_TEMPLATE_TEXT },
        { "%env:UNSET|default:a:b%", "a:b", SLIP_TEMPLATE_TEXT },
        { "%branch|default:none%", "none", SLIP_TEMPLATE_TEXT },
        { "%ci_run_id|default:local%", "local", SLIP_TEMPLATE_TEXT },
        { "%project|upper|replace:S:Z|lower%", "zhop", SLIP_TEMPLATE_TEXT },
        { "%sha | trunc:7 %", "0123456", SLIP_TEMPLATE_TEXT },
        { "%ref|slug%", "refs-tags-v1.2.3-rc.1-b5", SLIP_TEMPLATE_REFERENCE },
        { "100%%", "100%", SLIP_TEMPLATE_TEXT },
        { "%image% %image_slug% %image_safe_slug% %image_content_based_tag%",
          "web/App web-app web-app-1 d-1", SLIP_TEMPLATE_REFERENCE },
        { "%image|lower%", "web/app", SLIP_TEMPLATE_REFERENCE },
        { "%0%*", "api\\/v1*", SLIP_TEMPLATE_PATTERN },
    };
    struct slip_ref_update u =
        slip_ref_update_make(SLIP_STR("refs/tags/v1.2.3-rc.1+b5"), SLIP_STR(SHA), SLIP_STR(""));
    struct slip_captures captures = { { SLIP_STR("api/v1"), SLIP_STR("api") }, 2 };
    struct slip_semver v;
    struct slip_error err = { 0 };
    assert_int_equal(slip_semver_parse(u.name, SLIP_STR("auto"), false, &v, &err), 0);
    struct slip_facts facts = facts_of(&u, &v, &captures);
    facts.image = &image;
    for (size_t i = 0; i < SLIP_COUNT(tag); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(500);
        struct slip_template_scan scan;
        const char *missing;
        assert_int_equal(slip_template_check(slip_str_of(tag[i].text), tag[i].kind, allow_env, NULL,
                                             &scan, &err),
                         0);
        assert_int_equal(slip_template_expand(slip_str_of(tag[i].text), tag[i].kind, &facts, &out,
                                              &missing, &err),
                         0);
        assert_null(missing);
        assert_string_equal(out.ptr, tag[i].want);
    }
}

static void image_words_may_wait(void **state)
{
    (void)state;
    struct slip_ref_update u =
        slip_ref_update_make(SLIP_STR("refs/heads/a/b"), SLIP_STR(SHA), SLIP_STR(""));
    struct slip_facts facts = facts_of(&u, NULL, NULL);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(500);
    const char *missing;
    assert_int_equal(slip_template_expand(SLIP_STR("r/% image_slug %:%branch_slug%-%image%"),
                                          SLIP_TEMPLATE_REFERENCE, &facts, &out, &missing, &err),
                     0);
    assert_string_equal(out.ptr, "r/%image_slug%:a-b-%image%");
    slip_buf_reset(&out);
    assert_int_equal(slip_template_expand(SLIP_STR("r/%image | replace:/:-|lower%:%branch_slug%"),
                                          SLIP_TEMPLATE_REFERENCE, &facts, &out, &missing, &err),
                     0);
    assert_string_equal(out.ptr, "r/%image|replace:/:-|lower%:a-b");
    /* All but the content-based tag is known before a build. */
    static const struct slip_image_words image = { .image = { "web/App", 7 } };
    SLIP_AUTO(slip_buf) later = SLIP_BUF(500);
    facts.image = &image;
    slip_buf_add_c(&out, "-%image_content_based_tag%");
    assert_int_equal(slip_template_expand(slip_buf_str(&out), SLIP_TEMPLATE_REFERENCE, &facts,
                                          &later, &missing, &err),
                     0);
    assert_string_equal(later.ptr, "r/web-app:a-b-%image_content_based_tag%");
}

static void what_a_text_uses_does_not_rest_on_variables(void **state)
{
    (void)state;
    struct slip_template_scan scan =
        slip_template_scan(SLIP_STR("100%%-%version%-%env:CHANNEL|default:x%-%2%-%image|lower%"));
    assert_int_equal(scan.uses, SLIP_USES_SEMVER | SLIP_USES_MINOR_OR_MORE | SLIP_USES_FULL_VERSION
                                    | SLIP_USES_IMAGE | SLIP_USES_IMAGE_FILTER | SLIP_USES_HERE);
    assert_int_equal(scan.captures, 1 << 2);
}

static void words_that_do_not_apply_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "x:%tag%", "tag" },
        { "%version%", "version" },
        { "%major%", "major" },
    };
    struct slip_ref_update u =
        slip_ref_update_make(SLIP_STR("refs/heads/main"), SLIP_STR(SHA), SLIP_STR(""));
    struct slip_facts facts = facts_of(&u, NULL, NULL);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(500);
        struct slip_error err = { 0 };
        const char *missing;
        assert_int_equal(slip_template_expand(slip_str_of(cases[i][0]), SLIP_TEMPLATE_REFERENCE,
                                              &facts, &out, &missing, &err),
                         0);
        assert_string_equal(missing, cases[i][1]);
        assert_string_equal(out.ptr, "");
    }
}

static void a_name_from_git_cannot_bring_placeholders(void **state)
{
    (void)state;
    struct slip_ref_update u =
        slip_ref_update_make(SLIP_STR("refs/tags/%image%"), SLIP_STR(SHA), SLIP_STR(""));
    struct slip_facts facts = facts_of(&u, NULL, NULL);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(500);
    const char *missing;
    assert_int_equal(slip_template_expand(SLIP_STR("x:%tag%"), SLIP_TEMPLATE_REFERENCE, &facts,
                                          &out, &missing, &err),
                     -1);
    assert_non_null(strstr(err.text, "[E-TAG-CHARS]"));
    slip_error_clear(&err);
    assert_int_equal(slip_template_expand(SLIP_STR("x:%tag_slug%"), SLIP_TEMPLATE_REFERENCE, &facts,
                                          &out, &missing, &err),
                     0);
    assert_string_equal(out.ptr, "x:image");
}

static void mistakes_are_found_without_filling_in(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error, *hint;
        enum slip_template_kind kind;
    } cases[] = {
        { "%imgae%", "unknown placeholder '%imgae%' [E-PLACEHOLDER]", "did you mean '%image%'?",
          SLIP_TEMPLATE_REFERENCE },
        { "%IMAGE_SLUGS_ALL%", "unknown placeholder '%IMAGE_SLUGS_ALL%' [E-PLACEHOLDER]", "",
          SLIP_TEMPLATE_REFERENCE },
        { "100%", "'%' has no closing '%' [E-PERCENT]", "", SLIP_TEMPLATE_TEXT },
        { "%%", "nothing between two '%' [E-PERCENT]", "", SLIP_TEMPLATE_REFERENCE },
        { "%tag|lowr%", "unknown filter 'lowr' [E-PLACEHOLDER]", "did you mean 'lower'?",
          SLIP_TEMPLATE_REFERENCE },
        { "%tag|trunc:x%", "filter 'trunc:x' is not 'trunc:NUMBER' [E-PLACEHOLDER]", "",
          SLIP_TEMPLATE_REFERENCE },
        { "%tag|lower:1%", "filter 'lower:1' is not 'lower' [E-PLACEHOLDER]", "",
          SLIP_TEMPLATE_REFERENCE },
        { "%tag|replace:ab:c%",
          "filter 'replace:ab:c' is not 'replace:A:B with single characters' [E-PLACEHOLDER]", "",
          SLIP_TEMPLATE_REFERENCE },
        { "%env:SECRET%", "variable 'SECRET' is not in 'env-allow' [E-ENV]",
          "add 'env-allow: [SECRET]' at the top of the rules file", SLIP_TEMPLATE_TEXT },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        struct slip_template_scan scan;
        assert_int_equal(slip_template_check(slip_str_of(cases[i].text), cases[i].kind, allow_env,
                                             NULL, &scan, &err),
                         -1);
        assert_string_equal(err.text, cases[i].error);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_filters_are_filled_in),
        cmocka_unit_test(image_words_may_wait),
        cmocka_unit_test(what_a_text_uses_does_not_rest_on_variables),
        cmocka_unit_test(words_that_do_not_apply_are_named),
        cmocka_unit_test(a_name_from_git_cannot_bring_placeholders),
        cmocka_unit_test(mistakes_are_found_without_filling_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
