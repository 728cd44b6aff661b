/* SPDX-License-Identifier: Apache-2.0 */
/* slipway tags: images, their digests, and the stages that are there. */
#include "commands.h"

#include "base/mem.h"
#include "document.h"
#include "flow/resolve.h"
#include "report/table.h"
#include "settings.h"
#include "tags_diff.h"
#include "tags_explain.h"
#include "werf/select.h"

struct tags_args {
    struct slip_commit_options commit;
    struct slip_registry_flags registry;
    struct slip_words platforms;
    const char *explain;
    bool diff;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    SLIP_COMMIT_OPTIONS(struct tags_args, commit),
    SLIP_REGISTRY_OPTIONS(struct tags_args, registry),
    { "platform", 0, SLIP_OPTION_LIST, offsetof(struct tags_args, platforms), "PLATFORM",
      "SLIPWAY_PLATFORM WERF_PLATFORM DOCKER_DEFAULT_PLATFORM", "of all images, may be repeated" },
    { "explain", 0, SLIP_OPTION_TEXT, offsetof(struct tags_args, explain), "IMAGE", NULL,
      "print every ingredient of the digest of one image" },
    { "diff", 0, SLIP_OPTION_FLAG, offsetof(struct tags_args, diff), NULL, NULL,
      "two revisions and an image follow: print what made its digest another one" },
    { .name = NULL },
};
/* clang-format on */

static const char *image_name(struct slip_str name, char buf[256])
{
    snprintf(buf, 256, "%.*s", SLIP_ARG(name));
    return buf;
}

/*
 * Nobody named an image: those that slipway can neither derive nor find (`looks`: there is a stage
 * repository) are left out (`left_out`), and listed as such, unless there are no others. True when
 * some are.
 */
static bool leave_out(const struct slip_image_set *set, bool looks, bool *wanted, bool *left_out)
{
    SLIP_AUTO_FREE bool *resolvable = slip_alloc_array(set->len + 1, sizeof(bool));
    bool some = false, others = false;
    slip_resolvable_images(set, looks, resolvable);
    for (size_t i = 0; i < set->len; i++)
        others |= wanted[i] && resolvable[i];
    for (size_t i = 0; others && i < set->len; i++) {
        left_out[i] = wanted[i] && !resolvable[i];
        wanted[i] &= resolvable[i];
        some |= left_out[i];
    }
    return some;
}

static const char *why_left_out(const struct slip_image *image)
{
    return image->stapel ? "(stapel: give the stage repository, --repo)"
                         : "(rests on an image that only werf can derive)";
}

/* A stage or digest that is not known. */
static const char *why_unknown(const struct slip_image *image, bool looked)
{
    if (image->stapel)
        return "(stapel: werf has not built it for this commit)";
    if (image->kind == SLIP_IMAGE_DOCKERFILE)
        return "(rests on an image that is not built)";
    return looked ? "(staged: it rests on what is not built, or only werf can tell)"
                  : "(staged: give the stage repository, --repo)";
}

static void print_table(const struct slip_project *p, const struct slip_resolution *r,
                        const bool *left_out)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    SLIP_AUTO(slip_table) t = { 0 };
    slip_table_init(&t, 3);
    for (size_t i = 0; i < r->len; i++) {
        const struct slip_resolved *image = &r->at[i];
        char name[256];
        if (!image->wanted)
            continue;
        image_name(p->set.at[image->image].name, name);
        for (size_t k = 0; k < image->len; k++) {
            const struct slip_resolved_platform *at = &image->at[k];
            slip_table_add(&t, name[0] ? name : "(nameless)");
            slip_table_add(&t, image->len > 1 ? at->name : "");
            slip_table_add(&t, at->found ? at->stage.tag
                               : at->known
                                   ? slip_image_digest_text(&at->digest)
                                   : why_unknown(&p->set.at[image->image], image->store != NULL));
        }
        if (image->len > 1 && image->complete) {
            slip_table_add(&t, name);
            slip_table_add(&t, "all platforms");
            slip_table_add(&t, image->index_tag);
        }
    }
    for (size_t i = 0; i < p->set.len; i++)
        if (left_out[i]) {
            char name[256];
            slip_table_add(&t, image_name(p->set.at[i].name, name));
            slip_table_add(&t, "");
            slip_table_add(&t, why_left_out(&p->set.at[i]));
        }
    slip_table_print(&t, &out);
    fputs(out.ptr, stdout);
}

static json_t *entry(const char *name, const char *platform, const char *digest, const char *tag)
{
    return json_pack("{s:o,s:s?,s:s?,s:s?,s:b}", "name", slip_json_text(slip_str_of(name)),
                     "platform", platform, "digest", digest, "tag", tag, "found", tag != NULL);
}

/* design.md section 5: {schema: 1, commit, images: [{name, platform, digest, tag or null, found}]}
 */
static void print_json(const struct slip_project *p, const struct slip_resolution *r,
                       const bool *left_out)
{
    json_t *images = json_array();
    for (size_t i = 0; i < r->len; i++) {
        const struct slip_resolved *image = &r->at[i];
        char name[256];
        if (!image->wanted)
            continue;
        image_name(p->set.at[image->image].name, name);
        for (size_t k = 0; k < image->len; k++) {
            const struct slip_resolved_platform *at = &image->at[k];
            json_array_append_new(images,
                                  entry(name, at->name,
                                        at->known ? slip_image_digest_text(&at->digest) : NULL,
                                        at->found ? at->stage.tag : NULL));
        }
        if (image->len > 1)
            json_array_append_new(images,
                                  entry(name, NULL, image->complete ? image->index_tag : NULL,
                                        slip_resolved_tag(image)));
    }
    for (size_t i = 0; i < p->set.len; i++) {
        char name[256];
        if (left_out[i])
            json_array_append_new(images,
                                  entry(image_name(p->set.at[i].name, name), NULL, NULL, NULL));
    }
    slip_json_print(
        json_pack("{s:i,s:s,s:o}", "schema", 1, "commit", p->commit_hex, "images", images));
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    struct tags_args *o = options;
    struct slip_error err = { 0 };
    if (o->diff && args->len != 3)
        return slip_cli_usage(cli, "'--diff' is followed by two revisions and an image");
    if (o->diff)
        return slip_tags_diff(cli, &(struct slip_tags_diff){ .commit = &o->commit,
                                                             .before = args->at[0],
                                                             .after = args->at[1],
                                                             .image = args->at[2],
                                                             .platforms = o->platforms.at,
                                                             .n_platforms = o->platforms.len });
    SLIP_AUTO(slip_project) project = { 0 };
    SLIP_AUTO(slip_told) told = { 0 };
    if (slip_open_project(cli, &o->commit, &told, &project, &err) < 0)
        return slip_cli_fail(cli, &err);

    struct slip_words only = { .at = (const char **)&o->explain, .len = 1 };
    SLIP_AUTO_FREE bool *wanted = slip_alloc_array(project.set.len + 1, sizeof(bool));
    if (slip_select_words(cli, &project, o->explain ? &only : args, wanted, &err) < 0)
        return slip_cli_fail(cli, &err);

    SLIP_AUTO(slip_settings) settings = { 0 };
    slip_settings_init(&settings, cli, &o->registry, slip_project_base_dir(&project));
    SLIP_AUTO_PTR(slip_registry) registry = slip_registry_new(&settings.registry);
    SLIP_AUTO_PTR(slip_store) store = NULL;
    const char *repository = NULL;
    if (slip_stage_repository(&told, o->registry.repo, &repository, &err) < 0
        || (repository && slip_open_store(registry, repository, &store, &err) < 0))
        return slip_cli_fail(cli, &err);

    SLIP_AUTO_FREE bool *left_out = slip_alloc_array(project.set.len + 1, sizeof(bool));
    if (args->len == 0 && !o->explain && leave_out(&project.set, store != NULL, wanted, left_out))
        slip_watch_warn(&cli->watch, NULL, "not all images can be derived: export those with werf");

    SLIP_AUTO(slip_resolution) resolution = { 0 };
    struct slip_resolve_options ro = { .platforms = o->platforms.at,
                                       .n_platforms = o->platforms.len,
                                       .host_platform = slip_host_platform(),
                                       .missing = SLIP_MISSING_NOTED,
                                       .registry = registry,
                                       .stapel = slip_stapel_settings(cli),
                                       .asks_bases = true,
                                       .explain = o->explain != NULL,
                                       .watch = &cli->watch };
    if (slip_staged_settings(cli, &ro.staged_version, &err) < 0
        || slip_resolve(&project, wanted, store, &ro, &resolution, &err) < 0)
        return slip_cli_fail(cli, &err);

    if (o->explain)
        slip_tags_explain(cli, &project, &resolution);
    else if (cli->common.json)
        print_json(&project, &resolution, left_out);
    else
        print_table(&project, &resolution, left_out);
    return 0;
}

const struct slip_command slip_command_tags = {
    .name = "tags",
    .trade = "look",
    .synopsis = "tags [IMAGE...] [--repo REPOSITORY] | tags --diff A B IMAGE",
    .summary = "print images, digests, and the stages that are there",
    .details =
        "Without --repo the stage repository is that of 'slipway install', or of the rules of "
        "the commit; 'dir' and 'env' of the rules count where no option says it.",
    .options = options_table,
    .size = sizeof(struct tags_args),
    .json = true,
    .run = run,
};
