/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a tree for many selections at once.
 *
 * Ids are hashed in the order of full paths as bytes. git keeps a directory where its name with a
 * slash behind it would stand, which is where its entries come; taken whole, it comes where its
 * plain name would stand, which may be earlier ("a" before "a-b", but "a/x" behind it). So a
 * directory is met twice: at its name, where each selection decides, and at its place, where those
 * that walk it do.
 */
#include "digest/select.h"

#include "base/path.h"
#include "base/vec.h"
#include "match/filter.h"
#include "repo/gitmodules.h"

#include <stdlib.h>

enum {
    CHUNK = 100,           /* ids that are hashed at once */
    PATTERNS_MAX = 100000, /* of all selections of one context */
};
#define WORK_MAX ((uint64_t)1 << 29) /* patterns asked about an entry, in one context */

/* One hash under way: of a selection, or of a submodule in it. */
struct stream {
    struct slip_hash hash;
    size_t entries;
    size_t used; /* bytes of `ids` */
    char ids[CHUNK * SLIP_OID_HEX];
    struct slip_buf submodules; /* results of those that were walked, one after the other */
    struct slip_buf *kept;      /* the same ids for the memo, or NULL */
    size_t rules;               /* of the selection, in the memo */
    unsigned keepers;           /* directories on the way that are to be kept */
    bool known;                 /* the memo knows what comes out */
};

/* A selection and where it is in the walk. */
struct taker {
    struct slip_file_selection *s;
    struct slip_filter *filter;
    struct stream *stream;
    struct slip_filter_item *items; /* about the directory at hand */
};

/* Those that look at one directory. The blocks come from a pool and go back to it. */
struct takers {
    struct taker *at;
    size_t len;
    struct slip_filter_item *items, *next_items;
};

/* When an entry is met: at its name, or a directory at its place among the others. */
struct meeting {
    size_t entry;
    bool at_place;
    struct takers walkers; /* of a directory, from its name on */
};

struct meetings {
    SLIP_VEC(struct meeting);
};

/* A directory that is walked. */
struct dir {
    struct slip_entries entries;
    struct meetings meetings;
};

/* What directories need, for the next one that needs it. */
struct pool {
    size_t max_takers, max_items;
    struct {
        SLIP_VEC(struct takers);
    } takers;
    struct {
        SLIP_VEC(struct dir);
    } dirs;
};

/* An entry that selections are asked about. Its name is empty for the context itself. */
struct met {
    const struct slip_entry *entry;
    bool odd;                   /* a line feed in its path */
    char hex[SLIP_OID_HEX + 1]; /* its id, made when the first one takes it */
};

/* Files that stand side by side. */
struct files {
    struct met met[SLIP_FILTER_RUN];
    struct slip_str names[SLIP_FILTER_RUN];
    size_t n;
};

struct walk {
    struct pool *pool;
    const struct slip_tree *tree; /* the one at hand: of the commit or of a submodule */
    struct slip_buf path;         /* from the root, of the directory at hand */
    struct slip_buf entry_path;   /* of an entry in it, when somebody wants to know */
    size_t base;                  /* of path: what the paths of filters begin behind */
    size_t tree_base;             /* of path: where the tree at hand begins */
    bool odd;                     /* a line feed somewhere in path */
    uint64_t work;                /* done so far */
    unsigned depth;
    struct slip_select_memo *memo; /* or NULL */
    size_t submodules;             /* met so far */
    size_t entered;                /* submodules that the context lies in */
    struct slip_oid root;          /* the context, when it is a directory */
    struct files files; /* met, but not yet asked about; always of the directory at hand */
};

void slip_source_clean(struct slip_str source, struct slip_buf *out)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_FILE);
    slip_path_clean(source, &path);
    struct slip_str glob = slip_buf_str(&path);
    if (glob.ptr[0] == '/')
        glob = slip_str_skip(glob, 1);
    slip_buf_add_str(out, glob.len ? glob : SLIP_STR("."));
}

/* ---- hashing ---- */

static void stream_begin(struct stream *s)
{
    slip_hash_begin(&s->hash, SLIP_HASH_SHA256);
    s->entries = s->used = 0;
    slip_buf_init(&s->submodules, SLIP_LIMIT_FILE);
}

static void stream_flush(struct stream *s)
{
    slip_hash_add(&s->hash, s->ids, s->used);
    s->used = 0;
}

static void stream_add(struct stream *s, const char hex[SLIP_OID_HEX])
{
    if (s->keepers)
        slip_buf_add(s->kept, hex, SLIP_OID_HEX);
    if (s->used == sizeof(s->ids))
        stream_flush(s);
    memcpy(s->ids + s->used, hex, SLIP_OID_HEX);
    s->used += SLIP_OID_HEX;
    s->entries++;
}

/* What a directory gave before. */
static void stream_add_known(struct stream *s, struct slip_str ids)
{
    if (s->keepers)
        slip_buf_add_str(s->kept, ids);
    stream_flush(s);
    slip_hash_add_str(&s->hash, ids);
    s->entries += ids.len / SLIP_OID_HEX;
}

static void stream_clear(struct stream *s)
{
    slip_hash_clear(&s->hash);
    slip_buf_clear(&s->submodules);
}

static void stream_end(struct stream *s, char out[SLIP_SHA256_HEX + 1])
{
    stream_flush(s);
    slip_hash_add_str(&s->hash, slip_buf_str(&s->submodules));
    slip_hash_end_hex(&s->hash, out);
    stream_clear(s);
}

static bool is_odd(struct slip_str name)
{
    return name.len && memchr(name.ptr, '\n', name.len) != NULL; /* the top has no name at all */
}

static void met_init(struct met *m, const struct walk *w, const struct slip_entry *e)
{
    m->entry = e;
    m->odd = w->odd || is_odd(e->name);
    m->hex[0] = '\0';
}

/* Valid until the next call. */
static struct slip_str entry_path(struct walk *w, const struct slip_entry *e)
{
    slip_buf_reset(&w->entry_path);
    slip_buf_add_str(&w->entry_path, slip_buf_str(&w->path));
    if (w->path.len && e->name.len)
        slip_buf_add_char(&w->entry_path, '/');
    slip_buf_add_str(&w->entry_path, e->name);
    return slip_buf_str(&w->entry_path);
}

static void take(struct taker *t, struct walk *w, struct met *m)
{
    if (!m->hex[0])
        slip_oid_hex(&m->entry->id, m->hex);
    stream_add(t->stream, m->hex);
    t->s->entries++;
    if (t->s->on_entry)
        t->s->on_entry(t->s->payload, entry_path(w, m->entry), m->entry);
}

/* ---- one directory ---- */

static bool failed(const struct taker *t)
{
    return t->s->err.kind != SLIP_OK;
}

/* The first cause stays with each of them. */
static void fail_all(const struct takers *takers, const struct slip_error *err)
{
    for (size_t i = 0; i < takers->len; i++)
        if (!failed(&takers->at[i]))
            takers->at[i].s->err = *err;
}

static struct slip_filter_entry filter_entry(const struct walk *w, const struct met *m)
{
    struct slip_str dir = slip_str_skip(slip_buf_str(&w->path), w->base);
    return (struct slip_filter_entry){ dir, m->entry->name, m->odd };
}

static struct takers borrow(struct pool *p)
{
    struct takers t = { 0 };
    if (p->takers.len) {
        t = p->takers.at[--p->takers.len];
        t.len = 0;
        t.next_items = t.items;
        return t;
    }
    t.at = slip_alloc_array(p->max_takers, sizeof(*t.at));
    t.items = t.next_items = slip_alloc_array(p->max_items, sizeof(*t.items));
    return t;
}

static void give_back(struct pool *p, struct takers *t)
{
    slip_vec_push(&p->takers, *t);
    *t = (struct takers){ 0 };
}

static struct dir borrow_dir(struct pool *p)
{
    return p->dirs.len ? p->dirs.at[--p->dirs.len] : (struct dir){ .entries = SLIP_ENTRIES };
}

static void give_back_dir(struct pool *p, struct dir *d)
{
    for (size_t i = 0; i < d->meetings.len; i++)
        if (d->meetings.at[i].walkers.at)
            give_back(p, &d->meetings.at[i].walkers);
    d->meetings.len = 0;
    slip_vec_push(&p->dirs, *d);
}

static void pool_clear(struct pool *p)
{
    for (size_t i = 0; i < p->takers.len; i++) {
        slip_free(p->takers.at[i].at);
        slip_free(p->takers.at[i].items);
    }
    slip_vec_clear(&p->takers);
    for (size_t i = 0; i < p->dirs.len; i++) {
        slip_entries_clear(&p->dirs.at[i].entries);
        slip_vec_clear(&p->dirs.at[i].meetings);
    }
    slip_vec_clear(&p->dirs);
}

/* Add a taker for the selection of `from`; its items are those at `next_items`. */
static void add_taker(struct takers *to, const struct taker *from)
{
    to->at[to->len++] = (struct taker){ from->s, from->filter, from->stream, to->next_items };
    to->next_items += slip_filter_items(from->filter);
}

/* Whether a selection may still be asked about `n` entries. */
static bool afford(struct walk *w, struct taker *t, size_t n)
{
    w->work += (uint64_t)n * slip_filter_items(t->filter);
    if (w->work <= WORK_MAX)
        return true;
    slip_fail(&t->s->err, SLIP_E_CONFIG,
              "the sources and the ignore file have too many patterns for so many files");
    return false;
}

/* One selection after the other, so that what it compares with stays close at hand. */
static void files_met(struct walk *w, const struct takers *takers)
{
    struct files *files = &w->files;
    struct slip_filter_run run = { .dir = slip_str_skip(slip_buf_str(&w->path), w->base),
                                   .names = files->names,
                                   .n = files->n };
    for (size_t i = 0; i < files->n; i++)
        run.odd |= (uint64_t)files->met[i].odd << i;
    for (size_t i = 0; i < takers->len && files->n; i++) {
        struct taker *t = &takers->at[i];
        uint64_t taken;
        if (failed(t) || !afford(w, t, files->n)
            || slip_filter_files(t->filter, t->items, &run, &taken, &t->s->err) < 0)
            continue;
        for (; taken; taken &= taken - 1)
            take(t, w, &files->met[__builtin_ctzll(taken)]);
    }
    files->n = 0;
}

/*
 * werf cannot even pack a context with a submodule that .gitmodules does not list. It looks at all
 * of the context for that; we look at what selections meet, and at the top of a context that is
 * taken whole. One that lies deeper is found when the image is built, with the same error.
 */
static int check_submodule(struct walk *w, const struct slip_entry *e, struct slip_error *err)
{
    struct slip_str path = slip_str_skip(entry_path(w, e), w->tree_base);
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_PATH);
    bool listed;
    if (slip_gitmodules_name(w->tree, path, &name, &listed, err) < 0)
        return -1;
    return listed ? 0 : slip_gitmodules_unlisted(path, err);
}

static bool submodule_allowed(struct walk *w, const struct slip_entry *e, struct taker *t)
{
    return t->s->unlisted_submodules || check_submodule(w, e, &t->s->err) == 0;
}

/* A directory or submodule at its name. Those that walk it are added to `walkers`. */
static void dir_met(struct walk *w, const struct takers *takers, const struct slip_entry *e,
                    struct takers *walkers)
{
    struct met met;
    met_init(&met, w, e);
    struct slip_filter_entry f = filter_entry(w, &met);
    for (size_t i = 0; i < takers->len; i++) {
        struct taker *t = &takers->at[i];
        enum slip_verdict v;
        if (failed(t) || !afford(w, t, 1)
            || slip_filter_dir(t->filter, t->items, &f, walkers->next_items, &v, &t->s->err) < 0)
            continue;
        if (v != SLIP_SKIP && slip_entry_is_submodule(e) && !submodule_allowed(w, e, t))
            continue;
        if (v == SLIP_TAKE)
            take(t, w, &met);
        else if (v == SLIP_WALK)
            add_taker(walkers, t);
    }
}

/* Entries from `first` on stand between the plain name of entry `dir` and the directory itself. */
static size_t first_after_name(const struct slip_entries *entries, size_t dir)
{
    struct slip_str name = entries->at[dir].name;
    while (dir > 0 && slip_str_starts(entries->at[dir - 1].name, name))
        dir--;
    return dir;
}

static void insert_meeting(struct meetings *m, size_t at, struct meeting one)
{
    slip_vec_push(m, one);
    memmove(m->at + at + 1, m->at + at, (m->len - 1 - at) * sizeof(*m->at));
    m->at[at] = one;
}

/* A directory: at its plain name, which may be before others, and at its place. */
static void plan_dir(const struct slip_entries *entries, size_t dir, struct meetings *m)
{
    size_t at = m->len, first = first_after_name(entries, dir);
    while (first < dir && at > 0 && m->at[at - 1].entry >= first)
        at--;
    insert_meeting(m, at, (struct meeting){ .entry = dir });
    slip_vec_push(m, (struct meeting){ .entry = dir, .at_place = true });
}

static void plan_meetings(struct dir *d)
{
    struct meetings *m = &d->meetings;
    slip_vec_reserve(m, d->entries.len + d->entries.len / 4);
    for (size_t i = 0; i < d->entries.len; i++)
        if (slip_entry_is_dir(&d->entries.at[i]))
            plan_dir(&d->entries, i, m);
        else
            slip_vec_push(m, (struct meeting){ .entry = i });
}

static int walk_dir(struct walk *w, const struct slip_oid *id, const struct takers *takers,
                    struct slip_error *err);
static int walk_submodule(struct walk *w, const struct slip_entry *e, const struct takers *takers,
                          struct slip_error *err);

/* Go down into `e`, whose walkers are known. */
static int go_into(struct walk *w, const struct slip_entry *e, const struct takers *walkers,
                   struct slip_error *err)
{
    size_t len = w->path.len;
    bool odd = w->odd;
    if (len)
        slip_buf_add_char(&w->path, '/');
    if (!slip_buf_add_str(&w->path, e->name))
        return slip_fail(err, SLIP_E_REPO, "a path of more than %u bytes", SLIP_LIMIT_PATH);
    w->odd = odd || is_odd(e->name);
    int rc = slip_entry_is_submodule(e) ? walk_submodule(w, e, walkers, err)
                                        : walk_dir(w, &e->id, walkers, err);
    slip_buf_cut(&w->path, len);
    w->odd = odd;
    return rc;
}

/* Hand the walkers of a directory from its name on to its place. */
static void pass_on(struct meetings *m, size_t at)
{
    for (size_t k = at + 1; k < m->len; k++) {
        if (m->at[k].entry == m->at[at].entry) {
            m->at[k].walkers = m->at[at].walkers;
            m->at[at].walkers = (struct takers){ 0 };
            return;
        }
    }
}

/*
 * Directories that the memo knows are not walked again. One with a submodule in it is never kept:
 * what becomes of that is for other files than those of the directory to say.
 */
static void take_known(const struct walk *w, struct slip_str path, const struct slip_oid *id,
                       struct takers *walkers)
{
    size_t left = 0;
    for (size_t i = 0; i < walkers->len; i++) {
        struct taker *t = &walkers->at[i];
        struct slip_str ids;
        if (!t->stream->kept || !slip_select_memo_get(w->memo, t->stream->rules, path, id, &ids)) {
            walkers->at[left++] = *t;
            continue;
        }
        stream_add_known(t->stream, ids);
        t->s->entries += ids.len / SLIP_OID_HEX;
    }
    walkers->len = left;
}

static int walk_and_keep(struct walk *w, const struct slip_entry *e, struct slip_str path,
                         const struct takers *walkers, struct slip_error *err)
{
    SLIP_AUTO_FREE size_t *from = slip_alloc_array(walkers->len, sizeof(*from));
    size_t submodules = w->submodules;
    for (size_t i = 0; i < walkers->len; i++) {
        struct stream *s = walkers->at[i].stream;
        if (!s->kept)
            continue;
        s->keepers++;
        from[i] = s->kept->len;
    }
    int rc = go_into(w, e, walkers, err);
    for (size_t i = 0; i < walkers->len; i++) {
        struct stream *s = walkers->at[i].stream;
        if (!s->kept)
            continue;
        s->keepers--;
        if (rc == 0 && w->submodules == submodules && !failed(&walkers->at[i]))
            slip_select_memo_put(w->memo, s->rules, path, &e->id, s->kept, from[i], s->kept->len);
    }
    return rc;
}

static int go_into_dir(struct walk *w, const struct slip_entry *e, struct takers *walkers,
                       struct slip_error *err)
{
    if (!w->memo)
        return go_into(w, e, walkers, err);
    SLIP_AUTO(slip_buf) path = SLIP_BUF(2 * SLIP_LIMIT_PATH);
    slip_buf_add_str(&path, entry_path(w, e));
    take_known(w, slip_buf_str(&path), &e->id, walkers);
    return walkers->len ? walk_and_keep(w, e, slip_buf_str(&path), walkers, err) : 0;
}

/* A directory at its name or at its place, or a submodule. */
static int meet_dir(struct walk *w, const struct slip_entry *e, struct meetings *m, size_t at,
                    const struct takers *takers, struct slip_error *err)
{
    struct takers *walkers = &m->at[at].walkers;
    int rc = 0;
    w->submodules += slip_entry_is_submodule(e);
    if (!m->at[at].at_place) {
        *walkers = borrow(w->pool);
        dir_met(w, takers, e, walkers);
    }
    if (walkers->len && slip_entry_is_submodule(e))
        rc = go_into(w, e, walkers, err);
    else if (walkers->len && m->at[at].at_place)
        rc = go_into_dir(w, e, walkers, err);
    if (slip_entry_is_dir(e) && !m->at[at].at_place)
        pass_on(m, at);
    if (walkers->at)
        give_back(w->pool, walkers);
    return rc;
}

static bool is_walkable(const struct slip_entry *e)
{
    return slip_entry_is_dir(e) || slip_entry_is_submodule(e);
}

static int walk_entries(struct walk *w, const struct slip_entries *entries, struct meetings *m,
                        const struct takers *takers, struct slip_error *err)
{
    for (size_t i = 0; i < m->len; i++) {
        const struct slip_entry *e = &entries->at[m->at[i].entry];
        bool walkable = is_walkable(e);
        if (walkable || w->files.n == SLIP_FILTER_RUN)
            files_met(w, takers);
        if (walkable) {
            if (meet_dir(w, e, m, i, takers, err) < 0)
                return -1;
            continue;
        }
        met_init(&w->files.met[w->files.n], w, e);
        w->files.names[w->files.n++] = e->name;
    }
    files_met(w, takers);
    return 0;
}

static int walk_dir(struct walk *w, const struct slip_oid *id, const struct takers *takers,
                    struct slip_error *err)
{
    if (w->depth >= SLIP_LIMIT_TREE_DEPTH)
        return slip_fail(err, SLIP_E_REPO, "more than %d directories inside each other",
                         SLIP_LIMIT_TREE_DEPTH);
    struct dir dir = borrow_dir(w->pool);
    int rc = w->tree->ops->read_dir(w->tree->self, id, &dir.entries, err);
    if (rc == 0) {
        plan_meetings(&dir);
        w->depth++;
        rc = walk_entries(w, &dir.entries, &dir.meetings, takers, err);
        w->depth--;
    }
    give_back_dir(w->pool, &dir);
    return rc;
}

/* ---- submodules ---- */

/*
 * A submodule is hashed on its own, and its result goes behind the ids of what holds it; but only
 * when it has entries itself, whatever submodules inside it have.
 */
static void end_submodule(struct stream *own, struct stream *outer, struct slip_file_selection *s,
                          size_t entries_before)
{
    char result[SLIP_SHA256_HEX + 1];
    if (own->entries) {
        stream_end(own, result);
        slip_buf_add_c(&outer->submodules, result);
        return;
    }
    stream_clear(own);
    s->entries = entries_before;
}

static int walk_submodule_tree(struct walk *w, const struct slip_tree *sub,
                               const struct takers *takers, struct slip_error *err)
{
    struct stream *own = slip_alloc_array(takers->len, sizeof(*own));
    struct stream **outer = slip_alloc_array(takers->len, sizeof(*outer));
    size_t *entries = slip_alloc_array(takers->len, sizeof(*entries));
    for (size_t i = 0; i < takers->len; i++) {
        outer[i] = takers->at[i].stream;
        entries[i] = takers->at[i].s->entries;
        stream_begin(&own[i]);
        takers->at[i].stream = &own[i];
    }
    int rc = walk_dir(w, &sub->root, takers, err);
    for (size_t i = 0; i < takers->len; i++) {
        end_submodule(&own[i], outer[i], takers->at[i].s, entries[i]);
        takers->at[i].stream = outer[i];
    }
    slip_free(own);
    slip_free(outer);
    slip_free(entries);
    return rc;
}

static int walk_submodule(struct walk *w, const struct slip_entry *e, const struct takers *takers,
                          struct slip_error *err)
{
    struct slip_str path = slip_str_skip(slip_buf_str(&w->path), w->tree_base);
    struct slip_tree sub;
    if (!w->tree->ops->submodule)
        return slip_fail(err, SLIP_E_UNSUPPORTED, "submodule '%.*s' cannot be read here",
                         SLIP_ARG(path));
    if (w->tree->ops->submodule(w->tree, path, &e->id, &sub, err) < 0)
        return -1;
    const struct slip_tree *super = w->tree;
    size_t super_base = w->tree_base;
    w->tree = &sub;
    w->tree_base = w->path.len + 1;
    int rc = walk_submodule_tree(w, &sub, takers, err);
    w->tree = super;
    w->tree_base = super_base;
    return rc;
}

/* ---- one context ---- */

int slip_selection_filter(const struct slip_file_selection *s, struct slip_filter **out,
                          struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_filter) f = slip_filter_new(s->context);
    if (s->ignore.len && slip_filter_ignore(f, s->ignore.at, s->ignore.len, err) < 0)
        return -1;
    slip_filter_include(f, s->sources, s->n_sources);
    if (s->n_exclude)
        slip_filter_exclude(f, s->exclude, s->n_exclude);
    if (s->n_within)
        slip_filter_include(f, s->within, s->n_within);
    *out = slip_take(f);
    return 0;
}

/* A context that is no directory: taken when it matches. */
static void root_file_met(struct walk *w, const struct takers *takers, const struct slip_entry *e)
{
    struct met met;
    met_init(&met, w, e);
    for (size_t i = 0; i < takers->len; i++) {
        struct taker *t = &takers->at[i];
        bool yes;
        if (!failed(t)
            && slip_filter_match(t->filter, slip_buf_str(&w->path), &yes, &t->s->err) == 0 && yes)
            take(t, w, &met);
    }
}

/* The directory `top` is taken whole: look for submodules in it. */
static int check_top(struct walk *w, const struct slip_entry *top, struct taker *t)
{
    SLIP_AUTO(slip_entries) entries = SLIP_ENTRIES;
    if (!slip_entry_is_dir(top) || t->s->unlisted_submodules)
        return 0;
    int rc = w->tree->ops->read_dir(w->tree->self, &top->id, &entries, &t->s->err);
    for (size_t i = 0; i < entries.len && rc == 0; i++)
        if (slip_entry_is_submodule(&entries.at[i])) {
            w->submodules++;
            rc = check_submodule(w, &entries.at[i], &t->s->err);
        }
    return rc;
}

static bool take_result(const struct walk *w, struct taker *t)
{
    if (!t->stream->kept || w->entered)
        return false;
    const struct slip_select_result *r =
        slip_select_memo_result(w->memo, t->stream->rules, &w->root);
    if (!r)
        return false;
    memcpy(t->s->group, r->group, sizeof(r->group));
    memcpy(t->s->checksum, r->checksum, sizeof(r->checksum));
    t->s->entries = r->entries;
    return t->stream->known = true;
}

static void keep_result(const struct walk *w, const struct taker *t)
{
    struct slip_select_result r = { .entries = t->s->entries };
    if (!t->stream->kept || w->submodules || w->entered || slip_oid_is_zero(&w->root))
        return;
    memcpy(r.group, t->s->group, sizeof(r.group));
    memcpy(r.checksum, t->s->checksum, sizeof(r.checksum));
    slip_select_memo_put_result(w->memo, t->stream->rules, &w->root, &r);
}

/* The context itself: as a directory in a walk, but that its path is empty for filters. */
static void root_dir_met(struct walk *w, const struct takers *takers, const struct slip_entry *e)
{
    struct takers walkers = borrow(w->pool);
    struct met met;
    met_init(&met, w, e);
    w->root = e->id;
    w->submodules += slip_entry_is_submodule(e);
    for (size_t i = 0; i < takers->len; i++) {
        struct taker *t = &takers->at[i];
        enum slip_verdict v;
        if (take_result(w, t))
            continue;
        if (failed(t) || slip_filter_root(t->filter, walkers.next_items, &v, &t->s->err) < 0)
            continue;
        if (v == SLIP_TAKE && check_top(w, e, t) == 0)
            take(t, w, &met);
        else if (v == SLIP_WALK)
            add_taker(&walkers, t);
    }
    struct slip_error err = { 0 };
    int rc = 0;
    if (walkers.len)
        rc = slip_entry_is_submodule(e) ? walk_submodule(w, e, &walkers, &err)
                                        : walk_dir(w, &e->id, &walkers, &err);
    if (rc < 0)
        fail_all(&walkers, &err);
    give_back(w->pool, &walkers);
}

static void walk_context(struct walk *w, struct slip_str context, const struct takers *takers)
{
    struct slip_tree_place place;
    struct slip_error err = { 0 };
    bool found;
    if (slip_tree_find_place(w->tree, context, &place, &found, &err) < 0) {
        fail_all(takers, &err);
        return;
    }
    if (!found)
        return;
    slip_buf_add_str(&w->path, context);
    w->base = context.len ? context.len + 1 : 0;
    w->odd = is_odd(context);
    const struct slip_tree *commit = w->tree;
    w->tree = &place.tree;
    w->tree_base = context.len - place.path.len;
    w->entered = place.entered;
    place.entry.name = SLIP_STR("");
    if (slip_entry_is_dir(&place.entry) || slip_entry_is_submodule(&place.entry))
        root_dir_met(w, takers, &place.entry);
    else
        root_file_met(w, takers, &place.entry);
    w->tree = commit;
}

/* A context in a submodule is all that is walked of it, and of those that hold it. */
static void put_into_submodules(const struct walk *w, char group[SLIP_SHA256_HEX + 1])
{
    for (size_t i = 0; i < w->entered; i++) {
        char inner[SLIP_SHA256_HEX + 1];
        memcpy(inner, group, sizeof(inner));
        slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(inner), group);
    }
}

static void finish(const struct walk *w, struct taker *t)
{
    struct slip_file_selection *s = t->s;
    if (t->stream->known)
        return;
    if (t->stream->entries || t->stream->submodules.len) {
        stream_end(t->stream, s->group);
        put_into_submodules(w, s->group);
    }
    slip_hash_hex(SLIP_HASH_SHA256, slip_str_of(s->group), s->checksum);
    keep_result(w, t);
}

/* All selections of one context; `takers` has their filters and streams. */
static void select_in_context(const struct slip_tree *tree, struct slip_select_memo *memo,
                              struct slip_str context, struct takers *takers)
{
    struct pool pool = { .max_takers = takers->len };
    for (size_t i = 0; i < takers->len; i++)
        pool.max_items += slip_filter_items(takers->at[i].filter);
    struct walk w = { .pool = &pool,
                      .tree = tree,
                      .memo = memo,
                      .path = SLIP_BUF(SLIP_LIMIT_PATH),
                      .entry_path = SLIP_BUF(2 * SLIP_LIMIT_PATH) };
    walk_context(&w, context, takers);
    for (size_t i = 0; i < takers->len; i++)
        if (!failed(&takers->at[i]))
            finish(&w, &takers->at[i]);
    slip_buf_clear(&w.path);
    slip_buf_clear(&w.entry_path);
    pool_clear(&pool);
}

/* A selection, and which of all it is. */
struct placed {
    struct slip_file_selection *s;
    size_t place;
};

/* Those of one context stand together, in the order in which they came. */
static int by_context(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int c = slip_str_cmp(x->s->context, y->s->context);
    return c ? c : (x->place > y->place) - (x->place < y->place);
}

static void add_selection(struct slip_select_memo *memo, struct slip_file_selection *s,
                          struct takers *takers)
{
    struct taker *t = &takers->at[takers->len];
    t->s = s;
    if (slip_selection_filter(s, &t->filter, &s->err) < 0)
        return;
    t->stream = slip_new(struct stream);
    stream_begin(t->stream);
    if (memo && s->key.len && !s->on_entry) {
        t->stream->rules = slip_select_memo_rules(memo, s->key);
        t->stream->kept = slip_select_memo_text(memo);
    }
    takers->len++;
}

/* Make takers of the selections that have the context of the first one; how many they are. */
static size_t collect_context(struct slip_select_memo *memo, const struct placed *at, size_t n,
                              struct takers *takers)
{
    size_t patterns = 0, i = 0;
    for (; i < n && slip_str_eq(at[i].s->context, at[0].s->context); i++) {
        struct slip_file_selection *s = at[i].s;
        patterns += s->ignore.len + s->n_sources + s->n_exclude + s->n_within;
        if (patterns <= PATTERNS_MAX)
            add_selection(memo, s, takers);
        else
            slip_fail(&s->err, SLIP_E_CONFIG,
                      "the sources and the ignore file have more than %d patterns, counted again "
                      "for every ADD and COPY",
                      PATTERNS_MAX);
    }
    return i;
}

int slip_select_files(const struct slip_tree *tree, struct slip_select_memo *memo,
                      struct slip_file_selection *const *at, size_t n)
{
    SLIP_AUTO_FREE struct placed *all = slip_alloc_array(n, sizeof(*all));
    SLIP_AUTO_FREE struct taker *room = slip_alloc_array(n, sizeof(*room));
    for (size_t i = 0; i < n; i++)
        all[i] = (struct placed){ at[i], i };
    qsort(all, n, sizeof(*all), by_context);
    for (size_t done = 0; done < n;) {
        struct takers takers = { .at = room };
        struct slip_str context = all[done].s->context;
        done += collect_context(memo, all + done, n - done, &takers);
        select_in_context(tree, memo, context, &takers);
        for (size_t i = 0; i < takers.len; i++) {
            slip_filter_free(takers.at[i].filter);
            stream_clear(takers.at[i].stream);
            slip_free(takers.at[i].stream);
        }
    }
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        if (at[i]->err.kind != SLIP_OK)
            rc = -1;
    return rc;
}
