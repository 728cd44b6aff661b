/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "dockerfile/dockerfile.h"
#include "dockerfile/mount.h"

static bool look_up(void *payload, struct slip_str name, struct slip_str *value)
{
    (void)payload;
    *value = SLIP_STR("/of/v");
    return slip_str_is(name, "V");
}

static const char *flag(bool yes, const char *name)
{
    return yes ? name : "";
}

/* "type from:source>target id=.. sharing=.. flags" */
static void print(const struct slip_dockerfile_mount *m, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "%.*s %.*s:%.*s>%.*s id=%.*s %.*s%s%s", SLIP_ARG(m->type),
                     SLIP_ARG(m->from), SLIP_ARG(m->source), SLIP_ARG(m->target), SLIP_ARG(m->id),
                     SLIP_ARG(m->sharing), flag(m->read_only, " ro"),
                     flag(m->required, " required"));
    if (m->has_mode)
        slip_buf_add_fmt(out, " mode=%u", (unsigned)m->mode);
    if (m->has_uid)
        slip_buf_add_fmt(out, " uid=%u", (unsigned)m->uid);
    if (m->has_gid)
        slip_buf_add_fmt(out, " gid=%u", (unsigned)m->gid);
}

static void mounts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "target=/m", "bind :>/m id=  ro" },
        { "type=bind,from=b,src=x,dst=/m,rw", "bind b:x>/m id= " },
        { "Type=CACHE,Target=/c", "cache :>/c id= " },
        { "type=cache,target=/c,ro,id=k,sharing=Locked", "cache :>/c id=k locked ro" },
        { "type=tmpfs,target=/t,size=64m", "tmpfs :>/t id= " },
        { "type=secret,id=s,mode=0400,uid=1,gid=2", "secret :> id=s  ro mode=256 uid=1 gid=2" },
        { "type=ssh,required", "ssh :> id=  ro required" },
        { "type=ssh,required=False", "ssh :> id=  ro" },
        { "target=$V,source=\"a,b\"", "the value of --mount is malformed" },
        { "target=$V,\"source=a,b\"", "bind :a,b>/of/v id=  ro" },
        { "target=${NONE:-/d},readonly=0", "bind :>/d id= " },
        { "target=/m,readwrite=false", "bind :>/m id=  ro" },
        { "target=/m,target=/n", "bind :>/n id=  ro" },
        { "type=other", "type of --mount cannot be 'other'" },
        { "required", "of type 'bind' has no key 'required'" },
        { "required,type=ssh", "of type 'bind' has no key 'required'" },
        { "size=1,type=tmpfs", "of type 'bind' has no key 'size'" },
        { "mode=0400", "of type 'bind' has no key 'mode'" },
        { "type=cache,uid=-1", "uid of --mount cannot be '-1'" },
        { "type=cache,uid=4294967296", "uid of --mount cannot be '4294967296'" },
        { "type=cache,mode=8", "mode of --mount cannot be '8'" },
        { "type=cache,sharing=all", "sharing of --mount cannot be 'all'" },
        { "sharing=shared", "of type 'bind' has no key 'sharing'" },
        { "type=secret", "a --mount of a secret needs its id or a target" },
        { "type=secret,id=a,source=b", "either a source or an id" },
        { "type=secret,id=a,from=b", "of type 'secret' has no key 'from'" },
        { "ro=yes", "ro of --mount cannot be 'yes'" },
        { "target", "'target' of --mount needs a value" },
        { "colour=red", "of type 'bind' has no key 'colour'" },
    };
    const struct slip_shell sh = { .lookup = look_up };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_arena) a = { 0 };
        SLIP_AUTO(slip_buf) got = SLIP_BUF(1000);
        struct slip_dockerfile_mount m;
        struct slip_error err = { 0 };
        print_message("  %s\n", cases[i].text);
        if (slip_dockerfile_mount_read(slip_str_of(cases[i].text), &sh, &a, &m, &err) == 0) {
            print(&m, &got);
            assert_string_equal(got.ptr, cases[i].want);
        } else {
            assert_int_equal(err.kind, SLIP_E_CONFIG);
            assert_non_null(strstr(err.text, cases[i].want));
        }
    }
}

static void durations_are_printed_as_go_does(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *want;
    } cases[] = {
        { 0, "0s" },
        { 1000000, "1ms" },
        { 1500000, "1.5ms" },
        { 1000001, "1.000001ms" },
        { 999999999, "999.999999ms" },
        { 1000000000, "1s" },
        { 1500000000, "1.5s" },
        { 90000000000, "1m30s" },
        { 3600000000000, "1h0m0s" },
        { 3661000000001, "1h1m1.000000001s" },
        { 1500, "1.5\xC2\xB5s" },
        { 7, "7ns" },
    };
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        SLIP_AUTO(slip_buf) got = SLIP_BUF(100);
        slip_duration_print(cases[i].ns, &got);
        assert_string_equal(got.ptr, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mounts_are_read),
        cmocka_unit_test(durations_are_printed_as_go_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
