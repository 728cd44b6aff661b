/* SPDX-License-Identifier: Apache-2.0 */
/* slipway wait: look on until the names of a pushed ref are written, or write them. */
#include "commands.h"

#include "base/mem.h"
#include "finish_job.h"
#include "outcome.h"

struct wait_args {
    const char *timeout;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "timeout", 0, SLIP_OPTION_TEXT, offsetof(struct wait_args, timeout), "TIME", NULL,
      "give up after this long: 90, 90s, 10m, 1h (10m)" },
    { .name = NULL },
};
/* clang-format on */

static int no_job(struct slip_cli *cli, const char *ref)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) none = { 0 };
    slip_fail(&err, SLIP_E_USAGE, "no push of '%s' left names to be written here", ref);
    slip_hint(&err, "to release it by hand: slipway run --ref %s", ref);
    return slip_outcome_fail(cli, &none, &err);
}

/* The documents of a run that wrote the names, or failed to, else of one that did not begin. */
static void give_documents(struct slip_cli *cli, const struct slip_job *job,
                           const struct slip_error *err)
{
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    slip_outcome_begin(&outcome, "pre-push", job->ref, job->commit);
    if (job->report)
        slip_outcome_add_json(&outcome, job->report);
    if (err->kind != SLIP_OK && outcome.rows.len == 0)
        slip_vec_push(&outcome.rows,
                      (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED,
                                                 .err = slip_outcome_error(&outcome, err) });
    outcome.started_at = job->enqueued_at;
    outcome.finished_at = job->finished_at ? job->finished_at : slip_now_ms() / 1000;
    (void)slip_outcome_documents(cli, &outcome);
}

/* How it ended, in the words and with the status of an export. */
static int show_end(struct slip_cli *cli, const struct slip_job *job)
{
    struct slip_error err = { 0 };
    if (job->text && !cli->common.quiet && !cli->common.json)
        fputs(job->text, stdout);
    switch (job->state) {
    case SLIP_JOB_DONE:
        break;
    case SLIP_JOB_WAITING:
    case SLIP_JOB_RUNNING:
        slip_fail(&err, SLIP_E_TEMPORARY, "%s: not finished yet%s%s", job->ref,
                  slip_job_is_being_built(job) || job->message ? ": " : "",
                  slip_job_is_being_built(job) ? "still being built"
                  : job->message               ? job->message
                                               : "");
        slip_hint(&err, "wait again: slipway wait %s", job->ref);
        break;
    default:
        slip_fail(&err, slip_job_kind(job), "%s: %s", job->ref,
                  job->message ? job->message : slip_job_state_name(job->state));
        if (job->hint)
            slip_hint(&err, "%s", job->hint);
        break;
    }
    give_documents(cli, job, &err);
    if (err.kind == SLIP_OK)
        return 0;
    slip_cli_error(cli, &err);
    return slip_kind_exit(err.kind);
}

/* A tag that was moved here, and whose push was refused before it left a job. */
static void warn_of_other_commit(struct slip_cli *cli, struct slip_repo *repo,
                                 const struct slip_job *job)
{
    struct slip_error none = { 0 };
    struct slip_commit now;
    char hex[SLIP_OID_HEX + 1];
    if (strncmp(job->ref, "refs/tags/", 10) != 0
        || slip_repo_resolve(repo, job->ref, &now, &none) < 0)
        return;
    slip_oid_hex(&now.id, hex);
    if (strcmp(hex, job->commit) != 0)
        slip_cli_warn(cli, "%s is commit %.12s here now; this is what became of the push of %.12s",
                      job->ref, hex, job->commit);
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct wait_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) before = { 0 };
    SLIP_AUTO(slip_job_list) after = { 0 };
    int64_t timeout = 600;
    if (args->len != 1)
        return slip_cli_usage(cli, "say for which ref: slipway wait REF");
    if (o->timeout && !slip_read_duration(o->timeout, &timeout))
        return slip_cli_usage(cli, "'--timeout' is a time such as 90s or 10m, not '%s'",
                              o->timeout);
    if (slip_repo_open(cli->common.git_dir, cli->env, &repo, &err) < 0
        || slip_open_jobs(slip_repo_common_dir(repo), false, &jobs, &err) < 0)
        return slip_cli_fail(cli, &err);
    slip_jobs_list(&jobs, &before);
    const struct slip_job *job = slip_job_list_find(&before, slip_str_of(args->at[0]));
    if (!job)
        return no_job(cli, args->at[0]);
    SLIP_AUTO_FREE char *id = slip_strdup(job->id);
    if (job->state <= SLIP_JOB_RUNNING)
        slip_finish_jobs(cli, &jobs, id, slip_now_ms() / 1000 + timeout);
    slip_jobs_list(&jobs, &after);
    job = slip_job_list_find(&after, slip_str_of(id));
    if (!job)
        return no_job(cli, args->at[0]);
    warn_of_other_commit(cli, repo, job);
    return show_end(cli, job);
}

const struct slip_command slip_command_wait = {
    .name = "wait",
    .trade = "release",
    .synopsis = "wait REF [--timeout TIME]",
    .summary = "wait for the names of a pushed ref, or write them",
    .options = options_table,
    .size = sizeof(struct wait_args),
    .json = true,
    .report = true,
    .run = run,
};
