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
    slip_record_prefix(golden_text(c, "image"), &prefix);
    struct slip_record_text record;
    if (!slip_record_parse(tag, slip_buf_str(&prefix), &record))
        return golden_bad(why, "'%.*s' is no record of '%s'", SLIP_ARG(tag), prefix.ptr);
    enum golden_result commit = golden_same(why, "commit", record.commit, golden_text(c, "commit"));
    return commit == GOLDEN_GOOD ? golden_same(why, "stage", record.stage, golden_text(c, "stage"))
                                 : commit;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "meta-tags.jsonl", run);
}
