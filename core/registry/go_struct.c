/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to a Go struct and back. */
#include "registry/go_struct.h"

#include "base/mem.h"
#include "registry/stored.h"
#include "value/json.h"

#include <inttypes.h>

/* --- reading --- */

static int fail_type(const struct slip_value *v, const char *want, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_REGISTRY, "a %s stands where %s belongs", slip_value_type_name(v),
                     want);
}

/* The character of `s` at its beginning as Go folds names: ASCII letters to lower case, and the two
 * others that fold to one of them. 0 at the end. */
static char take_folded(struct slip_str *s)
{
    size_t width = 1;
    char c = s->len ? s->ptr[0] : 0;
    if (c >= 'A' && c <= 'Z') {
        c = (char)(c + 'a' - 'A');
    } else if (slip_str_starts(*s, SLIP_STR("\xC5\xBF"))) { /* U+017F, long s */
        c = 's';
        width = 2;
    } else if (slip_str_starts(*s, SLIP_STR("\xE2\x84\xAA"))) { /* U+212A, kelvin sign */
        c = 'k';
        width = 3;
    }
    *s = slip_str_skip(*s, width);
    return c;
}

static bool same_folded(struct slip_str a, struct slip_str b)
{
    while (a.len && b.len)
        if (take_folded(&a) != take_folded(&b))
            return false;
    return a.len == b.len;
}

static size_t find_field(const struct slip_go_type *type, struct slip_str name)
{
    size_t i = 0;
    while (i < type->n_fields && !same_folded(name, slip_str_of(type->fields[i].name)))
        i++;
    return i;
}

struct slip_go *slip_go_field(struct slip_arena *arena, const struct slip_go_type *type,
                              struct slip_go *v, size_t index)
{
    if (type->kind == SLIP_GO_POINTER)
        type = type->element;
    if (!v->fields)
        v->fields = slip_arena_array(arena, type->n_fields, sizeof(*v->fields));
    return &v->fields[index];
}

static int read_struct(struct slip_arena *arena, const struct slip_go_type *type,
                       const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_MAP)
        return fail_type(v, "an object", err);
    for (size_t i = 0; i < v->len; i++) {
        struct slip_str name = v->pairs[i].key->text;
        size_t at = find_field(type, name);
        if (at == type->n_fields)
            continue;
        const struct slip_go_field *f = &type->fields[at];
        struct slip_go *field = slip_go_field(arena, type, out, at);
        if (slip_go_read(arena, f->type, v->pairs[i].value, field, err) < 0)
            return slip_while(err, "%s", f->name);
    }
    return 0;
}

static struct slip_go *list_element(struct slip_arena *arena, struct slip_go_list *list, size_t i)
{
    if (i == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct slip_go *at = slip_arena_array(arena, cap, sizeof(*at));
        if (list->cap)
            memcpy(at, list->at, list->cap * sizeof(*at));
        list->at = at;
        list->cap = cap;
    }
    return &list->at[i];
}

static int read_list(struct slip_arena *arena, const struct slip_go_type *type,
                     const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_LIST)
        return fail_type(v, "a list", err);
    if (v->len == 0)
        out->list = (struct slip_go_list){ 0 };
    for (size_t i = 0; i < v->len; i++) {
        struct slip_go *element = list_element(arena, &out->list, i);
        if (slip_go_read(arena, type->element, v->items[i], element, err) < 0)
            return slip_while(err, "[%zu]", i);
    }
    out->list.len = v->len;
    out->set = true;
    return 0;
}

void slip_go_map_add(struct slip_arena *arena, struct slip_go *map, struct slip_str key,
                     struct slip_str value)
{
    struct slip_go_pairs *m = &map->map;
    if (m->len == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 8;
        struct slip_go_pair *at = slip_arena_array(arena, cap, sizeof(*at));
        if (m->len)
            memcpy(at, m->at, m->len * sizeof(*at));
        m->at = at;
        m->cap = cap;
    }
    m->at[m->len++] = (struct slip_go_pair){ key, value };
    map->set = true;
}

static int read_map(struct slip_arena *arena, const struct slip_go_type *type,
                    const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    bool set = type->kind == SLIP_GO_SET;
    if (v->type != SLIP_VALUE_MAP)
        return fail_type(v, "an object", err);
    out->set = true;
    for (size_t i = 0; i < v->len; i++) {
        const struct slip_value *value = v->pairs[i].value;
        if (value->type != SLIP_VALUE_NULL
            && value->type != (set ? SLIP_VALUE_MAP : SLIP_VALUE_STRING)) {
            fail_type(value, set ? "an object" : "a string", err);
            return slip_while(err, "'%.*s'", SLIP_ARG(v->pairs[i].key->text));
        }
        slip_go_map_add(arena, out, v->pairs[i].key->text,
                        value->type == SLIP_VALUE_STRING ? value->text : SLIP_STR(""));
    }
    return 0;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* Line breaks are skipped, padding is required, bits after the last byte may be anything. */
static int read_base64(struct slip_arena *arena, const struct slip_value *v, struct slip_go *out,
                       struct slip_error *err)
{
    if (v->type != SLIP_VALUE_STRING)
        return fail_type(v, "a string", err);
    char *data = slip_arena_alloc(arena, v->text.len + 1);
    size_t len = 0, digits = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < v->text.len; i++) {
        char c = v->text.ptr[i];
        int digit = base64_digit(c);
        if (c == '\r' || c == '\n')
            continue;
        if (c == '=' && digits % 4 >= 2 && digits % 4 + padding < 4) {
            padding++;
            continue;
        }
        if (digit < 0 || padding)
            return slip_fail(err, SLIP_E_REGISTRY, "not base64 at byte %zu", i);
        bits = bits << 6 | (uint32_t)digit;
        if (digits++ % 4 != 0)
            data[len++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)) & 0xFF);
    }
    if ((digits + padding) % 4)
        return slip_fail(err, SLIP_E_REGISTRY, "base64 without its padding");
    out->text = slip_str_make(data, len);
    out->set = true;
    return 0;
}

static int read_hash(const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_STRING)
        return fail_type(v, "a digest", err);
    if (!slip_digest_is_valid(v->text))
        return slip_fail(err, SLIP_E_REGISTRY, "'%.*s' is not a sha256 digest", SLIP_ARG(v->text));
    out->text = v->text;
    return 0;
}

static int read_time(const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_STRING)
        return fail_type(v, "a time", err);
    if (v->escaped) /* Go parses the raw text */
        return slip_fail(err, SLIP_E_REGISTRY, "a time with an escape in it");
    return slip_go_time_parse(v->text, &out->time, err);
}

static int read_int(const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type != SLIP_VALUE_INT)
        return fail_type(v, "an integer of 64 bits", err);
    out->number = v->i;
    return 0;
}

/* What null does: lists, maps and pointers become nil, a digest is an error, others stay. */
static int read_null(const struct slip_go_type *type, const struct slip_value *v,
                     struct slip_go *out, struct slip_error *err)
{
    switch (type->kind) {
    case SLIP_GO_HASH:
        return fail_type(v, "a digest", err);
    case SLIP_GO_BASE64:
    case SLIP_GO_LIST:
    case SLIP_GO_MAP:
    case SLIP_GO_SET:
    case SLIP_GO_POINTER:
        *out = (struct slip_go){ 0 };
        return 0;
    default:
        return 0;
    }
}

int slip_go_read(struct slip_arena *arena, const struct slip_go_type *type,
                 const struct slip_value *v, struct slip_go *out, struct slip_error *err)
{
    if (v->type == SLIP_VALUE_NULL)
        return read_null(type, v, out, err);
    switch (type->kind) {
    case SLIP_GO_STRING:
        if (v->type != SLIP_VALUE_STRING)
            return fail_type(v, "a string", err);
        out->text = v->text;
        return 0;
    case SLIP_GO_BOOL:
        if (v->type != SLIP_VALUE_BOOL)
            return fail_type(v, "true or false", err);
        out->boolean = v->boolean;
        return 0;
    case SLIP_GO_INT:
        return read_int(v, out, err);
    case SLIP_GO_TIME:
        return read_time(v, out, err);
    case SLIP_GO_HASH:
        return read_hash(v, out, err);
    case SLIP_GO_BASE64:
        return read_base64(arena, v, out, err);
    case SLIP_GO_LIST:
        return read_list(arena, type, v, out, err);
    case SLIP_GO_MAP:
    case SLIP_GO_SET:
        return read_map(arena, type, v, out, err);
    case SLIP_GO_POINTER:
        out->set = true;
        return read_struct(arena, type->element, v, out, err);
    case SLIP_GO_STRUCT:
    default:
        return read_struct(arena, type, v, out, err);
    }
}

/* --- writing --- */

static bool is_empty(const struct slip_go_type *type, const struct slip_go *v)
{
    switch (type->kind) {
    case SLIP_GO_STRING:
    case SLIP_GO_BASE64:
        return v->text.len == 0;
    case SLIP_GO_BOOL:
        return !v->boolean;
    case SLIP_GO_INT:
        return v->number == 0;
    case SLIP_GO_LIST:
        return v->list.len == 0;
    case SLIP_GO_MAP:
    case SLIP_GO_SET:
        return v->map.len == 0;
    case SLIP_GO_POINTER:
        return !v->set;
    default: /* structs are never empty for Go; times and digests are structs */
        return false;
    }
}

static void add_string(struct slip_buf *out, struct slip_str s)
{
    slip_json_add_string(out, s, SLIP_JSON_HTML);
}

static void add_comma(struct slip_buf *out, bool *first)
{
    if (!*first)
        slip_buf_add_char(out, ',');
    *first = false;
}

static int write_struct(const struct slip_go_type *type, struct slip_go *v, struct slip_buf *out,
                        struct slip_error *err)
{
    struct slip_go zero = { 0 };
    bool first = true;
    slip_buf_add_char(out, '{');
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct slip_go_field *f = &type->fields[i];
        struct slip_go *field = v->fields ? &v->fields[i] : &zero;
        if ((f->flags & SLIP_GO_READ_ONLY)
            || ((f->flags & SLIP_GO_OMIT_EMPTY) && is_empty(f->type, field)))
            continue;
        add_comma(out, &first);
        add_string(out, slip_str_of(f->name));
        slip_buf_add_char(out, ':');
        if (slip_go_write(f->type, field, out, err) < 0)
            return slip_while(err, "%s", f->name);
    }
    slip_buf_add_char(out, '}');
    return 0;
}

static int write_list(const struct slip_go_type *type, struct slip_go *v, struct slip_buf *out,
                      struct slip_error *err)
{
    bool first = true;
    slip_buf_add_char(out, '[');
    for (size_t i = 0; i < v->list.len; i++) {
        add_comma(out, &first);
        if (slip_go_write(type->element, &v->list.at[i], out, err) < 0)
            return -1;
    }
    slip_buf_add_char(out, ']');
    return 0;
}

struct numbered {
    struct slip_go_pair pair;
    size_t place;
};

static int by_key_then_place(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int order = slip_str_cmp(x->pair.key, y->pair.key);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

void slip_go_map_sort(struct slip_go *map)
{
    struct slip_go_pairs *m = &map->map;
    SLIP_AUTO_FREE struct numbered *all = slip_alloc_array(m->len + 1, sizeof(*all));
    size_t len = 0;
    for (size_t i = 0; i < m->len; i++)
        all[i] = (struct numbered){ m->at[i], i };
    qsort(all, m->len, sizeof(*all), by_key_then_place);
    for (size_t i = 0; i < m->len; i++)
        if (i + 1 == m->len || !slip_str_eq(all[i].pair.key, all[i + 1].pair.key))
            m->at[len++] = all[i].pair;
    m->len = len;
}

static void write_map(struct slip_go *v, bool set, struct slip_buf *out)
{
    bool first = true;
    slip_go_map_sort(v);
    slip_buf_add_char(out, '{');
    for (size_t i = 0; i < v->map.len; i++) {
        add_comma(out, &first);
        add_string(out, v->map.at[i].key);
        slip_buf_add_char(out, ':');
        if (set)
            slip_buf_add_c(out, "{}");
        else
            add_string(out, v->map.at[i].value);
    }
    slip_buf_add_char(out, '}');
}

static void write_base64(struct slip_str data, struct slip_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data.ptr;
    slip_buf_add_char(out, '"');
    for (size_t i = 0; i < data.len; i += 3) {
        size_t left = data.len - i;
        uint32_t bits = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0)
                        | (left > 2 ? p[i + 2] : 0);
        char four[] = { digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
                        digits[bits & 63] };
        size_t good = left > 2 ? 4 : left + 1;
        memset(four + good, '=', 4 - good);
        slip_buf_add(out, four, 4);
    }
    slip_buf_add_char(out, '"');
}

static int write_time(const struct slip_go *v, struct slip_buf *out, struct slip_error *err)
{
    slip_buf_add_char(out, '"');
    if (slip_go_time_print(&v->time, out, err) < 0)
        return -1;
    slip_buf_add_char(out, '"');
    return 0;
}

static bool is_nil(const struct slip_go_type *type, const struct slip_go *v)
{
    switch (type->kind) {
    case SLIP_GO_BASE64:
    case SLIP_GO_LIST:
    case SLIP_GO_MAP:
    case SLIP_GO_SET:
    case SLIP_GO_POINTER:
        return !v->set;
    default:
        return false;
    }
}

int slip_go_write(const struct slip_go_type *type, struct slip_go *v, struct slip_buf *out,
                  struct slip_error *err)
{
    if (is_nil(type, v)) {
        slip_buf_add_c(out, "null");
        return 0;
    }
    switch (type->kind) {
    case SLIP_GO_STRING:
    case SLIP_GO_HASH:
        add_string(out, v->text);
        return 0;
    case SLIP_GO_BOOL:
        slip_buf_add_c(out, v->boolean ? "true" : "false");
        return 0;
    case SLIP_GO_INT:
        slip_buf_add_fmt(out, "%" PRId64, v->number);
        return 0;
    case SLIP_GO_TIME:
        return write_time(v, out, err);
    case SLIP_GO_BASE64:
        write_base64(v->text, out);
        return 0;
    case SLIP_GO_LIST:
        return write_list(type, v, out, err);
    case SLIP_GO_MAP:
    case SLIP_GO_SET:
        write_map(v, type->kind == SLIP_GO_SET, out);
        return 0;
    case SLIP_GO_POINTER:
        return write_struct(type->element, v, out, err);
    case SLIP_GO_STRUCT:
    default:
        return write_struct(type, v, out, err);
    }
}
