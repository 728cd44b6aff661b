/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP relay that is far away: every chunk is held for a while in each direction, and a new
 * connection is charged one more round trip, as its handshake would be.
 *
 *   delay_relay PORT UPSTREAM-PORT MILLISECONDS     (one way)
 *
 * It prints "ready" when it listens. One process, any number of connections.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS 256
#define CHUNKS 64 /* on their way in one direction; then nothing more is read */
#define CHUNK 65536

struct chunk {
    double due;
    size_t len, at;
    char *data; /* NULL: the end */
};

struct way {
    int from, to;
    struct chunk queue[CHUNKS];
    size_t head, len;
    bool ended, done;
};

static struct pair {
    bool used;
    double open_at;
    struct way up, down;
} pairs[PAIRS];

static double delay;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int make_socket(int port, bool listens)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (listens ? bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0
                : connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        perror("delay_relay");
        exit(1);
    }
    return fd;
}

static void take_connection(int listener, int upstream_port)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
    size_t i = 0;
    while (i < PAIRS && pairs[i].used)
        i++;
    if (fd < 0 || i == PAIRS) {
        close(fd);
        return;
    }
    int up = make_socket(upstream_port, false);
    fcntl(up, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    pairs[i] = (struct pair){ .used = true,
                              .open_at = now() + 2 * delay,
                              .up = { .from = fd, .to = up },
                              .down = { .from = up, .to = fd } };
}

static void read_chunk(struct way *w, double not_before)
{
    struct chunk *c = &w->queue[(w->head + w->len) % CHUNKS];
    char *data = malloc(CHUNK);
    ssize_t n = data ? recv(w->from, data, CHUNK, 0) : -1;
    double due = now() + delay;
    *c = (struct chunk){ .due = due < not_before ? not_before : due };
    if (n > 0) {
        c->data = data;
        c->len = (size_t)n;
    } else {
        free(data);
        w->ended = true;
    }
    w->len++;
}

/* Hand on what is due; milliseconds until the next is, or -1. */
static double write_chunks(struct way *w)
{
    while (w->len > 0) {
        struct chunk *c = &w->queue[w->head];
        double wait = c->due - now();
        if (wait > 0)
            return wait;
        if (c->data) {
            ssize_t n = send(w->to, c->data + c->at, c->len - c->at, MSG_NOSIGNAL);
            if (n < 0)
                return 1; /* its buffer is full, or it is gone: seen when it is read */
            c->at += (size_t)n;
            if (c->at < c->len)
                return 1;
            free(c->data);
        } else {
            shutdown(w->to, SHUT_WR);
            w->done = true;
        }
        w->head = (w->head + 1) % CHUNKS;
        w->len--;
    }
    return -1;
}

static void drop(struct way *w)
{
    for (; w->len > 0; w->len--, w->head = (w->head + 1) % CHUNKS)
        free(w->queue[w->head].data);
}

static double serve_pair(struct pair *p)
{
    double a = write_chunks(&p->up), b = write_chunks(&p->down);
    if ((p->up.done && p->down.done) || (p->down.done && p->down.ended)) {
        drop(&p->up);
        drop(&p->down);
        close(p->up.from);
        close(p->up.to);
        p->used = false;
        return -1;
    }
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int listener = make_socket((int)strtol(argv[1], NULL, 10), true);
    int upstream_port = (int)strtol(argv[2], NULL, 10);
    delay = strtod(argv[3], NULL);
    signal(SIGPIPE, SIG_IGN);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        struct pollfd fds[1 + 2 * PAIRS] = { { .fd = listener, .events = POLLIN } };
        struct way *ways[1 + 2 * PAIRS] = { NULL };
        double opens[1 + 2 * PAIRS], wait = 1000;
        nfds_t n = 1;
        for (size_t i = 0; i < PAIRS; i++) {
            struct pair *p = &pairs[i];
            double due = p->used ? serve_pair(p) : -1;
            if (!p->used)
                continue;
            wait = due >= 0 && due < wait ? due : wait;
            for (int k = 0; k < 2; k++) {
                struct way *w = k ? &p->down : &p->up;
                if (w->ended || w->len == CHUNKS)
                    continue;
                ways[n] = w;
                opens[n] = k ? 0 : p->open_at;
                fds[n++] = (struct pollfd){ .fd = w->from, .events = POLLIN };
            }
        }
        struct timespec t = { .tv_sec = (time_t)(wait / 1000),
                              .tv_nsec =
                                  (long)((wait - 1000 * (double)(time_t)(wait / 1000)) * 1e6) };
        ppoll(fds, n, &t, NULL);
        for (nfds_t i = 1; i < n; i++)
            if (fds[i].revents)
                read_chunk(ways[i], opens[i]);
        if (fds[0].revents)
            take_connection(listener, upstream_port);
    }
}
