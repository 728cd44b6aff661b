/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images, repositories and stages against what werf makes of them. */
#include "golden/golden.h"

#include "registry/reference.h"

/* Put the default registry in for its placeholders; `out` is as long as the case. */
static struct slip_str fill_in(struct slip_str text, struct slip_buf *out)
{
    static const char *const names[][2] = { { "{DEFAULT_INDEX}", "index.docker.io" },
                                            { "{DEFAULT_HOST}", "docker.io" } };
    while (text.len) {
        size_t i = 0;
        while (i < SLIP_COUNT(names) && !slip_str_starts(text, slip_str_of(names[i][0])))
            i++;
        if (i < SLIP_COUNT(names)) {
            slip_buf_add_c(out, names[i][1]);
            text = slip_str_skip(text, strlen(names[i][0]));
        } else {
            slip_buf_add_char(out, text.ptr[0]);
            text = slip_str_skip(text, 1);
        }
    }
    return slip_buf_str(out);
}

static enum golden_result same_text(json_t *c, const char *key, const char *got,
                                    struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) want = SLIP_BUF(1u << 20);
    return golden_same(why, key, slip_str_of(got), fill_in(golden_text(c, key), &want));
}

static enum golden_result same_flag(json_t *c, const char *key, bool got, struct slip_buf *why)
{
    return got == json_is_true(json_object_get(c, key)) ? GOLDEN_GOOD
                                                        : golden_bad(why, "%s is %d", key, got);
}

static enum golden_result same_repository(json_t *c, const struct slip_reference *r,
                                          struct slip_buf *why)
{
    enum golden_result result = same_text(c, "registry", r->registry, why);
    return result == GOLDEN_GOOD ? same_text(c, "repository", r->repository, why) : result;
}

static enum golden_result same_reference(json_t *c, const struct slip_reference *r,
                                         struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(1u << 20);
    slip_reference_print(r, &name);
    if (same_repository(c, r, why) != GOLDEN_GOOD
        || same_text(c, "identifier", r->identifier, why) != GOLDEN_GOOD
        || same_text(c, "name", name.ptr, why) != GOLDEN_GOOD
        || same_flag(c, "is_digest", r->is_digest, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return same_flag(c, "http_allowed", r->http_allowed, why);
}

/* The strict parser takes nothing that werf's export refuses. */
static enum golden_result strict_is_stricter(json_t *c, struct slip_str text, struct slip_buf *why)
{
    SLIP_AUTO(slip_reference) r = { 0 };
    struct slip_error err = { 0 };
    if (slip_reference_parse(text, &r, &err) < 0 || r.kind == SLIP_STORE_LAYOUT)
        return GOLDEN_GOOD;
    if (!json_is_true(json_object_get(c, "export_ok")))
        return golden_bad(why, "the strict parser takes it");
    return same_text(c, "identifier", r.identifier, why);
}

static enum golden_result run_reference(json_t *c, struct slip_str text, struct slip_buf *why)
{
    SLIP_AUTO(slip_reference) r = { 0 };
    struct slip_error err = { 0 };
    bool refused = slip_reference_parse_weak(text, &r, &err) < 0;
    if (refused != (json_object_get(c, "err") != NULL))
        return golden_bad(why, refused ? "refused: %s" : "taken%s", err.text);
    if (!refused && same_reference(c, &r, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return strict_is_stricter(c, text, why);
}

static enum golden_result run_repository(json_t *c, struct slip_str text, struct slip_buf *why)
{
    SLIP_AUTO(slip_reference) r = { 0 };
    struct slip_error err = { 0 };
    bool refused = slip_repository_parse(text, &r, &err) < 0;
    /* On purpose: a name without a slash is refused, "oci:" names a directory. */
    bool want_refused = json_object_get(c, "err") || slip_str_find(text, '/') == SLIP_NPOS;
    if (!refused && r.kind == SLIP_STORE_LAYOUT)
        return GOLDEN_GOOD;
    if (refused != want_refused)
        return golden_bad(why, refused ? "refused: %s" : "taken%s", err.text);
    return refused ? GOLDEN_GOOD : same_repository(c, &r, why);
}

static enum golden_result run_stage_tag(json_t *c, struct slip_str tag, struct slip_buf *why)
{
    struct slip_stage_tag t;
    bool good = slip_stage_tag_parse(tag, &t);
    if (good == (json_object_get(c, "err") != NULL))
        return golden_bad(why, good ? "taken" : "refused");
    if (!good)
        return GOLDEN_GOOD;
    if (t.created_ms != json_integer_value(json_object_get(c, "creation_ts")))
        return golden_bad(why, "creation time %lld", (long long)t.created_ms);
    return golden_same(why, "digest", t.digest, golden_text(c, "digest"));
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1u << 20);
    const char *kind = json_string_value(json_object_get(c, "kind"));
    struct slip_str in = fill_in(golden_text(c, "in"), &text);
    if (strcmp(kind, "repo") == 0)
        return run_repository(c, in, why);
    return strcmp(kind, "stage-tag") == 0 ? run_stage_tag(c, in, why) : run_reference(c, in, why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "reference.jsonl", run);
}
