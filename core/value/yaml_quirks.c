/* SPDX-License-Identifier: Apache-2.0 */
/* Where libyaml and yaml.v2, which descends from it, do not see the same in a text. */
#include "value/yaml_impl.h"

#include <ctype.h>

/* --- characters that only libyaml refuses --- */

/*
 * libyaml refuses a colon before one of ",?[]{}" in a plain scalar inside brackets, one of ",[]" in
 * a short tag, and an escaped apostrophe: yaml.v2 takes them. Such a character (of the apostrophe
 * its backslash) is replaced, and the text read once more. reader_restored puts the colon back and
 * leaves the apostrophe alone; a tag with such a character is none that means anything, and stays
 * so with a star in it.
 */
#define COLON "\xEE\x85\x9B"
#define BACKSLASH "\xEE\x85\x9C"
#define TAG_CHAR "*"
enum { REPLACED_MAX = 200 };

static bool is_refused_colon(const struct reader *r)
{
    return strcmp(r->parser.problem, "found unexpected ':'") == 0
           && slip_str_find_str(r->original, SLIP_STR(COLON)) == SLIP_NPOS;
}

static bool is_refused_apostrophe(const struct reader *r, size_t at)
{
    return strcmp(r->parser.problem, "found unknown escape character") == 0
           && slip_str_starts(slip_str_skip(r->text, at), SLIP_STR("\\'"))
           && slip_str_find_str(r->original, SLIP_STR(BACKSLASH)) == SLIP_NPOS;
}

static bool is_refused_in_tag(const struct reader *r, size_t at)
{
    const char *problem = r->parser.problem;
    return (strcmp(problem, "did not find expected tag URI") == 0
            || strcmp(problem, "did not find expected whitespace or line break") == 0)
           && at < r->text.len && strchr(",[]", r->text.ptr[at]);
}

void reader_replace(struct slip_str text, size_t at, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) changed = SLIP_BUF(SIZE_MAX);
    slip_buf_add_str(&changed, slip_str_first(text, at));
    slip_buf_add_c(&changed, text.ptr[at] == ':'    ? COLON
                             : text.ptr[at] == '\\' ? BACKSLASH
                                                    : TAG_CHAR);
    slip_buf_add_str(&changed, slip_str_skip(text, at + 1));
    slip_buf_move(out, &changed);
}

static void put_back(struct slip_str s, struct slip_str mark, const char *was, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    for (size_t at; (at = slip_str_find_str(s, mark)) != SLIP_NPOS;) {
        slip_buf_add_str(&text, slip_str_first(s, at));
        slip_buf_add_c(&text, was);
        s = slip_str_skip(s, at + mark.len);
    }
    slip_buf_add_str(&text, s);
    slip_buf_move(out, &text);
}

struct slip_str reader_restored(struct reader *r, struct slip_str s)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    if (!r->replaced)
        return s;
    slip_buf_add_str(&text, s);
    if (slip_str_find_str(r->original, SLIP_STR(COLON)) == SLIP_NPOS)
        put_back(slip_buf_str(&text), SLIP_STR(COLON), ":", &text);
    if (slip_str_find_str(r->original, SLIP_STR(BACKSLASH)) == SLIP_NPOS)
        put_back(slip_buf_str(&text), SLIP_STR(BACKSLASH), "", &text);
    return slip_arena_str(r->build.arena, slip_buf_str(&text));
}

/* A character that only libyaml refuses; false: the text is wrong for yaml.v2, too. */
bool reader_find_refused(struct reader *r, size_t *at)
{
    const yaml_parser_t *p = &r->parser;
    if (r->schema == SLIP_YAML_CORE || r->replaced == REPLACED_MAX)
        return false;
    *at = r->tag_comma;
    if (*at)
        return true;
    if (p->error != YAML_SCANNER_ERROR || !p->problem)
        return false;
    r->at_rune = r->at_byte = 0;
    reader_seek(r, p->problem_mark.index);
    *at = r->at_byte;
    return is_refused_colon(r) || is_refused_apostrophe(r, *at) || is_refused_in_tag(r, *at);
}

/* --- scalars --- */

/* Refuse an escaped slash in a scalar between two places, in the line where it stands. Places count
 * characters. */
static int refuse_escaped_slash(struct reader *r, const yaml_mark_t *start, const yaml_mark_t *end,
                                const struct slip_value *v)
{
    static const char problem[] = "found unknown escape character";
    size_t line = start->line;
    reader_seek(r, start->index);
    size_t at = r->at_byte;
    reader_seek(r, end->index);
    for (; at + 1 < r->at_byte; at++) {
        line += r->text.ptr[at] == '\n';
        if (r->text.ptr[at] != '\\')
            continue;
        if (r->text.ptr[++at] != '/')
            line += r->text.ptr[at] == '\n';
        else
            return reader_fail_as_go(r, v, line ? line + 1 : 0, problem);
    }
    return 0;
}

int reader_check_unfinished(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    struct slip_value v = { .line = (unsigned)p->context_mark.line + r->first_line,
                            .col = (unsigned)p->context_mark.column + 1 };
    if (!r->escaped_slash || r->schema == SLIP_YAML_CORE || !p->context
        || !strstr(p->context, "quoted scalar"))
        return 0;
    reader_seek(r, p->context_mark.index);
    if (r->at_byte == r->text.len || r->text.ptr[r->at_byte] != '"')
        return 0;
    return refuse_escaped_slash(r, &p->context_mark, &p->problem_mark, &v);
}

/*
 * Inside brackets libyaml ends a tag at a comma, which for yaml.v2 belongs to it: "[!a, b]" is a
 * list of one. An empty scalar with a tag ends where the tag, or an anchor behind it, does.
 */
static bool is_refused_comma(struct reader *r, const yaml_event_t *e)
{
    if (!e->data.scalar.tag || e->data.scalar.length || !r->flow
        || e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    reader_seek(r, e->end_mark.index);
    size_t word = r->at_byte;
    if (word == r->text.len || r->text.ptr[word] != ',')
        return false;
    while (word
           && (isalnum((unsigned char)r->text.ptr[word - 1]) || r->text.ptr[word - 1] == '_'
               || r->text.ptr[word - 1] == '-'))
        word--;
    return word && r->text.ptr[word - 1] != '&';
}

static bool same_place(const struct slip_value *a, const struct slip_value *b)
{
    return a->line == b->line && a->col == b->col;
}

/* What yaml.v2 wants inside brackets where it cannot go on; `v` was not added yet. A map that
 * begins where its first key does has no brackets. */
static const char *expected_in_brackets(struct reader *r, const struct slip_value *v)
{
    const struct slip_value_frame *top = slip_value_build_top(&r->build);
    const struct slip_value *first =
        r->build.stack.len > top->start ? r->build.stack.at[top->start] : v;
    bool list = top->container->type == SLIP_VALUE_LIST || same_place(top->container, first);
    return list ? "did not find expected ',' or ']'" : "did not find expected ',' or '}'";
}

/* Inside brackets a question mark ends a plain scalar for yaml.v2, as in [http://host/?a=1], and
 * nothing may follow there. */
static int refuse_question(struct reader *r, const yaml_event_t *e, const struct slip_value *v)
{
    size_t line = e->start_mark.line;
    if (!r->flow || e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || e->data.scalar.length < 2
        || !memchr(e->data.scalar.value + 1, '?', e->data.scalar.length - 1))
        return 0;
    reader_seek(r, e->start_mark.index);
    for (size_t at = r->at_byte; r->text.ptr[at] != '?' || at == r->at_byte; at++)
        line += r->text.ptr[at] == '\n';
    reader_fail_as_go(r, v, line, expected_in_brackets(r, v));
    return slip_hint(r->err, "inside brackets put a value that holds '?' in quotes");
}

int reader_check_scalar(struct reader *r, const yaml_event_t *e, const struct slip_value *v)
{
    if (r->schema == SLIP_YAML_CORE)
        return 0;
    if (is_refused_comma(r, e)) {
        r->tag_comma = r->at_byte;
        return reader_fail_at(r, v, "a comma in a tag");
    }
    if (r->escaped_slash && e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
        && refuse_escaped_slash(r, &e->start_mark, &e->end_mark, v) < 0)
        return -1;
    return refuse_question(r, e, v);
}

/* --- empty containers as keys --- */

/* Could what begins with this open bracket turn out to be a key? yaml.v2 reads on until it knows.
 */
static bool may_be_key(const struct reader *r, size_t i)
{
    const struct slip_value_frame *f = &r->build.frames.at[i];
    if (i == 0 || f[-1].container->type == SLIP_VALUE_LIST || (f->start - f[-1].start) % 2 == 0)
        return true;
    return i < r->flow && r->build.stack.at[f->start - 1]->line != f->container->line;
}

/* {} or [] before a colon: yaml.v2 does not see that a map begins, or goes on, with it, unless it
 * has read on because of a bracket around it in the same line. `v` was closed just now. */
bool reader_is_lost_key(struct reader *r, const yaml_event_t *end, const struct slip_value *v)
{
    const struct slip_value_frame *top = slip_value_build_top(&r->build);
    if (v->len || !r->bare || !top || top->container->type != SLIP_VALUE_MAP
        || (r->build.stack.len - top->start) % 2 == 0)
        return false;
    for (size_t i = r->flow ? r->flow - 1 : SLIP_NPOS; i < r->build.frames.len; i++) {
        const struct slip_value *around = r->build.frames.at[i].container;
        if (around->line == v->line && !same_place(around, v) && may_be_key(r, i))
            return false;
    }
    reader_seek(r, end->end_mark.index);
    struct slip_str rest = slip_str_skip(r->text, r->at_byte);
    while (rest.len && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t'))
        rest = slip_str_skip(rest, 1);
    if (!rest.len || strchr("\r\n#", rest.ptr[0]))
        return false;
    /* After a question mark it is a key as any other. A map that begins with it has no such mark:
     * the colon that made it one comes later, where it makes no sense. */
    return rest.ptr[0] == ':' || same_place(top->container, v);
}

/* What yaml.v2 expects instead of the colon: the next part of what is around. A map that begins
 * with `v` is none for it. */
static const char *expected_part(struct reader *r)
{
    static const char key[] = "did not find expected key";
    const struct slip_value_frame *top = slip_value_build_top(&r->build);
    bool first = r->build.stack.len - top->start == 1;
    if (!first || r->build.frames.len == 1 || top[-1].container->type != SLIP_VALUE_LIST)
        return key;
    /* A list that is not indented ends where its map goes on. */
    bool indented = r->build.frames.len == 2 || top[-2].container->col != top[-1].container->col;
    return indented ? "did not find expected '-' indicator" : key;
}

/* A text that begins with such a key ends with it. */
int reader_take_lost_key(struct reader *r, struct slip_value *v, bool *done)
{
    if (r->name)
        return reader_fail_at(r, v, "an empty map or list cannot be a key");
    if (r->build.frames.len == 1 && r->build.stack.len == 1 && !r->flow) {
        r->build.root = v;
        *done = true;
        return 0;
    }
    return reader_fail_as_go(r, v, v->line - r->first_line,
                             r->flow ? expected_in_brackets(r, v) : expected_part(r));
}
