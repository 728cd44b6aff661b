/* SPDX-License-Identifier: Apache-2.0 */
/* The rules file: its keys, and what has to hold between them. */
#include "rule/read_impl.h"

#include "base/limits.h"
#include "base/path.h"
#include "value/yaml.h"

const char *const slip_rules_names[2] = { ".slipway.yaml", ".slipway.yml" };

/* ---- when ---- */

static const char *const trigger_names[] = { "pre-push", "ci", "post-receive", "manual" };
static const char *const action_names[] = {
    "none", "verify", "build", "defer", "prepare", "export"
};

const char *slip_action_name(enum slip_action a)
{
    return action_names[a];
}

#define ACTION_BIT(a) (1u << SLIP_ACTION_##a)
static const unsigned allowed_actions[SLIP_TRIGGERS] = {
    [SLIP_TRIGGER_PRE_PUSH] = ACTION_BIT(NONE) | ACTION_BIT(VERIFY) | ACTION_BIT(DEFER)
                              | ACTION_BIT(PREPARE) | ACTION_BIT(EXPORT),
    [SLIP_TRIGGER_CI] =
        ACTION_BIT(NONE) | ACTION_BIT(VERIFY) | ACTION_BIT(BUILD) | ACTION_BIT(EXPORT),
    [SLIP_TRIGGER_POST_RECEIVE] = ACTION_BIT(NONE) | ACTION_BIT(BUILD) | ACTION_BIT(EXPORT),
};

static bool find_trigger(struct reader *r, const struct slip_value *v, enum slip_trigger *out)
{
    for (unsigned t = 0; t < SLIP_TRIGGERS; t++) {
        if (slip_str_is(v->text, trigger_names[t])) {
            *out = (enum slip_trigger)t;
            return true;
        }
    }
    struct slip_rule_issue *issue =
        rules_complain(r, rules_place_of(v), "E-KEY", "unknown trigger '%.*s'", SLIP_ARG(v->text));
    const char *closest = slip_str_closest(v->text, trigger_names, SLIP_TRIGGERS);
    if (closest)
        issue->hint = slip_printf("did you mean '%s'?", closest);
    return false;
}

static void read_action(struct reader *r, const struct slip_value *v, enum slip_trigger t,
                        enum slip_action *out)
{
    for (unsigned a = 0; a < SLIP_COUNT(action_names); a++) {
        if (slip_str_is(v->text, action_names[a]) && (allowed_actions[t] & 1u << a)) {
            *out = (enum slip_action)a;
            return;
        }
    }
    SLIP_AUTO(slip_buf) list = SLIP_BUF(200);
    for (unsigned a = 0; a < SLIP_COUNT(action_names); a++)
        if (allowed_actions[t] & 1u << a)
            slip_buf_add_fmt(&list, "%s%s", list.len ? ", " : "", action_names[a]);
    rules_complain(r, rules_place_of(v), "E-TYPE", "'%s' takes one of: %s", trigger_names[t],
                   list.ptr);
}

static void read_when(struct reader *r, const struct slip_value *v, void *field,
                      const struct key *key)
{
    (void)key;
    enum slip_action *when = field;
    enum slip_trigger t;
    if (v->type == SLIP_VALUE_MAP) {
        for (size_t i = 0; i < v->len; i++)
            if (find_trigger(r, v->pairs[i].key, &t))
                read_action(r, v->pairs[i].value, t, &when[t]);
        return;
    }
    for (unsigned i = 0; i < SLIP_TRIGGERS; i++)
        when[i] = i == SLIP_TRIGGER_PRE_PUSH ? SLIP_ACTION_VERIFY : SLIP_ACTION_NONE;
    for (size_t i = 0; i < rules_list_len(v); i++)
        if (rules_is_text(r, rules_list_at(v, i)) && find_trigger(r, rules_list_at(v, i), &t))
            when[t] = t == SLIP_TRIGGER_PRE_PUSH ? SLIP_ACTION_PREPARE : SLIP_ACTION_EXPORT;
}

static void schema_when(const struct key *key, struct slip_buf *out)
{
    (void)key;
    SLIP_AUTO(slip_buf) triggers = SLIP_BUF(200);
    for (unsigned t = 0; t < SLIP_TRIGGERS; t++)
        slip_buf_add_fmt(&triggers, "%s\"%s\"", t ? ", " : "", trigger_names[t]);
    slip_buf_add_fmt(out,
                     "\"anyOf\": [{\"enum\": [%s]}, "
                     "{\"type\": \"array\", \"items\": {\"enum\": [%s]}}, ",
                     triggers.ptr, triggers.ptr);
    slip_buf_add_c(out, "{\"type\": \"object\", \"additionalProperties\": false, "
                        "\"properties\": {");
    for (unsigned t = 0; t < SLIP_TRIGGERS; t++) {
        slip_buf_add_fmt(out, "%s\"%s\": {\"enum\": [", t ? ", " : "", trigger_names[t]);
        for (unsigned a = 0, n = 0; a < SLIP_COUNT(action_names); a++)
            if (allowed_actions[t] & 1u << a)
                slip_buf_add_fmt(out, "%s\"%s\"", n++ ? ", " : "", action_names[a]);
        slip_buf_add_c(out, "]}");
    }
    slip_buf_add_c(out, "}}]");
}

static const struct kind kind_when = { read_when, schema_when };

/* ---- the file ---- */

static const char *const if_exists_words[] = { "auto",         "fail-if-different",
                                               "skip-if-same", "skip-if-exists",
                                               "overwrite",    NULL };
static const char *const gate_words[] = { "auto", "never", NULL };
static const char *const on_failure_words[] = { "block", "warn", NULL };
static const char *const prerelease_words[] = { "include", "exclude", "only", NULL };
static const char *const invalid_words[] = { "error", "skip", NULL };
static const char *const target_words[] = { "both", "labels", "annotations", NULL };

/* clang-format off */
#define AT(type, member) offsetof(struct type, member)

static const struct key semver_keys[] = {
    { "from", &kind_template, AT(slip_rule_semver, from), NULL,
      "template of the text that is the version (default: \"%tag%\")" },
    { "prefix", &kind_str, AT(slip_rule_semver, prefix), NULL,
      "what stands before the version; auto: an optional v" },
    { "loose", &kind_bool, AT(slip_rule_semver, loose), NULL, "take 1 and 1.2 as versions too" },
    { "prerelease", &kind_enum, AT(slip_rule_semver, prerelease), prerelease_words,
      "whether prereleases are released" },
    { "invalid", &kind_enum, AT(slip_rule_semver, invalid), invalid_words,
      "what happens to a tag that is no version" },
    { NULL, NULL, 0, NULL, NULL },
};

static const struct key metadata_keys[] = {
    { "auto", &kind_bool, AT(slip_rule_metadata, automatic), NULL,
      "add source, revision, version, time and ref of the commit (default: true)" },
    { "target", &kind_enum, AT(slip_rule_metadata, target), target_words, "where they go" },
    { "created", &kind_created, AT(slip_rule_metadata, created), NULL,
      "commit, tag, none, or a time (default: commit)" },
    { "source", &kind_template, AT(slip_rule_metadata, source), NULL,
      "auto, none, or a URL (default: auto)" },
    { "ref-name", &kind_bool, AT(slip_rule_metadata, ref_name), NULL, "add the name of the ref" },
    { "keys", &kind_labels, AT(slip_rule_metadata, keys), NULL, "more keys and their templates" },
    { NULL, NULL, 0, NULL, NULL },
};

static const struct key retry_keys[] = {
    { "attempts", &kind_count, AT(slip_rule_retry, attempts), NULL, "per request (default: 6)" },
    { "max-time", &kind_duration, AT(slip_rule_retry, max_s), NULL, "per request (default: 5m)" },
    { NULL, NULL, 0, NULL, NULL },
};

/* What a destination may say otherwise than its rule. */
static const struct key naming_keys[] = {
    { "if-exists", &kind_enum, AT(slip_rule_naming, if_exists), if_exists_words,
      "when the name is there already; auto: full versions must be equal, others move" },
    { "on-failure", &kind_enum, AT(slip_rule_naming, on_failure), on_failure_words,
      "warn: failures never change the exit status" },
    { "latest", &kind_enum, AT(slip_rule_naming, latest), gate_words,
      "auto: the newest stable version moves the tag latest" },
    { "floating", &kind_enum, AT(slip_rule_naming, floating), gate_words,
      "auto: the newest stable version of a series moves tags like 1 and 1.4" },
    { "labels", &kind_labels, AT(slip_rule_naming, labels), NULL,
      "labels to add; an empty text takes an automatic one away" },
    { "annotations", &kind_labels, AT(slip_rule_naming, annotations), NULL,
      "annotations to add, likewise" },
    { "platforms", &kind_platforms, AT(slip_rule_naming, platforms), NULL,
      "of multi-platform images only these" },
    { NULL, NULL, 0, NULL, NULL },
};

static const struct key match_keys[] = {
    { "tags", &kind_patterns, AT(slip_rule, tags), NULL, "short names of tags" },
    { "branches", &kind_patterns, AT(slip_rule, branches), NULL, "short names of branches" },
    { "refs", &kind_patterns, AT(slip_rule, refs), NULL, "full names of refs" },
    { "exclude", &kind_patterns, AT(slip_rule, exclude), NULL,
      "not these, of the names that matched" },
    { "remotes", &kind_patterns, AT(slip_rule, remotes), NULL,
      "names or addresses of remotes (pre-push; default: the one chosen at install)" },
    { NULL, NULL, 0, NULL, NULL },
};

/* What defaults may say for every rule. */
static const struct key option_keys[] = {
    { "enabled", &kind_bool, AT(slip_rule, enabled), NULL, "false: the rule is not there" },
    { "images", &kind_image_patterns, AT(slip_rule, images), NULL,
      "which images (default: all final ones); !pattern takes some away" },
    { "semver", &kind_struct, AT(slip_rule, semver), semver_keys, "how tags are versions" },
    { "tags", &kind_references, AT(slip_rule, tag_names), NULL,
      "tags to write, for destinations that name a repository" },
    { "metadata", &kind_struct, AT(slip_rule, metadata), metadata_keys,
      "labels and annotations that tell where an image comes from" },
    { "when", &kind_when, AT(slip_rule, when), NULL, "what each trigger does" },
    { "require-built", &kind_bool, AT(slip_rule, require_built), NULL,
      "do not build: a missing stage is an error" },
    { "retry", &kind_struct, AT(slip_rule, retry), retry_keys, "after temporary failures" },
    { "timeout", &kind_duration, AT(slip_rule, timeout_s), NULL,
      "for the whole rule (default: 60m)" },
    { NULL, NULL, 0, NULL, NULL },
};
/* clang-format on */

static void read_rule_name(struct reader *r, const struct slip_value *v, void *field,
                           const struct key *key)
{
    bool good = v->type == SLIP_VALUE_STRING && v->text.len >= 1 && v->text.len <= 63
                && v->text.ptr[0] != '-';
    for (size_t i = 0; good && i < v->text.len; i++) {
        char c = v->text.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (good)
        rules_read_str(r, v, field, key);
    else
        rules_complain(r, rules_place_of(v), "E-TYPE",
                       "a rule's name is 1 to 63 of a-z, 0-9 and '-', and does not begin with '-'");
}

static void schema_rule_name(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"string\", \"pattern\": \"^[a-z0-9][a-z0-9-]{0,62}$\"");
}

static void schema_match(const struct key *key, struct slip_buf *out)
{
    slip_buf_add_c(out, "\"anyOf\": [{\"required\": [\"tags\"]}, {\"required\": [\"branches\"]}, "
                        "{\"required\": [\"refs\"]}], ");
    rules_schema_struct(key, out);
}

static void read_match(struct reader *r, const struct slip_value *v, void *field,
                       const struct key *key)
{
    struct slip_rule *rule = field;
    size_t before = r->issues->len;
    rules_read_map(r, v, &(struct table){ key->of, rule }, 1);
    if (r->issues->len == before && !rule->tags.len && !rule->branches.len && !rule->refs.len
        && v->type == SLIP_VALUE_MAP)
        rules_complain(r, rules_place_of(v), "E-NO-MATCH-KEY",
                       "'match' needs one of 'tags', 'branches' and 'refs'");
}

/* ---- destinations ---- */

/* clang-format off */
static const struct key to_keys[] = {
    { "name", &kind_str, AT(slip_rule_to, name), NULL, "label for messages" },
    { "ref", &kind_reference, AT(slip_rule_to, ref), NULL, "a whole reference" },
    { "repo", &kind_reference, AT(slip_rule_to, repo), NULL, "a repository, for the tags" },
    { "tags", &kind_references, AT(slip_rule_to, tags), NULL, "instead of the rule's tags" },
    { "required", &kind_bool, AT(slip_rule_to, required), NULL,
      "false: a mirror, whose failure is a warning" },
    { NULL, NULL, 0, NULL, NULL },
};
/* clang-format on */

static void check_to_form(struct reader *r, const struct slip_value *v,
                          const struct slip_rule_to *to)
{
    if (!to->ref.text.ptr && !to->repo.text.ptr && !slip_value_get(v, "ref")
        && !slip_value_get(v, "repo"))
        rules_complain(r, rules_place_of(v), "E-TYPE", "a destination needs 'ref' or 'repo'");
    else if (to->ref.text.ptr && (to->repo.text.ptr || to->tags.len))
        rules_complain(r, rules_place_of(v), "E-TYPE",
                       "'ref' is a whole reference: no 'repo' or 'tags' beside");
    else if (to->repo.text.ptr && to->tags.len == 0)
        rules_complain(r, rules_place_of(v), "E-TYPE", "no 'tags', neither here nor in the rule");
}

static void read_one_to(struct reader *r, const struct slip_value *v, const struct slip_rule *rule,
                        struct slip_rule_to *to)
{
    *to = (struct slip_rule_to){
        .place = rules_place_of(v),
        .required = true,
        .naming = rule->naming,
    };
    if (v->type == SLIP_VALUE_STRING) {
        if (rules_check_reference(r, v))
            to->ref = rules_text_of(r, v);
        return;
    }
    struct table tables[] = { { to_keys, to }, { naming_keys, &to->naming } };
    rules_read_map(r, v, tables, SLIP_COUNT(tables));
    if (v->type != SLIP_VALUE_MAP)
        return;
    if (to->repo.text.ptr && !slip_value_get(v, "tags"))
        to->tags = rule->tag_names;
    check_to_form(r, v, to);
}

static void read_to(struct reader *r, const struct slip_value *v, void *field,
                    const struct key *key)
{
    (void)key;
    struct slip_rule *rule = field;
    rule->to = slip_arena_array(&r->rules->arena, rules_list_len(v) + 1, sizeof(*rule->to));
    rule->n_to = rules_list_len(v);
    for (size_t i = 0; i < rule->n_to; i++)
        read_one_to(r, rules_list_at(v, i), rule, &rule->to[i]);
    if (rule->n_to == 0)
        rules_complain(r, rules_place_of(v), "E-TYPE", "'to' is empty");
}

static void schema_one_to(const struct key *key, struct slip_buf *out)
{
    const struct key *const tables[] = { to_keys, naming_keys };
    slip_buf_add_c(out, "{");
    rules_schema_reference(key, out);
    slip_buf_add_c(out, "}, {\"oneOf\": [{\"required\": [\"repo\"]}, {\"required\": [\"ref\"], "
                        "\"not\": {\"required\": [\"tags\"]}}], ");
    rules_schema_of_maps(tables, SLIP_COUNT(tables), NULL, out);
    slip_buf_add_c(out, "}");
}

/* One destination, or a list of them. */
static void schema_to(const struct key *key, struct slip_buf *out)
{
    slip_buf_add_c(out, "\"anyOf\": [");
    schema_one_to(key, out);
    slip_buf_add_c(out, ", {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [");
    schema_one_to(key, out);
    slip_buf_add_c(out, "]}}]");
}

/* ---- rules ---- */

static const struct kind kind_rule_name = { read_rule_name, schema_rule_name };
static const struct kind kind_match = { read_match, schema_match };
static const struct kind kind_to = { read_to, schema_to };

/* clang-format off */
static const struct key rule_keys[] = {
    { "name", &kind_rule_name, AT(slip_rule, name), NULL, "how messages call the rule" },
    { "match", &kind_match, 0, match_keys, "which refs" },
    { NULL, NULL, 0, NULL, NULL },
};
static const struct key rule_to_keys[] = { /* last: a destination begins with what its rule says */
    { "to", &kind_to, 0, NULL, "where the images go" },
    { NULL, NULL, 0, NULL, NULL },
};
/* clang-format on */

/* Called for every template that decides about names of a rule. */
typedef void template_fn(struct reader *r, struct slip_rule *rule, const struct slip_rule_text *t,
                         enum slip_template_kind kind);

static void each_text(struct reader *r, struct slip_rule *rule, const struct slip_rule_texts *list,
                      enum slip_template_kind kind, template_fn *visit)
{
    for (size_t i = 0; i < list->len; i++)
        visit(r, rule, &list->at[i], kind);
}

static void each_label(struct reader *r, struct slip_rule *rule, const struct slip_rule_map *map,
                       template_fn *visit)
{
    for (size_t i = 0; i < map->len; i++)
        visit(r, rule, &map->at[i].value, SLIP_TEMPLATE_TEXT);
}

static void each_template(struct reader *r, struct slip_rule *rule, template_fn *visit)
{
    each_text(r, rule, &rule->images, SLIP_TEMPLATE_PATTERN, visit);
    each_label(r, rule, &rule->metadata.keys, visit);
    for (size_t i = 0; i < rule->n_to; i++) {
        const struct slip_rule_to *to = &rule->to[i];
        visit(r, rule, &to->ref, SLIP_TEMPLATE_REFERENCE);
        visit(r, rule, &to->repo, SLIP_TEMPLATE_REFERENCE);
        each_text(r, rule, &to->tags, SLIP_TEMPLATE_REFERENCE, visit);
        each_label(r, rule, &to->naming.labels, visit);
        each_label(r, rule, &to->naming.annotations, visit);
    }
}

static size_t most_groups(const struct slip_rule *rule)
{
    const struct slip_rule_patterns *const lists[] = { &rule->tags, &rule->branches, &rule->refs };
    size_t most = 0;
    for (size_t i = 0; i < SLIP_COUNT(lists); i++)
        for (size_t k = 0; k < lists[i]->len; k++)
            if (lists[i]->at[k].groups > most)
                most = lists[i]->at[k].groups;
    return most;
}

static void check_captures(struct reader *r, const struct slip_rule *rule, unsigned captures,
                           struct slip_place place)
{
    size_t groups = most_groups(rule);
    for (size_t n = groups + 1; n < SLIP_PATTERN_GROUPS; n++) {
        if (captures & 1u << n) {
            rules_complain(r, place, "E-CAPTURE", "no pattern of rule '%.*s' has a group %zu",
                           SLIP_ARG(rule->name), n);
            return;
        }
    }
}

static void check_rule_template(struct reader *r, struct slip_rule *rule,
                                const struct slip_rule_text *t, enum slip_template_kind kind)
{
    struct slip_error err = { 0 };
    struct slip_template_scan scan;
    if (!t->text.ptr
        || slip_template_check(t->text, kind, rules_is_allowed_variable, &r->rules->env_allow,
                               &scan, &err)
               < 0)
        return; /* not given, or complained of where it was read */
    check_captures(r, rule, scan.captures, t->place);
    rule->uses_semver = rule->uses_semver || (scan.uses & SLIP_USES_SEMVER);
    if (kind == SLIP_TEMPLATE_REFERENCE && scan.uses & SLIP_FULL_NAME
        && scan.uses & SLIP_USES_CI_RUN)
        rules_complain(
            r, t->place, "E-PLACEHOLDER",
            "the number of a CI run in a tag that never changes: a second run would differ");
}

/* What the version is read from: neither the version itself nor an image, and where nothing is to
 * be filled in, a version. */
static void check_from(struct reader *r, struct slip_rule *rule)
{
    struct slip_template_scan scan = slip_template_scan(rule->semver.from.text);
    struct slip_semver version;
    struct slip_error err = { 0 };
    if (scan.uses & (SLIP_USES_SEMVER | SLIP_USES_IMAGE))
        rules_complain(r, rule->semver.from.place, "E-SEMVER",
                       "the version cannot be read from '%.*s'", SLIP_ARG(rule->semver.from.text))
            ->hint = slip_strdup("name what holds it: %tag%, or a group such as %1%");
    else if (slip_str_find(rule->semver.from.text, '%') == SLIP_NPOS
             && slip_semver_parse(rule->semver.from.text, rule->semver.prefix, rule->semver.loose,
                                  &version, &err)
                    < 0)
        rules_complain(r, rule->semver.from.place, "E-SEMVER",
                       "'%.*s' is not a semantic version (%s)", SLIP_ARG(rule->semver.from.text),
                       err.text);
}

static void check_rule(struct reader *r, const struct slip_value *v, struct slip_rule *rule)
{
    static const char *const required[] = { "name", "match", "to" };
    for (size_t i = 0; i < SLIP_COUNT(required); i++)
        if (!slip_value_get(v, required[i]))
            rules_complain(r, rules_place_of(v), i == 1 ? "E-NO-MATCH-KEY" : "E-TYPE",
                           "rule without '%s'", required[i]);
    rule->uses_semver = slip_value_get(v, "semver") || r->defaults.uses_semver;
    check_captures(r, rule, 0, rule->place);
    check_rule_template(r, rule, &rule->semver.from, SLIP_TEMPLATE_TEXT);
    check_from(r, rule);
    each_template(r, rule, check_rule_template);
    for (const struct slip_rule *other = r->rules->at; other < rule; other++)
        if (rule->name.len && slip_str_eq(other->name, rule->name))
            rules_complain(r, rule->place, "E-DUP-RULE", "two rules are called '%.*s'",
                           SLIP_ARG(rule->name));
}

static void read_rule(struct reader *r, const struct slip_value *v, struct slip_rule *rule)
{
    *rule = r->defaults;
    rule->place = rules_place_of(v);
    struct table tables[] = {
        { rule_keys, rule },
        { option_keys, rule },
        { naming_keys, &rule->naming },
        { rule_to_keys, rule },
    };
    rules_read_map(r, v, tables, SLIP_COUNT(tables));
    if (v->type == SLIP_VALUE_MAP)
        check_rule(r, v, rule);
}

static void read_rules(struct reader *r, const struct slip_value *v, void *field,
                       const struct key *key)
{
    (void)field;
    (void)key;
    if (v->type != SLIP_VALUE_LIST || v->len == 0) {
        rules_complain(r, rules_place_of(v), "E-TYPE",
                       "'rules' is not a list with at least one rule");
        return;
    }
    if (v->len > SLIP_LIMIT_RULE_COUNT) {
        rules_complain(r, rules_place_of(v), "E-TYPE", "more than %d rules", SLIP_LIMIT_RULE_COUNT);
        return;
    }
    r->rules->at = slip_arena_array(&r->rules->arena, v->len, sizeof(*r->rules->at));
    for (size_t i = 0; i < v->len; i++)
        read_rule(r, v->items[i], &r->rules->at[r->rules->len++]);
}

static void schema_rules(const struct key *key, struct slip_buf *out)
{
    (void)key;
    const struct key *const tables[] = { rule_keys, option_keys, naming_keys, rule_to_keys };
    slip_buf_add_c(out, "\"type\": \"array\", \"minItems\": 1, \"items\": {");
    rules_schema_of_maps(tables, SLIP_COUNT(tables), "\"name\", \"match\", \"to\"", out);
    slip_buf_add_c(out, "}");
}

static void read_defaults(struct reader *r, const struct slip_value *v, void *field,
                          const struct key *key)
{
    (void)field;
    (void)key;
    struct table tables[] = { { option_keys, &r->defaults }, { naming_keys, &r->defaults.naming } };
    rules_read_map(r, v, tables, SLIP_COUNT(tables));
    r->defaults.uses_semver = slip_value_get(v, "semver") != NULL;
}

static void schema_defaults(const struct key *key, struct slip_buf *out)
{
    (void)key;
    const struct key *const tables[] = { option_keys, naming_keys };
    rules_schema_of_maps(tables, SLIP_COUNT(tables), NULL, out);
}

static void read_version(struct reader *r, const struct slip_value *v, void *field,
                         const struct key *key)
{
    (void)field;
    (void)key;
    r->version_seen = true;
    if (v->type == SLIP_VALUE_INT && v->i == 1)
        return;
    if (v->type == SLIP_VALUE_INT && v->i > 1)
        rules_complain(r, rules_place_of(v), "E-VERSION", "version %jd needs a newer slipway",
                       (intmax_t)v->i);
    else
        rules_complain(r, rules_place_of(v), "E-VERSION", "'version' is not 1");
}

static void schema_version(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"const\": 1");
}

static void read_dir(struct reader *r, const struct slip_value *v, void *field,
                     const struct key *key)
{
    (void)key;
    struct slip_rule_text *dir = field;
    if (!rules_is_text(r, v))
        return;
    if (!slip_path_is_inside(v->text)) {
        rules_complain(r, rules_place_of(v), "E-TYPE",
                       "'dir' is not a directory of the repository");
        return;
    }
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_TEMPLATE_MAX);
    slip_path_clean(v->text, &clean);
    *dir = rules_text_of(r, v);
    dir->text = slip_str_is(slip_buf_str(&clean), ".")
                    ? SLIP_STR("")
                    : slip_arena_str(&r->rules->arena, slip_buf_str(&clean));
}

static const struct kind kind_version = { read_version, schema_version };
static void schema_dir(const struct key *key, struct slip_buf *out)
{
    (void)key;
    slip_buf_add_c(out, "\"type\": \"string\", \"pattern\": \"^(?!/|\\\\.\\\\.(/|$))\"");
}

static const struct kind kind_dir = { read_dir, schema_dir };
static const struct kind kind_defaults = { read_defaults, schema_defaults };
static const struct kind kind_rules = { read_rules, schema_rules };

/* clang-format off */
static const struct key top_keys[] = {
    { "version", &kind_version, 0, NULL, "of this format: 1" },
    { "repo", &kind_text, AT(slip_rules, repo), NULL, "the stage repository (werf's --repo)" },
    { "dir", &kind_dir, AT(slip_rules, dir), NULL, "directory of werf.yaml (default: the top)" },
    { "env", &kind_text, AT(slip_rules, env), NULL, "werf environment (werf's --env)" },
    { "env-allow", &kind_variables, AT(slip_rules, env_allow), NULL,
      "environment variables that %env:NAME% may use" },
    { "defaults", &kind_defaults, 0, NULL, "what every rule says that does not say otherwise" },
    { "rules", &kind_rules, 0, NULL, "all that match an update run, in this order" },
    { NULL, NULL, 0, NULL, NULL },
};
/* clang-format on */

void slip_rules_print_schema(struct slip_buf *out)
{
    const struct key *const tables[] = { top_keys };
    slip_buf_add_c(out, "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", "
                        "\"title\": \"slipway rules\", ");
    rules_schema_of_maps(tables, 1, "\"version\", \"rules\"", out);
    slip_buf_add_c(out, "}\n");
}

static struct slip_rule builtin_defaults(void)
{
    return (struct slip_rule){
        .enabled = true,
        .semver = { .from = { SLIP_STR("%tag%"), { 0 } }, .prefix = SLIP_STR("auto") },
        .metadata = { .automatic = true,
                      .ref_name = true,
                      .created = { SLIP_STR("commit"), { 0 } },
                      .source = { SLIP_STR("auto"), { 0 } } },
        .when = { [SLIP_TRIGGER_PRE_PUSH] = SLIP_ACTION_PREPARE,
                  [SLIP_TRIGGER_CI] = SLIP_ACTION_EXPORT,
                  [SLIP_TRIGGER_POST_RECEIVE] = SLIP_ACTION_EXPORT },
        .retry = { .attempts = 6, .max_s = 300 },
        .timeout_s = 3600,
    };
}

static void read_file(struct reader *r, const struct slip_value *root)
{
    struct slip_place top = { 1, 1 };
    if (!root || root->type != SLIP_VALUE_MAP) {
        rules_complain(r, top, "E-TYPE", "expected a map with 'version' and 'rules'");
        return;
    }
    rules_read_map(r, root, &(struct table){ top_keys, r->rules }, 1);
    if (!r->version_seen)
        rules_complain(r, top, "E-VERSION", "no 'version'")->hint =
            slip_strdup("the file begins with 'version: 1'");
    if (!slip_value_get(root, "rules"))
        rules_complain(r, top, "E-TYPE", "no 'rules'");
}

int slip_rules_read(struct slip_str text, const char *name, struct slip_rules *out,
                    struct slip_rule_issues *issues, struct slip_error *err)
{
    if (text.len > SLIP_LIMIT_RULES)
        return slip_fail(err, SLIP_E_CONFIG, "%s: larger than %u bytes", name, SLIP_LIMIT_RULES);
    SLIP_AUTO(slip_doc) doc = { 0 };
    bool more = false;
    if (slip_yaml_read(text, name, 1, SLIP_YAML_CORE, &doc, &more, err) < 0)
        return -1;
    if (more)
        return slip_fail(err, SLIP_E_CONFIG, "%s: more than one document", name);

    SLIP_AUTO(slip_rule_issues) own = { 0 };
    SLIP_AUTO(slip_rules) rules = { 0 };
    struct reader r = {
        .rules = &rules,
        .issues = issues ? issues : &own,
        .defaults = builtin_defaults(),
    };
    rules.file = slip_arena_str(&rules.arena, slip_str_of(name));
    size_t before = r.issues->len;
    read_file(&r, doc.root);
    rules_advise(r.issues, before);
    if (r.issues->len > before) {
        const struct slip_rule_issue *first = &r.issues->at[before];
        slip_fail(err, SLIP_E_CONFIG, "%s:%u:%u: %s [%s]", name, first->place.line,
                  first->place.col, first->text, first->id);
        return first->hint ? slip_hint(err, "%s", first->hint) : -1;
    }
    slip_rules_clear(out);
    *out = rules;
    rules = (struct slip_rules){ 0 };
    return 0;
}

static void clear_patterns(struct slip_rule_patterns *list)
{
    for (size_t i = 0; i < list->len; i++)
        slip_pattern_clear(&list->at[i]);
}

void slip_rules_clear(struct slip_rules *r)
{
    for (size_t i = 0; i < r->len; i++) {
        clear_patterns(&r->at[i].tags);
        clear_patterns(&r->at[i].branches);
        clear_patterns(&r->at[i].refs);
        clear_patterns(&r->at[i].exclude);
        clear_patterns(&r->at[i].remotes);
    }
    slip_arena_clear(&r->arena);
    *r = (struct slip_rules){ 0 };
}
