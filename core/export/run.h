/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carry out a plan: content first, everywhere, then names. Two calls, so that a hook can upload
 * before a push goes on and write the names once the remote has it; a second process may make the
 * second call with an equal plan.
 *
 * A run that is killed leaves each name as it was or as it shall be; running it again sends what is
 * missing and finishes.
 */
#ifndef SLIP_EXPORT_RUN_H
#define SLIP_EXPORT_RUN_H

#include "export/plan.h"
#include "lock/lock.h"

enum slip_export_state {
    SLIP_EXPORT_PENDING,   /* not decided yet, or to be written */
    SLIP_EXPORT_UPLOADED,  /* the content is there under its digest, the name is still to come */
    SLIP_EXPORT_WRITTEN,   /* the name was not there */
    SLIP_EXPORT_MOVED,     /* the name was there with another digest */
    SLIP_EXPORT_UNCHANGED, /* the name was there with this digest; nothing was written */
    SLIP_EXPORT_SKIPPED,   /* the name is there with another digest and shall stay */
    SLIP_EXPORT_FAILED,
    SLIP_EXPORT_NOT_ATTEMPTED, /* because something before it failed */
};

/* What became of plan->names.at[i]. */
struct slip_export_result {
    enum slip_export_state state;
    char before[SLIP_DIGEST_LEN + 1]; /* what stood there; "" when nothing did */
    char newer[64];                   /* SKIPPED because of this version, which stands there */
    uint64_t bytes_sent;              /* to its repository, counted with the first name */
    bool attached; /* the registry lists something that hangs on the stage; it is not exported */
    struct slip_error *err; /* FAILED; else NULL */
};

struct slip_export_options {
    bool by_digest;  /* upload writes manifests under their digest: names come from elsewhere */
    bool keep_going; /* a failure does not keep other names from being written */
    bool preflight;  /* before content moves, ask every repository whether we may write there */
    const struct slip_watch *watch;
    /* Repositories that are open already, used in place of opening them again. Borrowed, and so are
     * the uploads that were started there to see whether we may. */
    struct slip_store *const *open;
    size_t n_open;
    /* What was seen a moment ago of names in stores among `open`: the first look at them.
     * Borrowed. */
    const struct slip_manifest_head *seen;
    size_t n_seen;
    /* Under which names are written, one lock per repository; NULL: none. Borrowed. */
    struct slip_locks *locks;
};

struct slip_export;

/* Opens the destinations; no request yet. `plan` and `registry` are borrowed. */
SLIP_MUST_USE int slip_export_new(struct slip_registry *registry,
                                  const struct slip_export_plan *plan,
                                  const struct slip_export_options *options,
                                  struct slip_export **out, struct slip_error *err);
void slip_export_free(struct slip_export *x);
SLIP_DEFINE_AUTO_PTR(slip_export, slip_export_free);

/*
 * Look at every name once, decide by its policy. -1 when a required name cannot be written. Called
 * by the next two when it was not called before.
 */
SLIP_MUST_USE int slip_export_check(struct slip_export *x);

/*
 * Bring all content where it is needed, after every repository that gets some was asked whether we
 * may (`preflight`): what is refused is told of all of them. -1 when a required destination failed;
 * then no name has been or will be written anywhere (unless `keep_going`).
 */
SLIP_MUST_USE int slip_export_upload(struct slip_export *x);

/* Write the names, in order, while their repositories are ours on this machine (export/hold.h).
 * -1 when a required one is not there at the end. */
SLIP_MUST_USE int slip_export_names(struct slip_export *x);

/* One per name of the plan. Valid until the export is freed. */
const struct slip_export_result *slip_export_results(const struct slip_export *x);

/* Advice where a name stays as it is; the same for all, so that it is given once. */
#define SLIP_REPLACE_HINT                                                                          \
    "choose another name; to replace this one: slipway run --ref REF --force-overwrite NAME, or "  \
    "if-exists in the rule"

#endif
