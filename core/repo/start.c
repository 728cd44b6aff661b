/* SPDX-License-Identifier: Apache-2.0 */
/* Starting libgit2, without what it does only to be ready for HTTPS. */
#include "repo/internal.h"

/*
 * A libgit2 that was built with mbedTLS (Debian's) parses all certificates of the system whenever
 * it starts, which takes longer than everything we want from it, and one with libssh2 loads all
 * error texts and engines of OpenSSL. We never use its network: the program answers these calls
 * in the place of the libraries.
 */
#define ANSWERS __attribute__((visibility("default")))
ANSWERS int mbedtls_x509_crt_parse_file(void *chain, const char *path);
ANSWERS int libssh2_init(int flags);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
    (void)chain;
    (void)path;
    return 0;
}

int libssh2_init(int flags)
{
    (void)flags;
    return 0;
}

/* Extensions that are either harmless for reading or looked at when a repository is opened. */
static const char *extensions[] = { "worktreeconfig",    "partialclone", "preciousobjects",
                                    "relativeworktrees", "objectformat", "compatobjectformat",
                                    "refstorage" };

/*
 * Options are global in libgit2. One walk over a tree reads every object once, so a cache of
 * objects only costs; the windows bound the memory that mapped packs take; ids are not computed
 * again, since what we read was checked when git received it. Of the owner of a repository git is
 * asked (open.c): libgit2 knows neither "*" in safe.directory nor GIT_CONFIG_GLOBAL.
 */
static void set_options(void)
{
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, SLIP_COUNT(extensions));
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)1 << 20);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)8 << 20);
}

int slip_repo_start(struct slip_error *err)
{
    if (git_libgit2_init() < 0)
        return slip_repo_fail(err, "starting libgit2");
    set_options();
    return 0;
}
