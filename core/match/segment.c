/* SPDX-License-Identifier: Apache-2.0 */
/* Path patterns of the common shape. */
#include "match/segment.h"

#include "base/path.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <ctype.h>
#include <string.h>

enum item_kind { ITEM_BYTE, ITEM_RUN, ITEM_ONE, ITEM_SET };

struct slip_segment_item {
    enum item_kind kind;
    unsigned char byte;
    uint64_t set[2]; /* ASCII */
};

struct items {
    SLIP_VEC(struct slip_segment_item);
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A set of letters, digits and ranges of them means the same everywhere. Moves `rest` behind it. */
static bool take_set(struct slip_str *rest, struct slip_segment_item *item)
{
    size_t i = 1;
    *item = (struct slip_segment_item){ .kind = ITEM_SET };
    while (i < rest->len && is_word(rest->ptr[i])) {
        char low = rest->ptr[i], high = low;
        if (i + 2 < rest->len && rest->ptr[i + 1] == '-') {
            high = rest->ptr[i + 2];
            if (!is_word(high) || high < low)
                return false;
            i += 2;
        }
        for (unsigned c = (unsigned char)low; c <= (unsigned char)high; c++)
            item->set[c >> 6] |= (uint64_t)1 << (c & 63);
        i++;
    }
    if (i == 1 || i == rest->len || rest->ptr[i] != ']')
        return false;
    *rest = slip_str_skip(*rest, i + 1);
    return true;
}

/* Characters that mean something else than themselves, apart from those handled here. */
static bool is_special(char c, enum slip_segment_dialect dialect)
{
    return strchr(dialect == SLIP_SEGMENT_MOBY ? "{}|^]" : "{}", c) && c;
}

static bool take_item(struct slip_str *rest, enum slip_segment_dialect dialect,
                      struct slip_segment_item *item)
{
    char c = rest->ptr[0];
    *item = (struct slip_segment_item){ .kind = ITEM_BYTE, .byte = (unsigned char)c };
    if (c == '[')
        return take_set(rest, item);
    if (c == '*') {
        item->kind = ITEM_RUN;
    } else if (c == '?') {
        item->kind = ITEM_ONE;
    } else if (c == '\\') {
        *rest = slip_str_skip(*rest, 1);
        if (rest->len == 0 || !ispunct((unsigned char)rest->ptr[0]))
            return false;
        item->byte = (unsigned char)rest->ptr[0];
    } else if (is_special(c, dialect)) {
        return false;
    }
    *rest = slip_str_skip(*rest, 1);
    return true;
}

static bool take_items(struct slip_str component, enum slip_segment_dialect dialect,
                       struct items *out)
{
    while (component.len) {
        struct slip_segment_item item;
        if (!take_item(&component, dialect, &item))
            return false;
        bool again = item.kind == ITEM_RUN && out->len && out->at[out->len - 1].kind == ITEM_RUN;
        if (again && dialect == SLIP_SEGMENT_MOBY)
            return false; /* `a**` crosses directories there */
        if (!again)
            slip_vec_push(out, item);
    }
    return true;
}

/* Items [from, to), which are bytes, as text. */
static struct slip_str literal(const struct items *items, size_t from, size_t to,
                               struct slip_arena *a)
{
    char *text = slip_arena_alloc(a, to - from + 1);
    for (size_t i = from; i < to; i++)
        text[i - from] = (char)items->at[i].byte;
    return slip_str_make(text, to - from);
}

static bool is_byte(const struct items *items, size_t i)
{
    return items->at[i].kind == ITEM_BYTE;
}

static struct slip_segment *make_segment(const struct items *items, struct slip_arena *a)
{
    struct slip_segment *s = slip_arena_new(a, struct slip_segment);
    size_t head = 0, tail = items->len;
    while (head < items->len && is_byte(items, head))
        head++;
    while (tail > head && is_byte(items, tail - 1))
        tail--;
    s->head = literal(items, 0, head, a);
    s->tail = literal(items, tail, items->len, a);
    if (head == items->len) {
        s->kind = SLIP_SEGMENT_EXACT;
    } else if (tail == head + 1 && items->at[head].kind == ITEM_RUN) {
        s->kind = SLIP_SEGMENT_AROUND;
    } else {
        s->kind = SLIP_SEGMENT_ITEMS;
        s->n_items = items->len;
        s->items = slip_arena_array(a, items->len, sizeof(*s->items));
        memcpy(s->items, items->at, items->len * sizeof(*s->items));
    }
    return s;
}

/* Text with U+FFFD in it could match invalid bytes in the originals. */
static bool is_clean_text(struct slip_str s)
{
    return slip_utf8_valid(s) && slip_str_find_str(s, SLIP_STR("\xEF\xBF\xBD")) == SLIP_NPOS;
}

struct slip_segment *slip_segment_compile(struct slip_str component,
                                          enum slip_segment_dialect dialect, struct slip_arena *a)
{
    struct items items = { 0 };
    struct slip_segment *s = NULL;
    if (component.len && is_clean_text(component) && take_items(component, dialect, &items))
        s = make_segment(&items, a);
    slip_vec_clear(&items);
    return s;
}

static bool takes_one(const struct slip_segment_item *item, struct slip_str left, size_t *width)
{
    unsigned char c = (unsigned char)left.ptr[0];
    *width = 1;
    switch (item->kind) {
    case ITEM_BYTE:
        return item->byte == c;
    case ITEM_SET:
        return c < 128 && item->set[c >> 6] >> (c & 63) & 1;
    default:
        slip_utf8_decode(left, width);
        return true;
    }
}

/* The last `*` takes one more byte whenever what follows does not fit. */
bool slip_segment_match_items(const struct slip_segment *s, struct slip_str name)
{
    size_t i = 0, n = 0, width, retry_item = SLIP_NPOS, retry_name = 0;
    while (n < name.len || i < s->n_items) {
        if (i < s->n_items && s->items[i].kind == ITEM_RUN) {
            retry_item = ++i;
            retry_name = n;
        } else if (i < s->n_items && n < name.len
                   && takes_one(&s->items[i], slip_str_skip(name, n), &width)) {
            i++;
            n += width;
        } else if (retry_item != SLIP_NPOS && retry_name < name.len) {
            slip_utf8_decode(slip_str_skip(name, retry_name), &width);
            retry_name += width;
            i = retry_item;
            n = retry_name;
        } else {
            return false;
        }
    }
    return true;
}

/* Where each place leads without a component and, for `**`, with one. */
static void link_places(struct slip_segments *s, enum slip_segment_dialect dialect,
                        struct slip_arena *a)
{
    s->after = slip_arena_array(a, s->len + 1, sizeof(*s->after));
    s->over = slip_arena_array(a, s->len + 1, sizeof(*s->over));
    uint64_t end = (uint64_t)1 << s->len;
    s->after[s->len] = end;
    for (size_t i = s->len; i-- > 0;) {
        uint64_t here = (uint64_t)1 << i;
        bool tree = !s->at[i];
        bool needs_one = tree && i + 1 == s->len && dialect == SLIP_SEGMENT_MOBY;
        s->after[i] = here | (tree && !needs_one ? s->after[i + 1] : 0);
        s->over[i] = tree ? here | s->after[i + 1] : 0;
        if (tree)
            s->trees |= here;
        if ((tree ? s->over[i] : s->after[i + 1]) & end)
            s->ends |= here;
    }
}

bool slip_segments_compile(struct slip_str pattern, enum slip_segment_dialect dialect,
                           struct slip_arena *a, struct slip_segments *out)
{
    struct slip_segments s = { 0 };
    struct slip_str rest = pattern, component;
    for (bool more = pattern.len > 0; more;) {
        more = slip_str_cut(rest, '/', &component, &rest);
        s.len++;
    }
    if (s.len == 0 || s.len > SLIP_SEGMENTS_MAX)
        return false;
    s.at = slip_arena_array(a, s.len, sizeof(struct slip_segment *));
    rest = pattern;
    for (size_t i = 0; i < s.len; i++) {
        slip_str_cut(rest, '/', &component, &rest);
        if (slip_str_is(component, "**"))
            continue;
        s.at[i] = slip_segment_compile(component, dialect, a);
        if (!s.at[i])
            return false;
    }
    link_places(&s, dialect, a);
    *out = s;
    return true;
}

uint64_t slip_segments_step(const struct slip_segments *s, uint64_t at, struct slip_str name)
{
    uint64_t next = 0;
    at &= ((uint64_t)1 << s->len) - 1;
    for (; at; at &= at - 1) {
        unsigned i = (unsigned)__builtin_ctzll(at);
        if (!s->at[i])
            next |= s->over[i];
        else if (slip_segment_match(s->at[i], name))
            next |= s->after[i + 1];
    }
    return next;
}

bool slip_segments_match(const struct slip_segments *s, struct slip_str path)
{
    uint64_t at = slip_segments_start(s);
    struct slip_str component;
    while (at && slip_path_next(&path, &component))
        at = slip_segments_step(s, at, component);
    return slip_segments_done(s, at);
}
