/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in of texts with placeholders. */
#include "rule/template_pieces.h"

#include "ref/slug.h"

#include <ctype.h>
#include <time.h>

/* False: the word does not apply here. */
typedef bool word_fn(const struct slip_facts *f, struct slip_buf *out);

static bool add(struct slip_buf *out, struct slip_str s)
{
    slip_buf_add_str(out, s);
    return true;
}

static bool add_if_any(struct slip_buf *out, struct slip_str s)
{
    return s.len > 0 && add(out, s);
}

static bool get_image(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->image->image);
}

static bool get_image_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->image->slug);
}

static bool get_image_safe_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->image->safe_slug);
}

static bool get_image_content_based_tag(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->image->content_based_tag);
}

static bool get_ref(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->update->ref);
}

static bool get_ref_name(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->update->name);
}

static bool get_ref_type(const struct slip_facts *f, struct slip_buf *out)
{
    return f->update->kind != SLIP_REF_OTHER
           && slip_buf_add_c(out, slip_ref_kind_name(f->update->kind));
}

static bool add_name(const struct slip_facts *f, enum slip_ref_kind kind,
                     void (*how)(struct slip_str, struct slip_buf *), struct slip_buf *out)
{
    if (f->update->kind != kind)
        return false;
    if (how)
        how(f->update->name, out);
    else
        add(out, f->update->name);
    return true;
}

static bool get_tag(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_TAG, NULL, out);
}

static bool get_tag_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_TAG, slip_ref_slug, out);
}

static bool get_tag_safe_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_TAG, slip_ref_safe_slug, out);
}

static bool get_branch(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_BRANCH, NULL, out);
}

static bool get_branch_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_BRANCH, slip_ref_slug, out);
}

static bool get_branch_safe_slug(const struct slip_facts *f, struct slip_buf *out)
{
    return add_name(f, SLIP_REF_BRANCH, slip_ref_safe_slug, out);
}

static bool get_sha(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->commit);
}

static bool get_sha_short(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, slip_str_first(f->commit, 12));
}

static bool add_time(const struct slip_facts *f, const char *format, struct slip_buf *out)
{
    time_t t = (time_t)f->commit_time;
    struct tm utc;
    char text[64];
    return gmtime_r(&t, &utc) && strftime(text, sizeof(text), format, &utc) > 0
           && slip_buf_add_c(out, text);
}

static bool get_commit_date(const struct slip_facts *f, struct slip_buf *out)
{
    return add_time(f, "%Y%m%d", out);
}

static bool get_commit_datetime(const struct slip_facts *f, struct slip_buf *out)
{
    return add_time(f, "%Y%m%dT%H%M%SZ", out);
}

static bool get_commit_timestamp(const struct slip_facts *f, struct slip_buf *out)
{
    return slip_buf_add_fmt(out, "%jd", (intmax_t)f->commit_time);
}

static bool get_version(const struct slip_facts *f, struct slip_buf *out)
{
    if (!f->version)
        return false;
    slip_semver_print(f->version, true, out);
    return true;
}

static bool get_version_core(const struct slip_facts *f, struct slip_buf *out)
{
    if (!f->version)
        return false;
    slip_semver_print(f->version, false, out);
    return true;
}

static bool get_major(const struct slip_facts *f, struct slip_buf *out)
{
    return f->version && slip_buf_add_fmt(out, "%ju", (uintmax_t)f->version->major);
}

static bool get_minor(const struct slip_facts *f, struct slip_buf *out)
{
    return f->version && slip_buf_add_fmt(out, "%ju", (uintmax_t)f->version->minor);
}

static bool get_patch(const struct slip_facts *f, struct slip_buf *out)
{
    return f->version && slip_buf_add_fmt(out, "%ju", (uintmax_t)f->version->patch);
}

static bool get_prerelease(const struct slip_facts *f, struct slip_buf *out)
{
    return f->version && add(out, f->version->prerelease);
}

static bool get_build(const struct slip_facts *f, struct slip_buf *out)
{
    return f->version && add(out, f->version->build);
}

static bool get_project(const struct slip_facts *f, struct slip_buf *out)
{
    return add_if_any(out, f->project);
}

static bool get_repo_path(const struct slip_facts *f, struct slip_buf *out)
{
    return add_if_any(out, f->repo_path);
}

static bool get_repo_name(const struct slip_facts *f, struct slip_buf *out)
{
    struct slip_str owner, name;
    if (!slip_str_rcut(f->repo_path, '/', &owner, &name))
        name = f->repo_path;
    return add_if_any(out, name);
}

static bool get_repo_owner(const struct slip_facts *f, struct slip_buf *out)
{
    struct slip_str owner, name;
    return slip_str_rcut(f->repo_path, '/', &owner, &name) && add_if_any(out, owner);
}

static bool get_ci_run_id(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->ci_run_id);
}

static bool get_ci_run_number(const struct slip_facts *f, struct slip_buf *out)
{
    return add(out, f->ci_run_number);
}

/* clang-format off */
static word_fn *const getters[WORDS] = {
    [WORD_IMAGE] = get_image,
    [WORD_IMAGE_SLUG] = get_image_slug,
    [WORD_IMAGE_SAFE_SLUG] = get_image_safe_slug,
    [WORD_IMAGE_CONTENT_BASED_TAG] = get_image_content_based_tag,
    [WORD_REF] = get_ref,
    [WORD_REF_NAME] = get_ref_name,
    [WORD_REF_TYPE] = get_ref_type,
    [WORD_TAG] = get_tag,
    [WORD_TAG_SLUG] = get_tag_slug,
    [WORD_TAG_SAFE_SLUG] = get_tag_safe_slug,
    [WORD_BRANCH] = get_branch,
    [WORD_BRANCH_SLUG] = get_branch_slug,
    [WORD_BRANCH_SAFE_SLUG] = get_branch_safe_slug,
    [WORD_SHA] = get_sha,
    [WORD_SHA_SHORT] = get_sha_short,
    [WORD_COMMIT_DATE] = get_commit_date,
    [WORD_COMMIT_DATETIME] = get_commit_datetime,
    [WORD_COMMIT_TIMESTAMP] = get_commit_timestamp,
    [WORD_VERSION] = get_version,
    [WORD_VERSION_CORE] = get_version_core,
    [WORD_MAJOR] = get_major,
    [WORD_MINOR] = get_minor,
    [WORD_PATCH] = get_patch,
    [WORD_PRERELEASE] = get_prerelease,
    [WORD_BUILD] = get_build,
    [WORD_PROJECT] = get_project,
    [WORD_REPO_PATH] = get_repo_path,
    [WORD_REPO_NAME] = get_repo_name,
    [WORD_REPO_OWNER] = get_repo_owner,
    [WORD_CI_RUN_ID] = get_ci_run_id,
    [WORD_CI_RUN_NUMBER] = get_ci_run_number,
};
/* clang-format on */

typedef void filter_fn(struct slip_str in, const struct slip_str args[2], struct slip_buf *out);

static void filter_lower(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    (void)args;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        slip_buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static void filter_upper(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    (void)args;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        slip_buf_add_char(out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
}

static void filter_slug(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    (void)args;
    slip_ref_slug(in, out);
}

static void filter_safe_slug(struct slip_str in, const struct slip_str args[2],
                             struct slip_buf *out)
{
    (void)args;
    slip_ref_safe_slug(in, out);
}

static void filter_trunc(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    uint64_t n = 0;
    slip_str_to_u64(args[0], &n);
    size_t max = n < in.len ? (size_t)n : in.len;
    while (max > 0 && max < in.len && ((unsigned char)in.ptr[max] & 0xC0) == 0x80)
        max--; /* not in the middle of a character */
    slip_buf_add(out, in.ptr, max);
}

static void filter_replace(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    for (size_t i = 0; i < in.len; i++)
        slip_buf_add_char(out, in.ptr[i] == args[0].ptr[0] ? args[1].ptr[0] : in.ptr[i]);
}

static void filter_default(struct slip_str in, const struct slip_str args[2], struct slip_buf *out)
{
    slip_buf_add_str(out, in.len ? in : args[0]);
}

/* clang-format off */
static filter_fn *const filters[FILTERS] = {
    [FILTER_LOWER] = filter_lower,
    [FILTER_UPPER] = filter_upper,
    [FILTER_SLUG] = filter_slug,
    [FILTER_SAFE_SLUG] = filter_safe_slug,
    [FILTER_TRUNC] = filter_trunc,
    [FILTER_REPLACE] = filter_replace,
    [FILTER_DEFAULT] = filter_default,
};
/* clang-format on */

static bool get_capture(const struct slip_facts *f, unsigned n, struct slip_buf *out)
{
    return f->captures && n < f->captures->len && f->captures->at[n].ptr
           && add(out, f->captures->at[n]);
}

static bool get_env(const struct slip_facts *f, struct slip_str name, struct slip_buf *out)
{
    SLIP_AUTO_FREE char *text = slip_memdup(name.ptr, name.len);
    const char *value = f->env ? f->env(f->env_payload, text) : NULL;
    if (!value)
        return false;
    slip_buf_add_c(out, value);
    return true;
}

static bool get_value(const struct piece *p, const struct slip_facts *f, struct slip_buf *out)
{
    if (p->kind == PIECE_CAPTURE)
        return get_capture(f, p->capture, out);
    if (p->kind == PIECE_ENV)
        return get_env(f, p->text, out);
    return getters[p->word](f, out);
}

/* "+" may stand in versions and in git tags, but in no tag of a registry; "-" in its place would
 * make a prerelease of build metadata. */
static void plus_to_underscore(struct slip_buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->ptr[i] == '+')
            b->ptr[i] = '_';
}

/* A backslash before punctuation makes it plain text in globs and regular expressions alike. */
static void escape_for_pattern(struct slip_buf *b)
{
    SLIP_AUTO(slip_buf) escaped = SLIP_BUF(2 * SLIP_TEMPLATE_MAX);
    for (size_t i = 0; i < b->len; i++) {
        if (ispunct((unsigned char)b->ptr[i]))
            slip_buf_add_char(&escaped, '\\');
        slip_buf_add_char(&escaped, b->ptr[i]);
    }
    slip_buf_move(b, &escaped);
}

static int apply_filters(const struct piece *p, struct slip_buf *value, bool *applies,
                         struct slip_error *err)
{
    struct slip_str left = p->filters, args[2];
    for (;;) {
        enum template_filter filter;
        bool more;
        if (template_next_filter(&left, &filter, args, &more, err) < 0)
            return -1;
        if (!more)
            return 0;
        SLIP_AUTO(slip_buf) next = SLIP_BUF(SLIP_TEMPLATE_MAX);
        filters[filter](slip_buf_str(value), args, &next);
        slip_buf_move(value, &next);
        *applies = *applies || filter == FILTER_DEFAULT;
    }
}

/* The name of a word that does not apply; variables and captures have their own. */
static int say_missing(const struct piece *p, const char **missing, struct slip_error *err)
{
    if (p->kind == PIECE_ENV) {
        slip_fail(err, SLIP_E_CONFIG, "variable '%.*s' is not set [E-ENV]", SLIP_ARG(p->text));
        return slip_hint(err, "give it a value for this case: %%env:%.*s|default:TEXT%%",
                         SLIP_ARG(p->text));
    }
    if (p->kind == PIECE_CAPTURE)
        return slip_fail(err, SLIP_E_CONFIG, "the pattern has no group %u here [E-CAPTURE]",
                         p->capture);
    *missing = template_words[p->word].name;
    return 0;
}

static int fit_into_reference(const struct piece *p, struct slip_buf *value, struct slip_error *err)
{
    plus_to_underscore(value);
    if (slip_str_find(slip_buf_str(value), '%') == SLIP_NPOS)
        return 0;
    slip_fail(err, SLIP_E_CONFIG, "'%%%.*s%%' is '%s', which no reference can hold [E-TAG-CHARS]",
              SLIP_ARG(p->name), value->ptr);
    return slip_hint(err, "use a form of it that fits: %%%.*s|safe_slug%%", SLIP_ARG(p->name));
}

static bool is_for_later(const struct piece *p, const struct slip_facts *facts)
{
    unsigned uses = template_uses(p);
    return uses & SLIP_USES_IMAGE
           && (!facts->image
               || (uses & SLIP_USES_CONTENT_TAG && !facts->image->content_based_tag.ptr));
}

static int expand_piece(const struct piece *p, enum slip_template_kind kind,
                        const struct slip_facts *facts, struct slip_buf *out, const char **missing,
                        struct slip_error *err)
{
    if (p->kind == PIECE_LITERAL) {
        slip_buf_add_str(out, p->text);
        return 0;
    }
    if (is_for_later(p, facts)) {
        struct slip_str chain = slip_str_trim(p->filters);
        slip_buf_add_fmt(out, "%%%s%s%.*s%%", template_words[p->word].name, chain.len ? "|" : "",
                         SLIP_ARG(chain));
        return 0;
    }
    SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_TEMPLATE_MAX);
    bool applies = get_value(p, facts, &value);
    if (apply_filters(p, &value, &applies, err) < 0)
        return -1;
    if (!applies)
        return say_missing(p, missing, err);
    if (kind == SLIP_TEMPLATE_REFERENCE && fit_into_reference(p, &value, err) < 0)
        return -1;
    if (kind == SLIP_TEMPLATE_PATTERN)
        escape_for_pattern(&value);
    slip_buf_add_str(out, slip_buf_str(&value));
    return 0;
}

int slip_template_expand(struct slip_str text, enum slip_template_kind kind,
                         const struct slip_facts *facts, struct slip_buf *out, const char **missing,
                         struct slip_error *err)
{
    SLIP_AUTO(slip_buf) all = SLIP_BUF(SLIP_TEMPLATE_MAX);
    *missing = NULL;
    for (;;) {
        struct piece p;
        bool more;
        if (template_next_piece(&text, kind, &p, &more, err) < 0)
            return -1;
        if (!more)
            break;
        if (expand_piece(&p, kind, facts, &all, missing, err) < 0)
            return -1;
        if (*missing)
            return 0;
    }
    if (all.full)
        return slip_fail(err, SLIP_E_CONFIG, "longer than %d bytes when filled in [E-TYPE]",
                         SLIP_TEMPLATE_MAX);
    slip_buf_add_str(out, slip_buf_str(&all));
    return 0;
}
