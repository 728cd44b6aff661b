/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that allocates, and the only one that may end the process. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void slip_out_of_memory(void)
{
    static const char line[] = "slipway: error: out of memory\n";
    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        _exit(1);
    _exit(1);
}

void *slip_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        slip_out_of_memory();
    return p;
}

void *slip_alloc_array(size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        slip_out_of_memory();
    return slip_alloc(total);
}

void *slip_realloc_array(void *p, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        slip_out_of_memory();
    void *grown = realloc(p, total ? total : 1);
    if (!grown)
        slip_out_of_memory();
    return grown;
}

char *slip_memdup(const void *p, size_t len)
{
    char *copy = slip_alloc(len + 1);
    if (len)
        memcpy(copy, p, len);
    return copy;
}

char *slip_strdup(const char *s)
{
    return slip_memdup(s, strlen(s));
}

char *slip_printf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = slip_alloc(len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

void slip_free(void *p)
{
    free(p);
}

void slip_wipe(void *p, size_t len)
{
    if (p && len)
        explicit_bzero(p, len);
}
