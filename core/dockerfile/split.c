/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One instruction cut into parts (4.2):
 *
 *   instruction := name blanks { flag blanks } arguments
 *   flag        := "--" { char | "'" chars "'" | '"' chars '"' | "\" any }
 *
 * The bare word "--" ends the flags. How the arguments are cut depends on the name.
 */
#include "dockerfile/parts.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "dockerfile/text.h"

static const struct {
    const char *name;
    enum slip_shape shape;
} instructions[SLIP_INSTR_COUNT] = {
    [SLIP_INSTR_ADD] = { "ADD", SLIP_SHAPE_LIST },
    [SLIP_INSTR_ARG] = { "ARG", SLIP_SHAPE_NAMES },
    [SLIP_INSTR_CMD] = { "CMD", SLIP_SHAPE_COMMAND_LINE },
    [SLIP_INSTR_COPY] = { "COPY", SLIP_SHAPE_LIST },
    [SLIP_INSTR_ENTRYPOINT] = { "ENTRYPOINT", SLIP_SHAPE_COMMAND_LINE },
    [SLIP_INSTR_ENV] = { "ENV", SLIP_SHAPE_PAIRS },
    [SLIP_INSTR_EXPOSE] = { "EXPOSE", SLIP_SHAPE_WORDS },
    [SLIP_INSTR_FROM] = { "FROM", SLIP_SHAPE_WORDS },
    [SLIP_INSTR_HEALTHCHECK] = { "HEALTHCHECK", SLIP_SHAPE_HEALTH },
    [SLIP_INSTR_LABEL] = { "LABEL", SLIP_SHAPE_PAIRS },
    [SLIP_INSTR_MAINTAINER] = { "MAINTAINER", SLIP_SHAPE_TEXT },
    [SLIP_INSTR_ONBUILD] = { "ONBUILD", SLIP_SHAPE_NESTED },
    [SLIP_INSTR_RUN] = { "RUN", SLIP_SHAPE_COMMAND_LINE },
    [SLIP_INSTR_SHELL] = { "SHELL", SLIP_SHAPE_COMMAND_LINE },
    [SLIP_INSTR_STOPSIGNAL] = { "STOPSIGNAL", SLIP_SHAPE_TEXT },
    [SLIP_INSTR_USER] = { "USER", SLIP_SHAPE_TEXT },
    [SLIP_INSTR_VOLUME] = { "VOLUME", SLIP_SHAPE_LIST },
    [SLIP_INSTR_WORKDIR] = { "WORKDIR", SLIP_SHAPE_TEXT },
};

const char *slip_instruction_name(enum slip_instruction kind)
{
    return kind < SLIP_INSTR_COUNT ? instructions[kind].name : "?";
}

/* Equal when both are lower case; that takes in two characters beyond ASCII (U+212A, U+0130). */
static bool same_name(struct slip_str s, const char *name)
{
    for (; s.len && *name; name++) {
        size_t width;
        uint32_t rune = slip_unicode_lower(slip_utf8_decode(s, &width));
        if (rune != slip_unicode_lower((unsigned char)*name))
            return false;
        s = slip_str_skip(s, width);
    }
    return s.len == 0 && !*name;
}

/* The instruction of that name in any case, or SLIP_INSTR_COUNT. */
static enum slip_instruction find_instruction(struct slip_str name)
{
    enum slip_instruction i = 0;
    while (i < SLIP_INSTR_COUNT && !same_name(name, instructions[i].name))
        i++;
    return i;
}

void slip_instruction_parts_clear(struct slip_instruction_parts *p)
{
    slip_vec_clear(&p->flags);
    slip_vec_clear(&p->args);
    slip_vec_clear(&p->pairs);
    slip_vec_clear(&p->heredocs);
}

struct slip_dockerfile_words slip_words_keep(struct slip_arena *a, const struct slip_word_vec *v)
{
    struct slip_dockerfile_words w = { slip_arena_array(a, v->len, sizeof(*w.at)), v->len };
    if (v->len)
        memcpy(w.at, v->at, v->len * sizeof(*w.at));
    return w;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

/* Cut `s` at the first run of [\t\v\f\r ]; false when there is none. */
static bool cut_blank(struct slip_str s, struct slip_str *head, struct slip_str *tail)
{
    size_t n = 0;
    while (n < s.len && !is_blank(s.ptr[n]))
        n++;
    size_t end = n;
    while (end < s.len && is_blank(s.ptr[end]))
        end++;
    *head = slip_str_first(s, n);
    *tail = slip_str_skip(s, end);
    return end > n;
}

/* Flags. Each byte counts as one character here, and becomes one: a flag with letters beyond ASCII
 * is never what was written, as in BuildKit. */

/* The rest of a flag behind its "--"; quotes and backslashes removed. */
static struct slip_str take_flag(struct slip_str s, struct slip_buf *flag)
{
    char quote = 0;
    for (; s.len && (quote || !slip_is_byte_space(s.ptr[0])); s = slip_str_skip(s, 1)) {
        char c = s.ptr[0];
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        if (c == '\\') {
            if (s.len == 1)
                continue;
            s = slip_str_skip(s, 1);
            c = s.ptr[0];
        }
        slip_buf_add_rune(flag, (unsigned char)c);
    }
    return s;
}

/* Cut the flags from the front of `s`; gives what follows them. */
static struct slip_str take_flags(const struct slip_dockerfile_reader *r, struct slip_str s,
                                  struct slip_word_vec *flags)
{
    for (;;) {
        while (s.len && slip_is_byte_space(s.ptr[0]))
            s = slip_str_skip(s, 1);
        if (!slip_str_starts(s, SLIP_STR("--")))
            return s;
        SLIP_AUTO(slip_buf) flag = SLIP_BUF(2 * (size_t)SLIP_LIMIT_DOCKERFILE);
        s = take_flag(s, &flag);
        if (slip_str_is(slip_buf_str(&flag), "--"))
            return s;
        slip_vec_push(flags, slip_arena_str(r->arena, slip_buf_str(&flag)));
    }
}

/* Words with quotes, which stay in them, as does the escape character. */

/* Copy the escape character and what it protects; alone at the end it is dropped. */
static struct slip_str take_escaped(struct slip_str s, struct slip_buf *word)
{
    struct slip_str after = slip_str_skip(s, 1);
    if (after.len == 0)
        return after;
    size_t width;
    slip_buf_add_char(word, s.ptr[0]);
    slip_buf_add_rune(word, slip_utf8_decode(after, &width));
    return slip_str_skip(after, width);
}

static struct slip_str take_quoting_word(struct slip_str s, char escape, struct slip_buf *word)
{
    uint32_t quote = 0;
    while (s.len) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        if (!quote && slip_unicode_is_space(rune))
            break;
        if (rune == (unsigned char)escape && quote != '\'') {
            s = take_escaped(s, word);
            continue;
        }
        if (quote ? rune == quote : rune == '"' || rune == '\'')
            quote = quote ? 0 : rune;
        slip_buf_add_rune(word, rune);
        s = slip_str_skip(s, width);
    }
    return s;
}

static void split_quoting(const struct slip_dockerfile_reader *r, struct slip_str s,
                          struct slip_word_vec *out)
{
    for (s = slip_unicode_trim_left(s); s.len; s = slip_unicode_trim_left(s)) {
        SLIP_AUTO(slip_buf) word = SLIP_BUF(3 * (size_t)SLIP_LIMIT_DOCKERFILE);
        s = take_quoting_word(s, r->escape, &word);
        if (word.len)
            slip_vec_push(out, slip_arena_str(r->arena, slip_buf_str(&word)));
    }
}

static void split_blanks(struct slip_str s, struct slip_word_vec *out)
{
    struct slip_str word;
    while (s.len) {
        cut_blank(s, &word, &s);
        slip_vec_push(out, word);
    }
}

/* Shapes. */

static int split_json(const struct slip_dockerfile_reader *r, struct slip_str s,
                      struct slip_instruction_parts *p, struct slip_error *err)
{
    enum slip_json_list list = slip_json_list_read(s, r->arena, &p->args);
    if (list == SLIP_JSON_MIXED)
        return slip_reader_fail(r, p->line, err, "an array in JSON form must be of strings alone");
    p->json = list == SLIP_JSON_STRINGS;
    return 0;
}

static int split_list(const struct slip_dockerfile_reader *r, struct slip_str s,
                      struct slip_instruction_parts *p, struct slip_error *err)
{
    if (split_json(r, s, p, err) < 0)
        return -1;
    if (!p->json)
        split_blanks(s, &p->args);
    return 0;
}

static int split_command_line(const struct slip_dockerfile_reader *r, struct slip_str s,
                              struct slip_instruction_parts *p, struct slip_error *err)
{
    if (s.len == 0)
        return 0;
    if (split_json(r, s, p, err) < 0)
        return -1;
    if (!p->json)
        slip_vec_push(&p->args, s);
    return 0;
}

static int split_health(const struct slip_dockerfile_reader *r, struct slip_str s,
                        struct slip_instruction_parts *p, struct slip_error *err)
{
    size_t n = 0;
    while (n < s.len && !slip_is_byte_space(s.ptr[n]))
        n++;
    if (n == 0)
        return 0;
    slip_vec_push(&p->args, slip_str_first(s, n));
    while (n < s.len && slip_is_byte_space(s.ptr[n]))
        n++;
    return split_command_line(r, slip_str_skip(s, n), p, err);
}

static void add_pair(struct slip_instruction_parts *p, struct slip_str word)
{
    struct slip_dockerfile_pair pair;
    pair.has_value = slip_str_cut(word, '=', &pair.key, &pair.value);
    slip_vec_push(&p->pairs, pair);
}

/* The old form: a name, blanks, and all the rest as value. */
static int split_old_pair(const struct slip_dockerfile_reader *r, struct slip_str s,
                          struct slip_instruction_parts *p, struct slip_error *err)
{
    struct slip_dockerfile_pair pair = { .has_value = true };
    if (!cut_blank(s, &pair.key, &pair.value))
        return slip_reader_fail(r, p->line, err, "%s must have two arguments",
                                slip_instruction_name(p->kind));
    slip_vec_push(&p->pairs, pair);
    return 0;
}

static int split_pairs(const struct slip_dockerfile_reader *r, struct slip_str s,
                       struct slip_instruction_parts *p, struct slip_error *err)
{
    struct slip_word_vec words = { 0 };
    split_quoting(r, s, &words);
    int rc = 0;
    if (words.len && slip_str_find(words.at[0], '=') == SLIP_NPOS) {
        rc = split_old_pair(r, s, p, err);
    } else {
        for (size_t i = 0; i < words.len && rc == 0; i++) {
            add_pair(p, words.at[i]);
            if (!p->pairs.at[i].has_value)
                rc = slip_reader_fail(r, p->line, err, "no '=' in '%.*s': it must be name=value",
                                      SLIP_ARG(slip_str_first(words.at[i], 200)));
        }
    }
    slip_vec_clear(&words);
    return rc;
}

static void split_names(const struct slip_dockerfile_reader *r, struct slip_str s,
                        struct slip_instruction_parts *p)
{
    split_quoting(r, s, &p->args);
    for (size_t i = 0; i < p->args.len; i++)
        add_pair(p, p->args.at[i]);
}

/* ONBUILD: the trigger must be an instruction that can be cut; nothing else of it is kept. */
static int split_nested(const struct slip_dockerfile_reader *r, struct slip_str s,
                        struct slip_instruction_parts *p, struct slip_error *err)
{
    if (s.len == 0)
        return 0;
    struct slip_str name, rest;
    cut_blank(s, &name, &rest);
    slip_vec_push(&p->args, name);
    p->nested = find_instruction(name);
    if (p->nested == SLIP_INSTR_ONBUILD)
        return slip_reader_fail(r, p->line, err, "ONBUILD cannot be a trigger of ONBUILD");
    if (p->nested == SLIP_INSTR_COUNT)
        return 0; /* said when the trigger is read */
    SLIP_AUTO(slip_instruction_parts) nested = { 0 };
    if (slip_instruction_split(r, s, p->line, &nested, err) < 0)
        return -1;
    p->nested_json = nested.json;
    return 0;
}

static int split_shape(const struct slip_dockerfile_reader *r, struct slip_str s,
                       struct slip_instruction_parts *p, struct slip_error *err)
{
    switch (instructions[p->kind].shape) {
    case SLIP_SHAPE_LIST:
        return split_list(r, s, p, err);
    case SLIP_SHAPE_COMMAND_LINE:
        return split_command_line(r, s, p, err);
    case SLIP_SHAPE_HEALTH:
        return split_health(r, s, p, err);
    case SLIP_SHAPE_PAIRS:
        return split_pairs(r, s, p, err);
    case SLIP_SHAPE_NAMES:
        split_names(r, s, p);
        return 0;
    case SLIP_SHAPE_WORDS:
        split_blanks(s, &p->args);
        return 0;
    case SLIP_SHAPE_TEXT:
        if (s.len)
            slip_vec_push(&p->args, s);
        return 0;
    case SLIP_SHAPE_NESTED:
        return split_nested(r, s, p, err);
    }
    return 0;
}

static int fail_unknown(const struct slip_dockerfile_reader *r, unsigned line, struct slip_str name,
                        struct slip_error *err)
{
    const char *names[SLIP_INSTR_COUNT];
    char upper[32] = "";
    for (size_t i = 0; i < SLIP_INSTR_COUNT; i++)
        names[i] = instructions[i].name;
    for (size_t i = 0; i < name.len && i < sizeof(upper) - 1; i++)
        upper[i] =
            (char)(name.ptr[i] >= 'a' && name.ptr[i] <= 'z' ? name.ptr[i] - 32 : name.ptr[i]);
    slip_reader_fail(r, line, err, "unknown instruction '%.*s'",
                     SLIP_ARG(slip_str_first(name, 200)));
    const char *close = slip_str_closest(slip_str_of(upper), names, SLIP_INSTR_COUNT);
    return close ? slip_hint(err, "did you mean %s?", close) : -1;
}

int slip_instruction_split(const struct slip_dockerfile_reader *r, struct slip_str original,
                           unsigned line, struct slip_instruction_parts *out,
                           struct slip_error *err)
{
    struct slip_str name, rest;
    cut_blank(slip_unicode_trim(original), &name, &rest);
    out->kind = find_instruction(name);
    if (out->kind == SLIP_INSTR_COUNT)
        return fail_unknown(r, line, name, err);
    out->original = original;
    out->line = line;
    rest = take_flags(r, rest, &out->flags);
    return split_shape(r, slip_unicode_trim(rest), out, err);
}
