#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages are clean; every command is in one, and every variable there or in the help of a
# command. usage: manual.sh TOP CC BUILD
cd "$1" || exit 1
command -v mandoc >/dev/null || { echo "skipped: mandoc missing"; exit 77; }
mandoc -Tlint -Werror hooks/*.[1-8] || bad=1

helped=
for name in $("$3/hooks/slipway" -h | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | tr ' ' '+'); do
    name=$(echo "$name" | tr '+' ' ')
    grep -qE "Ic $name( |\$)" hooks/slipway.1 || { echo "'$name' is not in slipway.1"; bad=1; }
    # shellcheck disable=SC2086 # two words
    helped="$helped $("$3/hooks/slipway" $name -h | grep -oE 'SLIPWAY_[A-Z_]+' | tr '\n' ' ')"
done

for variable in $(grep -hoE '"SLIPWAY_[A-Z_]+' hooks/*.c core/*/*.c | tr -d '"' | sort -u); do
    case $helped in *" $variable "*) continue ;; esac
    grep -q "Ev.*$variable" hooks/*.[1-8] || { echo "$variable is in no page"; bad=1; }
done
exit "${bad:-0}"
