/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions with keys and passwords. Those that give another result in every run make every run
 * another image: they fail and say so. What is the same in every run works.
 */
#include "tmpl/fn.h"

#include "hash/crypt.h"
#include "value/base64.h"

/* ---- what no release can depend on ---- */

static int not_reproducible(struct slip_tmpl_call *c, const char *why)
{
    return slip_tmpl_fail(c, "not reproducible: %s, so every run would build the images anew", why);
}

static int new_key(struct slip_tmpl_call *c)
{
    return not_reproducible(c, "it makes a new key");
}

SLIP_TMPL_FN(fn_bcrypt)
{
    return not_reproducible(c, "it takes a new salt");
}

SLIP_TMPL_FN(fn_htpasswd)
{
    if (slip_str_find(a[0].s, ':') == SLIP_NPOS)
        return not_reproducible(c, "it takes a new salt");
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_buf_add_c(&b, "invalid username: ");
    slip_buf_add_str(&b, a[0].s);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_gen_private_key)
{
    static const char *const types[] = { "", "rsa", "dsa", "ecdsa", "ed25519" };
    for (size_t i = 0; i < SLIP_COUNT(types); i++)
        if (slip_str_is(a[0].s, types[i]))
            return new_key(c);
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_buf_add_c(&b, "Unknown type ");
    slip_buf_add_str(&b, a[0].s);
    return slip_tmpl_give(c, &b, out);
}

/* genCA, genSelfSignedCert, genSignedCert */
SLIP_TMPL_FN(fn_gen_cert)
{
    return new_key(c);
}

static bool has_pem(struct slip_str s)
{
    return slip_str_find_str(s, SLIP_STR("-----BEGIN ")) != SLIP_NPOS;
}

/* The same with a key that is given, last. */
SLIP_TMPL_FN(fn_gen_cert_with_key)
{
    if (!has_pem(a[n - 1].s))
        return slip_tmpl_fail(c, "parsing private key: no PEM data in input");
    return not_reproducible(c, "the certificate has a new serial number");
}

SLIP_TMPL_FN(fn_build_custom_cert)
{
    SLIP_AUTO(slip_buf) cert = slip_tmpl_buf(c);
    SLIP_AUTO(slip_buf) key = slip_tmpl_buf(c);
    if (!slip_base64_decode(a[0].s, &cert))
        return slip_tmpl_fail(c, "unable to decode base64 certificate");
    if (!slip_base64_decode(a[1].s, &key))
        return slip_tmpl_fail(c, "unable to decode base64 private key");
    if (!has_pem(slip_buf_str(&cert)))
        return slip_tmpl_fail(c, "unable to decode certificate");
    return slip_tmpl_fail(c, "not supported: decode certificate and key with b64dec instead");
}

SLIP_TMPL_FN(fn_get_host_by_name)
{
    return not_reproducible(c, "it asks the network");
}

SLIP_TMPL_FN(fn_encrypt_aes)
{
    *out = slip_tv_str(SLIP_STR(""));
    return a[1].s.len ? not_reproducible(c, "it takes a new start value") : 0;
}

/* ---- decryptAES ---- */

/* The text without its padding: the last byte says how much that is. */
static int without_padding(struct slip_tmpl_call *c, const unsigned char *text, size_t len,
                           struct slip_tv *out)
{
    if (len == 0)
        return slip_tmpl_fail(c, "runtime error: index out of range [-1]");
    if (text[len - 1] > len)
        return slip_tmpl_fail(c, "runtime error: slice bounds out of range [:%d]",
                              (int)len - text[len - 1]);
    *out = slip_tv_str(
        slip_arena_str(c->arena, slip_str_make((const char *)text, len - text[len - 1])));
    return 0;
}

/* Start value and blocks of AES-256 in CBC mode, in base64; the key is the password itself. */
SLIP_TMPL_FN(fn_decrypt_aes)
{
    SLIP_AUTO(slip_buf) crypt = slip_tmpl_buf(c);
    unsigned char key[SLIP_AES256_KEY] = { 0 };
    *out = slip_tv_str(SLIP_STR(""));
    if (a[1].s.len == 0)
        return 0;
    if (!slip_base64_decode(a[1].s, &crypt))
        return slip_tmpl_fail(c, "illegal base64 data at input byte %zu",
                              slip_tmpl_base64_error(a[1].s));
    if (crypt.len < SLIP_AES_BLOCK)
        return slip_tmpl_fail(c, "runtime error: slice bounds out of range [:16] with capacity %zu",
                              crypt.len);
    if (crypt.len % SLIP_AES_BLOCK)
        return slip_tmpl_fail(c, "crypto/cipher: input not full blocks");
    memcpy(key, a[0].s.ptr, a[0].s.len < sizeof(key) ? a[0].s.len : sizeof(key));
    size_t len = crypt.len - SLIP_AES_BLOCK;
    SLIP_AUTO_FREE unsigned char *text = slip_alloc(len + 1);
    slip_aes256_cbc_decrypt(key, (const unsigned char *)crypt.ptr,
                            slip_str_skip(slip_buf_str(&crypt), SLIP_AES_BLOCK), text);
    return without_padding(c, text, len, out);
}

/* ---- derivePassword: the Master Password algorithm ---- */

static const struct {
    const char *type;
    const char *templates[21];
} password_types[] = {
    { "maximum", { "anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno" } },
    { "long",
      { "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
        "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
        "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
        "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
        "CvccCvcvCvccno" } },
    { "medium", { "CvcnoCvc", "CvcCvcno" } },
    { "short", { "Cvcn" } },
    { "basic", { "aaanaaan", "aannaaan", "aaannaaa" } },
    { "pin", { "nnnn" } },
};

/* The characters that a letter of a template stands for. */
static struct slip_str characters(char letter)
{
    switch (letter) {
    case 'V':
        return SLIP_STR("AEIOU");
    case 'C':
        return SLIP_STR("BCDFGHJKLMNPQRSTVWXYZ");
    case 'v':
        return SLIP_STR("aeiou");
    case 'c':
        return SLIP_STR("bcdfghjklmnpqrstvwxyz");
    case 'a':
        return SLIP_STR("AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz");
    case 'n':
        return SLIP_STR("0123456789");
    case 'o':
        return SLIP_STR("@&%?,=[]_:-+*$#!'^~;()/.");
    default:
        return SLIP_STR("AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789"
                        "!@#$%^&*()");
    }
}

/* What one derivation costs: a tenth of a second. */
enum { SCRYPT_STEPS = 2000000 };

static void add_uint32(struct slip_buf *b, uint64_t n)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        slip_buf_add_char(b, (char)(n >> shift & 0xFF));
}

static const char *const *templates_of(struct slip_str type)
{
    for (size_t i = 0; i < SLIP_COUNT(password_types); i++)
        if (slip_str_is(type, password_types[i].type))
            return password_types[i].templates;
    return NULL;
}

/* counter, type, password, user, site */
static void derive_seed(const struct slip_tv *a, unsigned char seed[32])
{
    unsigned char key[64];
    SLIP_AUTO(slip_buf) salt = SLIP_BUF(SLIP_NPOS);
    slip_buf_add_c(&salt, "com.lyndir.masterpassword");
    size_t scope = salt.len;
    add_uint32(&salt, a[3].s.len);
    slip_buf_add_str(&salt, a[3].s);
    slip_scrypt(a[2].s, slip_buf_str(&salt), 32768, 8, 2, key, sizeof(key));
    slip_buf_cut(&salt, scope);
    add_uint32(&salt, a[4].s.len);
    slip_buf_add_str(&salt, a[4].s);
    add_uint32(&salt, a[0].u);
    slip_hmac_sha256(slip_str_make((const char *)key, sizeof(key)), slip_buf_str(&salt), seed);
}

SLIP_TMPL_FN(fn_derive_password)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    const char *const *templates = templates_of(a[1].s);
    unsigned char seed[32];
    size_t count = 0;
    if (!templates) {
        slip_buf_add_c(&b, "cannot find password template ");
        slip_buf_add_str(&b, a[1].s);
        return slip_tmpl_give(c, &b, out);
    }
    while (count < SLIP_COUNT(password_types[0].templates) && templates[count])
        count++;
    if (slip_tmpl_spend(c, SCRYPT_STEPS) < 0)
        return -1;
    derive_seed(a, seed);
    const char *template = templates[seed[0] % count];
    for (size_t i = 0; template[i]; i++) {
        struct slip_str set = characters(template[i]);
        slip_buf_add_char(&b, set.ptr[seed[i + 1] % set.len]);
    }
    return slip_tmpl_give(c, &b, out);
}

static const struct slip_tmpl_func table[] = {
    { "bcrypt", "s", fn_bcrypt, "fails: not the same in every run" },
    { "buildCustomCert", "ss", fn_build_custom_cert, "fails: not supported" },
    { "decryptAES", "ss", fn_decrypt_aes, "the text that was encrypted with that password" },
    { "derivePassword", "ussss", fn_derive_password,
      "the password of a site: counter, type, "
      "password, user, site" },
    { "encryptAES", "ss", fn_encrypt_aes, "fails: not the same in every run" },
    { "genCA", "si", fn_gen_cert, "fails: not the same in every run" },
    { "genCAWithKey", "sis", fn_gen_cert_with_key, "fails: not the same in every run" },
    { "genPrivateKey", "s", fn_gen_private_key, "fails: not the same in every run" },
    { "genSelfSignedCert", "sLLi", fn_gen_cert, "fails: not the same in every run" },
    { "genSelfSignedCertWithKey", "sLLis", fn_gen_cert_with_key,
      "fails: not the same in every run" },
    { "genSignedCert", "sLLiC", fn_gen_cert, "fails: not the same in every run" },
    { "genSignedCertWithKey", "sLLiCs", fn_gen_cert_with_key, "fails: not the same in every run" },
    { "getHostByName", "s", fn_get_host_by_name, "fails: not the same in every run" },
    { "htpasswd", "ss", fn_htpasswd, "fails: not the same in every run" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_crypto = SLIP_TMPL_FUNCS(table);
