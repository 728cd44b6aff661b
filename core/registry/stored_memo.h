/* SPDX-License-Identifier: Apache-2.0 */
/* Images of one repository that were read before: many questions are about the same ones. */
#ifndef SLIP_REGISTRY_STORED_MEMO_H
#define SLIP_REGISTRY_STORED_MEMO_H

#include "registry/stored.h"

#define SLIP_STORED_MEMO_MAX                                                                       \
    (16u << 20) /* bytes of manifests and configs; then it only answers                            \
                 */

struct slip_stored_memo;
struct slip_stored_memo *slip_stored_memo_new(void);
void slip_stored_memo_free(struct slip_stored_memo *m); /* NULL is fine */

/* As slip_stored_read, but what was read before is not read again, and each identifier once.
 * Indexes come without their children. */
SLIP_MUST_USE int slip_stored_memo_read(struct slip_stored_memo *m, struct slip_store *store,
                                        struct slip_stored_get *items, size_t n);

#endif
