/* SPDX-License-Identifier: Apache-2.0 */
/* A registries.conf of our own. */
#include "build/mirrors.h"

#include <string.h>

#define HUB "docker.io"

int slip_mirror_parse(struct slip_str text, struct slip_str *location, struct slip_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-_:/[]";
    static const struct slip_str https = SLIP_STR("https://");
    struct slip_str s = text;
    if (slip_str_starts(s, SLIP_STR("http://"))) {
        slip_fail(err, SLIP_E_USAGE, "mirror '%.*s': only https is taken",
                  SLIP_ARG(slip_str_first(text, 200)));
        return slip_hint(err, "with --insecure-registry a mirror may answer in plain HTTP");
    }
    if (slip_str_starts(s, https))
        s = slip_str_skip(s, https.len);
    while (slip_str_ends(s, SLIP_STR("/")))
        s.len--;
    for (size_t i = 0; i < s.len; i++)
        if (!s.ptr[i] || !strchr(allowed, s.ptr[i]))
            s.len = 0;
    if (s.len == 0 || s.ptr[0] == '/')
        return slip_fail(err, SLIP_E_USAGE, "mirror '%.*s' is not HOST or HOST/PATH",
                         SLIP_ARG(slip_str_first(text, 200)));
    *location = s;
    return 0;
}

/* Does the line give this key the value `registry`? */
static bool names(struct slip_str line, const char *key, struct slip_str registry)
{
    struct slip_str name, value;
    if (!slip_str_cut(line, '=', &name, &value) || !slip_str_is(slip_str_trim(name), key))
        return false;
    value = slip_str_trim(value);
    size_t len = registry.len;
    return value.len >= len + 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'')
           && value.ptr[len + 1] == value.ptr[0]
           && slip_str_eq(slip_str_first(slip_str_skip(value, 1), len), registry);
}

static bool names_hub(struct slip_str line, const char *key)
{
    return names(line, key, SLIP_STR(HUB));
}

/* One record: "[[registry]]", its keys and its mirrors; shortens `rest`. `*hub`: of Docker Hub. */
static struct slip_str take_record(struct slip_str *rest, bool *hub)
{
    struct slip_str start = *rest, line, before;
    bool own = true; /* not yet among its mirrors */
    slip_str_line(rest, &line);
    for (*hub = false, before = *rest; slip_str_line(rest, &line); before = *rest) {
        line = slip_str_trim(line);
        if (slip_str_starts(line, SLIP_STR("[")) && !slip_str_is(line, "[[registry.mirror]]"))
            break;
        own &= !slip_str_starts(line, SLIP_STR("["));
        *hub |= own && (names_hub(line, "prefix") || names_hub(line, "location"));
    }
    *rest = before;
    return slip_str_first(start, start.len - rest->len);
}

/* All of it but records of Docker Hub: the first of a file counts. */
static void print_others(struct slip_str rest, struct slip_buf *out)
{
    while (rest.len) {
        struct slip_str line, after = rest, record;
        bool hub = false;
        slip_str_line(&after, &line);
        if (slip_str_is(slip_str_trim(line), "[[registry]]")) {
            record = take_record(&rest, &hub);
        } else {
            record = slip_str_first(rest, rest.len - after.len);
            rest = after;
        }
        if (!hub)
            slip_buf_add_str(out, record);
    }
}

void slip_mirrors_print(struct slip_str machine, const struct slip_str *mirrors, size_t n,
                        bool insecure, struct slip_buf *out)
{
    print_others(machine, out);
    slip_buf_add_c(out, "\n[[registry]]\nlocation = \"" HUB "\"\n");
    for (size_t i = 0; i < n; i++)
        slip_buf_add_fmt(out, "\n[[registry.mirror]]\nlocation = \"%.*s\"\n%s",
                         SLIP_ARG(mirrors[i]), insecure ? "insecure = true\n" : "");
}

void slip_plain_registry_print(struct slip_str machine, struct slip_str registry,
                               struct slip_buf *out)
{
    struct slip_str line;
    while (slip_str_line(&machine, &line)) {
        line = slip_str_trim(line);
        if (names(line, "prefix", registry) || names(line, "location", registry))
            return;
    }
    slip_buf_add_fmt(out, "\n[[registry]]\nlocation = \"%.*s\"\ninsecure = true\n",
                     SLIP_ARG(registry));
}

void slip_short_names_print(struct slip_str machine, struct slip_buf *out)
{
    struct slip_str line;
    while (slip_str_line(&machine, &line)) {
        line = slip_str_trim(line);
        if (slip_str_starts(line, SLIP_STR("unqualified-search-registries"))
            || slip_str_starts(line, SLIP_STR("[registries.")))
            return;
    }
    slip_buf_add_c(out, "unqualified-search-registries = [\"" HUB "\"]\n");
}
