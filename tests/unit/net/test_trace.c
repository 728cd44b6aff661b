/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "net/trace.h"

static void a_line_says_what_went_where_and_no_secret(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        unsigned status;
        enum slip_http_failure failure;
        const char *line;
    } cases[] = {
        { "https://host.example:5000/v2/a/b/manifests/v1", 200, SLIP_HTTP_FINE,
          "https://host.example:5000/v2/a/b/manifests/v1 200" },
        { "https://user:secret@host.example/v2/?n=1&token=secret", 401, SLIP_HTTP_FINE,
          "https://host.example/v2/?... 401" },
        { "https://user@part:secret@host.example?sig=secret", 206, SLIP_HTTP_CUT,
          "https://host.example?... failed (no way) 206" },
        { "http://[::1]/a@b", 0, SLIP_HTTP_NO_CONNECT, "http://[::1]/a@b failed (no way)" },
        { "nonsense", 0, SLIP_HTTP_FINE, "nonsense" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        struct slip_http_answer answer = { .status = cases[i].status, .failure = cases[i].failure };
        struct slip_http_trace trace = { .method = "GET",
                                         .url = cases[i].url,
                                         .answer = &answer,
                                         .ms = 12,
                                         .sent = 3,
                                         .received = 4 };
        SLIP_AUTO(slip_buf) line = SLIP_BUF(1000);
        SLIP_AUTO(slip_buf) want = SLIP_BUF(1000);
        snprintf(answer.err.text, sizeof(answer.err.text), "no way");
        slip_http_trace_line(&trace, 1700000000007, &line);
        slip_buf_add_fmt(&want, "2023-11-14T22:13:20.007Z GET %s 12 ms, 3 sent, 4 received\n",
                         cases[i].line);
        assert_string_equal(line.ptr, want.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_what_went_where_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
