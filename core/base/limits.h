/* SPDX-License-Identifier: Apache-2.0 */
/* Every size that comes from outside has a limit; they stand here. Bytes unless said otherwise. */
#ifndef SLIP_BASE_LIMITS_H
#define SLIP_BASE_LIMITS_H

#define SLIP_LIMIT_FILE (64u << 20)     /* a file read from a commit or from disk */
#define SLIP_LIMIT_RENDERED (64u << 20) /* a rendered werf.yaml */
#define SLIP_LIMIT_DOCKERFILE (16u << 20)
#define SLIP_LIMIT_RULES (1u << 20) /* .slipway.yaml */
#define SLIP_LIMIT_HOOK_STDIN (64u << 20)
#define SLIP_LIMIT_MANIFEST (4u << 20) /* manifest or index */
#define SLIP_LIMIT_CONFIG_BLOB (8u << 20)
#define SLIP_LIMIT_TOKEN_BODY (1u << 20)
#define SLIP_LIMIT_ERROR_BODY (64u << 10)
#define SLIP_LIMIT_TAG_GAP (16u << 20) /* of a tag listing, between one tag and the next */
#define SLIP_LIMIT_TAGS 10000000       /* tags of one repository that are looked at */
#define SLIP_LIMIT_CHILD_OUTPUT (64u << 20)
#define SLIP_LIMIT_LOG (1u << 20)     /* a log that a process left behind appends to */
#define SLIP_LIMIT_TEXT (1u << 20)    /* any text made for a person */
#define SLIP_LIMIT_YAML_DEPTH 1000    /* levels */
#define SLIP_LIMIT_YAML_NODES 1000000 /* nodes after aliases are followed */
#define SLIP_LIMIT_JSON_DEPTH 10000   /* levels, as Go */
#define SLIP_LIMIT_JSON_NODES 1000000
#define SLIP_LIMIT_RULE_COUNT 200
#define SLIP_LIMIT_DESTINATIONS 2000
#define SLIP_LIMIT_REFS_PER_PUSH 10000
#define SLIP_LIMIT_TREE_DEPTH 1000  /* directories inside each other */
#define SLIP_LIMIT_TREE (64u << 20) /* entries of one directory, as git stores them */
#define SLIP_LIMIT_PATH (64u << 10) /* a path in a tree */
#define SLIP_LIMIT_LINKS 40         /* symbolic links followed on one path, as Linux */

#endif
