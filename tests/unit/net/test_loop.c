/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over libcurl against a small server of our own: streams, pauses, limits, failures. */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "base/stop.h"
#include "net/http.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server;
static unsigned port;

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(0);
}

/* N bytes, each the last digit of its position. */
static void say_bytes(int fd, size_t n)
{
    char buf[10000];
    for (size_t i = 0; i < sizeof(buf); i++)
        buf[i] = (char)('0' + i % 10);
    while (n > 0) {
        ssize_t sent = send(fd, buf, n < sizeof(buf) ? n : sizeof(buf), MSG_NOSIGNAL);
        if (sent != (ssize_t)(n < sizeof(buf) ? n : sizeof(buf)))
            _exit(0);
        n -= (size_t)sent;
    }
}

/* The head of a request; what came of the body behind it is left in `text`. */
static size_t read_request(int fd, char *text, size_t size, size_t *head)
{
    size_t len = 0;
    char *end = NULL;
    while (!end) {
        ssize_t n = recv(fd, text + len, size - 1 - len, 0);
        if (n <= 0)
            _exit(0);
        len += (size_t)n;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
    }
    *head = (size_t)(end + 4 - text);
    return len;
}

/* What no server should say, and libcurl takes. */
static const char *const odd_answers[] = {
    "HTTP/1.1 200\tOK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/1.1 099 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/1.1 2000 OK\r\nContent-Length: 4\r\n\r\nbody",
    "ICY 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/1.1 101 Switching\r\n\r\nbody",
};

static void serve(int fd)
{
    char text[65536];
    size_t head, len = read_request(fd, text, sizeof(text), &head);
    if (strncmp(text, "GET /bytes", 10) == 0) {
        say(fd,
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nX-Name:  value \r\nx-name: 2\r\n\r\n");
        say_bytes(fd, 1000000);
    } else if (strncmp(text, "GET /cut", 8) == 0) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12345");
    } else if (strncmp(text, "GET /stall", 10) == 0) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12345");
        pause();
    } else if (strncmp(text, "GET /trickle", 12) == 0) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for (int i = 0; i < 1000; i++) {
            say(fd, "x");
            usleep(50000);
        }
    } else if (strncmp(text, "PUT /deaf", 9) == 0) {
        pause();
    } else if (strncmp(text, "GET /odd", 8) == 0) {
        say(fd, odd_answers[text[8] - '0']);
    } else if (strncmp(text, "GET /silent", 11) == 0) {
        pause();
    } else if (strncmp(text, "GET /busy", 9) == 0) {
        usleep(20000);
        say(fd, "HTTP/1.1 204 No Content\r\n\r\n");
    } else if (strncmp(text, "PUT /sum", 8) == 0) {
        size_t total = len - head, want = strtoul(strstr(text, "Content-Length: ") + 16, NULL, 10);
        ssize_t n;
        while (total < want && (n = recv(fd, text, sizeof(text), 0)) > 0)
            total += (size_t)n;
        snprintf(text, sizeof(text),
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"
                 "Content-Length: %d\r\n\r\n%08zu",
                 8, total);
        say(fd, text);
    } else {
        say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
    }
    shutdown(fd, SHUT_WR);
}

static int start_server(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(listener, 64) < 0
        || getsockname(listener, (struct sockaddr *)&a, &len) < 0)
        return -1;
    port = ntohs(a.sin_port);
    server = fork();
    if (server == 0) {
        setpgid(0, 0);
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int fd = accept(listener, NULL, NULL);
            if (fork() == 0) {
                serve(fd);
                _exit(0);
            }
            close(fd);
        }
    }
    setpgid(server, server);
    close(listener);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    kill(-server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}

/* One exchange and what became of it. */
struct one {
    struct slip_http *http;
    struct slip_http_exchange *exchange;
    unsigned status, calls;
    enum slip_http_failure failure;
    char body[64], header[64];
    bool private_peer;
    /* streams */
    size_t taken, made, pause_every, full_every, refuse_at, since_full;
    unsigned pause_ms; /* 0: 1 */
    bool paused, wrong;
};

static void done(void *payload, struct slip_http_answer *a)
{
    struct one *o = payload;
    o->exchange = NULL;
    o->calls++;
    o->status = a->status;
    o->failure = a->failure;
    o->private_peer = a->private_peer;
    snprintf(o->body, sizeof(o->body), "%s", a->body.ptr);
    struct slip_str second = slip_http_header(a, "X-NAME", 1);
    struct slip_str first = slip_http_header(a, "X-NAME", 0);
    snprintf(o->header, sizeof(o->header), "%.*s|%.*s", SLIP_ARG(first), SLIP_ARG(second));
}

static void wake(void *payload)
{
    struct one *o = payload;
    if (o->exchange)
        slip_http_resume(o->http, o->exchange);
    o->since_full = 0;
}

/* Pause each `pause_every` bytes for a moment. */
static bool pauses(struct one *o, size_t at)
{
    if (o->pause_every == 0 || at / o->pause_every == 0 || o->paused) {
        o->paused = false;
        return false;
    }
    o->paused = true;
    slip_http_after(o->http, o->pause_ms ? o->pause_ms : 1, wake, o);
    return true;
}

static int take(void *payload, struct slip_str bytes, struct slip_error *err)
{
    struct one *o = payload;
    if (o->refuse_at && o->taken >= o->refuse_at)
        return slip_fail(err, SLIP_E_REGISTRY, "enough");
    if (pauses(o, o->taken))
        return SLIP_HTTP_PAUSE;
    for (size_t i = 0; i < bytes.len; i++)
        o->wrong |= bytes.ptr[i] != (char)('0' + (o->taken + i) % 10);
    o->taken += bytes.len;
    if (o->since_full) { /* no more than what had been read */
        o->since_full += bytes.len;
        o->wrong |= o->since_full > SLIP_HTTP_PIECE;
    } else if (o->full_every
               && o->taken / o->full_every != (o->taken - bytes.len) / o->full_every) {
        o->since_full = bytes.len;
        slip_http_after(o->http, 5, wake, o);
    }
    return o->since_full ? SLIP_HTTP_FULL : SLIP_HTTP_GO;
}

static int produce(void *payload, char *buf, size_t size, size_t *len, struct slip_error *err)
{
    struct one *o = payload;
    (void)err;
    if (pauses(o, o->made))
        return SLIP_HTTP_PAUSE;
    *len = size < 50000 ? size : 50000;
    memset(buf, 'x', *len);
    o->made += *len;
    return SLIP_HTTP_GO;
}

static struct slip_http *transport(void)
{
    static const struct slip_http_options options = {
        .idle_ms = 1000, .answer_ms = 500, .connect_ms = 500, .small_per_host = 3
    };
    return slip_http_curl_new(&options);
}

static void begin(struct one *o, const char *method, const char *path, bool streams)
{
    SLIP_AUTO_FREE char *url = slip_printf("http://127.0.0.1:%u%s", port, path);
    struct slip_http_request r = {
        .method = method, .url = url, .bulk = streams, .answer_limit = 32
    };
    struct slip_http_handler h = { .done = done };
    if (streams && strcmp(method, "GET") == 0)
        h.take = take;
    if (streams && strcmp(method, "PUT") == 0) {
        h.produce = produce;
        r.body_size = 3000000;
    }
    o->exchange = slip_http_start(o->http, &r, &h, o);
}

static struct one exchange(const char *method, const char *path, bool streams, struct one o)
{
    SLIP_AUTO_PTR(slip_http) t = transport();
    o.http = t;
    begin(&o, method, path, streams);
    slip_http_run(t);
    return o;
}

/* Kept and streamed. */
static void an_odd_status_line_is_no_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(odd_answers); i++)
        for (int streams = 0; streams < 2; streams++) {
            SLIP_AUTO_FREE char *path = slip_printf("/odd%zu", i);
            struct one o = exchange("GET", path, streams, (struct one){ 0 });
            print_message("  %.20s\n", odd_answers[i]);
            assert_int_equal(o.calls, 1);
            assert_int_equal(o.failure, SLIP_HTTP_CUT);
            assert_int_equal(o.taken, 0);
            assert_string_equal(o.body, "");
        }
}

static void answers_arrive_whole(void **state)
{
    (void)state;
    struct one o = exchange("GET", "/none", false, (struct one){ 0 });
    assert_int_equal(o.status, 404);
    assert_int_equal(o.failure, SLIP_HTTP_FINE);
    assert_string_equal(o.body, "none");
    assert_true(o.private_peer);
    o = exchange("GET", "/bytes", true, (struct one){ 0 });
    assert_int_equal(o.taken, 1000000);
    assert_string_equal(o.header, "value|2");
    assert_false(o.wrong);
    o = exchange("PUT", "/sum", true, (struct one){ 0 });
    assert_int_equal(o.status, 201);
    assert_string_equal(o.body, "03000000");
}

static void streams_can_pause_in_both_directions(void **state)
{
    (void)state;
    struct one o = exchange("GET", "/bytes", true, (struct one){ .pause_every = 100000 });
    assert_int_equal(o.taken, 1000000);
    assert_false(o.wrong);
    o = exchange("PUT", "/sum", true, (struct one){ .pause_every = 100000 });
    assert_string_equal(o.body, "03000000");
}

static void a_full_reader_gets_what_was_read_and_no_more(void **state)
{
    (void)state;
    struct one o = exchange("GET", "/bytes", true, (struct one){ .full_every = 70000 });
    assert_int_equal(o.taken, 1000000);
    assert_false(o.wrong);
}

static void a_pause_of_ours_is_not_held_against_the_other_side(void **state)
{
    (void)state;
    struct one o =
        exchange("GET", "/bytes", true, (struct one){ .pause_every = 990000, .pause_ms = 1800 });
    assert_int_equal(o.failure, SLIP_HTTP_FINE);
    assert_int_equal(o.taken, 1000000);
}

static void failures_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(exchange("GET", "/cut", false, (struct one){ 0 }).failure, SLIP_HTTP_CUT);
    assert_int_equal(exchange("GET", "/stall", false, (struct one){ 0 }).failure, SLIP_HTTP_SLOW);
    assert_int_equal(exchange("GET", "/trickle", false, (struct one){ 0 }).failure, SLIP_HTTP_SLOW);
    assert_int_equal(exchange("PUT", "/deaf", true, (struct one){ 0 }).failure, SLIP_HTTP_SLOW);
    assert_int_equal(exchange("GET", "/silent", false, (struct one){ 0 }).failure, SLIP_HTTP_SLOW);
    assert_int_equal(exchange("GET", "/bytes", false, (struct one){ 0 }).failure,
                     SLIP_HTTP_TOO_LARGE);
    assert_int_equal(exchange("GET", "/bytes", true, (struct one){ .refuse_at = 1000 }).failure,
                     SLIP_HTTP_GIVEN_UP);
    assert_int_equal(exchange("GET", ":0/", false, (struct one){ 0 }).failure != SLIP_HTTP_FINE, 1);
}

static void private_addresses_can_be_refused(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_http) t = transport();
    SLIP_AUTO_FREE char *url = slip_printf("http://127.0.0.1:%u/none", port);
    struct one o = { .http = t };
    struct slip_http_request r = { .method = "GET", .url = url, .public_only = true };
    struct slip_http_handler h = { .done = done };
    slip_http_start(t, &r, &h, &o);
    slip_http_run(t);
    assert_int_equal(o.failure, SLIP_HTTP_FORBIDDEN);
    assert_int_equal(o.status, 0);
}

static void many_run_at_a_time_and_all_end(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_http) t = transport();
    struct one all[40];
    uint64_t before = slip_http_now(t);
    for (size_t i = 0; i < SLIP_COUNT(all); i++) {
        all[i] = (struct one){ .http = t };
        begin(&all[i], "GET", "/busy", false);
    }
    slip_http_run(t);
    for (size_t i = 0; i < SLIP_COUNT(all); i++) {
        assert_int_equal(all[i].calls, 1);
        assert_int_equal(all[i].status, 204);
    }
    /* 40 of 20 ms each, 3 at a time */
    assert_true(slip_http_now(t) - before >= 13 * 20);
}

static void cancel_all(void *payload)
{
    struct one *all = payload;
    for (size_t i = 0; i < 10; i++)
        slip_http_cancel(all[i].http, all[i].exchange);
}

static void cancelled_ones_are_silent(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_http) t = transport();
    struct one all[10];
    for (size_t i = 0; i < SLIP_COUNT(all); i++) {
        all[i] = (struct one){ .http = t };
        begin(&all[i], "GET", "/silent", false);
    }
    slip_http_after(t, 50, cancel_all, all);
    slip_http_after(t, 10, wake, &all[0]);
    slip_http_after(t, 5, wake, NULL);
    slip_http_forget(t, wake, NULL);
    slip_http_run(t);
    for (size_t i = 0; i < SLIP_COUNT(all); i++)
        assert_int_equal(all[i].calls, 0);
}

static void what_runs_at_the_end_is_dropped(void **state)
{
    (void)state;
    SLIP_AUTO_PTR(slip_http) t = transport();
    struct one o = { .http = t };
    begin(&o, "GET", "/bytes", false);
}

/* The last one here: the wish to stop stays. The loop once slept for a minute before it ended. */
static void what_is_refused_keeps_nobody_waiting(void **state)
{
    (void)state;
    slip_stop_on_signals();
    raise(SIGTERM);
    struct one o = exchange("GET", "/none", false, (struct one){ 0 });
    assert_int_equal(o.failure, SLIP_HTTP_GIVEN_UP);
    assert_int_equal(o.calls, 1);
}

/* Machines without any network may have no loopback either. */
static bool has_loopback(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
    if (fd >= 0)
        close(fd);
    return there;
}

int main(void)
{
    if (!has_loopback()) {
        printf("skipped: no loopback network\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_arrive_whole),
        cmocka_unit_test(an_odd_status_line_is_no_answer),
        cmocka_unit_test(streams_can_pause_in_both_directions),
        cmocka_unit_test(a_full_reader_gets_what_was_read_and_no_more),
        cmocka_unit_test(a_pause_of_ours_is_not_held_against_the_other_side),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(private_addresses_can_be_refused),
        cmocka_unit_test(many_run_at_a_time_and_all_end),
        cmocka_unit_test(cancelled_ones_are_silent),
        cmocka_unit_test(what_runs_at_the_end_is_dropped),
        cmocka_unit_test(what_is_refused_keeps_nobody_waiting),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
