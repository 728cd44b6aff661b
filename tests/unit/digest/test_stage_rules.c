/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/generation.h"
#include "digest/stage_rules.h"

/* The worked examples of staged-and-stapel-digest.md 8.2. */

static void the_first_staged_stage_counts_its_base(void **state)
{
    (void)state;
    const struct slip_generation *g = &slip_generation_2;
    struct slip_stage_parts parts = {
        .platform = SLIP_STR("linux/amd64"),
        .name = SLIP_STR("ENV"),
        .dependencies =
            SLIP_STR("abb26e03113c3480b5a008a68111bd11e238b19e518f397d7c1a6a894ff1cec2"),
        .base = SLIP_STR("alpine:3.19"),
    };
    char digest[SLIP_SHA3_224_HEX + 1];
    g->stage_digest(g, &parts, digest);
    assert_string_equal(digest, "4b17fda69d98a08464343838b457576cca313b9e940bcef3337f1167");
    parts.platform = SLIP_STR("linux/arm64");
    g->stage_digest(g, &parts, digest);
    assert_string_equal(digest, "c4ba3083800919d334d73acffef9957099b42b55593a21b1137c54dd");
}

static void a_stage_behind_another_counts_what_that_gives(void **state)
{
    (void)state;
    const struct slip_generation *g = &slip_generation_2;
    const struct slip_stage_parts parts = {
        .name = SLIP_STR("install"),
        .dependencies =
            SLIP_STR("da2bd22d72e3000b994cc880a9902c3cc3607d667077c4992f563420145b7348"),
        .previous = SLIP_STR("36a28f1ecbbfbf182efd8df16f1afeb9fa877904be0d45736e385b3e"),
    };
    char digest[SLIP_SHA3_224_HEX + 1], next[SLIP_SHA256_HEX + 1], content[SLIP_SHA3_224_HEX + 1];
    g->stage_digest(g, &parts, digest);
    assert_string_equal(digest, "f1a6f38e20b5ae5992bc526432b2e5084e38f8f9c70e577076b44857");
    slip_stage_next(NULL, 0, next);
    g->content_digest(g, SLIP_STR(""), parts.name, slip_str_of(digest), slip_str_of(next), content);
    assert_string_equal(content, "80eb706fe642d962ebd2e761eddd35d377a66471cda72ef391c409a1");
    const struct slip_str commit = SLIP_STR("4047d87fa9619bc81555b3be204f494da266e423");
    slip_stage_next(&commit, 1, next);
    assert_string_equal(next, "f09d6b639a5de27f937a16a26b8334e74111a5910f2321a04407690e2d879226");
    g->content_digest(g, SLIP_STR(""), SLIP_STR("gitArchive"),
                      SLIP_STR("bdc3b936c9f82c4afb599a25e7bd7fb113eaee34c7a1e40e6bb6b1ff"),
                      slip_str_of(next), content);
    assert_string_equal(content, "1c6b5b6cc7317d1d3eddc6cb9e6af35d633eaa09671dc71925fb12ec");
}

static void commits_count_in_the_order_of_bytes(void **state)
{
    (void)state;
    const struct slip_str commits[][2] = { { SLIP_STR("a1"), SLIP_STR("b") },
                                           { SLIP_STR("b"), SLIP_STR("a1") } };
    char a[SLIP_SHA256_HEX + 1], b[SLIP_SHA256_HEX + 1];
    slip_stage_next(commits[0], 2, a);
    slip_stage_next(commits[1], 2, b);
    assert_string_equal(a, b);
}

static void four_stages_have_old_names_in_digests(void **state)
{
    (void)state;
    assert_true(slip_str_is(slip_stage_digest_name(SLIP_STR("dependenciesAfterSetup")),
                            "importsAfterSetup"));
    assert_true(slip_str_is(slip_stage_digest_name(SLIP_STR("gitArchive")), "gitArchive"));
}

static void a_name_is_cut_at_its_last_colon(void **state)
{
    (void)state;
    SLIP_AUTO(slip_arena) a = { 0 };
    const struct slip_dependency_value v = {
        .name = slip_stage_name(&a, SLIP_STR("localhost:5000/p"), SLIP_STR("d-1"))
    };
    assert_true(slip_str_is(slip_import_value(&v, SLIP_IMPORT_NAME), "localhost:5000/p:d-1"));
    assert_true(slip_str_is(slip_import_value(&v, SLIP_IMPORT_REPO), "localhost:5000/p"));
    assert_true(slip_str_is(slip_import_value(&v, SLIP_IMPORT_TAG), "d-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_staged_stage_counts_its_base),
        cmocka_unit_test(a_stage_behind_another_counts_what_that_gives),
        cmocka_unit_test(commits_count_in_the_order_of_bytes),
        cmocka_unit_test(four_stages_have_old_names_in_digests),
        cmocka_unit_test(a_name_is_cut_at_its_last_colon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
