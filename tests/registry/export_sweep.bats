# SPDX-License-Identifier: Apache-2.0
# Exports to a registry behind a proxy that does harm, at each request in turn.
# shellcheck shell=bash

load helper

setup() {
    start_two_with_a_stage
}

teardown() {
    end_all
}

# Exports beside each other, each to a repository of its own, by which the proxy knows what to do to
# it. All go from the same old content to the same new one.

# export_names CONTENT NAME [ADDRESS]
export_names() {
    "$exporter" -i -L "a=$1" $one/stages "v1=${3:-$two}/$2:1" "v1=${3:-$two}/$2:latest,latest"
}

# names_of NAME: what stands there under the full name, and under the moving one.
names_of() {
    "$exporter" -m check -L a=new $one/stages "v1=$two/$1:1" "v1=$two/$1:latest,latest" | awk -v n="$two/" 'index($1, n) == 1 { print $3 }'
}

# whole NAME: each name holds the old or the new digest; latest is never ahead of the full name.
whole() {
    local found
    mapfile -t found < <(names_of "$1")
    [ "${found[0]}" = "$old" ] || [ "${found[0]}" = "$new" ]
    [ "${found[1]}" = "$old" ] || [ "${found[0]}" = "$new" ]
}

# finished NAME: another run completes, and both names are new.
finished() {
    export_names new "$1"
    [ "$(names_of "$1" | sort -u)" = "$new" ]
}

killed_export() {
    export_names old "$1" >/dev/null
    kill_when_it_hangs "$1" "$exporter" -i -L a=new $one/stages "v1=$proxied/$1:1" "v1=$proxied/$1:latest,latest"
    whole "$1"
    finished "$1"
}

faulty_export() {
    local status=0
    export_names old "$1" >/dev/null
    timeout 60 "$exporter" -i -L a=new $one/stages "v1=$proxied/$1:1" "v1=$proxied/$1:latest,latest" || status=$?
    whole "$1"
    [ "$status" != 0 ] || [ "$(names_of "$1" | sort -u)" = "$new" ]
    finished "$1"
}

# How many requests an export makes of its target; also sets the digests of both contents.
measure() {
    old=$(content_digest old) new=$(content_digest new)
    export_names old measure >/dev/null
    start_proxy "$two"
    export_names new measure "$proxied" >/dev/null
    stop_proxy
    total=$(wc -l <"$top/proxy.log")
    [ "$total" -ge 5 ]
}

@test "killed at any request: old names or new ones, and the next run finishes" {
    measure
    sweep killed_export "$two" "$total" hang
    each_met "$total" 0
}

@test "one fault at any request: success, or old names and a second run that finishes" {
    measure
    sweep faulty_export "$two" "$total" status:500 lose reset@10
    each_met "$total" 500
}
