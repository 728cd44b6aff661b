# An export into image layouts that is killed before each of its steps on disk: the old names or the
# new ones, readable by others; the next run finishes and leaves nothing of the first one.

load helper

# oci_stage DIR TAG: an image with one layer under the tag of a stage, of OCI's media types: skopeo
# reads no others from a layout.
oci_stage() {
    local dir=$1 tag=$2 file=$BATS_TEST_TMPDIR/blob layer config manifest size oci=application/vnd.oci.image
    mkdir -p "$dir"
    echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
    head -c 300000 /dev/urandom >"$file"
    layer=$(put_blob "$dir" "$file")
    printf '{"architecture":"amd64","os":"linux","config":{"Labels":{"werf":"shop","werf-version":"v2.10.0","werf-stage-content-digest":"%s"}},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
        "${tag%-*}" "$layer" >"$file"
    size=$(wc -c <"$file")
    config=$(put_blob "$dir" "$file")
    printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","size":%d,"digest":"%s"},"layers":[{"mediaType":"%s.layer.v1.tar","size":300000,"digest":"%s"}]}' \
        $oci $oci "$size" "$config" $oci "$layer" >"$file"
    size=$(wc -c <"$file")
    manifest=$(put_blob "$dir" "$file")
    printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.manifest.v1+json","digest":"%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
        $oci "$manifest" "$size" "$tag" >"$dir/index.json"
}

setup_file() {
    install_slipway
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/once
    mkdir "$BATS_TEST_TMPDIR"
    prepare
    oci_stage "$top/stages" "$(slipway tags web | awk '{ print $2 }')-1700000000000"
    for label in old new; do
        slipway export web -Z --repo "$stages" --add-label "a=$label" --tag "oci:$top/$label:v1"
    done
}

setup() {
    ! grep -aq __asan_init "$(command -v slipway)" || skip "a sanitizer has these calls to itself"
    once=$BATS_FILE_TMPDIR/once
    isolate "$BATS_TEST_TMPDIR"
    top=$BATS_TEST_TMPDIR
    cd "$once/work"
    old=$(layout_digest "$once/old" v1)
    new=$(layout_digest "$once/new" v1)
}

export_new() { # TAG...
    local tags=() tag
    for tag; do tags+=(--tag "$tag"); done
    timeout 60 slipway export web -Z --repo "oci:$once/stages" --add-label a=new "${tags[@]}" >"$top/said" 2>&1
}

# killed_at STEP TAG...: false when it came to its end before.
killed_at() {
    local step=$1 status=0
    shift
    DIE_AT="$step" DIE_IN=slipway DIE_WRITES=1 LD_PRELOAD="$SLIPWAY_BUILD/tests/e2e/die_at.so" export_new "$@" || status=$?
    [ "$status" -eq 137 ] || [ "$status" -eq 0 ] || { cat "$top/said" && return 2; }
    [ "$status" -eq 137 ]
}

# digest_of REFERENCE: as skopeo sees it; empty when the name is not there.
digest_of() {
    skopeo inspect --format '{{.Digest}}' "$1" 2>/dev/null || true
}

# whole REFERENCE: everything under the name can be read.
whole() {
    skopeo copy --quiet "$1" "dir:$top/copy"
    rm -r "$top/copy"
}

# is_tidy DIR: nothing half-written, and no blob that neither the old nor the new content has.
is_tidy() {
    [ -z "$(find "$1/.slipway" -mindepth 1 ! -name lock ! -name publish)" ]
    local blob
    for blob in "$1"/blobs/sha256/*; do
        blob=${blob##*/}
        [ -e "$once/old/blobs/sha256/$blob" ] || [ -e "$once/new/blobs/sha256/$blob" ] || {
            echo "whose is $blob?" && return 1
        }
    done
}

@test "into a layout that is there: the old name or the new one, before each step" {
    command -v skopeo >/dev/null || skip "skopeo missing"
    local step found seen=""
    for step in $(seq 300); do
        rm -rf "$top/out"
        cp -a "$once/old" "$top/out"
        killed_at "$step" "oci:$top/out:v1" "oci:$top/out:v2" || break
        found=$(digest_of "oci:$top/out:v1")
        [ "$found" = "$old" ] || [ "$found" = "$new" ]
        whole "oci:$top/out:v1"
        [[ "$seen" == *"$found"* ]] || seen="$seen $found"
        export_new "oci:$top/out:v1" "oci:$top/out:v2"
        [ "$(layout_digest "$top/out" v1) $(layout_digest "$top/out" v2)" = "$new $new" ]
        is_tidy "$top/out"
    done
    echo "$step steps: $seen"
    [ "$step" -gt 8 ]
    [ "$step" -lt 300 ]
    [ "$seen" = " $old $new" ]
}

@test "into a layout that is not there: no name or a whole one, before each step" {
    command -v skopeo >/dev/null || skip "skopeo missing"
    local step found
    for step in $(seq 300); do
        rm -rf "$top/out"
        killed_at "$step" "oci:$top/out:v1" || break
        found=$(digest_of "oci:$top/out:v1")
        [ -z "$found" ] || { [ "$found" = "$new" ] && whole "oci:$top/out:v1"; }
        export_new "oci:$top/out:v1"
        [ "$(digest_of "oci:$top/out:v1")" = "$new" ]
        whole "oci:$top/out:v1"
        is_tidy "$top/out"
    done
    echo "$step steps"
    [ "$step" -gt 15 ]
    [ "$step" -lt 300 ]
}

@test "into an archive: the old file or the new one, before each step" {
    command -v skopeo >/dev/null || skip "skopeo missing"
    local step found before="" seen=""
    mkdir "$top/out"
    skopeo copy --quiet "oci:$once/old:v1" "oci-archive:$top/old.tar:v1"
    before=$(sha256sum <"$top/old.tar")
    for step in $(seq 600); do
        rm -rf "$top"/out/*
        cp "$top/old.tar" "$top/out/a.tar"
        killed_at "$step" "oci-archive:$top/out/a.tar:v1" || break
        if [ "$(sha256sum <"$top/out/a.tar")" != "$before" ]; then
            found=$(digest_of "oci-archive:$top/out/a.tar:v1")
            [ "$found" = "$new" ]
            whole "oci-archive:$top/out/a.tar:v1"
            seen=new
        fi
        export_new "oci-archive:$top/out/a.tar:v1"
        [ "$(digest_of "oci-archive:$top/out/a.tar:v1")" = "$new" ]
        [ "$(ls -A "$top/out")" = a.tar ]
    done
    echo "$step steps"
    [ "$step" -gt 15 ]
    [ "$step" -lt 600 ]
    [ "$seen" = new ]
}
