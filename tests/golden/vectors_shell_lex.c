/* SPDX-License-Identifier: Apache-2.0 */
/* Shell words of Dockerfiles against BuildKit's lexer. */
#include "dockerfile/shell.h"
#include "golden/golden.h"

static bool lookup(void *payload, struct slip_str name, struct slip_str *value)
{
    const char *key;
    json_t *v;
    json_object_foreach(payload, key, v) if (slip_str_is(name, key))
    {
        *value = slip_str_make(json_string_value(v), json_string_length(v));
        return true;
    }
    return false;
}

static enum golden_result same_words(json_t *c, const struct slip_shell_words *words,
                                     struct slip_buf *why)
{
    json_t *want = json_object_get(c, "words");
    if (json_array_size(want) != words->len)
        return golden_bad(why, "%zu words, not %zu", words->len, json_array_size(want));
    for (size_t i = 0; i < words->len; i++) {
        struct slip_str text = golden_text_of(json_array_get(want, i));
        if (golden_same(why, "a word", words->at[i], text) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_str mode = golden_text(c, "mode");
    bool heredoc = slip_str_is(mode, "heredoc");
    struct slip_shell sh = {
        .lookup = lookup,
        .payload = json_object_get(c, "env"),
        .escape = golden_text(c, "escape").ptr[0],
        .keep_unset = heredoc || slip_str_is(mode, "skip"),
        .raw_quotes = heredoc,
        .raw_escapes = heredoc,
    };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_shell_words words = { 0 };
    struct slip_error err = { 0 }, split_err = { 0 };
    int rc = slip_shell_expand(&sh, golden_text(c, "in"), &out, &err);
    int split_rc = slip_shell_split(&sh, golden_text(c, "in"), &arena, &words, &split_err);
    if (rc != split_rc)
        return golden_bad(why, "expand gives %d, split %d", rc, split_rc);
    if (!golden_text(c, "out").ptr)
        return rc < 0 ? GOLDEN_GOOD : golden_bad(why, "no error but '%s'", out.ptr);
    if (rc < 0)
        return golden_bad(why, "error: %s", err.text);
    if (golden_same(why, "out", slip_buf_str(&out), golden_text(c, "out")) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return same_words(c, &words, why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "shell-lex.jsonl", run);
}
