/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts with placeholders: `%name%`, `%name|filter|filter:argument%` (hooks-and-ci.md section 6).
 * No conditions, no code.
 */
#ifndef SLIP_RULE_TEMPLATE_H
#define SLIP_RULE_TEMPLATE_H

#include "base/buf.h"
#include "base/error.h"
#include "ref/update.h"
#include "rule/pattern.h"
#include "rule/semver.h"

#define SLIP_TEMPLATE_MAX 4096 /* bytes of a template and of what comes out */

/* The four words of an image (werf-config.md C.1), when they are known. The last one may be NULL:
 * it stays as it is. */
struct slip_image_words {
    struct slip_str image, slug, safe_slug, content_based_tag;
};

/* What a template may speak of. An empty text does not apply here, as a branch name for a tag. */
struct slip_facts {
    const struct slip_ref_update *update;
    const struct slip_captures *captures; /* of the pattern that matched, or NULL */
    const struct slip_semver *version;    /* of a semver rule, or NULL */
    struct slip_str commit;               /* full id, peeled */
    int64_t commit_time;                  /* committer, seconds since 1970 */
    struct slip_str project;              /* werf project name */
    struct slip_str repo_path;            /* lower-case path of the source URL: "acme/shop" */
    struct slip_str ci_run_id, ci_run_number;
    /* Value of an environment variable or NULL; the rules say which may be asked for. */
    const char *(*env)(void *payload, const char *name);
    void *env_payload;
    const struct slip_image_words *image; /* NULL: image words stay as they are */
};

/* What a template uses, as a set of bits. */
enum slip_template_uses {
    SLIP_USES_IMAGE = 1 << 0,          /* any of the four */
    SLIP_USES_CONTENT_TAG = 1 << 1,    /* %image_content_based_tag% */
    SLIP_USES_SEMVER = 1 << 2,         /* any of the group */
    SLIP_USES_FULL_VERSION = 1 << 3,   /* %version% */
    SLIP_USES_TAG = 1 << 4,            /* %tag...% */
    SLIP_USES_SHA = 1 << 5,            /* %sha...% */
    SLIP_USES_CI_RUN = 1 << 6,         /* %ci_run_...% */
    SLIP_USES_MAJOR = 1 << 9,          /* %major% */
    SLIP_USES_MINOR_OR_MORE = 1 << 10, /* any other of the semver group */
    SLIP_USES_IMAGE_FILTER = 1 << 11,  /* a filter on one of the four */
    SLIP_USES_HERE = 1 << 12,          /* what the ref and the image do not say: of commit, project,
                                          repository, run or environment */
};

/* Words that make the tag of a name one that never changes. */
#define SLIP_FULL_NAME                                                                             \
    (SLIP_USES_FULL_VERSION | SLIP_USES_TAG | SLIP_USES_SHA | SLIP_USES_CONTENT_TAG)

struct slip_template_scan {
    unsigned uses;
    unsigned captures; /* bit N: %N% */
};

enum slip_template_kind {
    SLIP_TEMPLATE_REFERENCE, /* "%%" is an error; "+" becomes "_", since no tag may hold it */
    SLIP_TEMPLATE_TEXT,      /* labels and the like: "%%" is one "%" */
    SLIP_TEMPLATE_PATTERN,   /* values are escaped, so that a pattern takes them literally */
};

/* Is `name` (NUL-terminated) a variable that `%env:NAME%` may use? */
typedef bool slip_template_env_allowed(const void *payload, struct slip_str name);

/*
 * Check without filling in. `env_allowed` may be NULL: none. Errors carry the ids E-PLACEHOLDER,
 * E-PERCENT, E-ENV. Patterns choose images and so have no word of one; the content-based tag is
 * known after the build only, so names can hold it as it is, and nothing else can.
 */
SLIP_MUST_USE int slip_template_check(struct slip_str text, enum slip_template_kind kind,
                                      slip_template_env_allowed *env_allowed, const void *payload,
                                      struct slip_template_scan *out, struct slip_error *err);

/* Where the tag of "host/path:tag" begins, behind its colon, which stands in no placeholder;
 * SLIP_NPOS: there is none. */
size_t slip_template_tag_at(struct slip_str reference);

/* What a text uses that was checked before. */
struct slip_template_scan slip_template_scan(struct slip_str text);

/*
 * Append the text with all words filled in. `*missing` (not NULL) is set to the name of the first
 * word that does not apply here, else to NULL; nothing is appended then.
 */
SLIP_MUST_USE int slip_template_expand(struct slip_str text, enum slip_template_kind kind,
                                       const struct slip_facts *facts, struct slip_buf *out,
                                       const char **missing, struct slip_error *err);

#endif
