/* SPDX-License-Identifier: Apache-2.0 */
/* Base64. */
#include "value/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void slip_base64_encode(struct slip_str data, struct slip_buf *out)
{
    while (data.len) {
        const unsigned char *p = (const unsigned char *)data.ptr;
        size_t n = data.len < 3 ? data.len : 3;
        unsigned bits = (unsigned)p[0] << 16;
        if (n > 1)
            bits |= (unsigned)p[1] << 8;
        if (n > 2)
            bits |= p[2];
        char group[4] = { alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                          n > 1 ? alphabet[bits >> 6 & 63] : '=',
                          n > 2 ? alphabet[bits & 63] : '=' };
        slip_buf_add(out, group, sizeof(group));
        data = slip_str_skip(data, n);
    }
}

/* The next character that is not a line break, or 0. */
static char next_char(struct slip_str *text)
{
    while (text->len) {
        char c = text->ptr[0];
        *text = slip_str_skip(*text, 1);
        if (c != '\r' && c != '\n')
            return c;
    }
    return 0;
}

/* One group of four; `n` gets the number of bytes in it, 0 at the end of the text. */
static bool take_group(struct slip_str *text, unsigned char bytes[3], size_t *n)
{
    unsigned bits = 0;
    size_t digits = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = next_char(text);
        const char *p = c ? strchr(alphabet, c) : NULL;
        if (p && digits == i) {
            bits |= (unsigned)(p - alphabet) << (18 - 6 * i);
            digits++;
        } else if (c == 0 && i == 0) {
            *n = 0;
            return true;
        } else if (c != '=' || i < 2) {
            return false;
        }
    }
    bytes[0] = (unsigned char)(bits >> 16);
    bytes[1] = (unsigned char)(bits >> 8);
    bytes[2] = (unsigned char)bits;
    *n = digits - 1;
    return true;
}

bool slip_base64_decode(struct slip_str text, struct slip_buf *out)
{
    size_t start = out->len, n = 3;
    unsigned char bytes[3];
    while (n == 3) {
        if (!take_group(&text, bytes, &n)) {
            slip_buf_cut(out, start);
            return false;
        }
        slip_buf_add(out, bytes, n);
    }
    if (next_char(&text)) {
        slip_buf_cut(out, start);
        return false;
    }
    return true;
}
