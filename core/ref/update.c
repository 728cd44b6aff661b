/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git says it is about to change.
 *
 *   push-line := local-ref SP new-id SP remote-ref SP old-id
 *   id        := 40 or 64 lower-case hex digits; all zeros means "no object"
 *
 * A local ref may hold spaces (`HEAD^{/some words}`), so words are taken from the right.
 */
#include "ref/update.h"

#include "base/limits.h"

void slip_ref_updates_clear(struct slip_ref_updates *u)
{
    slip_vec_clear(u);
}

bool slip_ref_is_id(struct slip_str s)
{
    if (s.len != 40 && s.len != 64)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= '0' && s.ptr[i] <= '9') && !(s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))
            return false;
    return true;
}

bool slip_ref_is_zero_id(struct slip_str s)
{
    if (s.len != 40 && s.len != 64)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '0')
            return false;
    return true;
}

enum slip_ref_kind slip_ref_kind_of(struct slip_str ref, struct slip_str *name)
{
    static const struct {
        struct slip_str prefix;
        enum slip_ref_kind kind;
    } kinds[] = {
        { { "refs/tags/", 10 }, SLIP_REF_TAG },
        { { "refs/heads/", 11 }, SLIP_REF_BRANCH },
    };
    for (size_t i = 0; i < SLIP_COUNT(kinds); i++) {
        if (slip_str_starts(ref, kinds[i].prefix) && ref.len > kinds[i].prefix.len) {
            *name = slip_str_skip(ref, kinds[i].prefix.len);
            return kinds[i].kind;
        }
    }
    *name = ref;
    return SLIP_REF_OTHER;
}

const char *slip_ref_kind_name(enum slip_ref_kind kind)
{
    static const char *const names[] = { "tag", "branch", "ref" };
    return names[kind];
}

static int take_last_word(struct slip_str *line, const char *what, struct slip_str *out,
                          struct slip_error *err)
{
    struct slip_str head, word;
    if (!slip_str_rcut(*line, ' ', &head, &word))
        return slip_fail(err, SLIP_E_INTERNAL, "%s is missing", what);
    if (word.len == 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s is empty", what);
    *line = head;
    *out = word;
    return 0;
}

static int take_last_id(struct slip_str *line, const char *what, struct slip_str *out,
                        struct slip_error *err)
{
    struct slip_str word;
    if (take_last_word(line, what, &word, err) < 0)
        return -1;
    if (!slip_ref_is_id(word))
        return slip_fail(err, SLIP_E_INTERNAL, "%s is not an object id", what);
    *out = word;
    return 0;
}

struct slip_ref_update slip_ref_update_make(struct slip_str ref, struct slip_str new_id,
                                            struct slip_str old_id)
{
    struct slip_ref_update u = { .ref = ref, .new_id = new_id, .old_id = old_id };
    u.kind = slip_ref_kind_of(ref, &u.name);
    u.change = slip_ref_is_zero_id(new_id)   ? SLIP_REF_DELETE
               : slip_ref_is_zero_id(old_id) ? SLIP_REF_CREATE
                                             : SLIP_REF_UPDATE;
    return u;
}

int slip_ref_parse_push(struct slip_str line, struct slip_ref_update *out, struct slip_error *err)
{
    struct slip_str old_id, ref, new_id;
    if (take_last_id(&line, "remote object id", &old_id, err) < 0
        || take_last_word(&line, "remote ref", &ref, err) < 0
        || take_last_id(&line, "local object id", &new_id, err) < 0)
        return -1;
    if (line.len == 0)
        return slip_fail(err, SLIP_E_INTERNAL, "local ref is empty");
    if (old_id.len != new_id.len)
        return slip_fail(err, SLIP_E_INTERNAL, "object ids of different length");

    *out = slip_ref_update_make(ref, new_id, old_id);
    out->local_ref = line;
    return 0;
}

int slip_ref_read_push(struct slip_str text, struct slip_ref_updates *out, bool *cut,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_ref_updates) all = { 0 };
    struct slip_str line;
    size_t number = 0, lines = 0;
    bool too_many = false;
    while (slip_str_line(&text, &line)) {
        number++;
        if (line.len == 0)
            continue;
        struct slip_ref_update u;
        if (memchr(line.ptr, '\r', line.len) || memchr(line.ptr, '\0', line.len))
            return slip_fail(err, SLIP_E_INTERNAL, "line %zu of stdin holds a control character",
                             number);
        if (slip_ref_parse_push(line, &u, err) < 0)
            return slip_while(err, "line %zu of stdin", number);
        too_many = ++lines > SLIP_LIMIT_REFS_PER_PUSH;
        if (!too_many || u.kind == SLIP_REF_TAG)
            slip_vec_push(&all, u);
    }
    size_t kept = 0;
    for (size_t i = 0; i < all.len; i++)
        if (!too_many || all.at[i].kind == SLIP_REF_TAG)
            all.at[kept++] = all.at[i];
    all.len = kept;

    slip_ref_updates_clear(out);
    *out = all;
    all = (struct slip_ref_updates){ 0 };
    *cut = too_many;
    return 0;
}

static bool is_valid_component(struct slip_str c)
{
    return c.len > 0 && c.ptr[0] != '.' && !slip_str_ends(c, SLIP_STR(".lock"));
}

bool slip_ref_is_valid_name(struct slip_str ref)
{
    if (ref.len == 0 || ref.len > 4096 || ref.ptr[0] == '-' || slip_str_ends(ref, SLIP_STR("."))
        || slip_str_is(ref, "@"))
        return false;
    for (size_t i = 0; i < ref.len; i++) {
        unsigned char c = (unsigned char)ref.ptr[i];
        if (c <= ' ' || c == 0x7F || strchr("~^:?*[\\", c))
            return false;
    }
    if (slip_str_find_str(ref, SLIP_STR("..")) != SLIP_NPOS
        || slip_str_find_str(ref, SLIP_STR("@{")) != SLIP_NPOS)
        return false;
    struct slip_str component;
    bool more = true;
    while (more) {
        more = slip_str_cut(ref, '/', &component, &ref);
        if (!is_valid_component(component))
            return false;
    }
    return true;
}
