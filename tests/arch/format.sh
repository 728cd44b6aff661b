#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Formatting as .clang-format says (version 14; others differ in details). usage: format.sh TOP
cd "$1" || exit 1
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "skipped: clang-format missing"; exit 77; }
"$tool" --version | grep -q 'version 14' || { echo "skipped: clang-format is not version 14"; exit 77; }
find core hooks tests -name '*.[ch]' -not -path '*/build/*' -exec "$tool" --dry-run -Werror {} +
