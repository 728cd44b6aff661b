/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that are not told. */
#include "value/veil.h"

#include "base/limits.h"
#include "value/base64.h"

void slip_veil_clear(struct slip_veil *v)
{
    slip_vec_clear(&v->secrets);
    slip_arena_clear(&v->arena);
    *v = (struct slip_veil){ 0 };
}

/* Longer ones first: what is left of a secret must not tell the rest of another. */
static void hide(struct slip_veil *v, struct slip_str text)
{
    if (text.len < SLIP_VEIL_MIN)
        return;
    slip_vec_push(&v->secrets, slip_arena_str(&v->arena, text));
    struct slip_str *at = v->secrets.at, added = at[v->secrets.len - 1];
    size_t i = v->secrets.len - 1;
    for (; i > 0 && at[i - 1].len < added.len; i--)
        at[i] = at[i - 1];
    at[i] = added;
}

/* In base64 a text looks different by where it stands in its groups of three bytes; the characters
 * that its neighbours decide about are left out. */
static void hide_base64(struct slip_veil *v, struct slip_str text)
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

void slip_veil_add(struct slip_veil *v, struct slip_str value)
{
    struct slip_str line;
    if (value.len < SLIP_VEIL_MIN || value.len > SLIP_LIMIT_TEXT / 2)
        return;
    hide_base64(v, value);
    while (slip_str_line(&value, &line))
        hide(v, slip_str_trim(line));
}

static const struct slip_str *secret_at(const struct slip_veil *v, struct slip_str text)
{
    for (size_t i = 0; i < v->secrets.len; i++)
        if (slip_str_starts(text, v->secrets.at[i]))
            return &v->secrets.at[i];
    return NULL;
}

void slip_veil_apply(const struct slip_veil *v, struct slip_str text, struct slip_buf *out)
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
