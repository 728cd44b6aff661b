/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that images of many stages have in common. */
#include "digest/stage_rules.h"

#include "base/mem.h"

#include <stdlib.h>

struct slip_str slip_import_value(const struct slip_dependency_value *v, enum slip_import_type type)
{
    struct slip_str repo, tag;
    slip_str_rcut(v->name, ':', &repo, &tag);
    switch (type) {
    case SLIP_IMPORT_NAME:
        return v->name;
    case SLIP_IMPORT_REPO:
        return repo;
    case SLIP_IMPORT_TAG:
        return tag;
    case SLIP_IMPORT_ID:
        return v->id;
    default:
        return v->digest;
    }
}

static void set_import(struct slip_str_map *map, struct slip_str key, struct slip_str value)
{
    size_t i = 0;
    while (i < map->len && !slip_str_eq(map->at[i].key, key))
        i++;
    map->at[i] = (struct slip_str_pair){ key, value };
    if (i == map->len)
        map->len++;
}

struct slip_str_map slip_imports_collect(const struct slip_image *image,
                                         const struct slip_dependency_value *values,
                                         struct slip_arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < image->n_dependencies; i++)
        n += image->dependencies[i].n_imports;
    struct slip_str_map map = { slip_arena_array(a, n, sizeof(*map.at)), 0 };
    for (size_t i = 0; i < image->n_dependencies; i++) {
        const struct slip_dependency *dep = &image->dependencies[i];
        for (size_t k = 0; k < dep->n_imports; k++)
            set_import(&map, dep->imports[k].target,
                       slip_import_value(&values[i], dep->imports[k].type));
    }
    return map;
}

struct slip_str slip_stage_digest_name(struct slip_str stage)
{
    static const char *const names[][2] = {
        { "dependenciesBeforeInstall", "importsBeforeInstall" },
        { "dependenciesAfterInstall", "importsAfterInstall" },
        { "dependenciesBeforeSetup", "importsBeforeSetup" },
        { "dependenciesAfterSetup", "importsAfterSetup" },
    };
    for (size_t i = 0; i < SLIP_COUNT(names); i++)
        if (slip_str_is(stage, names[i][0]))
            return slip_str_of(names[i][1]);
    return stage;
}

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

void slip_stage_next(const struct slip_str *commits, size_t n, char out[SLIP_SHA256_HEX + 1])
{
    SLIP_AUTO_FREE struct slip_str *sorted = slip_alloc_array(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = commits[i];
    qsort(sorted, n, sizeof(*sorted), by_bytes);
    slip_hash_joined(SLIP_HASH_SHA256, sorted, n, out);
}

struct slip_str slip_stage_name(struct slip_arena *a, struct slip_str repository,
                                struct slip_str tag)
{
    return slip_str_of(slip_arena_printf(a, "%.*s:%.*s", SLIP_ARG(repository), SLIP_ARG(tag)));
}
