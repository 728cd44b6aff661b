/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as YAML; what was written and read stays the same. */
#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "value/yaml.h"

/* Through text and back; false when it cannot be read: libyaml writes some characters that it does
 * not take. */
static bool pass(const struct slip_value *v, struct slip_doc *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RENDERED);
    struct slip_error err = { 0 };
    return slip_yaml_write(v, &text, &err) == 0
           && slip_yaml_read(slip_buf_str(&text), "again", 1, SLIP_YAML_GO, out, NULL, &err) == 0;
}

/* Once through text, a value no longer changes. (Before, -0.0 does: it is written as -0.) */
static void write_and_compare(const struct slip_value *v)
{
    SLIP_AUTO(slip_doc) once = { 0 };
    SLIP_AUTO(slip_doc) twice = { 0 };
    SLIP_AUTO(slip_buf) first = SLIP_BUF(SLIP_LIMIT_RENDERED);
    SLIP_AUTO(slip_buf) second = SLIP_BUF(SLIP_LIMIT_RENDERED);
    if (!pass(v, &once) || !pass(once.root, &twice))
        return;
    slip_value_print_go(once.root, &first);
    slip_value_print_go(twice.root, &second);
    if (!slip_str_eq(slip_buf_str(&first), slip_buf_str(&second)))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    for (int schema = SLIP_YAML_GO_STRICT; schema <= SLIP_YAML_CORE; schema++) {
        SLIP_AUTO(slip_doc) doc = { 0 };
        struct slip_error err = { 0 };
        bool more;
        int rc = slip_yaml_read(text, schema == SLIP_YAML_GO ? NULL : "f", 1,
                                (enum slip_yaml_schema)schema, &doc, &more, &err);
        if (rc == 0 && doc.root && schema == SLIP_YAML_GO)
            write_and_compare(doc.root);
    }
    return 0;
}
