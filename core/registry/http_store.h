/* SPDX-License-Identifier: Apache-2.0 */
/* A repository in a registry over HTTP: inside for registry/copy.c and its like. */
#ifndef SLIP_REGISTRY_HTTP_STORE_H
#define SLIP_REGISTRY_HTTP_STORE_H

#include "registry/session.h"

struct slip_http_store {
    struct slip_store base;
    struct slip_repo repo;
    char *spare_upload; /* opened to see whether we may; for the first blob, or NULL */
    bool permitted;     /* the registry let us open one */
};

/* Only for a store whose `where.kind` is SLIP_STORE_REGISTRY. */
static inline struct slip_http_store *slip_http_store_of(struct slip_store *s)
{
    return (struct slip_http_store *)s;
}

/* Fill in a fresh call to "/v2/PATH/<rest>"; `rest` and `what` become the call's. */
void slip_http_store_call(struct slip_http_store *s, struct slip_call *c, const char *method,
                          char *rest, char *what);

/* Tell the registry that an upload is not needed, whatever it says. `location` becomes ours; the
 * request runs with the next ones. */
void slip_http_store_abandon(struct slip_http_store *s, char *location);

/* The listing, in http_tags.c. */
int slip_http_list_tags(struct slip_store *s, slip_tag_fn *fn, void *payload,
                        struct slip_error *err);

#endif
