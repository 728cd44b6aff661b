/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl, loaded with the first request.
 *
 * Debian's libcurl brings some twenty further libraries (LDAP, Kerberos, GnuTLS, ...); loading and
 * relocating them takes longer than `slipway tags` needs for all its digests, and most commands
 * never ask a host. So the functions of libcurl that this room calls are defined here and pass on
 * to the real ones. Without SLIPWAY_LOAD_CURL (CMake) this file is left out and libcurl is linked.
 */
#include "net/curl_impl.h"

#include <dlfcn.h>
#include <stdarg.h>

/* The header's checks of types wrap these three in macros. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_share_setopt

/* result, name, parameters, arguments; what the three variadic functions take is one word. */
#define FUNCTIONS(F)                                                                               \
    F(CURLcode, curl_global_init, (long flags), (flags))                                           \
    F(CURL *, curl_easy_init, (void), ())                                                          \
    F(CURLcode, curl_easy_pause, (CURL * easy, int mask), (easy, mask))                            \
    F(const char *, curl_easy_strerror, (CURLcode code), (code))                                   \
    F(CURLM *, curl_multi_init, (void), ())                                                        \
    F(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL * easy), (multi, easy))               \
    F(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL * easy), (multi, easy))            \
    F(CURLMcode, curl_multi_perform, (CURLM * multi, int *active), (multi, active))                \
    F(CURLMcode, curl_multi_poll,                                                                  \
      (CURLM * multi, struct curl_waitfd extra[], unsigned n, int ms, int *ready),                 \
      (multi, extra, n, ms, ready))                                                                \
    F(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))                  \
    F(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))                                     \
    F(CURLSH *, curl_share_init, (void), ())                                                       \
    F(CURLSHcode, curl_share_cleanup, (CURLSH * share), (share))                                   \
    F(curl_version_info_data *, curl_version_info, (CURLversion version), (version))               \
    F(void, curl_global_cleanup, (void), ())                                                       \
    F(void, curl_easy_reset, (CURL * easy), (easy))                                                \
    F(void, curl_easy_cleanup, (CURL * easy), (easy))

#define MEMBER(result, name, parameters, arguments) result(*name) parameters;
static struct {
    FUNCTIONS(MEMBER)
    CURLcode (*curl_easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*curl_easy_getinfo)(CURL *easy, CURLINFO info, ...);
    CURLSHcode (*curl_share_setopt)(CURLSH *share, CURLSHoption option, ...);
} real;

static const struct {
    const char *name;
    void **at;
} wanted[] = {
#define ROW(result, name, parameters, arguments) { #name, (void **)&real.name },
    FUNCTIONS(ROW){ "curl_easy_setopt", (void **)&real.curl_easy_setopt },
    { "curl_easy_getinfo", (void **)&real.curl_easy_getinfo },
    { "curl_share_setopt", (void **)&real.curl_share_setopt },
};

int slip_curl_load(struct slip_error *err)
{
    static void *library;
    if (library)
        return 0;
    void *handle = dlopen(SLIPWAY_LOAD_CURL, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        goto failed;
    for (size_t i = 0; i < SLIP_COUNT(wanted); i++)
        if (!(*wanted[i].at = dlsym(handle, wanted[i].name)))
            goto failed;
    library = handle;
    return 0;
failed:
    return slip_fail(err, SLIP_E_INTERNAL, "libcurl cannot be loaded: %s", dlerror());
}

/* GnuTLS is among what comes along, and gets ready at once unless the program answers this (its
 * GNUTLS_SKIP_GLOBAL_INIT). Nobody here speaks LDAP or RTMP: that would be 1 MiB for nothing. */
__attribute__((visibility("default"))) int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void)
{
    return 1;
}

#define PASS_ON(result, name, parameters, arguments)                                               \
    result name parameters                                                                         \
    {                                                                                              \
        return real.name arguments;                                                                \
    }
FUNCTIONS(PASS_ON)

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list rest;
    va_start(rest, option);
    CURLcode code;
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = real.curl_easy_setopt(easy, option, va_arg(rest, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = real.curl_easy_setopt(easy, option, va_arg(rest, curl_off_t));
    else
        code = real.curl_easy_setopt(easy, option, va_arg(rest, void *));
    va_end(rest);
    return code;
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    va_list rest;
    va_start(rest, info);
    CURLcode code = real.curl_easy_getinfo(easy, info, va_arg(rest, void *));
    va_end(rest);
    return code;
}

/* Only CURLSHOPT_SHARE and CURLSHOPT_UNSHARE are asked for, which take an int. */
CURLSHcode curl_share_setopt(CURLSH *share, CURLSHoption option, ...)
{
    va_list rest;
    va_start(rest, option);
    CURLSHcode code = real.curl_share_setopt(share, option, va_arg(rest, int));
    va_end(rest);
    return code;
}
