/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the digest of an image is what it is: the nearest earlier commit that had another digest and
 * whose stage is there, what differs from it, and which commits brought that.
 */
#ifndef SLIP_FLOW_WHY_H
#define SLIP_FLOW_WHY_H

#include "flow/project.h"
#include "registry/stages.h"

enum {
    SLIP_WHY_DEPTH = 200,  /* commits that are looked through unless told otherwise */
    SLIP_WHY_FILES = 100,  /* files that are named of one change; the rest is counted */
    SLIP_WHY_COMMITS = 50, /* commits that are named with what they brought */
};

struct slip_why_options {
    struct slip_str image; /* its name */
    const char *const *platforms;
    size_t n_platforms;
    const char *host_platform;
    const struct slip_config_options *config;
    struct slip_store *store; /* NULL: no stages, any commit with another digest will do */
    size_t depth;             /* commits to look through */
    const struct slip_watch *watch;
};

struct slip_why_file {
    const char *path;
    char sign; /* '+' new, '-' gone, 'M' another content or mode */
};

/* An ingredient that differs: its strings, NULL where it is not there. */
struct slip_why_change {
    struct slip_str origin; /* "svc/Dockerfile:12" */
    const struct slip_str *before, *after;
    struct {
        SLIP_VEC(struct slip_why_file);
    } files;
    size_t more_files; /* that are not named */
};

struct slip_why_changes {
    SLIP_VEC(struct slip_why_change);
};

struct slip_why_commit {
    struct slip_oid id;
    const char *subject;
    struct slip_why_changes changes; /* against its first parent; empty when that has no digest */
};

struct slip_why_platform {
    const char *name;
    bool known; /* false: the digest rests on `waits_for`, which is not built */
    struct slip_str waits_for;
    const char *digest; /* when known */
    const char *tag;    /* of the stage, NULL when there is none */
    struct {
        SLIP_VEC(struct slip_str);
    } bases; /* names behind FROM, each once */
    /* The earlier commit, when there is one. */
    bool has_earlier;
    struct slip_why_commit earlier; /* without changes */
    size_t distance;                /* how many commits are newer */
    const char *earlier_digest, *earlier_tag;
    struct slip_why_changes changes; /* from there to here */
    struct {
        SLIP_VEC(struct slip_why_commit);
    } brought;           /* newest first */
    size_t more_commits; /* that are not named */
};

struct slip_why_read {
    enum slip_config_read kind;
    const char *name;
};

struct slip_why {
    struct slip_arena arena; /* of all texts */
    struct slip_why_platform *at;
    size_t len;
    struct {
        SLIP_VEC(struct slip_why_read);
    } reads;           /* what werf.yaml was made from, each once, in order */
    size_t searched;   /* commits looked through, this one not counted */
    bool history_ends; /* all there is was looked through */
    bool shallow;      /* and there is more that is not here */
    size_t unreadable; /* commits without a digest of this image */
    char reason[256];  /* of the first of them */
};

/*
 * Lists the tags of the store once. A commit whose werf.yaml or Dockerfile cannot be read is passed
 * over; errors of this one, and of the store, are errors.
 */
SLIP_MUST_USE int slip_why(struct slip_repo *repo, const struct slip_commit *commit,
                           const struct slip_why_options *o, struct slip_why *out,
                           struct slip_error *err);
void slip_why_clear(struct slip_why *w);
SLIP_DEFINE_AUTO(slip_why, slip_why_clear);

#endif
