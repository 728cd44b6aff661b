/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that look outside: time zones, the clock, dice; and those that refuse to. */
#include "unit/cmocka_all.h"

#include "tmpl/tmpl.h"

/* ---- a host with zones, a clock and dice ---- */

static void add_number(struct slip_buf *b, int64_t value, int width)
{
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
        slip_buf_add_char(b, (char)((uint64_t)value >> shift & 0xFF));
}

static void add_header(struct slip_buf *b, int changes, int kinds, int names)
{
    slip_buf_add_c(b, "TZif2");
    for (int i = 0; i < 15; i++)
        slip_buf_add_char(b, 0);
    const int counts[] = { 0, 0, 0, changes, kinds, names };
    for (size_t i = 0; i < SLIP_COUNT(counts); i++)
        add_number(b, counts[i], 4);
}

/* A zone that was LMT (+0:30:00) until 1900, then STD (+1) and from then on follows the rule. */
static void add_zone(struct slip_buf *b, const char *rule)
{
    add_header(b, 0, 0, 0);
    add_header(b, 1, 2, 8);
    add_number(b, -2208988800, 8);
    add_number(b, 1, 1);
    add_number(b, 1800, 4);
    add_number(b, 0, 2);
    add_number(b, 3600, 4);
    add_number(b, 4, 2);
    slip_buf_add(b, "LMT\0STD\0", 8);
    slip_buf_add_char(b, '\n');
    slip_buf_add_c(b, rule);
    slip_buf_add_char(b, '\n');
}

static const struct {
    const char *name, *rule;
} zones[] = {
    { "North", "STD-1SUM,M3.5.0,M10.5.0/3" },
    { "South", "STD-1SUM,M10.1.0,M4.1.0/3" },
    { "Fixed", "<+03>-3" },
    { "Days", "STD-1SUM,J60/0,300/0" },
    { "Local", "LOC-2" },
};

static bool zone(void *payload, struct slip_str name, struct slip_buf *tzif)
{
    (void)payload;
    for (size_t i = 0; i < SLIP_COUNT(zones); i++)
        if (slip_str_is(name, zones[i].name)) {
            add_zone(tzif, zones[i].rule);
            return true;
        }
    if (slip_str_is(name, "Broken"))
        slip_buf_add_c(tzif, "TZif2 and nothing more");
    return slip_str_is(name, "Broken");
}

static void now(void *payload, int64_t *seconds, int32_t *nanoseconds)
{
    (void)payload;
    *seconds = 1700000000;
    *nanoseconds = 500000000;
}

static void dice(void *payload, void *bytes, size_t len)
{
    unsigned char *next = payload;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (*next)++;
}

/* The output, or the reason why there is none. */
static void render(const struct slip_tmpl_host *host, const char *text, struct slip_buf *out)
{
    struct slip_error err = { 0 };
    struct slip_tv root = slip_tv_nil();
    SLIP_AUTO_PTR(slip_tmpl) t = slip_tmpl_new("t", host);
    if (slip_tmpl_add(t, SLIP_STR("t"), slip_str_of(text), &err) < 0
        || slip_tmpl_render(t, &root, out, &err) < 0)
        slip_buf_add_c(out, err.text);
}

struct example {
    const char *text, *want;
};

static void check(const struct slip_tmpl_host *host, const struct example *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
        render(host, e[i].text, &out);
        if (!strstr(out.ptr, e[i].want) || (e[i].want[0] == '\0' && out.len > 0))
            fail_msg("%s\n  got  %s\n  want %s", e[i].text, out.ptr, e[i].want);
    }
}

/* ---- tests ---- */

static void zones_follow_their_file_and_its_rule(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { .zone = zone, .now = now };
    static const struct example examples[] = {
        /* before the first change, between, and by the rule around its changes */
        { "{{ dateInZone \"15:04 MST\" -2208988801 \"North\" }}", "00:29 LMT" },
        { "{{ dateInZone \"15:04 MST\" -2208988800 \"North\" }}", "01:00 STD" },
        { "{{ dateInZone \"15:04:05 MST\" 1711846799 \"North\" }}", "01:59:59 STD" },
        { "{{ dateInZone \"15:04:05 MST\" 1711846800 \"North\" }}", "03:00:00 SUM" },
        { "{{ dateInZone \"15:04 -07:00\" 1729990799 \"North\" }}", "02:59 +02:00" },
        { "{{ dateInZone \"15:04 -07:00\" 1729990800 \"North\" }}", "02:00 +01:00" },
        { "{{ dateInZone \"MST\" 1704067200 \"South\" }}", "SUM" },
        { "{{ dateInZone \"MST\" 1719792000 \"South\" }}", "STD" },
        { "{{ dateInZone \"15:04 MST\" 0 \"Fixed\" }}", "03:00 +03" },
        { "{{ dateInZone \"MST\" 1709247600 \"Days\" }}", "SUM" }, /* March 1, a leap year */
        { "{{ dateInZone \"MST\" 1709247599 \"Days\" }}", "STD" },
        /* what cannot be read is UTC */
        { "{{ dateInZone \"15:04 MST\" 0 \"Nowhere\" }}", "00:00 UTC" },
        { "{{ dateInZone \"15:04 MST\" 0 \"Broken\" }}", "00:00 UTC" },
        { "{{ dateInZone \"15:04 MST\" 0 \"../Fixed\" }}", "00:00 UTC" },
        { "{{ date \"15:04 MST\" 0 }}", "02:00 LOC" },
        { "{{ toDate \"2006-01-02 MST\" \"2024-01-01 STD\" }}", "2024-01-01 01:00:00 +0200 LOC" },
        { "{{ (toDate \"2006\" \"2024\").AddDate 0 1 0 }}", "2024-02-01 00:00:00 +0200 LOC" },
        { "{{ (toDate \"2006\" \"2024\").UTC }}", "2023-12-31 22:00:00 +0000 UTC" },
    };
    check(&host, examples, SLIP_COUNT(examples));
}

static void without_zones_all_is_utc(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { .now = now };
    static const struct example examples[] = {
        { "{{ date \"15:04 MST\" 0 }}", "00:00 UTC" },
        { "{{ now }}", "2023-11-14 22:13:20.5 +0000 UTC" },
        { "{{ date \"2006\" \"no number\" }}", "2023" },
        { "{{ ago 1699990000 }}", "2h46m41s" },
        { "{{ now | toJson }}", "\"2023-11-14T22:13:20.5Z\"" },
    };
    check(&host, examples, SLIP_COUNT(examples));
}

static void dice_are_those_of_the_host(void **state)
{
    (void)state;
    unsigned char next = 0;
    const struct slip_tmpl_host host = { .payload = &next, .random = dice };
    static const struct example examples[] = {
        { "{{ uuidv4 }}", "00010203-0405-4607-8809-0a0b0c0d0e0f" },
        { "{{ randBytes 3 }}", "EBES" },
        { "{{ len (randAlphaNum 40) }}", "40" },
        { "{{ regexMatch `^[A-Za-z]{30}$` (randAlpha 30) }}", "true" },
        { "{{ regexMatch `^[ -~]{30}$` (randAscii 30) }}", "true" },
        { "{{ regexMatch `^[0-9]{30}$` (randNumeric 30) }}", "true" },
        { "{{ $n := randInt -3 3 }}{{ and (ge $n -3) (lt $n 3) }}", "true" },
        { "{{ shuffle \"abc\\u00e9\" | len }}", "5" },
        { "{{ randInt 3 3 }}", "error calling randInt: invalid argument to Intn" },
        { "{{ randAlpha -1 }}", "" },
        { "{{ randBytes -1 }}", "error calling randBytes: runtime error" },
    };
    check(&host, examples, SLIP_COUNT(examples));
    const struct slip_tmpl_host none = { 0 };
    static const struct example refused[] = {
        { "{{ uuidv4 }}", "error calling uuidv4: not reproducible" },
        { "{{ randAlpha 1 }}", "error calling randAlpha: not reproducible" },
    };
    check(&none, refused, SLIP_COUNT(refused));
}

static void what_differs_from_run_to_run_is_refused(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { 0 };
    static const struct example examples[] = {
        { "{{ bcrypt \"x\" }}", "error calling bcrypt: not reproducible: it takes a new salt" },
        { "{{ htpasswd \"u\" \"p\" }}", "error calling htpasswd: not reproducible" },
        { "{{ htpasswd \"u:\" \"p\" }}", "invalid username: u:" },
        { "{{ genPrivateKey \"rsa\" }}", "error calling genPrivateKey: not reproducible" },
        { "{{ genPrivateKey \"x\" }}", "Unknown type x" },
        { "{{ genCA \"cn\" 1 }}", "error calling genCA: not reproducible: it makes a new key" },
        { "{{ genSelfSignedCert \"cn\" nil (list) 1 }}", "not reproducible" },
        { "{{ encryptAES \"k\" \"text\" }}", "error calling encryptAES: not reproducible" },
        { "{{ getHostByName \"localhost\" }}", "not reproducible: it asks the network" },
    };
    check(&host, examples, SLIP_COUNT(examples));
}

static void what_is_the_same_in_every_run_works(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { 0 };
    static const struct example examples[] = {
        { "{{ derivePassword 1 \"pin\" \"pw\" \"user\" \"example.com\" | len }}", "4" },
        { "{{ decryptAES \"secretkey\" "
          "\"30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=\" }}",
          "plaintext" },
        { "{{ decryptAES \"k\" \"\" }}", "" },
        { "{{ decryptAES \"k\" \"!\" }}", "illegal base64 data at input byte 0" },
        { "{{ decryptAES \"k\" \"AAAA\" }}", "slice bounds out of range" },
        { "{{ decryptAES \"k\" \"AAAAAAAAAAAAAAAAAAAAAAA=\" }}", "input not full blocks" },
        { "{{ decryptAES \"k\" \"AAAAAAAAAAAAAAAAAAAAAA==\" }}", "index out of range [-1]" },
    };
    check(&host, examples, SLIP_COUNT(examples));
}

static void work_beyond_all_measure_ends(void **state)
{
    (void)state;
    const struct slip_tmpl_host host = { 0 };
    static const struct example examples[] = {
        { "{{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}"
          "{{ $m := list 1 }}{{ range until 40 }}{{ $m = list $m $m }}{{ end }}"
          "{{ deepEqual $l $m }}",
          "rendering needs more than" },
        { "{{ until 2000000000 }}", "the result would be too large" },
        { "{{ seq 9000000000000000000 }}", "the result would be too large" },
        { "{{ repeat 1000000000 \"abc\" }}", "the result would be too large" },
        { "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toJson $d }}", "" },
        { "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}", "nested too deeply" },
        { "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}"
          "{{ merge $d $e }}",
          "nested too deeply" },
        { "{{ semverCompare (repeat 100000 \"1\") \"1\" }}", "rendering needs more than" },
    };
    check(&host, examples, SLIP_COUNT(examples));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_follow_their_file_and_its_rule),
        cmocka_unit_test(without_zones_all_is_utc),
        cmocka_unit_test(dice_are_those_of_the_host),
        cmocka_unit_test(what_differs_from_run_to_run_is_refused),
        cmocka_unit_test(what_is_the_same_in_every_run_works),
        cmocka_unit_test(work_beyond_all_measure_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
