/* SPDX-License-Identifier: Apache-2.0 */
/* Environments of base images. */
#include "flow/base_env.h"

#include "base/mem.h"
#include "dockerfile/platform.h"
#include "registry/media.h"
#include "registry/stored.h"

/* What an image or one of an index says of itself. */
struct child {
    struct slip_config_info config;
    char platform[3 * SLIP_PLATFORM_MAX + 3]; /* normalised; "" when it is none */
};

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

static void take_env(const struct slip_config_info *config, struct slip_arena *a,
                     struct slip_base_env *out)
{
    struct slip_str *env = slip_arena_array(a, config->n_env + 1, sizeof(*env));
    for (size_t i = 0; i < config->n_env; i++)
        env[i] = slip_arena_str(a, config->env[i]);
    out->env = env;
    out->n_env = config->n_env;
}

static int no_platform(const char *platform, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_NOT_BUILT, "it is not made for %s", platform);
}

/* Of an index. */
static int choose(const struct child *children, size_t n, const char *platform,
                  struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    const struct child *chosen = NULL;
    for (size_t i = 0; i < n && !chosen; i++)
        if (strcmp(children[i].platform, platform) == 0)
            chosen = &children[i];
    if (!chosen)
        return no_platform(platform, err);
    take_env(&chosen->config, a, out);
    for (size_t i = 0; i < n; i++)
        out->differs |= children[i].platform[0] && !same_env(&children[i].config, &chosen->config);
    return 0;
}

static int read_stored(const struct slip_stored *stored, const char *platform, struct slip_arena *a,
                       struct slip_base_env *out, struct slip_error *err)
{
    bool is_index = slip_media_is_index(slip_str_of(stored->media_type));
    size_t n = is_index ? stored->n_children : 1;
    struct child *children = slip_alloc_array(n + 1, sizeof(*children));
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = read_child(is_index ? &stored->children[i] : stored, &children[i], err);
    if (rc == 0 && is_index)
        rc = choose(children, n, platform, a, out, err);
    else if (rc == 0)
        take_env(&children[0].config, a, out);
    for (size_t i = 0; i < n; i++)
        slip_config_info_clear(&children[i].config);
    slip_free(children);
    return rc;
}

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

int slip_base_env_read(struct slip_registry *r, struct slip_str reference, const char *platform,
                       struct slip_arena *a, struct slip_base_env *out, struct slip_error *err)
{
    SLIP_AUTO(slip_reference) of = { 0 };
    SLIP_AUTO_PTR(slip_store) store = NULL;
    struct slip_base_env env = { 0 };
    char wanted[3 * SLIP_PLATFORM_MAX + 3];
    normalize(platform, wanted);
    if (slip_reference_parse_weak(reference, &of, err) < 0
        || slip_store_open(r, &of, &store, err) < 0)
        return slip_while(err, "base image '%.*s'", SLIP_ARG(reference));
    struct slip_stored_get get = { .identifier = of.identifier };
    int rc = slip_stored_read(store, &get, 1);
    if (rc < 0)
        *err = get.err;
    else
        rc = read_stored(&get.source, wanted, a, &env, err);
    slip_stored_clear(&get.source);
    if (rc < 0)
        return slip_while(err, "base image '%.*s'", SLIP_ARG(reference));
    *out = env;
    return 0;
}
