/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before the C library (LD_PRELOAD): kills the process of the program $DIE_IN just before
 * its call number $DIE_AT, counted from 1, of those that change what is on disk; writes to files
 * count where $DIE_WRITES is set. For tests of what a machine leaves behind that is switched off.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#define EXPORTED __attribute__((visibility("default")))

static void step(void)
{
    static unsigned long n;
    const char *at = getenv("DIE_AT"), *in = getenv("DIE_IN");
    if (at && in && strcmp(program_invocation_short_name, in) == 0 && ++n == strtoul(at, NULL, 10))
        (void)kill(getpid(), SIGKILL);
}

/* A function of the C library, by its name. */
static void find(const char *name, void *out)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(out, &found, sizeof(found));
}

/* Pipes and terminals are no disk. */
EXPORTED ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t (*next)(int, const void *, size_t);
    struct stat st;
    find("write", &next);
    if (getenv("DIE_WRITES") && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        step();
    return next(fd, data, len);
}

EXPORTED int mkdirat(int at, const char *path, mode_t mode)
{
    int (*next)(int, const char *, mode_t);
    find("mkdirat", &next);
    step();
    return next(at, path, mode);
}

EXPORTED int renameat(int at, const char *from, int to_at, const char *to)
{
    int (*next)(int, const char *, int, const char *);
    find("renameat", &next);
    step();
    return next(at, from, to_at, to);
}

EXPORTED int unlinkat(int at, const char *path, int flags)
{
    int (*next)(int, const char *, int);
    find("unlinkat", &next);
    step();
    return next(at, path, flags);
}

EXPORTED int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *);
    find("rename", &next);
    step();
    return next(from, to);
}

EXPORTED int unlink(const char *path)
{
    int (*next)(const char *);
    find("unlink", &next);
    step();
    return next(path);
}

EXPORTED int fsync(int fd)
{
    int (*next)(int);
    find("fsync", &next);
    step();
    return next(fd);
}
