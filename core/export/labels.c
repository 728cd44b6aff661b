/* SPDX-License-Identifier: Apache-2.0 */
/* Labels that are added to exported images. */
#include "export/labels.h"

#include <stdlib.h>

void slip_labels_clear(struct slip_labels *l)
{
    slip_vec_clear(l);
}

static int parse_pair(struct slip_str piece, struct slip_str text, struct slip_labels *out,
                      struct slip_error *err)
{
    struct slip_label label;
    if (!slip_str_cut(piece, '=', &label.key, &label.value) || label.key.len == 0) {
        if (slip_str_eq(piece, text))
            slip_fail(err, SLIP_E_USAGE, "'%.*s' is no label", SLIP_ARG(text));
        else
            slip_fail(err, SLIP_E_USAGE, "'%.*s' holds no label: '%.*s'", SLIP_ARG(text),
                      SLIP_ARG(piece));
        return slip_hint(err, "write --add-label KEY=VALUE");
    }
    slip_vec_push(out, label);
    return 0;
}

int slip_labels_parse(struct slip_str text, struct slip_str separator, struct slip_labels *out,
                      struct slip_error *err)
{
    struct slip_str rest = text;
    if (separator.len == 0)
        return slip_fail(err, SLIP_E_USAGE, "the separator of labels is empty");
    for (;;) {
        size_t at = slip_str_find_str(rest, separator);
        struct slip_str piece = at == SLIP_NPOS ? rest : slip_str_first(rest, at);
        if (parse_pair(piece, text, out, err) < 0)
            return -1;
        if (at == SLIP_NPOS)
            return 0;
        rest = slip_str_skip(rest, at + separator.len);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct slip_label *x = a, *y = b;
    return slip_str_cmp(x->key, y->key);
}

/* Name and value of the variables that count, by name. */
static void find_variables(const char *const *env, struct slip_str prefix, struct slip_labels *out)
{
    for (; env && *env; env++) {
        struct slip_label variable;
        if (slip_str_cut(slip_str_of(*env), '=', &variable.key, &variable.value)
            && slip_str_starts(variable.key, prefix)
            && !slip_str_starts(slip_str_skip(variable.key, prefix.len), SLIP_STR("SEPARATOR")))
            slip_vec_push(out, variable);
    }
    if (out->len)
        qsort(out->at, out->len, sizeof(*out->at), by_name);
}

int slip_labels_gather(const char *const *env, const char *prefix, const struct slip_str *values,
                       size_t n, struct slip_str separator, struct slip_labels *out,
                       struct slip_error *err)
{
    SLIP_AUTO(slip_labels) variables = { 0 };
    find_variables(env, slip_str_of(prefix), &variables);
    for (size_t i = 0; i < variables.len; i++)
        if (slip_labels_parse(variables.at[i].value, separator, out, err) < 0)
            return slip_while(err, "%.*s", SLIP_ARG(variables.at[i].key));
    for (size_t i = 0; i < n; i++)
        if (slip_labels_parse(values[i], separator, out, err) < 0)
            return -1;
    return 0;
}
