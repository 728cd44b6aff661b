/* SPDX-License-Identifier: Apache-2.0 */
/* werf-giterminism.yaml. */
#include "werf/giterminism.h"

#include "base/excerpt.h"
#include "base/limits.h"
#include "base/path.h"
#include "match/doublestar.h"
#include "match/filter.h"
#include "value/yaml.h"

#include <strings.h>

void slip_giterminism_clear(struct slip_giterminism *g)
{
    slip_arena_clear(&g->arena);
    *g = (struct slip_giterminism){ 0 };
}

enum kind { FLAG, TEXTS };

#define FLAG_AT(path, member)                                                                      \
    {                                                                                              \
        path, FLAG, offsetof(struct slip_giterminism, member)                                      \
    }
#define TEXTS_AT(path, member)                                                                     \
    {                                                                                              \
        path, TEXTS, offsetof(struct slip_giterminism, member)                                     \
    }

static const struct setting {
    const char *path;
    enum kind kind;
    size_t offset;
} settings[] = {
    FLAG_AT("config.allowUncommitted", allow_uncommitted),
    TEXTS_AT("config.allowUncommittedTemplates", uncommitted_templates),
    TEXTS_AT("config.goTemplateRendering.allowEnvVariables", env_variables),
    TEXTS_AT("config.goTemplateRendering.allowUncommittedFiles", uncommitted_files),
    FLAG_AT("config.stapel.allowFromLatest", from_latest),
    FLAG_AT("config.stapel.git.allowBranch", git_branch),
    FLAG_AT("config.stapel.mount.allowBuildDir", mount_build_dir),
    TEXTS_AT("config.stapel.mount.allowFromPaths", mount_from_paths),
    TEXTS_AT("config.dockerfile.allowUncommitted", uncommitted_dockerfiles),
    TEXTS_AT("config.dockerfile.allowUncommittedDockerignoreFiles", uncommitted_dockerignores),
    TEXTS_AT("config.dockerfile.allowContextAddFiles", context_add_files),
    TEXTS_AT("config.secrets.allowEnvVariables", secret_env),
    TEXTS_AT("config.secrets.allowFiles", secret_files),
    TEXTS_AT("config.secrets.allowValueIds", secret_ids),
};

struct reader {
    const char *name;
    struct slip_str text;
    struct slip_giterminism *out;
    struct slip_error *err;
};

static int fail_type(struct reader *r, const struct slip_value *v, struct slip_str path,
                     const char *type)
{
    slip_fail(r->err, SLIP_E_CONFIG, "%s:%u:%u: %.*s must be of type %s, not %s", r->name, v->line,
              v->col, SLIP_ARG(path), type, slip_value_type_name(v));
    slip_error_show(r->err, r->text, 1, v->line, v->col);
    return -1;
}

/* The case of a key does not count; of keys that differ only in it the last one does. */
static const struct slip_value *find_key(const struct slip_value *map, struct slip_str key)
{
    const struct slip_value *found = NULL;
    for (size_t i = 0; i < map->len; i++) {
        struct slip_str k = map->pairs[i].key->text;
        if (k.len == key.len && strncasecmp(k.ptr, key.ptr, key.len) == 0)
            found = map->pairs[i].value;
    }
    return found && found->type != SLIP_VALUE_NULL ? found : NULL;
}

/* `*v` is NULL when the setting is not given. */
static int find_setting(struct reader *r, const char *path, const struct slip_value **v)
{
    struct slip_str rest = slip_str_of(path), key;
    while (*v && rest.len) {
        if ((*v)->type != SLIP_VALUE_MAP)
            return fail_type(r, *v, slip_str_make(path, (size_t)(rest.ptr - path) - 1), "object");
        slip_str_cut(rest, '.', &key, &rest);
        *v = find_key(*v, key);
    }
    return 0;
}

static int read_texts(struct reader *r, const char *path, const struct slip_value *v,
                      struct slip_globs *out)
{
    if (v->type != SLIP_VALUE_LIST)
        return fail_type(r, v, slip_str_of(path), "array");
    out->len = v->len;
    out->at = slip_arena_array(&r->out->arena, v->len, sizeof(*out->at));
    for (size_t i = 0; i < v->len; i++) {
        if (v->items[i]->type != SLIP_VALUE_STRING)
            return fail_type(r, v->items[i], slip_str_of(path), "array of strings");
        out->at[i] = slip_arena_str(&r->out->arena, v->items[i]->text);
    }
    return 0;
}

static int read_setting(struct reader *r, const struct setting *s, const struct slip_value *root)
{
    const struct slip_value *v = root;
    void *out = (char *)r->out + s->offset;
    if (find_setting(r, s->path, &v) < 0)
        return -1;
    if (!v)
        return 0;
    if (s->kind == TEXTS)
        return read_texts(r, s->path, v, out);
    if (v->type != SLIP_VALUE_BOOL)
        return fail_type(r, v, slip_str_of(s->path), "boolean");
    *(bool *)out = v->boolean;
    return 0;
}

static int check_version(struct reader *r, const struct slip_value *root)
{
    const struct slip_value *v = root && root->type == SLIP_VALUE_MAP
                                     ? slip_value_get(root, "giterminismConfigVersion")
                                     : NULL;
    if (!v)
        return slip_fail(r->err, SLIP_E_CONFIG, "%s: giterminismConfigVersion is required",
                         r->name);
    bool one = (v->type == SLIP_VALUE_INT && v->i == 1)
               || (v->type == SLIP_VALUE_FLOAT && v->f == 1)
               || (v->type == SLIP_VALUE_STRING && slip_str_is(v->text, "1"));
    if (one)
        return 0;
    slip_fail(r->err, SLIP_E_CONFIG, "%s:%u:%u: giterminismConfigVersion should be 1", r->name,
              v->line, v->col);
    slip_error_show(r->err, r->text, 1, v->line, v->col);
    return -1;
}

/* --- keys that mean nothing --- */

/* Settings of what is not done here. */
static const char *const other_settings[] = {
    "giterminismConfigVersion",
    "cli.allowCustomTags",
    "helm.allowUncommittedFiles",
    "includes.allowIncludesUpdate",
};

enum { N_SETTINGS = SLIP_COUNT(settings) + SLIP_COUNT(other_settings) };

static const char *setting_path(size_t i)
{
    return i < SLIP_COUNT(settings) ? settings[i].path : other_settings[i - SLIP_COUNT(settings)];
}

/* Names that can stand below `prefix` ("config.", say), each perhaps more than once. */
static size_t names_below(struct reader *r, struct slip_str prefix, const char **out)
{
    size_t n = 0;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        struct slip_str path = slip_str_of(setting_path(i)), name, rest;
        if (!slip_str_starts(path, prefix))
            continue;
        slip_str_cut(slip_str_skip(path, prefix.len), '.', &name, &rest);
        out[n++] = slip_arena_strdup(&r->out->arena, name);
    }
    return n;
}

static void doubt_key(struct reader *r, const struct slip_value *key, const char **names, size_t n)
{
    const char *near = slip_str_closest(key->text, names, n);
    r->out->doubt =
        slip_arena_printf(&r->out->arena, "%s:%u:%u: '%.*s' means nothing here%s%s%s", r->name,
                          key->line, key->col, SLIP_ARG(slip_str_first(key->text, 60)),
                          near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* werf ignores keys that it does not know, and so what was meant is not allowed. The depth is that
 * of the settings. */
static void look_for_doubt(struct reader *r, const struct slip_value *map, struct slip_str prefix)
{
    const char *names[N_SETTINGS];
    size_t n = names_below(r, prefix, names);
    for (size_t i = 0; i < map->len && n && !r->out->doubt; i++) {
        const struct slip_value *key = map->pairs[i].key;
        size_t k = 0;
        while (k < n
               && (strlen(names[k]) != key->text.len
                   || strncasecmp(names[k], key->text.ptr, key->text.len) != 0))
            k++;
        if (k == n)
            doubt_key(r, key, names, n);
        else if (map->pairs[i].value->type == SLIP_VALUE_MAP)
            look_for_doubt(r, map->pairs[i].value,
                           slip_str_of(slip_arena_printf(&r->out->arena, "%.*s%s.",
                                                         SLIP_ARG(prefix), names[k])));
    }
}

static int read_settings(struct reader *r, const struct slip_value *root)
{
    if (check_version(r, root) < 0)
        return -1;
    for (size_t i = 0; i < SLIP_COUNT(settings); i++)
        if (read_setting(r, &settings[i], root) < 0)
            return -1;
    look_for_doubt(r, root, SLIP_STR(""));
    return 0;
}

int slip_giterminism_parse(struct slip_str text, const char *name, struct slip_giterminism *out,
                           struct slip_error *err)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    SLIP_AUTO(slip_giterminism) g = { 0 };
    struct reader r = { name, text, &g, err };
    if (slip_yaml_read(text, name, 1, SLIP_YAML_GO, &doc, NULL, err) < 0
        || read_settings(&r, doc.root) < 0)
        return -1;
    slip_giterminism_clear(out);
    *out = g;
    g = (struct slip_giterminism){ 0 };
    return 0;
}

bool slip_giterminism_names(const struct slip_globs *list, struct slip_str text)
{
    for (size_t i = 0; i < list->len; i++)
        if (slip_str_eq(list->at[i], text))
            return true;
    return false;
}

/* --- paths --- */

/* The glob without the components of nothing but stars at its end. */
static struct slip_str without_stars(struct slip_str glob)
{
    size_t end = glob.len;
    for (size_t i = glob.len; i > 0 && (glob.ptr[i - 1] == '*' || glob.ptr[i - 1] == '/'); i--)
        if (glob.ptr[i - 1] == '/')
            end = i - 1;
    bool all = true;
    for (size_t i = 0; i < glob.len; i++)
        all = all && (glob.ptr[i] == '*' || glob.ptr[i] == '/');
    return slip_str_first(glob, all ? 0 : end);
}

static int match_glob(struct slip_str glob, struct slip_str path, bool *out, struct slip_error *err)
{
    enum slip_doublestar m = slip_doublestar_match(glob, path);
    *out = *out || m == SLIP_DOUBLESTAR_YES;
    return m != SLIP_DOUBLESTAR_BAD
               ? 0
               : slip_fail(err, SLIP_E_CONFIG, "malformed pattern '%.*s'", SLIP_ARG(glob));
}

/*
 * A path from the root of the machine. Of the three patterns of a glob (A.3) only the first keeps a
 * slash at its beginning: /a accepts /a, not /a/b, and a accepts neither.
 */
static int accept_absolute(struct slip_str written, struct slip_str path, bool *out,
                           struct slip_error *err)
{
    SLIP_AUTO(slip_buf) glob = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) deep = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(written, &glob);
    struct slip_str rest = slip_buf_str(&glob);
    rest = slip_str_skip(rest, rest.ptr[0] == '/');
    struct slip_str plain = slip_str_is(rest, ".") ? SLIP_STR("") : without_stars(rest);
    slip_path_join(plain, SLIP_STR("**/*"), &deep);
    return match_glob(slip_buf_str(&glob), path, out, err) < 0
                   || match_glob(plain, path, out, err) < 0
                   || match_glob(slip_buf_str(&deep), path, out, err) < 0
               ? -1
               : 0;
}

int slip_giterminism_accepts(const struct slip_globs *globs, struct slip_str path, bool *out,
                             struct slip_error *err)
{
    *out = false;
    if (globs->len == 0)
        return 0;
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(path, &clean);
    if (clean.ptr[0] == '/' && clean.len > 1) {
        for (size_t i = 0; i < globs->len && !*out; i++)
            if (accept_absolute(globs->at[i], slip_buf_str(&clean), out, err) < 0)
                return -1;
        return 0;
    }
    SLIP_AUTO_PTR(slip_filter) filter = slip_filter_new(SLIP_STR(""));
    slip_filter_include(filter, globs->at, globs->len);
    return slip_filter_match(filter, slip_buf_str(&clean), out, err);
}

/* --- files of the machine --- */

/*
 * werf makes such paths and globs absolute before it compares them. Where its process runs is not
 * known here, in a bare repository there is no such place: a relative path gets names that nothing
 * else has, enough of them for "..". So it never meets a path that is written from the root.
 */
static void expand(const struct slip_giterminism *g, struct slip_str path, struct slip_buf *out)
{
    static const char here[] = "/\1/\1/\1/\1/\1/\1/\1/\1";
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_PATH);
    bool home = path.len && path.ptr[0] == '~';
    if (home && g->home.len && (path.len == 1 || path.ptr[1] == '/')) {
        slip_buf_add_str(&text, g->home);
        path = slip_str_skip(path, 1);
    } else if (home) {
        slip_buf_add_char(&text, '/'); /* of another, or of an unknown one */
    } else if (!path.len || path.ptr[0] != '/') {
        slip_buf_add_fmt(&text, "%s/", here);
    }
    slip_buf_add_str(&text, path);
    slip_path_clean(slip_buf_str(&text), out);
}

int slip_giterminism_accepts_secret(const struct slip_giterminism *g, struct slip_str src,
                                    bool *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    *out = false;
    expand(g, src, &path);
    for (size_t i = 0; i < g->secret_files.len && !*out; i++) {
        SLIP_AUTO(slip_buf) glob = SLIP_BUF(SLIP_LIMIT_PATH);
        expand(g, g->secret_files.at[i], &glob);
        if (accept_absolute(slip_buf_str(&glob), slip_buf_str(&path), out, err) < 0)
            return -1;
    }
    return 0;
}
