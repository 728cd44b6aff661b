/* SPDX-License-Identifier: Apache-2.0 */
/* A lock server. */
#include "lock/server.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "value/json.h"

enum {
    RENEW_MS = 3000,
    LEASE_MS = 10000,
    POLL_MS = 2000,
    TRIES = 6, /* of a request that gets no usable answer */
    RETRY_MS = 500,
    TIMEOUT_MS = 3000 /* for one answer: shorter than a lease */
};

#define CLIENT_ID_MAX 64
#define HANDLE_MAX 256

#define BUSY "should wait"
#define LEASED "lock already leased"
#define GONE "no existing lock lease found"

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned or_default(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

/* ---- one request ---- */

struct call {
    struct slip_http_answer answer; /* body moved here */
    struct slip_buf body;
    struct slip_doc doc;
    struct slip_str refusal; /* "err" of the answer, empty when it said yes */
};

static void call_clear(struct call *c)
{
    slip_buf_clear(&c->body);
    slip_doc_clear(&c->doc);
}
SLIP_DEFINE_AUTO(call, call_clear);

#define CALL                                                                                       \
    {                                                                                              \
        .body = SLIP_BUF(SLIP_LIMIT_ERROR_BODY)                                                    \
    }

static void keep_answer(void *payload, struct slip_http_answer *a)
{
    struct call *c = payload;
    c->answer.status = a->status;
    c->answer.failure = a->failure;
    c->answer.err = a->err;
    slip_buf_move(&c->body, &a->body);
}

/* Post once. Refusals come with status 200 and a text in "err". */
static int post(const struct slip_lock_server *s, struct slip_http *http, const char *path,
                struct slip_str body, struct call *c, struct slip_error *err)
{
    static const struct slip_http_handler handler = { .done = keep_answer };
    size_t len = strlen(s->url);
    while (len && s->url[len - 1] == '/')
        len--;
    SLIP_AUTO_FREE char *url = slip_printf("%.*s/%s", (int)len, s->url, path);
    const struct slip_http_request request = { .method = "POST",
                                               .url = url,
                                               .trust = s->trust,
                                               .body = body,
                                               .has_body = true,
                                               .answer_limit = SLIP_LIMIT_ERROR_BODY };
    (void)slip_http_start(http, &request, &handler, c);
    slip_http_run(http);
    if (c->answer.failure)
        return slip_fail(err, SLIP_E_TEMPORARY, "lock server %s: %s", s->url, c->answer.err.text);
    if (c->answer.status != 200)
        return slip_fail(err, c->answer.status >= 500 ? SLIP_E_TEMPORARY : SLIP_E_REGISTRY,
                         "lock server %s: /%s answered %u", s->url, path, c->answer.status);
    if (slip_json_read(slip_buf_str(&c->body), "answer", 0, &c->doc, err) < 0) {
        err->kind = SLIP_E_TEMPORARY;
        return slip_while(err, "lock server %s", s->url);
    }
    c->refusal = slip_value_text(c->doc.root, "err");
    return 0;
}

static struct slip_http *open_http(const struct slip_lock_server *s)
{
    struct slip_http_options o = s->http ? *s->http : (struct slip_http_options){ 0 };
    o.connect_ms = o.idle_ms = o.answer_ms = TIMEOUT_MS;
    return slip_http_curl_new(&o);
}

/* The same until there is an answer. */
static int post_stubbornly(const struct slip_lock_server *s, struct slip_http *http,
                           const char *path, struct slip_str body, struct call *c,
                           struct slip_error *err)
{
    for (int i = 1;; i++) {
        slip_error_clear(err);
        call_clear(c);
        *c = (struct call)CALL;
        if (post(s, http, path, body, c, err) == 0)
            return 0;
        struct slip_error stop = { 0 };
        if (err->kind != SLIP_E_TEMPORARY || i == TRIES)
            return -1;
        if (slip_stop_or_wait((int64_t)or_default(s->retry_ms, RETRY_MS) * i, &stop) < 0) {
            *err = stop;
            return -1;
        }
    }
}

/* ---- who we are ---- */

/* It becomes part of a path and of a tag. */
static bool is_client_id(struct slip_str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!id.ptr[i]
            || !strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.",
                       id.ptr[i]))
            return false;
    return id.len > 0 && id.len <= CLIENT_ID_MAX;
}

int slip_lock_server_new_client(const struct slip_lock_server *s, struct slip_buf *client_id,
                                struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_http) http = open_http(s);
    SLIP_AUTO(call) c = CALL;
    if (post_stubbornly(s, http, "new-client-id", SLIP_STR("{}"), &c, err) < 0)
        return -1;
    struct slip_str id = slip_value_text(c.doc.root, "clientID");
    if (c.refusal.len || !is_client_id(id))
        return slip_fail(err, SLIP_E_REGISTRY, "lock server %s: gives no client id%s%.*s", s->url,
                         c.refusal.len ? ": " : "", SLIP_ARG(slip_str_first(c.refusal, 200)));
    slip_buf_add_str(client_id, id);
    return 0;
}

/* ---- a lock that is held ---- */

struct server_locks {
    struct slip_locks base;
    struct slip_lock_server server;
    char *client_id;
};

struct server_lock {
    struct slip_lock base;
    const struct server_locks *locks;
    struct slip_http *http;        /* of whoever acquires and releases */
    struct slip_http *keeper_http; /* of the thread; made and freed outside of it */
    char *handle;                  /* body of renew-lease and release */
    char *name;

    pthread_t keeper;
    pthread_mutex_t mutex; /* over what follows */
    pthread_cond_t wake;
    bool done, lost;
    int64_t renewed; /* when the lease was asked for that holds now */
};

/* Path below the server of what is done with a lock. */
static char *path_to(const struct server_locks *l, const char *what)
{
    return slip_printf("%s/locker/%s", l->client_id, what);
}

/* Wait for the end or for the time to renew; true at the end. */
static bool end_or_pause(struct server_lock *l, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + (ms % 1000) * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&l->mutex);
    while (!l->done && pthread_cond_timedwait(&l->wake, &l->mutex, &until) == 0)
        ;
    bool done = l->done;
    pthread_mutex_unlock(&l->mutex);
    return done;
}

/* Ask once for a longer lease. What gets no answer is asked again, until the lease has run out. */
static void renew(struct server_lock *l, struct slip_http *http)
{
    SLIP_AUTO(call) c = CALL;
    SLIP_AUTO_FREE char *path = path_to(l->locks, "renew-lease");
    struct slip_error err = { 0 };
    int64_t asked = clock_ms();
    int rc = post(&l->locks->server, http, path, slip_str_of(l->handle), &c, &err);
    pthread_mutex_lock(&l->mutex);
    if (rc == 0 && c.refusal.len == 0)
        l->renewed = asked;
    else if (rc == 0 && (slip_str_is(c.refusal, LEASED) || slip_str_is(c.refusal, GONE)))
        l->lost = true;
    pthread_mutex_unlock(&l->mutex);
}

static void *keep(void *payload)
{
    struct server_lock *l = payload;
    unsigned every = or_default(l->locks->server.renew_ms, RENEW_MS);
    while (!end_or_pause(l, every))
        renew(l, l->keeper_http);
    return NULL;
}

/* Signals are for the thread that works: it waits for children. */
static int start_keeper(struct server_lock *l)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&l->keeper, NULL, keep, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static int check(struct slip_lock *base, struct slip_error *err)
{
    struct server_lock *l = (struct server_lock *)base;
    pthread_mutex_lock(&l->mutex);
    int64_t lease = or_default(l->locks->server.lease_ms, LEASE_MS);
    bool lost = l->lost || clock_ms() - l->renewed >= lease;
    pthread_mutex_unlock(&l->mutex);
    return lost ? slip_fail(err, SLIP_E_TEMPORARY, "the lock '%s' was lost", l->name) : 0;
}

static void free_lock(struct server_lock *l)
{
    slip_http_free(l->http);
    slip_http_free(l->keeper_http);
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->mutex);
    slip_free(l->handle);
    slip_free(l->name);
    slip_free(l);
}

/* A release that does not arrive costs the next one the rest of a lease, nothing more. */
static void release(struct slip_lock *base)
{
    struct server_lock *l = (struct server_lock *)base;
    SLIP_AUTO(call) c = CALL;
    SLIP_AUTO_FREE char *path = path_to(l->locks, "release");
    struct slip_error ignored = { 0 };
    pthread_mutex_lock(&l->mutex);
    l->done = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->mutex);
    pthread_join(l->keeper, NULL);
    (void)!post(&l->locks->server, l->http, path, slip_str_of(l->handle), &c, &ignored);
    free_lock(l);
}

/* ---- getting one ---- */

/* The body that names a lease, from the answer that gave it. */
static int read_handle(const struct call *c, const char *url, char **out, struct slip_error *err)
{
    const struct slip_value *handle = slip_value_get(c->doc.root, "lockHandle");
    struct slip_str uuid = slip_value_text(handle, "uuid"),
                    name = slip_value_text(handle, "lockName");
    if (uuid.len == 0 || uuid.len > HANDLE_MAX || name.len > SLIP_LIMIT_PATH)
        return slip_fail(err, SLIP_E_TEMPORARY, "lock server %s: gives no lock handle", url);
    SLIP_AUTO(slip_buf) body = SLIP_BUF(SLIP_LIMIT_ERROR_BODY);
    slip_buf_add_c(&body, "{\"lockHandle\":{\"uuid\":");
    slip_json_add_string(&body, uuid, 0);
    slip_buf_add_c(&body, ",\"lockName\":");
    slip_json_add_string(&body, name, 0);
    slip_buf_add_c(&body, "}}");
    *out = slip_buf_detach(&body);
    return 0;
}

/* Ask until the lock is ours; `*asked`: when it was asked for. */
static int wait_for_lock(const struct server_locks *l, struct slip_http *http, const char *name,
                         char **handle, int64_t *asked, struct slip_error *err)
{
    const struct slip_lock_server *s = &l->server;
    SLIP_AUTO(slip_buf) body = SLIP_BUF(SLIP_LIMIT_ERROR_BODY);
    SLIP_AUTO_FREE char *path = path_to(l, "acquire");
    slip_buf_add_c(&body, "{\"lockName\":");
    slip_json_add_string(&body, slip_str_of(name), 0);
    slip_buf_add_c(&body, ",\"opts\":{\"shared\":false}}");
    for (bool told = false;; told = true) {
        SLIP_AUTO(call) c = CALL;
        *asked = clock_ms();
        if (post_stubbornly(s, http, path, slip_buf_str(&body), &c, err) < 0)
            return -1;
        if (c.refusal.len == 0)
            return read_handle(&c, s->url, handle, err);
        if (!slip_str_is(c.refusal, BUSY))
            return slip_fail(err, SLIP_E_TEMPORARY, "lock server %s: %.*s", s->url,
                             SLIP_ARG(slip_str_first(c.refusal, 200)));
        if (!told)
            slip_watch_step(s->watch, name, "waiting for the lock of another builder");
        if (slip_stop_or_wait(or_default(s->poll_ms, POLL_MS), err) < 0)
            return -1;
    }
}

static void init_sync(struct server_lock *l)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&l->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&l->mutex, NULL);
}

static int acquire(struct slip_locks *base, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    static const struct slip_lock_ops ops = { .check = check, .release = release };
    const struct server_locks *locks = (struct server_locks *)base;
    SLIP_AUTO_PTR(slip_http) http = open_http(&locks->server);
    char *handle;
    int64_t asked;
    if (wait_for_lock(locks, http, name, &handle, &asked, err) < 0)
        return -1;
    struct server_lock *l = slip_new(struct server_lock);
    *l = (struct server_lock){ .base.ops = &ops,
                               .locks = locks,
                               .http = slip_take(http),
                               .keeper_http = open_http(&locks->server),
                               .handle = handle,
                               .name = slip_strdup(name),
                               .renewed = asked };
    init_sync(l);
    int rc = start_keeper(l);
    if (rc != 0) {
        free_lock(l);
        return slip_fail(err, SLIP_E_INTERNAL, "a thread for the lock: %s", strerror(rc));
    }
    *out = &l->base;
    return 0;
}

static void free_locks(struct slip_locks *base)
{
    struct server_locks *locks = (struct server_locks *)base;
    slip_free(locks->client_id);
    slip_free(locks);
}

struct slip_locks *slip_server_locks_new(const struct slip_lock_server *s, const char *client_id)
{
    static const struct slip_locks_ops ops = { .acquire = acquire, .free = free_locks };
    struct server_locks *locks = slip_new(struct server_locks);
    *locks = (struct server_locks){ .base.ops = &ops,
                                    .server = *s,
                                    .client_id = slip_strdup(client_id) };
    return &locks->base;
}
