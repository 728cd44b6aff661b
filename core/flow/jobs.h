/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that are still to be written, one file each (hooks-and-ci.md section 2.8). A job is written
 * before the push goes on and finished once the remote has the ref; a machine that is switched off
 * in between loses nothing.
 *
 *     <common git dir>/slipway/jobs/     0700
 *         new/    waiting
 *         cur/    being worked on, by the process that holds the lock
 *         done/   finished, kept for a week
 *         failed/ finished otherwise, kept until dropped
 *         unreadable/ what lay among them and is no job, for a person to look at
 *         log/    what finishers had to say
 *         lock
 */
#ifndef SLIP_FLOW_JOBS_H
#define SLIP_FLOW_JOBS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "base/watch.h"

/* Where time comes from; tests have their own. */
struct slip_clock {
    int64_t (*now)(void *payload); /* seconds since 1970 */
    void (*sleep)(void *payload, unsigned seconds);
    void *payload;
};

enum slip_job_state {
    SLIP_JOB_WAITING,      /* for the remote, or for its next attempt */
    SLIP_JOB_RUNNING,      /* its names are being written */
    SLIP_JOB_DONE,         /* names written, or nothing to write */
    SLIP_JOB_FAILED,       /* see `exit` and `message` */
    SLIP_JOB_NOT_ACCEPTED, /* the remote never had the ref: no name was written */
    SLIP_JOB_SUPERSEDED,   /* a newer push took its place */
    SLIP_JOB_STATES
};
const char *slip_job_state_name(enum slip_job_state s);

/* No credentials, no environment. All texts are in the arena; NULL where there is none. */
struct slip_job {
    struct slip_arena arena;
    enum slip_job_state state;
    const char *id;
    int64_t enqueued_at; /* of the last push that asked for it */
    int64_t not_before;  /* 0, or when to try again */
    int64_t finished_at;
    unsigned attempt;
    const char *action;      /* "prepare", "defer" or "export" */
    const char *ref;         /* full name */
    const char *oid;         /* as pushed: a tag object for an annotated tag */
    const char *commit;      /* peeled */
    const char *remote_name; /* as git gave it */
    const char *remote_url;  /* without secrets */
    const char *rules;       /* names of the rules to run, with commas between */
    const char *prepared;    /* what was uploaded for it, "NAME DIGEST" a line */
    const char *wrote;       /* names that stand already though the remote has no ref, likewise */
    const char *replaceable; /* names that may be replaced while they hold this, likewise */
    int64_t push_pid;        /* of `git push`, 0 when unknown */
    int64_t push_started;    /* slip_process_started of it, since numbers are used again */
    int64_t builder_pid;     /* of what still builds for it, left behind by the push; else 0 */
    int64_t builder_started; /* as above */
    /* How it ended. */
    int exit;            /* exit status, as an export would have had */
    const char *message; /* why it failed */
    const char *hint;
    const char *text;   /* table for people */
    const char *report; /* JSON document of the run */
};

void slip_job_clear(struct slip_job *j);
SLIP_DEFINE_AUTO(slip_job, slip_job_clear);

struct slip_job_list {
    SLIP_VEC(struct slip_job);
};
void slip_job_list_clear(struct slip_job_list *l);
SLIP_DEFINE_AUTO(slip_job_list, slip_job_list_clear);

struct slip_jobs {
    char *dir;
    struct slip_clock clock;
    int lock; /* descriptor while held, else -1 */
};
void slip_jobs_close(struct slip_jobs *jobs);
SLIP_DEFINE_AUTO(slip_jobs, slip_jobs_close);

/*
 * Open the jobs of a repository. `make` makes the directories; without it, absent ones mean that
 * there is no job. A directory that others could write to is refused (SLIP_E_POLICY).
 */
SLIP_MUST_USE int slip_jobs_open(const char *common_dir, bool make, struct slip_clock clock,
                                 struct slip_jobs *out, struct slip_error *err);

/*
 * Add a job; id, state and times are given to it here. It takes the place of waiting ones for the
 * same ref and remote: of the same object, and for a branch of any. `known` is a listing from
 * before the first of several jobs of different refs.
 */
SLIP_MUST_USE int slip_jobs_add(const struct slip_jobs *jobs, struct slip_job_list *known,
                                struct slip_job *job, struct slip_error *err);

/* Keep a note of a push that did not go on although names of its ref were written (`wrote`). */
SLIP_MUST_USE int slip_jobs_note_blocked(const struct slip_jobs *jobs, struct slip_job *job,
                                         struct slip_error *err);

/* All jobs, the oldest first. A file that cannot be read is passed over: slip_jobs_put_aside. */
void slip_jobs_list(const struct slip_jobs *jobs, struct slip_job_list *out);

/* Call `visit` with the path of each file that was put aside. */
void slip_jobs_unreadable(const struct slip_jobs *jobs,
                          void (*visit)(void *payload, const char *path), void *payload);

/*
 * Append what earlier pushes of this ref, which the remote does not have now, wrote under names
 * while it never had it: such a name may be replaced as long as it holds that digest. Nothing, once
 * the remote took the ref. Pushes that still run do not count.
 */
void slip_job_list_replaceable(const struct slip_job_list *l, const char *ref,
                               const char *remote_url, struct slip_buf *out);

/* The newest job whose id or ref (full or short name) this is; NULL when there is none. */
const struct slip_job *slip_job_list_find(const struct slip_job_list *l, struct slip_str name);

/* Take a job away, whatever its state, or a file that was put aside. False when there is none of
 * that id. */
bool slip_jobs_drop(const struct slip_jobs *jobs, const char *id);

/* Make a job that failed or was not accepted wait again, as if it were pushed now. */
SLIP_MUST_USE int slip_jobs_retry(const struct slip_jobs *jobs, struct slip_job *job,
                                  struct slip_error *err);

/* Waiting jobs of the list are tried at once, whenever their next attempt would have been. */
void slip_jobs_wake(const struct slip_jobs *jobs, struct slip_job_list *l);

/* The directory where finishers write their logs. */
char *slip_jobs_log_dir(const struct slip_jobs *jobs);

/* ---- working on jobs: see flow/finish.h; these are for it ---- */

/* True when we are the one that works on jobs now; what another left half done waits again. */
bool slip_jobs_lock(struct slip_jobs *jobs);
void slip_jobs_unlock(struct slip_jobs *jobs);

/* Move to another state and write the file anew. */
SLIP_MUST_USE int slip_jobs_move(const struct slip_jobs *jobs, struct slip_job *job,
                                 enum slip_job_state state, struct slip_error *err);

/*
 * Only while locked: put aside what lies among the jobs and is none, so that nobody starts to work
 * for it again with each push. `watch` is warned of each, and so it is named once.
 */
void slip_jobs_put_aside(const struct slip_jobs *jobs, const struct slip_watch *watch);

/* Forget what was done more than a week ago, and files that nobody finished writing. */
void slip_jobs_prune(const struct slip_jobs *jobs);

#endif
