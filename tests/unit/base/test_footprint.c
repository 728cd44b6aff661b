/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/footprint.h"

#include <stdio.h>

/* Resident pages that mirror files, the third number of statm; 0 when nobody tells. */
static unsigned long mirrored_pages(void)
{
    unsigned long size = 0, resident = 0, mirrored = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%lu %lu %lu", &size, &resident, &mirrored) != 3)
        mirrored = 0;
    fclose(f);
    return mirrored;
}

static int one(void)
{
    return 1;
}

static int two(void)
{
    return 2;
}

static int (*const relocated[])(void) = { one, two }; /* read-only after relocation */
static const char constant[] = "as it stands in the file";
static int changed = 1;

static void what_is_given_back_comes_back(void **state)
{
    (void)state;
    static const enum slip_footprint all[] = { SLIP_FOOTPRINT_LOADER, SLIP_FOOTPRINT_FILES };
    changed = 2;
    for (size_t i = 0; i < SLIP_COUNT(all); i++) {
        slip_footprint_shrink(all[i]);
        assert_string_equal(constant, "as it stands in the file");
        assert_int_equal(changed, 2);
        assert_int_equal(relocated[0]() + relocated[1](), 3);
    }
}

static void fewer_pages_are_resident(void **state)
{
    (void)state;
    unsigned long before = mirrored_pages();
    if (before == 0)
        skip();
    slip_footprint_shrink(SLIP_FOOTPRINT_FILES);
    assert_true(mirrored_pages() < before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_pages_are_resident),
        cmocka_unit_test(what_is_given_back_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
