/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "digest/generation.h"

static void versions_belong_to_generations(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        bool ours;
    } cases[] = {
        { "v2.35.1", true }, { "2.0.0", true },     { "dev", true },
        { "", true },        { "v0.1.0", true },    { "v3.0.0", false },
        { "3.1", false },    { "v1.2.300", false }, { "v22.1", false },
        { "v2", true },      { "v3-rc", true },     { "v2.0.0+slipway.0.1.0", true },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++)
        assert_int_equal(slip_generation_made(&slip_generation_2, slip_str_of(cases[i].version)),
                         cases[i].ours);
}

static void our_own_label_is_of_the_generation(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) label = SLIP_BUF(100);
    struct slip_generation next = slip_generation_2;
    next.major = 3;
    slip_generation_label(&slip_generation_2, "7.1.0", &label);
    assert_string_equal(label.ptr, "v2.0.0+slipway.7.1.0");
    assert_true(slip_generation_made(&slip_generation_2, slip_buf_str(&label)));
    assert_false(slip_generation_made(&next, slip_buf_str(&label)));
}

/* Everything that depends on the generation comes out of the table. */
static void another_version_gives_other_digests(void **state)
{
    (void)state;
    struct slip_generation next = slip_generation_2;
    next.build_cache_version = "2.0";
    const struct slip_stage_parts parts = { .name = SLIP_STR("dockerfile"),
                                            .dependencies = SLIP_STR("d") };
    char a[SLIP_SHA3_224_HEX + 1], b[SLIP_SHA3_224_HEX + 1];
    slip_generation_2.stage_digest(&slip_generation_2, &parts, a);
    next.stage_digest(&next, &parts, b);
    assert_string_not_equal(a, b);
    slip_generation_2.content_digest(&slip_generation_2, SLIP_STR(""), parts.name, SLIP_STR("x"),
                                     SLIP_STR(""), a);
    next.content_digest(&next, SLIP_STR(""), parts.name, SLIP_STR("x"), SLIP_STR(""), b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_belong_to_generations),
        cmocka_unit_test(our_own_label_is_of_the_generation),
        cmocka_unit_test(another_version_gives_other_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
