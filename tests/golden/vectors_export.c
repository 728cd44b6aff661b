/* SPDX-License-Identifier: Apache-2.0 */
/* Exported bytes: a source in a registry against what werf wrote for it. */
#include "golden/golden.h"

#include "base/map.h"
#include "base/mem.h"
#include "export/labels.h"
#include "export/rewrite.h"
#include "support/mem_store.h"

/* --- the source --- */

/* Bytes that stand base64-coded in a string; they live as long as the case. */
static struct slip_str decoded(json_t *coded)
{
    json_t *holder = json_pack("{s:O}", "x_b64", coded);
    struct slip_str text = golden_text(holder, "x");
    json_decref(holder);
    return text;
}

static void add_blobs(struct slip_store *s, json_t *configs)
{
    const char *digest;
    json_t *config;
    json_object_foreach(configs, digest, config) mem_store_add_blob(s, digest, decoded(config));
}

static void add_children(struct slip_store *s, json_t *children)
{
    const char *digest;
    json_t *child;
    json_object_foreach(children, digest, child)
        mem_store_add_manifest(s, digest, json_string_value(json_object_get(child, "media_type")),
                               decoded(json_object_get(child, "b64")));
}

static struct slip_store *make_source(json_t *input)
{
    struct slip_store *s = mem_store_new("stages");
    mem_store_add_manifest(s, "stage", json_string_value(json_object_get(input, "media_type")),
                           golden_text(input, "manifest"));
    add_blobs(s, json_object_get(input, "configs"));
    add_children(s, json_object_get(input, "children"));
    return s;
}

/* --- the options --- */

#define OPTIONS_MAX 64

struct options {
    struct slip_str values[OPTIONS_MAX], separator;
    size_t n;
    char *env[OPTIONS_MAX];
};

static struct slip_str argument(json_t *c, size_t i)
{
    json_t *plain = json_array_get(json_object_get(c, "flags"), i);
    if (plain)
        return slip_str_make(json_string_value(plain), json_string_length(plain));
    return decoded(json_array_get(json_object_get(c, "flags_b64"), i));
}

static void read_options(json_t *c, struct options *o)
{
    const char *name;
    json_t *value;
    size_t n = json_array_size(json_object_get(c, "flags"))
               + json_array_size(json_object_get(c, "flags_b64")),
           n_env = 0;
    o->separator = SLIP_STR("\n");
    json_object_foreach(json_object_get(c, "env"), name, value)
    {
        if (strcmp(name, "WERF_EXPORT_ADD_LABEL_SEPARATOR") == 0)
            o->separator = slip_str_of(json_string_value(value));
        o->env[n_env++] = slip_printf("%s=%s", name, json_string_value(value));
    }
    for (size_t i = 0; i + 1 < n && o->n < OPTIONS_MAX; i += 2) {
        if (slip_str_is(argument(c, i), "--add-label"))
            o->values[o->n++] = argument(c, i + 1);
        else
            o->separator = argument(c, i + 1);
    }
}

static void free_options(struct options *o)
{
    for (size_t i = 0; o->env[i]; i++)
        slip_free(o->env[i]);
}

static int read_labels(json_t *c, struct options *o, struct slip_labels *labels,
                       struct slip_error *err)
{
    read_options(c, o);
    return slip_labels_gather((const char *const *)o->env, "WERF_EXPORT_ADD_LABEL_", o->values,
                              o->n, o->separator, labels, err);
}

/* --- the comparison --- */

static enum golden_result same_config(json_t *output, const struct slip_content *got,
                                      struct slip_buf *why)
{
    json_t *coded = json_object_get(json_object_get(output, "configs"), got->config_digest);
    if (coded)
        return GOLDEN_GOOD;
    const char *digest;
    json_object_foreach(json_object_get(output, "configs"), digest, coded)(void)
        golden_same(why, "config", got->config, decoded(coded));
    return GOLDEN_BAD;
}

static enum golden_result same_tree(json_t *output, const struct slip_content *got,
                                    struct slip_buf *why)
{
    if (got->config.len && same_config(output, got, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    for (size_t i = 0; i < got->n_children; i++) {
        const struct slip_content *child = &got->children[i];
        if (!json_object_get(json_object_get(output, "children"), child->digest))
            return golden_bad(why, "child %zu: unexpected %.*s", i, SLIP_ARG(child->manifest));
        if (same_tree(output, child, why) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static void note_blobs(const struct slip_content *c, struct slip_map *blobs)
{
    if (c->config.len)
        slip_map_set(blobs, slip_str_of(c->config_digest), blobs);
    for (size_t i = 0; i < c->n_layers; i++)
        slip_map_set(blobs, slip_str_of(c->layers[i].digest), blobs);
    for (size_t i = 0; i < c->n_children; i++)
        note_blobs(&c->children[i], blobs);
}

/* We copy at least the blobs that werf copies. */
static enum golden_result enough_blobs(json_t *output, const struct slip_content *got,
                                       struct slip_buf *why)
{
    SLIP_AUTO_PTR(slip_map) blobs = slip_map_new(NULL);
    json_t *digest;
    size_t i;
    note_blobs(got, blobs);
    json_array_foreach(
        json_object_get(output, "dest_blobs"), i,
        digest) if (!slip_map_get(blobs,
                                  slip_str_of(json_string_value(
                                      digest)))) return golden_bad(why, "blob %s is not copied",
                                                                   json_string_value(digest));
    return GOLDEN_GOOD;
}

static enum golden_result same_output(json_t *output, const struct slip_content *got,
                                      struct slip_buf *why)
{
    if (same_tree(output, got, why) != GOLDEN_GOOD
        || golden_same(why, "manifest", got->manifest, golden_text(output, "manifest"))
               != GOLDEN_GOOD
        || golden_same(why, "media type", slip_str_of(got->media_type),
                       golden_text(output, "media_type"))
               != GOLDEN_GOOD
        || golden_same(why, "digest", slip_str_of(got->digest), golden_text(output, "digest"))
               != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return enough_blobs(output, got, why);
}

/* Where werf crashes because there are no labels, we add them. */
static enum golden_result added_where_werf_crashes(const struct slip_content *got,
                                                   const struct slip_labels *labels,
                                                   struct slip_buf *why)
{
    const struct slip_content *image = got;
    while (image->n_children)
        image = &image->children[image->n_children - 1];
    for (size_t i = 0; i < labels->len; i++)
        if (slip_str_find_str(image->config, labels->at[i].key) == SLIP_NPOS)
            return golden_bad(why, "no label '%.*s' in %.*s", SLIP_ARG(labels->at[i].key),
                              SLIP_ARG(image->config));
    return GOLDEN_GOOD;
}

static enum golden_result judge(json_t *c, const struct slip_content *got,
                                const struct slip_labels *labels, const struct slip_error *err,
                                struct slip_buf *why)
{
    json_t *error = json_object_get(c, "error");
    const char *kind = json_string_value(json_object_get(error, "kind"));
    if (!error)
        return err->kind ? golden_bad(why, "refused: %s", err->text)
                         : same_output(json_object_get(c, "output"), got, why);
    if (strcmp(kind, "panic") == 0)
        return err->kind ? golden_bad(why, "refused: %s", err->text)
                         : added_where_werf_crashes(got, labels, why);
    /* A layer that is nowhere shows only when it is copied. */
    if (json_object_get(json_object_get(c, "input"), "missing_blobs"))
        return GOLDEN_GOOD;
    return err->kind ? GOLDEN_GOOD : golden_bad(why, "taken: %.*s", SLIP_ARG(got->config));
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    struct slip_store *store = make_source(json_object_get(c, "input"));
    struct slip_stored_get get = { .identifier = "stage" };
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(slip_content) got = { 0 };
    const struct slip_rewrite how = { .labels = &labels };
    struct options o = { .n = 0 };
    struct slip_error err = { 0 };
    if (read_labels(c, &o, &labels, &err) == 0 && slip_stored_read(store, &get, 1) < 0)
        err = get.err;
    if (!err.kind && slip_rewrite(&get.source, &how, &got, &err) < 0)
        slip_buf_add_fmt(why, "(%s)\n", err.text);
    enum golden_result result = judge(c, &got, &labels, &err, why);
    slip_stored_clear(&get.source);
    mem_store_free(store);
    free_options(&o);
    return result;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "export.jsonl", run);
}
