/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "build/mirrors.h"

static const struct {
    const char *text, *location; /* NULL: refused */
} mirrors[] = {
    { "mirror.example.org", "mirror.example.org" },
    { "https://mirror.example.org/", "mirror.example.org" },
    { "10.0.0.1:5000/proxy/hub", "10.0.0.1:5000/proxy/hub" },
    { "[::1]:5000", "[::1]:5000" },
    { "http://mirror.example.org", NULL },
    { "https://", NULL },
    { "", NULL },
    { "/path", NULL },
    { "a\"\nlocation = \"b", NULL },
    { "user:pass@host", NULL },
};

static void mirrors_are_hosts_that_speak_https(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(mirrors); i++) {
        struct slip_error err = { 0 };
        struct slip_str location = { 0 };
        print_message("  %s\n", mirrors[i].text);
        int rc = slip_mirror_parse(slip_str_of(mirrors[i].text), &location, &err);
        assert_int_equal(rc, mirrors[i].location ? 0 : -1);
        if (rc == 0)
            assert_true(slip_str_is(location, mirrors[i].location));
        else
            assert_int_equal(err.kind, SLIP_E_USAGE);
    }
}

#define OURS "\n[[registry]]\nlocation = \"docker.io\"\n\n[[registry.mirror]]\nlocation = \"m\"\n"
#define SEARCH "unqualified-search-registries = [\"docker.io\"]\n"
#define QUAY "[[registry]]\nlocation = \"quay.io\"\n[[registry.mirror]]\nlocation = \"docker.io\"\n"
#define HUB                                                                                        \
    "[[registry]]\nprefix = 'docker.io' # here\nlocation = \"x\"\n[[registry.mirror]]\nlocation "  \
    "= \"y\"\n"

static const struct {
    const char *machine, *want;
} files[] = {
    { "", OURS },
    { "# no final line end", "# no final line end" OURS },
    { SEARCH QUAY, SEARCH QUAY OURS },
    { SEARCH HUB QUAY, SEARCH QUAY OURS },
    { QUAY HUB "[aliases]\n\"a\" = \"b\"\n", QUAY "[aliases]\n\"a\" = \"b\"\n" OURS },
    { HUB, OURS },
};

static void other_registries_stay_as_the_machine_has_them(void **state)
{
    (void)state;
    static const struct slip_str given[] = { SLIP_STR("m") };
    for (size_t i = 0; i < SLIP_COUNT(files); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
        slip_mirrors_print(slip_str_of(files[i].machine), given, 1, false, &text);
        assert_string_equal(text.ptr, files[i].want);
    }
    SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
    slip_mirrors_print(SLIP_STR(""), given, 1, true, &text);
    assert_string_equal(text.ptr, OURS "insecure = true\n");
}

#define LOCAL "\n[[registry]]\nlocation = \"127.0.0.1:5000\"\ninsecure = true\n"

static const struct {
    const char *machine;
    bool has_its_own;
} plain_files[] = {
    { "", false },
    { SEARCH QUAY, false },
    { "[[registry]]\nlocation = \"127.0.0.1:5000/path\"\n", false },
    { "[[registry]]\nlocation = \"127.0.0.1:50001\"\n", false },
    { "[[registry]]\nlocation=\"127.0.0.1:5000\" # here\n", true },
    { "[[registry]]\n  prefix = '127.0.0.1:5000'\nlocation = \"x\"\n", true },
    { "location =\nprefix = \"\nlocation = \"127.0.0.1:5000\n", false },
};

static void a_plain_registry_is_told_where_the_machine_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(plain_files); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
        slip_plain_registry_print(slip_str_of(plain_files[i].machine), SLIP_STR("127.0.0.1:5000"),
                                  &text);
        assert_string_equal(text.len ? text.ptr : "", plain_files[i].has_its_own ? "" : LOCAL);
    }
}

#define SHORT "unqualified-search-registries = [\"docker.io\"]\n"

static const struct {
    const char *machine, *want;
} short_files[] = {
    { "", SHORT },
    { QUAY, SHORT },
    { "# unqualified-search-registries = [\"x\"]\n", SHORT },
    { SEARCH QUAY, "" },
    { "  unqualified-search-registries=[]\n", "" },
    { "[registries.search]\nregistries = ['x']\n", "" },
};

static void a_name_without_a_host_means_docker_hub(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(short_files); i++) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(4096);
        slip_short_names_print(slip_str_of(short_files[i].machine), &text);
        assert_string_equal(text.len ? text.ptr : "", short_files[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirrors_are_hosts_that_speak_https),
        cmocka_unit_test(other_registries_stay_as_the_machine_has_them),
        cmocka_unit_test(a_name_without_a_host_means_docker_hub),
        cmocka_unit_test(a_plain_registry_is_told_where_the_machine_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
