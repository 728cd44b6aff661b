/* SPDX-License-Identifier: Apache-2.0 */
/* Finishing jobs. */
#include "flow/finish.h"

#include "base/limits.h"
#include "base/mem.h"
#include "proc/process.h"
#include "ref/url.h"

enum {
    ACCEPT_WITHIN_S = 600, /* from the push, when the process is not known */
    ACCEPT_AFTER_PUSH_S = 30,
    POLL_MAX_S = 30,
    SOON_S = 900, /* a job due within this time is worth staying for */
    GIVE_UP_S = 24 * 3600,
};

/* What this process knows of a job beside its file. */
struct patience {
    char *id;
    unsigned polls;
    int64_t next_poll;
    int64_t push_gone_at; /* 0: not seen to be gone */
};

struct run {
    struct slip_finisher *f;
    struct {
        SLIP_VEC(struct patience);
    } patience;
};

static int64_t now_of(const struct slip_finisher *f)
{
    return f->jobs->clock.now(f->jobs->clock.payload);
}

static struct patience *patience_for(struct run *r, const char *id)
{
    for (size_t i = 0; i < r->patience.len; i++)
        if (strcmp(r->patience.at[i].id, id) == 0)
            return &r->patience.at[i];
    struct patience *p = slip_vec_add(&r->patience);
    p->id = slip_strdup(id);
    return p;
}

/* ---- the remote ---- */

char *slip_job_remote(const struct slip_git *git, const char *name, const char *url)
{
    const char *const words[] = { "ls-remote", "--get-url", "--", name, NULL };
    SLIP_AUTO(slip_buf) known = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    int status = 0;
    if (slip_git_run(git, words, &known, &status, &err) < 0 || status != 0)
        return slip_strdup(url);
    slip_url_without_secrets(slip_buf_str(&known), &clean);
    return slip_strdup(strcmp(clean.ptr, url) == 0 ? name : url);
}

enum answer { HAS_IT, HAS_IT_NOT, NO_ANSWER };

/* Jobs that ask the same remote, in one question. */
struct group {
    SLIP_VEC(struct slip_job *);
};

static int ask(const struct slip_finisher *f, const struct group *jobs, struct slip_remote_ref *out,
               struct slip_error *err)
{
    const struct slip_job *first = jobs->at[0];
    SLIP_AUTO_FREE char *remote = slip_job_remote(&f->git, first->remote_name, first->remote_url);
    SLIP_AUTO_FREE const char **refs = slip_alloc_array(jobs->len, sizeof(*refs));
    for (size_t i = 0; i < jobs->len; i++)
        refs[i] = jobs->at[i]->ref;
    return f->ask_remote(&f->git, remote, refs, jobs->len, out, err);
}

/* A push that has ended will not bring the ref any more; one that still sends may take its time. */
static bool is_over(const struct slip_finisher *f, const struct slip_job *job, struct patience *p)
{
    int64_t now = now_of(f);
    if (job->push_pid == 0)
        return now >= job->enqueued_at + ACCEPT_WITHIN_S;
    if (slip_process_started(job->push_pid) == job->push_started)
        return false;
    if (p->push_gone_at == 0)
        p->push_gone_at = now;
    return now >= p->push_gone_at + ACCEPT_AFTER_PUSH_S
           || now >= job->enqueued_at + ACCEPT_WITHIN_S;
}

/* ---- one job ---- */

bool slip_job_is_being_built(const struct slip_job *job)
{
    return job->builder_pid && slip_process_started(job->builder_pid) == job->builder_started;
}

static void tell(const struct slip_finisher *f, const struct slip_job *job, const char *what)
{
    slip_watch_step(f->watch, job->ref, "%s", what);
}

static void move(const struct slip_finisher *f, struct slip_job *job, enum slip_job_state state)
{
    struct slip_error err = { 0 };
    tell(f, job, slip_job_state_name(state));
    if (slip_jobs_move(f->jobs, job, state, &err) < 0)
        slip_watch_warn(f->watch, job->ref, "%s", err.text);
}

static const char *keep(struct slip_job *job, const char *text)
{
    return text[0] ? slip_arena_strdup(&job->arena, slip_str_of(text)) : NULL;
}

static void keep_error(struct slip_job *job, const struct slip_error *err)
{
    job->message = keep(job, err->text);
    job->hint = keep(job, err->hint);
}

static void wait_and_try_again(const struct slip_finisher *f, struct slip_job *job)
{
    static const unsigned delays[] = { 10, 30, 120, 600, 1800, 3600 };
    unsigned last = SLIP_COUNT(delays) - 1;
    job->not_before = now_of(f) + delays[job->attempt < last ? job->attempt : last];
    job->attempt++;
    move(f, job, SLIP_JOB_WAITING);
}

static void write_names(const struct slip_finisher *f, struct slip_job *job)
{
    struct slip_job_result result = { .text = SLIP_BUF(SLIP_LIMIT_TEXT),
                                      .report = SLIP_BUF(8 * SLIP_LIMIT_TEXT) };
    move(f, job, SLIP_JOB_RUNNING);
    f->finish(f->payload, job, &result);
    job->exit = result.exit;
    job->text = keep(job, result.text.ptr);
    job->report = keep(job, result.report.ptr);
    keep_error(job, &result.err);
    if (result.err.kind == SLIP_E_TEMPORARY && now_of(f) < job->enqueued_at + GIVE_UP_S)
        wait_and_try_again(f, job);
    else
        move(f, job, result.err.kind == SLIP_OK ? SLIP_JOB_DONE : SLIP_JOB_FAILED);
    slip_buf_clear(&result.text);
    slip_buf_clear(&result.report);
}

static void not_accepted(const struct slip_finisher *f, struct slip_job *job)
{
    job->exit = slip_kind_exit(SLIP_E_REPO);
    job->message = job->wrote
                       ? "the remote did not take this ref; names that were written before may be "
                         "replaced by the next push of it"
                       : "the remote did not take this ref: no name was written";
    job->hint = NULL;
    move(f, job, SLIP_JOB_NOT_ACCEPTED);
}

/* The remote cannot be asked: it may well have the ref, so the job stays for the next hook. */
static void leave_for_later(const struct slip_finisher *f, struct slip_job *job,
                            const struct slip_error *err)
{
    keep_error(job, err);
    job->not_before = now_of(f) + SOON_S + 1;
    move(f, job, SLIP_JOB_WAITING);
}

/* What the answer about one job means; `err` is why there was none. */
static void attend(struct run *r, struct slip_job *job, enum answer answer,
                   const struct slip_error *err)
{
    struct patience *p = patience_for(r, job->id);
    if (answer == HAS_IT)
        write_names(r->f, job);
    else if (!is_over(r->f, job, p))
        p->next_poll = now_of(r->f) + (p->polls < 5 ? 1u << p->polls++ : POLL_MAX_S);
    else if (answer == NO_ANSWER)
        leave_for_later(r->f, job, err);
    else
        not_accepted(r->f, job);
}

static void attend_group(struct run *r, const struct group *jobs)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE struct slip_remote_ref *found = slip_alloc_array(jobs->len, sizeof(*found));
    bool answered = ask(r->f, jobs, found, &err) == 0;
    for (size_t i = 0; i < jobs->len; i++)
        attend(r, jobs->at[i],
               !answered                                    ? NO_ANSWER
               : strcmp(found[i].id, jobs->at[i]->oid) == 0 ? HAS_IT
                                                            : HAS_IT_NOT,
               &err);
}

/* While its builder works a job is looked at each second, so that the names follow at once. */
static int64_t due_at(struct run *r, const struct slip_job *job)
{
    int64_t poll = patience_for(r, job->id)->next_poll;
    if (slip_job_is_being_built(job))
        return now_of(r->f) + 1;
    return poll > job->not_before ? poll : job->not_before;
}

/* ---- all jobs ---- */

static bool has_ended(const struct slip_job_list *list, const char *id)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->at[i].id, id) == 0 && list->at[i].state <= SLIP_JOB_RUNNING)
            return false;
    return true;
}

/* Attend to what is due. When the next one will be; INT64_MAX for none. */
static int64_t one_round(struct run *r, struct slip_job_list *list)
{
    int64_t next = INT64_MAX, now = now_of(r->f);
    SLIP_AUTO_FREE bool *due = slip_alloc_array(list->len, sizeof(*due));
    for (size_t i = 0; i < list->len; i++)
        due[i] = list->at[i].state == SLIP_JOB_WAITING && due_at(r, &list->at[i]) <= now;
    for (size_t i = 0; i < list->len; i++) {
        struct group group = { 0 };
        for (size_t k = i; due[i] && k < list->len; k++) {
            if (due[k] && strcmp(list->at[k].remote_url, list->at[i].remote_url) == 0) {
                slip_vec_push(&group, &list->at[k]);
                due[k] = k == i;
            }
        }
        if (group.len)
            attend_group(r, &group);
        slip_vec_clear(&group);
    }
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i].state == SLIP_JOB_WAITING && due_at(r, &list->at[i]) < next)
            next = due_at(r, &list->at[i]);
    return next;
}

static void pause_until(const struct slip_finisher *f, int64_t when)
{
    int64_t now = now_of(f);
    if (when > now)
        f->jobs->clock.sleep(f->jobs->clock.payload,
                             (unsigned)(when - now < POLL_MAX_S ? when - now : POLL_MAX_S));
}

/* One step of the loop; false at its end. */
static bool step(struct run *r, const char *only, int64_t until)
{
    SLIP_AUTO(slip_job_list) list = { 0 };
    struct slip_finisher *f = r->f;
    int64_t next;
    if (!slip_jobs_lock(f->jobs)) {
        slip_jobs_list(f->jobs, &list);
        if (!only || has_ended(&list, only))
            return false;
        next = now_of(f) + 1;
    } else {
        slip_jobs_put_aside(f->jobs, f->watch);
        slip_jobs_list(f->jobs, &list);
        next = one_round(r, &list);
        if (only ? has_ended(&list, only) : next > now_of(f) + SOON_S)
            return false;
    }
    if (until && now_of(f) >= until)
        return false;
    pause_until(f, until && until < next ? until : next);
    return true;
}

static bool any_is_due(struct run *r)
{
    SLIP_AUTO(slip_job_list) list = { 0 };
    slip_jobs_list(r->f->jobs, &list);
    for (size_t i = 0; i < list.len; i++)
        if (list.at[i].state == SLIP_JOB_WAITING && due_at(r, &list.at[i]) <= now_of(r->f))
            return true;
    return false;
}

void slip_finisher_run(struct slip_finisher *f, const char *only, int64_t until)
{
    struct run r = { .f = f };
    do {
        while (step(&r, only, until))
            ;
        if (f->jobs->lock >= 0)
            slip_jobs_prune(f->jobs);
        slip_jobs_unlock(f->jobs);
        /* A job that came while we held the lock found us working and relies on us. */
    } while (!only && any_is_due(&r) && slip_jobs_lock(f->jobs));
    for (size_t i = 0; i < r.patience.len; i++)
        slip_free(r.patience.at[i].id);
    slip_vec_clear(&r.patience);
}
