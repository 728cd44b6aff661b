/* SPDX-License-Identifier: Apache-2.0 */
/* Config and manifest of a stage. */
#include "build/stage_image.h"

#include <stdio.h>
#include <time.h>

#include "build/edit.h"
#include "hash/hash.h"
#include "registry/stages.h"
#include "value/json.h"

void slip_stage_label_list_clear(struct slip_stage_label_list *l)
{
    slip_arena_clear(&l->arena);
    l->at = NULL;
    l->len = 0;
}

static void add_label(struct slip_stage_label_list *l, const char *key, struct slip_str value)
{
    if (value.len)
        l->at[l->len++] = (struct slip_stage_label){ slip_str_of(key), value };
}

/* werf finds what a stage was made from by these when it cleans up. */
static void add_dependency(struct slip_stage_label_list *l, struct slip_str stage_id)
{
    char hash[SLIP_SHA256_HEX + 1];
    slip_hash_hex(SLIP_HASH_SHA256, stage_id, hash);
    add_label(l, slip_arena_printf(&l->arena, "werf-dependency-stage-id-%s", hash), stage_id);
}

void slip_stage_labels(const struct slip_stage_facts *f, struct slip_stage_label_list *out)
{
    slip_stage_label_list_clear(out);
    out->at = slip_arena_array(&out->arena, 6 + f->n_dependencies, sizeof(*out->at));
    add_label(out, "werf", f->project);
    add_label(out, SLIP_LABEL_VERSION, f->version);
    add_label(out, SLIP_LABEL_CONTENT_DIGEST, f->content_digest);
    add_label(out, "werf-project-repo-commit", f->commit);
    add_label(out, "werf.io/parent-stage-id", f->parent_stage_id);
    add_label(out, "werf.io/base-image-id", f->parent_config);
    for (size_t i = 0; i < f->n_dependencies; i++)
        add_dependency(out, f->dependency_stage_ids[i]);
}

/* "2026-11-25T16:43:24.123Z" */
static struct slip_str print_time(struct slip_doc *d, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    return slip_str_of(slip_arena_printf(&d->arena, "%s.%03dZ", text, (int)(ms % 1000)));
}

int slip_stage_config(struct slip_str config, const struct slip_stage_label *labels, size_t n,
                      int64_t created_ms, struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(slip_doc) d = { 0 };
    struct slip_value *inner, *map;
    if (slip_edit_read(config, "the image's config", &d, err) < 0
        || slip_edit_map_at(&d, d.root, "config", &inner, err) < 0
        || slip_edit_map_at(&d, inner, "Labels", &map, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        slip_edit_set(&d, map, labels[i].key, slip_edit_string(&d, labels[i].value));
    slip_edit_set(&d, d.root, SLIP_STR("created"),
                  slip_edit_string(&d, print_time(&d, created_ms)));
    return slip_json_write(d.root, 0, out, err);
}

int slip_stage_manifest(struct slip_str manifest, struct slip_str config,
                        char config_digest[SLIP_DIGEST_LEN + 1], struct slip_buf *out,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_doc) d = { 0 };
    struct slip_value *descriptor;
    if (slip_edit_read(manifest, "the image's manifest", &d, err) < 0
        || slip_edit_map_at(&d, d.root, "config", &descriptor, err) < 0)
        return -1;
    slip_digest_of(config, config_digest);
    slip_edit_set(&d, descriptor, SLIP_STR("digest"),
                  slip_edit_string(&d, slip_str_of(config_digest)));
    slip_edit_set(&d, descriptor, SLIP_STR("size"), slip_edit_int(&d, (int64_t)config.len));
    slip_edit_remove(descriptor, SLIP_STR("data"));
    return slip_json_write(d.root, 0, out, err);
}
