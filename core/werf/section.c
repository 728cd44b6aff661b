/* SPDX-License-Identifier: Apache-2.0 */
/* Maps to structs, by tables, with the type rules of yaml.v2 (werf-config.md A.5). */
#include "werf/section.h"

#include "base/excerpt.h"
#include "base/map.h"
#include "value/yaml.h"

#include <math.h>

int slip_decode_fail(struct slip_decoder *d, const struct slip_value *where, const char *fmt, ...)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(2048);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    slip_fail(d->err, SLIP_E_CONFIG, "%s:%u:%u: %s", d->name, where->line, where->col, text.ptr);
    slip_error_show(d->err, d->text, 1, where->line, where->col);
    return -1;
}

/* What stands there instead. */
static int hint_at_type(struct slip_decoder *d, const struct slip_value *v, const char *type)
{
    if (strcmp(type, "[]string") == 0 && v->type != SLIP_VALUE_MAP)
        return slip_hint(d->err, "write a list: [%.*s]", SLIP_ARG(slip_str_first(v->text, 60)));
    if (strcmp(type, "bool") == 0)
        return slip_hint(d->err, "write true or false, without quotes");
    if (strcmp(type, "int") == 0)
        return slip_hint(d->err, "write a whole number, without quotes");
    if (strcmp(type, "string") == 0)
        return slip_hint(d->err, "write one value");
    if (strcmp(type, "a list of sections") == 0)
        return slip_hint(d->err, "write a list: each item begins with '- '");
    return slip_hint(d->err, "write a map: lines of 'key: value'");
}

static int fail_type_text(struct slip_decoder *d, const struct slip_value *v, const char *type)
{
    const char *tag = slip_yaml_tag(v);
    if (v->type == SLIP_VALUE_LIST || v->type == SLIP_VALUE_MAP)
        return slip_decode_fail(d, v, "cannot unmarshal !!%s into %s", tag, type);
    bool cut = v->text.len > 10;
    struct slip_str text = slip_str_first(v->text, cut ? 7 : 10);
    return slip_decode_fail(d, v, "cannot unmarshal !!%s `%.*s%s` into %s", tag, SLIP_ARG(text),
                            cut ? "..." : "", type);
}

/* A value of a type that does not fit, in the words of yaml.v2. */
static int fail_type(struct slip_decoder *d, const struct slip_value *v, const char *type)
{
    fail_type_text(d, v, type);
    return hint_at_type(d, v, type);
}

bool slip_value_as_string(const struct slip_value *v, struct slip_str *out)
{
    if (v->type == SLIP_VALUE_LIST || v->type == SLIP_VALUE_MAP)
        return false;
    *out = v->type == SLIP_VALUE_NULL ? SLIP_STR("") : v->text;
    return true;
}

typedef int field_fn(struct slip_decoder *d, const struct slip_field *f, const struct slip_value *v,
                     void *out);

static int read_string(struct slip_decoder *d, const struct slip_field *f,
                       const struct slip_value *v, void *out)
{
    (void)f;
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    return slip_value_as_string(v, out) ? 0 : fail_type(d, v, "string");
}

/* What may be absent is a pointer for werf, and of the words for null yaml.v2 takes only "null",
 * "~" and nothing for absence: "Null" and "NULL" are there, but empty. */
static bool is_empty_but_there(const struct slip_value *v)
{
    return v->type == SLIP_VALUE_NULL && v->plain && v->text.len && v->text.ptr[0] == 'N';
}

static int read_bool(struct slip_decoder *d, const struct slip_field *f, const struct slip_value *v,
                     void *out)
{
    (void)f;
    if (v->type == SLIP_VALUE_BOOL)
        *(enum slip_tri *)out = v->boolean ? SLIP_YES : SLIP_NO;
    else if (is_empty_but_there(v))
        *(enum slip_tri *)out = SLIP_NO;
    else if (v->type != SLIP_VALUE_NULL)
        return fail_type(d, v, "bool");
    return 0;
}

static int read_int(struct slip_decoder *d, const struct slip_field *f, const struct slip_value *v,
                    void *out)
{
    (void)f;
    if (v->type == SLIP_VALUE_INT)
        *(int64_t *)out = v->i;
    else if (v->type == SLIP_VALUE_FLOAT && fabs(v->f) < 0x1p63 && (double)(int64_t)v->f == v->f)
        *(int64_t *)out = (int64_t)v->f;
    else if (v->type != SLIP_VALUE_NULL)
        return fail_type(d, v, "int");
    return 0;
}

static int read_strings(struct slip_decoder *d, const struct slip_field *f,
                        const struct slip_value *v, void *out)
{
    (void)f;
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    if (v->type != SLIP_VALUE_LIST)
        return fail_type(d, v, "[]string");
    struct slip_str *at = slip_arena_array(d->arena, v->len, sizeof(*at));
    for (size_t i = 0; i < v->len; i++)
        if (!slip_value_as_string(v->items[i], &at[i]))
            return fail_type(d, v->items[i], "string");
    *(struct slip_raw_list *)out = (struct slip_raw_list){ at, v->len };
    return 0;
}

/* `word` is what is no string. */
static int fail_words(struct slip_decoder *d, const struct slip_value *v,
                      const struct slip_value *word)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(256);
    slip_value_print_go(v, &text);
    slip_decode_fail(d, v, "single string or array of strings expected, got `%s`!", text.ptr);
    bool scalar = word->type != SLIP_VALUE_LIST && word->type != SLIP_VALUE_MAP;
    return scalar && word->text.len
               ? slip_hint(d->err, "for YAML %.*s is a %s: put it in quotes",
                           SLIP_ARG(slip_str_first(word->text, 40)), slip_value_type_name(word))
               : -1;
}

int slip_decode_words(struct slip_decoder *d, const struct slip_value *v, struct slip_raw_list *out)
{
    bool list = v->type == SLIP_VALUE_LIST;
    size_t len = list ? v->len : 1;
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    struct slip_str *at = slip_arena_array(d->arena, len, sizeof(*at));
    for (size_t i = 0; i < len; i++) {
        const struct slip_value *word = list ? v->items[i] : v;
        if (word->type != SLIP_VALUE_STRING)
            return fail_words(d, v, word);
        at[i] = word->text;
    }
    *out = (struct slip_raw_list){ at, len };
    return 0;
}

static int read_words(struct slip_decoder *d, const struct slip_field *f,
                      const struct slip_value *v, void *out)
{
    (void)f;
    return slip_decode_words(d, v, out);
}

/* Keys that differ as values may have the same text: 1 and "1". */
static int refuse_equal_text(struct slip_decoder *d, const struct slip_value *map)
{
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    struct slip_str key;
    for (size_t i = 0; i < map->len; i++) {
        struct slip_value *where = map->pairs[i].key;
        if (!slip_value_as_string(where, &key))
            continue;
        if (slip_map_get(seen, key))
            return slip_decode_fail(d, where, "key \"%.*s\" already set in map", SLIP_ARG(key));
        slip_map_set(seen, key, where);
    }
    return 0;
}

static bool has_other_keys(const struct slip_value *map)
{
    for (size_t i = 0; i < map->len; i++)
        if (map->pairs[i].key->type != SLIP_VALUE_STRING)
            return true;
    return false;
}

/* The pairs of a map by the text of their keys. */
static int read_pairs(struct slip_decoder *d, const struct slip_value *v, const char *type,
                      struct slip_raw_list *out)
{
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    if (v->type != SLIP_VALUE_MAP)
        return fail_type(d, v, type);
    struct slip_raw_pair *at = slip_arena_array(d->arena, v->len, sizeof(*at));
    for (size_t i = 0; i < v->len; i++) {
        if (!slip_value_as_string(v->pairs[i].key, &at[i].key))
            return fail_type(d, v->pairs[i].key, "string");
        at[i].value = v->pairs[i].value;
    }
    if (has_other_keys(v) && refuse_equal_text(d, v) < 0)
        return -1;
    *out = (struct slip_raw_list){ at, v->len };
    return 0;
}

static int read_any_map(struct slip_decoder *d, const struct slip_field *f,
                        const struct slip_value *v, void *out)
{
    (void)f;
    return read_pairs(d, v, "map[string]interface {}", out);
}

static int read_string_map(struct slip_decoder *d, const struct slip_field *f,
                           const struct slip_value *v, void *out)
{
    (void)f;
    struct slip_raw_list pairs = { 0 };
    if (read_pairs(d, v, "map[string]string", &pairs) < 0)
        return -1;
    const struct slip_raw_pair *at = pairs.at;
    struct slip_str text;
    for (size_t i = 0; i < pairs.len; i++)
        if (!slip_value_as_string(at[i].value, &text))
            return fail_type(d, at[i].value, "string");
    *(struct slip_raw_list *)out = pairs;
    return 0;
}

static int read_any(struct slip_decoder *d, const struct slip_field *f, const struct slip_value *v,
                    void *out)
{
    (void)d;
    (void)f;
    *(const struct slip_value **)out = v;
    return 0;
}

static int read_section(struct slip_decoder *d, const struct slip_field *f,
                        const struct slip_value *v, void *out)
{
    void *s = slip_arena_alloc(d->arena, f->section->size);
    if (is_empty_but_there(v)) {
        struct slip_value *empty = slip_arena_new(d->arena, struct slip_value);
        *empty = (struct slip_value){ .type = SLIP_VALUE_MAP, .line = v->line, .col = v->col };
        v = empty;
    }
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    if (slip_section_decode(d, v, f->section, s) < 0)
        return -1;
    *(void **)out = s;
    return 0;
}

static int read_sections(struct slip_decoder *d, const struct slip_field *f,
                         const struct slip_value *v, void *out)
{
    if (v->type == SLIP_VALUE_NULL)
        return 0;
    if (v->type != SLIP_VALUE_LIST)
        return fail_type(d, v, "a list of sections");
    char *at = slip_arena_array(d->arena, v->len, f->section->size);
    for (size_t i = 0; i < v->len; i++) {
        if (v->items[i]->type == SLIP_VALUE_NULL)
            return slip_decode_fail(d, v->items[i], "an element of `%s` is empty", f->name);
        if (slip_section_decode(d, v->items[i], f->section, at + i * f->section->size) < 0)
            return -1;
    }
    *(struct slip_raw_list *)out = (struct slip_raw_list){ at, v->len };
    return 0;
}

static field_fn *const readers[] = {
    [SLIP_FIELD_STRING] = read_string,   [SLIP_FIELD_BOOL] = read_bool,
    [SLIP_FIELD_INT] = read_int,         [SLIP_FIELD_STRINGS] = read_strings,
    [SLIP_FIELD_WORDS] = read_words,     [SLIP_FIELD_STRING_MAP] = read_string_map,
    [SLIP_FIELD_ANY_MAP] = read_any_map, [SLIP_FIELD_ANY] = read_any,
    [SLIP_FIELD_SECTION] = read_section, [SLIP_FIELD_SECTIONS] = read_sections,
};

static const struct slip_field *find_field(const struct slip_section *s, struct slip_str name)
{
    for (size_t i = 0; i < s->n_fields; i++)
        if (slip_str_is(name, s->fields[i].name))
            return &s->fields[i];
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

/* All names, as far as they fit. */
static void name_fields(struct slip_decoder *d, const struct slip_section *s)
{
    SLIP_AUTO(slip_buf) all = SLIP_BUF(300);
    for (size_t i = 0; i < s->n_fields && !all.full; i++)
        slip_buf_add_fmt(&all, "%s%s", i ? ", " : "", s->fields[i].name);
    slip_hint(d->err, "keys here: %s%s", all.ptr, all.full ? ", ..." : "");
}

/* The key is right, but not here: below one of the keys of this section, or in another document. */
static bool suggest_place(struct slip_decoder *d, const struct slip_section *s, struct slip_str key)
{
    for (size_t i = 0; i < s->n_fields; i++)
        if (s->fields[i].section && find_field(s->fields[i].section, key)) {
            slip_hint(d->err, "'%.*s' belongs below '%s'", SLIP_ARG(key), s->fields[i].name);
            return true;
        }
    for (size_t i = 0; i < SLIP_COUNT(s->apart) && s->apart[i].section; i++)
        if (find_field(s->apart[i].section, key)) {
            slip_hint(d->err, "'%.*s' %s", SLIP_ARG(key), s->apart[i].advice);
            return true;
        }
    return false;
}

/* The nearest name, when one is near: of the first unknown key. */
static void suggest(struct slip_decoder *d, const struct slip_section *s, struct slip_str key)
{
    if (suggest_place(d, s, key))
        return;
    const char *names[64];
    size_t n = 0;
    for (; n < s->n_fields && n < SLIP_COUNT(names) - 1; n++)
        names[n] = s->fields[n].name;
    if (s->elsewhere)
        names[n++] = s->elsewhere;
    const char *near = slip_str_closest(key, names, n);
    if (near)
        slip_hint(d->err, "did you mean '%s'?", near);
    else
        name_fields(d, s);
}

static int fail_unknown(struct slip_decoder *d, const struct slip_section *s,
                        const struct slip_value *where, struct slip_str *keys, size_t n)
{
    struct slip_str first = keys[0];
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1024);
    qsort(keys, n, sizeof(*keys), by_text);
    for (size_t i = 0; i < n; i++)
        slip_buf_add_fmt(&text, "%s`%.*s`", i ? ", " : "", SLIP_ARG(keys[i]));
    slip_decode_fail(d, where, "unknown fields: %s!", text.ptr);
    suggest(d, s, first);
    return -1;
}

/* werf keeps unknown keys apart, and a merge that is carried out in the same map empties that
 * store: unknown keys before it are forgotten, not refused. */
static int refuse_unknown(struct slip_decoder *d, const struct slip_section *s,
                          const struct slip_value *v)
{
    struct slip_str *keys = slip_arena_array(d->arena, v->len, sizeof(*keys)), key;
    const struct slip_value *where = NULL;
    size_t n = 0;
    for (size_t i = v->before_merge; i < v->len; i++) {
        if (!slip_value_as_string(v->pairs[i].key, &key) || find_field(s, key))
            continue;
        if (!where)
            where = v->pairs[i].key;
        keys[n++] = key;
    }
    return where ? fail_unknown(d, s, where, keys, n) : 0;
}

int slip_section_decode(struct slip_decoder *d, const struct slip_value *v,
                        const struct slip_section *section, void *out)
{
    if (v->type != SLIP_VALUE_MAP)
        return fail_type(d, v, section->type);
    *(const struct slip_value **)out = v;
    for (size_t i = 0; i < v->len; i++) {
        struct slip_str key;
        if (!slip_value_as_string(v->pairs[i].key, &key))
            continue;
        const struct slip_field *f = find_field(section, key);
        if (f && readers[f->kind](d, f, v->pairs[i].value, (char *)out + f->offset) < 0)
            return -1;
    }
    return section->open ? 0 : refuse_unknown(d, section, v);
}
