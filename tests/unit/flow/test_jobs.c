/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/file.h"
#include "flow/finish.h"
#include "proc/process.h"
#include "support/sandbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OID "0123456789abcdef0123456789abcdef01234567"
#define OTHER "1111111111111111111111111111111111111111"

/* ---- a world of our own: time that passes while one sleeps, a remote that gets refs later ---- */

static struct world {
    int64_t now, accepted_at; /* 0: never */
    const char *has;          /* what the remote has then */
    bool unreachable;
    unsigned asked, refs_asked, finished;
    enum slip_kind result;
    int fail_times; /* temporary failures before success */
} world;

static int64_t world_now(void *payload)
{
    (void)payload;
    return world.now;
}

static void world_sleep(void *payload, unsigned seconds)
{
    (void)payload;
    world.now += seconds;
}

static int world_ask(const struct slip_git *git, const char *remote, const char *const *refs,
                     size_t n, struct slip_remote_ref *out, struct slip_error *err)
{
    (void)git;
    (void)remote;
    (void)refs;
    world.asked++;
    world.refs_asked += (unsigned)n;
    if (world.unreachable)
        return slip_fail(err, SLIP_E_DENIED, "no way");
    memset(out, 0, n * sizeof(*out));
    for (size_t i = 0; i < n && world.accepted_at && world.now >= world.accepted_at; i++)
        snprintf(out[i].id, sizeof(out[i].id), "%s", world.has);
    return 0;
}

static void world_finish(void *payload, const struct slip_job *job, struct slip_job_result *out)
{
    (void)payload;
    assert_int_equal(job->state, SLIP_JOB_RUNNING);
    world.finished++;
    slip_buf_add_c(&out->text, "a table");
    if (world.fail_times-- > 0)
        slip_fail(&out->err, SLIP_E_TEMPORARY, "down");
    else if (world.result != SLIP_OK)
        slip_fail(&out->err, world.result, "no");
    out->exit = slip_kind_exit(out->err.kind);
}

static const struct slip_clock world_clock = { world_now, world_sleep, NULL };

static int setup(void **state)
{
    world = (struct world){ .now = 1000000000, .has = OID };
    *state = sandbox_new();
    return 0;
}

static int teardown(void **state)
{
    sandbox_free(*state);
    return 0;
}

static void open_jobs(void **state, struct slip_jobs *jobs)
{
    struct slip_error err = { 0 };
    if (slip_jobs_open(*state, true, world_clock, jobs, &err) < 0)
        fail_msg("%s", err.text);
}

static void add_job(const struct slip_jobs *jobs, struct slip_job *job)
{
    SLIP_AUTO(slip_job_list) known = { 0 };
    struct slip_error err = { 0 };
    slip_jobs_list(jobs, &known);
    must(slip_jobs_add(jobs, &known, job, &err), &err);
}

static void add(const struct slip_jobs *jobs, const char *ref, const char *oid)
{
    SLIP_AUTO(slip_job)
    job = {
        .action = "prepare",
        .ref = ref,
        .oid = oid,
        .commit = OID,
        .remote_name = "origin",
        .remote_url = "https://host.example/x",
        .rules = "release",
    };
    add_job(jobs, &job);
}

/* A push of refs/tags/v1; nothing in it is the job's own. */
static struct slip_job pushed(void)
{
    return (struct slip_job){
        .ref = "refs/tags/v1", .oid = OID, .commit = OID, .remote_name = "o", .remote_url = "u"
    };
}

static enum slip_job_state state_of(const struct slip_jobs *jobs, const char *name)
{
    SLIP_AUTO(slip_job_list) list = { 0 };
    slip_jobs_list(jobs, &list);
    const struct slip_job *job = slip_job_list_find(&list, slip_str_of(name));
    return job ? job->state : SLIP_JOB_STATES;
}

static void run_finisher(struct slip_jobs *jobs, const char *only, int64_t until)
{
    static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
    struct slip_finisher f = {
        .jobs = jobs,
        .git = { .env = env, .dir = "/" },
        .ask_remote = world_ask,
        .finish = world_finish,
    };
    slip_finisher_run(&f, only, until);
}

/* ---- */

static void a_job_is_kept_as_it_was_given(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    slip_jobs_list(&jobs, &list);
    assert_int_equal(list.len, 1);
    const struct slip_job *job = slip_job_list_find(&list, SLIP_STR("v1"));
    assert_non_null(job);
    assert_ptr_equal(job, slip_job_list_find(&list, SLIP_STR("refs/tags/v1")));
    assert_ptr_equal(job, slip_job_list_find(&list, slip_str_of(job->id)));
    assert_null(slip_job_list_find(&list, SLIP_STR("v2")));
    assert_int_equal(strncmp(job->id, "20010909T014640Z-", 17), 0);
    assert_string_equal(job->oid, OID);
    assert_string_equal(job->rules, "release");
    assert_int_equal(job->enqueued_at, 1000000000);
    assert_null(job->message);
    struct stat st;
    assert_int_equal(stat(jobs.dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(slip_jobs_drop(&jobs, job->id));
    assert_false(slip_jobs_drop(&jobs, job->id));
}

static void newer_pushes_take_the_place_of_older_ones(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    add(&jobs, "refs/tags/v1", OID);
    add(&jobs, "refs/tags/v1", OTHER);
    add(&jobs, "refs/heads/main", OID);
    add(&jobs, "refs/heads/main", OTHER);
    slip_jobs_list(&jobs, &list);
    unsigned waiting = 0, superseded = 0;
    for (size_t i = 0; i < list.len; i++) {
        waiting += list.at[i].state == SLIP_JOB_WAITING;
        superseded += list.at[i].state == SLIP_JOB_SUPERSEDED;
    }
    assert_int_equal(list.len, 5);
    assert_int_equal(waiting, 3);
    assert_int_equal(superseded, 2);
}

static void names_are_written_once_the_remote_has_the_ref(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    add(&jobs, "refs/tags/v2", OID);
    world.accepted_at = world.now + 20;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
    assert_int_equal(state_of(&jobs, "v2"), SLIP_JOB_DONE);
    assert_int_equal(world.finished, 2);
    assert_int_equal(world.asked, 6); /* after 0, 1, 3, 7, 15, 31 s */
    assert_int_equal(world.refs_asked, 12);
}

static void a_ref_that_never_comes_leaves_no_name(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_NOT_ACCEPTED);
    assert_int_equal(world.finished, 0);
    assert_true(world.now >= 1000000600 && world.now < 1000000700);
}

static void another_object_under_the_ref_is_not_ours(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.accepted_at = world.now;
    world.has = OTHER;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_NOT_ACCEPTED);
}

static void a_push_that_has_ended_is_not_waited_for(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    SLIP_AUTO(slip_job) job = pushed();
    job.push_pid = getpid();
    job.push_started = slip_process_started(getpid()) - 1;
    add_job(&jobs, &job);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_NOT_ACCEPTED);
    assert_true(world.now < 1000000100);
}

static void a_push_that_still_sends_may_take_its_time(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    SLIP_AUTO(slip_job) job = pushed();
    job.push_pid = getpid();
    job.push_started = slip_process_started(getpid());
    world.accepted_at = world.now + 3600;
    add_job(&jobs, &job);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

static void names_wait_for_the_builder_that_a_push_left_behind(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    SLIP_AUTO(slip_job) job = pushed();
    job.builder_pid = getpid();
    job.builder_started = slip_process_started(getpid());
    world.accepted_at = world.now;
    add_job(&jobs, &job);
    run_finisher(&jobs, NULL, world.now + 100);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_WAITING);
    assert_int_equal(world.asked, 0);
    /* It has ended, or was killed: either way the names are ours to write now. */
    slip_jobs_list(&jobs, &list);
    list.at[0].builder_started--;
    assert_int_equal(slip_jobs_move(&jobs, &list.at[0], SLIP_JOB_WAITING, &err), 0);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

static void temporary_failures_are_tried_again(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.accepted_at = world.now;
    world.fail_times = 3;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
    assert_int_equal(world.finished, 4);
}

static void other_failures_are_final_until_asked_again(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.accepted_at = world.now;
    world.result = SLIP_E_DENIED;
    run_finisher(&jobs, NULL, 0);
    slip_jobs_list(&jobs, &list);
    assert_int_equal(list.at[0].state, SLIP_JOB_FAILED);
    assert_int_equal(list.at[0].exit, 7);
    assert_string_equal(list.at[0].message, "no");
    assert_string_equal(list.at[0].text, "a table");
    assert_int_equal(slip_jobs_retry(&jobs, &list.at[0], &err), 0);
    world.result = SLIP_OK;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

static void a_remote_that_cannot_be_asked_loses_nothing(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.unreachable = true;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_WAITING);
    world.unreachable = false;
    world.accepted_at = 1;
    world.now += 3600;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

static void what_a_killed_finisher_left_is_done_again(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    slip_jobs_list(&jobs, &list);
    assert_int_equal(slip_jobs_move(&jobs, &list.at[0], SLIP_JOB_RUNNING, &err), 0);
    world.accepted_at = world.now;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
    assert_int_equal(world.finished, 1);
}

static void what_waits_for_its_next_attempt_can_be_woken(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.unreachable = true;
    run_finisher(&jobs, NULL, 0);
    world.unreachable = false;
    world.accepted_at = 1;
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_WAITING);
    slip_jobs_list(&jobs, &list);
    slip_jobs_wake(&jobs, &list);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

/* A push that stopped after it had written names; and one that the remote refused. */
static void names_of_a_push_that_did_not_go_on_may_be_replaced(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    SLIP_AUTO(slip_buf) names = SLIP_BUF(1000);
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    SLIP_AUTO(slip_job) job = pushed();
    job.action = "export";
    job.wrote = "r/a:v1 sha256:1\n";
    assert_int_equal(slip_jobs_note_blocked(&jobs, &job, &err), 0);
    job.wrote = "r/b:v1 sha256:2\n";
    job.push_pid = getpid();
    job.push_started = slip_process_started(getpid());
    add_job(&jobs, &job);
    slip_jobs_list(&jobs, &list);
    slip_job_list_replaceable(&list, "refs/tags/v1", "u", &names);
    assert_string_equal(names.ptr, "r/a:v1 sha256:1\n");
    slip_jobs_list(&jobs, &list);
    list.at[1].push_started--;
    assert_int_equal(slip_jobs_move(&jobs, &list.at[1], SLIP_JOB_WAITING, &err), 0);
    slip_buf_reset(&names);
    slip_job_list_replaceable(&list, "refs/tags/v1", "u", &names);
    assert_string_equal(names.ptr, "r/a:v1 sha256:1\nr/b:v1 sha256:2\n");
    run_finisher(&jobs, NULL, 0); /* not accepted */
    slip_jobs_list(&jobs, &list);
    slip_buf_reset(&names);
    slip_job_list_replaceable(&list, "refs/tags/v1", "u", &names);
    assert_string_equal(names.ptr, "r/a:v1 sha256:1\nr/b:v1 sha256:2\n");
    slip_buf_reset(&names);
    slip_job_list_replaceable(&list, "refs/tags/v2", "u", &names);
    slip_job_list_replaceable(&list, "refs/tags/v1", "elsewhere", &names);
    assert_int_equal(names.len, 0);
    /* Once the remote had the ref others may have seen the names. */
    world.accepted_at = world.now;
    add_job(&jobs, &job);
    run_finisher(&jobs, NULL, 0);
    slip_jobs_list(&jobs, &list);
    slip_job_list_replaceable(&list, "refs/tags/v1", "u", &names);
    assert_int_equal(names.len, 0);
}

static void two_do_not_work_at_once(void **state)
{
    SLIP_AUTO(slip_jobs) one = { .lock = -1 };
    SLIP_AUTO(slip_jobs) two = { .lock = -1 };
    open_jobs(state, &one);
    open_jobs(state, &two);
    add(&one, "refs/tags/v1", OID);
    world.accepted_at = world.now;
    assert_true(slip_jobs_lock(&one));
    run_finisher(&two, NULL, 0);
    assert_int_equal(world.finished, 0);
    slip_jobs_unlock(&one);
    run_finisher(&two, NULL, 0);
    assert_int_equal(world.finished, 1);
}

static void waiting_for_one_job_ends_with_it_or_with_time(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    slip_jobs_list(&jobs, &list);
    run_finisher(&jobs, list.at[0].id, world.now + 4);
    assert_int_equal(world.now, 1000000004);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_WAITING);
    world.accepted_at = world.now + 5;
    run_finisher(&jobs, list.at[0].id, 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_DONE);
}

static void old_jobs_are_forgotten_after_a_week(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    world.accepted_at = world.now;
    run_finisher(&jobs, NULL, 0);
    world.now += 8 * 24 * 3600;
    sandbox_write(*state, "slipway/jobs/new/old.json.Ab1234", "{");
    sandbox_write(*state, "slipway/jobs/new/now.json.Ab1234", "{");
    SLIP_AUTO_FREE char *old = slip_printf("%s/new/old.json.Ab1234", jobs.dir);
    SLIP_AUTO_FREE char *now = slip_printf("%s/new/now.json.Ab1234", jobs.dir);
    const struct timespec before[] = { { .tv_sec = world.now - 4000 },
                                       { .tv_sec = world.now - 4000 } };
    assert_int_equal(utimensat(AT_FDCWD, old, before, 0), 0);
    run_finisher(&jobs, NULL, 0);
    assert_int_equal(access(old, F_OK), -1); /* its writer was killed */
    assert_int_equal(access(now, F_OK), 0);
    assert_int_equal(state_of(&jobs, "v1"), SLIP_JOB_STATES);
}

static void a_directory_of_somebody_else_is_refused(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    assert_int_equal(chmod(jobs.dir, 0777), 0);
    SLIP_AUTO(slip_jobs) again = { .lock = -1 };
    assert_int_equal(slip_jobs_open(*state, true, world_clock, &again, &err), -1);
    assert_int_equal(err.kind, SLIP_E_POLICY);
    /* Nor one that stands in a directory where others could put another. */
    SLIP_AUTO_FREE char *above = slip_printf("%s/slipway", (const char *)*state);
    assert_int_equal(chmod(jobs.dir, 0700), 0);
    assert_int_equal(chmod(above, 0775), 0);
    slip_error_clear(&err);
    assert_int_equal(slip_jobs_open(*state, false, world_clock, &again, &err), -1);
    assert_int_equal(err.kind, SLIP_E_POLICY);
}

static void a_ref_may_be_any_bytes(void **state)
{
    static const char ref[] = "refs/tags/v\xe9\xff";
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    SLIP_AUTO(slip_buf) json = SLIP_BUF(10000);
    struct slip_error err = { 0 };
    open_jobs(state, &jobs);
    add(&jobs, ref, OID);
    slip_jobs_list(&jobs, &list);
    assert_int_equal(list.len, 1);
    assert_string_equal(list.at[0].ref, ref);
    assert_string_equal(list.at[0].remote_name, "origin");
    SLIP_AUTO_FREE char *file = slip_printf("%s/new/%s.json", jobs.dir, list.at[0].id);
    assert_int_equal(slip_file_read(file, &json, &err), 0);
    assert_non_null(strstr(json.ptr, "\"refs/tags/v\xef\xbf\xbd"));
    assert_non_null(strstr(json.ptr, "\"ref_hex\": \"726566732f746167732f76e9ff\""));
}

static void hear(void *payload, const struct slip_event *event)
{
    if (event->kind == SLIP_EVENT_WARNING)
        slip_buf_add_fmt(payload, "%s\n", event->text);
}

static void count(void *payload, const char *path)
{
    assert_int_equal(access(path, F_OK), 0);
    ++*(unsigned *)payload;
}

static void files_that_are_no_jobs_are_put_aside_and_named_once(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    SLIP_AUTO(slip_buf) said = SLIP_BUF(10000);
    const struct slip_watch watch = { hear, &said };
    unsigned n = 0;
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    sandbox_write(*state, "slipway/jobs/new/a.json", "{");
    sandbox_write(*state, "slipway/jobs/cur/b.json", "[]");
    sandbox_write(*state, "slipway/jobs/new/d.txt", "");
    assert_true(slip_jobs_lock(&jobs));
    slip_jobs_put_aside(&jobs, &watch);
    assert_non_null(strstr(said.ptr, "/new/a.json: it is no job; it was put aside as "
                                     "unreadable/a.json\n"));
    assert_non_null(strstr(said.ptr, "/cur/b.json: it is no job; it was put aside as "));
    slip_buf_reset(&said);
    slip_jobs_put_aside(&jobs, &watch);
    assert_string_equal(said.ptr, "");
    /* Another of that name takes nothing from the first. */
    sandbox_write(*state, "slipway/jobs/new/a.json", "{}");
    slip_jobs_put_aside(&jobs, &watch);
    assert_non_null(strstr(said.ptr, "unreadable/a.1.json\n"));
    slip_jobs_unreadable(&jobs, count, &n);
    assert_int_equal(n, 3);
    slip_jobs_list(&jobs, &list);
    assert_int_equal(list.len, 1);
    assert_true(slip_jobs_drop(&jobs, "a"));
    assert_false(slip_jobs_drop(&jobs, "a"));
}

static void broken_files_are_passed_over(void **state)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    open_jobs(state, &jobs);
    add(&jobs, "refs/tags/v1", OID);
    sandbox_write(*state, "slipway/jobs/new/a.json", "{");
    sandbox_write(*state, "slipway/jobs/new/b.json", "[]");
    sandbox_write(*state, "slipway/jobs/new/c.json", "{\"state\":\"waiting\",\"id\":\"c\"}");
    sandbox_write(*state, "slipway/jobs/new/d.txt", "");
    SLIP_AUTO(slip_job_list) list = { 0 };
    slip_jobs_list(&jobs, &list);
    assert_int_equal(list.len, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_job_is_kept_as_it_was_given),
        TEST(newer_pushes_take_the_place_of_older_ones),
        TEST(names_are_written_once_the_remote_has_the_ref),
        TEST(a_ref_that_never_comes_leaves_no_name),
        TEST(another_object_under_the_ref_is_not_ours),
        TEST(a_push_that_has_ended_is_not_waited_for),
        TEST(a_push_that_still_sends_may_take_its_time),
        TEST(names_wait_for_the_builder_that_a_push_left_behind),
        TEST(temporary_failures_are_tried_again),
        TEST(other_failures_are_final_until_asked_again),
        TEST(a_remote_that_cannot_be_asked_loses_nothing),
        TEST(what_a_killed_finisher_left_is_done_again),
        TEST(what_waits_for_its_next_attempt_can_be_woken),
        TEST(names_of_a_push_that_did_not_go_on_may_be_replaced),
        TEST(two_do_not_work_at_once),
        TEST(waiting_for_one_job_ends_with_it_or_with_time),
        TEST(old_jobs_are_forgotten_after_a_week),
        TEST(a_directory_of_somebody_else_is_refused),
        TEST(a_ref_may_be_any_bytes),
        TEST(broken_files_are_passed_over),
        TEST(files_that_are_no_jobs_are_put_aside_and_named_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
