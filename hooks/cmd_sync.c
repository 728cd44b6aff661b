/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slipway sync: finish what pushes left behind, then write the names that tags of the remote lack.
 * It never replaces a name: what differs is for `slipway audit` to tell and a person to decide.
 */
#include "commands.h"

#include "audit.h"
#include "finish_job.h"

#include "base/mem.h"
#include "base/stop.h"

#include <unistd.h>

struct sync_args {
    struct slip_audit_options audit;
    const char *limit, *timeout;
    bool jobs_only;
};

/* clang-format off */
#define AT(field) SLIP_AT(struct sync_args, audit, field)
static const struct slip_option options_table[] = {
    { "remote", 0, SLIP_OPTION_TEXT, AT(remote), "NAME", NULL,
      "the remote whose tags are looked at (origin)" },
    { "tags", 0, SLIP_OPTION_TEXT, AT(tags), "PATTERN", NULL,
      "only these tags: a glob, or a regular expression between slashes" },
    { "rule", 0, SLIP_OPTION_LIST, AT(rules), "NAME", NULL, "only this rule, may be repeated" },
    { "limit", 0, SLIP_OPTION_TEXT, offsetof(struct sync_args, limit), "N", NULL,
      "only the N newest tags" },
    { "jobs-only", 0, SLIP_OPTION_FLAG, offsetof(struct sync_args, jobs_only), NULL, NULL,
      "finish what pushes left behind, and look at no other tag" },
    { "timeout", 0, SLIP_OPTION_TEXT, offsetof(struct sync_args, timeout), "TIME", NULL,
      "wait this long for refs that are still being pushed: 90, 90s, 10m, 1h (10m)" },
    SLIP_SESSION_OPTIONS(struct sync_args, audit.session),
    { .name = NULL },
};
/* clang-format on */

/* ---- jobs ---- */

static struct slip_error error_of_job(const struct slip_job *job)
{
    struct slip_error err = { 0 };
    if (job->state == SLIP_JOB_DONE || job->state == SLIP_JOB_SUPERSEDED)
        return err;
    bool waits = job->state <= SLIP_JOB_RUNNING;
    slip_fail(&err, slip_job_kind(job), "%s: %s%s%s", job->ref,
              waits          ? "not finished yet"
              : job->message ? job->message
                             : slip_job_state_name(job->state),
              waits && job->message ? ": " : "", waits && job->message ? job->message : "");
    if (job->hint)
        slip_hint(&err, "%s", job->hint);
    return err;
}

/* How a job that waited ended: what it wrote, and why it did not. */
static void add_job_rows(struct slip_outcome *o, const struct slip_job *job)
{
    struct slip_error err = error_of_job(job);
    struct slip_outcome_row row = { .action = SLIP_OUTCOME_FAILED,
                                    .err = slip_outcome_error(o, &err) };
    if (job->state == SLIP_JOB_DONE && job->report)
        slip_outcome_add_json(o, job->report);
    if (!row.err)
        return;
    row.git_ref = slip_arena_strdup(&o->arena, slip_str_of(job->ref));
    slip_vec_push(&o->rows, row);
}

/* Do what is due, or look on while another process does. */
static void work_on(struct slip_cli *cli, struct slip_jobs *jobs, int64_t until)
{
    slip_finish_jobs(cli, jobs, NULL, until);
    while (slip_now_ms() / 1000 < until && !slip_jobs_lock(jobs)) {
        (void)sleep(1);
        slip_finish_jobs(cli, jobs, NULL, until);
    }
    slip_jobs_unlock(jobs);
}

static int finish_jobs(struct slip_cli *cli, int64_t timeout, struct slip_outcome *outcome,
                       struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) before = { 0 };
    SLIP_AUTO(slip_job_list) after = { 0 };
    if (slip_repo_open(cli->common.git_dir, cli->env, &repo, err) < 0
        || slip_open_jobs(slip_repo_common_dir(repo), false, &jobs, err) < 0)
        return -1;
    slip_jobs_list(&jobs, &before);
    size_t waiting = 0;
    for (size_t i = 0; i < before.len; i++)
        waiting += before.at[i].state <= SLIP_JOB_RUNNING;
    if (waiting == 0)
        return 0;
    if (cli->common.dry_run) {
        slip_cli_say(cli, "pushes whose names are still to be written: %zu (slipway jobs list)",
                     waiting);
        return 0;
    }
    slip_jobs_wake(&jobs, &before);
    work_on(cli, &jobs, slip_now_ms() / 1000 + timeout);
    slip_jobs_list(&jobs, &after);
    for (size_t i = 0; i < before.len; i++) {
        const struct slip_job *job = slip_job_list_find(&after, slip_str_of(before.at[i].id));
        if (before.at[i].state > SLIP_JOB_RUNNING || !job)
            continue;
        add_job_rows(outcome, job);
    }
    fflush(stdout);
    return 0;
}

/* ---- tags of the remote ---- */

static bool is_missing(const struct slip_outcome_row *row)
{
    return row->action == SLIP_OUTCOME_MISSING && row->git_ref;
}

/* What the names of all refs are written with. */
struct writer {
    struct slip_session session;
    bool open;
    struct slip_remote_series series; /* the remote is asked once */
    size_t row;                       /* of the audit; its rows are in the order of its updates */
};

/* The names of this ref that are missing, one a line. */
static void find_missing(struct writer *w, const struct slip_outcome *audit, const char *ref,
                         struct slip_buf *out)
{
    for (; w->row < audit->rows.len; w->row++) {
        const struct slip_outcome_row *row = &audit->rows.at[w->row];
        if (!row->git_ref || strcmp(row->git_ref, ref) != 0)
            return;
        if (is_missing(row))
            slip_buf_add_fmt(out, "%s\n", row->ref);
    }
}

static int open_commit(struct slip_cli *cli, const struct sync_args *o, struct writer *w,
                       const char *commit, struct slip_error *err)
{
    if (w->open)
        return slip_session_switch(&w->session, commit, err);
    if (slip_session_open(cli, &o->audit.session, commit, false, &w->session, err) < 0) {
        slip_session_clear(&w->session);
        return -1;
    }
    w->open = true;
    return 0;
}

/* Write the names of one ref that the audit found missing, and no other. */
static int write_missing(struct slip_cli *cli, const struct sync_args *o, struct writer *w,
                         const struct slip_outcome_update *update, const char *only,
                         struct slip_outcome *outcome, struct slip_error *err)
{
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1 << 16);
    const char *remote = o->audit.remote ? o->audit.remote : "origin";
    if (open_commit(cli, o, w, update->commit, err) < 0)
        return -1;
    slip_session_remote_url(&w->session, remote, &url);
    slip_vec_push(&one, slip_ref_update_make(slip_str_of(update->ref), slip_str_of(update->commit),
                                             SLIP_STR("")));
    slip_rules_decide(&w->session.rules, &one, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), &decisions);
    slip_choose_rules(&o->audit.rules, &decisions);
    slip_remote_series_ask(&w->series, &w->session.git, remote, decisions.at, decisions.len);
    struct slip_session_run run = { .decisions = decisions.at,
                                    .n = decisions.len,
                                    .phase = SLIP_PHASE_NAMES,
                                    .remote = remote,
                                    .series = &w->series.series,
                                    .source_url = slip_buf_str(&url),
                                    .only = only };
    return slip_session_run(&w->session, &run, outcome, err);
}

static void write_all_missing(struct slip_cli *cli, const struct sync_args *o,
                              const struct slip_outcome *audit, struct slip_outcome *outcome)
{
    struct writer w = { .row = 0 };
    for (size_t i = 0; i < audit->updates.len && !slip_stop_signal(); i++) {
        const struct slip_outcome_update *update = &audit->updates.at[i];
        SLIP_AUTO(slip_buf) only = SLIP_BUF(SLIP_LIMIT_OUTPUT);
        struct slip_error err = { 0 };
        size_t first = outcome->rows.len;
        find_missing(&w, audit, update->ref, &only);
        if (only.len == 0)
            continue;
        if (write_missing(cli, o, &w, update, only.ptr, outcome, &err) < 0
            && slip_while(&err, "%s", update->ref))
            slip_vec_push(&outcome->rows,
                          (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED,
                                                     .err = slip_outcome_error(outcome, &err) });
        for (size_t k = first; k < outcome->rows.len; k++)
            outcome->rows.at[k].git_ref =
                slip_arena_strdup(&outcome->arena, slip_str_of(update->ref));
    }
    slip_remote_series_clear(&w.series);
    slip_session_clear(&w.session);
}

/* What the audit found: what could not be judged fails here, too; what is missing is written, or
 * shown in a dry run. */
static int sync_tags(struct slip_cli *cli, const struct sync_args *o, struct slip_outcome *audit,
                     struct slip_outcome *outcome, struct slip_error *err)
{
    struct slip_audit_totals totals;
    size_t differ = 0;
    if (slip_audit(cli, &o->audit, audit, &totals, err) < 0)
        return -1;
    for (size_t i = 0; i < audit->rows.len; i++) {
        const struct slip_outcome_row *row = &audit->rows.at[i];
        differ += row->action == SLIP_OUTCOME_DIFFERS && !row->optional;
        if (row->action == SLIP_OUTCOME_FAILED || (cli->common.dry_run && is_missing(row)))
            slip_vec_push(&outcome->rows, *row);
    }
    if (!cli->common.dry_run)
        write_all_missing(cli, o, audit, outcome);
    if (differ) {
        slip_cli_warn(cli, "names with another content than they should have: %zu; they stay",
                      differ);
        slip_cli_hint(cli, "which, and in what they differ: slipway audit");
    }
    return 0;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct sync_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) audit = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    int64_t timeout = 600;
    if (args->len)
        return slip_cli_usage(cli, "sync takes no arguments; choose tags with --tags PATTERN");
    if (!slip_read_limit(o->limit, &o->audit.limit))
        return slip_cli_usage(cli, "'--limit' is a number above zero, not '%s'", o->limit);
    if (o->timeout && !slip_read_duration(o->timeout, &timeout))
        return slip_cli_usage(cli, "'--timeout' is a time such as 90s or 10m, not '%s'",
                              o->timeout);
    outcome.trigger = "command";
    outcome.started_at = slip_now_ms() / 1000;
    if (finish_jobs(cli, timeout, &outcome, &err) < 0
        || (!o->jobs_only && sync_tags(cli, o, &audit, &outcome, &err) < 0))
        return slip_outcome_fail(cli, &outcome, &err);
    return slip_outcome_show(cli, &outcome);
}

const struct slip_command slip_command_sync = {
    .name = "sync",
    .trade = "repair",
    .synopsis = "sync [--remote NAME] [--tags PATTERN] [--rule NAME]... [--limit N] [--jobs-only]",
    .summary = "finish what pushes left behind, and write what tags of the remote lack",
    .details = "Names that are there already are never replaced. With --dry-run nothing is "
               "written.\nMeant for a scheduled job, and for the day after a machine was switched "
               "off too early.",
    .options = options_table,
    .size = sizeof(struct sync_args),
    .ends_gently = true,
    .json = true,
    .dry_run = true,
    .report = true,
    .run = run,
};
