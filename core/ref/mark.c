/* SPDX-License-Identifier: Apache-2.0 */
/* "Slipway: skip" in the messages of tags and commits. */
#include "ref/mark.h"

static bool eq_any_case(struct slip_str s, const char *word)
{
    if (s.len != strlen(word))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != word[i])
            return false;
    }
    return true;
}

/* "Slipway: skip"; keys of trailers know no case. */
static bool is_mark(struct slip_str line)
{
    struct slip_str key, value;
    return slip_str_cut(line, ':', &key, &value) && eq_any_case(slip_str_trim(key), "slipway")
           && eq_any_case(slip_str_trim(value), "skip");
}

static struct slip_str message_of(struct slip_str object)
{
    struct slip_str line;
    while (slip_str_line(&object, &line))
        if (line.len == 0)
            return object;
    return SLIP_STR("");
}

static bool has_mark(struct slip_str text)
{
    struct slip_str line;
    while (slip_str_line(&text, &line))
        if (is_mark(line))
            return true;
    return false;
}

bool slip_mark_of_tag(struct slip_str object)
{
    return has_mark(message_of(object));
}

bool slip_mark_of_commit(struct slip_str object)
{
    struct slip_str rest = slip_str_trim(message_of(object)), last = rest, at = rest, line;
    bool blank = false, later = false;
    while (slip_str_line(&rest, &line)) {
        if (slip_str_trim(line).len == 0) {
            blank = true;
        } else if (blank) {
            last = at;
            later = true;
            blank = false;
        }
        at = rest;
    }
    return later && has_mark(last);
}
