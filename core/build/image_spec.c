/* SPDX-License-Identifier: Apache-2.0 */
/* What imageSpec of werf.yaml does to the config of an image. */
#include "build/image_spec.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "build/edit.h"
#include "dockerfile/shell.h"
#include "match/re2.h"
#include "registry/stages.h"
#include "value/json.h"

/* One config being changed. */
struct change {
    struct slip_doc doc;
    struct slip_value *config; /* the member "config" */
    const struct slip_image_spec_input *in;
    struct slip_error *err;
};

static void change_clear(struct change *c)
{
    slip_doc_clear(&c->doc);
}
SLIP_DEFINE_AUTO(change, change_clear);

static void set_text(struct change *c, struct slip_value *map, const char *key,
                     struct slip_str value)
{
    if (value.len)
        slip_edit_set(&c->doc, map, slip_str_of(key), slip_edit_string(&c->doc, value));
}

static struct slip_value *strings(struct change *c, const struct slip_str_list *list)
{
    return slip_edit_strings(&c->doc, list->at, list->len);
}

/* Labels. */

/* No list of labels to remove reaches these. */
static const char *const essential[] = {
    "werf",
    SLIP_LABEL_CONTENT_DIGEST,
    "werf.io/parent-stage-id",
    "werf-project-repo-commit",
};

static bool is_essential(struct slip_str key)
{
    for (size_t i = 0; i < SLIP_COUNT(essential); i++)
        if (slip_str_is(key, essential[i]))
            return true;
    return false;
}

/* What is to be removed: a name, or all that an expression between slashes matches as a whole. */
struct removal {
    struct slip_str name;
    struct slip_re2 *expression; /* or NULL */
};

static void removal_clear(struct removal *r)
{
    slip_re2_free(r->expression);
}
SLIP_DEFINE_AUTO(removal, removal_clear);

static int read_removal(struct change *c, struct slip_str what, struct removal *out)
{
    SLIP_AUTO(slip_buf) anchored = SLIP_BUF(SLIP_LIMIT_TEXT);
    *out = (struct removal){ .name = what };
    if (what.len < 2 || what.ptr[0] != '/' || what.ptr[what.len - 1] != '/')
        return 0;
    slip_buf_add_fmt(&anchored, "^%.*s$", SLIP_ARG(slip_str_make(what.ptr + 1, what.len - 2)));
    return slip_re2_compile(slip_buf_str(&anchored), &out->expression, c->err);
}

static bool is_removed(const struct removal *r, struct slip_str key)
{
    return r->expression ? slip_re2_match(r->expression, key) : slip_str_eq(r->name, key);
}

static int remove_labels(struct change *c, struct slip_value *labels, struct slip_str what)
{
    SLIP_AUTO(removal) r = { 0 };
    if (read_removal(c, what, &r) < 0)
        return slip_while(c->err, "removeLabels of imageSpec");
    for (size_t i = labels->len; i-- > 0;) {
        struct slip_str key = labels->pairs[i].key->text;
        if (!is_essential(key) && is_removed(&r, key))
            slip_edit_remove(labels, key);
    }
    return 0;
}

/* %project% and %image% in a key or value of a label. werf takes the whole for a template; what
 * goes beyond these two words is not done here. */
static int expand_label(struct change *c, struct slip_str text, struct slip_str *out)
{
    SLIP_AUTO(slip_buf) result = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_str rest = text, before, word;
    while (slip_str_cut(rest, '%', &before, &rest)) {
        slip_buf_add_str(&result, before);
        bool closed = slip_str_cut(rest, '%', &word, &rest);
        word = slip_str_trim(word);
        if (closed && slip_str_is(word, "project"))
            slip_buf_add_str(&result, c->in->project);
        else if (closed && slip_str_is(word, "image"))
            slip_buf_add_str(&result, c->in->image);
        else
            return slip_fail(c->err, SLIP_E_UNSUPPORTED,
                             "label '%.*s' of imageSpec: only %%project%% and %%image%% can stand "
                             "between percent signs",
                             SLIP_ARG(slip_str_first(text, 200)));
    }
    slip_buf_add_str(&result, before);
    *out = slip_arena_str(&c->doc.arena, slip_buf_str(&result));
    return 0;
}

static int change_labels(struct change *c)
{
    const struct slip_image_spec *spec = c->in->spec;
    struct slip_value *labels;
    if (slip_edit_map_at(&c->doc, c->config, "Labels", &labels, c->err) < 0)
        return -1;
    for (size_t i = 0; i < c->in->n_labels; i++)
        slip_edit_set(&c->doc, labels, c->in->labels[i].key,
                      slip_edit_string(&c->doc, c->in->labels[i].value));
    for (size_t i = 0; i < spec->remove_labels.len; i++)
        if (remove_labels(c, labels, spec->remove_labels.at[i]) < 0)
            return -1;
    for (size_t i = 0; i < spec->labels.len; i++) {
        struct slip_str key, value;
        if (expand_label(c, spec->labels.at[i].key, &key) < 0
            || expand_label(c, spec->labels.at[i].value, &value) < 0)
            return -1;
        slip_edit_set(&c->doc, labels, key, slip_edit_string(&c->doc, value));
    }
    return 0;
}

/* Environment. */

struct env {
    SLIP_VEC(struct slip_str_pair);
};

static void set_env(struct env *env, struct slip_str key, struct slip_str value)
{
    for (size_t i = 0; i < env->len; i++)
        if (slip_str_eq(env->at[i].key, key)) {
            env->at[i].value = value;
            return;
        }
    slip_vec_push(env, (struct slip_str_pair){ key, value });
}

static int remove_env(struct change *c, struct env *env, struct slip_str what)
{
    SLIP_AUTO(removal) r = { 0 };
    if (read_removal(c, what, &r) < 0)
        return slip_while(c->err, "removeEnv of imageSpec");
    for (size_t i = env->len; i-- > 0;)
        if (is_removed(&r, env->at[i].key))
            env->at[i] = env->at[--env->len];
    return 0;
}

static const struct slip_str *get_env(const struct env *env, struct slip_str key)
{
    for (size_t i = 0; i < env->len; i++)
        if (slip_str_eq(env->at[i].key, key))
            return &env->at[i].value;
    return NULL;
}

static void read_env(const struct slip_value *list, struct env *env)
{
    for (size_t i = 0; list && list->type == SLIP_VALUE_LIST && i < list->len; i++) {
        struct slip_str key, value;
        if (list->items[i]->type == SLIP_VALUE_STRING
            && slip_str_cut(list->items[i]->text, '=', &key, &value))
            set_env(env, key, value);
    }
}

static bool look_up(void *payload, struct slip_str name, struct slip_str *value)
{
    const struct slip_str *found = get_env(payload, name);
    if (found)
        *value = *found;
    return found != NULL;
}

/* A value is a word of the shell, with the environment of the image below. */
static int expand_env(struct change *c, struct env *below, const struct slip_str_pair *pair,
                      struct slip_str *out)
{
    SLIP_AUTO(slip_buf) result = SLIP_BUF(SLIP_LIMIT_TEXT);
    const struct slip_shell shell = { .lookup = look_up, .payload = below };
    if (slip_shell_expand(&shell, pair->value, &result, c->err) < 0)
        return slip_while(c->err, "env '%.*s' of imageSpec",
                          SLIP_ARG(slip_str_first(pair->key, 200)));
    *out = slip_arena_str(&c->doc.arena, slip_buf_str(&result));
    return 0;
}

static int by_key(const void *a, const void *b)
{
    return slip_str_cmp(((const struct slip_str_pair *)a)->key,
                        ((const struct slip_str_pair *)b)->key);
}

static struct slip_value *write_env(struct change *c, struct env *env)
{
    if (env->len)
        qsort(env->at, env->len, sizeof(*env->at), by_key);
    struct slip_value *list = slip_edit_list(&c->doc, env->len);
    for (size_t i = 0; i < env->len; i++) {
        SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_CONFIG_BLOB);
        slip_buf_add_str(&line, env->at[i].key);
        slip_buf_add_char(&line, '=');
        slip_buf_add_str(&line, env->at[i].value);
        list->items[i] =
            slip_edit_string(&c->doc, slip_arena_str(&c->doc.arena, slip_buf_str(&line)));
    }
    return list;
}

/* What builds by werf leave behind. */
static const char *const of_werf[] = {
    "WERF_COMMIT_HASH",
    "WERF_COMMIT_TIME_HUMAN",
    "WERF_COMMIT_TIME_UNIX",
};
#define SSH_SOCKET "SSH_AUTH_SOCK"
#define SSH_SOCKET_OF_WERF "/.werf/tmp/ssh-auth-sock"

static int remove_envs(struct change *c, struct env *env)
{
    const struct slip_str_list *list = &c->in->spec->remove_env;
    for (size_t i = 0; i < list->len; i++)
        if (remove_env(c, env, list->at[i]) < 0)
            return -1;
    for (size_t i = 0; i < SLIP_COUNT(of_werf); i++)
        if (remove_env(c, env, slip_str_of(of_werf[i])) < 0)
            return -1;
    const struct slip_str *socket = get_env(env, SLIP_STR(SSH_SOCKET));
    return socket && slip_str_is(*socket, SSH_SOCKET_OF_WERF)
               ? remove_env(c, env, SLIP_STR(SSH_SOCKET))
               : 0;
}

static int merge_env(struct change *c, struct env *below, struct env *env)
{
    const struct slip_image_spec *spec = c->in->spec;
    read_env(slip_value_get(c->config, "Env"), below);
    for (size_t i = 0; i < below->len; i++)
        set_env(env, below->at[i].key, below->at[i].value);
    if (remove_envs(c, env) < 0)
        return -1;
    for (size_t i = 0; i < spec->env.len; i++) {
        struct slip_str value;
        if (expand_env(c, below, &spec->env.at[i], &value) < 0)
            return -1;
        set_env(env, spec->env.at[i].key, value);
    }
    return 0;
}

static int change_env(struct change *c)
{
    struct env below = { 0 }, env = { 0 };
    int rc = merge_env(c, &below, &env);
    if (rc == 0 && env.len)
        slip_edit_set(&c->doc, c->config, SLIP_STR("Env"), write_env(c, &env));
    else if (rc == 0)
        slip_edit_remove(c->config, SLIP_STR("Env"));
    slip_vec_clear(&below);
    slip_vec_clear(&env);
    return rc;
}

/* The rest. */

static int change_volumes(struct change *c)
{
    const struct slip_image_spec *spec = c->in->spec;
    struct slip_value *volumes;
    if (spec->volumes.len == 0 && spec->remove_volumes.len == 0)
        return 0;
    if (slip_edit_map_at(&c->doc, c->config, "Volumes", &volumes, c->err) < 0)
        return -1;
    for (size_t i = 0; i < spec->remove_volumes.len; i++)
        slip_edit_remove(volumes, spec->remove_volumes.at[i]);
    for (size_t i = 0; i < spec->volumes.len; i++)
        slip_edit_set(&c->doc, volumes, spec->volumes.at[i], slip_edit_map(&c->doc));
    return 0;
}

static void change_ports(struct change *c)
{
    const struct slip_str_list *expose = &c->in->spec->expose;
    if (expose->len == 0)
        return;
    struct slip_value *ports = slip_edit_map(&c->doc);
    for (size_t i = 0; i < expose->len; i++)
        slip_edit_set(&c->doc, ports, expose->at[i], slip_edit_map(&c->doc));
    slip_edit_set(&c->doc, c->config, SLIP_STR("ExposedPorts"), ports);
}

/* Seconds in werf.yaml, nanoseconds in an image. */
static int set_seconds(struct change *c, struct slip_value *map, const char *key, int64_t seconds)
{
    int64_t ns;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &ns))
        return slip_fail(c->err, SLIP_E_CONFIG, "'%s' of the health check of imageSpec is too long",
                         key);
    if (ns)
        slip_edit_set(&c->doc, map, slip_str_of(key), slip_edit_int(&c->doc, ns));
    return 0;
}

static int change_healthcheck(struct change *c)
{
    const struct slip_image_healthcheck *h = &c->in->spec->healthcheck;
    if (!c->in->spec->has_healthcheck)
        return 0;
    struct slip_value *map = slip_edit_map(&c->doc);
    slip_edit_set(&c->doc, map, SLIP_STR("Test"), strings(c, &h->test));
    if (set_seconds(c, map, "Interval", h->interval) < 0
        || set_seconds(c, map, "Timeout", h->timeout) < 0
        || set_seconds(c, map, "StartPeriod", h->start_period) < 0)
        return -1;
    if (h->retries)
        slip_edit_set(&c->doc, map, SLIP_STR("Retries"), slip_edit_int(&c->doc, h->retries));
    slip_edit_set(&c->doc, c->config, SLIP_STR("Healthcheck"), map);
    return 0;
}

/* A new entry point makes the old command meaningless. */
static void change_command(struct change *c)
{
    const struct slip_image_spec *spec = c->in->spec;
    if (spec->clear_cmd || (spec->entrypoint.len && spec->cmd.len == 0))
        slip_edit_remove(c->config, SLIP_STR("Cmd"));
    if (spec->clear_entrypoint)
        slip_edit_remove(c->config, SLIP_STR("Entrypoint"));
    if (spec->cmd.len)
        slip_edit_set(&c->doc, c->config, SLIP_STR("Cmd"), strings(c, &spec->cmd));
    if (spec->entrypoint.len)
        slip_edit_set(&c->doc, c->config, SLIP_STR("Entrypoint"), strings(c, &spec->entrypoint));
}

static void change_texts(struct change *c)
{
    const struct slip_image_spec *spec = c->in->spec;
    if (spec->clear_user)
        slip_edit_remove(c->config, SLIP_STR("User"));
    if (spec->clear_working_dir)
        slip_edit_remove(c->config, SLIP_STR("WorkingDir"));
    if (spec->clear_history)
        slip_edit_remove(c->doc.root, SLIP_STR("history"));
    set_text(c, c->doc.root, "author", spec->author);
    set_text(c, c->config, "User", spec->user);
    set_text(c, c->config, "WorkingDir", spec->working_dir);
    set_text(c, c->config, "StopSignal", spec->stop_signal);
}

int slip_image_spec_apply(struct slip_str config, const struct slip_image_spec_input *in,
                          struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(change) c = { .in = in, .err = err };
    if (slip_edit_read(config, "the image's config", &c.doc, err) < 0
        || slip_edit_map_at(&c.doc, c.doc.root, "config", &c.config, err) < 0
        || change_labels(&c) < 0 || change_env(&c) < 0 || change_volumes(&c) < 0
        || change_healthcheck(&c) < 0)
        return -1;
    change_ports(&c);
    change_command(&c);
    change_texts(&c);
    return slip_json_write(c.doc.root, 0, out, err);
}
