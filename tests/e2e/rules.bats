# What rules ask for, carried out: words of images with filters, rules that only warn.
# Stages are put there; nothing is built.

load helper

setup() {
    prepare
    for image in api web; do
        stage_of "$image"
    done
    git push -q origin main
}

stage_of() { # IMAGE: its stage is there
    local digest
    digest=$(slipway tags "$1" --json | grep -o '"digest": *"[0-9a-f]*"' | cut -d'"' -f4)
    put_stage "$top/stages" "$digest-1000000000000"
}

rules() { # RULES: after version and repo
    printf 'version: 1\nrepo: oci:%s/stages\nrules:\n%s\n' "$top" "$1" >.slipway.yaml
    git add -A
    git commit -qm rules
    git tag -f v1.0.0 >/dev/null
    git push -qf origin v1.0.0
}

@test "a word of an image takes filters in names and labels" {
    rules "
  - name: r
    match: {tags: 'v*'}
    labels: {org.example.title: '%image|upper% %tag%'}
    to: 'oci:$top/release:%image|upper|replace:P:q%-%version%'"
    run slipway check v1.0.0
    [ "$status" -eq 0 ]
    run slipway run --ref v1.0.0 -Z
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release" | tr '\n' ' ')" = "AqI-1.0.0 WEB-1.0.0 " ]
    grep -rqF '"org.opencontainers.image.version":"1.0.0"' "$top/release/blobs"
    grep -rqF '"org.example.title":"API v1.0.0"' "$top/release/blobs"
}

@test "on-failure: warn keeps what is wrong with a rule from the others" {
    rules "
  - name: broken
    on-failure: warn
    match: {tags: 'v*'}
    to: 'oci:$top/release:%branch%-%image%'
  - name: unbuilt
    on-failure: warn
    match: {tags: 'v*'}
    images: web
    to: 'oci:$top/release:unbuilt-%image%'
  - name: good
    match: {tags: 'v*'}
    images: api
    to: 'oci:$top/release:%version%'"
    rm -r "$top/stages"
    stage_of api
    run slipway run --ref v1.0.0 -Z --report "$top/report.json"
    [ "$status" -eq 0 ]
    has "warning: "
    has "there is no %branch% for tag 'v1.0.0' [E-PLACEHOLDER]"
    has "web"
    [ "$(layout_names "$top/release")" = 1.0.0 ]
    run cat "$top/report.json"
    has '"rule":"broken"'
    has '"rule":"unbuilt"'
    # Without the others there is nothing to fail, either.
    sed -i '/name: good/,$d' .slipway.yaml
    git commit -qam less
    git tag -f v1.0.0 >/dev/null
    run slipway run --ref v1.0.0 -Z
    [ "$status" -eq 0 ]
    has "warning: "
}

@test "a name that must not change is replaced when a person names exactly it" {
    rules "
  - name: r
    match: {tags: 'v*'}
    to: 'oci:$top/release:%image%-%version%'"
    slipway run --ref v1.0.0 -Z
    before=$(layout_digest "$top/release" api-1.0.0)
    sed -i 's/    match:/    labels: {a: b}\n&/' .slipway.yaml
    git commit -qam label
    git tag -f v1.0.0 >/dev/null
    run slipway run --ref v1.0.0 -Z
    [ "$status" -eq 8 ]
    run slipway run --ref v1.0.0 -Z --force-overwrite "oci:$top/release:other"
    [ "$status" -eq 2 ]
    has "this run writes no 'oci:$top/release:other'"
    [ "$(layout_digest "$top/release" api-1.0.0)" = "$before" ]
    run slipway run --ref v1.0.0 -Z --force-overwrite "oci:$top/release:api-1.0.0"
    [ "$status" -eq 8 ] # the other one
    run slipway run --ref v1.0.0 -Z --force-overwrite "oci:$top/release:api-1.0.0" \
        --force-overwrite "oci:$top/release:web-1.0.0"
    [ "$status" -eq 0 ]
    [ "$(layout_digest "$top/release" api-1.0.0)" != "$before" ]
    run slipway run --ref v1.0.0 -Z
    [ "$status" -eq 0 ]
}
