/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "registry/protocol.h"

/* An answer with this header block. */
static struct slip_http_answer answer(const char *header)
{
    struct slip_http_answer a = { .header = SLIP_BUF(1u << 16), .body = SLIP_BUF(0) };
    slip_buf_add_c(&a.header, header);
    return a;
}

static void the_first_challenge_that_we_know_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum slip_auth_scheme scheme;
        const char *realm, *service, *scope;
    } cases[] = {
        { "WWW-Authenticate: Bearer realm=\"https://auth/t\",service=\"reg\","
          "scope=\"repository:a/b:pull,push\"\r\n",
          SLIP_AUTH_BEARER, "https://auth/t", "reg", "repository:a/b:pull,push" },
        { "www-authenticate: bEaReR  REALM=https://x , Service = y\r\n", SLIP_AUTH_BEARER,
          "https://x", "", "" },
        { "WWW-Authenticate: Basic realm=\"a \\\"b\\\", c\"\r\n", SLIP_AUTH_BASIC, "a \"b\", c", "",
          "" },
        { "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic\r\n", SLIP_AUTH_BASIC, "", "",
          "" },
        { "WWW-Authenticate: Negotiate abc==, NTLM, Basic realm=r, Bearer realm=s\r\n",
          SLIP_AUTH_BASIC, "r", "", "" },
        { "WWW-Authenticate: Bearer service=x, Basic realm=r\r\n", SLIP_AUTH_BASIC, "r", "", "" },
        { "WWW-Authenticate: Bearer service=x\r\n", SLIP_AUTH_NONE, "", "", "" },
        { "WWW-Authenticate: Digest realm=x\r\n", SLIP_AUTH_NONE, "", "", "" },
        { "WWW-Authenticate: ===\"\r\n", SLIP_AUTH_NONE, "", "", "" },
        { "WWW-Authenticate: Bearer realm=\"open\r\n", SLIP_AUTH_BEARER, "open", "", "" },
        { "", SLIP_AUTH_NONE, "", "", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_http_answer a = answer(cases[i].header);
        SLIP_AUTO(slip_challenge) c = { 0 };
        print_message("  %s\n", cases[i].header);
        slip_challenge_parse(&a, &c);
        assert_int_equal(c.scheme, cases[i].scheme);
        assert_str(slip_buf_str(&c.realm), cases[i].realm);
        assert_str(slip_buf_str(&c.service), cases[i].service);
        assert_str(slip_buf_str(&c.scope), cases[i].scope);
        slip_buf_clear(&a.header);
    }
}

static void complaints_are_short_and_printable(void **state)
{
    (void)state;
    static const struct {
        const char *body, *code, *message;
    } cases[] = {
        { "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"},{\"code\":\"X\"}]}", "DENIED",
          "no" },
        { "{\"errors\":[]}", "", "" },
        { "{\"errors\":null,\"message\":\"m\"}", "", "m" },
        { "{\"details\":\"incorrect username or password\"}", "",
          "incorrect username or password" },
        { "{\"error\":\"invalid_grant\",\"error_description\":\"old\"}", "invalid_grant", "old" },
        { "404 page not found\nmore", "", "404 page not found" },
        { "<html><body>no</body></html>", "", "" },
        { "{\"errors\":[{\"code\":\"A\\u001b[31m\",\"message\":\"x\\u202ey\"}]}", "A\\x1b[31m",
          "x\\xe2\\x80\\xaey" },
        { "{broken", "", "{broken" },
        { "  ", "", "" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_complaint c;
        print_message("  %s\n", cases[i].body);
        slip_complaint_parse(slip_str_of(cases[i].body), &c);
        assert_string_equal(c.code, cases[i].code);
        assert_string_equal(c.message, cases[i].message);
    }
}

static void the_next_page_is_found_in_any_spelling(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "Link: </v2/a/tags/list?last=x&n=2>; rel=\"next\"\r\n", "/v2/a/tags/list?last=x&n=2" },
        { "Link: </p>;rel=next\r\n", "/p" },
        { "link: </a>; rel=\"prev\", </b>; title=\"a, b\"; REL=\"Next\"\r\n", "/b" },
        { "Link: </a>; rel=prev\r\nLink: </c>; rel=next\r\n", "/c" },
        { "Link: </a>; rel=\"last\"\r\n", NULL },
        { "Link: </a\r\n", NULL },
        { "Link: nonsense; rel=next\r\n", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_http_answer a = answer(cases[i][0]);
        print_message("  %s\n", cases[i][0]);
        struct slip_str next = slip_link_next(&a);
        assert_int_equal(next.ptr != NULL, cases[i][1] != NULL);
        assert_str(next, cases[i][1]);
        slip_buf_clear(&a.header);
    }
}

static void ranges_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool ok;
        uint64_t arrived;
    } cases[] = {
        { "Range: 0-499\r\n", true, 500 },
        { "Range: bytes=0-499\r\n", true, 500 },
        { "Range: 0-0\r\n", true, 0 },
        { "Range: 5-9\r\n", false, 0 },
        { "Range: 0-\r\n", false, 0 },
        { "Range: x\r\n", false, 0 },
        { "Range: 0-18446744073709551615\r\n", false, 0 },
        { "", false, 0 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_http_answer a = answer(cases[i].header);
        uint64_t arrived = 0;
        print_message("  %s\n", cases[i].header);
        assert_int_equal(slip_upload_range(&a, &arrived), cases[i].ok);
        assert_int_equal(arrived, cases[i].arrived);
        slip_buf_clear(&a.header);
    }
}

static void waits_are_seconds_or_dates(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool ok;
        uint64_t ms;
    } cases[] = {
        { "Retry-After: 3\r\n", true, 3000 },
        { "Retry-After: 0\r\n", true, 0 },
        { "Retry-After: 1.5\r\n", true, 1501 },
        { "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:30 GMT\r\n",
          true, 7000 },
        { "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 09:49:30 GMT\r\n",
          true, 0 },
        { "Retry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:30 GMT\r\n",
          true, 7000 },
        { "Retry-After: Sun Nov  6 08:49:37 1994\r\nDate: Sunday, 06-Nov-94 08:48:37 GMT\r\n", true,
          60000 },
        { "Retry-After: Thu Nov 26 08:49:37 2026\r\nDate: Thu Nov 26 08:49:07 2026\r\n", true,
          30000 },
        { "Retry-After: Sun Nov  6 08:49:37 1994 x\r\nDate: Sun, 06 Nov 1994 08:49:30 GMT\r\n",
          false, 0 },
        { "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", false, 0 },
        { "Retry-After: soon\r\n", false, 0 },
        { "Retry-After: -1\r\n", false, 0 },
        { "Retry-After: 99999999999999999999\r\n", true, 1000000000000 },
        { "Retry-After: .5\r\n", false, 0 },
        { "", false, 0 },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_http_answer a = answer(cases[i].header);
        uint64_t ms = 0;
        print_message("  %s\n", cases[i].header);
        assert_int_equal(slip_retry_after(&a, &ms), cases[i].ok);
        assert_int_equal(ms, cases[i].ms);
        slip_buf_clear(&a.header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_challenge_that_we_know_is_taken),
        cmocka_unit_test(complaints_are_short_and_printable),
        cmocka_unit_test(the_next_page_is_found_in_any_spelling),
        cmocka_unit_test(ranges_are_read),
        cmocka_unit_test(waits_are_seconds_or_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
