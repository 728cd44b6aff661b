# slipway install, trust, uninstall: the hook file and what it may do.

setup_file() {
    load helper
    install_slipway
}

setup() {
    load helper
    prepare
    hook=.git/hooks/pre-push
}

keys() {
    git config --get-regexp '^slipway\.' | sort
}

@test "install writes the hook and allows what the rules of HEAD need" {
    run slipway install
    [ "$status" -eq 0 ]
    has "pre-push: installed"
    has "+ stage repository  oci:$top/stages"
    has "+ destination       oci:$top/release"
    [ -x "$hook" ]
    [ "$(wc -l <"$hook")" -lt 40 ]
    sh -n "$hook"
    [ "$(keys)" = "slipway.allowbuild true
slipway.allowdestination oci:$top/release
slipway.repo oci:$top/stages" ]
    run slipway install
    [ "$status" -eq 0 ]
    has "is there already"
    lacks "+ "
    [ "$(keys | wc -l)" -eq 3 ]
}

@test "the marker is the hash of the remaining lines" {
    slipway install
    [ "$(sed -n 2p "$hook")" = "# slipway-hook v1 sha256:$(tail -n +3 "$hook" | sha256sum | cut -d' ' -f1)" ]
}

@test "without rules nothing is allowed, trust says so later" {
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    run slipway install
    [ "$status" -eq 0 ]
    has "slipway trust"
    [ "$(keys)" = "slipway.allowbuild true" ]
    git revert --no-edit HEAD
    run slipway trust
    [ "$status" -eq 0 ]
    has "+ destination"
    [ "$(git config slipway.repo)" = "oci:$top/stages" ]
}

@test "install before the first commit" {
    git init -q "$top/empty"
    cd "$top/empty"
    run slipway install
    [ "$status" -eq 0 ]
    has "nothing is allowed yet"
}

@test "trust shows and adds what is new, --dry-run only shows" {
    slipway install
    sed -i "s#oci:$top/release#registry.example/shop#" .slipway.yaml
    git commit -qam elsewhere
    run slipway trust --dry-run
    has "+ destination       registry.example/shop"
    [ "$(git config --get-all slipway.allowDestination | wc -l)" -eq 1 ]
    run slipway trust
    [ "$status" -eq 0 ]
    [ "$(git config --get-all slipway.allowDestination | wc -l)" -eq 2 ]
    run slipway trust HEAD~1
    lacks "+ "
}

@test "uninstall leaves nothing behind" {
    cp -r .git/hooks "$top/before"
    git config --local --list >"$top/config"
    slipway install
    run slipway uninstall
    [ "$status" -eq 0 ]
    diff -r .git/hooks "$top/before"
    git config --local --list | diff - "$top/config"
    run slipway uninstall
    [ "$status" -eq 0 ]
}

@test "a hook that was there runs first and comes back" {
    printf '#!/bin/sh\necho "mine: $*" >&2\ncat >&2\n' >"$hook"
    chmod 755 "$hook"
    cp -p "$hook" "$top/mine"
    run slipway install
    [ "$status" -eq 0 ]
    has "runs first"
    run git push origin main
    [ "$status" -eq 0 ]
    has "mine: origin $remote"
    has "refs/heads/main $(git rev-parse HEAD) refs/heads/main"
    SLIPWAY=0 run git push origin main:again
    has "mine: origin"
    slipway uninstall
    cmp "$hook" "$top/mine"
    [ -x "$hook" ]
    [ ! -e "$hook.pre-slipway" ]
}

@test "a hook that was there may stop the push" {
    printf '#!/bin/sh\nexit 4\n' >"$hook"
    chmod 755 "$hook"
    slipway install
    run git push origin main
    [ "$status" -ne 0 ]
    run git ls-remote origin
    [ -z "$output" ]
}

@test "two foreign hooks are not mixed up" {
    printf '#!/bin/sh\n' >"$hook"
    printf '#!/bin/sh\n' >"$hook.pre-slipway"
    run slipway install
    [ "$status" -eq 8 ]
    has "pre-slipway"
}

@test "an edited hook is not overwritten or removed without --force" {
    slipway install
    echo 'echo more' >>"$hook"
    run slipway install
    [ "$status" -eq 8 ]
    has "--force"
    run slipway uninstall
    [ "$status" -eq 8 ]
    [ -e "$hook" ]
    slipway install --force
    slipway uninstall
    [ ! -e "$hook" ]
}

@test "an older hook of ours is brought up to date" {
    slipway install
    body="# an older text"
    { printf '#!/bin/sh\n# slipway-hook v1 sha256:%s\n' "$(echo "$body" | sha256sum | cut -d' ' -f1)"
        echo "$body"; } >"$hook"
    run slipway install
    [ "$status" -eq 0 ]
    has "brought up to date"
}

@test "a linked work tree shares the hook, a bare repository has its own" {
    git worktree add -q "$top/linked" -b linked
    (cd "$top/linked" && slipway install)
    [ -x "$hook" ]
    slipway uninstall
    run slipway install --git-dir "$remote"
    [ "$status" -eq 0 ]
    [ -x "$remote/hooks/pre-push" ]
}

@test "core.hooksPath: files of the repository and shared directories are left alone" {
    mkdir .githooks
    printf '#!/bin/sh\n' >.githooks/pre-commit
    git add .githooks
    git commit -qm hooks
    git config core.hooksPath .githooks
    run slipway install
    [ "$status" -eq 3 ]
    has "libexec/slipway/pre-push"
    git config --unset core.hooksPath
    git config --global core.hooksPath "$top/shared"
    run slipway install
    [ "$status" -eq 3 ]
    [ ! -e "$top/shared/pre-push" ]
    run slipway install --force
    [ "$status" -eq 0 ]
    [ -x "$top/shared/pre-push" ]
    git config core.hooksPath "$top/own"
    run slipway install
    [ "$status" -eq 0 ]
    [ -x "$top/own/pre-push" ]
}

@test "an executable that is gone is two lines, not a failed push" {
    slipway install
    sed -i "s#^hook=.*#hook=/nowhere/pre-push#" "$hook"
    PATH=/usr/bin:/bin run git push origin main
    [ "$status" -eq 0 ]
    has "slipway: warning: slipway is not installed any more"
    has "slipway: hint:"
    git config slipway.required true
    PATH=/usr/bin:/bin run git push origin main:x
    [ "$status" -ne 0 ]
    # Found again on PATH.
    run git push origin main:y
    [ "$status" -eq 0 ]
    lacks "not installed"
}

@test "paths with blanks and quotes" {
    mkdir "$top/it's here"
    cp -r "$BATS_FILE_TMPDIR/prefix" "$top/it's here/prefix"
    run "$top/it's here/prefix/bin/slipway" install
    [ "$status" -eq 0 ]
    sh -n "$hook"
    run git push origin main
    [ "$status" -eq 0 ]
    [ -z "$(grep slipway: <<<"$output")" ]
}
