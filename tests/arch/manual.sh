#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages are clean, and every command is in one. usage: manual.sh TOP CC BUILD
cd "$1" || exit 1
command -v mandoc >/dev/null || { echo "skipped: mandoc missing"; exit 77; }
mandoc -Tlint -Werror hooks/*.[1-8] || bad=1

for name in $("$3/hooks/slipway" -h | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | tr ' ' '+'); do
    name=$(echo "$name" | tr '+' ' ')
    grep -qE "Ic $name( |\$)" hooks/slipway.1 || { echo "'$name' is not in slipway.1"; bad=1; }
done
exit "${bad:-0}"
