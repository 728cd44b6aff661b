/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes of files (gitattributes), as far as they change content.
 *
 *   line    := pattern { blank attribute }      blank lines and those that begin with '#' apart
 *   pattern := text without blanks | '"' text '"'
 *   attr    := name | '-' name | '!' name | name '=' value
 *
 * Of a file the directories above it are asked, the nearest first, in each the last line first.
 */
#include "digest/checkout.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/path.h"
#include "match/doublestar.h"

enum { ATTRIBUTES_MAX = 1 << 20, PATTERN_MAX = 4096 }; /* bytes */

enum attribute { TEXT, CRLF, EOL, IDENT, FILTER, ENCODING, ATTRIBUTES };

static const char *const names[ATTRIBUTES] = {
    [TEXT] = "text",   [CRLF] = "crlf",     [EOL] = "eol",
    [IDENT] = "ident", [FILTER] = "filter", [ENCODING] = "working-tree-encoding",
};

struct setting {
    enum { SILENT, UNSPECIFIED, SET, UNSET, VALUE } is;
    struct slip_str value;
};

struct line {
    struct slip_str pattern;
    bool base_name; /* it is compared with the name alone */
    struct setting settings[ATTRIBUTES];
};

/* The `.gitattributes` of one directory. */
struct rules {
    struct line *at;
    size_t len;
};

struct slip_checkout {
    struct slip_tree tree;
    struct slip_arena arena;
    struct slip_map *by_dir; /* of struct rules */
};

struct slip_checkout *slip_checkout_new(const struct slip_tree *tree)
{
    struct slip_checkout *c = slip_new(struct slip_checkout);
    c->tree = *tree;
    c->by_dir = slip_map_new(NULL);
    return c;
}

void slip_checkout_free(struct slip_checkout *c)
{
    if (!c)
        return;
    slip_map_free(c->by_dir);
    slip_arena_clear(&c->arena);
    slip_free(c);
}

/* ---- reading ---- */

static bool next_word(struct slip_str *rest, struct slip_str *word)
{
    *rest = slip_str_trim(*rest);
    size_t n = 0;
    while (n < rest->len && !strchr(" \t\r", rest->ptr[n]))
        n++;
    *word = slip_str_first(*rest, n);
    *rest = slip_str_skip(*rest, n);
    return n > 0;
}

/* In quotes a backslash protects the character behind it. */
static bool take_pattern(struct slip_checkout *c, struct slip_str *rest, struct slip_str *out)
{
    if (!rest->len || rest->ptr[0] != '"')
        return next_word(rest, out);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(ATTRIBUTES_MAX);
    size_t i = 1;
    for (; i < rest->len && rest->ptr[i] != '"'; i++) {
        if (rest->ptr[i] == '\\' && i + 1 < rest->len)
            i++;
        slip_buf_add_char(&text, rest->ptr[i]);
    }
    *rest = slip_str_skip(*rest, i + 1);
    *out = slip_arena_str(&c->arena, slip_buf_str(&text));
    return out->len > 0;
}

/* "{" has no meaning for git. */
static struct slip_str without_braces(struct slip_checkout *c, struct slip_str pattern)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(2 * ATTRIBUTES_MAX);
    for (size_t i = 0; i < pattern.len; i++) {
        if (strchr("{}", pattern.ptr[i]))
            slip_buf_add_char(&text, '\\');
        slip_buf_add_char(&text, pattern.ptr[i]);
    }
    return slip_arena_str(&c->arena, slip_buf_str(&text));
}

static void read_attribute(struct slip_str word, struct line *l)
{
    struct setting s = { .is = SET };
    if (word.ptr[0] == '-' || word.ptr[0] == '!') {
        s.is = word.ptr[0] == '-' ? UNSET : UNSPECIFIED;
        word = slip_str_skip(word, 1);
    } else if (slip_str_cut(word, '=', &word, &s.value)) {
        s.is = VALUE;
    }
    if (slip_str_is(word, "binary") && s.is == SET)
        l->settings[TEXT] = (struct setting){ .is = UNSET };
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (slip_str_is(word, names[i]))
            l->settings[i] = s;
}

/* False: the line says nothing about files. A macro of one's own is no pattern. */
static bool read_line(struct slip_checkout *c, struct slip_str text, struct line *out)
{
    struct slip_str rest = slip_str_trim(text), word;
    if (!rest.len || rest.ptr[0] == '#' || slip_str_starts(rest, SLIP_STR("[attr]"))
        || !take_pattern(c, &rest, &word) || word.ptr[0] == '!' || word.len > PATTERN_MAX)
        return false;
    out->base_name = slip_str_find(word, '/') == SLIP_NPOS;
    out->pattern = without_braces(c, word.ptr[0] == '/' ? slip_str_skip(word, 1) : word);
    while (next_word(&rest, &word))
        read_attribute(word, out);
    return true;
}

static void read_rules(struct slip_checkout *c, struct slip_str text, struct rules *out)
{
    struct slip_str rest = text, line;
    size_t n = 0;
    while (slip_str_line(&rest, &line))
        n++;
    out->at = slip_arena_array(&c->arena, n + 1, sizeof(*out->at));
    while (slip_str_line(&text, &line))
        out->len += read_line(c, line, &out->at[out->len]);
}

/* Of a directory, "" is the root. A link counts as nothing, as for git. */
static int rules_of(struct slip_checkout *c, struct slip_str dir, const struct rules **out,
                    struct slip_error *err)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(ATTRIBUTES_MAX);
    struct slip_entry e;
    bool found;
    *out = slip_map_get(c->by_dir, dir);
    if (*out)
        return 0;
    struct rules *r = slip_arena_new(&c->arena, struct rules);
    slip_path_join(dir, SLIP_STR(".gitattributes"), &path);
    if (slip_tree_find(&c->tree, slip_buf_str(&path), &e, &found, err) < 0)
        return -1;
    if (found && !slip_entry_is_link(&e)) {
        if (slip_tree_read_file(&c->tree, slip_buf_str(&path), &text, &found, err) < 0)
            return -1;
        read_rules(c, slip_arena_str(&c->arena, slip_buf_str(&text)), r);
    }
    slip_map_set(c->by_dir, dir, r);
    *out = r;
    return 0;
}

/* ---- asking ---- */

static bool matches(const struct line *l, struct slip_str path)
{
    struct slip_str name = l->base_name ? slip_path_base(path) : path;
    return slip_doublestar_match(l->pattern, name) == SLIP_DOUBLESTAR_YES;
}

/* What the rules of one directory say where nothing nearer did; `path` is from there. */
static void ask(const struct rules *r, struct slip_str path, struct setting settings[ATTRIBUTES])
{
    for (size_t i = r->len; i-- > 0;) {
        const struct line *l = &r->at[i];
        if (!matches(l, path))
            continue;
        for (size_t k = 0; k < ATTRIBUTES; k++)
            if (settings[k].is == SILENT)
                settings[k] = l->settings[k];
    }
}

static int find_settings(struct slip_checkout *c, struct slip_str path,
                         struct setting settings[ATTRIBUTES], struct slip_error *err)
{
    const struct rules *r;
    for (struct slip_str dir = path; dir.len;) {
        dir = slip_path_dir(dir);
        if (rules_of(c, dir, &r, err) < 0)
            return -1;
        ask(r, dir.len ? slip_str_skip(path, dir.len + 1) : path, settings);
    }
    return 0;
}

/* ---- line ends ---- */

struct counts {
    size_t lone_lf, lone_cr, crlf, nul, printable, other;
};

/* As git tells text from binary: which control characters belong to text. */
static void count(struct slip_str s, struct counts *n)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n') {
            n->crlf++;
            i++;
        } else if (c == '\r') {
            n->lone_cr++;
        } else if (c == '\n') {
            n->lone_lf++;
        } else if (c == 0x7F || (c < 32 && !strchr("\b\t\033\f", c)) || c == 0) {
            n->other++;
            n->nul += c == 0;
        } else {
            n->printable++;
        }
    }
    if (s.len && s.ptr[s.len - 1] == '\032' && n->other) /* the end of file of DOS */
        n->other--;
}

static bool is_binary(const struct counts *n)
{
    return n->lone_cr || n->nul || n->printable >> 7 < n->other;
}

static bool is_value(const struct setting *s, const char *value)
{
    return s->is == VALUE && slip_str_is(s->value, value);
}

static bool wants_crlf(const struct setting settings[ATTRIBUTES], struct slip_str content)
{
    const struct setting *text = &settings[TEXT];
    struct counts n = { 0 };
    if (text->is == SILENT || text->is == UNSPECIFIED)
        text = &settings[CRLF];
    if (text->is == UNSET || !is_value(&settings[EOL], "crlf"))
        return false;
    count(content, &n);
    if (n.lone_lf == 0)
        return false;
    return !is_value(text, "auto") || !(n.lone_cr || n.crlf || is_binary(&n));
}

static void add_cr(struct slip_buf *content)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(content->limit);
    for (size_t i = 0; i < content->len; i++) {
        if (content->ptr[i] == '\n' && (i == 0 || content->ptr[i - 1] != '\r'))
            slip_buf_add_char(&out, '\r');
        slip_buf_add_char(&out, content->ptr[i]);
    }
    slip_buf_move(content, &out);
}

/* ---- all of it ---- */

static int refuse(struct slip_str path, enum attribute a, struct slip_str value,
                  struct slip_error *err)
{
    slip_fail(err, SLIP_E_UNSUPPORTED,
              ".gitattributes: what '%.*s' is in a work tree depends on '%s%s%.*s'", SLIP_ARG(path),
              names[a], value.len ? "=" : "", SLIP_ARG(value));
    return slip_hint(err, "only git on the builder's machine can tell: use werf for this image");
}

static bool has_id(struct slip_str content)
{
    return slip_str_find_str(content, SLIP_STR("$Id$")) != SLIP_NPOS
           || slip_str_find_str(content, SLIP_STR("$Id:")) != SLIP_NPOS;
}

int slip_checkout_convert(struct slip_checkout *c, struct slip_str path, struct slip_buf *content,
                          struct slip_error *err)
{
    struct setting settings[ATTRIBUTES] = { 0 };
    if (find_settings(c, path, settings, err) < 0)
        return -1;
    if (settings[FILTER].is == VALUE)
        return refuse(path, FILTER, settings[FILTER].value, err);
    if (settings[ENCODING].is == VALUE)
        return refuse(path, ENCODING, settings[ENCODING].value, err);
    if (settings[IDENT].is == SET && has_id(slip_buf_str(content)))
        return refuse(path, IDENT, SLIP_STR(""), err);
    if (wants_crlf(settings, slip_buf_str(content)))
        add_cr(content);
    return 0;
}
