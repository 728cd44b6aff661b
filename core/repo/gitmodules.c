/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading .gitmodules, as much of git's configuration format as stands in such files:
 *
 *     file    := (section | entry | comment | blank) per line
 *     section := '[' "submodule" blanks '"' name '"' ']'     '\' protects a character of the name
 *     entry   := key blanks [ '=' value ]
 *     value   := text up to a comment; '"' quotes, '\' escapes, a '\' at the end continues it
 *     comment := ('#' | ';') to the end of the line
 */
#include "repo/gitmodules.h"

#include "base/path.h"

struct reader {
    struct slip_str rest;
    struct slip_buf name;  /* of the section at hand; empty: none of a submodule */
    struct slip_buf value; /* of the entry at hand */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slip_str word(struct slip_str s)
{
    size_t n = 0;
    while (n < s.len && !is_blank(s.ptr[n]) && s.ptr[n] != '=' && s.ptr[n] != '"'
           && s.ptr[n] != ']')
        n++;
    return slip_str_first(s, n);
}

static bool is_word(struct slip_str a, const char *lower)
{
    size_t i = 0;
    for (; i < a.len && lower[i]; i++) {
        char c = a.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != lower[i])
            return false;
    }
    return i == a.len && !lower[i];
}

/* `s` begins behind '['. */
static void read_section(struct reader *r, struct slip_str s)
{
    slip_buf_reset(&r->name);
    struct slip_str kind = word(s);
    s = slip_str_trim(slip_str_skip(s, kind.len));
    if (!is_word(kind, "submodule") || s.len == 0 || s.ptr[0] != '"')
        return;
    for (size_t i = 1; i < s.len && s.ptr[i] != '"'; i++) {
        if (s.ptr[i] == '\\' && i + 1 < s.len)
            i++;
        slip_buf_add_char(&r->name, s.ptr[i]);
    }
}

/* The next line; false when none follows that could continue a value. */
static bool continues(struct reader *r, struct slip_str *s)
{
    return slip_str_line(&r->rest, s);
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
}

/* `s` begins behind '='. Blanks at the end count only inside quotes. */
static void read_value(struct reader *r, struct slip_str s)
{
    bool quoted = false;
    size_t keep = 0;
    slip_buf_reset(&r->value);
    s = slip_str_trim(s);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\\' && i + 1 == s.len) {
            if (!continues(r, &s))
                break;
            i = SLIP_NPOS; /* becomes 0 */
            continue;
        }
        if (!quoted && (c == '#' || c == ';'))
            break;
        if (c == '"') {
            quoted = !quoted;
            continue;
        }
        if (c == '\\')
            c = unescape(s.ptr[++i]);
        slip_buf_add_char(&r->value, c);
        if (quoted || !is_blank(c))
            keep = r->value.len;
    }
    slip_buf_cut(&r->value, keep);
}

/* The next `path` of a submodule: name and value are in `r`. */
static bool next_path(struct reader *r)
{
    struct slip_str line;
    while (slip_str_line(&r->rest, &line)) {
        line = slip_str_trim(line);
        if (line.len && line.ptr[0] == '[') {
            read_section(r, slip_str_skip(line, 1));
            continue;
        }
        struct slip_str key = word(line);
        struct slip_str after = slip_str_trim(slip_str_skip(line, key.len));
        if (after.len == 0 || after.ptr[0] != '=')
            continue;
        read_value(r, slip_str_skip(after, 1));
        if (r->name.len && is_word(key, "path"))
            return true;
    }
    return false;
}

int slip_gitmodules_name(const struct slip_tree *t, struct slip_str path, struct slip_buf *name,
                         bool *found, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool here;
    if (slip_tree_read_file(t, SLIP_STR(".gitmodules"), &text, &here, err) < 0)
        return -1;
    struct reader r = { slip_buf_str(&text), SLIP_BUF(SLIP_LIMIT_PATH), SLIP_BUF(SLIP_LIMIT_PATH) };
    *found = false;
    while (!*found && next_path(&r))
        *found = slip_str_eq(slip_buf_str(&r.value), path)
                 && !memchr(r.name.ptr, '\0', r.name.len); /* a path would end there */
    if (*found)
        slip_buf_add_str(name, slip_buf_str(&r.name));
    slip_buf_clear(&r.name);
    slip_buf_clear(&r.value);
    return 0;
}

int slip_gitmodules_unlisted(struct slip_str path, struct slip_error *err)
{
    slip_fail(err, SLIP_E_CONFIG, "submodule '%.*s' is not in .gitmodules", SLIP_ARG(path));
    return slip_hint(err,
                     "list it there, take it out of the commit (git rm --cached '%.*s'), or name "
                     "it in the ignore file",
                     SLIP_ARG(path));
}

static int check_path(const struct slip_tree *t, const struct reader *r, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) path = SLIP_BUF(SLIP_LIMIT_PATH);
    struct slip_entry e;
    bool found;
    slip_path_clean(slip_buf_str(&r->value), &path);
    if (slip_tree_find(t, slip_buf_str(&path), &e, &found, err) < 0)
        return -1;
    if (found && slip_entry_is_submodule(&e))
        return 0;
    slip_fail(err, SLIP_E_CONFIG, ".gitmodules lists '%s', but no submodule stands there",
              path.ptr);
    return slip_hint(err, "remove the section '%s' from .gitmodules, or add the submodule",
                     r->name.ptr);
}

int slip_gitmodules_check(const struct slip_tree *t, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_FILE);
    bool here;
    if (slip_tree_read_file(t, SLIP_STR(".gitmodules"), &text, &here, err) < 0)
        return -1;
    struct reader r = { slip_buf_str(&text), SLIP_BUF(SLIP_LIMIT_PATH), SLIP_BUF(SLIP_LIMIT_PATH) };
    int rc = 0;
    while (rc == 0 && next_path(&r))
        rc = check_path(t, &r, err);
    slip_buf_clear(&r.name);
    slip_buf_clear(&r.value);
    return rc;
}
