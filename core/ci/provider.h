/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CI systems: one table of where each of them says what it runs for (hooks-and-ci.md section 4.2).
 * An empty variable counts as one that is not set.
 */
#ifndef SLIP_CI_PROVIDER_H
#define SLIP_CI_PROVIDER_H

#include "base/arena.h"
#include "base/error.h"

enum slip_ci_dialect { /* how the log understands groups and errors */
                       SLIP_CI_LOG_PLAIN,
                       SLIP_CI_LOG_GITHUB,
                       SLIP_CI_LOG_GITLAB,
};

struct slip_ci_provider {
    const char *name, *title;
    const char *detect[2]; /* "NAME=value" (case does not count) or "NAME": set at all */
    /* Names of variables; of several with blanks between the first that is set counts. */
    const char *ref; /* full name of the ref */
    const char *tag, *branch;
    const char *tag_if;        /* condition for `tag`, as in `detect` */
    const char *branch_prefix; /* the name of the remote, which a branch may begin with */
    const char *from_branch;   /* of a request: the branch it comes from */
    const char *commit;
    const char *event;   /* what started the job */
    const char *pull[4]; /* any of these conditions: a pull or merge request; "NAME!=value" too */
    const char *pull_events;  /* beginnings of `event` that mean one, with blanks between */
    const char *delete_event; /* a ref is gone; ref and commit are those of the default branch */
    const char *default_branch;
    const char *url[2]; /* of the repository: both joined with "/" when there are two */
    const char *run_id, *run_number;
    const char *same[2];         /* equal when a request comes from the same repository */
    const char *unprotected;     /* when it holds the job lacks variables that are kept from it */
    const char *event_file;      /* JSON of the event */
    const char *properties_file; /* Java properties with the short name of the ref */
    enum slip_ci_dialect dialect;
    const char *output_file, *summary_file; /* where outputs and a summary in Markdown go */
    const char *fetch_hint;                 /* how to make the checkout complete */
};

/* Environment of the job: NULL or empty when not set. */
struct slip_ci_env {
    const char *(*get)(void *payload, const char *name);
    void *payload;
};

/* What the job runs for. Texts are borrowed from the environment or live in the arena; NULL where
 * the provider does not say. */
struct slip_ci_job {
    struct slip_arena arena;
    const struct slip_ci_provider *provider;
    const char *ref;       /* full name */
    const char *short_ref; /* the name of a tag or a branch, when it is not known of which */
    const char *commit;    /* an id, or a name such as HEAD */
    const char *event;
    bool by_hand;      /* a person named the tag: it need not be in the checkout */
    bool pull_request; /* or merge request: plan only */
    bool fork;         /* of another repository, or not known to be of the same */
    bool deleted;      /* a ref was deleted: there is nothing to release */
    const char *default_branch;
    const char *url;
    const char *run_id, *run_number;
};
void slip_ci_job_clear(struct slip_ci_job *job);
SLIP_DEFINE_AUTO(slip_ci_job, slip_ci_job_clear);

extern const struct slip_ci_provider slip_ci_providers[]; /* ends with a NULL name */

/* By name; the one whose variables are there; never NULL: the last is "generic". NULL for a name
 * that is none. */
const struct slip_ci_provider *slip_ci_provider_find(const char *name);
const struct slip_ci_provider *slip_ci_provider_detect(struct slip_ci_env env);

/*
 * What the variables say; SLIPWAY_TAG (the tag to release, of a job that was started by hand) and
 * SLIPWAY_REF, SLIPWAY_COMMIT and SLIPWAY_EVENT win over them. `event_file`
 * is the content of the provider's file, or empty; one that cannot be read counts as not there, and
 * a pull request as one of a fork then.
 */
void slip_ci_job_read(const struct slip_ci_provider *provider, struct slip_ci_env env,
                      struct slip_str event_file, struct slip_ci_job *out);

#define SLIP_CI_EVENT_FILE_MAX (4u << 20)
#define SLIP_CI_EVENT_FILE_DEPTH 64

/* May what a request brings (its werf.yaml, its rules) see this variable? Only what says for which
 * ref the job runs, and what programs need to find themselves. */
bool slip_ci_is_public(const struct slip_ci_provider *provider, struct slip_str name);

/* Are variables kept from this job because anybody may push its ref? */
bool slip_ci_is_unprotected(const struct slip_ci_provider *provider, struct slip_ci_env env);

/* The first variable of a list that is set, or NULL. */
const char *slip_ci_get(struct slip_ci_env env, const char *names);

#endif
