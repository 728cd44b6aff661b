/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a release hand to each other: what is asked before stages are known, the names
 * that follow from the stages, and the rows that tell what became of them. */
#ifndef SLIP_FLOW_RELEASE_IMPL_H
#define SLIP_FLOW_RELEASE_IMPL_H

#include "export/run.h"
#include "flow/early_look.h"
#include "flow/preflight.h"
#include "flow/release.h"
#include "werf/tag_template.h"

struct release_work {
    const struct slip_project *project;
    const struct slip_release_wish *wishes;
    size_t n;
    const struct slip_release_options *o;
    struct slip_outcome *outcome;

    struct slip_arena arena;
    struct slip_tag_template *templates; /* one per wish */
    struct slip_reference stage_reference;
    struct slip_reference *more; /* further stage repositories */
    struct slip_store *store;
    struct {
        SLIP_VEC(struct slip_store *);
    } secondary;
    struct slip_resolution resolution;
    struct slip_stored *indexes; /* by resolved image: of those with several platforms */
    struct slip_early_look early;
    struct slip_preflight preflight;
    struct {
        SLIP_VEC(struct slip_store *);
    } open; /* those of the two before, borrowed */

    /* One per image and wish, in the order of wishes, then of images. */
    struct {
        SLIP_VEC(struct slip_export_wish);
    } names;
    struct slip_reference *references; /* of `names` */
    size_t *rows;                      /* of `names`: their rows in the outcome */
    struct slip_export_plan plan;
    bool gone; /* a stage disappeared while it was exported */
};

static inline const struct slip_image *release_image(const struct release_work *w, size_t i)
{
    return &w->project->set.at[i];
}

/* ---- before stages are known: release_ask.c ---- */

/* Without network: every name is a reference, allowed, and none of the stage repository. */
int release_check_all(struct release_work *w, struct slip_error *err);

/* A name that was typed is the command line's fault, one that stands in a rule the file's. */
void release_blame(const struct slip_release_wish *wish, struct slip_error *err);

/* "NAME DIGEST" a line; the values are in the arena. NULL is no line. */
struct slip_map *release_read_pairs(struct release_work *w, const char *text);

bool release_is_asked_for(const struct release_work *w, struct slip_str name);

/* The same of a wish for an image, while what the stage's digest is part of is not known yet. */
bool release_may_be_asked_for(const struct release_work *w, size_t wish, size_t image);

/* Before the first build, as in struct slip_resolve_options: may we write where images go that are
 * not there yet? Of the others the export asks, once it knows what is equal already. */
int release_ask_before_build(void *payload, const struct slip_resolution *so_far,
                             struct slip_error *err);

/* Begin to look at names whose host is another one than the stages'. */
int release_look_early(struct release_work *w, struct slip_error *err);

/* ---- rows of the outcome: release_rows.c ---- */

/* From results of the export, one per name of the plan. */
void release_note_results(struct release_work *w, size_t first_row,
                          const struct slip_export_result *results);

/* What is under the names against what would be written. */
void release_compare(struct release_work *w, size_t first_row);

#endif
