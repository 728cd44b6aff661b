/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/limits.h"
#include "value/yaml.h"

static const struct {
    const char *text, *type, *print; /* of the value of one plain scalar */
} scalars[] = {
    { "abc", "string", "abc" },
    { "yes", "bool", "true" },
    { "Off", "bool", "false" },
    { "tRue", "string", "tRue" },
    { "~", "null", "<nil>" },
    { "", "null", "<nil>" },
    { "0777", "number", "511" },
    { "08", "number", "8" },
    { "0o17", "number", "15" },
    { "0x1F", "number", "31" },
    { "-0b101", "number", "-5" },
    { "1_000", "number", "1000" },
    { "-0", "number", "0" },
    { "18446744073709551615", "number", "18446744073709551615" },
    { "18446744073709551616", "number", "1.8446744073709552e+19" },
    { "-9223372036854775808", "number", "-9223372036854775808" },
    { "1.10", "number", "1.1" },
    { ".5", "number", "0.5" },
    { ".5_0", "number", "0.5" },
    { "._5", "string", "._5" },
    { "5.", "number", "5" },
    { "1e3", "number", "1000" },
    { "1e999", "string", "1e999" },
    { "-.inf", "number", "-Inf" },
    { ".nan", "number", "NaN" },
    { "1:20", "string", "1:20" },
    { "1.2.3", "string", "1.2.3" },
    { "2020-01-01", "string", "2020-01-01" },
    { "!!str 1.10", "string", "1.10" },
    { "!!float 1", "number", "1" },
    { "!!binary YQ==", "string", "a" },
    { "!own 1", "string", "1" },
    { "'1'", "string", "1" },
    { "[a, 1, true, ~]", "list", "[a 1 true <nil>]" },
    { "{b: 1, a: [x], 3: z}", "map", "map[a:[x] b:1 3:z]" },
};

static void scalars_mean_what_go_makes_of_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(scalars); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO(slip_buf) text = SLIP_BUF(100);
        SLIP_AUTO(slip_buf) out = SLIP_BUF(100);
        print_message("  %s\n", scalars[i].text);
        slip_buf_add_fmt(&text, "k: %s\n", scalars[i].text);
        int rc = slip_yaml_read(slip_buf_str(&text), "t", 1, SLIP_YAML_GO_STRICT, &doc, NULL, &err);
        assert_int_equal(rc, 0);
        const struct slip_value *v = slip_value_get(doc.root, "k");
        assert_string_equal(slip_value_type_name(v), scalars[i].type);
        slip_value_print_go(v, &out);
        assert_string_equal(out.ptr, scalars[i].print);
    }
}

static const struct {
    const char *text, *type;
} core_scalars[] = {
    { "yes", "string" }, { "true", "bool" },  { "0777", "number" },       { "0o17", "number" },
    { "0b1", "string" }, { "1_0", "string" }, { "2020-01-01", "string" }, { "-1.5e3", "number" },
    { "null", "null" },  { "<<", "string" },  { "y", "string" },
};

static void our_own_files_know_fewer_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(core_scalars); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        print_message("  %s\n", core_scalars[i].text);
        int rc = slip_yaml_read(slip_str_of(core_scalars[i].text), "t", 1, SLIP_YAML_CORE, &doc,
                                NULL, &err);
        assert_int_equal(rc, 0);
        assert_string_equal(slip_value_type_name(doc.root), core_scalars[i].type);
    }
}

static const struct {
    const char *name, *text, *want; /* Go's print, or the message */
    enum slip_yaml_schema schema;
} documents[] = {
    { "merge", "a: &a {x: 1}\nb: {<<: *a, z: 2}", "map[a:map[x:1] b:map[x:1 z:2]]",
      SLIP_YAML_GO_STRICT },
    { "merge of a list", "b: {<<: [{x: 1}, {z: 2}]}", "map[b:map[x:1 z:2]]", SLIP_YAML_GO_STRICT },
    { "merge overrides", "a: {x: 1, <<: {x: 2}}", "t:1:16: key \"x\" already set in map",
      SLIP_YAML_GO_STRICT },
    { "first map of a list wins", "a: {<<: [{x: 1}, {x: 2}]}", "map[a:map[x:1]]", SLIP_YAML_GO },
    { "quoted merge key", "a: {\"<<\": 1}", "map[a:map[<<:1]]", SLIP_YAML_GO_STRICT },
    { "merge of a scalar", "a: {<<: 5}",
      "t:1:5: map merge requires map or sequence of maps as the value", SLIP_YAML_GO },
    { "no merge", "a: {<<: 5}", "map[a:map[<<:5]]", SLIP_YAML_CORE },
    { "equal keys", "a: 1\na: 2", "t:2:1: key \"a\" already set in map", SLIP_YAML_GO_STRICT },
    { "equal values of keys", "true: 1\nyes: 2", "t:2:1: key true already set in map",
      SLIP_YAML_GO_STRICT },
    { "text and number", "1: a\n\"1\": b", "map[1:b 1:a]", SLIP_YAML_GO_STRICT },
    { "the later of equal keys", "a: 1\nb: 2\na: 3", "map[a:3 b:2]", SLIP_YAML_GO },
    { "equal keys of ours", "a: 1\na: 2", "t:2:1: key \"a\" already set in map", SLIP_YAML_CORE },
    { "unknown anchor", "a: *x", "t:1:4: unknown anchor 'x' referenced", SLIP_YAML_GO },
    { "anchor in itself", "a: &x [*x]", "t:1:8: anchor 'x' value contains itself", SLIP_YAML_GO },
    { "list as key", "? [a]\n: b", "t:1:3: invalid map key: a list", SLIP_YAML_GO },
    { "empty map as key", "a:\n  {}: 1", "t:2:3: an empty map or list cannot be a key",
      SLIP_YAML_GO_STRICT },
    { "empty map as key in brackets", "{a: {[]: 1}}", "t:1:6: invalid map key: a list",
      SLIP_YAML_GO_STRICT },
    { "question mark in brackets", "a:\n- [b, http://host/?q=1]",
      "t:2:7: did not find expected ',' or ']'", SLIP_YAML_GO_STRICT },
    { "question mark in brackets of ours", "a: [http://host/?q=1]", "map[a:[http://host/?q=1]]",
      SLIP_YAML_CORE },
    { "comma in a tag", "a: [!x, b]\nc: !!int, 1", "map[a:[b] c:1]", SLIP_YAML_GO },
    { "wrong tag", "a: !!int x", "t:1:4: cannot decode !!str `x` as a !!int", SLIP_YAML_GO },
    { "tag in ours", "a: !!int 1", "t:1:4: tags are not supported: 'tag:yaml.org,2002:int'",
      SLIP_YAML_CORE },
    { "wrong base64", "a: !!binary '!'", "t:1:4: !!binary value contains invalid base64 data",
      SLIP_YAML_GO },
    { "escaped slash", "a: \"\xc3\xa9\\\\/\"", "map[a:\xc3\xa9\\/]", SLIP_YAML_GO },
    { "escaped slash of Go", "a: \"\xc3\xa9\\/\"", "t:1:4: found unknown escape character",
      SLIP_YAML_GO },
    { "escaped slash of ours", "a: \"\\/\"", "map[a:/]", SLIP_YAML_CORE },
    { "other version", "%YAML 1.2\n---\na: 1", "t:1:1: found incompatible YAML document",
      SLIP_YAML_GO },
    { "syntax", "a: b: c", "t:1:5: mapping values are not allowed in this context", SLIP_YAML_GO },
    { "open list", "a:\n- [1\nb: 2",
      "t:3:2: did not find expected ',' or ']' (while parsing a flow sequence that begins in line "
      "2)",
      SLIP_YAML_GO },
    { "control character", "a: b\nc: \x01", "t:2:4: control characters are not allowed",
      SLIP_YAML_GO },
};

static void documents_are_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(documents); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        print_message("  %s\n", documents[i].name);
        int rc = slip_yaml_read(slip_str_of(documents[i].text), "t", 1, documents[i].schema, &doc,
                                NULL, &err);
        if (rc == 0)
            slip_value_print_go(doc.root, &out);
        assert_string_equal(rc == 0 ? out.ptr : err.text, documents[i].want);
    }
}

static void a_message_without_a_name_is_worded_as_in_go(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a: 1\n b: 2", "yaml: line 2: mapping values are not allowed in this context" },
        { "a: b: c", "yaml: mapping values are not allowed in this context" },
        { "a: *x", "yaml: unknown anchor 'x' referenced" },
        { "k: [1", "yaml: line 1: did not find expected ',' or ']'" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        int rc = slip_yaml_read(slip_str_of(cases[i][0]), NULL, 1, SLIP_YAML_GO, &doc, NULL, &err);
        assert_int_equal(rc, -1);
        assert_string_equal(err.text, cases[i][1]);
    }
}

static void only_the_first_document_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool root, more;
    } cases[] = {
        { "a: 1", true, false },        { "a: 1\n---\nb: 2", true, true },
        { "a: 1\n...\n", true, false }, { "a: 1\n--- {", true, true },
        { "", false, false },           { "# c\n", false, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        bool more;
        int rc =
            slip_yaml_read(slip_str_of(cases[i].text), "t", 1, SLIP_YAML_GO, &doc, &more, &err);
        assert_int_equal(rc, 0);
        assert_int_equal(doc.root != NULL, cases[i].root);
        assert_int_equal(more, cases[i].more);
    }
}

static void places_count_from_the_given_line(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_str text = SLIP_STR("a:\n  b: {<<: {c: 1}}\n");
    assert_int_equal(slip_yaml_read(text, "t", 11, SLIP_YAML_GO_STRICT, &doc, NULL, &err), 0);
    const struct slip_value *b = slip_value_get(slip_value_get(doc.root, "a"), "b");
    assert_int_equal(b->line, 12);
    assert_int_equal(b->col, 6);
    assert_int_equal(b->before_merge, 0);
}

static void keys_before_a_merge_are_counted(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_str text = SLIP_STR("a: 1\n<<: {c: 1}\n");
    assert_int_equal(slip_yaml_read(text, "t", 1, SLIP_YAML_GO_STRICT, &doc, NULL, &err), 0);
    assert_int_equal(doc.root->before_merge, 1);
}

static void aliases_and_levels_are_limited(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_buf) laughs = SLIP_BUF(10000);
    slip_buf_add_c(&laughs, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
        slip_buf_add_fmt(&laughs, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            slip_buf_add_fmt(&laughs, "%s*a%d", k ? "," : "", i - 1);
        slip_buf_add_c(&laughs, "]\n");
    }
    assert_int_equal(slip_yaml_read(slip_buf_str(&laughs), "t", 1, SLIP_YAML_GO, &doc, NULL, &err),
                     -1);
    assert_string_equal(err.text, "t:4:18: document contains excessive aliasing");

    SLIP_AUTO(slip_buf) deep = SLIP_BUF(10000);
    for (int i = 0; i <= SLIP_LIMIT_YAML_DEPTH; i++)
        slip_buf_add_char(&deep, '[');
    slip_error_clear(&err);
    assert_int_equal(slip_yaml_read(slip_buf_str(&deep), "t", 1, SLIP_YAML_GO, &doc, NULL, &err),
                     -1);
    assert_string_equal(err.text, "t:1:1001: nested too deep");
}

/* Each reads back as itself. */
static const char *const written[] = {
    "{}\n",
    "[]\n",
    "a: 1\n",
    "c:\n- a\n- b: 1\n  c: []\n",
    "\"1\": x\nB: w\na: z\na2: z\na10: z\n",
    "true: x\n1.5: x\n3: x\nnull: x\na: x\n",
    "a: \"yes\"\nb: \"1\"\nc: \"\"\nd: 2020-13-01\ne: \"2020-12-01\"\nf: \"1:30\"\ng: 'a: b'\n",
    "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\n",
    "a: !!binary /w==\n",
    "a: .inf\nb: .nan\nc: 1e+21\nd: 0.5\n",
    "a: a long text that has to be folded because it is longer than eighty columns are\n  wide\n",
};

static void text_is_written_as_yaml_v2_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(written); i++) {
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        int rc = slip_yaml_read(slip_str_of(written[i]), "t", 1, SLIP_YAML_GO, &doc, NULL, &err);
        assert_int_equal(rc, 0);
        assert_int_equal(slip_yaml_write(doc.root, &out, &err), 0);
        assert_string_equal(out.ptr, written[i]);
    }
}

/* libyaml would put the indentation before the closing quote. */
static void a_line_separator_may_end_a_text(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a: \"x\\L\"\nb: [\"y\\P\", \"z\\L \"]\n",
          "a: 'x\u2028'\nb:\n- 'y\u2029'\n- \"z\\L \"\n" },
        { "\"k\\L\": \"'\\L\\P\"\n", "? 'k\u2028'\n: '''\u2028\u2029'\n" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        struct slip_error err = { 0 };
        assert_int_equal(
            slip_yaml_read(slip_str_of(cases[i][0]), "t", 1, SLIP_YAML_GO, &doc, NULL, &err), 0);
        assert_int_equal(slip_yaml_write(doc.root, &out, &err), 0);
        assert_string_equal(out.ptr, cases[i][1]);
    }
}

/* Every quoted scalar is looked through once, whatever stands before it. */
static void escaped_slashes_are_refused_where_they_stand(void **state)
{
    (void)state;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(10000000);
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error err = { 0 };
    for (int i = 0; i < 100000; i++)
        slip_buf_add_c(&text, "- \"\\\\/ \u00e9\"\n");
    assert_int_equal(slip_yaml_read(slip_buf_str(&text), "t", 1, SLIP_YAML_GO, &doc, NULL, &err),
                     0);
    slip_buf_add_c(&text, "- 'a\\/b'\n- \"\\/\"\n");
    assert_int_equal(slip_yaml_read(slip_buf_str(&text), "t", 1, SLIP_YAML_GO, &doc, NULL, &err),
                     -1);
    assert_string_equal(err.text, "t:100002:3: found unknown escape character");
}

/* yaml.v2 takes such a colon for a part of the word, libyaml for a mistake. */
static void a_word_in_brackets_may_end_with_a_colon(void **state)
{
    (void)state;
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    assert_int_equal(slip_yaml_read(SLIP_STR("x: [a:, b:c:]\nz: {k:}\n"), "t", 1, SLIP_YAML_GO,
                                    &doc, NULL, &err),
                     0);
    slip_value_print_go(doc.root, &out);
    assert_string_equal(out.ptr, "map[x:[a: b:c:] z:map[k::<nil>]]");
    /* Places and the lines that are shown are those of the text. */
    assert_int_equal(
        slip_yaml_read(SLIP_STR("x: [a:, @b]\n"), "t", 1, SLIP_YAML_GO, &doc, NULL, &err), -1);
    assert_string_equal(err.text, "t:1:9: found character that cannot start any token");
    assert_string_equal(err.excerpt, ">     1 | x: [a:, @b]\n        |         ^\n");
    slip_error_clear(&err);
    assert_int_equal(
        slip_yaml_read(SLIP_STR("x: [a:, b]\n"), "t", 1, SLIP_YAML_CORE, &doc, NULL, &err), -1);
}

static void what_is_wrong_with_a_value_is_told_after_the_syntax(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a: !!int x\nb: [", "yaml: line 2: did not find expected node content" },
        { "a: !!int x\nb: !!bool y", "yaml: cannot decode !!str `x` as a !!int" },
        { "<<: x\nb: \"\n\\/\"\n", "yaml: line 3: found unknown escape character" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_doc) doc = { 0 };
        struct slip_error err = { 0 };
        assert_int_equal(
            slip_yaml_read(slip_str_of(cases[i][0]), NULL, 1, SLIP_YAML_GO, &doc, NULL, &err), -1);
        assert_string_equal(err.text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_mean_what_go_makes_of_them),
        cmocka_unit_test(our_own_files_know_fewer_types),
        cmocka_unit_test(documents_are_read_or_refused),
        cmocka_unit_test(a_message_without_a_name_is_worded_as_in_go),
        cmocka_unit_test(only_the_first_document_is_read),
        cmocka_unit_test(places_count_from_the_given_line),
        cmocka_unit_test(keys_before_a_merge_are_counted),
        cmocka_unit_test(aliases_and_levels_are_limited),
        cmocka_unit_test(text_is_written_as_yaml_v2_does),
        cmocka_unit_test(a_line_separator_may_end_a_text),
        cmocka_unit_test(escaped_slashes_are_refused_where_they_stand),
        cmocka_unit_test(a_word_in_brackets_may_end_with_a_colon),
        cmocka_unit_test(what_is_wrong_with_a_value_is_told_after_the_syntax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
