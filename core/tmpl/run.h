/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator's state; inside this room only. */
#ifndef SLIP_TMPL_RUN_H
#define SLIP_TMPL_RUN_H

#include "base/map.h"
#include "base/vec.h"
#include "tmpl/func.h"
#include "tmpl/node.h"
#include "tmpl/tmpl.h"

struct slip_tmpl {
    struct slip_str name;
    const struct slip_tmpl_host *host;
    struct slip_arena arena; /* texts, trees and values */
    struct slip_tmpl_names functions;
    struct slip_map *templates; /* name -> struct slip_tmpl_tree */
    struct slip_map *tpl_trees; /* name of a text given to tpl -> its trees (struct slip_map) */
    struct slip_str error;      /* of the last failure */
};

/* Parse and associate; `message` is Go's text on failure, in the arena. */
SLIP_MUST_USE int slip_tmpl_add_source(struct slip_tmpl *t, struct slip_str name,
                                       struct slip_str text, struct slip_map **trees,
                                       struct slip_str *message);
void slip_tmpl_associate(struct slip_tmpl *t, const struct slip_map *trees);

struct slip_frame;
struct slip_tmpl_variable {
    struct slip_str name;
    struct slip_tv value;
};

/* One rendering: what all templates executed in it share. */
struct slip_tmpl_run {
    struct slip_tmpl *set;
    struct {
        SLIP_VEC(struct slip_tmpl_variable);
    } vars;
    struct {
        SLIP_VEC(struct slip_frame);
    } frames;              /* what is open: exec.c */
    struct slip_buf spare; /* memory for the next result: slip_tmpl_buf */
    uint64_t steps;
    unsigned expressions; /* pipelines that are being evaluated inside each other */
    struct slip_str error;
};

/* One template being executed. Variables below `vars` are not its own. */
struct slip_state {
    struct slip_tmpl_run *run;
    const struct slip_tmpl_tree *tree;
    const struct slip_node *node; /* where it is: named by messages */
    size_t vars;
    unsigned depth; /* of {{template}} */
};

/* Execute a template that was found by name; output is appended. -1: `run->error`. */
SLIP_MUST_USE int slip_tmpl_execute(struct slip_tmpl_run *run, const struct slip_tmpl_tree *tree,
                                    const struct slip_tv *dot, struct slip_buf *out);

/* Record Go's text with the place of `s->node`. Always gives false. */
bool slip_state_fail(struct slip_state *s, const char *fmt, ...) SLIP_PRINTF(2, 3);
bool slip_state_fail_str(struct slip_state *s, struct slip_str message);

/* Append a text without its middle when it is longer than `most`: both ends of a chain of reasons
 * matter. */
void slip_tmpl_add_shortened(struct slip_str s, size_t most, struct slip_buf *out);

/* Count work; false: too much. */
bool slip_state_spend(struct slip_state *s, uint64_t steps);

/* Variables. Setting one that is not there fails. */
void slip_state_declare(struct slip_state *s, struct slip_str name, const struct slip_tv *value);
bool slip_state_assign(struct slip_state *s, struct slip_str name, const struct slip_tv *value);

/* The value of a pipeline, unboxed; declares and assigns. */
bool slip_eval_pipe(struct slip_state *s, const struct slip_tv *dot, const struct slip_node *n,
                    struct slip_tv *out);

/* `v` as it comes out of a container of that type. */
static inline struct slip_tv slip_tv_element(enum slip_tv_type container, struct slip_tv v)
{
    v.boxed =
        container == SLIP_TV_LIST || container == SLIP_TV_DICT || container == SLIP_TV_ANY_MAP;
    return v;
}

static inline struct slip_tv slip_tv_unboxed(struct slip_tv v)
{
    v.boxed = false;
    return v;
}

#endif
