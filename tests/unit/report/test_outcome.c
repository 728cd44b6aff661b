/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "report/outcome.h"

static struct slip_outcome outcome_of(const enum slip_outcome_action *actions, size_t n)
{
    struct slip_outcome o = { .trigger = "command", .started_at = 0, .finished_at = 1 };
    for (size_t i = 0; i < n; i++) {
        struct slip_outcome_row row = {
            .image = "api", .ref = "r.example/api:1", .digest = "sha256:0", .action = actions[i]
        };
        struct slip_error err = { 0 };
        if (actions[i] == SLIP_OUTCOME_FAILED && slip_fail(&err, SLIP_E_DENIED, "no"))
            row.err = slip_outcome_error(&o, &err);
        slip_vec_push(&o.rows, row);
    }
    return o;
}

static void kind_and_status_follow_from_the_rows(void **state)
{
    (void)state;
    static const struct {
        enum slip_outcome_action actions[2];
        enum slip_kind kind;
        const char *status;
    } cases[] = {
        { { SLIP_OUTCOME_WRITTEN, SLIP_OUTCOME_UNCHANGED }, SLIP_OK, "exported" },
        { { SLIP_OUTCOME_UNCHANGED, SLIP_OUTCOME_SKIPPED }, SLIP_OK, "unchanged" },
        { { SLIP_OUTCOME_WRITTEN, SLIP_OUTCOME_FAILED }, SLIP_E_PARTIAL, "partial" },
        { { SLIP_OUTCOME_FAILED, SLIP_OUTCOME_NOT_ATTEMPTED }, SLIP_E_DENIED, "failed" },
        { { SLIP_OUTCOME_UPLOADED, SLIP_OUTCOME_UNCHANGED }, SLIP_OK, "prepared" },
        { { SLIP_OUTCOME_PLANNED, SLIP_OUTCOME_NOT_BUILT }, SLIP_OK, "planned" },
        { { SLIP_OUTCOME_SKIPPED, SLIP_OUTCOME_SKIPPED }, SLIP_OK, "nothing" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_outcome) o = outcome_of(cases[i].actions, 2);
        assert_int_equal(slip_outcome_kind(&o), cases[i].kind);
        assert_string_equal(slip_outcome_status(&o), cases[i].status);
    }
}

static void a_mirror_that_fails_is_no_failure(void **state)
{
    (void)state;
    static const enum slip_outcome_action actions[] = { SLIP_OUTCOME_WRITTEN, SLIP_OUTCOME_FAILED };
    SLIP_AUTO(slip_outcome) o = outcome_of(actions, 2);
    o.rows.at[1].optional = true;
    assert_int_equal(slip_outcome_kind(&o), SLIP_OK);
}

static void many_rows_become_counts_and_news(void **state)
{
    (void)state;
    static const enum slip_outcome_action actions[] = { SLIP_OUTCOME_UNCHANGED,
                                                        SLIP_OUTCOME_UNCHANGED,
                                                        SLIP_OUTCOME_WRITTEN };
    SLIP_AUTO(slip_outcome) o = outcome_of(actions, 3);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    slip_outcome_print(&o, 2, &out);
    assert_string_equal(out.ptr, "3 names: 1 written, 2 unchanged\n"
                                 "api  written  r.example/api:1  sha256:0\n");
}

static void json_has_one_result_per_row(void **state)
{
    (void)state;
    static const enum slip_outcome_action actions[] = { SLIP_OUTCOME_FAILED };
    SLIP_AUTO(slip_outcome) o = outcome_of(actions, 1);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    slip_outcome_json(&o, "0", &out);
    assert_string_equal(
        out.ptr,
        "{\"schema\":1,\"tool_version\":\"0\",\"started_at\":\"1970-01-01T00:00:00Z\","
        "\"finished_at\":\"1970-01-01T00:00:01Z\",\"trigger\":\"command\",\"status\":\"failed\","
        "\"updates\":[],\"results\":[{\"git_ref\":null,\"rule\":null,\"required\":true,\"image\":"
        "\"api\","
        "\"source\":{\"ref\":null,\"digest\":null,\"built\":false,\"attached\":false},"
        "\"ref\":\"r.example/api:1\",\"digest\":\"sha256:0\","
        "\"action\":\"failed\",\"reason\":null,\"differences\":[],\"bytes_sent\":0,"
        "\"error\":{\"class\":\"denied\",\"code\":7,\"message\":\"no\",\"hint\":null,"
        "\"excerpt\":null}}]}\n");
}

static void json_is_veiled(void **state)
{
    (void)state;
    static const enum slip_outcome_action actions[] = { SLIP_OUTCOME_FAILED };
    SLIP_AUTO(slip_outcome) o = outcome_of(actions, 1);
    SLIP_AUTO(slip_veil) veil = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(10000);
    slip_veil_add(&veil, SLIP_STR("horse \"battery\""));
    o.veil = &veil;
    o.rows.at[0].reason = "is horse \"battery\"";
    snprintf(o.rows.at[0].err->text, sizeof(o.rows.at[0].err->text), "horse \"battery\" is wrong");
    slip_outcome_json(&o, "0", &out);
    assert_int_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR("horse")), SLIP_NPOS);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR("\"is ***\"")), SLIP_NPOS);
    assert_int_not_equal(slip_str_find_str(slip_buf_str(&out), SLIP_STR("\"*** is wrong\"")),
                         SLIP_NPOS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_and_status_follow_from_the_rows),
        cmocka_unit_test(a_mirror_that_fails_is_no_failure),
        cmocka_unit_test(many_rows_become_counts_and_news),
        cmocka_unit_test(json_has_one_result_per_row),
        cmocka_unit_test(json_is_veiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
