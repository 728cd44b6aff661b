/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that merge dictionaries into the first one, with the rules of the Go package mergo: a
 * key that is absent or empty takes the other value, dictionaries below a key are merged, and with
 * `overwrite` the other value wins otherwise.
 */
#include "tmpl/fn.h"

struct merge {
    struct slip_tmpl_call *call;
    bool overwrite;
    bool mismatch; /* types that mergo refuses to merge */
};

static int merge_maps(struct merge *m, const struct slip_tv *to, const struct slip_tv *from,
                      unsigned depth);

static bool is_pointer(const struct slip_tv *v)
{
    return v->type == SLIP_TV_OBJECT && v->class->elem != NULL;
}

/* Go's reflection, which mergo uses, panics for these. */
static int check_types(struct slip_tmpl_call *c, const struct slip_tv *to,
                       const struct slip_tv *from)
{
    if (slip_tv_map_len(from->map) == 0)
        return 0;
    if (from->type == SLIP_TV_ANY_MAP && to->type != SLIP_TV_ANY_MAP)
        return slip_tmpl_fail(c, "reflect.Value.MapIndex: value of type interface {} is not "
                                 "assignable to type string");
    if (to->type == SLIP_TV_STRING_MAP && from->type != SLIP_TV_STRING_MAP)
        return slip_tmpl_fail(c, "reflect.Value.SetMapIndex: value of type interface {} is not "
                                 "assignable to type string");
    return 0;
}

/* The dictionary `from` comes to a key that holds `to` already. */
static int merge_below(struct merge *m, const struct slip_tv *to, const struct slip_tv *from,
                       unsigned depth)
{
    if (slip_tv_is_map(to) && to->map)
        return merge_maps(m, to, from, depth + 1);
    if (is_pointer(to) && !m->overwrite)
        m->mismatch = true;
    return 0;
}

static int merge_entry(struct merge *m, const struct slip_tv *to, const struct slip_tv_entry *e,
                       unsigned depth)
{
    const struct slip_tv *old = slip_tv_map_get(to->map, &e->key), *from = &e->value;
    if (slip_tv_is_nil(from)) {
        if (m->overwrite)
            slip_tv_map_set(to->map, &e->key, from);
        return 0;
    }
    if (slip_tv_is_map(from) && old) {
        struct slip_tv kept = *old; /* the merge below may move entries of a shared map */
        if (merge_below(m, &kept, from, depth) < 0)
            return -1;
        old = slip_tv_map_get(to->map, &e->key);
        if (m->mismatch || (old && slip_tv_truth(old) && slip_tv_is_map(old)))
            return 0;
    }
    if (m->overwrite || !old || !slip_tv_truth(old))
        slip_tv_map_set(to->map, &e->key, from);
    return 0;
}

static int merge_maps(struct merge *m, const struct slip_tv *to, const struct slip_tv *from,
                      unsigned depth)
{
    size_t len = slip_tv_map_len(from->map);
    if (depth > SLIP_TMPL_LIMIT_VALUE_DEPTH)
        return slip_tmpl_fail(m->call, "the dictionaries are nested too deeply");
    if (check_types(m->call, to, from) < 0
        || slip_tmpl_room(m->call, len, 4 * sizeof(struct slip_tv_entry)) < 0)
        return -1;
    const struct slip_tv_entry *e = slip_tv_map_sorted(m->call->arena, from->map);
    for (size_t i = 0; i < len && !m->mismatch; i++)
        if (merge_entry(m, to, &e[i], depth) < 0)
            return -1;
    return 0;
}

/* A failure to merge is the empty text, but for the functions that must merge. */
static int give_mismatch(struct slip_tmpl_call *c, struct slip_tv *out)
{
    if (strncmp(c->func->name, "must", 4) == 0)
        return slip_tmpl_fail(c, "src and dst must be of same type");
    *out = slip_tv_str(SLIP_STR(""));
    return 0;
}

static int merge_all(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n, bool overwrite,
                     struct slip_tv *out)
{
    struct merge m = { .call = c, .overwrite = overwrite };
    *out = a[0];
    for (size_t i = 1; i < n; i++) {
        if (!a[i].map)
            continue;
        if (!out->map)
            *out = slip_tv_map(SLIP_TV_DICT, slip_tv_map_new(c->arena));
        if (merge_maps(&m, out, &a[i], 0) < 0)
            return -1;
        if (m.mismatch)
            return give_mismatch(c, out);
    }
    return 0;
}

SLIP_TMPL_FN(fn_merge)
{
    return merge_all(c, a, n, false, out);
}

SLIP_TMPL_FN(fn_merge_overwrite)
{
    return merge_all(c, a, n, true, out);
}

static const struct slip_tmpl_func table[] = {
    { "merge", "DD.", fn_merge, "fill absent and empty keys of the first dictionary" },
    { "mergeOverwrite", "DD.", fn_merge_overwrite, "put all keys into the first dictionary" },
    { "mustMerge", "DD.", fn_merge, "as merge" },
    { "mustMergeOverwrite", "DD.", fn_merge_overwrite, "as mergeOverwrite" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_merge = SLIP_TMPL_FUNCS(table);
