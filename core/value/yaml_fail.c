/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of YAML that cannot be read: in the words of yaml.v2, or with place and advice. */
#include "value/yaml_impl.h"

#include "base/excerpt.h"

int reader_fail_line(struct reader *r, size_t line, size_t col, const char *what)
{
    if (!r->name)
        return slip_fail(r->err, SLIP_E_CONFIG, "yaml: %s", what);
    line += r->first_line;
    slip_fail(r->err, SLIP_E_CONFIG, "%s:%zu:%zu: %s", r->name, line, col + 1, what);
    slip_error_show(r->err, r->original, r->first_line, (unsigned)line, (unsigned)col + 1);
    return -1;
}

int reader_fail_at(struct reader *r, const struct slip_value *v, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1024);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    return reader_fail_line(r, v->line - r->first_line, v->col - 1, text.ptr);
}

int reader_fail_late(struct reader *r, const struct slip_value *v, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1024);
    struct slip_error *err = r->err;
    if (r->late.kind != SLIP_OK)
        return 0;
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    r->err = &r->late;
    (void)reader_fail_line(r, v->line - r->first_line, v->col - 1, text.ptr);
    r->err = err;
    return 0;
}

void reader_seek(struct reader *r, size_t index)
{
    for (; r->at_rune < index && r->at_byte < r->text.len; r->at_rune++)
        do
            r->at_byte++;
        while (r->at_byte < r->text.len && ((unsigned char)r->text.ptr[r->at_byte] & 0xC0) == 0x80);
}

/* A plain scalar takes the blank lines behind it along; a quoted one, an alias or a comment do not.
 */
static bool ends_plain(struct slip_str key)
{
    return key.len && !strchr("'\"*", key.ptr[0])
           && slip_str_find_str(key, SLIP_STR(" #")) == SLIP_NPOS
           && slip_str_find_str(key, SLIP_STR("\n#")) == SLIP_NPOS;
}

/* yaml.v2 misses the colon of a key in the last line only behind the text, having ended that line.
 */
static bool is_line_ended(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (!p->problem || strcmp(p->problem, "could not find expected ':'") != 0
        || p->problem_mark.column == 0)
        return false;
    reader_seek(r, p->context_mark.index);
    size_t key = r->at_byte;
    reader_seek(r, p->problem_mark.index);
    return r->at_byte == r->text.len && !ends_plain(slip_str_skip(r->text, key));
}

/* The line that yaml.v2 names, or 0 for none. */
static size_t go_line(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    size_t line = p->problem_mark.line + is_line_ended(r);
    return line ? line + (p->error == YAML_SCANNER_ERROR) : p->context_mark.line;
}

/* A reader error has only the offset of a byte. */
static int fail_reader(struct reader *r, const char *problem)
{
    size_t line = 0, start = 0;
    for (size_t i = 0; i < r->parser.problem_offset && i < r->text.len; i++) {
        if (r->text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    size_t col = r->parser.problem_offset > start ? r->parser.problem_offset - start : 0;
    reader_fail_line(r, line, col, problem);
    return strstr(problem, "UTF-8") ? slip_hint(r->err, "save the file as UTF-8") : -1;
}

/* What people mean who make these mistakes. In our own files the usual reason for a strange word is
 * a template that lacks its quotes. */
static void hint_at_problem(struct reader *r)
{
    static const char blanks[] = "YAML is indented with blanks, not with tabs";
    static const char quotes[] = "put values that begin with %, *, { or @ in quotes";
    static const struct {
        const char *problem, *hint;
        bool own; /* in our own files only */
    } hints[] = {
        { "found character that cannot start any token", quotes, false },
        { "did not find expected alphabetic or numeric character", quotes, false },
        { "did not find expected ',' or '}'", quotes, true },
        { "found a tab character that violates indentation", blanks, false },
        { "found a tab character where an indentation space is expected", blanks, false },
        { "mapping values are not allowed in this context",
          "put a value that holds ': ' in quotes; keys of one map begin in the same column",
          false },
        { "did not find expected key", "keys of one map begin in the same column", false },
        { "could not find expected ':'",
          "a key has a colon and a blank behind it; a line '---' parts documents", false },
        { "block sequence entries are not allowed in this context",
          "a list begins in a line of its own: key, colon, and '- ' in the next line", false },
        { "did not find expected node content", quotes, false },
        { "did not find expected '-' indicator",
          "items of one list begin with '- ' in the same column", false },
    };
    if (strcmp(r->parser.problem, hints[0].problem) == 0) {
        reader_seek(r, r->parser.problem_mark.index);
        if (r->at_byte < r->text.len && r->text.ptr[r->at_byte] == '\t')
            slip_hint(r->err, "%s", blanks);
    }
    for (size_t i = 0; i < SLIP_COUNT(hints); i++)
        if (strcmp(r->parser.problem, hints[i].problem) == 0
            && (!hints[i].own || r->schema == SLIP_YAML_CORE))
            slip_hint(r->err, "%s", hints[i].hint);
}

/* A quote that is never closed is a mistake where it begins, not at the end of the text. */
static bool is_open_quote(const yaml_parser_t *p, const char *problem)
{
    return strcmp(problem, "found unexpected end of stream") == 0 && p->context
           && strcmp(p->context, "while scanning a quoted scalar") == 0;
}

int reader_fail_parser(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        slip_out_of_memory();
    if (reader_check_unfinished(r) < 0)
        return -1;
    const char *problem = p->problem ? p->problem : "unknown problem parsing YAML content";
    if (!r->name) {
        size_t line = go_line(r);
        return line ? slip_fail(r->err, SLIP_E_CONFIG, "yaml: line %zu: %s", line, problem)
                    : slip_fail(r->err, SLIP_E_CONFIG, "yaml: %s", problem);
    }
    if (p->error == YAML_READER_ERROR)
        return fail_reader(r, problem);
    if (is_open_quote(p, problem)) {
        reader_fail_line(r, p->context_mark.line, p->context_mark.column, problem);
        return slip_hint(r->err, "the quote that begins here is not closed");
    }
    char text[256];
    if (p->context && p->context_mark.line != p->problem_mark.line) {
        snprintf(text, sizeof(text), "%s (%s that begins in line %zu)", problem, p->context,
                 p->context_mark.line + r->first_line);
        problem = text;
    }
    reader_fail_line(r, p->problem_mark.line, p->problem_mark.column, problem);
    hint_at_problem(r);
    return -1;
}

int reader_fail_as_go(struct reader *r, const struct slip_value *v, size_t line, const char *what)
{
    return !r->name && line ? slip_fail(r->err, SLIP_E_CONFIG, "yaml: line %zu: %s", line, what)
                            : reader_fail_at(r, v, "%s", what);
}
