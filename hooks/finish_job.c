/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the names of a job: the rules of its commit are carried out again. What was uploaded
 * before the push is found to be there, so this takes a listing and a few questions; and it works
 * just as well when it was not, or is not any more.
 */
#include "finish_job.h"

#include "base/mem.h"
#include "proc/detach.h"

#include <time.h>
#include <unistd.h>

static int64_t clock_now(void *payload)
{
    (void)payload;
    return slip_now_ms() / 1000;
}

static void clock_sleep(void *payload, unsigned seconds)
{
    (void)payload;
    struct timespec t = { .tv_sec = seconds };
    (void)nanosleep(&t, NULL);
}

int slip_open_jobs(const char *common_dir, bool make, struct slip_jobs *out, struct slip_error *err)
{
    struct slip_clock clock = { .now = clock_now, .sleep = clock_sleep };
    return slip_jobs_open(common_dir, make, clock, out, err);
}

static bool is_listed(const char *names, struct slip_str name)
{
    struct slip_str rest = slip_str_of(names), word;
    while (rest.len) {
        slip_str_cut(rest, ',', &word, &rest);
        if (slip_str_eq(word, name))
            return true;
    }
    return false;
}

/* The rules that were prepared for this job, whatever `when` says of commands by hand. */
static void decide(const struct slip_session *s, const struct slip_job *job,
                   const struct slip_ref_updates *updates, struct slip_decisions *out)
{
    slip_rules_decide(&s->rules, updates, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), out);
    size_t n = 0;
    for (size_t i = 0; i < out->len; i++)
        if (is_listed(job->rules, out->at[i].rule->name))
            out->at[n++] = out->at[i];
    out->len = n;
}

/* A finisher has no command line; what the hook read from the environment it reads as well. */
struct finish_options {
    struct slip_session_flags session;
};

static int write_names(struct slip_cli *cli, const struct slip_job *job,
                       struct slip_outcome *outcome, struct slip_error *err)
{
    static const struct slip_option options[] = {
        SLIP_SESSION_OPTIONS(struct finish_options, session),
        { .name = NULL },
    };
    struct finish_options o = { 0 };
    SLIP_AUTO(slip_session) s = { 0 };
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    slip_outcome_begin(outcome, "pre-push", job->ref, job->commit);
    slip_cli_read_variables(cli, options, &o);
    if (slip_session_open(cli, &o.session, job->commit, true, &s, err) < 0)
        return -1;
    struct slip_ref_update update =
        slip_ref_update_make(slip_str_of(job->ref), slip_str_of(job->oid), SLIP_STR(""));
    slip_vec_push(&updates, update);
    decide(&s, job, &updates, &decisions);
    SLIP_AUTO_FREE char *remote = slip_job_remote(&s.git, job->remote_name, job->remote_url);
    struct slip_session_run run = { .decisions = decisions.at,
                                    .n = decisions.len,
                                    .phase = SLIP_PHASE_NAMES,
                                    .remote = remote,
                                    .source_url = slip_str_of(job->remote_url),
                                    .expected = job->prepared,
                                    .replaceable = job->replaceable };
    return slip_session_run(&s, &run, outcome, err);
}

static void finish(void *payload, const struct slip_job *job, struct slip_job_result *out)
{
    struct slip_cli *cli = payload;
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    if (strcmp(job->action ? job->action : "", "export") == 0 && job->text) {
        slip_buf_add_c(&out->text, job->text); /* all was written before the push went on */
        return;
    }
    if (write_names(cli, job, &outcome, &out->err) < 0)
        slip_vec_push(&outcome.rows,
                      (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED, .err = out->err });
    outcome.finished_at = slip_now_ms() / 1000;
    enum slip_kind kind = slip_outcome_kind(&outcome);
    for (size_t i = 0; kind && !out->err.kind && i < outcome.rows.len; i++)
        if (!outcome.rows.at[i].optional && outcome.rows.at[i].err.kind)
            out->err = outcome.rows.at[i].err;
    out->exit = slip_kind_exit(kind);
    slip_outcome_print(&outcome, 0, &out->text);
    slip_outcome_json(&outcome, slip_version, &out->report);
}

void slip_finish_jobs(struct slip_cli *cli, struct slip_jobs *jobs, const char *only, int64_t until)
{
    struct slip_finisher f = { .jobs = jobs,
                               .git = { .env = cli->env, .dir = cli->common.git_dir },
                               .ask_remote = slip_git_ls_remote,
                               .finish = finish,
                               .payload = cli,
                               .watch = &cli->watch };
    slip_finisher_run(&f, only, until);
}

int slip_start_finisher(struct slip_cli *cli, const struct slip_jobs *jobs, struct slip_error *err)
{
    SLIP_AUTO_FREE char *log_dir = slip_jobs_log_dir(jobs);
    SLIP_AUTO_FREE char *log = slip_printf("%s/finisher.log", log_dir);
    SLIP_AUTO_FREE char *program = slip_own_path(cli);
    const char *argv[] = { program, "hook", "finish", NULL };
    return slip_detach(argv, cli->env, log, err);
}
