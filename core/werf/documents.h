/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of a rendered werf.yaml (werf-config.md A.4); inside this room only. */
#ifndef SLIP_WERF_DOCUMENTS_H
#define SLIP_WERF_DOCUMENTS_H

#include "base/str.h"
#include "base/vec.h"

struct slip_document {
    struct slip_str text;
    unsigned first_line; /* in the rendered text, from 1 */
};

struct slip_documents {
    SLIP_VEC(struct slip_document);
};

/* Parts between separator lines that hold more than blanks and comments. */
void slip_documents_split(struct slip_str rendered, struct slip_documents *out);

#endif
