/* SPDX-License-Identifier: Apache-2.0 */
/* The meta document (werf-config.md A.6). What concerns deploying and cleaning is checked only. */
#include "werf/convert.h"

#include "match/re2.h"
#include "werf/slug.h"

#include <ctype.h>

/* Where that key stands, else the document. */
static const struct slip_value *place_of(const struct slip_raw_meta *meta, const char *key)
{
    const struct slip_value *v = slip_value_get(meta->where, key);
    return v ? v : meta->where;
}

static int check_project(struct slip_convert *c, const struct slip_raw_meta *meta)
{
    const struct slip_value *where = place_of(meta, "project");
    if (meta->config_version != 1)
        return slip_decode_fail(&c->d, place_of(meta, "configVersion"),
                                "'configVersion: 1' field required!");
    if (!meta->project.len) {
        slip_decode_fail(&c->d, where, "'project' field cannot be empty!");
        return slip_hint(c->d.err, "add 'project: NAME' to this document");
    }
    if (!slip_werf_is_project(meta->project)) {
        slip_decode_fail(&c->d, where,
                         "bad project name \"%.*s\" specified in config: project name "
                         "should comply with regex \"^(?:[a-z0-9]|[a-z0-9][a-z0-9-]*"
                         "[a-z0-9])$\" and be maximum %d chars",
                         SLIP_ARG(meta->project), SLIP_PROJECT_MAX);
        return slip_hint(c->d.err, "use small letters, digits and dashes");
    }
    return 0;
}

static int check_deploy(struct slip_convert *c, const struct slip_raw_deploy *deploy)
{
    const struct {
        const char *name;
        struct slip_str value;
    } fields[] = {
        { "helmChartDir", deploy->helm_chart_dir },
        { "helmRelease", deploy->helm_release },
        { "namespace", deploy->namespace },
    };
    for (size_t i = 0; i < SLIP_COUNT(fields); i++)
        if (fields[i].value.ptr && !fields[i].value.len)
            return slip_decode_fail(&c->d, deploy->where, "%s field cannot be empty!",
                                    fields[i].name);
    return 0;
}

/* --- cleanup --- */

/* One "1.5h" of a duration. */
static bool take_duration_part(struct slip_str *s)
{
    static const char *const units[] = {
        "ns", "us", "\xc2\xb5s", "\xce\xbcs", "ms", "s", "m", "h"
    };
    size_t digits = 0, points = 0, i = 0;
    for (; i < s->len && (isdigit((unsigned char)s->ptr[i]) || s->ptr[i] == '.'); i++)
        *(s->ptr[i] == '.' ? &points : &digits) += 1;
    *s = slip_str_skip(*s, i);
    for (size_t u = 0; digits && points < 2 && u < SLIP_COUNT(units); u++) {
        if (slip_str_starts(*s, slip_str_of(units[u]))) {
            *s = slip_str_skip(*s, strlen(units[u]));
            return true;
        }
    }
    return false;
}

static bool digits_only(struct slip_str s)
{
    size_t i = 0;
    while (i < s.len && isdigit((unsigned char)s.ptr[i]))
        i++;
    return i == s.len;
}

static bool is_duration(struct slip_str s)
{
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = slip_str_skip(s, 1);
    if (!s.len)
        return false;
    if (digits_only(s)) /* nanoseconds */
        return true;
    while (s.len)
        if (!take_duration_part(&s))
            return false;
    return true;
}

static int check_limit(struct slip_convert *c, const struct slip_raw_limit *limit)
{
    if (!limit)
        return 0;
    if (limit->in.ptr && !is_duration(limit->in))
        return slip_decode_fail(&c->d, limit->where, "unsupported value '%.*s' for `in`",
                                SLIP_ARG(limit->in));
    if (limit->operator.ptr && !slip_str_is(limit->operator, "Or")
        && !slip_str_is(limit->operator, "And"))
        return slip_decode_fail(&c->d, limit->where,
                                "unsupported value '%.*s' for `operator: Or|And`!",
                                SLIP_ARG(limit->operator));
    return 0;
}

/* "/regexp/" has to be one; other names are taken as they are. */
static int check_reference(struct slip_convert *c, const struct slip_raw_references *raw,
                           struct slip_str name)
{
    if (name.len < 2 || name.ptr[0] != '/' || name.ptr[name.len - 1] != '/')
        return 0;
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    if (slip_re2_compile(slip_str_make(name.ptr + 1, name.len - 2), &re, c->d.err) < 0)
        return slip_while(c->d.err, "%s:%u:%u", c->d.name, raw->where->line, raw->where->col);
    return 0;
}

static int check_keep_policy(struct slip_convert *c, const struct slip_raw_keep_policy *policy)
{
    if (!policy->references)
        return slip_decode_fail(&c->d, policy->where,
                                "cleanup keep policy must have `references`!");
    if (!policy->references->tag.len == !policy->references->branch.len)
        return slip_decode_fail(&c->d, policy->references->where,
                                "specify only tag `tag: string|REGEX` or branch `branch: "
                                "string|REGEX` for cleanup keep policy!");
    if (check_reference(c, policy->references, policy->references->tag) < 0
        || check_reference(c, policy->references, policy->references->branch) < 0)
        return -1;
    return check_limit(c, policy->references->limit) < 0
               ? -1
               : check_limit(c, policy->images_per_reference);
}

static int check_cleanup(struct slip_convert *c, const struct slip_raw_cleanup *cleanup)
{
    const struct slip_raw_keep_policy *at = cleanup->keep_policies.at;
    if (cleanup->keep_hours < 0)
        return slip_decode_fail(&c->d, cleanup->where,
                                "keepImagesBuiltWithinLastNHours cannot be negative");
    for (size_t i = 0; i < cleanup->keep_policies.len; i++)
        if (check_keep_policy(c, &at[i]) < 0)
            return -1;
    return 0;
}

int slip_convert_meta(struct slip_convert *c)
{
    const struct slip_raw_meta *meta = c->meta;
    if (check_project(c, meta) < 0 || (meta->deploy && check_deploy(c, meta->deploy) < 0)
        || (meta->cleanup && check_cleanup(c, meta->cleanup) < 0))
        return -1;
    struct slip_str name = c->o->project_name.len ? c->o->project_name : meta->project;
    c->set->project = slip_convert_str(c, name);
    const struct slip_raw_git_worktree *worktree = meta->git_worktree;
    c->set->force_shallow_clone = worktree && worktree->force_shallow_clone == SLIP_YES;
    c->set->allow_unshallow = !worktree || worktree->allow_unshallow != SLIP_NO;
    return 0;
}
