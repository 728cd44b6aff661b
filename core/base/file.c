/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of the machine. */
#include "base/file.h"

#include "base/limits.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

int slip_fd_read(int fd, const char *name, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) content = SLIP_BUF(out->limit);
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", name, strerror(errno));
        if (n == 0)
            break;
        if (!slip_buf_add(&content, chunk, (size_t)n))
            return slip_fail(err, SLIP_E_CONFIG, "%s: larger than %zu bytes", name, out->limit);
    }
    slip_buf_move(out, &content);
    return 0;
}

int slip_file_read_if_there(const char *path, struct slip_buf *out, bool *found,
                            struct slip_error *err)
{
    SLIP_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *found = false;
        return 0;
    }
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(errno));
    if (slip_fd_read(fd, path, out, err) < 0)
        return -1;
    *found = true;
    return 0;
}

int slip_file_read(const char *path, struct slip_buf *out, struct slip_error *err)
{
    bool found;
    if (slip_file_read_if_there(path, out, &found, err) < 0)
        return -1;
    if (!found)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(ENOENT));
    return 0;
}

int slip_fd_write(int fd, const char *name, struct slip_str content, struct slip_error *err)
{
    while (content.len) {
        ssize_t n = write(fd, content.ptr, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", name, strerror(errno));
        content = slip_str_skip(content, (size_t)n);
    }
    return 0;
}

/* So that the rename itself survives a power cut. */
static void sync_dir_of(const char *path)
{
    struct slip_str dir = slip_str_of(path);
    size_t slash = slip_str_rfind(dir, '/');
    SLIP_AUTO_FREE char *name =
        slash == SLIP_NPOS ? slip_strdup(".") : slip_memdup(path, slash ? slash : 1);
    SLIP_AUTO_FD fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

int slip_file_write(const char *path, struct slip_str content, unsigned mode,
                    struct slip_error *err)
{
    SLIP_AUTO_FREE char *temp = slip_printf("%s.XXXXXX", path);
    SLIP_AUTO_FD fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(errno));
    if (slip_fd_write(fd, path, content, err) < 0) {
        (void)unlink(temp);
        return -1;
    }
    if (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(temp, path) < 0) {
        int why = errno;
        (void)unlink(temp);
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(why));
    }
    sync_dir_of(path);
    return 0;
}

int slip_log_open(const char *path, struct slip_error *err)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    SLIP_AUTO_FREE char *older = slip_printf("%s.1", path);
    struct stat st;
    int fd = open(path, flags, 0600);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)SLIP_LIMIT_LOG
        && rename(path, older) == 0) {
        close(fd);
        fd = open(path, flags, 0600);
    }
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(errno));
    return fd;
}

int slip_dir_make(const char *path, unsigned mode, struct slip_error *err)
{
    SLIP_AUTO_FREE char *part = slip_strdup(path);
    for (char *p = part + (part[0] == '/');; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (part[0] && mkdir(part, mode) < 0 && errno != EEXIST)
            return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", part, strerror(errno));
        *p = end;
        if (end == '\0')
            return 0;
    }
}

static void remove_below(int dir_fd)
{
    DIR *dir = fdopendir(dir_fd);
    if (!dir) {
        close(dir_fd);
        return;
    }
    struct dirent *e;
    while ((e = readdir(dir))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        int fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0)
            remove_below(fd);
        (void)unlinkat(dirfd(dir), e->d_name, fd >= 0 ? AT_REMOVEDIR : 0);
    }
    closedir(dir);
}

void slip_dir_remove(const char *path)
{
    if (!path)
        return;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        remove_below(fd);
    (void)rmdir(path);
}
