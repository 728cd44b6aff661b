/* SPDX-License-Identifier: Apache-2.0 */
/* The table of engines, among them the one that says no. */
#include "build/engine.h"

#include "base/mem.h"
#include "base/temp_dir.h"

static int refuse(const struct slip_build_host *host, const struct slip_build_request *request,
                  struct slip_built *out, struct slip_error *err)
{
    (void)host;
    (void)out;
    return slip_fail(err, SLIP_E_NOT_BUILT, "image '%s' is not built, and building is not allowed",
                     request->subject);
}

static const struct slip_engine slip_engine_none = {
    .name = "none",
    .summary = "never builds: an image that is not there is an error",
    .refuses = true,
    .build = refuse,
};

static const struct slip_engine *const engines[] = { &slip_engine_buildah, &slip_engine_none };

const struct slip_engine *slip_engine_find(const char *name)
{
    for (size_t i = 0; i < SLIP_COUNT(engines); i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}

const struct slip_engine *slip_engine_next(const struct slip_engine *e)
{
    if (!e)
        return engines[0];
    for (size_t i = 0; i + 1 < SLIP_COUNT(engines); i++)
        if (engines[i] == e)
            return engines[i + 1];
    return NULL;
}

int slip_engine_build(const struct slip_engine *engine, const struct slip_build_host *host,
                      const struct slip_build_request *request, struct slip_built *out,
                      struct slip_error *err)
{
    return engine->build(host, request, out, err);
}

void slip_built_clear(struct slip_built *b)
{
    slip_temp_dir_remove(slip_take(b->dir));
    slip_free(b->layout);
    slip_buf_clear(&b->manifest);
    slip_buf_clear(&b->config);
    b->layout = NULL;
    b->media_type[0] = '\0';
}
