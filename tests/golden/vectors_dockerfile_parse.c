/* SPDX-License-Identifier: Apache-2.0 */
/* What the Dockerfile parser makes of a text, field by field; and platform lists. */
#include "dockerfile/dockerfile.h"
#include "dockerfile/platform.h"
#include "golden/golden.h"

/* Also of a string that is recorded as its length alone. */
static enum golden_result same(struct slip_buf *why, const char *what, struct slip_str got,
                               json_t *want)
{
    json_t *len = json_object_get(want, "len");
    if (len)
        return (json_int_t)got.len == json_integer_value(len)
                   ? GOLDEN_GOOD
                   : golden_bad(why, "%s: %zu bytes", what, got.len);
    if (!want || json_is_null(want))
        return got.len == 0 ? GOLDEN_GOOD : golden_bad(why, "%s: '%.*s'", what, SLIP_ARG(got));
    return golden_same(why, what, got, golden_text_of(want));
}

static enum golden_result same_number(struct slip_buf *why, const char *what, int64_t got,
                                      json_t *want)
{
    int64_t number = json_is_true(want) ? 1 : json_integer_value(want);
    return got == number
               ? GOLDEN_GOOD
               : golden_bad(why, "%s: %lld, not %lld", what, (long long)got, (long long)number);
}

static enum golden_result same_words(struct slip_buf *why, const char *what,
                                     struct slip_dockerfile_words got, json_t *want)
{
    if (got.len != json_array_size(want))
        return golden_bad(why, "%s: %zu words, not %zu", what, got.len, json_array_size(want));
    for (size_t i = 0; i < got.len; i++)
        if (same(why, what, got.at[i], json_array_get(want, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_pairs(struct slip_buf *why, const struct slip_dockerfile_command *c,
                                     json_t *want)
{
    if (c->n_pairs != json_array_size(want))
        return golden_bad(why, "%zu pairs, not %zu", c->n_pairs, json_array_size(want));
    for (size_t i = 0; i < c->n_pairs; i++) {
        json_t *pair = json_array_get(want, i);
        if (same(why, "key", c->pairs[i].key, json_array_get(pair, 0)) != GOLDEN_GOOD
            || same(why, "value", c->pairs[i].value, json_array_get(pair, 1)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
        if (c->pairs[i].has_value == json_is_null(json_array_get(pair, 1)))
            return golden_bad(why, "pair %zu: whether it has a value", i);
    }
    return GOLDEN_GOOD;
}

static enum golden_result same_heredocs(struct slip_buf *why,
                                        const struct slip_dockerfile_command *c, json_t *want)
{
    if (c->n_heredocs != json_array_size(want))
        return golden_bad(why, "%zu heredocs, not %zu", c->n_heredocs, json_array_size(want));
    for (size_t i = 0; i < c->n_heredocs; i++) {
        const struct slip_dockerfile_heredoc *h = &c->heredocs[i];
        json_t *w = json_array_get(want, i);
        bool run = c->kind == SLIP_INSTR_RUN;
        if (same(why, "heredoc name", h->name, json_object_get(w, run ? "name" : "path"))
                != GOLDEN_GOOD
            || same(why, "heredoc body", h->body, json_object_get(w, "data")) != GOLDEN_GOOD
            || same_number(why, "heredoc flag", run ? h->chomp : h->expand,
                           json_object_get(w, run ? "chomp" : "expand"))
                   != GOLDEN_GOOD)
            return GOLDEN_BAD;
    }
    return GOLDEN_GOOD;
}

static enum golden_result same_health(struct slip_buf *why, const struct slip_dockerfile_health *h,
                                      json_t *w)
{
    bool good =
        same_words(why, "test", h->test, json_object_get(w, "test")) == GOLDEN_GOOD
        && same_number(why, "interval", h->interval, json_object_get(w, "interval")) == GOLDEN_GOOD
        && same_number(why, "timeout", h->timeout, json_object_get(w, "timeout")) == GOLDEN_GOOD
        && same_number(why, "start period", h->start_period, json_object_get(w, "start_period"))
               == GOLDEN_GOOD
        && same_number(why, "start interval", h->start_interval,
                       json_object_get(w, "start_interval"))
               == GOLDEN_GOOD
        && same_number(why, "retries", h->retries, json_object_get(w, "retries")) == GOLDEN_GOOD;
    return good ? GOLDEN_GOOD : GOLDEN_BAD;
}

static const char *words_key(enum slip_instruction kind)
{
    switch (kind) {
    case SLIP_INSTR_ADD:
    case SLIP_INSTR_COPY:
        return "sources";
    case SLIP_INSTR_EXPOSE:
        return "ports";
    case SLIP_INSTR_VOLUME:
        return "volumes";
    case SLIP_INSTR_SHELL:
        return "shell";
    default:
        return "cmdline";
    }
}

static const char *word_key(enum slip_instruction kind)
{
    switch (kind) {
    case SLIP_INSTR_MAINTAINER:
        return "maintainer";
    case SLIP_INSTR_STOPSIGNAL:
        return "signal";
    case SLIP_INSTR_USER:
        return "user";
    case SLIP_INSTR_WORKDIR:
        return "path";
    default:
        return "dest";
    }
}

static const char *pairs_key(enum slip_instruction kind)
{
    return kind == SLIP_INSTR_ENV ? "env" : kind == SLIP_INSTR_LABEL ? "labels" : "args";
}

static enum golden_result same_command(struct slip_buf *why,
                                       const struct slip_dockerfile_command *c, json_t *w)
{
    if (same(why, "command", slip_str_of(slip_instruction_name(c->kind)), json_object_get(w, "c"))
        != GOLDEN_GOOD)
        return GOLDEN_BAD;
    const struct {
        const char *key;
        struct slip_str got;
    } texts[] = {
        { "text", c->text },
        { word_key(c->kind), c->word },
        { "from", c->from },
        { "chown", c->chown },
        { "chmod", c->chmod },
        { "checksum", c->checksum },
        { "expression", c->expression },
    };
    for (size_t i = 0; i < SLIP_COUNT(texts); i++)
        if (same(why, texts[i].key, texts[i].got, json_object_get(w, texts[i].key)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    if (same_words(why, "words", c->args, json_object_get(w, words_key(c->kind))) != GOLDEN_GOOD
        || same_words(why, "mounts", c->mounts_from, json_object_get(w, "mounts_from"))
               != GOLDEN_GOOD
        || same_pairs(why, c, json_object_get(w, pairs_key(c->kind))) != GOLDEN_GOOD
        || same_heredocs(why, c, json_object_get(w, "heredocs")) != GOLDEN_GOOD
        || same_number(why, "link", c->link, json_object_get(w, "link")) != GOLDEN_GOOD
        || same_number(why, "keep-git-dir", c->keep_git_dir, json_object_get(w, "keep_git_dir"))
               != GOLDEN_GOOD)
        return GOLDEN_BAD;
    if (json_object_get(w, "json")
        && same_number(why, "json", c->json, json_object_get(w, "json")) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return c->kind == SLIP_INSTR_HEALTHCHECK ? same_health(why, &c->health, w) : GOLDEN_GOOD;
}

static enum golden_result same_stage(struct slip_buf *why, const struct slip_dockerfile_stage *s,
                                     json_t *w)
{
    json_t *commands = json_object_get(w, "commands");
    if (same(why, "stage name", s->name, json_object_get(w, "name")) != GOLDEN_GOOD
        || same(why, "base", s->base, json_object_get(w, "base")) != GOLDEN_GOOD
        || same(why, "platform", s->platform, json_object_get(w, "platform")) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    if (s->n_commands != json_array_size(commands))
        return golden_bad(why, "%zu commands, not %zu", s->n_commands, json_array_size(commands));
    for (size_t i = 0; i < s->n_commands; i++)
        if (same_command(why, &s->commands[i], json_array_get(commands, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_meta_args(struct slip_buf *why, const struct slip_dockerfile *d,
                                         json_t *want)
{
    if (d->n_meta_args != json_array_size(want))
        return golden_bad(why, "%zu meta args", d->n_meta_args);
    for (size_t i = 0; i < d->n_meta_args; i++)
        if (same_pairs(why, &d->meta_args[i], json_array_get(want, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return GOLDEN_GOOD;
}

static enum golden_result same_file(json_t *c, const struct slip_dockerfile *d,
                                    struct slip_buf *why)
{
    json_t *stages = json_object_get(c, "stages");
    if (d->escape != golden_text(c, "escape").ptr[0])
        return golden_bad(why, "escape is %c", d->escape);
    if (d->n_stages != json_array_size(stages))
        return golden_bad(why, "%zu stages, not %zu", d->n_stages, json_array_size(stages));
    for (size_t i = 0; i < d->n_stages; i++)
        if (same_stage(why, &d->stages[i], json_array_get(stages, i)) != GOLDEN_GOOD)
            return GOLDEN_BAD;
    return same_meta_args(why, d, json_object_get(c, "meta_args"));
}

static enum golden_result same_target(json_t *c, const struct slip_dockerfile *d,
                                      struct slip_buf *why)
{
    size_t index;
    struct slip_error err = { 0 };
    int rc = slip_dockerfile_target(d, golden_text(c, "target"), &index, &err);
    json_t *want = json_object_get(c, "target_index");
    if (!want || json_integer_value(want) < 0)
        return rc < 0 ? GOLDEN_GOOD : golden_bad(why, "target is %zu, not an error", index);
    if (rc < 0)
        return golden_bad(why, "target: %s", err.text);
    return same_number(why, "target", (int64_t)index, want);
}

static enum golden_result run_dockerfile(json_t *c, struct slip_str text, struct slip_buf *why)
{
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    struct slip_error err = { 0 };
    int rc = slip_dockerfile_parse(text, "Dockerfile", &d, &err);
    bool parses = json_object_get(c, "stages") != NULL;
    bool fails_later = golden_text(c, "err").ptr || json_object_get(c, "crash");
    if (rc < 0)
        return !parses || fails_later ? GOLDEN_GOOD : golden_bad(why, "error: %s", err.text);
    struct slip_str phase = golden_text(c, "phase");
    if (slip_str_is(phase, "parse") || slip_str_is(phase, "instructions"))
        return golden_bad(why, "no error");
    if (!parses)
        return GOLDEN_GOOD;
    if (same_file(c, &d, why) != GOLDEN_GOOD)
        return GOLDEN_BAD;
    return same_target(c, &d, why);
}

static enum golden_result run_parts(json_t *c, struct slip_buf *why)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64u << 20);
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(c, "dockerfile_parts"), i,
                       part) for (json_int_t n = json_integer_value(json_array_get(part, 1)); n > 0;
                                  n--)
        slip_buf_add_str(&text, golden_text_of(json_array_get(part, 0)));
    return run_dockerfile(c, slip_buf_str(&text), why);
}

/* Values of --platform, each a comma list, to a list without repetitions. */
static enum golden_result run_platforms(json_t *c, struct slip_buf *why)
{
    struct slip_platform host = { .os = "linux", .arch = "amd64" };
    json_t *want = json_object_get(c, "out"), *value;
    SLIP_AUTO(slip_buf) got = SLIP_BUF(1 << 16);
    SLIP_AUTO(slip_buf) wanted = SLIP_BUF(1 << 16);
    struct slip_error err = { 0 };
    size_t i;
    json_array_foreach(json_object_get(c, "in"), i, value)
    {
        struct slip_str rest = golden_text_of(value), item;
        for (bool more = true; more && !err.text[0];) {
            struct slip_platform p;
            char text[3 * SLIP_PLATFORM_MAX + 3];
            more = slip_str_cut(rest, ',', &item, &rest);
            if (slip_platform_normalize(item, &host, &p, &err) < 0)
                break;
            slip_platform_print(&p, text);
            SLIP_AUTO(slip_buf) line = SLIP_BUF(1 << 10);
            slip_buf_add_fmt(&line, "%s\n", text);
            if (slip_str_find_str(slip_buf_str(&got), slip_buf_str(&line)) == SLIP_NPOS)
                slip_buf_add_str(&got, slip_buf_str(&line));
        }
    }
    if (!want)
        return err.text[0] ? GOLDEN_GOOD : golden_bad(why, "no error");
    json_array_foreach(want, i, value) slip_buf_add_fmt(&wanted, "%s\n", json_string_value(value));
    return golden_same(why, "platforms", slip_buf_str(&got), slip_buf_str(&wanted));
}

static enum golden_result run(json_t *c, struct slip_buf *why)
{
    if (slip_str_is(golden_text(c, "kind"), "platform"))
        return run_platforms(c, why);
    if (json_object_get(c, "dockerfile_parts"))
        return run_parts(c, why);
    return run_dockerfile(c, golden_text(c, "dockerfile"), why);
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, "dockerfile.jsonl", run);
}
