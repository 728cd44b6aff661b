/* SPDX-License-Identifier: Apache-2.0 */
/* Files of an image layout: the directory, the lock, content that appears whole or not at all. */
#include "registry/layout_dir.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LOCK_NAME SLIP_LAYOUT_TEMP "/lock"
#define CLAIM_NAME SLIP_LAYOUT_TEMP "/publish"
#define VERSION_NAME "oci-layout"
#define VERSION_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

void slip_layout_dir_init(struct slip_layout_dir *d, const char *path)
{
    *d = (struct slip_layout_dir){ .path = slip_strdup(path), .fd = -1, .lock_fd = -1 };
}

void slip_layout_dir_clear(struct slip_layout_dir *d)
{
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    if (d->fd >= 0)
        close(d->fd);
    slip_free(d->path);
}

int slip_layout_fail(const struct slip_layout_dir *d, const char *name, struct slip_error *err)
{
    enum slip_kind kind =
        errno == EACCES || errno == EPERM || errno == EROFS ? SLIP_E_DENIED : SLIP_E_REGISTRY;
    return slip_fail(err, kind, "%s%s%s: %s", d->path, name[0] ? "/" : "", name, strerror(errno));
}

int slip_layout_dir_open(struct slip_layout_dir *d, bool *found, struct slip_error *err)
{
    *found = true;
    if (d->fd >= 0)
        return 0;
    d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->fd >= 0)
        return 0;
    if (errno != ENOENT)
        return slip_layout_fail(d, "", err);
    *found = false;
    return 0;
}

int slip_layout_find_foreign(int at, char other[SLIP_LAYOUT_NAME_MAX])
{
    static const char *const ours[] = { ".",          "..",
                                        VERSION_NAME, SLIP_LAYOUT_INDEX,
                                        "blobs",      SLIP_LAYOUT_TEMP };
    int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return -1;
    other[0] = '\0';
    struct dirent *e;
    while (!other[0] && (e = readdir(dir))) {
        size_t i = 0;
        while (i < SLIP_COUNT(ours) && strcmp(e->d_name, ours[i]) != 0)
            i++;
        if (i == SLIP_COUNT(ours))
            snprintf(other, SLIP_LAYOUT_NAME_MAX, "%.100s", e->d_name);
    }
    closedir(dir);
    return other[0] != '\0';
}

/* A directory of somebody's sources must not become a layout because of a typing error. */
static int refuse_other_content(struct slip_layout_dir *d, struct slip_error *err)
{
    char other[SLIP_LAYOUT_NAME_MAX];
    int found = slip_layout_find_foreign(d->fd, other);
    if (found <= 0)
        return found < 0 ? slip_layout_fail(d, "", err) : 0;
    slip_fail(err, SLIP_E_CONFIG, "%s: not an image layout: it holds '%s' and no 'oci-layout'",
              d->path, other);
    return slip_hint(err, "name an empty directory, or one that does not exist yet");
}

static int make_dir(struct slip_layout_dir *d, const char *name, struct slip_error *err)
{
    if (mkdirat(d->fd, name, 0777) < 0 && errno != EEXIST)
        return slip_layout_fail(d, name, err);
    return 0;
}

static int make_version_file(struct slip_layout_dir *d, struct slip_error *err)
{
    if (faccessat(d->fd, VERSION_NAME, F_OK, 0) == 0)
        return 0;
    if (refuse_other_content(d, err) < 0 || make_dir(d, SLIP_LAYOUT_TEMP, err) < 0)
        return -1;
    return slip_layout_write_file(d, VERSION_NAME, SLIP_STR(VERSION_TEXT), err);
}

int slip_layout_dir_prepare(struct slip_layout_dir *d, struct slip_error *err)
{
    bool found;
    if (d->lock_fd >= 0)
        return 0;
    if (slip_dir_make(d->path, 0777, err) < 0 || slip_layout_dir_open(d, &found, err) < 0
        || make_version_file(d, err) < 0 || make_dir(d, SLIP_LAYOUT_TEMP, err) < 0
        || make_dir(d, "blobs", err) < 0 || make_dir(d, SLIP_LAYOUT_BLOBS, err) < 0)
        return -1;
    d->lock_fd = openat(d->fd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    return d->lock_fd < 0 ? slip_layout_fail(d, LOCK_NAME, err) : 0;
}

int slip_layout_lock(struct slip_layout_dir *d, bool exclusive, struct slip_error *err)
{
    while (flock(d->lock_fd, exclusive ? LOCK_EX : LOCK_SH) < 0)
        if (errno != EINTR)
            return slip_layout_fail(d, LOCK_NAME, err);
    return 0;
}

void slip_layout_unlock(struct slip_layout_dir *d)
{
    (void)flock(d->lock_fd, LOCK_UN);
}

int slip_layout_claim_file(struct slip_layout_dir *d, const struct slip_watch *watch, int *fd,
                           struct slip_error *err)
{
    SLIP_AUTO_FD opened = openat(d->fd, CLAIM_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (opened < 0)
        return slip_layout_fail(d, CLAIM_NAME, err);
    if (flock(opened, LOCK_EX | LOCK_NB) < 0) {
        slip_watch_step(watch, d->path, "waiting for another run that is publishing a stage");
        while (flock(opened, LOCK_EX) < 0)
            if (errno != EINTR)
                return slip_layout_fail(d, CLAIM_NAME, err);
    }
    *fd = opened;
    opened = -1;
    return 0;
}

int slip_layout_blob_name(const char *digest, char name[SLIP_LAYOUT_NAME_MAX],
                          struct slip_error *err)
{
    if (strncmp(digest, "sha256:", 7) != 0 || strlen(digest) != SLIP_DIGEST_LEN
        || strspn(digest + 7, "0123456789abcdef") != 64)
        return slip_fail(err, SLIP_E_REGISTRY, "'%.80s' is not a sha256 digest", digest);
    snprintf(name, SLIP_LAYOUT_NAME_MAX, SLIP_LAYOUT_BLOBS "/%s", digest + 7);
    return 0;
}

int slip_layout_read(struct slip_layout_dir *d, const char *name, struct slip_buf *out, bool *found,
                     struct slip_error *err)
{
    SLIP_AUTO_FD fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : slip_layout_fail(d, name, err);
    if (slip_fd_read(fd, name, out, err) < 0)
        return slip_while(err, "%s", d->path);
    return 0;
}

int slip_layout_temp(struct slip_layout_dir *d, char temp[SLIP_LAYOUT_NAME_MAX], int *fd,
                     struct slip_error *err)
{
    /* mkostemp wants a path: the process number and a counter make the names of one machine
     * distinct, O_EXCL the rest. */
    static unsigned counter;
    for (;;) {
        snprintf(temp, SLIP_LAYOUT_NAME_MAX, SLIP_LAYOUT_TEMP "/tmp-%ld-%u", (long)getpid(),
                 counter++);
        *fd = openat(d->fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*fd < 0 && errno != EEXIST)
            return slip_layout_fail(d, temp, err);
        if (*fd >= 0 && slip_owned(*fd))
            return 0;
        if (*fd >= 0)
            close(*fd);
    }
}

int slip_layout_publish(struct slip_layout_dir *d, int fd, const char *temp, const char *name,
                        struct slip_error *err)
{
    if (fsync(fd) == 0 && renameat(d->fd, temp, d->fd, name) == 0)
        return 0;
    slip_layout_fail(d, name, err);
    (void)unlinkat(d->fd, temp, 0);
    return -1;
}

int slip_layout_write_file(struct slip_layout_dir *d, const char *name, struct slip_str content,
                           struct slip_error *err)
{
    char temp[SLIP_LAYOUT_NAME_MAX];
    SLIP_AUTO_FD fd = -1;
    if (slip_layout_temp(d, temp, &fd, err) < 0)
        return -1;
    if (slip_fd_write(fd, name, content, err) < 0) {
        (void)unlinkat(d->fd, temp, 0);
        return slip_while(err, "%s", d->path);
    }
    return slip_layout_publish(d, fd, temp, name, err);
}

int slip_layout_sync(struct slip_layout_dir *d, const char *name, struct slip_error *err)
{
    SLIP_AUTO_FD fd = openat(d->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) < 0 ? slip_layout_fail(d, name, err) : 0;
}

int slip_layout_touch(struct slip_layout_dir *d, const char *digest, uint64_t size, bool *found,
                      struct slip_error *err)
{
    char name[SLIP_LAYOUT_NAME_MAX];
    struct stat st;
    *found = false;
    if (slip_layout_blob_name(digest, name, err) < 0)
        return -1;
    if (fstatat(d->fd, name, &st, 0) < 0)
        return errno == ENOENT ? 0 : slip_layout_fail(d, name, err);
    if (!S_ISREG(st.st_mode) || (size != UINT64_MAX && (uint64_t)st.st_size != size))
        return 0;
    if (utimensat(d->fd, name, NULL, 0) < 0)
        return slip_layout_fail(d, name, err);
    *found = true;
    return 0;
}
