/* SPDX-License-Identifier: Apache-2.0 */
/* slipway export: images of one commit to names given by hand, as `werf export` does. */
#include "commands.h"

#include "base/file.h"
#include "base/mem.h"
#include "flow/release.h"
#include "outcome.h"
#include "settings.h"

struct export_args {
    struct slip_commit_options commit;
    struct slip_registry_flags registry;
    struct slip_build_flags build;
    struct slip_words tags, labels, platforms;
    const char *separator, *final_repo;
    bool require_built, final_only, check;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "tag", 0, SLIP_OPTION_LIST, offsetof(struct export_args, tags), "NAME", NULL,
      "destination, with %image%, %image_slug%, %image_safe_slug%, %image_content_based_tag%" },
    { "add-label", 0, SLIP_OPTION_LIST, offsetof(struct export_args, labels), "KEY=VALUE", NULL,
      "a label for exported images, may be repeated; $WERF_EXPORT_ADD_LABEL_* too" },
    { "add-label-separator", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, separator), "TEXT",
      "WERF_EXPORT_ADD_LABEL_SEPARATOR", "between labels of one value (a line end)" },
    SLIP_COMMIT_OPTIONS(struct export_args, commit),
    SLIP_REGISTRY_OPTIONS(struct export_args, registry),
    SLIP_BUILD_OPTIONS(struct export_args, build),
    { "require-built-images", 'Z', SLIP_OPTION_FLAG, offsetof(struct export_args, require_built),
      NULL, "SLIPWAY_REQUIRE_BUILT_IMAGES WERF_REQUIRE_BUILT_IMAGES",
      "do not build: a missing stage is an error" },
    { "platform", 0, SLIP_OPTION_LIST, offsetof(struct export_args, platforms), "PLATFORM",
      "WERF_PLATFORM DOCKER_DEFAULT_PLATFORM", "of all images, may be repeated" },
    { "check", 0, SLIP_OPTION_FLAG, offsetof(struct export_args, check), NULL, NULL,
      "write nothing: compare what is under the names with what would be written" },
    { "final-repo", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, final_repo), "REPOSITORY",
      "WERF_FINAL_REPO", "werf's final repository: its stages are not written over either" },
    { "final-images-only", 0, SLIP_OPTION_FLAG, offsetof(struct export_args, final_only), NULL,
      NULL, "always so, accepted for scripts written for werf" },
    { .name = NULL },
};
/* clang-format on */

/* One wish per --tag, with the same labels and images. */
static struct slip_release_wish *make_wishes(const struct export_args *o, const bool *wanted,
                                             const struct slip_labels *labels)
{
    struct slip_release_wish *wishes = slip_alloc_array(o->tags.len + 1, sizeof(*wishes));
    for (size_t i = 0; i < o->tags.len; i++)
        wishes[i] = (struct slip_release_wish){ .name = slip_str_of(o->tags.at[i]),
                                                .wanted = wanted,
                                                .if_exists = SLIP_IF_EXISTS_SKIP_IF_SAME,
                                                .how = { .labels = labels } };
    return wishes;
}

static int gather_labels(const struct slip_cli *cli, const struct export_args *o,
                         struct slip_labels *out, struct slip_error *err)
{
    SLIP_AUTO_FREE struct slip_str *values = slip_alloc_array(o->labels.len + 1, sizeof(*values));
    for (size_t i = 0; i < o->labels.len; i++)
        values[i] = slip_str_of(o->labels.at[i]);
    return slip_labels_gather(cli->env, "WERF_EXPORT_ADD_LABEL_", values, o->labels.len,
                              slip_str_of(o->separator ? o->separator : "\n"), out, err);
}

static int export(struct slip_cli *cli, const struct export_args *o, const struct slip_words *args,
                  struct slip_outcome *outcome, struct slip_error *err)
{
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(slip_project) project = { 0 };
    SLIP_AUTO(slip_settings) settings = { 0 };
    if (gather_labels(cli, o, &labels, err) < 0
        || slip_open_project(cli, &o->commit, &project, err) < 0)
        return -1;
    SLIP_AUTO_FREE bool *wanted = slip_alloc_array(project.set.len + 1, sizeof(bool));
    if (slip_select_words(cli, &project, args, wanted, err) < 0)
        return -1;

    slip_settings_init(&settings, cli, &o->registry, slip_project_base_dir(&project));
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new(&settings.registry);
    SLIP_AUTO_FREE struct slip_release_wish *wishes = make_wishes(o, wanted, &labels);
    struct slip_str final_repo = slip_str_of(o->final_repo);
    struct slip_resolve_options resolve;
    if (slip_resolve_settings(&settings, cli, &o->registry, &o->build, registry, &resolve, err) < 0)
        return -1;
    resolve.platforms = o->platforms.at;
    resolve.n_platforms = o->platforms.len;
    resolve.missing = cli->common.dry_run            ? SLIP_MISSING_NOTED
                      : o->require_built || o->check ? SLIP_MISSING_FAILS
                                                     : SLIP_MISSING_BUILDS;
    struct slip_release_options ro = {
        .phase = o->check              ? SLIP_PHASE_CHECK
                 : cli->common.dry_run ? SLIP_PHASE_PLAN
                                       : SLIP_PHASE_NAMES,
        .stage_repository = slip_str_of(o->registry.repo),
        .more_stage_repositories = &final_repo,
        .n_more = o->final_repo ? 1 : 0,
        .registry = registry,
        .preflight = !o->build.no_preflight,
        .watch = &cli->watch,
        .resolve = resolve,
    };
    slip_outcome_begin(outcome, "command", NULL, project.commit_hex);
    return slip_release(&project, wishes, o->tags.len, &ro, outcome, err);
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct export_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    if (o->tags.len == 0)
        return slip_cli_usage(cli, "give at least one destination with --tag NAME");
    if (!o->registry.repo)
        return slip_cli_usage(cli, "give the stage repository with --repo REPOSITORY");
    if (export(cli, o, args, &outcome, &err) < 0)
        return slip_outcome_fail(cli, &outcome, &err);
    return slip_outcome_show(cli, &outcome);
}

const struct slip_command slip_command_export = {
    .name = "export",
    .trade = "release",
    .synopsis = "export [IMAGE...] --repo REPOSITORY --tag NAME...",
    .summary = "export images of a commit to names given by hand",
    .details = "IMAGE is a name or a pattern (* ? [...]), !IMAGE an exclusion; without any, all "
               "final images.",
    .options = options_table,
    .size = sizeof(struct export_args),
    .run = run,
};
