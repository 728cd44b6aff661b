# labels: builder
# slipway export: from a commit to release names, in image layouts on disk.

load helper

export_all() {
    slipway export --repo "$stages" --tag "$release/%image%:v1" "$@"
}

@test "images are built, published as stages and exported without werf's labels" {
    run export_all
    [ "$status" -eq 0 ]
    has "api"
    [ "$(layout_names "$top/release/api")" = v1 ]
    [ "$(layout_names "$top/stages" | wc -l)" -eq 2 ]
    layout_names "$top/stages" | grep -qE '^[0-9a-f]{56}-[0-9]{13}$'

    manifest=$(layout_blob "$top/release/api" "$(layout_digest "$top/release/api" v1)")
    config=$(layout_blob "$top/release/api" "$(grep -o '"config":{[^}]*' <<<"$manifest" | grep -o 'sha256:[0-9a-f]*')")
    [[ "$config" != *'"werf'* ]]
    [[ "$config" == *'"Healthcheck"'* ]]
}

@test "a second export builds nothing, writes nothing and says unchanged" {
    export_all
    before=$(find "$top/stages" "$top/release" -type f -newer "$work/werf.yaml" -exec sha256sum {} + | sort)
    run export_all
    [ "$status" -eq 0 ]
    has unchanged
    lacks building
    after=$(find "$top/stages" "$top/release" -type f -newer "$work/werf.yaml" -exec sha256sum {} + | sort)
    [ "$before" = "$after" ]
}

@test "the work tree does not matter: a bare repository and an older commit give the same names" {
    export_all
    digest=$(layout_digest "$top/release/web" v1)
    git push -q origin main
    echo changed >web/site/index.html
    cd "$remote"
    run slipway export --require-built-images --commit main --repo "$stages" --tag "oci:$top/other/%image%:v1"
    [ "$status" -eq 0 ]
    [ "$(layout_digest "$top/other/web" v1)" = "$digest" ]
}

@test "only the images that are named are exported, with every placeholder" {
    run slipway export web --repo "$stages" --tag "$release/%image_slug%:%image_content_based_tag%" \
        --tag "$release/%image_safe_slug%:x" --add-label team=shop
    [ "$status" -eq 0 ]
    [ ! -e "$top/release/api" ]
    layout_names "$top/release/web" | grep -qE '^[0-9a-f]{56}-[0-9]{13}$'
    layout_names "$top/release/web" | grep -qx x
    grep -rqs '"team":"shop"' "$top/release/web/blobs"
}

@test "a missing stage is exit 5 when building is not allowed, and names the digest" {
    run export_all --require-built-images
    [ "$status" -eq 5 ]
    has "error:"
    [[ "$output" =~ [0-9a-f]{56} ]]
    [ ! -e "$top/release" ]
}

@test "tags prints digests without a stage and the full tag with one" {
    run slipway tags --repo "$stages"
    [ "$status" -eq 0 ]
    digest=$(grep '^api' <<<"$output" | grep -oE '[0-9a-f]{56}')
    export_all
    run slipway tags
    has "$digest-"
    slipway tags --repo "$stages" --json | python3 -m json.tool >/dev/null 2>&1 || slipway tags --repo "$stages" --json | grep -q '"schema":1'
}

@test "a Dockerfile that fails is exit 9 and leaves no name" {
    echo 'RUN exit 3' >>api/Dockerfile
    git commit -qam broken
    run export_all
    [ "$status" -eq 9 ]
    has "api"
    [ -z "$(find "$top/release" -name index.json 2>/dev/null)" ]
}

@test "two runs at once end with one stage used by both" {
    export_all --report "$top/one.json" >/dev/null 2>&1 3>&- &
    first=$!
    slipway export --repo "$stages" --tag "oci:$top/second/%image%:v1" >/dev/null
    wait "$first"
    [ "$(layout_digest "$top/release/api" v1)" = "$(layout_digest "$top/second/api" v1)" ]
    [ "$(layout_digest "$top/release/web" v1)" = "$(layout_digest "$top/second/web" v1)" ]
}

@test "bad input: one error, a hint, an exit code, nothing written" {
    run slipway export --repo "$stages"
    [ "$status" -eq 2 ]
    has "--tag"

    run slipway export nosuch --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 2 ]
    has nosuch

    run slipway export --repo "$stages" --tag "$release/app:v1"
    [ "$status" -eq 2 ]
    has "%image_safe_slug%"

    run slipway export --repo "$stages" --tag "$release/%imgae%:v1"
    [ "$status" -eq 2 ]
    has "imgae"

    run slipway export --repo "$stages" --tag "$stages:%image_content_based_tag%" web
    [ "$status" -eq 2 ]
    lacks building

    run slipway export --repo "$stages" --commit nosuch --tag "$release/%image%:v1"
    [ "$status" -eq 12 ]
    has nosuch

    run slipway export --tag "$release/%image%:v1"
    [ "$status" -eq 2 ]
    has "--repo"

    sed -i 's/^dockerfile:/dockerfil:/' werf.yaml
    git commit -qam typo
    run export_all
    [ "$status" -eq 3 ]
    has "werf.yaml"

    git checkout -q HEAD~1 -- werf.yaml
    echo 'FORM scratch' >api/Dockerfile
    git commit -qam 'bad Dockerfile'
    run export_all
    [ "$status" -eq 3 ]
    has "api/Dockerfile"
    [ ! -e "$top/release" ]
}

@test "imageSpec is a stage of its own, and an image can import another one's name" {
    cat >>werf.yaml <<'END'
---
image: spec
dockerfile: web/Dockerfile
imageSpec:
  author: The Shop
  config:
    labels: {org.example.image: "%image%"}
    workingDir: /srv
---
image: user
dockerfile: user/Dockerfile
dependencies:
  - image: spec
    imports:
      - type: ImageName
        targetBuildArg: SPEC
END
    mkdir user
    printf 'FROM scratch\nARG SPEC\nLABEL made.from=$SPEC\nCOPY web/site /\n' >user/Dockerfile
    git add -A
    git commit -qm 'spec and user'
    run slipway export spec user --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/stages" | wc -l)" -eq 3 ]
    grep -rqs '"org.example.image":"spec"' "$top/release/spec/blobs"
    grep -rqs '"author":"The Shop"' "$top/release/spec/blobs"
    grep -rqsE '"made.from":"oci:[^"]*/stages:[0-9a-f]{56}-[0-9]{13}"' "$top/release/user/blobs"
    run slipway export spec user -Z --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    has unchanged
}

@test "an image for two platforms is exported as an index" {
    cat >werf.yaml <<'END'
configVersion: 1
project: shop
---
image: web
dockerfile: web/Dockerfile
platform: [linux/amd64, linux/arm64]
END
    git commit -qam 'two platforms'
    run slipway export --repo "$stages" --tag "$release/%image%:v1" --tag "$release/%image%:%image_content_based_tag%"
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/stages" | wc -l)" -eq 3 ]
    index=$(layout_blob "$top/release/web" "$(layout_digest "$top/release/web" v1)")
    [[ "$index" == '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json"'* ]]
    [[ "$index" == *'"architecture":"arm64"'* ]]
    layout_names "$top/release/web" | grep -qxE '[0-9a-f]{56}'
}

@test "two templates that give one name: a warning, and the name is written" {
    run slipway export web --repo "$stages" --tag "$release/%image%:v1" --tag "$release/web:v1"
    [ "$status" -eq 0 ]
    has "release/web:v1: this name is asked for twice"
    run slipway export --repo "$stages" --tag "$release/%image%:v1" --tag "$release/%image%:v2"
    [ "$status" -eq 0 ]
    lacks twice
}

@test "--check compares and writes nothing: equal, missing, differs" {
    run export_all --check
    [ "$status" -eq 5 ]
    export_all
    run export_all --check
    [ "$status" -eq 0 ]
    has equal
    run slipway export --check --repo "$stages" --tag "$release/%image%:v2"
    [ "$status" -eq 10 ]
    has missing
    [ "$(layout_names "$top/release/api")" = v1 ]
    run export_all --check --add-label team=shop
    [ "$status" -eq 8 ]
    has differs
    has team
}

# results: "IMAGE ACTION DIGEST" for each result of the document in $output.
results() {
    grep -o '"image":"[^"]*","source":{[^}]*},"ref":"[^"]*","digest":[^,]*,"action":"[^"]*"' <<<"$output" |
        sed -E 's/"image":"([^"]*)".*"digest":"?([^",]*)"?,"action":"([^"]*)"/\1 \3 \2/'
}

@test "--check and --dry-run as JSON: layouts, archives and an index, with the digests that a run writes" {
    printf 'FROM scratch\nCOPY web/site /site\n' >web/Dockerfile
    git commit -qam static
    local two=(--platform linux/amd64 --platform linux/arm64) to what
    run slipway export web --dry-run --json --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    [ "$(results)" = "web to-build null" ]
    has '"status":"planned"'
    slipway export web "${two[@]}" --repo "$stages" --tag "oci:$top/first:v1"
    slipway export web --repo "$stages" --tag "oci:$top/first:v2"
    for to in "oci:$top/new" "oci-archive:$top/new.tar"; do
        for what in "" "${two[*]}"; do
            # shellcheck disable=SC2086
            args=(export web $what --repo "$stages" --tag "$to:v${#what}")
            run slipway "${args[@]}" --dry-run --json
            echo "$output"
            [ "$status" -eq 0 ]
            planned=$(results)
            [[ "$planned" == "web planned sha256:"* ]]
            run slipway "${args[@]}" --check --json
            [ "$status" -eq 10 ]
            has '"status":"missing"'
            [ "$(results)" = "${planned/planned/missing}" ]
            run slipway "${args[@]}" --json
            [ "$status" -eq 0 ]
            [ "$(results)" = "${planned/planned/written}" ]
            run slipway "${args[@]}" --check --json
            [ "$status" -eq 0 ]
            has '"status":"equal"'
            [ "$(results)" = "${planned/planned/equal}" ]
            run slipway "${args[@]}" --dry-run --json
            echo "$output"
            [ "$(results)" = "${planned/planned/unchanged}" ]
            run slipway "${args[@]}" --check --json --add-label team=shop
            [ "$status" -eq 8 ]
            has '"status":"differs"'
            has '"differences":["'
            has team
        done
    done
    [ "$(layout_digest "$top/new" v0)" = "$(layout_digest "$top/first" v2)" ]
}

@test "contextAddFiles are read from the work tree of the commit, and only from there" {
    printf 'out.bin\n' >.gitignore
    printf 'giterminismConfigVersion: 1\nconfig: {dockerfile: {allowContextAddFiles: [out.bin]}}\n' >werf-giterminism.yaml
    cat >werf.yaml <<'END'
configVersion: 1
project: shop
---
image: web
dockerfile: web/Dockerfile
contextAddFiles: [out.bin]
END
    sed -i 's#^COPY web/site.*#COPY . /srv#' web/Dockerfile
    git add -A
    git commit -qm 'add files'
    echo one >out.bin
    run slipway tags
    [ "$status" -eq 0 ]
    first=$output
    echo two >out.bin
    run slipway tags
    [ "$output" != "$first" ]
    git commit -q --allow-empty -m next
    run slipway tags --commit HEAD~1
    [ "$status" -ne 0 ]
    has "HEAD"
    run slipway export --engine none --repo "$stages" --tag "$release/%image%:v1" --commit HEAD~1
    [ "$status" -eq 4 ]
    has "HEAD"
    run export_all
    [ "$status" -eq 0 ]
    layer=$(layout_blob "${stages#oci:}" "$(layout_digest "${stages#oci:}" "$(layout_names "${stages#oci:}" | head -n 1)")" |
        grep -o 'sha256:[0-9a-f]*' | tail -n 1)
    [ "$(layout_blob "${stages#oci:}" "$layer" | tar -xzO srv/out.bin)" = two ]
    run slipway tags --repo "$stages"
    has -17
}

@test "a file of contextAddFiles that changes before it is packed is no part of a stage" {
    command -v buildah >/dev/null || skip "buildah is not installed"
    printf 'out\n' >.gitignore
    printf 'giterminismConfigVersion: 1\nconfig: {dockerfile: {allowContextAddFiles: [out]}}\n' >werf-giterminism.yaml
    printf 'configVersion: 1\nproject: shop\n' >werf.yaml
    printf -- '---\nimage: a\ndockerfile: a.df\n---\nimage: b\ndockerfile: b.df\ncontextAddFiles: [out]\n' >>werf.yaml
    printf 'FROM scratch\nCOPY werf.yaml /x\n' >a.df
    printf 'FROM scratch\nCOPY out /x\n' >b.df
    git add -A
    git commit -qm 'add files'
    mkdir out bin
    echo one >out/f
    # The builder of the first image changes a file of the second one.
    printf '#!/bin/sh\n[ ! -e "%s" ] || . "%s"\nexec "%s" "$@"\n' "$top/act" "$top/act" "$(command -v buildah)" >bin/buildah
    chmod +x bin/buildah
    mv bin "$top"
    act() {
        printf 'rm "%s"\n%s\n' "$top/act" "$1" >"$top/act"
        PATH=$top/bin:$PATH run slipway export --repo "oci:$top/st-$2" --tag "oci:$top/out-$2:%image%"
    }
    act "echo two >'$work/out/f'" changed
    [ "$status" -eq 9 ]
    has "image 'b': contextAddFiles: 'out/f' changed after the digest was made of it"
    has "run again"
    act "touch '$work/out/g'" came
    [ "$status" -eq 9 ]
    has "'out/g' changed"
    act "rm '$work/out/g'" went
    [ "$status" -eq 9 ]
    has "'out/g' changed"
    act : still
    [ "$status" -eq 0 ]
}

@test "tags --diff says why an image was built anew" {
    echo two >web/site/second.html
    sed -i 's/GREETING: hello/GREETING: salve/' werf.yaml
    git add -A
    git commit -qm change
    run slipway tags --diff HEAD~1 HEAD web
    [ "$status" -eq 0 ]
    has "web/Dockerfile:3"
    has "+ web/site/second.html"
    run slipway tags --diff HEAD~1 HEAD api
    has "- api/Dockerfile:2"
    has "GREETING=salve"
    run slipway tags --diff HEAD HEAD api
    has "equal"
}

@test "a build report is written, and read in place of working out digests" {
    cat >>werf.yaml <<'END'
---
image: spec
dockerfile: web/Dockerfile
imageSpec: {author: The Shop}
---
image: both
dockerfile: web/Dockerfile
platform: [linux/amd64, linux/arm64]
END
    git commit -qam 'more images'
    export_all --save-build-report --build-report-path "$top/built"
    grep -q '"Backend": "buildah"' "$top/built.json"
    grep -q '"Name": "dockerfile (linux/arm64)"' "$top/built.json"
    grep -q '"Name": "imageSpec"' "$top/built.json"
    # Nothing but the report and the images is needed: the commit is another one by now.
    echo 'RUN exit 3' >>api/Dockerfile
    git commit -qam broken
    run slipway export --use-build-report --build-report-path "$top/built.json" \
        --tag "oci:$top/other/%image%:v1" --tag "oci:$top/other/%image%:%image_content_based_tag%"
    [ "$status" -eq 0 ]
    for image in api web spec both; do
        [ "$(layout_digest "$top/other/$image" v1)" = "$(layout_digest "$top/release/$image" v1)" ]
    done
    layout_names "$top/other/api" | grep -qE '^[0-9a-f]{56}-[0-9]{13}$'
    layout_names "$top/other/both" | grep -qE '^[0-9a-f]{56}$'

    # The form for shells does as well, and the variables of werf.
    slipway export web -Z --repo "$stages" --tag "$release/%image%:v2" --save-build-report --build-report-path "$top/r.env"
    grep -q '^WERF_WEB_DOCKER_TAG=' "$top/r.env"
    WERF_USE_BUILD_REPORT=1 WERF_BUILD_REPORT_PATH=$top/r.env run slipway export web --tag "oci:$top/third/%image%:v1"
    [ "$status" -eq 0 ]
    [ "$(layout_digest "$top/third/web" v1)" = "$(layout_digest "$top/release/web" v1)" ]
}

@test "build reports that cannot be used: one error, nothing written" {
    run export_all --use-build-report --save-build-report --build-report-path x.json
    [ "$status" -eq 2 ]
    has "exclude each other"
    run slipway export --use-build-report --tag "$release/%image%:v1"
    [ "$status" -eq 2 ]
    has "--build-report-path"
    run slipway export --use-build-report --build-report-path "$top/none.json" --tag "$release/%image%:v1"
    [ "$status" -eq 2 ]
    has "$top/none.json"
    run export_all --save-build-report --build-report-path r.txt
    [ "$status" -eq 2 ]
    has ".json"
    lacks building

    export_all --save-build-report --build-report-path "$top/r.json"
    sed 's/"api"/"other"/' "$top/r.json" >"$top/less.json"
    run slipway export --use-build-report --build-report-path "$top/less.json" --tag "oci:$top/other/%image%:v1"
    [ "$status" -eq 5 ]
    has "image 'api' is not in the build report"
    # A stage of the report must not be written over, nor one that is gone be missed in silence.
    run slipway export --use-build-report --build-report-path "$top/r.json" --tag "$stages:%image_content_based_tag%" web
    [ "$status" -eq 2 ]
    rm "$top/stages/blobs/sha256/$(layout_digest "$top/stages" "$(layout_names "$top/stages" | head -n 1)" | cut -d: -f2)"
    run slipway export --use-build-report --build-report-path "$top/r.json" --tag "oci:$top/other/%image%:v1"
    [ "$status" -eq 5 ]
    has "build again"
    [ ! -e "$top/other" ]
}

@test "variables are defaults: words of the command line win, and switches have werf's words" {
    plan() {
        slipway export web --dry-run --repo "$stages" --tag "$release/%image%:%image_content_based_tag%" "$@"
    }
    WERF_PLATFORM=linux/arm64 run plan
    arm=$output
    run plan --platform linux/arm64
    [[ "$output" =~ [0-9a-f]{56} ]]
    [ "$output" = "$arm" ]
    WERF_PLATFORM=linux/arm64 run plan --platform linux/amd64
    [ "$output" != "$arm" ]
    for word in 1 true yes; do
        WERF_REQUIRE_BUILT_IMAGES=$word run slipway export web --repo "$stages" --tag "$release/%image%:v1"
        [ "$status" -eq 5 ]
    done
    for word in yes true; do
        WERF_DEV=$word run plan
        [ "$status" -eq 4 ]
    done
    WERF_DEV=False run plan
    [ "$status" -eq 0 ]
}

@test "stages of a secondary repository are exported from there, and nothing is built" {
    slipway export web --repo "oci:$top/old" --tag "$release/%image%:v1"
    WERF_SECONDARY_REPO_2=oci:$top/old run slipway export web -Z --repo "$stages" --secondary-repo "oci:$top/none" \
        --tag "oci:$top/other/%image%:v1" --tag "oci:$top/other/%image%:%image_content_based_tag%"
    [ "$status" -eq 0 ]
    [ "$(layout_digest "$top/other/web" v1)" = "$(layout_digest "$top/release/web" v1)" ]
    [ ! -e "$top/stages" ]
    # Nor may its stages be written over, nor those of a cache.
    for option in --secondary-repo --cache-repo --final-repo; do
        run slipway export web -Z --repo "$stages" "$option" "oci:$top/old" --tag "oci:$top/old:%image_content_based_tag%"
        [ "$status" -eq 2 ]
        has "stage"
    done
}

@test "options of werf export that mean nothing here are taken, those that change images refused" {
    run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1" --repo-container-registry default \
        --log-color-mode=off --parallel -p --parallel-tasks-limit 3 --final-images-only --kube-context x --dev=false --tmp-dir /tmp
    [ "$status" -eq 0 ]
    run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1" --parallel-tasks-limit many
    [ "$status" -eq 2 ]
    has "many"
    local word
    for word in --dev --loose-giterminism --virtual-merge "--git-work-tree=." --introspect-error --ssh-key=x; do
        run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1" "$word"
        [ "$status" -eq 2 ]
        has "${word%%=*}"
        has ": "
    done
    # werf would work on the repository that this variable names.
    WERF_GIT_WORK_TREE=$remote run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 4 ]
    has "WERF_GIT_WORK_TREE"
    WERF_GIT_WORK_TREE=. run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 0 ]
    run slipway export web --dry-run --repo "$stages" --tag "$release/%image%:v1" --container-registry-mirror http://x
    [ "$status" -eq 2 ]
    has "only https"
    run slipway run --ref main --dev
    [ "$status" -eq 2 ]
    has "unknown option"
}

@test "no name of the stage repository that cleanup or lookup could mistake is a destination, from rules either" {
    slipway export web --repo "$stages" --tag "$release/%image%:v1"
    hex=$(printf '%056d' 7)
    before=$(sha256sum <"$top/stages/index.json")
    for tag in "$hex" "$hex-1795624964123" "$hex-179562496412" "$hex-1795624964123-rejected" managed-image-web \
        "meta-27dba8ed_0123_$hex" custom-tag-meta-x "import-metadata-$hex" client-id-x-1 sync-server cleanup \
        %image_content_based_tag%; do
        run slipway export web --repo "$stages" --tag "$stages:$tag"
        [ "$status" -eq 2 ] || { echo "$tag: $status" && return 1; }
        has "stage repository"
        has "werf cleanup"
    done
    sed -i "s#^      - .*%tag%#      - $stages:%image_content_based_tag%#; s#^  - name: release#&\n    images: [web]#" .slipway.yaml
    git add -A
    git commit -qm rules
    git tag v1
    run slipway run --ref v1
    [ "$status" -eq 3 ]
    has "rule 'release'"
    has "stage repository"
    [ "$(sha256sum <"$top/stages/index.json")" = "$before" ]
    # Any other name there is fine.
    slipway export web --repo "$stages" --tag "$stages:v1-%image_content_based_tag%"
}
