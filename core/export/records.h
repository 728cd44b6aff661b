/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that werf leaves in a stage repository: which stage it used for an image at a commit
 * (registry-export.md 1.1). We read them where a digest cannot be worked out offline; ask
 * slip_stages_keep for the prefix, then slip_stages_records.
 */
#ifndef SLIP_EXPORT_RECORDS_H
#define SLIP_EXPORT_RECORDS_H

#include "registry/reference.h"

/* Append "meta-<image>_": what follows in a record's tag is "<commit>_<tag of the stage>". */
void slip_record_prefix(struct slip_str image, struct slip_buf *out);

/* What a record says; parts of its tag. */
struct slip_record_text {
    struct slip_str commit, stage;
    struct slip_stage_tag parts; /* of `stage` */
};

/* False when `tag` does not begin with `prefix` or names no stage. */
bool slip_record_parse(struct slip_str tag, struct slip_str prefix, struct slip_record_text *out);

#endif
