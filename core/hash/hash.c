/* SPDX-License-Identifier: Apache-2.0 */
/* Digests through OpenSSL's EVP interface. */
#include "hash/hash.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <stdlib.h>

static struct {
    const char *name;
    size_t len;
    EVP_MD *md; /* fetched once: the look-up costs more than a short digest */
} algorithms[] = {
    [SLIP_HASH_SHA1] = { "SHA1", 20, NULL },
    [SLIP_HASH_SHA256] = { "SHA256", 32, NULL },
    [SLIP_HASH_SHA512] = { "SHA512", 64, NULL },
    [SLIP_HASH_SHA3_224] = { "SHA3-224", 28, NULL },
};

/* EVP fails only without memory or without the algorithm; neither leaves anything to go on with. */
static void must(bool done)
{
    if (!done)
        slip_out_of_memory();
}

size_t slip_hash_len(enum slip_hash_kind kind)
{
    return algorithms[kind].len;
}

void slip_hash_begin(struct slip_hash *h, enum slip_hash_kind kind)
{
    if (!algorithms[kind].md) {
        algorithms[kind].md = EVP_MD_fetch(NULL, algorithms[kind].name, NULL);
        must(algorithms[kind].md != NULL);
    }
    h->kind = kind;
    h->state = EVP_MD_CTX_new();
    must(h->state && EVP_DigestInit_ex(h->state, algorithms[kind].md, NULL));
}

void slip_hash_add(struct slip_hash *h, const void *data, size_t len)
{
    must(EVP_DigestUpdate(h->state, data, len));
}

void slip_hash_end(struct slip_hash *h, unsigned char *out)
{
    must(EVP_DigestFinal_ex(h->state, out, NULL));
    slip_hash_clear(h);
}

static void to_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

void slip_hash_end_hex(struct slip_hash *h, char *out)
{
    unsigned char bytes[SLIP_HASH_MAX];
    size_t len = slip_hash_len(h->kind);
    slip_hash_end(h, bytes);
    to_hex(bytes, len, out);
}

void slip_hash_clear(struct slip_hash *h)
{
    EVP_MD_CTX_free(h->state);
    h->state = NULL;
}

void slip_hash_copy(const struct slip_hash *from, struct slip_hash *to)
{
    to->kind = from->kind;
    to->state = EVP_MD_CTX_new();
    must(to->state && EVP_MD_CTX_copy_ex(to->state, from->state));
}

void slip_hash_hex(enum slip_hash_kind kind, struct slip_str text, char *out)
{
    struct slip_hash h;
    slip_hash_begin(&h, kind);
    slip_hash_add_str(&h, text);
    slip_hash_end_hex(&h, out);
}

void slip_hash_join_begin(struct slip_hash_join *j, enum slip_hash_kind kind)
{
    slip_hash_begin(&j->hash, kind);
    j->any = false;
}

void slip_hash_join_add(struct slip_hash_join *j, struct slip_str part)
{
    if (j->any)
        slip_hash_add(&j->hash, ":::", 3);
    slip_hash_add_str(&j->hash, part);
    j->any = true;
}

void slip_hash_join_end(struct slip_hash_join *j, char *out)
{
    slip_hash_end_hex(&j->hash, out);
}

void slip_hash_joined(enum slip_hash_kind kind, const struct slip_str *parts, size_t n, char *out)
{
    struct slip_hash_join j;
    slip_hash_join_begin(&j, kind);
    for (size_t i = 0; i < n; i++)
        slip_hash_join_add(&j, parts[i]);
    slip_hash_join_end(&j, out);
}
