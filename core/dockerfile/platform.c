/* SPDX-License-Identifier: Apache-2.0 */
/* Platform specifiers, with the rules of containerd's platforms package (1.7). */
#include "dockerfile/platform.h"

#include <stdio.h>
#include <strings.h>

#include <sys/utsname.h>

static const char *const known_os[] = {
    "aix",   "android", "darwin", "dragonfly", "freebsd", "hurd",    "illumos", "ios", "js",
    "linux", "nacl",    "netbsd", "openbsd",   "plan9",   "solaris", "windows", "zos",
};

static const char *const known_arch[] = {
    "386",     "amd64",   "amd64p32", "arm",    "armbe",  "arm64",    "arm64be",   "ppc64",
    "ppc64le", "loong64", "mips",     "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le",
    "ppc",     "riscv",   "riscv64",  "s390",   "s390x",  "sparc",    "sparc64",   "wasm",
};

/* Other names of an architecture; a NULL variant is taken from the specifier. */
static const struct {
    const char *name, *arch, *variant;
} arch_aliases[] = {
    { "i386", "386", "" },        { "x86_64", "amd64", NULL }, { "x86-64", "amd64", NULL },
    { "aarch64", "arm64", NULL }, { "armhf", "arm", "v7" },    { "armel", "arm", "v6" },
};

/* What a variant becomes; "" as variant is one that was not written. */
static const struct {
    const char *arch, *variant, *becomes;
} variant_aliases[] = {
    { "amd64", "v1", "" }, { "arm64", "8", "" }, { "arm64", "v8", "" }, { "arm", "", "v7" },
    { "arm", "7", "v7" },  { "arm", "5", "v5" }, { "arm", "6", "v6" },  { "arm", "8", "v8" },
};

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static void set(char out[SLIP_PLATFORM_MAX + 1], const char *value)
{
    snprintf(out, SLIP_PLATFORM_MAX + 1, "%s", value);
}

static void normalize_os(struct slip_platform *p)
{
    if (strcmp(p->os, "macos") == 0)
        set(p->os, "darwin");
}

static void normalize_arch(struct slip_platform *p)
{
    for (size_t i = 0; i < SLIP_COUNT(arch_aliases); i++) {
        if (strcmp(p->arch, arch_aliases[i].name) != 0)
            continue;
        set(p->arch, arch_aliases[i].arch);
        if (arch_aliases[i].variant) {
            set(p->variant, arch_aliases[i].variant);
            return;
        }
        break;
    }
    for (size_t i = 0; i < SLIP_COUNT(variant_aliases); i++)
        if (strcmp(p->arch, variant_aliases[i].arch) == 0
            && strcmp(p->variant, variant_aliases[i].variant) == 0) {
            set(p->variant, variant_aliases[i].becomes);
            return;
        }
}

static bool is_component_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
}

/* Check one component and copy it in lower case. */
static bool take_component(struct slip_str part, char out[SLIP_PLATFORM_MAX + 1])
{
    if (part.len == 0 || part.len > SLIP_PLATFORM_MAX)
        return false;
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (!is_component_char(c))
            return false;
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    out[part.len] = '\0';
    return true;
}

/* One word: an operating system, or else an architecture; the host gives the other half. */
static bool complete_word(struct slip_platform *p, const struct slip_platform *host)
{
    normalize_os(p);
    if (is_one_of(p->os, known_os, SLIP_COUNT(known_os))) {
        set(p->arch, host->arch);
        if (strcmp(host->arch, "arm") == 0 && strcmp(host->variant, "v7") != 0)
            set(p->variant, host->variant);
        return true;
    }
    set(p->arch, p->os);
    normalize_arch(p);
    if (strcmp(p->arch, "arm") == 0 && strcmp(p->variant, "v7") == 0)
        set(p->variant, "");
    set(p->os, host->os);
    return is_one_of(p->arch, known_arch, SLIP_COUNT(known_arch));
}

int slip_platform_parse(struct slip_str text, const struct slip_platform *host,
                        struct slip_platform *out, struct slip_error *err)
{
    struct slip_platform p = { "", "", "" };
    char *const parts[] = { p.os, p.arch, p.variant };
    size_t n = 0;
    struct slip_str rest = text, part;
    bool more = true;
    while (more) {
        more = slip_str_cut(rest, '/', &part, &rest);
        if (n == SLIP_COUNT(parts))
            return slip_fail(err, SLIP_E_CONFIG, "platform '%.*s' has more than three parts",
                             SLIP_ARG(slip_str_first(text, 200)));
        if (!take_component(part, parts[n++]))
            return slip_fail(err, SLIP_E_CONFIG,
                             "platform '%.*s': each part is letters, digits, '_' and '-'",
                             SLIP_ARG(slip_str_first(text, 200)));
    }

    if (n == 1) {
        if (!complete_word(&p, host))
            return slip_fail(err, SLIP_E_CONFIG,
                             "platform '%.*s' is no known operating system or architecture",
                             SLIP_ARG(slip_str_first(text, 200)));
    } else {
        normalize_os(&p);
        normalize_arch(&p);
        if (n == 2 && strcmp(p.arch, "arm") == 0 && strcmp(p.variant, "v7") == 0)
            set(p.variant, "");
        if (n == 3 && strcmp(p.arch, "arm64") == 0 && !p.variant[0])
            set(p.variant, "v8");
    }
    *out = p;
    return 0;
}

int slip_platform_normalize(struct slip_str text, const struct slip_platform *host,
                            struct slip_platform *out, struct slip_error *err)
{
    struct slip_platform p = *host;
    bool local = text.len == 5 && strncasecmp(text.ptr, "local", 5) == 0;
    if (!local && slip_platform_parse(text, host, &p, err) < 0)
        return -1;
    normalize_os(&p);
    normalize_arch(&p);
    *out = p;
    return 0;
}

void slip_platform_print(const struct slip_platform *p, char out[3 * SLIP_PLATFORM_MAX + 3])
{
    snprintf(out, 3 * SLIP_PLATFORM_MAX + 3, "%s/%s%s%s", p->os, p->arch, p->variant[0] ? "/" : "",
             p->variant);
}

void slip_platform_variables(const struct slip_platform *p, const char *prefix,
                             struct slip_arena *a, struct slip_map *map)
{
    char text[3 * SLIP_PLATFORM_MAX + 3];
    slip_platform_print(p, text);
    const char *const values[][2] = {
        { "PLATFORM", text }, { "OS", p->os }, { "ARCH", p->arch }, { "VARIANT", p->variant }
    };
    for (size_t i = 0; i < SLIP_COUNT(values); i++) {
        char name[32];
        snprintf(name, sizeof(name), "%s%s", prefix, values[i][0]);
        struct slip_str *value = slip_arena_new(a, struct slip_str);
        *value = slip_arena_str(a, slip_str_of(values[i][1]));
        slip_map_set(map, slip_str_of(name), value);
    }
}

/* uname's names are the aliases above, but for these. */
static const struct {
    const char *machine, *arch, *variant;
} machines[] = {
    { "i686", "386", "" },        { "i586", "386", "" },     { "armv7l", "arm", "v7" },
    { "armv6l", "arm", "v6" },    { "armv5l", "arm", "v5" }, { "loongarch64", "loong64", "" },
    { "aarch64", "arm64", "v8" },
};

void slip_platform_host(struct slip_platform *out)
{
    struct slip_platform p = { "", "", "" };
    struct utsname name;
    if (uname(&name) < 0 || !take_component(slip_str_of(name.sysname), p.os)
        || !take_component(slip_str_of(name.machine), p.arch)) {
        set(p.os, "linux");
        set(p.arch, "amd64");
    }
    for (size_t i = 0; i < SLIP_COUNT(machines); i++)
        if (strcmp(p.arch, machines[i].machine) == 0) {
            set(p.arch, machines[i].arch);
            set(p.variant, machines[i].variant);
            *out = p;
            return;
        }
    normalize_arch(&p);
    *out = p;
}
