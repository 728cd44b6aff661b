/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a name: what is printed is read again as the same, strict takes no more than weak. */
#include "fuzz/fuzz.h"

#include "registry/reference.h"

typedef int parse_fn(struct slip_str, struct slip_reference *, struct slip_error *);

static void read_print_read(struct slip_str text, parse_fn *parse)
{
    SLIP_AUTO(slip_reference) once = { 0 };
    SLIP_AUTO(slip_reference) twice = { 0 };
    SLIP_AUTO(slip_buf) printed = SLIP_BUF(SIZE_MAX);
    struct slip_error err = { 0 };
    if (parse(text, &once, &err) < 0)
        return;
    slip_reference_print(&once, &printed);
    if (parse(slip_buf_str(&printed), &twice, &err) < 0
        || !slip_reference_same_repository(&once, &twice) || once.is_digest != twice.is_digest
        || strcmp(once.identifier, twice.identifier) != 0)
        __builtin_trap();
}

static void strict_is_stricter(struct slip_str text)
{
    SLIP_AUTO(slip_reference) strict = { 0 };
    SLIP_AUTO(slip_reference) weak = { 0 };
    struct slip_error err = { 0 };
    if (slip_reference_parse(text, &strict, &err) < 0 || strict.kind == SLIP_STORE_LAYOUT)
        return;
    if (slip_reference_parse_weak(text, &weak, &err) < 0
        || !slip_reference_same_repository(&strict, &weak)
        || strcmp(strict.identifier, weak.identifier) != 0)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    if (size > 240) /* "library/" is put before a name that may be as long as a name can be */
        return 0;
    read_print_read(text, slip_reference_parse);
    read_print_read(text, slip_reference_parse_weak);
    read_print_read(text, slip_repository_parse);
    strict_is_stricter(text);
    (void)slip_tag_is_reserved(text);
    return 0;
}
