# SPDX-License-Identifier: Apache-2.0
# labels: registry builder
# Before a build: may we write everywhere, and are the names free?

load helper

setup() {
    own_registry
    mkdir -p "$top/locked"
    open_pid=$registry_pid
    htpasswd -Bbn shop secret >"$top/htpasswd"
    start_registry "$top/locked" "auth: {htpasswd: {realm: test, path: $top/htpasswd}}"
    locked=127.0.0.1:$registry_port
    prepare "$host/shop/stages" "$host/shop/release"
}

teardown() {
    stop_registry
    [ -z "${open_pid:-}" ] || kill "$open_pid"
}

requests() {
    grep -cE "\"($1)" "$top/registry/log" || true
}

@test "what is refused is told together before anything is built" {
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1" \
        --tag "$locked/one/%image%:v1" --tag "oci:/proc/version/x:v1" api
    [ "$status" -eq 7 ]
    has "2 destinations cannot be written to"
    has "$locked/one/api: cannot write there: the registry answered 401"
    has "asked for repository:one/api:push,pull"
    has "docker login $locked"
    has "/proc/version"
    lacks "building"
    # The uploads that were started to see whether we may are cancelled.
    [ "$(requests 'POST ')" -eq 2 ]
    [ "$(requests 'DELETE /v2/.*/blobs/uploads')" -eq 2 ]
    [ "$(requests 'PUT |PATCH ')" -eq 0 ]
    [ ! -e "$top/containers/graph/vfs-images/images.json" ]
}

@test "a host that is not there: each of its repositories is told by its name" {
    run slipway export --insecure-registry --repo "$stages" --tag "127.0.0.1:1/x/%image%:v1"
    [ "$status" -eq 75 ]
    has "127.0.0.1:1/x/api: cannot write there: "
    has "127.0.0.1:1/x/web: cannot write there: "
}

@test "advice that is the same for several failures is given once" {
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v1"
    slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:v2" --add-label a=b
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules: [{name: r, match: {tags: "v*"}, to: ["$release/%image%:%tag%"]}]
END
    git commit -qam rules
    git tag v1
    run slipway run --insecure-registry --ref v1 -Z
    [ "$status" -eq 8 ]
    [ "$(grep -c 'is there already with another content' <<<"$output")" -eq 2 ]
    [ "$(grep -c 'hint: choose another name' <<<"$output")" -eq 1 ]
}

@test "--no-preflight finds out the hard way" {
    run slipway export --no-preflight --insecure-registry --repo "$stages" \
        --tag "$release/%image%:v1" --tag "$locked/one/%image%:v1" api
    [ "$status" -eq 7 ]
    has "$locked/one/api"
    [ "$(requests 'PUT /v2/shop/stages/manifests')" -eq 1 ]
    [ "$(requests 'PUT /v2/shop/release')" -le 1 ]
}

@test "a name that must stay and whose image would have to be built is told before the build" {
    slipway export --insecure-registry --repo "$stages" --tag "$release/api:v1.0.0" api
    echo more >>api/server.sh
    git commit -qam more
    git tag v1.0.0
    run slipway run --insecure-registry --ref v1.0.0
    [ "$status" -eq 8 ]
    has "'$release/api:v1.0.0' is there already"
    has "--force-overwrite"
    [ "$(requests 'PUT /v2/shop/stages/manifests')" -eq 1 ]
}

@test "the question costs no request where something is written" {
    slipway export --insecure-registry --repo "$stages" --tag "$host/first:v1" api
    : >"$top/registry/log"
    slipway export --insecure-registry --repo "$stages" --tag "$host/asked:v1" api
    with=$(requests '[A-Z]+ /v2')
    : >"$top/registry/log"
    slipway export --no-preflight --insecure-registry --repo "$stages" --tag "$host/unasked:v1" api
    [ "$with" -eq "$(requests '[A-Z]+ /v2')" ]
    : >"$top/registry/log"
    slipway export --insecure-registry --repo "$stages" --tag "$host/asked:v1" api
    [ "$(requests 'POST |DELETE |PUT ')" -eq 0 ]
}
