# SPDX-License-Identifier: Apache-2.0
# labels: registry
# What a registry may hold or be that cannot be exported: one error, its exit code, and no name.

load helper

setup() {
    own_registry
    isolate "$top"
    stages=$host/shop/stages
    data=$top/registry/data/docker/registry/v2
    git init -q "$top/work"
    cd "$top/work"
    printf 'configVersion: 1\nproject: shop\n---\nimage: api\ndockerfile: Dockerfile\n' >werf.yaml
    printf 'FROM scratch\nCOPY Dockerfile /\n' >Dockerfile
    git add -A
    git commit -qm images
    tag=$(slipway tags | awk '{ print $2 "-1700000000000" }')
    "$SLIPWAY_BUILD/tests/registry/make_images" -i "$stages" "$tag"
}

teardown() {
    stop_registry
}

# plant FILE: its bytes become the manifest under the stage's tag, as the registry's disk has it.
plant() {
    local d
    d=$(sha256sum "$1" | cut -d' ' -f1)
    mkdir -p "$data/blobs/sha256/${d:0:2}/$d" "$data/repositories/shop/stages/_manifests/revisions/sha256/$d"
    cp "$1" "$data/blobs/sha256/${d:0:2}/$d/data"
    printf 'sha256:%s' "$d" >"$data/repositories/shop/stages/_manifests/revisions/sha256/$d/link"
    printf 'sha256:%s' "$d" >"$data/repositories/shop/stages/_manifests/tags/$tag/current/link"
}

manifest_file() {
    local d
    d=$(cut -d: -f2 "$data/repositories/shop/stages/_manifests/tags/$tag/current/link")
    echo "$data/blobs/sha256/${d:0:2}/$d/data"
}

# refused EXIT TEXT [ARGUMENT...]: so an export ends; nothing stands at the destination.
refused() {
    local code=$1 text=$2
    shift 2
    run slipway export -Z --insecure-registry --repo "$stages" --tag "$host/shop/out:v1" "$@"
    echo "$output"
    [ "$status" -eq "$code" ]
    has "$text"
    [ "$(grep -c '^error: ' <<<"$output")" -eq 1 ]
    [ ! -e "$data/repositories/shop/out/_manifests" ]
}

@test "a manifest that is none, of an unknown type, or too large" {
    cp "$(manifest_file)" "$top/good"
    sed 's/"mediaType":"[^"]*manifest.v2+json"/"mediaType":"application\/vnd.example.thing+json"/' "$top/good" >"$top/strange"
    plant "$top/strange"
    refused 75 "$tag" # docker-registry answers 500
    has "cannot read manifest"
    head -c 5000000 /dev/zero | tr '\0' ' ' | cat "$top/good" - >"$top/large"
    plant "$top/large"
    refused 75 "cannot read manifest" # the same: it does not read it either
}

@test "bytes that are not what their digest says" {
    config=$(grep -o '"config":{[^}]*' "$(manifest_file)" | grep -o '[0-9a-f]\{64\}')
    printf x >>"$data/blobs/sha256/${config:0:2}/$config/data"
    run slipway export -Z --insecure-registry --repo "$stages" --tag "$host/shop/out:v1"
    echo "$output"
    [ "$status" -ne 0 ]
    has "$tag"
    [ ! -e "$data/repositories/shop/out/_manifests" ]
}

@test "a layer that is not what its digest says does not get a name elsewhere" {
    layer=$(grep -o '"layers":.*' "$(manifest_file)" | grep -o '[0-9a-f]\{64\}' | head -n 1)
    printf x | dd of="$data/blobs/sha256/${layer:0:2}/$layer/data" conv=notrunc status=none
    run slipway export -Z --insecure-registry --repo "$stages" --tag "oci:$top/out:v1"
    echo "$output"
    [ "$status" -eq 6 ]
    has "$layer"
    has "has other content"
    [ "$(layout_names "$top/out")" = "" ]
    [ "$(find "$top/out" -name '*tmp*' -o -name '*.new' | wc -l)" -eq 0 ]
}

@test "an unknown platform, a wrong host, a wrong name" {
    refused 5 "is not built" --platform linux/riscv64
    run slipway export -Z --insecure-registry --repo "$stages" --tag "$host/shop/out:v1" --platform linux/amd64/v8/x
    echo "$output"
    [ "$status" -ne 0 ]
    has "linux/amd64/v8/x"
    run slipway export -Z --insecure-registry --repo "$stages" --tag "no-such-host.invalid/shop/out:v1"
    [ "$status" -eq 75 ]
    has no-such-host.invalid
    run slipway export -Z --insecure-registry --repo "$stages" --tag "$host/SHOP/out:v1"
    [ "$status" -ne 0 ]
    has SHOP
}

@test "without libcurl nothing that needs no host fails, the rest says so" {
    soname=$SLIPWAY_BUILD/core/net/libcurl.soname
    [ -s "$soname" ] || skip "libcurl is linked, not loaded"
    mkdir "$top/broken"
    echo 'no library' >"$top/broken/$(cat "$soname")"
    export LD_LIBRARY_PATH=$top/broken
    slipway tags
    refused 1 'libcurl cannot be loaded: '
}
