/* SPDX-License-Identifier: Apache-2.0 */
/* Options that many commands share, and what the environment says about registries. */
#ifndef SLIP_HOOKS_SETTINGS_H
#define SLIP_HOOKS_SETTINGS_H

#include "cli.h"

#include "build/engine.h"
#include "flow/project.h"
#include "flow/resolve.h"
#include "flow/work_tree.h"
#include "lock/own.h"
#include "registry/store.h"
#include "repo/git.h"
#include "rule/rules.h"

/* Which commit, and where in it werf.yaml is. */
struct slip_commit_options {
    const char *commit, *werf_dir, *config, *templates_dir, *giterminism, *env;
    bool commit_only, skip_image_spec;
};

/* The registries. */
struct slip_registry_flags {
    const char *repo, *docker_config;
    bool insecure, skip_tls_verify;
};

/* How to build. */
struct slip_build_flags {
    const char *engine, *synchronization, *home_dir, *network;
    struct slip_words mirrors;
    bool no_preflight;
};

/* Rows for the tables of commands: SLIP_COMMIT_OPTIONS(struct args, commit), ... */
#define SLIP_AT(type, member, field)                                                               \
    (offsetof(type, member) + offsetof(__typeof__(((type *)0)->member), field))

/* clang-format off */
#define SLIP_COMMIT_OPTIONS(type, member)                                                          \
    { "commit", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, commit), "REV", NULL,                   \
      "the commit to work on (HEAD)" },                                                            \
    SLIP_WERF_OPTIONS(type, member)

#define SLIP_WERF_OPTIONS(type, member)                                                            \
    { "dir", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, werf_dir), "DIR",                     \
      "SLIPWAY_WERF_DIR WERF_DIR", "directory of werf.yaml inside the commit" },                   \
    { "config", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, config), "FILE",                        \
      "SLIPWAY_CONFIG WERF_CONFIG", "another name for werf.yaml, inside the commit" },             \
    { "config-templates-dir", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, templates_dir), "DIR",    \
      "SLIPWAY_CONFIG_TEMPLATES_DIR WERF_CONFIG_TEMPLATES_DIR", "templates, instead of .werf" },   \
    { "giterminism-config", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, giterminism), "FILE",       \
      "SLIPWAY_GITERMINISM_CONFIG WERF_GITERMINISM_CONFIG",                                        \
      "another name for werf-giterminism.yaml" },                                                  \
    { "commit-only", 0, SLIP_OPTION_FLAG, SLIP_AT(type, member, commit_only), NULL,                \
      "SLIPWAY_COMMIT_ONLY", "read what werf would take from a work tree from the commit" },       \
    { "skip-image-spec-stage", 0, SLIP_OPTION_FLAG, SLIP_AT(type, member, skip_image_spec), NULL,  \
      "SLIPWAY_SKIP_IMAGE_SPEC_STAGE WERF_SKIP_IMAGE_SPEC_STAGE",                                  \
      "as if werf.yaml had no imageSpec: other digests" },                                         \
    { "env", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, env), "NAME", "SLIPWAY_ENV WERF_ENV",      \
      "what .Env is in werf.yaml" }

#define SLIP_REGISTRY_OPTIONS(type, member)                                                        \
    { "repo", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, repo), "REPOSITORY",                      \
      "SLIPWAY_REPO WERF_REPO", "the stage repository: HOST/PATH or oci:DIR" },                    \
    { "insecure-registry", 0, SLIP_OPTION_FLAG, SLIP_AT(type, member, insecure), NULL,             \
      "SLIPWAY_INSECURE_REGISTRY WERF_INSECURE_REGISTRY", "plain HTTP may be used" },              \
    { "skip-tls-verify-registry", 0, SLIP_OPTION_FLAG, SLIP_AT(type, member, skip_tls_verify),     \
      NULL, "SLIPWAY_SKIP_TLS_VERIFY_REGISTRY WERF_SKIP_TLS_VERIFY_REGISTRY",                      \
      "do not verify certificates" },                                                              \
    { "docker-config", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, docker_config), "DIR",           \
      "SLIPWAY_DOCKER_CONFIG WERF_DOCKER_CONFIG DOCKER_CONFIG",                                    \
      "directory of docker's config.json (~/.docker)" }

#define SLIP_BUILD_OPTIONS(type, member)                                                           \
    { "engine", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, engine), "NAME", "SLIPWAY_ENGINE",      \
      "what builds images: buildah (the default), or none" },                                      \
    { "synchronization", 'S', SLIP_OPTION_TEXT, SLIP_AT(type, member, synchronization), "WHERE",   \
      "SLIPWAY_SYNCHRONIZATION WERF_SYNCHRONIZATION",                                              \
      "where builders lock: http(s)://HOST, :local or none" },                                     \
    { "no-preflight", 0, SLIP_OPTION_FLAG, SLIP_AT(type, member, no_preflight), NULL,              \
      "SLIPWAY_NO_PREFLIGHT", "do not ask before a build or upload whether we may write there" },  \
    { "container-registry-mirror", 0, SLIP_OPTION_LIST, SLIP_AT(type, member, mirrors), "HOST",    \
      "SLIPWAY_CONTAINER_REGISTRY_MIRROR_* WERF_CONTAINER_REGISTRY_MIRROR_*",                      \
      "where the builder looks first for base images of Docker Hub, may be repeated" },            \
    { "backend-network", 0, SLIP_OPTION_TEXT, SLIP_AT(type, member, network), "NETWORK",           \
      "SLIPWAY_BACKEND_NETWORK WERF_BACKEND_NETWORK",                                              \
      "of builds whose image names none: host, none or default" }
/* clang-format on */

extern const char slip_version[];

/*
 * What the environment says about registries, in one place. `base_dir` is what relative oci: paths
 * are relative to. The result borrows from `cli` and the flags; free with slip_settings_clear.
 */
struct slip_settings {
    struct slip_registry_options registry;
    struct slip_build_host host;
    struct slip_lock_settings locks;
    struct slip_locks *name_locks; /* under which names are written */
    struct slip_own_locks name_lock_settings;
    char *user_agent, *docker_dir, *werf_home;
    char *auth_files[4];
    char *lock_dirs[3];
};
void slip_settings_init(struct slip_settings *s, const struct slip_cli *cli,
                        const struct slip_registry_flags *flags, const char *base_dir);
void slip_settings_clear(struct slip_settings *s);
SLIP_DEFINE_AUTO(slip_settings, slip_settings_clear);

/* What the environment and the options say about werf.yaml, the directory as a path of the commit;
 * borrows from `cli`, `c` and `dir`. Refused in modes in which werf reads more than the commit. */
SLIP_MUST_USE int slip_prepare_config(struct slip_cli *cli, const struct slip_commit_options *c,
                                      const struct slip_repo *repo, struct slip_config_options *o,
                                      struct slip_buf *dir, struct slip_error *err);

/* Advice where a commit has no rules, but the work tree: the file's name, twice. */
#define SLIP_UNCOMMITTED "'%s' is in the work tree, but not in the commit: git add %s && git commit"

/* Add to an error of reading werf.yaml the advice that the work tree differs from the commit: the
 * mistake may be mended already. Always -1. */
int slip_hint_at_work_tree(const struct slip_project *p, const struct slip_config_options *o,
                           const struct slip_files_read *read, struct slip_error *err);

/* Read the images of an open commit. Refuses modes in which werf reads more than the commit
 * (WERF_DEV and its kin): its result would be another one. */
SLIP_MUST_USE int slip_read_images(struct slip_cli *cli, const struct slip_commit_options *c,
                                   struct slip_project *p, struct slip_error *err);

/* What rules say of werf.yaml (`dir`, `env`) counts where no option and no variable does. `c` then
 * borrows from the rules. */
void slip_follow_rules(const struct slip_rules *rules, struct slip_commit_options *c);

/* What is told about a commit besides options and variables. All zeros before. */
struct slip_told {
    struct slip_git_config config;
    struct slip_rules rules; /* of the commit; empty when there are none */
};
void slip_told_clear(struct slip_told *t);
SLIP_DEFINE_AUTO(slip_told, slip_told_clear);

/* Read it. Rules that are wrong are no reason not to look at images: a warning, and they count as
 * none. */
SLIP_MUST_USE int slip_told_read(struct slip_cli *cli, const struct slip_project *p,
                                 struct slip_told *out, struct slip_error *err);

/* Open repository and commit as the options say, and read its images; with `told` (or NULL), which
 * is read then, as the rules say, too. */
SLIP_MUST_USE int slip_open_project(struct slip_cli *cli, const struct slip_commit_options *c,
                                    struct slip_told *told, struct slip_project *out,
                                    struct slip_error *err);

/* The same up to the rendered text of werf.yaml, as the options alone say. */
SLIP_MUST_USE int slip_render_config(struct slip_cli *cli, const struct slip_commit_options *c,
                                     struct slip_project *out, struct slip_buf *text,
                                     struct slip_error *err);

/* Images chosen by the words of a command line: all final ones when there are none. `wanted` has a
 * flag per image. Images that are named but not final are told of. */
SLIP_MUST_USE int slip_select_words(struct slip_cli *cli, const struct slip_project *p,
                                    const struct slip_words *words, bool *wanted,
                                    struct slip_error *err);

/* The full name of a ref: as given, else a tag, else a branch of this repository. */
SLIP_MUST_USE int slip_full_ref(struct slip_repo *repo, const char *name, struct slip_buf *out,
                                struct slip_error *err);

/* The number of `--limit N`: above zero; NULL is 0, which means all. */
bool slip_read_limit(const char *text, size_t *out);

/*
 * The stage repository: given, or recorded in git config, or named by the rules of the commit; NULL
 * when there is none. It borrows from what was told.
 */
SLIP_MUST_USE int slip_stage_repository(const struct slip_told *told, const char *given,
                                        const char **out, struct slip_error *err);

/* Open a repository given as text. */
SLIP_MUST_USE int slip_open_store(struct slip_registry *r, const char *repository,
                                  struct slip_store **out, struct slip_error *err);

/* Is what was given with an option a repository? NULL is fine, none was given. */
SLIP_MUST_USE int slip_check_repository(const char *option, const char *text,
                                        struct slip_error *err);

/* What werf's variables say about the digests of stapel images. */
struct slip_stapel_switches slip_stapel_settings(const struct slip_cli *cli);

/* WERF_STAGED_DOCKERFILE_VERSION, see slip_staged_version. */
SLIP_MUST_USE int slip_staged_settings(const struct slip_cli *cli, unsigned *out,
                                       struct slip_error *err);

/* How stages are found and built from here: all that does not depend on the command. Borrows from
 * the settings. */
SLIP_MUST_USE int slip_resolve_settings(struct slip_settings *s, const struct slip_cli *cli,
                                        const struct slip_registry_flags *registry_flags,
                                        const struct slip_build_flags *flags,
                                        struct slip_registry *registry,
                                        struct slip_resolve_options *out, struct slip_error *err);

/* Unix time. */
int64_t slip_now_ms(void);

/* Seconds with an optional unit: 90, 90s, 10m, 1h. */
bool slip_read_duration(const char *text, int64_t *seconds);

#define SLIP_LIMIT_OUTPUT (64u << 20) /* bytes of a command's text */

/* "linux/amd64": what images without a platform are built for. */
const char *slip_host_platform(void);

#endif
