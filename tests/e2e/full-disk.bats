# labels: builder
# Disks that are full where something is written: one error, nothing half-written, and the next run
# completes. Each is a small file system in a mount namespace of its own.

load helper

setup() {
    unshare -m true 2>/dev/null || skip "mount namespaces are not permitted"
    prepare
    cat >"$top/full.sh" <<'END'
dir=$1 size=$2
shift 2
mkdir -p "$dir"
mount -t tmpfs -o "size=$size" tmpfs "$dir" || exit 99
"$@"
status=$?
find "$dir" -type f | sed 's/^/left: /'
exit $status
END
}

# full DIR SIZE COMMAND...: with so much room below DIR; what it leaves there is told.
full() {
    run unshare -m sh "$top/full.sh" "$@"
    [ "$status" -ne 99 ] || skip "mounting is not permitted"
    echo "$status: $output"
}

export_to() { # STAGES RELEASE
    slipway export web --repo "oci:$1" --tag "oci:$2/%image%:v1"
}

@test "where the builder works: its reason is told, and no file stays" {
    mkdir "$top/tmp"
    for dir in "$top/tmp" "$top/containers/graph"; do
        TMPDIR=$top/tmp full "$dir" 300k slipway export web --repo "$stages" --tag "$release/%image%:v1"
        [ "$status" -eq 9 ]
        has "no space left on device"
        has "hint: a disk is full"
        [ "$(grep -c '^error: ' <<<"$output")" -eq 1 ]
        [ -z "$(find "$top/tmp" -mindepth 1)" ]
    done
    lacks "left: $top/tmp"
    [ ! -e "$top/release" ]
    [ -z "$(layout_names "$top/stages")" ]
    export_to "$top/stages" "$top/release"
}

@test "where the builder's image is taken out" {
    # Room for the context, not for the image beside it.
    mkdir "$top/tmp"
    TMPDIR=$top/tmp full "$top/tmp" 5m slipway export web --repo "$stages" --tag "$release/%image%:v1"
    if [ "$status" -ne 0 ]; then
        [ "$status" -eq 9 ] || [ "$status" -eq 1 ]
        [[ "${output,,}" == *"no space left on device"* ]]
        lacks "left: "
    fi
    export_to "$top/stages" "$top/release"
}

@test "an image layout, for stages and for exports, and one in a file" {
    for size in 4k 500k; do
        full "$top/stages" "$size" slipway export web --repo "$stages" --tag "$release/%image%:v1"
        [ "$status" -eq 1 ]
        has "$top/stages: blobs/sha256/"
        has "No space left on device"
        [ "$(grep -c '^error: ' <<<"$output")" -eq 1 ]
        lacks "index.json"
        lacks ".slipway/tmp"
    done
    export_to "$top/stages" "$top/before"
    for size in 4k 500k; do
        full "$top/release" "$size" slipway export web --repo "$stages" --tag "$release/%image%:v1"
        [ "$status" -eq 1 ]
        has "No space left on device"
        lacks "index.json"
        full "$top/archive" "$size" slipway export web --repo "$stages" --tag "oci-archive:$top/archive/web.tar:v1"
        [ "$status" -eq 1 ]
        has "No space left on device"
        lacks "left: "
    done
    export_to "$top/stages" "$top/release"
    [ "$(layout_digest "$top/release/web" v1)" = "$(layout_digest "$top/before/web" v1)" ]
}

@test "a layout that was there keeps its names, and the next run finishes in it" {
    export_to "$top/stages" "$top/release"
    cat >"$top/fill.sh" <<'END'
cp -a "$1" "$2" || exit 98
dd if=/dev/zero of="$2/fill" bs=1k 2>/dev/null
slipway export web --repo "$3" --add-label "a=$(head -c 2000 /dev/zero | tr '\0' x)" --tag "oci:$2/web:v1"
status=$?
cat "$2/web/index.json"
rm "$2/fill"
slipway export web --repo "$3" --add-label a=b --tag "oci:$2/web:v1" || exit 97
find "$2" -name '*tmp*' -o -name 'index.json.*' | sed 's/^/half: /'
exit $status
END
    full "$top/small" 4m sh "$top/fill.sh" "$top/release/web" "$top/small/" "$stages"
    [ "$status" -eq 1 ]
    has "No space left on device"
    has '"org.opencontainers.image.ref.name":"v1"'
    has "$(layout_digest "$top/release/web" v1)"
    lacks "half: "
}

@test "reports: what was written is told, and no half of a report stays" {
    export_to "$top/stages" "$top/before"
    full "$top/reports" 4k sh -c 'head -c 4096 /dev/zero >"$0/fill"; exec slipway "$@" --report "$0/r.json" --save-build-report --build-report-path "$0/b.json"' \
        "$top/reports" export web --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 1 ]
    [[ "$output" =~ web\ +written ]]
    has "--report: $top/reports/r.json: No space left on device"
    has "--save-build-report: $top/reports/b.json: No space left on device"
    lacks "left: $top/reports/r"
    lacks "left: $top/reports/b"
}
