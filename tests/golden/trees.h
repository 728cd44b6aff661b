/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of files, as the vectors of staged and stapel images describe them. */
#ifndef SLIP_TESTS_GOLDEN_TREES_H
#define SLIP_TESTS_GOLDEN_TREES_H

#include <jansson.h>

#include "base/buf.h"
#include "support/mem_tree.h"

/* What "{REGISTRY}" in these vectors stands for. */
#define GOLDEN_REGISTRY "127.0.0.1:5833"

/* `text` with the registry's address filled in: appended to `out`, and its content then. */
struct slip_str golden_fill_in(struct slip_str text, struct slip_buf *out);

/* Append the content of a file of a "tree", or where a link leads. */
void golden_add_content(json_t *file, struct slip_buf *out);

/* Add the files of a "tree" with their contents. */
void golden_add_tree(struct mem_tree *to, json_t *files);

#endif
