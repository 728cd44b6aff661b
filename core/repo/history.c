/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking history with a heap of commits ordered by date.
 *
 *     commit := "tree" SP id LF ("parent" SP id LF)* ... "committer" SP who SP seconds SP zone LF
 *               ... LF LF message
 */
#include "repo/history.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "repo/internal.h"

enum { ANCESTORS_MAX = 10000 /* answers that are remembered */ };

struct known_commit {
    struct slip_commit commit;
    char *subject;
    struct {
        SLIP_VEC(struct slip_oid);
    } parents;
};

struct walking {
    struct slip_repo *repo;
    struct slip_map *seen;    /* ids that are or were in the heap */
    struct slip_map *shallow; /* ids whose parents are cut off */
    struct {
        SLIP_VEC(struct known_commit *);
    } heap; /* newest first */
    bool complete;
};

static void commit_free(struct known_commit *c)
{
    if (!c)
        return;
    slip_vec_clear(&c->parents);
    slip_free(c->subject);
    slip_free(c);
}

static void walking_clear(struct walking *w)
{
    for (size_t i = 0; i < w->heap.len; i++)
        commit_free(w->heap.at[i]);
    slip_vec_clear(&w->heap);
    slip_map_free(w->seen);
    slip_map_free(w->shallow);
}
SLIP_DEFINE_AUTO(walking, walking_clear);

static struct slip_str key_of(const struct slip_oid *id)
{
    return slip_str_make((const char *)id->bytes, sizeof(id->bytes));
}

/* git lists in this file the commits whose parents a shallow clone left out. */
static int read_shallow(struct walking *w, struct slip_error *err)
{
    SLIP_AUTO_FREE char *path = slip_printf("%s/shallow", w->repo->common_dir);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    if (slip_file_read_if_there(path, &text, &found, err) < 0)
        return -1;
    struct slip_str rest = slip_buf_str(&text), line;
    struct slip_oid id;
    while (slip_str_line(&rest, &line))
        if (slip_oid_parse(slip_str_trim(line), &id))
            slip_map_set(w->shallow, key_of(&id), w);
    return 0;
}

/* ---- commits ---- */

/* "... 1700000000 +0100" at the end of an author or committer line. */
static struct slip_signature_time read_time(struct slip_str line)
{
    struct slip_signature_time t = { 0 };
    struct slip_str zone, seconds;
    slip_str_rcut(line, ' ', &line, &zone);
    slip_str_rcut(line, ' ', &line, &seconds);
    int64_t hhmm = 0;
    if (zone.len && zone.ptr[0] == '+')
        zone = slip_str_skip(zone, 1);
    if (!slip_str_to_i64(seconds, &t.seconds) || !slip_str_to_i64(zone, &hhmm))
        return t;
    t.offset_minutes = (int)(hhmm / 100 * 60 + hhmm % 100);
    return t;
}

static void read_header(struct known_commit *c, struct slip_str line)
{
    struct slip_str word, value;
    struct slip_oid id;
    slip_str_cut(line, ' ', &word, &value);
    if (slip_str_is(word, "tree"))
        slip_oid_parse(value, &c->commit.tree);
    else if (slip_str_is(word, "parent") && slip_oid_parse(value, &id))
        slip_vec_push(&c->parents, id);
    else if (slip_str_is(word, "author"))
        c->commit.author = read_time(value);
    else if (slip_str_is(word, "committer"))
        c->commit.committer = read_time(value);
}

static struct known_commit *parse_commit(const struct slip_oid *id, struct slip_str text)
{
    struct known_commit *c = slip_new(struct known_commit);
    struct slip_str line = { 0 };
    c->commit.id = *id;
    while (slip_str_line(&text, &line) && line.len)
        read_header(c, line);
    slip_str_line(&text, &line);
    c->subject = slip_memdup(line.ptr, line.len);
    return c;
}

/* ---- the heap ---- */

static bool is_newer(const struct known_commit *a, const struct known_commit *b)
{
    return a->commit.committer.seconds > b->commit.committer.seconds;
}

static void swap(struct walking *w, size_t a, size_t b)
{
    struct known_commit *c = w->heap.at[a];
    w->heap.at[a] = w->heap.at[b];
    w->heap.at[b] = c;
}

static void push(struct walking *w, struct known_commit *c)
{
    slip_vec_push(&w->heap, c);
    for (size_t i = w->heap.len - 1; i > 0 && is_newer(w->heap.at[i], w->heap.at[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(w, i, (i - 1) / 2);
}

static struct known_commit *pop(struct walking *w)
{
    struct known_commit *top = w->heap.at[0];
    w->heap.at[0] = w->heap.at[--w->heap.len];
    for (size_t i = 0;;) {
        size_t best = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < w->heap.len; child++)
            if (is_newer(w->heap.at[child], w->heap.at[best]))
                best = child;
        if (best == i)
            return top;
        swap(w, i, best);
        i = best;
    }
}

/* Put a commit into the heap, unless it was there before or is not here. */
static int add(struct walking *w, const struct slip_oid *id, struct slip_error *err)
{
    if (slip_map_get(w->seen, key_of(id)))
        return 0;
    slip_map_set(w->seen, key_of(id), w);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    if (slip_repo_read_commit(w->repo, id, &text, &found, err) < 0)
        return -1;
    if (found)
        push(w, parse_commit(id, slip_buf_str(&text)));
    else
        w->complete = false;
    return 0;
}

static int add_parents(struct walking *w, const struct known_commit *c, struct slip_error *err)
{
    if (c->parents.len && slip_map_get(w->shallow, key_of(&c->commit.id))) {
        w->complete = false;
        return 0;
    }
    for (size_t i = 0; i < c->parents.len; i++)
        if (add(w, &c->parents.at[i], err) < 0)
            return -1;
    return 0;
}

int slip_repo_history(struct slip_repo *r, const struct slip_oid *from, slip_history_visit *visit,
                      void *payload, bool *complete, struct slip_error *err)
{
    SLIP_AUTO(walking)
    w = { .repo = r, .seen = slip_map_new(NULL), .shallow = slip_map_new(NULL), .complete = true };
    if (read_shallow(&w, err) < 0 || add(&w, from, err) < 0)
        return -1;
    int rc = 0;
    while (rc == 0 && w.heap.len) {
        struct known_commit *c = pop(&w);
        const struct slip_history_step step = { c->commit, slip_str_of(c->subject), c->parents.at,
                                                c->parents.len };
        rc = visit(payload, &step, err);
        if (rc == 0)
            rc = add_parents(&w, c, err);
        commit_free(c);
    }
    if (rc < 0)
        return -1;
    if (complete)
        *complete = w.complete;
    return 0;
}

struct search {
    const struct slip_oid *wanted;
    bool found;
};

static int stop_at_wanted(void *payload, const struct slip_history_step *step,
                          struct slip_error *err)
{
    (void)err;
    struct search *s = payload;
    s->found = slip_oid_eq(&step->commit.id, s->wanted);
    return s->found;
}

static int search_ancestor(struct slip_repo *r, const struct slip_oid *ancestor,
                           const struct slip_oid *descendant, enum slip_answer *out,
                           struct slip_error *err)
{
    struct search s = { ancestor, false };
    bool complete;
    if (slip_repo_history(r, descendant, stop_at_wanted, &s, &complete, err) < 0)
        return -1;
    *out = s.found ? SLIP_YES : complete ? SLIP_NO : SLIP_UNKNOWN;
    return 0;
}

/* Asked again and again: the stages of many images hold the same commits. */
int slip_repo_is_ancestor(struct slip_repo *r, const struct slip_oid *ancestor,
                          const struct slip_oid *descendant, enum slip_answer *out,
                          struct slip_error *err)
{
    static const char answers[] = { [SLIP_NO] = 'n', [SLIP_YES] = 'y', [SLIP_UNKNOWN] = '?' };
    char both[2 * sizeof(ancestor->bytes)];
    memcpy(both, ancestor->bytes, sizeof(ancestor->bytes));
    memcpy(both + sizeof(ancestor->bytes), descendant->bytes, sizeof(descendant->bytes));
    if (!r->ancestors)
        r->ancestors = slip_map_new(NULL);
    const char *known = slip_map_get(r->ancestors, slip_str_make(both, sizeof(both)));
    if (known) {
        *out = (enum slip_answer)(known - answers);
        return 0;
    }
    if (search_ancestor(r, ancestor, descendant, out, err) < 0)
        return -1;
    if (slip_map_size(r->ancestors) < ANCESTORS_MAX)
        slip_map_set(r->ancestors, slip_str_make(both, sizeof(both)), (void *)&answers[*out]);
    return 0;
}

int slip_repo_has_commit(struct slip_repo *r, const struct slip_oid *id, enum slip_answer *out,
                         struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool found;
    if (slip_repo_read_commit(r, id, &text, &found, err) < 0)
        return -1;
    *out = found ? SLIP_YES : SLIP_NO;
    if (found)
        return 0;
    SLIP_AUTO(walking) w = { .repo = r, .seen = slip_map_new(NULL), .shallow = slip_map_new(NULL) };
    if (read_shallow(&w, err) < 0)
        return -1;
    if (slip_map_size(w.shallow))
        *out = SLIP_UNKNOWN;
    return 0;
}
