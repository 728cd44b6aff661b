/* SPDX-License-Identifier: Apache-2.0 */
/* Which stages the records of a repository name for an image at a commit. */
#include "golden/golden.h"

#include "export/records.h"

static bool is_among(json_t *list, struct slip_str text)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) if (slip_str_is(text, json_string_value(v))) return true;
    return false;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) prefix = SLIP_BUF(1u << 16);
    json_t *records = json_object_get(c, "records"), *tag;
    size_t i, n = 0;
    slip_record_prefix(golden_text(c, "image"), &prefix);
    json_array_foreach(json_object_get(c, "tags"), i, tag)
    {
        struct slip_record_text record;
        if (!slip_record_parse(golden_text_of(tag), slip_buf_str(&prefix), &record)
            || !slip_str_eq(record.commit, golden_text(c, "commit")))
            continue;
        n++;
        if (!is_among(records, record.stage))
            return golden_bad(why, "%.*s is no record", SLIP_ARG(record.stage));
    }
    return n == json_array_size(records)
               ? GOLDEN_GOOD
               : golden_bad(why, "%zu records of %zu", n, json_array_size(records));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "meta-lookups.jsonl", run);
}
