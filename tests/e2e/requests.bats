# SPDX-License-Identifier: Apache-2.0
# labels: registry
# How many requests an export makes (the same numbers as the aims of the benchmark). Nothing is
# built: the stages are made up.

load helper

setup() {
    own_registry
    isolate "$top"
    stages=$host/shop/stages
}

teardown() {
    stop_registry
}

requests() {
    grep -acE "\"($1)" "$top/registry/log" || true
}

# images N LAYERS: a project with N images whose stages have so many layers.
images() {
    local i
    git init -q "$top/work"
    cd "$top/work" || return 1
    {
        printf 'configVersion: 1\nproject: shop\n'
        for i in $(seq "$1"); do printf -- '---\nimage: i%s\ndockerfile: Dockerfile\nargs: {N: "%s"}\n' "$i" "$i"; done
    } >werf.yaml
    printf 'FROM scratch\nARG N\nCOPY Dockerfile /\n' >Dockerfile
    git add -A
    git commit -qm images
    # shellcheck disable=SC2046
    "$SLIPWAY_BUILD/tests/registry/make_images" -i -l "$2" "$stages" $(slipway tags | awk '{ print $2 "-1700000000000" }')
}

export_to() {
    : >"$top/registry/log"
    slipway export -q -Z --insecure-registry --repo "$stages" "$@"
}

@test "a present image: one listing, two GETs, one HEAD per destination" {
    images 1 8
    export_to --tag "$host/a/%image%:v1" --tag "$host/b/%image%:v1"
    export_to --tag "$host/a/%image%:v1" --tag "$host/b/%image%:v1"
    [ "$(requests 'GET /v2/shop/stages/tags/list')" -eq 1 ]
    [ "$(requests 'GET ')" -eq 3 ]
    [ "$(requests 'HEAD ')" -eq 2 ]
    [ "$(requests '[A-Z]+ /')" -eq 5 ]
}

@test "SLIPWAY_TRACE: a line for each request, in a private file or on stderr, without queries" {
    images 1 2
    SLIPWAY_TRACE=$top/trace export_to --tag "$host/a/%image%:v1"
    [ "$(grep -c '^[^ ]* [A-Z]* http' "$top/trace")" -eq "$(requests '[A-Z]+ /')" ]
    [ "$(stat -c %a "$top/trace")" = 600 ]
    grep -q "Z $host/a/i1:v1: written$" "$top/trace"
    grep -q 'Z exit 0$' "$top/trace"
    grep -qE "^20[0-9T:.-]*Z GET http://$host/v2/shop/stages/tags/list(\?\.\.\.)? 200 [0-9]+ ms, 0 sent, [0-9]+ received$" "$top/trace"
    grep -qE " PUT http://$host/v2/a/i1/manifests/v1 201 [0-9]+ ms, [1-9][0-9]* sent, 0 received$" "$top/trace"
    ! grep -qE 'mount=|from=' "$top/trace"
    run env SLIPWAY_TRACE=1 slipway export --insecure-registry --repo "$stages" --tag "$host/a/%image%:v1"
    [ "$status" -eq 0 ]
    has " HEAD http://$host/v2/a/i1/manifests/v1 200 "
    run env SLIPWAY_TRACE=0 slipway export --insecure-registry --repo "$stages" --tag "$host/a/%image%:v1"
    lacks " HEAD "
    # Programs, without what may be a person's.
    SLIPWAY_TRACE=$top/programs slipway doctor >/dev/null || true
    grep -qE '^20[0-9T:.-]*Z run git config -z --list \([0-9]+\)$' "$top/programs"
    grep -qE '^20[0-9T:.-]*Z end git [0-9]+: status 0, [0-9]+ ms$' "$top/programs"
    # A trace that cannot be written is no reason to fail.
    run env SLIPWAY_TRACE=/nowhere/trace slipway export --insecure-registry --repo "$stages" --tag "$host/a/%image%:v1"
    [ "$status" -eq 0 ]
    has "SLIPWAY_TRACE: /nowhere/trace: No such file or directory"
}

@test "inside one registry: layers and seven more" {
    images 1 8
    export_to --tag "$host/a/%image%:v1"
    [ "$(requests 'POST .*mount=')" -eq 8 ]
    [ "$(requests '[A-Z]+ /')" -eq 15 ]
}

@test "a hundred images to three repositories: 1,500 requests at most, and 501 when they are there" {
    images 100 3
    export_to --tag "$host/aa:%image%-v1" --tag "$host/bb:%image%-v1" --tag "$host/cc:%image%-v1"
    first=$(requests '[A-Z]+ /')
    echo "first: $first"
    [ "$first" -le 1500 ]
    export_to --tag "$host/aa:%image%-v1" --tag "$host/bb:%image%-v1" --tag "$host/cc:%image%-v1"
    again=$(requests '[A-Z]+ /')
    echo "again: $again"
    [ "$again" -le 501 ]
}

@test "names at another host are looked at beside the listing, and once" {
    images 1 8
    local there=localhost:${host##*:}
    export_to --tag "$there/a/%image%:v1"
    SLIPWAY_TRACE=$top/trace export_to --tag "$there/a/%image%:v1"
    [ "$(requests '[A-Z]+ /')" -eq 4 ]
    grep http: "$top/trace" | sed -n 1,2p | grep -q " HEAD http://$there/v2/a/i1/manifests/v1 200 "
    # Where the name is part of the stage's digest it is not known yet.
    export_to --tag "$there/a/%image%:%image_content_based_tag%"
    SLIPWAY_TRACE=$top/more export_to --tag "$there/a/%image%:%image_content_based_tag%"
    [ "$(requests '[A-Z]+ /')" -eq 4 ]
    grep http: "$top/more" | sed -n 4p | grep -q " HEAD http://$there/v2/a/i1/manifests/"
}
