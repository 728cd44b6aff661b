/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords and tokens. */
#include "base/secret.h"

#include "base/mem.h"

#include <strings.h>

void slip_secret_set(struct slip_secret *s, struct slip_str value)
{
    slip_secret_clear(s);
    s->hidden = slip_memdup(value.ptr, value.len);
    s->len = value.len;
}

void slip_secret_clear(struct slip_secret *s)
{
    slip_wipe(s->hidden, s->len);
    slip_free(s->hidden);
    *s = (struct slip_secret){ 0 };
}

bool slip_secret_is_set(const struct slip_secret *s)
{
    return s->hidden != NULL;
}

const char *slip_secret_reveal(const struct slip_secret *s)
{
    return s->hidden ? s->hidden : "";
}

/* ---- by their form ---- */

#define STARS "***"

/* "user:password@" at the beginning: its length, else 0. A user alone is no secret of ssh. */
static size_t sign_in(const char *text, bool ssh)
{
    size_t len = strcspn(text, "@/?# \t\n\"'<>");
    bool alone = !memchr(text, ':', len);
    return text[len] == '@' && len > 0 && !(ssh && alone) ? len : 0;
}

/* "&token=" at the beginning: its length, else 0. */
static size_t secret_parameter(const char *text)
{
    static const char *const words[] = { "token",      "signature", "password", "secret",
                                         "credential", "accesskey", "api_key",  "auth" };
    size_t len = strcspn(text + 1, "=&?/ \t\n\"'<>");
    if ((text[0] != '?' && text[0] != '&') || text[1 + len] != '=')
        return 0;
    bool secret = len == 3 && strncasecmp(text + 1, "sig", 3) == 0;
    for (size_t i = 0; i < SLIP_COUNT(words); i++)
        for (size_t k = 1; k + strlen(words[i]) <= 1 + len; k++)
            secret |= strncasecmp(text + k, words[i], strlen(words[i])) == 0;
    return secret ? len + 2 : 0;
}

static void add(char *out, size_t size, size_t *at, const char *what, size_t len)
{
    size_t fits = size - 1 - *at < len ? size - 1 - *at : len;
    memcpy(out + *at, what, fits);
    *at += fits;
}

void slip_hide_secrets(char *text, size_t size)
{
    char out[4096];
    size_t at = 0, len;
    const char *p = text;
    if (!strpbrk(text, "@?&"))
        return;
    size = size < sizeof(out) ? size : sizeof(out);
    while (*p) {
        if (strncmp(p, "://", 3) == 0
            && (len = sign_in(p + 3, p - text >= 3 && strncmp(p - 3, "ssh", 3) == 0)) > 0) {
            add(out, size, &at, "://" STARS, strlen("://" STARS));
            p += 3 + len;
        } else if ((len = secret_parameter(p)) > 0 && p[len]) {
            add(out, size, &at, p, len);
            add(out, size, &at, STARS, strlen(STARS));
            p += len;
            p += strcspn(p, "& \t\n\"'<>");
        } else {
            add(out, size, &at, p++, 1);
        }
    }
    out[at] = '\0';
    memcpy(text, out, at + 1);
}
