/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build report of werf: which images a build left where. Read as a source of exports, written
 * for programs that expect it (werf-config.md section F). Pure: text in, text out.
 */
#ifndef SLIP_REPORT_BUILD_REPORT_H
#define SLIP_REPORT_BUILD_REPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/* Texts may be NULL when a report is written: they come out empty. */
struct slip_build_stage {
    const char *name, *image_name, *tag, *image_id, *digest;
    int64_t created_ns, size;
    const char *source_type; /* "", "repo", "secondary" */
    bool base_pulled, rebuilt;
    const char *build_time, *commit;
};

struct slip_build_image {
    const char *name;        /* in werf.yaml */
    const char *config_type; /* "dockerfile", "staged", "stapel"; "" for several platforms */
    const char *repo, *tag;
    const char *image_id;   /* digest of the config; of an index its own */
    const char *digest;     /* of the manifest; may be empty in a report that was read */
    const char *image_name; /* "repo:tag" */
    const char *platform;   /* "": an index of several platforms */
    bool rebuilt, final;
    int64_t size;
    const char *build_time; /* seconds, two decimals */
    const char *commit;
    const struct slip_build_stage *stages;
    size_t n_stages;
};

struct slip_build_report {
    struct slip_arena arena;
    const char *backend; /* "docker", "buildah" */
    bool in_container;
    struct {
        SLIP_VEC(struct slip_build_image);
    } images;
};

void slip_build_report_clear(struct slip_build_report *r);
SLIP_DEFINE_AUTO(slip_build_report, slip_build_report_clear);

enum slip_build_report_form { SLIP_BUILD_REPORT_JSON, SLIP_BUILD_REPORT_ENV };

/*
 * Where a report is written to: ".werf-build-report.json" when no path is given, ".json" is added
 * to a path without extension, extensions other than ".json" and ".env" are refused.
 */
SLIP_MUST_USE int slip_build_report_path(struct slip_str path, struct slip_buf *out,
                                         enum slip_build_report_form *form, struct slip_error *err);

/* What a report that is read looks like: ".env" is the one form, anything else the other. */
enum slip_build_report_form slip_build_report_form_of(struct slip_str path);

/* Refuses a report that werf refuses: without images, or with records that lack what is needed. */
SLIP_MUST_USE int slip_build_report_read(struct slip_str text, enum slip_build_report_form form,
                                         struct slip_build_report *out, struct slip_error *err);

/* The image of this name, or NULL. */
const struct slip_build_image *slip_build_report_find(const struct slip_build_report *r,
                                                      const char *name);

/* Append the report; images are sorted by name. */
void slip_build_report_print(const struct slip_build_report *r, enum slip_build_report_form form,
                             struct slip_buf *out);

#endif
