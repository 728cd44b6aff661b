/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a stage repository: which of its images is the one of a digest, as werf chooses
 * (registry-export.md 1.6). The tags are listed once per run; of them only the stages are kept, in
 * little memory. Of a large repository only the stages that are asked for are looked for.
 *
 * Stages that take git history into account (stapel) are chosen by the caller from
 * slip_stages_candidates and slip_stages_read.
 */
#ifndef SLIP_REGISTRY_STAGES_H
#define SLIP_REGISTRY_STAGES_H

#include "registry/stored.h"

#define SLIP_LABEL_CONTENT_DIGEST "werf-stage-content-digest"
#define SLIP_LABEL_VERSION "werf-version"

/* One stage as found; the texts and bodies are its own. */
struct slip_stage {
    char tag[SLIP_STAGE_DIGEST_LEN + 1 + 20 + 1];
    int64_t created_ms;
    struct slip_stored stored; /* manifest and config: an export needs not read them again */
    char config_digest[SLIP_DIGEST_LEN + 1];
    struct slip_config_info config; /* labels and environment */
    char content_digest[SLIP_STAGE_DIGEST_LEN + 1];
    bool attached; /* something hangs on it, as far as tags tell; it is not exported */
};

void slip_stage_clear(struct slip_stage *s);
SLIP_DEFINE_AUTO(slip_stage, slip_stage_clear);

struct slip_stages;

/* `store` is borrowed. No request yet. `watch` hears of broken stages, and of stages that something
 * hangs on which an export does not copy (signatures), as far as tags of the listing tell. */
struct slip_stages *slip_stages_new(struct slip_store *store, const struct slip_watch *watch);
void slip_stages_free(struct slip_stages *s);
SLIP_DEFINE_AUTO_PTR(slip_stages, slip_stages_free);

/* For questions that come one after the other: list once, to the end, however many tags there are.
 * Before the first question. */
void slip_stages_list_whole(struct slip_stages *s);

/* Forget the listing: the next question lists anew. For looking again, under a lock or after a
 * build. */
void slip_stages_forget(struct slip_stages *s);

/* These digests will be asked for: they are looked for together with the first of them. */
void slip_stages_want(struct slip_stages *s, struct slip_str digest);

struct slip_stage_find {
    const char *digest;    /* in: 56 hex digits */
    int64_t not_before_ms; /* in: creation time of the parent stage, 0 for a first stage */
    /* in: may a candidate be taken? Asked of one after the other, oldest first, until one may; -1
     * (with err) ends the search. NULL: the first is. */
    int (*accept)(void *payload, const struct slip_stage *stage, bool *yes, struct slip_error *err);
    void *payload;
    /* out */
    bool found;
    struct slip_stage stage; /* when found; cleared by the caller */
    struct slip_error err;
};

/*
 * The oldest stage of each digest that is not older than its parent, not rejected and not broken.
 * -1 when any item failed. A stage that a real werf would crash on (an index under the tag of a
 * stage, no content digest among its labels) is an error.
 */
SLIP_MUST_USE int slip_stages_find(struct slip_stages *s, struct slip_stage_find *items, size_t n);

/* All candidates of a digest, oldest first, told by creation time; -1 from `fn` stops. */
typedef int slip_stage_candidate_fn(void *payload, int64_t created_ms, struct slip_error *err);
SLIP_MUST_USE int slip_stages_candidates(struct slip_stages *s, const char *digest,
                                         int64_t not_before_ms, slip_stage_candidate_fn *fn,
                                         void *payload, struct slip_error *err);

/*
 * Read the configs of the newest stages, whatever their digests, that the listing told of: at most
 * SLIP_STAGES_SAMPLE, newest first. What cannot be read is left out; before the first question
 * there are none.
 */
#define SLIP_STAGES_SAMPLE 4
void slip_stages_sample(struct slip_stages *s,
                        void (*fn)(void *payload, const struct slip_config_info *config),
                        void *payload);

/* Read one candidate. A broken one is not found, with a warning. */
SLIP_MUST_USE int slip_stages_read(struct slip_stages *s, const char *digest, int64_t created_ms,
                                   bool *found, struct slip_stage *out, struct slip_error *err);

/*
 * "<prefix>..." among the tags: records such as "client-id-" and "import-metadata-". Told from the
 * same listing, in any order; only those with the prefixes given to slip_stages_keep are
 * remembered: best before the first question, because a new prefix lists anew.
 */
void slip_stages_keep(struct slip_stages *s, const char *prefix);
SLIP_MUST_USE int slip_stages_records(struct slip_stages *s, const char *prefix, slip_tag_fn *fn,
                                      void *payload, struct slip_error *err);

/* The tag of a stage: "<digest>-<milliseconds>", or the digest alone when the time is 0. */
void slip_stage_tag_print(const char *digest, int64_t created_ms, char *out, size_t size);

#endif
