/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML events to a value tree. libyaml parses; anchors, tags, merge keys, duplicate keys and the
 * types of scalars are decided here.
 */
#include "value/yaml_impl.h"

#include "base/limits.h"
#include "value/base64.h"
#include "value/resolve.h"

/* --- nodes --- */

static struct slip_value *new_value(struct reader *r, enum slip_value_type type,
                                    const yaml_mark_t *mark)
{
    struct slip_value *v = slip_value_build_new(
        &r->build, type, (unsigned)mark->line + r->first_line, (unsigned)mark->column + 1);
    if (!v)
        reader_fail_line(r, mark->line, mark->column, "too many YAML nodes");
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

static size_t count_nodes(const struct slip_value *v)
{
    size_t n = 1;
    for (size_t i = 0; i < v->len; i++)
        n += v->type == SLIP_VALUE_LIST ? count_nodes(v->items[i])
                                        : count_nodes(v->pairs[i].value) + 1;
    return n;
}

/* The measure of yaml.v2 for a text that grows beyond reason: the part of the nodes, with those of
 * `n` more, that aliases stand for. */
static bool is_excessive(const struct reader *r, size_t n)
{
    double all = (double)(r->build.nodes + n), aliased = (double)(r->aliased + n);
    double allowed = all <= 4e5 ? 0.99 : all >= 4e6 ? 0.1 : 0.99 - 0.89 * (all - 4e5) / 3.6e6;
    return aliased > 100 && all > 1000 && aliased / all > allowed;
}

static int take_alias(struct reader *r, const yaml_event_t *e)
{
    const char *anchor = (const char *)e->data.alias.anchor;
    const struct slip_value *v = slip_map_get(r->anchors, slip_str_of(anchor));
    struct slip_value *here = new_value(r, SLIP_VALUE_NULL, &e->start_mark);
    if (!here)
        return -1;
    if (!v)
        return reader_fail_at(r, here, "unknown anchor '%s' referenced", anchor);
    slip_value_build_add(&r->build, here);
    if (is_open(r, v))
        return reader_fail_late(r, here, "anchor '%s' value contains itself", anchor);
    size_t n = count_nodes(v), before = r->build.nodes;
    if (is_excessive(r, n))
        return reader_fail_late(r, here, "document contains excessive aliasing");
    struct slip_value *c = copy(r, v, r->build.frames.len);
    if (!c)
        return reader_fail_at(r, here, "document contains excessive aliasing");
    *here = *c;
    r->aliased += n;
    r->build.nodes = before + n; /* a copy shares the keys */
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
    return reader_fail_late(r, v, "cannot decode !!%s `%.*s` as a !!%s", slip_yaml_tag(v),
                            SLIP_ARG(v->text), tag->name);
}

static int decode_binary(struct reader *r, struct slip_value *v)
{
    SLIP_AUTO(slip_buf) data = SLIP_BUF(v->text.len);
    if (!slip_base64_decode(v->text, &data))
        return reader_fail_late(r, v, "!!binary value contains invalid base64 data");
    v->text = slip_arena_str(r->build.arena, slip_buf_str(&data));
    return 0;
}

/* Tags that are not known leave a string. */
static int resolve_tagged(struct reader *r, struct slip_str tag, struct slip_value *v)
{
    if (r->schema == SLIP_YAML_CORE)
        return reader_fail_at(r, v, "tags are not supported: '%.*s'", SLIP_ARG(tag));
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

static int take_scalar(struct reader *r, const yaml_event_t *e)
{
    struct slip_value *v = new_value(r, SLIP_VALUE_STRING, &e->start_mark);
    if (!v)
        return -1;
    if (reader_check_scalar(r, e, v) < 0)
        return -1;
    struct slip_str text = slip_str_make((const char *)e->data.scalar.value, e->data.scalar.length);
    v->text = slip_arena_str(r->build.arena, reader_restored(r, text));
    v->plain = e->data.scalar.plain_implicit;
    if (e->data.scalar.tag && !r->build.root && !r->build.frames.len) {
        r->root_tag =
            slip_arena_strdup(r->build.arena, slip_str_of((const char *)e->data.scalar.tag));
        r->root_text = v->text;
    }
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

/* --- containers --- */

static int open_container(struct reader *r, const yaml_event_t *e, enum slip_value_type type,
                          bool flow, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct slip_value *v = new_value(r, type, &e->start_mark);
    if (!v)
        return -1;
    if (tag && r->schema == SLIP_YAML_CORE)
        return reader_fail_at(r, v, "tags are not supported: '%s'", (const char *)tag);
    if (r->build.frames.len == SLIP_LIMIT_YAML_DEPTH)
        return reader_fail_at(r, v, "nested too deep");
    set_anchor(r, anchor, v);
    slip_value_build_open(&r->build, v);
    r->bare = !anchor && !tag;
    if (flow && !r->flow)
        r->flow = r->build.frames.len;
    return 0;
}

static int close_container(struct reader *r, const yaml_event_t *end, bool *done)
{
    if (r->build.frames.len == r->flow)
        r->flow = 0;
    struct slip_value *v = slip_value_build_close(&r->build);
    if (reader_is_lost_key(r, end, v))
        return reader_take_lost_key(r, v, done);
    return v->type == SLIP_VALUE_MAP ? reader_finish_map(r, v) : 0;
}

/* --- the stream --- */

static int begin_document(struct reader *r, const yaml_event_t *e)
{
    const yaml_version_directive_t *version = e->data.document_start.version_directive;
    if (version && r->schema != SLIP_YAML_CORE && (version->major != 1 || version->minor != 1))
        return reader_fail_line(r, e->start_mark.line, e->start_mark.column,
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
            return reader_fail_parser(r);
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
    } else if (rc < 0 && reader_find_refused(r, refused)) {
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
            reader_replace(text, refused, &changed);
            text = slip_buf_str(&changed);
        } else if (rc == 0) {
            doc.root = r.build.root;
            doc.root_tag = r.root_tag;
            doc.root_text = r.root_text;
            slip_doc_move(out, &doc);
        }
    }
    return rc;
}
