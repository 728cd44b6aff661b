/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "registry/reference.h"

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D56 "0123456789abcdef0123456789abcdef0123456789abcdef01234567"

static const struct {
    const char *in, *printed, *error; /* error: a part of the text */
    bool http;
} references[] = {
    { "reg.example/app", "reg.example/app:latest", NULL, false },
    { "Reg.Example/app:V1", "reg.example/app:V1", NULL, false },
    { "reg.example/app:v1@sha256:" H64, "reg.example/app@sha256:" H64, NULL, false },
    { "localhost:5000/app:1", "localhost:5000/app:1", NULL, true },
    { "127.8.9.1:5000/app:1", "127.8.9.1:5000/app:1", NULL, true },
    { "[::1]:5000/app:1", "[::1]:5000/app:1", NULL, true },
    { "127.0.0.1.example.com/app:1", "127.0.0.1.example.com/app:1", NULL, false },
    { "[fe80::1]:5000/app:1", "[fe80::1]:5000/app:1", NULL, false },
    { "index.docker.io/company/app:1", "index.docker.io/company/app:1", NULL, false },
    { "oci:out", "oci:out:latest", NULL, false },
    { "oci:out/dir:v1", "oci:out/dir:v1", NULL, false },
    { "oci:/tmp/a:b/dir", "oci:/tmp/a:b/dir:latest", NULL, false },
    { "oci:out@sha256:" H64, "oci:out@sha256:" H64, NULL, false },
    { "oci-archive:a/b.tar:v1", "oci-archive:a/b.tar:v1", NULL, false },
    { "oci-archive:", NULL, "no directory or file", false },
    { "company/app:1", NULL, "no registry is named", false },
    { "docker.io/company/app:1", NULL, "no registry is named", false },
    { "Index.Docker.io/app:1", NULL, "no registry is named", false },
    { "localhost/app:1", NULL, "no registry is named", false },
    { "https://reg.example/app", NULL, "has a scheme", false },
    { "oci://reg.example/app", NULL, "has a scheme", false },
    { "reg.example//app", NULL, "empty part", false },
    { "reg.example/app/", NULL, "empty part", false },
    { "reg.example/app:-x", NULL, "must not begin with '-'", false },
    { "reg.example/app:.x", NULL, "must not begin with '.'", false },
    { "reg.example:/app:1", NULL, "no port behind 'reg.example:'", false },
    { "oCi:/dir/app", NULL, "no port behind 'oCi:'", false },
    { "oci:a::1@sha256:" H64, NULL, "a ':' in the last part", false },
    { "reg.example/App:1", NULL, "may hold a-z", false },
    { "reg.example/a:1", NULL, "2 to 255 characters", false },
    { "reg.example/app:a b", NULL, "may hold letters", false },
    { "reg.example/app@sha256:00", NULL, "is not a digest", false },
    { "reg.example/app@", NULL, "is not a digest", false },
    { "user@reg.example/app", NULL, "is not a digest", false },
    { "reg.example:port/app", NULL, "is not a registry host", false },
    { "oci:", NULL, "no directory", false },
    { "oci::v1", NULL, "no directory", false },
    { "oci:a\nb", NULL, "control character", false },
    { "oci:dir:-v1", NULL, "must not begin with '-'", false },
    { "", NULL, "2 to 255 characters", false },
};

static void references_print_as_read_or_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(references); i++) {
        SLIP_AUTO(slip_reference) r = { 0 };
        SLIP_AUTO(slip_buf) printed = SLIP_BUF(4096);
        struct slip_error err = { 0 };
        print_message("  %s\n", references[i].in);
        int rc = slip_reference_parse(slip_str_of(references[i].in), &r, &err);
        if (references[i].error) {
            assert_int_equal(rc, -1);
            assert_int_equal(err.kind, SLIP_E_CONFIG);
            assert_non_null(strstr(err.text, references[i].error));
            continue;
        }
        assert_int_equal(rc, 0);
        slip_reference_print(&r, &printed);
        assert_string_equal(printed.ptr, references[i].printed);
        assert_int_equal(r.http_allowed, references[i].http);
    }
}

static const struct {
    const char *in, *printed;
} repositories[] = {
    { "reg.example/app", "reg.example/app" },
    { "Reg.Example/app", "Reg.Example/app" }, /* the name enters digests as it is */
    { "company/app", "index.docker.io/company/app" },
    { "oci:stages", "oci:stages" },
    { "oci:/tmp/a:b/stages", "oci:/tmp/a:b/stages" },
    { "app", NULL },
    { "reg.example", NULL },
    { "reg.example/app:v1", NULL },
    { "reg.example/app@sha256:" H64, NULL },
    { "https://reg.example/app", NULL },
    { "oci:stages:v1", NULL },
    { "oci:stages:", NULL },
    { "oci:", NULL },
    { "reg.example/a__b___c", NULL },
    { "[::1]:/app", NULL },
};

static void repositories_have_no_tag(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(repositories); i++) {
        SLIP_AUTO(slip_reference) r = { 0 };
        SLIP_AUTO(slip_buf) printed = SLIP_BUF(4096);
        struct slip_error err = { 0 };
        print_message("  %s\n", repositories[i].in);
        int rc = slip_repository_parse(slip_str_of(repositories[i].in), &r, &err);
        assert_int_equal(rc, repositories[i].printed ? 0 : -1);
        if (rc < 0)
            continue;
        slip_reference_print(&r, &printed);
        assert_string_equal(printed.ptr, repositories[i].printed);
        assert_string_equal(r.identifier, "");
    }
}

static void equal_repositories_are_seen_through_their_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        { "reg.example/app", "REG.example/app", true },
        { "reg.example/app", "reg.example/app2", false },
        { "oci:a/b", "oci:./a//b/", true },
        { "oci:a/b", "oci:a/c", false },
        { "oci:reg.example/app", "reg.example/app", false },
        { "oci:a/b", "oci-archive:a/b", false },
    };
    for (size_t i = 0; i < SLIP_COUNT(pairs); i++) {
        SLIP_AUTO(slip_reference) a = { 0 };
        SLIP_AUTO(slip_reference) b = { 0 };
        struct slip_error err = { 0 };
        assert_int_equal(slip_repository_parse(slip_str_of(pairs[i].a), &a, &err), 0);
        assert_int_equal(slip_repository_parse(slip_str_of(pairs[i].b), &b, &err), 0);
        assert_int_equal(slip_reference_same_repository(&a, &b), pairs[i].same);
    }
}

static const struct {
    const char *tag;
    bool reserved;
} tags[] = {
    { D56 "-1700000000000", true },
    { D56 "-170000000000", true }, /* twelve digits: found by digest all the same */
    { D56, true },
    { "zzzzzzzz89abcdef0123456789abcdef0123456789abcdef01234567", true }, /* counted by length */
    { D56 "-1700000000000-rejected", true },
    { "x-1700000000000-rejected", true }, /* the time alone rejects a stage */
    { "managed-image-app", true },
    { "meta-27dba8ed_x_y", true },
    { "custom-tag-meta-v1", true },
    { "import-metadata-x", true },
    { "client-id-x-1", true },
    { "sync-server", true },
    { "cleanup", true },
    { "v1", false },
    { "v1-" D56 "-1700000000000", false },
    { D56 "x", false },
    { "v1-rejected", false },
    { "1.0-5", false },
    { "metadata", false },
    { "cleanup-1", false },
};

static void names_that_werf_would_take_for_its_own_are_reserved(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(tags); i++) {
        print_message("  %s\n", tags[i].tag);
        assert_int_equal(slip_tag_is_reserved(slip_str_of(tags[i].tag)), tags[i].reserved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_print_as_read_or_say_why),
        cmocka_unit_test(repositories_have_no_tag),
        cmocka_unit_test(equal_repositories_are_seen_through_their_spelling),
        cmocka_unit_test(names_that_werf_would_take_for_its_own_are_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
