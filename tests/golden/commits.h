/* SPDX-License-Identifier: Apache-2.0 */
/* The commits of a vector in a real repository. */
#ifndef SLIP_TESTS_COMMITS_H
#define SLIP_TESTS_COMMITS_H

#include "golden/golden.h"

/* Make a bare repository in `dir` with the commits of `list` (id, parents, message, time, tree), as
 * refs/heads/<id>; bad when one gets another id. */
enum golden_result golden_make_commits(json_t *list, const char *dir, struct slip_buf *why);

#endif
