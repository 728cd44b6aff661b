/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/watch.h"

static const struct {
    const char *text, *told;
} rows[] = {
    { "nothing to hide: oci:DIR, reg:5000/app@sha256:00, ssh://git@host/x", NULL },
    { "http://host:80/a@b?x=1&y=2", NULL },
    { "https://user:pass@host/x and http://tok@host", "https://***@host/x and http://***@host" },
    { "ssh://git:pass@host/x", "ssh://***@host/x" },
    { "'https://u:p@h'", "'https://***@h'" },
    { "GET https://h/b?x=1&X-Amz-Signature=abc&y=2: 403",
      "GET https://h/b?x=1&X-Amz-Signature=***&y=2: 403" },
    { "/token?refresh_token=abc", "/token?refresh_token=***" },
    { "?sig=a%2Fb=&se=2026 ?design=1", "?sig=***&se=2026 ?design=1" },
    { "a?token=", NULL },
};

static void what_looks_like_a_secret_is_not_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(rows); i++) {
        char text[200];
        snprintf(text, sizeof(text), "%s", rows[i].text);
        slip_hide_secrets(text, sizeof(text));
        assert_string_equal(text, rows[i].told ? rows[i].told : rows[i].text);
    }
}

static void a_text_that_grows_keeps_to_its_size(void **state)
{
    (void)state;
    char text[16] = "://a@?token=b"; /* 13 bytes, 17 when hidden */
    slip_hide_secrets(text, sizeof(text));
    assert_string_equal(text, "://***@?token=*");
}

static void note(void *payload, const struct slip_event *e)
{
    snprintf(payload, 200, "%s", e->text);
}

static void errors_and_events_hide_them(void **state)
{
    (void)state;
    struct slip_error err = { 0 };
    char told[200];
    struct slip_watch watch = { note, told };
    slip_fail(&err, SLIP_E_USAGE, "https://%s:%s@host", "user", "pass");
    slip_while(&err, "see http://a:%s@b", "x");
    slip_hint(&err, "use https://a:%s@b", "x");
    slip_hint_also(&err, "or https://a:%s@b", "x");
    assert_string_equal(err.text, "see http://***@b: https://***@host");
    assert_string_equal(err.hint, "use https://***@b\nor https://***@b");
    slip_watch_step(&watch, NULL, "at https://a:%s@b", "x");
    assert_string_equal(told, "at https://***@b");
    slip_watch_warn(&watch, NULL, "at https://a:%s@b", "x");
    assert_string_equal(told, "at https://***@b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_like_a_secret_is_not_told),
        cmocka_unit_test(a_text_that_grows_keeps_to_its_size),
        cmocka_unit_test(errors_and_events_hide_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
