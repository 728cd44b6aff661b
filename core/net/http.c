/* SPDX-License-Identifier: Apache-2.0 */
/* What all transports share. */
#include "net/http.h"

#include <strings.h>

void slip_http_free(struct slip_http *t)
{
    if (t)
        t->ops->free(t);
}

struct slip_str slip_http_header(const struct slip_http_answer *a, const char *name, size_t n)
{
    struct slip_str rest = slip_buf_str(&a->header), line;
    size_t len = strlen(name);
    while (slip_str_line(&rest, &line)) {
        struct slip_str key, value;
        if (!slip_str_cut(line, ':', &key, &value) || key.len != len
            || strncasecmp(key.ptr, name, len) != 0)
            continue;
        if (n-- == 0)
            return slip_str_trim(value);
    }
    return (struct slip_str){ 0 };
}
