/* SPDX-License-Identifier: Apache-2.0 */
/* One release of a push, in a process of its own. */
#include "push_work.h"

#include "base/mem.h"
#include "base/temp_dir.h"

enum { TELL_EVERY_MS = 30000 };

/* What the process sends back, before the texts. It is a copy of ours, so the layout is the same.
 */
struct head {
    enum slip_kind kind;
    struct slip_error err;
    size_t rows, uploaded, wrote;      /* the last two: bytes */
    size_t room, error_room, left_out; /* of struct slip_cli */
};

struct job {
    const struct slip_push_work *w;
    struct slip_session_run run;
    struct slip_temp_dir *tmpdir;
};

void slip_push_done_clear(struct slip_push_done *d)
{
    slip_buf_clear(&d->uploaded);
    slip_buf_clear(&d->wrote);
    *d = (struct slip_push_done){ 0 };
}

static void remove_tmpdir(void *payload)
{
    struct job *job = payload;
    slip_temp_dir_remove(slip_take(job->tmpdir));
}

/* ---- in the other process ---- */

static void print_rows(const struct slip_outcome *o, struct slip_buf *uploaded,
                       struct slip_buf *wrote)
{
    for (size_t i = 0; i < o->rows.len; i++) {
        const struct slip_outcome_row *row = &o->rows.at[i];
        if (!row->digest)
            continue;
        slip_buf_add_fmt(uploaded, "%s %s\n", row->ref, row->digest);
        if (row->action == SLIP_OUTCOME_WRITTEN || row->action == SLIP_OUTCOME_MOVED)
            slip_buf_add_fmt(wrote, "%s %s\n", row->ref, row->digest);
    }
}

static void work(void *payload, struct slip_buf *answer)
{
    struct job *job = payload;
    struct slip_session *s = job->w->session;
    struct slip_cli *cli = s->cli;
    struct head head = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    SLIP_AUTO(slip_buf) uploaded = SLIP_BUF(SLIP_LIMIT_OUTPUT / 4);
    SLIP_AUTO(slip_buf) wrote = SLIP_BUF(SLIP_LIMIT_OUTPUT / 4);
    /* The connections of the one we have are not ours alone. */
    s->registry = slip_registry_new(&s->settings.registry);
    slip_outcome_begin(&outcome, "pre-push", job->w->ref, s->project.commit_hex);
    if (slip_session_run(s, &job->run, &outcome, &head.err) < 0) {
        head.kind = head.err.kind;
    } else {
        (void)slip_outcome_show(cli, &outcome);
        head.kind = slip_outcome_kind(&outcome);
    }
    print_rows(&outcome, &uploaded, &wrote);
    head.rows = outcome.rows.len;
    head.uploaded = uploaded.len;
    head.wrote = wrote.len;
    head.room = cli->room;
    head.error_room = cli->error_room;
    head.left_out = cli->left_out;
    slip_buf_add_str(answer, slip_str_make((const char *)&head, sizeof(head)));
    slip_buf_add_str(answer, slip_buf_str(&uploaded));
    slip_buf_add_str(answer, slip_buf_str(&wrote));
    slip_registry_free(s->registry);
    remove_tmpdir(job);
}

/* ---- here ---- */

/* However many lines there were before: it is the silence that makes people end a push. */
static void still_at_work(void *payload, unsigned seconds)
{
    const struct slip_push_work *w = payload;
    if (w->timeout_ms && w->log)
        slip_cli_conclude(w->session->cli,
                          "still at work after %u s; the connection waits, in %u s at the latest "
                          "the push goes on (slipway.pushTimeout)",
                          seconds,
                          w->timeout_ms / 1000 > seconds ? w->timeout_ms / 1000 - seconds : 0);
    else
        slip_cli_conclude(w->session->cli, "still at work after %u s", seconds);
}

static int read_answer(struct slip_cli *cli, struct slip_str answer, struct slip_push_done *out,
                       struct slip_error *err)
{
    struct head head;
    if (answer.len < sizeof(head))
        return slip_fail(err, SLIP_E_INTERNAL, "the working process gave no answer");
    memcpy(&head, answer.ptr, sizeof(head));
    answer = slip_str_skip(answer, sizeof(head));
    if (answer.len != head.uploaded + head.wrote)
        return slip_fail(err, SLIP_E_INTERNAL, "the working process gave half an answer");
    out->kind = head.kind;
    out->err = head.err;
    out->rows = head.rows;
    cli->room = head.room;
    cli->error_room = head.error_room;
    cli->left_out = head.left_out;
    slip_buf_add_str(&out->uploaded, slip_str_first(answer, head.uploaded));
    slip_buf_add_str(&out->wrote, slip_str_skip(answer, head.uploaded));
    return 0;
}

int slip_push_work_run(const struct slip_push_work *w, struct slip_push_done *out,
                       struct slip_error *err)
{
    struct slip_cli *cli = w->session->cli;
    struct job job = { .w = w, .run = w->run };
    SLIP_AUTO(slip_buf) answer = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    *out = (struct slip_push_done){ .uploaded = SLIP_BUF(SLIP_LIMIT_OUTPUT),
                                    .wrote = SLIP_BUF(SLIP_LIMIT_OUTPUT) };
    if (slip_temp_dir_make(slip_cli_env(cli, "TMPDIR"), &job.tmpdir, err) < 0)
        return -1;
    job.run.tmpdir = job.tmpdir->path;
    struct slip_handover h = { .work = work,
                               .payload = &job,
                               .log = w->log,
                               .timeout_ms = w->timeout_ms,
                               .tick_ms = w->tell_ms ? w->tell_ms : TELL_EVERY_MS,
                               .on_tick = still_at_work,
                               .tick_payload = (void *)w,
                               .before_signal = remove_tmpdir,
                               .signal_payload = &job };
    int rc = slip_handover_run(&h, &answer, &out->how, err);
    if (rc == 0 && out->how.end == SLIP_HANDOVER_DONE)
        rc = read_answer(cli, slip_buf_str(&answer), out, err);
    if (rc == 0 && out->how.end == SLIP_HANDOVER_LEFT) /* what is left behind needs it */
        slip_temp_dir_leave(job.tmpdir);
    else
        slip_temp_dir_remove(job.tmpdir);
    return rc;
}
