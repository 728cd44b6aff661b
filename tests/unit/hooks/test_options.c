/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every option of `slipway export`, and every other one of `werf export`: how it is given, and
 * which variables give its default. The command is the real one but for its last step.
 */
#include "unit/cmocka_all.h"

#include "cli.h"
#include "werf_options.h"

#include "base/mem.h"
#include "commands.h"

/* clang-format off */
static const struct row {
    const char *name;
    enum { TEXT, FLAG, LIST, EACH /* a list of variables that begin so */ } kind;
    const char *slipway, *werf, *other; /* variables, in their order; NULL: none */
} rows[] = {
    { "tag",                       LIST, NULL, NULL, NULL },
    { "add-label",                 LIST, NULL, NULL, NULL }, /* $WERF_EXPORT_ADD_LABEL_*: vectors */
    { "add-label-separator",       TEXT, "SLIPWAY_EXPORT_ADD_LABEL_SEPARATOR", "WERF_EXPORT_ADD_LABEL_SEPARATOR", NULL },
    { "repo",                      TEXT, "SLIPWAY_REPO", "WERF_REPO", NULL },
    { "final-repo",                TEXT, "SLIPWAY_FINAL_REPO", "WERF_FINAL_REPO", NULL },
    { "secondary-repo",            EACH, "SLIPWAY_SECONDARY_REPO_", "WERF_SECONDARY_REPO_", NULL },
    { "cache-repo",                EACH, "SLIPWAY_CACHE_REPO_", "WERF_CACHE_REPO_", NULL },
    { "require-built-images",      FLAG, "SLIPWAY_REQUIRE_BUILT_IMAGES", "WERF_REQUIRE_BUILT_IMAGES", NULL },
    { "use-build-report",          FLAG, "SLIPWAY_USE_BUILD_REPORT", "WERF_USE_BUILD_REPORT", NULL },
    { "build-report-path",         TEXT, "SLIPWAY_BUILD_REPORT_PATH", "WERF_BUILD_REPORT_PATH", NULL },
    { "final-images-only",         FLAG, NULL, NULL, NULL }, /* always */
    { "platform",                  LIST, "SLIPWAY_PLATFORM", "WERF_PLATFORM", "DOCKER_DEFAULT_PLATFORM" },
    { "parallel",                  FLAG, NULL, NULL, NULL }, /* always */
    { "parallel-tasks-limit",      TEXT, "SLIPWAY_PARALLEL_TASKS_LIMIT", "WERF_PARALLEL_TASKS_LIMIT", NULL },
    { "insecure-registry",         FLAG, "SLIPWAY_INSECURE_REGISTRY", "WERF_INSECURE_REGISTRY", NULL },
    { "skip-tls-verify-registry",  FLAG, "SLIPWAY_SKIP_TLS_VERIFY_REGISTRY", "WERF_SKIP_TLS_VERIFY_REGISTRY", NULL },
    { "docker-config",             TEXT, "SLIPWAY_DOCKER_CONFIG", "WERF_DOCKER_CONFIG", "DOCKER_CONFIG" },
    { "synchronization",           TEXT, "SLIPWAY_SYNCHRONIZATION", "WERF_SYNCHRONIZATION", NULL },
    { "env",                       TEXT, "SLIPWAY_ENV", "WERF_ENV", NULL },
    { "dir",                       TEXT, "SLIPWAY_WERF_DIR", "WERF_DIR", NULL },
    { "config",                    TEXT, "SLIPWAY_CONFIG", "WERF_CONFIG", NULL },
    { "config-templates-dir",      TEXT, "SLIPWAY_CONFIG_TEMPLATES_DIR", "WERF_CONFIG_TEMPLATES_DIR", NULL },
    { "giterminism-config",        TEXT, "SLIPWAY_GITERMINISM_CONFIG", "WERF_GITERMINISM_CONFIG", NULL },
    { "container-registry-mirror", EACH, "SLIPWAY_CONTAINER_REGISTRY_MIRROR_", "WERF_CONTAINER_REGISTRY_MIRROR_", NULL },
    { "backend-network",           TEXT, "SLIPWAY_BACKEND_NETWORK", "WERF_BACKEND_NETWORK", NULL },
    { "skip-image-spec-stage",     FLAG, "SLIPWAY_SKIP_IMAGE_SPEC_STAGE", "WERF_SKIP_IMAGE_SPEC_STAGE", NULL },
    { "home-dir",                  TEXT, NULL, NULL, NULL }, /* $WERF_HOME wins: settings.c */
    /* slipway's own */
    { "commit",                    TEXT, NULL, NULL, NULL },
    { "commit-only",               FLAG, "SLIPWAY_COMMIT_ONLY", NULL, NULL },
    { "engine",                    TEXT, "SLIPWAY_ENGINE", NULL, NULL },
    { "no-preflight",              FLAG, "SLIPWAY_NO_PREFLIGHT", NULL, NULL },
    { "save-build-report",         FLAG, "SLIPWAY_SAVE_BUILD_REPORT", NULL, NULL },
    { "check",                     FLAG, NULL, NULL, NULL },
};

/* What only werf has. */
static const struct werf_row {
    const char *name;
    bool value, refused;
} werf_rows[] = {
    { "repo-container-registry",         true, false }, { "repo-docker-hub-username",         true, false },
    { "repo-docker-hub-password",        true, false }, { "repo-docker-hub-token",            true, false },
    { "repo-github-token",               true, false }, { "repo-harbor-username",             true, false },
    { "repo-harbor-password",            true, false }, { "repo-quay-token",                  true, false },
    { "final-repo-container-registry",   true, false }, { "final-repo-docker-hub-username",   true, false },
    { "final-repo-docker-hub-password",  true, false }, { "final-repo-docker-hub-token",      true, false },
    { "final-repo-github-token",         true, false }, { "final-repo-harbor-username",       true, false },
    { "final-repo-harbor-password",      true, false }, { "final-repo-quay-token",            true, false },
    { "allow-includes-update",           false, false }, { "debug-templates",                 false, false },
    { "config-render-path",              true, false }, { "tmp-dir",                          true, false },
    { "kube-config",                     true, false }, { "kube-config-base64",               true, false },
    { "kube-context",                    true, false }, { "insecure-helm-dependencies",       false, false },
    { "log-color-mode",                  true, false }, { "log-debug",                        false, false },
    { "log-pretty",                      false, false }, { "log-project-dir",                 false, false },
    { "log-quiet",                       false, false }, { "log-terminal-width",              true, false },
    { "log-time",                        false, false }, { "log-time-format",                 true, false },
    { "log-verbose",                     false, false },
    { "git-work-tree",                   true, true }, { "loose-giterminism",                 false, true },
    { "dev",                             false, true }, { "dev-branch",                       true, true },
    { "dev-ignore",                      true, true }, { "virtual-merge",                     false, true },
    { "introspect-error",                false, true }, { "introspect-before-error",          false, true },
    { "introspect-stage",                true, true }, { "ssh-key",                           true, true },
};
/* clang-format on */

static const struct slip_option *asked_for; /* whose value is to be noted */
static struct slip_buf noted;

/* Note the value in place of an export: "on", "off", text, or words with '|' between them. */
static int note(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)cli;
    (void)args;
    const void *member = (char *)options + (asked_for ? asked_for->offset : 0);
    slip_buf_reset(&noted);
    if (!asked_for)
        return 0;
    const struct slip_words *words = member;
    switch (asked_for->kind) {
    case SLIP_OPTION_FLAG:
        slip_buf_add_c(&noted, *(const bool *)member ? "on" : "off");
        break;
    case SLIP_OPTION_TEXT:
        slip_buf_add_c(&noted, *(const char *const *)member ? *(const char *const *)member : "-");
        break;
    case SLIP_OPTION_LIST:
        for (size_t i = 0; i < words->len; i++)
            slip_buf_add_fmt(&noted, "%s%s", i ? "|" : "", words->at[i]);
        break;
    }
    return 0;
}

/* The command line has one command. */
static struct slip_command command;
const struct slip_command *const slip_commands[] = { &command, NULL };

static int make(void **state)
{
    (void)state;
    command = slip_command_export;
    command.run = note;
    slip_buf_init(&noted, 4096);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    slip_buf_clear(&noted);
    return 0;
}

static int run(const char *word, const char *const *env)
{
    static const char *const none[] = { NULL };
    const char *const *given = env ? env : none;
    const char *argv[] = { "slipway", "export", word, NULL };
    return slip_cli_main(word ? 3 : 2, (char **)(uintptr_t)argv, (char **)(uintptr_t)given);
}

/* With up to three variables "NAME=value" and a word: the value that the command sees. */
static const char *value(const char *a, const char *b, const char *c, const char *word)
{
    const char *env[4] = { NULL };
    size_t n = 0;
    const char *const all[] = { a, b, c };
    for (size_t i = 0; i < SLIP_COUNT(all); i++)
        if (all[i])
            env[n++] = all[i];
    assert_int_equal(run(word, env), 0);
    return noted.ptr ? noted.ptr : "";
}

static const struct slip_option *find(const char *name)
{
    for (const struct slip_option *o = command.options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

static void every_option_has_a_row(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct slip_option *o = command.options; o->name; o++, n++) {
        size_t i = 0;
        while (i < SLIP_COUNT(rows) && strcmp(rows[i].name, o->name) != 0)
            i++;
        if (i == SLIP_COUNT(rows))
            fail_msg("--%s has no row", o->name);
    }
    assert_int_equal(n, SLIP_COUNT(rows));
    /* 70 options of werf; those that are slipway's own are the last six of the rows. */
    assert_int_equal(SLIP_COUNT(rows) - 6 + SLIP_COUNT(werf_rows), 70);
}

static void check_text(const struct row *r, char *word, char *slipway, char *werf, char *other)
{
    snprintf(word, 100, "--%s=word", r->name);
    assert_string_equal(value(NULL, NULL, NULL, word), "word");
    assert_string_equal(value(other, werf, slipway, word), "word");
    if (r->slipway)
        assert_string_equal(value(other, werf, slipway, NULL), "from slipway");
    if (r->werf)
        assert_string_equal(value(other, werf, NULL, NULL), "from werf");
    if (r->other)
        assert_string_equal(value(other, NULL, NULL, NULL), "from other");
}

static void check_flag(const struct row *r, char *word)
{
    static const char *const on[] = { "", "=true", "=1", "=t", "=TRUE" };
    static const char *const off[] = { "=false", "=0", "=F", "=False" };
    static const struct {
        const char *word, *is;
    } words[] = { { "1", "on" },      { "true", "on" }, { "yes", "on" },    { "0", "off" },
                  { "false", "off" }, { "no", "off" },  { "maybe", "off" }, { "", "off" } };
    const char *const variables[] = { r->slipway, r->werf };
    char variable[100] = "";
    for (size_t i = 0; i < SLIP_COUNT(on); i++) {
        snprintf(word, 100, "--%s%s", r->name, on[i]);
        assert_string_equal(value(NULL, NULL, NULL, word), "on");
    }
    for (size_t v = 0; v < SLIP_COUNT(variables); v++)
        for (size_t i = 0; variables[v] && i < SLIP_COUNT(words); i++) {
            snprintf(variable, 100, "%s=%s", variables[v], words[i].word);
            assert_string_equal(value(variable, NULL, NULL, NULL), words[i].is);
        }
    if (r->werf)
        snprintf(variable, 100, "%s=1", r->werf);
    for (size_t i = 0; i < SLIP_COUNT(off); i++) {
        snprintf(word, 100, "--%s%s", r->name, off[i]);
        assert_string_equal(value(variable[0] ? variable : NULL, NULL, NULL, word), "off");
    }
    snprintf(word, 100, "--%s=maybe", r->name);
    assert_int_equal(run(word, NULL), 2);
}

/* Variables in the order of their names' bytes, then the words. */
static void check_each(const struct row *r, char *word)
{
    char a[100], b[100], c[100];
    snprintf(word, 100, "--%s=word", r->name);
    snprintf(a, 100, "%s2=two", r->werf);
    snprintf(b, 100, "%s10=ten", r->werf);
    snprintf(c, 100, "%sX=own", r->slipway);
    assert_string_equal(value(a, b, c, word), "own|ten|two|word");
    assert_string_equal(value(a, b, NULL, NULL), "ten|two");
}

static void an_option_wins_over_its_variables(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char word[100], slipway[100], werf[100], other[100];
        print_message("  --%s\n", r->name);
        asked_for = find(r->name);
        assert_non_null(asked_for);
        snprintf(slipway, 100, "%s=from slipway", r->slipway ? r->slipway : "NONE");
        snprintf(werf, 100, "%s=from werf", r->werf ? r->werf : "NONE");
        snprintf(other, 100, "%s=from other", r->other ? r->other : "NONE");
        if (r->kind == FLAG)
            check_flag(r, word);
        else if (r->kind == EACH)
            check_each(r, word);
        else
            check_text(r, word, slipway, werf, other);
    }
    asked_for = NULL;
}

static void what_only_werf_has_is_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(werf_rows); i++) {
        const struct werf_row *r = &werf_rows[i];
        char word[100];
        print_message("  --%s\n", r->name);
        const struct slip_werf_option *w = slip_werf_option_find(slip_str_of(r->name));
        assert_non_null(w);
        assert_int_equal(w->takes_value, r->value);
        snprintf(word, 100, "--%s%s", r->name, r->value ? "=x" : "");
        assert_int_equal(run(word, NULL), r->refused ? 2 : 0);
        snprintf(word, 100, "--%s%s", r->name, r->value ? "" : "=maybe");
        assert_int_equal(run(word, NULL), 2);
        snprintf(word, 100, "--%s=false", r->name);
        if (!r->value)
            assert_int_equal(run(word, NULL), 0);
    }
}

static void short_options_take_words_as_those_of_werf(void **state)
{
    (void)state;
    asked_for = find("require-built-images");
    assert_string_equal(value(NULL, NULL, NULL, "-Z"), "on");
    assert_string_equal(value("WERF_REQUIRE_BUILT_IMAGES=1", NULL, NULL, "-Z=false"), "off");
    assert_int_equal(run("-Z=maybe", NULL), 2);
    asked_for = find("synchronization");
    assert_string_equal(value(NULL, NULL, NULL, "-S:local"), ":local");
    assert_string_equal(value(NULL, NULL, NULL, "-S=:local"), ":local");
    assert_int_equal(run("-S", NULL), 2);
    asked_for = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_has_a_row),
        cmocka_unit_test(an_option_wins_over_its_variables),
        cmocka_unit_test(what_only_werf_has_is_taken_or_refused),
        cmocka_unit_test(short_options_take_words_as_those_of_werf),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
