# Stapel images: the stage that werf recorded for the commit is taken, and where that does not decide,
# the one that the digests of the stages lead to.
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

# ---- without records ----

# A project with git and a stage behind it.
walked() {
    cat >werf.yaml <<'END'
configVersion: 1
project: bench
---
image: app
from: alpine:3.19
git:
  - {add: /src, to: /app}
docker:
  USER: u
END
    mkdir src
    printf 'one\ntwo\nthree\n' >src/a.txt
    git add -A
    git commit -qm walked
    mapping=23293fd31090aa624bab659c66d96b3902ddeecc00c2cce2b0cd1bfd127e3037
    from=36a28f1ecbbfbf182efd8df16f1afeb9fa877904be0d45736e385b3e
    archive=bdc3b936c9f82c4afb599a25e7bd7fb113eaee34c7a1e40e6bb6b1ff
}

# git_stage COMMIT TAG...: stages that hold the files of a commit.
git_stage() {
    local commit=$1
    shift
    "$SLIPWAY_BUILD/tests/registry/make_images" -l 1 -s 64 \
        -L "werf-git-$mapping-commit=$(git rev-parse "$commit")" \
        -L "werf-git-$mapping-virtual-merge=false" "$stages" "$@"
}

# missing STAGE: the digest of the stage that app lacks.
missing() {
    slipway export app --repo "$stages" --tag "oci:$top/out:v1" 2>&1 \
        | grep -oE "its stage $1 \([0-9a-f]{56}" | grep -oE '[0-9a-f]{56}$'
}

@test "without a record the digests of the stages lead to the image" {
    walked
    run missing from
    [ "$output" = "$from" ]
    stage "$from-1700000000000"
    run missing gitArchive
    [ "$output" = "$archive" ]
    git_stage HEAD "$archive-1700000000001"
    docker=$(missing dockerInstructions)
    git_stage HEAD "$docker-1700000000002"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 0 ]
    has "app: found $docker-1700000000002 by digest, no record of werf"
    [ "$(layout_names "$top/out")" = v1 ]
    run slipway tags --repo "$stages" --explain app
    [ "$status" -eq 0 ]
    has "werf.yaml: docker.USER"
    has "stage gitArchive, linux/amd64: digest $archive"
    # Another file, outside of the mapping: nothing of it changes.
    echo x >other
    git add -A
    git commit -qm other
    run slipway tags --repo "$stages"
    has "$docker-1700000000002"
}

@test "a stage that the repository lacks may be in another one" {
    walked
    other=oci:$top/other
    stage "$from-1700000000000"
    stages=$other git_stage HEAD "$archive-1700000000001"
    run missing gitArchive
    [ "$output" = "$archive" ]
    run slipway export app --repo "$stages" --secondary-repo "$other" --tag "oci:$top/out:v1"
    [ "$status" -eq 5 ]
    docker=$(grep -oE 'dockerInstructions \([0-9a-f]{56}' <<<"$output" | grep -oE '[0-9a-f]{56}$')
    stages=$other git_stage HEAD "$docker-1700000000002"
    run slipway export app --repo "$stages" --secondary-repo "$other" --tag "oci:$top/out:v1"
    [ "$status" -eq 0 ]
    has "found $docker-1700000000002 by digest"
    [ "$(layout_names "$top/out")" = v1 ]
}

@test "a change that the image takes is a patch on its stages" {
    walked
    stage "$from-1700000000000"
    git_stage HEAD "$archive-1700000000001"
    printf 'one\nTWO\nthree\n' >src/a.txt
    git commit -qam c1
    patch=$(missing gitLatestPatch)
    git_stage HEAD "$patch-1700000000002"
    docker=$(missing dockerInstructions)
    git_stage HEAD "$docker-1700000000003"
    run slipway tags --repo "$stages"
    has "$docker-1700000000003"
    # What was cut off from the history might hold the commits of a stage.
    git clone -q --depth 1 "file://$PWD" "$top/shallow"
    cd "$top/shallow"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 4 ]
    has "git fetch --unshallow"
}

@test "of several records the digests decide, and one that they contradict is not taken" {
    walked
    stage "$from-1700000000000"
    git_stage HEAD "$archive-1700000000001"
    docker=$(missing dockerInstructions)-1700000000002
    git_stage HEAD "$docker"
    head=$(git rev-parse HEAD)
    stage "$first" "meta-798e6f97_${head}_$first" "meta-798e6f97_${head}_$docker"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 0 ]
    has "app: found $docker by digest, as werf recorded it"
    stage "$docker-rejected" "$second" "meta-798e6f97_${head}_$second"
    docker=${docker%-*}-1700000000003
    git_stage HEAD "$docker"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v2"
    [ "$status" -eq 4 ]
    has "more than one stage"
    has "by its digests it is $docker now"
}

@test "what only werf can walk is not built without a record" {
    walked
    sed -i "s|  - {add: /src, to: /app}|  - {url: 'https://h.example/a.git', commit: abc, add: /, to: /app}|" werf.yaml
    git commit -qam remote
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 5 ]
    has "werf left no record of it"
    has "it takes files from another git repository"
}

@test "a commit does not choose which registries are asked where nothing may be built" {
    sed -i 's|^from: alpine:3|from: 127.0.0.1:1/base:1\nfromLatest: true|' werf.yaml
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - name: release
    match: {tags: "v*"}
    images: [backend]
    to: ["oci:$top/out:%tag%"]
END
    printf 'giterminismConfigVersion: 1\nconfig: {stapel: {allowFromLatest: true}}\n' >werf-giterminism.yaml
    git add -A
    git commit -qm latest
    git tag v1
    stage "$first"
    run slipway run --ref v1
    has "127.0.0.1:1"
    has "Failed to connect"
    git config slipway.allowBuild false
    git config slipway.allowDestination "oci:$top/"
    git config slipway.repo "$stages"
    run slipway run --ref v1
    [ "$status" -eq 5 ] || { echo "$status: $output" && return 1; }
    lacks "Failed to connect"
    has "the registry of its base is not asked here"
}

@test "what is missing of an image below is named, and not built for nothing" {
    cat >werf.yaml <<'END'
configVersion: 1
project: bench
---
image: base
dockerfile: plain.df
final: false
---
image: app
from: base
END
    git commit -qam base
    run slipway export --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 5 ]
    has "image 'base' is not built"
    base=$(grep -oE '[0-9a-f]{56}' <<<"$output" | head -n 1)
    stage "$base-1700000000000"
    from=$(missing from)
    stage "$from-1700000000001"
    run slipway export --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 0 ]
    has "app: found $from-1700000000001 by digest, no record of werf"
}

@test "what an image imports counts by the record of its checksum, of the stage that is named" {
    cat >werf.yaml <<'END'
configVersion: 1
project: bench
---
image: src
final: false
from: alpine:3.19
shell:
  install: make
  setup: make more
---
image: app
from: alpine:3.19
import:
  - {image: src, stage: install, add: /out, to: /in, after: install}
END
    git commit -qam import
    from=36a28f1ecbbfbf182efd8df16f1afeb9fa877904be0d45736e385b3e
    stage "$from-1700000000000"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 5 ]
    has "it rests on image 'src': its stage install"
    for name in install setup; do
        run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
        digest=$(grep -oE "stage $name \([0-9a-f]{56}" <<<"$output" | grep -oE '[0-9a-f]{56}$')
        stage "$digest-1700000000001"
    done
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 5 ]
    has "of what it imports from 'src' is not there"
    record=$(grep -oE 'import-metadata-[0-9a-f]{64}' <<<"$output")
    "$SLIPWAY_BUILD/tests/registry/make_images" -l 1 -s 64 -L checksum=c "$stages" "$record"
    digest=$(missing dependenciesAfterInstall)
    stage "$digest-1700000000002"
    run slipway export app --repo "$stages" --tag "oci:$top/out:v1"
    [ "$status" -eq 0 ]
    has "app: found $digest-1700000000002 by digest"
    # The stage that is named counts, not the last one.
    sed -i 's/make more/make much more/' werf.yaml
    git commit -qam more
    run slipway tags --repo "$stages" app
    [[ ! "$output" =~ dependenciesAfterInstall ]]
    sed -i 's/install: make/install: make other/' werf.yaml
    git commit -qam other
    run slipway tags --repo "$stages" app
    has "its stage install"
}
