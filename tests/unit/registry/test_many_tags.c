/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage repository with a million tags, made up as they are asked for: how many requests it takes
 * to find a stage there, and how much memory.
 */
#include "unit/cmocka_all.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "net/http.h"
#include "registry/stages.h"

#include <malloc.h>

#define TAGS 1000000u
#define STEP_BITS 36 /* 2^56 / 2^20: tags are spread over all digests */
#define PAGE_MAX 1000u
#define CHUNK 16384

/* How the registry lists. */
enum way {
    PAGES,   /* in order, by pages */
    AT_ONCE, /* everything in one answer, in no order, as docker-registry 2.8 */
};

struct slip_http_exchange {
    struct slip_http_handler handler;
    void *payload;
    char *url;
};

struct crowd {
    struct slip_http base;
    enum way way;
    unsigned requests;
    size_t heap_before, heap_peak; /* bytes in use, looked at with each chunk that is handed over */
    struct {
        SLIP_VEC(struct slip_http_exchange *);
    } queue;
};

static void write_tag(unsigned i, struct slip_buf *out)
{
    static const char rest[] = "000000000000000000000000000000000000000000-1700000000000";
    unsigned long long digits = (unsigned long long)i << STEP_BITS;
    for (unsigned shift = 56; shift > 0; shift -= 4) /* printf would be most of the test's time */
        slip_buf_add_char(out, "0123456789abcdef"[digits >> (shift - 4) & 15]);
    slip_buf_add_str(out, slip_str_make(rest, sizeof(rest) - 1));
}

static void look_at_heap(struct crowd *c)
{
    size_t now = mallinfo2().uordblks;
    if (now > c->heap_peak)
        c->heap_peak = now;
}

/* One page of the listing, in chunks; false when the reader has had enough. */
static bool say_page(struct crowd *c, struct slip_http_exchange *x, unsigned first, unsigned n,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(2 * CHUNK);
    slip_buf_add_c(&text, "{\"name\":\"stages\",\"tags\":[");
    for (unsigned k = 0; k < n; k++) {
        unsigned i = first + k;
        if (c->way == AT_ONCE) /* 7 has no factor in common with TAGS: each one comes by once */
            i = (unsigned)((unsigned long long)i * 7 % TAGS);
        slip_buf_add_c(&text, k ? ",\"" : "\"");
        write_tag(i, &text);
        slip_buf_add_char(&text, '"');
        if (text.len < CHUNK)
            continue;
        look_at_heap(c);
        if (x->handler.take(x->payload, slip_buf_str(&text), err) < 0)
            return false;
        slip_buf_reset(&text);
    }
    slip_buf_add_c(&text, "]}");
    return x->handler.take(x->payload, slip_buf_str(&text), err) == 0;
}

/* The index of the first tag behind "last". */
static unsigned position(const char *url)
{
    char digits[15] = "00000000000000";
    const char *last = strstr(url, "last=");
    if (!last)
        return 0;
    size_t len = strspn(last + 5, "0123456789abcdef");
    memcpy(digits, last + 5, len < 14 ? len : 14);
    unsigned long long at = strtoull(digits, NULL, 16);
    unsigned i = (unsigned)(at >> STEP_BITS);
    bool whole = len >= SLIP_STAGE_DIGEST_LEN; /* a whole tag: the next one; a prefix: itself, if it
                                                  is not before it */
    return at > (unsigned long long)i << STEP_BITS || whole ? i + 1 : i;
}

static void answer(struct crowd *c, struct slip_http_exchange *x)
{
    struct slip_http_answer a = { .header = SLIP_BUF(1u << 16), .body = SLIP_BUF(1u << 16) };
    unsigned first = c->way == PAGES ? position(x->url) : 0, n = TAGS - first;
    const char *size = strstr(x->url, "n=");
    unsigned page = size ? (unsigned)strtoul(size + 2, NULL, 10) : PAGE_MAX;
    a.status = strstr(x->url, "/tags/list") ? 200 : 404;
    if (a.status == 200 && c->way == PAGES && n > page) {
        n = page;
        slip_buf_add_fmt(&a.header, "Link: </v2/stages/tags/list?n=%u&last=", page);
        write_tag(first + n - 1, &a.header);
        slip_buf_add_c(&a.header, ">; rel=\"next\"\r\n");
    }
    if (a.status == 200
        && (x->handler.head(x->payload, &a, &a.err) < 0 || !say_page(c, x, first, n, &a.err)))
        a.failure = SLIP_HTTP_GIVEN_UP;
    x->handler.done(x->payload, &a);
    slip_buf_clear(&a.header);
    slip_buf_clear(&a.body);
}

static struct slip_http_exchange *start(struct slip_http *t, const struct slip_http_request *r,
                                        const struct slip_http_handler *h, void *payload)
{
    struct crowd *c = (struct crowd *)t;
    struct slip_http_exchange *x = slip_new(struct slip_http_exchange);
    *x = (struct slip_http_exchange){ *h, payload, slip_strdup(r->url) };
    slip_vec_push(&c->queue, x);
    c->requests++;
    return x;
}

static void run(struct slip_http *t)
{
    struct crowd *c = (struct crowd *)t;
    while (c->queue.len) {
        struct slip_http_exchange *x = c->queue.at[--c->queue.len];
        answer(c, x);
        slip_free(x->url);
        slip_free(x);
    }
}

static void nothing(struct slip_http *t, struct slip_http_exchange *x)
{
    (void)t, (void)x;
}

static void no_timer(struct slip_http *t, slip_http_timer_fn *fn, void *payload)
{
    (void)t, (void)fn, (void)payload;
}

static void at_once(struct slip_http *t, uint64_t ms, slip_http_timer_fn *fn, void *payload)
{
    (void)t, (void)ms;
    fn(payload);
}

static void no_ease(struct slip_http *t, const char *url)
{
    (void)t, (void)url;
}

static uint64_t no_time(struct slip_http *t)
{
    (void)t;
    return 1;
}

static uint32_t no_chance(struct slip_http *t)
{
    (void)t;
    return 0;
}

static void free_crowd(struct slip_http *t)
{
    struct crowd *c = (struct crowd *)t;
    slip_vec_clear(&c->queue);
    slip_free(c);
}

static const struct slip_http_ops crowd_ops = {
    .start = start,
    .resume = nothing,
    .cancel = nothing,
    .after = at_once,
    .forget = no_timer,
    .ease = no_ease,
    .now = no_time,
    .random = no_chance,
    .run = run,
    .free = free_crowd,
};

static int count_candidate(void *payload, int64_t created_ms, struct slip_error *err)
{
    (void)err;
    assert_int_equal(created_ms, 1700000000000);
    ++*(unsigned *)payload;
    return 0;
}

static const unsigned there[] = { TAGS - 1, 12, 500000 };

/* Ask for `n` of the stages that are there and for one that is not; the most bytes that took. */
static size_t ask_for(enum way way, size_t n, bool absent_too, unsigned *requests)
{
    static const struct slip_registry_options options = { .user_agent = "t" };
    struct crowd *c = slip_new(struct crowd);
    SLIP_AUTO_PTR(slip_store) store = NULL;
    SLIP_AUTO(slip_reference) where = { 0 };
    struct slip_error err = { 0 };
    unsigned found = 0;
    c->base.ops = &crowd_ops;
    c->way = way;
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new_over(&options, &c->base);
    assert_int_equal(slip_repository_parse(SLIP_STR("reg.example/stages"), &where, &err), 0);
    assert_int_equal(slip_store_open(registry, &where, &store, &err), 0);
    SLIP_AUTO_PTR(slip_stages) stages = slip_stages_new(store, NULL);
    c->heap_before = mallinfo2().uordblks;
    for (size_t i = 0; i < n; i++) {
        SLIP_AUTO(slip_buf) tag = SLIP_BUF(256);
        write_tag(there[i], &tag);
        tag.ptr[SLIP_STAGE_DIGEST_LEN] = '\0';
        if (slip_stages_candidates(stages, tag.ptr, 0, count_candidate, &found, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(found, i + 1);
    }
    static const char absent[] = "123456789abcdef0123456789abcdef0123456789abcdef012345678";
    if (absent_too)
        assert_int_equal(slip_stages_candidates(stages, absent, 0, count_candidate, &found, &err),
                         0);
    assert_int_equal(found, n);
    *requests = c->requests;
    return c->heap_peak > c->heap_before ? c->heap_peak - c->heap_before : 0;
}

static void in_order_stages_are_found_by_position(void **state)
{
    (void)state;
    unsigned requests = 0;
    assert_true(ask_for(PAGES, 3, true, &requests) < 1u << 20);
    /* Five pages say that it is large; each question then asks for a page and the position of the
     * stage that it is about. */
    assert_in_range(requests, 1, 5 + 4 * 2);
}

static void in_no_order_everything_passes_by(void **state)
{
    (void)state;
    unsigned requests = 0;
    assert_true(ask_for(AT_ONCE, 1, false, &requests) < 1u << 20);
    assert_in_range(requests, 2, 2); /* to see that it is large, and all of it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_stages_are_found_by_position),
        cmocka_unit_test(in_no_order_everything_passes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
