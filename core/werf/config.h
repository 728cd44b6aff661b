/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What werf.yaml says at one commit: the one entry to this room. Everything is read from the tree
 * of the commit; the environment, the clock and randomness come from the caller.
 */
#ifndef SLIP_WERF_CONFIG_H
#define SLIP_WERF_CONFIG_H

#include "base/watch.h"
#include "repo/repo.h"
#include "werf/giterminism.h"
#include "werf/image_set.h"

/* What the result rests on besides werf.yaml itself. */
enum slip_config_read {
    SLIP_READ_FILE,     /* a file of the commit, by its path; also one that was only asked for */
    SLIP_READ_GLOB,     /* a pattern that was looked for */
    SLIP_READ_VARIABLE, /* of the environment */
};

struct slip_config_options {
    /* Paths from the root of the tree. */
    struct slip_str project_dir;   /* cleaned, "" is the root */
    struct slip_str config;        /* --config; empty: werf.yaml or werf.yml of the project */
    struct slip_str templates_dir; /* --config-templates-dir; empty: .werf of the project */
    /* --giterminism-config, from the project directory; empty: werf-giterminism.yaml */
    struct slip_str giterminism;

    struct slip_str env;          /* --env */
    struct slip_str project_name; /* WERF_PROJECT_NAME */
    bool force_staged;            /* WERF_FORCE_STAGED_DOCKERFILE */
    bool skip_image_spec;         /* WERF_SKIP_IMAGE_SPEC_STAGE */
    struct slip_str platform;     /* of this machine, "linux/amd64" */

    /* Where werf-giterminism.yaml lets werf read a file of the work tree, take that of the commit.
     * Without this such a file is refused: werf might see another content. */
    bool commit_only;
    /* As --loose-giterminism, but with the files of the commit: everything is allowed, and a
     * variable that is not set is empty. */
    bool loose;

    /* What templates can ask for. `variable` gives NULL for what is not set. All may be NULL:
     * nothing is set, and functions that need a clock or randomness fail. */
    void *payload;
    const char *(*variable)(void *payload, const char *name);
    void (*now)(void *payload, int64_t *seconds, int32_t *nanoseconds);
    void (*random)(void *payload, void *bytes, size_t len);
    bool (*zone)(void *payload, struct slip_str name, struct slip_buf *tzif);
    struct slip_str local_zone; /* as in struct slip_tmpl_host */

    const struct slip_watch *watch; /* may be NULL */
    /* As in struct slip_decode_options: told of every error of the rendered text. */
    void (*on_error)(void *payload, const struct slip_error *err);
    void *on_error_payload;
    /* Told of everything that is read, some of it more than once. May be NULL. */
    void (*on_read)(void *payload, enum slip_config_read kind, struct slip_str name);
    void *on_read_payload;
};

/* The text of werf.yaml with its templates carried out, as `werf config render` prints it. `name`
 * (may be NULL) gets the path of the file, for messages. */
SLIP_MUST_USE int slip_config_render(const struct slip_tree *tree, const struct slip_commit *commit,
                                     const struct slip_config_options *o, struct slip_buf *out,
                                     struct slip_buf *name, struct slip_error *err);

/*
 * The checked images. Errors of kind CONFIG: what werf would refuse, too; UNSUPPORTED: includes,
 * and files that are not the commit's. `out` stays when this fails.
 */
SLIP_MUST_USE int slip_config_load(const struct slip_tree *tree, const struct slip_commit *commit,
                                   const struct slip_config_options *o, struct slip_image_set *out,
                                   struct slip_error *err);

#endif
