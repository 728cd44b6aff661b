/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "build/image_spec.h"

#define LIST(...)                                                                                  \
    {                                                                                              \
        .at = (struct slip_str[]){ __VA_ARGS__ },                                                  \
        .len = sizeof((struct slip_str[]){ __VA_ARGS__ }) / sizeof(struct slip_str)                \
    }
#define MAP(...)                                                                                   \
    {                                                                                              \
        .at = (struct slip_str_pair[]){ __VA_ARGS__ },                                             \
        .len = sizeof((struct slip_str_pair[]){ __VA_ARGS__ }) / sizeof(struct slip_str_pair)      \
    }
#define PAIR(k, v)                                                                                 \
    {                                                                                              \
        SLIP_STR(k), SLIP_STR(v)                                                                   \
    }

static const struct slip_stage_label labels[] = {
    PAIR("werf", "p"),
    PAIR("werf-version", "v"),
};

static int apply(const char *config, const struct slip_image_spec *spec, struct slip_buf *out,
                 struct slip_error *err)
{
    const struct slip_image_spec_input in = {
        .spec = spec,
        .project = SLIP_STR("shop"),
        .image = SLIP_STR("app/web"),
        .labels = labels,
        .n_labels = SLIP_COUNT(labels),
    };
    return slip_image_spec_apply(slip_str_of(config), &in, out, err);
}

#define WERF "\"werf\":\"p\",\"werf-version\":\"v\""

static void each_setting_changes_its_member(void **state)
{
    (void)state;
    const struct {
        const char *name, *config;
        struct slip_image_spec spec;
        const char *want;
    } cases[] = {
        { "nothing asked",
          "{\"x\":1,\"history\":[1],\"config\":{\"Cmd\":[\"a\"],\"Env\":[\"B=2\",\"A=1\"]}}",
          { .clear_cmd = false },
          "{\"config\":{\"Cmd\":[\"a\"],\"Env\":[\"A=1\",\"B=2\"],\"Labels\":{" WERF
          "}},\"history\":[1],\"x\":1}" },
        { "texts",
          "{\"config\":{\"User\":\"u\"}}",
          { .author = SLIP_STR("A"),
            .user = SLIP_STR("1000"),
            .working_dir = SLIP_STR("/w"),
            .stop_signal = SLIP_STR("SIGINT") },
          "{\"author\":\"A\",\"config\":{\"Labels\":{" WERF
          "},\"StopSignal\":\"SIGINT\",\"User\":\"1000\",\"WorkingDir\":\"/w\"}}" },
        { "clearing",
          "{\"history\":[1],\"config\":{\"Cmd\":[\"a\"],\"Entrypoint\":[\"e\"],\"User\":\"u\","
          "\"WorkingDir\":\"/\"}}",
          { .clear_history = true,
            .clear_cmd = true,
            .clear_entrypoint = true,
            .clear_user = true,
            .clear_working_dir = true },
          "{\"config\":{\"Labels\":{" WERF "}}}" },
        { "an entry point without a command",
          "{\"config\":{\"Cmd\":[\"a\"]}}",
          { .entrypoint = LIST(SLIP_STR("e")) },
          "{\"config\":{\"Entrypoint\":[\"e\"],\"Labels\":{" WERF "}}}" },
        { "a command",
          "{\"config\":{\"Cmd\":[\"a\"],\"Entrypoint\":[\"e\"]}}",
          { .cmd = LIST(SLIP_STR("x"), SLIP_STR("y")) },
          "{\"config\":{\"Cmd\":[\"x\",\"y\"],\"Entrypoint\":[\"e\"],\"Labels\":{" WERF "}}}" },
        { "environment",
          "{\"config\":{\"Env\":[\"PATH=/"
          "bin\",\"OLD=1\",\"WERF_COMMIT_HASH=abc\",\"X_A=1\",\"AX_A=1\"]}}",
          { .env = MAP(PAIR("PATH", "/app:$PATH"), PAIR("Z", "${NONE}z")),
            .remove_env = LIST(SLIP_STR("OLD"), SLIP_STR("/X_.*/")) },
          "{\"config\":{\"Env\":[\"AX_A=1\",\"PATH=/app:/bin\",\"Z=z\"],\"Labels\":{" WERF "}}}" },
        { "values are words of the shell",
          "{\"config\":{\"Env\":[\"B=2\"]}}",
          { .env = MAP(PAIR("A", "${X:-c}${B:+d}"), PAIR("C", "\"a b\" 'x' \\y")),
            .remove_env = LIST(SLIP_STR("B")) },
          "{\"config\":{\"Env\":[\"A=cd\",\"C=a b x y\"],\"Labels\":{" WERF "}}}" },
        { "the SSH agent of a build by werf",
          "{\"config\":{\"Env\":[\"SSH_AUTH_SOCK=/.werf/tmp/ssh-auth-sock\"]}}",
          { .clear_cmd = false },
          "{\"config\":{\"Labels\":{" WERF "}}}" },
        { "another SSH agent",
          "{\"config\":{\"Env\":[\"SSH_AUTH_SOCK=/run/agent\"]}}",
          { .clear_cmd = false },
          "{\"config\":{\"Env\":[\"SSH_AUTH_SOCK=/run/agent\"],\"Labels\":{" WERF "}}}" },
        { "the SSH agent that imageSpec asks for",
          "{\"config\":{\"Env\":[\"SSH_AUTH_SOCK=/.werf/tmp/ssh-auth-sock\"]}}",
          { .env = MAP(PAIR("SSH_AUTH_SOCK", "$SSH_AUTH_SOCK")) },
          "{\"config\":{\"Env\":[\"SSH_AUTH_SOCK=/.werf/tmp/ssh-auth-sock\"],\"Labels\":{" WERF
          "}}}" },
        { "labels",
          "{\"config\":{\"Labels\":{\"a\":\"1\",\"ab\":\"2\",\"b\":\"3\",\"c\":\"4\"}}}",
          { .labels = MAP(PAIR("name", "%project%/% image %"), PAIR("a", "new")),
            .remove_labels =
                LIST(SLIP_STR("/a.*/"), SLIP_STR("c"), SLIP_STR("werf"), SLIP_STR("/werf-v.*/")) },
          "{\"config\":{\"Labels\":{\"a\":\"new\",\"b\":\"3\",\"name\":\"shop/app/web\","
          "\"werf\":\"p\"}}}" },
        { "volumes and ports",
          "{\"config\":{\"Volumes\":{\"/a\":{},\"/b\":{}},\"ExposedPorts\":{\"1/tcp\":{}}}}",
          { .volumes = LIST(SLIP_STR("/c")),
            .remove_volumes = LIST(SLIP_STR("/a")),
            .expose = LIST(SLIP_STR("80/tcp")) },
          "{\"config\":{\"ExposedPorts\":{\"80/tcp\":{}},\"Labels\":{" WERF
          "},\"Volumes\":{\"/b\":{},\"/c\":{}}}}" },
        { "health check",
          "{\"config\":null}",
          { .has_healthcheck = true,
            .healthcheck = { .test = LIST(SLIP_STR("CMD"), SLIP_STR("x")),
                             .interval = 30,
                             .retries = 3 } },
          "{\"config\":{\"Healthcheck\":{\"Interval\":30000000000,\"Retries\":3,"
          "\"Test\":[\"CMD\",\"x\"]},\"Labels\":{" WERF "}}}" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        print_message("  %s\n", cases[i].name);
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
        struct slip_error err = { 0 };
        if (apply(cases[i].config, &cases[i].spec, &out, &err) < 0)
            fail_msg("%s", err.text);
        assert_string_equal(out.ptr, cases[i].want);
    }
}

static void what_is_not_understood_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *config;
        struct slip_image_spec spec;
        enum slip_kind kind;
    } cases[] = {
        { "{}", { .labels = MAP(PAIR("a", "100%")) }, SLIP_E_UNSUPPORTED },
        { "{}", { .labels = MAP(PAIR("a", "%other%")) }, SLIP_E_UNSUPPORTED },
        { "{}", { .env = MAP(PAIR("A", "it's")) }, SLIP_E_CONFIG },
        { "{}", { .remove_env = LIST(SLIP_STR("/(/")) }, SLIP_E_CONFIG },
        { "{}", { .remove_labels = LIST(SLIP_STR("/(/")) }, SLIP_E_CONFIG },
        { "{}",
          { .has_healthcheck = true, .healthcheck = { .interval = INT64_MAX } },
          SLIP_E_CONFIG },
        { "[]", { .clear_cmd = false }, SLIP_E_BUILD },
        { "{\"config\":1}", { .clear_cmd = false }, SLIP_E_BUILD },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
        struct slip_error err = { 0 };
        assert_int_equal(apply(cases[i].config, &cases[i].spec, &out, &err), -1);
        assert_int_equal(err.kind, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_changes_its_member),
        cmocka_unit_test(what_is_not_understood_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
