/* SPDX-License-Identifier: Apache-2.0 */
/* Private directories, and the removal of those that runs left which were killed. */
#include "base/temp_dir.h"

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#define BASE "slipway-tmp-"

bool slip_owned(int fd)
{
    struct stat st;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return false;
    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int slip_left_over_open(int at, const char *name, int flags)
{
    int fd = openat(at, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    close(fd);
    return -1;
}

/* BASE and what mkdtemp puts behind it. */
static bool is_made_of(const char *name, const char *base)
{
    static const char chosen[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = strlen(base);
    return strncmp(name, base, len) == 0 && strlen(name + len) == 6
           && strspn(name + len, chosen) == 6;
}

/* 1: made; 0: a sweep took it away again; -1: the reason is in errno. */
static int try_to_make(char *path, int *owner)
{
    if (!mkdtemp(path))
        return -1;
    *owner = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*owner >= 0 && slip_owned(*owner))
        return 1;
    int why = errno;
    if (*owner >= 0 || why == ENOENT) {
        slip_fd_close(owner);
        return 0;
    }
    (void)rmdir(path);
    errno = why;
    return -1;
}

int slip_own_dir_make(const char *prefix, char **path, int *owner)
{
    for (;;) {
        SLIP_AUTO_FREE char *made = slip_printf("%sXXXXXX", prefix);
        int rc = try_to_make(made, owner);
        if (rc > 0)
            *path = slip_take(made);
        if (rc != 0)
            return rc < 0 ? -1 : 0;
    }
}

void slip_own_dir_sweep(const char *prefix, bool (*may_go)(int fd))
{
    const char *slash = strrchr(prefix, '/'), *base = slash ? slash + 1 : prefix;
    SLIP_AUTO_FREE char *above =
        slash ? slip_memdup(prefix, (size_t)(base - prefix)) : slip_strdup("./");
    DIR *dir = opendir(above);
    if (!dir)
        return;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        SLIP_AUTO_FD left = is_made_of(e->d_name, base)
                                ? slip_left_over_open(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY)
                                : -1;
        if (left < 0 || !may_go(left))
            continue;
        SLIP_AUTO_FREE char *path = slip_printf("%s%s", above, e->d_name);
        slip_dir_remove(path);
    }
    closedir(dir);
}

/* ---- in $TMPDIR ---- */

/* Others' directories, or those that others may look into, were not made here. */
static bool is_private(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700;
}

static char *prefix_in(const char *tmpdir)
{
    return slip_printf("%s/" BASE, tmpdir && tmpdir[0] ? tmpdir : "/tmp");
}

void slip_temp_dir_sweep(const char *tmpdir)
{
    SLIP_AUTO_FREE char *prefix = prefix_in(tmpdir);
    slip_own_dir_sweep(prefix, is_private);
}

int slip_temp_dir_make(const char *tmpdir, struct slip_temp_dir **out, struct slip_error *err)
{
    SLIP_AUTO_FREE char *prefix = prefix_in(tmpdir);
    char *path = NULL;
    int owner = -1;
    slip_own_dir_sweep(prefix, is_private);
    if (slip_own_dir_make(prefix, &path, &owner) < 0) {
        slip_fail(err, SLIP_E_INTERNAL, "%sXXXXXX: %s", prefix, strerror(errno));
        return slip_hint(err, "TMPDIR names the directory for temporary files");
    }
    *out = slip_new(struct slip_temp_dir);
    **out = (struct slip_temp_dir){ .path = path, .owner = owner };
    return 0;
}

void slip_temp_dir_leave(struct slip_temp_dir *d)
{
    if (!d)
        return;
    slip_fd_close(&d->owner);
    slip_free(d->path);
    slip_free(d);
}

void slip_temp_dir_remove(struct slip_temp_dir *d)
{
    if (d)
        slip_dir_remove(d->path);
    slip_temp_dir_leave(d);
}
