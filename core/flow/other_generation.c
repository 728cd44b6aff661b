/* SPDX-License-Identifier: Apache-2.0 */
/* Whose stages are in a stage repository. */
#include "flow/other_generation.h"

struct finding {
    const struct slip_generation *ours;
    size_t others, own;
    char version[64]; /* of the newest other one */
};

static void judge(void *payload, const struct slip_config_info *config)
{
    struct finding *f = payload;
    struct slip_str version = slip_config_label(config, SLIP_LABEL_VERSION);
    if (slip_generation_made(f->ours, version)) {
        f->own++;
        return;
    }
    if (f->others++ == 0)
        for (size_t i = 0; i < version.len && i + 1 < sizeof(f->version); i++)
            f->version[i] = version.ptr[i] > ' ' && version.ptr[i] < 0x7F ? version.ptr[i] : '?';
}

void slip_tell_other_generation(struct slip_stages *s, const struct slip_generation *g,
                                const char *repository, const struct slip_watch *watch)
{
    struct finding f = { .ours = g };
    slip_stages_sample(s, judge, &f);
    if (f.others == 0 || f.own > 0)
        return;
    slip_watch_warn(watch, repository,
                    "the newest stages are those of werf %s, which has other digests than %s: none "
                    "of them is found, and every image is built once more. Release these images "
                    "with that werf, or keep the stages of both in repositories of their own",
                    f.version, g->name);
}
