/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock server as werf has it, for tests: exclusive leases in memory.
 *
 *   lock_server [-l LOG] [-t LEASE-MS] [-x N] [-s N] [-i ID] [PORT]
 *
 * It prints "ready PORT" when it listens (port 0 or none: any). The log has a line per request:
 * "PATH NAME -> ANSWER". -x: the lease is gone from the N-th renewal on, as after a restart.
 * -s: the first N requests are answered with 503. -i: the id of all clients, as JSON has it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TEXT 16384

struct lease {
    char client[128], name[512], uuid[64];
    long long until;
};
static struct lease leases[256];
static long long lease_ms = 10000;
static const char *only_id;
static int log_fd = -1, lose_at, unavailable, n_renewals, n_ids;

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* The first string member of this name, however deep. */
static void member(const char *json, const char *key, char *out, size_t size)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "\"%s\":\"", key);
    const char *at = strstr(json, wanted);
    size_t n = 0;
    for (at = at ? at + strlen(wanted) : ""; *at && *at != '"' && n + 1 < size; at++)
        out[n++] = *at;
    out[n] = '\0';
}

static struct lease *find(const char *client, const char *name)
{
    struct lease *empty = NULL;
    for (size_t i = 0; i < sizeof(leases) / sizeof(leases[0]); i++) {
        struct lease *l = &leases[i];
        if (l->name[0] && l->until <= now_ms())
            l->name[0] = '\0';
        if (strcmp(l->name, name) == 0 && strcmp(l->client, client) == 0)
            return l;
        if (!l->name[0] && !empty)
            empty = l;
    }
    return empty;
}

static const char *acquire(const char *client, const char *name, char *body, size_t size)
{
    static int counter;
    struct lease *l = find(client, name);
    if (!l || l->name[0])
        return "should wait";
    snprintf(l->client, sizeof(l->client), "%s", client);
    snprintf(l->name, sizeof(l->name), "%s", name);
    snprintf(l->uuid, sizeof(l->uuid), "lease-%d", ++counter);
    l->until = now_ms() + lease_ms;
    snprintf(body, size, "{\"lockHandle\":{\"uuid\":\"%s\",\"lockName\":\"%s\"},\"err\":\"\"}",
             l->uuid, l->name);
    return "";
}

/* Renew, or with `end` give back. */
static const char *extend(const char *client, const char *name, const char *uuid, bool end)
{
    struct lease *l = find(client, name);
    if (!l || !l->name[0])
        return "no existing lock lease found";
    if (strcmp(l->uuid, uuid) != 0)
        return "lock already leased";
    if (!end && lose_at && ++n_renewals >= lose_at) {
        l->name[0] = '\0';
        return "no existing lock lease found";
    }
    if (end)
        l->name[0] = '\0';
    l->until = now_ms() + lease_ms;
    return "";
}

static void answer(const char *path, const char *request, char *body, size_t size)
{
    char client[128] = "", what[64] = "", name[512], uuid[64];
    const char *refusal = "";
    member(request, "lockName", name, sizeof(name));
    member(request, "uuid", uuid, sizeof(uuid));
    body[0] = '\0';
    if (strcmp(path, "/new-client-id") == 0 && only_id)
        snprintf(body, size, "{\"err\":\"\",\"clientID\":\"%s\"}", only_id);
    else if (strcmp(path, "/new-client-id") == 0)
        snprintf(body, size, "{\"err\":\"\",\"clientID\":\"client%d\"}", ++n_ids);
    else if (sscanf(path, "/%127[^/]/locker/%63s", client, what) != 2)
        refusal = "unknown path";
    else if (strcmp(what, "acquire") == 0)
        refusal = acquire(client, name, body, size);
    else
        refusal = extend(client, name, uuid, strcmp(what, "release") == 0);
    if (!body[0])
        snprintf(body, size, "{\"err\":\"%s\"}", refusal);
    if (log_fd >= 0)
        dprintf(log_fd, "%s %s -> %s\n", path, name, refusal[0] ? refusal : "ok");
}

/* One request of one connection; false at its end. */
static bool serve(int fd)
{
    static char in[TEXT], body[TEXT];
    size_t len = 0;
    char *end = NULL;
    while (!end && len < sizeof(in) - 1) {
        ssize_t n = read(fd, in + len, sizeof(in) - 1 - len);
        if (n <= 0)
            return false;
        in[len += (size_t)n] = '\0';
        end = strstr(in, "\r\n\r\n");
    }
    const char *length = strcasestr(in, "content-length:");
    size_t want = length ? strtoul(length + 15, NULL, 10) : 0;
    if (!end || want > sizeof(in) / 2)
        return false;
    size_t head = (size_t)(end + 4 - in);
    while (len < head + want) {
        ssize_t n = read(fd, in + len, sizeof(in) - 1 - len);
        if (n <= 0)
            return false;
        in[len += (size_t)n] = '\0';
    }
    char path[1024];
    if (sscanf(in, "POST %1023s", path) != 1)
        return false;
    if (unavailable > 0) {
        unavailable--;
        dprintf(fd, "HTTP/1.1 503 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return true;
    }
    answer(path, in + head, body, sizeof(body));
    dprintf(fd,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
            strlen(body), body);
    return true;
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "l:t:x:s:i:")) != -1) {
        if (option == 'l')
            log_fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        else if (option == 't')
            lease_ms = strtoll(optarg, NULL, 10);
        else if (option == 'x')
            lose_at = (int)strtol(optarg, NULL, 10);
        else if (option == 's')
            unavailable = (int)strtol(optarg, NULL, 10);
        else if (option == 'i')
            only_id = optarg;
        else
            return 2;
    }
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((
                                  uint16_t)(optind < argc ? strtoul(argv[optind], NULL, 10) : 0)) };
    socklen_t size = sizeof(at);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 64) < 0
        || getsockname(listener, (struct sockaddr *)&at, &size) < 0) {
        perror("lock_server");
        return 1;
    }
    printf("ready %u\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        (void)serve(fd);
        close(fd);
    }
}
