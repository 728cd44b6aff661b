/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A password or token. It is wiped when it is cleared, and no function that formats text takes it:
 * whoever needs the bytes for a request header says so with slip_secret_reveal, which is easy to
 * search for.
 */
#ifndef SLIP_BASE_SECRET_H
#define SLIP_BASE_SECRET_H

#include "base/str.h"

struct slip_secret {
    char *hidden;
    size_t len;
};

void slip_secret_set(struct slip_secret *s, struct slip_str value); /* copies */
void slip_secret_clear(struct slip_secret *s);
bool slip_secret_is_set(const struct slip_secret *s);

/* NUL-terminated, valid until the secret is cleared. Wipe what you copy it into. */
const char *slip_secret_reveal(const struct slip_secret *s);

SLIP_DEFINE_AUTO(slip_secret, slip_secret_clear);

/*
 * Blot out, in a text of `size` bytes for people, what looks like a secret by its form: who signs
 * in to an address ("https://user:password@host"), and parameters of one that hold a token, a
 * signature or the like. Every error and every event goes through it (error.h, watch.h).
 */
void slip_hide_secrets(char *text, size_t size);

#endif
