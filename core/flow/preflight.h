/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a build: may we write where its images shall go, and are the names free? Asked together
 * and told together, since nobody wants to build for an hour and then hear of the first password
 * that is wrong.
 */
#ifndef SLIP_FLOW_PREFLIGHT_H
#define SLIP_FLOW_PREFLIGHT_H

#include "base/vec.h"
#include "base/watch.h"
#include "registry/store.h"

/* A name that will be written after the build. */
struct slip_preflight_name {
    size_t store;
    char *tag;     /* NULL: not known before the build, or without a name */
    bool keep;     /* what stands there must not be replaced */
    bool optional; /* a mirror: its refusal is a warning */
};

struct slip_preflight {
    struct slip_registry *registry;
    struct {
        SLIP_VEC(struct slip_store *);
    } stores; /* each repository once, the first is borrowed; they hold the started uploads */
    struct {
        SLIP_VEC(struct slip_preflight_name);
    } names;
};

/* `stage` is the repository that builds are published in; it is asked as well. */
void slip_preflight_init(struct slip_preflight *p, struct slip_registry *registry,
                         struct slip_store *stage);
void slip_preflight_clear(struct slip_preflight *p);
SLIP_DEFINE_AUTO(slip_preflight, slip_preflight_clear);

/* `tag_known` is false when the tag in `to` is a stand-in. */
SLIP_MUST_USE int slip_preflight_add(struct slip_preflight *p, const struct slip_reference *to,
                                     bool tag_known, bool keep, bool optional,
                                     struct slip_error *err);

/* Ask. All that stands in the way is told in one error. */
SLIP_MUST_USE int slip_preflight_run(struct slip_preflight *p, const struct slip_watch *watch,
                                     struct slip_error *err);

#endif
