/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of a rendered werf.yaml. This goes by lines and knows nothing of YAML, as in werf:
 *
 *   separator := "---" { " " | TAB | CR } [ "#" { any but "-" and LF } ] ( LF | end )
 */
#include "werf/documents.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slip_str skip_blanks(struct slip_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    return s;
}

/* `line` is without its LF. A dash in the comment makes it an ordinary line. */
static bool is_separator(struct slip_str line)
{
    if (!slip_str_starts(line, SLIP_STR("---")))
        return false;
    line = skip_blanks(slip_str_skip(line, 3));
    return line.len == 0 || (line.ptr[0] == '#' && slip_str_find(line, '-') == SLIP_NPOS);
}

static bool is_empty(struct slip_str text)
{
    struct slip_str line;
    while (slip_str_line(&text, &line)) {
        line = skip_blanks(line);
        if (line.len && line.ptr[0] != '#')
            return false;
    }
    return true;
}

static void end_document(struct slip_documents *out, const char *start, const char *end,
                         unsigned first_line)
{
    struct slip_document d = { slip_str_make(start, (size_t)(end - start)), first_line };
    if (!is_empty(d.text))
        slip_vec_push(out, d);
}

void slip_documents_split(struct slip_str rendered, struct slip_documents *out)
{
    struct slip_str rest = rendered, line;
    const char *start = rendered.ptr;
    unsigned number = 0, first = 1;
    while (slip_str_line(&rest, &line)) {
        number++;
        if (!is_separator(line))
            continue;
        end_document(out, start, line.ptr, first);
        start = rest.ptr;
        first = number + 1;
    }
    end_document(out, start, rendered.ptr + rendered.len, first);
}
