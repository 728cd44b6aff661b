/* SPDX-License-Identifier: Apache-2.0 */
/* Labels that are added to exported images: values of --add-label and of its variables. */
#ifndef SLIP_EXPORT_LABELS_H
#define SLIP_EXPORT_LABELS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

struct slip_label {
    struct slip_str key, value;
};

/* In the order in which they were given; of equal keys the last counts. All zeros is empty. */
struct slip_labels {
    SLIP_VEC(struct slip_label);
};

void slip_labels_clear(struct slip_labels *l);
SLIP_DEFINE_AUTO(slip_labels, slip_labels_clear);

/*
 * Add the pairs of one value: "key=value" pieces with `separator` between them. Nothing is trimmed.
 * A piece without "=" or with an empty key is an error, so a separator at an end is one too. The
 * labels point into `text`.
 */
SLIP_MUST_USE int slip_labels_parse(struct slip_str text, struct slip_str separator,
                                    struct slip_labels *out, struct slip_error *err);

/*
 * The same for all of a command: values of the environment first, in the order of their names, then
 * those of the command line. `env` is NULL-terminated "NAME=value"; `prefix` is
 * "WERF_EXPORT_ADD_LABEL_". Variables whose names begin with <prefix>SEPARATOR are left out.
 */
SLIP_MUST_USE int slip_labels_gather(const char *const *env, const char *prefix,
                                     const struct slip_str *values, size_t n,
                                     struct slip_str separator, struct slip_labels *out,
                                     struct slip_error *err);

#endif
