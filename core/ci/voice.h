/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a run speaks in the log of a CI job: lines that start no command of the log, output of others
 * between commands that switch commands off, secrets of the job's environment blotted out, and a
 * sign of life when there was nothing to say for a while, so that the job is not ended for its
 * silence (hooks-and-ci.md sections 4.4 and 9). Pure: texts are appended, the clock is a parameter.
 *
 * Masks of the log itself (::add-mask::) are not used: they hold the secret in plain text, and the
 * same text may go to a file that nobody masks. The providers know their own secrets.
 */
#ifndef SLIP_CI_VOICE_H
#define SLIP_CI_VOICE_H

#include "ci/log.h"
#include "value/veil.h"

struct slip_ci_voice {
    enum slip_ci_dialect dialect;
    struct slip_str token; /* ends "stop-commands"; nobody else knows it */
    bool stopped;          /* output of others is being told */
    int64_t every_ms;      /* between signs of life; 0: none */
    int64_t last_ms;       /* when a line was told */
    struct slip_veil veil; /* of the secrets of the job's environment */
};

void slip_ci_voice_clear(struct slip_ci_voice *v);
SLIP_DEFINE_AUTO(slip_ci_voice, slip_ci_voice_clear);

/*
 * Remember what must not be told: values of variables ("NAME=value", NULL-terminated) whose names
 * hold TOKEN, PASSWORD, SECRET, KEY or AUTH. Names of files that begin with "/" are no secrets.
 */
void slip_ci_voice_hide(struct slip_ci_voice *v, const char *const *env);

/* A line of ours; a line of a builder; a command for the log, made with ci/log.h. */
void slip_ci_voice_line(struct slip_ci_voice *v, int64_t now_ms, struct slip_str line,
                        struct slip_buf *out);
void slip_ci_voice_child(struct slip_ci_voice *v, int64_t now_ms, struct slip_str line,
                         struct slip_buf *out);
void slip_ci_voice_command(struct slip_ci_voice *v, int64_t now_ms, struct slip_str command,
                           struct slip_buf *out);

/* Work goes on, `done` of `total` bytes (0: not known) of `subject`: a line when it is time for
 * one. */
void slip_ci_voice_alive(struct slip_ci_voice *v, int64_t now_ms, const char *subject,
                         uint64_t done, uint64_t total, struct slip_buf *out);

#endif
