/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

static void buffers_stop_at_their_limit(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) b = SLIP_BUF(4);
    assert_true(slip_buf_add_c(&b, "abcd"));
    assert_false(slip_buf_add_char(&b, 'e'));
    assert_true(b.full);
    assert_string_equal(b.ptr, "abcd");
}

static void errors_keep_the_first_cause_behind_the_context(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    assert_int_equal(slip_fail(&err, SLIP_E_CONFIG, "no '%s'", "x"), -1);
    slip_while(&err, "image '%s'", "app");
    assert_string_equal(err.text, "image 'app': no 'x'");
    assert_int_equal(slip_kind_exit(err.kind), 3);
    assert_int_equal(slip_kind_worse(SLIP_E_CONFIG, SLIP_E_PARTIAL), SLIP_E_PARTIAL);
}

static void closest_word_is_a_typo_away(void **state)
{
    (void)state;
    static const char *const words[] = { "images", "match", "name" };
    assert_string_equal(slip_str_closest(SLIP_STR("image"), words, 3), "images");
    assert_null(slip_str_closest(SLIP_STR("zebra"), words, 3));
    static const char *const options[] = { "tag", "require-built-images", "repo", "report" };
    assert_string_equal(slip_str_closest(SLIP_STR("tga"), options, 4), "tag");
    assert_string_equal(slip_str_closest(SLIP_STR("require"), options, 4), "require-built-images");
    assert_string_equal(slip_str_closest(SLIP_STR("rep"), options, 4), "repo");
    assert_null(slip_str_closest(SLIP_STR("req-built"), options, 4));
    assert_null(slip_str_closest(SLIP_STR("xyz"), options, 4));
}

static size_t first_of(const char *text, size_t len, const char *what, size_t n)
{
    for (size_t at = 0; at + n <= len; at++)
        if (memcmp(text + at, what, n) == 0)
            return at;
    return SLIP_NPOS;
}

/* Every text of up to eight letters of "ab", and every word of up to six. */
static void texts_are_found_where_they_first_stand(void **state)
{
    (void)state;
    char text[8], what[6];
    for (size_t len = 0; len <= sizeof(text); len++)
        for (unsigned t = 0; t < 1U << len; t++)
            for (size_t n = 0; n <= sizeof(what); n++)
                for (unsigned w = 0; w < 1U << n; w++) {
                    for (size_t i = 0; i < len; i++)
                        text[i] = t >> i & 1 ? 'b' : 'a';
                    for (size_t i = 0; i < n; i++)
                        what[i] = w >> i & 1 ? 'b' : 'a';
                    size_t at = slip_str_find_str(slip_str_make(text, len), slip_str_make(what, n));
                    if (at != first_of(text, len, what, n))
                        fail_msg("'%.*s' in '%.*s': %zu", (int)n, what, (int)len, text, at);
                }
}

static void utf8_reads_as_go_does(void **state)
{
    (void)state;
    size_t w;
    assert_int_equal(slip_utf8_decode(SLIP_STR("\xE2\x82\xAC"), &w), 0x20AC);
    assert_int_equal(w, 3);
    assert_int_equal(slip_utf8_decode(SLIP_STR("\xED\xA0\x80"), &w), SLIP_RUNE_ERROR);
    assert_int_equal(w, 1);
    assert_int_equal(slip_utf8_decode(SLIP_STR("\xF0\x9F\x98\x80"), &w), 0x1F600);
    assert_int_equal(slip_utf8_decode_last(SLIP_STR("a\xE2\x82\xAC"), &w), 0x20AC);
    assert_int_equal(w, 3);
    assert_int_equal(slip_utf8_decode_last(SLIP_STR("a\x82"), &w), SLIP_RUNE_ERROR);
    assert_int_equal(w, 1);
    char out[4];
    assert_int_equal(slip_utf8_encode(0x20AC, out), 3);
    assert_memory_equal(out, "\xE2\x82\xAC", 3);
    assert_int_equal(slip_utf8_encode(0x1F600, out), 4);
    assert_memory_equal(out, "\xF0\x9F\x98\x80", 4);
    assert_int_equal(slip_utf8_encode(0xE9, out), 2);
    assert_memory_equal(out, "\xC3\xA9", 2);
}

static void switches_have_the_words_of_werf(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum slip_switch want;
    } cases[] = {
        { "1", SLIP_SWITCH_ON },        { "true", SLIP_SWITCH_ON },     { "yes", SLIP_SWITCH_ON },
        { "0", SLIP_SWITCH_OFF },       { "false", SLIP_SWITCH_OFF },   { "no", SLIP_SWITCH_OFF },
        { "True", SLIP_SWITCH_UNSAID }, { "on", SLIP_SWITCH_UNSAID },   { "", SLIP_SWITCH_UNSAID },
        { "t", SLIP_SWITCH_UNSAID },    { "yes ", SLIP_SWITCH_UNSAID },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++)
        assert_int_equal(slip_str_switch(slip_str_of(cases[i].text)), cases[i].want);
}

static void maps_keep_order_and_free_values(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_map) m = slip_map_new(slip_free);
    slip_map_set(m, SLIP_STR("b"), slip_strdup("1"));
    slip_map_set(m, SLIP_STR("a"), slip_strdup("2"));
    slip_map_set(m, SLIP_STR("b"), slip_strdup("3"));
    assert_string_equal(slip_map_get(m, SLIP_STR("b")), "3");
    assert_str(slip_map_key(slip_map_next(m, NULL)), "b");
    assert_true(slip_map_remove(m, SLIP_STR("b")));
    assert_int_equal(slip_map_size(m), 1);
}

static void arenas_and_vectors_grow(void **state)
{
    (void)state;
    SLIP_AUTO(slip_arena) a = { 0 };
    struct {
        SLIP_VEC(char *);
    } v = { 0 };
    for (int i = 0; i < 5000; i++)
        slip_vec_push(&v, slip_arena_printf(&a, "%d", i));
    assert_string_equal(v.at[4321], "4321");
    slip_vec_clear(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_stop_at_their_limit),
        cmocka_unit_test(errors_keep_the_first_cause_behind_the_context),
        cmocka_unit_test(closest_word_is_a_typo_away),
        cmocka_unit_test(texts_are_found_where_they_first_stand),
        cmocka_unit_test(utf8_reads_as_go_does),
        cmocka_unit_test(switches_have_the_words_of_werf),
        cmocka_unit_test(maps_keep_order_and_free_values),
        cmocka_unit_test(arenas_and_vectors_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
