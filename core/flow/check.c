/* SPDX-License-Identifier: Apache-2.0 */
/* Rules against images. */
#include "flow/check.h"

#include "base/limits.h"
#include "registry/reference.h"
#include "rule/template.h"

static void add_issue(struct slip_rule_issues *issues, const char *id, struct slip_place place,
                      char *text, char *hint)
{
    struct slip_rule_issue *issue = slip_vec_add(issues);
    *issue = (struct slip_rule_issue){ .of_machine = false };
    snprintf(issue->id, sizeof(issue->id), "%s", id);
    issue->place = place;
    issue->text = text;
    issue->hint = hint;
}

static char *list_of_images(const struct slip_image_set *set)
{
    SLIP_AUTO(slip_buf) list = SLIP_BUF(SLIP_LIMIT_TEXT);
    for (size_t i = 0; i < set->len; i++)
        if (set->at[i].final)
            slip_buf_add_fmt(&list, "%s%.*s",
                             list.len ? ", " : "there are: ", SLIP_ARG(set->at[i].name));
    return slip_buf_detach(&list);
}

static bool matches_any(const struct slip_pattern *p, const struct slip_image_set *set)
{
    for (size_t i = 0; i < set->len; i++)
        if (set->at[i].final && slip_pattern_match(p, set->at[i].name, NULL))
            return true;
    return false;
}

/* Whether the pattern can give an image at all; what rests on the ref may. */
static bool check_pattern(const struct slip_rule_text *t, const struct slip_image_set *set,
                          struct slip_rule_issues *issues)
{
    SLIP_AUTO(slip_pattern) p = { 0 };
    struct slip_error err = { 0 };
    bool negated = t->text.len && t->text.ptr[0] == '!';
    if (slip_str_find(t->text, '%') != SLIP_NPOS)
        return true;
    if (slip_pattern_compile(slip_str_skip(t->text, negated), &p, &err) < 0)
        return true; /* told of when the rules were read */
    bool any = matches_any(&p, set);
    if (!any && (negated || !slip_pattern_literal(&p)))
        add_issue(issues, "W-GLOB-EMPTY", t->place,
                  slip_printf("'%.*s' matches no image", SLIP_ARG(t->text)), list_of_images(set));
    if (!any && !negated && slip_pattern_literal(&p))
        add_issue(issues, "E-IMAGE-UNKNOWN", t->place,
                  slip_printf("there is no final image '%.*s'", SLIP_ARG(t->text)),
                  list_of_images(set));
    return negated || any;
}

/* ---- destinations ---- */

/* One destination of one rule. */
struct looked_at {
    const struct slip_rules *rules;
    const struct slip_check *with;
    const struct slip_rule *rule;
    struct slip_rule_issues *issues;
};

/* The template with a word in the place of every placeholder: what stands beside them can be judged
 * before there is a tag. */
static void add_sample(struct slip_str template, struct slip_buf *out)
{
    struct slip_str rest = template, literal, name;
    bool more = true;
    while (more) {
        more = slip_str_cut(rest, '%', &literal, &rest);
        slip_buf_add_str(out, literal);
        if (!more)
            break;
        more = slip_str_cut(rest, '%', &name, &rest);
        if (slip_str_is(slip_str_trim(name), "image_content_based_tag"))
            slip_buf_add_c(out, "00000000000000000000000000000000000000000000000000000000"
                                "-0000000000000");
        else
            slip_buf_add_c(out, out->len == 0 ? "registry.example" : "xx");
    }
}

/* Where a name stands in the file; the two parts are apart when the rule has `tags`. */
struct places {
    struct slip_place repository, tag;
};

/* The id stands at the end of the text: "... [E-REPO-CHARS]". The sample, which stands at the
 * beginning, is told as it was written. */
static void add_failure(struct slip_rule_issues *issues, struct places at, struct slip_str template,
                        struct slip_str sample, const struct slip_error *err)
{
    struct slip_str text = slip_str_of(err->text), id = SLIP_STR("E-TYPE]"), rest;
    if (slip_str_ends(text, SLIP_STR("]")) && slip_str_rcut(text, '[', &rest, &id))
        text = slip_str_trim(rest);
    SLIP_AUTO_FREE char *name = slip_memdup(id.ptr, id.len - 1);
    SLIP_AUTO_FREE char *start = slip_printf("'%.*s'", SLIP_ARG(sample));
    bool quoted = slip_str_starts(text, slip_str_of(start));
    bool sampled = slip_str_find_str(slip_str_of(err->hint), SLIP_STR("xx")) != SLIP_NPOS;
    add_issue(issues, name, strcmp(name, "E-TAG-CHARS") == 0 ? at.tag : at.repository,
              quoted ? slip_printf("'%.*s'%.*s", SLIP_ARG(template),
                                   SLIP_ARG(slip_str_skip(text, sample.len + 2)))
                     : slip_printf("%.*s", SLIP_ARG(text)),
              sampled        ? slip_strdup("write it without the scheme")
              : err->hint[0] ? slip_strdup(err->hint)
                             : NULL);
    issues->at[issues->len - 1].of_machine = err->kind == SLIP_E_POLICY;
}

static size_t repository_len(struct slip_str template)
{
    size_t tag = slip_template_tag_at(template);
    return tag == SLIP_NPOS ? template.len : tag - 1;
}

/* Might a name that begins like this be allowed, once its placeholders are filled in? */
static bool may_fit_later(const struct slip_policy *policy, struct slip_str template)
{
    struct slip_str head, rest;
    if (!slip_str_cut(slip_str_first(template, repository_len(template)), '%', &head, &rest))
        return false;
    for (size_t i = 0; i < policy->config->list.len; i++) {
        const struct slip_git_setting *s = &policy->config->list.at[i];
        if (strcmp(s->key, SLIP_KEY_ALLOW) == 0 && slip_str_starts(slip_str_of(s->value), head))
            return true;
    }
    return false;
}

static void check_allowed(const struct looked_at *l, struct slip_str template,
                          struct slip_str sample, struct slip_place place)
{
    struct slip_error err = { 0 };
    if (!l->with->policy || slip_policy_check_destination(l->with->policy, sample, &err) == 0
        || err.kind != SLIP_E_POLICY || may_fit_later(l->with->policy, template))
        return;
    add_issue(l->issues, "E-POLICY", place,
              slip_printf("destination '%.*s' is not allowed here", SLIP_ARG(template)),
              slip_strdup(err.hint));
    l->issues->at[l->issues->len - 1].of_machine = true;
}

/* In the stage repository a name must not look like a stage or a record of one. */
static void check_self(const struct looked_at *l, struct slip_str template,
                       const struct slip_reference *to, struct slip_place place)
{
    SLIP_AUTO(slip_reference) stages = { 0 };
    struct slip_error none = { 0 };
    struct slip_str repo =
        l->with->stage_repository.len ? l->with->stage_repository : l->rules->repo.text;
    if (to->is_digest || !slip_tag_is_reserved(slip_str_of(to->identifier)) || repo.len == 0
        || slip_repository_parse(repo, &stages, &none) < 0
        || !slip_reference_same_repository(to, &stages))
        return;
    add_issue(l->issues, "E-SELF", place,
              slip_printf("'%.*s' would stand in the stage repository and look like one of its "
                          "stages or records",
                          SLIP_ARG(template)),
              slip_strdup("use another tag or another repository"));
}

static void check_reference(const struct looked_at *l, struct slip_str template, struct places at)
{
    SLIP_AUTO(slip_buf) sample = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_reference) reference = { 0 };
    struct slip_error err = { 0 };
    add_sample(template, &sample);
    if (slip_reference_parse(slip_buf_str(&sample), &reference, &err) < 0) {
        add_failure(l->issues, at, template, slip_buf_str(&sample), &err);
        return;
    }
    check_self(l, template, &reference, at.tag);
    check_allowed(l, template, slip_buf_str(&sample), at.repository);
}

/* The last pattern that fits an image says whether the rule wants it. */
static void apply_pattern(struct slip_str text, const struct slip_image_set *set, bool *wanted)
{
    bool negated = slip_str_starts(text, SLIP_STR("!"));
    SLIP_AUTO(slip_pattern) p = { 0 };
    struct slip_error none = { 0 };
    if (slip_pattern_compile(slip_str_skip(text, negated), &p, &none) < 0)
        return;
    for (size_t i = 0; i < set->len; i++)
        if (slip_pattern_match(&p, set->at[i].name, NULL))
            wanted[i] = !negated;
}

/* Images that the rule surely wants; 0 when that rests on the ref. */
static size_t count_wanted(const struct slip_rule *rule, const struct slip_image_set *set)
{
    SLIP_AUTO_FREE bool *wanted = slip_alloc_array(set->len + 1, sizeof(bool));
    size_t n = 0;
    for (size_t i = 0; i < set->len; i++)
        wanted[i] =
            rule->images.len == 0 || slip_str_starts(rule->images.at[0].text, SLIP_STR("!"));
    for (size_t i = 0; i < rule->images.len; i++) {
        if (slip_str_find(rule->images.at[i].text, '%') != SLIP_NPOS)
            return 0;
        apply_pattern(rule->images.at[i].text, set, wanted);
    }
    for (size_t i = 0; i < set->len; i++)
        n += set->at[i].final && wanted[i];
    return n;
}

/* A branch moves `latest` only when it is the default one. */
static void check_latest(const struct looked_at *l, const struct slip_rule_to *to,
                         struct slip_str template, struct slip_place place)
{
    struct slip_str branch = l->with->default_branch;
    struct slip_str tag = slip_str_skip(template, repository_len(template));
    if ((tag.len && !slip_str_is(tag, ":latest")) || to->naming.latest == SLIP_GATE_NEVER
        || l->rule->branches.len == 0 || l->rule->tags.len || l->rule->refs.len || branch.len == 0)
        return;
    for (size_t i = 0; i < l->rule->branches.len; i++)
        if (slip_pattern_match(&l->rule->branches.at[i], branch, NULL))
            return;
    add_issue(
        l->issues, "W-LATEST-BRANCH", place,
        slip_printf("'latest' is only written from the default branch '%.*s', which this rule "
                    "does not ask for",
                    SLIP_ARG(branch)),
        NULL);
}

static void check_name(const struct looked_at *l, const struct slip_rule_to *to, size_t wanted,
                       struct slip_str name, struct places at)
{
    size_t before = l->issues->len;
    check_reference(l, name, at);
    if (l->issues->len > before)
        return;
    check_latest(l, to, name, at.tag);
    if (wanted > 1 && !(slip_template_scan(name).uses & SLIP_USES_IMAGE))
        add_issue(l->issues, "E-COLLISION", at.repository,
                  slip_printf("%zu images would all get the name '%.*s'", wanted, SLIP_ARG(name)),
                  slip_strdup("put %image_slug% into it, or choose one with 'images'"));
}

/* What is wrong with the repository is so for all tags, and told once. */
static bool told_of(const struct slip_rule_issues *issues, size_t from, struct slip_place place)
{
    for (size_t i = from; i < issues->len; i++)
        if (issues->at[i].place.line == place.line && issues->at[i].place.col == place.col)
            return true;
    return false;
}

static void check_destination(const struct looked_at *l, const struct slip_rule_to *to,
                              size_t wanted)
{
    size_t before = l->issues->len;
    if (to->ref.text.ptr)
        check_name(l, to, wanted, to->ref.text, (struct places){ to->ref.place, to->ref.place });
    for (size_t i = 0; i < to->tags.len && !to->ref.text.ptr; i++) {
        SLIP_AUTO(slip_buf) whole = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_buf_add_fmt(&whole, "%.*s:%.*s", SLIP_ARG(to->repo.text),
                         SLIP_ARG(to->tags.at[i].text));
        check_name(l, to, wanted, slip_buf_str(&whole),
                   (struct places){ to->repo.place, to->tags.at[i].place });
        if (told_of(l->issues, before, to->repo.place))
            return;
    }
}

static struct slip_str name_of(const struct slip_rule_to *to)
{
    return to->ref.text.ptr ? to->ref.text : to->repo.text;
}

static void check_twice(const struct slip_rule *rule, size_t i, struct slip_rule_issues *issues)
{
    const struct slip_rule_to *to = &rule->to[i];
    for (size_t k = 0; k < i; k++) {
        if (!slip_str_eq(name_of(&rule->to[k]), name_of(to))
            || !to->ref.text.ptr != !rule->to[k].ref.text.ptr
            || (!to->ref.text.ptr && to->tags.at != rule->to[k].tags.at))
            continue;
        add_issue(issues, "W-DUP-REF", to->place,
                  slip_printf("'%.*s' stands here twice", SLIP_ARG(name_of(to))), NULL);
        return;
    }
}

/* `tags` of the rule that no destination takes: each names its own tag, perhaps without a word. */
static void check_tags_are_used(const struct slip_rule *rule, struct slip_rule_issues *issues)
{
    for (size_t i = 0; i < rule->n_to; i++)
        if (rule->to[i].tags.at == rule->tag_names.at)
            return;
    add_issue(issues, "W-TAGS-UNUSED", rule->tag_names.at[0].place,
              slip_strdup("no destination takes these tags: write '- repo: HOST/PATH' instead of "
                          "'- HOST/PATH'"),
              NULL);
}

static void check_destinations(const struct looked_at *l)
{
    size_t wanted = count_wanted(l->rule, l->with->images);
    for (size_t i = 0; i < l->rule->n_to; i++) {
        check_destination(l, &l->rule->to[i], wanted);
        check_twice(l->rule, i, l->issues);
    }
    if (l->rule->tag_names.len)
        check_tags_are_used(l->rule, l->issues);
}

/* The hook hands over before a server cuts the idle connection: then it is no longer so that names
 * are there before the push goes on, which is all that `export` has over `prepare`. */
static void check_patience(const struct looked_at *l)
{
    if (!l->with->over_ssh || l->rule->when[SLIP_TRIGGER_PRE_PUSH] != SLIP_ACTION_EXPORT)
        return;
    add_issue(l->issues, "W-SSH-SLOW", l->rule->place,
              slip_printf("rule '%.*s': pushes go over SSH, and what takes longer than "
                          "slipway.pushTimeout ends behind the push, names too",
                          SLIP_ARG(l->rule->name)),
              slip_strdup("when: {pre-push: prepare}"));
}

static void check_stage_repository(const struct slip_rules *rules, const struct slip_check *with,
                                   struct slip_rule_issues *issues)
{
    SLIP_AUTO(slip_reference) stages = { 0 };
    struct slip_error err = { 0 };
    struct slip_str repo = rules->repo.text;
    if (repo.len == 0 || with->stage_repository.len)
        return;
    if (slip_repository_parse(repo, &stages, &err) < 0
        || (with->policy && slip_policy_check_repo(with->policy, repo, &err) < 0))
        add_failure(issues, (struct places){ rules->repo.place, rules->repo.place }, repo, repo,
                    &err);
}

static bool has_errors(const struct slip_rule_issues *issues, size_t from)
{
    for (size_t i = from; i < issues->len; i++)
        if (issues->at[i].id[0] == 'E')
            return true;
    return false;
}

void slip_check_rules(const struct slip_rules *rules, const struct slip_check *with,
                      struct slip_rule_issues *issues)
{
    check_stage_repository(rules, with, issues);
    for (size_t r = 0; r < rules->len; r++) {
        const struct slip_rule *rule = &rules->at[r];
        size_t before = issues->len;
        bool any = rule->images.len == 0;
        for (size_t i = 0; i < rule->images.len; i++)
            any = check_pattern(&rule->images.at[i], with->images, issues) || any;
        if (!any && !has_errors(issues, before))
            add_issue(issues, "E-IMAGE-NONE", rule->place,
                      slip_printf("rule '%.*s' matches no image", SLIP_ARG(rule->name)),
                      list_of_images(with->images));
        const struct looked_at looked_at = { rules, with, rule, issues };
        check_destinations(&looked_at);
        check_patience(&looked_at);
    }
}
