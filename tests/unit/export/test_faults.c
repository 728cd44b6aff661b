/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kind of harm at every request of whole exports: names are the old ones or the new ones,
 * with all that they lead to, and the next run finishes.
 */
#include "unit/cmocka_all.h"

#include "base/mem.h"
#include "export/run.h"
#include "registry/index.h"
#include "registry/media.h"
#include "support/fake_registry.h"

#define A "a.example/shop/stages"
#define MAX_NAMES 6

/* ---- what is there before ---- */

/* An image with layers of several pieces; `seed` makes it another one. */
static void add_image(struct fake_registry *r, const char *repository, const char *name,
                      const char *arch, int seed)
{
    SLIP_AUTO(slip_buf) manifest = SLIP_BUF(10000);
    SLIP_AUTO_FREE char *config = slip_printf(
        "{\"architecture\":\"%s\",\"os\":\"linux\",\"author\":\"%d\",\"config\":{\"Labels\":"
        "{\"werf\":\"p\",\"werf-stage-content-digest\":\"x\"}}}",
        arch, seed);
    char digest[SLIP_DIGEST_LEN + 1];
    slip_digest_of(slip_str_of(config), digest);
    fake_registry_add_blob(r, repository, slip_str_of(config));
    slip_buf_add_fmt(&manifest,
                     "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_OCI_MANIFEST
                     "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
                     "\"size\":%zu,\"digest\":\"%s\"},\"layers\":[",
                     strlen(config), digest);
    for (int i = 0; i < 2; i++) {
        char layer[3000];
        for (size_t k = 0; k < sizeof(layer); k++)
            layer[k] = (char)('a' + (k * 7 + (size_t)(seed * 3 + i)) % 26);
        slip_digest_of(slip_str_make(layer, sizeof(layer)), digest);
        fake_registry_add_blob(r, repository, slip_str_make(layer, sizeof(layer)));
        slip_buf_add_fmt(&manifest,
                         "%s{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"size\":%zu,"
                         "\"digest\":\"%s\"}",
                         i ? "," : "", sizeof(layer), digest);
    }
    slip_buf_add_c(&manifest, "]}");
    fake_registry_add_manifest(r, repository, name, SLIP_MEDIA_OCI_MANIFEST,
                               slip_buf_str(&manifest));
}

/* ---- exports ---- */

static const struct scene {
    const char *title;
    bool platforms; /* an index over two of them */
    const char *repositories[3];
} scenes[] = {
    { "inside one registry", false, { "a.example/shop/app" } },
    { "to another registry", false, { "b.example/shop/app" } },
    { "to two registries", false, { "b.example/shop/app", "c.example/app" } },
    { "inside and to another", false, { "a.example/shop/app", "b.example/shop/app" } },
    { "several platforms inside", true, { "a.example/shop/app" } },
    { "several platforms to another", true, { "b.example/shop/app" } },
};

/* Each repository has an old "v1" and wanted a new one, and "v2", which is not there. */
static const char *const tags[] = { "v1", "v2" };

static struct fake_registry *make_world(const struct scene *s)
{
    struct fake_registry *r = fake_registry_new();
    add_image(r, A, "amd64", "amd64", 1);
    add_image(r, A, "arm64", "arm64", 2);
    for (size_t i = 0; i < SLIP_COUNT(s->repositories) && s->repositories[i]; i++)
        add_image(r, s->repositories[i], "v1", "amd64", 9);
    return r;
}

static struct slip_store *open_store(struct slip_registry *r, const char *text)
{
    SLIP_AUTO(slip_reference) where = { 0 };
    struct slip_store *s = NULL;
    struct slip_error err = { 0 };
    assert_int_equal(slip_repository_parse(slip_str_of(text), &where, &err), 0);
    assert_int_equal(slip_store_open(r, &where, &s, &err), 0);
    return s;
}

/* Read the stages; -1 when one could not be. */
static int read_stages(const struct scene *s, struct slip_store *stages, struct slip_stored *out)
{
    struct slip_stored_get wanted[] = { { .identifier = "amd64" }, { .identifier = "arm64" } };
    size_t n = s->platforms ? 2 : 1;
    struct slip_error err = { 0 };
    int rc = slip_stored_read(stages, wanted, n);
    struct slip_stored children[] = { wanted[0].source, wanted[1].source };
    if (rc == 0 && s->platforms) {
        rc = slip_stored_join(children, 2, out, &err);
    } else if (rc == 0) {
        *out = children[0];
        children[0] = (struct slip_stored){ 0 };
    }
    for (size_t i = 0; i < n; i++)
        slip_stored_clear(&children[i]);
    return rc;
}

/* One whole run; `digest` wanted what the names shall be. */
static int export_over(const struct scene *s, struct slip_http *http,
                       char digest[SLIP_DIGEST_LEN + 1])
{
    const struct slip_registry_options options = { .user_agent = "test", .backoff_ms = 1 };
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new_over(&options, http);
    SLIP_AUTO_PTR(slip_store) stages = open_store(registry, A);
    SLIP_AUTO(slip_stored) stage = { 0 };
    if (read_stages(s, stages, &stage) < 0)
        return -1;

    struct slip_reference to[MAX_NAMES] = { 0 };
    struct slip_export_wish wishes[MAX_NAMES] = { 0 };
    struct slip_error err = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < SLIP_COUNT(s->repositories) && s->repositories[i]; i++)
        for (size_t k = 0; k < SLIP_COUNT(tags); k++, n++) {
            SLIP_AUTO_FREE char *name = slip_printf("%s:%s", s->repositories[i], tags[k]);
            assert_int_equal(slip_reference_parse(slip_str_of(name), &to[n], &err), 0);
            wishes[n] = (struct slip_export_wish){ .image = "app",
                                                   .from = stages,
                                                   .stored = &stage,
                                                   .to = &to[n],
                                                   .if_exists = SLIP_IF_EXISTS_SKIP_IF_SAME,
                                                   .required = true };
        }
    SLIP_AUTO(slip_export_plan) plan = { 0 };
    if (slip_export_plan_make(wishes, n, NULL, 0, &plan, &err) < 0)
        fail_msg("%s", err.text);
    snprintf(digest, SLIP_DIGEST_LEN + 1, "%s", slip_export_name_digest(&plan, &plan.names.at[0]));
    const struct slip_export_options how = { .preflight = true };
    struct slip_export *x = NULL;
    assert_int_equal(slip_export_new(registry, &plan, &how, &x, &err), 0);
    int rc = slip_export_upload(x) == 0 ? slip_export_names(x) : -1;
    slip_export_free(x);
    for (size_t i = 0; i < n; i++)
        slip_reference_clear(&to[i]);
    return rc;
}

/* Old or new, and whole; `done`: new. */
static void check_names(const struct scene *s, struct fake_registry *r, const char *old,
                        const char *new, bool done)
{
    for (size_t i = 0; i < SLIP_COUNT(s->repositories) && s->repositories[i]; i++)
        for (size_t k = 0; k < SLIP_COUNT(tags); k++) {
            const char *is = fake_registry_digest(r, s->repositories[i], tags[k]);
            bool is_new = is && strcmp(is, new) == 0;
            bool is_old = k == 0 ? is && strcmp(is, old) == 0 : !is;
            if (!(done ? is_new : is_new || is_old))
                fail_msg("%s:%s is %s", s->repositories[i], tags[k], is ? is : "not there");
            if (is && !fake_registry_is_whole(r, s->repositories[i], tags[k]))
                fail_msg("%s:%s is not whole", s->repositories[i], tags[k]);
        }
}

static void one_case(const struct scene *s, enum fake_harm harm, unsigned at, const char *new)
{
    struct fake_registry *r = make_world(s);
    char old[SLIP_DIGEST_LEN + 1], got[SLIP_DIGEST_LEN + 1];
    snprintf(old, sizeof(old), "%s", fake_registry_digest(r, s->repositories[0], "v1"));
    int rc = export_over(s, fake_transport_new(r, harm, at), got);
    check_names(s, r, old, new, rc == 0);
    if (harm >= FAKE_DIE_BEFORE)
        assert_int_equal(rc, -1);
    /* What passes soon stops nobody. */
    if (rc < 0 && harm != FAKE_401 && harm != FAKE_404 && harm < FAKE_DIE_BEFORE)
        fail_msg("did not get over harm %d at request %u", (int)harm, at);
    if (export_over(s, fake_transport_new(r, FAKE_NONE, 0), got) < 0)
        fail_msg("the run after harm %d at request %u does not finish", (int)harm, at);
    assert_string_equal(got, new);
    check_names(s, r, old, new, true);
    fake_registry_free(r);
}

static void harm_anywhere_leaves_whole_names_and_the_next_run_finishes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLIP_COUNT(scenes); i++) {
        const struct scene *s = &scenes[i];
        struct fake_registry *r = make_world(s);
        char new[SLIP_DIGEST_LEN + 1];
        assert_int_equal(export_over(s, fake_transport_new(r, FAKE_NONE, 0), new), 0);
        unsigned requests = fake_registry_requests(r);
        fake_registry_free(r);
        assert_true(requests > 8 && requests < 80);
        for (enum fake_harm harm = FAKE_NONE + 1; harm < FAKE_HARMS; harm++)
            for (unsigned at = 1; at <= requests; at++)
                one_case(s, harm, at, new);
        print_message("  %s: %u requests\n", s->title, requests);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harm_anywhere_leaves_whole_names_and_the_next_run_finishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
