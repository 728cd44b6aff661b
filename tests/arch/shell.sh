#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shell scripts pass shellcheck. usage: shell.sh TOP
cd "$1" || exit 1
command -v shellcheck >/dev/null || { echo "skipped: shellcheck missing"; exit 77; }
find install.sh .ci/run tests core hooks -type f -not -path '*/build/*' \
    \( -name '*.sh' -o -name run \) -exec shellcheck {} +
