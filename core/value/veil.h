/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets whose values are known, blotted out of what is told: as they are, line by line, and in
 * base64. What looks like a secret by its form is the business of base/secret.h.
 */
#ifndef SLIP_VALUE_VEIL_H
#define SLIP_VALUE_VEIL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

struct slip_veil {
    struct slip_arena arena;
    struct {
        SLIP_VEC(struct slip_str);
    } secrets; /* longer ones first */
};

void slip_veil_clear(struct slip_veil *v);
SLIP_DEFINE_AUTO(slip_veil, slip_veil_clear);

/* Remember a secret. Lines of fewer than SLIP_VEIL_MIN bytes are too common to be blotted out, and
 * a value of more than SLIP_LIMIT_TEXT / 2 is no secret that anybody types. */
#define SLIP_VEIL_MIN 6
void slip_veil_add(struct slip_veil *v, struct slip_str value);

/* Append `text`, which may have several lines, with secrets replaced by "***". */
void slip_veil_apply(const struct slip_veil *v, struct slip_str text, struct slip_buf *out);

#endif
