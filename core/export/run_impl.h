/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of an export hand to each other: the steps and what is there already, the content,
 * the names, and whose version stands under a name that moves. */
#ifndef SLIP_EXPORT_RUN_IMPL_H
#define SLIP_EXPORT_RUN_IMPL_H

#include "export/run.h"

/* A repository that is written to; `err` once it failed. */
struct export_place {
    struct slip_store *store;
    bool borrowed;
    struct slip_error err;
};

struct slip_export {
    struct slip_registry *registry;
    const struct slip_export_plan *plan;
    struct slip_export_options options;
    struct export_place *places;
    struct slip_export_result *results;
    bool checked, stopped;
    bool uploaded; /* since the names were looked at */
    bool streamed; /* bytes of layers, so that may be long ago */
};

/* Names of the plan, by their index. */
struct export_indexes {
    SLIP_VEC(size_t);
};

static inline void export_indexes_clear(struct export_indexes *v)
{
    slip_vec_clear(v);
}
SLIP_DEFINE_AUTO(export_indexes, export_indexes_clear);

/* Names are looked at and written so many at a time: each takes memory for what may go wrong. */
#define EXPORT_SLICE 100

/* The part that begins there; borrowed. */
static inline struct export_indexes export_slice(const struct export_indexes *names, size_t from)
{
    size_t len = names->len - from;
    return (struct export_indexes){ .at = names->at + from,
                                    .len = len < EXPORT_SLICE ? len : EXPORT_SLICE };
}

static inline const struct slip_export_name *export_name(const struct slip_export *x, size_t i)
{
    return &x->plan->names.at[i];
}

static inline struct slip_store *export_store(const struct slip_export *x, size_t i)
{
    return x->places[export_name(x, i)->place].store;
}

static inline const struct slip_content *export_content(const struct slip_export *x, size_t i)
{
    return &x->plan->contents.at[export_name(x, i)->content].content;
}

static inline bool export_is_open(const struct slip_export *x, size_t i)
{
    return x->results[i].state == SLIP_EXPORT_PENDING
           || x->results[i].state == SLIP_EXPORT_UPLOADED;
}

/* ---- steps: run.c ---- */

/* Those that are still to be written; SLIP_RANKS: of all ranks. */
void export_open_names(const struct slip_export *x, unsigned rank, struct export_indexes *out);

/* The places with names that are still to be written, and how many. `places` has room for all. */
size_t export_open_places(const struct slip_export *x, size_t *places);

void export_fail_name(struct slip_export *x, size_t i, const struct slip_error *err);

/* The names of a place that failed fail with it. */
void export_fail_place(struct slip_export *x, size_t place);

/* A required name failed: what is still open is left alone. -1 when any required name failed. */
int export_settle(struct slip_export *x);

/* Look at these names and decide about each. */
void export_look_at(struct slip_export *x, const struct export_indexes *names);

/* ---- content: run_content.c ---- */

/* Bring the content of these names where it is needed. With a place that fails all its names
 * fail. */
void export_send(struct slip_export *x, const struct export_indexes *names);

/* A registry that lacks what it said to have gets it again, and so does one where it is gone since
 * it was uploaded, or has not arrived everywhere yet. One complaint per name. */
void export_send_again(struct slip_export *x, const struct export_indexes *names,
                       const struct slip_manifest_put *complaints);

/* ---- names that move: run_versions.c ---- */

/* A slow job for an old version must not take a name away from a newer one that was written
 * meanwhile, or from elsewhere (hooks-and-ci.md section 5.6). */
void export_leave_to_newer(struct slip_export *x, unsigned rank);

#endif
