/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of a stage of a staged Dockerfile when its base image is known
 * (staged-and-stapel-digest.md 3.4): the base's environment is asked for only when one of them is.
 */
#ifndef SLIP_DIGEST_STAGED_VARS_H
#define SLIP_DIGEST_STAGED_VARS_H

#include "base/map.h"
#include "digest/staged_plan.h"

/* Gives the environment of the base, "NAME=value" each; called once at most. */
typedef int slip_staged_base_fn(void *payload, const struct slip_str **env, size_t *n,
                                struct slip_error *err);

struct slip_staged_vars {
    struct slip_arena *arena;
    char escape;
    const struct slip_staged_stage *stage;
    const struct slip_str_map *imports; /* from other images */
    slip_staged_base_fn *load;
    void *payload;
    /* inside */
    struct slip_map *own;  /* name -> struct own */
    size_t n_own;          /* so many entries of the stage are in it */
    struct slip_map *base; /* name -> struct slip_str; NULL: not asked for */
    bool asked;            /* during the last expansion */
    enum slip_base_way {
        SLIP_BASE_ASKED,
        SLIP_BASE_EMPTY,
        SLIP_BASE_FULL
    } dry;                 /* do not ask, but note it */
    struct slip_error err; /* while it was asked */
};

/* `v` has its first members set. */
void slip_staged_vars_begin(struct slip_staged_vars *v);
void slip_staged_vars_clear(struct slip_staged_vars *v);
SLIP_DEFINE_AUTO(slip_staged_vars, slip_staged_vars_clear);

/* Before each instruction: what was set up to it. */
SLIP_MUST_USE int slip_staged_vars_advance(struct slip_staged_vars *v, size_t n_env,
                                           struct slip_error *err);

/* How words are expanded; variables that are not set are empty. After each use: did the base
 * fail? */
struct slip_shell slip_staged_vars_shell(struct slip_staged_vars *v);
SLIP_MUST_USE int slip_staged_vars_check(struct slip_staged_vars *v, struct slip_error *err);

/* All of them, "NAME=value", sorted by bytes. */
SLIP_MUST_USE int slip_staged_vars_all(struct slip_staged_vars *v, struct slip_str **out, size_t *n,
                                       struct slip_error *err);

#endif
