/* SPDX-License-Identifier: Apache-2.0 */
/* Destination names with placeholders for the image. */
#include "werf/tag_template.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "werf/slug.h"

/* 56 hexadecimal digits, a dash and 13 decimal digits. */
#define LONGEST_TAG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *name;
    enum slip_tag_word word;
} words[] = {
    { "image", SLIP_TAG_IMAGE },
    { "image_slug", SLIP_TAG_IMAGE_SLUG },
    { "image_safe_slug", SLIP_TAG_IMAGE_SAFE_SLUG },
    { "image_content_based_tag", SLIP_TAG_IMAGE_CONTENT_BASED_TAG },
};

struct parser {
    struct slip_str rest;
    struct {
        SLIP_VEC(struct slip_tag_part);
    } parts;
    bool trim_next; /* the action before ended with a dash */
    struct slip_error *err;
};

void slip_tag_template_clear(struct slip_tag_template *t)
{
    slip_free(t->parts);
    *t = (struct slip_tag_template){ 0 };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slip_str trim_left(struct slip_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    return s;
}

static struct slip_str trim_right(struct slip_str s)
{
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool has_left_dash(struct slip_str action)
{
    return action.len >= 2 && action.ptr[0] == '-' && is_blank(action.ptr[1]);
}

static bool has_right_dash(struct slip_str action)
{
    return action.len >= 2 && action.ptr[action.len - 1] == '-'
           && is_blank(action.ptr[action.len - 2]);
}

/* Text up to the next '%', which is not part of it. */
static void take_literal(struct parser *p)
{
    struct slip_str text = slip_str_first(p->rest, slip_str_find(p->rest, '%'));
    p->rest = slip_str_skip(p->rest, text.len);
    bool trim_end = p->rest.len && has_left_dash(slip_str_skip(p->rest, 1));
    if (p->trim_next)
        text = trim_left(text);
    if (trim_end)
        text = trim_right(text);
    p->trim_next = false;
    struct slip_tag_part part = { SLIP_TAG_LITERAL, text };
    if (text.len)
        slip_vec_push(&p->parts, part);
}

static int fail(struct parser *p, const char *what)
{
    slip_fail(p->err, SLIP_E_USAGE, "%s", what);
    return slip_hint(p->err, "use %%image%%, %%image_slug%%, %%image_safe_slug%% or "
                             "%%image_content_based_tag%%");
}

/* "/" "*" ... "*" "/": the end is looked for before the closing '%'. */
static int skip_comment(struct parser *p, struct slip_str from)
{
    size_t end = slip_str_find_str(from, SLIP_STR("*/"));
    if (end == SLIP_NPOS)
        return fail(p, "unclosed comment");
    from = slip_str_skip(from, end + 2);
    struct slip_str after = trim_left(from);
    if (after.len < from.len && slip_str_starts(after, SLIP_STR("-%"))) {
        p->trim_next = true;
        from = slip_str_skip(after, 1);
    }
    if (!from.len || from.ptr[0] != '%')
        return fail(p, "comment ends before closing delimiter");
    p->rest = slip_str_skip(from, 1);
    return 0;
}

static int take_word(struct parser *p, struct slip_str name)
{
    for (size_t i = 0; i < SLIP_COUNT(words); i++) {
        if (slip_str_is(name, words[i].name)) {
            struct slip_tag_part part = { words[i].word, { 0 } };
            slip_vec_push(&p->parts, part);
            return 0;
        }
    }
    slip_fail(p->err, SLIP_E_USAGE, "unknown placeholder '%%%.*s%%'", SLIP_ARG(name));
    return slip_hint(p->err, "use %%image%%, %%image_slug%%, %%image_safe_slug%% or "
                             "%%image_content_based_tag%%");
}

/* At a '%'. */
static int take_action(struct parser *p)
{
    struct slip_str action = slip_str_skip(p->rest, 1);
    if (has_left_dash(action))
        action = trim_left(slip_str_skip(action, 2));
    if (slip_str_starts(action, SLIP_STR("/*")))
        return skip_comment(p, slip_str_skip(action, 2));
    size_t end = slip_str_find(action, '%');
    if (end == SLIP_NPOS)
        return fail(p, "'%' without a second one");
    p->rest = slip_str_skip(action, end + 1);
    action = slip_str_first(action, end);
    if (has_right_dash(action)) {
        p->trim_next = true;
        action.len -= 2;
    }
    action = trim_right(trim_left(action));
    if (!action.len)
        return fail(p, "'%%' holds no placeholder, and there is no way to write a single '%'");
    return take_word(p, action);
}

static int parse(struct parser *p)
{
    if (trim_left(p->rest).len == 0)
        return slip_fail(p->err, SLIP_E_USAGE, "it is empty");
    while (p->rest.len) {
        take_literal(p);
        if (p->rest.len && take_action(p) < 0)
            return -1;
    }
    return p->parts.len ? 0 : slip_fail(p->err, SLIP_E_USAGE, "it holds nothing");
}

int slip_tag_template_parse(struct slip_str text, struct slip_tag_template *out,
                            struct slip_error *err)
{
    struct parser p = { .rest = text, .err = err };
    if (parse(&p) < 0) {
        slip_vec_clear(&p.parts);
        return slip_while(err, "invalid tag template \"%.*s\"", SLIP_ARG(text));
    }
    slip_tag_template_clear(out);
    *out = (struct slip_tag_template){ text, p.parts.at, p.parts.len };
    return 0;
}

bool slip_tag_template_uses(const struct slip_tag_template *t, enum slip_tag_word word)
{
    for (size_t i = 0; i < t->n_parts; i++)
        if (t->parts[i].word == word)
            return true;
    return false;
}

void slip_tag_template_expand(const struct slip_tag_template *t, struct slip_str image,
                              struct slip_str content_based_tag, struct slip_buf *out)
{
    for (size_t i = 0; i < t->n_parts; i++) {
        switch (t->parts[i].word) {
        case SLIP_TAG_LITERAL:
            slip_buf_add_str(out, t->parts[i].text);
            break;
        case SLIP_TAG_IMAGE:
            slip_buf_add_str(out, image);
            break;
        case SLIP_TAG_IMAGE_SLUG:
            slip_werf_slug(image, out);
            break;
        case SLIP_TAG_IMAGE_SAFE_SLUG:
            slip_werf_docker_tag(image, out);
            break;
        case SLIP_TAG_IMAGE_CONTENT_BASED_TAG:
            slip_buf_add_str(out, content_based_tag);
            break;
        }
    }
}

static int check_image(const struct slip_tag_template *t, const struct slip_str *image,
                       struct slip_map *seen, slip_tag_check *check, void *payload,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(SLIP_LIMIT_TEXT);
    slip_tag_template_expand(t, *image, SLIP_STR(LONGEST_TAG), &name);
    if (name.full)
        return slip_fail(err, SLIP_E_USAGE, "the name is too long");
    if (check(payload, slip_buf_str(&name), err) < 0)
        return -1;
    const struct slip_str *other = slip_map_get(seen, slip_buf_str(&name));
    if (other) {
        slip_fail(err, SLIP_E_USAGE,
                  "images '%.*s' and '%.*s' would have the same name [E-COLLISION]",
                  SLIP_ARG(*other), SLIP_ARG(*image));
        return slip_hint(err, "put %%image_safe_slug%% into it");
    }
    slip_map_set(seen, slip_buf_str(&name), (void *)(uintptr_t)image);
    return 0;
}

int slip_tag_template_check(const struct slip_tag_template *t, const struct slip_str *images,
                            size_t n_images, slip_tag_check *check, void *payload,
                            struct slip_error *err)
{
    SLIP_AUTO_PTR(slip_map) seen = slip_map_new(NULL);
    for (size_t i = 0; i < n_images; i++)
        if (check_image(t, &images[i], seen, check, payload, err) < 0)
            /* What is only not allowed here may be a good template. */
            return err->kind == SLIP_E_POLICY
                       ? -1
                       : slip_while(err, "invalid tag template \"%.*s\"", SLIP_ARG(t->text));
    return 0;
}
