/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "net/address.h"
#include "net/url.h"

static void only_plain_http_addresses_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host, *rest; /* host NULL: refused */
        unsigned port;
        bool https;
    } cases[] = {
        { "http://a/b?c", "a", "/b?c", 80, false },
        { "HTTPS://Reg:5000", "Reg", "", 5000, true },
        { "https://[::1]:81/x", "[::1]", "/x", 81, true },
        { "https://[fe80::1]", "[fe80::1]", "", 443, true },
        { "https://a?q", "a", "?q", 443, true },
        { "ftp://a/", NULL, NULL, 0, false },
        { "https://user@a/", NULL, NULL, 0, false },
        { "https://a:0/", NULL, NULL, 0, false },
        { "https://a:65536/", NULL, NULL, 0, false },
        { "https:///x", NULL, NULL, 0, false },
        { "https://a/b c", NULL, NULL, 0, false },
        { "https://a/\r\nX: y", NULL, NULL, 0, false },
        { "", NULL, NULL, 0, false },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_url u;
        print_message("  %s\n", cases[i].url);
        assert_int_equal(slip_url_parse(slip_str_of(cases[i].url), &u), cases[i].host != NULL);
        if (!cases[i].host)
            continue;
        assert_str(u.host, cases[i].host);
        assert_str(u.rest, cases[i].rest);
        assert_int_equal(u.port, cases[i].port);
        assert_int_equal(u.https, cases[i].https);
    }
}

static void references_are_resolved_as_rfc_3986_says(void **state)
{
    (void)state;
    static const char base[] = "http://a/b/c/d?q";
    static const char *const cases[][2] = {
        { "http://x/y", "http://x/y" },
        { "//x/y", "http://x/y" },
        { "/x/./y/../z?p=1", "http://a/x/z?p=1" },
        { "?y=2", "http://a/b/c/d?y=2" },
        { "", "http://a/b/c/d?q" },
        { "#f", "http://a/b/c/d?q" },
        { "g", "http://a/b/c/g" },
        { "g?x=../y", "http://a/b/c/g?x=../y" },
        { "../g", "http://a/b/g" },
        { "../../../g", "http://a/g" },
        { "./", "http://a/b/c/" },
        { "g:h", NULL },
        { "file:///etc/passwd", NULL },
        { "gopher://x/", NULL },
        { "/a b", NULL },
        { "//user@x/", NULL },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1000);
        print_message("  %s\n", cases[i][0]);
        bool ok = slip_url_resolve(slip_str_of(base), slip_str_of(cases[i][0]), &out);
        assert_int_equal(ok, cases[i][1] != NULL);
        assert_string_equal(out.ptr, ok ? cases[i][1] : "");
    }
}

static void origins_are_scheme_host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "https://a/x", "https://A:443/y", true }, { "http://a/", "https://a/", false },
        { "http://a/", "http://a:8080/", false },   { "http://a.b/", "http://b/", false },
        { "https://a/", "https://a.evil/", false }, { "http://[::1]:5/", "http://[::1]:5", true },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++)
        assert_int_equal(slip_url_same_origin(slip_str_of(cases[i].a), slip_str_of(cases[i].b)),
                         cases[i].same);
}

static void queries_grow_and_are_never_rebuilt(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "/u", "/u?digest=sha256%3Aab" },
        { "/u?_state=x%3D%3D", "/u?_state=x%3D%3D&digest=sha256%3Aab" },
        { "/u?", "/u?digest=sha256%3Aab" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) url = SLIP_BUF(1000);
        slip_buf_add_c(&url, cases[i][0]);
        slip_url_add_query(&url, "digest", SLIP_STR("sha256:ab"));
        assert_string_equal(url.ptr, cases[i][1]);
    }
}

static void private_addresses_are_known(void **state)
{
    (void)state;
    static const char *const private[] = { "127.0.0.1",
                                           "10.1.2.3",
                                           "172.16.0.1",
                                           "172.31.255.255",
                                           "0.0.0.0",
                                           "192.168.3.4",
                                           "169.254.169.254",
                                           "100.64.0.1",
                                           "::1",
                                           "::",
                                           "fe80::1",
                                           "fd00::1",
                                           "::ffff:10.0.0.1",
                                           "64:ff9b::a00:1" };
    static const char *const public[] = { "8.8.8.8",         "172.32.0.1",
                                          "100.128.0.1",     "11.0.0.0",
                                          "2606:4700::1111", "::ffff:8.8.8.8",
                                          "no address",      "" };
    for (size_t i = 0; i < SLIP_COUNT(private); i++)
        assert_true(slip_address_is_private(private[i]));
    for (size_t i = 0; i < SLIP_COUNT(public); i++)
        assert_false(slip_address_is_private(public[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_plain_http_addresses_are_taken_apart),
        cmocka_unit_test(references_are_resolved_as_rfc_3986_says),
        cmocka_unit_test(origins_are_scheme_host_and_port),
        cmocka_unit_test(queries_grow_and_are_never_rebuilt),
        cmocka_unit_test(private_addresses_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
