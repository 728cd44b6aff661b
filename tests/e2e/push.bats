# labels: builder
# A real git push with the hook installed: content before the push goes on, names after it.

load helper

setup() {
    prepare_pushed
}

@test "a pushed tag releases its images" {
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -eq 0 ]
    has "slipway: "
    has "slipway wait v1.0.0"
    run wait_for v1.0.0
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
}

@test "an annotated tag releases the commit behind it" {
    git tag -a -m 'first' v1.0.0
    git push origin v1.0.0
    wait_for v1.0.0
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "git push --porcelain keeps its stdout" {
    git tag v1.0.0
    git push --porcelain origin v1.0.0 2>/dev/null >"$top/out"
    run cat "$top/out"
    lacks slipway
}

@test "a branch that no rule matches: not a word" {
    git switch -q -c feature
    run git push origin feature
    [ "$status" -eq 0 ]
    lacks "slipway"
}

@test "a push that the remote refuses leaves no names" {
    printf '#!/bin/sh\nexit 1\n' >"$remote/hooks/pre-receive"
    chmod +x "$remote/hooks/pre-receive"
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    run slipway wait v1.0.0 --timeout 4s
    [ "$status" -ne 0 ]
    [ -z "$(layout_names "$top/release/api")" ]
    # The same tag, pushed again once the remote takes it.
    rm "$remote/hooks/pre-receive"
    git push origin v1.0.0
    wait_for v1.0.0
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "git push --dry-run prints the plan and writes nothing" {
    git tag v1.0.0
    run git push --dry-run origin v1.0.0
    [ "$status" -eq 0 ]
    has "v1.0.0"
    [ ! -e "$top/stages" ]
    [ ! -e "$top/release" ]
    [ -z "$(find .git/slipway -name '*.json' 2>/dev/null)" ]
}

@test "SLIPWAY=0 and --no-verify skip" {
    git tag v1.0.0
    SLIPWAY=0 run git push origin v1.0.0
    [ "$status" -eq 0 ]
    git tag v1.0.1
    run git push --no-verify origin v1.0.1
    [ "$status" -eq 0 ]
    git tag v1.0.2
    run git -c slipway.enabled=false push origin v1.0.2
    [ "$status" -eq 0 ]
    has "slipway.enabled"
    [ ! -e "$top/release" ]
}

@test "a rules file with a typo blocks the push and says where" {
    sed -i 's/^rules:/rulez:/' .slipway.yaml
    git commit -qam typo
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has ".slipway.yaml:3"
    has "rules"
    has "no-verify"
    run git ls-remote origin v1.0.0
    [ -z "$output" ]
}

@test "a destination that was not trusted is refused before anything happens" {
    sed -i "s#- oci:$top/release/#- oci:$top/release-elsewhere/#" .slipway.yaml
    git commit -qam elsewhere
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has "slipway trust"
    [ ! -e "$top/stages" ]
    [ ! -e "$top/release-elsewhere" ]
}

@test "a build that fails blocks the push and names rule, image and reason" {
    echo 'RUN exit 3' >>api/Dockerfile
    git commit -qam broken
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has release
    has api
    [ ! -e "$top/release" ]
}

@test "when.pre-push: none and export" {
    sed -i 's/^  - name: release/&\n    when: {pre-push: none}/' .slipway.yaml
    git commit -qam none
    git tag v1.0.0
    git push origin v1.0.0
    [ ! -e "$top/release" ]
    sed -i 's/pre-push: none/pre-push: export/' .slipway.yaml
    git commit -qam export
    git tag v1.0.1
    git push origin v1.0.1
    [ "$(layout_names "$top/release/api")" = v1.0.1 ]
}

@test "the same tag again is unchanged" {
    git tag v1.0.0
    git push origin v1.0.0
    wait_for v1.0.0
    digest=$(layout_digest "$top/release/api" v1.0.0)
    git push -q origin :v1.0.0
    git push origin v1.0.0
    run wait_for v1.0.0
    [ "$status" -eq 0 ]
    has unchanged
    [ "$(layout_digest "$top/release/api" v1.0.0)" = "$digest" ]
}

@test "install is idempotent, uninstall takes everything away, a foreign hook is kept" {
    slipway install
    slipway uninstall
    [ ! -e .git/hooks/pre-push ]
    [ -z "$(git config --get-regexp '^slipway\.')" ]
    printf '#!/bin/sh\nexit 0\n' >.git/hooks/pre-push
    chmod +x .git/hooks/pre-push
    cp .git/hooks/pre-push "$top/before"
    run slipway install
    cmp .git/hooks/pre-push "$top/before" || grep -q pre-slipway .git/hooks/pre-push
    run slipway uninstall
    cmp .git/hooks/pre-push "$top/before"
}

@test "a remote that cannot be asked without a person: it is said, and wait by hand writes the names" {
    local_ssh
    over_ssh
    touch "$top/no-questions"
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -eq 0 ]
    has "cannot be asked without you"
    has "slipway wait v1.0.0"
    [ -z "$(layout_names "$top/release/api")" ]
    rm "$top/no-questions"
    run wait_for v1.0.0
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "require-built is a word of one rule: what another one asks for is built" {
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - name: strict
    match: {tags: "v*"}
    images: web
    require-built: true
    to: $release/strict:%tag%
  - name: builds
    match: {tags: "v*"}
    images: api
    to: $release/builds:%tag%
END
    git commit -qam rules
    git tag v1.0.0
    run slipway run --ref v1.0.0
    [ "$status" -eq 5 ]
    has "rule 'strict' builds nothing (require-built): image 'web' is not built"
    lacks "building with"
    [ ! -e "$top/release" ]

    slipway export web --repo "$stages" --tag "oci:$top/elsewhere:1"
    run slipway run --ref v1.0.0
    [ "$status" -eq 0 ]
    has "api: building with buildah"
    [ "$(layout_names "$top/release/strict")" = v1.0.0 ]
    [ "$(layout_names "$top/release/builds")" = v1.0.0 ]

    # An image that both ask for has to be there before, and so does what it needs.
    sed -i 's/images: api/images: [api, web]/; s/builds:%tag%/builds:%image%-%tag%/' .slipway.yaml
    printf 'LABEL x=y\n' >>web/Dockerfile
    git commit -qam more
    run slipway run --ref refs/tags/v1.0.0 --commit HEAD
    [ "$status" -eq 5 ]
    has "rule 'strict' builds nothing"
    sed -i 's/on-failure: warn//; s/require-built: true/require-built: true\n    on-failure: warn/' .slipway.yaml
    git commit -qam warn
    run slipway run --ref refs/tags/v1.0.0 --commit HEAD
    [ "$status" -eq 0 ]
    has "rule 'strict' builds nothing"
    [ "$(layout_names "$top/release/builds" | tr '\n' ' ')" = "api-v1.0.0 v1.0.0 web-v1.0.0 " ]
}
