# Stapel images, whose digest only werf derives: the stage that it recorded for the commit is taken.
# The stages are made up; "27dba8ed" is what werf calls an image with the name "backend" in records.

load helper

setup() {
    top=$BATS_TEST_TMPDIR
    isolate "$top"
    stages=oci:$top/stages
    git init -q "$top/work"
    cd "$top/work"
    cat >werf.yaml <<'END'
configVersion: 1
project: bench
---
image: base
from: alpine:3
final: false
---
image: backend
fromImage: base
git:
  - {add: /, to: /src}
---
image: front
dockerfile: front.df
dependencies:
  - image: backend
    imports: [{type: ImageName, targetBuildArg: BACKEND}]
---
image: plain
dockerfile: plain.df
END
    printf 'FROM scratch\nCOPY werf.yaml /\n' >plain.df
    printf 'FROM scratch\nARG BACKEND\nENV B=$BACKEND\nCOPY werf.yaml /\n' >front.df
    git add -A
    git commit -qm c0
    first=$(printf '%056d' 1)-1700000000000
    second=$(printf '%056d' 2)-1700000000001
}

# stage TAG...: stages and records with these names.
stage() {
    "$SLIPWAY_BUILD/tests/registry/make_images" -l 1 -s 64 "$stages" "$@"
}

# record STAGE [COMMIT]: the name of a record of the image "backend".
record() {
    echo "meta-27dba8ed_$(git rev-parse "${2:-HEAD}")_$1"
}

export_backend() {
    slipway export backend --repo "$stages" --tag "oci:$top/out:v1" "$@"
}

@test "the recorded stage is exported, without werf's labels" {
    stage "$first" "$(record "$first")"
    run export_backend
    [ "$status" -eq 0 ]
    has "backend: werf recorded $first for this commit"
    [ "$(layout_names "$top/out")" = v1 ]
    ! grep -r '"werf"' "$top/out/blobs"
}

@test "what rests on it has a digest, and tags shows both" {
    stage "$first" "$(record "$first")"
    run slipway tags
    [ "$status" -eq 0 ]
    [[ "$output" =~ backend\ +\(stapel ]]
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    [[ "$output" =~ backend\ +$first ]]
    [[ "$output" =~ front\ +[0-9a-f]{56} ]]
    run slipway tags --repo "$stages" --json
    has "\"tag\":\"$first\",\"found\":true"
    run slipway tags --repo "$stages" --explain backend
    has "only werf knows"
    run slipway tags --repo "$stages" --explain front
    has "$first"
}

@test "without a record it is not built, and the others are still listed" {
    stage "$first" "$(record "$first")"
    git commit -q --allow-empty -m c1
    run export_backend
    [ "$status" -eq 5 ]
    has "werf left no record of it for commit $(git rev-parse --short=12 HEAD)"
    has "only werf can build a stapel image"
    [ ! -e "$top/out" ]
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    has "(stapel: werf has not built it for this commit)"
    has "front"
}

@test "a recorded stage that is gone is not built" {
    stage "$(record "$first")"
    run export_backend
    [ "$status" -eq 5 ]
    has "the stage $first that werf recorded"
    has "not in $stages any more"
}

@test "of two records, one whose stage is gone does not count; two stages are werf's matter" {
    stage "$(record "$first")" "$second" "$(record "$second")"
    run export_backend
    [ "$status" -eq 0 ]
    stage "$first"
    run export_backend
    [ "$status" -eq 4 ]
    has "more than one stage"
    has "export this image with werf"
}

@test "an older stage of the digest is werf's matter, a rejected one is not there" {
    older=$(printf '%056d' 1)-1600000000000
    stage "$older" "$first" "$(record "$first")"
    run export_backend
    [ "$status" -eq 4 ]
    has "an older one of the same digest, $older"
    stage "$older-rejected"
    run export_backend
    [ "$status" -eq 0 ]
}

@test "a stage that was made for a merge is not taken for the merged commit" {
    other=$(git commit-tree -m other 'HEAD^{tree}')
    merge=$(git commit-tree -p "$other" -p HEAD -m merge 'HEAD^{tree}')
    stage "$first" "$(record "$first")" "$(record "$first" "$merge")"
    run export_backend
    [ "$status" -eq 4 ]
    has "was made for a merge with this commit"
}

@test "a commit that is not here might be such a merge" {
    stage "$first" "$(record "$first")" "meta-27dba8ed_$(printf '%040d' 7)_$first"
    run export_backend
    [ "$status" -eq 4 ]
    has "git fetch --unshallow"
}

@test "a stage of another project is refused" {
    sed -i 's/^project: .*/project: shop/' werf.yaml
    git commit -qam project
    stage "$first" "$(record "$first")"
    run export_backend
    [ "$status" -eq 4 ]
    has "is one of project 'bench'"
}
