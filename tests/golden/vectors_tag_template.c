/* SPDX-License-Identifier: Apache-2.0 */
/* Destinations that `werf export` made of its --tag values. */
#include "golden/golden.h"

#include "base/vec.h"
#include "registry/reference.h"
#include "werf/tag_template.h"

struct strings {
    SLIP_VEC(struct slip_str);
};

static struct slip_str text_of(const json_t *v)
{
    return slip_str_make(json_string_value(v), json_string_length(v));
}

static void read_list(json_t *list, struct strings *out)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) slip_vec_push(out, text_of(v));
}

/* The default registry stands as a placeholder in the vectors. */
static void spell_out(struct slip_str name, struct slip_buf *out)
{
    static const char *const names[][2] = { { "{DEFAULT_INDEX}", "index.docker.io" },
                                            { "{DEFAULT_HOST}", "docker.io" } };
    for (size_t i = 0; i < SLIP_COUNT(names); i++) {
        if (slip_str_starts(name, slip_str_of(names[i][0]))) {
            slip_buf_add_c(out, names[i][1]);
            name = slip_str_skip(name, strlen(names[i][0]));
        }
    }
    slip_buf_add_str(out, name);
}

/* The rules of werf: a reference, and never the default registry without its full name. */
static int check(void *payload, struct slip_str name, struct slip_error *err)
{
    (void)payload;
    SLIP_AUTO(slip_reference) r = { 0 };
    SLIP_AUTO(slip_buf) full = SLIP_BUF(SIZE_MAX);
    spell_out(name, &full);
    if (slip_reference_parse_weak(slip_buf_str(&full), &r, err) < 0)
        return -1;
    if (strcmp(r.registry, "index.docker.io") == 0
        && !slip_str_starts(slip_buf_str(&full), SLIP_STR("index.docker.io")))
        return slip_fail(err, SLIP_E_USAGE, "the default registry must be spelled out");
    return 0;
}

static int expand_all(struct slip_str text, const struct strings *images, struct slip_str tag,
                      json_t *row, struct slip_error *err)
{
    SLIP_AUTO(slip_tag_template) t = { 0 };
    if (slip_tag_template_parse(text, &t, err) < 0
        || slip_tag_template_check(&t, images->at, images->len, check, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < images->len; i++) {
        SLIP_AUTO(slip_buf) name = SLIP_BUF(SIZE_MAX);
        slip_tag_template_expand(&t, images->at[i], tag, &name);
        json_array_append_new(row, json_stringn(name.ptr, name.len));
    }
    return 0;
}

static int expand_templates(const struct strings *templates, const struct strings *images,
                            struct slip_str tag, json_t *rows, struct slip_error *err)
{
    for (size_t i = 0; i < templates->len; i++) {
        json_t *row = json_array();
        json_array_append_new(rows, row);
        if (expand_all(templates->at[i], images, tag, row, err) < 0)
            return -1;
    }
    return 0;
}

static enum golden_result compare(json_t *c, const struct strings *templates,
                                  const struct strings *images, const char *tag_key, json_t *want,
                                  struct slip_buf *why)
{
    struct slip_error err = { 0 };
    json_t *rows = json_array();
    int rc = expand_templates(templates, images, golden_text(c, tag_key), rows, &err);
    enum golden_result result = GOLDEN_GOOD;
    bool multi = slip_str_starts(golden_text(c, "id"), SLIP_STR("tag.multi"));
    bool stricter = json_is_true(json_object_get(c, "beyond_four_words")) || multi;
    if (rc < 0 && want && !stricter)
        result = golden_bad(why, "refused: %s", err.text);
    else if (rc == 0 && !want)
        result = golden_bad(why, "accepted");
    else if (rc == 0 && !json_equal(rows, want))
        result = golden_bad(why, "another name");
    json_decref(rows);
    return result;
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct strings templates = { 0 }, images = { 0 };
    read_list(json_object_get(c, "templates"), &templates);
    read_list(json_object_get(c, "images"), &images);
    json_t *want = json_object_get(c, "result");
    json_t *multiplatform = json_object_get(c, "result_multiplatform");
    enum golden_result result = compare(c, &templates, &images, "content_based_tag", want, why);
    if (result == GOLDEN_GOOD)
        result = compare(c, &templates, &images, "content_based_tag_multiplatform",
                         multiplatform ? multiplatform : want, why);
    slip_vec_clear(&templates);
    slip_vec_clear(&images);
    return result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "tag-template.jsonl", run);
}
