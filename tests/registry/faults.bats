# SPDX-License-Identifier: Apache-2.0
# Copies between two registries with a proxy that does harm in front of one of them: what can
# succeed does, what cannot fails soon, says where, and leaves no name behind.
# shellcheck shell=bash

load helper

setup() {
    need "${REGISTRY:-docker-registry}"
    make_image "$top/image" 4 1500000
    start_registry a
    start_registry b
    "$tool" "oci:$top/image:v1" "$a/one:v1"
}

teardown() {
    end_all
}

# through source|target RULES...: copy with the proxy on that side, to a name that is not there yet.
through() {
    local side=$1
    shift
    if [ "${REGISTRY:-}" = ggcr-registry ] && [ -n "${count:-}" ]; then
        stop_registry b # its blobs belong to all repositories: there would be nothing to send
        start_registry b
    fi
    count=$((${count:-0} + 1))
    if [ "$side" = source ]; then
        start_proxy "$a" "$@"
        run timeout 60 "$tool" -i "$proxied/one:v1" "$b/copy$count:v1"
    else
        start_proxy "$b" "$@"
        run timeout 60 "$tool" -i "$a/one:v1" "$proxied/copy$count:v1"
    fi
    stop_proxy
    echo "$side $*: $output"
}

arrived() {
    [ "$status" = 0 ]
    run "$tool" "$b/copy$count:v1" "oci:$top/back$count:v1"
    [ "$output" = "$(cat "$top/image.digest") written" ]
    rm -rf "$top/back$count"
}

# failed STATUS TEXT: so it ended, with host and reason, and no name was written.
failed() {
    [ "$status" = "$1" ]
    has "$2"
    has "$proxied"
    run "$tool" -l "$b/copy$count"
    [ "$output" = "" ]
}

@test "uploads: reset, refused, lost answers" {
    through target 'PATCH#2=reset@1000000'
    arrived
    through target 'PATCH#2=reset@1000000' 'PATCH#3=reset@500000' 'PATCH#4=reset@1000'
    arrived
    # Not from the start: the registry is asked how far it got.
    grep -q 'GET /v2/[^ ]*/blobs/uploads/' "$top/proxy.log" || [ "${REGISTRY:-}" = ggcr-registry ]
    through target 'POST#1=status:500'
    arrived
    through target 'PATCH#1=status:500'
    arrived
    through target 'PATCH#1=early:503'
    arrived
    through target 'PATCH#1=lose'
    arrived
    through target 'PUT~uploads#1=lose'
    arrived
    through target 'PUT~uploads#1=status:404'
    arrived
    through target 'PATCH=status:405'
    arrived
    # Too large for a proxy on the way: this one, and what follows, in parts.
    through target 'PATCH#1=early:413'
    arrived
    [ "$(grep -c 'PATCH .* 202' "$top/proxy.log")" -ge 5 ] || [ "${REGISTRY:-}" = ggcr-registry ]
    through target 'PATCH#1=early:413' 'PATCH#4=reset@100000'
    arrived
    through target 'PATCH=reset@1000'
    failed 75 'cannot write blob sha256:'
}

@test "downloads: cut, refused, damaged" {
    through source 'GET~blobs#1=cut@1000000'
    arrived
    through source 'GET~blobs#1=cut@1000000' 'GET~blobs#2=cut@10' 'GET~blobs#6=cut@300000'
    arrived
    through source 'GET~blobs#1=status:500'
    arrived
    through source 'GET~blobs#1=flip@700000'
    arrived
    through source 'GET~blobs=cut@1000'
    failed 75 'cannot read blob sha256:'
    through source 'GET~blobs=flip@700000'
    failed 6 'has other content'
}

@test "names: refused once, lost, cut" {
    through target 'PUT~manifests#1=status:503'
    arrived
    through target 'PUT~manifests#1=lose'
    arrived
    through target 'PUT~manifests#1=reset@50'
    arrived
    through target 'PUT~manifests#1=status:404'
    arrived
    through target 'PUT~manifests=status:400'
    failed 6 "cannot write manifest 'v1'"
}

@test "a registry that asks for patience gets it, up to a bound" {
    through target 'POST#1=status:429:1'
    arrived
    through source 'GET~blobs#1=status:429:1'
    arrived
    through target 'PATCH#1=status:429:1'
    arrived
    through target 'POST=status:429:3600'
    failed 75 'asks to wait for 3600 s'
    [ "$(wc -l <"$top/proxy.log")" -lt 20 ] # it is not asked again and again
}

@test "a storm of refusals in the middle of a copy is waited out, without more of them" {
    local n storm=()
    for n in $(seq 6 17); do storm+=("$n=status:429:1"); done
    through target "${storm[@]}"
    arrived
    [ "$(grep -c ' 429$' "$top/proxy.log")" = 12 ]
    [ "$(wc -l <"$top/proxy.log")" -le 60 ]
    through source '3=status:429:1' '4=status:429:1' '5=status:429:1' '6=status:429:1'
    arrived
    through target 'PATCH=status:429:1' # it does not end
    failed 75 'answered 429'
    [ "$(grep -c ' 429$' "$top/proxy.log")" -le 24 ] # six attempts for each layer
}

@test "tokens that die young are renewed, in the middle of a body too" {
    through target -t svc:0:0
    arrived
    through target -t svc:0:12
    arrived
    through target -t svc:0:5
    arrived
    through target -t svc:0.3:0
    arrived
    through source -t svc:0:5
    arrived
    through target -t svc:0.000001:0 # dead before anybody can use it
    failed 7 'answered 401'
}

@test "a wrong digest in a header is told, and the right one is used" {
    through source "GET~manifests=header:Docker-Content-Digest:sha256:$(printf '0%.0s' $(seq 64))"
    has "the registry says"
    arrived
}

@test "mounts that fail become uploads" {
    start_proxy "$a" 'POST~mount=status:500'
    "$tool" -i "$proxied/one:v1" "$proxied/two:v1"
    stop_proxy
    start_proxy "$a" 'POST~mount=status:405'
    "$tool" -i "$proxied/one:v1" "$proxied/three:v1"
}
