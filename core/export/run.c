/* SPDX-License-Identifier: Apache-2.0 */
/* Carry out a plan: what is there already, may we, and the order of the steps. */
#include "export/run_impl.h"

#include "base/mem.h"
#include "registry/permit.h"

static int open_place(const struct slip_export *x, const struct slip_reference *where,
                      struct export_place *out, struct slip_error *err)
{
    for (size_t i = 0; i < x->options.n_open; i++)
        if (slip_reference_same_repository(&x->options.open[i]->where, where)) {
            out->store = x->options.open[i];
            out->borrowed = true;
            return 0;
        }
    return slip_store_open(x->registry, where, &out->store, err);
}

int slip_export_new(struct slip_registry *registry, const struct slip_export_plan *plan,
                    const struct slip_export_options *options, struct slip_export **out,
                    struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_export) x = slip_new(struct slip_export);
    x->registry = registry;
    x->plan = plan;
    x->options = *options;
    x->places = slip_alloc_array(plan->places.len, sizeof(*x->places));
    x->results = slip_alloc_array(plan->names.len, sizeof(*x->results));
    for (size_t i = 0; i < plan->places.len; i++)
        if (open_place(x, plan->places.at[i].where, &x->places[i], err) < 0)
            return -1;
    *out = slip_take(x);
    return 0;
}

void slip_export_free(struct slip_export *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->plan->places.len; i++)
        if (!x->places[i].borrowed)
            slip_store_free(x->places[i].store);
    for (size_t i = 0; i < x->plan->names.len; i++)
        slip_free(x->results[i].err);
    slip_free(x->places);
    slip_free(x->results);
    slip_free(x);
}

const struct slip_export_result *slip_export_results(const struct slip_export *x)
{
    return x->results;
}

/* --- failures --- */

void export_fail_name(struct slip_export *x, size_t i, const struct slip_error *err)
{
    x->results[i].state = SLIP_EXPORT_FAILED;
    if (!x->results[i].err)
        x->results[i].err = slip_new(struct slip_error);
    *x->results[i].err = *err;
    if (export_name(x, i)->required)
        x->stopped |= !x->options.keep_going;
}

int export_settle(struct slip_export *x)
{
    int result = 0;
    for (size_t i = 0; i < x->plan->names.len; i++) {
        if (x->stopped && export_is_open(x, i))
            x->results[i].state = SLIP_EXPORT_NOT_ATTEMPTED;
        if (x->results[i].state == SLIP_EXPORT_FAILED && export_name(x, i)->required)
            result = -1;
    }
    return result;
}

void export_fail_place(struct slip_export *x, size_t place)
{
    for (size_t i = 0; i < x->plan->names.len; i++)
        if (export_name(x, i)->place == place && export_is_open(x, i))
            export_fail_name(x, i, &x->places[place].err);
}

/* --- looking --- */

static void decide(struct slip_export *x, size_t i, const struct slip_manifest_head *head)
{
    const struct slip_export_name *name = export_name(x, i);
    struct slip_export_result *r = &x->results[i];
    const char *digest = slip_export_name_digest(x->plan, name);
    struct slip_error err = { 0 };
    r->before[0] = '\0';
    if (!head->found)
        return;
    snprintf(r->before, sizeof(r->before), "%s", head->digest);
    bool same = strcmp(head->digest, digest) == 0;
    bool ours = name->replaceable && strcmp(head->digest, name->replaceable) == 0;
    if (same && name->if_exists != SLIP_IF_EXISTS_OVERWRITE) {
        r->state = SLIP_EXPORT_UNCHANGED;
    } else if (!same && name->if_exists == SLIP_IF_EXISTS_SKIP_IF_EXISTS) {
        r->state = SLIP_EXPORT_SKIPPED;
    } else if (!same && !ours && name->if_exists == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT) {
        slip_fail(&err, SLIP_E_CONFLICT, "'%s' is there already with another content: %s, not %s",
                  name->reference, head->digest, digest);
        slip_hint(&err, SLIP_REPLACE_HINT);
        export_fail_name(x, i, &err);
    }
}

void export_open_names(const struct slip_export *x, unsigned rank, struct export_indexes *out)
{
    for (size_t i = 0; i < x->plan->names.len; i++)
        if (export_is_open(x, i) && (rank == SLIP_RANKS || export_name(x, i)->rank == rank))
            slip_vec_push(out, i);
}

static void take_look(struct slip_export *x, size_t i, const struct slip_manifest_head *head)
{
    if (head->err.kind)
        export_fail_name(x, i, &head->err);
    else
        decide(x, i, head);
}

static void look_at_some(struct slip_export *x, const struct export_indexes *names)
{
    SLIP_AUTO_FREE struct slip_manifest_head *heads = slip_alloc_array(names->len, sizeof(*heads));
    for (size_t i = 0; i < names->len; i++) {
        heads[i].identifier = export_name(x, names->at[i])->identifier;
        heads[i].store = export_store(x, names->at[i]);
    }
    (void)!slip_heads_everywhere(heads, names->len); /* what failed stands in the items */
    for (size_t i = 0; i < names->len; i++)
        take_look(x, names->at[i], &heads[i]);
}

void export_look_at(struct slip_export *x, const struct export_indexes *names)
{
    for (size_t i = 0; i < names->len; i += EXPORT_SLICE) {
        struct export_indexes some = export_slice(names, i);
        look_at_some(x, &some);
    }
}

/* What is known of a name without asking, or NULL. */
static const struct slip_manifest_head *seen_of(const struct slip_export *x, size_t i)
{
    for (size_t k = 0; k < x->options.n_seen; k++)
        if (x->options.seen[k].store == export_store(x, i)
            && strcmp(x->options.seen[k].identifier, export_name(x, i)->identifier) == 0)
            return &x->options.seen[k];
    return NULL;
}

static void check_once(struct slip_export *x)
{
    SLIP_AUTO(export_indexes) open = { 0 };
    SLIP_AUTO(export_indexes) names = { 0 };
    if (x->checked)
        return;
    x->checked = true;
    export_open_names(x, SLIP_RANKS, &open);
    for (size_t i = 0; i < open.len; i++) {
        const struct slip_manifest_head *seen = seen_of(x, open.at[i]);
        if (seen)
            take_look(x, open.at[i], seen);
        else
            slip_vec_push(&names, open.at[i]);
    }
    export_look_at(x, &names);
}

int slip_export_check(struct slip_export *x)
{
    check_once(x);
    return export_settle(x);
}

/* --- may we? --- */

size_t export_open_places(const struct slip_export *x, size_t *places)
{
    size_t n_places = x->plan->places.len, n = 0;
    SLIP_AUTO_FREE bool *open = slip_alloc_array(n_places, sizeof(*open));
    for (size_t i = 0; i < x->plan->names.len; i++)
        open[export_name(x, i)->place] |= export_is_open(x, i);
    for (size_t i = 0; i < n_places; i++)
        if (open[i])
            places[n++] = i;
    return n;
}

/* Ask every repository that gets something; all of them, so that all refusals are told at once. */
static void ask_places(struct slip_export *x)
{
    size_t n_places = x->plan->places.len;
    SLIP_AUTO_FREE struct slip_permit *asked = slip_alloc_array(n_places, sizeof(*asked));
    SLIP_AUTO_FREE size_t *places = slip_alloc_array(n_places, sizeof(*places));
    size_t n = export_open_places(x, places);
    for (size_t i = 0; i < n; i++)
        asked[i].to = x->places[places[i]].store;
    if (slip_permits_ask(x->registry, asked, n) == 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (asked[i].err.kind) {
            x->places[places[i]].err = asked[i].err;
            export_fail_place(x, places[i]);
        }
}

int slip_export_upload(struct slip_export *x)
{
    check_once(x);
    if (x->options.preflight)
        ask_places(x);
    if (export_settle(x) < 0 && x->stopped)
        return -1;
    SLIP_AUTO(export_indexes) names = { 0 };
    export_open_names(x, SLIP_RANKS, &names);
    export_send(x, &names);
    return export_settle(x);
}
