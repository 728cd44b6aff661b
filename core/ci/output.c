/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of a job. */
#include "ci/output.h"

#include "base/vec.h"
#include "ci/log.h"
#include "value/json.h"

/* All variables of one run, in the order in which they are written. */
struct variable {
    char *name; /* in lower case */
    struct slip_buf value;
};
struct variables {
    SLIP_VEC(struct variable);
};

static struct slip_buf *add_variable(struct variables *v, char *name)
{
    struct variable *one = slip_vec_add(v);
    one->name = name;
    slip_buf_init(&one->value, 1u << 20);
    return &one->value;
}

static void add_text(struct variables *v, const char *name, struct slip_str value)
{
    if (value.len)
        slip_buf_add_str(add_variable(v, slip_strdup(name)), value);
}

static void clear(struct variables *v)
{
    for (size_t i = 0; i < v->len; i++) {
        slip_free(v->at[i].name);
        slip_buf_clear(&v->at[i].value);
    }
    slip_vec_clear(v);
}

/* "host/path:tag" without its tag. */
static struct slip_str repository(struct slip_str reference)
{
    struct slip_str head, tail;
    if (slip_str_rcut(reference, ':', &head, &tail) && slip_str_find(tail, '/') == SLIP_NPOS)
        return head;
    return reference;
}

static bool is_there(const struct slip_ci_name *n)
{
    return n->digest.len > 0;
}

static const struct slip_ci_name *first_there(const struct slip_ci_outputs *o)
{
    for (size_t i = 0; i < o->n_names; i++)
        if (is_there(&o->names[i]))
            return &o->names[i];
    return NULL;
}

static void add_refs(const struct slip_ci_outputs *o, struct slip_buf *out)
{
    for (size_t i = 0; i < o->n_names; i++)
        if (is_there(&o->names[i]))
            slip_buf_add_fmt(out, "%s%.*s", out->len ? "\n" : "", SLIP_ARG(o->names[i].reference));
}

static void add_digests(const struct slip_ci_outputs *o, struct slip_buf *out)
{
    slip_buf_add_char(out, '{');
    for (size_t i = 0; i < o->n_names; i++) {
        if (!is_there(&o->names[i]))
            continue;
        slip_buf_add_c(out, out->len > 1 ? "," : "");
        slip_json_add_string(out, o->names[i].reference, 0);
        slip_buf_add_char(out, ':');
        slip_json_add_string(out, o->names[i].digest, 0);
    }
    slip_buf_add_char(out, '}');
}

/* "image_web_app" for the image web/app. */
static char *image_variable(struct slip_str image)
{
    SLIP_AUTO(slip_buf) name = SLIP_BUF(256);
    slip_buf_add_c(&name, "image_");
    for (size_t i = 0; i < image.len; i++) {
        char c = image.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        slip_buf_add_char(&name, !word ? '_' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return slip_buf_detach(&name);
}

static bool is_known(const struct variables *v, const char *name)
{
    for (size_t i = 0; i < v->len; i++)
        if (strcmp(v->at[i].name, name) == 0)
            return true;
    return false;
}

/* Of each image the first name, by its digest. */
static void add_images(const struct slip_ci_outputs *o, struct variables *v)
{
    for (size_t i = 0; i < o->n_names && v->len <= SLIP_CI_VARIABLES_MAX; i++) {
        const struct slip_ci_name *n = &o->names[i];
        char *name = image_variable(n->image);
        if (!is_there(n) || n->image.len == 0 || is_known(v, name)) {
            slip_free(name);
            continue;
        }
        struct slip_str repo = repository(n->reference);
        slip_buf_add_fmt(add_variable(v, name), "%.*s@%.*s", SLIP_ARG(repo), SLIP_ARG(n->digest));
    }
}

static void add_totals(const struct slip_ci_outputs *o, struct variables *v)
{
    size_t there = 0;
    for (size_t i = 0; i < o->n_names; i++)
        there += is_there(&o->names[i]);
    add_text(v, "status", o->status);
    add_text(v, "ref", o->ref);
    add_text(v, "version", o->version);
    add_text(v, "commit", o->commit);
    add_text(v, "report", o->report);
    slip_buf_add_fmt(add_variable(v, slip_strdup("count")), "%zu", there);
}

static size_t size_of(const struct variables *v)
{
    size_t size = 0;
    for (size_t i = 0; i < v->len; i++)
        size += strlen(v->at[i].name) + v->at[i].value.len + 10;
    return size;
}

/* True when only totals are left. */
static bool collect(const struct slip_ci_outputs *o, struct variables *v)
{
    const struct slip_ci_name *primary = first_there(o);
    add_totals(o, v);
    if (!primary)
        return false;
    add_refs(o, add_variable(v, slip_strdup("refs")));
    add_digests(o, add_variable(v, slip_strdup("digests")));
    add_text(v, "primary_ref", primary->reference);
    add_text(v, "primary_digest", primary->digest);
    add_images(o, v);
    if (v->len <= SLIP_CI_VARIABLES_MAX && size_of(v) <= SLIP_CI_OUTPUT_MAX)
        return false;
    clear(v);
    add_totals(o, v);
    return true;
}

bool slip_ci_output_is_cut(const struct slip_ci_outputs *o)
{
    struct variables v = { 0 };
    bool cut = collect(o, &v);
    clear(&v);
    return cut;
}

static void add_upper(const char *name, struct slip_buf *out)
{
    for (; *name; name++)
        slip_buf_add_char(out, *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name);
}

void slip_ci_output_dotenv(const struct slip_ci_outputs *o, struct slip_buf *out)
{
    struct variables v = { 0 };
    (void)collect(o, &v);
    for (size_t i = 0; i < v.len; i++) {
        slip_buf_add_c(out, "SLIPWAY_");
        add_upper(v.at[i].name, out);
        slip_buf_add_char(out, '=');
        for (size_t k = 0; k < v.at[i].value.len; k++) {
            char c = v.at[i].value.ptr[k];
            slip_buf_add_char(out, c == '\n' ? ' ' : c < ' ' || c == 0x7F ? '?' : c);
        }
        slip_buf_add_char(out, '\n');
    }
    clear(&v);
}

void slip_ci_output_github(const struct slip_ci_outputs *o, struct slip_str delimiter,
                           struct slip_buf *out)
{
    struct variables v = { 0 };
    (void)collect(o, &v);
    for (size_t i = 0; i < v.len; i++) {
        if (strpbrk(v.at[i].value.ptr, "\r\n"))
            slip_buf_add_fmt(out, "%s<<%.*s\n%s\n%.*s\n", v.at[i].name, SLIP_ARG(delimiter),
                             v.at[i].value.ptr, SLIP_ARG(delimiter));
        else
            slip_buf_add_fmt(out, "%s=%s\n", v.at[i].name, v.at[i].value.ptr);
    }
    clear(&v);
}

/* As text in a cell of a table. */
static void add_cell(struct slip_str text, struct slip_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (strchr("|`*_<>[]\\&!#", c))
            slip_buf_add_fmt(out, "&#%d;", c);
        else
            slip_buf_add_char(out, c < ' ' && c >= 0 ? ' ' : c);
    }
    slip_buf_add_c(out, " | ");
}

void slip_ci_output_summary(const struct slip_ci_outputs *o, struct slip_buf *out)
{
    slip_buf_add_c(out, "### slipway: ");
    slip_buf_add_str(out, o->status);
    slip_buf_add_c(out, "\n\n");
    if (o->n_names)
        slip_buf_add_c(out, "| image | name | digest | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < o->n_names; i++) {
        const struct slip_ci_name *n = &o->names[i];
        if (out->len > SLIP_CI_SUMMARY_MAX / 2) {
            slip_buf_add_fmt(out, "\n%zu more, see the report\n", o->n_names - i);
            return;
        }
        slip_buf_add_c(out, "| ");
        add_cell(n->image, out);
        add_cell(n->reference, out);
        add_cell(slip_str_first(n->digest, 19), out);
        add_cell(n->action, out);
        slip_buf_add_c(out, "\n");
    }
}
