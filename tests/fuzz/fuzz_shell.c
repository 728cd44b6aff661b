/* SPDX-License-Identifier: Apache-2.0 */
/* Shell words. The first byte chooses the mode, the first line behind it is the value of A; B is
 * empty, all else is unset. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "dockerfile/shell.h"

static bool lookup(void *payload, struct slip_str name, struct slip_str *value)
{
    *value = slip_str_is(name, "A") ? *(const struct slip_str *)payload : SLIP_STR("");
    return slip_str_is(name, "A") || slip_str_is(name, "B");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slip_str rest = slip_str_make((const char *)data + 1, size - 1), value;
    slip_str_cut(rest, '\n', &value, &rest);
    const struct slip_shell sh = {
        .lookup = lookup,
        .payload = &value,
        .escape = data[0] & 1 ? '`' : '\\',
        .keep_unset = data[0] & 2,
        .raw_quotes = data[0] & 4,
        .raw_escapes = data[0] & 8,
    };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    SLIP_AUTO(slip_arena) arena = { 0 };
    struct slip_shell_words words = { 0 };
    struct slip_error err = { 0 }, split_err = { 0 };
    slip_buf_add_c(&out, "before");
    int rc = slip_shell_expand(&sh, rest, &out, &err);
    if (rc < 0 && out.len != 6)
        abort();
    if (rc == 0 && slip_shell_split(&sh, rest, &arena, &words, &split_err) == 0)
        for (size_t i = 0; i < words.len; i++)
            if (words.at[i].len == 0)
                abort();
    return 0;
}
