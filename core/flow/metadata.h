/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and annotations that a rule gives to its exports (hooks-and-ci.md 5.8). */
#ifndef SLIP_FLOW_METADATA_H
#define SLIP_FLOW_METADATA_H

#include "export/labels.h"
#include "rule/expand.h"

struct slip_metadata_facts {
    struct slip_str
        source_url;      /* of the repository as git or the CI system knows it, may be empty */
    int64_t tagger_time; /* of an annotated tag, else 0 */
    int64_t commit_time; /* committer */
    int64_t epoch;       /* SOURCE_DATE_EPOCH, or -1 */
};

struct slip_metadata {
    struct slip_arena arena;
    struct slip_labels labels, annotations;
};
void slip_metadata_clear(struct slip_metadata *m);
SLIP_DEFINE_AUTO(slip_metadata, slip_metadata_clear);

/*
 * For one destination of a rule: the automatic keys, then those of the rule and destination, whose
 * empty values take a key away. `facts` are those of the expanded rule, with the image's words when
 * the texts use them.
 */
SLIP_MUST_USE int slip_metadata_make(const struct slip_rule *rule,
                                     const struct slip_rule_naming *naming,
                                     const struct slip_facts *facts,
                                     const struct slip_metadata_facts *more,
                                     struct slip_metadata *out, struct slip_error *err);

/* Does any text of it speak of the image? Then it has to be made for each image. */
bool slip_metadata_uses_image(const struct slip_rule *rule, const struct slip_rule_naming *naming);

#endif
