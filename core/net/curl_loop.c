/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop over libcurl's multi interface.
 *
 * Callbacks of an exchange run inside curl_multi_perform, where libcurl does not allow to add,
 * remove or wake a transfer. So start, resume and cancel only leave a mark, and each turn of the
 * loop does what the marks say: admit, wake, perform, finish, fire timers, wait.
 */
#include "net/curl_impl.h"

#include "base/clock.h"
#include "base/footprint.h"
#include "base/map.h"
#include "base/stop.h"
#include "net/trace.h"
#include "net/url.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#define STUCK_CHECK_MS 500u
#define SPARE_HANDLES 8

struct timer {
    uint64_t due;
    slip_http_timer_fn *fn;
    void *payload;
};

struct curl_http {
    struct slip_http base;
    struct slip_curl_settings settings;
    CURLM *multi; /* NULL before the first exchange, and when there is no libcurl */
    struct slip_error missing;
    CURLSH *share; /* TLS sessions, so that further connections shake hands faster */
    struct slip_map *origins;
    size_t waiting; /* exchanges in the queues of origins */
    struct {
        SLIP_VEC(struct slip_http_exchange *);
    } running;
    struct {
        SLIP_VEC(struct timer);
    } timers;
    struct {
        SLIP_VEC(CURL *);
    } spare;
    uint64_t checked_at;
    uint64_t random_state;
    struct slip_error stop; /* why nothing more begins; clear as long as it may */
    bool marked;            /* something was started, resumed or cancelled since the last turn */
    bool tls;               /* some exchange uses it */
};

static struct curl_http *self(struct slip_http *t)
{
    return (struct curl_http *)t;
}

static uint64_t now_ms(struct slip_http *t)
{
    (void)t;
    return (uint64_t)slip_clock_ms();
}

/* xorshift64: good enough to spread retries. */
static uint32_t next_random(struct slip_http *t)
{
    uint64_t x = self(t)->random_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    self(t)->random_state = x;
    return (uint32_t)(x >> 32);
}

static void free_origin(void *p)
{
    struct slip_origin *o = p;
    slip_free(o->key);
    slip_free(o);
}

static struct slip_origin *origin_of(struct curl_http *t, const char *url)
{
    struct slip_url u;
    SLIP_AUTO_FREE char *key = NULL;
    bool known = slip_url_parse(slip_str_of(url), &u);
    if (known)
        key = slip_printf("%d %.*s %u", u.https, SLIP_ARG(u.host), u.port);
    else
        key = slip_strdup("?"); /* libcurl will say what is wrong with it */
    struct slip_origin *o = slip_map_get(t->origins, slip_str_of(key));
    if (!o) {
        o = slip_new(struct slip_origin);
        o->limit = t->settings.small_per_host;
        o->https = known && u.https;
        o->key = slip_take(key);
        slip_map_set(t->origins, slip_str_of(o->key), o);
    }
    return o;
}

static struct slip_http_exchange *start(struct slip_http *base, const struct slip_http_request *r,
                                        const struct slip_http_handler *h, void *payload)
{
    struct curl_http *t = self(base);
    struct slip_http_exchange *x = slip_exchange_new(r, h, payload);
    x->origin = origin_of(t, x->url);
    if (x->origin->last)
        x->origin->last->next = x;
    else
        x->origin->first = x;
    x->origin->last = x;
    t->waiting++;
    t->marked = true;
    return x;
}

static void resume(struct slip_http *base, struct slip_http_exchange *x)
{
    x->resume = true;
    self(base)->marked = true;
}

static void cancel(struct slip_http *base, struct slip_http_exchange *x)
{
    x->cancelled = true;
    self(base)->marked = true;
}

static void after(struct slip_http *base, uint64_t ms, slip_http_timer_fn *fn, void *payload)
{
    slip_vec_push(&self(base)->timers, (struct timer){ now_ms(base) + ms, fn, payload });
}

static void forget(struct slip_http *base, slip_http_timer_fn *fn, void *payload)
{
    struct curl_http *t = self(base);
    for (size_t i = t->timers.len; i-- > 0;)
        if (t->timers.at[i].fn == fn && t->timers.at[i].payload == payload)
            t->timers.at[i] = t->timers.at[--t->timers.len];
}

static void ease(struct slip_http *base, const char *url)
{
    struct slip_origin *o = origin_of(self(base), url);
    o->limit = o->limit > 1 ? o->limit / 2 : 1;
}

/* A file named by the hash of an authority, "0a1b2c3d.0", in libcurl's own directory. */
static bool has_hashed_authorities(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    DIR *dir = info->capath ? opendir(info->capath) : NULL;
    struct dirent *entry;
    bool found = false;
    while (dir && !found && (entry = readdir(dir)))
        found = strlen(entry->d_name) == 10 && strspn(entry->d_name, "0123456789abcdef") == 8
                && strcmp(entry->d_name + 8, ".0") == 0;
    if (dir)
        closedir(dir);
    return found;
}

static void open_curl(struct curl_http *t)
{
    if (t->multi || t->missing.text[0] || slip_curl_load(&t->missing) < 0)
        return;
    curl_global_init(CURL_GLOBAL_DEFAULT); /* counted: each transport gives its own back */
    t->settings.lean = has_hashed_authorities();
    t->multi = curl_multi_init();
    t->share = curl_share_init();
    curl_share_setopt(t->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

static void close_curl(struct curl_http *t)
{
    if (!t->multi)
        return;
    for (size_t i = 0; i < t->spare.len; i++)
        curl_easy_cleanup(t->spare.at[i]);
    curl_multi_cleanup(t->multi);
    curl_share_cleanup(t->share);
    curl_global_cleanup();
}

static void trace(struct curl_http *t, struct slip_http_exchange *x)
{
    struct slip_http_trace line = { .method = x->method, .url = x->url, .answer = &x->answer };
    curl_off_t sent = 0, received = 0;
    if (!t->settings.trace_fd)
        return;
    if (x->easy) {
        curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
        curl_easy_getinfo(x->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
        line.ms = now_ms(&t->base) - x->begun_at;
        line.sent = (uint64_t)sent;
        line.received = (uint64_t)received;
    }
    slip_http_trace_write(&line, t->settings.trace_fd);
}

/* The end of an exchange that libcurl does not have. */
static void refuse(struct curl_http *t, struct slip_http_exchange *x, const struct slip_error *why)
{
    x->answer.failure = SLIP_HTTP_GIVEN_UP;
    x->answer.err = *why;
    trace(t, x);
    x->handler.done(x->payload, &x->answer);
    slip_exchange_free(x);
    t->marked = true;
}

/* TLS brings a mebibyte of code: room is made for it, now that all libraries are there. */
static void expect_tls(struct curl_http *t)
{
    if (!t->tls)
        slip_footprint_shrink(SLIP_FOOTPRINT_LOADER);
    t->tls = true;
}

static void begin(struct curl_http *t, struct slip_http_exchange *x)
{
    if (x->origin->https)
        expect_tls(t);
    if (t->spare.len > 0)
        x->easy = t->spare.at[--t->spare.len];
    else
        x->easy = curl_easy_init();
    x->begun_at = now_ms(&t->base);
    slip_exchange_prepare(x, &t->settings, t->share, x->begun_at);
    curl_multi_add_handle(t->multi, x->easy);
    slip_vec_push(&t->running, x);
    if (!x->request.bulk)
        x->origin->running++;
}

/* Take `x` off libcurl; its place in `running` has been given up by the caller. */
static void leave(struct curl_http *t, struct slip_http_exchange *x)
{
    curl_multi_remove_handle(t->multi, x->easy);
    if (!x->request.bulk)
        x->origin->running--;
    curl_easy_reset(x->easy);
    if (t->spare.len < SPARE_HANDLES)
        slip_vec_push(&t->spare, x->easy);
    else
        curl_easy_cleanup(x->easy);
    x->easy = NULL;
}

/* Start what the origin's bound allows; bulk ones are bounded by who starts them. */
static void admit_origin(struct curl_http *t, struct slip_origin *o)
{
    struct slip_http_exchange **at = &o->first, *before = NULL;
    while (*at) {
        struct slip_http_exchange *x = *at;
        if (!x->cancelled && !x->request.bulk && o->running >= o->limit && !t->stop.kind) {
            before = x;
            at = &x->next;
            continue;
        }
        *at = x->next;
        if (o->last == x)
            o->last = before;
        t->waiting--;
        x->next = NULL;
        if (x->cancelled)
            slip_exchange_free(x);
        else if (!t->multi || t->stop.kind)
            refuse(t, x, t->stop.kind ? &t->stop : &t->missing);
        else
            begin(t, x);
    }
}

static void admit(struct curl_http *t)
{
    if (t->waiting)
        open_curl(t);
    for (struct slip_map_entry *e = NULL; t->waiting && (e = slip_map_next(t->origins, e));)
        admit_origin(t, slip_map_value(e));
}

static void forget_running(struct curl_http *t, const struct slip_http_exchange *x)
{
    for (size_t i = 0; i < t->running.len; i++)
        if (t->running.at[i] == x) {
            t->running.at[i] = t->running.at[--t->running.len];
            return;
        }
}

static void finish(struct curl_http *t, struct slip_http_exchange *x, CURLcode code)
{
    forget_running(t, x);
    if (slip_exchange_wants_bundle(x, &t->settings, code)) {
        leave(t, x);
        begin(t, x);
        return;
    }
    slip_exchange_conclude(x, code);
    if (!x->cancelled)
        trace(t, x);
    leave(t, x);
    if (!x->cancelled)
        x->handler.done(x->payload, &x->answer);
    slip_exchange_free(x);
    t->marked = true;
}

/* Let both directions go on. libcurl delivers what it kept back at once, inside this call. */
static void wake(struct curl_http *t, struct slip_http_exchange *x)
{
    bool paused = x->take_paused || x->make_paused;
    x->resume = x->take_paused = x->make_paused = false;
    CURLcode code = paused ? curl_easy_pause(x->easy, CURLPAUSE_CONT) : CURLE_OK;
    if (code != CURLE_OK)
        finish(t, x, code);
}

/* Do what resume and cancel asked for. */
static void obey(struct curl_http *t)
{
    for (size_t i = t->running.len; i-- > 0;) {
        struct slip_http_exchange *x = i < t->running.len ? t->running.at[i] : NULL;
        if (x && x->cancelled)
            finish(t, x, CURLE_ABORTED_BY_CALLBACK);
        else if (x && x->resume)
            wake(t, x);
    }
}

static void finish_all(struct curl_http *t)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(t->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct slip_http_exchange *x = NULL;
        CURLcode code = message->data.result; /* `message` dies with the handle */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
        finish(t, x, code);
    }
}

static void finish_stuck(struct curl_http *t)
{
    uint64_t now = now_ms(&t->base);
    if (now - t->checked_at < STUCK_CHECK_MS)
        return;
    t->checked_at = now;
    for (size_t i = t->running.len; i-- > 0;)
        if (i < t->running.len && slip_exchange_is_stuck(t->running.at[i], &t->settings, now))
            finish(t, t->running.at[i], CURLE_OPERATION_TIMEDOUT);
}

/* Nothing new begins from now on, and bodies are left. Small requests, among them those that write
 * names, may still end, so that it is known how; not for long, though. */
static void stop_if_asked(struct curl_http *t)
{
    if (!t->stop.kind && !slip_stop_asked(&t->stop))
        return;
    bool late = slip_stop_is_late();
    for (size_t i = t->running.len; i-- > 0;) {
        struct slip_http_exchange *x = i < t->running.len ? t->running.at[i] : NULL;
        if (!x || x->cancelled || !(x->request.bulk || late))
            continue;
        forget_running(t, x);
        leave(t, x);
        refuse(t, x, &t->stop);
    }
}

static void fire_timers(struct curl_http *t)
{
    uint64_t now = t->stop.kind ? UINT64_MAX : now_ms(&t->base);
    for (size_t i = 0; i < t->timers.len;) {
        struct timer due = t->timers.at[i];
        if (due.due > now) {
            i++;
            continue;
        }
        t->timers.at[i] = t->timers.at[--t->timers.len];
        due.fn(due.payload);
        t->marked = true;
    }
}

/* How long nothing of ours is due. */
static int patience(struct curl_http *t)
{
    uint64_t now = now_ms(&t->base), wait = t->running.len ? STUCK_CHECK_MS : 60000;
    int stop = t->stop.kind ? -1 : slip_stop_patience();
    if (stop >= 0 && (uint64_t)stop < wait)
        wait = (uint64_t)stop;
    for (size_t i = 0; i < t->timers.len; i++) {
        uint64_t due = t->timers.at[i].due;
        if (due <= now || t->stop.kind)
            return 0;
        if (due - now < wait)
            wait = due - now;
    }
    return (int)wait;
}

static void perform(struct curl_http *t)
{
    int active;
    curl_multi_perform(t->multi, &active);
    finish_all(t);
    finish_stuck(t);
}

static void wait_for_work(struct curl_http *t)
{
    if (t->multi)
        curl_multi_poll(t->multi, NULL, 0, patience(t), NULL);
    else
        poll(NULL, 0, patience(t));
}

static void run(struct slip_http *base)
{
    struct curl_http *t = self(base);
    slip_error_clear(&t->stop);
    while (t->waiting || t->running.len || t->timers.len) {
        t->marked = false;
        obey(t);
        stop_if_asked(t);
        admit(t);
        if (t->multi)
            perform(t);
        fire_timers(t);
        if (!t->marked)
            wait_for_work(t);
    }
}

static void drop_all(struct curl_http *t)
{
    for (size_t i = 0; i < t->running.len; i++)
        t->running.at[i]->cancelled = true;
    obey(t);
    for (struct slip_map_entry *e = NULL; (e = slip_map_next(t->origins, e));) {
        struct slip_origin *o = slip_map_value(e);
        for (struct slip_http_exchange *x = o->first; x; x = x->next)
            x->cancelled = true;
        admit_origin(t, o);
    }
}

static void free_transport(struct slip_http *base)
{
    struct curl_http *t = self(base);
    drop_all(t);
    close_curl(t);
    slip_vec_clear(&t->spare);
    slip_vec_clear(&t->running);
    slip_vec_clear(&t->timers);
    slip_map_free(t->origins);
    slip_free(t->settings.user_agent);
    slip_free(t->settings.http_proxy);
    slip_free(t->settings.https_proxy);
    slip_free(t->settings.no_proxy);
    slip_free(t);
}

static const struct slip_http_ops curl_ops = {
    .start = start,
    .resume = resume,
    .cancel = cancel,
    .after = after,
    .forget = forget,
    .ease = ease,
    .now = now_ms,
    .random = next_random,
    .run = run,
    .free = free_transport,
};

static unsigned given_or(unsigned given, unsigned otherwise)
{
    return given ? given : otherwise;
}

static char *copy(const char *s)
{
    return s ? slip_strdup(s) : NULL;
}

struct slip_http *slip_http_curl_new(const struct slip_http_options *o)
{
    struct curl_http *t = slip_new(struct curl_http);
    t->base.ops = &curl_ops;
    t->settings = (struct slip_curl_settings){
        .user_agent = slip_strdup(o->user_agent ? o->user_agent : "slipway"),
        .http_proxy = copy(o->http_proxy),
        .https_proxy = copy(o->https_proxy),
        .no_proxy = copy(o->no_proxy),
        .small_per_host = given_or(o->small_per_host, 16),
        .connect_ms = given_or(o->connect_ms, 10000),
        .idle_ms = given_or(o->idle_ms, 30000),
        .answer_ms = given_or(o->answer_ms, 120000),
        .least_bytes_per_s = given_or(o->least_bytes_per_s, 1024),
        .trace_fd = o->trace_fd,
    };
    t->origins = slip_map_new(free_origin);
    t->random_state = (now_ms(&t->base) << 20) ^ ((uint64_t)getpid() << 1) ^ 1;
    return &t->base;
}
