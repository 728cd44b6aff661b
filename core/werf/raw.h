/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents of werf.yaml as they are written: one struct per section, filled by the tables in
 * raw.c and checked afterwards. Inside this room only.
 */
#ifndef SLIP_WERF_RAW_H
#define SLIP_WERF_RAW_H

#include "werf/section.h"

/* --- sections of several documents --- */

struct slip_raw_health {
    const struct slip_value *where;
    struct slip_raw_list test;
    int64_t interval, timeout, start_period, retries;
};

struct slip_raw_spec_config {
    const struct slip_value *where;
    enum slip_tri keep_essential_labels, clear_werf_labels;
    enum slip_tri clear_cmd, clear_entrypoint, clear_user, clear_working_dir;
    struct slip_raw_list remove_labels, remove_volumes, remove_env, volumes, expose, cmd,
        entrypoint;
    struct slip_raw_list labels, env;
    struct slip_str user, working_dir, stop_signal;
    struct slip_raw_health *healthcheck;
};

struct slip_raw_spec {
    const struct slip_value *where;
    struct slip_str author;
    enum slip_tri clear_history;
    struct slip_raw_spec_config *config;
};

struct slip_raw_dependency_import {
    const struct slip_value *where;
    struct slip_str type, target_build_arg, target_env;
};

struct slip_raw_dependency {
    const struct slip_value *where;
    struct slip_str image, from, before, after;
    struct slip_raw_list imports;
};

struct slip_raw_secret {
    const struct slip_value *where;
    struct slip_str id, env, src, value;
};

/* --- the meta document --- */

struct slip_raw_build {
    const struct slip_value *where;
    struct slip_str cache_version;
    struct slip_raw_list platform;
    enum slip_tri staged;
    struct slip_raw_spec *image_spec;
};

struct slip_raw_deploy {
    const struct slip_value *where;
    struct slip_str helm_chart_dir, helm_release, namespace;
    enum slip_tri helm_release_slug, namespace_slug;
    struct slip_raw_helm_chart_config {
        const struct slip_value *where;
        struct slip_str app_version;
    } * helm_chart_config;
};

struct slip_raw_limit {
    const struct slip_value *where;
    int64_t last;
    struct slip_str in, operator;
};

struct slip_raw_keep_policy {
    const struct slip_value *where;
    struct slip_raw_references {
        const struct slip_value *where;
        struct slip_str tag, branch;
        struct slip_raw_limit *limit;
    } * references;
    struct slip_raw_limit *images_per_reference;
};

struct slip_raw_cleanup {
    const struct slip_value *where;
    enum slip_tri disable, disable_kubernetes, disable_git_history, disable_built_within;
    int64_t keep_hours;
    struct slip_raw_list keep_policies;
};

struct slip_raw_git_worktree {
    const struct slip_value *where;
    enum slip_tri force_shallow_clone, allow_unshallow, allow_fetch;
};

struct slip_raw_meta {
    const struct slip_value *where;
    int64_t config_version;
    struct slip_str project;
    struct slip_raw_build *build;
    struct slip_raw_deploy *deploy;
    struct slip_raw_cleanup *cleanup;
    struct slip_raw_git_worktree *git_worktree;
};

/* --- image documents --- */

struct slip_raw_dockerfile {
    const struct slip_value *where;
    const struct slip_value *image;
    struct slip_str dockerfile, context, target, network, ssh, cache_version;
    struct slip_raw_list context_add_files, context_add_file, args, add_host;
    struct slip_raw_list dependencies, platform, secrets;
    enum slip_tri staged, final;
    struct slip_raw_spec *image_spec;
};

struct slip_raw_stage_dependencies {
    const struct slip_value *where;
    struct slip_raw_list install, before_setup, setup;
};

struct slip_raw_basic_auth {
    const struct slip_value *where;
    struct slip_str username;
    struct slip_raw_password {
        const struct slip_value *where;
        struct slip_str env, src, value;
    } * password;
};

struct slip_raw_git {
    const struct slip_value *where;
    struct slip_str url, branch, tag, commit, add, to, owner, group;
    struct slip_raw_list include_paths, exclude_paths;
    struct slip_raw_stage_dependencies *stage_dependencies;
    struct slip_raw_basic_auth *basic_auth;
};

struct slip_raw_shell {
    const struct slip_value *where;
    struct slip_raw_list commands[4]; /* by enum slip_user_stage */
    struct slip_str cache_version, stage_cache_version[4];
};

struct slip_raw_ansible {
    const struct slip_value *where;
    const struct slip_value *tasks[4];
    struct slip_str cache_version, stage_cache_version[4];
};

struct slip_raw_docker {
    const struct slip_value *where;
    struct slip_raw_list volume, expose, env, label;
    const struct slip_value *cmd, *entrypoint;
    struct slip_str workdir, user, healthcheck;
    enum slip_tri exact_values;
};

struct slip_raw_import {
    const struct slip_value *where;
    struct slip_str image, from, artifact, stage, before, after, add, to, owner, group;
    struct slip_raw_list include_paths, exclude_paths;
};

struct slip_raw_mount {
    const struct slip_value *where;
    struct slip_str to, from, from_path;
};

struct slip_raw_stapel {
    const struct slip_value *where;
    const struct slip_value *image;
    struct slip_str artifact;
    struct slip_str from, from_image, from_artifact;
    struct slip_str from_cache_version, cache_version, network;
    enum slip_tri final, from_latest, disable_git_after_patch;
    struct slip_raw_list platform, git, imports, dependencies, mounts, secrets;
    struct slip_raw_shell *shell;
    struct slip_raw_ansible *ansible;
    struct slip_raw_docker *docker;
    struct slip_raw_spec *image_spec;
};

/* werf 2 knows `from` since September 2026; it wins over `image`. */
static inline struct slip_str slip_raw_dependency_image(const struct slip_raw_dependency *d)
{
    return d->from.len ? d->from : d->image;
}

extern const struct slip_section slip_raw_meta_section;
extern const struct slip_section slip_raw_dockerfile_section;
extern const struct slip_section slip_raw_stapel_section;

#endif
