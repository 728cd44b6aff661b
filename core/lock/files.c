/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that are files. */
#include "lock/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/file.h"
#include "base/mem.h"
#include "hash/hash.h"

struct file_locks {
    struct slip_locks base;
    char *dir;
    const struct slip_watch *watch;
};

struct file_lock {
    struct slip_lock base;
    int fd;
};

/* Nobody can take it away. */
static int check(struct slip_lock *l, struct slip_error *err)
{
    (void)l;
    (void)err;
    return 0;
}

static void release(struct slip_lock *l)
{
    struct file_lock *f = (struct file_lock *)l;
    close(f->fd);
    slip_free(f);
}

void slip_file_lock_name(const char *name, char out[16])
{
    slip_murmur3_hex(slip_str_of(name), out);
}

static int hint(struct slip_error *err)
{
    return slip_hint(err, "the locks of --synchronization :local are in $WERF_HOME/service/locks "
                          "(WERF_HOME is ~/.werf unless it is set)");
}

static int fail(const char *path, struct slip_error *err)
{
    slip_fail(err, errno == EACCES || errno == EROFS ? SLIP_E_DENIED : SLIP_E_INTERNAL, "%s: %s",
              path, strerror(errno));
    return hint(err);
}

static int acquire(struct slip_locks *s, const char *name, struct slip_lock **out,
                   struct slip_error *err)
{
    static const struct slip_lock_ops ops = { .check = check, .release = release };
    struct file_locks *locks = (struct file_locks *)s;
    char file[16];
    slip_file_lock_name(name, file);
    SLIP_AUTO_FREE char *path = slip_printf("%s/%s", locks->dir, file);
    if (slip_dir_make(locks->dir, 0755, err) < 0)
        return hint(err);
    SLIP_AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(path, err);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        slip_watch_step(locks->watch, name, "waiting for the lock of another builder");
        while (flock(fd, LOCK_EX) < 0)
            if (errno != EINTR)
                return fail(path, err);
    }
    struct file_lock *f = slip_new(struct file_lock);
    *f = (struct file_lock){ .base.ops = &ops, .fd = fd };
    fd = -1;
    *out = &f->base;
    return 0;
}

static void free_locks(struct slip_locks *s)
{
    struct file_locks *locks = (struct file_locks *)s;
    slip_free(locks->dir);
    slip_free(locks);
}

struct slip_locks *slip_file_locks_new(const char *dir, const struct slip_watch *watch)
{
    static const struct slip_locks_ops ops = { .acquire = acquire, .free = free_locks };
    struct file_locks *locks = slip_new(struct file_locks);
    *locks = (struct file_locks){ .base.ops = &ops, .dir = slip_strdup(dir), .watch = watch };
    return &locks->base;
}
