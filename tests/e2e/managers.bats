# Hook managers and a git that reads hooks in its configuration, as they really are. None of them is
# needed to build or test slipway: each test is skipped by name where its program is missing.
#   SLIPWAY_NEW_GIT: directory with a git of 2.54 or newer, when the one on PATH is older
#   SLIPWAY_HUSKY:   directory of the npm package husky

load helper

setup() {
    prepare
    hook=.git/hooks/pre-push
    git tag v1
}

need() { # PROGRAM
    command -v "$1" >/dev/null || skip "$1 is not on PATH"
}

# A push of the tag reaches slipway, and the manager's own hook runs too.
both_run() { # TEXT-OF-THEIRS
    run git push --dry-run origin main v1
    [ "$status" -eq 0 ]
    has "$1"
    has "slipway: "
    has "to-build"
}

need_new_git() {
    PATH=${SLIPWAY_NEW_GIT:+$SLIPWAY_NEW_GIT:}$PATH
    has_config_hooks || skip "git 2.54 or newer is not on PATH or in SLIPWAY_NEW_GIT"
}

@test "git 2.54 runs the hook of the configuration beside a hook of others" {
    need_new_git
    printf '#!/bin/sh\necho "mine: $(cat)" >&2\n' >"$hook"
    chmod +x "$hook"
    run slipway install
    [ "$status" -eq 0 ]
    has "git configuration of this repository: installed"
    run git hook list pre-push
    has "slipway-pre-push"
    both_run "mine: refs/heads/main"
    run git push origin main
    [ "$status" -eq 0 ]
    lacks "slipway"
    # Gone: two lines, and the push goes on.
    git config hook.slipway-pre-push.command "$(git config hook.slipway-pre-push.command | sed "s#/[^']*/prefix/#/nowhere/#g")"
    PATH=${SLIPWAY_NEW_GIT:+$SLIPWAY_NEW_GIT:}/usr/bin:/bin run git push origin v1
    [ "$status" -eq 0 ]
    has "slipway: warning: slipway is not installed any more"
    has "slipway: hint:"
    git config slipway.required true
    PATH=${SLIPWAY_NEW_GIT:+$SLIPWAY_NEW_GIT:}/usr/bin:/bin run git push origin main:x
    [ "$status" -ne 0 ]
    slipway uninstall --force
    run git hook list pre-push
    lacks "slipway"
}

@test "git 2.54: one hook for all repositories, switched off in one" {
    need_new_git
    slipway install --global
    run git push origin v1
    [ "$status" -ne 0 ]
    has "slipway trust"
    slipway trust
    both_run "v1"
    git config hook.slipway-pre-push.enabled false
    run git push --dry-run origin v1
    lacks "slipway"
    slipway uninstall --global
}

@test "husky: the lines of its own hook, and the configuration on a newer git" {
    need node
    [ -e "${SLIPWAY_HUSKY:=/nowhere}/index.js" ] || skip "the npm package husky is not in SLIPWAY_HUSKY"
    git add -A
    node -e "import('$SLIPWAY_HUSKY/index.js').then(husky => process.stdout.write(husky.default()))"
    [ "$(git config core.hooksPath)" = .husky/_ ]
    echo 'echo "mine: $(cat)" >&2' >.husky/pre-push
    cp -r .husky "$top/husky"
    if ! has_config_hooks; then
        run slipway install
        [ "$status" -eq 3 ]
        has "husky writes the hooks of this repository"
        diff -r .husky "$top/husky"
    fi
    # As people do it.
    { slipway install --mode print 2>/dev/null; cat "$top/husky/pre-push"; } >.husky/pre-push
    run slipway install
    [ "$status" -eq 0 ]
    has "is there already"
    both_run "mine: refs/heads/main"
    slipway doctor --brief
    # husky set up again, as each 'npm install' does.
    node -e "import('$SLIPWAY_HUSKY/index.js').then(husky => husky.default())"
    both_run "mine: refs/heads/main"
    slipway uninstall
    diff -r .husky "$top/husky"
    # With --force.
    rm .husky/pre-push
    run slipway install --mode file --force
    [ "$status" -eq 0 ]
    both_run "v1"
    slipway uninstall
    [ ! -e .husky/pre-push ]
}

@test "lefthook: its own file, which survives lefthook install" {
    need lefthook
    printf 'pre-push:\n  commands:\n    mine:\n      run: echo "mine ran"\n' >lefthook.yml
    lefthook install
    grep -q lefthook "$hook"
    cp "$hook" "$top/theirs"
    if ! has_config_hooks; then
        run slipway install
        [ "$status" -eq 3 ]
        has "lefthook writes the hooks"
        cmp "$hook" "$top/theirs"
    fi
    slipway install --mode print 2>/dev/null | tail -n +3 >>lefthook.yml
    run slipway install
    [ "$status" -eq 0 ]
    has "lefthook starts slipway already"
    lefthook install
    both_run "mine ran"
    slipway doctor --brief
}

@test "simple-git-hooks: the line of its own file, in the hook that it writes" {
    need simple-git-hooks
    printf '{"name": "shop", "version": "1.0.0", "simple-git-hooks": {"pre-push": "echo mine ran"}}\n' >package.json
    simple-git-hooks
    cp "$hook" "$top/theirs"
    if ! has_config_hooks; then
        run slipway install
        [ "$status" -eq 3 ]
        has "simple-git-hooks writes the hooks"
        cmp "$hook" "$top/theirs"
    fi
    { # What is printed is one entry of it.
        printf '{"name": "shop", "version": "1.0.0",\n'
        slipway install --mode print 2>/dev/null | grep -v '^#'
        echo '}'
    } >package.json
    simple-git-hooks
    run slipway install
    [ "$status" -eq 0 ]
    has "simple-git-hooks starts slipway already"
    both_run "v1"
    slipway doctor --brief
}

@test "pre-commit: it runs first, with the same lines, and both survive its next install" {
    need pre-commit
    cat >.pre-commit-config.yaml <<'END'
repos:
  - repo: local
    hooks:
      - {id: mine, name: mine ran, entry: "true", language: system, always_run: true, verbose: true, stages: [pre-push]}
END
    git add -A
    git commit -qm pre-commit
    git tag -f v1
    pre-commit install --hook-type pre-push
    slipway install --mode file
    both_run "mine ran"
    slipway doctor --brief
    pre-commit install --hook-type pre-push # puts its own in place, and ours aside
    both_run "mine ran"
    run slipway doctor
    lacks "FAIL"
    sed -i 's/entry: "true"/entry: "false"/' .pre-commit-config.yaml
    git commit -qam fails
    run git push origin main v1
    [ "$status" -ne 0 ]
    [ -z "$(git ls-remote origin)" ]
    [ -z "$(layout_names "$top/release/api")" ]
}

@test "git lfs: both get every line" {
    need git-lfs
    git lfs install --local >/dev/null
    cp "$hook" "$top/theirs"
    slipway install --mode file
    git lfs track '*.bin' >/dev/null
    head -c 5000 /dev/zero >large.bin
    git add -A
    git commit -qm lfs
    git tag v2
    run git push origin main
    [ "$status" -eq 0 ]
    [ -n "$(find "$remote/lfs/objects" -type f)" ]
    run git push --dry-run origin v2
    has "slipway: "
    slipway uninstall
    cmp "$hook" "$top/theirs"
}
