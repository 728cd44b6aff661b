/* SPDX-License-Identifier: Apache-2.0 */
/* Why an image was built anew: the ingredients of two digests, and the files behind a checksum. */
#include "tags_diff.h"

#include "base/mem.h"
#include "digest/compare.h"
#include "document.h"
#include "flow/resolve.h"

/* The image in one of the two commits. */
struct side {
    struct slip_project project;
    struct slip_resolution resolution;
    const struct slip_resolved *image;
};

static void side_clear(struct side *s)
{
    slip_resolution_clear(&s->resolution);
    slip_project_clear(&s->project);
}

static int open_side(struct slip_cli *cli, const struct slip_tags_diff *d, const char *rev,
                     struct side *s, struct slip_error *err)
{
    struct slip_commit_options c = *d->commit;
    c.commit = rev;
    SLIP_AUTO(slip_told) told = { 0 };
    if (slip_open_project(cli, &c, &told, &s->project, err) < 0)
        return slip_while(err, "%s", rev);
    SLIP_AUTO_FREE bool *wanted = slip_alloc_array(s->project.set.len + 1, sizeof(bool));
    size_t index = slip_image_set_find(&s->project.set, slip_str_of(d->image));
    if (index == SLIP_NPOS) {
        slip_fail(err, SLIP_E_USAGE, "there is no image '%s' in %s", d->image, rev);
        return slip_hint(err, "names of its images: slipway config list --commit %s", rev);
    }
    wanted[index] = true;
    struct slip_resolve_options o = { .platforms = d->platforms,
                                      .n_platforms = d->n_platforms,
                                      .host_platform = slip_host_platform(),
                                      .missing = SLIP_MISSING_NOTED,
                                      .watch = &cli->watch };
    if (slip_staged_settings(cli, &o.staged_version, err) < 0
        || slip_resolve(&s->project, wanted, NULL, &o, &s->resolution, err) < 0)
        return slip_while(err, "%s", rev);
    for (size_t i = 0; i < s->resolution.len; i++)
        if (s->resolution.at[i].wanted)
            s->image = &s->resolution.at[i];
    return 0;
}

static void print_ingredient(char sign, const struct slip_ingredient *in, struct slip_buf *out)
{
    if (!in)
        return;
    slip_buf_add_fmt(out, "%c %-24.*s  ", sign, SLIP_ARG(in->origin));
    slip_cli_escape(in->text, out);
    slip_buf_add_char(out, '\n');
}

/* A file that is new, gone, or changed. */
static int print_file(void *payload, struct slip_str path, const struct slip_entry *before,
                      const struct slip_entry *after, struct slip_error *err)
{
    (void)err;
    struct slip_buf *out = payload;
    slip_buf_add_fmt(out, "    %c ", !before ? '+' : !after ? '-' : 'M');
    slip_cli_escape(path, out);
    slip_buf_add_char(out, '\n');
    return 0;
}

static int print_change(const struct side *a, const struct side *b,
                        const struct slip_ingredient_change *c, struct slip_buf *out,
                        struct slip_error *err)
{
    print_ingredient('-', c->before, out);
    print_ingredient('+', c->after, out);
    const struct slip_file_selection *before = c->before ? c->before->selection : NULL;
    const struct slip_file_selection *after = c->after ? c->after->selection : NULL;
    if (!before && !after)
        return 0;
    return slip_selection_compare(&a->project.tree, before, &b->project.tree, after, print_file,
                                  out, err);
}

static int print_platform(const struct side *a, const struct side *b,
                          const struct slip_resolved_platform *before,
                          const struct slip_resolved_platform *after, struct slip_buf *out,
                          struct slip_error *err)
{
    SLIP_AUTO(slip_digest_changes) changes = { 0 };
    if (!before->known || !after->known) {
        slip_buf_add_fmt(out, "%s: the digest rests on an image that is not built\n", after->name);
        return 0;
    }
    const char *from = slip_image_digest_text(&before->digest);
    const char *to = slip_image_digest_text(&after->digest);
    if (strcmp(from, to) == 0) {
        slip_buf_add_fmt(out, "%s: equal, %s\n", after->name, to);
        return 0;
    }
    slip_buf_add_fmt(out, "%s: %s -> %s\n", after->name, from, to);
    slip_digest_compare(&before->digest, &after->digest, &changes);
    for (size_t i = 0; i < changes.len; i++)
        if (print_change(a, b, &changes.at[i], out, err) < 0)
            return -1;
    return 0;
}

static const struct slip_resolved_platform *find_platform(const struct slip_resolved *image,
                                                          const char *name)
{
    for (size_t i = 0; i < image->len; i++)
        if (strcmp(image->at[i].name, name) == 0)
            return &image->at[i];
    return NULL;
}

static int print_all(const struct side *a, const struct side *b, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    for (size_t i = 0; i < b->image->len; i++) {
        const struct slip_resolved_platform *after = &b->image->at[i];
        const struct slip_resolved_platform *before = find_platform(a->image, after->name);
        if (!before)
            slip_buf_add_fmt(&out, "%s: only in the second commit\n", after->name);
        else if (print_platform(a, b, before, after, &out, err) < 0)
            return -1;
    }
    fputs(out.ptr, stdout);
    return 0;
}

/* ---- JSON ---- */

static json_t *text_of(const struct slip_ingredient *in)
{
    return in ? slip_json_text(in->text) : json_null();
}

static int add_file(void *payload, struct slip_str path, const struct slip_entry *before,
                    const struct slip_entry *after, struct slip_error *err)
{
    (void)err;
    json_array_append_new(payload, json_pack("{s:o,s:s}", "path", slip_json_text(path), "change",
                                             !before  ? "+"
                                             : !after ? "-"
                                                      : "M"));
    return 0;
}

static int add_change(const struct side *a, const struct side *b,
                      const struct slip_ingredient_change *c, json_t *list, struct slip_error *err)
{
    json_t *files = json_array();
    const struct slip_ingredient *one = c->after ? c->after : c->before;
    const struct slip_file_selection *before = c->before ? c->before->selection : NULL;
    const struct slip_file_selection *after = c->after ? c->after->selection : NULL;
    json_array_append_new(list,
                          json_pack("{s:o,s:o,s:o,s:o,s:i}", "origin", slip_json_text(one->origin),
                                    "before", text_of(c->before), "after", text_of(c->after),
                                    "files", files, "more_files", 0));
    return before || after ? slip_selection_compare(&a->project.tree, before, &b->project.tree,
                                                    after, add_file, files, err)
                           : 0;
}

static json_t *digest_of(const struct slip_resolved_platform *p)
{
    return p && p->known ? json_string(slip_image_digest_text(&p->digest)) : json_null();
}

static int add_platform(const struct side *a, const struct side *b,
                        const struct slip_resolved_platform *before,
                        const struct slip_resolved_platform *after, json_t *list,
                        struct slip_error *err)
{
    SLIP_AUTO(slip_digest_changes) changes = { 0 };
    json_t *all = json_array();
    json_array_append_new(list,
                          json_pack("{s:s,s:o,s:o,s:o}", "platform", after->name, "before",
                                    digest_of(before), "after", digest_of(after), "changes", all));
    if (before && before->known && after->known)
        slip_digest_compare(&before->digest, &after->digest, &changes);
    for (size_t i = 0; i < changes.len; i++)
        if (add_change(a, b, &changes.at[i], all, err) < 0)
            return -1;
    return 0;
}

static int print_json(const struct side *a, const struct side *b, const char *image,
                      struct slip_error *err)
{
    json_t *platforms = json_array();
    json_t *doc = json_pack("{s:i,s:s,s:s,s:o,s:o}", "schema", 1, "before", a->project.commit_hex,
                            "after", b->project.commit_hex, "image",
                            slip_json_text(slip_str_of(image)), "platforms", platforms);
    for (size_t i = 0; i < b->image->len; i++)
        if (add_platform(a, b, find_platform(a->image, b->image->at[i].name), &b->image->at[i],
                         platforms, err)
            < 0) {
            json_decref(doc);
            return -1;
        }
    slip_json_print(doc);
    return 0;
}

int slip_tags_diff(struct slip_cli *cli, const struct slip_tags_diff *d)
{
    struct side a = { 0 }, b = { 0 };
    struct slip_error err = { 0 };
    int rc = open_side(cli, d, d->before, &a, &err);
    if (rc == 0)
        rc = open_side(cli, d, d->after, &b, &err);
    if (rc == 0)
        rc = cli->common.json ? print_json(&a, &b, d->image, &err) : print_all(&a, &b, &err);
    side_clear(&a);
    side_clear(&b);
    return rc < 0 ? slip_cli_fail(cli, &err) : 0;
}
