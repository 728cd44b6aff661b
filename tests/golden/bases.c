/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/bases.h"
#include "golden/golden.h"
#include "golden/trees.h"

const struct slip_str *golden_texts(json_t *list, struct slip_arena *a, size_t *n)
{
    struct slip_str *at = slip_arena_array(a, json_array_size(list) + 1, sizeof(*at));
    *n = json_array_size(list);
    for (size_t i = 0; i < *n; i++)
        at[i] = slip_arena_str(a, golden_text_of(json_array_get(list, i)));
    return at;
}

static json_t *find_base(json_t *c, struct slip_str reference)
{
    const char *name;
    json_t *base;
    json_object_foreach(json_object_get(c, "base_images"), name, base)
    {
        SLIP_AUTO(slip_buf) filled = SLIP_BUF(1000);
        if (slip_str_eq(golden_fill_in(slip_str_of(name), &filled), reference))
            return base;
    }
    return NULL;
}

static json_t *env_of(json_t *image)
{
    return json_object_get(json_object_get(image, "config"), "Env");
}

/* An index has images by their platforms, beside its digest. */
static bool differs(json_t *index, json_t *env)
{
    const char *key;
    json_t *image;
    json_object_foreach(index, key, image)
    {
        json_t *other = env_of(image);
        if (json_is_object(image) && other != env && (!other || !env || !json_equal(other, env)))
            return true;
    }
    return false;
}

int golden_base_env(json_t *c, struct slip_str reference, const char *platform,
                    struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    json_t *base = find_base(c, reference);
    bool is_index = json_object_get(base, "index") != NULL;
    if (!base)
        return slip_fail(err, SLIP_E_REGISTRY, "no base image '%.*s'", SLIP_ARG(reference));
    json_t *env = env_of(is_index ? json_object_get(base, platform) : base);
    out->differs = is_index && differs(base, env);
    out->env = golden_texts(env, a, &out->n_env);
    return 0;
}
