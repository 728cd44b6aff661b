/* SPDX-License-Identifier: Apache-2.0 */
/* What the digest of an image is made of. */
#include "tags_explain.h"

#include "document.h"
#include "settings.h"

static void print_ingredients(const struct slip_stage_digest *stage, struct slip_buf *out)
{
    for (size_t i = 0; i < stage->n_ingredients; i++) {
        const struct slip_ingredient *in = &stage->ingredients[i];
        slip_buf_add_fmt(out, "%4zu  %-24.*s  ", i + 1, SLIP_ARG(in->origin));
        slip_cli_escape(in->text, out);
        if (in->kind == SLIP_INGREDIENT_FILES)
            slip_buf_add_fmt(out, "  (%zu files and directories: %.*s)", in->entries,
                             SLIP_ARG(in->detail));
        slip_buf_add_char(out, '\n');
    }
    slip_buf_add_fmt(out, "      dependencies %s\n", stage->dependencies);
    if (stage->given[0])
        slip_buf_add_fmt(out, "      commits of the stage before %s\n", stage->given);
    if (stage->content[0])
        slip_buf_add_fmt(out, "      content digest %s\n", stage->content);
}

static void print_stages(const struct slip_resolved_platform *p, struct slip_buf *out)
{
    for (size_t i = 0; i < p->digest.n_stages; i++) {
        const struct slip_stage_digest *stage = &p->digest.stages[i];
        slip_buf_add_fmt(out, "stage %s, %s: digest %s\n", stage->name, p->name, stage->digest);
        if (stage->dependencies[0])
            print_ingredients(stage, out);
        else
            slip_buf_add_c(out, "      what went into it only werf knows\n");
    }
}

/* ---- JSON ---- */

static json_t *ingredients_json(const struct slip_stage_digest *stage)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stage->n_ingredients; i++) {
        const struct slip_ingredient *in = &stage->ingredients[i];
        bool files = in->kind == SLIP_INGREDIENT_FILES;
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:o}", "origin", slip_json_text(in->origin), "text",
                            slip_json_text(in->text), "sources",
                            files ? slip_json_text(in->detail) : json_null(), "entries",
                            files ? json_integer((json_int_t)in->entries) : json_null()));
    }
    return list;
}

static void add_stages(const struct slip_resolved_platform *p, json_t *list)
{
    for (size_t i = 0; i < p->digest.n_stages; i++) {
        const struct slip_stage_digest *stage = &p->digest.stages[i];
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o}", "platform", p->name,
                                        "name", stage->name, "digest", stage->digest,
                                        "dependencies", slip_json_text_or_null(stage->dependencies),
                                        "commits", slip_json_text_or_null(stage->given),
                                        "content_digest", slip_json_text_or_null(stage->content),
                                        "ingredients", ingredients_json(stage)));
    }
}

static void print_json(const struct slip_project *p, const struct slip_resolved *image)
{
    json_t *stages = json_array();
    for (size_t i = 0; i < image->len; i++)
        add_stages(&image->at[i], stages);
    slip_json_print(json_pack("{s:i,s:s,s:o,s:o}", "schema", 1, "commit", p->commit_hex, "image",
                              slip_json_text(p->set.at[image->image].name), "stages", stages));
}

void slip_tags_explain(struct slip_cli *cli, const struct slip_project *p,
                       const struct slip_resolution *r)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    for (size_t i = 0; i < r->len; i++) {
        if (!r->at[i].wanted)
            continue;
        if (cli->common.json)
            print_json(p, &r->at[i]);
        for (size_t k = 0; !cli->common.json && k < r->at[i].len; k++)
            print_stages(&r->at[i].at[k], &out);
    }
    fputs(out.ptr, stdout);
}
