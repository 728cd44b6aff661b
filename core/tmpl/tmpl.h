/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's text/template with the functions of werf: a set of named texts, rendered with one root
 * value. The language is that of Go 1.23; error texts are those of Go.
 *
 *     SLIP_AUTO_PTR(slip_tmpl) set = slip_tmpl_new("werfConfig", &host);
 *     slip_tmpl_add(set, "a.tmpl", text, &err);              (each file, in order)
 *     slip_tmpl_add(set, "werfConfig", werf_yaml, &err);
 *     slip_tmpl_render(set, &root, &out, &err);
 */
#ifndef SLIP_TMPL_TMPL_H
#define SLIP_TMPL_TMPL_H

#include "base/error.h"
#include "base/watch.h"
#include "tmpl/value.h"

/*
 * What `.Files` reads. Paths are as the template wrote them. A failing function gives the reason
 * in `err` without place and without the name of the method.
 */
struct slip_tmpl_files {
    void *payload;
    int (*get)(void *payload, struct slip_str path, struct slip_buf *out, struct slip_error *err);
    /* Call `each` once per matching file, in any order; stop when it gives -1 (it has set `err`).
     */
    int (*glob)(void *payload, struct slip_str pattern,
                int (*each)(void *each_payload, struct slip_str path, struct slip_str content,
                            struct slip_error *err),
                void *each_payload, struct slip_error *err);
    int (*exists)(void *payload, struct slip_str path, bool *out, struct slip_error *err);
    int (*is_dir)(void *payload, struct slip_str path, bool *out, struct slip_error *err);
};

/* The world outside of a template. Everything is borrowed and must outlive the set. */
struct slip_tmpl_host {
    void *payload; /* given to the functions below */

    /* A variable of the environment, NULL when it is not set. */
    const char *(*variable)(void *payload, const char *name);
    /* The names that `env` may read: exact, or "/regexp/" for the whole name. With `any_variable`
     * all are allowed. */
    const struct slip_str *allowed_variables;
    size_t n_allowed_variables;
    bool any_variable;
    /* An unset variable without a default is "" (loose giterminism) and not an error. */
    bool unset_is_empty;

    void (*now)(void *payload, int64_t *seconds, int32_t *nanoseconds);
    void (*random)(void *payload, void *bytes, size_t len);
    /* The time zone file (TZif) of a name as "Europe/Moscow" or "Local"; false: unknown. NULL: only
     * UTC is known, and it is the local zone. */
    bool (*zone)(void *payload, struct slip_str name, struct slip_buf *tzif);
    struct slip_str local_zone; /* what Go calls the zone "Local"; empty: just so */

    struct slip_tmpl_files files;

    /* Told what keeps a result from being the same everywhere (keys, values). May be NULL. */
    const struct slip_watch *watch;
    /* --debug-templates: errors of include and tpl show the template, *_debug functions tell. */
    bool debug;
};

struct slip_tmpl;

/* An empty set whose main template is called `name`. */
struct slip_tmpl *slip_tmpl_new(const char *name, const struct slip_tmpl_host *host);
void slip_tmpl_free(struct slip_tmpl *t); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_tmpl, slip_tmpl_free);

/*
 * Parse a text under a name and add what it defines. A later text replaces an earlier one, but an
 * empty body never replaces one that is not empty. The text is copied. Fails with SLIP_E_CONFIG
 * and Go's text, "template: NAME:LINE: ...".
 */
SLIP_MUST_USE int slip_tmpl_add(struct slip_tmpl *t, struct slip_str name, struct slip_str text,
                                struct slip_error *err);

/* The arena of the set, for the values of the root. */
struct slip_arena *slip_tmpl_arena(struct slip_tmpl *t);

/* What werf.yaml sees as `$`. */
struct slip_tmpl_root {
    struct slip_str env;         /* --env */
    struct slip_str commit_hash; /* 40 hex digits */
    int64_t author_seconds;      /* of the author date */
    int author_offset;           /* its zone, minutes east of Greenwich */
};
struct slip_tv slip_tmpl_root_value(struct slip_tmpl *t, const struct slip_tmpl_root *root);

/*
 * Execute the main template, once per set. `out` is unchanged when this fails. The whole text of a
 * failure, which may be longer than `err` holds, is slip_tmpl_error afterwards.
 */
SLIP_MUST_USE int slip_tmpl_render(struct slip_tmpl *t, const struct slip_tv *root,
                                   struct slip_buf *out, struct slip_error *err);
struct slip_str slip_tmpl_error(const struct slip_tmpl *t);

#endif
