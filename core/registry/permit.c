/* SPDX-License-Identifier: Apache-2.0 */
/* May we write there? */
#include "registry/permit.h"

#include "base/path.h"
#include "registry/http_store.h"

#include <errno.h>
#include <unistd.h>

struct question {
    struct slip_permit *item;
    struct slip_call call;
};

static void answered(void *payload, struct slip_call *c)
{
    struct question *q = payload;
    struct slip_http_store *store = slip_http_store_of(q->item->to);
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    if (c->err.kind != SLIP_OK || c->answer.status != 202)
        (void)slip_call_refused(c, &q->item->err);
    else if (slip_call_location(c, &url, &q->item->err) == 0)
        store->spare_upload = slip_buf_detach(&url);
    store->permitted = q->item->err.kind == SLIP_OK;
}

static void ask_registry(struct question *q)
{
    slip_http_store_call(slip_http_store_of(q->item->to), &q->call, "POST",
                         slip_strdup("blobs/uploads/"), slip_strdup("write there"));
    q->call.scope = SLIP_SCOPE_PUSH;
    q->call.done = answered;
    q->call.payload = q;
    slip_call_begin(&q->call);
}

/* A layout: the directory, or the nearest one above it that is there. */
static void ask_directory(const struct slip_registry *r, struct slip_permit *item)
{
    SLIP_AUTO_FREE char *wanted = slip_layout_path(r, &item->to->where);
    SLIP_AUTO_FREE char *path = slip_strdup(wanted);
    struct slip_str dir = slip_str_of(wanted);
    while (access(path, F_OK) < 0 && errno == ENOENT && dir.len > 0) {
        dir = slip_path_dir(dir);
        slip_free(path);
        path = dir.len ? slip_memdup(dir.ptr, dir.len) : slip_strdup(".");
    }
    if (access(path, W_OK) < 0)
        slip_fail(&item->err, SLIP_E_DENIED, "%s: cannot write there: %s: %s", item->to->name, path,
                  strerror(errno));
}

int slip_permits_ask(struct slip_registry *r, struct slip_permit *items, size_t n)
{
    struct question *questions = slip_alloc_array(n, sizeof(*questions));
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        questions[i] = (struct question){ .item = &items[i], .call = SLIP_CALL_INIT };
        if (items[i].to->where.kind != SLIP_STORE_REGISTRY)
            ask_directory(r, &items[i]);
        else if (!slip_http_store_of(items[i].to)->permitted)
            ask_registry(&questions[i]);
    }
    slip_http_run(r->http);
    for (size_t i = 0; i < n; i++) {
        slip_call_clear(&questions[i].call);
        if (items[i].err.kind != SLIP_OK)
            rc = -1;
    }
    slip_free(questions);
    return rc;
}

void slip_permits_refusal(const struct slip_permit *items, size_t n, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(sizeof(err->text));
    size_t refused = 0, last = 0;
    enum slip_kind kind = SLIP_OK;
    for (size_t i = 0; i < n; i++) {
        if (items[i].err.kind == SLIP_OK)
            continue;
        kind = refused++ ? slip_kind_worse(kind, items[i].err.kind) : items[i].err.kind;
        last = i;
        slip_buf_add_fmt(&text, "\n  %s", items[i].err.text);
        if (items[i].err.hint[0])
            slip_buf_add_fmt(&text, "\n    %s", items[i].err.hint);
    }
    if (refused == 1)
        *err = items[last].err;
    else if (refused > 1)
        slip_fail(err, kind, "%zu destinations cannot be written to:%s", refused, text.ptr);
}
