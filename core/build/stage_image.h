/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an image as it was built to a stage as werf knows it: labels, and a creation time that is
 * its own (registry-export.md 1.4, 1.7). Pure.
 */
#ifndef SLIP_BUILD_STAGE_IMAGE_H
#define SLIP_BUILD_STAGE_IMAGE_H

#include "build/engine.h"
#include "registry/store.h"

struct slip_stage_label {
    struct slip_str key, value;
};

/* What the labels of a stage say. */
struct slip_stage_facts {
    struct slip_str project;
    struct slip_str version; /* of this program */
    struct slip_str content_digest;
    struct slip_str commit;                      /* hex; empty for an imageSpec stage */
    struct slip_str parent_stage_id;             /* empty for a first stage */
    struct slip_str parent_config;               /* "sha256:..." of the parent; empty with it */
    const struct slip_str *dependency_stage_ids; /* of the images it imports from */
    size_t n_dependencies;
};

struct slip_stage_label_list {
    struct slip_arena arena;
    struct slip_stage_label *at;
    size_t len;
};
void slip_stage_label_list_clear(struct slip_stage_label_list *l);
SLIP_DEFINE_AUTO(slip_stage_label_list, slip_stage_label_list_clear);

/* The labels that go on a stage. They refer to `facts`. */
void slip_stage_labels(const struct slip_stage_facts *facts, struct slip_stage_label_list *out);

/* Append the config with these labels over its own and this creation time. Members that we do not
 * know stay. */
SLIP_MUST_USE int slip_stage_config(struct slip_str config, const struct slip_stage_label *labels,
                                    size_t n, int64_t created_ms, struct slip_buf *out,
                                    struct slip_error *err);

/* Append the manifest with another config; `config_digest` gets its digest. */
SLIP_MUST_USE int slip_stage_manifest(struct slip_str manifest, struct slip_str config,
                                      char config_digest[SLIP_DIGEST_LEN + 1], struct slip_buf *out,
                                      struct slip_error *err);

#endif
