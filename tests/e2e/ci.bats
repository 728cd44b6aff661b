# labels: builder
# slipway ci under the recorded environments of CI systems.

load helper

setup() {
    prepare
    unset "${!GITHUB_@}" "${!CI_@}" "${!GITLAB_@}" CI
    git tag v1.0.0
    git push -q origin main v1.0.0
}

github() { # REF [EVENT]
    export GITHUB_ACTIONS=true GITHUB_REF=$1 GITHUB_EVENT_NAME=${2:-push}
    export GITHUB_SHA=${3:-$(git rev-parse HEAD)} GITHUB_SERVER_URL=https://github.example
    export GITHUB_REPOSITORY=Acme/Shop GITHUB_RUN_ID=1 GITHUB_RUN_NUMBER=1
    export GITHUB_OUTPUT=$top/output GITHUB_STEP_SUMMARY=$top/summary
}

@test "GitHub: a tag is released, outputs and summary are written" {
    github refs/tags/v1.0.0
    run slipway ci
    [ "$status" -eq 0 ]
    has "::group::slipway: refs/tags/v1.0.0"
    has "::endgroup::"
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    grep -qx 'status=exported' "$GITHUB_OUTPUT"
    grep -qx 'ref=refs/tags/v1.0.0' "$GITHUB_OUTPUT"
    grep -q '^image_api=oci:.*@sha256:' "$GITHUB_OUTPUT"
    grep -q '^| api | ' "$GITHUB_STEP_SUMMARY"
    run slipway ci
    [ "$status" -eq 0 ]
    has unchanged
    grep -qx 'status=unchanged' "$GITHUB_OUTPUT"
}

@test "GitHub: a pull request is only planned" {
    github refs/pull/1/merge pull_request
    run slipway ci
    [ "$status" -eq 0 ]
    has "only planned"
    GITHUB_REF=refs/tags/v1.0.0 run slipway ci --allow-pr
    [ "$status" -eq 0 ]
    has "only planned"
    [ ! -e "$top/release" ]
}

@test "GitHub: a deleted tag releases nothing, not even the default branch it names" {
    github refs/heads/main delete
    run slipway ci --json --output-file "$top/slipway.env"
    [ "$status" -eq 0 ]
    has "a ref was deleted, nothing to do"
    grep -qx SLIPWAY_STATUS=nothing "$top/slipway.env"
    [ ! -e "$top/release" ]
}

@test "GitHub: a tag that moved meanwhile is a conflict" {
    github refs/tags/v1.0.0
    git commit -q --allow-empty -m later
    git push -q -f origin HEAD:refs/tags/v1.0.0
    run slipway ci
    [ "$status" -eq 8 ]
    has "moved since this job started"
    has "::error title=slipway::"
    [ ! -e "$top/release" ]
    run slipway ci --allow-moved --dry-run
    [ "$status" -eq 0 ]
}

@test "GitHub: an annotated tag that the checkout made lightweight" {
    git tag -a -m two v2.0.0
    git push -q origin v2.0.0
    git tag -f v2.0.0 'v2.0.0^{}'
    github refs/tags/v2.0.0
    run slipway ci
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v2.0.0 ]
}

@test "GitLab: a tag is released, variables go to a dotenv file" {
    export GITLAB_CI=true CI=true CI_COMMIT_TAG=v1.0.0 CI_PIPELINE_SOURCE=push
    CI_COMMIT_SHA=$(git rev-parse HEAD)
    export CI_COMMIT_SHA CI_PROJECT_URL=https://gitlab.example/acme/shop
    run slipway ci --output-file "$top/slipway.env"
    [ "$status" -eq 0 ]
    has "section_start:"
    grep -qx 'SLIPWAY_STATUS=exported' "$top/slipway.env"
    grep -q '^SLIPWAY_IMAGE_WEB=oci:' "$top/slipway.env"
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
}

@test "Woodpecker, Jenkins, Gitea: the ref is found" {
    commit=$(git rev-parse HEAD)
    run env CI=woodpecker CI_COMMIT_TAG=v1.0.0 CI_COMMIT_SHA="$commit" slipway ci --dry-run
    [ "$status" -eq 0 ]
    has "v1.0.0"
    run env JENKINS_URL=x BUILD_ID=1 TAG_NAME=v1.0.0 GIT_COMMIT="$commit" slipway ci --dry-run
    [ "$status" -eq 0 ]
    has "v1.0.0"
    github refs/tags/v1.0.0
    run env GITEA_ACTIONS=true slipway ci --dry-run
    [ "$status" -eq 0 ]
    has "v1.0.0"
    [ ! -e "$top/release" ]
}

@test "a branch that no rule asks for, and a commit without rules" {
    github refs/heads/main
    run slipway ci
    [ "$status" -eq 0 ]
    has "no rule asks for refs/heads/main"
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    github refs/heads/main
    run slipway ci
    [ "$status" -eq 0 ]
    has "no .slipway.yaml"
    grep -qx 'status=nothing' "$GITHUB_OUTPUT"
}

@test "--rule chooses; a name that no rule has is a mistake, not nothing to do" {
    github refs/tags/v1.0.0
    run slipway ci --dry-run --rule relaese
    [ "$status" -eq 2 ]
    has "there is no rule 'relaese' in .slipway.yaml"
    [ ! -e "$top/stages/index.json" ]
    run slipway ci --dry-run --rule release
    [ "$status" -eq 0 ]
    has "release/api:v1.0.0"
}

@test "no CI system: the tag at HEAD, or a word about --ref" {
    run slipway ci --dry-run
    [ "$status" -eq 0 ]
    has v1.0.0
    git tag other
    run slipway ci
    [ "$status" -eq 2 ]
    has "--ref"
    run slipway ci --ref refs/tags/v1.0.0 --dry-run
    [ "$status" -eq 0 ]
    run slipway ci --provider nothing
    [ "$status" -eq 2 ]
}

@test "a commit that the checkout lacks: how to fetch it" {
    github refs/tags/v1.0.0 push 1111111111111111111111111111111111111111
    run slipway ci
    [ "$status" -eq 12 ]
    has "fetch-depth: 0"
}

@test "when.ci: build makes stages and touches no destination; none does nothing" {
    sed -i 's/^  - name: release/&\n    when: {ci: build}/' .slipway.yaml
    git commit -qam build
    github refs/tags/v1.0.0
    run slipway ci --allow-moved
    [ "$status" -eq 0 ]
    [ -e "$top/stages/index.json" ]
    [ ! -e "$top/release" ]
    sed -i 's/ci: build/ci: none/' .slipway.yaml
    git commit -qam none
    github refs/tags/v1.0.0
    run slipway ci --allow-moved
    [ "$status" -eq 0 ]
    has "no rule asks"
}

@test "names of strangers start no log command, secrets are not printed" {
    github 'refs/heads/::warning::x'
    export GITHUB_TOKEN=canary-secret-1 GITHUB_ACTOR=me
    run slipway ci -v
    lacks "canary-secret"
    run grep -c '^::warning::x' <<<"$output"
    [ "$output" = 0 ]
}

@test "a builder that is silent for long: signs of life, and its output cannot command the log" {
    mkdir "$top/bin"
    real=$(command -v buildah)
    cat >"$top/bin/buildah" <<END
#!/bin/sh
if [ "\$1" = build ] || [ "\$1" = bud ]; then
    echo "::error::said by the builder"
    until [ -e "$top/go" ]; do sleep 0.1; done
fi
exec "$real" "\$@"
END
    chmod +x "$top/bin/buildah"
    github refs/tags/v1.0.0
    PATH=$top/bin:$PATH SLIPWAY_HEARTBEAT=1 slipway ci -v >"$top/log" 2>&1 3>&- &
    job=$!
    for _ in $(seq 600); do
        grep -q 'still at work' "$top/log" && break
        sleep 0.1
    done
    touch "$top/go"
    wait "$job"
    grep -q '^api: still at work$' "$top/log"
    token=$(sed -n 's/^::stop-commands::\([0-9a-f]\{32\}\)$/\1/p' "$top/log" | head -n 1)
    [ -n "$token" ]
    # Everything the builder says stands between the two commands, and none of it begins as one.
    ! sed "/^::stop-commands::/,/^::$token::/d" "$top/log" | grep -q '^  |'
    ! grep -qE '^(::error::said|  \| ::)' "$top/log"
    [ "$(grep -c '^::stop-commands::' "$top/log")" -eq "$(grep -c "^::$token::" "$top/log")" ]
}

@test "names from werf.yaml and rules start no log command" {
    cat >>werf.yaml <<'END'
---
image: "::error::x"
dockerfile: web/Dockerfile
END
    git commit -qam names
    git push -q origin main
    github refs/tags/v1.0.0
    run slipway ci --allow-moved
    [[ ! "$output" =~ (^|$'\n')' '*::error::x ]]
}

@test "secrets of the job are blotted out wherever they are said" {
    sed -i 's|^rules:|env-allow: [DEPLOY_TOKEN]\nrules:|; s|:%tag%|:%tag%-%env:DEPLOY_TOKEN%|' .slipway.yaml
    git commit -qam token
    github refs/tags/v1.0.0
    export DEPLOY_TOKEN=canary-secret-2
    run slipway ci --allow-moved
    [ "$status" -eq 0 ]
    lacks canary-secret
    has 'release/api:v1.0.0-***'
}

@test "GitLab: a ref that is not protected lacks variables, and that is said when they are missed" {
    sed -i "s/^rules:/env-allow: [CHANNEL]\nrules:/; s/%tag%/%tag%-%env:CHANNEL%/" .slipway.yaml
    git commit -qam channel
    git tag -f v1.0.0
    for protected in false true; do
        run env GITLAB_CI=true CI_COMMIT_TAG=v1.0.0 CI_COMMIT_SHA="$(git rev-parse HEAD)" \
            CI_COMMIT_REF_PROTECTED=$protected slipway ci --allow-moved
        [ "$status" -eq 3 ]
        has "variable 'CHANNEL' is not set [E-ENV]"
        [ "$protected" = true ] || has "refs/tags/v1.0.0 is not protected: protected variables are not given to this job [W-UNPROTECTED]"
    done
    lacks W-UNPROTECTED
}
