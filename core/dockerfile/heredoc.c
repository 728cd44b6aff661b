/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heredocs (4.6):
 *
 *   word := digits "<<" [ "-" ] name        the name is one shell word, maybe quoted
 */
#include "dockerfile/parts.h"

#include "dockerfile/shell.h"

/* Cut `word` at "<<"; false when it does not look like a heredoc. */
static bool take_operator(struct slip_str word, bool *chomp, struct slip_str *name)
{
    while (word.len && word.ptr[0] >= '0' && word.ptr[0] <= '9')
        word = slip_str_skip(word, 1);
    if (!slip_str_starts(word, SLIP_STR("<<")))
        return false;
    word = slip_str_skip(word, 2);
    *chomp = word.len && word.ptr[0] == '-';
    *name = slip_str_skip(word, *chomp);
    return name->len > 0 && slip_str_find(*name, '<') == SLIP_NPOS;
}

static size_t count_quotes(struct slip_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '"' || s.ptr[i] == '\'';
    return n;
}

int slip_heredoc_parse(struct slip_str word, struct slip_arena *arena,
                       struct slip_dockerfile_heredoc *out, bool *found, struct slip_error *err)
{
    struct slip_shell plain = { .keep_unset = true };
    struct slip_shell raw = { .keep_unset = true, .raw_quotes = true };
    struct slip_shell_words words, quoted;
    struct slip_str name;
    bool chomp;
    *found = false;
    if (!take_operator(word, &chomp, &name))
        return 0;
    if (slip_shell_split(&plain, name, arena, &words, err) < 0)
        return -1;
    if (words.len != 1)
        return 0;
    if (slip_shell_split(&raw, name, arena, &quoted, err) < 0)
        return -1;
    if (quoted.len != 1)
        return slip_fail(err, SLIP_E_CONFIG, "the name of the heredoc '%.*s' is not one word",
                         SLIP_ARG(slip_str_first(word, 200)));
    *found = true;
    *out = (struct slip_dockerfile_heredoc){
        .name = words.at[0],
        .chomp = chomp,
        .expand = count_quotes(words.at[0]) == count_quotes(quoted.at[0]),
    };
    return 0;
}

static bool is_end(struct slip_str line, const struct slip_dockerfile_heredoc *h)
{
    while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    while (h->chomp && line.len && line.ptr[0] == '\t')
        line = slip_str_skip(line, 1);
    return slip_str_eq(line, h->name);
}

static int read_body(struct slip_dockerfile_reader *r, struct slip_dockerfile_heredoc *h,
                     unsigned first, struct slip_error *err)
{
    struct slip_str body = slip_str_make(r->rest.ptr, 0), line;
    bool more;
    for (;;) {
        if (slip_reader_line(r, &line, &more, err) < 0)
            return -1;
        if (!more)
            return slip_reader_fail(r, first, err, "the heredoc '%.*s' does not end",
                                    SLIP_ARG(slip_str_first(h->name, 200)));
        if (is_end(line, h))
            break;
        body.len += line.len;
    }
    h->body = slip_arena_str(r->arena, body);
    return 0;
}

static bool may_have_heredocs(const struct slip_instruction_parts *p)
{
    bool trigger = p->kind == SLIP_INSTR_ONBUILD && p->args.len;
    enum slip_instruction kind = trigger ? p->nested : p->kind;
    bool json = trigger ? p->nested_json : p->json;
    return !json && (kind == SLIP_INSTR_ADD || kind == SLIP_INSTR_COPY || kind == SLIP_INSTR_RUN);
}

int slip_heredocs_read(struct slip_dockerfile_reader *r, struct slip_instruction_parts *p,
                       struct slip_error *err)
{
    if (!may_have_heredocs(p) || slip_str_find_str(p->original, SLIP_STR("<<")) == SLIP_NPOS)
        return 0;
    struct slip_shell raw = { .keep_unset = true, .raw_quotes = true, .raw_escapes = true };
    struct slip_shell_words words;
    struct slip_error ignored = { 0 };
    if (slip_shell_split(&raw, p->original, r->arena, &words, &ignored) < 0)
        return 0; /* what cannot be cut into words has no heredocs */
    for (size_t i = 0; i < words.len; i++) {
        struct slip_dockerfile_heredoc h;
        bool found;
        if (slip_heredoc_parse(words.at[i], r->arena, &h, &found, err) < 0)
            return slip_while(err, "%s:%u", r->name, p->line);
        if (found)
            slip_vec_push(&p->heredocs, h);
    }
    for (size_t i = 0; i < p->heredocs.len; i++)
        if (read_body(r, &p->heredocs.at[i], p->line, err) < 0)
            return -1;
    return 0;
}
