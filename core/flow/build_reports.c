/* SPDX-License-Identifier: Apache-2.0 */
/* Between build reports and stages. */
#include "flow/build_reports.h"

#include "base/mem.h"

/* ---- from a report ---- */

/* What is read for one image. */
struct wish {
    const struct slip_build_image *record;
    struct slip_resolved *resolved;
    struct slip_store *store;
};

static int find_record(const struct slip_image *image, const struct slip_build_report *report,
                       const char *path, const struct slip_build_image **out,
                       struct slip_error *err)
{
    SLIP_AUTO_FREE char *name = slip_memdup(image->name.ptr, image->name.len);
    const struct slip_build_image *record = slip_build_report_find(report, name);
    struct slip_stage_tag tag;
    if (!record) {
        slip_fail(err, SLIP_E_NOT_BUILT, "image '%s' is not in the build report %s", name, path);
        return slip_hint(err, "name the images that are in it, or build again with a report");
    }
    if (!record->final)
        return slip_fail(err, SLIP_E_NOT_BUILT, "image '%s' is not final in the build report %s",
                         name, path);
    if (strlen(record->tag) > SLIP_STAGE_DIGEST_LEN + 1 + 20
        || !slip_stage_tag_parse(slip_str_of(record->tag), &tag))
        return slip_fail(err, SLIP_E_USAGE,
                         "build report %s: image '%s': DockerTag '%.100s' is no content-based tag",
                         path, name, record->tag);
    *out = record;
    return 0;
}

/* One store for each repository. */
static int open_store(struct slip_registry *registry, const char *repository,
                      struct slip_resolution *r, struct slip_store **out, struct slip_error *err)
{
    SLIP_AUTO(slip_reference) where = { 0 };
    if (slip_repository_parse(slip_str_of(repository), &where, err) < 0)
        return -1;
    for (size_t i = 0; i < r->stores.len; i++)
        if (slip_reference_same_repository(&r->stores.at[i]->where, &where)) {
            *out = r->stores.at[i];
            return 0;
        }
    if (slip_store_open(registry, &where, out, err) < 0)
        return -1;
    slip_vec_push(&r->stores, *out);
    return 0;
}

static const char *identifier_of(const struct slip_build_image *record)
{
    return record->digest[0] ? record->digest : record->tag;
}

static int take(struct wish *w, struct slip_stored_get *got, const char *path,
                struct slip_error *err)
{
    struct slip_resolved_platform *p = w->resolved->at;
    if (got->err.kind) {
        *err = got->err;
        if (err->kind == SLIP_E_NOT_BUILT)
            slip_hint(err, "it was built, and is gone since then: build again");
        return slip_while(err, "build report %s: image '%s'", path, w->record->name);
    }
    p->stage.stored = got->source;
    got->source = (struct slip_stored){ 0 };
    p->found = w->resolved->complete = true;
    snprintf(p->stage.tag, sizeof(p->stage.tag), "%s", w->record->tag);
    return 0;
}

/* Read what is in one repository, all at once. */
static int read_store(struct slip_store *store, struct wish *wishes, size_t n, const char *path,
                      struct slip_error *err)
{
    SLIP_AUTO_FREE struct slip_stored_get *reads = slip_alloc_array(n + 1, sizeof(*reads));
    SLIP_AUTO_FREE struct wish **of = slip_alloc_array(n + 1, sizeof(*of));
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (wishes[i].store != store)
            continue;
        of[m] = &wishes[i];
        reads[m++].identifier = identifier_of(wishes[i].record);
    }
    (void)!slip_stored_read(store, reads, m); /* judged one by one */
    int rc = 0;
    for (size_t i = 0; i < m; i++) {
        if (rc == 0)
            rc = take(of[i], &reads[i], path, err);
        slip_stored_clear(&reads[i].source);
    }
    return rc;
}

int slip_resolve_report(const struct slip_project *p, const bool *wanted,
                        const struct slip_build_report *report, const char *path,
                        struct slip_registry *registry, struct slip_resolution *out,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_resolution) r = { 0 };
    SLIP_AUTO_FREE struct wish *wishes = slip_alloc_array(p->set.len + 1, sizeof(*wishes));
    r.at = slip_alloc_array(p->set.len + 1, sizeof(*r.at));
    for (size_t i = 0; i < p->set.len; i++) {
        if (!wanted[i])
            continue;
        struct slip_resolved *resolved = &r.at[r.len];
        struct wish *w = &wishes[r.len];
        if (find_record(&p->set.at[i], report, path, &w->record, err) < 0)
            return -1;
        r.len++;
        *resolved = (struct slip_resolved){
            .image = i, .wanted = true, .len = 1, .at = slip_new(struct slip_resolved_platform)
        };
        resolved->at->name = slip_strdup(w->record->platform);
        w->resolved = resolved;
        if (open_store(registry, w->record->repo, &r, &w->store, err) < 0)
            return slip_while(err, "build report %s: image '%s'", path, w->record->name);
        resolved->store = w->store;
    }
    for (size_t i = 0; i < r.stores.len; i++)
        if (read_store(r.stores.at[i], wishes, r.len, path, err) < 0)
            return -1;
    *out = r;
    r = (struct slip_resolution){ 0 };
    return 0;
}

/* ---- into a report ---- */

struct making {
    const struct slip_project *project;
    const struct slip_resolved *resolved;
    struct slip_arena *arena;
    bool several; /* platforms */
};

static const char *kind_of(const struct slip_image *image)
{
    static const char *const kinds[] = {
        [SLIP_IMAGE_DOCKERFILE] = "dockerfile",
        [SLIP_IMAGE_STAGED] = "staged",
        [SLIP_IMAGE_STAPEL] = "stapel",
        [SLIP_IMAGE_ARTIFACT] = "stapel",
    };
    return kinds[image->kind];
}

static const char *label(const struct making *m, const struct slip_stage *stage, const char *key)
{
    struct slip_str value = slip_config_label(&stage->config, key);
    return value.ptr ? slip_arena_strdup(m->arena, value) : "";
}

/* The sum of the layers, as werf has it. */
static int64_t size_of(const struct slip_stored *stored)
{
    SLIP_AUTO(slip_parts) parts = { 0 };
    struct slip_error none = { 0 };
    int64_t size = 0;
    if (slip_parts_read(slip_str_of(stored->media_type), slip_buf_str(&stored->manifest), &parts,
                        &none)
        < 0)
        return 0;
    for (size_t i = 0; i < parts.n; i++)
        size += parts.list[i].size;
    return size;
}

static const char *full_name(const struct making *m, const char *tag)
{
    return slip_arena_printf(m->arena, "%s:%s", m->resolved->store->name, tag);
}

static const char *stage_name(const struct making *m, const struct slip_resolved_platform *p,
                              size_t i)
{
    const char *name = p->digest.stages[i].name;
    return m->several ? slip_arena_printf(m->arena, "%s (%s)", name, p->name) : name;
}

/* The stage before the last is known by what the last one says of it. */
static size_t add_stages(const struct making *m, const struct slip_resolved_platform *p,
                         const struct slip_stored *stored, struct slip_build_stage *out)
{
    size_t n = 0, last = p->digest.n_stages - 1;
    const char *parent = label(m, &p->stage, "werf.io/parent-stage-id");
    if (last > 0 && parent[0])
        out[n++] =
            (struct slip_build_stage){ .name = stage_name(m, p, last - 1),
                                       .image_name = full_name(m, parent),
                                       .tag = parent,
                                       .image_id = label(m, &p->stage, "werf.io/base-image-id"),
                                       .build_time = "0.00" };
    out[n++] = (struct slip_build_stage){
        .name = stage_name(m, p, last),
        .image_name = full_name(m, p->stage.tag),
        .tag = slip_arena_strdup(m->arena, slip_str_of(p->stage.tag)),
        .image_id = slip_arena_strdup(m->arena, slip_str_of(p->stage.config_digest)),
        .digest = slip_arena_strdup(m->arena, slip_str_of(stored->digest)),
        .created_ns = p->stage.created_ms * 1000000,
        .size = size_of(stored),
        .rebuilt = p->built,
        .build_time = "0.00",
        .commit = label(m, &p->stage, "werf-project-repo-commit")
    };
    return n;
}

static void add_image(const struct making *m, const struct slip_stored *index,
                      struct slip_build_report *out)
{
    const struct slip_resolved *r = m->resolved;
    const struct slip_image *image = &m->project->set.at[r->image];
    const struct slip_stored *stored = m->several ? index : &r->at[0].stage.stored;
    struct slip_build_stage *stages = slip_arena_array(m->arena, 2 * r->len, sizeof(*stages));
    struct slip_build_image record = {
        .name = slip_arena_strdup(m->arena, image->name),
        .config_type = m->several ? "" : kind_of(image),
        .repo = slip_arena_strdup(m->arena, slip_str_of(r->store->name)),
        .tag = slip_arena_strdup(m->arena, slip_str_of(slip_resolved_tag(r))),
        .image_name = full_name(m, slip_resolved_tag(r)),
        .digest = slip_arena_strdup(m->arena, slip_str_of(stored->digest)),
        .platform = m->several ? "" : slip_arena_strdup(m->arena, slip_str_of(r->at[0].name)),
        .final = image->final,
        .build_time = "0.00",
        .stages = stages,
    };
    record.image_id = m->several
                          ? record.digest
                          : slip_arena_strdup(m->arena, slip_str_of(r->at[0].stage.config_digest));
    for (size_t i = 0; i < r->len; i++) {
        record.n_stages += add_stages(m, &r->at[i], m->several ? &index->children[i] : stored,
                                      stages + record.n_stages);
        record.rebuilt |= r->at[i].built;
    }
    const struct slip_build_stage *last = &stages[record.n_stages - 1];
    record.size = m->several ? 0 : last->size;
    record.commit = m->several ? "" : last->commit;
    slip_vec_push(&out->images, record);
}

void slip_report_of_resolution(const struct slip_project *p, const struct slip_resolution *r,
                               const struct slip_stored *indexes, const char *backend,
                               struct slip_build_report *out)
{
    slip_build_report_clear(out);
    out->backend = backend;
    for (size_t i = 0; i < r->len; i++) {
        const struct making m = {
            .project = p, .resolved = &r->at[i], .arena = &out->arena, .several = r->at[i].len > 1
        };
        if (r->at[i].complete && (!m.several || indexes[i].n_children))
            add_image(&m, &indexes[i], out);
    }
}
