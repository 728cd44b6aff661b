/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a manifest. */
#include "registry/referrers.h"

#include "base/limits.h"
#include "base/mem.h"
#include "registry/http_store.h"
#include "registry/media.h"
#include "value/json.h"

struct slip_referrers {
    struct slip_http_store *store;
    const char *const *digests;
    size_t n;
    bool *found;
    struct slip_call *calls;
};

/* {"manifests": [...]}: is there one? */
static bool lists_some(struct slip_str body)
{
    SLIP_AUTO(slip_doc) doc = { 0 };
    struct slip_error ignored = { 0 };
    if (slip_json_read(body, NULL, 0, &doc, &ignored) < 0)
        return false;
    const struct slip_value *list = slip_value_get(doc.root, "manifests");
    return list && list->type == SLIP_VALUE_LIST && list->len > 0;
}

static void ask(struct slip_referrers *r, size_t i);

static void answered(void *payload, struct slip_call *c)
{
    struct slip_referrers *r = payload;
    size_t i = (size_t)(c - r->calls);
    bool has_list = c->err.kind == SLIP_OK && c->answer.status == 200;
    r->found[i] = has_list && lists_some(slip_buf_str(&c->answer.body));
    if (i > 0)
        return;
    r->store->repo.host->no_referrers = !has_list;
    for (size_t k = 1; has_list && k < r->n; k++)
        ask(r, k);
}

static void ask(struct slip_referrers *r, size_t i)
{
    struct slip_call *c = &r->calls[i];
    slip_http_store_call(r->store, c, "GET", slip_printf("referrers/%s", r->digests[i]),
                         slip_printf("ask what hangs on '%s'", r->digests[i]));
    c->accept = SLIP_MEDIA_OCI_INDEX;
    c->answer_limit = SLIP_LIMIT_MANIFEST;
    c->attempts = 1;
    c->done = answered;
    c->payload = r;
    slip_call_begin(c);
}

struct slip_referrers *slip_referrers_begin(struct slip_store *from, const char *const *digests,
                                            size_t n)
{
    if (n == 0 || from->where.kind != SLIP_STORE_REGISTRY
        || slip_http_store_of(from)->repo.host->no_referrers)
        return NULL;
    struct slip_referrers *r = slip_new(struct slip_referrers);
    r->store = slip_http_store_of(from);
    r->digests = digests;
    r->n = n;
    r->found = slip_alloc_array(n, sizeof(*r->found));
    r->calls = slip_alloc_array(n, sizeof(*r->calls));
    for (size_t i = 0; i < n; i++)
        r->calls[i] = (struct slip_call)SLIP_CALL_INIT;
    ask(r, 0);
    return r;
}

bool slip_referrers_found(const struct slip_referrers *r, const char *digest)
{
    for (size_t i = 0; r && i < r->n; i++)
        if (r->found[i] && strcmp(r->digests[i], digest) == 0)
            return true;
    return false;
}

void slip_referrers_free(struct slip_referrers *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++)
        slip_call_clear(&r->calls[i]);
    slip_free(r->calls);
    slip_free(r->found);
    slip_free(r);
}
