/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests of bytes. One stream type for all algorithms, one-shot helpers for text, and the form in
 * which digests of a release are made: parts joined with ":::" (dockerfile-digest.md section 1).
 * Hex is lower case.
 */
#ifndef SLIP_HASH_HASH_H
#define SLIP_HASH_HASH_H

#include "base/str.h"

enum slip_hash_kind {
    SLIP_HASH_SHA1,
    SLIP_HASH_SHA256,
    SLIP_HASH_SHA512,
    SLIP_HASH_SHA3_224, /* FIPS 202 */
};

#define SLIP_HASH_MAX 64 /* bytes of the longest digest */
#define SLIP_HASH_HEX_MAX (2 * SLIP_HASH_MAX)
#define SLIP_SHA256_LEN 32
#define SLIP_SHA256_HEX 64
#define SLIP_SHA3_224_HEX 56

/* Bytes of a digest of this kind. */
size_t slip_hash_len(enum slip_hash_kind kind);

/* A stream. Begin again after the end; clear when given up before it (clearing twice is fine). */
struct slip_hash {
    enum slip_hash_kind kind;
    void *state;
};
void slip_hash_begin(struct slip_hash *h, enum slip_hash_kind kind);
void slip_hash_add(struct slip_hash *h, const void *data, size_t len);
void slip_hash_end(struct slip_hash *h, unsigned char *out); /* slip_hash_len bytes */
void slip_hash_end_hex(struct slip_hash *h, char *out);      /* with its NUL */
void slip_hash_clear(struct slip_hash *h);
void slip_hash_copy(const struct slip_hash *from, struct slip_hash *to); /* `to` is clear */
SLIP_DEFINE_AUTO(slip_hash, slip_hash_clear);

static inline void slip_hash_add_str(struct slip_hash *h, struct slip_str s)
{
    slip_hash_add(h, s.ptr, s.len);
}

/* One text. `out` holds twice slip_hash_len(kind) characters and a NUL. */
void slip_hash_hex(enum slip_hash_kind kind, struct slip_str text, char *out);

/* A stream of parts with ":::" between them. No part and one empty part give the same. */
struct slip_hash_join {
    struct slip_hash hash;
    bool any;
};
void slip_hash_join_begin(struct slip_hash_join *j, enum slip_hash_kind kind);
void slip_hash_join_add(struct slip_hash_join *j, struct slip_str part);
void slip_hash_join_end(struct slip_hash_join *j, char *out);

/* The same for parts that are there already. */
void slip_hash_joined(enum slip_hash_kind kind, const struct slip_str *parts, size_t n, char *out);

/* MurmurHash3 x86 32-bit with seed 0; as hex without leading zeros (1 to 8 characters). */
uint32_t slip_murmur3(struct slip_str text);
#define SLIP_MURMUR3_HEX 8
void slip_murmur3_hex(struct slip_str text, char out[SLIP_MURMUR3_HEX + 1]);

#endif
