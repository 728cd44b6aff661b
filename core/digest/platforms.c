/* SPDX-License-Identifier: Apache-2.0 */
/* Which platforms an image is made for. */
#include "digest/digest.h"
#include "dockerfile/platform.h"

static int add_platform(struct slip_str text, const struct slip_platform *host,
                        struct slip_platforms *out, struct slip_error *err)
{
    struct slip_platform p;
    char name[3 * SLIP_PLATFORM_MAX + 3];
    if (slip_platform_normalize(text, host, &p, err) < 0)
        return -1;
    slip_platform_print(&p, name);
    for (size_t i = 0; i < out->len; i++)
        if (strcmp(out->at[i], name) == 0)
            return 0;
    slip_vec_push(out, slip_strdup(name));
    return 0;
}

/* A flag or variable may hold a comma list, an item of werf.yaml may not. */
static int add_flag(const char *flag, const struct slip_platform *host, struct slip_platforms *out,
                    struct slip_error *err)
{
    struct slip_str rest = slip_str_of(flag), one;
    for (bool more = true; more;) {
        more = slip_str_cut(rest, ',', &one, &rest);
        if (add_platform(one, host, out, err) < 0) {
            err->kind = SLIP_E_USAGE;
            return slip_while(err, "--platform");
        }
    }
    return 0;
}

int slip_image_platforms(const struct slip_image *image, const char *const *flags, size_t n_flags,
                         const char *host_text, struct slip_platforms *out, struct slip_error *err)
{
    struct slip_platform host, none = { "", "", "" };
    SLIP_AUTO(slip_platforms) found = { 0 };
    if (!host_text)
        slip_platform_host(&host);
    else if (slip_platform_parse(slip_str_of(host_text), &none, &host, err) < 0)
        return -1;
    for (size_t i = 0; i < n_flags; i++)
        if (add_flag(flags[i], &host, &found, err) < 0)
            return -1;
    for (size_t i = 0; n_flags == 0 && i < image->platforms.len; i++)
        if (add_platform(image->platforms.at[i], &host, &found, err) < 0)
            return slip_while(err, "image '%.*s'", SLIP_ARG(image->name));
    if (found.len == 0) {
        char name[3 * SLIP_PLATFORM_MAX + 3];
        slip_platform_print(&host, name);
        slip_vec_push(&found, slip_strdup(name)); /* not normalised, as in werf */
    }
    *out = found;
    found = (struct slip_platforms){ 0 };
    return 0;
}

void slip_platforms_clear(struct slip_platforms *p)
{
    for (size_t i = 0; i < p->len; i++)
        slip_free(p->at[i]);
    slip_vec_clear(p);
}
