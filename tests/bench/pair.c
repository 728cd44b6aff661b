/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time commands side by side: A B C A B C ..., whole processes as the kernel accounts them, and
 * print the median of each and the median of the ratios to the first one, round by round.
 *
 * usage: pair [-n ROUNDS] [-i FILE] NAME COMMAND-LINE [NAME COMMAND-LINE ...]
 * A command line is split at blanks; there is no shell. "@FILE" after its last word is its stdin.
 * -i: removed (as a directory) before each run: a fresh destination.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

struct sample {
    double wall, cpu, rss;
};

struct contestant {
    const char *name, *input;
    struct {
        SLIP_VEC(char *);
    } argv;
    struct {
        SLIP_VEC(struct sample);
    } samples;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int run_once(struct contestant *c, struct sample *out)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, c->input ? c->input : "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    double start = now();
    int why = posix_spawnp(&pid, c->argv.at[0], &files, NULL, c->argv.at, environ);
    posix_spawn_file_actions_destroy(&files);
    if (why) {
        fprintf(stderr, "%s: %s\n", c->argv.at[0], strerror(why));
        return -1;
    }
    int status;
    struct rusage usage;
    if (wait4(pid, &status, 0, &usage) < 0)
        return -1;
    *out = (struct sample){ .wall = (now() - start) * 1e3,
                            .cpu = (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e3,
                            .rss = (double)usage.ru_maxrss / 1024 };
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s: '%s' failed (status %d)\n", c->name, c->argv.at[0], status);
        return -1;
    }
    return 0;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_size);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void split(struct contestant *c, char *line)
{
    struct slip_str rest = slip_str_of(line), word;
    while (rest.len) {
        slip_str_cut(rest, ' ', &word, &rest);
        if (word.len == 0)
            continue;
        if (word.ptr[0] == '@')
            c->input = slip_memdup(word.ptr + 1, word.len - 1);
        else
            slip_vec_push(&c->argv, slip_memdup(word.ptr, word.len));
    }
    slip_vec_push(&c->argv, NULL);
}

static void report(struct contestant *all, size_t n, size_t rounds)
{
    double *v = slip_alloc_array(rounds, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        double wall, cpu, rss = 0, ratio_wall, ratio_cpu;
        for (size_t k = 0; k < rounds; k++)
            v[k] = all[i].samples.at[k].wall;
        wall = median(v, rounds);
        for (size_t k = 0; k < rounds; k++)
            v[k] = all[i].samples.at[k].cpu;
        cpu = median(v, rounds);
        for (size_t k = 0; k < rounds; k++)
            v[k] = all[i].samples.at[k].wall / all[0].samples.at[k].wall;
        ratio_wall = median(v, rounds);
        for (size_t k = 0; k < rounds; k++)
            v[k] = all[i].samples.at[k].cpu / all[0].samples.at[k].cpu;
        ratio_cpu = median(v, rounds);
        for (size_t k = 0; k < rounds; k++)
            rss = all[i].samples.at[k].rss > rss ? all[i].samples.at[k].rss : rss;
        printf("  %-34s %9.2f ms %9.2f ms %7.1f MiB   %6.2f %6.2f\n", all[i].name, wall, cpu, rss,
               ratio_wall, ratio_cpu);
    }
    slip_free(v);
}

int main(int argc, char **argv)
{
    size_t rounds = 11, n = 0;
    const char *fresh = NULL;
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (argv[i][1] == 'n')
            rounds = strtoul(argv[i + 1], NULL, 10);
        else
            fresh = argv[i + 1];
    }
    struct contestant *all = slip_alloc_array((size_t)argc, sizeof(*all));
    for (; i + 1 < argc; i += 2) {
        all[n].name = argv[i];
        split(&all[n++], argv[i + 1]);
    }
    if (n == 0 || rounds == 0) {
        fprintf(stderr, "usage: pair [-n ROUNDS] [-i DIR] NAME COMMAND-LINE ...\n");
        return 2;
    }
    for (size_t round = 0; round <= rounds; round++) { /* the first one warms up */
        for (size_t k = 0; k < n; k++) {
            struct sample s;
            if (fresh)
                slip_dir_remove(fresh);
            if (run_once(&all[k], &s) < 0)
                return 1;
            if (round > 0)
                slip_vec_push(&all[k].samples, s);
        }
    }
    report(all, n, rounds);
    return 0;
}
