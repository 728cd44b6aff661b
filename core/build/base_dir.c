/* SPDX-License-Identifier: Apache-2.0 */
/* A base image in the form "dir:": manifest.json, version, and blobs under their hex digits. */
#include "build/base_dir.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static int fail(const char *path, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_BUILD, "%s: %s", path, strerror(errno));
}

/* The same layer may stand there twice. */
static int link_blob(const char *layout, const char *digest, const char *path,
                     struct slip_error *err)
{
    const char *hex = digest + strlen("sha256:");
    SLIP_AUTO_FREE char *blob = slip_printf("%s/blobs/sha256/%s", layout, hex);
    SLIP_AUTO_FREE char *link = slip_printf("%s/%s", path, hex);
    return symlink(blob, link) < 0 && errno != EEXIST ? fail(link, err) : 0;
}

int slip_base_dir_make(const char *layout, const struct slip_stored *image, const char *path,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_parts) parts = { 0 };
    SLIP_AUTO_FREE char *manifest = slip_printf("%s/manifest.json", path);
    SLIP_AUTO_FREE char *version = slip_printf("%s/version", path);
    if (slip_parts_read(slip_str_of(image->media_type), slip_buf_str(&image->manifest), &parts, err)
            < 0
        || slip_dir_make(path, 0700, err) < 0
        || slip_file_write(manifest, slip_buf_str(&image->manifest), 0600, err) < 0
        || slip_file_write(version, SLIP_STR("Directory Transport Version: 1.1\n"), 0600, err) < 0
        || link_blob(layout, parts.config.digest, path, err) < 0)
        return -1;
    for (size_t i = 0; i < parts.n; i++)
        if (link_blob(layout, parts.list[i].digest, path, err) < 0)
            return -1;
    return 0;
}
