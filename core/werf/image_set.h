/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What werf.yaml says, checked: the meta section and every image, in the order in which they can
 * be worked on (an image after those it needs). Strings live in the set's arena.
 */
#ifndef SLIP_WERF_IMAGE_SET_H
#define SLIP_WERF_IMAGE_SET_H

#include "base/arena.h"
#include "base/error.h"

enum slip_image_kind {
    SLIP_IMAGE_DOCKERFILE, /* `dockerfile:`, one stage */
    SLIP_IMAGE_STAGED,     /* `dockerfile:` with `staged: true` */
    SLIP_IMAGE_STAPEL,     /* `image:` with from, shell, git ... */
    SLIP_IMAGE_ARTIFACT,
};

struct slip_str_list {
    struct slip_str *at;
    size_t len;
};

struct slip_str_pair {
    struct slip_str key, value;
};
struct slip_str_map { /* sorted by key, bytes */
    struct slip_str_pair *at;
    size_t len;
};

enum slip_import_type { /* of dependencies[].imports[].type */
                        SLIP_IMPORT_NAME,
                        SLIP_IMPORT_TAG,
                        SLIP_IMPORT_REPO,
                        SLIP_IMPORT_ID,
                        SLIP_IMPORT_DIGEST,
};

enum slip_stapel_place { /* of an import or dependency among the stages of a stapel image */
                         SLIP_PLACE_BEFORE_INSTALL,
                         SLIP_PLACE_AFTER_INSTALL,
                         SLIP_PLACE_BEFORE_SETUP,
                         SLIP_PLACE_AFTER_SETUP,
};

struct slip_dependency {
    size_t image;                 /* index in the set */
    enum slip_stapel_place place; /* stapel images */
    struct slip_dependency_import {
        enum slip_import_type type;
        struct slip_str target; /* build arg (Dockerfile) or environment variable (stapel) */
    } * imports;
    size_t n_imports;
};

struct slip_secret_source { /* secrets[] of an image: how a build gets it; never its value */
    struct slip_str id, env, src;
    bool has_value; /* written in werf.yaml itself: `value` */
    struct slip_str value;
};

struct slip_image_spec { /* imageSpec after the merge with build.imageSpec (werf-config.md A.7.3) */
    struct slip_str author, user, working_dir, stop_signal;
    bool clear_history, keep_essential_labels, clear_werf_labels;
    bool clear_cmd, clear_entrypoint, clear_user, clear_working_dir;
    struct slip_str_list remove_labels, remove_volumes, remove_env, volumes, expose, cmd,
        entrypoint;
    struct slip_str_map labels, env;
    bool has_healthcheck;
    struct slip_image_healthcheck {
        struct slip_str_list test;
        int64_t interval, timeout, start_period, retries; /* as written, no unit */
    } healthcheck;
};

/* A `git:` entry. Paths are cleaned; `add` is relative to the top of the repository, "" is it. */
struct slip_git_mapping {
    struct slip_str add, to;
    struct slip_str_list include, exclude; /* exclude: with what werf adds itself (A.8) */
    struct slip_str owner, group;
    struct slip_str_list install, before_setup, setup; /* stageDependencies, as written */
    struct slip_str url;                               /* "" for the repository itself */
    struct slip_str branch, tag, commit;               /* remote ones */
};

/* An `import:` entry. */
struct slip_import {
    size_t image;             /* index in the set, SLIP_NPOS: an image of a registry */
    struct slip_str external; /* its name then */
    struct slip_str stage;    /* "" is the last one */
    enum slip_stapel_place place;
    struct slip_str add, to; /* cleaned */
    struct slip_str_list include, exclude;
    struct slip_str owner, group;
};

struct slip_mount {
    struct slip_str type; /* "tmp_dir", "build_dir", "custom_dir" */
    struct slip_str from; /* cleaned fromPath, "." without one */
    struct slip_str to;   /* cleaned */
};

enum slip_user_stage { /* of `shell:` and `ansible:` */
                       SLIP_STAGE_BEFORE_INSTALL,
                       SLIP_STAGE_INSTALL,
                       SLIP_STAGE_BEFORE_SETUP,
                       SLIP_STAGE_SETUP,
                       SLIP_USER_STAGES
};

struct slip_docker_section { /* `docker:`; lists of CMD and ENTRYPOINT are text already */
    bool exact_values;
    struct slip_str_list volume, expose;
    struct slip_str_map env, label;
    struct slip_str cmd, entrypoint, workdir, user, healthcheck;
};

struct slip_stapel {
    size_t base;          /* index in the set, SLIP_NPOS: `from` is an image of a registry */
    struct slip_str from; /* as written; ":latest" added when it was the image's own name */
    bool from_latest;
    struct slip_str from_cache_version;
    bool disable_git_after_patch; /* artifacts, too */
    struct slip_git_mapping *git; /* local ones first */
    size_t n_git;
    bool ansible; /* the stages hold ansible tasks, as compact JSON */
    struct slip_str user_cache_version;
    struct slip_user_stage_text {
        struct slip_str_list commands;
        struct slip_str cache_version;
    } user[SLIP_USER_STAGES];
    bool has_docker;
    struct slip_docker_section docker;
    struct slip_import *imports;
    size_t n_imports;
    struct slip_mount *mounts;
    size_t n_mounts;
};

struct slip_image {
    struct slip_str name; /* "" is the nameless image */
    enum slip_image_kind kind;
    bool final;
    unsigned line; /* of its document in the rendered text */

    /* Dockerfile images */
    struct slip_str dockerfile; /* relative to the context, as written */
    struct slip_str context;    /* relative to the project directory, cleaned, "" for itself */
    struct slip_str target;
    struct slip_str_map args; /* values in Go's %v form, ready for the digest */
    struct slip_str_list add_host, context_add_files;
    struct slip_str ssh;

    struct slip_stapel *stapel; /* of stapel images and artifacts, else NULL */

    struct slip_str network;
    struct slip_secret_source *secrets;
    size_t n_secrets;

    struct slip_str cache_version;  /* own or build.cacheVersion */
    struct slip_str_list platforms; /* own or build.platform, as written */
    struct slip_dependency *dependencies;
    size_t n_dependencies;
    bool has_image_spec;
    struct slip_image_spec image_spec;

    size_t *needs; /* indexes of images that must be worked on before this one */
    size_t n_needs;
};

struct slip_image_set {
    struct slip_arena arena;
    struct slip_str project;
    struct slip_str project_dir;               /* of werf.yaml in the tree, "" at its top */
    bool force_shallow_clone, allow_unshallow; /* gitWorktree: of stapel images */
    struct slip_image *at;                     /* an image stands after all that it needs */
    size_t len;
};

void slip_image_set_clear(struct slip_image_set *set);
SLIP_DEFINE_AUTO(slip_image_set, slip_image_set_clear);

/* Index by name, or SLIP_NPOS. */
size_t slip_image_set_find(const struct slip_image_set *set, struct slip_str name);

#endif
