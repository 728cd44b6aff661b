/* SPDX-License-Identifier: Apache-2.0 */
/* Every directive of werf.yaml: its name, the kind of its value and where that goes. */
#include "werf/raw.h"

/* clang-format off */
#define MEMBER(name, kind, s, member) { name, SLIP_FIELD_##kind, offsetof(struct slip_raw_##s, member), NULL }
#define NESTED(name, kind, s, member, inner) { name, SLIP_FIELD_##kind, offsetof(struct slip_raw_##s, member), &inner##_section }
#define SECTION(id, s, type_name, is_open)                                                            \
    static const struct slip_section id##_section = {                                                 \
        .type = (type_name), .fields = id##_fields, .n_fields = SLIP_COUNT(id##_fields),                \
        .size = sizeof(struct slip_raw_##s), .open = (is_open)                                        \
    }

#define IN_META "belongs in the document with 'configVersion'"
#define IN_IMAGE "belongs in the document of an image: put a line '---' before that"

static const struct slip_field health_fields[] = {
    MEMBER("test", STRINGS, health, test),
    MEMBER("interval", INT, health, interval),
    MEMBER("timeout", INT, health, timeout),
    MEMBER("startperiod", INT, health, start_period),
    MEMBER("retries", INT, health, retries),
};
SECTION(health, health, "config.healthConfig", false);

static const struct slip_field spec_config_fields[] = {
    MEMBER("keepEssentialWerfLabels", BOOL, spec_config, keep_essential_labels),
    MEMBER("clearWerfLabels", BOOL, spec_config, clear_werf_labels),
    MEMBER("clearCmd", BOOL, spec_config, clear_cmd),
    MEMBER("clearEntrypoint", BOOL, spec_config, clear_entrypoint),
    MEMBER("clearUser", BOOL, spec_config, clear_user),
    MEMBER("clearWorkingDir", BOOL, spec_config, clear_working_dir),
    MEMBER("removeLabels", STRINGS, spec_config, remove_labels),
    MEMBER("removeVolumes", STRINGS, spec_config, remove_volumes),
    MEMBER("removeEnv", STRINGS, spec_config, remove_env),
    MEMBER("volumes", STRINGS, spec_config, volumes),
    MEMBER("expose", STRINGS, spec_config, expose),
    MEMBER("cmd", STRINGS, spec_config, cmd),
    MEMBER("entrypoint", STRINGS, spec_config, entrypoint),
    MEMBER("labels", STRING_MAP, spec_config, labels),
    MEMBER("env", STRING_MAP, spec_config, env),
    MEMBER("user", STRING, spec_config, user),
    MEMBER("workingDir", STRING, spec_config, working_dir),
    MEMBER("stopSignal", STRING, spec_config, stop_signal),
    NESTED("healthcheck", SECTION, spec_config, healthcheck, health),
};
SECTION(spec_config, spec_config, "config.rawImageSpecConfig", false);

static const struct slip_field spec_fields[] = {
    MEMBER("author", STRING, spec, author),
    MEMBER("clearHistory", BOOL, spec, clear_history),
    NESTED("config", SECTION, spec, config, spec_config),
};
SECTION(spec, spec, "config.rawImageSpec", false);

static const struct slip_field global_spec_config_fields[] = {
    MEMBER("keepEssentialWerfLabels", BOOL, spec_config, keep_essential_labels),
    MEMBER("clearWerfLabels", BOOL, spec_config, clear_werf_labels),
    MEMBER("removeLabels", STRINGS, spec_config, remove_labels),
    MEMBER("labels", STRING_MAP, spec_config, labels),
};
SECTION(global_spec_config, spec_config, "config.rawImageSpecGlobalConfig", false);

static const struct slip_field global_spec_fields[] = {
    MEMBER("author", STRING, spec, author),
    MEMBER("clearHistory", BOOL, spec, clear_history),
    NESTED("config", SECTION, spec, config, global_spec_config),
};
SECTION(global_spec, spec, "config.rawImageSpecGlobal", false);

static const struct slip_field dependency_import_fields[] = {
    MEMBER("type", STRING, dependency_import, type),
    MEMBER("targetBuildArg", STRING, dependency_import, target_build_arg),
    MEMBER("targetEnv", STRING, dependency_import, target_env),
};
SECTION(dependency_import, dependency_import, "config.rawDependencyImport", false);

static const struct slip_field dependency_fields[] = {
    MEMBER("image", STRING, dependency, image),
    MEMBER("from", STRING, dependency, from),
    MEMBER("before", STRING, dependency, before),
    MEMBER("after", STRING, dependency, after),
    NESTED("imports", SECTIONS, dependency, imports, dependency_import),
};
SECTION(dependency, dependency, "config.rawDependency", false);

static const struct slip_field secret_fields[] = {
    MEMBER("id", STRING, secret, id),
    MEMBER("env", STRING, secret, env),
    MEMBER("src", STRING, secret, src),
    MEMBER("value", STRING, secret, value),
};
SECTION(secret, secret, "config.rawSecret", false);

static const struct slip_field build_fields[] = {
    MEMBER("cacheVersion", STRING, build, cache_version),
    MEMBER("platform", STRINGS, build, platform),
    MEMBER("staged", BOOL, build, staged),
    NESTED("imageSpec", SECTION, build, image_spec, global_spec),
};
SECTION(build, build, "config.rawMetaBuild", false);

static const struct slip_field helm_chart_config_fields[] = {
    MEMBER("appVersion", STRING, helm_chart_config, app_version),
};
SECTION(helm_chart_config, helm_chart_config, "config.rawMetaDeployHelmChartConfig", false);

static const struct slip_field deploy_fields[] = {
    MEMBER("helmChartDir", STRING, deploy, helm_chart_dir),
    MEMBER("helmRelease", STRING, deploy, helm_release),
    MEMBER("helmReleaseSlug", BOOL, deploy, helm_release_slug),
    MEMBER("namespace", STRING, deploy, namespace),
    MEMBER("namespaceSlug", BOOL, deploy, namespace_slug),
    NESTED("helmChartConfig", SECTION, deploy, helm_chart_config, helm_chart_config),
};
SECTION(deploy, deploy, "config.rawMetaDeploy", false);

static const struct slip_field limit_fields[] = {
    MEMBER("last", INT, limit, last),
    MEMBER("in", STRING, limit, in),
    MEMBER("operator", STRING, limit, operator),
};
SECTION(limit, limit, "config.rawMetaCleanupKeepPolicyLimit", false);

static const struct slip_field open_limit_fields[] = {
    MEMBER("last", INT, limit, last),
    MEMBER("in", STRING, limit, in),
    MEMBER("operator", STRING, limit, operator),
};
SECTION(open_limit, limit, "config.rawMetaCleanupKeepPolicyLimit", true);

static const struct slip_field references_fields[] = {
    MEMBER("tag", STRING, references, tag),
    MEMBER("branch", STRING, references, branch),
    NESTED("limit", SECTION, references, limit, limit),
};
SECTION(references, references, "config.rawMetaCleanupKeepPolicyReferences", false);

static const struct slip_field keep_policy_fields[] = {
    NESTED("references", SECTION, keep_policy, references, references),
    NESTED("imagesPerReference", SECTION, keep_policy, images_per_reference, open_limit),
};
SECTION(keep_policy, keep_policy, "config.rawMetaCleanupKeepPolicy", false);

static const struct slip_field cleanup_fields[] = {
    MEMBER("disable", BOOL, cleanup, disable),
    MEMBER("disableKubernetesBasedPolicy", BOOL, cleanup, disable_kubernetes),
    MEMBER("disableGitHistoryBasedPolicy", BOOL, cleanup, disable_git_history),
    MEMBER("disableBuiltWithinLastNHoursPolicy", BOOL, cleanup, disable_built_within),
    MEMBER("keepImagesBuiltWithinLastNHours", INT, cleanup, keep_hours),
    NESTED("keepPolicies", SECTIONS, cleanup, keep_policies, keep_policy),
};
SECTION(cleanup, cleanup, "config.rawMetaCleanup", false);

static const struct slip_field git_worktree_fields[] = {
    MEMBER("forceShallowClone", BOOL, git_worktree, force_shallow_clone),
    MEMBER("allowUnshallow", BOOL, git_worktree, allow_unshallow),
    MEMBER("allowFetchOriginBranchesAndTags", BOOL, git_worktree, allow_fetch),
};
SECTION(git_worktree, git_worktree, "config.rawMetaGitWorktree", false);

static const struct slip_field meta_fields[] = {
    MEMBER("configVersion", INT, meta, config_version),
    MEMBER("project", STRING, meta, project),
    NESTED("build", SECTION, meta, build, build),
    NESTED("deploy", SECTION, meta, deploy, deploy),
    NESTED("cleanup", SECTION, meta, cleanup, cleanup),
    NESTED("gitWorktree", SECTION, meta, git_worktree, git_worktree),
};

static const struct slip_field dockerfile_fields[] = {
    MEMBER("image", ANY, dockerfile, image),
    MEMBER("dockerfile", STRING, dockerfile, dockerfile),
    MEMBER("context", STRING, dockerfile, context),
    MEMBER("contextAddFiles", WORDS, dockerfile, context_add_files),
    MEMBER("contextAddFile", WORDS, dockerfile, context_add_file),
    MEMBER("target", STRING, dockerfile, target),
    MEMBER("args", ANY_MAP, dockerfile, args),
    MEMBER("addHost", WORDS, dockerfile, add_host),
    MEMBER("network", STRING, dockerfile, network),
    MEMBER("ssh", STRING, dockerfile, ssh),
    NESTED("dependencies", SECTIONS, dockerfile, dependencies, dependency),
    MEMBER("staged", BOOL, dockerfile, staged),
    MEMBER("platform", STRINGS, dockerfile, platform),
    MEMBER("cacheVersion", STRING, dockerfile, cache_version),
    MEMBER("final", BOOL, dockerfile, final),
    NESTED("secrets", SECTIONS, dockerfile, secrets, secret),
    NESTED("imageSpec", SECTION, dockerfile, image_spec, spec),
};
const struct slip_section slip_raw_dockerfile_section = {
    .type = "config.rawImageFromDockerfile", .fields = dockerfile_fields, .n_fields = SLIP_COUNT(dockerfile_fields),
    .size = sizeof(struct slip_raw_dockerfile),
    .apart = { { &slip_raw_meta_section, IN_META }, { &slip_raw_stapel_section, "is for images without 'dockerfile'" } },
};

static const struct slip_field stage_dependencies_fields[] = {
    MEMBER("install", WORDS, stage_dependencies, install),
    MEMBER("beforeSetup", WORDS, stage_dependencies, before_setup),
    MEMBER("setup", WORDS, stage_dependencies, setup),
};
SECTION(stage_dependencies, stage_dependencies, "config.rawStageDependencies", false);

static const struct slip_field password_fields[] = {
    MEMBER("env", STRING, password, env),
    MEMBER("src", STRING, password, src),
    MEMBER("value", STRING, password, value),
};
SECTION(password, password, "config.rawPassword", false);

static const struct slip_field basic_auth_fields[] = {
    MEMBER("username", STRING, basic_auth, username),
    NESTED("password", SECTION, basic_auth, password, password),
};
SECTION(basic_auth, basic_auth, "config.rawBasicAuth", false);

static const struct slip_field git_fields[] = {
    MEMBER("url", STRING, git, url),
    MEMBER("branch", STRING, git, branch),
    MEMBER("tag", STRING, git, tag),
    MEMBER("commit", STRING, git, commit),
    MEMBER("add", STRING, git, add),
    MEMBER("to", STRING, git, to),
    MEMBER("owner", STRING, git, owner),
    MEMBER("group", STRING, git, group),
    MEMBER("includePaths", WORDS, git, include_paths),
    MEMBER("excludePaths", WORDS, git, exclude_paths),
    NESTED("stageDependencies", SECTION, git, stage_dependencies, stage_dependencies),
    NESTED("basicAuth", SECTION, git, basic_auth, basic_auth),
};
SECTION(git, git, "config.rawGit", false);

static const struct slip_field shell_fields[] = {
    MEMBER("beforeInstall", WORDS, shell, commands[0]),
    MEMBER("install", WORDS, shell, commands[1]),
    MEMBER("beforeSetup", WORDS, shell, commands[2]),
    MEMBER("setup", WORDS, shell, commands[3]),
    MEMBER("cacheVersion", STRING, shell, cache_version),
    MEMBER("beforeInstallCacheVersion", STRING, shell, stage_cache_version[0]),
    MEMBER("installCacheVersion", STRING, shell, stage_cache_version[1]),
    MEMBER("beforeSetupCacheVersion", STRING, shell, stage_cache_version[2]),
    MEMBER("setupCacheVersion", STRING, shell, stage_cache_version[3]),
};
SECTION(shell, shell, "config.rawShell", false);

static const struct slip_field ansible_fields[] = {
    MEMBER("beforeInstall", ANY, ansible, tasks[0]),
    MEMBER("install", ANY, ansible, tasks[1]),
    MEMBER("beforeSetup", ANY, ansible, tasks[2]),
    MEMBER("setup", ANY, ansible, tasks[3]),
    MEMBER("cacheVersion", STRING, ansible, cache_version),
    MEMBER("beforeInstallCacheVersion", STRING, ansible, stage_cache_version[0]),
    MEMBER("installCacheVersion", STRING, ansible, stage_cache_version[1]),
    MEMBER("beforeSetupCacheVersion", STRING, ansible, stage_cache_version[2]),
    MEMBER("setupCacheVersion", STRING, ansible, stage_cache_version[3]),
};
SECTION(ansible, ansible, "config.rawAnsible", false);

static const struct slip_field docker_fields[] = {
    MEMBER("VOLUME", WORDS, docker, volume),
    MEMBER("EXPOSE", WORDS, docker, expose),
    MEMBER("ENV", STRING_MAP, docker, env),
    MEMBER("LABEL", STRING_MAP, docker, label),
    MEMBER("CMD", ANY, docker, cmd),
    MEMBER("ENTRYPOINT", ANY, docker, entrypoint),
    MEMBER("WORKDIR", STRING, docker, workdir),
    MEMBER("USER", STRING, docker, user),
    MEMBER("HEALTHCHECK", STRING, docker, healthcheck),
    MEMBER("exactValues", BOOL, docker, exact_values),
};
SECTION(docker, docker, "config.rawDocker", false);

static const struct slip_field import_fields[] = {
    MEMBER("image", STRING, import, image),
    MEMBER("from", STRING, import, from),
    MEMBER("artifact", STRING, import, artifact),
    MEMBER("stage", STRING, import, stage),
    MEMBER("before", STRING, import, before),
    MEMBER("after", STRING, import, after),
    MEMBER("add", STRING, import, add),
    MEMBER("to", STRING, import, to),
    MEMBER("owner", STRING, import, owner),
    MEMBER("group", STRING, import, group),
    MEMBER("includePaths", WORDS, import, include_paths),
    MEMBER("excludePaths", WORDS, import, exclude_paths),
};
SECTION(import, import, "config.rawImport", false);

static const struct slip_field mount_fields[] = {
    MEMBER("to", STRING, mount, to),
    MEMBER("from", STRING, mount, from),
    MEMBER("fromPath", STRING, mount, from_path),
};
SECTION(mount, mount, "config.rawMount", false);

static const struct slip_field stapel_fields[] = {
    MEMBER("image", ANY, stapel, image),
    MEMBER("artifact", STRING, stapel, artifact),
    MEMBER("from", STRING, stapel, from),
    MEMBER("fromImage", STRING, stapel, from_image),
    MEMBER("fromArtifact", STRING, stapel, from_artifact),
    MEMBER("fromCacheVersion", STRING, stapel, from_cache_version),
    MEMBER("cacheVersion", STRING, stapel, cache_version),
    MEMBER("network", STRING, stapel, network),
    MEMBER("final", BOOL, stapel, final),
    MEMBER("fromLatest", BOOL, stapel, from_latest),
    MEMBER("disableGitAfterPatch", BOOL, stapel, disable_git_after_patch),
    MEMBER("platform", STRINGS, stapel, platform),
    NESTED("git", SECTIONS, stapel, git, git),
    NESTED("shell", SECTION, stapel, shell, shell),
    NESTED("ansible", SECTION, stapel, ansible, ansible),
    NESTED("docker", SECTION, stapel, docker, docker),
    NESTED("import", SECTIONS, stapel, imports, import),
    NESTED("dependencies", SECTIONS, stapel, dependencies, dependency),
    NESTED("mount", SECTIONS, stapel, mounts, mount),
    NESTED("secrets", SECTIONS, stapel, secrets, secret),
    NESTED("imageSpec", SECTION, stapel, image_spec, spec),
};
const struct slip_section slip_raw_stapel_section = {
    .type = "config.rawStapelImage", .fields = stapel_fields, .n_fields = SLIP_COUNT(stapel_fields),
    .size = sizeof(struct slip_raw_stapel), .elsewhere = "dockerfile",
    .apart = { { &slip_raw_meta_section, IN_META }, { &slip_raw_dockerfile_section, "is for images with 'dockerfile'" } },
};
const struct slip_section slip_raw_meta_section = {
    .type = "config.rawMeta", .fields = meta_fields, .n_fields = SLIP_COUNT(meta_fields),
    .size = sizeof(struct slip_raw_meta), 
    .apart = { { &slip_raw_stapel_section, IN_IMAGE }, { &slip_raw_dockerfile_section, IN_IMAGE } },
};
/* clang-format on */
