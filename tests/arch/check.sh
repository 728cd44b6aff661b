#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules of the structure: arrows between rooms, outside libraries in one room each, forbidden
# calls, headers that stand alone. usage: check.sh TOP CC
set -u
cd "$1" || exit 1
cc=${2:-cc}
bad=0

complain() {
    echo "$1"
    bad=1
}

awk -f tests/arch/arrows.awk core/rooms.txt core/*/*.[ch] hooks/*.[ch] || bad=1

# Every room is in rooms.txt.
for room in core/*/; do
    room=$(basename "$room")
    grep -q "^$room:" core/rooms.txt || complain "core/$room is not in core/rooms.txt"

done

# An outside library is known to one room only ("or" = regular expression of rooms).
only_in() {
    found=$(grep -lE "#include <$1" core/*/*.[ch] hooks/*.[ch] | grep -vE "^core/($2)/")
    [ -z "$found" ] || complain "<$1 belongs to $2 only: $found"
}
only_in 'git2' repo
only_in 'curl' net
only_in 'yaml\.h' value
only_in 'openssl' 'hash|tmpl'
only_in 'uthash' base

# Forbidden calls: memory only through base/mem.h, no environment or exit in rooms, no shell.
# forbid CALLS WHY FILE...: none of these files calls one of CALLS.
forbid() {
    calls=$1
    why=$2
    shift 2
    found=$(grep -nE "(^|[^a-zA-Z0-9_>.\"])($calls) *\(" "$@" | grep -vE '^[^:]+:[0-9]+: *(\*|/\*|//)')
    [ -z "$found" ] || complain "$found
  -> $why"
}
set --
for file in core/*/*.c hooks/*.c; do
    [ "$file" = core/base/mem.c ] || set -- "$@" "$file"
done
forbid 'malloc|calloc|realloc|strdup|asprintf' 'use base/mem.h' "$@"
forbid 'system|popen' 'no shell' "$@"
set --
for file in core/*/*.c; do
    [ "$file" = core/base/mem.c ] || set -- "$@" "$file"
done
forbid 'getenv|secure_getenv|setenv' 'the environment is passed in from hooks/' "$@"
forbid 'exit|abort' 'a room gives an error back' "$@"
forbid 'printf|puts|perror' 'rooms do not print' "$@"

# Each header compiles alone.
for header in core/*/*.h; do
    echo "#include \"${header#core/}\"" |
        $cc -std=gnu17 -fsyntax-only -Werror -Icore -include base/banned.h -x c - ||
        complain "$header does not stand alone"
done

exit $bad
