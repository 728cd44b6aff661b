/* SPDX-License-Identifier: Apache-2.0 */
/* Records of werf: the prefix that we look for is the one that werf writes. */
#include "golden/golden.h"

#include "export/records.h"

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(1u << 16);
    struct slip_str tag = golden_text(c, "tag");
    if (!tag.ptr) /* werf fails to write another record of this image */
        return GOLDEN_GOOD;
    slip_record_prefix(golden_text(c, "image"), golden_text(c, "commit"), &prefix);
    return golden_same(why, "stage", slip_record_stage(tag, slip_buf_str(&prefix)),
                       golden_text(c, "stage"));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "meta-tags.jsonl", run);
}
