/* SPDX-License-Identifier: Apache-2.0 */
/* Records that werf leaves in a stage repository. */
#include "export/records.h"

#include "hash/hash.h"
#include "werf/slug.h"

static const struct {
    const char *plain, *coded;
} codes[] = { { " ", "__space__" }, { "/", "__slash__" }, { "+", "__plus__" } };

static void replace_all(struct slip_buf *text, const char *from, const char *to)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(text->limit);
    struct slip_str rest = slip_buf_str(text), what = slip_str_of(from);
    size_t at;
    while ((at = slip_str_find_str(rest, what)) != SLIP_NPOS) {
        slip_buf_add_str(&out, slip_str_first(rest, at));
        slip_buf_add_c(&out, to);
        rest = slip_str_skip(rest, at + what.len);
    }
    slip_buf_add_str(&out, rest);
    slip_buf_move(text, &out);
}

/* The longest name that fits behind "managed-image-" in a tag. */
#define NAME_MAX_LEN (128 - 14)

/*
 * werf makes a name of a managed image fit for a tag and decodes it again before it hashes it: a
 * name that does not fit, or that holds one of the codes, changes on the way.
 */
static void there_and_back(struct slip_buf *name)
{
    for (size_t i = 0; i < SLIP_COUNT(codes); i++)
        replace_all(name, codes[i].plain, codes[i].coded);
    if (name->len == 0)
        slip_buf_add_c(name, "__nameless__");
    if (!slip_werf_is_docker_tag(slip_buf_str(name)) || name->len > NAME_MAX_LEN) {
        SLIP_AUTO(slip_buf) slug = SLIP_BUF(name->limit);
        slip_werf_limited_slug(slip_buf_str(name), NAME_MAX_LEN, &slug);
        slip_buf_move(name, &slug);
    }
    if (slip_str_is(slip_buf_str(name), "__nameless__"))
        slip_buf_reset(name);
    for (size_t i = 0; i < SLIP_COUNT(codes); i++)
        replace_all(name, codes[i].coded, codes[i].plain);
}

void slip_record_prefix(struct slip_str image, struct slip_buf *out)
{
    char id[SLIP_MURMUR3_HEX + 1];
    SLIP_AUTO(slip_buf) name = SLIP_BUF(16 * image.len + 64);
    slip_buf_add_str(&name, image);
    there_and_back(&name);
    slip_murmur3_hex(slip_buf_str(&name), id);
    slip_buf_add_fmt(out, "meta-%s_", id);
}

bool slip_record_parse(struct slip_str tag, struct slip_str prefix, struct slip_record_text *out)
{
    return slip_str_starts(tag, prefix)
           && slip_str_cut(slip_str_skip(tag, prefix.len), '_', &out->commit, &out->stage)
           && slip_stage_tag_parse(out->stage, &out->parts);
}
