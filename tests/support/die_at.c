/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before the C library (LD_PRELOAD): kills the process of the program $DIE_IN just before
 * its call number $DIE_AT, counted from 1, of those that change what is on disk. For tests of what
 * a machine leaves behind that is switched off.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
