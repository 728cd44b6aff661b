/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of a stage over the environment of its base image. */
#include "digest/staged_vars.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdlib.h>

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct own { /* a variable of the Dockerfile */
    struct slip_str raw, value;
    bool ready; /* `value` is there */
    bool tried;
    bool based; /* the base has a part in it */
};

void slip_staged_vars_begin(struct slip_staged_vars *v)
{
    v->own = slip_map_new(NULL);
    v->n_own = 0;
    v->base = NULL;
    v->dry = SLIP_BASE_ASKED;
    v->asked = false;
    v->err = (struct slip_error){ 0 };
}

void slip_staged_vars_clear(struct slip_staged_vars *v)
{
    slip_map_free(v->own);
    slip_map_free(v->base);
    v->own = v->base = NULL;
}

/* ---- the base ---- */

static void set(struct slip_staged_vars *v, struct slip_map *map, struct slip_str name,
                struct slip_str value)
{
    struct slip_str *kept = slip_arena_new(v->arena, struct slip_str);
    *kept = value;
    slip_map_set(map, name, kept);
}

/* Of two with the same name the last one counts. */
static int load_base(struct slip_staged_vars *v)
{
    const struct slip_str *env = NULL;
    size_t n = 0;
    if (v->base || v->err.kind)
        return v->err.kind ? -1 : 0;
    if (v->load(v->payload, &env, &n, &v->err) < 0)
        return -1;
    v->base = slip_map_new(NULL);
    set(v, v->base, SLIP_STR("PATH"), SLIP_STR(PATH_DEFAULT));
    for (size_t i = 0; i < n; i++) {
        struct slip_str name, value;
        slip_str_cut(env[i], '=', &name, &value);
        set(v, v->base, name, value);
    }
    return 0;
}

static bool look_in_base(void *payload, struct slip_str name, struct slip_str *value)
{
    struct slip_staged_vars *v = payload;
    v->asked = true;
    if (v->dry == SLIP_BASE_FULL)
        *value = SLIP_STR("x");
    if (v->dry)
        return v->dry == SLIP_BASE_FULL;
    if (load_base(v) < 0)
        return false;
    const struct slip_str *found = slip_map_get(v->base, name);
    if (found)
        *value = *found;
    return found != NULL;
}

/* ---- the Dockerfile ---- */

/* The values of the Dockerfile see the base alone. */
static int expand_own(struct slip_staged_vars *v, struct own *o, struct slip_error *err)
{
    const struct slip_shell sh = { .lookup = look_in_base, .payload = v, .escape = v->escape };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_shell_expand(&sh, o->raw, &text, err) < 0)
        return -1;
    o->value = slip_arena_str(v->arena, slip_buf_str(&text));
    o->ready = true;
    return 0;
}

static int try_with(struct slip_staged_vars *v, struct own *o, enum slip_base_way dry,
                    struct slip_error *err)
{
    v->dry = dry;
    int rc = expand_own(v, o, err);
    v->dry = SLIP_BASE_ASKED;
    return rc;
}

/*
 * werf expands all of them for every instruction. Where the base has no part in it that is done
 * here, for the sake of errors; else when somebody asks for it, but for what fails whether
 * variables of the base are there or not.
 */
static int try_own(struct slip_staged_vars *v, struct own *o, struct slip_error *err)
{
    struct slip_error failed = { 0 }, ignored = { 0 };
    o->tried = true;
    v->asked = false;
    int rc = try_with(v, o, SLIP_BASE_EMPTY, &failed);
    if (rc < 0 && v->asked)
        rc = try_with(v, o, SLIP_BASE_FULL, &ignored);
    o->based = v->asked;
    o->ready = o->ready && !v->asked;
    if (rc < 0)
        *err = failed;
    return rc;
}

int slip_staged_vars_advance(struct slip_staged_vars *v, size_t n_env, struct slip_error *err)
{
    for (; v->n_own < n_env; v->n_own++) {
        const struct slip_str_pair *p = &v->stage->env[v->n_own];
        struct own *o = slip_arena_new(v->arena, struct own);
        o->raw = p->value;
        slip_map_set(v->own, p->key, o);
    }
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(v->own, e)) != NULL;) {
        struct own *o = slip_map_value(e);
        if (!o->tried && try_own(v, o, err) < 0)
            return -1;
    }
    return 0;
}

static bool own_value(struct slip_staged_vars *v, struct own *o, struct slip_str *value)
{
    struct slip_error failed = { 0 };
    v->asked |= o->based;
    if (!o->ready && expand_own(v, o, &failed) < 0 && !v->err.kind)
        v->err = failed;
    *value = o->ready ? o->value : SLIP_STR("");
    return true;
}

/* ---- all together ---- */

static const struct slip_str *import(const struct slip_staged_vars *v, struct slip_str name)
{
    for (size_t i = 0; i < v->imports->len; i++)
        if (slip_str_eq(v->imports->at[i].key, name))
            return &v->imports->at[i].value;
    return NULL;
}

static bool look_up(void *payload, struct slip_str name, struct slip_str *value)
{
    struct slip_staged_vars *v = payload;
    const struct slip_str *imported = import(v, name);
    if (imported) {
        *value = *imported;
        return true;
    }
    struct own *o = slip_map_get(v->own, name);
    return o ? own_value(v, o, value) : look_in_base(v, name, value);
}

struct slip_shell slip_staged_vars_shell(struct slip_staged_vars *v)
{
    return (struct slip_shell){ .lookup = look_up, .payload = v, .escape = v->escape };
}

int slip_staged_vars_check(struct slip_staged_vars *v, struct slip_error *err)
{
    if (!v->err.kind)
        return 0;
    *err = v->err;
    return -1;
}

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

static struct slip_str name_and_value(struct slip_staged_vars *v, struct slip_str name,
                                      struct slip_str value)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    slip_buf_add_str(&text, name);
    slip_buf_add_char(&text, '=');
    slip_buf_add_str(&text, value);
    return slip_arena_str(v->arena, slip_buf_str(&text));
}

/* Names from all places; which value counts is told by look_up. */
static struct slip_map *all_names(struct slip_staged_vars *v)
{
    struct slip_map *names = slip_map_new(NULL);
    struct slip_map *const places[] = { v->base, v->own };
    for (size_t i = 0; i < SLIP_COUNT(places); i++)
        for (struct slip_map_entry *e = NULL; (e = slip_map_next(places[i], e)) != NULL;)
            slip_map_set(names, slip_map_key(e), v);
    for (size_t i = 0; i < v->imports->len; i++)
        slip_map_set(names, v->imports->at[i].key, v);
    return names;
}

int slip_staged_vars_all(struct slip_staged_vars *v, struct slip_str **out, size_t *n,
                         struct slip_error *err)
{
    v->asked = true;
    if (load_base(v) < 0)
        return slip_staged_vars_check(v, err);
    SLIP_AUTO_PTR(slip_map) names = all_names(v);
    struct slip_str *all = slip_arena_array(v->arena, slip_map_size(names) + 1, sizeof(*all));
    size_t len = 0;
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(names, e)) != NULL;) {
        struct slip_str value = SLIP_STR("");
        look_up(v, slip_map_key(e), &value);
        all[len++] = name_and_value(v, slip_map_key(e), value);
    }
    qsort(all, len, sizeof(*all), by_bytes);
    *out = all;
    *n = len;
    return slip_staged_vars_check(v, err);
}
