/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rendered text to an image set, in steps: documents, YAML, sections by tables, drafts of images
 * with their names, checks of each image, checks between images.
 */
#include "werf/decode.h"

#include "value/yaml.h"
#include "werf/convert.h"
#include "werf/documents.h"

/* A parsed document; which of the three it is decides which section is there. */
struct parsed {
    struct slip_doc doc;
    struct slip_raw_meta *meta;
    struct slip_raw_dockerfile *dockerfile;
    struct slip_raw_stapel *stapel;
};

struct decoding {
    struct slip_convert c;
    struct slip_documents documents;
    struct parsed *parsed;
    struct slip_error *err;   /* the first error */
    struct slip_error latest; /* where all steps put theirs */
};

/* "name:line:col" in front of both texts is the same. */
static bool same_place(const struct slip_error *a, const struct slip_error *b)
{
    struct slip_str at = slip_str_of(a->text), other = slip_str_of(b->text), rest;
    slip_str_cut(at, ' ', &at, &rest);
    slip_str_cut(other, ' ', &other, &rest);
    return a->kind != SLIP_OK && slip_str_eq(at, other);
}

/* An error that leaves the rest worth looking at: told, and kept when it is the first. What follows
 * at its place follows from it. */
static void note_error(struct decoding *g)
{
    if (g->c.o->on_error && !same_place(g->err, &g->latest))
        g->c.o->on_error(g->c.o->payload, &g->latest);
    if (g->err->kind == SLIP_OK)
        *g->err = g->latest;
    slip_error_clear(&g->latest);
}

/* Goes on after an error only when somebody wants to hear of the others. */
static int after(struct decoding *g, int rc)
{
    if (rc == 0)
        return 0;
    note_error(g);
    return g->c.o->on_error ? 0 : -1;
}

/* --- documents --- */

/*
 * werf keeps `image` with the unknown keys, which a merge in the same map empties: an image whose
 * name stands before "<<" has none there.
 */
static int refuse_lost_name(struct slip_decoder *d, const struct slip_value *root)
{
    for (size_t i = 0; i < root->before_merge; i++) {
        if (!slip_str_is(root->pairs[i].key->text, "image"))
            continue;
        slip_decode_fail(d, root->pairs[i].key, "`image` is lost because '<<' comes after it");
        return slip_hint(d->err, "put '<<' before all other keys");
    }
    return 0;
}

static int decode_section(struct slip_decoder *d, const struct slip_value *root, struct parsed *p)
{
    if (slip_value_get(root, "configVersion")) {
        p->meta = slip_arena_new(d->arena, struct slip_raw_meta);
        return slip_section_decode(d, root, &slip_raw_meta_section, p->meta);
    }
    if (refuse_lost_name(d, root) < 0)
        return -1;
    if (slip_value_get(root, "dockerfile")) {
        p->dockerfile = slip_arena_new(d->arena, struct slip_raw_dockerfile);
        return slip_section_decode(d, root, &slip_raw_dockerfile_section, p->dockerfile);
    }
    if (slip_value_get(root, "image") || slip_value_get(root, "artifact")) {
        p->stapel = slip_arena_new(d->arena, struct slip_raw_stapel);
        return slip_section_decode(d, root, &slip_raw_stapel_section, p->stapel);
    }
    slip_decode_fail(d, root, "cannot recognize type of config section");
    return slip_hint(d->err, "a document needs one of the keys 'configVersion', 'image' (with "
                             "'dockerfile' or 'from') and 'artifact'");
}

static int read_document(struct decoding *g, const struct slip_document *document, struct parsed *p)
{
    struct slip_decoder *d = &g->c.d;
    bool more;
    if (slip_yaml_read(document->text, d->name, document->first_line, SLIP_YAML_GO_STRICT, &p->doc,
                       &more, d->err)
        < 0)
        return -1;
    if (more)
        slip_watch_warn(g->c.o->watch, NULL,
                        "%s:%u: only the first YAML document of this part counts", d->name,
                        document->first_line);
    struct slip_value none = { .type = SLIP_VALUE_MAP, .line = document->first_line, .col = 1 };
    const struct slip_value *root = p->doc.root;
    if (!root || root->type == SLIP_VALUE_NULL)
        return decode_section(d, &none, p);
    if (root->type == SLIP_VALUE_MAP)
        return decode_section(d, root, p);
    return slip_decode_fail(d, root, "cannot unmarshal !!%s into map[string]interface {}",
                            slip_yaml_tag(root));
}

static int read_documents(struct decoding *g)
{
    for (size_t i = 0; i < g->documents.len; i++) {
        struct parsed *p = &g->parsed[i];
        int rc = read_document(g, &g->documents.at[i], p);
        if (rc == 0 && p->meta && g->c.meta)
            rc = slip_decode_fail(&g->c.d, p->meta->where,
                                  "duplicate meta config section definition");
        if (rc == 0 && p->meta)
            g->c.meta = p->meta;
        if (after(g, rc) < 0)
            return -1;
    }
    return 0;
}

/* --- drafts --- */

static int add_draft(struct slip_convert *c, struct slip_draft draft)
{
    if (c->drafts.len == SLIP_LIMIT_IMAGES)
        return slip_decode_fail(&c->d, draft.where, "more than %d images", SLIP_LIMIT_IMAGES);
    slip_vec_push(&c->drafts, draft);
    return 0;
}

static int add_drafts(struct slip_convert *c, const struct slip_value *image,
                      struct slip_draft draft)
{
    struct slip_raw_list names = { 0 };
    if (slip_convert_names(c, image, &names) < 0)
        return -1;
    const struct slip_str *at = names.at;
    for (size_t i = 0; i < names.len; i++) {
        draft.name = at[i];
        if (add_draft(c, draft) < 0)
            return -1;
    }
    return 0;
}

static int add_dockerfile_drafts(struct slip_convert *c, const struct slip_raw_dockerfile *raw)
{
    return add_drafts(c, raw->image, (struct slip_draft){ .where = raw->where, .dockerfile = raw });
}

static int add_stapel_drafts(struct slip_convert *c, const struct slip_raw_stapel *raw)
{
    struct slip_draft draft = { .where = raw->where, .stapel = raw, .name = raw->artifact };
    size_t before = c->drafts.len;
    if (add_drafts(c, raw->image, draft) < 0)
        return -1;
    if ((c->drafts.len > before) == (raw->artifact.len > 0))
        return slip_decode_fail(&c->d, raw->where,
                                "unknown doc type: one and only one of `image: NAME|[NAME, ...]` "
                                "or `artifact: NAME` allowed!");
    draft.artifact = true;
    return raw->artifact.len ? add_draft(c, draft) : 0;
}

/* Images with a Dockerfile come first. */
static int make_drafts(struct decoding *g)
{
    for (size_t i = 0; i < g->documents.len; i++)
        if (g->parsed[i].dockerfile
            && after(g, add_dockerfile_drafts(&g->c, g->parsed[i].dockerfile)) < 0)
            return -1;
    for (size_t i = 0; i < g->documents.len; i++)
        if (g->parsed[i].stapel && after(g, add_stapel_drafts(&g->c, g->parsed[i].stapel)) < 0)
            return -1;
    for (size_t i = g->c.drafts.len; i-- > 0;)
        slip_map_set(g->c.by_name, g->c.drafts.at[i].name, &g->c.drafts.at[i]);
    return 0;
}

/* --- images --- */

static int convert_image(struct slip_convert *c, const struct slip_draft *d, struct slip_image *out)
{
    out->name = slip_convert_str(c, d->name);
    out->line = d->where->line;
    return d->dockerfile ? slip_convert_dockerfile(c, d, out) : slip_convert_stapel(c, d, out);
}

static int convert_images(struct decoding *g, struct slip_image *images)
{
    struct slip_convert *c = &g->c;
    const struct slip_value *failed = NULL; /* a document with several names is told once */
    for (size_t i = 0; i < c->drafts.len; i++) {
        const struct slip_draft *d = &c->drafts.at[i];
        if (d->where == failed)
            continue;
        int rc = convert_image(c, d, &images[i]);
        if (rc < 0)
            failed = d->where;
        if (after(g, rc) < 0)
            return -1;
    }
    return 0;
}

static int require_meta(struct slip_convert *c)
{
    if (c->meta)
        return 0;
    slip_fail(c->d.err, SLIP_E_CONFIG, "%s: meta config section is not defined", c->d.name);
    return slip_hint(c->d.err, "add a document with 'configVersion: 1' and 'project: NAME'");
}

static int decode(struct decoding *g, struct slip_str rendered)
{
    struct slip_convert *c = &g->c;
    slip_documents_split(rendered, &g->documents);
    g->parsed = slip_alloc_array(g->documents.len + 1, sizeof(*g->parsed));
    if (read_documents(g) < 0 || make_drafts(g) < 0 || g->err->kind != SLIP_OK)
        return -1;
    if (after(g, slip_convert_check_platforms(c)) < 0)
        return -1;
    if (require_meta(c) < 0) {
        note_error(g);
        return -1;
    }
    if (after(g, slip_convert_meta(c)) < 0)
        return -1;
    struct slip_image *images = slip_arena_array(c->d.arena, c->drafts.len, sizeof(*images));
    if (convert_images(g, images) < 0 || after(g, slip_convert_check_names(c)) < 0
        || g->err->kind != SLIP_OK)
        return -1;
    return after(g, slip_convert_order(c, images));
}

static void clear(struct decoding *g)
{
    for (size_t i = 0; g->parsed && i < g->documents.len; i++)
        slip_doc_clear(&g->parsed[i].doc);
    slip_free(g->parsed);
    slip_vec_clear(&g->documents);
    slip_vec_clear(&g->c.drafts);
    slip_map_free(g->c.by_name);
}

int slip_werf_decode(struct slip_str rendered, const struct slip_decode_options *o,
                     struct slip_image_set *out, struct slip_error *err)
{
    SLIP_AUTO(slip_arena) scratch = { 0 };
    SLIP_AUTO(slip_image_set) set = { 0 };
    struct decoding g = { .err = err };
    g.c = (struct slip_convert){
        .d = { .arena = &scratch, .name = o->name, .text = rendered, .err = &g.latest },
        .o = o,
        .set = &set,
        .by_name = slip_map_new(NULL),
    };
    set.project_dir = slip_convert_str(&g.c, o->project_dir);
    decode(&g, rendered);
    clear(&g);
    if (err->kind != SLIP_OK)
        return -1;
    slip_image_set_clear(out);
    *out = set;
    set = (struct slip_image_set){ 0 };
    return 0;
}
