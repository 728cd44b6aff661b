/* SPDX-License-Identifier: Apache-2.0 */
/* What an instruction means: its flags, how many arguments it takes, its fields (4.3, 4.4). */
#include "dockerfile/parts.h"

#include <limits.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "dockerfile/text.h"

/* Flags. */

enum flag_type { FLAG_TEXT, FLAG_BOOL, FLAG_LIST };

struct flag {
    const char *name;
    enum flag_type type;
    void *value; /* struct slip_str, bool or struct slip_word_vec */
    bool seen;
};

static bool equal_ignoring_case(struct slip_str s, const char *lower)
{
    for (; s.len && *lower; s = slip_str_skip(s, 1), lower++)
        if ((s.ptr[0] >= 'A' && s.ptr[0] <= 'Z' ? s.ptr[0] + 32 : s.ptr[0]) != *lower)
            return false;
    return s.len == 0 && !*lower;
}

static int set_bool(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                    struct flag *f, struct slip_str value, bool has_value, struct slip_error *err)
{
    if (has_value && value.len == 0)
        return slip_reader_fail(r, p->line, err, "no value for the flag --%s", f->name);
    bool yes = !has_value || equal_ignoring_case(value, "true");
    if (!yes && !equal_ignoring_case(value, "false"))
        return slip_reader_fail(r, p->line, err, "the flag --%s is true or false, not '%.*s'",
                                f->name, SLIP_ARG(slip_str_first(value, 200)));
    *(bool *)f->value = yes;
    return 0;
}

static int set_flag(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                    struct flag *f, struct slip_str value, bool has_value, struct slip_error *err)
{
    if (f->seen && f->type != FLAG_LIST)
        return slip_reader_fail(r, p->line, err, "the flag --%s stands there twice", f->name);
    f->seen = true;
    if (f->type == FLAG_BOOL)
        return set_bool(r, p, f, value, has_value, err);
    if (!has_value)
        return slip_reader_fail(r, p->line, err, "no value for the flag --%s", f->name);
    if (f->type == FLAG_LIST)
        slip_vec_push((struct slip_word_vec *)f->value, value);
    else
        *(struct slip_str *)f->value = value;
    return 0;
}

/* Read the flags of `p` into the fields that `flags` points to. */
static int read_flags(const struct slip_dockerfile_reader *r,
                      const struct slip_instruction_parts *p, struct flag *flags, size_t n,
                      struct slip_error *err)
{
    for (size_t i = 0; i < p->flags.len; i++) {
        struct slip_str name, value;
        bool has_value = slip_str_cut(slip_str_skip(p->flags.at[i], 2), '=', &name, &value);
        size_t k = 0;
        while (k < n && !slip_str_is(name, flags[k].name))
            k++;
        if (k == n)
            return slip_reader_fail(r, p->line, err, "%s has no flag --%.*s",
                                    slip_instruction_name(p->kind),
                                    SLIP_ARG(slip_str_first(name, 200)));
        if (set_flag(r, p, &flags[k], value, has_value, err) < 0)
            return -1;
    }
    return 0;
}

/* One function per family of instructions. `c` has kind, line and text already. */
typedef int build_fn(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                     struct slip_dockerfile_command *c, struct slip_error *err);

static int build_words(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                       struct slip_error *err)
{
    c->args = slip_words_keep(r->arena, &p->args);
    c->json = p->json;
    return read_flags(r, p, NULL, 0, err);
}

static int build_word(const struct slip_dockerfile_reader *r,
                      const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                      struct slip_error *err)
{
    c->word = p->args.at[0];
    return read_flags(r, p, NULL, 0, err);
}

/* Flags in front of it are cut off without a word. */
static int build_stopsignal(const struct slip_dockerfile_reader *r,
                            const struct slip_instruction_parts *p,
                            struct slip_dockerfile_command *c, struct slip_error *err)
{
    (void)r;
    (void)err;
    c->word = p->args.at[0];
    return 0;
}

static int keep_pairs(const struct slip_dockerfile_reader *r,
                      const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                      struct slip_error *err)
{
    for (size_t i = 0; i < p->pairs.len; i++)
        if (p->pairs.at[i].key.len == 0)
            return slip_reader_fail(r, p->line, err, "a name of %s is empty",
                                    slip_instruction_name(p->kind));
    c->pairs = slip_arena_array(r->arena, p->pairs.len, sizeof(*c->pairs));
    c->n_pairs = p->pairs.len;
    memcpy(c->pairs, p->pairs.at, p->pairs.len * sizeof(*c->pairs));
    return 0;
}

static int build_pairs(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                       struct slip_error *err)
{
    if (read_flags(r, p, NULL, 0, err) < 0)
        return -1;
    return keep_pairs(r, p, c, err);
}

static int by_bytes(const void *a, const void *b)
{
    return slip_str_cmp(*(const struct slip_str *)a, *(const struct slip_str *)b);
}

static int build_expose(const struct slip_dockerfile_reader *r,
                        const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                        struct slip_error *err)
{
    if (build_words(r, p, c, err) < 0)
        return -1;
    qsort(c->args.at, c->args.len, sizeof(*c->args.at), by_bytes);
    return 0;
}

static int build_volume(const struct slip_dockerfile_reader *r,
                        const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                        struct slip_error *err)
{
    if (build_words(r, p, c, err) < 0)
        return -1;
    for (size_t i = 0; i < c->args.len; i++) {
        c->args.at[i] = slip_unicode_trim(c->args.at[i]);
        if (c->args.at[i].len == 0)
            return slip_reader_fail(r, p->line, err, "a path of VOLUME is empty");
    }
    return 0;
}

static int build_shell(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                       struct slip_error *err)
{
    if (!p->json)
        return slip_reader_fail(r, p->line, err, "SHELL must have its arguments in JSON form");
    return build_words(r, p, c, err);
}

/* ADD and COPY. */

static bool is_heredoc(const struct slip_dockerfile_reader *r, struct slip_str word,
                       struct slip_dockerfile_heredoc *h)
{
    struct slip_error ignored = { 0 };
    bool found;
    return slip_heredoc_parse(word, r->arena, h, &found, &ignored) == 0 && found;
}

/* A body without the tabs in front of its lines. */
static struct slip_str chomp(struct slip_arena *a, struct slip_str body)
{
    char *out = slip_arena_alloc(a, body.len + 1);
    size_t n = 0;
    bool at_start = true;
    for (size_t i = 0; i < body.len; i++) {
        if (at_start && body.ptr[i] == '\t')
            continue;
        out[n++] = body.ptr[i];
        at_start = body.ptr[i] == '\n';
    }
    return slip_str_make(out, n);
}

/* The body that was read for a name; the last heredoc of that name counts. */
static struct slip_str find_body(const struct slip_instruction_parts *p, struct slip_str name)
{
    for (size_t i = p->heredocs.len; i-- > 0;)
        if (slip_str_eq(p->heredocs.at[i].name, name))
            return p->heredocs.at[i].body;
    return SLIP_STR("");
}

static int keep_sources(const struct slip_dockerfile_reader *r,
                        const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                        struct slip_error *err)
{
    struct slip_dockerfile_heredoc h;
    size_t n = p->args.len - 1;
    c->word = p->args.at[n];
    c->json = p->json;
    if (is_heredoc(r, c->word, &h))
        return slip_reader_fail(r, p->line, err, "a heredoc cannot be the destination of %s",
                                slip_instruction_name(p->kind));
    c->args.at = slip_arena_array(r->arena, n, sizeof(*c->args.at));
    c->heredocs = slip_arena_array(r->arena, n, sizeof(*c->heredocs));
    for (size_t i = 0; i < n; i++) {
        if (!is_heredoc(r, p->args.at[i], &h)) {
            c->args.at[c->args.len++] = p->args.at[i];
            continue;
        }
        h.body = find_body(p, h.name);
        if (h.chomp)
            h.body = chomp(r->arena, h.body);
        c->heredocs[c->n_heredocs++] = h;
    }
    return 0;
}

static int build_add(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                     struct slip_dockerfile_command *c, struct slip_error *err)
{
    struct flag flags[] = {
        { "chown", FLAG_TEXT, &c->chown, false },
        { "chmod", FLAG_TEXT, &c->chmod, false },
        { "link", FLAG_BOOL, &c->link, false },
        { "keep-git-dir", FLAG_BOOL, &c->keep_git_dir, false },
        { "checksum", FLAG_TEXT, &c->checksum, false },
    };
    if (read_flags(r, p, flags, SLIP_COUNT(flags), err) < 0)
        return -1;
    return keep_sources(r, p, c, err);
}

static int build_copy(const struct slip_dockerfile_reader *r,
                      const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                      struct slip_error *err)
{
    struct flag flags[] = {
        { "chown", FLAG_TEXT, &c->chown, false },
        { "chmod", FLAG_TEXT, &c->chmod, false },
        { "link", FLAG_BOOL, &c->link, false },
        { "from", FLAG_TEXT, &c->from, false },
    };
    if (read_flags(r, p, flags, SLIP_COUNT(flags), err) < 0)
        return -1;
    return keep_sources(r, p, c, err);
}

/* RUN. */

/* The last `from` of one mount; other keys are looked at when it is built. */
static int read_mount_from(const struct slip_dockerfile_reader *r,
                           const struct slip_instruction_parts *p, struct slip_str mount,
                           struct slip_str *from, struct slip_error *err)
{
    struct slip_word_vec fields = { 0 };
    *from = SLIP_STR("");
    bool ok = slip_csv_read(mount, r->arena, &fields), variable = false;
    for (size_t i = 0; ok && i < fields.len; i++) {
        struct slip_str key, value;
        if (!slip_str_cut(fields.at[i], '=', &key, &value) || !equal_ignoring_case(key, "from"))
            continue;
        size_t dollar = slip_str_find(value, '$');
        variable = variable || (dollar != SLIP_NPOS && dollar + 1 < value.len);
        *from = value;
    }
    slip_vec_clear(&fields);
    if (!ok)
        return slip_reader_fail(r, p->line, err, "the value of --mount is malformed: '%.*s'",
                                SLIP_ARG(slip_str_first(mount, 200)));
    if (variable)
        return slip_reader_fail(r, p->line, err,
                                "'from' of --mount cannot hold a variable: name a stage instead");
    return 0;
}

static int read_mounts(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, const struct slip_word_vec *mounts,
                       struct slip_dockerfile_command *c, struct slip_error *err)
{
    c->mounts = slip_words_keep(r->arena, mounts);
    c->mounts_from.at = slip_arena_array(r->arena, mounts->len, sizeof(*c->mounts_from.at));
    for (size_t i = 0; i < mounts->len; i++)
        if (read_mount_from(r, p, mounts->at[i], &c->mounts_from.at[c->mounts_from.len++], err) < 0)
            return -1;
    return 0;
}

static int check_choice(const struct slip_dockerfile_reader *r,
                        const struct slip_instruction_parts *p, const struct flag *f,
                        const char *const *choices, struct slip_error *err)
{
    struct slip_str value = *(struct slip_str *)f->value;
    bool known = !f->seen;
    for (; *choices; choices++)
        known = known || slip_str_is(value, *choices);
    return known ? 0
                 : slip_reader_fail(r, p->line, err, "the flag --%s cannot be '%.*s'", f->name,
                                    SLIP_ARG(slip_str_first(value, 200)));
}

static int build_run(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                     struct slip_dockerfile_command *c, struct slip_error *err)
{
    static const char *const networks[] = { "default", "none", "host", NULL };
    static const char *const securities[] = { "insecure", "sandbox", NULL };
    struct slip_word_vec mounts = { 0 };
    struct flag flags[] = {
        { "mount", FLAG_LIST, &mounts, false },
        { "network", FLAG_TEXT, &c->network, false },
        { "security", FLAG_TEXT, &c->security, false },
    };
    int rc = read_flags(r, p, flags, SLIP_COUNT(flags), err);
    if (rc == 0)
        rc = read_mounts(r, p, &mounts, c, err);
    slip_vec_clear(&mounts);
    if (rc < 0 || check_choice(r, p, &flags[1], networks, err) < 0
        || check_choice(r, p, &flags[2], securities, err) < 0)
        return -1;
    c->args = slip_words_keep(r->arena, &p->args);
    c->json = p->json;
    c->heredocs = slip_arena_array(r->arena, p->heredocs.len, sizeof(*c->heredocs));
    c->n_heredocs = p->heredocs.len;
    if (p->heredocs.len)
        memcpy(c->heredocs, p->heredocs.at, p->heredocs.len * sizeof(*c->heredocs));
    return 0;
}

/* HEALTHCHECK. */

static int set_interval(const struct slip_dockerfile_reader *r,
                        const struct slip_instruction_parts *p, const char *flag,
                        struct slip_str value, int64_t *out, struct slip_error *err)
{
    if (value.len == 0)
        return 0;
    if (!slip_duration_parse(value, out))
        return slip_reader_fail(r, p->line, err, "--%s: '%.*s' is no duration", flag,
                                SLIP_ARG(slip_str_first(value, 200)));
    if (*out != 0 && *out < 1000000)
        return slip_reader_fail(r, p->line, err, "--%s cannot be less than 1ms", flag);
    return 0;
}

static int set_retries(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, struct slip_str value, int *out,
                       struct slip_error *err)
{
    if (value.len == 0)
        return 0;
    bool sign = value.ptr[0] == '+' || value.ptr[0] == '-';
    struct slip_str digits = slip_str_skip(value, sign);
    uint64_t n;
    if (!slip_str_to_u64(digits, &n) || n > INT_MAX || (n > 0 && value.ptr[0] == '-'))
        return slip_reader_fail(r, p->line, err, "--retries: '%.*s' is no number of retries",
                                SLIP_ARG(slip_str_first(value, 200)));
    *out = (int)n;
    return 0;
}

static int read_health_flags(const struct slip_dockerfile_reader *r,
                             const struct slip_instruction_parts *p,
                             struct slip_dockerfile_health *h, struct slip_error *err)
{
    struct slip_str text[5] = { 0 };
    struct flag flags[] = {
        { "interval", FLAG_TEXT, &text[0], false },
        { "timeout", FLAG_TEXT, &text[1], false },
        { "start-period", FLAG_TEXT, &text[2], false },
        { "start-interval", FLAG_TEXT, &text[3], false },
        { "retries", FLAG_TEXT, &text[4], false },
    };
    int64_t *const times[] = { &h->interval, &h->timeout, &h->start_period, &h->start_interval };
    if (read_flags(r, p, flags, SLIP_COUNT(flags), err) < 0)
        return -1;
    for (size_t i = 0; i < SLIP_COUNT(times); i++)
        if (set_interval(r, p, flags[i].name, text[i], times[i], err) < 0)
            return -1;
    return set_retries(r, p, text[4], &h->retries, err);
}

static void keep_test(const struct slip_dockerfile_reader *r,
                      const struct slip_instruction_parts *p, struct slip_str type,
                      struct slip_dockerfile_health *h)
{
    h->test = slip_words_keep(r->arena, &p->args);
    h->test.at[0] = type;
}

static int build_healthcheck(const struct slip_dockerfile_reader *r,
                             const struct slip_instruction_parts *p,
                             struct slip_dockerfile_command *c, struct slip_error *err)
{
    if (equal_ignoring_case(p->args.at[0], "none")) {
        if (p->args.len > 1)
            return slip_reader_fail(r, p->line, err, "HEALTHCHECK NONE takes no arguments");
        keep_test(r, p, SLIP_STR("NONE"), &c->health);
        return 0;
    }
    if (read_health_flags(r, p, &c->health, err) < 0)
        return -1;
    if (!equal_ignoring_case(p->args.at[0], "cmd"))
        return slip_reader_fail(r, p->line, err, "HEALTHCHECK is NONE or CMD, not '%.*s'",
                                SLIP_ARG(slip_str_first(p->args.at[0], 200)));
    if (p->args.len < 2)
        return slip_reader_fail(r, p->line, err, "no command after HEALTHCHECK CMD");
    c->json = p->json;
    keep_test(r, p, p->json ? SLIP_STR("CMD") : SLIP_STR("CMD-SHELL"), &c->health);
    return 0;
}

/* ONBUILD. */

static bool is_trigger_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static struct slip_str skip_trigger_blanks(struct slip_str s)
{
    while (s.len && is_trigger_blank(s.ptr[0]))
        s = slip_str_skip(s, 1);
    return s;
}

/* The original text without "ONBUILD" in front, heredoc bodies behind it. */
static struct slip_str trigger_text(const struct slip_dockerfile_reader *r,
                                    const struct slip_instruction_parts *p)
{
    struct slip_str text = p->original;
    struct slip_str s = skip_trigger_blanks(text);
    if (equal_ignoring_case(slip_str_first(s, 7), "onbuild"))
        text = skip_trigger_blanks(slip_str_skip(s, 7));
    SLIP_AUTO(slip_buf) out = SLIP_BUF(4 * (size_t)SLIP_LIMIT_DOCKERFILE);
    slip_buf_add_str(&out, text);
    for (size_t i = 0; i < p->heredocs.len; i++) {
        slip_buf_add_char(&out, '\n');
        slip_buf_add_str(&out, p->heredocs.at[i].body);
        slip_buf_add_str(&out, p->heredocs.at[i].name);
    }
    return slip_arena_str(r->arena, slip_buf_str(&out));
}

static int build_onbuild(const struct slip_dockerfile_reader *r,
                         const struct slip_instruction_parts *p, struct slip_dockerfile_command *c,
                         struct slip_error *err)
{
    if (read_flags(r, p, NULL, 0, err) < 0)
        return -1;
    if (p->nested == SLIP_INSTR_FROM || p->nested == SLIP_INSTR_MAINTAINER)
        return slip_reader_fail(r, p->line, err, "%s cannot be a trigger of ONBUILD",
                                slip_instruction_name(p->nested));
    c->expression = trigger_text(r, p);
    c->trigger = slip_arena_new(r->arena, struct slip_dockerfile_command);
    return slip_trigger_parse(r, p->line, c->expression, c->trigger, err);
}

/* How many arguments there are (pairs for ENV, LABEL, ARG); 0 as most is any number. */
static const struct {
    size_t least, most;
    build_fn *build;
} builders[SLIP_INSTR_COUNT] = {
    [SLIP_INSTR_ADD] = { 2, 0, build_add },
    [SLIP_INSTR_ARG] = { 1, 0, keep_pairs }, /* flags in front are cut off without a word */
    [SLIP_INSTR_CMD] = { 0, 0, build_words },
    [SLIP_INSTR_COPY] = { 2, 0, build_copy },
    [SLIP_INSTR_ENTRYPOINT] = { 0, 0, build_words },
    [SLIP_INSTR_ENV] = { 1, 0, build_pairs },
    [SLIP_INSTR_EXPOSE] = { 1, 0, build_expose },
    [SLIP_INSTR_HEALTHCHECK] = { 1, 0, build_healthcheck },
    [SLIP_INSTR_LABEL] = { 1, 0, build_pairs },
    [SLIP_INSTR_MAINTAINER] = { 1, 1, build_word },
    [SLIP_INSTR_ONBUILD] = { 1, 0, build_onbuild },
    [SLIP_INSTR_RUN] = { 0, 0, build_run },
    [SLIP_INSTR_SHELL] = { 1, 0, build_shell },
    [SLIP_INSTR_STOPSIGNAL] = { 1, 1, build_stopsignal },
    [SLIP_INSTR_USER] = { 1, 1, build_word },
    [SLIP_INSTR_VOLUME] = { 1, 0, build_volume },
    [SLIP_INSTR_WORKDIR] = { 1, 1, build_word },
};

int slip_command_build(const struct slip_dockerfile_reader *r,
                       const struct slip_instruction_parts *p, struct slip_dockerfile_command *out,
                       struct slip_error *err)
{
    struct slip_dockerfile_command c = { .kind = p->kind, .line = p->line };
    c.text = slip_unicode_trim(p->original);
    size_t n = p->pairs.len ? p->pairs.len : p->args.len;
    size_t least = builders[p->kind].least, most = builders[p->kind].most;
    if (n < least || (most && n > most))
        return slip_reader_fail(r, p->line, err, "%s needs %s %zu argument%s",
                                slip_instruction_name(p->kind), most ? "exactly" : "at least",
                                least, least == 1 ? "" : "s");
    if (builders[p->kind].build(r, p, &c, err) < 0)
        return -1;
    *out = c;
    return 0;
}

/* FROM. */

static bool is_stage_name(struct slip_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = c >= 'a' && c <= 'z';
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!letter && !(i && other))
            return false;
    }
    return s.len > 0;
}

static struct slip_str to_lower(struct slip_arena *a, struct slip_str s)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(3 * s.len + 1);
    size_t width;
    for (; s.len; s = slip_str_skip(s, width))
        slip_buf_add_rune(&out, slip_unicode_lower(slip_utf8_decode(s, &width)));
    return slip_arena_str(a, slip_buf_str(&out));
}

/* "as" in any case; the long s folds to s. */
static bool is_as(struct slip_str s)
{
    return equal_ignoring_case(s, "as") || slip_str_is(s, "a\xC5\xBF")
           || slip_str_is(s, "A\xC5\xBF");
}

int slip_stage_build(const struct slip_dockerfile_reader *r, const struct slip_instruction_parts *p,
                     struct slip_dockerfile_stage *out, struct slip_error *err)
{
    struct slip_dockerfile_stage s = { .line = p->line, .text = slip_unicode_trim(p->original) };
    struct flag flags[] = { { "platform", FLAG_TEXT, &s.platform, false } };
    if (p->args.len == 3 && is_as(p->args.at[1])) {
        s.name = to_lower(r->arena, p->args.at[2]);
        if (!is_stage_name(s.name))
            return slip_reader_fail(r, p->line, err,
                                    "'%.*s' is no name for a stage: it begins with a letter and "
                                    "has letters, digits, '-', '_' and '.'",
                                    SLIP_ARG(slip_str_first(p->args.at[2], 200)));
    } else if (p->args.len != 1) {
        return slip_reader_fail(r, p->line, err, "FROM needs one argument, or three with AS");
    }
    if (read_flags(r, p, flags, SLIP_COUNT(flags), err) < 0)
        return -1;
    s.base = p->args.at[0];
    *out = s;
    return 0;
}
