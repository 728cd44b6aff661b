# SPDX-License-Identifier: Apache-2.0
# labels: registry
# How many requests an export makes (the same numbers as the aims of the benchmark). Nothing is
# built: the stages are made up.

setup_file() {
    load helper
    install_slipway
}

setup() {
    load helper
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    top=$BATS_TEST_TMPDIR
    isolate "$top"
    start_registry "$top/registry"
    host=127.0.0.1:$registry_port
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
