/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filtering a diff line by line.
 *
 *     diff   := (file | submodule)*
 *     file   := "diff --git " path SP path LF header* body
 *     header := ("index " | "--- " | "+++ " | "old mode " | ...) ... LF
 *     body   := everything from the line behind "+++ ", or from "GIT binary patch" or "Binary files
 *               " on
 *     path   := ("a/" | "b/") name, or the same in quotes with git's escapes
 *
 * No line of a body begins with "diff --git " or "Submodule ": those of text have a sign in front,
 * those of binary patches no blank.
 */
#include "digest/patch_filter.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

enum {
    ID_SHOWN = 8,           /* characters of an object id that stay */
    LINE_MAX_KEPT = 1 << 20 /* of a header, which holds two paths; longer ones are text */
};

enum state { OUTSIDE, HEADER, BODY, DROPPED, SUBMODULE };

struct slip_patch_filter {
    struct slip_patch_rules rules;
    enum state state;
    struct slip_buf line; /* the one at hand, without its line end */
    bool passing;         /* its beginning was put already, what is left follows as it is */
    struct slip_buf a, b; /* room for paths */
};

struct slip_patch_filter *slip_patch_filter_new(const struct slip_patch_rules *rules)
{
    struct slip_patch_filter *f = slip_new(struct slip_patch_filter);
    f->rules = *rules;
    slip_buf_init(&f->line, LINE_MAX_KEPT);
    slip_buf_init(&f->a, 2 * LINE_MAX_KEPT);
    slip_buf_init(&f->b, 2 * LINE_MAX_KEPT);
    return f;
}

void slip_patch_filter_free(struct slip_patch_filter *f)
{
    if (!f)
        return;
    slip_buf_clear(&f->line);
    slip_buf_clear(&f->a);
    slip_buf_clear(&f->b);
    slip_free(f);
}

static void put(struct slip_patch_filter *f, struct slip_str text)
{
    f->rules.put(f->rules.payload, text);
}

static void put_c(struct slip_patch_filter *f, const char *text)
{
    put(f, slip_str_of(text));
}

static bool take_prefix(struct slip_str *s, const char *prefix)
{
    if (!slip_str_starts(*s, slip_str_of(prefix)))
        return false;
    *s = slip_str_skip(*s, strlen(prefix));
    return true;
}

static int strange(struct slip_str line, struct slip_error *err)
{
    return slip_fail(err, SLIP_E_UNSUPPORTED, "git diff: unexpected line: %.*s",
                     line.len < 200 ? (int)line.len : 200, line.ptr);
}

/* ---- quoted paths ---- */

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The length of the escape at the beginning of `s` ("\n", "\001"), or 1. */
static size_t escape_len(struct slip_str s)
{
    if (s.ptr[0] != '\\' || s.len < 2)
        return 1;
    return s.len >= 4 && is_octal(s.ptr[1]) && is_octal(s.ptr[2]) && is_octal(s.ptr[3]) ? 4 : 2;
}

static char unescape(struct slip_str e)
{
    static const char letters[] = "abtnvfr", values[] = "\a\b\t\n\v\f\r";
    if (e.len == 1)
        return e.ptr[0];
    if (e.len == 4)
        return (char)((e.ptr[1] & 3) << 6 | (e.ptr[2] - '0') << 3 | (e.ptr[3] - '0'));
    const char *at = memchr(letters, e.ptr[1], sizeof(letters) - 1);
    return at ? values[at - letters] : e.ptr[1];
}

/* What stands between quotes; `*raw` is without escapes then. False: there is no end. */
static bool take_quoted(struct slip_str *s, struct slip_str *inside, struct slip_buf *raw)
{
    slip_buf_reset(raw);
    if (!take_prefix(s, "\""))
        return false;
    *inside = *s;
    while (s->len && s->ptr[0] != '"') {
        struct slip_str e = slip_str_first(*s, escape_len(*s));
        slip_buf_add_char(raw, unescape(e));
        *s = slip_str_skip(*s, e.len);
    }
    inside->len -= s->len;
    return take_prefix(s, "\"");
}

/* ---- paths ---- */

/* `name` with as many components less as the scope has: as escapes keep slashes, this serves names
 * with and without them. */
static struct slip_str below_scope(const struct slip_patch_filter *f, struct slip_str name)
{
    struct slip_str scope = f->rules.scope, head;
    while (scope.len) {
        slip_str_cut(scope, '/', &head, &scope);
        slip_str_cut(name, '/', &head, &name);
    }
    return f->rules.name.len ? f->rules.name : name;
}

static int belongs(struct slip_patch_filter *f, struct slip_str name, bool *yes,
                   struct slip_error *err)
{
    return slip_filter_match(f->rules.filter, name, yes, err);
}

/* Without renames both names are the same, which says where the first one ends. */
static int begin_plain(struct slip_patch_filter *f, struct slip_str line, struct slip_str rest,
                       struct slip_error *err)
{
    struct slip_str a = slip_str_first(rest, rest.len / 2), b = slip_str_skip(rest, a.len);
    bool yes;
    if (!take_prefix(&a, "a/") || !take_prefix(&b, " b/") || !slip_str_eq(a, b))
        return strange(line, err);
    if (belongs(f, a, &yes, err) < 0)
        return -1;
    f->state = yes ? HEADER : DROPPED;
    if (!yes)
        return 0;
    put_c(f, "diff --git a/");
    put(f, below_scope(f, a));
    put_c(f, " b/");
    put(f, below_scope(f, b));
    put_c(f, "\n");
    return 0;
}

static int begin_quoted(struct slip_patch_filter *f, struct slip_str line, struct slip_str rest,
                        struct slip_error *err)
{
    struct slip_str a, b, raw_a, raw_b;
    bool yes;
    if (!take_quoted(&rest, &a, &f->a) || !take_prefix(&rest, " ") || !take_quoted(&rest, &b, &f->b)
        || rest.len)
        return strange(line, err);
    raw_a = slip_buf_str(&f->a);
    raw_b = slip_buf_str(&f->b);
    if (!take_prefix(&raw_a, "a/") || !take_prefix(&raw_b, "b/") || !slip_str_eq(raw_a, raw_b))
        return strange(line, err);
    if (belongs(f, raw_a, &yes, err) < 0)
        return -1;
    f->state = yes ? HEADER : DROPPED;
    if (!yes)
        return 0;
    put_c(f, "diff --git \"a/");
    put(f, below_scope(f, slip_str_skip(a, 2)));
    put_c(f, "\" \"b/");
    put(f, below_scope(f, slip_str_skip(b, 2)));
    put_c(f, "\"\n");
    return 0;
}

/* "--- a/P" and "+++ b/P". Of a quoted name werf takes the whole line for a path. */
static void put_path_line(struct slip_patch_filter *f, struct slip_str line, const char *sign,
                          const char *side)
{
    struct slip_str path = slip_str_skip(line, strlen(sign));
    put_c(f, sign);
    if (slip_str_is(path, "/dev/null")) {
        put(f, path);
    } else if (take_prefix(&path, side)) {
        while (path.len && path.ptr[path.len - 1] == '\t')
            path.len--;
        put_c(f, side);
        put(f, below_scope(f, path));
    } else {
        slip_buf_reset(&f->a);
        slip_path_clean(line, &f->a);
        put_c(f, side);
        struct slip_str scope = f->rules.scope, head;
        while (scope.len) {
            slip_str_cut(scope, '/', &head, &scope);
            put_c(f, "../");
        }
        put(f, slip_buf_str(&f->a));
    }
    put_c(f, "\n");
}

/* "index X..Y mode": both ids shortened. */
static int put_index(struct slip_patch_filter *f, struct slip_str line, struct slip_error *err)
{
    struct slip_str ids = slip_str_skip(line, strlen("index ")), mode;
    bool has_mode = slip_str_cut(ids, ' ', &ids, &mode);
    size_t at = slip_str_find_str(ids, SLIP_STR(".."));
    if (at == SLIP_NPOS || at < ID_SHOWN || ids.len - at - 2 < ID_SHOWN)
        return strange(line, err);
    put_c(f, "index ");
    put(f, slip_str_first(ids, ID_SHOWN));
    put_c(f, "..");
    put(f, slip_str_first(slip_str_skip(ids, at + 2), ID_SHOWN));
    if (has_mode) {
        put_c(f, " ");
        put(f, mode);
    }
    put_c(f, "\n");
    return 0;
}

/* ---- lines ---- */

static void put_line(struct slip_patch_filter *f, struct slip_str line)
{
    put(f, line);
    put_c(f, "\n");
}

static int header_line(struct slip_patch_filter *f, struct slip_str line, struct slip_error *err)
{
    if (slip_str_starts(line, SLIP_STR("index ")))
        return put_index(f, line, err);
    if (slip_str_starts(line, SLIP_STR("--- "))) {
        put_path_line(f, line, "--- ", "a/");
    } else if (slip_str_starts(line, SLIP_STR("+++ "))) {
        put_path_line(f, line, "+++ ", "b/");
        f->state = BODY;
    } else {
        if (slip_str_starts(line, SLIP_STR("GIT binary patch"))
            || slip_str_starts(line, SLIP_STR("Binary files ")))
            f->state = BODY;
        put_line(f, line);
    }
    return 0;
}

static int submodule_line(struct slip_patch_filter *f, struct slip_str line, struct slip_error *err)
{
    f->state = SUBMODULE;
    if (!slip_str_ends(line, SLIP_STR(" (commits not present)")))
        return 0;
    slip_fail(err, SLIP_E_UNSUPPORTED, "%.*s", SLIP_ARG(line));
    return slip_hint(err, "update the submodules: git submodule update --init");
}

static int whole_line(struct slip_patch_filter *f, struct slip_str line, struct slip_error *err)
{
    struct slip_str rest = line;
    if (slip_str_starts(line, SLIP_STR("Submodule ")))
        return submodule_line(f, line, err);
    if (take_prefix(&rest, "diff --git "))
        return slip_str_starts(rest, SLIP_STR("\"")) ? begin_quoted(f, line, rest, err)
                                                     : begin_plain(f, line, rest, err);
    if (f->state == OUTSIDE)
        return strange(line, err);
    if (f->state == HEADER)
        return header_line(f, line, err);
    if (f->state == BODY)
        put_line(f, line);
    return 0;
}

static int end_line(struct slip_patch_filter *f, struct slip_error *err)
{
    int rc = 0;
    if (!f->passing)
        rc = whole_line(f, slip_buf_str(&f->line), err);
    else if (f->state == BODY)
        put_line(f, slip_buf_str(&f->line));
    slip_buf_reset(&f->line);
    f->passing = false;
    return rc;
}

/* A long line of text needs not be kept whole. */
static int add_piece(struct slip_patch_filter *f, struct slip_str piece, struct slip_error *err)
{
    while (piece.len > LINE_MAX_KEPT - f->line.len) {
        size_t fits = LINE_MAX_KEPT - f->line.len;
        slip_buf_add_str(&f->line, slip_str_first(piece, fits));
        piece = slip_str_skip(piece, fits);
        if (f->state == OUTSIDE || f->state == HEADER)
            return strange(slip_buf_str(&f->line), err);
        if (f->state == BODY)
            put(f, slip_buf_str(&f->line));
        f->passing = true;
        slip_buf_reset(&f->line);
    }
    slip_buf_add_str(&f->line, piece);
    return 0;
}

int slip_patch_filter_add(struct slip_patch_filter *f, struct slip_str text, struct slip_error *err)
{
    struct slip_str piece;
    while (text.len) {
        bool whole = slip_str_cut(text, '\n', &piece, &text);
        if (add_piece(f, piece, err) < 0 || (whole && end_line(f, err) < 0))
            return -1;
    }
    return 0;
}

int slip_patch_filter_end(struct slip_patch_filter *f, struct slip_error *err)
{
    return f->line.len || f->passing ? end_line(f, err) : 0;
}
