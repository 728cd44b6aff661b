/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of values that the rules file knows. */
#include "rule/read_impl.h"

#include "base/limits.h"

#include <stdarg.h>

/* ---- what is wrong ---- */

void slip_rule_issues_clear(struct slip_rule_issues *issues)
{
    for (size_t i = 0; i < issues->len; i++) {
        slip_free(issues->at[i].text);
        slip_free(issues->at[i].hint);
    }
    slip_vec_clear(issues);
}

struct slip_place rules_place_of(const struct slip_value *v)
{
    return (struct slip_place){ v->line, v->col };
}

struct slip_rule_issue *rules_complain(struct reader *r, struct slip_place place, const char *id,
                                       const char *fmt, ...)
{
    struct slip_rule_issue *issue = slip_vec_add(r->issues);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    va_list args;
    va_start(args, fmt);
    slip_buf_add_vfmt(&text, fmt, args);
    va_end(args);
    snprintf(issue->id, sizeof(issue->id), "%s", id);
    issue->place = place;
    issue->text = slip_buf_detach(&text);
    return issue;
}

void rules_complain_of(struct reader *r, struct slip_place place, const struct slip_error *err)
{
    struct slip_str text = slip_str_of(err->text), id;
    slip_str_rcut(text, '[', &text, &id);
    SLIP_AUTO_FREE char *name = slip_memdup(id.ptr, id.len ? id.len - 1 : 0);
    text = slip_str_trim(text);
    struct slip_rule_issue *issue = rules_complain(r, place, name, "%.*s", SLIP_ARG(text));
    issue->hint = err->hint[0] ? slip_strdup(err->hint) : NULL;
}

void rules_wrong_type(struct reader *r, const struct slip_value *v, const char *want)
{
    struct slip_rule_issue *issue = rules_complain(
        r, rules_place_of(v), "E-TYPE", "expected %s, found %s", want, slip_value_type_name(v));
    if (v->plain && v->type != SLIP_VALUE_STRING && v->type != SLIP_VALUE_NULL)
        issue->hint = slip_printf("to mean a text, put it in quotes: \"%.*s\"", SLIP_ARG(v->text));
}

/* ---- tables ---- */

#define KEYS_MAX 40

static const struct key *find_key(const struct table *tables, size_t n, struct slip_str name)
{
    for (size_t t = 0; t < n; t++)
        for (const struct key *k = tables[t].keys; k->name; k++)
            if (slip_str_is(name, k->name))
                return k;
    return NULL;
}

static void unknown_key(struct reader *r, const struct slip_value *key, const struct table *tables,
                        size_t n)
{
    const char *names[KEYS_MAX];
    size_t len = 0;
    for (size_t t = 0; t < n; t++)
        for (const struct key *k = tables[t].keys; k->name && len < KEYS_MAX; k++)
            names[len++] = k->name;
    struct slip_rule_issue *issue =
        rules_complain(r, rules_place_of(key), "E-KEY", "unknown key '%.*s'", SLIP_ARG(key->text));
    const char *closest = slip_str_closest(key->text, names, len);
    if (closest)
        issue->hint = slip_printf("did you mean '%s'?", closest);
}

void rules_read_map(struct reader *r, const struct slip_value *v, const struct table *tables,
                    size_t n)
{
    if (v->type != SLIP_VALUE_MAP) {
        rules_wrong_type(r, v, "a map");
        return;
    }
    for (size_t i = 0; i < v->len; i++)
        if (!find_key(tables, n, v->pairs[i].key->text))
            unknown_key(r, v->pairs[i].key, tables, n);
    for (size_t t = 0; t < n; t++) {
        for (const struct key *k = tables[t].keys; k->name; k++) {
            const struct slip_value *child = slip_value_get(v, k->name);
            if (child)
                k->kind->read(r, child, (char *)tables[t].base + k->offset, k);
        }
    }
}

static void add_json_text(struct slip_buf *out, const char *s)
{
    slip_buf_add_char(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            slip_buf_add_char(out, '\\');
        slip_buf_add_char(out, *s);
    }
    slip_buf_add_char(out, '"');
}

static void schema_of_keys(const struct key *keys, bool *first, struct slip_buf *out)
{
    for (const struct key *k = keys; k->name; k++) {
        slip_buf_add_c(out, *first ? "" : ", ");
        *first = false;
        add_json_text(out, k->name);
        slip_buf_add_c(out, ": {\"description\": ");
        add_json_text(out, k->about);
        slip_buf_add_c(out, ", ");
        k->kind->schema(k, out);
        slip_buf_add_c(out, "}");
    }
}

void rules_schema_of_maps(const struct key *const *tables, size_t n, const char *required,
                          struct slip_buf *out)
{
    bool first = true;
    slip_buf_add_c(out, "\"type\": \"object\", \"additionalProperties\": false, ");
    if (required)
        slip_buf_add_fmt(out, "\"required\": [%s], ", required);
    slip_buf_add_c(out, "\"properties\": {");
    for (size_t i = 0; i < n; i++)
        schema_of_keys(tables[i], &first, out);
    slip_buf_add_c(out, "}");
}

/* ---- plain kinds ---- */

static void read_bool(struct reader *r, const struct slip_value *v, void *field,
                      const struct key *key)
{
    (void)key;
    if (v->type == SLIP_VALUE_BOOL)
        *(bool *)field = v->boolean;
    else
        rules_wrong_type(r, v, "true or false");
}

static void schema_bool(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"boolean\"");
}

/* Words of an enumeration: index is the value; ends with NULL. */
static void read_enum(struct reader *r, const struct slip_value *v, void *field,
                      const struct key *key)
{
    const char *const *words = key->of;
    size_t n = 0;
    for (; words[n]; n++) {
        if (v->type == SLIP_VALUE_STRING && slip_str_is(v->text, words[n])) {
            *(unsigned *)field = (unsigned)n; /* as every enumeration of rules.h */
            return;
        }
    }
    SLIP_AUTO(slip_buf) list = SLIP_BUF(500);
    for (size_t i = 0; i < n; i++)
        slip_buf_add_fmt(&list, "%s'%s'", i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
    struct slip_rule_issue *issue =
        rules_complain(r, rules_place_of(v), "E-TYPE", "'%s' is not %s", key->name, list.ptr);
    const char *closest = slip_str_closest(v->text, words, n);
    if (closest)
        issue->hint = slip_printf("did you mean '%s'?", closest);
}

static void schema_enum(const struct key *key, struct slip_buf *out)
{
    slip_buf_add_c(out, "\"enum\": [");
    for (const char *const *w = key->of; *w; w++)
        slip_buf_add_fmt(out, "%s\"%s\"", w == key->of ? "" : ", ", *w);
    slip_buf_add_c(out, "]");
}

void rules_schema_string(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"string\"");
}

bool rules_is_text(struct reader *r, const struct slip_value *v)
{
    if (v->type == SLIP_VALUE_STRING && !memchr(v->text.ptr, '\0', v->text.len))
        return true;
    rules_wrong_type(r, v, "a text");
    return false;
}

struct slip_rule_text rules_text_of(struct reader *r, const struct slip_value *v)
{
    return (struct slip_rule_text){ slip_arena_str(&r->rules->arena, v->text), rules_place_of(v) };
}

void rules_read_text(struct reader *r, const struct slip_value *v, void *field,
                     const struct key *key)
{
    (void)key;
    if (rules_is_text(r, v))
        *(struct slip_rule_text *)field = rules_text_of(r, v);
}

void rules_read_str(struct reader *r, const struct slip_value *v, void *field,
                    const struct key *key)
{
    (void)key;
    if (rules_is_text(r, v))
        *(struct slip_str *)field = rules_text_of(r, v).text;
}

/* A map that is a struct of its own: `of` is its table, with offsets from the field. */
static void read_struct(struct reader *r, const struct slip_value *v, void *field,
                        const struct key *key)
{
    rules_read_map(r, v, &(struct table){ key->of, field }, 1);
}

void rules_schema_struct(const struct key *key, struct slip_buf *out)
{
    const struct key *keys = key->of;
    rules_schema_of_maps(&keys, 1, NULL, out);
}

/* integer + s, m or h, in seconds */
static void read_duration(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    static const struct {
        char unit;
        unsigned seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 } };
    uint64_t n;
    if (v->type == SLIP_VALUE_STRING && v->text.len > 1
        && slip_str_to_u64(slip_str_first(v->text, v->text.len - 1), &n) && n > 0 && n <= 100000) {
        for (size_t i = 0; i < SLIP_COUNT(units); i++) {
            if (v->text.ptr[v->text.len - 1] == units[i].unit) {
                *(unsigned *)field = (unsigned)n * units[i].seconds;
                return;
            }
        }
    }
    rules_complain(r, rules_place_of(v), "E-TYPE", "'%s' is not a duration like 30s, 5m or 1h",
                   key->name);
}

static void schema_duration(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"string\", \"pattern\": \"^[0-9]+[smh]$\"");
}

static void read_count(struct reader *r, const struct slip_value *v, void *field,
                       const struct key *key)
{
    if (v->type == SLIP_VALUE_INT && v->i >= 1 && v->i <= 100)
        *(unsigned *)field = (unsigned)v->i;
    else
        rules_complain(r, rules_place_of(v), "E-TYPE", "'%s' is not a number from 1 to 100",
                       key->name);
}

static void schema_count(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"integer\", \"minimum\": 1, \"maximum\": 100");
}

const struct kind kind_bool = { read_bool, schema_bool };
const struct kind kind_enum = { read_enum, schema_enum };
const struct kind kind_text = { rules_read_text, rules_schema_string };
const struct kind kind_str = { rules_read_str, rules_schema_string };
const struct kind kind_struct = { read_struct, rules_schema_struct };
const struct kind kind_duration = { read_duration, schema_duration };
const struct kind kind_count = { read_count, schema_count };

/* ---- templates and patterns ---- */

bool rules_is_allowed_variable(const void *payload, struct slip_str name)
{
    const struct slip_rule_texts *allowed = payload;
    for (size_t i = 0; i < allowed->len; i++)
        if (slip_str_eq(allowed->at[i].text, name))
            return true;
    return false;
}

bool rules_check_template(struct reader *r, const struct slip_value *v,
                          enum slip_template_kind kind)
{
    struct slip_error err = { 0 };
    struct slip_template_scan scan;
    if (!rules_is_text(r, v))
        return false;
    if (slip_template_check(v->text, kind, rules_is_allowed_variable, &r->rules->env_allow, &scan,
                            &err)
        == 0)
        return true;
    rules_complain_of(r, rules_place_of(v), &err);
    return false;
}

bool rules_check_reference(struct reader *r, const struct slip_value *v)
{
    if (!rules_check_template(r, v, SLIP_TEMPLATE_REFERENCE))
        return false;
    if (v->text.len)
        return true;
    rules_complain(r, rules_place_of(v), "E-TYPE", "empty name");
    return false;
}

static void read_reference(struct reader *r, const struct slip_value *v, void *field,
                           const struct key *key)
{
    if (rules_check_reference(r, v))
        rules_read_text(r, v, field, key);
}

static void read_template(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    if (rules_check_template(r, v, SLIP_TEMPLATE_TEXT))
        rules_read_text(r, v, field, key);
}

size_t rules_list_len(const struct slip_value *v)
{
    return v->type == SLIP_VALUE_LIST ? v->len : 1;
}

const struct slip_value *rules_list_at(const struct slip_value *v, size_t i)
{
    return v->type == SLIP_VALUE_LIST ? v->items[i] : v;
}

static void read_list(struct reader *r, const struct slip_value *v, struct slip_rule_texts *out,
                      bool (*accepts)(struct reader *r, const struct slip_value *v))
{
    struct slip_rule_texts list = { 0 };
    list.at = slip_arena_array(&r->rules->arena, rules_list_len(v) + 1, sizeof(*list.at));
    for (size_t i = 0; i < rules_list_len(v); i++)
        if (accepts(r, rules_list_at(v, i)))
            list.at[list.len++] = rules_text_of(r, rules_list_at(v, i));
    *out = list;
}

static void read_texts(struct reader *r, const struct slip_value *v, void *field,
                       const struct key *key)
{
    (void)key;
    read_list(r, v, field, rules_is_text);
}

static void read_references(struct reader *r, const struct slip_value *v, void *field,
                            const struct key *key)
{
    (void)key;
    read_list(r, v, field, rules_check_reference);
}

/* "!pattern" takes images away. Without placeholders the pattern can be checked now. */
static bool check_image_pattern(struct reader *r, const struct slip_value *v)
{
    if (!rules_check_template(r, v, SLIP_TEMPLATE_PATTERN))
        return false;
    if (slip_str_find(v->text, '%') != SLIP_NPOS)
        return true;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_pattern) p = { 0 };
    struct slip_str pattern = slip_str_skip(v->text, v->text.len && v->text.ptr[0] == '!');
    if (slip_pattern_compile(pattern, &p, &err) == 0)
        return true;
    rules_complain_of(r, rules_place_of(v), &err);
    return false;
}

static void read_image_patterns(struct reader *r, const struct slip_value *v, void *field,
                                const struct key *key)
{
    (void)key;
    read_list(r, v, field, check_image_pattern);
}

static void read_patterns(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    (void)key;
    struct slip_rule_patterns *out = field;
    out->at = slip_arena_array(&r->rules->arena, rules_list_len(v) + 1, sizeof(*out->at));
    for (size_t i = 0; i < rules_list_len(v); i++) {
        const struct slip_value *one = rules_list_at(v, i);
        struct slip_error err = { 0 };
        if (!rules_is_text(r, one))
            continue;
        if (slip_pattern_compile(rules_text_of(r, one).text, &out->at[out->len], &err) < 0)
            rules_complain_of(r, rules_place_of(one), &err);
        else
            out->len++;
    }
}

static void schema_strings(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"anyOf\": [{\"type\": \"string\"}, "
                        "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}]");
}

static struct slip_rule_pair *find_pair(struct slip_rule_map *map, struct slip_str key)
{
    for (size_t i = 0; i < map->len; i++)
        if (slip_str_eq(map->at[i].key, key))
            return &map->at[i];
    return NULL;
}

/* Merged by key with what is there already: the rule's with the defaults. */
static void read_labels(struct reader *r, const struct slip_value *v, void *field,
                        const struct key *key)
{
    (void)key;
    struct slip_rule_map *map = field, merged = { 0 };
    if (v->type != SLIP_VALUE_MAP) {
        rules_wrong_type(r, v, "a map");
        return;
    }
    merged.at = slip_arena_array(&r->rules->arena, map->len + v->len + 1, sizeof(*merged.at));
    merged.len = map->len;
    for (size_t i = 0; i < map->len; i++)
        merged.at[i] = map->at[i];
    for (size_t i = 0; i < v->len; i++) {
        const struct slip_value *name = v->pairs[i].key, *value = v->pairs[i].value;
        if (name->text.len == 0 || slip_str_starts(name->text, SLIP_STR("werf"))) {
            rules_complain(r, rules_place_of(name), "E-WERF-LABEL",
                           "label '%.*s' would not survive an export", SLIP_ARG(name->text));
            continue;
        }
        if (!rules_check_template(r, value, SLIP_TEMPLATE_TEXT))
            continue;
        struct slip_rule_pair *pair = find_pair(&merged, name->text);
        if (!pair) {
            pair = &merged.at[merged.len++];
            pair->key = slip_arena_str(&r->rules->arena, name->text);
        }
        pair->value = rules_text_of(r, value);
    }
    *map = merged;
}

static void schema_labels(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}");
}

const struct kind kind_reference = { read_reference, rules_schema_string };
const struct kind kind_template = { read_template, rules_schema_string };
const struct kind kind_texts = { read_texts, schema_strings };
const struct kind kind_references = { read_references, schema_strings };
const struct kind kind_image_patterns = { read_image_patterns, schema_strings };
const struct kind kind_patterns = { read_patterns, schema_strings };
const struct kind kind_labels = { read_labels, schema_labels };
