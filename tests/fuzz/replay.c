/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a harness once for every file of the directories given, in builds without libFuzzer. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static int replay_file(const char *path)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64u << 20);
    struct slip_error err = { 0 };
    if (slip_file_read(path, &text, &err) < 0) {
        printf("%s\n", err.text);
        return 1;
    }
    /* A copy of exactly that size, so that a sanitizer sees one byte too far. */
    uint8_t *exact = slip_alloc(text.len ? text.len : 1);
    if (text.len)
        memcpy(exact, text.ptr, text.len);
    LLVMFuzzerTestOneInput(exact, text.len);
    slip_free(exact);
    return 0;
}

static int replay_dir(const char *path, unsigned *n)
{
    DIR *dir = opendir(path);
    if (!dir) {
        printf("%s: cannot be opened\n", path);
        return 1;
    }
    int bad = 0;
    struct dirent *e;
    while ((e = readdir(dir))) {
        if (e->d_name[0] == '.')
            continue;
        SLIP_AUTO_FREE char *name = slip_printf("%s/%s", path, e->d_name);
        bad |= replay_file(name);
        ++*n;
    }
    closedir(dir);
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0;
    unsigned n = 0;
    for (int i = 1; i < argc; i++)
        bad |= replay_dir(argv[i], &n);
    printf("%u inputs\n", n);
    return bad || n == 0;
}
