/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a Dockerfile: directives, comments, continuation (4.1).
 *
 *   directive := "#" blanks name blanks "=" blanks value     only before anything else
 *   continued := text escape blanks                          no escape before the escape
 */
#include "dockerfile/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "dockerfile/text.h"

int slip_reader_fail(const struct slip_dockerfile_reader *r, unsigned line, struct slip_error *err,
                     const char *fmt, ...)
{
    char what[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    return slip_fail(err, SLIP_E_CONFIG, "%s:%u: %s", r->name, line, what);
}

int slip_reader_line(struct slip_dockerfile_reader *r, struct slip_str *line, bool *more,
                     struct slip_error *err)
{
    *more = r->rest.len > 0;
    if (!*more)
        return 0;
    r->line++;
    size_t end = slip_str_find(r->rest, '\n');
    size_t len = end == SLIP_NPOS ? r->rest.len : end;
    if (len > SLIP_DOCKERFILE_LINE_MAX)
        return slip_reader_fail(r, r->line, err, "line is longer than %d bytes",
                                SLIP_DOCKERFILE_LINE_MAX);
    *line = slip_str_first(r->rest, len + 1);
    r->rest = slip_str_skip(r->rest, len + 1);
    return 0;
}

static struct slip_str trim_line_end(struct slip_str s)
{
    while (s.len && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
        s.len--;
    return s;
}

/* The blanks of a directive. */
static bool is_directive_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

static struct slip_str skip_directive_blanks(struct slip_str s)
{
    while (s.len && is_directive_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    return s;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_directive(struct slip_str line, struct slip_str *name, struct slip_str *value)
{
    if (line.len == 0 || line.ptr[0] != '#')
        return false;
    struct slip_str s = skip_directive_blanks(slip_str_skip(line, 1));
    size_t n = 0;
    while (n < s.len && (is_letter(s.ptr[n]) || (n && s.ptr[n] >= '0' && s.ptr[n] <= '9')))
        n++;
    *name = slip_str_first(s, n);
    s = skip_directive_blanks(slip_str_skip(s, n));
    if (n == 0 || s.len < 2 || s.ptr[0] != '=')
        return false;
    s = slip_str_skip(s, 1);
    *value = skip_directive_blanks(s);
    if (value->len == 0) /* a value has at least one character, if need be the last blank */
        *value = slip_str_skip(s, s.len - 1);
    while (value->len > 1 && is_directive_blank(value->ptr[value->len - 1]))
        value->len--;
    return true;
}

static bool is_named(struct slip_str s, const char *name)
{
    return s.len == strlen(name) && strncasecmp(s.ptr, name, s.len) == 0;
}

static int set_escape(struct slip_dockerfile_reader *r, struct slip_str value,
                      struct slip_error *err)
{
    if (!slip_str_is(value, "\\") && !slip_str_is(value, "`"))
        return slip_reader_fail(r, r->line, err,
                                "the escape character must be '\\' or '`', not '%.*s'",
                                SLIP_ARG(slip_str_first(value, 100)));
    r->escape = value.ptr[0];
    return 0;
}

/* A line of the directive section, or the first one behind it. */
static int read_directive(struct slip_dockerfile_reader *r, struct slip_str line,
                          struct slip_error *err)
{
    struct slip_str name, value;
    bool found = take_directive(line, &name, &value);
    bool escape = found && is_named(name, "escape");
    if (!escape && !(found && is_named(name, "syntax"))) {
        r->directives_done = true;
        return 0;
    }
    bool *seen = escape ? &r->seen_escape : &r->seen_syntax;
    if (*seen)
        return slip_reader_fail(r, r->line, err, "a second '%s' directive",
                                escape ? "escape" : "syntax");
    *seen = true;
    return escape ? set_escape(r, value, err) : 0;
}

/* Cut the escape character and blanks from the end of a line that goes on. */
static bool cut_continuation(struct slip_str *line, char escape)
{
    size_t n = line->len;
    while (n && (line->ptr[n - 1] == ' ' || line->ptr[n - 1] == '\t'))
        n--;
    if (n == 0 || line->ptr[n - 1] != escape || (n > 1 && line->ptr[n - 2] == escape))
        return false;
    line->len = n - 1;
    return true;
}

/* Append the lines that follow a continued one. */
static int join_lines(struct slip_dockerfile_reader *r, struct slip_buf *text,
                      struct slip_error *err)
{
    bool goes_on = true;
    while (goes_on) {
        struct slip_str line;
        bool more;
        if (slip_reader_line(r, &line, &more, err) < 0)
            return -1;
        if (!more)
            return 0;
        line = trim_line_end(line);
        struct slip_str content = slip_unicode_trim_left(line);
        if (content.len == 0 || content.ptr[0] == '#')
            continue;
        goes_on = cut_continuation(&line, r->escape);
        slip_buf_add_str(text, line);
    }
    return 0;
}

int slip_reader_instruction(struct slip_dockerfile_reader *r, struct slip_str *text,
                            unsigned *first, bool *more, struct slip_error *err)
{
    for (;;) {
        struct slip_str line;
        if (slip_reader_line(r, &line, more, err) < 0)
            return -1;
        if (!*more)
            return 0;
        if (r->line == 1)
            line = slip_text_skip_bom(line);
        line = slip_unicode_trim_left(trim_line_end(line));
        if (!r->directives_done && read_directive(r, line, err) < 0)
            return -1;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;

        *first = r->line;
        SLIP_AUTO(slip_buf) joined = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
        bool goes_on = cut_continuation(&line, r->escape);
        slip_buf_add_str(&joined, line);
        if (goes_on && join_lines(r, &joined, err) < 0)
            return -1;
        *text = slip_arena_str(r->arena, slip_buf_str(&joined));
        return 0;
    }
}
