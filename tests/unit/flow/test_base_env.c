/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "flow/base_env.h"
#include "registry/media.h"
#include "registry/stored.h"
#include "support/fake_registry.h"

#define REPOSITORY "registry.example/base"

/* An image "os arch variant env"; its manifest under its digest, which goes to `out`. */
static void add_image(struct fake_registry *r, const char *os, const char *arch,
                      const char *variant, const char *env, const char *name,
                      char out[SLIP_DIGEST_LEN + 1], size_t *size)
{
    char config_digest[SLIP_DIGEST_LEN + 1];
    SLIP_AUTO_FREE char *config =
        slip_printf("{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\",\"config\":{%s%s%s},"
                    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
                    os, arch, variant, *env ? "\"Env\":[\"" : "", env, *env ? "\"]" : "");
    slip_digest_of(slip_str_of(config), config_digest);
    fake_registry_add_blob(r, REPOSITORY, slip_str_of(config));
    SLIP_AUTO_FREE char *manifest = slip_printf(
        "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST
        "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":%zu,"
        "\"digest\":\"%s\"},\"layers\":[]}",
        strlen(config), config_digest);
    slip_digest_of(slip_str_of(manifest), out);
    *size = strlen(manifest);
    fake_registry_add_manifest(r, REPOSITORY, name ? name : out, SLIP_MEDIA_OCI_MANIFEST,
                               slip_str_of(manifest));
}

struct platform_image {
    const char *os, *arch, *variant, *env;
};

static void add_index(struct fake_registry *r, const char *name, const struct platform_image *at,
                      size_t n)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(10000);
    slip_buf_add_c(&text, "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_OCI_INDEX
                          "\",\"manifests\":[");
    for (size_t i = 0; i < n; i++) {
        char digest[SLIP_DIGEST_LEN + 1];
        size_t size;
        add_image(r, at[i].os, at[i].arch, at[i].variant, at[i].env, NULL, digest, &size);
        slip_buf_add_fmt(&text,
                         "%s{\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST
                         "\",\"size\":%zu,\"digest\":\"%s\"}",
                         i ? "," : "", size, digest);
    }
    slip_buf_add_c(&text, "]}");
    fake_registry_add_manifest(r, REPOSITORY, name, SLIP_MEDIA_OCI_INDEX, slip_buf_str(&text));
}

/* What `name` has for `platform`: "ENV", "ENV differs", or the error. */
static void ask(struct slip_base_envs *b, const char *name, const char *platform,
                struct slip_buf *out)
{
    struct slip_base_env env;
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *reference = slip_printf(REPOSITORY ":%s", name);
    slip_buf_reset(out);
    if (slip_base_envs_read(b, slip_str_of(reference), platform, &env, &err) < 0) {
        slip_buf_add_c(out, err.text);
        return;
    }
    for (size_t i = 0; i < env.n_env; i++)
        slip_buf_add_str(out, env.env[i]);
    slip_buf_add_c(out, env.differs ? " differs" : "");
}

static void environments_are_told_by_platform(void **state)
{
    (void)state;
    static const struct platform_image equal[] = {
        { "linux", "amd64", "", "A=1" },
        { "linux", "arm64", "v8", "A=1" },
        { "unknown", "unknown", "", "" }, /* an attestation */
    };
    static const struct platform_image different[] = {
        { "linux", "amd64", "", "A=1" },
        { "linux", "arm64", "", "A=2" },
        { "linux", "arm", "v6", "" },
        { "linux", "arm", "v7", "A=7" },
    };
    static const struct {
        const char *name, *platform, *want;
    } cases[] = {
        { "one", "linux/amd64", "A=0" },
        { "one", "linux/arm64", "A=0" }, /* there is no other */
        { "none", "linux/amd64", "" },
        { "equal", "linux/amd64", "A=1" },
        { "equal", "linux/arm64", "A=1" },
        { "equal", "linux/arm64/v8", "A=1" },
        { "equal", "linux/386", "base image '" REPOSITORY ":equal': it is not made for linux/386" },
        { "different", "linux/amd64", "A=1 differs" },
        { "different", "linux/arm64", "A=2 differs" },
        { "different", "linux/arm/v7", "A=7 differs" },
        { "different", "linux/arm/v6", " differs" },
    };
    struct fake_registry *fake = fake_registry_new();
    const struct slip_registry_options o = { .user_agent = "test" };
    char digest[SLIP_DIGEST_LEN + 1];
    size_t size;
    add_image(fake, "linux", "amd64", "", "A=0", "one", digest, &size);
    add_image(fake, "linux", "amd64", "", "", "none", digest, &size);
    add_index(fake, "equal", equal, SLIP_COUNT(equal));
    add_index(fake, "different", different, SLIP_COUNT(different));
    struct slip_registry *registry =
        slip_registry_new_over(&o, fake_transport_new(fake, FAKE_NONE, 0));
    struct slip_base_envs *b = slip_base_envs_new(registry);
    SLIP_AUTO(slip_buf) got = SLIP_BUF(10000);
    for (size_t i = 0; i < SLIP_COUNT(cases); i++) {
        print_message("  %s %s\n", cases[i].name, cases[i].platform);
        ask(b, cases[i].name, cases[i].platform, &got);
        assert_string_equal(got.ptr, cases[i].want);
    }
    unsigned before = fake_registry_requests(fake);
    ask(b, "different", "linux/amd64", &got);
    assert_int_equal(fake_registry_requests(fake), before);
    ask(b, "absent", "linux/amd64", &got);
    assert_non_null(strstr(got.ptr, "base image '" REPOSITORY ":absent': "));
    slip_base_envs_free(b);
    slip_registry_free(registry);
    fake_registry_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(environments_are_told_by_platform) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
