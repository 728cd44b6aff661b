/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "registry/tag_reader.h"

static int collect(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct slip_buf *out = payload;
    if (slip_str_is(tag, "stop"))
        return slip_fail(err, SLIP_E_REGISTRY, "stopped");
    slip_buf_add_str(out, tag);
    slip_buf_add_char(out, ' ');
    return 0;
}

static const struct {
    const char *text, *tags, *error; /* error NULL: fine; tags NULL: not complete */
} listings[] = {
    { "{\"name\":\"a\",\"tags\":[\"x\",\"y\"]}", "x y ", NULL },
    { " { \"tags\" : [ \"x\" , \"y\" ] , \"name\" : \"tags\" } \n", "x y ", NULL },
    { "{\"name\":\"a\",\"tags\":null}", "", NULL },
    { "{\"name\":\"a\"}", "", NULL },
    { "{\"tags\":[]}", "", NULL },
    { "{\"more\":{\"tags\":[\"no\"]},\"list\":[\"tags\",\"no\"],\"tags\":[\"yes\"]}", "yes ",
      NULL },
    { "{\"tags\":[[\"no\"],{\"k\":\"no\"},\"yes\",1,true]}", "yes ", NULL },
    { "{\"t\\u0061gs\":[\"a\\\"\\\\\\/\\u0062\"]}", "a\"\\/b ", NULL },
    { "{\"tags\":[\"x\"]}garbage", "x ", NULL },
    { "{\"tags\":[\"x\"", NULL, NULL },
    { "{\"tags\":[\"x", NULL, NULL },
    { "", NULL, NULL },
    { "[\"x\"]", NULL, "not an object" },
    { "<html>", NULL, "not JSON" },
    { "{\"tags\":[\"a\nb\"]}", NULL, "a control character in a string" },
    { "{\"tags\":[\"\\x\"]}", NULL, "a wrong escape" },
    { "{\"tags\":[\"\\u00g0\"]}", NULL, "a wrong escape" },
    { "{\"tags\":[\"stop\"]}", NULL, "stopped" },
};

/* In pieces of `step` bytes. */
static void read_in_steps(size_t i, size_t step)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    SLIP_AUTO(slip_tag_reader) r;
    struct slip_error err = { 0 };
    slip_tag_reader_init(&r, collect, &out);
    struct slip_str rest = slip_str_of(listings[i].text);
    int rc = 0;
    while (rest.len > 0 && rc == 0) {
        rc = slip_tag_reader_feed(&r, slip_str_first(rest, step), &err);
        rest = slip_str_skip(rest, step);
    }
    assert_int_equal(rc, listings[i].error ? -1 : 0);
    if (listings[i].error)
        assert_non_null(strstr(err.text, listings[i].error));
    else
        assert_int_equal(slip_tag_reader_done(&r), listings[i].tags != NULL);
    if (listings[i].tags)
        assert_string_equal(out.ptr, listings[i].tags);
}

static void names_are_found_however_the_text_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(listings); i++) {
        print_message("  %s\n", listings[i].text);
        read_in_steps(i, 1);
        read_in_steps(i, 3);
        read_in_steps(i, 1000);
    }
}

static void depth_and_length_are_limited(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    SLIP_AUTO(slip_tag_reader) r;
    struct slip_error err = { 0 };
    slip_tag_reader_init(&r, collect, &out);
    assert_int_equal(slip_tag_reader_feed(&r, SLIP_STR("{\"a\":"), &err), 0);
    int rc = 0;
    for (int i = 0; i < 100 && rc == 0; i++)
        rc = slip_tag_reader_feed(&r, SLIP_STR("["), &err);
    assert_int_equal(rc, -1);

    SLIP_AUTO(slip_tag_reader) s;
    slip_error_clear(&err);
    slip_tag_reader_init(&s, collect, &out);
    assert_int_equal(slip_tag_reader_feed(&s, SLIP_STR("{\"tags\":[\""), &err), 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(slip_tag_reader_feed(&s, SLIP_STR("x"), &err), 0);
    assert_int_equal(slip_tag_reader_feed(&s, SLIP_STR("\"]}"), &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_however_the_text_is_cut),
        cmocka_unit_test(depth_and_length_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
