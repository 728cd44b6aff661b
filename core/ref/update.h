/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ref that is about to change, or has changed, whoever says so: git's pre-push hook on stdin, a
 * CI system's variables, or a person on the command line.
 */
#ifndef SLIP_REF_UPDATE_H
#define SLIP_REF_UPDATE_H

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

enum slip_ref_kind { SLIP_REF_TAG, SLIP_REF_BRANCH, SLIP_REF_OTHER };
enum slip_ref_change { SLIP_REF_CREATE, SLIP_REF_UPDATE, SLIP_REF_DELETE };

/* All parts are borrowed from the text they were read from. */
struct slip_ref_update {
    struct slip_str local_ref; /* as the person typed it: may hold spaces, may be empty */
    struct slip_str ref;       /* full name on the remote; rules match this one */
    struct slip_str name;      /* `ref` without refs/tags/ or refs/heads/ */
    struct slip_str new_id;    /* 40 or 64 hex digits; of a tag object for an annotated tag */
    struct slip_str old_id;    /* all zeros: the remote did not have the ref; empty: unknown */
    enum slip_ref_kind kind;
    enum slip_ref_change change;
};

struct slip_ref_updates {
    SLIP_VEC(struct slip_ref_update);
};
void slip_ref_updates_clear(struct slip_ref_updates *u);
SLIP_DEFINE_AUTO(slip_ref_updates, slip_ref_updates_clear);

/* One line of pre-push's stdin, without its LF. */
SLIP_MUST_USE int slip_ref_parse_push(struct slip_str line, struct slip_ref_update *out,
                                      struct slip_error *err);

/*
 * All of pre-push's stdin, deletions included; blank lines are passed over. Above
 * SLIP_LIMIT_REFS_PER_PUSH lines only tags are kept and `*cut` is set. An error (SLIP_E_INTERNAL)
 * means that git, or whatever stands between, speaks otherwise than we know: no reason to stop
 * a push.
 */
SLIP_MUST_USE int slip_ref_read_push(struct slip_str text, struct slip_ref_updates *out, bool *cut,
                                     struct slip_error *err);

/*
 * An update from its parts, for CI and commands typed by hand. `old_id` may be empty (unknown; the
 * change is an update then).
 */
struct slip_ref_update slip_ref_update_make(struct slip_str ref, struct slip_str new_id,
                                            struct slip_str old_id);

/* The kind of a full ref name, and the short name that people use for it. */
enum slip_ref_kind slip_ref_kind_of(struct slip_str ref, struct slip_str *name);
const char *slip_ref_kind_name(enum slip_ref_kind kind); /* "tag", "branch", "ref" */

/* 40 or 64 lower-case hex digits; and those that are all zeros ("no object"). */
bool slip_ref_is_id(struct slip_str s);
bool slip_ref_is_zero_id(struct slip_str s);

/*
 * May be a ref name at all, by git's rules (git-check-ref-format(1)): so a name from a CI variable
 * or a command line can be told from an option or a revision expression before git sees it.
 */
bool slip_ref_is_valid_name(struct slip_str ref);

#endif
