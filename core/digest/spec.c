/* SPDX-License-Identifier: Apache-2.0 */
/* imageSpec as a list of strings. */
#include "digest/spec.h"

#include "base/limits.h"

#include <inttypes.h>
#include <stdlib.h>

struct listing {
    struct slip_arena *arena;
    SLIP_VEC(struct slip_ingredient);
};

static void add(struct listing *l, const char *setting, struct slip_str text)
{
    const char *origin = slip_arena_printf(l->arena, "werf.yaml: imageSpec.%s", setting);
    slip_vec_push(l, (struct slip_ingredient){ .kind = SLIP_INGREDIENT_IMAGE_SPEC,
                                               .text = slip_arena_str(l->arena, text),
                                               .origin = slip_str_of(origin),
                                               .detail = slip_str_of(setting) });
}

static void add_bool(struct listing *l, const char *setting, bool value)
{
    add(l, setting, slip_str_of(value ? "true" : "false"));
}

static void join(struct slip_str_list list, struct slip_buf *out)
{
    for (size_t i = 0; i < list.len; i++) {
        if (i)
            slip_buf_add_char(out, ' ');
        slip_buf_add_str(out, list.at[i]);
    }
}

static void add_joined(struct listing *l, const char *setting, struct slip_str_list list)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    join(list, &text);
    add(l, setting, slip_buf_str(&text));
}

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

static void add_sorted(struct listing *l, const char *setting, struct slip_str_list list)
{
    struct slip_str *sorted = slip_arena_array(l->arena, list.len, sizeof(*sorted));
    if (list.len == 0)
        return;
    memcpy(sorted, list.at, list.len * sizeof(*sorted));
    qsort(sorted, list.len, sizeof(*sorted), by_bytes);
    for (size_t i = 0; i < list.len; i++)
        add(l, setting, sorted[i]);
}

static void add_map(struct listing *l, const char *setting, struct slip_str_map map)
{
    for (size_t i = 0; i < map.len; i++) {
        add(l, setting, map.at[i].key);
        add(l, setting, map.at[i].value);
    }
}

/* As Go prints a pointer to the struct with %v. */
static void add_healthcheck(struct listing *l, const struct slip_image_spec *spec)
{
    if (!spec->has_healthcheck) {
        add(l, "healthcheck", SLIP_STR("<nil>"));
        return;
    }
    const struct slip_image_healthcheck *h = &spec->healthcheck;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    slip_buf_add_c(&text, "&{[");
    join(h->test, &text);
    slip_buf_add_fmt(&text, "] %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "}", h->interval,
                     h->timeout, h->start_period, h->retries);
    add(l, "healthcheck", slip_buf_str(&text));
}

void slip_spec_ingredients(const struct slip_image_spec *s, struct slip_arena *a,
                           struct slip_ingredient **out, size_t *n)
{
    struct listing l = { .arena = a };
    add(&l, "author", s->author);
    add_bool(&l, "clearHistory", s->clear_history);
    add_joined(&l, "cmd", s->cmd);
    add_joined(&l, "entrypoint", s->entrypoint);
    add_map(&l, "env", s->env);
    add_sorted(&l, "expose", s->expose);
    add_healthcheck(&l, s);
    add_map(&l, "labels", s->labels);
    add(&l, "stopSignal", s->stop_signal);
    add(&l, "user", s->user);
    add_sorted(&l, "volumes", s->volumes);
    add(&l, "workingDir", s->working_dir);
    add_sorted(&l, "removeLabels", s->remove_labels);
    add_sorted(&l, "removeVolumes", s->remove_volumes);
    add_sorted(&l, "removeEnv", s->remove_env);
    add_bool(&l, "keepEssentialWerfLabels", s->keep_essential_labels);
    add_bool(&l, "clearCmd", s->clear_cmd);
    add_bool(&l, "clearEntrypoint", s->clear_entrypoint);
    add_bool(&l, "clearUser", s->clear_user);
    add_bool(&l, "clearWorkingDir", s->clear_working_dir);
    *out = slip_arena_array(a, l.len, sizeof(**out));
    memcpy(*out, l.at, l.len * sizeof(**out));
    *n = l.len;
    slip_vec_clear(&l);
}
