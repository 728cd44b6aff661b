/* SPDX-License-Identifier: Apache-2.0 */
/* Blanks and marks in the texts of this room. */
#include "dockerfile/text.h"

#include "base/unicode.h"
#include "base/utf8.h"

struct slip_str slip_text_trim_left(struct slip_str s)
{
    size_t width;
    while (s.len && slip_unicode_is_space(slip_utf8_decode(s, &width)))
        s = slip_str_skip(s, width);
    return s;
}

struct slip_str slip_text_trim(struct slip_str s)
{
    s = slip_text_trim_left(s);
    size_t width;
    while (s.len && slip_unicode_is_space(slip_utf8_decode_last(s, &width)))
        s.len -= width;
    return s;
}

struct slip_str slip_text_skip_bom(struct slip_str s)
{
    return slip_str_starts(s, SLIP_STR("\xEF\xBB\xBF")) ? slip_str_skip(s, 3) : s;
}
