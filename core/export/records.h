/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that werf leaves in a stage repository: which stage it used for an image at a commit
 * (registry-export.md 1.1). We read them where a digest cannot be worked out offline; ask
 * slip_stages_keep for the prefix, then slip_stages_records.
 */
#ifndef SLIP_EXPORT_RECORDS_H
#define SLIP_EXPORT_RECORDS_H

#include "base/buf.h"

/* Append "meta-<image>_<commit>_": what follows in a record's tag is the tag of the stage. */
void slip_record_prefix(struct slip_str image, struct slip_str commit, struct slip_buf *out);

/* The stage that a record names: a part of `tag`. Empty when the tag does not begin with `prefix`
 * or names no stage. */
struct slip_str slip_record_stage(struct slip_str tag, struct slip_str prefix);

#endif
