/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules file (.slipway.yaml) as it was checked: which updates ask for what, which images, and
 * the names they shall get (hooks-and-ci.md section 5). Texts with placeholders are kept as they
 * were written, with their place; rule/expand.h fills them in.
 */
#ifndef SLIP_RULE_RULES_H
#define SLIP_RULE_RULES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "rule/pattern.h"

enum slip_trigger {
    SLIP_TRIGGER_PRE_PUSH,
    SLIP_TRIGGER_CI,
    SLIP_TRIGGER_POST_RECEIVE,
    SLIP_TRIGGERS,
    SLIP_TRIGGER_MANUAL = SLIP_TRIGGERS, /* a command typed by hand: `when` is not asked */
};

enum slip_action {
    SLIP_ACTION_NONE,
    SLIP_ACTION_VERIFY,  /* check the plan */
    SLIP_ACTION_BUILD,   /* stages there, no destination touched */
    SLIP_ACTION_DEFER,   /* plan before the push goes on, all else once the remote has the ref */
    SLIP_ACTION_PREPARE, /* build and upload before the push goes on, names afterwards */
    SLIP_ACTION_EXPORT,  /* everything at once */
};

enum slip_if_exists {
    SLIP_IF_EXISTS_AUTO, /* by the kind of the name; no expanded destination has it */
    SLIP_IF_EXISTS_FAIL_IF_DIFFERENT,
    SLIP_IF_EXISTS_SKIP_IF_SAME,
    SLIP_IF_EXISTS_SKIP_IF_EXISTS,
    SLIP_IF_EXISTS_OVERWRITE,
};

enum slip_gate { SLIP_GATE_AUTO, SLIP_GATE_NEVER };
enum slip_on_failure { SLIP_ON_FAILURE_BLOCK, SLIP_ON_FAILURE_WARN };
enum slip_prerelease { SLIP_PRERELEASE_INCLUDE, SLIP_PRERELEASE_EXCLUDE, SLIP_PRERELEASE_ONLY };
enum slip_invalid { SLIP_INVALID_ERROR, SLIP_INVALID_SKIP };
enum slip_meta_target { SLIP_META_BOTH, SLIP_META_LABELS, SLIP_META_ANNOTATIONS };

const char *slip_action_name(enum slip_action a);

struct slip_place {
    unsigned line, col;
};

/* A text of the file and where it stands; `text.ptr` NULL: not given. */
struct slip_rule_text {
    struct slip_str text;
    struct slip_place place;
};
struct slip_rule_texts {
    struct slip_rule_text *at;
    size_t len;
};
struct slip_rule_pair {
    struct slip_str key;
    struct slip_rule_text value;
};
struct slip_rule_map { /* in the order of the file */
    struct slip_rule_pair *at;
    size_t len;
};

struct slip_rule_patterns {
    struct slip_pattern *at;
    size_t len;
};

/* What a rule says about its names, and what a destination may say otherwise. */
struct slip_rule_naming {
    enum slip_if_exists if_exists;
    enum slip_on_failure on_failure;
    enum slip_gate latest, floating;
    struct slip_rule_map labels, annotations; /* an empty value takes an automatic one away */
    struct slip_rule_texts platforms;         /* empty: all */
};

struct slip_rule_to {
    struct slip_place place;
    struct slip_str name;        /* label for messages, may be empty */
    struct slip_rule_text ref;   /* a whole reference; or else: */
    struct slip_rule_text repo;  /* a repository, */
    struct slip_rule_texts tags; /* and the rule's tags or its own */
    bool required;
    struct slip_rule_naming naming;
};

struct slip_rule_semver {
    struct slip_rule_text from;
    struct slip_str prefix; /* "auto", or a literal */
    bool loose;
    enum slip_prerelease prerelease;
    enum slip_invalid invalid;
};

struct slip_rule_metadata {
    bool automatic, ref_name;
    enum slip_meta_target target;
    struct slip_rule_text created; /* "commit", "tag", "none" or a time */
    struct slip_rule_text source;  /* "auto", "none" or a URL */
    struct slip_rule_map keys;
};

struct slip_rule_retry {
    unsigned attempts, max_s;
};

struct slip_rule {
    struct slip_str name;
    struct slip_place place;
    bool enabled;
    struct slip_rule_patterns tags, branches, refs, exclude, remotes;
    struct slip_rule_texts images; /* patterns with placeholders; empty: all final images */
    struct slip_rule_semver semver;
    struct slip_rule_texts tag_names; /* `tags` of the rule, for destinations without their own */
    struct slip_rule_to *to;
    size_t n_to;
    struct slip_rule_naming naming;
    struct slip_rule_metadata metadata;
    enum slip_action when[SLIP_TRIGGERS];
    bool require_built;
    struct slip_rule_retry retry;
    unsigned timeout_s;
    bool uses_semver; /* the key is there, or a placeholder of the group in any template */
};

struct slip_rules {
    struct slip_arena arena;
    struct slip_str file; /* name for messages */
    struct slip_rule_text repo;
    struct slip_rule_text dir; /* of werf.yaml, cleaned, "" for the top */
    struct slip_rule_text env;
    struct slip_rule_texts env_allow;
    struct slip_rule *at;
    size_t len;
};

void slip_rules_clear(struct slip_rules *r);
SLIP_DEFINE_AUTO(slip_rules, slip_rules_clear);

/* One thing that is wrong in the file. `id` is stable: "E-KEY". */
struct slip_rule_issue {
    char id[20];
    bool of_machine; /* the file may be right: this machine does not allow what it asks for */
    struct slip_place place;
    char *text, *hint; /* `hint` may be NULL */
};
struct slip_rule_issues {
    SLIP_VEC(struct slip_rule_issue);
};
void slip_rule_issues_clear(struct slip_rule_issues *issues);
SLIP_DEFINE_AUTO(slip_rule_issues, slip_rule_issues_clear);

/*
 * Read and check a rules file. `name` stands in messages ("name:line:col: ..."). `issues` (may be
 * NULL) gets all that is wrong, `err` the first of it. YAML that cannot be read is one error.
 */
SLIP_MUST_USE int slip_rules_read(struct slip_str text, const char *name, struct slip_rules *out,
                                  struct slip_rule_issues *issues, struct slip_error *err);

/* Append a JSON schema of the file, for editors; made from the tables that the reader uses. */
void slip_rules_print_schema(struct slip_buf *out);

/* The file of a commit: the two names it may have, in the order in which they are looked for. */
extern const char *const slip_rules_names[2];

#endif
