/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed digests, key derivation and AES through OpenSSL's EVP interface. */
#include "hash/crypt.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* EVP fails only without memory or without the algorithm; neither leaves anything to go on with. */
static void must(bool done)
{
    if (!done)
        slip_out_of_memory();
}

void slip_hmac_sha256(struct slip_str key, struct slip_str text, unsigned char out[32])
{
    must(HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)text.ptr, text.len, out,
              NULL)
         != NULL);
}

void slip_scrypt(struct slip_str password, struct slip_str salt, uint64_t cost, uint32_t r,
                 uint32_t p, unsigned char *out, size_t len)
{
    uint64_t memory = 128 * (uint64_t)r * (cost + p + 2);
    must(EVP_PBE_scrypt(password.ptr, password.len, (const unsigned char *)salt.ptr, salt.len, cost,
                        r, p, memory, out, len)
         == 1);
}

void slip_aes256_cbc_decrypt(const unsigned char key[SLIP_AES256_KEY],
                             const unsigned char iv[SLIP_AES_BLOCK], struct slip_str text,
                             unsigned char *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    must(ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, iv)
         && EVP_CIPHER_CTX_set_padding(ctx, 0));
    while (text.len) { /* in pieces: the interface counts in int */
        struct slip_str piece = slip_str_first(text, 1 << 20);
        int written = 0;
        must(EVP_DecryptUpdate(ctx, out, &written, (const unsigned char *)piece.ptr, (int)piece.len)
             && written == (int)piece.len);
        out += piece.len;
        text = slip_str_skip(text, piece.len);
    }
    EVP_CIPHER_CTX_free(ctx);
}
