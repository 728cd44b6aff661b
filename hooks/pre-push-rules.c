/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules files of pushed commits, read through `git cat-file --batch`.
 *
 * A few commits: one child is asked "COMMIT:.slipway.yaml" and its other name for each; git follows
 * the path. For many that is slow, because git then reads, checks and walks each commit and tree
 * anew for every name. So there the objects are asked for by their ids, one child per kind: tags
 * and commits (which name trees), trees (which name blobs), and the blobs, most often one for all.
 */
#include "pre-push-rules.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc/run.h"

enum {
    FEW_COMMITS = 8,
    MAX_TAG_DEPTH = 10, /* tags of tags */
};

/* ---- git cat-file --batch ---- */

struct answer {
    struct slip_str id, type, content; /* type is empty: there is no such object */
};

static bool ask(const struct slip_buf *questions, const char *const *env, struct slip_buf *answers)
{
    static const char *const argv[] = { "git", "cat-file", "--batch", "--buffer", NULL };
    struct slip_error err = { 0 };
    int status;
    struct slip_child git = {
        .argv = argv,
        .env = env,
        .input = slip_buf_str(questions),
        .out = answers,
    };
    return !questions->full && slip_child_run(&git, &status, &err) == 0 && status == 0
           && !answers->full;
}

/* "ID TYPE SIZE LF content LF" or "NAME missing LF". */
static bool next_answer(struct slip_str *rest, struct answer *out)
{
    struct slip_str line, size_text;
    uint64_t size;
    *out = (struct answer){ 0 };
    if (!slip_str_line(rest, &line))
        return false;
    if (slip_str_ends(line, SLIP_STR(" missing")))
        return true;
    if (!slip_str_cut(line, ' ', &out->id, &line)
        || !slip_str_cut(line, ' ', &out->type, &size_text) || !slip_str_to_u64(size_text, &size)
        || size >= rest->len)
        return false;
    out->content = slip_str_first(*rest, (size_t)size);
    *rest = slip_str_skip(*rest, (size_t)size + 1);
    return true;
}

/* ---- the refs, and what to ask about each next ---- */

enum stage { AT_COMMIT, AT_TREE, AT_BLOB, AT_END };

/* One pushed ref on its way from the id of the push to the blob with its rules. */
struct item {
    struct slip_ref_update update;
    enum stage stage;
    struct slip_str id; /* hex: what to ask for; points into the push or into `ids` */
};

struct search {
    const struct slip_remote *remote;
    const char *const *env;
    struct slip_tags_elsewhere *elsewhere;
    struct slip_arena ids; /* those that came in answers */
    struct {
        SLIP_VEC(struct item);
    } items;
};

static int cmp_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return slip_str_cmp(x->id, y->id);
}

static void sort_items(struct search *s)
{
    if (s->items.len)
        qsort(s->items.at, s->items.len, sizeof(*s->items.at), cmp_items);
}

/* Items of one id, which stand side by side once they are sorted. */
struct group {
    struct item *at;
    size_t len;
};

/* The first group of a stage, or the one behind `g`; false at the end. */
static bool next_group(const struct search *s, enum stage stage, struct group *g)
{
    struct item *end = s->items.at + s->items.len;
    g->at = g->at ? g->at + g->len : s->items.at;
    while (g->at < end && g->at->stage != stage)
        g->at++;
    g->len = 0;
    while (g->at + g->len < end && g->at[g->len].stage == stage
           && slip_str_eq(g->at[g->len].id, g->at->id))
        g->len++;
    return g->len > 0;
}

static size_t count_groups(const struct search *s, enum stage stage)
{
    struct group g = { 0 };
    size_t n = 0;
    while (next_group(s, stage, &g))
        n++;
    return n;
}

/* All items of a group go on to another object. */
static void go_on(struct search *s, struct group *g, enum stage stage, struct slip_str id)
{
    id = slip_arena_str(&s->ids, id);
    for (size_t i = 0; i < g->len; i++) {
        g->at[i].stage = stage;
        g->at[i].id = id;
    }
}

/* ---- reading rules ---- */

/* Nothing is asked for here; for any remote, what would be? */
static void note_elsewhere(const struct search *s, const struct slip_rules *rules,
                           const struct slip_ref_updates *updates)
{
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    slip_rules_decide(rules, updates, SLIP_TRIGGER_PRE_PUSH, NULL, SLIP_STR(""), &decisions);
    struct slip_str last = SLIP_STR("");
    for (size_t i = 0; i < decisions.len; i++) { /* rules of one ref stand side by side */
        const struct slip_ref_update *u = &decisions.at[i].update;
        if (u->kind != SLIP_REF_TAG || slip_str_eq(u->ref, last))
            continue;
        last = u->ref;
        if (s->elsewhere->n++ == 0)
            s->elsewhere->first = u->name;
    }
}

static enum slip_verdict decide(const struct search *s, const struct group *g,
                                const struct slip_rules *rules)
{
    struct slip_ref_updates updates = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    slip_vec_reserve(&updates, g->len);
    for (size_t i = 0; i < g->len; i++)
        slip_vec_push(&updates, g->at[i].update);
    slip_rules_decide(rules, &updates, SLIP_TRIGGER_PRE_PUSH, s->remote, SLIP_STR(""), &decisions);
    if (decisions.len == 0)
        note_elsewhere(s, rules, &updates);
    slip_vec_clear(&updates);
    return decisions.len ? ASK_THE_WORKER : NOTHING_TO_DO;
}

static enum slip_verdict read_and_decide(const struct search *s, const struct group *g,
                                         struct slip_str file)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    struct slip_error err = { 0 };
    if (slip_rules_read(file, slip_rules_names[0], &rules, NULL, &err) < 0)
        return ASK_THE_WORKER; /* which says what is wrong */
    return decide(s, g, &rules);
}

/* ---- a few commits: by path ---- */

static enum slip_verdict search_by_path(struct search *s)
{
    SLIP_AUTO(slip_buf) questions = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_buf) answers = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    for (struct group g = { 0 }; next_group(s, AT_COMMIT, &g);)
        for (size_t n = 0; n < SLIP_COUNT(slip_rules_names); n++)
            slip_buf_add_fmt(&questions, "%.*s:%s\n", SLIP_ARG(g.at->id), slip_rules_names[n]);
    if (!ask(&questions, s->env, &answers))
        return ASK_THE_WORKER;
    struct slip_str rest = slip_buf_str(&answers);
    for (struct group g = { 0 }; next_group(s, AT_COMMIT, &g);) {
        struct answer found = { 0 }, a;
        for (size_t n = 0; n < SLIP_COUNT(slip_rules_names); n++) {
            if (!next_answer(&rest, &a) || (a.type.len && found.type.len))
                return ASK_THE_WORKER;
            if (a.type.len)
                found = a;
        }
        if (found.type.len
            && (!slip_str_is(found.type, "blob")
                || read_and_decide(s, &g, found.content) == ASK_THE_WORKER))
            return ASK_THE_WORKER;
    }
    return NOTHING_TO_DO;
}

/* ---- many commits: object by object ---- */

/* "tree HEX" of a commit, "object HEX" of a tag. */
static bool named_id(struct slip_str content, struct slip_str key, struct slip_str *id)
{
    struct slip_str line;
    if (!slip_str_line(&content, &line) || !slip_str_starts(line, key))
        return false;
    *id = slip_str_skip(line, key.len);
    return slip_ref_is_id(*id);
}

static bool take_commit(struct search *s, struct group *g, const struct answer *a)
{
    struct slip_str id;
    if (slip_str_is(a->type, "commit")) {
        if (!named_id(a->content, SLIP_STR("tree "), &id))
            return false;
        go_on(s, g, AT_TREE, id);
    } else if (slip_str_is(a->type, "tag")) {
        if (!named_id(a->content, SLIP_STR("object "), &id))
            return false;
        go_on(s, g, AT_COMMIT, id);
    } else { /* a ref to a tree or a blob has no rules; an object that is missing is not for us */
        if (a->type.len == 0)
            return false;
        go_on(s, g, AT_END, SLIP_STR(""));
    }
    return true;
}

static bool is_rules_name(struct slip_str name)
{
    for (size_t n = 0; n < SLIP_COUNT(slip_rules_names); n++)
        if (slip_str_is(name, slip_rules_names[n]))
            return true;
    return false;
}

/* The entries of a tree are "MODE NAME NUL" and the bytes of an id. */
static bool take_tree(struct search *s, struct group *g, const struct answer *a)
{
    struct slip_str rest = a->content, mode, name, raw = { NULL, 0 };
    size_t size = g->at->id.len / 2;
    SLIP_AUTO(slip_buf) hex = SLIP_BUF(2 * size + 1);
    if (!slip_str_is(a->type, "tree"))
        return false;
    while (rest.len) {
        if (!slip_str_cut(rest, ' ', &mode, &rest) || !slip_str_cut(rest, 0, &name, &rest)
            || rest.len < size)
            return false;
        if (is_rules_name(name)) {
            if (raw.ptr || !slip_str_starts(mode, SLIP_STR("100")))
                return false; /* both names, or not a file */
            raw = slip_str_first(rest, size);
        }
        rest = slip_str_skip(rest, size);
    }
    if (raw.ptr)
        slip_buf_add_hex(&hex, raw.ptr, raw.len);
    go_on(s, g, raw.ptr ? AT_BLOB : AT_END, slip_buf_str(&hex));
    return true;
}

static bool take_blob(struct search *s, struct group *g, const struct answer *a)
{
    return slip_str_is(a->type, "blob") && read_and_decide(s, g, a->content) == NOTHING_TO_DO;
}

/* One child: every id of a stage once; what is answered moves its items on. */
static bool run_stage(struct search *s, enum stage stage,
                      bool (*take)(struct search *, struct group *, const struct answer *))
{
    SLIP_AUTO(slip_buf) questions = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_buf) answers = SLIP_BUF(SLIP_LIMIT_CHILD_OUTPUT);
    sort_items(s);
    for (struct group g = { 0 }; next_group(s, stage, &g);)
        slip_buf_add_fmt(&questions, "%.*s\n", SLIP_ARG(g.at->id));
    if (questions.len == 0)
        return true;
    if (!ask(&questions, s->env, &answers))
        return false;
    struct slip_str rest = slip_buf_str(&answers);
    struct group g = { 0 };
    for (bool more = next_group(s, stage, &g); more;) {
        struct group this = g;
        struct answer a;
        more = next_group(s, stage, &g); /* before the items of this one change */
        if (!next_answer(&rest, &a) || !take(s, &this, &a))
            return false;
    }
    return true;
}

static enum slip_verdict search_by_object(struct search *s)
{
    for (int depth = 0; count_groups(s, AT_COMMIT) > 0; depth++)
        if (depth == MAX_TAG_DEPTH || !run_stage(s, AT_COMMIT, take_commit))
            return ASK_THE_WORKER;
    return run_stage(s, AT_TREE, take_tree) && run_stage(s, AT_BLOB, take_blob) ? NOTHING_TO_DO
                                                                                : ASK_THE_WORKER;
}

enum slip_verdict slip_pre_push_decide(const struct slip_ref_updates *updates,
                                       const struct slip_remote *remote, const char *const *env,
                                       struct slip_tags_elsewhere *elsewhere)
{
    struct search s = { .remote = remote, .env = env, .elsewhere = elsewhere };
    slip_vec_reserve(&s.items, updates->len);
    for (size_t i = 0; i < updates->len; i++)
        if (updates->at[i].change != SLIP_REF_DELETE)
            slip_vec_push(&s.items,
                          (struct item){ updates->at[i], AT_COMMIT, updates->at[i].new_id });
    sort_items(&s);
    size_t commits = count_groups(&s, AT_COMMIT);
    enum slip_verdict verdict = commits == 0             ? NOTHING_TO_DO
                                : commits <= FEW_COMMITS ? search_by_path(&s)
                                                         : search_by_object(&s);
    slip_vec_clear(&s.items);
    slip_arena_clear(&s.ids);
    return verdict;
}
