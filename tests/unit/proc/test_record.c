/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "proc/record.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void what_was_added_is_found(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 16);
    struct slip_record r;
    for (int i = 0; i < 20000; i++) /* longer than the part that is read at run time */
        slip_buf_add_char(&text, (char)i);
    slip_buf_add_c(&text, "\nslipway-hook v2\nworker=old\nremote=old\n"); /* as its own text */
    assert_true(
        slip_record_add(SLIP_STR("/usr/bin/slip=way"), SLIP_STR("origin"), SLIP_STR(""), &text));
    size_t hashed = text.len;
    slip_buf_add_c(&text, "sha256:" HASH "\n");
    assert_true(slip_record_find(slip_buf_str(&text), &r));
    assert_true(slip_str_is(r.worker, "/usr/bin/slip=way"));
    assert_true(slip_str_is(r.remote, "origin"));
    assert_true(slip_str_is(r.hash, HASH));
    assert_int_equal(r.hashed.len, hashed);
    struct slip_str tail = slip_str_skip(slip_buf_str(&text), text.len - SLIP_RECORD_MAX);
    assert_true(slip_record_find(tail, &r));
    assert_true(slip_str_is(r.worker, "/usr/bin/slip=way"));

    assert_int_equal(r.rules.len, 0);

    assert_true(slip_record_add(SLIP_STR("/s"), SLIP_STR("o"), SLIP_STR("ci/x=y.yaml"), &text));
    slip_buf_add_c(&text, "sha256:" HASH "\n");
    assert_true(slip_record_find(slip_buf_str(&text), &r));
    assert_true(slip_str_is(r.worker, "/s"));
    assert_true(slip_str_is(r.rules, "ci/x=y.yaml"));

    slip_buf_add_c(&text, "more");
    assert_true(slip_record_find(slip_buf_str(&text), &r));
    assert_int_equal(r.hash.len, 0);
}

static void other_texts_have_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "#!/bin/sh\nexit 0\n",
        "\nslipway-hook v2\n",
        "\nslipway-hook v2\nworker=a\n",
        "\nslipway-hook v2\nworker=a\nremote=b\n",
        "\nslipway-hook v2\nworker=a\nremote=b\nsha256:12\n",
        "\nslipway-hook v2\nremote=b\nworker=a\nsha256:" HASH "\n",
        "\nslipway-hook v3\nworker=a\nremote=b\nsha256:" HASH "\n",
    };
    struct slip_record r;
    for (size_t i = 0; i < SLIP_COUNT(texts); i++)
        if (slip_record_find(slip_str_of(texts[i]), &r))
            fail_msg("found in '%s'", texts[i]);
}

static void values_that_would_not_come_back_are_refused(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1 << 16);
    SLIP_AUTO(slip_buf) large = SLIP_BUF(1 << 16);
    while (large.len < SLIP_RECORD_MAX)
        slip_buf_add_char(&large, 'x');
    assert_false(slip_record_add(SLIP_STR("/a\nb"), SLIP_STR("origin"), SLIP_STR(""), &text));
    assert_false(slip_record_add(SLIP_STR("/a"), SLIP_STR("o\n"), SLIP_STR(""), &text));
    assert_false(slip_record_add(SLIP_STR("/a"), SLIP_STR("o"), SLIP_STR("\n"), &text));
    assert_false(slip_record_add(slip_buf_str(&large), SLIP_STR("o"), SLIP_STR(""), &text));
    assert_int_equal(text.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found),
        cmocka_unit_test(other_texts_have_none),
        cmocka_unit_test(values_that_would_not_come_back_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
