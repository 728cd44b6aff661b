/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/limits.h"
#include "value/json.h"

static const struct {
    const char *name, *text, *want; /* what json.Marshal makes of it, or the message */
    bool fails;
} cases[] = {
    { "blanks", " \t\r\n{ } ", "{}", false },
    { "scalars", "[null,true,false,-0,0.5,\"\"]", "[null,true,false,0,0.5,\"\"]", false },
    { "sorted keys", "{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}",
      false },
    { "the last of equal keys", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}", false },
    { "integers", "[9223372036854775807,-9223372036854775808,18446744073709551615]",
      "[9223372036854775807,-9223372036854775808,18446744073709551615]", false },
    { "long integer", "12345678901234567890123", "1.2345678901234568e+22", false },
    { "small floats", "[1e-6,1e-7,1.5e-10,1e20,1e21]",
      "[0.000001,1e-7,1.5e-10,100000000000000000000,1e+21]", false },
    { "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"", "\"\\\"\\\\/\\b\\f\\n\\r\\tA\"", false },
    { "control characters", "\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\x7f\"", false },
    { "html", "\"<a&b>\"", "\"\\u003ca\\u0026b\\u003e\"", false },
    { "line separators", "\"\xe2\x80\xa8\\u2029\"", "\"\\u2028\\u2029\"", false },
    { "surrogate pair", "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", false },
    { "lone surrogates", "\"\\ud83d\\u0041\\ude00x\\ud83d\"",
      "\"\xef\xbf\xbd"
      "A\xef\xbf\xbdx\xef\xbf\xbd\"",
      false },
    { "invalid bytes", "\"\xff\xe2\x80\"", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", false },

    { "empty", "", "t:1:1: unexpected end of JSON input", true },
    { "open list", "[1,\n", "t:2:1: unexpected end of JSON input", true },
    { "open string", "\"a", "t:1:3: unexpected end of JSON input", true },
    { "after the value", "{} x", "t:1:4: invalid character 'x' after top-level value", true },
    { "comma before bracket", "[1,]", "t:1:4: invalid character ']' looking for beginning of value",
      true },
    { "comma before brace", "{\"a\":1,}",
      "t:1:8: invalid character '}' looking for beginning of object key string", true },
    { "no colon", "{\"a\" 1}", "t:1:6: invalid character '1' after object key", true },
    { "no comma", "{\"a\":1 \"b\"}", "t:1:8: invalid character '\"' after object key:value pair",
      true },
    { "no comma in list", "[1 2]", "t:1:4: invalid character '2' after array element", true },
    { "leading zero", "[01]", "t:1:3: invalid character '1' after array element", true },
    { "lone minus", "-", "t:1:2: invalid character ' ' in numeric literal", true },
    { "no digit after point", "1.x",
      "t:1:3: invalid character 'x' after decimal point in numeric literal", true },
    { "no exponent", "1e+", "t:1:4: invalid character ' ' in exponent of numeric literal", true },
    { "open escape", "\"\\", "t:1:3: invalid character ' ' in string escape code", true },
    { "word", "trux", "t:1:4: invalid character 'x' in literal true (expecting 'e')", true },
    { "raw control", "\"\n\"", "t:1:2: invalid character '\\n' in string literal", true },
    { "wrong escape", "\"\\x\"", "t:1:3: invalid character 'x' in string escape code", true },
    { "wrong hex", "\"\\u00g0\"",
      "t:1:6: invalid character 'g' in \\u hexadecimal character escape", true },
    { "quote in message", "'", "t:1:1: invalid character '\\'' looking for beginning of value",
      true },
    { "byte in message", "\xd0",
      "t:1:1: invalid character '\xc3\x90' looking for beginning of value", true },
};

static void text_is_read_and_written_as_go_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        print_message("  %s\n", cases[i].name);
        int rc = slip_json_read(slip_str_of(cases[i].text), "t", 0, &doc, &err);
        assert_int_equal(rc, cases[i].fails ? -1 : 0);
        if (rc < 0) {
            assert_string_equal(err.text, cases[i].want);
            continue;
        }
        assert_int_equal(slip_json_write(doc.root, SLIP_JSON_HTML, &out, &err), 0);
        assert_string_equal(out.ptr, cases[i].want);
    }
}

static void equal_keys_and_number_texts_are_kept(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    assert_int_equal(slip_json_read(SLIP_STR("{\"a\":1.50,\n \"a\":1e999}"), NULL, 0, &doc, &err),
                     0);
    assert_int_equal(doc.root->len, 2);
    assert_str(doc.root->pairs[0].value->text, "1.50");
    assert_str(doc.root->pairs[1].value->text, "1e999");
    assert_int_equal(doc.root->pairs[1].key->line, 2);
    assert_int_equal(doc.root->pairs[1].key->col, 2);
    assert_ptr_equal(slip_value_get(doc.root, "a"), doc.root->pairs[1].value);

    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    assert_int_equal(slip_json_write(doc.root, 0, &out, &err), -1);
    assert_string_equal(err.text, "json: unsupported value: +Inf");
}

static void what_follows_the_first_value_can_be_ignored(void **state)
{
    (void)state;
    static const char *const texts[] = { "{} x", "{}{", "[]\xff", "12x", "truex", "\"\"\"" };
    for (size_t i = 0; i < SLIP_COUNT(texts); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        int rc = slip_json_read(slip_str_of(texts[i]), "t", SLIP_JSON_FIRST_VALUE, &doc, &err);
        assert_int_equal(rc, 0);
        assert_non_null(doc.root);
    }
}

static void levels_are_counted(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(100000);
        for (size_t i = 0; i < SLIP_LIMIT_JSON_DEPTH + extra; i++)
            slip_buf_add_char(&text, '[');
        for (size_t i = 0; i < SLIP_LIMIT_JSON_DEPTH + extra; i++)
            slip_buf_add_char(&text, ']');
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        int rc = slip_json_read(slip_buf_str(&text), NULL, 0, &doc, &err);
        assert_int_equal(rc, extra ? -1 : 0);
        assert_string_equal(err.text, extra ? "invalid character '[' exceeded max depth" : "");
        SLIP_AUTO(slip_buf) out = SLIP_BUF(100000);
        if (rc == 0) {
            assert_int_equal(slip_json_write(doc.root, 0, &out, &err), 0);
            assert_string_equal(out.ptr, text.ptr);
        }
    }
}

static void writing_can_be_pretty_and_without_html_escapes(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    struct slip_str text = SLIP_STR("{\"l\":[1,{}],\"e\":[],\"s\":\"<\"}");
    assert_int_equal(slip_json_read(text, NULL, 0, &doc, &err), 0);
    assert_int_equal(slip_json_write(doc.root, SLIP_JSON_PRETTY, &out, &err), 0);
    assert_string_equal(out.ptr,
                        "{\n  \"e\": [],\n  \"l\": [\n    1,\n    {}\n  ],\n  \"s\": \"<\"\n}");
}

static void invalid_bytes_are_written_as_an_escape(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    slip_json_add_string(&out, SLIP_STR("a\xff<\xef\xbf\xbd"), 0);
    assert_string_equal(out.ptr, "\"a\\ufffd<\xef\xbf\xbd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_and_written_as_go_does),
        cmocka_unit_test(equal_keys_and_number_texts_are_kept),
        cmocka_unit_test(what_follows_the_first_value_can_be_ignored),
        cmocka_unit_test(levels_are_counted),
        cmocka_unit_test(writing_can_be_pretty_and_without_html_escapes),
        cmocka_unit_test(invalid_bytes_are_written_as_an_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
