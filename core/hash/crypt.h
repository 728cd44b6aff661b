/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from passwords, keyed digests, and the one cipher that templates can read. */
#ifndef SLIP_HASH_CRYPT_H
#define SLIP_HASH_CRYPT_H

#include "base/str.h"

#define SLIP_AES_BLOCK 16
#define SLIP_AES256_KEY 32

/* HMAC with SHA-256. */
void slip_hmac_sha256(struct slip_str key, struct slip_str text, unsigned char out[32]);

/* scrypt (RFC 7914) with N = `cost` (a power of two). Takes 128 * r * N bytes of memory. */
void slip_scrypt(struct slip_str password, struct slip_str salt, uint64_t cost, uint32_t r,
                 uint32_t p, unsigned char *out, size_t len);

/* AES-256 in CBC mode without any padding. `text` is whole blocks; `out` has room for as much. */
void slip_aes256_cbc_decrypt(const unsigned char key[SLIP_AES256_KEY],
                             const unsigned char iv[SLIP_AES_BLOCK], struct slip_str text,
                             unsigned char *out);

#endif
