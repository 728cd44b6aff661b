/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties files (java.util.Properties.load):
 *
 *   line      := blanks key blanks [= or :] blanks value
 *   comment   := blanks (# or !) ...
 *   \ at the end of a line goes on with the next one, without its leading blanks
 *   \t \n \r \f \uXXXX, \ and any other character is that character
 */
#include "ci/properties.h"

#include "base/utf8.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static struct slip_str skip_blanks(struct slip_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    return s;
}

static bool goes_on(struct slip_str line)
{
    size_t backslashes = 0;
    while (backslashes < line.len && line.ptr[line.len - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

/* Up to LF or CR LF. */
static bool next_line(struct slip_str *text, struct slip_str *line)
{
    if (!slip_str_line(text, line))
        return false;
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

/* One logical line, joined. */
static bool take_line(struct slip_str *text, struct slip_buf *out)
{
    struct slip_str line;
    slip_buf_reset(out);
    if (!next_line(text, &line))
        return false;
    while (goes_on(line)) {
        slip_buf_add_str(out, slip_str_first(line, line.len - 1));
        if (!next_line(text, &line))
            return true;
        line = skip_blanks(line);
    }
    return slip_buf_add_str(out, line);
}

static uint32_t read_hex(struct slip_str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *at =
            strchr("0123456789abcdef",
                   s.ptr[i] >= 'A' && s.ptr[i] <= 'F' ? s.ptr[i] - 'A' + 'a' : s.ptr[i]);
        if (!s.ptr[i] || !at)
            return SLIP_RUNE_ERROR;
        n = n * 16 + (uint32_t)(at - "0123456789abcdef");
    }
    return n;
}

/* One character behind a backslash. */
static void take_escape(struct slip_str *s, struct slip_buf *out)
{
    static const char from[] = "tnrf", to[] = "\t\n\r\f";
    char c = s->ptr[0];
    const char *at = strchr(from, c);
    *s = slip_str_skip(*s, 1);
    if (c == 'u' && s->len >= 4) {
        slip_buf_add_rune(out, read_hex(slip_str_first(*s, 4)));
        *s = slip_str_skip(*s, 4);
    } else {
        slip_buf_add_char(out, c && at ? to[at - from] : c);
    }
}

/* Up to the end of the key, or of the line. */
static void take_text(struct slip_str *s, bool key, struct slip_buf *out)
{
    while (s->len && !(key && (is_blank(s->ptr[0]) || s->ptr[0] == '=' || s->ptr[0] == ':'))) {
        char c = s->ptr[0];
        *s = slip_str_skip(*s, 1);
        if (c == '\\' && s->len)
            take_escape(s, out);
        else if (c != '\\')
            slip_buf_add_char(out, c);
    }
}

bool slip_ci_property(struct slip_str text, const char *name, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_CI_PROPERTIES_MAX);
    size_t start = out->len;
    bool found = false;
    while (take_line(&text, &line)) {
        SLIP_AUTO(slip_buf) key = SLIP_BUF(SLIP_CI_PROPERTIES_MAX);
        struct slip_str rest = skip_blanks(slip_buf_str(&line));
        if (rest.len == 0 || rest.ptr[0] == '#' || rest.ptr[0] == '!')
            continue;
        take_text(&rest, true, &key);
        if (!slip_str_is(slip_buf_str(&key), name))
            continue;
        rest = skip_blanks(rest);
        if (rest.len && (rest.ptr[0] == '=' || rest.ptr[0] == ':'))
            rest = skip_blanks(slip_str_skip(rest, 1));
        slip_buf_cut(out, start);
        take_text(&rest, false, out);
        found = true;
    }
    return found;
}
