/* SPDX-License-Identifier: Apache-2.0 */
/* `imageSpec` of an image, joined with `build.imageSpec` (werf-config.md A.7.3). */
#include "werf/convert.h"

static void take_health(struct slip_convert *c, const struct slip_raw_health *raw,
                        struct slip_image_spec *out)
{
    out->has_healthcheck = raw != NULL;
    if (!raw)
        return;
    out->healthcheck = (struct slip_image_healthcheck){
        .test = slip_convert_list(c, &raw->test),
        .interval = raw->interval,
        .timeout = raw->timeout,
        .start_period = raw->start_period,
        .retries = raw->retries,
    };
}

static void take_config(struct slip_convert *c, const struct slip_raw_spec_config *raw,
                        struct slip_image_spec *out)
{
    out->keep_essential_labels = raw->keep_essential_labels == SLIP_YES;
    out->clear_werf_labels = raw->clear_werf_labels == SLIP_YES;
    out->clear_cmd = raw->clear_cmd == SLIP_YES;
    out->clear_entrypoint = raw->clear_entrypoint == SLIP_YES;
    out->clear_user = raw->clear_user == SLIP_YES;
    out->clear_working_dir = raw->clear_working_dir == SLIP_YES;
    out->remove_labels = slip_convert_list(c, &raw->remove_labels);
    out->remove_volumes = slip_convert_list(c, &raw->remove_volumes);
    out->remove_env = slip_convert_list(c, &raw->remove_env);
    out->volumes = slip_convert_list(c, &raw->volumes);
    out->expose = slip_convert_list(c, &raw->expose);
    out->cmd = slip_convert_list(c, &raw->cmd);
    out->entrypoint = slip_convert_list(c, &raw->entrypoint);
    out->labels = slip_convert_map(c, &raw->labels);
    out->env = slip_convert_map(c, &raw->env);
    out->user = slip_convert_str(c, raw->user);
    out->working_dir = slip_convert_str(c, raw->working_dir);
    out->stop_signal = slip_convert_str(c, raw->stop_signal);
    take_health(c, raw->healthcheck, out);
}

/* --- the global part --- */

static bool contains(const struct slip_str_list *list, struct slip_str s)
{
    for (size_t i = 0; i < list->len; i++)
        if (slip_str_eq(list->at[i], s))
            return true;
    return false;
}

/* The image's list and then what the global one has more. */
static struct slip_str_list join_lists(struct slip_convert *c, struct slip_str_list own,
                                       struct slip_str_list global)
{
    struct slip_str_list all = { NULL, 0 };
    all.at = slip_arena_array(&c->set->arena, own.len + global.len, sizeof(*all.at));
    for (size_t i = 0; i < own.len; i++)
        all.at[all.len++] = own.at[i];
    for (size_t i = 0; i < global.len; i++)
        if (!contains(&all, global.at[i]))
            all.at[all.len++] = global.at[i];
    return all;
}

/* Both are sorted; for a key of both the global value counts. */
static struct slip_str_map join_maps(struct slip_convert *c, struct slip_str_map own,
                                     struct slip_str_map global)
{
    struct slip_str_map all = { NULL, 0 };
    all.at = slip_arena_array(&c->set->arena, own.len + global.len, sizeof(*all.at));
    size_t i = 0, k = 0;
    while (i < own.len || k < global.len) {
        int order = i == own.len      ? 1
                    : k == global.len ? -1
                                      : slip_str_cmp(own.at[i].key, global.at[k].key);
        all.at[all.len++] = order < 0 ? own.at[i] : global.at[k];
        i += order <= 0;
        k += order >= 0;
    }
    return all;
}

static void join_global(struct slip_convert *c, const struct slip_raw_spec *raw,
                        struct slip_image_spec *out)
{
    if (raw->author.len)
        out->author = slip_convert_str(c, raw->author);
    out->clear_history |= raw->clear_history == SLIP_YES;
    if (!raw->config)
        return;
    out->keep_essential_labels |= raw->config->keep_essential_labels == SLIP_YES;
    out->labels = join_maps(c, out->labels, slip_convert_map(c, &raw->config->labels));
    out->remove_labels =
        join_lists(c, out->remove_labels, slip_convert_list(c, &raw->config->remove_labels));
}

void slip_convert_image_spec(struct slip_convert *c, const struct slip_raw_spec *raw,
                             struct slip_image *out)
{
    const struct slip_raw_spec *global =
        out->final && c->meta->build ? c->meta->build->image_spec : NULL;
    out->has_image_spec = (raw || global) && !c->o->skip_image_spec;
    if (raw) {
        out->image_spec.author = slip_convert_str(c, raw->author);
        out->image_spec.clear_history = raw->clear_history == SLIP_YES;
    }
    if (raw && raw->config)
        take_config(c, raw->config, &out->image_spec);
    if (global)
        join_global(c, global, &out->image_spec);
}
