/* SPDX-License-Identifier: Apache-2.0 */
/* The tags of a remote against the registries. */
#include "audit.h"

#include "base/mem.h"
#include "base/stop.h"

struct audit {
    struct slip_cli *cli;
    const struct slip_audit_options *o;
    const char *remote;
    struct slip_outcome *outcome;
    struct slip_session session;
    struct slip_listings *listings;
    struct slip_remote_tags tags;
    struct slip_str *names; /* of all tags, for the series of versions */
    struct slip_series series;
    struct slip_buf url;
};

/* A tag that is looked at. */
struct candidate {
    const struct slip_remote_tag *tag;
    int64_t time; /* of its commit; INT64_MAX when it is not here */
};

static int newest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return slip_str_cmp(y->tag->name, x->tag->name);
}

static int64_t commit_time(const struct audit *a, const char *id)
{
    struct slip_commit commit;
    struct slip_error not_here = { 0 };
    return slip_repo_resolve(a->session.project.repo, id, &commit, &not_here) == 0
               ? commit.committer.seconds
               : INT64_MAX;
}

/* The tags that fit the pattern, newest first. */
static int choose(const struct audit *a, struct candidate *out, size_t *n, struct slip_error *err)
{
    SLIP_AUTO(slip_pattern) pattern = { 0 };
    struct slip_str text = slip_str_of(a->o->tags ? a->o->tags : "**");
    if (slip_pattern_compile(text, &pattern, err) < 0) {
        err->kind = SLIP_E_USAGE;
        return slip_while(err, "--tags");
    }
    *n = 0;
    for (size_t i = 0; i < a->tags.len; i++)
        if (slip_pattern_match(&pattern, a->tags.at[i].name, NULL))
            out[(*n)++] = (struct candidate){ .tag = &a->tags.at[i],
                                              .time = commit_time(a, a->tags.at[i].at.peeled) };
    qsort(out, *n, sizeof(*out), newest_first);
    return 0;
}

/* Does anything release what the rule asks for? A rule that only builds leaves no names. */
static bool releases(const struct slip_rule *rule)
{
    for (unsigned t = 0; t < SLIP_TRIGGERS; t++)
        if (rule->when[t] == SLIP_ACTION_EXPORT || rule->when[t] == SLIP_ACTION_PREPARE
            || rule->when[t] == SLIP_ACTION_DEFER)
            return true;
    return false;
}

static void decide(const struct audit *a, const char *ref, const char *id,
                   struct slip_decisions *out)
{
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    size_t n = 0;
    slip_vec_push(&one, slip_ref_update_make(slip_str_of(ref), slip_str_of(id), SLIP_STR("")));
    slip_rules_decide(&a->session.rules, &one, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), out);
    slip_choose_rules(&a->o->rules, out);
    for (size_t i = 0; i < out->len; i++)
        if (releases(out->at[i].rule))
            out->at[n++] = out->at[i];
    out->len = n;
}

/* Sets `*ruled` when a rule releases the tag. */
static int look_at(struct audit *a, const char *ref, const struct slip_remote_ref *at, bool *ruled,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    *ruled = true; /* as long as nobody knows better */
    if (slip_session_switch(&a->session, at->peeled, err) < 0)
        return -1;
    bool is_commit = a->session.project.commit.committer.seconds != 0
                     || !slip_oid_is_zero(&a->session.project.commit.id);
    if (a->session.has_rules && is_commit)
        decide(a, ref, at->id, &decisions);
    *ruled = decisions.len > 0;
    if (!*ruled)
        return 0;
    struct slip_session_run run = { .decisions = decisions.at,
                                    .n = decisions.len,
                                    .phase = SLIP_PHASE_CHECK,
                                    .remote = a->remote,
                                    .source_url = slip_buf_str(&a->url),
                                    .listings = a->listings,
                                    .series = &a->series };
    return slip_session_run(&a->session, &run, a->outcome, err);
}

static bool audit_tag(struct audit *a, const struct slip_remote_tag *tag)
{
    struct slip_arena *arena = &a->outcome->arena;
    struct slip_error err = { 0 };
    size_t first = a->outcome->rows.len;
    bool ruled;
    const char *ref = slip_arena_printf(arena, "refs/tags/%.*s", SLIP_ARG(tag->name));
    if (look_at(a, ref, &tag->at, &ruled, &err) < 0)
        slip_vec_push(&a->outcome->rows,
                      (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED,
                                                 .err = slip_outcome_error(a->outcome, &err) });
    for (size_t i = first; i < a->outcome->rows.len; i++)
        a->outcome->rows.at[i].git_ref = ref;
    if (ruled)
        slip_vec_push(&a->outcome->updates,
                      (struct slip_outcome_update){
                          ref, slip_arena_strdup(arena, slip_str_of(tag->at.peeled)) });
    return ruled;
}

static int audit(struct audit *a, struct slip_audit_totals *totals, struct slip_error *err)
{
    if (slip_session_open(a->cli, &a->o->session, NULL, false, &a->session, err) < 0
        || slip_git_remote_tags_read(&a->session.git, a->remote, &a->tags, err) < 0)
        return -1;
    slip_session_remote_url(&a->session, a->remote, &a->url);
    a->listings = slip_listings_new(a->session.registry, &a->cli->watch);
    a->names = slip_alloc_array(a->tags.len + 1, sizeof(*a->names));
    for (size_t i = 0; i < a->tags.len; i++)
        a->names[i] = a->tags.at[i].name;
    a->series = (struct slip_series){
        .known = true, .tags = a->names, .len = a->tags.len, .memory = slip_holders_memory()
    };

    SLIP_AUTO_FREE struct candidate *c = slip_alloc_array(a->tags.len + 1, sizeof(*c));
    if (choose(a, c, &totals->tags, err) < 0)
        return -1;
    for (size_t i = 0; i < totals->tags && !slip_stop_signal(); i++) {
        if (a->o->limit && i >= a->o->limit)
            totals->left_out++;
        else
            totals->ruled += audit_tag(a, c[i].tag);
    }
    return 0;
}

int slip_audit(struct slip_cli *cli, const struct slip_audit_options *o,
               struct slip_outcome *outcome, struct slip_audit_totals *totals,
               struct slip_error *err)
{
    struct audit a = { .cli = cli,
                       .o = o,
                       .remote = o->remote ? o->remote : "origin",
                       .outcome = outcome,
                       .url = SLIP_BUF(1 << 16) };
    *totals = (struct slip_audit_totals){ 0 };
    outcome->trigger = "command";
    outcome->started_at = slip_now_ms() / 1000;
    int rc = audit(&a, totals, err);
    slip_listings_free(a.listings);
    slip_session_clear(&a.session);
    slip_map_free(a.series.memory);
    slip_remote_tags_clear(&a.tags);
    slip_free(a.names);
    slip_buf_clear(&a.url);
    return rc;
}
