/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP proxy in front of a registry that does harm on request. One process per connection,
 * one request per connection.
 *
 *   fault_proxy [-l LOG] [-t NAME:SECONDS:USES] PORT UPSTREAM-PORT [SELECT=ACTION]...
 *
 *   SELECT   N                        the N-th request, from 1
 *            METHOD[~TEXT][#K]        the K-th (else each) with that method, "*" for all, whose
 *                                     target holds TEXT
 *   ACTION   reset@N                  the connection is reset after N bytes of the request's body
 *            cut@N                    ... after N bytes of the answer's body
 *            flip@N                   byte N of the answer's body is another one
 *            delay:MS                 nothing happens for so long, then all as usual
 *            until:FILE               ... until FILE is there; the log's line is there at once
 *            status:CODE[:AFTER[:E]]  that answer, with Retry-After and the error E, once the
 *                                     request was read
 *            early:CODE               that answer before the body is read
 *            lose                     the registry does its work, the answer is lost
 *            header:NAME:VALUE        the answer says this instead
 *            hang                     nothing more ever; the log's line is there at once
 *
 * -t: also a token service: requests need an unspent token. A token is good for USES requests
 * (0: any number) and SECONDS (a fraction is fine), whatever it says about itself.
 *
 * It prints "ready PORT" when it listens; a PORT of 0 is any that is free. The log has a line "N
 * METHOD TARGET STATUS" per request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX 65536
#define RULES_MAX 512

struct rule {
    unsigned long number;
    char method[16], text[256];
    unsigned long nth; /* 0: each */
    char action[256];
};

static struct rule rules[RULES_MAX];
static size_t rule_count;
static int upstream_port, log_fd = -1;
static const char *token_service; /* name of the service; NULL: none */
static double token_seconds;
static unsigned long token_uses;

/* What all processes share. */
static struct shared {
    atomic_ulong requests;
    atomic_ulong matched[RULES_MAX];
    atomic_ulong serial; /* of the token that is good */
    atomic_ulong uses;
    atomic_ulong born_ms;
} * shared;

struct message {
    char head[HEAD_MAX + 1];
    size_t head_len; /* up to and with the empty line */
    char extra[HEAD_MAX];
    size_t extra_len; /* of the body, read together with the head */
};

static unsigned long now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long)ts.tv_sec * 1000 + (unsigned long)ts.tv_nsec / 1000000;
}

static bool send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_head(int fd, struct message *m)
{
    size_t len = 0;
    *m = (struct message){ 0 };
    while (len < HEAD_MAX) {
        ssize_t n = recv(fd, m->head + len, HEAD_MAX - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        m->head[len] = '\0';
        char *end = strstr(m->head, "\r\n\r\n");
        if (!end)
            continue;
        m->head_len = (size_t)(end + 4 - m->head);
        m->extra_len = len - m->head_len;
        memcpy(m->extra, m->head + m->head_len, m->extra_len);
        m->head[m->head_len] = '\0';
        return true;
    }
    return false;
}

/* The value of a header in a head, cut at the line's end; "" when absent. */
static void header_value(const char *head, const char *name, char *out, size_t size)
{
    out[0] = '\0';
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        size_t len = strlen(name);
        if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':')
            continue;
        const char *value = line + 3 + len;
        value += strspn(value, " ");
        snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
        return;
    }
}

static long long body_length(const char *head)
{
    char value[64];
    header_value(head, "Content-Length", value, sizeof(value));
    return value[0] ? strtoll(value, NULL, 10) : -1;
}

/* Close so that the other side sees a reset. */
static void reset(int fd)
{
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(fd);
    _exit(0);
}

static void log_line(unsigned long n, const char *method, const char *target, int status)
{
    char line[4096];
    int len = snprintf(line, sizeof(line), "%lu %s %.3000s %d\n", n, method, target, status);
    if (log_fd >= 0 && write(log_fd, line, (size_t)len) < 0)
        perror("fault_proxy: log");
}

static void answer(int fd, int status, const char *headers, const char *body)
{
    char text[8192];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 %d Fault\r\n%sConnection: close\r\nContent-Type: "
                       "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                       status, headers, strlen(body), body);
    send_all(fd, text, (size_t)len);
    shutdown(fd, SHUT_WR);
}

/* Pass `length` bytes of a body on (to nobody when `to` is -1), but stop after `limit`. */
static bool relay(int from, int to, const struct message *m, long long length, long long limit,
                  long long flip)
{
    char buf[65536];
    long long at = 0;
    size_t have = m->extra_len;
    memcpy(buf, m->extra, have);
    while (length < 0 || at < length) {
        if (have == 0) {
            ssize_t n = recv(from, buf, sizeof(buf), 0);
            if (n <= 0)
                return length < 0 && n == 0;
            have = (size_t)n;
        }
        if (flip >= at && flip < at + (long long)have)
            buf[flip - at] ^= 1;
        if (limit >= 0 && at + (long long)have >= limit) {
            if (to >= 0)
                send_all(to, buf, (size_t)(limit - at));
            return false;
        }
        if (to >= 0 && !send_all(to, buf, have))
            return false;
        at += (long long)have;
        have = 0;
    }
    return true;
}

static int connect_upstream(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)upstream_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
        _exit(1);
    return fd;
}

/* The head without the lines that concern one connection, and with "Connection: close". */
static void send_head(int fd, const struct message *m, bool drop_authorization,
                      const char *replaced, const char *value)
{
    char out[HEAD_MAX + 1024];
    size_t len = 0;
    const char *line = m->head;
    while (strncmp(line, "\r\n", 2) != 0) {
        size_t n = (size_t)(strstr(line, "\r\n") + 2 - line);
        bool drop = strncasecmp(line, "Connection:", 11) == 0
                    || (drop_authorization && strncasecmp(line, "Authorization:", 14) == 0)
                    || (replaced && strncasecmp(line, replaced, strlen(replaced)) == 0);
        if (!drop) {
            memcpy(out + len, line, n);
            len += n;
        }
        line += n;
    }
    len += (size_t)snprintf(out + len, 1024, "Connection: close\r\n");
    if (replaced)
        len += (size_t)snprintf(out + len, 1000, "%s: %s\r\n", replaced, value);
    len += (size_t)snprintf(out + len, 8, "\r\n");
    send_all(fd, out, len);
}

static const char *choose_action(unsigned long n, const char *method, const char *target)
{
    const char *found = NULL;
    for (size_t i = 0; i < rule_count; i++) {
        const struct rule *r = &rules[i];
        bool hit = r->number == n;
        if (r->number == 0 && (strcmp(r->method, "*") == 0 || strcmp(r->method, method) == 0)
            && strstr(target, r->text)) {
            unsigned long k = atomic_fetch_add(&shared->matched[i], 1) + 1;
            hit = r->nth == 0 || r->nth == k;
        }
        if (hit && !found)
            found = r->action;
    }
    return found ? found : "";
}

static long long action_number(const char *action, const char *name)
{
    size_t len = strlen(name);
    return strncmp(action, name, len) == 0 ? strtoll(action + len, NULL, 10) : -1;
}

/* A new token; the one before is good no more. */
static void give_token(int fd)
{
    char body[256];
    unsigned long serial = atomic_fetch_add(&shared->serial, 1) + 1;
    atomic_store(&shared->uses, 0);
    atomic_store(&shared->born_ms, now_ms());
    snprintf(body, sizeof(body), "{\"token\":\"token-%lu\",\"expires_in\":300}", serial);
    answer(fd, 200, "", body);
}

static bool token_is_good(const struct message *m)
{
    char value[256], want[64];
    header_value(m->head, "Authorization", value, sizeof(value));
    snprintf(want, sizeof(want), "Bearer token-%lu", atomic_load(&shared->serial));
    if (strcmp(value, want) != 0)
        return false;
    if (token_seconds > 0
        && (double)(now_ms() - atomic_load(&shared->born_ms)) > token_seconds * 1000)
        return false;
    return token_uses == 0 || atomic_fetch_add(&shared->uses, 1) < token_uses;
}

static void challenge(int fd, const struct message *m, int port)
{
    char headers[512];
    (void)m;
    snprintf(headers, sizeof(headers),
             "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:%d/token\",service=\"%s\","
             "error=\"invalid_token\"\r\n",
             port, token_service);
    answer(fd, 401, headers, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"token\"}]}");
}

static void answer_status(int fd, const char *action)
{
    char headers[128] = "", body[128];
    const char *number = strchr(action, ':') + 1, *after = strchr(number, ':');
    const char *code = after ? strchr(after + 1, ':') : NULL;
    if (after)
        snprintf(headers, sizeof(headers), "Retry-After: %.*s\r\n", (int)strcspn(after + 1, ":"),
                 after + 1);
    snprintf(body, sizeof(body), "{\"errors\":[{\"code\":\"%.64s\",\"message\":\"made up\"}]}",
             code ? code + 1 : "FAULT");
    answer(fd, (int)strtol(number, NULL, 10), headers, body);
}

/* Ask the registry and hand its answer back, with the harm that `action` says. */
static int forward(int client, const struct message *m, const char *action)
{
    static struct message reply;
    char value[256] = "", *name = NULL;
    int upstream = connect_upstream(), status = 0;
    long long cut_up = action_number(action, "reset@"), cut_down = action_number(action, "cut@");
    send_head(upstream, m, token_service != NULL, NULL, NULL);
    if (!relay(client, upstream, m, body_length(m->head) < 0 ? 0 : body_length(m->head), cut_up,
               -1)) {
        close(upstream);
        reset(client);
    }
    if (!read_head(upstream, &reply))
        reset(client);
    status = (int)strtol(reply.head + 9, NULL, 10);
    if (strcmp(action, "lose") == 0)
        reset(client);
    if (strncmp(action, "header:", 7) == 0) {
        snprintf(value, sizeof(value), "%s", action + 7);
        name = value;
        *strchr(name, ':') = '\0';
    }
    send_head(client, &reply, false, name, name ? name + strlen(name) + 1 : NULL);
    bool none = strncmp(m->head, "HEAD ", 5) == 0 || status == 204 || status == 304;
    if (!none
        && !relay(upstream, client, &reply, body_length(reply.head), cut_down,
                  action_number(action, "flip@")))
        reset(client);
    close(upstream);
    return status;
}

static void read_away(int fd, const struct message *m)
{
    long long length = body_length(m->head);
    relay(fd, -1, m, length < 0 ? 0 : length, -1, -1);
}

static void serve(int fd, int port)
{
    static struct message m;
    char method[16] = "", target[8192] = "";
    if (!read_head(fd, &m) || sscanf(m.head, "%15s %8191s", method, target) != 2)
        _exit(0);
    if (token_service && strncmp(target, "/token", 6) == 0) {
        log_line(0, method, target, 200);
        give_token(fd);
        return;
    }
    unsigned long n = atomic_fetch_add(&shared->requests, 1) + 1;
    if (token_service && !token_is_good(&m)) {
        read_away(fd, &m);
        log_line(n, method, target, 401);
        challenge(fd, &m, port);
        return;
    }
    const char *action = choose_action(n, method, target);
    if (strncmp(action, "delay:", 6) == 0)
        usleep((unsigned)action_number(action, "delay:") * 1000);
    if (strncmp(action, "until:", 6) == 0) {
        log_line(n, method, target, 0);
        while (access(action + 6, F_OK) < 0)
            usleep(10000);
        action = "";
    }
    if (strncmp(action, "status:", 7) == 0 || strncmp(action, "early:", 6) == 0) {
        if (action[0] == 's')
            read_away(fd, &m);
        log_line(n, method, target, (int)strtol(strchr(action, ':') + 1, NULL, 10));
        answer_status(fd, action);
        return;
    }
    if (action[0])
        log_line(n, method, target, 0);
    if (strcmp(action, "hang") == 0)
        return; /* until the other side gives up */
    int status = forward(fd, &m, action);
    if (!action[0])
        log_line(n, method, target, status);
}

static void parse_rule(const char *text)
{
    struct rule *r = &rules[rule_count++];
    const char *equals = strchr(text, '=');
    if (!equals || rule_count > RULES_MAX) {
        fprintf(stderr, "fault_proxy: not a rule: %s\n", text);
        exit(2);
    }
    char select[512];
    snprintf(select, sizeof(select), "%.*s", (int)(equals - text), text);
    snprintf(r->action, sizeof(r->action), "%s", equals + 1);
    r->number = strtoul(select, NULL, 10);
    char *nth = strchr(select, '#');
    if (nth) {
        r->nth = strtoul(nth + 1, NULL, 10);
        *nth = '\0';
    }
    char *tilde = strchr(select, '~');
    if (tilde) {
        snprintf(r->text, sizeof(r->text), "%s", tilde + 1);
        *tilde = '\0';
    }
    snprintf(r->method, sizeof(r->method), "%.15s", select);
}

static void parse_tokens(char *text)
{
    char *seconds = strchr(text, ':');
    char *uses = seconds ? strchr(seconds + 1, ':') : NULL;
    if (!uses) {
        fprintf(stderr, "fault_proxy: -t NAME:SECONDS:USES\n");
        exit(2);
    }
    *seconds++ = '\0';
    token_service = text;
    token_seconds = strtod(seconds, NULL);
    token_uses = strtoul(uses + 1, NULL, 10);
}

static int listen_on(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 64) < 0) {
        perror("fault_proxy");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "l:t:")) >= 0) {
        if (c == 'l')
            log_fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
        else if (c == 't')
            parse_tokens(optarg);
        else
            return 2;
    }
    if (argc - optind < 2) {
        fprintf(stderr, "usage: fault_proxy [-l LOG] [-t NAME:SECONDS:USES] PORT UPSTREAM-PORT "
                        "[SELECT=ACTION]...\n");
        return 2;
    }
    int port = (int)strtol(argv[optind], NULL, 10);
    upstream_port = (int)strtol(argv[optind + 1], NULL, 10);
    for (int i = optind + 2; i < argc; i++)
        parse_rule(argv[i]);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    signal(SIGCHLD, SIG_IGN);
    int listener = listen_on(port);
    struct sockaddr_in bound;
    socklen_t bound_len = sizeof(bound);
    if (getsockname(listener, (struct sockaddr *)&bound, &bound_len) == 0)
        port = ntohs(bound.sin_port);
    printf("ready %d\n", port);
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(fd, port);
            /* The other side ends the connection, once it has read the answer. */
            char rest[4096];
            while (recv(fd, rest, sizeof(rest), 0) > 0)
                ;
            _exit(0);
        }
        close(fd);
    }
}
