/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text with a limit. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>

char slip_buf_empty[1] = "";

void slip_buf_init(struct slip_buf *b, size_t limit)
{
    *b = (struct slip_buf)SLIP_BUF(limit);
}

void slip_buf_clear(struct slip_buf *b)
{
    if (b->cap)
        slip_free(b->ptr);
    slip_buf_init(b, b->limit);
}

void slip_buf_reset(struct slip_buf *b)
{
    b->full = false;
    slip_buf_cut(b, 0);
}

void slip_buf_cut(struct slip_buf *b, size_t len)
{
    if (len < b->len) {
        b->len = len;
        b->ptr[len] = '\0';
    }
}

void slip_buf_move(struct slip_buf *to, struct slip_buf *from)
{
    size_t limit = to->limit;
    slip_buf_clear(to);
    *to = *from;
    to->limit = limit;
    slip_buf_init(from, from->limit);
}

char *slip_buf_detach(struct slip_buf *b)
{
    char *text = b->cap ? b->ptr : slip_strdup("");
    slip_buf_init(b, b->limit);
    return text;
}

static void grow(struct slip_buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    b->ptr = slip_realloc_array(b->cap ? b->ptr : NULL, cap, 1);
    b->cap = cap;
    b->ptr[b->len] = '\0';
}

char *slip_buf_room(struct slip_buf *b, size_t len)
{
    if (len > b->limit || b->len > b->limit - len) {
        b->full = true;
        return NULL;
    }
    size_t need = b->len + len + 1;
    if (need > b->cap)
        grow(b, need);
    return b->ptr + b->len;
}

void slip_buf_grew(struct slip_buf *b, size_t len)
{
    if (b->cap == 0)
        return;
    b->len += len;
    b->ptr[b->len] = '\0';
}

bool slip_buf_add(struct slip_buf *b, const void *data, size_t len)
{
    if (len == 0)
        return true;
    char *room = slip_buf_room(b, len);
    if (!room)
        return false;
    memcpy(room, data, len);
    room[len] = '\0';
    b->len += len;
    return true;
}

bool slip_buf_add_char(struct slip_buf *b, char c)
{
    if (b->len + 1 >= b->cap || b->len >= b->limit)
        return slip_buf_add(b, &c, 1);
    b->ptr[b->len++] = c;
    b->ptr[b->len] = '\0';
    return true;
}

bool slip_buf_add_vfmt(struct slip_buf *b, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    char *room = len < 0 ? NULL : slip_buf_room(b, (size_t)len);
    if (room) {
        vsnprintf(room, (size_t)len + 1, fmt, again);
        slip_buf_grew(b, (size_t)len);
    }
    va_end(again);
    return room != NULL;
}

bool slip_buf_add_fmt(struct slip_buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool ok = slip_buf_add_vfmt(b, fmt, args);
    va_end(args);
    return ok;
}

bool slip_buf_add_hex(struct slip_buf *b, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = data;
    char *room = slip_buf_room(b, len * 2);
    if (!room)
        return false;
    for (size_t i = 0; i < len; i++) {
        room[2 * i] = digits[p[i] >> 4];
        room[2 * i + 1] = digits[p[i] & 15];
    }
    slip_buf_grew(b, len * 2);
    return true;
}
