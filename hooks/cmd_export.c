/* SPDX-License-Identifier: Apache-2.0 */
/* slipway export: images of one commit to names given by hand, as `werf export` does. */
#include "commands.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "flow/release.h"
#include "outcome.h"
#include "settings.h"

struct export_args {
    struct slip_commit_options commit;
    struct slip_registry_flags registry;
    struct slip_build_flags build;
    struct slip_words tags, labels, platforms, secondary_repos, cache_repos;
    const char *separator, *final_repo, *report_path, *tasks_limit;
    bool require_built, final_only, parallel, check, use_report, save_report;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "tag", 0, SLIP_OPTION_LIST, offsetof(struct export_args, tags), "NAME", NULL,
      "destination, with %image%, %image_slug%, %image_safe_slug%, %image_content_based_tag%" },
    { "add-label", 0, SLIP_OPTION_LIST, offsetof(struct export_args, labels), "KEY=VALUE", NULL,
      "a label for exported images, may be repeated; $WERF_EXPORT_ADD_LABEL_* too" },
    { "add-label-separator", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, separator), "TEXT",
      "SLIPWAY_EXPORT_ADD_LABEL_SEPARATOR WERF_EXPORT_ADD_LABEL_SEPARATOR",
      "between labels of one value (a line end)" },
    SLIP_COMMIT_OPTIONS(struct export_args, commit),
    SLIP_REGISTRY_OPTIONS(struct export_args, registry),
    SLIP_BUILD_OPTIONS(struct export_args, build),
    { "require-built-images", 'Z', SLIP_OPTION_FLAG, offsetof(struct export_args, require_built),
      NULL, "SLIPWAY_REQUIRE_BUILT_IMAGES WERF_REQUIRE_BUILT_IMAGES",
      "do not build: a missing stage is an error" },
    { "platform", 0, SLIP_OPTION_LIST, offsetof(struct export_args, platforms), "PLATFORM",
      "SLIPWAY_PLATFORM WERF_PLATFORM DOCKER_DEFAULT_PLATFORM", "of all images, may be repeated" },
    { "use-build-report", 0, SLIP_OPTION_FLAG, offsetof(struct export_args, use_report), NULL,
      "SLIPWAY_USE_BUILD_REPORT WERF_USE_BUILD_REPORT",
      "export what a build report of werf names; nothing is worked out or built" },
    { "save-build-report", 0, SLIP_OPTION_FLAG, offsetof(struct export_args, save_report), NULL,
      "SLIPWAY_SAVE_BUILD_REPORT", "write a build report as werf build does" },
    { "build-report-path", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, report_path), "FILE",
      "SLIPWAY_BUILD_REPORT_PATH WERF_BUILD_REPORT_PATH",
      "the build report: FILE.json or FILE.env (.werf-build-report.json when one is written)" },
    { "check", 0, SLIP_OPTION_FLAG, offsetof(struct export_args, check), NULL, NULL,
      "write nothing: compare what is under the names with what would be written" },
    { "final-repo", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, final_repo), "REPOSITORY",
      "SLIPWAY_FINAL_REPO WERF_FINAL_REPO",
      "werf's final repository: its stages are not written over either" },
    { "secondary-repo", 0, SLIP_OPTION_LIST, offsetof(struct export_args, secondary_repos),
      "REPOSITORY", "SLIPWAY_SECONDARY_REPO_* WERF_SECONDARY_REPO_*",
      "where stages are looked for that --repo lacks, may be repeated" },
    { "cache-repo", 0, SLIP_OPTION_LIST, offsetof(struct export_args, cache_repos), "REPOSITORY",
      "SLIPWAY_CACHE_REPO_* WERF_CACHE_REPO_*",
      "not used, but its stages are not written over either" },
    { "parallel-tasks-limit", 0, SLIP_OPTION_TEXT, offsetof(struct export_args, tasks_limit), "N",
      "SLIPWAY_PARALLEL_TASKS_LIMIT WERF_PARALLEL_TASKS_LIMIT",
      "requests and blobs at a time for one host; 0 or -1: as many as is good" },
    { "home-dir", 0, SLIP_OPTION_TEXT, SLIP_AT(struct export_args, build, home_dir), "DIR", NULL,
      "werf's directory, for --synchronization :local ($WERF_HOME, ~/.werf)" },
    { "parallel", 'p', SLIP_OPTION_FLAG, offsetof(struct export_args, parallel), NULL, NULL,
      "always so, accepted for scripts written for werf" },
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

/* ---- build reports ---- */

/* Open for the whole command: before anything is done it must be clear where it goes. */
struct reports {
    struct slip_build_report used, saved;
    struct slip_buf save_path;
    enum slip_build_report_form form;
};

static void reports_clear(struct reports *r)
{
    slip_build_report_clear(&r->used);
    slip_build_report_clear(&r->saved);
    slip_buf_clear(&r->save_path);
}
SLIP_DEFINE_AUTO(reports, reports_clear);

static int open_reports(const struct export_args *o, struct reports *r, struct slip_error *err)
{
    if (o->save_report)
        return slip_build_report_path(slip_str_of(o->report_path), &r->save_path, &r->form, err);
    if (!o->use_report)
        return 0;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_str path = slip_str_of(o->report_path);
    if (slip_file_read(o->report_path, &text, err) < 0
        || slip_build_report_read(slip_buf_str(&text), slip_build_report_form_of(path), &r->used,
                                  err)
               < 0) {
        err->kind = SLIP_E_USAGE;
        return slip_while(err, "build report");
    }
    return 0;
}

static int save_report(const struct reports *r, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    slip_build_report_print(&r->saved, r->form, &text);
    if (slip_file_write(r->save_path.ptr, slip_buf_str(&text), 0644, err) < 0)
        return slip_while(err, "--save-build-report");
    return 0;
}

/* A report belongs to no commit; but who names one should hear when it is another. */
static void warn_of_commit(struct slip_cli *cli, const struct export_args *o,
                           const struct slip_build_report *report, const char *commit)
{
    for (size_t i = 0; o->commit.commit && i < report->images.len; i++) {
        const struct slip_build_image *image = &report->images.at[i];
        if (image->commit && image->commit[0] && strcmp(image->commit, commit) != 0)
            slip_cli_warn(cli, "build report %s: image '%s' was built at commit %.12s, not %.12s",
                          o->report_path, image->name, image->commit, commit);
    }
}

/* Repositories in which no stage may be written over; the first is the stage repository. */
static size_t stage_repositories(const struct export_args *o, const struct slip_build_report *used,
                                 struct slip_str *out)
{
    size_t n = 0;
    if (o->registry.repo)
        out[n++] = slip_str_of(o->registry.repo);
    for (size_t i = 0; i < used->images.len; i++)
        out[n++] = slip_str_of(used->images.at[i].repo);
    if (o->final_repo)
        out[n++] = slip_str_of(o->final_repo);
    for (size_t i = 0; i < o->secondary_repos.len; i++)
        out[n++] = slip_str_of(o->secondary_repos.at[i]);
    for (size_t i = 0; i < o->cache_repos.len; i++)
        out[n++] = slip_str_of(o->cache_repos.at[i]);
    return n;
}

static int check_words(const char *option, const struct slip_words *words, struct slip_error *err)
{
    for (size_t i = 0; i < words->len; i++)
        if (slip_check_repository(option, words->at[i], err) < 0)
            return -1;
    return 0;
}

static int check_repositories(const struct export_args *o, struct slip_error *err)
{
    if (slip_check_repository("--final-repo", o->final_repo, err) < 0
        || check_words("--secondary-repo", &o->secondary_repos, err) < 0)
        return -1;
    return check_words("--cache-repo", &o->cache_repos, err);
}

/* ---- the command ---- */

static int read_tasks_limit(const char *text, unsigned *out, struct slip_error *err)
{
    int64_t n = 0;
    if (text && (!slip_str_to_i64(slip_str_of(text), &n) || n > 1000))
        return slip_fail(err, SLIP_E_USAGE, "--parallel-tasks-limit: '%s' is no number up to 1000",
                         text);
    *out = n > 0 ? (unsigned)n : 0;
    return 0;
}

static enum slip_phase phase_of(const struct slip_cli *cli, const struct export_args *o)
{
    if (o->check)
        return SLIP_PHASE_CHECK;
    return cli->common.dry_run ? SLIP_PHASE_PLAN : SLIP_PHASE_NAMES;
}

static int find_resolve_options(struct slip_cli *cli, const struct export_args *o,
                                struct slip_settings *settings, struct slip_registry *registry,
                                struct slip_resolve_options *out, struct slip_error *err)
{
    if (slip_resolve_settings(settings, cli, &o->registry, &o->build, registry, out, err) < 0)
        return -1;
    out->platforms = o->platforms.at;
    out->n_platforms = o->platforms.len;
    bool builds = !o->require_built && !o->check && !out->engine->refuses;
    out->missing = cli->common.dry_run ? SLIP_MISSING_NOTED
                   : builds            ? SLIP_MISSING_BUILDS
                                       : SLIP_MISSING_FAILS;
    return 0;
}

static int export(struct slip_cli *cli, const struct export_args *o, const struct slip_words *args,
                  struct slip_outcome *outcome, struct slip_error *unsaved, struct slip_error *err)
{
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(slip_project) project = { 0 };
    SLIP_AUTO(slip_settings) settings = { 0 };
    SLIP_AUTO(reports) reports = { .save_path = SLIP_BUF(SLIP_LIMIT_PATH) };
    if (gather_labels(cli, o, &labels, err) < 0 || check_repositories(o, err) < 0
        || open_reports(o, &reports, err) < 0
        || slip_open_project(cli, &o->commit, NULL, &project, err) < 0)
        return -1;
    SLIP_AUTO_FREE bool *wanted = slip_alloc_array(project.set.len + 1, sizeof(bool));
    if (slip_select_words(cli, &project, args, wanted, err) < 0)
        return -1;
    warn_of_commit(cli, o, &reports.used, project.commit_hex);

    slip_settings_init(&settings, cli, &o->registry, slip_project_base_dir(&project));
    if (read_tasks_limit(o->tasks_limit, &settings.registry.tasks, err) < 0)
        return -1;
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new(&settings.registry);
    SLIP_AUTO_FREE struct slip_release_wish *wishes = make_wishes(o, wanted, &labels);
    SLIP_AUTO_FREE struct slip_str *repositories =
        slip_alloc_array(reports.used.images.len + o->secondary_repos.len + o->cache_repos.len + 3,
                         sizeof(*repositories));
    size_t n = stage_repositories(o, &reports.used, repositories);
    SLIP_AUTO_FREE struct slip_str *secondary =
        slip_alloc_array(o->secondary_repos.len + 1, sizeof(*secondary));
    for (size_t i = 0; i < o->secondary_repos.len; i++)
        secondary[i] = slip_str_of(o->secondary_repos.at[i]);
    struct slip_release_options ro = {
        .phase = phase_of(cli, o),
        .stage_repository = repositories[0],
        .more_stage_repositories = repositories + 1,
        .n_more = n - 1,
        .secondary_repositories = secondary,
        .n_secondary = o->secondary_repos.len,
        .registry = registry,
        .name_locks = settings.name_locks,
        .preflight = !o->build.no_preflight,
        .watch = &cli->watch,
        .use_report = o->use_report ? &reports.used : NULL,
        .use_report_path = o->report_path,
        .save_report =
            o->save_report && phase_of(cli, o) == SLIP_PHASE_NAMES ? &reports.saved : NULL,
    };
    if (find_resolve_options(cli, o, &settings, registry, &ro.resolve, err) < 0)
        return -1;
    slip_outcome_begin(outcome, "command", NULL, project.commit_hex);
    int rc = slip_release(&project, wishes, o->tags.len, &ro, outcome, err);
    /* What was built is there, whatever became of its names; these are told of all the same. */
    if (reports.saved.images.len)
        (void)!save_report(&reports, unsaved);
    return rc;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct export_args *o = options;
    struct slip_error err = { 0 }, unsaved = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    if (o->tags.len == 0)
        return slip_cli_usage(cli, "give at least one destination with --tag NAME");
    if (o->use_report && o->save_report)
        return slip_cli_usage(cli, "--use-build-report and --save-build-report exclude each other");
    if (o->use_report && !o->report_path)
        return slip_cli_usage(cli, "say which build report: --build-report-path FILE");
    if (!o->registry.repo && !o->use_report)
        return slip_cli_usage(cli, "give the stage repository with --repo REPOSITORY");
    int status = export(cli, o, args, &outcome, &unsaved, &err) < 0
                     ? slip_outcome_fail(cli, &outcome, &err)
                     : slip_outcome_show(cli, &outcome);
    if (unsaved.kind == SLIP_OK)
        return status;
    int failed = slip_cli_fail(cli, &unsaved);
    return status ? status : failed;
}

const struct slip_command slip_command_export = {
    .name = "export",
    .trade = "release",
    .synopsis = "export [IMAGE...] --repo REPOSITORY --tag NAME...",
    .summary = "export images of a commit to names given by hand",
    .details = "IMAGE is a name or a pattern (* ? [...]), !IMAGE an exclusion; without any, all "
               "final images.",
    .options = options_table,
    .like_werf = true,
    .size = sizeof(struct export_args),
    .ends_gently = true,
    .json = true,
    .dry_run = true,
    .report = true,
    .run = run,
};
