/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports images of a repository with the library alone: for tests with real registries.
 *
 *   export_tool [-in] [-a DIR] [-d DIR] [-m MODE] [-p POLICY] [-L LABELS] REPOSITORY
 * TAG=NAME[,KIND]...
 *
 *   -n       without asking first whether we may write
 *   -a       directory of docker's config.json
 *   MODE     all (default), upload, names, check
 *   POLICY   fail, same (default), exists, overwrite
 *   KIND     mirror, floating, latest
 *
 * One line per name: "NAME STATE DIGEST BYTES"; in the mode "check" the differences follow.
 */
#define TOOL "export_tool"
#include "tool.h"

#include "base/mem.h"
#include "export/compare.h"
#include "export/run.h"

#include <inttypes.h>
#include <unistd.h>

#define NAMES_MAX 256

extern char **environ;

struct words {
    struct slip_stored_get stages[NAMES_MAX];
    struct slip_reference to[NAMES_MAX];
    struct slip_export_wish wishes[NAMES_MAX];
    size_t n;
};

static bool read_policy(const char *text, enum slip_if_exists *out)
{
    static const char *const names[] = { "fail", "same", "exists", "overwrite" };
    for (size_t i = 0; i < SLIP_COUNT(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = SLIP_IF_EXISTS_FAIL_IF_DIFFERENT + (enum slip_if_exists)i;
            return true;
        }
    return false;
}

/* "TAG=NAME[,KIND]"; the word is cut into its pieces. */
static int add_word(struct words *w, char *word, enum slip_if_exists policy,
                    const struct slip_labels *labels, struct slip_error *err)
{
    struct slip_export_wish *x = &w->wishes[w->n];
    char *name = strchr(word, '='), *kind = strchr(word, ',');
    if (!name)
        return slip_fail(err, SLIP_E_USAGE, "'%s' is not TAG=NAME", word);
    *name++ = '\0';
    if (kind)
        *kind++ = '\0';
    if (slip_reference_parse(slip_str_of(name), &w->to[w->n], err) < 0)
        return -1;
    w->stages[w->n].identifier = word;
    *x = (struct slip_export_wish){
        .image = word,
        .how.labels = labels,
        .to = &w->to[w->n],
        .stored = &w->stages[w->n].source,
        .if_exists = policy,
        .required = !kind || strcmp(kind, "mirror") != 0,
        .floating = kind && strcmp(kind, "floating") == 0,
        .latest = kind && strcmp(kind, "latest") == 0,
    };
    w->n++;
    return 0;
}

/* Equal stages are one stage for the plan. */
static void share_stages(struct words *w, struct slip_store *from)
{
    for (size_t i = 0; i < w->n; i++) {
        w->wishes[i].from = from;
        for (size_t k = 0; k < i; k++)
            if (strcmp(w->stages[k].identifier, w->stages[i].identifier) == 0) {
                w->wishes[i].stored = w->wishes[k].stored;
                break;
            }
    }
}

static int check(struct slip_registry *r, const struct slip_export_plan *plan)
{
    static const char *const states[] = { "equal", "missing", "differs", "failed" };
    SLIP_AUTO_FREE struct slip_comparison *c = slip_alloc_array(plan->names.len + 1, sizeof(*c));
    int rc = slip_export_compare(r, plan, NULL, c) < 0 ? 6 : 0;
    for (size_t i = 0; i < plan->names.len; i++) {
        printf("%s %s %s\n%s", plan->names.at[i].reference, states[c[i].state], c[i].there,
               c[i].differences ? c[i].differences : "");
        if (c[i].err.kind)
            print_error(&c[i].err);
    }
    slip_comparisons_clear(c, plan->names.len);
    return rc;
}

static int run(struct slip_registry *r, const struct slip_export_plan *plan, const char *mode,
               bool preflight)
{
    static const char *const states[] = { "pending",   "uploaded", "written", "moved",
                                          "unchanged", "skipped",  "failed",  "not-attempted" };
    const struct slip_export_options options = { .by_digest = strcmp(mode, "all") != 0,
                                                 .preflight = preflight };
    SLIP_AUTO_PTR(slip_export) x = NULL;
    struct slip_error err = { 0 };
    if (slip_export_new(r, plan, &options, &x, &err) < 0)
        return print_error(&err);
    int rc = 0;
    if (strcmp(mode, "names") != 0)
        rc = slip_export_upload(x);
    if (rc == 0 && strcmp(mode, "upload") != 0)
        rc = slip_export_names(x);
    enum slip_kind kind = SLIP_OK;
    for (size_t i = 0; i < plan->names.len; i++) {
        const struct slip_export_result *result = &slip_export_results(x)[i];
        printf("%s %s %s %" PRIu64 "\n", plan->names.at[i].reference, states[result->state],
               slip_export_name_digest(plan, &plan->names.at[i]), result->bytes_sent);
        if (!result->err)
            continue;
        print_error(result->err);
        kind = slip_kind_worse(kind, result->err->kind);
    }
    return rc < 0 ? slip_kind_exit(kind) : 0;
}

static int export(struct slip_registry *r, struct slip_store *from, struct words *w,
                  const char *mode, bool preflight)
{
    SLIP_AUTO(slip_export_plan) plan = { 0 };
    struct slip_error err = { 0 };
    const struct slip_reference *const stages[] = { &from->where };
    if (slip_stored_read(from, w->stages, w->n) < 0)
        for (size_t i = 0; i < w->n; i++)
            if (w->stages[i].err.kind)
                return print_error(&w->stages[i].err);
    share_stages(w, from);
    if (slip_export_plan_make(w->wishes, w->n, stages, 1, &plan, &err) < 0)
        return print_error(&err);
    return strcmp(mode, "check") == 0 ? check(r, &plan) : run(r, &plan, mode, preflight);
}

int main(int argc, char **argv)
{
    struct slip_watch watch = { .on_event = on_event };
    struct slip_registry_options o = { .user_agent = "slipway/test",
                                       .env = (const char *const *)environ,
                                       .watch = &watch };
    const char *backoff = getenv("BACKOFF_MS");
    SLIP_AUTO(slip_labels) labels = { 0 };
    SLIP_AUTO(slip_reference) repository = { 0 };
    SLIP_AUTO_PTR(slip_registry) r = NULL;
    SLIP_AUTO_PTR(slip_store) from = NULL;
    static struct words w;
    struct slip_error err = { 0 };
    const char *mode = "all";
    bool preflight = true;
    enum slip_if_exists policy = SLIP_IF_EXISTS_SKIP_IF_SAME;
    int c, rc;
    o.backoff_ms = backoff ? (unsigned)strtoul(backoff, NULL, 10) : 0;
    while ((c = getopt(argc, argv, "ina:d:m:p:L:")) >= 0) {
        o.insecure |= c == 'i';
        preflight &= c != 'n';
        if (c == 'a')
            o.docker_config_dir = optarg;
        if (c == 'd')
            o.base_dir = optarg;
        if (c == 'm')
            mode = optarg;
        if (c == 'p' && !read_policy(optarg, &policy))
            return 2;
        if (c == 'L' && slip_labels_parse(slip_str_of(optarg), SLIP_STR("\n"), &labels, &err) < 0)
            return print_error(&err);
    }
    if (argc - optind < 2 || argc - optind > NAMES_MAX)
        return 2;
    r = slip_registry_new(&o);
    if (slip_repository_parse(slip_str_of(argv[optind]), &repository, &err) < 0
        || slip_store_open(r, &repository, &from, &err) < 0)
        return print_error(&err);
    for (int i = optind + 1; i < argc; i++)
        if (add_word(&w, argv[i], policy, &labels, &err) < 0)
            return print_error(&err);
    rc = export(r, from, &w, mode, preflight);
    for (size_t i = 0; i < w.n; i++) {
        slip_stored_clear(&w.stages[i].source);
        slip_reference_clear(&w.to[i]);
    }
    return rc;
}
