/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "dockerfile/lower.h"

static void stages_are_lower_case_where_given_and_used(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "FROM Base AS Build\nRUN Build\n", "FROM Base AS build\nRUN Build\n" },
        { "FROM Build AS Build\n", "FROM build AS build\n" },
        { "FROM x AS Build # no\n", NULL },
        { "FROM --platform=linux/AMD64 \\\n  Img:X \\\n # As\n as \\\n BUILD\nCOPY --from=Build A "
          "B\n",
          "FROM --platform=linux/AMD64 \\\n  Img:X \\\n # As\n as \\\n build\n"
          "COPY --from=build A B\n" },
        { "FROM a AS One\nFROM One as Two\n# AS Two\nCOPY --from=\"ONE\" --from=x a b\n", NULL },
        { "FROM a AS One\nFROM One as Two\n# AS Two\nCOPY --from=\"ONE\" One b\n",
          "FROM a AS one\nFROM one as two\n# AS Two\nCOPY --from=\"one\" One b\n" },
        { "FROM a AS One\nFROM b\nRUN --mount=type=bind,from=ONE,source=/One "
          "--mount=from=Other,target=/x --mount=from=One,target=/y echo from=ONE\n",
          "FROM a AS one\nFROM b\nRUN --mount=type=bind,from=one,source=/One "
          "--mount=from=Other,target=/x --mount=from=one,target=/y echo from=ONE\n" },
        { "FROM a AS One\nFROM b\nRUN <<E\nfrom=One\nE\n",
          "FROM a AS one\nFROM b\nRUN <<E\nfrom=One\nE\n" },
        { "FROM a\nCOPY --from=Image x y\n", "FROM a\nCOPY --from=Image x y\n" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_dockerfile) d = { 0 };
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
        struct slip_error err = { 0 };
        int rc = slip_dockerfile_parse(slip_str_of(cases[i][0]), "D", &d, &err);
        assert_int_equal(rc, cases[i][1] ? 0 : -1);
        if (rc < 0)
            continue;
        slip_dockerfile_lower_stages(&d, slip_str_of(cases[i][0]), &out);
        assert_string_equal(out.ptr, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_are_lower_case_where_given_and_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
