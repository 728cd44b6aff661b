/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as JSON; what was written is written the same after it was read again. */
#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "value/json.h"

/* Through text and back; false when a number is out of range. What was written can be read. */
static bool pass(const struct slip_value *v, unsigned flags, struct slip_doc *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RENDERED);
    struct slip_error err = { 0 };
    if (slip_json_write(v, flags, &text, &err) < 0)
        return false;
    if (slip_json_read(slip_buf_str(&text), "again", 0, out, &err) < 0)
        __builtin_trap();
    return true;
}

/* Once through text, a value no longer changes. (Before, -0.0 does: it is written as -0.) */
static void write_and_compare(const struct slip_value *v, unsigned flags)
{
    SLIP_AUTO(slip_doc) once = { 0 };
    SLIP_AUTO(slip_doc) twice = { 0 };
    SLIP_AUTO(slip_buf) first = SLIP_BUF(SLIP_LIMIT_RENDERED);
    SLIP_AUTO(slip_buf) second = SLIP_BUF(SLIP_LIMIT_RENDERED);
    struct slip_error err = { 0 };
    if (!pass(v, flags, &once))
        return;
    if (!pass(once.root, flags, &twice) || slip_json_write(once.root, flags, &first, &err) < 0
        || slip_json_write(twice.root, flags, &second, &err) < 0
        || !slip_str_eq(slip_buf_str(&first), slip_buf_str(&second)))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_doc) doc = { 0 };
    if (slip_json_read(text, "f", SLIP_JSON_FIRST_VALUE, &doc, &err) < 0)
        return 0;
    write_and_compare(doc.root, SLIP_JSON_HTML);
    write_and_compare(doc.root, SLIP_JSON_PRETTY);
    return 0;
}
