/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tag listing of a repository: pages, each read as it arrives.
 *
 * When a page breaks off in the middle it is asked for again, and what was told already is passed
 * over; a checksum of those names says whether the page is still the same.
 */
#include "registry/http_store.h"

#include "base/limits.h"
#include "net/url.h"
#include "registry/tag_reader.h"

#define PAGE 1000
#define REREADS 4

struct listing {
    struct slip_http_store *store;
    slip_tag_fn *fn;
    void *payload;
    struct slip_error *err;
    struct slip_call call;
    struct slip_tag_reader reader;
    struct slip_map *seen; /* addresses of pages: registries have been seen to run in circles */
    unsigned rereads;
    bool guessed;  /* this page was asked for without a link to it */
    bool repeated; /* and turns out to be the page before once more */
    size_t count;  /* names of this page so far */
    size_t told;   /* of them told to the caller, in this or an earlier reading */
    uint64_t sum, told_sum;
    struct slip_buf first, last; /* names of this page; `first` may be of the page before */
};

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

static int on_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct listing *l = payload;
    if (l->count == 0 && l->guessed && slip_str_eq(tag, slip_buf_str(&l->first)))
        l->repeated = true;
    if (l->count++ == 0)
        keep_name(&l->first, tag);
    if (l->repeated)
        return 0;
    l->sum = add_to_sum(l->sum, tag);
    if (l->count < l->told)
        return 0;
    if (l->count == l->told)
        return l->sum == l->told_sum ? 0
                                     : slip_fail(err, SLIP_E_TEMPORARY,
                                                 "%s: the tag listing changed while it was read",
                                                 l->store->base.name);
    l->told = l->count;
    l->told_sum = l->sum;
    keep_name(&l->last, tag);
    return l->fn(l->payload, tag, err);
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
    return slip_tag_reader_feed(&l->reader, bytes, err);
}

static void page_done(void *payload, struct slip_call *c);

/* `target` becomes the call's. */
static void ask_page(struct listing *l, char *target)
{
    slip_call_clear(&l->call);
    slip_http_store_call(l->store, &l->call, "GET", slip_strdup("tags/list?n=1000"),
                         slip_strdup("list tags"));
    if (target) {
        slip_free(l->call.target);
        l->call.target = target;
    }
    slip_map_set(l->seen, slip_str_of(l->call.target), l);
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

/* Where the next page is; NULL when this was the last. */
static char *next_page(struct listing *l)
{
    const struct slip_call *c = &l->call;
    struct slip_str link = slip_link_next(&c->answer);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    l->guessed = !link.ptr;
    if (l->repeated || (l->guessed && l->count != PAGE))
        return NULL;
    if (l->guessed) {
        slip_buf_add_fmt(&url, "/v2/%s/tags/list?n=%d", l->store->repo.path, PAGE);
        slip_url_add_query(&url, "last", slip_buf_str(&l->last));
    } else if (!slip_url_resolve(slip_buf_str(&c->url), link, &url)
               || !slip_url_same_origin(slip_buf_str(&c->url), slip_buf_str(&url))) {
        slip_fail(l->err, SLIP_E_REGISTRY, "%s: the tag listing goes on at another host",
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
    if (c->err.kind == SLIP_OK && c->answer.status == 404)
        return;
    if (c->err.kind != SLIP_OK || c->answer.status != 200) {
        (void)slip_call_refused(c, l->err);
    } else if (!slip_tag_reader_done(&l->reader) || l->count < l->told) {
        slip_fail(l->err, SLIP_E_TEMPORARY, "%s: the tag listing breaks off", l->store->base.name);
    } else {
        char *next = next_page(l);
        if (next)
            ask_page(l, next);
    }
}

int slip_http_list_tags(struct slip_store *s, slip_tag_fn *fn, void *payload,
                        struct slip_error *err)
{
    struct listing l = {
        .store = slip_http_store_of(s),
        .fn = fn,
        .payload = payload,
        .err = err,
        .call = SLIP_CALL_INIT,
        .seen = slip_map_new(NULL),
        .first = SLIP_BUF(1u << 16),
        .last = SLIP_BUF(1u << 16),
        .reader.text = SLIP_BUF(0),
    };
    ask_page(&l, NULL);
    slip_http_run(l.store->repo.host->registry->http);
    slip_call_clear(&l.call);
    slip_tag_reader_clear(&l.reader);
    slip_buf_clear(&l.first);
    slip_buf_clear(&l.last);
    slip_map_free(l.seen);
    return err->kind == SLIP_OK ? 0 : -1;
}
