/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a .dockerignore, lines to patterns. What patterns match is another program's part. */
#include "dockerfile/ignore_file.h"
#include "golden/golden.h"

static enum golden_result same_lengths(json_t *c, const struct slip_ignore_patterns *p,
                                       struct slip_buf *why)
{
    json_t *want = json_object_get(c, "pattern_lengths");
    for (size_t i = 0; i < p->len; i++)
        if ((json_int_t)p->at[i].len != json_integer_value(json_array_get(want, i)))
            return golden_bad(why, "pattern %zu has %zu bytes", i, p->at[i].len);
    return p->len == json_array_size(want) ? GOLDEN_GOOD : golden_bad(why, "%zu patterns", p->len);
}

static enum golden_result same_patterns(json_t *c, const struct slip_ignore_patterns *p,
                                        struct slip_buf *why)
{
    json_t *want = json_object_get(c, "patterns");
    for (size_t i = 0; i < p->len; i++)
        if (golden_same(why, "pattern", p->at[i], golden_text_of(json_array_get(want, i)))
            != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return p->len == json_array_size(want) ? GOLDEN_GOOD : golden_bad(why, "%zu patterns", p->len);
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_str kind = golden_text(c, "kind"), text = golden_text(c, "text");
    bool is_long = slip_str_is(kind, "ignorefile-long");
    if (!is_long && !slip_str_is(kind, "ignorefile"))
        return GOLDEN_GOOD;

    SLIP_AUTO(slip_arena) arena = { 0 };
    SLIP_AUTO(slip_buf) line = SLIP_BUF(1 << 20);
    for (json_int_t n = json_integer_value(json_object_get(c, "line_length")); n > 0; n--)
        slip_buf_add_char(&line, 'a');
    if (is_long)
        text = slip_buf_str(&line);

    struct slip_ignore_patterns patterns = { 0 };
    struct slip_error err = { 0 };
    int rc = slip_ignore_file_read(text, ".dockerignore", &arena, &patterns, &err);
    if (golden_text(c, "err").ptr)
        return rc < 0 ? GOLDEN_GOOD : golden_bad(why, "no error");
    if (rc < 0)
        return golden_bad(why, "error: %s", err.text);
    return is_long ? same_lengths(c, &patterns, why) : same_patterns(c, &patterns, why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "ignore.jsonl", run);
}
