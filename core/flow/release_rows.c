/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each name, in the rows of the outcome. */
#include "flow/release_impl.h"

#include "base/map.h"
#include "base/mem.h"
#include "export/compare.h"

static enum slip_outcome_action action_of(enum slip_export_state state)
{
    static const enum slip_outcome_action actions[] = {
        [SLIP_EXPORT_PENDING] = SLIP_OUTCOME_PLANNED,
        [SLIP_EXPORT_UPLOADED] = SLIP_OUTCOME_UPLOADED,
        [SLIP_EXPORT_WRITTEN] = SLIP_OUTCOME_WRITTEN,
        [SLIP_EXPORT_MOVED] = SLIP_OUTCOME_MOVED,
        [SLIP_EXPORT_UNCHANGED] = SLIP_OUTCOME_UNCHANGED,
        [SLIP_EXPORT_SKIPPED] = SLIP_OUTCOME_SKIPPED,
        [SLIP_EXPORT_FAILED] = SLIP_OUTCOME_FAILED,
        [SLIP_EXPORT_NOT_ATTEMPTED] = SLIP_OUTCOME_NOT_ATTEMPTED,
    };
    return actions[state];
}

static void note_result(struct release_work *w, struct slip_outcome_row *row,
                        const struct slip_export_name *name, const void *results)
{
    const struct slip_export_result *result =
        (const struct slip_export_result *)results + (name - w->plan.names.at);
    struct slip_arena *a = &w->outcome->arena;
    row->digest = slip_arena_strdup(a, slip_str_of(slip_export_name_digest(&w->plan, name)));
    row->action = action_of(result->state);
    row->bytes_sent = result->bytes_sent;
    row->attached |= result->attached;
    if (result->err)
        row->err = slip_outcome_error(w->outcome, result->err);
    if (result->state == SLIP_EXPORT_SKIPPED)
        row->reason = result->newer[0]
                          ? slip_arena_printf(a, "the newer %s is there", result->newer)
                          : "it is there and shall stay as it is";
    if (result->state == SLIP_EXPORT_MOVED)
        row->reason = slip_arena_printf(a, "was %.19s", result->before);
}

/* One result per name of the plan, told to `note`. Rows find theirs by the text of the name, since
 * equal wishes share one; a name that is a digest is known only now. */
static void note_rows(struct release_work *w, size_t first_row,
                      void (*note)(struct release_work *w, struct slip_outcome_row *row,
                                   const struct slip_export_name *name, const void *results),
                      const void *results)
{
    SLIP_AUTO_PTR(slip_map) by_name = slip_map_new(NULL);
    for (size_t i = 0; i < w->plan.names.len; i++) {
        const struct slip_export_name *name = &w->plan.names.at[i];
        struct slip_outcome_row *row = &w->outcome->rows.at[w->rows[name->wish - w->names.at]];
        if (name->wish->to->is_digest)
            row->ref = slip_arena_strdup(&w->outcome->arena, slip_str_of(name->reference));
        slip_map_set(by_name, slip_str_of(name->reference), &w->plan.names.at[i]);
    }
    for (size_t i = first_row; i < w->outcome->rows.len; i++) {
        struct slip_outcome_row *row = &w->outcome->rows.at[i];
        const struct slip_export_name *name = slip_map_get(by_name, slip_str_of(row->ref));
        if (name && row->action != SLIP_OUTCOME_NOT_BUILT)
            note(w, row, name, results);
    }
}

static void note_comparison(struct release_work *w, struct slip_outcome_row *row,
                            const struct slip_export_name *name, const void *comparisons)
{
    static const enum slip_outcome_action actions[] = {
        [SLIP_COMPARE_EQUAL] = SLIP_OUTCOME_EQUAL,
        [SLIP_COMPARE_MISSING] = SLIP_OUTCOME_MISSING,
        [SLIP_COMPARE_DIFFERS] = SLIP_OUTCOME_DIFFERS,
        [SLIP_COMPARE_FAILED] = SLIP_OUTCOME_FAILED,
    };
    struct slip_arena *a = &w->outcome->arena;
    const struct slip_comparison *c =
        (const struct slip_comparison *)comparisons + (name - w->plan.names.at);
    row->action = actions[c->state];
    row->digest = slip_arena_strdup(a, slip_str_of(slip_export_name_digest(&w->plan, name)));
    row->err = slip_outcome_error(w->outcome, &c->err);
    if (c->state == SLIP_COMPARE_DIFFERS) {
        row->reason = slip_arena_printf(a, "%.19s is there", c->there);
        row->details = slip_arena_strdup(a, slip_str_of(c->differences));
    }
}

/* Names that no listing has need not be asked for, nor those of a repository that has none. */
static void find_absent(struct release_work *w, bool *absent, struct slip_error *unlisted)
{
    for (size_t i = 0; i < w->plan.names.len; i++) {
        const struct slip_reference *to = w->plan.names.at[i].wish->to;
        bool listed = true;
        if (w->o->listings && !to->is_digest
            && slip_listings_has(w->o->listings, to, &listed, &unlisted[i]) < 0)
            listed = false;
        absent[i] = !listed;
    }
}

/* A stage that is gone, as the cleanup of old ones leaves it: what can be said of its name is
 * whether it is there. */
static void look_without_stage(struct release_work *w, struct slip_outcome_row *row)
{
    SLIP_AUTO(slip_reference) to = { 0 };
    struct slip_error unknown = { 0 }, err = { 0 };
    bool listed;
    if (slip_reference_parse(slip_str_of(row->ref), &to, &unknown) < 0 || to.is_digest)
        return; /* the name holds the content-based tag, which nobody knows any more */
    if (slip_listings_has(w->o->listings, &to, &listed, &err) < 0) {
        row->action = SLIP_OUTCOME_FAILED;
        row->err = slip_outcome_error(w->outcome, &err);
        return;
    }
    row->action = listed ? SLIP_OUTCOME_SKIPPED : SLIP_OUTCOME_MISSING;
    row->reason = listed ? "it is there; not compared, its stage is gone" : "to be built first";
}

void release_compare(struct release_work *w, size_t first_row)
{
    size_t n = w->plan.names.len;
    struct slip_comparison *c = slip_alloc_array(n + 1, sizeof(*c));
    SLIP_AUTO_FREE bool *absent = slip_alloc_array(n + 1, sizeof(*absent));
    SLIP_AUTO_FREE struct slip_error *unlisted = slip_alloc_array(n + 1, sizeof(*unlisted));
    find_absent(w, absent, unlisted);
    /* What failed stands in the rows. */
    (void)!slip_export_compare(w->o->registry, &w->plan, absent, c);
    for (size_t i = 0; i < n; i++) {
        if (unlisted[i].kind == SLIP_OK)
            continue;
        c[i].state = SLIP_COMPARE_FAILED;
        c[i].err = unlisted[i];
    }
    note_rows(w, first_row, note_comparison, c);
    slip_comparisons_clear(c, n);
    slip_free(c);
    for (size_t i = first_row; w->o->listings && i < w->outcome->rows.len; i++)
        if (w->outcome->rows.at[i].action == SLIP_OUTCOME_NOT_BUILT)
            look_without_stage(w, &w->outcome->rows.at[i]);
}

void release_note_results(struct release_work *w, size_t first_row,
                          const struct slip_export_result *results)
{
    note_rows(w, first_row, note_result, results);
}
