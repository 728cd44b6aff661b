/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "build/access.h"

static const struct {
    const char *name, *texts[3], *want;
} merges[] = {
    { "nothing", { "", "", "" }, "{\"auths\":{},\"credHelpers\":{}}" },
    { "no JSON", { "{", "[1]", "\"x\"" }, "{\"auths\":{},\"credHelpers\":{}}" },
    { "a name and a password become one word",
      { "{\"auths\":{\"r\":{\"username\":\"u\",\"password\":\"p:w\"}}}", "", "" },
      "{\"auths\":{\"r\":{\"auth\":\"dTpwOnc=\"}},\"credHelpers\":{}}" },
    { "the first counts",
      { "{\"auths\":{\"r\":{\"auth\":\"YTpi\"}}}",
        "{\"auths\":{\"r\":{\"auth\":\"Yzpk\"},\"s\":{\"identitytoken\":\"t\"}}}",
        "{\"auths\":{\"s\":{\"auth\":\"ZTpm\"},\"r/x\":{\"auth\":\"ZTpm\"}}}" },
      "{\"auths\":{\"r\":{\"auth\":\"YTpi\"},\"s\":{\"auth\":\"\",\"identitytoken\":\"t\"},"
      "\"r/x\":{\"auth\":\"ZTpm\"}},\"credHelpers\":{}}" },
    { "but not when it says nothing, as beside a helper",
      { "{\"auths\":{\"r\":{}},\"credsStore\":\"x\"}", "{\"auths\":{\"r\":{\"auth\":\"Yzpk\"}}}",
        "" },
      "{\"auths\":{\"r\":{\"auth\":\"Yzpk\"}},\"credHelpers\":{}}" },
    { "helpers",
      { "{\"credHelpers\":{\"r\":\"one\",\"s\":1}}",
        "{\"credHelpers\":{\"r\":\"two\",\"s\":\"x\"}}", "" },
      "{\"auths\":{},\"credHelpers\":{\"r\":\"one\",\"s\":\"x\"}}" },
    { "other shapes",
      { "{\"auths\":[]}", "{\"auths\":{\"r\":1,\"s\":{\"auth\":1}}}", "" },
      "{\"auths\":{},\"credHelpers\":{}}" },
};

static void files_with_credentials_become_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(merges); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
        struct slip_str texts[3];
        print_message("  %s\n", merges[i].name);
        for (size_t k = 0; k < 3; k++)
            texts[k] = slip_str_of(merges[i].texts[k]);
        slip_auth_merge(texts, 3, &text);
        assert_string_equal(text.ptr, merges[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_with_credentials_become_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
