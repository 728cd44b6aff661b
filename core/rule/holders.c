/* SPDX-License-Identifier: Apache-2.0 */
/* Which tag holds a name that moves. */
#include "rule/holders.h"

#include "base/limits.h"
#include "rule/decide.h"

/* A tag of the remote with a stable version, as it would be if it were pushed now. */
struct other {
    struct slip_str tag, series;
    struct slip_semver version;
    struct slip_captures *captures;
};

/* What a template gives for the newest of them, as far as somebody asked. */
struct names {
    struct slip_map *holders; /* series and name -> the newest other */
    size_t done;              /* so many of the others are in it */
};

/* All of them for one rule, the newest first. */
struct others {
    struct slip_arena arena;
    SLIP_VEC(struct other);
    struct slip_map *by_template; /* of struct names */
};

static void free_names(void *names)
{
    slip_map_free(((struct names *)names)->holders);
    slip_free(names);
}

static struct names *new_names(void)
{
    struct names *names = slip_new(struct names);
    names->holders = slip_map_new(NULL);
    return names;
}

static void others_clear(struct others *o)
{
    slip_vec_clear(o);
    slip_map_free(o->by_template);
    slip_arena_clear(&o->arena);
}
SLIP_DEFINE_AUTO(others, others_clear);

static void free_others(void *others)
{
    others_clear(others);
    slip_free(others);
}

struct slip_map *slip_holders_memory(void)
{
    return slip_map_new(free_others);
}

int slip_rule_read_version(const struct slip_rule *rule, const struct slip_facts *facts,
                           struct slip_buf *text, struct slip_semver *out, struct slip_error *err)
{
    const char *missing;
    if (slip_template_expand(rule->semver.from.text, SLIP_TEMPLATE_TEXT, facts, text, &missing, err)
        < 0)
        return -1;
    if (missing)
        return slip_fail(err, SLIP_E_CONFIG, "there is no %%%s%% here", missing);
    return slip_semver_parse(slip_buf_str(text), rule->semver.prefix, rule->semver.loose, out, err);
}

/* ---- series ---- */

/* Where in the name the version stands: a group that overlaps it is part of the version. */
static bool is_outside(struct slip_str part, struct slip_str name, struct slip_str version)
{
    size_t at = slip_str_find_str(name, version);
    if (at == SLIP_NPOS || !part.ptr)
        return false;
    const char *from = name.ptr + at, *to = from + version.len;
    return part.ptr + part.len <= from || part.ptr >= to;
}

/* A text that is equal for two tags of one rule when they belong to one series: their groups beside
 * the version are. */
static void add_series(const struct slip_captures *c, struct slip_str version, struct slip_buf *out)
{
    for (size_t i = 1; i < c->len; i++) {
        if (is_outside(c->at[i], c->at[0], version))
            slip_buf_add_fmt(out, "%zu:%.*s,", c->at[i].len, SLIP_ARG(c->at[i]));
        else
            slip_buf_add_c(out, "-,");
    }
}

/* ---- the tags of a rule ---- */

static void add_other(struct others *all, const struct slip_holder_question *q, struct slip_str tag)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_TEMPLATE_MAX);
    SLIP_AUTO(slip_buf) series = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_ref_update update = { .name = tag, .kind = SLIP_REF_TAG };
    struct slip_captures captures = { 0 };
    struct slip_facts facts = *q->facts;
    struct other o = { .tag = tag };
    struct slip_error none = { 0 };
    facts.update = &update;
    facts.captures = &captures;
    facts.version = NULL;
    if (!slip_rule_matches(q->rule, SLIP_REF_TAG, SLIP_STR(""), tag, &captures)
        || slip_rule_read_version(q->rule, &facts, &text, &o.version, &none) < 0
        || !slip_semver_is_stable(&o.version))
        return;
    /* Again, from a text that stays. */
    struct slip_str kept = slip_arena_str(&all->arena, slip_buf_str(&text));
    if (slip_semver_parse(kept, q->rule->semver.prefix, q->rule->semver.loose, &o.version, &none)
        < 0)
        return;
    add_series(&captures, o.version.text, &series);
    o.series = slip_arena_str(&all->arena, slip_buf_str(&series));
    o.captures = slip_arena_new(&all->arena, struct slip_captures);
    *o.captures = captures;
    slip_vec_push(all, o);
}

static int newest_first(const void *a, const void *b)
{
    const struct other *x = a, *y = b;
    int order = slip_semver_cmp(&y->version, &x->version);
    return order ? order : slip_str_cmp(x->tag, y->tag);
}

static void read_others(const struct slip_series *series, const struct slip_holder_question *q,
                        struct others *out)
{
    out->by_template = slip_map_new(free_names);
    for (size_t i = 0; i < series->len; i++)
        add_other(out, q, series->tags[i]);
    if (out->len)
        qsort(out->at, out->len, sizeof(*out->at), newest_first);
}

/* The series and the name that a template gives for a tag; empty when it gives none. */
static void add_key(const struct slip_holder_question *q, const struct other *o,
                    struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_TEMPLATE_MAX);
    struct slip_ref_update update = { .name = o->tag, .kind = SLIP_REF_TAG };
    struct slip_facts facts = *q->facts;
    struct slip_error none = { 0 };
    const char *missing;
    facts.update = &update;
    facts.captures = o->captures;
    facts.version = &o->version;
    if (slip_template_expand(q->template, SLIP_TEMPLATE_REFERENCE, &facts, &name, &missing, &none)
            == 0
        && !missing)
        slip_buf_add_fmt(out, "%.*s %s", SLIP_ARG(o->series), name.ptr);
}

/* Add those that are newer than the version of the question. Each name is the newest one's. */
static void find_holders(const struct others *all, const struct slip_holder_question *q,
                         struct names *names)
{
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SLIP_LIMIT_TEXT);
    for (; names->done < all->len; names->done++) {
        struct other *o = &all->at[names->done];
        if (slip_semver_cmp(&o->version, q->facts->version) <= 0)
            return;
        slip_buf_reset(&key);
        add_key(q, o, &key);
        if (key.len && !slip_map_get(names->holders, slip_buf_str(&key)))
            slip_map_set(names->holders, slip_buf_str(&key), o);
    }
}

/* ---- what is kept ---- */

static void add_patterns(const struct slip_rule_patterns *p, struct slip_buf *out)
{
    for (size_t i = 0; i < p->len; i++)
        slip_buf_add_fmt(out, "%zu:%.*s,", p->at[i].text.len, SLIP_ARG(p->at[i].text));
    slip_buf_add_char(out, '\n');
}

/* The words of a rule that say which tags are of it, and what their versions are. */
static void add_rule(const struct slip_rule *rule, struct slip_buf *out)
{
    add_patterns(&rule->tags, out);
    add_patterns(&rule->refs, out);
    add_patterns(&rule->exclude, out);
    slip_buf_add_fmt(out, "%.*s\n%.*s\n%d", SLIP_ARG(rule->semver.from.text),
                     SLIP_ARG(rule->semver.prefix), rule->semver.loose);
}

/* Words of the commit or of this run: what they give is true for this update only. */
static bool speaks_of_here(struct slip_str template)
{
    return slip_template_scan(template).uses & SLIP_USES_HERE;
}

/* The tags of the rule as they were read before, or now. */
static struct others *recall(const struct slip_series *series, const struct slip_holder_question *q)
{
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SLIP_LIMIT_FILE);
    add_rule(q->rule, &key);
    struct others *all = slip_map_get(series->memory, slip_buf_str(&key));
    if (all)
        return all;
    all = slip_new(struct others);
    read_others(series, q, all);
    slip_map_set(series->memory, slip_buf_str(&key), all);
    return all;
}

static const struct other *look_up(struct others *all, const struct slip_holder_question *q,
                                   struct slip_str key)
{
    bool keeps = !speaks_of_here(q->template);
    struct names *names = keeps ? slip_map_get(all->by_template, q->template) : NULL;
    if (!names) {
        names = new_names();
        if (keeps)
            slip_map_set(all->by_template, q->template, names);
    }
    find_holders(all, q, names);
    const struct other *holder = slip_map_get(names->holders, key);
    if (!keeps)
        free_names(names);
    return holder;
}

struct slip_str slip_newer_holder(const struct slip_series *series,
                                  const struct slip_holder_question *q)
{
    SLIP_AUTO(others) own = { 0 };
    SLIP_AUTO(slip_buf) key = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct others *all = &own;
    if (series->memory && !speaks_of_here(q->rule->semver.from.text))
        all = recall(series, q);
    else
        read_others(series, q, all);
    add_series(q->facts->captures, q->facts->version->text, &key);
    slip_buf_add_fmt(&key, " %.*s", SLIP_ARG(q->name));
    const struct other *holder = look_up(all, q, slip_buf_str(&key));
    return holder && slip_semver_cmp(&holder->version, q->facts->version) > 0
               ? holder->tag
               : (struct slip_str){ NULL, 0 };
}
