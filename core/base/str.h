/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed piece of text: pointer and length, no ownership, not NUL-terminated. */
#ifndef SLIP_BASE_STR_H
#define SLIP_BASE_STR_H

#include "base/macro.h"

#include <string.h>

struct slip_str {
    const char *ptr;
    size_t len;
};

/* From a literal; from a C string (NULL gives the empty text). For printf: "%.*s", SLIP_ARG(s). */
#define SLIP_STR(literal) ((struct slip_str){ "" literal, sizeof(literal) - 1 })
#define SLIP_ARG(s) (int)(s).len, (s).ptr

static inline struct slip_str slip_str_of(const char *s)
{
    return (struct slip_str){ s ? s : "", s ? strlen(s) : 0 };
}

static inline struct slip_str slip_str_make(const char *ptr, size_t len)
{
    return (struct slip_str){ ptr, len };
}

static inline bool slip_str_eq(struct slip_str a, struct slip_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slip_str_is(struct slip_str a, const char *b)
{
    return slip_str_eq(a, slip_str_of(b));
}

/* Byte order, as strcmp and Go's string comparison. */
int slip_str_cmp(struct slip_str a, struct slip_str b);

/* `s` without its first `n` bytes; its first `n` bytes. `n` may exceed the length. */
static inline struct slip_str slip_str_skip(struct slip_str s, size_t n)
{
    if (n > s.len)
        n = s.len;
    return n ? (struct slip_str){ s.ptr + n, s.len - n } : s; /* no arithmetic on NULL */
}

static inline struct slip_str slip_str_first(struct slip_str s, size_t n)
{
    return (struct slip_str){ s.ptr, n < s.len ? n : s.len };
}

static inline bool slip_str_starts(struct slip_str s, struct slip_str prefix)
{
    return slip_str_eq(slip_str_first(s, prefix.len), prefix);
}

static inline bool slip_str_ends(struct slip_str s, struct slip_str suffix)
{
    return s.len >= suffix.len && slip_str_eq(slip_str_skip(s, s.len - suffix.len), suffix);
}

/* Position of the first or last occurrence, or SLIP_NPOS. */
#define SLIP_NPOS ((size_t)-1)
size_t slip_str_find(struct slip_str s, char c);
size_t slip_str_rfind(struct slip_str s, char c);
size_t slip_str_find_str(struct slip_str s, struct slip_str what);

/*
 * Split at the first (last) `c`. True: `head` and `tail` are the parts without it. False: there is
 * none, `head` is all of `s`, `tail` is empty. `head` or `tail` may be `&s` of the caller.
 */
bool slip_str_cut(struct slip_str s, char c, struct slip_str *head, struct slip_str *tail);
bool slip_str_rcut(struct slip_str s, char c, struct slip_str *head, struct slip_str *tail);

/* Without ASCII blanks (space, tab, CR, LF, VT, FF) at both ends. */
struct slip_str slip_str_trim(struct slip_str s);

/* The next line without its LF; false at the end. `rest` moves on. */
bool slip_str_line(struct slip_str *rest, struct slip_str *line);

/* Whole text as a decimal number; false when it is none or does not fit. */
bool slip_str_to_u64(struct slip_str s, uint64_t *out);
bool slip_str_to_i64(struct slip_str s, int64_t *out);

/* What a switch says: yes is "1", "true", "yes"; no is "0", "false", "no"; anything else says
 * nothing, as werf has it for its variables. */
enum slip_switch { SLIP_SWITCH_UNSAID, SLIP_SWITCH_ON, SLIP_SWITCH_OFF };
enum slip_switch slip_str_switch(struct slip_str s);

/*
 * Of `words` (n of them) the one closest to `s`, for "did you mean": at most two edits (of a
 * letter, or two swapped) and half of its length away, else the only one that begins so, or NULL.
 */
const char *slip_str_closest(struct slip_str s, const char *const *words, size_t n);

#endif
