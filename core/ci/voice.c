/* SPDX-License-Identifier: Apache-2.0 */
/* How a run speaks in the log of a CI job. */
#include "ci/voice.h"

#include "base/limits.h"
#include "value/base64.h"

void slip_ci_voice_clear(struct slip_ci_voice *v)
{
    slip_vec_clear(&v->secrets);
    slip_arena_clear(&v->arena);
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

static void hide(struct slip_ci_voice *v, struct slip_str text)
{
    if (text.len >= SLIP_CI_SECRET_MIN)
        slip_vec_push(&v->secrets, slip_arena_str(&v->arena, text));
}

/* In base64 a text looks different by where it stands in its groups of three bytes; the characters
 * that its neighbours decide about are left out. */
static void hide_base64(struct slip_ci_voice *v, struct slip_str text)
{
    for (size_t before = 0; before < 3; before++) {
        SLIP_AUTO(slip_buf) plain = SLIP_BUF(SLIP_LIMIT_TEXT);
        SLIP_AUTO(slip_buf) coded = SLIP_BUF(2 * SLIP_LIMIT_TEXT);
        slip_buf_add_str(&plain, slip_str_make("\0\0", before));
        slip_buf_add_str(&plain, text);
        slip_base64_encode(slip_buf_str(&plain), &coded);
        size_t from = (before * 8 + 5) / 6, to = (before + text.len) * 8 / 6;
        if (to <= coded.len && from < to)
            hide(v, slip_str_make(coded.ptr + from, to - from));
    }
}

/* Longer ones first: what is left of a secret must not tell the rest of another. */
static int by_length(const void *a, const void *b)
{
    const struct slip_str *x = a, *y = b;
    return (x->len < y->len) - (x->len > y->len);
}

void slip_ci_voice_hide(struct slip_ci_voice *v, const char *const *env)
{
    for (; *env; env++) {
        struct slip_str name, value, line;
        if (!slip_str_cut(slip_str_of(*env), '=', &name, &value) || !is_secret_name(name)
            || value.len < SLIP_CI_SECRET_MIN || value.len > SLIP_LIMIT_TEXT / 2
            || value.ptr[0] == '/')
            continue;
        hide_base64(v, value);
        while (slip_str_line(&value, &line))
            hide(v, slip_str_trim(line));
    }
    if (v->secrets.len)
        qsort(v->secrets.at, v->secrets.len, sizeof(*v->secrets.at), by_length);
}

static const struct slip_str *secret_at(const struct slip_ci_voice *v, struct slip_str text)
{
    for (size_t i = 0; i < v->secrets.len; i++)
        if (slip_str_starts(text, v->secrets.at[i]))
            return &v->secrets.at[i];
    return NULL;
}

void slip_ci_voice_redact(const struct slip_ci_voice *v, struct slip_str text, struct slip_buf *out)
{
    while (text.len) {
        const struct slip_str *secret = secret_at(v, text);
        if (secret)
            slip_buf_add_c(out, "***");
        else
            slip_buf_add_char(out, text.ptr[0]);
        text = slip_str_skip(text, secret ? secret->len : 1);
    }
}

/* ---- lines ---- */

static void add_inert(const struct slip_ci_voice *v, struct slip_str line, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_ci_voice_redact(v, line, &text);
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
    slip_ci_voice_redact(v, command, out);
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
