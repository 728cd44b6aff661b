/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of stapel images that are made from werf.yaml and from other images (4.2, 4.3, 4.5, 4.10).
 */
#include "digest/stapel_impl.h"

#include "base/limits.h"

static void add_if_given(struct stapel_list *l, enum slip_ingredient_kind kind, const char *origin,
                         struct slip_str text)
{
    if (text.len)
        stapel_add(l, kind, origin, text);
}

static void add_each(struct stapel_list *l, const char *origin, struct slip_str_list list)
{
    for (size_t i = 0; i < list.len; i++)
        stapel_add(l, SLIP_INGREDIENT_SETTING, origin, list.at[i]);
}

static void add_map(struct stapel_list *l, const char *origin, struct slip_str_map map)
{
    for (size_t i = 0; i < map.len; i++) {
        stapel_add(l, SLIP_INGREDIENT_SETTING, origin, map.at[i].key);
        stapel_add(l, SLIP_INGREDIENT_SETTING, origin, map.at[i].value);
    }
}

/* ---- from ---- */

void stapel_from(const struct slip_stapel_walk *w, struct stapel_list *l)
{
    const struct slip_stapel *s = w->stapel;
    bool internal = s->base != SLIP_NPOS;
    add_if_given(l, SLIP_INGREDIENT_CACHE_VERSION, "werf.yaml: cacheVersion",
                 w->image->cache_version);
    add_if_given(l, SLIP_INGREDIENT_CACHE_VERSION, "werf.yaml: fromCacheVersion",
                 s->from_cache_version);
    if (s->from_latest && !internal)
        stapel_add(l, SLIP_INGREDIENT_IMAGE, "registry: fromLatest", w->in.base_id);
    for (size_t i = 0; i < s->n_mounts; i++) {
        stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: mount", s->mounts[i].from);
        stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: mount", s->mounts[i].to);
        stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: mount", s->mounts[i].type);
    }
    if (internal)
        stapel_add(l, SLIP_INGREDIENT_IMAGE,
                   slip_arena_printf(l->arena, "image '%.*s': content digest", SLIP_ARG(s->from)),
                   w->in.base_content);
    else
        stapel_add(l, SLIP_INGREDIENT_BASE, "werf.yaml: from", s->from);
}

/* ---- shell, ansible ---- */

static const char *const user_stages[] = { "beforeInstall", "install", "beforeSetup", "setup" };

bool stapel_has_user_stage(const struct slip_stapel_walk *w, enum slip_user_stage stage)
{
    const struct slip_user_stage_text *text = &w->stapel->user[stage];
    return text->commands.len || text->cache_version.len || w->stapel->user_cache_version.len;
}

void stapel_user(const struct slip_stapel_walk *w, enum slip_user_stage stage,
                 struct stapel_list *l)
{
    const struct slip_stapel *s = w->stapel;
    const char *builder = s->ansible ? "ansible" : "shell";
    struct slip_str versions[2];
    char hash[SLIP_SHA256_HEX + 1];
    size_t n = 0;
    add_each(l, slip_arena_printf(l->arena, "werf.yaml: %s.%s", builder, user_stages[stage]),
             s->user[stage].commands);
    if (s->user[stage].cache_version.len)
        versions[n++] = s->user[stage].cache_version;
    if (s->user_cache_version.len)
        versions[n++] = s->user_cache_version;
    if (!n)
        return;
    slip_hash_joined(SLIP_HASH_SHA256, versions, n, hash);
    stapel_add(l, SLIP_INGREDIENT_CACHE_VERSION,
               slip_arena_printf(l->arena, "werf.yaml: %s.cacheVersion", builder),
               slip_str_of(hash));
}

/* ---- imports, dependencies ---- */

static struct slip_str join_paths(struct slip_str_list list, struct slip_buf *out)
{
    slip_buf_reset(out);
    for (size_t i = 0; i < list.len; i++) {
        if (i)
            slip_buf_add_c(out, "///");
        slip_buf_add_str(out, list.at[i]);
    }
    return slip_buf_str(out);
}

struct slip_str slip_stapel_external_content(const struct slip_import *import, struct slip_arena *a)
{
    return slip_str_of(slip_arena_printf(a, "external-image:%.*s", SLIP_ARG(import->external)));
}

void slip_stapel_import_record(const struct slip_import *import, struct slip_str content,
                               const struct slip_stapel_switches *switches, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) paths = SLIP_BUF(SLIP_LIMIT_RENDERED);
    struct slip_hash_join j;
    char id[SLIP_SHA256_HEX + 1];
    slip_hash_join_begin(&j, SLIP_HASH_SHA256);
    slip_hash_join_add(&j, SLIP_STR("SourceImageContentDigest"));
    slip_hash_join_add(&j, content);
    slip_hash_join_add(&j, SLIP_STR("Add"));
    slip_hash_join_add(&j, import->add);
    slip_hash_join_add(&j, SLIP_STR("IncludePaths"));
    slip_hash_join_add(&j, join_paths(import->include, &paths));
    slip_hash_join_add(&j, SLIP_STR("ExcludePaths"));
    slip_hash_join_add(&j, join_paths(import->exclude, &paths));
    if (switches->import_permissions) {
        slip_hash_join_add(&j, SLIP_STR("CacheVersion"));
        slip_hash_join_add(&j, SLIP_STR("true"));
    }
    slip_hash_join_end(&j, id);
    slip_buf_add_fmt(out, SLIP_IMPORT_METADATA "%s", id);
}

static void add_import(const struct slip_stapel_walk *w, const struct slip_import *import,
                       const struct slip_import_facts *facts, struct stapel_list *l)
{
    SLIP_AUTO(slip_buf) paths = SLIP_BUF(SLIP_LIMIT_RENDERED);
    const char *origin = "werf.yaml: import";
    if (w->in.switches->import_by_source) {
        stapel_add(l, SLIP_INGREDIENT_IMAGE, "import: content digest", facts->content);
        stapel_add(l, SLIP_INGREDIENT_SETTING, origin, import->add);
    } else {
        stapel_add(l, SLIP_INGREDIENT_IMAGE, "import: checksum of the files", facts->checksum);
    }
    stapel_add(l, SLIP_INGREDIENT_SETTING, origin, import->to);
    stapel_add(l, SLIP_INGREDIENT_SETTING, origin, import->group);
    stapel_add(l, SLIP_INGREDIENT_SETTING, origin, import->owner);
    if (!w->in.switches->import_by_source)
        return;
    stapel_add(l, SLIP_INGREDIENT_SETTING, origin, join_paths(import->include, &paths));
    stapel_add(l, SLIP_INGREDIENT_SETTING, origin, join_paths(import->exclude, &paths));
}

static struct slip_str type_name(enum slip_import_type type)
{
    static const char *const names[] = {
        [SLIP_IMPORT_NAME] = "ImageName",     [SLIP_IMPORT_TAG] = "ImageTag",
        [SLIP_IMPORT_REPO] = "ImageRepo",     [SLIP_IMPORT_ID] = "ImageID",
        [SLIP_IMPORT_DIGEST] = "ImageDigest",
    };
    return slip_str_of(names[type]);
}

static void add_dependency(const struct slip_dependency *d,
                           const struct slip_dependency_value *value, struct stapel_list *l)
{
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: dependencies", SLIP_STR("Dependency"));
    stapel_add(l, SLIP_INGREDIENT_IMAGE, "dependency: name of its stage", value->name);
    for (size_t i = 0; i < d->n_imports; i++) {
        const struct slip_str parts[] = { SLIP_STR("Type"), type_name(d->imports[i].type),
                                          SLIP_STR("TargetEnv"), d->imports[i].target };
        char hash[SLIP_SHA256_HEX + 1];
        slip_hash_joined(SLIP_HASH_SHA256, parts, SLIP_COUNT(parts), hash);
        stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: dependencies",
                   SLIP_STR("DependencyImport"));
        stapel_add(l, SLIP_INGREDIENT_SETTING,
                   slip_arena_printf(l->arena, "werf.yaml: %.*s as %.*s", SLIP_ARG(parts[1]),
                                     SLIP_ARG(parts[3])),
                   slip_str_of(hash));
    }
}

bool stapel_has_place(const struct slip_stapel_walk *w, enum slip_stapel_place place)
{
    for (size_t i = 0; i < w->stapel->n_imports; i++)
        if (w->stapel->imports[i].place == place)
            return true;
    for (size_t i = 0; i < w->image->n_dependencies; i++)
        if (w->image->dependencies[i].place == place)
            return true;
    return false;
}

void stapel_dependencies(const struct slip_stapel_walk *w, enum slip_stapel_place place,
                         struct stapel_list *l)
{
    for (size_t i = 0; i < w->stapel->n_imports; i++)
        if (w->stapel->imports[i].place == place)
            add_import(w, &w->stapel->imports[i], &w->in.imports[i], l);
    for (size_t i = 0; i < w->image->n_dependencies; i++)
        if (w->image->dependencies[i].place == place)
            add_dependency(&w->image->dependencies[i], &w->in.dependencies[i], l);
}

/* ---- docker ---- */

void stapel_docker(const struct slip_stapel_walk *w, struct stapel_list *l)
{
    const struct slip_docker_section *d = &w->stapel->docker;
    if (d->exact_values)
        stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.exactValues",
                   SLIP_STR("exact-values:::"));
    add_each(l, "werf.yaml: docker.VOLUME", d->volume);
    add_each(l, "werf.yaml: docker.EXPOSE", d->expose);
    add_map(l, "werf.yaml: docker.ENV", d->env);
    add_map(l, "werf.yaml: docker.LABEL", d->label);
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.CMD", d->cmd);
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.ENTRYPOINT", d->entrypoint);
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.WORKDIR", d->workdir);
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.USER", d->user);
    stapel_add(l, SLIP_INGREDIENT_SETTING, "werf.yaml: docker.HEALTHCHECK", d->healthcheck);
}
