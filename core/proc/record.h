/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings that stand behind the last byte of an executable, where the system's loader does not
 * look. `slipway install` copies the pre-push executable into a repository and adds them, so that
 * the hook needs neither a shell nor a second file to know where slipway is.
 *
 *   record := LF "slipway-hook v2" LF "worker=" path LF "remote=" name LF [ "rules=" name LF ]
 *             "sha256:" 64HEX LF
 *
 * The hash is of all bytes before "sha256:", those of the executable too: a copy that was changed
 * by hand is told from one of another version.
 */
#ifndef SLIP_PROC_RECORD_H
#define SLIP_PROC_RECORD_H

#include "base/buf.h"
#include "base/error.h"

#define SLIP_RECORD_MAX (8u << 10)

struct slip_record {
    struct slip_str worker; /* the `slipway` executable, absolute */
    struct slip_str remote; /* the one that rules mean when they name none */
    struct slip_str rules;  /* another name of the rules file, or empty */
    struct slip_str hash;   /* hex; empty: there is more behind it */
    struct slip_str hashed; /* what the hash is of, as far as the text given reaches */
};

/* Add a record without its last line. False: a value does not fit or holds a line end. */
bool slip_record_add(struct slip_str worker, struct slip_str remote, struct slip_str rules,
                     struct slip_buf *out);

/* The record at the end of `text`, which may be the last SLIP_RECORD_MAX bytes of a file or more.
 */
bool slip_record_find(struct slip_str text, struct slip_record *out);

/* The last bytes of this executable, for slip_record_find; `self` is how it was started. */
SLIP_MUST_USE int slip_record_read_own(const char *self, struct slip_buf *out,
                                       struct slip_error *err);

#endif
