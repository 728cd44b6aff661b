# SPDX-License-Identifier: Apache-2.0
# What the output of the last `run` holds, and does not hold.
# shellcheck shell=bash disable=SC2154

has() {
    [[ "$output" == *"$1"* ]] || {
        printf 'not in the output: %s\n--- output:\n%s\n' "$1" "$output" >&2
        return 1
    }
}

lacks() {
    [[ "$output" != *"$1"* ]] || {
        printf 'must not be in the output: %s\n--- output:\n%s\n' "$1" "$output" >&2
        return 1
    }
}
