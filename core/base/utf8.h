/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as Go reads it: a byte that starts no valid sequence counts as U+FFFD of width 1. */
#ifndef SLIP_BASE_UTF8_H
#define SLIP_BASE_UTF8_H

#include "base/buf.h"

#define SLIP_RUNE_ERROR 0xFFFDu
#define SLIP_RUNE_MAX 0x10FFFFu

/* Of slip_utf8_decode: what is not ASCII. */
uint32_t slip_utf8_decode_long(struct slip_str s, size_t *width);

/* The first rune of `s` and its width in bytes (0 for the empty text, 1 for an invalid byte). */
static inline uint32_t slip_utf8_decode(struct slip_str s, size_t *width)
{
    if (s.len == 0 || (unsigned char)s.ptr[0] >= 0x80)
        return slip_utf8_decode_long(s, width);
    *width = 1;
    return (unsigned char)s.ptr[0];
}

/* The last rune of `s` and its width. */
uint32_t slip_utf8_decode_last(struct slip_str s, size_t *width);

/* At most 4 bytes into `out`; surrogates and numbers out of range become U+FFFD. Gives the width.
 */
size_t slip_utf8_encode(uint32_t rune, char out[4]);
bool slip_buf_add_rune(struct slip_buf *b, uint32_t rune);

/* Append `s` with U+FFFD for every byte that is not UTF-8: for documents that must be valid. */
bool slip_buf_add_valid_utf8(struct slip_buf *b, struct slip_str s);

/* Would it do something to a terminal or a log instead of standing there: control characters, marks
 * that turn the direction of writing. */
bool slip_utf8_is_control(uint32_t rune);

bool slip_utf8_valid(struct slip_str s);
size_t slip_utf8_count(struct slip_str s); /* runes */

#endif
