/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RUN --mount.
 *
 *   mount := field { "," field }                   one record of CSV
 *   field := key "=" value | "ro" | "readonly" | "rw" | "readwrite" | "required"
 *
 * Keys and fixed values in any case. Later fields win; what a key may be depends on the type so
 * far.
 */
#include "dockerfile/mount.h"

#include "base/limits.h"
#include "dockerfile/parts.h"

struct reading {
    const struct slip_shell *sh;
    struct slip_arena *arena;
    struct slip_dockerfile_mount *m;
    bool access_given; /* ro, rw and the like */
    struct slip_error *err;
};

static struct slip_str lower(struct slip_arena *a, struct slip_str s)
{
    char *text = slip_arena_strdup(a, s);
    for (size_t i = 0; i < s.len; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] + 32);
    return slip_str_make(text, s.len);
}

static bool is_one_of(struct slip_str s, const char *const *words)
{
    for (; *words; words++)
        if (slip_str_is(s, *words))
            return true;
    return false;
}

static int fail_value(struct reading *r, struct slip_str key, struct slip_str value)
{
    return slip_fail(r->err, SLIP_E_CONFIG, "%.*s of --mount cannot be '%.*s'", SLIP_ARG(key),
                     SLIP_ARG(slip_str_first(value, 200)));
}

static int fail_key(struct reading *r, struct slip_str key)
{
    return slip_fail(r->err, SLIP_E_CONFIG, "a --mount of type '%.*s' has no key '%.*s'",
                     SLIP_ARG(r->m->type), SLIP_ARG(slip_str_first(key, 200)));
}

static bool may_be_required(const struct reading *r)
{
    return slip_str_is(r->m->type, "secret") || slip_str_is(r->m->type, "ssh");
}

static bool is_read_only_key(struct slip_str key)
{
    return slip_str_is(key, "readonly") || slip_str_is(key, "ro");
}

static bool is_read_write_key(struct slip_str key)
{
    return slip_str_is(key, "readwrite") || slip_str_is(key, "rw");
}

/* A field that is a key alone. */
static int read_word(struct reading *r, struct slip_str key)
{
    if (is_read_only_key(key) || is_read_write_key(key)) {
        r->m->read_only = is_read_only_key(key);
        r->access_given = true;
        return 0;
    }
    if (slip_str_is(key, "required") && may_be_required(r)) {
        r->m->required = true;
        return 0;
    }
    if (slip_str_is(key, "required"))
        return fail_key(r, key);
    return slip_fail(r->err, SLIP_E_CONFIG, "'%.*s' of --mount needs a value",
                     SLIP_ARG(slip_str_first(key, 200)));
}

static int read_bool(struct reading *r, struct slip_str key, struct slip_str value, bool *out)
{
    static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True", NULL };
    static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False", NULL };
    if (!is_one_of(value, yes) && !is_one_of(value, no))
        return fail_value(r, key, value);
    *out = is_one_of(value, yes);
    return 0;
}

/* Digits alone, of 32 bits. */
static int read_number(struct reading *r, struct slip_str key, struct slip_str value, unsigned base,
                       bool *has, uint64_t *out)
{
    uint64_t n = 0;
    bool good = value.len > 0;
    for (size_t i = 0; good && i < value.len; i++) {
        unsigned digit = (unsigned)(unsigned char)value.ptr[i] - '0';
        good = digit < base;
        n = n * base + digit;
        good = good && n <= UINT32_MAX;
    }
    if (!good)
        return fail_value(r, key, value);
    *has = true;
    *out = n;
    return 0;
}

static int read_choice(struct reading *r, struct slip_str key, struct slip_str value,
                       const char *const *choices, struct slip_str *out)
{
    struct slip_str word = lower(r->arena, value);
    if (!is_one_of(word, choices))
        return fail_value(r, key, value);
    *out = word;
    return 0;
}

/* Of a tmpfs; how much it is does not matter here. */
static int check_size(struct reading *r, struct slip_str key, struct slip_str value)
{
    if (!slip_str_is(r->m->type, "tmpfs"))
        return fail_key(r, key);
    return value.len && value.ptr[0] >= '0' && value.ptr[0] <= '9' ? 0 : fail_value(r, key, value);
}

static int read_access(struct reading *r, struct slip_str key, struct slip_str value)
{
    bool yes;
    if (read_bool(r, key, value, &yes) < 0)
        return -1;
    r->m->read_only = yes == is_read_only_key(key);
    r->access_given = true;
    return 0;
}

static struct slip_str *text_field(struct slip_dockerfile_mount *m, struct slip_str key)
{
    const struct {
        const char *key;
        struct slip_str *value;
    } fields[] = {
        { "from", &m->from },     { "source", &m->source }, { "src", &m->source },
        { "target", &m->target }, { "dst", &m->target },    { "destination", &m->target },
        { "id", &m->id },
    };
    for (size_t i = 0; i < SLIP_COUNT(fields); i++)
        if (slip_str_is(key, fields[i].key))
            return fields[i].value;
    return NULL;
}

static int read_value(struct reading *r, struct slip_str key, struct slip_str value)
{
    static const char *const types[] = { "bind", "cache", "tmpfs", "secret", "ssh", NULL };
    static const char *const sharings[] = { "shared", "private", "locked", NULL };
    struct slip_dockerfile_mount *m = r->m;
    struct slip_str *text = text_field(m, key);
    if (text)
        *text = value;
    else if (slip_str_is(key, "type"))
        return read_choice(r, key, value, types, &m->type);
    else if (slip_str_is(key, "sharing"))
        return read_choice(r, key, value, sharings, &m->sharing);
    else if (is_read_only_key(key) || is_read_write_key(key))
        return read_access(r, key, value);
    else if (slip_str_is(key, "required"))
        return may_be_required(r) ? read_bool(r, key, value, &m->required) : fail_key(r, key);
    else if (slip_str_is(key, "size"))
        return check_size(r, key, value);
    else if (slip_str_is(key, "mode"))
        return read_number(r, key, value, 8, &m->has_mode, &m->mode);
    else if (slip_str_is(key, "uid"))
        return read_number(r, key, value, 10, &m->has_uid, &m->uid);
    else if (slip_str_is(key, "gid"))
        return read_number(r, key, value, 10, &m->has_gid, &m->gid);
    else
        return fail_key(r, key);
    return 0;
}

static int read_field(struct reading *r, struct slip_str field)
{
    struct slip_str key, value;
    bool has_value = slip_str_cut(field, '=', &key, &value);
    key = lower(r->arena, key);
    if (!has_value)
        return read_word(r, key);
    SLIP_AUTO(slip_buf) expanded = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
    if (slip_shell_expand(r->sh, value, &expanded, r->err) < 0)
        return -1;
    return read_value(r, key, slip_arena_str(r->arena, slip_buf_str(&expanded)));
}

static int check(struct reading *r)
{
    struct slip_dockerfile_mount *m = r->m;
    bool cache = slip_str_is(m->type, "cache"), secret = slip_str_is(m->type, "secret");
    if (!cache && !secret && !slip_str_is(m->type, "ssh")
        && (m->has_mode || m->has_uid || m->has_gid))
        return fail_key(r, m->has_mode  ? SLIP_STR("mode")
                           : m->has_uid ? SLIP_STR("uid")
                                        : SLIP_STR("gid"));
    if (!r->access_given)
        m->read_only = !cache && !slip_str_is(m->type, "tmpfs");
    if (m->sharing.len && !cache)
        return fail_key(r, SLIP_STR("sharing"));
    if (secret && m->from.len)
        return fail_key(r, SLIP_STR("from"));
    if (secret && !m->source.len && !m->target.len && !m->id.len)
        return slip_fail(r->err, SLIP_E_CONFIG, "a --mount of a secret needs its id or a target");
    if (secret && m->source.len && m->id.len)
        return slip_fail(r->err, SLIP_E_CONFIG,
                         "a --mount of a secret has either a source or an id");
    return 0;
}

int slip_dockerfile_mount_read(struct slip_str text, const struct slip_shell *sh,
                               struct slip_arena *a, struct slip_dockerfile_mount *out,
                               struct slip_error *err)
{
    const struct slip_str none = SLIP_STR("");
    struct slip_dockerfile_mount m = { .type = SLIP_STR("bind"),
                                       .from = none,
                                       .source = none,
                                       .target = none,
                                       .id = none,
                                       .sharing = none };
    struct reading r = { .sh = sh, .arena = a, .m = &m, .err = err };
    struct slip_word_vec fields = { 0 };
    int rc = 0;
    if (!slip_csv_read(text, a, &fields))
        rc = slip_fail(err, SLIP_E_CONFIG, "the value of --mount is malformed: '%.*s'",
                       SLIP_ARG(slip_str_first(text, 200)));
    for (size_t i = 0; i < fields.len && rc == 0; i++)
        rc = read_field(&r, fields.at[i]);
    slip_vec_clear(&fields);
    if (rc < 0 || check(&r) < 0)
        return -1;
    *out = m;
    return 0;
}
