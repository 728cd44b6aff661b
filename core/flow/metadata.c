/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels and annotations. No value depends on the clock: a second run of the same commit gives the
 * same bytes, and is seen to be unchanged.
 */
#include "flow/metadata.h"

#include "base/limits.h"
#include "ref/url.h"

#include <time.h>

#define KEY(name) SLIP_STR("org.opencontainers.image." name)

/* One of the two lists being made. */
struct making {
    const struct slip_rule *rule;
    const struct slip_facts *facts;
    const struct slip_metadata_facts *more;
    struct slip_arena *arena;
    struct slip_labels *list;
};

void slip_metadata_clear(struct slip_metadata *m)
{
    slip_labels_clear(&m->labels);
    slip_labels_clear(&m->annotations);
    slip_arena_clear(&m->arena);
}

/* Set, replace, or with an empty value take away. */
static void set(struct making *m, struct slip_str key, struct slip_str value)
{
    size_t i = 0;
    while (i < m->list->len && !slip_str_eq(m->list->at[i].key, key))
        i++;
    if (value.len == 0) {
        if (i < m->list->len)
            m->list->at[i] = m->list->at[--m->list->len];
        return;
    }
    struct slip_label label = { slip_arena_str(m->arena, key), slip_arena_str(m->arena, value) };
    if (i < m->list->len)
        m->list->at[i] = label;
    else
        slip_vec_push(m->list, label);
}

static int expand(struct making *m, struct slip_str key, struct slip_str text, struct slip_buf *out,
                  struct slip_error *err)
{
    const char *missing = NULL;
    if (slip_template_expand(text, SLIP_TEMPLATE_TEXT, m->facts, out, &missing, err) < 0)
        return slip_while(err, "rule '%.*s': '%.*s'", SLIP_ARG(m->rule->name), SLIP_ARG(key));
    if (missing) {
        slip_fail(err, SLIP_E_CONFIG, "rule '%.*s': '%.*s': %%%s%% has no value here",
                  SLIP_ARG(m->rule->name), SLIP_ARG(key), missing);
        return slip_hint(err, "give it one: %%%s|default:TEXT%%", missing);
    }
    return 0;
}

static int set_map(struct making *m, const struct slip_rule_map *map, struct slip_error *err)
{
    for (size_t i = 0; i < map->len; i++) {
        SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_TEMPLATE_MAX);
        if (expand(m, map->at[i].key, map->at[i].value.text, &value, err) < 0)
            return -1;
        set(m, map->at[i].key, slip_buf_str(&value));
    }
    return 0;
}

static int set_source(struct making *m, struct slip_error *err)
{
    struct slip_str how = m->rule->metadata.source.text;
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_TEMPLATE_MAX);
    if (slip_str_is(how, "none"))
        return 0;
    if (how.len == 0 || slip_str_is(how, "auto"))
        (void)slip_url_web(m->more->source_url, &value);
    else if (expand(m, KEY("source"), how, &value, err) < 0)
        return -1;
    set(m, KEY("source"), slip_buf_str(&value));
    return 0;
}

static int set_created(struct making *m, struct slip_error *err)
{
    struct slip_str how = m->rule->metadata.created.text;
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_TEMPLATE_MAX);
    int64_t seconds = m->more->commit_time;
    if (slip_str_is(how, "none"))
        return 0;
    if (slip_str_is(how, "tag") && m->more->tagger_time)
        seconds = m->more->tagger_time;
    else if (how.len && !slip_str_is(how, "tag") && !slip_str_is(how, "commit")) {
        if (expand(m, KEY("created"), how, &value, err) < 0)
            return -1;
        set(m, KEY("created"), slip_buf_str(&value));
        return 0;
    }
    if (m->more->epoch >= 0)
        seconds = m->more->epoch;
    struct tm tm;
    char text[64];
    time_t t = (time_t)seconds;
    if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        set(m, KEY("created"), slip_str_of(text));
    return 0;
}

static void set_version(struct making *m)
{
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_TEMPLATE_MAX);
    struct slip_error none = { 0 };
    const char *missing = NULL;
    if (!m->facts->version
        || slip_template_expand(SLIP_STR("%version%"), SLIP_TEMPLATE_TEXT, m->facts, &value,
                                &missing, &none)
               < 0
        || missing) {
        slip_buf_reset(&value);
        slip_buf_add_str(&value, m->facts->update->name);
    }
    set(m, KEY("version"), slip_buf_str(&value));
}

/* The grammar of org.opencontainers.image.ref.name: words of letters and digits, single separators
 * between them. */
static bool fits_ref_name(struct slip_str s)
{
    bool after_word = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool separator =
            c == '-' || c == '.' || c == '_' || c == ':' || c == '@' || c == '/' || c == '+';
        if (!word && (!separator || !after_word))
            return false;
        after_word = word;
    }
    return after_word;
}

static int set_automatic(struct making *m, struct slip_error *err)
{
    if (set_source(m, err) < 0 || set_created(m, err) < 0)
        return -1;
    set(m, KEY("revision"), m->facts->commit);
    set_version(m);
    if (m->rule->metadata.ref_name && fits_ref_name(m->facts->update->name))
        set(m, KEY("ref.name"), m->facts->update->name);
    return set_map(m, &m->rule->metadata.keys, err);
}

int slip_metadata_make(const struct slip_rule *rule, const struct slip_rule_naming *naming,
                       const struct slip_facts *facts, const struct slip_metadata_facts *more,
                       struct slip_metadata *out, struct slip_error *err)
{
    struct making m = { .rule = rule, .facts = facts, .more = more, .arena = &out->arena };
    enum slip_meta_target target = rule->metadata.target;
    for (int annotations = 0; annotations < 2; annotations++) {
        m.list = annotations ? &out->annotations : &out->labels;
        bool aimed = target == SLIP_META_BOTH
                     || target == (annotations ? SLIP_META_ANNOTATIONS : SLIP_META_LABELS);
        if ((rule->metadata.automatic && aimed && set_automatic(&m, err) < 0)
            || set_map(&m, annotations ? &naming->annotations : &naming->labels, err) < 0)
            return -1;
    }
    return 0;
}

static bool map_uses_image(const struct slip_rule_map *map)
{
    for (size_t i = 0; i < map->len; i++)
        if (slip_template_scan(map->at[i].value.text).uses & SLIP_USES_IMAGE)
            return true;
    return false;
}

bool slip_metadata_uses_image(const struct slip_rule *rule, const struct slip_rule_naming *naming)
{
    return map_uses_image(&rule->metadata.keys) || map_uses_image(&naming->labels)
           || map_uses_image(&naming->annotations);
}
