/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of jobs. */
#include "flow/jobs.h"

#include "base/file.h"
#include "base/mem.h"
#include "flow/job_file.h"
#include "hash/hash.h"
#include "proc/process.h"
#include "ref/update.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define KEEP_DONE_S (7 * 24 * 3600)
#define KEEP_UNFINISHED_S 3600

static const char *const dir_of[SLIP_JOB_STATES] = {
    [SLIP_JOB_WAITING] = "new",         [SLIP_JOB_RUNNING] = "cur",
    [SLIP_JOB_DONE] = "done",           [SLIP_JOB_FAILED] = "failed",
    [SLIP_JOB_NOT_ACCEPTED] = "failed", [SLIP_JOB_SUPERSEDED] = "done",
};

#define ASIDE "unreadable"

static const char *const job_dirs[] = { "new", "cur", "done", "failed" };
static const char *const all_dirs[] = { "new", "cur", "done", "failed", "log" };

void slip_job_list_clear(struct slip_job_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        slip_job_clear(&l->at[i]);
    slip_vec_clear(l);
}

/* ---- the files ---- */

static char *job_path(const struct slip_jobs *jobs, const char *dir, const char *id)
{
    return slip_printf("%s/%s/%s.json", jobs->dir, dir, id);
}

static int write_job(const struct slip_jobs *jobs, const struct slip_job *j, const char *dir,
                     struct slip_error *err)
{
    SLIP_AUTO_FREE char *path = job_path(jobs, dir, j->id);
    char *text = slip_job_print(j);
    int rc = text ? slip_file_write(path, slip_str_of(text), 0600, err)
                  : slip_fail(err, SLIP_E_INTERNAL, "a job that JSON cannot hold");
    free(text);
    return rc;
}

/* ---- the directory ---- */

void slip_jobs_close(struct slip_jobs *jobs)
{
    if (jobs->dir)
        slip_jobs_unlock(jobs);
    slip_free(jobs->dir);
    *jobs = (struct slip_jobs){ .lock = -1 };
}

static int check_owner(const char *dir, struct slip_error *err)
{
    struct stat st;
    if (lstat(dir, &st) < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", dir, strerror(errno));
    if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
        return 0;
    slip_fail(err, SLIP_E_POLICY, "'%s' could be written to by somebody else", dir);
    return slip_hint(err, "make it a directory of your own: chmod 700 %s", dir);
}

static int make_own(const char *dir, struct slip_error *err)
{
    if (slip_dir_make(dir, 0700, err) < 0)
        return slip_hint(err, "what is still to be done for a push is noted there before it goes "
                              "on");
    return check_owner(dir, err);
}

int slip_jobs_open(const char *common_dir, bool make, struct slip_clock clock,
                   struct slip_jobs *out, struct slip_error *err)
{
    SLIP_AUTO(slip_jobs) jobs = { .clock = clock, .lock = -1 };
    SLIP_AUTO_FREE char *above = slip_printf("%s/slipway", common_dir);
    jobs.dir = slip_printf("%s/jobs", above);
    if (!make && access(jobs.dir, F_OK) < 0 && errno == ENOENT) {
        slip_free(slip_take(jobs.dir));
    } else {
        if (make_own(above, err) < 0 || make_own(jobs.dir, err) < 0)
            return -1;
        for (size_t i = 0; i < SLIP_COUNT(all_dirs); i++) {
            SLIP_AUTO_FREE char *dir = slip_printf("%s/%s", jobs.dir, all_dirs[i]);
            if (make_own(dir, err) < 0)
                return -1;
        }
    }
    *out = jobs;
    jobs = (struct slip_jobs){ .lock = -1 };
    return 0;
}

char *slip_jobs_log_dir(const struct slip_jobs *jobs)
{
    return slip_printf("%s/log", jobs->dir);
}

/* Calls `visit` with the name of each job file of a directory, without ".json". */
static void each_file(const struct slip_jobs *jobs, const char *dir,
                      void (*visit)(void *payload, const char *id), void *payload)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", jobs->dir ? jobs->dir : "", dir);
    DIR *d = jobs->dir ? opendir(path) : NULL;
    struct dirent *e;
    while (d && (e = readdir(d))) {
        struct slip_str name = slip_str_of(e->d_name);
        if (name.ptr[0] == '.' || !slip_str_ends(name, SLIP_STR(".json")))
            continue;
        SLIP_AUTO_FREE char *id = slip_memdup(name.ptr, name.len - 5);
        visit(payload, id);
    }
    if (d)
        closedir(d);
}

struct listing {
    const struct slip_jobs *jobs;
    const char *dir;
    struct slip_job_list *out;
};

/* False, with the reason in `err`, for a file that is no job, or is not where such a job would be;
 * without a reason for one that is not there any more. */
static bool read_job(const struct slip_jobs *jobs, const char *dir, const char *id,
                     struct slip_job *out, struct slip_error *err)
{
    SLIP_AUTO_FREE char *path = job_path(jobs, dir, id);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_JOB_MAX);
    bool found;
    if (slip_file_read_if_there(path, &text, &found, err) < 0 || !found)
        return false;
    if (slip_job_parse(slip_buf_str(&text), out)) {
        if (strcmp(out->id, id) == 0 && strcmp(dir_of[out->state], dir) == 0)
            return true;
        slip_job_clear(out);
    }
    slip_fail(err, SLIP_E_INTERNAL, "%s: it is no job", path);
    return false;
}

static void list_one(void *payload, const char *id)
{
    const struct listing *l = payload;
    struct slip_error err = { 0 };
    struct slip_job job = { 0 };
    if (read_job(l->jobs, l->dir, id, &job, &err))
        slip_vec_push(l->out, job);
}

static int cmp_jobs(const void *a, const void *b)
{
    const struct slip_job *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return x->enqueued_at != y->enqueued_at ? (x->enqueued_at < y->enqueued_at ? -1 : 1)
           : order                          ? order
                                            : (int)x->state - (int)y->state;
}

/* A job that is there twice was being moved when somebody was killed: the later state counts. */
static void keep_later_states(struct slip_job_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->len; i++) {
        if (i + 1 < l->len && l->at[i].enqueued_at == l->at[i + 1].enqueued_at
            && strcmp(l->at[i].id, l->at[i + 1].id) == 0)
            slip_job_clear(&l->at[i]);
        else
            l->at[n++] = l->at[i];
    }
    l->len = n;
}

void slip_jobs_list(const struct slip_jobs *jobs, struct slip_job_list *out)
{
    slip_job_list_clear(out);
    for (size_t i = 0; i < SLIP_COUNT(job_dirs); i++)
        each_file(jobs, job_dirs[i], list_one, &(struct listing){ jobs, job_dirs[i], out });
    if (out->len)
        qsort(out->at, out->len, sizeof(*out->at), cmp_jobs);
    keep_later_states(out);
}

const struct slip_job *slip_job_list_find(const struct slip_job_list *l, struct slip_str name)
{
    for (size_t i = l->len; i > 0; i--) {
        const struct slip_job *j = &l->at[i - 1];
        struct slip_str ref = slip_str_of(j->ref), short_name;
        slip_ref_kind_of(ref, &short_name);
        if (slip_str_is(name, j->id) || slip_str_eq(name, ref) || slip_str_eq(name, short_name))
            return j;
    }
    return NULL;
}

/* Did the remote have the ref when this job ended? Names are only written then. */
static bool was_accepted(const struct slip_job *job)
{
    return job->state == SLIP_JOB_DONE || job->state == SLIP_JOB_FAILED
           || job->state == SLIP_JOB_RUNNING;
}

/* Nothing is known yet of a push that has just ended, but that the remote has no such ref: our
 * caller knows that from git. */
static bool push_is_gone(const struct slip_job *job)
{
    return job->state == SLIP_JOB_WAITING
           && (job->push_pid == 0 || slip_process_started(job->push_pid) != job->push_started);
}

void slip_job_list_replaceable(const struct slip_job_list *l, const char *ref,
                               const char *remote_url, struct slip_buf *out)
{
    size_t begin = out->len;
    for (size_t i = 0; i < l->len; i++) {
        const struct slip_job *job = &l->at[i];
        if (strcmp(job->ref, ref) != 0 || strcmp(job->remote_url, remote_url) != 0)
            continue;
        if (was_accepted(job)) {
            slip_buf_cut(out, begin);
            return;
        }
        if (job->wrote && (job->state == SLIP_JOB_NOT_ACCEPTED || push_is_gone(job)))
            slip_buf_add_c(out, job->wrote);
    }
}

/* ---- files that are no jobs ---- */

struct aside {
    const struct slip_jobs *jobs;
    const char *dir;
    const struct slip_watch *watch;
};

/* The first path there that is free. */
static char *path_aside(const struct slip_jobs *jobs, const char *id)
{
    char *path = job_path(jobs, ASIDE, id);
    for (unsigned n = 1; access(path, F_OK) == 0; n++) {
        slip_free(path);
        path = slip_printf("%s/" ASIDE "/%s.%u.json", jobs->dir, id, n);
    }
    return path;
}

static void put_aside_one(void *payload, const char *id)
{
    const struct aside *a = payload;
    struct slip_error err = { 0 }, failed = { 0 };
    struct slip_job job = { 0 };
    if (read_job(a->jobs, a->dir, id, &job, &err) || !err.kind) {
        slip_job_clear(&job);
        return;
    }
    SLIP_AUTO_FREE char *from = job_path(a->jobs, a->dir, id);
    SLIP_AUTO_FREE char *dir = slip_printf("%s/" ASIDE, a->jobs->dir);
    SLIP_AUTO_FREE char *to = path_aside(a->jobs, id);
    if (make_own(dir, &failed) == 0 && rename(from, to) == 0)
        slip_watch_warn(a->watch, NULL, "%s; it was put aside as " ASIDE "/%s", err.text,
                        strrchr(to, '/') + 1);
}

void slip_jobs_put_aside(const struct slip_jobs *jobs, const struct slip_watch *watch)
{
    for (size_t i = 0; i < SLIP_COUNT(job_dirs); i++)
        each_file(jobs, job_dirs[i], put_aside_one, &(struct aside){ jobs, job_dirs[i], watch });
}

struct visit {
    const struct slip_jobs *jobs;
    void (*visit)(void *payload, const char *path);
    void *payload;
};

static void visit_one(void *payload, const char *id)
{
    const struct visit *v = payload;
    SLIP_AUTO_FREE char *path = job_path(v->jobs, ASIDE, id);
    v->visit(v->payload, path);
}

void slip_jobs_unreadable(const struct slip_jobs *jobs,
                          void (*visit)(void *payload, const char *path), void *payload)
{
    each_file(jobs, ASIDE, visit_one, &(struct visit){ jobs, visit, payload });
}

bool slip_jobs_drop(const struct slip_jobs *jobs, const char *id)
{
    bool any = false;
    for (size_t i = 0; jobs->dir && i < SLIP_COUNT(job_dirs) && !strchr(id, '/'); i++) {
        SLIP_AUTO_FREE char *path = job_path(jobs, job_dirs[i], id);
        any = unlink(path) == 0 || any;
    }
    if (jobs->dir && !any && !strchr(id, '/')) {
        SLIP_AUTO_FREE char *path = job_path(jobs, ASIDE, id);
        any = unlink(path) == 0;
    }
    return any;
}

/* ---- changes ---- */

/* Time and the beginning of a hash of what it is about. */
static const char *new_id(struct slip_job *j, int64_t now)
{
    SLIP_AUTO_FREE char *what = slip_printf("%s %s %s", j->remote_url, j->oid, j->ref);
    char hex[SLIP_SHA256_HEX + 1], stamp[32];
    time_t t = (time_t)now;
    struct tm utc;
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(what), hex);
    if (!gmtime_r(&t, &utc) || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc) == 0)
        stamp[0] = '\0';
    return slip_arena_printf(&j->arena, "%s-%.8s", stamp, hex);
}

static bool is_taken(const struct slip_job_list *list, const char *id)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->at[i].id, id) == 0)
            return true;
    return false;
}

/* Does the newer job take the place of this one? Tags are not superseded by another object. */
static bool is_superseded(const struct slip_job *old, const struct slip_job *newer)
{
    struct slip_str name;
    return old->state == SLIP_JOB_WAITING && strcmp(old->ref, newer->ref) == 0
           && strcmp(old->remote_url, newer->remote_url) == 0
           && (strcmp(old->oid, newer->oid) == 0
               || slip_ref_kind_of(slip_str_of(old->ref), &name) == SLIP_REF_BRANCH);
}

/* A fresh job, in this state. */
static void begin_job(const struct slip_jobs *jobs, const struct slip_job_list *list,
                      struct slip_job *job, enum slip_job_state state)
{
    int64_t now = jobs->clock.now(jobs->clock.payload);
    job->id = new_id(job, now);
    while (is_taken(list, job->id))
        job->id = slip_arena_printf(&job->arena, "%s.", job->id);
    job->state = state;
    job->enqueued_at = now;
    job->attempt = 0;
    job->not_before = job->finished_at = 0;
}

int slip_jobs_note_blocked(const struct slip_jobs *jobs, struct slip_job *job,
                           struct slip_error *err)
{
    SLIP_AUTO(slip_job_list) list = { 0 };
    slip_jobs_list(jobs, &list);
    begin_job(jobs, &list, job, SLIP_JOB_NOT_ACCEPTED);
    job->finished_at = job->enqueued_at;
    return write_job(jobs, job, dir_of[job->state], err);
}

int slip_jobs_add(const struct slip_jobs *jobs, struct slip_job_list *known, struct slip_job *job,
                  struct slip_error *err)
{
    begin_job(jobs, known, job, SLIP_JOB_WAITING);
    if (write_job(jobs, job, dir_of[job->state], err) < 0)
        return -1;
    for (size_t i = 0; i < known->len; i++)
        if (is_superseded(&known->at[i], job)
            && slip_jobs_move(jobs, &known->at[i], SLIP_JOB_SUPERSEDED, err) < 0)
            return -1;
    return 0;
}

/* The new file first: a job that is killed between the two steps is there twice, never not at all;
 * slip_jobs_lock takes the older state away. */
int slip_jobs_move(const struct slip_jobs *jobs, struct slip_job *job, enum slip_job_state state,
                   struct slip_error *err)
{
    enum slip_job_state from = job->state;
    job->state = state;
    if (state != SLIP_JOB_WAITING && state != SLIP_JOB_RUNNING)
        job->finished_at = jobs->clock.now(jobs->clock.payload);
    if (write_job(jobs, job, dir_of[state], err) < 0) {
        job->state = from;
        return -1;
    }
    if (strcmp(dir_of[from], dir_of[state]) != 0) {
        SLIP_AUTO_FREE char *path = job_path(jobs, dir_of[from], job->id);
        unlink(path);
    }
    return 0;
}

int slip_jobs_retry(const struct slip_jobs *jobs, struct slip_job *job, struct slip_error *err)
{
    job->enqueued_at = jobs->clock.now(jobs->clock.payload);
    job->attempt = 0;
    job->not_before = job->finished_at = 0;
    job->push_pid = job->builder_pid = 0;
    job->exit = 0;
    job->message = job->hint = job->text = job->report = NULL;
    return slip_jobs_move(jobs, job, SLIP_JOB_WAITING, err);
}

void slip_jobs_wake(const struct slip_jobs *jobs, struct slip_job_list *l)
{
    struct slip_error err = { 0 };
    for (size_t i = 0; i < l->len; i++) {
        struct slip_job *job = &l->at[i];
        if (job->state != SLIP_JOB_WAITING || job->not_before == 0)
            continue;
        job->not_before = 0;
        if (slip_jobs_move(jobs, job, SLIP_JOB_WAITING, &err) < 0)
            slip_error_clear(&err); /* it waits until it would have been due */
    }
}

/* ---- one worker at a time ---- */

static bool is_elsewhere(const struct slip_jobs *jobs, const char *dir, const char *id)
{
    for (size_t i = 0; i < SLIP_COUNT(job_dirs); i++) {
        SLIP_AUTO_FREE char *path = job_path(jobs, job_dirs[i], id);
        if (strcmp(job_dirs[i], dir) != 0 && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* In `cur` although nobody works: its worker was killed. Doing it again is safe. */
static void wait_again(const struct slip_jobs *jobs)
{
    SLIP_AUTO(slip_job_list) left = { 0 };
    struct slip_error err = { 0 };
    each_file(jobs, "cur", list_one, &(struct listing){ jobs, "cur", &left });
    for (size_t i = 0; i < left.len; i++) {
        SLIP_AUTO_FREE char *path = job_path(jobs, "cur", left.at[i].id);
        if (is_elsewhere(jobs, "cur", left.at[i].id))
            unlink(path);
        else if (slip_jobs_move(jobs, &left.at[i], SLIP_JOB_WAITING, &err) < 0)
            slip_error_clear(&err); /* stays where it is, for the next one */
    }
}

bool slip_jobs_lock(struct slip_jobs *jobs)
{
    if (jobs->lock >= 0)
        return true;
    if (!jobs->dir)
        return false;
    SLIP_AUTO_FREE char *path = slip_printf("%s/lock", jobs->dir);
    SLIP_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
        return false;
    jobs->lock = fd;
    fd = -1;
    wait_again(jobs);
    return true;
}

void slip_jobs_unlock(struct slip_jobs *jobs)
{
    if (jobs->lock >= 0)
        close(jobs->lock);
    jobs->lock = -1;
}

/* What somebody was writing when he was killed. */
static void prune_unfinished(const struct slip_jobs *jobs, const char *name, int64_t now)
{
    SLIP_AUTO_FREE char *dir = slip_printf("%s/%s", jobs->dir, name);
    DIR *d = opendir(dir);
    struct dirent *e;
    struct stat st;
    while (d && (e = readdir(d))) {
        SLIP_AUTO_FREE char *path = slip_printf("%s/%s", dir, e->d_name);
        if (slip_str_find_str(slip_str_of(e->d_name), SLIP_STR(".json.")) != SLIP_NPOS
            && lstat(path, &st) == 0 && st.st_mtime + KEEP_UNFINISHED_S < now)
            unlink(path);
    }
    if (d)
        closedir(d);
}

void slip_jobs_prune(const struct slip_jobs *jobs)
{
    SLIP_AUTO(slip_job_list) done = { 0 };
    int64_t now = jobs->clock.now(jobs->clock.payload);
    each_file(jobs, "done", list_one, &(struct listing){ jobs, "done", &done });
    for (size_t i = 0; i < done.len; i++)
        if (done.at[i].finished_at + KEEP_DONE_S < now)
            slip_jobs_drop(jobs, done.at[i].id);
    for (size_t i = 0; i < SLIP_COUNT(job_dirs); i++)
        prune_unfinished(jobs, job_dirs[i], now);
}
