/* SPDX-License-Identifier: Apache-2.0 */
/* Which locks. */
#include "flow/stage_locks.h"

#include <inttypes.h>

#include "base/mem.h"
#include "build/layout_locks.h"
#include "build/record.h"
#include "lock/files.h"

#define SETTLE_MS 2000 /* until records of others can be seen, as werf waits */

int64_t slip_client_id_number(int64_t now_ms)
{
    return now_ms / 1000 * 1000 + now_ms;
}

/* ---- the id of the project at the lock server ---- */

struct smallest {
    struct slip_buf id; /* empty: none so far */
    int64_t number;
};

/* "client-id-<id>-<number>" */
static int take_record(void *payload, struct slip_str tag, struct slip_error *err)
{
    struct smallest *s = payload;
    struct slip_str id, digits;
    int64_t number;
    (void)err;
    if (!slip_str_rcut(slip_str_skip(tag, strlen(SLIP_CLIENT_ID_PREFIX)), '-', &id, &digits)
        || id.len == 0 || !slip_str_to_i64(digits, &number) || (s->id.len && number >= s->number))
        return 0;
    slip_buf_reset(&s->id);
    slip_buf_add_str(&s->id, id);
    s->number = number;
    return 0;
}

static int find_client_id(const struct slip_stage_locks *o, struct slip_buf *id,
                          struct slip_error *err)
{
    struct smallest found = { .id = SLIP_BUF(128) };
    int rc = slip_stages_records(o->stages, SLIP_CLIENT_ID_PREFIX, take_record, &found, err);
    slip_buf_move(id, &found.id);
    return rc;
}

/* Another builder may do the same at this moment: the smaller record counts for both. */
static int make_client_id(const struct slip_stage_locks *o, const struct slip_lock_server *server,
                          struct slip_buf *id, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) made = SLIP_BUF(128);
    if (slip_lock_server_new_client(server, &made, err) < 0)
        return -1;
    int64_t now = o->now_ms();
    SLIP_AUTO_FREE char *tag =
        slip_printf(SLIP_CLIENT_ID_PREFIX "%s-%" PRId64, made.ptr, slip_client_id_number(now));
    const struct slip_record record = { .registry = o->registry,
                                        .store = o->store,
                                        .watch = o->watch,
                                        .tag = tag,
                                        .project = o->project,
                                        .now_ms = now };
    if (slip_record_write(&record, err) < 0)
        return -1;
    o->wait_ms(SETTLE_MS);
    slip_stages_forget(o->stages);
    if (find_client_id(o, id, err) < 0)
        return -1;
    return id->len ? 0
                   : slip_fail(err, SLIP_E_TEMPORARY, "%s:%s was written but is not listed",
                               o->store->name, tag);
}

/* ---- the kinds ---- */

static int open_files(const struct slip_stage_locks *o, struct slip_locks **out,
                      struct slip_error *err)
{
    if (!o->settings->werf_home) {
        slip_fail(err, SLIP_E_USAGE, "--synchronization :local: there is no home directory");
        return slip_hint(err, "set WERF_HOME to the directory of werf (usually ~/.werf)");
    }
    SLIP_AUTO_FREE char *dir = slip_printf("%s/service/locks", o->settings->werf_home);
    *out = slip_file_locks_new(dir, o->watch);
    return 0;
}

static int open_server(const struct slip_stage_locks *o, bool implied, struct slip_buf *id,
                       struct slip_locks **out, struct slip_error *err)
{
    const struct slip_lock_server server = { .url = implied ? SLIP_LOCK_SERVER_OF_WERF
                                                            : o->settings->synchronization,
                                             .http = &o->settings->http,
                                             .trust = &o->settings->trust,
                                             .watch = o->watch };
    if (implied)
        slip_watch_step(
            o->watch, o->store->name,
            "a record of werf is there, so builders lock at %s, which hears the project's "
            "name and digests (not so: --synchronization none)",
            server.url);
    if (id->len == 0 && make_client_id(o, &server, id, err) < 0)
        return -1;
    *out = slip_server_locks_new(&server, id->ptr);
    (*out)->optional = implied;
    return 0;
}

static int refuse_kubernetes(const struct slip_stage_locks *o, struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              "--synchronization %.200s: locks in Kubernetes are not supported, and building "
              "without them could collide with werf",
              o->settings->synchronization);
    return slip_hint(err, "build with werf, then run this with --require-built-images; or lock "
                          "with a server in both: --synchronization https://HOST");
}

static int open_kind(const struct slip_stage_locks *o, struct slip_locks **out,
                     struct slip_error *err)
{
    SLIP_AUTO(slip_buf) id = SLIP_BUF(128);
    enum slip_lock_kind said;
    if (slip_lock_kind_parse(o->settings->synchronization, &said, err) < 0)
        return -1;
    if ((said == SLIP_LOCK_UNSAID || said == SLIP_LOCK_SERVER) && find_client_id(o, &id, err) < 0)
        return -1;
    switch (slip_lock_kind_of_repository(said, id.len > 0)) {
    case SLIP_LOCK_UNSAID:
    case SLIP_LOCK_NONE:
        return 0;
    case SLIP_LOCK_FILES:
        return open_files(o, out, err);
    case SLIP_LOCK_SERVER:
        return open_server(o, said == SLIP_LOCK_UNSAID, &id, out, err);
    case SLIP_LOCK_KUBERNETES:
        return refuse_kubernetes(o, err);
    }
    return 0;
}

int slip_stage_locks_open(const struct slip_stage_locks *o, struct slip_locks **out,
                          struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_locks) locks = NULL;
    if (open_kind(o, &locks, err) < 0)
        return slip_while(err, "locks");
    if (o->store->where.kind == SLIP_STORE_LAYOUT)
        locks = slip_layout_locks_new(o->store, locks, o->watch);
    *out = slip_take(locks);
    return 0;
}
