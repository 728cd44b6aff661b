/* SPDX-License-Identifier: Apache-2.0 */
/* Write the names, in order. */
#include "export/run_impl.h"

#include "base/mem.h"
#include "export/hold.h"

static void take_put(struct slip_export *x, size_t i, const struct slip_manifest_put *put)
{
    struct slip_export_result *r = &x->results[i];
    if (put->err.kind) {
        export_fail_name(x, i, &put->err);
        return;
    }
    r->state = r->before[0] ? SLIP_EXPORT_MOVED : SLIP_EXPORT_WRITTEN;
    slip_watch_step(x->options.watch, export_name(x, i)->reference, "%s",
                    r->before[0] ? "moved" : "written");
}

static void put_some(struct slip_export *x, const struct export_indexes *names, bool again)
{
    SLIP_AUTO_FREE struct slip_manifest_put *batch = slip_alloc_array(names->len, sizeof(*batch));
    SLIP_AUTO(export_indexes) lacking = { 0 };
    for (size_t i = 0; i < names->len; i++) {
        const struct slip_content *c = export_content(x, names->at[i]);
        batch[i].identifier = export_name(x, names->at[i])->identifier;
        batch[i].media_type = c->media_type;
        batch[i].body = c->manifest;
        batch[i].store = export_store(x, names->at[i]);
    }
    int failed = slip_puts_everywhere(batch, names->len);
    for (size_t i = 0; i < names->len; i++)
        if (failed < 0 && !again && batch[i].lacks) {
            batch[lacking.len] = batch[i];
            slip_vec_push(&lacking, names->at[i]);
        } else {
            take_put(x, names->at[i], &batch[i]);
        }
    if (lacking.len == 0)
        return;
    SLIP_AUTO(export_indexes) there = { 0 };
    export_send_again(x, &lacking, batch);
    for (size_t i = 0; i < lacking.len; i++)
        if (export_is_open(x, lacking.at[i]))
            slip_vec_push(&there, lacking.at[i]);
    put_some(x, &there, true);
}

/*
 * Somebody else may have written a name since we looked. Names that must stay what they are are
 * looked at right before they are written; others when content was moved meanwhile: for them it
 * saves a write, or tells what was really replaced.
 */
static void look_again(struct slip_export *x, unsigned rank)
{
    SLIP_AUTO(export_indexes) names = { 0 };
    SLIP_AUTO(export_indexes) chosen = { 0 };
    export_open_names(x, rank, &names);
    for (size_t i = 0; i < names.len; i++) {
        enum slip_if_exists policy = export_name(x, names.at[i])->if_exists;
        bool stays =
            policy == SLIP_IF_EXISTS_FAIL_IF_DIFFERENT || policy == SLIP_IF_EXISTS_SKIP_IF_EXISTS;
        if (stays || (x->uploaded && x->streamed))
            slip_vec_push(&chosen, names.at[i]);
    }
    if (chosen.len)
        export_look_at(x, &chosen);
}

/* One hold per place that has names to be written; how many. Names of a place that is not to be had
 * fail. */
static size_t hold_places(struct slip_export *x, struct slip_hold *holds)
{
    SLIP_AUTO_FREE size_t *places = slip_alloc_array(x->plan->places.len, sizeof(*places));
    size_t n = export_open_places(x, places);
    for (size_t i = 0; i < n; i++)
        holds[i].store = x->places[places[i]].store;
    slip_holds_take(x->options.locks, holds, n, x->options.watch);
    for (size_t i = 0; i < n; i++)
        if (holds[i].err.kind) {
            x->places[places[i]].err = holds[i].err;
            export_fail_place(x, places[i]);
        }
    return n;
}

/* A required name that fails stops what comes after its rank. */
static void write_names(struct slip_export *x)
{
    for (unsigned rank = 0; rank < SLIP_RANKS && !x->stopped; rank++) {
        SLIP_AUTO(export_indexes) names = { 0 };
        look_again(x, rank);
        export_leave_to_newer(x, rank);
        if (x->stopped)
            break;
        export_open_names(x, rank, &names);
        for (size_t i = 0; i < names.len; i += EXPORT_SLICE) {
            struct export_indexes some = export_slice(&names, i);
            put_some(x, &some, false);
        }
    }
}

int slip_export_names(struct slip_export *x)
{
    if (slip_export_check(x) < 0 && x->stopped)
        return -1;
    SLIP_AUTO_FREE struct slip_hold *holds = slip_alloc_array(x->plan->places.len, sizeof(*holds));
    size_t n = hold_places(x, holds);
    write_names(x);
    slip_holds_release(holds, n);
    return export_settle(x);
}
