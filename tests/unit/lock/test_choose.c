/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "lock/choose.h"

static void each_place_for_locks_is_known_by_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum slip_lock_kind kind;
        bool refused;
    } cases[] = {
        { NULL, SLIP_LOCK_UNSAID, false },
        { "none", SLIP_LOCK_NONE, false },
        { ":local", SLIP_LOCK_FILES, false },
        { "http://h:1", SLIP_LOCK_SERVER, false },
        { "https://synchronization.werf.io", SLIP_LOCK_SERVER, false },
        { "kubernetes://ns:context@/path", SLIP_LOCK_KUBERNETES, false },
        { "https://", SLIP_LOCK_UNSAID, true },
        { ":locals", SLIP_LOCK_UNSAID, true },
        { "nonesuch", SLIP_LOCK_UNSAID, true },
        { "ftp://h", SLIP_LOCK_UNSAID, true },
        { "", SLIP_LOCK_UNSAID, true },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_error err = { 0 };
        enum slip_lock_kind kind;
        assert_int_equal(slip_lock_kind_parse(cases[i].text, &kind, &err),
                         cases[i].refused ? -1 : 0);
        assert_int_equal(kind, cases[i].kind);
        assert_int_equal(err.kind, cases[i].refused ? SLIP_E_USAGE : SLIP_OK);
    }
}

static void no_server_is_asked_about_a_repository_without_its_record(void **state)
{
    (void)state;
    assert_int_equal(slip_lock_kind_of_repository(SLIP_LOCK_UNSAID, false), SLIP_LOCK_NONE);
    assert_int_equal(slip_lock_kind_of_repository(SLIP_LOCK_UNSAID, true), SLIP_LOCK_SERVER);
    assert_int_equal(slip_lock_kind_of_repository(SLIP_LOCK_NONE, true), SLIP_LOCK_NONE);
    assert_int_equal(slip_lock_kind_of_repository(SLIP_LOCK_FILES, true), SLIP_LOCK_FILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_for_locks_is_known_by_its_text),
        cmocka_unit_test(no_server_is_asked_about_a_repository_without_its_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
