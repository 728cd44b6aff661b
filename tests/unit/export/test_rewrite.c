/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "export/rewrite.h"
#include "hash/hash.h"
#include "registry/go_time.h"
#include "registry/media.h"

#define DIFF "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIFF "\"]}"
#define CREATED "\"created\":\"0001-01-01T00:00:00Z\""

/* What an image with this config becomes: config, or the error. */
static void rewrite(const char *config, const struct slip_labels *labels, struct slip_content *out,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_stored) s = { 0 };
    char digest[SLIP_DIGEST_LEN + 1] = "sha256:";
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(config), digest + 7);
    snprintf(s.media_type, sizeof(s.media_type), SLIP_MEDIA_OCI_MANIFEST);
    slip_buf_init(&s.config, 1u << 20);
    slip_buf_init(&s.manifest, 1u << 20);
    slip_buf_add_c(&s.config, config);
    slip_buf_add_fmt(&s.manifest,
                     "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"size\":%zu,"
                     "\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"l\",\"size\":1,\"digest\":"
                     "\"" DIFF "\"}]}",
                     strlen(config), digest);
    const struct slip_rewrite how = { .labels = labels };
    if (slip_rewrite(&s, &how, out, err) < 0)
        assert_int_not_equal(err->kind, SLIP_OK);
}

static const struct {
    const char *name, *in, *out; /* out NULL: refused */
} configs[] = {
    { "what is not known goes",
      "{\"x\":{\"y\":[1e999]},\"config\":{\"StartInterval\":1}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS ",\"config\":{}}" },
    { "equal objects merge",
      "{\"config\":{\"User\":\"a\",\"Labels\":{\"a\":\"1\",\"b\":\"1\"}},\"CONFIG\":{\"Labels\":{"
      "\"b\":\"2\",\"werf\":\"x\"}}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS
      ",\"config\":{\"Labels\":{\"a\":\"1\",\"b\":\"2\"},\"User\":\"a\"}}" },
    { "elements of a list are filled over the old ones",
      "{\"history\":[{\"author\":\"a\"},{\"author\":\"b\"}],\"history\":[{\"comment\":\"c\"}],"
      "\"history\":[{},{}]," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"history\":[{\"author\":\"a\"," CREATED
      ",\"comment\":\"c\"},{\"author\":\"b\"," CREATED "}],\"os\":\"\"," ROOTFS ",\"config\":{}}" },
    { "null clears a list for good",
      "{\"config\":{\"Env\":[\"a\"],\"Env\":null,\"Env\":[null]}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS ",\"config\":{\"Env\":[\"\"]}}" },
    { "null in a list keeps the old element",
      "{\"config\":{\"Env\":[\"a\"],\"Env\":[null]}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS ",\"config\":{\"Env\":[\"a\"]}}" },
    { "names fold as in Unicode",
      "{\"config\":{\"W\xC3\xB6rkingDir\":\"no\",\"WorKingDir\":\"no\",\"Wor\xE2\x84\xAAingDir\":"
      "\"/w\",\"U\xC5\xBF"
      "er\":\"u\"}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS
      ",\"config\":{\"User\":\"u\",\"WorkingDir\":\"/w\"}}" },
    { "an empty health check is kept", "{\"config\":{\"Healthcheck\":{}}," ROOTFS "}",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS
      ",\"config\":{\"Healthcheck\":{}}}" },
    { "what follows the value does not count", "{" ROOTFS "} trailing",
      "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS ",\"config\":{}}" },
    { "no diff ids", "{}",
      "{\"architecture\":\"\"," CREATED
      ",\"os\":\"\",\"rootfs\":{\"type\":\"\",\"diff_ids\":null},\"config\":{}}" },
    { "an escape in a time", "{\"created\":\"2026-01-01T00:00:0\\u0030Z\"," ROOTFS "}", NULL },
    { "a number for a string", "{\"os\":1," ROOTFS "}", NULL },
    { "a float for an integer", "{\"config\":{\"Healthcheck\":{\"Retries\":3.0}}," ROOTFS "}",
      NULL },
    { "a digest of another kind", "{\"rootfs\":{\"diff_ids\":[\"sha512:00\"]}}", NULL },
    { "a null digest", "{\"rootfs\":{\"diff_ids\":[null]}}", NULL },
    { "more diff ids than layers", "{\"rootfs\":{\"diff_ids\":[\"" DIFF "\",\"" DIFF "\"]}}",
      NULL },
    { "a list", "[]", NULL },
    { "nothing", "", NULL },
};

static void configs_come_out_as_go_writes_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(configs); i++) {
        SLIP_AUTO(slip_content) out = { 0 };
        struct slip_error err = { 0 };
        print_message("  %s\n", configs[i].name);
        rewrite(configs[i].in, NULL, &out, &err);
        if (configs[i].out)
            assert_string_equal(err.text, "");
        else
            assert_int_not_equal(err.kind, SLIP_OK);
        assert_str(out.config, configs[i].out);
    }
}

static void labels_are_added_after_those_of_werf_went(void **state)
{
    (void)state;
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(slip_content) out = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(
        slip_labels_parse(SLIP_STR("werf=mine\na=<1>\na=2"), SLIP_STR("\n"), &labels, &err), 0);
    rewrite(
        "{\"config\":{\"Labels\":{\"werf\":\"p\",\"werf.io/x\":\"y\",\"b\":\"\\u0026\"}}," ROOTFS
        "}",
        &labels, &out, &err);
    assert_str(out.config, "{\"architecture\":\"\"," CREATED ",\"os\":\"\"," ROOTFS
                           ",\"config\":{\"Labels\":{\"a\":\"2\",\"b\":\"\\u0026\",\"werf\":"
                           "\"mine\"}}}");
}

static const struct {
    const char *text, *separator;
    size_t n; /* 0: refused */
} label_values[] = {
    { "a=1", "\n", 1 },     { "a=1,b=2", ",", 2 },  { "a=1,b=2", "\n", 1 },  { "a=", "\n", 1 },
    { "a=b=c", "\n", 1 },   { " a = b ", "\n", 1 }, { "a=1;;b=2", ";;", 2 }, { "", "\n", 0 },
    { "a", "\n", 0 },       { "=1", "\n", 0 },      { "a=1\n", "\n", 0 },    { "\na=1", "\n", 0 },
    { "a=1,,b=2", ",", 0 }, { "a=1", "", 0 },
};

static void label_values_split_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(label_values); i++) {
        SLIP_AUTO(slip_labels) labels = { 0 };
        struct slip_error err = { 0 };
        print_message("  '%s'\n", label_values[i].text);
        int rc = slip_labels_parse(slip_str_of(label_values[i].text),
                                   slip_str_of(label_values[i].separator), &labels, &err);
        assert_int_equal(rc, label_values[i].n ? 0 : -1);
        if (rc == 0)
            assert_int_equal(labels.len, label_values[i].n);
    }
}

static void variables_come_before_the_command_line_in_the_order_of_their_names(void **state)
{
    (void)state;
    static const char *const env[] = { "P_LABEL_2=a=two",
                                       "P_LABEL_10=a=ten",
                                       "P_LABEL_=b=bare",
                                       "P_LABEL_SEPARATOR=,",
                                       "P_LABEL=c=ignored",
                                       "P_LABEL_SEPARATOR_X=d=ignored",
                                       NULL };
    static const char *const want[] = { "b", "bare", "a", "ten", "a", "two", "a", "flag" };
    const struct slip_str value = SLIP_STR("a=flag");
    SLIP_AUTO(slip_labels) labels = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(slip_labels_gather(env, "P_LABEL_", &value, 1, SLIP_STR("\n"), &labels, &err),
                     0);
    assert_int_equal(labels.len, SLIP_COUNT(want) / 2);
    for (size_t i = 0; i < labels.len; i++) {
        assert_str(labels.at[i].key, want[2 * i]);
        assert_str(labels.at[i].value, want[2 * i + 1]);
    }
}

static const struct {
    const char *in, *out; /* out NULL: refused */
} times[] = {
    { "2026-08-21T10:11:12.120000000+00:00", "2026-08-21T10:11:12.12Z" },
    { "2026-08-21T1:11:12Z", "2026-08-21T01:11:12Z" },
    { "2026-08-21T10:11:12,5Z", "2026-08-21T10:11:12.5Z" },
    { "2026-08-21T10:11:12.1234567899Z", "2026-08-21T10:11:12.123456789Z" },
    { "2026-08-21T10:11:12-00:00", "2026-08-21T10:11:12Z" },
    { "2026-08-21T10:11:12+01:60", "2026-08-21T10:11:12+02:00" },
    { "2026-08-21T10:11:12-03:30", "2026-08-21T10:11:12-03:30" },
    { "0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z" },
    { "2026-08-21T10:11:12+24:00", NULL },
    { "2026-08-21T10:11:12.Z", NULL },
    { "2026-08-21T010:11:12Z", NULL },
    { "2100-02-29T00:00:00Z", NULL },
    { "2026-08-21t10:11:12Z", NULL },
    { "2026-08-21T10:11:12", NULL },
    { "2026-08-21T10:11:12Z ", NULL },
    { "2026-13-01T00:00:00Z", NULL },
    { "2026-8-01T00:00:00Z", NULL },
    { "", NULL },
};

static void times_are_those_of_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(times); i++) {
        struct slip_go_time t;
        struct slip_error err = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(256);
        print_message("  %s\n", times[i].in);
        int rc = slip_go_time_parse(slip_str_of(times[i].in), &t, &err);
        if (rc == 0)
            rc = slip_go_time_print(&t, &out, &err);
        assert_int_equal(rc, times[i].out ? 0 : -1);
        if (rc == 0)
            assert_string_equal(out.ptr, times[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configs_come_out_as_go_writes_them),
        cmocka_unit_test(labels_are_added_after_those_of_werf_went),
        cmocka_unit_test(label_values_split_or_are_refused),
        cmocka_unit_test(variables_come_before_the_command_line_in_the_order_of_their_names),
        cmocka_unit_test(times_are_those_of_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
