/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "report/build_report.h"

static const char report_json[] = "{\n"
                                  "\t\"Runtime\": {\n"
                                  "\t\t\"Backend\": \"buildah\",\n"
                                  "\t\t\"InContainer\": false\n"
                                  "\t},\n"
                                  "\t\"Images\": {\n"
                                  "\t\t\"app\": {\n"
                                  "\t\t\t\"WerfImageName\": \"app\",\n"
                                  "\t\t\t\"ConfigType\": \"dockerfile\",\n"
                                  "\t\t\t\"DockerRepo\": \"reg.example/st\",\n"
                                  "\t\t\t\"DockerTag\": \"d-1\",\n"
                                  "\t\t\t\"DockerImageID\": \"sha256:aa\",\n"
                                  "\t\t\t\"DockerImageDigest\": \"sha256:bb\",\n"
                                  "\t\t\t\"DockerImageName\": \"reg.example/st:d-1\",\n"
                                  "\t\t\t\"TargetPlatform\": \"linux/amd64\",\n"
                                  "\t\t\t\"Rebuilt\": true,\n"
                                  "\t\t\t\"Final\": true,\n"
                                  "\t\t\t\"Size\": 12,\n"
                                  "\t\t\t\"BuildTime\": \"1.50\",\n"
                                  "\t\t\t\"Commit\": \"c\\u0026d\",\n"
                                  "\t\t\t\"Stages\": [\n"
                                  "\t\t\t\t{\n"
                                  "\t\t\t\t\t\"Name\": \"dockerfile\",\n"
                                  "\t\t\t\t\t\"DockerImageName\": \"reg.example/st:d-1\",\n"
                                  "\t\t\t\t\t\"DockerTag\": \"d-1\",\n"
                                  "\t\t\t\t\t\"DockerImageID\": \"sha256:aa\",\n"
                                  "\t\t\t\t\t\"DockerImageDigest\": \"sha256:bb\",\n"
                                  "\t\t\t\t\t\"CreatedAt\": 1700000000000000000,\n"
                                  "\t\t\t\t\t\"Size\": 12,\n"
                                  "\t\t\t\t\t\"SourceType\": \"\",\n"
                                  "\t\t\t\t\t\"BaseImagePulled\": false,\n"
                                  "\t\t\t\t\t\"Rebuilt\": true,\n"
                                  "\t\t\t\t\t\"BuildTime\": \"1.50\",\n"
                                  "\t\t\t\t\t\"Commit\": \"\"\n"
                                  "\t\t\t\t}\n"
                                  "\t\t\t]\n"
                                  "\t\t},\n"
                                  "\t\t\"web/front\": {\n"
                                  "\t\t\t\"WerfImageName\": \"web/front\",\n"
                                  "\t\t\t\"ConfigType\": \"\",\n"
                                  "\t\t\t\"DockerRepo\": \"r\",\n"
                                  "\t\t\t\"DockerTag\": \"t\",\n"
                                  "\t\t\t\"DockerImageID\": \"i\",\n"
                                  "\t\t\t\"DockerImageDigest\": \"\",\n"
                                  "\t\t\t\"DockerImageName\": \"r:t\",\n"
                                  "\t\t\t\"TargetPlatform\": \"\",\n"
                                  "\t\t\t\"Rebuilt\": false,\n"
                                  "\t\t\t\"Final\": false,\n"
                                  "\t\t\t\"Size\": 0,\n"
                                  "\t\t\t\"BuildTime\": \"\",\n"
                                  "\t\t\t\"Commit\": \"\",\n"
                                  "\t\t\t\"Stages\": null\n"
                                  "\t\t}\n"
                                  "\t},\n"
                                  "\t\"ImagesByPlatform\": {}\n"
                                  "}\n";

static const char report_env[] = "WERF_APP_DOCKER_IMAGE_NAME=reg.example/st:d-1\n"
                                 "WERF_APP_DOCKER_IMAGE_ID=sha256:aa\n"
                                 "WERF_APP_DOCKER_IMAGE_DIGEST=sha256:bb\n"
                                 "WERF_APP_DOCKER_REPO=reg.example/st\n"
                                 "WERF_APP_DOCKER_TAG=d-1\n"
                                 "WERF_APP_WERF_IMAGE_NAME=app\n"
                                 "WERF_APP_FINAL=true\n"
                                 "WERF_WEB_FRONT_DOCKER_IMAGE_NAME=r:t\n"
                                 "WERF_WEB_FRONT_DOCKER_IMAGE_ID=i\n"
                                 "WERF_WEB_FRONT_DOCKER_IMAGE_DIGEST=\n"
                                 "WERF_WEB_FRONT_DOCKER_REPO=r\n"
                                 "WERF_WEB_FRONT_DOCKER_TAG=t\n"
                                 "WERF_WEB_FRONT_WERF_IMAGE_NAME=web/front\n"
                                 "WERF_WEB_FRONT_FINAL=false\n";

static void read_good(const char *text, enum slip_build_report_form form,
                      struct slip_build_report *out)
{
    struct slip_error err = { 0 };
    if (slip_build_report_read(slip_str_of(text), form, out, &err) < 0)
        fail_msg("%s", err.text);
}

static void a_report_comes_out_as_it_went_in(void **state)
{
    (void)state;
    SLIP_AUTO(slip_build_report) r = { 0 };
    SLIP_AUTO(slip_buf) json = SLIP_BUF(1u << 20);
    SLIP_AUTO(slip_buf) env = SLIP_BUF(1u << 20);
    read_good(report_json, SLIP_BUILD_REPORT_JSON, &r);
    slip_build_report_print(&r, SLIP_BUILD_REPORT_JSON, &json);
    assert_string_equal(json.ptr, report_json);
    slip_build_report_print(&r, SLIP_BUILD_REPORT_ENV, &env);
    assert_string_equal(env.ptr, report_env);
    assert_true(slip_build_report_find(&r, "app")->final);
    assert_null(slip_build_report_find(&r, "nope"));
}

static void the_other_form_is_read_whatever_the_order_of_its_lines(void **state)
{
    (void)state;
    SLIP_AUTO(slip_build_report) r = { 0 };
    SLIP_AUTO(slip_buf) shuffled = SLIP_BUF(1u << 20);
    SLIP_AUTO(slip_buf) env = SLIP_BUF(1u << 20);
    struct slip_str rest = slip_str_of(report_env), line;
    slip_buf_add_c(&shuffled, "OTHER=1\n\n");
    for (int odd = 0; odd < 2; odd++) {
        rest = slip_str_of(report_env);
        for (int i = 0; slip_str_line(&rest, &line); i++)
            if (i % 2 == odd)
                slip_buf_add_fmt(&shuffled, "%.*s\n", SLIP_ARG(line));
    }
    read_good(shuffled.ptr, SLIP_BUILD_REPORT_ENV, &r);
    slip_build_report_print(&r, SLIP_BUILD_REPORT_ENV, &env);
    assert_string_equal(env.ptr, report_env);
    assert_string_equal(slip_build_report_find(&r, "web/front")->platform, "");
}

#define RECORD(id)                                                                                 \
    "{\"WerfImageName\":\"a\",\"DockerRepo\":\"r\",\"DockerTag\":\"t\",\"DockerImageID\":" id      \
    ",\"DockerImageName\":\"r:t\",\"Unknown\":[1]}"

static const struct {
    const char *text, *error; /* NULL: taken */
} reports[] = {
    { "{\"Images\":{\"a\":" RECORD("\"i\"") "}}", NULL },
    { "{\"Images\":{}}", "no images" },
    { "[]", "no images" },
    { "{", "unexpected end" },
    { "{\"Images\":{\"a\":" RECORD("\"\"") "}}", "image 'a': 'DockerImageID' is missing" },
    { "{\"Images\":{\"a\":" RECORD("1") "}}", "'DockerImageID' is a number instead of a string" },
    { "{\"Images\":{\"a\":null}}", "where a record belongs" },
    { "{\"Images\":{\"a\":" RECORD("\"i\"") "},\"ImagesByPlatform\":{\"a\":{\"p\":" RECORD(
          "null") "}}}",
      "image 'p': 'DockerImageID' is missing" },
};

static void reports_that_lack_something_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(reports); i++) {
        SLIP_AUTO(slip_build_report) r = { 0 };
        struct slip_error err = { 0 };
        print_message("  %s\n", reports[i].text);
        int rc =
            slip_build_report_read(slip_str_of(reports[i].text), SLIP_BUILD_REPORT_JSON, &r, &err);
        assert_int_equal(rc, reports[i].error ? -1 : 0);
        if (reports[i].error && !strstr(err.text, reports[i].error))
            fail_msg("%s", err.text);
    }
    SLIP_AUTO(slip_build_report) r = { 0 };
    struct slip_error err = { 0 };
    assert_int_equal(
        slip_build_report_read(SLIP_STR("WERF_A_DOCKER_TAG=1\n"), SLIP_BUILD_REPORT_ENV, &r, &err),
        -1);
    assert_non_null(strstr(err.text, "WERF_A_DOCKER_IMAGE_NAME"));
}

static const struct {
    const char *in, *out;
    enum slip_build_report_form form;
} paths[] = {
    { "", ".werf-build-report.json", SLIP_BUILD_REPORT_JSON },
    { "a/b", "a/b.json", SLIP_BUILD_REPORT_JSON },
    { "a.b/c", "a.b/c.json", SLIP_BUILD_REPORT_JSON },
    { "r.json", "r.json", SLIP_BUILD_REPORT_JSON },
    { "r.env", "r.env", SLIP_BUILD_REPORT_ENV },
    { "r.xml", NULL, SLIP_BUILD_REPORT_JSON },
};

static void paths_say_the_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(paths); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(4096);
        enum slip_build_report_form form;
        struct slip_error err = { 0 };
        int rc = slip_build_report_path(slip_str_of(paths[i].in), &out, &form, &err);
        assert_int_equal(rc, paths[i].out ? 0 : -1);
        if (rc < 0)
            continue;
        assert_string_equal(out.ptr, paths[i].out);
        assert_int_equal(form, paths[i].form);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_comes_out_as_it_went_in),
        cmocka_unit_test(the_other_form_is_read_whatever_the_order_of_its_lines),
        cmocka_unit_test(reports_that_lack_something_are_refused),
        cmocka_unit_test(paths_say_the_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
