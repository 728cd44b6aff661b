/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of one update, together. */
#include "flow/run_rules.h"

#include "base/limits.h"
#include "base/mem.h"
#include "flow/series.h"
#include "ref/url.h"
#include "werf/slug.h"

struct work {
    const struct slip_project *project;
    const struct slip_rules_run *run;
    struct slip_arena arena;
    struct slip_buf repo_path;

    struct slip_remote_series asked; /* when the run brings none */
    const struct slip_series *series;

    struct slip_wishes *wishes; /* one per decision; not to be moved */
    struct {
        SLIP_VEC(struct slip_metadata *);
    } metadata;
    struct {
        SLIP_VEC(struct slip_release_wish);
    } names;
};

static void work_clear(struct work *w)
{
    for (size_t i = 0; i < w->run->n; i++)
        slip_wishes_clear(&w->wishes[i]);
    for (size_t i = 0; i < w->metadata.len; i++)
        slip_metadata_clear(w->metadata.at[i]);
    slip_vec_clear(&w->metadata);
    slip_vec_clear(&w->names);
    slip_remote_series_clear(&w->asked);
    slip_buf_clear(&w->repo_path);
    slip_arena_clear(&w->arena);
}

struct slip_str slip_rules_stage_repository(const struct slip_rules *rules, struct slip_str given)
{
    return given.len ? given : rules->repo.text;
}

/* ---- facts ---- */

/* When an annotated tag was made: its object says "tagger NAME <MAIL> SECONDS ZONE". */
static int64_t tagger_time(struct work *w, struct slip_str id)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) object = SLIP_BUF(SLIP_LIMIT_TEXT);
    const char *words[] = { "cat-file", "tag", slip_arena_strdup(&w->arena, id), NULL };
    int status;
    if (slip_git_run(w->run->git, words, &object, &status, &err) < 0 || status != 0)
        return 0;
    struct slip_str rest = slip_buf_str(&object), line, head, zone, seconds;
    while (slip_str_line(&rest, &line) && line.len) {
        int64_t time;
        if (slip_str_starts(line, SLIP_STR("tagger ")) && slip_str_rcut(line, ' ', &head, &zone)
            && slip_str_rcut(head, ' ', &head, &seconds) && slip_str_to_i64(seconds, &time))
            return time;
    }
    return 0;
}

/* ---- from a decision to wishes ---- */

static struct slip_facts facts_of(struct work *w, const struct slip_decision *d)
{
    return (struct slip_facts){ .update = &d->update,
                                .commit = slip_str_of(w->project->commit_hex),
                                .commit_time = w->project->commit.committer.seconds,
                                .project = w->project->set.project,
                                .repo_path = slip_buf_str(&w->repo_path),
                                .ci_run_id = w->run->ci_run_id,
                                .ci_run_number = w->run->ci_run_number,
                                .env = w->run->env,
                                .env_payload = w->run->env_payload };
}

/* Flags of the images that the rule wants. */
static int select_images(struct work *w, const struct slip_decision *d, struct slip_wishes *wishes,
                         bool **out, struct slip_error *err)
{
    const struct slip_image_set *set = &w->project->set;
    struct slip_str *names = slip_arena_array(&w->arena, set->len + 1, sizeof(*names));
    size_t *index = slip_arena_array(&w->arena, set->len + 1, sizeof(*index));
    bool *wanted = slip_arena_array(&w->arena, set->len + 1, sizeof(bool));
    size_t n = 0;
    for (size_t i = 0; i < set->len; i++)
        if (set->at[i].final) {
            names[n] = set->at[i].name;
            index[n++] = i;
        }
    if (slip_wishes_select(w->run->rules, d, wishes, names, n, wanted, err) < 0)
        return -1;
    bool *flags = slip_arena_array(&w->arena, set->len + 1, sizeof(bool));
    for (size_t i = 0; i < n; i++)
        flags[index[i]] = wanted[i];
    *out = flags;
    return 0;
}

static int add_metadata(struct work *w, const struct slip_decision *d,
                        const struct slip_wishes *wishes, const struct slip_wish *wish,
                        const struct slip_image_words *image, struct slip_metadata **out,
                        struct slip_error *err)
{
    struct slip_facts facts = wishes->facts;
    facts.image = image;
    struct slip_metadata_facts more = {
        .source_url = w->run->source_url,
        .commit_time = w->project->commit.committer.seconds,
        .epoch = w->run->epoch,
        .tagger_time = slip_str_is(d->rule->metadata.created.text, "tag")
                           ? tagger_time(w, d->update.new_id)
                           : 0,
    };
    struct slip_metadata *m = slip_arena_new(&w->arena, struct slip_metadata);
    slip_vec_push(&w->metadata, m);
    if (slip_metadata_make(d->rule, &wish->to->naming, &facts, &more, m, err) < 0)
        return -1;
    *out = m;
    return 0;
}

static void push_name(struct work *w, const struct slip_decision *d, const struct slip_wish *wish,
                      struct slip_str reference, const bool *wanted, const struct slip_metadata *m)
{
    const struct slip_rule_texts *platforms = &wish->to->naming.platforms;
    struct slip_str *only = slip_arena_array(&w->arena, platforms->len + 1, sizeof(*only));
    for (size_t i = 0; i < platforms->len; i++)
        only[i] = platforms->at[i].text;
    slip_vec_push(
        &w->names,
        (struct slip_release_wish){
            .rule = d->rule->name,
            .name = reference,
            .version = wish->version,
            .wanted = wanted,
            .if_exists = wish->if_exists,
            .floating = wish->floating,
            .latest = wish->latest,
            .optional = !wish->to->required || wish->to->naming.on_failure == SLIP_ON_FAILURE_WARN,
            .require_built = d->rule->require_built,
            .how = { .labels = &m->labels,
                     .annotations = m->annotations.len ? &m->annotations : NULL,
                     .platforms = only,
                     .n_platforms = platforms->len } });
}

/* One name for each image, where labels speak of the image, or the name has a word of it with a
 * filter. */
static int add_name_per_image(struct work *w, const struct slip_decision *d,
                              const struct slip_wishes *wishes, const struct slip_wish *wish,
                              const bool *wanted, struct slip_error *err)
{
    const struct slip_image_set *set = &w->project->set;
    for (size_t i = 0; i < set->len; i++) {
        if (!wanted[i])
            continue;
        SLIP_AUTO(slip_buf) slug = SLIP_BUF(SLIP_LIMIT_TEXT);
        SLIP_AUTO(slip_buf) safe = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_werf_slug(set->at[i].name, &slug);
        slip_werf_docker_tag(set->at[i].name, &safe);
        struct slip_image_words words = { .image = set->at[i].name,
                                          .slug = slip_buf_str(&slug),
                                          .safe_slug = slip_buf_str(&safe) };
        struct slip_facts facts = wishes->facts;
        SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_TEMPLATE_MAX);
        const char *missing;
        struct slip_metadata *m;
        facts.image = &words;
        if (add_metadata(w, d, wishes, wish, &words, &m, err) < 0)
            return -1;
        bool *one = slip_arena_array(&w->arena, set->len + 1, sizeof(bool));
        one[i] = true;
        if (slip_template_expand(wish->reference, SLIP_TEMPLATE_REFERENCE, &facts, &name, &missing,
                                 err)
            < 0)
            return slip_while(err, "rule '%.*s'", SLIP_ARG(d->rule->name));
        push_name(w, d, wish, slip_arena_str(&w->arena, slip_buf_str(&name)), one, m);
    }
    return 0;
}

static int add_decision(struct work *w, size_t i, struct slip_error *err)
{
    const struct slip_decision *d = &w->run->decisions[i];
    struct slip_wishes *wishes = &w->wishes[i];
    struct slip_facts facts = facts_of(w, d);
    bool *wanted;
    if (slip_rule_expand(w->run->rules, d, &facts, w->series, wishes, err) < 0)
        return -1;
    if (wishes->applies && select_images(w, d, wishes, &wanted, err) < 0)
        return -1;
    /* Where all tags are gone through nobody reads for each of them what has gone its way. */
    for (size_t k = 0; !w->run->release.listings && k < wishes->notices.len; k++)
        slip_watch_step(w->run->release.watch, NULL, "%s", wishes->notices.at[k]);
    for (size_t k = 0; wishes->applies && k < wishes->names.len; k++) {
        const struct slip_wish *wish = &wishes->names.at[k];
        struct slip_metadata *m;
        if (wish->filters_image || slip_metadata_uses_image(d->rule, &wish->to->naming)) {
            if (add_name_per_image(w, d, wishes, wish, wanted, err) < 0)
                return -1;
            continue;
        }
        if (add_metadata(w, d, wishes, wish, NULL, &m, err) < 0)
            return -1;
        push_name(w, d, wish, wish->reference, wanted, m);
    }
    return 0;
}

/* What failed for a rule that must not fail anything: a row says so. */
static void note_failure(struct slip_outcome *outcome, struct slip_str rule,
                         const struct slip_error *err)
{
    slip_vec_push(&outcome->rows,
                  (struct slip_outcome_row){ .rule = slip_arena_strdup(&outcome->arena, rule),
                                             .action = SLIP_OUTCOME_FAILED,
                                             .optional = true,
                                             .err = slip_outcome_error(outcome, err) });
}

static bool only_warns(const struct slip_rule *rule)
{
    return rule->naming.on_failure == SLIP_ON_FAILURE_WARN;
}

/* The names that were added for a decision are taken back. */
static int add_or_warn(struct work *w, size_t i, struct slip_outcome *outcome,
                       struct slip_error *err)
{
    const struct slip_rule *rule = w->run->decisions[i].rule;
    size_t before = w->names.len;
    int rc = add_decision(w, i, err);
    if (rc == 0 || !only_warns(rule))
        return rc;
    w->names.len = before;
    note_failure(outcome, rule->name, err);
    slip_error_clear(err);
    return 0;
}

static const struct slip_rule *rule_of(const struct work *w, struct slip_str name)
{
    size_t i = 0;
    while (!slip_str_eq(w->run->decisions[i].rule->name, name))
        i++;
    return w->run->decisions[i].rule;
}

/* The names of rules whose failure is an error come first; how many there are. */
static size_t put_warning_rules_last(struct work *w)
{
    struct slip_release_wish *sorted =
        slip_arena_array(&w->arena, w->names.len + 1, sizeof(*sorted));
    size_t n = 0, strict = 0;
    for (int warns = 0; warns < 2; warns++) {
        for (size_t i = 0; i < w->names.len; i++)
            if (only_warns(rule_of(w, w->names.at[i].rule)) == (warns != 0))
                sorted[n++] = w->names.at[i];
        strict = warns ? strict : n;
    }
    memcpy(w->names.at, sorted, n * sizeof(*sorted));
    return strict;
}

/* All names together. When that cannot begin (a stage cannot be built), rules whose failure is only
 * a warning are left out, and the others have it to themselves. */
static int release_names(struct work *w, const struct slip_release_options *o,
                         struct slip_outcome *outcome, struct slip_error *err)
{
    size_t strict = put_warning_rules_last(w);
    struct slip_error why = { 0 };
    if (slip_release(w->project, w->names.at, w->names.len, o, outcome, &why) == 0)
        return 0;
    if (strict == w->names.len) {
        *err = why;
        return -1;
    }
    if (strict && slip_release(w->project, w->names.at, strict, o, outcome, err) < 0)
        return -1;
    note_failure(outcome, w->names.at[strict].rule, &why);
    return 0;
}

static int run_rules(struct work *w, struct slip_outcome *outcome, struct slip_error *err)
{
    const struct slip_rules_run *run = w->run;
    struct slip_release_options release = run->release;
    release.stage_repository = slip_rules_stage_repository(run->rules, run->stage_repository);
    if (release.stage_repository.len == 0) {
        slip_fail(err, SLIP_E_CONFIG, "%.*s: no stage repository is named",
                  SLIP_ARG(run->rules->file));
        return slip_hint(
            err,
            "add 'repo: HOST/PATH' to it, or give --repo; what it is for: slipway help stages");
    }
    w->series = run->series ? run->series : &w->asked.series;
    if (!run->series)
        slip_remote_series_ask(&w->asked, run->git, run->remote, run->decisions, run->n);
    for (size_t i = 0; i < run->n; i++) {
        if (run->decisions[i].skipped)
            continue;
        if (add_or_warn(w, i, outcome, err) < 0)
            return -1;
    }
    return w->names.len ? release_names(w, &release, outcome, err) : 0;
}

static struct work work_begin(const struct slip_project *p, const struct slip_rules_run *run)
{
    struct work w = { .project = p, .run = run, .repo_path = SLIP_BUF(SLIP_LIMIT_TEXT) };
    (void)slip_url_repository_path(run->source_url, &w.repo_path);
    w.series = run->series;
    w.wishes = slip_arena_array(&w.arena, run->n + 1, sizeof(*w.wishes));
    return w;
}

int slip_run_rules(const struct slip_project *p, const struct slip_rules_run *run,
                   struct slip_outcome *outcome, struct slip_error *err)
{
    struct work w = work_begin(p, run);
    int rc = run_rules(&w, outcome, err);
    work_clear(&w);
    return rc;
}

void slip_check_names(const struct slip_project *p, const struct slip_rules_run *run,
                      void (*on_error)(void *payload, const struct slip_error *err), void *payload)
{
    struct work w = work_begin(p, run);
    for (size_t i = 0; i < run->n; i++) {
        struct slip_error err = { 0 };
        if (add_decision(&w, i, &err) < 0)
            on_error(payload, &err);
    }
    work_clear(&w);
}
