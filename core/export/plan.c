/* SPDX-License-Identifier: Apache-2.0 */
/* What an export is going to do. */
#include "export/plan.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

void slip_export_plan_clear(struct slip_export_plan *p)
{
    for (size_t i = 0; i < p->contents.len; i++)
        slip_content_clear(&p->contents.at[i].content);
    slip_vec_clear(&p->contents);
    slip_vec_clear(&p->places);
    slip_vec_clear(&p->names);
    slip_arena_clear(&p->arena);
}

const char *slip_export_name_digest(const struct slip_export_plan *p,
                                    const struct slip_export_name *name)
{
    return p->contents.at[name->content].content.digest;
}

/* --- refusals --- */

static int check_destination(const struct slip_export_wish *w,
                             const struct slip_reference *const *stages, size_t n_stages,
                             const char *reference, struct slip_error *err)
{
    if (w->to->is_digest || !slip_tag_is_reserved(slip_str_of(w->to->identifier)))
        return 0;
    for (size_t i = 0; i < n_stages; i++)
        if (slip_reference_same_repository(w->to, stages[i])) {
            slip_fail(err, SLIP_E_CONFIG,
                      "image '%s': '%s' would stand among the stages of that repository and look "
                      "like one of them [E-SELF]",
                      w->image, reference);
            return slip_hint(err, "a later 'werf cleanup' would delete it together with all equal "
                                  "exports; use another tag or another repository");
        }
    return 0;
}

static int fail_collision(const struct slip_export_name *a, const struct slip_export_wish *b,
                          struct slip_error *err)
{
    if (strcmp(a->wish->image, b->image) == 0)
        return slip_fail(err, SLIP_E_CONFIG,
                         "image '%s' would get the name '%s' with two contents [E-COLLISION]",
                         b->image, a->reference);
    slip_fail(err, SLIP_E_CONFIG, "images '%s' and '%s' would both get the name '%s' [E-COLLISION]",
              a->wish->image, b->image, a->reference);
    return slip_hint(err, "put %%image%% or %%image_slug%% into the name");
}

/* --- contents --- */

static bool same_labels(const struct slip_labels *a, const struct slip_labels *b)
{
    size_t len = a ? a->len : 0;
    if (a == b)
        return true;
    if (len != (b ? b->len : 0))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!slip_str_eq(a->at[i].key, b->at[i].key)
            || !slip_str_eq(a->at[i].value, b->at[i].value))
            return false;
    return true;
}

static bool same_rewrite(const struct slip_rewrite *a, const struct slip_rewrite *b)
{
    if (a->n_platforms != b->n_platforms || !same_labels(a->labels, b->labels)
        || !same_labels(a->annotations, b->annotations))
        return false;
    for (size_t i = 0; i < a->n_platforms; i++)
        if (!slip_str_eq(a->platforms[i], b->platforms[i]))
            return false;
    return true;
}

/* The content of a wish: made once for equal wishes. */
static int take_content(struct slip_export_plan *p, const struct slip_export_wish *w, size_t *index,
                        struct slip_error *err)
{
    for (*index = 0; *index < p->contents.len; (*index)++) {
        const struct slip_export_wish *o = p->contents.at[*index].wish;
        if (o->stored == w->stored && o->from == w->from && same_rewrite(&o->how, &w->how))
            return 0;
    }
    struct slip_export_content c = { .from = w->from, .wish = w };
    if (slip_rewrite(w->stored, &w->how, &c.content, err) < 0)
        return slip_while(err, "image '%s'", w->image);
    slip_vec_push(&p->contents, c);
    return 0;
}

static size_t take_place(struct slip_export_plan *p, const struct slip_export_wish *w)
{
    size_t i = 0;
    while (i < p->places.len && !slip_reference_same_repository(p->places.at[i].where, w->to))
        i++;
    if (i == p->places.len)
        slip_vec_push(&p->places, (struct slip_export_place){ .where = w->to });
    p->places.at[i].required |= w->required;
    return i;
}

/* --- names --- */

static enum slip_export_rank rank_of(const struct slip_export_wish *w)
{
    if (w->latest)
        return SLIP_RANK_LATEST;
    if (w->floating)
        return SLIP_RANK_FLOATING;
    return w->required ? SLIP_RANK_REQUIRED : SLIP_RANK_OPTIONAL;
}

static const char *print_name(struct slip_export_plan *p, const struct slip_export_wish *w,
                              const char *identifier)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_reference_print_repository(w->to, &text);
    slip_buf_add_fmt(&text, "%c%s", w->to->is_digest ? '@' : ':', identifier);
    return slip_arena_strdup(&p->arena, slip_buf_str(&text));
}

/* Names as they are written so far, by repository and tag. */
static struct slip_export_name *find_name(struct slip_export_plan *p, const struct slip_map *seen,
                                          const char *key)
{
    uintptr_t place = (uintptr_t)slip_map_get(seen, slip_str_of(key));
    return place ? &p->names.at[place - 1] : NULL;
}

/* The same content under the same name once more: the stronger wish counts. */
static void merge(struct slip_export_name *old, const struct slip_export_name *name)
{
    old->required |= name->required;
    if (name->rank < old->rank)
        old->rank = name->rank;
    if (name->if_exists == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT)
        old->if_exists = name->if_exists;
}

static int add_wish(struct slip_export_plan *p, const struct slip_export_wish *w,
                    struct slip_map *seen, struct slip_error *err)
{
    struct slip_export_name name = {
        .wish = w,
        .if_exists = w->if_exists,
        .required = w->required,
        .rank = rank_of(w),
    };
    if (take_content(p, w, &name.content, err) < 0)
        return -1;
    const char *digest = slip_export_name_digest(p, &name);
    name.place = take_place(p, w);
    name.identifier = w->to->is_digest ? digest : w->to->identifier;
    name.reference = print_name(p, w, name.identifier);

    SLIP_AUTO_FREE char *key = slip_printf("%zu %s", name.place, name.identifier);
    struct slip_export_name *old = find_name(p, seen, key);
    if (!old) {
        slip_vec_push(&p->names, name);
        slip_map_set(seen, slip_str_of(key), (void *)(uintptr_t)p->names.len);
        return 0;
    }
    if (strcmp(slip_export_name_digest(p, old), digest) != 0)
        return fail_collision(old, w, err);
    merge(old, &name);
    return 0;
}

/* Stable: names of one rank keep their order. */
static void sort_names(struct slip_export_plan *p)
{
    size_t n = p->names.len, len = 0;
    struct slip_export_name *sorted = slip_alloc_array(n + 1, sizeof(*sorted));
    for (unsigned rank = 0; rank < SLIP_RANKS; rank++)
        for (size_t i = 0; i < n; i++)
            if (p->names.at[i].rank == rank)
                sorted[len++] = p->names.at[i];
    slip_free(p->names.at);
    p->names.at = sorted;
    p->names.cap = n + 1;
}

int slip_export_plan_make(const struct slip_export_wish *wishes, size_t n,
                          const struct slip_reference *const *stages, size_t n_stages,
                          struct slip_export_plan *out, struct slip_error *err)
{
    SLIP_AUTO(slip_export_plan) p = { 0 };
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    if (n > SLIP_LIMIT_DESTINATIONS)
        return slip_fail(err, SLIP_E_CONFIG, "%zu destinations are more than %d", n,
                         SLIP_LIMIT_DESTINATIONS);
    for (size_t i = 0; i < n; i++) {
        const char *reference = print_name(&p, &wishes[i], wishes[i].to->identifier);
        if (check_destination(&wishes[i], stages, n_stages, reference, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (add_wish(&p, &wishes[i], seen, err) < 0)
            return -1;
    sort_names(&p);
    slip_export_plan_clear(out);
    *out = p;
    p = (struct slip_export_plan){ 0 };
    return 0;
}
