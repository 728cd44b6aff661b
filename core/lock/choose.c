/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of locks. */
#include "lock/choose.h"

#include <string.h>

#include "base/str.h"

int slip_lock_kind_parse(const char *text, enum slip_lock_kind *out, struct slip_error *err)
{
    static const struct {
        const char *text;
        bool whole; /* not a beginning */
        enum slip_lock_kind kind;
    } kinds[] = {
        { "none", true, SLIP_LOCK_NONE },
        { ":local", true, SLIP_LOCK_FILES },
        { "http://", false, SLIP_LOCK_SERVER },
        { "https://", false, SLIP_LOCK_SERVER },
        { "kubernetes://", false, SLIP_LOCK_KUBERNETES },
    };
    *out = SLIP_LOCK_UNSAID;
    if (!text)
        return 0;
    for (size_t i = 0; i < SLIP_COUNT(kinds); i++) {
        size_t len = strlen(kinds[i].text);
        if (strncmp(text, kinds[i].text, len) != 0
            || (kinds[i].whole ? text[len] != '\0' : text[len] == '\0'))
            continue;
        *out = kinds[i].kind;
        return 0;
    }
    slip_fail(err, SLIP_E_USAGE, "--synchronization: '%.200s' is no place for locks", text);
    return slip_hint(err, "http(s)://HOST for a lock server of werf, :local for the lock files of "
                          "werf on this machine, or none");
}

enum slip_lock_kind slip_lock_kind_of_repository(enum slip_lock_kind said, bool has_client_id)
{
    if (said != SLIP_LOCK_UNSAID)
        return said;
    return has_client_id ? SLIP_LOCK_SERVER : SLIP_LOCK_NONE;
}
