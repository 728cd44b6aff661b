/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML events to a value tree. libyaml parses; anchors, tags, merge keys, duplicate keys and the
 * types of scalars are decided here.
 */
#include "value/yaml.h"

#include <ctype.h>
#include <yaml.h>

#include "base/excerpt.h"
#include "base/limits.h"
#include "base/map.h"
#include "value/base64.h"
#include "value/build.h"
#include "value/resolve.h"

struct reader {
    yaml_parser_t parser;
    struct slip_str text, original; /* see COLON */
    const char *name;
    unsigned first_line;
    enum slip_yaml_schema schema;
    bool escaped_slash;      /* the text holds a backslash before a slash */
    size_t at_rune, at_byte; /* a place in the text, by characters and by bytes */
    size_t replaced;         /* characters, see COLON */
    size_t tag_comma;        /* where one was found, see is_refused_comma; 0: none */
    size_t flow;             /* open containers up to the outermost in brackets; 0: none */
    const char *root_tag;    /* as in struct slip_doc */
    bool bare;               /* the latest container has neither tag nor anchor */
    struct slip_value_build build;
    struct slip_map *anchors; /* name -> node */
    struct slip_error late;   /* the first mistake that is none of syntax: those come first */
    struct slip_error *err;
};

/* --- messages --- */

static int fail_line(struct reader *r, size_t line, size_t col, const char *what)
{
    if (!r->name)
        return slip_fail(r->err, SLIP_E_CONFIG, "yaml: %s", what);
    line += r->first_line;
    slip_fail(r->err, SLIP_E_CONFIG, "%s:%zu:%zu: %s", r->name, line, col + 1, what);
    slip_error_show(r->err, r->original, r->first_line, (unsigned)line, (unsigned)col + 1);
    return -1;
}

static int fail_at(struct reader *r, const struct slip_value *v, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

static int fail_at(struct reader *r, const struct slip_value *v, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1024);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    return fail_line(r, v->line - r->first_line, v->col - 1, text.ptr);
}

/*
 * yaml.v2 gives values a meaning when it has parsed all of them: what is wrong with one is told
 * only when the syntax of the rest is right. Gives 0, reading goes on.
 */
static int fail_late(struct reader *r, const struct slip_value *v, const char *fmt, ...)
    SLIP_PRINTF(3, 4);

static int fail_late(struct reader *r, const struct slip_value *v, const char *fmt, ...)
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
    (void)fail_line(r, v->line - r->first_line, v->col - 1, text.ptr);
    r->err = err;
    return 0;
}

/* The line that yaml.v2 names, or 0 for none. */
static size_t go_line(const yaml_parser_t *p)
{
    if (p->problem_mark.line)
        return p->problem_mark.line + (p->error == YAML_SCANNER_ERROR);
    return p->context_mark.line;
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
    fail_line(r, line, col, problem);
    return strstr(problem, "UTF-8") ? slip_hint(r->err, "save the file as UTF-8") : -1;
}

/* Move on to the character with that index; places come in the order of the text. */
static void seek_rune(struct reader *r, size_t index)
{
    for (; r->at_rune < index && r->at_byte < r->text.len; r->at_rune++)
        do
            r->at_byte++;
        while (r->at_byte < r->text.len && ((unsigned char)r->text.ptr[r->at_byte] & 0xC0) == 0x80);
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
        { "did not find expected '-' indicator",
          "items of one list begin with '- ' in the same column", false },
    };
    if (strcmp(r->parser.problem, hints[0].problem) == 0) {
        seek_rune(r, r->parser.problem_mark.index);
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

static int fail_parser(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        slip_out_of_memory();
    const char *problem = p->problem ? p->problem : "unknown problem parsing YAML content";
    if (!r->name) {
        size_t line = go_line(p);
        return line ? slip_fail(r->err, SLIP_E_CONFIG, "yaml: line %zu: %s", line, problem)
                    : slip_fail(r->err, SLIP_E_CONFIG, "yaml: %s", problem);
    }
    if (p->error == YAML_READER_ERROR)
        return fail_reader(r, problem);
    if (is_open_quote(p, problem)) {
        fail_line(r, p->context_mark.line, p->context_mark.column, problem);
        return slip_hint(r->err, "the quote that begins here is not closed");
    }
    char text[256];
    if (p->context && p->context_mark.line != p->problem_mark.line) {
        snprintf(text, sizeof(text), "%s (%s that begins in line %zu)", problem, p->context,
                 p->context_mark.line + r->first_line);
        problem = text;
    }
    fail_line(r, p->problem_mark.line, p->problem_mark.column, problem);
    hint_at_problem(r);
    return -1;
}

/*
 * libyaml refuses a colon before one of ",?[]{}" in a plain scalar inside brackets, and one of
 * ",[]" in a short tag: yaml.v2 takes them for a part of it. Such a character is replaced, and the
 * text read once more. take_scalar puts the colon back; a tag with such a character is none that
 * means anything, and stays so with a star in it.
 */
#define COLON "\xEE\x85\x9B"
#define TAG_CHAR "*"
enum { REPLACED_MAX = 200 };

static bool is_refused_colon(const struct reader *r)
{
    return strcmp(r->parser.problem, "found unexpected ':'") == 0
           && slip_str_find_str(r->original, SLIP_STR(COLON)) == SLIP_NPOS;
}

static bool is_refused_in_tag(const struct reader *r, size_t at)
{
    const char *problem = r->parser.problem;
    return (strcmp(problem, "did not find expected tag URI") == 0
            || strcmp(problem, "did not find expected whitespace or line break") == 0)
           && at < r->text.len && strchr(",[]", r->text.ptr[at]);
}

/* `text` may be what `out` holds. */
static void replace_char(struct slip_str text, size_t at, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) changed = SLIP_BUF(SIZE_MAX);
    slip_buf_add_str(&changed, slip_str_first(text, at));
    slip_buf_add_c(&changed, text.ptr[at] == ':' ? COLON : TAG_CHAR);
    slip_buf_add_str(&changed, slip_str_skip(text, at + 1));
    slip_buf_move(out, &changed);
}

static struct slip_str with_colons(struct reader *r, struct slip_str s)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SIZE_MAX);
    size_t at;
    if (!r->replaced)
        return s;
    while ((at = slip_str_find_str(s, SLIP_STR(COLON))) != SLIP_NPOS) {
        slip_buf_add_str(&text, slip_str_first(s, at));
        slip_buf_add_char(&text, ':');
        s = slip_str_skip(s, at + strlen(COLON));
    }
    slip_buf_add_str(&text, s);
    return slip_arena_str(r->build.arena, slip_buf_str(&text));
}

/* --- nodes --- */

static struct slip_value *new_value(struct reader *r, enum slip_value_type type,
                                    const yaml_mark_t *mark)
{
    struct slip_value *v = slip_value_build_new(
        &r->build, type, (unsigned)mark->line + r->first_line, (unsigned)mark->column + 1);
    if (!v)
        fail_line(r, mark->line, mark->column, "too many YAML nodes");
    return v;
}

static void set_anchor(struct reader *r, const yaml_char_t *anchor, struct slip_value *v)
{
    if (anchor)
        slip_map_set(r->anchors, slip_str_of((const char *)anchor), v);
}

static bool is_open(const struct reader *r, const struct slip_value *v)
{
    for (size_t i = 0; i < r->build.frames.len; i++)
        if (r->build.frames.at[i].container == v)
            return true;
    return false;
}

/* A copy that keeps the places of the original; NULL when it gets too large or too deep. */
static struct slip_value *copy(struct reader *r, const struct slip_value *v, size_t depth)
{
    struct slip_value *c = slip_value_build_new(&r->build, v->type, v->line, v->col);
    if (!c || depth > SLIP_LIMIT_YAML_DEPTH)
        return NULL;
    *c = *v;
    if (v->len == 0)
        return c;
    if (v->type == SLIP_VALUE_LIST)
        c->items = slip_arena_array(r->build.arena, v->len, sizeof(*c->items));
    else
        c->pairs = slip_arena_array(r->build.arena, v->len, sizeof(*c->pairs));
    for (size_t i = 0; i < v->len; i++) {
        if (v->type == SLIP_VALUE_LIST) {
            if (!(c->items[i] = copy(r, v->items[i], depth + 1)))
                return NULL;
        } else {
            c->pairs[i].key = v->pairs[i].key;
            if (!(c->pairs[i].value = copy(r, v->pairs[i].value, depth + 1)))
                return NULL;
        }
    }
    return c;
}

static int take_alias(struct reader *r, const yaml_event_t *e)
{
    const char *anchor = (const char *)e->data.alias.anchor;
    const struct slip_value *v = slip_map_get(r->anchors, slip_str_of(anchor));
    struct slip_value here = { .line = (unsigned)e->start_mark.line + r->first_line,
                               .col = (unsigned)e->start_mark.column + 1 };
    if (!v)
        return fail_at(r, &here, "unknown anchor '%s' referenced", anchor);
    if (is_open(r, v))
        return fail_at(r, &here, "anchor '%s' value contains itself", anchor);
    struct slip_value *c = copy(r, v, r->build.frames.len);
    if (!c)
        return fail_at(r, &here, "document contains excessive aliasing");
    slip_value_build_add(&r->build, c);
    return 0;
}

/* --- scalars --- */

#define TAG_PREFIX "tag:yaml.org,2002:"

static const struct scalar_tag {
    const char *name;
    enum slip_value_type type;
} scalar_tags[] = {
    { "str", SLIP_VALUE_STRING },  { "bool", SLIP_VALUE_BOOL }, { "int", SLIP_VALUE_INT },
    { "float", SLIP_VALUE_FLOAT }, { "null", SLIP_VALUE_NULL }, { "timestamp", SLIP_VALUE_STRING },
};

const char *slip_yaml_tag(const struct slip_value *v)
{
    static const char *const names[] = {
        [SLIP_VALUE_NULL] = "null", [SLIP_VALUE_BOOL] = "bool",   [SLIP_VALUE_INT] = "int",
        [SLIP_VALUE_UINT] = "int",  [SLIP_VALUE_FLOAT] = "float", [SLIP_VALUE_STRING] = "str",
        [SLIP_VALUE_LIST] = "seq",  [SLIP_VALUE_MAP] = "map",
    };
    return v->time ? "timestamp" : names[v->type];
}

static int resolve_as(struct reader *r, const struct scalar_tag *tag, struct slip_value *v)
{
    bool time = strcmp(tag->name, "timestamp") == 0;
    if (strcmp(tag->name, "str") == 0)
        return 0;
    slip_yaml_resolve_go(v, time);
    if (tag->type == SLIP_VALUE_FLOAT && v->type == SLIP_VALUE_INT) {
        v->type = SLIP_VALUE_FLOAT;
        v->f = (double)v->i;
    }
    bool same = v->type == tag->type || (tag->type == SLIP_VALUE_INT && v->type == SLIP_VALUE_UINT);
    if (same && v->time == time)
        return 0;
    return fail_late(r, v, "cannot decode !!%s `%.*s` as a !!%s", slip_yaml_tag(v),
                     SLIP_ARG(v->text), tag->name);
}

static int decode_binary(struct reader *r, struct slip_value *v)
{
    SLIP_AUTO(slip_buf) data = SLIP_BUF(v->text.len);
    if (!slip_base64_decode(v->text, &data))
        return fail_late(r, v, "!!binary value contains invalid base64 data");
    v->text = slip_arena_str(r->build.arena, slip_buf_str(&data));
    return 0;
}

/* Tags that are not known leave a string. */
static int resolve_tagged(struct reader *r, struct slip_str tag, struct slip_value *v)
{
    if (r->schema == SLIP_YAML_CORE)
        return fail_at(r, v, "tags are not supported: '%.*s'", SLIP_ARG(tag));
    if (!slip_str_starts(tag, SLIP_STR(TAG_PREFIX)))
        return 0;
    tag = slip_str_skip(tag, strlen(TAG_PREFIX));
    if (slip_str_is(tag, "binary"))
        return decode_binary(r, v);
    if (slip_str_is(tag, "merge") && slip_str_is(v->text, "<<"))
        v->plain = true;
    for (size_t i = 0; i < SLIP_COUNT(scalar_tags); i++)
        if (slip_str_is(tag, scalar_tags[i].name))
            return resolve_as(r, &scalar_tags[i], v);
    return 0;
}

/* A mistake for yaml.v2 alone, which counts the lines of such ones from 0; `v` is near. */
static int fail_as_go(struct reader *r, const struct slip_value *v, size_t line, const char *what)
{
    return !r->name && line ? slip_fail(r->err, SLIP_E_CONFIG, "yaml: line %zu: %s", line, what)
                            : fail_at(r, v, "%s", what);
}

/* Refuse an escaped slash in the scalar, in the line where it stands. Places count characters. */
static int refuse_escaped_slash(struct reader *r, const yaml_event_t *e, const struct slip_value *v)
{
    static const char problem[] = "found unknown escape character";
    size_t line = e->start_mark.line;
    seek_rune(r, e->start_mark.index);
    size_t at = r->at_byte;
    seek_rune(r, e->end_mark.index);
    for (; at + 1 < r->at_byte; at++) {
        line += r->text.ptr[at] == '\n';
        if (r->text.ptr[at] != '\\')
            continue;
        if (r->text.ptr[++at] != '/')
            line += r->text.ptr[at] == '\n';
        else
            return fail_as_go(r, v, line ? line + 1 : 0, problem);
    }
    return 0;
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
    seek_rune(r, e->end_mark.index);
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
    seek_rune(r, e->start_mark.index);
    for (size_t at = r->at_byte; r->text.ptr[at] != '?' || at == r->at_byte; at++)
        line += r->text.ptr[at] == '\n';
    fail_as_go(r, v, line, expected_in_brackets(r, v));
    return slip_hint(r->err, "inside brackets put a value that holds '?' in quotes");
}

static int take_scalar(struct reader *r, const yaml_event_t *e)
{
    struct slip_value *v = new_value(r, SLIP_VALUE_STRING, &e->start_mark);
    if (!v)
        return -1;
    if (r->schema != SLIP_YAML_CORE && is_refused_comma(r, e)) {
        r->tag_comma = r->at_byte;
        return fail_at(r, v, "a comma in a tag");
    }
    if (r->escaped_slash && r->schema != SLIP_YAML_CORE
        && e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
        && refuse_escaped_slash(r, e, v) < 0)
        return -1;
    if (r->schema != SLIP_YAML_CORE && refuse_question(r, e, v) < 0)
        return -1;
    struct slip_str text = slip_str_make((const char *)e->data.scalar.value, e->data.scalar.length);
    v->text = slip_arena_str(r->build.arena, with_colons(r, text));
    v->plain = e->data.scalar.plain_implicit;
    if (e->data.scalar.tag && !r->build.root && !r->build.frames.len)
        r->root_tag =
            slip_arena_strdup(r->build.arena, slip_str_of((const char *)e->data.scalar.tag));
    if (e->data.scalar.tag) {
        if (resolve_tagged(r, slip_str_of((const char *)e->data.scalar.tag), v) < 0)
            return -1;
    } else if (v->plain && r->schema == SLIP_YAML_CORE) {
        slip_yaml_resolve_core(v);
    } else if (v->plain) {
        slip_yaml_resolve_go(v, true);
    }
    set_anchor(r, e->data.scalar.anchor, v);
    slip_value_build_add(&r->build, v);
    return 0;
}

/* --- maps --- */

static bool is_merge(const struct reader *r, const struct slip_value *key)
{
    return r->schema != SLIP_YAML_CORE && key->plain && slip_str_is(key->text, "<<");
}

struct pairs {
    SLIP_VEC(struct slip_pair);
};

static int fail_merge(struct reader *r, const struct slip_value *key)
{
    return fail_late(r, key, "map merge requires map or sequence of maps as the value");
}

static int merge_map(struct reader *r, const struct slip_pair *merge, const struct slip_value *from,
                     struct pairs *to)
{
    if (from->type != SLIP_VALUE_MAP)
        return fail_merge(r, merge->key);
    for (size_t i = 0; i < from->len; i++)
        slip_vec_push(to, from->pairs[i]);
    return 0;
}

/* Of a list the maps are merged from last to first: where a later pair counts, the first map wins.
 */
static int merge_value(struct reader *r, const struct slip_pair *merge, struct pairs *to)
{
    const struct slip_value *v = merge->value;
    if (v->type != SLIP_VALUE_LIST)
        return merge_map(r, merge, v, to);
    for (size_t i = v->len; i-- > 0;)
        if (merge_map(r, merge, v->items[i], to) < 0)
            return -1;
    return 0;
}

static int merge_all(struct reader *r, struct slip_value *map, struct pairs *to)
{
    for (size_t i = 0; i < map->len; i++) {
        if (!is_merge(r, map->pairs[i].key)) {
            slip_vec_push(to, map->pairs[i]);
            continue;
        }
        map->before_merge = to->len;
        if (merge_value(r, &map->pairs[i], to) < 0)
            return -1;
    }
    return 0;
}

static int carry_out_merges(struct reader *r, struct slip_value *map)
{
    size_t i = 0;
    while (i < map->len && !is_merge(r, map->pairs[i].key))
        i++;
    if (i == map->len)
        return 0;
    struct pairs merged = { 0 };
    int rc = merge_all(r, map, &merged);
    if (rc == 0) {
        map->len = merged.len;
        map->pairs = slip_arena_array(r->build.arena, merged.len, sizeof(*map->pairs));
        if (merged.len)
            memcpy(map->pairs, merged.at, merged.len * sizeof(*map->pairs));
    }
    slip_vec_clear(&merged);
    return rc;
}

/* Text that is equal for equal keys and for them alone. */
static void add_identity(const struct slip_value *key, struct slip_buf *out)
{
    slip_buf_add_char(out, (char)('a' + key->type));
    slip_value_print_go(key, out);
}

static int fail_equal_keys(struct reader *r, const struct slip_value *key)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(256);
    slip_value_print_go(key, &text);
    const char *quote = key->type == SLIP_VALUE_STRING ? "\"" : "";
    return fail_at(r, key, "key %s%s%s already set in map", quote, text.ptr, quote);
}

/* Leaves one pair of each key, with the last value, or refuses a second one. */
static int join_equal_keys(struct reader *r, struct slip_value *map)
{
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    SLIP_AUTO(slip_buf) id = SLIP_BUF(SIZE_MAX);
    size_t len = 0;
    for (size_t i = 0; i < map->len; i++) {
        slip_buf_reset(&id);
        add_identity(map->pairs[i].key, &id);
        struct slip_pair *before = slip_map_get(seen, slip_buf_str(&id));
        if (before && r->schema != SLIP_YAML_GO && r->schema != SLIP_YAML_GO_LOOSE)
            return fail_equal_keys(r, map->pairs[i].key);
        if (before) {
            before->value = map->pairs[i].value;
            continue;
        }
        map->pairs[len] = map->pairs[i];
        slip_map_set(seen, slip_buf_str(&id), &map->pairs[len++]);
    }
    map->len = len;
    return 0;
}

/* The usual reason is "{{", which is a map in a map. */
static int fail_key(struct reader *r, const struct slip_value *key)
{
    fail_at(r, key, "invalid map key: a %s", slip_value_type_name(key));
    return key->type == SLIP_VALUE_MAP
               ? slip_hint(r->err, "put values that begin with {{ in quotes")
               : -1;
}

static int finish_map(struct reader *r, struct slip_value *map)
{
    for (size_t i = 0; i < map->len && r->schema != SLIP_YAML_GO_LOOSE; i++) {
        const struct slip_value *key = map->pairs[i].key;
        if (key->type == SLIP_VALUE_LIST || key->type == SLIP_VALUE_MAP)
            return fail_key(r, key);
    }
    if (carry_out_merges(r, map) < 0)
        return -1;
    return map->len < 2 ? 0 : join_equal_keys(r, map);
}

static int open_container(struct reader *r, const yaml_event_t *e, enum slip_value_type type,
                          bool flow, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct slip_value *v = new_value(r, type, &e->start_mark);
    if (!v)
        return -1;
    if (tag && r->schema == SLIP_YAML_CORE)
        return fail_at(r, v, "tags are not supported: '%s'", (const char *)tag);
    if (r->build.frames.len == SLIP_LIMIT_YAML_DEPTH)
        return fail_at(r, v, "nested too deep");
    set_anchor(r, anchor, v);
    slip_value_build_open(&r->build, v);
    r->bare = !anchor && !tag;
    if (flow && !r->flow)
        r->flow = r->build.frames.len;
    return 0;
}

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
static bool is_lost_key(struct reader *r, const yaml_event_t *end, const struct slip_value *v)
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
    seek_rune(r, end->end_mark.index);
    struct slip_str rest = slip_str_skip(r->text, r->at_byte);
    while (rest.len && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t'))
        rest = slip_str_skip(rest, 1);
    return rest.len && rest.ptr[0] == ':'; /* after a question mark it is a key as any other */
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
static int take_lost_key(struct reader *r, struct slip_value *v, bool *done)
{
    if (r->name)
        return fail_at(r, v, "an empty map or list cannot be a key");
    if (r->build.frames.len == 1 && r->build.stack.len == 1 && !r->flow) {
        r->build.root = v;
        *done = true;
        return 0;
    }
    return fail_as_go(r, v, v->line - r->first_line,
                      r->flow ? expected_in_brackets(r, v) : expected_part(r));
}

static int close_container(struct reader *r, const yaml_event_t *end, bool *done)
{
    if (r->build.frames.len == r->flow)
        r->flow = 0;
    struct slip_value *v = slip_value_build_close(&r->build);
    if (is_lost_key(r, end, v))
        return take_lost_key(r, v, done);
    return v->type == SLIP_VALUE_MAP ? finish_map(r, v) : 0;
}

/* --- the stream --- */

static int begin_document(struct reader *r, const yaml_event_t *e)
{
    const yaml_version_directive_t *version = e->data.document_start.version_directive;
    if (version && r->schema != SLIP_YAML_CORE && (version->major != 1 || version->minor != 1))
        return fail_line(r, e->start_mark.line, e->start_mark.column,
                         "found incompatible YAML document");
    return 0;
}

static int take_event(struct reader *r, const yaml_event_t *e, bool *done)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return begin_document(r, e);
    case YAML_ALIAS_EVENT:
        return take_alias(r, e);
    case YAML_SCALAR_EVENT:
        return take_scalar(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(r, e, SLIP_VALUE_LIST,
                              e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                              e->data.sequence_start.anchor, e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return open_container(r, e, SLIP_VALUE_MAP,
                              e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                              e->data.mapping_start.anchor, e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_container(r, e, done);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT:
        *done = true;
        return 0;
    default:
        return 0;
    }
}

static int read_document(struct reader *r, bool *more)
{
    yaml_event_t e;
    *more = true;
    for (bool done = false; !done;) {
        if (!yaml_parser_parse(&r->parser, &e))
            return fail_parser(r);
        if (e.type == YAML_STREAM_END_EVENT)
            *more = false;
        int rc = take_event(r, &e, &done);
        yaml_event_delete(&e);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* After a document: does the stream end here? What cannot be parsed is something, too. */
static bool anything_left(struct reader *r)
{
    yaml_event_t e;
    if (!yaml_parser_parse(&r->parser, &e))
        return true;
    bool left = e.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&e);
    return left;
}

/* A character that only libyaml refuses; false: the text is wrong for yaml.v2, too. */
static bool find_refused(struct reader *r, size_t *at)
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
    seek_rune(r, p->problem_mark.index);
    *at = r->at_byte;
    return is_refused_colon(r) || is_refused_in_tag(r, *at);
}

/* 1: libyaml refused the character at `*refused`, and it was not replaced yet. */
static int read_text(struct reader *r, bool *more, size_t *refused)
{
    if (!yaml_parser_initialize(&r->parser))
        slip_out_of_memory();
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text.ptr, r->text.len);
    bool left;
    int rc = read_document(r, &left);
    if (rc == 0 && more)
        *more = left && anything_left(r);
    if (rc == 0 && r->late.kind != SLIP_OK) {
        *r->err = r->late;
        rc = -1;
    } else if (rc < 0 && find_refused(r, refused)) {
        rc = 1;
    }
    yaml_parser_delete(&r->parser);
    slip_value_build_clear(&r->build);
    return rc;
}

int slip_yaml_read(struct slip_str text, const char *name, unsigned first_line,
                   enum slip_yaml_schema schema, struct slip_doc *out, bool *more,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_buf) changed = SLIP_BUF(SIZE_MAX);
    struct slip_str original = text;
    size_t refused;
    int rc = 1;
    for (size_t replaced = 0; rc > 0; replaced++) {
        SLIP_AUTO(slip_doc) doc = { 0 };
        SLIP_AUTO_PTR(slip_map) anchors = slip_map_new(NULL);
        struct reader r = {
            .text = text,
            .original = original,
            .name = name,
            .first_line = first_line,
            .schema = schema,
            .escaped_slash = slip_str_find_str(text, SLIP_STR("\\/")) != SLIP_NPOS,
            .replaced = replaced,
            .build = { .arena = &doc.arena, .max_nodes = SLIP_LIMIT_YAML_NODES },
            .anchors = anchors,
            .err = err,
        };
        rc = read_text(&r, more, &refused);
        if (rc > 0) {
            slip_error_clear(err);
            replace_char(text, refused, &changed);
            text = slip_buf_str(&changed);
        } else if (rc == 0) {
            doc.root = r.build.root;
            doc.root_tag = r.root_tag;
            slip_doc_move(out, &doc);
        }
    }
    return rc;
}
