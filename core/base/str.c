/* SPDX-License-Identifier: Apache-2.0 */
/* Views of text. */
#include "base/str.h"

int slip_str_cmp(struct slip_str a, struct slip_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (c)
        return c;
    return (a.len > b.len) - (a.len < b.len);
}

size_t slip_str_find(struct slip_str s, char c)
{
    const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return p ? (size_t)(p - s.ptr) : SLIP_NPOS;
}

size_t slip_str_rfind(struct slip_str s, char c)
{
    const char *p = s.len ? memrchr(s.ptr, c, s.len) : NULL;
    return p ? (size_t)(p - s.ptr) : SLIP_NPOS;
}

/* memchr reads many bytes at a time, memmem one. */
static size_t find_short(struct slip_str s, struct slip_str what)
{
    size_t at = 0;
    while (s.len - at >= what.len) {
        const char *p = memchr(s.ptr + at, what.ptr[0], s.len - at - what.len + 1);
        if (!p)
            return SLIP_NPOS;
        at = (size_t)(p - s.ptr);
        if (memcmp(p, what.ptr, what.len) == 0)
            return at;
        at++;
    }
    return SLIP_NPOS;
}

size_t slip_str_find_str(struct slip_str s, struct slip_str what)
{
    enum { SHORT = 4 }; /* bytes; for more, time must not be their product */
    if (what.len == 0)
        return 0;
    if (s.len < what.len)
        return SLIP_NPOS;
    if (what.len <= SHORT)
        return find_short(s, what);
    const char *p = memmem(s.ptr, s.len, what.ptr, what.len);
    return p ? (size_t)(p - s.ptr) : SLIP_NPOS;
}

static bool cut_at(struct slip_str s, size_t at, struct slip_str *head, struct slip_str *tail)
{
    if (at == SLIP_NPOS) {
        *head = s;
        *tail = slip_str_skip(s, s.len);
        return false;
    }
    *head = slip_str_first(s, at);
    *tail = slip_str_skip(s, at + 1);
    return true;
}

bool slip_str_cut(struct slip_str s, char c, struct slip_str *head, struct slip_str *tail)
{
    return cut_at(s, slip_str_find(s, c), head, tail);
}

bool slip_str_rcut(struct slip_str s, char c, struct slip_str *head, struct slip_str *tail)
{
    return cut_at(s, slip_str_rfind(s, c), head, tail);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slip_str slip_str_trim(struct slip_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool slip_str_line(struct slip_str *rest, struct slip_str *line)
{
    if (rest->len == 0)
        return false;
    slip_str_cut(*rest, '\n', line, rest);
    return true;
}

bool slip_str_to_u64(struct slip_str s, uint64_t *out)
{
    uint64_t n = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (__builtin_mul_overflow(n, 10u, &n)
            || __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
            return false;
    }
    *out = n;
    return true;
}

bool slip_str_to_i64(struct slip_str s, int64_t *out)
{
    bool negative = s.len && s.ptr[0] == '-';
    uint64_t n;
    if (!slip_str_to_u64(slip_str_skip(s, negative ? 1 : 0), &n))
        return false;
    if (n > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *out = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with insert, delete, replace, and swap of neighbours; both at most 63 bytes, else
 * "far". */
static size_t distance(struct slip_str a, struct slip_str b)
{
    size_t rows[3][64] = { 0 };
    if (a.len > 63 || b.len > 63)
        return 64;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            row[j] = least(above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

/* The one word that begins with these three letters or more. */
static const char *only_beginning(struct slip_str s, const char *const *words, size_t n)
{
    const char *found = NULL;
    for (size_t i = 0; s.len >= 3 && i < n; i++)
        if (slip_str_starts(slip_str_of(words[i]), s)) {
            if (found)
                return NULL;
            found = words[i];
        }
    return found;
}

const char *slip_str_closest(struct slip_str s, const char *const *words, size_t n)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < n; i++) {
        struct slip_str word = slip_str_of(words[i]);
        size_t d = distance(s, word);
        if (d < best_distance && d * 2 <= word.len) {
            best = words[i];
            best_distance = d;
        }
    }
    return best ? best : only_beginning(s, words, n);
}

enum slip_switch slip_str_switch(struct slip_str s)
{
    static const char *const words[][3] = {
        [SLIP_SWITCH_ON] = { "1", "true", "yes" }, [SLIP_SWITCH_OFF] = { "0", "false", "no" }
    };
    for (int on = SLIP_SWITCH_ON; on <= SLIP_SWITCH_OFF; on++)
        for (size_t i = 0; i < SLIP_COUNT(words[on]); i++)
            if (slip_str_is(s, words[on][i]))
                return (enum slip_switch)on;
    return SLIP_SWITCH_UNSAID;
}
