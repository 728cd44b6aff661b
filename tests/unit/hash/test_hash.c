/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "hash/hash.h"

#include <string.h>

static void known_digests_of_joined_parts(void **state)
{
    (void)state;
    static const struct {
        enum slip_hash_kind kind;
        const char *want;
    } cases[] = {
        { SLIP_HASH_SHA1, "ce50152f4a7225bdc801ce877e791a4debf4b4f8" },
        { SLIP_HASH_SHA256, "d730e193a29ffa63510df122175a2ec7650070da876fa0004c08f1e496959f79" },
        { SLIP_HASH_SHA512, "6b0771cad8cde6522d7af60ea1024427a83ac411f8d1373500930a1f2106cbe5"
                            "40463b59f62a1a3499b08114ed9c1e9fb54126b9e865aab073e4c1f1fcae9501" },
        { SLIP_HASH_SHA3_224, "79dd04f1b62d7ca1423b75bc1f7b37a2a8f2b79d7e2f56f549ecd632" },
    };
    const struct slip_str parts[] = { SLIP_STR("a"), SLIP_STR("b") };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        char hex[SLIP_HASH_HEX_MAX + 1];
        slip_hash_joined(cases[i].kind, parts, 2, hex);
        assert_string_equal(hex, cases[i].want);
        slip_hash_hex(cases[i].kind, SLIP_STR("a:::b"), hex);
        assert_string_equal(hex, cases[i].want);
    }
}

static void no_part_equals_one_empty_part(void **state)
{
    (void)state;
    static const char empty[] = "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7";
    const struct slip_str part = SLIP_STR("");
    char hex[SLIP_HASH_HEX_MAX + 1];
    slip_hash_joined(SLIP_HASH_SHA3_224, NULL, 0, hex);
    assert_string_equal(hex, empty);
    slip_hash_joined(SLIP_HASH_SHA3_224, &part, 1, hex);
    assert_string_equal(hex, empty);
}

static void a_stream_may_be_given_up_and_begun_again(void **state)
{
    (void)state;
    SLIP_AUTO(slip_hash) h = { 0 };
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    slip_hash_add_str(&h, SLIP_STR("lost"));
    slip_hash_clear(&h);
    slip_hash_begin(&h, SLIP_HASH_SHA256);
    char hex[SLIP_SHA256_HEX + 1];
    slip_hash_end_hex(&h, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_copy_goes_on_by_itself(void **state)
{
    (void)state;
    char whole[SLIP_SHA256_HEX + 1], first[SLIP_SHA256_HEX + 1], second[SLIP_SHA256_HEX + 1];
    struct slip_hash a = { 0 }, b = { 0 };
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of("abcd"), whole);
    slip_hash_begin(&a, SLIP_HASH_SHA256);
    slip_hash_add(&a, "ab", 2);
    slip_hash_copy(&a, &b);
    slip_hash_add(&a, "cd", 2);
    slip_hash_end_hex(&a, first);
    slip_hash_add(&b, "cd", 2);
    slip_hash_end_hex(&b, second);
    assert_string_equal(first, whole);
    assert_string_equal(second, whole);
}

static void murmur3_of_every_tail_length(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "0" },
        { "a", "3c2569b2" },
        { "ab", "9bbfd75f" },
        { "app", "798e6f97" },
        { "MyApp", "eedff271" },
        { "backend", "27dba8ed" },
        { "Back_End", "2e47caba" },
        { "front-end", "2e38a2e4" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        char hex[SLIP_MURMUR3_HEX + 1];
        slip_murmur3_hex(slip_str_of(cases[i][0]), hex);
        assert_string_equal(hex, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests_of_joined_parts),
        cmocka_unit_test(no_part_equals_one_empty_part),
        cmocka_unit_test(a_stream_may_be_given_up_and_begun_again),
        cmocka_unit_test(a_copy_goes_on_by_itself),
        cmocka_unit_test(murmur3_of_every_tail_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
