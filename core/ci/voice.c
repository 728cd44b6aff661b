/* SPDX-License-Identifier: Apache-2.0 */
/* How a run speaks in the log of a CI job. */
#include "ci/voice.h"

#include "base/limits.h"

void slip_ci_voice_clear(struct slip_ci_voice *v)
{
    slip_veil_clear(&v->veil);
    *v = (struct slip_ci_voice){ 0 };
}

/* ---- secrets ---- */

static bool is_secret_name(struct slip_str name)
{
    static const char *const words[] = { "TOKEN", "PASSWORD", "SECRET", "KEY", "AUTH" };
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        if (slip_str_find_str(name, slip_str_of(words[i])) != SLIP_NPOS)
            return true;
    return false;
}

void slip_ci_voice_hide(struct slip_ci_voice *v, const char *const *env)
{
    for (; *env; env++) {
        struct slip_str name, value;
        if (slip_str_cut(slip_str_of(*env), '=', &name, &value) && is_secret_name(name)
            && !slip_str_starts(value, SLIP_STR("/")))
            slip_veil_add(&v->veil, value);
    }
}

/* ---- lines ---- */

static void add_inert(const struct slip_ci_voice *v, struct slip_str line, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_veil_apply(&v->veil, line, &text);
    slip_ci_log_plain(slip_buf_str(&text), out);
    slip_buf_add_char(out, '\n');
}

static void resume(struct slip_ci_voice *v, struct slip_buf *out)
{
    if (v->stopped)
        slip_ci_log_resume(v->dialect, v->token, out);
    v->stopped = false;
}

void slip_ci_voice_line(struct slip_ci_voice *v, int64_t now_ms, struct slip_str line,
                        struct slip_buf *out)
{
    resume(v, out);
    add_inert(v, line, out);
    v->last_ms = now_ms;
}

void slip_ci_voice_child(struct slip_ci_voice *v, int64_t now_ms, struct slip_str line,
                         struct slip_buf *out)
{
    if (!v->stopped)
        slip_ci_log_stop(v->dialect, v->token, out);
    v->stopped = true;
    slip_buf_add_c(out, "  | ");
    add_inert(v, line, out);
    v->last_ms = now_ms;
}

void slip_ci_voice_command(struct slip_ci_voice *v, int64_t now_ms, struct slip_str command,
                           struct slip_buf *out)
{
    resume(v, out);
    slip_veil_apply(&v->veil, command, out);
    v->last_ms = now_ms;
}

/* ---- signs of life ---- */

static double mib(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

void slip_ci_voice_alive(struct slip_ci_voice *v, int64_t now_ms, const char *subject,
                         uint64_t done, uint64_t total, struct slip_buf *out)
{
    if (v->every_ms == 0 || now_ms - v->last_ms < v->every_ms)
        return;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_buf_add_fmt(&text, "%s: still at work", subject ? subject : "slipway");
    if (total)
        slip_buf_add_fmt(&text, ", %.1f of %.1f MiB", mib(done), mib(total));
    else if (done)
        slip_buf_add_fmt(&text, ", %.1f MiB", mib(done));
    slip_ci_voice_line(v, now_ms, slip_buf_str(&text), out);
}
