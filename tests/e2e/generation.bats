# Stages of another generation of werf. They are made by hand; nothing is built.

load helper

setup() {
    prepare
    put_stage "${stages#oci:}" "$(printf a%.0s $(seq 56))-1700000000000" v3.0.1
    put_stage "${stages#oci:}" "$(printf b%.0s $(seq 56))-1700000000001" v3.2.0
}

@test "version says whose digests these are" {
    run slipway version
    has "digests equal to werf 2"
    run slipway version --json
    has '"digests":"werf 2"'
}

@test "export, run, ci, tags, why: told before anything is built" {
    told="the newest stages are those of werf v3.2.0, which has other digests than werf 2"
    run slipway export -Z --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -eq 5 ]
    has "$told"
    run slipway export --engine none --repo "$stages" --tag "$release/%image%:v1"
    [ "$status" -ne 0 ]
    [[ "${output%%error:*}" == *"$told"* ]]
    git tag v1.0.0
    run slipway run --ref v1.0.0 --dry-run
    [ "$status" -eq 0 ]
    has "$told"
    CI=true GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_REF=refs/tags/v1.0.0 GITHUB_SHA=$(git rev-parse HEAD) \
        GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1.0.0 run slipway ci --require-built-images
    [ "$status" -eq 5 ]
    has "$told"
    run slipway tags
    [ "$status" -eq 0 ]
    has "$told"
    run slipway why web
    [ "$status" -eq 0 ]
    has "$told"
}

@test "the hook tells it, too" {
    slipway install >/dev/null 2>&1
    git config slipway.engine none
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    [[ "${output%%error:*}" == *"the newest stages are those of werf v3.2.0"* ]]
}

@test "not a word beside stages of ours, or when nothing is missing" {
    put_stage "${stages#oci:}" "$(printf c%.0s $(seq 56))-1600000000000" v2.9.0
    run slipway tags
    [ "$status" -eq 0 ]
    lacks "other digests"
    rm -r "${stages#oci:}"
    put_stage "${stages#oci:}" "$(printf a%.0s $(seq 56))-1700000000000" v3.0.1
    for image in api web; do
        digest=$(slipway tags "$image" 2>/dev/null | grep -oE '[0-9a-f]{56}')
        put_stage "${stages#oci:}" "$digest-1500000000000" v3.0.1
    done
    run slipway tags
    lacks "other digests"
}
