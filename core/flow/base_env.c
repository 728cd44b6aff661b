/* SPDX-License-Identifier: Apache-2.0 */
/* Environments of base images. */
#include "flow/base_env.h"

#include "base/map.h"
#include "base/mem.h"
#include "dockerfile/platform.h"
#include "registry/media.h"
#include "registry/stored.h"

/* What an image or one of an index says of itself. */
struct child {
    struct slip_config_info config;
    char platform[3 * SLIP_PLATFORM_MAX + 3]; /* normalised; "" when it is none */
};

/* What is under one name. */
struct base {
    bool is_index;
    struct child *children; /* of an image it is itself */
    size_t n;
};

struct slip_base_envs {
    struct slip_registry *registry;
    struct slip_map *by_reference; /* of struct base */
};

static void base_free(void *payload)
{
    struct base *b = payload;
    for (size_t i = 0; i < b->n; i++)
        slip_config_info_clear(&b->children[i].config);
    slip_free(b->children);
    slip_free(b);
}

struct slip_base_envs *slip_base_envs_new(struct slip_registry *r)
{
    struct slip_base_envs *b = slip_new(struct slip_base_envs);
    b->registry = r;
    b->by_reference = slip_map_new(base_free);
    return b;
}

void slip_base_envs_free(struct slip_base_envs *b)
{
    if (!b)
        return;
    slip_map_free(b->by_reference);
    slip_free(b);
}

/* ---- reading ---- */

/* Those that builders add beside images ("unknown/unknown") are none. */
static void name_platform(struct child *c)
{
    const struct slip_platform none = { "", "", "" };
    const struct slip_config_info *i = &c->config;
    struct slip_platform p;
    struct slip_error ignored = { 0 };
    SLIP_AUTO_FREE char *text =
        slip_printf("%.*s/%.*s%s%.*s", SLIP_ARG(i->os), SLIP_ARG(i->architecture),
                    i->variant.len ? "/" : "", SLIP_ARG(i->variant));
    c->platform[0] = '\0';
    if (!slip_str_is(i->os, "unknown")
        && slip_platform_normalize(slip_str_of(text), &none, &p, &ignored) == 0)
        slip_platform_print(&p, c->platform);
}

static int read_child(const struct slip_stored *stored, struct child *out, struct slip_error *err)
{
    if (slip_config_info_read(slip_buf_str(&stored->config), &out->config, err) < 0)
        return slip_while(err, "%s", stored->digest);
    name_platform(out);
    return 0;
}

static bool same_env(const struct slip_config_info *a, const struct slip_config_info *b)
{
    if (a->n_env != b->n_env)
        return false;
    for (size_t i = 0; i < a->n_env; i++)
        if (!slip_str_eq(a->env[i], b->env[i]))
            return false;
    return true;
}

static int take_children(const struct slip_stored *stored, struct base *out, struct slip_error *err)
{
    out->is_index = slip_media_is_index(slip_str_of(stored->media_type));
    out->n = out->is_index ? stored->n_children : 1;
    out->children = slip_alloc_array(out->n + 1, sizeof(*out->children));
    for (size_t i = 0; i < out->n; i++)
        if (read_child(out->is_index ? &stored->children[i] : stored, &out->children[i], err) < 0)
            return -1;
    return 0;
}

static int read_base(struct slip_base_envs *b, struct slip_str reference, struct base *out,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_reference) of = { 0 };
    SLIP_AUTO_PTR(slip_store) store = NULL;
    if (slip_reference_parse_weak(reference, &of, err) < 0
        || slip_store_open(b->registry, &of, &store, err) < 0)
        return -1;
    struct slip_stored_get get = { .identifier = of.identifier };
    int rc = slip_stored_read(store, &get, 1);
    if (rc < 0)
        *err = get.err;
    else
        rc = take_children(&get.source, out, err);
    slip_stored_clear(&get.source);
    return rc;
}

/* ---- choosing ---- */

/* The platform as images name it: "linux/arm64/v8" is "linux/arm64". */
static void normalize(const char *platform, char out[3 * SLIP_PLATFORM_MAX + 3])
{
    const struct slip_platform none = { "", "", "" };
    struct slip_platform p;
    struct slip_error ignored = { 0 };
    snprintf(out, 3 * SLIP_PLATFORM_MAX + 3, "%s", platform);
    if (slip_platform_normalize(slip_str_of(platform), &none, &p, &ignored) == 0)
        slip_platform_print(&p, out);
}

static int choose(const struct base *b, const char *platform, struct slip_base_env *out,
                  struct slip_error *err)
{
    const struct child *chosen = b->is_index ? NULL : b->children;
    char wanted[3 * SLIP_PLATFORM_MAX + 3];
    normalize(platform, wanted);
    for (size_t i = 0; i < b->n && !chosen; i++)
        if (strcmp(b->children[i].platform, wanted) == 0)
            chosen = &b->children[i];
    if (!chosen)
        return slip_fail(err, SLIP_E_NOT_BUILT, "it is not made for %s", platform);
    *out = (struct slip_base_env){ chosen->config.env, chosen->config.n_env, false };
    for (size_t i = 0; i < b->n; i++)
        out->differs |=
            b->children[i].platform[0] && !same_env(&b->children[i].config, &chosen->config);
    return 0;
}

int slip_base_envs_read(struct slip_base_envs *b, struct slip_str reference, const char *platform,
                        struct slip_base_env *out, struct slip_error *err)
{
    struct base *base = slip_map_get(b->by_reference, reference);
    if (!base) {
        base = slip_new(struct base);
        if (read_base(b, reference, base, err) < 0) {
            base_free(base);
            return slip_while(err, "base image '%.*s'", SLIP_ARG(reference));
        }
        slip_map_set(b->by_reference, reference, base);
    }
    return choose(base, platform, out, err) < 0
               ? slip_while(err, "base image '%.*s'", SLIP_ARG(reference))
               : 0;
}
