/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a Dockerfile: parse it, then do with the result what a digest does. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "dockerfile/lower.h"
#include "dockerfile/shell.h"

static bool lookup(void *payload, struct slip_str name, struct slip_str *value)
{
    (void)payload;
    *value = SLIP_STR("a/b.c");
    return name.len % 2;
}

static void expand(struct slip_str text)
{
    const struct slip_shell sh = { .lookup = lookup };
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 16);
    struct slip_error err = { 0 };
    if (slip_shell_expand(&sh, text, &out, &err) < 0 && (out.len || !err.text[0]))
        abort();
}

static void follow(const struct slip_dockerfile *d, struct slip_str from)
{
    struct slip_error err = { 0 };
    size_t index = SIZE_MAX;
    bool external;
    if (slip_dockerfile_from(d, from, &index, &external, &err) == 0 && !external
        && index >= d->n_stages)
        abort();
}

static void use(const struct slip_dockerfile *d, const struct slip_dockerfile_command *c)
{
    expand(c->text);
    follow(d, c->from);
    for (size_t i = 0; i < c->mounts_from.len; i++)
        follow(d, c->mounts_from.at[i]);
    for (size_t i = 0; i < c->args.len; i++)
        expand(c->args.at[i]);
    for (size_t i = 0; i < c->n_pairs; i++)
        expand(c->pairs[i].value);
    if (c->kind == SLIP_INSTR_FROM || (c->kind == SLIP_INSTR_ONBUILD) != (c->trigger != NULL))
        abort();
    if (c->trigger)
        use(d, c->trigger);
}

/* Names in lower case are the same file to the parser. */
static void lower(const struct slip_dockerfile *d, struct slip_str text)
{
    SLIP_AUTO(slip_buf) out = SLIP_BUF(1 << 20);
    SLIP_AUTO(slip_dockerfile) again = { 0 };
    struct slip_error err = { 0 };
    slip_dockerfile_lower_stages(d, text, &out);
    if (out.len == text.len
        && (slip_dockerfile_parse(slip_buf_str(&out), "f", &again, &err) < 0
            || again.n_stages != d->n_stages))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SLIP_AUTO(slip_dockerfile) d = { 0 };
    struct slip_error err = { 0 };
    if (slip_dockerfile_parse(slip_str_make((const char *)data, size), "f", &d, &err) < 0)
        return 0;
    lower(&d, slip_str_make((const char *)data, size));
    size_t target;
    if (slip_dockerfile_target(&d, SLIP_STR(""), &target, &err) == 0 && target >= d.n_stages)
        abort();
    for (size_t i = 0; i < d.n_meta_args; i++)
        use(&d, &d.meta_args[i]);
    for (size_t i = 0; i < d.n_stages; i++)
        for (size_t k = 0; k < d.stages[i].n_commands; k++)
            use(&d, &d.stages[i].commands[k]);
    return 0;
}
