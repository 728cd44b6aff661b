/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filepath.Match. A pattern is a row of chunks with runs of stars before them; a chunk matches at
 * one place only, so the first place where it does is right.
 */
#include "match/file_match.h"

#include "base/utf8.h"

/* Takes the stars and the chunk behind them off the pattern; true when there was a star. */
static bool take_chunk(struct slip_str *pattern, struct slip_str *chunk)
{
    bool star = false, in_set = false;
    while (pattern->len && pattern->ptr[0] == '*') {
        star = true;
        *pattern = slip_str_skip(*pattern, 1);
    }
    size_t i = 0;
    for (; i < pattern->len && (in_set || pattern->ptr[i] != '*'); i++) {
        char c = pattern->ptr[i];
        if (c == '\\')
            i += i + 1 < pattern->len;
        else if (c == '[' || c == ']')
            in_set = c == '[';
    }
    *chunk = slip_str_first(*pattern, i);
    *pattern = slip_str_skip(*pattern, i);
    return star;
}

/* One rune of a set; something has to follow it. */
static bool take_set_rune(struct slip_str *chunk, uint32_t *rune)
{
    size_t width;
    if (!chunk->len || chunk->ptr[0] == '-' || chunk->ptr[0] == ']')
        return false;
    if (chunk->ptr[0] == '\\')
        *chunk = slip_str_skip(*chunk, 1);
    *rune = slip_utf8_decode(*chunk, &width);
    if (width == 0 || (*rune == SLIP_RUNE_ERROR && width == 1))
        return false;
    *chunk = slip_str_skip(*chunk, width);
    return chunk->len > 0;
}

/* Behind the '['. False when it is malformed. */
static bool take_set(struct slip_str *chunk, uint32_t rune, bool *match)
{
    bool negated = chunk->len && chunk->ptr[0] == '^', any = false;
    *chunk = slip_str_skip(*chunk, negated);
    for (size_t n = 0; n == 0 || !chunk->len || chunk->ptr[0] != ']'; n++) {
        uint32_t lo, hi;
        if (!take_set_rune(chunk, &lo))
            return false;
        hi = lo;
        if (chunk->ptr[0] == '-') {
            *chunk = slip_str_skip(*chunk, 1);
            if (!take_set_rune(chunk, &hi))
                return false;
        }
        any |= lo <= rune && rune <= hi;
    }
    *chunk = slip_str_skip(*chunk, 1);
    *match = any != negated;
    return true;
}

/* One piece of a chunk against the beginning of `name`. After a failure (`*ok` false) the rest is
 * looked at for its form only. */
static bool take_piece(struct slip_str *chunk, struct slip_str *name, bool *ok)
{
    size_t width;
    uint32_t rune = slip_utf8_decode(*name, &width);
    char c = chunk->ptr[0];
    *ok = *ok && name->len;
    *chunk = slip_str_skip(*chunk, 1);
    if (c == '[') {
        bool match;
        if (!take_set(chunk, rune, &match))
            return false;
        *ok = *ok && match;
    } else if (c == '?') {
        *ok = *ok && name->ptr[0] != '/';
    } else {
        if (c == '\\') {
            if (!chunk->len)
                return false;
            c = chunk->ptr[0];
            *chunk = slip_str_skip(*chunk, 1);
        }
        width = 1;
        *ok = *ok && name->ptr[0] == c;
    }
    if (*ok)
        *name = slip_str_skip(*name, width);
    return true;
}

/* A chunk at the beginning of `name`, which is shortened when it matches. */
static enum slip_file_match match_chunk(struct slip_str chunk, struct slip_str *name)
{
    struct slip_str rest = *name;
    bool ok = true;
    while (chunk.len)
        if (!take_piece(&chunk, &rest, &ok))
            return SLIP_FILE_MATCH_BAD;
    if (ok)
        *name = rest;
    return ok ? SLIP_FILE_MATCH_YES : SLIP_FILE_MATCH_NO;
}

/* A chunk at the beginning or, behind a star, at the first place before a slash. The last chunk
 * has to reach the end. */
static enum slip_file_match find_chunk(struct slip_str chunk, bool star, bool last,
                                       struct slip_str *name)
{
    for (;;) {
        struct slip_str rest = *name;
        enum slip_file_match here = match_chunk(chunk, &rest);
        if (here == SLIP_FILE_MATCH_BAD)
            return here;
        if (here == SLIP_FILE_MATCH_YES && (!last || rest.len == 0)) {
            *name = rest;
            return here;
        }
        if (!star || !name->len || name->ptr[0] == '/')
            return SLIP_FILE_MATCH_NO;
        *name = slip_str_skip(*name, 1);
    }
}

static bool is_well_formed(struct slip_str pattern)
{
    struct slip_str chunk, empty = SLIP_STR("");
    while (pattern.len) {
        take_chunk(&pattern, &chunk);
        if (match_chunk(chunk, &empty) == SLIP_FILE_MATCH_BAD)
            return false;
    }
    return true;
}

enum slip_file_match slip_file_match_lazy(struct slip_str pattern, struct slip_str name)
{
    struct slip_str chunk;
    while (pattern.len) {
        bool star = take_chunk(&pattern, &chunk);
        if (star && !chunk.len)
            return slip_str_find(name, '/') == SLIP_NPOS ? SLIP_FILE_MATCH_YES : SLIP_FILE_MATCH_NO;
        enum slip_file_match found = find_chunk(chunk, star, pattern.len == 0, &name);
        if (found != SLIP_FILE_MATCH_YES)
            return found;
    }
    return name.len ? SLIP_FILE_MATCH_NO : SLIP_FILE_MATCH_YES;
}

enum slip_file_match slip_file_match(struct slip_str pattern, struct slip_str name)
{
    return is_well_formed(pattern) ? slip_file_match_lazy(pattern, name) : SLIP_FILE_MATCH_BAD;
}
