/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands under the names, asked while stages are looked for.
 *
 * Both questions go out together when they go to different hosts: connecting, shaking hands and
 * signing in at two registries, one after the other, is most of the time of an export that finds
 * everything there. At the host of the stages itself this would take a second connection and save
 * nothing. It is only the first look: names that must stay what they are are looked at again right
 * before they are written (export/run.h).
 */
#ifndef SLIP_FLOW_EARLY_LOOK_H
#define SLIP_FLOW_EARLY_LOOK_H

#include "base/vec.h"
#include "registry/store.h"

struct slip_early_look {
    struct {
        SLIP_VEC(struct slip_store *);
    } stores; /* for the export to go on with */
    struct {
        SLIP_VEC(struct slip_manifest_head);
    } heads; /* after slip_early_look_end: what is known */
    struct slip_heads *running;
    int64_t begun_at;
};

void slip_early_look_clear(struct slip_early_look *e);
SLIP_DEFINE_AUTO(slip_early_look, slip_early_look_clear);

/* Add a name that will be looked at; digests and layouts are passed over. */
SLIP_MUST_USE int slip_early_look_add(struct slip_early_look *e, struct slip_registry *r,
                                      const struct slip_reference *to, struct slip_error *err);

/* The requests run with whatever is asked next. With many names nothing is done: their requests
 * fill the connections as it is. */
void slip_early_look_begin(struct slip_early_look *e);

/* Wait. What was answered some seconds ago (a build took its time) is forgotten. */
void slip_early_look_end(struct slip_early_look *e);

#endif
