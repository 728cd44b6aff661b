/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tag listing of a repository: pages, each read as it arrives.
 *
 * When a page breaks off in the middle it is asked for again, and what was told already is passed
 * over; a checksum of those names says whether the page is still the same.
 *
 * To find some names, the first page is read. If there are more, and its names are in order, each
 * prefix is looked for at its own position ("last="), as long as all answers are in order too.
 */
#include "registry/http_store.h"

#include "base/limits.h"
#include "net/url.h"
#include "registry/tag_reader.h"
#include "registry/tags.h"

#define PAGE 1000      /* some registries refuse more */
#define FOUND_PAGE 100 /* where few names are expected */
#define REREADS 4
#define EMPTY_PAGES 1000 /* one after the other: some registries leave out what is hidden */
#define NAME_MAX_LEN 4096

struct listing {
    struct slip_http_store *store;
    slip_tag_fn *fn;
    void *payload;
    size_t page;            /* names asked for at a time */
    struct slip_str prefix; /* stop behind the names that begin with it; empty: go to the end */
    bool one_page;          /* stop after the first page; `next` says whether there are more */
    /* out */
    bool in_order;
    char *next; /* where the listing goes on */
    struct slip_buf last;
    struct slip_error err;
    /* inside */
    struct slip_call call;
    struct slip_tag_reader reader;
    struct slip_map *seen; /* addresses of pages: registries have been seen to run in circles */
    unsigned rereads;
    bool guessed;  /* this page was asked for without a link to it */
    bool repeated; /* and turns out to be the page before once more */
    bool passed;   /* a name behind the prefix was seen */
    size_t count;  /* names of this page so far */
    size_t told;   /* of them told to the caller, in this or an earlier reading */
    uint64_t sum, told_sum;
    size_t names;          /* of all pages */
    size_t quiet;          /* bytes since the last name */
    size_t empty;          /* pages without a name, one after the other */
    struct slip_buf first; /* the first name of this page or the one before */
};

static void listing_init(struct listing *l, struct slip_store *s, slip_tag_fn *fn, void *payload)
{
    *l = (struct listing){
        .store = slip_http_store_of(s),
        .fn = fn,
        .payload = payload,
        .page = PAGE,
        .in_order = true,
        .call = SLIP_CALL_INIT,
        .seen = slip_map_new(NULL),
        .first = SLIP_BUF(NAME_MAX_LEN),
        .last = SLIP_BUF(NAME_MAX_LEN),
        .reader.text = SLIP_BUF(0),
    };
}

static void listing_clear(struct listing *l)
{
    slip_call_clear(&l->call);
    slip_tag_reader_clear(&l->reader);
    slip_buf_clear(&l->first);
    slip_buf_clear(&l->last);
    slip_map_free(l->seen);
    slip_free(l->next);
}

/* FNV-1a; a separator keeps "ab","c" apart from "a","bc". */
static uint64_t add_to_sum(uint64_t sum, struct slip_str s)
{
    for (size_t i = 0; i <= s.len; i++)
        sum = (sum ^ (i < s.len ? (unsigned char)s.ptr[i] : 0x100u)) * 0x100000001b3u;
    return sum;
}

static void keep_name(struct slip_buf *place, struct slip_str tag)
{
    slip_buf_reset(place);
    slip_buf_add_str(place, tag);
}

/* A name that nobody has been told yet. */
static int new_tag(struct listing *l, struct slip_str tag, struct slip_error *err)
{
    if (slip_str_cmp(tag, slip_buf_str(&l->last)) <= 0)
        l->in_order = false;
    if (l->prefix.len > 0 && slip_str_cmp(tag, l->prefix) > 0 && !slip_str_starts(tag, l->prefix))
        l->passed = true;
    l->told = l->count;
    l->told_sum = l->sum;
    keep_name(&l->last, tag);
    return l->fn(l->payload, tag, err);
}

static int on_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct listing *l = payload;
    l->quiet = l->empty = 0;
    if (++l->names > SLIP_LIMIT_TAGS)
        return slip_fail(err, SLIP_E_REGISTRY, "more than %d tags", SLIP_LIMIT_TAGS);
    if (l->count == 0 && l->guessed && slip_str_eq(tag, slip_buf_str(&l->first)))
        l->repeated = true;
    if (l->count++ == 0)
        keep_name(&l->first, tag);
    if (l->repeated)
        return 0;
    l->sum = add_to_sum(l->sum, tag);
    if (l->count > l->told)
        return new_tag(l, tag, err);
    if (l->count == l->told && l->sum != l->told_sum)
        return slip_fail(err, SLIP_E_TEMPORARY, "the tag listing changed while it was read");
    return 0;
}

static int begin_page(void *payload, const struct slip_http_answer *a, struct slip_error *err)
{
    struct listing *l = payload;
    (void)a, (void)err;
    slip_tag_reader_clear(&l->reader);
    slip_tag_reader_init(&l->reader, on_tag, l);
    l->count = 0;
    l->sum = 0xcbf29ce484222325u;
    return 0;
}

static int take_page(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct listing *l = payload;
    l->quiet += bytes.len;
    if (l->quiet > SLIP_LIMIT_TAG_GAP)
        return slip_fail(err, SLIP_E_REGISTRY, "%s: %u bytes of the tag listing without a tag",
                         l->store->base.name, SLIP_LIMIT_TAG_GAP);
    if (slip_tag_reader_feed(&l->reader, bytes, err) < 0)
        return slip_while(err, "%s", l->store->base.name);
    return 0;
}

static void page_done(void *payload, struct slip_call *c);

/* `target` becomes the call's. */
static void ask_page(struct listing *l, char *target)
{
    slip_call_clear(&l->call);
    slip_http_store_call(l->store, &l->call, "GET", slip_strdup(""), slip_strdup("list tags"));
    slip_free(l->call.target);
    l->call.target = target;
    slip_map_set(l->seen, slip_str_of(target), l);
    l->call.begin_take = begin_page;
    l->call.take = take_page;
    l->call.done = page_done;
    l->call.payload = l;
    l->told = 0;
    l->told_sum = 0;
    l->rereads = 0;
    l->repeated = false;
    slip_call_begin(&l->call);
}

/* The address of the page behind `last`; NULL: of the first one. */
static char *page_behind(const struct listing *l, const struct slip_str *last)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    slip_buf_add_fmt(&url, "/v2/%s/tags/list?n=%zu", l->store->repo.path, l->page);
    if (last)
        slip_url_add_query(&url, "last", *last);
    return slip_buf_detach(&url);
}

/* Where the next page is; NULL when this was the last. */
static char *next_page(struct listing *l)
{
    const struct slip_call *c = &l->call;
    struct slip_str link = slip_link_next(&c->answer), last = slip_buf_str(&l->last);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    l->guessed = !link.ptr;
    if (l->repeated || l->passed || (l->guessed && l->count != l->page))
        return NULL;
    if (l->guessed) {
        SLIP_AUTO_FREE char *guess = page_behind(l, &last);
        slip_buf_add_c(&url, guess);
    } else if (!slip_url_resolve(slip_buf_str(&c->url), link, &url)
               || !slip_url_same_origin(slip_buf_str(&c->url), slip_buf_str(&url))) {
        slip_fail(&l->err, SLIP_E_REGISTRY, "%s: the tag listing goes on at another host",
                  l->store->base.name);
        return NULL;
    }
    return slip_map_get(l->seen, slip_buf_str(&url)) ? NULL : slip_buf_detach(&url);
}

/* It broke off in the middle: the call does not repeat what was taken in part. */
static bool read_again(struct listing *l)
{
    const struct slip_call *c = &l->call;
    bool broken =
        c->err.kind == SLIP_E_TEMPORARY && c->taken && c->answer.failure != SLIP_HTTP_GIVEN_UP;
    bool cut =
        c->err.kind == SLIP_OK && c->answer.status == 200 && !slip_tag_reader_done(&l->reader);
    if ((!broken && !cut) || l->rereads++ >= REREADS)
        return false;
    slip_call_begin(&l->call);
    return true;
}

static void page_done(void *payload, struct slip_call *c)
{
    struct listing *l = payload;
    if (read_again(l))
        return;
    if (c->err.kind == SLIP_OK && c->answer.status == 404 && !slip_is_web_page(&c->answer))
        return;
    if (c->err.kind != SLIP_OK || c->answer.status != 200) {
        (void)slip_call_refused(c, &l->err);
        if (l->err.kind == SLIP_E_REGISTRY)
            slip_hint_web_page(&c->answer, &l->err);
    } else if (!slip_tag_reader_done(&l->reader) || l->count < l->told) {
        slip_fail(&l->err, SLIP_E_TEMPORARY, "%s: the tag listing breaks off", l->store->base.name);
    } else if (l->empty++ == EMPTY_PAGES) {
        slip_fail(&l->err, SLIP_E_REGISTRY,
                  "%s: more than %d pages of the tag listing without a tag", l->store->base.name,
                  EMPTY_PAGES);
    } else {
        char *next = next_page(l);
        if (next && !l->one_page)
            ask_page(l, next);
        else
            l->next = next;
    }
}

static void run(const struct listing *l)
{
    slip_http_run(l->store->repo.host->registry->http);
}

int slip_http_list_tags(struct slip_store *s, slip_tag_fn *fn, void *payload,
                        struct slip_error *err)
{
    struct listing l;
    listing_init(&l, s, fn, payload);
    ask_page(&l, page_behind(&l, NULL));
    run(&l);
    if (l.err.kind != SLIP_OK)
        *err = l.err;
    listing_clear(&l);
    return err->kind == SLIP_OK ? 0 : -1;
}

/* Tells the names that begin with a prefix, each once however often it comes by. */
struct filter {
    const char *const *prefixes;
    size_t n;
    slip_tag_fn *fn;
    void *payload;
    struct slip_map *told;
};

static int tell_match(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct filter *f = payload;
    for (size_t i = 0; i < f->n; i++) {
        if (!slip_str_starts(tag, slip_str_of(f->prefixes[i])) || slip_map_get(f->told, tag))
            continue;
        slip_map_set(f->told, tag, f);
        return f->fn(f->payload, tag, err);
    }
    return 0;
}

/* Everything from `target` on, which becomes the listing's. */
static int find_onwards(struct slip_store *s, struct filter *f, char *target,
                        struct slip_error *err)
{
    struct listing l;
    listing_init(&l, s, tell_match, f);
    ask_page(&l, target);
    run(&l);
    if (l.err.kind != SLIP_OK)
        *err = l.err;
    listing_clear(&l);
    return err->kind == SLIP_OK ? 0 : -1;
}

/* Each prefix at its own position; `*trusted` says whether the answers were in order. */
static int find_by_position(struct slip_store *s, struct filter *f, bool *trusted,
                            struct slip_error *err)
{
    struct listing *jumps = slip_alloc_array(f->n, sizeof(*jumps));
    *trusted = true;
    for (size_t i = 0; i < f->n; i++) {
        struct listing *l = &jumps[i];
        listing_init(l, s, tell_match, f);
        l->page = FOUND_PAGE;
        l->prefix = slip_str_of(f->prefixes[i]);
        /* Little lies between a prefix without its last letter and the prefix. */
        struct slip_str before = slip_str_first(l->prefix, l->prefix.len - 1);
        keep_name(&l->last, before);
        ask_page(l, page_behind(l, &before));
    }
    run(&jumps[0]);
    for (size_t i = 0; i < f->n; i++) {
        if (jumps[i].err.kind != SLIP_OK && err->kind == SLIP_OK)
            *err = jumps[i].err;
        *trusted &= jumps[i].in_order;
        listing_clear(&jumps[i]);
    }
    slip_free(jumps);
    return err->kind == SLIP_OK ? 0 : -1;
}

static int find_in_registry(struct slip_store *s, struct filter *f, struct slip_error *err)
{
    struct listing top;
    bool trusted = false;
    int rc = 0;
    listing_init(&top, s, tell_match, f);
    top.one_page = true;
    ask_page(&top, page_behind(&top, NULL));
    run(&top);
    if (top.err.kind != SLIP_OK) {
        *err = top.err;
        rc = -1;
    } else if (top.next && top.in_order) {
        rc = find_by_position(s, f, &trusted, err);
    }
    if (rc == 0 && top.next && !trusted)
        rc = find_onwards(s, f, slip_take(top.next), err);
    listing_clear(&top);
    return rc;
}

int slip_tags_find(struct slip_store *s, const char *const *prefixes, size_t n, slip_tag_fn *fn,
                   void *payload, struct slip_error *err)
{
    struct filter f = {
        .prefixes = prefixes, .n = n, .fn = fn, .payload = payload, .told = slip_map_new(NULL)
    };
    int rc = 0;
    if (n > 0)
        rc = s->where.kind == SLIP_STORE_REGISTRY ? find_in_registry(s, &f, err)
                                                  : s->ops->list_tags(s, tell_match, &f, err);
    slip_map_free(f.told);
    return rc;
}
