/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a stage repository. */
#include "registry/stages.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "registry/media.h"
#include "registry/stored_memo.h"
#include "registry/tags.h"

#include <inttypes.h>

/*
 * A repository with more tags is not listed to its end: the digests that were asked for are looked
 * for by their position, where the registry allows. A later question for another digest looks
 * again.
 */
#define SMALL_MAX 4000
#define KEEP_MAX 2000000
#define RECORDS_MAX 100000

#define DIGEST_BYTES (SLIP_STAGE_DIGEST_LEN / 2)

struct entry {
    unsigned char digest[DIGEST_BYTES];
    int64_t created_ms;
};

struct slip_stages {
    struct slip_store *store;
    const struct slip_watch *watch;
    bool listed;
    bool complete; /* all stages were kept, not only those of `wanted` */
    bool large;    /* more tags than are listed */
    bool whole;    /* list to the end all the same */
    size_t seen;   /* tags of the listing so far */
    struct {
        SLIP_VEC(struct entry);
    } entries; /* sorted once listed */
    struct {
        SLIP_VEC(int64_t);
    } rejected;                              /* times; sorted once listed */
    struct entry newest[SLIP_STAGES_SAMPLE]; /* of any digest, newest first */
    size_t n_newest;
    struct slip_map *wanted; /* digests: &asked, or &listed once a listing told of them */
    struct slip_map *prefixes, *records;
    struct slip_map *attached; /* "sha256-<hex>": digests that signatures and the like hang on */
    struct slip_stored_memo *read; /* stages, until the listing is forgotten */
};

static char asked, listed; /* values of `wanted` */

struct slip_stages *slip_stages_new(struct slip_store *store, const struct slip_watch *watch)
{
    struct slip_stages *s = slip_new(struct slip_stages);
    s->store = store;
    s->watch = watch;
    s->wanted = slip_map_new(NULL);
    s->prefixes = slip_map_new(NULL);
    s->records = slip_map_new(NULL);
    s->attached = slip_map_new(NULL);
    s->read = slip_stored_memo_new();
    return s;
}

void slip_stages_list_whole(struct slip_stages *s)
{
    s->whole = true;
}

void slip_stages_forget(struct slip_stages *s)
{
    s->listed = s->complete = s->large = false;
    s->entries.len = s->rejected.len = 0;
    for (struct slip_map_entry *e = slip_map_next(s->wanted, NULL); e;
         e = slip_map_next(s->wanted, e))
        slip_map_set(s->wanted, slip_map_key(e), &asked);
    slip_map_free(s->records);
    slip_map_free(s->attached);
    s->records = slip_map_new(NULL);
    s->attached = slip_map_new(NULL);
    slip_stored_memo_free(s->read);
    s->read = slip_stored_memo_new();
}

void slip_stages_free(struct slip_stages *s)
{
    if (!s)
        return;
    slip_vec_clear(&s->entries);
    slip_vec_clear(&s->rejected);
    slip_map_free(s->wanted);
    slip_map_free(s->prefixes);
    slip_map_free(s->records);
    slip_map_free(s->attached);
    slip_stored_memo_free(s->read);
    slip_free(s);
}

void slip_stages_keep(struct slip_stages *s, const char *prefix)
{
    if (slip_map_get(s->prefixes, slip_str_of(prefix)))
        return;
    slip_map_set(s->prefixes, slip_str_of(prefix), s);
    if (s->listed)
        slip_stages_forget(s);
}

void slip_stage_clear(struct slip_stage *s)
{
    slip_stored_clear(&s->stored);
    slip_config_info_clear(&s->config);
    *s = (struct slip_stage){ 0 };
}

void slip_stage_tag_print(const char *digest, int64_t created_ms, char *out, size_t size)
{
    if (created_ms)
        snprintf(out, size, "%s-%" PRId64, digest, created_ms);
    else
        snprintf(out, size, "%s", digest);
}

/* --- the listing --- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool pack_digest(struct slip_str hex, unsigned char out[DIGEST_BYTES])
{
    if (hex.len != SLIP_STAGE_DIGEST_LEN)
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = hex_value(hex.ptr[2 * i]), low = hex_value(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static int by_digest_and_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = memcmp(x->digest, y->digest, DIGEST_BYTES);
    return order ? order : (x->created_ms > y->created_ms) - (x->created_ms < y->created_ms);
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static const char *wanted_as(const struct slip_stages *s, const struct entry *e)
{
    return slip_map_get(s->wanted, slip_str_make((const char *)e->digest, DIGEST_BYTES));
}

static bool is_wanted(const struct slip_stages *s, const struct entry *e)
{
    return wanted_as(s, e) != NULL;
}

/* Also in a large repository, of which only a part is seen. */
static void note_newest(struct slip_stages *s, const struct entry *e)
{
    size_t at = s->n_newest;
    while (at > 0 && s->newest[at - 1].created_ms < e->created_ms)
        at--;
    if (at == SLIP_STAGES_SAMPLE || (at > 0 && by_digest_and_time(&s->newest[at - 1], e) == 0))
        return;
    if (s->n_newest < SLIP_STAGES_SAMPLE)
        s->n_newest++;
    memmove(s->newest + at + 1, s->newest + at, (s->n_newest - 1 - at) * sizeof(*e));
    s->newest[at] = *e;
}

static int keep_stage(struct slip_stages *s, const struct slip_stage_tag *t, struct slip_error *err)
{
    struct entry e = { .created_ms = t->created_ms };
    if (!pack_digest(t->digest, e.digest))
        return 0;
    note_newest(s, &e);
    if (!s->complete && !is_wanted(s, &e))
        return 0;
    if (s->entries.len == KEEP_MAX)
        return slip_fail(err, SLIP_E_REGISTRY, "too many stages");
    slip_vec_push(&s->entries, e);
    return 0;
}

/* A record of a rejected stage counts by its time alone, as for werf. */
static int keep_rejected(struct slip_stages *s, struct slip_str tag, struct slip_error *err)
{
    struct slip_stage_tag t;
    struct slip_str stage = slip_str_first(tag, tag.len - strlen("-rejected"));
    if (!slip_stage_tag_parse(stage, &t))
        return 0;
    if (s->rejected.len == KEEP_MAX)
        return slip_fail(err, SLIP_E_REGISTRY, "too many rejected stages");
    slip_vec_push(&s->rejected, t.created_ms);
    return 0;
}

static int keep_record(struct slip_stages *s, struct slip_str tag, struct slip_error *err)
{
    for (struct slip_map_entry *e = slip_map_next(s->prefixes, NULL); e;
         e = slip_map_next(s->prefixes, e)) {
        if (!slip_str_starts(tag, slip_map_key(e)))
            continue;
        if (slip_map_size(s->records) == RECORDS_MAX)
            return slip_fail(err, SLIP_E_REGISTRY, "more than %d records of one kind", RECORDS_MAX);
        slip_map_set(s->records, tag, s);
        return 0;
    }
    return 0;
}

#define ATTACHED_LEN (7 + 64)

/* "sha256-<hex>", also with ".sig" and the like behind it: something hangs on that manifest. */
static void note_attached(struct slip_stages *s, struct slip_str tag)
{
    if (tag.len >= ATTACHED_LEN && slip_str_starts(tag, SLIP_STR("sha256-"))
        && slip_map_size(s->attached) < RECORDS_MAX)
        slip_map_set(s->attached, slip_str_first(tag, ATTACHED_LEN), s);
}

static int take_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct slip_stages *s = payload;
    struct slip_stage_tag t;
    if (slip_str_ends(tag, SLIP_STR("-rejected")))
        return keep_rejected(s, tag, err);
    if (slip_stage_tag_parse(tag, &t) && t.digest.len == SLIP_STAGE_DIGEST_LEN)
        return keep_stage(s, &t, err);
    note_attached(s, tag);
    return keep_record(s, tag, err);
}

/* Counts; an error ends the listing when there are too many. */
static int take_tag_of_all(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct slip_stages *s = payload;
    if (s->seen++ < SMALL_MAX || s->whole)
        return take_tag(s, tag, err);
    s->large = true;
    return slip_fail(err, SLIP_E_INTERNAL, "more than %d tags", SMALL_MAX);
}

static int list_all(struct slip_stages *s, struct slip_error *err)
{
    s->complete = true;
    s->seen = 0;
    return s->store->ops->list_tags(s->store, take_tag_of_all, s, err);
}

/* What tags may begin with that are asked for: digests that no listing told of, and the records to
 * be kept. */
static const char **make_prefixes(struct slip_stages *s, struct slip_arena *a, size_t *n)
{
    const char **prefixes = slip_arena_array(
        a, slip_map_size(s->wanted) + slip_map_size(s->prefixes) + 1, sizeof(*prefixes));
    struct slip_map_entry *e = NULL;
    *n = 0;
    while ((e = slip_map_next(s->wanted, e))) {
        if (slip_map_value(e) == &listed)
            continue;
        SLIP_AUTO(slip_buf) hex = SLIP_BUF(SLIP_STAGE_DIGEST_LEN);
        slip_buf_add_hex(&hex, slip_map_key(e).ptr, slip_map_key(e).len);
        prefixes[(*n)++] = slip_arena_strdup(a, slip_buf_str(&hex));
    }
    while (!s->listed && (e = slip_map_next(s->prefixes, e)))
        prefixes[(*n)++] = slip_arena_strdup(a, slip_map_key(e));
    return prefixes;
}

/*
 * Here a record of a rejected stage is seen only when it is one of a digest that was asked for: it
 * does not reject a stage of another digest that was made in the same millisecond, as it does for
 * werf.
 */
static int list_some(struct slip_stages *s, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) arena = { 0 };
    size_t n;
    const char **prefixes = make_prefixes(s, &arena, &n);
    return slip_tags_find(s->store, prefixes, n, take_tag, s, err);
}

static void sort(struct slip_stages *s)
{
    if (s->entries.len)
        qsort(s->entries.at, s->entries.len, sizeof(*s->entries.at), by_digest_and_time);
    if (s->rejected.len)
        qsort(s->rejected.at, s->rejected.len, sizeof(*s->rejected.at), by_time);
    for (struct slip_map_entry *e = slip_map_next(s->wanted, NULL); e;
         e = slip_map_next(s->wanted, e))
        slip_map_set(s->wanted, slip_map_key(e), &listed);
    s->listed = true;
}

static int fail_listing(struct slip_stages *s, struct slip_error *err)
{
    slip_stages_forget(s);
    /* What a registry said names it already. */
    return s->store->where.kind == SLIP_STORE_REGISTRY
               ? -1
               : slip_while(err, "%s: list stages", s->store->name);
}

/* Of a large repository what is new is looked for alone. */
static int list(struct slip_stages *s, struct slip_error *err)
{
    bool large = s->large, more = large && s->listed;
    if (!more)
        slip_stages_forget(s);
    if (!large && list_all(s, err) < 0 && s->large) {
        slip_error_clear(err);
        slip_stages_forget(s);
        s->large = true;
    }
    s->large |= large;
    if (err->kind || (s->large && list_some(s, err) < 0))
        return fail_listing(s, err);
    sort(s);
    return 0;
}

/* Note a digest as wanted; false when what was listed does not tell about it. */
static bool know(struct slip_stages *s, const struct entry *e)
{
    bool known = s->listed && (s->complete || wanted_as(s, e) == &listed);
    if (!is_wanted(s, e))
        slip_map_set(s->wanted, slip_str_make((const char *)e->digest, DIGEST_BYTES), &asked);
    return known;
}

void slip_stages_want(struct slip_stages *s, struct slip_str digest)
{
    struct entry e;
    if (pack_digest(digest, e.digest))
        (void)know(s, &e);
}

static int pack(const char *digest, struct entry *e, struct slip_error *err)
{
    return pack_digest(slip_str_of(digest), e->digest)
               ? 0
               : slip_fail(err, SLIP_E_INTERNAL, "'%s' is no digest of a stage", digest);
}

/* --- candidates --- */

static bool is_rejected(const struct slip_stages *s, int64_t created_ms)
{
    return s->rejected.len
           && bsearch(&created_ms, s->rejected.at, s->rejected.len, sizeof(*s->rejected.at),
                      by_time);
}

/* The place of the first entry that is not less than `key`. */
static size_t lower_bound(const struct slip_stages *s, const struct entry *key)
{
    size_t low = 0, high = s->entries.len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_digest_and_time(&s->entries.at[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The next candidate of a digest at or after `*at`; false at the end. */
static bool next_candidate(const struct slip_stages *s, const struct entry *from, size_t *at,
                           int64_t *created_ms)
{
    for (; *at < s->entries.len; (*at)++) {
        const struct entry *e = &s->entries.at[*at];
        if (memcmp(e->digest, from->digest, DIGEST_BYTES) != 0)
            return false;
        if (is_rejected(s, e->created_ms) || (*at > 0 && by_digest_and_time(e, e - 1) == 0))
            continue;
        *created_ms = e->created_ms;
        (*at)++;
        return true;
    }
    return false;
}

int slip_stages_candidates(struct slip_stages *s, const char *digest, int64_t not_before_ms,
                           slip_stage_candidate_fn *fn, void *payload, struct slip_error *err)
{
    struct entry key = { .created_ms = not_before_ms };
    int64_t created_ms;
    if (pack(digest, &key, err) < 0 || (!know(s, &key) && list(s, err) < 0))
        return -1;
    size_t at = lower_bound(s, &key);
    while (next_candidate(s, &key, &at, &created_ms))
        if (fn(payload, created_ms, err) < 0)
            return -1;
    return 0;
}

int slip_stages_records(struct slip_stages *s, const char *prefix, slip_tag_fn *fn, void *payload,
                        struct slip_error *err)
{
    if (!s->listed && list(s, err) < 0)
        return -1;
    for (struct slip_map_entry *e = slip_map_next(s->records, NULL); e;
         e = slip_map_next(s->records, e))
        if (slip_str_starts(slip_map_key(e), slip_str_of(prefix))
            && fn(payload, slip_map_key(e), err) < 0)
            return -1;
    return 0;
}

/* --- reading --- */

/* One item on its way through its candidates. */
struct search {
    struct slip_stage_find *item;
    struct entry key;
    size_t at; /* of the next candidate */
    int64_t created_ms;
    char tag[sizeof(((struct slip_stage *)0)->tag)];
};

/* What werf needs of a stage and crashes without. */
static int check_stage(const struct slip_stored *stored, struct slip_stage *stage,
                       struct slip_error *err)
{
    if (slip_media_is_index(slip_str_of(stored->media_type))) {
        slip_fail(err, SLIP_E_REGISTRY, "an index stands under the tag of a stage");
        return slip_hint(err, "a builder that adds provenance writes one: remove it, and build "
                              "without (--provenance=false)");
    }
    struct slip_str content = slip_config_label(&stage->config, SLIP_LABEL_CONTENT_DIGEST);
    if (content.len == 0 || content.len >= sizeof(stage->content_digest)) {
        slip_fail(err, SLIP_E_REGISTRY, "the stage has no label '" SLIP_LABEL_CONTENT_DIGEST "'");
        return slip_hint(err, "something else than a stage was written under this tag: remove it");
    }
    snprintf(stage->content_digest, sizeof(stage->content_digest), "%.*s", SLIP_ARG(content));
    return 0;
}

/* Signatures, attestations and lists of parts name the stage's digest; an export has another. */
static bool tell_attached(const struct slip_stages *s, const struct search *q, const char *digest)
{
    char tag[ATTACHED_LEN + 1];
    snprintf(tag, sizeof(tag), "sha256-%s", digest + strlen("sha256:"));
    bool attached = slip_map_get(s->attached, slip_str_of(tag)) != NULL;
    if (attached)
        slip_watch_step(s->watch, q->tag,
                        "signatures or attestations hang on this stage: they are not exported, "
                        "because they name another digest");
    return attached;
}

/* Make a stage of what was read, which it takes over. */
static int take_stage(struct slip_stages *s, const struct search *q, struct slip_stored *stored,
                      struct slip_config_info *config, struct slip_stage *out,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_stage) stage = { .created_ms = q->created_ms, .config = *config };
    SLIP_AUTO(slip_parts) parts = { 0 };
    *config = (struct slip_config_info){ 0 };
    snprintf(stage.tag, sizeof(stage.tag), "%s", q->tag);
    if (check_stage(stored, &stage, err) < 0
        || slip_parts_read(slip_str_of(stored->media_type), slip_buf_str(&stored->manifest), &parts,
                           err)
               < 0)
        return slip_while(err, "%s:%s", s->store->name, q->tag);
    snprintf(stage.config_digest, sizeof(stage.config_digest), "%s", parts.config.digest);
    stage.attached = tell_attached(s, q, stored->digest);
    stage.stored = *stored;
    *stored = (struct slip_stored){ 0 };
    *out = stage;
    stage = (struct slip_stage){ 0 };
    return 0;
}

static bool to_next_candidate(const struct slip_stages *s, struct search *q)
{
    if (!next_candidate(s, &q->key, &q->at, &q->created_ms))
        return false;
    slip_stage_tag_print(q->item->digest, q->created_ms, q->tag, sizeof(q->tag));
    return true;
}

static bool may_be_taken(struct slip_stage_find *item)
{
    bool yes = true;
    if (item->accept && item->accept(item->payload, &item->stage, &yes, &item->err) < 0)
        return false;
    return yes;
}

/* True when the search goes on with another candidate. */
static bool judge(struct slip_stages *s, struct search *q, struct slip_stored_get *got)
{
    struct slip_stage_find *item = q->item;
    SLIP_AUTO(slip_config_info) config = { 0 };
    bool is_index = slip_media_is_index(slip_str_of(got->source.media_type));
    if (!got->err.kind && !is_index
        && slip_config_info_read(slip_buf_str(&got->source.config), &config, &got->err) < 0)
        got->broken = true;
    if (got->err.kind && got->broken) {
        slip_watch_warn(s->watch, q->tag, "ignored: %s", got->err.text);
        return to_next_candidate(s, q);
    }
    if (got->err.kind)
        item->err = got->err;
    else
        item->found = take_stage(s, q, &got->source, &config, &item->stage, &item->err) == 0;
    if (!item->found || may_be_taken(item))
        return false;
    slip_stage_clear(&item->stage);
    item->found = false;
    return item->err.kind == SLIP_OK && to_next_candidate(s, q);
}

/* Read the current candidate of every search at once, again for those that were broken. */
static void run_searches(struct slip_stages *s, struct search *q, size_t n)
{
    while (n) {
        SLIP_AUTO_FREE struct slip_stored_get *batch = slip_alloc_array(n, sizeof(*batch));
        size_t left = 0;
        for (size_t i = 0; i < n; i++)
            batch[i].identifier = q[i].tag;
        (void)!slip_stored_memo_read(s->read, s->store, batch, n); /* judged one by one */
        for (size_t i = 0; i < n; i++) {
            bool more = judge(s, &q[i], &batch[i]);
            slip_stored_clear(&batch[i].source);
            if (more)
                q[left++] = q[i];
        }
        n = left;
    }
}

/* List when something is asked that is not known yet: once for all items. */
static int know_all(struct slip_stages *s, struct slip_stage_find *items, size_t n,
                    struct slip_error *err)
{
    bool known = true;
    for (size_t i = 0; i < n; i++) {
        struct entry key;
        if (pack(items[i].digest, &key, err) < 0)
            return -1;
        known &= know(s, &key);
    }
    return known ? 0 : list(s, err);
}

int slip_stages_find(struct slip_stages *s, struct slip_stage_find *items, size_t n)
{
    SLIP_AUTO_FREE struct search *searches = slip_alloc_array(n, sizeof(*searches));
    struct slip_error err = { 0 };
    size_t active = 0;
    int result = know_all(s, items, n, &err);
    for (size_t i = 0; i < n; i++) {
        struct search *q = &searches[active];
        items[i].found = false;
        items[i].stage = (struct slip_stage){ 0 };
        items[i].err = err;
        *q = (struct search){ .item = &items[i], .key.created_ms = items[i].not_before_ms };
        if (result < 0 || pack(items[i].digest, &q->key, &items[i].err) < 0)
            continue;
        q->at = lower_bound(s, &q->key);
        active += to_next_candidate(s, q);
    }
    run_searches(s, searches, active);
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind)
            result = -1;
    return result;
}

int slip_stages_read(struct slip_stages *s, const char *digest, int64_t created_ms, bool *found,
                     struct slip_stage *out, struct slip_error *err)
{
    struct slip_stage_find item = { .digest = digest };
    struct search q = { .item = &item, .at = s->entries.len, .created_ms = created_ms };
    slip_stage_tag_print(digest, created_ms, q.tag, sizeof(q.tag));
    run_searches(s, &q, 1);
    *found = item.found;
    *err = item.err;
    *out = item.stage;
    return item.err.kind ? -1 : 0;
}

void slip_stages_sample(struct slip_stages *s,
                        void (*fn)(void *payload, const struct slip_config_info *config),
                        void *payload)
{
    struct slip_stored_get items[SLIP_STAGES_SAMPLE] = { 0 };
    char tags[SLIP_STAGES_SAMPLE][sizeof(((struct slip_stage *)0)->tag)];
    for (size_t i = 0; i < s->n_newest; i++) {
        SLIP_AUTO(slip_buf) hex = SLIP_BUF(SLIP_STAGE_DIGEST_LEN);
        slip_buf_add_hex(&hex, s->newest[i].digest, DIGEST_BYTES);
        slip_stage_tag_print(hex.ptr, s->newest[i].created_ms, tags[i], sizeof(tags[i]));
        items[i].identifier = tags[i];
    }
    int failed = slip_stored_read(s->store, items, s->n_newest);
    (void)failed; /* looked at one by one */
    for (size_t i = 0; i < s->n_newest; i++) {
        SLIP_AUTO(slip_config_info) config = { 0 };
        struct slip_error ignored = { 0 };
        if (!items[i].err.kind && !slip_media_is_index(slip_str_of(items[i].source.media_type))
            && slip_config_info_read(slip_buf_str(&items[i].source.config), &config, &ignored) == 0)
            fn(payload, &config);
        slip_stored_clear(&items[i].source);
    }
}
