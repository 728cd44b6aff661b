/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What directories gave to selections before. Commits that follow each other have most directories
 * in common, so a search through history reads and hashes little more than what changed.
 *
 * Bounded: once it is full it only answers. Results are the same with and without it.
 */
#ifndef SLIP_DIGEST_SELECT_MEMO_H
#define SLIP_DIGEST_SELECT_MEMO_H

#include "base/buf.h"
#include "hash/hash.h"
#include "repo/tree.h"

#define SLIP_SELECT_MEMO_MAX (64u << 20) /* bytes */

struct slip_select_memo;

struct slip_select_memo *slip_select_memo_new(void);
void slip_select_memo_free(struct slip_select_memo *m); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_select_memo, slip_select_memo_free);

/* A number for the rules of a selection: equal for equal texts. */
size_t slip_select_memo_rules(struct slip_select_memo *m, struct slip_str text);

/* The ids (hex digits, one after the other) that the directory `id` at `path` gave under these
 * rules; false: not known. They live as long as the memo. */
bool slip_select_memo_get(const struct slip_select_memo *m, size_t rules, struct slip_str path,
                          const struct slip_oid *id, struct slip_str *ids);

/* Keep what a directory gave: a part of `ids`, which the memo owns (see below). */
void slip_select_memo_put(struct slip_select_memo *m, size_t rules, struct slip_str path,
                          const struct slip_oid *id, const struct slip_buf *ids, size_t from,
                          size_t to);

/* What came out for a whole context. */
struct slip_select_result {
    char group[SLIP_SHA256_HEX + 1], checksum[SLIP_SHA256_HEX + 1];
    size_t entries;
};
const struct slip_select_result *slip_select_memo_result(const struct slip_select_memo *m,
                                                         size_t rules, const struct slip_oid *root);
void slip_select_memo_put_result(struct slip_select_memo *m, size_t rules,
                                 const struct slip_oid *root, const struct slip_select_result *r);

/* A new text for the ids of one walk. Directories inside each other share it. */
struct slip_buf *slip_select_memo_text(struct slip_select_memo *m);

#endif
