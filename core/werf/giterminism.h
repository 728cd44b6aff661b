/* SPDX-License-Identifier: Apache-2.0 */
/*
 * werf-giterminism.yaml: which things outside of the commit werf.yaml may use (werf-config.md
 * section D). All zeros is "nothing".
 */
#ifndef SLIP_WERF_GITERMINISM_H
#define SLIP_WERF_GITERMINISM_H

#include "base/arena.h"
#include "base/error.h"

struct slip_globs {
    struct slip_str *at;
    size_t len;
};

struct slip_giterminism {
    struct slip_arena arena;
    bool allow_all;         /* loose: set by the caller, not by the file */
    struct slip_str home;   /* what ~ stands for; the same */
    const char *doubt;      /* a warning about a key that means nothing, or NULL */
    bool allow_uncommitted; /* werf.yaml itself */
    struct slip_globs uncommitted_templates, uncommitted_files;
    struct slip_globs env_variables; /* names, or "/regexp/" */
    bool from_latest, git_branch, mount_build_dir;
    struct slip_globs mount_from_paths;
    struct slip_globs uncommitted_dockerfiles, uncommitted_dockerignores, context_add_files;
    struct slip_globs secret_env, secret_files, secret_ids;
};

void slip_giterminism_clear(struct slip_giterminism *g);
SLIP_DEFINE_AUTO(slip_giterminism, slip_giterminism_clear);

/* `name` is how the file is called in messages. */
SLIP_MUST_USE int slip_giterminism_parse(struct slip_str text, const char *name,
                                         struct slip_giterminism *out, struct slip_error *err);

/* Is the text one of the list, byte by byte? */
bool slip_giterminism_names(const struct slip_globs *list, struct slip_str text);

/* Does the path match one of the globs (A.3)? A malformed glob is an error. */
SLIP_MUST_USE int slip_giterminism_accepts(const struct slip_globs *globs, struct slip_str path,
                                           bool *out, struct slip_error *err);

/* May the file, which is not of the repository, be a secret? ~ and what is relative is expanded, in
 * the path and in the globs. */
SLIP_MUST_USE int slip_giterminism_accepts_secret(const struct slip_giterminism *g,
                                                  struct slip_str src, bool *out,
                                                  struct slip_error *err);

#endif
