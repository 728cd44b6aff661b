/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines of `werf export`, given to slipway as --dry-run on a project of the same images:
 * whether they are taken, and which names they mean. Nobody listens at the registry, and no stage
 * is there: what is asked stands before the first request. Added labels are made from the same
 * words.
 */
#include "golden/golden.h"

#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "export/labels.h"
#include "proc/run.h"
#include "support/sandbox.h"

#define REGISTRY "127.0.0.1:1"

struct strings {
    SLIP_VEC(const char *);
};

static char *dir;
static struct slip_arena arena;

/* Where slipway differs on purpose, and what it does: the reason stands in registry-export.md. */
static const struct {
    const char *id;
    int exit; /* -1: not here */
    const char *why;
} differs[] = {
    { "tmpl-printf", 2, "a template has four words and comments (2.1)" },
    { "tmpl-string", 2, "the same" },
    { "tmpl-if", 2, "the same" },
    { "tmpl-verb-out", 2, "the same" },
    { "tmpl-len", 2, "the same" },
    { "unknown-flag", 0, "--dry-run is ours" },
    { "save-build-report", 0, "--save-build-report is ours" },
    { "no-repo", 2, "there is no local storage of a container engine" },
    { "stage-overwrite", 2, "a stage is never written over (2.8)" },
    { "stage-overwrite-next-run", -1, "werf's cache" },
    { "stage-overwrite-next-run-warm", -1, "werf's cache" },
    { "tag-leading-dash", 2, "names that registries refuse are refused at once (3.4)" },
    { "tag-leading-dot", 2, "the same" },
    { "double-slash", 2, "the same" },
    { "slash-end", 2, "the same" },
    { "log-quiet", 0, "the vector has no names because nothing was printed" },
    { "require-built-miss", -1, "needs a network; tests/e2e/export.bats has it" },
    { "require-built-env-miss", -1, "the same" },
    { "dest-unreachable", 0, "nothing is asked before stages are there" },
    { "repo-unreachable", -1, "needs a network" },
    { "repo-no-registry", -1, "the same" },
    { "no-werf-yaml", -1, "another directory" },
    { "use-report-json", -1, "needs the stages of the report; tests/e2e/export.bats has them" },
    { "use-report-env", -1, "the same" },
    { "use-report-cbt", -1, "the same" },
    { "use-report-two", -1, "the same" },
    { "use-report-nonfinal", -1, "the same" },
    { "use-report-glob", -1, "the same" },
    { "use-report-env-var", -1, "the same" },
    { "use-report-no-repo", -1, "the same" },
};

static const char *text(const char *fmt, const char *a)
{
    return slip_arena_printf(&arena, fmt, a);
}

/* With the placeholders of the vectors replaced. */
static const char *spell_out(const char *s)
{
    const char *const names[][2] = { { "{REGISTRY}/cli/st", NULL }, /* the stage repository */
                                     { "{REGISTRY}", REGISTRY },
                                     { "{UNREACHABLE}", REGISTRY },
                                     { "{DIR}", dir },
                                     { "{FRESH_HOME}", dir },
                                     { "{DEFAULT_INDEX}", "index.docker.io" },
                                     { "{DEFAULT_HOST}", "docker.io" } };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    while (*s) {
        size_t i = 0;
        while (i < SLIP_COUNT(names) && strncmp(s, names[i][0], strlen(names[i][0])) != 0)
            i++;
        if (i == SLIP_COUNT(names)) {
            slip_buf_add_char(&out, *s++);
            continue;
        }
        slip_buf_add_c(&out, names[i][1] ? names[i][1] : text("oci:%s/stages", dir));
        s += strlen(names[i][0]);
    }
    return slip_arena_strdup(&arena, slip_buf_str(&out));
}

static void make_project(void)
{
    sandbox_write(dir, "p/werf.yaml",
                  "configVersion: 1\nproject: cli\n---\nimage: base\nfinal: false\ndockerfile: D\n"
                  "---\nimage: app\ndockerfile: D\n---\nimage: web/front\ndockerfile: D\n"
                  "---\nimage: My_Image.X\ndockerfile: D\n");
    sandbox_write(dir, "p/D", "FROM scratch\nLABEL a=b\n");
    sandbox_git(dir, "init -q p");
    sandbox_git(text("%s/p", dir), "add -A");
    sandbox_git(text("%s/p", dir), "commit -q -m x");
}

/* ---- one command line ---- */

static void make_argv(json_t *c, struct strings *argv)
{
    size_t i;
    json_t *v;
    const char *repo = json_string_value(json_object_get(c, "repo"));
    slip_vec_push(argv, SLIPWAY);
    slip_vec_push(argv, "export");
    slip_vec_push(argv, "--dry-run");
    slip_vec_push(argv, "--json");
    if (repo && strncmp(repo, "in ", 3) != 0) {
        slip_vec_push(argv, "--repo");
        slip_vec_push(argv, spell_out(repo));
    }
    json_array_foreach(json_object_get(c, "args"), i, v)
        slip_vec_push(argv, spell_out(json_string_value(v)));
    slip_vec_push(argv, (const char *)NULL);
}

/* What a build with sanitizers heeds: the program shall know the suppressions too. */
static const char *const sanitizers[] = { "ASAN_OPTIONS", "LSAN_OPTIONS" };

static void make_env(json_t *c, struct strings *env)
{
    const char *name;
    json_t *v;
    slip_vec_push(env, "PATH=/usr/bin:/bin");
    slip_vec_push(env, text("HOME=%s", dir));
    for (size_t i = 0; i < SLIP_COUNT(sanitizers); i++)
        if (getenv(sanitizers[i]))
            slip_vec_push(env,
                          slip_arena_printf(&arena, "%s=%s", sanitizers[i], getenv(sanitizers[i])));
    json_object_foreach(json_object_get(c, "env"), name, v)
    {
        if (!json_is_string(v))
            continue;
        const char *value = spell_out(json_string_value(v));
        slip_vec_push(env, slip_arena_printf(&arena, "%s=%s", name, value));
    }
    slip_vec_push(env, (const char *)NULL);
}

/* A content-based tag is another one here: only its place counts. */
static const char *without_digests(const char *s)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    while (*s) {
        size_t hex = strspn(s, "0123456789abcdef");
        if (hex != 56 || s[hex] != '-') {
            slip_buf_add(&out, s, hex ? hex : 1);
            s += hex ? hex : 1;
            continue;
        }
        s += hex + 1;
        s += strncmp(s, "<time>", 6) == 0 ? 6 : strspn(s, "0123456789");
        slip_buf_add_c(&out, "<stage>");
    }
    return slip_arena_strdup(&arena, slip_buf_str(&out));
}

/* Names as a set: how often each is meant does not matter, nor the order. */
static enum golden_result compare_names(json_t *c, struct slip_str json, struct slip_buf *why)
{
    SLIP_AUTO_PTR(slip_map) want = slip_map_new(NULL);
    size_t i, found = 0;
    json_t *v, *got = json_loadb(json.ptr, json.len, 0, NULL);
    enum golden_result result = GOLDEN_GOOD;
    json_array_foreach(json_object_get(c, "refs"), i, v)
        slip_map_set(want, slip_str_of(without_digests(spell_out(json_string_value(v)))), dir);
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    json_array_foreach(json_object_get(got, "results"), i, v)
    {
        const char *ref = without_digests(json_string_value(json_object_get(v, "ref")));
        if (!slip_map_get(want, slip_str_of(ref)))
            result = golden_bad(why, "means %s", ref);
        found += !slip_map_get(seen, slip_str_of(ref));
        slip_map_set(seen, slip_str_of(ref), dir);
    }
    if (result == GOLDEN_GOOD && found != slip_map_size(want))
        result = golden_bad(why, "%zu names, not %zu", found, slip_map_size(want));
    json_decref(got);
    return result;
}

static enum golden_result compare_labels(json_t *c, const struct strings *argv,
                                         const struct strings *env, struct slip_buf *why)
{
    struct {
        SLIP_VEC(struct slip_str);
    } values = { 0 };
    SLIP_AUTO(slip_labels) labels = { 0 };
    struct slip_error err = { 0 };
    struct slip_str separator = SLIP_STR("\n");
    json_t *want = json_object_get(c, "added_labels"), *got = json_object();
    for (size_t i = 0; i + 2 < argv->len; i++) {
        if (strcmp(argv->at[i], "--add-label") == 0)
            slip_vec_push(&values, slip_str_of(argv->at[i + 1]));
        if (strcmp(argv->at[i], "--add-label-separator") == 0)
            separator = slip_str_of(argv->at[i + 1]);
    }
    int rc = slip_labels_gather(env->at, "WERF_EXPORT_ADD_LABEL_", values.at, values.len, separator,
                                &labels, &err);
    for (size_t i = 0; i < labels.len; i++)
        json_object_set_new(got, slip_arena_strdup(&arena, labels.at[i].key),
                            json_stringn(labels.at[i].value.ptr, labels.at[i].value.len));
    enum golden_result result = rc < 0                  ? golden_bad(why, "%s", err.text)
                                : json_equal(got, want) ? GOLDEN_GOOD
                                                        : golden_bad(why, "other labels");
    json_decref(got);
    slip_vec_clear(&values);
    return result;
}

static enum golden_result run_command(json_t *c, int want, bool same, struct slip_buf *why)
{
    struct strings argv = { 0 }, env = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_buf) errors = SLIP_BUF(1 << 16);
    struct slip_error err = { 0 };
    int status = 0;
    make_argv(c, &argv);
    make_env(c, &env);
    const struct slip_child child = { .argv = argv.at,
                                      .env = env.at,
                                      .cwd = text("%s/p", dir),
                                      .timeout_ms = 60000,
                                      .out = &out,
                                      .errors = &errors };
    enum golden_result result = GOLDEN_GOOD;
    if (slip_child_run(&child, &status, &err) < 0)
        result = golden_bad(why, "%s", err.text);
    else if (same ? (status == 0) != (want == 0) : status != want)
        result = golden_bad(why, "exit %d: %s", status, errors.ptr);
    else if (same && want == 0 && json_object_get(c, "refs"))
        result = compare_names(c, slip_buf_str(&out), why);
    if (result == GOLDEN_GOOD && json_object_get(c, "added_labels"))
        result = compare_labels(c, &argv, &env, why);
    slip_vec_clear(&argv);
    slip_vec_clear(&env);
    return result;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    int want = (int)json_integer_value(json_object_get(c, "exit_code"));
    if (json_object_get(c, "command"))
        return GOLDEN_NOT_HERE; /* another one than export */
    for (size_t i = 0; i < SLIP_COUNT(differs); i++)
        if (strcmp(id, differs[i].id) == 0)
            return differs[i].exit < 0 ? GOLDEN_NOT_HERE
                                       : run_command(c, differs[i].exit, false, why);
    return run_command(c, want, true, why);
}

int main(int argc, char **argv)
{
    dir = sandbox_new();
    make_project();
    int status = golden_main(argc, argv, "export-cli.jsonl", run);
    slip_arena_clear(&arena);
    sandbox_free(dir);
    return status;
}
