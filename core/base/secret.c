/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords and tokens. */
#include "base/secret.h"

#include "base/mem.h"

void slip_secret_set(struct slip_secret *s, struct slip_str value)
{
    slip_secret_clear(s);
    s->hidden = slip_memdup(value.ptr, value.len);
    s->len = value.len;
}

void slip_secret_clear(struct slip_secret *s)
{
    slip_wipe(s->hidden, s->len);
    slip_free(s->hidden);
    *s = (struct slip_secret){ 0 };
}

void slip_secret_move(struct slip_secret *to, struct slip_secret *from)
{
    slip_secret_clear(to);
    *to = *from;
    *from = (struct slip_secret){ 0 };
}

bool slip_secret_is_set(const struct slip_secret *s)
{
    return s->hidden != NULL;
}

const char *slip_secret_reveal(const struct slip_secret *s)
{
    return s->hidden ? s->hidden : "";
}
