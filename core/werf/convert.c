/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of image documents that all kinds of images share. */
#include "werf/convert.h"

#include "base/path.h"

struct slip_str slip_convert_str(struct slip_convert *c, struct slip_str s)
{
    return slip_arena_str(&c->set->arena, s);
}

struct slip_str slip_convert_path(struct slip_convert *c, struct slip_str path)
{
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SIZE_MAX);
    slip_path_clean(path, &clean);
    return slip_convert_str(c, slip_buf_str(&clean));
}

struct slip_str_list slip_convert_list(struct slip_convert *c, const struct slip_raw_list *raw)
{
    const struct slip_str *from = raw->at;
    struct slip_str_list list = { NULL, raw->len };
    if (raw->len)
        list.at = slip_arena_array(&c->set->arena, raw->len, sizeof(*list.at));
    for (size_t i = 0; i < raw->len; i++)
        list.at[i] = slip_convert_str(c, from[i]);
    return list;
}

struct slip_str_list slip_convert_paths(struct slip_convert *c, const struct slip_raw_list *raw)
{
    struct slip_str_list list = slip_convert_list(c, raw);
    for (size_t i = 0; i < list.len; i++)
        list.at[i] = slip_convert_path(c, list.at[i]);
    return list;
}

static int by_key(const void *a, const void *b)
{
    return slip_str_cmp(((const struct slip_str_pair *)a)->key,
                        ((const struct slip_str_pair *)b)->key);
}

static struct slip_str_map convert_pairs(struct slip_convert *c, const struct slip_raw_list *raw,
                                         void (*print)(const struct slip_value *,
                                                       struct slip_buf *))
{
    const struct slip_raw_pair *from = raw->at;
    struct slip_str_map map = { NULL, raw->len };
    if (raw->len == 0)
        return map;
    map.at = slip_arena_array(&c->set->arena, raw->len, sizeof(*map.at));
    for (size_t i = 0; i < raw->len; i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
        print(from[i].value, &text);
        map.at[i].key = slip_convert_str(c, from[i].key);
        map.at[i].value = slip_convert_str(c, slip_buf_str(&text));
    }
    qsort(map.at, map.len, sizeof(*map.at), by_key);
    return map;
}

static void print_string(const struct slip_value *v, struct slip_buf *out)
{
    struct slip_str text;
    if (slip_value_as_string(v, &text))
        slip_buf_add_str(out, text);
}

struct slip_str_map slip_convert_map(struct slip_convert *c, const struct slip_raw_list *raw)
{
    return convert_pairs(c, raw, print_string);
}

struct slip_str_map slip_convert_args(struct slip_convert *c, const struct slip_raw_list *raw)
{
    return convert_pairs(c, raw, slip_value_print_go);
}

size_t slip_convert_find(const struct slip_convert *c, struct slip_str name)
{
    const struct slip_draft *d = slip_map_get(c->by_name, name);
    return d ? (size_t)(d - c->drafts.at) : SLIP_NPOS;
}

int slip_convert_names(struct slip_convert *c, const struct slip_value *image,
                       struct slip_raw_list *out)
{
    static const struct slip_str nameless[] = { { "", 0 } };
    if (!image)
        return 0;
    if (image->type == SLIP_VALUE_NULL) {
        *out = (struct slip_raw_list){ (void *)(uintptr_t)nameless, 1 };
        return 0;
    }
    if (image->type == SLIP_VALUE_STRING || image->type == SLIP_VALUE_LIST)
        return slip_decode_words(&c->d, image, out);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(256);
    slip_value_print_go(image, &text);
    return slip_decode_fail(&c->d, image, "invalid image name `%s`!", text.ptr);
}

void slip_convert_defaults(struct slip_convert *c, struct slip_str cache_version,
                           const struct slip_raw_list *platform, struct slip_image *out)
{
    const struct slip_raw_build *build = c->meta->build;
    if (build && !cache_version.len)
        cache_version = build->cache_version;
    if (build && !platform->len)
        platform = &build->platform;
    out->cache_version = slip_convert_str(c, cache_version);
    out->platforms = slip_convert_list(c, platform);
}

/* --- dependencies --- */

static const struct {
    const char *name;
    enum slip_import_type type;
} import_types[] = {
    { "ImageName", SLIP_IMPORT_NAME },     { "ImageTag", SLIP_IMPORT_TAG },
    { "ImageRepo", SLIP_IMPORT_REPO },     { "ImageID", SLIP_IMPORT_ID },
    { "ImageDigest", SLIP_IMPORT_DIGEST },
};

static int read_import_type(struct slip_convert *c, const struct slip_raw_dependency_import *raw,
                            enum slip_import_type *out)
{
    for (size_t i = 0; i < SLIP_COUNT(import_types); i++) {
        if (slip_str_is(raw->type, import_types[i].name)) {
            *out = import_types[i].type;
            return 0;
        }
    }
    slip_decode_fail(&c->d, raw->where, "invalid dependency import type '%.*s'",
                     SLIP_ARG(raw->type));
    return slip_hint(c->d.err, "use ImageName, ImageTag, ImageRepo, ImageID or ImageDigest");
}

static int convert_import(struct slip_convert *c, const struct slip_raw_dependency_import *raw,
                          bool stapel, struct slip_dependency_import *out)
{
    struct slip_str wanted = stapel ? raw->target_env : raw->target_build_arg;
    struct slip_str other = stapel ? raw->target_build_arg : raw->target_env;
    const char *wanted_name = stapel ? "targetEnv" : "targetBuildArg";
    if (read_import_type(c, raw, &out->type) < 0)
        return -1;
    if (other.len)
        return slip_decode_fail(&c->d, raw->where, "`%s` cannot be used in this kind of image",
                                stapel ? "targetBuildArg" : "targetEnv");
    if (!wanted.len)
        return slip_decode_fail(&c->d, raw->where, "`%s` is required in a dependency import",
                                wanted_name);
    out->target = slip_convert_str(c, wanted);
    return 0;
}

static int convert_imports(struct slip_convert *c, const struct slip_raw_dependency *raw,
                           bool stapel, struct slip_dependency *out)
{
    const struct slip_raw_dependency_import *at = raw->imports.at;
    out->n_imports = raw->imports.len;
    out->imports = slip_arena_array(&c->set->arena, out->n_imports, sizeof(*out->imports));
    for (size_t i = 0; i < out->n_imports; i++) {
        if (convert_import(c, &at[i], stapel, &out->imports[i]) < 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (slip_str_eq(out->imports[k].target, out->imports[i].target))
                return slip_decode_fail(&c->d, at[i].where, "'%.*s' is set twice by a dependency",
                                        SLIP_ARG(out->imports[i].target));
    }
    return 0;
}

static int convert_place(struct slip_convert *c, const struct slip_raw_dependency *raw, bool stapel,
                         enum slip_stapel_place *out)
{
    if (stapel)
        return slip_convert_place(c, raw->where, raw->before, raw->after, out);
    if (raw->before.len || raw->after.len)
        return slip_decode_fail(&c->d, raw->where,
                                "`before` and `after` cannot be used in a Dockerfile image");
    return 0;
}

static int convert_dependency(struct slip_convert *c, const struct slip_raw_dependency *raw,
                              bool stapel, struct slip_dependency *out)
{
    struct slip_str name = slip_raw_dependency_image(raw);
    if (!name.len)
        return slip_decode_fail(&c->d, raw->where, "`image` is required in a dependency");
    out->image = slip_convert_find(c, name);
    if (out->image == SLIP_NPOS || c->drafts.at[out->image].artifact)
        return slip_decode_fail(&c->d, raw->where, "image \"%.*s\" not found!", SLIP_ARG(name));
    return convert_place(c, raw, stapel, &out->place) < 0 ? -1
                                                          : convert_imports(c, raw, stapel, out);
}

int slip_convert_dependencies(struct slip_convert *c, const struct slip_raw_list *raw, bool stapel,
                              struct slip_image *out)
{
    const struct slip_raw_dependency *at = raw->at;
    out->n_dependencies = raw->len;
    out->dependencies = slip_arena_array(&c->set->arena, raw->len, sizeof(*out->dependencies));
    for (size_t i = 0; i < raw->len; i++)
        if (convert_dependency(c, &at[i], stapel, &out->dependencies[i]) < 0)
            return -1;
    return 0;
}

int slip_convert_place(struct slip_convert *c, const struct slip_value *where,
                       struct slip_str before, struct slip_str after, enum slip_stapel_place *out)
{
    struct slip_str stage = before.len ? before : after;
    bool install = slip_str_is(stage, "install");
    if (!before.len == !after.len || (!install && !slip_str_is(stage, "setup")))
        return slip_decode_fail(
            &c->d, where, "specify one of `before: install|setup` and `after: install|setup`");
    if (before.len)
        *out = install ? SLIP_PLACE_BEFORE_INSTALL : SLIP_PLACE_BEFORE_SETUP;
    else
        *out = install ? SLIP_PLACE_AFTER_INSTALL : SLIP_PLACE_AFTER_SETUP;
    return 0;
}

int slip_convert_advise_to_allow(struct slip_convert *c, const char *setting)
{
    return slip_hint(c->d.err, "to allow it: %s in werf-giterminism.yaml", setting);
}

/* --- secrets --- */

static int fail_secret(struct slip_convert *c, const struct slip_raw_secret *raw,
                       struct slip_str name)
{
    slip_decode_fail(&c->d, raw->where, "secret \"%.*s\" is not allowed by giterminism",
                     SLIP_ARG(name));
    return slip_convert_advise_to_allow(c, raw->env.len     ? "config.secrets.allowEnvVariables"
                                           : raw->value.len ? "config.secrets.allowValueIds"
                                                            : "config.secrets.allowFiles");
}

static int check_secret(struct slip_convert *c, const struct slip_raw_secret *raw,
                        struct slip_str id)
{
    const struct slip_giterminism *g = c->o->giterminism;
    if (g->allow_all)
        return 0;
    if (raw->env.len)
        return slip_giterminism_names(&g->secret_env, raw->env) ? 0 : fail_secret(c, raw, raw->env);
    if (raw->value.len)
        return slip_giterminism_names(&g->secret_ids, id) ? 0 : fail_secret(c, raw, id);
    bool accepted;
    if (slip_giterminism_accepts_secret(g, raw->src, &accepted, c->d.err) < 0)
        return -1;
    return accepted ? 0 : fail_secret(c, raw, raw->src);
}

static int convert_secret(struct slip_convert *c, const struct slip_raw_secret *raw,
                          struct slip_secret_source *out)
{
    if ((raw->env.len > 0) + (raw->src.len > 0) + (raw->value.len > 0) != 1)
        return slip_decode_fail(&c->d, raw->where,
                                "secrets validation error: secret type could "
                                "be ONLY `env`, `src` or `value`");
    struct slip_str id = raw->id;
    if (!id.len && raw->value.len)
        return slip_decode_fail(&c->d, raw->where, "type value should be used with id parameter");
    if (!id.len)
        id = raw->env.len ? raw->env : slip_path_base(raw->src);
    if (check_secret(c, raw, id) < 0)
        return -1;
    out->id = slip_convert_str(c, id);
    out->env = slip_convert_str(c, raw->env);
    out->src = slip_convert_str(c, raw->src);
    out->value = slip_convert_str(c, raw->value);
    out->has_value = raw->value.len > 0;
    return 0;
}

int slip_convert_secrets(struct slip_convert *c, const struct slip_raw_list *raw,
                         struct slip_image *out)
{
    const struct slip_raw_secret *at = raw->at;
    out->n_secrets = raw->len;
    out->secrets = slip_arena_array(&c->set->arena, raw->len, sizeof(*out->secrets));
    for (size_t i = 0; i < raw->len; i++) {
        if (convert_secret(c, &at[i], &out->secrets[i]) < 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (slip_str_eq(out->secrets[k].id, out->secrets[i].id))
                return slip_decode_fail(&c->d, at[i].where, "duplicated secret \"%.*s\"",
                                        SLIP_ARG(out->secrets[i].id));
    }
    return 0;
}
