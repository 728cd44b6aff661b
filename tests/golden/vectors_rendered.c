/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole renderings of real projects. They are not kept here: SLIPWAY_VECTORS names the directory
 * with rendered/ and rendered-env/, SLIPWAY_CORPUS the projects. Arguments: paths to run alone.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "golden/golden.h"
#include "support/mem_tree.h"
#include "werf/config.h"

static int n_asked;
static char **asked; /* paths of the command line */
static size_t good, all;

/* --- a project --- */

static void add_dir(struct mem_tree *m, const char *dir, struct slip_str below);

static void add_path(struct mem_tree *m, const char *path, struct slip_str name)
{
    struct stat st;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) content = SLIP_BUF(SLIP_LIMIT_FILE);
    if (lstat(path, &st) < 0)
        return;
    if (S_ISDIR(st.st_mode)) {
        add_dir(m, path, name);
    } else if (S_ISLNK(st.st_mode)) {
        char target[4096];
        ssize_t len = readlink(path, target, sizeof(target));
        if (len > 0)
            mem_tree_add(m, name, SLIP_MODE_LINK, slip_str_make(target, (size_t)len));
    } else if (slip_file_read(path, &content, &err) == 0) {
        mem_tree_add(m, name, SLIP_MODE_FILE, slip_buf_str(&content));
    }
}

static void add_dir(struct mem_tree *m, const char *dir, struct slip_str below)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        SLIP_AUTO(slip_buf) path = SLIP_BUF(4096);
        SLIP_AUTO(slip_buf) name = SLIP_BUF(4096);
        slip_buf_add_fmt(&path, "%s/%s", dir, e->d_name);
        slip_path_join(below, slip_str_of(e->d_name), &name);
        add_path(m, path.ptr, slip_buf_str(&name));
    }
    if (d)
        closedir(d);
}

static const char *variable(void *payload, const char *name)
{
    return json_string_value(json_object_get(payload, name));
}

static int render(const char *path, const char *env, json_t *variables, struct slip_buf *out,
                  struct slip_error *err)
{
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(4096);
    SLIP_AUTO_PTR(mem_tree) m = mem_tree_new();
    struct slip_str project = slip_path_dir(slip_str_of(path));
    slip_buf_add_fmt(&dir, "%s/%.*s", golden_corpus(), SLIP_ARG(project));
    add_dir(m, dir.ptr, SLIP_STR(""));
    struct slip_tree tree = mem_tree_view(m);
    struct slip_commit commit = { .author = { 1787234640, 180 } };
    slip_oid_parse(SLIP_STR("73d8d4ac99352a6b05189cfcfa598ad6e0868197"), &commit.id);
    struct slip_config_options o = {
        .config = slip_path_base(slip_str_of(path)),
        .env = slip_str_of(env),
        .commit_only = true,
        .loose = true,
        .payload = variables,
        .variable = variable,
    };
    return slip_config_render(&tree, &commit, &o, out, NULL, err);
}

/* --- cases --- */

static bool is_asked_for(const char *path)
{
    for (int i = 0; i < n_asked; i++)
        if (strcmp(asked[i], path) == 0)
            return true;
    return n_asked == 0;
}

static void report(const char *path, enum golden_result result, const struct slip_buf *why)
{
    all++;
    good += result == GOLDEN_GOOD;
    if (result != GOLDEN_GOOD)
        printf("  failed: %s\n%s", path, why->ptr);
}

/* `want_file` holds the expected text; NULL: the project's own file does. */
static void check_text(const char *path, const char *want_file, const char *env, json_t *variables)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) want = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) got = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) why = SLIP_BUF(1u << 22);
    SLIP_AUTO(slip_buf) own = SLIP_BUF(4096);
    if (!is_asked_for(path))
        return;
    slip_buf_add_fmt(&own, "%s/%s", golden_corpus(), path);
    enum golden_result result = GOLDEN_BAD;
    if (slip_file_read(want_file ? want_file : own.ptr, &want, &err) < 0
        || render(path, env, variables, &got, &err) < 0)
        golden_bad(&why, "%s", err.text);
    else
        result = golden_same(&why, "text", slip_buf_str(&got), slip_buf_str(&want));
    report(path, result, &why);
}

static void check_dir(const char *dir, const char *below)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[4096], name[4096];
        struct stat st;
        if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        snprintf(name, sizeof(name), "%s%s%s", below, below[0] ? "/" : "", e->d_name);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            check_dir(path, name);
        else
            check_text(name, path, "production", NULL);
    }
    if (d)
        closedir(d);
}

static void check_unchanged(const char *file)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_error err = { 0 };
    if (slip_file_read(file, &text, &err) < 0)
        return;
    struct slip_str rest = slip_buf_str(&text), line;
    while (slip_str_line(&rest, &line)) {
        char path[4096];
        snprintf(path, sizeof(path), "%.*s", SLIP_ARG(line));
        if (line.len && line.ptr[0] != '#')
            check_text(path, NULL, "production", NULL);
    }
}

static void check_error(json_t *c, const char *path)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) got = SLIP_BUF(SLIP_LIMIT_FILE);
    SLIP_AUTO(slip_buf) why = SLIP_BUF(1u << 16);
    if (!is_asked_for(path))
        return;
    const char *env = json_string_value(json_object_get(c, "werf_env"));
    const char *at = json_string_value(json_object_get(c, "at"));
    enum golden_result result = GOLDEN_GOOD;
    if (render(path, env, json_object_get(c, "env"), &got, &err) == 0)
        result = golden_bad(&why, "it was rendered");
    else if (at && !strstr(err.text, at))
        result = golden_bad(&why, "not at %s: %s", at, err.text);
    report(path, result, &why);
}

static void check_lines(const char *vectors, const char *file, bool errors)
{
    char path[4096], want[4096];
    snprintf(path, sizeof(path), "%s/%s", vectors, file);
    FILE *in = fopen(path, "re");
    json_t *c;
    while (in && (c = json_loadf(in, JSON_DISABLE_EOF_CHECK, NULL))) {
        const char *name = json_string_value(json_object_get(c, "path"));
        snprintf(want, sizeof(want), "%s/rendered-env/%s", vectors, name);
        if (errors)
            check_error(c, name);
        else
            check_text(name, want, json_string_value(json_object_get(c, "werf_env")),
                       json_object_get(c, "env"));
        json_decref(c);
    }
    if (in)
        fclose(in);
}

int main(int argc, char **argv)
{
    const char *vectors = getenv("SLIPWAY_VECTORS");
    if (!vectors || !vectors[0] || !golden_corpus()) {
        printf("rendered: no SLIPWAY_VECTORS and SLIPWAY_CORPUS, skipped\n");
        return 0;
    }
    n_asked = argc - 1;
    asked = argv + 1;
    char path[4096];
    snprintf(path, sizeof(path), "%s/rendered", vectors);
    check_dir(path, "");
    snprintf(path, sizeof(path), "%s/rendered-unchanged.txt", vectors);
    check_unchanged(path);
    check_lines(vectors, "rendered-errors.jsonl", true);
    check_lines(vectors, "rendered-env/cases.jsonl", false);
    printf("rendered: %zu of %zu\n", good, all);
    return good == all ? 0 : 1;
}
