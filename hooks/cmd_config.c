/* SPDX-License-Identifier: Apache-2.0 */
/* slipway config: werf.yaml as its templates make it, its images, and which needs which. */
#include "commands.h"

#include "base/limits.h"
#include "base/mem.h"
#include "document.h"
#include "report/table.h"
#include "settings.h"

struct config_args {
    struct slip_commit_options commit;
    bool final_only;
};

/* clang-format off */
static const struct slip_option render_options[] = {
    SLIP_COMMIT_OPTIONS(struct config_args, commit),
    { .name = NULL },
};
static const struct slip_option list_options[] = {
    { "final-images-only", 0, SLIP_OPTION_FLAG, offsetof(struct config_args, final_only), NULL,
      "WERF_FINAL_IMAGES_ONLY", "leave out images with `final: false`" },
    SLIP_COMMIT_OPTIONS(struct config_args, commit),
    { .name = NULL },
};
/* clang-format on */

/* ---- render ---- */

static int render(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct config_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_project) project = { 0 };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_RENDERED);
    if (args->len)
        return slip_cli_usage(cli, "config render takes no arguments");
    if (slip_render_config(cli, &o->commit, &project, &text, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (cli->common.json) {
        json_t *doc = json_pack("{s:i,s:s,s:s%}", "schema", 1, "commit", project.commit_hex,
                                "rendered", text.ptr, text.len);
        if (!doc) {
            slip_fail(&err, SLIP_E_UNSUPPORTED, "the text is not UTF-8, which JSON cannot hold");
            return slip_cli_fail(cli, &err);
        }
        slip_json_print(doc);
        return 0;
    }
    fwrite(text.ptr, 1, text.len, stdout);
    return 0;
}

/* ---- list and graph ---- */

static const char *kind_name(enum slip_image_kind kind)
{
    static const char *const names[] = {
        [SLIP_IMAGE_DOCKERFILE] = "dockerfile",
        [SLIP_IMAGE_STAGED] = "staged",
        [SLIP_IMAGE_STAPEL] = "stapel",
        [SLIP_IMAGE_ARTIFACT] = "artifact",
    };
    return names[kind];
}

/* Names are those of werf.yaml; the nameless image has an empty one. */
static int print_json(const struct slip_project *p, bool final_only)
{
    json_t *images = json_array();
    for (size_t i = 0; i < p->set.len; i++) {
        const struct slip_image *image = &p->set.at[i];
        if (final_only && !image->final)
            continue;
        json_t *needs = json_array();
        for (size_t k = 0; k < image->n_needs; k++)
            json_array_append_new(needs, slip_json_text(p->set.at[image->needs[k]].name));
        json_array_append_new(images, json_pack("{s:o,s:s,s:b,s:i,s:o}", "name",
                                                slip_json_text(image->name), "kind",
                                                kind_name(image->kind), "final", image->final,
                                                "line", (int)image->line, "needs", needs));
    }
    json_t *doc = json_pack("{s:i,s:s,s:o,s:o}", "schema", 1, "commit", p->commit_hex, "project",
                            slip_json_text(p->set.project), "images", images);
    slip_json_print(doc);
    return 0;
}

static int list(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct config_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_project) project = { 0 };
    if (args->len)
        return slip_cli_usage(cli, "config list takes no arguments");
    if (slip_open_project(cli, &o->commit, NULL, &project, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (cli->common.json)
        return print_json(&project, o->final_only);
    for (size_t i = 0; i < project.set.len; i++) {
        const struct slip_image *image = &project.set.at[i];
        SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_TEXT);
        if (o->final_only && !image->final)
            continue;
        slip_cli_escape(image->name, &name);
        puts(name.ptr);
    }
    return 0;
}

static int graph(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct config_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_project) project = { 0 };
    SLIP_AUTO(slip_table) table = { 0 };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    if (args->len)
        return slip_cli_usage(cli, "config graph takes no arguments");
    if (slip_open_project(cli, &o->commit, NULL, &project, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (cli->common.json)
        return print_json(&project, false);
    slip_table_init(&table, 3);
    for (size_t i = 0; i < project.set.len; i++) {
        const struct slip_image *image = &project.set.at[i];
        SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_TEXT);
        SLIP_AUTO(slip_buf) needs = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_cli_escape(image->name, &name);
        for (size_t k = 0; k < image->n_needs; k++) {
            slip_buf_add_c(&needs, k ? ", " : "<- ");
            slip_cli_escape(project.set.at[image->needs[k]].name, &needs);
        }
        slip_table_add(&table, name.len ? name.ptr : "(nameless)");
        slip_table_add(&table, kind_name(image->kind));
        slip_table_add(&table, needs.ptr);
    }
    slip_table_print(&table, &out);
    fputs(out.ptr, stdout);
    return 0;
}

const struct slip_command slip_command_config_render = {
    .name = "config render",
    .trade = "look",
    .synopsis = "config render [--commit REV] [--env NAME]",
    .summary = "print werf.yaml with its templates carried out",
    .options = render_options,
    .size = sizeof(struct config_args),
    .json = true,
    .run = render,
};

const struct slip_command slip_command_config_list = {
    .name = "config list",
    .trade = "look",
    .synopsis = "config list [--final-images-only]",
    .summary = "print the names of the images",
    .options = list_options,
    .size = sizeof(struct config_args),
    .json = true,
    .run = list,
};

const struct slip_command slip_command_config_graph = {
    .name = "config graph",
    .trade = "look",
    .synopsis = "config graph",
    .summary = "print which image needs which, those that are needed first",
    .options = render_options,
    .size = sizeof(struct config_args),
    .json = true,
    .run = graph,
};
