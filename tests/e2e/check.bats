# slipway check and doctor: what is wrong, before anything is pushed.

setup_file() {
    load helper
    install_slipway
}

setup() {
    load helper
    prepare
}

@test "check: nothing wrong" {
    run slipway check
    [ "$status" -eq 0 ]
    has "no mistakes (rules: 1, images: 2)"
    run slipway check .slipway.yaml
    [ "$status" -eq 0 ]
}

@test "check tells all mistakes with place, id and suggestion" {
    cat >.slipway.yaml <<'END'
version: 1
repoo: x
rules:
  - name: release
    match:
      tag: "v*"
    images: [apo]
    to:
      - registry.example/shop/%image%:%tga%
END
    git commit -qam bad
    run slipway check
    [ "$status" -eq 3 ]
    has ".slipway.yaml:2:1: unknown key 'repoo' [E-KEY]"
    has "did you mean 'repo'?"
    has ".slipway.yaml:6:7: unknown key 'tag' [E-KEY]"
    has "unknown placeholder '%tga%' [E-PLACEHOLDER]"
    run slipway check --json
    [ "$status" -eq 3 ]
    has '"id": "E-KEY"'
    has '"line": 6'
    run slipway check HEAD~1
    [ "$status" -eq 0 ]
}

@test "check knows the images of the commit" {
    sed -i 's/^    to:/    images: [api, wep]\n    to:/' .slipway.yaml
    git commit -qam images
    run slipway check
    [ "$status" -eq 3 ]
    has "there is no final image 'wep' [E-IMAGE-UNKNOWN]"
    has "api, web"
    # The work tree does not count.
    git checkout -q HEAD~1 -- .slipway.yaml
    run slipway check
    [ "$status" -eq 3 ]
}

@test "check --schema prints JSON" {
    slipway check --schema >"$top/schema"
    grep -q '"if-exists"' "$top/schema"
}

@test "doctor: before and after install" {
    run slipway doctor --brief
    [ "$status" -eq 1 ]
    run slipway doctor
    [ "$status" -eq 1 ]
    has "bad   hook"
    has "hint: slipway install"
    has "bad   allowed"
    slipway install
    run slipway doctor --brief
    [ "$status" -eq 0 ]
    run slipway doctor
    [ "$status" -eq 0 ]
    has "ok    hook"
    has "ok    rules     .slipway.yaml, 1 rules"
    has "ok    remote    'origin' answers without asking"
    has "slipway.repo oci:$top/stages (local)"
    run slipway doctor --json
    has '{"about": "hook", "health": "ok"'
}

@test "doctor: a remote that is not there, a hook that is not executable" {
    slipway install
    chmod -x .git/hooks/pre-push
    git remote set-url origin /nowhere
    run slipway doctor
    [ "$status" -eq 1 ]
    has "not executable"
    has "bad   remote"
    run slipway doctor --brief
    [ "$status" -eq 1 ]
}
