/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's messages about templates say what it stumbled over, which is often not what is wrong. This
 * looks at the message and at the text around, and only ever adds a hint.
 */
#include "werf/advice.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "tmpl/func.h"

/* The first text in double quotes behind `mark`; false: there is none. */
static bool quoted_behind(struct slip_str message, const char *mark, struct slip_str *out)
{
    struct slip_str rest, tail;
    size_t at = slip_str_find_str(message, slip_str_of(mark));
    if (at == SLIP_NPOS)
        return false;
    rest = slip_str_skip(message, at + strlen(mark));
    return slip_str_cut(rest, '"', &rest, &tail) && slip_str_cut(tail, '"', out, &tail);
}

static bool holds(struct slip_str message, const char *text)
{
    return slip_str_find_str(message, slip_str_of(text)) != SLIP_NPOS;
}

static struct slip_str lines_before(struct slip_str source, unsigned line)
{
    struct slip_str rest = source, one;
    while (--line && slip_str_line(&rest, &one))
        ;
    return slip_str_first(source, source.len - rest.len);
}

static unsigned line_of(struct slip_str source, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += source.ptr[i] == '\n';
    return line;
}

/* --- an action without its end --- */

/* An action that begins before that line and is not closed there; 0: none. */
static unsigned open_action(struct slip_str source, unsigned line)
{
    struct slip_str before = lines_before(source, line), rest = before;
    size_t at, open = SLIP_NPOS;
    while ((at = slip_str_find_str(rest, SLIP_STR("{{"))) != SLIP_NPOS) {
        open = before.len - rest.len + at;
        rest = slip_str_skip(rest, at + 2);
        at = slip_str_find_str(rest, SLIP_STR("}}"));
        if (at == SLIP_NPOS)
            return line_of(source, open);
        rest = slip_str_skip(rest, at + 2);
    }
    return 0;
}

/* --- a block without its end --- */

struct blocks {
    SLIP_VEC(size_t);
};

static bool begins_with_word(struct slip_str s, const char *word)
{
    size_t len = strlen(word);
    bool more = s.len > len && ((s.ptr[len] >= 'a' && s.ptr[len] <= 'z') || s.ptr[len] == '_');
    return slip_str_starts(s, slip_str_of(word)) && !more;
}

/* The line of the innermost block that the text leaves open; 0: none. */
static unsigned open_block(struct slip_str source)
{
    static const char *const words[] = { "if", "range", "with", "define", "block" };
    struct blocks open = { 0 };
    struct slip_str rest = source;
    size_t at;
    while ((at = slip_str_find_str(rest, SLIP_STR("{{"))) != SLIP_NPOS) {
        rest = slip_str_skip(rest, at + 2);
        size_t start = source.len - rest.len - 2;
        struct slip_str action =
            slip_str_trim(slip_str_starts(rest, SLIP_STR("- ")) ? slip_str_skip(rest, 2) : rest);
        for (size_t i = 0; i < SLIP_COUNT(words); i++)
            if (begins_with_word(action, words[i]))
                slip_vec_push(&open, start);
        if (begins_with_word(action, "end") && open.len)
            open.len--;
    }
    unsigned line = open.len ? line_of(source, open.at[open.len - 1]) : 0;
    slip_vec_clear(&open);
    return line;
}

/* --- texts --- */

/* Where in the line the quote begins that has no end there; 0: not found. */
static size_t open_quote(struct slip_str line)
{
    char open = 0;
    size_t at = 0, action = slip_str_find_str(line, SLIP_STR("{{"));
    for (size_t i = action == SLIP_NPOS ? 0 : action; i < line.len; i++) {
        char c = line.ptr[i];
        if (open == '"' && c == '\\')
            i++;
        else if (open)
            open = c == open ? '\0' : open;
        else if (c == '"' || c == '`' || c == '\'')
            open = c, at = i + 1;
    }
    return open ? at : 0;
}

static void advise_quote(struct slip_str source, unsigned line, struct slip_error *err)
{
    struct slip_str before = lines_before(source, line), one = { 0 };
    struct slip_str rest = slip_str_skip(source, before.len);
    slip_str_line(&rest, &one);
    size_t at = open_quote(one);
    if (at)
        slip_hint(err,
                  "the quote in column %zu is not closed in its line; ` quotes a text of several "
                  "lines",
                  slip_utf8_count(slip_str_first(one, at - 1)) + 1);
}

/* --- names --- */

static void advise_function(struct slip_str name, struct slip_error *err)
{
    const char *names[512];
    size_t n = 0;
    const struct slip_tmpl_func *f = NULL;
    while (n < SLIP_COUNT(names) && (f = slip_tmpl_func_after(f)))
        names[n++] = f->name;
    const char *near = slip_str_closest(name, names, n);
    if (near)
        slip_hint(err, "did you mean '%s'?", near);
    else
        slip_hint(err, "functions are those of Go's text/template, of sprig and of werf");
}

void slip_werf_advise(struct slip_str message, struct slip_str source, unsigned line,
                      struct slip_error *err)
{
    struct slip_str name;
    bool function = holds(message, ": function \"") && holds(message, "\" not defined");
    unsigned open = holds(message, "executing \"") ? 0 : open_action(source, line);
    if (open)
        slip_hint(err, "the action that begins in line %u is not closed by }}", open);
    else if (holds(message, "unterminated quoted string"))
        advise_quote(source, line, err);
    else if (holds(message, "unterminated raw quoted string"))
        slip_hint(err, "a text in ` goes on until the next ` and there is none");
    else if (holds(message, "unterminated character constant")
             || holds(message, "malformed character constant"))
        slip_hint(err, "put texts in double quotes: '' is for one character");
    else if (function && quoted_behind(message, ": function ", &name))
        advise_function(name, err);
    else if (holds(message, "unexpected EOF") && (open = open_block(source)))
        slip_hint(err, "what begins in line %u has no {{ end }}", open);
    else if (holds(message, "unexpected {{end}}"))
        slip_hint(err, "there is an {{ end }} more than there are if, range, with and define");
    else if (quoted_behind(message, "env name ", &name))
        slip_hint(err,
                  "add '%.*s' to config.goTemplateRendering.allowEnvVariables in "
                  "werf-giterminism.yaml",
                  SLIP_ARG(name));
    else if (quoted_behind(message, "the environment variable ", &name))
        slip_hint(err, "set %.*s, or give a default: {{ env \"%.*s\" \"...\" }}", SLIP_ARG(name),
                  SLIP_ARG(name));
    else if (quoted_behind(message, "error calling Get: ", &name)
             && holds(message, ": the file \""))
        slip_hint(err,
                  "paths are relative to the directory of werf.yaml, and the file has to be "
                  "committed; {{ if .Files.Exists \"%.*s\" }} asks whether it is there",
                  SLIP_ARG(name));
    else if (holds(message, "invalid or unsupported Perl syntax"))
        slip_hint(err, "expressions are those of RE2: there is no looking ahead or behind");
    else if (holds(message, "no template \"")
             || (holds(message, "template \"") && holds(message, "\" not defined")))
        slip_hint(err, "templates are the files .werf/**/*.tmpl, named by their path from .werf, "
                       "and what they define");
    else if (holds(message, "nil pointer evaluating"))
        slip_hint(err, "what stands before that name is not there: look at its key, or put 'if' or "
                       "'default' before");
}
