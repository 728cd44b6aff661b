/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a rendered werf.yaml, and as a werf-giterminism.yaml. */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "werf/decode.h"
#include "werf/select.h"

static void ignore_error(void *payload, const struct slip_error *err)
{
    (void)payload;
    (void)err;
}

/* An image stands after all that it needs. */
static void check_order(const struct slip_image_set *set)
{
    for (size_t i = 0; i < set->len; i++)
        for (size_t k = 0; k < set->at[i].n_needs; k++)
            if (set->at[i].needs[k] >= i)
                __builtin_trap();
}

static void decode(struct slip_str text, const struct slip_giterminism *g, bool all_errors)
{
    SLIP_AUTO(slip_image_set) set = { 0 };
    SLIP_AUTO(slip_selection) selection = { 0 };
    struct slip_error err = { 0 };
    struct slip_decode_options o = {
        .name = "f",
        .platform = SLIP_STR("linux/amd64"),
        .giterminism = g,
        .on_error = all_errors ? ignore_error : NULL,
    };
    if (slip_werf_decode(text, &o, &set, &err) < 0)
        return;
    check_order(&set);
    struct slip_str pattern = slip_str_first(text, 20);
    if (slip_images_select(&set, &pattern, 1, true, &selection, NULL, &err) < 0)
        return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = slip_str_make((const char *)data, size);
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_giterminism) g = { 0 };
    if (slip_giterminism_parse(text, "f", &g, &err) < 0)
        slip_error_clear(&err);
    g.allow_all = size % 2;
    decode(text, &g, false);
    decode(text, &g, true);
    return 0;
}
