/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of ids by rules, path and id of a directory. */
#include "digest/select_memo.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

enum { SPAN_COST = 200 }; /* bytes of a span and its place in the map, besides the path */

struct span {
    const struct slip_buf *text;
    size_t from, to;
};

struct slip_select_memo {
    struct slip_arena arena;
    struct slip_map *rules; /* text -> its number, as a pointer into the arena */
    struct slip_map *spans, *results;
    struct {
        SLIP_VEC(struct slip_buf *);
    } texts;
    size_t used; /* bytes of spans; those of the texts come on top */
};

struct slip_select_memo *slip_select_memo_new(void)
{
    struct slip_select_memo *m = slip_new(struct slip_select_memo);
    m->rules = slip_map_new(NULL);
    m->spans = slip_map_new(NULL);
    m->results = slip_map_new(NULL);
    return m;
}

void slip_select_memo_free(struct slip_select_memo *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->texts.len; i++) {
        slip_buf_clear(m->texts.at[i]);
        slip_free(m->texts.at[i]);
    }
    slip_vec_clear(&m->texts);
    slip_map_free(m->rules);
    slip_map_free(m->spans);
    slip_map_free(m->results);
    slip_arena_clear(&m->arena);
    slip_free(m);
}

size_t slip_select_memo_rules(struct slip_select_memo *m, struct slip_str text)
{
    const size_t *known = slip_map_get(m->rules, text);
    if (known)
        return *known;
    size_t *number = slip_arena_new(&m->arena, size_t);
    *number = slip_map_size(m->rules);
    slip_map_set(m->rules, text, number);
    return *number;
}

static void make_key(struct slip_buf *key, size_t rules, struct slip_str path,
                     const struct slip_oid *id)
{
    slip_buf_add(key, &rules, sizeof(rules));
    slip_buf_add(key, id->bytes, sizeof(id->bytes));
    slip_buf_add_str(key, path);
}

#define KEY_BUF SLIP_BUF(sizeof(size_t) + sizeof(struct slip_oid) + SLIP_LIMIT_PATH)

bool slip_select_memo_get(const struct slip_select_memo *m, size_t rules, struct slip_str path,
                          const struct slip_oid *id, struct slip_str *ids)
{
    SLIP_AUTO(slip_buf) key = KEY_BUF;
    make_key(&key, rules, path, id);
    const struct span *span = key.full ? NULL : slip_map_get(m->spans, slip_buf_str(&key));
    if (span)
        *ids = slip_str_make(span->text->ptr + span->from, span->to - span->from);
    return span != NULL;
}

static bool is_full(const struct slip_select_memo *m)
{
    size_t bytes = m->used;
    for (size_t i = 0; i < m->texts.len; i++)
        bytes += m->texts.at[i]->len;
    return bytes >= SLIP_SELECT_MEMO_MAX;
}

void slip_select_memo_put(struct slip_select_memo *m, size_t rules, struct slip_str path,
                          const struct slip_oid *id, const struct slip_buf *ids, size_t from,
                          size_t to)
{
    SLIP_AUTO(slip_buf) key = KEY_BUF;
    make_key(&key, rules, path, id);
    if (key.full || ids->full || m->used >= SLIP_SELECT_MEMO_MAX)
        return;
    struct span *span = slip_arena_new(&m->arena, struct span);
    *span = (struct span){ ids, from, to };
    slip_map_set(m->spans, slip_buf_str(&key), span);
    m->used += SPAN_COST + key.len;
}

const struct slip_select_result *slip_select_memo_result(const struct slip_select_memo *m,
                                                         size_t rules, const struct slip_oid *root)
{
    SLIP_AUTO(slip_buf) key = KEY_BUF;
    make_key(&key, rules, SLIP_STR(""), root);
    return slip_map_get(m->results, slip_buf_str(&key));
}

void slip_select_memo_put_result(struct slip_select_memo *m, size_t rules,
                                 const struct slip_oid *root, const struct slip_select_result *r)
{
    SLIP_AUTO(slip_buf) key = KEY_BUF;
    make_key(&key, rules, SLIP_STR(""), root);
    if (m->used >= SLIP_SELECT_MEMO_MAX)
        return;
    struct slip_select_result *kept = slip_arena_new(&m->arena, struct slip_select_result);
    *kept = *r;
    slip_map_set(m->results, slip_buf_str(&key), kept);
    m->used += SPAN_COST + sizeof(*kept);
}

struct slip_buf *slip_select_memo_text(struct slip_select_memo *m)
{
    struct slip_buf *text = slip_new(struct slip_buf);
    slip_buf_init(text, is_full(m) ? 0 : SLIP_SELECT_MEMO_MAX / 4);
    slip_vec_push(&m->texts, text);
    return text;
}
