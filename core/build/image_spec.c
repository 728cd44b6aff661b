/* SPDX-License-Identifier: Apache-2.0 */
/* What imageSpec of werf.yaml does to the config of an image. */
#include "build/image_spec.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "build/edit.h"
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

/* Remove the labels that an expression matches as a whole. */
static int remove_matching(struct change *c, struct slip_value *labels, struct slip_str expression)
{
    SLIP_AUTO(slip_buf) anchored = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    slip_buf_add_fmt(&anchored, "^%.*s$", SLIP_ARG(expression));
    if (slip_re2_compile(slip_buf_str(&anchored), &re, c->err) < 0)
        return slip_while(c->err, "removeLabels of imageSpec");
    for (size_t i = labels->len; i-- > 0;) {
        struct slip_str key = labels->pairs[i].key->text;
        if (!is_essential(key) && slip_re2_match(re, key))
            slip_edit_remove(labels, key);
    }
    return 0;
}

static int remove_label(struct change *c, struct slip_value *labels, struct slip_str what)
{
    if (what.len >= 2 && what.ptr[0] == '/' && what.ptr[what.len - 1] == '/')
        return remove_matching(c, labels, slip_str_make(what.ptr + 1, what.len - 2));
    if (!is_essential(what))
        slip_edit_remove(labels, what);
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
        if (remove_label(c, labels, spec->remove_labels.at[i]) < 0)
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

static void unset_env(struct env *env, struct slip_str key)
{
    for (size_t i = env->len; i-- > 0;)
        if (slip_str_eq(env->at[i].key, key))
            env->at[i] = env->at[--env->len];
}

static struct slip_str get_env(const struct env *env, struct slip_str key)
{
    for (size_t i = 0; i < env->len; i++)
        if (slip_str_eq(env->at[i].key, key))
            return env->at[i].value;
    return SLIP_STR("");
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

static size_t name_length(struct slip_str s)
{
    size_t n = 0;
    while (n < s.len) {
        char c = s.ptr[n];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(n && c >= '0' && c <= '9'))
            break;
        n++;
    }
    return n;
}

/* Take NAME or {NAME} behind a "$". */
static bool take_reference(struct slip_str *s, struct slip_str *name)
{
    bool brace = s->len && s->ptr[0] == '{';
    struct slip_str rest = slip_str_skip(*s, brace);
    size_t n = name_length(rest);
    *name = slip_str_first(rest, n);
    rest = slip_str_skip(rest, n);
    if (n == 0 || (brace && (rest.len == 0 || rest.ptr[0] != '}')))
        return false;
    *s = slip_str_skip(rest, brace);
    return true;
}

/* $NAME and ${NAME} with the environment of the image below. */
static int expand_env(struct change *c, const struct env *below, struct slip_str text,
                      struct slip_str *out)
{
    SLIP_AUTO(slip_buf) result = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_str rest = text, before, name;
    while (slip_str_cut(rest, '$', &before, &rest)) {
        slip_buf_add_str(&result, before);
        if (!take_reference(&rest, &name))
            return slip_fail(c->err, SLIP_E_UNSUPPORTED,
                             "env '%.*s' of imageSpec: only $NAME and ${NAME} are supported",
                             SLIP_ARG(slip_str_first(text, 200)));
        slip_buf_add_str(&result, get_env(below, name));
    }
    slip_buf_add_str(&result, before);
    if (result.full)
        return slip_fail(c->err, SLIP_E_CONFIG, "env of imageSpec is larger than %u bytes",
                         SLIP_LIMIT_TEXT);
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

/* What builds of stapel images leave behind. */
static const char *const of_werf[] = {
    "WERF_COMMIT_HASH",
    "WERF_COMMIT_TIME_HUMAN",
    "WERF_COMMIT_TIME_UNIX",
};

static int merge_env(struct change *c, struct env *below, struct env *env)
{
    const struct slip_image_spec *spec = c->in->spec;
    read_env(slip_value_get(c->config, "Env"), below);
    for (size_t i = 0; i < below->len; i++)
        set_env(env, below->at[i].key, below->at[i].value);
    for (size_t i = 0; i < SLIP_COUNT(of_werf); i++)
        unset_env(env, slip_str_of(of_werf[i]));
    for (size_t i = 0; i < spec->remove_env.len; i++)
        unset_env(env, spec->remove_env.at[i]);
    for (size_t i = 0; i < spec->env.len; i++) {
        struct slip_str value;
        if (expand_env(c, below, spec->env.at[i].value, &value) < 0)
            return -1;
        set_env(env, spec->env.at[i].key, value);
    }
    return 0;
}

static int change_env(struct change *c)
{
    struct env below = { 0 }, env = { 0 };
    int rc = merge_env(c, &below, &env);
    if (rc == 0)
        slip_edit_set(&c->doc, c->config, SLIP_STR("Env"), write_env(c, &env));
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
