/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done from here. */
#include "flow/policy.h"

#include "base/path.h"
#include "registry/reference.h"

#include <limits.h>

#define LOCATION_MAX 8192

/* ---- places ---- */

/*
 * The place of a reference or prefix in one form: "host[:port]/path", host in lower case; for a
 * layout "/absolute/directory". Two places are compared component by component.
 */
struct location {
    bool layout;
    struct slip_buf path;
};

static void location_clear(struct location *l)
{
    slip_buf_clear(&l->path);
}

/* The real path of the part that exists, and the rest behind it: links are not a way around. */
static void add_real_path(const char *path, struct slip_buf *out)
{
    char real[PATH_MAX];
    struct slip_str all = slip_str_of(path), head = all;
    while (head.len > 1) {
        SLIP_AUTO_FREE char *existing = slip_memdup(head.ptr, head.len);
        if (realpath(existing, real)) {
            SLIP_AUTO(slip_buf) joined = SLIP_BUF(LOCATION_MAX);
            slip_buf_add_fmt(&joined, "%s/%.*s", real, (int)(all.len - head.len),
                             all.ptr + head.len);
            slip_path_clean(slip_buf_str(&joined), out);
            return;
        }
        size_t slash = slip_str_rfind(head, '/');
        head = slip_str_first(head, slash == SLIP_NPOS ? 0 : slash);
    }
    slip_path_clean(all, out);
}

static void locate_layout(const char *top, struct slip_str path, struct location *out)
{
    SLIP_AUTO(slip_buf) absolute = SLIP_BUF(LOCATION_MAX);
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(LOCATION_MAX);
    if (path.len == 0 || path.ptr[0] != '/')
        slip_buf_add_fmt(&absolute, "%s/", top);
    slip_buf_add_str(&absolute, path);
    slip_path_clean(slip_buf_str(&absolute), &clean);
    out->layout = true;
    add_real_path(clean.ptr, &out->path);
}

static void add_lower(struct slip_buf *out, struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        slip_buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

/* A prefix as a person or `slipway install` wrote it: a host alone, or with part of a path. */
static void locate_prefix(const char *top, struct slip_str prefix, struct location *out)
{
    struct slip_str host, path;
    *out = (struct location){ .path = SLIP_BUF(LOCATION_MAX) };
    if (slip_str_starts(prefix, SLIP_STR("oci:"))) {
        locate_layout(top, slip_str_skip(prefix, 4), out);
        return;
    }
    slip_str_cut(prefix, '/', &host, &path);
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    add_lower(&out->path, host);
    if (path.len)
        slip_buf_add_fmt(&out->path, "/%.*s", SLIP_ARG(path));
}

static int locate_reference(const char *top, struct slip_str text,
                            int (*parse)(struct slip_str, struct slip_reference *,
                                         struct slip_error *),
                            struct location *out, struct slip_error *err)
{
    SLIP_AUTO(slip_reference) ref = { 0 };
    *out = (struct location){ .path = SLIP_BUF(LOCATION_MAX) };
    if (parse(text, &ref, err) < 0)
        return -1;
    if (ref.kind == SLIP_STORE_LAYOUT) {
        locate_layout(top, slip_str_of(ref.repository), out);
        return 0;
    }
    add_lower(&out->path, slip_str_of(ref.registry));
    slip_buf_add_fmt(&out->path, "/%s", ref.repository);
    return 0;
}

static bool is_inside(const struct location *place, const struct location *prefix)
{
    return place->layout == prefix->layout && prefix->path.len > 0
           && slip_path_is_below(slip_buf_str(&place->path), slip_buf_str(&prefix->path));
}

static bool is_allowed(const struct slip_policy *p, const struct location *place)
{
    for (size_t i = 0; i < p->config->list.len; i++) {
        const struct slip_git_setting *s = &p->config->list.at[i];
        if (strcmp(s->key, SLIP_KEY_ALLOW) != 0 || s->value[0] == '\0')
            continue;
        struct location prefix;
        locate_prefix(p->top, slip_str_of(s->value), &prefix);
        bool inside = is_inside(place, &prefix);
        location_clear(&prefix);
        if (inside)
            return true;
    }
    return false;
}

/* ---- questions ---- */

static bool is_bound(const struct slip_policy *p)
{
    return p->strict || slip_git_config_get(p->config, SLIP_KEY_ALLOW)
           || slip_git_config_get(p->config, SLIP_KEY_BUILD);
}

static int refuse(const struct slip_policy *p, struct slip_error *err, const char *what,
                  struct slip_str name)
{
    slip_fail(err, SLIP_E_POLICY, "%s '%.*s' is not allowed here [E-POLICY]", what, SLIP_ARG(name));
    return slip_hint(err, "if it is right, allow it on this machine: slipway trust%s%s",
                     p->rev ? " " : "", p->rev ? p->rev : "");
}

int slip_policy_check_destination(const struct slip_policy *p, struct slip_str reference,
                                  struct slip_error *err)
{
    struct location place;
    if (!is_bound(p))
        return 0;
    int rc = locate_reference(p->top, reference, slip_reference_parse, &place, err);
    bool allowed = rc == 0 && is_allowed(p, &place);
    location_clear(&place);
    if (rc < 0)
        return -1;
    return allowed ? 0 : refuse(p, err, "destination", reference);
}

int slip_policy_check_repo(const struct slip_policy *p, struct slip_str repo,
                           struct slip_error *err)
{
    const char *recorded = slip_git_config_get(p->config, SLIP_KEY_REPO);
    struct location asked, known = { .path = SLIP_BUF(1) };
    if (!p->strict && !recorded)
        return 0;
    if (!recorded)
        return refuse(p, err, "stage repository", repo);
    int rc = locate_reference(p->top, repo, slip_repository_parse, &asked, err);
    if (rc == 0) {
        locate_prefix(p->top, slip_str_of(recorded), &known);
        if (asked.layout != known.layout
            || !slip_str_eq(slip_buf_str(&asked.path), slip_buf_str(&known.path)))
            rc = refuse(p, err, "stage repository", repo);
    }
    location_clear(&asked);
    location_clear(&known);
    return rc;
}

bool slip_policy_may_build(const struct slip_policy *p)
{
    return slip_git_config_bool(p->config, SLIP_KEY_BUILD, !p->strict);
}

/* ---- what to record ---- */

void slip_policy_wants_clear(struct slip_policy_wants *w)
{
    slip_vec_clear(&w->prefixes);
    slip_vec_clear(&w->unknown);
    slip_arena_clear(&w->arena);
    *w = (struct slip_policy_wants){ 0 };
}

/* Whole components before the first placeholder, without a tag. Empty: there is none. */
static struct slip_str fixed_part(struct slip_str template)
{
    size_t percent = slip_str_find(template, '%');
    struct slip_str fixed = slip_str_first(template, percent);
    bool layout = slip_str_starts(fixed, SLIP_STR("oci:"));
    struct slip_str scheme = slip_str_first(fixed, layout ? 4 : 0);
    struct slip_str path = slip_str_skip(fixed, scheme.len);
    size_t slash = slip_str_rfind(path, '/'), colon = slip_str_rfind(path, ':');
    bool has_tag = colon != SLIP_NPOS && (slash == SLIP_NPOS ? layout : colon > slash);
    if (has_tag)
        return slip_str_first(fixed, scheme.len + colon);
    if (percent == SLIP_NPOS)
        return fixed;
    return slash == SLIP_NPOS ? SLIP_STR("") : slip_str_first(fixed, scheme.len + slash);
}

static void want(struct slip_policy_wants *w, struct slip_str template)
{
    struct slip_str prefix = fixed_part(template);
    bool unknown = prefix.len == 0;
    for (size_t i = 0; i < w->prefixes.len; i++)
        if (!unknown && slip_str_eq(w->prefixes.at[i], prefix))
            return;
    if (unknown)
        slip_vec_push(&w->unknown, slip_arena_str(&w->arena, template));
    else
        slip_vec_push(&w->prefixes, slip_arena_str(&w->arena, prefix));
}

void slip_policy_wants_of(const struct slip_rules *rules, struct slip_policy_wants *out)
{
    slip_policy_wants_clear(out);
    out->repo = slip_arena_str(&out->arena, rules->repo.text);
    for (size_t r = 0; r < rules->len; r++) {
        for (size_t i = 0; i < rules->at[r].n_to; i++) {
            const struct slip_rule_to *to = &rules->at[r].to[i];
            if (rules->at[r].enabled)
                want(out, to->ref.text.ptr ? to->ref.text : to->repo.text);
        }
    }
}

/* Is the destination prefix covered by what is recorded already? */
static bool has_prefix(const struct slip_policy *p, struct slip_str prefix)
{
    struct location place;
    locate_prefix(p->top, prefix, &place);
    bool allowed = is_allowed(p, &place);
    location_clear(&place);
    return allowed;
}

void slip_policy_entries_clear(struct slip_policy_entries *e)
{
    slip_vec_clear(e);
}

void slip_policy_compare(const struct slip_policy *p, const struct slip_policy_wants *wants,
                         struct slip_policy_entries *out)
{
    const char *was = slip_git_config_get(p->config, SLIP_KEY_REPO);
    if (wants->repo.len)
        slip_vec_push(out, (struct slip_policy_entry){
                               .key = SLIP_KEY_REPO,
                               .value = wants->repo,
                               .was = was,
                               .fresh = !was || !slip_str_is(wants->repo, was),
                           });
    for (size_t i = 0; i < wants->prefixes.len; i++)
        slip_vec_push(out, (struct slip_policy_entry){
                               .key = SLIP_KEY_ALLOW,
                               .value = wants->prefixes.at[i],
                               .fresh = !has_prefix(p, wants->prefixes.at[i]),
                           });
}

int slip_policy_record(const struct slip_git *git, const struct slip_policy_entries *entries,
                       struct slip_error *err)
{
    for (size_t i = 0; i < entries->len; i++) {
        const struct slip_policy_entry *e = &entries->at[i];
        SLIP_AUTO_FREE char *value = slip_memdup(e->value.ptr, e->value.len);
        bool many = strcmp(e->key, SLIP_KEY_ALLOW) == 0;
        if (e->fresh
            && (many ? slip_git_config_add(git, e->key, value, err)
                     : slip_git_config_set(git, e->key, value, err))
                   < 0)
            return -1;
    }
    return 0;
}
