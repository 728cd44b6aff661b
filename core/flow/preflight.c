/* SPDX-License-Identifier: Apache-2.0 */
/* Questions before a build. */
#include "flow/preflight.h"

#include "base/mem.h"
#include "export/run.h"
#include "registry/permit.h"

void slip_preflight_init(struct slip_preflight *p, struct slip_registry *registry,
                         struct slip_store *stage)
{
    *p = (struct slip_preflight){ .registry = registry };
    slip_vec_push(&p->stores, stage);
}

void slip_preflight_clear(struct slip_preflight *p)
{
    for (size_t i = 1; i < p->stores.len; i++)
        slip_store_free(p->stores.at[i]);
    for (size_t i = 0; i < p->names.len; i++)
        slip_free(p->names.at[i].tag);
    slip_vec_clear(&p->stores);
    slip_vec_clear(&p->names);
    *p = (struct slip_preflight){ 0 };
}

static int find_store(struct slip_preflight *p, const struct slip_reference *where, size_t *out,
                      struct slip_error *err)
{
    struct slip_store *store = NULL;
    size_t i = 0;
    while (i < p->stores.len && !slip_reference_same_repository(&p->stores.at[i]->where, where))
        i++;
    *out = i;
    if (i < p->stores.len)
        return 0;
    if (slip_store_open(p->registry, where, &store, err) < 0)
        return -1;
    slip_vec_push(&p->stores, store);
    return 0;
}

int slip_preflight_add(struct slip_preflight *p, const struct slip_reference *to, bool tag_known,
                       bool keep, bool optional, struct slip_error *err)
{
    struct slip_preflight_name name = { .keep = keep, .optional = optional };
    if (find_store(p, to, &name.store, err) < 0)
        return -1;
    if (tag_known && !to->is_digest)
        name.tag = slip_strdup(to->identifier);
    slip_vec_push(&p->names, name);
    return 0;
}

/* Names that stand already and must not be replaced: what is built now will have other bytes. */
static void look_for_conflicts(struct slip_preflight *p, struct slip_permit *refusals)
{
    SLIP_AUTO_FREE struct slip_manifest_head *heads =
        slip_alloc_array(p->names.len, sizeof(*heads));
    SLIP_AUTO_FREE size_t *of = slip_alloc_array(p->names.len, sizeof(*of));
    size_t n = 0;
    for (size_t i = 0; i < p->names.len; i++) {
        const struct slip_preflight_name *name = &p->names.at[i];
        if (!name->keep || !name->tag)
            continue;
        of[n] = i;
        heads[n++] = (struct slip_manifest_head){ .identifier = name->tag,
                                                  .store = p->stores.at[name->store] };
    }
    (void)!slip_heads_everywhere(heads, n); /* who cannot be read is told by the permits */
    for (size_t i = 0; i < n; i++) {
        struct slip_error *err = &refusals[of[i]].err;
        if (heads[i].err.kind != SLIP_OK || !heads[i].found)
            continue;
        slip_fail(err, SLIP_E_CONFLICT,
                  "'%s:%s' is there already (%.19s), and its image would have to be built anew",
                  heads[i].store->name, heads[i].identifier, heads[i].digest);
        slip_hint(err, SLIP_REPLACE_HINT);
    }
}

/* A repository is optional when all of its names are; what is optional becomes a warning. */
static void warn_of_optional(const struct slip_preflight *p, struct slip_permit *names,
                             struct slip_permit *stores, const struct slip_watch *watch)
{
    for (size_t s = 1; s < p->stores.len; s++) {
        bool optional = true;
        for (size_t i = 0; i < p->names.len; i++)
            optional &= p->names.at[i].store != s || p->names.at[i].optional;
        if (!optional || stores[s].err.kind == SLIP_OK)
            continue;
        slip_watch_warn(watch, p->stores.at[s]->name, "%s", stores[s].err.text);
        slip_error_clear(&stores[s].err);
    }
    for (size_t i = 0; i < p->names.len; i++) {
        if (!p->names.at[i].optional || names[i].err.kind == SLIP_OK)
            continue;
        slip_watch_warn(watch, p->stores.at[p->names.at[i].store]->name, "%s", names[i].err.text);
        slip_error_clear(&names[i].err);
    }
}

int slip_preflight_run(struct slip_preflight *p, const struct slip_watch *watch,
                       struct slip_error *err)
{
    size_t n_names = p->names.len, n_stores = p->stores.len;
    SLIP_AUTO_FREE struct slip_permit *items = slip_alloc_array(n_names + n_stores, sizeof(*items));
    struct slip_permit *stores = items + n_names;
    look_for_conflicts(p, items);
    for (size_t i = 0; i < n_stores; i++)
        stores[i].to = p->stores.at[i];
    (void)!slip_permits_ask(p->registry, stores, n_stores); /* refusals stand in the items */
    warn_of_optional(p, items, stores, watch);
    slip_permits_refusal(items, n_names + n_stores, err);
    return err->kind == SLIP_OK ? 0 : -1;
}
