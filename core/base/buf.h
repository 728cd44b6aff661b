/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owned, growing, NUL-terminated text with a limit that is fixed when it is made. `ptr` is never
 * NULL. An adder that would pass the limit adds nothing, returns false and sets `full`, which
 * stays: a caller may check each call or `full` once at the end.
 */
#ifndef SLIP_BASE_BUF_H
#define SLIP_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>

struct slip_buf {
    char *ptr;
    size_t len, cap, limit;
    bool full;
};

extern char slip_buf_empty[1]; /* what an empty buffer points to */

#define SLIP_BUF(max)                                                                              \
    {                                                                                              \
        .ptr = slip_buf_empty, .limit = (max)                                                      \
    }

void slip_buf_init(struct slip_buf *b, size_t limit);
void slip_buf_clear(struct slip_buf *b); /* content gone, memory freed, limit kept, reusable */
void slip_buf_reset(struct slip_buf *b); /* content gone, memory kept */
void slip_buf_cut(struct slip_buf *b, size_t len); /* shorten to `len` bytes */

/* `to` gives up its content and takes that of `from`, which is empty then. Limits stay. */
void slip_buf_move(struct slip_buf *to, struct slip_buf *from);

/* The content as a malloc'ed string to be freed with slip_free; the buffer is empty then. */
char *slip_buf_detach(struct slip_buf *b);

bool slip_buf_add(struct slip_buf *b, const void *data, size_t len);
bool slip_buf_add_char(struct slip_buf *b, char c);
bool slip_buf_add_fmt(struct slip_buf *b, const char *fmt, ...) SLIP_PRINTF(2, 3);
bool slip_buf_add_vfmt(struct slip_buf *b, const char *fmt, va_list args) SLIP_PRINTF(2, 0);
bool slip_buf_add_hex(struct slip_buf *b, const void *data, size_t len); /* lower case */

/* Room for `len` more bytes at the end, to be written by the caller and added with slip_buf_grew.
 */
char *slip_buf_room(struct slip_buf *b, size_t len); /* NULL when the limit forbids */
void slip_buf_grew(struct slip_buf *b, size_t len);

static inline bool slip_buf_add_str(struct slip_buf *b, struct slip_str s)
{
    return slip_buf_add(b, s.ptr, s.len);
}

static inline bool slip_buf_add_c(struct slip_buf *b, const char *s)
{
    return slip_buf_add(b, s, strlen(s));
}

static inline struct slip_str slip_buf_str(const struct slip_buf *b)
{
    return (struct slip_str){ b->ptr, b->len };
}

SLIP_DEFINE_AUTO(slip_buf, slip_buf_clear);

#endif
