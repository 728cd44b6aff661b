# SPDX-License-Identifier: Apache-2.0
# Exports between registries and layouts, and what is left behind when one is cut short.
# shellcheck shell=bash

load helper

setup() {
    start_two_with_a_stage
    "$tool" "oci:$top/image:v1" "oci:$top/stages:v1" >/dev/null
}

teardown() {
    end_all
}

digest_at() {
    "$exporter" -m check $one/stages "v1=$1" | awk '{ print $2, $3; exit }'
}

@test "from and to registries and layouts: the same bytes everywhere" {
    local from to digests="" n=0
    for from in $one/stages "oci:$top/stages"; do
        for to in $one/stages $one/other $two/app "oci:$top/out$n" "oci:$top/stages"; do
            n=$((n + 1))
            run "$exporter" "$from" "v1=$to:rel-$n" "v1=$to:rel-$n-latest,latest"
            echo "$from -> $to: $output"
            [ "$status" = 0 ]
            [ "$(grep -c ' written ' <<<"$output")" = 2 ]
            digests="$digests$(cut -d' ' -f3 <<<"$output")"$'\n'
            run "$exporter" "$from" "v1=$to:rel-$n"
            has ' unchanged '
        done
    done
    [ "$(sort -u <<<"$digests" | grep -c .)" = 1 ]
}

@test "layouts that were exported to are readable by skopeo" {
    need skopeo
    run "$exporter" $one/stages "v1=oci:$top/out:1.0" "v1=oci:$top/out:latest,latest"
    [ "$status" = 0 ]
    run skopeo inspect "oci:$top/out:1.0"
    echo "$output"
    [ "$status" = 0 ]
    has "$(digest_at "oci:$top/out:1.0" | cut -d' ' -f2)"
    run skopeo copy --quiet "oci:$top/out:latest" "dir:$top/copy"
    echo "$output"
    [ "$status" = 0 ]
}

@test "a layout that two wrote at once is whole, and crane pushes it with the same digest" {
    need crane
    local i pid
    for i in 1 2 3; do "$exporter" $one/stages "v1=oci:$top/out:1.0"; done >/dev/null 2>&1 3>&- &
    pid=$!
    for i in 1 2 3; do "$exporter" -L a=b $one/stages "v1=oci:$top/out:1.0"; done
    wait $pid
    run "$exporter" $one/stages "v1=oci:$top/out:1.0"
    [ "$status" = 0 ]
    [ "$(find "$top/out" -mindepth 1 -maxdepth 1 ! -name '.*' | wc -l)" = 3 ] # nothing half-written is left
    crane push --insecure "$top/out" $two/pushed:1
    [ "$(crane digest --insecure $two/pushed:1)" = "$(digest_at "oci:$top/out:1.0" | cut -d' ' -f2)" ]
}

# read_all_the_time REFERENCE: until $top/stop is there; what could not be read whole is in $top/broken.
read_all_the_time() {
    while [ ! -e "$top/stop" ]; do
        skopeo copy --quiet "$1" "dir:$top/read" 2>>"$top/broken" || true
        rm -rf "$top/read"
        echo >>"$top/reads"
    done
}

@test "two exports into one layout at once, twenty times: no name is lost, and readers read whole images" {
    need skopeo
    local n reader first
    "$exporter" -L a=0 $one/stages "v1=oci:$top/out:same" >/dev/null
    read_all_the_time "oci:$top/out:same" 3>&- &
    reader=$!
    for n in $(seq 20); do
        "$exporter" -L "a=x$n" $one/stages "v1=oci:$top/out:x-$n" "v1=oci:$top/out:same" >"$top/x.out" 3>&- &
        first=$!
        "$exporter" -L "a=y$n" $one/stages "v1=oci:$top/out:y-$n" "v1=oci:$top/out:same" >"$top/y.out"
        wait $first
    done
    touch "$top/stop"
    wait $reader
    [ "$(wc -l <"$top/reads")" -ge 5 ]
    [ ! -s "$top/broken" ] || { cat "$top/broken" && return 1; }
    for n in $(seq 20); do
        for first in x y; do
            run skopeo inspect --format '{{.Digest}}' "oci:$top/out:$first-$n"
            [ "$output" = "$(content_digest "$first$n")" ]
        done
    done
    run skopeo inspect --format '{{.Digest}}' "oci:$top/out:same"
    [ "$output" = "$(content_digest x20)" ] || [ "$output" = "$(content_digest y20)" ]
    [ -z "$(find "$top/out" -name 'tmp-*')" ]
}

@test "archives: readable by skopeo, and those of skopeo take more names" {
    need skopeo
    run "$exporter" $one/stages "v1=oci-archive:$top/out.tar:1.0"
    echo "$output"
    [ "$status" = 0 ]
    run skopeo inspect "oci-archive:$top/out.tar:1.0"
    [ "$status" = 0 ]
    has "$(digest_at "oci-archive:$top/out.tar:1.0" | cut -d' ' -f2)"
    skopeo copy --quiet "oci:$top/image:v1" "oci-archive:$top/theirs.tar:base"
    run "$exporter" $one/stages "v1=oci-archive:$top/theirs.tar:1.0"
    echo "$output"
    [ "$status" = 0 ]
    run skopeo inspect "oci-archive:$top/theirs.tar:base"
    [ "$status" = 0 ]
    run skopeo inspect "oci-archive:$top/theirs.tar:1.0"
    [ "$status" = 0 ]
    [ "$(find "$top" -maxdepth 1 -name '*.tar.*' | wc -l)" = 0 ]
}

@test "inside one registry no layer moves, and nothing at all when it is there" {
    : >"$top/one.log"
    run "$exporter" $one/stages "v1=$one/app:1"
    [ "$status" = 0 ]
    [ "$(requests one 'POST /v2/app/blobs/uploads/.*mount=')" = 3 ]
    [ "$(requests one 'PUT /v2/app/blobs/uploads/')" -le 1 ]
    [ "$(requests one '(GET|HEAD|POST|PUT|PATCH) /v2/')" -le 9 ]
    : >"$top/one.log"
    run "$exporter" $one/stages "v1=$one/app:1"
    [ "$status" = 0 ]
    [ "$(requests one '[A-Z]+ /v2/')" = 3 ]
}

# layer_reads: how often layers are read out of the stage repository; each layer of the image counts.
layer_reads() {
    local layer n=0
    for layer in $(grep -ao '"size":[0-9]*,"digest":"sha256:[0-9a-f]*"' "$top/$1"/blobs/sha256/* | grep -v '"size":[0-9]\{1,4\},' | grep -o 'sha256:[0-9a-f]*' | sort -u); do
        n=$((n + $(requests one "GET /v2/stages/blobs/$layer")))
    done
    echo $n
}

# big_stage: four layers that are streamed, under the name big.
big_stage() {
    make_image "$top/big" 4 1500000
    "$tool" "oci:$top/big:v1" $one/stages:big >/dev/null
    : >"$top/one.log"
}

@test "two and three registries: each layer is read once" {
    start_registry three
    start_registry four
    local n=0 to
    big_stage
    for to in "big=$two/aa:1 big=$three/aa:1" "big=$two/bb:1 big=$three/bb:1 big=$four/bb:1 big=$two/b2:1"; do
        : >"$top/one.log"
        # shellcheck disable=SC2086
        run "$exporter" -L "n=$to" $one/stages $to
        echo "$output"
        [ "$status" = 0 ]
        [ "$(layer_reads big)" = 4 ]
        rm -rf "$top/two/docker" "$top/three/docker" # nothing is there for the next one
        : >"$top/one.log"
        # shellcheck disable=SC2086
        run "$exporter" $one/stages ${to//big=/v1=} # small layers are kept, not streamed
        echo "$output"
        [ "$status" = 0 ]
        [ "$(layer_reads image)" = 3 ]
        rm -rf "$top/two/docker" "$top/three/docker"
    done
    # One that has it already reads nothing, and the others need not wait for it.
    : >"$top/one.log"
    run "$exporter" $one/stages "big=$four/bb:3" "big=$two/bb:3"
    [ "$status" = 0 ]
    [ "$(layer_reads big)" = 4 ]
}

# both_whole NAME: in both registries there is what was exported.
both_whole() {
    "$exporter" $two/"$1" "1=oci:$top/$1-2:1" >/dev/null
    "$exporter" $three/"$1" "1=oci:$top/$1-3:1" >/dev/null
}

@test "two registries, one of which breaks: the other one gets all, the broken one goes on alone" {
    start_registry three
    big_stage
    local fault n=0 most
    for fault in 'PATCH#1=reset@700000' 'PATCH=reset@700000' 'PATCH#2=early:503' 'POST#2=status:429:1' 'PATCH#1=lose'; do
        n=$((n + 1))
        rm -rf "$top/two/docker" "$top/three/docker"
        : >"$top/one.log"
        start_proxy "$three" "$fault"
        run "$exporter" -i $one/stages "big=$two/f$n:1" "big=$proxied/f$n:1,mirror"
        stop_proxy
        echo "$fault: $(layer_reads big) reads: $output"
        [ "$status" = 0 ]
        has "$two/f$n:1 written"
        if [ "$fault" = 'PATCH=reset@700000' ]; then
            [ "$(layer_reads big)" -gt 4 ]
            has "$proxied/f$n:1 failed"
            "$exporter" $two/"f$n" "1=oci:$top/f$n:1" >/dev/null
            continue
        fi
        most=5 # the broken one once more
        [[ "$fault" != POST* ]] || most=4
        [ "$(layer_reads big)" -le $most ]
        has "$proxied/f$n:1 written"
        both_whole "f$n"
    done
    # A source that breaks is gone on with for both.
    rm -rf "$top/two/docker" "$top/three/docker"
    start_proxy "$one" 'GET~blobs/sha256#3=cut@1000000'
    run "$exporter" -i $proxied/stages "big=$two/ss:1" "big=$three/ss:1"
    stop_proxy
    echo "$output"
    [ "$status" = 0 ]
    cat "$top/proxy.log"
    [ "$(grep -c 'GET /v2/stages/blobs' "$top/proxy.log")" = 7 ] # with the config for each, and one rest
    both_whole ss
}

@test "two registries, one of which stands still: the other one does not wait for long" {
    start_registry three
    make_image "$top/big" 2 16000000 # more than sockets hold
    "$tool" "oci:$top/big:v1" $one/stages:big >/dev/null
    : >"$top/one.log"
    start_proxy "$three" "PATCH#1=until:$top/go"
    "$exporter" -i $one/stages "big=$two/app:1" "big=$proxied/app:1" >"$top/out.txt" 2>&1 3>&- &
    local pid=$!
    for _ in $(seq 3000); do [ "$(requests two 'PUT /v2/app/blobs/uploads')" -ge 3 ] && break; sleep 0.02; done
    [ "$(requests two 'PUT /v2/app/blobs/uploads')" -ge 3 ]
    touch "$top/go"
    wait $pid
    stop_proxy
    [ "$(layer_reads big)" = 3 ] # the one that stood still goes on by itself
    both_whole app
}

@test "tiny layers: no question before they are sent, and none is sent that is there" {
    make_image "$top/tiny" 5 4000
    "$tool" "oci:$top/tiny:v1" $one/stages:tiny >/dev/null
    : >"$top/two.log"
    run "$exporter" $one/stages "tiny=$two/app:1"
    [ "$status" = 0 ]
    [ "$(requests two 'HEAD /v2/app/blobs')" = 0 ]
    [ "$(requests two '[A-Z]+ /v2/')" = 15 ] # name, may we, config, 5 layers of two each, name, manifest
    : >"$top/two.log"
    : >"$top/one.log"
    run "$exporter" -L a=b $one/stages "tiny=$two/app:2"
    [ "$status" = 0 ]
    [ "$(requests two 'POST /v2/app/blobs/uploads/[^ ]*mount=')" = 5 ]
    [ "$(requests two 'PUT /v2/app/blobs')" = 1 ]
    [ "$(requests one 'GET /v2/stages/blobs')" = 1 ] # the config
    # Where that is not known, there is a question.
    start_proxy "$two" 'POST~mount=status:405'
    run "$exporter" -i -L a=c $one/stages "tiny=$proxied/app:3"
    stop_proxy
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c 'HEAD /v2/app/blobs' "$top/proxy.log")" = 5 ]
    [ "$(grep -c 'PUT /v2/app/blobs' "$top/proxy.log")" = 1 ]
}

@test "policies: an immutable name stays, a moving one moves" {
    "$exporter" $one/stages "v1=$two/app:1" >/dev/null
    run "$exporter" -p fail -L a=1 $one/stages "v1=$two/app:1" "v1=$two/app:2"
    echo "$output"
    [ "$status" = 8 ]
    has "$two/app:1 failed"
    has "$two/app:2 not-attempted"
    [ "$(digest_at $two/app:2 | cut -d' ' -f1)" = missing ]
    run "$exporter" -p exists -L a=1 $one/stages "v1=$two/app:1"
    [ "$status" = 0 ]
    has ' skipped '
    run "$exporter" -L a=1 $one/stages "v1=$two/app:1"
    has ' moved '
}

@test "a name that comes to be while content moves is seen before it would be overwritten" {
    start_proxy "$two" "PUT~uploads#1=until:$top/go"
    "$exporter" -i -p fail $one/stages "v1=$proxied/app:1" >"$top/out.txt" 2>&1 3>&- &
    local pid=$!
    for _ in $(seq 3000); do grep -q "PUT .*uploads" "$top/proxy.log" && break; sleep 0.02; done
    "$exporter" -L a=other $one/stages "v1=$two/app:1" >/dev/null
    other=$(digest_at $two/app:1)
    touch "$top/go"
    status=0
    wait $pid || status=$?
    cat "$top/out.txt"
    [ "$status" = 8 ]
    grep -q "is there already with another content" "$top/out.txt"
    [ "$(digest_at $two/app:1)" = "$other" ]
}

@test "a registry that lacks what it said to have gets it once more" {
    start_proxy "$two" 'HEAD~blobs=status:200'
    run "$exporter" -i $one/stages "v1=$proxied/app:1"
    stop_proxy
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c "PUT .*uploads" "$top/proxy.log")" = 4 ]
    [ "$(grep -c 'PUT /v2/app/manifests' "$top/proxy.log")" = 2 ]
    "$exporter" $two/app "1=oci:$top/back:1"

    # Inside one registry: a mount that was none, and layers that are not where the stage is.
    start_proxy "$one" 'POST~mount=status:201'
    run "$exporter" -i $proxied/stages "v1=$proxied/app:1"
    stop_proxy
    echo "$output"
    [ "$status" = 0 ]
    "$exporter" $one/app "1=oci:$top/back2:1"

    # An endless liar: an error, and no name.
    start_proxy "$two" 'PUT~manifests=status:400:0:MANIFEST_BLOB_UNKNOWN'
    run "$exporter" -i -L a=b $one/stages "v1=$proxied/app:2"
    stop_proxy
    [ "$status" = 6 ]
    has MANIFEST_BLOB_UNKNOWN
    [ "$(digest_at $two/app:2)" = "missing " ]
    [ "$(grep -c 'PUT /v2/app/manifests' "$top/proxy.log")" = 2 ]
}

# make_index LAYOUT: an index named v1 over two platforms.
make_index() {
    local dir=$1 arch digest size entries=""
    mkdir -p "$dir/blobs/sha256"
    echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
    for arch in amd64 arm64; do
        make_image "$dir.$arch" 2 5000 "$arch"
        cp -n "$dir.$arch"/blobs/sha256/* "$dir/blobs/sha256/"
        digest=$(cat "$dir.$arch.digest")
        size=$(stat -c %s "$dir/blobs/sha256/${digest#sha256:}")
        entries="$entries${entries:+,}{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":$size,\"digest\":\"$digest\",\"platform\":{\"architecture\":\"$arch\",\"os\":\"linux\"}}"
    done
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' "$entries" >"$dir/new"
    size=$(stat -c %s "$dir/new")
    digest=$(add_blob "$dir" "$dir/new")
    printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","size":%s,"digest":"%s","annotations":{"org.opencontainers.image.ref.name":"v1"}}]}' "$size" "$digest" >"$dir/index.json"
}

@test "several platforms: the index and its images, inside one registry, between two, and again" {
    need skopeo
    make_index "$top/multi"
    local format to
    for format in oci v2s2; do
        skopeo copy --quiet --all --format $format --dest-tls-verify=false "oci:$top/multi:v1" "docker://$one/stages:$format"
        for to in $one/many-$format $two/many-$format "oci:$top/many-$format"; do
            run "$exporter" $one/stages "$format=$to:1" "$format=$to:latest,latest"
            echo "$to: $output"
            [ "$status" = 0 ]
            [ "$(grep -c ' written ' <<<"$output")" = 2 ]
            run "$exporter" $one/stages "$format=$to:1" "$format=$to:latest,latest"
            [ "$(grep -c ' unchanged ' <<<"$output")" = 2 ]
        done
        # The same bytes everywhere, and whole for others.
        [ "$(for to in $one/many-$format $two/many-$format "oci:$top/many-$format"; do "$exporter" $one/stages "$format=$to:1" | cut -d' ' -f3; done | sort -u | wc -l)" = 1 ]
        skopeo copy --quiet --all --src-tls-verify=false "docker://$two/many-$format:1" "dir:$top/copy-$format"
        [ "$(find "$top/copy-$format" -name '*.manifest.json' | wc -l)" = 2 ]
    done
    # Inside one registry no layer moves; the images are there before the index that names them.
    : >"$top/one.log"
    "$exporter" $one/stages oci=$one/fresh:1 >/dev/null
    [ "$(requests one 'POST /v2/fresh/blobs/uploads/.*mount=')" -ge 4 ]
    [ "$(requests one 'PUT /v2/fresh/blobs/uploads/')" -le 2 ]
    run grep -aoE 'PUT /v2/fresh/manifests/[^ ]+' "$top/one.log"
    echo "$output"
    [[ "$output" == *sha*sha* && "$(tail -n 1 <<<"$output")" != *sha* ]]
    : >"$top/one.log"
    "$exporter" $one/stages oci=$one/fresh:1 >/dev/null
    [ "$(requests one '(PUT|POST|PATCH) ')" = 0 ]
}

@test "a comparison tells labels that differ" {
    "$exporter" -L a=1 $one/stages "v1=$two/app:1" >/dev/null
    run "$exporter" -m check -L a=2 $one/stages "v1=$two/app:1" "v1=$two/app:2"
    echo "$output"
    [ "$status" = 0 ]
    has "$two/app:1 differs"
    has 'config.config.Labels.a: "1" -> "2"'
    has "$two/app:2 missing"
}

@test "names are written after an upload by another process" {
    run "$exporter" -m upload $one/stages "v1=$two/app:1" "v1=oci:$top/out:1"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c ' uploaded ' <<<"$output")" = 2 ]
    [ "$(digest_at $two/app:1)" = "missing " ]
    : >"$top/two.log"
    run "$exporter" -m names $one/stages "v1=$two/app:1" "v1=oci:$top/out:1"
    [ "$status" = 0 ]
    [ "$(grep -c ' written ' <<<"$output")" = 2 ]
    [ "$(requests two '(POST|PATCH) /v2/')" = 0 ]
}

@test "a stage that is gone is an error that says so" {
    run "$exporter" $one/stages "v9=$two/app:1"
    [ "$status" = 5 ]
    has 'not there'
}

@test "a stage that lacks a layer is an error that says which, and what to do" {
    local layer to
    layer=$(grep -ao '"size":100000,"digest":"sha256:[0-9a-f]*"' "$top/one/docker/registry/v2/blobs/sha256"/*/*/data | grep -ao 'sha256:[0-9a-f]*' | head -n 1)
    rm "$top/one/docker/registry/v2/blobs/sha256/${layer:7:2}/${layer#sha256:}/data"
    for to in $two/app $one/app $one/stages "oci:$top/out"; do
        run "$exporter" $one/stages "v1=$to:rel-1"
        echo "$output"
        [ "$status" = 6 ]
        has "image 'v1': the stage $one/stages@sha256:"
        has "is damaged: '$one/stages' does not have its layer $layer"
        has 'hint: remove '
        [ "$(digest_at "$to:rel-1")" = "missing " ]
    done
}

@test "a required destination that is down keeps all names from being written" {
    run "$exporter" $one/stages "v1=$one/app:1" "v1=127.0.0.1:9/app:1"
    echo "$output"
    [ "$status" = 75 ]
    has "$one/app:1 not-attempted"
    [ "$(digest_at $one/app:1)" = "missing " ]
    run "$exporter" $one/stages "v1=$one/app:1" "v1=127.0.0.1:9/app:1,mirror"
    [ "$status" = 0 ]
    has "$one/app:1 written"
}

@test "killed while it writes a layout: whole names, and the next run finishes" {
    local n new
    for n in $(seq 12); do
        new=$(content_digest "k$n")
        "$exporter" -L "a=k$n" $one/stages "v1=oci:$top/out:1" >/dev/null 2>&1 3>&- &
        sleep "0.0$((RANDOM % 8))"
        kill -9 $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        run digest_at "oci:$top/out:1"
        echo "run $n: $output"
        [ "$status" = 0 ]
        run "$exporter" -L "a=k$n" $one/stages "v1=oci:$top/out:1"
        [ "$status" = 0 ]
        [ "$(digest_at "oci:$top/out:1" | cut -d' ' -f2)" = "$new" ]
        [ -z "$(find "$top/out" -name 'tmp-*')" ]
    done
}

@test "killed while it writes an archive: the old file, and nothing beside it after the next run" {
    local n old
    mkdir "$top/archives"
    "$exporter" -L a=old $one/stages "v1=oci-archive:$top/archives/a.tar:1" >/dev/null
    old=$(sha256sum <"$top/archives/a.tar")
    for n in $(seq 8); do
        "$exporter" -L "a=k$n" $one/stages "v1=oci-archive:$top/archives/a.tar:1" >/dev/null 2>&1 3>&- &
        sleep "0.0$((RANDOM % 6))"
        kill -9 $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        [ "$(sha256sum <"$top/archives/a.tar")" = "$old" ] || skopeo inspect "oci-archive:$top/archives/a.tar:1" >/dev/null
        old=$(sha256sum <"$top/archives/a.tar")
    done
    "$exporter" -L a=last $one/stages "v1=oci-archive:$top/archives/a.tar:1"
    [ "$(ls "$top/archives")" = a.tar ]
}
