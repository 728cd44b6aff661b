/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config and a manifest (or an index), with a NUL between them: rewritten, and what comes out is
 * not changed by rewriting it once more.
 */
#include "fuzz/fuzz.h"

#include "export/rewrite.h"
#include "registry/media.h"

static bool rewrite(struct slip_str config, struct slip_str manifest, const char *type,
                    struct slip_content *out)
{
    SLIP_AUTO(slip_stored) s = { 0 };
    struct slip_error err = { 0 };
    const struct slip_rewrite how = { 0 };
    snprintf(s.media_type, sizeof(s.media_type), "%s", type);
    slip_buf_init(&s.manifest, SIZE_MAX);
    slip_buf_init(&s.config, SIZE_MAX);
    slip_buf_add_str(&s.manifest, manifest);
    slip_buf_add_str(&s.config, config);
    return slip_rewrite(&s, &how, out, &err) == 0;
}

static void pass_twice(struct slip_str config, struct slip_str manifest, const char *type)
{
    SLIP_AUTO(slip_content) once = { 0 };
    SLIP_AUTO(slip_content) twice = { 0 };
    if (!rewrite(config, manifest, type, &once))
        return;
    if (!rewrite(once.config, once.manifest, once.media_type, &twice)
        || strcmp(once.digest, twice.digest) != 0 || !slip_str_eq(once.config, twice.config))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str config, manifest;
    slip_str_cut(slip_str_make((const char *)data, size), '\0', &config, &manifest);
    pass_twice(config, manifest, SLIP_MEDIA_OCI_MANIFEST);
    pass_twice(config, manifest, SLIP_MEDIA_DOCKER_LIST);
    return 0;
}
