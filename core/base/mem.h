/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory. These never return NULL: a process that runs out of memory prints one line and exits.
 * That is only safe together with limits on everything that comes from outside (base/limits.h).
 */
#ifndef SLIP_BASE_MEM_H
#define SLIP_BASE_MEM_H

#include "base/macro.h"

/* `size` zeroed bytes; `n * size` with an overflow check. */
void *slip_alloc(size_t size);
void *slip_alloc_array(size_t n, size_t size);

/* Grow or shrink; new bytes are not zeroed. `p` may be NULL. */
void *slip_realloc_array(void *p, size_t n, size_t size);

char *slip_strdup(const char *s);
char *slip_memdup(const void *p, size_t len); /* NUL-terminated copy of `len` bytes */
char *slip_printf(const char *fmt, ...) SLIP_PRINTF(1, 2);

void slip_free(void *p); /* NULL is fine */

/* Prints the line and ends the process: for a library that could not get memory of its own. */
SLIP_NORETURN void slip_out_of_memory(void);

/* Wipe before forgetting: not optimised away. */
void slip_wipe(void *p, size_t len);

#define slip_new(type) ((type *)slip_alloc(sizeof(type)))

static inline SLIP_UNUSED void slip_free_auto(void *p)
{
    slip_free(*(void **)p);
}

/* A local pointer from the functions above that is freed at the end of its scope. */
#define SLIP_AUTO_FREE __attribute__((cleanup(slip_free_auto)))

#endif
