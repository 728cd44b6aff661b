/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run did, or would do: one row per image and destination. Filled by flow/, shown as text,
 * as JSON (hooks-and-ci.md section 7) and as an exit status.
 */
#ifndef SLIP_REPORT_OUTCOME_H
#define SLIP_REPORT_OUTCOME_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "value/veil.h"

enum slip_outcome_action {
    SLIP_OUTCOME_WRITTEN,   /* the name was not there */
    SLIP_OUTCOME_MOVED,     /* the name was there with another digest */
    SLIP_OUTCOME_UNCHANGED, /* the name was there with this digest: nothing was written */
    SLIP_OUTCOME_SKIPPED,   /* by policy or gate, on purpose */
    SLIP_OUTCOME_UPLOADED,  /* content is there under its digest, the name is not written yet */
    SLIP_OUTCOME_PLANNED,   /* --dry-run, or nothing was asked of the registry yet */
    SLIP_OUTCOME_NOT_BUILT, /* --dry-run: the stage has to be built first */
    SLIP_OUTCOME_FAILED,
    SLIP_OUTCOME_NOT_ATTEMPTED, /* because something before it failed */
    /* of a check: what stands under the name against what would */
    SLIP_OUTCOME_EQUAL,
    SLIP_OUTCOME_MISSING,
    SLIP_OUTCOME_DIFFERS,
    SLIP_OUTCOMES
};

/* All texts and errors live in the outcome's arena; NULL where there is none. */
struct slip_outcome_row {
    const char *git_ref; /* which update it belongs to, when a run has several */
    const char *rule, *image;
    const char *source, *source_digest; /* the stage: full name, manifest digest */
    bool built;                         /* in this run */
    bool attached;                      /* something hangs on the stage that is not exported */
    const char *ref, *digest;           /* destination; what stands or would stand there */
    enum slip_outcome_action action;
    const char *reason;
    const char *details;    /* further lines for people, each ended by LF */
    struct slip_error *err; /* for FAILED; else NULL */
    bool optional;          /* a mirror with required: false */
    uint64_t bytes_sent;
};

struct slip_outcome_update {
    const char *ref, *commit;
};

struct slip_outcome {
    struct slip_arena arena;
    const struct slip_veil *veil;    /* over the JSON document; NULL: none. Borrowed */
    const char *trigger;             /* "command", "pre-push", "ci" */
    int64_t started_at, finished_at; /* Unix seconds */
    struct {
        SLIP_VEC(struct slip_outcome_update);
    } updates;
    struct {
        SLIP_VEC(struct slip_outcome_row);
    } rows;
};

void slip_outcome_clear(struct slip_outcome *o);
SLIP_DEFINE_AUTO(slip_outcome, slip_outcome_clear);

/* A copy for a row, NULL when nothing failed: most rows do without the room that an error takes. */
struct slip_error *slip_outcome_error(struct slip_outcome *o, const struct slip_error *err);

const char *slip_outcome_action_name(enum slip_outcome_action a);

/*
 * SLIP_OK when nothing required failed, is missing (PARTIAL) or differs (CONFLICT); SLIP_E_PARTIAL
 * when some required names are there and some failed; else the failure with the largest impact.
 */
enum slip_kind slip_outcome_kind(const struct slip_outcome *o);

/* "exported", "unchanged", "prepared", "planned", "nothing", "partial" or "failed"; of a check
 * "equal", "missing" or "differs". */
const char *slip_outcome_status(const struct slip_outcome *o);

/* Append a table for people: image, action, destination, digest; errors below it. More than
 * `max_rows` rows (0: no limit) become counts and the names that changed. */
void slip_outcome_print(const struct slip_outcome *o, size_t max_rows, struct slip_buf *out);

/* Append the JSON document, schema 1, one line. */
void slip_outcome_json(const struct slip_outcome *o, const char *tool_version,
                       struct slip_buf *out);

/* Add the rows of such a document; those of one that cannot be read are none. */
void slip_outcome_add_json(struct slip_outcome *o, const char *json);

#endif
