/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of values that the rules file knows. */
#include "rule/read_impl.h"

#include "base/limits.h"
#include "match/re2.h"

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

/* A failure of patterns or templates: its text ends in " [ID]". */
static void complain_of(struct reader *r, struct slip_place place, const struct slip_error *err)
{
    struct slip_str text = slip_str_of(err->text), id;
    slip_str_rcut(text, '[', &text, &id);
    SLIP_AUTO_FREE char *name = slip_memdup(id.ptr, id.len ? id.len - 1 : 0);
    text = slip_str_trim(text);
    struct slip_rule_issue *issue = rules_complain(r, place, name, "%.*s", SLIP_ARG(text));
    issue->hint = err->hint[0] ? slip_strdup(err->hint) : NULL;
}

/* What to do about an id, where nothing more exact was said. */
static const struct {
    const char *id, *advice;
} advices[] = {
    { "E-CAPTURE", "groups are the parentheses of a regular expression: \"/v(.*)/\"" },
    { "E-DUP-RULE", "give each rule a name of its own" },
    { "E-GLOB", "\"*\" is any text without a slash, \"**\" any text, \"\\x\" the character x" },
    { "E-NO-MATCH-KEY", "for example: match: {tags: \"v*\"}" },
    { "E-PERCENT", "placeholders stand between two %; in labels %% is one %" },
    { "E-REGEX", "between slashes stands a regular expression (RE2); a glob has none around it" },
    { "E-WERF-LABEL", "labels that begin with 'werf' are taken away: choose another name" },
};

void rules_advise(struct slip_rule_issues *issues, size_t from)
{
    for (size_t i = from; i < issues->len; i++)
        for (size_t k = 0; k < SLIP_COUNT(advices) && !issues->at[i].hint; k++)
            if (strcmp(issues->at[i].id, advices[k].id) == 0)
                issues->at[i].hint = slip_strdup(advices[k].advice);
}

static void wrong_type(struct reader *r, const struct slip_value *v, const char *want)
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
        wrong_type(r, v, "a map");
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
        wrong_type(r, v, "true or false");
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

static void schema_string(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"string\"");
}

bool rules_is_text(struct reader *r, const struct slip_value *v)
{
    if (v->type == SLIP_VALUE_STRING && !memchr(v->text.ptr, '\0', v->text.len))
        return true;
    wrong_type(r, v, "a text");
    return false;
}

struct slip_rule_text rules_text_of(struct reader *r, const struct slip_value *v)
{
    return (struct slip_rule_text){ slip_arena_str(&r->rules->arena, v->text), rules_place_of(v) };
}

static void read_text(struct reader *r, const struct slip_value *v, void *field,
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

/* One text that looks like `what`, by an expression that the schema has, too. */
static bool is_shaped(struct reader *r, const struct slip_value *v, const char *expression,
                      const char *what)
{
    SLIP_AUTO_PTR(slip_re2) shape = NULL;
    struct slip_error none = { 0 };
    if (!rules_is_text(r, v))
        return false;
    if (slip_re2_compile(slip_str_of(expression), &shape, &none) == 0
        && slip_re2_find(shape, v->text, 0, NULL, 0))
        return true;
    rules_complain(r, rules_place_of(v), "E-TYPE", "'%.*s' is not %s", SLIP_ARG(v->text), what);
    return false;
}

/* As JSON spells it. */
static void schema_shape(const char *expression, struct slip_buf *out)
{
    slip_buf_add_c(out, "\"type\": \"string\", \"pattern\": ");
    add_json_text(out, expression);
}

#define DURATION_SHAPE "^[1-9][0-9]{0,4}[smh]$"

/* In seconds. */
static void read_duration(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    (void)key;
    uint64_t n = 0;
    if (!is_shaped(r, v, DURATION_SHAPE, "a duration like 30s, 5m or 1h"))
        return;
    (void)slip_str_to_u64(slip_str_first(v->text, v->text.len - 1), &n);
    char unit = v->text.ptr[v->text.len - 1];
    *(unsigned *)field = (unsigned)n * (unit == 's' ? 1u : unit == 'm' ? 60u : 3600u);
}

static void schema_duration(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_shape(DURATION_SHAPE, out);
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
const struct kind kind_text = { read_text, schema_string };
const struct kind kind_str = { rules_read_str, schema_string };
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

static bool check_template(struct reader *r, const struct slip_value *v,
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
    complain_of(r, rules_place_of(v), &err);
    return false;
}

bool rules_check_reference(struct reader *r, const struct slip_value *v)
{
    if (!check_template(r, v, SLIP_TEMPLATE_REFERENCE))
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
        read_text(r, v, field, key);
}

static void read_template(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    if (check_template(r, v, SLIP_TEMPLATE_TEXT))
        read_text(r, v, field, key);
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

static void read_references(struct reader *r, const struct slip_value *v, void *field,
                            const struct key *key)
{
    (void)key;
    read_list(r, v, field, rules_check_reference);
}

#define VARIABLE_SHAPE "^[A-Za-z_][A-Za-z0-9_]*$"
#define PLATFORM_SHAPE "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$"
#define CREATED_SHAPE                                                                              \
    "^(commit|tag|none|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?"          \
    "(Z|[+-][0-9]{2}:[0-9]{2}))$"

static bool is_variable(struct reader *r, const struct slip_value *v)
{
    return is_shaped(r, v, VARIABLE_SHAPE, "the name of a variable");
}

static bool is_platform(struct reader *r, const struct slip_value *v)
{
    return is_shaped(r, v, PLATFORM_SHAPE, "a platform like linux/amd64 or linux/arm/v7");
}

static void read_variables(struct reader *r, const struct slip_value *v, void *field,
                           const struct key *key)
{
    (void)key;
    read_list(r, v, field, is_variable);
}

static void read_platforms(struct reader *r, const struct slip_value *v, void *field,
                           const struct key *key)
{
    (void)key;
    read_list(r, v, field, is_platform);
}

static void read_created(struct reader *r, const struct slip_value *v, void *field,
                         const struct key *key)
{
    if (is_shaped(r, v, CREATED_SHAPE, "commit, tag, none, or a time like 2026-08-20T10:15:30Z"))
        read_text(r, v, field, key);
}

/* "!pattern" takes images away. Without placeholders the pattern can be checked now. */
static bool check_image_pattern(struct reader *r, const struct slip_value *v)
{
    if (!check_template(r, v, SLIP_TEMPLATE_PATTERN))
        return false;
    if (slip_str_find(v->text, '%') != SLIP_NPOS)
        return true;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_pattern) p = { 0 };
    struct slip_str pattern = slip_str_skip(v->text, v->text.len && v->text.ptr[0] == '!');
    if (slip_pattern_compile(pattern, &p, &err) == 0)
        return true;
    complain_of(r, rules_place_of(v), &err);
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
            complain_of(r, rules_place_of(one), &err);
        else
            out->len++;
    }
}

/* One text, or a list of them. */
static void schema_list(const char *expression, struct slip_buf *out)
{
    slip_buf_add_c(out, "\"anyOf\": [{");
    schema_shape(expression, out);
    slip_buf_add_c(out, "}, {\"type\": \"array\", \"items\": {");
    schema_shape(expression, out);
    slip_buf_add_c(out, "}}]");
}

static void schema_variables(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_list(VARIABLE_SHAPE, out);
}

static void schema_platforms(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_list(PLATFORM_SHAPE, out);
}

static void schema_created(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_shape(CREATED_SHAPE, out);
}

/* Placeholders between percent signs; in texts "%%" is one of them. */
#define REFERENCE_SHAPE "^([^%]|%[^%]+%)+$"
#define TEXT_SHAPE "^([^%]|%[^%]*%)*$"

void rules_schema_reference(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_shape(REFERENCE_SHAPE, out);
}

static void schema_template(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_shape(TEXT_SHAPE, out);
}

static void schema_references(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_list(REFERENCE_SHAPE, out);
}

static void schema_patterns(const struct key *key, struct slip_buf *out)
{
    (void)key;
    schema_list(".", out);
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
        wrong_type(r, v, "a map");
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
        if (!check_template(r, value, SLIP_TEMPLATE_TEXT))
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
    slip_buf_add_c(out, "\"type\": \"object\", \"propertyNames\": {\"pattern\": \"^(?!werf).\"}, "
                        "\"additionalProperties\": {");
    schema_shape(TEXT_SHAPE, out);
    slip_buf_add_c(out, "}");
}

const struct kind kind_reference = { read_reference, rules_schema_reference };
const struct kind kind_template = { read_template, schema_template };
const struct kind kind_created = { read_created, schema_created };
const struct kind kind_variables = { read_variables, schema_variables };
const struct kind kind_platforms = { read_platforms, schema_platforms };
const struct kind kind_references = { read_references, schema_references };
const struct kind kind_image_patterns = { read_image_patterns, schema_references };
const struct kind kind_patterns = { read_patterns, schema_patterns };
const struct kind kind_labels = { read_labels, schema_labels };
