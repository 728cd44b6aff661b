/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons for failure. */
#include "base/error.h"

#include "base/secret.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit, impact;
} kinds[SLIP_KINDS] = {
    [SLIP_OK] = { "ok", 0, 0 },
    [SLIP_E_INTERNAL] = { "internal", 1, 2 },
    [SLIP_E_USAGE] = { "usage", 2, 2 },
    [SLIP_E_CONFIG] = { "config", 3, 2 },
    [SLIP_E_UNSUPPORTED] = { "unsupported", 4, 2 },
    [SLIP_E_NOT_BUILT] = { "not-built", 5, 2 },
    [SLIP_E_REGISTRY] = { "registry", 6, 4 },
    [SLIP_E_DENIED] = { "denied", 7, 6 },
    [SLIP_E_CONFLICT] = { "conflict", 8, 7 },
    [SLIP_E_BUILD] = { "build", 9, 5 },
    [SLIP_E_PARTIAL] = { "partial", 10, 8 },
    [SLIP_E_POLICY] = { "policy", 11, 2 },
    [SLIP_E_REPO] = { "repository", 12, 2 },
    [SLIP_E_TEMPORARY] = { "temporary", 75, 3 },
};

int(slip_fail)(struct slip_error *err, enum slip_kind kind, const char *fmt, ...)
{
    assert(err->kind == SLIP_OK);
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    slip_hide_secrets(err->text, sizeof(err->text));
    err->kind = kind;
    err->hint[0] = err->excerpt[0] = '\0';
    return -1;
}

int(slip_while)(struct slip_error *err, const char *fmt, ...)
{
    assert(err->kind != SLIP_OK);
    char front[sizeof(err->text)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof(front), fmt, args);
    va_end(args);
    size_t len = strlen(front), rest = strlen(err->text);
    if (len > sizeof(err->text) - 3)
        len = sizeof(err->text) - 3;
    if (rest > sizeof(err->text) - len - 3)
        rest = sizeof(err->text) - len - 3;
    memmove(err->text + len + 2, err->text, rest);
    memcpy(err->text, front, len);
    memcpy(err->text + len, ": ", 2);
    err->text[len + 2 + rest] = '\0';
    slip_hide_secrets(err->text, sizeof(err->text));
    return -1;
}

/* The hint from its byte `at` on. */
static void put_hint(struct slip_error *err, size_t at, const char *fmt, va_list args)
{
    vsnprintf(err->hint + at, sizeof(err->hint) - at, fmt, args);
    slip_hide_secrets(err->hint, sizeof(err->hint));
}

int(slip_hint)(struct slip_error *err, const char *fmt, ...)
{
    assert(err->kind != SLIP_OK);
    if (err->hint[0] == '\0') {
        va_list args;
        va_start(args, fmt);
        put_hint(err, 0, fmt, args);
        va_end(args);
    }
    return -1;
}

void slip_hint_instead(struct slip_error *err, const char *fmt, ...)
{
    assert(err->kind != SLIP_OK);
    va_list args;
    va_start(args, fmt);
    put_hint(err, 0, fmt, args);
    va_end(args);
}

void slip_hint_also(struct slip_error *err, const char *fmt, ...)
{
    assert(err->kind != SLIP_OK);
    size_t len = strlen(err->hint);
    if (len + 2 >= sizeof(err->hint))
        return;
    if (len)
        err->hint[len++] = '\n';
    va_list args;
    va_start(args, fmt);
    put_hint(err, len, fmt, args);
    va_end(args);
}

void slip_error_clear(struct slip_error *err)
{
    err->kind = SLIP_OK;
    err->text[0] = err->hint[0] = err->excerpt[0] = '\0';
}

int slip_kind_exit(enum slip_kind kind)
{
    return kinds[kind].exit;
}

enum slip_kind slip_kind_of_exit(int status)
{
    for (int k = SLIP_OK; k < SLIP_KINDS; k++)
        if (kinds[k].exit == status)
            return (enum slip_kind)k;
    return SLIP_E_INTERNAL;
}

const char *slip_kind_name(enum slip_kind kind)
{
    return kinds[kind].name;
}

enum slip_kind slip_kind_worse(enum slip_kind a, enum slip_kind b)
{
    return kinds[b].impact > kinds[a].impact ? b : a;
}
