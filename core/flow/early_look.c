/* SPDX-License-Identifier: Apache-2.0 */
/* Names are looked at while stages are looked for. */
#include "flow/early_look.h"

#include "base/clock.h"
#include "base/mem.h"

#define NAMES_MAX 16
#define FRESH_MS 10000

static void forget_names(struct slip_early_look *e)
{
    slip_heads_free(e->running);
    e->running = NULL;
    for (size_t i = 0; i < e->heads.len; i++)
        slip_free((char *)e->heads.at[i].identifier);
    slip_vec_clear(&e->heads);
}

void slip_early_look_clear(struct slip_early_look *e)
{
    forget_names(e);
    for (size_t i = 0; i < e->stores.len; i++)
        slip_store_free(e->stores.at[i]);
    slip_vec_clear(&e->stores);
}

static int find_store(struct slip_early_look *e, struct slip_registry *r,
                      const struct slip_reference *to, struct slip_store **out,
                      struct slip_error *err)
{
    for (size_t i = 0; i < e->stores.len; i++)
        if (slip_reference_same_repository(&e->stores.at[i]->where, to)) {
            *out = e->stores.at[i];
            return 0;
        }
    if (slip_store_open(r, to, out, err) < 0)
        return -1;
    slip_vec_push(&e->stores, *out);
    return 0;
}

int slip_early_look_add(struct slip_early_look *e, struct slip_registry *r,
                        const struct slip_reference *to, struct slip_error *err)
{
    struct slip_manifest_head head = { 0 };
    if (to->kind != SLIP_STORE_REGISTRY || to->is_digest || e->heads.len > NAMES_MAX)
        return 0;
    if (find_store(e, r, to, &head.store, err) < 0)
        return -1;
    for (size_t i = 0; i < e->heads.len; i++)
        if (e->heads.at[i].store == head.store
            && strcmp(e->heads.at[i].identifier, to->identifier) == 0)
            return 0;
    head.identifier = slip_strdup(to->identifier);
    slip_vec_push(&e->heads, head);
    return 0;
}

void slip_early_look_begin(struct slip_early_look *e)
{
    if (e->heads.len > NAMES_MAX)
        forget_names(e);
    if (e->heads.len)
        e->running = slip_heads_begin(e->heads.at, e->heads.len);
    e->begun_at = slip_clock_ms();
}

/* A host that does not answer is not asked once more. */
static void forget_answers(struct slip_early_look *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->heads.len; i++)
        if (e->heads.at[i].err.kind)
            e->heads.at[n++] = e->heads.at[i];
        else
            slip_free((char *)e->heads.at[i].identifier);
    e->heads.len = n;
}

void slip_early_look_end(struct slip_early_look *e)
{
    if (!e->running)
        return;
    slip_heads_wait(e->running);
    slip_heads_free(e->running);
    e->running = NULL;
    if (slip_clock_ms() - e->begun_at > FRESH_MS)
        forget_answers(e);
}
