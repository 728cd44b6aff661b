/* SPDX-License-Identifier: Apache-2.0 */
/* Target platforms, "os/architecture[/variant]" (dockerfile-digest.md 2.5 and 3.6). */
#ifndef SLIP_DOCKERFILE_PLATFORM_H
#define SLIP_DOCKERFILE_PLATFORM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"

#define SLIP_PLATFORM_MAX 128 /* bytes of a platform string, without NUL */

struct slip_platform {
    char os[SLIP_PLATFORM_MAX + 1];
    char arch[SLIP_PLATFORM_MAX + 1];
    char variant[SLIP_PLATFORM_MAX + 1]; /* "" when there is none */
};

/* The platform this program runs on. */
void slip_platform_host(struct slip_platform *out);

/* Read a specifier as containerd does: linux/arm64/v8 keeps its v8, linux/arm has no variant.
 * `host` gives the half that a one-word specifier leaves out. */
SLIP_MUST_USE int slip_platform_parse(struct slip_str text, const struct slip_platform *host,
                                      struct slip_platform *out, struct slip_error *err);

/* The same, then normalised: linux/arm64/v8 loses its v8, linux/arm becomes linux/arm/v7; `local`
 * is the host. What --platform and werf.yaml values go through. */
SLIP_MUST_USE int slip_platform_normalize(struct slip_str text, const struct slip_platform *host,
                                          struct slip_platform *out, struct slip_error *err);

/* "os/arch" or "os/arch/variant"; `out` has room for every platform that parsed. */
void slip_platform_print(const struct slip_platform *p, char out[3 * SLIP_PLATFORM_MAX + 3]);

/* Set the variables that a Dockerfile has of a platform, `prefix` (BUILD, TARGET) with PLATFORM,
 * OS, ARCH and VARIANT; values of `map` are struct slip_str in the arena. */
void slip_platform_variables(const struct slip_platform *p, const char *prefix,
                             struct slip_arena *a, struct slip_map *map);

#endif
