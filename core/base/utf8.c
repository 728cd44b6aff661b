/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 with Go's treatment of invalid bytes (RFC 3629; unicode/utf8). */
#include "base/utf8.h"

static uint32_t invalid(size_t *width)
{
    *width = 1;
    return SLIP_RUNE_ERROR;
}

uint32_t slip_utf8_decode_long(struct slip_str s, size_t *width)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (s.len == 0) {
        *width = 0;
        return SLIP_RUNE_ERROR;
    }
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.len < n)
        return invalid(width);
    uint32_t rune = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return invalid(width);
        rune = rune << 6 | (p[i] & 0x3Fu);
    }
    static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (rune < smallest[n] || rune > SLIP_RUNE_MAX || (rune >= 0xD800 && rune <= 0xDFFF))
        return invalid(width);
    *width = n;
    return rune;
}

uint32_t slip_utf8_decode_last(struct slip_str s, size_t *width)
{
    if (s.len == 0)
        return slip_utf8_decode(s, width);
    size_t most = s.len < 4 ? s.len : 4;
    for (size_t n = 1; n <= most; n++) {
        struct slip_str tail = slip_str_skip(s, s.len - n);
        if (((unsigned char)tail.ptr[0] & 0xC0) == 0x80 && n < most)
            continue;
        size_t w;
        uint32_t rune = slip_utf8_decode(tail, &w);
        if (w == n) {
            *width = n;
            return rune;
        }
        break;
    }
    return invalid(width);
}

size_t slip_utf8_encode(uint32_t rune, char out[4])
{
    if (rune > SLIP_RUNE_MAX || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = SLIP_RUNE_ERROR;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    size_t n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (rune & 0x3F));
        rune >>= 6;
    }
    out[0] = (char)((0xF00u >> n & 0xFFu) | rune);
    return n;
}

bool slip_buf_add_rune(struct slip_buf *b, uint32_t rune)
{
    char bytes[4];
    return slip_buf_add(b, bytes, slip_utf8_encode(rune, bytes));
}

bool slip_buf_add_valid_utf8(struct slip_buf *b, struct slip_str s)
{
    bool fits = true;
    for (size_t width; s.len && fits; s = slip_str_skip(s, width))
        fits = slip_buf_add_rune(b, slip_utf8_decode(s, &width));
    return fits;
}

bool slip_utf8_valid(struct slip_str s)
{
    while (s.len) {
        size_t width;
        if (slip_utf8_decode(s, &width) == SLIP_RUNE_ERROR && width == 1)
            return false;
        s = slip_str_skip(s, width);
    }
    return true;
}

size_t slip_utf8_count(struct slip_str s)
{
    size_t n = 0;
    while (s.len) {
        size_t width;
        slip_utf8_decode(s, &width);
        s = slip_str_skip(s, width);
        n++;
    }
    return n;
}

bool slip_utf8_is_control(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7F && rune < 0xA0) || (rune >= 0x200E && rune <= 0x200F)
           || (rune >= 0x2028 && rune <= 0x202E) || (rune >= 0x2066 && rune <= 0x2069);
}
